//! For whom each day counts, and what it adds up to: for one id, and for all.

use std::ops::Range;
use std::sync::Arc;

use crate::Error;
use crate::history::{Histories, History, HistoryView, Layout, Piece};
use crate::model::{CustomerId, Day, Membership};

use super::super::population::Population;
use super::{Accounts, Counts};

/// Days of a customer, and the account they count for; `None`: the customer.
struct Share<'a> {
    account: Option<&'a CustomerId>,
    /// Since 1970-01-01; the last is not part of it.
    days: Range<i32>,
}

impl Accounts {
    /// For whom what a customer did on `day` counts in a review at the end of `as_of`; `None` if `day` is later.
    ///
    /// For a customer who is in no account then, it is the customer, as it is for an account's own records.
    #[must_use]
    pub fn counts_for<'a>(
        &'a self,
        customer: &'a CustomerId,
        day: Day,
        counts: Counts,
        as_of: Day,
    ) -> Option<&'a CustomerId> {
        let shares = self.shares(self.of_member(customer), counts, as_of);
        let share = shares
            .into_iter()
            .find(|s| s.days.contains(&day.epoch_days()))?;
        Some(
            share
                .account
                .unwrap_or_else(|| self.survivor(customer, as_of)),
        )
    }

    /// Cuts a customer's days up to `as_of` by whom they count for. The one place where that is decided.
    fn shares<'a>(
        &'a self,
        of_member: &'a [Membership],
        counts: Counts,
        as_of: Day,
    ) -> Vec<Share<'a>> {
        let end = as_of.epoch_days().saturating_add(1);
        let account = |m: &'a Membership| Some(self.survivor(m.account(), as_of));
        if counts == Counts::All {
            let now = of_member.iter().find(|m| m.is_on(as_of));
            let days = i32::MIN..end;
            return vec![Share {
                account: now.and_then(account),
                days,
            }];
        }
        let mut shares = Vec::new();
        let mut done = i32::MIN;
        for membership in of_member.iter().take_while(|m| m.from() <= as_of) {
            let from = membership.from().epoch_days();
            let to = membership.to().map_or(end, |to| to.epoch_days().min(end));
            shares.push(Share {
                account: None,
                days: done..from,
            });
            shares.push(Share {
                account: account(membership),
                days: from..to,
            });
            done = to;
        }
        shares.push(Share {
            account: None,
            days: done..end,
        });
        shares.retain(|share| !share.days.is_empty());
        shares
    }

    /// The history that counts for one id at the end of a day, from stored histories: `find` gives those of its members and,
    /// if there is one, its own. Bit for bit the one that [`roll_up`](Self::roll_up) has.
    ///
    /// For a customer who is no account it is what is the customer's own.
    ///
    /// # Errors
    /// A history of other facts or in another currency than `layout` (`is_misuse`), or a total that does not fit 64 bits
    /// (`is_overflow`).
    pub fn history_of<'h>(
        &self,
        id: &CustomerId,
        layout: &Arc<Layout>,
        counts: Counts,
        as_of: Day,
        mut find: impl FnMut(&CustomerId) -> Option<HistoryView<'h>>,
    ) -> Result<History, Error> {
        let parts = self.parts(id, as_of);
        let mut sources = parts.clone();
        for part in parts {
            sources.extend(self.of_account(part).map(Membership::member));
        }
        sources.sort_unstable();
        sources.dedup();
        let mut pieces = Vec::new();
        for source in sources {
            let shares = self.shares(self.of_member(source), counts, as_of);
            let own = self.survivor(source, as_of);
            let mut shares = (shares.into_iter())
                .filter(|share| share.account.unwrap_or(own) == id)
                .peekable();
            // Only what is needed is loaded.
            if shares.peek().is_some()
                && let Some(history) = find(source)
            {
                pieces.extend(shares.map(|s| history.between(s.days.start, s.days.end)));
            }
        }
        History::together(Arc::clone(layout), pieces)
    }

    /// The population that is reviewed in place of the customers: the [accounts](Self::ids) there are on a day, and every
    /// customer who is in none, each with what counts for them up to then: in the history, of [the records](Population::records) and
    /// of [the attempts](Population::attempts). Attributes stay with whom they are of; those of present members are not in it.
    ///
    /// # Errors
    /// A total does not fit 64 bits (`is_overflow`).
    pub fn roll_up(
        &self,
        population: &Population,
        counts: Counts,
        as_of: Day,
    ) -> Result<Population, Error> {
        let histories = population.histories();
        let (rows, pieces) = self.rows(histories, counts, as_of);
        let rolled = histories.gather(&rows, &pieces)?;
        let known = rows.iter().filter_map(|(id, _)| histories.position(id));
        let customers = known.filter_map(|position| population.customer(position).cloned());
        let rolled = Population::new(rolled).with_customers(customers)?;
        let counting = |customer: &CustomerId, day: Day| {
            let id = self.counts_for(customer, day, counts, as_of)?;
            let is_there = rolled.histories().position(id).is_some();
            is_there.then(|| id.clone())
        };
        let attempts = population.all_attempts().iter();
        let attempts = attempts
            .filter_map(|one| Some(one.clone().of(counting(one.customer(), one.day())?)))
            .collect::<Vec<_>>();
        let records = population.records();
        let records = records.map(|records| records.counting_for(counting));
        let rolled = rolled.with_attempts(attempts);
        match records {
            Some(records) => rolled.with_counted_records(&records),
            None => Ok(rolled),
        }
    }

    /// Each id of the roll-up, ascending, with the pieces it is made of.
    #[allow(clippy::type_complexity)]
    fn rows(
        &self,
        histories: &Histories,
        counts: Counts,
        as_of: Day,
    ) -> (Vec<(CustomerId, Range<usize>)>, Vec<Piece>) {
        let ids = self.ids(as_of);
        let mut of_accounts: Vec<Vec<Piece>> = vec![Vec::new(); ids.len()];
        let mut rows = Vec::with_capacity(histories.len());
        let mut pieces = Vec::with_capacity(histories.len());
        let mut memberships = self.memberships.as_slice();
        for (position, (id, _)) in histories.iter().enumerate() {
            // Both ascend, so that nobody is looked up.
            let before = memberships.iter().take_while(|m| *m.member() < id).count();
            let rest = memberships.get(before..).unwrap_or_default();
            let own = rest.iter().take_while(|m| *m.member() == id).count();
            let (of_member, rest) = rest.split_at_checked(own).unwrap_or_default();
            memberships = rest;

            let survivor = self.survivor(&id, as_of);
            let is_single =
                ids.binary_search(&survivor).is_err() && !of_member.iter().any(|m| m.is_on(as_of));
            let first = pieces.len();
            for share in self.shares(of_member, counts, as_of) {
                let piece = Piece {
                    position,
                    from: share.days.start,
                    to: share.days.end,
                };
                let account = ids.binary_search(&share.account.unwrap_or(survivor));
                match account
                    .ok()
                    .and_then(|account| of_accounts.get_mut(account))
                {
                    Some(of_account) => of_account.push(piece),
                    None if is_single => pieces.push(piece),
                    None => {}
                }
            }
            if is_single {
                rows.push((id, first..pieces.len()));
            }
        }
        for (id, of_account) in ids.into_iter().zip(of_accounts) {
            let first = pieces.len();
            pieces.extend(of_account);
            rows.push((id.clone(), first..pieces.len()));
        }
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        (rows, pieces)
    }
}

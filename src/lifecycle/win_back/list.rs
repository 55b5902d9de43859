//! Who gets which offer, who gets none, and why.

use std::collections::BTreeSet;

use super::outcome::{Chosen, Suppressed, Suppression, WinBackList};
use super::worth::{Response, minor};
use crate::Error;
use crate::model::{Attempt, AttemptPurpose, Currency, CustomerId, Day, Days, Money};
use crate::rules::{Cut, PopulationCondition, Rule, Truth, freeze_all};
use crate::table::{Row, Schema, Slot};
use std::cmp::Reverse;

/// The win-back of a policy, bound to a schema: it decides, and cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub struct WinBack {
    pub(super) when: Rule,
    pub(super) value: Slot,
    /// The columns that are read, where they are.
    pub(super) columns: Vec<(String, Slot)>,
    /// How many columns the schema had.
    pub(super) width: usize,
    pub(super) currency: Currency,
    pub(super) cool_down: Days,
    pub(super) max_attempts: Option<u32>,
    pub(super) limit: Option<u64>,
    /// The least net value of an offer that is made, in minor units.
    pub(super) least: i64,
    pub(super) within: Days,
    pub(super) offers: Vec<Offer>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Offer {
    pub name: String,
    pub class: String,
    pub channel: String,
    pub response: Response,
    /// In minor units, as the next.
    pub cost: i64,
    pub cost_if_won: i64,
    pub reasons: Vec<String>,
    pub when: Option<Rule>,
    pub limit: Option<u64>,
}

/// What is known of one customer when a list is made.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The customer; each comes once.
    pub id: &'a CustomerId,
    /// The row of the review.
    pub row: Row<'a>,
    /// The last day with a purchase, up to that of the review.
    pub last_purchase: Option<Day>,
    /// The first day with a purchase that the review does not know of: after its own day or, told late, before it.
    pub returned_on: Option<Day>,
    /// What was tried with this customer, in any order, whatever for; also after the day of the review, as far as is known.
    pub attempts: &'a [Attempt],
    /// Why the customer left, if that is known: the word of the reason.
    pub reason: Option<&'a str>,
}

impl<'a> Candidate<'a> {
    /// A customer of whom no purchase, attempt or reason is known.
    #[must_use]
    pub fn new(id: &'a CustomerId, row: Row<'a>) -> Self {
        Self {
            id,
            row,
            last_purchase: None,
            returned_on: None,
            attempts: &[],
            reason: None,
        }
    }
}

/// Why an offer is not open to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    /// It is for those who left for other reasons.
    Reason,
    /// Its rule is not true.
    Rule,
}

impl Offer {
    pub(super) fn closed(&self, candidate: &Candidate<'_>) -> Option<Closed> {
        let wanted = |reason: &str| self.reasons.iter().any(|r| r == reason);
        if !self.reasons.is_empty() && !candidate.reason.is_some_and(wanted) {
            return Some(Closed::Reason);
        }
        let holds = |rule: &Rule| rule.truth(candidate.row) == Truth::True;
        (!self.when.as_ref().is_none_or(holds)).then_some(Closed::Rule)
    }

    pub(super) fn net(&self, value: i64) -> i64 {
        self.response.net(value, self.cost_if_won, self.cost)
    }
}

/// What one candidate may get, before the limits of the list.
#[derive(Debug, Clone)]
pub(crate) struct Weighed {
    id: CustomerId,
    /// Or else the value and the offers that are worth it with their net values, in the order of the policy.
    worth: Result<(i64, Vec<(usize, i64)>), Suppression>,
}

impl WinBack {
    /// For how many days, from that of the attempt on, a purchase counts as won back.
    #[must_use]
    pub fn within(&self) -> Days {
        self.within
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The conditions that need the population: of `when`, and of the offers in the order of the policy.
    #[must_use]
    pub fn population(&self) -> Vec<PopulationCondition> {
        let offers = self.offers.iter().filter_map(|offer| offer.when.as_ref());
        let rules = std::iter::once(&self.when).chain(offers);
        rules.flat_map(Rule::population).copied().collect()
    }

    /// Gives each of the [`population`](Self::population) conditions its cut, in the same order.
    ///
    /// # Errors
    /// There are not as many cuts as conditions (`is_misuse`); nothing is changed then.
    pub fn freeze(&mut self, cuts: &[Cut]) -> Result<(), Error> {
        let offers = self.offers.iter_mut().filter_map(|o| o.when.as_mut());
        freeze_all(std::iter::once(&mut self.when).chain(offers), cuts)
    }

    /// Whether it was bound to a schema that has what it reads in the same places.
    pub(crate) fn fits(&self, schema: &Schema) -> bool {
        let same = |(name, slot): &(String, Slot)| schema.slot(name) == Some(*slot);
        schema.len() >= self.width && self.columns.iter().all(same)
    }

    /// Who of some customers gets which offer, and who gets none and why. Customers for whom `when` is not true are in
    /// neither.
    ///
    /// The order in which the customers come does not matter.
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::lifecycle::win_back::{Candidate, Suppression, WinBackSpec};
    /// use customer_value::model::{Currency, CustomerId, Unit};
    /// use customer_value::table::{Field, Schema, Table};
    ///
    /// let spec: WinBackSpec = toml::from_str(r#"
    ///     when = "days_since_last >= 240"
    ///     value = "spend"
    ///     offers = [
    ///         { name = "voucher", class = "discount", channel = "mail", response = 0.06, cost = "0.80 EUR", cost_if_won = "10.00 EUR" },
    ///         { name = "call", class = "personal", channel = "phone", response = 0.15, cost = "6.00 EUR" },
    ///     ]
    /// "#)?;
    /// let mut schema = Schema::new();
    /// let silence = schema.add(Field::number("days_since_last", Unit::Days))?;
    /// let spend = schema.add(Field::number("spend", Unit::Money))?;
    /// let mut problems = Diagnostics::new();
    /// let win_back = spec.bind(&schema, Currency::EUR, &mut problems).ok_or(problems)?;
    ///
    /// let mut table = Table::new(schema, 4);
    /// for (row, (days, worth)) in [(300.0, 120.0), (300.0, 30.0), (30.0, 900.0), (300.0, 50.0)].into_iter().enumerate() {
    ///     table.column_mut(silence).set(row, Some(days));
    ///     table.column_mut(spend).set(row, Some(worth));
    /// }
    /// let ids: Vec<CustomerId> = (1..5).map(CustomerId::from).collect();
    /// let all = ids.iter().enumerate().map(|(row, id)| Candidate::new(id, table.row(row)));
    /// let list = win_back.list(all, "2024-06-30".parse()?);
    ///
    /// // 0.15 × 120.00 − 6.00 and 0.06 × (50.00 − 10.00) − 0.80; of 30.00 not even 0.06 × 20.00 − 0.80 is left.
    /// let said: Vec<String> = list.chosen.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, [
    ///     "1: call (personal, through phone), net value 12.00 EUR",
    ///     "4: voucher (discount, through mail), net value 1.60 EUR",
    ///     "2: voucher (discount, through mail), net value 0.40 EUR",
    /// ]);
    /// assert!(list.suppressed.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn list<'a>(
        &self,
        customers: impl IntoIterator<Item = Candidate<'a>>,
        as_of: Day,
    ) -> WinBackList {
        let customers = customers.into_iter();
        let weighed = customers.filter_map(|one| self.weigh(&one, as_of));
        self.settle(weighed.collect(), as_of)
    }

    /// Whether `when` is true.
    #[must_use]
    pub fn is_candidate(&self, row: Row<'_>) -> bool {
        self.when.truth(row) == Truth::True
    }

    /// What a customer may get; `None` for who is not a candidate.
    pub(crate) fn weigh(&self, candidate: &Candidate<'_>, as_of: Day) -> Option<Weighed> {
        if !self.is_candidate(candidate.row) {
            return None;
        }
        Some(Weighed {
            id: candidate.id.clone(),
            worth: match self.barred(candidate, as_of) {
                Some(why) => Err(why),
                None => self.worth(candidate),
            },
        })
    }

    /// Why a candidate gets no offer, whatever the offers are.
    pub(super) fn barred(&self, candidate: &Candidate<'_>, as_of: Day) -> Option<Suppression> {
        if let Some(on) = candidate.returned_on {
            return Some(Suppression::Returned { on });
        }
        let attempts = candidate.attempts.iter();
        let days = attempts
            .filter(|attempt| attempt.purpose() == AttemptPurpose::WinBack)
            .map(|attempt| attempt.day());
        let until = days.clone().max().map(|last| last.plus(self.cool_down));
        if let Some(until) = until.filter(|until| as_of < *until) {
            return Some(Suppression::CoolDown { until });
        }
        // Who buys on the day of an attempt was won back by it.
        let since = |day: &Day| candidate.last_purchase.is_none_or(|last| *day > last);
        // What one customer is offered on one day is one attempt.
        let tried: BTreeSet<Day> = days.filter(since).collect();
        let attempts = u32::try_from(tried.len()).unwrap_or(u32::MAX);
        let used = self.max_attempts.is_some_and(|most| attempts >= most);
        used.then_some(Suppression::AttemptsUsed { attempts })
    }

    /// The offers that are worth making, or why none is.
    fn worth(&self, candidate: &Candidate<'_>) -> Result<(i64, Vec<(usize, i64)>), Suppression> {
        let offers = self.offers.iter().enumerate();
        let mut open = offers
            .filter(|(_, offer)| offer.closed(candidate).is_none())
            .peekable();
        if open.peek().is_none() {
            return Err(Suppression::NoOpenOffer);
        }
        let value = self.value(candidate.row).ok_or(Suppression::ValueUnknown)?;
        let mut best = i64::MIN;
        let nets = open.map(|(i, offer)| (i, offer.net(value)));
        let worth: Vec<(usize, i64)> = nets
            .inspect(|(_, net)| best = best.max(*net))
            .filter(|(_, net)| *net >= self.least)
            .collect();
        if worth.is_empty() {
            let best = Money::from_minor(best, self.currency);
            return Err(Suppression::NotWorthIt { best });
        }
        Ok((value, worth))
    }

    /// What the customer is worth, in minor units.
    pub(super) fn value(&self, row: Row<'_>) -> Option<i64> {
        // A row of another schema is not read: there may be no such column.
        if row.table().schema().len() < self.width {
            return None;
        }
        let value = row.number(self.value)?;
        Some(minor(value, self.currency.minor_per_major()))
    }

    /// Makes the list: of all pairs of a customer and an offer the one with the greatest net value first, as long as the
    /// customer has none yet, the offer is not used up, and the list is not full.
    pub(crate) fn settle(&self, mut weighed: Vec<Weighed>, as_of: Day) -> WinBackList {
        weighed.sort_by(|a, b| a.id.cmp(&b.id));
        let mut pairs = Vec::new();
        let mut suppressed = Vec::new();
        for (position, one) in weighed.iter().enumerate() {
            match &one.worth {
                Ok((_, worth)) => {
                    pairs.extend(worth.iter().map(|(i, net)| (Reverse(*net), position, *i)));
                }
                Err(because) => suppressed.push(Suppressed {
                    customer: one.id.clone(),
                    because: *because,
                }),
            }
        }
        pairs.sort_unstable();
        let mut left: Vec<Option<u64>> = self.offers.iter().map(|offer| offer.limit).collect();
        let mut room = self.limit;
        let mut has = vec![false; weighed.len()];
        let mut chosen = Vec::new();
        for (Reverse(net), position, i) in pairs {
            let (Some(one), Some(offer), Some(left), Some(has)) = (
                weighed.get(position),
                self.offers.get(i),
                left.get_mut(i),
                has.get_mut(position),
            ) else {
                continue;
            };
            if room == Some(0) {
                break;
            }
            if *has || *left == Some(0) {
                continue;
            }
            let Ok((value, _)) = one.worth else {
                continue;
            };
            *has = true;
            for limit in [left, &mut room].into_iter().flatten() {
                *limit -= 1;
            }
            chosen.push(self.chosen(&one.id, offer, value, net));
        }
        for (one, _) in weighed.iter().zip(&has).filter(|(_, has)| !**has) {
            if let Ok((_, worth)) = &one.worth {
                let best = worth.iter().map(|(_, net)| *net).max().unwrap_or(0);
                let best = Money::from_minor(best, self.currency);
                suppressed.push(Suppressed {
                    customer: one.id.clone(),
                    because: Suppression::Limit { best },
                });
            }
        }
        suppressed.sort_by(|a, b| a.customer.cmp(&b.customer));
        WinBackList {
            as_of,
            chosen,
            suppressed,
        }
    }

    pub(super) fn chosen(&self, id: &CustomerId, offer: &Offer, value: i64, net: i64) -> Chosen {
        let money = |minor| Money::from_minor(minor, self.currency);
        Chosen {
            customer: id.clone(),
            offer: offer.name.clone(),
            class: offer.class.clone(),
            channel: offer.channel.clone(),
            net: money(net),
            value: money(value),
            response: offer.response.written,
            cost: money(offer.cost),
            cost_if_won: money(offer.cost_if_won),
        }
    }

    /// The best of the offers that are worth making: what a customer gets if no limit is in the way.
    pub(super) fn best(&self, candidate: &Candidate<'_>) -> Result<Chosen, Suppression> {
        let (value, worth) = self.worth(candidate)?;
        let best = worth.iter().min_by_key(|(i, net)| (Reverse(*net), *i));
        let best = best.and_then(|(i, net)| Some((self.offers.get(*i)?, *net)));
        best.map(|(offer, net)| self.chosen(candidate.id, offer, value, net))
            .ok_or(Suppression::NoOpenOffer)
    }
}

//! What the sums of a profile say.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Profile, Touches};
use crate::metrics::decay::weight;
use crate::metrics::exact::quotient;
use crate::metrics::gaps::{GapPairs, variation};
use crate::model::{CustomerId, Days, Direction};
use crate::report::behaviour::log::{Answers, Log};
use crate::report::behaviour::share;
use crate::report::behaviour::times::Times;
use crate::report::behaviour::uses::{CategoryUse, ChannelUse, Latency, Usage};

impl Profile {
    /// How many customers, those who did nothing too.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers.len() as u64
    }

    /// How many customers bought something.
    #[must_use]
    pub fn buyers(&self) -> u64 {
        self.count(|log| u64::from(log.purchase_days().next().is_some()))
    }

    /// How many purchases.
    #[must_use]
    pub fn purchases(&self) -> u64 {
        self.count(|log| sum(log.days().map(|day| day.purchases)))
    }

    /// How many days with a purchase, of every customer their own.
    #[must_use]
    pub fn active_days(&self) -> u64 {
        self.count(|log| log.purchase_days().count() as u64)
    }

    /// How many contacts in both directions.
    #[must_use]
    pub fn contacts(&self) -> u64 {
        let outbound = self.count(|log| {
            let sent = log.days().flat_map(|day| day.outbound.values());
            sum(sent.map(|sent| sent.contacts))
        });
        outbound.saturating_add(self.inbound())
    }

    /// How many inbound contacts.
    #[must_use]
    pub fn inbound(&self) -> u64 {
        self.count(|log| sum(log.days().map(|day| day.inbound)))
    }

    fn count(&self, of: impl Fn(&Log) -> u64) -> u64 {
        sum(self.customers.values().map(of))
    }

    /// What was paid, before refunds, in minor units of the currency.
    #[must_use]
    pub fn spend(&self) -> u64 {
        let known = sum(self.categories.values().map(|bought| bought.spend));
        known.saturating_add(self.uncategorised.spend)
    }

    /// Contacts in both directions per [`per`](super::super::BehaviourOptions::per) days and customer; `None` without a customer.
    #[must_use]
    pub fn interaction_rate(&self) -> Option<f64> {
        let contacts = i128::from(self.contacts()) * i128::from(self.options.per().get());
        let days = i128::from(self.options.days().get());
        quotient(contacts, days * i128::from(self.customers()))
    }

    /// How long answers took: to inbound contacts those of the service, to outbound ones those of the customers. `None` if it
    /// is not known of any.
    #[must_use]
    pub fn latency(&self, direction: Direction) -> Option<Latency> {
        let counts = match direction {
            Direction::Inbound => &self.inbound_seconds,
            Direction::Outbound => &self.outbound_seconds,
        };
        let answers = sum(counts.values().copied());
        let (mut all, mut seconds) = (0_i128, 0_i128);
        for (at, n) in counts {
            all = all.saturating_add((*n).into());
            seconds = seconds.saturating_add(i128::from(*at) * i128::from(*n));
        }
        // The value at a position, from 0, of the seconds in ascending order.
        let at = |position: i128| {
            let mut before = 0_i128;
            counts.iter().find_map(|(seconds, n)| {
                before = before.saturating_add((*n).into());
                (before > position).then_some(i128::from(*seconds))
            })
        };
        Some(Latency {
            answers,
            mean: quotient(seconds, all.saturating_mul(3_600))?,
            median: quotient(at((all - 1) / 2)? + at(all / 2)?, 7_200)?,
        })
    }

    /// Every category, by spend, then by purchases, both from the most, then by name.
    #[must_use]
    pub fn categories(&self) -> Vec<CategoryUse> {
        let purchases = whole(self.categories.values().map(|bought| bought.purchases));
        let spend = whole(self.categories.values().map(|bought| bought.spend));
        let categories = self.categories.iter();
        let mut uses: Vec<CategoryUse> = categories
            .map(|(name, bought)| CategoryUse {
                name: name.to_string(),
                purchases: bought.purchases,
                spend: bought.spend,
                purchase_share: share(bought.purchases, purchases),
                spend_share: share(bought.spend, spend),
            })
            .collect();
        // Stable, and names ascend already.
        uses.sort_by_key(|of| Reverse((of.spend, of.purchases)));
        uses
    }

    /// The first `n` [categories](Self::categories): the usual ones.
    #[must_use]
    pub fn usual_categories(&self, n: usize) -> Vec<CategoryUse> {
        let mut uses = self.categories();
        uses.truncate(n);
        uses
    }

    /// How far the spend is in few categories: the sum of the squares of their shares (Herfindahl–Hirschman), 1 if all is in
    /// one, 1 ÷ *n* if *n* have the same. `None` if nothing was paid on a known category.
    #[must_use]
    pub fn category_concentration(&self) -> Option<f64> {
        let all = whole(self.categories.values().map(|bought| bought.spend));
        let mut squares = 0.0;
        for bought in self.categories.values() {
            let share = share(bought.spend, all)?;
            squares += share * share;
        }
        (all > 0).then_some(squares.min(1.0))
    }

    /// When purchases are made.
    #[must_use]
    pub const fn purchase_times(&self) -> &Times {
        &self.purchase_times
    }

    /// When inbound contacts come.
    #[must_use]
    pub const fn contact_times(&self) -> &Times {
        &self.contact_times
    }

    /// Every channel, by [`share`](ChannelUse::share) from the most, then by name.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelUse> {
        let mut answers: BTreeMap<&str, Answers> = BTreeMap::new();
        for (channel, more) in self.answers() {
            answers.entry(channel).or_default().take(more);
        }
        let mut names: Vec<&str> = self.channels.keys().map(|name| &**name).collect();
        names.extend(answers.keys());
        names.sort_unstable();
        names.dedup();
        let touched = |of: &Touches| of.purchases.saturating_add(of.inbound);
        let all = whole(self.channels.values().map(touched));
        let mut uses: Vec<ChannelUse> = names
            .into_iter()
            .map(|name| {
                let touches = self.channels.get(name).copied().unwrap_or_default();
                let answers = answers.get(name).copied().unwrap_or_default();
                ChannelUse {
                    name: name.to_owned(),
                    purchases: touches.purchases,
                    inbound: touches.inbound,
                    share: share(touched(&touches), all),
                    judged: answers.judged,
                    answered: answers.answered,
                    open: answers.open,
                }
            })
            .collect();
        // Stable, and names ascend already.
        uses.sort_by_key(|of| Reverse(of.purchases.saturating_add(of.inbound)));
        uses
    }

    fn answers(&self) -> impl Iterator<Item = (&str, Answers)> {
        let (within, to) = (self.options.answer_within(), self.options.to());
        let logs = self.customers.values();
        logs.flat_map(move |log| log.answers(within, to))
    }

    /// Answered ÷ judged outbound contacts through all channels, 0 to 1; `None` if none is judged.
    #[must_use]
    pub fn response_rate(&self) -> Option<f64> {
        let mut all = Answers::default();
        self.answers().for_each(|(_, more)| all.take(more));
        share(all.answered, all.judged)
    }

    /// Discounts ÷ (spend + discounts): the part of the list price that was given away, 0 to 1. `None` if that is 0.
    #[must_use]
    pub fn discount_share(&self) -> Option<f64> {
        share(self.discount, self.list_price())
    }

    /// Purchases with a discount ÷ purchases, 0 to 1; `None` without a purchase.
    #[must_use]
    pub fn discounted_purchases(&self) -> Option<f64> {
        share(self.discounted, self.purchases())
    }

    /// Spend ÷ (spend + discounts): paid ÷ list price, 0 to 1. `None` if that is 0.
    #[must_use]
    pub fn price_index(&self) -> Option<f64> {
        share(self.spend(), self.list_price())
    }

    fn list_price(&self) -> i128 {
        i128::from(self.spend()) + i128::from(self.discount)
    }

    /// The coefficient of variation of the gaps between days with a purchase; of several customers the mean over those who
    /// have one. `None` if nobody has three such days.
    #[must_use]
    pub fn gap_variation(&self) -> Option<f64> {
        let known = self
            .customers
            .values()
            .filter_map(|log| variation(log.gaps()));
        let (mut n, mut all) = (0.0, 0.0);
        for variation in known {
            n += 1.0;
            all += variation;
        }
        (n > 0.0).then(|| all / n)
    }

    /// The *k* of Wheat & Morrison, up to 100; of several customers from the pairs of neighbouring gaps of all. `None` if nobody
    /// has three days with a purchase.
    #[must_use]
    pub fn regularity(&self) -> Option<f64> {
        let mut pairs = GapPairs::default();
        for log in self.customers.values() {
            pairs.add(log.gaps());
        }
        pairs.regularity()
    }

    /// Purchases ÷ contacts of the kind `browse`; `None` without such a contact.
    #[must_use]
    pub fn browse_to_buy(&self) -> Option<f64> {
        quotient(self.purchases().into(), self.browses.into())
    }

    /// Days on which a customer bought or got in touch, each times ½ for every half-life that has passed since, up to the
    /// last day of the options; per customer. `None` without a customer.
    #[must_use]
    pub fn decayed_activity(&self) -> Option<f64> {
        let last = self.options.to().minus(Days::new(1));
        let half_life = self.options.half_life();
        let (mut n, mut all) = (0.0, 0.0);
        for log in self.customers.values() {
            n += 1.0;
            for day in log.own_days() {
                all += weight(last - day, half_life)?;
            }
        }
        (n > 0.0).then(|| all / n)
    }

    /// Whether a customer buys often; `None` of one who bought nothing, or who is not here.
    #[must_use]
    pub fn usage(&self, customer: &CustomerId) -> Option<Usage> {
        self.usage_of(self.customers.get(customer)?)
    }

    /// The rule, in whole numbers: days with a purchase ÷ days >= frequent ÷ per.
    fn usage_of(&self, log: &Log) -> Option<Usage> {
        let active = log.purchase_days().count() as u64;
        if active == 0 {
            return None;
        }
        let options = &self.options;
        let had = i128::from(active) * i128::from(options.per().get());
        let wanted = i128::from(options.frequent()) * i128::from(options.days().get());
        Some(if had >= wanted {
            Usage::Frequent
        } else {
            Usage::Occasional
        })
    }

    /// Frequent customers ÷ those who bought something, 0 to 1; `None` if nobody did.
    #[must_use]
    pub fn frequent_share(&self) -> Option<f64> {
        let frequent = self.count(|log| u64::from(self.usage_of(log) == Some(Usage::Frequent)));
        share(frequent, self.buyers())
    }
}

fn sum(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

/// What shares are of: it does not stop at the largest count, so that they add up to 1.
fn whole(counts: impl Iterator<Item = u64>) -> i128 {
    counts.fold(0, |sum, n| sum.saturating_add(n.into()))
}

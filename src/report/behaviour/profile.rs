//! What somebody did over some days, added up.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::log::{Answers, Log, Outbound, add};
use super::options::BehaviourOptions;
use super::times::Times;
use super::uses::{CategoryUse, ChannelUse, Latency, Usage};
use super::{rows, share};
use crate::Error;
use crate::metrics::decay::weight;
use crate::metrics::exact::quotient;
use crate::metrics::gaps::{GapPairs, variation};
use crate::metrics::service::BROWSE;
use crate::model::{CustomerId, Days, Direction, Interaction, Transaction, TransactionKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bought {
    purchases: u64,
    spend: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Touches {
    purchases: u64,
    inbound: u64,
}

/// How one customer, or all customers of a segment, behave over some days.
///
/// Records are added one by one, of one customer or of several, in any order and in parts that are [merged](Self::merge);
/// it is all whole numbers, so the parts add up to the same. What is asked of several customers is said at each
/// question; nothing of one customer is ever taken for an answer, or a gap, of another.
///
/// It keeps a little for each day of each customer on which something was, as much as a history does. What a refund gives back
/// stays in: it was bought, and what people do is what is asked here. Definitions are in
/// [`docs::behaviour`](crate::docs::behaviour).
///
/// ```
/// use customer_value::model::{Currency, Direction, Interaction, Transaction};
/// use customer_value::report::behaviour::{BehaviourOptions, Profile};
///
/// let march = BehaviourOptions::new("2024-03-01".parse()?, "2024-04-01".parse()?, Currency::EUR)?;
/// let mut ada = Profile::new(march);
/// ada.add_contact(&Interaction::new(42, "2024-03-04".parse()?, "email", Direction::Outbound, "offer")?);
/// let sale = Transaction::purchase(42, "2024-03-06".parse()?, "80.00 EUR".parse()?)?
///     .with_category("books")
///     .with_channel("web")
///     .with_discount("20.00 EUR".parse()?)?;
/// assert!(ada.add_purchase(&sale)?);
///
/// assert_eq!(ada.response_rate(), Some(1.0));
/// assert_eq!(ada.price_index(), Some(0.8));
/// assert_eq!(ada.categories()[0].name, "books");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    options: BehaviourOptions,
    #[serde(with = "rows")]
    customers: BTreeMap<CustomerId, Log>,
    categories: BTreeMap<Box<str>, Bought>,
    /// Purchases whose category is not known.
    uncategorised: Bought,
    channels: BTreeMap<Box<str>, Touches>,
    discount: u64,
    discounted: u64,
    browses: u64,
    purchase_times: Times,
    contact_times: Times,
    /// How many inbound contacts were answered within how many seconds; likewise outbound.
    #[serde(with = "rows")]
    inbound_seconds: BTreeMap<u32, u64>,
    #[serde(with = "rows")]
    outbound_seconds: BTreeMap<u32, u64>,
}

impl Profile {
    /// Nobody yet.
    #[must_use]
    pub fn new(options: BehaviourOptions) -> Self {
        Self {
            options,
            customers: BTreeMap::new(),
            categories: BTreeMap::new(),
            uncategorised: Bought::default(),
            channels: BTreeMap::new(),
            discount: 0,
            discounted: 0,
            browses: 0,
            purchase_times: Times::default(),
            contact_times: Times::default(),
            inbound_seconds: BTreeMap::new(),
            outbound_seconds: BTreeMap::new(),
        }
    }

    /// Adds a customer who may have done nothing at all: they count among the [customers](Self::customers).
    pub fn add_customer(&mut self, customer: &CustomerId) {
        self.customers.entry(customer.clone()).or_default();
    }

    /// Adds a purchase. A refund, an adjustment, or a purchase on another day than those of the options is left out: then it
    /// answers `false`, and only the customer is counted.
    ///
    /// # Errors
    /// The purchase is in another currency than that of the options (`is_misuse`); nothing is changed then.
    pub fn add_purchase(&mut self, purchase: &Transaction) -> Result<bool, Error> {
        let (paid, currency) = (purchase.amount(), self.options.currency());
        if paid.currency() != currency {
            return Err(Error::misuse(format!(
                "`{paid}` is not in {currency}, the currency of the profile"
            )));
        }
        let day = purchase.day();
        let log = self
            .customers
            .entry(purchase.customer().clone())
            .or_default();
        if purchase.kind() != TransactionKind::Purchase || !self.options.contains(day) {
            return Ok(false);
        }
        add(&mut log.day(day).purchases, 1);
        let bought = match purchase.category() {
            Some(category) => entry(&mut self.categories, category),
            None => &mut self.uncategorised,
        };
        add(&mut bought.purchases, 1);
        add(&mut bought.spend, not_negative(paid.minor()));
        if let Some(channel) = purchase.channel() {
            add(&mut entry(&mut self.channels, channel).purchases, 1);
        }
        let discount = purchase.discount().map_or(0, |money| money.minor());
        add(&mut self.discount, not_negative(discount));
        add(&mut self.discounted, u64::from(discount > 0));
        self.purchase_times.add(day, purchase.hour());
        Ok(true)
    }

    /// Adds a contact. One on another day than those of the options is left out: then it answers `false`, and only the
    /// customer is counted.
    pub fn add_contact(&mut self, contact: &Interaction) -> bool {
        let (day, within) = (contact.day(), self.options.answer_within());
        let log = self
            .customers
            .entry(contact.customer().clone())
            .or_default();
        if !self.options.contains(day) {
            return false;
        }
        let log = log.day(day);
        let latency = contact.latency_seconds();
        let seconds = match contact.direction() {
            Direction::Inbound => {
                add(&mut log.inbound, 1);
                add(&mut entry(&mut self.channels, contact.channel()).inbound, 1);
                self.contact_times.add(day, contact.hour());
                &mut self.inbound_seconds
            }
            Direction::Outbound => {
                let sent: &mut Outbound = entry(&mut log.outbound, contact.channel());
                add(&mut sent.contacts, 1);
                let limit = i64::from(within.get()) * 86_400;
                let in_time = latency.is_some_and(|seconds| i64::from(seconds) < limit);
                add(&mut sent.answered, u64::from(in_time));
                &mut self.outbound_seconds
            }
        };
        if let Some(latency) = latency {
            add(seconds.entry(latency).or_default(), 1);
        }
        add(&mut self.browses, u64::from(contact.kind() == BROWSE));
        true
    }

    /// Adds what another profile has: of other customers, or of other records of the same.
    ///
    /// # Errors
    /// Its options are others (`is_misuse`); nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.options != other.options {
            return Err(Error::misuse(
                "profiles of other days, currencies or rules do not go together",
            ));
        }
        for (customer, more) in &other.customers {
            match self.customers.get_mut(customer) {
                Some(log) => log.merge(more),
                None => drop(self.customers.insert(customer.clone(), more.clone())),
            }
        }
        for (category, more) in &other.categories {
            entry(&mut self.categories, category).take(*more);
        }
        self.uncategorised.take(other.uncategorised);
        for (channel, more) in &other.channels {
            let touches: &mut Touches = entry(&mut self.channels, channel);
            add(&mut touches.purchases, more.purchases);
            add(&mut touches.inbound, more.inbound);
        }
        add(&mut self.discount, other.discount);
        add(&mut self.discounted, other.discounted);
        add(&mut self.browses, other.browses);
        self.purchase_times.merge(&other.purchase_times);
        self.contact_times.merge(&other.contact_times);
        for (sums, more) in [
            (&mut self.inbound_seconds, &other.inbound_seconds),
            (&mut self.outbound_seconds, &other.outbound_seconds),
        ] {
            for (seconds, n) in more {
                add(sums.entry(*seconds).or_default(), *n);
            }
        }
        Ok(())
    }

    /// Which days it is about, and by which rules.
    #[must_use]
    pub const fn options(&self) -> &BehaviourOptions {
        &self.options
    }

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

    /// Contacts in both directions per [`per`](BehaviourOptions::per) days and customer; `None` without a customer.
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

impl Bought {
    fn take(&mut self, more: Self) {
        add(&mut self.purchases, more.purchases);
        add(&mut self.spend, more.spend);
    }
}

fn entry<'a, V: Default>(map: &'a mut BTreeMap<Box<str>, V>, name: &str) -> &'a mut V {
    map.entry(name.into()).or_default()
}

fn sum(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

/// What shares are of: it does not stop at the largest count, so that they add up to 1.
fn whole(counts: impl Iterator<Item = u64>) -> i128 {
    counts.fold(0, |sum, n| sum.saturating_add(n.into()))
}

fn not_negative(minor: i64) -> u64 {
    u64::try_from(minor).unwrap_or(0)
}

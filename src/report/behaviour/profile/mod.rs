//! What somebody did over some days, added up.

mod figures;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::log::{Log, Outbound, add};
use super::options::BehaviourOptions;
use super::rows;
use super::times::Times;
use crate::Error;
use crate::metrics::service::BROWSE;
use crate::model::{CustomerId, Direction, Interaction, Transaction, TransactionKind};

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

fn not_negative(minor: i64) -> u64 {
    u64::try_from(minor).unwrap_or(0)
}

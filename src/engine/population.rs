//! Everything about all customers: histories, attributes, and what was remembered.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::iter::Peekable;
use std::ops::{Bound, Range};
use std::sync::Arc;

use crate::Error;
use crate::history::{Histories, History, IdRef, Layout};
use crate::ledger::{Ledger, Records};
use crate::model::{Attempt, Customer, CustomerId};

use super::standing::Standing;

/// All customers with their histories and attributes.
///
/// A customer with attributes and without any transaction is part of the population too: a prospect.
///
/// ```
/// use customer_value::engine::Population;
/// use customer_value::history::{Histories, Layout};
/// use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
/// use customer_value::model::{Currency, Customer};
///
/// let options = Options::new("2024-12-31".parse()?, Currency::USD);
/// let columns = Columns::new(CustomerColumn::Numbers(&[7, 9]), &[19_800, 19_801], &[1999, 100]);
/// let ledger = Ledger::from_columns(&columns, options)?;
/// let histories = Histories::build(&ledger, &Layout::new(Currency::USD, []))?;
/// let population = Population::new(histories)
///     .with_customers([Customer::new(8).with("city", "Bonn")?, Customer::new(9).with("city", "Wuhan")?])?;
/// assert_eq!(population.len(), 3);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Population {
    histories: Histories,
    customers: Vec<Customer>,
    /// For each position, which customer; empty when there are no attributes.
    customer_of: Vec<Option<u32>>,
    /// By customer, and of those by day.
    attempts: Vec<Attempt>,
    /// For each position, which attempts; empty when there are none.
    attempts_of: Vec<Range<usize>>,
    records: Option<Records>,
}

impl Population {
    /// The customers of a ledger, with some facts; what else the ledger knows of them is kept.
    pub(super) fn of(ledger: &Ledger<'_>, layout: &Layout) -> Result<Self, Error> {
        let histories = Histories::build(ledger, layout)?;
        Ok(Self {
            records: ledger.records().cloned(),
            ..Self::new(histories)
        })
    }

    /// Customers of whom only the histories are known.
    #[must_use]
    pub fn new(histories: Histories) -> Self {
        Self {
            histories,
            customers: Vec::new(),
            customer_of: Vec::new(),
            attempts: Vec::new(),
            attempts_of: Vec::new(),
            records: None,
        }
    }

    /// The same customers with attributes, and customers without a transaction. Customers who were given before stay.
    ///
    /// # Errors
    /// A customer comes twice, here or in two calls (`is_misuse`).
    pub fn with_customers(
        mut self,
        customers: impl IntoIterator<Item = Customer>,
    ) -> Result<Self, Error> {
        self.customers.extend(customers);
        let customers = &mut self.customers;
        customers.sort_by(|a, b| a.id().cmp(b.id()));
        for (a, b) in customers.iter().zip(customers.iter().skip(1)) {
            if a.id() == b.id() {
                return Err(Error::misuse(format!("customer `{}` comes twice", a.id())));
            }
        }
        let empty = History::new(Arc::clone(self.histories.shared_layout()));
        let prospects: Vec<(CustomerId, History)> = customers
            .iter()
            .filter(|c| self.histories.position(c.id()).is_none())
            .map(|c| (c.id().clone(), empty.clone()))
            .collect();
        if !prospects.is_empty() {
            let layout = Arc::clone(self.histories.shared_layout());
            let prospects = Histories::collect(layout, prospects)?;
            self.histories = self.histories.merge(&prospects)?;
        }
        Ok(self.placed())
    }

    /// The same customers with other records of them: costs, contacts, answers, complaints. Records that were given before
    /// stay. Customers of whom there are only such records become part of the population.
    ///
    /// Not for records that are in the histories already: those of a ledger that was given
    /// [its records](Ledger::with_records) (then they are here as well), and those that were added one by one
    /// ([`with_counted_records`](Self::with_counted_records)).
    ///
    /// ```
    /// use customer_value::engine::{Engine, Policy};
    /// use customer_value::ledger::{Ledger, Records};
    /// use customer_value::metrics::Catalog;
    /// use customer_value::model::{CostCategory, CustomerId, Direction, Interaction, Record, ServiceCost, Transaction};
    ///
    /// let policy: Policy = toml::from_str(r#"
    ///     [head]
    ///     name = "care"
    ///     version = "1"
    ///     currency = "EUR"
    ///
    ///     [[metrics]]
    ///     name = "contacts_90d"
    ///     measure = "contacts"
    ///     window = "90 days"
    ///
    ///     [[tiers]]
    ///     name = "asks a lot"
    ///     when = "contacts_90d >= 3 and service_cost >= 50"
    ///
    ///     [[tiers]]
    ///     name = "other"
    /// "#)?;
    /// let engine = Engine::new(policy, &Catalog::standard())?;
    ///
    /// let (as_of, day) = ("2024-12-31".parse()?, "2024-12-01".parse()?);
    /// let bought = [7, 9].map(|id| Transaction::purchase(id, day, "80.00 EUR".parse().unwrap()).unwrap());
    /// let mut records: Vec<Record> = vec![
    ///     ServiceCost::new(7, day, "35.00 EUR".parse()?, CostCategory::ServiceStaff)?.into(),
    ///     ServiceCost::new(7, day, "15.00 EUR".parse()?, CostCategory::Marketing)?.into(),
    /// ];
    /// for _ in 0..3 {
    ///     records.push(Interaction::new(7, day, "phone", Direction::Inbound, "question")?.into());
    /// }
    ///
    /// let options = engine.cleaning(as_of);
    /// let records = Records::clean(records, &options);
    /// let ledger = Ledger::from_transactions(&bought, options);
    /// let population = engine.population(&ledger)?.with_records(&records)?;
    /// let reviews = engine.review_all(&population, None, as_of)?;
    /// let tiers: Vec<String> = reviews.iter().map(|r| r.assessment().tier().to_owned()).collect();
    /// assert_eq!(tiers, ["asks a lot", "other"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The records are in another currency (`is_misuse`), or a total does not fit 64 bits (`is_overflow`).
    pub fn with_records(mut self, records: &Records) -> Result<Self, Error> {
        self.histories = self.histories.with_records(records)?;
        Ok(self.with_counted_records(records)?.placed())
    }

    /// The same customers with records that their histories count already, as stored histories do
    /// ([`History::record`]): what reads them one by one (due actions and surveys, spends, attainment, the report on waste) has them, and
    /// no metric changes.
    /// Records that were given before stay.
    ///
    /// # Errors
    /// The records are in another currency (`is_misuse`), or the sum of all of them does not fit 64 bits (`is_overflow`).
    pub fn with_counted_records(mut self, records: &Records) -> Result<Self, Error> {
        let currency = self.histories.layout().currency();
        if records.currency() != currency {
            return Err(Error::misuse(format!(
                "the records are in {} and the histories in {currency}",
                records.currency()
            )));
        }
        self.records = Some(match &self.records {
            Some(before) => before.merge(records)?,
            None => records.clone(),
        });
        Ok(self)
    }

    /// Finds the attributes and the attempts of each position.
    fn placed(mut self) -> Self {
        if !self.customers.is_empty() {
            self.customer_of = vec![None; self.histories.len()];
        }
        for (i, customer) in self.customers.iter().enumerate() {
            let position = self.histories.position(customer.id());
            if let Some(place) = position.and_then(|at| self.customer_of.get_mut(at)) {
                *place = u32::try_from(i).ok();
            }
        }
        self.with_attempts([])
    }

    /// The same customers with what was tried with them, for whatever purpose: win-back, uplift and the exit ladder read it from
    /// here. Attempts that were given before stay. One on somebody who is not among the customers counts for nobody.
    ///
    /// An attempt names a customer as the histories do: where customers were merged the
    /// [survivor](crate::ledger::MergeMap::survivor), and where accounts are reviewed the account that it
    /// [counts for](super::accounts::Accounts::counts_for); a [roll-up](super::accounts::Accounts::roll_up) names those that were
    /// given before it so.
    #[must_use]
    pub fn with_attempts(mut self, attempts: impl IntoIterator<Item = Attempt>) -> Self {
        self.attempts.extend(attempts);
        if self.attempts.is_empty() {
            return self;
        }
        let order =
            |a: &Attempt, b: &Attempt| (a.customer(), a.day()).cmp(&(b.customer(), b.day()));
        self.attempts.sort_by(order);
        self.attempts_of = vec![0..0; self.histories.len()];
        let mut start = 0;
        for own in self.attempts.chunk_by(|a, b| a.customer() == b.customer()) {
            let range = start..start + own.len();
            start = range.end;
            let customer = own.first().map(Attempt::customer);
            let position = customer.and_then(|id| self.histories.position(id));
            if let Some(place) = position.and_then(|at| self.attempts_of.get_mut(at)) {
                *place = range;
            }
        }
        self
    }

    /// How many customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.histories.len()
    }

    /// No customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.histories.is_empty()
    }

    /// The histories, ascending by customer id; those of prospects are empty.
    #[must_use]
    pub fn histories(&self) -> &Histories {
        &self.histories
    }

    /// The attributes of the customer at a position.
    #[must_use]
    pub fn customer(&self, position: usize) -> Option<&Customer> {
        let customer = (*self.customer_of.get(position)?)?;
        self.customers.get(customer as usize)
    }

    /// Costs, contacts, answers and complaints, if any were given: also those of people who are not among the customers.
    #[must_use]
    pub fn records(&self) -> Option<&Records> {
        self.records.as_ref()
    }

    /// What was tried with the customer at a position, in the order of the days.
    #[must_use]
    pub fn attempts(&self, position: usize) -> &[Attempt] {
        let range = self.attempts_of.get(position).cloned();
        range.and_then(|r| self.attempts.get(r)).unwrap_or_default()
    }

    /// What was tried with anybody, also with people who are not among the customers: by customer, and of those by day.
    #[must_use]
    pub fn all_attempts(&self) -> &[Attempt] {
        &self.attempts
    }
}

/// What was remembered of each customer at the last review.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standings {
    /// Boxed, for a tree moves what is in it again and again.
    of: BTreeMap<CustomerId, Box<Standing>>,
}

impl Standings {
    /// Nothing remembered of anybody: a first review.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is remembered of a customer.
    #[must_use]
    pub fn get(&self, id: &CustomerId) -> Option<&Standing> {
        self.of.get(id).map(Box::as_ref)
    }

    /// Remembers a customer's standing; gives back what was remembered before.
    pub fn insert(&mut self, id: CustomerId, standing: Standing) -> Option<Standing> {
        self.of.insert(id, Box::new(standing)).map(|before| *before)
    }

    /// Everybody of whom something is remembered, ascending by id.
    pub fn iter(&self) -> impl Iterator<Item = (&CustomerId, &Standing)> {
        self.of.iter().map(|(id, standing)| (id, standing.as_ref()))
    }

    pub(super) fn of_boxes(all: impl IntoIterator<Item = (CustomerId, Box<Standing>)>) -> Self {
        Self {
            of: all.into_iter().collect(),
        }
    }

    /// To look customers up in the order of their ids.
    pub(super) fn ascending(&self) -> Ascending<'_> {
        Ascending {
            standings: self,
            rest: None,
        }
    }

    /// How many customers something is remembered of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Nothing is remembered of anybody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

impl FromIterator<(CustomerId, Standing)> for Standings {
    fn from_iter<I: IntoIterator<Item = (CustomerId, Standing)>>(all: I) -> Self {
        Self::of_boxes(
            all.into_iter()
                .map(|(id, standing)| (id, Box::new(standing))),
        )
    }
}

/// How many standings are passed over one by one before the next is searched for.
const NEAR: usize = 8;

/// Looks up customers whose ids ascend: a walk along both lists, for a search in a large map costs more than the review of many a
/// customer.
pub(super) struct Ascending<'s> {
    standings: &'s Standings,
    rest: Option<Peekable<btree_map::Range<'s, CustomerId, Box<Standing>>>>,
}

impl<'s> Ascending<'s> {
    /// What is remembered of a customer, whose id is greater than those asked for before.
    pub(super) fn find(&mut self, id: IdRef<'_>) -> Option<&'s Standing> {
        let number;
        let id = match id {
            IdRef::Number(n) => {
                number = CustomerId::from(n);
                &number
            }
            IdRef::Id(id) => id,
        };
        let all = &self.standings.of;
        let from = || {
            let bounds = (Bound::Included(id), Bound::Unbounded);
            all.range::<CustomerId, _>(bounds).peekable()
        };
        let mut rest = self.rest.take().unwrap_or_else(from);
        let mut passed = 0;
        while rest.next_if(|(other, _)| *other < id).is_some() {
            passed += 1;
            if passed == NEAR {
                rest = from();
            }
        }
        let found = rest.next_if(|(other, _)| *other == id);
        self.rest = Some(rest);
        found.map(|(_, standing)| standing.as_ref())
    }
}

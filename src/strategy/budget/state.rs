//! What was spent and promised, and what was carried over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CarryOver, LineKey, Period, Spend};
use crate::Error;
use crate::model::{Currency, CustomerId, Day, Money};

/// One entry of a [`BudgetState`]: a spend, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Booking {
    spend: Spend,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spent: Option<Money>,
}

impl Booking {
    /// What was promised, or spent at once.
    #[must_use]
    pub const fn spend(&self) -> &Spend {
        &self.spend
    }

    /// What it came to, zero if it was released; `None` as long as it is only promised.
    #[must_use]
    pub const fn spent(&self) -> Option<Money> {
        self.spent
    }

    pub(super) fn totals(&self) -> Totals {
        match self.spent {
            Some(spent) => Totals {
                spent: spent.minor().into(),
                committed: 0,
            },
            None => Totals {
                spent: 0,
                committed: self.spend.amount().minor().into(),
            },
        }
    }
}

/// What was spent and what is promised, in minor units, zero or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// What was spent.
    pub spent: i128,
    /// What is promised and not settled yet.
    pub committed: i128,
}

impl Totals {
    /// Both together.
    #[must_use]
    pub const fn used(&self) -> i128 {
        self.spent.saturating_add(self.committed)
    }

    // Both are sums of fewer than 2^64 amounts below 2^63, so nothing saturates.
    pub(super) fn add(&mut self, other: Self) {
        self.spent = self.spent.saturating_add(other.spent);
        self.committed = self.committed.saturating_add(other.committed);
    }

    fn take(&mut self, other: Self) {
        self.spent = self.spent.saturating_sub(other.spent);
        self.committed = self.committed.saturating_sub(other.committed);
    }
}

/// What was spent, promised and carried over: plain data, the same whatever the order of the calls, and mergeable.
///
/// It does not depend on the policy. Every booking has an id of the host's, so that a call that comes twice counts once.
///
/// ```
/// use customer_value::model::{CostCategory, Currency};
/// use customer_value::strategy::budget::{BudgetState, LineKey, Spend};
///
/// let day = "2025-03-01".parse()?;
/// let spend = Spend::new(42, day, "80.00 EUR".parse()?, CostCategory::Marketing)?.with_tier("A");
/// let mut state = BudgetState::new(Currency::EUR);
/// assert!(state.commit("order 1", spend.clone())?);
/// assert!(!state.commit("order 1", spend.clone())?); // nothing new
/// let everything = |state: &BudgetState| state.totals(&LineKey::default(), day, day);
/// assert_eq!((everything(&state).spent, everything(&state).committed), (0, 80_00));
///
/// state.settle("order 1", "75.00 EUR".parse()?)?;
/// assert_eq!((everything(&state).spent, everything(&state).committed), (75_00, 0));
/// assert!(state.release("order 1").unwrap_err().is_misuse());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawState")]
pub struct BudgetState {
    currency: Currency,
    bookings: BTreeMap<String, Booking>,
    carried: BTreeMap<(LineKey, Period), i64>,
    /// Per line that there could be, what is booked on it by day: a sum of the bookings.
    sums: BTreeMap<LineKey, BTreeMap<Day, Totals>>,
    /// The bookings of each customer.
    customers: BTreeMap<CustomerId, Vec<String>>,
}

impl BudgetState {
    /// Nothing yet.
    #[must_use]
    pub const fn new(currency: Currency) -> Self {
        Self {
            currency,
            bookings: BTreeMap::new(),
            carried: BTreeMap::new(),
            sums: BTreeMap::new(),
            customers: BTreeMap::new(),
        }
    }

    /// The currency of all amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The bookings by id.
    pub fn bookings(&self) -> impl Iterator<Item = (&str, &Booking)> {
        self.bookings.iter().map(|(id, one)| (id.as_str(), one))
    }

    /// The booking of an id.
    #[must_use]
    pub fn booking(&self, id: &str) -> Option<&Booking> {
        self.bookings.get(id)
    }

    /// Promises a spend. Whether that is new: the same spend of the same id counts once, also after it was settled.
    ///
    /// # Errors
    /// The id has another spend, or the currency is another one (`is_misuse`); nothing changes then.
    pub fn commit(&mut self, id: impl Into<String>, spend: Spend) -> Result<bool, Error> {
        self.book(id.into(), Booking { spend, spent: None })
    }

    /// Books a spend that was not promised before. Whether that is new.
    ///
    /// # Errors
    /// The id has another booking, or the currency is another one (`is_misuse`); nothing changes then. A spend that was promised is
    /// [settled](Self::settle).
    pub fn record(&mut self, id: impl Into<String>, spend: Spend) -> Result<bool, Error> {
        let id = id.into();
        let spent = Some(spend.amount());
        let new = Booking { spend, spent };
        match self.bookings.get(&id) {
            Some(known) if *known != new => Err(contradiction(&id)),
            _ => self.book(id, new),
        }
    }

    /// Says what a promised spend came to, on the day and with everything else it was promised with. Whether that is new.
    ///
    /// # Errors
    /// The amount is negative (`is_range`); there is no such id, it was settled at another amount, or the currency is another one
    /// (`is_misuse`). Nothing changes then.
    pub fn settle(&mut self, id: &str, amount: Money) -> Result<bool, Error> {
        if amount.is_negative() {
            return Err(Error::range(format!("a spend of {amount} is negative")));
        }
        self.same_currency(amount)?;
        let Some(known) = self.bookings.get(id) else {
            return Err(Error::misuse(format!("there is no spend `{id}`")));
        };
        let spent = Some(amount);
        let spend = known.spend.clone();
        self.book(id.to_owned(), Booking { spend, spent })
    }

    /// Says that a promised spend came to nothing. Whether that is new.
    ///
    /// # Errors
    /// There is no such id, or something was spent (`is_misuse`).
    pub fn release(&mut self, id: &str) -> Result<bool, Error> {
        self.settle(id, Money::from_minor(0, self.currency))
    }

    /// Puts what is carried over into the period it is proposed for. Whether that is new.
    ///
    /// # Errors
    /// Another amount was carried into it on that line (`is_misuse`).
    pub fn accept(&mut self, proposal: &CarryOver) -> Result<bool, Error> {
        let Some(to) = proposal.to else {
            return Ok(false);
        };
        if proposal.currency != self.currency {
            return Err(other_currency(proposal.currency, self.currency));
        }
        self.carry(proposal.line.clone(), to, proposal.carried)
    }

    fn carry(&mut self, line: LineKey, to: Period, amount: i64) -> Result<bool, Error> {
        if amount < 0 {
            return Err(Error::range("an amount carried over is negative"));
        }
        let place = (line, to);
        match self.carried.get(&place) {
            Some(known) if *known == amount => Ok(false),
            Some(_) => Err(Error::misuse(format!(
                "another amount was carried into {to} on the line `{}`",
                place.0
            ))),
            None => {
                self.carried.insert(place, amount);
                Ok(true)
            }
        }
    }

    /// What was carried into a period on a line, in minor units.
    #[must_use]
    pub fn carried(&self, line: &LineKey, period: Period) -> i64 {
        let place = (line.clone(), period);
        self.carried.get(&place).copied().unwrap_or(0)
    }

    /// Adds what another part knows. Both may know the same bookings, each at its own stage.
    ///
    /// # Errors
    /// They contradict each other, or are in two currencies (`is_misuse`); nothing changes then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if other.currency != self.currency {
            return Err(other_currency(other.currency, self.currency));
        }
        for (id, booking) in &other.bookings {
            self.joined(id, booking)?;
        }
        let mut carried = self.carried.clone();
        for (place, amount) in &other.carried {
            if *carried.entry(place.clone()).or_insert(*amount) != *amount {
                return Err(Error::misuse(format!(
                    "two amounts were carried into {} on the line `{}`",
                    place.1, place.0
                )));
            }
        }
        for (id, booking) in &other.bookings {
            self.book(id.clone(), booking.clone())?;
        }
        self.carried = carried;
        Ok(())
    }

    /// What is booked on a line from one day to another, both counted.
    #[must_use]
    pub fn totals(&self, line: &LineKey, first: Day, last: Day) -> Totals {
        let mut totals = Totals::default();
        if let Some(days) = self.sums.get(line).filter(|_| first <= last) {
            days.range(first..=last)
                .for_each(|(_, day)| totals.add(*day));
        }
        totals
    }

    /// What of it is for one customer.
    #[must_use]
    pub fn customer_totals(
        &self,
        customer: &CustomerId,
        line: &LineKey,
        first: Day,
        last: Day,
    ) -> Totals {
        let mut totals = Totals::default();
        let ids = self.customers.get(customer).into_iter().flatten();
        for booking in ids.filter_map(|id| self.bookings.get(id)) {
            let spend = &booking.spend;
            if (first..=last).contains(&spend.day()) && line.matches(spend) {
                totals.add(booking.totals());
            }
        }
        totals
    }

    /// For how many customers something was spent on a line from one day to another, both counted.
    #[must_use]
    pub fn customers(&self, line: &LineKey, first: Day, last: Day) -> u64 {
        let served =
            |customer: &&CustomerId| self.customer_totals(customer, line, first, last).spent > 0;
        let count = self.customers.keys().filter(served).count();
        u64::try_from(count).unwrap_or(u64::MAX)
    }

    /// What an id is booked as if it is also what `new` says; `None` if that is what is known.
    fn joined(&self, id: &str, new: &Booking) -> Result<Option<Booking>, Error> {
        self.same_currency(new.spend.amount())?;
        let Some(known) = self.bookings.get(id) else {
            return Ok(Some(new.clone()));
        };
        if known.spend != new.spend {
            return Err(contradiction(id));
        }
        match (known.spent, new.spent) {
            (_, None) => Ok(None),
            (Some(before), Some(now)) if before == now => Ok(None),
            (Some(_), Some(_)) => Err(contradiction(id)),
            (None, Some(_)) => Ok(Some(new.clone())),
        }
    }

    fn book(&mut self, id: String, new: Booking) -> Result<bool, Error> {
        let Some(now) = self.joined(&id, &new)? else {
            return Ok(false);
        };
        let totals = now.totals();
        let before = self.bookings.get(&id).map(Booking::totals);
        for line in lines(&now.spend) {
            let day = self
                .sums
                .entry(line)
                .or_default()
                .entry(now.spend.day())
                .or_default();
            if let Some(before) = before {
                day.take(before);
            }
            day.add(totals);
        }
        if before.is_none() {
            let customer = now.spend.customer().clone();
            self.customers.entry(customer).or_default().push(id.clone());
        }
        self.bookings.insert(id, now);
        Ok(true)
    }

    fn same_currency(&self, amount: Money) -> Result<(), Error> {
        if amount.currency() == self.currency {
            Ok(())
        } else {
            Err(other_currency(amount.currency(), self.currency))
        }
    }
}

fn other_currency(found: Currency, own: Currency) -> Error {
    Error::misuse(format!("an amount is in {found}, the budget in {own}"))
}

fn contradiction(id: &str) -> Error {
    Error::misuse(format!("the spend `{id}` is known as another one"))
}

/// Every line that a spend would count on.
fn lines(spend: &Spend) -> Vec<LineKey> {
    let mut lines = Vec::new();
    for tier in [None, spend.tier()] {
        for segment in std::iter::once(None).chain(spend.segments().map(Some)) {
            for category in [None, Some(spend.category())] {
                lines.push(LineKey {
                    tier: tier.map(str::to_owned),
                    segment: segment.map(str::to_owned),
                    category: category.cloned(),
                });
            }
        }
        if spend.tier().is_none() {
            break;
        }
    }
    lines
}

impl PartialEq for BudgetState {
    /// Sums and indices follow from the rest; the order in which a customer's bookings came does not count.
    fn eq(&self, other: &Self) -> bool {
        self.currency == other.currency
            && self.bookings == other.bookings
            && self.carried == other.carried
    }
}

impl Eq for BudgetState {}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Carried {
    line: LineKey,
    period: Period,
    amount: Money,
}

/// A state as it is read, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawState {
    currency: Currency,
    #[serde(default)]
    bookings: BTreeMap<String, Booking>,
    #[serde(default)]
    carried: Vec<Carried>,
}

impl TryFrom<RawState> for BudgetState {
    type Error = Error;
    fn try_from(raw: RawState) -> Result<Self, Error> {
        let mut state = Self::new(raw.currency);
        for (id, booking) in raw.bookings {
            if let Some(spent) = booking.spent {
                state.commit(id.clone(), booking.spend)?;
                state.settle(&id, spent)?;
            } else {
                state.commit(id, booking.spend)?;
            }
        }
        for Carried {
            line,
            period,
            amount,
        } in raw.carried
        {
            state.same_currency(amount)?;
            state.carry(line, period, amount.minor())?;
        }
        Ok(state)
    }
}

impl Serialize for BudgetState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct State<'a> {
            currency: Currency,
            bookings: &'a BTreeMap<String, Booking>,
            carried: Vec<Carried>,
        }
        let carried = |((line, period), amount): (&(LineKey, Period), &i64)| Carried {
            line: line.clone(),
            period: *period,
            amount: Money::from_minor(*amount, self.currency),
        };
        State {
            currency: self.currency,
            bookings: &self.bookings,
            carried: self.carried.iter().map(carried).collect(),
        }
        .serialize(serializer)
    }
}

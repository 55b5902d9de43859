//! The lines of a budget that is bound.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::carry::Carry;
use super::spec::{Outside, SpendSource};
use super::{BudgetState, Calendar, Period, Spend};
use crate::Error;
use crate::model::{CostCategory, Currency, Day, Days, Money};

/// What a line of a budget is for: a tier, a segment and a category, each of them all if `None`.
///
/// ```
/// use customer_value::model::CostCategory;
/// use customer_value::strategy::budget::LineKey;
///
/// let tier = LineKey { tier: Some("A".into()), ..LineKey::default() };
/// let mail = LineKey { category: Some(CostCategory::Marketing), ..tier.clone() };
/// assert!(tier.encloses(&mail) && !mail.encloses(&tier));
/// assert_eq!(mail.to_string(), "tier A, marketing");
/// assert_eq!(LineKey::default().to_string(), "everything");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineKey {
    /// The tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// What the cost is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CostCategory>,
}

/// Whether a part of a line's key takes all that a part of another takes.
fn takes<T: PartialEq>(line: Option<&T>, other: Option<&T>) -> bool {
    line.is_none() || line == other
}

impl LineKey {
    /// Whether a spend counts on the line.
    #[must_use]
    pub fn matches(&self, spend: &Spend) -> bool {
        self.tier
            .as_ref()
            .is_none_or(|tier| spend.tier() == Some(tier.as_str()))
            && self
                .segment
                .as_ref()
                .is_none_or(|segment| spend.segments().any(|other| other == segment))
            && self
                .category
                .as_ref()
                .is_none_or(|category| category == spend.category())
    }

    /// Whether it matches everything that the other line matches. A line encloses itself.
    #[must_use]
    pub fn encloses(&self, other: &Self) -> bool {
        takes(self.tier.as_ref(), other.tier.as_ref())
            && takes(self.segment.as_ref(), other.segment.as_ref())
            && takes(self.category.as_ref(), other.category.as_ref())
    }

    /// The larger, the more specific.
    pub(super) fn rank(&self) -> (usize, bool, bool) {
        let named = [
            self.tier.is_some(),
            self.segment.is_some(),
            self.category.is_some(),
        ];
        let count = named.iter().filter(|named| **named).count();
        (count, self.tier.is_some(), self.segment.is_some())
    }
}

impl fmt::Display for LineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.tier.as_ref().map(|tier| format!("tier {tier}")));
        parts.extend(
            self.segment
                .as_ref()
                .map(|segment| format!("segment {segment}")),
        );
        parts.extend(self.category.as_ref().map(ToString::to_string));
        if parts.is_empty() {
            return f.pad("everything");
        }
        f.pad(&parts.join(", "))
    }
}

/// A share from 0 to 1, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share(u32);

const MILLION: i128 = 1_000_000;

impl Share {
    /// `None` outside 0 to 1.
    pub(super) fn new(share: f64) -> Option<Self> {
        // A number from 0 to a million fits.
        (0.0..=1.0)
            .contains(&share)
            .then(|| Self((share * 1e6).round() as u32))
    }

    /// The share of an amount of zero or more, rounded down.
    pub(super) fn of(self, amount: i128) -> i128 {
        let (whole, rest) = (amount / MILLION, amount % MILLION);
        let share = i128::from(self.0);
        whole * share + rest * share / MILLION
    }

    /// Whether an amount is at least that share of another.
    pub(super) fn reached(self, amount: i128, of: i128) -> bool {
        amount.saturating_mul(MILLION) >= of.saturating_mul(self.0.into())
    }
}

/// What may be spent in a year, and in each quarter; minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amounts {
    pub(super) year: i64,
    pub(super) quarters: [i64; 4],
}

impl Amounts {
    pub(super) fn of(&self, period: Period) -> i64 {
        match period.quarter() {
            None => self.year,
            Some(quarter) => {
                let quarter = usize::from(quarter).saturating_sub(1);
                self.quarters.get(quarter).copied().unwrap_or(0)
            }
        }
    }
}

/// One line of a [`Budget`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub(super) key: LineKey,
    pub(super) plan: Amounts,
    pub(super) per_customer: Option<Amounts>,
    pub(super) customers: Option<u64>,
    pub(super) hard: bool,
    pub(super) warn_at: Option<Share>,
}

impl Line {
    /// What it is for.
    #[must_use]
    pub const fn key(&self) -> &LineKey {
        &self.key
    }

    /// What the policy plans for a period, in minor units, without what is carried into it.
    #[must_use]
    pub fn plan(&self, period: Period) -> i64 {
        self.plan.of(period)
    }

    /// What one customer may cost in a period, in minor units; `None` if the line does not say.
    #[must_use]
    pub fn per_customer(&self, period: Period) -> Option<i64> {
        self.per_customer.map(|amounts| amounts.of(period))
    }

    /// How many customers are planned; `None` if the line does not say.
    #[must_use]
    pub const fn customers(&self) -> Option<u64> {
        self.customers
    }

    /// Whether a spend that would exceed it is denied.
    #[must_use]
    pub const fn is_hard(&self) -> bool {
        self.hard
    }
}

/// The section `[budget]`, bound: what may be spent on whom in which period.
///
/// Made by [`BudgetSpec::bind`](super::BudgetSpec::bind).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    pub(super) currency: Currency,
    pub(super) calendar: Calendar,
    pub(super) outside: Outside,
    /// All if empty.
    pub(super) spends: BTreeSet<SpendSource>,
    pub(super) forecast_after: Days,
    pub(super) carry: Option<Carry>,
    pub(super) lines: Vec<Line>,
}

impl Budget {
    /// The currency of all amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Which days belong to which period.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The period a day belongs to.
    #[must_use]
    pub fn period(&self, day: Day) -> Period {
        self.calendar.period(day)
    }

    /// # Errors
    /// It is a year of a budget of quarters, or a quarter of one of years (`is_misuse`).
    pub(crate) fn own(&self, period: Period) -> Result<(), Error> {
        if self.calendar.has(period) {
            return Ok(());
        }
        let own = match period.quarter() {
            None => "quarters",
            Some(_) => "years",
        };
        Err(Error::misuse(format!(
            "`{period}` is no period of a budget of {own}"
        )))
    }

    /// # Errors
    /// The state is in another currency (`is_misuse`).
    pub(crate) fn same_currency(&self, state: &BudgetState) -> Result<(), Error> {
        if state.currency() == self.currency {
            return Ok(());
        }
        Err(Error::misuse(format!(
            "what was spent is in {}, the budget in {}",
            state.currency(),
            self.currency
        )))
    }

    /// The lines, in the order of the policy.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The line of a key.
    #[must_use]
    pub fn line(&self, key: &LineKey) -> Option<&Line> {
        self.lines.iter().find(|line| line.key == *key)
    }
}

/// An amount as money, for people; it stops at the ends of what an amount of money can be.
pub(crate) fn shown(minor: i128, currency: Currency) -> Money {
    let ends = (i64::MIN.into(), i64::MAX.into());
    let minor = i64::try_from(minor.clamp(ends.0, ends.1)).unwrap_or(i64::MAX);
    Money::from_minor(minor, currency)
}

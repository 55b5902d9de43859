//! What of what is left over may be spent in the next period.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::line::{Line, Share, shown};
use super::{Budget, BudgetState, LineKey, Period};
use crate::Error;
use crate::model::{CostCategory, Currency};

/// The rule of a budget, bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Carry {
    pub(super) share: Share,
    pub(super) cap: Option<i64>,
    pub(super) categories: Vec<CostCategory>,
}

/// Why so much is carried over, and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CarryReason {
    /// Nothing is left.
    NothingLeft,
    /// The budget has no rule to carry over.
    NoRule,
    /// The rule is not for the category of the line.
    OtherCategory,
    /// There is no period after this one.
    LastPeriod,
    /// The share of the rule.
    Share,
    /// The share would be more than the cap.
    Cap,
}

/// What of a line is proposed to be carried into the next period.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::model::{CostCategory, Currency};
/// use customer_value::strategy::budget::{BudgetSpec, BudgetState, Names};
///
/// let spec: BudgetSpec = toml::from_str(r#"
///     periods = "yearly"
///     carry_over = { share = 0.5, cap = "30.00 EUR", categories = ["marketing"] }
///     lines = [{ category = "marketing", amount = "100.00 EUR" }, { category = "survey", amount = "10.00 EUR" }]
/// "#)?;
/// let mut problems = Diagnostics::new();
/// let names = Names { tiers: &[], segments: &[], categories: None };
/// let budget = spec.bind(&names, Currency::EUR, &mut problems).ok_or(problems)?;
/// let mut state = BudgetState::new(Currency::EUR);
/// let proposals = budget.carry_over(&state, "2025".parse()?)?;
/// assert_eq!(proposals[0].to_string(), "marketing: 30.00 EUR of 100.00 EUR into 2026, 70.00 EUR lost: the cap");
/// assert_eq!(proposals[1].to_string(), "survey: 0.00 EUR of 10.00 EUR into 2026, 10.00 EUR lost: not for this category");
/// for proposal in &proposals {
///     state.accept(proposal)?;
/// }
/// assert_eq!(budget.available(&budget.lines()[0], &state, "2026".parse()?), 130_00);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarryOver {
    /// The line.
    pub line: LineKey,
    /// The period that is over.
    pub from: Period,
    /// The period after it; `None` if the calendar has none.
    pub to: Option<Period>,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What is left of the line, in minor units, zero or more.
    pub left: i128,
    /// What is carried of it, in minor units, zero or more.
    pub carried: i64,
    /// What is lost: the rest.
    pub lost: i128,
    /// Why.
    pub reason: CarryReason,
}

impl fmt::Display for CarryOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let money = |minor| shown(minor, self.currency);
        let (carried, left) = (money(self.carried.into()), money(self.left));
        write!(f, "{}: {carried} of {left}", self.line)?;
        if let Some(to) = self.to {
            write!(f, " into {to}")?;
        }
        let reason = match self.reason {
            CarryReason::NothingLeft => "nothing is left",
            CarryReason::NoRule => "there is no rule",
            CarryReason::OtherCategory => "not for this category",
            CarryReason::LastPeriod => "there is no next period",
            CarryReason::Share => "the share",
            CarryReason::Cap => "the cap",
        };
        write!(f, ", {} lost: {reason}", money(self.lost))
    }
}

impl Budget {
    /// What is left of each line after a period, and what of it the rule carries into the next one; in the order of the policy.
    ///
    /// # Errors
    /// The state is in another currency, or the period is none of the budget's: a year of quarters, a quarter of years
    /// (`is_misuse`).
    pub fn carry_over(&self, state: &BudgetState, period: Period) -> Result<Vec<CarryOver>, Error> {
        self.same_currency(state)?;
        self.own(period)?;
        let lines = self.lines.iter();
        Ok(lines
            .map(|line| self.carried(line, state, period))
            .collect())
    }

    fn carried(&self, line: &Line, state: &BudgetState, period: Period) -> CarryOver {
        let (first, last) = self.calendar.days(period);
        let used = state.totals(&line.key, first, last).used();
        let left = (self.available(line, state, period) - used).max(0);
        let (to, plan) = (period.following(), line.plan(period));
        let (carried, reason) = match (&self.carry, to) {
            _ if left == 0 => (0, CarryReason::NothingLeft),
            (None, _) => (0, CarryReason::NoRule),
            (Some(rule), _) if !rule.is_for(line) => (0, CarryReason::OtherCategory),
            (_, None) => (0, CarryReason::LastPeriod),
            (Some(rule), Some(_)) => rule.apply(left.min(plan.into())),
        };
        CarryOver {
            line: line.key.clone(),
            from: period,
            to,
            currency: self.currency,
            left,
            carried,
            lost: left - i128::from(carried),
            reason,
        }
    }
}

impl Carry {
    fn is_for(&self, line: &Line) -> bool {
        let category = line.key.category.as_ref();
        self.categories.is_empty() || category.is_some_and(|one| self.categories.contains(one))
    }

    fn apply(&self, amount: i128) -> (i64, CarryReason) {
        // At most the plan, which fits.
        let share = i64::try_from(self.share.of(amount)).unwrap_or(i64::MAX);
        match self.cap {
            Some(cap) if cap < share => (cap, CarryReason::Cap),
            _ => (share, CarryReason::Share),
        }
    }
}

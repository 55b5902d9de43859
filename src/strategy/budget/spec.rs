//! What a policy says about budgets.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Periods;
use super::line::LineKey;
use crate::model::{CostCategory, Days, Money};

/// What happens to a spend that would exceed a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// It is denied.
    #[default]
    Hard,
    /// It is warned of.
    Soft,
}

/// What happens to a spend that no line matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    /// It is denied.
    #[default]
    Deny,
    /// It is warned of.
    Warn,
}

/// Where what was spent is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpendSource {
    /// Booked service costs.
    ServiceCosts,
    /// Attempts, at what they cost.
    Attempts,
    /// Contacts that were an action of the playbook, at the cost of the action.
    Actions,
}

/// What the amount of a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// All customers of the line together.
    #[default]
    Total,
    /// One customer: nobody may cost more, and the plan is so much for each of the planned customers.
    Customer,
}

/// One line of a budget: what may be spent in a year on a tier, a segment and a category, each of them all if left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSpec {
    /// The tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// What the cost is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CostCategory>,
    /// For the whole year, in the currency of the policy, zero or more.
    pub amount: Money,
    /// Whether the amount is for all customers or for each; for all if left out.
    #[serde(default, skip_serializing_if = "is_total")]
    pub per: Per,
    /// What of the amount is for each of the four quarters; equal quarters if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarters: Option<Vec<Money>>,
    /// How many customers are planned to have a spend on it in a period, 1 or more; not known if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<u64>,
    /// What one of them is planned to cost in a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_customer: Option<Money>,
    /// Whether it may be exceeded; as the section says if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// The share of the line from which on there is a warning, 0 to 1; as the section says if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_at: Option<f64>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_total(per: &Per) -> bool {
    *per == Per::Total
}

impl LineSpec {
    /// A line for everything.
    #[must_use]
    pub fn new(amount: Money) -> Self {
        Self {
            tier: None,
            segment: None,
            category: None,
            amount,
            per: Per::Total,
            quarters: None,
            customers: None,
            cost_per_customer: None,
            limit: None,
            warn_at: None,
        }
    }

    /// What it is for.
    #[must_use]
    pub fn key(&self) -> LineKey {
        LineKey {
            tier: self.tier.clone(),
            segment: self.segment.clone(),
            category: self.category.clone(),
        }
    }
}

/// How much of what is left over may be spent in the next period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrySpec {
    /// The share of what is left, 0 to 1.
    pub share: f64,
    /// The most that is carried on one line; no limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Money>,
    /// Only lines of these categories; all lines if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<CostCategory>,
}

/// What may be spent on whom: the section `[budget]` of a policy.
///
/// [The page on budgets](crate::docs::budget) says what it means.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::model::Currency;
/// use customer_value::strategy::budget::{BudgetSpec, Names};
///
/// let spec: BudgetSpec = toml::from_str(r#"
///     periods = "quarterly"
///     warn_at = 90
///     lines = [
///         { tier = "gold", amount = "100.00 EUR", quarters = ["25.00 EUR", "25.00 EUR", "25.00 EUR", "20.00 EUR"] },
///         { tier = "sliver", amount = "10.00 USD" },
///     ]
/// "#)?;
/// let mut problems = Diagnostics::new();
/// let names = Names { tiers: &["gold", "silver"], segments: &[], categories: None };
/// assert!(spec.bind(&names, Currency::EUR, &mut problems).is_none());
/// assert_eq!(problems.to_string(), "\
/// error: budget.warn_at: a share of 90 is not from 0 to 1 (90 % is written `0.9`)
/// error: budget.lines[0].quarters: the quarters add up to 95.00 EUR, not to the 100.00 EUR of the year (5.00 EUR are missing)
/// error: budget.lines[1].tier: there is no tier `sliver` (did you mean `silver`?)
/// error: budget.lines[1].amount: `10.00 USD` is not in EUR, the currency of the policy (write it in EUR)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetSpec {
    /// How long a period is.
    pub periods: Periods,
    /// The month a year begins with, 1 to 12; 1 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_month: Option<u32>,
    /// The share of a line from which on there is a warning, 0 to 1; none before the line is exceeded if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_at: Option<f64>,
    /// Whether a line may be exceeded; not if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// What happens to a spend that no line matches; it is denied if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Outside>,
    /// How many days of a period are needed for a forecast, 1 or more; 28 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forecast_after: Option<Days>,
    /// What of what is left over may be spent in the next period; nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carry_over: Option<CarrySpec>,
    /// What counts as spent; all of it if left out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub spends: BTreeSet<SpendSource>,
    /// The lines.
    pub lines: Vec<LineSpec>,
}

impl BudgetSpec {
    /// Hard lines, without warnings before they are exceeded, and without carry-over.
    pub fn new(periods: Periods, lines: impl IntoIterator<Item = LineSpec>) -> Self {
        Self {
            periods,
            start_month: None,
            warn_at: None,
            limit: None,
            outside: None,
            forecast_after: None,
            carry_over: None,
            spends: BTreeSet::new(),
            lines: lines.into_iter().collect(),
        }
    }
}

/// The names a budget may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Names<'a> {
    /// The tiers of the policy.
    pub tiers: &'a [&'a str],
    /// The segments of the policy.
    pub segments: &'a [&'a str],
    /// The categories of cost; `None` if any will do, when one that is nearly a common one is warned of.
    pub categories: Option<&'a [&'a str]>,
}

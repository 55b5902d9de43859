//! What a policy says about allocation.

use serde::{Deserialize, Serialize};

use crate::model::Money;

/// A response curve, by one observed point: see [`ResponseCurve::through`](super::ResponseCurve::through).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResponseSpec {
    /// The share that responds at most, whatever is spent, above 0 and at most 1.
    pub ceiling: f64,
    /// What was once spent on each, above zero.
    pub spend: Money,
    /// The share that then responded, above 0 and below the ceiling.
    pub rate: f64,
}

impl ResponseSpec {
    /// At most `ceiling`; `rate` when `spend` was spent on each.
    #[must_use]
    pub const fn new(ceiling: f64, spend: Money, rate: f64) -> Self {
        Self {
            ceiling,
            spend,
            rate,
        }
    }
}

/// A segment that a budget is spread over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSpec {
    /// The name of a tier, or a word of the column `by`; each once.
    pub name: String,
    /// What one response is worth, above zero.
    pub value: Money,
    /// How the share that responds grows with what is spent on each customer.
    pub response: ResponseSpec,
    /// The least that is spent on the whole segment; nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Money>,
    /// The most that is spent on the whole segment; no limit if left out, nothing if it is zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Money>,
    /// The least per customer; with `floor`, the greater counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor_each: Option<Money>,
    /// The most per customer; with `cap`, the lesser counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap_each: Option<Money>,
}

impl SegmentSpec {
    /// Without floors and caps.
    pub fn new(name: impl Into<String>, value: Money, response: ResponseSpec) -> Self {
        Self {
            name: name.into(),
            value,
            response,
            floor: None,
            cap: None,
            floor_each: None,
            cap_each: None,
        }
    }
}

/// Acquisition against retention: see [`AcquisitionRetention`](super::AcquisitionRetention).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EquitySpec {
    /// The margin of a customer in one period, zero or more.
    pub margin: Money,
    /// The discount of one period, from 0.000001 to 10.
    pub discount: f64,
    /// How many prospects are won by what is spent on each.
    pub acquisition: ResponseSpec,
    /// How many customers are kept for the next period by what is spent on each in one.
    pub retention: ResponseSpec,
}

/// Time that can be worked in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceSpec {
    /// The name of the team, channel or skill, each once.
    pub name: String,
    /// How many minutes there are in the period.
    pub minutes: u64,
    /// How many of them are kept free for the top tier beyond what it needs; none if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<u64>,
}

/// What each customer of a tier needs of a resource in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceNeedSpec {
    /// The tier.
    pub tier: String,
    /// The resource.
    pub resource: String,
    /// Minutes for what a customer of the tier is entitled to.
    pub minutes: u32,
    /// Minutes that basic service takes, at most `minutes`; no floor if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<u32>,
}

/// Where money and time go: the section `[allocation]` of a policy.
///
/// [The page on allocation](crate::docs::allocation) says what it means.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::model::{Currency, Money};
/// use customer_value::strategy::allocation::AllocationSpec;
/// use customer_value::table::Schema;
///
/// let mut spec: AllocationSpec = toml::from_str(r#"
///     segments = [
///         { name = "A", value = "500.00 EUR", response = { ceiling = 0.6, spend = "40.00 EUR", rate = 0.3 } },
///         { name = "B", value = "60.00 EUR", response = { ceiling = 0.3, spend = "10.00 EUR", rate = 0.15 } },
///     ]
/// "#)?;
/// let tiers = ["A", "B", "C"];
/// let bound = spec.bind(&tiers, &Schema::new(), Currency::EUR, &mut Diagnostics::new()).unwrap();
/// let budget = Money::from_minor(10_000_00, Currency::EUR);
/// let plan = bound.spread(budget, &[50, 800])?; // how many customers A and B have
/// assert_eq!(plan.spent, budget);
///
/// spec.segments[0].name = "a".to_owned();
/// spec.segments[1].response.rate = 15.0;
/// let mut problems = Diagnostics::new();
/// assert!(spec.bind(&tiers, &Schema::new(), Currency::EUR, &mut problems).is_none());
/// assert_eq!(problems.to_string(), "\
/// error: allocation.segments[0].name: there is no tier `a` (did you mean `A`?)
/// error: allocation.segments[1].response.rate: a rate of 15 is not above 0 and below the ceiling of 0.3 (15 % is written `0.15`)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocationSpec {
    /// What is to be spread over the segments, if it is known; the floors have to fit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Money>,
    /// The column of words whose segments these are; the tiers if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The segments that the budget is spread over. A tier or word that is not among them gets nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentSpec>,
    /// Acquisition against retention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equity: Option<EquitySpec>,
    /// The time there is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceSpec>,
    /// The time that the tiers need. A tier that is not there for a resource needs none of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub service: Vec<ServiceNeedSpec>,
}

impl AllocationSpec {
    /// The columns it reads.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        self.by.iter().map(String::as_str).collect()
    }
}

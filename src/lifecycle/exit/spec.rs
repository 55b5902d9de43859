//! What a policy says about letting go.

use serde::{Deserialize, Serialize};

use crate::model::Days;
use crate::rules::Expr;

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepSpec {
    /// The name, unique within the ladder: the word of the step in the column `exit`.
    pub name: String,
    /// How long before the step the customer is told; without it, the notice of the section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<Days>,
    /// The channel that serves the customer from this step on, for the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The share of the avoidable cost that the step saves, 0 to 1; without it, that of the step before (0 for the first).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avoids: Option<f64>,
    /// Whether the service ends with it; only the last step may.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ends_service: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_false(flag: &bool) -> bool {
    !flag
}

impl StepSpec {
    /// A step that saves no more than the one before it, with the notice of the section.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            notice: None,
            channel: None,
            avoids: None,
            ends_service: false,
        }
    }

    /// The same step with a notice of its own.
    #[must_use]
    pub fn notice(mut self, notice: Days) -> Self {
        self.notice = Some(notice);
        self
    }

    /// The same step with the channel that serves the customer from then on.
    #[must_use]
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.channel = Some(channel.into());
        self
    }

    /// The same step with the share of the avoidable cost that it saves, 0 to 1.
    #[must_use]
    pub fn avoids(mut self, share: f64) -> Self {
        self.avoids = Some(share);
        self
    }

    /// The same step, ending the service.
    #[must_use]
    pub fn ends_service(mut self) -> Self {
        self.ends_service = true;
        self
    }
}

/// One gate: what keeps a customer from the next step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateSpec {
    /// The name, unique among the gates.
    pub name: String,
    /// The rule that keeps the customer, if it is true *or unknown*.
    pub closed: Expr,
    /// The first step it is looked at for; without it, the first of the ladder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

impl GateSpec {
    /// A gate that is looked at for every step.
    pub fn new(name: impl Into<String>, closed: Expr) -> Self {
        Self {
            name: name.into(),
            closed,
            from: None,
        }
    }

    /// The same gate, looked at only for a step and those after it.
    #[must_use]
    pub fn from_step(mut self, step: impl Into<String>) -> Self {
        self.from = Some(step.into());
        self
    }
}

/// The section `[exit]` of a policy; what each part means is defined in [`docs::exit`](crate::docs::exit).
///
/// ```
/// use customer_value::lifecycle::exit::{ExitSpec, presets};
/// use customer_value::model::Days;
///
/// let mut spec: ExitSpec = toml::from_str(r#"
///     below = "age >= 365 and spend_12m < 20"
///     at_least = "180 days"
///     attempts = 2
///     interval = "60 days"
///     notice = "30 days"
///     avoidable_cost = "cost_to_serve"
///     gates = [{ name = "legal hold", closed = "legal_hold", from = "migrate" }]
/// "#)?;
/// assert_eq!(spec.interval, Days::new(60));
/// spec.steps = presets::five_steps();
/// assert_eq!(spec.columns(), ["age", "spend_12m", "legal_hold", "cost_to_serve"]);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitSpec {
    /// The rule that puts a customer below the line.
    pub below: Expr,
    /// How long a customer is below the line before notice of the first step; what the `interval` asks before it is no less
    /// for it.
    #[serde(default, skip_serializing_if = "is_zero_days")]
    pub at_least: Days,
    /// How many uplift attempts there are since then before notice of the first step.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts: u32,
    /// The least time between two steps, and from below the line to the first, at least 1 day.
    pub interval: Days,
    /// How long before a step the customer is told, for steps without a notice of their own; never more than `interval`.
    #[serde(default, skip_serializing_if = "is_zero_days")]
    pub notice: Days,
    /// The money column that says what serving the customer costs a year, as far as it really goes away when they do.
    /// Without it no saving is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avoidable_cost: Option<String>,
    /// The steps, from the first to the last; a step's position is its code in the column `exit`.
    #[serde(default)]
    pub steps: Vec<StepSpec>,
    /// What keeps a customer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateSpec>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_zero_days(days: &Days) -> bool {
    *days == Days::default()
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl ExitSpec {
    /// A ladder without gates whose steps need no notice: the first is taken when somebody is below the line for the interval,
    /// each other one the interval after the one before.
    pub fn new(below: Expr, interval: Days, steps: impl IntoIterator<Item = StepSpec>) -> Self {
        Self {
            below,
            at_least: Days::default(),
            attempts: 0,
            interval,
            notice: Days::default(),
            avoidable_cost: None,
            steps: steps.into_iter().collect(),
            gates: Vec::new(),
        }
    }

    /// The columns it reads, each once: those of `below`, of the gates, and the avoidable cost.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let rules = std::iter::once(&self.below).chain(self.gates.iter().map(|gate| &gate.closed));
        let mut columns: Vec<&str> = Vec::new();
        for name in rules
            .flat_map(Expr::columns)
            .chain(self.avoidable_cost.as_deref())
        {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
        columns
    }
}

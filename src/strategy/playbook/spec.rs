//! What a policy says about service and contacts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{CostCategory, Day, Days, Money, Weekday};
use crate::rules::Expr;

/// The basic service that everybody has.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloorSpec {
    /// The channels that are open to everybody; at least one.
    pub channels: Vec<String>,
    /// What everybody is entitled to, in the host's words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<String>,
    /// The longest time between two contacts of our own, at least 1 day; none is promised if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadence: Option<Days>,
    /// The longest time to an answer, in hours, at least 1; none is promised if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_hours: Option<u32>,
    /// The actions that everybody has; they need no consent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
}

impl FloorSpec {
    /// A floor of open channels alone.
    pub fn new<C: Into<String>>(channels: impl IntoIterator<Item = C>) -> Self {
        Self {
            channels: channels.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}

/// What some customers get: for whom, and what differs from the floor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaySpec {
    /// The name, unique within the playbook.
    pub name: String,
    /// Only for customers of these tiers; for all if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<String>,
    /// Only for customers in these stages; for all if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stages: Vec<String>,
    /// Only for customers in at least one of these segments; for all if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// Only for those for whom this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
    /// The channels that are open, all of the floor's among them; those of the floor if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<String>>,
    /// What the customers are entitled to, all of the floor's among it; that of the floor if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entitlements: Option<Vec<String>>,
    /// The longest time between two contacts of our own, at least 1 day; that of the floor if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadence: Option<Days>,
    /// The longest time to an answer, in hours, at least 1; that of the floor if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_hours: Option<u32>,
    /// Whether the customer has a contact of their own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub dedicated: bool,
    /// The actions, beside those of the floor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_false(flag: &bool) -> bool {
    !flag
}

impl PlaySpec {
    /// The floor for everybody, under a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            tiers: Vec::new(),
            stages: Vec::new(),
            segments: Vec::new(),
            when: None,
            channels: None,
            entitlements: None,
            cadence: None,
            response_hours: None,
            dedicated: false,
            actions: Vec::new(),
        }
    }
}

/// What makes an action due; [the page](crate::docs::service) says exactly when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum TriggerSpec {
    /// The last contact is as long ago as the cadence of the customer's plan.
    Cadence,
    /// The last contact is so long ago; at least 1 day.
    Every(Days),
    /// A year and every further year after a date, so many days later.
    Anniversary {
        /// The column of the date.
        date: String,
        /// How many days later; sooner if negative.
        #[serde(default, skip_serializing_if = "is_zero")]
        offset: Days,
    },
    /// Once, so many days after a date.
    Date {
        /// The column of the date.
        date: String,
        /// How many days later; sooner if negative.
        #[serde(default, skip_serializing_if = "is_zero")]
        offset: Days,
    },
    /// So many days after the customer came to a stage.
    Stage {
        /// The stage.
        stage: String,
        /// How many days later, zero or more.
        #[serde(default, skip_serializing_if = "is_zero")]
        offset: Days,
    },
    /// A rule became true.
    Rule(Expr),
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_zero(days: &Days) -> bool {
    *days == Days::default()
}

/// Something that can be done with a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionSpec {
    /// The name, unique within the playbook; the host records the contact under it.
    pub name: String,
    /// The channel it goes through.
    pub channel: String,
    /// What makes it due.
    pub trigger: TriggerSpec,
    /// For how many days from its day on it is due, at least 1. If left out, 1 for dates, and without end for stages and rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Days>,
    /// What one contact costs, zero or more.
    pub cost: Money,
    /// What that cost is for, in a budget; marketing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CostCategory>,
    /// The share of those contacted who answer because of it, above 0 and at most 1; with `value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<f64>,
    /// The column of money that says what an answer is worth; with `response`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// For how long it is not done again to the same customer; not at all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cool_down: Option<Days>,
    /// Greater is sooner, where the order of the playbook is by priority.
    #[serde(default, skip_serializing_if = "is_zero_priority")]
    pub priority: i32,
    /// Of the actions of one group a customer gets one a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Whether the contract requires it: it needs no consent, and no value.
    #[serde(default, skip_serializing_if = "is_false")]
    pub service: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_zero_priority(number: &i32) -> bool {
    *number == 0
}

impl ActionSpec {
    /// An action without an expected value.
    pub fn new(
        name: impl Into<String>,
        channel: impl Into<String>,
        trigger: TriggerSpec,
        cost: Money,
    ) -> Self {
        Self {
            name: name.into(),
            channel: channel.into(),
            trigger,
            within: None,
            cost,
            category: None,
            response: None,
            value: None,
            cool_down: None,
            priority: 0,
            group: None,
            service: false,
        }
    }
}

/// How often a customer is contacted at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapSpec {
    /// How many contacts at most; 0 is never.
    pub at_most: u32,
    /// Within how many days, the day itself included; at least 1.
    pub within: Days,
    /// Only contacts through this channel; through any if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
}

/// Days on which nobody is contacted: those of a period that are one of the weekdays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietSpec {
    /// The first day; since ever if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Day>,
    /// The first day after; for ever if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// Only these days of the week; all if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<Weekday>,
}

/// Which of several due actions is taken first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// By expected net value ÷ cost.
    #[default]
    ValuePerCost,
    /// By priority, and of one priority by expected net value ÷ cost.
    Priority,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_default(order: &Order) -> bool {
    *order == Order::default()
}

/// Whom to serve how, and whom to contact when: the section `[playbook]` of a policy.
///
/// [The page on service](crate::docs::service) says what it means.
///
/// ```
/// use customer_value::strategy::playbook::PlaybookSpec;
///
/// let spec: PlaybookSpec = toml::from_str(r#"
///     channels = ["phone", "email"]
///     consent = { phone = "may_phone", email = "may_mail" }
///     floor = { channels = ["email"], response_hours = 72 }
///     plays = [
///         { name = "personal", tiers = ["top"], when = "spend >= 500", channels = ["phone", "email"], actions = ["birthday"] },
///     ]
///     actions = [
///         { name = "birthday", channel = "phone", trigger = { anniversary = { date = "birthday" } }, cost = "6.00 EUR" },
///     ]
/// "#)?;
/// assert_eq!(spec.columns(), ["may_mail", "may_phone", "spend", "birthday"]);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaybookSpec {
    /// The channels there are.
    pub channels: Vec<String>,
    /// For each channel the flag column that says that the customer may be contacted through it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consent: BTreeMap<String, String>,
    /// The flag column that says that the customer is not to be contacted at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub do_not_contact: Option<String>,
    /// Which of several due actions is taken first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: Order,
    /// How many contacts a customer has on one day at most; 0 is none. No limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_day: Option<u32>,
    /// What the contacts of one day cost at most; zero or more. No limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_per_day: Option<Money>,
    /// How many contacts a channel can make on one day; 0 is none. No limit for a channel that is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capacity: BTreeMap<String, u64>,
    /// How often a customer is contacted at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caps: Vec<CapSpec>,
    /// When nobody is contacted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiet: Vec<QuietSpec>,
    /// What everybody has.
    pub floor: FloorSpec,
    /// What some have; the first that matches decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plays: Vec<PlaySpec>,
    /// What can be done; of equal worth the first is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionSpec>,
}

impl PlaybookSpec {
    /// A playbook that gives everybody the floor, without contacts.
    pub fn new<C: Into<String>>(channels: impl IntoIterator<Item = C>, floor: FloorSpec) -> Self {
        Self {
            channels: channels.into_iter().map(Into::into).collect(),
            consent: BTreeMap::new(),
            do_not_contact: None,
            order: Order::default(),
            max_per_day: None,
            budget_per_day: None,
            capacity: BTreeMap::new(),
            caps: Vec::new(),
            quiet: Vec::new(),
            floor,
            plays: Vec::new(),
            actions: Vec::new(),
        }
    }

    /// The columns it reads, each once: consent, do not contact, those of the plays, those of the actions.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.consent.values().map(String::as_str).collect();
        all.extend(self.do_not_contact.as_deref());
        let rules = self.plays.iter().filter_map(|play| play.when.as_ref());
        all.extend(rules.flat_map(Expr::columns));
        for action in &self.actions {
            match &action.trigger {
                TriggerSpec::Anniversary { date, .. } | TriggerSpec::Date { date, .. } => {
                    all.push(date);
                }
                TriggerSpec::Rule(rule) => all.extend(rule.columns()),
                TriggerSpec::Cadence | TriggerSpec::Every(_) | TriggerSpec::Stage { .. } => {}
            }
            all.extend(action.value.as_deref());
        }
        let mut columns: Vec<&str> = Vec::new();
        for name in all {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
        columns
    }
}

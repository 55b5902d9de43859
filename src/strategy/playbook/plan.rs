//! What each customer gets.

use serde::{Deserialize, Serialize};

use super::spec::{Order, QuietSpec};
use crate::Error;
use crate::lifecycle::win_back::Response;
use crate::model::{CostCategory, Currency, Days, Money};
use crate::rules::{Condition, Cut, PopulationCondition, Rule, Truth, freeze_all};
use crate::table::{Row, Schema, Slot};

/// The playbook of a policy, bound to a schema: it decides, and cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    pub(super) tiers: Vec<String>,
    pub(super) stages: Vec<String>,
    pub(super) segments: Vec<String>,
    pub(super) channels: Vec<Channel>,
    pub(super) do_not_contact: Option<Slot>,
    pub(super) order: Order,
    pub(super) max_per_day: Option<u32>,
    /// In minor units.
    pub(super) budget: Option<i64>,
    pub(super) caps: Vec<Cap>,
    pub(super) quiet: Vec<QuietSpec>,
    pub(super) floor: Service,
    /// The positions of the floor's actions.
    pub(super) floor_actions: Vec<usize>,
    pub(super) plays: Vec<Play>,
    pub(super) actions: Vec<Action>,
    /// The columns that are read, where they are.
    pub(super) columns: Vec<(String, Slot)>,
    /// How many columns the schema had.
    pub(super) width: usize,
    pub(super) currency: Currency,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Channel {
    pub name: String,
    pub consent: Option<Slot>,
    pub capacity: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cap {
    pub at_most: u32,
    pub within: Days,
    /// The position of the channel.
    pub channel: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Play {
    pub name: String,
    /// The positions of the names, as in the next two.
    pub tiers: Vec<usize>,
    pub stages: Vec<usize>,
    pub segments: Vec<usize>,
    pub when: Option<Rule>,
    pub service: Service,
    /// The positions of the actions of `service`.
    pub actions: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Action {
    pub name: String,
    /// The position of the channel.
    pub channel: usize,
    pub trigger: Trigger,
    /// `None` is without end.
    pub within: Option<Days>,
    /// In minor units.
    pub cost: i64,
    pub category: CostCategory,
    pub worth: Option<(Response, Slot)>,
    pub cool_down: Days,
    pub priority: i32,
    /// A number for each group.
    pub group: Option<usize>,
    /// It needs neither consent nor value: required by the contract, or of the floor.
    pub owed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trigger {
    Cadence,
    Every(Days),
    Anniversary(Date),
    Date(Date),
    Stage { stage: usize, offset: Days },
    Rule(Rule),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Date {
    pub column: String,
    pub slot: Slot,
    pub offset: Days,
}

/// Where a customer is: tier, stage and segments, as positions among the [`Names`](super::Names) at bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position<'a> {
    /// The tier.
    pub tier: usize,
    /// The stage; `None` if it is not known.
    pub stage: Option<usize>,
    /// For each segment whether the customer is in it; not in those past the end.
    pub segments: &'a [bool],
}

/// A level of service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The channels that are open.
    pub channels: Vec<String>,
    /// What the customer is entitled to.
    pub entitlements: Vec<String>,
    /// The longest time between two contacts of our own; `None`: none is promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadence: Option<Days>,
    /// The longest time to an answer, in hours; `None`: none is promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_hours: Option<u32>,
    /// Whether the customer has a contact of their own.
    pub dedicated: bool,
    /// The actions the customer can have.
    pub actions: Vec<String>,
}

impl Service {
    /// Whether nothing of it is less than in another: the floor's, as a rule.
    ///
    /// ```
    /// use customer_value::model::Days;
    /// use customer_value::strategy::playbook::Service;
    ///
    /// let floor = Service { channels: vec!["email".into()], cadence: Some(Days::new(90)), ..Service::default() };
    /// let often = Service { cadence: Some(Days::new(30)), ..floor.clone() };
    /// assert!(often.is_at_least(&floor) && !floor.is_at_least(&often));
    /// ```
    #[must_use]
    pub fn is_at_least(&self, floor: &Self) -> bool {
        let all = |ours: &[String], theirs: &[String]| theirs.iter().all(|one| ours.contains(one));
        all(&self.channels, &floor.channels)
            && all(&self.entitlements, &floor.entitlements)
            && all(&self.actions, &floor.actions)
            && no_longer(self.cadence, floor.cadence)
            && no_longer(self.response_hours, floor.response_hours)
            && (self.dedicated || !floor.dedicated)
    }
}

/// Whether a promised time is kept; without a promise any time is.
pub(super) fn no_longer<T: PartialOrd>(ours: Option<T>, promised: Option<T>) -> bool {
    promised.is_none_or(|promised| ours.is_some_and(|ours| ours <= promised))
}

/// What a customer gets, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What they get.
    pub service: Service,
    /// Why; `None` if no play matches, so that it is the floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<PlanReason>,
}

/// Why a play is a customer's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanReason {
    /// The play.
    pub play: String,
    /// The customer's tier, if the play is for some tiers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The customer's stage, if the play is for some stages only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Those of the play's segments that the customer is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
    /// The play's rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The conditions of the rule as they stand for the customer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
}

impl Play {
    /// Everything but the rule.
    fn is_for(&self, position: &Position<'_>) -> bool {
        let is_in = |i: &usize| position.segments.get(*i).copied().unwrap_or(false);
        (self.tiers.is_empty() || self.tiers.contains(&position.tier))
            && (self.stages.is_empty() || position.stage.is_some_and(|s| self.stages.contains(&s)))
            && (self.segments.is_empty() || self.segments.iter().any(is_in))
    }
}

impl Playbook {
    /// The basic service that everybody has.
    #[must_use]
    pub fn floor(&self) -> &Service {
        &self.floor
    }

    /// The plays' names and what each gives, in the order in which they are asked.
    pub fn plays(&self) -> impl ExactSizeIterator<Item = (&str, &Service)> {
        self.plays
            .iter()
            .map(|play| (play.name.as_str(), &play.service))
    }

    /// The tiers that it was bound to, the base first.
    #[must_use]
    pub fn tiers(&self) -> &[String] {
        &self.tiers
    }

    /// The actions' names, in the order of the policy, each with whether the contract requires it or everybody has it.
    pub fn actions(&self) -> impl ExactSizeIterator<Item = (&str, bool)> {
        self.actions
            .iter()
            .map(|action| (action.name.as_str(), action.owed))
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What one contact of an action costs, and what that cost is for; `None` if there is no such action.
    #[must_use]
    pub fn cost(&self, action: &str) -> Option<(Money, &CostCategory)> {
        let action = self.actions.iter().find(|own| own.name == action)?;
        let cost = Money::from_minor(action.cost, self.currency);
        Some((cost, &action.category))
    }

    /// The position among the [`plays`](Self::plays) of the one that is the customer's; `None` if none matches, so that it is the
    /// floor.
    #[must_use]
    pub fn play(&self, row: Row<'_>, position: &Position<'_>) -> Option<usize> {
        let holds = |rule: &Rule| rule.truth(row) == Truth::True;
        let matches = |play: &Play| play.is_for(position) && play.when.as_ref().is_none_or(holds);
        self.plays.iter().position(matches)
    }

    /// What a customer gets, and why: never less than the [`floor`](Self::floor).
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::model::{Currency, Unit};
    /// use customer_value::strategy::playbook::{Names, PlaybookSpec, Position};
    /// use customer_value::table::{Field, Schema, Table};
    ///
    /// let spec: PlaybookSpec = toml::from_str(r#"
    ///     channels = ["phone", "email"]
    ///     floor = { channels = ["email"], response_hours = 72 }
    ///     plays = [
    ///         { name = "personal", tiers = ["top"], when = "spend >= 500", channels = ["phone", "email"], response_hours = 4 },
    ///         { name = "standard" },
    ///     ]
    /// "#)?;
    /// let mut schema = Schema::new();
    /// let spend = schema.add(Field::number("spend", Unit::Money))?;
    /// let names = Names { tiers: &["base", "top"], ..Names::default() };
    /// let mut problems = Diagnostics::new();
    /// let playbook = spec.bind(&names, &schema, Currency::EUR, &mut problems).ok_or(problems)?;
    ///
    /// let mut table = Table::new(schema, 2);
    /// table.column_mut(spend).set(0, Some(812.5));
    /// let top = Position { tier: 1, ..Position::default() };
    /// let plans = [0, 1].map(|row| playbook.plan(table.row(row), &top));
    /// assert_eq!(plans[0].to_string(), "personal (tier top; spend 812.50 >= 500)");
    /// assert_eq!(plans[0].service.response_hours, Some(4));
    /// // The spend of the other is not known.
    /// assert_eq!(plans[1].to_string(), "standard");
    /// assert_eq!(plans[1].service.response_hours, Some(72));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn plan(&self, row: Row<'_>, position: &Position<'_>) -> Plan {
        let play = self.play(row, position).and_then(|i| self.plays.get(i));
        Plan {
            service: play.map_or(&self.floor, |play| &play.service).clone(),
            reason: play.map(|play| self.reason(play, row, position)),
        }
    }

    fn reason(&self, play: &Play, row: Row<'_>, position: &Position<'_>) -> PlanReason {
        let of = |names: &[String], i: usize| names.get(i).cloned();
        let is_in = |i: &&usize| position.segments.get(**i).copied().unwrap_or(false);
        let tier = of(&self.tiers, position.tier);
        let stage = position.stage.and_then(|i| of(&self.stages, i));
        let segments = play.segments.iter().filter(is_in);
        PlanReason {
            play: play.name.clone(),
            tier: tier.filter(|_| !play.tiers.is_empty()),
            stage: stage.filter(|_| !play.stages.is_empty()),
            segments: segments.filter_map(|i| of(&self.segments, *i)).collect(),
            rule: play.when.as_ref().map(|rule| rule.text().to_owned()),
            conditions: play
                .when
                .as_ref()
                .map_or_else(Vec::new, |rule| rule.explain(row)),
        }
    }

    /// The cadence and the actions of the play at a position; of the floor without one.
    pub(super) fn served(&self, play: Option<usize>) -> (Option<Days>, &[usize]) {
        match play.and_then(|i| self.plays.get(i)) {
            Some(play) => (play.service.cadence, &play.actions),
            None => (self.floor.cadence, &self.floor_actions),
        }
    }

    /// The number in a column; missing in a row of another schema, which may not have it.
    pub(super) fn number(&self, row: Row<'_>, slot: Slot) -> Option<f64> {
        if row.table().schema().len() < self.width {
            return None;
        }
        row.number(slot)
    }

    fn rules(&self) -> impl Iterator<Item = &Rule> {
        let of_plays = self.plays.iter().filter_map(|play| play.when.as_ref());
        let of_actions = self
            .actions
            .iter()
            .filter_map(|action| match &action.trigger {
                Trigger::Rule(rule) => Some(rule),
                _ => None,
            });
        of_plays.chain(of_actions)
    }

    /// The conditions that need the population: of the plays, then of the actions, in the order of the policy.
    #[must_use]
    pub fn population(&self) -> Vec<PopulationCondition> {
        self.rules().flat_map(Rule::population).copied().collect()
    }

    /// Gives each of the [`population`](Self::population) conditions its cut, in the same order.
    ///
    /// # Errors
    /// There are not as many cuts as conditions (`is_misuse`); nothing is changed then.
    pub fn freeze(&mut self, cuts: &[Cut]) -> Result<(), Error> {
        let of_plays = self.plays.iter_mut().filter_map(|play| play.when.as_mut());
        let of_actions = self
            .actions
            .iter_mut()
            .filter_map(|action| match &mut action.trigger {
                Trigger::Rule(rule) => Some(rule),
                _ => None,
            });
        freeze_all(of_plays.chain(of_actions), cuts)
    }

    /// Whether it was bound to a schema that has what it reads in the same places.
    #[must_use]
    pub fn fits(&self, schema: &Schema) -> bool {
        let same = |(name, slot): &(String, Slot)| schema.slot(name) == Some(*slot);
        schema.len() >= self.width && self.columns.iter().all(same)
    }
}

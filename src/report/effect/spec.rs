//! What a policy says about measuring an effect, and its checks.

use serde::{Deserialize, Serialize};

use super::bound::{BoundDimension, BoundEffect, Division, Reading};
use super::groups::Scale;
use super::{Confidence, EffectTerms};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{Currency, Days, Money, Unit};
use crate::table::{Field, Schema, Slot};

/// What an action can have an effect on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// How content customers are: a number, more is better.
    Satisfaction,
    /// Whether they bought again: a flag, or a count of purchases, of which more than none is yes; yes is better.
    Repurchase,
    /// What they are worth: money, more is better.
    Ltv,
    /// What they cost: money, less is better.
    Cost,
}

impl Dimension {
    /// The word in a policy.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Satisfaction => "satisfaction",
            Self::Repurchase => "repurchase",
            Self::Ltv => "ltv",
            Self::Cost => "cost",
        }
    }

    fn scale(self, currency: Currency) -> Scale {
        match self {
            Self::Satisfaction => Scale::Number,
            Self::Repurchase => Scale::YesNo,
            Self::Ltv | Self::Cost => Scale::Money(currency),
        }
    }

    /// Whether a column of a unit can be read for it.
    pub(crate) fn reads(self, unit: Unit) -> bool {
        match self {
            Self::Satisfaction => !matches!(
                unit,
                Unit::Flag | Unit::Date | Unit::Money | Unit::MoneyPer(_)
            ),
            Self::Repurchase => matches!(unit, Unit::Flag | Unit::Count),
            Self::Ltv | Self::Cost => unit == Unit::Money,
        }
    }

    const fn column(self) -> &'static str {
        match self {
            Self::Satisfaction => "a column of numbers that are neither flags, dates nor money",
            Self::Repurchase => "a column of flags or of counts",
            Self::Ltv | Self::Cost => "a column of money",
        }
    }
}

/// How the treated are compared with the control.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EffectMethod {
    /// By what they have after the action.
    #[default]
    Difference,
    /// By how they have changed.
    DifferenceInDifferences,
    /// By what they have after the action, with what was known before taken out.
    Cuped,
}

impl EffectMethod {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One thing that an effect is looked for in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DimensionSpec {
    /// Which.
    pub dimension: Dimension,
    /// The column that is read after the action.
    pub column: String,
    /// The column that is read before it; the same if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How the groups are compared.
    #[serde(default, skip_serializing_if = "EffectMethod::is_default")]
    pub method: EffectMethod,
    /// The planned difference, in the unit of the column; no plan if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
}

impl DimensionSpec {
    /// A plain difference, without a plan.
    pub fn new(dimension: Dimension, column: impl Into<String>) -> Self {
        Self {
            dimension,
            column: column.into(),
            before: None,
            method: EffectMethod::default(),
            expected: None,
        }
    }

    fn before(&self) -> &str {
        self.before.as_ref().unwrap_or(&self.column)
    }
}

/// Which column says who was treated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSpec {
    /// A column of flags (true: treated, false: control), or one of words.
    pub column: String,
    /// The word of the treated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub treated: Option<String>,
    /// The word of the control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
}

/// How the effect of an action is measured: the section `[effect]` of a policy.
///
/// [The page on effects](crate::docs::effect) says what it means.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::model::{Currency, Unit};
/// use customer_value::report::effect::EffectSpec;
/// use customer_value::table::{Field, Schema};
///
/// let spec: EffectSpec = toml::from_str(r#"
///     name = "spring call"
///     control_share = 20
///     after = "90 days"
///     dimensions = [{ dimension = "ltv", column = "margins" }]
/// "#)?;
/// let mut schema = Schema::new();
/// schema.add(Field::number("margin", Unit::Money))?;
/// let mut problems = Diagnostics::new();
/// assert!(spec.bind(&schema, Currency::EUR, &mut problems).is_none());
/// assert_eq!(problems.to_string(), "\
/// error: effect.control_share: a share of 20 is not above 0 and below 1 (20 % is written `0.2`)
/// error: effect.dimensions[0].column: there is no column `margins` (did you mean `margin`?)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectSpec {
    /// The name of the experiment; chance depends on it.
    pub name: String,
    /// The share of customers whom chance makes the control, above 0 and below 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_share: Option<f64>,
    /// Instead of chance: the column that says who was treated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupSpec>,
    /// In which share of cases an interval covers the true effect, 0.8 to 0.999; 0.95 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// How many customers a group must have, at least 2; 30 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_group: Option<u64>,
    /// How many days before the action are looked at; as many as after it if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Days>,
    /// How many days are looked at from the day of the action on.
    pub after: Days,
    /// What the action costs per treated customer beyond the `cost` column, zero or more; nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_cost: Option<Money>,
    /// What an effect is looked for in, each once.
    pub dimensions: Vec<DimensionSpec>,
}

impl EffectSpec {
    /// Chance decides for a share of control; everything else as if left out.
    pub fn new(
        name: impl Into<String>,
        control_share: f64,
        after: Days,
        dimensions: impl IntoIterator<Item = DimensionSpec>,
    ) -> Self {
        Self {
            name: name.into(),
            control_share: Some(control_share),
            group: None,
            confidence: None,
            min_group: None,
            before: None,
            after,
            action_cost: None,
            dimensions: dimensions.into_iter().collect(),
        }
    }

    /// The columns it reads; a column read twice comes twice.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let group = self.group.iter().map(|group| group.column.as_str());
        let read = self.dimensions.iter();
        group
            .chain(read.flat_map(|d| [d.column.as_str(), d.before()]))
            .collect()
    }

    /// Binds the section to the columns of a schema, or reports everything that is wrong with it, at places such as
    /// `effect.dimensions[1].column`. `None` if there was an error.
    ///
    /// What is reported is on [the page on effects](crate::docs::effect).
    pub fn bind(
        &self,
        schema: &Schema,
        currency: Currency,
        diagnostics: &mut Diagnostics,
    ) -> Option<BoundEffect> {
        let start = diagnostics.len();
        let mut binder = Binder {
            spec: self,
            schema,
            currency,
            problems: diagnostics,
        };
        if self.name.trim().is_empty() {
            binder.error(Code::InvalidName, "name", "the experiment has no name");
        }
        let division = binder.division();
        let confidence = binder.confidence();
        let min_group = self.min_group.unwrap_or(EffectTerms::default().min_group);
        if min_group < 2 {
            let message = format!("a group of {min_group} has no interval; 2 is the least");
            binder.error(Code::Range, "min_group", message);
        }
        let before = self.before.unwrap_or(self.after);
        for (days, field) in [(before, "before"), (self.after, "after")] {
            // Without `before`, one mistake is told once.
            if days.get() < 1 && (field == "after" || self.before.is_some()) {
                binder.error(Code::Range, field, format!("`{days}` is less than 1 day"));
            }
        }
        let action_cost = binder.action_cost();
        if self.dimensions.is_empty() {
            binder.error(Code::Missing, "dimensions", "there is no dimension");
        }
        let dimensions: Vec<Option<BoundDimension>> = (0..self.dimensions.len())
            .map(|i| binder.dimension(i))
            .collect();
        let failed = diagnostics
            .iter()
            .skip(start)
            .any(|d| d.severity == Severity::Error);
        if failed {
            return None;
        }
        Some(BoundEffect {
            name: self.name.clone(),
            division: division?,
            terms: EffectTerms::new(confidence?, min_group),
            before,
            after: self.after,
            currency,
            action_cost,
            dimensions: dimensions.into_iter().collect::<Option<_>>()?,
        })
    }
}

struct Binder<'a> {
    spec: &'a EffectSpec,
    schema: &'a Schema,
    currency: Currency,
    problems: &'a mut Diagnostics,
}

impl Binder<'_> {
    fn error(&mut self, code: Code, field: &str, message: impl Into<String>) {
        let place = Place::at(format!("effect.{field}"));
        self.problems.push(Diagnostic::error(code, place, message));
    }

    fn help(&mut self, code: Code, field: &str, message: String, help: impl Into<String>) {
        let place = Place::at(format!("effect.{field}"));
        let problem = Diagnostic::error(code, place, message);
        self.problems.push(problem.help(help));
    }

    fn unknown<'n>(
        &mut self,
        field: &str,
        message: String,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let place = Place::at(format!("effect.{field}"));
        let problem = Diagnostic::error(Code::UnknownName, place, message);
        self.problems.push(problem.did_you_mean(name, known));
    }

    /// The column of a name, if there is one.
    fn column(&mut self, field: &str, name: &str) -> Option<(Slot, Field)> {
        let schema = self.schema;
        let slot = schema.slot(name);
        let Some(found) = slot.and_then(|slot| Some((slot, schema.field(slot)?.clone()))) else {
            let message = format!("there is no column `{name}`");
            self.unknown(field, message, name, schema.names());
            return None;
        };
        Some(found)
    }

    fn division(&mut self) -> Option<Division> {
        let (share, group) = (self.spec.control_share, self.spec.group.as_ref());
        match (share, group) {
            (Some(_), Some(_)) => {
                let message = "there are both a group and a control share".to_owned();
                self.help(Code::Conflict, "group", message, "leave one of them out");
            }
            (None, None) => {
                let message = "nothing says who is treated".to_owned();
                let help = "write `control_share`, or `group`";
                self.help(Code::Missing, "control_share", message, help);
            }
            _ => {}
        }
        // Each is looked at even where there are both, so that all is told at once.
        let chance = share.and_then(|share| self.chance(share));
        let group = group.and_then(|group| self.group(group));
        chance.or(group)
    }

    fn chance(&mut self, share: f64) -> Option<Division> {
        let fits = |share: f64| share > 0.0 && share < 1.0;
        if !fits(share) {
            let message = format!("a share of {share} is not above 0 and below 1");
            self.not_a_share("control_share", share, message, fits(share / 100.0));
        }
        fits(share).then_some(Division::Chance(share))
    }

    /// Says what is wrong with a share, with advice if it is one in per cent.
    fn not_a_share(&mut self, field: &str, number: f64, message: String, in_per_cent: bool) {
        if in_per_cent {
            let help = format!("{number} % is written `{}`", number / 100.0);
            self.help(Code::Range, field, message, help);
        } else {
            self.error(Code::Range, field, message);
        }
    }

    fn group(&mut self, group: &GroupSpec) -> Option<Division> {
        let (slot, column) = self.column("group.column", &group.column)?;
        let name = &group.column;
        let words = [("treated", &group.treated), ("control", &group.control)];
        if column.unit() == Some(Unit::Flag) {
            for (field, word) in words {
                if word.is_some() {
                    let message = format!("`{name}` is a flag and has no words");
                    self.error(Code::Type, &format!("group.{field}"), message);
                }
            }
            return Some(Division::Flag(slot));
        }
        if column.unit().is_some() {
            let message = format!("`{name}` is neither a column of flags nor of words");
            self.error(Code::Type, "group.column", message);
            return None;
        }
        let mut codes = words.map(|(field, word)| {
            let field = format!("group.{field}");
            let Some(word) = word else {
                let message = format!("the word of `{name}` for this group is missing");
                self.error(Code::Missing, &field, message);
                return None;
            };
            let code = column.code(word);
            if code.is_none() {
                let message = format!("`{name}` has no word `{word}`");
                self.unknown(&field, message, word, column.words().iter().map(|w| &**w));
            }
            code
        });
        if group.treated.is_some() && group.treated == group.control {
            let message = "the treated and the control have the same word";
            self.error(Code::Conflict, "group.control", message);
            codes = [None; 2];
        }
        let [treated, control] = codes;
        Some(Division::Words {
            slot,
            treated: treated?,
            control: control?,
        })
    }

    fn confidence(&mut self) -> Option<Confidence> {
        let Some(share) = self.spec.confidence else {
            return Some(Confidence::default());
        };
        let confidence = Confidence::new(share).ok();
        if confidence.is_none() {
            let message = format!("a confidence of {share} is not from 0.8 to 0.999");
            let in_per_cent = Confidence::new(share / 100.0).is_ok();
            self.not_a_share("confidence", share, message, in_per_cent);
        }
        confidence
    }

    /// In minor units.
    fn action_cost(&mut self) -> i64 {
        let Some(cost) = self.spec.action_cost else {
            return 0;
        };
        if cost.is_negative() {
            let message = format!("a cost of {cost} is negative");
            self.error(Code::Range, "action_cost", message);
        }
        let currency = self.currency;
        if cost.currency() != currency {
            let message = format!("`{cost}` is not in {currency}, the currency of the policy");
            let help = format!("write it in {currency}");
            self.help(Code::Conflict, "action_cost", message, help);
        }
        cost.minor()
    }

    fn dimension(&mut self, i: usize) -> Option<BoundDimension> {
        let all = &self.spec.dimensions;
        let spec = all.get(i)?;
        let dimension = spec.dimension;
        let field = |name: &str| format!("dimensions[{i}].{name}");
        if all.iter().take(i).any(|d| d.dimension == dimension) {
            let message = format!("`{}` is there twice", dimension.as_str());
            self.error(Code::DuplicateName, &field("dimension"), message);
        }
        let column = self.value(&field("column"), dimension, &spec.column);
        let before = match &spec.before {
            Some(before) => self.value(&field("before"), dimension, before),
            None => column,
        };
        let lengths = self.spec.before.is_some_and(|days| days != self.spec.after);
        match spec.method {
            EffectMethod::DifferenceInDifferences if lengths => {
                let message =
                    "sums over windows of different lengths have no difference".to_owned();
                let help = "make `before` and `after` of `[effect]` equal, or use `cuped`";
                self.help(Code::Conflict, &field("method"), message, help);
            }
            EffectMethod::Cuped if lengths && spec.before.is_none() => {
                let message = "one column does not look at windows of two lengths".to_owned();
                let help = "name the column with the values before the action";
                self.help(Code::Missing, &field("before"), message, help);
            }
            _ => {}
        }
        if let Some(expected) = spec.expected.filter(|expected| !expected.is_finite()) {
            let message = format!("a plan of {expected} is not a number");
            self.error(Code::Range, &field("expected"), message);
        }
        Some(BoundDimension {
            dimension,
            column: spec.column.clone(),
            scale: dimension.scale(self.currency),
            after: column?,
            before: before?,
            method: spec.method,
            expected: spec.expected,
        })
    }

    /// A column that holds what the dimension reads.
    fn value(&mut self, field: &str, dimension: Dimension, name: &str) -> Option<Reading> {
        let (slot, column) = self.column(field, name)?;
        if let Some(unit) = column.unit().filter(|unit| dimension.reads(*unit)) {
            let any = dimension == Dimension::Repurchase && unit == Unit::Count;
            return Some(Reading { slot, any });
        }
        let message = format!("`{name}` is not {}", dimension.column());
        self.error(Code::Type, field, message);
        None
    }
}

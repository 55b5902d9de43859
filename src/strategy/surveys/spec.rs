//! What a policy says about surveys.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::complaints::ComplaintsSpec;
use crate::model::{Day, Days, SurveyInstrument, Weekday};
use crate::rules::Expr;

/// How many invitations a customer gets at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapSpec {
    /// At most so many, at least one, to whatever surveys.
    pub invitations: u32,
    /// In any run of so many days, at least one.
    pub within: Days,
}

/// What a survey is asked after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TriggerEvent {
    /// A purchase.
    Purchase,
    /// A complaint being settled.
    Resolved,
    /// The entry into the present stage.
    Stage,
}

impl fmt::Display for TriggerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Purchase => "a purchase",
            Self::Resolved => "a settled complaint",
            Self::Stage => "the entry into the stage",
        })
    }
}

/// When a survey is asked that is not asked regularly: some days after something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TriggerSpec {
    /// After what.
    pub after: TriggerEvent,
    /// How many days after; zero is the same day.
    pub days: Days,
    /// For how many days it can then be asked, at least one; 14 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Days>,
}

/// One survey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveySpec {
    /// The name, unique within the section.
    pub name: String,
    /// What is asked.
    pub instrument: SurveyInstrument,
    /// What it is asked about; nothing in particular if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// How many days lie at least between two invitations of one customer, at least one; without a trigger it is asked as often.
    pub cadence: Days,
    /// Only those for whom this is true are asked; everybody if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
    /// After what it is asked; regularly if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<TriggerSpec>,
    /// The share of the customers who are asked, above 0 and at most 1; everybody if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<f64>,
    /// Of several surveys that are due, the one of highest priority is sent; 0 if left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub priority: i32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks so
fn is_zero(priority: &i32) -> bool {
    *priority == 0
}

impl SurveySpec {
    /// A survey that everybody is asked regularly.
    pub fn new(name: impl Into<String>, instrument: SurveyInstrument, cadence: Days) -> Self {
        Self {
            name: name.into(),
            instrument,
            topic: None,
            cadence,
            when: None,
            trigger: None,
            sample: None,
            priority: 0,
        }
    }
}

/// Who is asked what, and by when complaints are due: the section `[surveys]` of a policy.
///
/// [The page on surveys](crate::docs::surveys) says what it means.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::strategy::surveys::SurveysSpec;
/// use customer_value::table::Schema;
///
/// let spec: SurveysSpec = toml::from_str(r#"
///     cap = { invitations = 0, within = "90 days" }
///     ask = [
///         { name = "relationship", instrument = "nps", cadence = "0 days", sample = 50 },
///     ]
/// "#)?;
/// let mut problems = Diagnostics::new();
/// assert!(spec.bind(&Schema::new(), &mut problems).is_none());
/// assert_eq!(problems.to_string(), "\
/// error: surveys.cap.invitations: a cap of 0 invitations lets nobody be asked (leave out what is not to be asked)
/// error: surveys.ask[0].cadence: `0 days` is less than 1 day
/// error: surveys.ask[0].sample: a sample of 50 is not above 0 and at most 1 (50 % is written `0.5`)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurveysSpec {
    /// Only those for whom this is true are asked anything; everybody if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Expr>,
    /// How many invitations a customer gets at most; no limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<CapSpec>,
    /// The days of the week on which nobody is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiet_weekdays: Vec<Weekday>,
    /// The days on which nobody is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiet_days: Vec<Day>,
    /// The surveys; of equal priorities the first is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ask: Vec<SurveySpec>,
    /// By when complaints are to be settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complaints: Option<ComplaintsSpec>,
}

impl SurveysSpec {
    /// Without limits.
    pub fn new(ask: impl IntoIterator<Item = SurveySpec>) -> Self {
        Self {
            ask: ask.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The columns it reads; a column read twice comes twice.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let asked = self.ask.iter().filter_map(|survey| survey.when.as_ref());
        let targets = self.complaints.iter().flat_map(|c| &c.targets);
        let rules = self.consent.iter().chain(asked);
        let rules = rules.chain(targets.map(|target| &target.when));
        rules.flat_map(Expr::columns).collect()
    }
}

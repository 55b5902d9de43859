//! What a policy says of a metric.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::ltv::RetentionTerms;
use crate::Error;
use crate::model::{Days, Direction, SurveyInstrument};
use crate::summary::Window;

/// One `[[metrics]]` entry of a policy: what is measured, over which window, with which parameters.
///
/// It is a recipe: nothing is checked before [`Catalog::build`](super::Catalog::build), which reports all its problems
/// at once. Windows and lengths of time are text; a number without a unit is refused there. Which parameters a measure
/// takes is in the table of [this module](super).
///
/// ```
/// use customer_value::metrics::MetricSpec;
///
/// let read: MetricSpec = toml::from_str(r#"
///     name = "spend_12m"
///     measure = "spend"
///     window = "365 days"
/// "#)?;
/// let written = MetricSpec::new("spend").named("spend_12m").over("365 days".parse()?);
/// assert_eq!(read, written);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MetricSpec {
    /// The name that rules use; that of the measure if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is measured: a name of the catalog.
    pub measure: String,
    /// Which days count, in the text form of [`Window`]; that of the measure if left out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "text_or_number"
    )]
    pub window: Option<String>,
    /// The category of products or of service costs, as the records write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The channel of contacts, as they write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Who began the contacts: `inbound` or `outbound`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// The kind of contact, as they write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The scale of the answers: `nps`, `csat` or `ces`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// The topic of answers or complaints, as they write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// After which time something counts half, such as `90 days`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "text_or_number"
    )]
    pub half_life: Option<String>,
    /// The length of one period, such as `30 days`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "text_or_number"
    )]
    pub per: Option<String>,
    /// Which one, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u32>,
    /// The part of the spend that is margin, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// The probability that a customer stays from one period to the next, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<f64>,
    /// The discount rate per period, 0 or more; 0.1 is 10 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<f64>,
    /// Whether the margin of the present period is still to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin_now: Option<bool>,
}

impl MetricSpec {
    /// A measure as it is, under its own name.
    #[must_use]
    pub fn new(measure: impl Into<String>) -> Self {
        Self {
            measure: measure.into(),
            ..Self::default()
        }
    }

    /// Under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Over a window.
    #[must_use]
    pub fn over(mut self, window: Window) -> Self {
        self.window = Some(window.to_string());
        self
    }

    /// Of one category of products or of service costs.
    #[must_use]
    pub fn category(mut self, category: impl Into<String>) -> Self {
        self.category = Some(category.into());
        self
    }

    /// Of contacts through one channel.
    #[must_use]
    pub fn channel(mut self, channel: impl Into<String>) -> Self {
        self.channel = Some(channel.into());
        self
    }

    /// Of contacts that one side began.
    #[must_use]
    pub fn direction(mut self, direction: Direction) -> Self {
        self.direction = Some(direction.to_string());
        self
    }

    /// Of contacts of one kind.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Of answers on one scale.
    #[must_use]
    pub fn instrument(mut self, instrument: SurveyInstrument) -> Self {
        self.instrument = Some(instrument.to_string());
        self
    }

    /// Of answers or complaints of one topic.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = Some(topic.into());
        self
    }

    /// Counting half after so many days.
    #[must_use]
    pub fn half_life(mut self, days: Days) -> Self {
        self.half_life = Some(days.to_string());
        self
    }

    /// Per so many days.
    #[must_use]
    pub fn per(mut self, per: Days) -> Self {
        self.per = Some(per.to_string());
        self
    }

    /// Which one, from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = Some(nth);
        self
    }

    /// The parameters of [`retention_ltv`](super::ltv::retention_ltv).
    #[must_use]
    pub fn retention_terms(mut self, terms: RetentionTerms) -> Self {
        self.margin = Some(terms.margin);
        self.retention = Some(terms.retention);
        self.discount = Some(terms.discount);
        self.margin_now = terms.margin_now.then_some(true);
        self.per(terms.per)
    }

    /// The name that rules use.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.measure)
    }
}

/// A name as rules write it without backticks: `[a-z_][a-z0-9_]*`.
pub(super) fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A length of time, written as a trailing window is: `30 days`.
pub(crate) fn parse_length(text: &str) -> Result<Days, Error> {
    match text.parse() {
        Ok(Window::Trailing(days)) => Ok(days),
        _ => Err(Error::parse(
            "length of time",
            text,
            "it is written like `30 days`",
        )),
    }
}

/// A parameter that only some measures take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Param {
    Category,
    Channel,
    Direction,
    Kind,
    Instrument,
    Topic,
    HalfLife,
    Per,
    Nth,
    Margin,
    Retention,
    Discount,
    MarginNow,
}

impl Param {
    pub(super) const ALL: [Self; 13] = [
        Self::Category,
        Self::Channel,
        Self::Direction,
        Self::Kind,
        Self::Instrument,
        Self::Topic,
        Self::HalfLife,
        Self::Per,
        Self::Nth,
        Self::Margin,
        Self::Retention,
        Self::Discount,
        Self::MarginNow,
    ];

    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Channel => "channel",
            Self::Direction => "direction",
            Self::Kind => "kind",
            Self::Instrument => "instrument",
            Self::Topic => "topic",
            Self::HalfLife => "half_life",
            Self::Per => "per",
            Self::Nth => "nth",
            Self::Margin => "margin",
            Self::Retention => "retention",
            Self::Discount => "discount",
            Self::MarginNow => "margin_now",
        }
    }

    /// How it is written.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Category => "category = \"books\"",
            Self::Channel => "channel = \"phone\"",
            Self::Direction => "direction = \"inbound\"",
            Self::Kind => "kind = \"question\"",
            Self::Instrument => "instrument = \"csat\"",
            Self::Topic => "topic = \"delivery\"",
            Self::HalfLife => "half_life = \"90 days\"",
            Self::Per => "per = \"30 days\"",
            Self::Nth => "nth = 4",
            Self::Margin => "margin = 0.4",
            Self::Retention => "retention = 0.8",
            Self::Discount => "discount = 0.1",
            Self::MarginNow => "margin_now = true",
        }
    }

    pub(super) fn is_given(self, spec: &MetricSpec) -> bool {
        match self {
            Self::Category => spec.category.is_some(),
            Self::Channel => spec.channel.is_some(),
            Self::Direction => spec.direction.is_some(),
            Self::Kind => spec.kind.is_some(),
            Self::Instrument => spec.instrument.is_some(),
            Self::Topic => spec.topic.is_some(),
            Self::HalfLife => spec.half_life.is_some(),
            Self::Per => spec.per.is_some(),
            Self::Nth => spec.nth.is_some(),
            Self::Margin => spec.margin.is_some(),
            Self::Retention => spec.retention.is_some(),
            Self::Discount => spec.discount.is_some(),
            Self::MarginNow => spec.margin_now.is_some(),
        }
    }
}

/// A text; a number is kept as its digits, so that its missing unit is reported with the other problems of a policy.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct Visitor;
    impl serde::de::Visitor<'_> for Visitor {
        type Value = Option<String>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text such as `30 days`")
        }
        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Option<String>, E> {
            Ok(Some(text.to_owned()))
        }
        fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Option<String>, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Option<String>, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Option<String>, E> {
            Ok(Some(number.to_string()))
        }
        fn visit_unit<E: serde::de::Error>(self) -> Result<Option<String>, E> {
            Ok(None)
        }
    }
    deserializer.deserialize_any(Visitor)
}

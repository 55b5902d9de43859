//! Facts: whole numbers read off a record and added up per day.

use serde::{Deserialize, Serialize};

use crate::model::{Currency, Day, Direction, Record, SurveyInstrument};

/// What is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Purchases, less those fully refunded. A count.
    Purchases,
    /// Purchases less refunds, plus adjustments. Minor units. A refund of a known purchase counts on the day of the purchase.
    Spend,
    /// Purchases before any refund. Minor units.
    Gross,
    /// Refunds, as a positive amount. Minor units. On the day of the purchase where it is known, else on their own.
    Refunds,
    /// Cost of the goods bought, less what was recovered by refunds. Minor units.
    Cost,
    /// Discounts given, less those of fully refunded purchases. Minor units.
    Discount,
    /// Transactions of any kind: what tells a day of trade from one with other records only. A count. In every
    /// [`Layout`] that has a fact of other records.
    Transactions,
    /// Refunds of more than nothing. A count. On the day of the purchase where it is known, else on their own.
    RefundCount,
    /// What serving the customer cost. Minor units.
    ServiceCost,
    /// Contacts. A count.
    Contacts,
    /// How long the other side took to answer, over the contacts of which that is known. Seconds.
    LatencySeconds,
    /// Contacts of which it is known how long the other side took to answer. A count.
    Latencies,
    /// How long staff was busy with contacts, over those of which that is known. Minutes.
    Minutes,
    /// Answers to survey questions. A count.
    Answers,
    /// The sum of the answers, each on the scale of its instrument.
    AnswerSum,
    /// Complaints, on the day on which they were opened. A count.
    Complaints,
    /// Complaints that were settled, on the day of that. A count.
    Resolved,
}

impl Measure {
    /// Whether it is read off a [`Record`], and not off a transaction.
    #[must_use]
    pub const fn is_of_records(self) -> bool {
        match self {
            Self::Purchases
            | Self::Spend
            | Self::Gross
            | Self::Refunds
            | Self::Cost
            | Self::Discount
            | Self::Transactions
            | Self::RefundCount => false,
            Self::ServiceCost
            | Self::Contacts
            | Self::LatencySeconds
            | Self::Latencies
            | Self::Minutes
            | Self::Answers
            | Self::AnswerSum
            | Self::Complaints
            | Self::Resolved => true,
        }
    }
}

/// A measure, over all records it is read off, or over those that pass a filter.
///
/// | filter | of |
/// |---|---|
/// | category | transactions, service costs |
/// | channel, direction, kind | contacts |
/// | instrument | answers |
/// | topic | answers, complaints |
///
/// Several filters have to hold at once. What a filter asks about and a record does not have is never what it asks for: the
/// spend through a channel is 0.
///
/// ```
/// use customer_value::history::{Fact, Measure};
/// use customer_value::model::Direction;
///
/// let calls = Fact::new(Measure::Contacts).with_channel("phone").with_direction(Direction::Inbound);
/// assert_eq!((calls.channel(), calls.kind()), (Some("phone"), None));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    measure: Measure,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    direction: Option<Direction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instrument: Option<SurveyInstrument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic: Option<Box<str>>,
}

impl Fact {
    /// A measure over all records it is read off.
    #[must_use]
    pub const fn new(measure: Measure) -> Self {
        Self {
            measure,
            category: None,
            channel: None,
            direction: None,
            kind: None,
            instrument: None,
            topic: None,
        }
    }

    /// A measure over the transactions, or the service costs, of one category.
    #[must_use]
    pub fn of_category(measure: Measure, category: &str) -> Self {
        Self {
            category: Some(category.into()),
            ..Self::new(measure)
        }
    }

    /// Over contacts through one channel.
    #[must_use]
    pub fn with_channel(mut self, channel: &str) -> Self {
        self.channel = Some(channel.into());
        self
    }

    /// Over contacts of one direction.
    #[must_use]
    pub fn with_direction(mut self, direction: Direction) -> Self {
        self.direction = Some(direction);
        self
    }

    /// Over contacts of one kind.
    #[must_use]
    pub fn with_kind(mut self, kind: &str) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Over answers on the scale of one instrument.
    #[must_use]
    pub fn with_instrument(mut self, instrument: SurveyInstrument) -> Self {
        self.instrument = Some(instrument);
        self
    }

    /// Over answers or complaints of one topic.
    #[must_use]
    pub fn with_topic(mut self, topic: &str) -> Self {
        self.topic = Some(topic.into());
        self
    }

    /// The same filters of another measure.
    #[must_use]
    pub(crate) fn of(&self, measure: Measure) -> Self {
        Self {
            measure,
            ..self.clone()
        }
    }

    /// What is added up.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// The one category, if not all.
    #[must_use]
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }

    /// The one channel, if not all.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        self.channel.as_deref()
    }

    /// The one direction, if not both.
    #[must_use]
    pub fn direction(&self) -> Option<Direction> {
        self.direction
    }

    /// The one kind of contact, if not all.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.kind.as_deref()
    }

    /// The one instrument, if not all.
    #[must_use]
    pub fn instrument(&self) -> Option<SurveyInstrument> {
        self.instrument
    }

    /// The one topic, if not all.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.topic.as_deref()
    }

    /// Whether it asks for what no transaction has.
    pub(super) fn passes_no_transaction(&self) -> bool {
        !self.passes(Traits::of_category(self.category()))
    }

    /// Whether something passes the filters.
    pub(super) fn passes(&self, it: Traits<'_>) -> bool {
        fn is<T: PartialEq>(asked: Option<T>, there: Option<T>) -> bool {
            asked.is_none() || asked == there
        }
        is(self.category(), it.category)
            && is(self.channel(), it.channel)
            && is(self.direction, it.direction)
            && is(self.kind(), it.kind)
            && is(self.instrument, it.instrument)
            && is(self.topic(), it.topic)
    }

    /// What one record adds, and on which day; `None` if it is none of those that this is read off.
    pub(super) fn of_record(&self, record: &Record) -> Option<(Day, i64)> {
        let added = match (self.measure, record) {
            (Measure::ServiceCost, Record::ServiceCost(cost)) => {
                (cost.day(), cost.amount().minor())
            }
            (Measure::Contacts, Record::Interaction(contact)) => (contact.day(), 1),
            (Measure::LatencySeconds, Record::Interaction(contact)) => {
                (contact.day(), contact.latency_seconds()?.into())
            }
            (Measure::Latencies, Record::Interaction(contact)) => {
                (contact.day(), contact.latency_seconds().map(|_| 1)?)
            }
            (Measure::Minutes, Record::Interaction(contact)) => {
                (contact.day(), contact.minutes()?.into())
            }
            (Measure::Answers, Record::SurveyAnswer(answer)) => (answer.day(), 1),
            (Measure::AnswerSum, Record::SurveyAnswer(answer)) => {
                (answer.day(), answer.answer().into())
            }
            (Measure::Complaints, Record::Complaint(complaint)) => (complaint.opened(), 1),
            (Measure::Resolved, Record::Complaint(complaint)) => (complaint.resolved()?, 1),
            _ => return None,
        };
        self.passes(Traits::of(record)).then_some(added)
    }
}

/// What filters ask about, as far as something has it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Traits<'a> {
    category: Option<&'a str>,
    channel: Option<&'a str>,
    direction: Option<Direction>,
    kind: Option<&'a str>,
    instrument: Option<SurveyInstrument>,
    topic: Option<&'a str>,
}

impl<'a> Traits<'a> {
    /// Those of a transaction.
    pub(super) fn of_category(category: Option<&'a str>) -> Self {
        Self {
            category,
            ..Self::default()
        }
    }

    fn of(record: &'a Record) -> Self {
        let none = Self::default();
        match record {
            Record::ServiceCost(cost) => Self::of_category(Some(cost.category().as_str())),
            Record::Interaction(contact) => Self {
                channel: Some(contact.channel()),
                direction: Some(contact.direction()),
                kind: Some(contact.kind()),
                ..none
            },
            Record::SurveyAnswer(answer) => Self {
                instrument: Some(answer.instrument()),
                topic: answer.topic(),
                ..none
            },
            Record::Complaint(complaint) => Self {
                topic: Some(complaint.topic()),
                ..none
            },
        }
    }
}

impl From<Measure> for Fact {
    fn from(measure: Measure) -> Self {
        Self::new(measure)
    }
}

/// The columns of a history: which facts, in which order, and the currency of the amounts.
///
/// Purchases and spend are always the first two. The others are sorted, so that two sets of the same facts are equal
/// however they came about. With a fact of other records than transactions there are [`Measure::Transactions`] too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawLayout", into = "RawLayout")]
pub struct Layout {
    currency: Currency,
    facts: Vec<Fact>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLayout {
    currency: Currency,
    facts: Vec<Fact>,
}

impl TryFrom<RawLayout> for Layout {
    type Error = crate::Error;
    fn try_from(raw: RawLayout) -> Result<Self, crate::Error> {
        let layout = Self::new(raw.currency, raw.facts.iter().cloned());
        if layout.facts == raw.facts {
            Ok(layout)
        } else {
            Err(crate::Error::misuse(
                "the facts of a history are purchases, spend, and then the others in order",
            ))
        }
    }
}

impl From<Layout> for RawLayout {
    fn from(layout: Layout) -> Self {
        Self {
            currency: layout.currency,
            facts: layout.facts,
        }
    }
}

impl Layout {
    /// The columns for these facts; purchases and spend are added if they are not among them.
    #[must_use]
    pub fn new(currency: Currency, facts: impl IntoIterator<Item = Fact>) -> Self {
        let first = [Fact::new(Measure::Purchases), Fact::new(Measure::Spend)];
        let mut more: Vec<Fact> = facts.into_iter().filter(|f| !first.contains(f)).collect();
        if more.iter().any(|fact| fact.measure.is_of_records()) {
            more.push(Fact::new(Measure::Transactions));
        }
        more.sort_unstable();
        more.dedup();
        let facts = first.into_iter().chain(more).collect();
        Self { currency, facts }
    }

    /// The facts, in the order of the columns.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The column that tells days of trade from others, if there are other days.
    pub(super) fn transactions(&self) -> Option<usize> {
        // In the order of the facts, those of other records are the last ones.
        let last = self.facts.last()?.measure;
        last.is_of_records()
            .then(|| self.position(&Fact::new(Measure::Transactions)))
            .flatten()
    }

    /// The column of a fact, if it is built.
    #[must_use]
    pub fn position(&self, fact: &Fact) -> Option<usize> {
        self.facts.iter().position(|f| f == fact)
    }
}

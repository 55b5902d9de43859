//! What makes customers dissatisfied: topics by their share of the low answers, and by how much worse they are than the rest.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Interval;
use super::answers::{instrument, to_f64};
use super::effect::{Confidence, Rate};
use super::satisfaction::SatisfactionOptions;
use super::sheet::{Cell, Sheet, SheetTable, cells};
use super::text::{UNKNOWN, group_cell};
use crate::Error;
use crate::model::{Currency, CustomerId, SurveyAnswer, SurveyInstrument};
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::shown;

/// What was answered to one topic: whole numbers that add up in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicCount {
    answers: u64,
    low: u64,
    customers: u64,
    at_stake: i128,
    without_value: u64,
}

impl TopicCount {
    fn merge(&mut self, other: &Self) {
        self.answers = self.answers.saturating_add(other.answers);
        self.low = self.low.saturating_add(other.low);
        self.customers = self.customers.saturating_add(other.customers);
        self.at_stake = self.at_stake.saturating_add(other.at_stake);
        self.without_value = self.without_value.saturating_add(other.without_value);
    }
}

/// How much one topic has to do with low answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// The topic; `unknown` for answers without one.
    pub topic: String,
    /// Answers to it.
    pub answers: u64,
    /// The low ones of them.
    pub low: u64,
    /// Its share of all low answers, 0 to 1; `None` where there is none.
    pub share: Option<f64>,
    /// The share of its answers that is low, 0 to 1; `None` without an answer.
    pub rate: Option<f64>,
    /// The same of all other topics together.
    pub rest: Option<f64>,
    /// `rate` less `rest`, −1 to 1; `None` with too few answers on either side.
    pub lift: Option<f64>,
    /// Its 95 % interval (Newcombe 1998, method 10).
    pub interval: Option<Interval>,
    /// How many customers gave a low answer to it.
    pub customers: u64,
    /// What they are worth together as far as is known, in minor units.
    pub at_stake: i128,
    /// Of how many of them that is not known.
    pub without_value: u64,
}

/// What makes customers dissatisfied, by topic.
///
/// [The page on surveys](crate::docs::surveys) has the definitions. As text the topics come by their share.
///
/// ```
/// use customer_value::model::{Currency, SurveyAnswer, SurveyInstrument};
/// use customer_value::report::{Drivers, SatisfactionOptions};
///
/// let day = "2024-03-01".parse()?;
/// let answers = [(1, 2, "delivery"), (2, 6, "delivery"), (3, 9, "delivery"), (4, 9, "price"), (5, 10, "price"), (1, 5, "price")];
/// let answers = answers.map(|(customer, answer, topic)| {
///     Ok(SurveyAnswer::new(customer, day, SurveyInstrument::Nps, answer)?.with_topic(topic))
/// });
/// let answers = answers.into_iter().collect::<Result<Vec<_>, customer_value::Error>>()?;
///
/// let mut options = SatisfactionOptions::new(SurveyInstrument::Nps, day);
/// options.least = 3;
/// let drivers = Drivers::of(&answers, options, Currency::EUR, |_| Some(100_00));
/// assert_eq!(drivers.to_string(), "\
/// topic     answers  low   share    rate    rest     lift     from      to  at stake  not known
/// delivery        3    2  66.7 %  66.7 %  33.3 %   33.3 %  -31.6 %  71.8 %    200.00          0
/// price           3    1  33.3 %  33.3 %  66.7 %  -33.3 %  -71.8 %  31.6 %    100.00          0
/// ");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drivers {
    instrument: SurveyInstrument,
    currency: Currency,
    least: u64,
    topics: BTreeMap<String, TopicCount>,
}

impl Drivers {
    /// Counts the answers that count; `value` is what a customer is worth, in minor units, `None` where that is not known.
    pub fn of(
        answers: &[SurveyAnswer],
        options: SatisfactionOptions,
        currency: Currency,
        value: impl Fn(&CustomerId) -> Option<i64>,
    ) -> Self {
        let mut drivers = Self {
            instrument: options.instrument,
            currency,
            least: options.least,
            topics: BTreeMap::new(),
        };
        let low = match options.instrument {
            SurveyInstrument::Nps => 0..=6,
            SurveyInstrument::Csat => 1..=2,
            SurveyInstrument::Ces if options.low_is_easy => 5..=7,
            SurveyInstrument::Ces => 1..=3,
        };
        let selected = options.select(answers);
        for own in selected.chunk_by(|a, b| a.customer() == b.customer()) {
            let mut topics: BTreeMap<&str, Vec<&SurveyAnswer>> = BTreeMap::new();
            for answer in own {
                let topic = answer.topic().unwrap_or(UNKNOWN);
                topics.entry(topic).or_default().push(answer);
            }
            for (topic, own) in topics {
                let mut count = TopicCount::default();
                for answer in options.latest(&own) {
                    count.answers = count.answers.saturating_add(1);
                    count.low += u64::from(low.contains(&answer.answer()));
                }
                let customer = own.first().filter(|_| count.low > 0);
                if let Some(customer) = customer.map(|answer| answer.customer()) {
                    let worth = value(customer);
                    count.customers = 1;
                    count.at_stake = worth.unwrap_or(0).into();
                    count.without_value = u64::from(worth.is_none());
                }
                drivers.topic(topic).merge(&count);
            }
        }
        drivers
    }

    fn topic(&mut self, topic: &str) -> &mut TopicCount {
        self.topics.entry(topic.to_owned()).or_default()
    }

    /// Counts what another report has of other customers.
    ///
    /// # Errors
    /// It is of another instrument or currency, or asks for another number of answers (`is_misuse`); nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let same = (self.instrument, self.currency, self.least)
            == (other.instrument, other.currency, other.least);
        if !same {
            return Err(Error::misuse(
                "reports of other instruments or in other currencies do not go together",
            ));
        }
        for (topic, count) in &other.topics {
            self.topic(topic).merge(count);
        }
        Ok(())
    }

    /// The topics, the one with the most low answers first; of equal ones by lift, then by name.
    #[must_use]
    pub fn by_share(&self) -> Vec<Driver> {
        let mut drivers = self.drivers();
        drivers.sort_by(|a, b| b.low.cmp(&a.low).then_with(|| lifted(a, b)));
        drivers
    }

    /// The topics, the one furthest above the rest first, those without a lift last; of equal ones by share, then by name.
    #[must_use]
    pub fn by_lift(&self) -> Vec<Driver> {
        let mut drivers = self.drivers();
        // The sort is stable.
        drivers.sort_by_key(|driver| Reverse(driver.low));
        drivers.sort_by(lifted);
        drivers
    }

    /// In the order of their names.
    fn drivers(&self) -> Vec<Driver> {
        let sum = |of: fn(&TopicCount) -> u64| {
            let counts = self.topics.values().map(of);
            counts.fold(0, u64::saturating_add)
        };
        let (all, all_low) = (sum(|topic| topic.answers), sum(|topic| topic.low));
        let of = |(topic, count): (&String, &TopicCount)| {
            let others = all.saturating_sub(count.answers);
            let low = all_low.saturating_sub(count.low);
            let rate = share(count.low, count.answers);
            let rest = share(low, others);
            let enough = count.answers >= self.least && others >= self.least;
            let rates = Rate::new(count.low, count.answers).zip(Rate::new(low, others));
            let difference =
                rates.and_then(|(one, rest)| one.difference(rest, Confidence::default()).interval);
            Driver {
                topic: topic.clone(),
                answers: count.answers,
                low: count.low,
                share: share(count.low, all_low),
                rate,
                rest,
                lift: rate
                    .zip(rest)
                    .filter(|_| enough)
                    .map(|(rate, rest)| rate - rest),
                interval: difference.filter(|_| enough),
                customers: count.customers,
                at_stake: count.at_stake,
                without_value: count.without_value,
            }
        };
        self.topics.iter().map(of).collect()
    }
}

/// The greater lift first, an unknown one last.
fn lifted(a: &Driver, b: &Driver) -> std::cmp::Ordering {
    let key = |driver: &Driver| driver.lift.unwrap_or(f64::NEG_INFINITY);
    key(b).total_cmp(&key(a))
}

fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| to_f64(part) / to_f64(all))
}

impl Drivers {
    /// The report as a [sheet](super::Sheet): the topics by their share.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Topic,
            Word::Answers,
            Word::LowAnswers,
            Word::Share,
            Word::Rate,
            Word::Rest,
            Word::AboveTheRest,
            Word::LowerEnd,
            Word::UpperEnd,
            Word::AtStake,
            Word::NotKnown,
        ]);
        for driver in self.by_share() {
            table.row(cells![
                group_cell(&driver.topic),
                driver.answers,
                driver.low,
                Cell::share(driver.share),
                Cell::share(driver.rate),
                Cell::share(driver.rest),
                Cell::share(driver.lift),
                Cell::share(driver.interval.map(|i| i.low)),
                Cell::share(driver.interval.map(|i| i.high)),
                shown(driver.at_stake, self.currency),
                driver.without_value,
            ]);
        }
        Sheet::new(Word::TitleDrivers)
            .note(Word::Instrument, instrument(self.instrument))
            .note(Word::LeastAnswers, self.least)
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(table)
    }
}

impl fmt::Display for Drivers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

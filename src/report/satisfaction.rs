//! What customers answered: NPS, CSAT and CES with their intervals, by group, and how many answered at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Interval;
use super::answers::{AnswerCounts, instrument, to_f64};
use super::sheet::{Cell, Sheet, SheetTable, cells};
use super::text::{UNKNOWN, group_cell};
use crate::Error;
use crate::model::{CustomerId, Day, Days, SurveyAnswer, SurveyInstrument};
use crate::rules::language::ReportWord as Word;
use crate::strategy::surveys::{Invitation, Surveys};

/// Which answers count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SatisfactionOptions {
    /// To which instrument.
    pub instrument: SurveyInstrument,
    /// Up to the close of which day.
    pub as_of: Day,
    /// In how many days, ending with it; all up to it if `None`.
    pub window: Option<Days>,
    /// All answers, not the latest of each customer only.
    pub all_answers: bool,
    /// With fewer answers there is no score; 5 if nothing is said.
    pub least: u64,
    /// For how many days, from that of the invitation on, an answer counts as a response; 30 if nothing is said.
    pub respond_within: Days,
    /// Of a CES: the low end of the scale is the easy one.
    pub low_is_easy: bool,
}

impl SatisfactionOptions {
    /// The latest answer of each customer up to a day.
    #[must_use]
    pub fn new(instrument: SurveyInstrument, as_of: Day) -> Self {
        Self {
            instrument,
            as_of,
            window: None,
            all_answers: false,
            least: 5,
            respond_within: Days::new(30),
            low_is_easy: false,
        }
    }

    fn covers(&self, day: Day) -> bool {
        let ago = i64::from((self.as_of - day).get());
        ago >= 0 && self.window.is_none_or(|days| ago < i64::from(days.get()))
    }

    /// The answers that count, by customer and day; of one customer and day the lowest first.
    pub(super) fn select<'a>(&self, answers: &'a [SurveyAnswer]) -> Vec<&'a SurveyAnswer> {
        let counts = |a: &&SurveyAnswer| a.instrument() == self.instrument && self.covers(a.day());
        let mut chosen: Vec<&SurveyAnswer> = answers.iter().filter(counts).collect();
        chosen.sort_by_key(|a| (a.customer(), a.day(), a.answer()));
        chosen
    }

    /// Of answers of one customer by day: all, or the latest; of equal days the lowest.
    pub(super) fn latest<'s, 'a>(
        &self,
        own: &'s [&'a SurveyAnswer],
    ) -> impl Iterator<Item = &'s &'a SurveyAnswer> + use<'s, 'a> {
        let last = own.last().map(|answer| answer.day());
        let first = own.iter().position(|answer| Some(answer.day()) == last);
        let (skip, take) = match first {
            Some(first) if !self.all_answers => (first, 1),
            _ => (0, usize::MAX),
        };
        own.iter().skip(skip).take(take)
    }
}

/// What one group answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SatisfactionRow {
    /// The answers.
    pub answers: AnswerCounts,
    /// Invitations whose days are over.
    pub invited: u64,
    /// Those of them that an answer followed in these days.
    pub responded: u64,
    /// Invitations whose days are not over.
    pub open: u64,
}

impl SatisfactionRow {
    fn new(instrument: SurveyInstrument) -> Self {
        Self {
            answers: AnswerCounts::new(instrument),
            invited: 0,
            responded: 0,
            open: 0,
        }
    }

    /// Responded ÷ invited, 0 to 1; `None` where nobody was invited.
    #[must_use]
    pub fn response_rate(&self) -> Option<f64> {
        (self.invited > 0).then(|| to_f64(self.responded) / to_f64(self.invited))
    }

    fn merge(&mut self, other: &Self) {
        self.answers.merge(&other.answers);
        self.invited = self.invited.saturating_add(other.invited);
        self.responded = self.responded.saturating_add(other.responded);
        self.open = self.open.saturating_add(other.open);
    }
}

/// What customers answered to one instrument, by tier, segment, topic or whatever else.
///
/// [The page on surveys](crate::docs::surveys) has the definitions. The reports of different customers
/// [merge](Self::merge) exactly.
///
/// ```
/// use customer_value::model::{SurveyAnswer, SurveyInstrument};
/// use customer_value::report::{Satisfaction, SatisfactionOptions};
///
/// let day = "2024-03-01".parse()?;
/// let answers = [(1, 9), (2, 10), (3, 9), (4, 8), (5, 2), (6, 10)]
///     .map(|(customer, answer)| SurveyAnswer::new(customer, day, SurveyInstrument::Nps, answer));
/// let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
///
/// let options = SatisfactionOptions::new(SurveyInstrument::Nps, day);
/// let tier = |customer: &customer_value::model::CustomerId, _: Option<&str>| {
///     vec![if customer.as_number() == Some(6) { "B" } else { "A" }]
/// };
/// let report = Satisfaction::of(&answers, options, "tier", tier);
/// assert_eq!(report.to_string(), "\
/// tier   invited  response  answers   NPS   from    to
/// A            0         -        5  40.0  -29.8  79.8
/// B            0         -        1     -      -     -
/// total        0         -        6  50.0  -17.7  84.4
/// ");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Satisfaction {
    instrument: SurveyInstrument,
    by: String,
    least: u64,
    rows: BTreeMap<String, SatisfactionRow>,
    total: SatisfactionRow,
}

impl Satisfaction {
    /// What was answered. `by` is what it is grouped by, for the head of the table; `groups` tells the groups of a customer and of
    /// what the customer was asked about (none is the group `unknown`).
    pub fn of<'g>(
        answers: &[SurveyAnswer],
        options: SatisfactionOptions,
        by: impl Into<String>,
        groups: impl Fn(&CustomerId, Option<&str>) -> Vec<&'g str>,
    ) -> Self {
        Self::with_invitations(answers, &[], None, options, by, groups)
    }

    /// What was answered, and by how many of those invited; invitations to surveys that are not in the policy are left out, for
    /// nothing is known of them.
    pub fn with_invitations<'g>(
        answers: &[SurveyAnswer],
        invitations: &[Invitation],
        surveys: Option<&Surveys>,
        options: SatisfactionOptions,
        by: impl Into<String>,
        groups: impl Fn(&CustomerId, Option<&str>) -> Vec<&'g str>,
    ) -> Self {
        let mut report = Self {
            instrument: options.instrument,
            by: by.into(),
            least: options.least,
            rows: BTreeMap::new(),
            total: SatisfactionRow::new(options.instrument),
        };
        let selected = options.select(answers);
        for own in selected.chunk_by(|a, b| a.customer() == b.customer()) {
            let mut grouped: BTreeMap<&str, Vec<&SurveyAnswer>> = BTreeMap::new();
            for answer in own {
                for group in names(groups(answer.customer(), answer.topic())) {
                    grouped.entry(group).or_default().push(answer);
                }
            }
            for (group, own) in grouped {
                for answer in options.latest(&own) {
                    report.row(group).answers.add_many(answer.answer(), 1);
                }
            }
            for answer in options.latest(own) {
                report.total.answers.add_many(answer.answer(), 1);
            }
        }
        if let Some(surveys) = surveys {
            report.responses(answers, invitations, surveys, options, &groups);
        }
        report
    }

    fn responses<'g>(
        &mut self,
        answers: &[SurveyAnswer],
        invitations: &[Invitation],
        surveys: &Surveys,
        options: SatisfactionOptions,
        groups: &impl Fn(&CustomerId, Option<&str>) -> Vec<&'g str>,
    ) {
        // All up to the day, whatever the window: an invitation in it is answered later than it.
        let all = SatisfactionOptions {
            window: None,
            ..options
        };
        let answers = all.select(answers);
        let mut asked: Vec<(&CustomerId, Option<&str>, Day)> = (invitations.iter())
            .filter(|one| options.covers(one.day))
            .filter_map(|one| {
                let survey = surveys.survey(&one.survey)?;
                let wanted = survey.instrument() == options.instrument;
                wanted.then_some((&one.customer, survey.topic(), one.day))
            })
            .collect();
        asked.sort_unstable();
        asked.dedup();
        for (i, (customer, topic, day)) in asked.iter().copied().enumerate() {
            let days = i64::from(options.respond_within.get());
            let mut row = SatisfactionRow::new(options.instrument);
            if i64::from((options.as_of - day).get()) + 1 < days {
                row.open = 1;
            } else {
                let next = asked.get(i + 1).filter(|n| (n.0, n.1) == (customer, topic));
                let from = answers.partition_point(|a| (a.customer(), a.day()) < (customer, day));
                let own = answers.iter().skip(from).take_while(|a| {
                    let ago = i64::from((a.day() - day).get());
                    a.customer() == customer && ago < days && next.is_none_or(|n| a.day() < n.2)
                });
                let fits = |a: &&SurveyAnswer| topic.is_none_or(|t| a.topic() == Some(t));
                row.invited = 1;
                row.responded = u64::from(own.copied().any(|a| fits(&a)));
            }
            for group in names(groups(customer, topic)) {
                self.row(group).merge(&row);
            }
            self.total.merge(&row);
        }
    }

    fn row(&mut self, group: &str) -> &mut SatisfactionRow {
        let row = self.rows.entry(group.to_owned());
        row.or_insert_with(|| SatisfactionRow::new(self.instrument))
    }

    /// Counts what another report has of other customers.
    ///
    /// # Errors
    /// It is of another instrument, grouped by something else, or asks for another number of answers (`is_misuse`); nothing is
    /// changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if (self.instrument, &self.by, self.least) != (other.instrument, &other.by, other.least) {
            return Err(Error::misuse(
                "reports of other instruments or groups do not go together",
            ));
        }
        for (group, row) in &other.rows {
            self.row(group).merge(row);
        }
        self.total.merge(&other.total);
        Ok(())
    }

    /// What was asked.
    #[must_use]
    pub fn instrument(&self) -> SurveyInstrument {
        self.instrument
    }

    /// The groups, in the order of their names.
    #[must_use]
    pub fn rows(&self) -> &BTreeMap<String, SatisfactionRow> {
        &self.rows
    }

    /// All groups together, each customer once.
    #[must_use]
    pub fn total(&self) -> &SatisfactionRow {
        &self.total
    }

    /// The score of a row, as [`AnswerCounts::score`] has it; `None` with too few answers.
    #[must_use]
    pub fn score(&self, row: &SatisfactionRow) -> Option<f64> {
        self.enough(row).and_then(AnswerCounts::score)
    }

    /// The interval of the score, as [`AnswerCounts::interval`] has it; `None` with too few answers.
    #[must_use]
    pub fn interval(&self, row: &SatisfactionRow) -> Option<Interval> {
        self.enough(row).and_then(AnswerCounts::interval)
    }

    fn enough<'r>(&self, row: &'r SatisfactionRow) -> Option<&'r AnswerCounts> {
        (row.answers.answers() >= self.least).then_some(&row.answers)
    }
}

/// The names of groups, each once; `unknown` if there is none.
fn names(groups: Vec<&str>) -> BTreeSet<&str> {
    if groups.is_empty() {
        return BTreeSet::from([UNKNOWN]);
    }
    groups.into_iter().collect()
}

impl Satisfaction {
    /// The report as a [sheet](super::Sheet): the groups, and all of them together.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let name = instrument(self.instrument);
        let number = |score: Option<f64>| match self.instrument {
            SurveyInstrument::Nps => Cell::number(score, 1),
            SurveyInstrument::Csat => Cell::share(score),
            SurveyInstrument::Ces => Cell::number(score, 2),
        };
        let mut table = SheetTable::new(cells![
            Cell::name(&*self.by),
            Word::Invited,
            Word::Response,
            Word::Answers,
            name,
            Word::LowerEnd,
            Word::UpperEnd,
        ]);
        let rows = self.rows.iter().map(|(name, row)| (group_cell(name), row));
        for (name, row) in rows.chain([(Word::Total.into(), &self.total)]) {
            let interval = self.interval(row);
            table.row(cells![
                name,
                row.invited,
                Cell::share(row.response_rate()),
                row.answers.answers(),
                number(self.score(row)),
                number(interval.map(|i| i.low)),
                number(interval.map(|i| i.high)),
            ]);
        }
        Sheet::new(Word::TitleSatisfaction)
            .note(Word::Instrument, name)
            .note(Word::LeastAnswers, self.least)
            .table(table)
    }
}

impl fmt::Display for Satisfaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

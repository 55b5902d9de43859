//! What a backtest found.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::{Day, Days};
use crate::report::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::Expr;
use crate::rules::language::{English, ReportWord as Word};

use super::super::simulate::Named;

/// What a backtest found. As text it is a table with a line for each rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktestReport {
    /// The policy whose columns the rules read.
    pub policy: Named,
    /// The day on which the rules flagged.
    pub as_of: Day,
    /// How long a silence after it makes a customer lost.
    pub horizon: Days,
    /// How many days apart earlier alerts were looked for.
    pub step: Days,
    /// Which customers it is about; `None`: all who had bought by `as_of`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub among: Option<Expr>,
    /// How many customers that is.
    pub customers: u64,
    /// How many of them have no purchase in the `horizon` after `as_of`.
    pub lost: u64,
    /// The rules, in their order.
    pub rules: Vec<RuleQuality>,
}

/// How good a rule was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleQuality {
    /// The rule's name.
    pub name: String,
    /// What it asks for: of a column cut at the recall of another rule, with the threshold. Whom it is true for is flagged.
    pub when: Expr,
    /// The threshold that was found, of a column cut at the recall of another rule: numbers as bad as it or worse are flagged.
    /// `None` for other rules, and where nobody is flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How many customers were flagged and lost, only one of these, or neither.
    pub confusion: Confusion,
    /// About how many customers it could not say anything; they are not flagged.
    pub unknown: u64,
    /// Lost and flagged ÷ flagged, 0 to 1; `None` if nobody was flagged.
    pub precision: Option<f64>,
    /// Lost and flagged ÷ lost, 0 to 1; `None` if nobody was lost.
    pub recall: Option<f64>,
    /// The harmonic mean of precision and recall: 2 × lost and flagged ÷ (flagged + lost), 0 to 1; `None` if nobody was either.
    pub f1: Option<f64>,
    /// How early it flagged those who were lost; `None` if it flagged none of them.
    pub lead_time: Option<LeadTime>,
}

/// Who was flagged against who was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confusion {
    /// Flagged, and lost.
    pub true_positives: u64,
    /// Flagged, and bought again.
    pub false_positives: u64,
    /// Not flagged, and lost.
    pub false_negatives: u64,
    /// Not flagged, and bought again.
    pub true_negatives: u64,
}

impl Confusion {
    pub(super) fn of(cases: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut counts = Self::default();
        for (flagged, lost) in cases {
            *match (flagged, lost) {
                (true, true) => &mut counts.true_positives,
                (true, false) => &mut counts.false_positives,
                (false, true) => &mut counts.false_negatives,
                (false, false) => &mut counts.true_negatives,
            } += 1;
        }
        counts
    }

    /// How many were flagged.
    #[must_use]
    pub fn flagged(&self) -> u64 {
        self.true_positives.saturating_add(self.false_positives)
    }

    /// How many were lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.true_positives.saturating_add(self.false_negatives)
    }

    pub(super) fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.flagged())
    }

    pub(super) fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.lost())
    }

    pub(super) fn f1(&self) -> Option<f64> {
        let both = self.flagged().saturating_add(self.lost());
        share(self.true_positives, both).map(|half| 2.0 * half)
    }
}

/// How early a rule flagged those who were lost.
///
/// The lead time of a customer is the days from the first alert to the day on which the silence is as long as the `horizon`
/// itself: last purchase + horizon. It is negative where the first alert came later than that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadTime {
    /// How many customers were lost and flagged.
    pub customers: u64,
    /// On how many days they had alerts, all together: `as_of`, and each day looked at before it while the rule held.
    pub alerts: u64,
    /// The mean lead time, in days.
    pub mean: f64,
    /// The median lead time, in days; of an even number of customers, the mean of the two in the middle.
    pub median: f64,
}

impl LeadTime {
    /// Of the lead times of customers, in days.
    #[allow(clippy::cast_precision_loss)] // nobody has 2^53 days
    pub(super) fn of(mut days: Vec<i32>, alerts: u64) -> Option<Self> {
        days.sort_unstable();
        let n = days.len();
        let (low, high) = (days.get(n.checked_sub(1)? / 2)?, days.get(n / 2)?);
        let sum: i64 = days.iter().map(|d| i64::from(*d)).sum();
        Some(Self {
            customers: n as u64,
            alerts,
            mean: sum as f64 / n as f64,
            median: f64::midpoint(f64::from(*low), f64::from(*high)),
        })
    }
}

#[allow(clippy::cast_precision_loss)] // a share
fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

impl BacktestReport {
    /// The rule of a name.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<&RuleQuality> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    /// The table in English as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        self.sheet().tables_markdown(&English)
    }

    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        // A column of thresholds only if one was looked for.
        let cut = self.rules.iter().any(|rule| rule.threshold.is_some());
        let row = |name: Cell, threshold: Cell, rest: [Cell; 7]| {
            let threshold = cut.then_some(threshold);
            [name].into_iter().chain(threshold).chain(rest)
        };
        let mut table = SheetTable::new(row(
            Word::Rule.into(),
            Word::Threshold.into(),
            cells![
                Word::Flagged,
                Word::OfThemLost,
                Word::Precision,
                Word::Recall,
                Word::F1,
                Word::LeadTimeMean,
                Word::Median,
            ],
        ));
        for rule in &self.rules {
            table.row(row(
                Cell::literal(&rule.name),
                Cell::plain(rule.threshold),
                cells![
                    rule.confusion.flagged(),
                    rule.confusion.true_positives,
                    Cell::share(rule.precision),
                    Cell::share(rule.recall),
                    Cell::number(rule.f1, 2),
                    Cell::number(rule.lead_time.map(|lead| lead.mean), 1),
                    Cell::number(rule.lead_time.map(|lead| lead.median), 1),
                ],
            ));
        }
        Sheet::new(Word::TitleBacktest)
            .note(
                Word::Policy,
                Cell::literal(format!("{} {}", self.policy.policy, self.policy.version)),
            )
            .note(Word::AsOf, self.as_of)
            .note(
                Word::Horizon,
                Cell::number(f64::from(self.horizon.get()), 0),
            )
            .note(Word::Customers, self.customers)
            .table(table)
    }
}

impl fmt::Display for BacktestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

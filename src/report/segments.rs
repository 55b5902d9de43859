//! Who is in which segment: counts and value per segment, and segments against another grouping.
//!
//! A customer can be in any number of segments, so the lines do not add up to the customers; the last line counts each
//! customer once.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use super::text::{TOTAL, UNKNOWN};
use crate::model::Currency;
use crate::rules::Truth;
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::shown;

/// The customers of one segment, and what they are worth together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentLine {
    /// The segment.
    pub name: String,
    /// What it goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// How many customers are in it.
    pub customers: u64,
    /// Of how many it is not known whether they are in it.
    pub unknown: u64,
    /// The sum of the values of those in it as far as they are known, in minor units.
    pub value: i128,
    /// Of how many of those in it the value is not known.
    #[serde(default)]
    pub without_value: u64,
}

/// How many customers each segment has, of how many that is not known, and which share of the value.
///
/// As text it is a table with a line for each segment; the last line counts every customer once. Of how many the value is not
/// known is a column of its own where there is anybody.
///
/// ```
/// use customer_value::model::Currency;
/// use customer_value::report::SegmentReport;
/// use customer_value::rules::Truth::{False, True, Unknown};
///
/// let segments = [("bonn", Some("geography")), ("big", Some("value"))];
/// let mut report = SegmentReport::new(segments, "spend", Currency::EUR);
/// report.add([True, True], Some(75_00));
/// report.add([True, False], Some(25_00));
/// report.add([Unknown, False], None);
/// assert_eq!(report.to_string(), "\
/// segment  goes by    customers    share  unknown   spend    share  value unknown
/// bonn     geography          2   66.7 %        1  100.00  100.0 %              0
/// big      value              1   33.3 %        0   75.00   75.0 %              0
/// all      -                  3  100.0 %        0  100.00  100.0 %              1
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentReport {
    of: String,
    currency: Currency,
    segments: Vec<SegmentLine>,
    all: SegmentLine,
}

impl SegmentReport {
    /// No customer yet: the segments with what each goes by, what the value is (`spend`), and its currency.
    #[must_use]
    pub fn new<'a>(
        segments: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
        of: impl Into<String>,
        currency: Currency,
    ) -> Self {
        let line = |(name, dimension): (&str, Option<&str>)| SegmentLine {
            name: name.to_owned(),
            dimension: dimension.map(str::to_owned),
            ..SegmentLine::default()
        };
        Self {
            of: of.into(),
            currency,
            segments: segments.into_iter().map(line).collect(),
            all: line(("all", None)),
        }
    }

    /// Counts a customer: whether they are in each segment, in order, and their value in minor units; a value that is not
    /// known adds nothing.
    pub fn add(&mut self, memberships: impl IntoIterator<Item = Truth>, value: Option<i64>) {
        let take = |line: &mut SegmentLine| {
            let without = u64::from(value.is_none());
            line.customers = line.customers.saturating_add(1);
            line.value = line.value.saturating_add(value.unwrap_or(0).into());
            line.without_value = line.without_value.saturating_add(without);
        };
        take(&mut self.all);
        for (line, truth) in self.segments.iter_mut().zip(memberships) {
            match truth {
                Truth::True => take(line),
                Truth::Unknown => line.unknown = line.unknown.saturating_add(1),
                Truth::False => {}
            }
        }
    }

    /// The segments, in order.
    #[must_use]
    pub fn segments(&self) -> &[SegmentLine] {
        &self.segments
    }

    /// A segment, by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&SegmentLine> {
        self.segments.iter().find(|line| line.name == name)
    }

    /// Every customer once.
    #[must_use]
    pub fn all(&self) -> &SegmentLine {
        &self.all
    }

    /// The part of all customers who are known to be in a segment, 0 to 1; `None` when there is no customer.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a share
    pub fn customer_share(&self, line: &SegmentLine) -> Option<f64> {
        let all = self.all.customers;
        (all > 0).then(|| line.customers as f64 / all as f64)
    }

    /// The part of the whole value that those in a segment have: 0 to 1 where nobody's value is negative. `None` when the
    /// whole is not positive.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a share
    pub fn value_share(&self, line: &SegmentLine) -> Option<f64> {
        let all = self.all.value;
        (all > 0).then(|| line.value as f64 / all as f64)
    }

    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        // Who is in a segment is in the last line too.
        let some_unknown = self.all.without_value > 0;
        let unknown = |cell: Cell| some_unknown.then_some(cell);
        let heads = cells![
            Word::Segment,
            Word::GoesBy,
            Word::Customers,
            Word::Share,
            Word::Unknown,
            Cell::name(&self.of),
            Word::Share,
        ];
        let heads = heads.into_iter().chain(unknown(Word::ValueUnknown.into()));
        let mut table = SheetTable::new(heads).left(1);
        let segments = self.segments.iter();
        let segments = segments.map(|line| (Cell::literal(&line.name), line));
        for (name, line) in segments.chain([(Word::All.into(), &self.all)]) {
            let cells = cells![
                name,
                line.dimension.as_ref().map(Cell::name),
                line.customers,
                Cell::share(self.customer_share(line)),
                line.unknown,
                shown(line.value, self.currency),
                Cell::share(self.value_share(line)),
            ];
            table.row(cells.into_iter().chain(unknown(line.without_value.into())));
        }
        Sheet::new(Word::TitleSegments)
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(table)
    }
}

impl fmt::Display for SegmentReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

/// One group of a [`SegmentCross`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentCrossRow {
    /// The group's name.
    pub name: String,
    /// How many customers it has.
    pub customers: u64,
    /// How many of them are in each segment.
    pub members: Vec<u64>,
    /// Of how many of them that is not known, for each segment.
    pub unknown: Vec<u64>,
}

/// How many of each group (a tier, a stage, a word, another segment) are in each segment.
///
/// As text it is a table with a line for each group, then the sums over the groups, then, if there is anybody of whom it is
/// not known whether they are in a segment, how many. The columns overlap, so `customers` is not their sum.
///
/// ```
/// use customer_value::report::SegmentCross;
/// use customer_value::rules::Truth::{False, True, Unknown};
///
/// let mut cross = SegmentCross::new("tier", ["gold", "member"], ["bonn", "big"]);
/// cross.add(Some(0), [True, True]);
/// cross.add(Some(1), [True, False]);
/// cross.add(Some(1), [Unknown, False]);
/// assert_eq!(cross.to_string(), "\
/// tier             bonn  big  customers
/// gold                1    1          1
/// member              1    0          2
/// total               2    1          3
/// segment unknown     1    0          -
/// ");
/// assert_eq!(cross.count("gold", "bonn"), 1);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentCross {
    by: String,
    segments: Vec<String>,
    rows: Vec<SegmentCrossRow>,
    unknown: SegmentCrossRow,
}

impl SegmentCross {
    /// No customer yet: what the groups are, their names in the order of their codes, and the segments.
    #[must_use]
    pub fn new<R: Into<String>, S: Into<String>>(
        by: impl Into<String>,
        groups: impl IntoIterator<Item = R>,
        segments: impl IntoIterator<Item = S>,
    ) -> Self {
        let segments: Vec<String> = segments.into_iter().map(Into::into).collect();
        let row = |name: String| SegmentCrossRow {
            name,
            customers: 0,
            members: vec![0; segments.len()],
            unknown: vec![0; segments.len()],
        };
        Self {
            by: by.into(),
            rows: groups.into_iter().map(|name| row(name.into())).collect(),
            unknown: row(UNKNOWN.to_owned()),
            segments,
        }
    }

    /// Counts a customer of a group (by its code, from 0). No group, or a code that no group has, is unknown.
    pub fn add(&mut self, group: Option<usize>, memberships: impl IntoIterator<Item = Truth>) {
        let row = group.and_then(|code| self.rows.get_mut(code));
        let row = row.unwrap_or(&mut self.unknown);
        row.customers = row.customers.saturating_add(1);
        let counts = row.members.iter_mut().zip(&mut row.unknown);
        for ((members, unknown), truth) in counts.zip(memberships) {
            match truth {
                Truth::True => *members = members.saturating_add(1),
                Truth::Unknown => *unknown = unknown.saturating_add(1),
                Truth::False => {}
            }
        }
    }

    /// What the groups are.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// The segments.
    #[must_use]
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The groups.
    #[must_use]
    pub fn rows(&self) -> &[SegmentCrossRow] {
        &self.rows
    }

    /// The customers whose group is not known.
    #[must_use]
    pub fn unknown(&self) -> &SegmentCrossRow {
        &self.unknown
    }

    /// How many of a group are in a segment, by their names; 0 if there is no such name.
    #[must_use]
    pub fn count(&self, group: &str, segment: &str) -> u64 {
        let row = self.rows.iter().find(|row| row.name == group);
        let segment = self.segments.iter().position(|name| name == segment);
        let count = row.zip(segment).and_then(|(row, at)| row.members.get(at));
        count.copied().unwrap_or(0)
    }

    /// The sums over the groups, with those whose group is not known.
    #[must_use]
    pub fn total(&self) -> SegmentCrossRow {
        let rows = || self.rows.iter().chain([&self.unknown]);
        let sum =
            |of: &dyn Fn(&SegmentCrossRow) -> u64| rows().map(of).fold(0, u64::saturating_add);
        let each = |of: fn(&SegmentCrossRow) -> &Vec<u64>| {
            let at = |i: usize| sum(&|row| of(row).get(i).copied().unwrap_or(0));
            (0..self.segments.len()).map(at).collect()
        };
        SegmentCrossRow {
            name: TOTAL.to_owned(),
            customers: sum(&|row| row.customers),
            members: each(|row| &row.members),
            unknown: each(|row| &row.unknown),
        }
    }
    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let heads = self.segments.iter().map(Cell::literal);
        let by = [Cell::name(&self.by)].into_iter();
        let mut table = SheetTable::new(by.chain(heads).chain([Word::Customers.into()]));
        let mut row = |name: Cell, counts: &[u64], last: Cell| {
            let counts = (0..self.segments.len()).map(|i| counts.get(i).copied().unwrap_or(0));
            let counts = counts.map(Cell::from);
            table.row([name].into_iter().chain(counts).chain([last]));
        };
        for group in &self.rows {
            row(
                group_cell(&group.name),
                &group.members,
                group.customers.into(),
            );
        }
        let (unknown, total) = (&self.unknown, self.total());
        if unknown.customers > 0 {
            row(
                Word::Unknown.into(),
                &unknown.members,
                unknown.customers.into(),
            );
        }
        row(Word::Total.into(), &total.members, total.customers.into());
        if total.unknown.iter().any(|count| *count > 0) {
            row(Word::SegmentUnknown.into(), &total.unknown, Cell::Missing);
        }
        Sheet::new(Word::TitleSegmentCross)
            .note(Word::Down, Cell::name(&self.by))
            .note(Word::Across, Word::Segment)
            .table(table)
    }
}

/// The groups of a flag have the crate's words, all others the user's.
fn group_cell(name: &str) -> Cell {
    match name {
        "yes" => Word::Yes.into(),
        "no" => Word::No.into(),
        other => Cell::literal(other),
    }
}

impl fmt::Display for SegmentCross {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

//! Complaints: what is open, what is overdue, and how long settling them takes.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use super::text::{UNKNOWN, group_cell};
use super::{Interval, MeanTime, MedianTime, Survival};
use crate::Error;
use crate::model::{Complaint, Currency, CustomerId, Day, Days};
use crate::rules::language::ReportWord as Word;

/// The complaints of one group: whole numbers that add up in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComplaintRow {
    /// How many there are.
    pub complaints: u64,
    /// Those that are open.
    pub open: u64,
    /// Those that are open, and due before the day of the report.
    pub overdue: u64,
    /// Those, open or not, that are due before the day of the report.
    pub decided: u64,
    /// Those of the decided ones that were settled by the day on which they were due.
    pub in_time: u64,
    /// How long settling took; open ones are censored.
    pub days: Survival,
}

impl ComplaintRow {
    /// In time ÷ decided, 0 to 1; `None` where none is decided.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a share
    pub fn in_time_share(&self) -> Option<f64> {
        (self.decided > 0).then(|| self.in_time as f64 / self.decided as f64)
    }

    /// The 95 % interval of the share, by Wilson's method; `None` where none is decided.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        Interval::wilson(self.in_time, self.decided)
    }

    /// The days after which half are settled.
    #[must_use]
    pub fn median(&self) -> MedianTime {
        self.days.median()
    }

    /// The mean days to settle, where what takes longer than the horizon counts as that.
    #[must_use]
    pub fn mean(&self, horizon: Days) -> Option<MeanTime> {
        self.days.mean_within(horizon)
    }

    fn merge(&mut self, other: &Self) {
        self.complaints = self.complaints.saturating_add(other.complaints);
        self.open = self.open.saturating_add(other.open);
        self.overdue = self.overdue.saturating_add(other.overdue);
        self.decided = self.decided.saturating_add(other.decided);
        self.in_time = self.in_time.saturating_add(other.in_time);
        self.days.merge(&other.days);
    }
}

/// A complaint that is not settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenComplaint {
    /// Who complained.
    pub customer: CustomerId,
    /// When.
    pub opened: Day,
    /// Of what.
    pub topic: String,
    /// The customer's tier, if it is known.
    pub tier: Option<String>,
    /// What the customer is worth, in minor units, if it is known.
    pub value: Option<i64>,
    /// By when it was, or is, to be settled, if it has a target.
    pub due: Option<Day>,
    /// How many days after that the day of the report is: at least one, `None` where it is not overdue.
    pub overdue: Option<Days>,
}

/// What is known of whoever complained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Complainer<'a> {
    /// The tier.
    pub tier: Option<&'a str>,
    /// What the customer is worth, in minor units.
    pub value: Option<i64>,
    /// By when the complaint is to be settled
    /// ([`ComplaintTargets::due`](crate::strategy::surveys::ComplaintTargets::due)).
    pub due: Option<Day>,
}

/// What is open and overdue, how many complaints were settled in time, and how long it took, by tier and by topic.
///
/// [The page on surveys](crate::docs::surveys) has the definitions.
///
/// ```
/// use customer_value::model::{Complaint, Currency, Days};
/// use customer_value::report::{Complainer, ComplaintReport};
///
/// let monday: customer_value::model::Day = "2024-03-04".parse()?;
/// let complaints = [
///     Complaint::new(1, monday, "delivery")?.resolved_on(monday.next())?,
///     Complaint::new(2, monday, "delivery")?,
///     Complaint::new(3, monday, "price")?.resolved_on("2024-03-14".parse()?)?,
/// ];
/// let all_due = "2024-03-06".parse()?;
/// let known = |_: &Complaint| Complainer { tier: Some("A"), value: Some(250_00), due: Some(all_due) };
/// let report = ComplaintReport::of(&complaints, known, Currency::EUR, Days::new(10), "2024-03-14".parse()?);
/// assert_eq!(report.to_string(), "\
/// tier  complaints  open  overdue  in time   from      to  median days  mean days
/// A              3     1        1   33.3 %  6.1 %  79.2 %           10        7.0
///
/// topic     complaints  open  overdue  in time   from      to  median days  mean days
/// delivery           2     1        1   50.0 %  9.5 %  90.5 %            1        5.5
/// price              1     0        0    0.0 %  0.0 %  79.3 %           10       10.0
/// total              3     1        1   33.3 %  6.1 %  79.2 %           10        7.0
///
/// overdue      opened  topic     tier         due  days overdue   value
/// 2        2024-03-04  delivery  A     2024-03-06             8  250.00
/// ");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComplaintReport {
    as_of: Day,
    currency: Currency,
    horizon: Days,
    by_tier: BTreeMap<String, ComplaintRow>,
    by_topic: BTreeMap<String, ComplaintRow>,
    total: ComplaintRow,
    open: Vec<OpenComplaint>,
}

impl ComplaintReport {
    /// Reports on all complaints opened up to a day, as they were at its close; later ones, and what was settled later, are not
    /// known then. `known` tells what is known of a complaint's customer; `horizon` is for the mean.
    #[must_use]
    pub fn of<'k>(
        complaints: &[Complaint],
        known: impl Fn(&Complaint) -> Complainer<'k>,
        currency: Currency,
        horizon: Days,
        as_of: Day,
    ) -> Self {
        let mut report = Self {
            as_of,
            currency,
            horizon,
            by_tier: BTreeMap::new(),
            by_topic: BTreeMap::new(),
            total: ComplaintRow::default(),
            open: Vec::new(),
        };
        for complaint in complaints.iter().filter(|one| one.opened() <= as_of) {
            report.add(complaint, known(complaint));
        }
        report.rank();
        report
    }

    fn add(&mut self, complaint: &Complaint, known: Complainer<'_>) {
        let as_of = self.as_of;
        let resolved = complaint.resolved().filter(|day| *day <= as_of);
        let late = known.due.filter(|due| *due < as_of);
        let is_open = resolved.is_none();
        let overdue = late.filter(|_| is_open).map(|due| as_of - due);
        let in_time = late.is_some_and(|due| resolved.is_some_and(|day| day <= due));
        let mut row = ComplaintRow {
            complaints: 1,
            open: u64::from(is_open),
            overdue: u64::from(overdue.is_some()),
            decided: u64::from(late.is_some()),
            in_time: u64::from(in_time),
            days: Survival::new(),
        };
        let end = resolved.unwrap_or(as_of);
        row.days.add(end - complaint.opened(), !is_open);
        let tier = known.tier.unwrap_or(UNKNOWN).to_owned();
        let topic = complaint.topic().to_owned();
        self.by_tier.entry(tier).or_default().merge(&row);
        self.by_topic.entry(topic).or_default().merge(&row);
        self.total.merge(&row);
        if is_open {
            self.open.push(OpenComplaint {
                customer: complaint.customer().clone(),
                opened: complaint.opened(),
                topic: complaint.topic().to_owned(),
                tier: known.tier.map(str::to_owned),
                value: known.value,
                due: known.due,
                overdue,
            });
        }
    }

    fn rank(&mut self) {
        self.open.sort_by(|a, b| {
            let key = |one: &OpenComplaint| {
                let overdue = one.overdue.map_or(0, Days::get);
                // `None` is less than any value, so an unknown one comes last.
                (Reverse(overdue > 0), Reverse(one.value), Reverse(overdue))
            };
            let rest = |one: &'_ OpenComplaint| (one.due.is_none(), one.due, one.opened);
            key(a)
                .cmp(&key(b))
                .then_with(|| rest(a).cmp(&rest(b)))
                .then_with(|| (&a.customer, &a.topic).cmp(&(&b.customer, &b.topic)))
        });
    }

    /// Counts what another report has of other complaints.
    ///
    /// # Errors
    /// It is of another day, in another currency or with another horizon (`is_misuse`); nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let same = (self.as_of, self.currency, self.horizon)
            == (other.as_of, other.currency, other.horizon);
        if !same {
            return Err(Error::misuse(
                "reports of other days or in other currencies do not go together",
            ));
        }
        for (groups, others) in [
            (&mut self.by_tier, &other.by_tier),
            (&mut self.by_topic, &other.by_topic),
        ] {
            for (name, row) in others {
                groups.entry(name.clone()).or_default().merge(row);
            }
        }
        self.total.merge(&other.total);
        self.open.extend(other.open.iter().cloned());
        self.rank();
        Ok(())
    }

    /// The complaints of each tier, in the order of their names; `unknown` where it is not known.
    #[must_use]
    pub fn by_tier(&self) -> &BTreeMap<String, ComplaintRow> {
        &self.by_tier
    }

    /// The complaints about each topic, in the order of their names.
    #[must_use]
    pub fn by_topic(&self) -> &BTreeMap<String, ComplaintRow> {
        &self.by_topic
    }

    /// All complaints.
    #[must_use]
    pub fn total(&self) -> &ComplaintRow {
        &self.total
    }

    /// The open ones: the overdue ones first, then those of the most valuable customers (an unknown value last), then the longest
    /// overdue, then those due first.
    #[must_use]
    pub fn open(&self) -> &[OpenComplaint] {
        &self.open
    }

    /// The open ones that are overdue, in the same order.
    pub fn overdue(&self) -> impl Iterator<Item = &OpenComplaint> {
        self.open.iter().filter(|one| one.overdue.is_some())
    }
}

impl ComplaintReport {
    /// The report as a [sheet](super::Sheet): by tier and by topic, and the overdue ones.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(Word::TitleComplaints)
            .note(Word::AsOf, self.as_of)
            .note(Word::MeanWithin, days(Some(self.horizon)))
            .note(Word::Amounts, Cell::literal(self.currency.code()));
        let groups = [
            (Word::Tier, &self.by_tier, None),
            (Word::Topic, &self.by_topic, Some(&self.total)),
        ];
        for (by, rows, total) in groups {
            let mut table = SheetTable::new(cells![
                by,
                Cell::name("complaints"),
                Word::OpenComplaints,
                Word::Overdue,
                Word::InTime,
                Word::LowerEnd,
                Word::UpperEnd,
                Word::MedianDays,
                Word::MeanDays,
            ]);
            let rows = rows.iter().map(|(name, row)| (group_cell(name), row));
            for (name, row) in rows.chain(total.map(|total| (Word::Total.into(), total))) {
                let interval = row.interval();
                let median = row.median().median;
                table.row(cells![
                    name,
                    row.complaints,
                    row.open,
                    row.overdue,
                    Cell::share(row.in_time_share()),
                    Cell::share(interval.map(|i| i.low)),
                    Cell::share(interval.map(|i| i.high)),
                    days(median),
                    Cell::number(row.mean(self.horizon).map(|mean| mean.days), 1),
                ]);
            }
            sheet = sheet.table(table);
        }
        let mut table = SheetTable::new(cells![
            Word::Overdue,
            Word::Opened,
            Word::Topic,
            Word::Tier,
            Word::DueDay,
            Word::OverdueDays,
            Word::Value,
        ]);
        for one in self.overdue() {
            table.row(cells![
                Cell::literal(one.customer.to_string()),
                one.opened,
                Cell::literal(&one.topic),
                one.tier.as_deref().map(Cell::literal),
                one.due,
                days(one.overdue),
                one.value.map(|value| Cell::money(value, self.currency)),
            ]);
        }
        match table.rows().is_empty() {
            true => sheet,
            false => sheet.table(table.left(2).left(3)),
        }
    }
}

/// A number of days in a column of them.
fn days(days: Option<Days>) -> Cell {
    Cell::number(days.map(|days| f64::from(days.get())), 0)
}

impl fmt::Display for ComplaintReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

//! Who came together, and who of them still comes.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::Error;
use crate::model::{Currency, Day};
use crate::rules::language::ReportWord as Word;
use crate::summary::{Period, Window};

/// The customers who bought for the first time in one period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// The first day of the period.
    pub start: Day,
    /// How many customers.
    pub customers: u64,
    /// How many periods, that one included, have ended since.
    pub periods: u32,
}

/// What a cohort did in one period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CohortCell {
    /// How many of its customers made a purchase.
    pub active: u64,
    /// The share of its customers that is, 0 to 1.
    pub retained: f64,
    /// What they spent, in minor units.
    pub spend: i128,
}

/// Retention by cohort: of those who bought for the first time in one week, month, quarter or year, how many bought in each
/// period since, and for how much. A triangle, for the later a cohort began, the less is known of it.
///
/// A period that has not ended by `as_of` is left out with all that is in it: half a month would look like a bad month.
///
/// A customer is **reactivated** in a period in which they buy after at least `away` whole periods without a purchase.
///
/// The order of customers, of their purchases and of merging does not matter. As text it is the triangle of the shares, with a
/// last line for all cohorts together, and a table of the reactivated customers where there are any.
///
/// ```
/// use customer_value::model::{Currency, Day};
/// use customer_value::report::Cohorts;
/// use customer_value::summary::Period;
///
/// let day = |text: &str| text.parse::<Day>().unwrap();
/// let mut cohorts = Cohorts::new(Period::Month, day("2024-05-15"), 2, Currency::EUR);
/// cohorts.add([(day("2024-01-03"), 10_00), (day("2024-02-01"), 5_00)]);
/// cohorts.add([(day("2024-01-31"), 20_00), (day("2024-04-30"), 7_00), (day("2024-05-01"), 1_00)]);
/// cohorts.add([(day("2024-03-10"), 8_00)]);
///
/// let cell = cohorts.cell(day("2024-01-01"), 1).unwrap();
/// assert_eq!((cell.active, cell.retained, cell.spend), (1, 0.5, 5_00));
/// assert_eq!(cohorts.cell(day("2024-03-01"), 2), None); // May has not ended
/// assert_eq!(cohorts.to_string(), "\
/// month    customers       1      2       3
/// 2024-01          2  50.0 %  0.0 %  50.0 %
/// 2024-03          1   0.0 %      -       -
/// all              3  33.3 %  0.0 %  50.0 %
///
/// month    reactivated
/// 2024-04            1
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Cohorts {
    period: Period,
    as_of: Day,
    away: u32,
    currency: Currency,
    /// By the first day of the cohort and the periods since: who was active, and what they spent. Only where somebody was.
    cells: BTreeMap<(Day, u32), (u64, i128)>,
    /// By the first day of the period.
    reactivated: BTreeMap<Day, u64>,
}

impl Cohorts {
    /// No customer yet: the periods, the day up to which purchases are known, after how many periods without a purchase a customer
    /// is reactivated, and the currency of the spend.
    #[must_use]
    pub fn new(period: Period, as_of: Day, away: u32, currency: Currency) -> Self {
        Self {
            period,
            as_of,
            away,
            currency,
            cells: BTreeMap::new(),
            reactivated: BTreeMap::new(),
        }
    }

    /// Adds a customer: the days of all their purchases, the first ever among them, each with what they spent in minor units.
    pub fn add(&mut self, purchases: impl IntoIterator<Item = (Day, i64)>) {
        let end = self.end();
        // What was spent in each period, by its number; the earliest first.
        let mut active: BTreeMap<i64, (Day, i128)> = BTreeMap::new();
        for (day, spend) in purchases {
            let period = index(self.period, day);
            if period < end {
                let first = || (start(self.period, day), 0);
                let (_, sum) = active.entry(period).or_insert_with(first);
                *sum = sum.saturating_add(i128::from(spend));
            }
        }
        let Some((&first, &(cohort, _))) = active.first_key_value() else {
            return;
        };
        let mut last = first;
        for (period, (day, spend)) in active {
            let since = u32::try_from(period - first).unwrap_or(u32::MAX);
            self.count(cohort, since, 1, spend);
            if period - last > i64::from(self.away) {
                self.reactivate(day, 1);
            }
            last = period;
        }
    }

    /// Adds the customers of another one.
    ///
    /// # Errors
    /// It has other periods, another day, another time away or another currency (`is_misuse`); then nothing is added.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let terms = |c: &Self| (c.period, c.as_of, c.away, c.currency);
        if terms(self) != terms(other) {
            return Err(Error::misuse(
                "cohorts of different periods, days, times away or currencies cannot be merged",
            ));
        }
        for ((cohort, since), (active, spend)) in &other.cells {
            self.count(*cohort, *since, *active, *spend);
        }
        for (day, customers) in &other.reactivated {
            self.reactivate(*day, *customers);
        }
        Ok(())
    }

    /// The periods.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// The day up to which purchases are known.
    #[must_use]
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The currency of the spend.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The cohorts, the earliest first. A period in which nobody bought for the first time has none.
    pub fn cohorts(&self) -> impl Iterator<Item = Cohort> + '_ {
        let founders = self.cells.iter().filter(|((_, since), _)| *since == 0);
        founders.map(|((start, _), (customers, _))| Cohort {
            start: *start,
            customers: *customers,
            periods: self.periods(*start),
        })
    }

    /// What the cohort that began in the period around a day did so many periods later; 0 is its own period. `None` if there is
    /// no such cohort, or the period has not ended.
    #[must_use]
    pub fn cell(&self, cohort: Day, since: u32) -> Option<CohortCell> {
        let cohort = start(self.period, cohort);
        let (customers, _) = *self.cells.get(&(cohort, 0))?;
        if since >= self.periods(cohort) {
            return None;
        }
        let (active, spend) = self.cells.get(&(cohort, since)).copied().unwrap_or((0, 0));
        Some(CohortCell {
            active,
            retained: share(u128::from(active), u128::from(customers)),
            spend,
        })
    }

    /// The share of all customers who are active so many periods after their first, of the cohorts of which that is known. `None`
    /// if there is none.
    #[must_use]
    pub fn retained(&self, since: u32) -> Option<f64> {
        let known = self.cohorts().filter(|cohort| since < cohort.periods);
        let (active, customers) = known.fold((0, 0), |(active, customers), cohort| {
            let cell = self.cells.get(&(cohort.start, since));
            (
                active + cell.map_or(0, |(active, _)| u128::from(*active)),
                customers + u128::from(cohort.customers),
            )
        });
        (customers > 0).then(|| share(active, customers))
    }

    /// How many customers were reactivated in each period, by its first day; periods with none are left out.
    pub fn reactivated(&self) -> impl Iterator<Item = (Day, u64)> + '_ {
        self.reactivated.iter().map(|(day, n)| (*day, *n))
    }

    fn count(&mut self, cohort: Day, since: u32, active: u64, spend: i128) {
        let (customers, sum) = self.cells.entry((cohort, since)).or_default();
        *customers = customers.saturating_add(active);
        *sum = sum.saturating_add(spend);
    }

    fn reactivate(&mut self, day: Day, customers: u64) {
        let sum = self.reactivated.entry(day).or_default();
        *sum = sum.saturating_add(customers);
    }

    /// The number of the first period that has not ended.
    fn end(&self) -> i64 {
        index(self.period, self.as_of.next())
    }

    /// How many periods have ended since a cohort began, its own included.
    fn periods(&self, cohort: Day) -> u32 {
        u32::try_from(self.end() - index(self.period, cohort)).unwrap_or(0)
    }

    /// What people call the period that begins on a day.
    fn label(&self, start: Day) -> Cell {
        let (year, month) = (start.year(), start.month());
        Cell::Text(match self.period {
            Period::Week => return start.into(),
            Period::Month => format!("{year:04}-{month:02}"),
            Period::Quarter => format!("{year:04}-Q{}", month.div_ceil(3)),
            Period::Year => format!("{year:04}"),
        })
    }
}

/// The number of the period that a day is in: neighbours differ by one.
fn index(period: Period, day: Day) -> i64 {
    let month = || i64::from(day.year()) * 12 + i64::from(day.month()) - 1;
    match period {
        // 1970-01-01 was a Thursday.
        Period::Week => (i64::from(day.epoch_days()) + 3).div_euclid(7),
        Period::Month => month(),
        Period::Quarter => month().div_euclid(3),
        Period::Year => i64::from(day.year()),
    }
}

/// The first day of the period that a day is in.
fn start(period: Period, day: Day) -> Day {
    Window::Calendar { period, back: 0 }.at(day).first()
}

#[allow(clippy::cast_precision_loss)] // for a share
fn share(part: u128, whole: u128) -> f64 {
    part as f64 / whole as f64
}

/// How cohorts are written.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    period: Period,
    as_of: Day,
    away: u32,
    currency: Currency,
    cells: Vec<WrittenCell>,
    reactivated: Vec<WrittenReactivated>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCell {
    cohort: Day,
    since: u32,
    active: u64,
    spend: i128,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenReactivated {
    start: Day,
    customers: u64,
}

impl From<Written> for Cohorts {
    fn from(written: Written) -> Self {
        let mut cohorts = Self::new(
            written.period,
            written.as_of,
            written.away,
            written.currency,
        );
        for cell in written.cells.into_iter().filter(|cell| cell.active > 0) {
            cohorts.count(cell.cohort, cell.since, cell.active, cell.spend);
        }
        for period in written.reactivated {
            cohorts.reactivate(period.start, period.customers);
        }
        cohorts
    }
}

impl From<Cohorts> for Written {
    fn from(cohorts: Cohorts) -> Self {
        let cell = |((cohort, since), (active, spend))| WrittenCell {
            cohort,
            since,
            active,
            spend,
        };
        let period = |(start, customers)| WrittenReactivated { start, customers };
        Self {
            period: cohorts.period,
            as_of: cohorts.as_of,
            away: cohorts.away,
            currency: cohorts.currency,
            cells: cohorts.cells.into_iter().map(cell).collect(),
            reactivated: cohorts.reactivated.into_iter().map(period).collect(),
        }
    }
}

impl Cohorts {
    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let period = match self.period {
            Period::Week => Word::Week,
            Period::Month => Word::Month,
            Period::Quarter => Word::Quarter,
            Period::Year => Word::Year,
        };
        let periods = self.cohorts().map(|cohort| cohort.periods).max();
        let since = || 1..periods.unwrap_or(0);
        let heads = since().map(|since| u64::from(since).into());
        let mut table = SheetTable::new(cells![period, Word::Customers].into_iter().chain(heads));
        for cohort in self.cohorts() {
            let cell = |since| self.cell(cohort.start, since).map(|cell| cell.retained);
            let first = cells![self.label(cohort.start), cohort.customers];
            let shares = since().map(|since| Cell::share(cell(since)));
            table.row(first.into_iter().chain(shares));
        }
        let customers = self.cohorts().map(|cohort| cohort.customers);
        let first = cells![Word::All, customers.fold(0, u64::saturating_add)];
        let shares = since().map(|since| Cell::share(self.retained(since)));
        table.row(first.into_iter().chain(shares));
        let sheet = Sheet::new(Word::TitleCohorts)
            .note(Word::AsOf, self.as_of)
            .note(Word::Away, u64::from(self.away))
            .table(table);
        if self.reactivated.is_empty() {
            return sheet;
        }
        let mut table = SheetTable::new(cells![period, Word::Reactivated]);
        for (start, customers) in self.reactivated() {
            table.row(cells![self.label(start), customers]);
        }
        sheet.table(table)
    }
}

impl fmt::Display for Cohorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

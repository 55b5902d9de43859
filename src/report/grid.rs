//! Customers by what they buy and what they bring: lifetime value against referral value.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::model::Currency;
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::shown;

/// The four groups of Kumar, Petersen & Leone, "How Valuable Is Word of Mouth?", Harvard Business Review 85(10), 2007.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GridGroup {
    /// High lifetime value, high referral value.
    Champions,
    /// High lifetime value, low referral value.
    Affluents,
    /// Low lifetime value, high referral value.
    Advocates,
    /// Low lifetime value, low referral value.
    Misers,
}

impl GridGroup {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [
        Self::Champions,
        Self::Affluents,
        Self::Advocates,
        Self::Misers,
    ];

    /// Its name in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Champions => "champions",
            Self::Affluents => "affluents",
            Self::Advocates => "advocates",
            Self::Misers => "misers",
        }
    }

    const fn word(self) -> Word {
        match self {
            Self::Champions => Word::Champions,
            Self::Affluents => Word::Affluents,
            Self::Advocates => Word::Advocates,
            Self::Misers => Word::Misers,
        }
    }
}

impl fmt::Display for GridGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Where high begins: **above** the limit. A value that is exactly the limit is low, because the median of referral values
/// is often 0, and who brings nobody is not an advocate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridLimits {
    /// The greatest lifetime value that is low, in minor units.
    pub clv: i64,
    /// The greatest referral value that is low, in minor units.
    pub crv: i64,
}

impl GridLimits {
    /// The medians of the customers of whom both values are known (lifetime value first, in minor units). Between two
    /// middle values it is their mean, rounded down, which parts whole numbers as the mean itself does. `None` if there is
    /// nobody.
    ///
    /// ```
    /// use customer_value::report::GridLimits;
    ///
    /// let values = [(Some(5), Some(0)), (Some(8), Some(0)), (Some(900), Some(70)), (Some(1), None)];
    /// assert_eq!(GridLimits::medians(values), Some(GridLimits { clv: 8, crv: 0 }));
    /// ```
    #[must_use]
    pub fn medians(values: impl IntoIterator<Item = (Option<i64>, Option<i64>)>) -> Option<Self> {
        let known = values.into_iter().filter_map(|(clv, crv)| clv.zip(crv));
        let (clv, crv) = known.unzip();
        Some(Self {
            clv: median(clv)?,
            crv: median(crv)?,
        })
    }

    /// The group of a customer; `None` if one of the values is not known.
    #[must_use]
    pub fn group(&self, clv: Option<i64>, crv: Option<i64>) -> Option<GridGroup> {
        Some(match (clv? > self.clv, crv? > self.crv) {
            (true, true) => GridGroup::Champions,
            (true, false) => GridGroup::Affluents,
            (false, true) => GridGroup::Advocates,
            (false, false) => GridGroup::Misers,
        })
    }
}

fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let high = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(high);
    }
    let low = *values.get(values.len() / 2 - 1)?;
    let mean = (i128::from(low) + i128::from(high)).div_euclid(2);
    i64::try_from(mean).ok()
}

/// One cell of a [`ValueGrid`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridCell {
    /// Which one.
    pub group: GridGroup,
    /// How many customers.
    pub customers: u64,
    /// The sum of their lifetime values, in minor units.
    pub clv: i128,
    /// The sum of their referral values, in minor units.
    pub crv: i128,
}

/// How many customers are champions, affluents, advocates and misers, and what they are worth.
///
/// As text it is a table with a line for each group and one for customers of whom a value is not known, if there are any; and
/// one that says what is high.
///
/// ```
/// use customer_value::model::Currency;
/// use customer_value::report::{GridLimits, ValueGrid};
///
/// let customers = [
///     (Some(900_00), Some(80_00)),
///     (Some(700_00), Some(0)),
///     (Some(20_00), Some(60_00)),
///     (Some(10_00), Some(0)),
///     (None, Some(5_00)),
/// ];
/// let limits = GridLimits::medians(customers).unwrap();
/// let mut grid = ValueGrid::new(limits, Currency::EUR);
/// for (clv, crv) in customers {
///     grid.add(clv, crv);
/// }
/// assert_eq!(grid.to_string(), "\
/// group      customers   share  lifetime value  referral value
/// champions          1  20.0 %          900.00           80.00
/// affluents          1  20.0 %          700.00            0.00
/// advocates          1  20.0 %           20.00           60.00
/// misers             1  20.0 %           10.00            0.00
/// unknown            1  20.0 %               -               -
///
/// value           high above
/// lifetime value      360.00
/// referral value       30.00
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueGrid {
    limits: GridLimits,
    currency: Currency,
    cells: [GridCell; 4],
    unknown: u64,
}

impl ValueGrid {
    /// No customer yet.
    #[must_use]
    pub fn new(limits: GridLimits, currency: Currency) -> Self {
        Self {
            limits,
            currency,
            cells: GridGroup::ALL.map(|group| GridCell {
                group,
                customers: 0,
                clv: 0,
                crv: 0,
            }),
            unknown: 0,
        }
    }

    /// Counts a customer, by lifetime value and referral value in minor units, and says the group.
    pub fn add(&mut self, clv: Option<i64>, crv: Option<i64>) -> Option<GridGroup> {
        let group = self.limits.group(clv, crv);
        match self.cells.iter_mut().find(|cell| Some(cell.group) == group) {
            Some(cell) => {
                cell.customers = cell.customers.saturating_add(1);
                cell.clv = cell.clv.saturating_add(clv.unwrap_or(0).into());
                cell.crv = cell.crv.saturating_add(crv.unwrap_or(0).into());
            }
            None => self.unknown = self.unknown.saturating_add(1),
        }
        group
    }

    /// Where high begins.
    #[must_use]
    pub fn limits(&self) -> GridLimits {
        self.limits
    }

    /// The four cells, in the order of [`GridGroup::ALL`].
    #[must_use]
    pub fn cells(&self) -> &[GridCell; 4] {
        &self.cells
    }

    /// How many customers have a value that is not known.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// How many customers there are.
    #[must_use]
    pub fn customers(&self) -> u64 {
        let cells = self.cells.iter().map(|cell| cell.customers);
        cells.fold(self.unknown, u64::saturating_add)
    }

    #[allow(clippy::cast_precision_loss)] // a share
    fn share(&self, customers: u64) -> Cell {
        let all = self.customers();
        Cell::share((all > 0).then(|| customers as f64 / all as f64))
    }

    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Group,
            Word::Customers,
            Word::Share,
            Word::LifetimeValue,
            Word::ReferralValue,
        ]);
        let money = |minor: i128| shown(minor, self.currency);
        for cell in &self.cells {
            table.row(cells![
                cell.group.word(),
                cell.customers,
                self.share(cell.customers),
                money(cell.clv),
                money(cell.crv),
            ]);
        }
        if self.unknown > 0 {
            table.row(cells![
                Word::Unknown,
                self.unknown,
                self.share(self.unknown),
            ]);
        }
        let mut limits = SheetTable::new(cells![Word::Value, Word::HighAbove]);
        limits.row(cells![Word::LifetimeValue, money(self.limits.clv.into())]);
        limits.row(cells![Word::ReferralValue, money(self.limits.crv.into())]);
        Sheet::new(Word::TitleValueGrid)
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(table)
            .table(limits)
    }
}

impl fmt::Display for ValueGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

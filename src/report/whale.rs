//! The whale curve: what the best customers bring together, and what the worst take away again.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::pareto::{PARTS, so_many};
use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::metrics::exact::{clamped, quotient};
use crate::model::Currency;
use crate::rules::language::ReportWord as Word;

/// What the best so many customers have together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhalePoint {
    /// How many of the best customers.
    pub customers: u64,
    /// Their sum in minor units; it stops at the ends of `i64`.
    pub sum: i64,
}

/// Amounts between which the customers lie: each is that of a customer, the smallest that so many have or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The smallest amount, in minor units like the others.
    pub least: i64,
    /// A tenth of the customers have this or less.
    pub p10: i64,
    /// A quarter of them.
    pub p25: i64,
    /// Half of them.
    pub median: i64,
    /// Three quarters of them.
    pub p75: i64,
    /// Nine tenths of them.
    pub p90: i64,
    /// The largest amount.
    pub most: i64,
}

/// The whale curve of an amount per customer, such as profit: with the customers ranked by it, best first, W(k) is what the
/// best k have together ÷ what all have.
///
/// It rises while customers bring something, peaks, and falls by those who cost more than they bring (Kaplan & Narayanan,
/// *Measuring and Managing Customer Profitability*, 2001). Where the total is not positive W is not defined, and the sums
/// themselves are the curve. Customers of one amount have no order among themselves, and the curve does not depend on one.
///
/// As text: what the best 1, 5, 10, 20, 50, 80 and 100 percent hold, as in [`Pareto`](super::Pareto), and the peak among them; who
/// is above and below zero; between which amounts the customers lie.
///
/// ```
/// use customer_value::model::Currency;
/// use customer_value::report::Whale;
///
/// let profits = [60_00, -40_00, 50_00, -20_00, 0].map(Some);
/// let whale = Whale::new("profit", Currency::EUR, profits, 100);
/// assert_eq!((whale.peak().customers, whale.peak().sum, whale.total()), (2, 110_00, 50_00));
/// assert_eq!(whale.share(whale.peak()), Some(2.2)); // two customers make 220 % of the profit
/// assert_eq!(whale.lost_share(), Some(1.2)); // and 120 % is lost by two others
/// let best = whale.best(20).unwrap();
/// assert_eq!((best.customers, whale.share(best)), (1, Some(1.2)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whale {
    of: String,
    currency: Currency,
    customers: u64,
    unknown: u64,
    gaining: u64,
    losing: u64,
    gained: i64,
    lost: i64,
    total: i64,
    peak: WhalePoint,
    points: Vec<WhalePoint>,
    spread: Option<Spread>,
}

impl Whale {
    /// The curve of an amount (`profit`) in minor units, of each customer; not known for those of whom it is `None`.
    ///
    /// Of the curve about so many points are kept as are wanted, evenly spaced, and always its beginning, its peak, its end, and
    /// those of the parts of [`Pareto`](super::Pareto).
    #[must_use]
    pub fn new(
        of: impl Into<String>,
        currency: Currency,
        amounts: impl IntoIterator<Item = Option<i64>>,
        points: usize,
    ) -> Self {
        let mut unknown = 0;
        let mut known: Vec<i64> = Vec::new();
        for amount in amounts {
            match amount {
                Some(amount) => known.push(amount),
                None => unknown += 1,
            }
        }
        known.sort_unstable_by(|a, b| b.cmp(a));
        let gaining = known.partition_point(|amount| *amount > 0);
        let not_losing = known.partition_point(|amount| *amount >= 0);
        let customers = known.len();
        let wanted = wanted(customers, gaining, points);
        let mut curve = Vec::with_capacity(wanted.len());
        let mut at = |k: usize, sum: i128| {
            if wanted.binary_search(&k).is_ok() {
                curve.push(WhalePoint {
                    customers: k as u64,
                    sum: clamped(sum),
                });
            }
        };
        at(0, 0);
        let (mut sum, mut gained) = (0_i128, 0_i128);
        for (k, amount) in known.iter().enumerate() {
            sum += i128::from(*amount);
            gained += i128::from((*amount).max(0));
            at(k + 1, sum);
        }
        Self {
            of: of.into(),
            currency,
            customers: customers as u64,
            unknown,
            gaining: gaining as u64,
            losing: (customers - not_losing) as u64,
            gained: clamped(gained),
            lost: clamped(gained - sum),
            total: clamped(sum),
            peak: WhalePoint {
                customers: gaining as u64,
                sum: clamped(gained),
            },
            points: curve,
            spread: spread(&known),
        }
    }

    /// What the amount is.
    #[must_use]
    pub fn of(&self) -> &str {
        &self.of
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// How many customers have an amount.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Of how many customers it is not known.
    #[must_use]
    pub fn unknown(&self) -> u64 {
        self.unknown
    }

    /// How many customers are above zero.
    #[must_use]
    pub fn gaining(&self) -> u64 {
        self.gaining
    }

    /// How many customers are below zero.
    #[must_use]
    pub fn losing(&self) -> u64 {
        self.losing
    }

    /// What those above zero have together, in minor units.
    #[must_use]
    pub fn gained(&self) -> i64 {
        self.gained
    }

    /// What those below zero take away, in minor units; zero or more.
    #[must_use]
    pub fn lost(&self) -> i64 {
        self.lost
    }

    /// What all have together, in minor units.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.total
    }

    /// The highest point of the curve, with as few customers as make it.
    #[must_use]
    pub fn peak(&self) -> WhalePoint {
        self.peak
    }

    /// The curve, from nobody to everybody.
    #[must_use]
    pub fn points(&self) -> &[WhalePoint] {
        &self.points
    }

    /// Between which amounts the customers lie; `None` where nobody has one.
    #[must_use]
    pub fn spread(&self) -> Option<Spread> {
        self.spread
    }

    /// W: what a point of the curve has ÷ the total; 1 is all of it. `None` where the total is not positive.
    #[must_use]
    pub fn share(&self, point: WhalePoint) -> Option<f64> {
        self.part(point.sum)
    }

    /// What those below zero take away ÷ the total; `None` where the total is not positive.
    #[must_use]
    pub fn lost_share(&self) -> Option<f64> {
        self.part(self.lost)
    }

    /// The point of the best so many percent of the customers, rounded up to a whole one; its [`share`](Self::share) is their Pareto
    /// share. `None` for percentages other than 1, 5, 10, 20, 50, 80 and 100.
    #[must_use]
    pub fn best(&self, percent: u8) -> Option<WhalePoint> {
        if !PARTS.contains(&percent) {
            return None;
        }
        let customers = so_many(self.customers, percent);
        let mut points = self.points.iter();
        points.find(|point| point.customers == customers).copied()
    }

    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut sheet = Sheet::new(Word::TitleWhale)
            .note(Word::Value, Cell::name(&self.of))
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(self.heights())
            .table(self.sides());
        if let Some(spread) = self.spread {
            sheet = sheet.table(self.lies(spread));
        }
        sheet
    }

    /// What the best hold together.
    fn heights(&self) -> SheetTable {
        let mut table = SheetTable::new(cells![
            Word::Top,
            Word::Customers,
            Cell::name(&self.of),
            Word::ShareOfTotal,
        ]);
        let part = |percent: u8| Cell::share(f64::from(percent) / 100.0);
        let parts = PARTS.iter();
        let parts = parts.filter_map(|percent| Some((part(*percent), self.best(*percent)?)));
        let mut all: Vec<(Cell, WhalePoint)> = parts.collect();
        // The peak stands where it is reached; behind those of as many customers.
        let behind = all.partition_point(|(_, p)| p.customers <= self.peak.customers);
        all.insert(behind, (Word::Peak.into(), self.peak));
        for (name, point) in all {
            table.row(cells![
                name,
                point.customers,
                Cell::money(point.sum, self.currency),
                Cell::share(self.share(point)),
            ]);
        }
        table
    }

    /// Who brings, who takes away, and of whom that is not known.
    fn sides(&self) -> SheetTable {
        let name = Cell::name(&self.of);
        let mut table = SheetTable::new(cells![
            name.clone(),
            Word::Customers,
            name,
            Word::ShareOfTotal,
        ]);
        let zero = self.customers.saturating_sub(self.gaining);
        let sides = [
            (Word::Winners, self.gaining, self.gained),
            (Word::Zero, zero.saturating_sub(self.losing), 0),
            (Word::Losers, self.losing, self.lost.saturating_neg()),
            (Word::Total, self.customers, self.total),
        ];
        for (name, customers, sum) in sides {
            let share = Cell::share(self.part(sum));
            table.row(cells![
                name,
                customers,
                Cell::money(sum, self.currency),
                share
            ]);
        }
        if self.unknown > 0 {
            table.row(cells![Word::Unknown, self.unknown]);
        }
        table
    }

    /// Between which amounts they lie.
    fn lies(&self, spread: Spread) -> SheetTable {
        let mut table = SheetTable::new(cells![Word::Customers, Word::OrLess]);
        let money = |minor: i64| Cell::money(minor, self.currency);
        table.row(cells![Word::Least, money(spread.least)]);
        for (part, minor) in [
            (0.1, spread.p10),
            (0.25, spread.p25),
            (0.5, spread.median),
            (0.75, spread.p75),
            (0.9, spread.p90),
            (1.0, spread.most),
        ] {
            table.row(cells![Cell::share(part), money(minor)]);
        }
        table
    }

    fn part(&self, sum: i64) -> Option<f64> {
        (self.total > 0)
            .then(|| quotient(sum.into(), self.total.into()))
            .flatten()
    }
}

/// As many customers as so many percent are.
fn part_of(customers: usize, percent: u8) -> usize {
    usize::try_from(so_many(customers as u64, percent)).unwrap_or(customers)
}

/// Of which numbers of customers a point is kept, ascending.
fn wanted(customers: usize, peak: usize, points: usize) -> Vec<usize> {
    let steps = points.saturating_sub(1).clamp(1, customers.max(1));
    let even = (0..=steps).map(|step| {
        let at = customers as u128 * step as u128 / steps as u128;
        usize::try_from(at).unwrap_or(customers)
    });
    let parts = PARTS.map(|percent| part_of(customers, percent));
    let mut wanted: Vec<usize> = even.chain(parts).chain([peak]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// By nearest rank, of amounts in descending order.
fn spread(descending: &[i64]) -> Option<Spread> {
    let at = |percent: u8| {
        let rank = part_of(descending.len(), percent).max(1);
        descending.get(descending.len().checked_sub(rank)?).copied()
    };
    Some(Spread {
        least: at(0)?,
        p10: at(10)?,
        p25: at(25)?,
        median: at(50)?,
        p75: at(75)?,
        p90: at(90)?,
        most: at(100)?,
    })
}

impl fmt::Display for Whale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

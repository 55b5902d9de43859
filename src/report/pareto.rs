//! Which part of the customers holds which part of a total.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Ranking;
use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::language::ReportWord as Word;

/// The parts of the customers that are told, in percent.
pub(super) const PARTS: [u8; 7] = [1, 5, 10, 20, 50, 80, 100];

/// How many of the customers so many percent are, rounded up; at most all of them.
pub(super) fn so_many(customers: u64, percent: u8) -> u64 {
    let part = (u128::from(customers) * u128::from(percent)).div_ceil(100);
    u64::try_from(part).map_or(customers, |part| part.min(customers))
}

/// What the best so many percent of a ranking hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParetoPart {
    /// How many percent of the customers, 1 to 100.
    pub percent: u8,
    /// How many customers that is, rounded up.
    pub customers: u64,
    /// Their part of the total ([`Ranking::share`]).
    pub share: Option<f64>,
    /// How many times their part of the customers that is ([`Ranking::lift`]).
    pub lift: Option<f64>,
}

/// Which part of a total the best 1, 5, 10, 20, 50, 80 and 100 % of a ranking hold (Pareto 1896: of incomes and land, a few hold
/// most).
///
/// ```
/// use customer_value::report::{Pareto, Ranking};
/// use customer_value::rules::language::{Chinese, English};
///
/// // Ten customers: two bring 40 each, the others 2.50 each.
/// let amounts = [40_00, 40_00].into_iter().chain([2_50; 8]);
/// let ranking = Ranking::new(amounts.map(|amount| (Some(amount as f64), amount)));
/// let pareto = Pareto::new("spend", &ranking);
/// assert_eq!(pareto.part(20).and_then(|part| part.share), Some(0.8));
/// assert_eq!(pareto.to_string(), "\
/// best customers  customers  share of the total  lift
/// 1.0 %                   1              40.0 %  4.00
/// 5.0 %                   1              40.0 %  4.00
/// 10.0 %                  1              40.0 %  4.00
/// 20.0 %                  2              80.0 %  4.00
/// 50.0 %                  5              87.5 %  1.75
/// 80.0 %                  8              95.0 %  1.19
/// 100.0 %                10             100.0 %  1.00
/// ");
/// assert!(pareto.sheet().text(&Chinese).starts_with("帕累托占比\n价值：消费金额\n基尼系数：0.600\n"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pareto {
    /// What the total is of: `spend`.
    pub of: String,
    /// How unequally it is held ([`Ranking::gini`]).
    pub gini: Option<f64>,
    /// The parts, the smallest first.
    pub parts: Vec<ParetoPart>,
}

impl Pareto {
    /// Of a ranking of customers by what they have of a total, or by anything else, and the name of what it is a total of.
    #[must_use]
    pub fn new(of: impl Into<String>, ranking: &Ranking) -> Self {
        let parts = PARTS.map(|percent| {
            let customers = so_many(ranking.customers(), percent);
            ParetoPart {
                percent,
                customers,
                share: ranking.share(customers),
                lift: ranking.lift(customers),
            }
        });
        Self {
            of: of.into(),
            gini: ranking.gini(),
            parts: parts.to_vec(),
        }
    }

    /// What the best so many percent hold; `None` if that is not one of the parts told.
    #[must_use]
    pub fn part(&self, percent: u8) -> Option<&ParetoPart> {
        self.parts.iter().find(|part| part.percent == percent)
    }

    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Top,
            Word::Customers,
            Word::ShareOfTotal,
            Word::Lift,
        ]);
        for part in &self.parts {
            table.row(cells![
                Cell::share(f64::from(part.percent) / 100.0),
                part.customers,
                Cell::share(part.share),
                Cell::number(part.lift, 2),
            ]);
        }
        Sheet::new(Word::TitlePareto)
            .note(Word::Value, Cell::name(&self.of))
            .note(Word::Gini, Cell::number(self.gini, 3))
            .table(table)
    }
}

impl fmt::Display for Pareto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

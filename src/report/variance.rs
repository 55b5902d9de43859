//! Why actual cost differs from plan: more customers, other customers, or each of them dearer.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::Error;
use crate::model::{CostCategory, Currency};
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::{Budget, BudgetState, Line, LineKey, Period, shown};

/// Whether a difference is good for the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Less cost than planned.
    Favourable,
    /// As planned.
    None,
    /// More cost than planned.
    Adverse,
}

impl Effect {
    /// Of actual − plan.
    #[must_use]
    pub const fn of(difference: i128) -> Self {
        match difference {
            0 => Self::None,
            1.. => Self::Adverse,
            _ => Self::Favourable,
        }
    }

    /// The word that stands for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Favourable => "favourable",
            Self::None => "none",
            Self::Adverse => "adverse",
        }
    }

    const fn word(self) -> Word {
        match self {
            Self::Favourable => Word::Favourable,
            Self::None => Word::AsPlanned,
            Self::Adverse => Word::Adverse,
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a line was to cost and did cost, as [`Variance::new`] takes it; amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    /// The name.
    pub name: String,
    /// What it was to cost.
    pub plan: i64,
    /// For how many customers; `None` or 0 if the cost does not depend on them (a fixed cost).
    pub planned_customers: Option<u64>,
    /// What it did cost.
    pub actual: i64,
    /// For how many customers.
    pub customers: u64,
}

/// The parts of actual − plan, in minor units; above zero is more cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// More or fewer customers in all, in the planned mix.
    pub volume: i128,
    /// Other customers than planned.
    pub mix: i128,
    /// More or less for each customer.
    pub rate: i128,
}

impl Parts {
    /// Their sum: actual − plan.
    #[must_use]
    pub const fn total(&self) -> i128 {
        self.volume
            .saturating_add(self.mix)
            .saturating_add(self.rate)
    }

    fn add(&mut self, other: &Self) {
        self.volume = self.volume.saturating_add(other.volume);
        self.mix = self.mix.saturating_add(other.mix);
        self.rate = self.rate.saturating_add(other.rate);
    }
}

/// One line of a [`Variance`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineVariance {
    /// What was planned and what it came to.
    pub line: Planned,
    /// Why they differ.
    pub parts: Parts,
}

/// Actual against plan of a group of lines, split into volume, mix and rate, exactly.
///
/// [The page on budgets](crate::docs::budget) has the formulas. As text it is a table of the lines.
///
/// ```
/// use customer_value::model::Currency;
/// use customer_value::report::{Planned, Variance};
///
/// // Planned: 100 customers of A at 30.00 and 300 of B at 10.00. There were 150 and 300, and those of B cost 11.00.
/// let line = |name: &str, plan, planned, actual, customers| Planned {
///     name: name.to_owned(), plan, planned_customers: Some(planned), actual, customers,
/// };
/// let variance = Variance::new("marketing", Currency::EUR, [
///     line("A", 3_000_00, 100, 4_500_00, 150),
///     line("B", 3_000_00, 300, 3_300_00, 300),
/// ])?;
/// assert_eq!(variance.to_string(), "\
/// marketing     plan   actual  volume      mix    rate    total  effect
/// A          3000.00  4500.00  375.00  1125.00    0.00  1500.00  adverse
/// B          3000.00  3300.00  375.00  -375.00  300.00   300.00  adverse
/// total      6000.00  7800.00  750.00   750.00  300.00  1800.00  adverse
/// ");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variance {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<VarianceBy>,
    currency: Currency,
    lines: Vec<LineVariance>,
}

/// What the lines of a group of a budget differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VarianceBy {
    /// Each is for a tier.
    Tier,
    /// Each is for a segment.
    Segment,
    /// Each is for a tier and a segment.
    TierAndSegment,
}

impl VarianceBy {
    /// What a line of a budget names; `None` if it is for all customers.
    const fn of(line: &LineKey) -> Option<Self> {
        match (line.tier.is_some(), line.segment.is_some()) {
            (false, false) => None,
            (true, false) => Some(Self::Tier),
            (false, true) => Some(Self::Segment),
            (true, true) => Some(Self::TierAndSegment),
        }
    }

    const fn word(self) -> Word {
        match self {
            Self::Tier => Word::Tier,
            Self::Segment => Word::Segment,
            Self::TierAndSegment => Word::TierAndSegment,
        }
    }
}

impl Variance {
    /// The split of a group: lines of which each customer belongs to one.
    ///
    /// # Errors
    /// The planned or the actual customers of all lines are more than `u64` holds (`is_overflow`).
    pub fn new(
        name: impl Into<String>,
        currency: Currency,
        lines: impl IntoIterator<Item = Planned>,
    ) -> Result<Self, Error> {
        let lines: Vec<Planned> = lines.into_iter().collect();
        let planned = sum(lines.iter().map(|line| line.planned_customers.unwrap_or(0)))?;
        let actual = sum(lines
            .iter()
            .filter(|line| customers(line) > 0)
            .map(|line| line.customers))?;
        // A product of an amount and a count is below 2^127.
        let product = |amount: i64, count: u64| i128::from(amount) * i128::from(count);
        let flexed = |line: &Planned, count: u64, over: u64| match customers(line) {
            // Fixed: whatever the customers, it is the plan.
            0 => (line.plan.into(), 1),
            _ => (product(line.plan, count), over),
        };
        // The plan for all actual customers in the planned mix, and for those that each line had.
        let in_mix = |line: &Planned| flexed(line, actual, planned);
        let own = |line: &Planned| flexed(line, line.customers, customers(line));
        let in_mix = apportioned(&lines.iter().map(in_mix).collect::<Vec<_>>());
        let own = apportioned(&lines.iter().map(own).collect::<Vec<_>>());
        let split = lines.into_iter().zip(in_mix.into_iter().zip(own));
        let lines = split.map(|(line, (in_mix, own))| LineVariance {
            parts: Parts {
                volume: in_mix.saturating_sub(line.plan.into()),
                mix: own.saturating_sub(in_mix),
                rate: i128::from(line.actual).saturating_sub(own),
            },
            line,
        });
        Ok(Self {
            name: name.into(),
            by: None,
            currency,
            lines: lines.collect(),
        })
    }

    /// The split of a budget in a period, a group for each category and each choice of tier and segment that lines name, in the
    /// order of the policy. A group is named by its category, or `all costs`, and its lines by their tier and segment. The
    /// customers of a line are those for whom something was spent; one who is in two segments is in both.
    ///
    /// # Errors
    /// The state is in another currency than the budget, or the period is none of the budget's: a year of quarters, a quarter of
    /// years (`is_misuse`); something does not fit its type (`is_overflow`).
    pub fn of_budget(
        budget: &Budget,
        state: &BudgetState,
        period: Period,
    ) -> Result<Vec<Self>, Error> {
        budget.same_currency(state)?;
        budget.own(period)?;
        let (first, last) = budget.calendar().days(period);
        let group = |line: &Line| (line.key().category.clone(), VarianceBy::of(line.key()));
        let mut groups: Vec<(_, Vec<Planned>)> = Vec::new();
        for line in budget.lines() {
            let spent = state.totals(line.key(), first, last).spent;
            let planned = Planned {
                name: line_name(line.key()),
                plan: line.plan(period),
                planned_customers: line.customers(),
                actual: i64::try_from(spent).map_err(|_| too_large())?,
                customers: state.customers(line.key(), first, last),
            };
            let group = group(line);
            match groups.iter_mut().find(|(other, _)| *other == group) {
                Some((_, lines)) => lines.push(planned),
                None => groups.push((group, vec![planned])),
            }
        }
        let currency = budget.currency();
        groups
            .into_iter()
            .map(|((category, by), lines)| {
                let variance = Self::new(group_name(category.as_ref()), currency, lines)?;
                Ok(Self { by, ..variance })
            })
            .collect()
    }

    /// What the group is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the lines are for; `None` if they are not of a budget, or there is one, for all customers.
    #[must_use]
    pub const fn by(&self) -> Option<VarianceBy> {
        self.by
    }

    /// The currency of the amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The lines, in order.
    #[must_use]
    pub fn lines(&self) -> &[LineVariance] {
        &self.lines
    }

    /// The parts of all lines together.
    #[must_use]
    pub fn total(&self) -> Parts {
        let mut total = Parts::default();
        self.lines.iter().for_each(|line| total.add(&line.parts));
        total
    }

    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Cell::name(&self.name),
            Word::Plan,
            Word::Actual,
            Word::VarianceVolume,
            Word::VarianceMix,
            Word::VarianceRate,
            Word::Total,
            Word::VarianceEffect,
        ])
        .left(7);
        let money = |minor| shown(minor, self.currency);
        let mut row = |name: Cell, plan: i128, actual: i128, parts: &Parts| {
            table.row(cells![
                name,
                money(plan),
                money(actual),
                money(parts.volume),
                money(parts.mix),
                money(parts.rate),
                money(parts.total()),
                Effect::of(parts.total()).word(),
            ]);
        };
        let (mut plan, mut actual) = (0_i128, 0_i128);
        for LineVariance { line, parts } in &self.lines {
            plan = plan.saturating_add(line.plan.into());
            actual = actual.saturating_add(line.actual.into());
            // The one line of a budget for all customers is named as its group.
            let name = match line.name == self.name {
                true => Cell::name(&line.name),
                false => Cell::literal(&line.name),
            };
            row(name, line.plan.into(), line.actual.into(), parts);
        }
        row(Word::Total.into(), plan, actual, &self.total());
        let mut sheet = Sheet::new(Word::TitleVariance);
        if let Some(by) = self.by {
            sheet = sheet.note(Word::By, by.word());
        }
        sheet
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(table)
    }
}

/// The planned customers of a line; 0 if its cost is fixed.
fn customers(line: &Planned) -> u64 {
    line.planned_customers.unwrap_or(0)
}

fn too_large() -> Error {
    Error::overflow("a sum of the variance is too large")
}

fn sum(mut counts: impl Iterator<Item = u64>) -> Result<u64, Error> {
    counts
        .try_fold(0_u64, u64::checked_add)
        .ok_or_else(too_large)
}

/// Fractions as whole numbers whose sum is the nearest to theirs (a half is rounded down), by largest remainder, ties in order.
/// No denominator is zero.
fn apportioned(fractions: &[(i128, u64)]) -> Vec<i128> {
    let floor = |(over, under): &(i128, u64)| over.div_euclid((*under).max(1).into());
    let mut whole: Vec<i128> = fractions.iter().map(floor).collect();
    // What is left of each, in 2^-64.
    let rest = |(over, under): &(i128, u64)| {
        let under = u128::from((*under).max(1));
        let rest = over.rem_euclid(under.cast_signed()).unsigned_abs();
        (rest << 64) / under
    };
    let rests: Vec<u128> = fractions.iter().map(rest).collect();
    let half = 1_u128 << 63;
    let more = (rests.iter().sum::<u128>() + half - 1) >> 64;
    let mut order: Vec<usize> = (0..rests.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(rests.get(*i).copied()));
    let more = usize::try_from(more).unwrap_or(usize::MAX);
    for i in order.into_iter().take(more) {
        if let Some(one) = whole.get_mut(i) {
            *one += 1;
        }
    }
    whole
}

/// Lines of one category are named by the customers they are for; that for all customers, as its group.
fn line_name(line: &LineKey) -> String {
    let named = [&line.tier, &line.segment].into_iter().flatten();
    let named: Vec<&str> = named.map(String::as_str).collect();
    match named.is_empty() {
        true => group_name(line.category.as_ref()),
        false => named.join(", "),
    }
}

fn group_name(category: Option<&CostCategory>) -> String {
    category
        .map_or("all costs", CostCategory::as_str)
        .to_owned()
}

impl fmt::Display for Variance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

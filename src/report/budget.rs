//! How far each line of a budget is used.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::budget_lines::{LineColumns, decided};
use super::sheet::{Cell, Sheet, cells};
use crate::Error;
use crate::model::{Currency, Day};
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::{
    Budget, BudgetState, Decision, Forecast, ForecastMethod, LineKey, Period, Totals, shown,
};

/// One line of a [`BudgetReport`]; amounts in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetRow {
    /// The line.
    pub line: LineKey,
    /// What may be spent in the period, with what was carried into it.
    pub plan: i128,
    /// What was spent from the first day of the period to that of the report.
    pub actual: i128,
    /// What is promised for the days of the period.
    pub committed: i128,
    /// The plan less both; below zero if it is exceeded.
    pub left: i128,
    /// What will have been spent by the end of the period.
    pub forecast: Forecast,
    /// What the line says to one minor unit more; a warning at least if the forecast is above the plan.
    pub verdict: Decision,
}

impl BudgetRow {
    /// The share of the plan that is spent and committed, 0 or more; `None` if the plan is zero.
    #[must_use]
    pub fn used(&self) -> Option<f64> {
        let used = self.actual.saturating_add(self.committed);
        (self.plan > 0).then(|| used as f64 / self.plan as f64)
    }
}

/// How far each line of a budget is used on a day, and how it will end.
///
/// As text it is a table of the lines. There is no total: a spend counts on every line that it matches.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::model::{CostCategory, Currency};
/// use customer_value::report::BudgetReport;
/// use customer_value::strategy::budget::{BudgetSpec, BudgetState, Names, Spend};
///
/// let spec: BudgetSpec = toml::from_str(r#"
///     periods = "quarterly"
///     lines = [{ amount = "4000.00 EUR" }, { tier = "A", amount = "600.00 EUR" }]
/// "#)?;
/// let mut problems = Diagnostics::new();
/// let names = Names { tiers: &["A", "B"], segments: &[], categories: None };
/// let budget = spec.bind(&names, Currency::EUR, &mut problems).ok_or(problems)?;
/// let mut state = BudgetState::new(Currency::EUR);
/// let spend = Spend::new(1, "2025-01-15".parse()?, "90.00 EUR".parse()?, CostCategory::Survey)?;
/// state.record("a", spend.clone().with_tier("A"))?;
/// state.commit("b", spend.with_tier("B"))?;
///
/// let report = BudgetReport::new(&budget, &state, "2025-02-14".parse()?, None)?;
/// assert_eq!(report.to_string(), "\
/// tier     plan  actual  committed    left    used  forecast  forecast by  verdict
/// all   1000.00   90.00      90.00  820.00  18.0 %    180.00  run rate     allow
/// A      150.00   90.00       0.00   60.00  60.0 %    180.00  run rate     warn
/// ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BudgetReport {
    currency: Currency,
    period: Period,
    as_of: Day,
    rows: Vec<BudgetRow>,
}

impl BudgetReport {
    /// The lines as of a day; with what was spent in the same period a year before, for the forecast, if that is known (often it
    /// is in the same state).
    ///
    /// # Errors
    /// A state is in another currency than the budget (`is_misuse`).
    pub fn new(
        budget: &Budget,
        state: &BudgetState,
        as_of: Day,
        last_year: Option<&BudgetState>,
    ) -> Result<Self, Error> {
        for state in last_year.into_iter().chain([state]) {
            budget.same_currency(state)?;
        }
        let period = budget.period(as_of);
        let (first, last) = budget.calendar().days(period);
        let rows = budget.lines().iter().map(|line| {
            let plan = budget.available(line, state, period);
            let Totals { committed, .. } = state.totals(line.key(), first, last);
            let actual = state.totals(line.key(), first, as_of).spent;
            let forecast = budget.forecast(line, state, as_of, last_year);
            let above = forecast.amount.is_some_and(|amount| amount > plan);
            let warned = if above {
                Decision::Warn
            } else {
                Decision::Allow
            };
            BudgetRow {
                line: line.key().clone(),
                plan,
                actual,
                committed,
                left: plan.saturating_sub(actual).saturating_sub(committed),
                forecast,
                verdict: budget.one_more(line, state, period).max(warned),
            }
        });
        Ok(Self {
            currency: budget.currency(),
            period,
            as_of,
            rows: rows.collect(),
        })
    }

    /// The currency of the amounts.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The period.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.period
    }

    /// The day of the report.
    #[must_use]
    pub const fn as_of(&self) -> Day {
        self.as_of
    }

    /// The lines, in the order of the policy.
    #[must_use]
    pub fn rows(&self) -> &[BudgetRow] {
        &self.rows
    }

    /// The report as a [sheet](Sheet). Which line it is, is said by those of tier, segment and category that some line names.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let columns = LineColumns::of(self.rows.iter().map(|row| &row.line));
        let heads = [
            Word::Plan,
            Word::Actual,
            Word::Committed,
            Word::Left,
            Word::Used,
            Word::Forecast,
            Word::ForecastBy,
            Word::Verdict,
        ];
        let mut table = columns.table(heads, 2);
        let money = |minor| shown(minor, self.currency);
        for row in &self.rows {
            let cells = cells![
                money(row.plan),
                money(row.actual),
                money(row.committed),
                money(row.left),
                Cell::share(row.used()),
                row.forecast.amount.map(money),
                made_by(row.forecast.method),
                decided(row.verdict),
            ];
            columns.row(&mut table, &row.line, cells);
        }
        Sheet::new(Word::TitleBudget)
            .note(Word::Period, Cell::literal(self.period.to_string()))
            .note(Word::AsOf, self.as_of)
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(table)
    }
}

fn made_by(method: ForecastMethod) -> Word {
    match method {
        ForecastMethod::Final => Word::ForecastFinal,
        ForecastMethod::RunRate => Word::ForecastRunRate,
        ForecastMethod::Seasonal => Word::ForecastSeasonal,
        ForecastMethod::TooLittleData => Word::ForecastTooLittle,
    }
}

impl fmt::Display for BudgetReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

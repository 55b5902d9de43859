//! What will have been spent by the end of a period.

use serde::{Deserialize, Serialize};

use super::{Budget, BudgetState, Line};
use crate::model::{Day, Days};

/// How a forecast was made, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ForecastMethod {
    /// The period is over, or this is its last day: it is what was spent.
    Final,
    /// As much a day as until now.
    RunRate,
    /// As last year was spread over the period.
    Seasonal,
    /// There is none: too little of the period is over.
    TooLittleData,
}

/// What is expected to be spent on a line in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forecast {
    /// How.
    pub method: ForecastMethod,
    /// In minor units, never less than what was spent; `None` if there is too little data.
    pub amount: Option<i128>,
}

/// What will be spent if as much is spent on each of the days to come as on those until now: actual × days ÷ elapsed, rounded half
/// to even, and never less than actual.
///
/// `None` unless 1 ≤ elapsed ≤ days. It stops at the ends of `i128`.
///
/// ```
/// use customer_value::strategy::budget::run_rate;
///
/// assert_eq!(run_rate(100_00, 31, 90), Some(290_32)); // 290.3225…
/// assert_eq!(run_rate(100_00, 90, 90), Some(100_00));
/// assert_eq!(run_rate(100_00, 0, 90), None);
/// ```
#[must_use]
pub fn run_rate(actual: i128, elapsed: u32, days: u32) -> Option<i128> {
    if elapsed == 0 || elapsed > days {
        return None;
    }
    if elapsed == days {
        return Some(actual);
    }
    Some(scaled(actual, days.into(), elapsed.into()).max(actual))
}

/// What will be spent if it is spread over the period as `last_year` was, the amounts of consecutive parts of the period of so many
/// days each, all of them zero or more: actual ÷ the share of last year that lay before the end of day `elapsed`, rounded half to even, and never less
/// than actual. Within a part every day counts equally.
///
/// `None` if that share is below 5 %, if nothing was spent last year, or unless 1 ≤ elapsed ≤ all days. It stops at the ends of `i128`.
///
/// ```
/// use customer_value::strategy::budget::seasonal;
///
/// // The third month brings half of the quarter.
/// let last_year = [(31, 100_00), (28, 100_00), (31, 200_00)];
/// assert_eq!(seasonal(150_00, 59, &last_year), Some(300_00));
/// assert_eq!(seasonal(150_00, 90, &last_year), Some(150_00));
/// assert_eq!(seasonal(150_00, 59, &[(90, 0)]), None);
/// ```
#[must_use]
pub fn seasonal(actual: i128, elapsed: u32, last_year: &[(u32, i128)]) -> Option<i128> {
    let days: u64 = last_year.iter().map(|(days, _)| u64::from(*days)).sum();
    if elapsed == 0 || u64::from(elapsed) > days {
        return None;
    }
    // Weights small enough that nothing below leaves `i128`.
    let largest = last_year.iter().map(|(_, amount)| *amount).max()?;
    let shift = (128 - largest.max(0).leading_zeros()).saturating_sub(40);
    let mut passed = Fraction::default();
    let mut total = 0;
    let mut rest = elapsed;
    for (days, amount) in last_year {
        let weight = (*amount).max(0) >> shift;
        total += weight;
        let over = rest.min(*days);
        rest -= over;
        if over == *days {
            passed.whole += weight;
        } else if over > 0 {
            passed.part = weight * i128::from(over);
            passed.days = i128::from(*days);
        }
    }
    if total == 0 {
        return None;
    }
    if u64::from(elapsed) == days {
        return Some(actual);
    }
    let passed_days = passed.whole * passed.days + passed.part;
    let total_days = total * passed.days;
    if passed_days * 20 < total_days {
        return None;
    }
    Some(scaled(actual, total_days, passed_days).max(actual))
}

/// So many whole units, and `part` ÷ `days` of one.
struct Fraction {
    whole: i128,
    part: i128,
    days: i128,
}

impl Default for Fraction {
    fn default() -> Self {
        Self {
            whole: 0,
            part: 0,
            days: 1,
        }
    }
}

/// amount × by ÷ over, rounded half to even; 0 < over ≤ by.
fn scaled(amount: i128, mut by: i128, mut over: i128) -> i128 {
    // Below 2^62 no product leaves `i128`; what this cuts off is no more than 2^-61 of the factor.
    while by >= 1 << 62 {
        by >>= 1;
        over = (over >> 1).max(1);
    }
    let (whole, rest) = (amount.div_euclid(over), amount.rem_euclid(over));
    let product = rest * by;
    let (more, rest) = (product.div_euclid(over), product.rem_euclid(over));
    let floor = whole.saturating_mul(by).saturating_add(more);
    let up = 2 * rest > over || (2 * rest == over && floor.rem_euclid(2) == 1);
    floor.saturating_add(i128::from(up))
}

impl Budget {
    /// What will have been spent on a line by the end of the period that `as_of` is in; with what was spent in the same period a
    /// year before (often the same state), if that is known.
    ///
    /// A state in another currency is as good as none.
    #[must_use]
    pub fn forecast(
        &self,
        line: &Line,
        state: &BudgetState,
        as_of: Day,
        last_year: Option<&BudgetState>,
    ) -> Forecast {
        let none = Forecast {
            method: ForecastMethod::TooLittleData,
            amount: None,
        };
        if state.currency() != self.currency {
            return none;
        }
        let period = self.period(as_of);
        let (first, last) = self.calendar.days(period);
        let actual = state.totals(&line.key, first, as_of).spent;
        let made = |method, amount| Forecast {
            method,
            amount: Some(amount),
        };
        if as_of >= last {
            return made(ForecastMethod::Final, actual);
        }
        let elapsed = counted(first, as_of);
        if i64::from(elapsed) < i64::from(self.forecast_after.get()) {
            return none;
        }
        let profile = last_year
            .filter(|state| state.currency() == self.currency)
            .zip(period.a_year_before())
            .and_then(|(state, before)| {
                let before = self.calendar.months(before);
                let now = self.calendar.months(period);
                // The months of this period with what was spent in those of last year's.
                (before.len() == now.len()).then(|| {
                    let pairs = now.iter().zip(before);
                    let part = |((a, b), (c, d)): (&(Day, Day), (Day, Day))| {
                        (counted(*a, *b), state.totals(&line.key, c, d).spent)
                    };
                    pairs.map(part).collect::<Vec<_>>()
                })
            });
        if let Some(amount) = profile.and_then(|parts| seasonal(actual, elapsed, &parts)) {
            return made(ForecastMethod::Seasonal, amount);
        }
        match run_rate(actual, elapsed, counted(first, last)) {
            Some(amount) => made(ForecastMethod::RunRate, amount),
            None => none,
        }
    }
}

/// The days from one to another, both counted.
fn counted(first: Day, last: Day) -> u32 {
    let days: Days = last - first;
    u32::try_from(days.get().saturating_add(1)).unwrap_or(0)
}

//! A budget over segments: each next cent where it brings most.

use serde::{Deserialize, Serialize};

use super::bisect::first_where;
use super::curve::ResponseCurve;
use crate::Error;
use crate::model::{Currency, Money};

/// A group of customers on whom money can be spent.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    name: String,
    customers: u64,
    curve: ResponseCurve,
    value: Money,
    floor: Money,
    cap: Option<Money>,
}

impl Segment {
    /// So many customers, of whom the share that the curve says responds to what is spent on each, and what one response is
    /// worth. No floor and no cap.
    pub fn new(
        name: impl Into<String>,
        customers: u64,
        curve: ResponseCurve,
        value: Money,
    ) -> Self {
        Self {
            name: name.into(),
            customers,
            curve,
            value,
            floor: Money::from_minor(0, value.currency()),
            cap: None,
        }
    }

    /// The least that is spent on the whole segment.
    #[must_use]
    pub fn floor(self, floor: Money) -> Self {
        Self { floor, ..self }
    }

    /// The most that is spent on the whole segment.
    #[must_use]
    pub fn cap(self, cap: Money) -> Self {
        let cap = Some(cap);
        Self { cap, ..self }
    }
}

/// Whether a segment has what it has because of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// At the floor: without it, it would get less or the same.
    Floor,
    /// At the cap: without it, it would get more or the same.
    Cap,
}

/// What one segment gets, and what that brings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentSpend {
    /// The segment.
    pub name: String,
    /// How many customers it has.
    pub customers: u64,
    /// What is spent on the whole segment.
    pub amount: Money,
    /// What is spent on each, in major units; missing without customers.
    pub per_customer: Option<f64>,
    /// How many responses are expected, from 0 to the number of customers.
    pub responses: f64,
    /// What they are worth, to the nearest minor unit (at the end of the range of money if it is beyond).
    pub value: Money,
    /// What the next unit of money spent on it would bring, in the same unit; below 0 only if a response costs more than it brings.
    pub marginal: f64,
    /// The limit that holds it, if one does.
    pub held: Option<Held>,
}

/// A budget spread over segments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpendPlan {
    /// What could be spent.
    pub budget: Money,
    /// What is spent: exactly the sum of the amounts, never more than the budget.
    pub spent: Money,
    /// What the responses are worth: the sum over the segments.
    pub value: Money,
    /// λ: what one more unit of budget would bring, in the same unit. Below 1, the last euro brought less than a euro.
    /// Missing if no segment can take more to any effect.
    pub lambda: Option<f64>,
    /// The segments, in the order they were given.
    pub segments: Vec<SegmentSpend>,
}

/// Spreads a budget over segments so that the responses are worth as much as possible.
///
/// What is maximised is Σ N·ceiling·(1 − e^(−k·x))·V over the segments, x being what is spent on each of the N customers and V what
/// a response is worth, with the floors, the caps and the budget. The amounts are the best ones in whole minor units, to the precision of a double,
/// and sum to exactly `spent`: the whole budget if some segment with customers and a value above 0 is below its cap. Of equally
/// good places for a minor unit, the segment that was given first gets it; otherwise the order does not matter. No segment gets less when the budget grows.
///
/// # Errors
/// A budget, floor or cap below zero, a floor above its cap, or floors that come to more than the budget (`is_range`); two currencies
/// (`is_misuse`).
///
/// ```
/// use customer_value::model::{Currency, Money};
/// use customer_value::strategy::allocation::{ResponseCurve, Segment, spread};
///
/// let eur = |euros: i64| Money::from_minor(euros * 100, Currency::EUR);
/// let segments = [
///     Segment::new("regular", 800, ResponseCurve::through(0.3, 10.0, 0.15)?, eur(60)).floor(eur(1_000)),
///     Segment::new("vip", 50, ResponseCurve::through(0.6, 40.0, 0.3)?, eur(500)).cap(eur(4_000)),
/// ];
/// let plan = spread(eur(10_000), &segments)?;
/// assert_eq!(plan.spent, eur(10_000));
/// assert_eq!(plan.to_string(), "\
/// segment  customers    amount   each  responses     value  next one brings  limited by
/// regular        800   6000.00   7.50       97.3   5837.71           0.7419           -
/// vip             50   4000.00  80.00       22.5  11250.00           1.2996         cap
/// total          850  10000.00      -      119.8  17087.71           0.7419           -
/// ");
/// let error = spread(eur(500), &segments).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the floors of the segments come to 1000.00 EUR, 500.00 EUR more than the budget of 500.00 EUR",
/// );
/// # Ok::<(), customer_value::Error>(())
/// ```
pub fn spread(budget: Money, segments: &[Segment]) -> Result<SpendPlan, Error> {
    let currency = budget.currency();
    let total = not_negative(budget, currency, || "the budget".to_owned())?;
    let pools = segments
        .iter()
        .map(|segment| Pool::new(segment, currency))
        .collect::<Result<Vec<_>, _>>()?;
    let floors: i128 = pools.iter().map(|pool| i128::from(pool.floor)).sum();
    if floors > i128::from(total) {
        return Err(too_little(floors, budget));
    }
    let amounts = fill(total, &pools);
    Ok(plan(budget, segments, &pools, &amounts))
}

/// What is said when floors come to more than a budget.
pub(super) fn too_little(floors: i128, budget: Money) -> Error {
    let money = |minor: i128| Money::from_minor(saturated(minor), budget.currency());
    Error::range(format!(
        "the floors of the segments come to {}, {} more than the budget of {budget}",
        money(floors),
        money(floors - i128::from(budget.minor()))
    ))
}

fn not_negative(
    amount: Money,
    currency: Currency,
    what: impl Fn() -> String,
) -> Result<i64, Error> {
    if amount.currency() != currency {
        let message = format!(
            "{} of {amount} is not in {currency}, as the budget is",
            what()
        );
        return Err(Error::misuse(message));
    }
    if amount.is_negative() {
        let message = format!("{} of {amount} is below zero", what());
        return Err(Error::range(message));
    }
    Ok(amount.minor())
}

/// A segment in minor units. The j-th unit brings V·N·ceiling·(1 − e^(−κ))·e^(−κ(j−1)), with κ = k ÷ (N · minor units per major
/// one): a geometric series, which in logarithms is a straight line and neither overflows nor vanishes.
struct Pool {
    floor: i64,
    cap: i64,
    /// What is multiplied with e^(−κ·y) to give what the unit after y brings, in units; not above 0 if spending is in vain.
    first: f64,
    kappa: f64,
}

impl Pool {
    fn new(segment: &Segment, currency: Currency) -> Result<Self, Error> {
        let of = |what| move || format!("the {what} of `{}`", segment.name);
        if segment.value.currency() != currency {
            let message = format!(
                "a response of `{}` is worth {}, which is not in {currency}, as the budget is",
                segment.name, segment.value
            );
            return Err(Error::misuse(message));
        }
        let floor = not_negative(segment.floor, currency, of("floor"))?;
        let cap = match segment.cap {
            Some(cap) => not_negative(cap, currency, of("cap"))?,
            None => i64::MAX,
        };
        if floor > cap {
            let message = format!(
                "the floor of `{}`, {}, is above its cap of {}",
                segment.name,
                segment.floor,
                Money::from_minor(cap, currency)
            );
            return Err(Error::range(message));
        }
        // Without customers there is nothing to gain, and the quotient must not be by zero.
        let customers = segment.customers.max(1) as f64;
        let kappa = segment.curve.k() / (customers * currency.minor_per_major() as f64);
        let gain = segment.value.minor() as f64 * segment.customers as f64;
        Ok(Self {
            floor,
            cap,
            first: gain * segment.curve.ceiling() * -libm::expm1(-kappa),
            kappa,
        })
    }

    /// How many units it takes, within its limits, if each has to bring e^`level` or more. Never rises with the level.
    fn takes(&self, level: f64) -> i64 {
        let units = if self.first > 0.0 {
            // Floor of a quotient beyond ±2^63 stops at the ends of i64.
            let last = libm::floor((libm::log(self.first) - level) / self.kappa);
            (last as i64).saturating_add(1)
        } else {
            0
        };
        units.clamp(self.floor, self.cap)
    }

    /// What the next unit brings after `units`.
    fn marginal(&self, units: i64) -> f64 {
        self.first * libm::exp(-self.kappa * units as f64)
    }
}

/// The best amounts in whole minor units, for floors that fit the budget.
///
/// What each further unit brings to a segment falls (the curves are concave). So for the greedy hand that starts at the floors and gives
/// each unit where it brings most, no exchange is an improvement: a unit moved from s to t loses at least what the last unit
/// of s brought, and that was at least what the next of t would have brought, or t would have got it. As every other plan of the same sum is reached by moving units one by one, each
/// move losing no less than the one before, the greedy plan is the best. And it need not be played unit by
/// unit: it stops at a level λ at which all units that bring more are given, and of those that bring just λ as many as are
/// left, by order. The level is found among the doubles, so that "just λ" is a step between two neighbouring ones.
fn fill(total: i64, pools: &[Pool]) -> Vec<i64> {
    let sum = |level: f64| -> i128 { pools.iter().map(|p| i128::from(p.takes(level))).sum() };
    let level = first_where(-f64::MAX, f64::MAX, |level| sum(level) <= i128::from(total));
    let mut left = i128::from(total) - sum(level);
    let below = level.next_down();
    pools
        .iter()
        .map(|pool| {
            let units = pool.takes(level);
            let more = (i128::from(pool.takes(below)) - i128::from(units)).clamp(0, left.max(0));
            left -= more;
            // At most what the pool takes below, which is an i64.
            saturated(i128::from(units) + more)
        })
        .collect()
}

fn plan(budget: Money, segments: &[Segment], pools: &[Pool], amounts: &[i64]) -> SpendPlan {
    let currency = budget.currency();
    let mut lambda: Option<f64> = None;
    let mut rows = Vec::with_capacity(segments.len());
    for ((segment, pool), &units) in segments.iter().zip(pools).zip(amounts) {
        let amount = Money::from_minor(units, currency);
        let marginal = pool.marginal(units);
        if units < pool.cap && pool.first > 0.0 {
            lambda = Some(lambda.map_or(marginal, |most| most.max(marginal)));
        }
        let customers = segment.customers as f64;
        let per_major = currency.minor_per_major() as f64;
        let per_customer = (segment.customers > 0).then(|| units as f64 / (customers * per_major));
        let responses = per_customer.map_or(0.0, |x| customers * segment.curve.rate(x));
        let value = libm::rint(responses * segment.value.minor() as f64);
        rows.push(SegmentSpend {
            name: segment.name.clone(),
            customers: segment.customers,
            amount,
            per_customer,
            responses,
            value: Money::from_minor(value as i64, currency),
            marginal,
            held: None,
        });
    }
    for (row, pool) in rows.iter_mut().zip(pools) {
        let units = row.amount.minor();
        // A floor of zero holds nobody who would not get zero anyway.
        row.held = if units == pool.cap && lambda.is_none_or(|l| row.marginal >= l) {
            Some(Held::Cap)
        } else if units == pool.floor && units > 0 {
            Some(Held::Floor)
        } else {
            None
        };
    }
    let sum = |amount: fn(&SegmentSpend) -> Money| {
        let minor = rows.iter().map(|row| i128::from(amount(row).minor())).sum();
        Money::from_minor(saturated(minor), currency)
    };
    SpendPlan {
        budget,
        spent: sum(|row| row.amount),
        value: sum(|row| row.value),
        lambda,
        segments: rows,
    }
}

/// Stops at the ends of `i64`.
fn saturated(minor: i128) -> i64 {
    minor.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

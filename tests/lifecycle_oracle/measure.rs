//! The columns of one customer on one day, measured anew from the purchases up to that day.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::calendar::{Date, between, plus};
use super::customer::{Customer, Purchase, Value};
use super::policy::{Metric, Policy};

/// One customer on one day. A column is measured when it is asked for.
pub struct Measured<'a> {
    pub policy: &'a Policy,
    pub customer: &'a Customer,
    pub on: Date,
    /// Columns that were decided on before, such as `churn` for the lifecycle.
    decided: BTreeMap<String, Value>,
    asked: RefCell<BTreeMap<String, Option<Value>>>,
}

impl<'a> Measured<'a> {
    pub fn new(policy: &'a Policy, customer: &'a Customer, on: Date) -> Self {
        Self {
            policy,
            customer,
            on,
            decided: BTreeMap::new(),
            asked: RefCell::default(),
        }
    }

    pub fn with(mut self, column: &str, value: Value) -> Self {
        self.decided.insert(column.to_owned(), value);
        self
    }

    pub fn value(&self, column: &str) -> Option<Value> {
        if let Some(value) = self.asked.borrow().get(column) {
            return value.clone();
        }
        let value = self.ask(column);
        let mut asked = self.asked.borrow_mut();
        asked.insert(column.to_owned(), value.clone());
        value
    }

    pub fn number(&self, column: &str) -> Option<f64> {
        match self.value(column)? {
            Value::Number(number) => Some(number),
            other => panic!("`{column}` is no number: {other:?}"),
        }
    }

    pub fn date(&self, column: &str) -> Option<Date> {
        match self.value(column)? {
            Value::Date(date) => Some(date),
            other => panic!("`{column}` is no date: {other:?}"),
        }
    }

    fn ask(&self, column: &str) -> Option<Value> {
        if let Some(value) = self.decided.get(column) {
            return Some(value.clone());
        }
        if let Some(number) = self.customer.given.get(column) {
            return Some(Value::Number(*number));
        }
        if self.policy.attributes.contains_key(column) {
            return self.customer.attribute(column, self.on);
        }
        if ["p_alive", "p_purchase"].contains(&column) {
            return None;
        }
        let named = |metric: &&Metric| metric.name.as_ref().unwrap_or(&metric.measure) == column;
        match self.policy.metrics.iter().find(named) {
            Some(metric) => self.measure(&metric.measure, metric.window.map(|w| w.0), metric.nth),
            None => self.measure(column, None, None),
        }
    }

    /// What was bought in the days that end with this one; in all of them without a length.
    pub fn bought(&self, window: Option<i64>) -> Vec<Purchase> {
        let first = window.map(|days| plus(self.on, 1 - days));
        let counts = |day: Date| day <= self.on && first.is_none_or(|first| first <= day);
        let bought = self.customer.purchases.iter().filter(|p| counts(p.day));
        let mut bought: Vec<Purchase> = bought.copied().collect();
        bought.sort_by_key(|p| p.day);
        bought
    }

    /// The days on which anything was bought, in order.
    pub fn active_days(&self, window: Option<i64>) -> Vec<Date> {
        let mut days: Vec<Date> = self.bought(window).iter().map(|p| p.day).collect();
        days.dedup();
        days
    }

    /// From each active day to the next.
    pub fn gaps(&self, window: Option<i64>) -> Vec<i64> {
        let days = self.active_days(window);
        days.windows(2).map(|two| between(two[0], two[1])).collect()
    }

    #[allow(clippy::cast_precision_loss)]
    fn measure(&self, measure: &str, window: Option<i64>, nth: Option<usize>) -> Option<Value> {
        let bought = || self.bought(window);
        let days = || self.active_days(window);
        let gaps = || self.gaps(window);
        let sorted = || {
            let mut gaps = gaps();
            gaps.sort_unstable();
            gaps
        };
        let cents = || bought().iter().map(|p| p.cents).sum::<i64>();
        let silence = || days().last().map(|last| between(*last, self.on) as f64);
        let span = |from: Option<&Date>, to: Option<&Date>| {
            from.zip(to).map(|(from, to)| between(*from, *to) as f64)
        };
        let nth_day = |nth: usize| days().get(nth - 1).copied().map(Value::Date);
        let number = match measure {
            "active_days" => Some(days().len() as f64),
            "purchases" => Some(bought().len() as f64),
            "repeat_purchases" => Some(days().len().saturating_sub(1) as f64),
            "spend" | "historic_ltv" => Some(major(cents())),
            "average_order_value" => {
                let n = bought().len();
                (n > 0).then(|| cents() as f64 / (100 * n) as f64)
            }
            "days_since_last" => silence(),
            "active_span" => span(days().first(), days().last()),
            "age" => span(days().first(), Some(&self.on)),
            "last_gap" => gaps().last().map(|gap| *gap as f64),
            "longest_gap" => sorted().last().map(|gap| *gap as f64),
            "median_gap" => median(&sorted()),
            "lapse_point" => lapse_point(&sorted()).map(|gap| gap as f64),
            "churn_factor" => median(&sorted())
                .zip(silence())
                .map(|(gap, since)| since / gap),
            "gap_percentile" => silence().and_then(|since| share_below(&gaps(), since)),
            "growth_trend" => growth(&bought(), window, self.on),
            "first_purchase" => return nth_day(1),
            "second_purchase" => return nth_day(2),
            "nth_purchase" => return nth_day(nth.expect("nth_purchase needs `nth`")),
            "last_purchase" => return days().last().copied().map(Value::Date),
            other => panic!("there is no column `{other}` here"),
        };
        number.map(Value::Number)
    }
}

#[allow(clippy::cast_precision_loss)]
pub fn major(cents: i64) -> f64 {
    cents as f64 / 100.0
}

#[allow(clippy::cast_precision_loss)]
fn median(sorted: &[i64]) -> Option<f64> {
    let n = sorted.len();
    (n > 0).then(|| (sorted[(n - 1) / 2] + sorted[n / 2]) as f64 / 2.0)
}

/// The smallest gap such that at least nine tenths of the gaps are no longer.
pub fn lapse_point(sorted: &[i64]) -> Option<i64> {
    let enough = |gap: &&i64| 10 * sorted.iter().filter(|g| g <= gap).count() >= 9 * sorted.len();
    sorted.iter().find(enough).copied()
}

/// 100 × the share of the gaps that are strictly shorter.
#[allow(clippy::cast_precision_loss)]
pub fn share_below(gaps: &[i64], silence: f64) -> Option<f64> {
    let shorter = gaps.iter().filter(|gap| (**gap as f64) < silence).count();
    (!gaps.is_empty()).then(|| 100.0 * shorter as f64 / gaps.len() as f64)
}

/// (later − earlier) ÷ (later + earlier), of the spend in the two halves of a window of a length.
#[allow(clippy::cast_precision_loss)]
fn growth(bought: &[Purchase], window: Option<i64>, on: Date) -> Option<f64> {
    let days = window.expect("growth over a bounded window");
    let (mut earlier, mut later) = (0, 0);
    for purchase in bought {
        let position = days - 1 - between(purchase.day, on);
        if position < days / 2 {
            earlier += purchase.cents;
        } else if position >= days - days / 2 {
            later += purchase.cents;
        }
    }
    (earlier + later > 0).then(|| (later - earlier) as f64 / (later + earlier) as f64)
}

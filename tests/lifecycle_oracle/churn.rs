//! `src/docs/churn.md`, levels and evidence, sentence by sentence.

use super::calendar::{Date, between, plus};
use super::customer::{Answer, Customer};
use super::measure::{Measured, major, share_below};
use super::policy::{Method, Policy};

/// What was found of one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub level: &'static str,
    /// The method that answered.
    pub by: Option<String>,
    pub number: Option<f64>,
    pub reached: Option<(&'static str, f64)>,
    pub next: Option<(&'static str, f64)>,
    pub fallback: bool,
    /// The methods passed over, and why.
    pub passed: Vec<(String, &'static str)>,
}

/// The gaps of all customers up to the day of the fit.
pub fn population_gaps(policy: &Policy, customers: &[Customer], fitted: Date) -> Vec<i64> {
    let gaps = |customer| Measured::new(policy, customer, fitted).gaps(None);
    customers.iter().flat_map(gaps).collect()
}

/// The verdict; `population` are the gaps of all customers, once fitted.
pub fn churn(
    policy: &Policy,
    customer: &Customer,
    population: Option<&[i64]>,
    day: Date,
) -> Verdict {
    let row = Measured::new(policy, customer, day);
    let mut passed = Vec::new();
    let methods = &policy.churn.as_ref().expect("a `[churn]`").methods;
    for (position, method) in methods.iter().enumerate() {
        match number(method, &row, population) {
            Err(why) => passed.push((method.by.clone(), why)),
            Ok(number) => {
                let worse = |at: f64| match method.by.as_str() {
                    "p_alive" | "p_purchase" => number < at,
                    _ => number >= at,
                };
                let thresholds = method.thresholds();
                let reached = thresholds.iter().rev().find(|(_, at)| worse(*at)).copied();
                let after = reached.map_or(0, |(name, _)| {
                    1 + thresholds.iter().position(|(n, _)| *n == name).unwrap()
                });
                return Verdict {
                    level: reached.map_or("active", |(name, _)| name),
                    by: Some(method.by.clone()),
                    number: Some(number),
                    reached,
                    next: thresholds.get(after).copied(),
                    fallback: position > 0,
                    passed,
                };
            }
        }
    }
    Verdict {
        level: "insufficient_data",
        by: None,
        number: None,
        reached: None,
        next: None,
        fallback: false,
        passed,
    }
}

/// The number of a method, or why there is not enough data for it.
fn number(
    method: &Method,
    row: &Measured<'_>,
    population: Option<&[i64]>,
) -> Result<f64, &'static str> {
    let active_days = row.active_days(None).len();
    if active_days == 0 {
        return Err("no purchase");
    }
    let own_gaps = ["churn_factor", "gap_percentile", "lapse_share"];
    let needs = if own_gaps.contains(&method.by.as_str()) {
        2
    } else {
        1
    };
    if active_days < method.active_days().max(needs) {
        return Err("too few active days");
    }
    let silence = row.number("days_since_last").unwrap();
    match method.by.as_str() {
        by @ ("days_since_last" | "churn_factor" | "gap_percentile") => Ok(row.number(by).unwrap()),
        "lapse_share" => Ok(silence / row.number("lapse_point").unwrap()),
        "population_gap_percentile" => {
            share_below(population.ok_or("not fitted")?, silence).ok_or("no gap")
        }
        by @ ("p_alive" | "p_purchase") => row.number(by).ok_or("no prediction"),
        other => panic!("there is no method `{other}`"),
    }
}

/// Something that dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub what: &'static str,
    pub before: f64,
    pub after: f64,
    pub change: Option<f64>,
    pub since: Date,
}

/// What dropped, the largest drop first.
#[allow(clippy::cast_precision_loss)]
pub fn evidence(policy: &Policy, customer: &Customer, day: Date) -> Vec<Evidence> {
    let churn = policy.churn.as_ref().expect("a `[churn]`");
    let row = Measured::new(policy, customer, day);
    let bought = row.bought(None);
    let (Some(first), Some(last)) = (bought.first(), bought.last()) else {
        return Vec::new();
    };
    let recent = plus(day, 1 - churn.recent.0);
    // The first purchase starts the clock and is not counted.
    let baseline = plus(recent, -churn.baseline.0).max(plus(first.day, 1));
    let length = between(baseline, recent);
    if length < churn.recent.0 {
        return Vec::new();
    }
    let before = |on: Date| baseline <= on && on < recent;
    let after = |on: Date| recent <= on && on <= day;
    let scaled = |sum: f64| sum * churn.recent.0 as f64 / length as f64;
    let days = row.active_days(None);
    let count = |of: &dyn Fn(Date) -> bool| days.iter().filter(|d| of(**d)).count() as f64;
    let times = |of: &dyn Fn(Date) -> bool| bought.iter().filter(|p| of(p.day)).count() as f64;
    let cents = |of: &dyn Fn(Date) -> bool| {
        let counted = bought.iter().filter(|p| of(p.day));
        major(counted.map(|p| p.cents).sum())
    };
    let since = if last.day < recent {
        plus(last.day, 1)
    } else {
        recent
    };
    let mut compared = vec![
        ("activity", scaled(count(&before)), count(&after), since),
        ("frequency", scaled(times(&before)), times(&after), since),
        ("spend", scaled(cents(&before)), cents(&after), since),
    ];
    for question in ["nps", "csat"] {
        let of = |inside: &dyn Fn(Date) -> bool| {
            let own = customer.answers.iter().filter(|a| a.question == question);
            let own: Vec<&Answer> = own.filter(|a| inside(a.day)).collect();
            let sum: f64 = own.iter().map(|a| a.share).sum();
            let first = own.iter().map(|a| a.day).min()?;
            Some((sum / own.len() as f64, first))
        };
        if let (Some((before, _)), Some((after, first))) = (of(&before), of(&after)) {
            compared.push(("satisfaction", before, after, first));
        }
    }
    let mut found = Vec::new();
    for (what, before, after, since) in compared {
        if after < before {
            found.push(Evidence {
                what,
                before,
                after,
                change: (before > 0.0).then(|| after / before - 1.0),
                since,
            });
        }
    }
    // The sort keeps the order of the table among equal ones; what has no size comes last.
    found.sort_by(|a, b| {
        // Equal drops are equal whatever the division made of them.
        let size = |e: &Evidence| e.change.map_or(f64::INFINITY, |c| (c * 1e9).round());
        size(a).total_cmp(&size(b))
    });
    found
}

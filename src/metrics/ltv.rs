//! Lifetime value: what a customer has brought, and what a retention rate says is still to come.
//!
//! Two numbers with two names. "LTV" alone is neither.

use serde::{Deserialize, Serialize};

use super::exact::money_over;
use super::observed::Observed;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::Days;
use crate::summary::Summary;

/// `historic_ltv`: revenue from the first to the last purchase, net of refunds.
///
/// Over the lifetime it is the [`spend`](super::monetary::spend) of all time, with later refunds and adjustments. It
/// looks back only; nothing in it is a forecast.
///
/// - Unit: money; 0 without records.
/// - Missing: never.
/// - Source: by definition.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::MetricSpec, example::ada};
/// assert_eq!(ada(MetricSpec::new("historic_ltv")), Some(270.0));
/// ```
#[must_use]
#[allow(clippy::unnecessary_wraps)] // one signature for all measures
pub fn historic_ltv(customer: &Summary<'_>) -> Option<f64> {
    Some(customer.spend())
}

/// What [`retention_ltv`] assumes of the future, each per period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionTerms {
    /// The part of the spend that is margin, 0 to 1.
    pub margin: f64,
    /// The probability that a customer of one period is still one in the next, 0 to 1.
    pub retention: f64,
    /// The discount rate per period, 0 or more (0.1 is 10 %); above 0 where retention is 1.
    pub discount: f64,
    /// The length of a period, 1 day or more.
    pub per: Days,
    /// The margin of the present period is still to come, so it counts too.
    pub margin_now: bool,
}

impl RetentionTerms {
    /// What is wrong with it, each problem at its place under `path`.
    ///
    /// ```
    /// use customer_value::metrics::ltv::RetentionTerms;
    /// use customer_value::model::Days;
    ///
    /// let terms = RetentionTerms { margin: 0.4, retention: 0.8, discount: 0.1, per: Days::new(365), margin_now: false };
    /// assert!(terms.check("metrics[0]").is_empty());
    ///
    /// let percent = RetentionTerms { margin: 40.0, retention: 80.0, ..terms };
    /// assert_eq!(percent.check("metrics[0]").len(), 2);
    /// ```
    #[must_use]
    pub fn check(&self, path: &str) -> Diagnostics {
        let mut found = Diagnostics::new();
        let mut wrong = |field: &str, message: String, help: &str| {
            let place = Place::at(format!("{path}.{field}"));
            found.push(Diagnostic::error(Code::Range, place, message).help(help));
        };
        for (field, value) in [("margin", self.margin), ("retention", self.retention)] {
            if !(0.0..=1.0).contains(&value) {
                let message = format!("a {field} of `{value}` is outside 0 to 1");
                wrong(field, message, "80 % is written 0.8");
            }
        }
        if !(0.0..f64::INFINITY).contains(&self.discount) {
            let message = format!(
                "a discount rate of `{}` is not a number of 0 or more",
                self.discount
            );
            wrong("discount", message, "10 % per period is written 0.1");
        } else if (0.0..=1.0).contains(&self.retention) && self.multiple().is_none() {
            let message = format!(
                "with a retention of `{}` and a discount rate of `{}` the value is infinite",
                self.retention, self.discount
            );
            wrong(
                "discount",
                message,
                "take a retention below 1, or a discount rate above 0",
            );
        }
        if self.per.get() < 1 {
            let message = format!("a period of `{}` has no day", self.per);
            wrong("per", message, "write it like `365 days`");
        }
        found
    }

    /// How many margins of one period the future is worth: r ÷ (1 + d − r).
    fn multiple(&self) -> Option<f64> {
        let rest = 1.0 + self.discount - self.retention;
        (rest > 0.0).then(|| self.retention / rest)
    }

    /// How much of the spend of one period the future is worth.
    fn factor(&self) -> Option<f64> {
        let shares = [self.margin, self.retention];
        let valid = shares.iter().all(|share| (0.0..=1.0).contains(share))
            && (0.0..f64::INFINITY).contains(&self.discount);
        let now = if self.margin_now { 1.0 } else { 0.0 };
        Some(self.margin * (self.multiple()? + now)).filter(|_| valid)
    }
}

/// `retention_ltv`: m · r ÷ (1 + d − r), the present value of all coming margins.
///
/// m is the margin per period: `margin` × spend in the observed days × `per` ÷ observed days, with the observed days of
/// [`frequency`](super::frequency::frequency). r is the retention and d the discount rate, both per period of `per`
/// days. With `margin_now` the margin of the present period is still to come, and m is added.
///
/// It suits a customer under contract, with a steady margin, who leaves for good.
///
/// - Parameters: `margin` (part of the spend, 0 to 1), `retention` (0 to 1), `discount` (0 or more) and `per`; required.
///   `margin_now` (true or false); false if left out.
/// - Unit: money; below 0 where more was given back than paid.
/// - Missing: no observed day, that is an empty window, and in a lifetime no purchase or the first one on its last day.
///   A bounded window without spend gives 0. Also with terms that [`RetentionTerms::check`] refuses.
/// - Source: Gupta & Lehmann, *Customers as Assets* (2003).
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/example.rs")); }
/// # use {customer_value::metrics::{MetricSpec, ltv::RetentionTerms}, customer_value::model::Days, example::ada};
/// let terms = RetentionTerms { margin: 0.4, retention: 0.8, discount: 0.1, per: Days::new(73), margin_now: false };
/// let spec = MetricSpec::new("retention_ltv").over("365 days".parse().unwrap()).retention_terms(terms);
/// // 270 in 365 days are 54 in 73; 40 % of it are 21.60; times 0.8 ÷ 0.3.
/// assert!((ada(spec).unwrap() - 57.60).abs() < 1e-9);
/// ```
#[must_use]
pub fn retention_ltv(customer: &Summary<'_>, terms: &RetentionTerms) -> Option<f64> {
    let per = Some(i128::from(terms.per.get())).filter(|per| *per > 0)?;
    let observed = Observed::of(customer)?;
    let spend = money_over(
        customer,
        observed.spend(customer).saturating_mul(per),
        observed.days(),
    )?;
    Some(spend * terms.factor()?)
}

//! What differs between two groups, and how sure that is.

use serde::{Deserialize, Serialize};

use super::Confidence;
use super::groups::{Arm, Groups, Pairs, Scale, Sums, to_f64};
use super::rates::{Rate, Uplift};
use super::wide::Wide;
use crate::report::Interval;

/// How sure a result is to be, and how many customers it needs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectTerms {
    /// In which share of cases the intervals cover what is estimated.
    pub confidence: Confidence,
    /// How many customers a group must have; a number below 2 counts as 2.
    pub min_group: u64,
}

impl EffectTerms {
    /// Terms of a confidence and a least number of customers per group.
    #[must_use]
    pub const fn new(confidence: Confidence, min_group: u64) -> Self {
        Self {
            confidence,
            min_group,
        }
    }

    fn enough(self, groups: [u64; 2]) -> bool {
        groups.iter().all(|n| *n >= self.min_group.max(2))
    }
}

impl Default for EffectTerms {
    /// 95 %, and 30 customers.
    fn default() -> Self {
        Self::new(Confidence::default(), 30)
    }
}

/// The treated against the control, in the unit of the column: money in major units, rates 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// The mean, rate, mean change, or adjusted mean of the treated.
    pub treated: f64,
    /// The same of the control.
    pub control: f64,
    /// The treated less the control.
    pub difference: f64,
    /// The interval of the difference; `None` where nobody differs from the others of the group.
    pub interval: Option<Interval>,
}

impl Difference {
    /// Zero is outside of the interval, so there is likely a difference; `None` without an interval.
    #[must_use]
    pub fn is_likely(&self) -> Option<bool> {
        self.interval.map(|interval| !interval.contains(0.0))
    }

    /// The same in another unit.
    fn per(self, units: f64) -> Self {
        Self {
            treated: self.treated / units,
            control: self.control / units,
            difference: self.difference / units,
            interval: self.interval.map(|interval| Interval {
                low: interval.low / units,
                high: interval.high / units,
            }),
        }
    }
}

/// A difference of values from which what was known before has been taken out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cuped {
    /// The adjusted means and their difference.
    pub difference: Difference,
    /// By how much the value goes up with each one of the value before.
    pub theta: f64,
    /// Which share of the variance of the plain difference is gone: at most 1, and below 0 where it has grown.
    pub variance_reduction: f64,
}

/// How one group has changed. **No proof of an effect:** nothing says how it would have changed without the action.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeforeAfter {
    /// How many customers have both values.
    pub customers: u64,
    /// Their mean before, in the unit of the column.
    pub before: f64,
    /// Their mean after.
    pub after: f64,
    /// After less before.
    pub change: f64,
    /// The interval of the change; `None` where all have changed alike.
    pub interval: Option<Interval>,
}

impl Groups {
    #[allow(clippy::cast_precision_loss)] // small
    fn units(&self) -> f64 {
        self.scale().per_unit() as f64
    }

    /// The sums of both groups, if they have enough customers.
    fn both(&self, terms: EffectTerms, of: impl Fn(Arm) -> Sums) -> Option<[Sums; 2]> {
        let sums = [of(Arm::Treated), of(Arm::Control)];
        terms.enough(sums.map(|s| s.customers)).then_some(sums)
    }

    /// The difference of means (Welch), or of rates (Newcombe) if the values are yes or no; `None` if a group is too small.
    #[must_use]
    pub fn difference(&self, terms: EffectTerms) -> Option<Difference> {
        let sums = self.both(terms, |arm| self.group(arm).all)?;
        if self.scale() == Scale::YesNo {
            let [treated, control] = self.rates()?;
            return Some(treated.difference(control, terms.confidence));
        }
        Some(welch(sums, terms.confidence).per(self.units()))
    }

    /// The shares of yes; `None` if the values are something else, or there is nobody in a group.
    fn rates(&self) -> Option<[Rate; 2]> {
        let rate = |arm| {
            let sums = &self.group(arm).all;
            Rate::new(u64::try_from(sums.values).ok()?, sums.customers)
        };
        let known = self.scale() == Scale::YesNo;
        Some([
            rate(Arm::Treated).filter(|_| known)?,
            rate(Arm::Control).filter(|_| known)?,
        ])
    }

    /// The rate of the treated ÷ that of the control − 1; `None` if the values are not yes or no, if a group is too small,
    /// or nobody of the control is a yes.
    #[must_use]
    pub fn uplift(&self, terms: EffectTerms) -> Option<Uplift> {
        let [treated, control] = self.rates()?;
        self.both(terms, |arm| self.group(arm).all)?;
        treated.uplift(control, terms.confidence)
    }

    /// How one group has changed (Student's t of paired values); `None` if it is too small. No proof of an effect.
    #[must_use]
    pub fn before_after(&self, arm: Arm, terms: EffectTerms) -> Option<BeforeAfter> {
        let pairs = &self.group(arm).pairs;
        let n = pairs.value.customers;
        if !terms.enough([n, n]) {
            return None;
        }
        let changes = pairs.changes();
        let units = self.units();
        let change = mean(&changes);
        let interval = Interval::welch(change, &[variance(&changes)], terms.confidence);
        Some(BeforeAfter {
            customers: n,
            before: mean(&pairs.before) / units,
            after: mean(&pairs.value) / units,
            change: change / units,
            interval: interval.map(|interval| Interval {
                low: interval.low / units,
                high: interval.high / units,
            }),
        })
    }

    /// The mean change of the treated less that of the control (Welch); `None` if a group has too few with a value before.
    #[must_use]
    pub fn difference_in_differences(&self, terms: EffectTerms) -> Option<Difference> {
        let sums = self.both(terms, |arm| self.group(arm).pairs.changes())?;
        Some(welch(sums, terms.confidence).per(self.units()))
    }

    /// The difference of means after what the values before say has been taken out (CUPED); `None` if a group has too few
    /// with a value before.
    #[must_use]
    pub fn cuped(&self, terms: EffectTerms) -> Option<Cuped> {
        let values = self.both(terms, |arm| self.group(arm).pairs.value)?;
        let pairs = [
            self.group(Arm::Treated).pairs,
            self.group(Arm::Control).pairs,
        ];
        let befores = pairs.map(|p| p.before);
        let spread: f64 = befores.iter().map(Sums::deviations).sum();
        let together: f64 = pairs.iter().map(Pairs::products).sum();
        let theta = if spread > 0.0 { together / spread } else { 0.0 };
        let plain = welch(values, terms.confidence);
        // Of the mean of an adjusted value: that of y − θ x.
        let adjusted = pairs.map(|p| {
            let squares = p.value.deviations() - 2.0 * theta * p.products()
                + theta * theta * p.before.deviations();
            let freedom = to_f64(p.value.customers) - 1.0;
            let mean = squares.max(0.0) / freedom / to_f64(p.value.customers);
            (mean, freedom)
        });
        let shift = apart(&befores);
        let difference = plain.difference - theta * shift;
        // Each is moved to the mean before of both groups together.
        let [n, m] = befores.map(|b| to_f64(b.customers));
        let difference = Difference {
            treated: plain.treated - theta * shift * (m / (n + m)),
            control: plain.control + theta * shift * (n / (n + m)),
            difference,
            interval: Interval::welch(difference, &adjusted, terms.confidence),
        };
        let before: f64 = values.iter().map(|v| variance(v).0).sum();
        let after: f64 = adjusted.iter().map(|(v, _)| v).sum();
        Some(Cuped {
            difference: difference.per(self.units()),
            theta,
            variance_reduction: if before > 0.0 {
                1.0 - after / before
            } else {
                0.0
            },
        })
    }
}

/// The means of both groups and Welch's interval, in whole units; each group has at least two customers.
fn welch(sums: [Sums; 2], confidence: Confidence) -> Difference {
    let difference = apart(&sums);
    let [treated, control] = sums;
    Difference {
        treated: mean(&treated),
        control: mean(&control),
        difference,
        interval: Interval::welch(difference, &sums.map(|s| variance(&s)), confidence),
    }
}

/// The variance of the mean with its degrees of freedom; of at least two customers.
fn variance(sums: &Sums) -> (f64, f64) {
    let n = to_f64(sums.customers);
    (sums.deviations() / (n - 1.0) / n, n - 1.0)
}

#[allow(clippy::cast_precision_loss)] // divided last
fn mean(sums: &Sums) -> f64 {
    sums.values as f64 / to_f64(sums.customers.max(1))
}

/// The difference of the means, divided last.
fn apart([a, b]: &[Sums; 2]) -> f64 {
    let exact = Wide::product(a.values, b.customers.into())
        .minus(Wide::product(b.values, a.customers.into()));
    exact.to_f64() / (to_f64(a.customers.max(1)) * to_f64(b.customers.max(1)))
}

//! How much to spend on winning customers and how much on keeping them.

use serde::{Deserialize, Serialize};

use super::bisect::first_where;
use super::curve::{MOST, ResponseCurve};
use crate::Error;

/// The least and the greatest discount per period.
const DISCOUNT: (f64, f64) = (1e-6, 10.0);

/// Acquisition against retention, of one prospect: the model of Blattberg & Deighton (1996).
///
/// Spending A on a prospect wins a customer with probability a; spending R on a customer in each period keeps them for the next
/// with probability r. Customer equity per prospect is a·\[M + (M − R/r) · r ÷ (1 + d − r)\] − A, with the margin M of one period
/// and the discount d of one period. All amounts are in major units of one currency.
///
/// ```
/// use customer_value::strategy::allocation::{AcquisitionRetention, ResponseCurve};
///
/// let acquisition = ResponseCurve::through(0.4, 5.0, 0.2)?;
/// let retention = ResponseCurve::through(0.7, 10.0, 0.4)?;
/// let best = AcquisitionRetention::new(acquisition, retention, 50.0, 0.1)?.optimum();
/// assert_eq!(format!("{:.3}", best.acquisition_spend), "9.489");
/// assert_eq!(format!("{:.2}", best.retention_spend), "16.32");
/// assert_eq!(format!("{:.3}", best.equity), "10.177");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AcquisitionRetention {
    acquisition: ResponseCurve,
    retention: ResponseCurve,
    margin: f64,
    discount: f64,
}

/// What a pair of spends comes to, per prospect.
///
/// Amounts are in major units of money, rates are shares from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equity {
    /// What is spent on each prospect, A.
    pub acquisition_spend: f64,
    /// The share of prospects won, a.
    pub acquisition_rate: f64,
    /// What is spent on each customer in each period, R.
    pub retention_spend: f64,
    /// The share of customers kept from one period to the next, r.
    pub retention_rate: f64,
    /// What a customer who has been won is worth: M + (M − R/r) · r ÷ (1 + d − r).
    pub customer_value: f64,
    /// What a prospect is worth: a × the value of a customer − A.
    pub equity: f64,
}

/// Several pairs of spends, as the points of a curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EquityCurve(pub Vec<Equity>);

/// What goes into the optimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EquityInput {
    /// The margin M of one period.
    Margin,
    /// The discount d of one period.
    Discount,
    /// The ceiling of the acquisition rate; k stays.
    AcquisitionCeiling,
    /// The k of the acquisition rate.
    AcquisitionK,
    /// The ceiling of the retention rate; k stays.
    RetentionCeiling,
    /// The k of the retention rate.
    RetentionK,
}

impl EquityInput {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Margin,
        Self::Discount,
        Self::AcquisitionCeiling,
        Self::AcquisitionK,
        Self::RetentionCeiling,
        Self::RetentionK,
    ];
}

/// The optimum when one input is lower or higher, the others as they are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensitivityRow {
    /// What is varied.
    pub input: EquityInput,
    /// The optimum with less of it; missing where that is out of range.
    pub lower: Option<Equity>,
    /// The optimum with more of it; missing where that is out of range (a ceiling above 1).
    pub higher: Option<Equity>,
}

/// What the optimum becomes when the inputs are wrong by a share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sensitivity {
    /// The share by which each input is lowered and raised, above 0 and below 1.
    pub change: f64,
    /// The optimum with the inputs as they are.
    pub optimum: Equity,
    /// One row for each input.
    pub rows: Vec<SensitivityRow>,
}

impl AcquisitionRetention {
    /// From two curves, the margin of a customer in one period and the discount of one period.
    ///
    /// # Errors
    /// A margin that is not from 0 to 10^15, or a discount that is not from 0.000001 to 10 (`is_range`).
    pub fn new(
        acquisition: ResponseCurve,
        retention: ResponseCurve,
        margin: f64,
        discount: f64,
    ) -> Result<Self, Error> {
        if !(0.0..=MOST).contains(&margin) {
            let message = format!("a margin of {margin} is not from 0 to 1e15");
            return Err(Error::range(message));
        }
        if !(DISCOUNT.0..=DISCOUNT.1).contains(&discount) {
            let message = format!("a discount of {discount} is not from 0.000001 to 10");
            return Err(Error::range(message));
        }
        Ok(Self {
            acquisition,
            retention,
            margin,
            discount,
        })
    }

    /// What these spends come to, `acquisition` on each prospect and `retention` on each customer in each period.
    ///
    /// # Errors
    /// A spend that is not from 0 to 10^15 (`is_range`).
    pub fn at(&self, acquisition: f64, retention: f64) -> Result<Equity, Error> {
        for (what, spend) in [("acquisition", acquisition), ("retention", retention)] {
            if !(0.0..=MOST).contains(&spend) {
                let message = format!("a spend of {spend} on {what} is not from 0 to 1e15");
                return Err(Error::range(message));
            }
        }
        Ok(self.equity(acquisition, retention))
    }

    fn equity(&self, acquisition: f64, retention: f64) -> Equity {
        let (a, r) = (
            self.acquisition.rate(acquisition),
            self.retention.rate(retention),
        );
        // (M − R/r) · r is M·r − R, which also holds where nothing is spent.
        let later = (self.margin * r - retention) / self.lost(retention);
        let customer_value = self.margin + later;
        Equity {
            acquisition_spend: acquisition,
            acquisition_rate: a,
            retention_spend: retention,
            retention_rate: r,
            customer_value,
            equity: a * customer_value - acquisition,
        }
    }

    /// 1 + d − r, as a sum of what is not negative: never zero, and exact where r is near 1.
    fn lost(&self, retention: f64) -> f64 {
        self.discount + (1.0 - self.retention.ceiling()) + self.retention.left(retention)
    }

    /// The two spends with the greatest customer equity.
    ///
    /// It is always found, and the same on every machine. The spend on retention, R*, does not depend on acquisition. It is the one root of
    /// r′(R) · (M(1 + d) − R) = 1 + d − r(R), or nothing if k·ceiling·M of retention is at most 1. The spend on acquisition
    /// is then ln(k·ceiling·W) ÷ k, W being the value of a customer at R*, or nothing if k·ceiling·W is at most 1.
    #[must_use]
    pub fn optimum(&self) -> Equity {
        // With g the left side less the right side, the derivative of the value by R has the sign of g, and
        // g′ = r″(R) · (M(1 + d) − R) is below 0 up to M(1 + d), where g is. So g changes its sign once, from + to −, and the
        // value has one peak. g(0) > 0 just if k·ceiling·M > 1.
        let most = (self.margin * (1.0 + self.discount)).min(MOST);
        let past_the_peak = |spend: f64| {
            let gain = self.retention.slope(spend) * (self.margin * (1.0 + self.discount) - spend);
            gain <= self.lost(spend)
        };
        let retention = if self.margin > self.least_margin() {
            first_where(0.0, most, past_the_peak)
        } else {
            0.0
        };
        let value = self.equity(0.0, retention).customer_value;
        self.equity(self.acquisition.worth_spending(value), retention)
    }

    /// The margin of one period up to which it is best to spend nothing on retention: 1 ÷ (k · ceiling) of retention.
    #[must_use]
    pub fn least_margin(&self) -> f64 {
        1.0 / (self.retention.k() * self.retention.ceiling())
    }

    /// The value of a customer up to which it is best to spend nothing on acquisition: 1 ÷ (k · ceiling) of acquisition.
    #[must_use]
    pub fn least_customer_value(&self) -> f64 {
        1.0 / (self.acquisition.k() * self.acquisition.ceiling())
    }

    /// Equity at `steps + 1` spends on acquisition from 0 to `up_to`, with the best spend on retention.
    ///
    /// # Errors
    /// No step, or `up_to` is not from 0 to 10^15 (`is_range`).
    pub fn acquisition_curve(&self, up_to: f64, steps: u32) -> Result<EquityCurve, Error> {
        let best = self.optimum().retention_spend;
        curve(up_to, steps, |spend| self.at(spend, best))
    }

    /// Equity at `steps + 1` spends on retention from 0 to `up_to`, with the spend on acquisition that is best for each.
    ///
    /// # Errors
    /// No step, or `up_to` is not from 0 to 10^15 (`is_range`).
    pub fn retention_curve(&self, up_to: f64, steps: u32) -> Result<EquityCurve, Error> {
        curve(up_to, steps, |spend| {
            let value = self.at(0.0, spend)?.customer_value;
            self.at(self.acquisition.worth_spending(value), spend)
        })
    }

    /// The optimum when each input in turn is lower and higher by the share `change`.
    ///
    /// # Errors
    /// A change that is not above 0 and below 1 (`is_range`).
    ///
    /// ```
    /// use customer_value::strategy::allocation::{AcquisitionRetention, ResponseCurve};
    ///
    /// let acquisition = ResponseCurve::through(0.4, 5.0, 0.2)?;
    /// let retention = ResponseCurve::through(0.7, 10.0, 0.4)?;
    /// let model = AcquisitionRetention::new(acquisition, retention, 50.0, 0.1)?;
    /// assert_eq!(model.sensitivity(0.1)?.to_string(), "\
    /// input                 change  acquisition spend  retention spend  equity
    /// as it is                   -              9.489           16.319  10.177
    /// margin               -10.0 %              8.410           14.553   7.522
    /// margin                10.0 %             10.466           17.918  13.100
    /// discount             -10.0 %              9.521           16.372  10.266
    /// discount              10.0 %              9.457           16.267  10.091
    /// acquisition ceiling  -10.0 %              8.729           16.319   8.249
    /// acquisition ceiling   10.0 %             10.176           16.319  12.177
    /// acquisition k        -10.0 %              9.698           16.319   9.166
    /// acquisition k         10.0 %              9.251           16.319  11.070
    /// retention ceiling    -10.0 %              8.896           14.106   8.650
    /// retention ceiling     10.0 %             10.223           18.645  12.324
    /// retention k          -10.0 %              9.170           16.170   9.333
    /// retention k           10.0 %              9.779           16.289  10.990
    /// ");
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    pub fn sensitivity(&self, change: f64) -> Result<Sensitivity, Error> {
        if !(change > 0.0 && change < 1.0) {
            let message = format!("a change of {change} is not above 0 and below 1");
            return Err(Error::range(message));
        }
        let optimum_with = |input, factor| Some(self.scaled(input, factor)?.optimum());
        let rows = EquityInput::ALL.map(|input| SensitivityRow {
            input,
            lower: optimum_with(input, 1.0 - change),
            higher: optimum_with(input, 1.0 + change),
        });
        Ok(Sensitivity {
            change,
            optimum: self.optimum(),
            rows: rows.to_vec(),
        })
    }

    /// With one input times a factor; `None` where that is out of range.
    fn scaled(&self, input: EquityInput, factor: f64) -> Option<Self> {
        let (mut acquisition, mut retention) = (self.acquisition, self.retention);
        let (mut margin, mut discount) = (self.margin, self.discount);
        let higher = |curve: ResponseCurve| ResponseCurve::new(curve.ceiling() * factor, curve.k());
        let faster = |curve: ResponseCurve| ResponseCurve::new(curve.ceiling(), curve.k() * factor);
        match input {
            EquityInput::Margin => margin *= factor,
            EquityInput::Discount => discount *= factor,
            EquityInput::AcquisitionCeiling => acquisition = higher(acquisition).ok()?,
            EquityInput::AcquisitionK => acquisition = faster(acquisition).ok()?,
            EquityInput::RetentionCeiling => retention = higher(retention).ok()?,
            EquityInput::RetentionK => retention = faster(retention).ok()?,
        }
        Self::new(acquisition, retention, margin, discount).ok()
    }
}

fn curve(
    up_to: f64,
    steps: u32,
    at: impl Fn(f64) -> Result<Equity, Error>,
) -> Result<EquityCurve, Error> {
    if steps == 0 {
        return Err(Error::range("a curve has at least one step"));
    }
    let point = |step| at(up_to * (f64::from(step) / f64::from(steps)));
    (0..=steps)
        .map(point)
        .collect::<Result<_, _>>()
        .map(EquityCurve)
}

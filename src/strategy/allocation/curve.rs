//! How the share that responds grows with what is spent on each.

use crate::Error;

/// The least and the greatest `k`, per major unit of money.
pub(super) const K: (f64, f64) = (1e-12, 1e12);
/// The least ceiling: small enough for anybody, and its products never vanish.
pub(super) const CEILING: f64 = 1e-12;
/// The most that can be spent on one customer, in major units of money.
pub(super) const MOST: f64 = 1e15;

/// The share of customers that respond when `x` is spent on each: ceiling × (1 − e^(−k·x)).
///
/// It rises from 0 and levels off at the ceiling; each further euro brings less than the one before. What is spent is in major
/// units of one currency (euros, not cents), `k` is per such unit. (Blattberg & Deighton 1996)
///
/// ```
/// use customer_value::strategy::allocation::ResponseCurve;
///
/// // At most 40 % can be won, and 5 euros on each won 20 %.
/// let curve = ResponseCurve::through(0.4, 5.0, 0.2)?;
/// assert!((curve.k() - 2_f64.ln() / 5.0).abs() < 1e-15);
/// assert!((curve.rate(10.0) - 0.3).abs() < 1e-15);
/// assert!(ResponseCurve::through(0.4, 5.0, 0.4).unwrap_err().is_range());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResponseCurve {
    ceiling: f64,
    k: f64,
}

impl ResponseCurve {
    /// The curve with that ceiling and that `k`.
    ///
    /// # Errors
    /// A ceiling that is not from 10^−12 to 1, or a `k` that is not from 10^−12 to 10^12 (`is_range`).
    pub fn new(ceiling: f64, k: f64) -> Result<Self, Error> {
        if !(CEILING..=1.0).contains(&ceiling) {
            let message = format!("a ceiling of {ceiling} is not from 1e-12 to 1");
            return Err(Error::range(message));
        }
        if !(K.0..=K.1).contains(&k) {
            return Err(Error::range(format!(
                "a k of {k} is not from 1e-12 to 1e12"
            )));
        }
        Ok(Self { ceiling, k })
    }

    /// The curve with that ceiling through one observed point: where `spend` was spent on each, `rate` responded.
    ///
    /// k = −ln(1 − rate ÷ ceiling) ÷ spend.
    ///
    /// # Errors
    /// A ceiling that is not from 10^−12 to 1, a spend that is not above 0, a rate that is not above 0 and below the
    /// ceiling, or a point that asks for a `k` out of range (`is_range`).
    pub fn through(ceiling: f64, spend: f64, rate: f64) -> Result<Self, Error> {
        if !(spend > 0.0 && spend <= MOST) {
            let message = format!("a spend of {spend} is not above 0 and at most 1e15");
            return Err(Error::range(message));
        }
        Self::new(ceiling, 1.0)?; // the ceiling is looked at before the rate is held against it
        if !(rate > 0.0 && rate < ceiling) {
            let message =
                format!("a rate of {rate} is not above 0 and below the ceiling of {ceiling}");
            return Err(Error::range(message));
        }
        Self::new(ceiling, -libm::log1p(-rate / ceiling) / spend)
    }

    /// The share that never is exceeded, above 0 and at most 1.
    #[must_use]
    pub fn ceiling(self) -> f64 {
        self.ceiling
    }

    /// How fast it rises, per major unit of money.
    #[must_use]
    pub fn k(self) -> f64 {
        self.k
    }

    /// The share that responds when so many major units are spent on each, from 0 to the ceiling; nothing spent, or less, is 0.
    #[must_use]
    pub fn rate(self, spend: f64) -> f64 {
        self.ceiling * -libm::expm1(-self.k * spend.max(0.0))
    }

    /// What the rate grows by per further major unit: ceiling × k × e^(−k·x), above 0 unless it is too small for a double.
    #[must_use]
    pub fn slope(self, spend: f64) -> f64 {
        self.ceiling * self.k * libm::exp(-self.k * spend.max(0.0))
    }

    /// What is left up to the ceiling, without the loss of digits of a difference.
    pub(super) fn left(self, spend: f64) -> f64 {
        self.ceiling * libm::exp(-self.k * spend.max(0.0))
    }

    /// The spend at which one more unit brings just one unit, if each response is worth `value` units; 0 if the first unit
    /// already brings no more than itself.
    pub(super) fn worth_spending(self, value: f64) -> f64 {
        let first = self.k * self.ceiling * value;
        if first > 1.0 {
            libm::log(first) / self.k
        } else {
            0.0
        }
    }
}

//! Whether spend depends on how often customers buy.

use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::gamma_gamma::Spend;
use crate::model::exact;

/// Up to this size a correlation is negligible: frequency then tells less than a 25th (r² = 4 %) of the differences in spend.
const NEGLIGIBLE: f64 = 0.2;

/// The standard normal quantile of a 95 % interval.
const Z_95: f64 = 1.959_963_984_540_054;

/// How far the mean spend of customers goes along with the number of their purchases.
///
/// Gamma-Gamma, and every lifetime value made with it, assumes that it does not. Where frequent customers spend more at a
/// time, their value is told too low and that of the others too high.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Independence {
    /// Pearson's correlation of the repeat purchases and the mean spend, over customers with both; −1 to 1.
    #[serde(with = "exact::number")]
    pub correlation: f64,
    /// Its 95 % interval.
    #[serde(with = "exact::tuple")]
    pub interval: (f64, f64),
    /// How many customers it is over.
    pub customers: u64,
    /// What to beware of; `None` where the correlation may be none (the interval holds 0) or is negligible (up to 0.2 either
    /// way).
    pub warning: Option<String>,
}

impl Independence {
    /// Measures it over customers; those without a repeat purchase or a known amount say nothing and are left out.
    ///
    /// `None` with fewer than 10 customers left, and where all have bought equally often or spent the same.
    ///
    /// Not a rank correlation: the mean of many amounts is spread less, and to one side less, than a single amount, so ranks
    /// correlate even where spend does not depend on frequency, and Pearson's does not. Its interval is made from the spread
    /// of the products of the two deviations, so that neither that nor a few customers beyond all others make it look sure
    /// (White 1980).
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Activity, Independence, Spend};
    ///
    /// let customers = (1..=100).map(|x| {
    ///     let activity = Activity::new(x, 30.0, 39.0).unwrap();
    ///     (activity, Spend::new(x, 10.0 + f64::from(x)).unwrap())
    /// });
    /// let found = Independence::of(customers).unwrap();
    /// assert!(found.correlation > 0.99 && found.warning.is_some());
    /// ```
    #[must_use]
    pub fn of(customers: impl IntoIterator<Item = (Activity, Spend)>) -> Option<Self> {
        let pairs: Vec<(f64, f64)> = customers
            .into_iter()
            .filter(|(activity, spend)| activity.repeat_purchases() > 0 && spend.purchases() > 0)
            .map(|(activity, spend)| (activity.x(), spend.mean()))
            .collect();
        if pairs.len() < 10 {
            return None;
        }
        let n = pairs.len() as f64;
        let of_x = Standard::of(pairs.iter().map(|pair| pair.0), n)?;
        let of_y = Standard::of(pairs.iter().map(|pair| pair.1), n)?;
        let standard = || pairs.iter().map(|(x, y)| (of_x.score(*x), of_y.score(*y)));
        let correlation = (standard().map(|(u, v)| u * v).sum::<f64>() / n).clamp(-1.0, 1.0);
        // What each customer moves the correlation by (its influence function).
        let moves = standard().map(|(u, v)| u * v - 0.5 * correlation * (u * u + v * v));
        let error = moves.map(|step| step * step).sum::<f64>().sqrt() / n;
        let interval = (
            (correlation - Z_95 * error).max(-1.0),
            (correlation + Z_95 * error).min(1.0),
        );
        let sure = interval.0 > 0.0 || interval.1 < 0.0;
        Some(Self {
            correlation,
            interval,
            customers: pairs.len() as u64,
            warning: (sure && correlation.abs() > NEGLIGIBLE).then(|| warning(correlation)),
        })
    }
}

fn warning(correlation: f64) -> String {
    let (more, low, high) = if correlation > 0.0 {
        ("more", "low", "high")
    } else {
        ("less", "high", "low")
    };
    format!(
        "customers who buy more often spend {more} at a time (correlation {correlation:.2}), and the model assumes that \
         spend does not depend on frequency: lifetime values are too {low} for frequent customers and too {high} for rare \
         ones; segment the customers by spend, or give the spend a covariate"
    )
}

/// The mean and the standard deviation of numbers.
struct Standard {
    mean: f64,
    deviation: f64,
}

impl Standard {
    /// `None` where they are all the same.
    fn of(values: impl Iterator<Item = f64> + Clone, n: f64) -> Option<Self> {
        let mean = values.clone().map(|value| value / n).sum::<f64>();
        let square = values.map(|value| (value - mean).powi(2) / n).sum::<f64>();
        let deviation = square.sqrt();
        // What rounding of the mean leaves of equal values is no difference.
        (deviation > mean.abs() * 1e-9).then_some(Self { mean, deviation })
    }

    fn score(&self, value: f64) -> f64 {
        (value - self.mean) / self.deviation
    }
}

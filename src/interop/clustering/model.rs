//! Frozen scales and centres: what it takes to say of anybody which group they belong to.

use serde::{Deserialize, Serialize};

use super::{ClusterMethod, Scaling};

/// How a column is scaled: (value − `centre`) ÷ `spread`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnScale {
    /// The column.
    pub column: String,
    /// What becomes 0: the mean or the median.
    pub centre: f64,
    /// What becomes 1, above 0: the standard deviation or the distance of the quartiles; 1 where all values are equal.
    pub spread: f64,
}

impl ColumnScale {
    /// The scale of some values, of which there is at least one.
    pub(super) fn of(column: &str, mut values: Vec<f64>, scaling: Scaling) -> Self {
        values.sort_by(f64::total_cmp);
        let n = count(values.len());
        let mean = values.iter().map(|v| v / n).sum::<f64>();
        let variance = values
            .iter()
            .map(|v| (v - mean) * (v - mean) / n)
            .sum::<f64>();
        let deviation = variance.sqrt();
        let (centre, spread) = match scaling {
            Scaling::Standard => (mean, deviation),
            Scaling::Robust => {
                let quartiles = quantile(&values, 0.75) - quantile(&values, 0.25);
                let spread = if quartiles > 0.0 {
                    quartiles
                } else {
                    deviation
                };
                (quantile(&values, 0.5), spread)
            }
        };
        let same = values.first() == values.last();
        Self {
            column: column.to_owned(),
            centre,
            spread: if same || spread <= 0.0 { 1.0 } else { spread },
        }
    }

    pub(super) fn scaled(&self, value: f64) -> f64 {
        (value - self.centre) / self.spread
    }

    pub(super) fn unscaled(&self, value: f64) -> f64 {
        value * self.spread + self.centre
    }
}

#[allow(clippy::cast_precision_loss)] // for a mean
pub(super) fn count(n: usize) -> f64 {
    n as f64
}

/// The quantile of ascending values, on the line between the two nearest (Hyndman & Fan 1996, type 7).
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)] // a position
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let at = share * count(sorted.len().saturating_sub(1));
    let below = at.floor();
    let value = |i: usize| sorted.get(i).or(sorted.last()).copied().unwrap_or(0.0);
    let (low, high) = (value(below as usize), value(below as usize + 1));
    low + (high - low) * (at - below)
}

/// One group of a model, in scaled numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its centre, one number for each column.
    pub centre: Vec<f64>,
    /// Of a mixture: which share of the customers it makes, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Of a mixture: the covariance, row by row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covariance: Vec<Vec<f64>>,
}

impl Component {
    fn distance(&self, scaled: &[f64]) -> f64 {
        squared(&self.centre, scaled)
    }

    /// The logarithm of weight × density.
    fn log_density(&self, scaled: &[f64]) -> f64 {
        let Some(factor) = cholesky(&self.covariance) else {
            return f64::NEG_INFINITY;
        };
        let off: Vec<f64> = scaled
            .iter()
            .zip(&self.centre)
            .map(|(x, c)| x - c)
            .collect();
        // The factor solves for the off-set in units of its own deviations.
        let mut solved: Vec<f64> = Vec::with_capacity(off.len());
        let mut log_det = 0.0;
        for (row, off) in factor.iter().zip(&off) {
            let known: f64 = row.iter().zip(&solved).map(|(f, s)| f * s).sum();
            let pivot = row.get(solved.len()).copied().unwrap_or(1.0);
            log_det += libm::log(pivot);
            solved.push((off - known) / pivot);
        }
        let mahalanobis: f64 = solved.iter().map(|s| s * s).sum();
        let normal = count(off.len()) * libm::log(std::f64::consts::TAU);
        let weight = self.weight.map_or(0.0, libm::log);
        weight - log_det - 0.5 * (mahalanobis + normal)
    }
}

pub(super) fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The lower factor of a positive definite matrix.
fn cholesky(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (i, row) in matrix.iter().enumerate() {
        let mut own: Vec<f64> = Vec::with_capacity(i + 1);
        for j in 0..=i {
            let other = factor.get(j).unwrap_or(&own);
            let known: f64 = own.iter().zip(other).map(|(a, b)| a * b).sum();
            let rest = row.get(j)? - known;
            let entry = match other.get(j) {
                Some(pivot) => rest / pivot,
                None if rest > 0.0 => rest.sqrt(),
                None => return None,
            };
            own.push(entry);
        }
        factor.push(own);
    }
    Some(factor)
}

/// Which group anybody belongs to: plain data, to be kept and used as long as one likes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterModel {
    /// How the groups were found, and who belongs to which.
    pub method: ClusterMethod,
    /// The columns, in order, and how each is scaled.
    pub columns: Vec<ColumnScale>,
    /// The groups, in order.
    pub components: Vec<Component>,
}

impl ClusterModel {
    /// The values on their scales; `None` if one is missing.
    fn scale(&self, values: &[Option<f64>]) -> Option<Vec<f64>> {
        if values.len() != self.columns.len() {
            return None;
        }
        let pairs = self.columns.iter().zip(values);
        pairs.map(|(c, v)| Some(c.scaled((*v)?))).collect()
    }

    /// The position of the group that somebody belongs to, of equally near ones the first. `None` if a value is missing, or
    /// there are not as many as columns.
    #[must_use]
    pub fn assign(&self, values: &[Option<f64>]) -> Option<usize> {
        self.nearest(&self.scale(values)?)
    }

    /// How probably each group made somebody, 0 to 1, adding up to 1; `None` if a value is missing, there are not as many as
    /// columns, or the model is no mixture.
    #[must_use]
    pub fn probabilities(&self, values: &[Option<f64>]) -> Option<Vec<f64>> {
        if self.method != ClusterMethod::GaussianMixture {
            return None;
        }
        let scaled = self.scale(values)?;
        let logs: Vec<f64> = self
            .components
            .iter()
            .map(|c| c.log_density(&scaled))
            .collect();
        let whole = log_sum(&logs);
        whole
            .is_finite()
            .then(|| logs.iter().map(|log| libm::exp(log - whole)).collect())
    }

    pub(super) fn nearest(&self, scaled: &[f64]) -> Option<usize> {
        let far = |component: &Component| match self.method {
            ClusterMethod::KMeans => component.distance(scaled),
            ClusterMethod::GaussianMixture => -component.log_density(scaled),
        };
        let mut best: Option<(usize, f64)> = None;
        for (i, component) in self.components.iter().enumerate() {
            let far = far(component);
            if best.is_none_or(|(_, least)| far < least) {
                best = Some((i, far));
            }
        }
        best.map(|(i, _)| i)
    }

    /// The logarithm of the likelihood of some customers.
    pub(super) fn log_likelihood(&self, rows: &[Vec<f64>]) -> f64 {
        let of = |row: &Vec<f64>| {
            let logs: Vec<f64> = self.components.iter().map(|c| c.log_density(row)).collect();
            log_sum(&logs)
        };
        rows.iter().map(of).sum()
    }
}

/// The logarithm of the sum of the exponentials, also where all of those are too small to be told from 0.
fn log_sum(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !most.is_finite() {
        return f64::NEG_INFINITY;
    }
    let rest: f64 = logs.iter().map(|log| libm::exp(log - most)).sum();
    most + libm::log(rest)
}

//! Weakly informative priors, for MAP.
//!
//! Each is normal for a number without a unit: the log of a shape, of a sum of shapes, of a ratio to what the data show, or
//! the logit of a probability. A standard deviation of 1.5 or 2 in logs says that a factor of 20 to 50 either way is not
//! surprising; so a few dozen customers outweigh the prior, and where the likelihood runs to an edge the prior holds it back.
#![allow(clippy::indexing_slicing)] // a term names parameters the model has

/// A quantity made of parameters that is normal in logs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Term {
    /// ln of one parameter.
    Log(usize),
    /// ln of one over another: of a mean rate, or the logit of the mean of a Beta distribution.
    Ratio(usize, usize),
    /// ln of a sum of two.
    Sum(usize, usize),
    /// ln of p·γ/q: Gamma-Gamma's level of spend.
    Level(usize, usize, usize),
    /// A number that is no log, such as the effect of a covariate.
    Plain(usize),
}

/// A normal prior.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prior {
    pub(super) of: Term,
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

impl Prior {
    pub(super) fn new(of: Term, mean: f64, deviation: f64) -> Self {
        Self {
            of,
            mean,
            deviation,
        }
    }

    /// ln of the density up to a constant, added to a value, and its derivatives to a gradient, at the logs of the
    /// parameters.
    pub(super) fn add(&self, logs: &[f64], value: &mut f64, gradient: &mut [f64]) {
        let precision = 1.0 / (self.deviation * self.deviation);
        let at = match self.of {
            Term::Log(i) | Term::Plain(i) => logs[i],
            Term::Ratio(i, j) => logs[i] - logs[j],
            Term::Sum(i, j) => logs[i].max(logs[j]) + (-(logs[i] - logs[j]).abs()).exp().ln_1p(),
            Term::Level(p, q, gamma) => logs[p] + logs[gamma] - logs[q],
        };
        let off = at - self.mean;
        *value -= 0.5 * precision * off * off;
        let slope = -precision * off;
        match self.of {
            Term::Log(i) | Term::Plain(i) => gradient[i] += slope,
            Term::Ratio(i, j) => {
                gradient[i] += slope;
                gradient[j] -= slope;
            }
            Term::Sum(i, j) => {
                gradient[i] += slope / (1.0 + (logs[j] - logs[i]).exp());
                gradient[j] += slope / (1.0 + (logs[i] - logs[j]).exp());
            }
            Term::Level(p, q, gamma) => {
                gradient[p] += slope;
                gradient[gamma] += slope;
                gradient[q] -= slope;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_deviation_off_costs_one_half() {
        let mut value = 7.0;
        Prior::new(Term::Log(0), 0.3, 1.5).add(&[0.3 + 1.5], &mut value, &mut [0.0]);
        assert!((value - 6.5).abs() < 1e-12, "{value}");
    }

    #[test]
    fn the_gradient_is_that_of_the_value() {
        let terms = [
            Term::Log(0),
            Term::Ratio(1, 2),
            Term::Sum(0, 2),
            Term::Level(0, 1, 2),
            Term::Plain(1),
        ];
        let at = |term: Term, logs: &[f64]| {
            let (mut value, mut gradient) = (0.0, vec![0.0; 3]);
            Prior::new(term, 0.3, 1.5).add(logs, &mut value, &mut gradient);
            (value, gradient)
        };
        for term in terms {
            let logs = [0.7, -1.2, 0.4];
            for i in 0..3 {
                let (mut up, mut down) = (logs, logs);
                up[i] += 1e-6;
                down[i] -= 1e-6;
                let slope = (at(term, &up).0 - at(term, &down).0) / 2e-6;
                assert!((slope - at(term, &logs).1[i]).abs() < 1e-9, "{term:?} {i}");
            }
        }
    }
}

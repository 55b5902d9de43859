//! What a customer who is alive may bring: draws of the future, and their quantiles.

use super::grid::Place;
use crate::metrics::lifetime::gamma_gamma::GammaGamma;
use crate::metrics::lifetime::habit::Habit;
use crate::metrics::lifetime::purchase::Parameters;
use crate::metrics::lifetime::random::Draws;

/// What the streams are for; see `simulate`.
const VALUE: u64 = 3;

/// Futures drawn at one place.
const FUTURES: u64 = 2048;

/// Quantiles kept of them.
const KEPT: usize = 256;

/// From so many purchases on, the sum of their discount factors is drawn at once.
const MANY: f64 = 16.0;

/// Discount rate and horizon in the unit of the purchase model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Future {
    pub(super) delta: f64,
    pub(super) horizon: f64,
}

/// The quantiles of a customer's outcome at one place, given that the customer is alive, for a customer with γ + x m = 1
/// and a margin of 1.
#[derive(Debug)]
pub(super) struct Outcomes(Vec<f64>);

impl Outcomes {
    pub(super) fn simulate(
        place: Place,
        purchases: &Parameters,
        spend: &GammaGamma,
        future: Future,
    ) -> Self {
        let parameters = place.future(purchases);
        let known = spend.p * f64::from(place.spends) + spend.q;
        let [x, age, spends] = place.words();
        let mut all: Vec<f64> = (0..FUTURES)
            .map(|one| {
                // Streams of their own for what every future has and for what depends on the terms: so another discount
                // or horizon means the same customers.
                let mut draws = Draws::of(&[VALUE, x, age, spends, one, 0]);
                let mut amounts = Draws::of(&[VALUE, x, age, spends, one, 1]);
                let rate = draws.gamma(known).max(f64::MIN_POSITIVE);
                let (sum, squares) = future.discounted(&parameters, &mut draws);
                let total = amount(spend.p, sum, squares, &mut amounts) / rate;
                total.min(1e300)
            })
            .collect();
        all.sort_unstable_by(f64::total_cmp);
        let block = all.len().div_ceil(KEPT).max(1);
        let means = all
            .chunks(block)
            .map(|chunk| chunk.iter().sum::<f64>() / chunk.len() as f64);
        Self(means.collect())
    }

    /// The quantile at a level from 0 to 1.
    pub(super) fn quantile(&self, level: f64) -> f64 {
        // The mean of block i stands for the level in its middle.
        let position = (level * self.0.len() as f64 - 0.5).clamp(0.0, (self.0.len() - 1) as f64);
        let (index, share) = (position as usize, position.fract());
        let at = |index: usize| self.0.get(index).or(self.0.last()).copied().unwrap_or(0.0);
        at(index) * (1.0 - share) + at(index + 1) * share
    }
}

/// Σ d_i z_i of purchases whose discount factors have that sum and sum of squares, and amounts z of shape p and rate 1.
///
/// A Gamma draw with the mean and the variance of it: exactly the distribution where all d are the same, and close to it
/// where they are not (Satterthwaite 1946).
fn amount(p: f64, sum: f64, squares: f64, draws: &mut Draws) -> f64 {
    if sum <= 0.0 {
        return 0.0;
    }
    let each = squares / sum;
    if each > 0.0 {
        draws.gamma(p * (sum / each)) * each
    } else {
        p * sum
    }
}

impl Future {
    /// One future of a customer who is alive: the sum of the discount factors of the purchases, and of their squares.
    fn discounted(self, parameters: &Parameters, draws: &mut Draws) -> (f64, f64) {
        let habit = Habit::draw(parameters, draws);
        let life = match habit {
            Habit::Steady { .. } => habit.life(draws),
            // Whoever is alive is there in the next period.
            Habit::Occasions { .. } => 1.0 + habit.life(draws),
        };
        let (mut sum, mut squares) = self.purchases(&habit, life.min(self.horizon), draws);
        if habit.leaves_buying() && life <= self.horizon {
            let factor = self.factor(life);
            sum += factor;
            squares += factor * factor;
        }
        (sum, squares)
    }

    fn factor(self, t: f64) -> f64 {
        libm::exp(-self.delta * t)
    }

    /// The purchases up to `end` other than a last one that is the leaving.
    fn purchases(self, habit: &Habit, end: f64, draws: &mut Draws) -> (f64, f64) {
        // How often per unit of time, or per period; and the variance as a part of that of a Poisson process.
        let (rate, spread) = match *habit {
            Habit::Steady { rate, .. } => (rate, 1.0),
            Habit::Occasions { buys, .. } => buys,
        };
        let mean = rate * self.annuity(habit, end, 1.0);
        let mean_squares = rate * self.annuity(habit, end, 2.0);
        if !(mean > 0.0 && mean_squares > 0.0) {
            return (0.0, 0.0);
        }
        if mean * (mean / mean_squares) > MANY {
            let sum = mean * many(mean * (mean / (mean_squares * spread)), draws);
            return (sum, mean_squares * (sum / mean));
        }
        let (mut sum, mut squares) = (0.0, 0.0);
        let mut t = habit.next(0.0, draws);
        while t <= end {
            let factor = self.factor(t);
            sum += factor;
            squares += factor * factor;
            if factor < 1e-3 {
                // The rest is worth less than a hundredth of a purchase: its mean will do.
                sum += factor * rate * self.annuity(habit, end - t, 1.0);
                break;
            }
            t = habit.next(t, draws);
        }
        (sum, squares)
    }

    /// The integral of e^(−kδt) up to `end`, or its sum over the whole periods.
    fn annuity(self, habit: &Habit, end: f64, k: f64) -> f64 {
        let delta = k * self.delta;
        let end = match habit {
            Habit::Steady { .. } => end,
            Habit::Occasions { .. } => end.floor(),
        };
        if delta <= 0.0 {
            return end;
        }
        let per = match habit {
            Habit::Steady { .. } => delta,
            Habit::Occasions { .. } => libm::expm1(delta),
        };
        -libm::expm1(-delta * end) / per
    }
}

/// A draw of a number of purchases over its mean, for a large mean (relative variance 1/n).
///
/// The power 2/3 of a Poisson number is nearly normal (Anscombe 1953): this has the mean, the variance and the skewness.
fn many(n: f64, draws: &mut Draws) -> f64 {
    let root = 1.0 - 1.0 / (9.0 * n) + 2.0 * draws.normal() / (3.0 * n.sqrt());
    let root = root.max(0.0);
    root * root.sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::grid::around;
    use super::*;
    use crate::metrics::lifetime::{
        Activity, BgBb, BgNbd, MbgNbd, Nbd, ParetoNbd, PurchaseModel, TimeUnit,
    };

    const SPEND: GammaGamma = GammaGamma {
        p: 0.8,
        q: 3.74,
        gamma: 15.44,
    };
    const YEAR: Future = Future {
        delta: 0.005,
        horizon: 52.0,
    };
    const FOREVER: Future = Future {
        delta: 0.005,
        horizon: f64::INFINITY,
    };

    #[rustfmt::skip]
    fn models() -> [Parameters; 6] {
        [
            BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }.into(),
            MbgNbd { r: 0.525, alpha: 6.183, a: 0.891, b: 0.614 }.into(),
            ParetoNbd { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 }.into(),
            ParetoNbd { r: 3.0, alpha: 4.0, s: 2.0, beta: 60.0 }.into(),
            Nbd { r: 0.385, alpha: 12.07 }.into(),
            BgBb { alpha: 1.204, beta: 0.75, gamma: 0.657, delta: 2.783 }.into(),
        ]
    }

    /// Customers who lie on a place of the grid, without a step between.
    fn on_the_grid(parameters: &Parameters) -> Vec<(Activity, Place)> {
        let mut found = Vec::new();
        for x in [0, 1, 2, 5, 12] {
            for age in 0..12 {
                let age = match parameters {
                    Parameters::BgBb(_) => f64::from(x + age),
                    _ => f64::from(age * 5),
                };
                let customer = Activity::counted(x, if x == 0 { 0.0 } else { age }, age);
                let best = around(parameters, &customer, x)
                    .into_iter()
                    .max_by(|one, other| one.1.total_cmp(&other.1));
                let (place, _) = best.unwrap();
                found.push((place.customer(parameters), place));
            }
        }
        found
    }

    #[test]
    fn the_mean_of_the_draws_is_that_of_the_model() {
        for parameters in models() {
            let model = PurchaseModel::new(parameters, TimeUnit::Week).unwrap();
            for future in [YEAR, FOREVER] {
                let (mut drawn, mut exact) = (0.0, 0.0);
                for (customer, place) in on_the_grid(&parameters) {
                    let outcomes = Outcomes::simulate(place, &parameters, &SPEND, future).0;
                    let kernel = model.kernel();
                    let purchases = kernel.discounted(&customer, future.delta, future.horizon)
                        / kernel.p_alive(&customer, 0.0);
                    let known = SPEND.p * customer.x() + SPEND.q;
                    let mean = purchases * SPEND.p / (known - 1.0);
                    drawn += outcomes.iter().sum::<f64>() / outcomes.len() as f64 / mean;
                    exact += 1.0;
                }
                let off = drawn / exact - 1.0;
                assert!(off.abs() < 0.02, "{parameters:?} {future:?}: {off}");
            }
        }
    }

    /// One outcome, purchase by purchase.
    fn brute(place: Place, parameters: &Parameters, future: Future, draws: &mut Draws) -> f64 {
        let habit = Habit::draw(&place.future(parameters), draws);
        let rate = draws.gamma(SPEND.p * f64::from(place.spends) + SPEND.q);
        let first = f64::from(u8::from(matches!(habit, Habit::Occasions { .. })));
        let life = first + habit.life(draws);
        // After 4,000 weeks a purchase is worth nothing.
        let end = future.horizon.min(4000.0);
        let mut times = Vec::new();
        let mut t = habit.next(0.0, draws);
        while t <= life.min(end) {
            times.push(t);
            t = habit.next(t, draws);
        }
        if habit.leaves_buying() && life <= end {
            times.push(life);
        }
        let amounts = times
            .iter()
            .map(|t| (-future.delta * t).exp() * draws.gamma(SPEND.p));
        amounts.sum::<f64>() / rate
    }

    #[test]
    fn quantiles_are_those_of_outcomes_drawn_purchase_by_purchase() {
        for parameters in models() {
            for future in [YEAR, FOREVER] {
                let mut off = [0.0; 3];
                let places: Vec<_> = on_the_grid(&parameters).into_iter().step_by(4).collect();
                for (_, place) in &places {
                    let outcomes = Outcomes::simulate(*place, &parameters, &SPEND, future);
                    let mut draws = Draws::of(&[9]);
                    let all: Vec<f64> = (0..400)
                        .map(|_| brute(*place, &parameters, future, &mut draws))
                        .collect();
                    for (off, level) in off.iter_mut().zip([0.1, 0.5, 0.9]) {
                        let end = outcomes.quantile(level);
                        // Where the end is 0, the share of those at 0 is as large at least.
                        let below = all.iter().filter(|one| **one <= end).count() as f64;
                        let below = below / all.len() as f64;
                        *off += if end > 0.0 {
                            below - level
                        } else {
                            (below - level).min(0.0)
                        };
                    }
                }
                let off = off.map(|sum| sum / places.len() as f64);
                assert!(
                    off.iter().all(|off| off.abs() < 0.025),
                    "{parameters:?} {future:?}: {off:?}"
                );
            }
        }
    }
}

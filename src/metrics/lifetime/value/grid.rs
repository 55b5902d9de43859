//! The grid on which outcomes are simulated.
//!
//! What a customer who is alive will do depends on x and T only (in whole periods on x and n − x), and changes slowly with
//! both. So outcomes are simulated at the places of a grid that depends on nothing but the model's parameters, and a
//! customer lies between at most four of them. Counts have every whole number up to 12 and then steps of a sixth; ages have
//! steps of 2^(1/4) of α + T, so the interpolation error is far below that of the draws.

use crate::metrics::lifetime::BgBb;
use crate::metrics::lifetime::activity::Activity;
use crate::metrics::lifetime::purchase::Parameters;

/// ln of the steps of α + T.
const STEP: f64 = std::f64::consts::LN_2 / 4.0;

/// A place of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Repeat purchases.
    purchases: u32,
    /// The step of the age; in whole periods, periods without a purchase.
    age: u64,
    /// Purchases of which the spend is known.
    pub(super) spends: u32,
}

/// Two places on one axis, and how much the upper one counts.
struct Between<T> {
    low: T,
    high: T,
    share: f64,
}

/// The steps about a count.
fn counts(count: u64) -> Between<u64> {
    let (mut low, mut high) = (count.min(12), count.min(12));
    while high < count {
        (low, high) = (high, high + high / 6);
    }
    if high == count {
        low = high;
    }
    let share = if low < high {
        (count - low) as f64 / (high - low) as f64
    } else {
        0.0
    };
    Between { low, high, share }
}

/// The steps about an age. The rates are proportional to 1/(α + T), so the shares are linear in that.
fn ages(age: f64, scale: f64) -> Between<u64> {
    let steps = (age / scale).ln_1p() / STEP;
    let low = steps.floor().max(0.0);
    let share = (-(steps - low) * STEP).exp_m1() / (-STEP).exp_m1();
    Between {
        low: low as u64,
        high: low as u64 + u64::from(share > 0.0),
        share: share.clamp(0.0, 1.0),
    }
}

/// The places about a customer, each with how much it counts; the shares add up to 1.
pub(super) fn around(
    parameters: &Parameters,
    customer: &Activity,
    spends: u32,
) -> [(Place, f64); 4] {
    let purchases = counts(u64::from(customer.repeat_purchases()));
    let age = match scale(parameters) {
        Some(scale) => ages(customer.age(), scale),
        None => counts((customer.age() - customer.x()).max(0.0) as u64),
    };
    // How sure the mean spend is hardly changes within a step, and its mean is exact: the nearest step will do.
    let known = counts(u64::from(spends));
    let known = if known.share < 0.5 {
        known.low
    } else {
        known.high
    };
    let place = |purchases: u64, age: u64| Place {
        purchases: u32::try_from(purchases).unwrap_or(u32::MAX),
        age,
        spends: u32::try_from(known).unwrap_or(u32::MAX),
    };
    let (p, a) = (purchases.share, age.share);
    [
        (place(purchases.low, age.low), (1.0 - p) * (1.0 - a)),
        (place(purchases.low, age.high), (1.0 - p) * a),
        (place(purchases.high, age.low), p * (1.0 - a)),
        (place(purchases.high, age.high), p * a),
    ]
}

/// The unit of the steps of the age; none in whole periods.
fn scale(parameters: &Parameters) -> Option<f64> {
    match parameters {
        Parameters::BgNbd(m) => Some(m.alpha),
        Parameters::MbgNbd(m) => Some(m.alpha),
        Parameters::ParetoNbd(m) => Some(m.alpha.min(m.beta)),
        Parameters::Nbd(m) => Some(m.alpha),
        Parameters::BgBb(_) => None,
    }
}

impl Place {
    /// The words that name the streams of its draws.
    pub(super) fn words(self) -> [u64; 3] {
        [u64::from(self.purchases), self.age, u64::from(self.spends)]
    }

    /// The model of the future of a customer who is alive here: what is known of their own habits.
    ///
    /// In whole periods, to be alive is to be there in the next one: one more time not left.
    pub(super) fn future(self, parameters: &Parameters) -> Parameters {
        let x = f64::from(self.purchases);
        match parameters.if_alive(x, self.time(parameters)) {
            Parameters::BgBb(m) => Parameters::BgBb(BgBb {
                delta: m.delta + 1.0,
                ..m
            }),
            future => future,
        }
    }

    /// The age of a customer who lies here.
    fn time(self, parameters: &Parameters) -> f64 {
        let steps = self.age as f64;
        match scale(parameters) {
            Some(scale) => scale * (steps * STEP).exp_m1(),
            None => f64::from(self.purchases) + steps,
        }
    }
}

#[cfg(test)]
impl Place {
    /// A customer who lies here, and has just bought.
    pub(super) fn customer(self, parameters: &Parameters) -> Activity {
        let age = self.time(parameters);
        let span = if self.purchases == 0 { 0.0 } else { age };
        Activity::counted(self.purchases, span, age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_enclose_and_meet() {
        for count in (0..3000).chain([u64::from(u32::MAX), 1_000_000_000_000]) {
            let found = counts(count);
            assert!(found.low <= count && count <= found.high);
            assert!(found.high - found.low <= found.low / 6);
            let mean = found.low as f64 * (1.0 - found.share) + found.high as f64 * found.share;
            assert!((mean / count.max(1) as f64 - 1.0).abs() < 1e-12 || count == 0);
        }
    }

    #[test]
    fn the_shares_of_ages_keep_the_mean_rate() {
        for (age, scale) in [
            (0.0, 4.4),
            (1.0, 4.4),
            (39.0, 4.4),
            (1e12, 1e-12),
            (1e-3, 1e12),
        ] {
            let found = ages(age, scale);
            let rate = |step: u64| (-(step as f64) * STEP).exp();
            let mean = rate(found.low) * (1.0 - found.share) + rate(found.high) * found.share;
            let exact = scale / (scale + age);
            assert!(
                (mean / exact - 1.0).abs() < 1e-12,
                "{age} {scale}: {mean} {exact}"
            );
        }
    }
}

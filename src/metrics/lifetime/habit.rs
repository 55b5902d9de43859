//! What one customer of a purchase model is like.

use super::purchase::Parameters;
use super::random::Draws;

/// How often a customer buys and how soon they leave: a draw of what differs between customers.
///
/// BG/NBD and MBG/NBD are told as a process in continuous time: purchases come at rate λ and each is the last with
/// probability p, so purchases that are not the last come at rate λ(1 − p), and the last one at rate λp, apart from them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Habit {
    /// In continuous time.
    Steady {
        /// Of purchases other than a last one that is the leaving, per unit of time.
        rate: f64,
        /// Of leaving, per unit of time.
        hazard: f64,
        /// Leaving is a purchase: the last one.
        leaves_buying: bool,
        /// The probability to be still there after the first purchase of all.
        stays: f64,
    },
    /// In whole periods: at the start of each the customer may leave, and in each they may buy.
    Occasions {
        /// The probability to buy in a period, and 1 less it.
        buys: (f64, f64),
        /// The probability to leave at the start of a period, and 1 less it.
        leaves: (f64, f64),
    },
}

impl Habit {
    /// One customer out of those that the parameters describe.
    pub(super) fn draw(parameters: &Parameters, draws: &mut Draws) -> Self {
        match *parameters {
            Parameters::BgNbd(m) => {
                let lambda = draws.gamma(m.r) / m.alpha;
                let (p, q) = draws.beta(m.a, m.b);
                Self::leaving_with(lambda, p, q, 1.0)
            }
            Parameters::MbgNbd(m) => {
                let lambda = draws.gamma(m.r) / m.alpha;
                let (p, q) = draws.beta(m.a, m.b);
                Self::leaving_with(lambda, p, q, q)
            }
            Parameters::ParetoNbd(m) => Self::Steady {
                rate: draws.gamma(m.r) / m.alpha,
                hazard: draws.gamma(m.s) / m.beta,
                leaves_buying: false,
                stays: 1.0,
            },
            Parameters::Nbd(m) => Self::Steady {
                rate: draws.gamma(m.r) / m.alpha,
                hazard: 0.0,
                leaves_buying: false,
                stays: 1.0,
            },
            Parameters::BgBb(m) => Self::Occasions {
                buys: draws.beta(m.alpha, m.beta),
                leaves: draws.beta(m.gamma, m.delta),
            },
        }
    }

    fn leaving_with(lambda: f64, p: f64, q: f64, stays: f64) -> Self {
        Self::Steady {
            rate: lambda * q,
            hazard: lambda * p,
            leaves_buying: true,
            stays,
        }
    }

    /// When the customer leaves, counted from now; infinite if never. In whole periods it is the last one they are there.
    pub(super) fn life(&self, draws: &mut Draws) -> f64 {
        match *self {
            Self::Steady { hazard, .. } => draws.waiting(hazard),
            Self::Occasions { leaves, .. } => draws.failures(leaves.0, leaves.1),
        }
    }

    /// The time of the next purchase after one at time t, if the customer is still there.
    pub(super) fn next(&self, t: f64, draws: &mut Draws) -> f64 {
        match *self {
            Self::Steady { rate, .. } => t + draws.waiting(rate),
            Self::Occasions { buys, .. } => t + 1.0 + draws.failures(buys.0, buys.1),
        }
    }

    /// Leaving is a purchase.
    pub(super) fn leaves_buying(&self) -> bool {
        matches!(
            self,
            Self::Steady {
                leaves_buying: true,
                ..
            }
        )
    }
}

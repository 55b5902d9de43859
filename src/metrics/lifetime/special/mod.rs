//! Special functions the models need, in logs where the values leave the range of a double.
//!
//! ln Γ is libm's; no crate has the others accurate over the range the models need, so they are here, each with its
//! source, and tested against values computed with 60 digits.

mod expint;
mod gamma;
mod gauss;
mod hyp2f1;
mod logs;
pub(super) mod negative_binomial;
mod pareto_life;
mod peak;
mod quadrature;
mod stirling;
mod sums;

pub(super) use expint::ScaledExpint;
pub(super) use gamma::{digamma_difference, ln_beta_ratio, ln_rising};
pub(super) use gauss::{GAUSS_8, GAUSS_16};
pub(super) use hyp2f1::{hyp2f1_rest, hyp2f1_rest_at};
pub(super) use logs::{log_add, softplus};
pub(super) use pareto_life::{discounted_time_alive, time_alive};
pub(super) use peak::ln_integral;
pub(super) use quadrature::{BetaRule, ln_beta_mean_power};
pub(super) use stirling::{deviance, digamma_rest, ln_gamma_rest};
pub(super) use sums::smooth_sum;

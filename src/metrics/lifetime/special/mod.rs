//! Special functions the models need, in logs where the values leave the range of a double.
//!
//! ln Γ is libm's; no crate has the others accurate over the range the models need, so they are here, each with its
//! source, and tested against values computed with 60 digits.

mod gamma;
mod peak;
mod rising;
mod stirling;

pub(super) use gamma::{digamma, ln_beta, ln_gamma, log_add, trigamma};
pub(super) use peak::ln_integral;
pub(super) use rising::ln_rising;
pub(super) use stirling::{deviance, digamma_rest, ln_gamma_rest};

//! The probability of n purchases of a new customer.

use super::ParetoNbd;
use crate::metrics::lifetime::Activity;
use crate::metrics::lifetime::purchase::Kernel;
use crate::metrics::lifetime::special::{
    ln_integral, ln_rising, log_add, negative_binomial, softplus,
};

/// ln P(X(t) = n): the customer either is alive at t or left at a time y before, with n purchases by then.
///
/// The integral over y is taken in ln y, where the log of the integrand is concave. Fader & Hardie, *Deriving an Expression
/// for P(X(t) = x) Under the Pareto/NBD Model* (2006), have it as a sum of n terms with alternating differences of ₂F₁, which
/// loses digits.
pub(super) fn log_pmf(of: ParetoNbd, n: u32, t: f64) -> f64 {
    let ParetoNbd { r, alpha, s, beta } = of;
    if n == 0 {
        // No purchase by t is the whole of what is known of a customer with x = 0 and T = t.
        return match Activity::new(0, 0.0, t) {
            Ok(nothing) => of.log_likelihood(&nothing).min(0.0),
            Err(_) => f64::NEG_INFINITY,
        };
    }
    if t <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let count = f64::from(n);
    let bought = negative_binomial::ln_probability(count, r, t / alpha);
    let alive = bought - s * (t / beta).ln_1p();
    let (ln_alpha, ln_beta, ln_t) = (alpha.ln(), beta.ln(), t.ln());
    let (integral, []) = ln_integral(
        |w| {
            let (a, b) = (w - ln_alpha, w - ln_beta);
            let log = b - count * softplus(-a) - r * softplus(a) - (s + 1.0) * softplus(b);
            (log, [])
        },
        ln_t,
        f64::NEG_INFINITY,
        ln_t,
    );
    let gone = s.ln() + ln_rising(r, n).0 - ln_rising(1.0, n).0 + integral;
    log_add(alive, gone).min(0.0)
}

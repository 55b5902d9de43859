//! Laws that a policy and a metric keep, as checks in one line each.
//!
//! ```
//! use customer_value::interop::proptest::laws::{self, LawBroken};
//! use customer_value::scoring::Better;
//! use customer_value::{Catalog, Engine};
//!
//! # const POLICY: &str = r#"
//! # [head]
//! # name = "two tiers"
//! # version = "1"
//! # currency = "EUR"
//! # [[tiers]]
//! # name = "gold"
//! # when = "spend >= 100 and days_since_last <= 90"
//! # [[tiers]]
//! # name = "member"
//! # "#;
//! // #[test]
//! fn our_policy_keeps_the_laws() -> Result<(), LawBroken> {
//!     let engine = Engine::from_toml(POLICY, &Catalog::standard()).unwrap();
//!     laws::policy(&engine)?;
//!     laws::monotone(&engine, "spend", Better::Higher)?;
//!     laws::monotone(&engine, "days_since_last", Better::Lower)?;
//!     laws::more_purchases(&engine)
//! }
//! # our_policy_keeps_the_laws().unwrap();
//! ```
//!
//! [`policy`] checks every [`PolicyLaw`] and [`metric`] every [`MetricLaw`]; [`policy_law`] and [`metric_law`] check one.
//! Those of more and better ([`monotone`], [`more_purchases`]) are asked for by name, because not every policy is meant to
//! keep them.
//!
//! Each law is tried on generated populations. What breaks it is shrunk and shown as the rows of a CSV file:
//!
//! ```
//! use customer_value::interop::proptest::laws;
//! use customer_value::scoring::Better;
//! use customer_value::{Catalog, Engine};
//!
//! let engine = Engine::from_toml(r#"
//!     [head]
//!     name = "upside down"
//!     version = "1"
//!     currency = "EUR"
//!     [[tiers]]
//!     name = "gold"
//!     when = "spend < 100"
//!     [[tiers]]
//!     name = "member"
//! "#, &Catalog::standard()).unwrap();
//!
//! let broken = laws::monotone(&engine, "spend", Better::Higher).unwrap_err();
//! assert!(broken.what().starts_with("customer 1 is in `gold` with `spend` "), "{broken}");
//! assert!(broken.input().contains("customer,date,kind,amount"), "{broken}");
//! ```
//!
//! The inputs are the same in every run. More of them, or others, with a [`Trial`]:
//!
//! ```
//! # use customer_value::interop::proptest::laws::{LawBroken, Trial};
//! # use customer_value::{Catalog, Engine, Policy, Currency};
//! # let policy = toml::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policies/vip.toml"))).unwrap();
//! # let engine = Engine::new(policy, &Catalog::standard()).unwrap();
//! Trial { cases: 100, seed: 7, ..Trial::default() }.policy(&engine)?;
//! # Ok::<(), LawBroken>(())
//! ```

mod better;
mod broken;
mod explained;
mod host;
mod law;
mod leaving;
mod lists;
mod metric;
mod movement;
mod policy;
mod review;
mod scene;
mod scenes;
mod served;
mod spending;
mod stage;
mod told;

pub use broken::LawBroken;
pub use law::PolicyLaw;
pub use metric::MetricLaw;

use super::histories::HistoryOptions;
use crate::engine::Engine;
use crate::history::{Fact, Histories};
use crate::metrics::Metric;
use crate::model::Day;
use crate::scoring::Better;

/// How a law is tried. Written with `..Trial::default()`.
#[derive(Debug, Clone)]
pub struct Trial {
    /// On how many inputs each law is tried; 64 if not said.
    pub cases: u32,
    /// Which inputs: the same seed gives the same. 0 if not said.
    pub seed: u64,
    /// How many smaller inputs are tried when a law is broken; 2,000 if not said.
    pub shrink: u32,
    /// What the histories are like. The currency is that of the policy.
    pub histories: HistoryOptions,
}

impl Default for Trial {
    fn default() -> Self {
        Self {
            cases: 64,
            seed: 0,
            shrink: 2_000,
            histories: HistoryOptions::default(),
        }
    }
}

/// Tries a metric on every [`MetricLaw`].
///
/// ```
/// use customer_value::interop::proptest::laws;
/// use customer_value::metrics::{Metric, gaps};
/// use customer_value::model::{Day, Unit};
/// use customer_value::summary::Summary;
///
/// #[derive(Debug)]
/// struct Slowdown;
///
/// impl Metric for Slowdown {
///     fn name(&self) -> &str {
///         "slowdown"
///     }
///     fn unit(&self) -> Unit {
///         Unit::Ratio
///     }
///     fn value(&self, customer: &Summary<'_>, _as_of: Day) -> Option<f64> {
///         Some(gaps::last_gap(customer)? / gaps::median_gap(customer)?)
///     }
/// }
///
/// laws::metric(&Slowdown)?;
/// # Ok::<(), laws::LawBroken>(())
/// ```
///
/// # Errors
/// The first law that is broken, with the smallest input that was found.
pub fn metric(metric: &dyn Metric) -> Result<(), LawBroken> {
    Trial::default().metric(metric)
}

/// Tries a metric on one law.
///
/// # Errors
/// The law is broken.
pub fn metric_law(law: MetricLaw, metric: &dyn Metric) -> Result<(), LawBroken> {
    Trial::default().metric_law(law, metric)
}

/// Tries a metric that is fitted to a population on every [`MetricLaw`]: `fit` gives the metric for histories with these
/// facts (beside purchases and spend) at a day, and may learn nothing from after that day.
///
/// ```
/// use customer_value::interop::proptest::laws;
/// use customer_value::metrics::Metric;
/// use customer_value::metrics::lifetime::PredictionSpec;
///
/// let spec = PredictionSpec::default();
/// let trial = laws::Trial { cases: 4, ..laws::Trial::default() };
/// trial.fitted_metric(&[], |histories, as_of| {
///     let [p_alive, ..] = spec.fit(histories, as_of).metrics();
///     Box::new(p_alive)
/// })?;
/// # Ok::<(), laws::LawBroken>(())
/// ```
///
/// # Errors
/// The first law that is broken.
pub fn fitted_metric<'m>(
    facts: &[Fact],
    fit: impl Fn(&Histories, Day) -> Box<dyn Metric + 'm>,
) -> Result<(), LawBroken> {
    Trial::default().fitted_metric(facts, fit)
}

/// Tries a policy on every [`PolicyLaw`].
///
/// An engine that needs a fit and has none is fitted to each generated population; one that has a fit keeps it.
///
/// # Errors
/// The first law that is broken, with the smallest input that was found.
pub fn policy(engine: &Engine) -> Result<(), LawBroken> {
    Trial::default().policy(engine)
}

/// Tries a policy on one law.
///
/// # Errors
/// The law is broken.
pub fn policy_law(law: PolicyLaw, engine: &Engine) -> Result<(), LawBroken> {
    Trial::default().policy_law(law, engine)
}

/// A better number in a measured column never gives a lower tier, all other measured columns being what they are; scores,
/// points and the stage follow from the number.
///
/// With `[movement]` this is the tier of a first review, and of `qualifying` also the one of a review after others and the one
/// of the next day, when what ends with the day has ended.
///
/// The numbers tried are those that the policy compares the column with, their neighbours, and those of generated
/// customers.
///
/// # Errors
/// The law is broken, or the policy measures no such column.
pub fn monotone(engine: &Engine, column: &str, better: Better) -> Result<(), LawBroken> {
    Trial::default().monotone(engine, column, better)
}

/// One more purchase, on any day and of any amount, never gives a lower tier. The fit stays that of the population without
/// it.
///
/// It holds where a policy counts purchases, spend and how long ago the last was. It does not where it asks for a high
/// average, regular gaps or growth: a small purchase lowers the first, an old one the last.
///
/// # Errors
/// The law is broken.
pub fn more_purchases(engine: &Engine) -> Result<(), LawBroken> {
    Trial::default().more_purchases(engine)
}

//! Predicted lifetime value: the buy-till-you-die models, their fits, and what they say a customer will bring.
//!
//! Nobody says goodbye: a customer who stopped buying looks like one who pauses. These models weigh the two against each
//! other by how often each customer has bought, until when, and for how long they have been observed, an [`Activity`].
//!
//! ```
//! use customer_value::metrics::lifetime::{Activities, Activity, BgNbd, Method, ModelKind, Outcome, PurchaseModel, TimeUnit};
//!
//! // A cohort drawn from a known model, as if it had been observed for 39 weeks.
//! let truth = PurchaseModel::new(BgNbd { r: 0.25, alpha: 4.5, a: 0.8, b: 2.5 }, TimeUnit::Week)?;
//! let cohort = truth.simulate(&[39.0; 2_000], 0.0, 7);
//! let customers = Activities::new(cohort.iter().map(|one| one.activity), TimeUnit::Week);
//!
//! let fitted = customers.fit(ModelKind::BgNbd, Method::MaximumLikelihood);
//! assert_eq!(fitted.outcome, Outcome::Converged);
//!
//! // Seven repeat purchases, the last two weeks ago.
//! let model = fitted.model.unwrap();
//! let customer = Activity::new(7, 37.0, 39.0)?;
//! assert!(model.p_alive(&customer) > 0.8);
//! assert!(model.expected_purchases(&customer, 39.0) > 3.0);
//! # Ok::<(), customer_value::Error>(())
//! ```
//!
//! # The models
//!
//! | Model | Time | Purchases | Leaving |
//! |---|---|---|---|
//! | [`BgNbd`] | continuous | at a steady rate per customer | after a repeat purchase, with a probability per customer |
//! | [`MbgNbd`] | continuous | the same | the same, and also after the first purchase |
//! | [`ParetoNbd`] | continuous | the same | at any time, at a steady rate per customer |
//! | [`Nbd`] | continuous | the same | never: the baseline that any of the others has to beat |
//! | [`BgBb`] | occasions | or none on each occasion | before an occasion, with a probability per customer |
//! | [`ShiftedBetaGeometric`] | contracts | renewals | the contract is not renewed |
//! | [`GammaGamma`] | | what a customer spends per purchase | |
//!
//! The first five are the variants of a [`PurchaseModel`], with the same questions to each:
//!
//! | Question | |
//! |---|---|
//! | Is the customer still there, now or later? | [`p_alive`](PurchaseModel::p_alive), [`p_alive_in`](PurchaseModel::p_alive_in) |
//! | Will the customer buy again by then? | [`p_purchase`](PurchaseModel::p_purchase) |
//! | How many purchases will a customer make? | [`expected_purchases`](PurchaseModel::expected_purchases) |
//! | How many will a new customer make? | [`expected_purchases_of_new`](PurchaseModel::expected_purchases_of_new), [`pmf`](PurchaseModel::pmf) |
//! | What are they worth, in purchases of today? | [`discounted_purchases`](PurchaseModel::discounted_purchases): DERT for ever, DET up to a horizon |
//! | How likely is what was observed? | [`log_likelihood`](PurchaseModel::log_likelihood) |
//! | What would such customers do? | [`simulate`](PurchaseModel::simulate) |
//!
//! # Which one
//!
//! [`validation`] splits the histories at a day, asks each model what it says of the days after it, and names the best
//! ([`Comparison`](validation::Comparison)).
//! BG/NBD calls every customer alive who has not come back yet, MBG/NBD and Pareto/NBD do not. [`PredictionSpec`] takes
//! Pareto/NBD if nothing is said.
//!
//! # A fit ends in an outcome
//!
//! [`Activities::fit`], [`Spends::fit`] and [`Renewals::fit`] end in an [`Outcome`] with any data: converged; on a boundary,
//! with what that means (nobody leaves, all buy alike, …); or too little data, with what is missing. A fitted model is plain
//! data: freeze it, and use it for one customer at a time.
//!
//! # Money
//!
//! A [`ValueModel`] is a purchase model, a model of spend, and [`ValueTerms`]: the margin, the discount rate with its period,
//! and the horizon. It gives each customer the expected discounted margin with an 80 % prediction interval of what the
//! customer will really bring. [`Independence`] says whether spend and frequency are independent, as that assumes.
//!
//! In a policy all this is the section `[prediction]`: a [`PredictionSpec`].
//!
//! # Time
//!
//! A model's times are in its [`TimeUnit`]; at the edges there are [`Days`](crate::model::Days), and a [`DiscountRate`] has
//! its own period.

mod activity;
mod bg_bb;
mod bg_nbd;
mod covariates;
mod fit;
mod future;
mod gamma_gamma;
mod geometric;
#[cfg(test)]
mod gradient;
mod habit;
mod independence;
mod mbg_nbd;
mod nbd;
mod pareto_nbd;
mod prediction;
mod purchase;
mod random;
mod sbg;
mod simulate;
mod special;
mod time;
pub mod validation;
mod value;

pub use activity::{Activities, Activity};
pub use bg_bb::BgBb;
pub use bg_nbd::BgNbd;
pub use covariates::{
    Covariate, CovariateActivities, CovariateModel, CovariateSpends, Effect, SpendCovariateModel,
};
pub use fit::{Boundary, Estimate, Fitted, Method, Outcome};
pub use gamma_gamma::{GammaGamma, Spend, Spends};
pub use independence::Independence;
pub use mbg_nbd::MbgNbd;
pub use nbd::Nbd;
pub use pareto_nbd::ParetoNbd;
pub use prediction::{Predicted, Prediction, PredictionMeasure, PredictionSpec};
pub use purchase::{ModelKind, Parameters, PurchaseModel};
pub use sbg::{Renewals, ShiftedBetaGeometric, Subscriber};
pub use simulate::SimulatedCustomer;
pub use time::{DiscountRate, Horizon, TimeUnit};
pub use value::{LifetimeValue, ValueModel, ValueTerms};

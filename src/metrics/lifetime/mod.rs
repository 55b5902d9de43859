//! Predicted lifetime value: the buy-till-you-die models, their fits, and what they say a customer will bring.

mod activity;
mod bg_bb;
mod bg_nbd;
mod covariates;
mod fit;
mod future;
mod gamma_gamma;
mod geometric;
mod mbg_nbd;
mod nbd;
mod pareto_nbd;
mod purchase;
mod sbg;
mod special;
mod time;
pub mod validation;

pub use activity::{Activities, Activity};
pub use bg_bb::BgBb;
pub use bg_nbd::BgNbd;
pub use covariates::{
    Covariate, CovariateActivities, CovariateModel, CovariateSpends, Effect, SpendCovariateModel,
};
pub use fit::{Boundary, Estimate, Fitted, Method, Outcome};
pub use gamma_gamma::{GammaGamma, Spend, Spends};
pub use mbg_nbd::MbgNbd;
pub use nbd::Nbd;
pub use pareto_nbd::ParetoNbd;
pub use purchase::{ModelKind, Parameters, PurchaseModel};
pub use sbg::{Renewals, ShiftedBetaGeometric, Subscriber};
pub use time::{DiscountRate, Horizon, TimeUnit};

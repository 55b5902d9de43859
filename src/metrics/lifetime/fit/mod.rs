//! Fitting a model to data: maximum likelihood or MAP, with an honest outcome.

use serde::{Deserialize, Serialize};

use super::activity::{Activities, Weighted};
use super::purchase::{ModelKind, PurchaseModel};

/// How many parameters a model has at most.
pub(super) const MOST: usize = 4;

/// What a fit needs of a model. Everything is by the logs of the parameters, of which only the first `NAMES.len()` are used.
pub(super) trait Likelihood: Copy + Send + Sync {
    /// What is known of one customer.
    type Datum: Copy + Send + Sync;

    /// The names of the parameters.
    const NAMES: &'static [&'static str];

    fn from_array(parameters: [f64; MOST]) -> Self;

    fn to_array(self) -> [f64; MOST];

    /// Σ weight · ln L over data in their sorted order, and its derivatives by the log of each parameter.
    fn total(&self, data: &[Weighted<Self::Datum>]) -> (f64, [f64; MOST]);
}

/// What is maximised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The likelihood.
    #[default]
    MaximumLikelihood,
    /// The likelihood times weakly informative priors, which do not depend on the unit of time.
    Map,
}

/// One fitted parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Its name, as in the source's paper.
    pub name: String,
    /// Its value, in the unit of time of the data.
    pub value: f64,
    /// Its standard error; `None` where the likelihood does not say (on a boundary).
    pub standard_error: Option<f64>,
    /// Its 95 % interval, made on the log scale, so that it never holds a value below 0.
    pub interval: Option<(f64, f64)>,
}

/// How a fit ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// At a maximum inside the range of the parameters.
    Converged,
    /// The likelihood rises towards the edge of the range of the parameters: the model with those at the edge is a simpler
    /// one.
    Boundary(Vec<Boundary>),
    /// The data cannot tell the parameters; each line says what is missing. There is no model.
    TooLittleData(Vec<String>),
}

/// One edge of the range of the parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boundary {
    /// The parameters that ran to the edge.
    pub parameters: Vec<String>,
    /// What the simpler model says of the customers, such as `no dropout`.
    pub meaning: String,
}

/// What a fit found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fitted<M> {
    /// The model; `None` if the data are too few.
    pub model: Option<M>,
    /// The parameters, in the order of the source's paper; empty without a model.
    pub estimates: Vec<Estimate>,
    /// The covariance matrix of the parameters, in that order; empty where there are no standard errors.
    pub covariance: Vec<Vec<f64>>,
    /// ln of the likelihood in the unit of time of the data, without the priors.
    pub log_likelihood: Option<f64>,
    /// Akaike's criterion, 2k − 2 ln L.
    pub aic: Option<f64>,
    /// Bayes' criterion, k ln n − 2 ln L, n customers.
    pub bic: Option<f64>,
    /// How many customers.
    pub customers: u64,
    /// How many different ones.
    pub distinct: u64,
    /// Steps of the search.
    pub iterations: u32,
    /// How it ended.
    pub outcome: Outcome,
}

impl Activities {
    /// Fits a purchase model. It always ends in an outcome.
    #[must_use]
    pub fn fit(&self, _kind: ModelKind, _method: Method) -> Fitted<PurchaseModel> {
        unimplemented!()
    }
}

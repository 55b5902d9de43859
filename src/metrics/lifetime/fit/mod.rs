//! Fitting a model to data: maximum likelihood or MAP, with an honest outcome.

mod boundary;
mod covariance;
mod covariates;
mod matrix;
mod models;
mod optimise;
mod prior;
mod search;
mod text;

use serde::{Deserialize, Serialize};

use super::activity::{Activities, Weighted};
use super::bg_bb::BgBb;
use super::bg_nbd::BgNbd;
use super::gamma_gamma::{GammaGamma, Spends};
use super::mbg_nbd::MbgNbd;
use super::nbd::Nbd;
use super::pareto_nbd::ParetoNbd;
use super::purchase::{ModelKind, Parameters, PurchaseModel};
use super::sbg::{Renewals, ShiftedBetaGeometric};
use crate::model::exact;
use models::Model;

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
    /// The likelihood times weakly informative priors, which do not depend on the unit of time or money.
    ///
    /// Each prior is normal, with mean m and standard deviation d (m; d):
    ///
    /// - purchase rates (all but BG/BB): ln r (0; 1.5), and ln of the mean rate r/α over that of the data (0; 2);
    /// - a and b of BG/NBD, MBG/NBD; both pairs of BG/BB; α and β of the shifted beta-geometric: ln of their sum (ln 2; 1.5),
    ///   and the logit of the mean a/(a + b) (0; 2);
    /// - Pareto/NBD's dropout: ln s (0; 1.5), and ln of the mean rate s/β times the mean age (0; 2);
    /// - Gamma-Gamma: ln p and ln q (ln 4; 1.5), and ln of p γ/q over the geometric mean of the spend (0; 2);
    /// - the effect of a covariate, per standard deviation of it (0; 1).
    ///
    /// A factor of 20 to 50 either way is not surprising then, so a few dozen customers outweigh the priors; where the
    /// likelihood alone runs to an edge, they hold it back. Standard errors are those of the posterior.
    Map,
}

/// One fitted parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// Its name, as in the source's paper.
    pub name: String,
    /// Its value, in the unit of time of the data.
    #[serde(with = "exact::number")]
    pub value: f64,
    /// Its standard error; `None` where the likelihood does not say (on a boundary).
    #[serde(with = "exact::option")]
    pub standard_error: Option<f64>,
    /// Its 95 % interval, made on the log scale, so that it never holds a value below 0.
    #[serde(with = "exact::option_tuple")]
    pub interval: Option<(f64, f64)>,
}

/// How a fit ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// At a maximum inside the range of the parameters.
    Converged,
    /// The likelihood rises towards the edge of the range of the parameters, or is lower there by less than 0.0001: the model
    /// with those at the edge is a simpler one, and has all its answers. Shapes range from 10^-6 to 10^6, times and amounts
    /// from 10^-8 to 10^10 of those in the data, all within 10^-12 to 10^12.
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
    #[serde(with = "exact::matrix")]
    pub covariance: Vec<Vec<f64>>,
    /// ln of the likelihood in the unit of time of the data, without the priors.
    #[serde(with = "exact::option")]
    pub log_likelihood: Option<f64>,
    /// Akaike's criterion, 2k − 2 ln L.
    #[serde(with = "exact::option")]
    pub aic: Option<f64>,
    /// Bayes' criterion, k ln n − 2 ln L, n customers.
    #[serde(with = "exact::option")]
    pub bic: Option<f64>,
    /// How many customers.
    pub customers: u64,
    /// How many different ones.
    pub distinct: u64,
    /// Accepted steps of the search, from the start that led to the top, on part of the customers and on all.
    pub iterations: u32,
    /// How it ended.
    pub outcome: Outcome,
}

impl<M> Fitted<M> {
    /// The same with another form of the model.
    fn map<N>(self, of: impl FnOnce(M) -> Option<N>) -> Fitted<N> {
        Fitted {
            model: self.model.and_then(of),
            estimates: self.estimates,
            covariance: self.covariance,
            log_likelihood: self.log_likelihood,
            aic: self.aic,
            bic: self.bic,
            customers: self.customers,
            distinct: self.distinct,
            iterations: self.iterations,
            outcome: self.outcome,
        }
    }
}

impl Activities {
    /// Fits a purchase model. It always ends in an outcome.
    ///
    /// The search is over the logs of the parameters, from several starting points, with the gradient of the likelihood; it
    /// gives the same bits for any order of the customers and any number of threads. A change of the unit of time shifts
    /// the log of a parameter that is a time, and the search with it: the model stays the same.
    ///
    /// [`ModelKind::BgBb`] needs customers in whole periods, from [`Activities::in_periods`].
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Activities, Activity, Method, ModelKind, Outcome, TimeUnit};
    ///
    /// // Three bought again, and one of them seems to have left.
    /// let customers = [(0, 0.0), (0, 0.0), (0, 0.0), (0, 0.0), (1, 12.0), (4, 11.0), (9, 38.0)];
    /// let customers = customers.map(|(x, t_x)| Activity::new(x, t_x, 39.0));
    /// let customers = Activities::new(customers.into_iter().flatten(), TimeUnit::Week);
    /// let fitted = customers.fit(ModelKind::BgNbd, Method::Map);
    /// assert_eq!(fitted.outcome, Outcome::Converged);
    /// let model = fitted.model.unwrap();
    /// assert!(model.p_alive(&Activity::new(4, 11.0, 39.0)?) < model.p_alive(&Activity::new(4, 38.0, 39.0)?));
    ///
    /// let nobody = Activities::new([], TimeUnit::Week).fit(ModelKind::BgNbd, Method::MaximumLikelihood);
    /// assert_eq!(nobody.outcome, Outcome::TooLittleData(vec!["no customer".to_owned()]));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn fit(&self, kind: ModelKind, method: Method) -> Fitted<PurchaseModel> {
        match kind {
            ModelKind::BgNbd => self.fit_of::<BgNbd>(method),
            ModelKind::MbgNbd => self.fit_of::<MbgNbd>(method),
            ModelKind::ParetoNbd => self.fit_of::<ParetoNbd>(method),
            ModelKind::Nbd => self.fit_of::<Nbd>(method),
            ModelKind::BgBb => self.fit_of::<BgBb>(method),
        }
    }

    fn fit_of<L>(&self, method: Method) -> Fitted<PurchaseModel>
    where
        L: Model<Datum = super::activity::Activity> + Into<Parameters>,
    {
        let fitted = search::fit::<L>(self.weights(), self.customers(), method);
        fitted.map(|parameters| PurchaseModel::new(parameters, self.unit()).ok())
    }
}

impl Spends {
    /// Fits Gamma-Gamma. It always ends in an outcome. See [`Activities::fit`].
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Method, Outcome, Spend, Spends};
    ///
    /// // Everybody spends the same: there is nothing to tell customers apart by.
    /// let same = Spends::new([Spend::new(1, 20.0)?, Spend::new(3, 20.0)?]);
    /// let fitted = same.fit(Method::MaximumLikelihood);
    /// assert!(matches!(fitted.outcome, Outcome::Boundary(_)));
    /// let expected = fitted.model.unwrap().mean().unwrap();
    /// assert!((expected - 20.0).abs() < 0.01);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn fit(&self, method: Method) -> Fitted<GammaGamma> {
        search::fit::<GammaGamma>(self.weights(), self.customers(), method)
    }
}

impl Renewals {
    /// Fits the shifted beta-geometric model. It always ends in an outcome. See [`Activities::fit`].
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{Method, Renewals};
    ///
    /// // Fader & Hardie (2007), the high-end segment, seven years.
    /// let cohort = Renewals::from_survival(&[1000, 869, 743, 653, 593, 551, 517, 491])?;
    /// let model = cohort.fit(Method::MaximumLikelihood).model.unwrap();
    /// assert!((model.alpha - 0.668).abs() < 0.001 && (model.beta - 3.806).abs() < 0.001);
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn fit(&self, method: Method) -> Fitted<ShiftedBetaGeometric> {
        search::fit::<ShiftedBetaGeometric>(self.weights(), self.customers(), method)
    }
}

//! The fit of models with covariates.
//!
//! The coordinates are the logs of the parameters of a customer with mean covariates, and the coefficients per standard
//! deviation of their covariate. A customer's gradient is that by the logs of the customer's own parameters; the chain rule
//! does the rest.
#![allow(clippy::indexing_slicing)] // places of parameters and covariates are those of the model

use std::ops::Range;

use super::boundary::{Doubt, settle};
use super::covariance::Scale;
use super::matrix::eigen;
use super::models::Model;
use super::optimise::{Region, Search, Value};
use super::prior::{Prior, Term};
use super::search::{self, Found, no_number, too_little, with_priors};
use super::{Fitted, MOST, Method};
use crate::Error;
use crate::metrics::lifetime::activity::{Activity, Weighted, collapse};
use crate::metrics::lifetime::bg_nbd::BgNbd;
use crate::metrics::lifetime::covariates::{
    Covariate, CovariateActivities, CovariateModel, CovariateSpends, Effect, Group, Grouped,
    SpendCovariateModel, sign,
};
use crate::metrics::lifetime::gamma_gamma::{GammaGamma, Spend};
use crate::metrics::lifetime::mbg_nbd::MbgNbd;
use crate::metrics::lifetime::nbd::Nbd;
use crate::metrics::lifetime::pareto_nbd::ParetoNbd;
use crate::metrics::lifetime::purchase::{ModelKind, PARAMETER_RANGE, Parameters, PurchaseModel};
use crate::parallel;

/// Coefficients per standard deviation reach so far: a factor of three million.
const MOST_EFFECT: f64 = 15.0;

/// Groups are summed in pieces of so many different customers, so that the number of threads changes no bit.
const PIECE: usize = 1024;

/// One effect: of a covariate on a parameter, by their places.
#[derive(Debug, Clone, Copy)]
struct Link {
    covariate: usize,
    parameter: usize,
    sign: f64,
}

/// Covariates as the search sees them.
struct Standard {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Standard {
    /// Mean and standard deviation of each covariate, or which of them tell nothing.
    fn of<T>(data: &Grouped<T>, used: &[usize]) -> Result<Self, Vec<String>> {
        let n = data.names.len();
        let total: f64 = data.groups.iter().map(|group| group.customers).sum();
        let mean = |f: &dyn Fn(&Group<T>) -> f64| -> f64 {
            let parts = data
                .groups
                .iter()
                .map(|group| group.customers / total * f(group));
            parts.sum()
        };
        let means: Vec<f64> = (0..n).map(|k| mean(&|group| group.values[k])).collect();
        let mut deviations = vec![1.0; n];
        let mut missing = Vec::new();
        for &k in used {
            // Over the largest, so that no square leaves the range of a double.
            let largest = data.groups.iter().map(|group| group.values[k].abs());
            let size = largest.fold(f64::MIN_POSITIVE, f64::max);
            let square = mean(&|group| (group.values[k] / size - means[k] / size).powi(2));
            deviations[k] = square.sqrt() * size;
            let some = square.sqrt() > 1e-9 && deviations[k].is_finite() && deviations[k] > 1e-150;
            if !some {
                missing.push(format!(
                    "a difference between customers in `{}`",
                    data.names[k]
                ));
            }
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        let standard = Self { means, deviations };
        let correlation: Vec<Vec<f64>> = used
            .iter()
            .map(|&i| {
                let with =
                    |&j: &usize| mean(&|group| standard.value(group, i) * standard.value(group, j));
                used.iter().map(with).collect()
            })
            .collect();
        let found = eigen(&correlation);
        for (value, vector) in found.values.iter().zip(&found.vectors) {
            if *value < 1e-8 {
                let among = used.iter().zip(vector).filter(|(_, x)| x.abs() > 1e-3);
                let names: Vec<String> = among
                    .map(|(&k, _)| format!("`{}`", data.names[k]))
                    .collect();
                missing.push(format!(
                    "customers that tell {} apart: one follows from the others",
                    names.join(", ")
                ));
            }
        }
        if missing.is_empty() {
            Ok(standard)
        } else {
            Err(missing)
        }
    }

    fn value<T>(&self, group: &Group<T>, k: usize) -> f64 {
        (group.values[k] - self.means[k]) / self.deviations[k]
    }
}

/// What is maximised.
struct Objective<'a, T> {
    data: &'a Grouped<T>,
    pieces: Vec<Range<usize>>,
    links: &'a [Link],
    standard: &'a Standard,
}

impl<'a, T: Copy + Send + Sync> Objective<'a, T> {
    fn new(data: &'a Grouped<T>, links: &'a [Link], standard: &'a Standard) -> Self {
        let mut pieces = Vec::new();
        let (mut start, mut size) = (0, 0);
        for (k, group) in data.groups.iter().enumerate() {
            size += group.data.len();
            if size >= PIECE || k + 1 == data.groups.len() {
                pieces.push(start..k + 1);
                (start, size) = (k + 1, 0);
            }
        }
        Self {
            data,
            pieces,
            links,
            standard,
        }
    }

    fn total<L: Model<Datum = T>>(&self, point: &[f64]) -> Value {
        let parts = parallel::map(self.pieces.len(), |k| {
            self.piece::<L>(&self.pieces[k], point)
        });
        let mut sum = (0.0, vec![0.0; point.len()]);
        for (value, gradient) in parts {
            sum.0 += value;
            for (total, x) in sum.1.iter_mut().zip(gradient) {
                *total += x;
            }
        }
        sum
    }

    fn piece<L: Model<Datum = T>>(&self, groups: &Range<usize>, point: &[f64]) -> Value {
        let n = L::NAMES.len();
        let (least, most) = (PARAMETER_RANGE.start().ln(), PARAMETER_RANGE.end().ln());
        let mut sum = (0.0, vec![0.0; point.len()]);
        for group in &self.data.groups[groups.clone()] {
            let mut logs = [0.0; MOST];
            logs[..n].copy_from_slice(&point[..n]);
            for (link, effect) in self.links.iter().zip(&point[n..]) {
                let value = self.standard.value(group, link.covariate);
                logs[link.parameter] += link.sign * effect * value;
            }
            let model = L::from_array(logs.map(|log| log.clamp(least, most).exp()));
            let (value, gradient) = model.total(&group.data);
            sum.0 += value;
            for (total, x) in sum.1.iter_mut().zip(&gradient[..n]) {
                *total += x;
            }
            for (k, link) in self.links.iter().enumerate() {
                let by = link.sign * self.standard.value(group, link.covariate);
                sum.1[n + k] += gradient[link.parameter] * by;
            }
        }
        sum
    }
}

/// The base model with the effects, before they are put together.
struct Parts<L> {
    base: L,
    covariates: Vec<Covariate>,
    effects: Vec<Effect>,
}

/// Fits a model with covariates, from the top of the fit without.
fn fit<L: Model>(
    data: &Grouped<L::Datum>,
    alone: &[Weighted<L::Datum>],
    links: &[Link],
    method: Method,
) -> Fitted<Parts<L>> {
    let customers = data.customers;
    let distinct: u64 = data
        .groups
        .iter()
        .map(|group| group.data.len() as u64)
        .sum();
    let survey = match L::survey(alone) {
        Ok(survey) => survey,
        Err(missing) => return too_little(missing, customers, distinct),
    };
    let mut used: Vec<usize> = links.iter().map(|link| link.covariate).collect();
    used.sort_unstable();
    used.dedup();
    let standard = match Standard::of(data, &used) {
        Ok(standard) => standard,
        Err(missing) => return too_little(missing, customers, distinct),
    };
    let without = search::fit::<L>(alone, customers, method);
    let Some(base) = without.model else {
        return without.map(|_| None);
    };
    let n = L::NAMES.len();
    let Region { mut low, mut high } = search::region::<L>(survey.scale);
    low.extend(links.iter().map(|_| -MOST_EFFECT));
    high.extend(links.iter().map(|_| MOST_EFFECT));
    let region = Region { low, high };
    let mut start: Vec<f64> = base.to_array().iter().take(n).map(|x| x.ln()).collect();
    start.extend(links.iter().map(|_| 0.0));
    let mut priors = Vec::new();
    if method == Method::Map {
        priors = L::priors(&survey);
        // One standard deviation of a covariate changes a parameter by a factor of about e.
        let effects = (n..n + links.len()).map(|i| Prior::new(Term::Plain(i), 0.0, 1.0));
        priors.extend(effects);
    }
    let objective = Objective::new(data, links, &standard);
    let f = |point: &[f64]| with_priors(objective.total::<L>(point), point, &priors);
    let search = Search {
        region: &region,
        curvature: None,
        enough: 1e-9,
        exact: true,
    };
    let mut names: Vec<String> = L::NAMES.iter().map(|name| (*name).to_owned()).collect();
    names.extend(links.iter().map(|link| {
        format!(
            "{}:{}",
            L::NAMES[link.parameter],
            data.names[link.covariate]
        )
    }));
    let (mut top, edges) = settle(
        search.run(&start, &f),
        &region,
        L::edges(),
        n,
        &names,
        Doubt::NONE,
        &f,
    );
    if !top.value.is_finite() {
        return too_little(no_number(), customers, distinct);
    }
    top.steps += without.iterations;
    // Back from standard deviations.
    let value = top.value - search::prior_value(&top.point, &priors);
    let mut scale = vec![1.0; n];
    scale.extend(links.iter().map(|link| standard.deviations[link.covariate]));
    for i in 0..top.point.len() {
        top.point[i] /= scale[i];
        for j in 0..top.point.len() {
            top.curvature[i][j] *= scale[i] * scale[j];
        }
    }
    top.value = value;
    let mut parameters = [1.0; MOST];
    for (parameter, log) in parameters.iter_mut().zip(&top.point[..n]) {
        *parameter = log
            .exp()
            .clamp(*PARAMETER_RANGE.start(), *PARAMETER_RANGE.end());
    }
    let covariates = data.names.iter().zip(&standard.means);
    let parts = Parts {
        base: L::from_array(parameters),
        covariates: covariates
            .map(|(name, &mean)| Covariate {
                name: name.clone(),
                mean,
            })
            .collect(),
        effects: links
            .iter()
            .zip(&top.point[n..])
            .map(|(link, &coefficient)| Effect {
                covariate: data.names[link.covariate].clone(),
                parameter: L::NAMES[link.parameter].to_owned(),
                coefficient,
            })
            .collect(),
    };
    let scales = (0..n + links.len())
        .map(|i| if i < n { Scale::Log } else { Scale::Plain })
        .collect();
    let found = Found {
        top,
        edges,
        scales,
        names,
    };
    found.report(parts, &[], customers, distinct)
}

/// The effects of covariates on parameters; both by name.
fn links<L: Model, T>(
    data: &Grouped<T>,
    covariates: &[&str],
    parameters: &[&str],
) -> Result<Vec<Link>, Error> {
    let mut links = Vec::new();
    for parameter in parameters {
        for name in covariates {
            let Some(covariate) = data.names.iter().position(|one| one == name) else {
                return Err(Error::misuse(format!(
                    "no covariate `{name}`; there are {}",
                    data.names.join(", ")
                )));
            };
            let Some(place) = L::NAMES.iter().position(|one| one == parameter) else {
                continue;
            };
            links.push(Link {
                covariate,
                parameter: place,
                sign: sign(parameter),
            });
        }
    }
    Ok(links)
}

/// The customers without their covariates.
fn alone<T: Copy, K: Ord>(data: &Grouped<T>, key: impl Fn(&T) -> K) -> Vec<Weighted<T>> {
    let all = data.groups.iter().flat_map(|group| &group.data);
    collapse(all.map(|one| (one.value, one.weight as u64)), key).1
}

impl CovariateActivities {
    /// Fits a purchase model in which some covariates change the purchase rate and some the dropout, by their names.
    ///
    /// It ends in an outcome as [`Activities::fit`](super::super::Activities::fit) does. The estimates are the parameters of
    /// a customer with mean covariates, and the coefficients, named like `alpha:app`. A covariate that is the same for all
    /// customers, or follows from others, is too little data.
    ///
    /// # Errors
    /// A name that is no covariate; [`ModelKind::BgBb`], or covariates of the dropout for [`ModelKind::Nbd`], which have no
    /// such form (`is_misuse`).
    pub fn fit(
        &self,
        kind: ModelKind,
        purchase: &[&str],
        dropout: &[&str],
        method: Method,
    ) -> Result<Fitted<CovariateModel>, Error> {
        match kind {
            ModelKind::BgNbd => self.fit_of::<BgNbd>(purchase, dropout, &["a", "b"], method),
            ModelKind::MbgNbd => self.fit_of::<MbgNbd>(purchase, dropout, &["a", "b"], method),
            ModelKind::ParetoNbd => self.fit_of::<ParetoNbd>(purchase, dropout, &["beta"], method),
            ModelKind::Nbd if dropout.is_empty() => {
                self.fit_of::<Nbd>(purchase, dropout, &[], method)
            }
            ModelKind::Nbd => Err(Error::misuse(
                "covariates of the dropout in NBD, which has none",
            )),
            ModelKind::BgBb => Err(Error::misuse(
                "covariates in BG/BB, which has no form with them",
            )),
        }
    }

    fn fit_of<L: Model<Datum = Activity> + Into<Parameters>>(
        &self,
        purchase: &[&str],
        dropout: &[&str],
        leaving: &[&str],
        method: Method,
    ) -> Result<Fitted<CovariateModel>, Error> {
        let data = &self.grouped;
        let mut effects = links::<L, _>(data, purchase, &["alpha"])?;
        effects.extend(links::<L, _>(data, dropout, leaving)?);
        let fitted = fit::<L>(data, &alone(data, Activity::key), &effects, method);
        Ok(fitted.map(|parts| {
            let base = PurchaseModel::new(parts.base, self.unit).ok()?;
            CovariateModel::new(base, parts.covariates, parts.effects).ok()
        }))
    }
}

impl CovariateSpends {
    /// Fits Gamma-Gamma in which some covariates change the spend, by their names. As [`CovariateActivities::fit`].
    ///
    /// # Errors
    /// A name that is no covariate (`is_misuse`).
    pub fn fit(
        &self,
        covariates: &[&str],
        method: Method,
    ) -> Result<Fitted<SpendCovariateModel>, Error> {
        let data = &self.grouped;
        let effects = links::<GammaGamma, _>(data, covariates, &["gamma"])?;
        let fitted = fit::<GammaGamma>(data, &alone(data, Spend::key), &effects, method);
        Ok(fitted.map(|parts| {
            SpendCovariateModel::new(parts.base, parts.covariates, parts.effects).ok()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::lifetime::time::TimeUnit;

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let customers = (0..60_u32).map(|k| {
            let (x, age) = (k % 4, 20.0 + f64::from(k % 7));
            let span = if x == 0 { 0.0 } else { age - f64::from(k % 11) };
            let values = vec![f64::from(k % 3), f64::from(k * k % 13)];
            (Activity::new(x, span, age).unwrap(), values)
        });
        let data = CovariateActivities::new(["u", "v"], customers, TimeUnit::Week).unwrap();
        check::<BgNbd>(&data.grouped, &["alpha", "a", "b"]);
        check::<MbgNbd>(&data.grouped, &["alpha", "a", "b"]);
        check::<ParetoNbd>(&data.grouped, &["alpha", "beta"]);
        check::<Nbd>(&data.grouped, &["alpha"]);
    }

    fn check<L: Model<Datum = Activity>>(data: &Grouped<Activity>, parameters: &[&str]) {
        let links = links::<L, _>(data, &["u", "v"], parameters).unwrap();
        let standard = Standard::of(data, &[0, 1]).unwrap();
        let objective = Objective::new(data, &links, &standard);
        let n = L::NAMES.len() + links.len();
        let point: Vec<f64> = (0..n).map(|i| 0.3 - 0.1 * i as f64).collect();
        let (_, gradient) = objective.total::<L>(&point);
        for (i, exact) in gradient.iter().enumerate() {
            let at = |by: f64| {
                let mut moved = point.clone();
                moved[i] += by;
                objective.total::<L>(&moved).0
            };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!(
                (slope - exact).abs() < 1e-6 * (1.0 + exact.abs()),
                "{i}: {slope} {exact}"
            );
        }
    }
}

//! The fits themselves, by linfa, and the choice of how many groups.

use std::ops::RangeInclusive;

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_clustering::{GaussianMixtureModel, KMeans, KMeansInit};
use ndarray::Array2;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

use super::found::{Candidate, Choice, Cluster, Clustering};
use super::model::{ClusterModel, ColumnScale, Component, count, squared};
use super::{ClusterMethod, ClusterOptions, Observations};
use crate::Error;
use crate::model::CustomerId;

/// Beyond this a square of a distance is no number any more.
const TOO_FAR: f64 = 1e100;
/// Of how many customers the silhouette is taken at most: it compares each with each.
const SILHOUETTE: usize = 2000;
/// What is added to every variance of a mixture, in scaled numbers: the next one if a fit breaks down with the one before.
const RIDGES: [f64; 4] = [1e-6, 1e-4, 1e-2, 1e-1];
/// How many steps of a fit are taken at most.
const STEPS: u64 = 1000;

/// Customers by id, their numbers on scales.
struct Scaled<'a> {
    rows: Vec<&'a (CustomerId, Vec<f64>)>,
    columns: Vec<ColumnScale>,
    points: Vec<Vec<f64>>,
    data: DatasetBase<Array2<f64>, ndarray::Array1<()>>,
}

impl Observations {
    fn scaled(&self, options: &ClusterOptions) -> Result<Scaled<'_>, Error> {
        let rows = self.sorted();
        if rows.is_empty() {
            return Err(Error::misuse(
                "nobody has every number that groups are found by",
            ));
        }
        let scale = |(i, name): (usize, &String)| {
            let values = rows.iter().filter_map(|(_, values)| values.get(i).copied());
            ColumnScale::of(name, values.collect(), options.scaling)
        };
        let columns: Vec<ColumnScale> = self.columns.iter().enumerate().map(scale).collect();
        let point = |(_, values): &&(CustomerId, Vec<f64>)| -> Vec<f64> {
            columns
                .iter()
                .zip(values)
                .map(|(c, v)| c.scaled(*v))
                .collect()
        };
        let points: Vec<Vec<f64>> = rows.iter().map(point).collect();
        let flat: Vec<f64> = points.iter().flatten().copied().collect();
        // A spread beyond all numbers makes every value 0.
        let finite = |c: &ColumnScale| c.centre.is_finite() && c.spread.is_finite();
        let near = |value: &f64| value.abs() < TOO_FAR;
        if !columns.iter().all(finite) || !flat.iter().all(near) {
            return Err(Error::misuse("the numbers are too far apart to be scaled"));
        }
        let shape = (rows.len(), columns.len());
        let records = Array2::from_shape_vec(shape, flat)
            .map_err(|error| Error::misuse(error.to_string()))?;
        Ok(Scaled {
            rows,
            columns,
            points,
            data: DatasetBase::from(records),
        })
    }

    /// Finds so many groups, in the order of the mean of the first column, the largest first (of equal ones, of the next
    /// column, and so on).
    ///
    /// # Errors
    /// Nobody has every number; `groups` is 0, or more than there are different customers; numbers are too far apart; or a
    /// mixture cannot be fitted (`is_misuse`).
    pub fn cluster(&self, groups: usize, options: &ClusterOptions) -> Result<Clustering, Error> {
        let scaled = self.scaled(options)?;
        let different = scaled.different();
        if groups == 0 || groups > different {
            return Err(Error::misuse(format!(
                "{groups} groups cannot be found among {different} different customers"
            )));
        }
        scaled.cluster(groups, options, self.left_out)
    }

    /// Finds how many groups there are best, and these: for k-means as many as have the greatest mean silhouette, for a
    /// mixture as many as have the least BIC; of equal ones the fewest. Numbers of groups that are not possible are listed
    /// without a figure.
    ///
    /// # Errors
    /// No number of the range is possible; for k-means it takes at least 2 groups to be compared (`is_misuse`).
    pub fn choose(
        &self,
        groups: RangeInclusive<usize>,
        options: &ClusterOptions,
    ) -> Result<Choice, Error> {
        let scaled = self.scaled(options)?;
        let different = scaled.different();
        let mut candidates = Vec::new();
        let mut best: Option<(f64, Clustering)> = None;
        // Beyond those there is nothing to find, however long the range.
        let (from, to) = (
            *groups.start(),
            (*groups.end()).min(different.saturating_add(1)),
        );
        for k in from..=to {
            let possible = (1..=different).contains(&k);
            let found = possible.then(|| scaled.cluster(k, options, self.left_out));
            let found = found.and_then(Result::ok);
            candidates.push(Candidate {
                groups: k,
                inertia: found.as_ref().map(Clustering::inertia),
                silhouette: found.as_ref().and_then(Clustering::silhouette),
                bic: found.as_ref().and_then(Clustering::bic),
            });
            let Some(found) = found else { continue };
            let figure = match options.method {
                ClusterMethod::KMeans => found.silhouette(),
                ClusterMethod::GaussianMixture => found.bic().map(|bic| -bic),
            };
            if let Some(figure) = figure
                && best.as_ref().is_none_or(|(most, _)| figure > *most)
            {
                best = Some((figure, found));
            }
        }
        match best {
            Some((_, best)) => Ok(Choice { candidates, best }),
            None => Err(Error::misuse(format!(
                "no number of groups from {from} to {to} is possible and can be compared"
            ))),
        }
    }
}

impl Scaled<'_> {
    fn different(&self) -> usize {
        let mut points: Vec<&Vec<f64>> = self.points.iter().collect();
        points.sort_by(|a, b| {
            let pairs = a.iter().zip(*b);
            pairs.fold(std::cmp::Ordering::Equal, |o, (a, b)| {
                o.then(a.total_cmp(b))
            })
        });
        points.dedup();
        points.len()
    }

    fn model(&self, options: &ClusterOptions, components: Vec<Component>) -> ClusterModel {
        ClusterModel {
            method: options.method,
            columns: self.columns.clone(),
            components,
        }
    }

    fn cluster(
        &self,
        groups: usize,
        options: &ClusterOptions,
        left_out: u64,
    ) -> Result<Clustering, Error> {
        let (mut model, ridge) = match options.method {
            ClusterMethod::KMeans => (self.k_means(groups, options)?, None),
            ClusterMethod::GaussianMixture => {
                let (model, ridge) = self.mixture(groups, options)?;
                (model, Some(ridge))
            }
        };
        let members = self.members(&model);
        let mut clusters: Vec<(Cluster, Component)> = (model.components.drain(..))
            .enumerate()
            .map(|(k, component)| (self.summed(k, &component, &members), component))
            .collect();
        let mut order: Vec<usize> = (0..clusters.len()).collect();
        let means = |k: usize| clusters.get(k).map(|(cluster, _)| cluster.means.as_slice());
        order.sort_by(|a, b| {
            let pairs = means(*b)
                .into_iter()
                .flatten()
                .zip(means(*a).into_iter().flatten());
            pairs.fold(std::cmp::Ordering::Equal, |o, (b, a)| {
                o.then(b.total_cmp(a))
            })
        });
        let place = |old: usize| order.iter().position(|k| *k == old).unwrap_or(old);
        let members: Vec<usize> = members.into_iter().map(place).collect();
        let mut places: Vec<usize> = (0..clusters.len()).map(place).collect();
        // Sorted by where each goes.
        let mut ordered: Vec<(usize, (Cluster, Component))> =
            places.drain(..).zip(clusters.drain(..)).collect();
        ordered.sort_by_key(|(place, _)| *place);
        let (clusters, components) = ordered.into_iter().map(|(_, both)| both).unzip();
        model.components = components;
        let inertia = self.inertia(&model, &members);
        let bic = (options.method == ClusterMethod::GaussianMixture).then(|| self.bic(&model));
        Ok(Clustering {
            silhouette: self.silhouette(&members),
            inertia,
            bic: bic.filter(|bic| bic.is_finite()),
            ridge,
            members: (self.rows.iter().map(|(id, _)| id.clone()))
                .zip(members)
                .collect(),
            clusters,
            left_out,
            model,
        })
    }

    fn members(&self, model: &ClusterModel) -> Vec<usize> {
        let points = self.points.iter();
        points
            .map(|point| model.nearest(point).unwrap_or(0))
            .collect()
    }

    /// What the members of a group have in the mean; where it has none, its centre.
    fn summed(&self, k: usize, component: &Component, members: &[usize]) -> Cluster {
        let own = || self.rows.iter().zip(members).filter(|(_, m)| **m == k);
        let size = own().count();
        let mean = |(i, scale): (usize, &ColumnScale)| {
            let values = own().filter_map(|((_, values), _)| values.get(i));
            match size {
                0 => scale.unscaled(component.centre.get(i).copied().unwrap_or(0.0)),
                _ => values.map(|value| value / count(size)).sum(),
            }
        };
        Cluster {
            customers: size as u64,
            means: self.columns.iter().enumerate().map(mean).collect(),
        }
    }

    fn inertia(&self, model: &ClusterModel, members: &[usize]) -> f64 {
        let pairs = self.points.iter().zip(members);
        let squares =
            pairs.filter_map(|(point, k)| Some(squared(point, &model.components.get(*k)?.centre)));
        squares.sum()
    }

    fn k_means(&self, groups: usize, options: &ClusterOptions) -> Result<ClusterModel, Error> {
        let mut best: Option<(f64, ClusterModel)> = None;
        for restart in 0..u64::from(options.restarts.max(1)) {
            let rng = Xoshiro256Plus::seed_from_u64(options.seed.wrapping_add(restart));
            let fitted = KMeans::params_with_rng(groups, rng)
                .init_method(KMeansInit::KMeansPlusPlus)
                .n_runs(1)
                .tolerance(1e-6)
                .max_n_iterations(STEPS)
                .fit(&self.data)
                .map_err(|error| Error::misuse(format!("no groups were found: {error}")))?;
            let centres = fitted.centroids().rows().into_iter();
            let components = centres.map(|centre| Component {
                centre: centre.to_vec(),
                weight: None,
                covariance: Vec::new(),
            });
            let model = self.settle(self.model(options, components.collect()));
            let inertia = self.inertia(&model, &self.members(&model));
            if best.as_ref().is_none_or(|(least, _)| inertia < *least) {
                best = Some((inertia, model));
            }
        }
        best.map(|(_, model)| model)
            .ok_or_else(|| Error::misuse("no groups were found"))
    }

    /// linfa stops near the means of the members; from there to the means themselves.
    fn settle(&self, mut model: ClusterModel) -> ClusterModel {
        let mut members = self.members(&model);
        for _ in 0..STEPS {
            for (k, component) in model.components.iter_mut().enumerate() {
                let own = || self.points.iter().zip(&members).filter(|(_, m)| **m == k);
                let size = own().count();
                if size > 0 {
                    for (i, centre) in component.centre.iter_mut().enumerate() {
                        let values = own().filter_map(|(point, _)| point.get(i));
                        *centre = values.map(|value| value / count(size)).sum();
                    }
                }
            }
            let now = self.members(&model);
            if now == members {
                break;
            }
            members = now;
        }
        model
    }

    fn mixture(
        &self,
        groups: usize,
        options: &ClusterOptions,
    ) -> Result<(ClusterModel, f64), Error> {
        let mut why = String::new();
        for ridge in RIDGES {
            let mut best: Option<(f64, ClusterModel)> = None;
            for restart in 0..u64::from(options.restarts.max(1)) {
                let rng = Xoshiro256Plus::seed_from_u64(options.seed.wrapping_add(restart));
                let fitted = GaussianMixtureModel::params_with_rng(groups, rng)
                    .n_runs(1)
                    .tolerance(1e-6)
                    .max_n_iterations(STEPS)
                    .reg_covariance(ridge)
                    .fit(&self.data);
                let fitted = match fitted {
                    Ok(fitted) => fitted,
                    Err(error) => {
                        why = error.to_string();
                        continue;
                    }
                };
                let parts = fitted.means().rows().into_iter().zip(fitted.weights());
                let parts = parts.zip(fitted.covariances().outer_iter());
                let components = parts.map(|((centre, weight), covariance)| Component {
                    centre: centre.to_vec(),
                    weight: Some(*weight),
                    covariance: covariance
                        .rows()
                        .into_iter()
                        .map(|row| row.to_vec())
                        .collect(),
                });
                let model = self.model(options, components.collect());
                let likelihood = model.log_likelihood(&self.points);
                if likelihood.is_finite()
                    && best.as_ref().is_none_or(|(most, _)| likelihood > *most)
                {
                    best = Some((likelihood, model));
                }
            }
            if let Some((_, model)) = best {
                return Ok((model, ridge));
            }
        }
        Err(Error::misuse(format!(
            "a mixture of {groups} could not be fitted: {why}"
        )))
    }

    /// −2 × log-likelihood + parameters × ln(customers) (Schwarz 1978).
    fn bic(&self, model: &ClusterModel) -> f64 {
        let (k, d) = (model.components.len(), self.columns.len());
        let parameters = (k - 1) + k * d + k * d * (d + 1) / 2;
        let size = libm::log(count(self.points.len()));
        count(parameters) * size - 2.0 * model.log_likelihood(&self.points)
    }

    /// The mean silhouette (Rousseeuw 1987), of every so-manieth customer where there are many.
    fn silhouette(&self, members: &[usize]) -> Option<f64> {
        let step = self.points.len().div_ceil(SILHOUETTE).max(1);
        let pairs = self.points.iter().zip(members);
        let sample: Vec<(&Vec<f64>, usize)> = pairs.map(|(p, m)| (p, *m)).step_by(step).collect();
        let groups = members.iter().max()? + 1;
        let mut sizes = vec![0_usize; groups];
        for (_, k) in &sample {
            *sizes.get_mut(*k)? += 1;
        }
        if sizes.iter().filter(|size| **size > 0).count() < 2 {
            return None;
        }
        let mut sum = 0.0;
        let mut far = vec![0.0_f64; groups];
        for (point, own) in &sample {
            far.fill(0.0);
            for (other, k) in &sample {
                *far.get_mut(*k)? += squared(point, other).sqrt();
            }
            let mut within = 0.0;
            let mut nearest = f64::INFINITY;
            for (k, (far, size)) in far.iter().zip(&sizes).enumerate() {
                if k == *own {
                    // Not with itself.
                    within = far / count(size.saturating_sub(1).max(1));
                } else if *size > 0 {
                    nearest = nearest.min(far / count(*size));
                }
            }
            let most = nearest.max(within);
            let alone = sizes.get(*own).is_none_or(|size| *size < 2);
            if !alone && most > 0.0 {
                sum += (nearest - within) / most;
            }
        }
        Some(sum / count(sample.len()))
    }
}

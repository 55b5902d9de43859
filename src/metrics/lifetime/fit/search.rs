//! One fit, from the data to the outcome.
#![allow(clippy::indexing_slicing)] // points have as many coordinates as the model has parameters

use super::boundary::{Doubt, Edges, settle};
use super::covariance::{Scale, estimates};
use super::models::{Model, Survey};
use super::optimise::{Region, Search, Top, Value};
use super::prior::Prior;
use super::{Fitted, Likelihood, MOST, Method, Outcome};
use crate::metrics::lifetime::activity::Weighted;
use crate::metrics::lifetime::purchase::PARAMETER_RANGE;
use crate::parallel;

/// Data are summed in pieces of this size, so that the number of threads changes no bit.
const PIECE: usize = 4096;

/// How many different customers the search for a good start looks at, and how many times more the next stage does.
const FIRST_STAGE: usize = 256;
const NEXT_STAGE: usize = 16;

/// Shapes run from one millionth to a million: there, all customers are alike, or nobody leaves, to six digits.
const SHAPES: (f64, f64) = (1e-6, 1e6);
/// Times and amounts, over those in the data.
const SCALES: (f64, f64) = (1e-8, 1e10);

/// Σ weight · ln L and its derivatives by the logs of the parameters.
pub(super) fn total<L: Likelihood>(data: &[Weighted<L::Datum>], logs: &[f64]) -> Value {
    let mut parameters = [1.0; MOST];
    for (parameter, log) in parameters.iter_mut().zip(logs) {
        *parameter = log.exp();
    }
    let model = L::from_array(parameters);
    let pieces = data.len().div_ceil(PIECE);
    let sums = if pieces < 2 {
        vec![model.total(data)]
    } else {
        parallel::map(pieces, |k| {
            let end = ((k + 1) * PIECE).min(data.len());
            model.total(&data[k * PIECE..end])
        })
    };
    let mut value = 0.0;
    let mut gradient = vec![0.0; logs.len()];
    for (part, slope) in sums {
        value += part;
        for (sum, x) in gradient.iter_mut().zip(slope) {
            *sum += x;
        }
    }
    (value, gradient)
}

/// Every so-manyth of the data, with weights that add up to the same; `None` if that is more than one of `least`.
///
/// The data are sorted, so it holds each kind of customer in its share.
fn sample<T: Copy>(data: &[Weighted<T>], at_most: usize, least: usize) -> Option<Vec<Weighted<T>>> {
    let stride = data.len().div_ceil(at_most);
    if stride < least {
        return None;
    }
    let mut sample: Vec<Weighted<T>> = data
        .iter()
        .skip(stride / 2)
        .step_by(stride)
        .copied()
        .collect();
    let weight = |data: &[Weighted<T>]| data.iter().map(|one| one.weight).sum::<f64>();
    let factor = weight(data) / weight(&sample);
    for one in &mut sample {
        one.weight *= factor;
    }
    Some(sample)
}

/// With the priors.
pub(super) fn with_priors(mut at: Value, logs: &[f64], priors: &[Prior]) -> Value {
    for prior in priors {
        prior.add(logs, &mut at.0, &mut at.1);
    }
    at
}

/// What the priors alone say.
pub(super) fn prior_value(logs: &[f64], priors: &[Prior]) -> f64 {
    with_priors((0.0, vec![0.0; logs.len()]), logs, priors).0
}

/// The range of the parameters, in logs.
pub(super) fn region<L: Model>(scale: f64) -> Region {
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for i in 0..L::NAMES.len() {
        let ends = if L::SCALED.contains(&i) {
            (SCALES.0 * scale, SCALES.1 * scale)
        } else {
            SHAPES
        };
        let (least, most) = (*PARAMETER_RANGE.start(), *PARAMETER_RANGE.end());
        low.push(ends.0.clamp(least, most).ln());
        high.push(ends.1.clamp(least, most).ln());
    }
    Region { low, high }
}

/// The logs of parameters that are neither small nor large for the data.
fn middle<L: Model>(scale: f64) -> Vec<f64> {
    let of = |i: usize| {
        if L::SCALED.contains(&i) {
            scale.ln()
        } else {
            0.0
        }
    };
    (0..L::NAMES.len()).map(of).collect()
}

/// Points to start from, in logs.
fn starts<L: Model>(survey: &Survey) -> Vec<Vec<f64>> {
    let logs = |start: [f64; MOST]| {
        let named = start.iter().take(L::NAMES.len());
        named.map(|x| x.ln()).collect()
    };
    L::starts(survey).into_iter().map(logs).collect()
}

/// The highest point found from several starts.
///
/// All starts are valued; the search runs from the two best, and from the rest if those two end in different places.
fn best_start(starts: Vec<Vec<f64>>, region: &Region, f: &impl Fn(&[f64]) -> Value) -> Option<Top> {
    let mut starts: Vec<(f64, Vec<f64>)> = starts
        .into_iter()
        .map(|mut start| {
            region.clamp(&mut start);
            (f(&start).0, start)
        })
        .filter(|(value, _)| value.is_finite())
        .collect();
    starts.sort_by(|a, b| b.0.total_cmp(&a.0));
    let search = Search {
        region,
        curvature: None,
        enough: 1e-4,
        exact: false,
    };
    let mut best: Option<Top> = None;
    for (k, (_, start)) in starts.iter().enumerate() {
        let top = search.run(start, f);
        if k == 1
            && best
                .as_ref()
                .is_some_and(|best| (best.value - top.value).abs() < 1e-3)
        {
            break;
        }
        if best.as_ref().is_none_or(|best| top.value > best.value) {
            best = Some(top);
        }
    }
    best
}

/// Few customers find the place, more of them find it better, and all have the last word.
struct Stages<'a, L: Model> {
    data: &'a [Weighted<L::Datum>],
    region: &'a Region,
    /// See [`middle`].
    middle: Vec<f64>,
    names: &'a [String],
    priors: &'a [Prior],
}

impl<L: Model> Stages<'_, L> {
    fn value(&self, data: &[Weighted<L::Datum>], point: &[f64]) -> Value {
        with_priors(total::<L>(data, point), point, self.priors)
    }

    /// The top on all the data.
    fn climb(&self, starts: Vec<Vec<f64>>) -> Option<Top> {
        let Self { data, region, .. } = *self;
        let all = |point: &[f64]| self.value(data, point);
        let Some(first) = sample(data, FIRST_STAGE, 2) else {
            return Some(again(best_start(starts, region, &all)?, region, true, &all));
        };
        let mut top = best_start(starts, region, &|point| self.value(&first, point))?;
        let mut known = None;
        let mut at_most = FIRST_STAGE * NEXT_STAGE;
        // A stage is worth it where it is much less than the next.
        while let Some(part) = sample(data, at_most, 4) {
            let each = data.len() as f64 / part.len() as f64;
            let f = |point: &[f64]| self.value(&part, point);
            (top, known) = self.stage(top, known, Some(each), &f);
            at_most = at_most.saturating_mul(NEXT_STAGE);
        }
        Some(self.stage(top, known, None, &all).0)
    }

    /// The top of one stage, and where simpler models may be as good as that, the best of them.
    ///
    /// Those come first on the next stage: a search for the edge of the range would walk all the way there. `each` is how
    /// many customers one of this stage stands for, if it is not the last.
    fn stage(
        &self,
        top: Top,
        known: Option<(Top, Edges)>,
        each: Option<f64>,
        f: &impl Fn(&[f64]) -> Value,
    ) -> (Top, Option<(Top, Edges)>) {
        let (region, exact) = (self.region, each.is_none());
        if let Some((simple, edges)) = known
            && let Some(there) = edges.held_on(&simple, &top.point, region, &self.middle, exact, f)
        {
            let next = each.map(|_| (there.clone(), edges));
            return (if exact { there } else { top }, next);
        }
        let top = again(top, region, exact, f);
        let next = each.and_then(|each| {
            let doubt = Doubt::of_sample(each);
            let (edges, n) = (L::edges(), L::NAMES.len());
            let (simple, mut found) = settle(top.clone(), region, edges, n, self.names, doubt, f);
            let simple = found.rest(simple, region, doubt, f);
            (!found.held.is_empty()).then_some((simple, found))
        });
        (top, next)
    }
}

/// Fits a model to data in their sorted order.
pub(super) fn fit<L: Model>(
    data: &[Weighted<L::Datum>],
    customers: u64,
    method: Method,
) -> Fitted<L> {
    let distinct = data.len() as u64;
    let survey = match L::survey(data) {
        Ok(survey) => survey,
        Err(missing) => return too_little(missing, customers, distinct),
    };
    let priors = match method {
        Method::MaximumLikelihood => Vec::new(),
        Method::Map => L::priors(&survey),
    };
    let region = region::<L>(survey.scale);
    let n = L::NAMES.len();
    let names: Vec<String> = L::NAMES.iter().map(|name| (*name).to_owned()).collect();
    let stages = Stages::<L> {
        data,
        region: &region,
        middle: middle::<L>(survey.scale),
        names: &names,
        priors: &priors,
    };
    let Some(top) = stages.climb(starts::<L>(&survey)) else {
        return too_little(no_number(), customers, distinct);
    };
    let f = |point: &[f64]| stages.value(data, point);
    let (top, edges) = settle(top, &region, L::edges(), n, &names, Doubt::NONE, &f);
    if !top.value.is_finite() {
        return too_little(no_number(), customers, distinct);
    }
    let mut parameters = [0.0; MOST];
    for (parameter, log) in parameters.iter_mut().zip(&top.point) {
        *parameter = log
            .exp()
            .clamp(*PARAMETER_RANGE.start(), *PARAMETER_RANGE.end());
    }
    let found = Found {
        top,
        edges,
        scales: vec![Scale::Log; n],
        names,
    };
    found.report(L::from_array(parameters), &priors, customers, distinct)
}

pub(super) fn no_number() -> Vec<String> {
    vec!["a likelihood: it is no number for any parameters".to_owned()]
}

/// A search that goes on from where another ended.
fn again(top: Top, region: &Region, exact: bool, f: &impl Fn(&[f64]) -> Value) -> Top {
    let search = Search {
        region,
        curvature: Some(top.curvature),
        enough: if exact { 1e-9 } else { 1e-3 },
        exact,
    };
    let next = search.run(&top.point, f);
    Top {
        steps: top.steps + next.steps,
        ..next
    }
}

/// A search that ended.
pub(super) struct Found {
    pub(super) top: Top,
    pub(super) edges: Edges,
    pub(super) scales: Vec<Scale>,
    pub(super) names: Vec<String>,
}

impl Found {
    pub(super) fn report<M>(
        self,
        model: M,
        priors: &[Prior],
        customers: u64,
        distinct: u64,
    ) -> Fitted<M> {
        let Self {
            top,
            edges,
            scales,
            names,
        } = self;
        let (estimates, covariance) =
            estimates(&names, &scales, &top.point, &top.curvature, &edges);
        let log_likelihood = top.value - prior_value(&top.point, priors);
        let k = names.len() as f64;
        Fitted {
            model: Some(model),
            estimates,
            covariance,
            log_likelihood: Some(log_likelihood),
            aic: Some(2.0 * k - 2.0 * log_likelihood),
            bic: Some(k * (customers as f64).ln() - 2.0 * log_likelihood),
            customers,
            distinct,
            iterations: top.steps,
            outcome: if edges.found.is_empty() {
                Outcome::Converged
            } else {
                Outcome::Boundary(edges.found)
            },
        }
    }
}

pub(super) fn too_little<M>(missing: Vec<String>, customers: u64, distinct: u64) -> Fitted<M> {
    Fitted {
        model: None,
        estimates: Vec::new(),
        covariance: Vec::new(),
        log_likelihood: None,
        aic: None,
        bic: None,
        customers,
        distinct,
        iterations: 0,
        outcome: Outcome::TooLittleData(missing),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::metrics::lifetime::activity::{Activity, collapse};
    use crate::metrics::lifetime::bg_nbd::BgNbd;
    use crate::metrics::lifetime::mbg_nbd::MbgNbd;
    use crate::metrics::lifetime::pareto_nbd::ParetoNbd;

    /// Customers with evenly spread ages and rates who buy at even times; one of so many stops early.
    fn customers(one_of: u32) -> Vec<Weighted<Activity>> {
        let one = |k: u32| {
            let age = 30.0 + f64::from(k % 731) / 7.0;
            let until = if k % one_of == 1 { 0.4 * age } else { age };
            // Quantiles of an exponential distribution, and the time of the last purchase before the end.
            let rate = -0.1
                * (f64::from(k * 7919 % 20_011) / 20_011.0)
                    .mul_add(-1.0, 1.0)
                    .ln();
            let phase = f64::from(k * 104_729 % 10_007) / 10_007.0;
            let x = (rate * until + phase).floor();
            let span = if x > 0.0 { (x - phase) / rate } else { 0.0 };
            Activity::new(x as u32, span.clamp(0.0, until), age)
        };
        let all = (0..20_011).flat_map(one).map(|one| (one, 1));
        collapse(all, Activity::key).1
    }

    fn a_boundary_costs_a_handful<L: Model<Datum = Activity>>() {
        let (loyal, leaving) = (customers(1_000_000), customers(5));
        let survey = L::survey(&loyal).unwrap();
        let region = region::<L>(survey.scale);
        let names: Vec<String> = L::NAMES.iter().map(|name| (*name).to_owned()).collect();
        let stages = Stages::<L> {
            data: &loyal,
            region: &region,
            middle: middle::<L>(survey.scale),
            names: &names,
            priors: &[],
        };
        let part = sample(&loyal, 4096, 4).unwrap();
        let few = |point: &[f64]| stages.value(&part, point);
        let top = best_start(starts::<L>(&survey), &region, &few).unwrap();
        let each = loyal.len() as f64 / part.len() as f64;
        let (top, known) = stages.stage(top, None, Some(each), &few);
        let (simple, edges) = known.clone().unwrap();
        let count = Cell::new(0);
        let all = |point: &[f64]| {
            count.set(count.get() + 1);
            stages.value(&loyal, point)
        };
        let (last, _) = stages.stage(top.clone(), known, None, &all);
        let (last, found) = settle(
            last,
            &region,
            L::edges(),
            names.len(),
            &names,
            Doubt::NONE,
            &all,
        );
        assert_eq!(
            found.found[0].meaning,
            "no dropout: customers stay for ever"
        );
        assert!(count.get() <= 18, "{} {last:?}", count.get());
        // Where customers do leave, the inside is higher, and that is seen.
        let other = |point: &[f64]| stages.value(&leaving, point);
        let held = edges.held_on(&simple, &top.point, &region, &stages.middle, true, &other);
        assert!(held.is_none(), "{held:?}");
    }

    #[test]
    fn a_boundary_of_many_customers_costs_a_handful_of_evaluations() {
        a_boundary_costs_a_handful::<BgNbd>();
        a_boundary_costs_a_handful::<MbgNbd>();
        a_boundary_costs_a_handful::<ParetoNbd>();
    }
}

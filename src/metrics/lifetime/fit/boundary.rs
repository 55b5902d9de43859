//! The simpler models at the edge of the range of the parameters.
#![allow(clippy::indexing_slicing)] // a run names parameters the model has

use std::f64::consts::LN_10;

use super::Boundary;
use super::matrix::{dot, eigen, part};
use super::optimise::{Region, Search, Top, Value};

/// Which way parameters run, by their place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    /// To its smallest value.
    Low(usize),
    /// To its largest value.
    High(usize),
    /// Both to the largest values, their ratio kept.
    Up(usize, usize),
    /// Both to the smallest values, their ratio kept.
    Down(usize, usize),
    /// The first to its largest value and the second to its smallest, their product kept.
    Apart(usize, usize),
}

/// One simpler model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) run: Run,
    /// All the parameters it leaves without a value of their own.
    pub(super) parameters: &'static [usize],
    pub(super) meaning: &'static str,
    /// The meaning holds only if this parameter may as well be at its largest: with a at its smallest nobody leaves where b
    /// is large, and some leave at once where b is small too.
    pub(super) pure: Option<usize>,
}

/// The edges a fit ended at.
#[derive(Debug, Clone, Default)]
pub(super) struct Edges {
    /// Coordinates that stand at an edge.
    pub(super) held: Vec<usize>,
    /// Coordinates without a value of their own: those, and what runs along with them.
    pub(super) gone: Vec<usize>,
    pub(super) found: Vec<Boundary>,
    /// How to get to each coordinate that is held, and the other parameter that has no value of its own there.
    ways: Vec<(Run, Option<usize>)>,
    /// Those of the others that stay at an end.
    resting: Vec<usize>,
}

/// How sure data are of an edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doubt {
    /// A simpler model is as good if its log-likelihood is lower by at most this.
    worse: f64,
    /// The variance of the log of a parameter above which a simpler model may be as good.
    wide: f64,
    /// Whether this is the last word.
    exact: bool,
}

impl Doubt {
    /// Of all the data.
    pub(super) const NONE: Self = Self {
        worse: AS_GOOD,
        wide: WIDE * WIDE,
        exact: true,
    };

    /// Of a sample in which each customer stands for so many: it cannot tell what more customers may.
    pub(super) fn of_sample(each: f64) -> Self {
        Self {
            worse: AS_GOOD + 3.0 * each,
            wide: WIDE * WIDE / each,
            exact: false,
        }
    }
}

/// A simpler model explains the data as well as the best one if its log-likelihood is lower by at most this.
const AS_GOOD: f64 = 1e-4;

/// The standard error of the log of a parameter above which a simpler model may be as good.
const WIDE: f64 = 1.0;

impl Run {
    /// The point moved to the edge, and the coordinate that is held there: of two that run, the one that arrives first.
    fn from(self, point: &[f64], region: &Region) -> (Vec<f64>, usize) {
        let up = |i: usize| region.high[i] - point[i];
        let down = |i: usize| point[i] - region.low[i];
        let mut to = point.to_vec();
        let at = match self {
            Self::Low(i) => {
                to[i] = region.low[i];
                i
            }
            Self::High(i) => {
                to[i] = region.high[i];
                i
            }
            Self::Up(i, j) => {
                let by = up(i).min(up(j));
                to[i] += by;
                to[j] += by;
                if up(i) <= up(j) { i } else { j }
            }
            Self::Down(i, j) => {
                let by = down(i).min(down(j));
                to[i] -= by;
                to[j] -= by;
                if down(i) <= down(j) { i } else { j }
            }
            Self::Apart(i, j) => {
                let by = up(i).min(down(j));
                to[i] += by;
                to[j] -= by;
                if up(i) <= down(j) { i } else { j }
            }
        };
        region.clamp(&mut to);
        (to, at)
    }

    /// A step from the edge to the inside.
    fn inwards(self, n: usize) -> Vec<f64> {
        let mut by = vec![0.0; n];
        match self {
            Self::Low(i) => by[i] = 1.0,
            Self::High(i) => by[i] = -1.0,
            Self::Up(i, j) => (by[i], by[j]) = (-1.0, -1.0),
            Self::Down(i, j) => (by[i], by[j]) = (1.0, 1.0),
            Self::Apart(i, j) => (by[i], by[j]) = (-1.0, 1.0),
        }
        by
    }

    /// The best point of the edge, if it is as good as the top, and the coordinate that is held.
    fn tried(
        self,
        top: &Top,
        region: &Region,
        doubt: Doubt,
        f: &impl Fn(&[f64]) -> Value,
    ) -> Option<(Top, usize)> {
        let (to, at) = self.from(&top.point, region);
        if to == top.point {
            return Some((top.clone(), at));
        }
        let search = Search {
            region: &region.pinned(at, to[at]),
            curvature: None,
            enough: if doubt.exact { 1e-8 } else { 1e-3 },
            exact: doubt.exact,
        };
        let there = search.run(&to, f);
        let steps = top.steps + there.steps;
        (there.value >= top.value - doubt.worse).then_some((Top { steps, ..there }, at))
    }
}

impl Edges {
    fn add(&mut self, run: Run, held: usize, gone: &[usize], meaning: &str, names: &[String]) {
        let alone = matches!(run, Run::Low(_) | Run::High(_));
        let other = gone.iter().copied().find(|&i| alone && i != held);
        self.ways.push((run, other));
        self.held.push(held);
        self.gone.extend(gone);
        self.found.push(Boundary {
            parameters: gone.iter().map(|&i| names[i].clone()).collect(),
            meaning: meaning.to_owned(),
        });
    }
}

/// Whether the data determine every parameter well enough that no simpler model can be as good.
fn is_inside(top: &Top, region: &Region, wide: f64) -> bool {
    let at_edge = (0..top.point.len())
        .any(|i| region.is_low(i, top.point[i]) || region.is_high(i, top.point[i]));
    if at_edge {
        return false;
    }
    let found = eigen(&top.curvature);
    found.is_positive() && {
        let inverse = found.inverse();
        (0..inverse.len()).all(|i| inverse[i][i] < wide)
    }
}

/// A top, moved to every edge where a simpler model is as good, and those edges.
///
/// The coordinates after the parameters of the edges, from `effects` on, are those of covariates.
pub(super) fn settle(
    top: Top,
    region: &Region,
    edges: &[Edge],
    effects: usize,
    names: &[String],
    doubt: Doubt,
    f: &impl Fn(&[f64]) -> Value,
) -> (Top, Edges) {
    let mut at = Edges::default();
    if is_inside(&top, region, doubt.wide) {
        return (top, at);
    }
    let mut region = region.clone();
    let mut top = top;
    for edge in edges {
        if edge.parameters.iter().any(|i| at.gone.contains(i)) {
            continue;
        }
        // A search is worth it only where it can end as high.
        let to = edge.run.from(&top.point, &region).0;
        let near = if to == top.point { top.value } else { f(&to).0 };
        if near.is_nan() || near < top.value - 1.0 - 1e-3 * top.value.abs() {
            continue;
        }
        if let Some((there, place)) = edge.run.tried(&top, &region, doubt, f) {
            if let Some(other) = edge.pure {
                let mut pure = there.point.clone();
                pure[other] = region.high[other];
                if f(&pure).0 < there.value - doubt.worse {
                    continue;
                }
            }
            region = region.pinned(place, there.point[place]);
            top = there;
            at.add(edge.run, place, edge.parameters, edge.meaning, names);
        }
    }
    for i in effects..top.point.len() {
        // No filter here: a base counted from the mean covariate moves far with an effect.
        let [low, high] = [Run::Low(i), Run::High(i)];
        let ends = [low, high].map(|run| Some((run, run.tried(&top, &region, doubt, f)?)));
        // As good at both ends is no sign of either: the data do not tell it at all.
        if let [Some((run, (there, place))), None] | [None, Some((run, (there, place)))] = ends {
            region = region.pinned(place, there.point[place]);
            top = there;
            at.add(run, place, &[i], "the effect has no bound", names);
        }
    }
    for i in 0..top.point.len() {
        if at.gone.contains(&i) {
            continue;
        }
        let (end, run) = if region.is_low(i, top.point[i]) {
            ("smallest", Run::Low(i))
        } else if region.is_high(i, top.point[i]) {
            ("largest", Run::High(i))
        } else {
            continue;
        };
        let meaning = format!("{} ran to the {end} value it may have", names[i]);
        at.add(run, i, &[i], &meaning, names);
    }
    while ridge(&top, &mut at, names) {}
    (top, at)
}

impl Edges {
    /// Moves parameters without a value of their own to the end where they change least: there the simpler model is pure.
    ///
    /// They stay there on more data.
    pub(super) fn rest(
        &mut self,
        top: Top,
        region: &Region,
        doubt: Doubt,
        f: &impl Fn(&[f64]) -> Value,
    ) -> Top {
        let mut top = top;
        for (&at, (_, other)) in self.held.iter().zip(&self.ways) {
            let Some(other) = *other else {
                continue;
            };
            let ends = [region.low[other], region.high[other]].map(|end| {
                let mut point = top.point.clone();
                point[other] = end;
                let (value, gradient) = f(&point);
                (point, value, gradient[at].abs() + gradient[other].abs())
            });
            let alike = ends
                .into_iter()
                .filter(|end| end.1 >= top.value - doubt.worse);
            if let Some((point, value, _)) = alike.min_by(|a, b| a.2.total_cmp(&b.2)) {
                (top.point, top.value) = (point, value);
                self.resting.push(other);
            }
        }
        top
    }

    /// The best point of these edges on more data than those that led here, from there on, if the inside is no higher.
    ///
    /// Proven by a few points: the best one the fewer data know, `inside`; and the slope at the edge. That depends on the
    /// parameter without a value of its own, such as the β of no dropout: early dropout may be unlikely and late dropout
    /// not. So it is looked at from a millionth of the size of the data, `middle`, to ten times that.
    pub(super) fn held_on(
        &self,
        start: &Top,
        inside: &[f64],
        region: &Region,
        middle: &[f64],
        exact: bool,
        f: &impl Fn(&[f64]) -> Value,
    ) -> Option<Top> {
        let pinned = |region: Region, &at: &usize| region.pinned(at, start.point[at]);
        let search = Search {
            region: &self
                .held
                .iter()
                .chain(&self.resting)
                .fold(region.clone(), pinned),
            curvature: Some(start.curvature.clone()),
            enough: if exact { 1e-9 } else { 1e-3 },
            exact,
        };
        let there = search.run(&start.point, f);
        let noise = 1e-14 * (1.0 + there.value.abs());
        let mut known = there.point.clone();
        for &i in &self.gone {
            known[i] = inside[i];
        }
        if !there.value.is_finite() || f(&known).0 > there.value + noise {
            return None;
        }
        for (run, other) in &self.ways {
            let inwards = run.inwards(there.point.len());
            let falls = |point: &[f64]| {
                let (value, gradient) = f(point);
                value <= there.value + noise && dot(&gradient, &inwards) <= noise
            };
            let proven = match *other {
                Some(other) => [-6.0, -3.0, -1.0, 0.0, 1.0].iter().all(|by| {
                    let mut point = there.point.clone();
                    point[other] = middle[other] + by * LN_10;
                    region.clamp(&mut point);
                    falls(&point)
                }),
                None => {
                    let mut point = there.point.clone();
                    for (x, by) in point.iter_mut().zip(&inwards) {
                        *x += by * LN_10;
                    }
                    region.clamp(&mut point);
                    falls(&point)
                }
            };
            if !proven {
                return None;
            }
        }
        Some(Top {
            steps: start.steps + there.steps,
            ..there
        })
    }
}

/// Parameters of which the data tell only a combination: whether there are some.
fn ridge(top: &Top, edges: &mut Edges, names: &[String]) -> bool {
    let Edges { gone, found, .. } = edges;
    let free: Vec<usize> = (0..top.point.len()).filter(|i| !gone.contains(i)).collect();
    let curve = eigen(&part(&top.curvature, &free));
    if free.is_empty() || curve.is_positive() {
        return false;
    }
    let least = curve.values.iter().zip(&curve.vectors);
    let Some((_, flat)) = least.min_by(|a, b| a.0.total_cmp(b.0)) else {
        return false;
    };
    let largest = flat.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let among: Vec<usize> = free
        .iter()
        .zip(flat)
        .filter(|(_, x)| x.abs() >= 0.1 * largest)
        .map(|(&i, _)| i)
        .collect();
    let parameters: Vec<String> = among.iter().map(|&i| names[i].clone()).collect();
    let meaning = if parameters.len() > 1 {
        "the data tell only a combination of these parameters"
    } else {
        "the data do not tell this parameter"
    };
    gone.extend(among);
    found.push(Boundary {
        parameters,
        meaning: meaning.to_owned(),
    });
    true
}

//! The simpler models at the edge of the range of the parameters.
#![allow(clippy::indexing_slicing)] // a run names parameters the model has

use super::Boundary;
use super::matrix::{eigen, part};
use super::optimise::{Region, Search, Top, Value};

/// Which way parameters run, by their place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    /// To its smallest value.
    Low(usize),
    /// The first of two shapes of a Beta distribution to its smallest value, the second at 1 or more: so that nobody is at
    /// the first's end. With both small, some are at either end.
    Under(usize, usize),
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
}

/// The edges a fit ended at.
#[derive(Debug, Clone, Default)]
pub(super) struct Edges {
    /// Coordinates that stand at an edge.
    pub(super) held: Vec<usize>,
    /// Coordinates without a value of their own: those, and what runs along with them.
    pub(super) gone: Vec<usize>,
    pub(super) found: Vec<Boundary>,
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
            Self::Under(i, j) => {
                to[i] = region.low[i];
                to[j] = to[j].max(0.0);
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

    /// What is left of the region on the edge.
    fn within(self, region: &Region, at: usize, value: f64) -> Region {
        let mut left = region.pinned(at, value);
        if let Self::Under(_, j) = self {
            left.low[j] = left.low[j].max(0.0);
        }
        left
    }

    /// The best point of the edge, if it is as good as the top, and the coordinate that is held.
    fn tried(
        self,
        top: &Top,
        region: &Region,
        f: &impl Fn(&[f64]) -> Value,
    ) -> Option<(Top, usize)> {
        let (to, at) = self.from(&top.point, region);
        let search = Search {
            region: &self.within(region, at, to[at]),
            curvature: None,
            enough: 1e-8,
            exact: true,
        };
        let there = search.run(&to, f);
        let steps = top.steps + there.steps;
        (there.value >= top.value - AS_GOOD).then_some((Top { steps, ..there }, at))
    }
}

impl Edges {
    fn add(&mut self, held: usize, gone: &[usize], meaning: &str, names: &[String]) {
        self.held.push(held);
        self.gone.extend(gone);
        self.found.push(Boundary {
            parameters: gone.iter().map(|&i| names[i].clone()).collect(),
            meaning: meaning.to_owned(),
        });
    }
}

/// Whether the data determine every parameter well enough that no simpler model can be as good.
fn is_inside(top: &Top, region: &Region) -> bool {
    let at_edge = (0..top.point.len())
        .any(|i| region.is_low(i, top.point[i]) || region.is_high(i, top.point[i]));
    if at_edge {
        return false;
    }
    let found = eigen(&top.curvature);
    found.is_positive() && {
        let inverse = found.inverse();
        (0..inverse.len()).all(|i| inverse[i][i] < WIDE * WIDE)
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
    f: &impl Fn(&[f64]) -> Value,
) -> (Top, Edges) {
    let mut at = Edges::default();
    if is_inside(&top, region) {
        return (top, at);
    }
    let mut region = region.clone();
    let mut top = top;
    for edge in edges {
        if edge.parameters.iter().any(|i| at.gone.contains(i)) {
            continue;
        }
        // A search is worth it only where it can end as high.
        let near = f(&edge.run.from(&top.point, &region).0).0;
        if near.is_nan() || near < top.value - 1.0 - 1e-3 * top.value.abs() {
            continue;
        }
        if let Some((there, place)) = edge.run.tried(&top, &region, f) {
            region = edge.run.within(&region, place, there.point[place]);
            top = there;
            at.add(place, edge.parameters, edge.meaning, names);
        }
    }
    for i in effects..top.point.len() {
        // No filter here: a base counted from the mean covariate moves far with an effect.
        let ends = [Run::Low(i), Run::High(i)].map(|run| run.tried(&top, &region, f));
        // As good at both ends is no sign of either: the data do not tell it at all.
        if let [Some((there, place)), None] | [None, Some((there, place))] = ends {
            region = region.pinned(place, there.point[place]);
            top = there;
            at.add(place, &[i], "the effect has no bound", names);
        }
    }
    for i in 0..top.point.len() {
        if at.gone.contains(&i) {
            continue;
        }
        let end = if region.is_low(i, top.point[i]) {
            "smallest"
        } else if region.is_high(i, top.point[i]) {
            "largest"
        } else {
            continue;
        };
        let meaning = format!("{} ran to the {end} value it may have", names[i]);
        at.add(i, &[i], &meaning, names);
    }
    while ridge(&top, &mut at, names) {}
    (top, at)
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

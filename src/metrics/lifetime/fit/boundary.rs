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

impl Edge {
    /// The point moved to the edge, and the coordinate that is held there.
    fn from(&self, point: &[f64], region: &Region) -> (Vec<f64>, usize, f64) {
        let mut to = point.to_vec();
        let at = match self.run {
            Run::Low(i) => {
                to[i] = region.low[i];
                i
            }
            Run::High(i) => {
                to[i] = region.high[i];
                i
            }
            Run::Up(i, j) => {
                let by = region.high[i] - point[i];
                to[i] = region.high[i];
                to[j] += by;
                i
            }
            Run::Down(i, j) => {
                let by = region.low[i] - point[i];
                to[i] = region.low[i];
                to[j] += by;
                i
            }
            Run::Apart(i, j) => {
                let by = region.high[i] - point[i];
                to[i] = region.high[i];
                to[j] -= by;
                i
            }
        };
        region.clamp(&mut to);
        let value = to[at];
        (to, at, value)
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
pub(super) fn settle(
    top: Top,
    region: &Region,
    edges: &[Edge],
    names: &[String],
    f: &impl Fn(&[f64]) -> Value,
) -> (Top, Edges) {
    let mut edges_found = Edges::default();
    if is_inside(&top, region) {
        return (top, edges_found);
    }
    let Edges { held, gone, found } = &mut edges_found;
    let mut region = region.clone();
    let mut top = top;
    for edge in edges {
        if edge.parameters.iter().any(|i| gone.contains(i)) {
            continue;
        }
        let (to, at, value) = edge.from(&top.point, &region);
        let narrow = region.pinned(at, value);
        let search = Search {
            region: &narrow,
            curvature: None,
            enough: 1e-8,
            exact: true,
        };
        // The search is worth it only where it can end as high.
        let near = f(&to).0;
        if !(near > top.value - 1.0 - 1e-3 * top.value.abs()) {
            continue;
        }
        let there = search.run(&to, f);
        if there.value >= top.value - AS_GOOD {
            let steps = top.steps + there.steps;
            top = Top { steps, ..there };
            region = narrow;
            held.push(at);
            gone.extend(edge.parameters);
            found.push(Boundary {
                parameters: edge.parameters.iter().map(|&i| names[i].clone()).collect(),
                meaning: edge.meaning.to_owned(),
            });
        }
    }
    for i in 0..top.point.len() {
        if gone.contains(&i) {
            continue;
        }
        let end = if region.is_low(i, top.point[i]) {
            "smallest"
        } else if region.is_high(i, top.point[i]) {
            "largest"
        } else {
            continue;
        };
        held.push(i);
        gone.push(i);
        found.push(Boundary {
            parameters: vec![names[i].clone()],
            meaning: format!("{} ran to the {end} value it may have", names[i]),
        });
    }
    while ridge(&top, &mut edges_found, names) {}
    (top, edges_found)
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

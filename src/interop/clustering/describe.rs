//! Groups said as rules: a few thresholds each, and how well they do.

use std::fmt;

use super::Observations;
use super::found::{Clustering, label};
use crate::Error;
use crate::report::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::language::ReportWord as Word;
use crate::rules::segments::SegmentSpec;
use crate::rules::{Expr, column};

/// How many thresholds a rule has at most.
const CONDITIONS: usize = 3;

/// A group said as a rule, and how well that says it.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterRule {
    /// The position of the group.
    pub cluster: usize,
    /// At most three thresholds, joined by `and`; `true` where none says it better than everybody.
    pub rule: Expr,
    /// How many customers the rule holds for.
    pub holds: u64,
    /// How many of those belong to the group.
    pub right: u64,
    /// How many belong to the group.
    pub customers: u64,
}

impl ClusterRule {
    /// Which share of those for whom the rule holds belong to the group, 0 to 1; `None` if it holds for nobody.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        share(self.right, self.holds)
    }

    /// For which share of the group the rule holds, 0 to 1; `None` if nobody belongs to it.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        share(self.right, self.customers)
    }

    /// The rule as an entry of `[[segments]]`, with what was found as its description.
    #[must_use]
    pub fn segment(&self, name: impl Into<String>) -> SegmentSpec {
        let (precision, recall) = (percent(self.precision()), percent(self.recall()));
        let described = format!("found as a group: precision {precision}, recall {recall}");
        SegmentSpec {
            description: Some(described),
            ..SegmentSpec::new(name, self.rule.clone())
        }
    }

    /// Rules as a [sheet](Sheet), a line for each, in their order.
    #[must_use]
    pub fn sheet(rules: &[Self]) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Cluster,
            Word::Rule,
            Word::Customers,
            Word::HoldsFor,
            Word::InCluster,
            Word::Precision,
            Word::Recall,
        ])
        .left(1);
        for rule in rules {
            table.row(cells![
                Cell::literal(label(rule.cluster)),
                Cell::literal(rule.rule.to_string()),
                rule.customers,
                rule.holds,
                rule.right,
                Cell::share(rule.precision()),
                Cell::share(rule.recall()),
            ]);
        }
        Sheet::new(Word::TitleClusterRules).table(table)
    }
}

#[allow(clippy::cast_precision_loss)] // a share
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl fmt::Display for ClusterRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, rule) = (label(self.cluster), &self.rule);
        let (precision, recall) = (percent(self.precision()), percent(self.recall()));
        write!(f, "{name}: {rule} (precision {precision}, recall {recall})")
    }
}

/// A threshold on the way, and whom it leaves.
#[derive(Debug, Clone, Copy)]
struct Cut {
    column: usize,
    /// At least this, or less than this.
    at: f64,
    least: bool,
    holds: u64,
    right: u64,
}

/// Whether one is better than another by F1 = 2 × right ÷ (holds + customers), exactly.
fn better(one: (u64, u64), other: (u64, u64), customers: u64) -> bool {
    let whole = |holds: u64| u128::from(holds) + u128::from(customers);
    u128::from(one.1) * whole(other.0) > u128::from(other.1) * whole(one.0)
}

impl Observations {
    /// A rule for each group, in order: threshold after threshold is added, each time the one that makes the harmonic mean
    /// of precision and recall (F1) the greatest, as long as it grows, and three at most. Of equal ones the first column is
    /// taken. Thresholds are short decimal numbers that part the same customers.
    ///
    /// # Errors
    /// The groups are not of these customers (`is_misuse`).
    pub fn describe(&self, found: &Clustering) -> Result<Vec<ClusterRule>, Error> {
        let rows = self.sorted();
        let names = found.model.columns.iter().map(|scale| &scale.column);
        let ids = found.members.iter().map(|(id, _)| id);
        if !names.eq(&self.columns) || !ids.eq(rows.iter().map(|(id, _)| id)) {
            return Err(Error::misuse("the groups are not of these customers"));
        }
        let values: Vec<&[f64]> = rows.iter().map(|(_, values)| values.as_slice()).collect();
        let rules = (0..found.clusters.len()).map(|cluster| {
            let mut inside: Vec<(&[f64], bool)> = (values.iter().zip(&found.members))
                .map(|(values, (_, k))| (*values, *k == cluster))
                .collect();
            self.rule(cluster, &mut inside)
        });
        Ok(rules.collect())
    }

    fn rule(&self, cluster: usize, inside: &mut Vec<(&[f64], bool)>) -> ClusterRule {
        let customers = inside.iter().filter(|(_, own)| *own).count() as u64;
        let (mut holds, mut right) = (inside.len() as u64, customers);
        let mut rule: Option<Expr> = None;
        for _ in 0..CONDITIONS {
            let cuts = (0..self.columns.len()).filter_map(|i| best_cut(i, inside, customers));
            let best = cuts.reduce(|best, cut| {
                let wins = better((cut.holds, cut.right), (best.holds, best.right), customers);
                if wins { cut } else { best }
            });
            let Some(cut) = best.filter(|c| better((c.holds, c.right), (holds, right), customers))
            else {
                break;
            };
            (holds, right) = (cut.holds, cut.right);
            let value = |values: &[f64]| values.get(cut.column).copied().unwrap_or(f64::NAN);
            inside.retain(|(values, _)| (value(values) >= cut.at) == cut.least);
            let name = self.columns.get(cut.column).map_or("", String::as_str);
            let term = column(name);
            let next = if cut.least {
                term.ge(cut.at)
            } else {
                term.lt(cut.at)
            };
            rule = Some(match rule {
                Some(rule) => rule.and(next),
                None => next,
            });
        }
        ClusterRule {
            cluster,
            rule: rule.unwrap_or_else(|| Expr::constant(true)),
            holds,
            right,
            customers,
        }
    }
}

/// The best threshold of a column over those that are still inside.
fn best_cut(column: usize, inside: &mut [(&[f64], bool)], customers: u64) -> Option<Cut> {
    let value = |values: &[f64]| values.get(column).copied().unwrap_or(f64::NAN);
    // Of equal values the order does not matter.
    inside.sort_by(|(a, _), (b, _)| value(a).total_cmp(&value(b)));
    let all = inside.len() as u64;
    let own = inside.iter().filter(|(_, own)| *own).count() as u64;
    let (mut below, mut own_below) = (0_u64, 0_u64);
    let mut best: Option<Cut> = None;
    for pair in inside.windows(2) {
        let [(low, mine), (high, _)] = pair else {
            continue;
        };
        below += 1;
        own_below += u64::from(*mine);
        let (low, high) = (value(low), value(high));
        // Also not between −0 and 0, which are equal.
        if low >= high {
            continue;
        }
        let sides = [
            (true, all - below, own - own_below),
            (false, below, own_below),
        ];
        for (least, holds, right) in sides {
            let wins = |best: &Cut| better((holds, right), (best.holds, best.right), customers);
            if best.as_ref().is_none_or(wins) {
                best = Some(Cut {
                    column,
                    at: between(low, high),
                    least,
                    holds,
                    right,
                });
            }
        }
    }
    best
}

/// Of the shortest decimal numbers above `low` and at most `high`, one near the middle.
fn between(low: f64, high: f64) -> f64 {
    let middle = low + (high - low) / 2.0;
    for power in (-9..=15).rev() {
        let unit = libm::pow(10.0, f64::from(power.max(-power)));
        let short = |value: f64| match power {
            0.. => (value / unit).floor() * unit,
            _ => (value * unit).floor() / unit,
        };
        let step = if power < 0 { 1.0 / unit } else { unit };
        for at in [short(middle + step / 2.0), short(high)] {
            if low < at && at <= high {
                return at;
            }
        }
    }
    high
}

/// A share as a percentage with one decimal; `-` when missing.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(
        || "-".to_owned(),
        |share| {
            let text = format!("{:.1} %", share * 100.0);
            if text == "-0.0 %" {
                "0.0 %".to_owned()
            } else {
                text
            }
        },
    )
}

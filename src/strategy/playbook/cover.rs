//! For whom plays are: combinations of tier, stage and segment.

use std::fmt;

use super::bind::Names;
use super::spec::{PlaySpec, PlaybookSpec};
use crate::rules::Node;

/// A tier, a stage and a segment: the witness of a problem. `None` where there is none, or the customer is in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Combination<'a> {
    pub tier: Option<&'a str>,
    pub stage: Option<&'a str>,
    pub segment: Option<&'a str>,
}

impl fmt::Display for Combination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("tier", self.tier),
            ("stage", self.stage),
            ("segment", self.segment),
        ];
        for (i, (kind, name)) in parts.into_iter().enumerate() {
            f.write_str(if i == 0 { "for " } else { ", " })?;
            match name {
                Some(name) => write!(f, "{kind} `{name}`"),
                None => write!(f, "no {kind}"),
            }?;
        }
        Ok(())
    }
}

/// Everybody for whom the play is, has it: it has no rule, or one that is always true.
pub(super) fn is_unconditional(play: &PlaySpec) -> bool {
    let always = |node: &Node| matches!(node, Node::Constant(true));
    play.when.as_ref().is_none_or(|when| always(when.node()))
}

fn is_for(names: &[String], one: Option<&str>) -> bool {
    names.is_empty() || one.is_some_and(|one| names.iter().any(|name| name == one))
}

/// Whether a play is for a combination, its rule aside.
pub(super) fn covers(play: &PlaySpec, at: &Combination<'_>) -> bool {
    is_for(&play.tiers, at.tier)
        && is_for(&play.stages, at.stage)
        && is_for(&play.segments, at.segment)
}

/// The names, or none if there are no names.
fn or_none<'a>(names: &'a [&'a str]) -> Vec<Option<&'a str>> {
    if names.is_empty() {
        vec![None]
    } else {
        names.iter().copied().map(Some).collect()
    }
}

/// Every combination there can be of a customer whose stage is known.
pub(super) fn combinations<'a>(
    names: &'a Names<'a>,
) -> impl Iterator<Item = Combination<'a>> + use<'a> {
    let stages = or_none(names.stages);
    let segments: Vec<Option<&str>> = std::iter::once(None)
        .chain(names.segments.iter().copied().map(Some))
        .collect();
    or_none(names.tiers).into_iter().flat_map(move |tier| {
        let segments = segments.clone();
        stages.clone().into_iter().flat_map(move |stage| {
            let segments = segments.clone();
            segments.into_iter().map(move |segment| Combination {
                tier,
                stage,
                segment,
            })
        })
    })
}

/// A combination for which a play is, one that no play before it takes if there is one.
pub(super) fn witness<'a>(
    spec: &PlaybookSpec,
    names: &'a Names<'a>,
    i: usize,
) -> Option<Combination<'a>> {
    let play = spec.plays.get(i)?;
    let own = || combinations(names).filter(|at| covers(play, at));
    let before = || {
        let before = spec.plays.iter().take(i);
        before.filter(|play| is_unconditional(play))
    };
    own()
        .find(|at| !before().any(|play| covers(play, at)))
        .or_else(|| own().next())
}

/// The positions of the plays that are for all customers of a play and come before it; `None` if some are left for it.
pub(super) fn shadows(spec: &PlaybookSpec, names: &Names<'_>, i: usize) -> Option<Vec<usize>> {
    let play = spec.plays.get(i)?;
    let mut taken: Vec<usize> = Vec::new();
    let before: Vec<(usize, &PlaySpec)> = spec
        .plays
        .iter()
        .enumerate()
        .take(i)
        .filter(|(_, play)| is_unconditional(play))
        .collect();
    // Somebody's stage may not be known; in a play for segments everybody is in one.
    let mut stages: Vec<Option<&str>> = names.stages.iter().copied().map(Some).collect();
    stages.push(None);
    let mut segments: Vec<Option<&str>> = names.segments.iter().copied().map(Some).collect();
    segments.push(None);
    for tier in or_none(names.tiers) {
        for &stage in &stages {
            for &segment in &segments {
                let at = Combination {
                    tier,
                    stage,
                    segment,
                };
                // A customer in this segment and, for all that is known, in no other.
                if covers(play, &at) {
                    let by = before.iter().find(|(_, play)| covers(play, &at))?;
                    taken.push(by.0);
                }
            }
        }
    }
    taken.sort_unstable();
    taken.dedup();
    Some(taken)
}

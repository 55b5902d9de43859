//! The events between two reviews, in one walk over both.

use std::cmp::Ordering;

use crate::model::Unit;
use crate::table::{Row, Schema, Slot};
use crate::tiering::TierId;

use super::super::bulk::Reviews;
use super::super::diff::walk;
use super::super::worse::Worse;
use super::event::{ChangeEvent, Importance, Shift, ShiftKind, Side};
use super::spec::{BehaviourWatch, ChangesSpec, Monitor, StageWatch, ThresholdWatch};

impl Reviews<'_> {
    /// What happened since an earlier review, of the same policy or of another in the same currency, as far as it is news: the most value at stake first,
    /// and where it is not known last; then by kind, by customer id, and in the order of the [`ChangesSpec`]. Two equal reviews have no events. See
    /// [`changes`](crate::engine::changes) for an example.
    ///
    /// One customer may have several. Nothing is kept of a customer to whom nothing happened.
    #[must_use]
    pub fn changes(&self, before: &Reviews<'_>, monitor: &Monitor) -> Vec<ChangeEvent> {
        let finder = Finder::new(before, self, monitor);
        let mut events = Vec::new();
        let mut tiers = [before.tiers(), self.tiers()];
        walk(before, self, |id, positions| {
            let [old, new] = &mut tiers;
            // Both reviews give the tiers in the order in which the walk comes by.
            let a = positions[0].and_then(|at| Some((before.row(at)?, old.next()?)));
            let b = positions[1].and_then(|at| Some((self.row(at)?, new.next()?)));
            let rows = [a.map(|(row, _)| row), b.map(|(row, _)| row)];
            finder.find(a, b, |what, loss, importance| {
                events.push(ChangeEvent {
                    customer: id.to_id(),
                    what,
                    importance,
                    at_stake: finder.value(rows, loss),
                });
            });
        });
        events.sort_by(|a, b| by_value(a, b).then_with(|| a.what.kind().cmp(&b.what.kind())));
        events
    }
}

/// The greatest first, and none last. The walk goes by customer, and sorting keeps that.
fn by_value(a: &ChangeEvent, b: &ChangeEvent) -> Ordering {
    match (a.at_stake, b.at_stake) {
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

/// Where a column is in the review before and in that after.
#[derive(Clone, Copy)]
struct Both([Option<Slot>; 2]);

impl Both {
    /// `unit`: `None` for a column of words.
    fn of(schemas: [&Schema; 2], name: &str, unit: Option<Unit>) -> Self {
        Self(schemas.map(|schema| {
            let slot = schema.slot(name)?;
            (schema.field(slot)?.unit() == unit).then_some(slot)
        }))
    }

    fn slots(self) -> Option<(Slot, Slot)> {
        let [before, after] = self.0;
        before.zip(after)
    }

    fn numbers(self, before: Row<'_>, after: Row<'_>) -> Option<(f64, f64)> {
        let (a, b) = self.slots()?;
        before.number(a).zip(after.number(b))
    }

    fn words<'r>(self, before: Row<'r>, after: Row<'r>) -> Option<(&'r str, &'r str)> {
        let (a, b) = self.slots()?;
        before.category(a).zip(after.category(b))
    }
}

/// What to look for, with the columns of both reviews.
struct Finder<'a> {
    spec: &'a ChangesSpec,
    value: Both,
    stages: Vec<(Both, &'a StageWatch)>,
    thresholds: Vec<(Both, Unit, &'a ThresholdWatch)>,
    behaviours: Vec<(Both, Unit, &'a BehaviourWatch)>,
    tiers: Tiers<'a>,
}

/// A row and the tier that was decided on it.
type Judged<'r> = Option<(Row<'r>, TierId)>;

impl<'a> Finder<'a> {
    fn new(before: &'a Reviews<'_>, after: &'a Reviews<'_>, monitor: &'a Monitor) -> Self {
        let schemas = [before.engine().schema(), after.engine().schema()];
        let spec = &monitor.spec;
        let number = |name: &str, unit: Unit| Both::of(schemas, name, Some(unit));
        let thresholds = spec.thresholds.iter().zip(&monitor.threshold_units);
        let behaviours = spec.behaviours.iter().zip(&monitor.behaviour_units);
        Self {
            spec,
            value: match &spec.value {
                Some(value) => number(value, Unit::Money),
                None => Both([None, None]),
            },
            stages: spec
                .stages
                .iter()
                .map(|watch| (Both::of(schemas, &watch.column, None), watch))
                .collect(),
            thresholds: thresholds
                .map(|(watch, unit)| (number(&watch.column, *unit), *unit, watch))
                .collect(),
            behaviours: behaviours
                .map(|(watch, unit)| (number(&watch.column, *unit), *unit, watch))
                .collect(),
            tiers: Tiers::new(before, after),
        }
    }

    /// What is at stake: of a loss, what there was before.
    fn value(&self, rows: [Option<Row<'_>>; 2], loss: bool) -> Option<f64> {
        let side = usize::from(!loss);
        let row = rows.get(side).copied().flatten()?;
        row.number(self.value.0.get(side).copied().flatten()?)
    }

    fn importance(&self, kind: ShiftKind) -> Importance {
        let said = self.spec.importance.get(&kind).copied();
        said.unwrap_or(match kind {
            ShiftKind::Churned
            | ShiftKind::Gone
            | ShiftKind::BecameAtRisk
            | ShiftKind::FellTier => Importance::High,
            ShiftKind::CrossedThreshold | ShiftKind::BehaviourChanged | ShiftKind::WonBack => {
                Importance::Medium
            }
            ShiftKind::TierReplaced
            | ShiftKind::StageMoved
            | ShiftKind::RoseTier
            | ShiftKind::New => Importance::Low,
        })
    }

    /// Tells what happened to one customer: what, whether it is a loss, and how important it is.
    fn find(
        &self,
        before: Judged<'_>,
        after: Judged<'_>,
        mut tell: impl FnMut(Shift, bool, Importance),
    ) {
        let mut told = |what: Shift| {
            let kind = what.kind();
            let loss = matches!(
                kind,
                ShiftKind::Churned
                    | ShiftKind::Gone
                    | ShiftKind::BecameAtRisk
                    | ShiftKind::FellTier
            );
            tell(what, loss, self.importance(kind));
        };
        let ((old, old_tier), (new, new_tier)) = match (before, after) {
            (Some(before), Some(after)) => (before, after),
            (Some((_, tier)), None) => {
                let tier = self.tiers.before(tier).to_owned();
                return told(Shift::Gone { tier });
            }
            (None, Some((_, tier))) => {
                let tier = self.tiers.after(tier).to_owned();
                return told(Shift::New { tier });
            }
            (None, None) => return,
        };
        if let Some(what) = self.tiers.moved(old_tier, new_tier) {
            told(what);
        }
        for (both, watch) in &self.stages {
            if let Some((from, to)) = both.words(old, new)
                && from != to
            {
                told(moved(watch, from, to));
            }
        }
        for (both, unit, watch) in &self.thresholds {
            if let Some((before, after)) = both.numbers(old, new)
                && let from = Side::of(before, watch.at)
                && let to = Side::of(after, watch.at)
                && from != to
            {
                let what = Shift::CrossedThreshold {
                    column: watch.column.clone(),
                    unit: *unit,
                    at: watch.at,
                    from,
                    before,
                    after,
                };
                self.turned(
                    what,
                    watch.worse,
                    watch.importance,
                    after > before,
                    &mut tell,
                );
            }
        }
        for (both, unit, watch) in &self.behaviours {
            if let Some((before, after)) = both.numbers(old, new)
                && watch.is_news(before, after)
            {
                let what = Shift::BehaviourChanged {
                    column: watch.column.clone(),
                    unit: *unit,
                    before,
                    after,
                };
                self.turned(
                    what,
                    watch.worse,
                    watch.importance,
                    after > before,
                    &mut tell,
                );
            }
        }
    }

    /// Tells of a number that went up or down.
    fn turned(
        &self,
        what: Shift,
        worse: Option<Worse>,
        own: Option<Importance>,
        up: bool,
        tell: &mut impl FnMut(Shift, bool, Importance),
    ) {
        let loss = worse.map(|worse| (worse == Worse::More) == up);
        let importance = match loss {
            Some(false) => Importance::Low,
            _ => own.unwrap_or_else(|| self.importance(what.kind())),
        };
        tell(what, loss == Some(true), importance);
    }
}

/// What a move from one word to another is.
fn moved(watch: &StageWatch, from: &str, to: &str) -> Shift {
    let is = |words: &[String], word: &str| words.iter().any(|w| w == word);
    let into = |words: &[String]| is(words, to) && !is(words, from);
    let churned = into(&watch.churned);
    let at_risk = into(&watch.at_risk) && !is(&watch.churned, from);
    let won_back = into(&watch.won_back);
    let (column, from, to) = (watch.column.clone(), from.to_owned(), to.to_owned());
    if churned {
        Shift::Churned { column, from, to }
    } else if at_risk {
        Shift::BecameAtRisk { column, from, to }
    } else if won_back {
        Shift::WonBack { column, from, to }
    } else {
        Shift::StageMoved { column, from, to }
    }
}

/// The tiers of both reviews, and which is the lower one.
struct Tiers<'a> {
    names: [Vec<&'a str>; 2],
    /// By the ordinal of the tier before: its place in the ladder after.
    in_after: Vec<Option<TierId>>,
    /// By the ordinal of the tier after: its place in the ladder before.
    in_before: Vec<Option<TierId>>,
}

impl<'a> Tiers<'a> {
    fn new(before: &'a Reviews<'_>, after: &'a Reviews<'_>) -> Self {
        let ladders = [before.engine().ladder(), after.engine().ladder()];
        let names = ladders.map(|ladder| {
            let mut tiers: Vec<(TierId, &str)> = ladder.tiers().collect();
            tiers.sort_by_key(|(tier, _)| tier.ordinal());
            tiers.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        });
        let [old, new] = &names;
        let [old_ladder, new_ladder] = ladders;
        Self {
            in_after: old.iter().map(|name| new_ladder.tier(name)).collect(),
            in_before: new.iter().map(|name| old_ladder.tier(name)).collect(),
            names,
        }
    }

    fn name(&self, side: usize, tier: TierId) -> &'a str {
        let names = self.names.get(side);
        names
            .and_then(|names| names.get(tier.ordinal()))
            .copied()
            .unwrap_or("")
    }

    fn before(&self, tier: TierId) -> &'a str {
        self.name(0, tier)
    }

    fn after(&self, tier: TierId) -> &'a str {
        self.name(1, tier)
    }

    /// A move from one tier to another.
    fn moved(&self, from: TierId, to: TierId) -> Option<Shift> {
        let place = |tiers: &[Option<TierId>], tier: TierId| {
            tiers
                .get(tier.ordinal())
                .copied()
                .flatten()
                .map(TierId::ordinal)
        };
        let order = match (place(&self.in_after, from), place(&self.in_before, to)) {
            (Some(from), _) => Some(from.cmp(&to.ordinal())),
            (None, Some(to)) => Some(from.ordinal().cmp(&to)),
            (None, None) => None,
        };
        if order == Some(Ordering::Equal) {
            return None;
        }
        let (from, to) = (self.before(from).to_owned(), self.after(to).to_owned());
        Some(match order {
            Some(Ordering::Greater) => Shift::FellTier { from, to },
            Some(_) => Shift::RoseTier { from, to },
            None => Shift::TierReplaced { from, to },
        })
    }
}

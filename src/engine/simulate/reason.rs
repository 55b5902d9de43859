//! Which condition moved a customer from a tier of one policy to one of another.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rules::{Rule, Truth};
use crate::table::Row;
use crate::tiering::TierId;

use super::super::Engine;
use super::block::place;
use super::held::{Held, Side};

/// What became of the tier that decides a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// Its condition held before, and does not after.
    Lost,
    /// Its condition holds after, and did not before.
    Gained,
}

/// Why customers move from one tier to another, and how many of them do for this reason.
///
/// If the condition of the tier a customer leaves does not hold under the policy after, or that has no such tier while the
/// other tier was within reach before, the tier that is left decides ([`Turn::Lost`]); else the one the customer comes to
/// ([`Turn::Gained`]). Of a condition that holds, the single conditions that are true are given, and of one that does not hold,
/// those that keep it from holding; what is the same, in text and in answer, under both policies is left out. Nothing is given
/// where both tiers hold under both policies, and only their order is another one.
///
/// With movement a tier may also be held by something else than the condition to enter it ([`Held`]). Then the tier that is left
/// decides if it is above the one the customer comes to, and else that one; of a tier that is held, what holds it is told
/// instead of conditions, or those for keeping it ([`Held::Kept`]).
///
/// ```
/// use customer_value::engine::simulate::{MoveReason, Turn};
///
/// let reason = MoveReason {
///     from: "member".to_owned(),
///     to: "gold".to_owned(),
///     turn: Turn::Gained,
///     before: vec!["spend >= 500".to_owned()],
///     after: vec!["spend >= 400".to_owned()],
///     held_before: None,
///     held_after: None,
///     customers: 12,
/// };
/// assert_eq!(reason.to_string(), "gold by spend >= 400, needed spend >= 500");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveReason {
    /// The tier under the policy before.
    pub from: String,
    /// The tier under the policy after.
    pub to: String,
    /// Whether `from` is lost or `to` is gained by it.
    pub turn: Turn,
    /// The conditions that decided under the policy before; empty if it has no such tier, or asks nothing for it.
    pub before: Vec<String>,
    /// The conditions that decide under the policy after; empty if it has no such tier, or asks nothing for it.
    pub after: Vec<String>,
    /// What beside conditions gave the tier under the policy before, or, of a tier that is gained, kept it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_before: Option<Held>,
    /// What beside conditions gives the tier under the policy after, or, of a tier that is lost, takes it or keeps it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_after: Option<Held>,
    /// How many customers move for this reason.
    pub customers: u64,
}

impl fmt::Display for MoveReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (tier, now, was) = match self.turn {
            Turn::Lost => (&self.from, "needs ", "was "),
            Turn::Gained => (&self.to, "by ", "needed "),
        };
        let side = |conditions: &[String], held: Option<Held>, asks: &str, holds: &str| {
            let conditions = conditions.join(" and ");
            match held {
                Some(held) if conditions.is_empty() => format!("{holds}{held}"),
                Some(Held::Kept) => format!("{holds}kept by {conditions}"),
                Some(held) => format!("{asks}{conditions}, {held}"),
                None if conditions.is_empty() => String::new(),
                None => format!("{asks}{conditions}"),
            }
        };
        let after = side(&self.after, self.held_after, now, "");
        let before = side(&self.before, self.held_before, was, "was ");
        let comma = if after.is_empty() || before.is_empty() {
            ""
        } else {
            ", "
        };
        match (self.turn, after.is_empty() && before.is_empty()) {
            (Turn::Lost, true) => write!(f, "no longer {tier}, by no condition"),
            (Turn::Gained, true) => write!(f, "{tier} asks for nothing"),
            (Turn::Lost, false) => write!(f, "no longer {tier}: {after}{comma}{before}"),
            (Turn::Gained, false) => write!(f, "{tier} {after}{comma}{before}"),
        }
    }
}

/// Why customers stay in their tier whom the policy after would put into another one at a first review, and how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StayReason {
    /// The tier under the policy after.
    pub tier: String,
    /// The tier that they qualify for under it.
    pub qualified: String,
    /// What gives them the other one.
    pub held: Held,
    /// How many customers stay for this reason.
    pub customers: u64,
}

impl fmt::Display for StayReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tier,
            qualified,
            held,
            ..
        } = self;
        write!(f, "{tier}: {held}, qualifies for {qualified}")
    }
}

/// Which rule of a tier the conditions of a cause are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Asked {
    Nothing,
    Entry,
    Keep,
}

/// Why one customer moves: positions of conditions, to be counted; texts are made of those that are left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cause {
    pub(super) from: TierId,
    pub(super) to: TierId,
    pub(super) turn: Turn,
    /// In the rule of the tier that decides, under each policy.
    pub(super) before: Vec<usize>,
    pub(super) after: Vec<usize>,
    /// Which rule that is.
    asked: [Asked; 2],
    held: [Option<Held>; 2],
}

/// Two policies, the tiers of each by name under the other.
pub(super) struct Sides<'e> {
    pub(super) before: &'e Engine,
    pub(super) after: &'e Engine,
    /// For each tier of the one, the same tier of the other.
    to_after: Vec<Option<TierId>>,
    to_before: Vec<Option<TierId>>,
}

impl<'e> Sides<'e> {
    pub(super) fn new(before: &'e Engine, after: &'e Engine) -> Self {
        // A tier of the one may replace a tier of the other.
        let named = |engine: &Engine, tier: TierId, name: &str| {
            let specs = &engine.policy.tiers.tiers;
            let spec = specs.get(place(engine, tier));
            spec.is_some_and(|spec| spec.replaces.iter().any(|old| old == name))
        };
        let same = |of: &'e Engine, other: &'e Engine| {
            let find = |(id, name): (TierId, &'e str)| {
                let replaces = |(tier, own): &(TierId, &'e str)| {
                    named(other, *tier, name) || named(of, id, own)
                };
                let replaced = || other.ladder.tiers().find(replaces).map(|(tier, _)| tier);
                other.ladder.tier(name).or_else(replaced)
            };
            of.ladder.tiers().map(find).collect()
        };
        Self {
            before,
            after,
            to_after: same(before, after),
            to_before: same(after, before),
        }
    }

    /// Whether a customer with these two tiers moves: they are not the same tier.
    pub(super) fn moves(&self, from: TierId, to: TierId) -> bool {
        self.to_after.get(from.ordinal()).copied().flatten() != Some(to)
    }

    /// The tier of the policy before under the one after, and the other way round.
    fn same(&self, from: TierId, to: TierId) -> [Option<TierId>; 2] {
        let lost = self.to_after.get(from.ordinal()).copied().flatten();
        let gained = self.to_before.get(to.ordinal()).copied().flatten();
        [lost, gained]
    }

    /// Why a customer moves, of whom this was found under each policy.
    pub(super) fn cause(&self, from: TierId, to: TierId, sides: [&Side<'_>; 2]) -> Cause {
        let rows = sides.map(|side| side.row);
        let held = sides.map(|side| side.held().map(|(held, _)| held));
        let (turn, held, asked) = match held {
            [None, None] => self.by_conditions(from, to, rows),
            _ => self.by_movement(from, to, rows, held),
        };
        let mut cause = Cause {
            from,
            to,
            turn,
            before: Vec::new(),
            after: Vec::new(),
            asked,
            held,
        };
        let [was, is] = self.rules(&cause);
        let [before, after] = rows;
        [cause.before, cause.after] =
            deciding(was.map(|rule| (rule, before)), is.map(|rule| (rule, after)));
        cause
    }

    /// Both tiers are those that the customer qualifies for.
    fn by_conditions(
        &self,
        from: TierId,
        to: TierId,
        [before, after]: [Row<'_>; 2],
    ) -> (Turn, [Option<Held>; 2], [Asked; 2]) {
        let [lost, gained] = self.same(from, to);
        let lost_rule = lost.and_then(|tier| self.after.ladder.rule(tier));
        let gained_rule = gained.and_then(|tier| self.before.ladder.rule(tier));
        let fails = |rule: Option<&Rule>, row| rule.is_some_and(|r| r.truth(row) != Truth::True);
        let (is_lost, is_gained) = (fails(lost_rule, after), fails(gained_rule, before));
        // Otherwise nothing changed but which tiers there are.
        let turn = if is_lost || !is_gained && gained.is_some() {
            Turn::Lost
        } else {
            Turn::Gained
        };
        let asked = match turn {
            // Held under both: the order of the tiers is another one, or something is remembered.
            Turn::Lost if lost.is_some() && !is_lost => Asked::Nothing,
            _ => Asked::Entry,
        };
        (turn, [None; 2], [asked; 2])
    }

    /// At least one of the tiers is held by something else.
    fn by_movement(
        &self,
        from: TierId,
        to: TierId,
        [before, after]: [Row<'_>; 2],
        [held_before, held_after]: [Option<Held>; 2],
    ) -> (Turn, [Option<Held>; 2], [Asked; 2]) {
        let [lost, gained] = self.same(from, to);
        let down = match (lost, gained) {
            (Some(lost), _) => to < lost,
            (None, Some(gained)) => gained < from,
            (None, None) => false,
        };
        let turn = if down { Turn::Lost } else { Turn::Gained };
        let holds = |rule: Option<&Rule>, row| rule.is_some_and(|r| r.truth(row) == Truth::True);
        let fails = |rule: Option<&Rule>, row| rule.is_some_and(|r| r.truth(row) != Truth::True);
        let only_if = |asked, decides| if decides { asked } else { Asked::Nothing };
        // Under the policy that has the tier: what gives it.
        let gives = |engine: &Engine, tier: Option<TierId>, row, held| {
            let entry = tier.and_then(|tier| engine.ladder.rule(tier));
            match held {
                Some(Held::Kept) => (held, Asked::Keep),
                Some(Held::PolicyChange) => (held, only_if(Asked::Entry, holds(entry, row))),
                Some(Held::Waiting) | None => (None, only_if(Asked::Entry, holds(entry, row))),
                Some(_) => (held, Asked::Nothing),
            }
        };
        // Under the other: what does not, or takes it; of who had it, the keep condition was asked.
        let refuses = |engine: &Engine, tier: Option<TierId>, row, held, other: Option<Held>| {
            let entry = tier.and_then(|tier| engine.ladder.rule(tier));
            let keep = tier.and_then(|tier| engine.ladder.keep_rule(tier));
            match held {
                Some(Held::Waiting | Held::Override) => (held, Asked::Nothing),
                Some(Held::PolicyChange) => (held, only_if(Asked::Entry, fails(entry, row))),
                _ if other.is_some_and(Held::keeps) => {
                    (None, only_if(Asked::Keep, fails(keep, row)))
                }
                _ => (None, only_if(Asked::Entry, fails(entry, row))),
            }
        };
        let (was, is) = match turn {
            Turn::Lost => (
                gives(self.before, Some(from), before, held_before),
                refuses(self.after, lost, after, held_after, held_before),
            ),
            Turn::Gained => (
                refuses(self.before, gained, before, held_before, held_after),
                gives(self.after, Some(to), after, held_after),
            ),
        };
        (turn, [was.0, is.0], [was.1, is.1])
    }

    /// The rules that the positions of a cause are of.
    pub(super) fn rules(&self, cause: &Cause) -> [Option<&Rule>; 2] {
        let [lost, gained] = self.same(cause.from, cause.to);
        let tiers = match cause.turn {
            Turn::Lost => [Some(cause.from), lost],
            Turn::Gained => [gained, Some(cause.to)],
        };
        let [before, after] = [self.before, self.after];
        let [was, is] = cause.asked;
        let rule = |engine: &'e Engine, tier: Option<TierId>, asked| match asked {
            Asked::Nothing => None,
            Asked::Entry => engine.ladder.rule(tier?),
            Asked::Keep => engine.ladder.keep_rule(tier?),
        };
        [rule(before, tiers[0], was), rule(after, tiers[1], is)]
    }

    pub(super) fn reason(&self, cause: &Cause, customers: u64) -> MoveReason {
        let [before, after] = self.rules(cause);
        let texts = |rule: Option<&Rule>, positions: &[usize]| {
            let text = |at: &usize| Some(rule?.condition_text(*at)?.to_owned());
            positions.iter().filter_map(text).collect()
        };
        MoveReason {
            from: self.before.ladder.name(cause.from).to_owned(),
            to: self.after.ladder.name(cause.to).to_owned(),
            turn: cause.turn,
            before: texts(before, &cause.before),
            after: texts(after, &cause.after),
            held_before: cause.held[0],
            held_after: cause.held[1],
            customers,
        }
    }
}

/// The conditions of two rules that decide, without those that are the same under both.
fn deciding(before: Option<(&Rule, Row<'_>)>, after: Option<(&Rule, Row<'_>)>) -> [Vec<usize>; 2] {
    let answered = [before, after].map(|side| side.map(|(rule, row)| (rule, rule.answered(row))));
    let [before, after] = &answered;
    let pick = |own: &Option<(&Rule, crate::rules::Answered)>,
                other: &Option<(&Rule, crate::rules::Answered)>| {
        let Some((rule, own)) = own else {
            return Vec::new();
        };
        let holds = own.truth == Truth::True;
        let decides: Vec<usize> = if holds {
            let answers = own.answers.iter().enumerate();
            answers
                .filter(|(_, truth)| **truth == Truth::True)
                .map(|(at, _)| at)
                .collect()
        } else {
            own.lacking.clone()
        };
        let same = |at: &usize| {
            let Some((other_rule, other)) = other else {
                return false;
            };
            let (text, truth) = (rule.condition_text(*at), own.answers.get(*at));
            (0..)
                .zip(&other.answers)
                .any(|(i, answer)| Some(answer) == truth && other_rule.condition_text(i) == text)
        };
        decides.iter().copied().filter(|at| !same(at)).collect()
    };
    [pick(before, after), pick(after, before)]
}

//! Which condition moved a customer from a tier of one policy to one of another.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rules::{Rule, Truth};
use crate::table::Row;
use crate::tiering::TierId;

use super::super::Engine;

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
/// ```
/// use customer_value::engine::simulate::{MoveReason, Turn};
///
/// let reason = MoveReason {
///     from: "member".to_owned(),
///     to: "gold".to_owned(),
///     turn: Turn::Gained,
///     before: vec!["spend >= 500".to_owned()],
///     after: vec!["spend >= 400".to_owned()],
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
    /// How many customers move for this reason.
    pub customers: u64,
}

impl fmt::Display for MoveReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (self.before.join(" and "), self.after.join(" and "));
        let (tier, now, was) = match self.turn {
            Turn::Lost => (&self.from, "needs", "was"),
            Turn::Gained => (&self.to, "by", "needed"),
        };
        match (self.turn, self.before.is_empty(), self.after.is_empty()) {
            (Turn::Lost, false, false) => {
                write!(f, "no longer {tier}: {now} {after}, {was} {before}")
            }
            (Turn::Lost, true, false) => write!(f, "no longer {tier}: {now} {after}"),
            (Turn::Lost, false, true) => write!(f, "no longer {tier}: {was} {before}"),
            (Turn::Gained, false, false) => write!(f, "{tier} {now} {after}, {was} {before}"),
            (Turn::Gained, true, false) => write!(f, "{tier} {now} {after}"),
            (Turn::Gained, false, true) => write!(f, "{tier} {was} {before}"),
            (Turn::Lost, true, true) => write!(f, "no longer {tier}, by no condition"),
            (Turn::Gained, true, true) => write!(f, "{tier} asks for nothing"),
        }
    }
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
        let same = |of: &Engine, other: &Engine| {
            let tiers = of.ladder.tiers();
            tiers.map(|(_, name)| other.ladder.tier(name)).collect()
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

    pub(super) fn cause(&self, from: TierId, to: TierId, rows: [Row<'_>; 2]) -> Cause {
        let [before, after] = rows;
        let lost = self.to_after.get(from.ordinal()).copied().flatten();
        let gained = self.to_before.get(to.ordinal()).copied().flatten();
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
        let rules = match turn {
            // Held under both: the order of the tiers is another one, or something is remembered.
            Turn::Lost if lost.is_some() && !is_lost => [None, None],
            Turn::Lost => [self.before.ladder.rule(from), lost_rule],
            Turn::Gained => [gained_rule, self.after.ladder.rule(to)],
        };
        let [was, is] = rules;
        let (was, is) = (was.map(|r| (r, before)), is.map(|r| (r, after)));
        let [before, after] = deciding(was, is);
        Cause {
            from,
            to,
            turn,
            before,
            after,
        }
    }

    /// The rules that the positions of a cause are of.
    pub(super) fn rules(&self, cause: &Cause) -> [Option<&Rule>; 2] {
        let rule = |engine: &'e Engine, tier: Option<TierId>| engine.ladder.rule(tier?);
        match cause.turn {
            Turn::Lost => {
                let lost = self.to_after.get(cause.from.ordinal()).copied().flatten();
                [rule(self.before, Some(cause.from)), rule(self.after, lost)]
            }
            Turn::Gained => {
                let gained = self.to_before.get(cause.to.ordinal()).copied().flatten();
                [rule(self.before, gained), rule(self.after, Some(cause.to))]
            }
        }
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

//! Why a customer is in a tier, and what is missing for the next.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::ladder::{Decision, Ladder, Reason, TierId};
use crate::rules::{Condition, Found, Mask, Truth};
use crate::table::Row;

/// The entry condition of one tier as it stands for one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierExplanation {
    /// The tier's name.
    pub tier: String,
    /// Whether its whole entry condition holds; always true for the base.
    pub truth: Truth,
    /// Its single conditions, in the order of the rule.
    pub conditions: Vec<Condition>,
}

/// What is missing for the next tier up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextTier {
    /// The next tier's name.
    pub tier: String,
    /// The conditions that keep the customer out of it, each with its distance; of an `or`, every alternative that can be
    /// followed (not to be unknown).
    pub missing: Vec<Condition>,
}

/// A decision with everything it rests on: the same walk, remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The tier's name.
    pub tier: String,
    /// What people call the tier, if the name is a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the decision rests on.
    pub reason: Reason,
    /// The highest tier above that could not be judged because something is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<String>,
    /// Every tier with its conditions, best first.
    pub tiers: Vec<TierExplanation>,
    /// What is missing for the next tier up; `None` at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextTier>,
}

impl Explanation {
    /// The decision in one line.
    ///
    /// The conditions that hold, as in `A: spend 812.50 >= 500, days_since_last 12 <= 90`; for the base tier, what is
    /// missing for the next, as in `C: B needs spend >= 100, it is 12.50 (87.50 more)`.
    #[must_use]
    pub fn reason(&self) -> String {
        let mut line = format!("{}: ", self.tier);
        let held = self.tiers.iter().find(|t| t.tier == self.tier);
        match (self.reason, held, &self.next) {
            (Reason::Entry, Some(held), _) => {
                let held = held.conditions.iter().filter(|c| c.truth == Truth::True);
                join(&mut line, held);
            }
            (Reason::Base, _, Some(next)) => {
                let _ = write!(line, "{} needs ", next.tier);
                lack(&mut line, &next.missing);
            }
            _ => line.push_str("everybody"),
        }
        line
    }
}

fn join<'a>(line: &mut String, conditions: impl Iterator<Item = &'a Condition>) {
    let mut first = true;
    for condition in conditions {
        // Writing to a string cannot fail.
        let _ = write!(line, "{}{condition}", if first { "" } else { ", " });
        if let Some(change) = condition.change() {
            let _ = write!(line, " ({change})");
        }
        first = false;
    }
    if first {
        line.push_str("no condition");
    }
}

/// What is asked for, and what is there instead.
fn lack(line: &mut String, missing: &[Condition]) {
    for (i, condition) in missing.iter().enumerate() {
        let found = match condition.found {
            Found::Missing => "not known".to_owned(),
            _ => condition.found.text(condition.unit),
        };
        let comma = if i == 0 { "" } else { "; " };
        let _ = write!(line, "{comma}{}, it is {found}", condition.text);
        if let Some(change) = condition.change() {
            let _ = write!(line, " ({change})");
        }
    }
    if missing.is_empty() {
        line.push_str("no condition");
    }
}

/// Without alternatives of the form "be unknown" where something is known: nobody can follow that, unless there is nothing
/// else.
fn advisable(missing: Vec<Condition>) -> Vec<Condition> {
    let idle = |c: &Condition| c.found != Found::Missing && c.text.ends_with(" is missing");
    if missing.iter().all(idle) {
        return missing;
    }
    missing.into_iter().filter(|c| !idle(c)).collect()
}

impl Ladder {
    /// What a row lacks for the tier above another one.
    pub(crate) fn next_above(&self, tier: TierId, row: Row<'_>) -> Option<NextTier> {
        let above = TierId::at(tier.ordinal() + 1)?;
        let explained = self.entry_rule(above)?.explained(row);
        Some(NextTier {
            tier: self.name(above).to_owned(),
            missing: if explained.truth == Truth::True {
                Vec::new()
            } else {
                advisable(explained.lacking())
            },
        })
    }

    /// The decision about one customer with every condition of every tier.
    #[must_use]
    pub fn explain(&self, row: Row<'_>) -> Explanation {
        let mut explained: Vec<_> = self
            .rungs()
            .iter()
            .map(|rung| rung.rule.as_ref().map(|rule| rule.explained(row)))
            .collect();
        let mut out = [Decision::default()];
        self.settle(&mut out, |_, position| {
            let truth = explained
                .get(position)
                .and_then(Option::as_ref)
                .map(|e| e.truth);
            Mask {
                yes: u64::from(truth == Some(Truth::True)),
                no: u64::from(truth == Some(Truth::False)),
            }
        });
        let [decision] = out;

        let position = (self.len() - 1).saturating_sub(decision.tier.ordinal());
        let next = position.checked_sub(1).and_then(|above| {
            let rung = self.rungs().get(above)?;
            let explained = explained.get(above)?.as_ref()?;
            let missing: Vec<Condition> = explained
                .lacking
                .iter()
                .filter_map(|i| explained.conditions.get(*i).cloned())
                .collect();
            Some(NextTier {
                tier: rung.name.clone(),
                missing: advisable(missing),
            })
        });
        let tiers = self
            .rungs()
            .iter()
            .zip(&mut explained)
            .map(|(rung, explained)| TierExplanation {
                tier: rung.name.clone(),
                truth: explained.as_ref().map_or(Truth::True, |e| e.truth),
                conditions: explained
                    .as_mut()
                    .map_or_else(Vec::new, |e| std::mem::take(&mut e.conditions)),
            })
            .collect();
        let label = self.label(decision.tier);
        let tier = self.name(decision.tier);
        Explanation {
            label: (label != tier).then(|| label.to_owned()),
            tier: tier.to_owned(),
            reason: decision.reason,
            undecided: decision.undecided.map(|tier| self.name(tier).to_owned()),
            tiers,
            next,
        }
    }
}

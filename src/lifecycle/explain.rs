//! Why a customer is in a stage: the transitions of a review with their conditions.

use serde::{Deserialize, Serialize};

use super::machine::{Lifecycle, Position};
use crate::model::Day;
use crate::rules::Condition;
use crate::rules::language::{Phrase, Words};
use crate::table::Row;

/// One transition that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// The stage it led away from.
    pub from: String,
    /// The stage it led to.
    pub to: String,
    /// From which day that stage holds.
    pub since: Day,
    /// Why.
    pub why: String,
    /// Where its guard is in the policy, such as `lifecycle.transitions[3].when`.
    pub place: String,
    /// The guard in canonical text.
    pub rule: String,
    /// The guard's conditions as they stand for this customer.
    pub conditions: Vec<Condition>,
}

/// One review of a customer's stage with everything it rests on: the same walk, remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageExplanation {
    /// The stage after the review.
    pub stage: String,
    /// From which day.
    pub since: Day,
    /// The highest stage ever reached.
    pub high_water: String,
    /// The transitions that were made, in order; empty if the customer has not moved.
    pub taken: Vec<Taken>,
}

impl StageExplanation {
    /// Every line of it, each with how far it is indented.
    pub(crate) fn say_lines(&self, words: &Words<'_>, mut line: impl FnMut(usize, String)) {
        line(
            0,
            words.say(&Phrase::Stage {
                stage: &self.stage,
                since: self.since,
                high_water: &self.high_water,
            }),
        );
        for taken in &self.taken {
            let moved = words.say(&Phrase::Moved {
                from: &taken.from,
                to: &taken.to,
                since: taken.since,
                why: &taken.why,
            });
            let rule = words.say(&Phrase::ByRule {
                place: &taken.place,
                rule: &taken.rule,
            });
            line(1, words.with(&moved, &rule));
            for condition in &taken.conditions {
                line(2, words.judged(condition));
            }
        }
    }

    /// Every condition in it, to say more about its column.
    pub(crate) fn conditions_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        self.taken
            .iter_mut()
            .flat_map(|taken| &mut taken.conditions)
    }
}

impl Lifecycle {
    /// Reviews one customer on a day and tells every transition that was made.
    #[must_use]
    pub fn explain(&self, row: Row<'_>, as_of: Day, current: Option<Position>) -> StageExplanation {
        let guards = self.guards(row.table(), row.index(), 1);
        let mut path = Vec::new();
        let step = self.follow(row, as_of, current, &guards, 0, |id, since| {
            path.push((id, since));
        });
        if step.by.is_none() {
            path.clear();
        }
        let mut from = current.map_or(self.start(), |position| position.stage);
        let taken = path
            .into_iter()
            .filter_map(|(id, since)| {
                let transition = self.transitions().get(id.index())?;
                let left = std::mem::replace(&mut from, transition.to);
                Some(Taken {
                    from: self.name(left).to_owned(),
                    to: self.name(transition.to).to_owned(),
                    since,
                    why: transition.why.clone(),
                    place: transition.rule.place().to_owned(),
                    rule: transition.rule.text().to_owned(),
                    conditions: transition.rule.explain(row),
                })
            })
            .collect();
        StageExplanation {
            stage: self.name(step.position.stage).to_owned(),
            since: step.position.since,
            high_water: self.name(step.position.high_water).to_owned(),
            taken,
        }
    }
}

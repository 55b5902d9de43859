//! Why a customer is in a stage: the transitions of a review with their conditions.

use serde::{Deserialize, Serialize};

use super::machine::Lifecycle;
use super::parts::{Date, Stage, Transition};
use super::position::{Position, StageId, TransitionId};
use crate::diagnostic::{Diagnostics, Place};
use crate::model::Day;
use crate::rules::language::{FramePhrase, StagePhrase, Words};
use crate::rules::{Condition, Rule, column};
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
    /// Where it is in the policy: its guard, such as `lifecycle.transitions[3].when`, or itself if it has none.
    pub place: String,
    /// What it asked for: the guard in canonical text, with what it takes to leave the one stage and to enter the other,
    /// then days.
    pub rule: String,
    /// The conditions of all that as they stand for this customer.
    pub conditions: Vec<Condition>,
    /// What the host does about it: what the stage that was left asks for, the transition, and the stage that was entered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
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
            words.say(StagePhrase::Line {
                stage: &self.stage,
                since: self.since,
                high_water: &self.high_water,
            }),
        );
        for taken in &self.taken {
            let moved = words.say(StagePhrase::Moved {
                from: &taken.from,
                to: &taken.to,
                since: taken.since,
                why: &taken.why,
            });
            let rule = words.say(FramePhrase::ByRule {
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
        let taken = path.into_iter().filter_map(|(id, since)| {
            let left = from;
            from = self.transitions().get(id.index())?.to;
            self.told(row, as_of, left, (id, since))
        });
        StageExplanation {
            taken: taken.collect(),
            stage: self.name(step.position.stage).to_owned(),
            since: step.position.since,
            high_water: self.name(step.position.high_water).to_owned(),
        }
    }

    /// The transitions of one review, with their actions, for a customer who was at `current` before it; empty if the
    /// customer has not moved.
    #[must_use]
    pub fn taken(&self, row: Row<'_>, as_of: Day, current: Option<Position>) -> Vec<Taken> {
        self.explain(row, as_of, current).taken
    }

    fn told(
        &self,
        row: Row<'_>,
        as_of: Day,
        from: StageId,
        (id, since): (TransitionId, Day),
    ) -> Option<Taken> {
        let transition = self.transitions().get(id.index())?;
        let (left, entered) = self.ends(from, transition)?;
        let rules = [&transition.when, &left.leave, &entered.enter];
        let rules: Vec<&Rule> = rules.into_iter().flatten().collect();
        let place = match &transition.when {
            Some(when) => when.place().to_owned(),
            None => format!("lifecycle.transitions[{}]", id.index()),
        };
        let quiet = transition.timers.quiet;
        let quiet = quiet.and_then(|quiet| silence(row, quiet, as_of, &place));
        let conditions = rules.iter().copied().chain(&quiet);
        let actions = [&left.on_leave, &transition.actions, &entered.on_enter];
        Some(Taken {
            from: left.name.clone(),
            to: entered.name.clone(),
            since,
            why: transition.why.clone(),
            rule: asked(&rules, &transition.days),
            conditions: conditions.flat_map(|rule| rule.explain(row)).collect(),
            place,
            actions: actions.into_iter().flatten().cloned().collect(),
        })
    }

    fn ends(&self, from: StageId, transition: &Transition) -> Option<(&Stage, &Stage)> {
        let at = |stage: StageId| self.parts().get(stage.index());
        at(from).zip(at(transition.to))
    }
}

/// What a transition asks for between two stages, in words: conditions that all have to be true, and days.
fn asked(rules: &[&Rule], days: &str) -> String {
    let guards = match rules {
        [only] => only.text().to_owned(),
        rules => {
            let several: Vec<String> = rules.iter().map(|rule| in_parentheses(rule)).collect();
            several.join(" and ")
        }
    };
    let parts = [guards.as_str(), days];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn in_parentheses(rule: &Rule) -> String {
    match rule.text() {
        text if text.contains(" or ") => format!("({text})"),
        text => text.to_owned(),
    }
}

/// That nothing happened for so long, as a condition on the date.
fn silence(row: Row<'_>, quiet: Date, as_of: Day, place: &str) -> Option<Rule> {
    let schema = row.table().schema();
    let date = column(schema.field(quiet.slot)?.name());
    let condition = match row.number(quiet.slot) {
        None => date.is_missing(),
        Some(_) => date.le(as_of.minus(quiet.plus)),
    };
    condition.bind(schema, &Place::at(place), &mut Diagnostics::new())
}

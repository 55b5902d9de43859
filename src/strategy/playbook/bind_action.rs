//! The checks of a playbook's actions.

use super::bind::Binder;
use super::plan::{Action, Date, Trigger};
use super::spec::{ActionSpec, TriggerSpec};
use crate::diagnostic::{Code, Diagnostic};
use crate::lifecycle::win_back::{Response, response};
use crate::model::{CostCategory, Days, Unit};
use crate::table::Slot;

/// How long an action of a date is due, if the policy does not say.
const ON_THE_DAY: Days = Days::new(1);

impl Binder<'_> {
    pub(super) fn action(&mut self, i: usize) -> Option<Action> {
        let spec = self.spec;
        let action = spec.actions.get(i)?;
        let field = |name: &str| format!("actions[{i}].{name}");
        let before = spec.actions.iter().take(i).map(|a| a.name.as_str());
        self.name("action", &action.name, before, &field("name"));
        let channel = self.channel(&action.channel, &field("channel"));
        let trigger = self.trigger(&action.trigger, &field("trigger"));
        let within = self.within(action, &field("within"));
        let cost = self.amount(action.cost, &field("cost"), "cost");
        let worth = self.worth(action, i);
        if let Some(days) = action.cool_down {
            self.at_least(days, 0, &field("cool_down"));
        }
        let mut groups = spec.actions.iter().filter_map(|a| a.group.as_ref());
        let group = match &action.group {
            Some(group) if group.trim().is_empty() => {
                let message = "the name of this group is empty";
                self.error(Code::InvalidName, &field("group"), message);
                None
            }
            Some(group) => groups.position(|other| other == group),
            None => None,
        };
        Some(Action {
            name: action.name.clone(),
            channel: channel?,
            trigger: trigger?,
            within,
            cost,
            category: action.category.clone().unwrap_or(CostCategory::Marketing),
            worth,
            cool_down: action.cool_down.unwrap_or_default(),
            priority: action.priority,
            group,
            owed: action.service || spec.floor.actions.contains(&action.name),
        })
    }

    fn trigger(&mut self, trigger: &TriggerSpec, field: &str) -> Option<Trigger> {
        let names = self.names;
        Some(match trigger {
            TriggerSpec::Cadence => Trigger::Cadence,
            TriggerSpec::Every(days) => {
                self.at_least(*days, 1, &format!("{field}.every"));
                Trigger::Every(*days)
            }
            TriggerSpec::Anniversary { date, offset } => {
                Trigger::Anniversary(self.date(date, *offset, &format!("{field}.anniversary"))?)
            }
            TriggerSpec::Date { date, offset } => {
                Trigger::Date(self.date(date, *offset, &format!("{field}.date"))?)
            }
            TriggerSpec::Stage { stage, offset } => {
                self.at_least(*offset, 0, &format!("{field}.stage.offset"));
                let place = format!("{field}.stage.stage");
                Trigger::Stage {
                    stage: self.known("stage", stage, names.stages, &place)?,
                    offset: *offset,
                }
            }
            TriggerSpec::Rule(rule) => {
                let place = Self::place(&format!("{field}.rule"));
                Trigger::Rule(rule.bind(self.schema, &place, self.problems)?)
            }
        })
    }

    fn date(&mut self, name: &str, offset: Days, field: &str) -> Option<Date> {
        Some(Date {
            column: name.to_owned(),
            slot: self.column(name, Unit::Date, &format!("{field}.date"))?,
            offset,
        })
    }

    fn within(&mut self, action: &ActionSpec, field: &str) -> Option<Days> {
        let of_cadence = matches!(action.trigger, TriggerSpec::Cadence | TriggerSpec::Every(_));
        let of_date = matches!(
            action.trigger,
            TriggerSpec::Anniversary { .. } | TriggerSpec::Date { .. }
        );
        if let Some(within) = action.within {
            self.at_least(within, 1, field);
            if of_cadence {
                let message = "a cadence is due until there is a contact";
                let problem = Diagnostic::error(Code::Conflict, Self::place(field), message);
                self.problems.push(problem.help("leave it out"));
            }
        }
        action.within.or(of_date.then_some(ON_THE_DAY))
    }

    fn worth(&mut self, action: &ActionSpec, i: usize) -> Option<(Response, Slot)> {
        let field = |name: &str| format!("actions[{i}].{name}");
        let slot = action
            .value
            .as_ref()
            .and_then(|name| self.column(name, Unit::Money, &field("value")));
        let share = action.response.and_then(response);
        match action.response {
            Some(written) if share.is_none() => {
                let message = format!("a response of {written} is not above 0 and at most 1");
                let place = Self::place(&field("response"));
                let mut problem = Diagnostic::error(Code::Range, place, message);
                if written > 1.0 && written <= 100.0 {
                    let help = format!("{written} % is written `{}`", written / 100.0);
                    problem = problem.help(help);
                }
                self.problems.push(problem);
            }
            Some(_) if action.value.is_none() => {
                let message = "a response says nothing without a value";
                let place = Self::place(&field("response"));
                let problem = Diagnostic::error(Code::Missing, place, message);
                self.problems
                    .push(problem.help("name a column of money in `value`"));
            }
            None if action.value.is_some() => {
                let message = "a value says nothing without a response";
                let place = Self::place(&field("value"));
                let problem = Diagnostic::error(Code::Missing, place, message);
                let help = "say in `response` which share answers";
                self.problems.push(problem.help(help));
            }
            _ => {}
        }
        Some((share?, slot?))
    }
}

//! Names to columns, and the checks of the surveys.

use super::complaints::{ComplaintTargets, ComplaintsSpec};
use super::due::{Survey, Surveys, Trigger};
use super::spec::{SurveySpec, SurveysSpec, TriggerSpec};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{Day, Days, Weekday};
use crate::rules::{Expr, Rule};
use crate::table::Schema;

/// For how many days a survey can be asked after an event, if the policy does not say.
const WITHIN: Days = Days::new(14);

impl SurveysSpec {
    /// Binds the section to the columns of a schema, or reports everything that is wrong with it, at places such as
    /// `surveys.ask[1].cadence`. `None` if there was an error.
    ///
    /// Reported are everything [`Expr::bind`] reports, a section without a survey and without complaints, names and topics
    /// that are empty or names there twice, a cadence, a `within` or a cap below one day or one invitation, days after an event below zero, a
    /// sample that is not above 0 and at most 1, days listed twice, a week without a day to ask on, and complaints
    /// without a target.
    pub fn bind(&self, schema: &Schema, diagnostics: &mut Diagnostics) -> Option<Surveys> {
        let before = diagnostics.len();
        let mut binder = Binder {
            schema,
            problems: diagnostics,
        };
        let consent = binder.rule(self.consent.as_ref(), "consent");
        if let Some(cap) = &self.cap {
            if cap.invitations == 0 {
                binder.help(
                    Code::Range,
                    "cap.invitations",
                    "a cap of 0 invitations lets nobody be asked".to_owned(),
                    "leave out what is not to be asked".to_owned(),
                );
            }
            binder.at_least(cap.within, 1, "cap.within");
        }
        binder.once(&self.quiet_weekdays, "quiet_weekdays");
        binder.once(&self.quiet_days, "quiet_days");
        let mut week = self.quiet_weekdays.clone();
        week.sort_unstable();
        week.dedup();
        if week.len() == 7 {
            let message = "every day of the week is quiet".to_owned();
            binder.error(Code::Never, "quiet_weekdays", message);
        }
        if self.ask.is_empty() && self.complaints.is_none() {
            let message = "there is no survey".to_owned();
            binder.error(Code::Missing, "ask", message);
        }
        let ask: Vec<Option<Survey>> = (0..self.ask.len())
            .map(|i| binder.survey(&self.ask, i))
            .collect();
        let complaints = self.complaints.as_ref().map(|spec| binder.complaints(spec));
        let failed = diagnostics
            .iter()
            .skip(before)
            .any(|d| d.severity == Severity::Error);
        if failed {
            return None;
        }
        let mut quiet_days = self.quiet_days.clone();
        quiet_days.sort_unstable();
        Some(Surveys {
            consent: consent?,
            cap: self.cap,
            quiet_weekdays: week,
            quiet_days,
            ask: ask.into_iter().collect::<Option<Vec<_>>>()?,
            complaints: match complaints {
                Some(targets) => Some(targets?),
                None => None,
            },
        })
    }
}

struct Binder<'a> {
    schema: &'a Schema,
    problems: &'a mut Diagnostics,
}

impl Binder<'_> {
    fn error(&mut self, code: Code, field: &str, message: String) {
        let place = Place::at(format!("surveys.{field}"));
        self.problems.push(Diagnostic::error(code, place, message));
    }

    fn help(&mut self, code: Code, field: &str, message: String, help: String) {
        let place = Place::at(format!("surveys.{field}"));
        let problem = Diagnostic::error(code, place, message);
        self.problems.push(problem.help(help));
    }

    fn at_least(&mut self, days: Days, least: i32, field: &str) {
        if days.get() < least {
            let message = format!("`{days}` is less than {}", Days::new(least));
            self.error(Code::Range, field, message);
        }
    }

    /// The rule if there is one; `None` if it does not bind.
    #[allow(clippy::option_option)] // no rule is not a broken one
    fn rule(&mut self, rule: Option<&Expr>, field: &str) -> Option<Option<Rule>> {
        let place = Place::at(format!("surveys.{field}"));
        match rule {
            Some(rule) => Some(Some(rule.bind(self.schema, &place, self.problems)?)),
            None => Some(None),
        }
    }

    fn once<T: PartialEq + std::fmt::Display>(&mut self, list: &[T], field: &str) {
        for (i, one) in list.iter().enumerate() {
            if list.iter().take(i).any(|other| other == one) {
                let message = format!("`{one}` is there twice");
                self.error(Code::DuplicateName, &format!("{field}[{i}]"), message);
            }
        }
    }

    fn survey(&mut self, all: &[SurveySpec], i: usize) -> Option<Survey> {
        let spec = all.get(i)?;
        let field = |name: &str| format!("ask[{i}].{name}");
        if spec.name.trim().is_empty() {
            let message = "a survey has no name".to_owned();
            self.error(Code::InvalidName, &field("name"), message);
        } else if all.iter().take(i).any(|other| other.name == spec.name) {
            let message = format!("there are two surveys named `{}`", spec.name);
            self.error(Code::DuplicateName, &field("name"), message);
        }
        if spec.topic.as_ref().is_some_and(|t| t.trim().is_empty()) {
            let message = "the topic is empty".to_owned();
            let help = "leave it out if there is none".to_owned();
            self.help(Code::InvalidName, &field("topic"), message, help);
        }
        self.at_least(spec.cadence, 1, &field("cadence"));
        let when = self.rule(spec.when.as_ref(), &field("when"));
        let trigger = spec.trigger.map(|trigger| self.trigger(trigger, i));
        let sample = spec.sample.unwrap_or(1.0);
        if !(sample > 0.0 && sample <= 1.0) {
            let message = format!("a sample of {sample} is not above 0 and at most 1");
            if sample > 1.0 && sample <= 100.0 {
                let help = format!("{sample} % is written `{}`", sample / 100.0);
                self.help(Code::Range, &field("sample"), message, help);
            } else {
                self.error(Code::Range, &field("sample"), message);
            }
        }
        Some(Survey {
            name: spec.name.clone(),
            instrument: spec.instrument,
            topic: spec.topic.as_ref().map(|topic| topic.trim().to_owned()),
            cadence: spec.cadence,
            when: when?,
            trigger,
            sample,
            priority: spec.priority,
        })
    }

    fn trigger(&mut self, spec: TriggerSpec, i: usize) -> Trigger {
        let within = spec.within.unwrap_or(WITHIN);
        self.at_least(spec.days, 0, &format!("ask[{i}].trigger.days"));
        self.at_least(within, 1, &format!("ask[{i}].trigger.within"));
        Trigger {
            after: spec.after,
            days: spec.days,
            within,
        }
    }

    fn complaints(&mut self, spec: &ComplaintsSpec) -> Option<ComplaintTargets> {
        if spec.within.is_none() && spec.targets.is_empty() {
            let message = "complaints have no target".to_owned();
            let help = "write something like `within = \"5 business days\"`".to_owned();
            self.help(Code::Missing, "complaints.within", message, help);
        }
        self.once(&spec.holidays, "complaints.holidays");
        let targets: Vec<_> = (spec.targets.iter().enumerate())
            .map(|(i, target)| {
                let field = format!("complaints.targets[{i}].when");
                let when = self.rule(Some(&target.when), &field)??;
                Some((when, target.within))
            })
            .collect();
        let mut holidays: Vec<Day> = (spec.holidays.iter().copied())
            .filter(|day| Weekday::of(*day) < Weekday::Saturday)
            .collect();
        holidays.sort_unstable();
        Some(ComplaintTargets {
            within: spec.within,
            targets: targets.into_iter().collect::<Option<Vec<_>>>()?,
            holidays,
        })
    }
}

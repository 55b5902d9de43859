//! Who is due for what, and who is not and why.

use std::cmp::Reverse;

use super::complaints::ComplaintTargets;
use super::outcome::{Because, Due, Invitation, Suppressed, Suppression, SurveyList};
use super::spec::{CapSpec, TriggerEvent};
use crate::Error;
use crate::model::{CustomerId, Day, Days, SurveyInstrument, Weekday, chance};
use crate::rules::{Cut, PopulationCondition, Rule, Truth, freeze_all};
use crate::table::Row;

/// The surveys of a policy, bound to a schema: they decide, and cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Surveys {
    pub(super) consent: Option<Rule>,
    pub(super) cap: Option<CapSpec>,
    pub(super) quiet_weekdays: Vec<Weekday>,
    /// In ascending order.
    pub(super) quiet_days: Vec<Day>,
    pub(super) ask: Vec<Survey>,
    pub(super) complaints: Option<ComplaintTargets>,
}

/// One survey of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    pub(super) name: String,
    pub(super) instrument: SurveyInstrument,
    pub(super) topic: Option<String>,
    pub(super) cadence: Days,
    pub(super) when: Option<Rule>,
    pub(super) trigger: Option<Trigger>,
    pub(super) sample: f64,
    pub(super) priority: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trigger {
    pub after: TriggerEvent,
    pub days: Days,
    pub within: Days,
}

/// What is known of one customer when it is asked who is due.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The customer; each comes once.
    pub id: &'a CustomerId,
    /// The row of the review.
    pub row: Row<'a>,
    /// The days with a purchase, in any order; those after the day do not count.
    pub purchases: &'a [Day],
    /// The days on which a complaint was settled, in any order; those after the day do not count.
    pub resolved: &'a [Day],
    /// Since when the customer is in the present stage.
    pub stage_since: Option<Day>,
    /// All invitations of this customer as far as they are known, in any order, later ones too; those of others do not count.
    pub invitations: &'a [&'a Invitation],
}

impl<'a> Candidate<'a> {
    /// A customer of whom no purchase, complaint, stage or invitation is known.
    #[must_use]
    pub fn new(id: &'a CustomerId, row: Row<'a>) -> Self {
        Self {
            id,
            row,
            purchases: &[],
            resolved: &[],
            stage_since: None,
            invitations: &[],
        }
    }

    /// The latest event that is at least so many days ago.
    fn latest(&self, event: TriggerEvent, day: Day, ago: Days) -> Option<Day> {
        let stage = self.stage_since.as_slice();
        let events = match event {
            TriggerEvent::Purchase => self.purchases,
            TriggerEvent::Resolved => self.resolved,
            TriggerEvent::Stage => stage,
        };
        let past = events.iter().filter(|on| (day - **on).get() >= ago.get());
        past.max().copied()
    }
}

impl Survey {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is asked.
    #[must_use]
    pub fn instrument(&self) -> SurveyInstrument {
        self.instrument
    }

    /// What it is asked about; `None` if it is about nothing in particular.
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        self.topic.as_deref()
    }

    /// Whether a customer is in the sample.
    #[must_use]
    pub fn is_sampled(&self, customer: &CustomerId) -> bool {
        chance(&self.name, customer) < self.sample
    }

    /// Why it is to be asked, leaving aside what stands against it, and the first day of doing so; `None` if it is not.
    fn wanted(&self, candidate: &Candidate<'_>, day: Day) -> Option<(Because, Option<Day>)> {
        let holds = |rule: &Rule| rule.truth(candidate.row) == Truth::True;
        if !self.when.as_ref().is_none_or(holds) {
            return None;
        }
        let Some(trigger) = self.trigger else {
            let last = own(candidate).filter(|one| one.survey == self.name && one.day < day);
            let because = match last.map(|one| one.day).max() {
                Some(last) => Because::Again { last },
                None => Because::First,
            };
            return Some((because, None));
        };
        let on = candidate.latest(trigger.after, day, trigger.days)?;
        // Not negative: the event is at least so many days ago.
        let open = (day - on).get() - trigger.days.get();
        let event = trigger.after;
        (open < trigger.within.get()).then(|| {
            let ready = on.plus(trigger.days);
            (Because::After { event, on }, Some(ready))
        })
    }

    /// What stands against asking it, of the customer's own invitations to it.
    fn repeated(
        &self,
        candidate: &Candidate<'_>,
        day: Day,
        ready: Option<Day>,
    ) -> Option<Suppression> {
        let mut days: Vec<Day> = own(candidate)
            .filter(|one| one.survey == self.name)
            .map(|one| one.day)
            .collect();
        days.sort_unstable();
        if let Some(ready) = ready
            && let Some(on) = days.iter().find(|on| **on >= ready)
        {
            return Some(Suppression::Asked { on: *on });
        }
        let near = |a: Day, b: Day| (a - b).get().abs() < self.cadence.get();
        let mut until = day;
        for on in &days {
            if near(until, *on) {
                until = on.plus(self.cadence);
            }
        }
        days.iter()
            .any(|on| near(day, *on))
            .then_some(Suppression::Cadence { until })
    }
}

/// The invitations of the customer.
fn own<'a>(candidate: &Candidate<'a>) -> impl Iterator<Item = &'a Invitation> {
    let id = candidate.id;
    let all = candidate.invitations.iter().copied();
    all.filter(move |one| one.customer == *id)
}

/// Whether one more invitation on a day leaves every run of days with at most as many as it may have, that has the day in it;
/// `days` in ascending order.
fn fits(cap: CapSpec, days: &[Day], day: Day) -> bool {
    let inside = |from: Day, on: Day| on >= from && (on - from).get() < cap.within.get();
    // A run that has the most of them begins with an invitation.
    let starts = days.iter().copied().chain([day]);
    let mut runs = starts.filter(|from| inside(*from, day));
    let most = usize::try_from(cap.invitations).unwrap_or(usize::MAX);
    runs.all(|from| days.iter().filter(|on| inside(from, **on)).count() < most)
}

impl Surveys {
    /// The surveys, in the order of the policy.
    #[must_use]
    pub fn surveys(&self) -> &[Survey] {
        &self.ask
    }

    /// The survey of a name.
    #[must_use]
    pub fn survey(&self, name: &str) -> Option<&Survey> {
        self.ask.iter().find(|survey| survey.name == name)
    }

    /// By when complaints are to be settled, if the policy says so.
    #[must_use]
    pub fn complaints(&self) -> Option<&ComplaintTargets> {
        self.complaints.as_ref()
    }

    /// The conditions that need the population: of `consent`, of the surveys, and of the targets of complaints.
    #[must_use]
    pub fn population(&self) -> Vec<PopulationCondition> {
        let asked = self.ask.iter().filter_map(|survey| survey.when.as_ref());
        let targets = self.complaints.iter().flat_map(|c| &c.targets);
        let rules = self.consent.iter().chain(asked);
        let rules = rules.chain(targets.map(|(rule, _)| rule));
        rules.flat_map(Rule::population).copied().collect()
    }

    /// Gives each of the [`population`](Self::population) conditions its cut, in the same order.
    ///
    /// # Errors
    /// There are not as many cuts as conditions (`is_misuse`); nothing is changed then.
    pub fn freeze(&mut self, cuts: &[Cut]) -> Result<(), Error> {
        let asked = self.ask.iter_mut().filter_map(|s| s.when.as_mut());
        let targets = self.complaints.iter_mut().flat_map(|c| &mut c.targets);
        let rules = self.consent.iter_mut().chain(asked);
        freeze_all(rules.chain(targets.map(|(rule, _)| rule)), cuts)
    }

    /// Whether nobody is asked on a day.
    #[must_use]
    pub fn is_quiet(&self, day: Day) -> bool {
        self.quiet_days.binary_search(&day).is_ok()
            || self.quiet_weekdays.contains(&Weekday::of(day))
    }

    /// Who of some customers is to be asked what on a day, and who is not and why. A customer whom a survey is not for, or for
    /// whom nothing triggers it, is in neither.
    ///
    /// The order in which the customers come does not matter.
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::model::CustomerId;
    /// use customer_value::strategy::surveys::{Candidate, Invitation, SurveysSpec};
    /// use customer_value::table::{Schema, Table};
    ///
    /// let spec: SurveysSpec = toml::from_str(r#"
    ///     cap = { invitations = 2, within = "90 days" }
    ///     ask = [
    ///         { name = "relationship", instrument = "nps", cadence = "180 days" },
    ///         { name = "checkout", instrument = "csat", cadence = "30 days", priority = 1, trigger = { after = "purchase", days = "7 days" } },
    ///     ]
    /// "#)?;
    /// let mut problems = Diagnostics::new();
    /// let surveys = spec.bind(&Schema::new(), &mut problems).ok_or(problems)?;
    ///
    /// let table = Table::new(Schema::new(), 2);
    /// let (one, two) = (CustomerId::from(1), CustomerId::from(2));
    /// let bought = ["2024-03-01".parse()?];
    /// let before = Invitation::new(2, "2024-01-15".parse()?, "relationship");
    /// let customers = [
    ///     Candidate { purchases: &bought, ..Candidate::new(&one, table.row(0)) },
    ///     Candidate { invitations: &[&before], ..Candidate::new(&two, table.row(1)) },
    /// ];
    /// let list = surveys.due(customers, "2024-03-08".parse()?);
    /// assert_eq!(list.due[0].to_string(), "1: checkout, after a purchase on 2024-03-01");
    /// let said: Vec<String> = list.suppressed.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, [
    ///     "1: not relationship, checkout comes first",
    ///     "2: not relationship, not to be asked again before 2024-07-13",
    /// ]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn due<'a>(
        &self,
        customers: impl IntoIterator<Item = Candidate<'a>>,
        day: Day,
    ) -> SurveyList {
        let mut list = SurveyList {
            day,
            due: Vec::new(),
            suppressed: Vec::new(),
        };
        let quiet = self.is_quiet(day);
        for candidate in customers {
            self.ask(&candidate, day, quiet, &mut list);
        }
        list.due.sort_by(|a, b| a.customer.cmp(&b.customer));
        // Those of one customer come in the order of the policy.
        list.suppressed.sort_by(|a, b| a.customer.cmp(&b.customer));
        list
    }

    fn ask(&self, candidate: &Candidate<'_>, day: Day, quiet: bool, list: &mut SurveyList) {
        let wanted: Vec<(&Survey, Because, Option<Day>)> = (self.ask.iter())
            .filter_map(|survey| {
                let (because, ready) = survey.wanted(candidate, day)?;
                Some((survey, because, ready))
            })
            .collect();
        if wanted.is_empty() {
            return;
        }
        let everywhere = self.barred(candidate);
        let crowded = self.crowded(candidate, day);
        let today = own(candidate).filter(|one| one.day == day).min();
        let states: Vec<Option<Suppression>> = wanted
            .iter()
            .map(|(survey, _, ready)| {
                if let Some(why) = &everywhere {
                    return Some(why.clone());
                }
                if !survey.is_sampled(candidate.id) {
                    return Some(Suppression::NotSampled);
                }
                if quiet {
                    return Some(Suppression::Quiet);
                }
                if let Some(one) = today {
                    let survey = one.survey.clone();
                    return Some(Suppression::Today { survey });
                }
                let repeated = survey.repeated(candidate, day, *ready);
                repeated.or_else(|| crowded.clone())
            })
            .collect();
        let open = wanted.iter().zip(&states).enumerate();
        let open = open.filter(|(_, (_, state))| state.is_none());
        let chosen = open
            .map(|(i, ((survey, _, _), _))| (Reverse(survey.priority), i, &survey.name))
            .min();
        for (i, ((survey, because, _), state)) in wanted.iter().zip(states).enumerate() {
            let customer = candidate.id.clone();
            let because = match (state, chosen) {
                (Some(why), _) => why,
                (None, Some((_, first, by))) if first != i => {
                    Suppression::Outranked { by: by.clone() }
                }
                (None, _) => {
                    list.due.push(Due {
                        customer,
                        survey: survey.name.clone(),
                        instrument: survey.instrument,
                        topic: survey.topic.clone(),
                        because: *because,
                    });
                    continue;
                }
            };
            list.suppressed.push(Suppressed {
                customer,
                survey: survey.name.clone(),
                because,
            });
        }
    }

    fn barred(&self, candidate: &Candidate<'_>) -> Option<Suppression> {
        let agreed = |rule: &Rule| rule.truth(candidate.row) == Truth::True;
        let may = self.consent.as_ref().is_none_or(agreed);
        (!may).then_some(Suppression::NoConsent)
    }

    fn crowded(&self, candidate: &Candidate<'_>, day: Day) -> Option<Suppression> {
        let cap = self.cap?;
        let mut days: Vec<Day> = own(candidate).map(|one| one.day).collect();
        days.sort_unstable();
        if fits(cap, &days, day) {
            return None;
        }
        // Room comes when a run that is too full ends: so many days after its first invitation.
        let ends = days.iter().map(|on| on.plus(cap.within));
        let free = ends.filter(|end| *end > day && fits(cap, &days, *end));
        let until = free.min().unwrap_or(Day::MAX);
        Some(Suppression::Cap { until })
    }
}

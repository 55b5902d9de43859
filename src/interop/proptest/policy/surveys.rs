//! The section that says who is to be asked what.

use std::collections::BTreeSet;

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::select;

use super::super::rules::{RulePlan, plan};
use super::super::values::{WORDS, days, maybe};
use super::playbook::chosen;
use super::{Draft, PolicyOptions};
use crate::model::{Day, Days, SurveyInstrument, Weekday};
use crate::strategy::surveys::{
    CapSpec, ComplaintsSpec, ResponseTime, SurveySpec, SurveysSpec, TargetSpec, TriggerEvent,
    TriggerSpec,
};

#[derive(Debug, Clone)]
pub(super) struct Asked(Option<Plan>);

#[derive(Debug, Clone)]
struct Plan {
    consent: Option<RulePlan>,
    cap: Option<(u32, i32)>,
    /// A bit for each day but Sunday.
    quiet_weekdays: u8,
    quiet_days: BTreeSet<Day>,
    ask: Vec<Survey>,
    complaints: Option<Targets>,
}

#[derive(Debug, Clone)]
struct Survey {
    instrument: SurveyInstrument,
    topic: Option<&'static str>,
    cadence: i32,
    when: Option<RulePlan>,
    trigger: Option<TriggerSpec>,
    sample: Option<u16>,
    priority: i32,
}

#[derive(Debug, Clone)]
struct Targets {
    within: Option<ResponseTime>,
    targets: Vec<(RulePlan, ResponseTime)>,
    holidays: BTreeSet<Day>,
}

fn survey(options: &PolicyOptions) -> impl Strategy<Value = Survey> + Clone + use<> {
    let instruments = [
        SurveyInstrument::Nps,
        SurveyInstrument::Csat,
        SurveyInstrument::Ces,
    ];
    let events = [
        TriggerEvent::Purchase,
        TriggerEvent::Resolved,
        TriggerEvent::Stage,
    ];
    let within = option::of((1..=60_i32).prop_map(Days::new));
    let trigger = (select(events.to_vec()), 0..=20_i32, within);
    let trigger = trigger.prop_map(|(after, days, within)| TriggerSpec {
        after,
        days: Days::new(days),
        within,
    });
    let whom = (
        option::weighted(0.2, plan(&options.rules)),
        option::weighted(0.2, 1..=1000_u16),
    );
    let what = (select(instruments.to_vec()), option::of(select(&WORDS[..])));
    (what, 1..=60_i32, whom, option::of(trigger), -1..=1_i32).prop_map(
        |((instrument, topic), cadence, (when, sample), trigger, priority)| Survey {
            instrument,
            topic,
            cadence,
            when,
            trigger,
            sample,
            priority,
        },
    )
}

pub(super) fn surveys(options: &PolicyOptions) -> impl Strategy<Value = Asked> + Clone + use<> {
    let day = |year, month, day| Day::from_ymd(year, month, day).unwrap_or(Day::MIN);
    let some_days = || prop::collection::btree_set(days(day(2023, 1, 1)..=day(2025, 6, 30)), 0..=3);
    let time = || {
        prop_oneof![
            (0..=30_u16).prop_map(ResponseTime::Days),
            (0..=20_u16).prop_map(ResponseTime::BusinessDays),
        ]
    };
    let targets = prop::collection::vec((plan(&options.rules), time()), 0..=2);
    let complaints = (option::of(time()), targets, some_days());
    let complaints = complaints.prop_map(|(within, targets, holidays)| Targets {
        within,
        targets,
        holidays,
    });
    let whole = (
        option::weighted(0.2, plan(&options.rules)),
        option::weighted(0.6, (1..=3_u32, 1..=90_i32)),
        (option::weighted(0.3, 0..64_u8), some_days()),
        prop::collection::vec(survey(options), 0..=3),
        option::weighted(0.4, complaints),
    );
    let whole = whole.prop_map(
        |(consent, cap, (quiet_weekdays, quiet_days), ask, complaints)| Plan {
            consent,
            cap,
            quiet_weekdays: quiet_weekdays.unwrap_or(0),
            quiet_days,
            ask,
            complaints,
        },
    );
    maybe(options.surveys, 0.3, whole).prop_map(Asked)
}

impl Asked {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let schema = &draft.schema;
        let ask = plan.ask.into_iter().enumerate().map(|(i, survey)| {
            let name = format!("survey {i}");
            let cadence = Days::new(survey.cadence);
            SurveySpec {
                topic: survey.topic.map(str::to_owned),
                when: survey.when.map(|when| when.over(schema)),
                trigger: survey.trigger,
                sample: survey.sample.map(|sample| f64::from(sample) / 1000.0),
                priority: survey.priority,
                ..SurveySpec::new(name, survey.instrument, cadence)
            }
        });
        let complaints = plan.complaints.map(|plan| {
            let targets = plan.targets.iter();
            let targets: Vec<TargetSpec> = targets
                .map(|(when, within)| TargetSpec {
                    when: when.over(schema),
                    within: *within,
                })
                .collect();
            // There is one at least.
            let within = match targets.is_empty() {
                true => Some(plan.within.unwrap_or(ResponseTime::Days(4))),
                false => plan.within,
            };
            ComplaintsSpec {
                within,
                targets,
                holidays: plan.holidays.into_iter().collect(),
            }
        });
        let spec = SurveysSpec {
            consent: plan.consent.map(|consent| consent.over(schema)),
            cap: plan.cap.map(|(invitations, within)| CapSpec {
                invitations,
                within: Days::new(within),
            }),
            quiet_weekdays: chosen(&Weekday::ALL, plan.quiet_weekdays),
            quiet_days: plan.quiet_days.into_iter().collect(),
            ask: ask.collect(),
            complaints,
        };
        if !spec.ask.is_empty() || spec.complaints.is_some() {
            draft.policy.surveys = Some(spec);
        }
    }
}

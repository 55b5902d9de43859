//! What the engine found of one customer, in the words of the oracle.

use customer_value::engine::{Assessment, Engine, Standing};
use customer_value::history::HistoryView;
use customer_value::lifecycle::Taken;
use customer_value::lifecycle::churn::{Churn, Insufficient, Threshold};
use customer_value::lifecycle::exit::{
    ExitChange, ExitEvent, ExitOutcome as EngineOutcome, ExitRecord,
};
use customer_value::model::{Attempt, AttemptPurpose, Day, SurveyAnswer};

use super::super::churn::{Evidence, Verdict};
use super::super::exit::{ExitOutcome, ExitState};
use super::super::stage::{Move, StageState};
use super::super::{Date, day};

/// What a review found of one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub stage: Option<Stage>,
    /// The moves of the review, with their actions.
    pub moves: Option<Vec<Move>>,
    /// The column `churn`.
    pub churn: Option<String>,
    pub verdict: Option<Verdict>,
    pub evidence: Option<Vec<Evidence>>,
    /// The column `exit`.
    pub step: Option<String>,
    /// The record of the standing, and the events of the review.
    pub exit: Option<ExitOutcome>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub stage: String,
    pub since: Date,
    pub high_water: String,
}

impl From<StageState> for Stage {
    fn from(state: StageState) -> Self {
        Self {
            stage: state.stage,
            since: state.since,
            high_water: state.high_water,
        }
    }
}

/// What is known of a customer beside the review.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    pub engine: &'k Engine,
    pub history: HistoryView<'k>,
    pub attempts: &'k [Attempt],
    pub answers: &'k [SurveyAnswer],
}

/// A review found, from one standing to the next. What it says in several ways it has to say alike.
pub fn found(
    known: Known<'_>,
    assessment: &Assessment<'_>,
    before: Option<&Standing>,
    after: &Standing,
) -> Found {
    let engine = known.engine;
    let verdict = assessment.churn_verdict();
    assert_eq!(
        verdict.as_ref().map(|verdict| verdict.level),
        assessment.churn()
    );
    let evidence = engine.churn().map(|churn| {
        let currency = engine.policy().head.currency;
        let on = assessment.as_of();
        churn.evidence(known.history, known.answers, currency, on)
    });
    Found {
        stage: stage(assessment, before, after),
        moves: engine
            .lifecycle()
            .map(|_| assessment.stage_moves().iter().map(moved).collect()),
        churn: (engine.churn().and(assessment.category("churn"))).map(str::to_owned),
        verdict: verdict.as_ref().map(in_words),
        evidence: evidence.map(|all| all.iter().map(dropped).collect()),
        step: engine
            .exit()
            .and(assessment.category("exit"))
            .map(str::to_owned),
        exit: engine
            .exit()
            .map(|_| exit(known, assessment, before, after)),
    }
}

pub fn to_date(day: Day) -> Date {
    super::super::day(&day.to_string())
}

fn stage(
    assessment: &Assessment<'_>,
    before: Option<&Standing>,
    after: &Standing,
) -> Option<Stage> {
    let record = after.stage()?;
    assert_eq!(assessment.stage(), Some(record.stage.as_str()));
    assert_eq!(assessment.category("stage"), Some(record.stage.as_str()));
    assert_eq!(assessment.stage_since(), Some(record.since));
    let before = before.and_then(Standing::stage);
    assert_eq!(
        assessment.stage_changed(),
        before.is_some_and(|before| before.stage != record.stage)
    );
    let moves = assessment.stage_moves();
    match moves.last() {
        // The moves come to the record.
        Some(last) => {
            assert_eq!((&last.to, last.since), (&record.stage, record.since));
            for (one, next) in moves.iter().zip(moves.iter().skip(1)) {
                assert_eq!(one.to, next.from);
            }
        }
        None => assert!(
            before.is_none_or(|before| before.stage != record.stage || before == record),
            "without a move from {before:?} to {record:?}"
        ),
    }
    Some(Stage {
        stage: record.stage.clone(),
        since: to_date(record.since),
        high_water: record.high_water.clone(),
    })
}

fn moved(taken: &Taken) -> Move {
    let place = taken.place.strip_prefix("lifecycle.transitions[").unwrap();
    Move {
        from: taken.from.clone(),
        to: taken.to.clone(),
        since: to_date(taken.since),
        by: place.split(']').next().unwrap().parse().unwrap(),
        actions: taken.actions.clone(),
    }
}

/// A verdict of the library.
pub fn in_words(verdict: &customer_value::lifecycle::churn::Verdict) -> Verdict {
    let threshold = |at: Option<Threshold>| at.map(|at| (at.level.name(), at.at));
    let why = |why: &Insufficient| match why {
        Insufficient::NoPurchase => "no purchase",
        Insufficient::FewActiveDays { .. } => "too few active days",
        Insufficient::NotFitted => "not fitted",
        Insufficient::NoGap => "no gap",
        Insufficient::NotKnown => "no prediction",
        _ => "for another reason",
    };
    let answer = verdict.answer.as_ref();
    Verdict {
        level: verdict.level.name(),
        by: answer.map(|answer| answer.by.name().to_owned()),
        number: answer.map(|answer| answer.number),
        reached: threshold(answer.and_then(|answer| answer.reached)),
        next: threshold(answer.and_then(|answer| answer.next)),
        fallback: verdict.is_fallback(),
        passed: (verdict.passed_over.iter())
            .map(|passed| (passed.by.name().to_owned(), why(&passed.why)))
            .collect(),
    }
}

fn dropped(found: &customer_value::lifecycle::churn::Evidence) -> Evidence {
    Evidence {
        what: found.signal.name(),
        before: found.before,
        after: found.after,
        change: found.change,
        since: to_date(found.since),
    }
}

fn exit(
    known: Known<'_>,
    assessment: &Assessment<'_>,
    before: Option<&Standing>,
    after: &Standing,
) -> ExitOutcome {
    let before = before.and_then(Standing::exit);
    let record = after.exit();
    let events = assessment.exit_events();
    // The events come to the record.
    let replayed = ExitRecord::replay_from(before.cloned(), &events);
    assert_eq!(replayed.as_ref(), record, "{events:?}");
    let outcome = outcome(known, assessment, before);
    let ladder = known.engine.exit().unwrap();
    assert_eq!(
        ladder
            .record(before.cloned(), &outcome, assessment.as_of())
            .as_ref(),
        record
    );
    let step = outcome.position.and_then(|at| at.step);
    assert_eq!(assessment.exit(), step.map(|step| ladder.name(step)));
    assert_eq!(assessment.exit(), assessment.category("exit"));
    let gates: Vec<&str> = ladder.gates().collect();
    ExitOutcome {
        state: record.map(state),
        events: events.iter().map(event).collect(),
        held: outcome
            .held_by
            .iter()
            .map(|at| gates[at].to_owned())
            .collect(),
    }
}

/// The ladder asked alone, with what the engine was given.
pub fn outcome(
    known: Known<'_>,
    assessment: &Assessment<'_>,
    before: Option<&ExitRecord>,
) -> EngineOutcome {
    let ladder = known.engine.exit().unwrap();
    let on = assessment.as_of();
    let uplifts = |from: Day| {
        let uplift = |one: &&Attempt| one.purpose() == AttemptPurpose::Uplift;
        let own = known.attempts.iter().filter(uplift);
        own.filter(|one| from <= one.day() && one.day() <= on)
            .count() as u32
    };
    let before = before.map(|record| ladder.locate(record));
    ladder.step(assessment.row(), on, before, uplifts)
}

fn state(record: &ExitRecord) -> ExitState {
    let (step, notice) = (record.step.as_ref(), record.notice.as_ref());
    ExitState {
        below: to_date(record.below_since),
        step: step.map(|step| (step.name.clone(), to_date(step.since))),
        notice: notice.map(|notice| (notice.step.clone(), to_date(notice.takes_effect))),
    }
}

fn event(event: &ExitEvent) -> String {
    match &event.change {
        ExitChange::BelowLine => "below_line".to_owned(),
        ExitChange::NoticeGiven { step, takes_effect } => {
            format!("notice_given {step} {takes_effect}")
        }
        ExitChange::NoticeWithdrawn { step, gates } if gates.is_empty() => {
            format!("notice_withdrawn {step}")
        }
        ExitChange::NoticeWithdrawn { step, gates } => {
            format!("notice_withdrawn {step}: {}", gates.join(", "))
        }
        ExitChange::StepTaken { step } => format!("step_taken {step}"),
        ExitChange::Reversed { .. } => "reversed".to_owned(),
        ExitChange::AboveLine => "above_line".to_owned(),
        ExitChange::Returned { .. } => "returned".to_owned(),
    }
}

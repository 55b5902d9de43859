//! The library at the same customers.

use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::exit::{
    ExitChange, ExitEvent, ExitExplanation, ExitLadder, ExitOutcome, ExitRecord, ExitSpec,
    GateSpec, StepSpec,
};
use customer_value::model::{Day, Days, Unit};
use customer_value::rules::column;
use customer_value::table::{Field, Schema, Table};
use customer_value::tiering::PolicyRef;

use crate::lives::{GATES, Life, Plan, Seen};
use crate::plain::{day, number};

pub(crate) fn schema() -> Schema {
    let mut schema = Schema::new();
    schema.add(Field::number("below", Unit::Flag)).unwrap();
    for gate in 0..GATES {
        schema
            .add(Field::number(format!("g{gate}"), Unit::Flag))
            .unwrap();
    }
    schema.add(Field::number("cost", Unit::Money)).unwrap();
    schema
}

pub(crate) fn spec(plan: &Plan) -> ExitSpec {
    let last = plan.steps.len() - 1;
    let steps = plan.steps.iter().enumerate().map(|(i, (name, notice))| {
        let step = StepSpec::new(name.as_str()).notice(Days::new(*notice));
        let step = step.avoids((i + 1) as f64 / plan.steps.len() as f64);
        if i == last && plan.ends {
            step.ends_service()
        } else {
            step
        }
    });
    let mut spec = ExitSpec::new(column("below").is_set(), Days::new(plan.interval), steps);
    spec.at_least = Days::new(plan.at_least);
    spec.attempts = u32::try_from(plan.attempts).unwrap();
    spec.avoidable_cost = Some("cost".to_owned());
    for (i, first) in plan.gates.iter().enumerate() {
        let gate = GateSpec::new(format!("g{i}"), column(format!("g{i}")).is_set());
        spec.gates
            .push(gate.from_step(plan.steps[*first].0.as_str()));
    }
    spec
}

pub(crate) fn bind(plan: &Plan) -> ExitLadder {
    let mut problems = Diagnostics::new();
    let ladder = spec(plan).bind(&schema(), &mut problems);
    // What is doubtful binds, and only that.
    let doubtful = (1..plan.interval - plan.steps[0].1).contains(&plan.at_least);
    assert_eq!(problems.len(), usize::from(doubtful), "{problems}");
    ladder.unwrap()
}

pub(crate) fn set(table: &mut Table, row: usize, seen: &Seen) {
    let slots: Vec<_> = table.schema().slots().collect();
    for (slot, value) in slots
        .into_iter()
        .zip([seen.below].iter().chain(&seen.closed))
    {
        table
            .column_mut(slot)
            .set(row, value.map(|v| f64::from(u8::from(v))));
    }
}

pub(crate) fn made(attempts: &[i32], from: Day, to: i32) -> u32 {
    let made = attempts
        .iter()
        .filter(|on| (number(from)..=to).contains(on))
        .count();
    u32::try_from(made).unwrap()
}

pub(crate) fn policy() -> PolicyRef {
    serde_json::from_str(
        r#"{"name":"p","version":"1","fingerprint":"00000000000000000000000000000000","currency":"EUR"}"#,
    )
    .unwrap()
}

/// One review with all that it says.
#[derive(Debug, Clone)]
pub(crate) struct Reviewed {
    pub(crate) day: i32,
    pub(crate) before: Option<ExitRecord>,
    pub(crate) after: Option<ExitRecord>,
    pub(crate) outcome: ExitOutcome,
    pub(crate) events: Vec<ExitEvent>,
    pub(crate) explained: ExitExplanation,
}

impl Reviewed {
    pub(crate) fn changes(&self) -> impl Iterator<Item = &ExitChange> {
        self.events.iter().map(|event| &event.change)
    }

    pub(crate) fn taken(&self) -> impl Iterator<Item = &str> {
        self.changes().filter_map(|change| match change {
            ExitChange::StepTaken { step } => Some(step.as_str()),
            _ => None,
        })
    }
}

pub(crate) fn review(
    ladder: &ExitLadder,
    before: Option<ExitRecord>,
    seen: &Seen,
    attempts: &[i32],
) -> Reviewed {
    let mut table = Table::new(schema(), 1);
    set(&mut table, 0, seen);
    let (row, as_of) = (table.row(0), day(seen.day));
    let located = before.as_ref().map(|record| ladder.locate(record));
    let since = |from| made(attempts, from, seen.day);
    let outcome = ladder.step(row, as_of, located, since);
    Reviewed {
        day: seen.day,
        after: ladder.record(before.clone(), &outcome, as_of),
        events: ladder.events(row, as_of, before.as_ref(), &outcome, &policy()),
        explained: ladder.explain(row, as_of, located, since),
        before,
        outcome,
    }
}

pub(crate) fn run(life: &Life) -> Vec<Reviewed> {
    let ladders = [bind(&life.plans[0]), bind(&life.plans[1])];
    let mut record = None;
    let mut all = Vec::new();
    for (i, seen) in life.seen.iter().enumerate() {
        let ladder = &ladders[usize::from(i >= life.first)];
        let one = review(ladder, record, seen, &life.attempts);
        record = one.after.clone();
        all.push(one);
    }
    all
}

//! A customer who is reviewed again and again.

use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::exit::{
    ExitChange, ExitEvent, ExitExplanation, ExitLadder, ExitRecord, ExitSpec, GateSpec, StepSpec,
};
use customer_value::model::{Day, Days, Unit};
use customer_value::rules::column;
use customer_value::table::{Field, Schema, Table};
use customer_value::tiering::PolicyRef;

/// The section of the page.
pub(crate) fn page() -> ExitSpec {
    let page = include_str!("../../src/docs/exit.md");
    let document = page
        .split("```")
        .nth(1)
        .unwrap()
        .strip_prefix("toml")
        .unwrap();
    let document: toml::Table = toml::from_str(document).unwrap();
    document["exit"].clone().try_into().unwrap()
}

pub(crate) fn schema() -> Schema {
    let mut schema = Schema::new();
    for (name, unit) in [
        ("age", Unit::Days),
        ("spend_12m", Unit::Money),
        ("cost_to_serve", Unit::Money),
        ("legal_hold", Unit::Flag),
        ("open_orders", Unit::Count),
        ("growth_12m", Unit::Ratio),
        ("referral_value", Unit::Money),
        ("household_value", Unit::Money),
    ] {
        schema.add(Field::number(name, unit)).unwrap();
    }
    schema.add(Field::category("segment", ["a", "b"])).unwrap();
    schema
}

pub(crate) fn bind(spec: &ExitSpec) -> ExitLadder {
    let mut problems = Diagnostics::new();
    let ladder = spec.bind(&schema(), &mut problems);
    // What is doubtful binds, and only that.
    let notice = spec.steps[0].notice.unwrap_or(spec.notice);
    let idle = 1..spec.interval.get() - notice.get();
    let doubtful = idle.contains(&spec.at_least.get());
    assert_eq!(problems.len(), usize::from(doubtful), "{problems}");
    ladder.unwrap()
}

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub(crate) fn after(days: i32) -> Day {
    day("2024-01-01").plus(Days::new(days))
}

/// One customer reviewed again and again.
pub(crate) struct Customer {
    pub(crate) ladder: ExitLadder,
    pub(crate) table: Table,
    pub(crate) record: Option<ExitRecord>,
    pub(crate) attempts: Vec<Day>,
    pub(crate) events: Vec<ExitEvent>,
}

impl Customer {
    /// Far below the line, with every gate open.
    pub(crate) fn new(spec: &ExitSpec) -> Self {
        let mut customer = Self {
            ladder: bind(spec),
            table: Table::new(schema(), 1),
            record: None,
            attempts: Vec::new(),
            events: Vec::new(),
        };
        for (name, value) in [
            ("age", 400.0),
            ("spend_12m", 5.0),
            ("cost_to_serve", 40.0),
            ("legal_hold", 0.0),
            ("open_orders", 0.0),
            ("growth_12m", 0.0),
            ("referral_value", 0.0),
            ("household_value", 0.0),
        ] {
            customer.has(name, Some(value));
        }
        customer
    }

    pub(crate) fn has(&mut self, name: &str, value: Option<f64>) {
        let slot = self.table.schema().slot(name).unwrap();
        self.table.column_mut(slot).set(0, value);
    }

    pub(crate) fn made(&self, since: Day, to: Day) -> u32 {
        let made = self
            .attempts
            .iter()
            .filter(|on| (since..=to).contains(on))
            .count();
        made.try_into().unwrap()
    }

    /// What a review on a day changes.
    pub(crate) fn review(&mut self, as_of: Day) -> Vec<ExitChange> {
        let (row, before) = (self.table.row(0), self.record.take());
        let at = before.as_ref().map(|record| self.ladder.locate(record));
        let outcome = self
            .ladder
            .step(row, as_of, at, |since| self.made(since, as_of));
        let events = self
            .ladder
            .events(row, as_of, before.as_ref(), &outcome, &policy());
        self.record = self.ladder.record(before, &outcome, as_of);
        self.events.extend(events.iter().cloned());
        events.into_iter().map(|event| event.change).collect()
    }

    pub(crate) fn explain(&self, as_of: Day) -> ExitExplanation {
        let at = self
            .record
            .as_ref()
            .map(|record| self.ladder.locate(record));
        let since = |since| self.made(since, as_of);
        self.ladder.explain(self.table.row(0), as_of, at, since)
    }

    /// The step they are on.
    pub(crate) fn step(&self) -> Option<&str> {
        Some(&self.record.as_ref()?.step.as_ref()?.name)
    }

    /// The step they have notice of.
    pub(crate) fn noticed(&self) -> Option<&str> {
        Some(&self.record.as_ref()?.notice.as_ref()?.step)
    }

    /// Reviews every ten days until they are on a step; the day of it.
    pub(crate) fn until_on(&mut self, step: &str, mut from: i32) -> i32 {
        for _ in 0..200 {
            self.review(after(from));
            if self.step() == Some(step) {
                return from;
            }
            from += 10;
        }
        panic!("never on {step}");
    }
}

pub(crate) fn policy() -> PolicyRef {
    serde_json::from_str(
        r#"{"name":"letting go","version":"2025-1","fingerprint":"00000000000000000000000000000000","currency":"EUR"}"#,
    )
    .unwrap()
}

/// Steps at once, 10 days apart, with one gate.
pub(crate) fn short() -> ExitSpec {
    let steps = [
        StepSpec::new("first"),
        StepSpec::new("second"),
        StepSpec::new("last").ends_service(),
    ];
    let mut spec = ExitSpec::new(column("spend_12m").lt(20), Days::new(10), steps);
    spec.gates = vec![GateSpec::new("hold", column("legal_hold").is_set())];
    spec
}

pub(crate) fn given(step: &str, takes_effect: Day) -> ExitChange {
    ExitChange::NoticeGiven {
        step: step.to_owned(),
        takes_effect,
    }
}

pub(crate) fn withdrawn(step: &str, gates: &[&str]) -> ExitChange {
    ExitChange::NoticeWithdrawn {
        step: step.to_owned(),
        gates: gates.iter().map(|gate| (*gate).to_owned()).collect(),
    }
}

pub(crate) fn taken(step: &str) -> ExitChange {
    ExitChange::StepTaken {
        step: step.to_owned(),
    }
}

pub(crate) fn reversed(step: Option<&str>, notice: Option<&str>) -> ExitChange {
    ExitChange::Reversed {
        step: step.map(str::to_owned),
        notice: notice.map(str::to_owned),
    }
}

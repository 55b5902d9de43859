//! The lifecycles to take as they are: each says what its policy file says, and does what its table promises.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use customer_value::diagnostic::Diagnostics;
use customer_value::engine::{Engine, Policy};
use customer_value::lifecycle::{Lifecycle, LifecycleSpec, StageRecord, presets};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Day, Days, Unit};
use customer_value::table::{Field, Schema, Table};

fn policy(name: &str) -> Policy {
    let path = format!("examples/policies/{name}.toml");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    toml::from_str(&text).unwrap()
}

#[test]
fn every_preset_is_its_file() {
    for (name, preset) in [
        ("four_stages", presets::four_stages()),
        ("standard", presets::standard()),
        ("subscription", presets::subscription()),
        ("b2b", presets::b2b()),
        ("ownership", presets::ownership()),
    ] {
        let policy = policy(name);
        assert_eq!(policy.lifecycle.as_ref(), Some(&preset), "{name}");
        let (engine, problems) = Engine::check(policy, &Catalog::standard());
        assert!(problems.is_empty(), "{name}: {problems}");
        let found = engine.unwrap().analyse();
        assert!(found.is_empty(), "{name}: {found:?}");
    }
    assert_eq!(
        Policy::standard(Currency::EUR).lifecycle,
        Some(presets::standard())
    );
}

/// The example of the page that defines it all.
#[test]
fn nothing_is_wrong_with_the_page() {
    let page = include_str!("../src/docs/lifecycle.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (policy, _) = rest.split_once("```").unwrap();
    let engine = Engine::from_toml(policy, &Catalog::standard()).unwrap();
    assert_eq!(engine.analyse(), []);
}

fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

/// A column's value in tests: flags as 0 and 1, dates as days.
type Row = BTreeMap<&'static str, i32>;

struct Customer {
    lifecycle: Lifecycle,
    columns: Vec<(&'static str, Unit)>,
    record: Option<StageRecord>,
    row: Row,
}

impl Customer {
    fn of(spec: &LifecycleSpec, columns: &[(&'static str, Unit)]) -> Self {
        let mut problems = Diagnostics::new();
        let lifecycle = spec.bind(&Self::schema(columns), &mut problems);
        assert!(problems.is_empty(), "{problems}");
        let read: Vec<String> = spec.columns().into_iter().collect();
        let mut named: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        named.sort_unstable();
        assert_eq!(read, named);
        Self {
            lifecycle: lifecycle.unwrap(),
            columns: columns.to_vec(),
            record: None,
            row: Row::new(),
        }
    }

    fn schema(columns: &[(&'static str, Unit)]) -> Schema {
        let mut schema = Schema::new();
        for (name, unit) in columns {
            schema.add(Field::number(*name, *unit)).unwrap();
        }
        schema
    }

    fn set(&mut self, values: &[(&'static str, i32)]) -> &mut Self {
        self.row.extend(values.iter().copied());
        self
    }

    /// The stage, since when, and the actions said.
    fn review(&mut self, as_of: i32) -> (&str, i32, Vec<String>) {
        let mut table = Table::new(Self::schema(&self.columns), 1);
        for (slot, (name, unit)) in table
            .schema()
            .slots()
            .collect::<Vec<_>>()
            .into_iter()
            .zip(&self.columns)
        {
            let value = self.row.get(name).map(|value| match unit {
                Unit::Date => f64::from(day(*value).epoch_days()),
                _ => f64::from(*value),
            });
            table.column_mut(slot).set(0, value);
        }
        let before = self.record.take();
        let current = before
            .as_ref()
            .map(|r| self.lifecycle.locate(r, day(as_of)));
        let taken = self.lifecycle.taken(table.row(0), day(as_of), current);
        let step = self.lifecycle.step(table.row(0), day(as_of), current);
        let record = self.lifecycle.record(&step, before);
        // Once more on the same day.
        let again = self.lifecycle.step(
            table.row(0),
            day(as_of),
            Some(self.lifecycle.locate(&record, day(as_of))),
        );
        assert_eq!(self.lifecycle.record(&again, Some(record.clone())), record);
        let record = self.record.insert(record);
        let actions = taken.into_iter().flat_map(|t| t.actions).collect();
        (&record.stage, (record.since - day(0)).get(), actions)
    }
}

const FOUR: [(&str, Unit); 5] = [
    ("active_days", Unit::Count),
    ("days_since_last", Unit::Days),
    ("first_purchase", Unit::Date),
    ("second_purchase", Unit::Date),
    ("last_purchase", Unit::Date),
];

#[test]
fn four_stages_are_a_matter_of_the_numbers_alone() {
    let spec = presets::four_stages();
    let bought = [5, 20, 30, 400, 410];
    let seen = |as_of: i32, n: usize| {
        let dates: Vec<i32> = bought.into_iter().filter(|d| *d <= as_of).take(n).collect();
        let mut row = Row::from([("active_days", dates.len() as i32)]);
        let date = |name, at: Option<&i32>| at.map(|at| (name, *at));
        row.extend(date("first_purchase", dates.first()));
        row.extend(date("second_purchase", dates.get(1)));
        row.extend(date("last_purchase", dates.last()));
        row.extend(dates.last().map(|last| ("days_since_last", as_of - last)));
        row
    };
    let mut known = Customer::of(&spec, &FOUR);
    for as_of in 0..700 {
        let (stage, since) = match as_of {
            ..5 => ("prospect", 0),
            5..20 => ("first_purchase", 5),
            20..270 => ("loyal", 20),
            270..400 => ("churned", 270),
            400..650 => ("loyal", 20),
            _ => ("churned", 650),
        };
        known.row = seen(as_of, 9);
        let told = known.review(as_of);
        assert_eq!((told.0, told.1), (stage, since), "day {as_of}");
        let mut anew = Customer::of(&spec, &FOUR);
        anew.row = seen(as_of, 9);
        let told = anew.review(as_of);
        assert_eq!(told.0, stage);
        assert_eq!(
            told.1,
            if stage == "prospect" { as_of } else { since },
            "day {as_of}"
        );
    }
    // The purchases are refunded: back they go, down to none.
    for (n, stage) in [(2, "churned"), (1, "churned"), (0, "prospect")] {
        known.row = seen(701, n);
        assert_eq!(known.review(701 + 3 - n as i32).0, stage);
    }
    assert_eq!(known.record.unwrap().high_water, "loyal");
    let mut early = Customer::of(&spec, &FOUR);
    early.row = seen(40, 2);
    assert_eq!(early.review(40).0, "loyal");
    early.row = seen(41, 1);
    assert_eq!(early.review(41).0, "first_purchase");
}

const SUBSCRIPTION: [(&str, Unit); 2] = [("cancelled", Unit::Flag), ("paying", Unit::Flag)];

#[test]
fn a_subscription_from_trial_to_reactivated() {
    let mut customer = Customer::of(&presets::subscription(), &SUBSCRIPTION);
    let none: Vec<String> = vec![];
    let said = |action: &str| vec![action.to_owned()];
    assert_eq!(customer.review(0), ("trial", 0, none.clone()));
    assert_eq!(
        customer.set(&[("paying", 1), ("cancelled", 0)]).review(10),
        ("active", 10, none.clone())
    );
    assert_eq!(customer.review(40), ("active", 10, none.clone()));
    assert_eq!(
        customer.set(&[("paying", 0)]).review(41),
        ("past_due", 41, said("send_reminder"))
    );
    assert_eq!(
        customer.set(&[("paying", 1)]).review(50),
        ("active", 50, none.clone())
    );
    assert_eq!(
        customer.set(&[("paying", 0)]).review(80),
        ("past_due", 80, said("send_reminder"))
    );
    assert_eq!(customer.review(93), ("past_due", 80, none.clone()));
    // Reviewed late: cancelled since the day on which it was due.
    assert_eq!(customer.review(99), ("cancelled", 94, said("end_access")));
    assert_eq!(customer.review(200), ("cancelled", 94, none.clone()));
    assert_eq!(
        customer.set(&[("paying", 1)]).review(210),
        ("reactivated", 210, said("welcome_back"))
    );
    assert_eq!(customer.review(299), ("reactivated", 210, none.clone()));
    assert_eq!(customer.review(300), ("active", 300, none.clone()));
    assert_eq!(
        customer.set(&[("cancelled", 1)]).review(301),
        ("cancelled", 301, said("end_access"))
    );
    assert_eq!(customer.review(302), ("cancelled", 301, none.clone()));
    // A trial that nobody paid for.
    let mut customer = Customer::of(&presets::subscription(), &SUBSCRIPTION);
    customer.set(&[("paying", 0), ("cancelled", 0)]).review(0);
    assert_eq!(customer.review(29), ("trial", 0, none));
    assert_eq!(customer.review(35), ("cancelled", 30, said("end_access")));
}

const B2B: [(&str, Unit); 8] = [
    ("active_days", Unit::Count),
    ("days_since_last", Unit::Days),
    ("first_purchase", Unit::Date),
    ("last_contact", Unit::Date),
    ("last_purchase", Unit::Date),
    ("open_opportunities", Unit::Count),
    ("qualified", Unit::Flag),
    ("reference", Unit::Flag),
];

#[test]
fn a_lead_becomes_an_advocate_and_is_lost_and_returns() {
    let mut customer = Customer::of(&presets::b2b(), &B2B);
    let mut stage = |as_of: i32, values: &[(&'static str, i32)]| {
        let (stage, since, _) = customer.set(values).review(as_of);
        (stage.to_owned(), since)
    };
    let at = |stage: &str, since: i32| (stage.to_owned(), since);
    assert_eq!(stage(0, &[("active_days", 0)]), at("lead", 0));
    assert_eq!(
        stage(5, &[("qualified", 1), ("last_contact", 5)]),
        at("qualified", 5)
    );
    assert_eq!(stage(9, &[("open_opportunities", 2)]), at("opportunity", 9));
    assert_eq!(stage(20, &[("open_opportunities", 0)]), at("qualified", 20));
    // No contact for 180 days.
    assert_eq!(stage(184, &[]), at("qualified", 20));
    assert_eq!(stage(190, &[]), at("lost", 185));
    assert_eq!(
        stage(300, &[("open_opportunities", 1)]),
        at("opportunity", 300)
    );
    let bought = [
        ("active_days", 1),
        ("first_purchase", 310),
        ("last_purchase", 310),
        ("days_since_last", 5),
    ];
    assert_eq!(stage(315, &bought), at("customer", 310));
    assert_eq!(
        stage(400, &[("reference", 1), ("days_since_last", 90)]),
        at("advocate", 400)
    );
    assert_eq!(stage(410, &[("reference", 0)]), at("customer", 310));
    // No purchase for 540 days, and an offer is open: not only lost.
    assert_eq!(
        stage(900, &[("days_since_last", 590), ("open_opportunities", 0)]),
        at("lost", 850)
    );
    let bought = [
        ("active_days", 2),
        ("last_purchase", 950),
        ("days_since_last", 1),
    ];
    assert_eq!(stage(951, &bought), at("customer", 950));
    // All at once at a first review.
    let mut anew = Customer::of(&presets::b2b(), &B2B);
    anew.set(&[
        ("qualified", 1),
        ("reference", 1),
        ("active_days", 3),
        ("days_since_last", 2),
    ]);
    anew.set(&[
        ("first_purchase", -90),
        ("last_purchase", -2),
        ("open_opportunities", 1),
    ]);
    let (stage, since, actions) = anew.review(0);
    assert_eq!(
        (stage, since, actions),
        ("advocate", 0, vec!["assign_account_manager".to_owned()])
    );
}

const OWNERSHIP: [(&str, Unit); 6] = [
    ("deal_closed", Unit::Flag),
    ("last_contact", Unit::Date),
    ("last_deal", Unit::Date),
    ("locked", Unit::Flag),
    ("owned", Unit::Flag),
    ("owner_since", Unit::Date),
];

/// In the pool since day 0, and claimed on a day.
fn claimed(on: i32) -> Customer {
    let mut customer = Customer::of(&presets::ownership(), &OWNERSHIP);
    customer.set(&[("owned", 0), ("locked", 0), ("deal_closed", 0)]);
    assert_eq!(customer.review(0).0, "pool");
    customer.set(&[
        ("owned", 1),
        ("owner_since", on),
        ("last_contact", on),
        ("last_deal", on),
    ]);
    assert_eq!(customer.review(on), ("protected", on, vec![]));
    customer
}

#[test]
fn without_contact_a_customer_goes_back_to_the_pool_after_a_warning() {
    let mut customer = claimed(10);
    let none: Vec<String> = vec![];
    assert_eq!(customer.review(24), ("protected", 10, none.clone()));
    assert_eq!(customer.review(25), ("owned", 25, none.clone()));
    assert_eq!(customer.review(32), ("owned", 25, none.clone()));
    assert_eq!(
        customer.review(33),
        ("warned", 33, vec!["warn_owner".to_owned()])
    );
    for as_of in 34..40 {
        assert_eq!(
            customer.review(as_of),
            ("warned", 33, none.clone()),
            "day {as_of}"
        );
    }
    assert_eq!(
        customer.review(40),
        ("pool", 40, vec!["return_to_pool".to_owned()])
    );
    // The host carries it out, and somebody else claims the customer.
    assert_eq!(
        customer.set(&[("owned", 0)]).review(41),
        ("pool", 40, none.clone())
    );
    customer.set(&[
        ("owned", 1),
        ("owner_since", 50),
        ("last_contact", 50),
        ("last_deal", 50),
    ]);
    assert_eq!(customer.review(50), ("protected", 50, none.clone()));
    assert_eq!(customer.set(&[("owned", 0)]).review(52), ("pool", 52, none));
}

#[test]
fn a_contact_ends_the_warning_and_a_deal_is_asked_for_too() {
    let mut customer = claimed(10);
    customer.review(25);
    assert_eq!(customer.review(33).0, "warned");
    assert_eq!(customer.set(&[("last_contact", 35)]).review(35).0, "owned");
    // In touch all the time, and no deal.
    for as_of in 36..93 {
        assert_eq!(
            customer.set(&[("last_contact", as_of)]).review(as_of).0,
            "owned",
            "day {as_of}"
        );
    }
    assert_eq!(customer.set(&[("last_contact", 93)]).review(93).0, "warned");
    assert_eq!(customer.set(&[("last_contact", 99)]).review(99).0, "warned");
    assert_eq!(
        customer.set(&[("last_contact", 100)]).review(100),
        ("pool", 100, vec!["return_to_pool".to_owned()])
    );
    let mut customer = claimed(10);
    customer.review(25);
    customer.set(&[("last_contact", 90)]);
    assert_eq!(customer.review(93).0, "warned");
    assert_eq!(customer.set(&[("last_deal", 95)]).review(95).0, "owned");
}

#[test]
fn nobody_loses_a_customer_without_having_been_warned_for_so_long() {
    let mut customer = claimed(10);
    // Reviewed again long after.
    assert_eq!(
        customer.review(200),
        ("warned", 200, vec!["warn_owner".to_owned()])
    );
    assert_eq!(customer.review(206).0, "warned");
    assert_eq!(customer.review(207).0, "pool");
    // Never reviewed before, and somebody's for long.
    let mut anew = Customer::of(&presets::ownership(), &OWNERSHIP);
    anew.set(&[("owned", 1), ("locked", 0), ("deal_closed", 0)]);
    anew.set(&[
        ("owner_since", -500),
        ("last_contact", -400),
        ("last_deal", -400),
    ]);
    let stages: Vec<String> = (0..11)
        .map(|as_of| anew.review(as_of).0.to_owned())
        .collect();
    let mut wanted = vec!["pool", "owned"];
    wanted.extend(["warned"; 7]);
    wanted.extend(["pool", "owned"]);
    // A flag that stays set brings the customer out of the pool again, to be warned and returned once more.
    assert_eq!(stages, wanted);
}

#[test]
fn locked_and_closed_customers_are_kept_out() {
    let mut customer = claimed(10);
    customer.review(25);
    assert_eq!(
        customer.set(&[("locked", 1)]).review(30),
        ("locked", 30, vec![])
    );
    assert_eq!(customer.review(300), ("locked", 30, vec![]));
    assert_eq!(customer.set(&[("deal_closed", 1)]).review(301).0, "closed");
    assert_eq!(customer.set(&[("locked", 0)]).review(900).0, "closed");
    // Open again: owned, and warned in the same review, for there was no contact.
    assert_eq!(customer.set(&[("deal_closed", 0)]).review(901).0, "warned");
    assert_eq!(customer.set(&[("locked", 1)]).review(902).0, "locked");
    assert_eq!(
        customer.set(&[("locked", 0), ("owned", 0)]).review(903).0,
        "pool"
    );
    assert_eq!(customer.set(&[("deal_closed", 1)]).review(904).0, "closed");
    assert_eq!(customer.set(&[("deal_closed", 0)]).review(905).0, "pool");
    // Nothing is known: nobody's.
    let mut unknown = Customer::of(&presets::ownership(), &OWNERSHIP);
    assert_eq!(unknown.review(0).0, "pool");
    assert_eq!(unknown.review(500).0, "pool");
}

#[test]
fn the_days_of_ownership_are_arguments() {
    let spec = presets::ownership_with(&presets::OwnershipDays {
        contact: Days::new(10),
        deal: Days::new(20),
        warning: Days::new(3),
        protection: Days::new(5),
    });
    let mut customer = Customer::of(&spec, &OWNERSHIP);
    customer.set(&[("owned", 1), ("locked", 0), ("deal_closed", 0)]);
    customer.set(&[("owner_since", 0), ("last_contact", 0), ("last_deal", 0)]);
    let stages: Vec<String> = (0..11)
        .map(|as_of| customer.review(as_of).0.to_owned())
        .collect();
    let wanted = [
        "pool",
        "protected",
        "protected",
        "protected",
        "protected",
        "owned",
        "owned",
        "warned",
        "warned",
        "warned",
        "pool",
    ];
    assert_eq!(stages, wanted);
}

//! What a policy says, and what is wrong with a bad one.

use customer_value::diagnostic::{Diagnostics, Severity};
use customer_value::lifecycle::exit::{ExitChange, ExitSpec, GateSpec, StepSpec, presets};
use customer_value::model::Days;
use customer_value::rules::{Cut, column};

use crate::customer::{Customer, after, bind, page, schema, short, taken};

#[test]
fn the_page_binds_and_reads_its_columns() {
    let spec = page();
    assert_eq!(spec.steps, presets::five_steps());
    assert_eq!(
        spec.columns(),
        [
            "age",
            "spend_12m",
            "legal_hold",
            "open_orders",
            "growth_12m",
            "referral_value",
            "household_value",
            "cost_to_serve"
        ]
    );
    let ladder = bind(&spec);
    let migrate = ladder.step_of("migrate").unwrap();
    assert_eq!((migrate.index(), ladder.name(migrate)), (3, "migrate"));
    assert_eq!(ladder.channel(migrate), Some("self_service"));
    assert!(!ladder.ends_service(migrate));
    assert!(ladder.ends_service(ladder.step_of("end").unwrap()));
    assert_eq!(ladder.gates().count(), 5);
    let text = toml::to_string(&spec).unwrap();
    assert_eq!(toml::from_str::<ExitSpec>(&text).unwrap(), spec);
    let stored = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<ExitSpec>(&stored).unwrap(), spec);
    assert!(toml::from_str::<ExitSpec>(&format!("colour = 3\n{text}")).is_err());
}

fn problems(change: impl FnOnce(&mut ExitSpec)) -> Vec<String> {
    let mut spec = page();
    change(&mut spec);
    let mut found = Diagnostics::new();
    let ladder = spec.bind(&schema(), &mut found);
    let failed = found.iter().any(|d| d.severity == Severity::Error);
    assert_eq!(ladder.is_none(), failed);
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let said = problems(|spec| {
        spec.below = "spned_12m < 20".parse().unwrap();
        spec.interval = Days::new(20);
        spec.at_least = Days::new(-1);
        spec.avoidable_cost = Some("cost_to_sreve".to_owned());
        spec.steps[0].name = " ".to_owned();
        spec.steps[1].notice = Some(Days::new(21));
        spec.steps[2].notice = Some(Days::new(-3));
        spec.steps[2].avoids = Some(1.5);
        spec.steps[3].channel = Some(String::new());
        spec.steps[3].ends_service = true;
        spec.steps[4].name = "migrate".to_owned();
        spec.steps[4].avoids = Some(0.5);
        spec.gates[0].name = String::new();
        spec.gates[1].closed = toml::Value::from("open_orders > ").try_into().unwrap();
        spec.gates[2].name = "referrals".to_owned();
        spec.gates[3].closed = "segment > 3".parse().unwrap();
        spec.gates[4].from = Some("migraet".to_owned());
    });
    assert_eq!(
        said,
        [
            "error: exit.below at 0..9: there is no column `spned_12m` (did you mean `spend_12m`?)",
            "error: exit.at_least: -1 days is less than no time",
            "error: exit.notice: a notice of 30 days is longer than the interval of 20 days",
            "error: exit.avoidable_cost: there is no column `cost_to_sreve` (did you mean `cost_to_serve`?)",
            "error: exit.steps[0].name: a step has no name",
            "error: exit.steps[1].notice: a notice of 21 days is longer than the interval of 20 days",
            "error: exit.steps[2].notice: -3 days is less than no time",
            "error: exit.steps[2].avoids: a share of 1.5 is not from 0 to 1",
            "error: exit.steps[3].channel: a channel has no name",
            "error: exit.steps[3].ends_service: `migrate` ends the service and is not the last step",
            "error: exit.steps[4].name: there are two steps named `migrate`",
            "error: exit.steps[4].avoids: `migrate` saves 0.5, less than the 0.6 of the step before it",
            "error: exit.gates[0].name: a gate has no name",
            "error: exit.gates[1].closed at 14..14: expected a number, a text or a date, the rule ends",
            "error: exit.gates[3].name: there are two gates named `referrals`",
            "error: exit.gates[3].closed at 0..7: `segment` holds words, which have no order (use `=`, `!=` or `in`)",
            "error: exit.gates[4].from: there is no step `migraet` (did you mean `migrate`?)",
        ]
    );
}

#[test]
fn other_things_that_are_wrong() {
    assert_eq!(
        problems(|spec| {
            spec.interval = Days::new(0);
            spec.notice = Days::new(-1);
            spec.steps = vec![];
            spec.gates[4].from = None;
            spec.avoidable_cost = Some("legal_hold".to_owned());
        }),
        [
            "error: exit.interval: an interval of 0 days is not at least 1 day",
            "error: exit.notice: -1 days is less than no time",
            "error: exit.avoidable_cost: `legal_hold` is not a money column",
            "error: exit.steps: there is no step (write `steps = [{ name = \"end\", ends_service = true }]`, or more of them)",
        ]
    );
    assert_eq!(
        problems(|spec| spec.avoidable_cost = None),
        [
            "warning: exit.steps[3].avoids: what the step saves is not known without an avoidable cost (name a money column in `exit.avoidable_cost`)"
        ]
    );
    // Nothing is lacking where a step says that it saves nothing.
    assert_eq!(
        problems(|spec| {
            spec.avoidable_cost = None;
            spec.steps[3].avoids = None;
            spec.steps[4].avoids = None;
            spec.steps[0].avoids = Some(0.0);
        }),
        [] as [&str; 0]
    );
    // Every notice is longer than an interval that is none: one problem is enough.
    assert_eq!(
        problems(|spec| spec.interval = Days::new(0)),
        ["error: exit.interval: an interval of 0 days is not at least 1 day"]
    );
    assert_eq!(
        problems(|spec| spec.at_least = Days::new(29)),
        [
            "warning: exit.at_least: an at_least of 29 days changes nothing: notice of the first step waits for 30 days, the interval less the notice, anyway (leave it out, or let it be more than `30 days`)"
        ]
    );
    assert_eq!(
        problems(|spec| spec.at_least = Days::new(60)),
        [] as [&str; 0]
    );
    for share in [f64::NAN, f64::INFINITY, -0.1] {
        assert_eq!(problems(|spec| spec.steps[3].avoids = Some(share)).len(), 1);
    }
    assert_eq!(problems(|spec| spec.steps[3].avoids = Some(1e-40)).len(), 1);
    assert_eq!(
        problems(|spec| spec.steps[3].avoids = Some(-0.0)),
        [] as [&str; 0]
    );
    let many = |count: usize| (0..count).map(|i| format!("n{i}"));
    let steps = |count| {
        move |spec: &mut ExitSpec| {
            spec.steps = many(count).map(StepSpec::new).collect();
            spec.gates = vec![];
        }
    };
    assert_eq!(problems(steps(32)), [] as [&str; 0]);
    assert_eq!(
        problems(steps(33)),
        ["error: exit.steps: there are 33 steps, more than 32"]
    );
    let gate = |name| GateSpec::new(name, column("legal_hold").is_set());
    let gates = |count| move |spec: &mut ExitSpec| spec.gates = many(count).map(gate).collect();
    assert_eq!(problems(gates(64)), [] as [&str; 0]);
    assert_eq!(
        problems(gates(65)),
        ["error: exit.gates: there are 65 gates, more than 64"]
    );
}

#[test]
fn the_most_steps_and_gates_work() {
    let mut spec = short();
    spec.steps = (0..32).map(|i| StepSpec::new(format!("s{i}"))).collect();
    spec.gates = (0..64)
        .map(|i| {
            GateSpec::new(format!("g{i}"), column("open_orders").eq(f64::from(i + 1)))
                .from_step(format!("s{}", i / 2))
        })
        .collect();
    let mut c = Customer::new(&spec);
    c.until_on("s30", 0);
    c.has("open_orders", Some(64.0));
    assert_eq!(c.review(after(5000)), []);
    assert_eq!(c.explain(after(5000)).next.unwrap().held_by[0].name, "g63");
    c.has("open_orders", Some(0.0));
    assert_eq!(c.review(after(5001)), [taken("s31")]);
    assert_eq!(c.review(after(6000)), []);
}

#[test]
fn a_place_in_the_population_is_unknown_until_it_is_frozen() {
    let mut spec = short();
    spec.below = "percentile(spend_12m) < 20".parse().unwrap();
    spec.gates[0].closed = "percentile(referral_value) >= 90".parse().unwrap();
    let mut c = Customer::new(&spec);
    assert_eq!(c.review(after(0)), []);
    let conditions = c.ladder.population();
    assert_eq!(conditions.len(), 2);
    assert!(c.ladder.freeze(&[Cut::UpTo(10.0)]).unwrap_err().is_misuse());
    c.ladder
        .freeze(&[Cut::UpTo(10.0), Cut::Above(30.0)])
        .unwrap();
    assert_eq!(c.review(after(1)), [ExitChange::BelowLine]);
    assert_eq!(c.review(after(11)), [taken("first")]);
}

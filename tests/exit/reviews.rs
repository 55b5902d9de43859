//! What a review does: the line, the steps, the gates, and records of another policy.

use customer_value::lifecycle::exit::{ExitChange, ExitRecord, GateSpec, StepSpec};
use customer_value::model::{Day, Days};
use customer_value::rules::{Truth, column};

use crate::customer::{Customer, after, bind, given, page, reversed, short, taken, withdrawn};

// ---- the line ----

#[test]
fn below_since_the_first_review_that_finds_it_true() {
    let mut c = Customer::new(&page());
    c.has("spend_12m", Some(25.0));
    assert_eq!(c.review(after(0)), []);
    assert_eq!(c.record, None);
    c.has("spend_12m", Some(5.0));
    assert_eq!(c.review(after(7)), [ExitChange::BelowLine]);
    assert_eq!(c.review(after(9)), []);
    assert_eq!(c.record.as_ref().unwrap().below_since, after(7));
    // Until one finds it false; then anew.
    c.has("spend_12m", Some(20.0));
    assert_eq!(c.review(after(20)), [ExitChange::AboveLine]);
    assert_eq!(c.record, None);
    c.has("spend_12m", Some(19.99));
    c.review(after(30));
    assert_eq!(c.record.as_ref().unwrap().below_since, after(30));
    // Whoever is new has had no time to buy.
    let mut c = Customer::new(&page());
    c.has("age", Some(364.0));
    assert_eq!(c.review(after(0)), []);
    c.has("age", Some(365.0));
    assert_eq!(c.review(after(1)), [ExitChange::BelowLine]);
}

#[test]
fn at_least_and_the_interval_count_anew_whenever_the_customer_was_above_the_line() {
    for at_least in [0, 9, 10, 30] {
        let mut spec = short();
        spec.at_least = Days::new(at_least);
        let mut c = Customer::new(&spec);
        let on = c.until_on("first", 0);
        c.has("spend_12m", Some(50.0));
        assert_eq!(c.review(after(on)), [reversed(Some("first"), None)]);
        c.has("spend_12m", Some(5.0));
        assert_eq!(c.review(after(on)), [ExitChange::BelowLine]);
        // Never sooner than the interval after the step of before.
        let next = at_least.max(10);
        assert_eq!(c.review(after(on + next - 1)), []);
        assert_eq!(c.review(after(on + next)), [taken("first")]);
    }
}

#[test]
fn an_unknown_line_changes_nothing() {
    let mut c = Customer::new(&short());
    c.has("spend_12m", None);
    assert_eq!(c.review(after(0)), []);
    assert_eq!(c.record, None);
    c.has("spend_12m", Some(5.0));
    c.review(after(1));
    let before = c.record.clone();
    c.has("spend_12m", None);
    // Neither a step nor a closed gate.
    c.has("legal_hold", Some(1.0));
    assert_eq!(c.review(after(100)), []);
    assert_eq!(c.record, before);
    // A notice stays too, and its day is looked at when the line is known again.
    let mut spec = short();
    spec.notice = Days::new(5);
    let mut c = Customer::new(&spec);
    c.review(after(0));
    c.review(after(5));
    c.has("spend_12m", None);
    c.has("legal_hold", None);
    assert_eq!(c.review(after(50)), []);
    assert_eq!(c.noticed(), Some("first"));
    c.has("spend_12m", Some(5.0));
    c.has("legal_hold", Some(0.0));
    assert_eq!(c.review(after(60)), [taken("first")]);
}

// ---- steps ----

#[test]
fn the_five_steps_in_their_order_with_their_days() {
    let mut c = Customer::new(&page());
    c.attempts = vec![after(10), after(20)];
    let mut steps = Vec::new();
    for n in 0..700 {
        for change in c.review(after(n)) {
            match change {
                ExitChange::NoticeGiven { step, takes_effect } => {
                    steps.push((format!("notice of {step}"), n));
                    assert_eq!(takes_effect, after(n + 30));
                }
                ExitChange::StepTaken { step } => steps.push((step, n)),
                other => assert_eq!((other, n), (ExitChange::BelowLine, 0)),
            }
        }
    }
    let said: Vec<(&str, i32)> = steps.iter().map(|(step, n)| (step.as_str(), *n)).collect();
    assert_eq!(
        said,
        [
            ("notice of reassess", 180),
            ("reassess", 210),
            // Without notice, 60 days later.
            ("educate", 270),
            // 60 days after educate, noticed 30 days before.
            ("notice of renegotiate", 300),
            ("renegotiate", 330),
            ("notice of migrate", 360),
            ("migrate", 390),
            ("notice of end", 420),
            ("end", 450),
        ]
    );
    assert_eq!(ExitRecord::replay(&c.events), c.record);
}

#[test]
fn above_the_line_is_off_the_ladder_at_once() {
    // With notice only.
    let mut c = Customer::new(&page());
    c.attempts = vec![after(0), after(0)];
    c.review(after(0));
    c.review(after(180));
    assert_eq!(c.noticed(), Some("reassess"));
    c.has("spend_12m", Some(20.0));
    assert_eq!(c.review(after(181)), [reversed(None, Some("reassess"))]);
    assert_eq!(c.record, None);
    // From any step, and with notice of the next; a closed gate does not keep them on it.
    for step in ["reassess", "educate", "renegotiate", "migrate"] {
        let mut c = Customer::new(&page());
        c.attempts = vec![after(0), after(0)];
        let on = c.until_on(step, 0);
        c.has("spend_12m", Some(20.0));
        c.has("legal_hold", Some(1.0));
        assert_eq!(c.review(after(on + 1)), [reversed(Some(step), None)]);
        assert_eq!(c.record, None);
    }
    let mut c = Customer::new(&page());
    c.attempts = vec![after(0), after(0)];
    let on = c.until_on("educate", 0);
    c.review(after(on + 30));
    c.has("spend_12m", Some(20.0));
    let change = reversed(Some("educate"), Some("renegotiate"));
    assert_eq!(c.review(after(on + 31)), [change]);
}

#[test]
fn the_end_is_final_and_who_is_back_begins_anew() {
    let mut c = Customer::new(&short());
    let on = c.until_on("last", 0);
    assert_eq!(c.review(after(on + 1000)), []);
    c.has("legal_hold", Some(1.0));
    assert_eq!(c.review(after(on + 1001)), []);
    assert_eq!(c.step(), Some("last"));
    assert!(c.explain(after(on + 1001)).ended);
    assert_eq!(c.explain(after(on + 1001)).next, None);
    c.has("spend_12m", Some(50.0));
    let returned = ExitChange::Returned {
        step: "last".to_owned(),
    };
    assert_eq!(c.review(after(on + 1002)), [returned]);
    assert_eq!(c.record, None);
    // Anew: from the first step.
    c.has("spend_12m", Some(5.0));
    c.has("legal_hold", Some(0.0));
    assert_eq!(c.review(after(on + 1003)), [ExitChange::BelowLine]);
    assert_eq!(c.review(after(on + 1013)), [taken("first")]);

    // A last step that does not end the service is reversed like any other.
    let mut spec = short();
    spec.steps[2].ends_service = false;
    let mut c = Customer::new(&spec);
    let on = c.until_on("last", 0);
    c.has("spend_12m", Some(50.0));
    assert_eq!(c.review(after(on + 1)), [reversed(Some("last"), None)]);
}

#[test]
fn a_gate_withdraws_a_notice_before_and_on_its_day() {
    for late in [5, 30, 300] {
        let mut c = Customer::new(&page());
        c.attempts = vec![after(0), after(0)];
        c.review(after(0));
        assert_eq!(c.review(after(200)), [given("reassess", after(230))]);
        assert_eq!(c.review(after(201)), []);
        c.has("open_orders", Some(1.0));
        c.has("legal_hold", None);
        let gates = ["legal hold", "open orders"];
        assert_eq!(c.review(after(200 + late)), [withdrawn("reassess", &gates)]);
        assert_eq!(c.noticed(), None);
        assert_eq!(c.step(), None);
        // Notice is given anew, in full, when they open.
        c.has("open_orders", Some(0.0));
        c.has("legal_hold", Some(0.0));
        let again = given("reassess", after(231 + late));
        assert_eq!(c.review(after(201 + late)), [again]);
    }
}

#[test]
fn a_step_is_taken_since_the_day_of_the_review() {
    let mut c = Customer::new(&page());
    c.attempts = vec![after(0), after(0)];
    c.review(after(0));
    c.review(after(180));
    assert_eq!(c.review(after(209)), []);
    // Late, and the next one counts from there.
    assert_eq!(c.review(after(260)), [taken("reassess")]);
    assert_eq!(
        c.record.as_ref().unwrap().step.as_ref().unwrap().since,
        after(260)
    );
    assert_eq!(c.review(after(319)), []);
    assert_eq!(c.review(after(320)), [taken("educate")]);
}

#[test]
fn attempts_count_from_below_since_to_the_day() {
    let mut c = Customer::new(&page());
    c.attempts = vec![after(-1), after(0), after(201)];
    c.review(after(0));
    assert_eq!(c.review(after(200)), []);
    let attempts = c.explain(after(200)).next.unwrap().attempts.unwrap();
    assert_eq!((attempts.made, attempts.needed), (1, 2));
    assert_eq!(c.review(after(201)), [given("reassess", after(231))]);
}

#[test]
fn a_notice_of_another_policy_waits_for_the_longer_interval() {
    let mut spec = short();
    spec.notice = Days::new(10);
    let mut c = Customer::new(&spec);
    c.review(after(0));
    assert_eq!(c.review(after(10)), [taken("first")]);
    assert_eq!(c.review(after(11)), [given("second", after(21))]);
    spec.interval = Days::new(60);
    c.ladder = bind(&spec);
    assert_eq!(c.review(after(69)), []);
    let next = c.explain(after(69)).next.unwrap();
    assert_eq!((next.noticed, next.earliest), (true, Some(after(70))));
    assert_eq!(c.review(after(70)), [taken("second")]);
}

#[test]
fn a_late_review_takes_one_step() {
    let mut c = Customer::new(&short());
    assert_eq!(c.review(after(0)), [ExitChange::BelowLine]);
    assert_eq!(c.review(after(9)), []);
    assert_eq!(c.review(after(5000)), [taken("first")]);
    assert_eq!(c.review(after(5000)), []);
    assert_eq!(c.review(after(5009)), []);
    assert_eq!(c.review(after(6000)), [taken("second")]);
    assert_eq!(c.review(after(6010)), [taken("last")]);
}

#[test]
fn a_notice_as_long_as_the_interval_waits_for_the_day_after_the_step() {
    let mut spec = short();
    spec.notice = spec.interval;
    let mut c = Customer::new(&spec);
    assert_eq!(
        c.review(after(0)),
        [ExitChange::BelowLine, given("first", after(10))]
    );
    assert_eq!(c.review(after(10)), [taken("first")]);
    assert_eq!(c.review(after(10)), []);
    assert_eq!(c.review(after(11)), [given("second", after(21))]);
}

#[test]
fn a_review_on_an_earlier_day_takes_nothing_back() {
    let mut c = Customer::new(&short());
    c.until_on("second", 0);
    assert_eq!(c.review(after(5)), []);
    assert_eq!(c.step(), Some("second"));
}

#[test]
fn at_the_end_of_the_calendar_no_notice_is_cut_short() {
    let mut spec = short();
    spec.interval = Days::new(20);
    spec.notice = Days::new(10);
    let mut c = Customer::new(&spec);
    c.review(after(0));
    let last = Day::MAX.minus(Days::new(9));
    assert_eq!(c.review(last), []);
    assert_eq!(c.explain(last).next.unwrap().earliest, None);
    assert_eq!(c.review(Day::MAX), []);
    let mut c = Customer::new(&spec);
    c.review(after(0));
    let last = Day::MAX.minus(Days::new(10));
    assert_eq!(c.review(last), [given("first", Day::MAX)]);
    // Nor is any other time.
    spec.at_least = Days::new(i32::MAX);
    spec.interval = Days::new(i32::MAX);
    let mut c = Customer::new(&spec);
    c.review(Day::MIN);
    assert_eq!(c.review(Day::MAX), []);
    assert_eq!(c.explain(Day::MAX).next.unwrap().earliest, None);
}

// ---- gates ----

#[test]
fn an_unknown_gate_is_closed() {
    let mut c = Customer::new(&short());
    c.has("legal_hold", None);
    assert_eq!(c.review(after(0)), [ExitChange::BelowLine]);
    assert_eq!(c.review(after(500)), []);
    let held = c.explain(after(500)).next.unwrap().held_by;
    assert_eq!(
        (held.len(), held[0].name.as_str(), held[0].closed),
        (1, "hold", Truth::Unknown)
    );
    c.has("legal_hold", Some(0.0));
    assert_eq!(c.review(after(501)), [taken("first")]);
}

#[test]
fn a_gate_from_a_step_is_looked_at_from_there_on() {
    let mut spec = short();
    spec.gates = vec![GateSpec::new("hold", column("legal_hold").is_set()).from_step("second")];
    let mut c = Customer::new(&spec);
    c.has("legal_hold", Some(1.0));
    assert_eq!(c.review(after(0)), [ExitChange::BelowLine]);
    assert_eq!(c.review(after(10)), [taken("first")]);
    // It holds them where they are, and takes no step back.
    assert_eq!(c.review(after(100)), []);
    assert_eq!(c.step(), Some("first"));
    c.has("legal_hold", Some(0.0));
    assert_eq!(c.review(after(101)), [taken("second")]);
    c.has("legal_hold", Some(1.0));
    assert_eq!(c.review(after(200)), []);
    assert_eq!(c.step(), Some("second"));
}

#[test]
fn the_gates_of_the_page_keep_whoever_is_worth_something() {
    for (name, value, ever) in [
        ("legal_hold", Some(1.0), None),
        ("open_orders", Some(1.0), None),
        ("open_orders", None, None),
        ("growth_12m", Some(0.21), None),
        ("growth_12m", Some(0.2), Some("end")),
        // Whoever does not buy does not grow, and is not held for ever.
        ("growth_12m", None, Some("end")),
        ("referral_value", Some(50.0), None),
        ("household_value", Some(100.0), Some("migrate")),
        ("household_value", None, Some("migrate")),
        ("household_value", Some(99.99), Some("end")),
    ] {
        let mut c = Customer::new(&page());
        c.attempts = vec![after(0), after(0)];
        c.has(name, value);
        for n in 0..100 {
            c.review(after(30 * n));
        }
        assert_eq!(c.step(), ever, "{name} {value:?}");
    }
}

// ---- another policy ----

#[test]
fn a_record_outlives_its_policy() {
    let mut c = Customer::new(&short());
    assert_eq!(c.until_on("second", 0), 20);
    // The step they are on is no more: anew, and still 10 days after it.
    let mut other = short();
    other.steps[1].name = "other".to_owned();
    c.ladder = bind(&other);
    assert_eq!(c.review(after(29)), []);
    let told = c.explain(after(29));
    assert_eq!((told.step, told.below_since), (None, Some(after(0))));
    assert_eq!(told.next.unwrap().step, "first");
    assert_eq!(c.review(after(30)), [taken("first")]);
    assert_eq!(c.record.as_ref().unwrap().below_since, after(0));

    // The new policy's times hold for what is next, the later of the two.
    other.at_least = Days::new(500);
    c.ladder = bind(&other);
    let next = c.explain(after(31)).next.unwrap();
    assert_eq!(next.earliest, Some(after(500)));
    assert_eq!(next.interval_over, Some(after(40)));

    // Whoever was on it is reversed, not only above the line.
    let mut c = Customer::new(&short());
    c.until_on("second", 0);
    c.ladder = bind(&other);
    c.has("spend_12m", Some(50.0));
    assert_eq!(c.review(after(21)), [reversed(Some("second"), None)]);
}

#[test]
fn a_notice_of_a_step_that_is_not_next_is_withdrawn() {
    let mut spec = short();
    spec.notice = Days::new(5);
    for name in ["new", "second"] {
        let mut c = Customer::new(&spec);
        assert_eq!(c.until_on("first", -10), 10);
        assert_eq!(c.review(after(20)), [given("second", after(25))]);
        // A step between, or one in its place.
        let mut other = spec.clone();
        other.steps.insert(1, StepSpec::new("between"));
        other.steps[2].name = name.to_owned();
        c.ladder = bind(&other);
        let changes = [withdrawn("second", &[]), given("between", after(26))];
        assert_eq!(c.review(after(21)), changes);
        assert_eq!(ExitRecord::replay(&c.events), c.record);
        // No gate was looked at for the one, the gate of the next step for the other.
        let gates: Vec<usize> = c.events.iter().rev().map(|e| e.gates.len()).collect();
        assert_eq!(gates[..2], [1, 0]);
    }
    // Above the line it is void as any notice.
    let mut c = Customer::new(&spec);
    c.review(after(0));
    c.review(after(5));
    spec.steps[0].name = "new".to_owned();
    c.ladder = bind(&spec);
    c.has("spend_12m", Some(50.0));
    assert_eq!(c.review(after(6)), [reversed(None, Some("first"))]);
}

//! Who a customer belongs to: every rule with its boundary days, and what must always hold, against a plain day-by-day
//! simulation.

#[path = "ownership/plain.rs"]
mod plain;
#[path = "ownership/random.rs"]
mod random;

use customer_value::diagnostic::{Code, Diagnostics, Severity};
use customer_value::lifecycle::ownership::{
    Holding, Load, Lock, Outcome, Ownership, OwnershipChange as Change, OwnershipRules,
    OwnershipSpec, Refusal, ReturnReason,
};
use customer_value::model::{Day, Days};

/// Days of a year, by number: 0 is 2025-01-01.
fn day(n: i32) -> Day {
    Day::from_ymd(2025, 1, 1).unwrap().plus(Days::new(n))
}

fn rules(text: &str) -> OwnershipRules {
    let spec: OwnershipSpec = toml::from_str(text).unwrap();
    let mut problems = Diagnostics::new();
    let rules = spec.bind(&mut problems);
    assert!(problems.is_empty(), "{problems}");
    rules.unwrap()
}

fn claimed(rules: &OwnershipRules, on: i32) -> Ownership {
    claim(rules, &Ownership::default(), "li", on)
        .unwrap()
        .ownership
}

fn claim(
    rules: &OwnershipRules,
    ownership: &Ownership,
    owner: &str,
    on: i32,
) -> Result<Outcome, Refusal> {
    rules.claim(ownership, owner, &Load::default(), day(on))
}

/// What happened, in short.
fn told(outcome: &Outcome) -> Vec<String> {
    let number = |day: Day| (day - self::day(0)).get();
    let reason = |reason: &ReturnReason| match reason {
        ReturnReason::NoContact => "contact",
        ReturnReason::NoDeal => "deal",
    };
    let tell = |change: &Change| match change {
        Change::Claimed { owner } => format!("claimed by {owner}"),
        Change::Warned {
            reason: r,
            returns_on,
            ..
        } => {
            format!("warned of {} on {}", reason(r), number(*returns_on))
        }
        Change::WarningWithdrawn { reason: r, .. } => format!("withdrawn {}", reason(r)),
        Change::Returned { owner, reason: r } => format!("{owner} lost for {}", reason(r)),
        Change::Released { owner } => format!("released by {owner}"),
        Change::Locked(_) => "locked".to_owned(),
        Change::Unlocked => "unlocked".to_owned(),
        Change::Closed => "closed".to_owned(),
        Change::Reopened => "reopened".to_owned(),
        other => format!("{other:?}"),
    };
    let events = outcome.events.iter();
    events
        .map(|event| format!("{}: {}", number(event.day), tell(&event.change)))
        .collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn without_rules_everybody_keeps_what_they_have() {
    let rules = rules("");
    let ownership = claimed(&rules, 0);
    let outcome = rules.review(&ownership, Day::MAX);
    assert_eq!(told(&outcome), NOTHING);
    assert_eq!(outcome.ownership.owner(), Some("li"));
    assert_eq!(
        (rules.returns_on(&ownership), rules.next_review(&ownership)),
        (None, None)
    );
    let released = rules.release(&ownership, day(0)).unwrap();
    assert_eq!(told(&released), ["0: released by li"]);
    // Nobody is barred.
    assert!(claim(&rules, &released.ownership, "li", 0).is_ok());
}

#[test]
fn no_contact_returns_on_the_day_and_not_before() {
    let rules = rules(r#"no_contact = "30 days""#);
    let ownership = claimed(&rules, 0);
    assert_eq!(told(&rules.review(&ownership, day(29))), NOTHING);
    let returned = rules.review(&ownership, day(30));
    assert_eq!(told(&returned), ["30: li lost for contact"]);
    assert_eq!(returned.ownership.owner(), None);
    // Late, it is the same day.
    let late = rules.review(&ownership, day(400));
    assert_eq!(told(&late), ["30: li lost for contact"]);
    assert_eq!(late.ownership.former, returned.ownership.former);
    // A contact on the last day keeps the customer, one on the day itself is too late.
    let kept = rules.contact(&ownership, day(29));
    assert_eq!(
        rules.returns_on(&kept.ownership),
        Some((day(59), ReturnReason::NoContact))
    );
    let too_late = rules.contact(&ownership, day(30));
    assert_eq!(told(&too_late), ["30: li lost for contact"]);
}

#[test]
fn a_deal_is_a_contact_and_a_contact_is_no_deal() {
    let rules = rules("no_contact = \"10 days\"\nno_deal = \"15 days\"");
    let ownership = claimed(&rules, 0);
    let contact = rules.contact(&ownership, day(9)).ownership;
    assert_eq!(
        rules.returns_on(&contact),
        Some((day(15), ReturnReason::NoDeal))
    );
    let deal = rules.deal(&ownership, day(9)).ownership;
    assert_eq!(
        rules.returns_on(&deal),
        Some((day(19), ReturnReason::NoContact))
    );
    // Both on one day: no contact is said.
    let both = rules.contact(&ownership, day(5)).ownership;
    assert_eq!(
        told(&rules.review(&both, day(99))),
        ["15: li lost for contact"]
    );
}

#[test]
fn what_is_told_late_counts_from_its_own_day() {
    let rules = rules("no_contact = \"10 days\"\nwarn_before = \"3 days\"");
    let ownership = claimed(&rules, 0);
    let warned = rules.review(&ownership, day(8)).ownership;
    // A contact before the claim is somebody else's; one that was not told yet takes the warning back.
    let before = rules.contact(&warned, day(-1));
    assert_eq!((told(&before), &before.ownership), (vec![], &warned));
    let late = rules.contact(&warned, day(5));
    assert_eq!(told(&late), ["8: withdrawn contact"]);
    assert_eq!(
        rules.returns_on(&late.ownership),
        Some((day(15), ReturnReason::NoContact))
    );
    // An earlier one changes nothing any more.
    let earlier = rules.contact(&late.ownership, day(3)).ownership;
    assert_eq!(earlier, late.ownership);
    // The owner of today has nothing from what the one of yesterday did.
    let pool = rules.review(&late.ownership, day(20)).ownership;
    let next = claim(&rules, &pool, "wang", 20).unwrap().ownership;
    assert_eq!(rules.contact(&next, day(14)).ownership, next);
}

#[test]
fn the_owner_is_warned_before() {
    let rules = rules("no_contact = \"30 days\"\nwarn_before = \"7 days\"");
    let ownership = claimed(&rules, 0);
    assert_eq!(rules.next_review(&ownership), Some(day(23)));
    assert_eq!(told(&rules.review(&ownership, day(22))), NOTHING);
    let warned = rules.review(&ownership, day(23));
    assert_eq!(told(&warned), ["23: warned of contact on 30"]);
    // Once.
    assert_eq!(told(&rules.review(&warned.ownership, day(29))), NOTHING);
    assert_eq!(
        told(&rules.review(&warned.ownership, day(30))),
        ["30: li lost for contact"]
    );
    let both = ["23: warned of contact on 30", "30: li lost for contact"];
    assert_eq!(told(&rules.review(&ownership, day(365))), both);
    let contact = rules.contact(&warned.ownership, day(24));
    assert_eq!(told(&contact), ["24: withdrawn contact"]);
    assert_eq!(rules.next_review(&contact.ownership), Some(day(47)));
}

#[test]
fn each_reason_has_its_own_warning() {
    let rules = rules("no_contact = \"30 days\"\nno_deal = \"33 days\"\nwarn_before = \"7 days\"");
    let ownership = claimed(&rules, 0);
    let contact = rules.contact(&ownership, day(28));
    let expected = [
        "23: warned of contact on 30",
        "26: warned of deal on 33",
        "28: withdrawn contact",
    ];
    assert_eq!(told(&contact), expected);
    assert_eq!(
        told(&rules.review(&contact.ownership, day(99))),
        ["33: li lost for deal"]
    );
}

#[test]
fn a_claim_is_protected() {
    let rules =
        rules("no_contact = \"5 days\"\nwarn_before = \"2 days\"\nprotection = \"14 days\"");
    let ownership = claimed(&rules, 0);
    let expected = ["12: warned of contact on 14", "14: li lost for contact"];
    assert_eq!(told(&rules.review(&ownership, day(99))), expected);
    assert_eq!(
        rules.review(&ownership, day(13)).ownership.owner(),
        Some("li")
    );
    // Afterwards the days count as ever.
    let contact = rules.contact(&ownership, day(11)).ownership;
    assert_eq!(
        rules.returns_on(&contact),
        Some((day(16), ReturnReason::NoContact))
    );
}

#[test]
fn a_former_owner_is_barred_until_a_day() {
    let rules = rules("no_contact = \"10 days\"\nbarred = \"60 days\"");
    let pool = rules.review(&claimed(&rules, 0), day(50)).ownership;
    // From the day of the loss, 10, not from the review.
    assert_eq!(
        claim(&rules, &pool, "li", 69),
        Err(Refusal::Barred { until: day(70) })
    );
    assert!(claim(&rules, &pool, "li", 70).is_ok());
    assert!(claim(&rules, &pool, "wang", 50).is_ok());
    // A release counts too, and of several losses the last.
    let released = rules
        .release(&claimed(&rules, 0), day(3))
        .unwrap()
        .ownership;
    assert_eq!(
        claim(&rules, &released, "li", 62),
        Err(Refusal::Barred { until: day(63) })
    );
    let again = claim(&rules, &released, "li", 63).unwrap().ownership;
    let again = rules.release(&again, day(64)).unwrap().ownership;
    assert_eq!(
        claim(&rules, &again, "li", 123),
        Err(Refusal::Barred { until: day(124) })
    );
    assert_eq!(again.former.len(), 1);
}

#[test]
fn holding_and_claims_are_limited() {
    let rules_of = |closed| {
        rules(&format!(
            "max_held = 3\nmax_claims_per_day = 2\nclosed_count = {closed}"
        ))
    };
    let pool = Ownership::default();
    let load = |held, closed, claimed_today| Load {
        held,
        closed,
        claimed_today,
    };
    let limit = Refusal::HoldingLimit { limit: 3 };
    let may = |closed, load| {
        rules_of(closed)
            .claim(&pool, "li", &load, day(0))
            .map(|_| ())
    };
    assert_eq!(may(false, load(2, 0, 1)), Ok(()));
    assert_eq!(may(false, load(3, 0, 0)), Err(limit.clone()));
    assert_eq!(may(false, load(4, 2, 0)), Ok(()));
    assert_eq!(may(true, load(4, 2, 0)), Err(limit));
    assert_eq!(
        may(false, load(0, 0, 2)),
        Err(Refusal::DailyLimit {
            limit: 2,
            until: day(1)
        })
    );
    // A limit of none at all is one.
    let mut problems = Diagnostics::new();
    let none: OwnershipSpec = toml::from_str("max_held = 0").unwrap();
    let none = none.bind(&mut problems).unwrap();
    assert_eq!(
        problems.iter().map(|d| d.code).collect::<Vec<_>>(),
        [Code::Never]
    );
    assert_eq!(
        claim(&none, &pool, "li", 0),
        Err(Refusal::HoldingLimit { limit: 0 })
    );
}

#[test]
fn who_is_held_is_not_claimed() {
    let rules = rules("");
    let ownership = claimed(&rules, 0);
    let held = Refusal::Held {
        by: "li".to_owned(),
    };
    assert_eq!(claim(&rules, &ownership, "wang", 5), Err(held.clone()));
    assert_eq!(claim(&rules, &ownership, "li", 5), Err(held));
    assert_eq!(
        rules.release(&Ownership::default(), day(5)),
        Err(Refusal::NotHeld)
    );
}

#[test]
fn a_locked_customer_stays() {
    let rules = rules("no_contact = \"10 days\"\nwarn_before = \"3 days\"");
    let ownership = claimed(&rules, 0);
    let locked = rules.lock(&ownership, Lock::Until(day(40)), day(5));
    assert_eq!(told(&locked), ["5: locked"]);
    assert_eq!(
        rules.release(&locked.ownership, day(39)),
        Err(Refusal::Locked {
            until: Some(day(40))
        })
    );
    // The lock ends on its day, and the warning has come before.
    let expected = [
        "37: warned of contact on 40",
        "40: unlocked",
        "40: li lost for contact",
    ];
    assert_eq!(told(&rules.review(&locked.ownership, day(99))), expected);
    // A customer in the pool is not claimed.
    let pool = rules
        .lock(&Ownership::default(), Lock::Until(day(9)), day(0))
        .ownership;
    assert_eq!(
        claim(&rules, &pool, "li", 8),
        Err(Refusal::Locked {
            until: Some(day(9))
        })
    );
    assert!(claim(&rules, &pool, "li", 9).is_ok());
    let pool = rules.lock(&pool, Lock::Indefinite, day(0)).ownership;
    assert_eq!(
        claim(&rules, &pool, "li", 9999),
        Err(Refusal::Locked { until: None })
    );
}

#[test]
fn a_lock_without_end_takes_warnings_back_and_lifting_it_leaves_time() {
    let rules = rules("no_contact = \"10 days\"\nwarn_before = \"3 days\"");
    let ownership = claimed(&rules, 0);
    let locked = rules.lock(&ownership, Lock::Indefinite, day(8));
    assert_eq!(
        told(&locked),
        [
            "7: warned of contact on 10",
            "8: locked",
            "8: withdrawn contact"
        ]
    );
    assert_eq!(told(&rules.review(&locked.ownership, Day::MAX)), NOTHING);
    assert_eq!(
        told(&rules.lock(&locked.ownership, Lock::Indefinite, day(9))),
        NOTHING
    );
    // Overdue for long: three days are left all the same.
    let unlocked = rules.unlock(&locked.ownership, day(100));
    assert_eq!(
        told(&unlocked),
        ["100: unlocked", "100: warned of contact on 103"]
    );
    assert_eq!(
        told(&rules.review(&unlocked.ownership, day(200))),
        ["103: li lost for contact"]
    );
    assert_eq!(told(&rules.unlock(&unlocked.ownership, day(101))), NOTHING);
    // A lock that ends sooner than the return moves nothing; one that ends later moves the warning.
    let warned = rules.review(&ownership, day(8)).ownership;
    let sooner = rules.lock(&warned, Lock::Until(day(9)), day(8));
    assert_eq!(told(&sooner), ["8: locked"]);
    let later = rules.lock(&warned, Lock::Until(day(11)), day(8));
    assert_eq!(told(&later), ["8: locked", "8: warned of contact on 11"]);
    let expected = ["11: unlocked", "11: li lost for contact"];
    assert_eq!(told(&rules.review(&later.ownership, day(20))), expected);
}

#[test]
fn a_closed_deal_stays_until_it_is_opened_again() {
    let rules = rules("no_contact = \"10 days\"\nno_deal = \"20 days\"\nwarn_before = \"3 days\"");
    let closed = rules.close(&claimed(&rules, 0), day(8));
    assert_eq!(
        told(&closed),
        [
            "7: warned of contact on 10",
            "8: closed",
            "8: withdrawn contact"
        ]
    );
    let closed = closed.ownership;
    assert_eq!(told(&rules.review(&closed, Day::MAX)), NOTHING);
    assert_eq!(claim(&rules, &closed, "wang", 9), Err(Refusal::Closed));
    assert_eq!(rules.release(&closed, day(9)), Err(Refusal::Closed));
    assert_eq!(told(&rules.close(&closed, day(9))), NOTHING);
    assert_eq!(
        Load::of("li", [&closed, &Ownership::default()], 4),
        Load {
            held: 1,
            closed: 1,
            claimed_today: 4
        }
    );
    let open = rules.reopen(&closed, day(300));
    assert_eq!(told(&open), ["300: reopened"]);
    assert_eq!(
        rules.returns_on(&open.ownership),
        Some((day(310), ReturnReason::NoContact))
    );
    let contact = rules.contact(&open.ownership, day(305)).ownership;
    assert_eq!(rules.next_review(&contact), Some(day(312)));
    assert_eq!(told(&rules.reopen(&open.ownership, day(301))), NOTHING);
}

#[test]
fn changed_rules_are_effective_on_the_next_day() {
    let old = rules(r#"no_contact = "60 days""#);
    let short = rules(r#"no_contact = "20 days""#);
    let ownership = claimed(&old, 0);
    let both = old.clone().changed(day(40), &short);
    assert_eq!(told(&both.review(&ownership, day(40))), NOTHING);
    assert_eq!(
        told(&both.review(&ownership, day(41))),
        ["41: li lost for contact"]
    );
    // However late, by the rules of each day.
    assert_eq!(
        told(&both.review(&ownership, day(400))),
        ["41: li lost for contact"]
    );
    let event = &both.review(&ownership, day(400)).events[0];
    assert_eq!(event.rules, short.fingerprint(day(0)));
    assert_ne!(event.rules, both.fingerprint(day(40)));
    // A contact on the day of the change is in time.
    assert_eq!(told(&both.contact(&ownership, day(40))), NOTHING);

    // With a warning there is time.
    let fair = rules("no_contact = \"20 days\"\nwarn_before = \"5 days\"");
    let both = old.clone().changed(day(40), &fair);
    let expected = ["41: warned of contact on 46", "46: li lost for contact"];
    assert_eq!(told(&both.review(&ownership, day(400))), expected);

    // Two changes on one day: the last is made.
    let twice = both.changed(day(40), &old);
    assert_eq!(told(&twice.review(&ownership, day(59))), NOTHING);
    assert_eq!(
        told(&twice.review(&ownership, day(60))),
        ["60: li lost for contact"]
    );
}

#[test]
fn what_the_owner_was_told_is_kept_to() {
    let old = rules("no_contact = \"30 days\"\nwarn_before = \"7 days\"");
    let ownership = claimed(&old, 0);
    let warned = ["23: warned of contact on 30"];
    // Shorter days, no warning, no days at all, longer days: from day 25 on.
    for (new, expected) in [
        (
            "no_contact = \"10 days\"\nwarn_before = \"2 days\"",
            vec!["30: li lost for contact"],
        ),
        ("no_contact = \"10 days\"", vec!["30: li lost for contact"]),
        ("", vec!["25: withdrawn contact"]),
        (
            "no_contact = \"31 days\"\nwarn_before = \"7 days\"",
            vec!["25: warned of contact on 31", "31: li lost for contact"],
        ),
        (
            "no_contact = \"90 days\"\nwarn_before = \"7 days\"",
            vec![
                "25: withdrawn contact",
                "83: warned of contact on 90",
                "90: li lost for contact",
            ],
        ),
        (
            "no_contact = \"40 days\"",
            vec!["25: withdrawn contact", "40: li lost for contact"],
        ),
    ] {
        let both = old.clone().changed(day(24), &rules(new));
        let all: Vec<_> = warned.into_iter().chain(expected).collect();
        assert_eq!(told(&both.review(&ownership, day(400))), all, "{new}");
    }
}

#[test]
fn rules_are_stored_with_their_days() {
    let old = rules(r#"no_contact = "60 days""#);
    let both = old.clone().changed(day(40), &rules("max_held = 3"));
    let text = serde_json::to_string(&both).unwrap();
    assert_eq!(
        text,
        r#"[{"rules":{"no_contact":"60 days"}},{"from":"2025-02-11","rules":{"max_held":3}}]"#
    );
    assert_eq!(serde_json::from_str::<OwnershipRules>(&text).unwrap(), both);
    assert_eq!(both.at(day(40)), old.at(day(0)));
    assert_eq!(both.at(day(41)).max_held, Some(3));
    assert_eq!(both.clone().without_before(day(40)), both);
    assert_eq!(both.without_before(day(41)), rules("max_held = 3"));
    for wrong in [
        "[]",
        r#"[{"from":"2025-02-11","rules":{}}]"#,
        r#"[{"rules":{}},{"rules":{}}]"#,
        r#"[{"rules":{}},{"from":"2025-02-11","rules":{}},{"from":"2025-02-11","rules":{}}]"#,
        r#"[{"rules":{"no_deal":"0 days"}}]"#,
        r#"[{"rules":{"no_deals":"9 days"}}]"#,
    ] {
        assert!(
            serde_json::from_str::<OwnershipRules>(wrong).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn what_is_kept_elsewhere_is_taken_over_without_a_day_in_the_past() {
    let rules = rules(r#"no_contact = "30 days""#);
    let holding = Holding {
        last_contact: Some(day(-500)),
        ..Holding::new("li", day(-900))
    };
    let ownership = Ownership::held(holding.clone(), day(0));
    assert_eq!(
        told(&rules.review(&ownership, day(9))),
        ["0: li lost for contact"]
    );
    // Without saying up to when, it is made up from the claim on.
    let unknown = Ownership {
        holding: Some(holding),
        ..Ownership::default()
    };
    assert_eq!(
        told(&rules.review(&unknown, day(9))),
        ["-470: li lost for contact"]
    );
}

#[test]
fn it_is_plain_data() {
    let rules = rules("no_contact = \"10 days\"\nwarn_before = \"3 days\"");
    let warned = rules.review(&claimed(&rules, 0), day(8));
    let warned = rules.lock(&warned.ownership, Lock::Until(day(9)), day(8));
    let text = serde_json::to_string(&warned.ownership).unwrap();
    assert_eq!(
        text,
        r#"{"holding":{"owner":"li","since":"2025-01-01","warned_no_contact":"2025-01-11"},"lock":{"until":"2025-01-10"},"reviewed":"2025-01-09"}"#
    );
    assert_eq!(
        serde_json::from_str::<Ownership>(&text).unwrap(),
        warned.ownership
    );
    assert_eq!(
        serde_json::from_str::<Ownership>("{}").unwrap(),
        Ownership::default()
    );
    let text = serde_json::to_string(&rules.review(&warned.ownership, day(99)).events).unwrap();
    assert!(
        text.contains(r#""change":{"returned":{"owner":"li","reason":"no_contact"}}"#),
        "{text}"
    );
    let refusal = Refusal::Locked {
        until: Some(day(9)),
    };
    assert_eq!(
        refusal.to_string(),
        "the customer is locked until 2025-01-10"
    );
    assert_eq!(
        serde_json::to_string(&refusal).unwrap(),
        r#"{"locked":{"until":"2025-01-10"}}"#
    );
}

#[test]
fn every_problem_is_reported_at_once() {
    let problems = |text: &str| {
        let spec: OwnershipSpec = toml::from_str(text).unwrap();
        let mut problems = Diagnostics::new();
        let bound = spec.bind(&mut problems).is_some();
        assert_eq!(bound, !problems.has_errors());
        let short = |d: &customer_value::diagnostic::Diagnostic| {
            assert_eq!(
                d.severity == Severity::Warning,
                matches!(d.code, Code::Unused | Code::Never)
            );
            format!("{} {:?}", d.place.path, d.code)
        };
        problems.iter().map(short).collect::<Vec<_>>()
    };
    let all = "no_contact = \"-1 days\"\nno_deal = \"4000000 days\"\nwarn_before = \"0 days\"\nprotection = \"0 days\"\nbarred = \"0 days\"\nmax_held = 0";
    assert_eq!(
        problems(all),
        [
            "ownership.no_contact Range",
            "ownership.no_deal Range",
            "ownership.warn_before Range",
            "ownership.protection Range",
            "ownership.barred Range",
            "ownership.max_held Never",
        ]
    );
    let conflict = "no_contact = \"7 days\"\nno_deal = \"8 days\"\nwarn_before = \"7 days\"";
    assert_eq!(problems(conflict), ["ownership.warn_before Conflict"]);
    let unused = "warn_before = \"7 days\"\nprotection = \"7 days\"\nclosed_count = true\nmax_claims_per_day = 0";
    assert_eq!(
        problems(unused),
        [
            "ownership.warn_before Unused",
            "ownership.protection Unused",
            "ownership.closed_count Unused",
            "ownership.max_claims_per_day Never",
        ]
    );
    // A part that is too long is told once, where it is.
    assert_eq!(
        problems("no_contact = \"0 days\"\nwarn_before = \"7 days\""),
        ["ownership.no_contact Range"]
    );
}

#[test]
fn the_ends_of_the_calendar() {
    let text = "no_contact = \"3652058 days\"\nwarn_before = \"3652057 days\"\nprotection = \"3652058 days\"\nbarred = \"3652058 days\"";
    let rules = rules(text);
    for on in [Day::MIN, day(0), Day::MAX] {
        let claimed = rules
            .claim(&Ownership::default(), "li", &Load::default(), on)
            .unwrap();
        let late = rules.review(&claimed.ownership, Day::MAX);
        // From the first day it is the last one; from later ones there is none.
        assert_eq!(late.ownership.owner().is_none(), on == Day::MIN);
        let released = rules.release(&claimed.ownership, on).unwrap().ownership;
        let again = rules.claim(&released, "li", &Load::default(), on);
        assert_eq!(again.is_ok(), on == Day::MAX);
        let _ = rules.contact(&claimed.ownership, Day::MIN);
        let _ = rules.lock(&claimed.ownership, Lock::Until(Day::MIN), Day::MAX);
        let _ = rules
            .clone()
            .changed(Day::MAX, &rules)
            .review(&claimed.ownership, Day::MAX);
    }
}

/// Protection that would end after the calendar has no end.
#[test]
fn protection_may_outlast_the_calendar() {
    let short = rules("no_contact = \"30 days\"");
    let long = rules("no_contact = \"30 days\"\nprotection = \"200 days\"");
    let since = Day::MAX.minus(Days::new(100));
    let ownership = Ownership::held(Holding::new("li", since), since);
    let returns = since.plus(Days::new(30));
    assert_eq!(
        short.returns_on(&ownership),
        Some((returns, ReturnReason::NoContact))
    );
    assert_eq!(long.returns_on(&ownership), None);
}

/// A lock up to a day that is over ends on the day on which it is told, not before.
#[test]
fn a_lock_that_is_over_ends_at_once() {
    let rules = rules("no_contact = \"30 days\"");
    let outcome = rules.lock(&claimed(&rules, 0), Lock::Until(day(5)), day(10));
    assert_eq!(told(&outcome), ["10: locked", "10: unlocked"]);
    assert_eq!(outcome.ownership.lock, None);
}

#[test]
fn a_contact_and_a_deal_on_the_day_of_the_claim_are_remembered() {
    let rules = rules("no_contact = \"30 days\"");
    let met = rules.contact(&claimed(&rules, 3), day(3)).ownership;
    let dealt = rules.deal(&met, day(3)).ownership.holding.unwrap();
    assert_eq!(
        (dealt.last_contact, dealt.last_deal),
        (Some(day(3)), Some(day(3)))
    );
}

#[test]
fn what_is_told_late_or_again_changes_no_later_day() {
    let rules = rules("no_deal = \"30 days\"");
    let dealt = rules.deal(&claimed(&rules, 0), day(10)).ownership;
    let late = rules.deal(&dealt, day(5)).ownership;
    assert_eq!(late.holding.as_ref().unwrap().last_deal, Some(day(10)));
    let closed = rules.close(&late, day(12)).ownership;
    let again = rules.close(&closed, day(15));
    assert_eq!(told(&again), NOTHING);
    assert_eq!(again.ownership.closed, Some(day(12)));
}

#[test]
fn what_is_done_on_a_day_before_the_last_review_is_done_on_that() {
    let rules = rules("barred = \"30 days\"");
    let reviewed = rules.review(&claimed(&rules, 0), day(20)).ownership;
    let released = rules.release(&reviewed, day(10)).unwrap();
    assert_eq!(told(&released), ["20: released by li"]);
}

#[test]
fn a_lock_up_to_a_day_is_an_attribute_too() {
    let mut ownership = Ownership::default();
    for (lock, locked) in [
        (None, false),
        (Some(Lock::Until(day(9))), true),
        (Some(Lock::Indefinite), true),
    ] {
        ownership.lock = lock;
        assert!(ownership.attributes().contains(&("locked", locked.into())));
    }
}

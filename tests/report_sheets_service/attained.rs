//! A small report on service plans.

use customer_value::diagnostic::Diagnostics;
use customer_value::model::{Currency, CustomerId};
use customer_value::report::{Attainment, Sheet};
use customer_value::strategy::playbook::{
    ActionKept, Answers, Attained, FloorKept, Kept, Names, Occasions, Playbook, PlaybookSpec,
};
use customer_value::table::Schema;

use super::fixtures::day;

fn playbook() -> Playbook {
    let spec: PlaybookSpec = toml::from_str(
        r#"
        channels = ["phone", "微信"]
        floor = { channels = ["微信"], cadence = "60 days", response_hours = 24, actions = ["问候"] }
        [[plays]]
        name = "personal | 专属"
        tiers = ["金"]
        channels = ["phone", "微信"]
        cadence = "30 days"
        response_hours = 4
        actions = ["call"]
        [[actions]]
        name = "call"
        channel = "phone"
        trigger = "cadence"
        cost = "3.00 EUR"
        [[actions]]
        name = "问候"
        channel = "微信"
        trigger = { every = "60 days" }
        cost = "0.00 EUR"
        "#,
    )
    .unwrap();
    let mut problems = Diagnostics::new();
    let names = Names {
        tiers: &["base", "金"],
        ..Names::default()
    };
    let bound = spec.bind(&names, &Schema::new(), Currency::EUR, &mut problems);
    bound.unwrap_or_else(|| panic!("{problems}"))
}

fn action(name: &str, done: u64, missed: u64, open: u64) -> ActionKept {
    ActionKept {
        action: name.into(),
        owed: name != "call",
        occasions: Occasions { done, missed, open },
    }
}

fn of(play: Option<usize>, floor: FloorKept) -> Attained {
    Attained {
        play,
        not_to_be_contacted: false,
        answers: None,
        cadence: None,
        actions: Vec::new(),
        floor,
    }
}

/// In the order of the people: one with everything, one below the floor in all ways, one who is not to be contacted, and one whose
/// tier the playbook does not know.
pub fn attainment() -> Sheet {
    let kept = |promised, made, kept| {
        Some(Kept {
            promised,
            made,
            kept,
        })
    };
    let answered = |in_time, late, unknown| {
        Some(Answers {
            in_time,
            late,
            unknown,
        })
    };
    let people = [
        (
            1,
            Attained {
                answers: answered(3, 1, 0),
                cadence: kept(3, 4, true),
                actions: vec![action("call", 3, 0, 1), action("问候", 1, 0, 0)],
                ..of(Some(0), FloorKept::Met)
            },
        ),
        (
            0,
            Attained {
                answers: answered(0, 2, 1),
                cadence: kept(1, 0, false),
                actions: vec![action("问候", 0, 2, 1)],
                ..of(
                    None,
                    FloorKept::NotMet {
                        late: 2,
                        no_contact: true,
                        missed: vec!["问候".into(), "a|b".into()],
                    },
                )
            },
        ),
        (
            0,
            Attained {
                not_to_be_contacted: true,
                answers: answered(0, 0, 1),
                ..of(None, FloorKept::NotKnown)
            },
        ),
        (
            7,
            of(
                Some(0),
                FloorKept::NotMet {
                    late: 1,
                    no_contact: false,
                    missed: Vec::new(),
                },
            ),
        ),
    ];
    let mut report = Attainment::new(&playbook(), day("2024-01-01"), day("2024-03-31"));
    for (id, (tier, attained)) in (1_u64..).zip(&people) {
        report.add(&CustomerId::from(id), *tier, attained);
    }
    report.sheet()
}

/// Nobody is told of who is not, and of many only some.
#[test]
fn a_sheet_lists_twenty_below_the_floor_and_no_empty_table() {
    let spec: PlaybookSpec = toml::from_str(
        "channels = ['phone']\nfloor = { channels = ['phone'], response_hours = 24 }",
    )
    .unwrap();
    let mut problems = Diagnostics::new();
    let bound = spec.bind(
        &Names::default(),
        &Schema::new(),
        Currency::EUR,
        &mut problems,
    );
    let playbook = bound.unwrap_or_else(|| panic!("{problems}"));
    let mut report = Attainment::new(&playbook, day("2024-01-01"), day("2024-03-31"));
    assert_eq!(report.sheet().tables().len(), 3);
    let late = FloorKept::NotMet {
        late: 1,
        no_contact: false,
        missed: Vec::new(),
    };
    for id in 1..=25_u64 {
        report.add(&CustomerId::from(id), 0, &of(None, late.clone()));
    }
    assert_eq!(report.below().len(), 25);
    let sheet = report.sheet();
    assert_eq!(sheet.tables().len(), 4);
    assert_eq!(sheet.tables()[3].rows().len(), 20);
}

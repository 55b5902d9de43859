//! The occasions of actions, counted by hand.

use customer_value::diagnostic::Diagnostics;
use customer_value::model::{Currency, CustomerId, Day, Direction, Interaction, Unit};
use customer_value::strategy::playbook::{
    Attained, Names, Occasions, PlaybookRecord, PlaybookSpec, Position, Subject,
};
use customer_value::table::{Field, Schema, Table};

/// What is known of one customer.
#[derive(Default)]
struct One<'a> {
    birthday: Option<&'a str>,
    /// Their stage, 0 or 1, and since when.
    stage: Option<(usize, &'a str)>,
    /// Whether the rule is true, if that is known, and since when it was.
    hot: Option<bool>,
    hot_since: Option<&'a str>,
    done: &'a [&'a str],
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn occasions(trigger: &str, one: &One<'_>, first: &str, last: &str) -> [u64; 3] {
    let Occasions { done, missed, open } = attained(trigger, one, first, last).actions[0].occasions;
    [done, missed, open]
}

fn attained(trigger: &str, one: &One<'_>, first: &str, last: &str) -> Attained {
    let spec: PlaybookSpec = toml::from_str(&format!(
        r#"
        channels = ["phone"]
        floor = {{ channels = ["phone"], cadence = "10 days", response_hours = 72, actions = ["call"] }}
        [[actions]]
        name = "call"
        channel = "phone"
        cost = "0.00 EUR"
        {trigger}
        "#
    ))
    .unwrap();
    let mut schema = Schema::new();
    let birthday = schema.add(Field::number("birthday", Unit::Date)).unwrap();
    let hot = schema.add(Field::number("hot", Unit::Flag)).unwrap();
    let mut problems = Diagnostics::new();
    let names = Names {
        stages: &["calm", "angry"],
        ..Names::default()
    };
    let bound = spec.bind(&names, &schema, Currency::EUR, &mut problems);
    let playbook = bound.unwrap_or_else(|| panic!("{problems}"));
    let mut table = Table::new(schema, 1);
    let date = one.birthday.map(|text| f64::from(day(text).epoch_days()));
    table.column_mut(birthday).set(0, date);
    table
        .column_mut(hot)
        .set(0, one.hot.map(|hot| f64::from(u8::from(hot))));
    let contacts: Vec<Interaction> = (one.done.iter())
        .map(|on| Interaction::new(1, day(on), "phone", Direction::Outbound, "call").unwrap())
        .collect();
    let since = |text| format!(r#"{{"call":"{text}"}}"#);
    let record: Option<PlaybookRecord> =
        (one.hot_since).map(|text| serde_json::from_str(&since(text)).unwrap());
    let id = CustomerId::from(1);
    let subject = Subject {
        position: Position {
            stage: one.stage.map(|(stage, _)| stage),
            ..Position::default()
        },
        stage_since: one.stage.map(|(_, since)| day(since)),
        record: record.as_ref(),
        interactions: &contacts.iter().collect::<Vec<_>>(),
        ..Subject::new(&id, table.row(0))
    };
    playbook.attained(&subject, day(first), day(last))
}

#[test]
fn an_anniversary_is_due_until_it_is_too_late_or_the_next_one_comes() {
    let of = |trigger: &str, done: &[&str], first, last| {
        let trigger = format!("trigger = {{ anniversary = {{ date = 'birthday'{trigger}");
        let born = One {
            birthday: Some("2020-06-15"),
            done,
            ..One::default()
        };
        occasions(&trigger, &born, first, last)
    };
    // Until the next one, however long it may take: that of 2021 is missed when the one of 2022 comes, which is open.
    let always = " } }\nwithin = '500 days'";
    assert_eq!(of(always, &[], "2021-01-01", "2022-12-31"), [0, 1, 1]);
    assert_eq!(
        of(always, &["2022-06-14"], "2021-01-01", "2022-12-31"),
        [1, 0, 1]
    );
    assert_eq!(
        of(always, &["2022-06-15"], "2021-01-01", "2022-12-31"),
        [1, 1, 0]
    );
    // It was due before these days, and still is: first that of the year before, then until the last day before the next.
    assert_eq!(of(always, &[], "2022-02-01", "2022-03-01"), [0, 0, 1]);
    assert_eq!(of(always, &[], "2022-02-01", "2022-06-14"), [0, 1, 0]);
    assert_eq!(of(always, &[], "2022-06-14", "2022-06-14"), [0, 1, 0]);
    assert_eq!(
        of(always, &["2022-06-20"], "2021-01-01", "2022-12-31"),
        [1, 1, 0]
    );
    // The day itself, if nothing is said.
    let today = " } }";
    assert_eq!(
        of(today, &["2022-06-15"], "2022-01-01", "2022-12-31"),
        [1, 0, 0]
    );
    assert_eq!(
        of(today, &["2022-06-16"], "2022-01-01", "2022-12-31"),
        [0, 1, 0]
    );
    // Three days, the last of which counts, for it and against it.
    let short = " } }\nwithin = '3 days'";
    assert_eq!(of(short, &[], "2022-06-17", "2022-06-30"), [0, 1, 0]);
    assert_eq!(of(short, &[], "2022-06-18", "2022-06-30"), [0, 0, 0]);
    assert_eq!(
        of(short, &["2022-06-17"], "2022-06-01", "2022-06-30"),
        [1, 0, 0]
    );
    assert_eq!(
        of(short, &["2022-06-18"], "2022-06-01", "2022-06-30"),
        [0, 1, 0]
    );
    assert_eq!(of(short, &[], "2022-06-01", "2022-06-16"), [0, 0, 1]);
    assert_eq!(of(short, &[], "2022-06-01", "2022-06-17"), [0, 1, 0]);
    // The day itself is no anniversary.
    assert_eq!(of(short, &[], "2020-01-01", "2020-12-31"), [0, 0, 0]);
    // Moved over the end of a year, either way.
    let ahead = ", offset = '-200 days' } }\nwithin = '3 days'";
    assert_eq!(
        of(ahead, &["2021-11-28"], "2021-11-01", "2021-12-31"),
        [1, 0, 0]
    );
    let behind = ", offset = '250 days' } }\nwithin = '3 days'";
    assert_eq!(
        of(behind, &["2022-02-20"], "2022-01-01", "2022-03-31"),
        [1, 0, 0]
    );
    let far = ", offset = '800 days' } }\nwithin = '3 days'";
    assert_eq!(of(far, &[], "2023-08-01", "2023-08-31"), [0, 1, 0]);
}

#[test]
fn a_stage_is_an_occasion_only_while_the_customer_is_in_it() {
    let in_stage = |stage| One {
        stage: Some((stage, "2024-03-01")),
        ..One::default()
    };
    let angry = "trigger = { stage = { stage = 'angry', offset = '1 day' } }\nwithin = '2 days'";
    let of = |stage| occasions(angry, &in_stage(stage), "2024-03-01", "2024-03-31");
    assert_eq!((of(0), of(1)), ([0, 0, 0], [0, 1, 0]));
}

#[test]
fn a_rule_of_which_it_is_not_known_whether_it_is_true_is_no_occasion() {
    let of = |hot| {
        let one = One {
            hot,
            hot_since: Some("2024-03-02"),
            ..One::default()
        };
        let rule = "trigger = { rule = 'hot' }\nwithin = '5 days'";
        occasions(rule, &one, "2024-03-01", "2024-03-31")
    };
    assert_eq!(of(Some(true)), [0, 1, 0]);
    assert_eq!(of(Some(false)), [0, 0, 0]);
    assert_eq!(of(None), [0, 0, 0]);
}

#[test]
fn a_cadence_is_kept_if_no_time_between_two_contacts_is_longer() {
    let kept = |done: &[&str]| {
        let one = One {
            done,
            ..One::default()
        };
        let trigger = "trigger = 'cadence'";
        let attained = attained(trigger, &one, "2024-01-01", "2024-01-29");
        attained.cadence.unwrap().kept
    };
    // Ten days from the last day before these, and from each contact.
    assert!(kept(&["2024-01-10", "2024-01-20"]));
    assert!(!kept(&["2024-01-11", "2024-01-20"]));
    assert!(!kept(&["2024-01-10", "2024-01-21"]));
    assert!(!kept(&["2024-01-09", "2024-01-19"]));
}

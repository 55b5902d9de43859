//! The sentences of `src/docs/service.md` by hand-worked cases, what bind reports, and the presets against their files.

use customer_value::diagnostic::{Code, Diagnostics, Severity};
use customer_value::engine::{Engine, Policy};
use customer_value::metrics::Catalog;
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Currency, CustomerId, Day, Direction, Interaction, Unit,
};
use customer_value::strategy::playbook::{
    DueList, Names, Playbook, PlaybookRecord, PlaybookSpec, Position, Subject, presets,
};
use customer_value::table::{Field, Schema, Table};

const TIERS: [&str; 2] = ["base", "top"];
const STAGES: [&str; 2] = ["new", "at_risk"];
const SEGMENTS: [&str; 2] = ["retail", "abroad"];

fn names() -> Names<'static> {
    Names {
        tiers: &TIERS,
        stages: &STAGES,
        segments: &SEGMENTS,
    }
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    for (name, unit) in [
        ("may_phone", Unit::Flag),
        ("alone", Unit::Flag),
        ("hot", Unit::Flag),
        ("birthday", Unit::Date),
        ("worth", Unit::Money),
    ] {
        schema.add(Field::number(name, unit)).unwrap();
    }
    schema
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn read(text: &str) -> PlaybookSpec {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn problems(text: &str) -> Diagnostics {
    let mut problems = Diagnostics::new();
    read(text).bind(&names(), &schema(), Currency::EUR, &mut problems);
    problems
}

fn bind(text: &str) -> Playbook {
    let mut problems = Diagnostics::new();
    let bound = read(text).bind(&names(), &schema(), Currency::EUR, &mut problems);
    bound.unwrap_or_else(|| panic!("{problems}"))
}

/// A playbook in which everybody has the action `call` by phone, `rest` being the rest of the action.
fn calling(rest: &str, top: &str) -> String {
    format!(
        "channels = ['phone', 'email']\nconsent = {{ phone = 'may_phone' }}\n{top}\n\
         floor = {{ channels = ['phone'] }}\n\
         plays = [{{ name = 'all', actions = ['call'] }}]\n\
         actions = [{{ name = 'call', channel = 'phone', cost = '6.00 EUR', {rest} }}]"
    )
}

/// One customer with these cells and contacts.
struct One {
    table: Table,
    interactions: Vec<Interaction>,
    attempts: Vec<Attempt>,
}

impl One {
    fn new(cells: &[(&str, f64)]) -> Self {
        let mut table = Table::new(schema(), 1);
        for (name, number) in cells {
            let slot = table.schema().slot(name).unwrap();
            table.column_mut(slot).set(0, Some(*number));
        }
        Self {
            table,
            interactions: Vec::new(),
            attempts: Vec::new(),
        }
    }

    fn contact(mut self, on: &str, channel: &str, kind: &str) -> Self {
        let contact = Interaction::new(1, day(on), channel, Direction::Outbound, kind);
        self.interactions.push(contact.unwrap());
        self
    }

    fn list(&self, playbook: &Playbook, on: &str) -> DueList {
        let id = CustomerId::from(1);
        let subject = Subject {
            interactions: &self.interactions.iter().collect::<Vec<_>>(),
            attempts: &self.attempts,
            ..Subject::new(&id, self.table.row(0))
        };
        playbook.due(day(on), [subject])
    }

    /// What is due, and what is not, each in words without the customer.
    fn said(&self, playbook: &Playbook, on: &str) -> Vec<String> {
        let list = self.list(playbook, on);
        let due = list.due.iter().map(ToString::to_string);
        let held = list.suppressed.iter().map(ToString::to_string);
        due.chain(held).map(|line| line[3..].to_owned()).collect()
    }
}

const MAY: (&str, f64) = ("may_phone", 1.0);
const NOTHING: [&str; 0] = [];

fn date(text: &str) -> f64 {
    f64::from(day(text).epoch_days())
}

#[test]
fn a_cadence_counts_from_the_last_contact_of_any_kind() {
    let playbook = bind(&calling("trigger = { every = '30 days' }", ""));
    let one = One::new(&[MAY]).contact("2024-01-31", "fax", "news");
    assert_eq!(one.said(&playbook, "2024-02-29"), NOTHING);
    assert_eq!(
        one.said(&playbook, "2024-03-01"),
        ["call (through phone), last contact on 2024-01-31, 30 days or more ago, for 6.00 EUR"]
    );
    // What came from the customer is no contact of our own, and a later one is not known yet.
    let mut one = One::new(&[MAY]).contact("2024-03-02", "phone", "call");
    let inbound = Interaction::new(1, day("2024-02-28"), "phone", Direction::Inbound, "call");
    one.interactions.push(inbound.unwrap());
    assert_eq!(
        one.said(&playbook, "2024-03-01"),
        ["call (through phone), no contact yet, for 6.00 EUR"]
    );
    assert_eq!(one.said(&playbook, "2024-03-02"), NOTHING);
}

#[test]
fn the_cadence_of_the_plan_is_that_of_the_play_or_the_floor() {
    let text = |play: &str| {
        calling("trigger = 'cadence'", "")
            .replace("name = 'all',", &format!("name = 'all', {play}"))
    };
    let one = One::new(&[MAY]).contact("2024-01-01", "phone", "call");
    let often = bind(&text("cadence = '10 days',"));
    assert_eq!(one.said(&often, "2024-01-10"), NOTHING);
    assert_eq!(one.said(&often, "2024-01-11").len(), 1);
    let floor = text("").replace(
        "channels = ['phone'] }",
        "channels = ['phone'], cadence = '20 days' }",
    );
    assert_eq!(one.said(&bind(&floor), "2024-01-20"), NOTHING);
    assert_eq!(one.said(&bind(&floor), "2024-01-21").len(), 1);
    // Without any cadence it never is, and bind says so.
    assert_eq!(
        One::new(&[MAY]).said(&bind(&text("")), "2024-01-21"),
        NOTHING
    );
    let found = problems(&text(""));
    assert!(
        found
            .to_string()
            .contains("`call` is never due: there is no cadence"),
        "{found}"
    );
}

#[test]
fn somebody_born_on_a_leap_day_has_a_birthday_every_year() {
    let on = |offset: &str| {
        let trigger =
            format!("trigger = {{ anniversary = {{ date = 'birthday', offset = '{offset}' }} }}");
        bind(&calling(&trigger, ""))
    };
    let one = One::new(&[MAY, ("birthday", date("2000-02-29"))]);
    let same_day = on("0 days");
    assert_eq!(one.said(&same_day, "2000-02-29"), NOTHING);
    assert_eq!(one.said(&same_day, "2023-03-01"), NOTHING);
    assert_eq!(
        one.said(&same_day, "2023-02-28"),
        ["call (through phone), the anniversary 2023-02-28 of birthday 2000-02-29, for 6.00 EUR"]
    );
    assert_eq!(one.said(&same_day, "2024-02-28"), NOTHING);
    assert_eq!(one.said(&same_day, "2024-02-29").len(), 1);
    assert_eq!(
        one.said(&on("-1 days"), "2024-02-28"),
        [
            "call (through phone), 1 day before the anniversary 2024-02-29 of birthday 2000-02-29, for 6.00 EUR"
        ]
    );
    assert_eq!(one.said(&on("1 days"), "2023-03-01").len(), 1);
    assert_eq!(one.said(&on("-7 days"), "2023-02-21").len(), 1);
}

#[test]
fn a_date_is_due_from_its_day_on_until_it_is_done_or_over() {
    let trigger =
        "trigger = { date = { date = 'birthday', offset = '30 days' } }, within = '7 days'";
    let playbook = bind(&calling(trigger, ""));
    let one = || One::new(&[MAY, ("birthday", date("2024-01-31") + 0.75)]);
    for (on, count) in [
        ("2024-02-29", 0),
        ("2024-03-01", 1),
        ("2024-03-07", 1),
        ("2024-03-08", 0),
        ("2025-03-01", 0),
    ] {
        assert_eq!(one().said(&playbook, on).len(), count, "{on}");
    }
    // Done before its day is not done; done since is.
    let early = one().contact("2024-02-29", "phone", "call");
    assert_eq!(early.said(&playbook, "2024-03-02").len(), 1);
    let done = one().contact("2024-03-01", "email", "call");
    assert_eq!(done.said(&playbook, "2024-03-02"), NOTHING);
    let other = one().contact("2024-03-01", "phone", "news");
    assert_eq!(other.said(&playbook, "2024-03-02").len(), 1);
    assert_eq!(One::new(&[MAY]).said(&playbook, "2024-03-01"), NOTHING);
}

#[test]
fn what_is_told_as_an_attempt_and_as_an_interaction_is_one_contact() {
    let top = "caps = [{ at_most = 2, within = '10 days' }]";
    let playbook = bind(&calling("trigger = { rule = 'hot' }", top));
    let attempt = |on: &str, offer: &str, channel: &str| {
        Attempt::new(1, day(on), AttemptPurpose::Uplift, AttemptKind::Call)
            .unwrap()
            .with_offer(offer)
            .with_channel(channel)
    };
    let hot = || One::new(&[MAY, ("hot", 1.0)]).contact("2024-03-01", "phone", "news");
    for (twice, count) in [
        (attempt("2024-03-01", "news", "phone"), 1),
        (attempt("2024-03-01", "news", ""), 1),
        (attempt("2024-03-01", "news", "email"), 2),
        (attempt("2024-03-01", "other", "phone"), 2),
        (attempt("2024-03-02", "news", "phone"), 2),
    ] {
        let mut one = hot();
        one.attempts.push(twice.clone());
        let due = one.list(&playbook, "2024-03-10").due.len();
        assert_eq!(due, usize::from(count < 2), "{twice:?}");
        // Eleven days after the first contact it is out of the window.
        assert_eq!(one.list(&playbook, "2024-03-11").due.len(), 1);
    }
}

#[test]
fn the_first_of_several_reasons_is_the_reason() {
    let top = "do_not_contact = 'alone'\nquiet = [{ weekdays = ['friday'], from = 2024-03-01, until = 2024-03-08 }]"
        .replace("2024-03-01", "'2024-03-01'")
        .replace("2024-03-08", "'2024-03-08'");
    let rest = "trigger = { rule = 'hot' }, response = 0.1, value = 'worth', cool_down = '5 days'";
    let playbook = bind(&calling(rest, &top));
    let said = |cells: &[(&str, f64)], on: &str| {
        let cells = [cells, &[("hot", 1.0)]].concat();
        One::new(&cells)
            .contact("2024-02-28", "phone", "call")
            .said(&playbook, on)
    };
    // A Friday.
    let quiet = "2024-03-01";
    assert_eq!(
        said(&[("alone", 1.0)], quiet),
        ["not call (through phone), not to be contacted"]
    );
    assert_eq!(
        said(&[], quiet),
        ["not call (through phone), no consent to phone"]
    );
    assert_eq!(
        said(&[("may_phone", 0.0)], quiet),
        ["not call (through phone), no consent to phone"]
    );
    assert_eq!(
        said(&[MAY], quiet),
        ["not call (through phone), a quiet day"]
    );
    assert_eq!(
        said(&[MAY], "2024-03-02"),
        ["not call (through phone), not again before 2024-03-04"]
    );
    assert_eq!(
        said(&[MAY], "2024-03-04"),
        ["not call (through phone), the value is not known"]
    );
    assert_eq!(
        said(&[MAY, ("worth", 60.0)], "2024-03-04"),
        ["not call (through phone), not worth it, net value 0.00 EUR"]
    );
    assert_eq!(
        said(&[MAY, ("worth", 60.1)], "2024-03-08"),
        ["call (through phone), since 2024-03-08: hot yes, net value 0.01 EUR for 6.00 EUR"]
    );
}

#[test]
fn service_needs_no_consent_and_no_value_and_comes_first() {
    let playbook = bind(
        "channels = ['phone']
         consent = { phone = 'may_phone' }
         do_not_contact = 'alone'
         max_per_day = 1
         floor = { channels = ['phone'], actions = ['notice'] }
         plays = [{ name = 'all', actions = ['offer', 'recall'] }]
         actions = [
             { name = 'offer', channel = 'phone', cost = '0.00 EUR', trigger = { rule = 'hot' }, response = 1, value = 'worth' },
             { name = 'recall', channel = 'phone', cost = '5.00 EUR', trigger = { rule = 'hot' }, response = 0.1, value = 'worth', service = true },
             { name = 'notice', channel = 'phone', cost = '9.00 EUR', trigger = { rule = 'hot' } },
         ]",
    );
    let refused = One::new(&[("may_phone", 0.0), ("hot", 1.0), ("worth", 10.0)]);
    assert_eq!(
        refused.said(&playbook, "2024-03-01"),
        [
            "recall (through phone), since 2024-03-01: hot yes, net value -4.00 EUR for 5.00 EUR",
            "not offer (through phone), no consent to phone",
            "not notice (through phone), at most 1 a day",
        ]
    );
    let list = refused.list(&playbook, "2024-03-01");
    let best = list.next_best(&CustomerId::from(1)).unwrap();
    assert_eq!((best.action.as_str(), best.owed), ("recall", true));
    assert!(list.next_best(&CustomerId::from(2)).is_none());
    let alone = One::new(&[MAY, ("alone", 1.0), ("hot", 1.0)]);
    assert!(alone.list(&playbook, "2024-03-01").due.is_empty());
    let text = serde_json::to_string(&list).unwrap();
    assert_eq!(serde_json::from_str::<DueList>(&text).unwrap(), list);
}

#[test]
fn a_stage_is_due_after_its_days_as_long_as_it_lasts() {
    let trigger = "trigger = { stage = { stage = 'at_risk', offset = '3 days' } }";
    let playbook = bind(&calling(trigger, ""));
    let one = One::new(&[MAY]);
    let id = CustomerId::from(1);
    let due = |stage: Option<usize>, since: Option<&str>, on: &str| {
        let subject = Subject {
            position: Position {
                stage,
                ..Position::default()
            },
            stage_since: since.map(day),
            ..Subject::new(&id, one.table.row(0))
        };
        playbook.due(day(on), [subject]).due.len()
    };
    assert_eq!(due(Some(1), Some("2024-03-01"), "2024-03-03"), 0);
    assert_eq!(due(Some(1), Some("2024-03-01"), "2024-03-04"), 1);
    assert_eq!(due(Some(1), Some("2024-03-01"), "2026-03-04"), 1);
    assert_eq!(due(Some(0), Some("2024-03-01"), "2024-03-04"), 0);
    assert_eq!(due(None, Some("2024-03-01"), "2024-03-04"), 0);
    assert_eq!(due(Some(1), None, "2024-03-04"), 0);
}

#[test]
fn a_row_of_another_schema_is_not_read() {
    let trigger =
        "trigger = { anniversary = { date = 'birthday' } }, response = 1, value = 'worth'";
    let playbook = bind(&calling(trigger, "do_not_contact = 'alone'"));
    let table = Table::new(Schema::new(), 1);
    let id = CustomerId::from(1);
    let list = playbook.due(day("2024-03-01"), [Subject::new(&id, table.row(0))]);
    assert!(list.due.is_empty() && list.suppressed.is_empty());
    assert_eq!(
        playbook
            .plan(table.row(0), &Position::default())
            .to_string(),
        "all"
    );
    assert!(playbook.fits(&schema()) && !playbook.fits(&Schema::new()));
}

#[test]
fn every_error_is_reported_at_once_with_its_place() {
    let found = problems(
        "channels = ['phone', 'email', 'phone', ' ']
         consent = { phoen = 'may_phone', email = 'worth' }
         do_not_contact = 'alon'
         budget_per_day = '-1.00 EUR'
         capacity = { mail = 3 }
         caps = [{ at_most = 1, within = '0 days', channel = 'emial' }]
         quiet = [{ from = '2024-03-02', until = '2024-03-02' }]
         floor = { channels = ['email'], entitlements = ['warranty'], cadence = '90 days', response_hours = 72 }
         actions = [
             { name = 'call', channel = 'phone', cost = '6.00 USD', trigger = { every = '0 days' }, within = '3 days' },
             { name = 'call', channel = 'phone', cost = '6.00 EUR', trigger = { anniversary = { date = 'birthdya' } }, response = 15, value = 'worth' },
             { name = 'mail', channel = 'email', cost = '0.10 EUR', trigger = { stage = { stage = 'at_rsk', offset = '-1 days' } }, response = 0.5 },
             { name = 'text', channel = 'email', cost = '0.10 EUR', trigger = { rule = 'hto' }, value = 'worth', cool_down = '-1 days', group = '' },
         ]
         [[plays]]
         name = 'low'
         tiers = ['top', 'tpo']
         stages = ['at_risk']
         segments = ['retial', 'abroad']
         when = 'hot >'
         channels = ['phone']
         entitlements = ['lessons', 'lessons']
         cadence = '91 days'
         response_hours = 0
         actions = ['cal', 'mail', 'mail']
         [[plays]]
         name = 'low'
         response_hours = 73",
    );
    assert!(
        found.iter().all(|p| p.severity == Severity::Error),
        "{found}"
    );
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    let expected = [
        "channels[2]: there are two channels named `phone`",
        "channels[3]: the name of this channel is empty",
        "consent.email: `worth` is not a column of flags",
        "consent.phoen: there is no channel `phoen` (did you mean `phone`?)",
        "capacity.mail: there is no channel `mail`",
        "do_not_contact: there is no column of flags `alon` (did you mean `alone`?)",
        "budget_per_day: a budget of -1.00 EUR is negative",
        "caps[0].within: `0 days` is less than 1 day",
        "caps[0].channel: there is no channel `emial` (did you mean `email`?)",
        "quiet[0].until: a quiet period from 2024-03-02 until 2024-03-02 has no day (`until` is the first day after it)",
        "plays[0].tiers[1]: there is no tier `tpo` (did you mean `top`?)",
        "plays[0].segments[0]: there is no segment `retial` (did you mean `retail`?)",
        "plays[0].when at 5..5: ",
        "plays[0].entitlements[1]: `lessons` is there twice",
        "plays[0].response_hours: nobody answers within 0 hours",
        "plays[0].actions[2]: `mail` is there twice",
        "plays[0].actions[0]: there is no action `cal` (did you mean `call`?)",
        "plays[0].channels: the channel `email` of the floor is missing, for tier `top`, stage `at_risk`, segment `abroad`",
        "plays[0].entitlements: the entitlement `warranty` of the floor is missing, for tier `top`, stage `at_risk`, segment `abroad`",
        "plays[0].cadence: 91 days are longer than the 90 days of the floor, for tier `top`, stage `at_risk`, segment `abroad`",
        "plays[1].name: there are two plays named `low`",
        "plays[1].response_hours: 73 hours are longer than the 72 hours of the floor, for tier `base`, stage `new`, no segment",
        "actions[0].trigger.every: `0 days` is less than 1 day",
        "actions[0].within: a cadence is due until there is a contact (leave it out)",
        "actions[0].cost: `6.00 USD` is not in EUR, the currency of the policy (write it in EUR)",
        "actions[1].name: there are two actions named `call`",
        "actions[1].trigger.anniversary.date: there is no column of dates `birthdya` (did you mean `birthday`?)",
        "actions[1].response: a response of 15 is not above 0 and at most 1 (15 % is written `0.15`)",
        "actions[2].trigger.stage.offset: `-1 days` is less than 0 days",
        "actions[2].trigger.stage.stage: there is no stage `at_rsk` (did you mean `at_risk`?)",
        "actions[2].response: a response says nothing without a value (name a column of money in `value`)",
        "actions[3].trigger.rule at 0..3: there is no column `hto` (did you mean `hot`?)",
        "actions[3].value: a value says nothing without a response (say in `response` which share answers)",
        "actions[3].cool_down: `-1 days` is less than 0 days",
        "actions[3].group: the name of this group is empty",
    ];
    for (said, expected) in said.iter().zip(expected) {
        let expected = format!("error: playbook.{expected}");
        assert!(said.starts_with(&expected), "{said}\n{expected}\n\n{found}");
    }
    assert_eq!(said.len(), expected.len(), "{found}");
    let none = problems("channels = ['email']\nfloor = { channels = [] }");
    assert!(none.to_string().starts_with(
        "error: playbook.floor.channels: the floor has no open channel (name at least one of email)"
    ));
}

/// What is doubtful is told beside the errors, as far as it does not hang on them.
#[test]
fn warnings_are_told_beside_errors() {
    let found = problems(
        "channels = ['phone', 'email']
         max_per_day = 0
         caps = [{ at_most = 1, within = '10 days' }, { at_most = 0, within = '0 days' }]
         floor = { channels = ['email'], cadence = '7 days' }
         plays = [
             { name = 'all', actions = ['cal'] },
             { name = 'late', tiers = ['top'] },
             { name = 'none', tiers = ['tpo'], cadence = '0 days', actions = ['call'] },
         ]
         actions = [
             { name = 'call', channel = 'phone', cost = '6.00 EUR', trigger = 'cadence', service = true },
             { name = 'text', channel = 'phone', cost = '0.10 EUR', trigger = 'cadence' },
             { name = 'mail', channel = 'emial', cost = '0.10 EUR', trigger = 'cadence' },
         ]",
    );
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    let expected = [
        "error: playbook.caps[1].within: `0 days` is less than 1 day",
        "error: playbook.plays[0].actions[0]: there is no action `cal`",
        "error: playbook.plays[2].tiers[0]: there is no tier `tpo`",
        "error: playbook.plays[2].cadence: `0 days` is less than 1 day",
        "error: playbook.actions[2].channel: there is no channel `emial`",
        "warning: playbook.max_per_day: a maximum of 0 allows no contact at all",
        "warning: playbook.caps[1].at_most: a cap of 0 allows no contact at all",
        "warning: playbook.floor.cadence: a contact every 7 days is more often than the cap of 1 within 10 days allows",
        "warning: playbook.plays[1]: `late` is never reached: its customers are those of `all` before it",
        "warning: playbook.plays[2].actions[0]: `call` goes through `phone`, which is not open",
        // Whether `text` and `call` are in use hangs on what `cal` is.
        "warning: playbook.actions[1].channel: `phone` has no consent flag, so that nobody consents to `text`",
    ];
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said}\n{expected}\n\n{found}");
    }
    assert_eq!(said.len(), expected.len(), "{found}");
}

/// Every name of a channel follows from a list that is empty.
#[test]
fn without_a_channel_the_cause_is_told_once() {
    let found = problems(
        "channels = []
         consent = { phone = 'may_phone' }
         capacity = { phone = 2 }
         caps = [{ at_most = 1, within = '10 days', channel = 'phone' }]
         floor = { channels = ['phone'], cadence = '20 days', actions = ['call'] }
         plays = [{ name = 'all', channels = ['phone', 'email'] }]
         actions = [{ name = 'call', channel = 'phone', cost = '6.00 EUR', trigger = 'cadence' }]",
    );
    assert_eq!(
        found.to_string(),
        "error: playbook.channels: the playbook has no channel (name every channel through which customers are reached)"
    );
}

#[test]
fn every_warning_says_what_cannot_be_meant() {
    let found = problems(
        "channels = ['phone', 'email']
         max_per_day = 0
         capacity = { phone = 0 }
         caps = [
             { at_most = 0, within = '7 days' },
             { at_most = 4, within = '30 days' },
             { at_most = 1, within = '10 days', channel = 'phone' },
         ]
         quiet = [
             { weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] },
             { until = '2024-03-02' },
             { from = '2024-02-20', weekdays = ['sunday'] },
         ]
         floor = { channels = ['email'] }
         plays = [
             { name = 'top', tiers = ['top'], cadence = '7 days', actions = ['call'] },
             { name = 'abroad', segments = ['abroad'], actions = ['mail'] },
             { name = 'late', tiers = ['top'], stages = ['new'] },
             { name = 'far', segments = ['abroad'], when = 'hot' },
         ]
         actions = [
             { name = 'call', channel = 'phone', cost = '6.00 EUR', trigger = { every = '9 days' }, service = true },
             { name = 'mail', channel = 'email', cost = '0.10 EUR', trigger = 'cadence' },
             { name = 'fax', channel = 'email', cost = '0.10 EUR', trigger = { rule = 'hot' }, service = true },
         ]",
    );
    let said: Vec<(Code, String)> = found
        .iter()
        .map(|p| (p.code, format!("{}: {}", p.place, p.message)))
        .collect();
    let expected = [
        (
            Code::Never,
            "max_per_day: a maximum of 0 allows no contact at all",
        ),
        (
            Code::Never,
            "capacity.phone: a capacity of 0 allows no contact at all",
        ),
        (
            Code::Never,
            "caps[0].at_most: a cap of 0 allows no contact at all",
        ),
        (
            Code::Conflict,
            "plays[0].cadence: a contact every 7 days is more often than the cap of 4 within 30 days allows",
        ),
        (
            Code::Never,
            "quiet: every day is quiet, so that nobody is ever contacted",
        ),
        (
            Code::Conflict,
            "plays[0].actions[0]: `call` goes through `phone`, which is not open",
        ),
        (
            Code::Never,
            "plays[1].actions[0]: `mail` is never due: there is no cadence",
        ),
        (
            Code::Shadowed,
            "plays[2]: `late` is never reached: its customers are those of `top` before it",
        ),
        (
            Code::Shadowed,
            "plays[3]: `far` is never reached: its customers are those of `top`, `abroad` before it",
        ),
        (
            Code::Uncovered,
            "plays: no play without a rule is for 4 combinations, the first for tier `base`, stage `new`, no segment",
        ),
        (
            Code::Conflict,
            "actions[0].trigger: a contact every 9 days is more often than the cap of 1 within 10 days through `phone` allows",
        ),
        (
            Code::Never,
            "actions[1].channel: `email` has no consent flag, so that nobody consents to `mail`",
        ),
        (
            Code::Unused,
            "actions[2].name: no play has the action `fax`",
        ),
    ];
    let expected = expected.map(|(code, text)| (code, format!("playbook.{text}")));
    assert_eq!(said, expected, "\n{found}");
    assert!(!found.has_errors());
}

#[test]
fn quiet_periods_with_a_gap_are_not_every_day() {
    let quiet = |periods: &str| {
        let text = format!(
            "channels = ['email']\nfloor = {{ channels = ['email'] }}\nplays = [{{ name = 'all' }}]\nquiet = [{periods}]"
        );
        !problems(&text).is_empty()
    };
    assert!(quiet("{}"));
    assert!(quiet("{ until = '2024-03-01' }, { from = '2024-03-01' }"));
    assert!(!quiet("{ until = '2024-03-01' }, { from = '2024-03-02' }"));
    // The gap is a Friday.
    assert!(quiet(
        "{ until = '2024-03-01' }, { from = '2024-03-02' }, { weekdays = ['friday'] }"
    ));
    assert!(!quiet(
        "{ until = '2024-03-01' }, { from = '2024-03-02' }, { weekdays = ['thursday'] }"
    ));
    assert!(!quiet("{ weekdays = ['monday'] }"));
}

#[test]
fn a_cadence_as_long_as_the_cap_is_no_problem() {
    let conflicts = |every: i32| {
        let top = "caps = [{ at_most = 2, within = '20 days' }]";
        let text = calling(&format!("trigger = {{ every = '{every} days' }}"), top);
        !problems(&text).is_empty()
    };
    assert!(conflicts(9));
    assert!(!conflicts(10));
}

/// The rest of a policy that has a playbook, bound without it, and the playbook.
fn with_the_rest(text: &str) -> (PlaybookSpec, Diagnostics, bool) {
    let mut table: toml::Table = toml::from_str(text).unwrap();
    let playbook: PlaybookSpec = table.remove("playbook").unwrap().try_into().unwrap();
    let policy: Policy = table.try_into().unwrap();
    // The engine makes the columns that something reads: a score of nothing else asks for these.
    let mut policy = policy;
    let attributes: Vec<String> = policy.attributes.keys().cloned().collect();
    let asked = playbook.columns();
    let measures = asked
        .iter()
        .filter(|name| !attributes.iter().any(|a| a == *name));
    let read: Vec<String> = measures.map(|name| format!("{name} is missing")).collect();
    let reads = (!read.is_empty()).then(|| read.join(" or "));
    if let (Some(reads), Some(tier)) = (reads, policy.tiers.tiers.first_mut()) {
        let more = format!("({reads}) or true").parse().unwrap();
        tier.when = tier.when.take().map(|when| when.and(more));
    }
    let currency = policy.head.currency;
    let tiers: Vec<String> = policy
        .tiers
        .tiers
        .iter()
        .rev()
        .map(|t| t.name.clone())
        .collect();
    let tiers: Vec<&str> = tiers.iter().map(String::as_str).collect();
    let (engine, found) = Engine::check(policy, &Catalog::standard());
    let engine = engine.unwrap_or_else(|| panic!("{found}"));
    // Attributes that nothing else reads have no column yet.
    let mut schema = Schema::new();
    for field in engine.schema().fields() {
        schema.add(field.clone()).unwrap();
    }
    for name in &attributes {
        if schema.slot(name).is_none() {
            let spec = &engine.policy().attributes[name];
            let unit = match serde_json::to_value(spec).unwrap()["type"]
                .as_str()
                .unwrap()
            {
                "flag" => Unit::Flag,
                "date" => Unit::Date,
                _ => Unit::Money,
            };
            schema.add(Field::number(name, unit)).unwrap();
        }
    }
    let mut problems = Diagnostics::new();
    let names = Names {
        tiers: &tiers,
        ..Names::default()
    };
    let bound = playbook.bind(&names, &schema, currency, &mut problems);
    (playbook, problems, bound.is_some())
}

#[test]
fn presets_are_their_files_and_bind_without_a_problem() {
    for (text, preset) in [
        (
            include_str!("../examples/policies/low_value_service.toml"),
            presets::low_value(Currency::USD),
        ),
        (
            include_str!("../examples/policies/high_value_service.toml"),
            presets::high_value(Currency::USD),
        ),
    ] {
        let (playbook, problems, bound) = with_the_rest(text);
        assert_eq!(playbook, preset);
        assert!(bound && problems.is_empty(), "{problems}");
        let text = toml::to_string(&preset).unwrap();
        assert_eq!(read(&text), preset);
    }
}

#[test]
fn the_policy_on_the_page_binds_without_a_problem() {
    let page = include_str!("../src/docs/service.md");
    let fence = page.split("```toml\n").nth(1).unwrap();
    let (_, problems, bound) = with_the_rest(fence.split("```").next().unwrap());
    assert!(bound && problems.is_empty(), "{problems}");
}

#[test]
fn a_budget_is_used_to_the_last_cent_and_what_was_done_leaves_no_less_than_nothing() {
    let text = calling(
        "trigger = { every = '30 days' }",
        "budget_per_day = '6.00 EUR'",
    );
    let playbook = bind(&text);
    let one = One::new(&[MAY]);
    assert_eq!(
        one.said(&playbook, "2024-03-01"),
        ["call (through phone), no contact yet, for 6.00 EUR"]
    );
    // Two were called already, for twice the budget.
    let called = One::new(&[MAY])
        .contact("2024-03-01", "phone", "call")
        .contact("2024-03-01", "phone", "call");
    let other = |playbook: &Playbook| {
        let ids = [1, 2].map(CustomerId::from);
        let first = Subject {
            interactions: &called.interactions.iter().collect::<Vec<_>>(),
            ..Subject::new(&ids[0], called.table.row(0))
        };
        let second = Subject::new(&ids[1], one.table.row(0));
        let list = playbook.due(day("2024-03-01"), [first, second]);
        let held = list.suppressed.iter().map(ToString::to_string);
        (list.due.len(), held.collect::<Vec<_>>())
    };
    let held = "2: not call (through phone), of the budget 0.00 EUR is left";
    assert_eq!(other(&playbook), (0, vec![held.to_owned()]));
    // What costs nothing is still done.
    let free = text.replace(
        "plays = [{ name = 'all', actions = ['call'] }]",
        "plays = [{ name = 'all', actions = ['text'] }]",
    );
    let free = free.replace(
        "actions = [{ name = 'call'",
        "actions = [{ name = 'text', channel = 'phone', trigger = { every = '1 day' }, cost = '0.00 EUR' }, { name = 'call'",
    );
    assert_eq!(other(&bind(&free)).0, 1);
}

#[test]
fn a_cadence_is_held_against_the_caps_that_it_meets_and_told_once() {
    let places = |cap: &str, plays: &str| {
        let text = format!(
            "channels = ['email', 'phone']
             caps = [{{ at_most = 1, {cap} }}]
             floor = {{ channels = ['email'], cadence = '10 days', actions = ['letter'] }}
             {plays}
             actions = [{{ name = 'letter', channel = 'email', trigger = 'cadence', cost = '1.00 EUR' }}]"
        );
        let found = problems(&text);
        let conflicts = found.iter().filter(|p| p.code == Code::Conflict);
        conflicts.map(|p| p.place.path.clone()).collect::<Vec<_>>()
    };
    let letter = ["playbook.actions[0].trigger"];
    let by_email = |days: i32| format!("within = '{days} days', channel = 'email'");
    assert_eq!(places(&by_email(11), ""), letter);
    assert_eq!(places(&by_email(10), ""), NOTHING);
    let plays = "plays = [{ name = 'often', cadence = '7 days' }, { name = 'all' }]";
    assert_eq!(places(&by_email(8), plays), letter);
    assert_eq!(places(&by_email(7), plays), NOTHING);
    assert_eq!(
        places("within = '99 days', channel = 'phone'", plays),
        NOTHING
    );
    // A cap on all channels is a matter of the cadence itself.
    assert_eq!(places("within = '11 days'", ""), ["playbook.floor.cadence"]);
    assert_eq!(
        places("within = '8 days'", plays),
        ["playbook.plays[0].cadence"]
    );
}

#[test]
fn an_action_that_another_one_is_always_in_the_way_of_is_told() {
    let found = |top: &str, floor: &str, plays: &str, more: &str| {
        let text = format!(
            "channels = ['email', 'phone']
             consent = {{ email = 'may_phone', phone = 'may_phone' }}
             {top}
             floor = {{ channels = ['email', 'phone'], cadence = '90 days'{floor} }}
             plays = [{{ name = 'all', cadence = '30 days', actions = [{plays}] }}]
             actions = [
                 {{ name = 'letter', channel = 'email', trigger = 'cadence', cost = '1.00 EUR' }},
                 {{ name = 'call', channel = 'phone', trigger = 'cadence', cost = '6.00 EUR' }},
                 {{ name = 'offer', channel = 'email', trigger = {{ every = '120 days' }}, cost = '1.00 EUR'{more} }},
             ]"
        );
        let found = problems(&text);
        assert!(!found.has_errors(), "{found}");
        let shadowed = found.iter().filter(|p| p.code == Code::Shadowed);
        shadowed.map(ToString::to_string).collect::<Vec<_>>()
    };
    let (letter, one) = (", actions = ['letter']", "max_per_day = 1");
    let help = "(a contact of any kind ends the wait of both; take one of them out of the plan)";
    let same_day = "warning: playbook.plays[0].actions[0]: `call` is done only if `letter` is not: that is due on the same day, 30 days after the last contact, and comes first";
    let later = "warning: playbook.plays[0].actions[0]: `offer` is done only if `letter` is not: that is due 30 days after the last contact, not 120 days";
    assert_eq!(
        found(one, letter, "'call'", ""),
        [format!("{same_day} {help}")]
    );
    assert_eq!(
        found("", letter, "'offer'", ""),
        [format!("{later} {help}")]
    );
    assert_eq!(
        found("", "", "'offer', 'letter'", ""),
        [format!("{later} {help}")]
    );
    // Both on one day; another channel may have no consent; what is limited may be full; what is not worth it is not done.
    assert_eq!(found("", letter, "'call'", ""), NOTHING);
    assert_eq!(found("", "", "'call', 'offer'", ""), NOTHING);
    assert_eq!(
        found(
            "capacity = { phone = 9 }",
            ", actions = ['call']",
            "'offer'",
            ""
        ),
        NOTHING
    );
    let worth = ", response = 0.5, value = 'worth', cool_down = '9 days'";
    assert_eq!(found(one, "", "'offer'", worth), NOTHING);
    // Of a play without the floor's letter nothing is in the way.
    assert_eq!(found(one, "", "'call'", ""), NOTHING);
}

#[test]
fn what_is_not_known_leaves_since_when_a_rule_has_been_true() {
    let playbook = bind(&calling("trigger = { rule = 'hot' }", ""));
    let mut record = PlaybookRecord::new();
    let mut after = |hot: Option<f64>, on: &str| {
        let cells: Vec<_> = hot.map(|hot| ("hot", hot)).into_iter().collect();
        record = playbook.observe(&record, One::new(&cells).table.row(0), day(on));
        record.true_since("call")
    };
    let first = Some(day("2024-03-01"));
    assert_eq!(after(Some(1.0), "2024-03-01"), first);
    assert_eq!(after(None, "2024-03-02"), first);
    assert_eq!(after(Some(0.0), "2024-03-03"), None);
}

#[test]
fn another_column_in_the_place_of_a_flag_is_no_consent() {
    let playbook = bind(&calling("trigger = { every = '30 days' }", ""));
    let mut other = Schema::new();
    let slot = other.add(Field::number("churned", Unit::Flag)).unwrap();
    let mut table = Table::new(other, 1);
    table.column_mut(slot).set(0, Some(1.0));
    let id = CustomerId::from(1);
    let list = playbook.due(day("2024-03-01"), [Subject::new(&id, table.row(0))]);
    assert!(list.due.is_empty(), "{list:?}");
}

#[test]
fn the_witness_is_somebody_who_gets_the_play() {
    let found = problems(
        "channels = ['email']
         floor = { channels = ['email'], response_hours = 72 }
         plays = [{ name = 'a', tiers = ['base'] }, { name = 'b', response_hours = 73 }]",
    );
    let said = found.iter().next().unwrap().message.clone();
    assert_eq!(
        said,
        "73 hours are longer than the 72 hours of the floor, for tier `top`, stage `new`, no segment"
    );
    let whole = calling(
        "trigger = { every = '9 days' }, response = 100, value = 'worth'",
        "",
    );
    assert_eq!(
        problems(&whole).to_string(),
        "error: playbook.actions[0].response: a response of 100 is not above 0 and at most 1 (100 % is written `1`)"
    );
}

//! Who is due for which survey: a slow plain oracle written from the page, the laws, and the checks of the policy.

use customer_value::diagnostic::{Code, Diagnostics};
use customer_value::model::{CustomerId, Day, Days, SurveyInstrument, Unit, Weekday};
use customer_value::strategy::surveys::{
    Because, Candidate, CapSpec, Invitation, ResponseTime, Suppression, SurveyList, SurveySpec,
    Surveys, SurveysSpec, TriggerEvent, TriggerSpec,
};
use customer_value::table::{Field, Schema, Table};
use proptest::prelude::*;

/// 20 000 is 2024-10-04, a Friday.
fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

fn iso(text: &str) -> Day {
    text.parse().unwrap()
}

fn bind(spec: &SurveysSpec) -> Surveys {
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&Schema::new(), &mut problems);
    bound.unwrap_or_else(|| panic!("{problems}"))
}

fn regular(name: &str, cadence: i32) -> SurveySpec {
    SurveySpec::new(name, SurveyInstrument::Nps, Days::new(cadence))
}

fn after(event: TriggerEvent, days: i32, within: i32, survey: SurveySpec) -> SurveySpec {
    let trigger = TriggerSpec {
        after: event,
        days: Days::new(days),
        within: Some(Days::new(within)),
    };
    SurveySpec {
        trigger: Some(trigger),
        ..survey
    }
}

fn cap(invitations: u32, within: i32) -> Option<CapSpec> {
    Some(CapSpec {
        invitations,
        within: Days::new(within),
    })
}

/// What one customer buys and is sent.
#[derive(Debug, Clone, Default)]
struct Person {
    purchases: Vec<Day>,
    resolved: Vec<Day>,
    stage_since: Option<Day>,
    invitations: Vec<Invitation>,
}

fn due(surveys: &Surveys, people: &[Person], on: Day) -> SurveyList {
    let table = Table::new(Schema::new(), people.len());
    let ids: Vec<CustomerId> = (0..people.len() as u64).map(CustomerId::from).collect();
    let kept: Vec<Vec<&Invitation>> = people
        .iter()
        .map(|p| p.invitations.iter().collect())
        .collect();
    let candidates = people.iter().enumerate().map(|(i, person)| Candidate {
        purchases: &person.purchases,
        resolved: &person.resolved,
        stage_since: person.stage_since,
        invitations: &kept[i],
        ..Candidate::new(&ids[i], table.row(i))
    });
    surveys.due(candidates, on)
}

/// Keeps what is sent.
fn send(list: &SurveyList, people: &mut [Person]) {
    for invitation in list.invitations() {
        let at = invitation.customer.as_number().unwrap() as usize;
        people[at].invitations.push(invitation);
    }
}

fn invited(customer: u64, on: Day, survey: &str) -> Invitation {
    Invitation::new(customer, on, survey)
}

fn one(surveys: &Surveys, person: Person, on: Day) -> SurveyList {
    due(surveys, &[person], on)
}

fn why(surveys: &Surveys, person: Person, on: Day) -> Suppression {
    let list = one(surveys, person, on);
    assert!(list.due.is_empty(), "{list:?}");
    list.suppressed[0].because.clone()
}

// ---- one reason after another ----

#[test]
fn a_survey_is_due_again_on_the_day_its_cadence_ends() {
    let surveys = bind(&SurveysSpec::new([regular("nps", 30)]));
    let asked = Person {
        invitations: vec![invited(0, day(0), "nps")],
        ..Person::default()
    };
    assert_eq!(
        why(&surveys, asked.clone(), day(29)),
        Suppression::Cadence { until: day(30) }
    );
    let again = one(&surveys, asked, day(30));
    assert_eq!(again.due[0].because, Because::Again { last: day(0) });
    let first = one(&surveys, Person::default(), day(0));
    assert_eq!(first.due[0].because, Because::First);
}

#[test]
fn an_event_is_asked_about_once_and_only_for_a_while() {
    let spec = after(TriggerEvent::Purchase, 7, 10, regular("checkout", 1));
    let surveys = bind(&SurveysSpec::new([spec]));
    let bought = Person {
        purchases: vec![day(3), day(0)],
        ..Person::default()
    };
    let on = |n| one(&surveys, bought.clone(), day(n));
    assert!(on(6).due.is_empty() && on(6).suppressed.is_empty());
    let event = TriggerEvent::Purchase;
    let because = |n| Because::After { event, on: day(n) };
    // Until the seventh day after the second purchase it is the first one that is asked about.
    assert_eq!(on(7).due[0].because, because(0));
    assert_eq!(on(9).due[0].because, because(0));
    assert_eq!(on(10).due[0].because, because(3));
    assert_eq!(on(19).due[0].because, because(3));
    assert!(on(20).due.is_empty() && on(20).suppressed.is_empty());

    let asked = Person {
        invitations: vec![invited(0, day(12), "checkout")],
        ..bought.clone()
    };
    assert_eq!(
        why(&surveys, asked, day(15)),
        Suppression::Asked { on: day(12) }
    );
    // About the purchase before.
    let asked = Person {
        invitations: vec![invited(0, day(8), "checkout")],
        ..bought
    };
    assert_eq!(one(&surveys, asked, day(15)).due.len(), 1);
}

#[test]
fn complaints_and_stages_are_events_too() {
    for (event, person) in [
        (
            TriggerEvent::Resolved,
            Person {
                resolved: vec![day(1)],
                ..Person::default()
            },
        ),
        (
            TriggerEvent::Stage,
            Person {
                stage_since: Some(day(1)),
                ..Person::default()
            },
        ),
    ] {
        let surveys = bind(&SurveysSpec::new([after(event, 2, 1, regular("s", 1))]));
        for (n, due) in [(2, 0), (3, 1), (4, 0)] {
            assert_eq!(
                one(&surveys, person.clone(), day(n)).due.len(),
                due,
                "{event:?} {n}"
            );
        }
    }
}

#[test]
fn the_cap_counts_all_surveys_and_those_of_the_past() {
    let mut spec = SurveysSpec::new([regular("a", 1)]);
    spec.cap = cap(2, 10);
    let surveys = bind(&spec);
    let asked = Person {
        invitations: vec![invited(0, day(0), "gone"), invited(0, day(4), "a")],
        ..Person::default()
    };
    assert_eq!(
        why(&surveys, asked.clone(), day(9)),
        Suppression::Cap { until: day(10) }
    );
    assert_eq!(one(&surveys, asked.clone(), day(10)).due.len(), 1);
    // Looked at late: with those of days 0 and 4, a third one before them is one too many.
    assert_eq!(
        why(&surveys, asked.clone(), day(-5)),
        Suppression::Cap { until: day(10) }
    );
    assert_eq!(one(&surveys, asked, day(-6)).due.len(), 1);
}

#[test]
fn of_several_surveys_the_first_of_the_highest_priority_is_sent() {
    let high = |name| SurveySpec {
        priority: 5,
        ..regular(name, 30)
    };
    let surveys = bind(&SurveysSpec::new([regular("a", 30), high("b"), high("c")]));
    let list = one(&surveys, Person::default(), day(0));
    assert_eq!(list.due[0].survey, "b");
    let said: Vec<String> = list.suppressed.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["0: not a, b comes first", "0: not c, b comes first"]);
}

#[test]
fn quiet_days_are_quiet() {
    let mut spec = SurveysSpec::new([regular("a", 30)]);
    spec.quiet_weekdays = vec![Weekday::Sunday];
    spec.quiet_days = vec![iso("2024-12-31"), iso("2024-12-24")];
    let surveys = bind(&spec);
    for (on, quiet) in [
        ("2024-12-22", true),
        ("2024-12-23", false),
        ("2024-12-24", true),
        ("2024-12-25", false),
        ("2024-12-31", true),
    ] {
        assert_eq!(surveys.is_quiet(iso(on)), quiet, "{on}");
        let list = one(&surveys, Person::default(), iso(on));
        assert_eq!(list.due.is_empty(), quiet, "{on}");
    }
    assert_eq!(
        why(&surveys, Person::default(), iso("2024-12-31")),
        Suppression::Quiet
    );
}

#[test]
fn nobody_is_asked_whose_consent_is_not_known() {
    let mut schema = Schema::new();
    let consent = schema.add(Field::number("consent", Unit::Flag)).unwrap();
    let spend = schema.add(Field::number("spend", Unit::Money)).unwrap();
    let spec: SurveysSpec = toml::from_str(
        r#"consent = "consent"
           ask = [{ name = "a", instrument = "nps", cadence = "30 days", when = "spend >= 10" }]"#,
    )
    .unwrap();
    assert_eq!(spec.columns(), ["consent", "spend"]);
    let surveys = spec.bind(&schema, &mut Diagnostics::new()).unwrap();
    let mut table = Table::new(schema, 5);
    let rows = [
        (Some(1.0), Some(10.0)),
        (Some(0.0), Some(10.0)),
        (None, Some(10.0)),
        (Some(1.0), Some(9.0)),
        (Some(1.0), None),
    ];
    for (row, (agreed, spent)) in rows.into_iter().enumerate() {
        table.column_mut(consent).set(row, agreed);
        table.column_mut(spend).set(row, spent);
    }
    let ids: Vec<CustomerId> = (0..5).map(CustomerId::from).collect();
    let all = ids.iter().enumerate();
    let list = surveys.due(all.map(|(i, id)| Candidate::new(id, table.row(i))), day(0));
    assert_eq!(list.due.len(), 1);
    assert_eq!(list.due[0].customer, ids[0]);
    let said: Vec<String> = list.suppressed.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "1: not a, did not agree to be asked",
            "2: not a, did not agree to be asked"
        ]
    );
}

#[test]
fn samples_are_those_of_the_page() {
    // The definition of the page in Python: which of the ids 1 to 39 have a place below 0.25.
    let sampled = |share: f64| {
        let surveys = bind(&SurveysSpec::new([SurveySpec {
            sample: Some(share),
            ..regular("relationship", 30)
        }]));
        let survey = surveys.survey("relationship").unwrap().clone();
        move |id: u64| survey.is_sampled(&CustomerId::from(id))
    };
    let quarter = sampled(0.25);
    let found: Vec<u64> = (1..40).filter(|id| quarter(*id)).collect();
    assert_eq!(found, [5, 11, 12, 15, 16, 19, 33]);
    // As Python counts them, too.
    let third = sampled(0.3);
    assert_eq!((0..10_000).filter(|id| third(*id)).count(), 2867);
    // A larger share has all of a smaller one.
    assert!((0..10_000).all(|id| !quarter(id) || third(id)));
    let (all, few) = (sampled(1.0), sampled(f64::MIN_POSITIVE));
    assert!((0..10_000).all(|id| all(id) && !few(id)));
}

// ---- complaints ----

#[test]
fn business_days_are_those_of_numpy() {
    // numpy.busday_offset, rolled backward (forward for none) first, with these holidays.
    let holidays = [iso("2025-12-25"), iso("2025-12-26"), iso("2026-01-01")];
    for (opened, dues) in [
        (
            "2025-12-19",
            ["2025-12-19", "2025-12-22", "2025-12-24", "2025-12-30"],
        ),
        (
            "2025-12-20",
            ["2025-12-22", "2025-12-22", "2025-12-24", "2025-12-30"],
        ),
        (
            "2025-12-21",
            ["2025-12-22", "2025-12-22", "2025-12-24", "2025-12-30"],
        ),
        (
            "2025-12-24",
            ["2025-12-24", "2025-12-29", "2025-12-31", "2026-01-05"],
        ),
        (
            "2025-12-25",
            ["2025-12-29", "2025-12-29", "2025-12-31", "2026-01-05"],
        ),
        (
            "2025-12-31",
            ["2025-12-31", "2026-01-02", "2026-01-06", "2026-01-08"],
        ),
    ] {
        for (days, due) in [0, 1, 3, 5].into_iter().zip(dues) {
            let time = ResponseTime::BusinessDays(days);
            assert_eq!(
                time.after(iso(opened), &holidays),
                iso(due),
                "{opened} {days}"
            );
        }
    }
    for time in [
        ResponseTime::Days(u16::MAX),
        ResponseTime::BusinessDays(u16::MAX),
    ] {
        assert_eq!(time.after(Day::MAX, &[]), Day::MAX);
    }
    assert_eq!(ResponseTime::Days(4).after(day(0), &[day(1)]), day(4));
}

#[test]
fn response_times_are_read_back() {
    for text in [
        "0 days",
        "1 day",
        "4 days",
        "1 business day",
        "5 business days",
    ] {
        let time: ResponseTime = text.parse().unwrap();
        assert_eq!(time.to_string(), text);
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(serde_json::from_str::<ResponseTime>(&json).unwrap(), time);
    }
    for text in [
        "",
        "4",
        "days",
        "-1 days",
        "4 weeks",
        "4 business",
        "4 days ago",
        "3661 days",
    ] {
        assert!(
            text.parse::<ResponseTime>().unwrap_err().is_parse(),
            "{text}"
        );
    }
}

// ---- the policy ----

fn page() -> (SurveysSpec, Schema, usize) {
    let page = include_str!("../src/docs/surveys.md");
    let fence = page.split("```toml\n").nth(1).unwrap();
    let fence = fence.split("```").next().unwrap();
    let whole: toml::Table = toml::from_str(fence).unwrap();
    let spec: SurveysSpec = whole["surveys"].clone().try_into().unwrap();
    let mut schema = Schema::new();
    schema.add(Field::number("consent", Unit::Flag)).unwrap();
    schema.add(Field::number("spend_12m", Unit::Money)).unwrap();
    let tiers = Field::category("contract", ["A", "B", "C"]);
    let tier = schema.add(tiers).unwrap();
    (spec, schema, tier.index())
}

#[test]
fn the_section_of_the_page_binds_and_is_read_back() {
    let (spec, schema, _) = page();
    let mut problems = Diagnostics::new();
    let surveys = spec.bind(&schema, &mut problems);
    assert!(problems.is_empty(), "{problems}");
    assert_eq!(surveys.unwrap().surveys().len(), 3);
    assert_eq!(
        spec.columns(),
        ["consent", "spend_12m", "contract", "contract"]
    );
    let text = toml::to_string(&spec).unwrap();
    assert_eq!(toml::from_str::<SurveysSpec>(&text).unwrap(), spec);
}

#[test]
fn targets_are_by_tier() {
    let (spec, schema, _) = page();
    let surveys = spec.bind(&schema, &mut Diagnostics::new()).unwrap();
    let targets = surveys.complaints().unwrap();
    let tier = schema.slot("contract").unwrap();
    let mut table = Table::new(schema, 4);
    for (row, code) in [Some(0), Some(1), Some(2), None].into_iter().enumerate() {
        table.column_mut(tier).set_code(row, code);
    }
    // 2025-12-24 is a Wednesday before two holidays.
    let due = |row| targets.due(iso("2025-12-24"), Some(table.row(row)));
    assert_eq!(due(0), Some(iso("2025-12-29")));
    assert_eq!(due(1), Some(iso("2025-12-28")));
    assert_eq!(due(2), Some(iso("2026-01-02")));
    assert_eq!(due(3), due(2));
    assert_eq!(targets.due(iso("2025-12-24"), None), due(2));
}

#[test]
fn every_mistake_is_reported_at_once_with_its_place() {
    let spec: SurveysSpec = toml::from_str(
        r#"
        consent = "agreed"
        cap = { invitations = 0, within = "0 days" }
        quiet_weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "sunday"]
        quiet_days = ["2025-12-24", "2025-12-24"]
        ask = [
            { name = " ", instrument = "nps", cadence = "0 days", topic = " " },
            { name = "b", instrument = "nps", cadence = "1 day", sample = 25, when = "spend_12 > 3" },
            { name = "b", instrument = "ces", cadence = "1 day", sample = -1, trigger = { after = "stage", days = "-1 days", within = "0 days" } },
        ]
        [complaints]
        holidays = ["2025-12-25", "2025-12-25"]
        targets = [{ when = "contract = \"Z\"", within = "1 day" }]
        "#,
    )
    .unwrap();
    let (_, schema, _) = page();
    let mut problems = Diagnostics::new();
    assert!(spec.bind(&schema, &mut problems).is_none());
    let said: Vec<(Code, &str)> = problems.iter().map(|d| (d.code, &*d.place.path)).collect();
    assert_eq!(
        said,
        [
            (Code::UnknownName, "surveys.consent"),
            (Code::Range, "surveys.cap.invitations"),
            (Code::Range, "surveys.cap.within"),
            (Code::DuplicateName, "surveys.quiet_weekdays[7]"),
            (Code::DuplicateName, "surveys.quiet_days[1]"),
            (Code::Never, "surveys.quiet_weekdays"),
            (Code::InvalidName, "surveys.ask[0].name"),
            (Code::InvalidName, "surveys.ask[0].topic"),
            (Code::Range, "surveys.ask[0].cadence"),
            (Code::UnknownName, "surveys.ask[1].when"),
            (Code::Range, "surveys.ask[1].sample"),
            (Code::DuplicateName, "surveys.ask[2].name"),
            (Code::Range, "surveys.ask[2].trigger.days"),
            (Code::Range, "surveys.ask[2].trigger.within"),
            (Code::Range, "surveys.ask[2].sample"),
            (Code::DuplicateName, "surveys.complaints.holidays[1]"),
            (Code::Type, "surveys.complaints.targets[0].when"),
        ],
        "\n{problems}"
    );
    let text = problems.to_string();
    assert!(text.contains("did you mean `spend_12m`?"), "{text}");
    assert!(text.contains("25 % is written `0.25`"), "{text}");

    for (text, path) in [
        ("", "surveys.ask"),
        ("complaints = {}", "surveys.complaints.within"),
    ] {
        let spec: SurveysSpec = toml::from_str(text).unwrap();
        let mut problems = Diagnostics::new();
        assert!(spec.bind(&schema, &mut problems).is_none());
        assert_eq!(problems.iter().next().unwrap().place.path, path);
    }
    assert!(toml::from_str::<SurveysSpec>("cadence = '1 day'").is_err());
}

// ---- laws ----

fn survey(i: usize) -> impl Strategy<Value = SurveySpec> {
    let event = prop::option::of((
        prop::sample::select(vec![
            TriggerEvent::Purchase,
            TriggerEvent::Resolved,
            TriggerEvent::Stage,
        ]),
        0..10,
        1..15,
    ));
    (1..40_i32, event, 0..3_i32, prop::option::of(0.2..1.0_f64)).prop_map(
        move |(cadence, event, priority, sample)| {
            let plain = SurveySpec {
                priority,
                sample,
                ..regular(&format!("s{i}"), cadence)
            };
            match event {
                Some((event, days, within)) => after(event, days, within, plain),
                None => plain,
            }
        },
    )
}

fn spec() -> impl Strategy<Value = SurveysSpec> {
    let surveys = (survey(0), survey(1), survey(2));
    let most = prop::option::of((1..4_u32, 1..40_i32));
    (surveys, most, prop::collection::vec(0..60, 0..4)).prop_map(|((a, b, c), most, quiet)| {
        let mut spec = SurveysSpec::new([a, b, c]);
        spec.cap = most.and_then(|(invitations, within)| cap(invitations, within));
        let mut quiet: Vec<Day> = quiet.into_iter().map(day).collect();
        quiet.sort_unstable();
        quiet.dedup();
        spec.quiet_days = quiet;
        spec.quiet_weekdays = vec![Weekday::Sunday];
        spec
    })
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    let days = || prop::collection::vec((-20..60).prop_map(day), 0..6);
    let since = prop::option::of((-20..60).prop_map(day));
    let person = (days(), days(), since).prop_map(|(purchases, resolved, stage_since)| Person {
        purchases,
        resolved,
        // Only what is known: nobody enters a stage in the future.
        stage_since,
        invitations: Vec::new(),
    });
    prop::collection::vec(person, 1..5)
}

/// Whether what was sent keeps what the page says, counted day by day.
fn check(spec: &SurveysSpec, people: &[Person]) -> Result<(), TestCaseError> {
    for person in people {
        let sent = &person.invitations;
        for n in -70..120 {
            let on = sent.iter().filter(|one| one.day == day(n)).count();
            prop_assert!(on <= 1);
            prop_assert!(on == 0 || !spec.quiet_days.contains(&day(n)));
            prop_assert!(on == 0 || Weekday::of(day(n)) != Weekday::Sunday);
            if let Some(cap) = spec.cap {
                let run = (n..n + cap.within.get()).map(day);
                let count = run.filter(|d| sent.iter().any(|one| one.day == *d)).count();
                prop_assert!(count <= cap.invitations as usize, "{sent:?}");
            }
        }
        for survey in &spec.ask {
            let mut own: Vec<Day> = sent
                .iter()
                .filter(|one| one.survey == survey.name)
                .map(|one| one.day)
                .collect();
            own.sort_unstable();
            prop_assert!(own.windows(2).all(|w| w[1] - w[0] >= survey.cadence));
        }
    }
    Ok(())
}

/// Whether a survey is due, read from the page with loops over days.
fn plain(
    spec: &SurveysSpec,
    surveys: &Surveys,
    id: u64,
    person: &Person,
    n: i32,
) -> Option<String> {
    let sent = &person.invitations;
    let has = |name: &str, n: i32| sent.iter().any(|o| o.survey == name && o.day == day(n));
    let any = |n: i32| (0..3).filter(|i| has(&format!("s{i}"), n)).count();
    if spec.quiet_days.contains(&day(n)) || Weekday::of(day(n)) == Weekday::Sunday || any(n) > 0 {
        return None;
    }
    if let Some(cap) = spec.cap {
        let within = cap.within.get();
        for start in n - within + 1..=n {
            let count: usize = (start..start + within).map(any).sum();
            if count + 1 > cap.invitations as usize {
                return None;
            }
        }
    }
    let mut best: Option<(i32, String)> = None;
    for survey in &spec.ask {
        let cadence = survey.cadence.get();
        let mut due = (n - cadence + 1..n + cadence).all(|n| !has(&survey.name, n));
        if let Some(trigger) = survey.trigger {
            let stage: Vec<Day> = person.stage_since.into_iter().collect();
            let events = match trigger.after {
                TriggerEvent::Purchase => &person.purchases,
                TriggerEvent::Resolved => &person.resolved,
                _ => &stage,
            };
            let (wait, within) = (trigger.days.get(), trigger.within.unwrap().get());
            // The latest ready event, looked for backwards.
            let latest = (-100..=n - wait).rev().find(|e| events.contains(&day(*e)));
            due &= latest.is_some_and(|e| {
                n < e + wait + within && (e + wait..200).all(|n| !has(&survey.name, n))
            });
        }
        let bound = surveys.survey(&survey.name).unwrap();
        due &= bound.is_sampled(&CustomerId::from(id));
        if due && best.as_ref().is_none_or(|(p, _)| survey.priority > *p) {
            best = Some((survey.priority, survey.name.clone()));
        }
    }
    best.map(|(_, name)| name)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_cap_the_cadence_and_the_quiet_days_hold_whatever_days_are_asked_for(
        spec in spec(),
        people in people(),
        days in prop::collection::vec(-10..60, 1..60),
    ) {
        let surveys = bind(&spec);
        let mut people = people;
        for n in days {
            let list = due(&surveys, &people, day(n));
            for (id, person) in (0..).zip(&people) {
                let found = list.due.iter().find(|one| one.customer == CustomerId::from(id));
                let wanted = plain(&spec, &surveys, id, person, n);
                prop_assert_eq!(found.map(|one| one.survey.clone()), wanted);
            }
            send(&list, &mut people);
            // Asked again, nobody is due twice.
            prop_assert!(due(&surveys, &people, day(n)).due.is_empty());
        }
        check(&spec, &people)?;
    }

    #[test]
    fn the_order_does_not_matter(spec in spec(), people in people(), n in 0..60) {
        let surveys = bind(&spec);
        let mut people = people;
        for n in (n - 40..n).step_by(3) {
            let list = due(&surveys, &people, day(n));
            send(&list, &mut people);
        }
        let one = due(&surveys, &people, day(n));
        let mut turned = people.clone();
        for person in &mut turned {
            person.invitations.reverse();
            person.purchases.reverse();
            person.resolved.reverse();
        }
        let table = Table::new(Schema::new(), turned.len());
        let ids: Vec<CustomerId> = (0..turned.len() as u64).map(CustomerId::from).collect();
        // Everybody is handed everybody's invitations, too.
        let all: Vec<&Invitation> = turned.iter().flat_map(|p| &p.invitations).collect();
        let backwards = (0..turned.len()).rev().map(|i| Candidate {
            purchases: &turned[i].purchases,
            resolved: &turned[i].resolved,
            stage_since: turned[i].stage_since,
            invitations: &all,
            ..Candidate::new(&ids[i], table.row(i))
        });
        prop_assert_eq!(surveys.due(backwards, day(n)), one);
    }

    #[test]
    fn the_day_that_is_told_is_the_first_one_that_is_free(spec in spec(), people in people(), n in 0..60) {
        let surveys = bind(&spec);
        let mut people = people;
        for n in n - 40..n {
            let list = due(&surveys, &people, day(n));
            send(&list, &mut people);
        }
        let list = due(&surveys, &people, day(n));
        for one in &list.suppressed {
            let id = one.customer.as_number().unwrap();
            let sent: Vec<Day> = people[id as usize].invitations.iter().map(|one| one.day).collect();
            let free = |d: Day| match one.because {
                Suppression::Cap { .. } => {
                    let cap = spec.cap.unwrap();
                    let late = sent.iter().filter(|on| (d - **on).get() < cap.within.get());
                    late.count() < cap.invitations as usize
                }
                _ => {
                    let own = people[id as usize].invitations.iter().filter(|o| o.survey == one.survey);
                    let spec = spec.ask.iter().find(|s| s.name == one.survey).unwrap();
                    own.map(|o| o.day).all(|on| d - on >= spec.cadence)
                }
            };
            if let Suppression::Cap { until } | Suppression::Cadence { until } = one.because {
                let first = (n + 1..n + 100).map(day).find(|d| free(*d));
                prop_assert_eq!(Some(until), first);
            }
        }
    }

    #[test]
    fn nothing_overflows_at_the_ends_of_the_calendar(
        cadence in 1..=i32::MAX,
        wait in 0..=i32::MAX,
        within in 1..=i32::MAX,
        last in any::<bool>(),
    ) {
        let mut spec = SurveysSpec::new([
            regular("a", cadence),
            after(TriggerEvent::Purchase, wait, within, regular("b", cadence)),
        ]);
        spec.cap = cap(u32::MAX, within);
        let surveys = bind(&spec);
        let ends = vec![Day::MIN, Day::MAX];
        let person = Person {
            purchases: ends.clone(),
            resolved: ends.clone(),
            stage_since: Some(Day::MIN),
            invitations: ends.iter().map(|on| invited(0, *on, "a")).collect(),
        };
        let on = if last { Day::MAX } else { Day::MIN };
        let _ = one(&surveys, person.clone(), on);
        spec.cap = cap(1, within);
        let _ = one(&bind(&spec), person, day(0));
    }
}

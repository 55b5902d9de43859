//! Movement explained: every reason and every kind of event in two languages, and laws on random policies and customers.

#[allow(dead_code)] // A part of it is for the laws of movement itself.
#[path = "movement_machine/random.rs"]
mod random;

mod movement_engine;
mod movement_oracle;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use customer_value::engine::{Engine, Explanation, Population, Standing, Standings, Subject};
use customer_value::history::{Histories, History};
use customer_value::ledger::{Effect, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Customer, Day, Money, Transaction};
use customer_value::rules::language::{Chinese, English, Language};
use customer_value::rules::{Condition, Expr, Found, Truth};
use customer_value::summary::{Summary, Window};
use customer_value::tiering::{Change, Extension, Override, OverrideKind, Reason};
use proptest::prelude::*;

use movement_engine::{population, subject, to_day};
use random::{customers, customers_with_returns, days, policies};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn binds(policy: &str) -> bool {
    Engine::from_toml(policy, &Catalog::standard()).is_ok()
}

const TIERS: &str = r#"{ name = "gold", entry = 1000, keep = 800 }, { name = "silver", entry = 400 }, { name = "member" }"#;

fn engine(version: &str, movement: &str, tiers: &str) -> Engine {
    movement_engine::engine(&format!(
        "head = {{ name = \"members\", version = \"{version}\", currency = \"CNY\" }}\ntiers = [{tiers}]\n[movement]\n{movement}"
    ))
}

/// One customer's story: what happens, and what the last review says of it.
struct Story {
    engine: Engine,
    history: History,
    standing: Standing,
    told: Option<Explanation>,
}

impl Story {
    fn of(movement: &str) -> Self {
        Self::on(engine("1", movement, TIERS))
    }

    fn on(engine: Engine) -> Self {
        Self {
            history: History::new(engine.layout().clone()),
            engine,
            standing: Standing::default(),
            told: None,
        }
    }

    /// A refund if it is negative.
    fn buys(mut self, on: &str, amount: i64) -> Self {
        let money = Money::from_minor(amount.abs() * 100, Currency::CNY);
        let row = if amount < 0 {
            Transaction::refund(7, day(on), money)
        } else {
            Transaction::purchase(7, day(on), money)
        };
        let options = Options::new(Day::MAX, Currency::CNY);
        let row = row.unwrap();
        let effect = Effect::of(&row, &options).unwrap();
        self.history.add(&effect).unwrap();
        self
    }

    fn reviewed(mut self, on: &str) -> Self {
        let mut buffer = self.engine.buffer();
        let standing = std::mem::take(&mut self.standing);
        let (standing, found) = (self.engine).review(&self.history, standing, day(on), &mut buffer);
        let told = found.explain();
        assert_eq!(found.reason(), told.tier.reason());
        self.told = Some(told);
        self.standing = standing;
        self
    }

    fn overridden(mut self, kind: OverrideKind, from: &str, to: Option<&str>) -> Self {
        let decided = Override {
            kind,
            from: day(from),
            to: to.map(day),
            actor: "l.chen".to_owned(),
            reason: "complaint 4711".to_owned(),
        };
        self.standing.override_tier(decided).unwrap();
        self
    }

    fn under(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    fn told(self) -> Explanation {
        self.told.unwrap()
    }
}

const ROLLING: &str = r#"
qualifying = { measure = "spend", window = "365 days" }
term = { length = "12 months" }
grace = { length = "30 days" }
downgrade = "one_step"
notices = ["30 days"]
"#;

/// Gold from 2024-03-01 on with 1050, of which so much was on the same day.
fn gold(movement: &str, same_day: i64) -> Story {
    Story::of(movement)
        .buys("2024-01-10", 1050 - same_day)
        .buys("2024-03-01", same_day)
        .reviewed("2024-01-05")
        .reviewed("2024-03-01")
}

/// Every story by its name.
fn stories() -> Vec<(&'static str, Explanation)> {
    let yearly = |rest: &str| {
        format!("qualifying = {{ measure = \"spend\", window = \"this year\" }}\n{rest}")
    };
    let scheduled = || {
        Story::of(&format!(
            "upgrade = {{ next_period = \"month\" }}\n{ROLLING}"
        ))
        .reviewed("2024-01-05")
        .buys("2024-01-10", 450)
        .reviewed("2024-01-20")
    };
    let reset = |after: &str| {
        Story::of(&yearly(&format!(
            "term = {{ end_of = \"year\", next = true }}\nreview = {{ every = \"year\" }}\nafter_review = {after}\n"
        )))
        .buys("2024-03-01", 1300)
        .reviewed("2024-03-01")
        .buys("2025-01-15", 650)
        .reviewed("2025-01-20")
    };
    let second = |from: &str, how: &str| {
        let tiers = r#"{ name = "top", entry = 2000, replaces = ["gold"] }, { name = "silver", entry = 500 }, { name = "member" }"#;
        let change = format!("policy_change = {{ how = \"{how}\"{from} }}\n{ROLLING}");
        engine("2", &change, tiers)
    };
    let floor = |tier: &str| OverrideKind::Floor(tier.to_owned());
    vec![
        ("first", Story::of(ROLLING).reviewed("2024-01-05").told()),
        (
            "entered",
            Story::of(ROLLING)
                .reviewed("2024-01-05")
                .buys("2024-01-10", 450)
                .reviewed("2024-01-10")
                .told(),
        ),
        ("kept", gold(ROLLING, 850).reviewed("2025-01-20").told()),
        ("held, with a notice", gold(ROLLING, 450).reviewed("2025-02-01").told()),
        ("in grace", gold(ROLLING, 450).reviewed("2025-03-05").told()),
        (
            "requalified",
            gold(ROLLING, 450)
                .buys("2025-03-10", 900)
                .reviewed("2025-03-12")
                .told(),
        ),
        (
            "downgraded, and to silver only",
            gold(ROLLING, 450).reviewed("2025-04-15").told(),
        ),
        ("renewed", gold(ROLLING, 850).buys("2025-02-20", 900).reviewed("2025-03-05").told()),
        ("scheduled", scheduled().told()),
        ("begun", scheduled().reviewed("2024-02-03").told()),
        (
            "cancelled",
            scheduled().buys("2024-01-25", -400).reviewed("2024-01-25").told(),
        ),
        (
            "waits for a review",
            Story::of(&yearly("upgrade = \"at_review\"\nreview = { every = \"year\" }\n"))
                .reviewed("2024-01-05")
                .buys("2024-01-10", 450)
                .reviewed("2024-01-20")
                .told(),
        ),
        (
            "held without a term",
            Story::of(
                "qualifying = { measure = \"spend\", window = \"30 days\" }\nhold = \"6 months\"\nreview = \"always\"\n",
            )
            .buys("2024-01-10", 450)
            .reviewed("2024-01-10")
            .reviewed("2024-04-01")
            .told(),
        ),
        (
            "never lost",
            Story::of(
                "qualifying = { measure = \"spend\", window = \"30 days\" }\nreview = \"always\"\ndowngrade = \"none\"\n",
            )
            .buys("2024-01-10", 450)
            .reviewed("2024-01-10")
            .reviewed("2024-04-01")
            .told(),
        ),
        (
            "taken back",
            gold(ROLLING, 850).buys("2024-03-05", -500).reviewed("2024-03-05").told(),
        ),
        (
            "decided by people",
            Story::of(ROLLING)
                .buys("2024-01-10", 450)
                .reviewed("2024-01-10")
                .overridden(floor("gold"), "2024-02-01", Some("2024-06-01"))
                .overridden(OverrideKind::Ceiling("gold".to_owned()), "2024-02-01", None)
                .reviewed("2024-02-01")
                .told(),
        ),
        (
            "no longer",
            Story::of(ROLLING)
                .buys("2024-01-10", 450)
                .reviewed("2024-01-10")
                .overridden(OverrideKind::Pin("gold".to_owned()), "2024-02-01", Some("2024-06-01"))
                .reviewed("2024-02-01")
                .overridden(OverrideKind::Exclude, "2024-06-02", None)
                .reviewed("2024-06-02")
                .told(),
        ),
        ("extended", {
            let mut story = gold(ROLLING, 450);
            story
                .standing
                .extend_term(Extension {
                    on: day("2024-05-01"),
                    until: day("2025-06-01"),
                    actor: "l.chen".to_owned(),
                    reason: "illness".to_owned(),
                })
                .unwrap();
            story.reviewed("2024-05-02").told()
        }),
        ("reset", reset("\"reset\"").told()),
        ("carried over", reset("{ reduced = { cap = 200 } }").told()),
        ("worth half", reset("{ half_life = \"90 days\" }").told()),
        (
            "counted from an anchor",
            Story::of(
                "qualifying = { measure = \"spend\", anchor = \"last_review\" }\nreview = { every = \"month\" }\nafter_review = { reduced = {} }\n",
            )
            .buys("2024-01-10", 50)
            .reviewed("2024-01-10")
            .buys("2024-02-10", 70)
            .reviewed("2024-02-15")
            .told(),
        ),
        (
            "points",
            Story::on(movement_engine::engine(
                "head = { name = \"members\", version = \"1\", currency = \"CNY\" }\npoints = [{ name = \"stars\", rules = [{ name = \"purchase\", per = \"purchase\", points = 10, repeat = \"every\" }] }]\ntiers = [{ name = \"gold\", entry = 30 }, { name = \"member\" }]\nmovement = { qualifying = { points = \"stars\" }, term = { end_of = \"year\" } }",
            ))
            .buys("2024-01-10", 50)
            .buys("2024-01-12", 50)
            .reviewed("2024-01-15")
            .told(),
        ),
        (
            "another policy",
            gold(ROLLING, 850).under(second("", "grandfather")).reviewed("2024-04-01").told(),
        ),
        (
            "another policy from a later day",
            gold(ROLLING, 850)
                .under(second(", from = \"2024-06-01\"", "full"))
                .reviewed("2024-04-01")
                .told(),
        ),
        (
            "another policy on that day",
            gold(ROLLING, 850)
                .under(second(", from = \"2024-06-01\"", "full"))
                .reviewed("2024-04-01")
                .reviewed("2024-06-01")
                .told(),
        ),
    ]
}

fn name(change: &Change) -> String {
    let text = format!("{change:?}");
    text.split(|c: char| !c.is_alphanumeric())
        .next()
        .unwrap()
        .to_owned()
}

#[test]
fn every_story_in_two_languages() {
    let stories = stories();
    let golden = [
        include_str!("data/explanation/movement.en.txt"),
        include_str!("data/explanation/movement.zh.txt"),
    ];
    let languages: [&dyn Language; 2] = [&English, &Chinese];
    for (language, golden) in languages.into_iter().zip(golden) {
        let mut text = String::new();
        for (name, told) in &stories {
            writeln!(text, "== {name}\n{}", told.text(language)).unwrap();
        }
        assert!(text == golden, "<<<\n{text}>>>");
    }
}

#[test]
fn the_stories_have_every_reason_and_every_event() {
    let stories = stories();
    let reasons: Vec<Reason> = stories.iter().map(|(_, told)| told.tier.reason).collect();
    for reason in [
        Reason::Base,
        Reason::Entry,
        Reason::Kept,
        Reason::Waiting,
        Reason::Override,
    ] {
        assert!(reasons.contains(&reason), "{reason:?}");
    }
    let events = stories.iter().flat_map(|(_, told)| &told.events);
    let kinds: BTreeSet<String> = events.map(|event| name(&event.change)).collect();
    let all = [
        "Assigned",
        "Cancelled",
        "Downgraded",
        "Extended",
        "GraceStarted",
        "OverrideEnded",
        "OverrideStarted",
        "PolicyChanged",
        "Recounted",
        "Renewed",
        "Replaced",
        "Requalified",
        "Reviewed",
        "Revoked",
        "Scheduled",
        "Upgraded",
        "WillDowngrade",
    ];
    assert_eq!(kinds, all.map(str::to_owned).into());
}

/// Events in one line, as an audit trail shows them.
#[test]
fn an_event_is_one_line() {
    let stories = stories();
    let said = |story: &str, language: &dyn Language| -> Vec<String> {
        let (_, told) = stories.iter().find(|(name, _)| *name == story).unwrap();
        told.events
            .iter()
            .map(|event| event.text(language))
            .collect()
    };
    assert_eq!(
        said("in grace", &English),
        [
            "notice on 2025-01-30: gold will be lost on 2025-03-01 if nothing happens until then (qualifying 450.00 >= 800 is false)",
            "no longer qualified for gold on 2025-03-01, kept in grace until 2025-03-31 (qualifying 450.00 >= 800 is false)",
        ]
    );
    assert_eq!(
        said("in grace", &Chinese)[1],
        "2025年3月1日起不再满足 gold 的条件，进入宽限期，等级保留至2025年3月31日（不含当日）（[不成立] 消费金额(qualifying) 450.00 CNY，需达到 800 CNY）",
    );
    assert_eq!(
        said("carried over", &English)[1],
        "200.00 CNY of 1300.00 CNY qualifying carried over on 2025-01-01",
    );
    for (_, told) in &stories {
        for event in &told.events {
            assert_eq!(event.to_string(), event.text(&English));
            assert!(
                event.text(&English).contains(&event.day.to_string()),
                "{event}"
            );
            assert!(
                event.text(&Chinese).contains(&Chinese.day(event.day)),
                "{event}"
            );
        }
    }
}

/// What the host knows of a customer counts ahead as it does today, for one and in bulk.
#[test]
fn attributes_are_known_ahead() {
    let engine = movement_engine::engine(
        "head = { name = \"members\", version = \"1\", currency = \"CNY\" }\nattributes = { vip = { type = \"flag\" } }\ntiers = [{ name = \"gold\", entry = 400, when = \"vip\" }, { name = \"member\" }]\nmovement = { qualifying = { measure = \"spend\" }, term = { end_of = \"year\" } }",
    );
    let story = Story::on(engine).buys("2024-01-10", 450);
    let (engine, as_of) = (&story.engine, day("2024-01-10"));
    let customer = Customer::new(7).with("vip", true).unwrap();
    let known = Subject::new(story.history.view()).with_customer(&customer);
    let mut buffer = engine.buffer();
    let (standing, found) = engine.review(known, Standing::default(), as_of, &mut buffer);
    let told = found.explain();
    let ahead = told.ahead.as_ref().unwrap();
    assert_eq!((&*ahead.tier, &*ahead.projected), ("gold", "gold"));
    assert_eq!(
        told.ahead,
        engine.project(known, &standing, as_of, &mut buffer)
    );

    let all = [(7.into(), story.history.clone())];
    let histories = Histories::collect(engine.layout().clone(), all).unwrap();
    let population = Population::new(histories)
        .with_customers([customer])
        .unwrap();
    let reviews = engine.review_all(&population, None, as_of).unwrap();
    assert_eq!(reviews.at(0).unwrap().explain(), told);
}

fn conditions(told: &Explanation) -> impl Iterator<Item = &Condition> {
    told.tier.tiers.iter().flat_map(|tier| {
        let keep = tier.keep.iter().flat_map(|keep| &keep.conditions);
        tier.conditions.iter().chain(keep)
    })
}

/// What an explanation says is what the review decided, and what lies ahead is what the engine projects.
fn agree(
    told: &Explanation,
    engine: &Engine,
    known: &Population,
    standing: &Standing,
    as_of: Day,
) -> Result<(), TestCaseError> {
    let record = standing.tier().unwrap();
    prop_assert_eq!(&told.tier.tier, &record.tier);
    prop_assert_eq!(told.tier.tenure.as_ref(), record.tenure.as_ref());
    let tenure = record.tenure.as_ref().unwrap();
    let names: Vec<&str> = told.tier.tiers.iter().map(|t| t.tier.as_str()).collect();
    let rank = |name: &str| names.iter().position(|n| *n == name).unwrap();
    let qualified = told
        .tier
        .tiers
        .iter()
        .position(|t| t.truth == Truth::True)
        .unwrap();
    let earned = rank(&tenure.earned);
    let reason = match earned.cmp(&qualified) {
        _ if record.tier != tenure.earned => Reason::Override,
        std::cmp::Ordering::Less => Reason::Kept,
        std::cmp::Ordering::Greater => Reason::Waiting,
        _ if earned + 1 == names.len() => Reason::Base,
        _ => Reason::Entry,
    };
    prop_assert_eq!(told.tier.reason, reason);
    let mut buffer = engine.buffer();
    let ahead = engine.project(subject(known), standing, as_of, &mut buffer);
    prop_assert_eq!(&told.ahead, &ahead);
    let held = &told.tier.tiers[rank(&record.tier)];
    prop_assert_eq!(held.keep.is_some(), reason == Reason::Kept);
    if let Some(keep) = &held.keep {
        prop_assert_eq!(
            &told.tier.decided_by,
            &(keep.truth == Truth::True).then(|| keep.place.clone())
        );
        prop_assert!(told.tier.until.is_none_or(|until| until > as_of));
    }
    let text = [told.text(&English), told.text(&Chinese)];
    prop_assert!(
        !text.iter().any(|text| text.contains(['{', '}'])),
        "{}",
        text[0]
    );
    for event in &told.events {
        prop_assert!(text[0].contains(&event.day.to_string()));
    }
    let json = serde_json::to_value(told).unwrap();
    prop_assert_eq!(&serde_json::from_value::<Explanation>(json).unwrap(), told);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_global_rejects: 1_000_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_told_is_what_was_decided(policy in policies(true), customer in prop_oneof![customers(), customers_with_returns()], days in days(1..6)) {
        let engine = movement_engine::engine(&policy.text());
        let mut standing = Standing::default();
        for date in days {
            let as_of = to_day(date);
            let known = population(&engine, &customer, date);
            movement_engine::note(&mut standing, &customer, date);
            let mut buffer = engine.buffer();
            let (after, found) = engine.review(subject(&known), standing.clone(), as_of, &mut buffer);
            let told = found.explain();
            for condition in conditions(&told) {
                let mut problems = customer_value::diagnostic::Diagnostics::new();
                let place = customer_value::diagnostic::Place::at("alone");
                let alone: Expr = condition.text.parse().unwrap();
                let alone = alone.bind(engine.schema(), &place, &mut problems).unwrap();
                prop_assert_eq!(condition.truth, alone.truth(found.row()), "{}", condition);
            }
            // The days and what was carried over account for the number.
            let qualifying = conditions(&told).find(|c| c.column == "qualifying");
            if let (Some(condition), false) = (qualifying, policy.has("refunds", "ignore") || policy.points) {
                let covered = condition.covered.unwrap();
                let history = known.histories().at(0).unwrap().1;
                let counted = covered.first.zip(covered.last).map_or(0.0, |(first, last)| {
                    let window = Window::Between(first, last.next());
                    let summary = Summary::new(history, window, Day::MAX);
                    if condition.measure.as_deref() == Some("spend") {
                        summary.spend()
                    } else {
                        f64::from(u32::try_from(summary.purchases()).unwrap())
                    }
                });
                let told = counted + covered.carried.unwrap_or(0.0);
                let found = match condition.found { Found::Number(number) => number, _ => 0.0 };
                prop_assert!((told - found).abs() < 1e-6, "{told} {found} {covered:?}\n{}", policy.text());
            }
            // In bulk, the same is told.
            let mut standings = Standings::new();
            standings.insert(7.into(), standing);
            let reviews = engine.review_all(&known, &standings, as_of).unwrap();
            prop_assert_eq!(&reviews.at(0).unwrap().explain(), &told);
            drop(reviews);
            standing = after;
            agree(&told, &engine, &known, &standing, as_of)?;
        }
    }
}

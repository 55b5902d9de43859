//! What was spent adds up, and what is not denied can be paid.

use std::collections::BTreeMap;

use customer_value::engine::{Engine, Population};
use customer_value::ledger::{Ledger, Records};
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, CostCategory, Currency, Direction, Interaction, Record,
    ServiceCost, Transaction,
};
use customer_value::report::BudgetReport;
use customer_value::strategy::budget::{BudgetState, Decision, LineKey};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::{day, engine, eur};

const POLICY: &str = r#"
    head = { name = "p", version = "1", currency = "EUR" }
    tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
    segments = [{ name = "frequent", when = "purchases >= 2" }]
    [playbook]
    channels = ["phone", "mail"]
    floor = { channels = ["phone", "mail"], cadence = "30 days", actions = ["call", "letter"] }
    actions = [
        { name = "call", channel = "phone", trigger = "cadence", cost = "6.00 EUR", category = "service_staff" },
        { name = "letter", channel = "mail", trigger = "cadence", cost = "0.80 EUR" },
    ]
    [budget]
    periods = "yearly"
    SPENDS
    lines = [
        { tier = "gold", category = "marketing", amount = "40.00 EUR" },
        { tier = "gold", category = "service_staff", amount = "10.00 EUR" },
        { tier = "member", amount = "25.00 EUR", limit = "soft" },
    ]
"#;

fn policy(spends: &[&str]) -> Engine {
    let words = spends.iter().map(|word| format!("\"{word}\""));
    let list = format!("spends = [{}]", words.collect::<Vec<_>>().join(", "));
    engine(&POLICY.replace("SPENDS", &list))
}

/// Customers 1 and 2 are gold, 3 and 4 members, and 5 has never bought.
fn population(engine: &Engine, attempts: &[Attempt], records: &Records) -> Population {
    let sales: Vec<Transaction> = [(1, 12_000), (2, 6_000), (2, 6_000), (3, 2_000), (4, 100)]
        .map(|(id, minor)| Transaction::purchase(id, day(0), eur(minor)).unwrap())
        .to_vec();
    let ledger = Ledger::from_transactions(&sales, engine.cleaning(day(60)));
    let population = engine.population(&ledger).unwrap();
    let population = population.with_attempts(attempts.to_vec());
    // Their histories are not asked, and who has never bought stays outside.
    population.with_counted_records(records).unwrap()
}

fn cost() -> impl Strategy<Value = Record> {
    let categories = select(vec!["marketing", "service_staff", "gifts"]);
    (1_u64..=5, 0..60_i32, 0..900_i64, categories).prop_map(|(id, on, minor, category)| {
        let category: CostCategory = category.parse().unwrap();
        ServiceCost::new(id, day(on), eur(minor), category)
            .unwrap()
            .into()
    })
}

/// Few of them, so that one contact is often told twice; the year ends with day 11.
fn days() -> impl Strategy<Value = i32> {
    (0..10_i32).prop_map(|n| n * 6)
}

fn names() -> impl Strategy<Value = &'static str> {
    select(vec!["call", "letter", "voucher"])
}

fn contact() -> impl Strategy<Value = Record> {
    let sides = select(vec![Direction::Inbound, Direction::Outbound]);
    let channels = select(vec!["phone", "mail"]);
    (1_u64..=5, days(), channels, sides, names()).prop_map(|(id, on, channel, side, kind)| {
        Interaction::new(id, day(on), channel, side, kind)
            .unwrap()
            .into()
    })
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let cost = option::of(0..900_i64);
    (1_u64..=5, days(), option::of(names()), cost).prop_map(|(id, on, offer, cost)| {
        let (purpose, kind) = (AttemptPurpose::WinBack, AttemptKind::Call);
        let attempt = Attempt::new(id, day(on), purpose, kind).unwrap();
        let attempt = attempt.with_offer(offer.unwrap_or_default());
        match cost {
            Some(minor) => attempt.with_cost(eur(minor)).unwrap(),
            None => attempt,
        }
    })
}

/// What the page says, from sums: of each customer, day and name the contacts beyond those that attempts have a cost of.
fn expected(spends: &[&str], records: &[Record], attempts: &[Attempt], days: [i32; 2]) -> i128 {
    let reads = |word: &str| spends.is_empty() || spends.contains(&word);
    let is_in = |on| day(days[0]) <= on && on <= day(days[1]);
    let mut total = 0_i128;
    let mut told: BTreeMap<(String, customer_value::model::Day, String), [i128; 3]> =
        BTreeMap::new();
    for record in records.iter().filter(|record| is_in(record.day())) {
        match record {
            Record::ServiceCost(cost) if reads("service_costs") => {
                total += i128::from(cost.amount().minor());
            }
            Record::Interaction(one) if one.direction() == Direction::Outbound => {
                let key = (one.customer().to_string(), one.day(), one.kind().to_owned());
                told.entry(key).or_default()[0] += 1;
            }
            _ => {}
        }
    }
    for one in attempts.iter().filter(|one| is_in(one.day())) {
        let cost = one.cost().filter(|_| reads("attempts"));
        total += cost.map_or(0, |cost| i128::from(cost.minor()));
        let name = one.offer().unwrap_or_default().to_owned();
        let counts = told
            .entry((one.customer().to_string(), one.day(), name))
            .or_default();
        counts[if cost.is_some() { 1 } else { 2 }] += 1;
    }
    for ((_, _, name), [interactions, with_cost, without]) in told {
        let each = match name.as_str() {
            "call" => 6_00,
            "letter" => 80,
            _ => continue,
        };
        if reads("actions") {
            let alone = if interactions == 0 { without } else { 0 };
            total += each * ((interactions - with_cost).max(0) + alone);
        }
    }
    total
}

proptest! {
    #[test]
    fn spends_of_the_lines_and_outside_of_them_are_those_of_the_records(
        spends in subsequence(vec!["service_costs", "attempts", "actions"], 0..=3),
        costs in vec(cost(), 0..15),
        contacts in vec(contact(), 0..25),
        attempts in vec(attempt(), 0..15),
        middle in 0..59_i32,
    ) {
        let engine = policy(&spends);
        let records = [costs, contacts].concat();
        let clean = Records::clean(records.clone(), &engine.cleaning(day(60)));
        let population = population(&engine, &attempts, &clean);
        let reviews = engine.review_all(&population, None, day(59)).unwrap();
        let found = reviews.spends(day(0)).unwrap().unwrap();
        prop_assert_eq!(found.total(), expected(&spends, &records, &attempts, [0, 59]));

        let mut state = BudgetState::new(Currency::EUR);
        prop_assert_eq!(found.book(&mut state).unwrap(), found.len() as u64);
        prop_assert_eq!(found.book(&mut state).unwrap(), 0);
        let budget = engine.budget().unwrap();
        let (first, last) = (day(0), day(59));
        // No two lines hold the same money.
        let lines = budget.lines().iter();
        let held: i128 = lines.map(|line| state.totals(line.key(), first, last).used()).sum();
        let outside = budget.outside(&state, first, last).used();
        prop_assert_eq!(held + outside, found.total());
        // The year ends with day 11.
        let reports = [11, 59].map(|n| BudgetReport::new(budget, &state, day(n), None).unwrap());
        let actual: i128 = reports.iter().flat_map(|r| r.rows()).map(|row| row.actual).sum();
        prop_assert_eq!(actual, held);

        // In two steps, the second of which reads some days again.
        let early = engine.review_all(&population, None, day(middle)).unwrap();
        let mut steps = BudgetState::new(Currency::EUR);
        let begin = early.spends(day(0)).unwrap().unwrap();
        prop_assert_eq!(begin.total(), expected(&spends, &records, &attempts, [0, middle]));
        begin.book(&mut steps).unwrap();
        reviews.spends(day(middle / 2)).unwrap().unwrap().book(&mut steps).unwrap();
        prop_assert_eq!(steps.totals(&LineKey::default(), first, last).spent, found.total());

        // The order of the input says nothing.
        let turned = Records::clean(records.into_iter().rev(), &engine.cleaning(day(60)));
        let mut back = attempts;
        back.reverse();
        let population = self::population(&engine, &back, &turned);
        let again = engine.review_all(&population, None, day(59)).unwrap();
        prop_assert_eq!(again.spends(day(0)).unwrap().unwrap(), found);
    }
}

#[test]
fn a_spend_has_the_tier_and_the_segments_of_the_review() {
    let engine = policy(&[]);
    let costs = [2_u64, 3, 5].map(|id| -> Record {
        let survey = CostCategory::Survey;
        ServiceCost::new(id, day(1), eur(5_00), survey)
            .unwrap()
            .into()
    });
    let records = Records::clean(costs, &engine.cleaning(day(60)));
    let population = population(&engine, &[], &records);
    let reviews = engine.review_all(&population, None, day(1)).unwrap();
    let spends = reviews.spends(day(0)).unwrap().unwrap();
    let places: Vec<(Option<&str>, Vec<&str>)> = (spends.iter())
        .map(|(_, spend)| (spend.tier(), spend.segments().collect()))
        .collect();
    // Two purchases on one day are one purchase day or two, so the segment is read off the review.
    let frequent: Vec<&str> = reviews.get(&2.into()).unwrap().segments().collect();
    assert_eq!(
        places,
        [
            (Some("gold"), frequent),
            (Some("member"), vec![]),
            (None, vec![])
        ]
    );
    assert!(reviews.spends(day(2)).unwrap().unwrap().is_empty());
}

#[test]
fn other_currencies_and_days_are_misuse() {
    let engine = policy(&[]);
    let dollars = "1.00 USD".parse().unwrap();
    let attempt = Attempt::new(1, day(1), AttemptPurpose::WinBack, AttemptKind::Call).unwrap();
    let none = Vec::<Record>::new();
    let records = Records::clean(none, &engine.cleaning(day(60)));
    let population = population(&engine, &[attempt.with_cost(dollars).unwrap()], &records);
    let reviews = engine.review_all(&population, None, day(2)).unwrap();
    assert!(reviews.spends(day(0)).unwrap_err().is_misuse());
    assert!(reviews.spends(day(2)).unwrap().unwrap().is_empty());
    let due = reviews.due_actions(&BTreeMap::new()).unwrap();
    let foreign = BudgetState::new(Currency::USD);
    assert!(reviews.ask_budget(&due, &foreign).unwrap_err().is_misuse());
    let later = engine.review_all(&population, None, day(3)).unwrap();
    let state = BudgetState::new(Currency::EUR);
    assert!(later.ask_budget(&due, &state).unwrap_err().is_misuse());
}

#[test]
fn what_is_not_denied_can_be_paid_together() {
    let engine = policy(&[]);
    let none = Records::clean(Vec::<Record>::new(), &engine.cleaning(day(60)));
    let population = population(&engine, &[], &none);
    let reviews = engine.review_all(&population, None, day(20)).unwrap();
    let due = reviews.due_actions(&BTreeMap::new()).unwrap();
    assert_eq!(due.due.len(), 8);
    let asked = reviews
        .ask_budget(&due, &BudgetState::new(Currency::EUR))
        .unwrap()
        .unwrap();
    // 10.00 are for one call to a gold customer, and members have no hard line.
    let denied: Vec<String> = (asked.actions.iter())
        .filter(|one| one.decision() == Decision::Deny)
        .map(|one| format!("{} {}", one.action.customer, one.action.action))
        .collect();
    assert_eq!(denied, ["2 call"]);
    assert_eq!(asked.paid().count(), 7);
    let lines = engine.budget().unwrap().lines();
    let used = |state: &BudgetState| {
        let of = |key| state.totals(key, day(0), day(59));
        lines.iter().map(|line| of(line.key())).collect::<Vec<_>>()
    };
    let committed: Vec<i128> = used(&asked.state).iter().map(|t| t.committed).collect();
    assert_eq!(committed, [1_60, 6_00, 13_60]);

    // What was promised is not asked about again, and no line is used twice.
    let again = reviews.ask_budget(&due, &asked.state).unwrap().unwrap();
    let asked_again: Vec<bool> = again
        .actions
        .iter()
        .map(|one| one.verdict.is_some())
        .collect();
    assert_eq!(asked_again.iter().filter(|asked| **asked).count(), 1);
    assert_eq!(used(&again.state), used(&asked.state));

    // An attempt with a cost of its own settles the promise at that.
    let call = Attempt::new(1, day(20), AttemptPurpose::Uplift, AttemptKind::Call).unwrap();
    let call = call.with_offer("call").with_cost(eur(7_50)).unwrap();
    let population = self::population(&engine, &[call], &none);
    let reviews = engine.review_all(&population, None, day(20)).unwrap();
    let mut state = asked.state;
    let spends = reviews.spends(day(20)).unwrap().unwrap();
    assert_eq!(spends.book(&mut state).unwrap(), 1);
    let gold = used(&state)[1];
    assert_eq!((gold.spent, gold.committed), (7_50, 0));
}

/// The call of customer 1 on day 20 and what it was told by: channels of interactions, and of attempts with what they cost.
fn told(talks: &[&str], attempts: &[(&str, Option<i64>)]) -> Vec<(i64, String)> {
    let engine = policy(&[]);
    let talks = talks.iter().map(|channel| -> Record {
        let talk = Interaction::new(1, day(20), channel, Direction::Outbound, "call");
        talk.unwrap().into()
    });
    let attempts: Vec<Attempt> = (attempts.iter())
        .map(|(channel, cost)| {
            let (purpose, kind) = (AttemptPurpose::Uplift, AttemptKind::Call);
            let one = Attempt::new(1, day(20), purpose, kind).unwrap();
            let one = one.with_offer("call").with_channel(channel);
            match cost {
                Some(minor) => one.with_cost(eur(*minor)).unwrap(),
                None => one,
            }
        })
        .collect();
    let records = Records::clean(talks, &engine.cleaning(day(60)));
    let population = population(&engine, &attempts, &records);
    let reviews = engine.review_all(&population, None, day(20)).unwrap();
    let spends = reviews.spends(day(20)).unwrap().unwrap();
    let all = spends.iter().map(|(_, spend)| spend);
    all.map(|one| (one.amount().minor(), one.category().to_string()))
        .collect()
}

#[test]
fn a_contact_that_is_told_twice_is_one_spend() {
    let staff = |minor: i64| (minor, "service_staff".to_owned());
    assert_eq!(told(&["phone"], &[]), [staff(6_00)]);
    // Of the category of the action.
    assert_eq!(told(&["phone"], &[("", Some(7_50))]), [staff(7_50)]);
    assert_eq!(told(&["phone"], &[("phone", None)]), [staff(6_00)]);
    assert_eq!(told(&[], &[("phone", None)]), [staff(6_00)]);
    // Who names the channel takes its interaction first, and leaves the other.
    let two = [("", Some(1_00)), ("phone", Some(2_00))];
    let mut spends = told(&["phone", "mail"], &two);
    spends.sort();
    assert_eq!(spends, [staff(1_00), staff(2_00)]);
    // One without a cost is the contact that has one by another attempt.
    let two = [("phone", Some(2_00)), ("", None)];
    assert_eq!(told(&["phone"], &two), [staff(2_00)]);
}

#[test]
fn outside_of_all_lines_is_what_was_spent_on_the_days() {
    let engine = policy(&[]);
    let costs = [(5, 1), (5, 20), (3, 20)].map(|(id, on)| -> Record {
        let survey = CostCategory::Survey;
        ServiceCost::new(id, day(on), eur(5_00), survey)
            .unwrap()
            .into()
    });
    let records = Records::clean(costs, &engine.cleaning(day(60)));
    let population = population(&engine, &[], &records);
    let reviews = engine.review_all(&population, None, day(30)).unwrap();
    let mut state = BudgetState::new(Currency::EUR);
    let spends = reviews.spends(day(0)).unwrap().unwrap();
    assert_eq!(spends.book(&mut state).unwrap(), 3);
    let outside = |first, last| {
        let budget = engine.budget().unwrap();
        budget.outside(&state, day(first), day(last)).spent
    };
    // Nobody who was not reviewed has a tier, and each line is for one.
    assert_eq!(
        (outside(0, 30), outside(2, 20), outside(2, 19)),
        (10_00, 5_00, 0)
    );
}

//! What is due by a policy alone: what the sections read is computed, and a review tells them all that is known.

use std::collections::BTreeMap;

use customer_value::engine::{Engine, Population, Reviews, Standings};
use customer_value::ledger::{Ledger, Records};
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Complaint, CostCategory, CustomerId, Direction,
    Interaction, Record, ServiceCost, Transaction,
};
use customer_value::report::Whale;
use customer_value::strategy::playbook::PlaybookRecord;
use customer_value::strategy::surveys::Invitation;

use super::{day, engine, eur};

const HEAD: &str = "head = { name = 'p', version = '1', currency = 'EUR' }\n";

fn population(engine: &Engine, sales: &[(u64, i32, i64)], records: Vec<Record>) -> Population {
    let sales: Vec<Transaction> = (sales.iter())
        .map(|(id, on, minor)| Transaction::purchase(*id, day(*on), eur(*minor)).unwrap())
        .collect();
    let ledger = Ledger::from_transactions(&sales, engine.cleaning(day(60)));
    let records = Records::clean(records, &engine.cleaning(day(60)));
    let ledger = ledger.with_records(&records).unwrap();
    engine.population(&ledger).unwrap()
}

fn talk(id: u64, on: i32, side: Direction, kind: &str) -> Record {
    let talk = Interaction::new(id, day(on), "phone", side, kind);
    talk.unwrap().into()
}

/// Who is to be asked what; then who is not, and why not.
fn asked(reviews: &Reviews<'_>, invitations: &[Invitation]) -> Vec<String> {
    let list = reviews.due_surveys(invitations).unwrap();
    let due = list.due.iter().map(ToString::to_string);
    due.chain(list.suppressed.iter().map(ToString::to_string))
        .collect()
}

#[test]
fn surveys_follow_purchases_settled_complaints_stages_and_invitations() {
    let engine = engine(&format!(
        "{HEAD}{}",
        r#"
        tiers = [{ name = "all" }]
        [lifecycle]
        start = "calm"
        stages = [{ name = "calm", rank = 1 }, { name = "angry", rank = 0 }]
        [[lifecycle.transitions]]
        from = "calm"
        to = "angry"
        when = "open_complaints > 0"
        [surveys]
        ask = [
            { name = "bought", instrument = "csat", cadence = "10 days", trigger = { after = "purchase", days = "2 days", within = "3 days" } },
            { name = "settled", instrument = "ces", cadence = "10 days", trigger = { after = "resolved", days = "1 day", within = "3 days" } },
            { name = "upset", instrument = "nps", cadence = "10 days", when = "stage = 'angry'", trigger = { after = "stage", days = "1 day", within = "3 days" } },
        ]
        "#
    ));
    let complaint = |id: u64| Complaint::new(id, day(20), "price").unwrap();
    let records = vec![
        complaint(2).resolved_on(day(29)).unwrap().into(),
        Complaint::new(3, day(29), "price").unwrap().into(),
    ];
    let sales = [(1, 28, 1_00), (2, 1, 1_00), (3, 1, 1_00), (4, 28, 1_00)];
    let population = population(&engine, &sales, records);
    let before = engine.review_all(&population, None, day(29)).unwrap();
    let standings: Standings = before.into_standings();
    let reviews = engine.review_all(&population, &standings, day(30)).unwrap();
    let sent = [Invitation::new(4, day(29), "bought")];
    let on = |n: i32| day(n).to_string();
    assert_eq!(
        asked(&reviews, &sent),
        [
            format!("1: bought, after a purchase on {}", on(28)),
            format!("2: settled, after a settled complaint on {}", on(29)),
            format!("3: upset, after the entry into the stage on {}", on(29)),
            format!("4: not bought, not to be asked again before {}", on(39)),
        ]
    );
}

/// No tier, score or segment reads these columns.
#[test]
fn what_only_one_section_reads_is_computed() {
    let engine = engine(&format!(
        "{HEAD}{}",
        r#"
        tiers = [{ name = "all" }]
        [surveys]
        ask = [{ name = "best", instrument = "nps", cadence = "10 days", when = "percentile(spend) >= 50" }]
        "#
    ));
    let sales = [(1, 1, 1_00), (2, 1, 2_00), (3, 1, 3_00), (4, 1, 4_00)];
    let population = population(&engine, &sales, Vec::new());
    let fitted = engine.fitted_to(&population, None, day(2)).unwrap();
    let reviews = fitted.review_all(&population, None, day(2)).unwrap();
    let asked = asked(&reviews, &[]);
    assert_eq!(
        asked,
        ["3: best, for the first time", "4: best, for the first time"]
    );
}

const SERVED: &str = r#"
    tiers = [{ name = "all" }]
    segments = [{ name = "known", when = "hot" }]
    [attributes]
    hot = { type = "flag" }
    [lifecycle]
    start = "calm"
    stages = [{ name = "calm", rank = 1 }, { name = "angry", rank = 0 }]
    [[lifecycle.transitions]]
    from = "calm"
    to = "angry"
    when = "open_complaints > 0"
    [playbook]
    channels = ["phone"]
    floor = { channels = ["phone"], cadence = "300 days", actions = ["call", "hear", "thank"] }
    [[playbook.plays]]
    name = "special"
    segments = ["known"]
    cadence = "100 days"
    [[playbook.actions]]
    name = "call"
    channel = "phone"
    trigger = { every = "30 days" }
    cost = "0.00 EUR"
    [[playbook.actions]]
    name = "hear"
    channel = "phone"
    trigger = { stage = { stage = "angry", offset = "1 day" } }
    within = "2 days"
    cost = "0.00 EUR"
    [[playbook.actions]]
    name = "thank"
    channel = "phone"
    trigger = { rule = "purchases >= 2" }
    within = "4 days"
    cost = "0.00 EUR"
"#;

fn due(reviews: &Reviews<'_>, known: &BTreeMap<CustomerId, PlaybookRecord>) -> Vec<String> {
    let list = reviews.due_actions(known).unwrap();
    let said = list.due.iter();
    let mut said: Vec<String> = said
        .map(|one| format!("{} {}", one.customer, one.action))
        .collect();
    said.sort();
    said
}

#[test]
fn due_actions_follow_stages_rules_contacts_and_attempts() {
    let engine = engine(&format!("{HEAD}{SERVED}"));
    let (ours, theirs) = (Direction::Outbound, Direction::Inbound);
    let records = vec![
        talk(1, 25, ours, "call"),
        talk(2, 25, theirs, "call"),
        // Later than the review.
        talk(3, 31, ours, "call"),
        talk(5, 29, ours, "call"),
        talk(6, 29, ours, "call"),
        Complaint::new(5, day(29), "price").unwrap().into(),
    ];
    let sales = [1, 2, 3, 4, 5, 6, 6].map(|id| (id, 1, 1_00));
    let mut sales = sales.to_vec();
    sales.push((6, 2, 1_00));
    let attempt = Attempt::new(4, day(25), AttemptPurpose::Uplift, AttemptKind::Call).unwrap();
    let population = population(&engine, &sales, records).with_attempts([attempt]);

    let none = BTreeMap::new();
    let first = engine.review_all(&population, None, day(29)).unwrap();
    let known = first.playbook_records(&none);
    let standings = first.into_standings();
    let reviews = engine.review_all(&population, &standings, day(30)).unwrap();
    let known = reviews.playbook_records(&known);
    assert_eq!(
        due(&reviews, &known),
        ["2 call", "3 call", "5 hear", "6 thank"]
    );
    // True since the first review, four days before.
    let later = engine.review_all(&population, &standings, day(33)).unwrap();
    let known = later.playbook_records(&known);
    assert_eq!(due(&later, &known), ["2 call"]);
    assert_eq!(due(&later, &none), ["2 call", "6 thank"]);
    // Nobody is in a segment that is not known.
    for one in reviews.iter() {
        assert_eq!(reviews.service_plan(&one).unwrap().reason, None);
    }
}

#[test]
fn without_records_nothing_is_said_of_costs_and_service() {
    let engine = engine(&format!(
        "{HEAD}{SERVED}{}",
        r#"
        [budget]
        periods = "yearly"
        lines = [{ amount = "15.00 EUR" }]
        [cost_to_serve]
        resources = [{ name = "desk", cost = "100.00 EUR", minutes = 200 }]
        activities = [{ name = "orders", driver = "purchases", minutes = 30, resource = "desk" }]
        waste = { within = "30 days" }
        "#
    ));
    let sale = Transaction::purchase(1, day(1), eur(1_00)).unwrap();
    let ledger = Ledger::from_transactions([&sale], engine.cleaning(day(60)));
    let unknown = engine.population(&ledger).unwrap();
    let reviews = engine.review_all(&unknown, None, day(2)).unwrap();
    assert!(reviews.spends(day(1)).unwrap_err().is_misuse());
    assert!(reviews.waste().unwrap_err().is_misuse());
    let attained = reviews.attainment(&BTreeMap::new(), day(1), day(2));
    assert!(attained.unwrap_err().is_misuse());
    // That there are none is something else.
    let none = population(&engine, &[(1, 1, 1_00)], Vec::new());
    let reviews = engine.review_all(&none, None, day(2)).unwrap();
    assert!(reviews.spends(day(1)).unwrap().unwrap().is_empty());
    assert_eq!(reviews.waste().unwrap().unwrap().all().read.entries, 0);
}

#[test]
fn costs_are_judged_by_the_window_and_by_what_is_expected() {
    let engine = engine(&format!(
        "{HEAD}{}",
        r#"
        tiers = [{ name = "big", when = "spend >= 100" }, { name = "all" }]
        [prediction]
        horizon = "365 days"
        margin = 0.5
        discount = "10 % per year"
        [cost_to_serve]
        window = "30 days"
        resources = [{ name = "desk", cost = "100.00 EUR", minutes = 200 }]
        activities = [{ name = "orders", driver = "purchases", minutes = 30, resource = "desk" }]
        waste = { within = "10 days", p_purchase_below = 0.1 }
        "#
    ));
    let cost = ServiceCost::new(1, day(40), eur(5_00), CostCategory::Marketing).unwrap();
    let sales = [(1, 1, 10_07), (1, 50, 1_00), (2, 1, 8_29)];
    let population = population(&engine, &sales, vec![cost.into()]);
    // One purchase of two is in the window.
    let report = engine.capacity(&population, day(60)).unwrap();
    assert_eq!(report.activities()[0].units, 1);
    let reviews = engine.review_all(&population, None, day(60)).unwrap();
    // Without a model no purchase is known to be improbable.
    assert_eq!(reviews.waste().unwrap().unwrap().all().total().entries, 0);
    // 8.29 is 8.2899999999999991 in binary.
    let whale: Whale = reviews.whale("spend").unwrap();
    assert_eq!(
        (whale.total(), whale.spread().unwrap().least),
        (19_36, 8_29)
    );
}

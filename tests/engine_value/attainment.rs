//! `Reviews::attainment` against the page, day by day.

use std::collections::BTreeMap;

use customer_value::ledger::{Ledger, Records};
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Customer, CustomerId, Day, Direction, Interaction,
    Transaction,
};
use customer_value::report::Attainment;
use customer_value::strategy::playbook::{Answers, Occasions};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{day, engine, eur};

const POLICY: &str = r#"
    head = { name = "p", version = "1", currency = "EUR" }
    tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
    [attributes]
    birthday = { type = "date" }
    hot = { type = "flag" }
    alone = { type = "flag" }
    [playbook]
    channels = ["phone", "mail"]
    do_not_contact = "alone"
    floor = { channels = ["mail"], cadence = "20 days", response_hours = 10, actions = ["wish", "letter"] }
    [[playbook.plays]]
    name = "personal"
    tiers = ["gold"]
    cadence = "7 days"
    response_hours = 2
    actions = ["call", "apology", "welcome"]
    [[playbook.actions]]
    name = "wish"
    channel = "mail"
    trigger = { anniversary = { date = "birthday", offset = "-3 days" } }
    within = "5 days"
    cost = "0.00 EUR"
    [[playbook.actions]]
    name = "letter"
    channel = "mail"
    trigger = { every = "15 days" }
    cost = "0.00 EUR"
    [[playbook.actions]]
    name = "call"
    channel = "phone"
    trigger = "cadence"
    cost = "0.00 EUR"
    service = true
    [[playbook.actions]]
    name = "apology"
    channel = "phone"
    trigger = { rule = "hot" }
    within = "6 days"
    cost = "0.00 EUR"
    service = true
    [[playbook.actions]]
    name = "welcome"
    channel = "mail"
    trigger = { date = { date = "birthday", offset = "366 days" } }
    within = "400 days"
    cost = "0.00 EUR"
"#;
const ACTIONS: [&str; 5] = ["wish", "letter", "call", "apology", "welcome"];

#[derive(Debug, Clone)]
struct Person {
    gold: bool,
    /// So many days after day 0 of the year before.
    birthday: Option<i32>,
    hot: bool,
    hot_since: Option<i32>,
    alone: bool,
    /// Day, outbound, kind, latency in minutes.
    talks: Vec<(i32, bool, &'static str, Option<u32>)>,
    attempts: Vec<(i32, &'static str)>,
}

fn person() -> impl Strategy<Value = Person> {
    let kind = || {
        select(vec![
            "wish", "letter", "call", "apology", "welcome", "other",
        ])
    };
    let latency = option::weighted(0.8, 0_u32..800);
    let talks = vec((-30..60_i32, any::<bool>(), kind(), latency), 0..12);
    let attempts = vec((-30..60_i32, kind()), 0..4);
    let birthday = option::weighted(0.8, -40..70_i32);
    let hot = (any::<bool>(), option::of(-10..20_i32));
    (
        any::<bool>(),
        birthday,
        hot,
        prop::bool::weighted(0.1),
        talks,
        attempts,
    )
        .prop_map(
            |(gold, birthday, (hot, hot_since), alone, talks, attempts)| Person {
                gold,
                birthday,
                hot,
                hot_since,
                alone,
                talks,
                attempts,
            },
        )
}

/// 365 days before; no 29 February is between.
const YEAR: i32 = 365;

impl Person {
    /// Day and name of each contact.
    fn contacts(&self) -> Vec<(i32, &'static str)> {
        let mut all: Vec<(i32, &'static str)> = (self.talks.iter())
            .filter(|talk| talk.1)
            .map(|talk| (talk.0, talk.2))
            .collect();
        let told = all.clone();
        all.extend(self.attempts.iter().filter(|one| !told.contains(one)));
        all
    }

    fn last_contact(&self, until: i32) -> Option<i32> {
        let contacts = self.contacts();
        contacts.iter().map(|c| c.0).filter(|d| *d <= until).max()
    }

    fn answers(&self, hours: u32, first: i32, last: i32) -> Answers {
        let mut found = Answers::default();
        for (on, outbound, _, minutes) in &self.talks {
            if *outbound || *on < first || *on > last {
                continue;
            }
            match minutes {
                None => found.unknown += 1,
                Some(minutes) if *minutes <= hours * 60 => found.in_time += 1,
                Some(_) => found.late += 1,
            }
        }
        found
    }

    fn is_kept(&self, cadence: i32, first: i32, last: i32) -> bool {
        (first..=last).all(|today| {
            let contact = self.last_contact(today).unwrap_or(first - 1);
            today - contact < cadence
        })
    }

    /// The occasion of an action on a day, and for how many days it is due.
    fn occasion(&self, action: &str, today: i32, last: i32) -> Option<(i32, i32)> {
        let born = self.birthday.map(|n| n - YEAR);
        match action {
            "wish" => {
                let mut latest = None;
                for years in 1..=3 {
                    let on = born? + years * YEAR - 3;
                    if on <= today {
                        latest = Some(on);
                    }
                }
                latest.map(|on| (on, 5))
            }
            "apology" => self.hot.then_some((self.hot_since.unwrap_or(last), 6)),
            "welcome" => Some((born? + 366, 400)),
            _ => None,
        }
        .filter(|(on, _)| *on <= today)
    }

    fn occasions(&self, action: &str, first: i32, last: i32) -> Occasions {
        let mut found = Occasions::default();
        let contacts = self.contacts();
        if action == "letter" || action == "call" {
            let cadence = if action == "letter" { 15 } else { 7 };
            let is_due = |until: i32, today: i32| {
                let contact = self.last_contact(until);
                contact.is_none_or(|contact| contact + cadence <= today)
            };
            for today in first..=last {
                let now = contacts.iter().any(|c| c.0 == today);
                found.done += u64::from(now && is_due(today - 1, today));
            }
            found.open += u64::from(is_due(last, last));
            return found;
        }
        let mut seen: Vec<(i32, i32)> = Vec::new();
        for today in first..=last {
            let Some((on, within)) = self.occasion(action, today, last) else {
                continue;
            };
            let before = contacts
                .iter()
                .any(|c| c.1 == action && on <= c.0 && c.0 < first);
            if today < on + within && !before && !seen.contains(&(on, within)) {
                seen.push((on, within));
            }
        }
        for (on, within) in seen {
            let is_due = |today: i32| {
                today < on + within
                    && self.occasion(action, today, last).map(|found| found.0) == Some(on)
            };
            let done = |today: i32| is_due(today) && contacts.contains(&(today, leak(action)));
            if (first..=last).any(done) {
                found.done += 1;
            } else if is_due(last + 1) {
                found.open += 1;
            } else {
                found.missed += 1;
            }
        }
        found
    }
}

fn leak(action: &str) -> &'static str {
    ACTIONS.iter().find(|known| **known == action).unwrap()
}

fn report(people: &[Person], first: i32, last: i32) -> Attainment {
    let engine = engine(POLICY);
    let at = |n: i32| day(n);
    let mut sales = Vec::new();
    let mut customers = Vec::new();
    let mut talks = Vec::new();
    let mut attempts = Vec::new();
    let mut remembered = BTreeMap::new();
    for (id, one) in (1_u64..).zip(people) {
        let spent = eur(if one.gold { 20_000 } else { 100 });
        sales.push(Transaction::purchase(id, at(-30), spent).unwrap());
        let mut customer = Customer::new(id).with("hot", one.hot).unwrap();
        customer = customer.with("alone", one.alone).unwrap();
        if let Some(n) = one.birthday {
            let born: Day = at(n - YEAR);
            customer = customer.with("birthday", born).unwrap();
        }
        customers.push(customer);
        for (on, outbound, kind, minutes) in &one.talks {
            let side = if *outbound {
                Direction::Outbound
            } else {
                Direction::Inbound
            };
            let talk = Interaction::new(id, at(*on), "phone", side, kind).unwrap();
            talks.push(match minutes {
                Some(minutes) => talk.with_latency(minutes * 60),
                None => talk,
            });
        }
        for (on, offer) in &one.attempts {
            let purpose = AttemptPurpose::WinBack;
            let attempt = Attempt::new(id, at(*on), purpose, AttemptKind::Call).unwrap();
            attempts.push(attempt.with_offer(offer));
        }
        if let Some(n) = one.hot_since {
            let text = format!(r#"{{"apology": "{}"}}"#, at(n));
            remembered.insert(CustomerId::from(id), serde_json::from_str(&text).unwrap());
        }
    }
    let ledger = Ledger::from_transactions(&sales, engine.cleaning(at(100)));
    let records = Records::clean(talks, &engine.cleaning(at(100)));
    let population = engine.population(&ledger).unwrap();
    let population = population
        .with_counted_records(&records)
        .unwrap()
        .with_customers(customers)
        .unwrap()
        .with_attempts(attempts);
    let reviews = engine.review_all(&population, None, at(last)).unwrap();
    let report = reviews.attainment(&remembered, at(first), at(last));
    report.unwrap().unwrap()
}

proptest! {
    #[test]
    fn it_is_what_the_page_says(
        people in vec(person(), 0..6),
        first in 0..20_i32,
        length in 0..40_i32,
    ) {
        let last = first + length;
        let report = report(&people, first, last);
        for gold in [true, false] {
            let play = gold.then(|| "personal".to_owned());
            let own: Vec<&Person> = people.iter().filter(|one| one.gold == gold).collect();
            let row = report.rows().find(|row| row.play == play);
            prop_assert_eq!(row.is_some(), !own.is_empty());
            let Some(row) = row else { continue };
            prop_assert_eq!(row.tier.as_deref(), Some(if gold { "gold" } else { "member" }));
            let (cadence, hours) = if gold { (7, 2) } else { (20, 10) };
            let open: Vec<&&Person> = own.iter().filter(|one| !one.alone).collect();
            prop_assert_eq!(row.customers, own.len() as u64);
            prop_assert_eq!(row.not_to_be_contacted, (own.len() - open.len()) as u64);
            prop_assert_eq!(row.cadenced, open.len() as u64);
            let kept = open.iter().filter(|one| one.is_kept(cadence, first, last));
            prop_assert_eq!(row.kept, kept.count() as u64);
            let promised = u64::try_from((length + 1) / cadence).unwrap();
            prop_assert_eq!(row.promised, promised * open.len() as u64);
            let made = |one: &&&Person| {
                let contacts = one.contacts();
                contacts.iter().filter(|c| first <= c.0 && c.0 <= last).count()
            };
            prop_assert_eq!(row.made, open.iter().map(made).sum::<usize>() as u64);
            if row.kept == row.cadenced {
                prop_assert!(row.made >= row.promised);
            }
            let mut answers = Answers::default();
            for one in &own {
                let more = one.answers(hours, first, last);
                answers.in_time += more.in_time;
                answers.late += more.late;
                answers.unknown += more.unknown;
            }
            prop_assert_eq!(row.answers, answers);
            let actions = if gold { &["wish", "letter", "call", "apology"][..] } else { &ACTIONS[..2] };
            let mut owed = Occasions::default();
            for action in actions {
                for one in &open {
                    let more = one.occasions(action, first, last);
                    owed.done += more.done;
                    owed.missed += more.missed;
                    owed.open += more.open;
                }
            }
            prop_assert_eq!(row.owed, owed);
        }
        for kept in report.actions() {
            let own = people.iter().filter(|one| !one.alone);
            let own = own.filter(|one| one.gold || ["wish", "letter"].contains(&&*kept.action));
            let all: Vec<Occasions> = own.map(|one| one.occasions(&kept.action, first, last)).collect();
            let sum = |of: fn(&Occasions) -> u64| all.iter().map(of).sum::<u64>();
            let expected = Occasions { done: sum(|o| o.done), missed: sum(|o| o.missed), open: sum(|o| o.open) };
            prop_assert_eq!(kept.occasions, expected, "{}", kept.action);
            prop_assert_eq!(kept.owed, kept.action != "welcome");
        }
        let mut below = Vec::new();
        let mut not_known = 0;
        for (id, one) in (1_u64..).zip(&people) {
            let answers = one.answers(10, first, last);
            let no_contact = !one.alone && !one.is_kept(20, first, last);
            let missed: Vec<String> = (["wish", "letter"].iter())
                .filter(|action| !one.alone && one.occasions(action, first, last).missed > 0)
                .map(|action| (*action).to_owned())
                .collect();
            if answers.late > 0 || no_contact || !missed.is_empty() {
                below.push((CustomerId::from(id), answers.late, no_contact, missed));
            } else {
                not_known += u64::from(answers.unknown > 0);
            }
        }
        let found: Vec<_> = (report.below().iter())
            .map(|one| (one.customer.clone(), one.late, one.no_contact, one.missed.clone()))
            .collect();
        prop_assert_eq!(found, below);
        let floor = report.total().floor;
        prop_assert_eq!(floor.not_met, report.below().len() as u64);
        prop_assert_eq!(floor.not_known, not_known);
        prop_assert_eq!(floor.met + floor.not_met + floor.not_known, people.len() as u64);
    }
}

#[test]
fn days_after_the_review_are_misuse_and_without_a_playbook_there_is_nothing() {
    let served = engine(POLICY);
    let plain = engine(
        "head = { name = 'p', version = '1', currency = 'EUR' }\ntiers = [{ name = 'all' }]",
    );
    let none = Vec::<Transaction>::new();
    for engine in [&served, &plain] {
        let ledger = Ledger::from_transactions(&none, engine.cleaning(day(9)));
        let records = Records::clean(Vec::<Interaction>::new(), &engine.cleaning(day(9)));
        let ledger = ledger.with_records(&records).unwrap();
        let population = engine.population(&ledger).unwrap();
        let reviews = engine.review_all(&population, None, day(9)).unwrap();
        let of = |first, last| reviews.attainment(&BTreeMap::new(), day(first), day(last));
        if engine.playbook().is_none() {
            assert_eq!(of(0, 9).unwrap(), None);
            continue;
        }
        assert!(of(0, 10).unwrap_err().is_misuse());
        assert!(of(5, 4).unwrap_err().is_misuse());
        assert_eq!(of(9, 9).unwrap().unwrap().total().customers, 0);
        let all = reviews.attainment(&BTreeMap::new(), Day::MIN, day(9));
        assert_eq!(all.unwrap().unwrap().first(), Day::MIN);
    }
}

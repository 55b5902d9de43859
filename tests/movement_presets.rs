//! The movement policies of `examples/policies`, replayed over two years of several customers: what the engine finds each month
//! is what the oracle finds.

mod movement_engine;
mod movement_oracle;

use movement_engine::{Service, engine};
use movement_oracle::cases::lines;
use movement_oracle::{Award, Customer, Date, Policy, Purchase, Refund, day, plus, run};

fn policy(name: &str) -> String {
    let path = format!(
        "{}/examples/policies/{name}.toml",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(path).unwrap()
}

/// Numbers that look drawn, the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn day(&mut self) -> Date {
        plus(day("2024-01-01"), i64::try_from(self.below(731)).unwrap())
    }
}

/// Two years of a customer: from one who hardly comes to one who comes every other week.
fn customer(number: u64, typical: u64) -> Customer {
    let mut numbers = Numbers(number);
    let mut customer = Customer::default();
    let visits = 2 + number * number % 50;
    for i in 0..visits {
        let cents = 100 * i64::try_from(typical / 4 + numbers.below(2 * typical)).unwrap();
        customer.purchases.push(Purchase {
            id: Some(format!("order {i}")),
            ..Purchase::new(numbers.day(), cents)
        });
    }
    // One in six is given back, some of it weeks later.
    for i in (0..visits).filter(|i| i % 6 == 5) {
        let purchase = &customer.purchases[usize::try_from(i).unwrap()];
        let booked = plus(purchase.day, i64::try_from(numbers.below(60)).unwrap());
        #[allow(clippy::cast_precision_loss)]
        let amount = purchase.cents as f64 / 100.0;
        customer.refunds.push(Refund {
            day: booked,
            amount,
            of: purchase.id.clone(),
        });
    }
    if number.is_multiple_of(2) {
        customer.enrolled = Some(plus(day("2023-11-15"), i64::try_from(number).unwrap()));
    }
    customer
}

/// Stays in a hotel, surveys, and points that are redeemed.
fn guest(number: u64) -> Customer {
    let mut guest = customer(number, 80);
    let mut numbers = Numbers(number + 1000);
    let mut award = |score: &str, rule: &str, day: Date, times: u64| {
        let known = (guest.awards.iter())
            .any(|a: &Award| a.day == day && a.rule == rule && a.score == score);
        if !known {
            guest.awards.push(Award {
                day,
                score: score.to_owned(),
                rule: rule.to_owned(),
                times: u32::try_from(times).unwrap(),
            });
        }
    };
    for _ in 0..number * 3 {
        let (day, nights) = (numbers.day(), 1 + numbers.below(4));
        award("status", "night", day, nights);
        award("wallet", "night", day, nights);
        if numbers.below(3) == 0 {
            award("status", "survey", plus(day, 3), 1);
        }
        if numbers.below(4) == 0 {
            award("wallet", "redeemed", plus(day, 5), 100 * nights);
        }
    }
    award("status", "app", day("2024-02-01"), 1);
    guest
}

fn months() -> Vec<Date> {
    let mut months = Vec::new();
    for year in [2024, 2025] {
        for month in 1..=12 {
            months.push(day(&format!("{year}-{month:02}-01")));
        }
    }
    // What follows from the second year.
    months.extend([day("2025-12-31"), day("2026-01-01")]);
    months
}

/// Every customer month by month; what happened to all of them, by kind.
fn replay(name: &str, customers: &[Customer]) -> Vec<String> {
    let text = policy(name);
    let (engine, oracle) = (engine(&text), Policy::parse(&text));
    let mut kinds = Vec::new();
    for (i, customer) in customers.iter().enumerate() {
        let expected = run(&oracle, customer, &months());
        let mut service = Service::new(customer);
        for (day, expected) in months().into_iter().zip(expected) {
            let mut found = service.stored(&engine, day);
            let place = format!("{name}, customer {i}, {day}");
            assert_eq!(lines(&found.events), lines(&expected.events), "{place}");
            kinds.extend(found.events.iter().map(|event| event.kind.to_owned()));
            let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
            let (a, b) = (found.qualifying.unwrap(), expected.qualifying.unwrap());
            assert!(close(a, b), "{place}: {a} {b}");
            let (a, b) = (found.counting, expected.counting);
            assert!(a.map_or(b.is_none(), |a| {
                b.is_some_and(|b| a.0 == b.0 && close(a.1, b.1))
            }));
            found.qualifying = expected.qualifying;
            found.counting = expected.counting;
            found.events.clone_from(&expected.events);
            assert_eq!(found, expected, "{place}");
        }
    }
    kinds.sort();
    kinds.dedup();
    kinds
}

/// What such a scheme is expected to bring about did happen.
fn assert_happened(kinds: &[String], expected: &[&str]) {
    for kind in expected {
        assert!(kinds.iter().any(|k| k == kind), "no {kind} in {kinds:?}");
    }
}

#[test]
fn the_airline_is_the_oracle() {
    let customers: Vec<Customer> = (1..20).map(|number| customer(number, 300)).collect();
    let kinds = replay("airline", &customers);
    assert_happened(
        &kinds,
        &["upgraded", "renewed", "downgraded", "notice", "revoked"],
    );
}

#[test]
fn the_anniversary_scheme_is_the_oracle() {
    let customers: Vec<Customer> = (1..20).map(|number| customer(number, 60)).collect();
    let kinds = replay("anniversary", &customers);
    assert_happened(
        &kinds,
        &["scheduled", "upgraded", "renewed", "downgraded", "notice"],
    );
}

#[test]
fn the_rolling_year_is_the_oracle() {
    // Orders that are given back count on the day of the order: what a month ago was looked at then is another thing now.
    let mut customers: Vec<Customer> = (1..20).map(|number| customer(number, 60)).collect();
    for customer in &mut customers {
        for refund in &mut customer.refunds {
            refund.of = None;
            refund.amount += 0.01;
        }
    }
    let kinds = replay("rolling", &customers);
    assert_happened(
        &kinds,
        &["upgraded", "grace started", "requalified", "downgraded"],
    );
}

#[test]
fn qualifying_points_are_the_oracle() {
    let customers: Vec<Customer> = (1..20).map(guest).collect();
    let kinds = replay("points", &customers);
    assert_happened(
        &kinds,
        &[
            "upgraded",
            "renewed",
            "grace started",
            "downgraded",
            "notice",
        ],
    );
}

#[test]
fn redeeming_points_never_touches_the_tier() {
    let text = policy("points");
    let engine = engine(&text);
    for number in 1..20 {
        let spends = guest(number);
        let mut saves = spends.clone();
        saves.awards.retain(|award| award.rule != "redeemed");
        assert!(number < 3 || saves.awards.len() < spends.awards.len());
        let (mut one, mut other) = (Service::new(&spends), Service::new(&saves));
        for day in months() {
            assert_eq!(
                one.one(&engine, day),
                other.one(&engine, day),
                "{number} {day}"
            );
        }
    }
}

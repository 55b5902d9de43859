//! Whether it worked: the report, and its interval.

use super::*;
use std::collections::BTreeMap;

use customer_value::history::{Histories, Layout};
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
use customer_value::report::{Interval, WinBackReport, WinBackRow};
use proptest::prelude::*;

/// Purchases by customer: days and minor units.
fn histories(rows: &[(u64, i32, i64)]) -> Histories {
    let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<i32> = rows.iter().map(|row| day(row.1).epoch_days()).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let columns = Columns::new(CustomerColumn::Numbers(&ids), &days, &amounts);
    let options = Options::new(day(10_000), Currency::EUR);
    let ledger = Ledger::from_columns(&columns, options).unwrap();
    let layout = Layout::new(Currency::EUR, []);
    Histories::build(&ledger, &layout).unwrap()
}

fn report(rows: &[(u64, i32, i64)], attempts: &[Attempt], as_of: i32) -> WinBackReport {
    let none = |_: &CustomerId, _: Day| None;
    WinBackReport::of(&histories(rows), attempts, none, Days::new(90), day(as_of)).unwrap()
}

#[test]
fn a_win_back_is_an_attempt_followed_by_a_purchase_within_the_days() {
    for (bought, won) in [(-1, 0), (0, 1), (1, 1), (89, 1), (90, 0)] {
        let found = report(&[(1, bought, 500)], &[attempt(1, day(0))], 400);
        let total = found.total();
        assert_eq!((total.attempted, total.won_back), (1, won), "{bought}");
        assert_eq!(total.spend, 500 * i128::from(won), "{bought}");
    }
    // A free order is a purchase.
    let free = report(&[(1, 5, 0)], &[attempt(1, day(0))], 400);
    assert_eq!((free.total().won_back, free.total().spend), (1, 0));
}

#[test]
fn what_is_spent_is_everything_in_these_days() {
    let rows = [
        (1, -5, 900),
        (1, 3, 500),
        (1, 3, 40),
        (1, 60, 7),
        (1, 90, 900),
        (2, 3, 900),
    ];
    let found = report(&rows, &[attempt(1, day(0))], 400);
    assert_eq!((found.total().won_back, found.total().spend), (1, 547));
}

#[test]
fn a_purchase_belongs_to_the_last_attempt_before_it() {
    let both = [
        attempt(1, day(20)).with_offer("b"),
        attempt(1, day(0)).with_offer("a"),
    ];
    for (bought, [a, b]) in [
        (19, [1, 0]),
        (20, [0, 1]),
        (25, [0, 1]),
        (109, [0, 1]),
        (110, [0, 0]),
    ] {
        let found = report(&[(1, bought, 500)], &both, 400);
        let won = ["a", "b"].map(|offer| found.by_offer()[offer].won_back);
        assert_eq!(won, [a, b], "{bought}");
        assert_eq!(found.total().attempted, 2);
    }
}

#[test]
fn attempts_whose_days_are_not_over_are_counted_apart() {
    let rows = [(1, 5, 500)];
    let open = report(&rows, &[attempt(1, day(0))], 88);
    assert_eq!(
        *open.total(),
        WinBackRow {
            open: 1,
            ..WinBackRow::default()
        }
    );
    assert_eq!(open.total().rate(), None);
    assert_eq!(open.total().interval(), None);
    let over = report(&rows, &[attempt(1, day(0))], 89);
    assert_eq!((over.total().open, over.total().won_back), (0, 1));
    // One that is not made yet is nothing.
    assert_eq!(
        *report(&rows, &[attempt(1, day(90))], 89).total(),
        WinBackRow::default()
    );
    assert_eq!(
        *report(&rows, &[attempt(1, Day::MAX)], 2_000).total(),
        WinBackRow::default()
    );
}

#[test]
fn two_offers_on_one_day_are_one_attempt_of_the_customer() {
    let mail = attempt(1, day(0))
        .with_offer("voucher")
        .with_channel("mail");
    let call = attempt(1, day(0))
        .with_offer("voucher")
        .with_channel("phone");
    let cost = |attempt: Attempt, minor| attempt.with_cost(eur(minor)).unwrap();
    let found = report(&[(1, 5, 500)], &[cost(mail, 80), cost(call, 600)], 400);
    let all = WinBackRow {
        attempted: 1,
        won_back: 1,
        cost: 680,
        spend: 500,
        ..WinBackRow::default()
    };
    assert_eq!(*found.total(), all);
    assert_eq!(found.by_offer()["voucher"], all);
    assert_eq!(found.by_channel()["mail"], WinBackRow { cost: 80, ..all });
    assert_eq!(found.by_channel()["phone"], WinBackRow { cost: 600, ..all });
    assert_eq!(found.by_reason()["unknown"], all);
    assert_eq!(found.by_channel()["phone"].net(), Some(-100));
    // One cost that is not known is enough.
    let both = [cost(attempt(1, day(0)), 80), attempt(1, day(0))];
    let found = report(&[(1, 5, 500)], &both, 400);
    assert_eq!((found.total().cost, found.total().without_cost), (80, 1));
}

#[test]
fn a_cost_that_is_not_known_leaves_the_net_unknown() {
    let known = attempt(1, day(0)).with_cost(eur(600)).unwrap();
    let found = report(&[(1, 5, 500)], &[known, attempt(2, day(0))], 400);
    let total = found.total();
    assert_eq!(
        (total.cost, total.without_cost, total.net()),
        (600, 1, None)
    );
    assert!(
        found
            .to_string()
            .lines()
            .any(|line| line.starts_with("total") && line.contains("  -  "))
    );
}

#[test]
fn other_purposes_and_other_currencies() {
    let uplift = Attempt::new(1, day(0), AttemptPurpose::Uplift, AttemptKind::Call).unwrap();
    let dollars = attempt(1, day(0))
        .with_cost("1.00 USD".parse().unwrap())
        .unwrap();
    let none = |_: &CustomerId, _: Day| None;
    let histories = histories(&[(1, 5, 500)]);
    let of = |attempt: Attempt, days| {
        WinBackReport::of(&histories, &[attempt], none, Days::new(days), day(400))
    };
    assert_eq!(*of(uplift, 90).unwrap().total(), WinBackRow::default());
    assert!(of(dollars, 90).unwrap_err().is_misuse());
    assert!(of(attempt(1, day(0)), 0).unwrap_err().is_misuse());
    let mut one = of(attempt(1, day(0)), 90).unwrap();
    let other = of(attempt(1, day(0)), 91).unwrap();
    let before = one.clone();
    assert!(one.merge(&other).unwrap_err().is_misuse());
    assert_eq!(one, before);
    // As far as a number goes.
    assert_eq!(of(attempt(1, day(0)), i32::MAX).unwrap().total().open, 1);
}

#[test]
fn a_reason_is_that_of_the_day_of_the_attempt() {
    let why = |_: &CustomerId, on: Day| Some(if on < day(10) { "price" } else { "service" });
    let attempts = [attempt(1, day(0)), attempt(1, day(50))];
    let rows = histories(&[(1, 60, 500)]);
    let found = WinBackReport::of(&rows, &attempts, why, Days::new(30), day(400)).unwrap();
    let won: Vec<(&str, u64)> = found
        .by_reason()
        .iter()
        .map(|(reason, row)| (&**reason, row.won_back))
        .collect();
    assert_eq!(won, [("price", 0), ("service", 1)]);
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<WinBackReport>(&json).unwrap(), found);
}

#[test]
fn the_interval_is_wilsons() {
    // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
    for (hits, all, low, high) in [
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ] {
        let found = Interval::wilson(hits, all).unwrap();
        assert_eq!(
            (format!("{:.4}", found.low), format!("{:.4}", found.high)),
            (low.into(), high.into())
        );
    }
    assert_eq!(Interval::wilson(3, 2), None);
    for all in 1..3000 {
        let [none, every] = [0, all].map(|hits| Interval::wilson(hits, all).unwrap());
        assert_eq!((none.low, every.high), (0.0, 1.0));
    }
}

proptest! {
    /// The ends are where the score test just does not reject.
    #[test]
    fn the_interval_holds_what_the_score_test_does_not_reject(all in 1..100_000_u64, share in 0.0..=1.0_f64) {
        let hits = (all as f64 * share) as u64;
        let Interval { low, high } = Interval::wilson(hits, all).unwrap();
        let p = hits as f64 / all as f64;
        prop_assert!(0.0 <= low && low <= p && p <= high && high <= 1.0);
        for end in [low, high].into_iter().filter(|end| (1e-9..1.0 - 1e-9).contains(end)) {
            let score = (p - end).abs() / (end * (1.0 - end) / all as f64).sqrt();
            prop_assert!((score - 1.959_963_984_540_054).abs() < 1e-6, "{score}");
        }
    }

    #[test]
    fn the_report_is_the_plain_one_and_parts_add_up(
        rows in prop::collection::vec((1..5_u64, 0..300_i32, 1..900_i64), 0..20),
        tried in prop::collection::vec((1..6_u64, 0..300_i32, 0..2_usize, prop::option::of(0..700_i64)), 0..12),
        as_of in 100..400_i32,
        cut in 1..6_u64,
    ) {
        let offers = ["a", "b"];
        let attempts: Vec<Attempt> = tried.iter().map(|(id, on, offer, cost)| {
            let attempt = attempt(*id, day(*on)).with_offer(offers[*offer]);
            match cost {
                Some(cost) => attempt.with_cost(eur(*cost)).unwrap(),
                None => attempt,
            }
        }).collect();
        let whole = report(&rows, &attempts, as_of);

        for (o, name) in offers.iter().enumerate() {
            let mut row = WinBackRow::default();
            let mut contacts: BTreeMap<(u64, i32), Vec<Option<i64>>> = BTreeMap::new();
            for (id, on, _, cost) in tried.iter().filter(|t| t.2 == o && t.1 <= as_of) {
                contacts.entry((*id, *on)).or_default().push(*cost);
            }
            for ((id, on), costs) in contacts {
                if on + 89 > as_of {
                    row.open += 1;
                    continue;
                }
                let later = |n: i32| tried.iter().any(|t| t.0 == id && t.1 > on && t.1 <= n);
                let after = rows.iter().filter(|(who, n, _)| {
                    *who == id && (on..on + 90).contains(n) && !later(*n)
                });
                let spend: Vec<i64> = after.map(|(_, _, amount)| *amount).collect();
                row.attempted += 1;
                row.won_back += u64::from(!spend.is_empty());
                row.spend += i128::from(spend.iter().sum::<i64>());
                row.cost += i128::from(costs.iter().flatten().sum::<i64>());
                row.without_cost += u64::from(costs.contains(&None));
            }
            let found = whole.by_offer().get(*name).copied().unwrap_or_default();
            prop_assert_eq!(found, row, "{}", name);
        }

        let part = |keep: &dyn Fn(u64) -> bool| {
            let own: Vec<Attempt> = (attempts.iter())
                .filter(|a| keep(a.customer().as_number().unwrap()))
                .rev()
                .cloned()
                .collect();
            report(&rows, &own, as_of)
        };
        let mut parts = part(&|id| id >= cut);
        parts.merge(&part(&|id| id < cut)).unwrap();
        prop_assert_eq!(parts, whole);
    }
}

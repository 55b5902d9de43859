//! Cohorts against a plain second implementation, and what must always hold.

use std::collections::BTreeSet;

use customer_value::model::{Currency, Day, Days};
use customer_value::report::Cohorts;
use customer_value::summary::Period;
use proptest::prelude::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn cohorts(period: Period, as_of: &str, away: u32) -> Cohorts {
    Cohorts::new(period, day(as_of), away, Currency::EUR)
}

#[test]
fn a_period_counts_from_the_day_it_has_ended() {
    for (period, last, before, label) in [
        (Period::Week, "2024-03-03", "2024-03-02", "2024-02-26"),
        (Period::Month, "2024-02-29", "2024-02-28", "2024-02"),
        (Period::Quarter, "2024-03-31", "2024-03-30", "2024-Q1"),
        (Period::Year, "2024-12-31", "2024-12-30", "2024"),
    ] {
        let mut known = cohorts(period, last, 1);
        known.add([(day("2024-02-28"), 5)]);
        assert_eq!(
            known
                .cohorts()
                .map(|c| (c.customers, c.periods))
                .collect::<Vec<_>>(),
            [(1, 1)]
        );
        assert!(
            known.to_string().contains(&format!("\n{label} ")),
            "{known}"
        );
        let mut unknown = cohorts(period, before, 1);
        unknown.add([(day("2024-02-28"), 5)]);
        assert_eq!(unknown.cohorts().count(), 0, "{period:?}");
        assert_eq!(unknown.retained(0), None);
    }
}

#[test]
fn reactivated_is_who_was_away_for_whole_periods() {
    // Away for January and February.
    let customer = [
        (day("2023-12-31"), 1),
        (day("2024-03-01"), 1),
        (day("2024-04-30"), 1),
    ];
    for (away, periods) in [
        (0, vec!["2024-03-01", "2024-04-01"]),
        (1, vec!["2024-03-01"]),
        (2, vec!["2024-03-01"]),
        (3, vec![]),
    ] {
        let mut cohorts = cohorts(Period::Month, "2024-12-31", away);
        cohorts.add(customer);
        let found: Vec<_> = cohorts.reactivated().collect();
        let expected: Vec<_> = periods.into_iter().map(|start| (day(start), 1)).collect();
        assert_eq!(found, expected, "{away}");
    }
}

#[test]
fn the_line_for_all_is_of_the_cohorts_it_is_known_of() {
    let mut cohorts = cohorts(Period::Year, "2023-12-31", 1);
    cohorts.add([(day("2021-05-01"), 1), (day("2022-05-01"), -7)]);
    cohorts.add([(day("2022-05-01"), 1)]);
    cohorts.add([(day("2022-05-01"), 1)]);
    cohorts.add([(day("2023-05-01"), 1)]);
    assert_eq!(cohorts.retained(0), Some(1.0));
    // Of the three of 2021 and 2022, one.
    assert_eq!(cohorts.retained(1), Some(1.0 / 3.0));
    assert_eq!(
        (cohorts.retained(2), cohorts.retained(3)),
        (Some(0.0), None)
    );
    assert_eq!(cohorts.cell(day("2021-12-31"), 1).unwrap().spend, -7);
    assert_eq!(cohorts.cell(day("2020-01-01"), 0), None);
}

#[test]
fn the_ends_of_the_calendar_and_of_the_numbers() {
    for period in [Period::Week, Period::Month, Period::Quarter, Period::Year] {
        let mut all = Cohorts::new(period, Day::MAX, u32::MAX, Currency::EUR);
        for _ in 0..3 {
            all.add([
                (Day::MIN, i64::MAX),
                (Day::MIN, i64::MAX),
                (day("9999-01-01"), i64::MIN),
            ]);
        }
        all.merge(&all.clone()).unwrap();
        let cell = all.cell(Day::MIN, 0).unwrap();
        assert_eq!((cell.active, cell.spend), (6, 12 * i128::from(i64::MAX)));
        assert_eq!(all.reactivated().count(), 0);
    }
    let mut none = Cohorts::new(Period::Month, Day::MIN, 0, Currency::EUR);
    none.add([(Day::MAX, 1), (Day::MIN, 1)]);
    none.add([]);
    assert_eq!(none.to_string(), "month  customers\nall            0\n");
}

#[test]
fn they_are_plain_data() {
    let mut cohorts = cohorts(Period::Quarter, "2024-06-30", 0);
    cohorts.add([(day("2024-01-05"), 10), (day("2024-04-01"), 20)]);
    let text = serde_json::to_string(&cohorts).unwrap();
    assert_eq!(
        text,
        r#"{"period":"quarter","as_of":"2024-06-30","away":0,"currency":"EUR","cells":[{"cohort":"2024-01-01","since":0,"active":1,"spend":10},{"cohort":"2024-01-01","since":1,"active":1,"spend":20}],"reactivated":[{"start":"2024-04-01","customers":1}]}"#
    );
    assert_eq!(serde_json::from_str::<Cohorts>(&text).unwrap(), cohorts);
    // A cohort of nobody is none.
    let nobody = text.replace(r#""active":1"#, r#""active":0"#);
    let nobody: Cohorts = serde_json::from_str(&nobody).unwrap();
    assert_eq!((nobody.cohorts().count(), nobody.retained(1)), (0, None));
    assert_eq!(nobody.cell(day("2024-01-05"), 0), None);
    let other = Cohorts::new(Period::Quarter, day("2024-06-30"), 0, Currency::USD);
    assert!(cohorts.merge(&other).unwrap_err().is_misuse());
}

/// Two years of months from January 2024 on, by number.
fn month(n: i32) -> Day {
    Day::from_ymd(2024 + n / 12, (n % 12 + 1) as u32, 1).unwrap()
}

fn number(day: Day) -> i32 {
    (day.year() - 2024) * 12 + day.month() as i32 - 1
}

proptest! {
    #[test]
    fn every_cell_is_that_of_the_plain_one(
        customers in prop::collection::vec(
            prop::collection::vec((0..730_i32, -50..500_i64), 0..8), 0..15),
        as_of in 0..730_i32,
        away in 0..6_u32,
        cut in 0..15_usize,
    ) {
        let as_of = month(0).plus(Days::new(as_of));
        let ended = number(as_of.next());
        let customers: Vec<Vec<(Day, i64)>> = customers.into_iter()
            .map(|days| days.into_iter().map(|(n, spend)| (month(0).plus(Days::new(n)), spend)).collect())
            .collect();
        let of = |customers: &[Vec<(Day, i64)>]| {
            let mut cohorts = Cohorts::new(Period::Month, as_of, away, Currency::EUR);
            customers.iter().for_each(|days| cohorts.add(days.iter().copied()));
            cohorts
        };
        let cohorts = of(&customers);
        let (a, b) = customers.split_at(cut.min(customers.len()));
        let mut merged = of(b);
        merged.merge(&of(a)).unwrap();
        prop_assert_eq!(&merged, &cohorts);

        let active: Vec<BTreeSet<i32>> = customers.iter()
            .map(|days| days.iter().map(|(day, _)| number(*day)).filter(|n| *n < ended).collect())
            .collect();
        let mut reactivated = vec![0_u64; 26];
        for first in 0..25_i32 {
            let members: Vec<usize> = (0..customers.len())
                .filter(|i| active[*i].first() == Some(&first)).collect();
            for since in 0..25_i32 {
                let cell = cohorts.cell(month(first).plus(Days::new(27)), since as u32);
                let known = !members.is_empty() && first + since < ended;
                prop_assert_eq!(cell.is_some(), known);
                let Some(cell) = cell else { continue };
                let at = first + since;
                let here = members.iter().filter(|i| active[**i].contains(&at)).count();
                prop_assert_eq!(cell.active, here as u64);
                prop_assert_eq!(cell.retained, here as f64 / members.len() as f64);
                let spend: i64 = members.iter().flat_map(|i| &customers[*i])
                    .filter(|(day, _)| number(*day) == at).map(|(_, spend)| spend).sum();
                prop_assert_eq!(cell.spend, i128::from(spend));
            }
            for i in &members {
                for at in first + 1..ended {
                    let quiet = |n: i32| !active[*i].contains(&n);
                    let back = at - away as i32 > first && (at - away as i32..at).all(quiet);
                    reactivated[at as usize] += u64::from(!quiet(at) && back);
                }
            }
        }
        let found: Vec<_> = cohorts.reactivated().collect();
        let expected: Vec<_> = reactivated.iter().enumerate().filter(|(_, n)| **n > 0)
            .map(|(at, n)| (month(at as i32), *n)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn the_order_of_purchases_does_not_matter(
        (sorted, mixed) in prop::collection::vec((0..900_i32, 0..9_i64), 0..12)
            .prop_flat_map(|days| (Just(days.clone()), Just(days).prop_shuffle())),
        period in prop::sample::select(vec![Period::Week, Period::Month, Period::Quarter, Period::Year]),
    ) {
        let of = |days: &[(i32, i64)]| {
            let mut cohorts = Cohorts::new(period, month(20), 1, Currency::EUR);
            cohorts.add(days.iter().map(|(n, spend)| (month(0).plus(Days::new(*n)), *spend)));
            cohorts
        };
        prop_assert_eq!(of(&sorted), of(&mixed));
    }
}

//! Windows and summaries against a look at every single day.

use chrono::{Datelike, NaiveDate};
use customer_value::history::{Fact, History, Measure};
use customer_value::model::{CustomerId, Day, Days};
use customer_value::summary::{Period, Summary, Window};
use proptest::prelude::*;

fn day(days: i32) -> Day {
    Day::from_epoch_days(days).unwrap()
}

/// A number that all days of a period share, one more than in the period before.
fn number(period: Period, day: Day) -> i64 {
    let date = NaiveDate::from(day);
    let (year, month) = (i64::from(date.year()), i64::from(date.month0()));
    match period {
        // 1969-12-29 is a Monday.
        Period::Week => (i64::from(day.epoch_days()) + 3).div_euclid(7),
        Period::Month => year * 12 + month,
        Period::Quarter => year * 4 + month / 3,
        Period::Year => year,
    }
}

/// Whether a day counts, by the words of the windows.
fn counts(window: Window, as_of: Day, day: Day) -> bool {
    day <= as_of
        && match window {
            Window::Lifetime => true,
            Window::Trailing(days) => (as_of - day).get() < days.get(),
            Window::Calendar { period, back } => {
                number(period, day) + i64::from(back) == number(period, as_of)
            }
            Window::Between(from, to) => from <= day && day < to,
        }
}

fn period() -> impl Strategy<Value = Period> {
    prop::sample::select(vec![
        Period::Week,
        Period::Month,
        Period::Quarter,
        Period::Year,
    ])
}

/// Days around the turn of a year, and the first and the last there are.
fn near() -> impl Strategy<Value = Day> {
    prop_oneof![
        8 => (18_900..20_100_i32).prop_map(day),
        1 => (0..800_i32).prop_map(|d| Day::MIN.plus(Days::new(d))),
        1 => (0..800_i32).prop_map(|d| Day::MAX.minus(Days::new(d))),
    ]
}

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        Just(Window::Lifetime),
        prop_oneof![1..800_i32, any::<i32>()].prop_map(|d| Window::Trailing(Days::new(d))),
        (period(), prop_oneof![0..4_u32, 0..60_u32, any::<u32>()])
            .prop_map(|(period, back)| Window::Calendar { period, back }),
        (near(), near()).prop_map(|(from, to)| Window::Between(from, to)),
    ]
}

/// Days and, for each, purchases, spend and refunds: anything that a stored history may hold.
type Rows = Vec<(Day, [i64; 3])>;

fn rows() -> impl Strategy<Value = Rows> {
    let total = || prop_oneof![4 => -2..3_i64, 1 => any::<i64>(), 1 => Just(i64::MAX)];
    let totals = (total(), total(), total()).prop_map(|(a, b, c)| [a, b, c]);
    prop::collection::btree_map(near(), totals, 0..40).prop_map(|rows| rows.into_iter().collect())
}

/// The nearest double while the cents fit 64 bits, and close to it beyond.
fn is_euros(euros: f64, cents: i128) -> bool {
    let nearest: f64 = format!("{cents}e-2").parse().unwrap();
    euros == nearest
        || i64::try_from(cents).is_err() && (euros - nearest).abs() <= nearest.abs() * 1e-15
}

fn history(rows: &Rows) -> History {
    let totals: Vec<Vec<i64>> = (0..3)
        .map(|fact| rows.iter().map(|(_, totals)| totals[fact]).collect())
        .collect();
    let days: Vec<Day> = rows.iter().map(|(day, _)| *day).collect();
    serde_json::from_value(serde_json::json!({
        "version": 1, "currency": "EUR", "days": days, "totals": totals,
        "facts": [{"measure": "purchases"}, {"measure": "spend"}, {"measure": "refunds"}],
    }))
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_window_holds_the_days_it_says(window in window(), as_of in near(), days in prop::collection::vec(near(), 40)) {
        let bounds = window.at(as_of);
        for day in days.into_iter().chain([as_of, as_of.next(), Day::MIN, Day::MAX]) {
            prop_assert_eq!(bounds.contains(day), counts(window, as_of, day), "{} in {} at {}", day, window, as_of);
        }
        // The edges, and the number of days between them.
        match bounds.last() {
            None => prop_assert_eq!((bounds.is_empty(), bounds.len()), (true, 0)),
            Some(last) => {
                let first = bounds.first();
                prop_assert!(bounds.contains(first) && bounds.contains(last));
                prop_assert!(counts(window, as_of, first) && counts(window, as_of, last));
                prop_assert!(first == Day::MIN || !counts(window, as_of, first.minus(Days::new(1))));
                prop_assert!(last == Day::MAX || !counts(window, as_of, last.next()));
                prop_assert_eq!(i64::from(bounds.len()), i64::from((last - first).get()) + 1);
            }
        }
    }

    #[test]
    fn a_summary_is_the_sum_over_the_days_that_count(rows in rows(), window in window(), as_of in near()) {
        let history = history(&rows);
        let summary = Summary::new(history.view(), window, as_of);
        let inside: Rows = rows.iter().copied().filter(|(day, _)| counts(window, as_of, *day)).collect();
        let total = |fact: usize| -> i128 { inside.iter().map(|(_, totals)| i128::from(totals[fact])).sum() };
        let bought: Vec<(Day, u64)> = inside.iter()
            .filter_map(|(day, [n, ..])| Some((*day, u64::try_from(*n).ok().filter(|n| *n > 0)?)))
            .collect();

        prop_assert_eq!(summary.bounds(), window.at(as_of));
        prop_assert_eq!(i128::from(summary.purchases()), total(0).clamp(0, u64::MAX.into()));
        prop_assert_eq!(summary.spend_minor(), total(1));
        prop_assert!(is_euros(summary.spend(), total(1)));
        prop_assert_eq!(summary.active_days() as usize, bought.len());
        prop_assert_eq!(summary.first_purchase(), bought.first().map(|(day, _)| *day));
        prop_assert_eq!(summary.last_purchase(), bought.last().map(|(day, _)| *day));
        prop_assert_eq!(summary.purchase_days().collect::<Vec<_>>(), bought.clone());
        let gaps: Vec<u32> = bought.windows(2).map(|two| (two[1].0 - two[0].0).get() as u32).collect();
        prop_assert_eq!(summary.gaps().collect::<Vec<_>>(), gaps);

        for (i, measure) in [Measure::Purchases, Measure::Spend, Measure::Refunds].into_iter().enumerate() {
            let fact = Fact::new(measure);
            prop_assert_eq!(summary.total(&fact), Some(total(i)));
            let daily: Vec<(Day, i64)> = inside.iter().map(|(day, totals)| (*day, totals[i])).collect();
            prop_assert_eq!(summary.daily(&fact).collect::<Vec<_>>(), daily);
        }
        prop_assert!(is_euros(summary.amount(&Measure::Refunds.into()).unwrap(), total(2)));
        // Not built is not known.
        let cost = Fact::new(Measure::Cost);
        prop_assert_eq!((summary.total(&cost), summary.amount(&cost)), (None, None));
        prop_assert_eq!(summary.daily(&cost).count(), 0);
    }

    /// Windows that share out the days share out the totals.
    #[test]
    fn neighbouring_windows_add_up(rows in rows(), cuts in prop::collection::btree_set(near(), 2..6), as_of in near()) {
        let history = history(&rows);
        let of = |from, to| Summary::new(history.view(), Window::Between(from, to), as_of);
        let cuts: Vec<Day> = cuts.into_iter().collect();
        let whole = of(cuts[0], cuts[cuts.len() - 1]);
        let parts: Vec<Summary<'_>> = cuts.windows(2).map(|two| of(two[0], two[1])).collect();
        prop_assert_eq!(whole.spend_minor(), parts.iter().map(Summary::spend_minor).sum::<i128>());
        prop_assert_eq!(whole.active_days(), parts.iter().map(Summary::active_days).sum::<u32>());
        prop_assert_eq!(whole.first_purchase(), parts.iter().find_map(Summary::first_purchase));
        prop_assert_eq!(whole.last_purchase(), parts.iter().rev().find_map(Summary::last_purchase));
    }

    #[test]
    fn a_window_is_its_text(window in window()) {
        let sensible = match window {
            Window::Trailing(days) => days.get() > 0,
            Window::Between(from, to) => from < to,
            _ => true,
        };
        let text = window.to_string();
        let json = serde_json::to_string(&window).unwrap();
        if sensible {
            prop_assert_eq!(text.parse::<Window>().unwrap(), window);
            prop_assert_eq!(serde_json::from_str::<Window>(&json).unwrap(), window);
        } else {
            // A window that can never hold a day can be made, and is empty, but not written.
            prop_assert!(text.parse::<Window>().unwrap_err().is_parse());
            prop_assert!(window.at(Day::MAX).is_empty());
        }
    }

    #[test]
    fn any_text_is_a_window_or_an_error(text in prop_oneof![any::<String>(), "[0-9]{0,11} ?(days|weeks|month|\\.\\.)? ?(ago)?"]) {
        if let Ok(window) = text.parse::<Window>() {
            prop_assert_eq!(window.to_string().parse::<Window>().unwrap(), window);
            let _ = window.at(Day::MIN);
        }
    }
}

#[test]
fn the_edges_of_every_small_window() {
    let rows: Rows = (0..5).map(|d| (day(d), [1, 1 << d, 0])).collect();
    let history = history(&rows);
    for (from, to, as_of) in
        (-1..7).flat_map(|f| (-1..7).flat_map(move |t| (-1..7).map(move |a| (f, t, a))))
    {
        let summary = Summary::new(
            history.view(),
            Window::Between(day(from), day(to)),
            day(as_of),
        );
        let expected: i128 = (0..5)
            .filter(|d| from <= *d && *d < to && *d <= as_of)
            .map(|d| 1 << d)
            .sum();
        assert_eq!(summary.spend_minor(), expected, "{from}..{to} at {as_of}");
        assert_eq!(summary.active_days(), expected.count_ones());
    }
}

#[test]
fn an_empty_history_has_a_summary() {
    let history = history(&Vec::new());
    let summary = Summary::new(history.view(), Window::Lifetime, day(0));
    assert_eq!((summary.purchases(), summary.active_days()), (0, 0));
    assert_eq!((summary.spend(), summary.spend_minor()), (0.0, 0));
    assert_eq!(
        (summary.first_purchase(), summary.last_purchase()),
        (None, None)
    );
    assert_eq!(
        (summary.gaps().count(), summary.purchase_days().count()),
        (0, 0)
    );
    assert_eq!(summary.id(), None);
    let id = CustomerId::text("ada").unwrap();
    assert_eq!(summary.with_id(&id).id(), Some(id.clone()));
}

#[test]
fn totals_beyond_64_bits_are_exact() {
    let history = history(&vec![
        (day(1), [i64::MAX, i64::MAX, 1]),
        (day(2), [i64::MAX, i64::MAX, 1]),
        (day(3), [i64::MAX, i64::MAX - 1, 1]),
    ]);
    let at = |as_of| Summary::new(history.view(), Window::Lifetime, day(as_of));
    assert_eq!(at(3).spend_minor(), 3 * i128::from(i64::MAX) - 1);
    assert_eq!(at(3).purchases(), u64::MAX);
    assert_eq!(at(1).spend(), 92_233_720_368_547_758.07);
    assert_eq!(at(0).spend_minor(), 0);
}

#[test]
fn only_days_with_a_purchase_are_active() {
    // A purchase undone, a refund alone, and a free order.
    let history = history(&vec![
        (day(1), [0, 0, 500]),
        (day(2), [0, -100, 100]),
        (day(3), [1, 0, 0]),
        (day(9), [2, 50, 0]),
        (day(10), [-1, -50, 50]),
    ]);
    let summary = Summary::new(history.view(), Window::Lifetime, day(10));
    assert_eq!((summary.active_days(), summary.purchases()), (2, 2));
    assert_eq!(summary.first_purchase(), Some(day(3)));
    assert_eq!(summary.last_purchase(), Some(day(9)));
    assert_eq!(summary.gaps().collect::<Vec<_>>(), [6]);
    assert_eq!(summary.spend(), -1.0);
}

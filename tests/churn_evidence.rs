//! What dropped, against a plain oracle over single days, and by hand.

use std::collections::BTreeMap;

use customer_value::diagnostic::Diagnostics;
use customer_value::history::{History, Layout};
use customer_value::ledger::{Effect, Options};
use customer_value::lifecycle::churn::{
    Churn, ChurnMeasure, ChurnMethodSpec, ChurnSpec, Evidence, Signal,
};
use customer_value::model::{
    Currency, Day, Days, Money, SurveyAnswer, SurveyInstrument, Transaction, Unit,
};
use customer_value::rules::language::Chinese;
use customer_value::table::{Field, Schema};
use proptest::prelude::*;

fn day(epoch: i32) -> Day {
    Day::from_epoch_days(epoch).unwrap()
}

fn churn(recent: i32, baseline: i32) -> Churn {
    let methods = [ChurnMethodSpec::new(ChurnMeasure::DaysSinceLast).lost(240.0)];
    let spec = ChurnSpec {
        recent: Days::new(recent),
        baseline: Days::new(baseline),
        ..ChurnSpec::new(methods)
    };
    let mut schema = Schema::new();
    for (name, unit) in [
        ("active_days", Unit::Count),
        ("days_since_last", Unit::Days),
    ] {
        schema.add(Field::number(name, unit)).unwrap();
    }
    spec.bind(&schema, &mut Diagnostics::new()).unwrap()
}

/// One record: day, kind (a purchase, a refund of no known purchase, an adjustment), minor units.
type Record = (i32, u8, i64);

fn history(records: &[Record]) -> History {
    let mut history = History::new(Layout::new(Currency::EUR, []));
    for (at, kind, minor) in records {
        let amount = Money::from_minor(*minor, Currency::EUR);
        let record = match kind {
            0 => Transaction::purchase(1, day(*at), amount).unwrap(),
            1 => Transaction::refund(1, day(*at), amount).unwrap(),
            _ => Transaction::adjustment(1, day(*at), amount),
        };
        let options = Options::new(Day::MAX, Currency::EUR);
        history
            .add(&Effect::of(&record, &options).unwrap())
            .unwrap();
    }
    history
}

fn found(churn: &Churn, records: &[Record], as_of: i32) -> Vec<Evidence> {
    churn.evidence(history(records).view(), &[], Currency::EUR, day(as_of))
}

fn answer(at: i32, instrument: SurveyInstrument, answer: u8) -> SurveyAnswer {
    SurveyAnswer::new(1, day(at), instrument, answer).unwrap()
}

#[test]
fn what_dropped_from_what_to_what_since_when() {
    // Ten days, the 20 before them: 4 purchases on 3 days for 60 euros, then one for 12.50. The first of all starts the clock.
    let churn = churn(10, 20);
    let records = [
        (99, 0, 7000),
        (100, 0, 1000),
        (105, 0, 1000),
        (105, 0, 1000),
        (119, 0, 3000),
        (125, 0, 1250),
    ];
    let all = found(&churn, &records, 129);
    let said: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "spend 30.00 EUR → 12.50 EUR since 1970-05-01 (-58.3 %)",
            "frequency 2 → 1 since 1970-05-01 (-50 %)",
            "activity 1.5 days → 1 day since 1970-05-01 (-33.3 %)",
        ]
    );
    let chinese: Vec<String> = all.iter().map(|e| e.text(&Chinese)).collect();
    assert_eq!(
        chinese,
        [
            "消费金额 由 30.00 EUR 降至 12.50 EUR，自1970年5月1日起（-58.3%）",
            "购买频率 由 2 次 降至 1 次，自1970年5月1日起（-50%）",
            "活跃天数 由 1.5 天 降至 1 天，自1970年5月1日起（-33.3%）",
        ]
    );
    let spend = &all[0];
    assert_eq!((spend.before, spend.after), (30.0, 12.5));
    assert_eq!(spend.change, Some(-17.5 / 30.0));
    assert_eq!(spend.currency, Some(Currency::EUR));
    let text = serde_json::to_string(&all[1]).unwrap();
    assert_eq!(
        text,
        r#"{"signal":"frequency","before":2.0,"after":1.0,"change":-0.5,"since":"1970-05-01"}"#
    );
    assert_eq!(serde_json::from_str::<Evidence>(&text).unwrap(), all[1]);

    // Nothing at all: everything dropped by the same, in the order of the table, since the day after the last purchase.
    let silent = found(&churn, &records[..5], 129);
    let order: Vec<Signal> = silent.iter().map(|e| e.signal).collect();
    assert_eq!(order, [Signal::Activity, Signal::Frequency, Signal::Spend]);
    for evidence in &silent {
        assert_eq!((evidence.change, evidence.after), (Some(-1.0), 0.0));
        assert_eq!(evidence.since, day(120)); // also the first of the ten days
    }
    let earlier = found(&churn, &records[..4], 129);
    assert!(earlier.iter().all(|e| e.since == day(106)));
    // A purchase on the first of the ten days is within them.
    let on_it = found(&churn, &[&records[..4], &[(120, 0, 1)]].concat(), 129);
    assert_eq!((on_it.len(), on_it[0].since), (2, day(120)));
}

#[test]
fn who_is_too_new_has_no_evidence() {
    let churn = churn(10, 20);
    let first = |at| found(&churn, &[(at, 0, 1000), (119, 0, 1000)], 129).len();
    // A baseline from the day after the first purchase to the day before the ten: ten days are enough.
    assert_eq!((first(109), first(110), first(118)), (3, 0, 0));
    assert_eq!(found(&churn, &[(130, 0, 1000)], 129), []); // not yet
    assert_eq!(found(&churn, &[], 129), []);
    assert_eq!(found(&churn, &[(100, 2, 1000)], 129), []);
    // The baseline begins on the day after the first purchase: 10 × 10 ÷ 12 days.
    let scaled = found(&churn, &[(107, 0, 5000), (110, 0, 1000)], 129);
    assert_eq!(scaled[2].before, 10_000.0 / 1200.0);
    // As much as before, and what grew, is no evidence.
    let steady = [
        (90, 0, 1000),
        (100, 0, 1000),
        (110, 0, 1000),
        (120, 0, 1000),
    ];
    assert_eq!(found(&churn, &steady, 129), []);
}

#[test]
fn the_first_purchase_starts_the_clock_and_is_not_counted() {
    let churn = churn(10, 20);
    for first in 80..=129 {
        // Who bought once has not dropped.
        assert_eq!(found(&churn, &[(first, 0, 1000)], 129), [], "{first}");
    }
    // Nor is what else was bought on that day.
    assert_eq!(found(&churn, &[(100, 0, 1000), (100, 0, 1000)], 129), []);
    let said = |first| found(&churn, &[(first, 0, 1000), (101, 0, 1000)], 129)[2].before;
    // From the first of the 20 days on, 10 ÷ 20 days; from the second on, 10 ÷ 19.
    assert_eq!((said(99), said(100)), (5.0, 10_000.0 / 1900.0));
}

#[test]
fn a_change_from_nothing_is_not_known() {
    // Paid back more than was paid, before and after.
    let churn = churn(10, 20);
    let records = [
        (90, 0, 1000),
        (100, 0, 1000),
        (105, 1, 2000),
        (125, 1, 3000),
    ];
    let all = found(&churn, &records, 129);
    let changes: Vec<_> = all.iter().map(|e| (e.signal, e.change)).collect();
    assert_eq!(
        changes,
        [
            (Signal::Activity, Some(-1.0)),
            (Signal::Frequency, Some(-1.0)),
            (Signal::Spend, None)
        ]
    );
    assert_eq!((all[2].before, all[2].after), (-5.0, -30.0));
    assert_eq!(
        all[2].to_string(),
        "spend -5.00 EUR → -30.00 EUR since 1970-04-12"
    );
}

#[test]
fn spend_in_another_currency_is_left_out() {
    let history = history(&[(90, 0, 1000), (100, 0, 1000)]);
    let all = churn(10, 20).evidence(history.view(), &[], Currency::USD, day(129));
    let order: Vec<Signal> = all.iter().map(|e| e.signal).collect();
    assert_eq!(order, [Signal::Activity, Signal::Frequency]);
}

#[test]
fn satisfaction_is_compared_question_by_question() {
    use SurveyInstrument::{Ces, Csat, Nps};
    let churn = churn(10, 20);
    let history = history(&[
        (90, 0, 1000),
        (100, 0, 1000),
        (110, 0, 1000),
        (125, 0, 1000),
    ]);
    let of =
        |answers: &[SurveyAnswer]| churn.evidence(history.view(), answers, Currency::EUR, day(129));
    let all = of(&[
        answer(99, Nps, 0),  // before the baseline
        answer(100, Nps, 9), // 0.9 and 0.8
        answer(119, Nps, 8),
        answer(129, Nps, 4), // 0.7 and 0.4
        answer(120, Nps, 7),
        answer(130, Nps, 10), // not yet
        answer(110, Csat, 5), // 1 and 0.25
        answer(126, Csat, 2),
        answer(110, Ces, 7), // who knows which end is good
        answer(125, Ces, 1),
    ]);
    let said: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "satisfaction (csat) 100 % → 25 % since 1970-05-07 (-75 %)",
            "satisfaction (nps) 85 % → 55 % since 1970-05-01 (-35.3 %)",
        ]
    );
    assert_eq!(
        all[1].text(&Chinese),
        "满意度（nps） 由 85% 降至 55%，自1970年5月1日起（-35.3%）"
    );
    assert_eq!((all[1].before, all[1].after), (17.0 / 20.0, 11.0 / 20.0));
    // An answer in one of the windows only says nothing of a drop.
    assert_eq!(of(&[answer(110, Nps, 10)]), []);
    assert_eq!(of(&[answer(125, Nps, 0)]), []);
    assert_eq!(of(&[answer(110, Nps, 8), answer(125, Csat, 1)]), []);
    assert_eq!(of(&[answer(110, Nps, 8), answer(125, Nps, 8)]), []);
    assert_eq!(of(&[answer(110, Nps, 0), answer(125, Nps, 0)]), []);
}

#[test]
fn the_ends_of_the_calendar() {
    let churn = churn(i32::MAX, i32::MAX);
    for at in [Day::MIN, Day::MAX] {
        let mut history = History::new(Layout::new(Currency::EUR, []));
        for (day, minor) in [(Day::MIN, i64::MAX), (Day::MAX, i64::MAX)] {
            let purchase =
                Transaction::purchase(1, day, Money::from_minor(minor, Currency::EUR)).unwrap();
            let options = Options::new(Day::MAX, Currency::EUR);
            history
                .add(&Effect::of(&purchase, &options).unwrap())
                .unwrap();
        }
        assert_eq!(churn.evidence(history.view(), &[], Currency::EUR, at), []);
        let _ = self::churn(1, 1).evidence(history.view(), &[], Currency::EUR, at);
        let _ = self::churn(1, i32::MAX).evidence(history.view(), &[], Currency::EUR, at);
    }
}

// ---- against every day by itself ----

#[derive(Debug, Default, Clone, Copy)]
struct Totals {
    purchases: i64,
    spend: i64,
}

/// Signal, its number before and after as fractions, and since when.
type Drop = (
    Signal,
    Option<SurveyInstrument>,
    (i64, i64),
    (i64, i64),
    i32,
);

/// Signal, what is added up, and how many of it make one.
type Sum = (Signal, fn(&Totals) -> i64, i64);

/// The page, day by day.
fn slowly(
    records: &[Record],
    answers: &[SurveyAnswer],
    recent: i32,
    baseline: i32,
    as_of: i32,
) -> Option<Vec<Drop>> {
    let mut days: BTreeMap<i32, Totals> = BTreeMap::new();
    for (at, kind, minor) in records.iter().filter(|(at, _, _)| *at <= as_of) {
        let day = days.entry(*at).or_default();
        match kind {
            0 => {
                day.purchases += 1;
                day.spend += minor;
            }
            1 => day.spend -= minor,
            _ => day.spend += minor,
        }
    }
    let bought: Vec<i32> = days
        .iter()
        .filter(|(_, t)| t.purchases > 0)
        .map(|(d, _)| *d)
        .collect();
    let (first, last) = (*bought.first()?, *bought.last()?);
    let late: Vec<i32> = (as_of - recent + 1..=as_of).collect();
    let early: Vec<i32> = (as_of - recent - baseline + 1..=as_of - recent)
        .filter(|d| *d > first)
        .collect();
    if early.len() < late.len() {
        return None;
    }
    let (long, short) = (early.len() as i64, late.len() as i64);
    let sum = |window: &[i32], of: fn(&Totals) -> i64| -> i64 {
        window.iter().filter_map(|d| days.get(d)).map(of).sum()
    };
    let since = if last < late[0] { last + 1 } else { late[0] };
    let mut out: Vec<Drop> = Vec::new();
    let of: [Sum; 3] = [
        (Signal::Activity, |t| i64::from(t.purchases > 0), 1),
        (Signal::Frequency, |t| t.purchases, 1),
        (Signal::Spend, |t| t.spend, 100),
    ];
    for (signal, of, per) in of {
        let before = (sum(&early, of) * short, long * per);
        out.push((signal, None, before, (sum(&late, of), per), since));
    }
    for (instrument, low, width) in [
        (SurveyInstrument::Nps, 0, 10),
        (SurveyInstrument::Csat, 1, 4),
    ] {
        let within = |window: &[i32]| -> Vec<(i32, i64)> {
            (answers.iter())
                .filter(|a| a.instrument() == instrument)
                .map(|a| (a.day().epoch_days(), i64::from(a.answer()) - low))
                .filter(|(day, _)| window.contains(day))
                .collect()
        };
        let mean = |given: &[(i32, i64)]| {
            let sum: i64 = given.iter().map(|(_, score)| score).sum();
            (sum, given.len() as i64 * width)
        };
        let (before, after) = (within(&early), within(&late));
        let first = after.iter().map(|(day, _)| *day).min();
        if let Some(first) = first.filter(|_| !before.is_empty()) {
            let (before, after) = (mean(&before), mean(&after));
            let signal = Signal::Satisfaction;
            out.push((signal, Some(instrument), before, after, first));
        }
    }
    Some(out)
}

fn answers() -> impl Strategy<Value = Vec<SurveyAnswer>> {
    let one = (0..300_i32, 0..3_usize, 1..=5_u8).prop_map(|(at, which, score)| {
        let instruments = [
            SurveyInstrument::Nps,
            SurveyInstrument::Csat,
            SurveyInstrument::Ces,
        ];
        answer(at, instruments[which], score)
    });
    prop::collection::vec(one, 0..8)
}

proptest! {
    #[test]
    fn evidence_is_what_the_single_days_say(
        records in prop::collection::vec((0..300_i32, prop_oneof![6 => Just(0_u8), 1 => Just(1), 1 => Just(2)], 1..50_i64), 0..12),
        answers in answers(),
        recent in 1..60_i32,
        more in 0..120_i32,
        as_of in 0..320_i32,
    ) {
        let churn = churn(recent, recent + more);
        let history = history(&records);
        let all = churn.evidence(history.view(), &answers, Currency::EUR, day(as_of));
        let Some(compared) = slowly(&records, &answers, recent, recent + more, as_of) else {
            prop_assert_eq!(all, []);
            return Ok(());
        };
        let dropped: Vec<&Drop> = compared.iter().filter(|(_, _, b, a, _)| a.0 * b.1 < b.0 * a.1).collect();
        prop_assert_eq!(all.len(), dropped.len());
        for (signal, instrument, before, after, since) in dropped {
            let evidence = all.iter().find(|e| (e.signal, e.instrument) == (*signal, *instrument)).unwrap();
            prop_assert_eq!(evidence.before, before.0 as f64 / before.1 as f64);
            prop_assert_eq!(evidence.after, after.0 as f64 / after.1 as f64);
            prop_assert_eq!(evidence.since, day(*since));
            prop_assert_eq!(evidence.change.is_some(), before.0 > 0);
            if let Some(change) = evidence.change {
                prop_assert!((change - (evidence.after / evidence.before - 1.0)).abs() < 1e-12);
            }
        }
        // The largest drop first; of equal ones, in the order of the table; unknown ones last.
        let place = |e: &Evidence| (e.change.is_none(), e.change.unwrap_or(0.0));
        let in_order = all.windows(2).all(|two| {
            let ((a, b), (c, d)) = (place(&two[0]), place(&two[1]));
            let tie = (two[0].signal, two[0].instrument) < (two[1].signal, two[1].instrument);
            (a, b) < (c, d) || ((a, b) == (c, d) && tie)
        });
        prop_assert!(in_order, "{:?}", all);
    }
}

//! Satisfaction, its drivers and complaints: against published numbers, another implementation, and plain counting.

use std::collections::BTreeMap;

use customer_value::diagnostic::Diagnostics;
use customer_value::model::{
    Complaint, Currency, CustomerId, Day, Days, SurveyAnswer, SurveyInstrument,
};
use customer_value::report::{
    AnswerCounts, Complainer, ComplaintReport, Drivers, Satisfaction, SatisfactionOptions,
};
use customer_value::strategy::surveys::{Invitation, SurveySpec, Surveys, SurveysSpec};
use customer_value::table::Schema;
use proptest::prelude::*;

use SurveyInstrument::{Ces, Csat, Nps};

fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

fn close(a: f64, b: f64, within: f64) -> bool {
    (a - b).abs() <= within
}

fn counts(instrument: SurveyInstrument, of: &[(u8, u64)]) -> AnswerCounts {
    let mut counts = AnswerCounts::new(instrument);
    of.iter().for_each(|(a, n)| counts.add_many(*a, *n));
    counts
}

fn nps(promoters: u64, passives: u64, detractors: u64) -> AnswerCounts {
    // Both ends of each kind.
    let half = promoters / 2;
    let low = detractors / 2;
    counts(
        Nps,
        &[
            (9, half),
            (10, promoters - half),
            (7, passives),
            (0, low),
            (6, detractors - low),
        ],
    )
}

fn answer(customer: u64, on: i32, instrument: SurveyInstrument, value: u8) -> SurveyAnswer {
    SurveyAnswer::new(customer, day(on), instrument, value).unwrap()
}

fn everybody<'a>(_: &CustomerId, _: Option<&str>) -> Vec<&'a str> {
    vec!["all"]
}

// ---- scores and intervals ----

#[test]
fn the_nps_interval_is_the_adjusted_wald_interval() {
    // scipy 1.17: mean and standard error of the scores -1, 0, 1 with 3/4, 3/2, 3/4 observations added.
    for (kinds, low, high) in [
        ((30, 20, 10), 13.301_182_536, 50.190_880_956),
        ((5, 0, 0), 17.491_453_034, 100.0),
        ((0, 7, 0), -24.004_558_382, 24.004_558_382),
        ((0, 0, 3), -100.0, 6.579_286_704),
        ((162, 108, 54), 24.945_251_413, 41.109_794_459),
        ((16, 12, 8), -4.034_798_214, 45.060_439_240),
        ((4, 0, 1), -19.299_869_555, 94.299_869_555),
    ] {
        let found = nps(kinds.0, kinds.1, kinds.2);
        let interval = found.interval().unwrap();
        assert!(close(interval.low, low, 1e-8), "{kinds:?} {interval:?}");
        assert!(close(interval.high, high, 1e-8), "{kinds:?} {interval:?}");
    }
}

/// The chance that the interval of `n` answers covers the truth: the sum over all samples there are.
fn coverage(n: u64, p: f64, d: f64, interval: impl Fn(u64, u64) -> (f64, f64)) -> f64 {
    let truth = 100.0 * (p - d);
    let log = |n: u64| (1..=n).map(|i| (i as f64).ln()).sum::<f64>();
    let mut sum = 0.0;
    for promoters in 0..=n {
        for detractors in 0..=n - promoters {
            let passives = n - promoters - detractors;
            let (low, high) = interval(promoters, detractors);
            if low <= truth && truth <= high {
                let ways = log(n) - log(promoters) - log(detractors) - log(passives);
                let parts = [(promoters, p), (detractors, d), (passives, 1.0 - p - d)];
                let logs = parts.map(|(k, share)| k as f64 * share.ln());
                sum += (ways + logs.iter().sum::<f64>()).exp();
            }
        }
    }
    sum
}

#[test]
fn it_covers_the_truth_where_the_plain_one_does_not() {
    // What Rocks (2016) found, by exact sums over all samples instead of by simulation.
    let ours = |n| {
        move |p, d| {
            let interval = nps(p, n - p - d, d).interval().unwrap();
            (interval.low, interval.high)
        }
    };
    let wald = |n: u64| {
        move |p: u64, d: u64| {
            let (p, d) = (p as f64 / n as f64, d as f64 / n as f64);
            let half = 1.959_963_984_540_054 * ((p + d - (p - d).powi(2)) / n as f64).sqrt();
            (100.0 * (p - d - half), 100.0 * (p - d + half))
        }
    };
    let (mut least, mut least_plain) = (1.0_f64, 1.0_f64);
    for n in [5, 10, 20, 40] {
        for (p, d) in [
            (0.5, 1.0 / 6.0),
            (0.3, 0.3),
            (0.8, 0.05),
            (0.2, 0.6),
            (0.9, 0.05),
        ] {
            least = least.min(coverage(n, p, d, ours(n)));
            least_plain = least_plain.min(coverage(n, p, d, wald(n)));
        }
    }
    assert!(least > 0.91, "{least}");
    assert!(least_plain < 0.6, "{least_plain}");
}

#[test]
fn scores_are_those_of_the_definitions() {
    assert!(close(nps(3, 2, 1).score().unwrap(), 100.0 / 3.0, 1e-12));
    assert_eq!(nps(4, 0, 0).score(), Some(100.0));
    assert_eq!(nps(0, 0, 4).score(), Some(-100.0));
    let csat = counts(Csat, &[(1, 10), (2, 3), (3, 120), (4, 10), (5, 5)]);
    assert!(close(csat.score().unwrap(), 15.0 / 148.0, 1e-15));
    // Newcombe (1998), table I: 15 of 148.
    let interval = csat.interval().unwrap();
    assert!(close(interval.low, 0.0624, 5e-5) && close(interval.high, 0.1605, 5e-5));
    for instrument in [Nps, Csat, Ces] {
        let none = AnswerCounts::new(instrument);
        assert_eq!((none.score(), none.interval()), (None, None));
    }
    // Outside the range nothing counts.
    assert_eq!(counts(Csat, &[(0, 5), (6, 5), (255, 5)]).answers(), 0);
}

#[test]
fn the_interval_of_a_ces_is_students() {
    // scipy 1.17: stats.t.interval(0.95, n - 1, mean, stats.sem).
    for (of, mean, low, high) in [
        ([0, 1, 2, 3, 5, 8, 6], 5.4, 4.816_241_333, 5.983_758_667),
        // From 0.15 to 12.85 without the ends of the scale.
        ([0, 0, 0, 0, 0, 1, 1], 6.5, 1.0, 7.0),
        ([3, 0, 0, 0, 0, 0, 9], 5.5, 3.775_859_481, 7.0),
    ] {
        let pairs: Vec<(u8, u64)> = (1..=7).zip(of).collect();
        let found = counts(Ces, &pairs);
        assert!(close(found.score().unwrap(), mean, 1e-12));
        let interval = found.interval().unwrap();
        assert!(close(interval.low, low, 1e-8), "{interval:?}");
        assert!(close(interval.high, high, 1e-8), "{interval:?}");
    }
    for same in [1, 3, 7] {
        assert_eq!(counts(Ces, &[(same, 11)]).interval(), None);
        assert_eq!(counts(Ces, &[(same, 1)]).interval(), None);
    }
}

#[test]
fn counts_that_do_not_fit_their_instrument_are_not_read() {
    let json = serde_json::to_string(&nps(1, 2, 3)).unwrap();
    assert_eq!(
        serde_json::from_str::<AnswerCounts>(&json).unwrap(),
        nps(1, 2, 3)
    );
    for text in [
        r#"{"instrument":"csat","counts":[1,2,3,4]}"#,
        r#"{"instrument":"csat","counts":[1,2,3,4,5,6]}"#,
    ] {
        assert!(serde_json::from_str::<AnswerCounts>(text).is_err());
    }
}

// ---- which answers count ----

#[test]
fn the_latest_answer_in_the_window_counts() {
    let answers = [
        answer(1, -40, Nps, 10),
        answer(1, -5, Nps, 9),
        answer(1, -5, Nps, 3),
        answer(1, 1, Nps, 10),
        answer(2, -30, Nps, 8),
        answer(2, -29, Csat, 5),
    ];
    let mut options = SatisfactionOptions::new(Nps, day(0));
    let total = |options| {
        let report = Satisfaction::of(&answers, options, "group", everybody);
        let total = report.total().answers.clone();
        (total.within(0, 6), total.within(7, 8), total.within(9, 10))
    };
    // Of the two answers of one day the lower one.
    assert_eq!(total(options), (1, 1, 0));
    options.all_answers = true;
    assert_eq!(total(options), (1, 1, 2));
    options.window = Some(Days::new(31));
    assert_eq!(total(options), (1, 1, 1));
    options.window = Some(Days::new(30));
    assert_eq!(total(options), (1, 0, 1));
    options.window = Some(Days::new(0));
    assert_eq!(total(options), (0, 0, 0));
}

#[test]
fn each_topic_has_the_latest_answer_to_it_and_the_total_one_of_each_customer() {
    let answers = [
        answer(1, -9, Csat, 1).with_topic("price"),
        answer(1, -8, Csat, 5).with_topic("delivery"),
        answer(2, -7, Csat, 4),
    ];
    let options = SatisfactionOptions::new(Csat, day(0));
    fn topics<'a>(_: &CustomerId, topic: Option<&str>) -> Vec<&'a str> {
        match topic {
            Some("price") => vec!["price", "price"],
            Some("delivery") => vec!["delivery"],
            _ => vec![],
        }
    }
    let report = Satisfaction::of(&answers, options, "topic", topics);
    let found: Vec<(&str, u64)> = report
        .rows()
        .iter()
        .map(|(topic, row)| (&**topic, row.answers.answers()))
        .collect();
    assert_eq!(found, [("delivery", 1), ("price", 1), ("unknown", 1)]);
    assert_eq!(report.total().answers.within(4, 5), 2);
    assert_eq!(report.total().answers.answers(), 2);
}

#[test]
fn too_few_answers_have_no_score() {
    let answers: Vec<SurveyAnswer> = (0..4).map(|id| answer(id, 0, Nps, 9)).collect();
    let mut options = SatisfactionOptions::new(Nps, day(0));
    let report = Satisfaction::of(&answers, options, "group", everybody);
    assert_eq!(
        (
            report.score(report.total()),
            report.interval(report.total())
        ),
        (None, None)
    );
    assert_eq!(report.total().answers.answers(), 4);
    options.least = 4;
    let report = Satisfaction::of(&answers, options, "group", everybody);
    assert_eq!(report.score(report.total()), Some(100.0));
    assert!(report.interval(report.total()).is_some());
}

// ---- responses ----

fn surveys() -> Surveys {
    let of = |name: &str, instrument, topic: Option<&str>| SurveySpec {
        topic: topic.map(str::to_owned),
        ..SurveySpec::new(name, instrument, Days::new(30))
    };
    SurveysSpec::new([
        of("relationship", Nps, None),
        of("checkout", Csat, Some("checkout")),
        of("service", Csat, Some("service")),
    ])
    .bind(&Schema::new(), &mut Diagnostics::new())
    .unwrap()
}

#[test]
fn a_response_follows_its_invitation_in_time_and_before_the_next() {
    let invite = |customer: u64, on, survey: &str| Invitation::new(customer, day(on), survey);
    let invitations = [
        invite(1, -100, "checkout"),
        invite(1, -50, "checkout"),
        invite(2, -50, "checkout"),
        invite(3, -50, "checkout"),
        invite(3, -50, "checkout"), // the same one twice
        invite(4, -29, "checkout"),
        invite(5, -28, "checkout"),
        invite(6, -50, "service"),
        invite(7, -50, "relationship"),
        invite(8, -50, "gone"),
        invite(9, 1, "checkout"),
    ];
    let checkout = |customer, on| answer(customer, on, Csat, 5).with_topic("checkout");
    let answers = [
        checkout(1, -21),
        checkout(2, -20),
        checkout(3, -51),
        checkout(4, -1),
        checkout(5, -1),
        checkout(6, -49),
        answer(7, -49, Nps, 9),
    ];
    let options = SatisfactionOptions::new(Csat, day(0));
    fn customer<'a>(id: &CustomerId, _: Option<&str>) -> Vec<&'a str> {
        vec![["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"][id.as_number().unwrap() as usize]]
    }
    let report = Satisfaction::with_invitations(
        &answers,
        &invitations,
        Some(&surveys()),
        options,
        "customer",
        customer,
    );
    let found: Vec<(&str, u64, u64, u64)> = report
        .rows()
        .iter()
        .map(|(name, row)| (&**name, row.invited, row.responded, row.open))
        .collect();
    assert_eq!(
        found,
        [
            // The first without an answer; the second one on its thirtieth day.
            ("1", 2, 1, 0),
            // A day too late.
            ("2", 1, 0, 0),
            // A day too early, and one invitation.
            ("3", 1, 0, 0),
            // The thirtieth day is today.
            ("4", 1, 1, 0),
            // There is a day left.
            ("5", 0, 0, 1),
            // About something else.
            ("6", 1, 0, 0),
        ]
    );
    assert_eq!(report.total().response_rate(), Some(2.0 / 6.0));
    // An answer counts for the invitation before it only.
    let invitations = [invite(1, -60, "checkout"), invite(1, -50, "checkout")];
    let report = Satisfaction::with_invitations(
        &[checkout(1, -50)],
        &invitations,
        Some(&surveys()),
        options,
        "group",
        everybody,
    );
    assert_eq!((report.total().invited, report.total().responded), (2, 1));
}

// ---- drivers ----

#[test]
fn topics_are_ranked_by_share_and_by_lift() {
    // Newcombe (1998), table II (a): 56 of 70 against 48 of 80, difference 0.2, from 0.0524 to 0.3339.
    let mut answers = Vec::new();
    let mut add = |topic: &str, low: u64, all: u64| {
        for i in 0..all {
            let id = answers.len() as u64;
            let value = if i < low { 2 } else { 3 };
            answers.push(answer(id, 0, Csat, value).with_topic(topic));
        }
    };
    add("delivery", 56, 70);
    add("price", 48, 80);
    let options = SatisfactionOptions::new(Csat, day(0));
    let value = |id: &CustomerId| id.as_number().filter(|n| *n != 3).map(|_| 100);
    let drivers = Drivers::of(&answers, options, Currency::EUR, value);
    let found = drivers.by_share();
    assert_eq!(found[0].topic, "delivery");
    assert!(close(found[0].share.unwrap(), 56.0 / 104.0, 1e-15));
    assert!(close(found[0].lift.unwrap(), 0.2, 1e-12));
    let interval = found[0].interval.unwrap();
    assert!(close(interval.low, 0.0524, 5e-5) && close(interval.high, 0.3339, 5e-5));
    let other = found[1].interval.unwrap();
    assert!(close(other.low, -interval.high, 1e-12) && close(other.high, -interval.low, 1e-12));
    assert_eq!(
        (
            found[0].at_stake,
            found[0].customers,
            found[0].without_value
        ),
        (5500, 56, 1)
    );

    // Few answers, all of them low: last by share, first by lift unless they are too few.
    (0..6).for_each(|id| answers.push(answer(900 + id, 0, Csat, 1).with_topic("smell")));
    let mut options = options;
    let order = |options| {
        let drivers = Drivers::of(&answers, options, Currency::EUR, value);
        let of = |list: Vec<customer_value::report::Driver>| {
            list.into_iter().map(|one| one.topic).collect::<Vec<_>>()
        };
        (of(drivers.by_share()), of(drivers.by_lift()))
    };
    let (share, lift) = order(options);
    assert_eq!(share, ["delivery", "price", "smell"]);
    assert_eq!(lift, ["smell", "delivery", "price"]);
    options.least = 7;
    assert_eq!(order(options).1, ["delivery", "price", "smell"]);
}

/// 2 of 10 and 4 of 20 are the same rate; the second is more of all low answers.
#[test]
fn topics_of_equal_lift_are_ranked_by_share() {
    let mut answers = Vec::new();
    for (topic, low, all) in [("a", 2, 10), ("b", 4, 20)] {
        for i in 0..all {
            let value = if i < low { 1 } else { 5 };
            let id = answers.len() as u64;
            answers.push(answer(id, 0, Csat, value).with_topic(topic));
        }
    }
    let mut options = SatisfactionOptions::new(Csat, day(0));
    options.least = 2;
    let found = Drivers::of(&answers, options, Currency::EUR, |_| None).by_lift();
    assert_eq!([found[0].lift, found[1].lift], [Some(0.0); 2]);
    assert_eq!([&*found[0].topic, &*found[1].topic], ["b", "a"]);
}

#[test]
fn low_answers_are_those_of_the_page() {
    for (instrument, low_is_easy, wanted) in [
        (Nps, false, (0..=6).collect::<Vec<u8>>()),
        (Nps, true, (0..=6).collect()),
        (Csat, false, vec![1, 2]),
        (Ces, false, vec![1, 2, 3]),
        (Ces, true, vec![5, 6, 7]),
    ] {
        let mut options = SatisfactionOptions::new(instrument, day(0));
        options.low_is_easy = low_is_easy;
        let low = |value: &u8| {
            let answers = [answer(1, 0, instrument, *value)];
            let drivers = Drivers::of(&answers, options, Currency::EUR, |_| None);
            drivers.by_share()[0].low == 1
        };
        let found: Vec<u8> = instrument.range().filter(low).collect();
        assert_eq!(found, wanted, "{instrument}");
    }
}

#[test]
fn who_is_dissatisfied_twice_is_at_stake_once() {
    let answers = [
        answer(1, -9, Csat, 1).with_topic("price"),
        answer(1, -8, Csat, 2).with_topic("price"),
    ];
    let mut options = SatisfactionOptions::new(Csat, day(0));
    options.all_answers = true;
    let drivers = Drivers::of(&answers, options, Currency::EUR, |_| Some(i64::MAX));
    let found = &drivers.by_share()[0];
    assert_eq!((found.low, found.customers), (2, 1));
    assert_eq!(found.at_stake, i64::MAX.into());
    // The rest is nobody.
    assert_eq!((found.rest, found.lift, found.interval), (None, None, None));
}

// ---- complaints ----

fn complaint(customer: u64, opened: i32, topic: &str, resolved: Option<i32>) -> Complaint {
    let complaint = Complaint::new(customer, day(opened), topic).unwrap();
    match resolved {
        Some(on) => complaint.resolved_on(day(on)).unwrap(),
        None => complaint,
    }
}

#[test]
fn complaints_are_judged_by_what_was_known() {
    let complaints = [
        complaint(1, -10, "a", Some(-7)), // on the day
        complaint(2, -10, "a", Some(-6)), // a day late
        complaint(3, -10, "a", None),     // open, late
        complaint(4, -3, "a", None),      // due today
        complaint(5, -3, "b", Some(-2)),  // settled, with time left
        complaint(6, -10, "b", Some(1)),  // settled later than today
        complaint(7, 1, "b", None),       // not made yet
        complaint(8, -20, "b", None),     // without a target
    ];
    let known = |complaint: &Complaint| {
        let id = complaint.customer().as_number().unwrap();
        Complainer {
            tier: (id != 2).then_some("A"),
            value: [
                None,
                None,
                None,
                Some(10),
                Some(99),
                None,
                Some(20),
                None,
                Some(30),
            ][id as usize],
            due: (id != 8).then(|| complaint.opened().plus(Days::new(3))),
        }
    };
    let report = ComplaintReport::of(&complaints, known, Currency::EUR, Days::new(5), day(0));
    let total = report.total();
    assert_eq!((total.complaints, total.open, total.overdue), (7, 4, 2));
    assert_eq!((total.decided, total.in_time), (4, 1));
    assert_eq!(total.in_time_share(), Some(0.25));
    // Wilson for 1 of 4: (1/4 + z²/8 ± z √(3/64 + z²/64)) / (1 + z²/4) by hand.
    let interval = total.interval().unwrap();
    assert!(close(interval.low, 0.0456, 5e-5) && close(interval.high, 0.6994, 5e-5));
    let open: Vec<(u64, Option<i32>)> = report
        .open()
        .iter()
        .map(|one| {
            (
                one.customer.as_number().unwrap(),
                one.overdue.map(Days::get),
            )
        })
        .collect();
    assert_eq!(open, [(6, Some(7)), (3, Some(7)), (4, None), (8, None)]);
    assert_eq!(report.overdue().count(), 2);
    assert_eq!(report.by_topic()["b"].complaints, 3);
    assert_eq!(report.by_tier()["unknown"].complaints, 1);

    // Settled after 1, 3 and 4 days, open after 3, 10, 10 and 20: S = 6/7, then 5/6 of it, then 3/4 of it.
    assert!(close(
        total.days.at(Days::new(4)).unwrap(),
        15.0 / 28.0,
        1e-12
    ));
    assert_eq!(total.median().median, None);
    let mean = total.mean(Days::new(5)).unwrap().days;
    assert!(
        close(mean, 1.0 + 2.0 * 6.0 / 7.0 + 5.0 / 7.0 + 15.0 / 28.0, 1e-12),
        "{mean}"
    );
    // Nobody was seen for so long.
    assert_eq!(total.mean(Days::new(21)), None);
}

// ---- laws ----

fn answers() -> impl Strategy<Value = Vec<SurveyAnswer>> {
    let one = (0..12_u64, -30..5_i32, 0..3_usize, 0..11_u8, 0..3_usize);
    let one = one.prop_map(|(customer, on, instrument, value, topic)| {
        let instrument = [Nps, Csat, Ces][instrument];
        let (low, high) = (*instrument.range().start(), *instrument.range().end());
        let topic = ["", "price", "delivery"][topic];
        answer(customer, on, instrument, value.clamp(low, high)).with_topic(topic)
    });
    prop::collection::vec(one, 0..60)
}

fn options() -> impl Strategy<Value = SatisfactionOptions> {
    (
        0..3_usize,
        prop::option::of(0..40_i32),
        any::<bool>(),
        0..4_u64,
    )
        .prop_map(|(instrument, window, all_answers, least)| {
            let mut options = SatisfactionOptions::new([Nps, Csat, Ces][instrument], day(0));
            options.window = window.map(Days::new);
            options.all_answers = all_answers;
            options.least = least;
            options
        })
}

fn tiers<'a>(id: &CustomerId, topic: Option<&str>) -> Vec<&'a str> {
    let number = id.as_number().unwrap();
    let mut groups = vec![];
    groups.extend((number.is_multiple_of(2)).then_some("even"));
    groups.extend((topic == Some("price")).then_some("price"));
    groups
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn intervals_are_around_scores_and_within_their_ranges(
        instrument in 0..3_usize,
        of in prop::collection::vec(prop_oneof![0..6_u64, Just(u64::MAX), any::<u64>()], 11),
    ) {
        let instrument = [Nps, Csat, Ces][instrument];
        let pairs: Vec<(u8, u64)> = instrument.range().zip(of).collect();
        let found = counts(instrument, &pairs);
        let (low, high) = [(-100.0, 100.0), (0.0, 1.0), (1.0, 7.0)][instrument as usize];
        prop_assert_eq!(found.score().is_some(), found.answers() > 0);
        if let Some(score) = found.score() {
            prop_assert!((low..=high).contains(&score), "{}", score);
        }
        if let (Some(score), Some(interval)) = (found.score(), found.interval()) {
            prop_assert!(low <= interval.low && interval.low <= score, "{:?}", interval);
            prop_assert!(score <= interval.high && interval.high <= high, "{:?}", interval);
        }
    }

    #[test]
    fn reports_are_those_of_plain_counting_in_any_order(answers in answers(), options in options()) {
        let report = Satisfaction::of(&answers, options, "group", tiers);
        let mut turned = answers.clone();
        turned.reverse();
        prop_assert_eq!(&Satisfaction::of(&turned, options, "group", tiers), &report);
        // By hand: for every row and customer the answers in it, and the last of them.
        let mut plain: BTreeMap<&str, BTreeMap<u8, u64>> = BTreeMap::new();
        for group in ["total", "even", "price", "unknown"] {
            for customer in 0..12 {
                let id = CustomerId::from(customer);
                let own = |a: &&SurveyAnswer| {
                    let groups = tiers(&id, a.topic());
                    let ago = (day(0) - a.day()).get();
                    let within = options.window.is_none_or(|days| ago < days.get());
                    *a.customer() == id && a.instrument() == options.instrument && ago >= 0 && within
                        && (group == "total" || groups.contains(&group) || groups.is_empty() && group == "unknown")
                };
                let last = answers.iter().filter(own).map(|a| a.day()).max();
                let last = answers.iter().filter(own).filter(|a| Some(a.day()) == last).map(|a| a.answer()).min();
                let all: Vec<u8> = answers.iter().filter(own).map(|a| a.answer()).collect();
                let taken = if options.all_answers { all } else { last.into_iter().collect() };
                for value in taken {
                    *plain.entry(group).or_default().entry(value).or_default() += 1;
                }
            }
        }
        let found = report.rows().iter().map(|(name, row)| (&**name, row)).chain([("total", report.total())]);
        let found: BTreeMap<&str, BTreeMap<u8, u64>> = found
            .map(|(name, row)| (name, row.answers.counts().filter(|(_, n)| *n > 0).collect::<BTreeMap<_, _>>()))
            .filter(|(_, row)| !row.is_empty())
            .collect();
        prop_assert_eq!(found, plain);
        let json = serde_json::to_string(&report).unwrap();
        prop_assert_eq!(serde_json::from_str::<Satisfaction>(&json).unwrap(), report);
    }

    #[test]
    fn reports_of_parts_merge_into_that_of_the_whole(answers in answers(), options in options(), cut in 0..12_u64) {
        let (one, two): (Vec<_>, Vec<_>) = answers
            .iter()
            .cloned()
            .partition(|a| a.customer().as_number().unwrap() < cut);
        let whole = Satisfaction::of(&answers, options, "group", tiers);
        let mut merged = Satisfaction::of(&one, options, "group", tiers);
        merged.merge(&Satisfaction::of(&two, options, "group", tiers)).unwrap();
        prop_assert_eq!(merged, whole);

        let value = |id: &CustomerId| id.as_number().filter(|n| n % 3 > 0).map(|n| n as i64 - 4);
        let drivers = |answers: &[SurveyAnswer]| Drivers::of(answers, options, Currency::EUR, value);
        let whole = drivers(&answers);
        let mut merged = drivers(&two);
        merged.merge(&drivers(&one)).unwrap();
        prop_assert_eq!(&merged, &whole);
        let found = whole.by_lift();
        let lows: u64 = found.iter().map(|one| one.low).sum();
        let shares: f64 = found.iter().filter_map(|one| one.share).sum();
        prop_assert!(lows == 0 || close(shares, 1.0, 1e-9));
        for one in &found {
            if let (Some(lift), Some(interval)) = (one.lift, one.interval) {
                prop_assert!(interval.low <= lift + 1e-12 && lift <= interval.high + 1e-12);
            }
        }
    }

    #[test]
    fn complaints_add_up_and_merge(
        of in prop::collection::vec((0..6_u64, -20..3_i32, 0..2_usize, prop::option::of(0..15_i32), 0..6_i32), 0..30),
        cut in 0..30_usize,
    ) {
        let complaints: Vec<Complaint> = of
            .iter()
            .map(|(id, opened, topic, took, _)| {
                complaint(*id, *opened, ["a", "b"][*topic], took.map(|took| opened + took))
            })
            .collect();
        let known = |complaint: &Complaint| {
            let id = complaint.customer().as_number().unwrap();
            Complainer {
                tier: ["A", "B"].get(id as usize).copied(),
                value: (!id.is_multiple_of(3)).then_some(id as i64),
                due: (id != 5).then(|| complaint.opened().plus(Days::new(id as i32))),
            }
        };
        let report = |part: &[Complaint]| ComplaintReport::of(part, known, Currency::EUR, Days::new(9), day(0));
        let whole = report(&complaints);
        let (one, two) = complaints.split_at(cut.min(complaints.len()));
        let mut merged = report(two);
        merged.merge(&report(one)).unwrap();
        prop_assert_eq!(&merged, &whole);
        let total = whole.total();
        prop_assert_eq!(total.complaints, total.days.ended() + total.open);
        prop_assert_eq!(total.open, whole.open().len() as u64);
        prop_assert!(total.in_time <= total.decided && total.overdue <= total.open);
        prop_assert!(total.in_time + total.overdue <= total.decided);
        for rows in [whole.by_tier(), whole.by_topic()] {
            prop_assert_eq!(rows.values().map(|row| row.complaints).sum::<u64>(), total.complaints);
            prop_assert_eq!(rows.values().map(|row| row.overdue).sum::<u64>(), total.overdue);
        }
        for one in whole.overdue() {
            prop_assert_eq!(one.overdue, one.due.map(|due| day(0) - due));
            prop_assert!(one.overdue.unwrap().get() >= 1);
        }
        let json = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(serde_json::from_str::<ComplaintReport>(&json).unwrap(), whole);
    }
}

#[test]
fn what_does_not_go_together_is_not_merged() {
    let of = |instrument, by: &str| {
        Satisfaction::of(
            &[],
            SatisfactionOptions::new(instrument, day(0)),
            by,
            everybody,
        )
    };
    assert!(
        of(Nps, "tier")
            .merge(&of(Csat, "tier"))
            .unwrap_err()
            .is_misuse()
    );
    assert!(
        of(Nps, "tier")
            .merge(&of(Nps, "topic"))
            .unwrap_err()
            .is_misuse()
    );
    let of = |currency| {
        Drivers::of(&[], SatisfactionOptions::new(Nps, day(0)), currency, |_| {
            None
        })
    };
    assert!(
        of(Currency::EUR)
            .merge(&of(Currency::USD))
            .unwrap_err()
            .is_misuse()
    );
    let of = |on| {
        ComplaintReport::of(
            &[],
            |_| Complainer::default(),
            Currency::EUR,
            Days::new(9),
            day(on),
        )
    };
    assert!(of(0).merge(&of(1)).unwrap_err().is_misuse());
}

#[test]
fn topics_without_enough_others_have_no_lift() {
    let nps = SurveyInstrument::Nps;
    let of = |topics: &[(&str, u64, u64)], least| {
        let mut answers = Vec::new();
        for (topic, all, low) in topics {
            for n in 0..*all {
                let value = if n < *low { 0 } else { 10 };
                let one = answer(answers.len() as u64 + 1, 1, nps, value);
                answers.push(one.with_topic(topic));
            }
        }
        let mut options = SatisfactionOptions::new(nps, day(9));
        options.least = least;
        Drivers::of(&answers, options, Currency::EUR, |_| None).by_share()
    };
    let drivers = of(&[("a", 10, 2), ("b", 3, 2)], 5);
    for driver in &drivers {
        assert_eq!(
            (driver.lift, driver.interval),
            (None, None),
            "{}",
            driver.topic
        );
    }
    // Of as many low answers, the topic that is more above the rest stands first.
    let drivers = of(&[("a", 10, 2), ("b", 5, 2)], 5);
    assert_eq!(drivers[0].topic, "b");
    assert!(
        drivers
            .iter()
            .all(|one| one.lift.is_some() && one.interval.is_some())
    );
}

#[test]
fn who_is_to_be_answered_on_a_day_comes_before_who_is_not() {
    let complaints = [
        complaint(1, 1, "price", None),
        complaint(2, 5, "price", None),
    ];
    let known = |one: &Complaint| Complainer {
        due: (one.customer().as_number() == Some(2)).then(|| day(30)),
        ..Complainer::default()
    };
    let report = ComplaintReport::of(&complaints, known, Currency::EUR, Days::new(9), day(9));
    let ids: Vec<_> = report
        .open()
        .iter()
        .map(|one| one.customer.as_number())
        .collect();
    assert_eq!(ids, [Some(2), Some(1)]);
}

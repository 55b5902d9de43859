//! Survival and times in stages: published examples first, then a slow plain second implementation, then what must always hold.

use customer_value::model::{Day, Days};
use customer_value::report::{Spell, SpellCount, StageTimes, Survival};
use proptest::prelude::*;

/// A survival from lengths, those that go on marked with `+`, as the literature writes them.
fn survival(text: &str) -> Survival {
    let mut survival = Survival::new();
    for spell in text.split(',') {
        let (days, ended) = match spell.trim().strip_suffix('+') {
            Some(days) => (days, false),
            None => (spell.trim(), true),
        };
        survival.add(Days::new(days.parse().unwrap()), ended);
    }
    survival
}

/// The weeks in remission of the 21 patients given 6-mercaptopurine (Freireich et al. 1963), the best-known example of
/// all, as in Cox & Oakes 1984.
fn six_mp() -> Survival {
    survival("6,6,6,6+,7,9+,10,10+,11+,13,16,17+,19+,20+,22,23,25+,32+,32+,34+,35+")
}

/// The maintained group of R's `survival::aml` (Miller 1981).
fn aml() -> Survival {
    survival("9,13,13+,18,23,28+,31,34,45+,48,161+")
}

fn close(a: f64, b: f64, by: f64) -> bool {
    (a - b).abs() <= by
}

fn days(n: i32) -> Days {
    Days::new(n)
}

#[test]
fn remission_with_6_mp_is_as_published() {
    // Weeks, at risk, ended, S and Greenwood's standard error, and Stata's (log-log) limits.
    let published = [
        (6, 21, 3, 0.8571, 0.0764, 0.6197, 0.9516),
        (7, 17, 1, 0.8067, 0.0869, 0.5631, 0.9228),
        (10, 15, 1, 0.7529, 0.0963, 0.5032, 0.8894),
        (13, 12, 1, 0.6902, 0.1068, 0.4316, 0.8491),
        (16, 11, 1, 0.6275, 0.1141, 0.3675, 0.8049),
        (22, 7, 1, 0.5378, 0.1282, 0.2678, 0.7468),
        (23, 6, 1, 0.4482, 0.1346, 0.1881, 0.6801),
    ];
    let steps = six_mp().steps();
    assert_eq!(steps.len(), published.len());
    for (step, (at, at_risk, ended, s, error, low, high)) in steps.iter().zip(published) {
        let counts = (step.lasted, step.at_risk, step.ended);
        assert_eq!(counts, (days(at), at_risk, ended));
        assert!(close(step.survival, s, 5e-5), "{step:?}");
        assert!(close(step.standard_error.unwrap(), error, 5e-5), "{step:?}");
        let interval = step.interval.unwrap();
        assert!(
            close(interval.0, low, 6e-5) && close(interval.1, high, 6e-5),
            "{step:?}"
        );
    }
    let censored: Vec<u64> = steps.iter().map(|step| step.censored).collect();
    assert_eq!(censored, [1, 1, 2, 0, 3, 0, 5]);
    let median = six_mp().median();
    assert_eq!(
        (median.median, median.low, median.high),
        (Some(days(23)), Some(days(13)), None)
    );
}

#[test]
fn maintained_leukaemia_is_as_in_r() {
    // summary(survfit(Surv(time, status) ~ x, data = aml)), maintained.
    let published = [
        (9, 11, 0.909, 0.0867, 0.7541, 1.000),
        (13, 10, 0.818, 0.1163, 0.6192, 1.000),
        (18, 8, 0.716, 0.1397, 0.4884, 1.000),
        (23, 7, 0.614, 0.1526, 0.3769, 0.999),
        (31, 5, 0.491, 0.1642, 0.2549, 0.946),
        (34, 4, 0.368, 0.1627, 0.1549, 0.875),
        (48, 2, 0.184, 0.1535, 0.0359, 0.944),
    ];
    let steps = aml().steps();
    assert_eq!(steps.len(), published.len());
    for (step, (at, at_risk, s, error, low, high)) in steps.iter().zip(published) {
        assert_eq!((step.lasted, step.at_risk), (days(at), at_risk));
        assert!(close(step.survival, s, 5.1e-4), "{step:?}");
        assert!(
            close(step.standard_error.unwrap(), error, 5.1e-5),
            "{step:?}"
        );
        let interval = step.log_interval.unwrap();
        assert!(
            close(interval.0, low, 5.1e-5) && close(interval.1, high, 5.1e-4),
            "{step:?}"
        );
    }
    assert_eq!(aml().median().median, Some(days(31)));
    // print(fit, rmean = 161): 52.6, standard error 19.83.
    let mean = aml().mean_within(days(161)).unwrap();
    assert!(close(mean.days, 52.645, 5e-3), "{mean:?}");
    assert!(close(mean.standard_error.unwrap(), 19.83, 5e-3), "{mean:?}");
    assert_eq!(aml().mean_within(days(162)), None);
}

#[test]
fn what_is_not_known_is_missing() {
    let nobody = Survival::new();
    assert_eq!(nobody.at(days(0)), None);
    assert_eq!(nobody.mean_within(days(10)), None);
    assert_eq!(nobody.remaining(days(0), days(10)), None);
    assert_eq!(nobody.median().median, None);
    assert!(nobody.steps().is_empty());

    // Nobody has left yet: the share is known up to the longest, its error is not.
    let all_here = survival("5+,9+");
    assert_eq!(
        (all_here.at(days(9)), all_here.at(days(10))),
        (Some(1.0), None)
    );
    let mean = all_here.mean_within(days(9)).unwrap();
    assert_eq!(
        (mean.days, mean.standard_error, mean.interval),
        (9.0, None, None)
    );
    assert_eq!(all_here.remaining(days(9), days(1)), None);
    assert_eq!(all_here.remaining(days(4), days(5)).unwrap().days, 5.0);

    // All have left on one day: nothing is left, and there is no error of that.
    let all_gone = survival("5,5,5");
    assert_eq!(all_gone.at(days(1000)), Some(0.0));
    let step = all_gone.steps()[0];
    assert_eq!(
        (step.survival, step.standard_error, step.interval),
        (0.0, None, None)
    );
    assert_eq!(all_gone.mean_within(days(1000)).unwrap().days, 5.0);
    assert_eq!(
        all_gone.mean_within(days(1000)).unwrap().standard_error,
        None
    );
    assert_eq!(all_gone.remaining(days(5), days(1)), None);
    assert_eq!(all_gone.median().median, Some(days(5)));
    for horizon in [0, -1, i32::MIN] {
        assert_eq!(all_gone.mean_within(days(horizon)), None);
        assert_eq!(all_gone.remaining(days(0), days(horizon)), None);
    }
}

#[test]
fn the_median_is_where_exactly_half_are_left() {
    assert_eq!(survival("3,7").median().median, Some(days(3)));
    // 12/16 · 8/10 · 5/6 is one half; the product of the doubles is a little more.
    let rounded = survival("1,2,3,4,5+,6+,7,8,9+,10+,11,12+,13+,14+,15+,16+");
    assert!(rounded.at(days(11)).unwrap() > 0.5);
    assert_eq!(rounded.median().median, Some(days(11)));
}

#[test]
fn a_mean_has_an_interval_of_1_96_errors_within_the_horizon() {
    let mean = six_mp().mean_within(days(35)).unwrap();
    let (low, high) = mean.interval.unwrap();
    let error = mean.standard_error.unwrap();
    assert!(close((mean.days - low) / error, 1.959_964, 1e-6));
    assert!(close((high - mean.days) / error, 1.959_964, 1e-6));
    // Of 1 and 9 days: 5 ± 5.5, and of 9 days no more than 9.
    let two = survival("1,9").mean_within(days(9)).unwrap();
    assert_eq!((two.days, two.interval), (5.0, Some((0.0, 9.0))));
}

#[test]
fn who_is_there_for_less_than_no_day_is_there_for_none() {
    let some = survival("2,5,9");
    assert_eq!(
        some.remaining(days(-3), days(6)),
        some.remaining(days(0), days(6))
    );
}

#[test]
fn a_spell_of_no_day_counts_as_one_and_so_does_one_below_zero() {
    let mut from_zero = survival("0,4");
    assert_eq!(from_zero.at(days(0)), Some(0.5));
    assert_eq!(from_zero.at(days(-1)), Some(1.0));
    assert_eq!(from_zero.mean_within(days(4)).unwrap().days, 2.0);
    // Who is there at the end of the day has 4 days.
    assert_eq!(from_zero.remaining(days(0), days(4)).unwrap().days, 4.0);
    from_zero.add(days(-7), true);
    assert_eq!(from_zero, survival("0,0,4"));
}

#[test]
fn the_largest_counts_neither_overflow_nor_give_what_is_no_number() {
    let many = |lasted: i32, ended, censored| SpellCount {
        lasted: days(lasted),
        ended,
        censored,
    };
    let mut huge = Survival::new();
    for lasted in [i32::MIN, 0, 1, i32::MAX - 1, i32::MAX] {
        huge.add_many(many(lasted, u64::MAX, u64::MAX));
    }
    huge.merge(&huge.clone());
    for step in huge.steps() {
        assert!((0.0..=1.0).contains(&step.survival), "{step:?}");
        assert!(step.standard_error.is_none_or(f64::is_finite), "{step:?}");
    }
    assert!(huge.mean_within(days(i32::MAX)).unwrap().days.is_finite());
    assert!(huge.remaining(days(i32::MAX), days(i32::MAX)).is_none());
    assert!(huge.total_days() > 0);
    let mut times = StageTimes::new(["a"]);
    times.add(Spell {
        stage: 0,
        from: Day::MAX,
        to: Day::MIN,
        next: Some(usize::MAX),
    });
    times.add(Spell {
        stage: 1,
        from: Day::MIN,
        to: Day::MAX,
        next: None,
    });
    assert_eq!(
        (times.stages()[0].entered(), times.stages()[0].mean_ended()),
        (1, Some(0.0))
    );
    assert_eq!(times.exits(0)[0].to, 1);
    let exit = times.exits(0)[0];
    assert_eq!((exit.per_year, exit.interval), (None, None));
    assert!(times.to_string().contains("a → unknown"));
}

#[test]
fn stages_that_there_are_not_are_one_way_out() {
    let left_for = |next: [usize; 2]| {
        let mut times = StageTimes::new(["a"]);
        for next in next {
            let (from, to) = (Day::MIN, Day::MIN.plus(days(5)));
            let next = Some(next);
            times.add(Spell {
                stage: 0,
                from,
                to,
                next,
            });
        }
        times
    };
    let times = left_for([1, 7]);
    assert_eq!(times, left_for([3, 2]));
    let ways: Vec<(usize, u64)> = times
        .exits(0)
        .iter()
        .map(|exit| (exit.to, exit.count))
        .collect();
    assert_eq!(ways, [(1, 2)]);
    // Also in what somebody else wrote.
    let text = serde_json::to_string(&times)
        .unwrap()
        .replace("[0,2]", "[0,0,0,2]");
    let read: StageTimes = serde_json::from_str(&text).unwrap();
    assert_eq!((read.exits(0)[0].to, read.exits(0)[0].count), (1, 2));
}

#[test]
fn a_move_on_the_last_day_is_one_and_a_later_one_is_none() {
    let day = |n| Day::MIN.plus(days(n));
    let mut times = StageTimes::new(["a", "b", "c"]);
    times.add_moves([(day(0), 0), (day(10), 1), (day(11), 2)], day(10));
    let entered: Vec<u64> = times.stages().iter().map(|stage| stage.entered()).collect();
    assert_eq!(entered, [1, 1, 0]);
    assert_eq!(times.stages()[0].ended(), 1);
}

#[test]
fn it_is_plain_data() {
    let text = serde_json::to_string(&survival("3,3,5+")).unwrap();
    let expected = r#"[{"lasted":"3 days","ended":2,"censored":0},{"lasted":"5 days","ended":0,"censored":1}]"#;
    assert_eq!(text, expected);
    assert_eq!(
        serde_json::from_str::<Survival>(&text).unwrap(),
        survival("5+,3,3")
    );
    // Written twice or in another order it is the same.
    let text = text.replace("},{", r#"},{"lasted":"-1 days","ended":0,"censored":0},{"#);
    assert_eq!(
        serde_json::from_str::<Survival>(&text).unwrap(),
        survival("5+,3,3")
    );

    let mut times = StageTimes::new(["a", "b"]);
    times.add_moves([(Day::MIN, 0), (Day::MIN.next(), 1)], Day::MAX);
    let text = serde_json::to_string(&times).unwrap();
    assert_eq!(serde_json::from_str::<StageTimes>(&text).unwrap(), times);
    assert!(
        times
            .merge(&StageTimes::new(["a"]))
            .unwrap_err()
            .is_misuse()
    );
}

#[test]
fn a_stage_has_its_times_and_ways_out() {
    let day = |n: i32| Day::from_ymd(2024, 1, 1).unwrap().plus(days(n));
    let mut times = StageTimes::new(["new", "loyal", "gone"]);
    times.add_moves(
        [(day(0), 0), (day(10), 1), (day(40), 0), (day(70), 2)],
        day(100),
    );
    times.add_moves([(day(0), 0), (day(20), 2), (day(101), 0)], day(100));
    times.add_moves([(day(60), 0)], day(100));
    times.add_moves([(day(101), 0)], day(100));
    let new = &times.stages()[0];
    assert_eq!((new.entered(), new.ended()), (4, 3));
    assert_eq!(
        (new.mean_ended(), new.median_ended()),
        (Some(20.0), Some(20.0))
    );
    assert_eq!(new.survival(), &survival("10,30,20,40+"));
    assert_eq!(new.survival().total_days(), 100);
    let exits = times.exits(0);
    assert_eq!(exits.len(), 2);
    assert_eq!(
        (exits[0].to, exits[0].count, exits[0].share),
        (1, 1, Some(1.0 / 3.0))
    );
    assert_eq!(
        (exits[1].to, exits[1].count, exits[1].share),
        (2, 2, Some(2.0 / 3.0))
    );
    // Two in 100 days; Garwood's limits of 2 are 0.2422 and 7.2247.
    let years = 100.0 / 365.2425;
    assert!(close(exits[1].per_year.unwrap(), 2.0 / years, 1e-9));
    let (low, high) = exits[1].interval.unwrap();
    assert!(close(low * years, 0.2422, 5e-5) && close(high * years, 7.2247, 5e-5));
    assert_eq!(
        times.matrix().to_string(),
        "\
from   new  loyal  gone  total
new      0      1     2      3
loyal    1      0     0      1
gone     0      0     0      0
total    1      1     2      4
"
    );
    assert_eq!(
        (
            times.stages()[2].mean_ended(),
            times.stages()[2].median_ended()
        ),
        (None, None)
    );
    assert!(times.exits(2).is_empty() && times.exits(9).is_empty());
}

/// The second implementation: every number from the list of spells, day by day, without any counts kept.
mod plain {
    pub type Spells = Vec<(i32, bool)>;

    fn at_risk(spells: &Spells, day: i32) -> f64 {
        spells.iter().filter(|(lasted, _)| *lasted >= day).count() as f64
    }

    fn ended(spells: &Spells, day: i32) -> f64 {
        spells.iter().filter(|s| **s == (day, true)).count() as f64
    }

    pub fn longest(spells: &Spells) -> i32 {
        spells.iter().map(|(lasted, _)| *lasted).max().unwrap_or(0)
    }

    /// The share longer than `day`, of those longer than `after`.
    pub fn survival(spells: &Spells, after: i32, day: i32) -> f64 {
        let factors = (after + 1..=day).filter(|d| at_risk(spells, *d) > 0.0);
        factors
            .map(|d| 1.0 - ended(spells, d) / at_risk(spells, d))
            .product()
    }

    /// The sum of the survival over single days.
    pub fn mean(spells: &Spells, after: i32, from: i32, to: i32) -> f64 {
        (from..to).map(|day| survival(spells, after, day)).sum()
    }

    pub fn variance(spells: &Spells, after: i32, to: i32) -> f64 {
        let steps = (after + 1..to).filter(|day| ended(spells, *day) > 0.0);
        steps
            .map(|day| {
                let (n, d) = (at_risk(spells, day), ended(spells, day));
                let area = mean(spells, after, day, to);
                if n > d {
                    area * area * d / (n * (n - d))
                } else {
                    0.0
                }
            })
            .sum()
    }

    pub fn greenwood(spells: &Spells, day: i32) -> f64 {
        let terms = (0..=day)
            .filter(|day| ended(spells, *day) > 0.0)
            .map(|day| {
                let (n, d) = (at_risk(spells, day), ended(spells, day));
                d / (n * (n - d))
            });
        survival(spells, -1, day) * terms.sum::<f64>().sqrt()
    }
}

fn spells() -> impl Strategy<Value = plain::Spells> {
    prop::collection::vec((0..30_i32, any::<bool>()), 0..20)
}

fn of(spells: &plain::Spells) -> Survival {
    let mut survival = Survival::new();
    spells
        .iter()
        .for_each(|(lasted, ended)| survival.add(days(*lasted), *ended));
    survival
}

proptest! {
    #[test]
    fn every_number_is_that_of_the_plain_one(
        spells in spells(), already in 0..35_i32, horizon in 1..35_i32,
    ) {
        let fast = of(&spells);
        for step in fast.steps() {
            let day = step.lasted.get();
            prop_assert!(close(step.survival, plain::survival(&spells, -1, day), 1e-12));
            prop_assert_eq!(fast.at(step.lasted), Some(step.survival));
            prop_assert_eq!(step.standard_error.is_some(), step.survival > 0.0);
            if let Some(error) = step.standard_error {
                prop_assert!(close(error, plain::greenwood(&spells, day), 1e-12));
            }
        }
        let longest = plain::longest(&spells);
        let known = |after: i32, to: i32| {
            to <= longest || plain::survival(&spells, after, longest) < 1e-12
        };
        for (found, after, from) in [
            (fast.mean_within(days(horizon)), -1, 0),
            (fast.remaining(days(already), days(horizon)), already, already),
        ] {
            let to = from + horizon;
            let some = spells.iter().any(|(lasted, _)| *lasted > after);
            prop_assert_eq!(found.is_some(), some && known(after, to));
            if let Some(found) = found {
                let mean = plain::mean(&spells, after, from, to);
                prop_assert!(close(found.days, mean, 1e-9), "{:?} {}", found, mean);
                let error = plain::variance(&spells, after, to).sqrt();
                prop_assert!(close(found.standard_error.unwrap_or(0.0), error, 1e-9));
                if let Some((low, high)) = found.interval {
                    prop_assert!(0.0 <= low && low <= found.days && found.days <= high);
                    prop_assert!(high <= f64::from(horizon));
                }
            }
        }
    }

    #[test]
    fn the_curve_only_falls_and_lies_within_its_limits(spells in spells()) {
        let steps = of(&spells).steps();
        prop_assert!(steps.windows(2).all(|two| two[0].survival > two[1].survival));
        for two in steps.windows(2) {
            prop_assert_eq!(two[0].at_risk - two[0].ended - two[0].censored, two[1].at_risk);
        }
        for step in steps {
            for (low, high) in [step.interval, step.log_interval].into_iter().flatten() {
                prop_assert!(0.0 <= low && low <= step.survival);
                prop_assert!(step.survival <= high && high <= 1.0);
            }
        }
    }

    #[test]
    fn with_all_spells_ended_it_is_a_share(lengths in prop::collection::vec(0..30_i32, 1..40)) {
        let all = lengths.iter().map(|lasted| (*lasted, true)).collect();
        for day in 0..35 {
            let longer = lengths.iter().filter(|lasted| **lasted > day).count();
            // To the last bit.
            let share = longer as f64 / lengths.len() as f64;
            prop_assert_eq!(of(&all).at(days(day)), Some(share));
        }
        let sum: i32 = lengths.iter().sum();
        let mean = of(&all).mean_within(days(40)).unwrap().days;
        prop_assert!(close(mean, f64::from(sum) / lengths.len() as f64, 1e-9));
    }

    #[test]
    fn neither_order_nor_parts_matter(
        (sorted, mixed) in spells().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
        cut in 0..20_usize,
    ) {
        let (a, b) = mixed.split_at(cut.min(mixed.len()));
        let mut merged = of(&b.to_vec());
        merged.merge(&of(&a.to_vec()));
        prop_assert_eq!(&merged, &of(&sorted));
        prop_assert_eq!(merged.steps(), of(&sorted).steps());
        let text = serde_json::to_string(&merged).unwrap();
        prop_assert_eq!(serde_json::from_str::<Survival>(&text).unwrap(), merged);
    }

    #[test]
    fn times_in_stages_are_counts(
        spells in prop::collection::vec((0..3_usize, 0..50_i32, prop::option::of(0..4_usize)), 0..40),
        cut in 0..40_usize,
    ) {
        let start = Day::from_ymd(2024, 1, 1).unwrap();
        let spell = |(stage, lasted, next): &(usize, i32, Option<usize>)| Spell {
            stage: *stage, from: start, to: start.plus(days(*lasted)), next: *next,
        };
        let all = |spells: &[(usize, i32, Option<usize>)]| {
            let mut times = StageTimes::new(["a", "b", "c"]);
            spells.iter().map(spell).for_each(|spell| times.add(spell));
            times
        };
        let times = all(&spells);
        let (a, b) = spells.split_at(cut.min(spells.len()));
        let mut merged = all(b);
        merged.merge(&all(a)).unwrap();
        prop_assert_eq!(&merged, &times);
        for (code, stage) in times.stages().iter().enumerate() {
            let mut ended: Vec<i32> = spells.iter()
                .filter(|(s, _, next)| *s == code && next.is_some()).map(|(_, n, _)| *n).collect();
            ended.sort_unstable();
            prop_assert_eq!(stage.ended(), ended.len() as u64);
            let here = spells.iter().filter(|(s, ..)| *s == code);
            prop_assert_eq!(stage.entered(), here.clone().count() as u64);
            let total: i32 = here.map(|(_, n, _)| n).sum();
            prop_assert_eq!(stage.survival().total_days(), total as u128);
            let median = (!ended.is_empty()).then(|| {
                let n = ended.len();
                (f64::from(ended[(n - 1) / 2]) + f64::from(ended[n / 2])) / 2.0
            });
            prop_assert_eq!(stage.median_ended(), median);
            for exit in times.exits(code) {
                let count = spells.iter().filter(|(s, _, next)| *s == code && *next == Some(exit.to)).count();
                prop_assert_eq!(exit.count, count as u64);
                prop_assert_eq!(exit.share, Some(count as f64 / ended.len() as f64));
                prop_assert_eq!(exit.per_year.is_some(), total > 0);
            }
            let shares: f64 = times.exits(code).iter().filter_map(|exit| exit.share).sum();
            prop_assert!(ended.is_empty() || close(shares, 1.0, 1e-12));
        }
        prop_assert_eq!(times.matrix().total().total(),
            spells.iter().filter(|(.., next)| next.is_some()).count() as u64);
    }
}

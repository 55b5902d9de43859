//! Backtests: the table of the CDNOW sample, and a slow plain second implementation over small populations.

mod cdnow_sample;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use customer_value::engine::backtest::{
    Backtest, BacktestReport, BacktestRule, Confusion, Flag, LeadTime, RuleQuality,
};
use customer_value::engine::{Engine, Worse};
use customer_value::ledger::{Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Customer, CustomerId, Day, Days, Money, Transaction};
use proptest::prelude::*;

fn engine(body: &str) -> Engine {
    let head = "head = { name = \"watch\", version = \"1\", currency = \"USD\" }\n";
    Engine::from_toml(&format!("{head}{body}"), &Catalog::standard())
        .unwrap_or_else(|e| panic!("{e}"))
}

mod cdnow {
    use super::*;

    fn ledger(until: &str) -> Ledger<'static> {
        cdnow_sample::ledger(until.parse().unwrap())
    }

    fn model(model: &str) -> Engine {
        engine(&format!(
            r#"
            metrics = [
                {{ measure = "days_since_last" }},
                {{ measure = "churn_factor" }},
                {{ measure = "gap_percentile" }},
                {{ measure = "active_days" }},
            ]
            prediction = {{ model = "{model}", horizon = "180 days", margin = 1.0, discount = "10 % per year" }}
            tiers = [{{ name = "everybody" }}]
            "#
        ))
    }

    /// The rules that the README compares, in its order.
    fn rules() -> Backtest {
        let rule = |text: &str| text.parse().unwrap();
        let mut backtest = Backtest::new("1997-09-30".parse().unwrap(), Days::new(180))
            .when("everybody", rule("true"));
        for days in [60, 90, 120, 180] {
            let name = format!("{days} days");
            backtest = backtest
                .when(&name, rule(&format!("days_since_last >= {days}")))
                .at_recall_of(
                    format!("P(alive), recall of {name}"),
                    "p_alive",
                    Worse::Less,
                    &name,
                )
                .at_recall_of(
                    format!("P(buys again), recall of {name}"),
                    "p_purchase",
                    Worse::Less,
                    &name,
                )
                .at_recall_of(
                    format!("expected purchases, recall of {name}"),
                    "expected_purchases",
                    Worse::Less,
                    &name,
                );
        }
        backtest
            .when("churn factor >= 2", rule("churn_factor >= 2"))
            .when("gap percentile >= 90", rule("gap_percentile >= 90"))
            .when("P(alive) < 0.5", rule("p_alive < 0.5"))
    }

    fn whole() -> &'static BacktestReport {
        static WHOLE: OnceLock<BacktestReport> = OnceLock::new();
        WHOLE.get_or_init(|| {
            let engine = model("pareto_nbd");
            engine.backtest(&ledger("1998-06-30"), &rules()).unwrap()
        })
    }

    #[test]
    fn the_table_of_the_sample() {
        let report = whole();
        assert_eq!((report.customers, report.lost), (2_357, 1_768));
        assert_eq!(
            report.to_string(),
            "\
rule                                    threshold  flagged  of them lost  precision   recall    F1  lead time, mean  median
everybody                                       -     2357          1768     75.0 %  100.0 %  0.86            177.1   177.0
60 days                                         -     2060          1677     81.4 %   94.9 %  0.88            117.0   117.0
P(alive), recall of 60 days                0.8445     2074          1677     80.9 %   94.9 %  0.87            148.7   151.0
P(buys again), recall of 60 days            0.465     2044          1677     82.0 %   94.9 %  0.88            165.7   176.0
expected purchases, recall of 60 days      1.0602     2049          1677     81.8 %   94.9 %  0.88            165.5   176.0
90 days                                         -     1948          1617     83.0 %   91.5 %  0.87             87.1    87.0
P(alive), recall of 90 days                0.7501     1966          1617     82.2 %   91.5 %  0.87            130.3   133.0
P(buys again), recall of 90 days           0.3977     1942          1617     83.3 %   91.5 %  0.87            162.0   176.0
expected purchases, recall of 90 days      0.7411     1933          1617     83.7 %   91.5 %  0.87            149.7   164.0
120 days                                        -     1832          1546     84.4 %   87.4 %  0.86             57.0    57.0
P(alive), recall of 120 days               0.5871     1834          1546     84.3 %   87.4 %  0.86             88.6    88.0
P(buys again), recall of 120 days            0.31     1825          1546     84.7 %   87.4 %  0.86            144.9   159.0
expected purchases, recall of 120 days     0.5776     1819          1547     85.0 %   87.5 %  0.86            133.0   147.0
180 days                                        -     1638          1433     87.5 %   81.1 %  0.84             -2.9    -3.0
P(alive), recall of 180 days               0.3816     1671          1438     86.1 %   81.3 %  0.84             -5.5   -14.0
P(buys again), recall of 180 days          0.1633     1646          1433     87.1 %   81.1 %  0.84             80.4    88.0
expected purchases, recall of 180 days     0.2949     1639          1433     87.4 %   81.1 %  0.84             82.0    91.0
churn factor >= 2                               -      463           302     65.2 %   17.1 %  0.27            122.3   130.5
gap percentile >= 90                            -      492           329     66.9 %   18.6 %  0.29            136.3   142.0
P(alive) < 0.5                                  -     1785          1518     85.0 %   85.9 %  0.85             57.1    54.0
"
        );
        // What the table is cut to, in Markdown too.
        let markdown = report.to_markdown();
        assert_eq!(markdown.lines().count(), 2 + report.rules.len());
        assert!(markdown.starts_with(
            "| rule | threshold | flagged | of them lost | precision | recall | F1 | lead time, mean | median |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|\n\
             | everybody | - | 2357 | 1768 | 75.0 % | 100.0 % | 0.86 | 177.1 | 177.0 |\n"
        ));
        // The README has it.
        assert!(
            include_str!("../README.md").contains(&markdown),
            "{markdown}"
        );
    }

    /// What the sample says of P(alive), for better or worse. It asks whether a customer will ever come back, and the outcome is
    /// whether they do within 180 days: who buys once a year is alive and silent. The probability of buying within these 180 days, and the
    /// purchases expected in them, are of the same model and answer the question asked.
    #[test]
    fn what_beats_the_fixed_days() {
        let report = whole();
        // Percents of those flagged: fixed days, P(alive), P(buys again), expected purchases.
        let precision = [
            (60, [81.4, 80.9, 82.0, 81.8]),
            (90, [83.0, 82.2, 83.3, 83.7]),
            (120, [84.4, 84.3, 84.7, 85.0]),
            (180, [87.5, 86.1, 87.1, 87.4]),
        ];
        for (days, told) in precision {
            let name = format!("{days} days");
            let fixed = report.rule(&name).unwrap();
            let rule = |what: &str| report.rule(&format!("{what}, recall of {name}")).unwrap();
            let (alive, buys) = (rule("P(alive)"), rule("P(buys again)"));
            let expected = rule("expected purchases");
            for (rule, told) in [fixed, alive, buys, expected].into_iter().zip(told) {
                assert!(rule.recall >= fixed.recall, "{}", rule.name);
                let found = 100.0 * rule.precision.unwrap();
                assert!(
                    (found - told).abs() <= 0.05 + 1e-9,
                    "{}: {found}",
                    rule.name
                );
            }
            // Half a year of silence says as much as any model of whether another half follows.
            let wins = days < 180;
            assert_eq!(buys.precision > fixed.precision, wins, "{name}");
            assert_eq!(expected.precision > fixed.precision, wins, "{name}");
            assert!(alive.precision < fixed.precision, "{name}");
            // These flag earlier, by weeks.
            let lead =
                |rule: &RuleQuality| rule.lead_time.unwrap().mean - fixed.lead_time.unwrap().mean;
            assert!(lead(buys) > 45.0 && lead(expected) > 45.0, "{name}");
            assert_eq!(lead(alive) > 30.0, wins, "{name}");
        }
    }

    /// Seven of ten who are lost bought once, and every rule of so many days flags all of these.
    #[test]
    fn one_time_buyers_hide_the_difference() {
        let ledger = ledger("1998-06-30");
        let engine = model("pareto_nbd");
        let among = |text: &str| {
            let mut backtest = rules();
            backtest.among = Some(text.parse().unwrap());
            engine.backtest(&ledger, &backtest).unwrap()
        };
        let (once, again) = (among("active_days = 1"), among("active_days >= 2"));
        assert_eq!((once.customers, once.lost), (1_411, 1_253));
        assert_eq!((again.customers, again.lost), (946, 515));
        for days in [60, 90, 120, 180] {
            let fixed = once.rule(&format!("{days} days")).unwrap();
            assert_eq!(fixed.confusion.flagged(), once.customers);
        }
        assert_eq!(
            once.rule("churn factor >= 2").unwrap().unknown,
            once.customers
        );
        // Taken apart, the two are the whole.
        for rule in whole().rules.iter().filter(|rule| rule.threshold.is_none()) {
            let [a, b] = [&once, &again].map(|part| part.rule(&rule.name).unwrap());
            assert_eq!(sum(&a.confusion, &b.confusion), rule.confusion);
            assert_eq!(a.unknown + b.unknown, rule.unknown);
        }
    }

    #[test]
    fn the_other_models() {
        for (kind, flagged, lost) in [("bg_nbd", 393, 275), ("mbg_nbd", 1_839, 1_550)] {
            let engine = model(kind);
            let half = "p_alive < 0.5".parse().unwrap();
            let mut half =
                Backtest::new("1997-09-30".parse().unwrap(), Days::new(180)).when("half", half);
            half.step = Days::new(60);
            let report = engine.backtest(&ledger("1998-06-30"), &half).unwrap();
            let half = report.rule("half").unwrap();
            assert_eq!(
                (half.confusion.flagged(), half.confusion.true_positives),
                (flagged, lost),
                "{kind}"
            );
        }
    }

    #[test]
    fn records_after_the_horizon_change_nothing() {
        let engine = model("pareto_nbd");
        // 1997-09-30 + 180 days; what is later is rejected here.
        let some = engine.backtest(&ledger("1998-03-29"), &rules()).unwrap();
        assert_eq!(*whole(), some);
        let error = engine
            .backtest(&ledger("1998-03-28"), &rules())
            .unwrap_err();
        assert!(error.is_misuse(), "{error}");
    }
}

fn sum(a: &Confusion, b: &Confusion) -> Confusion {
    let mut sum = *a;
    sum.true_positives += b.true_positives;
    sum.false_positives += b.false_positives;
    sum.false_negatives += b.false_negatives;
    sum.true_negatives += b.true_negatives;
    sum
}

/// 2024-01-01.
const START: i32 = 19_723;
const AS_OF: i32 = 200;
const HORIZON: i32 = 90;

fn day(days: i32) -> Day {
    Day::from_epoch_days(START + days).unwrap()
}

fn dollars(cents: i64) -> Money {
    Money::from_minor(cents, Currency::USD)
}

/// A purchase, and perhaps a refund of a part of it some days later.
#[derive(Debug, Clone)]
struct Sale {
    customer: u64,
    day: i32,
    cents: i64,
    refund: Option<(i32, i64)>,
}

fn sales() -> impl Strategy<Value = Vec<Sale>> {
    sales_between(0, AS_OF + HORIZON + 60)
}

fn sales_between(from: i32, to: i32) -> impl Strategy<Value = Vec<Sale>> {
    let refund = prop::option::weighted(0.4, (0..150_i32, 1..=4_i64));
    let sale = (0..8_u64, from..to, 1..6_i64, refund).prop_map(|(customer, day, n, refund)| Sale {
        customer,
        day,
        cents: n * 2_000,
        refund: refund.map(|(after, quarters)| (day + after, n * 2_000 * quarters / 4)),
    });
    prop::collection::vec(sale, 0..40)
}

/// The records dated up to a day; purchase `i` has its number as id.
fn records(sales: &[Sale], last: i32) -> Vec<Transaction> {
    let mut all = Vec::new();
    for (id, sale) in sales.iter().enumerate() {
        let purchase = Transaction::purchase(sale.customer, day(sale.day), dollars(sale.cents));
        all.push((
            sale.day,
            purchase.unwrap().with_id(&id.to_string()).unwrap(),
        ));
        if let Some((on, cents)) = sale.refund {
            let refund = Transaction::refund(sale.customer, day(on), dollars(cents)).unwrap();
            all.push((on, refund.refund_of(&id.to_string()).unwrap()));
        }
    }
    all.retain(|(on, _)| *on <= last);
    all.into_iter().map(|(_, record)| record).collect()
}

fn ledger_of(records: &[Transaction]) -> Ledger<'static> {
    Ledger::from_transactions(records, Options::new(day(700), Currency::USD))
}

const COLUMNS: &str = r#"
    metrics = [
        { measure = "days_since_last" },
        { measure = "churn_factor" },
        { measure = "active_days" },
        { measure = "spend" },
        { name = "spend_60d", measure = "spend", window = "60 days" },
    ]
    tiers = [{ name = "everybody" }]
    [attributes]
    city = { type = "category", values = ["Bonn", "Wuhan"] }
    "#;

fn watch() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| engine(COLUMNS))
}

/// What is known of one customer on a day, straight from the sales.
struct Known {
    /// Distinct days with a purchase that was not refunded in full.
    days: Vec<i32>,
    cents: i64,
    recent: i64,
    on: i32,
}

impl Known {
    fn of(sales: &[Sale], customer: u64, on: i32) -> Self {
        let own = || {
            let own = sales
                .iter()
                .filter(|s| s.customer == customer && s.day <= on);
            own.map(|s| {
                let refunded = s.refund.filter(|(day, _)| *day <= on).map_or(0, |r| r.1);
                (s.day, s.cents - refunded)
            })
        };
        let days: BTreeSet<i32> = own()
            .filter(|(_, left)| *left > 0)
            .map(|(d, _)| d)
            .collect();
        Self {
            days: days.into_iter().collect(),
            cents: own().map(|(_, left)| left).sum(),
            recent: own()
                .filter(|(d, _)| *d > on - 60)
                .map(|(_, left)| left)
                .sum(),
            on,
        }
    }

    fn silence(&self) -> Option<i32> {
        Some(self.on - self.days.last()?)
    }

    fn churn_factor(&self) -> Option<f64> {
        let mut gaps: Vec<i32> = self.days.windows(2).map(|w| w[1] - w[0]).collect();
        gaps.sort_unstable();
        let n = gaps.len();
        let twice = gaps.get(n.checked_sub(1)? / 2)? + gaps.get(n / 2)?;
        Some(f64::from(self.silence()?) / (f64::from(twice) / 2.0))
    }
}

fn backtest() -> Backtest {
    let rule = |text: &str| text.parse().unwrap();
    let mut backtest = Backtest::new(day(AS_OF), Days::new(HORIZON))
        .when("quiet", rule("days_since_last >= 40"))
        .when("nothing lately", rule("spend_60d < 20"))
        .when("rhythm", rule("churn_factor >= 1.5"))
        .when("half", rule("percentile(days_since_last) >= 50"))
        .at_recall_of("poor", "spend", Worse::Less, "quiet")
        .at_recall_of("late", "churn_factor", Worse::More, "nothing lately");
    backtest.step = Days::new(10);
    backtest
}

/// A rule of the oracle: a number, the larger the worse, and from where on it flags.
struct PlainRule {
    number: fn(&Known) -> Option<f64>,
    at: f64,
}

impl PlainRule {
    fn flags(&self, known: &Known) -> bool {
        (self.number)(known).is_some_and(|number| number >= self.at)
    }

    /// The largest number that finds as many of the lost as another rule, or the least there is.
    fn at_recall(number: fn(&Known) -> Option<f64>, other: &Self, people: &[Person]) -> Self {
        let found = |rule: &Self| {
            let hit = |p: &&Person| p.lost && rule.flags(&p.known);
            people.iter().filter(hit).count()
        };
        let mut cuts: Vec<f64> = people.iter().filter_map(|p| number(&p.known)).collect();
        cuts.sort_by(|a, b| b.total_cmp(a));
        let cut = |at: f64| Self { number, at };
        let wanted = found(other);
        let first = cuts.iter().find(|at| found(&cut(**at)) >= wanted);
        match first.or(cuts.last()) {
            Some(at) if wanted > 0 => cut(*at),
            _ => cut(f64::INFINITY),
        }
    }
}

struct Person {
    customer: u64,
    known: Known,
    lost: bool,
}

/// What a backtest says of each rule, the slow way.
fn plain(sales: &[Sale]) -> (u64, u64, Vec<PlainQuality>) {
    let mut people = Vec::new();
    for customer in 0..8 {
        let known = Known::of(sales, customer, AS_OF);
        let came = Known::of(sales, customer, AS_OF + HORIZON);
        if known.silence().is_some() {
            let lost = !came.days.iter().any(|day| *day > AS_OF);
            people.push(Person {
                customer,
                known,
                lost,
            });
        }
    }
    let silence = |known: &Known| known.silence().map(f64::from);
    let below = |v: i32| {
        people
            .iter()
            .filter(|p| p.known.silence().unwrap() < v)
            .count()
    };
    let half = (0..=AS_OF + 1).find(|v| 100 * below(*v) >= 50 * people.len());
    let simple = |number: fn(&Known) -> Option<f64>, at: f64| PlainRule { number, at };
    let mut rules = vec![
        simple(silence, 40.0),
        simple(|known| Some(-known.recent as f64), -1_999.0),
        simple(Known::churn_factor, 1.5),
        simple(silence, f64::from(half.unwrap_or(0))),
    ];
    rules.push(PlainRule::at_recall(
        |known| Some(-known.cents as f64),
        &rules[0],
        &people,
    ));
    rules.push(PlainRule::at_recall(
        Known::churn_factor,
        &rules[1],
        &people,
    ));
    let qualities = rules.iter().enumerate().map(|(i, rule)| {
        let mut confusion = Confusion::default();
        let (mut leads, mut alerts, mut unknown) = (Vec::new(), 0, 0);
        for person in &people {
            let flags = rule.flags(&person.known);
            unknown += u64::from((rule.number)(&person.known).is_none());
            *match (flags, person.lost) {
                (true, true) => &mut confusion.true_positives,
                (true, false) => &mut confusion.false_positives,
                (false, true) => &mut confusion.false_negatives,
                (false, false) => &mut confusion.true_negatives,
            } += 1;
            if flags && person.lost {
                let last = *person.known.days.last().unwrap();
                let mut first = AS_OF;
                alerts += 1;
                while first - 10 >= last
                    && rule.flags(&Known::of(sales, person.customer, first - 10))
                {
                    first -= 10;
                    alerts += 1;
                }
                leads.push(last + HORIZON - first);
            }
        }
        leads.sort_unstable();
        let n = leads.len();
        let lead_time = (n > 0).then(|| LeadTime {
            customers: n as u64,
            alerts,
            mean: f64::from(leads.iter().sum::<i32>()) / n as f64,
            median: f64::from(leads[(n - 1) / 2] + leads[n / 2]) / 2.0,
        });
        let threshold = match i {
            4 => Some(-rule.at / 100.0),
            5 => Some(rule.at),
            _ => None,
        };
        PlainQuality {
            confusion,
            unknown,
            threshold: threshold.filter(|at| at.is_finite()),
            lead_time,
        }
    });
    let qualities = qualities.collect();
    let lost = people.iter().filter(|p| p.lost).count() as u64;
    (people.len() as u64, lost, qualities)
}

#[derive(Debug, PartialEq)]
struct PlainQuality {
    confusion: Confusion,
    unknown: u64,
    threshold: Option<f64>,
    lead_time: Option<LeadTime>,
}

/// Whom each rule flags, as far as the report says it: the numbers that do not depend on what came later.
fn flagged(report: &BacktestReport) -> BTreeMap<String, (u64, u64)> {
    let counts = |r: &RuleQuality| (r.name.clone(), (r.confusion.flagged(), r.unknown));
    report.rules.iter().map(counts).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn equals_the_plain_loop(sales in sales()) {
        let ledger = ledger_of(&records(&sales, 700));
        let report = watch().backtest(&ledger, &backtest()).unwrap();
        let (customers, lost, rules) = plain(&sales);
        prop_assert_eq!((report.customers, report.lost), (customers, lost));
        for (rule, plain) in report.rules.iter().zip(rules) {
            let found = PlainQuality {
                confusion: rule.confusion,
                unknown: rule.unknown,
                threshold: rule.threshold,
                lead_time: rule.lead_time,
            };
            prop_assert_eq!(found, plain, "{}", rule.name);
        }
    }

    /// What is booked after the horizon changes nothing, refunds of what was bought before it included.
    #[test]
    fn what_comes_after_the_horizon_changes_nothing(sales in sales()) {
        let end = AS_OF + HORIZON;
        let all = watch().backtest(&ledger_of(&records(&sales, 700)), &backtest());
        let some = watch().backtest(&ledger_of(&records(&sales, end)), &backtest());
        prop_assert_eq!(all, some);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// What comes after the day changes nobody's flag, also where the policy learns from its customers; only a threshold
    /// that is chosen by what came may move.
    #[test]
    fn what_comes_later_changes_nobody_s_flag(
        sales in sales(),
        more in sales_between(AS_OF + 1, AS_OF + HORIZON),
    ) {
        let learned = engine(
            r#"
            metrics = [{ measure = "days_since_last" }, { measure = "purchases" }]
            rfm = {}
            prediction = { model = "pareto_nbd", horizon = "90 days", margin = 1.0, discount = "10 % per year" }
            tiers = [{ name = "everybody" }]
            "#,
        );
        let rule = |text: &str| text.parse().unwrap();
        let mut tried = Backtest::new(day(AS_OF), Days::new(HORIZON))
            .when("cell", rule("r <= 2"))
            .when("dead", rule("p_alive < 0.7"))
            .when("half", rule("percentile(expected_purchases) < 50"));
        tried.step = Days::new(30);
        let mut records = records(&sales, 700);
        let before = learned.backtest(&ledger_of(&records), &tried).unwrap();
        for sale in more {
            let bought = Transaction::purchase(sale.customer, day(sale.day), dollars(sale.cents));
            records.push(bought.unwrap());
        }
        let after = learned.backtest(&ledger_of(&records), &tried).unwrap();
        prop_assert_eq!(before.customers, after.customers);
        prop_assert!(after.lost <= before.lost);
        prop_assert_eq!(flagged(&before), flagged(&after));
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_records_does_not_matter(sales in sales(), turn in 0..40_usize) {
        let mut records = records(&sales, 700);
        let straight = watch().backtest(&ledger_of(&records), &backtest());
        // A refund may stand before its purchase.
        records.reverse();
        let turn = turn.min(records.len());
        records.rotate_left(turn);
        prop_assert_eq!(watch().backtest(&ledger_of(&records), &backtest()), straight);
    }

    /// Each customer is in one part, and flagged there as in the whole.
    #[test]
    fn parts_sum_to_the_whole(sales in sales()) {
        let ledger = ledger_of(&records(&sales, 700));
        let whole = watch().backtest(&ledger, &backtest()).unwrap();
        let part = |text: &str| {
            let mut part = backtest();
            part.among = Some(text.parse().unwrap());
            watch().backtest(&ledger, &part).unwrap()
        };
        let (low, high) = (part("spend < 80"), part("spend >= 80"));
        prop_assert_eq!(low.customers + high.customers, whole.customers);
        prop_assert_eq!(low.lost + high.lost, whole.lost);
        for rule in &whole.rules[..4] {
            let [a, b] = [&low, &high].map(|part| part.rule(&rule.name).unwrap());
            prop_assert_eq!(sum(&a.confusion, &b.confusion), rule.confusion);
            let alerts = |r: &RuleQuality| r.lead_time.map_or(0, |l| l.alerts);
            prop_assert_eq!(alerts(a) + alerts(b), alerts(rule));
        }
    }

    #[test]
    fn shares_follow_from_the_counts(sales in sales()) {
        let ledger = ledger_of(&records(&sales, 700));
        let report = watch().backtest(&ledger, &backtest()).unwrap();
        for rule in &report.rules {
            let Confusion { true_positives: hit, false_positives, false_negatives, true_negatives } = rule.confusion;
            prop_assert_eq!(hit + false_positives + false_negatives + true_negatives, report.customers);
            prop_assert_eq!(hit + false_negatives, report.lost);
            let share = |of: u64| (of > 0).then(|| hit as f64 / of as f64);
            prop_assert_eq!(rule.precision, share(hit + false_positives));
            prop_assert_eq!(rule.recall, share(report.lost));
            prop_assert_eq!(rule.f1.is_none(), hit + false_positives + report.lost == 0);
            if let (Some(p), Some(r), Some(f1)) = (rule.precision, rule.recall, rule.f1) && p + r > 0.0 {
                prop_assert!((f1 - 2.0 * p * r / (p + r)).abs() < 1e-12);
            }
            prop_assert_eq!(rule.lead_time.map_or(0, |lead| lead.customers), hit);
        }
        let text = toml::to_string(&report).unwrap();
        prop_assert_eq!(toml::from_str::<BacktestReport>(&text).unwrap(), report);
    }
}

#[test]
fn a_refund_changes_what_was_known_only_from_its_own_day() {
    // The last purchase is undone on day 180; until then nobody was quiet.
    let sale = |day, refund| Sale {
        customer: 1,
        day,
        cents: 2_000,
        refund,
    };
    let sales = [sale(100, None), sale(160, Some((180, 2_000)))];
    let ledger = ledger_of(&records(&sales, 700));
    let report = watch().backtest(&ledger, &backtest()).unwrap();
    let quiet = report.rule("quiet").unwrap();
    // Alerts on the days 200, 190 and 180; the silence began on day 100.
    let lead = quiet.lead_time.unwrap();
    assert_eq!(
        (lead.alerts, lead.mean),
        (3, f64::from(100 + HORIZON - 180))
    );
    // Bought again within the horizon, and gave it back within it: lost. Back later: not known, so not lost.
    for (refunded, lost) in [(AS_OF + HORIZON, 1), (AS_OF + HORIZON + 1, 0)] {
        let sales = [sale(100, None), sale(AS_OF + 1, Some((refunded, 2_000)))];
        let ledger = ledger_of(&records(&sales, 700));
        let report = watch().backtest(&ledger, &backtest()).unwrap();
        assert_eq!(report.lost, lost);
    }
}

#[test]
fn a_recall_that_cannot_be_reached_is_as_high_as_it_gets() {
    // One customer has no rhythm yet, and all three are lost.
    let days = [(1, 100), (2, 50), (2, 80), (3, 10), (3, 90)];
    let sales = days.map(|(customer, day)| Sale {
        customer,
        day,
        cents: 100,
        refund: None,
    });
    let ledger = ledger_of(&records(&sales, 700));
    let tried = Backtest::new(day(AS_OF), Days::new(HORIZON))
        .when("all", "true".parse().unwrap())
        .at_recall_of("rhythm", "churn_factor", Worse::More, "all")
        .when("none", "false".parse().unwrap())
        .at_recall_of("nobody", "churn_factor", Worse::More, "none");
    let report = watch().backtest(&ledger, &tried).unwrap();
    let rhythm = report.rule("rhythm").unwrap();
    assert_eq!((rhythm.confusion.flagged(), rhythm.unknown), (2, 1));
    assert_eq!(rhythm.threshold, Some(110.0 / 80.0));
    assert_eq!(rhythm.when.to_string(), "churn_factor >= 1.375");
    // Who is not known to be among them is not.
    let mut known = tried.clone();
    known.among = Some("churn_factor >= 0".parse().unwrap());
    assert_eq!(watch().backtest(&ledger, &known).unwrap().customers, 2);
    let nobody = report.rule("nobody").unwrap();
    assert_eq!(
        (nobody.confusion.flagged(), nobody.unknown, nobody.threshold),
        (0, 1, None)
    );
    assert_eq!(
        (nobody.precision, nobody.recall, nobody.lead_time),
        (None, Some(0.0), None)
    );
}

#[test]
fn attributes_may_be_asked_for() {
    let sales = [(1, 100), (2, 100)].map(|(customer, day)| Sale {
        customer,
        day,
        cents: 100,
        refund: None,
    });
    let ledger = ledger_of(&records(&sales, 700));
    let mut tried = Backtest::new(day(AS_OF), Days::new(HORIZON)).when(
        "bonn",
        "city = 'Bonn' and days_since_last >= 30".parse().unwrap(),
    );
    let city = |id: u64, city: &str| {
        Customer::new(CustomerId::from(id))
            .with("city", city)
            .unwrap()
    };
    // The third has not bought, and is no part of it.
    tried.customers = vec![city(1, "Bonn"), city(2, "Wuhan"), city(3, "Bonn")];
    let report = watch().backtest(&ledger, &tried).unwrap();
    assert_eq!(report.customers, 2);
    let bonn = report.rule("bonn").unwrap();
    assert_eq!(bonn.confusion.flagged(), 1);
    // Back in steps of 7 from day 200 to day 130.
    assert_eq!(bonn.lead_time.unwrap().alerts, 11);
}

#[test]
fn nobody_to_test_and_the_ends_of_the_calendar() {
    let ledger = ledger_of(&[]);
    let report = watch().backtest(&ledger, &backtest()).unwrap();
    assert_eq!((report.customers, report.lost), (0, 0));
    let quiet = report.rule("quiet").unwrap();
    assert_eq!(
        (quiet.precision, quiet.recall, quiet.f1),
        (None, None, None)
    );

    let sale = Transaction::purchase(1, Day::MIN, dollars(100)).unwrap();
    let options = Options::new(Day::MAX, Currency::USD);
    let ledger = Ledger::from_transactions(&[sale], options);
    let mut tried = backtest();
    (tried.as_of, tried.step) = (Day::MIN.plus(Days::new(400)), Days::new(i32::MAX));
    let report = watch().backtest(&ledger, &tried).unwrap();
    assert_eq!(report.lost, 1);
    (tried.as_of, tried.horizon) = (Day::MAX, Days::new(1));
    assert!(watch().backtest(&ledger, &tried).unwrap_err().is_misuse());
}

#[test]
fn every_problem_is_told_at_once() {
    let mut tried = Backtest::new(day(0), Days::new(0))
        .when("a", "days_since_lst > 3".parse().unwrap())
        .when("a", "city = 'Bon'".parse().unwrap())
        .at_recall_of("b", "spned", Worse::Less, "c")
        .at_recall_of("c", "city", Worse::Less, "a");
    tried.step = Days::new(-1);
    tried.among = Some("spend".parse().unwrap());
    let engine = watch();
    let said: Vec<String> = tried
        .check(engine.schema())
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        said,
        [
            "error: horizon: `0 days` is not a length of time to look at (set at least `1 day`)",
            "error: step: `-1 days` is not a length of time to look at (set at least `1 day`)",
            "error: among at 0..5: `spend` is a number (money), not true or false (compare it, as in `spend >= 1`)",
            "error: rules[0].flag.when at 0..14: there is no column `days_since_lst` (did you mean `days_since_last`?)",
            "error: rules[1].name: there is another rule named `a`",
            "error: rules[1].flag.when at 7..12: `city` is never `Bon` (did you mean `Bonn`?)",
            "error: rules[2].flag.at_recall_of.rule: there is no rule `c` before this one",
            "error: rules[2].flag.at_recall_of.column: there is no column `spned` (did you mean `spend`?)",
            "error: rules[3].flag.at_recall_of.column: `city` has no numbers to rank by",
        ]
    );
    let error = engine.backtest(&ledger_of(&[]), &tried).unwrap_err();
    assert!(
        error.is_misuse() && error.to_string().contains(&said[8]),
        "{error}"
    );
    let nothing = Backtest::new(day(0), Days::new(1)).check(engine.schema());
    assert_eq!(nothing.to_string(), "error: rules: there is no rule to try");
}

#[test]
fn a_backtest_is_plain_data() {
    let text = r#"
        as_of = "1997-09-30"
        horizon = "180 days"
        among = "active_days >= 2"

        [[rules]]
        name = "90 days"
        flag = { when = "days_since_last >= 90" }

        [[rules]]
        name = "own rhythm"
        flag = { at_recall_of = { column = "churn_factor", worse = "more", rule = "90 days" } }
    "#;
    let read: Backtest = toml::from_str(text).unwrap();
    assert_eq!(read.step, Days::new(7));
    let Some(BacktestRule {
        flag: Flag::AtRecallOf {
            worse: Worse::More, ..
        },
        ..
    }) = read.rules.last()
    else {
        panic!("{read:?}");
    };
    let again: Backtest = toml::from_str(&toml::to_string(&read).unwrap()).unwrap();
    assert_eq!(again, read);
    assert!(toml::from_str::<Backtest>(&text.replace("horizon", "horizn")).is_err());
}

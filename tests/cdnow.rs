//! The default policy on the CDNOW sample, against the definitions computed naively, customer by customer.

mod cdnow_sample;

use std::collections::BTreeMap;

use cdnow_sample::ledger_of;
use customer_value::engine::{Assessment, Engine, Policy, Population, Reviews, Standings};
use customer_value::history::Histories;
use customer_value::ledger::{Duplicates, Options, Quality, Zero};
use customer_value::metrics::Catalog;
use customer_value::metrics::lifetime::{GammaGamma, Outcome, Parameters, ParetoNbd};
use customer_value::model::{Currency, CustomerId, Day};

const AS_OF: &str = "1998-06-30";

/// One customer as the file has them: the days since 1970-01-01 and the cents of each row.
type Rows = Vec<(i32, i64)>;

struct Sample {
    rows: BTreeMap<u64, Rows>,
    quality: Quality,
    engine: Engine,
    population: Population,
    as_of: Day,
}

fn sample() -> Sample {
    let as_of: Day = AS_OF.parse().unwrap();
    let records = cdnow_sample::records();
    let ledger = ledger_of(&records, Options::new(as_of, Currency::USD));
    let mut rows: BTreeMap<u64, Rows> = BTreeMap::new();
    for record in &records {
        let day: Day = record[1].parse().unwrap();
        let (whole, cents) = record[2].split_once('.').unwrap();
        let minor = whole.parse::<i64>().unwrap() * 100 + cents.parse::<i64>().unwrap();
        let customer = rows.entry(record[0].parse().unwrap()).or_default();
        customer.push((day.epoch_days(), minor));
    }
    let engine = Engine::new(Policy::standard(Currency::USD), &Catalog::standard()).unwrap();
    let population = Population::new(Histories::build(&ledger, engine.layout()).unwrap());
    let none = Standings::new();
    let fit = engine.fit(&population, &none, as_of).unwrap();
    Sample {
        rows,
        quality: ledger.quality().clone(),
        engine: engine.freeze(fit).unwrap(),
        population,
        as_of,
    }
}

impl Sample {
    fn review<'a>(&'a self, none: &'a Standings) -> Reviews<'a> {
        let reviews = self.engine.review_all(&self.population, none, self.as_of);
        reviews.unwrap()
    }

    /// Each customer's naive numbers beside what the engine found.
    fn each(&self, mut check: impl FnMut(u64, &Naive, &Assessment<'_>)) {
        let none = Standings::new();
        let reviews = self.review(&none);
        let naive: Vec<Naive> = self.rows.values().map(|rows| naive(rows, self)).collect();
        assert_eq!(naive.len(), reviews.len());
        for (id, naive) in self.rows.keys().zip(&naive) {
            let found = reviews.get(&CustomerId::from(*id)).unwrap();
            check(*id, naive, &found);
        }
    }
}

/// What the definitions say of one customer, straight from the rows.
struct Naive {
    days: Vec<i32>,
    purchases: f64,
    cents: i64,
    spend: f64,
    average: f64,
    days_since_last: f64,
}

fn naive(rows: &Rows, sample: &Sample) -> Naive {
    let mut days: Vec<i32> = rows.iter().map(|(day, _)| *day).collect();
    days.sort_unstable();
    days.dedup();
    let cents: i64 = rows.iter().map(|(_, cents)| cents).sum();
    Naive {
        purchases: rows.len() as f64,
        cents,
        spend: cents as f64 / 100.0,
        average: cents as f64 / (rows.len() * 100) as f64,
        days_since_last: f64::from(sample.as_of.epoch_days() - days[days.len() - 1]),
        days,
    }
}

#[test]
fn every_row_counts() {
    let sample = sample();
    let quality = &sample.quality;
    assert_eq!((quality.read, quality.accepted), (6_919, 6_919));
    assert_eq!((quality.duplicate, quality.rejected), (0, 0));
    assert_eq!(quality.zero_purchases, 8);
    assert_eq!(
        (quality.first_day, quality.last_day),
        (
            Some("1997-01-01".parse().unwrap()),
            Some(AS_OF.parse().unwrap())
        )
    );
    assert_eq!(sample.population.len(), 2_357);
    // Rows of one customer and day are one active day with several purchases.
    assert_eq!(sample.population.histories().rows(), 6_919 - 223);
    let cents: i64 = sample.rows.values().flatten().map(|(_, cents)| cents).sum();
    assert_eq!(cents, 24_409_194);
}

#[test]
fn the_options_say_what_the_readme_says_of_them() {
    let records = cdnow_sample::records();
    let options = || Options::new(AS_OF.parse().unwrap(), Currency::USD);
    let mut same_row = options();
    same_row.duplicates = Duplicates::SameRow;
    assert_eq!(ledger_of(&records, same_row).quality().duplicate, 21);
    let mut without_zero = options();
    without_zero.zero = Zero::Reject;
    assert_eq!(ledger_of(&records, without_zero).quality().rejected, 8);
}

#[test]
fn measures_are_their_definitions() {
    sample().each(|id, naive, found| {
        let first = naive.days[0];
        let gaps: Vec<i32> = naive.days.windows(2).map(|d| d[1] - d[0]).collect();
        let mut sorted = gaps.clone();
        sorted.sort_unstable();
        let n = sorted.len();
        let median = (n > 0).then(|| f64::from(sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0);
        let expected = [
            ("spend", Some(naive.spend)),
            ("purchases", Some(naive.purchases)),
            ("average_order_value", Some(naive.average)),
            ("days_since_last", Some(naive.days_since_last)),
            ("active_days", Some(naive.days.len() as f64)),
            ("historic_ltv", Some(naive.spend)),
            ("first_purchase", Some(f64::from(first))),
            ("second_purchase", naive.days.get(1).copied().map(f64::from)),
            ("loyal_since", naive.days.get(3).copied().map(f64::from)),
            ("last_gap", gaps.last().copied().map(f64::from)),
            ("median_gap", median),
            ("refund_share", (naive.cents > 0).then_some(0.0)),
        ];
        for (column, value) in expected {
            assert_eq!(found.number(column), value, "{column} of {id}");
        }
    });
}

/// score = 1 + floor(5 × the number of strictly worse customers ÷ the number of customers).
fn quintile(value: f64, worse: impl Fn(f64, f64) -> bool, all: &[f64]) -> f64 {
    let below = all.iter().filter(|other| worse(**other, value)).count();
    (1 + 5 * below / all.len()) as f64
}

/// Segment, and its cells as digits R, F, M.
const SEGMENTS: [(&str, &str); 11] = [
    ("Champions", "555 554 544 545 454 455 445"),
    ("Loyal", "543 444 435 355 354 345 344 335"),
    (
        "Potential Loyalist",
        "553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323",
    ),
    ("New", "512 511 422 421 412 411 311"),
    (
        "Promising",
        "525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313",
    ),
    ("Need Attention", "535 534 443 434 343 334 325 324"),
    ("About To Sleep", "331 321 312 221 213 231 241 251"),
    (
        "At Risk",
        "255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124",
    ),
    ("Cannot Lose Them", "155 154 144 214 215 115 114 113"),
    ("Hibernating", "332 322 233 232 223 222 132 123 122 212 211"),
    ("Lost", "111 112 121 131 141 151"),
];

#[test]
fn rfm_cells_and_segments() {
    let sample = sample();
    let naive: Vec<Naive> = sample
        .rows
        .values()
        .map(|rows| naive(rows, &sample))
        .collect();
    let column = |of: fn(&Naive) -> f64| naive.iter().map(of).collect::<Vec<f64>>();
    let recency = column(|n| n.days_since_last);
    let frequency = column(|n| n.purchases);
    let monetary = column(|n| n.spend);
    let mut segments: BTreeMap<&str, usize> = BTreeMap::new();
    sample.each(|id, naive, found| {
        let r = quintile(naive.days_since_last, |other, own| other > own, &recency);
        let f = quintile(naive.purchases, |other, own| other < own, &frequency);
        let m = quintile(naive.spend, |other, own| other < own, &monetary);
        let scores = ["r", "f", "m"].map(|name| found.number(name));
        assert_eq!(scores, [Some(r), Some(f), Some(m)], "{id}");
        let cell = format!("{r}{f}{m}");
        let segment = SEGMENTS
            .iter()
            .find(|(_, cells)| cells.split(' ').any(|c| c == cell))
            .map(|(name, _)| *name)
            .unwrap();
        assert_eq!(found.category("segment"), Some(segment), "{id} in {cell}");
        *segments.entry(segment).or_default() += 1;
    });
    assert_eq!(segments.values().sum::<usize>(), 2_357);
    let counts: Vec<usize> = SEGMENTS.iter().map(|(name, _)| segments[name]).collect();
    assert_eq!(
        counts,
        [537, 157, 177, 147, 92, 167, 193, 58, 173, 337, 319]
    );
}

/// 100 × the share of strictly smaller values.
fn percentile(value: f64, all: &[f64]) -> f64 {
    100.0 * all.iter().filter(|other| **other < value).count() as f64 / all.len() as f64
}

/// Value and potential by their definitions; spend has more than 1,000 different values, between whose kept ones the
/// percentile goes straight: 0.1 points off at most, half of the weight.
#[test]
fn scores() {
    let sample = sample();
    let naive: Vec<Naive> = sample
        .rows
        .values()
        .map(|rows| naive(rows, &sample))
        .collect();
    let column = |of: fn(&Naive) -> f64| naive.iter().map(of).collect::<Vec<f64>>();
    let (spend, purchases, average) = (
        column(|n| n.spend),
        column(|n| n.purchases),
        column(|n| n.average),
    );
    let mut predicted = Vec::new();
    sample.each(|_, _, found| predicted.push(found.number("predicted_ltv").unwrap()));
    sample.each(|id, naive, found| {
        let value = 0.5 * percentile(naive.spend, &spend)
            + 0.3 * percentile(naive.purchases, &purchases)
            + 0.2 * percentile(naive.average, &average);
        let found_value = found.number("value").unwrap();
        assert!(
            (found_value - value).abs() <= 0.1,
            "{id}: {found_value} {value}"
        );

        // Spend in the two halves of the last 365 days; the middle day is in neither.
        let end = sample.as_of.epoch_days();
        let within = |from: i32, to: i32| -> i64 {
            let rows = &sample.rows[&id];
            rows.iter()
                .filter(|(day, _)| (from..=to).contains(day))
                .map(|(_, cents)| cents)
                .sum()
        };
        let (earlier, later) = (within(end - 364, end - 183), within(end - 181, end));
        let growth =
            (earlier + later > 0).then(|| (later - earlier) as f64 / (later + earlier) as f64);
        assert_eq!(found.number("growth_12m"), growth, "{id}");
        let ltv = percentile(found.number("predicted_ltv").unwrap(), &predicted);
        let alive = 100.0 * found.number("p_alive").unwrap();
        let potential = growth.map_or((2.0 * ltv + alive) / 3.0, |g| {
            (2.0 * ltv + alive + 100.0 * (g + 1.0) / 2.0) / 4.0
        });
        let found_potential = found.number("potential").unwrap();
        assert!((found_potential - potential).abs() <= 0.1, "{id}");
    });
}

/// P(alive), spend and value of Pareto/NBD and Gamma-Gamma by their definitions, the integrals by Simpson's rule.
#[test]
fn predictions() {
    let sample = sample();
    let prediction = sample.engine.prediction().unwrap();
    assert_eq!(prediction.purchases.outcome, Outcome::Converged);
    assert_eq!(prediction.spend.outcome, Outcome::Converged);
    let Parameters::ParetoNbd(ParetoNbd { r, alpha, s, beta }) =
        *prediction.purchases.model.unwrap().parameters()
    else {
        panic!("another model")
    };
    let GammaGamma { p, q, gamma } = prediction.spend.model.unwrap();
    let simpson = |from: f64, to: f64, steps: usize, f: &dyn Fn(f64) -> f64| {
        let h = (to - from) / steps as f64;
        let weight = |i: usize| match i {
            0 => 1.0,
            i if i == steps => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let terms = (0..=steps).map(|i| weight(i) * f(from + h * i as f64));
        terms.sum::<f64>() * h / 3.0
    };
    let mut position = 0;
    sample.each(|id, naive, found| {
        let (first, last) = (naive.days[0], naive.days[naive.days.len() - 1]);
        let x = (naive.days.len() - 1) as f64;
        let t_x = f64::from(last - first) / 7.0;
        let age = f64::from(sample.as_of.epoch_days() - first) / 7.0;
        let close = |name: &str, value: f64, by: f64| {
            let found = found.number(name).unwrap();
            assert!(
                (found / value - 1.0).abs() < by,
                "{name} of {id}: {found} {value}"
            );
        };
        let mut days: BTreeMap<i32, i64> = BTreeMap::new();
        for (day, cents) in &sample.rows[&id] {
            *days.entry(*day).or_default() += cents;
        }
        let later: Vec<f64> = days
            .iter()
            .filter(|(day, cents)| **day > first && **cents > 0)
            .map(|(_, cents)| *cents as f64 / 100.0)
            .collect();
        let spend = p * (gamma + later.iter().sum::<f64>()) / (p * later.len() as f64 + q - 1.0);
        close("expected_spend", spend, 1e-9);

        // What was seen of a customer who left at y is as likely as of one who left later, times the density of y; both
        // against what was seen of one who is there.
        position += 1;
        if position % 10 != 0 {
            return;
        }
        let gone = |y: f64| {
            let bought = ((alpha + age) / (alpha + y)).powf(r + x);
            bought * s / (beta + y) * ((beta + age) / (beta + y)).powf(s)
        };
        let alive = 1.0 / (1.0 + simpson(t_x, age, 2000, &gone));
        close("p_alive", alive, 1e-6);
        let rate = |t: f64| {
            let there = ((beta + age) / (beta + age + t)).powf(s);
            alive * (r + x) / (alpha + age) * there
        };
        let year = 365.0 / 7.0;
        close("expected_purchases", simpson(0.0, year, 100, &rate), 1e-6);
        // The first purchase after now, at t: nothing bought and not left before.
        let first = |t: f64| rate(t) * ((alpha + age) / (alpha + age + t)).powf(r + x + 1.0);
        close("p_purchase", simpson(0.0, year, 2000, &first), 1e-6);
        let discounted = |t: f64| rate(t) * 1.1_f64.powf(-t * 7.0 / 365.2425);
        let value = spend * simpson(0.0, year, 100, &discounted);
        close("predicted_ltv", value, 1e-6);
    });
    assert_eq!(position, 2_357);
}

/// The standard lifecycle as one decision, without transitions.
fn stage(days: &[i32], as_of: i32) -> (&'static str, i32) {
    let n = days.len();
    let last = days[n - 1];
    let gap = if n > 1 { last - days[n - 2] } else { 0 };
    match as_of - last {
        240.. => ("churned", last + 240),
        120.. => ("at_risk", last + 120),
        _ if gap >= 240 => ("won_back", last),
        _ if n >= 4 => ("loyal", days[3]),
        _ if n >= 2 => ("repeat", days[1]),
        _ => ("first_purchase", days[0]),
    }
}

#[test]
fn stages_and_tiers() {
    let sample = sample();
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    sample.each(|id, naive, found| {
        let (stage, since) = stage(&naive.days, sample.as_of.epoch_days());
        assert_eq!(found.stage(), Some(stage), "{id}");
        assert_eq!(
            found.stage_since().map(Day::epoch_days),
            Some(since),
            "{id}"
        );

        // A: value >= 70 and potential >= 50. B: value >= 70, or value >= 40 and potential >= 20. D: who is leaving.
        let value = found.number("value").unwrap();
        let potential = found.number("potential").unwrap();
        let tier = if stage == "at_risk" || stage == "churned" {
            "D"
        } else if value >= 70.0 && potential >= 50.0 {
            "A"
        } else if value >= 70.0 || (value >= 40.0 && potential >= 20.0) {
            "B"
        } else {
            "C"
        };
        assert_eq!(found.tier(), tier, "{id}");
        assert_eq!(found.decision().undecided, None, "{id}");
        let cell = (tier.to_owned(), stage.to_owned());
        *counts.entry(cell).or_default() += 1;
    });
    let count = |tier: &str, stage: &str| {
        let cell = (tier.to_owned(), stage.to_owned());
        counts.get(&cell).copied().unwrap_or(0)
    };
    let stages = ["repeat", "loyal", "won_back", "at_risk", "churned"];
    assert_eq!(stages.map(|s| count("A", s)), [11, 241, 34, 0, 0]);
    assert_eq!(stages.map(|s| count("B", s)), [15, 28, 60, 0, 0]);
    assert_eq!(stages.map(|s| count("C", s)), [2, 0, 8, 0, 0]);
    assert_eq!(stages.map(|s| count("D", s)), [0, 0, 0, 242, 1_716]);
    assert_eq!(counts.values().sum::<usize>(), 2_357);
}

//! `Reviews::effect` against means that are worked out from the records.

use customer_value::engine::{Engine, Population};
use customer_value::ledger::{Ledger, Records};
use customer_value::model::{
    CostCategory, CustomerId, Day, Record, ServiceCost, SurveyAnswer, SurveyInstrument, Transaction,
};
use customer_value::report::effect::{Arm, Dimension, EffectReport, assign};

use super::{day, engine, eur};

/// The policy on the page whose columns are all metrics.
fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/docs/effect.md");
    let page = std::fs::read_to_string(path).unwrap();
    let fences = page.split("```toml\n").skip(1);
    let fence = fences.map(|rest| rest.split("```").next().unwrap());
    fence.last().unwrap().to_owned()
}

/// The action is on day 0; the last 20 customers come after it.
const CUSTOMERS: u64 = 400;
const LATE: u64 = 20;

struct World {
    sales: Vec<(u64, i32, i64)>,
    costs: Vec<(u64, i32, i64)>,
    answers: Vec<(u64, i32, u8)>,
}

/// Some numbers without an order.
fn world() -> World {
    let mut state = 7_u64;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % below
    };
    let mut world = World {
        sales: Vec::new(),
        costs: Vec::new(),
        answers: Vec::new(),
    };
    for id in 1..=CUSTOMERS {
        let is_late = id > CUSTOMERS - LATE;
        let mut on = |first: i32| first + i32::try_from(draw(85)).unwrap();
        let (before, after, third) = (on(-90), on(0), on(0));
        if !is_late {
            world
                .sales
                .push((id, before, i64::try_from(5_00 + 37 * (id % 50)).unwrap()));
            world.costs.push((id, before, 1_00));
            world
                .answers
                .push((id, before, 1 + u8::try_from(id % 5).unwrap()));
        }
        if is_late || draw(3) > 0 {
            world
                .sales
                .push((id, after, i64::try_from(10_00 + draw(5_000)).unwrap()));
            world
                .answers
                .push((id, after, 1 + u8::try_from(draw(5)).unwrap()));
        }
        if draw(2) > 0 {
            world
                .costs
                .push((id, third, i64::try_from(draw(900)).unwrap()));
        }
    }
    world
}

impl World {
    fn population(&self, engine: &Engine, as_of: Day, without: &[u64]) -> Population {
        let stays = |id: &u64| !without.contains(id);
        let sales: Vec<Transaction> = (self.sales.iter())
            .filter(|(id, ..)| stays(id))
            .map(|(id, on, minor)| {
                let sale = Transaction::purchase(*id, day(*on), eur(*minor)).unwrap();
                sale.with_cost(eur(minor / 2)).unwrap()
            })
            .collect();
        let costs =
            (self.costs.iter())
                .filter(|(id, ..)| stays(id))
                .map(|(id, on, minor)| -> Record {
                    ServiceCost::new(*id, day(*on), eur(*minor), CostCategory::Marketing)
                        .unwrap()
                        .into()
                });
        let csat = SurveyInstrument::Csat;
        let answers =
            (self.answers.iter())
                .filter(|(id, ..)| stays(id))
                .map(|(id, on, answer)| -> Record {
                    SurveyAnswer::new(*id, day(*on), csat, *answer)
                        .unwrap()
                        .into()
                });
        let options = engine.cleaning(day(100));
        let ledger = Ledger::from_transactions(&sales, options.clone());
        let records = Records::clean(costs.chain(answers), &options);
        let population = engine.population(&ledger.until(as_of)).unwrap();
        population.with_records(&records.until(as_of)).unwrap()
    }

    /// The sums of one customer over the window after (or before) the action, in major units.
    fn sum(of: &[(u64, i32, i64)], id: u64, after: bool) -> f64 {
        let own = of
            .iter()
            .filter(|(i, on, _)| *i == id && (*on >= 0) == after);
        own.map(|(_, _, minor)| *minor as f64).sum::<f64>() / 100.0
    }
}

fn report(gone: &[u64], last: Day) -> (EffectReport, World) {
    let (engine, world) = (engine(&page()), world());
    let days = engine.effect().unwrap().windows(day(0));
    let eve = days.before.unwrap()[1];
    assert_eq!((eve, days.after[1]), (day(-1), day(89)));
    let early = world.population(&engine, eve, &[]);
    let late = world.population(&engine, last, gone);
    let before = engine.review_all(&early, None, eve).unwrap();
    let after = engine.review_all(&late, None, last).unwrap();
    (after.effect(&before).unwrap().unwrap(), world)
}

/// The mean of the treated less that of the control, of those of whom there is a value.
fn difference(ids: impl Iterator<Item = u64>, value: impl Fn(u64) -> Option<f64>) -> f64 {
    let mut sums = [(0.0, 0.0); 2];
    for id in ids {
        if let Some(value) = value(id) {
            let arm = assign(&CustomerId::from(id), "spring call", 0.2);
            let sum = &mut sums[usize::from(arm == Arm::Control)];
            *sum = (sum.0 + value, sum.1 + 1.0);
        }
    }
    sums[0].0 / sums[0].1 - sums[1].0 / sums[1].1
}

#[test]
fn differences_are_those_of_the_records() {
    let (report, world) = report(&[], day(89));
    let treated = (1..=CUSTOMERS)
        .filter(|id| assign(&CustomerId::from(*id), "spring call", 0.2) == Arm::Treated);
    assert_eq!(report.treated, treated.count() as u64);
    assert_eq!(report.treated + report.control, CUSTOMERS);
    assert_eq!(report.outside, 0);
    let of = |dimension| {
        let all = &report.dimensions;
        let found = all.iter().find(|d| d.dimension == dimension).unwrap();
        found.difference.unwrap().difference
    };
    let same =
        |found: f64, expected: f64| assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    let bought = |id| {
        let sales = world.sales.iter().filter(|(i, on, _)| *i == id && *on >= 0);
        Some(f64::from(u8::from(sales.count() > 0)))
    };
    same(of(Dimension::Repurchase), difference(1..=CUSTOMERS, bought));
    let answer = |id| {
        let mut answers = world
            .answers
            .iter()
            .filter(|(i, on, _)| *i == id && *on >= 0);
        answers.next().map(|(_, _, answer)| f64::from(*answer))
    };
    same(
        of(Dimension::Satisfaction),
        difference(1..=CUSTOMERS, answer),
    );
    // Who came later has no cost before, and is left out.
    let cost = |id| Some(World::sum(&world.costs, id, true) - World::sum(&world.costs, id, false));
    let known = difference(1..=CUSTOMERS - LATE, cost);
    same(of(Dimension::Cost), known);
}

#[test]
fn who_is_in_the_review_before_only_is_outside() {
    let (all, _) = report(&[], day(89));
    let (fewer, _) = report(&[3, 4, 5], day(89));
    assert_eq!(fewer.outside, 3);
    assert_eq!(fewer.treated + fewer.control + 3, all.treated + all.control);
}

#[test]
fn other_days_and_policies_are_misuse() {
    let (engine, world) = (engine(&page()), world());
    let [early, late] = [-1, 89].map(|n| world.population(&engine, day(n), &[]));
    let before = engine.review_all(&early, None, day(-1)).unwrap();
    let after = engine.review_all(&late, None, day(89)).unwrap();
    for n in [88, 90] {
        let wrong = engine.review_all(&late, None, day(n)).unwrap();
        let error = wrong.effect(&before).unwrap_err();
        assert!(error.is_misuse());
        let text = format!(
            "an action on the day after 2025-12-19 is measured on {}",
            day(89)
        );
        assert!(error.to_string().contains(&text), "{error}");
    }
    assert!(before.effect(&after).unwrap_err().is_misuse());
    assert!(after.effect(&after).unwrap_err().is_misuse());
    let other = super::engine(&page().replace("2025-1", "2025-2"));
    let foreign = other.review_all(&early, None, day(-1)).unwrap();
    let error = after.effect(&foreign).unwrap_err().to_string();
    assert!(error.contains("another policy"), "{error}");

    let plain = super::engine(
        "head = { name = 'p', version = '1', currency = 'EUR' }\ntiers = [{ name = 'all' }]",
    );
    let none = world.population(&plain, day(0), &[]);
    let reviews = plain.review_all(&none, None, day(0)).unwrap();
    assert_eq!(reviews.effect(&reviews).unwrap(), None);
    // At the end of the calendar there is no day after.
    let end = engine.review_all(&late, None, Day::MAX).unwrap();
    assert!(end.effect(&end).unwrap_err().is_misuse());
    assert!(end.effect(&before).unwrap_err().is_misuse());
}

#[test]
fn a_count_is_read_as_a_flag_is() {
    let text = r#"
        head = { name = "p", version = "1", currency = "EUR" }
        tiers = [{ name = "all" }]
        attributes = { bought = { type = "flag" } }
        metrics = [{ name = "count", measure = "purchases", window = "90 days" }]
        [effect]
        name = "x"
        control_share = 0.5
        after = "90 days"
        dimensions = [{ dimension = "repurchase", column = "COLUMN", method = "METHOD" }]
    "#;
    let world = world();
    for method in ["difference", "difference_in_differences", "cuped"] {
        let reports = ["count", "bought"].map(|column| {
            let engine = engine(&text.replace("COLUMN", column).replace("METHOD", method));
            let of = |n: i32| {
                let bought = |id: u64| {
                    let window = n - 89..=n;
                    let all = &world.sales;
                    all.iter().any(|(i, on, _)| *i == id && window.contains(on))
                };
                let known = |id: &u64| world.sales.iter().any(|(i, on, _)| i == id && *on <= n);
                let customers = (1..=CUSTOMERS).filter(known).map(|id| {
                    let customer = customer_value::model::Customer::new(id);
                    customer.with("bought", bought(id)).unwrap()
                });
                let population = world.population(&engine, day(n), &[]);
                population.with_customers(customers).unwrap()
            };
            let (early, late) = (of(-1), of(89));
            let before = engine.review_all(&early, None, day(-1)).unwrap();
            let after = engine.review_all(&late, None, day(89)).unwrap();
            let mut report = after.effect(&before).unwrap().unwrap();
            report.dimensions[0].column = String::new();
            report
        });
        assert!(reports[0].dimensions[0].difference.is_some());
        assert_eq!(reports[0], reports[1], "{method}");
    }
}

//! What-if, replay and proposals against slow plain loops over small populations.

use std::collections::BTreeMap;

use customer_value::engine::simulate::{
    Goal, MoveReason, Outcome, ProposeOptions, RankedBy, Replay, ReplayOptions, Step, Turn, WhatIf,
    WhatIfOptions,
};
use customer_value::engine::{Engine, Population, Reviews, Standing, Standings};
use customer_value::ledger::{Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Customer, CustomerId, Day, Money, Transaction};
use proptest::prelude::*;

/// 2024-01-01.
const START: i32 = 19_723;

fn day(days: i32) -> Day {
    Day::from_epoch_days(START + days).unwrap()
}

fn euros(cents: i64) -> Money {
    Money::from_minor(cents, Currency::EUR)
}

/// A purchase, and perhaps a refund of a part of it some days later.
#[derive(Debug, Clone)]
struct Sale {
    customer: u64,
    day: i32,
    cents: i64,
    refund: Option<(i32, i64)>,
}

fn sales(days: i32) -> impl Strategy<Value = Vec<Sale>> {
    let cents = prop_oneof![
        Just(0_i64),
        (1..6_i64).prop_map(|n| n * 2_000),
        1..20_000_i64
    ];
    let refund = prop::option::weighted(0.3, (0..120_i32, 1..=4_i64));
    let sale = (0..7_u64, 0..days, cents, refund).prop_map(|(customer, day, cents, refund)| Sale {
        customer,
        day,
        cents,
        refund: refund
            .map(|(after, quarters)| (day + after, cents * quarters / 4))
            .filter(|(_, cents)| *cents > 0),
    });
    prop::collection::vec(sale, 0..30)
}

/// The records dated up to a day; purchase `i` has its number as id.
fn records(sales: &[Sale], last: i32) -> Vec<Transaction> {
    let mut all = Vec::new();
    for (id, sale) in sales.iter().enumerate() {
        let purchase = Transaction::purchase(sale.customer, day(sale.day), euros(sale.cents));
        let purchase = purchase.unwrap().with_id(&id.to_string()).unwrap();
        let purchase = purchase.with_cost(euros(sale.cents / 3)).unwrap();
        all.push((sale.day, purchase));
        if let Some((on, cents)) = sale.refund {
            let refund = Transaction::refund(sale.customer, day(on), euros(cents)).unwrap();
            all.push((on, refund.refund_of(&id.to_string()).unwrap()));
        }
    }
    let known = all.into_iter().filter(|(on, _)| *on <= last);
    known.map(|(_, record)| record).collect()
}

fn ledger(sales: &[Sale], last: i32) -> Ledger<'static> {
    Ledger::from_transactions(
        &records(sales, last),
        Options::new(day(last), Currency::EUR),
    )
}

fn engine(body: &str) -> Engine {
    let head = "head = { name = \"members\", version = \"1\", currency = \"EUR\" }\n";
    Engine::from_toml(&format!("{head}{body}"), &Catalog::standard())
        .unwrap_or_else(|e| panic!("{e}"))
}

const FIXED: &str = r#"
    tiers = [
        { name = "gold", when = "spend >= 200" },
        { name = "silver", when = "spend >= 80 or purchases >= 3" },
        { name = "member" },
    ]"#;

/// Names, number and order of the tiers are others.
const OTHER: &str = r#"
    metrics = [{ name = "spend_90d", measure = "spend", window = "90 days" }]
    tiers = [
        { name = "platinum", when = "percentile(spend) >= 80 and purchases >= 2" },
        { name = "gold", when = "spend >= 150 and days_since_last <= 60" },
        { name = "warm", when = "spend_90d >= 40" },
        { name = "silver", when = "spend >= 100" },
        { name = "member" },
    ]"#;

/// What is remembered matters: stages depend on stages, points on what was noted before.
const REMEMBERS: &str = r#"
    rfm = { bins = 5 }
    [[points]]
    name = "credit"
    rules = [{ name = "big", points = 10, when = "spend >= 100", repeat = "every" }]
    [lifecycle]
    start = "new"
    moves = 8
    stages = [{ name = "new", rank = 0 }, { name = "active", rank = 1 }, { name = "gone" }]
    [[lifecycle.transitions]]
    from = ["new", "gone"]
    to = "active"
    when = "purchases >= 2 and days_since_last <= 60"
    [[lifecycle.transitions]]
    from = "active"
    to = "gone"
    when = "days_since_last > 90"
    [[tiers]]
    name = "top"
    when = "percentile(spend) >= 60 and stage = 'active'"
    [[tiers]]
    name = "middle"
    when = "credit >= 20 or r >= 3"
    [[tiers]]
    name = "base"
    "#;

fn engines() -> Vec<Engine> {
    [FIXED, OTHER, REMEMBERS].map(engine).into()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()))
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => close(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// Best first.
fn tiers(engine: &Engine) -> Vec<String> {
    let tiers = engine.policy().tiers.tiers.iter();
    tiers.map(|tier| tier.name.clone()).collect()
}

/// Each customer's tier by name, customer by customer.
fn tier_names(reviews: &Reviews<'_>) -> BTreeMap<CustomerId, String> {
    let names = reviews
        .iter()
        .map(|r| (r.id().clone(), r.assessment().tier().to_owned()));
    names.collect()
}

mod what_if {
    use super::*;

    fn compare(
        before: &Engine,
        after: &Engine,
        sales: &[Sale],
        options: &WhatIfOptions,
    ) -> (WhatIf, Population, [Engine; 2]) {
        let ledger = ledger(sales, 200);
        let population = before.shared_population(after, &ledger).unwrap();
        let fit = |e: &Engine| e.clone().fitted_to(&population, None, day(200)).unwrap();
        let both = [fit(before), fit(after)];
        let found = both[0]
            .what_if(&both[1], &population, None, day(200), options)
            .unwrap();
        (found, population, both)
    }

    /// The same policy, with what its tiers cost and give.
    fn with_benefits(engine: &Engine, cents: i64) -> Engine {
        let mut policy = engine.policy().clone();
        // The base costs nothing known, and gives nothing.
        let last = policy.tiers.tiers.len() - 1;
        for (i, tier) in policy.tiers.tiers[..last].iter_mut().enumerate() {
            tier.cost_per_year = Some(euros(cents * (9 - i as i64)));
            tier.entitlements = vec![format!("perk {i}"), "card".to_owned()];
        }
        Engine::new(policy, &Catalog::standard()).unwrap()
    }

    proptest! {
            #![proptest_config(ProptestConfig::with_cases(24))]

            #[test]
            fn equals_a_plain_loop_over_single_reviews(sales in sales(200)) {
                for before in engines() {
                    for after in engines() {
                        let options = WhatIfOptions {
                            movers: usize::MAX,
                            ..WhatIfOptions::default()
                        };
                        let (before, after) = (with_benefits(&before, 100), with_benefits(&after, 70));
                        let (found, population, both) = compare(&before, &after, &sales, &options);
                        let mut cells: BTreeMap<(String, String), u64> = BTreeMap::new();
                        let mut movers = Vec::new();
                        let mut values: [BTreeMap<String, f64>; 2] = Default::default();
                        let mut cost = [0_i64; 2];
                        let mut unknown = [0_u64; 2];
                        let mut perks: BTreeMap<String, (u64, u64)> = BTreeMap::new();
                        for (position, (id, history)) in population.histories().iter().enumerate() {
                            let names = [0, 1].map(|side| {
                                let engine = &both[side];
                                let mut buffer = engine.buffer();
                                let (_, found) =
                                    engine.review(history, Standing::default(), day(200), &mut buffer);
                                found.tier().to_owned()
                            });
                            let spend: f64 = records(&sales, 200)
                                .iter()
                                .filter(|t| *t.customer() == id)
                                .map(|t| t.amount().minor() as f64
                                    * if t.refunded().is_some() { -0.01 } else { 0.01 })
                                .sum();
                            let tier = |side: usize| {
                                let tiers = &both[side].policy().tiers.tiers;
                                tiers.iter().find(|tier| tier.name == names[side]).unwrap()
                            };
                            let has = |side: usize, perk: &str| {
                                tier(side).entitlements.iter().any(|e| e == perk)
                            };
                            for side in [0, 1] {
                                *values[side].entry(names[side].clone()).or_default() += spend;
                                match tier(side).cost_per_year {
                                    Some(each) => cost[side] += each.minor(),
                                    None => unknown[side] += 1,
                                }
                            }
                            for perk in ["card", "perk 0", "perk 1", "perk 2", "perk 3"] {
                                let change = perks.entry(perk.to_owned()).or_default();
                                change.0 += u64::from(!has(0, perk) && has(1, perk));
                                change.1 += u64::from(has(0, perk) && !has(1, perk));
                            }
                            let [from, to] = names;
                            if from != to {
                                movers.push((position, id, from.clone(), to.clone()));
                            }
                            *cells.entry((from, to)).or_default() += 1;
                        }
                        for from in tiers(&before) {
                            for to in tiers(&after) {
                                let count = cells.get(&(from.clone(), to.clone())).copied();
                                prop_assert_eq!(found.migration.count(&from, &to), count.unwrap_or(0));
                            }
                        }
                        let listed: Vec<_> = found
                            .movers
                            .iter()
                            .map(|m| (m.position, m.customer.clone(), m.from.clone(), m.to.clone()))
                            .collect();
                        prop_assert_eq!(listed, movers);
                        prop_assert_eq!(found.moved, found.movers.len() as u64);
                        for (side, shares) in [&found.tiers_before, &found.tiers_after].iter().enumerate() {
                            let whole: f64 = values[side].values().sum();
                            for share in *shares {
                                let value = values[side].get(&share.tier).copied().unwrap_or(0.0);
                                prop_assert!(close(share.value, value));
                                // Refunds in cents leave nothing, or next to nothing.
                                if whole > 1e-6 {
                                    prop_assert!(same(share.value_share, Some(value / whole)));
                                }
                            }
                            let customers: u64 = shares.iter().map(|s| s.customers).sum();
                            prop_assert_eq!(customers, population.len() as u64);
                        }
                        let costs = [found.cost_before, found.cost_after];
                        prop_assert_eq!(costs.map(|c| c.amount.minor()), cost);
                        prop_assert_eq!(costs.map(|c| c.unknown), unknown);
                        prop_assert_eq!(found.cost_difference().is_some(), unknown == [0, 0]);
                        perks.retain(|_, change| *change != (0, 0));
                        let changes: BTreeMap<String, (u64, u64)> = found
                            .entitlements
                            .iter()
                            .map(|e| (e.entitlement.clone(), (e.gained, e.lost)))
                            .collect();
                        prop_assert_eq!(changes, perks);
                    }
                }
            }

            #[test]
            fn rows_and_columns_sum_to_the_distributions(sales in sales(200)) {
                let (found, population, both) =
                    compare(&engine(FIXED), &engine(OTHER), &sales, &WhatIfOptions::default());
                let total = |engine: &Engine, name: &str| {
                    let reviews = engine.review_all(&population, None, day(200)).unwrap();
                    tier_names(&reviews).values().filter(|tier| *tier == name).count() as u64
                };
                for row in found.migration.rows() {
                    prop_assert_eq!(row.total(), total(&both[0], &row.name));
                }
                for (column, count) in found.migration.columns().iter().zip(found.migration.total().counts) {
                    prop_assert_eq!(count, total(&both[1], column));
                }
            }

            #[test]
            fn a_policy_against_itself_moves_nobody(sales in sales(200)) {
                for engine in engines() {
                    let (found, ..) = compare(&engine, &engine, &sales, &WhatIfOptions::default());
                    prop_assert_eq!(found.moved, 0);
                    prop_assert!(found.reasons.is_empty() && found.movers.is_empty());
                    prop_assert_eq!(found.tiers_before, found.tiers_after);
                }
            }

            /// Of the tier that decides: by its condition under the one policy it holds, under the other not.
            #[test]
            fn every_mover_has_a_reason_that_is_true(sales in sales(200)) {
                for before in engines() {
                    for after in engines() {
                        let options = WhatIfOptions { movers: usize::MAX, ..WhatIfOptions::default() };
                        let (found, population, both) = compare(&before, &after, &sales, &options);
                        let counted: u64 = found.reasons.iter().map(|r| r.customers).sum();
                        prop_assert_eq!(counted, found.moved);
                        prop_assert!(found.reasons.is_sorted_by(|a, b| a.customers >= b.customers));
                        for mover in &found.movers {
                            let reason = found.reasons.iter().find(|r| {
                                (r.to_string(), &r.from, &r.to) == (mover.reason.clone(), &mover.from, &mover.to)
                            });
                            let reason = reason.unwrap();
                            let texts = |all: &[customer_value::rules::Condition]| -> Vec<String> {
                                all.iter().map(|c| c.text.clone()).collect()
                            };
                            prop_assert_eq!(&texts(&mover.before), &reason.before);
                            prop_assert_eq!(&texts(&mover.after), &reason.after);
                            let deciding = match reason.turn {
                                Turn::Lost => &mover.from,
                                Turn::Gained => &mover.to,
                            };
                            // Against the explanations.
                            for (engine, conditions, holds) in [
                                (&both[0], &mover.before, reason.turn == Turn::Lost),
                                (&both[1], &mover.after, reason.turn == Turn::Gained),
                            ] {
                                let reviews = engine.review_all(&population, None, day(200)).unwrap();
                                let explanation = reviews.at(mover.position).unwrap().explain().tier;
                                let Some(tier) = explanation.tiers.iter().find(|t| t.tier == *deciding) else {
                                    prop_assert!(conditions.is_empty());
                                    continue;
                                };
                                for condition in conditions {
                                    // An explanation says also where a number comes from.
    let same = |c: &customer_value::rules::Condition| {
                                        (&c.text, &c.found, c.truth)
                                            == (&condition.text, &condition.found, condition.truth)
                                    };
                                    prop_assert!(tier.conditions.iter().any(same));
                                    prop_assert_eq!(
                                        condition.truth == customer_value::rules::Truth::True,
                                        holds
                                    );
                                }
                            }
                        }
                    }
                }
            }
        }

    fn reasons(before: &str, after: &str) -> Vec<String> {
        let sale = |customer, day, cents| Sale {
            customer,
            day,
            cents,
            refund: None,
        };
        let sales = [
            sale(1, 10, 25_000),
            sale(2, 190, 12_000),
            sale(3, 195, 1_000),
        ];
        let (found, ..) = compare(
            &engine(before),
            &engine(after),
            &sales,
            &WhatIfOptions::default(),
        );
        let text = |r: &MoveReason| format!("{} {}>{} {r}", r.customers, r.from, r.to);
        found.reasons.iter().map(text).collect()
    }

    #[test]
    fn reasons_by_example() {
        let gold = |when: &str| {
            format!("tiers = [{{ name = 'gold', when = '{when}' }}, {{ name = 'member' }}]")
        };
        assert_eq!(
            reasons(&gold("spend >= 100"), &gold("spend >= 200")),
            ["1 gold>member no longer gold: needs spend >= 200, was spend >= 100"]
        );
        // What is the same is left out.
        assert_eq!(
            reasons(
                &gold("spend >= 100"),
                &gold("spend >= 100 and days_since_last <= 30")
            ),
            ["1 gold>member no longer gold: needs days_since_last <= 30"]
        );
        assert_eq!(
            reasons(
                &gold("spend >= 100 and days_since_last <= 30"),
                &gold("spend >= 100")
            ),
            ["1 member>gold gold needed days_since_last <= 30"]
        );
        // A tier that was not there, and one that is no more.
        let platinum = "tiers = [
            { name = 'platinum', when = 'spend >= 200' },
            { name = 'gold', when = 'spend >= 100' },
            { name = 'member' },
        ]";
        assert_eq!(
            reasons(&gold("spend >= 100"), platinum),
            ["1 gold>platinum platinum by spend >= 200"]
        );
        assert_eq!(
            reasons(platinum, &gold("spend >= 100")),
            ["1 platinum>gold no longer platinum: was spend >= 200"]
        );
        assert_eq!(
            reasons(
                "tiers = [
                    { name = 'a', when = 'spend >= 150' },
                    { name = 'b', when = 'purchases >= 1' },
                    { name = 'c' },
                ]",
                "tiers = [
                    { name = 'b', when = 'purchases >= 1' },
                    { name = 'a', when = 'spend >= 200' },
                    { name = 'c' },
                ]",
            ),
            ["1 a>b no longer a, by no condition"]
        );
        assert_eq!(
            reasons(&gold("spend >= 100"), "tiers = [{ name = 'member' }]"),
            ["2 gold>member no longer gold: was spend >= 100"]
        );
    }

    #[test]
    fn movers_are_listed_up_to_a_number_and_counted_all() {
        let sales: Vec<Sale> = (0..5000)
            .map(|customer| Sale {
                customer,
                day: 100,
                cents: 10_000,
                refund: None,
            })
            .collect();
        let options = WhatIfOptions {
            movers: 2100,
            ..WhatIfOptions::default()
        };
        let before =
            engine("tiers = [{ name = 'gold', when = 'spend >= 100' }, { name = 'member' }]");
        let after =
            engine("tiers = [{ name = 'gold', when = 'spend > 100' }, { name = 'member' }]");
        let (found, ..) = compare(&before, &after, &sales, &options);
        assert_eq!(
            (found.moved, found.movers.len(), found.reasons.len()),
            (5000, 2100, 1)
        );
        assert!(
            (0..)
                .zip(&found.movers)
                .all(|(i, mover)| mover.position == i)
        );
        // The sums over all blocks of customers.
        assert_eq!(found.migration.count("gold", "member"), 5000);
        let before = &found.tiers_before[0];
        assert_eq!((before.customers, before.value), (5000, 500_000.0));
        assert_eq!(found.tiers_after[1].value_share, Some(1.0));
        assert_eq!(
            found.movers[2099].after[0].to_string(),
            "spend 100.00 > 100"
        );
    }

    #[test]
    fn the_value_is_any_number_of_either_policy() {
        let sale = Sale {
            customer: 1,
            day: 190,
            cents: 5_000,
            refund: None,
        };
        let of = |value: &str| WhatIfOptions {
            value: value.to_owned(),
            ..WhatIfOptions::default()
        };
        for (value, expected) in [("spend_90d", 50.0), ("purchases", 1.0), ("spend", 50.0)] {
            let (found, ..) = compare(
                &engine(FIXED),
                &engine(OTHER),
                std::slice::from_ref(&sale),
                &of(value),
            );
            assert_eq!(
                found.tiers_after.iter().map(|t| t.value).sum::<f64>(),
                expected
            );
        }
        // Where both have it, it is that of the first.
        let recent = |days: u32| {
            engine(&format!(
                "metrics = [{{ name = 'recent', measure = 'spend', window = '{days} days' }}]
                tiers = [{{ name = 'gold', when = 'recent > 0' }}, {{ name = 'member' }}]"
            ))
        };
        let sales = std::slice::from_ref(&sale);
        let (found, ..) = compare(&recent(90), &recent(5), sales, &of("recent"));
        assert_eq!(found.tiers_after[1].value, 50.0);
        // Neither has it, but everybody has spent.
        let everybody = engine("tiers = [{ name = 'member' }]");
        let (found, ..) = compare(&everybody, &everybody, &[sale], &of("spend"));
        assert_eq!(found.tiers_before[0].value, 50.0);
        let nobody = Population::new(
            customer_value::history::Histories::build(&ledger(&[], 9), everybody.layout()).unwrap(),
        );
        for wrong in ["nonsense", "segment"] {
            let error = everybody
                .what_if(&everybody, &nobody, None, day(9), &of(wrong))
                .unwrap_err();
            assert!(
                error.is_misuse() && error.to_string().contains(wrong),
                "{error}"
            );
        }
        // Histories with the facts of one policy only.
        let error = engine("tiers = [{ name = 'a', when = 'margin > 0' }, { name = 'b' }]");
        assert!(
            everybody
                .what_if(&error, &nobody, None, day(9), &of("spend"))
                .unwrap_err()
                .is_misuse()
        );
    }
}

mod replay {
    use super::*;

    /// Every step by hand: only the records known by then are cleaned, and then fitted and reviewed.
    fn by_hand(
        engine: &Engine,
        sales: &[Sale],
        days: &[i32],
        fit_once: bool,
    ) -> (Vec<BTreeMap<CustomerId, String>>, Standings) {
        let mut standings = Standings::new();
        let mut frozen: Option<Engine> = None;
        let mut steps = Vec::new();
        for last in days {
            let population = engine.population(&ledger(sales, *last)).unwrap();
            let fitted = match frozen.clone().filter(|_| fit_once) {
                Some(engine) => engine,
                None => engine
                    .clone()
                    .fitted_to(&population, &standings, day(*last))
                    .unwrap(),
            };
            let reviews = fitted
                .review_all(&population, &standings, day(*last))
                .unwrap();
            steps.push(tier_names(&reviews));
            standings = reviews.standings();
            frozen = Some(fitted);
        }
        (steps, standings)
    }

    /// The ends of the months of 2024, counted from its first day.
    const MONTHS: [i32; 6] = [30, 59, 90, 120, 151, 181];

    fn months() -> ReplayOptions {
        ReplayOptions::new(Step::Month)
    }

    fn run(engine: &Engine, sales: &[Sale], options: &ReplayOptions) -> Replay {
        engine
            .replay(&ledger(sales, 200), day(0), day(181), options)
            .unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn equals_reviewing_step_by_step_by_hand(sales in sales(200), fit_once in any::<bool>()) {
            for engine in engines() {
                let mut options = months();
                options.fit_once = fit_once;
                let mut steps = Vec::new();
                let whole = ledger(&sales, 200);
                let standings = engine
                    .replay_with(&whole, day(0), day(181), &options, |reviews| {
                        steps.push(tier_names(reviews));
                    })
                    .unwrap();
                let (expected, remembered) = by_hand(&engine, &sales, &MONTHS, fit_once);
                prop_assert_eq!(steps, expected);
                prop_assert_eq!(standings, remembered);
            }
        }

        #[test]
        fn statistics_equal_plain_loops(sales in sales(200)) {
            for engine in engines() {
                let replay = run(&engine, &sales, &months());
                let (steps, _) = by_hand(&engine, &sales, &MONTHS, false);
                let names = tiers(&engine);
                prop_assert_eq!(&replay.tiers, &names);
                let place = |name: &String| names.iter().position(|n| n == name).unwrap() as i32;
                let counts = |step: &BTreeMap<CustomerId, String>| -> Vec<f64> {
                    let count = |name| step.values().filter(|n| *n == name).count() as f64;
                    names.iter().map(count).collect()
                };
                let first = steps.iter().position(|step| !step.is_empty());
                for (i, (found, step)) in replay.steps.iter().zip(&steps).enumerate() {
                    prop_assert_eq!(found.as_of, day(MONTHS[i]));
                    let distribution: Vec<f64> =
                        found.distribution.iter().map(|n| *n as f64).collect();
                    prop_assert_eq!(&distribution, &counts(step));
                    let before = i.checked_sub(1).map(|before| &steps[before]);
                    let earlier = i.checked_sub(2).map(|earlier| &steps[earlier]);
                    let (mut up, mut down, mut flapped, mut watched) = (0, 0, 0, 0);
                    let mut cells: BTreeMap<(String, String), u64> = BTreeMap::new();
                    for (id, to) in step {
                        let Some(from) = before.and_then(|step| step.get(id)) else { continue };
                        *cells.entry((from.clone(), to.clone())).or_default() += 1;
                        let turn = place(from) - place(to);
                        up += u64::from(turn > 0);
                        down += u64::from(turn < 0);
                        if let Some(origin) = earlier.and_then(|step| step.get(id)) {
                            watched += 1;
                            let other = place(origin) - place(from);
                            flapped += u64::from(turn > 0 && other < 0 || turn < 0 && other > 0);
                        }
                    }
                    prop_assert_eq!((found.up, found.down), (up, down));
                    let flapping = found.flapping.map_or((0, 0), |f| (f.customers, f.of));
                    prop_assert_eq!(flapping, (flapped, watched));
                    for from in &names {
                        for to in &names {
                            let count = cells.get(&(from.clone(), to.clone())).copied();
                            prop_assert_eq!(found.migration.count(from, to), count.unwrap_or(0));
                        }
                    }
                    // Down: the step before and the new ones; across: this step.
                    let sums: Vec<f64> =
                        found.migration.rows().iter().map(|r| r.total() as f64).collect();
                    prop_assert_eq!(sums, before.map_or(vec![0.0; names.len()], counts));
                    prop_assert_eq!(found.migration.unknown().total(), found.new);
                    let total = found.migration.total().counts;
                    prop_assert_eq!(&total[..names.len()], &found.distribution[..]);
                    let index = |other: Option<&BTreeMap<CustomerId, String>>| {
                        let other = other.filter(|o| !o.is_empty()).filter(|_| !step.is_empty())?;
                        let (a, b) = (counts(step), counts(other));
                        let mut sum = 0.0;
                        for (a, b) in a.iter().zip(&b) {
                            if *a + *b > 0.0 {
                                let a = if *a == 0.0 { 0.5 } else { *a } / step.len() as f64;
                                let b = if *b == 0.0 { 0.5 } else { *b } / other.len() as f64;
                                sum += (a - b) * (a / b).ln();
                            }
                        }
                        Some(sum)
                    };
                    prop_assert!(same(found.stability, index(before)));
                    let first = first.filter(|first| *first < i).map(|first| &steps[first]);
                    prop_assert!(same(found.stability_first, index(first)));
                }
            }
        }

        #[test]
        fn outcomes_equal_counting_pairs(sales in sales(200), margin in any::<bool>()) {
            let mut options = months();
            options.outcome = if margin { Outcome::Margin } else { Outcome::Spend };
            for engine in engines() {
                let replay = run(&engine, &sales, &options);
                let (steps, _) = by_hand(&engine, &sales, &MONTHS, false);
                let names = tiers(&engine);
                prop_assert!(replay.steps.last().unwrap().outcome.is_none());
                for i in 0..MONTHS.len() - 1 {
                    let found = replay.steps[i].outcome.as_ref().unwrap();
                    prop_assert_eq!((found.from, found.to), (day(MONTHS[i] + 1), day(MONTHS[i + 1])));
                    let known = ledger(&sales, MONTHS[i + 1]);
                    let mut brought: BTreeMap<CustomerId, i64> = BTreeMap::new();
                    let mut spent: BTreeMap<CustomerId, i64> = BTreeMap::new();
                    for (id, effect) in known.effects() {
                        if effect.day > day(MONTHS[i]) {
                            let cost = if margin { effect.cost } else { 0 };
                            *brought.entry(id).or_default() += effect.spend - cost;
                        }
                    }
                    for (id, effect) in ledger(&sales, MONTHS[i]).effects() {
                        *spent.entry(id).or_default() += effect.spend;
                    }
                    let of = |id: &CustomerId| brought.get(id).copied().unwrap_or(0);
                    // Who, what they brought, the tier from the best, what they had spent.
                    let all: Vec<(i64, usize, i64)> = steps[i]
                        .iter()
                        .map(|(id, tier)| {
                            let place = names.iter().position(|n| n == tier).unwrap();
                            (of(id), place, spent[id])
                        })
                        .collect();
                    let total: i64 = all.iter().map(|c| c.0).sum();
                    prop_assert_eq!(found.total.minor(), total);
                    prop_assert_eq!(found.newcomers.minor(), brought.values().sum::<i64>() - total);
                    let mut head = 0;
                    for (place, tier) in found.tiers.iter().enumerate() {
                        let inside: Vec<i64> =
                            all.iter().filter(|c| c.1 == place).map(|c| c.0).collect();
                        prop_assert_eq!(tier.customers, inside.len() as u64);
                        prop_assert_eq!(tier.value.minor(), inside.iter().sum::<i64>());
                        let expected =
                            (total > 0).then(|| inside.iter().sum::<i64>() as f64 / total as f64);
                        prop_assert!(same(tier.share, expected));
                        head += inside.len();
                        if place + 1 < names.len() {
                            let top = &found.ranking(RankedBy::Tier).unwrap().top[place];
                            let held: i64 = all.iter().filter(|c| c.1 <= place).map(|c| c.0).sum();
                            let lift = (total > 0 && head > 0).then(|| {
                                (held as f64 / total as f64) / (head as f64 / all.len() as f64)
                            });
                            prop_assert_eq!(top.customers, head as u64);
                            prop_assert!(same(top.lift, lift));
                        }
                    }
                    // Gini: over all pairs, how much more the better ranked of the two brought.
                    type Key<'k> = &'k dyn Fn(&(i64, usize, i64)) -> i64;
                    let keys: [(RankedBy, Key<'_>); 3] = [
                        (RankedBy::Tier, &|c| -(c.1 as i64)),
                        (RankedBy::Spend, &|c| c.2),
                        (RankedBy::Perfect, &|c| c.0),
                    ];
                    for (by, key) in keys {
                        let mut sum = 0;
                        for a in &all {
                            for b in &all {
                                if key(a) > key(b) {
                                    sum += a.0 - b.0;
                                }
                            }
                        }
                        let gini =
                            (total > 0).then(|| sum as f64 / (all.len() as f64 * total as f64));
                        let ranking = found.ranking(by).unwrap();
                        prop_assert!(same(ranking.gini, gini), "{by} {:?} {gini:?}", ranking.gini);
                    }
                    prop_assert!(found.ranking(RankedBy::Rfm).is_some());
                    prop_assert!(found.ranking(RankedBy::PredictedLtv).is_none());
                }
            }
        }

        #[test]
        fn what_comes_after_the_end_changes_nothing(
            sales in sales(182),
            later in sales(100),
        ) {
            // Also refunds of purchases of the time before, booked after it.
            let mut more = sales.clone();
            more.retain(|sale| sale.refund.is_none_or(|(on, _)| on <= 181));
            let base = more.clone();
            for (sale, late) in more.iter_mut().zip(&later) {
                if sale.refund.is_none() && sale.cents > 0 {
                    sale.refund = Some((182 + late.day, sale.cents));
                }
            }
            for mut sale in later {
                sale.day += 182;
                sale.refund = None;
                more.push(sale);
            }
            for engine in engines() {
                let replay = |sales: &[Sale]| {
                    engine.replay(&ledger(sales, 400), day(0), day(181), &months()).unwrap()
                };
                prop_assert_eq!(replay(&base), replay(&more));
            }
        }

        #[test]
        fn what_comes_after_a_step_changes_no_step_up_to_it(sales in sales(200), cut in 1..6_usize) {
            let earlier: Vec<Sale> = sales
                .iter()
                .filter(|sale| sale.day <= MONTHS[cut])
                .cloned()
                .map(|mut sale| {
                    sale.refund = sale.refund.filter(|(on, _)| *on <= MONTHS[cut]);
                    sale
                })
                .collect();
            for engine in engines() {
                let long = run(&engine, &sales, &months()).steps;
                let short = run(&engine, &earlier, &months()).steps;
                prop_assert_eq!(&long[..cut], &short[..cut]);
                // Of that step itself, only what came next is another thing.
                let (mut a, mut b) = (long[cut].clone(), short[cut].clone());
                (a.outcome, b.outcome) = (None, None);
                prop_assert_eq!(a, b);
            }
        }
    }

    #[test]
    fn who_moves_to_and_fro_flaps() {
        // Gold for the month after each purchase: in January, not in February, in March, and so on.
        let gold = engine(
            "tiers = [{ name = 'gold', when = 'days_since_last <= 20' }, { name = 'member' }]",
        );
        let sale = |customer, day| Sale {
            customer,
            day,
            cents: 100,
            refund: None,
        };
        let sales = [sale(1, 25), sale(1, 85), sale(2, 25)];
        let replay = run(&gold, &sales, &months());
        let flapping: Vec<_> = replay
            .steps
            .iter()
            .map(|s| s.flapping.map(|f| (f.customers, f.of)))
            .collect();
        // Customer 1 goes down in February, up in March, down in April; customer 2 down once.
        assert_eq!(
            flapping,
            [
                None,
                None,
                Some((1, 2)),
                Some((1, 2)),
                Some((0, 2)),
                Some((0, 2))
            ]
        );
        assert_eq!(replay.steps[2].flapping.unwrap().rate, Some(0.5));
    }

    #[test]
    fn a_fit_may_be_made_once() {
        let engine = engine(
            "tiers = [{ name = 'top', when = 'percentile(spend) >= 50' }, { name = 'base' }]",
        );
        let sale = |customer, day, cents| Sale {
            customer,
            day,
            cents,
            refund: None,
        };
        // Everybody spends as much again in February.
        let mut sales = vec![sale(1, 5, 1_000), sale(2, 5, 2_000)];
        sales.extend([sale(1, 40, 5_000), sale(2, 40, 6_000)]);
        let mut options = months();
        let top = |options: &ReplayOptions| run(&engine, &sales, options).steps[1].distribution[0];
        assert_eq!(top(&options), 1);
        options.fit_once = true;
        assert_eq!(top(&options), 2);
    }

    #[test]
    fn attributes_are_known_from_the_beginning() {
        let engine = engine(
            "attributes = { staff = { type = 'flag' } }
             tiers = [{ name = 'staff', when = 'staff' }, { name = 'member' }]",
        );
        let mut options = months();
        options.customers = vec![Customer::new(9).with("staff", true).unwrap()];
        let sale = Sale {
            customer: 1,
            day: 40,
            cents: 100,
            refund: None,
        };
        let replay = run(&engine, &[sale], &options);
        assert_eq!(replay.steps[0].distribution, [1, 0]);
        assert_eq!(replay.steps[1].distribution, [1, 1]);
    }

    #[test]
    fn a_prediction_is_made_at_each_step_of_what_was_known() {
        let engine = engine(
            "prediction = { model = 'bg_nbd', time_unit = 'week', method = 'map', horizon = '90 days', margin = 1.0, discount = '10 % per year' }
             tiers = [{ name = 'top', when = 'percentile(predicted_ltv) >= 80' }, { name = 'base' }]",
        );
        let sales: Vec<Sale> = (0..120)
            .map(|i| Sale {
                customer: i % 40 * (i % 3),
                day: (i as i32 * 37) % 180,
                cents: 500 + 13 * i as i64,
                refund: None,
            })
            .collect();
        let replay = run(&engine, &sales, &months());
        let earlier: Vec<Sale> = sales.iter().filter(|s| s.day <= 90).cloned().collect();
        let short = run(&engine, &earlier, &months());
        assert_eq!(replay.steps[..2], short.steps[..2]);
        let outcome = replay.steps[3].outcome.as_ref().unwrap();
        let ginis = outcome.rankings.iter().map(|r| (r.by, r.gini.is_some()));
        assert_eq!(
            ginis.collect::<Vec<_>>(),
            [
                (RankedBy::Tier, true),
                (RankedBy::Spend, true),
                (RankedBy::Rfm, true),
                (RankedBy::PredictedLtv, true),
                (RankedBy::Perfect, true),
            ]
        );
    }

    #[test]
    fn steps_are_the_ends_of_periods() {
        let ends = |step: &str, from: i32, to: i32| -> Vec<String> {
            let days = step.parse::<Step>().unwrap().days(day(from), day(to));
            days.map(|day| day.to_string()).collect()
        };
        assert_eq!(
            ends("day", 0, 2),
            ["2024-01-01", "2024-01-02", "2024-01-03"]
        );
        assert_eq!(ends("week", 0, 14), ["2024-01-07", "2024-01-14"]);
        assert_eq!(ends("month", 30, 59), ["2024-01-31", "2024-02-29"]);
        assert_eq!(
            ends("quarter", 0, 365),
            ["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"]
        );
        assert_eq!(ends("year", 0, 800), ["2024-12-31", "2025-12-31"]);
        assert!(ends("month", 0, 29).is_empty() && ends("day", 5, 4).is_empty());
        assert!("fortnight".parse::<Step>().unwrap_err().is_parse());
        for step in ["week", "month", "quarter", "year"] {
            let step: Step = step.parse().unwrap();
            let start = Day::MAX.minus(customer_value::model::Days::new(800));
            assert_eq!(step.days(start, Day::MAX).last(), Some(Day::MAX), "{step}");
            let first: Vec<Day> = step
                .days(
                    Day::MIN,
                    Day::MIN.plus(customer_value::model::Days::new(800)),
                )
                .collect();
            assert!(first.len() >= 2 && first.is_sorted());
        }
    }

    #[test]
    fn what_cannot_be_replayed_is_said() {
        let engine = engine(FIXED);
        let known = ledger(&[], 100);
        for (from, to, what) in [
            (5, 4, "nothing to replay"),
            (0, 20, "no month ends"),
            (0, 181, "the ledger ends with 2024-04-10"),
        ] {
            let error = engine
                .replay(&known, day(from), day(to), &months())
                .unwrap_err();
            assert!(
                error.is_misuse() && error.to_string().contains(what),
                "{error}"
            );
        }
        // Nobody there: a replay of nothing.
        let replay = engine.replay(&known, day(0), day(100), &months()).unwrap();
        assert_eq!(replay.steps.len(), 3);
        assert!(
            replay
                .steps
                .iter()
                .all(|s| s.customers == 0 && s.stability.is_none())
        );
    }

    #[test]
    fn reports_are_plain_data() {
        let sales: Vec<Sale> = (0..20)
            .map(|i| Sale {
                customer: i % 5,
                day: 9 * i as i32,
                cents: 700 * i as i64,
                refund: None,
            })
            .collect();
        let replay = run(&engine(REMEMBERS), &sales, &months());
        // Numbers in JSON may come back one bit off.
        let text = serde_json::to_string(&replay).unwrap();
        let read: Replay = serde_json::from_str(&text).unwrap();
        assert_eq!((read.steps.len(), &read.tiers), (6, &replay.tiers));
        for (read, step) in read.steps.iter().zip(&replay.steps) {
            assert_eq!(read.migration, step.migration);
            assert_eq!(read.outcome.is_some(), step.outcome.is_some());
        }
        let known = ledger(&sales, 200);
        let (one, other) = (engine(FIXED), engine(OTHER));
        let population = one.shared_population(&other, &known).unwrap();
        let options = WhatIfOptions::default();
        let found = one
            .what_if(&other, &population, None, day(200), &options)
            .unwrap();
        let text = serde_json::to_string(&found).unwrap();
        let read: WhatIf = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (read.migration, read.reasons),
            (found.migration, found.reasons)
        );
    }
}

mod propose {
    use super::*;

    const LADDER: &str = "tiers = [
        { name = 'gold', when = 'spend >= 150' },
        { name = 'silver', when = 'spend >= 50' },
        { name = 'member' },
    ]";

    fn population(spends: &[i64]) -> (Engine, Population) {
        let sales: Vec<Sale> = (0..)
            .zip(spends)
            .map(|(customer, cents)| Sale {
                customer,
                day: 1,
                cents: *cents,
                refund: None,
            })
            .collect();
        let engine = engine(LADDER);
        let population = engine.population(&ledger(&sales, 100)).unwrap();
        (engine, population)
    }

    fn spends() -> impl Strategy<Value = Vec<i64>> {
        let cents = prop_oneof![(0..8_i64).prop_map(|n| n * 1_000), 0..30_000_i64];
        prop::collection::vec(cents, 1..30)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn shares_are_as_near_as_equal_values_allow(
            spends in spends(),
            shares in (0.01..0.5_f64, 0.01..0.5_f64),
        ) {
            let (engine, population) = population(&spends);
            let goal = Goal::Shares(vec![shares.0, shares.1]);
            let found =
                engine.propose(&population, None, day(100), &goal, &ProposeOptions::default()).unwrap();
            prop_assert_eq!(&found.column, "spend");
            let n = spends.len() as f64;
            let mut above = 0;
            for (tier, target) in found.tiers.iter().zip([shares.0, shares.0 + shares.1]) {
                let with = |cents: i64| spends.iter().filter(|s| **s >= cents).count();
                let nearest = spends
                    .iter()
                    .map(|cents| ((with(*cents) as f64 / n - target).abs(), with(*cents)))
                    .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
                    .unwrap();
                let count = spends.iter().filter(|s| **s as f64 / 100.0 >= tier.threshold).count();
                prop_assert_eq!(count, nearest.1, "{:?}", tier);
                prop_assert_eq!(tier.customers, (count - above) as u64);
                above = count;
            }
            prop_assert_eq!(found.tiers[0].now, 150.0);
            // What it would change is what it says.
            for (tier, after) in found.tiers.iter().zip(&found.what_if.tiers_after) {
                prop_assert_eq!((&tier.tier, tier.customers), (&after.tier, after.customers));
                prop_assert!(same(tier.share, after.customer_share));
            }
            let again = Engine::new(found.policy.clone(), &Catalog::standard()).unwrap();
            let reviews = again.review_all(&population, None, day(100)).unwrap();
            let gold = tier_names(&reviews).values().filter(|t| *t == "gold").count();
            prop_assert_eq!(gold as u64, found.tiers[0].customers);
        }

        #[test]
        fn a_lift_is_had_by_the_lowest_threshold(
            spends in spends(),
            lifts in (1.0..4.0_f64, 1.0..4.0_f64),
        ) {
            let (engine, population) = population(&spends);
            let lifts = [lifts.0.max(lifts.1), lifts.0.min(lifts.1)];
            let goal = Goal::Lift(lifts.to_vec());
            let total: i64 = spends.iter().sum();
            let lift = |cents: i64| {
                let top: Vec<i64> = spends.iter().copied().filter(|s| *s >= cents).collect();
                (top.iter().sum::<i64>() as f64 / total as f64)
                    / (top.len() as f64 / spends.len() as f64)
            };
            let lowest = |target: f64| spends.iter().copied().filter(|c| lift(*c) >= target + 1e-9).min();
            let found = engine.propose(&population, None, day(100), &goal, &ProposeOptions::default());
            match found {
                Err(error) => {
                    prop_assert!(error.is_misuse());
                    prop_assert!(total == 0 || lowest(lifts[0]).is_none());
                }
                Ok(found) => {
                    for (tier, target) in found.tiers.iter().zip(lifts) {
                        let held = tier.lift.unwrap();
                        prop_assert!(held >= target - 1e-9);
                        if let Some(lowest) = lowest(target) {
                            prop_assert!(tier.threshold <= lowest as f64 / 100.0 + 1e-9);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn thresholds_are_round_where_nothing_is_lost() {
        let (engine, population) = population(&[48_731, 52_310, 9_999, 12_345, 100, 200, 300, 400]);
        let goal = Goal::Shares(vec![0.25, 0.25]);
        let propose = |multiple_of| {
            let options = ProposeOptions {
                multiple_of,
                ..ProposeOptions::default()
            };
            let found = engine
                .propose(&population, None, day(100), &goal, &options)
                .unwrap();
            let tiers = found.tiers.iter().map(|t| (t.threshold, t.customers));
            tiers.collect::<Vec<_>>()
        };
        // Between 123.45 and 487.31, and between 4.00 and 99.99.
        assert_eq!(propose(None), [(400.0, 2), (90.0, 2)]);
        assert_eq!(propose(Some(250.0)), [(500.0, 1), (0.0, 7)]);
        let found = engine.propose(
            &population,
            None,
            day(100),
            &goal,
            &ProposeOptions::default(),
        );
        let found = found.unwrap();
        assert_eq!(found.policy.head.version, "1, proposed");
        let when = found.policy.tiers.tiers[0].when.as_ref().unwrap();
        assert_eq!(when.to_string(), "spend >= 400");
        assert_eq!(found.what_if.migration.count("member", "silver"), 0);
    }

    #[test]
    fn of_two_cuts_as_near_the_one_with_fewer() {
        // Half a customer more, half of one less.
        let (engine, population) = population(&[400, 300, 200, 100]);
        let goal = Goal::Shares(vec![0.375, 0.25]);
        let options = ProposeOptions::default();
        let found = engine
            .propose(&population, None, day(100), &goal, &options)
            .unwrap();
        assert_eq!(found.tiers[0].customers, 1);
    }

    #[test]
    fn exactly_the_lift_is_enough() {
        // The first of four holds half: a lift of 2.
        let (engine, population) = population(&[300, 100, 100, 100]);
        let goal = Goal::Lift(vec![2.0, 1.0]);
        let options = ProposeOptions::default();
        let found = engine
            .propose(&population, None, day(100), &goal, &options)
            .unwrap();
        assert_eq!(
            (found.tiers[0].customers, found.tiers[0].lift),
            (1, Some(2.0))
        );
    }

    #[test]
    fn what_cannot_be_proposed_is_said() {
        let (engine, population) = population(&[100, 200]);
        let ask = |engine: &Engine, goal: Goal, multiple_of| {
            let options = ProposeOptions {
                multiple_of,
                ..ProposeOptions::default()
            };
            let found = engine.propose(&population, None, day(100), &goal, &options);
            let error = found.unwrap_err();
            assert!(error.is_misuse());
            error.to_string()
        };
        for (goal, multiple, said) in [
            (
                Goal::Shares(vec![0.1]),
                None,
                "1 numbers are given for 2 tiers",
            ),
            (Goal::Shares(vec![0.1, -0.1]), None, "-0.1 is not above 0"),
            (
                Goal::Shares(vec![0.1, f64::NAN]),
                None,
                "NaN is not above 0",
            ),
            (Goal::Shares(vec![0.8, 0.3]), None, "more than 1"),
            (
                Goal::Lift(vec![1.0, 2.0]),
                None,
                "lower tier wants a greater lift",
            ),
            (
                Goal::Lift(vec![50.0, 2.0]),
                None,
                "no threshold of `spend` has a lift of 50",
            ),
            (
                Goal::Shares(vec![0.1, 0.1]),
                Some(0.0),
                "0 has no multiples",
            ),
        ] {
            let found = ask(&engine, goal, multiple);
            assert!(found.contains(said), "{found}");
        }
        for (body, said) in [
            (FIXED, "tier `silver` does not just ask"),
            (OTHER, "tier `platinum` does not just ask"),
            ("tiers = [{ name = 'all' }]", "no tier above the base"),
        ] {
            let found = ask(&super::engine(body), Goal::Shares(vec![0.1, 0.1]), None);
            assert!(found.contains(said), "{found}");
        }
    }
}

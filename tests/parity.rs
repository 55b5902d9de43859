//! One = bulk = chunked = any partition, order and number of threads, bit for bit; explain = decide.

use customer_value::engine::{
    Assessment, Engine, Fit, Policy, Population, Standing, Standings, Subject,
};
use customer_value::history::{Histories, History};
use customer_value::ledger::{Effect, LedgerBuilder, Options};
use customer_value::lifecycle::StageRecord;
use customer_value::metrics::{Catalog, Metric, gaps};
use customer_value::model::{
    Currency, Customer, CustomerId, Day, Days, Money, Transaction, TransactionKind, Unit,
};
use customer_value::summary::Summary;
use proptest::prelude::*;

// ---- policies ----

/// Attributes, categories, windows, every kind of scale and of point rule, two point scores of which the second asks where
/// a customer stands in the first, conditions on the population, a lifecycle of its own.
const RICH: &str = r#"
    [head]
    name = "rich"
    version = "3"
    currency = "EUR"

    [attributes]
    city = { type = "category", values = ["Bonn", "Wuhan"] }
    size = { type = "number" }
    vip = { type = "flag" }
    joined = { type = "date" }

    [[metrics]]
    name = "books"
    measure = "category_spend"
    category = "books"
    [[metrics]]
    name = "music_share"
    measure = "category_share"
    category = "music"
    [[metrics]]
    name = "spend_90d"
    measure = "spend"
    window = "90 days"
    [[metrics]]
    name = "orders_last_month"
    measure = "purchases"
    window = "last month"
    [[metrics]]
    name = "monthly"
    measure = "frequency"
    per = "30 days"
    [[metrics]]
    name = "ltv"
    measure = "retention_ltv"
    margin = 0.3
    retention = 0.7
    discount = 0.1
    per = "365 days"

    [rfm]
    frequency = { column = "active_days", by = "rank" }
    monetary = { column = "spend_90d", by = { breaks = [10.0, 50.0, 99.9, 200.0] } }

    [[scores]]
    name = "worth"
    parts = [
        { column = "spend", weight = 3, scale = { quantile = { bins = 7 } } },
        { column = "ltv", weight = 0.1, scale = "min_max", missing = 0.25 },
        { column = "days_since_last", weight = 1.7, scale = "percentile", reverse = true },
        { column = "city", weight = 1, scale = { categories = { Bonn = 0.1, Wuhan = 0.7 } } },
        { column = "vip", weight = 1, scale = "flag" },
        { column = "monthly", weight = 1, scale = { breaks = { at = [0.5, 1.1], points = [0.1, 0.2, 0.9] } } },
    ]
    [[scores]]
    name = "total"
    parts = [
        { column = "worth", weight = 2, scale = { linear = { from = 0, to = 100 } }, missing = "missing" },
        { column = "r", weight = 1, scale = { linear = { from = 1, to = 5 } } },
    ]

    [[points]]
    name = "stars"
    caps = { activity = 95.5 }
    [[points.rules]]
    name = "purchase"
    per = "purchase"
    points = 10.1
    repeat = "every"
    group = "activity"
    half_life = "77 days"
    [[points.rules]]
    name = "first book"
    when = "books > 0"
    points = 5
    repeat = "once"
    [[points.rules]]
    name = "top"
    when = "percentile(spend) >= 60"
    points = 3.3
    repeat = { cool_down = "30 days" }
    group = "activity"
    [[points.rules]]
    name = "quiet"
    when = "days_since_last > 60 and worth < 50"
    points = -7
    repeat = "while"

    [[points]]
    name = "bonus"
    [[points.rules]]
    name = "ahead"
    when = "percentile(stars) >= 50 or size >= 10"
    points = 1
    repeat = "every"
    [[points.rules]]
    name = "survey"
    points = 2
    repeat = "every"

    [lifecycle]
    start = "new"
    moves = 8
    stages = [{ name = "new" }, { name = "active", rank = 1 }, { name = "quiet" }, { name = "top", rank = 2 }]
    [[lifecycle.transitions]]
    from = ["new", "quiet", "top"]
    to = "active"
    when = "purchases >= 1 and days_since_last < 60 and not (bonus >= 2)"
    since = "first_purchase"
    [[lifecycle.transitions]]
    from = ["active", "top"]
    to = "quiet"
    when = "days_since_last >= 60"
    since = "last_purchase+60 days"
    [[lifecycle.transitions]]
    from = ["active", "new"]
    to = "top"
    when = "percentile(total) > 70 and cumulative_share(spend) <= 0.9"

    [[tiers]]
    name = "gold"
    when = '''(percentile(stars) >= 70 or segment in ("Champions", "Loyal")) and stage != "quiet"'''
    [[tiers]]
    name = "silver"
    when = '''cumulative_share(spend) <= 0.95 and (city = "Bonn" or joined >= 2021-01-01 or total >= 40)'''
    [[tiers]]
    name = "bronze"
    when = "music_share > 0.2 or orders_last_month between 1 and 3 or percentile(bonus) < 30"
    [[tiers]]
    name = "base"
"#;

/// A metric of the user's, the other facts, three bins, no lifecycle.
const PLAIN: &str = r#"
    [head]
    name = "plain"
    version = "1"
    currency = "EUR"

    [[metrics]]
    name = "factor"
    measure = "slowdown"
    [[metrics]]
    name = "margin_q"
    measure = "margin_share"
    window = "this quarter"

    [rfm]
    bins = 3

    [[points]]
    name = "miles"
    [[points.rules]]
    name = "purchase"
    per = "purchase"
    points = 7
    repeat = "every"
    half_life = "200 days"

    [[tiers]]
    name = "a"
    when = "factor < 1.5 and luck < 4 and percentile(margin_q) >= 40"
    [[tiers]]
    name = "b"
    when = "discount_share >= 0.1 or refund_share > 0 or margin > 20 or r = 3"
    [[tiers]]
    name = "c"
"#;

#[derive(Debug)]
struct Slowdown;

impl Metric for Slowdown {
    fn name(&self) -> &str {
        "slowdown"
    }
    fn unit(&self) -> Unit {
        Unit::Ratio
    }
    fn value(&self, customer: &Summary<'_>, _as_of: Day) -> Option<f64> {
        Some(gaps::last_gap(customer)? / gaps::median_gap(customer)?)
    }
}

/// What somebody else knows of the customer.
#[derive(Debug)]
struct Luck;

impl Metric for Luck {
    fn name(&self) -> &str {
        "luck"
    }
    fn unit(&self) -> Unit {
        Unit::Ratio
    }
    fn value(&self, customer: &Summary<'_>, _as_of: Day) -> Option<f64> {
        let id = customer.id()?;
        Some(id.as_number().map_or(0.5, |number| (number % 5) as f64))
    }
}

fn catalog() -> Catalog {
    let mut catalog = Catalog::standard();
    catalog.add(Luck).unwrap();
    catalog.add(Slowdown).unwrap();
    catalog
}

fn engine(policy: Policy) -> Engine {
    Engine::new(policy, &catalog()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn engines() -> [Engine; 3] {
    [
        engine(Policy::standard(Currency::EUR)),
        engine(toml::from_str(RICH).unwrap()),
        engine(toml::from_str(PLAIN).unwrap()),
    ]
}

// ---- populations ----

const START: i32 = 18_600; // 2020-12-04

fn day(offset: i32) -> Day {
    Day::from_epoch_days(START + offset).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn customer_id(n: u32) -> CustomerId {
    if n.is_multiple_of(3) {
        CustomerId::text(&format!("c{n}")).unwrap()
    } else {
        CustomerId::from(u64::from(n) * 7919)
    }
}

/// A transaction, and into which part it falls when the rows are parted.
#[derive(Debug, Clone)]
struct Row {
    transaction: Transaction,
    part: usize,
}

const DAYS: i32 = 420;
const PARTS: usize = 3;

/// Purchases, some of them refunded by name, in part or in full, and refunds without a purchase.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let purchase = (
        (0..14_u32, 0..DAYS, 0..20_000_i64),
        (0..3_usize, 0..3_i64, 0..3_i64),
        (0..6_u32, 0..60_i32),
        (0..PARTS, 0..PARTS),
    );
    prop::collection::vec(purchase, 1..90).prop_map(|all| {
        let mut rows = Vec::new();
        for (i, ((customer, at, amount), (category, cost, discount), (kind, later), parts)) in
            all.into_iter().enumerate()
        {
            let (id, part) = (customer_id(customer), parts.0);
            // Refunds that name no purchase are odd, so that they match none.
            let amount = amount * 2;
            if kind == 5 {
                let refund = Transaction::refund(id, day(at), eur(amount / 4 * 2 + 1)).unwrap();
                rows.push(Row {
                    transaction: refund,
                    part,
                });
                continue;
            }
            let name = format!("p{i}");
            let mut bought = Transaction::purchase(id.clone(), day(at), eur(amount))
                .unwrap()
                .with_id(&name)
                .unwrap()
                .with_cost(eur(amount * cost / 4))
                .unwrap()
                .with_discount(eur(amount * discount / 10))
                .unwrap();
            if let Some(category) = ["books", "music"].get(category) {
                bought = bought.with_category(category);
            }
            rows.push(Row {
                transaction: bought,
                part,
            });
            if kind >= 3 && amount > 0 {
                let back = if kind == 3 {
                    amount
                } else {
                    amount / 4 * 2 + 1
                }
                .min(amount);
                let refund = Transaction::refund(id, day((at + later).min(DAYS)), eur(back))
                    .unwrap()
                    .refund_of(&name)
                    .unwrap();
                rows.push(Row {
                    transaction: refund,
                    part: part.max(parts.1),
                });
            }
        }
        rows
    })
}

fn options() -> Options {
    Options::new(day(DAYS), Currency::EUR)
}

/// The histories of the rows at which `now` is true, with those at which `earlier` is true known from before.
fn histories(
    engine: &Engine,
    rows: &[Row],
    earlier: impl Fn(&Row) -> bool,
    now: impl Fn(&Row) -> bool,
) -> Histories {
    let mut builder = LedgerBuilder::new(options());
    builder.context(rows.iter().filter(|r| earlier(r)).map(|r| &r.transaction));
    for row in rows.iter().filter(|r| now(r)) {
        builder.transaction(&row.transaction);
    }
    let ledger = builder.finish();
    assert_eq!(ledger.rejects(), [], "every row is meant to count");
    Histories::build(&ledger, engine.layout()).unwrap()
}

fn all(engine: &Engine, rows: &[Row]) -> Histories {
    histories(engine, rows, |_| false, |_| true)
}

/// Some customers with attributes, one of whom has never bought.
fn customers() -> Vec<Customer> {
    (0..14)
        .chain([99])
        .filter(|n| n % 4 != 1)
        .map(|n| {
            let mut customer = Customer::new(customer_id(n));
            let cities = ["Bonn", "Wuhan", "Oslo"];
            customer = customer.with("city", cities[n as usize % 3]).unwrap();
            if n % 2 == 0 {
                customer = customer.with("size", f64::from(n)).unwrap();
                customer = customer.with("joined", day(n as i32 * 30)).unwrap();
            }
            customer.with("vip", n % 5 == 0).unwrap()
        })
        .collect()
}

fn population(histories: Histories) -> Population {
    Population::new(histories)
        .with_customers(customers())
        .unwrap()
}

fn fitted(engine: &Engine, population: &Population, as_of: Day) -> Engine {
    let fit = engine.fit(population, &Standings::new(), as_of).unwrap();
    engine.clone().freeze(fit).unwrap()
}

// ---- what a review says, to compare ----

#[derive(Debug, PartialEq, Clone)]
struct Said {
    cells: Vec<(String, Option<u64>)>,
    tier: String,
    undecided: bool,
    stage: Option<String>,
    since: Option<Day>,
    changed: (bool, bool),
    reason: String,
}

fn cells(engine: &Engine, found: &Assessment<'_>) -> Vec<(String, Option<u64>)> {
    let slots = engine.schema().slots();
    slots
        .zip(engine.schema().names())
        .map(|(slot, name)| {
            let number = found.row().number(slot);
            (name.to_owned(), number.map(f64::to_bits))
        })
        .collect()
}

fn said(engine: &Engine, found: &Assessment<'_>) -> Said {
    Said {
        cells: cells(engine, found),
        tier: found.tier().to_owned(),
        undecided: found.decision().undecided.is_some(),
        stage: found.stage().map(str::to_owned),
        since: found.stage_since(),
        changed: (found.tier_changed(), found.stage_changed()),
        reason: found.reason(),
    }
}

fn review_all(
    engine: &Engine,
    population: &Population,
    standings: &Standings,
    as_of: Day,
) -> Vec<(CustomerId, Said, Standing)> {
    let reviews = engine.review_all(population, standings, as_of).unwrap();
    assert_eq!(reviews.len(), population.len());
    reviews
        .iter()
        .map(|one| {
            let standing = reviews.standing(one.position()).unwrap();
            (one.id().clone(), said(engine, one.assessment()), standing)
        })
        .collect()
}

fn remembered(found: &[(CustomerId, Said, Standing)]) -> Standings {
    found
        .iter()
        .map(|(id, _, standing)| (id.clone(), standing.clone()))
        .collect()
}

// ---- laws ----

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn one_is_bulk(rows in rows(), early in 0..DAYS, later in 0..200) {
        for engine in engines() {
            let population = population(all(&engine, &rows));
            let fitted = fitted(&engine, &population, day(DAYS));
            // Without a fit, with one, and again with what was remembered.
            for engine in [&engine, &fitted] {
                let mut standings = Standings::new();
                for as_of in [day(early), day(early + later), day(early + later)] {
                    let bulk = review_all(engine, &population, &standings, as_of);
                    let mut buffer = engine.buffer();
                    for (position, (id, said_in_bulk, standing_in_bulk)) in bulk.iter().enumerate() {
                        let history = population.histories().get(id).unwrap();
                        let subject = Subject::new(history).with_id(id);
                        let subject = match population.customer(position) {
                            Some(customer) => subject.with_customer(customer),
                            None => subject,
                        };
                        let before = standings.get(id).cloned().unwrap_or_default();
                        let (standing, found) =
                            engine.review(subject, before.clone(), as_of, &mut buffer);
                        prop_assert_eq!(&said(engine, &found), said_in_bulk);
                        prop_assert_eq!(&standing, standing_in_bulk);
                        prop_assert_eq!(standing.tier().unwrap().tier.as_str(), found.tier());
                        prop_assert_eq!(standing.stage().map(|s| s.stage.as_str()), found.stage());

                        // Explain = decide.
                        let why = found.explain();
                        prop_assert_eq!(&why.tier.tier, found.tier());
                        prop_assert_eq!(why.tier.reason(), found.reason());
                        if let Some(stage) = &why.stage {
                            prop_assert_eq!(Some(stage.stage.as_str()), found.stage());
                            prop_assert_eq!(Some(stage.since), found.stage_since());
                        }
                        for score in &why.scores {
                            let total = score.parts.iter().fold(0.0, |sum, p| sum + p.contribution);
                            let bits = score.score.map(f64::to_bits);
                            prop_assert_eq!(found.number(&score.name).map(f64::to_bits), bits);
                            prop_assert!(bits.is_none_or(|b| b == total.to_bits()));
                        }
                        // A point score is the sum of its log.
                        for points in &engine.policy().points {
                            let log = standing.points(&points.name).unwrap();
                            let lines = engine.points(&points.name).unwrap().lines(log, as_of);
                            let total = lines.fold(0.0, |sum, line| sum + line.points);
                            prop_assert_eq!(found.number(&points.name), Some(total));
                        }

                        // The same day again changes nothing, also from what was stored.
                        let stored = serde_json::to_string(&standing).unwrap();
                        let read: Standing = serde_json::from_str(&stored).unwrap();
                        prop_assert_eq!(&read, &standing);
                        let (again, found) = engine.review(subject, read, as_of, &mut buffer);
                        prop_assert_eq!(&again, &standing);
                        let same = Said { changed: said_in_bulk.changed, ..said(engine, &found) };
                        prop_assert_eq!(&same, said_in_bulk);
                        prop_assert!(!found.tier_changed() && !found.stage_changed());
                    }
                    standings = remembered(&bulk);
                }
            }
        }
    }

    #[test]
    fn any_partition_order_and_threads(rows in rows(), seed in any::<u64>()) {
        let mut shuffled = rows.clone();
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        for engine in engines() {
            let whole = all(&engine, &rows);
            let mut results = Vec::new();
            let mut fits = Vec::new();
            for threads in [1, 2, 5] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| {
                    // Each part knows those before it, as a service would; they are merged in another order.
                    let part = |n| histories(&engine, &shuffled, |r| r.part < n, |r| r.part == n);
                    let parts = [part(0), part(1), part(2)];
                    let merged = match threads {
                        1 => parts[0].merge(&parts[1]).unwrap().merge(&parts[2]).unwrap(),
                        2 => parts[2].merge(&parts[0]).unwrap().merge(&parts[1]).unwrap(),
                        _ => parts[1].merge(&parts[2].merge(&parts[0]).unwrap()).unwrap(),
                    };
                    assert_eq!(merged, all(&engine, &shuffled));
                    let population = population(merged);
                    let fit = engine.fit(&population, &Standings::new(), day(300)).unwrap();
                    let engine = engine.clone().freeze(fit.clone()).unwrap();
                    fits.push(fit);
                    results.push(review_all(&engine, &population, &Standings::new(), day(DAYS)));
                });
            }
            let population = population(whole);
            let fit = engine.fit(&population, &Standings::new(), day(300)).unwrap();
            let engine = engine.clone().freeze(fit.clone()).unwrap();
            let expected = review_all(&engine, &population, &Standings::new(), day(DAYS));
            for (fit_there, result) in fits.iter().zip(&results) {
                prop_assert_eq!(fit_there, &fit);
                prop_assert_eq!(result, &expected);
            }
        }
    }

    #[test]
    fn day_by_day_is_at_once(rows in rows(), step in 20..90_i32) {
        // What depends on nothing that is remembered; the points of `miles` follow from the history alone.
        let remembers = ["stars", "bonus", "stage"];
        for engine in engines() {
            let population_of = |histories| population(histories);
            let engine = fitted(&engine, &population_of(all(&engine, &rows)), day(DAYS));
            let mut standings = Standings::new();
            let mut so_far = histories(&engine, &rows, |_| false, |_| false);
            let mut from = day(0);
            while from <= day(DAYS) {
                let to = from.plus(Days::new(step));
                let new = |r: &Row| (from..to).contains(&r.transaction.day());
                let earlier = |r: &Row| r.transaction.day() < from;
                so_far = so_far.merge(&histories(&engine, &rows, earlier, new)).unwrap();
                let as_of = to.minus(Days::new(1));

                let at_once = histories(&engine, &rows, |_| false, |r| r.transaction.day() < to);
                prop_assert_eq!(&so_far, &at_once);
                let carried =
                    review_all(&engine, &population_of(so_far.clone()), &standings, as_of);
                let fresh =
                    review_all(&engine, &population_of(at_once), &Standings::new(), as_of);
                prop_assert_eq!(carried.len(), fresh.len());
                for ((id, a, _), (_, b, _)) in carried.iter().zip(&fresh) {
                    for (a, b) in a.cells.iter().zip(&b.cells) {
                        if !remembers.contains(&a.0.as_str()) {
                            prop_assert_eq!(a, b, "{}", id);
                        }
                    }
                }
                standings = remembered(&carried);
                from = to;
            }
        }
    }

    #[test]
    fn adding_to_a_stored_history_is_building_it(rows in rows()) {
        let engines = engines();
        // Facts of categories come through a ledger only.
        for engine in [&engines[0], &engines[2]] {
            let plain: Vec<Row> = rows
                .iter()
                .filter(|r| r.transaction.refunded().is_none())
                .cloned()
                .collect();
            let whole = all(engine, &plain);
            for (id, history) in whole.iter() {
                let mut stored = History::new(engine.layout().clone()).to_bytes();
                for row in plain.iter().filter(|r| *r.transaction.customer() == id) {
                    let mut one = History::from_bytes(&stored).unwrap();
                    one.add(&Effect::of(&row.transaction, &options()).unwrap()).unwrap();
                    stored = one.to_bytes();
                }
                let one = History::from_bytes(&stored).unwrap();
                prop_assert_eq!(one.view(), history);
                let mut buffers = (engine.buffer(), engine.buffer());
                let (a, b) = (Standing::default(), Standing::default());
                let (a, found) = engine.review(&one, a, day(DAYS), &mut buffers.0);
                let (b, bulk) = engine.review(history, b, day(DAYS), &mut buffers.1);
                prop_assert_eq!(said(engine, &found), said(engine, &bulk));
                prop_assert_eq!(a, b);
            }
        }
    }

    #[test]
    fn a_fit_outlives_its_text(rows in rows()) {
        for engine in engines() {
            let population = population(all(&engine, &rows));
            let fit = engine.fit(&population, &Standings::new(), day(DAYS)).unwrap();
            let text = serde_json::to_string(&fit).unwrap();
            let read: Fit = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&read, &fit);
            prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
            let none = Standings::new();
            let kept = engine.clone().freeze(fit).unwrap();
            let read = engine.freeze(read).unwrap();
            prop_assert_eq!(
                review_all(&read, &population, &none, day(DAYS)),
                review_all(&kept, &population, &none, day(DAYS))
            );
        }
    }
}

/// More customers than one piece of work has, so that pieces and shards meet within a block.
#[test]
fn many_customers_in_pieces() {
    let engines = engines();
    let rows: Vec<Row> = (0..9_000_u32)
        .map(|i| {
            let id = CustomerId::from(u64::from(i * 7 % 5_001));
            let at = day((i * 31 % 400) as i32);
            let amount = eur(i64::from(i * 97 % 10_007));
            Row {
                transaction: Transaction::purchase(id, at, amount).unwrap(),
                part: 0,
            }
        })
        .collect();
    for engine in engines {
        let population = population(all(&engine, &rows));
        assert!(population.len() > 5_000);
        let engine = fitted(&engine, &population, day(DAYS));
        let bulk = review_all(&engine, &population, &Standings::new(), day(DAYS));
        let mut buffer = engine.buffer();
        for (position, (id, bulk, bulk_standing)) in bulk.iter().enumerate() {
            let history = population.histories().get(id).unwrap();
            let mut subject = Subject::new(history).with_id(id);
            if let Some(customer) = population.customer(position) {
                subject = subject.with_customer(customer);
            }
            let none = Standing::default();
            let (standing, found) = engine.review(subject, none, day(DAYS), &mut buffer);
            assert_eq!(said(&engine, &found), *bulk);
            assert_eq!(standing, *bulk_standing);
        }
        let none = Standings::new();
        let reviews = engine.review_all(&population, &none, day(DAYS)).unwrap();
        let tiers: Vec<_> = reviews.tiers().map(|t| engine.ladder().name(t)).collect();
        assert!(
            tiers
                .iter()
                .zip(&bulk)
                .all(|(t, (_, said, _))| *t == said.tier)
        );
        assert_eq!(reviews.standings(), remembered(&bulk));
        assert_eq!(
            reviews.tables().map(|t| t.rows()).sum::<usize>(),
            bulk.len()
        );
        // The populations are not all of one tier or stage: something was compared.
        let mut different: Vec<_> = bulk.iter().map(|(_, s, _)| &s.tier).collect();
        different.sort();
        different.dedup();
        assert!(different.len() > 1, "{different:?}");
    }
}

/// Every column of the policies has a value for somebody: a law about missing cells alone says little.
#[test]
fn every_column_is_filled() {
    let engines = engines();
    let rows: Vec<Row> = (0..400_i32)
        .map(|i| {
            let id = customer_id(i as u32 * 5 % 14);
            let category = ["books", "music"][i as usize % 2];
            let bought = Transaction::purchase(id, day(i * 13 % DAYS), eur(i64::from(i) * 2 + 10))
                .unwrap()
                .with_cost(eur(3))
                .unwrap()
                .with_discount(eur(2))
                .unwrap()
                .with_category(category);
            assert_eq!(bought.kind(), TransactionKind::Purchase);
            Row {
                transaction: bought,
                part: 0,
            }
        })
        .collect();
    for engine in engines {
        let population = population(all(&engine, &rows));
        let engine = fitted(&engine, &population, day(DAYS));
        let found = review_all(&engine, &population, &Standings::new(), day(DAYS));
        for (column, name) in engine.schema().names().enumerate() {
            let values: std::collections::BTreeSet<_> = found
                .iter()
                .filter_map(|(_, s, _)| s.cells[column].1)
                .collect();
            assert!(!values.is_empty(), "`{name}` is missing for everybody");
        }
        let stages: Vec<Option<&StageRecord>> = found.iter().map(|(_, _, s)| s.stage()).collect();
        assert_eq!(
            stages.iter().all(Option::is_some),
            engine.lifecycle().is_some()
        );
    }
}

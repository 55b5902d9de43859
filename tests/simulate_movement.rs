//! What-if and replay of policies with movement, against reviews one by one.

use std::collections::BTreeMap;

use customer_value::engine::simulate::{
    EventKind, Goal, Held, ProposeOptions, ReplayOptions, Step, Turn, WhatIf, WhatIfOptions,
};
use customer_value::engine::{Engine, Policy, Population, Standing, Standings, Subject};
use customer_value::ledger::{Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, CustomerId, Day, Transaction};
use customer_value::rules::Truth;
use customer_value::tiering::{
    Change, Override, OverrideKind, Reason, TakeOver, TierEvent, TierRecord,
};
use proptest::prelude::*;

/// 2024-01-01.
const START: i32 = 19_723;
/// The day of the last review under the policy before.
const EARLIER: i32 = 250;
/// The day of the comparison.
const TODAY: i32 = 400;

fn day(days: i32) -> Day {
    Day::from_epoch_days(START + days).unwrap()
}

fn engine(version: &str, body: &str) -> Engine {
    let head =
        format!("head = {{ name = \"members\", version = \"{version}\", currency = \"EUR\" }}\n");
    Engine::from_toml(&format!("{head}{body}"), &Catalog::standard())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// Customer, day, whole euros, and perhaps the days after which it is refunded.
type Sale = (u64, i32, i64, Option<i32>);

fn sales() -> impl Strategy<Value = Vec<Sale>> {
    let sale = (
        0..6_u64,
        0..TODAY,
        1..200_i64,
        prop::option::weighted(0.15, 1..150_i32),
    );
    prop::collection::vec(sale, 0..40)
}

/// The records dated up to a day.
fn records(sales: &[Sale], last: i32) -> Vec<Transaction> {
    let mut rows = Vec::new();
    for (i, (customer, on, euros, refund)) in sales.iter().enumerate() {
        let amount = format!("{euros} EUR").parse().unwrap();
        let id = i.to_string();
        if *on <= last {
            let row = Transaction::purchase(*customer, day(*on), amount).unwrap();
            rows.push(row.with_id(&id).unwrap());
        }
        if let Some(after) = refund.filter(|after| on + after <= last) {
            let row = Transaction::refund(*customer, day(on + after), amount).unwrap();
            rows.push(row.refund_of(&id).unwrap());
        }
    }
    rows
}

fn ledger(sales: &[Sale], last: i32) -> Ledger<'static> {
    Ledger::from_transactions(
        &records(sales, last),
        Options::new(day(last), Currency::EUR),
    )
}

const THREE: &str = "tiers = [
    { name = 'gold', entry = 300, keep = 200 },
    { name = 'silver', entry = 120, keep = 80 },
    { name = 'member' },
]
[movement]
";

fn policies() -> Vec<Policy> {
    let policy = |body: &str| engine("1", body).policy().clone();
    [
        // A year and the next, rolled over.
        format!(
            "{THREE}qualifying = {{ measure = 'spend', window = 'this year' }}
            term = {{ end_of = 'year', next = true }}
            review = {{ every = 'year' }}
            downgrade = 'one_step'
            after_review = {{ reduced = {{ cap = 100 }} }}
            notices = ['30 days']"
        ),
        // What was spent of late, with hold and grace.
        format!(
            "{THREE}qualifying = {{ measure = 'spend', window = '90 days' }}
            hold = '60 days'
            grace = {{ length = '30 days', round = 'month' }}"
        ),
        // Upgrades wait, terms are short, refunds take a tier back.
        format!(
            "{THREE}qualifying = {{ measure = 'spend', window = '180 days' }}
            upgrade = {{ next_period = 'quarter' }}
            term = {{ length = '3 months' }}
            grace = {{ length = '20 days' }}
            refunds = 'now'"
        ),
        // Other names: what was gold is platinum, and nothing takes the place of silver.
        "tiers = [
            { name = 'platinum', entry = 250, keep = 150, replaces = ['gold'] },
            { name = 'bronze', entry = 60, downgradable = false },
            { name = 'member' },
        ]
        [movement]
        qualifying = { measure = 'spend', window = '120 days' }
        term = { length = '6 months' }"
            .to_owned(),
        // Without movement.
        "tiers = [
            { name = 'gold', when = 'spend >= 300' },
            { name = 'silver', when = 'spend >= 120' },
            { name = 'member' },
        ]"
        .to_owned(),
    ]
    .map(|body| policy(&body))
    .into()
}

/// The same policy a version later, taking over in that way.
fn next(mut policy: Policy, how: TakeOver, from: Option<i32>) -> Engine {
    policy.head.version = "2".to_owned();
    if let Some(movement) = &mut policy.movement {
        movement.policy_change.how = how;
        movement.policy_change.from = from.map(day);
    }
    Engine::new(policy, &Catalog::standard()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn bind(policy: Policy) -> Engine {
    Engine::new(policy, &Catalog::standard()).unwrap()
}

fn how() -> impl Strategy<Value = (TakeOver, Option<i32>)> {
    let ways = [TakeOver::Grandfather, TakeOver::UpOnly, TakeOver::Full];
    let from = prop::option::weighted(
        0.3,
        prop::sample::select(vec![TODAY - 60, TODAY, TODAY + 60]),
    );
    (prop::sample::select(ways.to_vec()), from)
}

/// Everybody reviewed one by one.
fn one_by_one(
    engine: &Engine,
    population: &Population,
    standings: &Standings,
    as_of: Day,
    mut visit: impl FnMut(usize, &CustomerId, &customer_value::engine::Assessment<'_>),
) -> Standings {
    let mut after = Standings::new();
    for (position, (id, history)) in population.histories().iter().enumerate() {
        let standing = standings.get(&id).cloned().unwrap_or_default();
        let mut buffer = engine.buffer();
        let subject = Subject::new(history).with_id(&id);
        let (standing, assessment) = engine.review(subject, standing, as_of, &mut buffer);
        visit(position, &id, &assessment);
        after.insert(id, standing);
    }
    after
}

/// What people decided about some customers, and customers who are long gone.
fn decided(standings: Standings, overrides: &[(u64, u8)]) -> Standings {
    let mut all: Standings = standings
        .iter()
        .map(|(id, standing)| (id.clone(), standing.clone()))
        .collect();
    for (customer, kind) in overrides {
        let id = CustomerId::from(*customer);
        let Some(mut standing) = all.get(&id).cloned() else {
            continue;
        };
        let kind = match kind % 4 {
            0 => OverrideKind::Pin("gold".to_owned()),
            1 => OverrideKind::Floor("silver".to_owned()),
            2 => OverrideKind::Ceiling("silver".to_owned()),
            _ => OverrideKind::Exclude,
        };
        let decided = Override {
            kind,
            from: day(EARLIER),
            to: None,
            actor: "l.chen".to_owned(),
            reason: "asked".to_owned(),
        };
        standing.override_tier(decided).unwrap();
        all.insert(id, standing);
    }
    for stranger in 100..140_u64 {
        all.insert(stranger.into(), Standing::default());
    }
    all.insert("somebody".parse().unwrap(), Standing::default());
    all
}

struct Compared {
    found: WhatIf,
    population: Population,
    standings: Standings,
    engines: [Engine; 2],
}

fn compare(before: Engine, after: Engine, sales: &[Sale], overrides: &[(u64, u8)]) -> Compared {
    let earlier = before
        .shared_population(&after, &ledger(sales, EARLIER))
        .unwrap();
    let standings = one_by_one(
        &before,
        &earlier,
        &Standings::new(),
        day(EARLIER),
        |_, _, _| (),
    );
    let standings = decided(standings, overrides);
    let population = before
        .shared_population(&after, &ledger(sales, TODAY))
        .unwrap();
    let options = WhatIfOptions {
        movers: usize::MAX,
        ..WhatIfOptions::default()
    };
    let found = before
        .what_if(&after, &population, &standings, day(TODAY), &options)
        .unwrap();
    Compared {
        found,
        population,
        standings,
        engines: [before, after],
    }
}

/// The reason of the decision, the ends of term and grace, and whether the policy changed.
type Why = (Reason, Option<Day>, Option<Day>, bool);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_if_equals_reviews_one_by_one(
        sales in sales(),
        (how, from) in how(),
        overrides in prop::collection::vec((0..6_u64, any::<u8>()), 0..3),
    ) {
        for before in policies() {
            for after in policies() {
                let Compared { found, population, standings, engines } =
                    compare(bind(before.clone()), next(after, how, from), &sales, &overrides);
                let mut tiers: [Vec<String>; 2] = Default::default();
                // Why each has a tier they do not qualify for: no more than the record says.
                let mut why: [Vec<Why>; 2] = Default::default();
                for (side, engine) in engines.iter().enumerate() {
                    one_by_one(engine, &population, &standings, day(TODAY), |_, _, assessment| {
                        tiers[side].push(assessment.tier().to_owned());
                        let tenure = assessment.tenure();
                        let taken = assessment.events().iter().any(|event| event.change == Change::PolicyChanged);
                        why[side].push((
                            assessment.decision().reason,
                            tenure.and_then(|t| t.term).map(|t| t.end),
                            tenure.and_then(|t| t.grace).map(|g| g.until),
                            taken || tenure.is_some_and(|t| t.policy != engine.fingerprint()),
                        ));
                    });
                }
                let same = |from: &str, to: &str| {
                    let replaces = |engine: &Engine, tier: &str, old: &str| {
                        let tiers = &engine.policy().tiers.tiers;
                        tiers.iter().any(|t| t.name == tier && t.replaces.iter().any(|r| r == old))
                    };
                    from == to || replaces(&engines[1], to, from) || replaces(&engines[0], from, to)
                };
                let mut movers = Vec::new();
                let mut cells: BTreeMap<(&str, &str), u64> = BTreeMap::new();
                for (position, (from, to)) in tiers[0].iter().zip(&tiers[1]).enumerate() {
                    *cells.entry((from, to)).or_default() += 1;
                    if !same(from, to) {
                        movers.push((position, from.clone(), to.clone()));
                    }
                }
                for row in found.migration.rows() {
                    for (to, count) in found.migration.columns().iter().zip(&row.counts) {
                        let expected = cells.get(&(row.name.as_str(), to.as_str()));
                        prop_assert_eq!(*count, expected.copied().unwrap_or(0));
                    }
                }
                let listed: Vec<_> = found.movers.iter().map(|m| (m.position, m.from.clone(), m.to.clone())).collect();
                prop_assert_eq!(&listed, &movers);
                prop_assert_eq!(found.moved, movers.len() as u64);
                prop_assert_eq!(found.reasons.iter().map(|r| r.customers).sum::<u64>(), found.moved);
                for mover in &found.movers {
                    let reason = found.reasons.iter().find(|r| {
                        (r.to_string(), &r.from, &r.to) == (mover.reason.clone(), &mover.from, &mover.to)
                    });
                    let reason = reason.unwrap();
                    for (side, held, until) in
                        [(0, reason.held_before, mover.until_before), (1, reason.held_after, mover.until_after)]
                    {
                        let (decided, term, grace, changed) = why[side][mover.position];
                        match held {
                            None => {}
                            Some(Held::Override) => prop_assert_eq!(decided, Reason::Override),
                            Some(Held::Waiting) => prop_assert_eq!(decided, Reason::Waiting),
                            Some(Held::Term) => {
                                prop_assert_eq!(until, term);
                                prop_assert!(until > Some(day(TODAY)));
                            }
                            Some(Held::Grace) => prop_assert_eq!(until, grace),
                            Some(Held::PolicyChange) => prop_assert!(changed),
                            Some(_) => prop_assert_eq!(decided, Reason::Kept),
                        }
                    }
                    // Of a tier that is gained or lost by conditions those hold on the one side only.
                    let (holds, fails) = match reason.turn {
                        Turn::Lost => (&mover.before, &mover.after),
                        Turn::Gained => (&mover.after, &mover.before),
                    };
                    prop_assert!(holds.iter().all(|c| c.truth == Truth::True));
                    prop_assert!(fails.iter().all(|c| c.truth != Truth::True));
                }
                // Who stays has another tier than at a first review.
                let first = one_tiers(&engines[1], &population);
                let stays = (0..tiers[1].len())
                    .filter(|at| same(&tiers[0][*at], &tiers[1][*at]) && engines[1].movement().is_some());
                let stays = stays.filter(|at| first[*at] != tiers[1][*at]).count() as u64;
                let counted: u64 = found.stays.iter().map(|s| s.customers).sum();
                // What is carried over, and windows that are counted from the tier, make others qualify.
                if engines[1].policy().movement.as_ref().is_none_or(|m| m.after_review == Default::default()) {
                    prop_assert_eq!(counted, stays);
                }
            }
        }
    }

    #[test]
    fn a_replay_equals_reviews_one_by_one(sales in sales()) {
        let ends: Vec<i32> = Step::Month.days(day(0), day(TODAY)).map(|d| d.epoch_days() - START).collect();
        for policy in policies() {
            let engine = bind(policy);
            let mut found = Vec::new();
            let mut trail: BTreeMap<CustomerId, Vec<TierEvent>> = BTreeMap::new();
            let whole = ledger(&sales, TODAY);
            let options = ReplayOptions::new(Step::Month);
            let remembered = engine.replay_with(&whole, day(0), day(TODAY), &options, |reviews| {
                found.push(reviews.iter().map(|r| r.assessment().tier().to_owned()).collect::<Vec<_>>());
                for (id, event) in reviews.events() {
                    trail.entry(id).or_default().push(event);
                }
            }).unwrap();
            let replay = engine.replay(&whole, day(0), day(TODAY), &options).unwrap();
            let mut standings = Standings::new();
            for (i, end) in ends.iter().enumerate() {
                let population = engine.population(&ledger(&sales, *end)).unwrap();
                let mut tiers = Vec::new();
                let mut events: BTreeMap<EventKind, u64> = BTreeMap::new();
                standings = one_by_one(&engine, &population, &standings, day(*end), |_, _, assessment| {
                    tiers.push(assessment.tier().to_owned());
                    for event in assessment.events() {
                        *events.entry(EventKind::of(&event.change)).or_default() += 1;
                    }
                });
                prop_assert_eq!(&found[i], &tiers);
                prop_assert_eq!(&replay.steps[i].events, &events);
            }
            prop_assert_eq!(&remembered, &standings);
            for (id, standing) in remembered.iter() {
                let events = trail.get(id).map_or(&[][..], Vec::as_slice);
                if engine.movement().is_some() {
                    let record = TierRecord::replay(events);
                    prop_assert_eq!(record.as_ref(), standing.tier());
                } else {
                    prop_assert!(events.is_empty());
                }
            }
        }
    }
}

fn one_tiers(engine: &Engine, population: &Population) -> Vec<String> {
    let mut tiers = Vec::new();
    one_by_one(
        engine,
        population,
        &Standings::new(),
        day(TODAY),
        |_, _, assessment| {
            tiers.push(assessment.tier().to_owned());
        },
    );
    tiers
}

fn movement(tiers: &str, rest: &str) -> Policy {
    engine("1", &format!("tiers = [{tiers}]\n[movement]\n{rest}"))
        .policy()
        .clone()
}

const GOLD: &str = "{ name = 'gold', entry = 100, keep = 60 }, { name = 'member' }";
const HARDER: &str = "{ name = 'gold', entry = 150, keep = 120 }, { name = 'member' }";
const HALF_YEAR: &str = "qualifying = { measure = 'spend', window = '180 days' }\n";

/// Why one customer moves who spent 100 on a day, and why one stays.
fn reasons(
    before: &Policy,
    after: &Engine,
    on: i32,
    overrides: &[(u64, u8)],
) -> (Vec<String>, Vec<String>) {
    let compared = compare(
        bind(before.clone()),
        after.clone(),
        &[(1, on, 100, None)],
        overrides,
    );
    let moved = compared.found.reasons.iter().map(ToString::to_string);
    let stayed = compared.found.stays.iter().map(ToString::to_string);
    (moved.collect(), stayed.collect())
}

#[test]
fn a_tier_kept_by_its_term_says_so() {
    let term = format!("{HALF_YEAR}term = {{ length = '12 months' }}\n");
    let before = movement(GOLD, &term);
    let after = next(movement(HARDER, &term), TakeOver::Grandfather, None);
    // Spent 150 days before the first review: still counted at the second, and below the new entry.
    let (moved, stayed) = reasons(&before, &after, EARLIER - 20, &[]);
    assert_eq!(moved, Vec::<String>::new());
    assert_eq!(stayed, ["gold: kept by its term, qualifies for member"]);
    let full = next(movement(HARDER, &term), TakeOver::Full, None);
    let (moved, stayed) = reasons(&before, &full, EARLIER - 20, &[]);
    assert_eq!(
        moved,
        [
            "no longer gold: needs qualifying >= 150, by the change of the policy, was qualifying >= 100"
        ]
    );
    assert!(stayed.is_empty());
    // The spend is gone before the term is.
    let (moved, _) = reasons(&before, &full, EARLIER - 60, &[]);
    assert_eq!(
        moved,
        [
            "no longer gold: needs qualifying >= 150, by the change of the policy, was kept by its term"
        ]
    );
    let mover = compare(bind(before), full, &[(1, EARLIER - 60, 100, None)], &[])
        .found
        .movers
        .remove(0);
    // A first review puts them where they qualify on its day: the term begins with it.
    assert_eq!(mover.until_before, Some(day(EARLIER + 365)));
}

#[test]
fn a_policy_that_is_not_yet_in_force_keeps_everybody() {
    let term = format!("{HALF_YEAR}term = {{ length = '12 months' }}\n");
    let after = next(movement(HARDER, &term), TakeOver::Full, Some(TODAY + 1));
    let (moved, stayed) = reasons(&movement(GOLD, &term), &after, EARLIER - 20, &[]);
    assert!(moved.is_empty());
    assert_eq!(
        stayed,
        ["gold: by the change of the policy, qualifies for member"]
    );
}

#[test]
fn a_tier_in_grace_says_so() {
    let always = format!("{HALF_YEAR}hold = '30 days'\n");
    let grace = format!("{always}grace = {{ length = '90 days' }}\n");
    let before = movement(GOLD, &always);
    // Counted until 40 days before today; taken over today, when it is reviewed.
    let after = next(movement(GOLD, &grace), TakeOver::Grandfather, None);
    let (moved, _) = reasons(&before, &after, TODAY - 220, &[]);
    assert_eq!(
        moved,
        ["gold kept by its grace period, needed qualifying >= 60"]
    );
    let (moved, _) = reasons(
        &movement(GOLD, &grace),
        &next(movement(GOLD, &always), TakeOver::Grandfather, None),
        TODAY - 220,
        &[],
    );
    assert_eq!(
        moved,
        ["no longer gold: needs qualifying >= 60, was kept by its grace period"]
    );
}

#[test]
fn a_tier_kept_by_its_keep_condition_gives_that() {
    let always = HALF_YEAR.to_owned();
    let before = movement(GOLD, &always);
    let after = next(movement(HARDER, &always), TakeOver::Grandfather, None);
    // 100 then and 70 now.
    let compared = compare(
        bind(before),
        after,
        &[(1, EARLIER - 60, 40, None), (1, EARLIER - 10, 70, None)],
        &[],
    );
    let moved: Vec<String> = compared
        .found
        .reasons
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        moved,
        ["no longer gold: needs qualifying >= 120, was kept by qualifying >= 60"]
    );
    let mover = &compared.found.movers[0];
    assert_eq!(mover.before[0].to_string(), "qualifying 70.00 >= 60");
    assert_eq!(mover.after[0].to_string(), "qualifying 70.00 >= 120");
}

#[test]
fn a_hold_a_wait_and_people_say_so() {
    let always = HALF_YEAR.to_owned();
    let before = movement(GOLD, &always);
    let hold = next(
        movement(HARDER, &format!("{HALF_YEAR}hold = '12 months'\n")),
        TakeOver::Grandfather,
        None,
    );
    let (moved, stayed) = reasons(&before, &hold, EARLIER - 20, &[]);
    assert_eq!(
        (moved.len(), stayed),
        (
            0,
            vec!["gold: kept by its hold, qualifies for member".to_owned()]
        )
    );
    // An upgrade that comes today under the one, and with the next year under the other.
    let wait = next(
        movement(
            GOLD,
            &format!(
                "{HALF_YEAR}upgrade = {{ next_period = 'year' }}\nterm = {{ end_of = 'year' }}\n"
            ),
        ),
        TakeOver::Grandfather,
        None,
    );
    let sales = [(1, EARLIER, 10, None), (1, TODAY, 100, None)];
    let compared = compare(bind(before.clone()), wait, &sales, &[]);
    assert_eq!(
        compared.found.reasons[0].to_string(),
        "no longer gold: to begin later, was qualifying >= 100"
    );
    assert_eq!(
        compared.found.movers[0].until_after,
        Some("2026-01-01".parse().unwrap())
    );
    // A pin holds under both.
    let after = next(movement(HARDER, &always), TakeOver::Full, None);
    let (moved, stayed) = reasons(&before, &after, EARLIER - 20, &[(1, 0)]);
    assert_eq!(
        (moved.len(), stayed),
        (
            0,
            vec!["gold: decided by people, qualifies for member".to_owned()]
        )
    );
}

#[test]
fn without_standings_it_is_a_first_review_of_both() {
    let term = format!("{HALF_YEAR}term = {{ length = '12 months' }}\n");
    let before = bind(movement(GOLD, &term));
    let after = next(movement(HARDER, &term), TakeOver::Grandfather, None);
    let population = before
        .shared_population(&after, &ledger(&[(1, TODAY - 10, 100, None)], TODAY))
        .unwrap();
    let found = before
        .what_if(
            &after,
            &population,
            None,
            day(TODAY),
            &WhatIfOptions::default(),
        )
        .unwrap();
    assert_eq!(
        found.reasons[0].to_string(),
        "no longer gold: needs qualifying >= 150, was qualifying >= 100"
    );
    assert_eq!(
        (found.reasons[0].held_before, found.reasons[0].held_after),
        (None, None)
    );
    assert!(found.stays.is_empty());
}

#[test]
fn a_tier_that_replaces_another_is_the_same() {
    let renamed =
        "{ name = 'noble', entry = 100, replaces = ['gold', 'ruby'] }, { name = 'member' }";
    let before = bind(movement(GOLD, HALF_YEAR));
    let after = next(movement(renamed, HALF_YEAR), TakeOver::Full, None);
    let sales = [
        (1, EARLIER - 10, 100, None),
        (1, TODAY, 50, None),
        (2, TODAY, 20, None),
    ];
    let Compared { found, .. } = compare(before.clone(), after.clone(), &sales, &[]);
    assert_eq!(found.migration.count("gold", "noble"), 1);
    assert_eq!((found.moved, found.reasons.len()), (0, 0));
    // Also back to the old one.
    let Compared { found, .. } = compare(
        bind(after.policy().clone()),
        next(before.policy().clone(), TakeOver::Full, None),
        &sales,
        &[],
    );
    assert_eq!(
        (found.migration.count("noble", "gold"), found.moved),
        (1, 0)
    );
}

#[test]
fn a_proposed_keep_is_at_most_the_entry() {
    let two = "{ name = 'gold', entry = 1000, keep = 1000 }, { name = 'member' }";
    let engine = bind(movement(two, HALF_YEAR));
    // 1250 is cut as it is; in two digits the keep would be 1300.
    let sales: Vec<Sale> = [1250, 1249, 10, 20]
        .into_iter()
        .zip(0..)
        .map(|(amount, i)| (i, TODAY - 5, amount, None))
        .collect();
    let population = engine.population(&ledger(&sales, TODAY)).unwrap();
    let goal = Goal::Shares(vec![0.25]);
    let options = ProposeOptions::default();
    let found = engine
        .propose(&population, None, day(TODAY), &goal, &options)
        .unwrap();
    let gold = &found.policy.tiers.tiers[0];
    assert_eq!((gold.entry, gold.keep), (Some(1250.0), Some(1250.0)));
}

#[test]
fn thresholds_of_entry_are_proposed_and_keep_follows() {
    let three = "{ name = 'gold', entry = 300, keep = 240 }, { name = 'silver', entry = 120, keep = 80 }, { name = 'member' }";
    let engine = bind(movement(three, HALF_YEAR));
    let sales: Vec<Sale> = (0..20)
        .map(|i| (i, TODAY - 5, 10 * (i as i64 + 1) + 1, None))
        .collect();
    let population = engine.population(&ledger(&sales, TODAY)).unwrap();
    let goal = Goal::Shares(vec![0.1, 0.3]);
    let found = engine
        .propose(
            &population,
            None,
            day(TODAY),
            &goal,
            &ProposeOptions::default(),
        )
        .unwrap();
    assert_eq!(found.column, "qualifying");
    let tiers = &found.policy.tiers.tiers;
    // The two who spent 191 and 201, and the six from 131 to 181.
    assert_eq!((tiers[0].entry, tiers[0].keep), (Some(190.0), Some(150.0)));
    assert_eq!((tiers[1].entry, tiers[1].keep), (Some(130.0), Some(87.0)));
    assert_eq!(
        found.tiers.iter().map(|t| t.customers).collect::<Vec<_>>(),
        [2, 6]
    );
    for (tier, after) in found.tiers.iter().zip(&found.what_if.tiers_after) {
        assert_eq!((&tier.tier, tier.customers), (&after.tier, after.customers));
    }
    let again = Engine::new(found.policy.clone(), &Catalog::standard()).unwrap();
    let reviews = again.review_all(&population, None, day(TODAY)).unwrap();
    assert_eq!(
        reviews
            .iter()
            .filter(|r| r.assessment().tier() == "gold")
            .count(),
        2
    );
    let options = ProposeOptions {
        multiple_of: Some(50.0),
        ..ProposeOptions::default()
    };
    let round = engine
        .propose(&population, None, day(TODAY), &goal, &options)
        .unwrap();
    let tiers = &round.policy.tiers.tiers;
    assert_eq!((tiers[0].entry, tiers[0].keep), (Some(200.0), Some(150.0)));
    assert_eq!((tiers[1].entry, tiers[1].keep), (Some(150.0), Some(100.0)));
    // With the standings of today nobody loses what they have.
    let standings = engine
        .review_all(&population, None, day(TODAY))
        .unwrap()
        .standings();
    let kept = engine
        .propose(
            &population,
            &standings,
            day(TODAY),
            &goal,
            &ProposeOptions::default(),
        )
        .unwrap();
    assert_eq!(kept.tiers, found.tiers);
    assert_eq!(kept.what_if.migration.count("silver", "member"), 0);
    // Two tiers with one entry are none.
    let alike: Vec<Sale> = (0..5).map(|i| (i, TODAY - 5, 100, None)).collect();
    let population = engine.population(&ledger(&alike, TODAY)).unwrap();
    assert!(
        engine
            .propose(
                &population,
                None,
                day(TODAY),
                &goal,
                &ProposeOptions::default()
            )
            .unwrap_err()
            .is_misuse()
    );
}

#[test]
fn a_cost_in_another_currency_is_told() {
    let body = "tiers = [{ name = 'gold', when = 'spend >= 1', cost_per_year = '5.00 USD' }, { name = 'all', cost_per_year = '1.00 EUR' }]";
    let text = format!("head = {{ name = 'x', version = '1', currency = 'EUR' }}\n{body}");
    let problems = Engine::from_toml(&text, &Catalog::standard()).unwrap_err();
    assert_eq!(problems.len(), 1);
    let said = problems.to_string();
    assert!(
        said.contains("tiers[0].cost_per_year: `5.00 USD` is not in EUR"),
        "{said}"
    );
}

#[test]
fn standings_of_others_do_not_matter() {
    let engine = bind(movement(GOLD, HALF_YEAR));
    let sales: Vec<Sale> = (0..60)
        .map(|i| (i * 17 % 61 * 40, TODAY - 5, 10 + i as i64 * 5, None))
        .collect();
    let population = engine.population(&ledger(&sales, TODAY)).unwrap();
    let own = engine
        .review_all(&population, None, day(TODAY - 1))
        .unwrap()
        .standings();
    let mut more: Standings = own.iter().map(|(id, s)| (id.clone(), s.clone())).collect();
    for stranger in 0..2500_u64 {
        if own.get(&stranger.into()).is_none() {
            more.insert(stranger.into(), Standing::default());
        }
    }
    let expected = engine.review_all(&population, &own, day(TODAY)).unwrap();
    let found = engine.review_all(&population, &more, day(TODAY)).unwrap();
    assert_eq!(found.standings(), expected.standings());
    assert_eq!(found.standings().len(), population.len());
    for (a, b) in found.iter().zip(expected.iter()) {
        assert_eq!(a.assessment().tier_changed(), b.assessment().tier_changed());
    }
}

//! The laws of budgets, over random budgets and spends.

use customer_value::diagnostic::Diagnostics;
use customer_value::model::{CostCategory, Currency, Day, Days, Money};
use customer_value::report::{BudgetReport, Planned, Variance};
use customer_value::strategy::budget::{
    Budget, BudgetSpec, BudgetState, CarrySpec, Decision, Limit, LineSpec, Names, Outside, Per,
    Periods, Reason, Spend, run_rate, seasonal,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

const TIERS: [&str; 2] = ["A", "B"];
const SEGMENTS: [&str; 2] = ["x", "y"];
const CATEGORIES: [CostCategory; 2] = [CostCategory::Marketing, CostCategory::Survey];

fn euros(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn first_day() -> Day {
    "2024-11-20".parse().unwrap()
}

fn spend() -> impl Strategy<Value = Spend> {
    (0..4_u64, 0..120, 0..60_i64, 0..3_usize, 0..4_u8, 0..2_usize).prop_map(
        |(customer, after, minor, tier, segments, category)| {
            let day = first_day().plus(Days::new(after));
            let category = CATEGORIES[category].clone();
            let mut spend = Spend::new(customer, day, euros(minor), category).unwrap();
            if let Some(tier) = TIERS.get(tier) {
                spend = spend.with_tier(*tier);
            }
            for (bit, segment) in SEGMENTS.iter().enumerate() {
                if segments >> bit & 1 == 1 {
                    spend = spend.with_segment(*segment);
                }
            }
            spend
        },
    )
}

fn line() -> impl Strategy<Value = LineSpec> {
    let key = (
        option::of(0..2_usize),
        option::of(0..2_usize),
        option::of(0..2_usize),
    );
    let rest = (
        0..600_i64,
        any::<bool>(),
        1..5_u64,
        option::of(any::<bool>()),
        option::of(0.0..=1.0),
    );
    (key, rest).prop_map(
        |((tier, segment, category), (minor, each, customers, soft, warn_at))| LineSpec {
            tier: tier.map(|i| TIERS[i].to_owned()),
            segment: segment.map(|i| SEGMENTS[i].to_owned()),
            category: category.map(|i| CATEGORIES[i].clone()),
            per: if each { Per::Customer } else { Per::Total },
            customers: Some(customers),
            limit: soft.map(|soft| if soft { Limit::Soft } else { Limit::Hard }),
            warn_at,
            ..LineSpec::new(euros(minor))
        },
    )
}

fn budget() -> impl Strategy<Value = Budget> {
    let carry = option::of((0.0..=1.0, option::of(0..200_i64), any::<bool>()));
    (
        vec(line(), 1..6),
        any::<bool>(),
        1..=12_u32,
        any::<bool>(),
        carry,
    )
        .prop_map(|(mut lines, yearly, start_month, warn, carry)| {
            let mut seen = Vec::new();
            lines.retain(|line| {
                let new = !seen.contains(&line.key());
                seen.push(line.key());
                new
            });
            let periods = if yearly {
                Periods::Yearly
            } else {
                Periods::Quarterly
            };
            let mut spec = BudgetSpec::new(periods, lines);
            spec.start_month = Some(start_month);
            spec.outside = warn.then_some(Outside::Warn);
            spec.carry_over = carry.map(|(share, cap, marketing)| CarrySpec {
                share,
                cap: cap.map(euros),
                categories: marketing
                    .then_some(CostCategory::Marketing)
                    .into_iter()
                    .collect(),
            });
            let names = Names {
                tiers: &TIERS,
                segments: &SEGMENTS,
                categories: None,
            };
            let mut problems = Diagnostics::new();
            spec.bind(&names, Currency::EUR, &mut problems)
                .unwrap_or_else(|| panic!("{problems}"))
        })
}

/// What happens to a booking: it stays open, is settled, or is recorded at once.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Open,
    Settled(i64),
    Recorded,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        Just(Fate::Open),
        (0..60_i64).prop_map(Fate::Settled),
        Just(Fate::Recorded)
    ]
}

fn play(state: &mut BudgetState, id: usize, spend: &Spend, fate: Fate) {
    let id = id.to_string();
    match fate {
        Fate::Recorded => state.record(id, spend.clone()).map(drop).unwrap(),
        Fate::Open => state.commit(id, spend.clone()).map(drop).unwrap(),
        Fate::Settled(minor) => {
            state.commit(id.clone(), spend.clone()).unwrap();
            state.settle(&id, euros(minor)).unwrap();
        }
    }
}

fn all(bookings: &[(Spend, Fate)]) -> BudgetState {
    let mut state = BudgetState::new(Currency::EUR);
    for (id, (spend, fate)) in bookings.iter().enumerate() {
        play(&mut state, id, spend, *fate);
    }
    state
}

/// Used, the slow way.
fn used(budget: &Budget, state: &BudgetState, i: usize, at: Day, customer: Option<&Spend>) -> i128 {
    let (line, period) = (&budget.lines()[i], budget.period(at));
    let counts = |one: &Spend| {
        let key = line.key();
        budget.period(one.day()) == period
            && key
                .tier
                .as_ref()
                .is_none_or(|tier| one.tier() == Some(tier))
            && key
                .segment
                .as_ref()
                .is_none_or(|s| one.segments().any(|o| o == s))
            && key.category.as_ref().is_none_or(|c| one.category() == c)
            && customer.is_none_or(|other| other.customer() == one.customer())
    };
    state
        .bookings()
        .filter(|(_, one)| counts(one.spend()))
        .map(|(_, one)| i128::from(one.spent().unwrap_or(one.spend().amount()).minor()))
        .sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_partition_is_the_same_state(
        bookings in vec((spend(), fate()), 0..20),
        order in vec((any::<prop::sample::Index>(), 0..3_usize, any::<bool>()), 0..60),
    ) {
        let whole = all(&bookings);
        let mut parts = vec![BudgetState::new(Currency::EUR); 3];
        // Some of them twice and in several parts, some only promised there so far.
        if !bookings.is_empty() {
            for (index, part, early) in order {
                let id = index.index(bookings.len());
                let (spend, fate) = &bookings[id];
                match fate {
                    Fate::Settled(_) if early => play(&mut parts[part], id, spend, Fate::Open),
                    _ => play(&mut parts[part], id, spend, *fate),
                }
            }
        }
        for (id, (spend, fate)) in bookings.iter().enumerate().rev() {
            play(&mut parts[id % 3], id, spend, *fate);
        }
        let mut forth = BudgetState::new(Currency::EUR);
        parts.iter().for_each(|part| forth.merge(part).unwrap());
        let mut back = parts.pop().unwrap();
        parts.iter().rev().for_each(|part| back.merge(part).unwrap());
        back.merge(&whole).unwrap();
        let read: BudgetState = serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        for other in [&forth, &back, &read] {
            prop_assert_eq!(other, &whole);
            for (_, one) in whole.bookings() {
                let spend = one.spend();
                let key = LineSpec { tier: spend.tier().map(str::to_owned), ..LineSpec::new(euros(0)) }.key();
                let (a, b) = (first_day(), spend.day());
                prop_assert_eq!(other.totals(&key, a, b), whole.totals(&key, a, b));
                prop_assert_eq!(other.customers(&key, a, b), whole.customers(&key, a, b));
                let of = |state: &BudgetState| state.customer_totals(spend.customer(), &key, a, b);
                prop_assert_eq!(of(other), of(&whole));
            }
        }
    }

    #[test]
    fn decisions_are_those_of_the_page(budget in budget(), bookings in vec((spend(), fate()), 0..12), asked in spend()) {
        let state = all(&bookings);
        let verdict = budget.ask(&asked, &state);
        let mut strictest = None;
        for (i, line) in budget.lines().iter().enumerate() {
            let found = verdict.lines.iter().find(|one| one.line == *line.key());
            prop_assert_eq!(found.is_some(), line.key().matches(&asked));
            let Some(found) = found else { continue };
            let period = budget.period(asked.day());
            let amount = i128::from(asked.amount().minor());
            let after = used(&budget, &state, i, asked.day(), None) + amount;
            prop_assert_eq!(found.room.after, after);
            prop_assert_eq!(found.room.left, i128::from(line.plan(period)) - after);
            let own = used(&budget, &state, i, asked.day(), Some(&asked)) + amount;
            let over = after > i128::from(line.plan(period))
                || line.per_customer(period).is_some_and(|most| own > i128::from(most));
            prop_assert_eq!(found.decision == Decision::Deny, over && line.is_hard());
            prop_assert!(!over || found.decision != Decision::Allow);
            strictest = strictest.max(Some(found.decision));
        }
        match strictest {
            Some(strictest) => prop_assert_eq!(verdict.decision, strictest),
            None => prop_assert_eq!(verdict.reason, Reason::Outside),
        }
        // No line before one that it is more specific than.
        for (i, one) in verdict.lines.iter().enumerate() {
            for later in &verdict.lines[i + 1..] {
                prop_assert!(!one.line.encloses(&later.line));
            }
        }
    }

    #[test]
    fn hard_lines_are_never_exceeded(budget in budget(), spends in vec(spend(), 0..40)) {
        let mut state = BudgetState::new(Currency::EUR);
        for (id, spend) in spends.iter().enumerate() {
            if budget.ask(spend, &state).decision != Decision::Deny {
                state.commit(id.to_string(), spend.clone()).unwrap();
            }
        }
        for (i, line) in budget.lines().iter().enumerate().filter(|(_, line)| line.is_hard()) {
            for spend in &spends {
                let period = budget.period(spend.day());
                prop_assert!(used(&budget, &state, i, spend.day(), None) <= line.plan(period).into());
                if let Some(most) = line.per_customer(period) {
                    prop_assert!(used(&budget, &state, i, spend.day(), Some(spend)) <= most.into());
                }
            }
        }
    }

    #[test]
    fn more_is_never_allowed_where_less_is_not(budget in budget(), bookings in vec((spend(), fate()), 0..12), asked in spend(), more in 0..500_i64) {
        let state = all(&bookings);
        let amount = euros(asked.amount().minor() + more);
        let mut larger = Spend::new(asked.customer().clone(), asked.day(), amount, asked.category().clone()).unwrap();
        if let Some(tier) = asked.tier() {
            larger = larger.with_tier(tier);
        }
        for segment in asked.segments() {
            larger = larger.with_segment(segment);
        }
        prop_assert!(budget.ask(&asked, &state).decision <= budget.ask(&larger, &state).decision);
    }

    #[test]
    fn no_more_is_carried_than_the_cap_and_what_is_left(budget in budget(), bookings in vec((spend(), fate()), 0..12), earlier in 0..200_i64) {
        let mut state = all(&bookings);
        let period = budget.period(first_day());
        for round in 0..3 {
            let from = (0..round).fold(period, |one, _| one.following().unwrap());
            for (line, mut proposal) in budget.lines().iter().zip(budget.carry_over(&state, from).unwrap()) {
                let (a, b) = budget.calendar().days(from);
                let left = budget.available(line, &state, from) - state.totals(line.key(), a, b).used();
                prop_assert_eq!(proposal.left, left.max(0));
                prop_assert!(proposal.carried >= 0 && i128::from(proposal.carried) <= proposal.left);
                prop_assert!(proposal.carried <= line.plan(from));
                prop_assert_eq!(proposal.lost, proposal.left - i128::from(proposal.carried));
                // Somebody may also grant more, and what then comes in is not carried on.
                proposal.carried += earlier;
                state.accept(&proposal).unwrap();
            }
        }
    }

    #[test]
    fn forecasts_are_never_below_actual(budget in budget(), bookings in vec((spend(), fate()), 0..12), after in 0..140) {
        let state = all(&bookings);
        let as_of = first_day().plus(Days::new(after));
        let report = BudgetReport::new(&budget, &state, as_of, Some(&state)).unwrap();
        let last = budget.calendar().days(budget.period(as_of)).1;
        let end = BudgetReport::new(&budget, &state, last, Some(&state)).unwrap();
        for (row, end) in report.rows().iter().zip(end.rows()) {
            prop_assert!(row.forecast.amount.is_none_or(|amount| amount >= row.actual));
            prop_assert_eq!(end.forecast.amount, Some(end.actual));
            prop_assert!(row.used().is_none_or(f64::is_finite));
        }
        let json = serde_json::to_string(&report).unwrap();
        prop_assert_eq!(serde_json::from_str::<BudgetReport>(&json).unwrap(), report);
    }

    #[test]
    fn forecasts_of_any_numbers(actual in 0..=i128::MAX, elapsed in any::<u32>(), days in any::<u32>(), parts in vec((any::<u32>(), any::<i128>()), 0..14)) {
        if let Some(amount) = run_rate(actual, elapsed, days) {
            prop_assert!(amount >= actual && (elapsed < days || amount == actual));
        }
        if let Some(amount) = seasonal(actual, elapsed, &parts) {
            prop_assert!(amount >= actual);
        }
        let _ = seasonal(-actual, elapsed, &parts);
    }

    #[test]
    fn a_level_year_is_the_run_rate(actual in 0..1_000_000_i128, elapsed in 5..=90_u32) {
        let level = [(31, 3_100), (28, 2_800), (31, 3_100)];
        prop_assert_eq!(seasonal(actual, elapsed, &level), run_rate(actual, elapsed, 90));
    }

    #[test]
    fn parts_add_up_for_any_numbers(lines in vec((any::<i64>(), option::of(count()), any::<i64>(), count()), 0..6)) {
        let lines: Vec<Planned> = lines.into_iter().map(planned).collect();
        let differences: Vec<i128> = lines.iter().map(|l| i128::from(l.actual) - i128::from(l.plan)).collect();
        match Variance::new("any", Currency::EUR, lines) {
            Ok(variance) => {
                for (line, difference) in variance.lines().iter().zip(&differences) {
                    let parts = &line.parts;
                    prop_assert_eq!(parts.volume + parts.mix + parts.rate, *difference);
                }
                let total = variance.total();
                prop_assert_eq!(total.volume + total.mix + total.rate, differences.iter().sum::<i128>());
            }
            Err(error) => prop_assert!(error.is_overflow()),
        }
    }

    /// Against the formulas in quantities, as exact fractions.
    #[test]
    fn parts_are_those_of_the_formulas(lines in vec((0..10_000_i64, option::of(0..50_u64), 0..10_000_i64, 0..50_u64), 1..6)) {
        let lines: Vec<Planned> = lines.into_iter().map(planned).collect();
        let variance = Variance::new("small", Currency::EUR, lines.clone()).unwrap();
        let counted = |line: &&Planned| line.planned_customers.unwrap_or(0) > 0;
        let planned: i128 = lines.iter().filter(counted).map(|l| i128::from(l.planned_customers.unwrap())).sum();
        let actual: i128 = lines.iter().filter(counted).map(|l| i128::from(l.customers)).sum();
        for line in variance.lines() {
            let (parts, line) = (&line.parts, &line.line);
            let Some(own) = line.planned_customers.filter(|n| *n > 0).map(i128::from) else {
                prop_assert_eq!((parts.volume, parts.mix), (0, 0));
                continue;
            };
            let (plan, customers) = (i128::from(line.plan), i128::from(line.customers));
            // Both over planned × own: (v − V) · m · R, and (v_i − v · m) · R.
            let volume = (actual - planned) * own * plan;
            let mix = (customers * planned - actual * own) * plan;
            prop_assert!((parts.volume * planned * own - volume).abs() < planned * own);
            prop_assert!((parts.mix * planned * own - mix).abs() < 2 * planned * own);
        }
        // Both amounts in between are, over the group, the nearest whole number.
        let in_mix: i128 = variance.lines().iter().map(|l| l.parts.volume + i128::from(l.line.plan)).sum();
        let own: i128 = in_mix + variance.total().mix;
        let all: i128 = lines.iter().filter(counted).map(|l| l.planned_customers.unwrap()).map(i128::from).product();
        let (mut exact_in_mix, mut exact_own) = (0, 0);
        for line in &lines {
            let plan = i128::from(line.plan);
            let (a, b) = match line.planned_customers.filter(|n| *n > 0).map(i128::from) {
                Some(n) => (actual * plan, i128::from(line.customers) * plan * (all / n)),
                None => (plan * planned.max(1), plan * all),
            };
            exact_in_mix += a;
            exact_own += b;
        }
        prop_assert!(2 * (in_mix * planned.max(1) - exact_in_mix).abs() <= planned.max(1));
        prop_assert!(2 * (own * all - exact_own).abs() <= all);
    }

    #[test]
    fn mix_is_zero_where_it_is_as_planned_or_all_cost_the_same(each in 0..10_000_i64, over in 1..7_u64, counts in vec((1..50_u64, 0..50_u64), 1..6), times in 0..5_u64) {
        // `each` ÷ `over` is what one customer costs: not always whole cents.
        let line = |n: u64, customers| planned((each * i64::try_from(n).unwrap(), Some(n * over), 0, customers));
        let same = Variance::new("same cost", Currency::EUR, counts.iter().map(|(n, customers)| line(*n, *customers))).unwrap();
        prop_assert_eq!(same.total().mix, 0);
        let in_mix = counts.iter().map(|(n, cost)| planned((i64::try_from(*cost).unwrap(), Some(*n), 7, n * times)));
        let in_mix = Variance::new("planned mix", Currency::EUR, in_mix).unwrap();
        prop_assert!(in_mix.lines().iter().all(|line| line.parts.mix == 0));
    }
}

/// How many customers: any number, mostly one of which several fit.
fn count() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..=u64::MAX / 8, 1 => any::<u64>(), 2 => 0..9_u64]
}

fn planned((plan, planned_customers, actual, customers): (i64, Option<u64>, i64, u64)) -> Planned {
    Planned {
        name: "line".to_owned(),
        plan,
        planned_customers,
        actual,
        customers,
    }
}

//! Laws of budgets and of sharing out money and time.

use super::super::policy::CATEGORIES;
use super::review::review_all;
use super::scene::Scene;
use crate::engine::{Engine, Population, Standings};
use crate::model::{CostCategory, Money, Transaction};
use crate::report::{Variance, VarianceBy};
use crate::strategy::allocation::{Allocation, CapacityPlan, SegmentSpec, SpendPlan};
use crate::strategy::budget::{Budget, BudgetState, Decision, Line, LineKey, Period, Spend};

fn check(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

/// A number to choose with.
fn pick(scene: &Scene, i: usize) -> u64 {
    let pick = scene.picks.get(i % scene.picks.len().max(1));
    pick.copied().map_or(0, u64::from)
}

/// How many customers there are in each of some tiers.
fn counts<'t>(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
    tiers: impl Iterator<Item = &'t str>,
) -> Result<Vec<u64>, String> {
    let found = review_all(engine, population, &scene.standings(), scene.as_of())?;
    let count = |tier: &str| found.iter().filter(|found| found.tier == tier).count();
    Ok(tiers.map(|tier| count(tier) as u64).collect())
}

/// No other tier takes the time of the top tier.
pub(super) fn top_tier(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let Some(allocation) = engine.allocation() else {
        return Ok(());
    };
    let found = counts(engine, population, scene, allocation.tiers())?;
    let any = (0..found.len()).map(|i| pick(scene, i) % 40).collect();
    for customers in [found, any] {
        let plan = shared(engine, allocation, &customers)?;
        for times in [0, 1_000] {
            let mut others: Vec<u64> = customers.iter().map(|n| (n + 1) * times).collect();
            if let (Some(top), Some(other)) = (customers.first(), others.first_mut()) {
                *other = *top;
            }
            let other = shared(engine, allocation, &others)?;
            let resources = plan.resources.len();
            for (a, b) in plan.tiers.iter().zip(&other.tiers).take(resources) {
                check(a.granted == b.granted, || {
                    format!("the top tier has {a:?}, and {b:?} beside {others:?} customers")
                })?;
            }
        }
    }
    Ok(())
}

/// The plan for so many customers, if it is what it says.
fn shared(
    engine: &Engine,
    allocation: &Allocation,
    customers: &[u64],
) -> Result<CapacityPlan, String> {
    let plan = allocation.share_capacity(customers);
    let plan = plan.map_err(|error| error.to_string())?;
    let spec = engine.policy().allocation.as_ref();
    let resources = spec.iter().flat_map(|spec| &spec.resources);
    for (used, resource) in plan.resources.iter().zip(resources) {
        let grants = || (plan.tiers.iter()).filter(|grant| grant.resource == used.resource);
        let say = |what: &str| Err(format!("{what}: {plan:?}"));
        let granted: u64 = grants().map(|grant| grant.granted).sum();
        let all = used.granted + used.reserved + used.unused;
        if granted != used.granted || all != used.minutes || all != resource.minutes {
            return say("the minutes are not those that there are");
        }
        let top = grants().next().map_or(0, |top| {
            let kept = top.needed.min(resource.minutes);
            if top.granted == kept { kept } else { u64::MAX }
        });
        if top == u64::MAX {
            return say("the top tier has not what there is for it");
        }
        let reserve = resource.reserve.unwrap_or(0).min(resource.minutes - top);
        if used.reserved != reserve {
            return say("the reserve of the top tier is not kept");
        }
        // Whoever lacks something has nobody below them with more than basic service.
        let lower = grants().skip_while(|grant| grant.short == 0).skip(1);
        if lower.into_iter().any(|grant| grant.granted > grant.floor) {
            return say("a lower tier comes first");
        }
    }
    Ok(plan)
}

/// What is spread comes to the budget.
pub(super) fn spreads(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let (Some(allocation), Some(spec)) = (engine.allocation(), &engine.policy().allocation) else {
        return Ok(());
    };
    // The segments of a column are of any size.
    let found = match allocation.by() {
        None => counts(engine, population, scene, allocation.segments())?,
        Some(_) => vec![1; spec.segments.len()],
    };
    let any = |many: u64| {
        let sizes = (0..spec.segments.len()).map(move |i| pick(scene, i) % many);
        sizes.collect::<Vec<u64>>()
    };
    for (i, customers) in [found, any(5), any(10_000)].into_iter().enumerate() {
        let limits = spec.segments.iter().zip(&customers);
        let limits: Vec<(i128, i128)> = limits.map(|(s, n)| limits_of(s, *n)).collect();
        let least: i128 = limits.iter().map(|(floor, _)| floor).sum();
        let more = i128::from(pick(scene, i)) * 100;
        let currency = scene.past.currency;
        let enough = i64::try_from(least + more).map_err(|error| error.to_string())?;
        let enough = Money::from_minor(enough, currency);
        for budget in allocation.budget().into_iter().chain([enough]) {
            let plan = allocation.spread(budget, &customers);
            let fits =
                least <= budget.minor().into() && limits.iter().all(|(floor, cap)| floor <= cap);
            match plan {
                Ok(plan) if fits => spread(&plan, budget, &limits),
                Err(error) if !fits && error.is_range() => Ok(()),
                Ok(plan) => Err(format!("it does not fit: {plan:?}")),
                Err(error) => Err(format!("{error}, with {budget} for {customers:?}")),
            }?;
        }
    }
    Ok(())
}

/// The least and the most for all customers of a segment, in minor units.
fn limits_of(segment: &SegmentSpec, customers: u64) -> (i128, i128) {
    let all = |money: Option<Money>| money.map(|money| i128::from(money.minor()));
    let each = |money: Option<Money>| all(money).map(|money| money * i128::from(customers));
    let floors = all(segment.floor)
        .into_iter()
        .chain(each(segment.floor_each));
    let caps = all(segment.cap).into_iter().chain(each(segment.cap_each));
    (floors.max().unwrap_or(0), caps.min().unwrap_or(i128::MAX))
}

fn spread(plan: &SpendPlan, budget: Money, limits: &[(i128, i128)]) -> Result<(), String> {
    let say = |what: &str| Err(format!("{what}: {plan:?}"));
    let amounts = plan
        .segments
        .iter()
        .map(|segment| i128::from(segment.amount.minor()));
    let amounts: Vec<i128> = amounts.collect();
    let (spent, budget) = (i128::from(plan.spent.minor()), i128::from(budget.minor()));
    if amounts.len() != limits.len() || amounts.iter().sum::<i128>() != spent {
        return say("the amounts do not come to what is spent");
    }
    let mut all = amounts.iter().zip(limits);
    if all.any(|(amount, (floor, cap))| amount < floor || amount > cap) {
        return say("an amount is beyond its limits");
    }
    let segments = plan.segments.iter().zip(amounts.iter().zip(limits));
    let mut room = segments.filter(|(s, (amount, (_, cap)))| s.customers > 0 && *amount < cap);
    match room.next() {
        Some(_) if spent != budget => say("not all of the budget is spent"),
        None if spent > budget => say("more than the budget is spent"),
        _ => Ok(()),
    }
}

/// What is spent on the customers of a scene: its amounts, some of them many times, in one category or another.
fn spends(engine: &Engine, population: &Population, scene: &Scene) -> Result<Vec<Spend>, String> {
    let fresh: Standings = scene.standings();
    let reviews = engine.review_all(population, &fresh, scene.as_of());
    let reviews = reviews.map_err(|error| error.to_string())?;
    let spend = |(i, row): (usize, &Transaction)| {
        let pick = usize::try_from(pick(scene, i)).unwrap_or(0) + i;
        let times = [1, 10, 100].get(pick % 3).copied().unwrap_or(1);
        let amount = row.amount().minor().saturating_abs().saturating_mul(times);
        let amount = Money::from_minor(amount, row.amount().currency());
        let category = CATEGORIES.get(pick / 3 % 3)?.clone();
        let spend = Spend::new(row.customer().clone(), row.day(), amount, category).ok()?;
        let found = reviews.get(row.customer())?;
        let spend = spend.with_tier(found.tier());
        Some(found.segments().fold(spend, Spend::with_segment))
    };
    Ok(scene
        .past
        .rows
        .iter()
        .enumerate()
        .filter_map(spend)
        .collect())
}

/// The booked amounts on a line in a period, one by one.
fn booked<'s>(
    budget: &'s Budget,
    state: &'s BudgetState,
    line: &'s Line,
    period: Period,
) -> impl Iterator<Item = &'s Spend> {
    let spends = state.bookings().map(|(_, booking)| booking.spend());
    spends.filter(move |one| line.key().matches(one) && budget.period(one.day()) == period)
}

fn sum<'s>(spends: impl Iterator<Item = &'s Spend>) -> i128 {
    spends.map(|one| i128::from(one.amount().minor())).sum()
}

/// What may be spent stays within the budget.
pub(super) fn within_budget(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let Some(budget) = engine.budget() else {
        return Ok(());
    };
    let mut state = BudgetState::new(budget.currency());
    for (i, spend) in spends(engine, population, scene)?.into_iter().enumerate() {
        let verdict = budget.ask(&spend, &state);
        if verdict.decision == Decision::Deny {
            continue;
        }
        let period = budget.period(spend.day());
        let new = state.record(i.to_string(), spend.clone());
        new.map_err(|error| error.to_string())?;
        for line in budget.lines().iter().filter(|line| line.is_hard()) {
            if !line.key().matches(&spend) {
                continue;
            }
            let all = sum(booked(budget, &state, line, period));
            let own = booked(budget, &state, line, period);
            let own = sum(own.filter(|one| one.customer() == spend.customer()));
            let most = line.per_customer(period).map_or(i128::MAX, i128::from);
            check(all <= line.plan(period).into() && own <= most, || {
                let key = line.key();
                format!(
                    "{spend:?} may be spent, which makes {all} on `{key}`, {own} of it on the customer"
                )
            })?;
        }
    }
    Ok(())
}

/// Whether a line of a variance is that of a key: groups are named by the category, their lines by tier and segment.
fn is_of(key: &LineKey, group: &Variance, name: &str) -> bool {
    let category = key
        .category
        .as_ref()
        .map_or("all costs", CostCategory::as_str);
    let own = match (&key.tier, &key.segment) {
        (None, None) => (None, category.to_owned()),
        (Some(tier), None) => (Some(VarianceBy::Tier), tier.clone()),
        (None, Some(segment)) => (Some(VarianceBy::Segment), segment.clone()),
        (Some(tier), Some(segment)) => (
            Some(VarianceBy::TierAndSegment),
            format!("{tier}, {segment}"),
        ),
    };
    category == group.name() && own == (group.by(), name.to_owned())
}

/// The parts of a variance add up to it.
pub(super) fn variances(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let Some(budget) = engine.budget() else {
        return Ok(());
    };
    let mut state = BudgetState::new(budget.currency());
    let mut periods = vec![budget.period(scene.as_of())];
    for (i, spend) in spends(engine, population, scene)?.into_iter().enumerate() {
        let period = budget.period(spend.day());
        if !periods.contains(&period) {
            periods.push(period);
        }
        let new = state.record(i.to_string(), spend);
        new.map_err(|error| error.to_string())?;
    }
    periods.into_iter().try_for_each(|period| {
        let groups = Variance::of_budget(budget, &state, period);
        let groups = groups.map_err(|error| error.to_string())?;
        let mut lines = 0;
        for group in &groups {
            let mut total = 0;
            for one in group.lines() {
                lines += 1;
                let mut all = budget.lines().iter();
                let Some(line) = all.find(|line| is_of(line.key(), group, &one.line.name)) else {
                    return Err(format!("there is no line `{}`", one.line.name));
                };
                let actual = sum(booked(budget, &state, line, period));
                let difference = actual - i128::from(line.plan(period));
                let parts = one.parts.volume + one.parts.mix + one.parts.rate;
                check(
                    parts == difference && actual == one.line.actual.into(),
                    || format!("in {period} {one:?} is not of {difference}, for {actual}"),
                )?;
                total += difference;
            }
            let parts = group.total();
            let parts = parts.volume + parts.mix + parts.rate;
            check(parts == total, || {
                format!("in {period} {parts} are not the {total} of {group}")
            })?;
        }
        check(lines == budget.lines().len(), || {
            format!("{lines} lines have a variance")
        })
    })
}

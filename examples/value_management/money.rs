//! What may be spent, where it earns most, and whether it worked.

use customer_value::model::{CostCategory, Day, Money};
use customer_value::report::{BudgetReport, Cell, Sheet, SheetTable, Variance};
use customer_value::rules::language::ReportWord;
use customer_value::strategy::budget::{Budget, CarryOver, Decision, Spend};

use super::output::Part;
use super::world::World;

/// Actual against budget and why they differ, proposals, what of today is paid for, and where the next euro and minute earn most.
pub fn budget(world: &World<'_>) -> anyhow::Result<Vec<Part>> {
    let (state, mut parts) = (&world.kept.state, Vec::new());
    let engine = world.reviews.engine();
    if let Some(budget) = engine.budget() {
        let report = BudgetReport::new(budget, state, world.day(), Some(state))?;
        parts.push(Part::new("budget", &report, report.sheet())?);
        let period = budget.period(world.day());
        for variance in Variance::of_budget(budget, state, period)? {
            // A group of one line has nothing to be split into.
            if variance.lines().len() > 1 {
                parts.push(Part::new("variance", &variance, variance.sheet())?);
            }
        }
        let carried = budget.carry_over(state, period)?;
        let some: Vec<CarryOver> = carried.into_iter().filter(|one| one.carried > 0).collect();
        parts.push(Part::new("carry_over", &some, CarryOver::sheet(&some))?);
        parts.push(proposals(world, budget, &report)?);
    }
    if let Some(due) = world.reviews.due_actions(&world.kept.remembered)
        && let Some(asked) = world.reviews.ask_budget(&due, state)?
    {
        parts.push(Part::new("paid", &asked.actions, asked.sheet())?);
    }
    parts.extend(allocation(world)?);
    Ok(parts)
}

/// Three further letters: one that costs a tenth of what is left, one that costs all of it, and one that costs more.
fn proposals(world: &World<'_>, budget: &Budget, report: &BudgetReport) -> anyhow::Result<Part> {
    let mut table = SheetTable::new([
        ReportWord::Cost.into(),
        ReportWord::Verdict.into(),
        ReportWord::CostFor.into(),
        ReportWord::Left.into(),
    ])
    .left(1)
    .left(2);
    let mut verdicts = Vec::new();
    let marketing = (report.rows().iter())
        .find(|row| row.line.category == Some(CostCategory::Marketing))
        .map_or(0, |row| row.left);
    for minor in [marketing / 10, marketing, marketing + 1_00] {
        let amount = Money::from_minor(i64::try_from(minor.max(0))?, world.currency());
        let spend = Spend::new(1_001, world.day(), amount, CostCategory::Marketing)?.with_tier("B");
        let verdict = budget.ask(&spend, &world.kept.state);
        let line = verdict.line();
        let left = line.and_then(|line| i64::try_from(line.room.left).ok());
        table.row([
            amount.into(),
            match verdict.decision {
                Decision::Allow => ReportWord::VerdictAllow.into(),
                Decision::Warn => ReportWord::VerdictWarn.into(),
                Decision::Deny => ReportWord::VerdictDeny.into(),
            },
            line.and_then(|line| line.line.category.as_ref())
                .map_or(ReportWord::All.into(), |category| {
                    Cell::name(category.as_str())
                }),
            left.map_or(Cell::Missing, |left| Cell::money(left, world.currency())),
        ]);
        verdicts.push(verdict);
    }
    let sheet = Sheet::new(ReportWord::TitleVerdict).table(table);
    Part::new("verdicts", &verdicts, sheet)
}

fn allocation(world: &World<'_>) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    let Some(allocation) = world.reviews.engine().allocation() else {
        return Ok(parts);
    };
    if let Some(budget) = allocation.budget()
        && let Some(plan) = world.reviews.spread(budget)?
    {
        parts.push(Part::new("spend_plan", &plan, plan.sheet())?);
    }
    if let Some(plan) = world.reviews.share_capacity()? {
        parts.push(Part::new("capacity_plan", &plan, plan.sheet())?);
    }
    if let Some(equity) = allocation.equity() {
        let best = equity.optimum();
        parts.push(Part::new("equity", &best, best.sheet())?);
    }
    Ok(parts)
}

/// What the autumn call did, from the reviews at the close of the day before it and of the quarter after it.
pub fn effect(world: &World<'_>, action: Day) -> anyhow::Result<Vec<Part>> {
    let Some(effect) = world.engine.effect() else {
        return Ok(Vec::new());
    };
    let windows = effect.windows(action);
    let [_, before] =
        (windows.before).ok_or_else(|| anyhow::anyhow!("{action} has no day before it"))?;
    let [_, after] = windows.after;
    if after > world.day() {
        anyhow::bail!(
            "the effect of the call of {action} is known at the close of {after}, not on {}",
            world.day()
        );
    }
    let populations = [
        world.data.on(world.engine, before)?,
        world.data.on(world.engine, after)?,
    ];
    let engine = world
        .engine
        .clone()
        .fitted_to(&populations[0], None, before)?;
    let [early, late] = &populations;
    let early = engine.review_all(early, None, before)?;
    let late = engine.review_all(late, None, after)?;
    let Some(report) = late.effect(&early)? else {
        return Ok(Vec::new());
    };
    Ok(vec![Part::new("effect", &report, report.sheet())?])
}

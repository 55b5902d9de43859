//! The data, who costs more than they bring, and how customers are grouped by it.

use customer_value::report::{Cell, Sheet, SheetTable};
use customer_value::rules::language::ReportWord;

use super::output::Part;
use super::world::World;

/// What was read, and what does not count.
pub fn data(world: &World<'_>) -> anyhow::Result<Vec<Part>> {
    let mut files = SheetTable::new([
        Cell::literal("file"),
        ReportWord::Read.into(),
        ReportWord::Accepted.into(),
        ReportWord::Duplicate.into(),
        ReportWord::Rejected.into(),
    ]);
    for counts in &world.data.counts {
        files.row([
            Cell::literal(counts.file),
            counts.read.into(),
            counts.accepted.into(),
            counts.duplicate.into(),
            counts.rejected.into(),
        ]);
    }
    let mut rejects = SheetTable::new([
        Cell::literal("file"),
        Cell::literal("line"),
        ReportWord::Field.into(),
        ReportWord::Reason.into(),
    ])
    .left(2)
    .left(3);
    for reject in &world.data.rejects {
        rejects.row([
            Cell::literal(reject.file),
            reject.line.into(),
            Cell::literal(&reject.field),
            Cell::literal(&reject.reason),
        ]);
    }
    let title = ReportWord::TitleQuality;
    Ok(vec![
        Part::new("files", &world.data.counts, Sheet::new(title).table(files))?,
        Part::whole(
            "rejects",
            &world.data.rejects,
            Sheet::new(ReportWord::Rejected).table(rejects),
        )?,
    ])
}

/// The whale curve, who is at its end, what was spent for nothing, and the time that nobody used.
pub fn cost(world: &World<'_>) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    if let Some(whale) = world.reviews.whale("profit") {
        parts.push(Part::new("whale", &whale, whale.sheet())?);
    }
    parts.push(Part::sheet("costliest", costliest(world))?);
    if let Some(waste) = world.reviews.waste()? {
        parts.push(Part::new("waste", &waste, waste.sheet())?);
    }
    if let Some(capacity) = world
        .reviews
        .engine()
        .capacity(world.population(), world.day())
    {
        parts.push(Part::new("capacity", &capacity, capacity.sheet())?);
    }
    Ok(parts)
}

/// The columns that say why somebody costs more than they bring.
const WHY: [&str; 4] = ["spend_12m", "cost_to_serve", "profit", "calls_12m"];

/// The customers whose loss is the largest.
fn costliest(world: &World<'_>) -> Sheet {
    let mut losses: Vec<_> = (world.reviews.iter())
        .filter_map(|one| Some((world.minor(one.id(), "profit")?, one)))
        .collect();
    losses.sort_by_key(|(profit, one)| (*profit, one.position()));
    let heads = ["customer", "kind", "tier"]
        .into_iter()
        .chain(WHY)
        .chain(["refund_share_12m"]);
    let mut table = SheetTable::new(heads.map(Cell::name)).left(1).left(2);
    let currency = world.currency();
    for (_, one) in losses.iter().take(5) {
        let found = one.assessment();
        let [spend, cost, profit] = [0, 1, 2].map(|i| {
            let minor = world.minor(one.id(), WHY[i]);
            minor.map_or(Cell::Missing, |minor| Cell::money(minor, currency))
        });
        table.row([
            Cell::literal(one.id().to_string()),
            found.category("kind").map_or(Cell::Missing, Cell::literal),
            Cell::literal(found.tier()),
            spend,
            cost,
            profit,
            Cell::number(found.number(WHY[3]), 0),
            Cell::share(found.number("refund_share_12m")),
        ]);
    }
    Sheet::new(Cell::name("profit")).table(table)
}

/// Tiers, segments, and the grid of lifetime and referral value.
pub fn tiers(world: &World<'_>) -> anyhow::Result<Vec<Part>> {
    let reviews = world.reviews;
    let tiers = reviews.distribution("tier", "profit")?;
    let segments = reviews.by_segment("profit")?;
    let cross = reviews.segments_by("tier")?;
    let (grid, _) = reviews.value_grid("predicted_ltv", "referral_value", None)?;
    Ok(vec![
        Part::new("tiers", &tiers, tiers.sheet())?,
        Part::new("segments", &segments, segments.sheet())?,
        Part::new("segments_by_tier", &cross, cross.sheet())?,
        Part::new("grid", &grid, grid.sheet())?,
    ])
}

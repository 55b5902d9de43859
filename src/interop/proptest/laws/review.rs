//! Everything a review says of each customer, to compare two of them.

use super::metric::number;
use super::scene::Scene;
use crate::engine::{Assessment, Engine, Population, Standing, Standings, Subject};
use crate::model::{CustomerId, Day};
use crate::table::Cell;
use crate::tiering::Decision;

/// What a review says of one customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) id: CustomerId,
    pub(super) tier: String,
    decision: Decision,
    stage: Option<(String, Day)>,
    cells: Vec<Cell>,
    pub(super) standing: Standing,
}

impl Found {
    pub(super) fn of(
        engine: &Engine,
        id: CustomerId,
        assessment: &Assessment<'_>,
        standing: Standing,
    ) -> Self {
        let stage = assessment.stage().zip(assessment.stage_since());
        let row = assessment.row();
        Self {
            id,
            tier: assessment.tier().to_owned(),
            decision: assessment.decision(),
            stage: stage.map(|(stage, since)| (stage.to_owned(), since)),
            cells: engine.schema().slots().map(|slot| row.cell(slot)).collect(),
            standing,
        }
    }
}

/// The engine, fitted to a population if it needs a fit and has none.
pub(super) fn ready(
    engine: &Engine,
    population: &Population,
    as_of: Day,
) -> Result<Engine, String> {
    if !engine.needs_fit() || engine.current_fit().is_some() {
        return Ok(engine.clone());
    }
    let fitted = engine.clone().fitted_to(population, None, as_of);
    fitted.map_err(|error| error.to_string())
}

/// A review of everybody, in bulk.
pub(super) fn review_all(
    engine: &Engine,
    population: &Population,
    standings: &Standings,
    as_of: Day,
) -> Result<Vec<Found>, String> {
    let reviews = engine.review_all(population, standings, as_of);
    let reviews = reviews.map_err(|error| error.to_string())?;
    let found = reviews.iter().map(|reviewed| {
        let standing = reviews.standing(reviewed.position()).unwrap_or_default();
        Found::of(
            engine,
            reviewed.id().clone(),
            reviewed.assessment(),
            standing,
        )
    });
    Ok(found.collect())
}

/// A review of everybody, one after the other.
pub(super) fn review_each(
    engine: &Engine,
    population: &Population,
    standings: &Standings,
    as_of: Day,
) -> Vec<Found> {
    let mut buffer = engine.buffer();
    let customers = population.histories().iter().enumerate();
    customers
        .map(|(position, (id, history))| {
            let subject = Subject::new(history);
            let subject = match population.customer(position) {
                Some(customer) => subject.with_customer(customer),
                None => subject.with_id(&id),
            };
            let standing = standings.get(&id).cloned().unwrap_or_default();
            let (standing, assessment) = engine.review(subject, standing, as_of, &mut buffer);
            Found::of(engine, id.clone(), &assessment, standing)
        })
        .collect()
}

/// What to remember.
pub(super) fn standings(found: &[Found]) -> Standings {
    found
        .iter()
        .map(|f| (f.id.clone(), f.standing.clone()))
        .collect()
}

/// What is remembered after the earlier reviews of a scene.
pub(super) fn reviewed_before(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<Standings, String> {
    let mut remembered = Standings::new();
    for day in &scene.earlier {
        remembered = standings(&review_all(engine, population, &remembered, *day)?);
    }
    Ok(remembered)
}

/// Tells the first difference between two reviews of the same customers.
pub(super) fn same(engine: &Engine, a: &[Found], b: &[Found], when: &str) -> Result<(), String> {
    same_but(engine, a, b, when, Compared::default())
}

/// What counts as the same.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Compared<'c> {
    /// Columns that may differ.
    pub(super) not_columns: &'c [String],
    /// Tier, stage and everything remembered may differ.
    pub(super) columns_only: bool,
    /// What is remembered may differ.
    pub(super) not_standing: bool,
}

pub(super) fn same_but(
    engine: &Engine,
    a: &[Found],
    b: &[Found],
    when: &str,
    compared: Compared<'_>,
) -> Result<(), String> {
    if a.len() != b.len() {
        return Err(format!(
            "there are {} customers, and {} {when}",
            a.len(),
            b.len()
        ));
    }
    for (a, b) in a.iter().zip(b) {
        let id = &a.id;
        let say = |what: &str, a: String, b: String| {
            Err(format!("{what} of customer {id} is {a}, and {b} {when}"))
        };
        if a.id != b.id {
            return say("the id", a.id.to_string(), b.id.to_string());
        }
        let cells = engine
            .schema()
            .fields()
            .iter()
            .zip(a.cells.iter().zip(&b.cells));
        for (field, (x, y)) in cells {
            if x != y && !compared.not_columns.iter().any(|name| name == field.name()) {
                let text = |cell: &Cell| match cell.code().and_then(|code| field.word(code)) {
                    Some(word) => word.to_owned(),
                    None => number(cell.number()),
                };
                return say(&format!("`{}`", field.name()), text(x), text(y));
            }
        }
        if compared.columns_only {
            continue;
        }
        if a.decision != b.decision || a.tier != b.tier {
            let text = |f: &Found| format!("`{}` ({:?})", f.tier, f.decision);
            return say("the tier", text(a), text(b));
        }
        if compared.not_standing {
            continue;
        }
        if a.stage != b.stage {
            let text = |stage: &Option<(String, Day)>| match stage {
                Some((stage, since)) => format!("`{stage}` since {since}"),
                None => "none".to_owned(),
            };
            return say("the stage", text(&a.stage), text(&b.stage));
        }
        if a.standing != b.standing {
            let text = |f: &Found| format!("{:?}", f.standing);
            return say("the standing", text(a), text(b));
        }
    }
    Ok(())
}

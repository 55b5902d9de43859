//! Everything a review says of each customer, to compare two of them.

use std::fmt;

use super::metric::number;
use super::scene::Scene;
use crate::engine::{Assessment, Engine, Population, Standing, Standings, Subject};
use crate::history::HistoryView;
use crate::lifecycle::Taken;
use crate::lifecycle::churn::Verdict;
use crate::lifecycle::exit::ExitEvent;
use crate::model::{CustomerId, Day};
use crate::table::Cell;
use crate::tiering::{Decision, TierEvent};

/// What a review says of one customer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) id: CustomerId,
    pub(super) tier: String,
    decision: Decision,
    stage: Option<(String, Day)>,
    churn: Option<Verdict>,
    cells: Vec<Cell>,
    pub(super) standing: Standing,
    /// What changed about the tier.
    pub(super) events: Vec<TierEvent>,
    /// What changed about the stage.
    pub(super) moves: Vec<Taken>,
    /// What changed about the exit ladder.
    pub(super) exit_events: Vec<ExitEvent>,
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
            churn: assessment.churn_verdict(),
            cells: engine.schema().slots().map(|slot| row.cell(slot)).collect(),
            standing,
            events: assessment.events(),
            moves: assessment.stage_moves(),
            exit_events: assessment.exit_events(),
        }
    }

    /// The number in a column, by name.
    pub(super) fn number(&self, engine: &Engine, column: &str) -> Option<f64> {
        let names = engine.schema().names();
        let cell = names.into_iter().zip(&self.cells);
        cell.into_iter()
            .find(|(name, _)| *name == column)?
            .1
            .number()
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
            let subject = subject(population, position, &id, history);
            let standing = standings.get(&id).cloned().unwrap_or_default();
            let (standing, assessment) = engine.review(subject, standing, as_of, &mut buffer);
            Found::of(engine, id.clone(), &assessment, standing)
        })
        .collect()
}

/// One customer of a population.
pub(super) fn subject<'p>(
    population: &'p Population,
    position: usize,
    id: &'p CustomerId,
    history: HistoryView<'p>,
) -> Subject<'p> {
    let subject = Subject::new(history).with_attempts(population.attempts(position));
    match population.customer(position) {
        Some(customer) => subject.with_customer(customer),
        None => subject.with_id(id),
    }
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
    let mut remembered = scene.standings();
    for day in &scene.earlier {
        remembered = standings(&review_all(engine, population, &remembered, *day)?);
    }
    Ok(remembered)
}

/// Reviews on some days, one after the other: what the last one says, with the events of all.
pub(super) fn course(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
    days: &[Day],
) -> Result<Vec<Found>, String> {
    let mut remembered = scene.standings();
    let mut last: Vec<Found> = Vec::new();
    for day in days {
        let mut found = review_all(engine, population, &remembered, *day)?;
        remembered = standings(&found);
        for (found, before) in found.iter_mut().zip(last) {
            prepend(before.events, &mut found.events);
            prepend(before.moves, &mut found.moves);
            prepend(before.exit_events, &mut found.exit_events);
        }
        last = found;
    }
    Ok(last)
}

fn prepend<E>(before: Vec<E>, later: &mut Vec<E>) {
    let later_ones = std::mem::replace(later, before);
    later.extend(later_ones);
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
    /// What is remembered may differ, and the events.
    pub(super) not_standing: bool,
    /// The events may differ.
    pub(super) not_events: bool,
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
        if a.churn != b.churn {
            return say("churn", format!("{:?}", a.churn), format!("{:?}", b.churn));
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
        if !compared.not_events {
            same_events(&a.events, &b.events, when)
                .and_then(|()| same_events(&a.moves, &b.moves, when))
                .and_then(|()| same_events(&a.exit_events, &b.exit_events, when))
                .map_err(|what| format!("customer {id}: {what}"))?;
        }
    }
    Ok(())
}

/// Tells the first difference between two audit trails.
pub(super) fn same_events<E: PartialEq + fmt::Debug>(
    a: &[E],
    b: &[E],
    when: &str,
) -> Result<(), String> {
    let longer = a.len().max(b.len());
    let text = |event: Option<&E>| match event {
        Some(event) => format!("{event:?}"),
        None => "none".to_owned(),
    };
    match (0..longer).find(|i| a.get(*i) != b.get(*i)) {
        Some(i) => Err(format!(
            "event {i} is {}, and {} {when}",
            text(a.get(i)),
            text(b.get(i))
        )),
        None => Ok(()),
    }
}

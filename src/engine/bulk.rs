//! All customers: the same review over blocks, in parallel where there are threads.

use std::ops::Range;
use std::sync::Arc;

use crate::Error;
use crate::history::{HistoryView, IdRef};
use crate::model::{CustomerId, Day};
use crate::parallel;
use crate::table::{Row, Table};
use crate::tiering::{TierEvent, TierId};

use super::Engine;
use super::assessment::Assessment;
use super::explain::{Evidence, Source};
use super::fill::{Input, Logs, Outcomes};
use super::movement::Moved;
use super::population::{Population, Standings};
use super::review::Changed;
use super::standing::Standing;

/// Customers reviewed together by one thread: enough to share the cost of a piece of work, few enough for its columns
/// to stay in the cache.
pub(super) const CHUNK: usize = 2048;

/// What a review of all customers found, in the order of the population.
#[derive(Debug, Clone)]
pub struct Reviews<'p> {
    engine: &'p Engine,
    population: &'p Population,
    as_of: Day,
    parts: Vec<Part<'p>>,
}

#[derive(Debug, Clone)]
pub(super) struct Part<'p> {
    pub(super) table: Table,
    pub(super) outcomes: Outcomes,
    /// What was remembered of each before the review.
    before: Vec<Option<&'p Standing>>,
    logs: Vec<Logs>,
    made_up: MadeUp,
}

/// The standings of those for whom something was made up; empty if there is nobody.
type MadeUp = Vec<Option<Box<Standing>>>;

/// What a review of all customers found about one of them.
#[derive(Debug, Clone)]
pub struct Reviewed<'r> {
    id: CustomerId,
    position: usize,
    assessment: Assessment<'r>,
}

impl<'r> Reviewed<'r> {
    /// The customer.
    #[must_use]
    pub fn id(&self) -> &CustomerId {
        &self.id
    }

    /// The position in the population.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }

    /// What was found.
    #[must_use]
    pub fn assessment(&self) -> &Assessment<'r> {
        &self.assessment
    }
}

impl Engine {
    /// Reviews all customers on a day: for each the same as [`review`](Self::review) gives, bit for bit. Without
    /// `standings` (`None`) nothing is remembered of anybody, as at a first review.
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    ///
    /// # Errors
    /// The histories lack facts that the policy needs, or are in another currency (`is_misuse`): build them with
    /// [`layout`](Engine::layout).
    pub fn review_all<'p>(
        &'p self,
        population: &'p Population,
        standings: impl Into<Option<&'p Standings>>,
        as_of: Day,
    ) -> Result<Reviews<'p>, Error> {
        self.check_layout(population.histories().layout())?;
        let standings = standings.into().filter(|standings| !standings.is_empty());
        let rows = population.len();
        let parts = parallel::map(rows.div_ceil(CHUNK), |chunk| {
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(rows);
            self.with_inputs(population, standings, range, |inputs| {
                self.review_block(inputs, as_of)
            })
        });
        Ok(Reviews {
            engine: self,
            population,
            as_of,
            parts,
        })
    }

    /// Reviews a block of customers.
    pub(super) fn review_block<'p>(&self, inputs: &[Input<'p>], as_of: Day) -> Part<'p> {
        let before = inputs.iter().map(|input| input.standing).collect();
        let mut table = Table::new(Arc::clone(&self.schema), inputs.len());
        let mut outcomes = Outcomes::default();
        let (made_up, mut events) = self.make_up_all(inputs, as_of);
        let caught_up: Vec<Input<'_>>;
        let inputs = if made_up.is_empty() {
            inputs
        } else {
            let pairs = inputs.iter().zip(&made_up);
            caught_up = pairs
                .map(|(input, standing)| Input {
                    standing: standing.as_deref().or(input.standing),
                    ..*input
                })
                .collect();
            &caught_up
        };
        self.measure(&mut table, inputs, as_of);
        let logs = self.judge(&mut table, inputs, as_of, &mut outcomes);
        for (moved, events) in outcomes.moves.iter_mut().zip(&mut events) {
            moved.made_up = std::mem::take(events);
        }
        Part {
            table,
            outcomes,
            before,
            logs,
            made_up,
        }
    }

    /// Makes up for what was due before `as_of`, for each of those of whom something is remembered.
    fn make_up_all(&self, inputs: &[Input<'_>], as_of: Day) -> (MadeUp, Vec<Vec<TierEvent>>) {
        let (mut made_up, mut events) = (MadeUp::new(), Vec::new());
        let Some(mover) = &self.mover else {
            return (made_up, events);
        };
        let mut buffer = None;
        for (row, input) in inputs.iter().enumerate() {
            let Some((standing, reviewed)) = input.standing.and_then(|s| Some((s, s.reviewed?)))
            else {
                continue;
            };
            if self.due(mover, input, reviewed, true, as_of).is_none() {
                continue;
            }
            let mut standing = Box::new(standing.clone());
            let buffer = buffer.get_or_insert_with(|| self.buffer());
            made_up.resize_with(inputs.len(), || None);
            events.resize_with(inputs.len(), Vec::new);
            let found = self.make_up(input, &mut standing, as_of, buffer);
            if let (Some(place), Some(list)) = (made_up.get_mut(row), events.get_mut(row)) {
                *place = Some(standing);
                *list = found;
            }
        }
        (made_up, events)
    }

    /// What is known of the customers at some positions.
    pub(super) fn with_inputs<'p, R>(
        &self,
        population: &'p Population,
        standings: Option<&'p Standings>,
        range: Range<usize>,
        work: impl FnOnce(&[Input<'p>]) -> R,
    ) -> R {
        let start = range.start;
        let mut remembered = standings.map(Standings::ascending);
        let inputs: Vec<Input<'p>> = population
            .histories()
            .views(range)
            .enumerate()
            .map(|(i, (id, history))| Input {
                id: Some(id),
                history,
                customer: population.customer(start + i),
                attempts: population.attempts(start + i),
                making_up: None,
                foreseen: false,
                standing: remembered.as_mut().and_then(|all| all.find(id)),
            })
            .collect();
        work(&inputs)
    }
}

impl Reviews<'_> {
    /// The day of the review.
    #[must_use]
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// How many customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.population.len()
    }

    /// No customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.population.is_empty()
    }

    /// What was found about the customer at a position of the population.
    #[must_use]
    pub fn at(&self, position: usize) -> Option<Assessment<'_>> {
        let (part, row) = self.part(position)?;
        let found = part.outcomes.at(row)?;
        let changed = match part.before(row) {
            Some(before) => self.engine.places(before).changed(&found),
            None => Changed::default(),
        };
        let evidence = Evidence {
            source: Source::Of(self, position),
            logs: part.logs.get(row).map_or(&[][..], Vec::as_slice),
            moved: part.outcomes.moves.get(row),
            enrolled: None,
            left: part.before(row).and_then(|before| before.exit.as_ref()),
        };
        let row = part.table.row(row);
        let (engine, as_of) = (self.engine, self.as_of);
        Some(Assessment::new(
            engine, row, found, as_of, changed, evidence,
        ))
    }

    /// What was found about a customer.
    #[must_use]
    pub fn get(&self, id: &CustomerId) -> Option<Assessment<'_>> {
        self.at(self.population.histories().position(id)?)
    }

    /// The standing of the customer at a position after the review: what to remember.
    #[must_use]
    pub fn standing(&self, position: usize) -> Option<Standing> {
        let (part, row) = self.part(position)?;
        let logs = part.logs.get(row).cloned().unwrap_or_default();
        part.standing(self.engine, row, logs, self.as_of)
    }

    /// All standings after the review.
    #[must_use]
    pub fn standings(&self) -> Standings {
        let chunks = parallel::map(self.parts.len(), |chunk| {
            let logs = self.parts.get(chunk).map(|part| part.logs.clone());
            self.standings_of(chunk, logs.unwrap_or_default())
        });
        Standings::of_boxes(chunks.into_iter().flatten())
    }

    /// The same, when nothing else is asked any more.
    #[must_use]
    pub fn into_standings(mut self) -> Standings {
        let logs = self
            .parts
            .iter_mut()
            .map(|part| std::mem::take(&mut part.logs));
        let logs: Vec<(usize, Vec<Logs>)> = logs.enumerate().collect();
        let chunks = parallel::map_each(logs, |(chunk, logs)| self.standings_of(chunk, logs));
        Standings::of_boxes(chunks.into_iter().flatten())
    }

    /// The standings of a block of customers, with these logs.
    fn standings_of(&self, chunk: usize, logs: Vec<Logs>) -> Vec<(CustomerId, Box<Standing>)> {
        let Some(part) = self.parts.get(chunk) else {
            return Vec::new();
        };
        let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(self.len());
        let views = self.population.histories().views(range);
        let mut logs = logs.into_iter();
        let standing = |(row, (id, _)): (usize, (IdRef<'_>, HistoryView<'_>))| {
            let logs = logs.next().unwrap_or_default();
            let standing = part.standing(self.engine, row, logs, self.as_of)?;
            Some((id.to_id(), Box::new(standing)))
        };
        views.enumerate().filter_map(standing).collect()
    }

    /// What was found about each customer, ascending by id.
    pub fn iter(&self) -> impl Iterator<Item = Reviewed<'_>> {
        self.within(0..self.len())
    }

    /// The same of those at some positions.
    fn within(&self, positions: Range<usize>) -> impl Iterator<Item = Reviewed<'_>> {
        let views = self.population.histories().views(positions.clone());
        positions.zip(views).filter_map(|(position, (id, _))| {
            Some(Reviewed {
                id: id.to_id(),
                position,
                assessment: self.at(position)?,
            })
        })
    }

    /// What follows for each block of customers, in the order of the population.
    pub(super) fn by_block<R: Send>(
        &self,
        of: impl Fn(&mut dyn Iterator<Item = Reviewed<'_>>) -> R + Sync + Send,
    ) -> Vec<R> {
        parallel::map(self.parts.len(), |chunk| {
            let end = ((chunk + 1) * CHUNK).min(self.len());
            of(&mut self.within(chunk * CHUNK..end))
        })
    }

    /// The audit trail of this review: every change of a tier since the review before, by customer, ascending by id, and then in
    /// the order of the changes. Empty if the policy has no movement.
    pub fn events(&self) -> impl Iterator<Item = (CustomerId, TierEvent)> {
        self.iter().flat_map(|one| {
            let id = one.id().clone();
            let events = one.assessment().events();
            events.into_iter().map(move |event| (id.clone(), event))
        })
    }

    /// The columns, block by block in the order of the population; for work on whole columns.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.parts.iter().map(|part| &part.table)
    }

    /// The row of the customer at a position; see [`Engine::schema`] for its columns.
    #[must_use]
    pub fn row(&self, position: usize) -> Option<Row<'_>> {
        self.part(position).map(|(part, row)| part.table.row(row))
    }

    /// The tier of each customer, in the order of the population.
    pub fn tiers(&self) -> impl Iterator<Item = TierId> {
        self.parts
            .iter()
            .flat_map(|part| &part.outcomes.decisions)
            .map(|decision| decision.tier)
    }

    /// What movement did to each, in the order of the population; nothing if the policy has none.
    pub(super) fn moves(&self) -> impl Iterator<Item = &Moved> {
        self.parts.iter().flat_map(|part| &part.outcomes.moves)
    }

    /// Whom it reviewed.
    #[must_use]
    pub fn population(&self) -> &Population {
        self.population
    }

    /// The engine that reviewed.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.engine
    }

    fn part(&self, position: usize) -> Option<(&Part<'_>, usize)> {
        let part = self.parts.get(position / CHUNK)?;
        let row = position % CHUNK;
        (row < part.table.rows()).then_some((part, row))
    }
}

impl<'p> Part<'p> {
    /// What to remember of one of them, with the logs of their points.
    fn standing(&self, engine: &Engine, row: usize, logs: Logs, as_of: Day) -> Option<Standing> {
        let made_up = self.made_up.get(row).and_then(|s| s.as_deref());
        let before = made_up.or_else(|| self.before(row));
        let scores = engine.points.iter().map(|points| points.name.as_str());
        let mut standing = before.map_or_else(Standing::default, |b| b.without_points(scores));
        let found = self.outcomes.at(row)?;
        let moved = self.outcomes.moves.get(row);
        engine.remember(&mut standing, &found, moved, logs, as_of);
        Some(standing)
    }

    fn before(&self, row: usize) -> Option<&'p Standing> {
        self.before.get(row).copied().flatten()
    }
}

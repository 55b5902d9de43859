//! The whole history, reviewed step by step as it would have been.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::history::HistoryView;
use crate::ledger::Ledger;
use crate::model::{Customer, CustomerId, Day};
use crate::parallel;
use crate::report::{CrossTable, stability};
use crate::scoring::{RfmScore, RfmSpec};
use crate::summary::{Bounds, Summary, Window};
use crate::table::{Cell, Row};

use super::super::Engine;
use super::super::bulk::{CHUNK, Reviews};
use super::super::population::{Population, Standings};
use super::block::{names, place};
use super::compare::{share, to_f64};
use super::events::EventKind;
use super::outcome::{Keys, Outcome, OutcomeQuality, whole};
use super::step::Step;
use super::what_if::Named;

/// How a history is replayed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReplayOptions {
    /// How often there is a review.
    pub step: Step,
    /// The policy is fitted at the first step only, and used so from then on; otherwise it is fitted at every step to what was
    /// known on that day.
    pub fit_once: bool,
    /// What is looked at in the period after a review.
    pub outcome: Outcome,
    /// Customers with their attributes, which are not dated: they are taken as known from the beginning, and who has no record
    /// yet is a prospect.
    pub customers: Vec<Customer>,
}

impl ReplayOptions {
    /// A review at the close of every such period, fitted each time; the outcome is spend.
    #[must_use]
    pub fn new(step: Step) -> Self {
        Self {
            step,
            fit_once: false,
            outcome: Outcome::Spend,
            customers: Vec::new(),
        }
    }
}

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The policy.
    pub policy: Named,
    /// How often there was a review.
    pub step: Step,
    /// What was looked at in the period after each.
    pub outcome: Outcome,
    /// The tiers, best first.
    pub tiers: Vec<String>,
    /// The reviews, in the order of time.
    pub steps: Vec<ReplayStep>,
}

/// One review of a replay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayStep {
    /// The day of the review: everything booked by its close was known, and nothing later.
    pub as_of: Day,
    /// How many customers there were.
    pub customers: u64,
    /// How many of them were not there at the step before.
    pub new: u64,
    /// How many customers each tier had, best first.
    pub distribution: Vec<u64>,
    /// From the tiers at the step before (down) to those now (across); who was not there before is in the row of the unknown. At
    /// the first step that is everybody.
    pub migration: CrossTable,
    /// How many came to a better tier than at the step before.
    pub up: u64,
    /// How many came to a worse one.
    pub down: u64,
    /// With movement, how many events of each kind there were since the step before; nothing else is in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<EventKind, u64>,
    /// Customers who move to and fro; `None` at the first two steps.
    pub flapping: Option<Flapping>,
    /// The population stability index of the distribution against the step before ([`stability`]); `None` at the first step, and
    /// where there was nobody.
    pub stability: Option<f64>,
    /// The same against the first step that had a customer.
    pub stability_first: Option<f64>,
    /// What the customers brought from this review to the next; `None` at the last step, whose next period is not looked at.
    pub outcome: Option<OutcomeQuality>,
}

/// Customers who move to and fro: up at the step before and down now, or down and then up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flapping {
    /// How many.
    pub customers: u64,
    /// How many were there at this step and the two before.
    pub of: u64,
    /// The one ÷ the other, 0 to 1; `None` where there is nobody.
    pub rate: Option<f64>,
}

impl Engine {
    /// Reviews a history step by step, as it would have been: each step is fitted to what was known at the close of its day
    /// ([`Ledger::until`]) and reviewed with the standings of the step before. Nothing from after its day reaches a step; what is
    /// said of the period that followed ([`ReplayStep::outcome`]) is found when the next step comes.
    ///
    /// Costs, contacts, answers and complaints are those that the ledger [was given](Ledger::with_records).
    ///
    /// Not dated, and therefore known from the beginning, are the attributes of customers, the merges of the ledger and what
    /// the metrics of the catalog hold themselves (referral weights).
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    ///
    /// # Errors
    /// No step ends from the one day to the other, or the ledger ends before the last of them; the ledger is in another currency; a
    /// customer comes twice (`is_misuse`); a total does not fit 64 bits (`is_overflow`).
    pub fn replay(
        &self,
        ledger: &Ledger<'_>,
        from: Day,
        to: Day,
        options: &ReplayOptions,
    ) -> Result<Replay, Error> {
        let mut steps: Vec<ReplayStep> = Vec::new();
        let mut before: Option<Seen> = None;
        self.replay_with(ledger, from, to, options, |reviews| {
            let mut seen = Seen::of(reviews);
            if let (Some(before), Some(step)) = (&before, steps.last_mut()) {
                step.outcome = Some(seen.outcome_of(before, reviews, options.outcome));
            }
            let first = steps.iter().find(|step| step.customers > 0);
            let first = first.map(|step| step.distribution.clone());
            let last = steps.last().map(|step| step.distribution.as_slice());
            let step = seen.step(reviews, before.as_ref(), last, first.as_deref());
            steps.push(step);
            before = Some(seen);
        })?;
        Ok(Replay {
            policy: Named::of(self),
            step: options.step,
            outcome: options.outcome,
            tiers: names(self),
            steps,
        })
    }

    /// The same, and gives each step's reviews away, for whatever else there is to count; gives the standings after the last.
    ///
    /// # Errors
    /// As [`replay`](Self::replay).
    pub fn replay_with(
        &self,
        ledger: &Ledger<'_>,
        from: Day,
        to: Day,
        options: &ReplayOptions,
        mut visit: impl FnMut(&Reviews<'_>),
    ) -> Result<Standings, Error> {
        let days: Vec<Day> = options.step.days(from, to).collect();
        let Some(last) = days.last() else {
            let step = options.step;
            return Err(Error::misuse(format!(
                "no {step} ends from {from} to {to}, so there is nothing to replay"
            )));
        };
        if ledger.as_of() < *last {
            return Err(Error::misuse(format!(
                "the ledger ends with {}, and the replay with {last}",
                ledger.as_of()
            )));
        }
        let layout = self.layout_with(options.outcome.facts().into_iter());
        let mut standings = Standings::new();
        let mut fitted: Option<Engine> = None;
        for day in days {
            let mut population = Population::of(&ledger.until(day), &layout)?;
            if !options.customers.is_empty() {
                population = population.with_customers(options.customers.iter().cloned())?;
            }
            let engine = match fitted.take().filter(|_| options.fit_once) {
                Some(engine) => engine,
                None => self.clone().fitted_to(&population, &standings, day)?,
            };
            let reviews = engine.review_all(&population, &standings, day)?;
            visit(&reviews);
            standings = reviews.into_standings();
            fitted = Some(engine);
        }
        Ok(standings)
    }
}

/// What a step leaves for the next one.
struct Seen {
    as_of: Day,
    ids: Vec<CustomerId>,
    /// The tier of each, counted from the best.
    places: Vec<u16>,
    /// Where the tier went at this step: better is 1, worse is -1; `None` for who was not there before.
    turns: Vec<Option<i8>>,
    keys: Keys,
}

impl Seen {
    fn of(reviews: &Reviews<'_>) -> Self {
        let engine = reviews.engine();
        let ids: Vec<CustomerId> = reviews
            .population()
            .histories()
            .iter()
            .map(|(id, _)| id)
            .collect();
        // There are at most 2^16 tiers.
        let place = |tier| u16::try_from(place(engine, tier)).unwrap_or(u16::MAX);
        Self {
            as_of: reviews.as_of(),
            places: reviews.tiers().map(place).collect(),
            turns: vec![None; ids.len()],
            ids,
            keys: keys(reviews),
        }
    }

    /// For each customer of the step before their position now. Nobody is ever lost.
    fn positions(&self, before: &Self) -> Vec<usize> {
        let mut now = self.ids.iter().enumerate();
        let find = |id| now.find(|(_, other)| *other == id).map(|(at, _)| at);
        before.ids.iter().filter_map(find).collect()
    }

    fn step(
        &mut self,
        reviews: &Reviews<'_>,
        before: Option<&Self>,
        last: Option<&[u64]>,
        first: Option<&[u64]>,
    ) -> ReplayStep {
        let engine = reviews.engine();
        let names = names(engine);
        let mut distribution = vec![0_u64; names.len()];
        for tier in &self.places {
            if let Some(count) = distribution.get_mut(usize::from(*tier)) {
                *count += 1;
            }
        }
        let mut migration = CrossTable::new("tier before", &names, "tier", &names);
        let mut was: Vec<Option<u16>> = vec![None; self.ids.len()];
        let (mut flapped, mut watched) = (0, 0);
        if let Some(before) = before {
            for (old, at) in self.positions(before).into_iter().enumerate() {
                let (Some(from), Some(to)) = (before.places.get(old), self.places.get(at)) else {
                    continue;
                };
                // Counted from the best: less is better.
                let turn = match to.cmp(from) {
                    std::cmp::Ordering::Less => 1,
                    std::cmp::Ordering::Equal => 0,
                    std::cmp::Ordering::Greater => -1,
                };
                if let Some(Some(earlier)) = before.turns.get(old) {
                    watched += 1;
                    flapped += u64::from(earlier * turn < 0);
                }
                if let Some(place) = self.turns.get_mut(at) {
                    *place = Some(turn);
                }
                if let Some(place) = was.get_mut(at) {
                    *place = Some(*from);
                }
            }
        }
        for (from, to) in was.iter().zip(&self.places) {
            migration.add(from.map(usize::from), Some(usize::from(*to)));
        }
        let turned = |way| self.turns.iter().filter(|turn| **turn == Some(way)).count() as u64;
        // Two steps have a step before both.
        let third = before.is_some_and(|before| before.turns.iter().any(Option::is_some));
        ReplayStep {
            as_of: self.as_of,
            customers: self.ids.len() as u64,
            new: was.iter().filter(|tier| tier.is_none()).count() as u64,
            stability: last.and_then(|last| stability(&distribution, last)),
            stability_first: first.and_then(|first| stability(&distribution, first)),
            distribution,
            migration,
            up: turned(1),
            down: turned(-1),
            events: events(reviews),
            flapping: third.then(|| Flapping {
                customers: flapped,
                of: watched,
                rate: share(to_f64(flapped), to_f64(watched)),
            }),
            outcome: None,
        }
    }

    /// What the customers of the step before have brought since.
    fn outcome_of(&self, before: &Self, reviews: &Reviews<'_>, outcome: Outcome) -> OutcomeQuality {
        let from = before.as_of.next();
        let bounds = Window::Between(from, self.as_of.next()).at(self.as_of);
        let all = summaries(reviews.population(), bounds, |s| outcome.minor(s));
        let old = self.positions(before);
        let values: Vec<i64> = old.iter().filter_map(|at| all.get(*at).copied()).collect();
        let sum = |values: &[i64]| values.iter().map(|v| i128::from(*v)).sum::<i128>();
        let newcomers = sum(&all) - sum(&values);
        OutcomeQuality::of(
            reviews.engine(),
            (from, self.as_of),
            &before.places,
            &before.keys,
            &values,
            newcomers,
        )
    }
}

fn events(reviews: &Reviews<'_>) -> BTreeMap<EventKind, u64> {
    let mut counts = BTreeMap::new();
    let mut count = |kind| *counts.entry(kind).or_insert(0) += 1;
    for moved in reviews.moves() {
        let made_up = moved.made_up.iter();
        made_up.for_each(|event| count(EventKind::of(&event.change)));
        let noted = moved.noted.iter();
        noted.for_each(|told| count(EventKind::of(&told.noted.change)));
    }
    counts
}

/// Something about each customer's days within some bounds, in the order of the population.
fn summaries<R: Send>(
    population: &Population,
    bounds: Bounds,
    of: impl Fn(&Summary<'_>) -> R + Sync + Send,
) -> Vec<R> {
    let chunks = population.len().div_ceil(CHUNK);
    let parts = parallel::map(chunks, |chunk| {
        let rows: Range<usize> = chunk * CHUNK..((chunk + 1) * CHUNK).min(population.len());
        let views = population.histories().views(rows);
        let summary = |history: HistoryView<'_>| of(&Summary::within(None, history, bounds));
        views
            .map(|(_, history)| summary(history))
            .collect::<Vec<R>>()
    });
    parts.into_iter().flatten().collect()
}

/// What the customers are ranked by, beside the tiers.
fn keys(reviews: &Reviews<'_>) -> Keys {
    let engine = reviews.engine();
    let as_of = reviews.as_of();
    let rows = |of: &dyn Fn(Row<'_>) -> Option<f64>| -> Vec<Option<f64>> {
        let tables = reviews.tables();
        tables
            .flat_map(|table| (0..table.rows()).map(|row| of(table.row(row))))
            .collect()
    };
    let bounds = Window::Lifetime.at(as_of);
    let known = summaries(reviews.population(), bounds, |summary| Known {
        spend: whole(summary.spend_minor()),
        purchases: whole(i128::from(summary.purchases())),
        days_since_last: summary
            .last_purchase()
            .map(|last| f64::from((as_of - last).get())),
    });
    let rfm = match &engine.rfm {
        Some(columns) => {
            let slots = columns.scores;
            rows(&|row| slots.iter().map(|slot| row.number(*slot)).sum())
        }
        None => quintiles(&known),
    };
    let ltv = engine.prediction.as_ref().map(|columns| {
        let [.., slot] = columns.slots;
        rows(&|row| row.number(slot))
    });
    Keys {
        spend: known.iter().map(|customer| Some(customer.spend)).collect(),
        rfm,
        ltv,
    }
}

/// What quintiles are made of: lifetime totals, spend in minor units.
struct Known {
    spend: f64,
    purchases: f64,
    days_since_last: Option<f64>,
}

/// R + F + M by quintiles of the customers who have bought.
fn quintiles(known: &[Known]) -> Vec<Option<f64>> {
    let cells = |of: fn(&Known) -> Option<f64>| -> Vec<Cell> {
        let cell = |customer| of(customer).map_or(Cell::MISSING, Cell::from_number);
        known.iter().map(cell).collect()
    };
    let recency = cells(|customer| customer.days_since_last);
    let frequency = cells(|customer| Some(customer.purchases));
    let monetary = cells(|customer| Some(customer.spend));
    let mut scores = vec![None; known.len()];
    // The default specification is a right one.
    if let Ok(rfm) = RfmSpec::default().fit(&recency, &frequency, &monetary) {
        rfm.score_all(&recency, &frequency, &monetary, &mut scores);
    }
    let sum = |score: RfmScore| f64::from(score.r) + f64::from(score.f) + f64::from(score.m);
    scores.into_iter().map(|score| score.map(sum)).collect()
}

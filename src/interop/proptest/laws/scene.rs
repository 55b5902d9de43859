//! What a law is tried on: a population up to a day, what happens after it, and everything else a law asks about.

use std::fmt::Write as _;
use std::sync::Arc;

use super::super::histories::{Events, write_rows};
use super::super::records::REASONS;
use super::told::Served;
use crate::engine::{AttributeSpec, Engine, Policy, Population, Standing, Standings};
use crate::history::{Histories, History, Layout};
use crate::ledger::{Ledger, Options};
use crate::model::{Attempt, Currency, Customer, CustomerId, Day, Record, Transaction};
use crate::strategy::surveys::Invitation;

/// A population at a day.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    /// What happened up to and with the day.
    pub(super) past: Events,
    /// What happened after it, to the same customers. No row belongs to one of the past.
    pub(super) future: Vec<Transaction>,
    /// Every customer, with attributes.
    pub(super) people: Vec<Customer>,
    /// What is known of each before any review, in the same order: the enrolment, and what people decided.
    pub(super) decided: Vec<Standing>,
    /// What was tried with them, up to and with the day, and after it.
    pub(super) attempts: Vec<Attempt>,
    /// What else is known of them, before and after the day: contacts and complaints.
    pub(super) records: Vec<Record>,
    /// The surveys they were invited to, before and after the day.
    pub(super) invitations: Vec<Invitation>,
    /// No row belongs to another one: each says all by itself.
    pub(super) standalone: bool,
    /// Days of earlier reviews, ascending.
    pub(super) earlier: Vec<Day>,
    /// An order of rows.
    pub(super) shuffle: u64,
    /// Numbers to choose with.
    pub(super) picks: Vec<u16>,
}

/// Which parts of a scene a law is about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shown {
    pub(super) future: bool,
    pub(super) earlier: bool,
}

/// What scenes are about.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) currency: Currency,
    /// The attributes that a policy reads.
    pub(super) attributes: Vec<(String, AttributeSpec)>,
    /// The tiers that people may decide about.
    pub(super) tiers: Vec<String>,
    /// Whether it matters what was tried.
    pub(super) tried: bool,
    pub(super) served: Option<Served>,
}

impl About {
    /// A metric reads the records alone.
    pub(super) fn records(currency: Currency) -> Self {
        Self {
            currency,
            attributes: Vec::new(),
            tiers: Vec::new(),
            tried: false,
            served: None,
        }
    }

    pub(super) fn policy(policy: &Policy) -> Self {
        let attributes = policy.attributes.iter();
        // Without movement nobody asks what people decided.
        let tiers = policy.movement.iter().flat_map(|_| &policy.tiers.tiers);
        Self {
            currency: policy.head.currency,
            attributes: attributes
                .map(|(name, spec)| (name.clone(), spec.clone()))
                .collect(),
            tiers: tiers.map(|tier| tier.name.clone()).collect(),
            // An attempt is a contact too.
            tried: policy.exit.is_some() || policy.win_back.is_some() || policy.playbook.is_some(),
            served: Served::of(policy),
        }
    }
}

impl Scene {
    pub(super) fn as_of(&self) -> Day {
        self.past.as_of
    }

    /// Every day of a review.
    pub(super) fn days(&self) -> Vec<Day> {
        self.earlier.iter().copied().chain([self.as_of()]).collect()
    }

    /// What is known before the first review, of those of whom anything is.
    pub(super) fn standings(&self) -> Standings {
        let known = self.past.customers.iter().zip(&self.decided);
        known
            .filter(|(_, standing)| **standing != Standing::default())
            .map(|(id, standing)| (id.clone(), standing.clone()))
            .collect()
    }

    /// Why a customer left, of some.
    pub(super) fn reason(&self, id: &CustomerId) -> Option<&'static str> {
        let position = self.past.customers.iter().position(|known| known == id)?;
        let pick = self.picks.get(position % self.picks.len().max(1))?;
        let reason = REASONS.get(usize::from(*pick) % (REASONS.len() + 2));
        reason.copied()
    }

    /// The scene as a person can rebuild it.
    pub(super) fn show(&self, shown: Shown) -> String {
        let mut out = format!("on {}", self.as_of());
        if shown.earlier && !self.earlier.is_empty() {
            let days: Vec<String> = self.earlier.iter().map(Day::to_string).collect();
            let _ = write!(out, ", after reviews on {}", days.join(", "));
        }
        out.push_str(", with these rows:\n");
        // Writing to a string cannot fail.
        let _ = match shown.future {
            true => write_rows(&mut out, &self.all_rows()),
            false => write_rows(&mut out, &self.past.rows),
        };
        for customer in self.people.iter().filter(|c| c.attributes().len() > 0) {
            let _ = write!(out, "\ncustomer {}:", customer.id());
            for (name, value) in customer.attributes() {
                let _ = write!(out, " {name} {value:?}");
            }
        }
        for attempt in &self.attempts {
            let (id, day, purpose) = (attempt.customer(), attempt.day(), attempt.purpose());
            let _ = write!(out, "\ncustomer {id}: an attempt on {day}, for {purpose}");
        }
        for record in &self.records {
            let _ = write!(out, "\n{record:?}");
        }
        for one in &self.invitations {
            let _ = write!(
                out,
                "\ncustomer {}: invited to {} on {}",
                one.customer, one.survey, one.day
            );
        }
        for (id, standing) in self.past.customers.iter().zip(&self.decided) {
            if let Some(day) = standing.enrolled() {
                let _ = write!(out, "\ncustomer {id}: enrolled on {day}");
            }
            for decided in standing.overrides() {
                let _ = write!(
                    out,
                    "\ncustomer {id}: {:?} from {}",
                    decided.kind, decided.from
                );
                if let Some(to) = decided.to {
                    let _ = write!(out, " to {to}");
                }
            }
            for extension in standing.extensions() {
                let (on, until) = (extension.on, extension.until);
                let _ = write!(
                    out,
                    "\ncustomer {id}: on {on} the term extended until {until}"
                );
            }
        }
        out
    }

    /// The same scene without one of its parts, for each of them.
    pub(super) fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut without = |leave_out: &dyn Fn(&mut Self)| {
            let mut scene = self.clone();
            leave_out(&mut scene);
            all.push(scene);
        };
        for i in 0..self.past.rows.len() {
            without(&|scene| drop(scene.past.rows.remove(i)));
        }
        for i in 0..self.future.len() {
            without(&|scene| drop(scene.future.remove(i)));
        }
        for i in 0..self.earlier.len() {
            without(&|scene| {
                scene.earlier.remove(i);
            });
        }
        for i in 0..self.attempts.len() {
            without(&|scene| drop(scene.attempts.remove(i)));
        }
        for i in 0..self.records.len() {
            without(&|scene| drop(scene.records.remove(i)));
        }
        for i in 0..self.invitations.len() {
            without(&|scene| drop(scene.invitations.remove(i)));
        }
        let has_rows = |id: &CustomerId| {
            let mut rows = self.past.rows.iter().chain(&self.future);
            rows.any(|row| row.customer() == id) || self.attempts.iter().any(|a| a.customer() == id)
        };
        for (i, id) in self.past.customers.iter().enumerate().rev() {
            if self.past.customers.len() > 1 && !has_rows(id) {
                without(&|scene| {
                    scene.past.customers.remove(i);
                    scene.people.remove(i);
                    scene.decided.remove(i);
                });
            }
        }
        for (i, person) in self.people.iter().enumerate() {
            if person.attributes().len() > 0 {
                without(&|scene| {
                    if let Some(known) = scene.people.get_mut(i) {
                        *known = Customer::new(known.id().clone());
                    }
                });
            }
        }
        for (i, standing) in self.decided.iter().enumerate() {
            for less in with_less(standing) {
                without(&|scene| {
                    if let Some(known) = scene.decided.get_mut(i) {
                        known.clone_from(&less);
                    }
                });
            }
        }
        all
    }

    /// The rows of the past and those after it.
    pub(super) fn all_rows(&self) -> Vec<Transaction> {
        self.past.rows.iter().chain(&self.future).cloned().collect()
    }

    /// The rows in another order.
    pub(super) fn shuffled(&self) -> Vec<Transaction> {
        let mut rows: Vec<(u64, Transaction)> = (self.shuffle..)
            .map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29))
            .zip(self.past.rows.iter().cloned())
            .collect();
        rows.sort_by_key(|(key, _)| *key);
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// The rows in two parts, neither of which has a row that belongs to one of the other.
    pub(super) fn parts(&self) -> [Vec<Transaction>; 2] {
        let mut parts = [Vec::new(), Vec::new()];
        for (i, row) in self.past.rows.iter().enumerate() {
            let position = match self.standalone {
                true => i,
                false => (self.past.customers.iter())
                    .position(|c| c == row.customer())
                    .unwrap_or(0),
            };
            let [even, odd] = &mut parts;
            let part = if position % 2 == 0 { even } else { odd };
            part.push(row.clone());
        }
        parts
    }

    pub(super) fn ledger(&self, rows: &[Transaction], until: Day) -> Ledger<'static> {
        Ledger::from_transactions(rows, Options::new(until, self.past.currency))
    }

    /// The histories of rows, cleaned at a day; grown record by record, which for a few is quicker than in bulk.
    pub(super) fn histories(
        &self,
        rows: &[Transaction],
        until: Day,
        layout: &Arc<Layout>,
    ) -> Result<Histories, String> {
        let ledger = self.ledger(rows, until);
        let mut grown: Vec<(CustomerId, History)> = Vec::new();
        for (id, effect) in ledger.effects() {
            let at = grown.iter().position(|(known, _)| *known == id);
            let at = at.unwrap_or_else(|| {
                grown.push((id, History::new(Arc::clone(layout))));
                grown.len() - 1
            });
            if let Some((_, history)) = grown.get_mut(at) {
                history.add(&effect).map_err(|error| error.to_string())?;
            }
        }
        Histories::collect(Arc::clone(layout), grown).map_err(|error| error.to_string())
    }

    /// The histories of the past, built in bulk.
    pub(super) fn in_bulk(&self, layout: &Layout) -> Result<Histories, String> {
        let ledger = self.ledger(&self.past.rows, self.as_of());
        Histories::build(&ledger, layout).map_err(|error| error.to_string())
    }

    /// Everybody, with what these rows say, cleaned at a day.
    pub(super) fn population(
        &self,
        rows: &[Transaction],
        until: Day,
        engine: &Engine,
    ) -> Result<Population, String> {
        self.everybody(self.histories(rows, until, engine.layout())?)
    }

    /// Everybody, with these histories and what was tried up to the day.
    pub(super) fn everybody(&self, histories: Histories) -> Result<Population, String> {
        let population = Population::new(histories).with_customers(self.people.iter().cloned());
        let population = population.map_err(|error| error.to_string())?;
        let [tried, _] = self.tried();
        Ok(population.with_attempts(tried.into_iter().cloned()))
    }

    /// What was tried up to the day, and after it.
    pub(super) fn tried(&self) -> [Vec<&Attempt>; 2] {
        let (until, after) = (self.attempts.iter()).partition(|a| a.day() <= self.as_of());
        [until, after]
    }

    /// The facts of a layout for a metric.
    pub(super) fn layout(&self, facts: &[crate::history::Fact]) -> Arc<Layout> {
        Arc::new(Layout::new(self.past.currency, facts.iter().cloned()))
    }
}

/// The same decisions without one of them, for each.
fn with_less(standing: &Standing) -> Vec<Standing> {
    let (overrides, extensions) = (standing.overrides(), standing.extensions());
    let made = |enrolled: Option<Day>, no_override: usize, no_extension: usize| {
        let mut made = Standing::default();
        enrolled.into_iter().for_each(|day| made.enrol(day));
        for (_, decided) in (overrides.iter().enumerate()).filter(|(i, _)| *i != no_override) {
            let _ = made.override_tier(decided.clone());
        }
        for (_, decided) in (extensions.iter().enumerate()).filter(|(i, _)| *i != no_extension) {
            let _ = made.extend_term(decided.clone());
        }
        made
    };
    let (enrolled, all) = (standing.enrolled(), usize::MAX);
    let mut less: Vec<Standing> = enrolled.iter().map(|_| made(None, all, all)).collect();
    less.extend((0..overrides.len()).map(|i| made(enrolled, i, all)));
    less.extend((0..extensions.len()).map(|i| made(enrolled, all, i)));
    less
}

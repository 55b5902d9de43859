//! What is known at the close of a day, from reviews of the quarters before it.

use std::collections::BTreeMap;

use customer_value::engine::{Engine, Population, Reviews, Standings};
use customer_value::model::{Currency, CustomerId, Day, Days, Record};
use customer_value::strategy::budget::BudgetState;
use customer_value::strategy::playbook::PlaybookRecord;

use super::data::Data;

/// What the reviews before the day have left: what a host keeps.
pub struct Kept {
    pub standings: Standings,
    /// Since when the rules of actions have been true.
    pub remembered: BTreeMap<CustomerId, PlaybookRecord>,
    /// What was spent, with the tier of the time.
    pub state: BudgetState,
    /// The day of the last review.
    pub last: Option<Day>,
}

/// The days of the reviews before a day: the ends of four quarters, and a week before.
fn days(day: Day) -> Vec<Day> {
    let mut ends = Vec::new();
    let mut end = day.minus(Days::new(7));
    while ends.len() < 5 {
        ends.push(end);
        let first = (end.year(), (end.month() - 1) / 3 * 3 + 1);
        let Ok(first) = Day::from_ymd(first.0, first.1, 1) else {
            break;
        };
        end = first.minus(Days::new(1));
    }
    ends.reverse();
    ends
}

impl Kept {
    /// Reviews the days before `day`, each with what was known on it.
    pub fn before(engine: &Engine, data: &Data, day: Day) -> anyhow::Result<Self> {
        let mut kept = Self {
            standings: Standings::new(),
            remembered: BTreeMap::new(),
            state: BudgetState::new(engine.policy().head.currency),
            last: None,
        };
        for on in days(day) {
            let population = data.on(engine, on)?;
            let fitted = engine.clone().fitted_to(&population, &kept.standings, on)?;
            let standings = std::mem::take(&mut kept.standings);
            let reviews = fitted.review_all(&population, &standings, on)?;
            kept.look(&reviews)?;
            kept.standings = reviews.into_standings();
        }
        Ok(kept)
    }

    /// Books what was spent since the last review, and remembers what became true.
    pub fn look(&mut self, reviews: &Reviews<'_>) -> anyhow::Result<()> {
        // The first review books the year before it.
        let first = self
            .last
            .unwrap_or(reviews.as_of().minus(Days::new(365)))
            .next();
        if let Some(spends) = reviews.spends(first)? {
            spends.book(&mut self.state)?;
        }
        self.remembered = reviews.playbook_records(&self.remembered);
        self.last = Some(reviews.as_of());
        Ok(())
    }
}

/// What a chapter is told of.
pub struct World<'w> {
    pub data: &'w Data,
    /// The policy, not fitted to anybody.
    pub engine: &'w Engine,
    pub reviews: &'w Reviews<'w>,
    pub kept: &'w Kept,
}

impl World<'_> {
    pub fn day(&self) -> Day {
        self.reviews.as_of()
    }

    pub fn currency(&self) -> Currency {
        self.engine.policy().head.currency
    }

    pub fn population(&self) -> &Population {
        self.reviews.population()
    }

    /// The records of everybody that `pick` wants.
    pub fn records<'r, T>(&'r self, pick: impl Fn(&'r Record) -> Option<T>) -> Vec<T> {
        let records = self.population().records();
        records.map_or_else(Vec::new, |records| {
            records.all().iter().filter_map(pick).collect()
        })
    }

    /// A column of money about a customer, in minor units.
    pub fn minor(&self, customer: &CustomerId, column: &str) -> Option<i64> {
        let major = self.reviews.get(customer)?.number(column)?;
        Some((major * self.currency().minor_per_major() as f64).round() as i64)
    }
}

//! The reviews from the first day to the last, each with what was known on its day.

use std::collections::BTreeSet;

use customer_value::engine::simulate::Step;
use customer_value::engine::{Engine, Population, Reviews, StageSpells, Standings};
use customer_value::ledger::Ledger;
use customer_value::model::{Customer, Day, Money};
use customer_value::report::StageTimes;

use super::COST_TO_SERVE;

/// When there are reviews.
pub struct Walk {
    pub from: Day,
    /// The last one.
    pub as_of: Day,
    /// The one that it is compared with.
    pub before: Day,
    pub step: Step,
    /// What is assumed of each customer.
    pub cost_to_serve: Option<Money>,
}

/// Everything that one review needs.
pub struct Known {
    engine: Engine,
    population: Population,
    standings: Standings,
    as_of: Day,
}

/// What the walk leaves.
pub struct Walked {
    pub last: Known,
    /// The review to compare it with; `None` if there is none so early.
    pub before: Option<Known>,
    pub times: StageTimes,
    pub reviews: usize,
}

impl Known {
    pub fn review(&self) -> anyhow::Result<Reviews<'_>> {
        let Self {
            engine,
            population,
            standings,
            as_of,
        } = self;
        Ok(engine.review_all(population, standings, *as_of)?)
    }
}

impl Walk {
    fn days(&self) -> BTreeSet<Day> {
        let mut days: BTreeSet<Day> = self.step.days(self.from, self.as_of).collect();
        days.insert(self.as_of);
        days.extend(Some(self.before).filter(|day| *day >= self.from));
        days
    }

    /// Fits and reviews on each day, with the standings of the review before. Nothing from after the day is in it.
    pub fn run(
        &self,
        engine: &Engine,
        ledger: &Ledger<'_>,
        mut spells: StageSpells,
    ) -> anyhow::Result<Walked> {
        let days = self.days();
        let reviews = days.len();
        let mut standings = Standings::new();
        let mut before = None;
        for day in days {
            let mut population = engine.population(&ledger.until(day))?;
            if let Some(cost) = self.cost_to_serve {
                let all = population.histories().iter();
                let customers: Result<Vec<_>, _> = all.map(|(id, _)| with_cost(id, cost)).collect();
                population = population.with_customers(customers?)?;
            }
            let known = Known {
                engine: engine.clone().fitted_to(&population, &standings, day)?,
                population,
                standings,
                as_of: day,
            };
            let found = known.review()?;
            spells.look(&found);
            standings = found.into_standings();
            if day == self.as_of {
                let times = spells.times();
                return Ok(Walked {
                    last: known,
                    before,
                    times,
                    reviews,
                });
            }
            if day == self.before {
                before = Some(known);
            }
        }
        anyhow::bail!("there is no review")
    }
}

fn with_cost(
    id: customer_value::model::CustomerId,
    cost: Money,
) -> Result<Customer, customer_value::Error> {
    let amount: f64 = cost.amount().to_string().parse().unwrap_or(f64::NAN);
    Customer::new(id).with(COST_TO_SERVE, amount)
}

//! The engine, driven with the customers of the oracle, and what it found in the words of the oracle.
//!
//! The only file here that knows the crate. What the engine does not say is `None`, and not compared: the tests of a part run
//! when its constant is true. `attempts` and `answers` of a customer are to be handed to the engine before a review.

use std::collections::HashMap;

use customer_value::engine::{Assessment, Engine, Population, Standing, Standings, Subject};
use customer_value::history::Histories;
use customer_value::ledger::{Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, CustomerId, Day, Money, Transaction};

use super::churn::{Evidence, Verdict};
use super::customer::{Customer, Value};
use super::exit::ExitOutcome;
use super::stage::{Move, StageState};
use super::{Date, day};

/// Whether the engine knows `after`, `quiet`, `priority`, `moves`, `enter`, `leave` and actions.
pub const TIMED: bool = false;
/// Whether it knows `[churn]`.
pub const CHURN: bool = false;
/// Whether it knows `[exit]`.
pub const EXIT: bool = false;

/// What a review found of one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub stage: Option<Stage>,
    /// The moves of the review, with their actions.
    pub moves: Option<Vec<Move>>,
    /// The column `churn`.
    pub churn: Option<String>,
    /// The whole verdict; `next` and `reached` with it.
    pub verdict: Option<Verdict>,
    pub evidence: Option<Vec<Evidence>>,
    /// The column `exit`.
    pub step: Option<String>,
    /// The record of the standing, and the events of the review.
    pub exit: Option<ExitOutcome>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub stage: String,
    pub since: Date,
    pub high_water: String,
}

impl From<StageState> for Stage {
    fn from(state: StageState) -> Self {
        Self {
            stage: state.stage,
            since: state.since,
            high_water: state.high_water,
        }
    }
}

fn found(assessment: &Assessment<'_>, standing: &Standing) -> Found {
    let to_date = |day: Day| super::day(&day.to_string());
    let stage = standing.stage().map(|record| {
        assert_eq!(assessment.stage(), Some(record.stage.as_str()));
        assert_eq!(assessment.stage_since(), Some(record.since));
        Stage {
            stage: record.stage.clone(),
            since: to_date(record.since),
            high_water: record.high_water.clone(),
        }
    });
    let word = |known: bool, column| known.then(|| assessment.category(column)).flatten();
    Found {
        stage,
        moves: None,
        churn: word(CHURN, "churn").map(str::to_owned),
        verdict: None,
        evidence: None,
        step: word(EXIT, "exit").map(str::to_owned),
        exit: None,
    }
}

pub fn to_day(date: Date) -> Day {
    date.to_string().parse().unwrap()
}

fn id(position: usize) -> CustomerId {
    CustomerId::from(position as u64 + 1)
}

/// A service: the histories grow with the rows of each day, and the standings are what the last review returned.
pub struct Service<'a> {
    pub engine: Engine,
    pub customers: &'a [Customer],
    currency: Currency,
    histories: Histories,
    standings: Standings,
    known: Option<Date>,
    positions: HashMap<CustomerId, usize>,
}

impl<'a> Service<'a> {
    pub fn new(policy: &str, customers: &'a [Customer]) -> Self {
        let engine = engine(policy);
        let table: toml::Table = toml::from_str(policy).unwrap();
        let currency = table["head"]["currency"].as_str().unwrap().parse().unwrap();
        let none = Ledger::from_transactions(&[], Options::new(Day::MAX, currency));
        Self {
            histories: Histories::build(&none, engine.layout()).unwrap(),
            engine,
            customers,
            currency,
            standings: Standings::new(),
            known: None,
            positions: (0..customers.len()).map(|n| (id(n), n)).collect(),
        }
    }

    /// From now on under another policy, with what is remembered.
    pub fn change_policy(&mut self, policy: &str) {
        self.engine = engine(policy);
        self.histories = self.rows(None, self.known.unwrap_or(day("0001-01-01")));
    }

    fn position(&self, id: &CustomerId) -> usize {
        self.positions[id]
    }

    /// What was bought after one day, up to another.
    fn rows(&self, after: Option<Date>, until: Date) -> Histories {
        let mut rows = Vec::new();
        for (position, customer) in self.customers.iter().enumerate() {
            for (n, purchase) in customer.purchases.iter().enumerate() {
                if after < Some(purchase.day) && purchase.day <= until {
                    let amount = Money::from_minor(purchase.cents, self.currency);
                    let on = to_day(purchase.day);
                    let row = Transaction::purchase(id(position), on, amount).unwrap();
                    rows.push(row.with_id(&format!("{position}-{n}")).unwrap());
                }
            }
        }
        let ledger = Ledger::from_transactions(&rows, Options::new(to_day(until), self.currency));
        assert!(ledger.rejects().is_empty(), "{:?}", ledger.rejects());
        Histories::build(&ledger, self.engine.layout()).unwrap()
    }

    /// What is known of everybody on a day.
    fn population(&self, histories: Histories, on: Date) -> Population {
        let known = self
            .customers
            .iter()
            .enumerate()
            .map(|(position, customer)| {
                let mut known = customer_value::model::Customer::new(id(position));
                let mut names: Vec<&String> = customer.changes.iter().map(|c| &c.name).collect();
                names.sort();
                names.dedup();
                for name in names {
                    known = match customer.attribute(name, on) {
                        None => Ok(known),
                        Some(Value::Number(number)) => known.with(name, number),
                        Some(Value::Flag(flag)) => known.with(name, flag),
                        Some(Value::Word(word)) => known.with(name, word.as_str()),
                        Some(Value::Date(date)) => known.with(name, to_day(date)),
                    }
                    .unwrap();
                }
                known
            });
        Population::new(histories).with_customers(known).unwrap()
    }

    /// Freezes what the engine has to know of everybody.
    pub fn fit(&mut self, on: Date) {
        let population = self.population(self.rows(None, on), on);
        let fit = self
            .engine
            .fit(&population, &self.standings, to_day(on))
            .unwrap();
        self.engine = self.engine.clone().freeze(fit).unwrap();
    }

    /// A review of all, with the histories and the standings of the last one.
    pub fn review(&mut self, on: Date) -> Vec<Found> {
        if self.known < Some(on) {
            let new = self.rows(self.known, on);
            self.histories = self.histories.merge(&new).unwrap();
            self.known = Some(on);
        }
        let population = self.population(self.histories.clone(), on);
        let reviews = self
            .engine
            .review_all(&population, &self.standings, to_day(on))
            .unwrap();
        let mut all = vec![None; self.customers.len()];
        let mut standings = Standings::new();
        for one in reviews.iter() {
            let standing = reviews.standing(one.position()).unwrap();
            all[self.position(one.id())] = Some(found(one.assessment(), &standing));
            standings.insert(one.id().clone(), standing);
        }
        self.standings = standings;
        all.into_iter()
            .map(|found| found.expect("everybody is reviewed"))
            .collect()
    }

    /// Each alone, from the standing before a review of all; nothing is remembered.
    pub fn one_by_one(&self, on: Date) -> Vec<Found> {
        let population = self.population(self.rows(None, on), on);
        let mut buffer = self.engine.buffer();
        let mut all = vec![None; self.customers.len()];
        for at in 0..population.len() {
            let (id, history) = population.histories().at(at).unwrap();
            let subject = Subject::new(history).with_customer(population.customer(at).unwrap());
            let before = self.standings.get(&id).cloned().unwrap_or_default();
            let (standing, assessment) =
                self.engine.review(subject, before, to_day(on), &mut buffer);
            all[self.position(&id)] = Some(found(&assessment, &standing));
        }
        all.into_iter()
            .map(|found| found.expect("everybody is known"))
            .collect()
    }

    /// Everybody reviewed for the first time, from histories built at once.
    pub fn reviewed_anew(&self, on: Date) -> Vec<Found> {
        let mut fresh = Self {
            engine: self.engine.clone(),
            customers: self.customers,
            currency: self.currency,
            histories: self.rows(None, on),
            standings: Standings::new(),
            known: Some(on),
            positions: self.positions.clone(),
        };
        fresh.review(on)
    }

    /// The histories that grew are those built at once.
    pub fn histories_are_those_built_at_once(&self) -> bool {
        self.known
            .is_none_or(|on| self.histories == self.rows(None, on))
    }
}

fn engine(policy: &str) -> Engine {
    Engine::from_toml(policy, &Catalog::standard())
        .unwrap_or_else(|problems| panic!("{problems}\n{policy}"))
}

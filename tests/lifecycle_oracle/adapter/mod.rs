//! The engine, driven with the customers of the oracle, and what it found in the words of the oracle.
//!
//! The only folder here that knows the crate.

mod found;

use std::collections::HashMap;

use customer_value::diagnostic::Diagnostics;
use customer_value::engine::{Engine, Policy, Population, Standing, Standings, Subject};
use customer_value::history::Histories;
use customer_value::ledger::{Ledger, Options};
use customer_value::lifecycle::exit::{ExitEvent, ExitRecord};
use customer_value::metrics::Catalog;
use customer_value::model::{
    Attempt, AttemptKind, Currency, CustomerId, Day, Money, SurveyAnswer, Transaction, Unit,
};
use customer_value::report::ExitReport;
use customer_value::table::{Field, Schema, Table};

use super::churn::Verdict;
use super::customer::{Customer, Value};
use super::exit::{OnStep, Report};
use super::measure::Measured;
use super::{Date, day};
pub use found::{Found, Stage};
use found::{Known, found, in_words, outcome};

pub fn to_day(date: Date) -> Day {
    date.to_string().parse().unwrap()
}

fn id(position: usize) -> CustomerId {
    CustomerId::from(position as u64 + 1)
}

/// A service: the histories grow with the rows of each day, and the standings are what the last review returned, stored as JSON
/// and read again.
pub struct Service<'a> {
    pub engine: Engine,
    pub customers: &'a [Customer],
    currency: Currency,
    histories: Histories,
    standings: Standings,
    known: Option<Date>,
    positions: HashMap<CustomerId, usize>,
    attempts: Vec<Attempt>,
    answers: Vec<Vec<SurveyAnswer>>,
    /// What happened to each on the exit ladder.
    events: Vec<Vec<ExitEvent>>,
    /// The report of the ladder at the last review.
    report: Option<ExitReport>,
}

impl<'a> Service<'a> {
    pub fn new(policy: &str, customers: &'a [Customer]) -> Self {
        Self::try_new(policy, customers).unwrap_or_else(|problems| panic!("{problems}\n{policy}"))
    }

    /// # Errors
    /// What is wrong with the policy.
    pub fn try_new(policy: &str, customers: &'a [Customer]) -> Result<Self, String> {
        let engine = engine(policy)?;
        let currency = engine.policy().head.currency;
        let none = Ledger::from_transactions(&[], Options::new(Day::MAX, currency));
        Ok(Self {
            histories: Histories::build(&none, engine.layout()).unwrap(),
            engine,
            customers,
            currency,
            standings: Standings::new(),
            known: None,
            positions: (0..customers.len()).map(|n| (id(n), n)).collect(),
            attempts: attempts(customers),
            answers: (customers.iter().enumerate())
                .map(|(position, customer)| answers(position, customer))
                .collect(),
            events: vec![Vec::new(); customers.len()],
            report: None,
        })
    }

    /// From now on under another policy, with what is remembered.
    ///
    /// # Errors
    /// What is wrong with the policy.
    pub fn change_policy(&mut self, policy: &str) -> Result<(), String> {
        self.engine = engine(policy)?;
        self.histories = self.rows(None, self.known.unwrap_or(day("0001-01-01")));
        Ok(())
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

    /// What is known of everybody on a day; attempts and answers are given as they are, those to come too.
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
        let population = Population::new(histories).with_customers(known).unwrap();
        population.with_attempts(self.attempts.iter().cloned())
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

    /// What is known of the customer at a position of the population.
    fn about<'k>(&'k self, population: &'k Population, at: usize) -> Known<'k> {
        let (id, history) = population.histories().at(at).unwrap();
        Known {
            engine: &self.engine,
            history,
            attempts: population.attempts(at),
            answers: &self.answers[self.position(&id)],
        }
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
        let mut report = (self.engine.exit()).map(|ladder| ExitReport::new(ladder, self.currency));
        let mut events = Vec::new();
        let mut standings = Standings::new();
        for one in reviews.iter() {
            let known = self.about(&population, one.position());
            let (before, assessment) = (self.standings.get(one.id()), one.assessment());
            let after = kept(&reviews.standing(one.position()).unwrap());
            let position = self.position(one.id());
            all[position] = Some(found(known, assessment, before, &after));
            if let (Some(report), Some(ladder)) = (&mut report, self.engine.exit()) {
                let outcome = outcome(known, assessment, before.and_then(Standing::exit));
                let step = outcome.position.and_then(|at| at.step);
                let saving = |step| ladder.saving(assessment.row(), step, self.currency);
                report.add(&outcome, step.and_then(saving));
                events.push((position, assessment.exit_events()));
            }
            standings.insert(one.id().clone(), after);
        }
        for (position, more) in events {
            self.events[position].extend(more);
        }
        self.report = report;
        self.standings = standings;
        all.into_iter()
            .map(|found| found.expect("everybody is reviewed"))
            .collect()
    }

    /// Each alone, from the standing before a review of all; nothing is remembered. What is explained has to be what was found.
    pub fn one_by_one(&self, on: Date) -> Vec<(Found, Standing)> {
        let population = self.population(self.rows(None, on), on);
        let mut buffer = self.engine.buffer();
        let mut all = vec![None; self.customers.len()];
        for at in 0..population.len() {
            let (id, history) = population.histories().at(at).unwrap();
            let known = self.about(&population, at);
            let subject = Subject::new(history)
                .with_customer(population.customer(at).unwrap())
                .with_attempts(known.attempts);
            let before = self.standings.get(&id);
            let remembered = before.cloned().unwrap_or_default();
            let (standing, assessment) =
                (self.engine).review(subject, remembered, to_day(on), &mut buffer);
            let found = found(known, &assessment, before, &standing);
            let explained = assessment.explain();
            assert_eq!(
                explained.stage.map_or(Vec::new(), |stage| stage.taken),
                assessment.stage_moves()
            );
            assert_eq!(explained.churn, assessment.churn_verdict());
            assert_eq!(
                explained
                    .exit
                    .as_ref()
                    .and_then(|exit| exit.step.as_deref()),
                assessment.exit()
            );
            all[self.position(&id)] = Some((found, standing));
        }
        all.into_iter()
            .map(|found| found.expect("everybody is known"))
            .collect()
    }

    /// The standings of all, as they were remembered.
    pub fn standings(&self) -> Vec<Standing> {
        let all = (0..self.customers.len()).map(|n| self.standings.get(&id(n)).cloned());
        all.map(Option::unwrap_or_default).collect()
    }

    /// All events of the exit ladder from the first on, stored and read again, come to what is remembered.
    pub fn events_are_what_is_remembered(&self) {
        for (position, events) in self.events.iter().enumerate() {
            let stored = serde_json::to_string(events).unwrap();
            let events: Vec<ExitEvent> = serde_json::from_str(&stored).unwrap();
            let remembered = self.standings.get(&id(position)).and_then(Standing::exit);
            assert_eq!(ExitRecord::replay(&events).as_ref(), remembered);
        }
    }

    /// The report of the exit ladder, in the words of the oracle.
    pub fn report(&self) -> Report {
        let report = self.report.as_ref().unwrap();
        let count = report.gates().iter().filter(|gate| gate.customers > 0);
        Report {
            waiting: report.on_no_step(),
            steps: (report.steps().iter())
                .map(|step| OnStep {
                    customers: step.customers,
                    noticed: step.noticed,
                    cents: i64::try_from(step.saving).unwrap(),
                    not_known: step.saving_unknown,
                })
                .collect(),
            held: count
                .map(|gate| (gate.name.clone(), gate.customers))
                .collect(),
        }
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
            attempts: self.attempts.clone(),
            answers: self.answers.clone(),
            events: vec![Vec::new(); self.customers.len()],
            report: None,
        };
        fresh.review(on)
    }

    /// The histories that grew are those built at once.
    pub fn histories_are_those_built_at_once(&self) -> bool {
        self.known
            .is_none_or(|on| self.histories == self.rows(None, on))
    }

    /// A number that the engine predicts, for each customer.
    pub fn predicted(&self, column: &str, on: Date) -> Vec<Option<f64>> {
        let population = self.population(self.rows(None, on), on);
        let reviews = (self.engine)
            .review_all(&population, None, to_day(on))
            .unwrap();
        let mut all = vec![None; self.customers.len()];
        for one in reviews.iter() {
            all[self.position(one.id())] = one.assessment().number(column);
        }
        all
    }
}

/// A standing as it is when it was stored.
fn kept(standing: &Standing) -> Standing {
    let stored = serde_json::to_string(standing).unwrap();
    let read: Standing = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, *standing, "{stored}");
    read
}

fn engine(policy: &str) -> Result<Engine, String> {
    Engine::from_toml(policy, &Catalog::standard()).map_err(|problems| problems.to_string())
}

fn attempts(customers: &[Customer]) -> Vec<Attempt> {
    let mut all = Vec::new();
    for (position, customer) in customers.iter().enumerate() {
        for (on, purpose) in &customer.attempts {
            let purpose = purpose.parse().unwrap();
            let kind = AttemptKind::Education;
            all.push(Attempt::new(id(position), to_day(*on), purpose, kind).unwrap());
        }
    }
    all
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn answers(position: usize, customer: &Customer) -> Vec<SurveyAnswer> {
    let answer = |one: &super::customer::Answer| {
        let question: customer_value::model::SurveyInstrument = one.question.parse().unwrap();
        let (low, high) = (*question.range().start(), *question.range().end());
        let given = low + (one.share * f64::from(high - low)).round() as u8;
        SurveyAnswer::new(id(position), to_day(one.day), question, given).unwrap()
    };
    customer.answers.iter().map(answer).collect()
}

/// The verdict of the library on the columns of the oracle, where a column is not measured from purchases.
pub fn verdict_on(policy: &str, row: &Measured<'_>) -> Verdict {
    let policy = Policy::from_toml(policy).unwrap_or_else(|problems| panic!("{problems}"));
    let spec = policy.churn.unwrap();
    let mut schema = Schema::new();
    let columns = spec.columns();
    for name in &columns {
        let unit = match *name {
            "active_days" => Unit::Count,
            "days_since_last" | "lapse_point" => Unit::Days,
            "churn_factor" => Unit::Ratio,
            "gap_percentile" => Unit::Percent,
            "p_alive" | "p_purchase" => Unit::Share,
            other => panic!("what is `{other}`?"),
        };
        schema.add(Field::number(*name, unit)).unwrap();
    }
    let mut problems = Diagnostics::new();
    let churn = spec.bind(&schema, &mut problems);
    let churn = churn.unwrap_or_else(|| panic!("{problems}"));
    let mut table = Table::new(schema, 1);
    for name in columns {
        let slot = table.schema().slot(name).unwrap();
        table.column_mut(slot).set(0, row.number(name));
    }
    in_words(&churn.verdict(table.row(0)))
}

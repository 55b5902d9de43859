//! The engine, driven with the rows of the oracle, and what it found in the words of the oracle.

#![allow(dead_code, unused_imports)] // Each test file uses its part of it.

use customer_value::engine::{Assessment, Engine, Population, Standing, Standings, Subject};
use customer_value::history::Histories;
use customer_value::ledger::{Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Customer, Day, Money, Transaction};
use customer_value::tiering::{Change, Extension, Override, OverrideKind, TierEvent};

use crate::movement_oracle as oracle;
use oracle::{Date, Event, Outcome};

const ID: u64 = 7;

pub fn to_day(date: Date) -> Day {
    date.to_string().parse().unwrap()
}

fn to_date(day: Day) -> Date {
    oracle::day(&day.to_string())
}

pub fn engine(policy: &str) -> Engine {
    Engine::from_toml(policy, &Catalog::standard())
        .unwrap_or_else(|problems| panic!("{problems}\n{policy}"))
}

fn euros(cents: i64) -> Money {
    Money::from_minor(cents, Currency::EUR)
}

/// What was booked up to a day.
fn transactions(customer: &oracle::Customer, until: Date) -> Vec<Transaction> {
    let mut rows = Vec::new();
    for (i, purchase) in customer.purchases.iter().enumerate() {
        if purchase.day > until {
            continue;
        }
        // Equal rows without an id would be duplicates.
        let id = purchase
            .id
            .clone()
            .unwrap_or_else(|| format!("purchase {i}"));
        let mut row = Transaction::purchase(ID, to_day(purchase.day), euros(purchase.cents))
            .unwrap()
            .with_id(&id)
            .unwrap();
        if let Some(category) = &purchase.category {
            row = row.with_category(category);
        }
        if purchase.cost != 0 {
            row = row.with_cost(euros(purchase.cost)).unwrap();
        }
        rows.push(row);
    }
    for (i, refund) in customer.refunds.iter().enumerate() {
        if refund.day > until {
            continue;
        }
        #[allow(clippy::cast_possible_truncation)]
        let cents = (refund.amount * 100.0).round() as i64;
        let row = Transaction::refund(ID, to_day(refund.day), euros(cents)).unwrap();
        let mut row = row.with_id(&format!("refund {i}")).unwrap();
        if let Some(of) = &refund.of {
            row = row.refund_of(of).unwrap();
        }
        rows.push(row);
    }
    rows
}

fn attributes(customer: &oracle::Customer) -> Customer {
    let mut known = Customer::new(ID);
    for (name, value) in &customer.attributes {
        known = match value {
            toml::Value::String(text) => known.with(name, text.as_str()),
            toml::Value::Boolean(flag) => known.with(name, *flag),
            toml::Value::Float(number) => known.with(name, *number),
            #[allow(clippy::cast_precision_loss)]
            toml::Value::Integer(number) => known.with(name, *number as f64),
            other => panic!("no attribute: {other}"),
        }
        .unwrap();
    }
    known
}

/// What is known on a day.
pub fn population(engine: &Engine, customer: &oracle::Customer, until: Date) -> Population {
    let rows = transactions(customer, until);
    let options = Options::new(to_day(until), Currency::EUR);
    let ledger = Ledger::from_transactions(&rows, options);
    assert!(ledger.rejects().is_empty(), "{:?}", ledger.rejects());
    let histories = Histories::build(&ledger, engine.layout()).unwrap();
    Population::new(histories)
        .with_customers([attributes(customer)])
        .unwrap()
}

/// What the host says before a review: enrolment, points, overrides and extensions as far as they are noted by then.
pub fn note(standing: &mut Standing, customer: &oracle::Customer, as_of: Date) {
    if let Some(enrolled) = customer.enrolled {
        standing.enrol(to_day(enrolled));
    }
    for award in customer.awards.iter().filter(|award| award.day <= as_of) {
        standing
            .points_mut(&award.score)
            .note(&award.rule, to_day(award.day), award.times);
    }
    let known = standing.overrides().len();
    let noted = customer.overrides.iter().filter(|o| o.noted <= as_of);
    for decided in noted.skip(known) {
        let tier = || decided.tier.clone().unwrap();
        let kind = match decided.kind {
            oracle::OverrideKind::Pin => OverrideKind::Pin(tier()),
            oracle::OverrideKind::Floor => OverrideKind::Floor(tier()),
            oracle::OverrideKind::Ceiling => OverrideKind::Ceiling(tier()),
            oracle::OverrideKind::Exclude => OverrideKind::Exclude,
        };
        standing
            .override_tier(Override {
                kind,
                from: to_day(decided.from),
                to: decided.to.map(to_day),
                actor: "somebody".to_owned(),
                reason: "a case".to_owned(),
            })
            .unwrap();
    }
}

/// An extension noted on the day of this review, or since the one before.
pub fn extend(
    standing: &mut Standing,
    customer: &oracle::Customer,
    before: Option<Date>,
    as_of: Date,
) {
    for extension in &customer.extensions {
        if extension.noted <= as_of && before < Some(extension.noted) {
            standing
                .extend_term(Extension {
                    on: to_day(extension.noted),
                    until: to_day(extension.until),
                    actor: "somebody".to_owned(),
                    reason: "a case".to_owned(),
                })
                .unwrap();
        }
    }
}

/// One customer, reviewed on one day after the other.
pub struct Service<'a> {
    pub customer: &'a oracle::Customer,
    pub standing: Standing,
    before: Option<Date>,
    /// What was known at the last review, and how many rows that were.
    known: Option<(usize, Population)>,
    pub trail: Vec<TierEvent>,
}

impl<'a> Service<'a> {
    pub fn new(customer: &'a oracle::Customer) -> Self {
        Self {
            customer,
            standing: Standing::default(),
            before: None,
            known: None,
            trail: Vec::new(),
        }
    }

    fn prepare(&mut self, as_of: Date) -> Before {
        let earned = before(&self.standing);
        note(&mut self.standing, self.customer, as_of);
        extend(&mut self.standing, self.customer, self.before, as_of);
        self.before = Some(as_of);
        earned
    }

    /// The history is the same as long as nothing is booked.
    fn known(&mut self, engine: &Engine, as_of: Date) -> &Population {
        let customer = self.customer;
        let purchases = customer.purchases.iter().map(|p| p.day);
        let days = purchases.chain(customer.refunds.iter().map(|r| r.day));
        let rows = days.filter(|day| *day <= as_of).count();
        if self.known.as_ref().is_none_or(|(known, _)| *known != rows) {
            self.known = Some((rows, population(engine, customer, as_of)));
        }
        &self.known.as_ref().unwrap().1
    }

    /// As a service does for one customer.
    pub fn one(&mut self, engine: &Engine, as_of: Date) -> Outcome {
        let earned = self.prepare(as_of);
        let standing = std::mem::take(&mut self.standing);
        let subject = subject(self.known(engine, as_of));
        let mut buffer = engine.buffer();
        let (standing, assessment) = engine.review(subject, standing, to_day(as_of), &mut buffer);
        let events = assessment.events();
        let found = outcome(&standing, &assessment, &events, earned);
        self.standing = standing;
        self.trail.extend(events);
        found
    }

    /// As a service does for all.
    pub fn bulk(&mut self, engine: &Engine, as_of: Date) -> Outcome {
        let earned = self.prepare(as_of);
        let standing = std::mem::take(&mut self.standing);
        let population = self.known(engine, as_of);
        let mut standings = Standings::new();
        standings.insert(ID.into(), standing);
        let reviews = engine
            .review_all(population, &standings, to_day(as_of))
            .unwrap();
        let standing = reviews.standing(0).unwrap();
        let assessment = reviews.at(0).unwrap();
        let events = assessment.events();
        let found = outcome(&standing, &assessment, &events, earned);
        self.standing = standing;
        self.trail.extend(events);
        found
    }

    /// As a service does that stores everything in between.
    pub fn stored(&mut self, engine: &Engine, as_of: Date) -> Outcome {
        let text = serde_json::to_string(&self.standing).unwrap();
        let read: Standing = serde_json::from_str(&text).unwrap();
        assert_eq!(read, self.standing);
        self.standing = read;
        self.one(engine, as_of)
    }
}

pub fn subject(population: &Population) -> Subject<'_> {
    let (_, history) = population.histories().at(0).unwrap();
    Subject::new(history).with_customer(population.customer(0).unwrap())
}

/// The tier that was earned before a review, and the one that was to begin.
type Before = (Option<String>, Option<String>);

fn before(standing: &Standing) -> Before {
    let tenure = standing.tier().and_then(|record| record.tenure.as_ref());
    let upcoming = tenure.and_then(|tenure| tenure.upcoming.as_ref());
    (
        tenure.map(|tenure| tenure.earned.clone()),
        upcoming.map(|upcoming| upcoming.tier.clone()),
    )
}

fn outcome(
    standing: &Standing,
    assessment: &Assessment<'_>,
    events: &[TierEvent],
    before: Before,
) -> Outcome {
    let record = standing.tier().unwrap();
    assert_eq!(
        assessment.tier(),
        record.tier,
        "the assessment and the standing"
    );
    let tenure = record.tenure.as_ref().unwrap();
    Outcome {
        tier: record.tier.clone(),
        since: to_date(record.since),
        earned: tenure.earned.clone(),
        earned_since: to_date(tenure.since),
        term: tenure.term.map(|t| (to_date(t.start), to_date(t.end))),
        grace: tenure.grace.map(|g| (to_date(g.since), to_date(g.until))),
        pending: (tenure.upcoming.as_ref()).map(|u| (u.tier.clone(), to_date(u.from))),
        counting: tenure.counting.map(|c| (to_date(c.since), c.carry)),
        qualifying: assessment.number("qualifying"),
        events: translate(standing, events, before),
    }
}

/// Events in the words of the oracle. What is only noted for the record has no counterpart there.
fn translate(standing: &Standing, events: &[TierEvent], before: Before) -> Vec<Event> {
    let mut found = Vec::new();
    let (mut earned, mut pending) = before;
    let decided = |id: u32| match &standing.overrides()[id as usize].kind {
        OverrideKind::Pin(tier) | OverrideKind::Floor(tier) | OverrideKind::Ceiling(tier) => {
            Some(tier.clone())
        }
        OverrideKind::Exclude => None,
    };
    for event in events {
        let same = earned.clone();
        if let Change::Scheduled(upcoming) = &event.change {
            pending = Some(upcoming.tier.clone());
        }
        let (kind, from, to) = match &event.change {
            Change::Assigned(to) => ("assigned", None, Some(to.tier.clone())),
            Change::Upgraded(to) => ("upgraded", same, Some(to.tier.clone())),
            Change::Downgraded(to) => ("downgraded", same, Some(to.tier.clone())),
            Change::Revoked(to) => ("revoked", same, Some(to.tier.clone())),
            Change::Cancelled => ("cancelled", pending.take(), None),
            Change::Scheduled(upcoming) => ("scheduled", same, Some(upcoming.tier.clone())),
            Change::Renewed { .. } => ("renewed", same.clone(), same),
            Change::GraceStarted(_) => ("grace started", same.clone(), same),
            Change::Requalified { .. } => ("requalified", same.clone(), same),
            Change::WillDowngrade { .. } => ("notice", same, None),
            Change::OverrideStarted { id } => ("override started", None, decided(*id)),
            Change::OverrideEnded { id } => ("override ended", decided(*id), None),
            Change::Extended { .. } => ("extended", same.clone(), same),
            Change::Replaced { tier } => {
                earned = Some(tier.clone());
                continue;
            }
            Change::Recounted(_) | Change::PolicyChanged | Change::Reviewed => continue,
            other => panic!("not known to the tests: {other:?}"),
        };
        if matches!(kind, "assigned" | "upgraded" | "downgraded" | "revoked") {
            earned.clone_from(&to);
        }
        found.push(Event {
            kind,
            day: to_date(event.day),
            from,
            to,
        });
    }
    found
}

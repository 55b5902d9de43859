//! Random customers with what is known of them day by day, and a policy with all parts of a lifecycle.

use customer_value::engine::{Assessment, Engine, Population, Standing, Subject};
use customer_value::history::{Histories, HistoryView};
use customer_value::ledger::Ledger;
use customer_value::lifecycle::Taken;
use customer_value::lifecycle::churn::{Evidence, Verdict};
use customer_value::lifecycle::exit::{ExitChange, ExitEvent};
use customer_value::metrics::Catalog;
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Currency, Customer, CustomerId, Day, Money, Transaction,
};
use proptest::prelude::*;

pub const LAST: i32 = 400;

pub fn day(n: i32) -> Day {
    Day::from_epoch_days(19_000 + n).unwrap()
}

/// An attribute from some days on; `None`: nothing is known any more.
type Known<T> = Vec<(i32, Option<T>)>;

/// The life of one customer, in days.
#[derive(Debug, Clone)]
pub struct Life {
    /// Amounts in euros; below 0 a refund that names no purchase.
    pub purchases: Vec<(i32, i64)>,
    pub low: Known<bool>,
    pub hold: Known<bool>,
    /// In euros.
    pub referral: Known<u8>,
    pub contact: Vec<i32>,
    pub attempts: Vec<(i32, AttemptPurpose)>,
}

fn at<T: Clone>(known: &Known<T>, on: i32) -> Option<T> {
    // The last one that is told by the day; of one day, the last in the list.
    let told = known
        .iter()
        .enumerate()
        .filter(|(_, (from, _))| *from <= on);
    let last = told.max_by_key(|(place, (from, _))| (*from, *place));
    last.and_then(|(_, (_, value))| value.clone())
}

impl Life {
    pub fn hold(&self, on: i32) -> Option<bool> {
        at(&self.hold, on)
    }

    pub fn referral(&self, on: i32) -> Option<u8> {
        at(&self.referral, on)
    }

    pub fn bought_after(&self, on: i32) -> Option<i32> {
        let bought = self.purchases.iter().filter(|(_, euros)| *euros >= 0);
        bought.map(|(day, _)| *day).filter(|day| *day > on).min()
    }

    fn rows(&self, id: u64) -> Vec<Transaction> {
        let rows = self.purchases.iter().enumerate().map(|(n, (on, euros))| {
            // No refund is of the amount of a purchase, which would take that back wherever it is.
            let cents = if *euros < 0 {
                1 - 100 * euros
            } else {
                100 * euros
            };
            let amount = Money::from_minor(cents, Currency::EUR);
            let row = if *euros < 0 {
                Transaction::refund(id, day(*on), amount)
            } else {
                Transaction::purchase(id, day(*on), amount)
            };
            row.unwrap().with_id(&format!("{id}-{n}")).unwrap()
        });
        rows.collect()
    }

    pub fn customer(&self, id: u64, on: i32) -> Customer {
        let mut customer = Customer::new(id);
        if let Some(low) = at(&self.low, on) {
            customer = customer.with("low", low).unwrap();
        }
        if let Some(hold) = self.hold(on) {
            customer = customer.with("hold", hold).unwrap();
        }
        if let Some(referral) = self.referral(on) {
            customer = customer.with("referral", f64::from(referral)).unwrap();
        }
        if let Some(last) = self.contact.iter().filter(|c| **c <= on).max() {
            customer = customer.with("contact", day(*last)).unwrap();
        }
        customer
    }

    pub fn attempts(&self, id: u64) -> Vec<Attempt> {
        let kind = AttemptKind::Call;
        let all = self.attempts.iter();
        all.map(|(on, purpose)| Attempt::new(id, day(*on), *purpose, kind.clone()).unwrap())
            .collect()
    }
}

fn known<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
    most: usize,
) -> impl Strategy<Value = Known<T>> {
    prop::collection::vec((0..LAST, prop::option::weighted(0.8, value)), 0..=most)
}

pub fn life() -> impl Strategy<Value = Life> {
    let purpose = prop_oneof![Just(AttemptPurpose::Uplift), Just(AttemptPurpose::WinBack)];
    let euros = prop_oneof![9 => 0..120_i64, 1 => -40..-1_i64];
    // Mostly nothing is in the way, and they are low for long, or nobody comes to the end of a ladder.
    let hold = prop_oneof![2 => Just(vec![(0, Some(false))]), 1 => known(any::<bool>(), 4)];
    let referral = prop_oneof![2 => Just(vec![(0, Some(10))]), 1 => known(0..100_u8, 4)];
    let low =
        prop_oneof![1 => Just(vec![(0, Some(true))]), 1 => known(prop::bool::weighted(0.8), 5)];
    (
        prop::collection::vec((0..LAST, euros), 0..9),
        low,
        hold,
        referral,
        prop::collection::vec(0..LAST, 0..5),
        prop::collection::vec((0..LAST, purpose), 0..5),
    )
        .prop_map(|(purchases, low, hold, referral, contact, attempts)| Life {
            purchases,
            low,
            hold,
            referral,
            contact,
            attempts,
        })
}

pub fn lives(most: usize) -> impl Strategy<Value = Vec<Life>> {
    prop::collection::vec(life(), 1..=most)
}

/// Days of reviews, ascending; one may come several times.
pub fn reviews() -> impl Strategy<Value = Vec<i32>> {
    let any = prop::collection::vec(0..LAST, 1..16);
    let steady = (0..60, 8..40_usize)
        .prop_map(|(first, step)| (first..LAST).step_by(step).collect::<Vec<_>>());
    prop_oneof![any, steady].prop_map(|mut days| {
        days.sort_unstable();
        days
    })
}

/// What differs from policy to policy.
#[derive(Debug, Clone)]
pub struct Plan {
    pub moves: u32,
    pub interval: i32,
    pub at_least: i32,
    pub notice: i32,
    pub attempts: u32,
}

pub fn plan() -> impl Strategy<Value = Plan> {
    let attempts = (0..3_u32).prop_map(|n| n.saturating_sub(1));
    let all = (1..5_u32, 1..60_i32, -20..60_i32, 0..60_i32, attempts);
    all.prop_map(|(moves, interval, at_least, notice, attempts)| Plan {
        moves,
        interval,
        at_least: at_least.max(0),
        notice: notice.min(interval),
        attempts,
    })
}

impl Plan {
    pub fn engine(&self) -> Engine {
        let Self {
            moves,
            interval,
            at_least,
            notice,
            attempts,
        } = self;
        let policy = format!(
            r#"
            [head]
            name = "laws"
            version = "1"
            currency = "EUR"
            [attributes]
            low = {{ type = "flag" }}
            hold = {{ type = "flag" }}
            referral = {{ type = "number", unit = "money" }}
            contact = {{ type = "date" }}
            [[metrics]]
            name = "spend_3m"
            measure = "spend"
            window = "90 days"
            [churn]
            recent = "30 days"
            baseline = "120 days"
            methods = [
                {{ by = "lapse_share", at_risk = 0.8, lost = 3 }},
                {{ by = "days_since_last", cooling = 20, at_risk = 40, lost = 80 }},
            ]
            [win_back]
            when = "days_since_last >= 30"
            value = "spend"
            cool_down = "60 days"
            offers = [{{ name = "call", class = "personal", channel = "phone", response = 0.5, cost = "0.10 EUR" }}]
            [lifecycle]
            start = "prospect"
            moves = {moves}
            [[lifecycle.stages]]
            name = "prospect"
            [[lifecycle.stages]]
            name = "active"
            rank = 2
            enter = "active_days >= 1"
            on_enter = ["welcome"]
            [[lifecycle.stages]]
            name = "loyal"
            rank = 3
            leave = "days_since_last >= 1"
            [[lifecycle.stages]]
            name = "lapsed"
            rank = 1
            on_enter = ["remind"]
            [[lifecycle.stages]]
            name = "gone"
            [[lifecycle.transitions]]
            from = ["prospect", "lapsed", "gone"]
            to = "active"
            when = "days_since_last < 30"
            since = "last_purchase"
            [[lifecycle.transitions]]
            from = ["active"]
            to = "loyal"
            when = "active_days >= 3 and spend_3m >= 50"
            after = "5 days"
            [[lifecycle.transitions]]
            from = ["active", "loyal"]
            to = "lapsed"
            quiet = {{ column = "last_purchase", days = "30 days" }}
            [[lifecycle.transitions]]
            from = ["lapsed"]
            to = "gone"
            after = "20 days"
            quiet = {{ column = "contact", days = "10 days" }}
            actions = ["close"]
            [[lifecycle.transitions]]
            from = "any"
            to = "gone"
            when = "churn = 'lost'"
            priority = 5
            [exit]
            below = "low"
            attempts = {attempts}
            at_least = "{at_least} days"
            interval = "{interval} days"
            notice = "{notice} days"
            steps = [
                {{ name = "reassess", notice = "0 days" }},
                {{ name = "educate" }},
                {{ name = "end", ends_service = true }},
            ]
            gates = [
                {{ name = "legal hold", closed = "hold" }},
                {{ name = "referrals", closed = "referral >= 50", from = "end" }},
            ]
            [[tiers]]
            name = "gold"
            when = "stage = 'loyal'"
            [[tiers]]
            name = "everybody"
            "#
        );
        Engine::from_toml(&policy, &Catalog::standard()).unwrap_or_else(|p| panic!("{p}"))
    }
}

pub fn rows(lives: &[Life]) -> Vec<Transaction> {
    let all = lives.iter().zip(1..);
    all.flat_map(|(life, id)| life.rows(id)).collect()
}

/// Histories of rows with all that they say.
pub fn histories(engine: &Engine, rows: &[Transaction]) -> Histories {
    let ledger = Ledger::from_transactions(rows, engine.cleaning(day(LAST)));
    assert!(ledger.rejects().is_empty(), "{:?}", ledger.rejects());
    Histories::build(&ledger, engine.layout()).unwrap()
}

/// What is known of everybody on a day, with histories and attempts as they are given.
pub fn population(lives: &[Life], histories: Histories, on: i32) -> Population {
    let all = || lives.iter().zip(1..);
    Population::new(histories)
        .with_customers(all().map(|(life, id)| life.customer(id, on)))
        .unwrap()
        .with_attempts(all().flat_map(|(life, id)| life.attempts(id)))
}

pub fn until(rows: &[Transaction], on: i32) -> Vec<Transaction> {
    let known = rows.iter().filter(|row| row.day() <= day(on));
    known.cloned().collect()
}

/// All that a review says.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub stage: Option<String>,
    pub moves: Vec<Taken>,
    pub verdict: Option<Verdict>,
    pub evidence: Vec<Evidence>,
    pub exit: Option<String>,
    pub events: Vec<ExitEvent>,
    pub explained: String,
}

impl Told {
    pub fn of(engine: &Engine, history: HistoryView<'_>, assessment: &Assessment<'_>) -> Self {
        let churn = engine.churn().unwrap();
        Self {
            stage: assessment.stage().map(str::to_owned),
            moves: assessment.stage_moves(),
            verdict: assessment.churn_verdict(),
            evidence: churn.evidence(history, &[], Currency::EUR, assessment.as_of()),
            exit: assessment.exit().map(str::to_owned),
            events: assessment.exit_events(),
            explained: assessment.explain().to_string(),
        }
    }

    /// The steps that the review took.
    pub fn taken(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|event| match &event.change {
            ExitChange::StepTaken { step } => Some(step.as_str()),
            _ => None,
        })
    }
}

/// One customer of a population, reviewed alone.
pub fn review(
    engine: &Engine,
    population: &Population,
    id: u64,
    before: &Standing,
    on: i32,
) -> (Standing, Told) {
    let position = population.histories().position(&CustomerId::from(id));
    let position = position.unwrap();
    let (_, history) = population.histories().at(position).unwrap();
    let mut subject = Subject::new(history).with_attempts(population.attempts(position));
    if let Some(customer) = population.customer(position) {
        subject = subject.with_customer(customer);
    }
    let mut buffer = engine.buffer();
    let (standing, assessment) = engine.review(subject, before.clone(), day(on), &mut buffer);
    let told = Told::of(engine, history, &assessment);
    (standing, told)
}

/// All that the reviews of one customer on some days say, with the standings that they leave.
pub fn run(engine: &Engine, life: &Life, reviews: &[i32]) -> Vec<(i32, Standing, Told)> {
    let lives = std::slice::from_ref(life);
    let histories = histories(engine, &rows(lives));
    let mut standing = Standing::default();
    let mut all = Vec::new();
    for on in reviews {
        let population = population(lives, histories.clone(), *on);
        let (after, told) = review(engine, &population, 1, &standing, *on);
        standing = after;
        all.push((*on, standing.clone(), told));
    }
    all
}

//! Policies: sound ones of every kind, and broken ones.
//!
//! A policy is planned section by section, and then written in the order in which the engine makes its columns, so that
//! each section reads only columns that are there. A section is a plan (what was drawn) with one way of
//! writing it into a [`Draft`]; a new section is a new file with both, and one line in [`policies`].

mod allocation;
mod broken;
mod broken_movement;
mod budget;
mod columns;
mod cost;
mod decisions;
mod effect;
mod leaving;
mod movement;
mod playbook;
mod scores;
mod surveys;

pub use broken::{BrokenPolicy, Mistake, broken_policies};
pub(super) use budget::CATEGORIES;
pub(super) use movement::ADDITIVE;
pub use movement::movements;

use std::ops::RangeInclusive;

use ::proptest::option;
use ::proptest::prelude::*;

use super::rules::RuleOptions;
use super::values::{currencies, days, maybe};
use crate::engine::accounts::AccountsSpec;
use crate::engine::{FORMAT, Head, Policy};
use crate::metrics::Catalog;
use crate::model::{Currency, Day};
use crate::table::{Field, Schema};
use crate::tiering::LadderSpec;

/// What policies are like. Written with `..PolicyOptions::default()`.
#[derive(Debug, Clone)]
pub struct PolicyOptions {
    /// The currency; any if not said.
    pub currency: Option<Currency>,
    /// How many attributes, beside those that a `[playbook]` asks about; 0 to 3 if not said.
    pub attributes: RangeInclusive<usize>,
    /// How many entries of `[[metrics]]`; 0 to 4 if not said.
    pub metrics: RangeInclusive<usize>,
    /// How many weighted scores; 0 to 2 if not said.
    pub scores: RangeInclusive<usize>,
    /// How many point scores; 0 to 2 if not said.
    pub points: RangeInclusive<usize>,
    /// How many segments; 0 to 2 if not said.
    pub segments: RangeInclusive<usize>,
    /// How many tiers with the base, at least 1; 1 to 4 if not said.
    pub tiers: RangeInclusive<usize>,
    /// Whether there may be a `[cost_to_serve]`.
    pub cost_to_serve: bool,
    /// Whether there may be a `[prediction]`.
    pub prediction: bool,
    /// Whether there may be an `[rfm]`.
    pub rfm: bool,
    /// Whether there may be a `[lifecycle]`.
    pub lifecycle: bool,
    /// Whether there may be a `[movement]`, and what belongs to it in the tiers.
    pub movement: bool,
    /// Whether there may be an `[accounts]`.
    pub accounts: bool,
    /// Whether there may be a `[churn]`.
    pub churn: bool,
    /// Whether there may be a `[win_back]`.
    pub win_back: bool,
    /// Whether there may be an `[exit]`.
    pub exit: bool,
    /// Whether there may be a `[playbook]`, with attributes that say who agreed to be contacted.
    pub playbook: bool,
    /// Whether there may be a `[budget]`.
    pub budget: bool,
    /// Whether there may be an `[allocation]`.
    pub allocation: bool,
    /// Whether there may be `[surveys]`.
    pub surveys: bool,
    /// Whether there may be an `[effect]`.
    pub effect: bool,
    /// Whether there may be a `[monitoring]`.
    pub monitoring: bool,
    /// The rules of all sections.
    pub rules: RuleOptions,
}

impl PolicyOptions {
    /// A head and one to four tiers, and nothing that may be left out: to add what a test is about.
    ///
    /// ```
    /// use customer_value::interop::proptest::PolicyOptions;
    ///
    /// let served = PolicyOptions { playbook: true, segments: 0..=2, ..PolicyOptions::bare() };
    /// assert!(served.playbook && !served.budget);
    /// ```
    #[must_use]
    pub fn bare() -> Self {
        Self {
            currency: None,
            attributes: 0..=0,
            metrics: 0..=0,
            scores: 0..=0,
            points: 0..=0,
            segments: 0..=0,
            tiers: 1..=4,
            cost_to_serve: false,
            prediction: false,
            rfm: false,
            lifecycle: false,
            movement: false,
            accounts: false,
            churn: false,
            win_back: false,
            exit: false,
            playbook: false,
            budget: false,
            allocation: false,
            surveys: false,
            effect: false,
            monitoring: false,
            rules: RuleOptions::default(),
        }
    }
}

impl Default for PolicyOptions {
    fn default() -> Self {
        Self {
            currency: None,
            attributes: 0..=3,
            metrics: 0..=4,
            scores: 0..=2,
            points: 0..=2,
            segments: 0..=2,
            tiers: 1..=4,
            cost_to_serve: true,
            prediction: true,
            rfm: true,
            lifecycle: true,
            movement: true,
            accounts: true,
            churn: true,
            win_back: true,
            exit: true,
            playbook: true,
            budget: true,
            allocation: true,
            surveys: true,
            effect: true,
            monitoring: true,
            rules: RuleOptions::default(),
        }
    }
}

/// A policy on its way, and the columns it has so far.
struct Draft {
    policy: Policy,
    schema: Schema,
}

impl Draft {
    /// Adds a column; one of a taken name is left out, as are sections that would make it.
    fn column(&mut self, field: Field) {
        let _ = self.schema.add(field);
    }

    /// The columns of numbers that may be ranked or scaled.
    fn numbers(&self) -> Vec<&Field> {
        let fields = self.schema.fields().iter();
        fields.filter(|field| field.unit().is_some()).collect()
    }
}

/// Sound policies: each binds to [`Catalog::standard`] without an error (warnings there may be, such as a tier that
/// nobody can be in). With everything a policy file can say.
///
/// ```
/// use customer_value::interop::proptest::{PolicyOptions, policies};
/// use customer_value::{Catalog, Engine};
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(32), |(policy in policies(&PolicyOptions::default()))| {
///     let engine = Engine::new(policy, &Catalog::standard());
///     prop_assert!(engine.is_ok(), "{}", engine.unwrap_err());
/// });
/// ```
pub fn policies(options: &PolicyOptions) -> impl Strategy<Value = Policy> + Clone + use<> {
    let measured = (
        columns::attributes(options),
        columns::metrics(options),
        cost::cost_to_serve(options),
        columns::prediction(options),
        leaving::churn(options),
        columns::rfm(options),
    );
    let judged = (
        scores::weighted(options),
        scores::points(options),
        scores::segments(options),
    );
    let decided = (
        decisions::lifecycle(options),
        movement::movement(options),
        decisions::ladder(options),
        maybe(options.accounts, 0.3, any::<AccountsSpec>()),
    );
    let followed = (
        leaving::win_back(options),
        leaving::exit(options),
        leaving::monitoring(options),
    );
    let managed = (
        playbook::playbook(options),
        budget::budget(options),
        allocation::allocation(options),
        surveys::surveys(options),
        effect::effect(options),
    );
    let followed = (followed, managed);
    (head(options), measured, judged, decided, followed).prop_map(
        |(head, measured, (scores, points, segments), decided, (followed, managed))| {
            let (win_back, exit, monitoring) = followed;
            let (playbook, budget, allocation, surveys, effect) = managed;
            let (attributes, metrics, cost, prediction, churn, rfm) = measured;
            let (lifecycle, movement, ladder, accounts) = decided;
            let mut draft = Draft {
                policy: empty(head),
                schema: Schema::new(),
            };
            attributes.write(&mut draft);
            metrics.write(&mut draft);
            cost.write(&mut draft);
            defaults(&mut draft);
            prediction.write(&mut draft);
            churn.write(&mut draft);
            rfm.write(&mut draft);
            scores.write(&mut draft);
            points.write(&mut draft);
            segments.write(&mut draft);
            movement.write(&mut draft, ladder.names());
            lifecycle.write(&mut draft);
            ladder.write(&mut draft);
            win_back.write(&mut draft);
            exit.write(&mut draft);
            playbook.write(&mut draft);
            budget.write(&mut draft);
            allocation.write(&mut draft);
            surveys.write(&mut draft);
            effect.write(&mut draft);
            monitoring.write(&mut draft);
            draft.policy.accounts = accounts;
            draft.policy
        },
    )
}

fn head(options: &PolicyOptions) -> impl Strategy<Value = Head> + Clone + use<> {
    let currency = match options.currency {
        Some(currency) => Just(currency).boxed(),
        None => prop_oneof![Just(Currency::EUR), currencies()].boxed(),
    };
    let first = Day::from_ymd(2024, 1, 1).unwrap_or(Day::MIN);
    let last = Day::from_ymd(2026, 12, 31).unwrap_or(Day::MAX);
    let people = (option::of("[A-Z][a-z]{1,6}"), option::of("[A-Z][a-z]{1,6}"));
    let texts = || prop::collection::vec("[a-z][a-z \"'#é]{0,10}", 0..=2);
    let name = ("[a-z][a-z 0-9]{0,8}", "[0-9]{1,2}(\\.[0-9])?");
    let rest = (option::of(days(first..=last)), texts(), texts());
    (name, currency, people, rest).prop_map(
        |((name, version), currency, (author, approver), (effective, goals, effects))| Head {
            name,
            version,
            currency,
            author,
            approver,
            effective,
            goals,
            expected_effects: effects,
        },
    )
}

/// A head and nothing else: not yet a policy, for want of a tier.
fn empty(head: Head) -> Policy {
    Policy {
        format: FORMAT,
        head,
        attributes: Default::default(),
        metrics: Vec::new(),
        prediction: None,
        churn: None,
        rfm: None,
        scores: Vec::new(),
        points: Vec::new(),
        segments: Vec::new(),
        lifecycle: None,
        movement: None,
        accounts: None,
        cost_to_serve: None,
        win_back: None,
        exit: None,
        playbook: None,
        budget: None,
        allocation: None,
        surveys: None,
        effect: None,
        monitoring: None,
        tiers: LadderSpec::default(),
    }
}

/// What rules may read without its being listed.
fn defaults(draft: &mut Draft) {
    let catalog = Catalog::standard();
    for metric in catalog
        .names()
        .filter_map(|name| catalog.default_metric(name))
    {
        draft.column(Field::number(metric.name(), metric.unit()));
    }
}

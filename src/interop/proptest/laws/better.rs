//! More and better never gives a lower tier.

use super::super::values::value_of;
use super::broken::LawBroken;
use super::policy::none_lower;
use super::review::{ready, review_all, reviewed_before};
use super::scene::{About, Scene, Shown};
use super::scenes::scenes;
use super::{Better, Engine, Trial};
use crate::engine::{Policy, Population, Standings};
use crate::lifecycle::LifecycleSpec;
use crate::model::{CustomerId, Days, Money, Transaction};
use crate::rules::{Expr, Literal, Node, Term};
use crate::scoring::{ScaleSpec, Scoring};
use crate::tiering::{QUALIFYING, TierId};

impl Trial {
    /// A better number in a measured column never gives a lower tier; see [`laws::monotone`](super::monotone).
    ///
    /// # Errors
    /// The law is broken, or the policy measures no such column.
    pub fn monotone(&self, engine: &Engine, column: &str, better: Better) -> Result<(), LawBroken> {
        let word = if better == Better::Higher {
            "higher"
        } else {
            "lower"
        };
        let law = format!("a {word} `{column}` never gives a lower tier");
        let slot = engine.measured_slot(column);
        let unit = slot.and_then(|slot| engine.schema().field(slot)?.unit());
        let (Some(slot), Some(unit)) = (slot, unit) else {
            let what = format!("the policy measures no number `{column}`");
            return Err(LawBroken::new(law, what, String::new()));
        };
        let compared = compared_with(engine.policy(), column);
        let check = |scene: &Scene| {
            let as_of = scene.as_of();
            let population = scene.population(&scene.past.rows, as_of, engine)?;
            let engine = ready(engine, &population, as_of)?;
            if column == QUALIFYING && engine.movement().is_some() {
                return qualifying(&engine, &population, scene, better);
            }
            let found = review_all(&engine, &population, &Standings::new(), as_of)?;
            let reviews = engine.review_all(&population, None, as_of);
            let reviews = reviews.map_err(|error| error.to_string())?;
            let mut numbers = compared.clone();
            numbers.extend(reviews.iter().filter_map(|r| r.assessment().number(column)));
            numbers.extend(
                scene
                    .picks
                    .iter()
                    .take(3)
                    .map(|pick| value_of(unit, pick % 1001)),
            );
            let numbers = from_worst(numbers, better);
            let lower =
                |position, number| engine.tier_with(&population, position, as_of, (slot, number));
            for (position, customer) in found.iter().enumerate() {
                rising(&engine, &numbers, |number| lower(position, number))
                    .map_err(|[held, fallen]| told(&customer.id, column, held, fallen))?;
            }
            Ok(())
        };
        let scenes = scenes(&self.histories, &About::policy(engine.policy()));
        self.run(
            &law,
            scenes,
            |scene: &Scene| scene.show(Shown::default()),
            check,
        )
    }

    /// One more purchase never gives a lower tier; see [`laws::more_purchases`](super::more_purchases).
    ///
    /// # Errors
    /// The law is broken.
    pub fn more_purchases(&self, engine: &Engine) -> Result<(), LawBroken> {
        let law = "one more purchase never gives a lower tier";
        let check = |scene: &Scene| {
            let as_of = scene.as_of();
            let nothing = Standings::new();
            let population = scene.population(&scene.past.rows, as_of, engine)?;
            let engine = ready(engine, &population, as_of)?;
            let before = review_all(&engine, &population, &nothing, as_of)?;
            for picks in scene.picks.chunks(3) {
                let Some(purchase) = one_more(scene, picks) else {
                    continue;
                };
                let mut rows = scene.past.rows.clone();
                rows.push(purchase.clone());
                let population = scene.population(&rows, as_of, &engine)?;
                let after = review_all(&engine, &population, &nothing, as_of)?;
                none_lower(&engine, &before, &after).map_err(|what| {
                    let (day, amount) = (purchase.day(), purchase.amount());
                    format!("{what} a purchase more, of {amount} on {day}")
                })?;
            }
            Ok(())
        };
        let scenes = scenes(&self.histories, &About::policy(engine.policy()));
        self.run(
            law,
            scenes,
            |scene: &Scene| scene.show(Shown::default()),
            check,
        )
    }
}

/// Whether better numbers of the qualifying metric at the close of the day never give a lower tier, then or on the next day:
/// of customers of whom nothing is remembered, and after earlier reviews.
pub(super) fn qualifying(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
    better: Better,
) -> Result<(), String> {
    let as_of = scene.as_of();
    let slot = engine.slot(QUALIFYING);
    let unit = slot.and_then(|slot| engine.schema().field(slot)?.unit());
    let mut numbers = compared_with(engine.policy(), QUALIFYING);
    let picks = scene.picks.iter().take(3);
    numbers.extend(
        unit.iter()
            .flat_map(|unit| picks.clone().map(|p| value_of(*unit, p % 1001))),
    );
    let numbers = from_worst(numbers, better);
    for remembered in [
        scene.standings(),
        reviewed_before(engine, population, scene)?,
    ] {
        for (position, (id, _)) in population.histories().iter().enumerate() {
            let standing = remembered.get(&id).cloned().unwrap_or_default();
            for (next_day, when) in [(false, ""), (true, ", on the next day")] {
                rising(engine, &numbers, |number| {
                    engine.tier_with_qualifying(
                        population, position, &standing, as_of, number, next_day,
                    )
                })
                .map_err(|[held, fallen]| {
                    format!("{}{when}", told(&id, QUALIFYING, held, fallen))
                })?;
            }
        }
    }
    Ok(())
}

fn from_worst(mut numbers: Vec<f64>, better: Better) -> Vec<f64> {
    numbers.retain(|number| number.is_finite());
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.dedup();
    if better == Better::Lower {
        numbers.reverse();
    }
    numbers
}

/// Whether the tier never falls from one number to the next: if it does, both tiers with their numbers.
fn rising<'e>(
    engine: &'e Engine,
    numbers: &[f64],
    tier: impl Fn(f64) -> Option<TierId>,
) -> Result<(), [(f64, &'e str); 2]> {
    let mut worse: Option<(f64, TierId)> = None;
    for number in numbers {
        let tier = tier(*number).unwrap_or_default();
        if let Some((before, held)) = worse
            && tier < held
        {
            let name = |tier| engine.ladder().name(tier);
            return Err([(before, name(held)), (*number, name(tier))]);
        }
        worse = Some((*number, tier));
    }
    Ok(())
}

fn told(
    id: &CustomerId,
    column: &str,
    (before, held): (f64, &str),
    (number, fallen): (f64, &str),
) -> String {
    format!(
        "customer {id} is in `{held}` with `{column}` {before}, and in `{fallen}` with {number}"
    )
}

/// A purchase of some customer, of nothing, little or much.
fn one_more(scene: &Scene, picks: &[u16]) -> Option<Transaction> {
    let &[who, back, amount] = picks else {
        return None;
    };
    let customers = &scene.past.customers;
    let customer = customers
        .get(usize::from(who) % customers.len().max(1))?
        .clone();
    let day = scene.as_of().minus(Days::new(i32::from(back % 1000)));
    let minor = i64::from(amount) % [1, 100, 2_000, 60_000].get(usize::from(amount % 4))?;
    let money = Money::from_minor(minor, scene.past.currency);
    Transaction::purchase(customer, day, money).ok()
}

/// Every number that a policy compares a column with, and its neighbours.
fn compared_with(policy: &Policy, column: &str) -> Vec<f64> {
    let mut numbers = Vec::new();
    let tiers = policy.tiers.tiers.iter();
    if column == QUALIFYING {
        numbers.extend(
            tiers
                .clone()
                .flat_map(|t| t.entry.into_iter().chain(t.keep)),
        );
    }
    let tiers = tiers.flat_map(|tier| tier.when.iter().chain(&tier.keep_when).cloned());
    let stages = policy.lifecycle.iter().flat_map(LifecycleSpec::guards);
    let rules = policy.points.iter().flat_map(|points| &points.rules);
    let points = rules.filter_map(|rule| rule.when.as_ref()?.parse().ok());
    let segments = policy.segments.iter().map(|segment| segment.when.clone());
    let rules = tiers.chain(stages.cloned()).chain(points);
    let all: Vec<Expr> = rules.chain(segments).collect();
    all.iter()
        .for_each(|rule| literals(rule.node(), column, &mut numbers));
    for part in policy.scores.iter().flat_map(|score| &score.parts) {
        match &part.scale {
            _ if part.column != column => {}
            ScaleSpec::Linear { from, to } => numbers.extend([*from, *to]),
            ScaleSpec::Breaks { at, .. } => numbers.extend(at),
            _ => {}
        }
    }
    for method in policy.churn.iter().flat_map(|churn| &churn.methods) {
        if method.by.name() == column {
            let levels = [
                method.cooling,
                method.at_risk,
                method.highly_at_risk,
                method.lost,
            ];
            numbers.extend(levels.into_iter().flatten());
        }
    }
    if let Some(rfm) = &policy.rfm {
        for dimension in [&rfm.recency, &rfm.frequency, &rfm.monetary] {
            if let (true, Scoring::Breaks(at)) = (dimension.column == column, &dimension.by) {
                numbers.extend(at);
            }
        }
    }
    numbers
        .iter()
        .flat_map(|n| [n - 1.0, n.next_down(), *n, n.next_up(), n + 1.0])
        .collect()
}

fn literals(node: &Node, column: &str, into: &mut Vec<f64>) {
    let mut take = |term: &Term, values: &[&Literal]| {
        if *term == Term::Column(column.to_owned()) {
            into.extend(values.iter().filter_map(|value| match value {
                Literal::Number(number) => Some(*number),
                Literal::Day(day) => Some(f64::from(day.epoch_days())),
                Literal::Text(_) => None,
            }));
        }
    };
    match node {
        Node::Compare { term, value, .. } => take(term, &[value]),
        Node::Between { term, low, high } => take(term, &[low, high]),
        Node::In { term, values } => take(term, &values.iter().collect::<Vec<_>>()),
        Node::Not(inner) => literals(inner, column, into),
        Node::And(all) | Node::Or(all) => all.iter().for_each(|node| literals(node, column, into)),
        _ => {}
    }
}

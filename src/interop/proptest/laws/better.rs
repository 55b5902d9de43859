//! More and better never gives a lower tier.

use super::super::values::value_of;
use super::broken::LawBroken;
use super::policy::{attributes, none_lower};
use super::review::{ready, review_all};
use super::scene::{Scene, Shown, scenes};
use super::{Better, Engine, Trial};
use crate::engine::{Policy, Standings};
use crate::model::{Days, Money, Transaction};
use crate::rules::{Expr, Literal, Node, Term};
use crate::scoring::{ScaleSpec, Scoring};

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
            numbers.retain(|number| number.is_finite());
            numbers.sort_unstable_by(f64::total_cmp);
            numbers.dedup();

            let mut picks = scene.picks.iter().cycle();
            for (position, customer) in found.iter().enumerate() {
                for _ in 0..3 {
                    let mut pick = || {
                        let at = usize::from(*picks.next()?) % numbers.len().max(1);
                        numbers.get(at).copied()
                    };
                    let (Some(a), Some(b)) = (pick(), pick()) else {
                        return Ok(());
                    };
                    let (worse, best) = match better {
                        Better::Higher => (a.min(b), a.max(b)),
                        Better::Lower => (a.max(b), a.min(b)),
                    };
                    let tier =
                        |number| engine.tier_with(&population, position, as_of, (slot, number));
                    let (with_worse, with_best) = (tier(worse), tier(best));
                    if with_best < with_worse {
                        let name =
                            |tier: Option<_>| tier.map_or("", |tier| engine.ladder().name(tier));
                        return Err(format!(
                            "customer {} is in `{}` with `{column}` {worse}, and in `{}` with {best}",
                            customer.id,
                            name(with_worse),
                            name(with_best)
                        ));
                    }
                }
            }
            Ok(())
        };
        let policy = engine.policy();
        let scenes = scenes(&self.histories, policy.head.currency, &attributes(policy));
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
        let more = |scene: &Scene| {
            let [who, back, units, cents, ..] = *scene.picks.as_slice() else {
                return None;
            };
            let customers = &scene.past.customers;
            let customer = customers
                .get(usize::from(who) % customers.len().max(1))?
                .clone();
            let day = scene.as_of().minus(Days::new(i32::from(back % 1000)));
            let minor = i64::from(units % 500) * 100 + i64::from(cents % 100);
            let money = Money::from_minor(minor, scene.past.currency);
            Transaction::purchase(customer, day, money).ok()
        };
        let check = |scene: &Scene| {
            let as_of = scene.as_of();
            let nothing = Standings::new();
            let population = scene.population(&scene.past.rows, as_of, engine)?;
            let engine = ready(engine, &population, as_of)?;
            let before = review_all(&engine, &population, &nothing, as_of)?;
            let mut rows = scene.past.rows.clone();
            rows.extend(more(scene));
            let population = scene.population(&rows, as_of, &engine)?;
            let after = review_all(&engine, &population, &nothing, as_of)?;
            none_lower(&engine, &before, &after)
        };
        let show = |scene: &Scene| {
            let mut out = scene.show(Shown::default());
            if let Some(one) = more(scene) {
                let (customer, day, amount) = (one.customer(), one.day(), one.amount());
                out.push_str(&format!("\none more: customer {customer}, {day}, {amount}"));
            }
            out
        };
        let policy = engine.policy();
        let scenes = scenes(&self.histories, policy.head.currency, &attributes(policy));
        self.run(law, scenes, show, check)
    }
}

/// Every number that a policy compares a column with, and its neighbours.
fn compared_with(policy: &Policy, column: &str) -> Vec<f64> {
    let mut numbers = Vec::new();
    let tiers = policy
        .tiers
        .tiers
        .iter()
        .filter_map(|tier| tier.when.clone());
    let stages = policy.lifecycle.iter().flat_map(|life| &life.transitions);
    let rules = policy.points.iter().flat_map(|points| &points.rules);
    let points = rules.filter_map(|rule| rule.when.as_ref()?.parse().ok());
    let all: Vec<Expr> = tiers
        .chain(stages.map(|t| t.when.clone()))
        .chain(points)
        .collect();
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
    for rfm in &policy.rfm {
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

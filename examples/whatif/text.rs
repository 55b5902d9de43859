//! What is printed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use customer_value::engine::simulate::{
    EventKind, Mover, RankedBy, Replay, ReplayStep, TierShare, WhatIf,
};
use customer_value::model::Currency;
use customer_value::rules::Condition;

use super::cells::{cells, percent, table};

/// How many of the reasons and of the movers are named.
const SHOWN: usize = 10;

pub fn what_if(what_if: &WhatIf, currency: Currency) -> String {
    let WhatIf {
        before,
        after,
        as_of,
        customers,
        migration,
        moved,
        reasons,
        movers,
        value,
        ..
    } = what_if;
    let mut text = format!(
        "what if on {as_of}: {before} → {after}, amounts in {currency}\n{customers} customers, {moved} of them move\n"
    );
    let _ = write!(text, "\ntiers before × after\n{migration}");
    let mut rows = vec![cells(["tier", "customers", "share", value, "share"])];
    rows.push(cells(["before", "", "", "", ""]));
    rows.extend(what_if.tiers_before.iter().map(tier));
    rows.push(cells(["after", "", "", "", ""]));
    rows.extend(what_if.tiers_after.iter().map(tier));
    let _ = write!(text, "\nshares of {value}\n{}", table(&rows));
    let unknown = what_if.cost_before.unknown.max(what_if.cost_after.unknown);
    if let Some(difference) = what_if.cost_difference() {
        let (was, is) = (what_if.cost_before.amount, what_if.cost_after.amount);
        let _ = writeln!(
            text,
            "\ncost per year: {was} → {is}, a difference of {difference}"
        );
    } else if unknown < *customers {
        let _ = writeln!(text, "\ncost per year: not known for {unknown} customers");
    }
    for change in &what_if.entitlements {
        let (what, gained, lost) = (&change.entitlement, change.gained, change.lost);
        let _ = writeln!(text, "{what}: {gained} customers gain it, {lost} lose it");
    }
    if !what_if.stays.is_empty() {
        let _ = writeln!(text, "\nwho stays all the same");
        for reason in what_if.stays.iter().take(SHOWN) {
            let _ = writeln!(text, "{:>7}  {reason}", reason.customers);
        }
        more(&mut text, what_if.stays.len(), "reasons");
    }
    if !reasons.is_empty() {
        let _ = writeln!(text, "\nwhy");
        for reason in reasons.iter().take(SHOWN) {
            let (from, to, n) = (&reason.from, &reason.to, reason.customers);
            let said = because(format!("{n:>7}  {from} → {to}"), &reason.to_string());
            let _ = writeln!(text, "{said}");
        }
        more(&mut text, reasons.len(), "reasons");
    }
    if !movers.is_empty() {
        let _ = writeln!(text, "\nwho");
        for mover in movers.iter().take(SHOWN) {
            let (customer, from, to) = (&mover.customer, &mover.from, &mover.to);
            let moves = format!("customer {customer}: {from} → {to}");
            let _ = writeln!(text, "{}", because(moves, &deciding(mover)));
        }
        more(
            &mut text,
            usize::try_from(*moved).unwrap_or(usize::MAX),
            "customers",
        );
    }
    text
}

pub fn replay(replay: &Replay) -> String {
    let Replay {
        policy,
        step,
        outcome,
        tiers,
        steps,
    } = replay;
    let mut text = format!("\nreplay of {policy}, a review at the close of every {step}\n");
    let mut head = cells(["", "customers"]);
    head.extend(tiers.iter().cloned());
    head.extend(cells(["up", "down", "flapping", "stability"]));
    let mut rows = vec![head];
    for step in steps {
        let mut row = vec![step.as_of.to_string(), step.customers.to_string()];
        row.extend(step.distribution.iter().map(u64::to_string));
        row.extend([step.up, step.down].map(|n| n.to_string()));
        row.push(percent(step.flapping.and_then(|flapping| flapping.rate)));
        row.push(number(step.stability));
        rows.push(row);
    }
    text.push_str(&table(&rows));
    text.push_str(&events(steps));

    let shown = [
        RankedBy::Tier,
        RankedBy::Spend,
        RankedBy::Rfm,
        RankedBy::PredictedLtv,
        RankedBy::Perfect,
    ];
    let there = |by: &RankedBy| {
        let outcome = steps.iter().find_map(|step| step.outcome.as_ref());
        outcome.is_some_and(|outcome| outcome.ranking(*by).is_some())
    };
    let shown: Vec<RankedBy> = shown.into_iter().filter(there).collect();
    let mut head = vec![String::new(), outcome.to_string()];
    head.extend(tiers.iter().map(|tier| format!("in {tier}")));
    head.push("lift".to_owned());
    head.extend(shown.iter().map(RankedBy::to_string));
    let mut rows = vec![head];
    rows.extend(steps.iter().filter_map(|step| outcome_row(step, &shown)));
    if rows.len() > 1 {
        let best = tiers.first().map_or("", String::as_str);
        let _ = write!(
            text,
            "\nthe {outcome} of the period after each review: where it was, the lift of {best}, and the Gini of each ranking\n{}",
            table(&rows)
        );
    }
    text
}

/// How many of each kind there were, with movement.
fn events(steps: &[ReplayStep]) -> String {
    let kinds: BTreeSet<EventKind> = steps
        .iter()
        .flat_map(|step| step.events.keys().copied())
        .collect();
    if kinds.is_empty() {
        return String::new();
    }
    let mut head = vec![String::new()];
    head.extend(kinds.iter().map(EventKind::to_string));
    let mut rows = vec![head];
    for step in steps {
        let mut row = vec![step.as_of.to_string()];
        let count = |kind| step.events.get(kind).copied().unwrap_or(0);
        row.extend(kinds.iter().map(|kind| count(kind).to_string()));
        rows.push(row);
    }
    format!("\nevents since the review before\n{}", table(&rows))
}

fn outcome_row(step: &ReplayStep, shown: &[RankedBy]) -> Option<Vec<String>> {
    let outcome = step.outcome.as_ref()?;
    let mut row = vec![step.as_of.to_string(), outcome.total.amount().to_string()];
    row.extend(outcome.tiers.iter().map(|tier| percent(tier.share)));
    let tier = outcome.ranking(RankedBy::Tier);
    row.push(number(tier.and_then(|r| r.top.first()?.lift)));
    row.extend(
        shown
            .iter()
            .map(|by| number(outcome.ranking(*by).and_then(|r| r.gini))),
    );
    Some(row)
}

fn tier(tier: &TierShare) -> Vec<String> {
    vec![
        tier.tier.clone(),
        tier.customers.to_string(),
        percent(tier.customer_share),
        format!("{:.2}", tier.value),
        percent(tier.value_share),
    ]
}

/// The conditions that decided before, and those that do after, with what is missing for those that do not hold.
fn deciding(mover: &Mover) -> String {
    let sides = [("before", &mover.before), ("after", &mover.after)];
    let sides = sides
        .into_iter()
        .filter(|(_, conditions)| !conditions.is_empty());
    let said = sides.map(|(side, conditions)| {
        let conditions: Vec<String> = conditions.iter().map(condition).collect();
        format!("{side} {}", conditions.join(", "))
    });
    said.collect::<Vec<_>>().join("; ")
}

fn condition(condition: &Condition) -> String {
    match condition.change() {
        Some(change) => format!("{condition} ({change})"),
        None => format!("{condition} is {}", condition.truth),
    }
}

fn more(text: &mut String, all: usize, what: &str) {
    if all > SHOWN {
        let _ = writeln!(text, "and {} more {what}", all - SHOWN);
    }
}

/// With the reason, if there is one: no condition takes anybody from base to base.
fn because(what: String, reason: &str) -> String {
    match reason {
        "" => what,
        reason => format!("{what}: {reason}"),
    }
}

fn number(number: Option<f64>) -> String {
    // A little less than nothing is written without a sign.
    let shown = |number: f64| (number * 1000.0).round() / 1000.0 + 0.0;
    number.map_or_else(|| "-".to_owned(), |number| format!("{:.3}", shown(number)))
}

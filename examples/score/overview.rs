//! What is printed.

use std::fmt::Write as _;

use customer_value::engine::{Population, Reviews};
use customer_value::ledger::{Field, Quality};
use customer_value::model::CustomerId;
use customer_value::report::{Breakdown, CrossTable, top};
use customer_value::summary::{Summary, Window};

use super::output::money;
use super::records::Counts;

/// How many of the best customers are named.
const TOP: usize = 10;

/// What became of the rows of one file.
pub fn quality(text: &mut String, quality: &Quality, ignored: &[String]) {
    let _ = writeln!(text, "transactions: {quality}");
    let optional = [
        Field::Id,
        Field::Kind,
        Field::RefundOf,
        Field::Currency,
        Field::Category,
        Field::Channel,
        Field::Cost,
        Field::Discount,
    ];
    let required = [Field::Customer, Field::Date, Field::Amount];
    let filled: Vec<String> = required
        .into_iter()
        .chain(
            optional
                .into_iter()
                .filter(|f| quality.completeness(*f).is_some_and(|s| s > 0.0)),
        )
        .filter_map(|field| {
            Some(format!(
                "{field} {:.1} %",
                quality.completeness(field)? * 100.0
            ))
        })
        .collect();
    if !filled.is_empty() {
        let _ = writeln!(text, "  filled: {}", filled.join(", "));
    }
    if !ignored.is_empty() {
        let _ = writeln!(text, "  columns that are not used: {}", ignored.join(", "));
    }
}

/// What became of the rows of another file.
pub fn counts(text: &mut String, what: &str, counts: &Counts) {
    let Counts {
        read,
        accepted,
        duplicate,
        rejected,
        notes,
    } = counts;
    let _ = writeln!(
        text,
        "{what}: {read} rows read: {accepted} accepted, {duplicate} duplicate, {rejected} rejected"
    );
    for note in notes {
        let _ = writeln!(text, "  {note}");
    }
}

/// Tiers, stages, segments, and the top customers.
pub fn reviews(text: &mut String, population: &Population, reviews: &Reviews<'_>) {
    let engine = reviews.engine();
    let (policy, schema) = (engine.policy(), engine.schema());
    let currency = policy.head.currency;
    let words = |column: &str| {
        let field = engine.slot(column).and_then(|slot| schema.field(slot));
        field.map_or(&[][..], |field| field.words())
    };
    let code = |row: customer_value::table::Row<'_>, column| {
        engine
            .slot(column)
            .and_then(|slot| row.cell(slot).code())
            .map(|code| code as usize)
    };

    // Best first, as in the policy.
    let mut tiers: Vec<&str> = engine.ladder().tiers().map(|(_, name)| name).collect();
    tiers.reverse();
    let mut by_tier = Breakdown::new("tier", tiers.iter().copied(), "spend", currency);
    let mut by_stage = CrossTable::new("tier", tiers.iter().copied(), "stage", words("stage"));
    let mut by_segment = Breakdown::new("segment", words("segment"), "spend", currency);
    let score = policy
        .scores
        .first()
        .and_then(|score| engine.slot(&score.name));
    let mut best = Vec::with_capacity(reviews.len());
    for (position, (_, history)) in population.histories().iter().enumerate() {
        let Some(review) = reviews.at(position) else {
            continue;
        };
        let row = review.row();
        let spend = Summary::new(history, Window::Lifetime, reviews.as_of()).spend_minor();
        // The ledger accepts no rows whose sum could be larger.
        let spend = i64::try_from(spend).unwrap_or(i64::MAX);
        let tier = tiers
            .len()
            .checked_sub(review.decision().tier.ordinal() + 1);
        by_tier.add(tier, spend);
        by_stage.add(tier, code(row, "stage"));
        by_segment.add(code(row, "segment"), spend);
        let score = score.and_then(|slot| row.number(slot));
        best.push(([score, Some(spend as f64)], (position, spend)));
    }

    if let Some(prediction) = engine.prediction() {
        let _ = write!(text, "\nprediction\n{prediction}");
    }
    if engine.lifecycle().is_some() {
        let _ = write!(text, "\ntier × stage\n{by_stage}");
    }
    let _ = write!(text, "\ntiers\n{by_tier}");
    if policy.rfm.is_some() && !words("segment").is_empty() {
        let _ = write!(text, "\nRFM segments\n{by_segment}");
    }
    let _ = writeln!(text, "\ntop customers");
    for (position, spend) in top(TOP, best) {
        let (Some((id, _)), Some(review)) =
            (population.histories().at(position), reviews.at(position))
        else {
            continue;
        };
        let score = score.and_then(|slot| review.row().number(slot));
        let score = score.map_or_else(String::new, |score| format!("score {score:.1}, "));
        let _ = writeln!(
            text,
            "{id:>8}  {score}spend {}\n          {}",
            money(spend, currency),
            review.reason()
        );
    }
}

/// Everything one review rests on; nothing if there is no such customer.
pub fn explanation(reviews: &Reviews<'_>, customer: &CustomerId) -> Option<String> {
    let review = reviews.get(customer)?;
    // It is a first review: nothing was remembered.
    let explanation = review.explain();
    Some(format!("\ncustomer {customer}\n{explanation}"))
}

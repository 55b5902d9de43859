//! The files of `--out` and `--rejects`.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context;
use customer_value::engine::{Policy, Population, Reviews};
use customer_value::metrics::lifetime::PredictionMeasure;
use customer_value::model::{Currency, Day, Money, Unit};
use customer_value::summary::{Summary, Window};
use customer_value::table::Slot;

use super::transactions::Reject;

/// The columns that are there whatever the policy declares.
const COLUMNS: [&str; 16] = [
    "customer",
    "first",
    "last",
    "purchases",
    "active_days",
    "spend",
    "days_since_last",
    "r",
    "f",
    "m",
    "segment",
    "score",
    "tier",
    "stage",
    "stage_since",
    "reason",
];

/// The ends of the 80 % interval of `predicted_ltv`: the last columns.
const INTERVAL: [&str; 2] = ["predicted_ltv_low", "predicted_ltv_high"];

/// A column of the engine as it is written.
#[derive(Clone, Copy)]
struct Output {
    slot: Option<Slot>,
    unit: Option<Unit>,
    currency: Currency,
}

/// Writes one line for each customer, in the order of the ids.
pub fn customers(
    path: &Path,
    population: &Population,
    reviews: &Reviews<'_>,
) -> anyhow::Result<()> {
    let failed = || format!("cannot write `{}`", path.display());
    let engine = reviews.engine();
    let (policy, as_of) = (engine.policy(), reviews.as_of());
    let output = |name: &str| {
        let slot = engine.slot(name);
        Output {
            slot,
            unit: slot.and_then(|slot| engine.schema().field(slot)?.unit()),
            currency: policy.head.currency,
        }
    };
    let metrics = metrics(policy);
    let mut file = writer(path).with_context(failed)?;
    let intervals = intervals(population, reviews);
    let ends = intervals.iter().flat_map(|_| INTERVAL);
    let header = COLUMNS.iter().copied().chain(
        metrics
            .iter()
            .map(|(header, _)| header.as_str())
            .chain(ends),
    );
    file.write_record(header).with_context(failed)?;

    let scores = ["r", "f", "m", "segment"].map(output);
    let score = policy.scores.first().map(|score| output(&score.name));
    let stage = output("stage");
    let metrics: Vec<Output> = metrics.iter().map(|(_, name)| output(name)).collect();
    let histories = population.histories().iter();
    for (row, ((_, history), reviewed)) in histories.zip(reviews.iter()).enumerate() {
        let review = reviewed.assessment();
        let cell = |output: &Output| text(review.row(), output);
        let summary = Summary::new(history, Window::Lifetime, as_of);
        let last = summary.last_purchase();
        let day = |day: Option<Day>| day.map_or_else(String::new, |day| day.to_string());
        let known = [
            reviewed.id().to_string(),
            day(summary.first_purchase()),
            day(last),
            summary.purchases().to_string(),
            summary.active_days().to_string(),
            i64::try_from(summary.spend_minor())
                .map(|minor| money(minor, policy.head.currency))
                .unwrap_or_default(),
            last.map_or_else(String::new, |last| (as_of - last).get().to_string()),
        ];
        let judged = [
            score.as_ref().map_or_else(String::new, cell),
            review.tier().to_owned(),
            cell(&stage),
            day(review.stage_since()),
            review.reason(),
        ];
        let line = known
            .into_iter()
            .chain(scores.iter().map(cell))
            .chain(judged);
        let ends = intervals.iter().flat_map(|all| {
            let money = |end: Money| money(end.minor(), policy.head.currency);
            match all.get(row).copied().flatten() {
                Some((low, high)) => [money(low), money(high)],
                None => [String::new(), String::new()],
            }
        });
        file.write_record(line.chain(metrics.iter().map(cell)).chain(ends))
            .with_context(failed)?;
    }
    file.flush().with_context(failed)
}

/// Where what each customer will really bring falls with 80 % probability, if the policy predicts values; in the order of
/// the population.
fn intervals(
    population: &Population,
    reviews: &Reviews<'_>,
) -> Option<Vec<Option<(Money, Money)>>> {
    let engine = reviews.engine();
    engine.policy().prediction.as_ref()?;
    let nothing = || vec![None; population.len()];
    let Some(prediction) = engine.prediction() else {
        return Some(nothing());
    };
    let Some(values) = prediction.value_model(engine.policy().head.currency) else {
        return Some(nothing());
    };
    let as_of = reviews.as_of();
    let known: Vec<_> = population
        .histories()
        .iter()
        .map(|(_, history)| {
            prediction.reads(&Summary::new(history, Window::Lifetime, as_of), as_of)
        })
        .collect();
    let customers: Vec<_> = known.iter().flatten().copied().collect();
    let mut found = values.values(&customers).into_iter();
    let interval = |known: &Option<_>| {
        known.as_ref()?;
        let value = found.next()??;
        Some((value.low, value.high))
    };
    Some(known.iter().map(interval).collect())
}

/// The metrics, predictions, scores and points of the policy that are not written anyway: the header and the name.
fn metrics(policy: &Policy) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for spec in &policy.metrics {
        let name = spec.name();
        if !COLUMNS.contains(&name) {
            found.push((name.to_owned(), name.to_owned()));
        } else if spec.window.is_some() || spec.measure != name {
            // Another number than the one of that name.
            found.push((format!("policy_{name}"), name.to_owned()));
        }
    }
    if policy.prediction.is_some() {
        let names = PredictionMeasure::ALL.map(|measure| measure.name().to_owned());
        found.extend(names.map(|name| (name.clone(), name)));
    }
    // The first score is `score`; tiers may rest on the others as well.
    let scores = policy.scores.iter().skip(1).map(|score| &score.name);
    let points = policy.points.iter().map(|points| &points.name);
    for name in scores.chain(points) {
        let header = if COLUMNS.contains(&name.as_str()) {
            format!("policy_{name}")
        } else {
            name.clone()
        };
        found.push((header, name.clone()));
    }
    found
}

/// Writes the rows that do not count.
pub fn rejects(path: &Path, rejects: &[Reject]) -> anyhow::Result<()> {
    let failed = || format!("cannot write `{}`", path.display());
    let mut file = writer(path).with_context(failed)?;
    file.write_record(["row", "line", "field", "reason", "value", "file"])
        .with_context(failed)?;
    for reject in rejects {
        let (row, line) = (reject.row.to_string(), reject.line.to_string());
        let Reject {
            field,
            reason,
            value,
            file: of,
            ..
        } = reject;
        file.write_record([&row, &line, field, reason, value, *of])
            .with_context(failed)?;
    }
    file.flush().with_context(failed)
}

fn writer(path: &Path) -> std::io::Result<csv::Writer<BufWriter<File>>> {
    Ok(csv::Writer::from_writer(BufWriter::new(File::create(
        path,
    )?)))
}

/// A cell: empty when missing, a number in its shortest form, an amount with the decimals of its currency, a day.
fn text(row: customer_value::table::Row<'_>, output: &Output) -> String {
    let Some(slot) = output.slot else {
        return String::new();
    };
    match (output.unit, row.number(slot)) {
        (None, _) => row.category(slot).unwrap_or_default().to_owned(),
        (Some(_), None) => String::new(),
        (Some(Unit::Money), Some(number)) => {
            let text = format!("{number:.*}", output.currency.exponent() as usize);
            match text.strip_prefix('-') {
                Some(size) if size.bytes().all(|b| matches!(b, b'0' | b'.')) => size.to_owned(),
                _ => text,
            }
        }
        (Some(Unit::Date), Some(number)) => Day::from_epoch_days(number as i32)
            .map_or_else(|_| String::new(), |day| day.to_string()),
        (Some(_), Some(number)) => (number + 0.0).to_string(),
    }
}

pub fn money(minor: i64, currency: Currency) -> String {
    Money::from_minor(minor, currency).amount().to_string()
}

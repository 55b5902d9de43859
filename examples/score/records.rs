//! The files beside the transactions: exchange rates, customers, referrals.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use customer_value::engine::AttributeSpec;
use customer_value::ledger::{Ledger, Rates};
use customer_value::metrics::Catalog;
use customer_value::metrics::referral::{
    ReferralEdge, ReferralGraph, ReferralMetric, ReferralReach, ReferralReason, ReferralTerms,
};
use customer_value::model::{
    AttributeValue, BusinessDay, Currency, Customer, CustomerId, Day, Money, ReferralKind,
    parse_amount, parse_day,
};

use super::rows::{Row, Rows, Source};
use super::transactions::Reject;

/// What became of the rows of a file: `accepted + duplicate + rejected = read`.
#[derive(Default)]
pub struct Counts {
    pub read: u64,
    pub accepted: u64,
    pub duplicate: u64,
    pub rejected: u64,
    /// What else there is to say, line by line.
    pub notes: Vec<String>,
}

/// Exchange rates. A wrong one would make every amount wrong, so the first problem ends the run.
pub fn rates(path: &Path, reporting: Currency) -> anyhow::Result<Rates> {
    let mut rates = Rates::new(reporting);
    let mut rows = Rows::open(&Source::File(path), &["currency", "date", "rate"], &[])?;
    while let Some(row) = rows.next()? {
        set_rate(&mut rates, &row)
            .with_context(|| format!("`{}`, line {}", path.display(), row.line))?;
    }
    Ok(rates)
}

fn set_rate(rates: &mut Rates, row: &Row<'_>) -> anyhow::Result<()> {
    if !row.readable {
        bail!("`{}` is not a row of the file's columns", row.shown());
    }
    let day = parse_day(row.get(1), &BusinessDay::default())?;
    rates.set(row.get(0).parse()?, day, parse_amount(row.get(2))?)?;
    Ok(())
}

/// What is known about customers.
#[derive(Default)]
pub struct Customers {
    pub list: Vec<Customer>,
    pub counts: Counts,
}

pub fn customers(
    path: &Path,
    attributes: &BTreeMap<String, AttributeSpec>,
    rejects: &mut Vec<Reject>,
) -> anyhow::Result<Customers> {
    let names: Vec<&str> = attributes.keys().map(String::as_str).collect();
    let mut rows = Rows::open(&Source::File(path), &["customer"], &names)?;
    let mut all = Customers::default();
    let mut known: HashMap<CustomerId, usize> = HashMap::new();
    let mut differing = 0_u64;
    let mut unlisted: BTreeMap<&str, u64> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        all.counts.read += 1;
        let customer = match customer(&row, attributes) {
            Ok(customer) => customer,
            Err((field, reason)) => {
                all.counts.rejected += 1;
                rejects.push(reject("customers", &row, field, reason, &names));
                continue;
            }
        };
        if let Some(first) = known.get(customer.id()) {
            all.counts.duplicate += 1;
            differing += u64::from(all.list[*first] != customer);
            continue;
        }
        for (name, spec) in attributes {
            if let (AttributeSpec::Category { values }, Some(AttributeValue::Text(word))) =
                (spec, customer.attribute(name))
                && !values.contains(word)
            {
                *unlisted.entry(name).or_default() += 1;
            }
        }
        all.counts.accepted += 1;
        known.insert(customer.id().clone(), all.list.len());
        all.list.push(customer);
    }
    let notes = &mut all.counts.notes;
    if differing > 0 {
        notes.push(format!(
            "{differing} duplicates with other attributes: the first row counts"
        ));
    }
    for (name, count) in unlisted {
        notes.push(format!(
            "{count} words of `{name}` that the policy does not list: not known"
        ));
    }
    if !rows.ignored().is_empty() {
        notes.push(format!(
            "columns that are not attributes of the policy: {}",
            rows.ignored().join(", ")
        ));
    }
    Ok(all)
}

/// The customer of a row, or the field that is wrong and why.
fn customer<'s>(
    row: &Row<'_>,
    attributes: &'s BTreeMap<String, AttributeSpec>,
) -> Result<Customer, (&'s str, &'static str)> {
    if !row.readable {
        return Err(("row", "cannot be read"));
    }
    let id = CustomerId::text(row.get(0)).map_err(|_| ("customer", "is empty"))?;
    let mut customer = Customer::new(id);
    for (column, (name, spec)) in attributes.iter().enumerate() {
        let text = row.get(column + 1);
        if text.is_empty() {
            continue;
        }
        let value = attribute(spec, text).map_err(|reason| (name.as_str(), reason))?;
        // Only a name that the policy must not have: binding says so too, and ends the run.
        let with = customer.with(name, value);
        customer = with.map_err(|_| (name.as_str(), "is not the name of an attribute"))?;
    }
    Ok(customer)
}

fn attribute(spec: &AttributeSpec, text: &str) -> Result<AttributeValue, &'static str> {
    match spec {
        AttributeSpec::Number { .. } => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number.into()),
            _ => Err("is not a number"),
        },
        AttributeSpec::Flag => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true.into()),
            "false" | "no" | "0" => Ok(false.into()),
            _ => Err("is not `true` or `false`"),
        },
        AttributeSpec::Date => parse_day(text, &BusinessDay::default())
            .map(Into::into)
            .map_err(|_| "is not a day"),
        _ => Ok(text.into()),
    }
}

/// A row that was rejected because of one of its `columns`.
fn reject(
    file: &'static str,
    row: &Row<'_>,
    field: &str,
    reason: &str,
    optional: &[&str],
) -> Reject {
    let value = match optional.iter().position(|name| *name == field) {
        Some(place) => row.get(place + 1).chars().take(64).collect(),
        None if field == "row" => row.shown(),
        None => String::new(),
    };
    Reject {
        file,
        row: row.number,
        line: row.line,
        field: field.to_owned(),
        reason: reason.to_owned(),
        value,
    }
}

struct ReferralRow {
    referrer: CustomerId,
    referee: CustomerId,
    day: Day,
    kind: ReferralKind,
    row: u64,
    line: u64,
}

impl<'a> From<&'a ReferralRow> for ReferralEdge<'a> {
    fn from(row: &'a ReferralRow) -> Self {
        Self {
            referrer: &row.referrer,
            referee: &row.referee,
            day: row.day,
            kind: row.kind,
        }
    }
}

/// Adds the referral metrics to the catalog: referees of type one count what they have spent.
pub fn referrals(
    path: &Path,
    ledger: &Ledger<'_>,
    as_of: Day,
    catalog: &mut Catalog,
    rejects: &mut Vec<Reject>,
) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    let mut rows = Rows::open(
        &Source::File(path),
        &["referrer", "referee", "date"],
        &["kind"],
    )?;
    let mut edges = Vec::new();
    let first_reject = rejects.len();
    while let Some(row) = rows.next()? {
        counts.read += 1;
        match referral(&row) {
            Ok(edge) => edges.push(edge),
            Err((field, reason)) => {
                let fields = ["referee", "date", "kind"];
                let mut reject = reject("referrals", &row, field, reason, &fields);
                if field == "referrer" {
                    reject.value = row.get(0).to_owned();
                }
                rejects.push(reject);
            }
        }
    }
    let (graph, report) = ReferralGraph::build(&edges, as_of);
    for rejected in &report.rejected {
        let edge = &edges[rejected.position];
        let (field, value) = match &rejected.reason {
            ReferralReason::SelfReferral => ("referee", edge.referee.to_string()),
            ReferralReason::AfterAsOf => ("date", edge.day.to_string()),
            ReferralReason::SecondReferrer { .. } => ("referrer", edge.referrer.to_string()),
            _ => ("row", format!("{},{}", edge.referrer, edge.referee)),
        };
        rejects.push(Reject {
            file: "referrals",
            row: edge.row,
            line: edge.line,
            field: field.to_owned(),
            reason: rejected.reason.to_string(),
            value,
        });
    }
    rejects[first_reject..].sort_by_key(|reject| reject.row);
    counts.accepted = report.accepted as u64;
    counts.duplicate = report.duplicate as u64;
    counts.rejected = (rejects.len() - first_reject) as u64;

    let currency = ledger.currency();
    let mut spend: HashMap<CustomerId, i64> = HashMap::new();
    for (customer, effect) in ledger.effects() {
        *spend.entry(customer).or_default() += effect.spend;
    }
    let value = |customer: &CustomerId| spend.get(customer).copied();
    let unknown = add_referrals(catalog, &graph, currency, value)?;
    if unknown > 0 {
        let note = format!("{unknown} referees without a transaction: they count nothing");
        counts.notes.push(note);
    }
    Ok(counts)
}

/// Adds the referral metrics to the catalog; gives how many referees have no value.
pub fn add_referrals(
    catalog: &mut Catalog,
    graph: &ReferralGraph,
    currency: Currency,
    value: impl Fn(&CustomerId) -> Option<i64>,
) -> anyhow::Result<usize> {
    let nothing = Money::from_minor(0, currency);
    let terms = ReferralTerms {
        acquisition_saved: nothing,
        incentive: nothing,
    };
    let reach = ReferralReach {
        depth: Some(3),
        damping: 0.5,
    };
    let weights = Arc::new(graph.weights(&reach, &terms, value)?);
    catalog.add(ReferralMetric::direct(weights.clone()))?;
    catalog.add(ReferralMetric::credit(weights.clone()))?;
    catalog.add(ReferralMetric::attributed(weights.clone()))?;
    Ok(weights.without_value())
}

fn referral(row: &Row<'_>) -> Result<ReferralRow, (&'static str, &'static str)> {
    if !row.readable {
        return Err(("row", "cannot be read"));
    }
    let id = |column, name| CustomerId::text(row.get(column)).map_err(|_| (name, "is empty"));
    Ok(ReferralRow {
        referrer: id(0, "referrer")?,
        referee: id(1, "referee")?,
        day: parse_day(row.get(2), &BusinessDay::default())
            .map_err(|_| ("date", "is not a day"))?,
        kind: match row.get(3) {
            "" => ReferralKind::TypeOne,
            kind => kind
                .parse()
                .map_err(|_| ("kind", "is not `type_one` or `type_two`"))?,
        },
        row: row.number,
        line: row.line,
    })
}

//! The files of the company, read and cleaned.

use std::collections::{HashMap, HashSet};

use customer_value::engine::{AttributeSpec, Engine, Population};
use customer_value::ledger::{Ledger, Records};
use customer_value::metrics::referral::{ReferralGraph, ReferralReach, ReferralTerms};
use customer_value::model::{
    Attempt, AttemptKind, AttributeValue, Complaint, CostCategory, Customer, CustomerId, Day,
    Direction, Interaction, Money, Record, Referral, ReferralKind, ServiceCost, SurveyAnswer,
    Transaction, TransactionKind,
};
use serde::Serialize;

use super::rows::{self, Cells, Reject, Wrong};

macro_rules! bundled {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../data/company/", $name)).as_slice(),
        )
    };
}

/// What became of the lines of a file: `accepted + duplicate + rejected = read`.
#[derive(Serialize)]
pub struct Counts {
    pub file: &'static str,
    pub read: u64,
    pub accepted: u64,
    pub duplicate: u64,
    pub rejected: u64,
}

/// Everything that the company has written down.
pub struct Data {
    /// The day at whose close it was written.
    pub closed: Day,
    customers: Vec<Customer>,
    /// Those that count.
    pub transactions: Vec<Transaction>,
    /// With the records that are no transactions.
    ledger: Ledger<'static>,
    referrals: Vec<Referral>,
    attempts: Vec<Attempt>,
    pub counts: Vec<Counts>,
    pub rejects: Vec<Reject>,
}

impl Data {
    pub fn read(engine: &Engine, closed: Day) -> anyhow::Result<Self> {
        let currency = engine.policy().head.currency;
        let mut rejects = Vec::new();
        let mut counts = Vec::new();

        let attributes = &engine.policy().attributes;
        let columns = [
            "customer",
            "kind",
            "industry",
            "region",
            "employees",
            "may_phone",
            "may_email",
            "may_ask",
            "leave_alone",
            "birthday",
            "renewal",
            "autumn_call",
        ];
        let file = bundled!("customers.csv");
        let (customers, read) = rows::read(file, &columns, currency, &mut rejects, |cells| {
            let mut customer = Customer::new(cells.get::<CustomerId>("customer")?);
            for column in &columns[1..] {
                if let Some(value) = attribute(cells, column, attributes.get(*column))? {
                    customer = customer
                        .with(column, value)
                        .map_err(|error| Wrong::new(column, error))?;
                }
            }
            Ok(customer)
        })?;
        counts.push(Counts::of(file.0, read, customers.len(), 0));

        let columns = [
            "id",
            "customer",
            "date",
            "hour",
            "kind",
            "refund_of",
            "amount",
            "discount",
            "cost",
            "category",
            "channel",
        ];
        let file = bundled!("transactions.csv");
        let (lines, read) = rows::read(file, &columns, currency, &mut rejects, transaction)?;
        let options = engine.cleaning(closed);
        let ledger = Ledger::from_transactions(lines.iter().map(|(_, line)| line), options.clone());
        rejects.extend(ledger.rejects().iter().map(|reject| Reject {
            file: file.0,
            line: usize::try_from(reject.position).map_or(0, |at| lines[at].0),
            field: reject.field.to_string(),
            reason: reject.reason.to_string(),
        }));
        let quality = ledger.quality();
        counts.push(Counts {
            file: file.0,
            read,
            accepted: quality.accepted,
            duplicate: quality.duplicate,
            rejected: read - quality.accepted - quality.duplicate,
        });
        let refused: HashSet<u64> = ledger
            .rejects()
            .iter()
            .map(|reject| reject.position)
            .collect();
        let mut ids = HashSet::new();
        let counted = (0..).zip(lines).filter(|(at, (_, line))| {
            !refused.contains(at) && line.id().is_none_or(|id| ids.insert(id.to_owned()))
        });
        let transactions = counted.map(|(_, (_, line))| line).collect();

        // Records of all kinds are one list, in which each has to be found again.
        let mut records: Vec<(&'static str, u64, Record)> = Vec::new();
        let mut all = |file: (&'static str, &'static [u8]),
                       columns: &[&'static str],
                       record: fn(&Cells<'_>) -> Result<Record, Wrong>|
         -> anyhow::Result<()> {
            let (lines, read) = rows::read(file, columns, currency, &mut rejects, record)?;
            counts.push(Counts::of(file.0, read, lines.len(), 0));
            records.extend(
                lines
                    .into_iter()
                    .map(|(line, record)| (file.0, line, record)),
            );
            Ok(())
        };
        all(
            bundled!("service_costs.csv"),
            &["customer", "date", "amount", "category"],
            service_cost,
        )?;
        let columns = [
            "customer",
            "date",
            "hour",
            "channel",
            "direction",
            "kind",
            "latency_seconds",
            "minutes",
        ];
        all(bundled!("interactions.csv"), &columns, interaction)?;
        let columns = ["customer", "date", "instrument", "topic", "answer"];
        all(bundled!("survey_answers.csv"), &columns, answer)?;
        all(
            bundled!("complaints.csv"),
            &["customer", "opened", "topic", "resolved"],
            complaint,
        )?;
        let cleaned = Records::clean(records.iter().map(|(.., record)| record.clone()), &options);
        for reject in cleaned.rejects() {
            let Some((file, line, _)) = usize::try_from(reject.position)
                .ok()
                .and_then(|at| records.get(at))
            else {
                continue;
            };
            if let Some(counts) = counts.iter_mut().find(|counts| counts.file == *file) {
                counts.accepted -= 1;
                counts.rejected += 1;
            }
            let (field, reason) = (reject.field.to_string(), reject.reason.to_string());
            rejects.push(Reject {
                file,
                line: *line,
                field,
                reason,
            });
        }

        let file = bundled!("referrals.csv");
        let columns = ["referrer", "referee", "date", "kind"];
        let (lines, read) = rows::read(file, &columns, currency, &mut rejects, referral)?;
        counts.push(Counts::of(file.0, read, lines.len(), 0));
        let referrals = lines.into_iter().map(|(_, line)| line).collect();

        // Those that the ledger refused come after those that are no transactions.
        let place = |file: &str| counts.iter().position(|counts| counts.file == file);
        rejects.sort_by_key(|reject| (place(reject.file), reject.line));

        let file = bundled!("attempts.csv");
        let columns = [
            "customer", "date", "purpose", "kind", "offer", "channel", "cost",
        ];
        let (lines, read) = rows::read(file, &columns, currency, &mut rejects, attempt)?;
        counts.push(Counts::of(file.0, read, lines.len(), 0));
        let attempts = lines.into_iter().map(|(_, line)| line).collect();

        Ok(Self {
            closed,
            customers: customers
                .into_iter()
                .map(|(_, customer)| customer)
                .collect(),
            transactions,
            ledger: ledger.with_records(&cleaned)?,
            referrals,
            attempts,
            counts,
            rejects,
        })
    }

    /// Everybody as they were known at the close of a day, but for the attributes: the file has those of the last day. Who had not
    /// been heard of is left out.
    pub fn on(&self, engine: &Engine, day: Day) -> anyhow::Result<Population> {
        let ledger = self.ledger.until(day);
        let brought = self.brought(&ledger)?;
        let population = engine.population(&ledger)?;
        let heard_of =
            |customer: &&Customer| population.histories().position(customer.id()).is_some();
        let customers = self.customers.iter().filter(heard_of).map(|customer| {
            let value = brought.get(customer.id()).copied().unwrap_or(0.0);
            customer.clone().with("referral_value", value)
        });
        let customers: Vec<Customer> = customers.collect::<Result<_, _>>()?;
        let known = (self.attempts.iter())
            .filter(|attempt| attempt.day() <= day)
            .cloned();
        Ok(population.with_customers(customers)?.with_attempts(known))
    }

    /// What those have spent whom each customer referred, and half of what those spent whom these referred.
    fn brought(&self, ledger: &Ledger<'_>) -> anyhow::Result<HashMap<CustomerId, f64>> {
        let currency = ledger.currency();
        let mut spend: HashMap<CustomerId, i64> = HashMap::new();
        for (customer, effect) in ledger.effects() {
            *spend.entry(customer).or_default() += effect.spend;
        }
        let (graph, _) = ReferralGraph::build(&self.referrals, ledger.as_of());
        let nothing = Money::from_minor(0, currency);
        let terms = ReferralTerms {
            acquisition_saved: nothing,
            incentive: nothing,
        };
        let reach = ReferralReach {
            depth: Some(2),
            damping: 0.5,
        };
        let weights = graph.weights(&reach, &terms, |customer| spend.get(customer).copied())?;
        let each = graph.customers().iter();
        Ok(each
            .filter_map(|id| Some((id.clone(), weights.credit(id)?)))
            .collect())
    }
}

impl Counts {
    fn of(file: &'static str, read: u64, accepted: usize, duplicate: u64) -> Self {
        let accepted = accepted as u64;
        Self {
            file,
            read,
            accepted,
            duplicate,
            rejected: read - accepted - duplicate,
        }
    }
}

fn attribute(
    cells: &Cells<'_>,
    column: &'static str,
    spec: Option<&AttributeSpec>,
) -> Result<Option<AttributeValue>, Wrong> {
    let text = cells.text(column);
    Ok(match spec {
        _ if text.is_empty() => None,
        Some(AttributeSpec::Number { .. }) => cells.known::<f64>(column)?.map(Into::into),
        Some(AttributeSpec::Date) => cells.known::<Day>(column)?.map(Into::into),
        Some(AttributeSpec::Flag) => match text {
            "yes" => Some(true.into()),
            "no" => Some(false.into()),
            _ => return Err(Wrong::new(column, format!("`{text}` is not `yes` or `no`"))),
        },
        _ => Some(text.into()),
    })
}

fn transaction(cells: &Cells<'_>) -> Result<Transaction, Wrong> {
    let (customer, day) = (
        cells.get::<CustomerId>("customer")?,
        cells.get::<Day>("date")?,
    );
    let amount = cells
        .money("amount")?
        .ok_or_else(|| Wrong::new("amount", "it is empty"))?;
    let mut made = match cells.get::<TransactionKind>("kind")? {
        TransactionKind::Refund => Transaction::refund(customer, day, amount),
        TransactionKind::Adjustment => Ok(Transaction::adjustment(customer, day, amount)),
        _ => Transaction::purchase(customer, day, amount),
    }
    .map_err(|error| Wrong::new("amount", error))?
    .with_category(cells.text("category"))
    .with_channel(cells.text("channel"))
    .with_id(cells.text("id"))
    .map_err(|error| Wrong::new("id", error))?;
    if let Some(hour) = cells.known("hour")? {
        made = made
            .with_hour(hour)
            .map_err(|error| Wrong::new("hour", error))?;
    }
    if let Some(id) = cells.known::<String>("refund_of")? {
        made = made
            .refund_of(&id)
            .map_err(|error| Wrong::new("refund_of", error))?;
    }
    if let Some(discount) = cells.money("discount")? {
        made = made
            .with_discount(discount)
            .map_err(|error| Wrong::new("discount", error))?;
    }
    if let Some(cost) = cells.money("cost")? {
        made = made
            .with_cost(cost)
            .map_err(|error| Wrong::new("cost", error))?;
    }
    Ok(made)
}

fn service_cost(cells: &Cells<'_>) -> Result<Record, Wrong> {
    let amount = cells
        .money("amount")?
        .ok_or_else(|| Wrong::new("amount", "it is empty"))?;
    let (customer, day) = (cells.get::<CustomerId>("customer")?, cells.get("date")?);
    ServiceCost::new(
        customer,
        day,
        amount,
        cells.get::<CostCategory>("category")?,
    )
    .map(Into::into)
    .map_err(|error| Wrong::new("amount", error))
}

fn interaction(cells: &Cells<'_>) -> Result<Record, Wrong> {
    let (customer, day) = (cells.get::<CustomerId>("customer")?, cells.get("date")?);
    let direction = cells.get::<Direction>("direction")?;
    let made = Interaction::new(
        customer,
        day,
        cells.text("channel"),
        direction,
        cells.text("kind"),
    );
    let mut made = made.map_err(|error| Wrong::new("kind", error))?;
    if let Some(hour) = cells.known("hour")? {
        made = made
            .with_hour(hour)
            .map_err(|error| Wrong::new("hour", error))?;
    }
    if let Some(seconds) = cells.known("latency_seconds")? {
        made = made.with_latency(seconds);
    }
    if let Some(minutes) = cells.known("minutes")? {
        made = made.with_minutes(minutes);
    }
    Ok(made.into())
}

fn answer(cells: &Cells<'_>) -> Result<Record, Wrong> {
    let (customer, day) = (cells.get::<CustomerId>("customer")?, cells.get("date")?);
    SurveyAnswer::new(
        customer,
        day,
        cells.get("instrument")?,
        cells.get("answer")?,
    )
    .map(|answer| answer.with_topic(cells.text("topic")).into())
    .map_err(|error| Wrong::new("answer", error))
}

fn complaint(cells: &Cells<'_>) -> Result<Record, Wrong> {
    let (customer, opened) = (cells.get::<CustomerId>("customer")?, cells.get("opened")?);
    let made = Complaint::new(customer, opened, cells.text("topic"));
    let made = made.map_err(|error| Wrong::new("topic", error))?;
    match cells.known("resolved")? {
        Some(day) => made
            .resolved_on(day)
            .map(Into::into)
            .map_err(|error| Wrong::new("resolved", error)),
        None => Ok(made.into()),
    }
}

fn referral(cells: &Cells<'_>) -> Result<Referral, Wrong> {
    let (referrer, referee) = (
        cells.get::<CustomerId>("referrer")?,
        cells.get::<CustomerId>("referee")?,
    );
    let kind = cells.known("kind")?.unwrap_or(ReferralKind::TypeOne);
    Referral::new(referrer, referee, cells.get("date")?, kind)
        .map_err(|error| Wrong::new("referee", error))
}

fn attempt(cells: &Cells<'_>) -> Result<Attempt, Wrong> {
    let (customer, day) = (cells.get::<CustomerId>("customer")?, cells.get("date")?);
    let made = Attempt::new(
        customer,
        day,
        cells.get("purpose")?,
        cells.get::<AttemptKind>("kind")?,
    )
    .map_err(|error| Wrong::new("customer", error))?
    .with_offer(cells.text("offer"))
    .with_channel(cells.text("channel"));
    match cells.money("cost")? {
        Some(cost) => made
            .with_cost(cost)
            .map_err(|error| Wrong::new("cost", error)),
        None => Ok(made),
    }
}

//! What the reviews found.

use std::collections::BTreeMap;

use customer_value::engine::changes::Shift;
use customer_value::engine::simulate::Step;
use customer_value::engine::{Engine, Reviews, StageSpells};
use customer_value::ledger::Ledger;
use customer_value::lifecycle::churn::Evidence;
use customer_value::lifecycle::win_back::WinBackList;
use customer_value::model::{Currency, CustomerId, Day, Days, Money};
use customer_value::report::{Cohorts, CrossTable, ExitReport, MeanTime, StageTimes};
use customer_value::summary::{Period, Summary, Window};
use serde::Serialize;

use super::walk::{Known, Walk};

/// How far the expected time in a stage reaches: what is longer counts as this.
pub const HORIZON: Days = Days::new(180);
/// After how many whole months without a purchase somebody is reactivated.
const AWAY: u32 = 6;

#[derive(Serialize)]
pub struct Found {
    pub policy: String,
    pub version: String,
    pub currency: Currency,
    pub from: Day,
    pub step: Step,
    pub reviews: usize,
    /// The day of the last review.
    pub as_of: Day,
    pub customers: usize,
    pub stages: Vec<StageRow>,
    pub times: StageTimes,
    pub transitions: CrossTable,
    pub cohorts: Cohorts,
    pub churn: Option<ChurnFound>,
    pub alerts: Option<Alerts>,
    pub win_back: Option<WinBackList>,
    pub exit: Option<ExitReport>,
    /// What serving a customer costs a year, which the data do not say.
    pub assumed_cost_to_serve: Option<Money>,
    pub mermaid: String,
}

/// The customers who are in a stage now, and how long such customers stay.
#[derive(Serialize)]
pub struct StageRow {
    pub stage: String,
    pub customers: u64,
    pub share: f64,
    /// What they have spent up to now.
    pub spend: Money,
    /// After how many days half of those who entered have left, with those who are still there counted as such.
    pub median_days: Option<Days>,
    /// For how many days those who are in it now have been: the median.
    pub already: Option<Days>,
    /// How many of the next days somebody is expected to stay who has been in it for so long.
    pub remaining: Option<MeanTime>,
}

/// How many customers are at which level, and by which method.
#[derive(Default, Serialize)]
pub struct ChurnFound {
    pub levels: BTreeMap<&'static str, u64>,
    pub methods: BTreeMap<String, u64>,
    /// How many were judged by another method than the first.
    pub fallback: u64,
}

/// Who became at risk or was lost since the review before.
#[derive(Serialize)]
pub struct Alerts {
    pub since: Day,
    /// The column whose value is at stake.
    pub value: Option<String>,
    pub at_risk: usize,
    pub lost: usize,
    /// The most value at stake first.
    pub list: Vec<Alert>,
}

#[derive(Serialize)]
pub struct Alert {
    pub customer: CustomerId,
    pub from: String,
    pub to: String,
    pub at_stake: Option<Money>,
    pub p_purchase: Option<f64>,
    pub p_purchase_before: Option<f64>,
    pub stage: Option<String>,
    pub evidence: Vec<Evidence>,
}

impl Found {
    pub fn of(engine: &Engine, ledger: &Ledger<'_>, walk: &Walk) -> anyhow::Result<Self> {
        let Some((life, spells)) = engine.lifecycle().zip(StageSpells::new(engine)) else {
            anyhow::bail!("the policy has no lifecycle");
        };
        let walked = walk.run(engine, ledger, spells)?;
        let reviews = walked.last.review()?;
        let head = &engine.policy().head;
        let known = engine.population(ledger)?;
        let win_back = match reviews.engine().win_back() {
            // Who has come back by now is in the ledger, and in no list.
            Some(rules) => Some(reviews.win_back(rules, |_, _| None, Some(known.histories()))?),
            None => None,
        };
        Ok(Self {
            policy: head.name.clone(),
            version: head.version.clone(),
            currency: head.currency,
            from: walk.from,
            step: walk.step,
            reviews: walked.reviews,
            as_of: walk.as_of,
            customers: reviews.len(),
            stages: stages(&reviews, &walked.times)?,
            transitions: walked.times.matrix(),
            times: walked.times,
            cohorts: reviews
                .population()
                .cohorts(Period::Month, walk.as_of, AWAY),
            churn: churn(&reviews),
            alerts: match &walked.before {
                Some(before) => alerts(&reviews, before)?,
                None => None,
            },
            win_back,
            exit: reviews.exit_report(),
            assumed_cost_to_serve: walk.cost_to_serve,
            mermaid: life.to_mermaid(),
        })
    }
}

fn stages(reviews: &Reviews<'_>, times: &StageTimes) -> anyhow::Result<Vec<StageRow>> {
    let as_of = reviews.as_of();
    let currency = reviews.engine().policy().head.currency;
    let mut found: BTreeMap<&str, (i64, Vec<Days>)> = BTreeMap::new();
    for (position, (_, history)) in reviews.population().histories().iter().enumerate() {
        let Some(assessment) = reviews.at(position) else {
            continue;
        };
        let Some((stage, since)) = assessment.stage().zip(assessment.stage_since()) else {
            continue;
        };
        let (spend, days) = found.entry(stage).or_default();
        let own = Summary::new(history, Window::Lifetime, as_of).spend_minor();
        *spend = spend.saturating_add(i64::try_from(own)?);
        days.push(as_of - since);
    }
    let row = |time: &customer_value::report::StageTime| {
        let (spend, mut days) = found.remove(time.name()).unwrap_or_default();
        days.sort_unstable();
        let already = days.get(days.len() / 2).copied();
        StageRow {
            stage: time.name().to_owned(),
            customers: days.len() as u64,
            share: days.len() as f64 / reviews.len().max(1) as f64,
            spend: Money::from_minor(spend, currency),
            median_days: time.survival().median().median,
            already,
            remaining: already.and_then(|already| time.remaining(already, HORIZON)),
        }
    };
    Ok(times.stages().iter().map(row).collect())
}

fn churn(reviews: &Reviews<'_>) -> Option<ChurnFound> {
    reviews.engine().churn()?;
    let mut found = ChurnFound::default();
    for one in reviews.iter() {
        let Some(verdict) = one.assessment().churn_verdict() else {
            continue;
        };
        *found.levels.entry(verdict.level.name()).or_default() += 1;
        found.fallback += u64::from(verdict.is_fallback());
        if let Some(answer) = verdict.answer {
            *found.methods.entry(answer.by.to_string()).or_default() += 1;
        }
    }
    Some(found)
}

/// `None` if the policy does not say what is news.
fn alerts(after: &Reviews<'_>, known: &Known) -> anyhow::Result<Option<Alerts>> {
    let engine = after.engine();
    let Some(monitor) = engine.monitor() else {
        return Ok(None);
    };
    let before = known.review()?;
    let currency = engine.policy().head.currency;
    let mut found = Alerts {
        since: before.as_of(),
        value: monitor.spec().value.clone(),
        at_risk: 0,
        lost: 0,
        list: Vec::new(),
    };
    for event in after.changes(&before, monitor) {
        let (from, to) = match event.what {
            Shift::BecameAtRisk { from, to, .. } => {
                found.at_risk += 1;
                (from, to)
            }
            Shift::Churned { from, to, .. } => {
                found.lost += 1;
                (from, to)
            }
            _ => continue,
        };
        let id = event.customer;
        let Some(now) = after.get(&id) else {
            continue;
        };
        let history = after.population().histories().get(&id);
        let evidence = (engine.churn().zip(history))
            .map(|(churn, history)| churn.evidence(history, &[], currency, after.as_of()));
        found.list.push(Alert {
            from,
            to,
            at_stake: event.at_stake.and_then(|value| money(value, currency)),
            p_purchase: now.number("p_purchase"),
            p_purchase_before: before.get(&id).and_then(|was| was.number("p_purchase")),
            stage: now.stage().map(str::to_owned),
            evidence: evidence.unwrap_or_default(),
            customer: id,
        });
    }
    Ok(Some(found))
}

/// To the minor unit.
fn money(value: f64, currency: Currency) -> Option<Money> {
    let amount = customer_value::model::parse_amount(&format!("{value:.6}")).ok()?;
    Money::rounded(amount, currency).ok()
}

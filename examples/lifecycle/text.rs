//! What is printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use customer_value::lifecycle::churn::Evidence;
use customer_value::lifecycle::win_back::{Suppression, WinBackList};
use customer_value::model::{Currency, Days, Money};
use customer_value::report::{Cohorts, StageTimes};

use super::cells::{cells, percent, table};
use super::found::{Alert, Alerts, ChurnFound, Found, HORIZON, StageRow};

/// How many customers of a list are named.
const SHOWN: usize = 10;
/// Which months after the first are shown of each cohort.
const MONTHS: [u32; 7] = [1, 2, 3, 6, 9, 12, 15];

pub fn all(found: &Found) -> String {
    let Found {
        policy,
        version,
        currency,
        from,
        step,
        reviews,
        as_of,
        customers,
        ..
    } = found;
    let mut text = format!(
        "lifecycle on {as_of} by `{policy}` version {version}, amounts in {currency}\n\
         {}; {} since {from}, one at the close of every {step}, each with what was known on its day\n",
        counted(*customers, "customer"),
        counted(*reviews, "review"),
    );
    text.push_str(&stages(&found.stages));
    if let Some(churn) = &found.churn {
        text.push_str(&levels(churn));
    }
    let _ = write!(
        text,
        "\nways from stage to stage in all reviews\n{}",
        found.transitions
    );
    text.push_str(&rates(&found.times));
    text.push_str(&cohorts(&found.cohorts));
    match &found.alerts {
        Some(list) => text.push_str(&alerts(list)),
        None => text.push_str(
            "\nno alerts: there is no review 30 days before the last one, or the policy does not say what is news\n",
        ),
    }
    if let Some(list) = &found.win_back {
        text.push_str(&win_back(list, *currency));
    }
    text.push_str(&exit(found));
    let _ = write!(text, "\ndiagram\n{}", found.mermaid);
    text
}

fn stages(stages: &[StageRow]) -> String {
    let mut rows = vec![cells([
        "stage",
        "customers",
        "share",
        "spend",
        "half left after",
        "there for",
        "expected",
        "from",
        "to",
    ])];
    for stage in stages {
        let more = stage.remaining.as_ref();
        let limits = more.and_then(|more| more.interval);
        rows.push(vec![
            stage.stage.clone(),
            stage.customers.to_string(),
            percent(Some(stage.share)),
            stage.spend.amount().to_string(),
            days(stage.median_days),
            days(stage.already),
            decimal(more.map(|more| more.days), 0),
            decimal(limits.map(|limits| limits.0), 0),
            decimal(limits.map(|limits| limits.1), 0),
        ]);
    }
    format!(
        "\nstages, times in days; expected is how many of the next {HORIZON} somebody stays who has been there for as long as the middle one, with its 95 % interval\n{}",
        table(&rows)
    )
}

fn levels(churn: &ChurnFound) -> String {
    let list = |counts: &mut dyn Iterator<Item = (&str, u64)>| {
        let said: Vec<String> = counts.map(|(name, n)| format!("{name} {n}")).collect();
        said.join(", ")
    };
    let levels = list(&mut churn.levels.iter().map(|(name, n)| (*name, *n)));
    let methods = list(&mut churn.methods.iter().map(|(name, n)| (name.as_str(), *n)));
    format!(
        "\nchurn: {levels}\n  judged by {methods}; {} by a fallback, for the first method had not enough data\n",
        churn.fallback
    )
}

fn rates(times: &StageTimes) -> String {
    let mut rows = vec![cells([
        "way",
        "times",
        "of those who left",
        "per customer-year",
        "from",
        "to",
    ])];
    let stages = times.stages();
    for (from, stage) in stages.iter().enumerate() {
        for exit in times.exits(from) {
            let to = stages.get(exit.to).map_or("unknown", |to| to.name());
            rows.push(vec![
                format!("{} → {to}", stage.name()),
                exit.count.to_string(),
                percent(exit.share),
                decimal(exit.per_year, 2),
                decimal(exit.interval.map(|limits| limits.0), 2),
                decimal(exit.interval.map(|limits| limits.1), 2),
            ]);
        }
    }
    format!("\n{}", table(&rows))
}

fn cohorts(cohorts: &Cohorts) -> String {
    let shown: Vec<u32> = MONTHS
        .into_iter()
        .filter(|month| cohorts.retained(*month).is_some())
        .collect();
    let mut head = cells(["first purchase", "customers"]);
    head.extend(shown.iter().map(|month| format!("{month} m")));
    let mut rows = vec![head];
    let mut total = 0;
    for cohort in cohorts.cohorts() {
        total += cohort.customers;
        let mut row = vec![
            cohort.start.to_string().chars().take(7).collect(),
            cohort.customers.to_string(),
        ];
        let cell = |month: &u32| cohorts.cell(cohort.start, *month);
        row.extend(
            shown
                .iter()
                .map(|m| percent(cell(m).map(|cell| cell.retained))),
        );
        rows.push(row);
    }
    let mut all = vec!["all".to_owned(), total.to_string()];
    all.extend(shown.iter().map(|month| percent(cohorts.retained(*month))));
    rows.push(all);
    let back: u64 = cohorts.reactivated().map(|(_, n)| n).sum();
    format!(
        "\nwho bought again so many months after the first purchase\n{}{back} times somebody came back after 6 months or more without a purchase\n",
        table(&rows)
    )
}

fn alerts(alerts: &Alerts) -> String {
    let Alerts {
        since,
        value,
        at_risk,
        lost,
        list,
    } = alerts;
    let order = match value {
        Some(value) => format!("the most at stake first ({value} on {since})"),
        None => "the policy names no value that is at stake".to_owned(),
    };
    let mut text = format!(
        "\nalerts: since {since} {at_risk} customers became at risk and {lost} were lost; {order}\n"
    );
    for alert in list.iter().take(SHOWN) {
        text.push_str(&one_alert(alert));
    }
    more(&mut text, list.len(), "alerts");
    text
}

fn one_alert(alert: &Alert) -> String {
    let Alert {
        customer,
        from,
        to,
        at_stake,
        ..
    } = alert;
    let stake = at_stake.map_or_else(|| "not known".to_owned(), |money| money.to_string());
    let percent =
        |p: Option<f64>| p.map_or_else(|| "-".to_owned(), |p| format!("{:.0} %", p * 100.0));
    let mut text = format!(
        "customer {customer}: {from} → {to}, {stake} at stake, p_purchase {} → {}\n",
        percent(alert.p_purchase_before),
        percent(alert.p_purchase)
    );
    let said: Vec<String> = alert.evidence.iter().map(Evidence::to_string).collect();
    let said = match said.is_empty() {
        true => "nothing dropped in the windows that are compared".to_owned(),
        false => said.join("; "),
    };
    let _ = writeln!(text, "  {said}");
    text
}

fn win_back(list: &WinBackList, currency: Currency) -> String {
    let mut text = format!(
        "\nwin-back: {} of {} candidates; responses and costs are those of the policy, no attempts are known\n",
        list.chosen.len(),
        list.chosen.len() + list.suppressed.len()
    );
    let mut rows = vec![cells([
        "customer",
        "offer",
        "channel",
        "value",
        "net value",
    ])];
    rows.extend(list.chosen.iter().take(SHOWN).map(|one| {
        vec![
            one.customer.to_string(),
            one.offer.clone(),
            one.channel.clone(),
            one.value.amount().to_string(),
            one.net.amount().to_string(),
        ]
    }));
    if list.chosen.is_empty() {
        text.push_str("nobody\n");
    } else {
        text.push_str(&table(&rows));
    }
    more(&mut text, list.chosen.len(), "customers");

    let mut offers: BTreeMap<&str, (u64, i64, i64)> = BTreeMap::new();
    for one in &list.chosen {
        let (count, cost, net) = offers.entry(&one.offer).or_default();
        *count += 1;
        *cost = cost.saturating_add(one.cost.minor());
        *net = net.saturating_add(one.net.minor());
    }
    let amount = |minor| Money::from_minor(minor, currency).amount().to_string();
    let mut rows = vec![cells(["offer", "customers", "cost", "net value"])];
    let mut total = (0, 0_i64, 0_i64);
    for (offer, (count, cost, net)) in offers {
        total = (
            total.0 + count,
            total.1.saturating_add(cost),
            total.2.saturating_add(net),
        );
        rows.push(vec![
            offer.to_owned(),
            count.to_string(),
            amount(cost),
            amount(net),
        ]);
    }
    rows.push(vec![
        "total".to_owned(),
        total.0.to_string(),
        amount(total.1),
        amount(total.2),
    ]);
    let _ = write!(text, "\n{}", table(&rows));

    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for one in &list.suppressed {
        *reasons.entry(suppression(&one.because)).or_default() += 1;
    }
    if !reasons.is_empty() {
        let mut rows = vec![cells(["not on the list", "customers"])];
        rows.extend(
            reasons
                .iter()
                .map(|(why, n)| vec![(*why).to_owned(), n.to_string()]),
        );
        let _ = write!(text, "\n{}", table(&rows));
    }
    text
}

fn suppression(because: &Suppression) -> &'static str {
    match because {
        Suppression::Returned { .. } => "have come back by now",
        Suppression::CoolDown { .. } => "attempted not long ago",
        Suppression::AttemptsUsed { .. } => "attempted often enough",
        Suppression::NoOpenOffer => "no offer is for them",
        Suppression::ValueUnknown => "their value is not known",
        Suppression::NotWorthIt { .. } => "no offer is worth it",
        Suppression::Limit { .. } => "others are worth more, and the list is full",
        _ => "another reason",
    }
}

fn exit(found: &Found) -> String {
    let Some(report) = &found.exit else {
        return String::new();
    };
    let assumed = match found.assumed_cost_to_serve {
        Some(cost) => format!(
            "assumed, for the transactions do not say it: serving a customer costs {cost} a year (`--cost-to-serve`)\n"
        ),
        None => "savings need the cost to serve, which the transactions do not say (`--cost-to-serve`)\n".to_owned(),
    };
    format!(
        "\nexit ladder: who is where, what each step saves a year, and whom each gate holds\n{assumed}\
         what no transaction says (a legal hold, referrals) is not known, and a gate that is not known to be open is closed\n{report}"
    )
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn more(text: &mut String, all: usize, what: &str) {
    if all > SHOWN {
        let _ = writeln!(text, "and {} more {what}", all - SHOWN);
    }
}

fn days(days: Option<Days>) -> String {
    days.map_or_else(|| "-".to_owned(), |days| days.get().to_string())
}

fn decimal(number: Option<f64>, places: usize) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.places$}"))
}

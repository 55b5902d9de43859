//! How customers are served, what is to be done today, and what they say and do.

use customer_value::model::{CustomerId, Days, Direction, Record, SurveyInstrument};
use customer_value::report::behaviour::{BehaviourOptions, BehaviourReport, Profile};
use customer_value::report::{CrossTable, SatisfactionOptions};
use customer_value::strategy::surveys::Invitation;

use super::output::Part;
use super::world::World;

/// Who has which plan, the plan of the best customer, and how far plans were kept in the last quarter.
pub fn service(world: &World<'_>) -> anyhow::Result<Vec<Part>> {
    let (reviews, mut parts) = (world.reviews, Vec::new());
    let Some(playbook) = reviews.engine().playbook() else {
        return Ok(parts);
    };
    let names: Vec<&str> = playbook.plays().map(|(name, _)| name).collect();
    let tiers: Vec<&str> = reviews
        .engine()
        .policy()
        .tiers
        .tiers
        .iter()
        .map(|tier| tier.name.as_str())
        .collect();
    let mut plans = CrossTable::new("tier", tiers.iter().copied(), "play", names.iter().copied());
    let mut best = None;
    for one in reviews.iter() {
        let Some(plan) = reviews.service_plan(&one) else {
            continue;
        };
        let tier = one.assessment().tier();
        let play = plan
            .reason
            .as_ref()
            .and_then(|reason| names.iter().position(|name| *name == reason.play));
        plans.add(tiers.iter().position(|name| *name == tier), play);
        let value = world.minor(one.id(), "profit");
        if best.as_ref().is_none_or(|(most, _)| value > *most) {
            best = Some((value, plan));
        }
    }
    parts.push(Part::new("plans", &plans, plans.sheet())?);
    if let Some((_, plan)) = best {
        parts.push(Part::new("plan_of_the_best", &plan, plan.sheet())?);
    }
    let first = world.day().minus(Days::new(91));
    if let Some(kept) = reviews.attainment(&world.kept.remembered, first, world.day())? {
        parts.push(Part::new("attainment", &kept, kept.sheet())?);
    }
    Ok(parts)
}

/// What is to be done, and who is to be asked.
pub fn today(world: &World<'_>) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    if let Some(due) = world.reviews.due_actions(&world.kept.remembered) {
        parts.push(Part::new("due_actions", &due, due.sheet())?);
    }
    if let Some(asked) = world.reviews.due_surveys(&invitations(world)) {
        parts.push(Part::new("due_surveys", &asked, asked.sheet())?);
    }
    Ok(parts)
}

/// The company has kept no invitations, but who answered was invited.
fn invitations(world: &World<'_>) -> Vec<Invitation> {
    world.records(|record| match record {
        Record::SurveyAnswer(answer) => {
            let survey = match answer.instrument() {
                SurveyInstrument::Nps => "relationship",
                SurveyInstrument::Csat => "order",
                SurveyInstrument::Ces => "settled",
            };
            let customer = answer.customer().clone();
            Some(Invitation::new(customer, answer.day(), survey))
        }
        _ => None,
    })
}

/// What customers answer, what makes them dissatisfied, and how complaints were settled.
pub fn satisfaction(world: &World<'_>) -> anyhow::Result<Vec<Part>> {
    let year = |instrument| {
        let mut options = SatisfactionOptions::new(instrument, world.day());
        options.window = Some(Days::new(365));
        options
    };
    let reviews = world.reviews;
    let nps = reviews.satisfaction(year(SurveyInstrument::Nps), "tier", &[])?;
    let drivers = reviews.drivers(year(SurveyInstrument::Csat), "spend_12m")?;
    let complaints = reviews.complaints("spend_12m", Days::new(30))?;
    Ok(vec![
        Part::new("nps", &nps, nps.sheet())?,
        Part::new("drivers", &drivers, drivers.sheet())?,
        Part::new("complaints", &complaints, complaints.sheet())?,
    ])
}

/// How the customer behaves who calls the most, against everybody.
pub fn behaviour(world: &World<'_>) -> anyhow::Result<Vec<Part>> {
    let end = world.day().next();
    let options = BehaviourOptions::new(end.minus(Days::new(365)), end, world.currency())?;
    let contacts = world.records(|record| match record {
        Record::Interaction(contact) => Some(contact),
        _ => None,
    });
    let mut calls = std::collections::BTreeMap::<&CustomerId, u64>::new();
    for contact in contacts
        .iter()
        .filter(|one| one.direction() == Direction::Inbound)
    {
        let recent = contact.day() >= options.from();
        *calls.entry(contact.customer()).or_default() += u64::from(recent);
    }
    let Some((loudest, _)) = calls.into_iter().max_by_key(|(_, calls)| *calls) else {
        return Ok(Vec::new());
    };
    let (mut own, mut all) = (Profile::new(options), Profile::new(options));
    for one in world.reviews.iter() {
        all.add_customer(one.id());
    }
    for sale in world
        .data
        .transactions
        .iter()
        .filter(|sale| sale.day() < end)
    {
        all.add_purchase(sale)?;
        if sale.customer() == loudest {
            own.add_purchase(sale)?;
        }
    }
    for contact in contacts {
        all.add_contact(contact);
        if contact.customer() == loudest {
            own.add_contact(contact);
        }
    }
    let report = BehaviourReport::new(loudest.to_string(), &own, &all, 3)?;
    Ok(vec![Part::new("behaviour", &report, report.sheet())?])
}

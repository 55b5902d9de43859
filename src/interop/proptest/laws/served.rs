//! Laws of service plans, contacts and surveys.

use super::host::{Contact, Host, many_days, reviewed};
use super::scene::Scene;
use crate::diagnostic::{Diagnostics, Place};
use crate::engine::{Assessment, Engine, Population, Reviews};
use crate::model::{Day, Days, Weekday};
use crate::rules::{Expr, Truth};
use crate::strategy::playbook::{ActionSpec, DueAction, DueList, FloorSpec, PlaybookSpec, Service};
use crate::strategy::surveys::{Invitation, SurveyList, SurveysSpec};

/// Nobody has less than the basic service.
pub(super) fn floor(engine: &Engine, population: &Population, scene: &Scene) -> Result<(), String> {
    let Some(spec) = &engine.policy().playbook else {
        return Ok(());
    };
    many_days(engine, population, scene, |reviews, _, lists, _| {
        for one in reviews.iter() {
            let id = one.id();
            let Some(plan) = reviews.service_plan(&one) else {
                return Err(format!("customer {id} has no service"));
            };
            if let Some(what) = less(&plan.service, &spec.floor) {
                return Err(format!("customer {id} has {what}: {plan}"));
            }
        }
        let mut due = lists.due.iter().flat_map(|list| &list.due);
        due.try_for_each(|due| {
            let one = reviewed(reviews, &due.customer)?;
            let plan = reviews.service_plan(&one);
            let has = plan.is_some_and(|plan| plan.service.actions.contains(&due.action));
            check(has, || format!("{due}, which is not of their service"))
        })
    })
}

/// What of a service is less than the floor's.
fn less(service: &Service, floor: &FloorSpec) -> Option<String> {
    let lists = [
        (&service.channels, &floor.channels),
        (&service.entitlements, &floor.entitlements),
        (&service.actions, &floor.actions),
    ];
    for (ours, floor) in lists {
        if let Some(one) = floor.iter().find(|one| !ours.contains(one)) {
            return Some(format!("no `{one}`"));
        }
    }
    if let Some(promised) = floor.cadence
        && service.cadence.is_none_or(|cadence| cadence > promised)
    {
        return Some(format!("a cadence longer than {promised}"));
    }
    let promised = floor.response_hours?;
    let longer = service.response_hours.is_none_or(|hours| hours > promised);
    longer.then(|| format!("an answer later than after {promised} hours"))
}

fn check(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

fn action<'s>(spec: &'s PlaybookSpec, name: &str) -> Option<&'s ActionSpec> {
    spec.actions.iter().find(|action| action.name == name)
}

/// Nobody is contacted who has not agreed, or on a quiet day.
pub(super) fn consent(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let Some(spec) = &engine.policy().playbook else {
        return Ok(());
    };
    many_days(engine, population, scene, |reviews, _, lists, _| {
        let mut due = lists.due.iter().flat_map(|list| &list.due);
        due.try_for_each(|due| {
            let one = reviewed(reviews, &due.customer)?;
            may_contact(spec, one.assessment(), due, reviews.as_of())
                .map_err(|what| format!("{due}, {what}"))
        })
    })
}

fn may_contact(
    spec: &PlaybookSpec,
    found: &Assessment<'_>,
    due: &DueAction,
    day: Day,
) -> Result<(), String> {
    let flag = |column: &String| found.number(column).is_some_and(|flag| flag != 0.0);
    let barred = spec.do_not_contact.as_ref().is_some_and(flag);
    check(!barred, || "who is not to be contacted".to_owned())?;
    let owed = action(spec, &due.action).is_some_and(|action| action.service)
        || spec.floor.actions.contains(&due.action);
    let agreed = spec.consent.get(&due.channel).is_some_and(flag);
    check(owed || agreed, || "who has not agreed to it".to_owned())?;
    let quiet = spec.quiet.iter().any(|quiet| {
        let weekday = quiet.weekdays.is_empty() || quiet.weekdays.contains(&Weekday::of(day));
        let begun = quiet.from.is_none_or(|from| day >= from);
        weekday && begun && quiet.until.is_none_or(|until| day < until)
    });
    check(!quiet, || "on a quiet day".to_owned())
}

/// Contacts stay within every limit.
pub(super) fn limits(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let Some(spec) = &engine.policy().playbook else {
        return Ok(());
    };
    many_days(engine, population, scene, |reviews, host, lists, _| {
        let Some(list) = &lists.due else {
            return Err("there is no list".to_owned());
        };
        let contacts = host.contacts(scene, reviews.as_of());
        list.due.iter().try_for_each(|due| {
            within(spec, list, due, &contacts)
                .map_err(|what| format!("{due}, which makes {what} among {contacts:?}"))
        })
    })
}

/// Whether the contacts, those of the day among them, are within every limit that one of the day counts on.
fn within(
    spec: &PlaybookSpec,
    list: &DueList,
    due: &DueAction,
    contacts: &[Contact],
) -> Result<(), String> {
    let day = list.day;
    let count = |counts: &dyn Fn(&Contact) -> bool| {
        u64::try_from(contacts.iter().filter(|one| counts(one)).count()).unwrap_or(u64::MAX)
    };
    let theirs = |one: &Contact| one.customer == due.customer;
    let lately = |one: &Contact, within: Days| day - one.day < within;
    let through = |one: &Contact| one.channel.as_ref() == Some(&due.channel);
    for cap in &spec.caps {
        if cap
            .channel
            .as_ref()
            .is_some_and(|name| *name != due.channel)
        {
            continue;
        }
        let any = cap.channel.is_none();
        let made = count(&|one| theirs(one) && lately(one, cap.within) && (any || through(one)));
        let (at_most, within) = (cap.at_most, cap.within);
        check(made <= at_most.into(), || {
            format!("{made} contacts within {within}, of {at_most} at most")
        })?;
    }
    let today = |one: &Contact| one.day == day;
    if let Some(most) = spec.max_per_day {
        let made = count(&|one| theirs(one) && today(one));
        check(made <= most.into(), || format!("{made} contacts on a day"))?;
    }
    if let Some(most) = spec.capacity.get(&due.channel) {
        let made = count(&|one| today(one) && through(one));
        check(made <= *most, || format!("{made} contacts through it"))?;
    }
    let of = |one: &Contact| action(spec, one.action.as_deref()?);
    if let Some(most) = spec.budget_per_day.filter(|_| due.cost.minor() > 0) {
        let made = contacts.iter().filter(|one| today(one)).filter_map(of);
        let cost: i128 = made.map(|action| i128::from(action.cost.minor())).sum();
        check(cost <= most.minor().into(), || {
            format!("a cost of {cost} cents")
        })?;
    }
    let Some(own) = action(spec, &due.action) else {
        return Err("an action that is not there".to_owned());
    };
    if let Some(group) = &own.group {
        let same = |one: &Contact| of(one).is_some_and(|a| a.group.as_ref() == Some(group));
        let made = count(&|one| theirs(one) && today(one) && same(one));
        check(made <= 1, || {
            format!("{made} contacts of `{group}` on a day")
        })?;
    }
    let Some(cool_down) = own.cool_down.filter(|days| *days > Days::default()) else {
        return Ok(());
    };
    let again = |one: &Contact| one.action.as_ref() == Some(&due.action);
    let made = count(&|one| theirs(one) && again(one) && lately(one, cool_down));
    check(made <= 1, || format!("{made} of them within {cool_down}"))
}

/// Nobody is asked too often, without consent or on a quiet day.
pub(super) fn surveys(
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let Some(spec) = &engine.policy().surveys else {
        return Ok(());
    };
    many_days(engine, population, scene, |reviews, host, lists, _| {
        let Some(list) = &lists.surveys else {
            return Err("there is no list".to_owned());
        };
        asked(engine, spec, reviews, host, list)
    })
}

fn asked(
    engine: &Engine,
    spec: &SurveysSpec,
    reviews: &Reviews<'_>,
    host: &Host,
    list: &SurveyList,
) -> Result<(), String> {
    let day = list.day;
    let quiet = spec.quiet_days.contains(&day) || spec.quiet_weekdays.contains(&Weekday::of(day));
    list.due.iter().try_for_each(|due| {
        let say = |what: &str| Err(format!("{due}, {what}"));
        if quiet {
            return say("on a quiet day");
        }
        let found = reviewed(reviews, &due.customer)?;
        let own = spec.ask.iter().find(|survey| survey.name == due.survey);
        let Some(own) = own else {
            return say("which is not there");
        };
        let rules = [spec.consent.as_ref(), own.when.as_ref()];
        if rules
            .iter()
            .flatten()
            .any(|rule| is_not_true(engine, rule, found.assessment()))
        {
            return say("who is not to be asked");
        }
        let theirs = |one: &&Invitation| one.customer == due.customer;
        let invited: Vec<&Invitation> = host.invitations.iter().filter(theirs).collect();
        let same_day = invited.iter().filter(|one| one.day == day).count();
        let again = invited.iter().filter(|one| one.survey == due.survey);
        let again = again.filter(|one| (one.day - day).get().abs() < own.cadence.get());
        if same_day > 1 || again.count() > 1 {
            return say("who was asked shortly before");
        }
        if let Some(cap) = spec.cap {
            // Every run of so many days that has the day in it.
            let most = usize::try_from(cap.invitations).unwrap_or(usize::MAX);
            let full = (0..cap.within.get()).any(|back| {
                let first = day.minus(Days::new(back));
                let inside = invited
                    .iter()
                    .filter(|one| one.day >= first && one.day < first.plus(cap.within));
                inside.count() > most
            });
            if full {
                return say("who has had enough");
            }
        }
        Ok(())
    })
}

/// Whether a rule is known not to hold; what depends on the population is not looked at.
fn is_not_true(engine: &Engine, rule: &Expr, found: &Assessment<'_>) -> bool {
    let mut problems = Diagnostics::new();
    let bound = rule.bind(engine.schema(), &Place::at("surveys"), &mut problems);
    let bound = bound.filter(|rule| rule.population().is_empty());
    bound.is_some_and(|rule| rule.truth(found.row()) != Truth::True)
}

//! A slow, plain second way of doing what `src/docs/service.md` says, written from that page.
//!
//! It reads the recipe, not the bound playbook, and understands only the rules that the tests write: a flag, or
//! `column >= number`.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use customer_value::model::{Attempt, Day, Direction, Interaction, Weekday};
use customer_value::rules::Expr;
use customer_value::strategy::playbook::{ActionSpec, Order, PlaybookSpec, QuietSpec, TriggerSpec};
use rust_decimal::{Decimal, RoundingStrategy};

/// One customer: positions are those of the names given to `bind`.
#[derive(Debug, Clone, Default)]
pub struct Person {
    pub id: u64,
    pub tier: usize,
    pub stage: Option<usize>,
    pub stage_since: Option<Day>,
    pub segments: Vec<bool>,
    /// Columns that are known.
    pub cells: BTreeMap<String, f64>,
    /// For actions with a rule.
    pub true_since: BTreeMap<String, Day>,
    pub interactions: Vec<Interaction>,
    pub attempts: Vec<Attempt>,
}

pub struct Names {
    pub tiers: Vec<&'static str>,
    pub stages: Vec<&'static str>,
    pub segments: Vec<&'static str>,
}

fn truth(rule: &Expr, person: &Person) -> Option<bool> {
    let text = rule.to_string();
    match text.split_once(" >= ") {
        Some((column, least)) => {
            let least: f64 = least.parse().unwrap();
            person.cells.get(column).map(|value| *value >= least)
        }
        None => person.cells.get(&text).map(|flag| *flag != 0.0),
    }
}

/// The position of the person's play.
pub fn play(spec: &PlaybookSpec, names: &Names, person: &Person) -> Option<usize> {
    for (i, play) in spec.plays.iter().enumerate() {
        let tier = names.tiers[person.tier];
        if !play.tiers.is_empty() && !play.tiers.iter().any(|t| t == tier) {
            continue;
        }
        if !play.stages.is_empty() {
            let Some(stage) = person.stage else { continue };
            if !play.stages.iter().any(|s| s == names.stages[stage]) {
                continue;
            }
        }
        if !play.segments.is_empty() {
            let mut is_in_one = false;
            for (segment, is_in) in names.segments.iter().zip(&person.segments) {
                is_in_one |= *is_in && play.segments.iter().any(|s| s == segment);
            }
            if !is_in_one {
                continue;
            }
        }
        if let Some(rule) = &play.when
            && truth(rule, person) != Some(true)
        {
            continue;
        }
        return Some(i);
    }
    None
}

#[derive(Debug, Clone)]
struct Contact {
    day: i64,
    channel: String,
    name: String,
}

fn n(day: Day) -> i64 {
    i64::from(day.epoch_days())
}

/// The contacts up to a day.
fn contacts(person: &Person, day: Day) -> Vec<Contact> {
    let mut all = Vec::new();
    for one in &person.interactions {
        if one.direction() == Direction::Outbound && one.day() <= day {
            all.push(Contact {
                day: n(one.day()),
                channel: one.channel().to_owned(),
                name: one.kind().to_owned(),
            });
        }
    }
    let outbound = all.clone();
    for one in person.attempts.iter().filter(|one| one.day() <= day) {
        let (name, channel) = (one.offer(), one.channel());
        let same = outbound.iter().any(|other| {
            other.day == n(one.day())
                && name == Some(&other.name)
                && (channel.is_none() || channel == Some(&other.channel))
        });
        if !same {
            all.push(Contact {
                day: n(one.day()),
                channel: channel.unwrap_or("").to_owned(),
                name: name.unwrap_or("").to_owned(),
            });
        }
    }
    all
}

fn date(person: &Person, column: &str) -> Option<NaiveDate> {
    let day = Day::from_epoch_days(person.cells.get(column)?.floor() as i32).unwrap();
    Some(day.into())
}

fn epoch(date: NaiveDate) -> i64 {
    n(Day::try_from(date).unwrap())
}

/// Whether an action is due.
fn is_due(
    spec: &PlaybookSpec,
    names: &Names,
    person: &Person,
    action: &ActionSpec,
    day: Day,
) -> bool {
    let contacts = contacts(person, day);
    let last = contacts.iter().map(|c| c.day).max();
    let today = n(day);
    let plan = play(spec, names, person).map(|i| &spec.plays[i]);
    let mut one_day = false;
    let occasion = match &action.trigger {
        TriggerSpec::Cadence => {
            let cadence = plan.and_then(|play| play.cadence).or(spec.floor.cadence);
            let Some(cadence) = cadence else { return false };
            return last.is_none_or(|last| last + i64::from(cadence.get()) <= today);
        }
        TriggerSpec::Every(every) => {
            return last.is_none_or(|last| last + i64::from(every.get()) <= today);
        }
        TriggerSpec::Anniversary { date: name, offset } => {
            one_day = true;
            let Some(of) = date(person, name) else {
                return false;
            };
            // Every year from the one after; the latest that is not after today.
            let mut latest = None;
            for year in of.year() + 1..=day.year() + 3 {
                let anniversary = of.with_year(year);
                let anniversary =
                    anniversary.unwrap_or_else(|| NaiveDate::from_ymd_opt(year, 2, 28).unwrap());
                let occasion = epoch(anniversary) + i64::from(offset.get());
                if occasion <= today {
                    latest = Some(occasion);
                }
            }
            latest
        }
        TriggerSpec::Date { date: name, offset } => {
            one_day = true;
            date(person, name).map(|of| epoch(of) + i64::from(offset.get()))
        }
        TriggerSpec::Stage { stage, offset } => {
            let here = person.stage.map(|i| names.stages[i]);
            let since = person.stage_since.filter(|_| here == Some(stage.as_str()));
            since.map(|since| n(since) + i64::from(offset.get()))
        }
        TriggerSpec::Rule(rule) => {
            if truth(rule, person) != Some(true) {
                return false;
            }
            Some(person.true_since.get(&action.name).map_or(today, |d| n(*d)))
        }
        other => panic!("{other:?}"),
    };
    let Some(occasion) = occasion else {
        return false;
    };
    let within = match (action.within, one_day) {
        (Some(within), _) => i64::from(within.get()),
        (None, true) => 1,
        (None, false) => i64::MAX / 2,
    };
    let done = contacts
        .iter()
        .any(|c| c.name == action.name && c.day >= occasion);
    occasion <= today && today < occasion + within && !done
}

fn is_quiet(quiet: &QuietSpec, day: Day) -> bool {
    let weekday = match NaiveDate::from(day).weekday() {
        chrono::Weekday::Mon => Weekday::Monday,
        chrono::Weekday::Tue => Weekday::Tuesday,
        chrono::Weekday::Wed => Weekday::Wednesday,
        chrono::Weekday::Thu => Weekday::Thursday,
        chrono::Weekday::Fri => Weekday::Friday,
        chrono::Weekday::Sat => Weekday::Saturday,
        chrono::Weekday::Sun => Weekday::Sunday,
    };
    let begun = quiet.from.is_none() || quiet.from.unwrap() <= day;
    let over = quiet.until.is_some() && quiet.until.unwrap() <= day;
    begun && !over && (quiet.weekdays.is_empty() || quiet.weekdays.contains(&weekday))
}

/// Required by the contract, or of the floor.
pub fn is_owed(spec: &PlaybookSpec, action: &ActionSpec) -> bool {
    action.service || spec.floor.actions.contains(&action.name)
}

fn net(action: &ActionSpec, person: &Person) -> Option<Decimal> {
    let value = *person.cells.get(action.value.as_ref()?)?;
    let value = Decimal::from((value * 100.0).round_ties_even() as i64);
    let response = Decimal::from_str(&action.response?.to_string()).unwrap();
    let net = response * value - Decimal::from(action.cost.minor());
    Some(net.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven))
}

/// The word of what holds an action back whatever else is done; `None` if nothing does.
fn barred(
    spec: &PlaybookSpec,
    person: &Person,
    action: &ActionSpec,
    day: Day,
) -> Option<&'static str> {
    let is_set = |column: &String| person.cells.get(column).is_some_and(|flag| *flag != 0.0);
    if spec.do_not_contact.as_ref().is_some_and(is_set) {
        return Some("do_not_contact");
    }
    let owed = is_owed(spec, action);
    if !owed && !spec.consent.get(&action.channel).is_some_and(is_set) {
        return Some("no_consent");
    }
    if spec.quiet.iter().any(|quiet| is_quiet(quiet, day)) {
        return Some("quiet");
    }
    if let Some(days) = action.cool_down {
        let contacts = contacts(person, day);
        let recent = |c: &Contact| n(day) - c.day < i64::from(days.get());
        if contacts.iter().any(|c| c.name == action.name && recent(c)) {
            return Some("cool_down");
        }
    }
    if action.value.is_some() && !owed {
        match net(action, person) {
            None => return Some("value_unknown"),
            Some(net) if net <= Decimal::ZERO => return Some("not_worth_it"),
            Some(_) => {}
        }
    }
    None
}

/// Whether the first comes before the second, the customer and the order of the policy aside; `None` if neither does.
fn first_comes_before(
    spec: &PlaybookSpec,
    a: (&ActionSpec, &Person),
    b: (&ActionSpec, &Person),
) -> Option<bool> {
    let owed = [is_owed(spec, a.0), is_owed(spec, b.0)];
    if owed[0] != owed[1] {
        return Some(owed[0]);
    }
    if spec.order == Order::Priority && a.0.priority != b.0.priority {
        return Some(a.0.priority > b.0.priority);
    }
    let (net_a, net_b) = (net(a.0, a.1), net(b.0, b.1));
    let (Some(net_a), Some(net_b)) = (net_a, net_b) else {
        return (net_a.is_some() != net_b.is_some()).then_some(net_a.is_some());
    };
    // An infinite quotient as a number that no other reaches.
    let quotient = |net: Decimal, cost: i64| {
        let endless = Decimal::from(1_000_000_000_000_i64);
        match (cost, net.is_zero()) {
            (0, true) => (Decimal::ZERO, Decimal::ONE),
            (0, false) if net.is_sign_negative() => (-endless, Decimal::ONE),
            (0, false) => (endless, Decimal::ONE),
            _ => (net, Decimal::from(cost)),
        }
    };
    let (top_a, under_a) = quotient(net_a, a.0.cost.minor());
    let (top_b, under_b) = quotient(net_b, b.0.cost.minor());
    // Both multiplied by both costs, so that nothing is rounded.
    let (left, right) = (top_a * under_b, top_b * under_a);
    if left != right {
        return Some(left > right);
    }
    (net_a != net_b).then_some(net_a > net_b)
}

/// The customers and actions that are taken, in their order; and those held back with the word of the reason, in no order.
pub struct Day1 {
    pub taken: Vec<(u64, String)>,
    pub held: Vec<(u64, String, &'static str)>,
}

/// What is to be done on a day.
pub fn due(spec: &PlaybookSpec, names: &Names, people: &[Person], day: Day) -> Day1 {
    let mut people: Vec<&Person> = people.iter().collect();
    people.sort_by_key(|person| person.id);
    let mut all: Vec<Vec<Contact>> = people.iter().map(|p| contacts(p, day)).collect();
    let mut held = Vec::new();
    let mut waiting: Vec<(usize, usize)> = Vec::new();
    for (p, person) in people.iter().enumerate() {
        let plan = play(spec, names, person).map(|i| &spec.plays[i]);
        for (i, action) in spec.actions.iter().enumerate() {
            let of_floor = spec.floor.actions.contains(&action.name);
            let of_play = plan.is_some_and(|play| play.actions.contains(&action.name));
            if !(of_floor || of_play) || !is_due(spec, names, person, action, day) {
                continue;
            }
            match barred(spec, person, action, day) {
                Some(word) => held.push((person.id, action.name.clone(), word)),
                None => waiting.push((p, i)),
            }
        }
    }
    let mut taken = Vec::new();
    while !waiting.is_empty() {
        // The best of those that wait; of equals the first customer's, then the first action.
        let mut best = 0;
        for k in 1..waiting.len() {
            let at = |k: usize| (&spec.actions[waiting[k].1], people[waiting[k].0]);
            let before = first_comes_before(spec, at(k), at(best));
            if before.unwrap_or(waiting[k] < waiting[best]) {
                best = k;
            }
        }
        let (p, i) = waiting.remove(best);
        let action = &spec.actions[i];
        match in_the_way(spec, &all, p, action, day) {
            Some(word) => held.push((people[p].id, action.name.clone(), word)),
            None => {
                all[p].push(Contact {
                    day: n(day),
                    channel: action.channel.clone(),
                    name: action.name.clone(),
                });
                taken.push((people[p].id, action.name.clone()));
            }
        }
    }
    Day1 { taken, held }
}

/// What holds an action of a customer back, given all contacts of all of them.
fn in_the_way(
    spec: &PlaybookSpec,
    all: &[Vec<Contact>],
    p: usize,
    action: &ActionSpec,
    day: Day,
) -> Option<&'static str> {
    let named = |name: &str| spec.actions.iter().find(|action| action.name == name);
    let own_today: Vec<&Contact> = all[p].iter().filter(|c| c.day == n(day)).collect();
    if action.group.is_some() {
        for contact in &own_today {
            if named(&contact.name).is_some_and(|other| other.group == action.group) {
                return Some("group");
            }
        }
    }
    if let Some(most) = spec.max_per_day
        && own_today.len() >= most as usize
    {
        return Some("per_day");
    }
    for cap in &spec.caps {
        if cap.channel.is_some() && cap.channel.as_ref() != Some(&action.channel) {
            continue;
        }
        let first = n(day) - i64::from(cap.within.get()) + 1;
        let mut count = 0;
        for contact in &all[p] {
            let through = cap.channel.is_none() || cap.channel.as_ref() == Some(&contact.channel);
            if through && contact.day >= first {
                count += 1;
            }
        }
        if count >= cap.at_most {
            return Some("cap");
        }
    }
    let today = || all.iter().flatten().filter(|c| c.day == n(day));
    if let Some(capacity) = spec.capacity.get(&action.channel) {
        let used = today().filter(|c| c.channel == action.channel).count();
        if used as u64 >= *capacity {
            return Some("capacity");
        }
    }
    if let Some(budget) = spec.budget_per_day {
        let costs = today().filter_map(|c| named(&c.name));
        let spent: i64 = costs.map(|other| other.cost.minor()).sum();
        if action.cost.minor() > (budget.minor() - spent).max(0) {
            return Some("budget");
        }
    }
    None
}

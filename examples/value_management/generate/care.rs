//! What happens beside the orders: contacts, costs, answers, complaints.

use customer_value::model::Day;

use super::dice::{Dice, later};
use super::people::Person;
use super::sales::Order;
use super::{Rows, day, end};

/// Everything that follows from being served, but for the autumn call.
pub fn care(seed: u64, person: &Person, orders: &[Order], rows: &mut Rows) {
    let Some(last) = orders.last() else { return };
    // Whoever has stopped ordering is heard of for two months more.
    let until = later(last.day, 60).min(end());
    questions(&mut Dice::new(seed, person.id, 3), person, until, rows);
    browsing(&mut Dice::new(seed, person.id, 4), person, orders, rows);
    complaints(&mut Dice::new(seed, person.id, 5), person, orders, rows);
    outreach(&mut Dice::new(seed, person.id, 6), person, until, rows);
    repairs(&mut Dice::new(seed, person.id, 7), person, orders, rows);
    opinions(
        &mut Dice::new(seed, person.id, 8),
        person,
        orders,
        until,
        rows,
    );
}

/// A question that a customer puts to the service desk.
pub fn question(dice: &mut Dice, person: &Person, day: Day, kind: &str, rows: &mut Rows) {
    let channel = dice.weighted(&[("phone", 55), ("email", 35), ("chat", 10)]);
    let (seconds, minutes) = match (channel, person.business) {
        ("phone", _) => (dice.between(15, 600), dice.between(4, 16)),
        ("chat", _) => (dice.between(20, 900), dice.between(3, 8)),
        (_, true) => (dice.between(900, 40_000), dice.between(3, 10)),
        (_, false) => (dice.between(3_600, 200_000), dice.between(3, 10)),
    };
    // Sometimes nobody noted when it was answered.
    let seconds = match dice.chance(950) {
        true => seconds.to_string(),
        false => String::new(),
    };
    let hour = dice.between(8, 17);
    let id = person.id;
    let line = format!("{id},{day},{hour},{channel},inbound,{kind},{seconds},{minutes}\n");
    rows.interactions.push((day, line));
}

fn questions(dice: &mut Dice, person: &Person, until: Day, rows: &mut Rows) {
    let mut day = later(person.joined, dice.gap(person.asks_every));
    while day <= until {
        let kind = dice.weighted(&[("question", 60), ("claim", 25), ("order status", 15)]);
        question(dice, person, day, kind, rows);
        day = later(day, dice.gap(person.asks_every));
    }
}

/// Who looks around in the shop while logged in.
fn browsing(dice: &mut Dice, person: &Person, orders: &[Order], rows: &mut Rows) {
    if person.business || !dice.chance(120) {
        return;
    }
    for order in orders.iter().filter(|order| order.day >= day("2025-01-01")) {
        for _ in 0..dice.below(4) {
            let looked = later(order.day, 0)
                .minus(customer_value::model::Days::new(dice.between(0, 9) as i32));
            let (id, hour) = (person.id, dice.between(18, 22));
            let line = format!("{id},{looked},{hour},web,inbound,browse,,\n");
            rows.interactions.push((looked, line));
        }
    }
}

fn complaints(dice: &mut Dice, person: &Person, orders: &[Order], rows: &mut Rows) {
    for order in orders {
        let more = if order.category == "machines" { 4 } else { 1 };
        if !dice.chance(person.complains * more) {
            continue;
        }
        let opened = later(order.day, dice.between(1, 12));
        if opened > end() {
            continue;
        }
        let topic = match order.category {
            "machines" => "machine",
            _ => dice.weighted(&[("delivery", 50), ("coffee", 20), ("billing", 30)]),
        };
        let slow = if topic == "machine" { 3 } else { 1 };
        let resolved = later(opened, dice.between(0, 5) * slow);
        let settled = resolved <= end() && dice.chance(960);
        let resolved_text = if settled {
            resolved.to_string()
        } else {
            String::new()
        };
        let id = person.id;
        rows.complaints
            .push((opened, format!("{id},{opened},{topic},{resolved_text}\n")));
        question(dice, person, opened, "claim", rows);
        if settled && person.may_ask && dice.chance(400) {
            let asked = later(resolved, 3);
            let answer = dice.weighted(&[(2, 10), (3, 20), (4, 25), (5, 25), (6, 20)]);
            rows.answer(id, asked, "ces", topic, answer);
        }
    }
}

/// Letters, catalogues, and the calls of the account managers.
fn outreach(dice: &mut Dice, person: &Person, until: Day, rows: &mut Rows) {
    let id = person.id;
    for on in ["2023-11-10", "2024-11-08", "2025-11-07"].map(day) {
        let known = person.joined < on && person.may_email == Some(true) && !person.leave_alone;
        if known && dice.chance(900) {
            let seconds = dice
                .chance(80)
                .then(|| dice.between(600, 90_000).to_string());
            let seconds = seconds.unwrap_or_default();
            rows.interactions.push((
                on,
                format!("{id},{on},10,email,outbound,season letter,{seconds},\n"),
            ));
            rows.cost(id, on, 4, "marketing");
        }
    }
    // The catalogue goes to everybody who was ever a customer.
    for on in ["2024-03-01", "2024-09-02", "2025-03-03", "2025-09-01"].map(day) {
        if person.joined < on && dice.chance(350) {
            rows.cost(id, on, 380, "marketing");
            // Some were booked by both of the people who had ordered the print.
            if dice.chance(18) {
                rows.cost(id, on, 380, "marketing");
            }
        }
    }
    if person.business
        && person.basket > 14_000
        && person.may_phone == Some(true)
        && !person.leave_alone
    {
        let mut on = later(person.joined, 30 + dice.below(60));
        while on <= until {
            let (hour, minutes) = (dice.between(9, 16), dice.between(8, 20));
            let seconds = dice
                .chance(300)
                .then(|| dice.between(3_600, 400_000).to_string());
            let seconds = seconds.unwrap_or_default();
            let line = format!("{id},{on},{hour},phone,outbound,care call,{seconds},{minutes}\n");
            rows.interactions.push((on, line));
            on = later(on, 60 + dice.below(50));
        }
    }
}

/// Visits of a technician to those who have a machine, or an account manager to the large ones.
fn repairs(dice: &mut Dice, person: &Person, orders: &[Order], rows: &mut Rows) {
    let Some(machine) = orders.iter().find(|order| order.category == "machines") else {
        return;
    };
    let every = match (person.complains > 50, person.business) {
        (true, true) => 60,
        (true, false) => 240,
        (false, true) => 260,
        (false, false) => 900,
    };
    let mut on = later(machine.day, dice.gap(every));
    while on <= end() {
        rows.cost(person.id, on, dice.between(55, 110) * 100, "service_staff");
        on = later(on, dice.gap(every));
    }
}

/// Who is asked what they think, and answers.
fn opinions(dice: &mut Dice, person: &Person, orders: &[Order], until: Day, rows: &mut Rows) {
    if !person.may_ask {
        return;
    }
    let id = person.id;
    let angry = person.complains > 50;
    for on in ["2024-03-15", "2024-09-16", "2025-03-17", "2025-09-15"].map(day) {
        if on < person.joined || on > until || !dice.chance(330) {
            continue;
        }
        rows.cost(id, on, 60, "survey");
        let answer = match angry {
            true => dice.weighted(&[(2, 10), (4, 15), (5, 20), (6, 20), (7, 20), (8, 10), (9, 5)]),
            false => dice.weighted(&[(4, 3), (6, 9), (7, 16), (8, 26), (9, 24), (10, 22)]),
        };
        rows.answer(id, later(on, dice.below(8)), "nps", "", answer);
    }
    for order in orders {
        let on = later(order.day, 7);
        if on > end() || !dice.chance(if person.business { 50 } else { 110 }) {
            continue;
        }
        let topic = match order.category {
            "machines" => "machine",
            "service" => continue,
            _ => dice.pick(&["delivery", "coffee"]),
        };
        let answer = match (topic, angry) {
            ("machine", _) => dice.weighted(&[(1, 20), (2, 25), (3, 25), (4, 20), (5, 10)]),
            (_, true) => dice.weighted(&[(1, 10), (2, 20), (3, 30), (4, 25), (5, 15)]),
            _ => dice.weighted(&[(2, 5), (3, 15), (4, 40), (5, 40)]),
        };
        rows.answer(id, on, "csat", topic, answer);
    }
}

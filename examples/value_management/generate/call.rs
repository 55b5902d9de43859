//! The autumn call: an experiment of which the true effect is known.

use customer_value::model::CustomerId;
use customer_value::report::effect::{Arm, assign};

use super::care::question;
use super::dice::{Dice, later};
use super::people::Person;
use super::sales::Order;
use super::{ACTION, Rows, day, end};

/// The name of the experiment, and which part of those who were at risk were not called.
pub const NAME: &str = "autumn call";
pub const CONTROL_SHARE: f64 = 0.4;

/// What the call did to those who were in the experiment, in the mean of all of them: what would be measured if everybody could be
/// both called and not called.
#[derive(Default)]
pub struct Truth {
    pub customers: u64,
    pub bought_more: u64,
    /// Cents.
    pub margin: i64,
    pub cost: i64,
    /// Who was asked for their satisfaction and answered, and by how many points they were more satisfied.
    pub answered: u64,
    pub points: u64,
    /// What everybody can see: how many of those who were called bought, of how many; and of those who were not.
    pub seen: [(u64, u64); 2],
}

impl Truth {
    /// What the example is to find out: repurchase, margin, cost and satisfaction, per customer.
    pub fn effects(&self) -> [f64; 4] {
        let per = |sum: f64, customers: u64| sum / customers.max(1) as f64;
        [
            per(self.bought_more as f64, self.customers),
            per(self.margin as f64 / 100.0, self.customers),
            per(self.cost as f64 / 100.0, self.customers),
            per(self.points as f64, self.answered),
        ]
    }

    pub fn text(&self) -> String {
        let [repurchase, margin, cost, satisfaction] = self.effects();
        format!(
            "the true effect of the {NAME} on {} customers: repurchase {repurchase:.4}, margin {margin:.2}, cost {cost:.2}, satisfaction {satisfaction:.3}\n",
            self.customers
        )
    }
}

/// Who is in the experiment: bought twice, and for 92 to 260 days before the call no more; may be called.
fn at_risk(person: &Person, orders: &[Order]) -> bool {
    let before = day(ACTION);
    let mut kept = orders
        .iter()
        .filter(|order| order.is_kept() && order.day < before);
    let Some(last) = kept.next_back() else {
        return false;
    };
    let silent = (before - last.day).get();
    let again = kept.any(|order| order.day != last.day);
    again && (92..=260).contains(&silent) && person.may_phone == Some(true) && !person.leave_alone
}

/// What the call did with a customer; gives the group.
pub fn call(
    seed: u64,
    person: &Person,
    orders: &mut Vec<Order>,
    rows: &mut Rows,
    truth: &mut Truth,
) -> Option<bool> {
    if !at_risk(person, orders) {
        return None;
    }
    let id = CustomerId::from(person.id);
    let called = assign(&id, NAME, CONTROL_SHARE) == Arm::Treated;
    let action = day(ACTION);
    let mut dice = Dice::new(seed, person.id, 9);
    // Drawn for everybody, also for who was not called: only so the true effect is known.
    let order = dice.chance(340).then(|| {
        let on = later(action, dice.between(2, 40));
        let mut order = Order::new(&mut dice, person, on);
        order.back = None;
        order
    });
    let voucher = dice.chance(150).then_some(900);
    let asks_back = dice.chance(300);
    let asked = person.may_ask && dice.chance(650);
    let answer = dice.weighted(&[(1, 8), (2, 17), (3, 35), (4, 30), (5, 10)]);
    let better = u64::from(answer < 5 && dice.chance(500));

    let bought = orders
        .iter()
        .any(|order| order.is_kept() && order.day >= action);
    truth.customers += 1;
    let (hits, all) = &mut truth.seen[usize::from(!called)];
    *all += 1;
    *hits += u64::from(bought || called && order.is_some());
    if let Some(order) = &order {
        truth.bought_more += u64::from(!bought);
        truth.margin += order.amount as i64 - order.cost as i64;
    }
    truth.cost += voucher.unwrap_or(0) as i64;
    truth.answered += u64::from(asked);
    truth.points += u64::from(asked) * better;

    if asked {
        let answer = answer + if called { better } else { 0 };
        rows.answer(
            person.id,
            later(action, dice.between(60, 75)),
            "csat",
            "service",
            answer,
        );
    }
    if called {
        let minutes = dice.between(4, 12);
        rows.interactions.push((
            action,
            format!(
                "{},{action},11,phone,outbound,{NAME},,{minutes}\n",
                person.id
            ),
        ));
        rows.attempts.push((
            action,
            format!("{},{action},uplift,call,{NAME},phone,6.50\n", person.id),
        ));
        if let Some(cents) = voucher {
            rows.cost(
                person.id,
                later(action, dice.between(1, 20)),
                cents,
                "voucher",
            );
        }
        if asks_back {
            let on = later(action, dice.between(1, 30)).min(end());
            question(&mut dice, person, on, "question", rows);
        }
        if let Some(order) = order {
            let place = orders.partition_point(|other| other.day <= order.day);
            orders.insert(place, order);
        }
    }
    Some(called)
}

/// Offers to those who had left, a year before.
pub fn win_back(seed: u64, person: &Person, orders: &[Order], rows: &mut Rows) {
    let on = day("2025-04-14");
    let Some(last) = orders.iter().rfind(|order| order.day < on) else {
        return;
    };
    let mut dice = Dice::new(seed, person.id, 10);
    let silent = (on - last.day).get();
    if silent < 240 || person.may_email != Some(true) || person.leave_alone || !dice.chance(500) {
        return;
    }
    let id = person.id;
    rows.attempts.push((
        on,
        format!("{id},{on},win_back,offer,come back,email,0.40\n"),
    ));
    rows.interactions
        .push((on, format!("{id},{on},9,email,outbound,come back,,\n")));
}

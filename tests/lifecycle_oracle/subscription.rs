//! A simulated base of subscribers: who pays monthly, misses payments, cancels and comes back, over three years.
//!
//! Always the same customers, by a small generator of its own.

use super::calendar::{Date, day, plus};
use super::customer::{Change, Customer, Purchase, Value};

pub const FIRST: &str = "2021-01-01";
pub const LAST: &str = "2023-12-31";

/// splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> i64 {
        i64::try_from(self.roll() % n).unwrap()
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

fn change(day: Date, name: &str, value: Option<Value>) -> Change {
    Change {
        day,
        name: name.to_owned(),
        value,
    }
}

/// A life: sign-up, a trial, payments every 30 days with what comes between.
fn life(dice: &mut Dice) -> Customer {
    let mut customer = Customer::default();
    let last = day(LAST);
    let mut today = plus(day(FIRST), dice.below(700));
    let fee = [990, 1990, 4990][usize::try_from(dice.below(3)).unwrap()];
    let signed_up = today;
    customer
        .changes
        .push(change(today, "signed_up", Some(Value::Date(today))));
    if dice.one_in(3) {
        // Somebody of sales talked to them now and then.
        let mut talk = today;
        while talk <= last {
            customer
                .changes
                .push(change(talk, "last_contact", Some(Value::Date(talk))));
            talk = plus(talk, 20 + dice.below(150));
        }
    }
    today = plus(today, dice.below(30));
    if dice.one_in(8) {
        return customer; // Never pays.
    }
    while today <= last {
        customer.purchases.push(Purchase {
            day: today,
            cents: if dice.one_in(40) { 0 } else { fee },
        });
        if dice.one_in(10) {
            // Something extra, perhaps on the same day.
            let extra = plus(today, dice.below(4));
            if extra <= last {
                customer.purchases.push(Purchase {
                    day: extra,
                    cents: 100 + dice.below(5000),
                });
            }
        }
        if dice.one_in(25) {
            let cancelled = plus(today, dice.below(40));
            customer
                .changes
                .push(change(cancelled, "cancelled", Some(Value::Flag(true))));
            if dice.one_in(2) {
                break;
            }
            today = plus(cancelled, 10 + dice.below(300));
            let value = if dice.one_in(2) {
                Some(Value::Flag(false))
            } else {
                None // Nothing is known any more.
            };
            customer.changes.push(change(today, "cancelled", value));
            continue;
        }
        today = plus(
            today,
            match dice.below(20) {
                0..=14 => 30,
                15 => 29 + dice.below(5),
                16 => 31 + dice.below(20), // Late.
                17 => 60,
                18 => 45 + dice.below(60),
                _ => 90 + dice.below(150),
            },
        );
    }
    for _ in 0..dice.below(5) {
        let on = plus(day(FIRST), dice.below(1095));
        let purpose = if dice.one_in(4) { "win_back" } else { "uplift" };
        customer.attempts.push((on, purpose.to_owned()));
    }
    if dice.one_in(3) {
        // A hold that comes and goes.
        let (mut on, mut held) = (day(FIRST), false);
        while on <= last {
            customer
                .changes
                .push(change(on, "legal_hold", Some(Value::Flag(held))));
            on = plus(on, 10 + dice.below(90));
            held = !held;
        }
    } else if !dice.one_in(6) {
        customer
            .changes
            .push(change(day(FIRST), "legal_hold", Some(Value::Flag(false))));
    }
    #[allow(clippy::cast_precision_loss)]
    let cost = Value::Number(dice.below(8000) as f64 / 100.0);
    customer
        .changes
        .push(change(signed_up, "cost_to_serve", Some(cost)));
    customer
}

/// So many customers; the first of them are the same whatever the number.
pub fn customers(number: usize) -> Vec<Customer> {
    let mut dice = Dice(20_240_105);
    (0..number).map(|_| life(&mut dice)).collect()
}

/// Every transition is timed or has conditions on both of its ends somewhere.
pub const POLICY: &str = r#"
[head]
name = "subscription"
version = "1"
currency = "EUR"

[attributes]
signed_up = { type = "date" }
last_contact = { type = "date" }
cancelled = { type = "flag" }
legal_hold = { type = "flag" }
cost_to_serve = { type = "number", unit = "money" }

[[metrics]]
name = "spend_6m"
measure = "spend"
window = "180 days"

[lifecycle]
start = "trial"
moves = 4

[[lifecycle.stages]]
name = "trial"
on_leave = ["end_trial"]

[[lifecycle.stages]]
name = "active"
rank = 2
enter = "cancelled is missing or not cancelled"
on_enter = ["send_welcome"]

[[lifecycle.stages]]
name = "past_due"
rank = 1
on_enter = ["send_reminder"]

[[lifecycle.stages]]
name = "paused"
leave = "last_gap is missing or last_gap >= 2"

[[lifecycle.stages]]
name = "cancelled"
on_enter = ["close_account"]

[[lifecycle.stages]]
name = "reactivated"
rank = 3
enter = "active_days >= 2"

[[lifecycle.transitions]]
from = ["trial"]
to = "active"
when = "active_days >= 1 and days_since_last < 31"
since = "first_purchase"

[[lifecycle.transitions]]
from = ["trial"]
to = "cancelled"
after = "45 days"

[[lifecycle.transitions]]
from = "active"
to = "past_due"
quiet = { column = "last_purchase", days = "31 days" }

[[lifecycle.transitions]]
from = ["active", "reactivated"]
to = "paused"
after = "30 days"
quiet = { column = "last_contact", days = "120 days" }
when = "days_since_last between 20 and 30"
since = "last_purchase + 25 days"

[[lifecycle.transitions]]
from = ["past_due"]
to = "active"
when = "days_since_last < 31"
since = "last_purchase"
actions = ["thank"]

[[lifecycle.transitions]]
from = ["past_due", "paused"]
to = "cancelled"
after = "14 days"
quiet = { column = "last_contact", days = "5 days" }
actions = ["send_farewell"]

[[lifecycle.transitions]]
from = "any"
to = "cancelled"
when = "cancelled"
priority = 10

[[lifecycle.transitions]]
from = ["cancelled"]
to = "reactivated"
when = "days_since_last <= 20 and last_gap > 20"
since = "last_purchase"

[[lifecycle.transitions]]
from = ["reactivated"]
to = "active"
after = "60 days"

[[lifecycle.transitions]]
from = ["reactivated"]
to = "cancelled"
quiet = { column = "last_purchase", days = "40 days" }
priority = -1

[churn]
recent = "90 days"
baseline = "365 days"
methods = [
    { by = "lapse_share", min_active_days = 4, at_risk = 0.8, lost = 1 },
    { by = "churn_factor", min_active_days = 3, cooling = 1.2, at_risk = 2, highly_at_risk = 3, lost = 5 },
    { by = "gap_percentile", min_active_days = 2, at_risk = 50 },
    { by = "days_since_last", cooling = 60, at_risk = 120, highly_at_risk = 180, lost = 240 },
]

[exit]
below = "spend_6m < 60 and cost_to_serve > 30"
at_least = "60 days"
attempts = 1
interval = "45 days"
notice = "20 days"
avoidable_cost = "cost_to_serve"
steps = [
    { name = "reassess" },
    { name = "educate", notice = "0 days" },
    { name = "renegotiate", notice = "45 days" },
    { name = "migrate", channel = "self_service", avoids = 0.6 },
    { name = "end", avoids = 1, ends_service = true },
]
gates = [
    { name = "legal hold", closed = "legal_hold" },
    { name = "signed up lately", closed = "signed_up >= 2022-09-01", from = "migrate" },
]

[[tiers]]
name = "everybody"
"#;

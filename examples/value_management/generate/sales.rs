//! What customers order and send back.

use customer_value::model::{Day, Days};

use super::dice::{Dice, later};
use super::end;
use super::people::Person;

/// How much is ordered in a month, of 145 in December.
const SEASON: [u64; 12] = [85, 90, 95, 95, 90, 80, 65, 60, 95, 105, 130, 145];
/// Categories, how often they are ordered, and their price as a percentage of the usual order.
const HOUSEHOLD: [((&str, u64), u64); 4] = [
    (("beans", 100), 58),
    (("capsules", 85), 28),
    (("accessories", 70), 9),
    (("machines", 520), 5),
];
const BUSINESS: [((&str, u64), u64); 4] = [
    (("beans", 100), 72),
    (("service", 60), 12),
    (("accessories", 40), 11),
    (("machines", 380), 5),
];

/// An order, with what of it was sent back.
#[derive(Clone)]
pub struct Order {
    pub customer: u64,
    pub day: Day,
    pub hour: u64,
    /// Cents, after the discount.
    pub amount: u64,
    pub discount: u64,
    pub cost: u64,
    pub category: &'static str,
    pub channel: &'static str,
    pub back: Option<Back>,
}

/// What was sent back of an order.
#[derive(Clone)]
pub struct Back {
    pub day: Day,
    pub amount: u64,
    /// What of the cost of goods is worth something again.
    pub cost: u64,
}

impl Order {
    /// Whether the order was not sent back in full up to the end.
    pub fn is_kept(&self) -> bool {
        self.back
            .as_ref()
            .is_none_or(|back| back.amount < self.amount)
    }

    /// One order of a customer on a day.
    pub fn new(dice: &mut Dice, person: &Person, day: Day) -> Self {
        let (category, percent) = dice.weighted(match person.business {
            true => &BUSINESS,
            false => &HOUSEHOLD,
        });
        let list = person.basket * percent / 100 * dice.between(75, 130) / 100;
        let list = list / 10 * 10;
        let off = match (person.business, person.basket > 12_000) {
            (true, true) => dice.between(5, 12),
            (true, false) => 0,
            (false, _) if dice.chance(180) => dice.pick(&[10, 15, 20]),
            (false, _) => 0,
        };
        let discount = list * off / 100;
        let share = match category {
            "service" => dice.between(30, 40),
            "machines" => dice.between(68, 76),
            _ => dice.between(54, 62),
        };
        let amount = list - discount;
        let cost = list * share / 100;
        let returned = !matches!(category, "service") && dice.chance(person.returns);
        let back = returned.then(|| {
            let all = dice.chance(700);
            let part = if all { 100 } else { dice.between(30, 60) };
            Back {
                day: later(day, dice.between(3, 20)),
                amount: amount * part / 100,
                cost: cost * part / 100 * 6 / 10,
            }
        });
        let hour = match person.business {
            true => dice.weighted(&[(8, 15), (9, 30), (10, 25), (11, 12), (14, 12), (16, 6)]),
            false => dice.weighted(&[
                (7, 5),
                (12, 10),
                (18, 15),
                (19, 22),
                (20, 28),
                (21, 15),
                (22, 5),
            ]),
        };
        Self {
            customer: person.id,
            day,
            hour,
            amount,
            discount,
            cost,
            category,
            channel: match person.business {
                true => dice.weighted(&[("web", 45), ("phone", 35), ("field", 20)]),
                false => dice.weighted(&[("web", 70), ("shop", 25), ("phone", 5)]),
            },
            back: back.filter(|back| back.day <= end() && back.amount > 0),
        }
    }
}

/// All orders of a customer that nobody asked for.
pub fn orders(seed: u64, person: &Person) -> Vec<Order> {
    let mut dice = Dice::new(seed, person.id, 2);
    let mut orders = vec![Order::new(&mut dice, person, person.joined)];
    let mut day = person.joined;
    loop {
        if dice.chance(person.leaves) {
            return orders;
        }
        day = later(day, dice.gap(person.gap));
        if day > end() {
            return orders;
        }
        // Offices are closed at the weekend: the order of a Saturday is that of the Friday.
        if person.business {
            let since_monday = (day - super::day("2023-01-02")).get() % 7;
            day = day.minus(Days::new((since_monday - 4).max(0)));
        }
        if dice.below(145) < SEASON[day.month() as usize - 1] {
            orders.push(Order::new(&mut dice, person, day));
        }
    }
}

//! Who the customers of the company are.

use customer_value::model::{Day, Days};

use super::dice::{Dice, later};
use super::{FIRST, day, end};

/// A customer, with the habits that nobody at the company knows.
pub struct Person {
    pub id: u64,
    pub business: bool,
    pub industry: &'static str,
    pub region: &'static str,
    pub employees: Option<u64>,
    pub may_phone: Option<bool>,
    pub may_email: Option<bool>,
    pub may_ask: bool,
    pub leave_alone: bool,
    pub birthday: Option<Day>,
    pub renewal: Option<Day>,
    /// By whom, if the customer was referred.
    pub referrer: Option<u64>,
    /// The day of the first order.
    pub joined: Day,
    /// What a usual order comes to, in cents.
    pub basket: u64,
    /// Days between orders, in the mean and out of season.
    pub gap: u64,
    /// Chances of a thousand: to leave after an order, to send something back, to have something to complain about.
    pub leaves: u64,
    pub returns: u64,
    pub complains: u64,
    /// Days between questions to the service desk, in the mean.
    pub asks_every: u64,
}

impl Person {
    /// The customer of a number; `number` of those who came before may have referred them.
    pub fn new(seed: u64, id: u64, number: u64) -> Self {
        let mut dice = Dice::new(seed, id, 1);
        let business = dice.chance(260);
        let size = dice.power_law();
        // Of ten customers seven were there in the first year.
        let days = (end() - day(FIRST)).get() as u64;
        let joined = match dice.chance(700) {
            true => later(day(FIRST), dice.below(days * 2 / 5)),
            false => later(day(FIRST), dice.below(days - 20)),
        };
        let demanding = dice.chance(130);
        let sends_back = dice.chance(if business { 60 } else { 160 });
        let region = dice.weighted(&[("north", 35), ("south", 30), ("west", 25), ("east", 10)]);
        let (industry, employees, basket, gap) = if business {
            let industry = dice.weighted(&[
                ("office", 50),
                ("hotel", 15),
                ("cafe", 15),
                ("health", 10),
                ("school", 10),
            ]);
            let employees = 3 + size / 20 + dice.below(10);
            (industry, Some(employees), 4_500 + size * 9, 34)
        } else {
            ("household", None, 2_800 + size.min(4_000) * 3 / 2, 74)
        };
        let birthday =
            (!business && dice.chance(450)).then(|| later(day("1950-01-01"), dice.below(53 * 365)));
        let renewal = (business && dice.chance(600))
            .then(|| later(end().minus(Days::new(60)), dice.below(365)));
        Self {
            id,
            business,
            industry,
            region,
            employees,
            may_phone: dice.weighted(&[(Some(true), 72), (Some(false), 18), (None, 10)]),
            may_email: dice.weighted(&[(Some(true), 80), (Some(false), 12), (None, 8)]),
            may_ask: dice.chance(750),
            leave_alone: dice.chance(12),
            birthday,
            renewal,
            referrer: (number > 60 && dice.chance(300)).then(|| {
                // Some talk about it more than others.
                let loud = dice.below(number / 12) * 12;
                let anybody = dice.below(number);
                super::FIRST_ID + if dice.chance(600) { loud } else { anybody }
            }),
            joined,
            basket,
            gap: gap * dice.between(60, 160) / 100,
            leaves: if business { 18 } else { 75 },
            returns: if sends_back { 330 } else { 22 },
            complains: if demanding { 90 } else { 18 },
            asks_every: match (demanding, business) {
                (true, true) => 9,
                (true, false) => 24,
                (false, true) => 160,
                (false, false) => 330,
            },
        }
    }

    /// The line of `customers.csv`; `called` is the group in the autumn call.
    pub fn line(&self, called: Option<bool>) -> String {
        let flag = |known: Option<bool>| known.map_or("", |yes| if yes { "yes" } else { "no" });
        let text = |value: Option<String>| value.unwrap_or_default();
        format!(
            "{},{},{},{},{},{},{},{},{},{},{},{}\n",
            self.id,
            if self.business {
                "business"
            } else {
                "household"
            },
            if self.business { self.industry } else { "" },
            self.region,
            text(self.employees.map(|n| n.to_string())),
            flag(self.may_phone),
            flag(self.may_email),
            flag(Some(self.may_ask)),
            flag(Some(self.leave_alone)),
            text(self.birthday.map(|d| d.to_string())),
            text(self.renewal.map(|d| d.to_string())),
            flag(called),
        )
    }
}

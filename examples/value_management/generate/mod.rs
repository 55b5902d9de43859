//! The company of the example, made by chance: Beanworks, who sell coffee, machines and their service to offices and households.
//!
//! Nothing in it is measured: habits, prices and the effect of the autumn call are inventions that look like a company. The same
//! seed gives the same bytes on every machine, for nothing but whole numbers is in it.

mod call;
mod care;
mod dice;
mod people;
mod sales;

use std::fmt::Write as _;

use customer_value::model::Day;

pub use call::Truth;
use people::Person;
use sales::Order;

/// The seed of the bundled files.
pub const SEED: u64 = 2_026;
/// The first day with an order, the last day of all, and that of the autumn call.
pub const FIRST: &str = "2023-07-01";
pub const LAST: &str = "2025-12-31";
pub const ACTION: &str = "2025-10-01";
const CUSTOMERS: u64 = 1_200;
const FIRST_ID: u64 = 1_001;

fn day(text: &str) -> Day {
    text.parse().expect("a day of the generator")
}

fn end() -> Day {
    day(LAST)
}

/// The files, each a name and what is in it, and the true effect of the autumn call.
pub struct Company {
    pub files: Vec<(&'static str, String)>,
    pub truth: Truth,
}

/// Lines of the files, each with its day.
#[derive(Default)]
struct Rows {
    interactions: Vec<(Day, String)>,
    costs: Vec<(Day, String)>,
    answers: Vec<(Day, String)>,
    complaints: Vec<(Day, String)>,
    attempts: Vec<(Day, String)>,
    referrals: Vec<(Day, String)>,
}

impl Rows {
    fn cost(&mut self, customer: u64, on: Day, cents: u64, category: &str) {
        let line = format!("{customer},{on},{},{category}\n", money(cents));
        self.costs.push((on, line));
    }

    fn answer(&mut self, customer: u64, on: Day, instrument: &str, topic: &str, answer: u64) {
        if on <= end() {
            let line = format!("{customer},{on},{instrument},{topic},{answer}\n");
            self.answers.push((on, line));
        }
    }
}

fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

impl Company {
    pub fn new(seed: u64) -> Self {
        let mut rows = Rows::default();
        let mut truth = Truth::default();
        let mut orders = Vec::new();
        let mut customers = "customer,kind,industry,region,employees,may_phone,may_email,may_ask,leave_alone,birthday,renewal,autumn_call\n".to_owned();
        let people: Vec<Person> = (0..CUSTOMERS)
            .map(|number| Person::new(seed, FIRST_ID + number, number))
            .collect();
        for person in &people {
            let mut own = sales::orders(seed, person);
            care::care(seed, person, &own, &mut rows);
            call::win_back(seed, person, &own, &mut rows);
            let called = call::call(seed, person, &mut own, &mut rows, &mut truth);
            customers.push_str(&person.line(called));
            if let Some(referrer) = person.referrer {
                // Nobody is referred by who came later.
                let known = &people[(referrer - FIRST_ID) as usize];
                if known.joined < person.joined {
                    let line = format!("{referrer},{},{},\n", person.id, person.joined);
                    rows.referrals.push((person.joined, line));
                }
            }
            orders.extend(own);
        }
        for (place, lines) in [
            (&mut rows.interactions, MISTAKES.interactions),
            (&mut rows.costs, MISTAKES.costs),
            (&mut rows.answers, MISTAKES.answers),
            (&mut rows.complaints, MISTAKES.complaints),
            (&mut rows.referrals, MISTAKES.referrals),
        ] {
            place.extend(
                lines
                    .iter()
                    .map(|(on, line)| (day(on), format!("{line}\n"))),
            );
        }
        let files = vec![
            ("customers.csv", customers),
            ("transactions.csv", transactions(orders)),
            (
                "service_costs.csv",
                file("customer,date,amount,category", rows.costs),
            ),
            (
                "interactions.csv",
                file(
                    "customer,date,hour,channel,direction,kind,latency_seconds,minutes",
                    rows.interactions,
                ),
            ),
            (
                "survey_answers.csv",
                file("customer,date,instrument,topic,answer", rows.answers),
            ),
            (
                "complaints.csv",
                file("customer,opened,topic,resolved", rows.complaints),
            ),
            (
                "referrals.csv",
                file("referrer,referee,date,kind", rows.referrals),
            ),
            (
                "attempts.csv",
                file(
                    "customer,date,purpose,kind,offer,channel,cost",
                    rows.attempts,
                ),
            ),
        ];
        Self { files, truth }
    }
}

/// In the order of the days, as a till and a desk write them down.
fn file(header: &str, mut lines: Vec<(Day, String)>) -> String {
    lines.sort_by_key(|(on, _)| *on);
    let mut text = format!("{header}\n");
    text.extend(lines.into_iter().map(|(_, line)| line));
    text
}

fn transactions(mut orders: Vec<Order>) -> String {
    orders.sort_by_key(|order| (order.day, order.hour, order.customer));
    let mut lines = Vec::new();
    for (number, order) in (1..).zip(&orders) {
        let Order {
            customer,
            day,
            hour,
            category,
            channel,
            ..
        } = order;
        let discount = match order.discount {
            0 => String::new(),
            cents => money(cents),
        };
        let (amount, cost) = (money(order.amount), money(order.cost));
        let line = format!(
            "T{number:05},{customer},{day},{hour},purchase,,{amount},{discount},{cost},{category},{channel}\n"
        );
        // The till sends what it is not sure to have sent once more.
        let times = if number % 2_311 == 7 { 2 } else { 1 };
        lines.extend(std::iter::repeat_n((*day, line), times));
        if let Some(back) = &order.back {
            let mut line = format!(
                "R{number:05},{customer},{},14,refund,T{number:05},",
                back.day
            );
            let (amount, cost) = (money(back.amount), money(back.cost));
            let _ = writeln!(line, "{amount},,{cost},{category},{channel}");
            lines.push((back.day, line));
        }
    }
    let mistakes = MISTAKES.transactions.iter();
    lines.extend(mistakes.map(|(on, line)| (day(on), format!("{line}\n"))));
    file(
        "id,customer,date,hour,kind,refund_of,amount,discount,cost,category,channel",
        lines,
    )
}

/// Lines as people and programs get them wrong, and where they stand.
struct Mistakes {
    transactions: &'static [(&'static str, &'static str)],
    interactions: &'static [(&'static str, &'static str)],
    costs: &'static [(&'static str, &'static str)],
    answers: &'static [(&'static str, &'static str)],
    complaints: &'static [(&'static str, &'static str)],
    referrals: &'static [(&'static str, &'static str)],
}

const MISTAKES: Mistakes = Mistakes {
    transactions: &[
        (
            "2024-02-29",
            "X1,1010,2024-02-30,9,purchase,,45.00,,26.00,beans,web",
        ),
        (
            "2024-06-03",
            "X2,,2024-06-03,10,purchase,,120.00,,70.00,beans,phone",
        ),
        (
            "2024-11-20",
            "X3,1033,2024-11-20,14,refund,T99999,38.50,,,beans,web",
        ),
        (
            "2025-01-13",
            "X4,1071,2025-01-13,19,purchase,,\"39,90\",,22.00,capsules,web",
        ),
        (
            "2025-05-05",
            "X5,1102,2025-05-05,25,purchase,,61.00,,35.00,beans,shop",
        ),
        (
            "2025-08-18",
            "X6,1120,2052-08-18,9,purchase,,88.00,,50.00,beans,web",
        ),
    ],
    interactions: &[
        ("2024-04-11", "1044,2024-04-11,11,fax,sideways,question,,4"),
        (
            "2025-02-20",
            "1201,2025-02-20,31,phone,inbound,question,120,6",
        ),
    ],
    costs: &[
        ("2024-07-01", "1018,2024-07-01,-12.00,marketing"),
        ("2025-03-10", "1018,2025-03-10,9x.00,service_staff"),
    ],
    answers: &[
        ("2024-09-18", "1099,2024-09-18,nps,,11"),
        ("2025-06-30", "1133,2025-06-30,stars,coffee,4"),
    ],
    complaints: &[("2025-04-22", "1150,2025-04-22,billing,2025-04-02")],
    referrals: &[("2024-10-08", "1061,1061,2024-10-08,")],
};

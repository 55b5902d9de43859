//! Random policies and random histories.

use proptest::prelude::*;
use proptest::sample::select;

use crate::movement_oracle::{
    Award, Customer, Date, Override, OverrideKind, Purchase, Refund, day, plus,
};

/// A policy, and what may happen to its customers.
#[derive(Debug, Clone)]
pub struct Drawn {
    pub movement: Vec<(&'static str, String)>,
    pub tiers: String,
    /// The metric is one of points.
    pub points: bool,
}

impl Drawn {
    pub fn text(&self) -> String {
        let movement: Vec<String> = (self.movement.iter())
            .map(|(key, value)| format!("{key} = {value}\n"))
            .collect();
        let points = if self.points {
            "[[points]]\nname = \"status\"\nrules = [\n    { name = \"given\", points = 50, repeat = \"every\" },\n]\n"
        } else {
            ""
        };
        format!(
            "[head]\nname = \"drawn\"\nversion = \"1\"\ncurrency = \"EUR\"\n\n[movement]\n{}\n{points}{}",
            movement.concat(),
            self.tiers
        )
    }

    pub fn has(&self, key: &str, part: &str) -> bool {
        self.movement
            .iter()
            .any(|(k, v)| *k == key && v.contains(part))
    }

    /// Every day that is looked at is a review.
    pub fn always(&self) -> bool {
        self.has("review", "always") || !self.has("term", "") && !self.has("review", "")
    }

    pub fn without(mut self, key: &str) -> Self {
        self.movement.retain(|(k, _)| *k != key);
        self
    }
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    select(texts).prop_map(|text| (!text.is_empty()).then(|| text.to_owned()))
}

const WINDOWS: &[&str] = &[
    r#"window = "lifetime""#,
    r#"window = "10 days""#,
    r#"window = "45 days""#,
    r#"window = "180 days""#,
    r#"window = "365 days""#,
    r#"window = "this week""#,
    r#"window = "this month""#,
    r#"window = "this quarter""#,
    r#"window = "this year""#,
    r#"window = "last month""#,
    r#"window = "last quarter""#,
    r#"window = "2 months ago""#,
    r#"window = "2023-02-01..2024-02-01""#,
    r#"anchor = "enrolment""#,
    r#"anchor = "enrolment", length = "3 months""#,
    r#"anchor = { cycle = "2023-01-31" }, length = "1 month""#,
    r#"anchor = { cycle = "2023-05-01" }"#,
    r#"anchor = "tier_start""#,
    r#"anchor = "last_change""#,
    r#"anchor = "last_change", length = "100 days""#,
    r#"anchor = "last_review""#,
    r#"anchor = "term""#,
    r#"anchor = "term", length = "2 months""#,
];

const TERMS: &[&str] = &[
    "",
    r#"{ length = "30 days" }"#,
    r#"{ length = "6 months" }"#,
    r#"{ length = "12 months", round = "month" }"#,
    r#"{ length = "50 days", round = "quarter" }"#,
    r#"{ length = "3 months", anniversary = "enrolment" }"#,
    r#"{ end_of = "month" }"#,
    r#"{ end_of = "quarter", next = true }"#,
    r#"{ end_of = "year" }"#,
    r#"{ end_of = "year", next = true }"#,
    r#"{ dates = ["04-01", "10-15"] }"#,
    r#"{ anniversary = "enrolment" }"#,
];

const AFTER: &[&str] = &[
    "",
    "",
    r#""kept""#,
    r#""reset""#,
    "{ reduced = { cap = 500 } }",
    "{ reduced = { cap = 0 } }",
    "{ reduced = {} }",
    r#"{ half_life = "90 days" }"#,
];

const TIERS: &[&str] = &[
    "[[tiers]]\nname = \"gold\"\nentry = 1000\nkeep = 800\n\n[[tiers]]\nname = \"silver\"\nentry = 400\nkeep = 300\n\n[[tiers]]\nname = \"member\"\n",
    "[[tiers]]\nname = \"platinum\"\nentry = 1500\n\n[[tiers]]\nname = \"gold\"\nentry = 900\nkeep = 200\n\n[[tiers]]\nname = \"silver\"\nentry = 300\nkeep = 300\n\n[[tiers]]\nname = \"member\"\n",
    "[[tiers]]\nname = \"gold\"\nentry = 800\nkeep = 0\n\n[[tiers]]\nname = \"silver\"\nentry = 250\ndowngradable = false\n\n[[tiers]]\nname = \"member\"\n",
];

/// Conditions on other metrics: of such as change with a record only.
const MORE_TIERS: &[&str] = &[
    "[[tiers]]\nname = \"gold\"\nentry = 1000\nkeep = 500\nwhen = \"active_days >= 3\"\n\n[[tiers]]\nname = \"silver\"\nentry = 400\nkeep = 100\n\n[[tiers]]\nname = \"member\"\n",
    "[[tiers]]\nname = \"gold\"\nentry = 700\nkeep = 500\nkeep_when = \"purchases >= 4\"\n\n[[tiers]]\nname = \"silver\"\nwhen = \"purchases >= 2\"\n\n[[tiers]]\nname = \"member\"\n",
];

/// Any policy with conditions on the qualifying metric alone, or also on others.
pub fn policies(others: bool) -> impl Strategy<Value = Drawn> {
    let measure = select(&[0_u8, 0, 0, 1, 2][..]);
    let tiers = if others {
        [TIERS, MORE_TIERS].concat()
    } else {
        TIERS.to_vec()
    };
    let metric = (measure, select(WINDOWS), select(tiers));
    let when = (
        one_of(&[
            "",
            r#""immediately""#,
            r#"{ next_period = "week" }"#,
            r#"{ next_period = "month" }"#,
            r#"{ next_period = "quarter" }"#,
            r#""at_review""#,
        ]),
        one_of(&["", "false"]),
        one_of(TERMS),
        one_of(&[
            "",
            "",
            r#""term_end""#,
            r#"{ every = "month" }"#,
            r#"{ every = "quarter" }"#,
            r#"{ every = "year" }"#,
            r#""always""#,
        ]),
        one_of(&["", "", r#""from_review""#]),
        one_of(&["", "", r#""20 days""#, r#""4 months""#]),
    );
    let down = (
        one_of(&[
            "",
            "",
            r#"{ length = "10 days" }"#,
            r#"{ length = "30 days", round = "month" }"#,
            r#"{ length = "100 days" }"#,
        ]),
        one_of(&[
            "",
            r#""one_step""#,
            r#""to_base""#,
            r#"{ floor = "silver" }"#,
            r#""none""#,
        ]),
        one_of(AFTER),
        one_of(AFTER),
        one_of(&["", r#"["20 days"]"#, r#"["60 days", "7 days"]"#]),
        one_of(&["", r#""at_review""#, r#""ignore""#]),
    );
    (metric, when, down).prop_filter_map(
        "a policy that is refused, or that looks different on days between",
        |((measure, window, tiers), when, down)| {
            let points = measure == 2;
            let qualifying = match measure {
                2 => format!(r#"{{ points = "status", {window} }}"#),
                1 => format!(r#"{{ measure = "purchases", {window} }}"#),
                _ => format!(r#"{{ measure = "spend", {window} }}"#),
            };
            // Counts of purchases are smaller than amounts.
            let mut tiers = tiers.to_owned();
            if measure == 1 {
                for (amount, count) in [
                    ("1500", "7"),
                    ("1000", "5"),
                    ("900", "4"),
                    ("800", "4"),
                    ("700", "3"),
                    ("500", "3"),
                    ("400", "2"),
                    ("300", "2"),
                    ("250", "1"),
                    ("200", "1"),
                    ("100", "1"),
                ] {
                    tiers = tiers.replace(&format!("= {amount}\n"), &format!("= {count}\n"));
                }
            }
            let mut movement = vec![("qualifying", qualifying)];
            let given = [
                ("upgrade", when.0),
                ("upgrade_restarts_term", when.1),
                ("term", when.2),
                ("review", when.3),
                ("renew", when.4),
                ("hold", when.5),
                ("grace", down.0),
                ("downgrade", down.1),
                ("after_review", down.2),
                ("after_upgrade", down.3),
                ("notices", down.4),
                ("refunds", down.5),
            ];
            movement.extend(given.into_iter().filter_map(|(key, v)| Some((key, v?))));
            let drawn = Drawn {
                movement,
                tiers,
                points,
            };
            let half_life =
                drawn.has("after_review", "half_life") || drawn.has("after_upgrade", "half_life");
            let changing = half_life && drawn.always();
            (!changing && crate::binds(&drawn.text())).then_some(drawn)
        },
    )
}

pub fn begin() -> Date {
    day("2023-01-01")
}

/// What happens to a customer in two years; `refunds` are of nothing known, so that they count on their own day.
pub fn customers() -> impl Strategy<Value = Customer> {
    let purchases = prop::collection::vec((0..730_i64, 1..13_i64), 0..16);
    let awards = prop::collection::btree_map(0..730_i64, 1..13_u32, 0..16);
    let refunds = prop::collection::vec((0..730_i64, 1..10_i64), 0..3);
    let enrolled = prop::option::weighted(0.3, -400..200_i64);
    let overrides = prop::collection::vec(
        (
            0..4_u8,
            any::<bool>(),
            0..700_i64,
            prop::option::of(1..200_i64),
        ),
        0..3,
    );
    (purchases, awards, refunds, enrolled, overrides).prop_map(
        |(purchases, awards, refunds, enrolled, overrides)| Customer {
            enrolled: enrolled.map(|days| plus(begin(), days)),
            purchases: (purchases.iter())
                .map(|(days, fifties)| Purchase::new(plus(begin(), *days), fifties * 5000))
                .collect(),
            awards: (awards.into_iter())
                .map(|(days, times)| Award {
                    day: plus(begin(), days),
                    score: "status".to_owned(),
                    rule: "given".to_owned(),
                    times,
                })
                .collect(),
            // No purchase has this amount.
            refunds: (refunds.into_iter())
                .map(|(days, fifties)| Refund {
                    day: plus(begin(), days),
                    #[allow(clippy::cast_precision_loss)]
                    amount: fifties as f64 * 50.0 + 0.5,
                    of: None,
                })
                .collect(),
            // Known from the beginning, so that it does not matter when somebody looks.
            overrides: (overrides.into_iter())
                .map(|(kind, gold, from, length)| {
                    let kind = match kind {
                        0 => OverrideKind::Pin,
                        1 => OverrideKind::Floor,
                        2 => OverrideKind::Ceiling,
                        _ => OverrideKind::Exclude,
                    };
                    let tier = if gold { "gold" } else { "silver" };
                    let from = plus(begin(), from);
                    Override {
                        noted: begin(),
                        kind,
                        tier: (kind != OverrideKind::Exclude).then(|| tier.to_owned()),
                        from,
                        to: length.map(|length| plus(from, length)),
                    }
                })
                .collect(),
            ..Customer::default()
        },
    )
}

/// The same, and some purchases are given back, in part or in full, some days later.
pub fn customers_with_returns() -> impl Strategy<Value = Customer> {
    let returns = prop::collection::vec(
        (any::<prop::sample::Index>(), 0..90_i64, any::<bool>()),
        0..5,
    );
    (customers(), returns).prop_map(|(mut customer, returns)| {
        for (which, later, whole) in returns {
            let Some(last) = customer.purchases.len().checked_sub(1) else {
                continue;
            };
            let i = which.index(last + 1);
            let purchase = &mut customer.purchases[i];
            if purchase.id.is_some() {
                continue;
            }
            purchase.id = Some(format!("returned {i}"));
            #[allow(clippy::cast_precision_loss)]
            let amount = purchase.cents as f64 / if whole { 100.0 } else { 200.0 };
            customer.refunds.push(Refund {
                day: plus(purchase.day, later),
                amount,
                of: purchase.id.clone(),
            });
        }
        customer
    })
}

/// Days of reviews, ascending.
pub fn days(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Date>> {
    prop::collection::btree_set(0..800_i64, count)
        .prop_map(|days| days.into_iter().map(|days| plus(begin(), days)).collect())
}

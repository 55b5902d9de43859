//! What was measured over some days, from the rows, added up anew each time.

use super::calendar::{Date, Period, between, plus};
use super::customer::{Customer, Purchase};
use super::policy::{Points, Policy, Repeat};

/// The days of a window: from the first (or from the beginning), up to but without the last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    pub from: Option<Date>,
    pub to: Date,
}

impl Span {
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && day < self.to
    }
}

/// A window as it is written, at a day. None reaches past the day.
pub fn window(text: &str, at: Date) -> Span {
    let end = plus(at, 1);
    let from = |day| Some(day);
    let words: Vec<&str> = text.split_whitespace().collect();
    if let Some((first, last)) = text.split_once("..") {
        let last = Date::try_from(last.to_owned()).unwrap();
        return Span {
            from: from(Date::try_from(first.to_owned()).unwrap()),
            to: last.min(end),
        };
    }
    let periods_ago = |period: Period, mut back: u32| {
        let mut first = period.start(at);
        let mut next = end;
        while back > 0 {
            next = first;
            first = period.start(plus(first, -1));
            back -= 1;
        }
        Span {
            from: Some(first),
            to: next,
        }
    };
    match *words {
        ["lifetime"] => Span {
            from: None,
            to: end,
        },
        [number, "day" | "days"] => Span {
            from: from(plus(end, -number.parse::<i64>().unwrap())),
            to: end,
        },
        ["this", period] => periods_ago(Period::parse(period), 0),
        ["last", period] => periods_ago(Period::parse(period), 1),
        [number, period, "ago"] => periods_ago(Period::parse(period), number.parse().unwrap()),
        _ => panic!("`{text}` is no window"),
    }
}

/// What is known on a day: the rows booked up to then.
#[derive(Clone)]
pub struct Known<'a> {
    pub customer: &'a Customer,
    pub policy: &'a Policy,
    /// The last day whose bookings are known.
    pub until: Date,
    awards_until: Date,
    rows: Vec<Counted<'a>>,
}

/// A row as it counts: on the day of the purchase where a refund has one.
#[derive(Clone)]
struct Counted<'a> {
    day: Date,
    cents: i64,
    gross: i64,
    cost: i64,
    purchases: i64,
    category: Option<&'a str>,
}

impl<'a> Known<'a> {
    pub fn new(customer: &'a Customer, policy: &'a Policy, until: Date) -> Self {
        let mut known = Self {
            customer,
            policy,
            until,
            awards_until: until,
            rows: Vec::new(),
        };
        known.rows = known.counted();
        known
    }

    /// Which purchase each refund gives back: the named one, or the latest earlier one of exactly its amount of which
    /// nothing was given back.
    fn refunds(&self) -> Vec<(Date, i64, Option<usize>)> {
        let purchases = &self.customer.purchases;
        let mut refunds: Vec<_> = self.customer.refunds.iter().collect();
        refunds.retain(|refund| refund.day <= self.until);
        refunds.sort_by_key(|refund| (refund.day, refund.of.is_none()));
        let mut touched = vec![false; purchases.len()];
        let mut found = Vec::new();
        for refund in refunds {
            let cents = super::customer::cents(refund.amount);
            let purchase = match &refund.of {
                Some(id) => {
                    let named = (purchases.iter()).position(|p| p.id.as_ref() == Some(id));
                    assert!(named.is_some(), "a refund of the unknown purchase `{id}`");
                    named
                }
                None => (0..purchases.len())
                    .filter(|i| purchases[*i].day <= refund.day)
                    .filter(|i| purchases[*i].cents == cents && !touched[*i])
                    .max_by_key(|i| purchases[*i].day),
            };
            if let Some(i) = purchase {
                touched[i] = true;
            }
            found.push((refund.day, cents, purchase));
        }
        found
    }

    fn counted(&self) -> Vec<Counted<'a>> {
        let purchases = &self.customer.purchases;
        let mut rows = Vec::new();
        let mut left: Vec<i64> = purchases.iter().map(|p| p.cents).collect();
        for Purchase {
            day,
            cents,
            category,
            cost,
            ..
        } in purchases.iter().filter(|p| p.day <= self.until)
        {
            rows.push(Counted {
                day: *day,
                cents: *cents,
                gross: *cents,
                cost: *cost,
                purchases: 1,
                category: category.as_deref(),
            });
        }
        for (booked, cents, purchase) in self.refunds() {
            let mut row = Counted {
                day: booked,
                cents: -cents,
                gross: 0,
                cost: 0,
                purchases: 0,
                category: None,
            };
            if let Some(i) = purchase {
                left[i] -= cents;
                row.day = purchases[i].day;
                row.category = purchases[i].category.as_deref();
                if left[i] == 0 {
                    row.purchases = -1;
                    row.cost = -purchases[i].cost;
                }
            }
            rows.push(row);
        }
        rows
    }

    /// The same without the rows and the points of later days.
    pub fn without_later(&self, last: Date) -> Self {
        let mut known = self.clone();
        known.rows.retain(|row| row.day <= last);
        known.awards_until = last;
        known
    }

    /// The first day with a record.
    pub fn first_record(&self) -> Option<Date> {
        self.rows.iter().map(|row| row.day).min()
    }

    /// Whether a row counts on that day.
    pub fn has_record(&self, day: Date) -> bool {
        self.rows.iter().any(|row| row.day == day)
    }

    /// A measure over some days, as far as they are not after `last`.
    pub fn measure(
        &self,
        measure: &str,
        category: Option<&str>,
        days: Span,
        last: Date,
    ) -> Option<f64> {
        let counts = |row: &&Counted<'a>| days.contains(row.day) && row.day <= last;
        let rows: Vec<&Counted<'a>> = self.rows.iter().filter(counts).collect();
        let purchases_on = |day: Date| -> i64 {
            let on = rows.iter().filter(|row| row.day == day);
            on.map(|row| row.purchases).sum()
        };
        let active = || {
            let mut active: Vec<Date> = rows.iter().map(|row| row.day).collect();
            active.retain(|day| purchases_on(*day) > 0);
            active.sort_unstable();
            active.dedup();
            active
        };
        let sum =
            |of: &dyn Fn(&Counted<'_>) -> i64| -> i64 { rows.iter().map(|row| of(row)).sum() };
        match measure {
            "spend" => Some(major(sum(&|row| row.cents))),
            "gross spend" => Some(major(sum(&|row| row.gross))),
            "category_spend" => Some(major(sum(&|row| {
                if row.category == category {
                    row.cents
                } else {
                    0
                }
            }))),
            "margin" => {
                let (spend, cost) = (sum(&|row| row.cents), sum(&|row| row.cost));
                (cost != 0 || spend == 0).then(|| major(spend - cost))
            }
            "purchases" => Some(count(sum(&|row| row.purchases).max(0))),
            "active_days" => Some(count(active().len() as i64)),
            "days_since_last" => {
                let last_active = active().into_iter().max()?;
                Some(count(between(last_active, plus(days.to, -1))))
            }
            _ => panic!("the oracle does not know the measure `{measure}`"),
        }
    }

    /// What the rules of a point score gave on some days.
    pub fn points(&self, score: &str, days: Span, last: Date) -> f64 {
        let score = (self.policy.points.iter())
            .find(|points| points.name == score)
            .unwrap();
        let mut total = 0.0;
        for (day, awarded) in self.awarded(score) {
            if days.contains(day) && day <= last {
                total += awarded;
            }
        }
        total
    }

    fn awarded(&self, score: &Points) -> Vec<(Date, f64)> {
        let mut triggers: Vec<(Date, usize, u32)> = Vec::new();
        for (position, rule) in score.rules.iter().enumerate() {
            if rule.per.is_some() {
                let rows = &self.rows;
                let mut days: Vec<Date> = rows.iter().map(|row| row.day).collect();
                days.sort_unstable();
                days.dedup();
                for day in days {
                    let on = rows.iter().filter(|row| row.day == day);
                    let times: i64 = on.map(|row| row.purchases).sum();
                    if times > 0 {
                        triggers.push((day, position, u32::try_from(times).unwrap()));
                    }
                }
            } else {
                let awards = (self.customer.awards.iter())
                    .filter(|award| award.score == score.name && award.rule == rule.name)
                    .filter(|award| award.day <= self.awards_until);
                triggers.extend(awards.map(|award| (award.day, position, award.times)));
            }
        }
        triggers.sort_unstable();
        let mut given: Vec<(Date, usize, f64)> = Vec::new();
        for (day, position, times) in triggers {
            let rule = &score.rules[position];
            let last = given.iter().rev().find(|(_, p, _)| *p == position);
            let times = match (rule.repeat, last) {
                (Repeat::Every, _) => times,
                (Repeat::Once, Some(_)) => 0,
                (Repeat::CoolDown(pause), Some((before, ..))) if day < pause.after(*before) => 0,
                (Repeat::While, _) => panic!("the oracle has no rules that pass"),
                _ => 1,
            };
            if times == 0 {
                continue;
            }
            let mut award = rule.points * f64::from(times);
            if let Some(cap) = rule.group.as_ref().and_then(|g| score.caps.get(g)) {
                let taken: f64 = given
                    .iter()
                    .filter(|(_, p, _)| score.rules[*p].group == rule.group)
                    .filter(|(_, _, points)| (*points > 0.0) == (award > 0.0))
                    .map(|(_, _, points)| points.abs())
                    .sum();
                let room = (cap - taken).max(0.0);
                award = award.clamp(-room, room);
            }
            given.push((day, position, award));
        }
        given
            .into_iter()
            .map(|(day, _, award)| (day, award))
            .collect()
    }
}

#[allow(clippy::cast_precision_loss)]
fn major(cents: i64) -> f64 {
    cents as f64 / 100.0
}

#[allow(clippy::cast_precision_loss)]
fn count(number: i64) -> f64 {
    number as f64
}

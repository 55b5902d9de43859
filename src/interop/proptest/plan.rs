//! Rows before they have days and customers: small whole numbers, relative to one another, that shrink one by one.

use ::proptest::prelude::*;

use super::histories::{Events, HistoryOptions, Promised, Refunds, RowOrder};
use super::values::WORDS;
use crate::model::{CustomerId, Day, Days, Money, Transaction};

/// The rows of a population, relative to a day that is chosen elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    customers: u16,
    rows: Vec<Row>,
}

/// One row. What it is follows from the numbers and from what the options want, so that one plan does for all of them.
#[derive(Debug, Clone)]
struct Row {
    customer: u16,
    /// Days before the last one, drawn over the whole span, and how they are read.
    back: u32,
    near: u8,
    /// Minor units, and how they are read.
    minor: i64,
    round: u8,
    kind: u8,
    /// Which other row a refund or a repetition is of.
    of: u16,
    /// How much of it: thousandths, and all of it above them.
    part: u16,
    /// Which details there are, and which.
    details: [u8; 4],
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Purchase {
        named: bool,
    },
    Adjustment {
        down: bool,
    },
    Refund,
    /// Of a purchase with an id.
    RefundOf,
    /// Of exactly the amount of a purchase.
    RefundLike,
    /// A row again.
    Again,
}

/// A plan for histories with these options.
///
/// Every choice is a number that is read later: drawing from a union of strategies takes many times as long.
pub(super) fn plan(options: &HistoryOptions) -> impl Strategy<Value = Plan> + Clone + use<> {
    let least = u16::try_from(*options.customers.start())
        .unwrap_or(u16::MAX)
        .max(1);
    let most = u16::try_from(*options.customers.end())
        .unwrap_or(u16::MAX)
        .max(least);
    let (low, high) = bounds(options);
    let when = (0..=options.span, 0..9_u8);
    let amount = (low..=high, 0..24_u8);
    let what = (0..40_u8, any::<u16>(), 0..=2000_u16);
    let row = (any::<u16>(), when, amount, what, any::<[u8; 4]>());
    let row = row.prop_map(
        |(customer, (back, near), (minor, round), (kind, of, part), details)| Row {
            customer,
            back,
            near,
            minor,
            round,
            kind,
            of,
            part,
            details,
        },
    );
    let rows = prop::collection::vec(row, options.rows.clone());
    (least..=most, rows).prop_map(|(customers, rows)| Plan { customers, rows })
}

/// The smallest and the largest amount.
fn bounds(options: &HistoryOptions) -> (i64, i64) {
    let low = (*options.minor.start()).max(0);
    (low, (*options.minor.end()).max(low))
}

impl Row {
    /// Mostly anywhere in the span; sometimes in one week, sometimes at the edge of a usual window.
    fn back(&self, options: &HistoryOptions) -> u32 {
        let back = match self.near {
            0..6 => self.back,
            6 | 7 => self.back % 8,
            _ => [0, 29, 30, 89, 90, 364, 365]
                .get(self.back as usize % 7)
                .copied()
                .unwrap_or(0),
        };
        back.min(options.span)
    }

    /// Mostly any amount; sometimes one that others have too, sometimes the smallest and the largest.
    fn minor(&self, options: &HistoryOptions) -> i64 {
        let (low, high) = bounds(options);
        let minor = match self.round {
            0..14 => self.minor,
            14 => low,
            15 => high,
            16 => 1,
            17 | 18 => 100,
            19 | 20 => 5_000,
            _ => 10_000,
        };
        minor.clamp(low, high)
    }

    fn what(&self, options: &HistoryOptions) -> What {
        let purchase = What::Purchase {
            named: self.kind % 2 == 1,
        };
        match (self.kind, options.refunds) {
            (24..29, Refunds::All) => What::RefundOf,
            (29..32, Refunds::All) => What::RefundLike,
            (32 | 33, Refunds::All) | (30..34, Refunds::Unlinked) => What::Refund,
            (34..37, _) if options.adjustments => What::Adjustment {
                down: self.of % 2 == 1,
            },
            (37.., _) if options.duplicates => What::Again,
            _ => purchase,
        }
    }

    fn detailed(&self, made: Transaction) -> Transaction {
        let [category, channel, cost, discount] = self.details;
        // Three of ten have one.
        let has = |detail: u8| detail % 10 >= 7;
        let word = |detail: u8| {
            let word = WORDS.get(usize::from(detail / 10) % WORDS.len());
            word.filter(|_| has(detail)).copied().unwrap_or("")
        };
        // A part of the amount, or somewhat more than it.
        let part = |detail: u8| {
            let minor = i128::from(made.amount().minor()) * i128::from(detail) / 220;
            let minor = i64::try_from(minor).unwrap_or(0);
            has(detail).then(|| Money::from_minor(minor, made.amount().currency()))
        };
        let (cost, discount) = (part(cost), part(discount));
        let mut out = made
            .with_category(word(category))
            .with_channel(word(channel));
        if let Some(cost) = cost {
            out = out.clone().with_cost(cost).unwrap_or(out);
        }
        if let Some(discount) = discount {
            out = out.clone().with_discount(discount).unwrap_or(out);
        }
        out
    }
}

impl Plan {
    pub(super) fn customers(&self) -> u16 {
        self.customers
    }

    /// The rows up to and with `as_of`; ids are texts or numbers.
    pub(super) fn events(&self, options: &HistoryOptions, as_of: Day, texts: bool) -> Events {
        let day_of = |back: u32| as_of.minus(Days::new(i32::try_from(back).unwrap_or(i32::MAX)));
        let placing = Placing {
            options,
            customers: self.customers,
            texts,
            prefix: "",
            last: as_of,
            day_of: &day_of,
        };
        placing.place(&self.rows)
    }

    /// The rows after a day, for so many customers: on the next one and later.
    pub(super) fn rows_after(
        &self,
        options: &HistoryOptions,
        day: Day,
        texts: bool,
        customers: u16,
    ) -> Vec<Transaction> {
        let day_of = |ahead: u32| {
            let ahead = i32::try_from(ahead).unwrap_or(i32::MAX);
            day.next().plus(Days::new(ahead))
        };
        let placing = Placing {
            options,
            customers,
            texts,
            prefix: "after-",
            last: Day::MAX,
            day_of: &day_of,
        };
        let rows = placing.place(&self.rows).rows;
        rows.into_iter().filter(|row| row.day() > day).collect()
    }
}

/// What is left of a purchase.
struct Left {
    row: usize,
    customer: u16,
    day: Day,
    minor: i64,
    left: i64,
    named: bool,
    /// A refund that names no purchase is of its amount.
    matched: bool,
}

impl Left {
    /// What a refund that names no purchase is matched by.
    fn class(&self) -> (u16, i64) {
        (self.customer, self.minor)
    }
}

/// Where a plan becomes rows.
struct Placing<'p> {
    options: &'p HistoryOptions,
    customers: u16,
    texts: bool,
    /// Of the ids of rows.
    prefix: &'p str,
    last: Day,
    day_of: &'p dyn Fn(u32) -> Day,
}

impl Placing<'_> {
    fn place(&self, planned: &[Row]) -> Events {
        let options = self.options;
        let mut promised = Promised::default();
        let mut placed: Vec<Option<Transaction>> = vec![None; planned.len()];
        let mut purchases: Vec<Left> = Vec::new();
        // A refund may stand before its purchase, and a repetition before the row it repeats.
        let rows = || {
            planned
                .iter()
                .zip(0..)
                .map(|(row, at)| (at, row, row.what(options)))
        };
        for ((at, row, what), place) in rows().zip(&mut placed) {
            match what {
                What::Purchase { named } => *place = self.purchase(at, row, named, &mut purchases),
                What::Adjustment { down } => *place = Some(self.adjustment(row, down)),
                _ => {}
            }
        }
        promised.zero_purchases = purchases.iter().filter(|p| p.minor == 0).count() as u64;
        for ((at, row, what), place) in rows().zip(&mut placed) {
            if matches!(what, What::Refund | What::RefundOf | What::RefundLike) {
                *place = self.refund(at, row, what, &mut purchases, &mut promised);
            }
        }
        promised.accepted = placed.iter().flatten().count() as u64;
        let named = placed.iter().flatten().filter(|row| row.id().is_some());
        let named: Vec<Transaction> = named.cloned().collect();
        for ((_, row, what), place) in rows().zip(&mut placed) {
            if what == What::Again {
                *place = named.get(usize::from(row.of) % named.len().max(1)).cloned();
                promised.duplicate += u64::from(place.is_some());
            }
        }

        let mut rows: Vec<Transaction> = placed.into_iter().flatten().collect();
        if options.order == RowOrder::ByDay {
            rows.sort_by_key(Transaction::day);
        }
        let mut customers: Vec<CustomerId> = (0..self.customers).map(|c| self.id(c)).collect();
        customers.sort();
        Events {
            as_of: self.last,
            currency: options.currency,
            customers,
            rows,
            promised,
        }
    }

    fn customer(&self, row: &Row) -> u16 {
        row.customer % self.customers.max(1)
    }

    fn id(&self, customer: u16) -> CustomerId {
        let number = CustomerId::from(u64::from(customer) + 1);
        match self.texts {
            true => CustomerId::text(&format!("c{number}")).unwrap_or(number),
            false => number,
        }
    }

    fn row_id(&self, at: usize) -> String {
        format!("{}{at}", self.prefix)
    }

    fn money(&self, minor: i64) -> Money {
        Money::from_minor(minor, self.options.currency)
    }

    fn day(&self, row: &Row) -> Day {
        (self.day_of)(row.back(self.options))
    }

    fn purchase(
        &self,
        at: usize,
        row: &Row,
        named: bool,
        purchases: &mut Vec<Left>,
    ) -> Option<Transaction> {
        let (customer, day) = (self.customer(row), self.day(row));
        let minor = row.minor(self.options);
        purchases.push(Left {
            row: at,
            customer,
            day,
            minor,
            left: minor,
            named,
            matched: false,
        });
        let mut made = Transaction::purchase(self.id(customer), day, self.money(minor)).ok()?;
        if self.options.details {
            made = row.detailed(made);
        }
        match named {
            true => made.with_id(&self.row_id(at)).ok(),
            false => Some(made),
        }
    }

    fn adjustment(&self, row: &Row, down: bool) -> Transaction {
        let minor = row.minor(self.options);
        let minor = if down { -minor } else { minor };
        Transaction::adjustment(
            self.id(self.customer(row)),
            self.day(row),
            self.money(minor),
        )
    }

    /// A refund of a purchase that has something left, or else of none.
    fn refund(
        &self,
        at: usize,
        row: &Row,
        what: What,
        purchases: &mut [Left],
        promised: &mut Promised,
    ) -> Option<Transaction> {
        // A ledger may match a refund to any purchase of its amount: of these none may be named by a refund too.
        let mixed: Vec<bool> = purchases
            .iter()
            .map(|p| {
                let mut like = purchases.iter().filter(|other| other.class() == p.class());
                match what {
                    What::RefundOf => like.any(|other| other.matched),
                    _ => like.any(|other| other.left < other.minor && !other.matched),
                }
            })
            .collect();
        let mut fine: Vec<&mut Left> = purchases
            .iter_mut()
            .zip(mixed)
            .filter(|(p, mixed)| match what {
                What::RefundOf => p.named && p.left > 0 && !mixed,
                What::RefundLike => p.left > 0 && !mixed,
                _ => false,
            })
            .map(|(p, _)| p)
            .collect();
        if fine.is_empty() {
            promised.refunds_unlinked += 1;
            return self.unlinked(at, row, purchases);
        }
        let purchase = fine.swap_remove(usize::from(row.of) % fine.len());
        let named = what == What::RefundOf;
        let part = if named { row.part.min(1000) } else { 1000 };
        let share = i128::from(purchase.left) * i128::from(part) / 1000;
        let minor = i64::try_from(share).unwrap_or(purchase.left).max(1);
        purchase.left -= minor;
        purchase.matched = !named;
        promised.purchases_undone += u64::from(purchase.left == 0);
        promised.refunds_named += u64::from(named);
        promised.refunds_matched += u64::from(!named);

        let until = u32::try_from((self.last - purchase.day).get()).unwrap_or(0);
        let delay = i32::try_from(row.back % (until + 1)).unwrap_or(0);
        let day = purchase.day.plus(Days::new(delay));
        let made = Transaction::refund(self.id(purchase.customer), day, self.money(minor)).ok()?;
        match named {
            true => made
                .refund_of(&self.row_id(purchase.row))
                .and_then(|r| r.with_id(&self.row_id(at)))
                .ok(),
            false => Some(made),
        }
    }

    /// A refund of no purchase's amount, or a ledger would match it to one.
    fn unlinked(&self, at: usize, row: &Row, purchases: &[Left]) -> Option<Transaction> {
        let customer = self.customer(row);
        let taken = |minor: i64| purchases.iter().any(|p| p.class() == (customer, minor));
        let mut minor = row.minor(self.options).clamp(1, i64::MAX / 2);
        while taken(minor) {
            minor += 1;
        }
        let made = Transaction::refund(self.id(customer), self.day(row), self.money(minor)).ok()?;
        made.with_id(&self.row_id(at)).ok()
    }
}

//! Rows that belong together: the history of one customer, or of a population.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeInclusive;

use ::proptest::prelude::*;
use ::proptest::sample::{Index, select};

use super::values::{WORDS, days, maybe};
use crate::ledger::{Ledger, Options};
use crate::model::{Currency, CustomerId, Day, Days, Money, Transaction};

/// Which refunds a history has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Refunds {
    /// None.
    None,
    /// Only such as belong to no purchase: each row says all by itself.
    Unlinked,
    /// Also refunds of known purchases, in part or in full, by id and by amount. They are never of more than is left.
    #[default]
    All,
}

/// In which order the rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowOrder {
    /// In any order.
    #[default]
    Any,
    /// By day.
    ByDay,
}

/// What a history is like. Written with `..HistoryOptions::default()`.
#[derive(Debug, Clone)]
pub struct HistoryOptions {
    /// How many customers a population has, at least 1; not all of them have rows. 1 to 6 if not said.
    pub customers: RangeInclusive<usize>,
    /// How many rows there are in all; 0 to 24 if not said.
    pub rows: RangeInclusive<usize>,
    /// The day all rows are up to; a day of 2023 or 2024 if not said.
    pub as_of: RangeInclusive<Day>,
    /// How many days before `as_of` the first row may be; 800 if not said. Some rows are on one day, some far apart.
    pub span: u32,
    /// The currency; EUR if not said.
    pub currency: Currency,
    /// Amounts of purchases in minor units, zero or more; 0 to 300.00 if not said.
    pub minor: RangeInclusive<i64>,
    /// Which refunds there are.
    pub refunds: Refunds,
    /// Corrections of spend, up and down.
    pub adjustments: bool,
    /// Rows that come twice, with the same id and the same content.
    pub duplicates: bool,
    /// Categories, channels, costs and discounts.
    pub details: bool,
    /// In which order the rows come.
    pub order: RowOrder,
}

impl Default for HistoryOptions {
    fn default() -> Self {
        let day = |year, month, day| Day::from_ymd(year, month, day).unwrap_or(Day::MIN);
        Self {
            customers: 1..=6,
            rows: 0..=24,
            as_of: day(2023, 1, 1)..=day(2024, 12, 31),
            span: 800,
            currency: Currency::EUR,
            minor: 0..=30_000,
            refunds: Refunds::default(),
            adjustments: true,
            duplicates: true,
            details: true,
            order: RowOrder::default(),
        }
    }
}

/// Rows that belong together, and what a ledger makes of them.
///
/// As text it is a CSV file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Events {
    /// The day all rows are up to.
    pub as_of: Day,
    /// The currency of all rows.
    pub currency: Currency,
    /// Every customer, ascending; some may have no row.
    pub customers: Vec<CustomerId>,
    /// The rows.
    pub rows: Vec<Transaction>,
    /// What becomes of them.
    pub promised: Promised,
}

/// What becomes of rows in a ledger with the default options: none is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Promised {
    /// Rows that count.
    pub accepted: u64,
    /// Rows that were there before.
    pub duplicate: u64,
    /// Refunds that name their purchase.
    pub refunds_named: u64,
    /// Refunds that are matched to a purchase by their amount.
    pub refunds_matched: u64,
    /// Refunds without a purchase.
    pub refunds_unlinked: u64,
    /// Purchases that are refunded in full.
    pub purchases_undone: u64,
    /// Purchases of nothing.
    pub zero_purchases: u64,
}

impl Events {
    /// The ledger of the rows, with the default cleaning at `as_of`.
    #[must_use]
    pub fn ledger(&self) -> Ledger<'static> {
        Ledger::from_transactions(&self.rows, Options::new(self.as_of, self.currency))
    }

    /// The rows of each day, ascending by day: what a service gets to see day after day.
    #[must_use]
    pub fn by_day(&self) -> Vec<(Day, Vec<Transaction>)> {
        let days: BTreeSet<Day> = self.rows.iter().map(Transaction::day).collect();
        let on = |day| {
            self.rows
                .iter()
                .filter(move |row| row.day() == day)
                .cloned()
        };
        days.into_iter()
            .map(|day| (day, on(day).collect()))
            .collect()
    }
}

impl fmt::Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_rows(f, &self.rows)
    }
}

/// Rows as a CSV file has them.
pub(super) fn write_rows(f: &mut impl fmt::Write, rows: &[Transaction]) -> fmt::Result {
    f.write_str("customer,date,kind,amount,id,refund_of,category,channel,cost,discount")?;
    for row in rows {
        write!(
            f,
            "\n{},{},{},{}",
            row.customer(),
            row.day(),
            row.kind(),
            row.amount()
        )?;
        for text in [row.id(), row.refunded(), row.category(), row.channel()] {
            write!(f, ",{}", text.unwrap_or(""))?;
        }
        for amount in [row.cost(), row.discount()] {
            match amount {
                Some(amount) => write!(f, ",{amount}")?,
                None => f.write_str(",")?,
            }
        }
    }
    Ok(())
}

/// The history of one customer, whose id is 1.
///
/// ```
/// use customer_value::interop::proptest::{HistoryOptions, history};
/// use proptest::prelude::*;
///
/// proptest!(|(events in history(&HistoryOptions::default()))| {
///     let ledger = events.ledger();
///     prop_assert_eq!(ledger.accepted(), events.promised.accepted);
///     prop_assert!(ledger.rejects().is_empty());
/// });
/// ```
pub fn history(options: &HistoryOptions) -> impl Strategy<Value = Events> + Clone + use<> {
    let one = HistoryOptions {
        customers: 1..=1,
        ..options.clone()
    };
    let plan = plan(&one);
    (plan, days(one.as_of.clone())).prop_map(move |(plan, as_of)| plan.events(&one, as_of, false))
}

/// The histories of a population, with numbers or with texts for ids.
///
/// Rows are planned relative to `as_of` and to one another, so a failing input shrinks to the few rows that matter.
pub fn histories(options: &HistoryOptions) -> impl Strategy<Value = Events> + Clone + use<> {
    let all = options.clone();
    let plan = plan(options);
    (plan, days(options.as_of.clone()), any::<bool>())
        .prop_map(move |(plan, as_of, texts)| plan.events(&all, as_of, texts))
}

/// Rows before they have days and customers: relative to a day that is chosen elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    customers: usize,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    customer: u16,
    back: u32,
    minor: i64,
    what: What,
    category: Option<usize>,
    channel: Option<usize>,
    cost: Option<u16>,
    discount: Option<u16>,
}

#[derive(Debug, Clone)]
enum What {
    Purchase {
        named: bool,
    },
    Adjustment {
        down: bool,
    },
    Refund,
    /// Of a purchase with an id, so many thousandths of what is left.
    RefundOf {
        purchase: Index,
        part: u16,
    },
    /// Of exactly the amount of a purchase.
    RefundLike {
        purchase: Index,
    },
    /// A row again.
    Again {
        row: Index,
    },
}

pub(super) fn plan(options: &HistoryOptions) -> impl Strategy<Value = Plan> + Clone + use<> {
    let customers = (*options.customers.start()).max(1)..=(*options.customers.end()).max(1);
    let span = options.span;
    let back = prop_oneof![
        6 => 0..=span,
        2 => 0..=span.min(7),
        1 => select(vec![0, 30, 60, 90, 365]).prop_map(move |back: u32| back.min(span)),
    ];
    let least = (*options.minor.start()).max(0);
    let most = (*options.minor.end()).max(least);
    let minor = prop_oneof![
        6 => least..=most,
        // Equal amounts, round ones and the edges.
        2 => select(vec![0_i64, 1, 100, 5_000, 10_000, i64::MAX]).prop_map(move |m| m.clamp(least, most)),
    ];
    let extra = options.details;
    let detail = (
        maybe(extra, 0.3, 0..WORDS.len()),
        maybe(extra, 0.3, 0..WORDS.len()),
        maybe(extra, 0.3, 0..=1200_u16),
        maybe(extra, 0.3, 0..=1200_u16),
    );
    let row = (any::<u16>(), back, minor, what(options), detail).prop_map(
        |(customer, back, minor, what, (category, channel, cost, discount))| Row {
            customer,
            back,
            minor,
            what,
            category,
            channel,
            cost,
            discount,
        },
    );
    let rows = prop::collection::vec(row, options.rows.clone());
    (customers, rows).prop_map(|(customers, rows)| Plan { customers, rows })
}

fn what(options: &HistoryOptions) -> impl Strategy<Value = What> + Clone + use<> {
    let part = prop_oneof![Just(1000_u16), 1..=1000_u16];
    let (linked, unlinked) = match options.refunds {
        Refunds::None => (0, 0),
        Refunds::Unlinked => (0, 2),
        Refunds::All => (3, 1),
    };
    // A weight of 0 is none: what is not wanted is drawn as a purchase.
    let purchase = || {
        any::<bool>()
            .prop_map(|named| What::Purchase { named })
            .boxed()
    };
    let only = |wanted: bool, what: BoxedStrategy<What>| if wanted { what } else { purchase() };
    let of = (any::<Index>(), part).prop_map(|(purchase, part)| What::RefundOf { purchase, part });
    let like = any::<Index>().prop_map(|purchase| What::RefundLike { purchase });
    let adjust = any::<bool>().prop_map(|down| What::Adjustment { down });
    let again = any::<Index>().prop_map(|row| What::Again { row });
    prop_oneof![
        12 => purchase(),
        linked.max(1) => only(linked > 0, of.boxed()),
        1 => only(linked > 0, like.boxed()),
        unlinked.max(1) => only(unlinked > 0, Just(What::Refund).boxed()),
        1 => only(options.adjustments, adjust.boxed()),
        1 => only(options.duplicates, again.boxed()),
    ]
}

/// What is left of a purchase, and who may still be told of it.
struct Left {
    row: usize,
    customer: u16,
    day: Day,
    minor: i64,
    left: i64,
    named: bool,
}

impl Plan {
    pub(super) fn customers(&self) -> usize {
        self.customers
    }

    /// The rows up to and with `as_of`.
    pub(super) fn events(&self, options: &HistoryOptions, as_of: Day, texts: bool) -> Events {
        self.place(options, as_of, texts, "", |back| {
            as_of.minus(Days::new(i32::try_from(back).unwrap_or(i32::MAX)))
        })
    }

    /// The rows after a day, for so many customers: on the next one and later.
    pub(super) fn rows_after(
        &self,
        options: &HistoryOptions,
        day: Day,
        texts: bool,
        customers: usize,
    ) -> Vec<Transaction> {
        let planned = Self {
            customers,
            rows: self.rows.clone(),
        };
        let after = planned.place(options, Day::MAX, texts, "after-", |ahead| {
            day.next()
                .plus(Days::new(i32::try_from(ahead).unwrap_or(i32::MAX)))
        });
        after
            .rows
            .into_iter()
            .filter(|row| row.day() > day)
            .collect()
    }

    fn place(
        &self,
        options: &HistoryOptions,
        as_of: Day,
        texts: bool,
        prefix: &str,
        day_of: impl Fn(u32) -> Day,
    ) -> Events {
        let currency = options.currency;
        let modulus = u16::try_from(self.customers).unwrap_or(u16::MAX).max(1);
        let id = |customer: u16| match texts {
            true => CustomerId::text(&format!("c{customer}")).unwrap_or(CustomerId::from(0)),
            false => CustomerId::from(u64::from(customer) + 1),
        };
        let money = |minor| Money::from_minor(minor, currency);
        let mut promised = Promised::default();
        let mut placed: Vec<Option<Transaction>> = vec![None; self.rows.len()];
        let mut purchases: Vec<Left> = Vec::new();
        let put = |placed: &mut Vec<Option<Transaction>>, at: usize, row: Option<Transaction>| {
            if let Some(place) = placed.get_mut(at) {
                *place = row;
            }
        };

        // Purchases first, wherever they stand: a refund may stand before its purchase.
        for (at, row) in self.rows.iter().enumerate() {
            let (customer, day) = (row.customer % modulus, day_of(row.back));
            let made = match row.what {
                What::Purchase { named } => {
                    purchases.push(Left {
                        row: at,
                        customer,
                        day,
                        minor: row.minor,
                        left: row.minor,
                        named,
                    });
                    promised.zero_purchases += u64::from(row.minor == 0);
                    Transaction::purchase(id(customer), day, money(row.minor))
                        .ok()
                        .map(|made| row.detailed(made))
                        .and_then(|made| match named {
                            true => made.with_id(&format!("{prefix}{at}")).ok(),
                            false => Some(made),
                        })
                }
                What::Adjustment { down } => {
                    let minor = if down { -row.minor } else { row.minor };
                    Some(Transaction::adjustment(id(customer), day, money(minor)))
                }
                _ => None,
            };
            promised.accepted += u64::from(made.is_some());
            put(&mut placed, at, made);
        }

        for (at, row) in self.rows.iter().enumerate() {
            let (found, named) = match &row.what {
                What::Refund => (None, false),
                What::RefundOf { purchase, .. } => {
                    let open = |p: &&mut Left| p.named && p.left > 0;
                    (pick(&mut purchases, *purchase, open), true)
                }
                What::RefundLike { purchase } => {
                    // The only one of its amount, and nothing of it given back.
                    let all: Vec<(u16, i64)> =
                        purchases.iter().map(|p| (p.customer, p.minor)).collect();
                    let alone = |p: &&mut Left| {
                        let like = |(customer, minor): &&(u16, i64)| {
                            (*customer, *minor) == (p.customer, p.minor)
                        };
                        p.minor > 0 && p.left == p.minor && all.iter().filter(like).count() == 1
                    };
                    (pick(&mut purchases, *purchase, alone), false)
                }
                _ => continue,
            };
            let made = match found {
                Some(purchase) => {
                    let part = match row.what {
                        What::RefundOf { part, .. } => i128::from(part),
                        _ => 1000,
                    };
                    let share = i128::from(purchase.left) * part / 1000;
                    let minor = i64::try_from(share).unwrap_or(purchase.left).max(1);
                    purchase.left -= minor;
                    // A refund by amount leaves nothing to be named later, and is of a whole purchase.
                    promised.purchases_undone += u64::from(purchase.left == 0);
                    promised.refunds_named += u64::from(named);
                    promised.refunds_matched += u64::from(!named);
                    let until = u32::try_from((as_of - purchase.day).get()).unwrap_or(0);
                    let delay = i32::try_from(row.back % (until + 1)).unwrap_or(0);
                    let day = purchase.day.plus(Days::new(delay));
                    let made = Transaction::refund(id(purchase.customer), day, money(minor));
                    let of = format!("{prefix}{}", purchase.row);
                    made.ok().and_then(|made| match named {
                        true => made
                            .refund_of(&of)
                            .ok()?
                            .with_id(&format!("{prefix}{at}"))
                            .ok(),
                        false => Some(made),
                    })
                }
                None => {
                    let customer = row.customer % modulus;
                    // Of no purchase's amount, or it would be matched.
                    let taken = |minor: i64| {
                        purchases
                            .iter()
                            .any(|p| (p.customer, p.minor) == (customer, minor))
                    };
                    let mut minor = row.minor.clamp(1, i64::MAX / 2);
                    while taken(minor) {
                        minor += 1;
                    }
                    promised.refunds_unlinked += 1;
                    let made = Transaction::refund(id(customer), day_of(row.back), money(minor));
                    made.ok()
                        .and_then(|made| made.with_id(&format!("{prefix}{at}")).ok())
                }
            };
            promised.accepted += u64::from(made.is_some());
            put(&mut placed, at, made);
        }

        let named: Vec<Transaction> = placed
            .iter()
            .flatten()
            .filter(|row| row.id().is_some())
            .cloned()
            .collect();
        for (at, row) in self.rows.iter().enumerate() {
            if let What::Again { row } = &row.what
                && !named.is_empty()
            {
                let again = named.get(row.index(named.len())).cloned();
                promised.duplicate += u64::from(again.is_some());
                put(&mut placed, at, again);
            }
        }

        let mut rows: Vec<Transaction> = placed.into_iter().flatten().collect();
        if options.order == RowOrder::ByDay {
            rows.sort_by_key(Transaction::day);
        }
        let mut customers: Vec<CustomerId> = (0..modulus).map(id).collect();
        customers.sort();
        Events {
            as_of,
            currency,
            customers,
            rows,
            promised,
        }
    }
}

/// One of the purchases that will do.
fn pick<'p>(
    purchases: &'p mut [Left],
    which: Index,
    will_do: impl Fn(&&mut Left) -> bool,
) -> Option<&'p mut Left> {
    let mut fine: Vec<&mut Left> = purchases.iter_mut().filter(|p| will_do(p)).collect();
    match fine.len() {
        0 => None,
        len => Some(fine.swap_remove(which.index(len))),
    }
}

impl Row {
    fn detailed(&self, made: Transaction) -> Transaction {
        let word = |at: Option<usize>| at.and_then(|at| WORDS.get(at)).copied().unwrap_or("");
        let part = |thousandths: u16| {
            let minor = i128::from(made.amount().minor()) * i128::from(thousandths) / 1000;
            Money::from_minor(i64::try_from(minor).unwrap_or(0), made.amount().currency())
        };
        let (cost, discount) = (self.cost.map(part), self.discount.map(part));
        let mut out = made
            .with_category(word(self.category))
            .with_channel(word(self.channel));
        if let Some(cost) = cost {
            out = out.clone().with_cost(cost).unwrap_or(out);
        }
        if let Some(discount) = discount {
            out = out.clone().with_discount(discount).unwrap_or(out);
        }
        out
    }
}

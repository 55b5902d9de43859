//! Histories against sums in a sorted list, and the laws of merging, adding and storing.

use std::sync::LazyLock;

use customer_value::history::{Fact, Histories, History, Layout, Measure};
use customer_value::ledger::{
    Columns, CustomerColumn, Effect, Ledger, LedgerBuilder, Options, TextRow,
};
use customer_value::model::{Currency, CustomerId, Day, Money, Transaction};
use proptest::prelude::*;

fn options() -> Options {
    Options::new(Day::MAX, Currency::EUR)
}

fn plain_layout() -> Layout {
    Layout::new(Currency::EUR, [])
}

/// Every measure, over all transactions.
fn full_layout() -> Layout {
    Layout::new(
        Currency::EUR,
        [
            Measure::Discount,
            Measure::Gross,
            Measure::Refunds,
            Measure::Cost,
        ]
        .map(Fact::new),
    )
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    /// The splitmix64 generator.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

#[derive(Debug, Clone, Default)]
struct Rows {
    keys: Vec<u64>,
    days: Vec<i32>,
    amounts: Vec<i64>,
}

impl Rows {
    fn of(rows: impl IntoIterator<Item = (u64, i32, i64)>) -> Self {
        let mut this = Self::default();
        for (key, day, amount) in rows {
            this.keys.push(key);
            this.days.push(day);
            this.amounts.push(amount);
        }
        this
    }

    fn iter(&self) -> impl Iterator<Item = (u64, i32, i64)> {
        let values = self.days.iter().zip(&self.amounts);
        self.keys.iter().zip(values).map(|(k, (d, a))| (*k, *d, *a))
    }

    fn ledger(&self) -> Ledger<'_> {
        let keys = CustomerColumn::Numbers(&self.keys);
        let columns = Columns::new(keys, &self.days, &self.amounts);
        Ledger::from_columns(&columns, options()).unwrap()
    }
}

/// Customer, and for each day: purchases and spend.
type Expected = Vec<(CustomerId, Vec<(i32, i64, i64)>)>;

fn oracle<K: Ord + Clone + Into<CustomerId>>(
    rows: impl IntoIterator<Item = (K, i32, i64)>,
) -> Expected {
    let mut rows: Vec<(K, i32, i64)> = rows.into_iter().collect();
    rows.sort_unstable();
    rows.chunk_by(|a, b| a.0 == b.0)
        .map(|customer| {
            let days = customer.chunk_by(|a, b| a.1 == b.1).map(|day| {
                let spend = day.iter().map(|(_, _, amount)| amount).sum();
                (day[0].1, day.len() as i64, spend)
            });
            (customer[0].0.clone().into(), days.collect())
        })
        .collect()
}

fn assert_is(histories: &Histories, expected: &Expected) {
    let spend = Fact::new(Measure::Spend);
    let purchases = Fact::new(Measure::Purchases);
    assert_eq!(histories.len(), expected.len());
    assert_eq!(histories.is_empty(), expected.is_empty());
    let rows: usize = expected.iter().map(|(_, days)| days.len()).sum();
    assert_eq!(histories.rows(), rows);
    for (position, (found, expected)) in histories.iter().zip(expected).enumerate() {
        assert_eq!(found.0, expected.0);
        let days: Vec<(i32, i64, i64)> = found
            .1
            .days()
            .enumerate()
            .map(|(row, day)| {
                let on = |fact| found.1.on(fact, row).unwrap();
                (day.epoch_days(), on(&purchases), on(&spend))
            })
            .collect();
        assert_eq!(days, expected.1, "{}", expected.0);
        assert_eq!(histories.position(&expected.0), Some(position));
        assert_eq!(histories.at(position).unwrap(), found);
        assert_eq!(histories.get(&expected.0).unwrap(), found.1);
    }
    assert!(histories.at(expected.len()).is_none());
    assert!(histories.at(usize::MAX).is_none());
    assert!(
        histories
            .get(&CustomerId::text("no such customer").unwrap())
            .is_none()
    );
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    static POOLS: LazyLock<[rayon::ThreadPool; 3]> = LazyLock::new(|| {
        [1, 2, 5].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            pool.build().unwrap()
        })
    });
    let pool = POOLS
        .iter()
        .find(|pool| pool.current_num_threads() == threads);
    pool.unwrap().install(work)
}

fn assert_right(rows: &Rows) {
    let ledger = rows.ledger();
    assert_eq!(ledger.accepted(), rows.keys.len() as u64);
    let histories = Histories::build(&ledger, &plain_layout()).unwrap();
    assert_is(&histories, &oracle(rows.iter()));
    for threads in [1, 5] {
        let again = on_threads(threads, || {
            Histories::build(&rows.ledger(), &plain_layout()).unwrap()
        });
        assert!(again == histories, "{threads} threads");
    }
}

/// Enough rows for many partitions and several shards.
const MANY: u64 = 150_000;

#[test]
fn dense_ids() {
    let mut n = Numbers(1);
    let rows = (0..MANY).map(|_| {
        (
            1_000 + n.below(30_000),
            n.below(700) as i32,
            n.below(5_000) as i64,
        )
    });
    assert_right(&Rows::of(rows));
}

#[test]
fn sparse_ids_and_days_and_amounts_beyond_one_word() {
    let mut n = Numbers(2);
    let ids: Vec<u64> = (0..20_000).map(|_| n.next()).collect();
    let rows = (0..MANY).map(|i| {
        let id = match i {
            0 | 7 => 0,
            1 | 9 => u64::MAX,
            _ => ids[n.below(20_000) as usize],
        };
        let day = Day::MIN.epoch_days() + n.below(3_600_000) as i32;
        (id, day, n.below(1 << 44) as i64)
    });
    assert_right(&Rows::of(rows));
}

#[test]
fn bunched_ids_with_a_few_far_away() {
    let mut n = Numbers(3);
    let rows = (0..350_000).map(|i| {
        let id = match i % 1_000 {
            0 => u64::MAX - n.below(3),
            1 => 1 << 63,
            _ => n.below(9_000),
        };
        (id, n.below(365) as i32, 1 + n.below(100) as i64)
    });
    assert_right(&Rows::of(rows));
}

#[test]
fn one_customer_has_most_of_the_rows() {
    let mut n = Numbers(4);
    for (base, rows) in [(0, 380_000), (u64::MAX - 20_000, 50_000)] {
        let rows = (0..rows).map(|i| {
            let id = if i % 8 == 0 { n.below(20_000) } else { 20_000 };
            (base + id, n.below(20) as i32, 1)
        });
        assert_right(&Rows::of(rows));
    }
}

#[test]
fn a_customer_with_most_of_the_rows_among_text_ids_and_rejects() {
    let mut n = Numbers(5);
    let ids: Vec<String> = (0..20_000)
        .map(|i| format!("{}{i}", if i % 3 == 0 { "" } else { "c" }))
        .collect();
    let rows: Vec<(usize, i32, i64)> = (0..380_000)
        .map(|i| {
            let id = if i % 16 == 0 {
                n.below(20_000) as usize
            } else {
                500
            };
            (id, n.below(20) as i32, n.below(9) as i64)
        })
        .collect();
    let mut builder = LedgerBuilder::new(options());
    // Customers whose every row is rejected are no customers.
    for name in ["0", "a", "c4000x", "zzz"] {
        builder.text(TextRow {
            customer: name,
            date: "1970-01-01",
            amount: "-1",
            refund_of: "unknown",
            ..TextRow::default()
        });
    }
    for (id, day, amount) in &rows {
        let id = CustomerId::text(&ids[*id]).unwrap();
        let day = Day::from_epoch_days(*day).unwrap();
        let amount = Money::from_minor(*amount, Currency::EUR);
        builder.transaction(&Transaction::purchase(id, day, amount).unwrap());
    }
    let ledger = builder.finish();
    assert_eq!(ledger.rejects().len(), 4);
    let histories = Histories::build(&ledger, &plain_layout()).unwrap();
    let named = rows
        .iter()
        .map(|(id, day, amount)| (CustomerId::text(&ids[*id]).unwrap(), *day, *amount));
    assert_is(&histories, &oracle(named));
}

#[test]
fn rejected_rows_leave_no_trace() {
    let mut n = Numbers(6);
    let rows = Rows::of((0..MANY).map(|_| {
        // Some days are out of range, and some ids have no other rows.
        let day = n.below(100) as i32 + if n.below(10) == 0 { 4_000_000 } else { 0 };
        (n.below(1 << 40), day, n.below(100) as i64)
    }));
    let histories = Histories::build(&rows.ledger(), &plain_layout()).unwrap();
    let accepted = rows.iter().filter(|(_, day, _)| *day < 100);
    assert_is(&histories, &oracle(accepted));
}

#[test]
fn no_rows_and_one_customer() {
    let none = Histories::build(&Rows::default().ledger(), &plain_layout()).unwrap();
    assert_is(&none, &Vec::new());
    let rejected = Rows::of([(7, i32::MAX, 1)]);
    assert_is(
        &Histories::build(&rejected.ledger(), &plain_layout()).unwrap(),
        &Vec::new(),
    );
    for id in [0, 7, u64::MAX] {
        assert_right(&Rows::of([(id, 0, 5)]));
        assert_right(&Rows::of((0..100_000).map(|i| (id, i % 3, 1))));
        assert_right(&Rows::of([
            (id, Day::MIN.epoch_days(), 0),
            (id, Day::MAX.epoch_days(), i64::MAX / 2),
        ]));
    }
    assert!(
        none.merge(&none).unwrap() == none && none.is_empty(),
        "nothing and nothing is nothing"
    );
    let other = Layout::new(Currency::USD, []);
    let error = Histories::build(&Rows::default().ledger(), &other).unwrap_err();
    assert!(error.is_misuse());
}

/// Ledger rows that mean the same wherever they are: nothing links them.
#[derive(Debug, Clone)]
struct Free {
    customer: &'static str,
    day: i32,
    amount: i64,
    kind: &'static str,
    category: &'static str,
    cost: i64,
}

fn free() -> impl Strategy<Value = Free> {
    (
        prop::sample::select(vec!["0", "7", "18446744073709551615", "ada", "bob", "00"]),
        0..6_i32,
        0..5_i64,
        prop::sample::select(vec!["purchase", "purchase", "adjustment", "refund"]),
        prop::sample::select(vec!["", "toys", "books"]),
        0..3_i64,
    )
        .prop_map(|(customer, day, amount, kind, category, cost)| Free {
            customer,
            day,
            // No purchase has the amount of a refund.
            amount: if kind == "refund" {
                amount + 10
            } else {
                amount
            },
            kind,
            category,
            cost,
        })
}

fn categories() -> Layout {
    let facts = [Measure::Purchases, Measure::Spend, Measure::Cost]
        .map(|measure| Fact::of_category(measure, "toys"));
    Layout::new(
        Currency::EUR,
        facts.into_iter().chain(full_layout().facts().to_vec()),
    )
}

fn build<'r>(rows: impl IntoIterator<Item = &'r Free>, layout: &Layout) -> Histories {
    let mut builder = LedgerBuilder::new(options());
    for row in rows {
        builder.text(TextRow {
            customer: row.customer,
            date: &Day::from_epoch_days(row.day).unwrap().to_string(),
            amount: &row.amount.to_string(),
            kind: row.kind,
            category: row.category,
            cost: &row.cost.to_string(),
            ..TextRow::default()
        });
    }
    let ledger = builder.finish();
    assert_eq!(ledger.quality().refunds_matched, 0);
    assert!(ledger.rejects().is_empty());
    Histories::build(&ledger, layout).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn few_rows_of_any_kind(
        keys in prop_oneof![
            Just(vec![7]),
            Just((0..10).collect::<Vec<u64>>()),
            prop::collection::vec(any::<u64>(), 1..10),
            Just(vec![0, 1, 2, u64::MAX - 1, u64::MAX]),
        ],
        rows in prop::collection::vec((any::<prop::sample::Index>(), 0..40_i32, 0..100_i64), 0..60),
        day_step in prop::sample::select(vec![0, 1, 70_000]),
        amount_step in prop::sample::select(vec![0, 1, 1_i64 << 32, 1 << 50]),
    ) {
        assert_right(&Rows::of(rows.into_iter().map(|(key, day, amount)| {
            (*key.get(&keys), day * day_step, amount * amount_step)
        })));
    }

    #[test]
    fn any_partition_merged_in_any_order_is_the_whole(
        rows in prop::collection::vec((free(), 0..4_usize), 0..60),
        order in Just(vec![0, 1, 2, 3_usize]).prop_shuffle(),
    ) {
        let layout = categories();
        let whole = build(rows.iter().map(|(row, _)| row), &layout);
        let parts: Vec<Histories> = order.iter()
            .map(|part| build(rows.iter().filter(|(_, p)| p == part).map(|(row, _)| row), &layout))
            .collect();
        let merged = parts[1..].iter().fold(parts[0].clone(), |all, part| all.merge(part).unwrap());
        prop_assert!(merged == whole);
        let pairs = parts[0].merge(&parts[1]).unwrap().merge(&parts[2].merge(&parts[3]).unwrap()).unwrap();
        prop_assert!(pairs == whole);

        // One customer at a time, as a service stores them.
        for (id, view) in whole.iter() {
            let mut one = History::new(layout.clone());
            for part in &parts {
                if let Some(more) = part.get(&id) {
                    one.merge(more).unwrap();
                }
            }
            prop_assert_eq!(one.view(), view);
            prop_assert_eq!(&one, &History::from(view));
        }
        let stored: Vec<(CustomerId, History)> = whole.iter().map(|(id, h)| (id, h.into())).collect();
        prop_assert!(Histories::collect(layout.clone(), stored.clone()).unwrap() == whole);
        prop_assert!(Histories::collect(layout.clone(), stored.into_iter().rev()).unwrap() == whole);
    }

    #[test]
    fn threads_do_not_matter(rows in prop::collection::vec(free(), 0..60)) {
        let layout = categories();
        let one = on_threads(1, || build(&rows, &layout));
        for threads in [2, 5] {
            prop_assert!(on_threads(threads, || build(&rows, &layout)) == one);
        }
    }

    /// Each day with the earlier ones as context, refunds and all, comes to what one run over everything does.
    #[test]
    fn day_by_day_is_all_at_once(
        rows in prop::collection::vec(
            (1..4_u64, 0..6_i32, prop::sample::select(vec![1, 2, 2, 3_i64]), prop::option::of(0..20_usize), any::<bool>()),
            0..30,
        ),
    ) {
        let transactions: Vec<Transaction> = rows.iter().enumerate().map(|(i, (customer, day, amount, named, refund))| {
            let day = Day::from_epoch_days(*day).unwrap();
            let amount = Money::from_minor(*amount, Currency::EUR);
            let made = match (refund, named) {
                (true, Some(named)) => Transaction::refund(*customer, day, amount).unwrap().refund_of(&named.to_string()).unwrap(),
                (true, None) => Transaction::refund(*customer, day, amount).unwrap(),
                (false, _) => Transaction::purchase(*customer, day, amount).unwrap(),
            };
            made.with_cost(Money::from_minor(1, Currency::EUR)).unwrap().with_id(&i.to_string()).unwrap()
        }).collect();
        let layout = full_layout();
        let whole = Histories::build(&Ledger::from_transactions(&transactions, options()), &layout).unwrap();
        let mut grown = Histories::build(&Ledger::from_transactions([], options()), &layout).unwrap();
        for day in 0..6 {
            let mut builder = LedgerBuilder::new(options());
            builder.context(transactions.iter().filter(|t| t.day().epoch_days() < day));
            for today in transactions.iter().filter(|t| t.day().epoch_days() == day) {
                builder.transaction(today);
            }
            grown = grown.merge(&Histories::build(&builder.finish(), &layout).unwrap()).unwrap();
        }
        prop_assert!(grown == whole);
    }

    #[test]
    fn adding_in_any_order_is_the_bulk_build(
        (rows, shuffled) in prop::collection::vec((0..8_i32, prop_oneof![0..9_i64, Just(1 << 40)]), 1..30)
            .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
    ) {
        let transactions = |rows: &[(i32, i64)]| -> Vec<Transaction> {
            rows.iter().map(|(day, amount)| {
                let day = Day::from_epoch_days(*day).unwrap();
                let money = |minor| Money::from_minor(minor, Currency::EUR);
                match amount % 3 {
                    0 => Transaction::adjustment(7, day, money(-amount)),
                    // No purchase has the amount of a refund.
                    1 => Transaction::refund(7, day, money(amount + 100)).unwrap(),
                    _ => Transaction::purchase(7, day, money(*amount)).unwrap().with_discount(money(*amount)).unwrap(),
                }
            }).collect()
        };
        for layout in [plain_layout(), full_layout()] {
            let bulk = Histories::build(&Ledger::from_transactions(&transactions(&rows), options()), &layout).unwrap();
            let mut one = History::new(layout);
            for transaction in transactions(&shuffled) {
                one.add(&Effect::of(&transaction, &options()).unwrap()).unwrap();
            }
            prop_assert_eq!(one.view(), bulk.get(&7.into()).unwrap());
        }
    }
}

#[test]
fn what_does_not_fit_is_an_error_and_changes_nothing() {
    let money = |minor| Money::from_minor(minor, Currency::EUR);
    let effect = |day, minor| {
        let day = Day::from_epoch_days(day).unwrap();
        let adjustment = Box::new(Transaction::adjustment(7, day, money(minor)));
        Effect::of(Box::leak(adjustment), &options()).unwrap()
    };
    let mut history = History::new(plain_layout());
    for (day, minor) in [(5, i64::MAX), (3, i64::MIN), (4, 1)] {
        history.add(&effect(day, minor)).unwrap();
    }
    let before = history.clone();
    assert!(history.add(&effect(5, 1)).unwrap_err().is_overflow());
    assert_eq!(history, before);
    let mut other = History::new(plain_layout());
    for (day, minor) in [(1, 1), (3, -1), (9, 9)] {
        other.add(&effect(day, minor)).unwrap();
    }
    assert!(history.merge(other.view()).unwrap_err().is_overflow());
    assert_eq!(history, before);

    let of = |history: &History| {
        let all = [(7.into(), history.clone())];
        Histories::collect(history.layout().clone(), all).unwrap()
    };
    assert!(of(&history).merge(&of(&other)).unwrap_err().is_overflow());
    let full = History::new(full_layout());
    assert!(history.merge(full.view()).unwrap_err().is_misuse());
    assert!(of(&history).merge(&of(&full)).unwrap_err().is_misuse());
    assert!(Histories::collect(plain_layout(), []).unwrap().is_empty());
    let twice = [(7.into(), history.clone()), (7.into(), other)];
    assert!(
        Histories::collect(plain_layout(), twice)
            .unwrap_err()
            .is_misuse()
    );
    let mixed = [(7.into(), history), (8.into(), full)];
    assert!(
        Histories::collect(plain_layout(), mixed)
            .unwrap_err()
            .is_misuse()
    );
}

#[test]
fn a_total_that_was_wide_equals_one_that_never_was() {
    let add = |history: &mut History, minor| {
        let adjustment = Transaction::adjustment(
            7,
            Day::from_epoch_days(1).unwrap(),
            Money::from_minor(minor, Currency::EUR),
        );
        history
            .add(&Effect::of(&adjustment, &options()).unwrap())
            .unwrap();
    };
    let (mut a, mut b) = (History::new(plain_layout()), History::new(plain_layout()));
    add(&mut a, 1 << 40);
    add(&mut a, 5 - (1 << 40));
    add(&mut b, 5);
    assert_eq!(a, b);
    assert_eq!(a.to_bytes(), b.to_bytes());
}

#[test]
fn records_added_one_by_one_count_in_their_categories() {
    let options = Options::new("2024-12-31".parse().unwrap(), Currency::USD);
    let transactions: Vec<Transaction> = [
        ("2024-05-02", "books"),
        ("2024-05-02", ""),
        ("2024-05-01", "games"),
        ("2024-06-01", "books"),
    ]
    .iter()
    .enumerate()
    .map(|(i, (day, category))| {
        let amount = Money::from_minor(100 + i as i64, Currency::USD);
        Transaction::purchase(7, day.parse().unwrap(), amount)
            .unwrap()
            .with_category(category)
    })
    .collect();
    let layout = Layout::new(
        Currency::USD,
        [
            Fact::of_category(Measure::Spend, "books"),
            Fact::of_category(Measure::Purchases, "toys"),
            Fact::new(Measure::Gross),
        ],
    );
    let ledger = Ledger::from_transactions(&transactions, options.clone());
    let bulk = Histories::build(&ledger, &layout).unwrap();
    let mut from_transactions = History::new(layout.clone());
    for transaction in &transactions {
        from_transactions
            .add(&Effect::of(transaction, &options).unwrap())
            .unwrap();
    }
    let mut from_ledger = History::new(layout);
    for (_, effect) in ledger.effects() {
        from_ledger.add(&effect).unwrap();
    }
    let bulk = bulk.get(&7.into()).unwrap();
    assert_eq!(
        bulk.on(&Fact::of_category(Measure::Spend, "books"), 1),
        Some(100)
    );
    assert_eq!(from_transactions.view(), bulk);
    assert_eq!(from_ledger.view(), bulk);
}

//! Refunds by example: named, matched by amount, unlinked, in parts, foreign, against earlier records.

use customer_value::ledger::{Ledger, LedgerBuilder, Options, Reason, TextRow};
use customer_value::model::{Currency, Day, Transaction};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn options() -> Options {
    Options::new(day("2024-12-31"), Currency::EUR)
}

/// `customer,date,amount,id,kind,refund_of,currency,cost,discount`, the last ones optional.
fn row(line: &str) -> TextRow<'_> {
    let mut cells = line.split(',');
    let mut next = || cells.next().unwrap_or("");
    TextRow {
        customer: next(),
        date: next(),
        amount: next(),
        id: next(),
        kind: next(),
        refund_of: next(),
        currency: next(),
        cost: next(),
        discount: next(),
        ..TextRow::default()
    }
}

fn ledger(options: Options, lines: &[&str]) -> Ledger<'static> {
    let mut builder = LedgerBuilder::new(options);
    for line in lines {
        builder.text(row(line));
    }
    builder.finish()
}

/// Day, and: purchases, spend, gross, refunds, cost, discount.
fn effects(ledger: &Ledger<'_>) -> Vec<(String, [i64; 6])> {
    let effects = ledger.effects().map(|(_, e)| {
        let numbers = [e.purchases, e.spend, e.gross, e.refunds, e.cost, e.discount];
        (e.day.to_string(), numbers)
    });
    effects.collect()
}

#[test]
fn a_refund_in_parts_undoes_its_purchase_at_the_end() {
    let ledger = ledger(
        options(),
        &[
            "ada,2024-01-01,10,A,,,,6,2",
            "ada,2024-01-05,3,,refund,A,,1",
            "ada,2024-01-07,7,,refund,A",
            "ada,2024-01-08,0.01,,refund,A",
        ],
    );
    // Everything counts on the day of the purchase.
    let on = |numbers| ("2024-01-01".to_owned(), numbers);
    assert_eq!(
        effects(&ledger),
        [
            on([1, 1000, 1000, 0, 600, 200]),
            on([0, -300, 0, 300, -100, 0]),
            on([-1, -700, 0, 700, -500, -200]),
        ]
    );
    let quality = ledger.quality();
    assert_eq!((quality.refunds_named, quality.purchases_undone), (2, 1));
    assert_eq!(ledger.rejects()[0].reason, Reason::AboveRemaining);
}

#[test]
fn a_refund_recovers_no_more_cost_than_there_was() {
    let ledger = ledger(
        options(),
        &[
            "ada,2024-01-01,10,A,,,,6",
            "ada,2024-01-02,1,,refund,A,,5",
            "ada,2024-01-03,1,,refund,A,,5",
        ],
    );
    let cost: Vec<i64> = ledger.effects().map(|(_, e)| e.cost).collect();
    assert_eq!(cost, [600, -500, -100]);
}

#[test]
fn an_unnamed_refund_takes_the_latest_whole_purchase_of_its_amount() {
    let ledger = ledger(
        options(),
        &[
            "ada,2024-01-01,10",
            "ada,2024-01-02,10,B",
            "ada,2024-01-03,10,C",
            "ada,2024-01-09,10",
            "bob,2024-01-03,10",
            "ada,2024-01-04,10,,refund,C",
            "ada,2024-01-05,-10", // C is gone: B
            "ada,2024-01-05,-10", // then the first
            "ada,2024-01-05,-10", // then nothing up to that day
            "ada,2024-01-09,-10", // the one of that day
            "ada,2024-01-09,-9",  // no purchase of exactly that
        ],
    );
    let refunds: Vec<(String, [i64; 6])> = effects(&ledger).split_off(5);
    let undone = [-1, -1000, 0, 1000, 0, 0];
    let expected = [
        ("2024-01-03", undone),
        ("2024-01-02", undone),
        ("2024-01-01", undone),
        ("2024-01-05", [0, -1000, 0, 1000, 0, 0]),
        ("2024-01-09", undone),
        ("2024-01-09", [0, -900, 0, 900, 0, 0]),
    ];
    assert_eq!(
        refunds,
        expected.map(|(day, numbers)| (day.to_owned(), numbers))
    );
    let q = ledger.quality();
    assert_eq!(
        (
            q.refunds_named,
            q.refunds_matched,
            q.refunds_unlinked,
            q.purchases_undone
        ),
        (1, 3, 2, 4)
    );
}

#[test]
fn a_partly_refunded_purchase_is_not_matched_by_amount() {
    let ledger = ledger(
        options(),
        &[
            "ada,2024-01-01,10,A",
            "ada,2024-01-02,1,,refund,A",
            "ada,2024-01-03,-10",
        ],
    );
    assert_eq!(ledger.quality().refunds_unlinked, 1);
}

#[test]
fn which_of_two_equal_purchases_is_taken_does_not_depend_on_their_order() {
    let [a, b] = ["ada,2024-01-01,10,A", "ada,2024-01-01,10,B"];
    let rest = ["ada,2024-01-02,-10", "ada,2024-01-03,10,,refund,A"];
    let rejected = |first, second| {
        let ledger = ledger(options(), &[first, second, rest[0], rest[1]]);
        ledger.quality().rejected
    };
    assert_eq!(rejected(a, b), rejected(b, a));
    // One that no refund can name is taken first.
    let none = "ada,2024-01-01,10";
    assert_eq!((rejected(a, none), rejected(none, a)), (0, 0));
}

#[test]
fn many_equal_refunds_of_one_customer_take_linear_time() {
    let n = 60_000;
    let mut rows = vec!["guest,2024-01-01,10"; n];
    rows.extend(vec!["guest,2024-01-02,-10"; n]);
    let ledger = ledger(options(), &rows);
    assert_eq!(ledger.quality().refunds_matched, n as u64);
}

#[test]
fn a_foreign_refund_gives_back_what_was_counted() {
    let mut options = options();
    for (from, rate) in [("2024-01-01", "0.905"), ("2024-02-01", "2")] {
        let rate = rate.parse().unwrap();
        options.rates.set(Currency::USD, day(from), rate).unwrap();
    }
    let ledger = ledger(
        options,
        &[
            "ada,2024-01-01,10.01,A,,,USD,5,1",
            "ada,2024-02-01,3.33,,refund,A,USD",
            "ada,2024-02-01,3.33,,refund,A,USD",
            "ada,2024-02-02,3.35,,refund,A,USD",
            // Unlinked: at the rate of its own day.
            "ada,2024-02-02,-7.00,,,,USD",
        ],
    );
    let spend: Vec<i64> = ledger.effects().map(|(_, e)| e.spend).collect();
    assert_eq!(spend[0], 906); // 905.905
    assert_eq!(spend[1..4].iter().sum::<i64>(), -906);
    assert_eq!(spend[4], -1400);
    assert_eq!(ledger.quality().converted, 5);
    let all: i64 = ledger.effects().map(|(_, e)| e.cost + e.discount).sum();
    assert_eq!(all, 0);
}

#[test]
fn context_is_linked_to_and_counts_nothing() {
    let earlier = Transaction::purchase(7, day("2024-01-01"), "10.00 EUR".parse().unwrap())
        .unwrap()
        .with_id("A")
        .unwrap();
    let taken = Transaction::purchase(7, day("2024-01-02"), "5.00 EUR".parse().unwrap())
        .unwrap()
        .with_id("B")
        .unwrap();
    let back = Transaction::refund(7, day("2024-01-03"), "4.00 EUR".parse().unwrap())
        .unwrap()
        .refund_of("A")
        .unwrap();
    let mut builder = LedgerBuilder::new(options());
    builder.context([&earlier, &taken, &back]);
    for line in [
        "7,2024-01-04,7,,refund,A", // only 6 are left
        "7,2024-01-04,6,,refund,A",
        "7,2024-01-04,-5", // matched to B
        "7,2024-01-02,5,B",
        "7,2024-01-05,1",
    ] {
        builder.text(row(line));
    }
    let ledger = builder.finish();
    let q = ledger.quality();
    assert_eq!((q.read, q.accepted, q.duplicate, q.rejected), (5, 3, 1, 1));
    assert_eq!(
        (q.refunds_named, q.refunds_matched, q.purchases_undone),
        (1, 1, 2)
    );
    assert_eq!(
        (q.first_day, q.last_day),
        (Some(day("2024-01-04")), Some(day("2024-01-05")))
    );
    assert_eq!(ledger.rejects()[0].position, 0);
    let expected = [
        ("2024-01-01", [-1, -600, 0, 600, 0, 0]),
        ("2024-01-02", [-1, -500, 0, 500, 0, 0]),
        ("2024-01-05", [1, 100, 100, 0, 0, 0]),
    ];
    assert_eq!(effects(&ledger), expected.map(|(d, n)| (d.to_owned(), n)));
}

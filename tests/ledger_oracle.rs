//! The ledger against a slow second implementation of the same words, and the laws of refunds and of order.
//!
//! The oracle looks at every earlier row for each row and at every purchase for each refund.

mod ledger_rows;

use std::collections::BTreeMap;

use customer_value::history::{Fact, Histories, Measure};
use customer_value::ledger::{Field, Reason};
use customer_value::model::{Currency, Day, TransactionKind as Kind};
use ledger_rows::{
    AS_OF, CATEGORIES, MEASURES, Raw, adds, by_text, every_fact, options, policy, rejects, rows,
    rows_with_own_ids, totals,
};
use proptest::prelude::*;

/// Euro cents, halves to even, in whole numbers; the rates of `options`.
fn euro(minor: i64, currency: Currency, day: i32) -> Option<i64> {
    let (numerator, denominator) = match currency {
        Currency::EUR => (1, 1),
        Currency::USD if day < 4 => (905, 1_000),
        Currency::USD => (125, 100),
        Currency::JPY if day >= 3 => (100 * 5, 1_000),
        _ => return None,
    };
    let (whole, rest) = (
        (minor * numerator).div_euclid(denominator),
        (minor * numerator).rem_euclid(denominator),
    );
    let up = match (2 * rest).cmp(&denominator) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => whole % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    Some(whole + i64::from(up))
}

/// Customer, day, and: purchases, spend, gross, refunds, cost, discount; the category it counts for.
type Adds = (u64, i32, [i64; 6], &'static str);

#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Accepted(Adds),
    Duplicate,
    Rejected(Field, Reason),
}

fn oracle(rows: &[Raw], switches: [bool; 4]) -> Vec<Outcome> {
    let [reject_zero, reject_negative, same_row, merge] = switches;
    let who = |row: &Raw| {
        if merge && row.customer == 3 {
            1
        } else {
            row.customer
        }
    };
    let kind = |row: &Raw| {
        row.kind
            .unwrap_or(if row.amount < 0 || row.refund_of.is_some() {
                Kind::Refund
            } else {
                Kind::Purchase
            })
    };
    let size = |row: &Raw| {
        if kind(row) == Kind::Refund {
            row.amount.abs()
        } else {
            row.amount
        }
    };
    let content = |row: &Raw| Raw {
        customer: who(row),
        kind: Some(kind(row)),
        amount: size(row),
        ..row.clone()
    };
    let wrong = |row: &Raw| {
        if row.day > AS_OF {
            return Some((Field::Date, Reason::AfterAsOf));
        }
        if row.amount < 0 && (kind(row) == Kind::Purchase || row.kind.is_none() && reject_negative)
        {
            return Some((Field::Amount, Reason::Negative));
        }
        if row.amount == 0
            && (kind(row) == Kind::Refund || kind(row) == Kind::Purchase && reject_zero)
        {
            return Some((Field::Amount, Reason::Zero));
        }
        if row.refund_of.is_some() && kind(row) != Kind::Refund {
            return Some((Field::RefundOf, Reason::NotARefund));
        }
        if euro(row.amount, row.currency, row.day).is_none() {
            return Some((Field::Currency, Reason::NoRate));
        }
        for (field, part) in [(Field::Cost, row.cost), (Field::Discount, row.discount)] {
            if part < 0 {
                return Some((field, Reason::Negative));
            }
        }
        None
    };
    let euros = |row: &Raw, minor| euro(minor, row.currency, row.day).unwrap_or(0);

    // Each row on its own, and against the rows before it.
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let earlier = || (0..i).filter(|j| outcomes[*j].is_none()).map(|j| &rows[j]);
        let again = match row.id {
            Some(id) => earlier().any(|before| before.id == Some(id)),
            None => same_row && earlier().any(|before| content(before) == content(row)),
        };
        outcomes.push(match wrong(row) {
            Some((field, reason)) => Some(Outcome::Rejected(field, reason)),
            None if again => Some(Outcome::Duplicate),
            None => None,
        });
    }
    let kept: Vec<usize> = (0..rows.len()).filter(|i| outcomes[*i].is_none()).collect();

    // Refunds, day by day: those that name their purchase first.
    let mut refunds: Vec<usize> = kept
        .iter()
        .copied()
        .filter(|i| kind(&rows[*i]) == Kind::Refund)
        .collect();
    refunds.sort_by_key(|i| {
        let row = &rows[*i];
        let named = row.refund_of.map(|id| id.to_string());
        (
            row.day,
            named.is_none(),
            named,
            size(row),
            euros(row, row.cost),
            Some(CATEGORIES[row.category]).filter(|c| !c.is_empty()),
            *i,
        )
    });
    // Of each purchase: refunded in its own currency, the same in euros, cost recovered.
    let mut given: BTreeMap<usize, (i64, i64, i64)> = BTreeMap::new();
    for i in refunds {
        let refund = &rows[i];
        let purchase = match refund.refund_of {
            Some(id) => {
                let named = kept
                    .iter()
                    .copied()
                    .find(|j| rows[*j].id == Some(id) && kind(&rows[*j]) == Kind::Purchase);
                let before = named.map_or(0, |p| given.get(&p).map_or(0, |g| g.0));
                let reason = match named.map(|p| &rows[p]) {
                    None => Some((Field::RefundOf, Reason::UnknownPurchase)),
                    Some(p) if who(p) != who(refund) => {
                        Some((Field::RefundOf, Reason::PurchaseOfAnother))
                    }
                    Some(p) if p.day > refund.day => {
                        Some((Field::RefundOf, Reason::BeforePurchase))
                    }
                    Some(p) if p.currency != refund.currency => {
                        Some((Field::Currency, Reason::OtherCurrency))
                    }
                    Some(p) if size(refund) > p.amount - before => {
                        Some((Field::Amount, Reason::AboveRemaining))
                    }
                    Some(_) => None,
                };
                if let Some((field, reason)) = reason {
                    outcomes[i] = Some(Outcome::Rejected(field, reason));
                    continue;
                }
                named
            }
            None => kept
                .iter()
                .copied()
                .filter(|j| {
                    let p = &rows[*j];
                    kind(p) == Kind::Purchase
                        && who(p) == who(refund)
                        && p.day <= refund.day
                        && p.amount == size(refund)
                        && p.currency == refund.currency
                        && !given.contains_key(j)
                })
                .max_by_key(|j| {
                    let p = &rows[*j];
                    let category = Some(CATEGORIES[p.category]).filter(|c| !c.is_empty());
                    let parts = (euros(p, p.cost), euros(p, p.discount));
                    let id = p.id.map(|id| id.to_string());
                    (p.day, category, parts, id.is_none(), id)
                }),
        };
        let Some(at) = purchase else {
            let amount = euros(refund, size(refund));
            let cost = euros(refund, refund.cost);
            outcomes[i] = Some(Outcome::Accepted((
                who(refund),
                refund.day,
                [0, -amount, 0, amount, -cost, 0],
                CATEGORIES[refund.category],
            )));
            continue;
        };
        let p = &rows[at];
        let (own, in_euros, cost) = given.get(&at).copied().unwrap_or_default();
        let own_now = own + size(refund);
        let all = own_now == p.amount;
        let euros_now = euros(p, p.amount) * own_now / p.amount;
        let bought_for = euros(p, p.cost);
        let cost_now = if all {
            bought_for
        } else {
            bought_for.min(cost + euros(refund, refund.cost))
        };
        given.insert(at, (own_now, euros_now, cost_now));
        let amount = euros_now - in_euros;
        outcomes[i] = Some(Outcome::Accepted((
            who(p),
            p.day,
            [
                -i64::from(all),
                -amount,
                0,
                amount,
                cost - cost_now,
                if all { -euros(p, p.discount) } else { 0 },
            ],
            CATEGORIES[p.category],
        )));
    }

    let rest = |row: &Raw| {
        let amount = euros(row, row.amount);
        let adds = if kind(row) == Kind::Purchase {
            [
                1,
                amount,
                amount,
                0,
                euros(row, row.cost),
                euros(row, row.discount),
            ]
        } else {
            [0, amount, 0, 0, 0, 0]
        };
        Outcome::Accepted((who(row), row.day, adds, CATEGORIES[row.category]))
    };
    rows.iter()
        .zip(outcomes)
        .map(|(row, outcome)| outcome.unwrap_or_else(|| rest(row)))
        .collect()
}

/// Why a refund with no field at fault is rejected.
const BY_THE_PURCHASE: [Reason; 5] = [
    Reason::UnknownPurchase,
    Reason::PurchaseOfAnother,
    Reason::BeforePurchase,
    Reason::OtherCurrency,
    Reason::AboveRemaining,
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_ends_as_the_oracle_says(rows in rows(), switches in any::<[bool; 4]>()) {
        let ledger = by_text(&rows, policy(switches));
        let outcomes = oracle(&rows, switches);
        let mut expected_adds = Vec::new();
        let mut expected_rejects = Vec::new();
        let mut expected_totals: BTreeMap<(u64, i32, Fact), i64> = BTreeMap::new();
        for (outcome, position) in outcomes.iter().zip(0..) {
            match outcome {
                Outcome::Accepted((customer, day, adds, category)) => {
                    expected_adds.push((*customer, *day, *adds));
                    for (measure, add) in MEASURES.into_iter().zip(adds) {
                        *expected_totals.entry((*customer, *day, measure.into())).or_default() += add;
                        if !category.is_empty() {
                            let fact = Fact::of_category(measure, category);
                            *expected_totals.entry((*customer, *day, fact)).or_default() += add;
                        }
                    }
                }
                Outcome::Duplicate => {}
                Outcome::Rejected(field, reason) => expected_rejects.push((position, *field, *reason)),
            }
        }
        expected_totals.retain(|_, total| *total != 0);
        prop_assert_eq!(rejects(&ledger), expected_rejects);
        prop_assert_eq!(adds(&ledger), expected_adds);
        prop_assert_eq!(totals(&ledger), expected_totals);

        let q = ledger.quality();
        let count = |f: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|o| f(o)).count() as u64;
        prop_assert_eq!(q.read, rows.len() as u64);
        prop_assert_eq!(q.accepted, count(&|o| matches!(o, Outcome::Accepted(_))));
        prop_assert_eq!(q.duplicate, count(&|o| *o == Outcome::Duplicate));
        prop_assert_eq!(q.rejected, count(&|o| matches!(o, Outcome::Rejected(..))));
        prop_assert_eq!(q.purchases_undone, count(&|o| matches!(o, Outcome::Accepted((_, _, [-1, ..], _)))));
        let accepted = || rows.iter().zip(&outcomes).filter(|(_, o)| matches!(o, Outcome::Accepted(_))).map(|(r, _)| r);
        prop_assert_eq!(q.converted, accepted().filter(|r| r.currency != Currency::EUR).count() as u64);
        let whole = |o: &Outcome| match o {
            Outcome::Rejected(_, reason) => BY_THE_PURCHASE.contains(reason),
            _ => true,
        };
        let of_merged = rows.iter().zip(&outcomes).filter(|(r, o)| switches[3] && r.customer == 3 && whole(o));
        prop_assert_eq!(q.merged, of_merged.count() as u64);
        prop_assert_eq!(q.first_day.map(Day::epoch_days), accepted().map(|r| r.day).min());
        prop_assert_eq!(q.last_day.map(Day::epoch_days), accepted().map(|r| r.day).max());
        let refunds = q.refunds_named + q.refunds_matched + q.refunds_unlinked;
        let expected = accepted().filter(|r| r.kind == Some(Kind::Refund) || r.kind.is_none() && (r.amount < 0 || r.refund_of.is_some()));
        prop_assert_eq!(refunds, expected.clone().count() as u64);
        prop_assert_eq!(q.refunds_named, expected.filter(|r| r.refund_of.is_some()).count() as u64);
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(
        (rows, shuffled) in rows_with_own_ids().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        switches in any::<[bool; 4]>(),
    ) {
        let (a, b) = (by_text(&rows, policy(switches)), by_text(&shuffled, policy(switches)));
        prop_assert_eq!(a.quality(), b.quality());
        prop_assert_eq!(totals(&a), totals(&b));
        let layout = every_fact();
        prop_assert!(Histories::build(&a, &layout) == Histories::build(&b, &layout));
    }

    /// Refunded to the last cent, in however many parts, is never made.
    #[test]
    fn a_full_refund_unmakes_its_purchase(
        rows in rows_with_own_ids(),
        amount in 3..1_000_000_i64,
        parts in prop::array::uniform2(0.0..1.0_f64),
        foreign in any::<bool>(),
        (cost, discount) in (0..500_i64, 0..500_i64),
        day in 1..=AS_OF,
    ) {
        let currency = if foreign { Currency::USD } else { Currency::EUR };
        // An amount that no other row has, so that nothing else is matched to it.
        let amount = amount + 1_000;
        let purchase = Raw {
            customer: 1, day, amount, kind: Some(Kind::Purchase), id: Some(1_000), refund_of: None, currency,
            category: 1, cost, discount,
        };
        let first = (parts[0] * amount as f64) as i64;
        let second = (parts[1] * (amount - first) as f64) as i64;
        let mut with = rows.clone();
        with.push(purchase.clone());
        for part in [first, second, amount - first - second].into_iter().filter(|part| *part > 0) {
            with.push(Raw {
                day: AS_OF, amount: part, kind: Some(Kind::Refund), id: None, refund_of: purchase.id, discount: 0,
                ..purchase.clone()
            });
        }
        let (with, without) = (by_text(&with, options()), by_text(&rows, options()));
        prop_assert_eq!(with.quality().purchases_undone, without.quality().purchases_undone + 1);
        let (mut with, mut without) = (totals(&with), totals(&without));
        for totals in [&mut with, &mut without] {
            totals.retain(|(_, _, fact), _| !matches!(fact.measure(), Measure::Gross | Measure::Refunds));
        }
        prop_assert_eq!(with, without);
    }
}

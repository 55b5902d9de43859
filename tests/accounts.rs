//! Households and accounts, against plain loops over the raw records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use customer_value::engine::accounts::{
    Accounts, AccountsSpec, Counts, Inherit, MembershipReason, MembershipReport, MembershipRow,
    RejectedMembership, TierSource,
};
use customer_value::engine::{Engine, Policy, Population, Standing};
use customer_value::history::{Histories, History, HistoryView, Layout, Measure};
use customer_value::ledger::{Effect, Ledger, LedgerBuilder, Options, TextRow};
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, Customer, CustomerId, Day, Membership, Money, Transaction};
use proptest::prelude::*;

const BOTH: [Counts; 2] = [Counts::WhileMember, Counts::All];

/// Days of the tests are counted from here.
fn day(n: i32) -> Day {
    Day::from_epoch_days(19_000 + n).unwrap()
}

fn id(n: u64) -> CustomerId {
    n.into()
}

fn join(member: u64, account: u64, from: i32, to: Option<i32>) -> Membership {
    Membership::new(member, account, day(from), to.map(day)).unwrap()
}

fn accounts(memberships: &[Membership]) -> Accounts {
    let (accounts, report) = Accounts::new(memberships);
    assert_eq!(report.rejected, []);
    accounts
}

fn layout() -> Arc<Layout> {
    Arc::new(Layout::new(Currency::EUR, [Measure::Gross.into()]))
}

/// A purchase: who, when, how much in cents.
type Sale = (u64, i32, i64);

fn sale((who, on, minor): Sale) -> Transaction {
    Transaction::purchase(who, day(on), Money::from_minor(minor, Currency::EUR)).unwrap()
}

fn histories(sales: &[Sale]) -> Histories {
    let sales: Vec<Transaction> = sales.iter().copied().map(sale).collect();
    let ledger = Ledger::from_transactions(&sales, Options::new(Day::MAX, Currency::EUR));
    assert_eq!(ledger.rejects(), []);
    Histories::build(&ledger, &layout()).unwrap()
}

fn population(sales: &[Sale]) -> Population {
    Population::new(histories(sales))
}

/// Every id's days with (purchases, spend).
type Totals = BTreeMap<CustomerId, BTreeMap<Day, (i64, i64)>>;

fn totals(histories: &Histories) -> Totals {
    let of = |history: HistoryView<'_>| {
        let on = |measure: Measure, row| history.on(&measure.into(), row).unwrap();
        let rows = history.days().enumerate();
        rows.map(|(row, day)| (day, (on(Measure::Purchases, row), on(Measure::Spend, row))))
            .collect()
    };
    histories.iter().map(|(id, h)| (id, of(h))).collect()
}

fn spend(totals: &Totals, id: u64) -> i64 {
    let days = totals.get(&CustomerId::from(id));
    days.map_or(0, |days| days.values().map(|t| t.1).sum())
}

fn rolled(accounts: &Accounts, sales: &[Sale], counts: Counts, as_of: i32) -> Totals {
    let population = population(sales);
    let rolled = accounts.roll_up(&population, counts, day(as_of)).unwrap();
    totals(rolled.histories())
}

// ---- the slow plain oracle ----

/// What is known: who is in which account from when to when, and which accounts were merged when.
#[derive(Debug, Clone, Default)]
struct Plain {
    rows: Vec<(u64, u64, i32, Option<i32>)>,
    merges: Vec<(u64, u64, i32)>,
}

impl Plain {
    fn merged(&self, mut account: u64, as_of: i32) -> u64 {
        while let Some(merge) = self.merges.iter().find(|m| m.0 == account && m.2 <= as_of) {
            account = merge.1;
        }
        account
    }

    fn account_on(&self, who: u64, on: i32) -> Option<u64> {
        let is = |r: &&(u64, u64, i32, Option<i32>)| {
            r.0 == who && r.2 <= on && r.3.is_none_or(|to| on < to)
        };
        self.rows.iter().find(is).map(|r| r.1)
    }

    fn whom(&self, who: u64, on: i32, counts: Counts, as_of: i32) -> u64 {
        let account = match counts {
            Counts::All => self.account_on(who, as_of),
            _ => self.account_on(who, on),
        };
        self.merged(account.unwrap_or(who), as_of)
    }

    fn accounts(&self, as_of: i32) -> BTreeSet<u64> {
        let begun = self.rows.iter().filter(|r| r.2 <= as_of).map(|r| r.1);
        let merges = self.merges.iter().filter(|m| m.2 <= as_of).map(|m| m.1);
        begun.chain(merges).map(|a| self.merged(a, as_of)).collect()
    }

    /// Record by record and day by day.
    fn totals(&self, sales: &[Sale], counts: Counts, as_of: i32) -> Totals {
        let mut all: Totals = Totals::new();
        for account in self.accounts(as_of) {
            all.entry(id(account)).or_default();
        }
        for (who, on, minor) in sales {
            let present = self.account_on(*who, as_of).is_some();
            if !present && self.merged(*who, as_of) == *who {
                all.entry(id(*who)).or_default();
            }
            if *on > as_of {
                continue;
            }
            let whom = self.whom(*who, *on, counts, as_of);
            if whom == *who && present {
                continue;
            }
            let total = all
                .entry(id(whom))
                .or_default()
                .entry(day(*on))
                .or_default();
            total.0 += 1;
            total.1 += minor;
        }
        all
    }

    /// Which rows make sense, by filling in a calendar.
    fn accepted(rows: &[(u64, u64, i32, Option<i32>)]) -> BTreeSet<(u64, u64, i32, Option<i32>)> {
        let sound: BTreeSet<_> = (rows.iter().copied())
            .filter(|r| r.0 != r.1 && r.3.is_none_or(|to| to > r.2))
            .collect();
        let mut left: Vec<_> = (sound.iter())
            .filter(|r| !sound.iter().any(|other| other.1 == r.0))
            .copied()
            .collect();
        left.sort_by_key(|r| (r.2, r.1, r.3.unwrap_or(i32::MAX)));
        let mut busy = BTreeSet::new();
        left.retain(|r| {
            let days: Vec<(u64, i32)> = (r.2..r.3.unwrap_or(200)).map(|d| (r.0, d)).collect();
            let free = days.iter().all(|d| !busy.contains(d));
            if free {
                busy.extend(days);
            }
            free
        });
        left.into_iter().collect()
    }

    fn accounts_value(&self) -> Accounts {
        let rows: Vec<Membership> = (self.rows.iter())
            .map(|r| join(r.0, r.1, r.2, r.3))
            .collect();
        let accounts = accounts(&rows);
        (self.merges.iter()).fold(accounts, |a, m| {
            a.merge(&id(m.0), &id(m.1), day(m.2)).unwrap()
        })
    }
}

// ---- what is generated ----

/// Customers 1 to 5, accounts 101 to 104; days 0 to 59.
fn any_row() -> impl Strategy<Value = (u64, u64, i32, Option<i32>)> {
    let length = prop_oneof![Just(None), (1..30_i32).prop_map(Some)];
    (1..6_u64, 101..105_u64, 0..60_i32, length).prop_map(|(m, a, f, l)| (m, a, f, l.map(|l| f + l)))
}

/// Rows of which many are wrong.
fn bad_rows() -> impl Strategy<Value = Vec<(u64, u64, i32, Option<i32>)>> {
    let to = prop_oneof![Just(None), (0..20_i32).prop_map(Some)];
    prop::collection::vec((1..6_u64, 3..8_u64, 0..15_i32, to), 0..12)
}

fn plain() -> impl Strategy<Value = Plain> {
    // Merges go from a smaller number to a larger one, so that there is no circle.
    let merges = prop::collection::btree_map(101..104_u64, (1..4_u64, 0..60_i32), 0..3);
    (prop::collection::vec(any_row(), 0..10), merges).prop_map(|(rows, merges)| Plain {
        rows: Plain::accepted(&rows).into_iter().collect(),
        merges: (merges.into_iter())
            .map(|(from, (step, on))| (from, (from + step).min(104), on))
            .collect(),
    })
}

/// Records of members, of accounts, and of others.
fn sales() -> impl Strategy<Value = Vec<Sale>> {
    let who = prop_oneof![4 => 1..8_u64, 1 => 101..106_u64];
    prop::collection::vec((who, 0..60_i32, 0..1000_i64), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_roll_up_is_what_plain_loops_say(plain in plain(), sales in sales(), as_of in 0..70_i32) {
        let value = plain.accounts_value();
        let stored = histories(&sales);
        for counts in BOTH {
            let expected = plain.totals(&sales, counts, as_of);
            let found = value.roll_up(&Population::new(stored.clone()), counts, day(as_of)).unwrap();
            prop_assert_eq!(&totals(found.histories()), &expected);
            // Online, from stored histories: the same bytes.
            for (account, bulk) in found.histories().iter() {
                let online = value
                    .history_of(&account, &layout(), counts, day(as_of), |id| stored.get(id))
                    .unwrap();
                prop_assert_eq!(online.to_bytes(), History::from(bulk).to_bytes());
            }
        }
    }

    #[test]
    fn every_day_counts_for_exactly_one(plain in plain(), sales in sales(), as_of in 0..70_i32) {
        let value = plain.accounts_value();
        let stored = histories(&sales);
        for counts in BOTH {
            // The rows, and what is of present members' own.
            let mut sum = 0;
            for id in (1..8).chain(101..106).map(id) {
                let history = value
                    .history_of(&id, &layout(), counts, day(as_of), |id| stored.get(id))
                    .unwrap();
                let view = history.view();
                sum += (0..view.len()).map(|row| view.on(&Measure::Spend.into(), row).unwrap()).sum::<i64>();
            }
            prop_assert_eq!(sum, sales.iter().filter(|s| s.1 <= as_of).map(|s| s.2).sum::<i64>());
            for (who, on, _) in &sales {
                let whom = value.counts_for(&id(*who), day(*on), counts, day(as_of)).cloned();
                let expected = (*on <= as_of).then(|| id(plain.whom(*who, *on, counts, as_of)));
                prop_assert_eq!(whom, expected);
            }
        }
        // With all days of present members, nothing is outside of the rows.
        let rows = rolled(&value, &sales, Counts::All, as_of);
        let sum: i64 = rows.values().flat_map(BTreeMap::values).map(|t| t.1).sum();
        prop_assert_eq!(sum, sales.iter().filter(|s| s.1 <= as_of).map(|s| s.2).sum::<i64>());
    }

    #[test]
    fn any_order_gives_the_same(
        (plain, order) in plain().prop_flat_map(|p| { let rows = p.rows.clone(); (Just(p), Just(rows).prop_shuffle()) }),
        (sales, cut) in sales().prop_flat_map(|s| { let n = s.len(); (Just(s).prop_shuffle(), 0..=n) }),
    ) {
        let value = plain.accounts_value();
        let shuffled = Plain { rows: order, merges: plain.merges.iter().rev().copied().collect() };
        prop_assert_eq!(&shuffled.accounts_value(), &value);
        // Rolling up parts and merging is rolling up the whole.
        for counts in BOTH {
            let roll = |sales: &[Sale]| value.roll_up(&population(sales), counts, day(50)).unwrap();
            let (left, right) = (roll(&sales[..cut]), roll(&sales[cut..]));
            let merged = left.histories().merge(right.histories()).unwrap();
            let whole = roll(&sales);
            prop_assert!(merged == *whole.histories());
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_rejected_in_any_order(
        (rows, order) in bad_rows().prop_flat_map(|r| (Just(r.clone()), Just(r).prop_shuffle())),
    ) {
        let judge = |rows: &[(u64, u64, i32, Option<i32>)]| {
            let ids: Vec<_> = rows.iter().map(|r| (id(r.0), id(r.1))).collect();
            let raw = rows.iter().zip(&ids).map(|(r, (member, account))| MembershipRow {
                member,
                account,
                from: day(r.2),
                to: r.3.map(day),
            });
            Accounts::new(raw)
        };
        let (value, report) = judge(&rows);
        let expected: Vec<Membership> = {
            let mut all: Vec<_> = Plain::accepted(&rows).into_iter().collect();
            all.sort_by_key(|r| (r.0, r.2));
            all.into_iter().map(|r| join(r.0, r.1, r.2, r.3)).collect()
        };
        prop_assert_eq!(value.memberships(), &expected[..]);
        prop_assert_eq!(report.read, rows.len());
        prop_assert_eq!(report.accepted + report.duplicate + report.rejected.len(), report.read);
        prop_assert!(report.rejected.is_sorted_by(|a, b| a.position < b.position));
        let (again, other) = judge(&order);
        prop_assert_eq!(&again, &value);
        // The same rows for the same reasons.
        let reasons = |report: &MembershipReport, rows: &[(u64, u64, i32, Option<i32>)]| {
            let mut all: Vec<_> = (report.rejected.iter())
                .map(|r| (rows[r.position], r.reason.to_string()))
                .collect();
            all.sort();
            all
        };
        prop_assert_eq!(reasons(&report, &rows), reasons(&other, &order));
        // What is accepted is accepted again, and survives being stored.
        prop_assert_eq!(&accounts(value.memberships()), &value);
        let stored = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Accounts>(&stored).unwrap(), &value);
    }

    #[test]
    fn changes_one_by_one_are_the_same_as_from_scratch(
        steps in prop::collection::vec((0..4_u8, 1..6_u64, 101..105_u64, 0..60_i32), 0..20),
        sales in sales(),
    ) {
        let mut value = Accounts::default();
        let mut plain = Plain::default();
        for (kind, member, account, on) in steps {
            // The plain side: rows that begin later stay, so a change that collides with one is refused.
            let mut next = plain.clone();
            let now = next.rows.iter().position(|r| {
                r.0 == member && r.2 <= on && r.3.is_none_or(|to| on < to)
            });
            let end = |rows: &mut Vec<(u64, u64, i32, Option<i32>)>, i: usize| {
                let (m, a, from, _) = rows.remove(i);
                if from < on {
                    rows.push((m, a, from, Some(on)));
                }
            };
            let changed = match kind {
                0 => {
                    next.rows.push((member, account, on, None));
                    value.join(join(member, account, on, None))
                }
                1 => {
                    now.into_iter().for_each(|i| end(&mut next.rows, i));
                    value.leave(&id(member), day(on))
                }
                2 => {
                    now.into_iter().for_each(|i| end(&mut next.rows, i));
                    next.rows.push((member, account, on, None));
                    value.transfer(&id(member), &id(account), day(on))
                }
                _ => {
                    let from = 100 + member;
                    next.merges.push((from, account, on));
                    value.merge(&id(from), &id(account), day(on))
                }
            };
            next.rows.sort_unstable();
            next.rows.dedup();
            let no_circle = (101..106).all(|a| {
                let mut at = a;
                !(0..10).all(|_| match next.merges.iter().find(|m| m.0 == at) {
                    Some(m) => { at = m.1; true }
                    None => false,
                })
            });
            let froms: BTreeSet<_> = next.merges.iter().collect::<BTreeSet<_>>().iter().map(|m| m.0).collect();
            let merges: BTreeSet<_> = next.merges.iter().copied().collect();
            let right = Plain::accepted(&next.rows).len() == next.rows.len()
                && no_circle
                && froms.len() == merges.len()
                && (kind == 0 || kind == 3 || now.is_some());
            prop_assert_eq!(changed.is_ok(), right, "{:?}", changed);
            if let Ok(changed) = changed {
                next.merges = merges.into_iter().collect();
                (value, plain) = (changed, next);
            }
        }
        prop_assert_eq!(&plain.accounts_value(), &value);
        for counts in BOTH {
            prop_assert_eq!(rolled(&value, &sales, counts, 59), plain.totals(&sales, counts, 59));
        }
    }

    #[test]
    fn a_merge_loses_nothing(plain in plain(), sales in sales(), on in 0..60_i32) {
        let before = Plain { merges: Vec::new(), ..plain };
        let (two, one) = (before.accounts_value(), before.accounts_value().merge(&id(101), &id(102), day(on)).unwrap());
        for counts in BOTH {
            let apart = rolled(&two, &sales, counts, on);
            let together = rolled(&one, &sales, counts, on);
            let mut expected = apart.get(&id(102)).cloned().unwrap_or_default();
            for (day, total) in apart.get(&id(101)).into_iter().flatten() {
                let sum = expected.entry(*day).or_default();
                *sum = (sum.0 + total.0, sum.1 + total.1);
            }
            prop_assert_eq!(&together[&id(102)], &expected);
            prop_assert!(!together.contains_key(&id(101)));
            // On the day before nothing has happened.
            prop_assert_eq!(rolled(&one, &sales, counts, on - 1), rolled(&two, &sales, counts, on - 1));
        }
        // With all days of present members, and no records of its own, it is the same as if all its members moved.
        let sales: Vec<Sale> = sales.into_iter().filter(|s| s.0 != 101).collect();
        let mut moved = two.clone();
        for member in two.members(&id(101), day(on)) {
            moved = match moved.transfer(member, &id(102), day(on)) {
                Ok(moved) => moved,
                Err(_) => return Ok(()), // there is a later membership in the way
            };
        }
        let all = |a: &Accounts| rolled(a, &sales, Counts::All, on).remove(&id(102)).unwrap_or_default();
        prop_assert_eq!(all(&moved), all(&one));
    }

    #[test]
    fn an_earlier_roll_up_is_the_part_of_a_later_one(plain in plain(), sales in sales(), early in 0..60_i32) {
        let value = Plain { merges: Vec::new(), ..plain }.accounts_value();
        let then = rolled(&value, &sales, Counts::WhileMember, early);
        let stored = histories(&sales);
        for (id, days) in then {
            let later = value
                .history_of(&id, &layout(), Counts::WhileMember, day(80), |id| stored.get(id))
                .unwrap();
            let later = Histories::collect(layout(), [(id.clone(), later)]).unwrap();
            let mut part = totals(&later).remove(&id).unwrap();
            part.retain(|on, _| *on <= day(early));
            prop_assert_eq!(part, days);
        }
    }

    #[test]
    fn a_record_added_to_its_row_is_a_roll_up_from_scratch(plain in plain(), sales in sales(), new in (1..8_u64, 0..60_i32, 0..1000_i64)) {
        let value = plain.accounts_value();
        let as_of = day(59);
        for counts in BOTH {
            let whom = value.counts_for(&id(new.0), day(new.1), counts, as_of).unwrap().clone();
            let history = |sales: &[Sale]| {
                let stored = histories(sales);
                value.history_of(&whom, &layout(), counts, as_of, |id| stored.get(id)).unwrap()
            };
            let mut stored = history(&sales);
            let options = Options::new(Day::MAX, Currency::EUR);
            stored.add(&Effect::of(&sale(new), &options).unwrap()).unwrap();
            let all: Vec<Sale> = sales.iter().copied().chain([new]).collect();
            prop_assert_eq!(stored.to_bytes(), history(&all).to_bytes());
        }
    }
}

#[test]
fn many_accounts_of_texts_and_numbers() {
    // More than are put together at a time; account names sort after, before and between customers.
    let account = |n: u64| match n % 3 {
        0 => CustomerId::text(&format!("family {n}")).unwrap(),
        1 => id(n),
        _ => id(1_000_000 + n),
    };
    let members = (10_001..30_000_u64).filter(|who| who % 2 == 0);
    let rows: Vec<Membership> = members
        .map(|who| Membership::new(who, account(who / 3), day(10), None).unwrap())
        .collect();
    let value = accounts(&rows);
    let sales: Vec<Sale> = (10_001..30_000)
        .flat_map(|who| [(who, 5, 1), (who, 15, 100)])
        .collect();
    let found = rolled(&value, &sales, Counts::WhileMember, 20);
    let mut expected = Totals::new();
    for (who, on, minor) in &sales {
        let whom = match (who % 2 == 0, *on >= 10) {
            (true, true) => account(who / 3),
            (true, false) => continue,
            (false, _) => id(*who),
        };
        let days = expected.entry(whom).or_default();
        let total = days.entry(day(*on)).or_insert((0, 0));
        *total = (total.0 + 1, total.1 + minor);
    }
    assert_eq!(found.len(), expected.len());
    assert!(found == expected);
}

// ---- what each choice means ----

#[test]
fn days_of_a_member_stay_with_the_household() {
    // In the household from day 10 up to day 20.
    let value = accounts(&[join(1, 100, 10, Some(20)), join(2, 100, 0, None)]);
    let sales = [
        (1, 5, 1),
        (1, 10, 10),
        (1, 19, 100),
        (1, 20, 1000),
        (2, 15, 10_000),
    ];
    let household = |counts, as_of| spend(&rolled(&value, &sales, counts, as_of), 100);
    let own = |counts, as_of| rolled(&value, &sales, counts, as_of).contains_key(&id(1));

    assert_eq!(household(Counts::WhileMember, 9), 0);
    assert_eq!(household(Counts::WhileMember, 10), 10);
    assert_eq!(household(Counts::WhileMember, 19), 10_110);
    assert_eq!(household(Counts::WhileMember, 25), 10_110);
    assert!(!own(Counts::WhileMember, 19), "a present member is no row");
    assert!(own(Counts::WhileMember, 20));
    assert_eq!(
        spend(&rolled(&value, &sales, Counts::WhileMember, 25), 1),
        1001
    );

    // Counting all days, who leaves takes them all away.
    assert_eq!(household(Counts::All, 9), 0);
    assert_eq!(household(Counts::All, 19), 10_111);
    assert_eq!(household(Counts::All, 25), 10_000);
    assert_eq!(spend(&rolled(&value, &sales, Counts::All, 25), 1), 1111);
}

#[test]
fn the_ends_of_a_membership_are_exact() {
    let value = accounts(&[join(1, 100, 10, Some(20))]);
    for (on, whom) in [(9, 1), (10, 100), (19, 100), (20, 1)] {
        let found = value
            .counts_for(&id(1), day(on), Counts::WhileMember, day(60))
            .cloned();
        assert_eq!(found, Some(id(whom)), "day {on}");
    }
    // The last day there is.
    let open = accounts(&[join(1, 100, 10, None)]);
    let one = id(1);
    let last = open.counts_for(&one, Day::MAX, Counts::WhileMember, Day::MAX);
    assert_eq!(last, Some(&id(100)));
    assert_eq!(open.counts_for(&id(1), day(12), Counts::All, day(11)), None);
}

#[test]
fn a_household_that_begins_later_is_not_there_yet() {
    let value = accounts(&[join(1, 100, 10, None)]);
    let sales = [(1, 5, 7), (1, 12, 8)];
    let early = rolled(&value, &sales, Counts::All, 9);
    assert_eq!(early.keys().cloned().collect::<Vec<_>>(), [id(1)]);
    assert_eq!(spend(&early, 1), 7, "nothing of later days");
    assert_eq!(spend(&rolled(&value, &sales, Counts::All, 12), 100), 15);
}

#[test]
fn leaving_on_the_day_of_joining_is_nothing() {
    let before = accounts(&[join(1, 100, 0, Some(10)), join(2, 100, 0, None)]);
    let after = before
        .join(join(1, 200, 30, None))
        .unwrap()
        .leave(&id(1), day(30))
        .unwrap();
    assert_eq!(after, before);
    // Joining twice is joining once; leaving twice is a mistake.
    let once = before.join(join(3, 100, 0, None)).unwrap();
    assert_eq!(once.join(join(3, 100, 0, None)).unwrap(), once);
    let error = after.leave(&id(1), day(30)).unwrap_err();
    assert!(error.is_misuse());
    assert_eq!(
        error.to_string(),
        format!("customer `1` is in no account on {}", day(30))
    );
}

#[test]
fn a_change_that_does_not_fit_is_refused() {
    let value = accounts(&[join(1, 100, 0, None), join(2, 200, 0, None)]);
    let refused = |changed: Result<Accounts, customer_value::Error>| {
        let error = changed.unwrap_err();
        assert!(error.is_misuse());
        error.to_string()
    };
    assert!(refused(value.join(join(1, 200, 5, None))).contains("at the same time"));
    assert!(refused(value.join(join(100, 200, 5, None))).contains("is an account itself"));
    assert!(refused(value.join(join(3, 1, 5, None))).contains("is an account itself"));
    assert!(refused(value.merge(&id(100), &id(1), day(0))).contains("is an account itself"));
    assert!(refused(value.merge(&id(100), &id(100), day(0))).contains("circle"));
    let merged = value.merge(&id(100), &id(200), day(9)).unwrap();
    assert!(refused(merged.merge(&id(200), &id(100), day(10))).contains("circle"));
    assert!(refused(merged.merge(&id(100), &id(300), day(10))).contains("is merged into"));
    // The same merge again is the same.
    assert_eq!(merged.merge(&id(100), &id(200), day(9)).unwrap(), merged);
}

#[test]
fn all_problems_are_told_at_once() {
    let ids: Vec<CustomerId> = (0..10).map(id).collect();
    let row = |m: usize, a: usize, from: i32, to: Option<i32>| MembershipRow {
        member: &ids[m],
        account: &ids[a],
        from: day(from),
        to: to.map(day),
    };
    let (value, report) = Accounts::new([
        row(1, 8, 0, Some(10)),
        row(2, 2, 0, None),
        row(3, 8, 5, Some(5)),
        row(8, 9, 0, None),
        row(1, 9, 9, None),
        row(1, 8, 0, Some(10)),
        row(1, 9, 10, None),
    ]);
    assert_eq!(
        value.memberships(),
        [join(1, 8, 0, Some(10)), join(1, 9, 10, None)]
    );
    assert_eq!((report.read, report.accepted, report.duplicate), (7, 2, 1));
    let rejected = |position, reason| RejectedMembership { position, reason };
    assert_eq!(
        report.rejected,
        [
            rejected(1, MembershipReason::OfItself),
            rejected(2, MembershipReason::Empty),
            rejected(3, MembershipReason::MemberIsAccount),
            rejected(
                4,
                MembershipReason::Overlap {
                    account: id(8),
                    from: day(0)
                }
            ),
        ]
    );
    assert_eq!(
        report.rejected[2].to_string(),
        "row 4: the member is an account itself"
    );
}

#[test]
fn a_refund_follows_its_purchase() {
    let text = |id, customer, n, amount, kind, refund_of| TextRow {
        id,
        customer,
        date: n,
        amount,
        kind,
        refund_of,
        ..TextRow::default()
    };
    let days: Vec<String> = (0..40).map(|n| day(n).to_string()).collect();
    let mut builder = LedgerBuilder::new(Options::new(day(40), Currency::EUR));
    // Bought before joining, given back as a member; bought as a member, given back after leaving; and unlinked.
    builder.text(text("a", "1", &days[5], "100", "purchase", ""));
    builder.text(text("b", "1", &days[15], "80", "purchase", ""));
    builder.text(text("c", "1", &days[16], "30", "refund", "a"));
    builder.text(text("d", "1", &days[25], "50", "refund", "b"));
    builder.text(text("e", "1", &days[26], "7", "refund", ""));
    let ledger = builder.finish();
    assert_eq!(ledger.rejects(), []);
    let population = Population::new(Histories::build(&ledger, &layout()).unwrap());
    let value = accounts(&[join(1, 100, 10, Some(20))]);
    let rows = value
        .roll_up(&population, Counts::WhileMember, day(40))
        .unwrap();
    let rows = totals(rows.histories());
    assert_eq!(spend(&rows, 100), 3000);
    assert_eq!(spend(&rows, 1), 7000 - 700);
}

#[test]
fn attributes_stay_with_whom_they_are_of() {
    let city = |n: u64, city: &str| Customer::new(n).with("city", city).unwrap();
    let population = population(&[(1, 5, 10)])
        .with_customers([city(1, "Bonn"), city(2, "Ulm"), city(100, "Wuhan")])
        .unwrap();
    let value = accounts(&[join(1, 100, 0, None)]);
    let rows = value
        .roll_up(&population, Counts::WhileMember, day(9))
        .unwrap();
    let cities: Vec<_> = (0..rows.len())
        .map(|i| {
            let (id, history) = rows.histories().at(i).unwrap();
            (id, history.len(), rows.customer(i).cloned())
        })
        .collect();
    assert_eq!(
        cities,
        [
            (id(2), 0, Some(city(2, "Ulm"))),
            (id(100), 1, Some(city(100, "Wuhan")))
        ]
    );
}

#[test]
fn only_the_totals_have_to_fit() {
    let large = |who: u64, minor: i64| {
        let mut history = History::new(layout());
        let options = Options::new(Day::MAX, Currency::EUR);
        let adjustment =
            Transaction::adjustment(who, day(1), Money::from_minor(minor, Currency::EUR));
        history
            .add(&Effect::of(&adjustment, &options).unwrap())
            .unwrap();
        (id(who), history)
    };
    let roll = |amounts: &[i64]| {
        let all = amounts
            .iter()
            .zip(1..)
            .map(|(minor, who)| large(who, *minor));
        let population = Population::new(Histories::collect(layout(), all).unwrap());
        let rows: Vec<Membership> = (1..=amounts.len() as u64)
            .map(|m| join(m, 100, 0, None))
            .collect();
        accounts(&rows).roll_up(&population, Counts::All, day(9))
    };
    // In whatever order they come, though two of them do not fit together.
    for amounts in [[i64::MAX, 1, -1], [1, i64::MAX, -1], [-1, 1, i64::MAX]] {
        assert_eq!(
            spend(&totals(roll(&amounts).unwrap().histories()), 100),
            i64::MAX
        );
    }
    let error = roll(&[i64::MAX, 1]).unwrap_err();
    assert!(error.is_overflow());
    assert_eq!(
        error.to_string(),
        "a total of account `100` does not fit 64 bits"
    );
}

#[test]
fn histories_of_other_facts_do_not_go_together() {
    let other = History::new(Layout::new(Currency::USD, []));
    let value = accounts(&[join(1, 100, 0, None)]);
    let error = value.history_of(&id(100), &layout(), Counts::All, day(1), |_| {
        Some(other.view())
    });
    assert!(error.unwrap_err().is_misuse());
}

// ---- tiers ----

fn engine(inherit: &str) -> Engine {
    let text = format!(
        r#"
        head = {{ name = "card", version = "1", currency = "EUR" }}
        tiers = [
            {{ name = "gold", when = "spend >= 10" }},
            {{ name = "silver", when = "spend >= 5" }},
            {{ name = "basic" }},
        ]
        accounts = {{ inherit = "{inherit}" }}
        "#
    );
    Engine::from_toml(&text, &Catalog::standard()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Member 1 was gold before joining, 2 bought for the household, 3 never bought, 4 left again, 5 is alone.
fn family() -> (Accounts, Vec<Sale>) {
    let value = accounts(&[
        join(1, 100, 10, None),
        join(2, 100, 0, None),
        join(3, 100, 0, None),
        join(4, 100, 0, Some(20)),
    ]);
    (
        value,
        vec![
            (1, 5, 2000),
            (2, 12, 400),
            (4, 8, 500),
            (4, 25, 100),
            (5, 8, 1200),
        ],
    )
}

/// (customer, tier, reason)
fn tiers(inherit: &str, with_own: bool) -> Vec<(u64, String, String)> {
    let engine = engine(inherit);
    let (value, sales) = family();
    let sales: Vec<Transaction> = sales.into_iter().map(sale).collect();
    let as_of = day(40);
    let customers = engine
        .population(&Ledger::from_transactions(&sales, engine.cleaning(as_of)))
        .unwrap();
    let rows = engine.roll_up(&value, &customers, as_of).unwrap();
    let rolled = engine.review_all(&rows, None, as_of).unwrap();
    let own = engine.review_all(&customers, None, as_of).unwrap();
    let found = engine
        .inherit(&value, &rolled, with_own.then_some(&own))
        .unwrap();
    found
        .iter()
        .map(|t| {
            (
                t.customer.as_number().unwrap(),
                t.tier.to_owned(),
                t.reason(),
            )
        })
        .collect()
}

fn lines(found: &[(u64, String, String)]) -> Vec<String> {
    found
        .iter()
        .map(|(id, _, reason)| format!("{id} {reason}"))
        .collect()
}

#[test]
fn a_pooled_household_gives_its_tier_to_everybody_in_it() {
    // The household has 4 + 5; who left has 1 of their own.
    assert_eq!(
        lines(&tiers("account", false)),
        [
            "1 silver: by account `100`",
            "2 silver: by account `100`",
            "3 silver: by account `100`",
            "4 basic: own, in no account",
            "5 gold: own, in no account",
        ]
    );
    // The own tiers may be looked at, and change nothing.
    let shown = tiers("account", true);
    assert_eq!(shown[0].2, "silver: by account `100` (own: gold)");
    assert_eq!(shown[3].2, "basic: own, in no account");
}

#[test]
fn the_better_tier_wins_and_all_own_days_count() {
    assert_eq!(
        lines(&tiers("better", true)),
        [
            "1 gold: own (account `100`: silver)",
            "2 silver: by account `100` (own: basic)",
            "3 silver: by account `100` (own: basic)",
            "4 silver: own, in no account",
            "5 gold: own, in no account",
        ]
    );
}

#[test]
fn own_tiers_stay_own() {
    assert_eq!(
        lines(&tiers("own", true)),
        [
            "1 gold: own (account `100`: silver)",
            "2 basic: own (account `100`: silver)",
            "3 basic: own (account `100`: silver)",
            "4 silver: own, in no account",
            "5 gold: own, in no account",
        ]
    );
}

#[test]
fn of_two_equal_tiers_it_is_the_own() {
    let gold = engine("better").ladder().tier("gold");
    let chosen = Inherit::Better.choose(gold, gold);
    assert_eq!(chosen, gold.map(|tier| (tier, TierSource::Own)));
    // What is not known is not made up.
    assert_eq!(Inherit::Better.choose(None, gold), None);
    assert_eq!(
        Inherit::Account.choose(None, gold),
        gold.map(|tier| (tier, TierSource::Account))
    );
}

#[test]
fn online_is_bulk() {
    let engine = engine("account");
    let (value, sales) = family();
    let as_of = day(40);
    let all: Vec<Transaction> = sales.iter().copied().map(sale).collect();
    let customers = engine
        .population(&Ledger::from_transactions(&all, engine.cleaning(as_of)))
        .unwrap();
    let history = engine
        .account_history(&value, &id(100), as_of, |id| customers.histories().get(id))
        .unwrap();
    let mut buffer = engine.buffer();
    let (_, one) = engine.review(&history, Standing::default(), as_of, &mut buffer);
    let rows = engine.roll_up(&value, &customers, as_of).unwrap();
    let reviews = engine.review_all(&rows, None, as_of).unwrap();
    let bulk = reviews.get(&id(100)).unwrap();
    assert_eq!(
        (one.tier(), one.number("spend")),
        (bulk.tier(), bulk.number("spend"))
    );
    assert_eq!(one.number("spend"), Some(9.0));
}

#[test]
fn only_histories_that_count_are_loaded() {
    let value = accounts(&[
        join(1, 100, 0, Some(5)),
        join(2, 100, 0, None),
        join(3, 100, 50, None),
    ]);
    let asked = |counts| {
        let mut asked = Vec::new();
        let history = value.history_of(&id(100), &layout(), counts, day(40), |id| {
            asked.push(id.as_number().unwrap());
            None
        });
        assert!(history.unwrap().view().is_empty());
        asked
    };
    assert_eq!(asked(Counts::WhileMember), [1, 2, 100]);
    assert_eq!(asked(Counts::All), [2, 100]);
}

#[test]
fn reviews_that_do_not_belong_together_are_refused() {
    let (better, other) = (engine("better"), engine("own"));
    let (value, sales) = family();
    let sales: Vec<Transaction> = sales.into_iter().map(sale).collect();
    let customers = better
        .population(&Ledger::from_transactions(&sales, better.cleaning(day(40))))
        .unwrap();
    let rows = better.roll_up(&value, &customers, day(40)).unwrap();
    let rolled = better.review_all(&rows, None, day(40)).unwrap();
    let own = better.review_all(&customers, None, day(40)).unwrap();
    let early = better.review_all(&customers, None, day(39)).unwrap();
    assert!(better.inherit(&value, &rolled, &own).is_ok());
    for wrong in [
        better.inherit(&value, &rolled, None),
        better.inherit(&value, &rolled, &early),
        better.inherit(&value, &own, &own), // not rolled up
        other.inherit(&value, &rolled, &own),
    ] {
        assert!(wrong.unwrap_err().is_misuse());
    }
}

// ---- data ----

#[test]
fn memberships_are_checked_when_read() {
    let text = r#"{"member":1,"account":"smiths","from":"2024-01-01","to":"2024-06-01"}"#;
    let membership: Membership = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&membership).unwrap(), text);
    for wrong in [
        r#"{"member":1,"account":1,"from":"2024-01-01"}"#,
        r#"{"member":1,"account":2,"from":"2024-01-01","to":"2024-01-01"}"#,
        r#"{"member":1,"account":2,"from":"2024-01-01","until":"2025-01-01"}"#,
    ] {
        assert!(
            serde_json::from_str::<Membership>(wrong).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn accounts_are_checked_when_read() {
    let value = accounts(&[join(1, 100, 0, None)])
        .merge(&id(100), &id(200), day(9))
        .unwrap();
    let stored = serde_json::to_string(&value).unwrap();
    assert_eq!(serde_json::from_str::<Accounts>(&stored).unwrap(), value);
    let read = |text: &str| serde_json::from_str::<Accounts>(text).map_err(|e| e.to_string());
    let version = read(r#"{"version":2,"memberships":[]}"#).unwrap_err();
    assert!(version.contains("accounts of version 2"), "{version}");
    let twice = r#"{"version":1,"memberships":[
        {"member":1,"account":2,"from":"2024-01-01"},{"member":1,"account":3,"from":"2024-02-01"}]}"#;
    let error = read(twice).unwrap_err();
    assert!(
        error.contains("the membership of `1` does not fit the others"),
        "{error}"
    );
}

#[test]
fn the_section_of_a_policy() {
    let base = Policy::standard(Currency::EUR);
    assert_eq!(base.accounts, None);
    let policy = Policy {
        accounts: Some(AccountsSpec {
            counts: Counts::All,
            inherit: Inherit::Better,
        }),
        ..base
    };
    let text = policy.to_toml().unwrap();
    assert!(
        text.contains("[accounts]\ncounts = \"all\"\ninherit = \"better\""),
        "{text}"
    );
    assert_eq!(toml::from_str::<Policy>(&text).unwrap(), policy);
    let wrong = text.replace("\"better\"", "\"best\"");
    let problems = Engine::from_toml(&wrong, &Catalog::standard()).unwrap_err();
    let said = problems.to_string();
    assert!(
        said.contains("accounts.inherit: `best` is not one of"),
        "{said}"
    );
}

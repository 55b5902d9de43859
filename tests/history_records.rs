//! Costs, contacts, answers and complaints in histories: against records filtered and added up by hand, and the laws that
//! histories of transactions keep.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use customer_value::history::{Fact, Histories, History, Layout, Measure};
use customer_value::ledger::{Effect, Ledger, Options, Records};
use customer_value::model::{
    Complaint, CostCategory, Currency, CustomerId, Day, Direction, Interaction, Money, Record,
    ServiceCost, SurveyAnswer, SurveyInstrument, Transaction,
};
use customer_value::summary::{Summary, Window};
use proptest::prelude::*;

fn day(epoch: i32) -> Day {
    Day::from_epoch_days(epoch).unwrap()
}

fn options() -> Options {
    Options::new(Day::MAX, Currency::EUR)
}

fn euros(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

/// A fact, and what a record adds to it, said a second time: the day and the number.
type Plain = (Fact, fn(&Record) -> Option<(Day, i64)>);

fn contact(record: &Record) -> Option<&Interaction> {
    match record {
        Record::Interaction(contact) => Some(contact),
        _ => None,
    }
}

fn answer(record: &Record) -> Option<&SurveyAnswer> {
    match record {
        Record::SurveyAnswer(answer) => Some(answer),
        _ => None,
    }
}

fn complaint(record: &Record) -> Option<&Complaint> {
    match record {
        Record::Complaint(complaint) => Some(complaint),
        _ => None,
    }
}

fn cost(record: &Record) -> Option<&ServiceCost> {
    match record {
        Record::ServiceCost(cost) => Some(cost),
        _ => None,
    }
}

fn facts() -> Vec<Plain> {
    vec![
        (Fact::new(Measure::ServiceCost), |r| {
            cost(r).map(|c| (c.day(), c.amount().minor()))
        }),
        (Fact::of_category(Measure::ServiceCost, "marketing"), |r| {
            cost(r)
                .filter(|c| *c.category() == CostCategory::Marketing)
                .map(|c| (c.day(), c.amount().minor()))
        }),
        (Fact::new(Measure::Contacts), |r| {
            contact(r).map(|c| (c.day(), 1))
        }),
        (Fact::new(Measure::Contacts).with_channel("phone"), |r| {
            contact(r)
                .filter(|c| c.channel() == "phone")
                .map(|c| (c.day(), 1))
        }),
        (
            Fact::new(Measure::Contacts)
                .with_kind("browse")
                .with_direction(Direction::Inbound),
            |r| {
                contact(r)
                    .filter(|c| c.kind() == "browse" && c.direction() == Direction::Inbound)
                    .map(|c| (c.day(), 1))
            },
        ),
        (Fact::new(Measure::LatencySeconds), |r| {
            contact(r).and_then(|c| Some((c.day(), c.latency_seconds()?.into())))
        }),
        (
            Fact::new(Measure::Latencies).with_direction(Direction::Outbound),
            |r| {
                contact(r)
                    .filter(|c| c.latency_seconds().is_some())
                    .filter(|c| c.direction() == Direction::Outbound)
                    .map(|c| (c.day(), 1))
            },
        ),
        (Fact::new(Measure::Minutes).with_channel("mail"), |r| {
            contact(r)
                .filter(|c| c.channel() == "mail")
                .and_then(|c| Some((c.day(), c.minutes()?.into())))
        }),
        (Fact::new(Measure::Answers), |r| {
            answer(r).map(|a| (a.day(), 1))
        }),
        (
            Fact::new(Measure::AnswerSum)
                .with_instrument(SurveyInstrument::Csat)
                .with_topic("delivery"),
            |r| {
                answer(r)
                    .filter(|a| a.instrument() == SurveyInstrument::Csat)
                    .filter(|a| a.topic() == Some("delivery"))
                    .map(|a| (a.day(), a.answer().into()))
            },
        ),
        (Fact::new(Measure::Complaints), |r| {
            complaint(r).map(|c| (c.opened(), 1))
        }),
        (Fact::new(Measure::Resolved), |r| {
            complaint(r).and_then(|c| Some((c.resolved()?, 1)))
        }),
        (Fact::new(Measure::Resolved).with_topic("delivery"), |r| {
            complaint(r)
                .filter(|c| c.topic() == "delivery")
                .and_then(|c| Some((c.resolved()?, 1)))
        }),
        // What a record of the kind does not have is never what is asked for.
        (Fact::of_category(Measure::Contacts, "phone"), |_| None),
        (Fact::new(Measure::Spend).with_channel("phone"), |_| None),
        (Fact::new(Measure::Complaints).with_kind("call"), |_| None),
    ]
}

fn layout(which: &[usize]) -> Layout {
    let facts = facts();
    Layout::new(Currency::EUR, which.iter().map(|i| facts[*i].0.clone()))
}

fn everything() -> Vec<usize> {
    (0..facts().len()).collect()
}

fn who() -> impl Strategy<Value = CustomerId> {
    prop::sample::select(vec!["1", "2", "30", "ada", "bob"]).prop_map(|id| id.parse().unwrap())
}

fn record() -> impl Strategy<Value = Record> {
    let words = || prop::sample::select(vec!["phone", "mail", "browse", "delivery", "price"]);
    let categories = vec![CostCategory::Marketing, CostCategory::Survey];
    let costs = (who(), 0..9_i32, 0..50_i64, prop::sample::select(categories)).prop_map(
        |(id, at, minor, of)| {
            ServiceCost::new(id, day(at), euros(minor), of)
                .unwrap()
                .into()
        },
    );
    let rest = (
        prop::option::of(0..9_u32),
        prop::option::of(0..9_u32),
        any::<bool>(),
    );
    let contacts =
        (who(), 0..9_i32, words(), words(), rest).prop_map(|(id, at, channel, kind, rest)| {
            let (latency, minutes, inbound) = rest;
            let direction = if inbound {
                Direction::Inbound
            } else {
                Direction::Outbound
            };
            let mut made = Interaction::new(id, day(at), channel, direction, kind).unwrap();
            if let Some(seconds) = latency {
                made = made.with_latency(seconds);
            }
            if let Some(minutes) = minutes {
                made = made.with_minutes(minutes);
            }
            made.into()
        });
    let answers =
        (who(), 0..9_i32, any::<bool>(), 1..=5_u8, words()).prop_map(|(id, at, nps, n, topic)| {
            let instrument = if nps {
                SurveyInstrument::Nps
            } else {
                SurveyInstrument::Csat
            };
            SurveyAnswer::new(id, day(at), instrument, n)
                .unwrap()
                .with_topic(topic)
                .into()
        });
    let complaints =
        (who(), 0..9_i32, words(), prop::option::of(0..5_i32)).prop_map(|(id, at, topic, open)| {
            let made = Complaint::new(id, day(at), topic).unwrap();
            match open {
                Some(days) => made.resolved_on(day(at + days)).unwrap().into(),
                None => made.into(),
            }
        });
    prop_oneof![costs, contacts, answers, complaints]
}

fn sale() -> impl Strategy<Value = Transaction> {
    (who(), 0..9_i32, 0..50_i64, 0..4_u8).prop_map(|(id, at, minor, kind)| match kind {
        0 => Transaction::adjustment(id, day(at), euros(minor - 25)),
        1 => Transaction::refund(id, day(at), euros(minor + 100)).unwrap(),
        _ => Transaction::purchase(id, day(at), euros(minor)).unwrap(),
    })
}

fn built(sales: &[Transaction], layout: &Layout) -> Histories {
    Histories::build(&Ledger::from_transactions(sales, options()), layout).unwrap()
}

fn with(sales: &[Transaction], records: &[Record], layout: &Layout) -> Histories {
    let records = Records::clean(records.iter().cloned(), &options());
    built(sales, layout).with_records(&records).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_are_filtered_and_added_up(
        sales in prop::collection::vec(sale(), 0..10),
        records in prop::collection::vec(record(), 0..25),
        which in prop::sample::subsequence(everything(), 0..8),
    ) {
        let layout = layout(&which);
        let found = with(&sales, &records, &layout);
        let facts = facts();

        let mut expected: BTreeMap<CustomerId, BTreeSet<Day>> = BTreeMap::new();
        for sale in &sales {
            expected.entry(sale.customer().clone()).or_default().insert(sale.day());
        }
        for record in &records {
            let days = expected.entry(record.customer().clone()).or_default();
            // A record that nothing is read off makes nobody's day, but it makes a customer.
            days.extend(which.iter().filter_map(|i| facts[*i].1(record)).map(|(day, _)| day));
        }
        prop_assert_eq!(found.iter().map(|(id, _)| id).collect::<Vec<_>>(), expected.keys().cloned().collect::<Vec<_>>());
        for (id, days) in &expected {
            let history = found.get(id).unwrap();
            prop_assert_eq!(history.days().collect::<Vec<_>>(), days.iter().copied().collect::<Vec<_>>());
            for (row, on) in days.iter().enumerate() {
                let own = || sales.iter().filter(|s| s.customer() == id && s.day() == *on);
                for i in &which {
                    let (fact, plain) = &facts[*i];
                    let of = records.iter().filter(|r| r.customer() == id).filter_map(plain);
                    let sum: i64 = of.filter(|(day, _)| day == on).map(|(_, n)| n).sum();
                    prop_assert_eq!(history.on(fact, row), Some(sum), "{:?}", fact);
                }
                let spend: i64 = own().map(|s| Effect::of(s, &options()).unwrap().spend).sum();
                prop_assert_eq!(history.on(&Measure::Spend.into(), row), Some(spend));
                if let Some(count) = history.on(&Measure::Transactions.into(), row) {
                    prop_assert_eq!(count, own().count() as i64);
                }
            }
        }
    }

    #[test]
    fn neither_order_nor_partition_matters(
        sales in prop::collection::vec(sale(), 0..8),
        records in prop::collection::vec((record(), any::<bool>()), 0..20),
        order in any::<prop::sample::Index>(),
    ) {
        let layout = layout(&everything());
        let all: Vec<Record> = records.iter().map(|(r, _)| r.clone()).collect();
        let whole = with(&sales, &all, &layout);

        let mut turned = all.clone();
        turned.rotate_left(if all.is_empty() { 0 } else { order.index(all.len()) });
        turned.reverse();
        prop_assert!(with(&sales, &turned, &layout) == whole);

        let part = |left: bool| -> Vec<Record> {
            records.iter().filter(|(_, l)| *l == left).map(|(r, _)| r.clone()).collect()
        };
        let (a, b) = (part(true), part(false));
        let clean = |part: &[Record]| Records::clean(part.iter().cloned(), &options());
        let in_two = built(&sales, &layout).with_records(&clean(&a)).unwrap().with_records(&clean(&b)).unwrap();
        prop_assert!(in_two == whole);
        prop_assert!(with(&sales, &a, &layout).merge(&with(&[], &b, &layout)).unwrap() == whole);
        prop_assert!(with(&[], &b, &layout).merge(&with(&sales, &a, &layout)).unwrap() == whole);
    }

    #[test]
    fn one_by_one_is_all_at_once(
        sales in prop::collection::vec(sale(), 0..8),
        records in prop::collection::vec(record(), 0..20),
        which in prop::sample::subsequence(everything(), 0..8),
    ) {
        let layout = Arc::new(layout(&which));
        let whole = with(&sales, &records, &layout);
        for (id, history) in whole.iter() {
            let mut one = History::new(Arc::clone(&layout));
            for record in records.iter().filter(|r| *r.customer() == id) {
                // Open first and settled later is the same as settled.
                if let Record::Complaint(settled) = record && settled.resolved().is_some() {
                    let open = Complaint::new(id.clone(), settled.opened(), settled.topic()).unwrap();
                    one.record(&open.into(), &options()).unwrap();
                    one.resolve(settled, Day::MAX).unwrap();
                } else {
                    one.record(record, &options()).unwrap();
                }
            }
            for sale in sales.iter().filter(|s| *s.customer() == id) {
                one.add(&Effect::of(sale, &options()).unwrap()).unwrap();
            }
            prop_assert_eq!(one.view(), history, "{}", id);
            // And stored and read.
            prop_assert_eq!(&History::from_bytes(&one.to_bytes()).unwrap(), &one);
            let json = serde_json::to_string(&one).unwrap();
            prop_assert_eq!(&serde_json::from_str::<History>(&json).unwrap(), &one);
            let bytes = one.to_bytes();
            for end in 0..bytes.len() {
                prop_assert!(History::from_bytes(&bytes[..end]).is_err());
            }
        }
    }

    #[test]
    fn what_is_known_of_purchases_does_not_change(
        sales in prop::collection::vec(sale(), 0..12),
        records in prop::collection::vec(record(), 0..20),
        window in prop_oneof![Just(Window::Lifetime), (1..9_i32).prop_map(|n| Window::Trailing(customer_value::model::Days::new(n)))],
        as_of in 0..12_i32,
    ) {
        let layout = layout(&everything());
        let (without, with) = (built(&sales, &layout), with(&sales, &records, &layout));
        for (id, bare) in without.iter() {
            let [a, b] = [bare, with.get(&id).unwrap()].map(|h| Summary::new(h, window, day(as_of)));
            prop_assert_eq!(a.first_purchase(), b.first_purchase());
            prop_assert_eq!(a.last_purchase(), b.last_purchase());
            prop_assert_eq!((a.active_days(), a.purchases(), a.spend_minor()), (b.active_days(), b.purchases(), b.spend_minor()));
            prop_assert_eq!(a.gaps().collect::<Vec<_>>(), b.gaps().collect::<Vec<_>>());
            prop_assert_eq!(a.purchase_days().collect::<Vec<_>>(), b.purchase_days().collect::<Vec<_>>());
            for measure in [Measure::Purchases, Measure::Spend, Measure::Transactions] {
                prop_assert_eq!(a.total(&measure.into()), b.total(&measure.into()));
            }
        }
    }
}

#[test]
fn whole_columns_count_their_transactions() {
    use customer_value::ledger::{Columns, CustomerColumn};
    let keys = CustomerColumn::Numbers(&[7, 7, 9]);
    let columns = Columns::new(keys, &[3, 3, 4], &[100, 200, 300]);
    let ledger = Ledger::from_columns(&columns, options()).unwrap();
    let contacts = Fact::new(Measure::Contacts);
    let layout = Layout::new(
        Currency::EUR,
        [contacts.clone(), Fact::new(Measure::Gross).with_topic("x")],
    );
    let histories = Histories::build(&ledger, &layout).unwrap();
    let of = |id: u64, fact: &Fact| histories.get(&id.into()).unwrap().on(fact, 0);
    assert_eq!(of(7, &Measure::Transactions.into()), Some(2));
    assert_eq!(of(9, &Measure::Transactions.into()), Some(1));
    assert_eq!(of(7, &contacts), Some(0));
    assert_eq!(of(7, &Fact::new(Measure::Gross).with_topic("x")), Some(0));
}

#[test]
fn a_history_of_transactions_is_stored_as_before_there_were_records() {
    let stored =
        b"CVH\x01EUR\x04\x00\x00\x01\x00\x01\x05toys\x02\x00\x01\x02\x02\xc8\x01\x00\xc8\x01";
    let history = History::from_bytes(stored).unwrap();
    assert_eq!(history.to_bytes(), stored);
    assert_eq!(
        history
            .view()
            .on(&Fact::of_category(Measure::Spend, "toys"), 0),
        Some(0)
    );
    assert_eq!(history.view().on(&Measure::Gross.into(), 0), Some(100));
    let json = r#"{"version":1,"currency":"EUR","facts":[{"measure":"purchases"},{"measure":"spend"},{"measure":"spend","category":"toys"}],"days":["2024-01-01"],"totals":[[1],[100],[0]]}"#;
    let history: History = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&history).unwrap(), json);
    // A filter that is not known is not read as another one.
    let mut wrong = stored.to_vec();
    wrong[8] = 0x80;
    wrong.insert(9, 0x10);
    assert!(History::from_bytes(&wrong).unwrap_err().is_parse());
}

#[test]
fn what_does_not_fit_or_is_not_due_changes_nothing() {
    let cost = Fact::new(Measure::ServiceCost);
    let mut history = History::new(Layout::new(Currency::EUR, [cost.clone()]));
    let of = |at, minor| {
        ServiceCost::new(1, day(at), euros(minor), CostCategory::Marketing)
            .unwrap()
            .into()
    };
    history.record(&of(1, i64::MAX), &options()).unwrap();
    let before = history.clone();
    assert!(
        history
            .record(&of(1, 1), &options())
            .unwrap_err()
            .is_overflow()
    );
    let early = Options::new(day(0), Currency::EUR);
    let error = history.record(&of(1, 1), &early).unwrap_err();
    assert!(error.is_range());
    assert_eq!(
        error.to_string(),
        "the date of the record is after the day of the review"
    );
    let dollars = Options::new(Day::MAX, Currency::USD);
    assert!(history.record(&of(2, 1), &dollars).unwrap_err().is_misuse());
    assert_eq!(history, before);

    let complaint = Complaint::new(1, day(1), "price").unwrap();
    assert!(
        history
            .resolve(&complaint, Day::MAX)
            .unwrap_err()
            .is_misuse()
    );
    let settled = complaint.resolved_on(day(5)).unwrap();
    assert!(history.resolve(&settled, day(4)).unwrap_err().is_range());
    history.resolve(&settled, day(5)).unwrap();
    assert_eq!(history, before);

    let dollars = Records::clean([of(2, 1)], &dollars);
    assert_eq!(dollars.rejects().len(), 1);
    let none = Histories::collect(before.layout().clone(), []).unwrap();
    assert!(none.clone().with_records(&dollars).unwrap_err().is_misuse());
    let large = Records::clean([of(1, 1)], &options());
    let full = Histories::collect(before.layout().clone(), [(1.into(), before)]).unwrap();
    assert!(full.with_records(&large).unwrap_err().is_overflow());
}

/// Enough of them to be cut into several parts: customers of whom there are both, only the one or only the other, before,
/// between and after each other, and names beside numbers.
#[test]
fn many_records_are_the_same_on_any_number_of_threads() {
    let who = |n: u64| -> CustomerId {
        match n % 3 {
            0 => format!("c{:05}", n / 3).parse().unwrap(),
            _ => n.into(),
        }
    };
    let sales = (0..9_000_u64).map(|n| {
        let id = who(2_000 + n * 7 % 20_000);
        Transaction::purchase(id, day((n % 50) as i32), euros(100 + n as i64)).unwrap()
    });
    let sales: Vec<Transaction> = sales.collect();
    let records = (0..70_000_u64).map(|n| {
        let (id, on) = (who(n * 11 % 24_000), day((n % 61) as i32));
        match n % 4 {
            0 => Complaint::new(id, on, "delivery").unwrap().into(),
            1 => Interaction::new(id, on, "phone", Direction::Inbound, "browse")
                .unwrap()
                .into(),
            _ => Record::from(
                ServiceCost::new(id, on, euros(n as i64), CostCategory::Marketing).unwrap(),
            ),
        }
    });
    let records: Vec<Record> = records.collect();
    let clean = Records::clean(records.iter().cloned(), &options());
    let layout = Arc::new(layout(&everything()));

    let mut plain: BTreeMap<CustomerId, History> = BTreeMap::new();
    let mut of = |id: &CustomerId, add: &dyn Fn(&mut History)| {
        let own = plain
            .entry(id.clone())
            .or_insert_with(|| History::new(Arc::clone(&layout)));
        add(own);
    };
    for sale in &sales {
        of(sale.customer(), &|own| {
            own.add(&Effect::of(sale, &options()).unwrap()).unwrap()
        });
    }
    for record in &records {
        of(record.customer(), &|own| {
            own.record(record, &options()).unwrap()
        });
    }
    let plain = Histories::collect(Arc::clone(&layout), plain).unwrap();
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let (bare, known, alone) = pool.install(|| {
            let ledger = Ledger::from_transactions(&sales, options());
            let bare = Histories::build(&ledger, &layout).unwrap();
            let known = Histories::build(&ledger.with_records(&clean).unwrap(), &layout);
            (bare, known.unwrap(), with(&[], &records, &layout))
        });
        assert!(known == plain, "{threads}");
        assert!(bare.merge(&alone).unwrap() == plain, "{threads}");
        assert!(alone.with_records(&clean).unwrap().len() == 24_000);
        let ids: Vec<CustomerId> = known.iter().map(|(id, _)| id).collect();
        assert!(
            ids.is_sorted()
                && ids
                    .iter()
                    .enumerate()
                    .all(|(at, id)| known.position(id) == Some(at))
        );
    }
}

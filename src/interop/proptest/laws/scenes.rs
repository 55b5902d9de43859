//! Scenes drawn by chance, and those of extremes.

use ::proptest::prelude::*;
use ::proptest::sample::select;

use super::super::histories::{Events, HistoryOptions, Promised, Refunds};
use super::super::people;
use super::super::plan::plan;
use super::super::values::{days, value_of};
use super::scene::{About, Scene};
use super::told;
use crate::engine::{AttributeSpec, Standing};
use crate::model::{
    Attempt, AttemptKind, AttemptPurpose, Currency, Customer, CustomerId, Day, Days, Money,
    Transaction,
};

/// Scenes of histories with these options.
pub(super) fn scenes(
    options: &HistoryOptions,
    about: &About,
) -> impl Strategy<Value = Scene> + use<> {
    let linked = HistoryOptions {
        currency: about.currency,
        ..options.clone()
    };
    let alone = HistoryOptions {
        refunds: match linked.refunds {
            Refunds::None => Refunds::None,
            _ => Refunds::Unlinked,
        },
        duplicates: false,
        ..linked.clone()
    };
    let after = HistoryOptions {
        refunds: Refunds::None,
        duplicates: false,
        rows: 0..=linked.rows.end().div_ceil(2),
        ..linked.clone()
    };
    let About {
        attributes,
        tiers,
        tried,
        served,
        ..
    } = about.clone();
    let people = (*linked.customers.end()).max(1);
    let known = prop::collection::vec(0..=1200_u16, people * attributes.len());
    // Nobody decides about no tier.
    let deciding = if tiers.is_empty() { 0 } else { people };
    let decided = prop::collection::vec(people::plan(), deciding);
    let tries = prop::collection::vec((any::<u8>(), -60..=700_i32, any::<bool>()), 0..=5);
    // Nobody tries what nobody asks about.
    let tries = match tried {
        true => tries.boxed(),
        false => Just(Vec::new()).boxed(),
    };
    let told = told::told(served.is_some());
    let plans = (plan(&linked), plan(&after), days(linked.as_of.clone()));
    let choices = (any::<bool>(), any::<bool>(), any::<u64>());
    let earlier = prop::collection::vec(1..=400_i32, 0..=3);
    let picks = any::<[u16; 12]>();
    let known = (known, decided, tries, told);
    (plans, choices, known, earlier, picks).prop_map(
        move |((past, future, as_of), (texts, standalone, shuffle), known, earlier, picks)| {
            let (known, decided, tries, told) = known;
            let options = if standalone { &alone } else { &linked };
            let future = future.rows_after(&after, as_of, texts, past.customers());
            let past = past.events(options, as_of, texts);
            let back = |days| as_of.minus(Days::new(days));
            let mut earlier: Vec<Day> = earlier.into_iter().map(back).collect();
            earlier.sort_unstable();
            earlier.dedup();
            let mut known = known.into_iter();
            let ids = past.customers.iter();
            let people = ids.map(|id| person(id, &attributes, &mut known)).collect();
            let mut decided = decided.iter().map(|plan| plan.standing(&tiers, as_of));
            let customers = past.customers.iter();
            let decided = customers
                .map(|_| decided.next().unwrap_or_default())
                .collect();
            let attempts = tries.into_iter().filter_map(|(who, back, uplift)| {
                let all = &past.customers;
                let id = all.get(usize::from(who) % all.len().max(1))?;
                attempt(id, as_of.minus(Days::new(back)), uplift)
            });
            let (records, invitations) = match &served {
                Some(served) => served.place(&told, &past.customers, as_of),
                None => Default::default(),
            };
            Scene {
                attempts: attempts.collect(),
                records,
                invitations,
                past,
                future,
                people,
                decided,
                standalone,
                earlier,
                shuffle,
                picks: picks.to_vec(),
            }
        },
    )
}

fn attempt(id: &CustomerId, day: Day, uplift: bool) -> Option<Attempt> {
    let purpose = match uplift {
        true => AttemptPurpose::Uplift,
        false => AttemptPurpose::WinBack,
    };
    Attempt::new(id.clone(), day, purpose, AttemptKind::Call).ok()
}

fn person(
    id: &CustomerId,
    attributes: &[(String, AttributeSpec)],
    known: &mut impl Iterator<Item = u16>,
) -> Customer {
    attributes
        .iter()
        .zip(known)
        .fold(Customer::new(id.clone()), |customer, ((name, spec), at)| {
            // One in six is not known.
            if at > 1000 {
                return customer;
            }
            let with = match spec {
                AttributeSpec::Number { unit } => customer.clone().with(name, value_of(*unit, at)),
                AttributeSpec::Flag => customer.clone().with(name, at % 2 == 1),
                AttributeSpec::Date => {
                    let day = Day::from_epoch_days(18_000 + 2 * i32::from(at));
                    customer.clone().with(name, day.unwrap_or(Day::MIN))
                }
                // Now and then a word that the policy does not list.
                AttributeSpec::Category { values } => {
                    let word = values.get(usize::from(at) % (values.len() + 1));
                    customer
                        .clone()
                        .with(name, word.map_or("unlisted", String::as_str))
                }
            };
            // What cannot be an attribute is not known.
            with.unwrap_or(customer)
        })
}

/// Scenes at the ends of everything: of the calendar, of amounts, of what fits into a sum.
pub(super) fn extremes(currency: Currency) -> impl Strategy<Value = Scene> {
    let ends = vec![
        Day::MIN,
        Day::MIN.next(),
        Day::from_epoch_days(0).unwrap_or(Day::MIN),
        Day::from_epoch_days(19_800).unwrap_or(Day::MIN),
        Day::MAX.minus(Days::new(1)),
        Day::MAX,
    ];
    let amounts = [
        0,
        1,
        99,
        1_000_000_007,
        i64::MAX / 64,
        i64::MAX / 4,
        i64::MAX,
    ];
    let row = (
        1..=2_u64,
        select(ends.clone()),
        select(amounts.to_vec()),
        0..5_u8,
    );
    let rows = prop::collection::vec(row, 0..=12);
    (select(ends), rows).prop_map(move |(as_of, rows)| {
        let rows: Vec<Transaction> = rows
            .into_iter()
            .filter_map(|(customer, day, minor, kind)| {
                let money = |minor| Money::from_minor(minor, currency);
                match kind {
                    0 => Transaction::refund(customer, day, money(minor)).ok(),
                    1 => Some(Transaction::adjustment(customer, day, money(-minor))),
                    2 => Transaction::purchase(customer, day, money(minor))
                        .and_then(|p| p.with_cost(money(minor))?.with_discount(money(minor)))
                        .ok(),
                    _ => Transaction::purchase(customer, day, money(minor)).ok(),
                }
            })
            .collect();
        let customers: Vec<CustomerId> = (1..=2_u64).map(CustomerId::from).collect();
        let ends = [Day::MIN, as_of, Day::MAX];
        let tried = customers.iter().flat_map(|id| ends.map(|day| (id, day)));
        Scene {
            people: customers.iter().cloned().map(Customer::new).collect(),
            attempts: tried
                .filter_map(|(id, day)| attempt(id, day, true))
                .collect(),
            records: Vec::new(),
            invitations: Vec::new(),
            decided: vec![Standing::default(); customers.len()],
            past: Events {
                as_of,
                currency,
                customers,
                rows,
                promised: Promised::default(),
            },
            future: Vec::new(),
            standalone: true,
            earlier: Vec::new(),
            shuffle: 0,
            picks: Vec::new(),
        }
    })
}

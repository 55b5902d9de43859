//! What holds of profiles of any records.

use customer_value::model::{Currency, Day, Days, Direction, Interaction, Money, Transaction};
use customer_value::report::behaviour::{
    BehaviourOptions, BehaviourReport, Figure, Profile, Times,
};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Row {
    Sale(Transaction),
    Contact(Interaction),
}

fn day(epoch: i32) -> Day {
    Day::from_epoch_days(epoch).unwrap()
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "b", "c", "browse"])
}

fn hour() -> impl Strategy<Value = Option<u8>> {
    prop::option::of(0..24_u8)
}

/// Mostly near the window, sometimes anywhere.
fn any_day() -> impl Strategy<Value = Day> {
    prop_oneof![
        9 => (-5..65_i32).prop_map(day),
        1 => (Day::MIN.epoch_days()..=Day::MAX.epoch_days()).prop_map(day),
    ]
}

fn minor() -> impl Strategy<Value = i64> {
    prop_oneof![4 => 0..10_000_i64, 1 => Just(i64::MAX)]
}

fn row() -> impl Strategy<Value = Row> {
    let eur = |minor| Money::from_minor(minor, Currency::EUR);
    let sale = (
        0..4_u64,
        any_day(),
        minor(),
        minor(),
        hour(),
        word(),
        word(),
    )
        .prop_map(move |(who, on, paid, off, hour, channel, category)| {
            let sale = Transaction::purchase(who, on, eur(paid)).unwrap();
            let mut sale = sale.with_discount(eur(off)).unwrap();
            // One of the words stands for not known.
            if channel != "browse" {
                sale = sale.with_channel(channel);
            }
            if category != "browse" {
                sale = sale.with_category(category);
            }
            Row::Sale(match hour {
                Some(hour) => sale.with_hour(hour).unwrap(),
                None => sale,
            })
        });
    let latency = prop::option::of(prop_oneof![0..2_000_000_u32, Just(u32::MAX)]);
    let contact = (
        0..4_u64,
        any_day(),
        word(),
        any::<bool>(),
        word(),
        hour(),
        latency,
    )
        .prop_map(|(who, on, channel, inbound, kind, hour, latency)| {
            let way = if inbound {
                Direction::Inbound
            } else {
                Direction::Outbound
            };
            let mut contact = Interaction::new(who, on, channel, way, kind).unwrap();
            if let Some(seconds) = latency {
                contact = contact.with_latency(seconds);
            }
            Row::Contact(match hour {
                Some(hour) => contact.with_hour(hour).unwrap(),
                None => contact,
            })
        });
    prop_oneof![sale.boxed(), contact.boxed()]
}

fn options() -> impl Strategy<Value = BehaviourOptions> {
    let days = || prop_oneof![4 => 1..40_i32, 1 => Just(i32::MAX)].prop_map(Days::new);
    let wide = (Day::MIN, Day::MAX);
    let bounds = prop_oneof![4 => Just((day(0), day(60))), 1 => Just(wide)];
    (
        bounds,
        days(),
        days(),
        days(),
        prop_oneof![1..4_u32, Just(u32::MAX)],
    )
        .prop_map(|((from, to), within, per, half_life, frequent)| {
            let new = BehaviourOptions::new(from, to, Currency::EUR).unwrap();
            let new = new
                .with_answer_within(within)
                .unwrap()
                .with_per(per)
                .unwrap();
            new.with_half_life(half_life)
                .unwrap()
                .with_frequent(frequent)
                .unwrap()
        })
}

fn profile<'r>(options: BehaviourOptions, rows: impl IntoIterator<Item = &'r Row>) -> Profile {
    let mut profile = Profile::new(options);
    for row in rows {
        let _ = match row {
            Row::Sale(sale) => profile.add_purchase(sale).unwrap(),
            Row::Contact(contact) => profile.add_contact(contact),
        };
    }
    profile
}

fn sums_to_one(shares: impl IntoIterator<Item = f64>) -> bool {
    (shares.into_iter().sum::<f64>() - 1.0).abs() < 1e-12
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn parts_in_any_order_are_the_whole(
        options in options(),
        rows in prop::collection::vec((0..3_usize, row()), 0..40),
    ) {
        let whole = profile(options, rows.iter().map(|(_, row)| row));
        prop_assert_eq!(&profile(options, rows.iter().rev().map(|(_, row)| row)), &whole);
        let part = |of: usize| profile(options, rows.iter().filter(|(at, _)| *at == of).map(|(_, row)| row));
        let (a, b, c) = (part(0), part(1), part(2));
        let merged = |first: &Profile, rest: [&Profile; 2]| {
            let mut all = first.clone();
            rest.into_iter().for_each(|more| all.merge(more).unwrap());
            all
        };
        prop_assert_eq!(&merged(&a, [&b, &c]), &whole);
        prop_assert_eq!(&merged(&c, [&a, &b]), &whole);
        let right = merged(&b, [&c, &Profile::new(options)]);
        prop_assert_eq!(&merged(&a, [&right, &Profile::new(options)]), &whole);
        prop_assert_eq!(&merged(&Profile::new(options), [&a, &right]), &whole);
        // And what is stored is what was there.
        let text = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Profile>(&text).unwrap(), &whole);
    }

    #[test]
    fn shares_are_of_a_whole_and_numbers_are_numbers(
        options in options(),
        rows in prop::collection::vec(row(), 0..40),
        more in prop::collection::vec(row(), 0..10),
    ) {
        let of = profile(options, &rows);
        for figure in Figure::ALL {
            let value = figure.of(&of);
            prop_assert!(value.is_none_or(|value| value.is_finite() && value >= 0.0), "{}: {:?}", figure, value);
            if figure.unit(&options) == customer_value::model::Unit::Share {
                prop_assert!(value.is_none_or(|value| value <= 1.0), "{}: {:?}", figure, value);
            }
        }
        let categories = of.categories();
        for shares in [
            categories.iter().map(|of| of.purchase_share).collect::<Option<Vec<f64>>>(),
            categories.iter().map(|of| of.spend_share).collect(),
            of.channels().iter().map(|of| of.share).collect(),
            of.purchase_times().hour_shares().map(|of| of.to_vec()),
            of.purchase_times().weekday_shares().map(|of| of.to_vec()),
            of.contact_times().hour_shares().map(|of| of.to_vec()),
        ].into_iter().flatten().filter(|shares| !shares.is_empty()) {
            prop_assert!(sums_to_one(shares.iter().copied()), "{:?}", shares);
        }
        let channels = of.channels();
        for channel in &channels {
            prop_assert!(channel.answered <= channel.judged);
        }
        let outbound: u64 = channels.iter().map(|of| of.judged + of.open).sum();
        prop_assert_eq!(outbound, of.contacts() - of.inbound());
        if let Some(hhi) = of.category_concentration() {
            let bought = categories.iter().filter(|of| of.spend > 0).count();
            prop_assert!(hhi >= 1.0 / bought as f64 - 1e-12);
        }
        let paid = of.price_index().zip(of.discount_share());
        prop_assert!(paid.is_none_or(|(paid, off)| sums_to_one([paid, off])));
        let mut all = profile(options, &more);
        all.merge(&of).unwrap();
        let report = BehaviourReport::new("some", &of, &all, 2).unwrap();
        let text = report.to_string();
        prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}", text);
    }

    #[test]
    fn shifted_hours_and_days_shift_the_usual_ones(
        // Few different ones, so that there often is a usual one, and often two that are as busy.
        things in prop::collection::vec((prop::sample::select(vec![0_u8, 1, 2, 5]), 0..4_i32), 0..20),
        hours in 0..24_u8,
        days in 0..7_i32,
    ) {
        let (mut times, mut later) = (Times::default(), Times::default());
        for (hour, on) in &things {
            times.add(day(*on), Some(*hour));
            later.add(day(*on + days), Some((hour + hours) % 24));
        }
        let shifted = |before: f64, after: f64, by: f64, around: f64| {
            let apart = (before + by - after).rem_euclid(around);
            apart.min(around - apart) < 1e-9
        };
        let (before, after) = (times.usual_hour(), later.usual_hour());
        prop_assert_eq!(before.is_some(), after.is_some());
        if let Some((before, after)) = before.zip(after) {
            prop_assert_eq!((before.most + hours) % 24, after.most);
            prop_assert!(shifted(before.mean, after.mean, hours.into(), 24.0), "{:?} {:?}", before, after);
            prop_assert!((before.concentration - after.concentration).abs() < 1e-12);
        }
        let (before, after) = (times.usual_weekday(), later.usual_weekday());
        prop_assert_eq!(before.is_some(), after.is_some());
        if let Some((before, after)) = before.zip(after) {
            prop_assert_eq!((before.most as i32 + days) % 7, after.most as i32);
            prop_assert!(shifted(before.mean, after.mean, days.into(), 7.0), "{:?} {:?}", before, after);
        }
    }

    #[test]
    fn any_counts_that_were_stored_are_safe(
        hours in prop::collection::vec(prop_oneof![0..3_u64, Just(u64::MAX)], 24),
        weekdays in prop::collection::vec(prop_oneof![0..3_u64, Just(u64::MAX)], 7),
    ) {
        let text = serde_json::json!({ "hours": hours, "weekdays": weekdays }).to_string();
        let mut times: Times = serde_json::from_str(&text).unwrap();
        times.merge(&times.clone());
        times.add(day(0), Some(0));
        if let Some(usual) = times.usual_hour() {
            prop_assert!((0.0..24.0).contains(&usual.mean) && (0.0..=1.0).contains(&usual.concentration));
            prop_assert!((0.0..0.05).contains(&usual.p_value));
        }
        prop_assert!(times.usual_weekday().is_none_or(|usual| (0.0..7.0).contains(&usual.mean)));
        prop_assert!(sums_to_one(times.hour_shares().unwrap()));
    }
}

#[test]
fn of_nobody_nothing_is_known() {
    let options = BehaviourOptions::new(day(0), day(60), Currency::EUR).unwrap();
    let empty = Profile::new(options);
    for figure in Figure::ALL {
        assert_eq!(figure.of(&empty), None, "{figure}");
    }
    assert_eq!((empty.categories(), empty.channels()), (vec![], vec![]));
    assert_eq!(empty.latency(Direction::Inbound), None);
    for times in [empty.purchase_times(), empty.contact_times()] {
        assert_eq!((times.hour_shares(), times.weekday_shares()), (None, None));
        assert!(times.usual_hour().is_none() && times.usual_weekday().is_none());
    }
    let report = BehaviourReport::new("nobody", &empty, &empty, 3).unwrap();
    assert!(
        Figure::ALL
            .iter()
            .all(|figure| report.figure(*figure).index().is_none())
    );
    let _ = report.to_string();
    // A twice written customer is no profile.
    let mut one = empty.clone();
    one.add_customer(&1.into());
    let text = serde_json::to_string(&one).unwrap();
    assert!(text.contains("[[1,{}]]"), "{text}");
    let twice = text.replace("[[1,{}]]", "[[1,{}],[1,{}]]");
    assert!(serde_json::from_str::<Profile>(&twice).is_err());
}

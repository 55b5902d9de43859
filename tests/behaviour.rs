//! Profiles against another computation, against the metrics of the same names, and by hand; reports as text.

use std::collections::BTreeMap;

use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{Ledger, Options, Records};
use customer_value::metrics::{Catalog, MetricSpec};
use customer_value::model::{
    Currency, CustomerId, Day, Days, Direction, Interaction, Money, Transaction, Weekday,
};
use customer_value::report::behaviour::{
    BehaviourOptions, BehaviourReport, Figure, Profile, Times, Usage, Usual,
};
use customer_value::summary::{Summary, Window};
use serde_json::Value;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn options() -> BehaviourOptions {
    BehaviourOptions::new(day("2024-01-01"), day("2024-07-01"), Currency::EUR).unwrap()
}

fn close(found: Option<f64>, expected: &Value, what: &str) {
    let expected = expected.as_f64();
    match found.zip(expected) {
        Some((a, b)) => assert!(
            (a - b).abs() <= 1e-9 * (1.0 + b.abs()),
            "{what}: {a}, not {b}"
        ),
        None => assert_eq!(found, expected, "{what}"),
    }
}

enum Row {
    Sale(Transaction),
    Contact(Interaction),
}

fn rows() -> Vec<Row> {
    let mut reader = csv::Reader::from_path(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/behaviour/records.csv"
    ))
    .unwrap();
    let rows = reader.records().map(|cells| {
        let cells = cells.unwrap();
        let cell = |i: usize| cells.get(i).filter(|text| !text.is_empty());
        let minor =
            |i: usize| cell(i).map(|n| Money::from_minor(n.parse().unwrap(), Currency::EUR));
        let hour: Option<u8> = cell(3).map(|n| n.parse().unwrap());
        let customer: u64 = cells[1].parse().unwrap();
        let on = day(&cells[2]);
        if &cells[0] == "purchase" {
            let mut sale = Transaction::purchase(customer, on, minor(6).unwrap())
                .unwrap()
                .with_channel(&cells[4])
                .with_category(&cells[5]);
            if let Some(discount) = minor(7) {
                sale = sale.with_discount(discount).unwrap();
            }
            Row::Sale(hour.map_or(sale.clone(), |hour| sale.with_hour(hour).unwrap()))
        } else {
            let way = cells[0].parse().unwrap();
            let mut contact = Interaction::new(customer, on, &cells[4], way, &cells[8]).unwrap();
            if let Some(seconds) = cell(9) {
                contact = contact.with_latency(seconds.parse().unwrap());
            }
            Row::Contact(hour.map_or(contact.clone(), |hour| contact.with_hour(hour).unwrap()))
        }
    });
    rows.collect()
}

fn customer_of(row: &Row) -> &CustomerId {
    match row {
        Row::Sale(sale) => sale.customer(),
        Row::Contact(contact) => contact.customer(),
    }
}

fn profile<'r>(rows: impl IntoIterator<Item = &'r Row>) -> Profile {
    let mut profile = Profile::new(options());
    for row in rows {
        let _ = match row {
            Row::Sale(sale) => profile.add_purchase(sale).unwrap(),
            Row::Contact(contact) => profile.add_contact(contact),
        };
    }
    profile
}

fn usual_is<T>(found: Option<Usual<T>>, around: f64, expected: &Value, what: &str) {
    let p = expected["p"].as_f64().unwrap();
    assert_eq!(found.is_some(), p < 0.05, "{what}");
    if let Some(found) = found {
        close(Some(found.concentration), &expected["r"], what);
        close(Some(found.p_value), &expected["p"], what);
        let apart = (found.mean - expected["mean"].as_f64().unwrap()).abs();
        assert!(apart.min(around - apart) < 1e-9, "{what}: {}", found.mean);
        // What the approximation is of.
        if let Some(exact) = expected["p_exact"].as_f64() {
            assert!(
                (found.p_value - exact).abs() < 2e-3,
                "{what}: {} for {exact}",
                found.p_value
            );
        }
    }
}

#[test]
fn figures_are_those_of_another_computation() {
    let expected: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("data/behaviour/expected.json")).unwrap();
    assert_eq!(expected.len(), 4);
    let rows = rows();
    for (name, expected) in &expected {
        let of = rows
            .iter()
            .filter(|row| name == "all" || customer_of(row).to_string() == *name);
        let profile = profile(of);
        for (what, found) in [
            ("customers", profile.customers()),
            ("purchases", profile.purchases()),
            ("contacts", profile.contacts()),
            ("active_days", profile.active_days()),
        ] {
            assert_eq!(Some(found), expected[what].as_u64(), "{name} {what}");
        }
        for figure in Figure::ALL {
            let what = format!("{name} {figure}");
            match figure {
                Figure::Purchases | Figure::ActiveDays | Figure::Contacts => {}
                Figure::CustomerLatency => {
                    close(figure.of(&profile), &expected["latency"][1][2], &what)
                }
                Figure::ServiceLatency => {
                    close(figure.of(&profile), &expected["latency"][0][2], &what)
                }
                Figure::Regularity => {
                    let capped = expected["regularity"].as_f64().unwrap().min(100.0);
                    close(figure.of(&profile), &capped.into(), &what);
                }
                _ => close(figure.of(&profile), &expected[figure.as_str()], &what),
            }
        }
        for (direction, at) in [(Direction::Inbound, 0), (Direction::Outbound, 1)] {
            let latency = profile.latency(direction);
            close(
                latency.map(|of| of.answers as f64),
                &expected["latency"][at][0],
                name,
            );
            close(latency.map(|of| of.mean), &expected["latency"][at][1], name);
        }
        let shares = &expected["spend_shares"];
        assert_eq!(
            profile.categories().len(),
            shares.as_object().unwrap().len()
        );
        for category in profile.categories() {
            close(
                category.spend_share,
                &shares[&category.name],
                &category.name,
            );
        }
        for channel in profile.channels() {
            let shares = &expected["channel_shares"][&channel.name];
            close(
                channel.share.filter(|share| *share > 0.0),
                shares,
                &channel.name,
            );
            let counts = &expected["responses"][&channel.name];
            let found = (channel.judged, channel.answered);
            let wanted = (
                counts[0].as_u64().unwrap_or(0),
                counts[1].as_u64().unwrap_or(0),
            );
            assert_eq!(found, wanted, "{name} {}", channel.name);
        }
        usual_is(
            profile.purchase_times().usual_hour(),
            24.0,
            &expected["purchase_hour"],
            name,
        );
        usual_is(
            profile.contact_times().usual_hour(),
            24.0,
            &expected["contact_hour"],
            name,
        );
        let weekday = profile.purchase_times().usual_weekday();
        usual_is(weekday, 7.0, &expected["purchase_weekday"], name);
    }
}

/// One name, one number.
#[test]
fn figures_are_those_of_the_metrics_of_their_names() {
    let rows = rows();
    let as_of = day("2024-06-30");
    let window = Window::Between(options().from(), options().to());
    let (mut sales, mut contacts) = (Vec::new(), Vec::new());
    for row in &rows {
        match row {
            Row::Sale(sale) if sale.day() <= as_of => sales.push(sale.clone()),
            Row::Contact(contact) if contact.day() <= as_of => contacts.push(contact.clone()),
            _ => {}
        }
    }
    for customer in 1..=3_u64 {
        let id = CustomerId::from(customer);
        let profile = profile(rows.iter().filter(|row| *customer_of(row) == id));
        let decay = profile.decayed_activity();
        assert!(decay.is_some_and(|decay| decay > 0.0));
        for (spec, found) in [
            (MetricSpec::new("contacts"), Some(profile.contacts() as f64)),
            (
                MetricSpec::new("interaction_rate").per(Days::new(30)),
                profile.interaction_rate(),
            ),
            (MetricSpec::new("gap_variation"), profile.gap_variation()),
            (MetricSpec::new("regularity"), profile.regularity()),
            (MetricSpec::new("discount_share"), profile.discount_share()),
            (MetricSpec::new("price_index"), profile.price_index()),
            (MetricSpec::new("browse_to_buy"), profile.browse_to_buy()),
            (
                MetricSpec::new("response_latency").direction(Direction::Outbound),
                profile.latency(Direction::Outbound).map(|of| of.mean),
            ),
        ] {
            let mut problems = Diagnostics::new();
            let spec = spec.over(window);
            let metric = Catalog::standard().build(&spec, &Place::at("m"), &mut problems);
            let metric = metric.unwrap_or_else(|| panic!("{problems}"));
            let cleaning = Options::new(as_of, Currency::EUR);
            let ledger = Ledger::from_transactions(&sales, cleaning.clone());
            let layout = Layout::new(Currency::EUR, metric.facts());
            let records = Records::clean(contacts.iter().cloned(), &cleaning);
            let histories = Histories::build(&ledger, &layout).unwrap();
            let histories = histories.with_records(&records).unwrap();
            let history = histories.get(&id).unwrap();
            let expected = metric.value(&Summary::new(history, metric.window(), as_of), as_of);
            assert_eq!(found, expected, "{customer} {}", metric.name());
        }
    }
}

fn sale(customer: u64, on: &str) -> Transaction {
    Transaction::purchase(customer, day(on), "10.00 EUR".parse().unwrap()).unwrap()
}

fn contact(customer: u64, on: &str, direction: Direction) -> Interaction {
    Interaction::new(customer, day(on), "mail", direction, "offer").unwrap()
}

#[test]
fn each_outbound_contact_is_answered_once_in_time_by_its_own_customer() {
    let rate = |rest: &dyn Fn(&mut Profile)| {
        let mut profile = Profile::new(options());
        profile.add_contact(&contact(1, "2024-03-04", Direction::Outbound));
        rest(&mut profile);
        let mail = profile.channels().remove(0);
        (mail.judged, mail.answered, mail.open)
    };
    let buys =
        |profile: &mut Profile, sale: Transaction| assert!(profile.add_purchase(&sale).unwrap());
    assert_eq!(rate(&|_| ()), (1, 0, 0));
    // Seven days, from its own on.
    assert_eq!(rate(&|p| buys(p, sale(1, "2024-03-04"))), (1, 1, 0));
    assert_eq!(rate(&|p| buys(p, sale(1, "2024-03-10"))), (1, 1, 0));
    assert_eq!(rate(&|p| buys(p, sale(1, "2024-03-11"))), (1, 0, 0));
    assert_eq!(rate(&|p| buys(p, sale(1, "2024-03-03"))), (1, 0, 0));
    assert_eq!(rate(&|p| buys(p, sale(2, "2024-03-05"))), (1, 0, 0));
    let twice = |p: &mut Profile| {
        buys(p, sale(1, "2024-03-05"));
        p.add_contact(&contact(1, "2024-03-06", Direction::Inbound));
    };
    assert_eq!(rate(&twice), (1, 1, 0));
    // What says itself how soon it was answered needs no other record; too late is no answer.
    for (seconds, answered) in [(604_799, 2), (604_800, 1)] {
        let told = contact(1, "2024-03-20", Direction::Outbound).with_latency(seconds);
        let more = |p: &mut Profile| {
            buys(p, sale(1, "2024-03-05"));
            p.add_contact(&told);
        };
        assert_eq!(rate(&more), (2, answered, 0));
    }
    // The last one that is judged is that whose seventh day is the last one.
    for (on, counts) in [("2024-06-24", (2, 0, 0)), ("2024-06-25", (1, 0, 1))] {
        let sent = contact(1, on, Direction::Outbound);
        assert_eq!(rate(&|p| assert!(p.add_contact(&sent))), counts);
    }
}

#[test]
fn frequent_is_exactly_one_day_in_thirty_and_more() {
    // 180 days: six days with a purchase.
    let half = BehaviourOptions::new(day("2024-01-01"), day("2024-06-29"), Currency::EUR).unwrap();
    let mut profile = Profile::new(half);
    profile.add_customer(&3.into());
    for month in 1..=6 {
        profile
            .add_purchase(&sale(1, &format!("2024-{month:02}-05")))
            .unwrap();
        profile
            .add_purchase(&sale(2, &format!("2024-{:02}-05", month.min(5))))
            .unwrap();
    }
    assert_eq!(profile.usage(&1.into()), Some(Usage::Frequent));
    assert_eq!(profile.usage(&2.into()), Some(Usage::Occasional));
    assert_eq!(profile.usage(&3.into()), None);
    assert_eq!(profile.usage(&4.into()), None);
    assert_eq!((profile.customers(), profile.buyers()), (3, 2));
    assert_eq!(profile.frequent_share(), Some(0.5));
}

#[test]
fn refunds_other_days_and_other_currencies_are_left_out() {
    let mut profile = Profile::new(options());
    let refund = Transaction::refund(1, day("2024-03-01"), "1.00 EUR".parse().unwrap()).unwrap();
    assert_eq!(profile.add_purchase(&refund), Ok(false));
    assert_eq!(profile.add_purchase(&sale(1, "2023-12-31")), Ok(false));
    assert_eq!(profile.add_purchase(&sale(1, "2024-07-01")), Ok(false));
    assert!(!profile.add_contact(&contact(1, "2024-07-01", Direction::Inbound)));
    let before = profile.clone();
    let yen = Transaction::purchase(2, day("2024-03-01"), "5 JPY".parse().unwrap()).unwrap();
    assert!(profile.add_purchase(&yen).unwrap_err().is_misuse());
    assert_eq!(profile, before);
    assert_eq!(
        (profile.customers(), profile.purchases(), profile.contacts()),
        (1, 0, 0)
    );
    assert_eq!(profile.add_purchase(&sale(1, "2024-01-01")), Ok(true));
    assert_eq!(profile.add_purchase(&sale(1, "2024-06-30")), Ok(true));

    let other = Profile::new(options().with_frequent(2).unwrap());
    assert!(profile.merge(&other).unwrap_err().is_misuse());
    assert!(
        BehaviourReport::new("x", &profile, &other, 3)
            .unwrap_err()
            .is_misuse()
    );
}

#[test]
fn options_are_checked_in_code_and_in_text() {
    let text = r#"{"from":"2024-01-01","to":"2024-07-01","currency":"EUR"}"#;
    let read: BehaviourOptions = serde_json::from_str(text).unwrap();
    assert_eq!(read, options());
    assert_eq!(
        serde_json::from_str::<BehaviourOptions>(&serde_json::to_string(&read).unwrap()).unwrap(),
        read
    );
    for wrong in [
        text.replace("2024-07-01", "2024-01-01"),
        text.replace('}', r#","per":"0 days"}"#),
        text.replace('}', r#","half_life":"-1 days"}"#),
        text.replace('}', r#","answer_within":"0 days"}"#),
        text.replace('}', r#","frequent":0}"#),
        text.replace('}', r#","often":1}"#),
    ] {
        assert!(
            serde_json::from_str::<BehaviourOptions>(&wrong).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn weekdays_are_those_of_the_calendar() {
    for (text, expected) in [
        ("1970-01-01", Weekday::Thursday),
        ("1969-12-29", Weekday::Monday),
        ("2000-02-29", Weekday::Tuesday),
        ("2024-11-24", Weekday::Sunday),
        ("0001-01-01", Weekday::Monday),
    ] {
        assert_eq!(Weekday::of(day(text)), expected, "{text}");
    }
}

#[test]
fn two_are_chance_and_three_are_a_habit() {
    let mut times = Times::default();
    let on = day("2024-03-01");
    for (n, usual) in [None, None, Some(7), Some(7)].into_iter().enumerate() {
        times.add(on, Some(7));
        assert_eq!(times.usual_hour().map(|of| of.most), usual, "{n}");
    }
    times.add(on, Some(24));
    times.add(on, None);
    assert_eq!(times.hours().iter().sum::<u64>(), 4);
    assert_eq!(times.weekdays().iter().sum::<u64>(), 6);
}

#[test]
fn a_report_as_text() {
    let rows = rows();
    let all = profile(&rows);
    let one = profile(rows.iter().filter(|row| *customer_of(row) == 1.into()));
    let report = BehaviourReport::new("night", &one, &all, 2).unwrap();
    assert_eq!(report.to_string(), include_str!("data/behaviour/night.txt"));
    // serde_json reads some numbers back with another last digit, so what is read is compared as text.
    let text = serde_json::to_string(&report).unwrap();
    let read: BehaviourReport = serde_json::from_str(&text).unwrap();
    assert_eq!(read.to_string(), report.to_string());
    assert_eq!(
        (read.name(), read.options()),
        (report.name(), report.options())
    );
    // Against themselves, everybody is average.
    let same = BehaviourReport::new("all", &all, &all, 9).unwrap();
    for figure in Figure::ALL {
        let index = same.figure(figure).index();
        assert!(
            index.is_none_or(|index| (index - 100.0).abs() < 1e-9),
            "{figure}: {index:?}"
        );
    }
}

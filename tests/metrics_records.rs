//! Measures of costs, contacts, answers and complaints against the records filtered and added up by hand; regularity against
//! its theory and another computation.

use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options, Records};
use customer_value::metrics::{Catalog, MetricSpec};
use customer_value::model::{
    Complaint, CostCategory, Currency, Day, Days, Direction, Interaction, Money, Record,
    ServiceCost, SurveyAnswer, SurveyInstrument,
};
use customer_value::summary::{Summary, Window};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

fn day(epoch: i32) -> Day {
    Day::from_epoch_days(epoch).unwrap()
}

fn options() -> Options {
    Options::new(Day::MAX, Currency::EUR)
}

/// The number of one metric for customer 1, of purchases on some days and of records.
fn measured(days: &[i32], records: &[Record], spec: &MetricSpec, as_of: i32) -> Option<f64> {
    let mut problems = Diagnostics::new();
    let metric = Catalog::standard().build(spec, &Place::at("m"), &mut problems);
    let metric = metric.unwrap_or_else(|| panic!("{problems}"));
    let (keys, amounts) = (vec![1_u64; days.len()], vec![100_i64; days.len()]);
    let columns = Columns::new(CustomerColumn::Numbers(&keys), days, &amounts);
    let ledger = Ledger::from_columns(&columns, options()).unwrap();
    let layout = Layout::new(Currency::EUR, metric.facts());
    let records = Records::clean(records.iter().cloned(), &options());
    let histories = Histories::build(&ledger, &layout).unwrap();
    let histories = histories.with_records(&records).unwrap();
    let history = histories.get(&1.into())?;
    let as_of = day(as_of);
    metric.value(&Summary::new(history, metric.window(), as_of), as_of)
}

fn record() -> impl Strategy<Value = Record> {
    let words = || prop::sample::select(vec!["phone", "mail", "browse", "delivery"]);
    let costs = (0..60_i32, 0..500_i64, any::<bool>()).prop_map(|(at, minor, staff)| {
        let of = if staff {
            CostCategory::ServiceStaff
        } else {
            CostCategory::Survey
        };
        let amount = Money::from_minor(minor, Currency::EUR);
        ServiceCost::new(1, day(at), amount, of).unwrap().into()
    });
    let contacts = (
        0..60_i32,
        words(),
        words(),
        any::<bool>(),
        prop::option::of(0..90_000_u32),
    )
        .prop_map(|(at, channel, kind, inbound, latency)| {
            let direction = if inbound {
                Direction::Inbound
            } else {
                Direction::Outbound
            };
            let made = Interaction::new(1, day(at), channel, direction, kind).unwrap();
            latency
                .map_or(made.clone(), |seconds| made.with_latency(seconds))
                .into()
        });
    let answers = (0..60_i32, any::<bool>(), 1..=5_u8, words()).prop_map(|(at, nps, n, topic)| {
        let instrument = if nps {
            SurveyInstrument::Nps
        } else {
            SurveyInstrument::Csat
        };
        SurveyAnswer::new(1, day(at), instrument, n)
            .unwrap()
            .with_topic(topic)
            .into()
    });
    let complaints =
        (0..60_i32, words(), prop::option::of(0..30_i32)).prop_map(|(at, topic, open)| {
            let made = Complaint::new(1, day(at), topic).unwrap();
            open.map_or(made.clone(), |n| made.resolved_on(day(at + n)).unwrap())
                .into()
        });
    prop_oneof![1 => costs, 3 => contacts, 1 => answers, 1 => complaints]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn measures_are_what_the_records_say(
        purchases in prop::collection::vec(0..60_i32, 0..6),
        records in prop::collection::vec(record(), 0..20),
        trailing in prop::option::of(1..60_i32),
        as_of in 0..90_i32,
    ) {
        let window = trailing.map_or(Window::Lifetime, |n| Window::Trailing(Days::new(n)));
        let from = trailing.map_or(i32::MIN, |n| as_of - n + 1);
        let inside = |d: Day| (from..=as_of).contains(&d.epoch_days());
        let known = purchases.len() + records.len() > 0;
        let check = |spec: MetricSpec, expected: Option<f64>| -> Result<(), TestCaseError> {
            let spec = if spec.measure == "open_complaints" { spec } else { spec.over(window) };
            let found = measured(&purchases, &records, &spec, as_of);
            prop_assert_eq!(found, expected.filter(|_| known), "{:?}", spec);
            Ok(())
        };
        let mut contacts: Vec<&Interaction> = Vec::new();
        let mut costs: Vec<&ServiceCost> = Vec::new();
        let mut answers: Vec<&SurveyAnswer> = Vec::new();
        let mut complaints: Vec<&Complaint> = Vec::new();
        for record in &records {
            match record {
                Record::Interaction(r) if inside(r.day()) => contacts.push(r),
                Record::ServiceCost(r) if inside(r.day()) => costs.push(r),
                Record::SurveyAnswer(r) if inside(r.day()) => answers.push(r),
                Record::Complaint(r) => complaints.push(r),
                _ => {}
            }
        }
        let new = |name: &str| MetricSpec::new(name);
        let major = |minor: i64| minor as f64 / 100.0;
        check(new("service_cost"), Some(major(costs.iter().map(|c| c.amount().minor()).sum())))?;
        let staff = costs.iter().filter(|c| *c.category() == CostCategory::ServiceStaff);
        check(new("service_cost").category("service_staff"), Some(major(staff.map(|c| c.amount().minor()).sum())))?;

        check(new("contacts"), Some(contacts.len() as f64))?;
        let calls = contacts.iter().filter(|c| c.channel() == "phone" && c.direction() == Direction::Inbound);
        check(new("contacts").channel("phone").direction(Direction::Inbound), Some(calls.count() as f64))?;
        let browses = contacts.iter().filter(|c| c.kind() == "browse").count();
        check(new("contacts").kind(" browse "), Some(browses as f64))?;
        let bought = purchases.iter().filter(|at| inside(day(**at))).count();
        check(new("browse_to_buy"), (browses > 0).then(|| bought as f64 / browses as f64))?;

        let outbound: Vec<u32> = contacts.iter().filter(|c| c.direction() == Direction::Outbound)
            .filter_map(|c| c.latency_seconds()).collect();
        let seconds: u64 = outbound.iter().map(|s| u64::from(*s)).sum();
        let hours = (!outbound.is_empty()).then(|| seconds as f64 / (3600.0 * outbound.len() as f64));
        check(new("response_latency").direction(Direction::Outbound), hours)?;

        let rate = match trailing {
            Some(n) => Some((contacts.len() as f64 * 30.0, f64::from(n))),
            None => contacts.iter().map(|c| c.day().epoch_days()).min().map(|first| {
                let later = contacts.iter().filter(|c| c.day().epoch_days() > first).count();
                (later as f64 * 30.0, f64::from(as_of - first))
            }),
        };
        let rate = rate.filter(|(_, days)| *days > 0.0).map(|(n, days)| n / days);
        check(new("interaction_rate").per(Days::new(30)), rate)?;

        let csat: Vec<u8> = answers.iter().filter(|a| a.instrument() == SurveyInstrument::Csat).map(|a| a.answer()).collect();
        let sum: u32 = csat.iter().map(|n| u32::from(*n)).sum();
        let mean = (!csat.is_empty()).then(|| f64::from(sum) / csat.len() as f64);
        check(new("survey_score").instrument(SurveyInstrument::Csat), mean)?;

        let opened = complaints.iter().filter(|c| inside(c.opened())).count();
        check(new("complaints"), Some(opened as f64))?;
        let open = |topic: Option<&str>| {
            let about = complaints.iter().filter(|c| topic.is_none_or(|t| t == c.topic()));
            let there = about.filter(|c| c.opened() <= day(as_of) && c.resolved().is_none_or(|d| d > day(as_of)));
            Some(there.count() as f64)
        };
        check(new("open_complaints"), open(None))?;
        check(new("open_complaints").topic("delivery"), open(Some("delivery")))?;
    }
}

#[test]
fn mistakes_in_the_parameters_of_records() {
    let said = |text: &str| -> Vec<String> {
        let mut problems = Diagnostics::new();
        let spec: MetricSpec = toml::from_str(text).unwrap();
        let built = Catalog::standard().build(&spec, &Place::at("metrics[0]"), &mut problems);
        assert!(built.is_none());
        problems.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        said(
            "measure = \"interaction_rate\"\nchannel = \" \"\ndirection = \"in\"\nkind = \"\"\nper = 30\ntopic = \"x\""
        ),
        [
            "error: metrics[0].topic: `interaction_rate` takes no `topic` (it takes `per`, `channel`, `direction`, `kind`)",
            "error: metrics[0].channel: the channel is empty (write it like `channel = \"phone\"`)",
            "error: metrics[0].direction: `in` is not a valid direction: it is one of `inbound`, `outbound` (write it like `direction = \"inbound\"`)",
            "error: metrics[0].kind: the kind is empty (write it like `kind = \"question\"`)",
            "error: metrics[0].per: `30` is not a valid length of time: it is written like `30 days` (write it like `per = \"30 days\"`)",
        ]
    );
    assert_eq!(
        said("measure = \"survey_score\"\ntopic = \"\""),
        [
            "error: metrics[0]: `survey_score` needs `instrument` (add a line like `instrument = \"csat\"`)",
            "error: metrics[0].topic: the topic is empty (write it like `topic = \"delivery\"`)",
        ]
    );
    assert_eq!(
        said("measure = \"decayed_spend\"\nhalf_life = 90"),
        [
            "error: metrics[0].half_life: `90` is not a valid length of time: it is written like `30 days` (write it like `half_life = \"90 days\"`)"
        ]
    );
    assert_eq!(
        said("measure = \"open_complaints\"\nwindow = \"90 days\""),
        [
            "error: metrics[0].window: `open_complaints` says how things stand on the day of the review, whenever they began (leave `window` out)"
        ]
    );
}

// ---- regularity ----

fn of_gaps(name: &str, gaps: &[i32]) -> Option<f64> {
    let mut days = vec![Day::MIN.epoch_days()];
    for gap in gaps {
        days.push(days[days.len() - 1] + gap);
    }
    let last = days[days.len() - 1];
    measured(&days, &[], &MetricSpec::new(name), last)
}

#[test]
fn regularity_is_missing_below_two_gaps_and_never_infinite() {
    for name in ["regularity", "gap_variation"] {
        assert_eq!(of_gaps(name, &[]), None);
        assert_eq!(of_gaps(name, &[30]), None);
    }
    assert_eq!(of_gaps("regularity", &[30; 12]), Some(100.0));
    assert_eq!(of_gaps("gap_variation", &[30; 12]), Some(0.0));
    let wildest = of_gaps("regularity", &[1, 3_000_000]).unwrap();
    assert!(wildest > 0.0 && wildest < 1e-5, "{wildest}");
}

/// Gaps whose numbers were computed with the fractions and the sample standard deviation of Python 3.12: the mean `q` of
/// ((a − b) / (a + b))² over neighbours, k = (1 − q) / 2q; `statistics.stdev(gaps) / statistics.mean(gaps)`.
#[test]
fn regularity_and_variation_are_those_of_another_computation() {
    for (gaps, k, variation) in [
        (&[90, 10, 226][..], 0.1767317801486827, 1.0049371891751298),
        (&[30, 31, 29, 30, 32][..], 100.0, 0.037505770562471646),
        (
            &[7, 14, 7, 7, 21, 7, 7][..],
            3.6538461538461537,
            0.5507570547286103,
        ),
        (
            &[1, 60, 2, 45, 1, 1, 90][..],
            0.16384570015702868,
            1.2794334683757493,
        ),
        (&[5, 5, 9][..], 11.75, 0.36464227527765836),
    ] {
        let found =
            [of_gaps("regularity", gaps), of_gaps("gap_variation", gaps)].map(Option::unwrap);
        assert!((found[0] - k).abs() < 1e-12 * k, "{gaps:?}: {found:?}");
        assert!((found[1] - variation).abs() < 1e-12, "{gaps:?}: {found:?}");
    }
}

/// Wheat & Morrison (1990): of Erlang-k gaps the share of the first of two has a Beta(k, k) distribution, with the variance
/// 1 ÷ (4(2k + 1)): 1/12 by chance, 1/20 for k = 2. So k is found again in gaps that were drawn with it.
#[test]
fn regularity_finds_the_erlang_distribution_the_gaps_were_drawn_from() {
    let mut random = StdRng::seed_from_u64(20_260_101);
    const CUSTOMERS: u32 = 12;
    for k in [1_u32, 2, 3, 6] {
        let (mut found, mut variation) = (0.0, 0.0);
        for _ in 0..CUSTOMERS {
            // A thousand days in the mean, so that whole days are fine enough.
            let gaps: Vec<i32> = (0..1_500)
                .map(|_| {
                    let stages = (0..k).map(|_| -(1.0 - random.random::<f64>()).ln());
                    let gap = stages.sum::<f64>() * 1_000.0 / f64::from(k);
                    (gap.round() as i32).max(1)
                })
                .collect();
            found += of_gaps("regularity", &gaps).unwrap() / f64::from(CUSTOMERS);
            variation += of_gaps("gap_variation", &gaps).unwrap() / f64::from(CUSTOMERS);
        }
        // One estimate from so many gaps scatters by 5 %, the mean of twelve by less than 1.5 %.
        assert!((found / f64::from(k) - 1.0).abs() < 0.05, "{k}: {found}");
        // The coefficient of variation of Erlang-k is 1 ÷ √k.
        let theory = 1.0 / f64::from(k).sqrt();
        assert!((variation / theory - 1.0).abs() < 0.05, "{k}: {variation}");
    }
}

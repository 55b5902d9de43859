//! A small one of each report.

use customer_value::diagnostic::Diagnostics;
use customer_value::model::{
    Complaint, Currency, CustomerId, Day, Days, Direction, Interaction, Money, SurveyAnswer,
    SurveyInstrument, Transaction, Unit,
};
use customer_value::report::behaviour::{BehaviourOptions, BehaviourReport, Profile};
use customer_value::report::effect::{Arm, Confidence, Dimension, DimensionEffect, EffectMethod};
use customer_value::report::effect::{EffectReport, EffectTerms, Groups, NetEffect, PlanOutcome};
use customer_value::report::{
    Complainer, ComplaintReport, Drivers, Interval, Satisfaction, SatisfactionOptions, Sheet,
};
use customer_value::strategy::allocation::{
    AcquisitionRetention, Candidate, Need, Resource, ResponseCurve, Segment, TierNeeds, select,
    share_capacity, spread,
};
use customer_value::strategy::playbook::{
    self, DueAction, DueList, Names, Plan, PlaybookSpec, Position, Suppressed, Why,
};
use customer_value::strategy::surveys::{self, Because, Due, SurveyList, TriggerEvent};
use customer_value::table::{Field, Schema, Table};

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn eur(text: &str) -> Money {
    text.parse().unwrap()
}

pub fn behaviour() -> Sheet {
    let quarter =
        BehaviourOptions::new(day("2024-01-01"), day("2024-04-01"), Currency::EUR).unwrap();
    let (mut one, mut all) = (Profile::new(quarter), Profile::new(quarter));
    for (customer, on, hour, amount, category) in [
        (1, "2024-01-06", 22, "30.00 EUR", "books|音乐"),
        (1, "2024-01-20", 22, "20.00 EUR", "books|音乐"),
        (1, "2024-02-10", 22, "25.00 EUR", "games"),
        (1, "2024-02-24", 22, "25.00 EUR", "games"),
        (2, "2024-03-05", 9, "100.00 EUR", "garden"),
    ] {
        let sale = Transaction::purchase(customer, day(on), eur(amount)).unwrap();
        let sale = sale.with_category(category).with_channel("web");
        let sale = sale.with_hour(hour).unwrap();
        all.add_purchase(&sale).unwrap();
        if customer == 1 {
            one.add_purchase(&sale).unwrap();
        }
    }
    let (on, out) = (day("2024-02-01"), Direction::Outbound);
    let offer = Interaction::new(1, on, "email", out, "offer").unwrap();
    for profile in [&mut one, &mut all] {
        profile.add_contact(&offer);
    }
    let report = BehaviourReport::new("夜间 | night", &one, &all, 2).unwrap();
    report.sheet()
}

fn answers(instrument: SurveyInstrument) -> Vec<SurveyAnswer> {
    let answers = [
        (1, 5, "delivery"),
        (2, 2, "delivery"),
        (3, 1, "delivery"),
        (4, 4, "价格"),
        (5, 5, "价格"),
        (6, 2, "价格"),
    ];
    let answers = answers.map(|(customer, answer, topic)| {
        let answer = SurveyAnswer::new(customer, day("2024-03-01"), instrument, answer);
        answer.unwrap().with_topic(topic)
    });
    answers.to_vec()
}

fn options(instrument: SurveyInstrument) -> SatisfactionOptions {
    let mut options = SatisfactionOptions::new(instrument, day("2024-03-31"));
    options.least = 3;
    options
}

pub fn satisfaction() -> Sheet {
    let csat = SurveyInstrument::Csat;
    let groups = |customer: &CustomerId, _: Option<&str>| match customer.as_number() {
        Some(1..=4) => vec!["金卡|gold"],
        _ => vec![],
    };
    Satisfaction::of(&answers(csat), options(csat), "tier", groups).sheet()
}

pub fn drivers() -> Sheet {
    let csat = SurveyInstrument::Csat;
    let worth = |customer: &CustomerId| (customer.as_number() != Some(6)).then_some(100_00);
    Drivers::of(&answers(csat), options(csat), Currency::EUR, worth).sheet()
}

pub fn complaints() -> Sheet {
    let monday = day("2024-03-04");
    let complaint = |customer, topic| Complaint::new(customer, monday, topic).unwrap();
    let complaints = [
        complaint(1, "delivery").resolved_on(monday.next()).unwrap(),
        complaint(2, "delivery"),
        complaint(3, "价格").resolved_on(day("2024-03-14")).unwrap(),
        complaint(4, "价格"),
    ];
    let known = |complaint: &Complaint| match complaint.customer().as_number() {
        Some(4) => Complainer::default(),
        _ => Complainer {
            tier: Some("A|金"),
            value: Some(250_00),
            due: Some(day("2024-03-06")),
        },
    };
    let as_of = day("2024-03-14");
    ComplaintReport::of(&complaints, known, Currency::EUR, Days::new(10), as_of).sheet()
}

pub fn effect() -> Sheet {
    effect_report().sheet()
}

pub fn effect_report() -> EffectReport {
    let terms = EffectTerms::new(Confidence::default(), 3);
    let mut groups = Groups::money(Currency::EUR);
    for (arm, minor) in [
        (Arm::Treated, 31_00),
        (Arm::Treated, 42_50),
        (Arm::Treated, 38_00),
        (Arm::Control, 19_00),
        (Arm::Control, 21_00),
        (Arm::Control, 17_50),
    ] {
        groups.add(arm, minor, None);
    }
    let of = |dimension, groups: &Groups| DimensionEffect {
        dimension,
        column: "column".into(),
        scale: groups.scale(),
        method: EffectMethod::default(),
        treated: 3,
        control: 3,
        difference: groups.difference(terms),
        variance_reduction: None,
        uplift: None,
        expected: None,
        plan: None,
    };
    let planned = |plan, expected, effect: DimensionEffect| DimensionEffect {
        expected: Some(expected),
        plan: Some(plan),
        ..effect
    };
    let (nobody, mut rates) = (Groups::numbers(), Groups::yes_no());
    for (arm, yes) in [(Arm::Treated, 1), (Arm::Control, 0)] {
        (0..3).for_each(|_| rates.add(arm, yes, None));
    }
    EffectReport {
        name: "spring | 春季".into(),
        currency: Currency::EUR,
        terms,
        treated: 3,
        control: 3,
        outside: 1,
        dimensions: vec![
            planned(
                PlanOutcome::NotKnown,
                0.5,
                of(Dimension::Satisfaction, &nobody),
            ),
            planned(
                PlanOutcome::NotReached,
                0.99,
                of(Dimension::Repurchase, &rates),
            ),
            planned(PlanOutcome::Reached, 5.0, of(Dimension::Ltv, &groups)),
            of(Dimension::Cost, &groups),
        ],
        net: Some(NetEffect {
            per_customer: -0.001,
            interval: Some(Interval {
                low: -1.5,
                high: 2.0,
            }),
            total: 0.0,
            total_interval: None,
            spent: None,
            returned: None,
        }),
    }
}

pub fn spend() -> Sheet {
    let curve = |ceiling, spend, rate| ResponseCurve::through(ceiling, spend, rate).unwrap();
    let segments = [
        Segment::new(
            "老客户|regular",
            800,
            curve(0.3, 10.0, 0.15),
            eur("60.00 EUR"),
        )
        .floor(eur("7000.00 EUR")),
        Segment::new("vip", 50, curve(0.6, 40.0, 0.3), eur("500.00 EUR")).cap(eur("1000.00 EUR")),
        Segment::new("nobody", 0, curve(0.6, 40.0, 0.3), eur("500.00 EUR")),
        Segment::new("new", 500, curve(0.2, 10.0, 0.1), eur("80.00 EUR")),
    ];
    spread(eur("9000.00 EUR"), &segments).unwrap().sheet()
}

pub fn selection() -> Sheet {
    let candidates = [(60, 100), (50, 80), (50, 80), (10, 0)];
    let candidates = candidates.map(|(cost, value)| Candidate { cost, value });
    select(&candidates, eur("1.00 EUR"), None).unwrap().sheet()
}

pub fn capacity() -> Sheet {
    let tier = |tier: &str, customers, minutes, floor| TierNeeds {
        tier: tier.to_owned(),
        customers,
        needs: vec![Need { minutes, floor }],
    };
    let tiers = [
        tier("A|金", 10, 30, 0),
        tier("B", 40, 10, 1),
        tier("C", 200, 2, 1),
    ];
    let phone = Resource::new("电话", 400).reserve(60);
    share_capacity(&[phone], &tiers).unwrap().sheet()
}

fn prospects() -> AcquisitionRetention {
    let acquisition = ResponseCurve::through(0.95, 5.0, 0.2).unwrap();
    let retention = ResponseCurve::through(0.7, 10.0, 0.4).unwrap();
    AcquisitionRetention::new(acquisition, retention, 50.0, 0.1).unwrap()
}

pub fn equity() -> Sheet {
    prospects().acquisition_curve(20.0, 2).unwrap().sheet()
}

pub fn sensitivity() -> Sheet {
    prospects().sensitivity(0.1).unwrap().sheet()
}

pub fn plan() -> Plan {
    let spec: PlaybookSpec = toml::from_str(
        r#"
        channels = ["phone", "微信"]
        floor = { channels = ["微信"], response_hours = 72 }
        [[plays]]
        name = "personal | 专属"
        tiers = ["金"]
        segments = ["loyal"]
        when = "spend >= 500 and active"
        channels = ["phone", "微信"]
        entitlements = ["lounge"]
        cadence = "30 days"
        response_hours = 4
        dedicated = true
        "#,
    )
    .unwrap();
    let mut schema = Schema::new();
    let spend = schema.add(Field::number("spend", Unit::Money)).unwrap();
    let active = schema.add(Field::number("active", Unit::Flag)).unwrap();
    let names = Names {
        tiers: &["base", "金"],
        segments: &["loyal"],
        ..Names::default()
    };
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&names, &schema, Currency::EUR, &mut problems);
    let playbook = bound.unwrap_or_else(|| panic!("{problems}"));
    let mut table = Table::new(schema, 1);
    table.column_mut(spend).set(0, Some(812.5));
    table.column_mut(active).set(0, Some(1.0));
    let position = Position {
        tier: 1,
        segments: &[true],
        ..Position::default()
    };
    playbook.plan(table.row(0), &position)
}

pub fn service() -> Sheet {
    plan().sheet()
}

/// Every reason why something is due, and why it is not taken.
pub fn due_list() -> DueList {
    use playbook::Suppression as No;

    let since = day("2024-02-01");
    let reasons = [
        Why::Cadence {
            every: Days::new(30),
            last: None,
        },
        Why::Cadence {
            every: Days::new(30),
            last: Some(day("2024-01-05")),
        },
        Why::Anniversary {
            date: "first_purchase".into(),
            of: day("2020-02-29"),
            anniversary: day("2023-02-28"),
            offset: Days::new(0),
        },
        Why::Anniversary {
            date: "first_purchase".into(),
            of: day("2020-02-29"),
            anniversary: day("2024-02-29"),
            offset: Days::new(-7),
        },
        Why::Anniversary {
            date: "first_purchase".into(),
            of: day("2020-02-29"),
            anniversary: day("2024-02-29"),
            offset: Days::new(1),
        },
        Why::Date {
            date: "contract_end".into(),
            of: since,
            offset: Days::new(0),
        },
        Why::Date {
            date: "contract_end".into(),
            of: since,
            offset: Days::new(-30),
        },
        Why::Stage {
            stage: "新客".into(),
            since,
        },
        Why::Rule {
            rule: "spend >= 500 and active".into(),
            since,
            conditions: plan().reason.unwrap().conditions,
        },
    ];
    let due = reasons.iter().enumerate().map(|(i, why)| DueAction {
        customer: CustomerId::from(i as u64 + 1),
        action: if i == 1 { "问候" } else { "call" }.into(),
        channel: if i == 1 { "email" } else { "phone" }.into(),
        play: (i > 0).then(|| "personal | 专属".into()),
        why: why.clone(),
        owed: false,
        net: (i == 0).then(|| eur("12.50 EUR")),
        cost: eur(if i == 1 { "0.00 EUR" } else { "3.00 EUR" }),
    });
    let (channel, at_most) = (|| "phone".to_owned(), 2);
    let held = [
        No::DoNotContact,
        No::NoConsent { channel: channel() },
        No::Quiet,
        No::CoolDown { until: since },
        No::ValueUnknown,
        No::NotWorthIt {
            net: eur("-1.50 EUR"),
        },
        No::Group {
            by: "问候".into()
        },
        No::PerDay { at_most },
        No::Cap {
            at_most,
            within: Days::new(7),
            channel: None,
        },
        No::Cap {
            at_most,
            within: Days::new(1),
            channel: Some(channel()),
        },
        No::Capacity { channel: channel() },
        No::Budget {
            left: eur("0.40 EUR"),
        },
    ];
    let suppressed = held.into_iter().map(|because| Suppressed {
        customer: CustomerId::from(3),
        action: "call".into(),
        channel: channel(),
        why: reasons[0].clone(),
        because,
    });
    DueList {
        day: day("2024-02-29"),
        due: due.collect(),
        suppressed: suppressed.collect(),
    }
}

pub fn actions() -> Sheet {
    due_list().sheet()
}

/// Every reason why a survey is due, and why it is not asked.
pub fn survey_list() -> SurveyList {
    use surveys::Suppression as No;

    let on = day("2024-03-01");
    let after = |event| Because::After { event, on };
    let due = [
        (SurveyInstrument::Csat, Because::First),
        (SurveyInstrument::Nps, Because::Again { last: on }),
        (SurveyInstrument::Csat, after(TriggerEvent::Purchase)),
        (SurveyInstrument::Ces, after(TriggerEvent::Resolved)),
        (SurveyInstrument::Csat, after(TriggerEvent::Stage)),
    ];
    let due = due
        .into_iter()
        .enumerate()
        .map(|(i, (instrument, because))| Due {
            customer: CustomerId::from(i as u64 + 1),
            survey: if i == 1 { "年度|yearly" } else { "checkout" }.into(),
            instrument,
            topic: (i == 0).then(|| "价格".into()),
            because,
        });
    let held = [
        No::NoConsent,
        No::NotSampled,
        No::Quiet,
        No::Today {
            survey: "年度|yearly".into(),
        },
        No::Asked { on },
        No::Cadence { until: on },
        No::Cap { until: on },
        No::Outranked {
            by: "年度|yearly".into(),
        },
    ];
    let suppressed = held.into_iter().map(|because| surveys::Suppressed {
        customer: CustomerId::from(4),
        survey: "checkout".into(),
        because,
    });
    SurveyList {
        day: day("2024-03-08"),
        due: due.collect(),
        suppressed: suppressed.collect(),
    }
}

pub fn surveys() -> Sheet {
    survey_list().sheet()
}

//! The reports on behaviour, satisfaction, effects, allocation, playbooks and surveys as sheets, as in `report_sheets`.

#![allow(clippy::inconsistent_digit_grouping)] // amounts in minor units: 100_00 is 100.00

#[macro_use]
#[path = "report_sheets/check.rs"]
mod check;
#[path = "report_sheets_service/attained.rs"]
mod attained;
#[path = "report_sheets_service/fixtures.rs"]
mod fixtures;

use customer_value::model::{Currency, Days, Money};
use customer_value::rules::language::{Amount, Chinese, English, Language};
use customer_value::strategy::playbook::{Plan, Service, Suppression, Why};

use fixtures::day;

written_as! { "report_sheets_service/":
    fixtures {
        behaviour,
        satisfaction,
        drivers,
        complaints,
        effect,
        spend,
        selection,
        capacity,
        equity,
        sensitivity,
        service,
        actions,
        surveys,
    }
    attained { attainment }
}

/// One line each, without a table.
#[test]
fn the_lists_are_said_in_sentences() {
    let list = fixtures::due_list();
    let said = |chinese: bool| -> Vec<String> {
        let due = list.due.iter().take(2).map(|one| match chinese {
            true => one.text(&Chinese),
            false => one.to_string(),
        });
        let held = list.suppressed.iter().take(1).map(|one| match chinese {
            true => one.text(&Chinese),
            false => one.to_string(),
        });
        due.chain(held).collect()
    };
    assert_eq!(
        said(false),
        [
            "1: call (through phone), no contact yet, net value 12.50 EUR for 3.00 EUR",
            "2: 问候 (through email), last contact on 2024-01-05, 30 days or more ago, for 0.00 EUR",
            "3: not call (through phone), not to be contacted",
        ]
    );
    assert_eq!(
        said(true),
        [
            "1：call（渠道 phone），尚未联系过，净价值 12.50 EUR，成本 3.00 EUR",
            "2：问候（渠道 email），上次联系为2024年1月5日，间隔已达 30 天，成本 0.00 EUR",
            "3：不执行 call（渠道 phone），客户不可联系",
        ]
    );

    let list = fixtures::survey_list();
    assert_eq!(list.due[0].to_string(), "1: checkout, for the first time");
    assert_eq!(list.due[0].text(&Chinese), "1：checkout，首次调查");
    let held = &list.suppressed[0];
    assert_eq!(
        held.to_string(),
        "4: not checkout, did not agree to be asked"
    );
    assert_eq!(
        held.text(&Chinese),
        "4：不发送 checkout，客户未同意接受调查"
    );
}

#[test]
fn days_before_and_after_are_said() {
    let of = day("2024-06-30");
    let said = |offset: i32| {
        let why = Why::Date {
            date: "contract_end".into(),
            of,
            offset: Days::new(offset),
        };
        [why.to_string(), why.text(&Chinese)]
    };
    assert_eq!(
        said(-1),
        [
            "1 day before contract_end 2024-06-30",
            "contract_end（2024年6月30日）之前 1 天"
        ]
    );
    assert_eq!(
        said(2),
        [
            "2 days after contract_end 2024-06-30",
            "contract_end（2024年6月30日）之后 2 天"
        ]
    );
    assert_eq!(said(0)[0], "contract_end 2024-06-30");
    // As far as a number of days goes.
    assert_eq!(said(i32::MIN)[0].split(' ').next(), Some("2147483647"));
}

#[test]
fn without_a_play_it_is_the_basic_service() {
    let plan = Plan {
        service: Service::default(),
        reason: None,
    };
    assert_eq!(plan.to_string(), "basic service");
    assert_eq!(plan.text(&Chinese), "基础服务");
    assert!(
        plan.sheet()
            .text(&English)
            .contains("reason: basic service")
    );
}

/// A number of 64 bits does not hold as many digits as an amount may have.
#[test]
fn amounts_are_said_to_the_last_digit() {
    let said = |minor: i64, currency: Currency| {
        let net = Money::from_minor(minor, currency);
        let why = Suppression::NotWorthIt { net };
        [why.to_string(), why.text(&Chinese)]
    };
    assert_eq!(
        said(i64::MIN, Currency::EUR),
        [
            "not worth it, net value -92233720368547758.08 EUR",
            "得不偿失，净价值为 -92233720368547758.08 EUR"
        ]
    );
    let yen = said(i64::MAX, Currency::JPY);
    assert!(yen[0].ends_with(" 9223372036854775807 JPY"), "{yen:?}");
    // What is put in afterwards is said.
    let money = Money::from_minor(i64::MAX, Currency::EUR);
    let mut amount = Amount::from(money);
    assert_eq!(amount.digits(), "92233720368547758.07");
    amount.number = 1.5;
    assert_eq!(English.amount(&amount), "1.50 EUR");
    let yen = Amount::from(money).currency(Currency::JPY);
    assert_eq!(yen.money_digits(), "92233720368547760");
    assert_eq!(Amount::from(money).places(0).digits(), "92233720368547760");
}

#[test]
fn a_stage_is_said_in_chinese() {
    use customer_value::strategy::playbook::PlanReason;

    let mut reason = fixtures::plan().reason.unwrap();
    reason.stage = Some("新客".into());
    let said: PlanReason = reason;
    assert!(said.text(&Chinese).contains("阶段 新客"), "{said:?}");
}

#[test]
fn an_effort_score_has_two_decimals() {
    use customer_value::model::{SurveyAnswer, SurveyInstrument};
    use customer_value::report::{Satisfaction, SatisfactionOptions};

    let answers: Vec<SurveyAnswer> = [(1, 5), (2, 6), (3, 6), (4, 6), (5, 6), (6, 6), (7, 6)]
        .map(|(id, answer)| {
            let on = day("2024-03-01");
            SurveyAnswer::new(id, on, SurveyInstrument::Ces, answer).unwrap()
        })
        .to_vec();
    let options = SatisfactionOptions::new(SurveyInstrument::Ces, day("2024-03-31"));
    let report = Satisfaction::of(&answers, options, "tier", |_, _| Vec::new());
    // 41 in 7 answers.
    assert!(report.to_string().contains(" 5.86 "), "{report}");
}

#[test]
fn money_of_an_effect_has_the_decimals_of_its_currency() {
    let mut report = fixtures::effect_report();
    report.currency = Currency::JPY;
    let net = report.net.as_mut().unwrap();
    net.per_customer = 12.6;
    let sheet = report.sheet();
    let rows = sheet.tables()[0].rows();
    let net = &rows[rows.len() - 2];
    assert_eq!(net[3].text(&English), "13");
}

#[test]
fn a_profile_of_nothing_has_no_empty_table() {
    use customer_value::report::behaviour::{BehaviourOptions, BehaviourReport, Profile};

    let (from, to) = (day("2024-01-01"), day("2024-04-01"));
    let quarter = BehaviourOptions::new(from, to, Currency::EUR).unwrap();
    let nobody = Profile::new(quarter);
    let sheet = BehaviourReport::new("nobody", &nobody, &nobody, 2)
        .unwrap()
        .sheet();
    assert_eq!(sheet.tables().len(), 2);
    assert!(sheet.tables().iter().all(|table| !table.rows().is_empty()));
}

//! The ladder in words.

use customer_value::lifecycle::exit::{ExitChange, ExitEvent};
use customer_value::model::Days;
use customer_value::rules::Truth;
use customer_value::rules::language::{Chinese, English};

use crate::customer::{Customer, after, page, reversed, short, withdrawn};

#[test]
fn the_ladder_in_english_and_chinese() {
    let mut c = Customer::new(&page());
    c.has("legal_hold", Some(1.0));
    assert_eq!(
        c.explain(after(0)).text(&English),
        "\
exit  below the line since 2024-01-01, on no step (exit.below: age >= 365 and spend_12m < 20)
      age 400 >= 365 is true
      spend_12m 5.00 < 20 is true
      reassess is next, on 2024-07-29 at the earliest
        below the line long enough from 2024-06-29 on
        0 of 2 uplift attempts made
        held by legal hold (exit.gates[0].closed: legal_hold)
          legal_hold yes is true
"
    );
    assert_eq!(
        c.explain(after(0)).text(&Chinese),
        "\
退出  自2024年1月1日起低于退出线，尚未进入任何步骤（exit.below：age >= 365 and spend_12m < 20）
      [成立] age 400 天，已达到 365 天
      [成立] spend_12m 5.00，低于 20
      下一步 reassess，最早2024年7月29日执行
        低于退出线的时间不足，2024年6月29日起满足
        需进行 2 次提升尝试，已进行 0 次
        因 legal hold 保留（exit.gates[0].closed：legal_hold）
          [成立] legal_hold：是
"
    );
    let first = |c: &Customer, as_of| {
        let line = |text: String| {
            let line = text.lines().next().unwrap();
            line.split(" (")
                .next()
                .unwrap()
                .split("（")
                .next()
                .unwrap()
                .to_owned()
        };
        let told = c.explain(as_of);
        (line(told.text(&English)), line(told.text(&Chinese)))
    };
    let mut c = Customer::new(&page());
    c.attempts = vec![after(0), after(0)];
    c.has("spend_12m", None);
    let said = first(&c, after(0));
    assert_eq!(said.0, "exit  not known whether below the line");
    assert_eq!(said.1, "退出  无法判断是否低于退出线");
    c.has("spend_12m", Some(20.0));
    let said = first(&c, after(0));
    assert_eq!(
        (said.0.as_str(), said.1.as_str()),
        ("exit  above the line", "退出  未低于退出线")
    );
    c.has("spend_12m", Some(5.0));
    let on = c.until_on("educate", 0);
    let (educated, noticed) = (after(on), after(on + 30));
    let said = first(&c, educated);
    assert_eq!(
        said.0,
        format!("exit  educate since {educated}, below the line since 2024-01-01")
    );
    let text = c.explain(educated).text(&English);
    assert!(
        text.contains(&format!(
            "no notice before {noticed}, so soon after the last step"
        )),
        "{text}"
    );
    let text = c.explain(educated).text(&Chinese);
    assert!(text.contains("距上一步骤的间隔不足"), "{text}");
    c.review(noticed);
    let text = c.explain(noticed).text(&English);
    let effect = noticed.plus(Days::new(30));
    assert!(
        text.contains(&format!(
            "renegotiate has notice and takes effect on {effect}"
        )),
        "{text}"
    );
    c.until_on("end", on + 40);
    let said = first(&c, after(2000));
    assert!(said.0.starts_with("exit  end since ") && said.0.ends_with(", the service has ended"));
    assert!(said.1.ends_with("服务已终止"));
}

#[test]
fn events_in_english_and_chinese() {
    let mut spec = short();
    spec.notice = Days::new(5);
    let mut c = Customer::new(&spec);
    for day in [0, 5, 10, 15] {
        c.review(after(day));
    }
    c.has("legal_hold", None);
    c.review(after(16));
    c.has("spend_12m", Some(50.0));
    c.review(after(17));
    let texts = |language| {
        c.events
            .iter()
            .map(|e| e.text(language))
            .collect::<Vec<_>>()
    };
    let with = "(spend_12m 5.00 < 20)";
    assert_eq!(
        texts(&English),
        [
            format!("below the line on 2024-01-01 {with}"),
            format!("notice of first given on 2024-01-06, it takes effect on 2024-01-11 {with}"),
            format!("first taken on 2024-01-11 {with}"),
            format!("notice of second given on 2024-01-16, it takes effect on 2024-01-21 {with}"),
            format!("notice of second withdrawn on 2024-01-17, held by hold {with}"),
            "first reversed on 2024-01-18, above the line again (spend_12m 50.00 < 20 is false)"
                .to_owned(),
        ]
    );
    let with = "（spend_12m 5.00 EUR，低于 20 EUR）";
    assert_eq!(
        texts(&Chinese),
        [
            format!("2024年1月1日起低于退出线{with}"),
            format!("2024年1月6日预告 first，2024年1月11日起执行{with}"),
            format!("2024年1月11日执行 first{with}"),
            format!("2024年1月16日预告 second，2024年1月21日起执行{with}"),
            format!("2024年1月17日撤回 second 的预告，因 hold 保留{with}"),
            "2024年1月18日起不再低于退出线，撤销 first（[不成立] spend_12m 50.00 EUR，需低于 20 EUR）".to_owned(),
        ]
    );
    assert_eq!(
        c.events[2].details(&English),
        "\
event first taken on 2024-01-11 (spend_12m < 20)
      spend_12m 5.00 < 20 is true
      hold is open (exit.gates[0].closed: legal_hold)
        legal_hold no is false
"
    );
    assert_eq!(c.events[4].to_string(), texts(&English)[4]);
    assert_eq!(c.events[4].gates[0].closed, Truth::Unknown);
    let others = [
        (
            withdrawn("a", &[]),
            "notice of a withdrawn on 2024-01-01, it is no longer the next step",
            "2024年1月1日撤回 a 的预告，该步骤已不是下一步",
        ),
        (
            reversed(None, Some("a")),
            "notice of a void on 2024-01-01, above the line again",
            "2024年1月1日起不再低于退出线，a 的预告失效",
        ),
        (
            reversed(Some("a"), Some("b")),
            "a reversed and notice of b void on 2024-01-01, above the line again",
            "2024年1月1日起不再低于退出线，撤销 a，b 的预告失效",
        ),
        (
            ExitChange::AboveLine,
            "above the line again on 2024-01-01",
            "2024年1月1日起不再低于退出线",
        ),
        (
            ExitChange::Returned {
                step: "end".to_owned(),
            },
            "above the line again on 2024-01-01 after end, begins anew as a customer",
            "2024年1月1日起不再低于退出线，此前已 end，重新成为客户",
        ),
    ];
    for (change, english, chinese) in others {
        let event = ExitEvent {
            change,
            conditions: vec![],
            ..c.events[0].clone()
        };
        assert_eq!(
            (event.text(&English).as_str(), event.text(&Chinese).as_str()),
            (english, chinese)
        );
    }
}

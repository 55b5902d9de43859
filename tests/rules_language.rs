//! Languages: every phrase in both, with all of its arguments, and nothing else.

use customer_value::engine::Engine;
use customer_value::metrics::Catalog;
use customer_value::metrics::lifetime::PredictionMeasure;
use customer_value::model::{Currency, Day, Days, Unit};
use customer_value::rules::language::{
    Amount, Chinese, ConditionPhrase, English, Language, MovementPhrase, Override, Phrase, Value,
    WordPhrase,
};
use customer_value::rules::{Measure, Op, Truth};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn check(phrases: &[(MovementPhrase<'_>, &str, &str)]) {
    for (phrase, english, chinese) in phrases {
        let phrase = Phrase::from(phrase.clone());
        assert_eq!(phrase.text(&English), *english);
        assert_eq!(phrase.text(&Chinese), *chinese);
    }
}

#[test]
fn what_happens_to_a_tier() {
    let (on, until) = (day("2024-07-01"), day("2025-01-01"));
    let money = |number| {
        Amount::new(number, Unit::Money)
            .currency(Currency::CNY)
            .of("spend")
    };
    let name = Chinese.name("spend").unwrap();
    check(&[
        (
            MovementPhrase::Assigned { tier: "B", day: on },
            "assigned B on 2024-07-01",
            "2024年7月1日起，等级为 B",
        ),
        (
            MovementPhrase::Upgraded {
                from: "B",
                to: "A",
                day: on,
            },
            "upgraded from B to A on 2024-07-01",
            "2024年7月1日起，由 B 升级为 A",
        ),
        (
            MovementPhrase::Renewed {
                tier: "A",
                day: on,
                until: Some(until),
            },
            "A renewed on 2024-07-01, until 2025-01-01",
            "2024年7月1日起，A 续期至2025年1月1日（不含当日）",
        ),
        (
            MovementPhrase::Renewed {
                tier: "A",
                day: on,
                until: None,
            },
            "A renewed on 2024-07-01",
            "2024年7月1日起，A 续期",
        ),
        (
            MovementPhrase::GraceStarted {
                tier: "A",
                day: on,
                until,
            },
            "no longer qualified for A on 2024-07-01, kept in grace until 2025-01-01",
            "2024年7月1日起不再满足 A 的条件，进入宽限期，等级保留至2025年1月1日（不含当日）",
        ),
        (
            MovementPhrase::Requalified {
                tier: "A",
                day: on,
                until: Some(until),
            },
            "qualified for A again on 2024-07-01, until 2025-01-01",
            "2024年7月1日重新满足 A 的条件，续期至2025年1月1日（不含当日）",
        ),
        (
            MovementPhrase::Requalified {
                tier: "A",
                day: on,
                until: None,
            },
            "qualified for A again on 2024-07-01",
            "2024年7月1日重新满足 A 的条件",
        ),
        (
            MovementPhrase::Downgraded {
                from: "A",
                to: "B",
                day: on,
            },
            "downgraded from A to B on 2024-07-01",
            "2024年7月1日起，由 A 降级为 B",
        ),
        (
            MovementPhrase::Revoked {
                from: "A",
                to: "B",
                day: on,
            },
            "A taken back on 2024-07-01, now B",
            "2024年7月1日起，A 被撤销，等级为 B",
        ),
        (
            MovementPhrase::MetricReset {
                name,
                before: money(812.5),
                day: on,
            },
            "消费金额 begins again on 2024-07-01, it was 812.50 CNY",
            "2024年7月1日起，消费金额重新累计，此前为 812.50 CNY",
        ),
        (
            MovementPhrase::MetricCarried {
                name,
                before: money(812.5),
                carried: money(312.5),
                half_life: None,
                day: on,
            },
            "312.50 CNY of 812.50 CNY 消费金额 carried over on 2024-07-01",
            "2024年7月1日起，消费金额 812.50 CNY 中结转 312.50 CNY",
        ),
        (
            MovementPhrase::MetricCarried {
                name: "spend",
                before: money(812.5),
                carried: money(812.5),
                half_life: Some(Amount::new(180.0, Unit::Days)),
                day: on,
            },
            "812.50 CNY of 812.50 CNY spend carried over on 2024-07-01, worth half after 180 days",
            "2024年7月1日起，spend 812.50 CNY 中结转 812.50 CNY，每 180 天减半",
        ),
        (
            MovementPhrase::WillDowngrade {
                tier: "A",
                day: on,
                at: until,
            },
            "notice on 2024-07-01: A will be lost on 2025-01-01 if nothing happens until then",
            "2024年7月1日提醒：若无新的记录，A 将于2025年1月1日失效",
        ),
        (
            MovementPhrase::Scheduled {
                from: "B",
                to: "A",
                day: on,
                begins: until,
            },
            "upgrade from B to A scheduled on 2024-07-01, from 2025-01-01 on",
            "2024年7月1日确定由 B 升级为 A，2025年1月1日起生效",
        ),
        (
            MovementPhrase::Cancelled { tier: "B", day: on },
            "scheduled upgrade from B cancelled on 2024-07-01, what it was granted for was refunded",
            "2024年7月1日起，原定的升级因退款取消，等级仍为 B",
        ),
        (
            MovementPhrase::Reviewed { tier: "B", day: on },
            "B reviewed on 2024-07-01, nothing changed",
            "2024年7月1日复核，B 不变",
        ),
        (
            MovementPhrase::Keep {
                tier: "A",
                conditions: "x",
                by: on,
                projected: "B",
                day: until,
                grace: None,
            },
            "keep  A by 2024-07-01: x as it will be then, otherwise B from 2025-01-01 on",
            "保级  A，最晚2024年7月1日，按届时数据还需：x；否则2025年1月1日起降为 B",
        ),
        (
            MovementPhrase::Keep {
                tier: "A",
                conditions: "x",
                by: on,
                projected: "B",
                day: on,
                grace: Some(until),
            },
            "keep  A by 2024-07-01: x as it will be then, otherwise grace until 2025-01-01 and then B",
            "保级  A，最晚2024年7月1日，按届时数据还需：x；否则进入宽限期至2025年1月1日（不含当日），之后降为 B",
        ),
        (
            MovementPhrase::Safe { tier: "A", by: on },
            "keep  A by 2024-07-01: nothing more is needed",
            "保级  A：截至2024年7月1日，无需新增即可保级",
        ),
        (
            MovementPhrase::Ahead { tier: "A", day: on },
            "ahead A from 2024-07-01 on",
            "预计  2024年7月1日起升级为 A",
        ),
        (
            MovementPhrase::OverrideStarted {
                kind: Override::Floor,
                tier: "A",
                day: on,
                until: Some(until),
                actor: "Li",
                reason: "a complaint",
            },
            "at least A from 2024-07-01 until 2025-01-01, set by Li: a complaint",
            "2024年7月1日起至2025年1月1日（不含当日），人工设定不低于 A，操作人 Li，原因：a complaint",
        ),
        (
            MovementPhrase::OverrideStarted {
                kind: Override::Exclude,
                tier: "",
                day: on,
                until: None,
                actor: "Li",
                reason: "fraud",
            },
            "left out from 2024-07-01, set by Li: fraud",
            "2024年7月1日起，人工设定不参与评级，操作人 Li，原因：fraud",
        ),
        (
            MovementPhrase::OverrideEnded {
                kind: Override::Pin,
                tier: "A",
                day: on,
            },
            "exactly A no longer from 2024-07-01",
            "2024年7月1日起，人工设定固定为 A 失效",
        ),
        (
            MovementPhrase::Extended {
                tier: "A",
                day: on,
                until,
                actor: "Li",
                reason: "illness",
            },
            "A extended on 2024-07-01 until 2025-01-01 by Li: illness",
            "2024年7月1日，A 的有效期延长至2025年1月1日（不含当日），操作人 Li，原因：illness",
        ),
        (
            MovementPhrase::PolicyChanged {
                policy: "members",
                version: "2",
                day: on,
            },
            "policy members version 2 decides from 2024-07-01 on",
            "2024年7月1日起，按策略 members 版本 2 评定",
        ),
        (
            MovementPhrase::Mapped {
                from: "Silver",
                to: "B",
                day: on,
            },
            "Silver is no longer a tier, B instead from 2024-07-01",
            "2024年7月1日起，等级 Silver 已取消，改为 B",
        ),
    ]);
}

/// Every sign, with whether it holds, of every kind of value: the place in braces of each pattern is filled.
#[test]
fn every_condition_is_a_sentence() {
    let number = |number| Value::Amount(Amount::new(number, Unit::Money));
    let values = [
        number(5.0),
        Value::Word("x"),
        Value::Day(day("2024-01-01")),
        Value::Flag(true),
    ];
    let ops = [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge];
    let mut said = std::collections::BTreeSet::new();
    for truth in [Truth::True, Truth::False, Truth::Unknown] {
        let (name, formula) = ("n", "f");
        let mut phrases = Vec::new();
        for found in [number(4.0), Value::Missing] {
            for op in ops {
                for value in values.clone() {
                    phrases.push(ConditionPhrase::Compare {
                        name,
                        found: found.clone(),
                        op,
                        value,
                        truth,
                        formula,
                    });
                }
                for measure in [Measure::Percentile, Measure::CumulativeShare] {
                    let at = Amount::new(0.8, Unit::Share);
                    phrases.push(ConditionPhrase::Standing {
                        name,
                        found: found.clone(),
                        measure,
                        op,
                        at,
                        truth,
                        formula,
                    });
                }
            }
            for wanted in [true, false] {
                phrases.push(ConditionPhrase::Flag {
                    name,
                    found: found.clone(),
                    wanted,
                    truth,
                    formula,
                });
                phrases.push(ConditionPhrase::Known {
                    name,
                    found: found.clone(),
                    wanted,
                    truth,
                    formula,
                });
                phrases.push(ConditionPhrase::OneOf {
                    name,
                    found: found.clone(),
                    values: "x、y",
                    inside: wanted,
                    truth,
                    formula,
                });
                phrases.push(ConditionPhrase::Between {
                    name,
                    found: found.clone(),
                    low: number(1.0),
                    high: number(2.0),
                    inside: wanted,
                    truth,
                    formula,
                });
            }
        }
        for phrase in phrases.into_iter().map(Phrase::from) {
            assert_eq!(phrase.text(&English), "f");
            let text = phrase.text(&Chinese);
            assert!(
                text.starts_with('n') && !text.contains(['{', '}']),
                "{text}"
            );
            assert!(!phrase.places().is_empty());
            // Nothing that says something else is said in the same words.
            said.insert(text);
        }
    }
    assert!(said.len() > 100, "{}", said.len());
    assert!(said.contains("n 4.00，需达到 5.00"), "{said:#?}");
    assert!(said.contains("n 4.00，累计占比不得超过 80%"), "{said:#?}");
}

#[test]
fn every_measure_has_a_chinese_name() {
    let catalog = Catalog::standard();
    let predicted = PredictionMeasure::ALL.map(|m| m.name());
    let made = [
        "cost_to_serve",
        "profit",
        "r",
        "f",
        "m",
        "segment",
        "stage",
        "qualifying",
        "churn",
        "exit",
        "population_gap_percentile",
        "lapse_share",
        "activity",
        "satisfaction",
        "referrals",
        "referral_credit",
        "referral_attributed",
    ];
    let names = catalog.names().chain(predicted).chain(made);
    let said: Vec<&str> = names
        .map(|name| Chinese.name(name).unwrap_or_else(|| panic!("{name}")))
        .collect();
    let different: std::collections::BTreeSet<&&str> = said.iter().collect();
    assert_eq!(different.len(), said.len());
    assert_eq!(Chinese.name("spend_12m"), None);
    assert_eq!(English.name("spend"), None);
}

/// Of every column of the policies of the examples: who did not name it, is the library.
#[test]
fn every_column_that_no_policy_names_has_a_chinese_name() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policies");
    let files = std::fs::read_dir(folder).unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let cost = r#"
        [head]
        name = "x"
        version = "1"
        currency = "EUR"
        [cost_to_serve]
        resources = []
        [[tiers]]
        name = "all"
    "#;
    let mut found = std::collections::BTreeSet::new();
    for text in texts.chain([cost.to_owned()]) {
        let Ok(engine) = Engine::from_toml(&text, &Catalog::standard()) else {
            continue; // One of them is wrong on purpose.
        };
        let policy = engine.policy();
        let mut own: Vec<&str> = policy.attributes.keys().map(String::as_str).collect();
        own.extend(policy.metrics.iter().map(|metric| metric.name()));
        own.extend(policy.scores.iter().map(|score| score.name.as_str()));
        own.extend(policy.points.iter().map(|points| points.name.as_str()));
        own.extend(policy.segments.iter().map(|segment| segment.name.as_str()));
        let columns = engine.schema().fields().iter().map(|field| field.name());
        for column in columns.filter(|column| !own.contains(column)) {
            assert!(Chinese.name(column).is_some(), "{column}");
            found.insert(column.to_owned());
        }
    }
    for column in [
        "cost_to_serve",
        "profit",
        "churn",
        "exit",
        "stage",
        "segment",
        "p_alive",
        "qualifying",
    ] {
        assert!(found.contains(column), "{column} of {found:?}");
    }
}

#[test]
fn amounts_have_their_units() {
    let month = Days::new(30);
    for (amount, english, chinese) in [
        (Amount::new(1.0, Unit::Days), "1 day", "1 天"),
        (Amount::new(-1.0, Unit::Days), "-1 day", "-1 天"),
        (Amount::new(2.0, Unit::Days), "2 days", "2 天"),
        (Amount::new(0.99999, Unit::Days), "1 day", "1 天"),
        (Amount::new(0.125, Unit::Share), "12.5 %", "12.5%"),
        (Amount::new(80.0, Unit::Percent), "80 %", "80%"),
        (Amount::new(3.0, Unit::Count), "3", "3"),
        (Amount::new(3.0, Unit::Count).of("purchases"), "3", "3 次"),
        (Amount::new(3.0, Unit::Count).of("active_days"), "3", "3 天"),
        (
            Amount::new(0.5, Unit::CountPer(month)),
            "0.5 per 30 days",
            "0.5 次/30 天",
        ),
        (Amount::new(70.0, Unit::Points), "70 points", "70 分"),
        (Amount::new(1.5, Unit::Ratio), "1.5", "1.5"),
        (Amount::new(12.5, Unit::Money), "12.50", "12.50"),
        (
            Amount::new(12.5, Unit::Money).currency(Currency::CNY),
            "12.50 CNY",
            "12.50 CNY",
        ),
        (
            Amount::new(1200.0, Unit::Money).currency(Currency::JPY),
            "1200 JPY",
            "1200 JPY",
        ),
        (
            Amount::new(12.25, Unit::Money).currency(Currency::JPY),
            "12.25 JPY",
            "12.25 JPY",
        ),
        (
            Amount::new(9.0, Unit::MoneyPer(month)).currency(Currency::EUR),
            "9.00 EUR per 30 days",
            "9.00 EUR/30 天",
        ),
        (
            Amount::new(19904.0, Unit::Date),
            "2024-06-30",
            "2024年6月30日",
        ),
    ] {
        assert_eq!(English.amount(&amount), english);
        assert_eq!(Chinese.amount(&amount), chinese);
    }
}

/// A number that is no day is a number.
#[test]
fn a_date_beyond_the_calendar_is_a_number() {
    let amount = Amount::new(1e9, Unit::Date);
    assert_eq!(amount.day(), None);
    assert_eq!(English.amount(&amount), "1000000000");
    assert_eq!(Chinese.amount(&amount), "1000000000");
}

/// A language of somebody else's, with mistakes in its patterns.
struct Odd;

impl Language for Odd {
    fn tag(&self) -> &str {
        "x-odd"
    }
    fn number(&self, digits: &str) -> String {
        digits.replace('.', ",")
    }
    fn pattern(&self, phrase: &Phrase<'_>) -> &str {
        match phrase {
            Phrase::Movement(MovementPhrase::Upgraded { .. }) => "{to} {nothing} {} { {from} {to",
            Phrase::Word(WordPhrase::True {}) => "{truth}",
            _ => English.pattern(phrase),
        }
    }
}

#[test]
fn what_is_no_place_stays_as_it_is() {
    let (from, to) = ("{to}", "A");
    let phrase = MovementPhrase::Upgraded {
        from,
        to,
        day: day("2024-07-01"),
    };
    assert_eq!(Phrase::from(phrase).text(&Odd), "A {nothing} {} { {to} {to");
    let judged = ConditionPhrase::Judged {
        sentence: "x",
        truth: Truth::True,
    };
    assert_eq!(Phrase::from(judged).text(&Odd), "x is {truth}");
    let change = ConditionPhrase::Change {
        amount: Amount::new(2.5, Unit::Days),
        less: true,
        date: false,
    };
    assert_eq!(Phrase::from(change).text(&Odd), "2,5 days less");
}

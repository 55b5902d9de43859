//! The sentences of the page, one by one.

use super::*;
use customer_value::diagnostic::Code;
use customer_value::lifecycle::win_back::{OfferState, WinBackExplanation};
use customer_value::rules::language::{Chinese, English};
use customer_value::rules::{Cut, Truth};

// ---- the section ----

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let wrong = spec(
        r#"
        when = "gone"
        value = "valeu"
        cool_down = "-1 days"
        min_net = "-1.00 EUR"
        within = "0 days"
        offers = [
            { name = "", class = " ", channel = "", response = 0, cost = "-1.00 EUR", cost_if_won = "1 JPY" },
            { name = "a", class = "c", channel = "d", response = 6, cost = "1.00 EUR", reasons = ["price", "", "price"], when = "vip >" },
            { name = "a", class = "c", channel = "d", response = 1.5, cost = "1.00 EUR", when = "value = 'x'" },
        ]"#,
    );
    let mut problems = Diagnostics::new();
    assert!(
        wrong
            .bind(&schema(), Currency::EUR, &mut problems)
            .is_none()
    );
    let places: Vec<(Code, &str)> = problems.iter().map(|p| (p.code, &*p.place.path)).collect();
    assert_eq!(
        places,
        [
            (Code::UnknownName, "win_back.when"),
            (Code::UnknownName, "win_back.value"),
            (Code::Range, "win_back.cool_down"),
            (Code::Range, "win_back.min_net"),
            (Code::Range, "win_back.within"),
            (Code::InvalidName, "win_back.offers[0].name"),
            (Code::Missing, "win_back.offers[0].class"),
            (Code::Missing, "win_back.offers[0].channel"),
            (Code::Range, "win_back.offers[0].response"),
            (Code::Range, "win_back.offers[0].cost"),
            (Code::Conflict, "win_back.offers[0].cost_if_won"),
            (Code::Range, "win_back.offers[1].response"),
            (Code::InvalidName, "win_back.offers[1].reasons[1]"),
            (Code::DuplicateName, "win_back.offers[1].reasons[2]"),
            (Code::Syntax, "win_back.offers[1].when"),
            (Code::DuplicateName, "win_back.offers[2].name"),
            (Code::Range, "win_back.offers[2].response"),
            (Code::Type, "win_back.offers[2].when"),
        ]
    );
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(said[1].ends_with("there is no column of money `valeu` (did you mean `value`?)"));
    assert!(
        said[11].ends_with("(6 % is written `0.06`)"),
        "{}",
        said[11]
    );
}

#[test]
fn a_value_is_money_and_there_is_an_offer() {
    let mut wrong = spec(PLAIN);
    wrong.value = "vip".to_owned();
    wrong.offers.clear();
    let mut problems = Diagnostics::new();
    assert!(
        wrong
            .bind(&schema(), Currency::EUR, &mut problems)
            .is_none()
    );
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "error: win_back.value: `vip` is not a column of money",
            "error: win_back.offers: there is no offer",
        ]
    );
    for number in [f64::NAN, f64::INFINITY, -0.5, 0.0] {
        let mut wrong = spec(PLAIN);
        wrong.offers[0].response = number;
        assert!(
            wrong
                .bind(&schema(), Currency::EUR, &mut problems)
                .is_none()
        );
    }
    // As small as a number can be, and still a number.
    let mut tiny = spec(PLAIN);
    tiny.offers[0].response = f64::from_bits(1);
    let list = list(&bind(&tiny), &table(&[left(i64::MAX)]), day(0));
    assert_eq!(
        list.suppressed(&1.into()),
        Some(Suppression::NotWorthIt { best: eur(0) })
    );
}

#[test]
fn the_section_is_what_it_is_written_as() {
    let mut full = spec(TWO);
    full.cool_down = Some(Days::new(180));
    full.max_attempts = Some(2);
    full.limit = Some(1000);
    full.min_net = Some(eur(100));
    full.within = Some(Days::new(60));
    full.offers[0].reasons = vec!["price".to_owned()];
    full.offers[1].when = Some("vip".parse().unwrap());
    full.offers[1].limit = Some(5);
    let written = toml::to_string(&full).unwrap();
    assert_eq!(spec(&written), full);
    let json = serde_json::to_string(&full).unwrap();
    assert_eq!(serde_json::from_str::<WinBackSpec>(&json).unwrap(), full);
    assert_eq!(full.columns(), ["left", "value", "vip"]);
    assert_eq!(bind(&full).within(), Days::new(60));
    assert_eq!(bind(&spec(TWO)).within(), Days::new(90));
    assert!(toml::from_str::<WinBackSpec>(&format!("{TWO}\nlimt = 3")).is_err());

    let when: Expr = "left".parse().unwrap();
    let mut voucher = OfferSpec::new("voucher", "discount", "mail", 0.06, eur(80));
    voucher.cost_if_won = Some(eur(1000));
    let call = OfferSpec::new("call", "personal", "phone", 0.15, eur(600));
    assert_eq!(WinBackSpec::new(when, "value", [voucher, call]), spec(TWO));
}

#[test]
fn conditions_on_the_population_are_unknown_until_they_are_frozen() {
    let mut text = spec(PLAIN);
    text.when = "percentile(value) >= 50".parse().unwrap();
    text.offers[0].when = Some("cumulative_share(value) <= 0.5".parse().unwrap());
    let mut win_back = bind(&text);
    let table = table(&[left(100), left(200), left(300)]);
    assert!(chosen(&list(&win_back, &table, day(0))).is_empty());
    assert_eq!(win_back.population().len(), 2);
    assert!(win_back.freeze(&[Cut::Always]).unwrap_err().is_misuse());
    win_back
        .freeze(&[Cut::Above(1.5), Cut::Above(2.5)])
        .unwrap();
    let list = list(&win_back, &table, day(0));
    assert_eq!(chosen(&list), [(3, "gift", 300)]);
    assert_eq!(list.suppressed(&2.into()), Some(Suppression::NoOpenOffer));
    assert_eq!(list.suppressed(&1.into()), None);
}

// ---- net value ----

#[test]
fn a_candidate_gets_the_offer_with_the_greatest_net_value() {
    // 0.06 × (v − 10.00) − 0.80 against 0.15 × v − 6.00: the call is better above 51.11, by more than a cent above 51.22.
    let table = table(&[
        left(51_11),
        left(51_80),
        left(23_33),
        left(23_34),
        left(40_00),
    ]);
    let list = list(&bind(&spec(TWO)), &table, day(0));
    assert_eq!(
        chosen(&list),
        // 1.7700, 1.6666, 1.00; 0.0004 is nothing.
        [
            (2, "call", 1_77),
            (1, "voucher", 1_67),
            (5, "voucher", 1_00)
        ]
    );
    let nothing = Suppression::NotWorthIt { best: eur(0) };
    assert_eq!(list.suppressed(&3.into()), Some(nothing));
    assert_eq!(list.suppressed(&4.into()), Some(nothing));
}

#[test]
fn equal_net_values_go_to_the_offer_named_first() {
    let mut two = spec(PLAIN);
    two.offers.push(OfferSpec {
        name: "other".to_owned(),
        ..two.offers[0].clone()
    });
    let rows = table(&[left(500)]);
    assert_eq!(
        chosen(&list(&bind(&two), &rows, day(0))),
        [(1, "gift", 500)]
    );
    two.offers.reverse();
    let win_back = bind(&two);
    assert_eq!(chosen(&list(&win_back, &rows, day(0))), [(1, "other", 500)]);
    let id = CustomerId::from(1);
    let told = win_back.explain(&Candidate::new(&id, rows.row(0)), day(0));
    assert!(matches!(told.verdict, WinBackVerdict::Best(best) if best.offer == "other"));
}

#[test]
fn net_values_are_rounded_once_half_to_even() {
    let mut half = spec(PLAIN);
    half.offers[0].response = 0.5;
    let table = table(&[left(1), left(3), left(5), left(7)]);
    let list = list(&bind(&half), &table, day(0));
    // 0.5, 1.5, 2.5, 3.5
    assert_eq!(
        chosen(&list),
        [(4, "gift", 4), (2, "gift", 2), (3, "gift", 2)]
    );
    assert_eq!(
        list.suppressed(&1.into()),
        Some(Suppression::NotWorthIt { best: eur(0) })
    );
}

#[test]
fn an_offer_is_made_from_the_least_net_value_on() {
    let mut least = spec(PLAIN);
    least.min_net = Some(eur(300));
    let rows = table(&[left(299), left(300), left(-5)]);
    let found = list(&bind(&least), &rows, day(0));
    assert_eq!(chosen(&found), [(2, "gift", 300)]);
    assert_eq!(
        found.suppressed(&1.into()),
        Some(Suppression::NotWorthIt { best: eur(299) })
    );
    assert_eq!(
        found.suppressed(&3.into()),
        Some(Suppression::NotWorthIt { best: eur(-5) })
    );
    // At least zero is not above zero.
    least.min_net = Some(eur(0));
    let none = table(&[left(0)]);
    assert_eq!(chosen(&list(&bind(&least), &none, day(0))).len(), 1);
    least.min_net = None;
    assert_eq!(chosen(&list(&bind(&least), &none, day(0))).len(), 0);
}

#[test]
fn the_value_may_be_unknown_and_beyond_all_bounds() {
    let mut table = table(&[(Some(true), None, None), left(1), left(1)]);
    let value = table.schema().slot("value").unwrap();
    table.column_mut(value).set(1, Some(f64::MAX));
    table.column_mut(value).set(2, Some(f64::MIN));
    let list = list(&bind(&spec(TWO)), &table, day(0));
    assert_eq!(list.chosen.len(), 1);
    assert_eq!(list.chosen[0].value, eur(i64::MAX));
    assert_eq!(list.suppressed(&1.into()), Some(Suppression::ValueUnknown));
    assert!(matches!(
        list.suppressed(&3.into()),
        Some(Suppression::NotWorthIt { .. })
    ));
}

/// There may be no such column: the row of a table with fewer columns than those of the rules is not known to be anything.
#[test]
fn a_row_of_another_schema_is_not_read() {
    let mut narrow = Schema::new();
    let left = narrow.add(Field::number("left", Unit::Flag)).unwrap();
    let mut table = Table::new(narrow, 1);
    table.column_mut(left).set(0, Some(1.0));
    let (id, win_back) = (CustomerId::from(1), bind(&spec(TWO)));
    let told = win_back.explain(&Candidate::new(&id, table.row(0)), day(0));
    assert_eq!(told.value, None);
    assert_eq!(told.verdict, WinBackVerdict::NotACandidate);
}

// ---- who is asked ----

#[test]
fn who_the_rule_is_not_true_for_is_in_neither_list() {
    let table = table(&[
        (Some(false), Some(900), None),
        (None, Some(900), None),
        left(900),
    ]);
    let list = list(&bind(&spec(PLAIN)), &table, day(0));
    assert_eq!(chosen(&list), [(3, "gift", 900)]);
    assert!(list.suppressed.is_empty());
}

#[test]
fn an_offer_is_open_to_those_its_rule_and_its_reasons_are_for() {
    let mut text = spec(PLAIN);
    text.offers[0].reasons = vec!["price".to_owned(), "competitor".to_owned()];
    text.offers
        .push(OfferSpec::new("visit", "personal", "visit", 0.5, eur(0)));
    text.offers[1].when = Some("vip".parse().unwrap());
    let win_back = bind(&text);
    let id = CustomerId::from(1);
    let gets = |reason: Option<&str>, vip: Option<bool>| {
        let table = table(&[(Some(true), Some(900), vip)]);
        let candidate = Candidate {
            reason,
            ..Candidate::new(&id, table.row(0))
        };
        let list = win_back.list([candidate], day(0));
        list.chosen
            .first()
            .map(|one| one.offer.clone())
            .ok_or_else(|| list.suppressed(&id).unwrap())
    };
    assert_eq!(gets(Some("competitor"), Some(true)).as_deref(), Ok("gift"));
    assert_eq!(gets(Some("service"), Some(true)).as_deref(), Ok("visit"));
    assert_eq!(gets(None, Some(true)).as_deref(), Ok("visit"));
    assert_eq!(gets(None, Some(false)), Err(Suppression::NoOpenOffer));
    // What is not known opens nothing.
    assert_eq!(gets(Some("service"), None), Err(Suppression::NoOpenOffer));
}

#[test]
fn who_has_come_back_is_left_alone() {
    let table = table(&[left(900)]);
    let id = CustomerId::from(1);
    let candidate = Candidate {
        returned_on: Some(day(3)),
        ..Candidate::new(&id, table.row(0))
    };
    let list = bind(&spec(PLAIN)).list([candidate], day(0));
    assert!(list.chosen.is_empty());
    let why = list.suppressed(&id).unwrap();
    assert_eq!(why, Suppression::Returned { on: day(3) });
    assert_eq!(why.to_string(), format!("came back on {}", day(3)));
}

#[test]
fn nobody_is_attempted_in_the_cool_down() {
    let mut text = spec(PLAIN);
    text.cool_down = Some(Days::new(180));
    let win_back = bind(&text);
    let table = table(&[left(900)]);
    let id = CustomerId::from(1);
    let on = |purpose, n| Attempt::new(1, day(n), purpose, AttemptKind::Call).unwrap();
    let at = |attempts: &[Attempt], as_of: i32| {
        let candidate = Candidate {
            attempts,
            ..Candidate::new(&id, table.row(0))
        };
        win_back.list([candidate], day(as_of)).suppressed(&id)
    };
    let (first, last) = (
        on(AttemptPurpose::WinBack, -300),
        on(AttemptPurpose::WinBack, 0),
    );
    let until = Some(Suppression::CoolDown { until: day(180) });
    assert_eq!(at(&[last.clone(), first.clone()], 179), until);
    assert_eq!(at(&[last.clone(), first.clone()], 180), None);
    // One that is known of after the day of the review counts too.
    assert_eq!(at(std::slice::from_ref(&last), -10), until);
    // To make more of a customer is another thing.
    assert_eq!(at(&[on(AttemptPurpose::Uplift, 0)], 1), None);
}

#[test]
fn attempts_are_used_up_since_the_last_purchase() {
    let mut text = spec(PLAIN);
    text.max_attempts = Some(2);
    let table = table(&[left(900)]);
    let id = CustomerId::from(1);
    let why = |text: &WinBackSpec, days: &[i32], last: Option<i32>| {
        let attempts: Vec<Attempt> = days.iter().map(|n| attempt(1, day(*n))).collect();
        let candidate = Candidate {
            attempts: &attempts,
            last_purchase: last.map(day),
            ..Candidate::new(&id, table.row(0))
        };
        bind(text).list([candidate], day(900)).suppressed(&id)
    };
    let used = |attempts| Some(Suppression::AttemptsUsed { attempts });
    assert_eq!(why(&text, &[500, 600], Some(100)), used(2));
    assert_eq!(why(&text, &[500], Some(100)), None);
    assert_eq!(why(&text, &[500, 600], None), used(2));
    assert_eq!(why(&text, &[500, 600, 700], Some(550)), used(2));
    // A mail and a call of one day are one attempt.
    assert_eq!(why(&text, &[500, 500], None), None);
    assert_eq!(why(&text, &[500, 600, 500], None), used(2));
    assert_eq!(why(&text, &[500, 600], Some(599)), None);
    // The purchase of the day was won back by the attempt of the day.
    assert_eq!(why(&text, &[100, 600], Some(100)), None);
    // None at all is not the same as no limit.
    text.max_attempts = Some(0);
    assert_eq!(why(&text, &[], None), used(0));
    text.max_attempts = None;
    assert_eq!(why(&text, &[1; 9], None), None);
}

#[test]
fn the_first_reason_in_the_order_of_the_page_is_given() {
    let mut text = spec(PLAIN);
    text.cool_down = Some(Days::new(10));
    text.max_attempts = Some(1);
    text.limit = Some(0);
    text.offers[0].when = Some("vip".parse().unwrap());
    let attempts = [attempt(1, day(0))];
    let id = CustomerId::from(1);
    let why = |as_of: i32, attempts: &[Attempt], returned_on, cells: Cells| {
        let table = table(&[cells]);
        let one = Candidate {
            attempts,
            returned_on,
            ..Candidate::new(&id, table.row(0))
        };
        bind(&text).list([one], day(as_of)).suppressed(&id).unwrap()
    };
    let bare = (Some(true), None, None);
    let open = |value| (Some(true), value, Some(true));
    let on = day(9);
    assert_eq!(
        why(5, &attempts, Some(on), bare),
        Suppression::Returned { on }
    );
    assert_eq!(
        why(5, &attempts, None, bare),
        Suppression::CoolDown { until: day(10) }
    );
    assert_eq!(
        why(10, &attempts, None, bare),
        Suppression::AttemptsUsed { attempts: 1 }
    );
    assert_eq!(why(10, &[], None, bare), Suppression::NoOpenOffer);
    assert_eq!(why(10, &[], None, open(None)), Suppression::ValueUnknown);
    assert_eq!(
        why(10, &[], None, open(Some(-1))),
        Suppression::NotWorthIt { best: eur(-1) }
    );
    assert_eq!(
        why(10, &[], None, open(Some(7))),
        Suppression::Limit { best: eur(7) }
    );
}

// ---- limits ----

#[test]
fn past_the_limit_of_an_offer_there_is_the_next_best() {
    let mut text = spec(TWO);
    text.offers[1].limit = Some(1);
    let table = table(&[left(80_00), left(10_000), left(60_00), left(12_00)]);
    let list = list(&bind(&text), &table, day(0));
    // 0.15 × 100.00 − 6.00 and then 0.06 × (80.00 − 10.00) − 0.80
    assert_eq!(
        chosen(&list),
        [
            (2, "call", 9_00),
            (1, "voucher", 3_40),
            (3, "voucher", 2_20)
        ]
    );
    assert_eq!(
        list.suppressed(&4.into()),
        Some(Suppression::NotWorthIt { best: eur(-68) })
    );
}

#[test]
fn the_whole_list_takes_the_greatest_net_values_first() {
    let mut text = spec(PLAIN);
    text.limit = Some(2);
    let unknown = (Some(true), None, None);
    let rows = table(&[left(100), left(300), left(200), left(200), unknown]);
    let found = list(&bind(&text), &rows, day(0));
    // Of equal ones the lower id.
    assert_eq!(chosen(&found), [(2, "gift", 300), (3, "gift", 200)]);
    let out: Vec<_> = found
        .suppressed
        .iter()
        .map(|s| s.customer.as_number())
        .collect();
    assert_eq!(out, [Some(1), Some(4), Some(5)]);
    assert_eq!(
        found.suppressed(&4.into()),
        Some(Suppression::Limit { best: eur(200) })
    );
    assert_eq!(
        found.suppressed(&1.into()),
        Some(Suppression::Limit { best: eur(100) })
    );
    text.limit = Some(0);
    assert!(list(&bind(&text), &rows, day(0)).chosen.is_empty());
}

#[test]
fn what_one_gets_in_the_end_decides_about_the_place_in_the_list() {
    // The first would get most by the call, which another gets; what is left to them is less than what the third gets.
    let mut text = spec(PLAIN);
    text.offers[0] = OfferSpec::new("mail", "gift", "mail", 0.1, eur(0));
    text.offers
        .push(OfferSpec::new("call", "gift", "phone", 1.0, eur(500)));
    text.offers[1].limit = Some(1);
    text.offers[1].when = Some("vip".parse().unwrap());
    text.limit = Some(2);
    let vip = |value| (Some(true), Some(value), Some(true));
    let table = table(&[vip(1000), vip(1001), left(1100)]);
    let list = list(&bind(&text), &table, day(0));
    assert_eq!(chosen(&list), [(2, "call", 501), (3, "mail", 110)]);
    assert_eq!(
        list.suppressed(&1.into()),
        Some(Suppression::Limit { best: eur(500) })
    );
}

// ---- one customer explained ----

#[test]
fn an_explanation_says_what_the_list_does() {
    let mut text = spec(TWO);
    text.offers[0].reasons = vec!["price".to_owned()];
    text.offers[1].when = Some("vip".parse().unwrap());
    let win_back = bind(&text);
    let table = table(&[
        (Some(true), Some(12_000), Some(true)),
        (Some(true), Some(12_000), Some(false)),
        (Some(false), None, None),
    ]);
    let id = CustomerId::from(42);
    let explain = |row: usize| {
        let candidate = Candidate {
            reason: Some("service"),
            ..Candidate::new(&id, table.row(row))
        };
        win_back.explain(&candidate, day(0))
    };
    let found = explain(0);
    assert_eq!(found.candidate, Truth::True);
    assert_eq!(found.value, Some(eur(12_000)));
    assert_eq!(
        found.offers[0].state,
        OfferState::OtherReasons(vec!["price".to_owned()])
    );
    assert_eq!(found.offers[1].state, OfferState::Open(eur(12_00)));
    assert_eq!(
        found.to_string(),
        "42: call (personal, through phone), net value 12.00 EUR\n  \
           when left: true\n    \
             left yes is true\n  \
           voucher: closed, the reason is service and not one of price\n  \
           call: open, net value 12.00 EUR\n    \
             vip yes is true\n"
    );
    assert_eq!(
        found.text(&Chinese),
        "\
42：call（personal，渠道 phone），净价值 12.00 EUR
  挽回条件 left：成立
    [成立] left：是
  voucher：不适用，流失原因为 service，需为 price 之一
  call：适用，净价值 12.00 EUR
    [成立] vip：是
"
    );
    let found = explain(1);
    assert_eq!(found.offers[1].state, OfferState::RuleNotTrue);
    assert_eq!(
        found.text(&Chinese),
        "\
42：不予挽回，没有适用的方案
  挽回条件 left：成立
    [成立] left：是
  voucher：不适用，流失原因为 service，需为 price 之一
  call：不适用，其条件未成立
    [不成立] vip：否，需为“是”
"
    );
    assert_eq!(
        found.verdict,
        WinBackVerdict::Suppressed(Suppression::NoOpenOffer)
    );
    let found = explain(2);
    assert_eq!(found.verdict, WinBackVerdict::NotACandidate);
    assert_eq!(found.offers[1].state, OfferState::RuleNotTrue);
    let json = serde_json::to_string(&found).unwrap();
    let read: WinBackExplanation = serde_json::from_str(&json).unwrap();
    assert_eq!(read, found);
}

// ---- attempts ----

#[test]
fn an_attempt_has_one_form() {
    let on: Day = "2024-03-01".parse().unwrap();
    let word = |kind: &str| AttemptKind::Other(kind.into());
    let attempt = |kind| Attempt::new(7, on, AttemptPurpose::Uplift, kind);
    assert_eq!(attempt(word(" call ")).unwrap().kind(), &AttemptKind::Call);
    assert_eq!(attempt(word("visit")).unwrap().kind().as_str(), "visit");
    assert!(attempt(word(" ")).unwrap_err().is_parse());
    let plain = attempt(AttemptKind::Education).unwrap();
    assert!(plain.clone().with_cost(eur(-1)).unwrap_err().is_range());
    assert_eq!(plain.clone().with_offer(" ").with_channel("").offer(), None);

    let json = r#"{"customer":7,"day":"2024-03-01","purpose":"uplift","kind":"education"}"#;
    assert_eq!(serde_json::to_string(&plain).unwrap(), json);
    assert_eq!(serde_json::from_str::<Attempt>(json).unwrap(), plain);
    let full = plain
        .with_offer("course")
        .with_channel("web")
        .with_cost(eur(5))
        .unwrap();
    let json = serde_json::to_string(&full).unwrap();
    assert!(json.ends_with(r#""offer":"course","channel":"web","cost":"0.05 EUR"}"#));
    assert_eq!(serde_json::from_str::<Attempt>(&json).unwrap(), full);
    for wrong in [
        json.replace("uplift", "exit"),
        json.replace("0.05", "-0.05"),
        json.replace("channel", "chanel"),
        json.replace("education", ""),
    ] {
        assert!(serde_json::from_str::<Attempt>(&wrong).is_err(), "{wrong}");
    }
    assert!(
        "win back"
            .parse::<AttemptPurpose>()
            .unwrap_err()
            .to_string()
            .contains("win_back")
    );
}

// ---- in words ----

#[test]
fn every_reason_is_said_in_english_and_chinese() {
    let on: Day = "1970-01-01".parse().unwrap();
    let best = eur(-1_50);
    for (why, english, chinese) in [
        (
            Suppression::Returned { on },
            "came back on 1970-01-01",
            "已于1970年1月1日回购",
        ),
        (
            Suppression::CoolDown { until: on },
            "not to be attempted before 1970-01-01",
            "冷却期内，1970年1月1日起可再次尝试",
        ),
        (
            Suppression::AttemptsUsed { attempts: 1 },
            "attempted once already",
            "已尝试 1 次，达到上限",
        ),
        (
            Suppression::AttemptsUsed { attempts: 2 },
            "attempted 2 times already",
            "已尝试 2 次，达到上限",
        ),
        (
            Suppression::NoOpenOffer,
            "no offer is open",
            "没有适用的方案",
        ),
        (
            Suppression::ValueUnknown,
            "the value is not known",
            "客户价值未知",
        ),
        (
            Suppression::NotWorthIt { best },
            "not worth it, net value -1.50 EUR at best",
            "得不偿失，净价值最高为 -1.50 EUR",
        ),
        (
            Suppression::Limit { best },
            "past the limit, net value -1.50 EUR",
            "名额已满，净价值 -1.50 EUR",
        ),
    ] {
        assert_eq!(why.to_string(), english);
        assert_eq!(why.text(&English), english);
        assert_eq!(why.text(&Chinese), chinese);
    }

    let mut text = spec(TWO);
    text.offers[0].reasons = vec!["price".to_owned(), "competitor".to_owned()];
    let table = table(&[(Some(true), None, None), (Some(false), None, None)]);
    let id = CustomerId::from(42);
    let win_back = bind(&text);
    let explain = |row| win_back.explain(&Candidate::new(&id, table.row(row)), on);
    assert_eq!(
        explain(0).to_string(),
        "\
42: no offer, the value is not known
  when left: true
    left yes is true
  voucher: closed, it is for price, competitor, and the reason is not known
  call: open, the value is not known
"
    );
    assert_eq!(
        explain(1).text(&Chinese),
        "\
42：不属于挽回对象
  挽回条件 left：不成立
    [不成立] left：否，需为“是”
  voucher：不适用，流失原因未知，需为 price、competitor 之一
  call：适用，客户价值未知
"
    );
}

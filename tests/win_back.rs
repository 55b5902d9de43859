//! Who is to be won back and with what: the sentences of `src/docs/churn.md` one by one, against a plain second way of counting,
//! and its laws.

use std::collections::BTreeMap;

use customer_value::diagnostic::{Code, Diagnostics};
use customer_value::engine::{Engine, Policy, Population};
use customer_value::history::Histories;
use customer_value::ledger::{Columns, CustomerColumn, Ledger, LedgerBuilder, Options, TextRow};
use customer_value::lifecycle::win_back::{
    Candidate, OfferSpec, OfferState, Suppression, WinBack, WinBackList, WinBackSpec,
    WinBackVerdict,
};
use customer_value::metrics::Catalog;
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Currency, CustomerId, Day, Days, Money, Unit,
};
use customer_value::report::{Interval, WinBackReport, WinBackRow};
use customer_value::rules::{Cut, Expr, Truth};
use customer_value::table::{Field, Schema, Table};
use proptest::prelude::*;

fn day(n: i32) -> Day {
    Day::from_epoch_days(20_000 + n).unwrap()
}

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    for (name, unit) in [
        ("left", Unit::Flag),
        ("value", Unit::Money),
        ("vip", Unit::Flag),
    ] {
        schema.add(Field::number(name, unit)).unwrap();
    }
    schema
}

/// What a customer is: `left`, the value in minor units, `vip`.
type Cells = (Option<bool>, Option<i64>, Option<bool>);

fn table(rows: &[Cells]) -> Table {
    let schema = schema();
    let slots = ["left", "value", "vip"].map(|name| schema.slot(name).unwrap());
    let mut table = Table::new(schema, rows.len());
    let flag = |set: Option<bool>| set.map(|set| f64::from(u8::from(set)));
    for (row, (left, value, vip)) in rows.iter().enumerate() {
        table.column_mut(slots[0]).set(row, flag(*left));
        let major = value.map(|minor| minor as f64 / 100.0);
        table.column_mut(slots[1]).set(row, major);
        table.column_mut(slots[2]).set(row, flag(*vip));
    }
    table
}

fn spec(text: &str) -> WinBackSpec {
    toml::from_str(text).unwrap()
}

fn bind(spec: &WinBackSpec) -> WinBack {
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&schema(), Currency::EUR, &mut problems);
    assert!(problems.is_empty(), "{problems}");
    bound.unwrap()
}

fn attempt(customer: u64, on: Day) -> Attempt {
    Attempt::new(customer, on, AttemptPurpose::WinBack, AttemptKind::Call).unwrap()
}

/// All customers of a table, numbered from 1, of whom nothing else is known.
fn list(win_back: &WinBack, table: &Table, as_of: Day) -> WinBackList {
    let ids: Vec<CustomerId> = (1..=table.rows() as u64).map(CustomerId::from).collect();
    let all = (ids.iter().enumerate()).map(|(row, id)| Candidate::new(id, table.row(row)));
    win_back.list(all, as_of)
}

/// Customer, offer and net value of who is chosen.
fn chosen(list: &WinBackList) -> Vec<(u64, &str, i64)> {
    let one = list.chosen.iter();
    one.map(|c| (c.customer.as_number().unwrap(), &*c.offer, c.net.minor()))
        .collect()
}

fn left(value: i64) -> Cells {
    (Some(true), Some(value), None)
}

const TWO: &str = r#"
    when = "left"
    value = "value"
    offers = [
        { name = "voucher", class = "discount", channel = "mail", response = 0.06, cost = "0.80 EUR", cost_if_won = "10.00 EUR" },
        { name = "call", class = "personal", channel = "phone", response = 0.15, cost = "6.00 EUR" },
    ]
"#;

/// One offer of which everybody's net value is their value.
const PLAIN: &str = r#"
    when = "left"
    value = "value"
    offers = [{ name = "gift", class = "gift", channel = "mail", response = 1, cost = "0.00 EUR" }]
"#;

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
    assert_eq!(
        chosen(&list(&bind(&two), &rows, day(0))),
        [(1, "other", 500)]
    );
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
    let at = |attempts: &[&Attempt], as_of: i32| {
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
    assert_eq!(at(&[&last, &first], 179), until);
    assert_eq!(at(&[&last, &first], 180), None);
    // One that is known of after the day of the review counts too.
    assert_eq!(at(&[&last], -10), until);
    // To make more of a customer is another thing.
    assert_eq!(at(&[&on(AttemptPurpose::Uplift, 0)], 1), None);
}

#[test]
fn attempts_are_used_up_since_the_last_purchase() {
    let mut text = spec(PLAIN);
    text.max_attempts = Some(2);
    let table = table(&[left(900)]);
    let id = CustomerId::from(1);
    let why = |text: &WinBackSpec, days: &[i32], last: Option<i32>| {
        let attempts: Vec<Attempt> = days.iter().map(|n| attempt(1, day(*n))).collect();
        let attempts: Vec<&Attempt> = attempts.iter().collect();
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
    let tried = attempt(1, day(0));
    let attempts = [&tried];
    let id = CustomerId::from(1);
    let why = |as_of: i32, attempts: &[&Attempt], returned_on, cells: Cells| {
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
    let rows = table(&[left(100), left(300), left(200), left(200)]);
    let found = list(&bind(&text), &rows, day(0));
    // Of equal ones the lower id.
    assert_eq!(chosen(&found), [(2, "gift", 300), (3, "gift", 200)]);
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
             left yes\n  \
           voucher: closed, the reason is service and not one of price\n  \
           call: open, net value 12.00 EUR\n    \
             vip yes\n"
    );
    let found = explain(1);
    assert_eq!(found.offers[1].state, OfferState::RuleNotTrue);
    assert_eq!(
        found.verdict,
        WinBackVerdict::Suppressed(Suppression::NoOpenOffer)
    );
    let found = explain(2);
    assert_eq!(found.verdict, WinBackVerdict::NotACandidate);
    assert_eq!(found.offers[1].state, OfferState::RuleNotTrue);
    let json = serde_json::to_string(&found).unwrap();
    let read: customer_value::lifecycle::win_back::WinBackExplanation =
        serde_json::from_str(&json).unwrap();
    assert_eq!(read, found);
}

// ---- against a plain second way ----

/// One customer: cells, attempts (days), last purchase, return, reason.
#[derive(Debug, Clone)]
struct Known {
    cells: Cells,
    attempts: Vec<i32>,
    last: Option<i32>,
    returned: Option<i32>,
    reason: Option<&'static str>,
}

/// An offer in whole numbers: response in thousandths, costs in minor units.
#[derive(Debug, Clone)]
struct Plan {
    response: i128,
    cost: i64,
    cost_if_won: i64,
    reasons: Vec<&'static str>,
    vip: bool,
    limit: Option<u64>,
}

#[derive(Debug, Clone)]
struct Rules {
    offers: Vec<Plan>,
    cool_down: i32,
    max_attempts: Option<u32>,
    limit: Option<u64>,
    min_net: Option<i64>,
}

fn written(rules: &Rules) -> WinBackSpec {
    let offers = rules.offers.iter().enumerate().map(|(i, plan)| {
        // The shortest text of thousandths is the decimal itself.
        let response = format!("0.{:03}", plan.response).parse().unwrap();
        let response = if plan.response == 1000 { 1.0 } else { response };
        let mut offer = OfferSpec::new(format!("o{i}"), "c", "d", response, eur(plan.cost));
        offer.cost_if_won = (plan.cost_if_won > 0).then(|| eur(plan.cost_if_won));
        offer.reasons = plan.reasons.iter().map(|r| (*r).to_owned()).collect();
        offer.when = plan.vip.then(|| "vip".parse().unwrap());
        offer.limit = plan.limit;
        offer
    });
    let mut spec = WinBackSpec::new("left".parse().unwrap(), "value", offers);
    spec.cool_down = Some(Days::new(rules.cool_down));
    spec.max_attempts = rules.max_attempts;
    spec.limit = rules.limit;
    spec.min_net = rules.min_net.map(eur);
    spec
}

const AS_OF: i32 = 500;

/// Who gets which offer at what net value: greatest net value first, by looking through all again and again.
fn plainly(rules: &Rules, customers: &[Known]) -> Vec<(u64, String, i64)> {
    let mut out: Vec<(u64, String, i64)> = Vec::new();
    let net = |plan: &Plan, value: i64| {
        let gain = plan.response * (i128::from(value) - i128::from(plan.cost_if_won));
        let thousandths = gain - 1000 * i128::from(plan.cost);
        let down = thousandths.div_euclid(1000);
        let rest = thousandths - 1000 * down;
        let up = rest > 500 || (rest == 500 && down.rem_euclid(2) == 1);
        i64::try_from(if up { down + 1 } else { down }).unwrap()
    };
    let may = |one: &Known| {
        let tried = one.attempts.len();
        let recent = one.attempts.iter().any(|n| AS_OF - n < rules.cool_down);
        let since = one
            .attempts
            .iter()
            .filter(|n| one.last.is_none_or(|last| **n > last));
        one.cells.0 == Some(true)
            && one.returned.is_none()
            && !(tried > 0 && recent)
            && rules
                .max_attempts
                .is_none_or(|most| (since.count() as u32) < most)
    };
    loop {
        if rules.limit.is_some_and(|limit| out.len() as u64 >= limit) {
            return out;
        }
        let mut best: Option<(i64, usize, usize)> = None;
        for (c, one) in customers.iter().enumerate() {
            let id = c as u64 + 1;
            if !may(one) || out.iter().any(|(taken, ..)| *taken == id) {
                continue;
            }
            for (o, plan) in rules.offers.iter().enumerate() {
                let name = format!("o{o}");
                let used = out.iter().filter(|(_, offer, _)| *offer == name).count() as u64;
                let open = (plan.reasons.is_empty()
                    || one.reason.is_some_and(|r| plan.reasons.contains(&r)))
                    && (!plan.vip || one.cells.2 == Some(true))
                    && plan.limit.is_none_or(|limit| used < limit);
                let Some(value) = one.cells.1.filter(|_| open) else {
                    continue;
                };
                let net = net(plan, value);
                let worth = rules.min_net.map_or(net > 0, |least| net >= least);
                if worth && best.is_none_or(|(most, ..)| net > most) {
                    best = Some((net, c, o));
                }
            }
        }
        let Some((net, c, o)) = best else {
            return out;
        };
        out.push((c as u64 + 1, format!("o{o}"), net));
    }
}

fn listed(rules: &Rules, customers: &[Known], order: &[usize]) -> WinBackList {
    let cells: Vec<Cells> = customers.iter().map(|one| one.cells).collect();
    let table = table(&cells);
    let attempts: Vec<Vec<Attempt>> = customers
        .iter()
        .enumerate()
        .map(|(c, one)| {
            one.attempts
                .iter()
                .map(|n| attempt(c as u64 + 1, day(*n)))
                .collect()
        })
        .collect();
    let attempts: Vec<Vec<&Attempt>> = attempts.iter().map(|all| all.iter().collect()).collect();
    let ids: Vec<CustomerId> = (1..=customers.len() as u64).map(CustomerId::from).collect();
    let all = order.iter().map(|c| Candidate {
        id: &ids[*c],
        row: table.row(*c),
        last_purchase: customers[*c].last.map(day),
        returned_on: customers[*c].returned.map(day),
        attempts: &attempts[*c],
        reason: customers[*c].reason,
    });
    bind(&written(rules)).list(all, day(AS_OF))
}

fn reason() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["price", "service", "moved"])
}

fn plan() -> impl Strategy<Value = Plan> {
    let reasons = prop_oneof![
        2 => Just(vec![]),
        1 => prop::collection::btree_set(reason(), 1..3).prop_map(|set| set.into_iter().collect()),
    ];
    let limit = prop::option::weighted(0.4, 0..4_u64);
    let costs = (0..900_i64, prop_oneof![Just(0), 0..2_000_i64]);
    (
        1..=1000_i128,
        costs,
        reasons,
        prop::bool::weighted(0.3),
        limit,
    )
        .prop_map(
            |(response, (cost, cost_if_won), reasons, vip, limit)| Plan {
                response,
                cost,
                cost_if_won,
                reasons,
                vip,
                limit,
            },
        )
}

fn rules() -> impl Strategy<Value = Rules> {
    (
        prop::collection::vec(plan(), 1..4),
        prop_oneof![Just(0), 1..300],
        prop::option::weighted(0.5, 0..4_u32),
        prop::option::weighted(0.5, 0..6_u64),
        prop::option::weighted(0.5, 0..500_i64),
    )
        .prop_map(|(offers, cool_down, max_attempts, limit, min_net)| Rules {
            offers,
            cool_down,
            max_attempts,
            limit,
            min_net,
        })
}

fn known() -> impl Strategy<Value = Known> {
    let flag = || prop::option::weighted(0.9, any::<bool>());
    let left = prop::option::weighted(0.95, prop::bool::weighted(0.9));
    // Few different values, so that some are equal.
    let value = prop_oneof![(0..8_i64).prop_map(|n| n * 500), -2_000..8_000_i64];
    (
        (left, prop::option::weighted(0.9, value), flag()),
        prop::collection::vec(0..AS_OF, 0..3),
        prop::option::of(0..AS_OF),
        prop::option::weighted(0.15, AS_OF + 1..AS_OF + 50),
        prop::option::of(reason()),
    )
        .prop_map(|(cells, attempts, last, returned, reason)| Known {
            cells,
            attempts,
            last,
            returned,
            reason,
        })
}

fn customers() -> impl Strategy<Value = Vec<Known>> {
    prop::collection::vec(known(), 0..12)
}

fn in_order(customers: &[Known]) -> Vec<usize> {
    (0..customers.len()).collect()
}

proptest! {
    #[test]
    fn the_list_is_the_plain_one(rules in rules(), customers in customers()) {
        let list = listed(&rules, &customers, &in_order(&customers));
        let found: Vec<(u64, String, i64)> = chosen(&list)
            .into_iter()
            .map(|(id, offer, net)| (id, offer.to_owned(), net))
            .collect();
        prop_assert_eq!(found, plainly(&rules, &customers));
        // Every candidate is in one of both, once.
        let mut all: Vec<u64> = chosen(&list).iter().map(|(id, ..)| *id).collect();
        all.extend(list.suppressed.iter().filter_map(|one| one.customer.as_number()));
        all.sort_unstable();
        let candidates = (customers.iter().enumerate())
            .filter(|(_, one)| one.cells.0 == Some(true))
            .map(|(c, _)| c as u64 + 1);
        prop_assert_eq!(all, candidates.collect::<Vec<_>>());
    }

    #[test]
    fn nobody_who_returned_or_is_in_the_cool_down_is_chosen_and_limits_hold(
        rules in rules(),
        customers in customers(),
    ) {
        let list = listed(&rules, &customers, &in_order(&customers));
        let known = |id: u64| &customers[id as usize - 1];
        for (id, _, net) in chosen(&list) {
            prop_assert_eq!(known(id).returned, None);
            prop_assert!(known(id).attempts.iter().all(|n| n + rules.cool_down <= AS_OF));
            prop_assert!(net >= rules.min_net.unwrap_or(1));
        }
        prop_assert!(list.chosen.len() as u64 <= rules.limit.unwrap_or(u64::MAX));
        for (o, plan) in rules.offers.iter().enumerate() {
            let made = list.chosen.iter().filter(|one| one.offer == format!("o{o}")).count();
            prop_assert!(made as u64 <= plan.limit.unwrap_or(u64::MAX));
        }
        let nets: Vec<i64> = list.chosen.iter().map(|one| one.net.minor()).collect();
        prop_assert!(nets.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn neither_order_nor_partition_matter(
        (customers, order) in customers().prop_flat_map(|all| {
            let order = Just(in_order(&all)).prop_shuffle();
            (Just(all), order)
        }),
        mut rules in rules(),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = listed(&rules, &customers, &in_order(&customers));
        prop_assert_eq!(&listed(&rules, &customers, &order), &whole);
        // Parts put together are the whole, where no limit binds them.
        rules.limit = None;
        rules.offers.iter_mut().for_each(|offer| offer.limit = None);
        let whole = listed(&rules, &customers, &in_order(&customers));
        let (one, other) = order.split_at(cut.index(order.len() + 1));
        let mut parts = listed(&rules, &customers, one);
        let more = listed(&rules, &customers, other);
        parts.chosen.extend(more.chosen);
        parts.chosen.sort_by(|a, b| {
            b.net.minor().cmp(&a.net.minor()).then_with(|| a.customer.cmp(&b.customer))
        });
        parts.suppressed.extend(more.suppressed);
        parts.suppressed.sort_by(|a, b| a.customer.cmp(&b.customer));
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn a_greater_response_removes_nobody_where_there_are_no_limits(
        mut rules in rules(),
        customers in customers(),
        which in any::<prop::sample::Index>(),
        more in 1..1000_i128,
    ) {
        rules.limit = None;
        rules.offers.iter_mut().for_each(|offer| offer.limit = None);
        let before = listed(&rules, &customers, &in_order(&customers));
        let which = which.index(rules.offers.len());
        let offer = &mut rules.offers[which];
        offer.response = (offer.response + more).min(1000);
        let after = listed(&rules, &customers, &in_order(&customers));
        for one in &before.chosen {
            let now = after.chosen.iter().find(|other| other.customer == one.customer);
            prop_assert!(now.is_some_and(|now| now.net.minor() >= one.net.minor()));
        }
    }

    #[test]
    fn what_is_explained_is_what_is_done(mut rules in rules(), customers in customers()) {
        rules.limit = None;
        rules.offers.iter_mut().for_each(|offer| offer.limit = None);
        let list = listed(&rules, &customers, &in_order(&customers));
        let win_back = bind(&written(&rules));
        let cells: Vec<Cells> = customers.iter().map(|one| one.cells).collect();
        let table = table(&cells);
        for (c, one) in customers.iter().enumerate() {
            let id = CustomerId::from(c as u64 + 1);
            let attempts: Vec<Attempt> = one.attempts.iter().map(|n| attempt(1, day(*n))).collect();
            let attempts: Vec<&Attempt> = attempts.iter().collect();
            let candidate = Candidate {
                id: &id,
                row: table.row(c),
                last_purchase: one.last.map(day),
                returned_on: one.returned.map(day),
                attempts: &attempts,
                reason: one.reason,
            };
            let expected = match (list.chosen.iter().find(|o| o.customer == id), list.suppressed(&id)) {
                (Some(chosen), _) => WinBackVerdict::Best(chosen.clone()),
                (None, Some(why)) => WinBackVerdict::Suppressed(why),
                (None, None) => WinBackVerdict::NotACandidate,
            };
            prop_assert_eq!(win_back.explain(&candidate, day(AS_OF)).verdict, expected);
        }
    }

    #[test]
    fn nothing_panics_whatever_the_numbers(
        value in any::<f64>(),
        response in any::<f64>(),
        cost in 0..=i64::MAX,
        won in 0..=i64::MAX,
        days in any::<i32>(),
        on in Day::MIN.epoch_days()..=Day::MAX.epoch_days(),
    ) {
        let mut text = spec(PLAIN);
        text.offers[0] = OfferSpec::new("o", "c", "d", response.abs() % 1.5, eur(cost));
        text.offers[0].cost_if_won = Some(eur(won));
        text.cool_down = Some(Days::new(days));
        let mut problems = Diagnostics::new();
        if let Some(win_back) = text.bind(&schema(), Currency::EUR, &mut problems) {
            let mut table = table(&[left(0)]);
            let slot = table.schema().slot("value").unwrap();
            table.column_mut(slot).set(0, Some(value));
            let id = CustomerId::from(1);
            let tried = attempt(1, Day::from_epoch_days(on).unwrap());
            let candidate = Candidate { attempts: &[&tried], ..Candidate::new(&id, table.row(0)) };
            let list = win_back.list([candidate], Day::MAX);
            prop_assert_eq!(list.chosen.len() + list.suppressed.len(), 1);
            let _ = win_back.explain(&candidate, Day::MIN).to_string();
        }
    }
}

// ---- the report ----

/// Purchases by customer: days and minor units.
fn histories(rows: &[(u64, i32, i64)]) -> Histories {
    let ids: Vec<u64> = rows.iter().map(|row| row.0).collect();
    let days: Vec<i32> = rows.iter().map(|row| day(row.1).epoch_days()).collect();
    let amounts: Vec<i64> = rows.iter().map(|row| row.2).collect();
    let columns = Columns::new(CustomerColumn::Numbers(&ids), &days, &amounts);
    let options = Options::new(day(10_000), Currency::EUR);
    let ledger = Ledger::from_columns(&columns, options).unwrap();
    let layout = customer_value::history::Layout::new(Currency::EUR, []);
    Histories::build(&ledger, &layout).unwrap()
}

fn report(rows: &[(u64, i32, i64)], attempts: &[Attempt], as_of: i32) -> WinBackReport {
    let none = |_: &CustomerId, _: Day| None;
    WinBackReport::of(&histories(rows), attempts, none, Days::new(90), day(as_of)).unwrap()
}

#[test]
fn a_win_back_is_an_attempt_followed_by_a_purchase_within_the_days() {
    for (bought, won) in [(-1, 0), (0, 1), (1, 1), (89, 1), (90, 0)] {
        let found = report(&[(1, bought, 500)], &[attempt(1, day(0))], 400);
        let total = found.total();
        assert_eq!((total.attempted, total.won_back), (1, won), "{bought}");
        assert_eq!(total.spend, 500 * won as i64, "{bought}");
    }
}

#[test]
fn what_is_spent_is_everything_in_these_days() {
    let rows = [
        (1, -5, 900),
        (1, 3, 500),
        (1, 3, 40),
        (1, 60, 7),
        (1, 90, 900),
        (2, 3, 900),
    ];
    let found = report(&rows, &[attempt(1, day(0))], 400);
    assert_eq!((found.total().won_back, found.total().spend), (1, 547));
}

#[test]
fn a_purchase_belongs_to_the_last_attempt_before_it() {
    let both = [
        attempt(1, day(20)).with_offer("b"),
        attempt(1, day(0)).with_offer("a"),
    ];
    for (bought, [a, b]) in [
        (19, [1, 0]),
        (20, [0, 1]),
        (25, [0, 1]),
        (109, [0, 1]),
        (110, [0, 0]),
    ] {
        let found = report(&[(1, bought, 500)], &both, 400);
        let won = ["a", "b"].map(|offer| found.by_offer()[offer].won_back);
        assert_eq!(won, [a, b], "{bought}");
        assert_eq!(found.total().attempted, 2);
    }
}

#[test]
fn attempts_whose_days_are_not_over_are_counted_apart() {
    let rows = [(1, 5, 500)];
    let open = report(&rows, &[attempt(1, day(0))], 88);
    assert_eq!(
        *open.total(),
        WinBackRow {
            open: 1,
            ..WinBackRow::default()
        }
    );
    assert_eq!(open.total().rate(), None);
    assert_eq!(open.total().interval(), None);
    let over = report(&rows, &[attempt(1, day(0))], 89);
    assert_eq!((over.total().open, over.total().won_back), (0, 1));
    // One that is not made yet is nothing.
    assert_eq!(
        *report(&rows, &[attempt(1, day(90))], 89).total(),
        WinBackRow::default()
    );
    assert_eq!(
        *report(&rows, &[attempt(1, Day::MAX)], 2_000).total(),
        WinBackRow::default()
    );
}

#[test]
fn two_offers_on_one_day_are_one_attempt_of_the_customer() {
    let mail = attempt(1, day(0))
        .with_offer("voucher")
        .with_channel("mail");
    let call = attempt(1, day(0))
        .with_offer("voucher")
        .with_channel("phone");
    let cost = |attempt: Attempt, minor| attempt.with_cost(eur(minor)).unwrap();
    let found = report(&[(1, 5, 500)], &[cost(mail, 80), cost(call, 600)], 400);
    let all = WinBackRow {
        attempted: 1,
        won_back: 1,
        cost: 680,
        spend: 500,
        ..WinBackRow::default()
    };
    assert_eq!(*found.total(), all);
    assert_eq!(found.by_offer()["voucher"], all);
    assert_eq!(found.by_channel()["mail"], WinBackRow { cost: 80, ..all });
    assert_eq!(found.by_channel()["phone"], WinBackRow { cost: 600, ..all });
    assert_eq!(found.by_reason()["unknown"], all);
    assert_eq!(found.by_channel()["phone"].net(), Some(-100));
}

#[test]
fn a_cost_that_is_not_known_leaves_the_net_unknown() {
    let known = attempt(1, day(0)).with_cost(eur(600)).unwrap();
    let found = report(&[(1, 5, 500)], &[known, attempt(2, day(0))], 400);
    let total = found.total();
    assert_eq!(
        (total.cost, total.without_cost, total.net()),
        (600, 1, None)
    );
    assert!(
        found
            .to_string()
            .lines()
            .any(|line| line.starts_with("total") && line.contains("  -  "))
    );
}

#[test]
fn other_purposes_and_other_currencies() {
    let uplift = Attempt::new(1, day(0), AttemptPurpose::Uplift, AttemptKind::Call).unwrap();
    let dollars = attempt(1, day(0))
        .with_cost("1.00 USD".parse().unwrap())
        .unwrap();
    let none = |_: &CustomerId, _: Day| None;
    let histories = histories(&[(1, 5, 500)]);
    let of = |attempt: Attempt, days| {
        WinBackReport::of(&histories, &[attempt], none, Days::new(days), day(400))
    };
    assert_eq!(*of(uplift, 90).unwrap().total(), WinBackRow::default());
    assert!(of(dollars, 90).unwrap_err().is_misuse());
    assert!(of(attempt(1, day(0)), 0).unwrap_err().is_misuse());
    let mut one = of(attempt(1, day(0)), 90).unwrap();
    let other = of(attempt(1, day(0)), 91).unwrap();
    let before = one.clone();
    assert!(one.merge(&other).unwrap_err().is_misuse());
    assert_eq!(one, before);
    // As far as a number goes.
    assert_eq!(of(attempt(1, day(0)), i32::MAX).unwrap().total().open, 1);
}

#[test]
fn a_reason_is_that_of_the_day_of_the_attempt() {
    let why = |_: &CustomerId, on: Day| Some(if on < day(10) { "price" } else { "service" });
    let attempts = [attempt(1, day(0)), attempt(1, day(50))];
    let rows = histories(&[(1, 60, 500)]);
    let found = WinBackReport::of(&rows, &attempts, why, Days::new(30), day(400)).unwrap();
    let won: Vec<(&str, u64)> = found
        .by_reason()
        .iter()
        .map(|(reason, row)| (&**reason, row.won_back))
        .collect();
    assert_eq!(won, [("price", 0), ("service", 1)]);
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<WinBackReport>(&json).unwrap(), found);
}

#[test]
fn the_interval_is_wilsons() {
    // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
    for (hits, all, low, high) in [
        (81, 263, "0.2553", "0.3662"),
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ] {
        let found = Interval::wilson(hits, all).unwrap();
        assert_eq!(
            (format!("{:.4}", found.low), format!("{:.4}", found.high)),
            (low.into(), high.into())
        );
    }
    assert_eq!(Interval::wilson(3, 2), None);
}

proptest! {
    /// The ends are where the score test just does not reject.
    #[test]
    fn the_interval_holds_what_the_score_test_does_not_reject(all in 1..100_000_u64, share in 0.0..=1.0_f64) {
        let hits = (all as f64 * share) as u64;
        let Interval { low, high } = Interval::wilson(hits, all).unwrap();
        let p = hits as f64 / all as f64;
        prop_assert!(0.0 <= low && low <= p && p <= high && high <= 1.0);
        for end in [low, high].into_iter().filter(|end| (1e-9..1.0 - 1e-9).contains(end)) {
            let score = (p - end).abs() / (end * (1.0 - end) / all as f64).sqrt();
            prop_assert!((score - 1.959_963_984_540_054).abs() < 1e-6, "{score}");
        }
    }

    #[test]
    fn the_report_is_the_plain_one_and_parts_add_up(
        rows in prop::collection::vec((1..5_u64, 0..300_i32, 1..900_i64), 0..20),
        tried in prop::collection::vec((1..6_u64, 0..300_i32, 0..2_usize, prop::option::of(0..700_i64)), 0..12),
        as_of in 100..400_i32,
        cut in 1..6_u64,
    ) {
        let offers = ["a", "b"];
        let attempts: Vec<Attempt> = tried.iter().map(|(id, on, offer, cost)| {
            let attempt = attempt(*id, day(*on)).with_offer(offers[*offer]);
            match cost {
                Some(cost) => attempt.with_cost(eur(*cost)).unwrap(),
                None => attempt,
            }
        }).collect();
        let whole = report(&rows, &attempts, as_of);

        for (o, name) in offers.iter().enumerate() {
            let mut row = WinBackRow::default();
            let mut contacts: BTreeMap<(u64, i32), Vec<Option<i64>>> = BTreeMap::new();
            for (id, on, _, cost) in tried.iter().filter(|t| t.2 == o && t.1 <= as_of) {
                contacts.entry((*id, *on)).or_default().push(*cost);
            }
            for ((id, on), costs) in contacts {
                if on + 89 > as_of {
                    row.open += 1;
                    continue;
                }
                let later = |n: i32| tried.iter().any(|t| t.0 == id && t.1 > on && t.1 <= n);
                let after = rows.iter().filter(|(who, n, _)| {
                    *who == id && (on..on + 90).contains(n) && !later(*n)
                });
                let spend: Vec<i64> = after.map(|(_, _, amount)| *amount).collect();
                row.attempted += 1;
                row.won_back += u64::from(!spend.is_empty());
                row.spend += spend.iter().sum::<i64>();
                row.cost += costs.iter().flatten().sum::<i64>();
                row.without_cost += u64::from(costs.contains(&None));
            }
            let found = whole.by_offer().get(*name).copied().unwrap_or_default();
            prop_assert_eq!(found, row, "{}", name);
        }

        let part = |keep: &dyn Fn(u64) -> bool| {
            let own: Vec<Attempt> = (attempts.iter())
                .filter(|a| keep(a.customer().as_number().unwrap()))
                .rev()
                .cloned()
                .collect();
            report(&rows, &own, as_of)
        };
        let mut parts = part(&|id| id >= cut);
        parts.merge(&part(&|id| id < cut)).unwrap();
        prop_assert_eq!(parts, whole);
    }
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

// ---- a review, and the sample ----

const POLICY: &str = r#"
    [head]
    name = "win-back"
    version = "1"
    currency = "USD"

    [[tiers]]
    name = "left"
    when = "days_since_last >= 120 and spend >= 50"

    [[tiers]]
    name = "everybody"
"#;

const SAMPLE: &str = r#"
    when = "days_since_last >= 120"
    value = "spend"
    cool_down = "180 days"
    max_attempts = 2
    limit = 300
    offers = [
        { name = "voucher", class = "discount", channel = "mail", response = 0.06, cost = "0.80 USD", cost_if_won = "10.00 USD" },
        { name = "call", class = "personal", channel = "phone", response = 0.15, cost = "6.00 USD", limit = 100 },
    ]
"#;

fn engine() -> Engine {
    Engine::new(
        toml::from_str::<Policy>(POLICY).unwrap(),
        &Catalog::standard(),
    )
    .unwrap()
}

fn rules_of(engine: &Engine, spec: &WinBackSpec) -> WinBack {
    let mut problems = Diagnostics::new();
    let bound = spec.bind(engine.schema(), Currency::USD, &mut problems);
    bound.unwrap_or_else(|| panic!("{problems}"))
}

#[test]
fn rules_bound_to_other_columns_are_refused() {
    let engine = engine();
    let mut problems = Diagnostics::new();
    let mut other = Schema::new();
    for field in engine.schema().fields().iter().rev() {
        other.add(field.clone()).unwrap();
    }
    let rules = spec(SAMPLE).bind(&other, Currency::USD, &mut problems);
    let rules = rules.unwrap_or_else(|| panic!("{problems}"));
    let nobody = Histories::collect(engine.layout().clone(), []).unwrap();
    let population = Population::new(nobody);
    let reviews = engine.review_all(&population, None, day(0)).unwrap();
    let found = reviews.win_back(&rules, &[], |_, _| None, None);
    assert!(found.unwrap_err().is_misuse());
    // A table with fewer columns reads as missing, and does not panic.
    let mut narrow = Schema::new();
    narrow.add(Field::number("other", Unit::Money)).unwrap();
    let table = Table::new(narrow, 1);
    let id = CustomerId::from(1);
    assert!(!rules.is_candidate(table.row(0)));
    assert_eq!(
        rules
            .explain(&Candidate::new(&id, table.row(0)), day(0))
            .value,
        None
    );
}

/// Customer, day and cents of each row.
fn sample() -> Vec<(u64, Day, i64)> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/cdnow_sample.csv"
    );
    let mut reader = csv::Reader::from_path(path).unwrap();
    let records = reader.records().map(Result::unwrap);
    records
        .map(|record| {
            let cents = record[2].replace('.', "").parse().unwrap();
            (
                record[0].parse().unwrap(),
                record[1].parse().unwrap(),
                cents,
            )
        })
        .collect()
}

fn ledger(rows: &[(u64, Day, i64)], until: Day) -> Ledger<'static> {
    let mut builder = LedgerBuilder::new(Options::new(until, Currency::USD));
    for (id, on, cents) in rows.iter().filter(|row| row.1 <= until) {
        builder.text(TextRow {
            customer: &id.to_string(),
            date: &on.to_string(),
            amount: &Money::from_minor(*cents, Currency::USD)
                .amount()
                .to_string(),
            ..TextRow::default()
        });
    }
    builder.finish()
}

#[test]
fn whom_to_win_back_of_the_cdnow_sample() {
    let rows = sample();
    let engine = engine();
    let rules = rules_of(&engine, &spec(SAMPLE));
    let (review_day, end): (Day, Day) =
        ("1997-09-30".parse().unwrap(), "1998-06-30".parse().unwrap());
    let then = engine.population(&ledger(&rows, review_day)).unwrap();
    let reviews = engine.review_all(&then, None, review_day).unwrap();
    let list = reviews.win_back(&rules, &[], |_, _| None, None).unwrap();

    // Straight from the rows: 0.06 × (spend − 10.00) − 0.80 or, for 100 of them, 0.15 × spend − 6.00, in tenths of a
    // thousandth of a cent.
    let mut by: BTreeMap<u64, (Day, i64)> = BTreeMap::new();
    for (id, on, cents) in rows.iter().filter(|row| row.1 <= review_day) {
        let known = by.entry(*id).or_insert((*on, 0));
        *known = (known.0.max(*on), known.1 + cents);
    }
    let silent: Vec<(u64, i64)> = by
        .iter()
        .filter(|(_, (last, _))| (review_day - *last).get() >= 120)
        .map(|(id, (_, cents))| (*id, *cents))
        .collect();
    assert_eq!(silent.len(), list.chosen.len() + list.suppressed.len());
    assert_eq!(list.chosen.len(), 300);
    let calls = list.chosen.iter().filter(|one| one.offer == "call");
    assert_eq!(calls.count(), 100);
    // The calls go to who has spent most.
    let mut spends: Vec<(i64, u64)> = silent.iter().map(|(id, cents)| (-cents, *id)).collect();
    spends.sort_unstable();
    let mut called: Vec<u64> = spends.iter().take(100).map(|(_, id)| *id).collect();
    let mut found: Vec<u64> = (list.chosen.iter().filter(|one| one.offer == "call"))
        .map(|one| one.customer.as_number().unwrap())
        .collect();
    found.sort_unstable();
    called.sort_unstable();
    assert_eq!(found, called);
    let limit = |one: &&customer_value::lifecycle::win_back::Suppressed| {
        matches!(one.because, Suppression::Limit { .. })
    };
    let past = list.suppressed.iter().filter(limit).count();
    assert_eq!((silent.len(), past), (1_832, 762));
    let ends = [&list.chosen[0], &list.chosen[299]].map(ToString::to_string);
    assert_eq!(
        ends,
        [
            "1901: call (personal, through phone), net value 976.90 USD",
            "1438: voucher (discount, through mail), net value 2.69 USD",
        ]
    );

    // Nine months later: who had come back by the end of the year is in no list of September's review any more.
    let known = engine
        .population(&ledger(&rows, "1997-12-31".parse().unwrap()))
        .unwrap();
    let later = reviews
        .win_back(&rules, &[], |_, _| None, Some(known.histories()))
        .unwrap();
    let whole = engine.population(&ledger(&rows, end)).unwrap();
    for one in &later.chosen {
        let id = one.customer.as_number().unwrap();
        let last_of_year: Day = "1997-12-31".parse().unwrap();
        assert!(
            !rows
                .iter()
                .any(|r| r.0 == id && r.1 > review_day && r.1 <= last_of_year)
        );
    }
    let back = later
        .suppressed
        .iter()
        .filter(|one| matches!(one.because, Suppression::Returned { .. }));
    let returned = back.count();
    let plainly = silent.iter().filter(|(id, _)| {
        rows.iter()
            .any(|r| r.0 == *id && r.1 > review_day && r.1 <= "1997-12-31".parse().unwrap())
    });
    assert_eq!(returned, plainly.count());
    assert_eq!(returned, 174);
    // The histories that were reviewed may themselves know of later days.
    let reviewed_later = engine.review_all(&whole, None, review_day).unwrap();
    let latest = reviewed_later
        .win_back(&rules, &[], |_, _| None, None)
        .unwrap();
    let ever = |one: &&customer_value::lifecycle::win_back::Chosen| {
        let id = one.customer.as_number().unwrap();
        rows.iter().any(|r| r.0 == id && r.1 > review_day)
    };
    assert_eq!(latest.chosen.iter().filter(ever).count(), 0);

    // All on the list are attempted the day after; the sample knows nothing of it, so this is who comes back by themselves.
    let attempts: Vec<Attempt> = list
        .chosen
        .iter()
        .map(|one| {
            let id = one.customer.as_number().unwrap();
            attempt(id, review_day.next())
                .with_offer(&one.offer)
                .with_channel(&one.channel)
                .with_cost(one.cost)
                .unwrap()
        })
        .collect();
    let reason = |id: &CustomerId, _: Day| {
        id.as_number()
            .map(|n| if n % 2 == 0 { "price" } else { "service" })
    };
    let report =
        WinBackReport::of(whole.histories(), &attempts, reason, rules.within(), end).unwrap();
    let (from, to) = (review_day.next(), review_day.next().plus(Days::new(90)));
    for offer in ["call", "voucher"] {
        let ids: Vec<u64> = (list.chosen.iter().filter(|one| one.offer == offer))
            .map(|one| one.customer.as_number().unwrap())
            .collect();
        let after = rows
            .iter()
            .filter(|r| ids.contains(&r.0) && r.1 >= from && r.1 < to);
        let mut won: Vec<u64> = after.clone().map(|r| r.0).collect();
        won.dedup();
        let row = report.by_offer()[offer];
        assert_eq!(
            (row.attempted, row.won_back),
            (ids.len() as u64, won.len() as u64)
        );
        assert_eq!(row.spend, after.map(|r| r.2).sum::<i64>());
    }
    assert_eq!(
        report.to_string(),
        "\
offer    attempted  won back    rate    from      to    cost    spend      net  open
call           100        21  21.0 %  14.2 %  30.0 %  600.00  2068.19  1468.19     0
voucher        200        24  12.0 %   8.2 %  17.2 %  160.00  1676.32  1516.32     0

channel  attempted  won back    rate    from      to    cost    spend      net  open
mail           200        24  12.0 %   8.2 %  17.2 %  160.00  1676.32  1516.32     0
phone          100        21  21.0 %  14.2 %  30.0 %  600.00  2068.19  1468.19     0

reason   attempted  won back    rate    from      to    cost    spend      net  open
price          167        25  15.0 %  10.4 %  21.2 %  435.20  1692.93  1257.73     0
service        133        20  15.0 %  10.0 %  22.1 %  324.80  2051.58  1726.78     0
total          300        45  15.0 %  11.4 %  19.5 %  760.00  3744.51  2984.51     0
"
    );

    // And half a year after the attempts, with the attempts known.
    let march: Day = "1998-03-29".parse().unwrap();
    let cool = |as_of: Day| {
        let reviews = engine.review_all(&whole, None, as_of).unwrap();
        let list = reviews
            .win_back(&rules, &attempts, |_, _| None, None)
            .unwrap();
        let cool = |s: &&customer_value::lifecycle::win_back::Suppressed| {
            matches!(s.because, Suppression::CoolDown { .. })
        };
        let chosen_again = list.chosen.iter().any(|one| {
            attempts
                .iter()
                .any(|attempt| *attempt.customer() == one.customer)
        });
        (list.suppressed.iter().filter(cool).count(), chosen_again)
    };
    assert_eq!((review_day.next().plus(Days::new(180)) - march).get(), 1);
    assert_eq!([cool(march), cool(march.next())], [(225, false), (0, true)]);

    let id = list.chosen[0].customer.clone();
    let explained = reviews
        .explain_win_back(&rules, &id, &[], |_, _| None, None)
        .unwrap()
        .unwrap();
    assert_eq!(
        explained.verdict,
        WinBackVerdict::Best(list.chosen[0].clone())
    );
    assert_eq!(
        explained.to_string(),
        "\
1901: call (personal, through phone), net value 976.90 USD
  when days_since_last >= 120: true
    days_since_last 172 >= 120
  voucher: open, net value 391.76 USD
  call: open, net value 976.90 USD
"
    );
    let nobody = CustomerId::from(999_999);
    assert_eq!(
        reviews
            .explain_win_back(&rules, &nobody, &[], |_, _| None, None)
            .unwrap(),
        None
    );
}

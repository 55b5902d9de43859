//! A review, and the CDNOW sample with real numbers.

use super::*;
use std::collections::BTreeMap;

use customer_value::engine::{Engine, Policy, Population};
use customer_value::history::Histories;
use customer_value::ledger::{Ledger, LedgerBuilder, Options, TextRow};
use customer_value::lifecycle::win_back::{Chosen, Suppressed};
use customer_value::metrics::Catalog;
use customer_value::report::WinBackReport;
use customer_value::rules::language::Chinese;

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
    // The same columns and one more, which nothing reads: the rules would still be of no row.
    let mut wider = engine.schema().clone();
    wider.add(Field::number("more", Unit::Money)).unwrap();
    let of_more = spec(SAMPLE).bind(&wider, Currency::USD, &mut problems);
    let of_more = of_more.unwrap_or_else(|| panic!("{problems}"));
    let nobody = Histories::collect(engine.layout().clone(), []).unwrap();
    let population = Population::new(nobody);
    let reviews = engine.review_all(&population, None, day(0)).unwrap();
    let found = reviews.win_back(&rules, |_, _| None, None);
    assert!(found.unwrap_err().is_misuse());
    let found = reviews.win_back(&of_more, |_, _| None, None);
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
fn who_came_back_is_who_bought_after_the_day_of_the_review_first_of_all() {
    let engine = engine();
    let rules = SAMPLE.replace("days_since_last >= 120", "days_since_last >= 0");
    let rules = rules_of(&engine, &spec(&rules));
    let histories = |rows: &[(u64, i32)]| {
        let rows: Vec<(u64, Day, i64)> = (rows.iter())
            .map(|(id, on)| (*id, day(*on), 50_000))
            .collect();
        engine.population(&ledger(&rows, day(100))).unwrap()
    };
    // Customer 1 bought on the day of the review; 2 has come back on day 20, and on day 5 as was known later.
    let then = histories(&[(1, 0), (2, -50), (2, 20)]);
    let known = histories(&[(1, 0), (2, -50), (2, 5), (2, 20)]);
    let reviews = engine.review_all(&then, None, day(0)).unwrap();
    for (known, first) in [(None, 20), (Some(known.histories()), 5)] {
        let list = reviews.win_back(&rules, |_, _| None, known).unwrap();
        assert_eq!(
            chosen(&list).iter().map(|one| one.0).collect::<Vec<_>>(),
            [1]
        );
        let suppressed: Vec<_> = list.suppressed.iter().map(|one| &one.because).collect();
        assert_eq!(suppressed, [&Suppression::Returned { on: day(first) }]);
    }
    // Why they left is asked of the day of the review.
    let calls = SAMPLE.replace("limit = 100", "reasons = [\"price\"]");
    let calls = rules_of(&engine, &spec(&calls.replace(">= 120", ">= 0")));
    let of_the_day = |_: &CustomerId, on: Day| (on == day(0)).then_some("price");
    let list = reviews.win_back(&calls, of_the_day, None).unwrap();
    assert_eq!(list.chosen[0].offer, "call");
}

#[test]
fn whom_to_win_back_of_the_cdnow_sample() {
    let rows = cdnow_sample::sales();
    let engine = engine();
    let rules = rules_of(&engine, &spec(SAMPLE));
    let (review_day, end): (Day, Day) =
        ("1997-09-30".parse().unwrap(), "1998-06-30".parse().unwrap());
    let then = engine.population(&ledger(&rows, review_day)).unwrap();
    let reviews = engine.review_all(&then, None, review_day).unwrap();
    let list = reviews.win_back(&rules, |_, _| None, None).unwrap();

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
    let limit = |one: &&Suppressed| matches!(one.because, Suppression::Limit { .. });
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
        .win_back(&rules, |_, _| None, Some(known.histories()))
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
    let latest = reviewed_later.win_back(&rules, |_, _| None, None).unwrap();
    let ever = |one: &&Chosen| {
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
        assert_eq!(row.spend, after.map(|r| i128::from(r.2)).sum::<i128>());
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
    let tried = whole.clone().with_attempts(attempts.clone());
    let cool = |as_of: Day| {
        let reviews = engine.review_all(&tried, None, as_of).unwrap();
        let list = reviews.win_back(&rules, |_, _| None, None).unwrap();
        let cool = |s: &&Suppressed| matches!(s.because, Suppression::CoolDown { .. });
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
        .explain_win_back(&rules, &id, |_, _| None, None)
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
    days_since_last 172 >= 120 is true, over 1997-03-09 to 1997-09-30 (lifetime)
  voucher: open, net value 391.76 USD
  call: open, net value 976.90 USD
"
    );
    let nobody = CustomerId::from(999_999);
    assert_eq!(
        reviews
            .explain_win_back(&rules, &nobody, |_, _| None, None)
            .unwrap(),
        None
    );
}

/// What a shop hears late is of a day before the review, or of that very day; who bought then has come back all the same.
#[test]
fn who_is_told_late_to_have_come_back_is_not_in_the_list() {
    let engine = engine();
    let rules = rules_of(&engine, &spec(SAMPLE));
    let rows = [(1, day(0), 90_00), (2, day(0), 90_00), (3, day(0), 90_00)];
    let on = day(200);
    let then = engine.population(&ledger(&rows, on)).unwrap();
    let reviews = engine.review_all(&then, None, on).unwrap();
    let late = [&rows[..], &[(1, day(190), 5_00), (2, on, 5_00)]].concat();
    let known = engine.population(&ledger(&late, on)).unwrap();
    let list = reviews
        .win_back(&rules, |_, _| None, Some(known.histories()))
        .unwrap();
    assert_eq!(list.chosen.len(), 1);
    for (id, on) in [(1_u64, day(190)), (2, on)] {
        let why = list.suppressed(&id.into());
        assert_eq!(why, Some(Suppression::Returned { on }));
    }
}

#[test]
fn attempts_are_those_of_the_population() {
    let engine = engine();
    let rules = rules_of(&engine, &spec(SAMPLE));
    let on = day(200);
    let rows = [(1, day(0), 90_00), (2, day(0), 90_00)];
    let call =
        |id: u64, on| Attempt::new(id, on, AttemptPurpose::WinBack, AttemptKind::Call).unwrap();
    // One on somebody who is not a customer counts for nobody.
    let tried = [call(1, day(150)), call(7, day(150))];
    let population = engine.population(&ledger(&rows, on)).unwrap();
    let population = population.with_attempts(tried);
    let reviews = engine.review_all(&population, None, on).unwrap();
    let list = reviews.win_back(&rules, |_, _| None, None).unwrap();
    assert_eq!(list.chosen.len(), 1);
    let until = day(150).plus(Days::new(180));
    let why = Suppression::CoolDown { until };
    assert_eq!(list.suppressed(&1.into()), Some(why));
    let explained = reviews
        .explain_win_back(&rules, &1.into(), |_, _| None, None)
        .unwrap()
        .unwrap();
    assert_eq!(explained.verdict, WinBackVerdict::Suppressed(why));
    let said = explained.text(&Chinese);
    assert!(
        said.contains("[成立] 距上次购买天数 200 天，已达到 120 天"),
        "{said}"
    );
}

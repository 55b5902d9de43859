//! Budgets by hand: what binds, what is allowed, and published variances.

#![allow(clippy::inconsistent_digit_grouping)] // euros_cents

use customer_value::diagnostic::{Code, Diagnostics, Severity};
use customer_value::model::{CostCategory, Currency, Day, Money};
use customer_value::report::{BudgetReport, Effect, Planned, Variance, VarianceBy};
use customer_value::strategy::budget::{
    Budget, BudgetSpec, BudgetState, CarryReason, Decision, ForecastMethod, LineKey, Names, Reason,
    Spend,
};

const NAMES: Names<'static> = Names {
    tiers: &["A", "B"],
    segments: &["north", "industry"],
    categories: Some(&["marketing", "survey", "service_staff"]),
};

fn bound(text: &str) -> (Option<Budget>, Diagnostics) {
    let spec: BudgetSpec = toml::from_str(text).unwrap();
    let written = toml::to_string(&spec).unwrap();
    assert_eq!(toml::from_str::<BudgetSpec>(&written).unwrap(), spec);
    let mut problems = Diagnostics::new();
    let budget = spec.bind(&NAMES, Currency::EUR, &mut problems);
    (budget, problems)
}

fn budget(text: &str) -> Budget {
    let (budget, problems) = bound(text);
    assert!(problems.is_empty(), "{problems}");
    budget.unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn spend(customer: u64, on: &str, minor: i64) -> Spend {
    let amount = Money::from_minor(minor, Currency::EUR);
    Spend::new(customer, day(on), amount, CostCategory::Marketing).unwrap()
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let (budget, problems) = bound(
        r#"
        periods = "yearly"
        start_month = 13
        warn_at = -0.5
        forecast_after = "0 days"
        carry_over = { share = 50, cap = "-1.00 EUR", categories = ["marketing", "marketing", "marketting"] }
        lines = [
            { amount = "-5.00 EUR" },
            { amount = "5.00 USD" },
            { tier = "C", segment = "nroth", category = "mail", amount = "1.00 EUR" },
            { tier = "A", amount = "4.00 EUR", quarters = ["1.00 EUR", "1.00 EUR", "1.00 EUR"] },
            { tier = "B", amount = "4.00 EUR", per = "customer" },
            { segment = "north", amount = "4.00 EUR", customers = 0, warn_at = 90 },
            { segment = "industry", amount = "4.00 EUR", cost_per_customer = "1.00 EUR" },
            { category = "survey", amount = "4.00 EUR", customers = 3, cost_per_customer = "1.35 EUR" },
            { tier = "A", category = "survey", amount = "90000000000000000.00 EUR", per = "customer", customers = 900 },
        ]
        "#,
    );
    assert!(budget.is_none());
    let said: Vec<(Code, &str)> = problems.iter().map(|d| (d.code, &*d.place.path)).collect();
    assert_eq!(
        said,
        [
            (Code::Range, "budget.start_month"),
            (Code::Range, "budget.warn_at"),
            (Code::Range, "budget.forecast_after"),
            (Code::Range, "budget.carry_over.share"),
            (Code::Range, "budget.carry_over.cap"),
            (Code::Unused, "budget.carry_over.categories[0]"),
            (Code::DuplicateName, "budget.carry_over.categories[1]"),
            (Code::UnknownName, "budget.carry_over.categories[2]"),
            (Code::Range, "budget.lines[0].amount"),
            (Code::Overlap, "budget.lines[1]"),
            (Code::Conflict, "budget.lines[1].amount"),
            (Code::UnknownName, "budget.lines[2].tier"),
            (Code::UnknownName, "budget.lines[2].segment"),
            (Code::UnknownName, "budget.lines[2].category"),
            (Code::Conflict, "budget.lines[3].quarters"),
            (Code::Range, "budget.lines[3].quarters"),
            (Code::Missing, "budget.lines[4].customers"),
            (Code::Range, "budget.lines[5].customers"),
            (Code::Range, "budget.lines[5].warn_at"),
            (Code::Missing, "budget.lines[6].cost_per_customer"),
            (Code::Conflict, "budget.lines[7].cost_per_customer"),
            (Code::Range, "budget.lines[8].amount"),
        ],
        "\n{problems}"
    );
    let text = problems.to_string();
    for said in [
        "did you mean `north`?",
        "did you mean `marketing`?",
        "`everything` is the line of `lines[0]` again",
        "a year has 4 quarters, not 3",
        "3 customers at 1.35 EUR cost 4.05 EUR, not 4.00 EUR",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let nothing = bound("periods = 'yearly'\nlines = []").1;
    assert_eq!(nothing.to_string(), "error: budget.lines: there is no line");
    assert!(toml::from_str::<BudgetSpec>("periods = 'monthly'\nlines = []").is_err());
    assert!(toml::from_str::<BudgetSpec>("periods = 'yearly'\nline = []\nlines = []").is_err());
}

#[test]
fn a_line_larger_than_the_hard_one_around_it_is_a_warning() {
    let (budget, problems) = bound(
        "periods = 'yearly'\nlines = [{ amount = '5.00 EUR' }, { tier = 'A', amount = '5.01 EUR' }, { tier = 'B', amount = '5.00 EUR' }]",
    );
    assert!(budget.is_some());
    let found: Vec<_> = problems
        .iter()
        .map(|d| (d.severity, &*d.place.path))
        .collect();
    assert_eq!(found, [(Severity::Warning, "budget.lines[1].amount")]);
}

#[test]
fn rounded_cost_of_a_customer_is_accepted_and_quarters_are_whole_cents() {
    let budget = budget(
        "periods = 'quarterly'\nlines = [{ amount = '10.01 EUR', customers = 3, cost_per_customer = '3.34 EUR' }]",
    );
    let plans = [1, 2, 3, 4].map(|q| budget.lines()[0].plan(format!("2025-Q{q}").parse().unwrap()));
    assert_eq!(plans, [251, 250, 250, 250]);
    assert_eq!(budget.lines()[0].plan("2025".parse().unwrap()), 1001);
}

#[test]
fn strictest_line_decides_and_all_are_told() {
    let budget = budget(
        r#"
        periods = "quarterly"
        warn_at = 0.9
        lines = [
            { amount = "400.00 EUR" },
            { tier = "A", amount = "400.00 EUR", limit = "soft", quarters = ["100.00 EUR", "0.00 EUR", "150.00 EUR", "150.00 EUR"] },
            { tier = "A", category = "marketing", amount = "120.00 EUR", per = "customer", customers = 2 },
            { segment = "north", category = "marketing", amount = "200.00 EUR" },
        ]
        "#,
    );
    let mut state = BudgetState::new(Currency::EUR);
    let ask = |state: &BudgetState, spend: &Spend| {
        let verdict = budget.ask(spend, state);
        let reasons: Vec<Reason> = verdict.lines.iter().map(|line| line.reason).collect();
        (
            verdict.decision,
            verdict.line().map(|l| l.line.to_string()),
            reasons,
        )
    };
    let a = |customer, minor| {
        spend(customer, "2025-02-01", minor)
            .with_tier("A")
            .with_segment("north")
    };
    // Quarter: 100 in all, 100 soft for A, 60 for A's marketing and 30 for each of them, 50 for the north's marketing.
    assert_eq!(
        ask(&state, &a(1, 26_99)),
        (
            Decision::Allow,
            Some("tier A, marketing".into()),
            vec![Reason::Within; 4]
        )
    );
    assert_eq!(
        ask(&state, &a(1, 27_00)).2,
        [
            Reason::CustomerNearLimit,
            Reason::Within,
            Reason::Within,
            Reason::Within
        ]
    );
    assert_eq!(ask(&state, &a(1, 30_01)).2[0], Reason::CustomerOverLimit);
    assert_eq!(budget.ask(&a(1, 30_01), &state).room().unwrap().left, -1);
    state.commit("1", a(1, 26_00)).unwrap();
    state.record("2", a(2, 20_00)).unwrap();
    // 46 of 60 and of 50: the segment is what denies, though the tier is named first.
    assert_eq!(
        ask(&state, &a(2, 4_01)),
        (
            Decision::Deny,
            Some("segment north, marketing".into()),
            vec![
                Reason::Within,
                Reason::OverLimit,
                Reason::Within,
                Reason::Within
            ]
        )
    );
    // Another quarter has its own money; nothing is planned for A in the second.
    let april = spend(1, "2025-04-01", 1).with_tier("A");
    assert_eq!(
        ask(&state, &april).2,
        [Reason::Within, Reason::OverLimit, Reason::Within]
    );
    assert_eq!(budget.ask(&april, &state).decision, Decision::Warn);
    // What is released is there again.
    state.release("1").unwrap();
    assert_eq!(ask(&state, &a(2, 4_01)).0, Decision::Allow);
}

#[test]
fn outside_of_all_lines_and_in_another_currency() {
    let text = "periods = 'yearly'\nlines = [{ tier = 'A', amount = '5.00 EUR' }]";
    let state = BudgetState::new(Currency::EUR);
    let outside = spend(1, "2025-01-01", 1).with_tier("B");
    let verdict = budget(text).ask(&outside, &state);
    assert_eq!(
        (verdict.decision, verdict.reason),
        (Decision::Deny, Reason::Outside)
    );
    assert_eq!(
        verdict.to_string(),
        "deny: no line of the budget matches it\n"
    );
    assert!(verdict.line().is_none() && verdict.room().is_none());
    let warned = budget(&format!("outside = 'warn'\n{text}")).ask(&outside, &state);
    assert_eq!(warned.decision, Decision::Warn);
    let dollars = Spend::new(
        1,
        day("2025-01-01"),
        "1.00 USD".parse().unwrap(),
        CostCategory::Survey,
    );
    let verdict = budget(text).ask(&dollars.unwrap().with_tier("A"), &state);
    assert_eq!(verdict.reason, Reason::OtherCurrency);
    assert!(
        BudgetReport::new(
            &budget(text),
            &BudgetState::new(Currency::USD),
            day("2025-01-01"),
            None
        )
        .is_err()
    );
}

#[test]
fn state_refuses_what_contradicts_it() {
    let mut state = BudgetState::new(Currency::EUR);
    let one = spend(1, "2025-01-01", 500);
    assert!(state.commit("x", one.clone()).unwrap());
    let before = state.clone();
    assert!(
        state
            .commit("x", spend(1, "2025-01-01", 501))
            .unwrap_err()
            .is_misuse()
    );
    assert!(state.record("x", one.clone()).unwrap_err().is_misuse());
    assert!(state.settle("y", one.amount()).unwrap_err().is_misuse());
    assert!(
        state
            .settle("x", "-1.00 EUR".parse().unwrap())
            .unwrap_err()
            .is_range()
    );
    assert!(
        state
            .settle("x", "1.00 USD".parse().unwrap())
            .unwrap_err()
            .is_misuse()
    );
    assert_eq!(state, before);
    let mut other = before.clone();
    state.settle("x", "1.00 EUR".parse().unwrap()).unwrap();
    other.release("x").unwrap();
    let kept = state.clone();
    assert!(state.merge(&other).unwrap_err().is_misuse());
    assert_eq!(state, kept);
    // An earlier stage of the same booking is nothing new.
    state.merge(&before).unwrap();
    assert_eq!(state, kept);
    let negative = serde_json::to_string(&kept)
        .unwrap()
        .replace("1.00 EUR", "-1.00 EUR");
    assert!(serde_json::from_str::<BudgetState>(&negative).is_err());
}

#[test]
fn fiscal_quarters_carry_over_once() {
    let budget = budget(
        r#"
        periods = "quarterly"
        start_month = 4
        carry_over = { share = 0.5 }
        lines = [{ amount = "400.00 EUR" }]
        "#,
    );
    let line = &budget.lines()[0];
    let mut state = BudgetState::new(Currency::EUR);
    state.commit("open", spend(1, "2025-03-31", 19_99)).unwrap();
    let proposal = |state: &BudgetState, period: &str| {
        budget
            .carry_over(state, period.parse().unwrap())
            .unwrap()
            .remove(0)
    };
    // Half of 80.01, rounded down, from the last quarter of the year that began in April 2024.
    let first = proposal(&state, "2024-Q4");
    assert_eq!(
        (first.left, first.carried, first.lost),
        (80_01, 40_00, 40_01)
    );
    assert_eq!(first.to.unwrap().to_string(), "2025-Q1");
    assert!(state.accept(&first).unwrap());
    assert!(!state.accept(&first).unwrap());
    assert_eq!(
        budget.available(line, &state, "2025-Q1".parse().unwrap()),
        140_00
    );
    // Of the 140.00 only the 100.00 of the plan can be carried again.
    let second = proposal(&state, "2025-Q1");
    assert_eq!(
        (second.left, second.carried, second.reason),
        (140_00, 50_00, CarryReason::Share)
    );
    state
        .record("much", spend(1, "2025-04-01", 150_00))
        .unwrap();
    assert_eq!(proposal(&state, "2025-Q1").reason, CarryReason::NothingLeft);
    assert_eq!(proposal(&state, "9999-Q4").reason, CarryReason::LastPeriod);
    let mut changed = first.clone();
    changed.carried += 1;
    assert!(state.accept(&changed).unwrap_err().is_misuse());
}

#[test]
fn forecasts_by_run_rate_and_by_last_year() {
    let budget = budget("periods = 'quarterly'\nlines = [{ amount = '4000.00 EUR' }]");
    let line = &budget.lines()[0];
    let mut state = BudgetState::new(Currency::EUR);
    // Last year half of the first quarter came in March.
    for (i, (on, minor)) in [
        ("2024-01-10", 100_00),
        ("2024-02-29", 100_00),
        ("2024-03-31", 200_00),
        ("2025-01-05", 90_00),
    ]
    .into_iter()
    .enumerate()
    {
        state.record(i.to_string(), spend(1, on, minor)).unwrap();
    }
    let forecast = |on: &str, last_year| {
        let made = budget.forecast(line, &state, day(on), last_year);
        (made.method, made.amount)
    };
    assert_eq!(
        forecast("2025-01-27", Some(&state)),
        (ForecastMethod::TooLittleData, None)
    );
    assert_eq!(
        forecast("2025-01-31", None),
        (ForecastMethod::RunRate, Some(261_29))
    ); // 9000 · 90 ÷ 31
    assert_eq!(
        forecast("2025-01-31", Some(&state)),
        (ForecastMethod::Seasonal, Some(360_00))
    );
    // 100 and half of 100 of 400 are passed after 14 of 28 days of February.
    assert_eq!(
        forecast("2025-02-14", Some(&state)),
        (ForecastMethod::Seasonal, Some(240_00))
    );
    assert_eq!(
        forecast("2025-03-31", Some(&state)),
        (ForecastMethod::Final, Some(90_00))
    );
    let empty = BudgetState::new(Currency::EUR);
    assert_eq!(
        forecast("2025-01-31", Some(&empty)).0,
        ForecastMethod::RunRate
    );
}

fn product(name: &str, units: u64, each: i64, actual: u64) -> Planned {
    let cost = |units: u64| i64::try_from(units).unwrap() * each;
    Planned {
        name: name.to_owned(),
        plan: cost(units),
        planned_customers: Some(units),
        actual: cost(actual),
        customers: actual,
    }
}

/// Kola, Limor and Orlem (Horngren, Datar, Foster, Rajan & Ittner, *Cost Accounting*, 13th ed., sales-volume, mix and quantity
/// variances; as solved at studentsmerit.com, paper 9714), in cents.
#[test]
fn published_mix_and_quantity_variances() {
    let lines = [
        product("Kola", 400_000, 200, 480_000),
        product("Limor", 600_000, 120, 900_000),
        product("Orlem", 1_500_000, 250, 1_620_000),
    ];
    let variance = Variance::new("drinks", Currency::USD, lines).unwrap();
    let parts = variance.lines().iter().map(|line| line.parts);
    let parts: Vec<_> = parts
        .map(|p| (p.volume / 100, p.mix / 100, p.rate))
        .collect();
    assert_eq!(
        parts,
        [
            (160_000, 0, 0),
            (144_000, 216_000, 0),
            (750_000, -450_000, 0)
        ]
    );
    assert_eq!(variance.total().total(), 820_000_00);
    assert_eq!(Effect::of(820_000_00), Effect::Adverse);
}

/// Kaplan, *PM Integrated Workbook 2018–19*, page 290: tables, chairs and sideboards, in thousands of dollars.
#[test]
fn published_quantity_variance() {
    let lines = [
        product("tables", 8_000, 760, 46_000),
        product("chairs", 26_000, 94, 0),
        product("sideboards", 6_000, 940, 0),
    ];
    let variance = Variance::new("furniture", Currency::JPY, lines).unwrap();
    let volume: Vec<i128> = variance
        .lines()
        .iter()
        .map(|line| line.parts.volume)
        .collect();
    assert_eq!(volume, [912_000, 366_600, 846_000]);
    assert_eq!(variance.total().volume, 2_124_600);
}

#[test]
fn variance_of_a_budget_is_by_group() {
    let budget = budget(
        r#"
        periods = "yearly"
        lines = [
            { amount = "100.00 EUR" },
            { tier = "A", category = "marketing", amount = "60.00 EUR", customers = 2 },
            { tier = "B", category = "marketing", amount = "20.00 EUR", customers = 2 },
        ]
        "#,
    );
    let mut state = BudgetState::new(Currency::EUR);
    for (id, customer, tier, minor) in [
        ("1", 1, "A", 20_00),
        ("2", 1, "A", 15_00),
        ("3", 2, "B", 9_00),
        ("4", 3, "B", 10_00),
    ] {
        state
            .record(id, spend(customer, "2025-05-05", minor).with_tier(tier))
            .unwrap();
    }
    state
        .commit("5", spend(9, "2025-05-05", 1).with_tier("A"))
        .unwrap();
    let groups = Variance::of_budget(&budget, &state, "2025".parse().unwrap()).unwrap();
    let names: Vec<&str> = groups.iter().map(Variance::name).collect();
    assert_eq!(names, ["all costs", "marketing"]);
    assert_eq!(
        (groups[0].by(), groups[1].by()),
        (None, Some(VarianceBy::Tier))
    );
    // Without planned customers all is rate.
    assert_eq!(
        (groups[0].total().rate, groups[0].total().total()),
        (-46_00, -46_00)
    );
    assert_eq!(
        groups[1].to_string(),
        "\
marketing   plan  actual  volume     mix   rate   total  effect
A          60.00   35.00  -15.00  -15.00   5.00  -25.00  favourable
B          20.00   19.00   -5.00    5.00  -1.00   -1.00  favourable
total      80.00   54.00  -20.00  -10.00   4.00  -26.00  favourable
"
    );
}

#[test]
fn the_key_of_everything_is_empty() {
    assert_eq!(serde_json::to_string(&LineKey::default()).unwrap(), "{}");
}

#[test]
fn a_line_can_be_used_up_to_the_last_cent() {
    let budget = budget("periods = 'yearly'\nwarn_at = 0.0\nlines = [{ amount = '10.00 EUR' }]");
    let line = &budget.lines()[0];
    let mut state = BudgetState::new(Currency::EUR);
    let asked = |minor, state: &BudgetState| {
        let verdict = budget.ask(&spend(1, "2025-01-01", minor), state);
        (verdict.decision, verdict.reason)
    };
    // Nothing is no share of the line, not even of 0 %.
    assert_eq!(asked(0, &state), (Decision::Allow, Reason::Within));
    assert_eq!(asked(10_00, &state), (Decision::Warn, Reason::NearLimit));
    assert_eq!(asked(10_01, &state), (Decision::Deny, Reason::OverLimit));
    let period = budget.period(day("2025-01-01"));
    for (minor, one_more) in [(9_99, Decision::Warn), (1, Decision::Deny)] {
        state
            .record(minor.to_string(), spend(1, "2025-01-01", minor))
            .unwrap();
        assert_eq!(budget.one_more(line, &state, period), one_more);
    }
}

#[test]
fn a_share_is_taken_to_the_nearest_millionth() {
    // 0.001001 × 1,000,000 is 1000.9999999999999 as doubles.
    let budget =
        budget("periods = 'yearly'\nlines = [{ amount = '10000.00 EUR', warn_at = 0.001001 }]");
    let state = BudgetState::new(Currency::EUR);
    let decided =
        [10_00, 10_01].map(|minor| budget.ask(&spend(1, "2025-01-01", minor), &state).decision);
    assert_eq!(decided, [Decision::Allow, Decision::Warn]);
}

#[test]
fn of_equally_strict_lines_the_most_specific_has_decided() {
    let (budget, _) = bound(
        "periods = 'yearly'
         lines = [
             { amount = '10.00 EUR' },
             { tier = 'A', amount = '20.00 EUR', per = 'customer', customers = 9 },
             { segment = 'north', amount = '1.00 EUR' },
         ]",
    );
    let budget = budget.unwrap();
    let gift = spend(1, "2025-01-01", 30_00)
        .with_tier("A")
        .with_segment("north");
    let verdict = budget.ask(&gift, &BudgetState::new(Currency::EUR));
    assert!(
        verdict
            .lines
            .iter()
            .all(|line| line.decision == Decision::Deny)
    );
    assert_eq!(verdict.reason, Reason::CustomerOverLimit);
    assert_eq!(verdict.line().unwrap().line.to_string(), "tier A");
}

#[test]
fn forecasts_at_their_limits() {
    use customer_value::strategy::budget::{run_rate, seasonal};
    // Halves to the even one: 2.5, 7.5, 12.5.
    assert_eq!(
        [1, 3, 5].map(|actual| run_rate(actual, 2, 5)),
        [Some(2), Some(8), Some(12)]
    );
    // 5 % of last year is enough, and less is not.
    assert_eq!(seasonal(100, 5, &[(100, 100)]), Some(2000));
    assert_eq!(seasonal(100, 4, &[(100, 100)]), None);
    // Exact to the cent for hundreds of thousands of millions.
    let much = 1 << 39;
    assert_eq!(seasonal(much, 1, &[(1, much), (1, 1)]), Some(much + 1));

    let budget = budget(
        "periods = 'yearly'\nlines = [{ tier = 'B', amount = '0.00 EUR' }, { tier = 'A', amount = '365.00 EUR' }]",
    );
    let mut state = BudgetState::new(Currency::EUR);
    state
        .record("a", spend(1, "2025-01-01", 28_00).with_tier("A"))
        .unwrap();
    let report = |on: &str| BudgetReport::new(&budget, &state, day(on), None).unwrap();
    assert_eq!(report("2025-01-27").rows()[1].forecast.amount, None);
    // A euro a day on the 28th day comes to the plan, which is no more than it.
    let [nothing, level] = report("2025-01-28").rows().to_vec().try_into().unwrap();
    assert_eq!(
        (level.forecast.amount, level.verdict),
        (Some(365_00), Decision::Allow)
    );
    assert_eq!(nothing.used(), None);
}

#[test]
fn carry_over_and_states_at_their_limits() {
    let budget = budget(
        "periods = 'yearly'\ncarry_over = { share = 0.5, cap = '5.00 EUR' }\nlines = [{ tier = 'B', amount = '10.00 EUR' }, { tier = 'A', amount = '10.02 EUR' }]",
    );
    let mut state = BudgetState::new(Currency::EUR);
    let proposals = budget.carry_over(&state, "2025".parse().unwrap()).unwrap();
    let said: Vec<_> = proposals
        .iter()
        .map(|one| (one.carried, one.reason))
        .collect();
    assert_eq!(said, [(5_00, CarryReason::Share), (5_00, CarryReason::Cap)]);
    let dollars = BudgetState::new(Currency::USD);
    assert!(state.merge(&dollars).unwrap_err().is_misuse());
    let first: customer_value::strategy::budget::Period = "0001-Q2".parse().unwrap();
    let before = first.a_year_before().unwrap();
    assert_eq!(
        (before.to_string().as_str(), before.a_year_before()),
        ("0000-Q2", None)
    );
}

/// What is carried out of a year would be put where no quarter sees it; customers are planned per period.
#[test]
fn a_period_of_the_other_kind_is_misuse() {
    let lines = "lines = [{ tier = 'A', amount = '10.00 EUR', customers = 3 }]";
    let state = BudgetState::new(Currency::EUR);
    for (periods, own, other) in [
        ("quarterly", "2025-Q2", "2025"),
        ("yearly", "2025", "2025-Q2"),
    ] {
        let budget = budget(&format!(
            "periods = '{periods}'\ncarry_over = {{ share = 1.0 }}\n{lines}"
        ));
        let (own, other) = (own.parse().unwrap(), other.parse().unwrap());
        assert!(budget.calendar().has(own) && !budget.calendar().has(other));
        assert!(budget.carry_over(&state, own).is_ok());
        assert!(Variance::of_budget(&budget, &state, own).is_ok());
        let errors = [
            budget.carry_over(&state, other).unwrap_err(),
            Variance::of_budget(&budget, &state, other).unwrap_err(),
        ];
        for error in errors {
            assert!(error.is_misuse());
            assert!(
                error
                    .to_string()
                    .contains(&format!("`{other}` is no period"))
            );
        }
        let dollars = BudgetState::new(Currency::USD);
        assert!(budget.carry_over(&dollars, own).unwrap_err().is_misuse());
    }
}

#[test]
fn what_is_just_right_binds_without_a_problem() {
    // Half a cent for each of two customers is rounding; a soft line encloses nothing.
    for lines in [
        "{ amount = '10.01 EUR', customers = 2, cost_per_customer = '5.00 EUR' }",
        "{ amount = '10.01 EUR', customers = 2, cost_per_customer = '5.01 EUR' }",
        "{ amount = '10.00 EUR', limit = 'soft' }, { tier = 'A', amount = '11.00 EUR' }",
    ] {
        budget(&format!("periods = 'yearly'\nlines = [{lines}]"));
    }
    let problems = bound("periods = 'yearly'\nwarn_at = 100\nlines = [{ amount = '1.00 EUR' }]").1;
    assert_eq!(
        problems.to_string(),
        "error: budget.warn_at: a share of 100 is not from 0 to 1 (100 % is written `1`)"
    );
}

/// Any word is a category, so one that is nearly a common one is warned of: nothing would ever count on its line.
#[test]
fn a_category_that_is_nearly_a_common_one_is_a_warning() {
    let spec: BudgetSpec = toml::from_str(
        "periods = 'yearly'
         carry_over = { share = 0.5, categories = ['surveys'] }
         lines = [{ category = 'marketting', amount = '1.00 EUR' }, { category = 'gifts', amount = '1.00 EUR' }, { category = 'Survey', amount = '1.00 EUR' }]",
    )
    .unwrap();
    let names = Names {
        categories: None,
        ..NAMES
    };
    let mut problems = Diagnostics::new();
    assert!(spec.bind(&names, Currency::EUR, &mut problems).is_some());
    assert_eq!(
        problems.to_string(),
        "\
warning: budget.carry_over.categories[0]: `surveys` is a category of your own (did you mean `survey`?)
warning: budget.lines[0].category: `marketting` is a category of your own (did you mean `marketing`?)
warning: budget.lines[2].category: `Survey` is a category of your own (did you mean `survey`?)"
    );
}

//! A small one of each report on cost, budget and segments.
#![allow(clippy::inconsistent_digit_grouping)] // amounts in minor units

use customer_value::diagnostic::Diagnostics;
use customer_value::interop::clustering::{
    Choice, ClusterMethod, ClusterOptions, ClusterRule, Observations,
};
use customer_value::metrics::cost::{EntitlementSpec, WasteSpec};
use customer_value::model::{CostCategory, Currency, Days, ServiceCost, Unit};
use customer_value::report::{
    BudgetReport, CapacityReport, GridLimits, SegmentCross, SegmentReport, Sheet, ValueGrid,
    Variance, WasteCustomer, WasteReport, Whale,
};
use customer_value::rules::Truth::{False, True, Unknown};
use customer_value::rules::language::{Chinese, English};
use customer_value::strategy::budget::{Budget, BudgetSpec, BudgetState, CarryOver, Names, Spend};

use super::fixtures::day;

pub fn whale() -> Sheet {
    let profits = [Some(60_00), Some(-40_00), Some(50_00), None, Some(0)];
    Whale::new("profit", Currency::EUR, profits, 10).sheet()
}

/// Nothing is left in all, so there are no shares.
pub fn whale_of_a_loss() -> Sheet {
    Whale::new("my|margin", Currency::JPY, [Some(5), Some(-7)], 10).sheet()
}

pub fn waste() -> Sheet {
    let mut problems = Diagnostics::new();
    let mut spec = WasteSpec::new(Days::new(30));
    spec.entitlements = vec![EntitlementSpec {
        tier: "会员".to_owned(),
        category: CostCategory::Marketing,
        per_year: "5.00 EUR".parse().unwrap(),
    }];
    let rules = spec.bind(&["gold", "会员"], Currency::EUR, &mut problems);
    let tiers = [("gold", None), ("会员", None)];
    let as_of = day("2024-12-31");
    let mut report = WasteReport::new(&rules.unwrap(), tiers, Currency::EUR, as_of).keeping(3);
    let cost = |customer, on, amount: &str, category| {
        ServiceCost::new(customer, day(on), amount.parse().unwrap(), category).unwrap()
    };
    let gifts = || CostCategory::Other("gifts | cards".into());
    let first = [
        cost(1, "2024-03-01", "4.00 EUR", CostCategory::Marketing),
        cost(1, "2024-03-01", "4.00 EUR", CostCategory::Marketing),
        cost(1, "2024-12-20", "3.00 EUR", CostCategory::Survey),
    ];
    let second = [
        cost(2, "2024-12-01", "9.00 EUR", CostCategory::Marketing),
        cost(2, "2024-12-02", "2.50 EUR", gifts()),
    ];
    let bought = [day("2024-03-10")];
    let of = |tier, purchases| WasteCustomer {
        tier,
        purchases,
        ..WasteCustomer::default()
    };
    report.add(&1.into(), of(Some(1), &bought), &first).unwrap();
    report.add(&2.into(), of(Some(1), &[]), &second).unwrap();
    let third = [cost(3, "2024-05-01", "1.00 EUR", gifts())];
    report.add(&3.into(), of(None, &[]), &third).unwrap();
    report.sheet()
}

pub fn capacity() -> Sheet {
    // As it is stored.
    let report: CapacityReport = serde_json::from_str(
        r#"{
        "currency": "EUR", "from": "2024-10-03", "days": 90,
        "resources": [
            {"name": "desk", "cost": 56000000, "minutes": 700000, "supplied": 56000000,
             "practical": 700000000, "used": 578600000},
            {"name": "仓库", "cost": 10000, "minutes": 100, "supplied": 10000,
             "practical": 100000, "used": 120250}],
        "activities": [
            {"name": "orders", "resource": 0, "units": 49000, "time": 392000000},
            {"name": "returns", "resource": 1, "units": 5, "time": 120250}],
        "direct": 75000, "excluded": 1200, "customers": 2100, "unknown": 3, "assigned": 46375024}"#,
    )
    .unwrap();
    report.sheet()
}

fn budget() -> (Budget, BudgetState) {
    let spec: BudgetSpec = toml::from_str(
        r#"
        periods = "quarterly"
        warn_at = 0.8
        carry_over = { share = 0.5, cap = "30.00 EUR", categories = ["marketing"] }
        [[lines]]
        amount = "4000.00 EUR"
        limit = "soft"
        [[lines]]
        tier = "gold"
        category = "marketing"
        amount = "10.00 EUR"
        per = "customer"
        customers = 40
        [[lines]]
        tier = "会员"
        category = "marketing"
        amount = "200.00 EUR"
        customers = 20
        "#,
    )
    .unwrap();
    let names = Names {
        tiers: &["gold", "会员"],
        segments: &[],
        categories: None,
    };
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&names, Currency::EUR, &mut problems);
    let budget = bound.unwrap_or_else(|| panic!("{problems}"));
    let mut state = BudgetState::new(Currency::EUR);
    let bookings = [
        (1, "gold", "2.00 EUR"),
        (2, "会员", "45.00 EUR"),
        (3, "会员", "1.50 EUR"),
    ];
    for (customer, tier, amount) in bookings {
        let spend = spend(customer, tier, amount);
        state.record(customer.to_string(), spend).unwrap();
    }
    state.commit("later", spend(1, "gold", "0.25 EUR")).unwrap();
    (budget, state)
}

fn spend(customer: u64, tier: &str, amount: &str) -> Spend {
    let (on, amount) = (day("2025-01-15"), amount.parse().unwrap());
    let spend = Spend::new(customer, on, amount, CostCategory::Marketing);
    spend.unwrap().with_tier(tier)
}

pub fn budget_used() -> Sheet {
    let (budget, state) = budget();
    let report = BudgetReport::new(&budget, &state, day("2025-02-14"), None);
    report.unwrap().sheet()
}

pub fn verdict() -> Sheet {
    let (budget, state) = budget();
    budget.ask(&spend(1, "gold", "0.50 EUR"), &state).sheet()
}

/// No line decides, so there is no table.
pub fn verdict_in_dollars() -> Sheet {
    let (budget, state) = budget();
    budget.ask(&spend(1, "gold", "0.50 USD"), &state).sheet()
}

pub fn carry_over() -> Sheet {
    let (budget, state) = budget();
    CarryOver::sheet(
        &budget
            .carry_over(&state, "2025-Q1".parse().unwrap())
            .unwrap(),
    )
}

pub fn variance() -> Sheet {
    let (budget, state) = budget();
    let groups = Variance::of_budget(&budget, &state, "2025-Q1".parse().unwrap());
    groups.unwrap()[1].sheet()
}

pub fn segments() -> Sheet {
    let segments = [
        ("bonn", Some("geography")),
        ("大客户", Some("size")),
        ("odd|one", None),
    ];
    let mut report = SegmentReport::new(segments, "spend", Currency::CNY);
    report.add([True, True, False], Some(75_00));
    report.add([True, False, False], Some(25_00));
    report.add([Unknown, False, False], None);
    report.sheet()
}

pub fn segments_crossed() -> Sheet {
    let mut cross = SegmentCross::new("staff", ["no", "yes"], ["bonn", "大客户"]);
    cross.add(Some(0), [True, True]);
    cross.add(Some(1), [Unknown, False]);
    cross.add(None, [True, False]);
    cross.sheet()
}

pub fn value_grid() -> Sheet {
    let limits = GridLimits {
        clv: 360_00,
        crv: 0,
    };
    let mut grid = ValueGrid::new(limits, Currency::EUR);
    for (clv, crv) in [(900_00, 80_00), (700_00, 0), (20_00, 60_00), (10_00, 0)] {
        grid.add(Some(clv), Some(crv));
    }
    grid.add(None, Some(5_00));
    grid.sheet()
}

fn customers() -> Observations {
    let columns = [("spend", Unit::Money), ("visits", Unit::Count)];
    let mut customers = Observations::new(columns).unwrap();
    let known = [
        (1, 10.0, 1.0),
        (2, 12.0, 1.0),
        (3, 14.0, 2.0),
        (4, 900.0, 9.0),
        (5, 950.0, 11.0),
    ];
    for (id, spend, visits) in known {
        customers.add(id, &[Some(spend), Some(visits)]).unwrap();
    }
    customers.add(6, &[None, Some(3.0)]).unwrap();
    customers
}

fn choice(method: ClusterMethod) -> Choice {
    let options = ClusterOptions {
        method,
        ..ClusterOptions::default()
    };
    customers().choose(1..=3, &options).unwrap()
}

pub fn clusters() -> Sheet {
    choice(ClusterMethod::KMeans).best.sheet()
}

pub fn cluster_choice() -> Sheet {
    choice(ClusterMethod::KMeans).sheet()
}

pub fn cluster_rules() -> Sheet {
    let best = choice(ClusterMethod::KMeans).best;
    ClusterRule::sheet(&customers().describe(&best).unwrap())
}

#[test]
fn a_whale_without_a_total_has_sums_and_no_shares() {
    assert_eq!(
        whale_of_a_loss().tables_text(&Chinese),
        "\
最佳客户  客户数  my|margin  占总额比例
1.0%           1          5           -
5.0%           1          5           -
10.0%          1          5           -
20.0%          1          5           -
50.0%          1          5           -
峰值           1          5           -
80.0%          2         -2           -
100.0%         2         -2           -

my|margin  客户数  my|margin  占总额比例
大于零          1          5           -
等于零          0          0           -
小于零          1         -7           -
合计            2         -2           -

客户数  不超过
最小值      -7
10.0%       -7
25.0%       -7
50.0%       -7
75.0%        5
90.0%        5
100.0%       5
"
    );
}

#[test]
fn a_spend_that_no_line_decides_has_its_reason() {
    assert_eq!(
        verdict_in_dollars().text(&English),
        "\
Proposed spend
period: 2025-Q1
amounts in: EUR
verdict: deny
reason: in another currency
"
    );
}

#[test]
fn lines_for_all_customers_are_told_by_their_category() {
    let (budget, state) = budget();
    let groups = Variance::of_budget(&budget, &state, "2025-Q1".parse().unwrap()).unwrap();
    assert_eq!(
        groups[0].sheet().tables_text(&Chinese),
        "\
各类成本     计划   实际  数量差异  结构差异  费率差异     合计  影响
各类成本  1000.00  48.50      0.00      0.00   -951.50  -951.50  有利
合计      1000.00  48.50      0.00      0.00   -951.50  -951.50  有利
"
    );
    let everything = "periods = \"yearly\"\nlines = [{ amount = \"5.00 EUR\" }]";
    let spec: BudgetSpec = toml::from_str(everything).unwrap();
    let names = Names {
        tiers: &[],
        segments: &[],
        categories: None,
    };
    let budget = spec.bind(&names, Currency::EUR, &mut Diagnostics::new());
    let budget = budget.unwrap();
    let proposals = budget.carry_over(&state, "9999".parse().unwrap()).unwrap();
    assert_eq!(
        CarryOver::sheet(&proposals).tables_text(&English),
        "\
cost for  from  to  currency  left  carried over  lost  reason
all       9999   -       EUR  5.00          0.00  5.00  there is no rule
"
    );
}

#[test]
fn amounts_stop_at_the_ends_of_money() {
    let mut report = BudgetReport::new(&budget().0, &budget().1, day("2025-02-14"), None).unwrap();
    let text = serde_json::to_string(&report).unwrap();
    let huge = i128::MAX.to_string();
    let text = text.replace("\"plan\":100000", &format!("\"plan\":{huge}"));
    assert!(text.contains(&huge));
    report = serde_json::from_str(&text).unwrap();
    let shown = report.sheet().tables_text(&English);
    assert!(shown.contains("  92233720368547758.07  "), "{shown}");
}

#[test]
fn a_spread_has_each_of_its_parts() {
    let sheet = Whale::new(
        "profit",
        Currency::EUR,
        (1..=20).map(|n| Some(n * 1_00)),
        10,
    )
    .sheet();
    let rows = sheet.tables()[2].rows().iter();
    let amounts: Vec<String> = rows.map(|row| row[1].text(&English)).collect();
    let expected = ["1.00", "2.00", "5.00", "10.00", "15.00", "18.00", "20.00"];
    assert_eq!(amounts, expected);
}

/// And it has passed on the day itself.
#[test]
fn a_cost_is_without_return_when_the_time_for_it_has_passed() {
    let mut problems = Diagnostics::new();
    let rules = WasteSpec::new(Days::new(30)).bind(&["all"], Currency::EUR, &mut problems);
    let as_of = day("2024-12-31");
    let mut report = WasteReport::new(&rules.unwrap(), [("all", None)], Currency::EUR, as_of);
    let cost = |on| {
        let amount = "4.00 EUR".parse().unwrap();
        ServiceCost::new(1, day(on), amount, CostCategory::Marketing).unwrap()
    };
    let costs = [cost("2024-12-01"), cost("2024-12-02")];
    let nobody = WasteCustomer::default();
    report.add(&1.into(), nobody, &costs).unwrap();
    let listed: Vec<_> = report.largest().iter().map(|one| one.day).collect();
    assert_eq!(listed, [day("2024-12-01")]);
}

#[test]
fn a_budget_is_used_up_to_the_day_of_the_report() {
    let (budget, _) = budget();
    let mut state = BudgetState::new(Currency::EUR);
    let first = budget.calendar().days(budget.period(day("2025-02-14"))).0;
    let at = |on| {
        let amount = "7.00 EUR".parse().unwrap();
        Spend::new(1, on, amount, CostCategory::Marketing).unwrap()
    };
    state.record("a", at(first)).unwrap();
    state.record("b", at(first.next())).unwrap();
    let report = BudgetReport::new(&budget, &state, first, None).unwrap();
    assert!(report.rows().iter().all(|row| row.actual <= 7_00));
    // On its first day it says nothing of the end of a period, and nothing is not zero.
    let row = report
        .rows()
        .iter()
        .position(|row| row.forecast.amount.is_none());
    let sheet = report.sheet();
    let row = &sheet.tables()[0].rows()[row.unwrap()];
    assert!(row.contains(&customer_value::report::Cell::Missing));
}

#[test]
fn half_a_minor_unit_of_a_plan_is_rounded_down() {
    let line = customer_value::report::Planned {
        name: "A".to_owned(),
        plan: 1,
        planned_customers: Some(2),
        actual: 1,
        customers: 1,
    };
    let variance = Variance::new("marketing", Currency::EUR, [line]).unwrap();
    let total = variance.total();
    assert_eq!((total.volume, total.mix, total.rate), (-1, 0, 1));
}

#[test]
fn a_limit_of_the_grid_itself_is_not_high() {
    use customer_value::report::GridGroup;

    let limits = GridLimits { clv: 100, crv: 100 };
    let group = |clv, crv| limits.group(Some(clv), Some(crv));
    assert_eq!(group(100, 100), Some(GridGroup::Misers));
    assert_eq!(group(101, 100), Some(GridGroup::Affluents));
    assert_eq!(group(100, 101), Some(GridGroup::Advocates));
}

//! A small one of each report.

use customer_value::engine::backtest::BacktestReport;
use customer_value::engine::changes::{ChangeEvent, ChangesSpec, ThresholdWatch};
use customer_value::engine::simulate::{Goal, ProposeOptions, ReplayOptions, Step, WhatIfOptions};
use customer_value::engine::{CustomerDiff, Engine, Population, Reviews};
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
use customer_value::metrics::Catalog;
use customer_value::model::{
    Attempt, AttemptKind, AttemptPurpose, Currency, Day, Days, Transaction,
};
use customer_value::report::{
    Breakdown, Cohorts, CrossTable, ExitReport, Migration, Pareto, Ranking, Sheet, StageTimes,
    Survival, UpliftReport, WinBackReport,
};
use customer_value::summary::Period;

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn engine(gold: u32) -> Engine {
    let policy = format!(
        r#"
        head = {{ name = "members", version = "{gold}", currency = "EUR" }}
        [[tiers]]
        name = "gold"
        when = "spend >= {gold}"
        cost_per_year = "40.00 EUR"
        entitlements = ["lounge"]
        [[tiers]]
        name = "会员"
        "#
    );
    Engine::from_toml(&policy, &Catalog::standard()).unwrap()
}

fn sales() -> Vec<Transaction> {
    [
        (1, "2024-01-15", "120.00 EUR"),
        (2, "2024-01-20", "80.00 EUR"),
        (2, "2024-02-10", "90.00 EUR"),
        (3, "2024-03-05", "15.00 EUR"),
    ]
    .map(|(customer, on, amount)| {
        Transaction::purchase(customer, day(on), amount.parse().unwrap()).unwrap()
    })
    .to_vec()
}

/// The reviews of the end of January and of the end of March.
fn with_reviews<T>(use_them: impl FnOnce(&Engine, &Reviews<'_>, &Reviews<'_>) -> T) -> T {
    let engine = engine(100);
    let sales = sales();
    let (before, after) = (day("2024-01-31"), day("2024-03-31"));
    let ledger = Ledger::from_transactions(&sales, Options::new(after, Currency::EUR));
    let until = |day| -> Population { engine.population(&ledger.until(day)).unwrap() };
    let (earlier, later) = (until(before), until(after));
    let before = engine.review_all(&earlier, None, before).unwrap();
    let after = engine.review_all(&later, None, after).unwrap();
    use_them(&engine, &before, &after)
}

pub fn backtest() -> Sheet {
    // As it is stored.
    let report: BacktestReport = serde_json::from_str(
        r#"{
        "policy": {"policy": "members", "version": "1"},
        "as_of": "2024-06-30", "horizon": "180 days", "step": "7 days", "customers": 10, "lost": 4,
        "rules": [{
            "name": "no purchase | 60 days", "when": "days_since_last >= 60", "threshold": 60.5,
            "confusion": {"true_positives": 3, "false_positives": 1, "false_negatives": 1, "true_negatives": 5},
            "unknown": 0, "precision": 0.75, "recall": 0.75, "f1": 0.75,
            "lead_time": {"customers": 3, "alerts": 9, "mean": 41.25, "median": 40.0}
        }, {
            "name": "never", "when": "days_since_last >= 9999",
            "confusion": {"true_positives": 0, "false_positives": 0, "false_negatives": 4, "true_negatives": 6},
            "unknown": 0, "precision": null, "recall": 0.0, "f1": 0.0, "lead_time": null
        }]}"#,
    )
    .unwrap();
    report.sheet()
}

pub fn changes() -> Sheet {
    with_reviews(|engine, before, after| {
        let spec = ChangesSpec {
            value: Some("spend".to_owned()),
            thresholds: vec![ThresholdWatch {
                column: "spend".to_owned(),
                at: 150.0,
                worse: None,
                importance: None,
            }],
            ..ChangesSpec::default()
        };
        let mut problems = customer_value::diagnostic::Diagnostics::new();
        let monitor = spec.bind(engine.schema(), "monitoring", &mut problems);
        let events = after.changes(before, &monitor.unwrap());
        ChangeEvent::sheet(&events, Currency::EUR)
    })
}

pub fn cohorts() -> Sheet {
    let mut cohorts = Cohorts::new(Period::Month, day("2024-05-15"), 2, Currency::EUR);
    cohorts.add([(day("2024-01-03"), 10_00), (day("2024-02-01"), 5_00)]);
    cohorts.add([(day("2024-01-31"), 20_00), (day("2024-04-30"), 7_00)]);
    cohorts.add([(day("2024-03-10"), 8_00)]);
    cohorts.sheet()
}

pub fn cross_table() -> Sheet {
    let mut table = CrossTable::new("tier", ["gold", "会员"], "stage", ["new", "loyal|old"]);
    table.add(Some(0), Some(1));
    table.add(Some(1), Some(0));
    table.add(Some(1), None);
    table.add(None, Some(0));
    table.sheet()
}

pub fn differences() -> Sheet {
    with_reviews(|_, before, after| CustomerDiff::sheet(&after.diff(before)))
}

pub fn distribution() -> Sheet {
    let mut groups = Breakdown::new("segment", ["Champions", "休眠客户"], "spend", Currency::CNY);
    groups.add(Some(0), 75_00);
    groups.add(Some(1), 25_00);
    groups.add(None, -10_00);
    groups.sheet()
}

pub fn exit() -> Sheet {
    let report: ExitReport = serde_json::from_str(
        r#"{"currency": "EUR", "on_no_step": 3,
        "steps": [
            {"name": "migrate", "customers": 2, "noticed": 1, "saving": 5415, "saving_unknown": 1},
            {"name": "end", "customers": 0, "noticed": 0, "saving": 0, "saving_unknown": 0}],
        "gates": [{"name": "open_orders", "customers": 1}]}"#,
    )
    .unwrap();
    report.sheet()
}

pub fn migration() -> Sheet {
    let names = ["gold", "会员"];
    let mut migration = Migration::new("tier", names, names, "spend", Currency::EUR);
    migration.add(Some(0), Some(0), 90_00, 80_00);
    migration.add(Some(0), Some(1), 70_00, 20_00);
    migration.add(None, Some(1), 0, 15_00);
    migration.add(Some(1), None, 5_00, 0);
    migration.sheet()
}

pub fn pareto() -> Sheet {
    let amounts = [40_00, 40_00].into_iter().chain([2_50; 8]);
    let ranking = Ranking::new(amounts.map(|amount| (Some(amount as f64), amount)));
    Pareto::new("spend", &ranking).sheet()
}

pub fn proposal() -> Sheet {
    let engine = engine(100);
    let sales = sales();
    let as_of = day("2024-03-31");
    let ledger = Ledger::from_transactions(&sales, Options::new(as_of, Currency::EUR));
    let population = engine.population(&ledger).unwrap();
    let goal = Goal::Shares(vec![0.3]);
    let options = ProposeOptions::default();
    let proposal = engine.propose(&population, None, as_of, &goal, &options);
    proposal.unwrap().sheet()
}

pub fn quality() -> Sheet {
    let customers = [1, 1, 2, 2];
    let days = [19_800, 19_810, 99_999, 19_820];
    let columns = Columns::new(
        CustomerColumn::Numbers(&customers),
        &days,
        &[5_00, 0, 7_00, 1_00],
    );
    let options = Options::new(day("2024-12-31"), Currency::EUR);
    let ledger = Ledger::from_columns(&columns, options).unwrap();
    ledger.quality().sheet()
}

pub fn replay() -> Sheet {
    let sales = sales();
    let as_of = day("2024-12-31");
    let ledger = Ledger::from_transactions(&sales, Options::new(as_of, Currency::EUR));
    let options = ReplayOptions::new(Step::Month);
    let replay = engine(100).replay(&ledger, day("2024-01-01"), day("2024-03-31"), &options);
    replay.unwrap().sheet()
}

pub fn stage_times() -> Sheet {
    let start = |n| day("2024-01-01").plus(Days::new(n));
    let mut times = StageTimes::new(["trial", "试用|后", "gone"]);
    times.add_moves([(start(0), 0), (start(10), 1), (start(110), 2)], start(200));
    times.add_moves([(start(50), 0), (start(80), 1), (start(90), 7)], start(200));
    times.sheet()
}

pub fn survival() -> Sheet {
    let mut survival = Survival::new();
    for (days, ended) in [(10, true), (20, true), (20, false), (60, true)] {
        survival.add(Days::new(days), ended);
    }
    survival.sheet()
}

pub fn uplift() -> Sheet {
    let change = |customers, before, after, squares| {
        format!(
            r#"{{"customers": {customers}, "before": {before}, "after": {after}, "squares": {squares}}}"#
        )
    };
    let effect = format!(
        r#"{{"days": {{"2024-03-01": {{"treated": {}, "controls": {}}}}}, "open": 1, "outside": 0, "overlapping": 0}}"#,
        change(3, 3000, 6900, 5150000),
        change(3, 3500, 4100, 200000)
    );
    let report = format!(
        r#"{{"currency": "EUR", "window": "30 days", "kinds": {{"call": {effect}, "visit": {effect}}}, "total": {effect}}}"#
    );
    let report: UpliftReport = serde_json::from_str(&report).unwrap();
    report.sheet()
}

pub fn what_if() -> Sheet {
    let (now, next) = (engine(100), engine(150));
    let sales = sales();
    let as_of = day("2024-12-31");
    let ledger = Ledger::from_transactions(&sales, Options::new(as_of, Currency::EUR));
    let population = now.shared_population(&next, &ledger).unwrap();
    let options = WhatIfOptions::default();
    let what_if = now.what_if(&next, &population, None, as_of, &options);
    what_if.unwrap().sheet()
}

pub fn win_back() -> Sheet {
    let as_of = day("2024-12-31");
    let columns = Columns::new(
        CustomerColumn::Numbers(&[1, 2]),
        &[19_818, 19_728],
        &[50_00, 70_00],
    );
    let ledger = Ledger::from_columns(&columns, Options::new(as_of, Currency::EUR)).unwrap();
    let layout = customer_value::history::Layout::new(Currency::EUR, []);
    let histories = customer_value::history::Histories::build(&ledger, &layout).unwrap();
    let call = |customer, on| {
        Attempt::new(customer, on, AttemptPurpose::WinBack, AttemptKind::Call).unwrap()
    };
    let april = day("2024-04-01");
    let priced = call(1, april).with_offer("10 % | off");
    let priced = priced.with_cost("6.00 EUR".parse().unwrap()).unwrap();
    let attempts = [priced, call(2, april), call(1, as_of)];
    let why = |_: &_, _| Some("price");
    let report = WinBackReport::of(&histories, &attempts, why, Days::new(30), as_of);
    report.unwrap().sheet()
}

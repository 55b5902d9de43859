//! The cost to serve: minutes × rate and booked costs, exact, with the capacity that was not used apart.

#![allow(clippy::inconsistent_digit_grouping)] // euros_cents

use customer_value::diagnostic::{Code, Diagnostics};
use customer_value::engine::{Engine, Population};
use customer_value::history::{Histories, History, Layout};
use customer_value::ledger::{LedgerBuilder, Options, Records, TextRow};
use customer_value::metrics::Catalog;
use customer_value::metrics::cost::{CostToServe, CostToServeSpec};
use customer_value::model::{
    Complaint, CostCategory, Currency, Day, Direction, Interaction, Record, ServiceCost,
};
use customer_value::report::{CapacityReport, WasteClass};
use customer_value::summary::Summary;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn as_of() -> Day {
    day("2024-12-31")
}

fn bind(text: &str) -> Result<CostToServe, Diagnostics> {
    let spec: CostToServeSpec = toml::from_str(text).unwrap();
    let written = toml::to_string(&spec).unwrap();
    let again: CostToServeSpec = toml::from_str(&written).unwrap();
    // Not by `==`: one of them says `nan`.
    assert_eq!(format!("{again:?}"), format!("{spec:?}"));
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&["gold", "base"], Currency::EUR, &mut problems);
    assert_eq!(bound.is_none(), problems.has_errors(), "{problems}");
    bound.ok_or(problems)
}

fn said(text: &str) -> Vec<String> {
    match bind(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// `customer`, `date`, `amount`, `cost`; a negative amount is a refund.
fn population(rows: &[[&str; 4]], records: Vec<Record>, layout: &Layout) -> Histories {
    let options = Options::new(as_of(), Currency::EUR);
    let records = Records::clean(records, &options);
    assert_eq!(records.rejects(), []);
    let mut builder = LedgerBuilder::new(options);
    for [customer, date, amount, cost] in rows {
        builder.text(TextRow {
            customer,
            date,
            amount,
            cost,
            ..TextRow::default()
        });
    }
    let ledger = builder.finish();
    assert_eq!(ledger.rejects(), []);
    let histories = Histories::build(&ledger, layout).unwrap();
    histories.with_records(&records).unwrap()
}

fn contact(customer: u64, date: &str, channel: &str, kind: &str) -> Interaction {
    Interaction::new(customer, day(date), channel, Direction::Inbound, kind).unwrap()
}

fn booked(customer: u64, date: &str, amount: &str, category: &str) -> Record {
    let category = category.parse::<CostCategory>().unwrap();
    let cost = ServiceCost::new(customer, day(date), amount.parse().unwrap(), category);
    cost.unwrap().into()
}

/// The cost to serve of each customer and the report on all.
fn served(cost: &CostToServe, histories: &Histories) -> (Vec<Option<i64>>, CapacityReport) {
    let mut report = CapacityReport::new(cost, as_of());
    let mut costs = Vec::new();
    for (_, history) in histories.iter() {
        let summary = Summary::new(history, cost.window(), as_of());
        costs.push(cost.minor(&summary));
        report.add(cost, &summary);
    }
    (costs, report)
}

/// Kaplan & Anderson, "Time-Driven Activity-Based Costing", Harvard Business Review, November 2004: 49,000 orders of 8
/// minutes, 1,400 inquiries of 44, 2,500 credit checks of 50; 560,000 for 700,000 minutes.
#[test]
fn example_of_the_paper_to_its_digits() {
    let cost = bind(
        r#"
        window = "91 days"
        resources = [{ name = "department", cost = "560000.00 EUR", minutes = 700000 }]
        activities = [
            { name = "orders", driver = "purchases", minutes = 8, resource = "department" },
            { name = "inquiries", driver = "contacts", kind = "inquiry", minutes = 44, resource = "department" },
            { name = "credit checks", driver = "contacts", kind = "credit", minutes = 50, resource = "department" },
        ]"#,
    )
    .unwrap();
    let rows = vec![["1", "2024-12-01", "1.00", ""]; 49_000];
    let inquiry = (0..1_400).map(|_| contact(2, "2024-11-01", "mail", "inquiry").into());
    let credit = (0..2_500).map(|_| contact(3, "2024-10-10", "mail", "credit").into());
    let mut builder = LedgerBuilder::new(Options::new(as_of(), Currency::EUR));
    for (i, [customer, date, amount, _]) in rows.iter().enumerate() {
        builder.text(TextRow {
            customer,
            id: &i.to_string(),
            date,
            amount,
            ..TextRow::default()
        });
    }
    let layout = Layout::new(Currency::EUR, cost.facts());
    let histories = Histories::build(&builder.finish(), &layout).unwrap();
    let records = Records::clean(
        inquiry.chain(credit).collect::<Vec<Record>>(),
        &Options::new(as_of(), Currency::EUR),
    );
    let histories = histories.with_records(&records).unwrap();

    let (costs, report) = served(&cost, &histories);
    assert_eq!(costs, [Some(313_600_00), Some(49_280_00), Some(100_000_00)]);
    let department = &report.resources()[0];
    assert_eq!(department.supplied, 560_000_00);
    assert_eq!(department.used, 578_600_000);
    assert_eq!(department.charged(), 462_880_00);
    assert_eq!(department.unused_time(), 121_400_000);
    assert_eq!(department.unused(), 97_120_00);
    assert_eq!(department.over_use(), 0);
    assert_eq!(
        format!("{:.0}", department.utilisation().unwrap() * 100.0),
        "83"
    );
    let times: Vec<i64> = report.activities().iter().map(|a| a.time).collect();
    assert_eq!(times, [392_000_000, 61_600_000, 125_000_000]);
    assert_eq!(report.rounding(), 0);
}

/// A part of a history has the refund in full of a purchase that is in another part: nobody saves time by that.
#[test]
fn a_part_of_a_history_takes_no_less_than_no_time() {
    let cost = bind(
        r#"
        resources = [{ name = "desk", cost = "100.00 EUR", minutes = 100 }]
        activities = [
            { name = "orders", driver = "purchases", minutes = 3, resource = "desk" },
            { name = "days", driver = "active_days", minutes = 1, resource = "desk" },
        ]"#,
    )
    .unwrap();
    let mut builder = LedgerBuilder::new(Options::new(as_of(), Currency::EUR));
    for (id, kind, refund_of) in [("a", "purchase", ""), ("", "refund", "a")] {
        builder.text(TextRow {
            customer: "1",
            date: "2024-12-01",
            id,
            amount: "5.00",
            kind,
            refund_of,
            ..TextRow::default()
        });
    }
    let ledger = builder.finish();
    let mut part = History::new(Layout::new(Currency::EUR, cost.facts()));
    for (_, effect) in ledger.effects().filter(|(_, effect)| effect.purchases < 0) {
        part.add(&effect).unwrap();
    }
    let summary = Summary::new(part.view(), cost.window(), as_of());
    assert_eq!(summary.total(&cost.facts()[0]), Some(-1));
    assert_eq!(cost.activities()[0].units(&summary), Some(0));
}

/// By hand: desk 100.00 for 300 minutes is 1/3 a minute, office 90.00 for 700 is 9/70.
///
/// Customer 1: a call (7.5 minutes), 4 recorded minutes at double, a refund of 10: 25.5 minutes of the desk are 8.50; two
/// purchases of 2.25 are 4.5 minutes of the office, 0.57857…; marketing 3.00. Together 12.07857…, 12.08.
/// Customer 2: an e-mail and nothing else. Customer 3: a complaint of 600 minutes, 200.00: over-use.
#[test]
fn example_by_hand() {
    let cost = bind(
        r#"
        resources = [
            { name = "desk", cost = "100.00 EUR", minutes = 300 },
            { name = "office", cost = "90.00 EUR", minutes = 700 },
        ]
        activities = [
            { name = "calls", driver = "contacts", channel = "phone", minutes = 7.5, resource = "desk" },
            { name = "visits", driver = "minutes", channel = "visit", minutes = 2, resource = "desk" },
            { name = "refunds", driver = "refunds", minutes = 10, resource = "desk" },
            { name = "complaints", driver = "complaints", topic = "delivery", minutes = 600, resource = "desk" },
            { name = "orders", driver = "purchases", minutes = 2.25, resource = "office" },
        ]
        excluded = ["service_staff"]"#,
    )
    .unwrap();
    let rows = [
        ["1", "2024-05-01", "80.00", "30.00"],
        ["1", "2024-06-01", "40.00", "10.00"],
        ["1", "2024-07-01", "-15.00", ""],
        // Before the window.
        ["1", "2023-12-31", "500.00", "1.00"],
    ];
    let records = vec![
        contact(1, "2024-05-02", "phone", "question").into(),
        contact(1, "2024-05-03", "visit", "advice")
            .with_minutes(4)
            .into(),
        contact(1, "2023-05-03", "phone", "question").into(),
        contact(2, "2024-05-03", "mail", "question")
            .with_minutes(9)
            .into(),
        Complaint::new(3, day("2024-08-01"), "delivery")
            .unwrap()
            .into(),
        Complaint::new(3, day("2024-08-01"), "quality")
            .unwrap()
            .into(),
        booked(1, "2024-05-02", "3.00 EUR", "marketing"),
        booked(1, "2024-05-02", "5.00 EUR", "service_staff"),
    ];
    let layout = Layout::new(Currency::EUR, cost.facts());
    let histories = population(&rows, records, &layout);
    let (costs, report) = served(&cost, &histories);
    assert_eq!(costs, [Some(12_08), Some(0), Some(200_00)]);

    let [desk, office] = report.resources() else {
        panic!()
    };
    assert_eq!((desk.used, desk.charged()), (625_500, 208_50));
    assert_eq!((desk.unused(), desk.over_use()), (0, 108_50));
    assert_eq!((desk.unused_time(), desk.over_used_time()), (0, 325_500));
    assert_eq!(
        (office.used, office.charged(), office.unused()),
        (4_500, 58, 89_42)
    );
    assert_eq!((report.direct(), report.excluded()), (3_00, 5_00));
    // 12.08 + 200.00 − (208.50 + 0.58 + 3.00).
    assert_eq!((report.assigned(), report.rounding()), (212_08, 0));
    let again: CapacityReport =
        serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
    assert_eq!(again, report);
}

#[test]
fn halves_go_to_the_even_cent_of_the_whole() {
    // Half a cent a minute.
    let cost = bind(
        r#"
        resources = [{ name = "desk", cost = "1.00 EUR", minutes = 200 }]
        activities = [{ name = "calls", driver = "contacts", minutes = 1, resource = "desk" }]"#,
    )
    .unwrap();
    let layout = Layout::new(Currency::EUR, cost.facts());
    let mut records = Vec::new();
    for (customer, calls, cents) in [
        (1, 1, "0.00"),
        (2, 3, "0.00"),
        (3, 1, "0.01"),
        (4, 3, "0.01"),
    ] {
        records.extend((0..calls).map(|_| contact(customer, "2024-05-01", "phone", "x").into()));
        records.push(booked(
            customer,
            "2024-05-01",
            &format!("{cents} EUR"),
            "marketing",
        ));
    }
    let histories = population(&[], records, &layout);
    let (costs, report) = served(&cost, &histories);
    // 0.5, 1.5, 1.5, 2.5.
    assert_eq!(costs, [0, 2, 2, 2].map(Some));
    assert_eq!((report.assigned(), report.rounding()), (6, 0));
}

#[test]
fn supply_is_of_the_days_of_the_window() {
    let section = |head: &str| {
        format!(
            r#"{head}
            resources = [{{ name = "desk", cost = "100.00 EUR", minutes = 1000 }}]
            activities = [{{ name = "calls", driver = "contacts", minutes = 1, resource = "desk" }}]"#
        )
    };
    for (head, supplied, practical) in [
        ("", 100_00, 1_000_000),
        ("window = \"30 days\"", 100_00, 1_000_000),
        // 365 ÷ 91 of it.
        ("period = \"91 days\"", 401_10, 4_010_989),
        // From October on, 92 days.
        (
            "window = \"this quarter\"\nperiod = \"92 days\"",
            100_00,
            1_000_000,
        ),
    ] {
        let cost = bind(&section(head)).unwrap_or_else(|problems| panic!("{head}: {problems}"));
        let report = CapacityReport::new(&cost, as_of());
        let desk = &report.resources()[0];
        assert_eq!(
            (desk.supplied, desk.practical),
            (supplied, practical),
            "{head}"
        );
    }
    assert_eq!(
        said(&section("window = \"this quarter\"")),
        [
            "error: cost_to_serve.period: a window of `this quarter` needs a `period` (say for how long the cost and the minutes of the resources are, such as `365 days`)"
        ]
    );
    assert_eq!(
        said(&section("window = \"lifetime\"")),
        [
            "error: cost_to_serve.window: the cost to serve of a lifetime has no capacity to compare with (write a window with a beginning, such as `365 days`)"
        ]
    );
    assert_eq!(
        said(&section("period = \"0 days\"")),
        ["error: cost_to_serve.period: a period of `0 days` is less than a day"]
    );
}

#[test]
fn every_mistake_is_reported_at_once() {
    let found = said(
        r#"
        resources = [
            { name = "desk", cost = "-1.00 EUR", minutes = 100 },
            { name = "desk", cost = "1.00 USD", minutes = -5 },
            { name = " ", cost = "1.00 EUR", minutes = 2000000000000 },
        ]
        activities = [
            { name = "a", driver = "contacs", minutes = 1, resource = "desk" },
            { name = "a", driver = "purchases", channel = "phone", minutes = 0.0001, resource = "dsk" },
            { name = "", driver = "active_days", topic = "x", resource = "desk" },
            { name = "d", driver = "spend", minutes = 2000000, resource = "desk" },
            { name = "e", driver = "minutes", category = "x", minutes = -1, resource = "nobody at all" },
            { name = "f", minutes = nan, resource = "desk" },
        ]
        direct = ["marketing", "marketing"]
        excluded = ["survey", "marketing"]
        [waste]
        within = "-1 days"
        p_purchase_below = 10
        entitlements = [
            { tier = "glod", category = "marketing", per_year = "-1.00 EUR" },
            { tier = "gold", category = "marketing", per_year = "1.00 USD" },
            { tier = "gold", category = "marketing", per_year = "1.00 EUR" },
        ]"#,
    );
    let drivers = "it is one of `active_days`, `answers`, `complaints`, `contacts`, `minutes`, `purchases`, `refunds`, `resolved`, `transactions`";
    let expected = [
        "resources[0].cost: `-1.00 EUR` is negative".to_owned(),
        "resources[1].name: there is another one named `desk`".to_owned(),
        "resources[1].cost: `1.00 USD` is not in EUR, the currency of the policy (write it in EUR)".to_owned(),
        "resources[1].minutes: a capacity of `-5` minutes is not above 0 (so there is no cost per minute)".to_owned(),
        "resources[2].name: a resource has no name".to_owned(),
        "resources[2].minutes: `2000000000000` minutes are above 1000000000000".to_owned(),
        "activities[0].driver: `contacs` is nothing that can be counted (did you mean `contacts`?)".to_owned(),
        "activities[1].name: there is another one named `a`".to_owned(),
        "activities[1].channel: `purchases` takes no `channel` (leave it out)".to_owned(),
        "activities[1].minutes: `0.0001` minutes have more than three decimals".to_owned(),
        "activities[1].resource: there is no resource `dsk` (did you mean `desk`?)".to_owned(),
        "activities[2].name: an activity has no name".to_owned(),
        "activities[2].topic: `active_days` takes no `topic` (leave it out)".to_owned(),
        "activities[2].minutes: the activity `` has no minutes (say how long one of them takes, such as `minutes = 8.5`)".to_owned(),
        format!("activities[3].driver: `spend` is nothing that can be counted ({drivers})"),
        "activities[3].minutes: `2000000` minutes are not at most 1000000".to_owned(),
        "activities[4].category: `minutes` takes no `category` (leave it out)".to_owned(),
        "activities[4].minutes: `-1` minutes are fewer than none".to_owned(),
        "activities[4].resource: there is no resource `nobody at all`".to_owned(),
        format!("activities[5].driver: the activity `f` has no driver ({drivers})"),
        "activities[5].minutes: `NaN` minutes are not at most 1000000".to_owned(),
        "resources[2]: no activity uses ` ` (all of its capacity will be reported as unused)".to_owned(),
        "direct[1]: `marketing` is there twice".to_owned(),
        "excluded[1]: `marketing` is charged and excluded (leave it out of one of the lists)".to_owned(),
        "waste.within: `-1 days` is less than no time".to_owned(),
        "waste.p_purchase_below: a probability of 10 is not above 0 and at most 1".to_owned(),
        "waste.entitlements[0].tier: there is no tier `glod` (did you mean `gold`?)".to_owned(),
        "waste.entitlements[0].per_year: `-1.00 EUR` is negative".to_owned(),
        "waste.entitlements[1].per_year: `1.00 USD` is not in EUR, the currency of the policy (write it in EUR)".to_owned(),
        "waste.entitlements[2].category: the tier `gold` has another entitlement of `marketing`".to_owned(),
    ];
    let short = |line: &String| {
        let line = line
            .strip_prefix("error: ")
            .or(line.strip_prefix("warning: "));
        line.unwrap()
            .strip_prefix("cost_to_serve.")
            .unwrap()
            .to_owned()
    };
    assert_eq!(found.iter().map(short).collect::<Vec<_>>(), expected);
}

#[test]
fn rates_that_do_not_add_up_exactly_are_refused() {
    let primes = [700_001_i64, 700_027, 700_057, 700_067, 700_079];
    let text = |n: usize| {
        let resources = primes.iter().take(n).map(|minutes| {
            format!("{{ name = \"r{minutes}\", cost = \"1.01 EUR\", minutes = {minutes} }}")
        });
        let activities = primes.iter().take(n).map(|minutes| {
            format!("{{ name = \"a{minutes}\", driver = \"purchases\", minutes = 1, resource = \"r{minutes}\" }}")
        });
        let list = |all: Vec<String>| all.join(", ");
        format!(
            "resources = [{}]\nactivities = [{}]",
            list(resources.collect()),
            list(activities.collect())
        )
    };
    assert_eq!(said(&text(3)), Vec::<String>::new());
    assert_eq!(
        said(&text(5)),
        [
            "error: cost_to_serve.resources: the costs per minute of the resources cannot be added exactly (round their minutes, to hundreds or thousands)"
        ]
    );
}

const POLICY: &str = r#"
    [head]
    name = "served"
    version = "1"
    currency = "EUR"

    [cost_to_serve]
    window = "365 days"
    resources = [{ name = "desk", cost = "100.00 EUR", minutes = 200 }]
    activities = [{ name = "calls", driver = "contacts", channel = "phone", minutes = 30, resource = "desk" }]

    [[scores]]
    name = "worth"
    parts = [{ column = "profit", weight = 1, scale = { linear = { from = 0, to = 100 } } }]

    [[tiers]]
    name = "pays"
    when = "profit >= 20 and cost_to_serve < 50"

    [[tiers]]
    name = "unknown"
    when = "profit is missing"

    [[tiers]]
    name = "everybody"
"#;

#[test]
fn rules_scores_and_the_curve_read_the_columns() {
    let engine = Engine::from_toml(POLICY, &Catalog::standard()).unwrap();
    let rows = [
        ["1", "2024-05-01", "80.00", "30.00"],
        ["2", "2024-05-01", "80.00", "30.00"],
        // Nothing is known of the cost of these goods.
        ["3", "2024-05-01", "80.00", ""],
    ];
    let mut records: Vec<Record> = (0..4)
        .map(|_| contact(2, "2024-06-01", "phone", "question").into())
        .collect();
    records.push(contact(1, "2024-06-01", "phone", "question").into());
    records.push(booked(4, "2024-06-01", "7.00 EUR", "marketing"));
    let histories = population(&rows, records, engine.layout());
    let population = Population::new(histories);
    let reviews = engine.review_all(&population, None, as_of()).unwrap();
    let columns: Vec<_> = reviews
        .iter()
        .map(|one| {
            let of = |column| one.assessment().number(column);
            (
                of("cost_to_serve"),
                of("profit"),
                of("worth"),
                one.assessment().tier().to_owned(),
            )
        })
        .collect();
    let expected = [
        (Some(15.0), Some(35.0), Some(35.0), "pays"),
        (Some(60.0), Some(-10.0), Some(0.0), "everybody"),
        (Some(0.0), None, None, "unknown"),
        (Some(7.0), Some(-7.0), Some(0.0), "everybody"),
    ];
    assert_eq!(
        columns,
        expected.map(|(c, p, w, tier)| (c, p, w, tier.to_owned()))
    );

    let whale = reviews.whale("profit").unwrap();
    assert_eq!(
        (whale.total(), whale.peak().sum, whale.lost()),
        (18_00, 35_00, 17_00)
    );
    assert_eq!(
        (whale.customers(), whale.unknown(), whale.losing()),
        (3, 1, 2)
    );
    assert!(reviews.whale("worth").is_none() && reviews.whale("tier").is_none());

    let report = engine.capacity(&population, as_of()).unwrap();
    assert_eq!(
        (report.customers(), report.assigned(), report.direct()),
        (4, 82_00, 7_00)
    );
}

#[test]
fn policy_says_what_is_wrong_with_the_section_and_not_what_follows() {
    let said = |text: &str| -> Vec<String> {
        match Engine::from_toml(text, &Catalog::standard()) {
            Ok(_) => Vec::new(),
            Err(problems) => problems
                .iter()
                .map(|p| format!("{}: {}", p.place.path, p.message))
                .collect(),
        }
    };
    assert_eq!(said(POLICY), Vec::<String>::new());
    for (right, wrong, expected) in [
        (
            "minutes = 200",
            "minutes = 0",
            "cost_to_serve.resources[0].minutes: a capacity of `0` minutes is not above 0",
        ),
        (
            "minutes = 200",
            "minutes = \"many\"",
            "cost_to_serve.resources[0].minutes: `many` is not a whole number",
        ),
        (
            "window = \"365 days\"",
            "window = \"year ago\"",
            "cost_to_serve.window: ",
        ),
        (
            "driver = \"contacts\", ",
            "",
            "cost_to_serve.activities[0].driver: the activity `calls` has no driver",
        ),
        (
            "resource = \"desk\"",
            "resouce = \"desk\"",
            "cost_to_serve.activities[0].resouce: there is no field `resouce`",
        ),
        (
            "[[scores]]",
            "[attributes]\nprofit = { type = \"number\", unit = \"money\" }\n[[scores]]",
            "cost_to_serve: there is another column named `profit`",
        ),
        (
            "[[scores]]",
            "[cost_to_serve.waste]\nwithin = \"30 days\"\np_purchase_below = 0.1\n[[scores]]",
            "cost_to_serve.waste.p_purchase_below: there is no `p_purchase` to compare with",
        ),
    ] {
        assert!(POLICY.contains(right), "{right}");
        let found = said(&POLICY.replacen(right, wrong, 1));
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
        assert!(found[0].starts_with(expected), "{found:?}");
    }
    // Without the section, who reads its columns is told what makes them.
    let without = "head = { name = 'a', version = '1', currency = 'EUR' }\ntiers = [{ name = 'a', when = 'profit > 0' }, { name = 'b' }]";
    let problems = Engine::from_toml(without, &Catalog::standard()).unwrap_err();
    let problem = problems.iter().next().unwrap();
    assert_eq!(problem.code, Code::UnknownName);
    assert_eq!(
        problem.help.as_deref(),
        Some("`profit` is made by a section `[cost_to_serve]`")
    );
}

#[test]
fn a_resource_nobody_uses_is_a_warning_and_its_capacity_unused() {
    let text = r#"
        head = { name = "a", version = "1", currency = "EUR" }
        tiers = [{ name = "all" }]
        [cost_to_serve]
        resources = [{ name = "desk", cost = "100.00 EUR", minutes = 200 }]"#;
    let policy = toml::from_str(text).unwrap();
    let (engine, problems) = Engine::check(policy, &Catalog::standard());
    assert_eq!(
        problems.to_string(),
        "warning: cost_to_serve.resources[0]: no activity uses `desk` (all of its capacity will be reported as unused)"
    );
    let engine = engine.unwrap();
    let histories = population(&[], Vec::new(), engine.layout());
    let report = engine
        .capacity(&Population::new(histories), as_of())
        .unwrap();
    assert_eq!(report.resources()[0].unused(), 100_00);
    assert_eq!(report.resources()[0].utilisation(), Some(0.0));
}

#[test]
fn a_category_that_is_nearly_a_common_one_is_a_warning() {
    let text = r#"
        direct = ["servce_staff", "travel"]
        excluded = ["Marketing"]
        [waste]
        within = "90 days"
        entitlements = [{ tier = "gold", category = "surveys", per_year = "1.00 EUR" }]"#;
    let mut problems = Diagnostics::new();
    let spec: CostToServeSpec = toml::from_str(text).unwrap();
    assert!(
        spec.bind(&["gold"], Currency::EUR, &mut problems).is_some(),
        "{problems}"
    );
    assert_eq!(
        problems.to_string(),
        "\
warning: cost_to_serve.direct[0]: `servce_staff` is a category of your own (did you mean `service_staff`?)
warning: cost_to_serve.excluded[0]: `Marketing` is a category of your own (did you mean `marketing`?)
warning: cost_to_serve.waste.entitlements[0].category: `surveys` is a category of your own (did you mean `survey`?)"
    );
}

#[test]
fn fingerprint_tells_sections_apart() {
    let engine = |text: &str| {
        Engine::from_toml(text, &Catalog::standard())
            .unwrap()
            .fingerprint()
    };
    let one = engine(POLICY);
    assert_ne!(one, engine(&POLICY.replace("minutes = 30", "minutes = 31")));
    assert_eq!(one, engine(&format!("# a comment\n{POLICY}")));
}

#[test]
fn waste_is_found_with_the_tier_and_the_purchases_of_the_review() {
    let text = r#"
        head = { name = "a", version = "1", currency = "EUR" }
        tiers = [{ name = "gold", when = "spend >= 100", cost_per_year = "10.00 EUR" }, { name = "base" }]
        [cost_to_serve.waste]
        within = "60 days"
        entitlements = [{ tier = "base", category = "marketing", per_year = "4.00 EUR" }]"#;
    let engine = Engine::from_toml(text, &Catalog::standard()).unwrap();
    let rows = [
        ["1", "2024-05-01", "150.00", ""],
        ["1", "2024-03-01", "50.00", ""],
        ["2", "2024-05-01", "50.00", ""],
    ];
    let records = vec![
        // Gold: 10.00 a year. The second does not fit wholly; the third is too early to judge, and does not fit at all.
        booked(1, "2024-03-01", "7.00 EUR", "marketing"),
        booked(1, "2024-04-20", "5.00 EUR", "survey"),
        booked(1, "2024-12-20", "1.00 EUR", "marketing"),
        // Base: bought 60 days later, and 61; a survey has no limit.
        booked(2, "2024-03-02", "3.00 EUR", "marketing"),
        booked(2, "2024-03-01", "0.50 EUR", "marketing"),
        booked(2, "2024-04-01", "2.00 EUR", "marketing"),
        booked(2, "2024-04-01", "90.00 EUR", "survey"),
        booked(2, "2024-04-01", "90.00 EUR", "survey"),
        // Of the year before.
        booked(2, "2024-01-01", "8.00 EUR", "survey"),
        booked(2, "2023-12-31", "8.00 EUR", "survey"),
    ];
    let options = Options::new(as_of(), Currency::EUR);
    let cleaned = Records::clean(records.clone(), &options);
    let population = Population::new(population(&rows, records, engine.layout()));
    let reviews = engine.review_all(&population, None, as_of()).unwrap();
    assert!(reviews.waste().unwrap_err().is_misuse());
    // The histories count them already.
    let population = population.with_counted_records(&cleaned).unwrap();
    let reviews = engine.review_all(&population, None, as_of()).unwrap();
    let report = reviews.waste().unwrap().unwrap();
    let of = |class| report.all().of(class).amount;
    assert_eq!(of(WasteClass::Duplicate), 90_00);
    // 2.00 and 1.00 of gold, 1.50 of base.
    assert_eq!(of(WasteClass::AboveEntitlement), 4_50);
    // 61 days before the purchase; 2024-01-01 is the 366th day before the end of the year.
    assert_eq!(of(WasteClass::NoReturn), 50);
    assert_eq!(report.all().read.amount, 198_50);
    let tiers: Vec<i64> = report
        .tiers()
        .iter()
        .map(|tier| tier.total().amount)
        .collect();
    assert_eq!(tiers, [3_00, 92_00]);
    let first = &report.largest()[0];
    assert_eq!(
        (first.customer.clone(), first.wasted, first.class),
        (2.into(), 90_00, WasteClass::Duplicate)
    );
    assert_eq!(report.largest().len(), 5);

    let without = Engine::from_toml(POLICY, &Catalog::standard()).unwrap();
    let population = Population::new(
        Histories::build(&LedgerBuilder::new(options).finish(), without.layout()).unwrap(),
    );
    assert_eq!(
        without
            .review_all(&population, None, as_of())
            .unwrap()
            .waste()
            .unwrap(),
        None
    );
}

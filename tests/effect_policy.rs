//! The section `[effect]`: what is wrong with it, who is counted, and what the report says.

use customer_value::diagnostic::{Code, Diagnostics};
use customer_value::model::{Currency, CustomerId, Day, Unit};
use customer_value::report::effect::{
    Arm, BoundEffect, Dimension, EffectMethod, EffectReport, EffectSpec, EffectTerms,
    EffectWindows, Groups, PlanOutcome, Scale, assign,
};
use customer_value::table::{Field, Schema, Table};

fn schema() -> Schema {
    let mut schema = Schema::new();
    for (name, unit) in [
        ("satisfaction", Unit::Points),
        ("bought_90d", Unit::Flag),
        ("margin_90d", Unit::Money),
        ("margin_180d", Unit::Money),
        ("service_cost_90d", Unit::Money),
        ("called", Unit::Flag),
    ] {
        schema.add(Field::number(name, unit)).unwrap();
    }
    schema
        .add(Field::category("campaign", ["call", "mail", "none"]))
        .unwrap();
    schema
}

fn bind(text: &str) -> (Option<BoundEffect>, Diagnostics) {
    let spec: EffectSpec = toml::from_str(text).unwrap();
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&schema(), Currency::EUR, &mut problems);
    assert_eq!(bound.is_none(), problems.has_errors());
    (bound, problems)
}

fn bound(text: &str) -> BoundEffect {
    let (bound, problems) = bind(text);
    assert!(problems.is_empty(), "{problems}");
    bound.unwrap()
}

/// The section of the page.
fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/docs/effect.md");
    let page = std::fs::read_to_string(path).unwrap();
    let fence = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let table: toml::Table = toml::from_str(fence).unwrap();
    toml::to_string(&table["effect"]).unwrap()
}

#[test]
fn section_of_the_page_binds_and_is_written_as_it_is_read() {
    let effect = bound(&page());
    let days = effect.windows("2024-04-01".parse::<Day>().unwrap());
    let text = |days: [Day; 2]| days.map(|day| day.to_string());
    assert_eq!(text(days.before.unwrap()), ["2024-01-02", "2024-03-31"]);
    assert_eq!(text(days.after), ["2024-04-01", "2024-06-29"]);
    let end = effect.windows(Day::MAX);
    assert_eq!(end.after, [Day::MAX; 2]);
    // The day of the action is in no window before it.
    let first = effect.windows(Day::MIN);
    assert_eq!((first.before, first.after[0]), (None, Day::MIN));
    let second = effect.windows(Day::MIN.next());
    assert_eq!(second.before, Some([Day::MIN; 2]));
    for windows in [days, first] {
        let text = serde_json::to_string(&windows).unwrap();
        assert_eq!(
            serde_json::from_str::<EffectWindows>(&text).unwrap(),
            windows
        );
    }

    let spec: EffectSpec = toml::from_str(&page()).unwrap();
    let again: EffectSpec = toml::from_str(&toml::to_string(&spec).unwrap()).unwrap();
    assert_eq!(again, spec);
    let names = spec.columns();
    assert!(names.contains(&"satisfaction") && names.contains(&"service_cost_90d"));
    assert!(toml::from_str::<EffectSpec>(&format!("colour = 1\n{}", page())).is_err());
}

#[test]
fn every_mistake_is_told_at_once() {
    let (_, problems) = bind(
        r#"
        name = " "
        control_share = 0.2
        group = { column = "called" }
        confidence = 95
        min_group = 1
        before = "0 days"
        after = "-3 days"
        action_cost = "-1.00 USD"
        dimensions = [
            { dimension = "ltv", column = "margin", expected = nan },
            { dimension = "ltv", column = "bought_90d", method = "difference_in_differences" },
            { dimension = "repurchase", column = "margin_90d" },
            { dimension = "satisfaction", column = "campaign" },
            { dimension = "cost", column = "service_cost_90d", method = "cuped" },
        ]
        "#,
    );
    assert_eq!(
        problems.to_string(),
        "\
error: effect.name: the experiment has no name
error: effect.group: there are both a group and a control share (leave one of them out)
error: effect.confidence: a confidence of 95 is not from 0.8 to 0.999 (95 % is written `0.95`)
error: effect.min_group: a group of 1 has no interval; 2 is the least
error: effect.before: `0 days` is less than 1 day
error: effect.after: `-3 days` is less than 1 day
error: effect.action_cost: a cost of -1.00 USD is negative
error: effect.action_cost: `-1.00 USD` is not in EUR, the currency of the policy (write it in EUR)
error: effect.dimensions[0].column: there is no column `margin`
error: effect.dimensions[0].expected: a plan of NaN is not a number
error: effect.dimensions[1].dimension: `ltv` is there twice
error: effect.dimensions[1].column: `bought_90d` is not a column of money
error: effect.dimensions[1].method: sums over windows of different lengths have no difference (make `before` and `after` of `[effect]` equal, or use `cuped`)
error: effect.dimensions[2].column: `margin_90d` is not a column of flags or of counts
error: effect.dimensions[3].column: `campaign` is not a column of numbers that are neither flags, dates nor money
error: effect.dimensions[4].before: one column does not look at windows of two lengths (name the column with the values before the action)"
    );
}

#[test]
fn groups_are_checked() {
    let wrong = |group: &str| {
        let dimensions = "dimensions = [{ dimension = 'ltv', column = 'margin_90d' }]";
        let (_, problems) = bind(&format!(
            "name = 'a'\nafter = '1 day'\n{group}\n{dimensions}"
        ));
        let all = problems.iter().map(|p| (p.code, p.place.path.clone()));
        all.collect::<Vec<_>>()
    };
    let at = |code, path: &str| (code, format!("effect.{path}"));
    assert_eq!(wrong(""), [at(Code::Missing, "control_share")]);
    for share in ["0", "1", "-0.1", "nan", "inf"] {
        let found = wrong(
            &format!("control_share = {share}.0")
                .replace("n.0", "n")
                .replace("inf.0", "inf")
                .replace("0.1.0", "0.1"),
        );
        assert_eq!(found, [at(Code::Range, "control_share")], "{share}");
    }
    assert_eq!(
        wrong("group = { column = 'caled' }"),
        [at(Code::UnknownName, "group.column")]
    );
    assert_eq!(
        wrong("group = { column = 'margin_90d' }"),
        [at(Code::Type, "group.column")]
    );
    assert_eq!(
        wrong("group = { column = 'called', treated = 'yes' }"),
        [at(Code::Type, "group.treated")]
    );
    assert_eq!(
        wrong("group = { column = 'campaign', treated = 'cal' }"),
        [
            at(Code::UnknownName, "group.treated"),
            at(Code::Missing, "group.control")
        ]
    );
    assert_eq!(
        wrong("group = { column = 'campaign', treated = 'call', control = 'call' }"),
        [at(Code::Conflict, "group.control")]
    );
    let (_, none) = bind("name = 'a'\nafter = '1 day'\ncontrol_share = 0.5\ndimensions = []");
    assert_eq!(
        none.to_string(),
        "error: effect.dimensions: there is no dimension"
    );
}

/// A row of satisfaction, bought, margin, cost.
type Values = [Option<f64>; 4];

fn tables(rows: &[(Values, Values)]) -> [Table; 2] {
    let schema = schema();
    let names = [
        "satisfaction",
        "bought_90d",
        "margin_90d",
        "service_cost_90d",
    ];
    let mut tables = [(); 2].map(|()| Table::new(schema.clone(), rows.len()));
    for (row, (before, after)) in rows.iter().enumerate() {
        for (i, name) in names.iter().enumerate() {
            let slot = schema.slot(name).unwrap();
            tables[0].column_mut(slot).set(row, before[i]);
            tables[1].column_mut(slot).set(row, after[i]);
        }
    }
    tables
}

fn report(effect: &BoundEffect, rows: &[(Values, Values)]) -> EffectReport {
    let [before, after] = tables(rows);
    let mut parts = [effect.evaluation(), effect.evaluation()];
    for row in 0..rows.len() {
        let id = CustomerId::from(row as u64);
        effect.add(
            &mut parts[row % 2],
            &id,
            Some(before.row(row)),
            after.row(row),
        );
    }
    let [mut all, other] = parts;
    all.merge(&other).unwrap();
    effect.report(&all)
}

/// Customers for whom the action adds 10 to the margin, 1 to the cost and half a point, and everybody wobbles.
fn simulated(name: &str, count: u64) -> Vec<(Values, Values)> {
    (0..count)
        .map(|n| {
            let treated = assign(&n.into(), name, 0.2) == Arm::Treated;
            let lift = f64::from(u8::from(treated));
            let wobble = (n * 37 % 11) as f64 - 5.0;
            let before = 40.0 + (n * 53 % 97) as f64;
            let bought = f64::from(u8::from(n * 29 % 10 < if treated { 7 } else { 4 }));
            (
                [Some(6.0), Some(0.0), Some(before), Some(8.0 + wobble / 2.0)],
                [
                    Some(6.0 + 0.5 * lift + wobble / 10.0),
                    Some(bought),
                    Some(before + 10.0 * lift + wobble),
                    Some(8.0 + lift + wobble / 4.0),
                ],
            )
        })
        .collect()
}

#[test]
fn report_says_what_was_put_in() {
    let effect = bound(&page());
    let rows = simulated("spring call", 2000);
    let report = report(&effect, &rows);
    assert_eq!((report.treated + report.control, report.outside), (2000, 0));
    let of = |dimension| report.dimension(dimension).unwrap();
    let difference = |dimension| of(dimension).difference.unwrap().difference;
    assert!((difference(Dimension::Ltv) - 10.0).abs() < 0.6);
    assert!((difference(Dimension::Satisfaction) - 0.5).abs() < 0.06);
    assert!((difference(Dimension::Repurchase) - 0.3).abs() < 0.06);
    assert!((difference(Dimension::Cost) - 1.0).abs() < 0.2);
    assert!((of(Dimension::Repurchase).uplift.unwrap().uplift - 0.75).abs() < 0.2);
    assert!(of(Dimension::Ltv).variance_reduction.unwrap() > 0.9);
    assert_eq!(of(Dimension::Ltv).plan, Some(PlanOutcome::Reached));
    assert_eq!(of(Dimension::Cost).plan, None);
    for effect in &report.dimensions {
        assert_eq!(effect.difference.unwrap().is_likely(), Some(true));
    }
    // Value and cost wobble together, which only their difference per customer knows.
    let net = report.net.unwrap();
    assert!((net.per_customer - (10.0 - 1.0 - 2.5)).abs() < 0.6);
    assert!(net.interval.unwrap().contains(net.per_customer) && net.is_likely() == Some(true));
    let total = net.total_interval.unwrap();
    assert_eq!(net.total, net.per_customer * report.treated as f64);
    assert!(total.contains(net.total));
    let spent = net.spent.unwrap();
    assert!((spent - (2.5 + difference(Dimension::Cost))).abs() < 1e-12);
    assert!((net.returned.unwrap() - net.per_customer / spent).abs() < 1e-12);
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(
        serde_json::from_str::<EffectReport>(&text).unwrap().treated,
        report.treated
    );
}

#[test]
fn net_is_value_less_cost_by_customer() {
    // The margin and its cost cancel for each customer: the net value is known exactly though neither is.
    let effect = bound(
        "name = 'a'\ncontrol_share = 0.2\nmin_group = 2\nafter = '90 days'\naction_cost = '0.25 EUR'\n\
         dimensions = [{ dimension = 'cost', column = 'service_cost_90d' }, { dimension = 'ltv', column = 'margin_90d' }]",
    );
    let rows: Vec<(Values, Values)> = (0..200)
        .map(|n: u64| {
            let lift = if assign(&n.into(), "a", 0.2) == Arm::Treated {
                3.0
            } else {
                0.0
            };
            let cost = (n * 31 % 17) as f64;
            let tiny = (n % 2) as f64 * 0.02;
            (
                [None; 4],
                [None, None, Some(cost + lift + tiny), Some(cost)],
            )
        })
        .collect();
    let found = report(&effect, &rows);
    let net = found.net.unwrap();
    let interval = net.interval.unwrap();
    assert!((net.per_customer - 2.75).abs() < 0.01, "{net:?}");
    assert!(interval.high - interval.low < 0.01, "{net:?}");
    assert!(
        found.dimensions[1]
            .difference
            .unwrap()
            .interval
            .unwrap()
            .low
            < 2.0
    );
    // One customer without a cost is not in it.
    let mut fewer = rows;
    fewer[0].1[3] = None;
    let fewer = report(&effect, &fewer);
    assert_eq!(
        fewer.dimensions[0].treated + fewer.dimensions[0].control,
        199
    );
    assert_eq!(
        fewer.dimensions[1].treated + fewer.dimensions[1].control,
        200
    );
}

#[test]
fn too_little_data_is_said() {
    let effect = bound(&page());
    let found = report(&effect, &simulated("spring call", 20));
    assert!(found.dimensions.iter().all(|d| d.difference.is_none()));
    assert_eq!(found.net, None);
    assert_eq!(
        found.dimension(Dimension::Ltv).unwrap().plan,
        Some(PlanOutcome::NotKnown)
    );
    assert!(found.to_string().contains("too little data"), "{found}");
    assert!(
        effect
            .report(&effect.evaluation())
            .to_string()
            .contains("too little data")
    );
    // Without values before there is a plain difference and none that needs them.
    let mut rows = simulated("spring call", 2000);
    rows.iter_mut().for_each(|(before, _)| *before = [None; 4]);
    let found = report(&effect, &rows);
    let known = |dimension| found.dimension(dimension).unwrap().difference.is_some();
    assert!(known(Dimension::Repurchase) && !known(Dimension::Ltv) && !known(Dimension::Cost));
    assert_eq!(found.net, None);
}

#[test]
fn columns_say_who_was_treated() {
    let start = "name = 'a'\nafter = '1 day'\ndimensions = [{ dimension = 'ltv', column = 'margin_90d' }]\n";
    let schema = schema();
    let (called, campaign) = (
        schema.slot("called").unwrap(),
        schema.slot("campaign").unwrap(),
    );
    let mut table = Table::new(schema, 4);
    for (row, (flag, code)) in [
        (Some(1.0), Some(0)),
        (Some(0.0), Some(2)),
        (None, Some(1)),
        (Some(1.0), None),
    ]
    .into_iter()
    .enumerate()
    {
        table.column_mut(called).set(row, flag);
        table.column_mut(campaign).set_code(row, code);
    }
    let arms = |effect: &BoundEffect| [0, 1, 2, 3].map(|row| effect.arm(&1.into(), table.row(row)));
    let (treated, control) = (Some(Arm::Treated), Some(Arm::Control));
    let by_flag = bound(&format!("{start}group = {{ column = 'called' }}"));
    assert_eq!(arms(&by_flag), [treated, control, None, treated]);
    let by_word = bound(&format!(
        "{start}group = {{ column = 'campaign', treated = 'call', control = 'none' }}"
    ));
    assert_eq!(arms(&by_word), [treated, control, None, None]);
    let mut evaluation = by_word.evaluation();
    for row in 0..4 {
        by_word.add(&mut evaluation, &1.into(), None, table.row(row));
    }
    let found = by_word.report(&evaluation);
    assert_eq!((found.treated, found.control, found.outside), (1, 1, 2));
    // A row of another table is not known, and no reason to stop.
    let other = Table::new(Schema::new(), 1);
    by_word.add(&mut evaluation, &1.into(), Some(other.row(0)), other.row(0));
    assert_eq!(by_word.report(&evaluation).outside, 3);
}

#[test]
fn plans_are_held_against_the_whole_interval() {
    let plan = |dimension: &str, column: &str, expected: f64| {
        let effect = bound(&format!(
            "name = 'spring call'\ncontrol_share = 0.2\nafter = '90 days'\n\
             dimensions = [{{ dimension = '{dimension}', column = '{column}', method = 'difference_in_differences', expected = {expected:?} }}]"
        ));
        let found = report(&effect, &simulated("spring call", 2000));
        assert_eq!(
            found.dimensions[0].method,
            EffectMethod::DifferenceInDifferences
        );
        found.dimensions[0].plan.unwrap()
    };
    for (expected, more, less) in [
        (-50.0, PlanOutcome::Reached, PlanOutcome::NotReached),
        (50.0, PlanOutcome::NotReached, PlanOutcome::Reached),
    ] {
        assert_eq!(plan("ltv", "margin_90d", expected), more);
        assert_eq!(plan("cost", "service_cost_90d", expected), less);
    }
    assert_eq!(plan("ltv", "margin_90d", 10.0), PlanOutcome::NotKnown);
    assert_eq!(plan("cost", "service_cost_90d", 1.0), PlanOutcome::NotKnown);
}

#[test]
fn evaluations_of_other_dimensions_do_not_merge() {
    let one = bound(&page());
    let other = bound(
        "name = 'a'\ncontrol_share = 0.2\nafter = '1 day'\ndimensions = [{ dimension = 'ltv', column = 'margin_90d' }]",
    );
    let mut evaluation = one.evaluation();
    let before = evaluation.clone();
    assert!(
        evaluation
            .merge(&other.evaluation())
            .unwrap_err()
            .is_misuse()
    );
    assert_eq!(evaluation, before);
    let text = serde_json::to_string(&evaluation).unwrap();
    assert_eq!(
        serde_json::from_str::<customer_value::report::effect::Evaluation>(&text).unwrap(),
        before
    );
    assert_eq!(
        (
            evaluation.dimensions().len(),
            evaluation.net().map(Groups::scale)
        ),
        (4, before.net().map(Groups::scale))
    );
    assert_eq!(EffectTerms::default().min_group, 30);
}

/// A share and a group are both looked at, though only one of them may stay; and no advice is given that is wrong itself.
#[test]
fn what_is_wrong_with_a_share_and_a_group_is_told_at_once() {
    let (_, problems) = bind(
        "name = 'a'
         control_share = 20
         group = { column = 'caled' }
         confidence = 99.95
         after = '1 day'
         dimensions = [{ dimension = 'ltv', column = 'margin_90d' }]",
    );
    assert_eq!(
        problems.to_string(),
        "\
error: effect.group: there are both a group and a control share (leave one of them out)
error: effect.control_share: a share of 20 is not above 0 and below 1 (20 % is written `0.2`)
error: effect.group.column: there is no column `caled` (did you mean `called`?)
error: effect.confidence: a confidence of 99.95 is not from 0.8 to 0.999"
    );
}

#[test]
fn a_plan_is_reached_at_the_very_end_of_the_interval() {
    let with = |dimension: &str, expected: f64| {
        let text = format!(
            "name = 'spring call'\ncontrol_share = 0.2\nafter = '90 days'\n\
             dimensions = [{{ dimension = '{dimension}', column = 'margin_90d', expected = {expected:?} }}]"
        );
        let found = report(&bound(&text), &simulated("spring call", 500));
        let effect = found.dimensions[0].clone();
        (
            effect.plan.unwrap(),
            effect.difference.unwrap().interval.unwrap(),
        )
    };
    let ends = with("ltv", 0.0).1;
    for (dimension, reached, missed) in [
        ("ltv", ends.low, ends.high.next_up()),
        ("cost", ends.high, ends.low.next_down()),
    ] {
        assert_eq!(with(dimension, reached).0, PlanOutcome::Reached);
        assert_eq!(with(dimension, missed).0, PlanOutcome::NotReached);
    }
    assert_eq!(with("ltv", ends.high).0, PlanOutcome::NotKnown);
    assert_eq!(with("cost", ends.low).0, PlanOutcome::NotKnown);
}

#[test]
fn nothing_spent_has_no_return_and_a_change_no_uplift() {
    let effect = bound(
        "name = 'spring call'
         control_share = 0.2
         after = '90 days'
         dimensions = [
             { dimension = 'repurchase', column = 'bought_90d', method = 'difference_in_differences' },
             { dimension = 'ltv', column = 'margin_90d' },
         ]",
    );
    let found = report(&effect, &simulated("spring call", 500));
    assert!(found.dimensions[0].difference.is_some());
    assert_eq!(found.dimensions[0].uplift, None);
    let net = found.net.unwrap();
    assert_eq!((net.spent, net.returned), (Some(0.0), None));
}

#[test]
fn who_has_no_value_before_or_too_large_a_difference_is_not_counted_where_it_is_needed() {
    let effect = bound(
        "name = 'spring call'
         control_share = 0.2
         after = '90 days'
         dimensions = [
             { dimension = 'ltv', column = 'margin_90d', method = 'difference_in_differences' },
             { dimension = 'cost', column = 'service_cost_90d' },
         ]",
    );
    let mut rows = simulated("spring call", 100);
    for (before, _) in &mut rows[..10] {
        before[2] = None;
    }
    let found = report(&effect, &rows);
    let counted = |i: usize| found.dimensions[i].treated + found.dimensions[i].control;
    assert_eq!((counted(0), counted(1)), (90, 100));

    // Both amounts are ones, and what is between them is none.
    let [_, table] = tables(&[([None; 4], [None, None, Some(-9e16), Some(9e16)])]);
    let mut evaluation = effect.evaluation();
    effect.add(&mut evaluation, &CustomerId::from(0), None, table.row(0));
    let net = evaluation.net().unwrap();
    let all = |count: fn(&Groups, Arm) -> u64| count(net, Arm::Treated) + count(net, Arm::Control);
    assert_eq!((all(Groups::customers), all(Groups::unknown)), (0, 1));
}

#[test]
fn a_group_of_one_has_no_interval_whatever_is_asked_for() {
    let mut groups = Groups::numbers();
    groups.add(Arm::Treated, 1, Some(1));
    for value in [1, 2, 3] {
        groups.add(Arm::Control, value, Some(value));
    }
    let terms = EffectTerms::new(EffectTerms::default().confidence, 0);
    assert_eq!(groups.difference(terms), None);
    assert_eq!(groups.difference_in_differences(terms), None);
    assert_eq!(groups.before_after(Arm::Treated, terms), None);
    assert!(groups.cuped(terms).is_none() && groups.before_after(Arm::Control, terms).is_some());
}

#[test]
fn values_do_not_merge_with_costs() {
    let of = |names: [&str; 2]| {
        let dimension = |name: &str| {
            let column = if name == "ltv" {
                "margin_90d"
            } else {
                "service_cost_90d"
            };
            format!("{{ dimension = '{name}', column = '{column}' }}")
        };
        let all: Vec<String> = names
            .iter()
            .filter(|name| !name.is_empty())
            .map(|name| dimension(name))
            .collect();
        let all = all.join(", ");
        let head = "name = 'a'\ncontrol_share = 0.2\nafter = '1 day'";
        bound(&format!("{head}\ndimensions = [{all}]")).evaluation()
    };
    for (one, other) in [
        (["ltv", "cost"], ["cost", "ltv"]),
        (["ltv", ""], ["cost", ""]),
        (["ltv", "cost"], ["ltv", ""]),
    ] {
        assert!(of(one).merge(&of(other)).unwrap_err().is_misuse());
        assert!(of(one).merge(&of(one)).is_ok());
    }
}

#[test]
fn the_smallest_groups_have_a_power() {
    let plan = customer_value::report::effect::MeansPlan {
        difference: 1.0,
        deviation: 1.0,
        confidence: EffectTerms::default().confidence,
    };
    assert!(plan.power(1, 2).is_some() && plan.power(1, 1).is_none());
}

#[test]
fn a_number_is_the_nearest_whole_unit_or_none() {
    let euros = Scale::Money(Currency::EUR);
    // 28.999999999999996 cents as doubles.
    assert_eq!(euros.units(0.29), Some(29));
    let yen = Scale::Money(Currency::JPY);
    let end = 9_223_372_036_854_775_808.0_f64;
    assert_eq!((yen.units(end), yen.units(-end)), (None, None));
    assert!(yen.units(end.next_down()).is_some());
}

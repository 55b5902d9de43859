//! Ladders: the highest tier whose whole condition is true, one = many = explained, and the traps of other systems.

use customer_value::diagnostic::{Diagnostics, Severity};
use customer_value::model::Unit;
use customer_value::rules::{Cut, Truth, column};
use customer_value::table::{Field, Schema, Table};
use customer_value::tiering::{
    Decision, Explanation, Ladder, LadderSpec, Reason, TierId, TierSpec, presets,
};
use proptest::prelude::*;

const STAGES: [&str; 3] = ["loyal", "at_risk", "churned"];

fn schema() -> Schema {
    let mut schema = Schema::new();
    for field in [
        Field::number("spend", Unit::Money),
        Field::number("value", Unit::Points),
        Field::number("potential", Unit::Points),
        Field::number("purchases", Unit::Count),
        Field::category("stage", STAGES),
    ] {
        schema.add(field).unwrap();
    }
    schema
}

fn bind(spec: &LadderSpec) -> Ladder {
    let mut problems = Diagnostics::new();
    let ladder = spec.bind(&schema(), &mut problems);
    assert!(problems.is_empty(), "{problems}");
    ladder.unwrap()
}

fn table(rows: &[[Option<f64>; 5]]) -> Table {
    let mut table = Table::new(schema(), rows.len());
    let slots: Vec<_> = table.schema().slots().collect();
    for (i, row) in rows.iter().enumerate() {
        for (slot, cell) in slots.iter().zip(row) {
            table.column_mut(*slot).set(i, *cell);
        }
    }
    table
}

fn freeze(ladder: &mut Ladder, table: &Table) {
    let cuts: Vec<Cut> = ladder
        .population()
        .iter()
        .map(|c| Cut::of(c, table.column(c.slot).cells().iter().map(|x| x.number())))
        .collect();
    ladder.freeze(&cuts).unwrap();
}

fn names(ladder: &Ladder, table: &Table) -> Vec<String> {
    (0..table.rows())
        .map(|i| ladder.name(ladder.decide(table.row(i)).tier).to_owned())
        .collect()
}

fn by_spend(signs: [&str; 2]) -> LadderSpec {
    LadderSpec::new([
        TierSpec::new("gold").when(format!("spend {} 500", signs[0]).parse().unwrap()),
        TierSpec::new("silver").when(format!("spend {} 100", signs[1]).parse().unwrap()),
        TierSpec::new("base"),
    ])
}

fn spend(amounts: &[Option<f64>]) -> Table {
    let rows: Vec<_> = amounts
        .iter()
        .map(|a| [*a, None, None, None, None])
        .collect();
    table(&rows)
}

#[test]
fn the_boundary_belongs_to_the_sign() {
    let table = spend(&[Some(500.0), Some(499.99), Some(100.0), Some(99.99), None]);
    let at_least = names(&bind(&by_spend([">=", ">="])), &table);
    assert_eq!(at_least, ["gold", "silver", "silver", "base", "base"]);
    let more_than = names(&bind(&by_spend([">", ">"])), &table);
    assert_eq!(more_than, ["silver", "silver", "base", "base", "base"]);
}

/// The order of the list decides, not the size of a threshold: a base in the wrong place is an error, not a tier that
/// swallows everybody.
#[test]
fn the_base_is_at_the_bottom() {
    let said = |spec: &LadderSpec| -> Vec<String> {
        let mut problems = Diagnostics::new();
        assert!(spec.bind(&schema(), &mut problems).is_none());
        problems.iter().map(ToString::to_string).collect()
    };
    let when = |text: &str| TierSpec::new("A").when(text.parse().unwrap());
    assert_eq!(
        said(&LadderSpec::new([TierSpec::new("C"), when("spend > 1")])),
        [
            "error: tiers[0]: `C` has no `when`, which only the base, the last tier, goes without \
          (give it a `when`, or make it the last tier if it is the base)"
        ]
    );
    assert_eq!(
        said(&LadderSpec::new([when("spend > 1")])),
        [
            "error: tiers[0].when: the last tier, `A`, is the base and always holds \
          (remove its `when`, or add a base tier below it)"
        ]
    );
    assert_eq!(
        said(&LadderSpec::default()),
        [
            "error: tiers: there is no tier (list them best first; the last one is the base and has no `when`)"
        ]
    );
    let many: LadderSpec = serde_json::from_str(
        r#"[{"name": "A", "when": "spned > 1"}, {"name": "A", "when": "spend >"}, {"name": " "}, {"name": "D"}]"#,
    )
    .unwrap();
    assert_eq!(
        said(&many),
        [
            "error: tiers[1].name: there are two tiers named `A`",
            "error: tiers[2].name: a tier has no name",
            "error: tiers[2]: ` ` has no `when`, which only the base, the last tier, goes without \
             (give it a `when`, or make it the last tier if it is the base)",
            "error: tiers[0].when at 0..5: there is no column `spned` (did you mean `spend`?)",
            "error: tiers[1].when at 7..7: expected a number, a text or a date, the rule ends",
        ]
    );
    assert!(serde_json::from_str::<LadderSpec>(r#"[{"name": "A", "wen": "true"}]"#).is_err());
}

#[test]
fn a_tier_nobody_can_be_in_is_a_warning() {
    let spec = LadderSpec::new([
        TierSpec::new("A").when("spend > 1".parse().unwrap()),
        TierSpec::new("B").when("spend>1".parse().unwrap()),
        TierSpec::new("C").when("true".parse().unwrap()),
        TierSpec::new("D"),
    ]);
    let mut problems = Diagnostics::new();
    assert!(spec.bind(&schema(), &mut problems).is_some());
    let places: Vec<_> = problems.iter().map(|p| p.place.path.as_str()).collect();
    assert_eq!(places, ["tiers[1]", "tiers[3]"]);
    assert!(problems.iter().all(|p| p.severity == Severity::Warning));
}

#[test]
fn ordinals_count_from_the_base() {
    let ladder = bind(&by_spend([">=", ">="]));
    let tiers: Vec<_> = ladder
        .tiers()
        .map(|(id, name)| (id.ordinal(), name))
        .collect();
    assert_eq!(tiers, [(0, "base"), (1, "silver"), (2, "gold")]);
    assert_eq!(ladder.tier("base"), Some(TierId::BASE));
    assert_eq!(ladder.tier("gold"), Some(ladder.top()));
    assert_eq!(ladder.tier("bronze"), None);
}

#[test]
fn what_is_not_known_is_said() {
    let spec = LadderSpec::new([
        TierSpec::new("A").when("spend >= 500 and potential >= 50".parse().unwrap()),
        TierSpec::new("B").when("spend >= 100".parse().unwrap()),
        TierSpec::new("C"),
    ]);
    let ladder = bind(&spec);
    let table = spend(&[Some(800.0), Some(200.0), None]);
    let decide = |row| ladder.decide(table.row(row));
    let b = ladder.tier("B").unwrap();
    let entry = |undecided| Decision {
        tier: b,
        reason: Reason::Entry,
        undecided,
    };
    // Enough spend, potential not known: A is open. Too little spend: whatever the potential, not A.
    assert_eq!(decide(0), entry(Some(ladder.top())));
    assert_eq!(decide(1), entry(None));
    assert_eq!(decide(2).tier, TierId::BASE);
    assert_eq!(decide(2).undecided, Some(ladder.top()));
    // A row that the table does not have is a customer nothing is known about.
    assert_eq!(decide(usize::MAX), decide(2));
}

#[test]
fn the_explanation_says_why_and_what_is_missing() {
    let spec = LadderSpec::new([
        TierSpec::new("A").label("Gold").when(
            "spend >= 500 and (potential >= 50 or purchases > 9) and value >= 10"
                .parse()
                .unwrap(),
        ),
        TierSpec::new("B").when("spend >= 100 or value >= 90".parse().unwrap()),
        TierSpec::new("C"),
    ]);
    let ladder = bind(&spec);
    let table = table(&[
        [Some(812.5), Some(20.0), Some(60.0), Some(3.0), None],
        [Some(312.5), None, Some(45.0), Some(12.0), None],
        [Some(99.0), Some(30.0), None, None, None],
    ]);
    let explain = |row| ladder.explain(table.row(row));
    assert_eq!(
        explain(0).reason(),
        "A: spend 812.50 >= 500, potential 60 >= 50, value 20 >= 10"
    );
    assert_eq!(explain(0).label.as_deref(), Some("Gold"));
    assert_eq!(explain(0).next, None);
    // The `or` of A holds by its second half, so its first half is not missing.
    let missing = |row| -> Vec<String> {
        let next = explain(row).next.unwrap();
        next.missing
            .iter()
            .map(|c| format!("{c}: {:?}", c.distance))
            .collect()
    };
    assert_eq!(explain(1).reason(), "B: spend 312.50 >= 100");
    assert_eq!(
        missing(1),
        [
            "spend 312.50 >= 500: Some(187.5)",
            "value (missing) >= 10: None"
        ]
    );
    assert_eq!(
        explain(2).reason(),
        "C: B needs spend >= 100, it is 99.00 (1.00 more); value >= 90, it is 30 (60 more)"
    );
    let back: Explanation =
        serde_json::from_str(&serde_json::to_string(&explain(2)).unwrap()).unwrap();
    assert_eq!(back, explain(2));
    assert_eq!(
        bind(&LadderSpec::new([TierSpec::new("all")]))
            .explain(table.row(0))
            .reason(),
        "all: everybody"
    );
}

#[test]
fn abcd_reads_the_lifecycle() {
    let ladder = bind(&presets::abcd());
    let code = |stage| STAGES.iter().position(|s| *s == stage).map(|c| c as f64);
    let row =
        |value: f64, potential: f64, stage| [None, Some(value), Some(potential), None, code(stage)];
    let table = table(&[
        row(90.0, 80.0, "loyal"),
        row(90.0, 10.0, "loyal"),
        row(50.0, 30.0, "loyal"),
        row(10.0, 90.0, "loyal"),
        row(90.0, 80.0, "at_risk"),
        row(90.0, 80.0, "churned"),
        row(90.0, 80.0, "no such stage"),
    ]);
    assert_eq!(names(&ladder, &table), ["A", "B", "B", "C", "D", "D", "A"]);
}

#[test]
fn the_other_presets() {
    let amounts: Vec<_> = (1..=10)
        .map(|n| Some(f64::from(n) * 10.0))
        .chain([None])
        .collect();
    let table = spend(&amounts);
    let mut bands = bind(&presets::high_middle_low());
    // Before the fit nobody is in a band that needs the population.
    assert!(names(&bands, &table).iter().all(|n| n == "low"));
    freeze(&mut bands, &table);
    let wanted = ["low"; 5]
        .into_iter()
        .chain(["middle"; 3])
        .chain(["high"; 2])
        .chain(["low"]);
    assert_eq!(names(&bands, &table), wanted.collect::<Vec<_>>());

    // Of 1000: 500 + 300 are the first 80 %, 150 more the first 95 %.
    let table = spend(&[
        Some(50.0),
        Some(500.0),
        Some(150.0),
        Some(300.0),
        Some(0.0),
        None,
    ]);
    let mut abc = bind(&presets::cumulative_share_abc());
    freeze(&mut abc, &table);
    assert_eq!(names(&abc, &table), ["C", "A", "B", "A", "C", "C"]);

    let vip = bind(&presets::vip_regular_potential());
    let table = self::table(&[
        [None, Some(70.0), None, Some(1.0), None],
        [None, Some(69.9), None, Some(2.0), None],
        [None, None, None, Some(1.0), None],
    ]);
    assert_eq!(names(&vip, &table), ["vip", "regular", "potential"]);
}

#[test]
fn cuts_are_shared_out_in_the_order_of_the_policy() {
    let mut ladder = bind(&presets::high_middle_low());
    assert!(ladder.freeze(&[Cut::Always]).unwrap_err().is_misuse());
    ladder.freeze(&[Cut::Above(7.0), Cut::Above(3.0)]).unwrap();
    let table = spend(&[Some(8.0), Some(7.0), Some(3.0)]);
    assert_eq!(names(&ladder, &table), ["high", "middle", "low"]);
}

fn cells() -> impl Strategy<Value = [Option<f64>; 5]> {
    let points = || prop::option::weighted(0.9, (0..11_i32).prop_map(|n| f64::from(n) * 10.0));
    let stage = prop::option::weighted(0.9, (0..3_i32).prop_map(f64::from));
    (points(), points(), points(), points(), stage).prop_map(|(a, b, c, d, e)| [a, b, c, d, e])
}

proptest! {
    #[test]
    fn one_is_many_is_explained(rows in prop::collection::vec(cells(), 1..150), which in 0..4_usize) {
        let table = table(&rows);
        let presets = [
            presets::abcd(),
            presets::vip_regular_potential(),
            presets::high_middle_low(),
            presets::cumulative_share_abc(),
        ];
        let mut ladder = bind(&presets[which]);
        freeze(&mut ladder, &table);
        let mut many = vec![Decision::default(); rows.len()];
        ladder.decide_block(&table, 0, &mut many);
        for (i, decision) in many.iter().enumerate() {
            prop_assert_eq!(ladder.decide(table.row(i)), *decision);
            let explanation = ladder.explain(table.row(i));
            prop_assert_eq!(&explanation.tier, ladder.name(decision.tier));
            prop_assert_eq!(explanation.reason, decision.reason);
            prop_assert_eq!(explanation.undecided.as_deref(), decision.undecided.map(|t| ladder.name(t)));
            // The plain definition: the first tier of the list that holds.
            let first = explanation.tiers.iter().find(|t| t.truth == Truth::True).unwrap();
            prop_assert_eq!(&first.tier, &explanation.tier);
        }
    }

    /// Where every condition is a lower limit, more is never worse.
    #[test]
    fn raising_a_value_never_lowers_the_tier(
        row in cells(), column_ in 0..3_usize, more in 0.0..100.0_f64, limits in prop::collection::vec(0..100_i32, 6),
    ) {
        let spec = LadderSpec::new(limits.chunks(2).enumerate().map(|(i, at)| {
            TierSpec::new(format!("t{i}")).when(column("spend").ge(at[0]).and(column("value").gt(at[1])))
        }).chain([TierSpec::new("base")]));
        let mut problems = Diagnostics::new();
        let ladder = spec.bind(&schema(), &mut problems).unwrap();
        let mut higher = row;
        if let Some(value) = &mut higher[column_] {
            *value += more;
        }
        let table = table(&[row, higher]);
        prop_assert!(ladder.decide(table.row(1)).tier >= ladder.decide(table.row(0)).tier);
    }
}

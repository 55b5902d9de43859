//! The drawings of a lifecycle, to the letter.

use customer_value::diagnostic::Diagnostics;
use customer_value::lifecycle::{
    Lifecycle, LifecycleSpec, Origin, StageSpec, TransitionSpec, presets,
};
use customer_value::model::{Days, Unit};
use customer_value::rules::column;
use customer_value::table::{Field, Schema};

fn bind(spec: &LifecycleSpec) -> Lifecycle {
    let mut schema = Schema::new();
    for name in ["paying", "cancelled"] {
        schema.add(Field::number(name, Unit::Flag)).unwrap();
    }
    schema.add(Field::number("spend", Unit::Money)).unwrap();
    schema.add(Field::number("seen", Unit::Date)).unwrap();
    spec.bind(&schema, &mut Diagnostics::new()).unwrap()
}

#[test]
fn a_preset_as_mermaid() {
    let wanted = "\
stateDiagram-v2
    trial
    active
    past_due
    cancelled
    reactivated
    [*] --> trial
    trial --> active : paid
    trial --> cancelled : cancelled / the trial is over
    active --> past_due : not paid
    active --> cancelled : cancelled
    past_due --> active : paid
    past_due --> cancelled : cancelled / not paid for 14 days
    cancelled --> reactivated : paid after cancelling
    reactivated --> active : 90 days since the return
    reactivated --> past_due : not paid
    reactivated --> cancelled : cancelled
";
    let lifecycle = bind(&presets::subscription());
    assert_eq!(lifecycle.to_mermaid(), wanted);
    assert_eq!(
        lifecycle.to_mermaid(),
        bind(&presets::subscription()).to_mermaid()
    );
}

#[test]
fn a_preset_as_dot() {
    let wanted = r#"digraph lifecycle {
    rankdir=LR;
    node [shape=box, style=rounded];
    "" [shape=point];
    "trial";
    "active";
    "past_due";
    "cancelled";
    "reactivated";
    "" -> "trial";
    "trial" -> "active" [label="paid"];
    "trial" -> "cancelled" [label="cancelled\nthe trial is over"];
    "active" -> "past_due" [label="not paid"];
    "active" -> "cancelled" [label="cancelled"];
    "past_due" -> "active" [label="paid"];
    "past_due" -> "cancelled" [label="cancelled\nnot paid for 14 days"];
    "cancelled" -> "reactivated" [label="paid after cancelling"];
    "reactivated" -> "active" [label="90 days since the return"];
    "reactivated" -> "past_due" [label="not paid"];
    "reactivated" -> "cancelled" [label="cancelled"];
}
"#;
    assert_eq!(bind(&presets::subscription()).to_dot(), wanted);
}

/// Names that are no identifiers, or mean something else, and words with every sign that could break out.
fn awkward() -> LifecycleSpec {
    let stages = ["state", "公海", "a \"b\" -- c", "stage_1", "End", "x\n\\y"];
    LifecycleSpec::new(
        "state",
        stages.map(|name| match name {
            "End" => StageSpec::new(name).into_final(),
            name => StageSpec::new(name),
        }),
        [
            TransitionSpec::new(["state"], "公海", column("spend").lt(5)).priority(-1),
            TransitionSpec::open(["state"], "公海")
                .after(Days::new(1))
                .quiet("seen", Days::new(30)),
            TransitionSpec::new(["公海"], "a \"b\" -- c", column("spend").ge(5))
                .why("a: b; 5 % #1 \"x\" <b> {&} [*] \\ `c`\r\nd"),
            TransitionSpec::open(Origin::Any, "End").after(Days::new(9)),
        ],
    )
}

#[test]
fn names_and_words_do_not_break_out() {
    let wanted = "\
stateDiagram-v2
    state \"state\" as stage_0
    state \"公海\" as stage_1_
    state \"a #34;b#34; -- c\" as stage_2
    stage_1
    state \"End\" as stage_4
    state \"x #92;y\" as stage_5
    [*] --> stage_0
    stage_0 --> stage_1_ : after 1 day, 30 days after seen / spend #60; 5
    stage_0 --> stage_4 : after 9 days
    stage_1_ --> stage_2 : a#58; b#59; 5 #37; #35;1 #34;x#34; #60;b#62; #123;#38;#125; #91;*#93; #92; #96;c#96;  d
    stage_1_ --> stage_4 : after 9 days
    stage_2 --> stage_4 : after 9 days
    stage_1 --> stage_4 : after 9 days
    stage_5 --> stage_4 : after 9 days
    stage_4 --> [*]
";
    assert_eq!(bind(&awkward()).to_mermaid(), wanted);
    let wanted = r#"digraph lifecycle {
    rankdir=LR;
    node [shape=box, style=rounded];
    "" [shape=point];
    "state";
    "公海";
    "a \"b\" -- c";
    "stage_1";
    "End" [peripheries=2];
    "x \\y";
    "" -> "state";
    "state" -> "公海" [label="after 1 day, 30 days after seen\nspend < 5"];
    "state" -> "End" [label="after 9 days"];
    "公海" -> "a \"b\" -- c" [label="a: b; 5 % #1 \"x\" <b> {&} [*] \\ `c`  d"];
    "公海" -> "End" [label="after 9 days"];
    "a \"b\" -- c" -> "End" [label="after 9 days"];
    "stage_1" -> "End" [label="after 9 days"];
    "x \\y" -> "End" [label="after 9 days"];
}
"#;
    assert_eq!(bind(&awkward()).to_dot(), wanted);
}

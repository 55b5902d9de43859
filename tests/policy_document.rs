//! Policy documents: every mistake at once, each at its place.

use customer_value::diagnostic::{Code, Diagnostics};
use customer_value::engine::{Engine, Policy};
use customer_value::metrics::Catalog;
use customer_value::model::Currency;
use serde_json::Value as Json;

const WRONG: &str = r#"format = 1

[head]
name = "wrong"
version = "1"
currency = "EURO"
efective = "2026-01-01"

[attributes]
country = { type = "category", values = ["DE", "FR"] }
vip = { type = "flag", unit = "count" }

[[metrics]]
measure = "spned"
name = "spend_12m"

[[metrics]]
measure = "spend"
name = "spend_6m"
window = "6 moons"

[[metrics]]
measure = "nth_purchase"
name = "third"
nth = 5000000000

[rfm]
bins = "5"

[[rfm.segments]]
name = "good"
r = "3-5"

[[scores]]
name = "value"
parts = [
  { column = "spend", weight = -1, scale = "percentile" },
  { column = "purchases", weight = "2", scale = { linear = { from = 0 } } },
  { column = "spend_6m", weight = 2, scale = "percentil" },
]

[[scores]]
name = "value"
parts = [{ column = "spend", weight = 1, scale = "percentile" }]

[[points]]
name = "activity"
caps = { visits = 10 }
[[points.rules]]
name = "buys"
points = 3
repeat = "often"
per = "purchase"
group = "visit"

[lifecycle]
start = "prospect"
stages = [{ name = "prospect" }, { name = "customer", rank = -1 }]
[[lifecycle.transitions]]
from = "any"
to = "custmer"
when = "active_days >="

[[tiers]]
name = "base"

[[tiers]]
name = "gold"
when = """
value >= 70
  and country = "ES"
  and spnd > 3
  and spend_12m > 5"""

[[tiers]]
name = "silver"
wehn = 'value >= 40 and "é" = stage'
"#;

/// Line, column, path and code of every problem of [`WRONG`], and the text that begins there.
const PLACES: [(usize, usize, &str, Code, &str); 23] = [
    (6, 12, "head.currency", Code::Type, r#""EURO""#),
    (7, 1, "head.efective", Code::Document, "efective"),
    (11, 24, "attributes.vip.unit", Code::Document, "unit"),
    (
        14,
        11,
        "metrics[0].measure",
        Code::UnknownName,
        r#""spned""#,
    ),
    (20, 10, "metrics[1].window", Code::Range, r#""6 moons""#),
    (25, 7, "metrics[2].nth", Code::Range, "5000000000"),
    (28, 8, "rfm.bins", Code::Type, r#""5""#),
    (30, 1, "rfm.segments", Code::Uncovered, "[[rfm.segments]]"),
    (37, 32, "scores[0].parts[0].weight", Code::Range, "-1"),
    (38, 36, "scores[0].parts[1].weight", Code::Type, r#""2""#),
    (
        38,
        60,
        "scores[0].parts[1].scale.linear",
        Code::Missing,
        "{ from",
    ),
    (
        39,
        46,
        "scores[0].parts[2].scale",
        Code::UnknownName,
        r#""percentil""#,
    ),
    (43, 8, "scores[1].name", Code::DuplicateName, r#""value""#),
    (48, 19, "points[0].caps.visits", Code::UnknownName, "10"),
    (
        52,
        10,
        "points[0].rules[0].repeat",
        Code::UnknownName,
        r#""often""#,
    ),
    (58, 62, "lifecycle.stages[1].rank", Code::Range, "-1"),
    (
        61,
        6,
        "lifecycle.transitions[0].to",
        Code::UnknownName,
        r#""custmer""#,
    ),
    (
        62,
        23,
        "lifecycle.transitions[0].when",
        Code::Syntax,
        "\"\n",
    ),
    (64, 1, "tiers[0]", Code::Conflict, "[[tiers]]"),
    (71, 17, "tiers[1].when", Code::Type, r#""ES""#),
    (72, 7, "tiers[1].when", Code::UnknownName, "spnd"),
    (77, 1, "tiers[2].wehn", Code::Document, "wehn"),
    (77, 25, "tiers[2].wehn", Code::Syntax, r#""é""#),
];

fn engine(text: &str) -> Result<Engine, Diagnostics> {
    Engine::from_toml(text, &Catalog::standard())
}

fn engine_of(document: &Json) -> Result<Engine, Diagnostics> {
    Engine::read(document, &Catalog::standard())
}

fn places(problems: &Diagnostics) -> Vec<(&str, Code)> {
    problems
        .iter()
        .map(|p| (p.place.path.as_str(), p.code))
        .collect()
}

fn said(problems: &Diagnostics) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn every_mistake_is_reported_at_its_place() {
    let problems = engine(WRONG).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|p| {
            (
                p.place.line.unwrap(),
                p.place.column.unwrap(),
                &*p.place.path,
                p.code,
            )
        })
        .collect();
    let expected = PLACES.map(|(line, column, path, code, _)| (line, column, path, code));
    assert_eq!(found, expected, "\n{problems}");
    for (line, column, path, _, begins) in PLACES {
        let rest: Vec<&str> = WRONG.lines().skip(line - 1).collect();
        let rest: String = rest.join("\n").chars().skip(column - 1).collect();
        assert!(rest.starts_with(begins), "{path}: {rest}");
    }
}

#[test]
fn mistakes_of_the_form_alone_are_those_of_reading_alone() {
    let problems = Policy::from_toml(WRONG).unwrap_err();
    let expected = [
        "head.currency",
        "head.efective",
        "attributes.vip.unit",
        "metrics[2].nth",
        "rfm.bins",
        "scores[0].parts[1].weight",
        "scores[0].parts[1].scale.linear",
        "scores[0].parts[2].scale",
        "points[0].rules[0].repeat",
        "lifecycle.stages[1].rank",
        "tiers[2].wehn",
    ];
    let found: Vec<&str> = problems.iter().map(|p| p.place.path.as_str()).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_same_mistakes_are_found_in_json() {
    let document: toml::Table = WRONG.parse().unwrap();
    let document: Json = serde_json::to_value(document).unwrap();
    let problems = engine_of(&document).unwrap_err();
    let mut found = places(&problems);
    let mut expected: Vec<_> = PLACES.iter().map(|p| (p.2, p.3)).collect();
    // JSON values of this kind have their fields in another order.
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert!(problems.iter().all(|p| p.place.line.is_none()));
}

#[test]
fn messages_are_in_the_words_of_a_policy() {
    let text = r#"
        [head]
        name = 5
        version = "1"
        goals = "more"
        [attributes]
        age = { type = "number", unit = "dyas", values = [] }
        kind = { type = "category" }
        [[metrics]]
        measure = "spend"
        margin = "0.5"
        margin_now = "true"
        [[scores]]
        name = "value"
        parts = [
            { column = "spend", weight = 1, scale = "linear" },
            { column = "spend", weight = inf, scale = { flag = 1 } },
            { column = "spend", weight = 1, scale = "flag", missing = "no" },
            { column = "spend", weight = 1, scale = 7 },
            { column = "spend", weight = 1, scale = { linear = { from = 0, to = 1 }, flag = true } },
        ]
        [[tiers]]
        name = "all"
        when = ["a"]
        [fees]
    "#;
    let problems = Policy::from_toml(text).unwrap_err();
    let scales = "`percentile`, `linear`, `min_max`, `quantile`, `breaks`, `categories`, `flag`";
    let said: Vec<String> = problems
        .iter()
        .map(|p| {
            let help = p.help.as_deref().unwrap_or("-");
            format!("{}: {} ({help})", p.place.path, p.message)
        })
        .collect();
    assert_eq!(
        said,
        [
            "head: `currency` is missing (-)",
            r#"head.name: `5` is not a text (write it in quotes, `"5"`)"#,
            "head.goals: `more` is not a list (-)",
            "attributes.age.unit: `dyas` is not one of `count`, `money`, `days`, `hours`, `date`, `share`, `percent`, `ratio`, `count_per`, `money_per`, `points`, `flag` (did you mean `days`?)",
            "attributes.age.values: there is no field `values` (known are `type`, `unit`)",
            "attributes.kind: `values` is missing (-)",
            "metrics[0].margin: the text `0.5` is not a number (write it without quotes)",
            "metrics[0].margin_now: the text `true` is not `true` or `false` (write it without quotes)",
            "scores[0].parts[0].scale: `linear` stands alone, and needs its values (write it as a table, `{ linear = … }`)",
            "scores[0].parts[1].weight: `inf` is not a finite number (-)",
            "scores[0].parts[1].scale: `flag` has values, and takes none (write it as a text, `\"flag\"`)",
            "scores[0].parts[2].missing: `no` is not `skip`, `missing`, or a number from 0 to 1 (-)",
            &format!("scores[0].parts[3].scale: `7` is not one of {scales} (-)"),
            &format!(
                "scores[0].parts[4].scale: a table is not one of {scales} (it has one of them, and nothing beside it)"
            ),
            "tiers[0].when: a list is not a text (-)",
            "fees: there is no field `fees` (known are `format`, `head`, `attributes`, `metrics`, `cost_to_serve`, `prediction`, `churn`, `rfm`, `scores`, `points`, `segments`, `lifecycle`, `movement`, `tiers`, `accounts`, `win_back`, `exit`, `playbook`, `budget`, `allocation`, `surveys`, `effect`, `monitoring`)",
        ]
    );
}

#[test]
fn what_follows_from_a_mistake_is_not_reported_again() {
    let base = Policy::standard(Currency::EUR).to_toml().unwrap();
    for (right, wrong, path) in [
        // The column cannot be made, and a score reads it.
        (
            "measure = \"growth_trend\"",
            "measure = \"growth_tend\"",
            "metrics[2].measure",
        ),
        (
            "measure = \"growth_trend\"",
            "measure = 3",
            "metrics[2].measure",
        ),
        ("name = \"growth_12m\"", "name = 3", "metrics[2].name"),
        // The tiers read the scores.
        (
            "name = \"potential\"",
            "name = [\"potential\"]",
            "scores[1].name",
        ),
        // A stage without a name, which transitions lead to and tiers ask for.
        ("name = \"at_risk\"", "name = 5", "lifecycle.stages[4].name"),
        ("start = \"prospect\"", "start = 5", "lifecycle.start"),
    ] {
        assert!(base.contains(right), "{base}");
        let problems = engine(&base.replacen(right, wrong, 1)).unwrap_err();
        let found: Vec<&str> = problems.iter().map(|p| p.place.path.as_str()).collect();
        assert_eq!(found, [path], "{wrong}\n{problems}");
    }
}

#[test]
fn a_column_that_a_misread_section_does_not_explain_is_still_reported() {
    let text = "
        head = { name = 'a', version = 1, currency = 'EUR' }
        tiers = [{ name = 'a', when = 'spned > 3' }, { name = 'b', when = 'x > 3' }, { name = 'c' }]
    ";
    let found = engine(text).unwrap_err();
    let expected = [
        ("head.version", Code::Type),
        ("tiers[0].when", Code::UnknownName),
        ("tiers[1].when", Code::UnknownName),
    ];
    assert_eq!(places(&found), expected);
    // `x` may be the name of the unreadable metric; `spned` hardly is.
    let found = engine(&format!("metrics = [7]\n{text}")).unwrap_err();
    assert_eq!(
        places(&found),
        [("metrics[0]", Code::Type), expected[0], expected[1]]
    );
}

#[test]
fn what_is_not_toml_or_json_is_a_problem_of_its_own() {
    let problems = engine("format = 1 1\nname = é\n").unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.place.line, p.place.column, p.code))
        .collect();
    assert_eq!(
        found,
        [
            (Some(1), Some(10), Code::Document),
            (Some(2), Some(8), Code::Document)
        ],
        "{problems}"
    );
    let twice = engine("format = 1\nformat = 1").unwrap_err();
    assert_eq!(
        said(&twice),
        ["error: line 2, column 1, policy: duplicate key"]
    );

    let read =
        |text: &str| Policy::read(&mut serde_json::Deserializer::from_str(text)).unwrap_err();
    assert_eq!(places(&read("{")), [("", Code::Document)]);
    assert_eq!(
        places(&read(
            r#"{"head": {"name": "a", "name": "b", "version": "1", "currency": "EUR"}, "tiers": []}"#
        )),
        [("head.name", Code::Document)]
    );
    for text in ["5", "[]", "\"policy\"", "null", "true"] {
        let problems = read(text);
        assert_eq!(places(&problems), [("", Code::Type)], "{problems}");
    }
    assert_eq!(
        places(&read("{}")),
        [("", Code::Missing), ("", Code::Missing)]
    );
}

#[test]
fn depth_and_number_of_problems_are_limited() {
    let n = 100_000;
    for text in [
        format!("x = {}{}", "[".repeat(n), "]".repeat(n)),
        format!("x = {}", "{a=".repeat(n)),
        format!("{}x = 1", "a.".repeat(n)),
        format!("[{}x]", "a.".repeat(n)),
    ] {
        assert!(engine(&text).unwrap_err().has_errors());
    }
    let text = format!("{{\"x\": {}{}}}", "[".repeat(100), "]".repeat(100));
    let problems = Policy::read(&mut serde_json::Deserializer::from_str(&text)).unwrap_err();
    assert!(problems.to_string().contains("nested"), "{problems}");

    let many: String = (0..5_000).map(|i| format!("x{i} = 1\n")).collect();
    assert_eq!(engine(&many).unwrap_err().len(), 101);
}

#[test]
fn numbers_are_taken_where_they_fit() {
    let text = |nth: &str, weight: &str| {
        format!(
            "head = {{ name = 'a', version = '1', currency = 'EUR' }}
            metrics = [{{ measure = 'nth_purchase', name = 'n', nth = {nth} }}]
            scores = [{{ name = 's', parts = [{{ column = 'spend', weight = {weight}, scale = 'percentile' }}] }}]
            tiers = [{{ name = 'all' }}]"
        )
    };
    let policy = engine(&text("0xFF", "1_000")).unwrap().policy().clone();
    assert_eq!(policy.metrics[0].nth, Some(255));
    assert_eq!(policy.scores[0].parts[0].weight, 1000.0);
    for nth in [
        "4294967296",
        "-1",
        "1.5",
        "'2'",
        "99999999999999999999",
        "-99999999999999999999",
    ] {
        let found = Policy::from_toml(&text(nth, "1")).unwrap_err();
        assert_eq!(found.len(), 1, "{found}");
        assert!(found.to_string().contains("metrics[0].nth"), "{found}");
    }
    let huge = "9".repeat(60);
    for weight in ["nan", "-inf", "1e999", "'1'", "true", "[1]", &huge] {
        let found = engine(&text("1", weight)).unwrap_err();
        let places: Vec<&str> = found.iter().map(|p| p.place.path.as_str()).collect();
        assert_eq!(places, ["scores[0].parts[0].weight"], "{weight}: {found}");
    }
}

#[test]
fn a_limit_below_zero_is_said_in_the_words_of_a_policy() {
    let text = r#"
        head = { name = "x", version = "1", currency = "EUR" }
        tiers = [{ name = "all" }]
        [win_back]
        when = "spend > 0"
        value = "spend"
        limit = -1
        offers = [{ name = "a", class = "b", channel = "c", response = 0.5, cost = "1.00 EUR", limit = 2.5 }]
    "#;
    let problems = Policy::from_toml(text).unwrap_err();
    let said: Vec<(&str, &str)> = problems
        .iter()
        .map(|p| (p.place.path.as_str(), p.message.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("win_back.limit", "`-1` is not a whole number from 0 on"),
            ("win_back.offers[0].limit", "`2.5` is not a whole number"),
        ]
    );
}

/// What the channels or the actions were meant to be is not known, and nothing that names them is to blame.
#[test]
fn lists_of_a_playbook_that_cannot_be_read_are_one_mistake() {
    let policy = |channels: &str, actions: &str| {
        let text = format!(
            "[head]\nname = \"a\"\nversion = \"1\"\ncurrency = \"EUR\"\n[[tiers]]\nname = \"all\"\n\
             [playbook]\nchannels = {channels}\nfloor = {{ channels = [\"phone\"], cadence = \"20 days\" }}\n\
             plays = [{{ name = \"all\", actions = [\"call\"] }}]\nactions = {actions}"
        );
        Engine::from_toml(&text, &Catalog::standard()).unwrap_err()
    };
    let call = "{ name = \"call\", channel = \"phone\", cost = \"6.00 EUR\", trigger = \"cadence\", service = true }";
    let actions = format!("[{call}]");
    for channels in ["\"phone\"", "[3]", "[\"email\", 3]", "{ phone = 1 }"] {
        let found = policy(channels, &actions);
        assert_eq!(found.iter().count(), 1, "{found}");
        let place = &found.iter().next().unwrap().place.path;
        assert!(place.starts_with("playbook.channels"), "{found}");
    }
    for actions in ["3", "[3]", &format!("[{}]", call.replace("\"call\"", "3"))] {
        let found = policy("[\"phone\"]", actions);
        assert_eq!(found.iter().count(), 1, "{found}");
        let place = &found.iter().next().unwrap().place.path;
        assert!(place.starts_with("playbook.actions"), "{found}");
    }
}

//! Entering and keeping, over tiers made up for the purpose.

use super::Columns;
use super::finding::Finding;
use super::judge::{Judge, Tier};
use crate::diagnostic::{Code, Diagnostics, Place};
use crate::engine::Engine;
use crate::metrics::Catalog;
use crate::rules::prove::Better;
use crate::rules::{Expr, Rule, Truth};

const POLICY: &str = r#"
head = { name = "columns", version = "1", currency = "EUR" }
attributes = { staff = { type = "flag" } }
tiers = [
    { name = "reads", when = "spend > 0 and purchases > 0 and days_since_last > 0 and staff" },
    { name = "base" },
]
"#;

/// What is found of tiers with these conditions to enter and to keep, best first, above a base.
fn found(tiers: &[(&str, &str)]) -> Vec<Finding> {
    let engine = Engine::from_toml(POLICY, &Catalog::standard()).unwrap();
    let columns = Columns::of(&engine);
    let bind = |i: usize, field: &str, text: &str| -> Option<Rule> {
        let expr: Expr = text.parse().unwrap();
        let place = Place::at(format!("tiers[{i}].{field}"));
        (!text.is_empty()).then(|| expr.bind(engine.schema(), &place, &mut Diagnostics::new()))?
    };
    let bound: Vec<(String, Option<Rule>, Option<Rule>)> = tiers
        .iter()
        .enumerate()
        .map(|(i, (entry, keep))| {
            let keep = (!keep.is_empty()).then(|| bind(i, "keep_when", keep).unwrap());
            (format!("t{i}"), Some(bind(i, "when", entry).unwrap()), keep)
        })
        .chain([("base".to_owned(), None, None)])
        .collect();
    let tiers: Vec<Tier<'_>> = bound
        .iter()
        .map(|(name, entry, keep)| Tier {
            name,
            entry: entry.as_ref(),
            keep: keep.as_ref(),
        })
        .collect();
    let mut judge = Judge::new(&engine.schema, &columns, &tiers, []);
    judge.ladder();
    judge.found
}

fn said(findings: &[Finding]) -> Vec<(Code, &str)> {
    findings
        .iter()
        .map(|f| (f.diagnostic.code, f.diagnostic.place.path.as_str()))
        .collect()
}

fn shown(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .flat_map(|f| &f.witness)
        .map(ToString::to_string)
        .collect()
}

#[test]
fn who_enters_by_more_than_it_takes_to_keep_is_no_finding() {
    for (entry, keep) in [
        ("spend >= 500", "spend >= 400"),
        ("spend >= 500", "spend >= 500"),
        (
            "spend >= 500 and purchases >= 3",
            "spend >= 400 and purchases >= 1",
        ),
        ("spend >= 500 or staff", "spend >= 400 or staff"),
        (
            "spend >= 500 and days_since_last <= 90",
            "days_since_last <= 180",
        ),
        ("spend >= 500", ""),
    ] {
        let findings = found(&[(entry, keep)]);
        assert!(
            findings.is_empty(),
            "{entry}, {keep}: {:?}",
            shown(&findings)
        );
    }
}

#[test]
fn who_enters_and_does_not_meet_the_keeping_leaves_at_once() {
    let findings = found(&[("spend >= 500 or staff", "spend >= 400")]);
    assert_eq!(said(&findings), [(Code::Flapping, "tiers[0].keep_when")]);
    assert_eq!(shown(&findings), ["staff yes, spend 399.00: t0"]);

    let findings = found(&[("spend >= 500", "spend >= 400 and purchases >= 1")]);
    assert_eq!(said(&findings), [(Code::Flapping, "tiers[0].keep_when")]);
    assert_eq!(shown(&findings), ["purchases 0, spend 500.00: t0"]);

    // Also who is not known to keep it.
    let findings = found(&[("spend >= 500", "days_since_last >= 0 or staff")]);
    assert!(said(&findings).contains(&(Code::Flapping, "tiers[0].keep_when")));
}

#[test]
fn who_enters_a_better_tier_does_not_flap_in_a_lower_one() {
    let tiers = [("spend >= 1000", ""), ("spend >= 500", "spend < 1000")];
    let findings = found(&tiers);
    assert!(
        !said(&findings)
            .iter()
            .any(|(code, _)| *code == Code::Flapping),
        "{:?}",
        shown(&findings)
    );
    // Without the better tier, it would.
    let findings = found(&tiers[1..]);
    assert!(said(&findings).contains(&(Code::Flapping, "tiers[0].keep_when")));
}

#[test]
fn a_keeping_that_excludes_the_entering_is_told_once() {
    let findings = found(&[(
        "spend >= 500 and purchases >= 3",
        "spend < 500 or purchases < 2",
    )]);
    assert_eq!(said(&findings)[0], (Code::NeverKept, "tiers[0].keep_when"));
    assert_eq!(shown(&findings)[0], "purchases 3, spend 500.00: t0");
}

#[test]
fn a_keeping_that_nobody_meets_is_a_condition_that_never_holds() {
    let findings = found(&[("spend >= 500", "purchases < 0")]);
    assert_eq!(said(&findings), [(Code::Never, "tiers[0].keep_when")]);
    assert_eq!(
        findings[0].diagnostic.message,
        "nobody can keep `t0`: `purchases < 0` is never true: `purchases` is a count, whole and not negative",
    );
}

#[test]
fn a_better_customer_keeps_what_a_worse_one_keeps() {
    let findings = found(&[(
        "spend >= 500 and spend < 700",
        "spend >= 400 and spend < 800",
    )]);
    let codes: Vec<_> = said(&findings);
    assert_eq!(
        codes,
        [
            (Code::NotMonotone, "tiers[0].when"),
            (Code::NotMonotone, "tiers[0].keep_when")
        ]
    );
    let message = &findings[1].diagnostic.message;
    assert!(message.ends_with("does not keep `t0`"), "{message}");
    // Who is too good to keep a tier because they enter a better one is not worse off.
    let findings = found(&[
        ("spend >= 800", ""),
        (
            "spend >= 500",
            "spend between 400 and 799.99 or spend > 799.99",
        ),
    ]);
    assert!(findings.is_empty(), "{:?}", shown(&findings));
}

#[test]
fn witnesses_do_what_is_said_of_them() {
    let engine = Engine::from_toml(POLICY, &Catalog::standard()).unwrap();
    let columns = Columns::of(&engine);
    let bind = |text: &str| {
        let expr: Expr = text.parse().unwrap();
        expr.bind(engine.schema(), &Place::at("test"), &mut Diagnostics::new())
            .unwrap()
    };
    let (entry, keep) = (
        bind("spend >= 500 or purchases > 10"),
        bind("spend >= 450.5"),
    );
    let tiers = [
        Tier {
            name: "gold",
            entry: Some(&entry),
            keep: Some(&keep),
        },
        Tier {
            name: "base",
            entry: None,
            keep: None,
        },
    ];
    let mut judge = Judge::new(&engine.schema, &columns, &tiers, []);
    judge.ladder();
    assert_eq!(judge.found.len(), 1);
    // The same question, asked of the prover: its sample is asked by the rules themselves.
    let demands = [
        (0, crate::rules::prove::Truths::TRUE),
        (1, crate::rules::prove::Truths::NOT_TRUE),
    ];
    let sample = judge.prover.find(&demands).found().unwrap();
    assert_eq!(entry.truth(sample.row()), Truth::True);
    assert_eq!(keep.truth(sample.row()), Truth::False);
    assert_eq!(judge.witness(&sample), judge.found[0].witness[0]);
}

#[test]
fn more_profit_is_better_and_more_cost_to_serve_is_worse() {
    let engine = Engine::from_toml(
        r#"
        head = { name = "columns", version = "1", currency = "EUR" }
        tiers = [{ name = "good", when = "profit > 0 and cost_to_serve < 10" }, { name = "base" }]
        [cost_to_serve]
        resources = [{ name = "desk", cost = "1.00 EUR", minutes = 1 }]
        activities = [{ name = "orders", driver = "purchases", minutes = 1, resource = "desk" }]
        "#,
        &Catalog::standard(),
    );
    let engine = engine.unwrap();
    let columns = Columns::of(&engine);
    let better = |name| columns.better(engine.slot(name).unwrap());
    assert_eq!(better("profit"), Some(Better::Higher));
    assert_eq!(better("cost_to_serve"), Some(Better::Lower));
}

//! Unsound policies, each with what is found and who shows it; sound ones, in which nothing is.

use std::fs;
use std::path::{Path, PathBuf};

use customer_value::diagnostic::{Code, Diagnostics, Place, Severity};
use customer_value::engine::Engine;
use customer_value::engine::analysis::{Finding, Witness};
use customer_value::metrics::Catalog;
use customer_value::rules::{Cut, Expr, Found, Measure, PopulationCondition, Truth};
use customer_value::table::Table;
use proptest::prelude::*;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

fn engine(path: &Path) -> (String, Engine) {
    let text = fs::read_to_string(path).unwrap();
    let engine = Engine::from_toml(&text, &Catalog::standard());
    let engine = engine.unwrap_or_else(|problems| panic!("{}:\n{problems}", path.display()));
    (text, engine)
}

/// What a file says in its first lines: `# found: code place`, one line for each finding.
fn expected(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("# found: "));
    lines.map(str::to_owned).collect()
}

fn said(findings: &[Finding]) -> Vec<String> {
    let code = |code: Code| {
        serde_json::to_value(code)
            .unwrap()
            .as_str()
            .unwrap()
            .to_owned()
    };
    let one = |f: &Finding| format!("{} {}", code(f.diagnostic.code), f.diagnostic.place.path);
    findings.iter().map(one).collect()
}

fn shown(findings: &[Finding]) -> String {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The tier that the engine's ladder gives a witness, put into a table of the engine: the proof of the pudding.
fn tier(engine: &Engine, witness: &Witness) -> String {
    let mut table = Table::new(engine.schema().clone(), 1);
    let mut places: Vec<(String, Option<f64>)> = Vec::new();
    for value in &witness.values {
        let number = match &value.found {
            Found::Number(number) => Some(*number),
            Found::Flag(flag) => Some(f64::from(u8::from(*flag))),
            Found::Day(day) => Some(f64::from(day.epoch_days())),
            Found::Word(_) | Found::Missing => None,
        };
        let Some(slot) = engine.slot(&value.column) else {
            places.push((value.column.clone(), number));
            continue;
        };
        match &value.found {
            Found::Word(word) => {
                let code = engine.schema().field(slot).unwrap().code(word);
                assert!(code.is_some(), "{word}");
                table.column_mut(slot).set_code(0, code);
            }
            _ => table.column_mut(slot).set(0, number),
        }
    }
    // Somebody with a place in the population has something in the column, and the cuts are as they make them.
    let mut ladder = engine.ladder().clone();
    let cuts: Vec<Cut> = ladder
        .population()
        .iter()
        .map(|condition: &PopulationCondition| {
            let name = engine.schema().field(condition.slot).unwrap().name();
            let measure = match condition.measure {
                Measure::Percentile => "percentile",
                _ => "cumulative_share",
            };
            let written = format!("{measure}({name})");
            let place = places.iter().find(|(column, _)| *column == written);
            match place.and_then(|(_, place)| *place) {
                None => Cut::Unknown,
                Some(place) => {
                    let cells = table.column_mut(condition.slot);
                    if cells.cell(0).is_missing() {
                        cells.set(0, Some(1.0));
                    }
                    match condition.op.holds(place, condition.at) {
                        true => Cut::Always,
                        false => Cut::Never,
                    }
                }
            }
        })
        .collect();
    ladder.freeze(&cuts).unwrap();
    ladder.name(ladder.decide(table.row(0)).tier).to_owned()
}

#[test]
fn every_unsound_policy_is_found_out_with_its_witness() {
    let files = files("tests/data/unsound");
    for path in &files {
        let (text, engine) = engine(path);
        let findings = engine.analyse();
        assert_eq!(
            said(&findings),
            expected(&text),
            "{}:\n{}",
            path.display(),
            shown(&findings)
        );
        for finding in &findings {
            let decided = finding.diagnostic.code != Code::NotDecided;
            assert_eq!(decided, !finding.witness.is_empty(), "{}", path.display());
            for witness in &finding.witness {
                assert_eq!(
                    tier(&engine, witness),
                    witness.tier,
                    "{}: {witness}",
                    path.display()
                );
            }
        }
        assert_eq!(findings, engine.analyse(), "{}", path.display());
        let json = serde_json::to_string(&findings).unwrap();
        assert_eq!(
            serde_json::from_str::<Vec<Finding>>(&json).unwrap(),
            findings
        );
    }
}

#[test]
fn nothing_is_found_in_a_sound_policy() {
    let mut sound = files("tests/data/sound");
    sound.extend(
        files("examples/policies")
            .into_iter()
            .filter(|p| !p.ends_with("broken.toml")),
    );
    for path in &sound {
        let (_, engine) = engine(path);
        let findings = engine.analyse();
        assert!(
            findings.is_empty(),
            "{}:\n{}",
            path.display(),
            shown(&findings)
        );
    }
}

// ---- the same told by looking at everybody in a small world ----

/// Spend and purchases are always known, days since the last purchase not.
fn world() -> Vec<(f64, f64, Option<f64>)> {
    let halves = |from: i32, to: i32| (from * 2..=to * 2).map(|i| f64::from(i) / 2.0);
    let days: Vec<Option<f64>> = [None].into_iter().chain(halves(0, 4).map(Some)).collect();
    let mut all = Vec::new();
    for spend in halves(-1, 4) {
        for purchases in 0..5 {
            all.extend(days.iter().map(|days| (spend, f64::from(purchases), *days)));
        }
    }
    all
}

fn condition() -> impl Strategy<Value = String> {
    let column = prop::sample::select(vec!["spend", "purchases", "days_since_last"]);
    let op = prop::sample::select(vec![">=", ">=", "<=", ">", "<", "="]);
    let compare = (column.clone(), op, 0..4).prop_map(|(c, op, at)| format!("{c} {op} {at}"));
    let missing = Just("days_since_last is missing".to_owned());
    let leaf = prop_oneof![8 => compare, 1 => missing];
    leaf.prop_recursive(3, 6, 2, |inner| {
        (inner.clone(), any::<bool>(), inner)
            .prop_map(|(a, and, b)| format!("({a} {} {b})", if and { "and" } else { "or" }))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Exactly the tiers that nobody of the world is in are reported, and exactly those that somebody is in while
    /// somebody as good is lower.
    #[test]
    fn findings_are_those_of_the_world(whens in prop::collection::vec(condition(), 1..5)) {
        let tiers: Vec<String> =
            whens.iter().enumerate().map(|(i, w)| format!("{{ name = \"t{i}\", when = \"{w}\" }},")).collect();
        let text = format!(
            "head = {{ name = \"w\", version = \"1\", currency = \"EUR\" }}\ntiers = [{} {{ name = \"base\" }}]",
            tiers.join("")
        );
        let engine = Engine::from_toml(&text, &Catalog::standard()).unwrap();
        let findings = engine.analyse();
        let of = |codes: &[Code], path: &str| findings.iter().any(|f| {
            let place = &f.diagnostic.place.path;
            codes.contains(&f.diagnostic.code) && (place == path || place.strip_suffix(".when") == Some(path))
        });
        let world = world();
        let mut table = Table::new(engine.schema().clone(), world.len());
        for (row, (spend, purchases, days)) in world.iter().enumerate() {
            for (name, value) in [("spend", Some(*spend)), ("purchases", Some(*purchases)), ("days_since_last", *days)] {
                if let Some(slot) = engine.slot(name) {
                    table.column_mut(slot).set(row, value);
                }
            }
        }
        let place: Vec<usize> = (0..world.len())
            .map(|row| whens.len() - engine.ladder().decide(table.row(row)).tier.ordinal())
            .collect();
        let rules: Vec<Vec<bool>> = whens.iter().map(|when| {
            let expr: Expr = when.parse().unwrap();
            let rule = expr.bind(engine.schema(), &Place::at("w"), &mut Diagnostics::new()).unwrap();
            (0..world.len()).map(|row| rule.truth(table.row(row)) == Truth::True).collect()
        }).collect();
        let as_good = |a: usize, b: usize| {
            let ((s, p, d), (t, q, e)) = (world[a], world[b]);
            let read = |name| engine.slot(name).is_some();
            (t >= s || !read("spend"))
                && (q >= p || !read("purchases"))
                && match (d, e) { (Some(d), Some(e)) => e <= d, (d, e) => d == e }
        };
        for tier in 0..=whens.len() {
            let path = format!("tiers[{tier}]");
            let nobody = !place.contains(&tier);
            let reported = findings.iter().any(|f| {
                f.diagnostic.severity == Severity::Error && of(&[f.diagnostic.code], &path)
                    && f.diagnostic.place.path.starts_with(&path)
            });
            prop_assert_eq!(nobody, reported, "{} {}\n{}", path, text, shown(&findings));
            if let (false, Some(rule)) = (nobody, rules.get(tier)) {
                let better = |a: usize| (0..world.len()).any(|b| place[b] > tier && as_good(a, b));
                let expected = (0..world.len()).any(|a| rule[a] && better(a));
                prop_assert_eq!(expected, of(&[Code::NotMonotone], &path), "{}\n{}", text, shown(&findings));
            }
        }
        for witness in findings.iter().flat_map(|f| &f.witness) {
            prop_assert_eq!(&tier(&engine, witness), &witness.tier);
        }
    }
}

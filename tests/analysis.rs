//! Unsound policies, each with what is found and who shows it; sound ones, in which nothing is.

use std::fs;
use std::path::{Path, PathBuf};

use customer_value::diagnostic::Code;
use customer_value::engine::Engine;
use customer_value::engine::analysis::{Finding, Witness};
use customer_value::metrics::Catalog;
use customer_value::rules::{Cut, Found, Measure, PopulationCondition};
use customer_value::table::Table;

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

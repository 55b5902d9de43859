//! The policy files of the examples and of the documentation: they bind, and say what they claim to say.

use std::fs;
use std::path::Path;

use customer_value::diagnostic::{Code, Diagnostics};
use customer_value::engine::{Engine, Policy};
use customer_value::metrics::Catalog;
use customer_value::model::Currency;
use customer_value::tiering::presets;

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn policy(name: &str) -> Policy {
    toml::from_str(&text(&format!("examples/policies/{name}.toml"))).unwrap()
}

fn problems(policy: Policy) -> Diagnostics {
    Engine::check(policy, &Catalog::standard()).1
}

#[test]
fn standard_file_is_the_standard_policy() {
    assert_eq!(policy("standard"), Policy::standard(Currency::USD));
}

#[test]
fn presets_are_the_files() {
    for (name, ladder) in [
        ("standard", presets::abcd()),
        ("vip", presets::vip_regular_potential()),
        ("bands", presets::high_middle_low()),
        ("abc", presets::cumulative_share_abc()),
    ] {
        assert_eq!(policy(name).tiers, ladder, "{name}");
    }
}

#[test]
fn every_file_but_the_broken_one_binds_without_a_problem() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/policies");
    let mut bound = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        // Playbooks are bound by `tests/playbook.rs`.
        if name != "broken" {
            let found = problems(policy(&name));
            assert!(found.is_empty(), "{name}:\n{found}");
            bound += 1;
        }
    }
    assert!(bound >= 4, "only {bound} files were found");
}

#[test]
fn broken_file_reports_its_eight_mistakes_each_with_its_place() {
    let found = problems(policy("broken"));
    let said: Vec<(Code, &str)> = found.iter().map(|d| (d.code, &*d.place.path)).collect();
    assert_eq!(
        said,
        [
            (Code::UnknownName, "metrics[0].measure"),
            (Code::Range, "metrics[1].window"),
            (Code::Range, "rfm.frequency.by.breaks"),
            (Code::Range, "scores[0].parts[1].weight"),
            (Code::UnknownName, "lifecycle.transitions[0].to"),
            (Code::UnknownName, "tiers[0].when"),
            (Code::Type, "tiers[1].when"),
            (Code::Syntax, "tiers[2].when"),
        ],
        "\n{found}"
    );
    assert!(found.has_errors());
}

/// The TOML fences of a Markdown file, each with the line it begins on.
fn snippets(markdown: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (i, line) in markdown.lines().enumerate() {
        match &mut open {
            None if line == "```toml" => open = Some((i + 1, String::new())),
            Some(_) if line == "```" => found.extend(open.take()),
            Some((_, snippet)) => {
                snippet.push_str(line);
                snippet.push('\n');
            }
            None => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    found
}

/// A part of a policy, with the required parts where it has none.
fn completed(snippet: &str) -> Policy {
    let mut table: toml::Table = toml::from_str(snippet).unwrap();
    let head = "name = 'snippet'\nversion = '1'\ncurrency = 'EUR'";
    table
        .entry("head")
        .or_insert_with(|| toml::from_str::<toml::Value>(head).unwrap());
    table.entry("tiers").or_insert_with(|| {
        toml::from_str::<toml::Table>("t = [{ name = 'all' }]").unwrap()["t"].clone()
    });
    table.try_into().unwrap()
}

#[test]
fn every_policy_in_the_documentation_binds_without_a_problem() {
    let mut bound = 0;
    for file in [
        "README.md",
        "src/docs/policy_file.md",
        "src/docs/lifecycle.md",
        "src/docs/movement.md",
        "src/docs/churn.md",
        "src/docs/exit.md",
        "src/docs/cost.md",
        "src/docs/segments.md",
        "src/docs/service.md",
        "src/docs/budget.md",
        "src/docs/allocation.md",
        "src/docs/surveys.md",
        "src/docs/effect.md",
    ] {
        for (line, snippet) in snippets(&text(file)) {
            // A manifest is not a policy.
            if !snippet.contains("[dependencies]") {
                let found = problems(completed(&snippet));
                assert!(found.is_empty(), "{file}:{line}:\n{found}");
                bound += 1;
            }
        }
    }
    assert!(bound >= 10, "only {bound} snippets were found");
}

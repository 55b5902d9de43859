//! `--check`: what is wrong or doubtful about one policy.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use customer_value::diagnostic::Severity;
use customer_value::engine::Engine;
use customer_value::metrics::Catalog;

/// What was found, with the customers who show it, and the status: 1 if any of it is an error.
pub fn run(path: &Path) -> anyhow::Result<(String, ExitCode)> {
    let (problems, findings) = Engine::analyse_toml(&super::read(path)?, &Catalog::standard());
    let mut text = String::new();
    for problem in &problems {
        let _ = writeln!(text, "{problem}");
    }
    for finding in &findings {
        let _ = writeln!(text, "{finding}");
    }
    let all = problems
        .iter()
        .chain(findings.iter().map(|f| &f.diagnostic));
    let severities: Vec<Severity> = all.map(|diagnostic| diagnostic.severity).collect();
    let count = |severity| severities.iter().filter(|s| **s == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let found = match severities.len() {
        0 => "no findings".to_owned(),
        _ => format!(
            "{}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        ),
    };
    let _ = writeln!(text, "`{}`: {found}", path.display());
    Ok((text, ExitCode::from(u8::from(errors > 0))))
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

//! `--check`: what is wrong or doubtful about one policy.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use customer_value::diagnostic::{Diagnostics, Severity};
use customer_value::engine::Engine;
use customer_value::metrics::Catalog;

/// What was found, line by line, and the status: 1 if any of it is an error.
pub fn run(path: &Path) -> anyhow::Result<(String, ExitCode)> {
    let problems = findings(&super::read(path)?);
    let mut text = String::new();
    for problem in &problems {
        let _ = writeln!(text, "{problem}");
    }
    let count = |severity| problems.iter().filter(|p| p.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let name = path.display();
    let (errors_text, warnings_text) = (counted(errors, "error"), counted(warnings, "warning"));
    let _ = writeln!(text, "`{name}`: {errors_text}, {warnings_text}");
    let status = u8::from(errors > 0);
    Ok((text, ExitCode::from(status)))
}

fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn findings(text: &str) -> Diagnostics {
    let (_, problems) = Engine::check_toml(text, &Catalog::standard());
    problems
}

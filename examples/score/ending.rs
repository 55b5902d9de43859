//! How a run begins and ends: status 2 and one line for a mistake of the user's.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use customer_value::diagnostic::Diagnostics;

/// The options, or how the run ends without them.
pub fn options<O: Parser>() -> Result<O, ExitCode> {
    O::try_parse().map_err(|error| {
        if error.use_stderr() {
            // What follows the first paragraph is how to use it.
            refuse(error.to_string().split("\n\n").next().unwrap_or_default())
        } else {
            // Help and version; nobody may be reading.
            let _ = error.print();
            ExitCode::SUCCESS
        }
    })
}

/// Prints what the run is for.
pub fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            refuse(&format!("error: cannot write the report: {error}"))
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Says why a run failed: in one line, or with every problem of a policy below the name of its file.
#[allow(dead_code)] // for those that read policy files by name
pub fn failed(error: &anyhow::Error) -> ExitCode {
    match error.downcast_ref::<Diagnostics>() {
        Some(problems) => {
            eprintln!("{}:\n{problems}", one_line(&error.to_string()));
            ExitCode::from(2)
        }
        None => refuse(&format!("error: {error:#}")),
    }
}

/// Says what is wrong, in one line whatever is in it.
pub fn refuse(message: &str) -> ExitCode {
    eprintln!("{}", one_line(message));
    ExitCode::from(2)
}

/// Without line ends and other control characters.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

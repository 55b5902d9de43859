//! The `lifecycle` example as its users meet it: a process with files, options and a status.

mod example_process;

use std::process::Output;

use example_process::Folder;
use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    example_process::run("lifecycle", arguments)
}

/// A run that works; gives what it prints.
fn lifecycle(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        (output.status.code(), errors.as_str()),
        (Some(0), ""),
        "{arguments:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    example_process::refused("lifecycle", arguments)
}

#[test]
fn mistakes_are_one_line_and_status_two() {
    let folder = Folder::new("lifecycle", "mistakes");
    let empty = folder.write("empty.csv", "customer,date,amount\n");
    let plain = folder.write(
        "plain.toml",
        "head = { name = 'x', version = '1', currency = 'USD' }\ntiers = [{ name = 'all' }]\n",
    );
    for (arguments, said) in [
        (
            &["--no-such-option"][..],
            "unexpected argument '--no-such-option' found",
        ),
        (&["--as-of", "yesterday"], "yesterday"),
        (&["--step", "fortnight"], "a step is `day`, `week`"),
        (&["--mermaid", "--json"], "cannot be used with"),
        (&["--mermaid", "--backtest"], "cannot be used with"),
        (&["--backtest", "--step", "week"], "cannot be used with"),
        (
            &["--from", "1998-07-01"],
            "the reviews would begin on 1998-07-01, after the last one on 1998-06-30",
        ),
        (
            &["--as-of", "1996-12-31"],
            "the reviews would begin on 1997-01-01, after the last one on 1996-12-31",
        ),
        (
            &["--backtest", "--as-of", "1998-03-01"],
            "the transactions end with 1998-06-30, and what came of 1998-03-01 is known on 1998-08-28",
        ),
        (
            &["--backtest", "--as-of", "1996-12-31"],
            "nobody had bought by 1996-12-31",
        ),
        (
            &["--transactions", &folder.path("none.csv")],
            "cannot read `",
        ),
        (&["--policy", &folder.path("none.toml")], "cannot read `"),
        (
            &["--transactions", &empty],
            "no transaction counts (0 rows read, 0 rejected)",
        ),
        (
            &["--policy", &plain],
            "the policy `x` has no section `[lifecycle]`",
        ),
        (
            &["--policy", &plain, "--mermaid"],
            "the policy `x` has no section `[lifecycle]`",
        ),
        (&["--cost-to-serve", "much"], "much"),
        (
            &["--cost-to-serve", "4.00 EUR"],
            "the cost is in EUR, and the policy in USD",
        ),
    ] {
        let line = refused(arguments);
        assert!(line.contains(said), "{arguments:?}: {line}");
    }
}

//! The `whatif` example as its users meet it: a process with files, options and a status.

mod example_process;

use std::process::Output;

use example_process::Folder;
use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    example_process::run("whatif", arguments)
}

fn whatif(arguments: &[&str]) -> String {
    example_process::text("whatif", arguments)
}

fn refused(arguments: &[&str]) -> String {
    example_process::refused("whatif", arguments)
}

fn repository(path: &str) -> String {
    format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_default_run_compares_the_two_policies_on_the_cdnow_sample() {
    let text = whatif(&[]);
    let head = "\
what if on 1998-06-30: `members` version 2024 → `members` version 2025, amounts in USD
2357 customers, 113 of them move

tiers before × after
tier    gold  silver  member  total
gold     116      24       0    140
silver     0     188       0    188
member     0      89    1940   2029
total    116     301    1940   2357
";
    assert!(text.starts_with(head), "{text}");
    for line in [
        "cost per year: 3648.00 USD → 4126.00 USD, a difference of 478.00 USD\n",
        "free delivery: 89 customers gain it, 0 lose it\n",
        "hotline: 0 customers gain it, 24 lose it\n",
        "previews: 116 customers gain it, 0 lose it\n",
        "     89  member → silver: silver by spend_12m >= 60, needed spend_12m >= 80\n",
        "     24  gold → silver: no longer gold: needs days_since_last <= 120\n",
        "customer 255: gold → silver: after days_since_last 230 <= 120 (110 days less)\n",
        "and 103 more customers\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(!text.contains("replay"), "{text}");
    // The same by name.
    let files = [
        ("--transactions", "examples/data/cdnow_sample.csv"),
        ("--policy-a", "examples/policies/members_2024.toml"),
        ("--policy-b", "examples/policies/members_2025.toml"),
    ];
    let files: Vec<(&str, String)> = files.map(|(o, path)| (o, repository(path))).into();
    let mut arguments: Vec<&str> = files
        .iter()
        .flat_map(|(o, path)| [*o, path.as_str()])
        .collect();
    arguments.extend(["--as-of", "1998-06-30", "--value", "spend"]);
    assert_eq!(whatif(&arguments), text);
}

#[test]
fn json_has_the_comparison_and_both_replays() {
    let text = whatif(&[
        "--json",
        "--replay-from",
        "1997-03-01",
        "--step",
        "quarter",
        "--outcome",
        "margin",
    ]);
    let found: Value = serde_json::from_str(&text).unwrap();
    let what_if = &found["what_if"];
    assert_eq!(what_if["moved"], 113);
    assert_eq!(what_if["reasons"][0]["turn"], "gained");
    assert_eq!(what_if["reasons"][0]["customers"], 89);
    assert_eq!(what_if["movers"].as_array().unwrap().len(), 100);
    for (replay, version) in [("replay_a", "2024"), ("replay_b", "2025")] {
        let replay = &found[replay];
        assert_eq!(replay["policy"]["version"], version);
        assert_eq!(
            (&replay["step"], &replay["outcome"]),
            (&"quarter".into(), &"margin".into())
        );
        let steps = replay["steps"].as_array().unwrap();
        assert_eq!(steps.len(), 6);
        assert_eq!(steps[0]["as_of"], "1997-03-31");
        assert!(steps[5]["outcome"].is_null());
    }
    // The last step of a replay is the review of the comparison.
    let last = &found["replay_b"]["steps"][5]["distribution"];
    assert_eq!(last, &serde_json::json!([116, 301, 1940]));

    let alone: Value = serde_json::from_str(&whatif(&["--json"])).unwrap();
    assert!(alone.get("replay_a").is_none());
    assert_eq!(alone["what_if"], found["what_if"]);
}

#[test]
fn the_replay_is_printed_step_by_step() {
    let text = whatif(&["--replay-from", "1997-10-01"]);
    let days = |day: &str| text.matches(&format!("\n{day}")).count();
    // In both tables of both policies; nothing is known of what came after the last.
    assert_eq!(
        (days("1997-10-31"), days("1998-05-31"), days("1998-06-30")),
        (4, 4, 2)
    );
    assert!(
        text.contains("a review at the close of every month"),
        "{text}"
    );
}

#[test]
fn a_refund_of_later_is_not_known_before() {
    let folder = Folder::new("whatif", "refund");
    let rows = "customer,date,amount,id,kind,refund_of\n\
                ann,2024-01-10,500.00,a,,\n\
                ann,2024-03-05,500.00,,refund,a\n";
    let transactions = folder.write("transactions.csv", rows);
    let arguments = [
        "--transactions",
        &transactions,
        "--as-of",
        "2024-03-31",
        "--replay-from",
        "2024-01-01",
        "--json",
    ];
    let found: Value = serde_json::from_str(&whatif(&arguments)).unwrap();
    let gold = |step: usize| found["replay_a"]["steps"][step]["distribution"][0].clone();
    assert_eq!([gold(0), gold(1), gold(2)], [1, 1, 0]);
}

#[test]
fn rejected_rows_are_told_and_left_out() {
    let folder = Folder::new("whatif", "rejects");
    let transactions = folder.write(
        "transactions.csv",
        "customer,date,amount,note\nann,2024-01-10,50\nbob,2024-01-11,5.00,x\nbob,yesterday,5.00,x\n",
    );
    let output = run(&["--transactions", &transactions]);
    assert_eq!(output.status.code(), Some(0));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        errors.lines().collect::<Vec<_>>(),
        [
            "transactions, line 2: row: cannot be read: `ann,2024-01-10,50`",
            "transactions, line 4: date: is not a day: `yesterday`",
            "columns that are not used: note",
        ]
    );
}

#[test]
fn mistakes_are_one_line_and_status_two() {
    let folder = Folder::new("whatif", "mistakes");
    let empty = folder.write("empty.csv", "customer,date,amount\n");
    let later = folder.write("later.csv", "customer,date,amount\nann,2024-05-01,10\n");
    let euros = folder.write(
        "euros.toml",
        "head = { name = 'x', version = '1', currency = 'EUR' }\ntiers = [{ name = 'all' }]\n",
    );
    for (arguments, said) in [
        (
            &["--no-such-option"][..],
            "unexpected argument '--no-such-option' found",
        ),
        (&["--as-of", "yesterday"], "yesterday"),
        (&["--step", "month"], "--replay-from"),
        (
            &["--replay-from", "1997-01-01", "--step", "fortnight"],
            "a step is `day`, `week`",
        ),
        (&["--replay-from", "1998-07-01"], "nothing to replay"),
        (
            &["--transactions", &folder.path("none.csv")],
            "cannot read `",
        ),
        (&["--policy-b", &folder.path("none.toml")], "cannot read `"),
        (
            &["--transactions", &later, "--as-of", "2024-01-01"],
            "no transaction counts (1 rows read, 1 rejected), the first: transactions, line 2: date",
        ),
        (
            &["--transactions", &empty],
            "no transaction counts (0 rows read, 0 rejected)",
        ),
        (
            &["--policy-b", &euros],
            "policy A is in USD, and policy B in EUR",
        ),
        (
            &["--value", "nonsense"],
            "neither policy has a column of numbers named `nonsense`",
        ),
        (&["--check", &euros, "--json"], "cannot be used with"),
        (&["--check", &folder.path("none.toml")], "cannot read `"),
    ] {
        let line = refused(arguments);
        assert!(line.contains(said), "{arguments:?}: {line}");
    }
}

#[test]
fn a_policy_that_is_wrong_ends_the_run_with_its_problems() {
    let folder = Folder::new("whatif", "wrong");
    let wrong = folder.write(
        "wrong.toml",
        "head = { name = 'x', version = '1', currency = 'USD' }\n\
         tiers = [{ name = 'a', when = 'spned > 1' }, { name = 'b' }]\n",
    );
    let output = run(&["--policy-b", &wrong]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let errors = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = errors.lines().collect();
    assert_eq!(lines[0], format!("`{wrong}`:"));
    assert_eq!(
        lines[1],
        "error: line 2, column 32, tiers[0].when at 0..5: there is no column `spned` (did you mean `spend`?)"
    );
}

#[test]
fn check_says_what_is_wrong_and_where() {
    for (policy, status, last) in [
        ("members_2024", 0, "no findings"),
        ("members_2025", 0, "no findings"),
        ("airline", 0, "no findings"),
    ] {
        let path = repository(&format!("examples/policies/{policy}.toml"));
        let output = run(&["--check", &path]);
        assert_eq!(output.status.code(), Some(status), "{policy}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, format!("`{path}`: {last}\n"));
        assert!(output.stderr.is_empty());
    }
    let path = repository("examples/policies/broken.toml");
    let output = run(&["--check", &path]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.lines().count() > 5 && text.contains("error: line "),
        "{text}"
    );

    let folder = Folder::new("whatif", "check");
    let doubtful = folder.write(
        "doubtful.toml",
        "head = { name = 'x', version = '1', currency = 'USD' }\n\
         tiers = [{ name = 'a', when = 'refund_share <= 5' }, { name = 'b' }]\n",
    );
    let output = run(&["--check", &doubtful]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("warning: line 2, column "), "{text}");
    assert!(text.ends_with(": 0 errors, 1 warning\n"), "{text}");
}

#[test]
fn check_shows_who_is_treated_wrong() {
    let folder = Folder::new("whatif", "unsound");
    let unsound = folder.write(
        "unsound.toml",
        "head = { name = 'x', version = '1', currency = 'EUR' }\n\
         tiers = [\n\
         \x20 { name = 'gold', when = 'spend >= 500' },\n\
         \x20 { name = 'silver', when = 'spend >= 800' },\n\
         \x20 { name = 'all' },\n\
         ]\n",
    );
    let output = run(&["--check", &unsound]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("error: line 4, column ")
            && lines[0].contains("nobody can be in `silver`"),
        "{text}"
    );
    assert_eq!(lines[1], "  spend 800.00: gold", "{text}");
    assert!(
        text.ends_with(": 1 error, 0 warnings\n") || text.contains(": 1 error, "),
        "{text}"
    );
}

#[test]
fn a_policy_with_movement_tells_its_events() {
    let folder = Folder::new("whatif", "movement");
    let moves = folder.write(
        "moves.toml",
        "head = { name = 'x', version = '1', currency = 'USD' }\n\
         tiers = [{ name = 'gold', entry = 100 }, { name = 'member' }]\n\
         [movement]\n\
         qualifying = { measure = 'spend', window = '90 days' }\n\
         term = { length = '6 months' }\n",
    );
    let text = whatif(&[
        "--policy-b",
        &moves,
        "--replay-from",
        "1997-10-01",
        "--step",
        "quarter",
    ]);
    let (_, events) = text
        .split_once("\nevents since the review before\n")
        .unwrap();
    let head: Vec<&str> = events.lines().next().unwrap().split("  ").collect();
    assert!(text.matches("events since").count() == 1, "{text}");
    for kind in ["assigned", "upgraded", "renewed", "downgraded"] {
        assert!(
            head.iter().any(|cell| cell.trim() == kind),
            "{kind}: {text}"
        );
    }
}

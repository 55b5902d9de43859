//! The `lifecycle` example as its users meet it: a process with files, options and a status.

mod example_process;

use std::process::Output;

use example_process::Folder;
use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    example_process::run("lifecycle", arguments)
}

fn lifecycle(arguments: &[&str]) -> String {
    example_process::text("lifecycle", arguments)
}

fn refused(arguments: &[&str]) -> String {
    example_process::refused("lifecycle", arguments)
}

#[test]
fn the_default_run_reports_the_last_review_of_the_sample() {
    let text = lifecycle(&[]);
    let head = "\
lifecycle on 1998-06-30 by `lifecycle` version 1, amounts in USD
2357 customers; 18 reviews since 1997-01-01, one at the close of every month, each with what was known on its day
";
    assert!(text.starts_with(head), "{text}");
    for line in [
        "\nloyal                 406  17.2 %  123280.31              416        226       147   140  155\n",
        "\n  judged by days_since_last 1218, p_purchase 1139; 1218 by a fallback",
        "\nat_risk → churned          1762             78.3 %               2.22  2.11  2.32\n",
        "\nall                  2357  14.6 %  12.3 %   9.5 %  7.7 %  7.6 %   7.7 %  6.0 %\n",
        "\nalerts: since 1998-05-31 57 customers became at risk and 25 were lost;",
        "\ncustomer 509: at_risk → lost, 100.89 USD at stake, p_purchase 18 % → 6 %\n",
        "spend 340.63 USD → 0.00 USD since 1998-02-01 (-100 %)\n",
        "\nand 72 more alerts\n",
        "\nwin-back: 1000 of 1512 candidates; responses and costs are those of the policy, no attempts are known\n",
        "\ntotal              1000  257.68    1512.12\n",
        "\nothers are worth more, and the list is full        505\n",
        "\nassumed, for the transactions do not say it: serving a customer costs 4.00 USD a year",
        "\nmigrate               463     516       1111.20\n",
        "\nend                     0       0          0.00\n",
        "\nlegal hold                 63\n",
        "\nstateDiagram-v2\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    // The diagram alone is the end of it.
    let diagram = lifecycle(&["--mermaid"]);
    assert!(diagram.starts_with("stateDiagram-v2\n"), "{diagram}");
    assert!(text.ends_with(&diagram));
}

#[test]
fn an_earlier_day_knows_who_came_back_and_nothing_else_of_later() {
    let arguments = ["--json", "--as-of", "1998-03-31", "--step", "quarter"];
    let found: Value = serde_json::from_str(&lifecycle(&arguments)).unwrap();
    assert_eq!(found["as_of"], "1998-03-31");
    // Five quarters, and the day 30 days before the last.
    assert_eq!(found["reviews"], 6);
    assert_eq!(found["alerts"]["since"], "1998-03-01");
    let stages = found["stages"].as_array().unwrap();
    let all: u64 = stages
        .iter()
        .map(|s| s["customers"].as_u64().unwrap())
        .sum();
    assert_eq!(all, 2_357);
    let suppressed = found["win_back"]["suppressed"].as_array().unwrap();
    let returned = suppressed
        .iter()
        .filter_map(|one| one["because"].get("returned"));
    let days: Vec<&str> = returned.map(|r| r["on"].as_str().unwrap()).collect();
    assert!(!days.is_empty() && days.iter().all(|day| *day > "1998-03-31"));
    for alert in found["alerts"]["list"].as_array().unwrap() {
        for evidence in alert["evidence"].as_array().unwrap() {
            assert!(evidence["since"].as_str().unwrap() <= "1998-03-31");
        }
    }
}

#[test]
fn a_single_review_has_nothing_to_be_compared_with() {
    let text = lifecycle(&["--from", "1998-06-30"]);
    assert!(text.contains("\n2357 customers; 1 review since 1998-06-30,"));
    assert!(text.contains("\nno alerts: there is no review 30 days before"));
}

#[test]
fn the_data_of_a_user_have_no_assumed_cost() {
    let folder = Folder::new("lifecycle", "user");
    let transactions = folder.write(
        "transactions.csv",
        "customer,date,amount,note\nann,2024-01-10,50.00,x\nann,2024-02-10,50.00,x\nbob,2024-02-11,5.00,x\nbob,yesterday,5.00,x\n",
    );
    let output = run(&["--transactions", &transactions]);
    assert_eq!(output.status.code(), Some(0));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        errors.lines().collect::<Vec<_>>(),
        [
            "transactions, line 5: date: is not a day: `yesterday`",
            "columns that are not used: note",
        ]
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("\n2 customers; 3 reviews since 2024-01-10,"),
        "{text}"
    );
    assert!(text.contains("\nsavings need the cost to serve"), "{text}");
    let with = [
        "--transactions",
        &transactions,
        "--cost-to-serve",
        "7.00 USD",
    ];
    let text = String::from_utf8(run(&with).stdout).unwrap();
    assert!(
        text.contains("serving a customer costs 7.00 USD a year"),
        "{text}"
    );
}

#[test]
fn the_backtest_holds_the_rules_to_history() {
    let text = lifecycle(&["--backtest"]);
    for line in [
        "churn rules on 1997-09-30, held to the 180 days after it;",
        "\nall customers: 2357, 1768 of them lost\n",
        "\n120 days                                        -     1832          1546     84.4 %   87.4 %  0.86             57.0    57.0\n",
        "\nP(buys again), recall of 120 days            0.31     1825          1546     84.7 %   87.4 %  0.86            144.9   159.0\n",
        "\npolicy: lost                                    -      589           525     89.1 %   29.7 %  0.45            -56.3   -62.0\n",
        "\ncustomers who had come back (active_days >= 2): 946, 515 of them lost\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn a_policy_that_is_wrong_ends_the_run_with_its_problems() {
    let folder = Folder::new("lifecycle", "wrong");
    let wrong = folder.write(
        "wrong.toml",
        "head = { name = 'x', version = '1', currency = 'USD' }\n\
         tiers = [{ name = 'a', when = 'spned > 1' }, { name = 'b' }]\n",
    );
    let output = run(&["--policy", &wrong]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(
        errors.starts_with(&format!("`{wrong}`:\nerror: line 2, column 32,")),
        "{errors}"
    );
}

#[test]
fn alerts_say_by_what_they_are_ordered() {
    let folder = Folder::new("lifecycle", "alerts");
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/policies/lifecycle.toml"
    );
    let policy = std::fs::read_to_string(file).unwrap();
    let value = "value = \"predicted_ltv\"\n";
    assert!(policy.contains(value));
    let policy = folder.write("policy.toml", policy.replace(value, ""));
    let rows = "customer,date,amount\nann,2024-01-10,50.00\nbob,2024-05-10,50.00\n";
    let transactions = folder.write("transactions.csv", rows);
    let with = ["--transactions", &transactions];
    assert!(lifecycle(&with).contains("; the most at stake first (predicted_ltv on 2024-04-10)\n"));
    let text = lifecycle(&[&with[..], &["--policy", &policy]].concat());
    assert!(
        text.contains("; the policy names no value that is at stake\n"),
        "{text}"
    );
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
            "nobody had bought by 1996-12-31, the first transaction is of 1997-01-01: say a later day with `--as-of`",
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
            &["--cost-to-serve=-4.00 USD"],
            "the cost `-4.00 USD` is below 0",
        ),
        (
            &["--cost-to-serve", "4.00 EUR"],
            "the cost is in EUR, and the policy in USD",
        ),
    ] {
        let line = refused(arguments);
        assert!(line.contains(said), "{arguments:?}: {line}");
    }
}

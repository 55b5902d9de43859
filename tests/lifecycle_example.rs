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
        "\nloyal                 388  16.5 %  117186.58              316        207       142   133  150\n",
        "\n  judged by days_since_last 1218, p_alive 1139; 1218 by a fallback",
        "\nat_risk → churned          1723             79.7 %               2.33  2.22  2.45\n",
        "\nall                  2357  14.6 %  12.3 %   9.5 %  7.7 %  7.6 %   7.7 %  6.0 %\n",
        "\nalerts: since 1998-05-31 43 customers became at risk and 23 were lost;",
        "\ncustomer 761: cooling → at_risk, 97.31 USD at stake, p_alive 52 % → 41 %\n",
        "spend 112.32 USD → 0.00 USD since 1997-12-08 (-100 %)\n",
        "\nand 56 more alerts\n",
        "\nwin-back: 1000 of 1472 candidates; responses and costs are those of the policy, no attempts are known\n",
        "\ntotal              1000  249.72    1495.55\n",
        "\nothers are worth more, and the list is full        465\n",
        "\nassumed, for the transactions do not say it: serving a customer costs 4.00 USD a year",
        "\nmigrate               458     507       1099.20\n",
        "\nend                     0       0          0.00\n",
        "\nlegal hold                 57\n",
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
        "\npolicy: lost                                    -      594           524     88.2 %   29.6 %  0.44            -54.9   -62.0\n",
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

//! The `fit` example as its users meet it: a process with files, options and a status.

mod example_process;

use std::fs;
use std::process::Output;

use example_process::Folder;

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    example_process::run("fit", arguments)
}

/// A run that works; gives what it prints, and its notes.
fn fit_with_notes(arguments: &[&str]) -> (String, String) {
    let output = run(arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {errors}");
    (String::from_utf8(output.stdout).unwrap(), errors)
}

fn fit(arguments: &[&str]) -> String {
    let (text, notes) = fit_with_notes(arguments);
    assert_eq!(notes, "", "{arguments:?}");
    text
}

fn objects(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    example_process::refused("fit", arguments)
}

fn close(value: &Value, expected: f64, error: f64) -> bool {
    (value.as_f64().unwrap() - expected).abs() <= error
}

#[test]
fn the_default_run_is_the_cdnow_sample_with_four_models() {
    let text = fit(&["--json"]);
    let found = objects(&text);
    let models: Vec<&str> = found.iter().map(|o| o["model"].as_str().unwrap()).collect();
    assert_eq!(models, ["bg-nbd", "mbg-nbd", "pareto-nbd", "nbd"]);
    for (object, (parameters, errors, ll, holdout)) in found.iter().zip([
        (
            &[
                ("r", 0.242595),
                ("alpha", 4.413602),
                ("a", 0.792921),
                ("b", 2.425899),
            ][..],
            &[0.012557, 0.378224, 0.185733, 0.705410][..],
            -9582.429207,
            Some((0.785453, 1.607982)),
        ),
        (
            &[
                ("r", 0.524843),
                ("alpha", 6.183082),
                ("a", 0.891360),
                ("b", 1.614003),
            ],
            &[0.083268, 0.695620, 0.154790, 0.537495],
            -9582.135716,
            Some((0.764778, 1.607184)),
        ),
        (
            &[
                ("r", 0.553277),
                ("alpha", 10.57768),
                ("s", 0.606240),
                ("beta", 11.66873),
            ],
            &[0.0476, 0.8427, 0.1873, 6.21],
            -9594.976179,
            Some((0.754522, 1.602849)),
        ),
        (
            &[("r", 0.384766), ("alpha", 12.072014)],
            &[],
            -9763.657615,
            None,
        ),
    ]) {
        for (name, value) in parameters {
            assert!(close(&object["parameters"][name], *value, 2e-5), "{object}");
        }
        for ((name, _), error) in parameters.iter().zip(errors) {
            assert!(
                close(&object["standard_errors"][name], *error, 0.01 * error),
                "{object}"
            );
        }
        assert!(close(&object["log_likelihood"], ll, 1e-6), "{object}");
        let k = parameters.len() as f64;
        assert!(close(&object["aic"], 2.0 * k - 2.0 * ll, 1e-5));
        assert!(close(&object["bic"], k * 2357_f64.ln() - 2.0 * ll, 1e-5));
        assert_eq!(object["customers"], 2357);
        assert_eq!(object["outcome"], "converged");
        assert!(object.get("outcome_detail").is_none());
        let (distinct, seconds) = (object["distinct"].as_u64(), object["seconds"].as_f64());
        assert!(distinct.unwrap() < 2357 && seconds.unwrap() > 0.0);
        assert_eq!(object["holdout"]["actual"].as_f64(), Some(1882.0));
        if let Some((mae, rmse)) = holdout {
            assert!(close(&object["holdout"]["mae"], mae, 2e-6), "{object}");
            assert!(close(&object["holdout"]["rmse"], rmse, 2e-6), "{object}");
        }
    }
    // The order of the keys is part of the promise.
    let keys: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains("\"model\""))
        .take_while(|line| !line.starts_with("  }"))
        .filter(|line| line.starts_with("    \""))
        .map(|line| line.trim().split('"').nth(1).unwrap())
        .collect();
    let expected = "model parameters standard_errors log_likelihood aic bic customers distinct iterations outcome seconds \
                    holdout";
    assert_eq!(keys, expected.split(' ').collect::<Vec<_>>());
}

#[test]
fn the_report_has_the_comparison_and_every_model() {
    let text = fit(&["--seed", "7"]);
    assert!(text.contains(
        "fitted to all days up to 1997-09-30, compared with the 39.00 weeks after it, to 1998-06-30"
    ));
    assert!(
        text.contains(
            "naive rate            -            -            -     1.023669     2.211918"
        )
    );
    assert!(text.contains("least RMSE in the holdout: Pareto/NBD"));
    for model in [
        "bg-nbd: converged",
        "mbg-nbd: converged",
        "pareto-nbd: converged",
        "nbd: converged",
    ] {
        assert!(text.contains(model), "{text}");
    }
    assert!(text.contains("  r          0.242595  standard error 0.012557, 95 % 0.219"));
    assert!(text.contains("80 % intervals hold the purchases of "));
}

#[test]
fn all_is_seven_models_and_their_holdouts() {
    let found = objects(&fit(&["--model", "all", "--json"]));
    let models: Vec<&str> = found.iter().map(|o| o["model"].as_str().unwrap()).collect();
    assert_eq!(
        models,
        [
            "bg-nbd",
            "mbg-nbd",
            "pareto-nbd",
            "nbd",
            "bg-bb",
            "sbg",
            "gamma-gamma"
        ]
    );
    let names =
        |i: usize| -> Vec<&String> { found[i]["parameters"].as_object().unwrap().keys().collect() };
    assert_eq!(names(4), ["alpha", "beta", "delta", "gamma"]);
    assert_eq!(names(5), ["alpha", "beta"]);
    assert!(found[4]["holdout"]["rmse"].is_number());
    assert!(found[5]["holdout"].is_null());
    // 946 repeaters, the first purchase left out.
    let spend = &found[6];
    assert_eq!(spend["customers"], 946);
    assert!(
        close(&spend["log_likelihood"], -4055.917695, 1e-6),
        "{spend}"
    );
    assert!(close(&spend["parameters"]["q"], 3.74422, 1e-4), "{spend}");
    // A mean amount in dollars, not a sum.
    let (actual, expected) = (&spend["holdout"]["actual"], &spend["holdout"]["expected"]);
    assert!(
        close(actual, 36.0, 5.0) && close(expected, 36.0, 5.0),
        "{spend}"
    );
    let text = fit(&["--model", "all", "--time-unit", "month"]);
    assert!(
        text.contains("gamma-gamma: converged; 946 customers"),
        "{text}"
    );
}

#[test]
fn ones_own_transactions_are_fitted_to_their_last_day() {
    let folder = Folder::new("fit", "own");
    let mut rows = String::from("date,customer,amount\n1997-01-01,a,x\n1997-13-01,a,1.00\n");
    for customer in 0..40 {
        for visit in 0..=(customer % 7) {
            let day = 1 + (customer * 5 + visit * 3) % 28;
            rows += &format!(
                "2024-{:02}-{day:02},{customer},{}.50\n",
                1 + visit,
                customer + 1
            );
        }
    }
    let file = folder.write("in.csv", &rows);
    let (text, notes) = fit_with_notes(&["--transactions", &file, "--json"]);
    let notes: Vec<&str> = notes.lines().collect();
    assert_eq!(notes.len(), 2);
    assert!(
        notes[0].starts_with("line 2: amount: ") && notes[1].starts_with("line 3: date: "),
        "{notes:?}"
    );
    for object in objects(&text) {
        assert_eq!(object["customers"], 40);
        assert!(object["holdout"].is_null());
    }
    let (text, _) = fit_with_notes(&[
        "--transactions",
        &file,
        "--calibration-end",
        "2024-04-30",
        "--holdout-end",
        "2024-06-30",
        "--json",
        "--model",
        "nbd",
        "--time-unit",
        "day",
    ]);
    let found = objects(&text);
    assert_eq!(found.len(), 1);
    let actual = (0..40).map(|customer| (customer % 7 + 1).min(6) - (customer % 7 + 1).min(4));
    assert_eq!(
        found[0]["holdout"]["actual"].as_f64(),
        Some(f64::from(actual.sum::<i32>()))
    );
    // Before anybody came: no error, an outcome.
    let (text, _) = fit_with_notes(&[
        "--transactions",
        &file,
        "--calibration-end",
        "2000-01-01",
        "--model",
        "all",
        "--json",
    ]);
    for object in objects(&text) {
        assert_eq!(object["outcome"], "too_little_data");
        assert!(!object["outcome_detail"].as_str().unwrap().is_empty());
        assert_eq!(object["parameters"], serde_json::json!({}));
        assert!(object["log_likelihood"].is_null() && object["holdout"].is_null());
    }
}

#[test]
fn a_summary_needs_no_header_and_loses_only_bad_rows() {
    let folder = Folder::new("fit", "summary");
    let rows = "2,30.43,38.86,3\n0,0,38,900\n5.0,20,30,40\n1,5,35,200\n1,x,35,2\n1,40,35,2\n0,0\n12,33,36,9\n-1,0,3,1\n";
    let plain = folder.write("plain.csv", rows);
    let (text, notes) = fit_with_notes(&["--summary", &plain, "--json", "--model", "bg-nbd"]);
    let notes: Vec<&str> = notes.lines().collect();
    assert_eq!(notes.len(), 4, "{notes:?}");
    assert!(
        notes[0].starts_with("line 5: t_x: is not a number"),
        "{notes:?}"
    );
    assert!(
        notes[1].starts_with("line 6: row: an active span of `40`"),
        "{notes:?}"
    );
    assert!(
        notes[2].starts_with("line 7: row: ") && notes[3].starts_with("line 9: x: "),
        "{notes:?}"
    );
    let found = objects(&text);
    assert_eq!(
        (&found[0]["customers"], &found[0]["distinct"]),
        (&1152.into(), &5.into())
    );
    // The same with a header, in another order and with a column of no use.
    let named: String = rows
        .lines()
        .filter_map(|line| {
            let f: Vec<&str> = line.split(',').collect();
            (f.len() == 4).then(|| format!("{},id,{},{},{}\n", f[3], f[2], f[1], f[0]))
        })
        .collect();
    let named = folder.write("named.csv", format!("weight,who,T,t_x,x\n{named}"));
    let (again, _) = fit_with_notes(&["--summary", &named, "--json", "--model", "bg-nbd"]);
    assert_eq!(
        objects(&again)[0]["log_likelihood"],
        found[0]["log_likelihood"]
    );
    let (report, _) = fit_with_notes(&["--summary", &plain]);
    assert!(
        report.contains("5 rows of a summary in weeks") && report.contains("no holdout"),
        "{report}"
    );

    let spend = folder.write(
        "spend.csv",
        "x,mean\n2,22.35\n1,11.77\n3,30\n1,80.5\n4,12\n0,0\n2,-5\n",
    );
    let (text, notes) = fit_with_notes(&["--summary", &spend, "--json"]);
    assert!(
        notes.starts_with("line 8: mean: ") && notes.lines().count() == 1,
        "{notes}"
    );
    let found = objects(&text);
    assert_eq!(
        (&found[0]["model"], &found[0]["customers"]),
        (&"gamma-gamma".into(), &5.into())
    );

    // Donations in whole years; contracts.
    let donations = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/lifetime_reference/donations.csv"
    );
    let rows = fs::read_to_string(donations).unwrap();
    let rows = folder.write(
        "donations.csv",
        rows.replace("frequency,recency,periods,weights", "x,t_x,T,weight"),
    );
    let found = objects(&fit(&["--summary", &rows, "--model", "bg-bb", "--json"]));
    assert!(
        close(&found[0]["log_likelihood"], -33225.581274, 1e-6),
        "{found:?}"
    );
    let contracts = folder.write(
        "contracts.csv",
        "0,0,3,131\n1,1,3,126\n2,2,3,90\n3,3,3,653\n",
    );
    let found = objects(&fit(&["--summary", &contracts, "--model", "sbg", "--json"]));
    assert_eq!(
        (&found[0]["customers"], &found[0]["outcome"]),
        (&1000.into(), &"converged".into())
    );
    // Nothing to compare, and small numbers with their digits.
    let split = folder.write("split.csv", "0,0,5,500\n5,5,5,500\n");
    let found = fit(&["--summary", &split, "--model", "sbg"]);
    assert!(!found.contains("naive rate"), "{found}");
    assert!(
        found.contains("either leaves at the end of the first period or stays for ever"),
        "{found}"
    );
    assert!(found.contains(" 1.00000e-6\n"), "{found}");
}

#[test]
fn evaluate_appends_the_values_of_the_reference() {
    let golden = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/lifetime_reference/golden.csv"
    );
    let text = fs::read_to_string(golden).unwrap();
    let mut sets: Vec<(String, String, Vec<&str>)> = Vec::new();
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let key = (f[0].to_owned(), f[2..6].join(","));
        match sets
            .iter_mut()
            .find(|(model, set, _)| (model, set) == (&key.0, &key.1))
        {
            Some((_, _, lines)) => lines.push(line),
            None => sets.push((key.0, key.1, vec![line])),
        }
    }
    let folder = Folder::new("fit", "golden");
    let header = text.lines().next().unwrap();
    let mut checked = 0;
    for (number, (model, parameters, lines)) in sets.iter().enumerate() {
        let file = folder.write(
            &format!("{number}.csv"),
            format!("{header}\n{}\n", lines.join("\n")),
        );
        let word = match model.as_str() {
            "bgnbd" => "bg-nbd",
            "mbgnbd" => "mbg-nbd",
            "pnbd" => "pareto-nbd",
            _ => "bg-bb",
        };
        let printed = fit(&[
            "--model",
            word,
            "--parameters",
            parameters,
            "--evaluate",
            &file,
        ]);
        let mut printed = printed.lines();
        assert_eq!(printed.next(), Some(format!("{header},value").as_str()));
        for line in lines {
            let ours = printed.next().unwrap();
            let (row, value) = ours.rsplit_once(',').unwrap();
            assert_eq!(row, *line);
            // 17 significant digits.
            assert_eq!(
                value
                    .split('e')
                    .next()
                    .unwrap()
                    .trim_start_matches('-')
                    .len(),
                18
            );
            let exact: f64 = line.rsplit_once(',').unwrap().1.parse().unwrap();
            let value: f64 = value.parse().unwrap();
            assert!(
                (value - exact).abs() <= 1e-9 * exact.abs().max(1e-300),
                "{ours}"
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 1105);
}

#[test]
fn an_impossible_row_has_no_value_and_a_reason() {
    let folder = Folder::new("fit", "impossible");
    let rows = "quantity,arg,T,t_x,x\nCET,39,38.86,30.43,2\nCET,39,20,30,2\nMEAN,,38,30,2\nPMF,39,,,0\nCET,-1,38,30,2\nLL,1\nLL,,38,30,1e99\n";
    let file = folder.write("in.csv", rows);
    let (text, notes) = fit_with_notes(&[
        "--model",
        "bg-nbd",
        "--parameters",
        "0.243,4.414,0.793,2.426",
        "--evaluate",
        &file,
    ]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[1].starts_with("CET,39,38.86,30.43,2,1.226028"),
        "{text}"
    );
    assert_eq!(lines[2], "CET,39,20,30,2,");
    assert_eq!(lines[3], "MEAN,,38,30,2,");
    assert!(lines[4].starts_with("PMF,39,,,0,5.73786"), "{text}");
    assert_eq!(lines[6], "LL,1,");
    let notes: Vec<&str> = notes.lines().collect();
    assert_eq!(notes.len(), 5, "{notes:?}");
    assert!(notes[0].starts_with("line 3: ") && notes[1] == "line 4: quantity: there is no `MEAN`");
    // For ever, and without dropout or discount, there is no bound.
    let file = folder.write("dert.csv", "x,t_x,T,quantity,arg\n2,30,38,DERT,0\n");
    let (text, notes) = fit_with_notes(&[
        "--model",
        "nbd",
        "--parameters",
        "0.385,12.07",
        "--evaluate",
        &file,
    ]);
    assert!(
        text.ends_with("DERT,0,\n") && notes.starts_with("line 2: "),
        "{text}{notes}"
    );
}

#[test]
fn a_mistake_ends_with_status_two_and_one_line() {
    let folder = Folder::new("fit", "mistakes");
    let good = folder.write("good.csv", "customer,date,amount\n1,2024-01-01,5.00\n");
    let empty = folder.write("empty.csv", "");
    let other = folder.write("other.csv", "a,b\n1,2\n");
    let summary = folder.write("summary.csv", "1,2,3\n");
    let spend = folder.write("spend.csv", "1,2\n");
    let nowhere = folder.path("no such file.csv");
    let nowhere = nowhere.as_str();
    for (arguments, part) in [
        (&["--no-such-option"][..], "--no-such-option"),
        (&["--model", "bgnbd"], "bgnbd"),
        (&["--time-unit", "hour"], "hour"),
        (&["--calibration-end", "30.9.1997"], "30.9.1997"),
        (&["--transactions", nowhere], "no such file"),
        (&["--transactions", &empty], "is empty"),
        (&["--transactions", &other], "has no column"),
        (
            &["--transactions", &good, "--summary", &summary],
            "--summary",
        ),
        (
            &["--holdout-end", "1997-09-30"],
            "no day after the calibration",
        ),
        (&["--summary", nowhere], "no such file"),
        (&["--summary", &empty], "is empty"),
        (&["--summary", &other], "neither the columns"),
        (
            &["--summary", &summary, "--model", "gamma-gamma"],
            "`x,mean`",
        ),
        (&["--summary", &summary, "--model", "sbg"], "contracts"),
        (&["--summary", &spend, "--model", "nbd"], "`x,t_x,T`"),
        (&["--evaluate", &summary], "--parameters"),
        (&["--evaluate", &summary, "--parameters", "1,2"], "--model"),
        (
            &[
                "--model",
                "nbd",
                "--parameters",
                "1,2,3",
                "--evaluate",
                &summary,
            ],
            "two",
        ),
        (
            &[
                "--model",
                "nbd",
                "--parameters",
                "1,-2",
                "--evaluate",
                &summary,
            ],
            "alpha",
        ),
        (
            &[
                "--model",
                "nbd",
                "--parameters",
                "1,x",
                "--evaluate",
                &summary,
            ],
            "x",
        ),
        (
            &[
                "--model",
                "sbg",
                "--parameters",
                "1,2",
                "--evaluate",
                &summary,
            ],
            "not `sbg`",
        ),
        (
            &[
                "--model",
                "nbd",
                "--parameters",
                "1,2",
                "--evaluate",
                &other,
            ],
            "has no column `x`",
        ),
        (&["--seed", "-1"], "-1"),
    ] {
        let line = refused(arguments);
        assert!(line.contains(part), "{arguments:?}: {line}");
    }
    // One customer with one purchase is no mistake.
    let text = fit(&["--transactions", &good]);
    assert!(
        text.contains("bg-nbd: too little data (no repeat purchase of any customer"),
        "{text}"
    );
}

#[test]
fn help_names_every_option_and_model() {
    let text = fit(&["--help"]);
    for word in [
        "--transactions",
        "--summary",
        "--model",
        "--calibration-end",
        "--holdout-end",
        "--time-unit",
        "--seed",
        "--json",
        "--parameters",
        "--evaluate",
        "bg-nbd",
        "mbg-nbd",
        "pareto-nbd",
        "nbd",
        "bg-bb",
        "sbg",
        "gamma-gamma",
        "all",
    ] {
        assert!(text.contains(word), "{word}");
    }
}

//! The options of the `throughput` example as its users meet them.

mod example_process;

use std::process::Output;

fn run(options: &str) -> Output {
    let options: Vec<&str> = options.split_whitespace().collect();
    example_process::run("throughput", &options)
}

#[test]
fn wrong_options_end_with_one_line() {
    for (options, said) in [
        ("--transactions 0", "0 is not in 1..=1000000000"),
        ("--transactions -5", "invalid digit"),
        ("--transactions 99999999999999", "is not in"),
        ("--transactions 9 --customers 99999999999999", "is not in"),
        ("--transactions 9 --threads 100000", "is not in 1..=1024"),
        ("--transactions many", "invalid digit"),
        ("--fast", "--fast"),
    ] {
        let output = run(options);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{options}: {error}");
        assert_eq!(error.lines().count(), 1, "{options}: {error}");
        assert!(error.contains(said), "{options}: {error}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn small_sizes_run() {
    for options in [
        "--transactions 1 --customers 1",
        "--transactions 3 --customers 50 --threads 1",
        "--transactions 500 --customers 1",
    ] {
        let output = run(&format!("{options} --json"));
        assert!(output.status.success(), "{options}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let sums = &report["checksum"];
        assert_eq!(report["transactions"], sums["purchases"], "{options}");
        assert_eq!(report["customers"], sums["customers"], "{options}");
        for step in ["ledger", "histories", "rfm", "review"] {
            assert!(report["steps"][step].is_f64(), "{options}: {step}");
        }
    }
}

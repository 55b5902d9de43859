//! The `score` example as its users meet it: a process with files, options and a status.

mod example_process;

use std::fs;
use std::process::Output;

use example_process::Folder;

fn run(arguments: &[&str]) -> Output {
    example_process::run("score", arguments)
}

fn score(arguments: &[&str]) -> String {
    example_process::text("score", arguments)
}

fn refused(arguments: &[&str]) -> String {
    example_process::refused("score", arguments)
}

const HEADER: &str = "customer,first,last,purchases,active_days,spend,days_since_last,r,f,m,segment,score,tier,stage,\
                      stage_since,reason";

#[test]
fn the_default_run_is_the_cdnow_sample() {
    let text = score(&[]);
    assert!(text.contains("on 1998-06-30"), "{text}");
    assert!(
        text.contains("6919 rows read: 6919 accepted, 0 duplicate, 0 rejected"),
        "{text}"
    );
    assert!(text.contains("2357 customers\n"), "{text}");
    let table = "\
tier × stage
tier   prospect  first_purchase  repeat  loyal  at_risk  churned  won_back  total
A             0               0      11    241        0        0        34    286
B             0               0      15     28        0        0        60    103
C             0               0       2      0        0        0         8     10
D             0               0       0      0      242     1716         0   1958
total         0               0      28    269      242     1716       102   2357
";
    assert!(text.contains(table), "{text}");
    // The same file by its name.
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/cdnow_sample.csv"
    );
    assert_eq!(score(&["--transactions", file]), text);
    assert_eq!(score(&["--as-of", "1998-06-30", "--currency", "USD"]), text);
}

#[test]
fn out_has_every_customer_with_numbers_that_can_be_checked_by_hand() {
    let folder = Folder::new("score", "out");
    score(&["--out", &folder.path("out.csv")]);
    let text = fs::read_to_string(folder.path("out.csv")).unwrap();
    let header = text.lines().next().unwrap();
    assert_eq!(
        header,
        format!(
            "{HEADER},spend_12m,purchases_12m,growth_12m,average_order_value,median_gap,refund_share,historic_ltv,\
             loyal_since,p_alive,p_purchase,expected_purchases,expected_spend,predicted_ltv,potential,predicted_ltv_low,\
             predicted_ltv_high"
        )
    );
    let rows = folder.csv("out.csv");
    assert_eq!(rows.len(), 2358);
    let ids: Vec<u64> = rows[1..]
        .iter()
        .map(|row| row[0].parse().unwrap())
        .collect();
    assert!(ids.is_sorted());
    // 1997-01-01 29.33, 1997-01-18 29.73, 1997-08-02 14.96, 1997-12-12 26.48; 200 days before 1998-06-30.
    let one: Vec<&str> = rows[1].iter().map(String::as_str).collect();
    assert_eq!(
        one[..7],
        ["1", "1997-01-01", "1997-12-12", "4", "4", "100.50", "200"]
    );
    // 120 days after the last purchase.
    assert_eq!(one[12..15], ["D", "at_risk", "1998-04-11"]);
    assert!(one[15].starts_with("D: C needs "));
    // The year from 1997-07-01: 14.96 + 26.48. The gaps: 17, 196, 132. The fourth purchase is the last.
    assert_eq!(one[16..18], ["41.44", "2"]);
    assert_eq!(one[20..24], ["132", "0", "100.50", "1997-12-12"]);
    let potential: f64 = one[29].parse().unwrap();
    assert!((0.0..=100.0).contains(&potential), "{potential}");
    // The value of who has gone is 0 with more than nine chances in ten.
    for row in &rows[1..] {
        let [alive, buys, value, low, high] =
            [24, 25, 28, 30, 31].map(|i| row[i].parse::<f64>().unwrap());
        assert!((0.0..=1.0).contains(&alive) && value >= 0.0, "{row:?}");
        assert!((0.0..=alive).contains(&buys), "{row:?}");
        assert!(low <= high, "{row:?}");
        assert!(alive > 0.1 || high == 0.0, "{row:?}");
    }
    let sum: f64 = rows[1..]
        .iter()
        .map(|row| row[5].parse::<f64>().unwrap())
        .sum();
    assert!((sum - 244_091.94).abs() < 0.005, "{sum}");
}

/// One row for every way to be wrong; with the field and the reason that it must be rejected for.
const WRONG: &[(&[u8], &str, &str)] = &[
    (b",2024-01-01,1.00,,,,,,", "customer", "is empty"),
    (b"ann,,1.00,,,,,,", "date", "is empty"),
    (b"ann,2024-01-01, ,,,,,,", "amount", "is empty"),
    (b"ann,2024-02-30,1.00,,,,,,", "date", "is not a day"),
    (b"ann,01/02/2024,1.00,,,,,,", "date", "is not a day"),
    (
        b"ann,2025-01-01,1.00,,,,,,",
        "date",
        "is after the day of the review",
    ),
    (
        b"ann,2024-01-01,1e3,,,,,,",
        "amount",
        "is not a plain decimal number",
    ),
    (
        b"ann,2024-01-01,\"1,000.00\",,,,,,",
        "amount",
        "is not a plain decimal number",
    ),
    (
        b"ann,2024-01-01,1.00,,,,,x,",
        "cost",
        "is not a plain decimal number",
    ),
    (
        b"ann,2024-01-01,1.001,,,,,,",
        "amount",
        "has more decimals than the currency",
    ),
    (
        b"ann,2024-01-01,99999999999999999999,,,,,,",
        "amount",
        "is too large",
    ),
    (b"ann,2024-01-01,0,,refund,,,,", "amount", "is zero"),
    (
        b"ann,2024-01-01,-1.00,,purchase,,,,",
        "amount",
        "is negative",
    ),
    (b"ann,2024-01-01,1.00,,,,,,-0.10", "discount", "is negative"),
    (
        b"ann,2024-01-01,1.00,,,,EURO,,",
        "currency",
        "is not a currency",
    ),
    (
        b"ann,2024-01-01,1.00,,,,GBP,,",
        "currency",
        "has no exchange rate on or before that day",
    ),
    (
        b"ann,2023-12-31,1.00,,,,EUR,,",
        "currency",
        "has no exchange rate on or before that day",
    ),
    (
        b"ann,2024-01-01,1.00,,sale,,,,",
        "kind",
        "is not `purchase`, `refund` or `adjustment`",
    ),
    (
        b"ann,2024-01-01,1.00,,adjustment,p1,,,",
        "refund_of",
        "is given for a row that is not a refund",
    ),
    (
        b"ann,2024-02-01,1.00,,refund,p9,,,",
        "refund_of",
        "is not a known purchase",
    ),
    (
        b"bob,2024-02-01,1.00,,refund,p1,,,",
        "refund_of",
        "is a purchase of another customer",
    ),
    (
        b"ann,2023-02-01,1.00,,refund,p1,,,",
        "refund_of",
        "is a purchase made after the refund",
    ),
    (
        b"ann,2024-02-01,99.00,,refund,p1,,,",
        "amount",
        "is more than is left of the purchase",
    ),
    (
        b"ann,2024-02-01,1.00,,refund,p1,EUR,,",
        "currency",
        "is not the currency of the purchase",
    ),
    (b"ann,2024-01-01,1.00", "row", "cannot be read"),
    (
        b"ann,2024-01-01,1.00,,,,,,,one too many",
        "row",
        "cannot be read",
    ),
    (b"ann,2024-01-01,1.00,caf\xe9,,,,,", "row", "cannot be read"),
    (
        b"ann,2024-01-01,1.00,\"two\nlines\",,,,,",
        "row",
        "cannot be read",
    ),
    (
        b"ann,2024-01-01,1.00,\"never closed,,,,,\nann,2024-01-01,1.00,,,,,,",
        "row",
        "cannot be read",
    ),
];

/// A file with some good rows, an empty line, and every wrong one; and the line of each wrong row.
fn wrong_rows(line_end: &str) -> (Vec<u8>, Vec<usize>) {
    let mut file = b"\n\ncustomer,date,amount,id,kind,refund_of,currency,cost,discount\n\
        ann,2024-01-01,10.00,p1,,,,,\n\
        ann,2024-01-01,10.00,p1,,,,,\n\
        \n\
        bob,2024-01-02T23:30:00Z,5.00,,,,EUR,2.00,0.50\n"
        .to_vec();
    let mut lines = Vec::new();
    for (row, _, _) in WRONG {
        lines.push(file.iter().filter(|byte| **byte == b'\n').count() + 1);
        file.extend_from_slice(row);
        file.push(b'\n');
    }
    let mut ended = Vec::new();
    for byte in file {
        match byte {
            b'\n' => ended.extend_from_slice(line_end.as_bytes()),
            byte => ended.push(byte),
        }
    }
    (ended, lines)
}

#[test]
fn nothing_is_lost_and_every_wrong_row_is_named() {
    for (name, end) in [("lf", "\n"), ("crlf", "\r\n"), ("cr", "\r")] {
        let folder = Folder::new("score", &format!("wrong-{name}"));
        let (file, lines) = wrong_rows(end);
        let transactions = folder.write("transactions.csv", file);
        let rates = folder.write("rates.csv", "currency,date,rate\nEUR,2024-01-01,1.10\n");
        let text = score(&[
            "--transactions",
            &transactions,
            "--rates",
            &rates,
            "--as-of",
            "2024-12-31",
            "--rejects",
            &folder.path("rejects.csv"),
            "--out",
            &folder.path("out.csv"),
        ]);
        let wrong = WRONG.len();
        let counts = format!(
            "{} rows read: 2 accepted, 1 duplicate, {wrong} rejected",
            wrong + 3
        );
        assert!(text.contains(&counts), "{text}");
        assert!(
            text.contains(&format!("{wrong} rejected rows are in")),
            "{text}"
        );

        let rejects = folder.csv("rejects.csv");
        assert_eq!(
            rejects[0],
            ["row", "line", "field", "reason", "value", "file"]
        );
        assert_eq!(rejects.len(), wrong + 1);
        for (i, (reject, (row, field, reason))) in rejects[1..].iter().zip(WRONG).enumerate() {
            let row = String::from_utf8_lossy(row);
            assert_eq!(reject[0], (i + 3).to_string(), "{row}");
            assert_eq!(reject[1], lines[i].to_string(), "{row}");
            assert_eq!(
                (reject[2].as_str(), reject[3].as_str()),
                (*field, *reason),
                "{row}"
            );
            assert_eq!(reject[5], "transactions");
        }
        assert_eq!(rejects[4][4], "2024-02-30");
        let [two, unclosed] = [wrong - 1, wrong].map(|i| &rejects[i][4]);
        let (first, second) = (lines[wrong - 2], lines[wrong - 1]);
        assert!(
            two.starts_with(&format!("lines {first} to {}: ann,", first + 1)),
            "{two}"
        );
        assert!(
            unclosed.starts_with(&format!("lines {second} to {}: ann,", second + 1)),
            "{unclosed}"
        );

        let out = folder.csv("out.csv");
        assert_eq!(out.len(), 3);
        assert_eq!(
            out[1][..6],
            ["ann", "2024-01-01", "2024-01-01", "1", "1", "10.00"]
        );
        assert_eq!(
            out[2][..6],
            ["bob", "2024-01-02", "2024-01-02", "1", "1", "5.50"]
        );
    }
}

#[test]
fn a_byte_order_mark_quotes_capitals_and_other_columns_do_not_matter() {
    let folder = Folder::new("score", "forms");
    let file = "\u{feff}\"note\", Amount ,DATE,customer\r\n\
                \"two\r\nlines, and a \"\"quote\"\"\",12.50,2024-01-01,\"Ann, of York\"\r\n\
                ,7.50,2024-01-02 08:00,\"Ann, of York\"";
    let transactions = folder.write("transactions.csv", file);
    let text = score(&[
        "--transactions",
        &transactions,
        "--out",
        &folder.path("out.csv"),
    ]);
    assert!(text.contains("2 rows read: 2 accepted"), "{text}");
    assert!(text.contains("columns that are not used: note"), "{text}");
    assert!(text.contains("on 2024-01-02"), "{text}");
    let out = folder.csv("out.csv");
    assert_eq!(
        out[1][..7],
        [
            "Ann, of York",
            "2024-01-01",
            "2024-01-02",
            "2",
            "2",
            "20.00",
            "0"
        ]
    );
    assert_eq!(out.len(), 2);
}

#[test]
fn a_quote_left_open_in_a_column_that_is_not_used_is_noticed_too() {
    let folder = Folder::new("score", "open");
    let file = "customer,date,amount,note\n\
                1,2024-01-01,5.00,fine\n\
                \n\
                1,2024-01-02,6.00,\"open\n\
                1,2024-01-03,7.00,taken along";
    let transactions = folder.write("transactions.csv", file);
    let rejects = folder.path("rejects.csv");
    let text = score(&["--transactions", &transactions, "--rejects", &rejects]);
    assert!(
        text.contains("2 rows read: 1 accepted, 0 duplicate, 1 rejected"),
        "{text}"
    );
    let row = &folder.csv("rejects.csv")[1];
    assert_eq!(row[..4], ["1", "4", "row", "cannot be read"]);
    assert!(
        row[4].starts_with("lines 4 to 5: 1,2024-01-02,6.00,open"),
        "{row:?}"
    );
}

const POLICY: &str = r#"
[head]
name = "test"
version = "7"
currency = "JPY"

[attributes]
industry = { type = "category", values = ["retail", "food"] }
employees = { type = "number", unit = "count" }
friend = { type = "flag" }
enrolled = { type = "date" }

[[metrics]]
measure = "spend"
window = "30 days"

[[metrics]]
measure = "average_order_value"

[[tiers]]
name = "top"
when = 'industry = "retail" and employees >= 10 and friend and enrolled <= 2024-01-31'

[[tiers]]
name = "base"
"#;

#[test]
fn attributes_are_read_as_the_policy_says() {
    let folder = Folder::new("score", "customers");
    let policy = folder.write("policy.toml", POLICY);
    let transactions = folder.write(
        "transactions.csv",
        "customer,date,amount\n1,2024-03-01,100\n1,2024-06-01,201\n2,2024-06-01,50\n",
    );
    let customers = folder.write(
        "customers.csv",
        "customer,industry,employees,friend,enrolled,city\n\
         1,retail,10,true,2024-01-31,York\n\
         2,retail,ten,true,2024-01-31,York\n\
         3,retail,10,maybe,2024-01-31,York\n\
         4,retail,10,yes,31.1.2024,York\n\
         ,retail,10,yes,2024-01-31,York\n\
         5,fishing,,,,York\n\
         1,retail,10,true,2024-01-31,York\n\
         1,food,10,true,2024-01-31,York\n\
         6,retail\n\
         7,retail,inf,true,2024-01-31,York\n",
    );
    let text = score(&[
        "--transactions",
        &transactions,
        "--customers",
        &customers,
        "--policy",
        &policy,
        "--out",
        &folder.path("out.csv"),
        "--rejects",
        &folder.path("rejects.csv"),
        "--explain",
        "1",
    ]);
    assert!(
        text.contains("customers: 10 rows read: 2 accepted, 2 duplicate, 6 rejected"),
        "{text}"
    );
    assert!(
        text.contains("1 duplicates with other attributes"),
        "{text}"
    );
    assert!(
        text.contains("1 words of `industry` that the policy does not list"),
        "{text}"
    );
    assert!(
        text.contains("columns that are not attributes of the policy: city"),
        "{text}"
    );
    assert!(
        text.contains("by    test version 7 on 2024-06-01"),
        "{text}"
    );
    let rejects: Vec<String> = folder.csv("rejects.csv")[1..]
        .iter()
        .map(|r| r.join("|"))
        .collect();
    assert_eq!(
        rejects,
        [
            "1|3|employees|is not a number|ten|customers",
            "2|4|friend|is not `true` or `false`|maybe|customers",
            "3|5|enrolled|is not a day|31.1.2024|customers",
            "4|6|customer|is empty||customers",
            "8|10|row|cannot be read|6,retail|customers",
            "9|11|employees|is not a number|inf|customers",
        ]
    );
    let out = folder.csv("out.csv");
    // No scores and no lifecycle in this policy: empty. `spend` is the lifetime's, the policy's own has another name.
    assert_eq!(
        out[0].join(","),
        format!("{HEADER},policy_spend,average_order_value")
    );
    let ids: Vec<&str> = out[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(ids, ["1", "2", "5"]);
    assert_eq!(
        out[1][..15].join(","),
        "1,2024-03-01,2024-06-01,2,2,301,0,,,,,,top,,"
    );
    assert_eq!(out[1][16..], ["201", "150"]);
    // A prospect.
    assert_eq!(
        out[3].join(","),
        "5,,,0,0,0,,,,,,,base,,,\"\",0,".replace("\"\"", &out[3][15])
    );
}

#[test]
fn referrals_become_metrics() {
    let folder = Folder::new("score", "referrals");
    let transactions = folder.write(
        "transactions.csv",
        "customer,date,amount\na,2024-01-01,10.00\nb,2024-02-01,20.00\nc,2024-03-01,40.00\n",
    );
    let referrals = folder.write(
        "referrals.csv",
        "referrer,referee,date,kind\n\
         a,b,2024-02-01,type_one\n\
         b,c,2024-03-01,\n\
         b,c,2024-03-01,\n\
         a,a,2024-01-01,\n\
         a,c,2024-03-02,\n\
         c,a,2024-03-03,\n\
         a,d,2024-09-01,\n\
         a,,2024-02-01,\n\
         a,e,soon,\n\
         a,e,2024-02-01,type_three\n\
         a,f,2024-02-01,type_two\n",
    );
    let text = score(&[
        "--transactions",
        &transactions,
        "--referrals",
        &referrals,
        "--as-of",
        "2024-06-30",
        "--out",
        &folder.path("out.csv"),
        "--rejects",
        &folder.path("rejects.csv"),
    ]);
    assert!(
        text.contains("referrals: 11 rows read: 3 accepted, 1 duplicate, 7 rejected"),
        "{text}"
    );
    assert!(text.contains("1 referees without a transaction"), "{text}");
    let rejects: Vec<String> = folder.csv("rejects.csv")[1..]
        .iter()
        .map(|r| r.join("|"))
        .collect();
    assert_eq!(
        rejects,
        [
            "3|5|referee|the customer refers itself|a|referrals",
            "4|6|referrer|the referee was referred by `b` before|a|referrals",
            "5|7|row|3 customers refer each other in a circle, and this is its latest referral|c,a|referrals",
            "6|8|date|the referral is later than the day of the review|2024-09-01|referrals",
            "7|9|referee|is empty||referrals",
            "8|10|date|is not a day|soon|referrals",
            "9|11|kind|is not `type_one` or `type_two`|type_three|referrals",
        ]
    );
    let out = folder.csv("out.csv");
    // After them come the five columns of the prediction and the second score.
    let last = |row: &[String]| row[row.len() - 11..row.len() - 8].join(",");
    assert_eq!(
        last(&out[0]),
        "referrals,referral_credit,referral_attributed"
    );
    // b's 20.00, and half of c's 40.00; of c's worth two thirds go to b and one third to a.
    assert_eq!(last(&out[1]), "2,40.00,33.33");
    assert_eq!(last(&out[2]), "1,40.00,26.67");
    assert_eq!(last(&out[3]), "0,0.00,0.00");
}

#[test]
fn every_problem_of_a_policy_is_printed_with_its_place() {
    let folder = Folder::new("score", "policy");
    let broken = POLICY
        .replace("average_order_value", "average_order_valu")
        .replace("employees >= 10", "employee >= 10");
    let line_of = |text: &str| {
        let line = broken.lines().position(|line| line.contains(text)).unwrap();
        format!("line {}, ", line + 1)
    };
    let policy = folder.write("policy.toml", &broken);
    let output = run(&["--policy", &policy, "--currency", "JPY"]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let errors: Vec<&str> = errors.lines().collect();
    let [measure, rule] = errors[..] else {
        panic!("{errors:?}")
    };
    assert!(
        measure.contains("did you mean `average_order_value`?"),
        "{measure}"
    );
    assert!(
        measure.contains(&line_of("average_order_valu")),
        "{measure}"
    );
    assert!(rule.contains("did you mean `employees`?"), "{rule}");
    assert!(rule.contains(&line_of("employee >=")), "{rule}");

    let output = run(&["--policy", &folder.write("broken.toml", "[head]\nname = ")]);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(errors.contains("line 2"), "{errors}");
}

#[test]
fn a_rule_may_read_referrals_where_there_are_some() {
    let folder = Folder::new("score", "advocates");
    let policy = POLICY.replace(
        "industry = \"retail\" and employees >= 10",
        "referral_credit >= 10",
    );
    let policy = folder.write(
        "policy.toml",
        policy.replace(" and friend and enrolled <= 2024-01-31", ""),
    );
    let transactions = folder.write(
        "transactions.csv",
        "customer,date,amount\n1,2024-03-01,100\n2,2024-06-01,50\n",
    );
    let referrals = folder.write("referrals.csv", "referrer,referee,date\n1,2,2024-06-01\n");
    let files = ["--transactions", &transactions, "--policy", &policy];
    let out = folder.path("out.csv");
    score(&[&files[..], &["--referrals", &referrals, "--out", &out]].concat());
    let tiers: Vec<String> = folder
        .csv("out.csv")
        .iter()
        .map(|row| row[12].clone())
        .collect();
    assert_eq!(tiers, ["tier", "top", "base"]);
    assert!(refused(&files).contains("referral_credit"));
}

#[test]
fn wrong_use_is_one_line_and_status_2() {
    let folder = Folder::new("score", "refused");
    let good = folder.write("good.csv", "customer,date,amount\n1,2024-01-01,5.00\n");
    let no_date = folder.write("no_date.csv", "customer,when,amount\n1,2024-01-01,5.00\n");
    let twice = folder.write(
        "twice.csv",
        "customer,date,amount,Date\n1,2024-01-01,5.00,x\n",
    );
    let empty = folder.write("empty.csv", "");
    let only_wrong = folder.write("only_wrong.csv", "customer,date,amount\n1,x,5.00\n");
    let rate = folder.write(
        "rate.csv",
        "currency,date,rate\nEUR,2024-01-01,1.1\nEUR,2024-01-02,-1\n",
    );
    let policy = folder.write("policy.toml", POLICY);
    // A plain generator: bytes of every value, line feeds and quotes among them.
    let mut state = 1_u64;
    let random: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    })
    .take(50_000)
    .collect();
    let random = folder.write("random.csv", random);
    let nowhere = folder.path("no such folder/out.csv");
    for (arguments, part) in [
        (&["--no-such-option"][..], "--no-such-option"),
        (&["good.csv"], "good.csv"),
        (&["--out"], "--out"),
        (&["--transactions", &nowhere], "no such folder"),
        (&["--transactions", &folder.path("")], "directory"),
        (&["--transactions", &no_date], "has no column `date`"),
        (&["--transactions", &twice], "has the column `date` twice"),
        (&["--transactions", &empty], "is empty"),
        (&["--transactions", &random], "is not a CSV file"),
        (&["--transactions", &only_wrong], "`--as-of`"),
        (&["--customers", &random], "is not a CSV file"),
        (
            &["--referrals", &no_date],
            "has no column `referrer`, `referee`, `date`",
        ),
        (&["--rates", &rate], "line 3: an exchange rate is positive"),
        (&["--currency", "DOLLAR"], "DOLLAR"),
        (
            &["--currency", "EUR", "--policy", &policy],
            "the policy is in JPY",
        ),
        (&["--as-of", "30.6.1998"], "30.6.1998"),
        (&["--as-of", "two\nlines"], "two lines"),
        (&["--policy", &nowhere], "no such folder"),
        (&["--out", &nowhere], "no such folder"),
        (&["--rejects", &nowhere], "no such folder"),
        (
            &["--transactions", &good, "--out", &good],
            "another file of the same run",
        ),
        (&["--explain", "2358"], "there is no customer `2358`"),
        (&["--explain", ""], "empty"),
    ] {
        let line = refused(arguments);
        assert!(line.contains(part), "{arguments:?}: {line}");
    }
    assert_eq!(fs::read_to_string(good).unwrap().lines().count(), 2);
}

#[test]
fn a_run_in_which_no_row_counts_still_works_with_a_day() {
    let folder = Folder::new("score", "none");
    let file = folder.write("wrong.csv", "customer,date,amount\n1,x,5.00\n");
    let rejects = folder.path("rejects.csv");
    refused(&["--transactions", &file, "--rejects", &rejects]);
    assert_eq!(folder.csv("rejects.csv").len(), 2);
    let text = score(&["--transactions", &file, "--as-of", "2024-01-01"]);
    assert!(
        text.contains("1 rows read: 0 accepted, 0 duplicate, 1 rejected"),
        "{text}"
    );
    assert!(text.contains("\n0 customers\n"), "{text}");
}

#[test]
fn explain_says_what_a_review_rests_on() {
    let text = score(&["--explain", "1"]);
    let explanation = text.split("\ncustomer 1\n").nth(1).unwrap();
    assert!(
        explanation.starts_with("tier  D: C needs "),
        "{explanation}"
    );
    assert!(
        explanation.contains("stage at_risk since 1998-04-11"),
        "{explanation}"
    );
    assert!(explanation.contains("score value 70.23\n"), "{explanation}");
}

#[test]
fn help_is_not_a_mistake() {
    let text = score(&["--help"]);
    for option in [
        "--transactions",
        "--customers",
        "--referrals",
        "--policy",
        "--as-of",
        "--currency",
        "--rates",
        "--out",
        "--rejects",
        "--explain",
    ] {
        assert!(text.contains(option), "{option}");
    }
}

#[test]
fn nobody_has_to_read_to_the_end() {
    use std::process::Stdio;
    let mut child = std::process::Command::new(example_process::binary("score"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn out_has_the_other_scores_and_the_points() {
    let folder = Folder::new("score", "points");
    let policy = folder.write(
        "policy.toml",
        r#"
            [head]
            name = "points"
            version = "1"
            currency = "EUR"

            [[points]]
            name = "miles"
            rules = [{ name = "per purchase", points = 10, repeat = "every", per = "purchase" }]

            [[tiers]]
            name = "gold"
            when = "miles >= 20"

            [[tiers]]
            name = "basic"
        "#,
    );
    let file = folder.write(
        "in.csv",
        "customer,date,amount\nann,2024-01-01,5\nann,2024-01-02,5\nbob,2024-01-01,5\n",
    );
    let out = folder.path("out.csv");
    score(&["--transactions", &file, "--policy", &policy, "--out", &out]);
    let rows = folder.csv("out.csv");
    assert_eq!(rows[0][16..], ["miles"]);
    assert_eq!((&*rows[1][12], &*rows[1][16]), ("gold", "20"));
    assert_eq!((&*rows[2][12], &*rows[2][16]), ("basic", "10"));
}

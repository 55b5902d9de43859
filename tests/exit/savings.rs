//! What the steps save, and the report.

use customer_value::model::{Currency, Money};
use customer_value::report::ExitReport;

use crate::customer::{Customer, after, bind, page, short};

#[test]
fn a_saving_is_exact_and_rounds_halves_to_even() {
    let spec = page();
    let mut c = Customer::new(&spec);
    let mut saves = |step: &str, cost: Option<f64>, currency| {
        c.has("cost_to_serve", cost);
        c.ladder
            .saving(c.table.row(0), c.ladder.step_of(step).unwrap(), currency)
    };
    // Before any step avoids a part of it, the cost need not be known.
    assert_eq!(saves("renegotiate", None, Currency::EUR), Some(0));
    assert_eq!(saves("migrate", None, Currency::EUR), None);
    assert_eq!(saves("migrate", Some(40.0), Currency::EUR), Some(2400));
    assert_eq!(saves("end", Some(40.01), Currency::EUR), Some(4001));
    assert_eq!(saves("migrate", Some(40.01), Currency::EUR), Some(2401)); // 2400.6
    assert_eq!(saves("migrate", Some(-40.01), Currency::EUR), Some(-2401));
    assert_eq!(saves("migrate", Some(41.0), Currency::JPY), Some(25)); // 24.6
    // A cost that is finer than a cent is one of whole cents first.
    for (cost, cents) in [
        (40.005, 4000),
        (40.006, 4001),
        (40.015, 4002),
        (12.3456, 1235),
    ] {
        assert_eq!(
            saves("end", Some(cost), Currency::EUR),
            Some(cents),
            "{cost}"
        );
    }
    assert_eq!(saves("end", Some(1e-300), Currency::EUR), Some(0));
    assert_eq!(saves("end", Some(1e300), Currency::EUR), None);
    // A tenth three times is 0.30000000000000004 in binary; half a cent is half a cent here.
    let mut tenths = spec.clone();
    tenths.steps[3].avoids = Some(0.1);
    let mut c = Customer::new(&tenths);
    for (cost, cents) in [
        (0.15, 2),
        (0.25, 2),
        (0.35, 4),
        (1234.55, 12_346),
        (1234.45, 12_344),
    ] {
        c.has("cost_to_serve", Some(cost));
        let migrate = c.ladder.step_of("migrate").unwrap();
        let saving = c.ladder.saving(c.table.row(0), migrate, Currency::EUR);
        assert_eq!(saving, Some(cents), "{cost}");
    }
}

#[test]
fn the_share_of_the_step_before_where_none_is_written() {
    let mut spec = page();
    spec.steps[4].avoids = None;
    let mut c = Customer::new(&spec);
    c.has("cost_to_serve", Some(100.0));
    let end = c.ladder.step_of("end").unwrap();
    assert_eq!(
        c.ladder.saving(c.table.row(0), end, Currency::EUR),
        Some(6000)
    );
}

#[test]
fn the_report_says_who_is_where_and_what_it_saves() {
    let spec = page();
    let ladder = bind(&spec);
    let mut report = ExitReport::new(&ladder, Currency::EUR);
    let on = |step: &str, days: i32| {
        let mut c = Customer::new(&spec);
        c.attempts = vec![after(0), after(0)];
        let on = c.until_on(step, 0);
        (c, after(on + days))
    };
    let new = || (Customer::new(&spec), after(0));
    let (mut held, day) = on("migrate", 40);
    held.has("household_value", None);
    held.has("referral_value", Some(60.0));
    let (mut unknown, today) = on("migrate", 1);
    unknown.has("cost_to_serve", None);
    let (mut above, _) = new();
    above.has("spend_12m", Some(50.0));
    let (mut soon, _) = new();
    // Held by time, not by the gate.
    soon.has("legal_hold", Some(1.0));
    let customers = [
        new(),
        (soon, after(0)),
        (above, after(0)),
        on("educate", 1),
        on("educate", 45),
        on("migrate", 1),
        (held, day),
        (unknown, today),
        on("end", 500),
    ];
    for (c, day) in customers {
        let at = c.record.as_ref().map(|record| c.ladder.locate(record));
        let row = c.table.row(0);
        let outcome = c.ladder.step(row, day, at, |since| c.made(since, day));
        let step = outcome.position.and_then(|at| at.step);
        let saving = step.and_then(|step| c.ladder.saving(row, step, Currency::EUR));
        report.add(&outcome, saving);
    }
    assert_eq!(
        report.to_string(),
        "\
exit            customers  notice  saves a year  not known
below the line          2       -             -          -
reassess                0       0          0.00          0
educate                 2       0          0.00          0
renegotiate             0       1          0.00          0
migrate                 3       0         48.00          1
end                     1       0         40.00          0
total                   8       1         88.00          1

held by      customers
legal hold           0
open orders          0
potential            0
referrals            1
household            1
"
    );
    assert_eq!(report.on_no_step(), 2);
    assert_eq!(
        report.saving(&report.total()),
        "88.00 EUR".parse::<Money>().unwrap()
    );
    assert_eq!(
        (report.gates()[3].customers, report.steps()[3].saving),
        (1, 4800)
    );
    // Twice as many.
    let once = report.clone();
    report.merge(&once).unwrap();
    let total = report.total();
    assert_eq!((report.on_no_step(), total.customers), (4, 16));
    assert_eq!((total.noticed, total.saving_unknown), (2, 2));
    assert_eq!(report.gates()[3].customers, 2);
    // Nothing is said of what is not known if all is known.
    let nobody = ExitReport::new(&ladder, Currency::EUR);
    assert!(!nobody.to_string().contains("not known"));
    let mut group = total;
    group.saving = i128::MIN;
    assert_eq!(report.saving(&group).minor(), i64::MIN);
    let (mut gates, mut steps) = (page(), page());
    gates.gates.pop();
    steps.steps[0].name = "look".to_owned();
    for other in [gates, steps] {
        let other = ExitReport::new(&bind(&other), Currency::EUR);
        assert!(report.merge(&other).unwrap_err().is_misuse());
    }
    let other = ExitReport::new(&bind(&short()), Currency::EUR);
    assert!(report.merge(&other).unwrap_err().is_misuse());
    let other = ExitReport::new(&ladder, Currency::USD);
    assert!(report.merge(&other).unwrap_err().is_misuse());
}

// Ada, the customer of the examples in the docs of this room. Each of them includes this file; it is no module of the
// crate.

use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{LedgerBuilder, Options, TextRow};
use customer_value::metrics::{Catalog, MetricSpec};
use customer_value::model::Currency;
use customer_value::summary::Summary;

/// id, date, amount, category, cost, discount, and the purchase that a refund gives back.
const ROWS: [[&str; 7]; 6] = [
    ["A1", "2024-01-10", "80.00", "books", "48.00", "20.00", ""],
    ["A2", "2024-04-09", "40.00", "music", "24.00", "40.00", ""],
    ["A3", "2024-04-19", "60.00", "books", "30.00", "", ""],
    ["A4", "2024-12-01", "70.00", "books", "36.00", "", ""],
    ["A5", "2024-12-01", "50.00", "music", "24.00", "40.00", ""],
    ["A6", "2024-12-05", "-30.00", "", "", "", "A3"],
];

/// The number of one `[[metrics]]` entry for Ada at 2024-12-31.
pub fn ada(spec: MetricSpec) -> Option<f64> {
    let as_of = "2024-12-31".parse().unwrap();
    let mut builder = LedgerBuilder::new(Options::new(as_of, Currency::EUR));
    for [id, date, amount, category, cost, discount, refund_of] in ROWS {
        let kind = if refund_of.is_empty() {
            "purchase"
        } else {
            "refund"
        };
        builder.text(TextRow {
            customer: "ada",
            id,
            date,
            amount,
            kind,
            category,
            cost,
            discount,
            refund_of,
            ..TextRow::default()
        });
    }
    let ledger = builder.finish();
    assert_eq!(ledger.rejects(), []);

    let mut problems = Diagnostics::new();
    let metric = Catalog::standard().build(&spec, &Place::at("metrics[0]"), &mut problems);
    let metric = metric.unwrap_or_else(|| panic!("{problems}"));
    let histories = Histories::build(&ledger, &Layout::new(Currency::EUR, metric.facts())).unwrap();
    let history = histories.get(&"ada".parse().unwrap()).unwrap();
    metric.value(&Summary::new(history, metric.window(), as_of), as_of)
}

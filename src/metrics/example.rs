// Ada, the customer of the examples in the docs of this room. Each of them includes this file; it is no module of the
// crate.

use customer_value::diagnostic::{Diagnostics, Place};
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{LedgerBuilder, Options, Records, TextRow};
use customer_value::metrics::{Catalog, MetricSpec};
use customer_value::model::{
    Complaint, CostCategory, Currency, CustomerId, Direction, Interaction, Record, ServiceCost, SurveyAnswer,
    SurveyInstrument,
};
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

/// What there is of Ada beside the transactions.
fn records() -> Vec<Record> {
    let ada: CustomerId = "ada".parse().unwrap();
    let cost = |day: &str, amount: &str, category| {
        let (day, amount) = (day.parse().unwrap(), amount.parse().unwrap());
        ServiceCost::new(ada.clone(), day, amount, category).unwrap().into()
    };
    let contact = |day: &str, channel, direction, kind| {
        Interaction::new(ada.clone(), day.parse().unwrap(), channel, direction, kind).unwrap()
    };
    let answer = |day: &str, answer, topic| {
        let day = day.parse().unwrap();
        let answer = SurveyAnswer::new(ada.clone(), day, SurveyInstrument::Csat, answer);
        answer.unwrap().with_topic(topic).into()
    };
    let complaint = |day: &str, topic| Complaint::new(ada.clone(), day.parse().unwrap(), topic).unwrap();
    let (inbound, outbound) = (Direction::Inbound, Direction::Outbound);
    vec![
        cost("2024-04-09", "7.50 EUR", CostCategory::ServiceStaff),
        cost("2024-10-01", "4.00 EUR", CostCategory::Marketing),
        contact("2024-04-09", "phone", inbound, "question").with_latency(1_800).with_minutes(10).into(),
        contact("2024-04-09", "phone", inbound, "question").with_latency(7_200).with_minutes(5).into(),
        contact("2024-10-01", "mail", outbound, "offer").with_latency(86_400).into(),
        contact("2024-11-30", "web", inbound, "browse").into(),
        contact("2024-12-01", "web", inbound, "browse").into(),
        answer("2024-04-10", 5, "advice"),
        answer("2024-12-10", 2, "delivery"),
        complaint("2024-04-20", "delivery").resolved_on("2024-04-25".parse().unwrap()).unwrap().into(),
        complaint("2024-12-05", "quality").into(),
    ]
}

/// The number of one `[[metrics]]` entry for Ada at 2024-12-31.
pub fn ada(spec: MetricSpec) -> Option<f64> {
    let as_of = "2024-12-31".parse().unwrap();
    let options = Options::new(as_of, Currency::EUR);
    let records = Records::clean(records(), &options);
    assert_eq!(records.rejects(), []);
    let mut builder = LedgerBuilder::new(options);
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
    let histories = histories.with_records(&records).unwrap();
    let history = histories.get(&"ada".parse().unwrap()).unwrap();
    metric.value(&Summary::new(history, metric.window(), as_of), as_of)
}

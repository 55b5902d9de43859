//! Gamma-Gamma: published values, the CDNOW sample, and the laws of the model.

mod lifetime_reference;

use customer_value::history::{Histories, Layout};
use customer_value::ledger::{LedgerBuilder, Options, TextRow};
use customer_value::metrics::lifetime::{GammaGamma, Spend, Spends};
use customer_value::model::{Currency, Day};
use lifetime_reference::{numbers, relative_error, spread, wild};
use proptest::prelude::*;

fn spends(rows: &[(&str, &str, &str)], as_of: &str) -> Spends {
    let as_of: Day = as_of.parse().unwrap();
    let mut builder = LedgerBuilder::new(Options::new(as_of, Currency::USD));
    for (customer, date, amount) in rows {
        builder.text(TextRow {
            customer,
            date,
            amount,
            ..TextRow::default()
        });
    }
    let ledger = builder.finish();
    let histories = Histories::build(&ledger, &Layout::new(Currency::USD, [])).unwrap();
    Spends::of(&histories, as_of)
}

#[test]
fn the_sample_has_the_likelihood_of_the_reference() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/data/cdnow_sample.csv"
    );
    let mut reader = csv::Reader::from_path(path).unwrap();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let rows: Vec<_> = records.iter().map(|r| (&r[0], &r[1], &r[2])).collect();
    let spends = spends(&rows, "1997-09-30");
    assert_eq!(spends.customers(), 946);
    let model = GammaGamma::new(6.24957, 3.74422, 15.44352).unwrap();
    let all = spends.iter();
    let sum: f64 = all
        .map(|(one, n)| n as f64 * model.log_likelihood(&one))
        .sum();
    assert!((sum - -4055.917695).abs() < 1e-6, "{sum}");
}

#[test]
fn only_amounts_above_nothing_after_the_first_day_count() {
    let found = spends(
        &[
            ("1", "2024-01-01", "100.00"),
            ("1", "2024-01-01", "50.00"),
            ("1", "2024-02-01", "10.00"),
            ("1", "2024-02-01", "20.00"),
            ("1", "2024-03-01", "0.00"),
            ("1", "2024-04-01", "5.00"),
            // After the day of the question.
            ("1", "2024-06-01", "999.00"),
            // No repeat, and a repeat of nothing.
            ("2", "2024-01-01", "10.00"),
            ("3", "2024-01-01", "10.00"),
            ("3", "2024-01-02", "0.00"),
            // A free first order is the first purchase.
            ("4", "2024-01-01", "0.00"),
            ("4", "2024-01-02", "7.00"),
            // A refund without a purchase on its day.
            ("4", "2024-01-03", "-2.00"),
        ],
        "2024-05-01",
    );
    let expected = Spends::new([Spend::new(2, 17.5).unwrap(), Spend::new(1, 7.0).unwrap()]);
    assert_eq!(found, expected);
}

#[test]
fn published_expectations() {
    let model = GammaGamma::new(6.25, 3.74, 15.44).unwrap();
    for (x, mean, expected) in [
        (2, 22.35, 24.6637139),
        (1, 11.77, 18.9168521),
        (0, 0.0, 35.2189781),
    ] {
        let found = model.expected_spend(&Spend::new(x, mean).unwrap()).unwrap();
        assert!((found - expected).abs() < 1e-7, "{x}: {found}");
    }
}

#[test]
fn no_mean_where_it_has_no_bound() {
    let model = GammaGamma::new(0.5, 0.75, 10.0).unwrap();
    assert_eq!(model.mean(), None);
    assert!(
        model
            .expected_spend(&Spend::new(1, 10.0).unwrap())
            .is_some()
    );
    let model = GammaGamma::new(0.25, 0.75, 10.0).unwrap();
    assert_eq!(model.expected_spend(&Spend::new(1, 10.0).unwrap()), None);
}

/// `gamma_gamma.csv`: see its README.
#[test]
fn sixty_digit_values() {
    for row in numbers(include_str!("lifetime_reference/gamma_gamma.csv")) {
        let (p, q, gamma) = (row[0], row[1], row[2]);
        let spend = Spend::new(row[3] as u32, row[4]).unwrap();
        let found = GammaGamma { p, q, gamma }.log_likelihood(&spend);
        let error = relative_error(found, row[5]);
        assert!(error < 1e-12, "{row:?}: {found} {error:e}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    for mean in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e20, 1e-13] {
        assert!(Spend::new(1, mean).unwrap_err().is_range());
    }
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e13] {
        assert!(GammaGamma::new(wrong, 1.0, 1.0).unwrap_err().is_range());
        assert!(GammaGamma::new(1.0, wrong, 1.0).unwrap_err().is_range());
        assert!(GammaGamma::new(1.0, 1.0, wrong).unwrap_err().is_range());
    }
    assert!(serde_json::from_str::<GammaGamma>(r#"{"p":"0","q":"1","gamma":"1"}"#).is_err());
    assert!(serde_json::from_str::<Spend>(r#"{"purchases":1,"mean":-1.0}"#).is_err());
}

fn spend() -> impl Strategy<Value = Spend> {
    let counts = prop_oneof![1..10_u32, 1..=u32::MAX];
    (counts, spread(-12.0, 19.0))
        .prop_map(|(x, mean)| Spend::new(x, mean.clamp(1e-12, 1e19)).unwrap())
}

proptest! {
    #[test]
    fn every_answer_is_a_number(p in wild(), q in wild(), gamma in wild(), spend in spend()) {
        let model = GammaGamma::new(p, q, gamma).unwrap();
        prop_assert!(model.log_likelihood(&spend).is_finite());
        let expected = model.expected_spend(&spend);
        prop_assert_eq!(expected.is_some(), p * f64::from(spend.purchases()) + q > 1.0);
        prop_assert!(expected.is_none_or(|mean| mean.is_finite() && mean > 0.0));
        let read: GammaGamma = serde_json::from_str(&serde_json::to_string(&model).unwrap()).unwrap();
        prop_assert_eq!(read, model);
    }

    /// Between the customer's own mean and that of all, and no less for a larger mean.
    #[test]
    fn expected_spend_is_a_weighted_mean(
        p in 0.1..100.0_f64, q in 1.01..100.0_f64, gamma in wild(), spend in spend(), more in 1.0..10.0_f64,
    ) {
        let model = GammaGamma::new(p, q, gamma).unwrap();
        let (all, own) = (model.mean().unwrap(), spend.mean());
        let expected = model.expected_spend(&spend).unwrap();
        let slack = 1e-9 * expected;
        prop_assert!(expected >= all.min(own) - slack && expected <= all.max(own) + slack);
        let larger = Spend::new(spend.purchases(), (own * more).min(1e19)).unwrap();
        prop_assert!(model.expected_spend(&larger).unwrap() >= expected - slack);
    }

    /// A mean of all purchases at once says what two parts say one after the other.
    #[test]
    fn learning_in_two_steps_is_learning_at_once(
        model in (0.1..50.0_f64, 0.1..50.0_f64, 0.1..500.0_f64), first in 1..50_u32, second in 1..50_u32,
        means in (1.0..100.0_f64, 1.0..100.0_f64),
    ) {
        let model = GammaGamma::new(model.0, model.1, model.2).unwrap();
        let (a, b) = (Spend::new(first, means.0).unwrap(), Spend::new(second, means.1).unwrap());
        let sum = means.0 * f64::from(first) + means.1 * f64::from(second);
        let both = Spend::new(first + second, sum / f64::from(first + second)).unwrap();
        let (steps, once) = (model.posterior(&a).posterior(&b), model.posterior(&both));
        prop_assert!((steps.q / once.q - 1.0).abs() < 1e-12 && (steps.gamma / once.gamma - 1.0).abs() < 1e-12);
    }

    /// The density of the mean of n purchases has a total of one (Simpson's rule over the log of the mean).
    #[test]
    fn the_density_has_a_total_of_one(
        p in 0.5..20.0_f64, q in 0.5..20.0_f64, gamma in 0.5..50.0_f64, x in 1..6_u32,
    ) {
        let model = GammaGamma::new(p, q, gamma).unwrap();
        let (steps, low, high) = (4000, -27.0_f64, 43.0_f64);
        let width = (high - low) / f64::from(steps);
        let sum: f64 = (0..=steps).map(|i| {
            let at = low + width * f64::from(i);
            let weight = if i == 0 || i == steps { 1.0 } else if i % 2 == 1 { 4.0 } else { 2.0 };
            weight * (model.log_likelihood(&Spend::new(x, at.exp()).unwrap()) + at).exp()
        }).sum();
        prop_assert!((sum * width / 3.0 - 1.0).abs() < 1e-5, "{}", sum * width / 3.0);
    }

    #[test]
    fn the_order_of_customers_does_not_matter(mut all in prop::collection::vec(spend(), 0..20)) {
        let found = Spends::new(all.iter().copied());
        all.reverse();
        prop_assert_eq!(&found, &Spends::new(all.iter().copied()));
        prop_assert_eq!(found.customers(), all.len() as u64);
    }
}

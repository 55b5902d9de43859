//! The default policy.

use crate::lifecycle;
use crate::metrics::MetricSpec;
use crate::metrics::lifetime::PredictionSpec;
use crate::model::Currency;
use crate::scoring::{PartSpec, RfmSpec, ScaleSpec, WhenMissing};
use crate::tiering;

use super::policy::{FORMAT, Head, Policy, ScoreSpec};

impl Policy {
    /// The default policy: predicted lifetime value, RFM with its eleven segments, a value and a potential score, the standard
    /// lifecycle, and the tiers A, B, C, D.
    ///
    /// | Score | Made of |
    /// |---|---|
    /// | `value`, 0–100 | percentiles of spend (5 parts), purchases (3) and average order value (2) |
    /// | `potential`, 0–100 | percentile of predicted LTV (2 parts), probability of being alive (1), growth of spend over 365 days, −1 to 1 (1) |
    ///
    /// Predicted LTV is the revenue expected over the next 365 days, at 10 % per year, by Pareto/NBD and Gamma-Gamma (MAP).
    ///
    /// Its numbers are starting points: write it to a file (it is plain data), change it, and compare.
    #[must_use]
    pub fn standard(currency: Currency) -> Self {
        let year = |measure: &str, name: &str| {
            let mut spec = MetricSpec::new(measure).named(name);
            spec.window = Some("365 days".to_owned());
            spec
        };
        let part = |column: &str, weight, scale| PartSpec {
            column: column.to_owned(),
            weight,
            scale,
            reverse: false,
            missing: WhenMissing::Skip,
        };
        let percentile = |column: &str, weight| part(column, weight, ScaleSpec::Percentile);
        Self {
            format: FORMAT,
            head: Head {
                name: "standard".to_owned(),
                version: "1".to_owned(),
                currency,
                author: None,
                approver: None,
                effective: None,
                goals: vec!["know who is worth what, and who is leaving".to_owned()],
                expected_effects: Vec::new(),
            },
            attributes: Default::default(),
            metrics: vec![
                year("spend", "spend_12m"),
                year("purchases", "purchases_12m"),
                year("growth_trend", "growth_12m"),
                MetricSpec::new("average_order_value"),
                MetricSpec::new("median_gap"),
                MetricSpec::new("refund_share"),
                MetricSpec::new("historic_ltv"),
                MetricSpec::new("nth_purchase").named("loyal_since").nth(4),
            ],
            prediction: Some(PredictionSpec::default()),
            churn: None,
            rfm: Some(RfmSpec::default()),
            scores: vec![
                ScoreSpec {
                    name: "value".to_owned(),
                    parts: vec![
                        percentile("spend", 5.0),
                        percentile("purchases", 3.0),
                        percentile("average_order_value", 2.0),
                    ],
                },
                ScoreSpec {
                    name: "potential".to_owned(),
                    parts: vec![
                        percentile("predicted_ltv", 2.0),
                        part(
                            "growth_12m",
                            1.0,
                            ScaleSpec::Linear {
                                from: -1.0,
                                to: 1.0,
                            },
                        ),
                        part("p_alive", 1.0, ScaleSpec::Linear { from: 0.0, to: 1.0 }),
                    ],
                },
            ],
            points: Vec::new(),
            lifecycle: Some(lifecycle::presets::standard()),
            movement: None,
            tiers: tiering::presets::abcd(),
            accounts: None,
            cost_to_serve: None,
            win_back: None,
            exit: None,
            segments: Vec::new(),
            playbook: None,
            budget: None,
            allocation: None,
            surveys: None,
            effect: None,
            monitoring: None,
        }
    }
}

//! The sections that make columns out of records: attributes, metrics, prediction, RFM.

use ::proptest::prelude::*;
use ::proptest::sample::{Index, select};

use super::super::measures::{metric_specs, prediction_specs};
use super::super::values::{maybe, number_units};
use super::{Draft, PolicyOptions};
use crate::diagnostic::{Diagnostics, Place};
use crate::engine::AttributeSpec;
use crate::metrics::lifetime::{PredictionMeasure, PredictionSpec};
use crate::metrics::{Catalog, MetricSpec};
use crate::model::Unit;
use crate::scoring::{Dimension, RfmSpec, Scoring, SegmentSpec, SegmentTable};
use crate::table::Field;

#[derive(Debug, Clone)]
pub(super) struct Attributes(Vec<(String, AttributeSpec)>);

pub(super) fn attributes(
    options: &PolicyOptions,
) -> impl Strategy<Value = Attributes> + Clone + use<> {
    let words = ["retail", "DE", "FR", "a \"b\"", "Wuhan", "true"];
    let kind = prop_oneof![
        number_units().prop_map(|unit| AttributeSpec::Number { unit }),
        (1..=words.len()).prop_map(move |n| AttributeSpec::Category {
            values: words
                .iter()
                .take(n)
                .map(|word| (*word).to_owned())
                .collect(),
        }),
        Just(AttributeSpec::Flag),
        Just(AttributeSpec::Date),
    ];
    let name = select(&["industry", "country", "size", "vip", "enrolled", "_x"][..]);
    prop::collection::vec((name, kind), options.attributes.clone()).prop_map(|all| {
        // Numbered, so that no two are alike and none is the name of a measure.
        let named = (0..).zip(all);
        Attributes(
            named
                .map(|(i, (name, spec))| (format!("{name}_{i}"), spec))
                .collect(),
        )
    })
}

impl Attributes {
    pub(super) fn write(self, draft: &mut Draft) {
        for (name, spec) in self.0 {
            draft.policy.attributes.insert(name, spec);
        }
        // In the order of the policy, which is that of the names.
        for (name, spec) in &draft.policy.attributes {
            let _ = draft.schema.add(spec.field(name));
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Metrics(Vec<(MetricSpec, bool)>);

pub(super) fn metrics(options: &PolicyOptions) -> impl Strategy<Value = Metrics> + Clone + use<> {
    let one = (metric_specs(), any::<bool>());
    prop::collection::vec(one, options.metrics.clone()).prop_map(Metrics)
}

impl Metrics {
    pub(super) fn write(self, draft: &mut Draft) {
        let catalog = Catalog::standard();
        for (i, (spec, named)) in self.0.into_iter().enumerate() {
            let taken = draft.schema.slot(&spec.measure).is_some();
            let spec = match named || taken {
                true => {
                    let name = format!("{}_{i}", spec.measure);
                    spec.named(name)
                }
                false => spec,
            };
            let mut problems = Diagnostics::new();
            if let Some(metric) = catalog.build(&spec, &Place::default(), &mut problems) {
                draft.column(Field::number(metric.name(), metric.unit()));
                draft.policy.metrics.push(spec);
            }
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Predicted(Option<PredictionSpec>);

pub(super) fn prediction(
    options: &PolicyOptions,
) -> impl Strategy<Value = Predicted> + Clone + use<> {
    maybe(options.prediction, 0.3, prediction_specs()).prop_map(Predicted)
}

impl Predicted {
    pub(super) fn write(self, draft: &mut Draft) {
        if self.0.is_some() {
            for measure in PredictionMeasure::ALL {
                draft.column(Field::number(measure.name(), measure.unit()));
            }
        }
        draft.policy.prediction = self.0;
    }
}

/// Three dimensions, and what is done with the scores.
#[derive(Debug, Clone)]
pub(super) struct Rfm(Option<RfmPlan>);

#[derive(Debug, Clone)]
struct RfmPlan {
    dimensions: [(Index, u8, u16); 3],
    bins: u8,
    own_segments: bool,
}

pub(super) fn rfm(options: &PolicyOptions) -> impl Strategy<Value = Rfm> + Clone + use<> {
    let dimension = || (any::<Index>(), 0..4_u8, 1..=100_u16);
    let bins = prop_oneof![2 => Just(5_u8), 1 => 2..=10_u8];
    let plan = ([dimension(), dimension(), dimension()], bins, any::<bool>());
    maybe(options.rfm, 0.5, plan).prop_map(|plan| {
        Rfm(plan.map(|(dimensions, bins, own_segments)| RfmPlan {
            dimensions,
            bins,
            own_segments,
        }))
    })
}

impl Rfm {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(RfmPlan {
            dimensions,
            bins,
            own_segments,
        }) = self.0
        else {
            return;
        };
        let numbers = draft.numbers();
        let usual = RfmSpec::default();
        let columns = usual.columns().map(str::to_owned);
        let mut zipped = columns.into_iter().zip(dimensions);
        let mut dimension = || {
            let (usual, (column, by, step)) = zipped.next()?;
            let name = match (by, numbers.is_empty()) {
                (3, false) => numbers.get(column.index(numbers.len()))?.name().to_owned(),
                _ => usual,
            };
            Some(Dimension {
                column: name,
                by: match by {
                    0 => Scoring::Quantile,
                    1 => Scoring::Rank,
                    _ => {
                        Scoring::Breaks((1..bins).map(|i| f64::from(i) * f64::from(step)).collect())
                    }
                },
            })
        };
        let dimensions = (dimension(), dimension(), dimension());
        let (Some(recency), Some(frequency), Some(monetary)) = dimensions else {
            return;
        };
        let segments = match own_segments && bins == 5 {
            true => [("low", "1-2"), ("high", "3-5")]
                .map(|(name, r)| SegmentSpec {
                    name: name.to_owned(),
                    cells: None,
                    r: Some(r.to_owned()),
                    f: None,
                    m: None,
                })
                .to_vec(),
            false => Vec::new(),
        };
        for score in ["r", "f", "m"] {
            draft.column(Field::number(score, Unit::Points));
        }
        if bins == 5 {
            let words = match segments.as_slice() {
                [] => SegmentTable::default().names().to_vec(),
                specs => SegmentTable::words(specs),
            };
            draft.column(Field::category("segment", words));
        }
        draft.policy.rfm = Some(RfmSpec {
            recency,
            frequency,
            monetary,
            bins,
            segments,
        });
    }
}

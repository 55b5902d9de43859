//! Windows, metrics and predictions as a policy writes them.

use ::proptest::prelude::*;
use ::proptest::sample::select;

use super::values::{WORDS, days};
use crate::metrics::lifetime::{
    DiscountRate, Horizon, Method, ModelKind, PredictionSpec, TimeUnit,
};
use crate::metrics::ltv::RetentionTerms;
use crate::metrics::{Catalog, MetricSpec};
use crate::model::{Day, Days, Direction, SurveyInstrument};
use crate::summary::{Period, Window};

/// Windows of every kind. Shrinks to the lifetime.
pub fn windows() -> impl Strategy<Value = Window> + Clone {
    let day = |year| Day::from_ymd(year, 1, 1).unwrap_or(Day::MIN);
    let periods = [Period::Week, Period::Month, Period::Quarter, Period::Year];
    prop_oneof![
        2 => Just(Window::Lifetime),
        4 => (1..=800_i32).prop_map(|n| Window::Trailing(Days::new(n))),
        2 => (select(periods.to_vec()), 0..=5_u32)
            .prop_map(|(period, back)| Window::Calendar { period, back }),
        1 => (days(day(2021)..=day(2025)), 1..=700_i32)
            .prop_map(|(from, length)| Window::Between(from, from.plus(Days::new(length)))),
    ]
}

/// Entries of `[[metrics]]` that bind: every built-in measure under its own name, with its parameters and any window.
///
/// ```
/// use customer_value::diagnostic::{Diagnostics, Place};
/// use customer_value::interop::proptest::metric_specs;
/// use customer_value::metrics::Catalog;
/// use proptest::prelude::*;
///
/// proptest!(|(spec in metric_specs())| {
///     let mut problems = Diagnostics::new();
///     let metric = Catalog::standard().build(&spec, &Place::at("metrics[0]"), &mut problems);
///     prop_assert!(metric.is_some(), "{}", problems);
/// });
/// ```
pub fn metric_specs() -> impl Strategy<Value = MetricSpec> + Clone {
    let names: Vec<String> = Catalog::standard().names().map(str::to_owned).collect();
    let measure = (select(names), prop::option::of(windows()));
    let terms = (0..=100_u8, 0..=99_u8, 0..=50_u8, any::<bool>());
    let parameters = (0..WORDS.len(), 1..=6_u32, 1..=400_i32, terms);
    (measure, parameters, filters()).prop_map(|((name, window), parameters, filters)| {
        let (category, nth, per, terms) = parameters;
        let percent = |n: u8| f64::from(n) / 100.0;
        let spec = MetricSpec::new(&*name);
        // It says how things stand, and has no window.
        let window = window.filter(|_| &*name != "open_complaints");
        let spec = match &*name {
            "category_share" | "category_spend" => {
                spec.category(WORDS.get(category).copied().unwrap_or("books"))
            }
            "frequency" => spec.per(Days::new(per)),
            "nth_purchase" => spec.nth(nth),
            "decayed_spend" | "decayed_purchases" => spec.half_life(Days::new(per)),
            "contacts" | "response_latency" => filters.of_contacts(spec),
            "interaction_rate" => filters.of_contacts(spec).per(Days::new(per)),
            "service_cost" => filters.of_costs(spec),
            "survey_score" => filters.of_topic(spec).instrument(filters.instrument),
            "complaints" | "open_complaints" => filters.of_topic(spec),
            "retention_ltv" => spec.retention_terms(RetentionTerms {
                margin: percent(terms.0),
                retention: percent(terms.1),
                discount: percent(terms.2),
                per: Days::new(per),
                margin_now: terms.3,
            }),
            _ => spec,
        };
        match window {
            Some(window) => spec.over(window),
            None => spec,
        }
    })
}

/// What a measure of records may be narrowed to.
#[derive(Debug, Clone)]
struct Filters {
    channel: Option<&'static str>,
    direction: Option<Direction>,
    kind: Option<&'static str>,
    instrument: SurveyInstrument,
    topic: Option<&'static str>,
}

impl Filters {
    fn of_contacts(&self, mut spec: MetricSpec) -> MetricSpec {
        if let Some(channel) = self.channel {
            spec = spec.channel(channel);
        }
        if let Some(direction) = self.direction {
            spec = spec.direction(direction);
        }
        match self.kind {
            Some(kind) => spec.kind(kind),
            None => spec,
        }
    }

    fn of_costs(&self, spec: MetricSpec) -> MetricSpec {
        match self.kind {
            Some(category) => spec.category(category),
            None => spec,
        }
    }

    fn of_topic(&self, spec: MetricSpec) -> MetricSpec {
        match self.topic {
            Some(topic) => spec.topic(topic),
            None => spec,
        }
    }
}

fn filters() -> impl Strategy<Value = Filters> + Clone {
    let word = || prop::option::of(select(&WORDS[..]));
    let directions = select(&[Direction::Inbound, Direction::Outbound][..]);
    let instruments = [
        SurveyInstrument::Nps,
        SurveyInstrument::Csat,
        SurveyInstrument::Ces,
    ];
    let texts = (word(), word(), word());
    let others = (prop::option::of(directions), select(instruments.to_vec()));
    (texts, others).prop_map(
        |((channel, kind, topic), (direction, instrument))| Filters {
            channel,
            direction,
            kind,
            instrument,
            topic,
        },
    )
}

/// What a policy may want predicted: every model, unit of time and method. It always passes
/// [`PredictionSpec::check`].
pub fn prediction_specs() -> impl Strategy<Value = PredictionSpec> + Clone {
    let models = [
        ModelKind::ParetoNbd,
        ModelKind::BgNbd,
        ModelKind::MbgNbd,
        ModelKind::Nbd,
        ModelKind::BgBb,
    ];
    let units = [
        TimeUnit::Week,
        TimeUnit::Day,
        TimeUnit::Month,
        TimeUnit::Year,
    ];
    let methods = [Method::Map, Method::MaximumLikelihood];
    let horizons = prop_oneof![
        3 => (1..=1000_i32).prop_map(|n| Horizon::Days(Days::new(n))),
        1 => Just(Horizon::Forever),
    ];
    let fit = (
        select(models.to_vec()),
        select(units.to_vec()),
        select(methods.to_vec()),
    );
    (fit, horizons, 0..=100_u8, 0..=40_u8).prop_map(
        |((model, time_unit, method), horizon, margin, percent)| {
            // For ever and without a discount the value has no bound.
            let least = u8::from(horizon == Horizon::Forever);
            let rate = f64::from(percent.max(least)) / 100.0;
            PredictionSpec {
                model,
                time_unit,
                method,
                horizon,
                margin: f64::from(margin) / 100.0,
                discount: DiscountRate::new(rate, TimeUnit::Year).unwrap_or(DiscountRate::USUAL),
            }
        },
    )
}

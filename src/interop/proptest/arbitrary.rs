//! `any::<T>()` for the types that have one usual strategy.

use ::proptest::prelude::*;

use super::{measures, policy, records, values};
use crate::engine::Policy;
use crate::metrics::MetricSpec;
use crate::metrics::lifetime::PredictionSpec;
use crate::model::{
    AttributeValue, Currency, Customer, CustomerId, Day, Days, Interaction, Money, Referral,
    ServiceCost, SurveyAnswer, Transaction,
};
use crate::summary::Window;

macro_rules! arbitrary {
    ($($type:ty => $strategy:expr),+ $(,)?) => {$(
        impl Arbitrary for $type {
            type Parameters = ();
            type Strategy = BoxedStrategy<Self>;
            fn arbitrary_with((): ()) -> Self::Strategy {
                $strategy.boxed()
            }
        }
    )+};
}

fn record() -> records::RecordOptions {
    records::RecordOptions::default()
}

arbitrary! {
    Day => prop_oneof![4 => values::days(record().days), 1 => values::days(Day::MIN..=Day::MAX)],
    Days => values::spans(-1_000..=1_000),
    Currency => values::currencies(),
    Money => (values::currencies(), any::<i64>()).prop_map(|(currency, minor)| Money::from_minor(minor, currency)),
    CustomerId => values::customer_ids(),
    AttributeValue => records::attribute_values(),
    Customer => records::customers(&record()),
    Transaction => records::transactions(&record()),
    Interaction => records::interactions(&record()),
    ServiceCost => records::service_costs(&record()),
    SurveyAnswer => records::survey_answers(&record()),
    Referral => records::referrals(&record()),
    Window => measures::windows(),
    MetricSpec => measures::metric_specs(),
    PredictionSpec => measures::prediction_specs(),
    Policy => policy::policies(&policy::PolicyOptions::default()),
}

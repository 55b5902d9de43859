//! `any::<T>()` for the types that have one usual strategy.

use ::proptest::prelude::*;
use ::proptest::sample::select;

use super::{measures, people, policy, records, values};
use crate::engine::accounts::{AccountsSpec, Counts, Inherit};
use crate::engine::{Policy, Standing};
use crate::metrics::MetricSpec;
use crate::metrics::lifetime::PredictionSpec;
use crate::model::{
    AttributeValue, Complaint, Currency, Customer, CustomerId, Day, Days, Interaction, Membership,
    Money, Record, Referral, ServiceCost, Span, SurveyAnswer, Transaction,
};
use crate::summary::Window;
use crate::tiering::{Extension, MovementSpec, Override};

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

const TIERS: [&str; 3] = ["gold", "silver", "member"];

fn accounts() -> impl Strategy<Value = AccountsSpec> {
    let counts = select(vec![Counts::WhileMember, Counts::All]);
    let inherit = select(vec![Inherit::Account, Inherit::Better, Inherit::Own]);
    (counts, inherit).prop_map(|(counts, inherit)| AccountsSpec { counts, inherit })
}

arbitrary! {
    Day => prop_oneof![4 => values::days(record().days), 1 => values::days(Day::MIN..=Day::MAX)],
    Days => values::spans(-1_000..=1_000),
    Span => values::lengths(),
    Currency => values::currencies(),
    Money => (values::currencies(), any::<i64>()).prop_map(|(currency, minor)| Money::from_minor(minor, currency)),
    CustomerId => values::customer_ids(),
    AttributeValue => records::attribute_values(),
    Customer => records::customers(&record()),
    Transaction => records::transactions(&record()),
    Interaction => records::interactions(&record()),
    ServiceCost => records::service_costs(&record()),
    SurveyAnswer => records::survey_answers(&record()),
    Complaint => records::complaints(&record()),
    Record => records::records(&record()),
    Referral => records::referrals(&record()),
    Membership => records::memberships(&record()),
    Window => measures::windows(),
    MetricSpec => measures::metric_specs(),
    PredictionSpec => measures::prediction_specs(),
    AccountsSpec => accounts(),
    MovementSpec => policy::movements(),
    Override => people::overrides(&TIERS, record().days),
    Extension => people::extensions(record().days),
    Standing => people::standings(&TIERS, record().days),
    Policy => policy::policies(&policy::PolicyOptions::default()),
}

//! Single records: what the model has, one by one.

use std::ops::RangeInclusive;

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::select;

use super::values::{customer_ids, days, money, words};
use crate::model::{
    Attempt, AttemptKind, AttemptPurpose, AttributeValue, Complaint, CostCategory, Currency,
    Customer, Day, Days, Direction, Interaction, Loss, LossReason, Membership, Record, Referral,
    ReferralKind, ServiceCost, SurveyAnswer, SurveyInstrument, Transaction,
};

/// Whose the records are, on which days, and how large. Written with `..RecordOptions::default()`.
#[derive(Debug, Clone)]
pub struct RecordOptions {
    /// The first and the last day; 2023-01-01 to 2024-12-31 if not said.
    pub days: RangeInclusive<Day>,
    /// The currency; EUR if not said.
    pub currency: Currency,
    /// Amounts in minor units, zero or more; 0 to 500.00 if not said.
    pub minor: RangeInclusive<i64>,
    /// How many attributes a customer has; 0 to 4 if not said.
    pub attributes: RangeInclusive<usize>,
}

impl Default for RecordOptions {
    fn default() -> Self {
        Self {
            days: two_years(),
            currency: Currency::EUR,
            minor: 0..=50_000,
            attributes: 0..=4,
        }
    }
}

fn two_years() -> RangeInclusive<Day> {
    let day = |year, month, day| Day::from_ymd(year, month, day).unwrap_or(Day::MIN);
    day(2023, 1, 1)..=day(2024, 12, 31)
}

impl RecordOptions {
    fn amounts(&self) -> impl Strategy<Value = crate::model::Money> + Clone + use<> {
        let (low, high) = (*self.minor.start(), *self.minor.end());
        money(self.currency, low.max(0)..=high.max(low).max(0))
    }
}

/// What may be known of a customer: numbers, texts, flags and days.
pub fn attribute_values() -> impl Strategy<Value = AttributeValue> + Clone {
    prop_oneof![
        any::<bool>().prop_map(AttributeValue::Flag),
        (-1_000_000_i32..=1_000_000).prop_map(|n| AttributeValue::Number(f64::from(n) / 8.0)),
        words().prop_map(AttributeValue::Text),
        days(two_years()).prop_map(AttributeValue::Date),
    ]
}

/// Customers with attributes.
pub fn customers(options: &RecordOptions) -> impl Strategy<Value = Customer> + Clone + use<> {
    let named = ("[a-z_][a-z0-9_]{0,7}", attribute_values());
    let attributes = prop::collection::vec(named, options.attributes.clone());
    (customer_ids(), attributes).prop_filter_map("a customer", |(id, attributes)| {
        attributes
            .into_iter()
            .try_fold(Customer::new(id), |customer, (name, value)| {
                customer.with(&name, value)
            })
            .ok()
    })
}

/// Single transactions: purchases (also free ones), refunds with and without the id of a purchase, adjustments.
///
/// Each stands alone: what a refund names is nowhere. For rows that belong together see
/// [`histories`](super::histories).
pub fn transactions(options: &RecordOptions) -> impl Strategy<Value = Transaction> + Clone + use<> {
    let who = (
        customer_ids(),
        days(options.days.clone()),
        options.amounts(),
    );
    let ids = option::of("[A-Z][0-9]{1,4}");
    let texts = (option::of(words()), option::of(words()));
    let parts = (option::of(options.amounts()), option::of(options.amounts()));
    let what = (0..3_u8, any::<bool>(), hours());
    (who, ids, texts, parts, what).prop_filter_map(
        "a transaction",
        |(
            (customer, day, amount),
            id,
            (category, channel),
            (cost, discount),
            (kind, down, hour),
        )| {
            let mut made = match kind {
                0 => Transaction::purchase(customer, day, amount).ok()?,
                1 => Transaction::refund(customer, day, positive(amount)).ok()?,
                _ => Transaction::adjustment(
                    customer,
                    day,
                    if down { negative(amount) } else { amount },
                ),
            };
            match id {
                Some(id) if kind == 1 && down => made = made.refund_of(&id).ok()?,
                Some(id) => made = made.with_id(&id).ok()?,
                None => {}
            }
            if let Some(category) = category {
                made = made.with_category(&category);
            }
            if let Some(channel) = channel {
                made = made.with_channel(&channel);
            }
            if let Some(cost) = cost {
                made = made.with_cost(cost).ok()?;
            }
            if let (Some(discount), 0) = (discount, kind) {
                made = made.with_discount(discount).ok()?;
            }
            if let Some(hour) = hour {
                made = made.with_hour(hour).ok()?;
            }
            Some(made)
        },
    )
}

fn positive(amount: crate::model::Money) -> crate::model::Money {
    crate::model::Money::from_minor(amount.minor().max(1), amount.currency())
}

fn negative(amount: crate::model::Money) -> crate::model::Money {
    crate::model::Money::from_minor(amount.minor().saturating_neg(), amount.currency())
}

/// The hour of the day, where it is known.
fn hours() -> impl Strategy<Value = Option<u8>> + Clone {
    option::of(0..=23_u8)
}

/// Contacts through a channel, in either direction.
pub fn interactions(options: &RecordOptions) -> impl Strategy<Value = Interaction> + Clone + use<> {
    let kinds = select(&["call", "mail", "visit", "click", "browse"][..]);
    let directions = select(&[Direction::Inbound, Direction::Outbound][..]);
    let who = (customer_ids(), days(options.days.clone()));
    // An answer comes within some days, mostly.
    let latency = prop_oneof![4 => 0..=400_000_u32, 1 => any::<u32>()];
    let times = (option::of(latency), option::of(0..=240_u32), hours());
    (who, words(), directions, kinds, times).prop_filter_map(
        "an interaction",
        |((customer, day), channel, direction, kind, (latency, minutes, hour))| {
            let mut made = Interaction::new(customer, day, &channel, direction, kind).ok()?;
            if let Some(seconds) = latency {
                made = made.with_latency(seconds);
            }
            if let Some(minutes) = minutes {
                made = made.with_minutes(minutes);
            }
            match hour {
                Some(hour) => made.with_hour(hour).ok(),
                None => Some(made),
            }
        },
    )
}

/// Complaints, open and resolved ones.
pub fn complaints(options: &RecordOptions) -> impl Strategy<Value = Complaint> + Clone + use<> {
    let who = (customer_ids(), days(options.days.clone()));
    (who, words(), option::of(0..=60_i32)).prop_filter_map(
        "a complaint",
        |((customer, opened), topic, open)| {
            let made = Complaint::new(customer, opened, &topic).ok()?;
            match open {
                Some(days) => made.resolved_on(opened.plus(Days::new(days))).ok(),
                None => Some(made),
            }
        },
    )
}

/// Records that are no transactions, of every kind.
pub fn records(options: &RecordOptions) -> impl Strategy<Value = Record> + Clone + use<> {
    prop_oneof![
        service_costs(options).prop_map(Record::from),
        interactions(options).prop_map(Record::from),
        survey_answers(options).prop_map(Record::from),
        complaints(options).prop_map(Record::from),
    ]
}

/// Costs of serving a customer, in the known categories and others.
pub fn service_costs(
    options: &RecordOptions,
) -> impl Strategy<Value = ServiceCost> + Clone + use<> {
    let categories = prop_oneof![
        3 => select(vec![CostCategory::ServiceStaff, CostCategory::Marketing, CostCategory::Survey]),
        1 => words().prop_map(|text| CostCategory::Other(text.into())),
    ];
    let who = (customer_ids(), days(options.days.clone()));
    (who, options.amounts(), categories).prop_filter_map(
        "a service cost",
        |((customer, day), amount, category)| {
            ServiceCost::new(customer, day, amount, category).ok()
        },
    )
}

/// Answers on the scale of their instrument.
pub fn survey_answers(
    options: &RecordOptions,
) -> impl Strategy<Value = SurveyAnswer> + Clone + use<> {
    let instruments = [
        SurveyInstrument::Nps,
        SurveyInstrument::Csat,
        SurveyInstrument::Ces,
    ];
    let who = (customer_ids(), days(options.days.clone()));
    let answers = (select(instruments.to_vec()), any::<prop::sample::Index>());
    (who, answers, option::of(words())).prop_filter_map(
        "an answer",
        |((customer, day), (instrument, at), topic)| {
            let scale = instrument.range();
            let steps = usize::from(scale.end() - scale.start()) + 1;
            let answer = scale.start() + u8::try_from(at.index(steps)).ok()?;
            let made = SurveyAnswer::new(customer, day, instrument, answer).ok()?;
            Some(match topic {
                Some(topic) => made.with_topic(&topic),
                None => made,
            })
        },
    )
}

/// One customer brought another, of either kind.
pub fn referrals(options: &RecordOptions) -> impl Strategy<Value = Referral> + Clone + use<> {
    let kinds = select(&[ReferralKind::TypeOne, ReferralKind::TypeTwo][..]);
    (
        customer_ids(),
        customer_ids(),
        days(options.days.clone()),
        kinds,
    )
        .prop_filter_map("two customers", |(referrer, referee, day, kind)| {
            Referral::new(referrer, referee, day, kind).ok()
        })
}

/// Customers who belong to an account for a time, or from a day on.
pub fn memberships(options: &RecordOptions) -> impl Strategy<Value = Membership> + Clone + use<> {
    let who = (customer_ids(), customer_ids());
    let when = (days(options.days.clone()), option::of(1..=800_i32));
    (who, when).prop_filter_map("two customers", |((member, account), (from, length))| {
        let to = length.map(|length| from.plus(Days::new(length)));
        Membership::new(member, account, from, to).ok()
    })
}

/// What was tried with a customer, for either purpose, in the known kinds and others; offer, channel and cost are not always
/// known.
pub fn attempts(options: &RecordOptions) -> impl Strategy<Value = Attempt> + Clone + use<> {
    let purposes = select(&[AttemptPurpose::Uplift, AttemptPurpose::WinBack][..]);
    let kinds = prop_oneof![
        3 => select(vec![AttemptKind::Education, AttemptKind::Offer, AttemptKind::Call]),
        1 => words().prop_map(|text| AttemptKind::Other(text.into())),
    ];
    let who = (customer_ids(), days(options.days.clone()));
    let texts = (option::of(words()), option::of(words()));
    let cost = option::of(options.amounts());
    (who, purposes, kinds, texts, cost).prop_filter_map(
        "an attempt",
        |((customer, day), purpose, kind, (offer, channel), cost)| {
            let made = Attempt::new(customer, day, purpose, kind).ok()?;
            let made = made
                .with_offer(&offer.unwrap_or_default())
                .with_channel(&channel.unwrap_or_default());
            match cost {
                Some(cost) => made.with_cost(cost).ok(),
                None => Some(made),
            }
        },
    )
}

/// Why customers leave, and a reason of the host's own: the words of reasons.
pub(super) const REASONS: [&str; 7] = [
    "service",
    "product",
    "price",
    "competitor",
    "life_event",
    "unknown",
    "moved abroad",
];

/// Customers who left, for the known reasons and others, and what that loses: sometimes less than nothing.
pub fn losses(options: &RecordOptions) -> impl Strategy<Value = Loss> + Clone + use<> {
    let reasons = prop_oneof![
        3 => select(&REASONS[..]).prop_map(str::to_owned),
        1 => words(),
    ];
    let who = (customer_ids(), days(options.days.clone()));
    let value = (options.amounts(), prop::bool::weighted(0.1));
    (who, reasons, value).prop_filter_map("a loss", |((customer, day), reason, (value, down))| {
        let reason: LossReason = reason.parse().ok()?;
        let value = if down { negative(value) } else { value };
        Loss::new(customer, day, reason, value).ok()
    })
}

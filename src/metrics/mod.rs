//! Named numbers about one customer, each with its unit.
//!
//! A [`Metric`] reads one [`Summary`](crate::summary::Summary) and `as_of`. The [`Catalog`] knows what can be measured, a
//! [`MetricSpec`] says what a policy wants of it:
//!
//! ```toml
//! [[metrics]]
//! name = "spend_12m"
//! measure = "spend"
//! window = "365 days"
//! ```
//!
//! Every measure but `open_complaints` takes any [`Window`](crate::summary::Window); without one it is over the lifetime. A
//! measure that needs no parameter need not be declared: rules know it by its name.
//!
//! # The built-in measures
//!
//! Each links to its formula, source and example. "Never" missing is a sum or a count: nothing recorded is known to be
//! none. "Not bought" is no purchase in the window.
//!
//! | measure | unit | missing | parameters |
//! |---|---|---|---|
//! | [`days_since_last`](recency::days_since_last) | days | not bought | |
//! | [`active_span`](recency::active_span) | days | not bought | |
//! | [`age`](recency::age) | days | not bought | |
//! | [`first_purchase`](recency::first_purchase) | date | not bought | |
//! | [`last_purchase`](recency::last_purchase) | date | not bought | |
//! | [`second_purchase`](recency::second_purchase) | date | fewer than 2 active days | |
//! | [`nth_purchase`](recency::nth_purchase) | date | fewer than `nth` active days | `nth` |
//! | [`purchases`](frequency::purchases) | count | never | |
//! | [`active_days`](frequency::active_days) | count | never | |
//! | [`repeat_purchases`](frequency::repeat_purchases) | count | never | |
//! | [`frequency`](frequency::frequency) | count per `per` | no observed day | `per` |
//! | [`spend`](monetary::spend) | money | never | |
//! | [`average_order_value`](monetary::average_order_value) | money | not bought | |
//! | [`margin`](monetary::margin) | money | no cost of goods known | |
//! | [`margin_share`](monetary::margin_share) | ratio | no cost of goods known, no spend | |
//! | [`refund_share`](monetary::refund_share) | share | nothing paid | |
//! | [`discount_share`](monetary::discount_share) | share | nothing paid | |
//! | [`price_index`](monetary::price_index) | share | nothing paid | |
//! | [`decayed_spend`](decay::decayed_spend) | money | never | `half_life` |
//! | [`decayed_purchases`](decay::decayed_purchases) | points | never | `half_life` |
//! | [`historic_ltv`](ltv::historic_ltv) | money | never | |
//! | [`retention_ltv`](ltv::retention_ltv) | money | no observed day | `margin`, `retention`, `discount`, `per`, `margin_now` |
//! | [`average_gap`](gaps::average_gap) | days | fewer than 2 active days | |
//! | [`median_gap`](gaps::median_gap) | days | fewer than 2 active days | |
//! | [`last_gap`](gaps::last_gap) | days | fewer than 2 active days | |
//! | [`longest_gap`](gaps::longest_gap) | days | fewer than 2 active days | |
//! | [`lapse_point`](gaps::lapse_point) | days | fewer than 2 active days | |
//! | [`churn_factor`](churn::churn_factor) | ratio | fewer than 2 active days | |
//! | [`gap_percentile`](churn::gap_percentile) | percent | fewer than 2 active days | |
//! | [`expected_next_purchase`](churn::expected_next_purchase) | date | fewer than 2 active days | |
//! | [`gap_variation`](gaps::gap_variation) | ratio | fewer than 3 active days | |
//! | [`regularity`](gaps::regularity) | ratio, up to 100 | fewer than 3 active days | |
//! | [`growth_trend`](trend::growth_trend) | ratio, −1 to 1 | no spend in either half | |
//! | [`category_spend`](category::category_spend) | money | never | `category` |
//! | [`category_share`](category::category_share) | share | no spend | `category` |
//! | [`service_cost`](service::service_cost) | money | never | `category`, if not all |
//! | [`contacts`](service::contacts) | count | never | `channel`, `direction`, `kind`, if not all |
//! | [`interaction_rate`](service::interaction_rate) | count per `per` | no observed day | `per`; those of `contacts` |
//! | [`response_latency`](service::response_latency) | hours | not known of any contact | those of `contacts` |
//! | [`browse_to_buy`](service::browse_to_buy) | ratio | no contact of the kind `browse` | |
//! | [`survey_score`](service::survey_score) | points | no answer | `instrument`; `topic`, if not all |
//! | [`complaints`](service::complaints) | count | never | `topic`, if not all |
//! | [`open_complaints`](service::open_complaints) | count | never | `topic`, if not all |
//!
//! [`ReferralMetric`](referral::ReferralMetric) adds what referrals are worth, from a frozen population.
//!
//! A measure that reads more than purchases and spend ([`Metric::facts`]) is missing in a history that was built
//! without those facts.
//!
//! # The customer of the examples
//!
//! The examples of the measures are all about Ada, at 2024-12-31:
//!
//! | day | | amount | category | cost | discount |
//! |---|---|---|---|---|---|
//! | 2024-01-10 | purchase | 80.00 EUR | books | 48.00 | 20.00 |
//! | 2024-04-09 | purchase | 40.00 EUR | music | 24.00 | 40.00 |
//! | 2024-04-19 | purchase | 60.00 EUR | books | 30.00 | |
//! | 2024-12-01 | purchase | 70.00 EUR | books | 36.00 | |
//! | 2024-12-01 | purchase | 50.00 EUR | music | 24.00 | 40.00 |
//! | 2024-12-05 | refund of the purchase of 2024-04-19 | 30.00 EUR | | | |
//!
//! and, beside the transactions:
//!
//! | day | | |
//! |---|---|---|
//! | 2024-04-09 | cost | 7.50 EUR, service staff |
//! | 2024-10-01 | cost | 4.00 EUR, marketing |
//! | 2024-04-09 | contact | phone, inbound, question; answered after 30 minutes; 10 minutes of work |
//! | 2024-04-09 | contact | phone, inbound, question; answered after 2 hours; 5 minutes of work |
//! | 2024-10-01 | contact | mail, outbound, offer; answered after a day |
//! | 2024-11-30 | contact | web, inbound, browse |
//! | 2024-12-01 | contact | web, inbound, browse |
//! | 2024-04-10 | answer | csat 5, of the advice |
//! | 2024-12-10 | answer | csat 2, of the delivery |
//! | 2024-04-20 | complaint | of the delivery; resolved on 2024-04-25 |
//! | 2024-12-05 | complaint | of the quality; open |
//!
//! # A metric of one's own
//!
//! The measures are plain functions, so that one's own metric can build on them:
//!
//! ```
//! use customer_value::metrics::{Catalog, Metric, gaps};
//! use customer_value::model::{Day, Unit};
//! use customer_value::summary::Summary;
//!
//! /// How much longer the last interval was than the usual one: above 1 is slowing down.
//! #[derive(Debug)]
//! struct Slowdown;
//!
//! impl Metric for Slowdown {
//!     fn name(&self) -> &str {
//!         "slowdown"
//!     }
//!     fn unit(&self) -> Unit {
//!         Unit::Ratio
//!     }
//!     fn value(&self, customer: &Summary<'_>, _as_of: Day) -> Option<f64> {
//!         Some(gaps::last_gap(customer)? / gaps::median_gap(customer)?)
//!     }
//! }
//!
//! let mut catalog = Catalog::standard();
//! catalog.add(Slowdown)?;
//! assert!(catalog.default_metric("slowdown").is_some());
//! # Ok::<(), customer_value::Error>(())
//! ```

mod builtin;
mod catalog;
pub mod category;
pub mod churn;
pub mod cost;
pub mod decay;
pub(crate) mod exact;
pub mod frequency;
pub mod gaps;
pub mod lifetime;
pub mod ltv;
mod metric;
pub mod monetary;
mod observed;
pub mod recency;
pub mod referral;
pub mod service;
mod spec;
mod tabulate;
pub mod trend;

pub use catalog::Catalog;
pub use metric::Metric;
pub use spec::MetricSpec;
pub use tabulate::tabulate;

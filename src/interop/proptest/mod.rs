//! For tests: strategies for everything the crate reads, and law checks for your policy and your metrics.
//!
//! Behind the feature `proptest`, which belongs under `[dev-dependencies]`:
//!
//! ```toml
//! [dev-dependencies]
//! customer-value = { version = "0.1", features = ["proptest"] }
//! proptest = "1"
//! ```
//!
//! # Laws
//!
//! [`laws`] checks in one line each what every policy and every metric promises: a second review changes nothing, the future
//! does not leak, neither order nor partition of the records matters, one customer is reviewed as all are, the events come to
//! what is remembered and the reviews to one recomputation, tiers move only as `[movement]` says, stages as `[lifecycle]` does,
//! customers are let go as `[exit]` does, and nobody is to be won back who is back; nobody has less than the basic service or is
//! contacted without consent, too often or on a quiet day, and money and time add up. In a test of your own metric:
//!
//! ```
//! use customer_value::Metric;
//! use customer_value::interop::proptest::laws::{self, LawBroken};
//! use customer_value::metrics::{gaps, recency};
//! use customer_value::model::{Day, Unit};
//! use customer_value::summary::Summary;
//!
//! /// How often the customer's own longest pause would fit into the time since the last purchase: the metric of the example
//! /// `custom_metric`.
//! #[derive(Debug)]
//! struct Overdue;
//!
//! impl Metric for Overdue {
//!     fn name(&self) -> &str {
//!         "overdue"
//!     }
//!     fn unit(&self) -> Unit {
//!         Unit::Ratio
//!     }
//!     fn value(&self, customer: &Summary<'_>, as_of: Day) -> Option<f64> {
//!         Some(recency::days_since_last(customer, as_of)? / gaps::longest_gap(customer)?)
//!     }
//! }
//!
//! // #[test]
//! fn overdue_keeps_the_laws() -> Result<(), LawBroken> {
//!     laws::metric(&Overdue)
//! }
//! # overdue_keeps_the_laws().unwrap();
//! ```
//!
//! # Strategies
//!
//! | | |
//! |---|---|
//! | [`days`], [`spans`], [`lengths`], [`currencies`], [`money`], [`customer_ids`] | values |
//! | [`customers`], [`transactions`], [`interactions`], [`service_costs`], [`survey_answers`], [`complaints`], [`records`], [`referrals`], [`memberships`], [`attempts`], [`losses`] | single records, with [`RecordOptions`] |
//! | [`history`], [`histories`] | the rows of one customer and of a population, which belong together: [`Events`], with [`HistoryOptions`] |
//! | [`text_rows`] | rows of text, good ones and wrong ones, each with its fate: [`DirtyRows`] |
//! | [`windows`], [`metric_specs`], [`prediction_specs`] | what a policy measures |
//! | [`movements`] | sections `[movement]` for any policy |
//! | [`overrides`], [`extensions`], [`standings`] | what people decide about a tier |
//! | [`rules`] | rules over the columns of a schema, with [`RuleOptions`] |
//! | [`policies`], [`broken_policies`] | sound policies, and refused ones with the place of every mistake, with [`PolicyOptions`] |
//!
//! Those that need no options are also `any::<T>()`: of [`Day`](crate::Day), [`Money`](crate::Money),
//! [`Transaction`](crate::Transaction), [`Policy`](crate::Policy), …
//!
//! What is drawn is planned in small whole numbers, relative to one another, so that a failing input shrinks to the few rows
//! or conditions that matter. [`Events::by_day`] gives the rows day by day, for tests that keep a state:
//!
//! ```
//! use customer_value::engine::{Engine, Policy, Standing};
//! use customer_value::history::History;
//! use customer_value::interop::proptest::{HistoryOptions, PolicyOptions, Refunds, history, policies};
//! use customer_value::ledger::Effect;
//! use customer_value::{Catalog, Currency};
//! use proptest::prelude::*;
//!
//! let wanted = PolicyOptions { currency: Some(Currency::EUR), ..PolicyOptions::default() };
//! let lived = HistoryOptions { refunds: Refunds::Unlinked, duplicates: false, ..HistoryOptions::default() };
//! proptest!(ProptestConfig::with_cases(16), |(policy in policies(&wanted), events in history(&lived))| {
//!     let engine = Engine::new(policy, &Catalog::standard()).unwrap();
//!     let mut history = History::new(engine.layout().clone());
//!     let (mut standing, mut buffer) = (Standing::default(), engine.buffer());
//!     for (day, rows) in events.by_day() {
//!         for row in &rows {
//!             history.add(&Effect::of(row, &engine.cleaning(day)).unwrap()).unwrap();
//!         }
//!         let (next, found) = engine.review(&history, standing, day, &mut buffer);
//!         prop_assert_eq!(next.tier().map(|held| &*held.tier), Some(found.tier()));
//!         standing = next;
//!     }
//! });
//! ```

mod arbitrary;
mod histories;
pub mod laws;
mod measures;
mod people;
mod plan;
mod policy;
mod records;
mod rules;
mod text;
mod values;

pub use histories::{Events, HistoryOptions, Promised, Refunds, RowOrder, histories, history};
pub use measures::{metric_specs, prediction_specs, windows};
pub use people::{extensions, overrides, standings};
pub use policy::{BrokenPolicy, Mistake, PolicyOptions, broken_policies, movements, policies};
pub use records::{
    RecordOptions, attempts, attribute_values, complaints, customers, interactions, losses,
    memberships, records, referrals, service_costs, survey_answers, transactions,
};
pub use rules::{RuleOptions, rules};
pub use text::{DirtyRow, DirtyRows, text_rows};
pub use values::{currencies, customer_ids, days, lengths, money, spans};

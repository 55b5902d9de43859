//! For tests: strategies for everything the crate reads, and law checks for your policy and your metrics.
//!
//! Behind the feature `proptest`, which belongs under `[dev-dependencies]`:
//!
//! ```toml
//! [dev-dependencies]
//! customer-value = { version = "0.1", features = ["proptest"] }
//! proptest = "1"
//! ```

mod arbitrary;
mod histories;
pub mod laws;
mod measures;
mod plan;
mod policy;
mod records;
mod rules;
mod text;
mod values;

pub use histories::{Events, HistoryOptions, Promised, Refunds, RowOrder, histories, history};
pub use measures::{metric_specs, prediction_specs, windows};
pub use policy::{BrokenPolicy, Mistake, PolicyOptions, broken_policies, policies};
pub use records::{
    RecordOptions, attribute_values, customers, interactions, referrals, service_costs,
    survey_answers, transactions,
};
pub use rules::{RuleOptions, rules};
pub use text::{DirtyRow, DirtyRows, text_rows};
pub use values::{currencies, customer_ids, days, money, spans};

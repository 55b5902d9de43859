//! What happened between two reviews that somebody should hear of: typed events, the most value at stake first.
//!
//! [`Reviews::diff`](super::Reviews::diff) lists every number that is another one; here is what a policy calls news: who is new or
//! gone, fell or rose a tier, became at risk, was lost or won back, crossed a threshold, or behaves otherwise.
//!
//! ```
//! use customer_value::diagnostic::Diagnostics;
//! use customer_value::engine::Engine;
//! use customer_value::engine::changes::ChangesSpec;
//! use customer_value::ledger::Ledger;
//! use customer_value::metrics::Catalog;
//! use customer_value::model::Transaction;
//! use customer_value::rules::language::English;
//!
//! let engine = Engine::from_toml(r#"
//!     head = { name = "two tiers", version = "1", currency = "EUR" }
//!     metrics = [{ measure = "spend" }, { name = "spend_90d", measure = "spend", window = "90 days" }]
//!     tiers = [{ name = "gold", when = "days_since_last <= 60 and spend >= 100" }, { name = "member" }]
//! "#, &Catalog::standard())?;
//! let spec: ChangesSpec = toml::from_str(r#"
//!     value = "spend"
//!     thresholds = [{ column = "days_since_last", at = 90, worse = "more" }]
//!     behaviours = [{ column = "spend_90d", share = 0.5, worse = "less" }]
//! "#)?;
//! let mut problems = Diagnostics::new();
//! let monitor = spec.bind(engine.schema(), "monitoring", &mut problems).ok_or(problems)?;
//!
//! let sale = |id: u64, day: &str| Transaction::purchase(id, day.parse().unwrap(), "120.00 EUR".parse().unwrap());
//! let sales = [sale(7, "2024-03-01")?, sale(8, "2024-05-10")?];
//! let (spring, summer) = ("2024-03-31".parse()?, "2024-06-30".parse()?);
//! let ledger = Ledger::from_transactions(&sales, engine.cleaning(summer));
//! let (earlier, later) = (engine.population(&ledger.until(spring))?, engine.population(&ledger)?);
//! let before = engine.review_all(&earlier, None, spring)?;
//! let after = engine.review_all(&later, None, summer)?;
//!
//! let said: Vec<String> = after
//!     .changes(&before, &monitor)
//!     .iter()
//!     .map(|event| format!("{} {}: {}", event.importance, event.customer, event.text(&English, engine.policy().head.currency)))
//!     .collect();
//! assert_eq!(said, [
//!     "high 7: fell from gold to member (120.00 EUR at stake)",
//!     "medium 7: days_since_last rose to 90 days or more: 121 days, 30 days before (120.00 EUR at stake)",
//!     "medium 7: spend_90d fell from 120.00 EUR to 0.00 EUR (120.00 EUR at stake)",
//!     "low 8: new, gold (120.00 EUR at stake)",
//! ]);
//! assert!(after.changes(&after, &monitor).is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod event;
mod find;
mod sheet;
mod spec;

pub use event::{ChangeEvent, Importance, Shift, ShiftKind, Side};
pub use spec::{BehaviourWatch, ChangesSpec, Monitor, StageWatch, ThresholdWatch};

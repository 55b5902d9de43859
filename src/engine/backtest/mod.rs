//! Any rule held to history: whom would it have flagged as leaving, who left, and how early did it say so?
//!
//! On [`as_of`](Backtest::as_of), with nothing known of later days, each rule flags customers who have bought by then. Who has no
//! purchase in the [`horizon`](Backtest::horizon) after it is **lost**. [`Engine::backtest`](super::Engine::backtest) counts how the
//! two meet, and looks back from `as_of` for how long each alert had been there.
//!
//! ```
//! use customer_value::engine::backtest::Backtest;
//! use customer_value::engine::{Engine, Worse};
//! use customer_value::ledger::{Ledger, Options};
//! use customer_value::metrics::Catalog;
//! use customer_value::model::{Currency, Days, Transaction};
//!
//! let engine = Engine::from_toml(r#"
//!     head = { name = "watch", version = "1", currency = "EUR" }
//!     metrics = [{ measure = "days_since_last" }, { measure = "churn_factor" }]
//!     tiers = [{ name = "everybody" }]
//! "#, &Catalog::standard())?;
//! // The first buys every week, and has not for a month; the second buys every other month.
//! let days = [
//!     (1, "2024-05-01"), (1, "2024-05-08"), (1, "2024-05-15"), (1, "2024-05-22"), (1, "2024-05-29"),
//!     (2, "2024-01-15"), (2, "2024-03-15"), (2, "2024-05-15"), (2, "2024-07-15"),
//! ];
//! let sales = days.map(|(customer, day)| {
//!     Transaction::purchase(customer, day.parse().unwrap(), "20.00 EUR".parse().unwrap()).unwrap()
//! });
//! let ledger = Ledger::from_transactions(&sales, Options::new("2024-12-31".parse()?, Currency::EUR));
//!
//! let backtest = Backtest::new("2024-06-30".parse()?, Days::new(90))
//!     .when("30 days", "days_since_last >= 30".parse()?)
//!     .at_recall_of("own rhythm", "churn_factor", Worse::More, "30 days");
//! let report = engine.backtest(&ledger, &backtest)?;
//! assert_eq!((report.customers, report.lost), (2, 1));
//! assert_eq!(report.to_string(), "\
//! rule        threshold  flagged  of them lost  precision   recall    F1  lead time, mean  median
//! 30 days             -        2             1     50.0 %  100.0 %  0.67             58.0    58.0
//! own rhythm     4.5714        1             1    100.0 %  100.0 %  1.00             58.0    58.0
//! ");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod lead;
mod report;
mod run;
mod spec;

pub use report::{BacktestReport, Confusion, LeadTime, RuleQuality};
pub use spec::{Backtest, BacktestRule, Flag};

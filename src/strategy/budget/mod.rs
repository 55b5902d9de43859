//! What may be spent, what was spent, and why the two differ.
//!
//! [The page on budgets](crate::docs::budget) is the definition. A [`BudgetSpec`] is the section of the policy; bound, it is a
//! [`Budget`] that decides on a [`Spend`]. What was spent is remembered in a [`BudgetState`], which does not depend on the policy.
//! [`BudgetReport`](crate::report::BudgetReport) and [`Variance`](crate::report::Variance) say what became of it.
//!
//! ```
//! use customer_value::diagnostic::Diagnostics;
//! use customer_value::model::{CostCategory, Currency};
//! use customer_value::strategy::budget::{BudgetSpec, BudgetState, Decision, Names, Spend};
//!
//! let spec: BudgetSpec = toml::from_str(r#"
//!     periods = "yearly"
//!     warn_at = 0.9
//!     lines = [
//!         { amount = "500.00 EUR", limit = "soft" },
//!         { tier = "A", category = "marketing", amount = "100.00 EUR" },
//!     ]
//! "#)?;
//! let mut problems = Diagnostics::new();
//! let names = Names { tiers: &["A", "B"], segments: &[], categories: None };
//! let budget = spec.bind(&names, Currency::EUR, &mut problems).ok_or(problems)?;
//!
//! let mut state = BudgetState::new(Currency::EUR);
//! let day = "2025-03-01".parse()?;
//! let first = Spend::new(42, day, "80.00 EUR".parse()?, CostCategory::Marketing)?.with_tier("A");
//! assert_eq!(budget.ask(&first, &state).decision, Decision::Allow);
//! state.commit("order 1", first)?;
//!
//! let second = Spend::new(43, day, "30.00 EUR".parse()?, CostCategory::Marketing)?.with_tier("A");
//! let verdict = budget.ask(&second, &state);
//! assert_eq!(verdict.decision, Decision::Deny);
//! assert_eq!(verdict.to_string(), "\
//! deny
//! tier A, marketing: 110.00 EUR of 100.00 EUR in 2025 would be 10.00 EUR too much: deny
//! everything: 110.00 EUR of 500.00 EUR in 2025, 390.00 EUR left: allow
//! ");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod actions;
mod actual;
mod ask;
mod bind;
mod carry;
mod forecast;
mod line;
mod period;
mod spec;
mod spend;
mod state;

pub use actions::{AskedAction, AskedActions};
pub use actual::{Evidence, Spends};
pub use ask::{Decision, LineVerdict, Reason, Room, Verdict};
pub use carry::{CarryOver, CarryReason};
pub use forecast::{Forecast, ForecastMethod, run_rate, seasonal};
pub(crate) use line::shown;
pub use line::{Budget, Line, LineKey};
pub use period::{Calendar, Period, Periods};
pub use spec::{BudgetSpec, CarrySpec, Limit, LineSpec, Names, Outside, Per, SpendSource};
pub use spend::Spend;
pub use state::{Booking, BudgetState, Totals};

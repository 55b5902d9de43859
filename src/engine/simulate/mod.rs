//! What a policy would do: to everybody on a day, through the whole history, and with other thresholds.
//!
//! - [`Engine::what_if`](super::Engine::what_if): two policies over one population on one day. Who moves from which tier to
//!   which, by which condition, and what that changes in value, cost and entitlements.
//! - [`Engine::replay`](super::Engine::replay): one policy over the history, review by review, each with what was known on its
//!   day and nothing later. How tiers were filled, how often customers moved and moved back, and whether the tiers found the
//!   customers who brought the profit of the period that came next.
//! - [`Engine::propose`](super::Engine::propose): thresholds for target shares or a target lift, with what they would change.
//!
//! Nothing here decides in a way of its own: all of it goes through the review.
//!
//! ```
//! use customer_value::engine::Engine;
//! use customer_value::engine::simulate::{ReplayOptions, Step, WhatIfOptions};
//! use customer_value::ledger::{Ledger, Options};
//! use customer_value::metrics::Catalog;
//! use customer_value::model::{Currency, Transaction};
//!
//! let policy = |gold: u32| format!(r#"
//!     head = {{ name = "members", version = "{gold}", currency = "EUR" }}
//!     tiers = [{{ name = "gold", when = "spend >= {gold}" }}, {{ name = "member" }}]
//! "#);
//! let now = Engine::from_toml(&policy(100), &Catalog::standard())?;
//! let next = Engine::from_toml(&policy(150), &Catalog::standard())?;
//!
//! let as_of = "2024-12-31".parse()?;
//! let sales = [(1, "2024-01-15", "120.00 EUR"), (2, "2024-01-20", "80.00 EUR"), (2, "2024-02-10", "90.00 EUR")];
//! let sales = sales
//!     .map(|(customer, day, amount)| Transaction::purchase(customer, day.parse().unwrap(), amount.parse().unwrap()).unwrap());
//! let ledger = Ledger::from_transactions(&sales, Options::new(as_of, Currency::EUR));
//!
//! let population = now.shared_population(&next, &ledger)?;
//! let what_if = now.what_if(&next, &population, None, as_of, &WhatIfOptions::default())?;
//! assert_eq!(what_if.migration.count("gold", "member"), 1);
//! assert_eq!(what_if.reasons[0].to_string(), "no longer gold: needs spend >= 150, was spend >= 100");
//!
//! let replay = now.replay(&ledger, "2024-01-01".parse()?, "2024-03-31".parse()?, &ReplayOptions::new(Step::Month))?;
//! assert_eq!(replay.steps.len(), 3);
//! assert_eq!(replay.steps[1].migration.count("member", "gold"), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod block;
mod compare;
mod events;
mod held;
mod outcome;
mod propose;
mod reason;
mod replay;
mod sheets;
mod step;
mod what_if;

pub(super) use block::{names, place};
pub use events::EventKind;
pub use held::Held;
pub use outcome::{Outcome, OutcomeQuality, RankedBy, RankingQuality, TierOutcome, TopQuality};
pub use propose::{Goal, Proposal, ProposeOptions, ProposedTier};
pub use reason::{MoveReason, StayReason, Turn};
pub use replay::{Flapping, Replay, ReplayOptions, ReplayStep};
pub use step::Step;
pub use what_if::{Cost, EntitlementChange, Mover, Named, TierShare, WhatIf, WhatIfOptions};

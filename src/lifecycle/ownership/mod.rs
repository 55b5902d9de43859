//! Who of the sales people a customer belongs to (公海): claims from a common pool, and the way back to it.
//!
//! Customers nobody has are in the **pool**. Sales people claim them, within limits, and keep them as long as they look after
//! them: after so many days without a contact, or without a deal, a customer returns to the pool, and the former owner cannot
//! claim them again for a while. A claim is protected for a time, a lock keeps a customer where they are, and so does a closed
//! deal. What exactly each rule means is in [`docs::lifecycle`](crate::docs::lifecycle).
//!
//! [`OwnershipSpec`] is what a policy says, [`OwnershipRules`] the same checked, and [`Ownership`] what a host stores of
//! each customer. The rest are functions of these and of a day: [`review`](OwnershipRules::review) for what time does,
//! [`claim`](OwnershipRules::claim), [`contact`](OwnershipRules::contact) and the others for what people do. Each gives what is to be
//! stored and what happened, or says why not.
//!
//! ```
//! use customer_value::diagnostic::Diagnostics;
//! use customer_value::lifecycle::ownership::{Load, Ownership, OwnershipChange, OwnershipSpec, Refusal, ReturnReason};
//! use customer_value::model::Day;
//!
//! let spec: OwnershipSpec = toml::from_str(r#"
//!     no_contact = "30 days"
//!     warn_before = "7 days"
//!     barred = "60 days"
//!     max_held = 100
//! "#)?;
//! let mut problems = Diagnostics::new();
//! let rules = spec.bind(&mut problems).ok_or(problems)?;
//! let day = |text: &str| text.parse::<Day>();
//!
//! // Li claims a customer in January and has a contact on the 20th.
//! let claimed = rules.claim(&Ownership::default(), "li", &Load::default(), day("2025-01-10")?)?;
//! let stored = rules.contact(&claimed.ownership, day("2025-01-20")?).ownership;
//! assert_eq!(rules.returns_on(&stored), Some((day("2025-02-19")?, ReturnReason::NoContact)));
//!
//! // Nobody looks until March: the events have their own days all the same.
//! let late = rules.review(&stored, day("2025-03-01")?);
//! let found: Vec<_> = late.events.iter().map(|event| (event.day.to_string(), &event.change)).collect();
//! assert!(matches!(found.as_slice(), [
//!     (warned, OwnershipChange::Warned { returns_on, .. }),
//!     (returned, OwnershipChange::Returned { .. }),
//! ] if warned == "2025-02-12" && returned == "2025-02-19" && returns_on.to_string() == "2025-02-19"));
//!
//! let again = rules.claim(&late.ownership, "li", &Load::default(), day("2025-03-01")?);
//! assert_eq!(again.unwrap_err(), Refusal::Barred { until: day("2025-04-20")? });
//! assert!(rules.claim(&late.ownership, "wang", &Load::default(), day("2025-03-01")?).is_ok());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod act;
mod event;
mod record;
mod review;
mod rules;
mod spec;

pub use event::{Load, Outcome, OwnershipChange, OwnershipEvent, Refusal};
pub use record::{FormerOwner, Holding, Lock, Ownership, ReturnReason};
pub use rules::OwnershipRules;
pub use spec::OwnershipSpec;

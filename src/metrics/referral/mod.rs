//! Referral weight: what customers are worth through the customers they bring.
//!
//! # Formula
//!
//! After Kumar, Petersen & Leone, *How Valuable Is Word of Mouth?* (Harvard Business Review, October 2007). What one
//! referee is worth to those who brought it:
//!
//! - **type one** (would not have come otherwise): its own value + acquisition cost saved − incentive;
//! - **type two** (would have come anyway): acquisition cost saved.
//!
//! The source stops at the direct referrer. Several levels take the geometric weights of multi-level marketing
//! (Emek, Karidi, Tennenholtz & Zohar, *Mechanisms for Multi-Level Marketing*, 2011): a referee l levels below
//! weighs `damping^(l − 1)`, up to a `depth` ([`ReferralReach`]). Two views, which are two answers:
//!
//! - **credit** of a customer = Σ over the customers below, `damping^(l − 1)` × worth. The gross view: "what would be
//!   missing without this customer". One referee counts for several customers, so credits are never added up.
//! - **attributed** to a customer: the worth of each referee is shared out once, among its referrers within reach, in
//!   proportion to `damping^(l − 1)`. Shares sum to 1 per referee, and the amounts over all customers sum to the
//!   worth of all referees *to the last minor unit*. It is a view of value that the referees have too: it is
//!   never added to their own value.
//!
//! The fractions behind an attributed amount are those of [`ReferralGraph::shares`]. Amounts are rounded to whole
//! minor units at each referrer on the way up, and the rest goes on: so an amount can differ from the exact
//! fraction by half a minor unit for each customer and level within reach, and the sum by nothing.
//!
//! Where nothing is known about money, [`ReferralGraph::counts`] lets each referee count as one.
//!
//! # Rows that do not count
//!
//! [`ReferralGraph::build`] rejects, whatever the order of the rows, and in this order:
//!
//! 1. a customer who refers itself, and a referral after `as_of`;
//! 2. a second row of the same two customers: the earliest stays, and of one day the one of type two, which claims
//!    less. This is a duplicate, counted but not listed;
//! 3. a second referrer: the earliest claim stays, and of one day the one with the smaller id;
//! 4. the latest row of each circle (by day, then by the ids of referrer and referee). No other claim takes its
//!    place, not even one that was second to it.
//!
//! # Unit and missing
//!
//! Weights are held in minor units of the reporting currency (or in millionths of a referee) and read in major units
//! (or in referees). With no accepted referral at all every weight is missing. Otherwise each customer has
//! one: who brought nobody has zero. Amounts can be negative, where the incentive is more than a referee brings.
//!
//! # Example
//!
//! ```
//! use customer_value::metrics::referral::{ReferralGraph, ReferralReach, ReferralTerms};
//! use customer_value::model::{CustomerId, Referral, ReferralKind};
//!
//! let day = "2024-03-01".parse()?;
//! // Ann (1) brought Bob (2), who would not have come otherwise. Bob brought Cleo (3), who would have.
//! let rows = [
//!     Referral::new(1, 2, day, ReferralKind::TypeOne)?,
//!     Referral::new(2, 3, day, ReferralKind::TypeTwo)?,
//!     Referral::new(3, 1, day, ReferralKind::TypeTwo)?, // closes a circle
//! ];
//! let (graph, report) = ReferralGraph::build(&rows, day);
//! assert_eq!((report.accepted, report.rejected.len()), (2, 1));
//!
//! let terms = ReferralTerms {
//!     acquisition_saved: "30.00 EUR".parse()?,
//!     incentive: "10.00 EUR".parse()?,
//! };
//! let reach = ReferralReach { depth: Some(2), damping: 0.5 };
//! // Each of them is worth 100 euros directly.
//! let weights = graph.weights(&reach, &terms, |_| Some(100_00))?;
//!
//! let (ann, bob) = (CustomerId::from(1), CustomerId::from(2));
//! // Bob is worth 100 + 30 − 10 to Ann, and Cleo 30 to Bob and half of that to Ann.
//! assert_eq!(weights.credit(&ann), Some(135.0));
//! assert_eq!(weights.credit(&bob), Some(30.0));
//! // Shared out once: of Cleo's 30 two thirds to Bob, one third to Ann.
//! assert_eq!(weights.attributed(&ann), Some(130.0));
//! assert_eq!(weights.attributed(&bob), Some(20.0));
//! # Ok::<(), customer_value::Error>(())
//! ```

mod customers;
mod graph;
mod metric;
mod policy;
mod weights;

pub use graph::{ReferralEdge, ReferralGraph, ReferralReason, ReferralReport, RejectedReferral};
pub use metric::ReferralMetric;
pub use policy::{ReferralReach, ReferralTerms};
pub use weights::{ReferralWeight, ReferralWeights};

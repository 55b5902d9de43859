//! Winning back who has left: who is worth it, with which offer, and who is left alone.
//!
//! A [`WinBackSpec`] is the section `[win_back]` of a policy; bound to the columns of a table it is a [`WinBack`], which
//! makes a [`WinBackList`] of [`Candidate`]s. [The page on churn](crate::docs::churn) has the definitions. Whether it worked is
//! told by a [report](crate::report::WinBackReport).

mod explain;
mod list;
mod outcome;
mod spec;
mod tell;
mod worth;

pub use explain::{OfferExplanation, OfferState, WinBackExplanation, WinBackVerdict};
pub use list::{Candidate, WinBack};
pub use outcome::{Chosen, Suppressed, Suppression, WinBackList};
pub(crate) use spec::response;
pub use spec::{OfferSpec, WinBackSpec};
pub(crate) use worth::{Response, minor};

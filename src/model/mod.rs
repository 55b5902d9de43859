//! The records a service has about its customers, and the typed values in them.
//!
//! Every constructor checks, and reading with serde goes through the constructors, so a value that exists is a value
//! that makes sense. What is not known is left out; it is never zero, and never an empty text.
//!
//! **Records**
//!
//! | | |
//! |---|---|
//! | [`Transaction`] | a purchase, a refund or an adjustment ([`TransactionKind`]) |
//! | [`ServiceCost`] | what serving a customer cost, by [`CostCategory`] |
//! | [`Interaction`] | a contact through a channel, in one [`Direction`] |
//! | [`SurveyAnswer`] | an answer on the scale of a [`SurveyInstrument`] |
//! | [`Complaint`] | a complaint, and whether it was settled |
//! | [`Referral`] | one customer brought another, of one [`ReferralKind`] |
//! | [`Loss`] | a customer left, for one [`LossReason`] |
//! | [`Attempt`] | something was tried with a customer, of one [`AttemptKind`] and for one [`AttemptPurpose`] |
//! | [`Membership`] | a customer belongs to a household or account |
//! | [`Customer`] | who they are: attributes by name, each an [`AttributeValue`] |
//!
//! A [`Record`] is one of those that are added up per day beside the transactions: a cost, a contact, an answer, a complaint.
//!
//! **Values**
//!
//! | | |
//! |---|---|
//! | [`CustomerId`] | what the host calls a customer: a whole number or a text |
//! | [`Day`], [`Days`] | a calendar day, and a length of time in whole days |
//! | [`Weekday`] | a day of the week |
//! | [`Span`] | a length of time in days or in months of the calendar |
//! | [`BusinessDay`], [`parse_day`] | to which day a date-time belongs |
//! | [`Currency`], [`Money`] | a currency of ISO 4217, and an exact amount of it |
//! | [`parse_amount`], [`to_major`] | amounts from text, and as numbers for columns |
//! | [`Unit`] | what the number in a column counts |

mod attempt;
mod chance;
mod complaint;
mod currency;
mod customer;
mod day;
pub(crate) mod exact;
mod fingerprint;
mod id;
mod loss;
mod membership;
mod money;
mod record;
mod service;
mod span;
mod text;
mod transaction;
mod unit;
mod voice;
mod weekday;
mod zone;

pub use attempt::{Attempt, AttemptKind, AttemptPurpose};
pub(crate) use chance::chance;
pub use complaint::Complaint;
pub use currency::Currency;
pub use customer::{AttributeValue, Customer};
pub use day::{Day, Days};
pub use fingerprint::Fingerprint;
pub use id::CustomerId;
pub use loss::{Loss, LossReason};
pub use membership::Membership;
pub use money::{Money, parse_amount, to_major};
pub use record::Record;
pub use service::{CostCategory, Direction, Interaction, ServiceCost};
pub use span::Span;
pub(crate) use text::{no_text, serde_as_text};
pub use transaction::{Transaction, TransactionKind};
pub use unit::Unit;
pub use voice::{Referral, ReferralKind, SurveyAnswer, SurveyInstrument};
pub use weekday::Weekday;
pub use zone::{BusinessDay, parse_day};

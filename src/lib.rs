//! What each customer is worth, which tier and lifecycle stage they are in, why, and what to do about it.
//!
//! Records go in (purchases, refunds, service costs, contacts, answers, complaints, referrals, attributes), a policy says what
//! counts, and out come metrics, scores, a tier and a stage for every customer, each with its reason, and from these service
//! plans, due actions, budgets and their allocation, and the effect of what was done. The policy is data: a file that people
//! can read, version and compare.
//!
//! ```
//! use customer_value::*;
//!
//! let today: Day = "2024-06-30".parse()?;
//! let sales = [
//!     Transaction::purchase(1, "2024-05-02".parse()?, "120.00 EUR".parse()?)?,
//!     Transaction::purchase(2, "2023-09-01".parse()?, "9.90 EUR".parse()?)?,
//! ];
//!
//! let engine = Engine::new(Policy::standard(Currency::EUR), &Catalog::standard())?;
//! let ledger = Ledger::from_transactions(&sales, engine.cleaning(today));
//! let population = engine.population(&ledger)?;
//! let engine = engine.fitted_to(&population, None, today)?; // `None`: nobody has been reviewed yet
//! let reviews = engine.review_all(&population, None, today)?;
//!
//! let two = reviews.get(&2.into()).unwrap();
//! assert_eq!((two.tier(), two.stage()), ("D", Some("churned")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # One sentence
//!
//! A review is a pure function: *(History, Standing, day) → (Standing, Assessment)*. The caller keeps two values per
//! customer, a [`History`] and a [`Standing`], and one [`Policy`]. The crate keeps nothing: no clock, no I/O, no async, no
//! global state, no hidden randomness. The day of the review is always an argument.
//!
//! The main type is [`Engine`], a policy bound to what can be measured. It reviews
//! [one customer](Engine::review) online and [all customers](Engine::review_all) in bulk, with the same code and the same
//! numbers, and it [explains](engine::Assessment::explain) what it decided.
//!
//! # The rooms
//!
//! Each module is one step of the way, and uses only those above it.
//!
//! | Room | What is in it |
//! |---|---|
//! | [`docs`] | [design](docs::design), [glossary](docs::glossary), [units](docs::units), [the policy file](docs::policy_file), a page for each thing that is computed, [limits](docs::limits) |
//! | [`error`] | the one [`Error`]: misuse, or one value that does not parse |
//! | [`diagnostic`] | what is wrong with a policy: all problems at once, each with its place |
//! | [`model`] | the records and the values in them: [`Day`], [`Money`], [`CustomerId`], [`Transaction`] and the others |
//! | [`ledger`] | raw rows in, clean rows out: [`Ledger`], rejects, exchange rates, merged customers, the quality report |
//! | [`history`] | what each day added to a customer: [`History`], [`Histories`]; merges exactly |
//! | [`summary`] | what a window of a history adds up to |
//! | [`table`] | columns of numbers and words, read by row |
//! | [`metrics`] | named numbers with a unit: the built-in measures, [`Catalog`], and the open trait [`Metric`]; [predicted lifetime value](metrics::lifetime), [cost to serve](metrics::cost) |
//! | [`scoring`] | columns to points: percentiles, RFM and its segments, weighted scores, point books |
//! | [`rules`] | the predicate language: parse, print, bind, evaluate, explain; segments; the words of reports in any language |
//! | [`tiering`] | a ladder of tiers, the decision, its reason, what is missing for the next tier, and movement: terms, grace, overrides |
//! | [`lifecycle`] | stages and transitions: where a customer is, since when and why; churn, win-back, the exit ladder, sales ownership |
//! | [`strategy`] | [service plans](strategy::playbook) and due actions, [budgets](strategy::budget), [allocation](strategy::allocation), [surveys](strategy::surveys) |
//! | [`report`] | distribution, migration, retention, whale curve, behaviour, satisfaction, the [effect](report::effect) of an action and more; as data, text and Markdown |
//! | [`engine`] | the front door: [`Policy`], bind, fit, review, explain |
//! | [`interop`] | one file per foreign crate, behind a feature of its name |
//!
//! # What it is not for
//!
//! - **Storing, sending, scheduling.** There is no database, no mail and no clock in it. A service stores histories and
//!   standings where it likes and calls when it likes.
//! - **Recommending products, pricing, search.** It looks at customers, not at articles.
//! - **Contact data.** Names and addresses have no place in a ledger; a customer is an id.
//! - **Learning black boxes.** What a population teaches is a set of thresholds and a few parameters that can be read in the
//!   [`Fit`](engine::Fit).
//! - **Accounting.** Money is exact, but a ledger here is a cleaned list of sales, not double-entry books.
//!
//! # Features
//!
//! | Feature | Default | |
//! |---|---|---|
//! | `toml` | yes | policy files in TOML, with the line and column of every problem |
//! | `rayon` | no | bulk work on rayon's current thread pool; changes the time, never a number |
//! | `clustering` | no | k-means and Gaussian mixtures over chosen metrics, by the crate `linfa-clustering` |
//! | `proptest` | no | for tests: strategies for records, histories, rules and policies, and law checks for your policy and your metrics |
//!
//! A policy is plain serde data, so that any other format works without a feature too.

// Library code proves its indices and its arithmetic or returns a value: an exception says why. Tests may unwrap.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod diagnostic;
pub mod docs;
pub mod engine;
pub mod error;
pub mod history;
pub mod interop;
pub mod ledger;
pub mod lifecycle;
pub mod metrics;
pub mod model;
mod parallel;
pub mod report;
pub mod rules;
pub mod scoring;
pub mod strategy;
pub mod summary;
pub mod table;
pub mod tiering;

pub use engine::{Engine, Policy, Population, Standing, Standings};
pub use error::Error;
pub use history::{Histories, History};
pub use ledger::Ledger;
pub use metrics::{Catalog, Metric};
pub use model::{Currency, CustomerId, Day, Money, Transaction};

/// The examples of the README run with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

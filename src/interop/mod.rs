//! Other crates' types and formats: one file per crate, behind a feature of that crate's name.
//!
//! | Feature | Adds |
//! |---|---|
//! | `toml` (default) | [`Policy::from_toml`](crate::engine::Policy::from_toml), [`Policy::to_toml`](crate::engine::Policy::to_toml), [`Engine::from_toml`](crate::engine::Engine::from_toml), [`Engine::check_toml`](crate::engine::Engine::check_toml): policy files, with the line and column of every problem |
//! | `rayon` | bulk work on rayon's current thread pool; it adds no name, and changes the time, never a number |
//! | `proptest` | for tests: strategies for records, histories, rules and policies, and law checks in one line each for your policy and your metrics |
//! | `clustering` | groups of customers by k-means and Gaussian mixtures, and rules that say who is in each |
//!
//! Other formats need no feature: [`Policy::read`](crate::engine::Policy::read) and
//! [`Engine::read`](crate::engine::Engine::read) take the deserializer of any serde format that describes itself.

#[cfg(feature = "clustering")]
pub mod clustering;
#[cfg(feature = "proptest")]
pub mod proptest;
#[cfg(feature = "toml")]
mod toml;

//! What is said of a law that does not hold, and the runner that finds it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::proptest::prelude::*;
use ::proptest::test_runner::{
    Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner,
};

use super::Trial;

/// A law that does not hold, and the smallest input that was found to show it.
///
/// `Debug` is the same text as `Display`, so that a test that returns it or unwraps it can be read.
#[derive(Clone, PartialEq, Eq)]
pub struct LawBroken {
    law: String,
    what: String,
    input: String,
}

impl LawBroken {
    pub(super) fn new(law: impl Into<String>, what: impl Into<String>, input: String) -> Self {
        Self {
            law: law.into(),
            what: what.into(),
            input,
        }
    }

    /// What should hold.
    #[must_use]
    pub fn law(&self) -> &str {
        &self.law
    }

    /// What does not.
    #[must_use]
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The rows with which it does not, as a CSV file has them, and the day; empty if no row matters.
    #[must_use]
    pub fn input(&self) -> &str {
        &self.input
    }
}

impl fmt::Display for LawBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken: {}: {}", self.law, self.what)?;
        if !self.input.is_empty() {
            write!(f, "\n{}", self.input)?;
        }
        Ok(())
    }
}

impl fmt::Debug for LawBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for LawBroken {}

impl Trial {
    /// Tries a law on inputs; a panic breaks it too.
    pub(super) fn run<S: Strategy>(
        &self,
        law: &str,
        inputs: S,
        show: impl Fn(&S::Value) -> String,
        check: impl Fn(&S::Value) -> Result<(), String>,
    ) -> Result<(), LawBroken> {
        let config = Config {
            cases: self.cases,
            failure_persistence: None,
            max_shrink_iters: 2_000,
            verbose: 0,
            rng_algorithm: RngAlgorithm::ChaCha,
            ..Config::default()
        };
        let mut seed = [0; 32];
        for (place, byte) in seed.iter_mut().zip(self.seed.to_le_bytes()) {
            *place = byte;
        }
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let found = runner.run(&inputs, |input| {
            let outcome = catch_unwind(AssertUnwindSafe(|| check(&input)));
            outcome
                .unwrap_or_else(|panic| Err(format!("it panics: {}", said(panic.as_ref()))))
                .map_err(TestCaseError::fail)
        });
        found.map_err(|error| match error {
            TestError::Fail(what, input) => LawBroken::new(law, what.message(), show(&input)),
            TestError::Abort(why) => {
                LawBroken::new(law, format!("no input to try it on: {why}"), String::new())
            }
        })
    }
}

/// The message of a panic.
fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("something")
}

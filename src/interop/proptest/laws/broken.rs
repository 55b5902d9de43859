//! What is said of a law that does not hold, and the runner that finds it.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ::proptest::prelude::*;
use ::proptest::test_runner::{
    Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner,
};

use super::Trial;
use super::scene::{Scene, Shown};

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
    /// Tries several laws on the same scenes, which is much quicker than one after the other; then the one that is broken
    /// alone, to find the smallest scene for it.
    pub(super) fn run_all<L: Copy + fmt::Display>(
        &self,
        laws: &[L],
        scenes: impl Strategy<Value = Scene>,
        check: impl Fn(L, &Scene) -> Result<(), String>,
        alone: impl Fn(L) -> Result<(), LawBroken>,
    ) -> Result<(), LawBroken> {
        let at = Cell::new(None);
        let unshrunk = Self {
            shrink: 0,
            ..self.clone()
        };
        let all = |scene: &Scene| {
            laws.iter().try_for_each(|law| {
                at.set(Some(*law));
                check(*law, scene)
            })
        };
        let everything = Shown {
            future: true,
            earlier: true,
        };
        let found = unshrunk.run("", scenes, |scene: &Scene| scene.show(everything), all);
        match (found, at.get()) {
            // What breaks a law only now and then holds alone, perhaps.
            (Err(found), Some(law)) => alone(law).and(Err(LawBroken {
                law: law.to_string(),
                ..found
            })),
            (found, _) => found,
        }
    }

    /// Tries a law on scenes; a panic breaks it too.
    pub(super) fn run(
        &self,
        law: &str,
        scenes: impl Strategy<Value = Scene>,
        show: impl Fn(&Scene) -> String,
        check: impl Fn(&Scene) -> Result<(), String>,
    ) -> Result<(), LawBroken> {
        let config = Config {
            cases: self.cases,
            failure_persistence: None,
            max_shrink_iters: self.shrink,
            verbose: 0,
            rng_algorithm: RngAlgorithm::ChaCha,
            ..Config::default()
        };
        let mut seed = [0; 32];
        for (place, byte) in seed.iter_mut().zip(self.seed.to_le_bytes()) {
            *place = byte;
        }
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let check = |scene: &Scene| {
            let outcome = catch_unwind(AssertUnwindSafe(|| check(scene)));
            outcome.unwrap_or_else(|panic| Err(format!("it panics: {}", said(panic.as_ref()))))
        };
        let mut runner = TestRunner::new_with_rng(config, rng);
        let found = runner.run(&scenes, |scene| check(&scene).map_err(TestCaseError::fail));
        found.map_err(|error| match error {
            TestError::Fail(what, scene) => {
                let (what, scene) = self.smallest(what.message().to_owned(), scene, check);
                LawBroken::new(law, what, show(&scene))
            }
            TestError::Abort(why) => {
                LawBroken::new(law, format!("no input to try it on: {why}"), String::new())
            }
        })
    }

    /// Leaves out of a scene what does not matter. Shrinking has made the numbers small, and may have left rows that
    /// mattered when they were large.
    fn smallest(
        &self,
        mut what: String,
        mut scene: Scene,
        check: impl Fn(&Scene) -> Result<(), String>,
    ) -> (String, Scene) {
        let mut tries = self.shrink;
        'smaller: loop {
            for candidate in scene.smaller() {
                if tries == 0 {
                    break 'smaller;
                }
                tries -= 1;
                if let Err(why) = check(&candidate) {
                    (what, scene) = (why, candidate);
                    continue 'smaller;
                }
            }
            break;
        }
        (what, scene)
    }
}

/// The message of a panic.
fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("something")
}

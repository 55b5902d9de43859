//! Random ladders, and lives of customers on them.

use proptest::prelude::*;

pub(crate) const GATES: usize = 4;

/// A ladder in plain numbers.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) at_least: i32,
    pub(crate) attempts: usize,
    pub(crate) interval: i32,
    /// Name and notice.
    pub(crate) steps: Vec<(String, i32)>,
    /// The last step ends the service.
    pub(crate) ends: bool,
    /// For each gate the first step that it is looked at for.
    pub(crate) gates: Vec<usize>,
}

/// What a review sees.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) day: i32,
    pub(crate) below: Option<bool>,
    pub(crate) closed: [Option<bool>; GATES],
}

/// A customer's life: reviews by two policies in turn, and the days of attempts.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) plans: [Plan; 2],
    /// How many reviews the first policy makes.
    pub(crate) first: usize,
    pub(crate) seen: Vec<Seen>,
    pub(crate) attempts: Vec<i32>,
}

impl Life {
    pub(crate) fn plan(&self, review: usize) -> &Plan {
        &self.plans[usize::from(review >= self.first)]
    }
}

pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    // Few names in any order, so that two policies share some.
    let names = Just(["a", "b", "c", "d", "e"]).prop_shuffle();
    let notices = prop::collection::vec(0..=30_i32, 5);
    let gates = prop::collection::vec(0..5_usize, 0..=GATES);
    let numbers = (0..30_i32, 0..3_usize, 1..40_i32, 1..=5_usize, any::<bool>());
    (names, notices, gates, numbers).prop_map(
        |(names, notices, gates, (at_least, attempts, interval, steps, ends))| Plan {
            at_least,
            attempts,
            interval,
            steps: (names.iter().zip(notices).take(steps))
                .map(|(name, notice)| ((*name).to_owned(), notice.min(interval)))
                .collect(),
            ends,
            gates: gates
                .into_iter()
                .map(|first| first.min(steps - 1))
                .collect(),
        },
    )
}

pub(crate) fn flag(open: u32) -> impl Strategy<Value = Option<bool>> {
    prop_oneof![open => Just(Some(false)), 1 => Just(Some(true)), 1 => Just(None)]
}

pub(crate) fn life() -> impl Strategy<Value = Life> {
    let below = prop_oneof![16 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    // Mostly soon, sometimes on the same day, late or on an earlier one.
    let gap = prop_oneof![10 => 1..20_i32, 2 => Just(0), 2 => 20..200_i32, 1 => -10..0_i32];
    let seen = (gap, below, prop::array::uniform4(flag(16)));
    let seen = prop::collection::vec(seen, 1..40);
    let attempts = prop::collection::vec(-50..300_i32, 0..6);
    (
        plan(),
        plan(),
        prop_oneof![Just(usize::MAX), 0..40_usize],
        seen,
        attempts,
    )
        .prop_map(|(one, other, first, seen, attempts)| {
            let mut day = 0;
            let seen = seen.into_iter().map(|(gap, below, closed)| {
                day += gap;
                Seen { day, below, closed }
            });
            Life {
                plans: [one, other],
                first,
                seen: seen.collect(),
                attempts,
            }
        })
}

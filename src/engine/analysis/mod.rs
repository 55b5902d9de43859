//! Whether a policy can do what it says: static analysis with witnesses.
//!
//! [`Engine::analyse`] looks at all rules of a bound policy together and reports what cannot be meant. Every finding comes
//! with a *witness*: a customer made up, of whom the rules themselves were asked, or two of them.
//!
//! ```
//! use customer_value::engine::Engine;
//! use customer_value::metrics::Catalog;
//!
//! let engine = Engine::from_toml(r#"
//! head = { name = "bands", version = "1", currency = "EUR" }
//! tiers = [
//!     { name = "gold", when = "spend >= 1000 and refund_share <= 20" },
//!     { name = "silver", when = "spend between 250 and 750" },
//!     { name = "bronze", when = "spend >= 500 and spend < 600" },
//!     { name = "all" },
//! ]
//! "#, &Catalog::standard()).unwrap();
//! let said: Vec<String> = engine.analyse().iter().map(ToString::to_string).collect();
//! assert_eq!(said, [
//!     "warning: tiers[0].when at 18..36: `refund_share <= 20` is true for everybody of whom it is known: \
//!      `refund_share` is a share, from 0 to 1 (write 20 % as `0.2`)\
//!      \n  refund_share 1: all",
//!     "warning: tiers[1].when: a customer who is at least as good in everything that counts is in `all`, not in `silver` \
//!      (give the condition no upper end, or let a higher tier begin where it ends)\
//!      \n  refund_share 0, spend 600.00: silver\
//!      \n  refund_share 0, spend 751.00: all",
//!     "error: tiers[2].when: nobody can be in `bronze`: who could be is in `silver` \
//!      (list the tiers best first, and let each ask for more than the next)\
//!      \n  spend 500.00: silver",
//! ]);
//! ```
//!
//! # What is found
//!
//! | [`Code`] | | |
//! |---|---|---|
//! | `unit` | warning, or error if the rule never holds | a number that looks like one in another unit: a share above 1, a percentage or a score from 0 to 100 below 1, more than a hundred years of days |
//! | `never` | likewise | a condition, or a whole rule, that holds for nobody |
//! | `always` | warning | a condition, or a whole rule, that holds for everybody of whom it is known |
//! | `shadowed` | error | a tier, the base too, or a transition of the lifecycle, that nothing is left for: what comes before it takes everybody |
//! | `flapping` | error | some who enter a tier do not meet what it takes to keep it |
//! | `never_kept` | error | nobody who enters a tier does |
//! | `not_monotone` | warning | of two customers the second is at least as good in every column that counts, and equal in all others, and worse off |
//! | `not_increasing` | warning | all tiers ask for some of a column, and one for less than a tier below it |
//! | `unused` | warning | an attribute, a score or points that nothing reads; a metric that nothing reads and that is the same as one that is read |
//! | `not_decided` | warning | the rules are too large to find out ([`limits`](crate::docs::limits)) |
//!
//! What follows from another finding is left out. Overlaps and gaps of a segment table are errors already when the policy
//! is bound; those of a list of rules of the host's own are told by [`Prover`](crate::rules::prove::Prover). A metric that nothing reads is measured for
//! the output, and no finding: see [`Engine::unread_metrics`].
//!
//! **Which columns count.** A high value is good of purchases, active days, active span, frequency, spend, category spend,
//! average order value, margin, lifetime values, growth, of everything predicted, of `r`, `f` and `m`, of scores and of
//! points. A low one is good of `days_since_last`, `churn_factor`, `gap_percentile` and `refund_share`. Of
//! everything else (dates, words, flags, attributes, gaps, ages, metrics of the host's own) two customers that are compared
//! have the same, and what is not known of the one is not known of the other.
//!
//! **What is taken for granted.** Columns are independent of one another ([`rules::prove`](crate::rules::prove)): that nobody
//! meets a condition is certain; that somebody does means that the rules allow it. Before [`Engine::freeze`] a place in the population is a column of
//! its own; after it, the frozen numbers are analysed.

mod columns;
mod finding;
mod judge;
mod ladder;
#[cfg(test)]
mod tests;
mod units;
mod unused;

pub use finding::{Finding, Witness, WitnessValue};

use self::columns::Columns;
use self::judge::{Judge, Purpose, Tier};
use super::Engine;
use super::bind::Trigger;
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::rules::Rule;
use crate::rules::prove::{Answer, Demand, Truths};

impl Engine {
    /// Everything that cannot be meant, in the order of the document, each with customers who show it; see
    /// [`analysis`](self).
    ///
    /// It is exact and says the same every time. A policy of fifty rules takes a few milliseconds.
    #[must_use]
    pub fn analyse(&self) -> Vec<Finding> {
        let columns = Columns::of(self);
        let tiers: Vec<Tier<'_>> = self
            .ladder
            .conditions()
            .map(|(name, entry, keep)| Tier { name, entry, keep })
            .collect();
        let points: Vec<(String, &Rule)> = self.point_rules();
        let transitions: Vec<(u64, &Rule)> = self
            .life
            .iter()
            .flat_map(|life| life.cycle.rules())
            .collect();
        let others = points.iter().map(|(_, rule)| *rule);
        let others = others.chain(transitions.iter().map(|(_, rule)| *rule));
        let mut judge = Judge::new(&self.schema, &columns, &tiers, others);
        let mut next = tiers
            .iter()
            .map(|t| usize::from(t.entry.is_some()) + usize::from(t.keep.is_some()))
            .sum();
        judge.found = self.unread_inputs();
        judge.found.extend(self.unread_scores());
        for (path, _) in &points {
            judge.rule(next, path, Purpose::Points);
            next += 1;
        }
        judge.transitions(next, &transitions);
        judge.ladder();
        judge.found
    }

    /// The conditions of point rules, each with its place.
    fn point_rules(&self) -> Vec<(String, &Rule)> {
        let mut rules = Vec::new();
        for (i, points) in self.points.iter().enumerate() {
            for (j, trigger) in points.triggers.iter().enumerate() {
                if let Trigger::When(rule) = trigger {
                    rules.push((format!("points[{i}].rules[{j}].when"), rule));
                }
            }
        }
        rules
    }
}

impl Judge<'_> {
    /// The guards of a lifecycle, of which the first is the prover's rule at `first`: each can hold, and after those that
    /// come before it from the same stage.
    fn transitions(&mut self, first: usize, transitions: &[(u64, &Rule)]) {
        for (i, (from, _)) in transitions.iter().enumerate() {
            let path = format!("lifecycle.transitions[{i}].when");
            if !self.rule(first + i, &path, Purpose::Transition) {
                continue;
            }
            let mut decided = true;
            let stages = (0..64).filter(|stage| from >> stage & 1 != 0);
            // From one stage the same transitions come before as from many: each set is asked about once.
            let mut before: Vec<Vec<usize>> = stages
                .map(|stage| {
                    let earlier = transitions.iter().take(i).enumerate();
                    let leads = earlier.filter(|(_, (from, _))| from >> stage & 1 != 0);
                    leads.map(|(j, _)| first + j).collect()
                })
                .collect();
            before.sort();
            before.dedup();
            let open = before.iter().any(|before| {
                let own: Demand = (first + i, Truths::TRUE);
                let others = before.iter().map(|rule| (*rule, Truths::NOT_TRUE));
                let demands: Vec<Demand> = others.chain([own]).collect();
                match self.prover.find(&demands) {
                    Answer::Found(_) => true,
                    Answer::None => false,
                    Answer::NotDecided => {
                        decided = false;
                        false
                    }
                }
            });
            if open || before.is_empty() {
                continue;
            }
            let place = Place::at(path);
            if !decided {
                self.not_decided(place, "the transition is never made");
                continue;
            }
            let message = "the transition is never made: when it could be, an earlier one is";
            let diagnostic = Diagnostic::error(Code::Shadowed, place, message)
                .help("of several transitions that could be made the first in the list is");
            let sample = self.prover.find(&[(first + i, Truths::TRUE)]).found();
            self.push(diagnostic, sample.as_ref().as_slice());
        }
    }
}

//! Whether a policy can do what it says: static analysis with witnesses.
//!
//! [`Engine::analyse`] looks at all rules of the tiers, the points and the lifecycle of a bound policy together and reports what cannot be
//! meant. Every finding comes
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
//! | [`Code`](crate::diagnostic::Code) | | |
//! |---|---|---|
//! | `unit` | warning, or error if the rule never holds | a number that looks like one in another unit: a share above 1, a percentage or a score from 0 to 100 below 1, more than a hundred years of days |
//! | `never` | likewise | a condition, or a whole rule, that holds for nobody |
//! | `always` | warning | a condition, or a whole rule, that holds for everybody of whom it is known |
//! | `shadowed` | error | a tier, the base too, or a transition of the lifecycle, that nothing is left for: what comes before it takes everybody (of timed transitions, those that ask for no more days of the same kind) |
//! | `flapping` | error | some who enter a tier do not meet what it takes to keep it |
//! | `never_kept` | error | nobody who enters a tier does |
//! | `not_monotone` | warning | of two customers the second is at least as good in every column that counts, and equal in all others, and worse off |
//! | `not_increasing` | warning | all tiers ask for some of a column, and one for less than a tier below it |
//! | `unused` | warning | an attribute, a score or points that nothing reads; a metric that nothing reads and that is the same as one that is read; a stage that no transition that can fire leads to |
//! | `missing` | warning | a stage that no transition that can fire leads out of, and that is not `final` |
//! | `conflict` | error | a transition that can fire out of a `final` stage |
//! | `overlap` | error | in a lifecycle that is `exclusive`, two transitions out of one stage to different stages that can both fire, of equal priority |
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
mod lifecycle;
#[cfg(test)]
mod tests;
mod units;
mod unused;

pub use finding::{Finding, Witness, WitnessValue};

use self::columns::Columns;
use self::judge::{Judge, Purpose, Tier};
use super::Engine;
use super::scoring_bind::Trigger;
use crate::lifecycle::Lifecycle;
use crate::rules::Rule;
use crate::rules::segments::Segment;

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
        let segments: Vec<(String, &Segment)> = (0..)
            .zip(self.segments.iter())
            .map(|(i, segment): (usize, _)| (format!("segments[{i}].when"), segment))
            .collect();
        let cycle = self.life.as_ref().map(|life| &life.cycle);
        let others = points.iter().map(|(_, rule)| *rule);
        let others = others.chain(segments.iter().map(|(_, segment)| segment.rule()));
        let others = others.chain(cycle.into_iter().flat_map(Lifecycle::rules));
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
        for (path, segment) in &segments {
            judge.rule(next, path, Purpose::Segment(segment.name()));
            next += 1;
        }
        if let Some(cycle) = cycle {
            judge.lifecycle(next, cycle);
        }
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

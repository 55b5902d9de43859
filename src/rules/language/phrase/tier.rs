//! Why a customer is in a tier, and what is missing for the next.

use crate::model::Day;

phrases! {
    /// Why a customer is in a tier, and what is missing for the next.
    TierPhrase<'a> {
        /// The reason for being in a tier that everybody is in.
        Everybody {},
        /// Why a customer is in a tier, in one line.
        Reason {
            /// The tier.
            tier: &'a str,
            /// The conditions that hold.
            conditions: &'a str,
        },
        /// Why a customer is in the base tier: what is missing for the next.
        ReasonNext {
            /// The tier.
            tier: &'a str,
            /// The next tier.
            next: &'a str,
            /// What is missing.
            conditions: &'a str,
        },
        /// Why a customer is in a tier that they do not qualify for today: its keep condition holds.
        ReasonKept {
            /// The tier.
            tier: &'a str,
            /// The conditions that hold.
            conditions: &'a str,
        },
        /// Neither condition of the tier holds, and no review takes it yet.
        ReasonHeld {
            /// The tier.
            tier: &'a str,
            /// The first day on which it can be lost; `None` if no review can take it.
            until: Option<Day>,
        },
        /// The tier is kept for a time after disqualification.
        ReasonGrace {
            /// The tier.
            tier: &'a str,
            /// The first day after the grace.
            until: Day,
        },
        /// A higher tier begins later.
        ReasonUpcoming {
            /// The tier.
            tier: &'a str,
            /// The higher one.
            to: &'a str,
            /// The day it begins.
            day: Day,
        },
        /// A higher tier waits for a review.
        ReasonWaiting {
            /// The tier.
            tier: &'a str,
            /// The higher one.
            to: &'a str,
            /// The day of the review; `None` if none is known.
            day: Option<Day>,
        },
        /// The tier is held by the rules of another policy.
        ReasonForeign {
            /// The tier.
            tier: &'a str,
            /// The first day on which they do not hold any more.
            until: Day,
        },
        /// People decided.
        ReasonOverride {
            /// The tier.
            tier: &'a str,
            /// The tier that is earned.
            earned: &'a str,
        },
        /// The line of the tier.
        Line {
            /// The reason.
            reason: &'a str,
        },
        /// A tier that could not be judged.
        Undecided {
            /// The tier.
            tier: &'a str,
        },
        /// A condition of a tier.
        Condition {
            /// The tier.
            tier: &'a str,
            /// The condition in a sentence.
            condition: &'a str,
        },
        /// A condition by which a tier is kept.
        KeepCondition {
            /// The tier.
            tier: &'a str,
            /// The condition in a sentence.
            condition: &'a str,
        },
        /// What is missing for the next tier.
        Next {
            /// The next tier.
            tier: &'a str,
            /// What is missing.
            conditions: &'a str,
        },
    }
}

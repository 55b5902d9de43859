//! What happens to a tier.

use crate::model::Day;
use crate::rules::language::value::Amount;

/// What somebody sets by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Override {
    /// Exactly this tier.
    Pin,
    /// At least this tier.
    Floor,
    /// At most this tier.
    Ceiling,
    /// No tier but the base.
    Exclude,
}

phrases! {
    /// What happens to a tier, what it takes to keep it, and what people decide about it.
    MovementPhrase<'a> {
        /// The first tier of a customer.
        Assigned {
            /// The tier.
            tier: &'a str,
            /// From which day.
            day: Day,
        },
        /// To a higher tier.
        Upgraded {
            /// The tier before.
            from: &'a str,
            /// The tier after.
            to: &'a str,
            /// From which day.
            day: Day,
        },
        /// A term ended and a new one of the same tier began.
        Renewed {
            /// The tier.
            tier: &'a str,
            /// From which day.
            day: Day,
            /// The first day after the new term; `None` if it has no end.
            until: Option<Day>,
        },
        /// No longer qualified, and nothing happens yet.
        GraceStarted {
            /// The tier.
            tier: &'a str,
            /// From which day.
            day: Day,
            /// The first day after the grace.
            until: Day,
        },
        /// Qualified again within the grace.
        Requalified {
            /// The tier.
            tier: &'a str,
            /// From which day.
            day: Day,
            /// The first day after the new term; `None` if it has no end.
            until: Option<Day>,
        },
        /// To a lower tier.
        Downgraded {
            /// The tier before.
            from: &'a str,
            /// The tier after.
            to: &'a str,
            /// From which day.
            day: Day,
        },
        /// A tier was taken back, as after a refund.
        Revoked {
            /// The tier before.
            from: &'a str,
            /// The tier after.
            to: &'a str,
            /// From which day.
            day: Day,
        },
        /// The qualifying number begins again.
        MetricReset {
            /// What it is called.
            name: &'a str,
            /// What it was.
            before: Amount<'a>,
            /// From which day.
            day: Day,
        },
        /// A part of the qualifying number is carried over.
        MetricCarried {
            /// What it is called.
            name: &'a str,
            /// What it was.
            before: Amount<'a>,
            /// What is carried over.
            carried: Amount<'a>,
            /// The time after which that is worth half; `None` if it keeps its worth.
            half_life: Option<Amount<'a>>,
            /// From which day.
            day: Day,
        },
        /// What a customer is told before a downgrade.
        WillDowngrade {
            /// The tier.
            tier: &'a str,
            /// The day on which that is told.
            day: Day,
            /// The day on which it will be lost.
            at: Day,
        },
        /// A higher tier that begins later.
        Scheduled {
            /// The tier before.
            from: &'a str,
            /// The tier after.
            to: &'a str,
            /// The day of the decision.
            day: Day,
            /// The day on which it begins.
            begins: Day,
        },
        /// The higher tier that was to begin later does not.
        Cancelled {
            /// The tier that stays.
            tier: &'a str,
            /// The day of the decision.
            day: Day,
        },
        /// A review had nothing to change.
        Reviewed {
            /// The tier.
            tier: &'a str,
            /// The day of the review.
            day: Day,
        },
        /// The tier that a customer has now, behind what led to it.
        TierNow {
            /// The tier.
            tier: &'a str,
        },
        /// What it takes to keep a tier.
        Keep {
            /// The tier.
            tier: &'a str,
            /// What is missing.
            conditions: &'a str,
            /// The last day on which it counts.
            by: Day,
            /// The tier otherwise.
            projected: &'a str,
            /// From which day that is.
            day: Day,
            /// The first day after the grace that comes before that; `None` if none does.
            grace: Option<Day>,
        },
        /// A tier is kept if nothing happens.
        Safe {
            /// The tier.
            tier: &'a str,
            /// The last day before the review.
            by: Day,
        },
        /// The next review brings a higher tier if nothing happens.
        Ahead {
            /// The higher tier.
            tier: &'a str,
            /// The day on which it begins.
            day: Day,
        },
        /// Exactly this tier.
        Pin {},
        /// At least this tier.
        Floor {},
        /// At most this tier.
        Ceiling {},
        /// No tier but the base.
        Exclude {},
        /// Somebody set a tier by hand.
        OverrideStarted {
            /// What was set.
            kind: Override,
            /// The tier; empty where none is named.
            tier: &'a str,
            /// From which day.
            day: Day,
            /// The first day after it; `None` if it has no end.
            until: Option<Day>,
            /// Who did it.
            actor: &'a str,
            /// Why.
            reason: &'a str,
        },
        /// What somebody set by hand is over.
        OverrideEnded {
            /// What was set.
            kind: Override,
            /// The tier; empty where none is named.
            tier: &'a str,
            /// From which day.
            day: Day,
        },
        /// Somebody moved the end of a term.
        Extended {
            /// The tier.
            tier: &'a str,
            /// The day of the decision.
            day: Day,
            /// The first day after the term now.
            until: Day,
            /// Who did it.
            actor: &'a str,
            /// Why.
            reason: &'a str,
        },
        /// Another policy decides.
        PolicyChanged {
            /// The policy that does now.
            policy: &'a str,
            /// Its version.
            version: &'a str,
            /// From which day.
            day: Day,
        },
        /// A tier that the policy no longer has was replaced.
        Mapped {
            /// The tier before.
            from: &'a str,
            /// The tier after.
            to: &'a str,
            /// From which day.
            day: Day,
        },
    }
}

//! What happened between two reviews.

use crate::rules::language::value::Amount;

phrases! {
    /// What happened to a customer between two reviews.
    ChangePhrase<'a> {
        /// A customer who was not there before.
        NewCustomer {
            /// The tier.
            tier: &'a str,
        },
        /// A customer who is not there any more.
        GoneCustomer {
            /// The tier before.
            tier: &'a str,
        },
        /// A lower tier than at the review before.
        FellTier {
            /// The tier before.
            from: &'a str,
            /// The tier after.
            to: &'a str,
        },
        /// A higher tier than at the review before.
        RoseTier {
            /// The tier before.
            from: &'a str,
            /// The tier after.
            to: &'a str,
        },
        /// Another tier, of another ladder.
        TierReplaced {
            /// The tier before.
            from: &'a str,
            /// The tier after.
            to: &'a str,
        },
        /// Another word in a column of words.
        StageMoved {
            /// What the column is called.
            name: &'a str,
            /// The word before.
            from: &'a str,
            /// The word after.
            to: &'a str,
        },
        /// At risk now.
        BecameAtRisk {
            /// The word before.
            from: &'a str,
            /// The word after.
            to: &'a str,
        },
        /// Lost now.
        Churned {
            /// The word before.
            from: &'a str,
            /// The word after.
            to: &'a str,
        },
        /// Back again.
        WonBack {
            /// The word before.
            from: &'a str,
            /// The word after.
            to: &'a str,
        },
        /// A number came to the other side of a threshold.
        CrossedThreshold {
            /// What the column is called.
            name: &'a str,
            /// The threshold.
            at: Amount<'a>,
            /// The number before.
            before: Amount<'a>,
            /// The number after.
            after: Amount<'a>,
            /// Whether it is below now; otherwise at the threshold or above.
            less: bool,
        },
        /// A number changed by much.
        BehaviourChanged {
            /// What the column is called.
            name: &'a str,
            /// The number before.
            before: Amount<'a>,
            /// The number after.
            after: Amount<'a>,
            /// Whether it is less now.
            less: bool,
        },
        /// What happened to a customer, with the value at stake.
        AtStake {
            /// What happened.
            what: &'a str,
            /// The value.
            value: Amount<'a>,
        },
        /// What happened to a customer whose value is not known.
        StakeUnknown {
            /// What happened.
            what: &'a str,
        },
    }
}

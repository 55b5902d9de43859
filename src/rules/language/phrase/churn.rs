//! How far a customer has gone.

use crate::model::Day;
use crate::rules::language::value::Amount;

phrases! {
    /// How far a customer has gone, by which number, and the evidence.
    ChurnPhrase<'a> {
        /// How far a customer has gone.
        Level {
            /// The word that rules use: `active`, `cooling`, `at_risk`, `highly_at_risk`, `lost`, or `insufficient_data`.
            level: &'a str,
        },
        /// How far a customer has gone, by which number.
        Verdict {
            /// The level.
            level: &'a str,
            /// What the number is called.
            name: &'a str,
            /// The customer's number.
            found: Amount<'a>,
            /// Where the level begins; `None` if the number reaches no threshold.
            at: Option<Amount<'a>>,
            /// Less is worse: the level is below that.
            less: bool,
        },
        /// Where the next worse level begins.
        Next {
            /// The level.
            level: &'a str,
            /// Where it begins.
            at: Amount<'a>,
            /// Less is worse: the level is below that.
            less: bool,
        },
        /// How far a customer has gone cannot be told.
        Unknown {
            /// The level that says so.
            level: &'a str,
        },
        /// A method that has not enough data about a customer.
        Passed {
            /// What its number is called.
            name: &'a str,
            /// Why it did not answer.
            why: &'a str,
        },
        /// A customer has no purchase.
        NoPurchase {},
        /// A customer has too few active days.
        FewActiveDays {
            /// How many there are.
            found: u32,
            /// How many it takes.
            needed: u32,
        },
        /// What has to be learned from the population was not yet.
        NotFitted {},
        /// Nobody in the population has come back yet.
        NoGap {},
        /// A number is not known.
        NotKnown {},
        /// Something about a customer that dropped.
        Dropped {
            /// What it is called.
            name: &'a str,
            /// What it was.
            before: Amount<'a>,
            /// What it is.
            after: Amount<'a>,
            /// From which day on.
            since: Day,
        },
    }
}

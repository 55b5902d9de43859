//! Stages of the lifecycle.

use crate::model::Day;

phrases! {
    /// In which stage a customer is, and how they came there.
    StagePhrase<'a> {
        /// The line of the stage.
        Line {
            /// The stage.
            stage: &'a str,
            /// From which day.
            since: Day,
            /// The highest stage ever reached.
            high_water: &'a str,
        },
        /// A transition from one stage to another.
        Moved {
            /// The stage before.
            from: &'a str,
            /// The stage after.
            to: &'a str,
            /// From which day.
            since: Day,
            /// Why, in the policy's words.
            why: &'a str,
        },
    }
}

//! Weighted scores and point scores.

use crate::model::Day;
use crate::rules::language::value::{Amount, Value};

phrases! {
    /// What a weighted score or a point score is made of.
    ScorePhrase<'a> {
        /// A weighted score.
        Score {
            /// The score.
            name: &'a str,
            /// 0 to 100.
            score: f64,
        },
        /// A weighted score that is not known.
        ScoreMissing {
            /// The score.
            name: &'a str,
        },
        /// What one part brings to a score.
        Part {
            /// The points, with their sign.
            points: &'a str,
            /// What the column is called.
            name: &'a str,
            /// What the customer has there.
            found: Value<'a>,
            /// Its weight, in percent.
            weight: &'a str,
        },
        /// Where a part is on its scale.
        OnScale {
            /// 0 to 1.
            at: Amount<'a>,
        },
        /// A point score.
        Points {
            /// The score.
            name: &'a str,
            /// The sum of its log.
            points: f64,
        },
        /// A line of a point score's log.
        PointLine {
            /// The points, with their sign.
            points: &'a str,
            /// The rule.
            rule: &'a str,
            /// The day of the trigger.
            day: Day,
            /// What became of it.
            outcome: &'a str,
        },
        /// Points were given in full.
        Given {},
        /// Points were cut off at the cap of their group.
        Capped {},
        /// The rule gives its points once, and did.
        AlreadyGiven {},
        /// The rule gives no points before a day.
        CoolingDown {
            /// The day.
            until: Day,
        },
        /// The condition held on a day that is over.
        Passed {},
        /// The policy has no such rule.
        UnknownRule {},
    }
}

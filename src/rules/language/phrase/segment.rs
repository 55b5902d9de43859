//! Segments of a policy.

use crate::rules::Truth;

phrases! {
    /// Which segments a customer is in.
    SegmentPhrase<'a> {
        /// Whether a customer is in a segment of the policy.
        Is {
            /// The segment.
            name: &'a str,
            /// Whether it holds.
            truth: Truth,
        },
    }
}

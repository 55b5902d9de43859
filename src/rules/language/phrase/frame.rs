//! What stands around the sentences of every subject.

use crate::model::Day;

phrases! {
    /// What stands around the sentences of every subject: notes, lines, and what they rest on.
    FramePhrase<'a> {
        /// A sentence with an explanation behind it.
        With {
            /// The sentence.
            sentence: &'a str,
            /// The explanation.
            note: &'a str,
        },
        /// The rule that decided.
        DecidedBy {
            /// Its place in the policy.
            place: &'a str,
            /// Its text.
            rule: &'a str,
        },
        /// A rule behind the sentence that follows from it.
        ByRule {
            /// Its place in the policy.
            place: &'a str,
            /// Its text.
            rule: &'a str,
        },
        /// What decided, and when.
        By {
            /// The policy.
            policy: &'a str,
            /// Its version.
            version: &'a str,
            /// Its fingerprint.
            fingerprint: &'a str,
            /// The day of the review.
            day: Day,
            /// The currency of all amounts.
            currency: &'a str,
        },
        /// The line of something that happened.
        Event {
            /// What happened.
            event: &'a str,
        },
        /// A label with what it is about.
        Labelled {
            /// The label.
            label: &'a str,
            /// What it is about.
            value: &'a str,
        },
    }
}

//! Whom to win back, and with what.

use crate::model::Day;
use crate::rules::Truth;
use crate::rules::language::value::Amount;

phrases! {
    /// Who is to be won back, with what, and why not.
    WinBackPhrase<'a> {
        /// Somebody who is to be won back.
        Chosen {
            /// The customer.
            customer: &'a str,
            /// The offer.
            offer: &'a str,
            /// Its class.
            class: &'a str,
            /// The channel it goes through.
            channel: &'a str,
            /// The net value.
            net: Amount<'a>,
        },
        /// Somebody who has left and gets no offer.
        NoOffer {
            /// The customer.
            customer: &'a str,
            /// Why not.
            why: &'a str,
        },
        /// Somebody whom the rule of the win-back is not true for.
        NoCandidate {
            /// The customer.
            customer: &'a str,
        },
        /// The rule of the win-back.
        When {
            /// Its text.
            rule: &'a str,
            /// Whether it holds.
            truth: Truth,
        },
        /// No offer: a customer has come back.
        Returned {
            /// The day of the purchase.
            on: Day,
        },
        /// No offer: a customer was attempted not long ago.
        CoolDown {
            /// The first day on which they may be again.
            until: Day,
        },
        /// No offer: a customer was attempted often enough.
        AttemptsUsed {
            /// How often.
            attempts: u32,
        },
        /// No offer is for a customer.
        NoOpenOffer {},
        /// No offer: what a customer is worth is not known.
        ValueUnknown {},
        /// No offer is worth it.
        NotWorthIt {
            /// The best net value.
            best: Amount<'a>,
        },
        /// No offer: others come first.
        Limit {
            /// The best net value.
            best: Amount<'a>,
        },
        /// An offer for those who left for other reasons.
        OtherReasons {
            /// The offer.
            offer: &'a str,
            /// The reasons that it is for.
            reasons: &'a str,
            /// Why the customer left; `None` if that is not known.
            reason: Option<&'a str>,
        },
        /// An offer whose rule is not true.
        RuleNotTrue {
            /// The offer.
            offer: &'a str,
        },
        /// An offer that is open to a customer whose value is not known.
        OpenUnknown {
            /// The offer.
            offer: &'a str,
        },
        /// An offer that is open.
        Open {
            /// The offer.
            offer: &'a str,
            /// Its net value.
            net: Amount<'a>,
        },
    }
}

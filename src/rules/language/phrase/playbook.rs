//! What a customer gets, what is to be done with them, and why not.

use crate::model::Day;
use crate::rules::language::value::Amount;

phrases! {
    /// What a playbook gives a customer, what is due, and what is held back.
    PlaybookPhrase<'a> {
        /// No play is the customer's.
        BasicService {},
        /// Why a play is the customer's: the tier.
        Tier {
            /// The tier.
            tier: &'a str,
        },
        /// Why a play is the customer's: the stage.
        Stage {
            /// The stage.
            stage: &'a str,
        },
        /// Why a play is the customer's: a segment.
        Segment {
            /// The segment.
            segment: &'a str,
        },
        /// Due: there was no contact yet.
        NoContactYet {},
        /// Due: the last contact is long ago.
        LastContact {
            /// Its day.
            last: Day,
            /// How long there may be between two contacts.
            every: Amount<'a>,
        },
        /// Due: the anniversary of a date, or some days before or after it.
        Anniversary {
            /// The column of the date.
            date: &'a str,
            /// The date.
            of: Day,
            /// Its anniversary.
            anniversary: Day,
            /// How many days before or after it; `None` on the day itself.
            offset: Option<Amount<'a>>,
            /// Before it, not after.
            before: bool,
        },
        /// Due: a date, or some days before or after it.
        Date {
            /// The column of the date.
            date: &'a str,
            /// The date.
            of: Day,
            /// How many days before or after it; `None` on the day itself.
            offset: Option<Amount<'a>>,
            /// Before it, not after.
            before: bool,
        },
        /// Due: in a stage for long enough.
        InStage {
            /// The stage.
            stage: &'a str,
            /// The day the customer came to it.
            since: Day,
        },
        /// Due: a rule became true.
        BecameTrue {
            /// When.
            since: Day,
            /// Its conditions with what was found.
            conditions: &'a str,
        },
        /// An action that is to be taken.
        Due {
            /// The customer.
            customer: &'a str,
            /// The action.
            action: &'a str,
            /// The channel it goes through.
            channel: &'a str,
            /// Why it is due.
            why: &'a str,
            /// What it costs.
            cost: Amount<'a>,
            /// The net value; `None` if that is not known.
            net: Option<Amount<'a>>,
        },
        /// An action that is due and not taken.
        NotTaken {
            /// The customer.
            customer: &'a str,
            /// The action.
            action: &'a str,
            /// The channel it would go through.
            channel: &'a str,
            /// Why not.
            why: &'a str,
        },
        /// Not taken: the customer is not to be contacted.
        DoNotContact {},
        /// Not taken: no consent.
        NoConsent {
            /// To which channel.
            channel: &'a str,
        },
        /// Not taken: nobody is contacted on this day.
        QuietDay {},
        /// Not taken: it was done not long ago.
        CoolDown {
            /// The first day on which it may be again.
            until: Day,
        },
        /// Not taken: what an answer is worth is not known.
        ValueUnknown {},
        /// Not taken: it is not worth it.
        NotWorthIt {
            /// The net value.
            net: Amount<'a>,
        },
        /// Not taken: another action of the group is.
        ComesFirst {
            /// That action.
            by: &'a str,
        },
        /// Not taken: as many contacts on the day as there may be.
        PerDay {
            /// How many there may be.
            at_most: u32,
        },
        /// Not taken: as many contacts as there may be.
        Cap {
            /// How many there may be.
            at_most: u32,
            /// Within how many days.
            within: Amount<'a>,
            /// Through which channel; `None`: through all together.
            channel: Option<&'a str>,
        },
        /// Not taken: the channel can make no more contacts.
        Capacity {
            /// The channel.
            channel: &'a str,
        },
        /// Not taken: it costs more than is left of the budget of the day.
        Budget {
            /// What is left.
            left: Amount<'a>,
        },
    }
}

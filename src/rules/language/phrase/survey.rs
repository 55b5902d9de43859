//! Who is to be asked, and why not.

use crate::model::Day;

phrases! {
    /// Which survey a customer is due for, and what is held back.
    SurveyPhrase<'a> {
        /// Somebody who is to be asked.
        Due {
            /// The customer.
            customer: &'a str,
            /// The survey.
            survey: &'a str,
            /// Why now.
            why: &'a str,
        },
        /// Somebody a survey is for, and who is not asked.
        NotAsked {
            /// The customer.
            customer: &'a str,
            /// The survey.
            survey: &'a str,
            /// Why not.
            why: &'a str,
        },
        /// Due: never asked before.
        FirstTime {},
        /// Due: it is time again.
        Again {
            /// The last invitation before.
            last: Day,
        },
        /// Due: a purchase.
        AfterPurchase {
            /// When.
            on: Day,
        },
        /// Due: a complaint was settled.
        AfterResolved {
            /// When.
            on: Day,
        },
        /// Due: the entry into the stage.
        AfterStage {
            /// When.
            on: Day,
        },
        /// Not asked: they did not agree, or it is not known.
        NoConsent {},
        /// Not asked: not in the sample.
        NotSampled {},
        /// Not asked: nobody is on that day.
        QuietDay {},
        /// Not asked: invited on the day.
        Today {
            /// To which survey.
            survey: &'a str,
        },
        /// Not asked: invited since the event.
        AskedAlready {
            /// When first.
            on: Day,
        },
        /// Not asked: invited to the same survey too near to the day.
        TooSoon {
            /// The first day on which they may be asked again.
            until: Day,
        },
        /// Not asked: as many invitations as there may be.
        Cap {
            /// The first day on which they may have another one.
            until: Day,
        },
        /// Not asked: another survey comes first.
        ComesFirst {
            /// Which.
            by: &'a str,
        },
    }
}

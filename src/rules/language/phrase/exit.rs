//! The exit ladder.

use crate::model::Day;
use crate::rules::Truth;

phrases! {
    /// Where a customer is on the exit ladder, what comes next, and what holds it.
    ExitPhrase<'a> {
        /// A customer is above the line below which the exit ladder begins.
        Above {},
        /// Whether a customer is below that line is not known.
        Unknown {},
        /// A customer is below that line and on no step.
        Below {
            /// From which day.
            since: Day,
        },
        /// A customer is on a step of the exit ladder.
        OnStep {
            /// The step.
            step: &'a str,
            /// The day it was taken.
            since: Day,
            /// From which day the customer is below the line.
            below_since: Day,
        },
        /// The service has ended with a step.
        Ended {
            /// The step.
            step: &'a str,
            /// The day it was taken.
            since: Day,
        },
        /// The step that comes next.
        Next {
            /// The step.
            step: &'a str,
            /// The day on which it can be taken at the earliest; `None` if the calendar ends before.
            day: Option<Day>,
        },
        /// The next step has notice.
        Noticed {
            /// The step.
            step: &'a str,
            /// The day it takes effect.
            day: Day,
        },
        /// A customer is not below the line long enough.
        TooSoon {
            /// From which day it is long enough.
            from: Day,
        },
        /// There have to be more attempts at more value from a customer.
        Attempts {
            /// How many there are.
            made: u32,
            /// How many there have to be.
            needed: u32,
        },
        /// The last step is not long enough ago.
        Interval {
            /// From which day the next one can have notice.
            from: Day,
        },
        /// A gate that keeps a customer, or does not.
        Gate {
            /// The gate.
            gate: &'a str,
            /// Whether its rule says that it does; not known keeps as well.
            closed: Truth,
        },
        /// A customer is below the line.
        BelowLine {
            /// From which day.
            day: Day,
        },
        /// The next step has notice from now on.
        NoticeGiven {
            /// The step.
            step: &'a str,
            /// The day it was given.
            day: Day,
            /// The day it takes effect.
            takes_effect: Day,
        },
        /// The notice of a step is void.
        NoticeWithdrawn {
            /// The step.
            step: &'a str,
            /// From which day.
            day: Day,
            /// The gates that were closed; empty if there is another next step by now.
            gates: &'a str,
        },
        /// A step of the exit ladder is taken.
        StepTaken {
            /// The step.
            step: &'a str,
            /// The day.
            day: Day,
        },
        /// A customer is off the exit ladder.
        Reversed {
            /// The step they were on; empty if on none.
            step: &'a str,
            /// The step that had notice; empty if none had.
            notice: &'a str,
            /// From which day.
            day: Day,
        },
        /// A customer is above the line again, and there was nothing to reverse.
        AboveLine {
            /// From which day.
            day: Day,
        },
        /// A customer is above the line again after the service had ended.
        Returned {
            /// The step that ended it.
            step: &'a str,
            /// From which day.
            day: Day,
        },
    }
}

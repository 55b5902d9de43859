//! Conditions, with what was found.

use crate::model::Day;
use crate::rules::language::value::{Amount, Value};
use crate::rules::{Measure, Op, Truth};
use crate::summary::Window;

phrases! {
    /// A condition with what was found, and what there is to say about the number in it.
    ConditionPhrase<'a> {
        /// Instead of a list of conditions.
        NoCondition {},
        /// A column under the name that the policy gives it.
        Column {
            /// The column.
            column: &'a str,
            /// What its measure is called.
            measure: &'a str,
        },
        /// A window of time.
        Window {
            /// The window; in its place stands its text in policies.
            window: Window,
            /// How many days it has, if that is what it says; 0 otherwise.
            days: u32,
            /// How many calendar periods back it is; 0 for the present one, and for other windows.
            back: u32,
        },
        /// A number or a word against another.
        Compare {
            /// What the column is called.
            name: &'a str,
            /// What the customer has there.
            found: Value<'a>,
            /// How it is compared.
            op: Op,
            /// With what.
            value: Value<'a>,
            /// Whether it holds.
            truth: Truth,
            /// The condition as rules write it, with what was found: `spend 312.50 >= 500`.
            formula: &'a str,
        },
        /// A number between two others.
        Between {
            /// What the column is called.
            name: &'a str,
            /// What the customer has there.
            found: Value<'a>,
            /// The smaller end.
            low: Value<'a>,
            /// The larger end.
            high: Value<'a>,
            /// Whether it has to be inside; otherwise outside.
            inside: bool,
            /// Whether it holds.
            truth: Truth,
            /// The condition as rules write it, with what was found.
            formula: &'a str,
        },
        /// One of a list.
        OneOf {
            /// What the column is called.
            name: &'a str,
            /// What the customer has there.
            found: Value<'a>,
            /// The list.
            values: &'a str,
            /// Whether it has to be one of them; otherwise none of them.
            inside: bool,
            /// Whether it holds.
            truth: Truth,
            /// The condition as rules write it, with what was found.
            formula: &'a str,
        },
        /// A flag.
        Flag {
            /// What the column is called.
            name: &'a str,
            /// What the customer has there.
            found: Value<'a>,
            /// Whether it has to be set.
            wanted: bool,
            /// Whether it holds.
            truth: Truth,
            /// The condition as rules write it, with what was found.
            formula: &'a str,
        },
        /// Known or not.
        Known {
            /// What the column is called.
            name: &'a str,
            /// What the customer has there.
            found: Value<'a>,
            /// Whether it has to be known; otherwise not known.
            wanted: bool,
            /// Whether it holds.
            truth: Truth,
            /// The condition as rules write it, with what was found.
            formula: &'a str,
        },
        /// A place in the population.
        Standing {
            /// What the column is called.
            name: &'a str,
            /// What the customer has there.
            found: Value<'a>,
            /// Which measure of the population.
            measure: Measure,
            /// How it is compared.
            op: Op,
            /// With what: percent for a percentile, a share otherwise.
            at: Amount<'a>,
            /// Whether it holds.
            truth: Truth,
            /// The condition as rules write it, with what was found.
            formula: &'a str,
        },
        /// A condition that keeps a customer out of a tier: what is asked first, then what is there.
        Lacking {
            /// The condition as rules write it.
            text: &'a str,
            /// What the customer has.
            found: Value<'a>,
            /// The condition with what was found, in a sentence.
            sentence: &'a str,
        },
        /// What a value that is not known lacks: like `Lacking`.
        LackingUnknown {
            /// The condition as rules write it.
            text: &'a str,
            /// The condition with what was found, in a sentence.
            sentence: &'a str,
        },
        /// How much a value has to change.
        Change {
            /// By how much, above zero.
            amount: Amount<'a>,
            /// It has to fall.
            less: bool,
            /// It is a date that has to move.
            date: bool,
        },
        /// The value of the column at which a place in the population begins or ends.
        Threshold {
            /// The value.
            amount: Amount<'a>,
        },
        /// A condition with whether it holds.
        Judged {
            /// The condition with what was found.
            sentence: &'a str,
            /// Whether it holds.
            truth: Truth,
        },
        /// A sentence about a number with the days that it covers.
        Over {
            /// The sentence.
            sentence: &'a str,
            /// The window.
            window: &'a str,
            /// The first day.
            first: Day,
            /// The last day.
            last: Day,
        },
        /// A sentence about a number that covers no day.
        OverNothing {
            /// The sentence.
            sentence: &'a str,
            /// The window.
            window: &'a str,
        },
        /// The same where it is not the window that says so, but what it is counted from.
        OverDays {
            /// The sentence.
            sentence: &'a str,
            /// The first day.
            first: Day,
            /// The last day.
            last: Day,
        },
        /// The same of a number that covers no day.
        OverNoDay {
            /// The sentence.
            sentence: &'a str,
        },
        /// A part of a number is not of the days that it covers.
        Carried {
            /// The part.
            amount: Amount<'a>,
        },
    }
}

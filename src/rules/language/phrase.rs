//! Everything that is said, each phrase with its named arguments.

use super::Language;
use super::value::{Amount, Form, Place, Value};
use crate::model::Day;
use crate::rules::{Measure, Op, Truth};
use crate::summary::Window;

/// What somebody sets by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Override {
    /// Exactly this tier.
    Pin,
    /// At least this tier.
    Floor,
    /// At most this tier.
    Ceiling,
    /// No tier but the base.
    Exclude,
}

macro_rules! phrases {
    ($(
        $(#[$doc:meta])*
        $phrase:ident { $( $(#[$field_doc:meta])* $field:ident: $type:ty ),* $(,)? }
    )+) => {
        /// Something that is said, with its arguments by name: data, put into words by [`text`](Self::text).
        ///
        /// [`Language::pattern`] gives the text of each, with places in braces for the fields.
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Phrase<'a> {
            $( $(#[$doc])* $phrase { $( $(#[$field_doc])* $field: $type ),* }, )+
        }

        impl Phrase<'_> {
            /// The names of its places.
            #[must_use]
            pub fn places(&self) -> &'static [&'static str] {
                match self {
                    $( Self::$phrase { .. } => &[$(stringify!($field)),*], )+
                }
            }

            fn say(&self, place: &str, form: Form, language: &dyn Language) -> Option<String> {
                match self {
                    $( Self::$phrase { $($field),* } => {
                        $( if place == stringify!($field) {
                            return Some($field.say(form, language));
                        } )*
                    } )+
                }
                None
            }
        }
    };
}

phrases! {
    /// A flag is set.
    Yes {}
    /// A flag is not set.
    No {}
    /// In the place of a value that is not known.
    Missing {}
    /// A condition holds.
    True {}
    /// A condition does not hold.
    False {}
    /// Something that a condition depends on is not known.
    Unknown {}
    /// Between the items of a list.
    Comma {}
    /// Between the conditions that hold, or that are missing.
    And {}
    /// Between the conditions that are missing, each with what is there instead.
    Semicolon {}
    /// Instead of a list of conditions.
    NoCondition {}
    /// The reason for being in a tier that everybody is in.
    Everybody {}

    /// A column under the name that the policy gives it.
    Column {
        /// The column.
        column: &'a str,
        /// What its measure is called.
        measure: &'a str,
    }
    /// A window of time.
    Window {
        /// The window; in its place stands its text in policies.
        window: Window,
        /// How many days it has, if that is what it says; 0 otherwise.
        days: u32,
        /// How many calendar periods back it is; 0 for the present one, and for other windows.
        back: u32,
    }

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
    }
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
    }
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
    }
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
    }
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
    }
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
    }
    /// A condition that keeps a customer out of a tier: what is asked first, then what is there.
    Lacking {
        /// The condition as rules write it.
        text: &'a str,
        /// What the customer has.
        found: Value<'a>,
        /// The condition with what was found, in a sentence.
        sentence: &'a str,
    }
    /// What a value that is not known lacks: like `Lacking`.
    LackingUnknown {
        /// The condition as rules write it.
        text: &'a str,
        /// The condition with what was found, in a sentence.
        sentence: &'a str,
    }
    /// How much a value has to change.
    Change {
        /// By how much, above zero.
        amount: Amount<'a>,
        /// It has to fall.
        less: bool,
        /// It is a date that has to move.
        date: bool,
    }
    /// The value of the column at which a place in the population begins or ends.
    Threshold {
        /// The value.
        amount: Amount<'a>,
    }
    /// A sentence with an explanation behind it.
    With {
        /// The sentence.
        sentence: &'a str,
        /// The explanation.
        note: &'a str,
    }
    /// A condition with whether it holds.
    Judged {
        /// The condition with what was found.
        sentence: &'a str,
        /// Whether it holds.
        truth: Truth,
    }
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
    }
    /// A sentence about a number that covers no day.
    OverNothing {
        /// The sentence.
        sentence: &'a str,
        /// The window.
        window: &'a str,
    }

    /// The same where it is not the window that says so, but what it is counted from.
    OverDays {
        /// The sentence.
        sentence: &'a str,
        /// The first day.
        first: Day,
        /// The last day.
        last: Day,
    }
    /// The same of a number that covers no day.
    OverNoDay {
        /// The sentence.
        sentence: &'a str,
    }
    /// A part of a number is not of the days that it covers.
    Carried {
        /// The part.
        amount: Amount<'a>,
    }

    /// Why a customer is in a tier, in one line.
    Reason {
        /// The tier.
        tier: &'a str,
        /// The conditions that hold.
        conditions: &'a str,
    }
    /// Why a customer is in the base tier: what is missing for the next.
    ReasonNext {
        /// The tier.
        tier: &'a str,
        /// The next tier.
        next: &'a str,
        /// What is missing.
        conditions: &'a str,
    }
    /// Why a customer is in a tier that they do not qualify for today: its keep condition holds.
    ReasonKept {
        /// The tier.
        tier: &'a str,
        /// The conditions that hold.
        conditions: &'a str,
    }
    /// Neither condition of the tier holds, and no review takes it yet.
    ReasonHeld {
        /// The tier.
        tier: &'a str,
        /// The first day on which it can be lost; `None` if no review can take it.
        until: Option<Day>,
    }
    /// The tier is kept for a time after disqualification.
    ReasonGrace {
        /// The tier.
        tier: &'a str,
        /// The first day after the grace.
        until: Day,
    }
    /// A higher tier begins later.
    ReasonUpcoming {
        /// The tier.
        tier: &'a str,
        /// The higher one.
        to: &'a str,
        /// The day it begins.
        day: Day,
    }
    /// A higher tier waits for a review.
    ReasonWaiting {
        /// The tier.
        tier: &'a str,
        /// The higher one.
        to: &'a str,
        /// The day of the review; `None` if none is known.
        day: Option<Day>,
    }
    /// The tier is held by the rules of another policy.
    ReasonForeign {
        /// The tier.
        tier: &'a str,
        /// The first day on which they do not hold any more.
        until: Day,
    }
    /// People decided.
    ReasonOverride {
        /// The tier.
        tier: &'a str,
        /// The tier that is earned.
        earned: &'a str,
    }
    /// The line of the tier.
    Tier {
        /// The reason.
        reason: &'a str,
    }
    /// The rule that decided.
    DecidedBy {
        /// Its place in the policy.
        place: &'a str,
        /// Its text.
        rule: &'a str,
    }
    /// A rule behind the sentence that follows from it.
    ByRule {
        /// Its place in the policy.
        place: &'a str,
        /// Its text.
        rule: &'a str,
    }
    /// A tier that could not be judged.
    Undecided {
        /// The tier.
        tier: &'a str,
    }
    /// A condition of a tier.
    TierCondition {
        /// The tier.
        tier: &'a str,
        /// The condition in a sentence.
        condition: &'a str,
    }
    /// A condition by which a tier is kept.
    KeepCondition {
        /// The tier.
        tier: &'a str,
        /// The condition in a sentence.
        condition: &'a str,
    }
    /// What is missing for the next tier.
    Next {
        /// The next tier.
        tier: &'a str,
        /// What is missing.
        conditions: &'a str,
    }
    /// The line of the stage.
    Stage {
        /// The stage.
        stage: &'a str,
        /// From which day.
        since: Day,
        /// The highest stage ever reached.
        high_water: &'a str,
    }
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
    }
    /// How far a customer has gone.
    ChurnLevel {
        /// The word that rules use: `active`, `cooling`, `at_risk`, `highly_at_risk`, `lost`, or `insufficient_data`.
        level: &'a str,
    }
    /// How far a customer has gone, by which number.
    Churn {
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
    }
    /// Where the next worse level begins.
    ChurnNext {
        /// The level.
        level: &'a str,
        /// Where it begins.
        at: Amount<'a>,
        /// Less is worse: the level is below that.
        less: bool,
    }
    /// How far a customer has gone cannot be told.
    ChurnUnknown {
        /// The level that says so.
        level: &'a str,
    }
    /// Whether a customer is in a segment of the policy.
    Segment {
        /// The segment.
        name: &'a str,
        /// Whether it holds.
        truth: Truth,
    }
    /// A method that has not enough data about a customer.
    ChurnPassed {
        /// What its number is called.
        name: &'a str,
        /// Why it did not answer.
        why: &'a str,
    }
    /// A customer has no purchase.
    NoPurchase {}
    /// A customer has too few active days.
    FewActiveDays {
        /// How many there are.
        found: u32,
        /// How many it takes.
        needed: u32,
    }
    /// What has to be learned from the population was not yet.
    NotFitted {}
    /// Nobody in the population has come back yet.
    NoGap {}
    /// A number is not known.
    NotKnown {}
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
    }
    /// A weighted score.
    Score {
        /// The score.
        name: &'a str,
        /// 0 to 100.
        score: f64,
    }
    /// A weighted score that is not known.
    ScoreMissing {
        /// The score.
        name: &'a str,
    }
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
    }
    /// Where a part is on its scale.
    OnScale {
        /// 0 to 1.
        at: Amount<'a>,
    }
    /// A point score.
    Points {
        /// The score.
        name: &'a str,
        /// The sum of its log.
        points: f64,
    }
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
    }
    /// Points were given in full.
    Given {}
    /// Points were cut off at the cap of their group.
    Capped {}
    /// The rule gives its points once, and did.
    AlreadyGiven {}
    /// The rule gives no points before a day.
    CoolingDown {
        /// The day.
        until: Day,
    }
    /// The condition held on a day that is over.
    Passed {}
    /// The policy has no such rule.
    UnknownRule {}
    /// A customer is above the line below which the exit ladder begins.
    ExitAbove {}
    /// Whether a customer is below that line is not known.
    ExitUnknown {}
    /// A customer is below that line and on no step.
    ExitBelow {
        /// From which day.
        since: Day,
    }
    /// A customer is on a step of the exit ladder.
    ExitOnStep {
        /// The step.
        step: &'a str,
        /// The day it was taken.
        since: Day,
        /// From which day the customer is below the line.
        below_since: Day,
    }
    /// The service has ended with a step.
    ExitEnded {
        /// The step.
        step: &'a str,
        /// The day it was taken.
        since: Day,
    }
    /// The step that comes next.
    ExitNext {
        /// The step.
        step: &'a str,
        /// The day on which it can be taken at the earliest; `None` if the calendar ends before.
        day: Option<Day>,
    }
    /// The next step has notice.
    ExitNoticed {
        /// The step.
        step: &'a str,
        /// The day it takes effect.
        day: Day,
    }
    /// A customer is not below the line long enough.
    ExitTooSoon {
        /// From which day it is long enough.
        from: Day,
    }
    /// There have to be more attempts at more value from a customer.
    ExitAttempts {
        /// How many there are.
        made: u32,
        /// How many there have to be.
        needed: u32,
    }
    /// The last step is not long enough ago.
    ExitInterval {
        /// From which day the next one can have notice.
        from: Day,
    }
    /// A gate that keeps a customer, or does not.
    ExitGate {
        /// The gate.
        gate: &'a str,
        /// Whether its rule says that it does; not known keeps as well.
        closed: Truth,
    }
    /// A customer is below the line.
    ExitBelowLine {
        /// From which day.
        day: Day,
    }
    /// The next step has notice from now on.
    ExitNoticeGiven {
        /// The step.
        step: &'a str,
        /// The day it was given.
        day: Day,
        /// The day it takes effect.
        takes_effect: Day,
    }
    /// The notice of a step is void.
    ExitNoticeWithdrawn {
        /// The step.
        step: &'a str,
        /// From which day.
        day: Day,
        /// The gates that were closed; empty if there is another next step by now.
        gates: &'a str,
    }
    /// A step of the exit ladder is taken.
    ExitStepTaken {
        /// The step.
        step: &'a str,
        /// The day.
        day: Day,
    }
    /// A customer is off the exit ladder.
    ExitReversed {
        /// The step they were on; empty if on none.
        step: &'a str,
        /// The step that had notice; empty if none had.
        notice: &'a str,
        /// From which day.
        day: Day,
    }
    /// A customer is above the line again, and there was nothing to reverse.
    ExitAboveLine {
        /// From which day.
        day: Day,
    }
    /// A customer is above the line again after the service had ended.
    ExitReturned {
        /// The step that ended it.
        step: &'a str,
        /// From which day.
        day: Day,
    }
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
    }

    /// The first tier of a customer.
    Assigned {
        /// The tier.
        tier: &'a str,
        /// From which day.
        day: Day,
    }
    /// To a higher tier.
    Upgraded {
        /// The tier before.
        from: &'a str,
        /// The tier after.
        to: &'a str,
        /// From which day.
        day: Day,
    }
    /// A term ended and a new one of the same tier began.
    Renewed {
        /// The tier.
        tier: &'a str,
        /// From which day.
        day: Day,
        /// The first day after the new term; `None` if it has no end.
        until: Option<Day>,
    }
    /// No longer qualified, and nothing happens yet.
    GraceStarted {
        /// The tier.
        tier: &'a str,
        /// From which day.
        day: Day,
        /// The first day after the grace.
        until: Day,
    }
    /// Qualified again within the grace.
    Requalified {
        /// The tier.
        tier: &'a str,
        /// From which day.
        day: Day,
        /// The first day after the new term; `None` if it has no end.
        until: Option<Day>,
    }
    /// To a lower tier.
    Downgraded {
        /// The tier before.
        from: &'a str,
        /// The tier after.
        to: &'a str,
        /// From which day.
        day: Day,
    }
    /// A tier was taken back, as after a refund.
    Revoked {
        /// The tier before.
        from: &'a str,
        /// The tier after.
        to: &'a str,
        /// From which day.
        day: Day,
    }
    /// The qualifying number begins again.
    MetricReset {
        /// What it is called.
        name: &'a str,
        /// What it was.
        before: Amount<'a>,
        /// From which day.
        day: Day,
    }
    /// A part of the qualifying number is carried over.
    MetricCarried {
        /// What it is called.
        name: &'a str,
        /// What it was.
        before: Amount<'a>,
        /// What is carried over.
        carried: Amount<'a>,
        /// The time after which that is worth half; `None` if it keeps its worth.
        half_life: Option<Amount<'a>>,
        /// From which day.
        day: Day,
    }
    /// What a customer is told before a downgrade.
    WillDowngrade {
        /// The tier.
        tier: &'a str,
        /// The day on which that is told.
        day: Day,
        /// The day on which it will be lost.
        at: Day,
    }
    /// A higher tier that begins later.
    Scheduled {
        /// The tier before.
        from: &'a str,
        /// The tier after.
        to: &'a str,
        /// The day of the decision.
        day: Day,
        /// The day on which it begins.
        begins: Day,
    }
    /// The higher tier that was to begin later does not.
    Cancelled {
        /// The tier that stays.
        tier: &'a str,
        /// The day of the decision.
        day: Day,
    }
    /// A review had nothing to change.
    Reviewed {
        /// The tier.
        tier: &'a str,
        /// The day of the review.
        day: Day,
    }
    /// The line of something that happened to a tier.
    Event {
        /// What happened.
        event: &'a str,
    }
    /// The tier that a customer has now, behind what led to it.
    TierNow {
        /// The tier.
        tier: &'a str,
    }
    /// What it takes to keep a tier.
    Keep {
        /// The tier.
        tier: &'a str,
        /// What is missing.
        conditions: &'a str,
        /// The last day on which it counts.
        by: Day,
        /// The tier otherwise.
        projected: &'a str,
        /// From which day that is.
        day: Day,
        /// The first day after the grace that comes before that; `None` if none does.
        grace: Option<Day>,
    }
    /// A tier is kept if nothing happens.
    Safe {
        /// The tier.
        tier: &'a str,
        /// The last day before the review.
        by: Day,
    }
    /// The next review brings a higher tier if nothing happens.
    Ahead {
        /// The higher tier.
        tier: &'a str,
        /// The day on which it begins.
        day: Day,
    }
    /// Exactly this tier.
    Pin {}
    /// At least this tier.
    Floor {}
    /// At most this tier.
    Ceiling {}
    /// No tier but the base.
    Exclude {}
    /// Somebody set a tier by hand.
    OverrideStarted {
        /// What was set.
        kind: Override,
        /// The tier; empty where none is named.
        tier: &'a str,
        /// From which day.
        day: Day,
        /// The first day after it; `None` if it has no end.
        until: Option<Day>,
        /// Who did it.
        actor: &'a str,
        /// Why.
        reason: &'a str,
    }
    /// What somebody set by hand is over.
    OverrideEnded {
        /// What was set.
        kind: Override,
        /// The tier; empty where none is named.
        tier: &'a str,
        /// From which day.
        day: Day,
    }
    /// Somebody moved the end of a term.
    Extended {
        /// The tier.
        tier: &'a str,
        /// The day of the decision.
        day: Day,
        /// The first day after the term now.
        until: Day,
        /// Who did it.
        actor: &'a str,
        /// Why.
        reason: &'a str,
    }
    /// Another policy decides.
    PolicyChanged {
        /// The policy that does now.
        policy: &'a str,
        /// Its version.
        version: &'a str,
        /// From which day.
        day: Day,
    }
    /// A tier that the policy no longer has was replaced.
    Mapped {
        /// The tier before.
        from: &'a str,
        /// The tier after.
        to: &'a str,
        /// From which day.
        day: Day,
    }
    /// A customer who was not there before.
    NewCustomer {
        /// The tier.
        tier: &'a str,
    }
    /// A customer who is not there any more.
    GoneCustomer {
        /// The tier before.
        tier: &'a str,
    }
    /// A lower tier than at the review before.
    FellTier {
        /// The tier before.
        from: &'a str,
        /// The tier after.
        to: &'a str,
    }
    /// A higher tier than at the review before.
    RoseTier {
        /// The tier before.
        from: &'a str,
        /// The tier after.
        to: &'a str,
    }
    /// Another tier, of another ladder.
    TierReplaced {
        /// The tier before.
        from: &'a str,
        /// The tier after.
        to: &'a str,
    }
    /// Another word in a column of words.
    StageMoved {
        /// What the column is called.
        name: &'a str,
        /// The word before.
        from: &'a str,
        /// The word after.
        to: &'a str,
    }
    /// At risk now.
    BecameAtRisk {
        /// The word before.
        from: &'a str,
        /// The word after.
        to: &'a str,
    }
    /// Lost now.
    Churned {
        /// The word before.
        from: &'a str,
        /// The word after.
        to: &'a str,
    }
    /// Back again.
    WonBack {
        /// The word before.
        from: &'a str,
        /// The word after.
        to: &'a str,
    }
    /// A number came to the other side of a threshold.
    CrossedThreshold {
        /// What the column is called.
        name: &'a str,
        /// The threshold.
        at: Amount<'a>,
        /// The number before.
        before: Amount<'a>,
        /// The number after.
        after: Amount<'a>,
        /// Whether it is below now; otherwise at the threshold or above.
        less: bool,
    }
    /// A number changed by much.
    BehaviourChanged {
        /// What the column is called.
        name: &'a str,
        /// The number before.
        before: Amount<'a>,
        /// The number after.
        after: Amount<'a>,
        /// Whether it is less now.
        less: bool,
    }
    /// What happened to a customer, with the value at stake.
    AtStake {
        /// What happened.
        what: &'a str,
        /// The value.
        value: Amount<'a>,
    }
    /// What happened to a customer whose value is not known.
    StakeUnknown {
        /// What happened.
        what: &'a str,
    }
}

impl Phrase<'_> {
    /// The phrase in a language.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        let mut rest = language.pattern(self);
        let mut out = String::with_capacity(2 * rest.len());
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let filled = after.split_once('}').and_then(|(place, next)| {
                let (place, form) = match (place.strip_suffix('#'), place.strip_suffix('%')) {
                    (Some(place), _) => (place, Form::Bare),
                    (_, Some(place)) => (place, Form::Percent),
                    _ => (place, Form::Full),
                };
                Some((self.say(place, form, language)?, next))
            });
            match filled {
                Some((said, next)) => {
                    out.push_str(&said);
                    rest = next;
                }
                // No place of this phrase: braces are only braces.
                None => {
                    out.push('{');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }
}

//! English: the default of every phrase.

use super::{Amount, Language, Phrase};
use crate::model::Unit;
use crate::rules::Truth;

/// English, and what every other language falls back to.
///
/// Conditions stay as rules write them, with what was found behind the name: `spend 312.50 >= 500`.
///
/// ```
/// use customer_value::model::Unit;
/// use customer_value::rules::language::{Amount, English, Language};
///
/// assert_eq!(English.amount(&Amount::new(1.0, Unit::Days)), "1 day");
/// assert_eq!(English.amount(&Amount::new(2.5, Unit::Days)), "2.5 days");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct English;

impl Language for English {
    fn tag(&self) -> &str {
        "en"
    }
}

pub(super) fn amount<L: Language + ?Sized>(language: &L, amount: &Amount<'_>) -> String {
    let number = || language.number(&amount.digits());
    // A whole one is singular, as it is read.
    let counted = |one: &str, many: &str| {
        let digits = amount.digits();
        let unit = if matches!(digits.as_str(), "1" | "-1") {
            one
        } else {
            many
        };
        format!("{} {unit}", language.number(&digits))
    };
    let money = || {
        let number = language.number(&amount.money_digits());
        match amount.currency {
            Some(currency) => format!("{number} {currency}"),
            None => number,
        }
    };
    match amount.unit {
        Some(Unit::Money) => money(),
        Some(Unit::MoneyPer(days)) => format!("{} per {days}", money()),
        Some(Unit::CountPer(days)) => format!("{} per {days}", number()),
        Some(Unit::Days) => counted("day", "days"),
        Some(Unit::Hours) => counted("hour", "hours"),
        Some(Unit::Points) => counted("point", "points"),
        Some(Unit::Share | Unit::Percent) => {
            format!("{} %", language.number(&amount.percent_digits()))
        }
        Some(Unit::Date) => match amount.day() {
            Some(day) => language.day(day),
            None => number(),
        },
        _ => number(),
    }
}

pub(super) fn pattern(phrase: &Phrase<'_>) -> &'static str {
    match phrase {
        Phrase::Yes {} => "yes",
        Phrase::No {} => "no",
        Phrase::Missing {} => "(missing)",
        Phrase::True {} => "true",
        Phrase::False {} => "false",
        Phrase::Unknown {} => "unknown",
        Phrase::Comma {} | Phrase::And {} => ", ",
        Phrase::Semicolon {} => "; ",
        Phrase::NoCondition {} => "no condition",
        Phrase::Everybody {} => "everybody",

        Phrase::Column { .. } => "{column} ({measure})",
        Phrase::Window { .. } => "{window}",

        Phrase::Compare { .. }
        | Phrase::Between { .. }
        | Phrase::OneOf { .. }
        | Phrase::Flag { .. }
        | Phrase::Known { .. }
        | Phrase::Standing { .. } => "{formula}",
        Phrase::Lacking { .. } => "{text}, it is {found#}",
        Phrase::LackingUnknown { .. } => "{text}, it is not known",
        Phrase::Change { amount, less, .. } => match (amount.unit, less) {
            (Some(Unit::Days | Unit::Hours), false) => "{amount} more",
            (Some(Unit::Days | Unit::Hours), true) => "{amount} less",
            (_, false) => "{amount#} more",
            (_, true) => "{amount#} less",
        },
        Phrase::Threshold { .. } => "threshold {amount#}",
        Phrase::With { .. } => "{sentence} ({note})",
        Phrase::Judged { .. } => "{sentence} is {truth}",
        Phrase::Over { .. } => "{sentence}, over {first} to {last} ({window})",
        Phrase::OverNothing { .. } => "{sentence}, over no day ({window})",
        Phrase::OverDays { .. } => "{sentence}, over {first} to {last}",
        Phrase::OverNoDay { .. } => "{sentence}, over no day",
        Phrase::Carried { .. } => "of it {amount#} carried over",

        Phrase::Reason { .. } => "{tier}: {conditions}",
        Phrase::ReasonNext { .. } => "{tier}: {next} needs {conditions}",
        Phrase::ReasonKept { .. } => "{tier}: kept by {conditions}",
        Phrase::ReasonHeld { until: Some(_), .. } => "{tier}: held until {until}",
        Phrase::ReasonHeld { until: None, .. } => "{tier}: held, no review can take it",
        Phrase::ReasonGrace { .. } => "{tier}: kept in grace until {until}",
        Phrase::ReasonUpcoming { .. } => "{tier}: {to} from {day} on",
        Phrase::ReasonWaiting { day: Some(_), .. } => {
            "{tier}: qualifies for {to} at the next review, on {day}"
        }
        Phrase::ReasonWaiting { day: None, .. } => "{tier}: qualifies for {to} at the next review",
        Phrase::ReasonForeign { .. } => "{tier}: held by the rules of another policy until {until}",
        Phrase::ReasonOverride { .. } => "{tier}: decided by people, {earned} is earned",
        Phrase::Tier { .. } => "tier  {reason}",
        Phrase::DecidedBy { .. } => "rule  {place}: {rule}",
        Phrase::ByRule { .. } => "{place}: {rule}",
        Phrase::Undecided { .. } => {
            "open  {tier} could not be judged: something it asks for is not known"
        }
        Phrase::TierCondition { .. } => "{tier}: {condition}",
        Phrase::KeepCondition { .. } => "{tier}, to keep: {condition}",
        Phrase::Next { .. } => "next  {tier}: {conditions}",
        Phrase::Stage { .. } => "stage {stage} since {since}, highest ever {high_water}",
        Phrase::Moved { .. } => "{from} → {to} since {since}: {why}",
        Phrase::ChurnLevel { .. } => "{level}",
        Phrase::Churn { at: None, .. } => "churn {level}: {name} is {found}",
        Phrase::Churn { less: false, .. } => "churn {level}: {name} is {found}, from {at} on",
        Phrase::Churn { less: true, .. } => "churn {level}: {name} is {found}, below {at}",
        Phrase::ChurnNext { less: false, .. } => "{level} from {at} on",
        Phrase::ChurnNext { less: true, .. } => "{level} below {at}",
        Phrase::ChurnUnknown { .. } => "churn {level}: no method has enough data",
        Phrase::Segment { truth, .. } => match truth {
            Truth::True => "in segment {name}",
            Truth::False => "not in segment {name}",
            Truth::Unknown => "segment {name} not known",
        },
        Phrase::ChurnPassed { .. } => "{name} did not answer: {why}",
        Phrase::NoPurchase {} => "no purchase",
        Phrase::FewActiveDays { .. } => "{found} of {needed} active days",
        Phrase::NotFitted {} => "the population is not known yet",
        Phrase::NoGap {} => "nobody in the population has come back yet",
        Phrase::NotKnown {} => "it is not known",
        Phrase::Dropped { .. } => "{name} {before} → {after} since {since}",
        Phrase::Score { .. } => "score {name} {score}",
        Phrase::ScoreMissing { .. } => "score {name} not known",
        Phrase::Part { .. } => "{points} from {name} {found#} at {weight} % of the weight",
        Phrase::OnScale { .. } => "{at#} on its scale",
        Phrase::Points { .. } => "points {name} {points}",
        Phrase::PointLine { .. } => "{points} from {rule} on {day}: {outcome}",
        Phrase::Given {} => "given",
        Phrase::Capped {} => "cut off at the cap",
        Phrase::AlreadyGiven {} => "given before, and only once",
        Phrase::CoolingDown { .. } => "not again before {until}",
        Phrase::Passed {} => "for that day only",
        Phrase::UnknownRule {} => "there is no such rule",
        Phrase::ExitAbove {} => "exit  above the line",
        Phrase::ExitUnknown {} => "exit  not known whether below the line",
        Phrase::ExitBelow { .. } => "exit  below the line since {since}, on no step",
        Phrase::ExitOnStep { .. } => {
            "exit  {step} since {since}, below the line since {below_since}"
        }
        Phrase::ExitEnded { .. } => "exit  {step} since {since}, the service has ended",
        Phrase::ExitNext { day: Some(_), .. } => "{step} is next, on {day} at the earliest",
        Phrase::ExitNext { day: None, .. } => "{step} is next",
        Phrase::ExitNoticed { .. } => "{step} has notice and takes effect on {day}",
        Phrase::ExitTooSoon { .. } => "below the line long enough from {from} on",
        Phrase::ExitAttempts { .. } => "{made} of {needed} uplift attempts made",
        Phrase::ExitInterval { .. } => "no notice before {from}, so soon after the last step",
        Phrase::ExitGate {
            closed: Truth::Unknown,
            ..
        } => "held by {gate}, as it is not known to be open",
        Phrase::ExitGate {
            closed: Truth::False,
            ..
        } => "{gate} is open",
        Phrase::ExitGate { .. } => "held by {gate}",
        Phrase::ExitBelowLine { .. } => "below the line on {day}",
        Phrase::ExitNoticeGiven { .. } => {
            "notice of {step} given on {day}, it takes effect on {takes_effect}"
        }
        Phrase::ExitNoticeWithdrawn { gates, .. } => {
            if gates.is_empty() {
                "notice of {step} withdrawn on {day}, it is no longer the next step"
            } else {
                "notice of {step} withdrawn on {day}, held by {gates}"
            }
        }
        Phrase::ExitStepTaken { .. } => "{step} taken on {day}",
        Phrase::ExitReversed { step, notice, .. } => match (step.is_empty(), notice.is_empty()) {
            (false, true) => "{step} reversed on {day}, above the line again",
            (true, false) => "notice of {notice} void on {day}, above the line again",
            _ => "{step} reversed and notice of {notice} void on {day}, above the line again",
        },
        Phrase::ExitAboveLine { .. } => "above the line again on {day}",
        Phrase::ExitReturned { .. } => {
            "above the line again on {day} after {step}, begins anew as a customer"
        }
        Phrase::By { .. } => {
            "by    {policy} version {version} on {day}, fingerprint {fingerprint}, amounts in {currency}"
        }

        Phrase::Assigned { .. } => "assigned {tier} on {day}",
        Phrase::Upgraded { .. } => "upgraded from {from} to {to} on {day}",
        Phrase::Renewed { until: Some(_), .. } => "{tier} renewed on {day}, until {until}",
        Phrase::Renewed { until: None, .. } => "{tier} renewed on {day}",
        Phrase::GraceStarted { .. } => {
            "no longer qualified for {tier} on {day}, kept in grace until {until}"
        }
        Phrase::Requalified { until: Some(_), .. } => {
            "qualified for {tier} again on {day}, until {until}"
        }
        Phrase::Requalified { until: None, .. } => "qualified for {tier} again on {day}",
        Phrase::Downgraded { .. } => "downgraded from {from} to {to} on {day}",
        Phrase::Revoked { .. } => "{from} taken back on {day}, now {to}",
        Phrase::MetricReset { .. } => "{name} begins again on {day}, it was {before}",
        Phrase::MetricCarried {
            half_life: None, ..
        } => "{carried} of {before} {name} carried over on {day}",
        Phrase::MetricCarried { .. } => {
            "{carried} of {before} {name} carried over on {day}, worth half after {half_life}"
        }
        Phrase::WillDowngrade { .. } => {
            "notice on {day}: {tier} will be lost on {at} if nothing happens until then"
        }
        Phrase::Scheduled { .. } => {
            "upgrade from {from} to {to} scheduled on {day}, from {begins} on"
        }
        Phrase::Cancelled { .. } => {
            "scheduled upgrade from {tier} cancelled on {day}, what it was granted for was refunded"
        }
        Phrase::Reviewed { .. } => "{tier} reviewed on {day}, nothing changed",
        Phrase::Event { .. } => "event {event}",
        Phrase::TierNow { .. } => "now {tier}",
        Phrase::Keep { grace: None, .. } => {
            "keep  {tier} by {by}: {conditions} as it will be then, otherwise {projected} from {day} on"
        }
        Phrase::Keep { grace: Some(_), .. } => {
            "keep  {tier} by {by}: {conditions} as it will be then, otherwise grace until {grace} and then {projected}"
        }
        Phrase::Safe { .. } => "keep  {tier} by {by}: nothing more is needed",
        Phrase::Ahead { .. } => "ahead {tier} from {day} on",
        Phrase::Pin {} => "exactly",
        Phrase::Floor {} => "at least",
        Phrase::Ceiling {} => "at most",
        Phrase::Exclude {} => "left out",
        Phrase::OverrideStarted { tier, until, .. } => match (tier.is_empty(), until) {
            (false, Some(_)) => "{kind} {tier} from {day} until {until}, set by {actor}: {reason}",
            (false, None) => "{kind} {tier} from {day}, set by {actor}: {reason}",
            (true, Some(_)) => "{kind} from {day} until {until}, set by {actor}: {reason}",
            (true, None) => "{kind} from {day}, set by {actor}: {reason}",
        },
        Phrase::OverrideEnded { tier, .. } => {
            if tier.is_empty() {
                "{kind} no longer from {day}"
            } else {
                "{kind} {tier} no longer from {day}"
            }
        }
        Phrase::Extended { .. } => "{tier} extended on {day} until {until} by {actor}: {reason}",
        Phrase::PolicyChanged { .. } => "policy {policy} version {version} decides from {day} on",
        Phrase::Mapped { .. } => "{from} is no longer a tier, {to} instead from {day}",

        Phrase::NewCustomer { .. } => "new, {tier}",
        Phrase::GoneCustomer { .. } => "no longer there, was {tier}",
        Phrase::FellTier { .. } => "fell from {from} to {to}",
        Phrase::RoseTier { .. } => "rose from {from} to {to}",
        Phrase::TierReplaced { .. } => "{to} instead of {from}",
        Phrase::StageMoved { .. } => "{name} is {to}, was {from}",
        Phrase::BecameAtRisk { .. } => "became at risk: {to}, was {from}",
        Phrase::Churned { .. } => "churned: {to}, was {from}",
        Phrase::WonBack { .. } => "won back: {to}, was {from}",
        Phrase::CrossedThreshold { less: true, .. } => {
            "{name} fell below {at}: {after}, {before} before"
        }
        Phrase::CrossedThreshold { less: false, .. } => {
            "{name} rose to {at} or more: {after}, {before} before"
        }
        Phrase::BehaviourChanged { less: true, .. } => "{name} fell from {before} to {after}",
        Phrase::BehaviourChanged { less: false, .. } => "{name} rose from {before} to {after}",
        Phrase::AtStake { .. } => "{what} ({value} at stake)",
        Phrase::StakeUnknown { .. } => "{what} (value at stake not known)",
    }
}

//! English: the default of every phrase.

use super::{
    Amount, ChangePhrase, ChurnPhrase, ConditionPhrase, ExitPhrase, FramePhrase, Language,
    MovementPhrase, Phrase, PlaybookPhrase, ScorePhrase, SegmentPhrase, StagePhrase, SurveyPhrase,
    TierPhrase, WinBackPhrase, WordPhrase,
};
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
        Phrase::Word(phrase) => word(phrase),
        Phrase::Frame(phrase) => frame(phrase),
        Phrase::Condition(phrase) => condition(phrase),
        Phrase::Tier(phrase) => tier(phrase),
        Phrase::Movement(phrase) => movement(phrase),
        Phrase::Stage(phrase) => stage(phrase),
        Phrase::Churn(phrase) => churn(phrase),
        Phrase::Score(phrase) => score(phrase),
        Phrase::Segment(phrase) => segment(phrase),
        Phrase::Exit(phrase) => exit(phrase),
        Phrase::WinBack(phrase) => win_back(phrase),
        Phrase::Playbook(phrase) => playbook(phrase),
        Phrase::Survey(phrase) => survey(phrase),
        Phrase::Change(phrase) => change(phrase),
        Phrase::Report(word) => word.english(),
    }
}

fn word(phrase: &WordPhrase) -> &'static str {
    match phrase {
        WordPhrase::Yes {} => "yes",
        WordPhrase::No {} => "no",
        WordPhrase::Missing {} => "(missing)",
        WordPhrase::True {} => "true",
        WordPhrase::False {} => "false",
        WordPhrase::Unknown {} => "unknown",
        WordPhrase::Comma {} | WordPhrase::And {} => ", ",
        WordPhrase::Semicolon {} => "; ",
    }
}

fn frame(phrase: &FramePhrase<'_>) -> &'static str {
    match phrase {
        FramePhrase::With { .. } => "{sentence} ({note})",
        FramePhrase::DecidedBy { .. } => "rule  {place}: {rule}",
        FramePhrase::ByRule { .. } => "{place}: {rule}",
        FramePhrase::By { .. } => {
            "by    {policy} version {version} on {day}, fingerprint {fingerprint}, amounts in {currency}"
        }
        FramePhrase::Event { .. } => "event {event}",
        FramePhrase::Labelled { .. } => "{label}: {value}",
    }
}

fn condition(phrase: &ConditionPhrase<'_>) -> &'static str {
    match phrase {
        ConditionPhrase::NoCondition {} => "no condition",
        ConditionPhrase::Column { .. } => "{column} ({measure})",
        ConditionPhrase::Window { .. } => "{window}",
        ConditionPhrase::Compare { .. }
        | ConditionPhrase::Between { .. }
        | ConditionPhrase::OneOf { .. }
        | ConditionPhrase::Flag { .. }
        | ConditionPhrase::Known { .. }
        | ConditionPhrase::Standing { .. } => "{formula}",
        ConditionPhrase::Lacking { .. } => "{text}, it is {found#}",
        ConditionPhrase::LackingUnknown { .. } => "{text}, it is not known",
        ConditionPhrase::Change { amount, less, .. } => match (amount.unit, less) {
            (Some(Unit::Days | Unit::Hours), false) => "{amount} more",
            (Some(Unit::Days | Unit::Hours), true) => "{amount} less",
            (_, false) => "{amount#} more",
            (_, true) => "{amount#} less",
        },
        ConditionPhrase::Threshold { .. } => "threshold {amount#}",
        ConditionPhrase::Judged { .. } => "{sentence} is {truth}",
        ConditionPhrase::Over { .. } => "{sentence}, over {first} to {last} ({window})",
        ConditionPhrase::OverNothing { .. } => "{sentence}, over no day ({window})",
        ConditionPhrase::OverDays { .. } => "{sentence}, over {first} to {last}",
        ConditionPhrase::OverNoDay { .. } => "{sentence}, over no day",
        ConditionPhrase::Carried { .. } => "of it {amount#} carried over",
    }
}

fn tier(phrase: &TierPhrase<'_>) -> &'static str {
    match phrase {
        TierPhrase::Everybody {} => "everybody",
        TierPhrase::Reason { .. } => "{tier}: {conditions}",
        TierPhrase::ReasonNext { .. } => "{tier}: {next} needs {conditions}",
        TierPhrase::ReasonKept { .. } => "{tier}: kept by {conditions}",
        TierPhrase::ReasonHeld { until: Some(_), .. } => "{tier}: held until {until}",
        TierPhrase::ReasonHeld { until: None, .. } => "{tier}: held, no review can take it",
        TierPhrase::ReasonGrace { .. } => "{tier}: kept in grace until {until}",
        TierPhrase::ReasonUpcoming { .. } => "{tier}: {to} from {day} on",
        TierPhrase::ReasonWaiting { day: Some(_), .. } => {
            "{tier}: qualifies for {to} at the next review, on {day}"
        }
        TierPhrase::ReasonWaiting { day: None, .. } => {
            "{tier}: qualifies for {to} at the next review"
        }
        TierPhrase::ReasonForeign { .. } => {
            "{tier}: held by the rules of another policy until {until}"
        }
        TierPhrase::ReasonOverride { .. } => "{tier}: decided by people, {earned} is earned",
        TierPhrase::Line { .. } => "tier  {reason}",
        TierPhrase::Undecided { .. } => {
            "open  {tier} could not be judged: something it asks for is not known"
        }
        TierPhrase::Condition { .. } => "{tier}: {condition}",
        TierPhrase::KeepCondition { .. } => "{tier}, to keep: {condition}",
        TierPhrase::Next { .. } => "next  {tier}: {conditions}",
    }
}

fn movement(phrase: &MovementPhrase<'_>) -> &'static str {
    match phrase {
        MovementPhrase::Assigned { .. } => "assigned {tier} on {day}",
        MovementPhrase::Upgraded { .. } => "upgraded from {from} to {to} on {day}",
        MovementPhrase::Renewed { until: Some(_), .. } => "{tier} renewed on {day}, until {until}",
        MovementPhrase::Renewed { until: None, .. } => "{tier} renewed on {day}",
        MovementPhrase::GraceStarted { .. } => {
            "no longer qualified for {tier} on {day}, kept in grace until {until}"
        }
        MovementPhrase::Requalified { until: Some(_), .. } => {
            "qualified for {tier} again on {day}, until {until}"
        }
        MovementPhrase::Requalified { until: None, .. } => "qualified for {tier} again on {day}",
        MovementPhrase::Downgraded { .. } => "downgraded from {from} to {to} on {day}",
        MovementPhrase::Revoked { .. } => "{from} taken back on {day}, now {to}",
        MovementPhrase::MetricReset { .. } => "{name} begins again on {day}, it was {before}",
        MovementPhrase::MetricCarried {
            half_life: None, ..
        } => "{carried} of {before} {name} carried over on {day}",
        MovementPhrase::MetricCarried { .. } => {
            "{carried} of {before} {name} carried over on {day}, worth half after {half_life}"
        }
        MovementPhrase::WillDowngrade { .. } => {
            "notice on {day}: {tier} will be lost on {at} if nothing happens until then"
        }
        MovementPhrase::Scheduled { .. } => {
            "upgrade from {from} to {to} scheduled on {day}, from {begins} on"
        }
        MovementPhrase::Cancelled { .. } => {
            "scheduled upgrade from {tier} cancelled on {day}, what it was granted for was refunded"
        }
        MovementPhrase::Reviewed { .. } => "{tier} reviewed on {day}, nothing changed",
        MovementPhrase::TierNow { .. } => "now {tier}",
        MovementPhrase::Keep { grace: None, .. } => {
            "keep  {tier} by {by}: {conditions} as it will be then, otherwise {projected} from {day} on"
        }
        MovementPhrase::Keep { grace: Some(_), .. } => {
            "keep  {tier} by {by}: {conditions} as it will be then, otherwise grace until {grace} and then {projected}"
        }
        MovementPhrase::Safe { .. } => "keep  {tier} by {by}: nothing more is needed",
        MovementPhrase::Ahead { .. } => "ahead {tier} from {day} on",
        MovementPhrase::Pin {} => "exactly",
        MovementPhrase::Floor {} => "at least",
        MovementPhrase::Ceiling {} => "at most",
        MovementPhrase::Exclude {} => "left out",
        MovementPhrase::OverrideStarted { tier, until, .. } => match (tier.is_empty(), until) {
            (false, Some(_)) => "{kind} {tier} from {day} until {until}, set by {actor}: {reason}",
            (false, None) => "{kind} {tier} from {day}, set by {actor}: {reason}",
            (true, Some(_)) => "{kind} from {day} until {until}, set by {actor}: {reason}",
            (true, None) => "{kind} from {day}, set by {actor}: {reason}",
        },
        MovementPhrase::OverrideEnded { tier, .. } => {
            if tier.is_empty() {
                "{kind} no longer from {day}"
            } else {
                "{kind} {tier} no longer from {day}"
            }
        }
        MovementPhrase::Extended { .. } => {
            "{tier} extended on {day} until {until} by {actor}: {reason}"
        }
        MovementPhrase::PolicyChanged { .. } => {
            "policy {policy} version {version} decides from {day} on"
        }
        MovementPhrase::Mapped { .. } => "{from} is no longer a tier, {to} instead from {day}",
    }
}

fn stage(phrase: &StagePhrase<'_>) -> &'static str {
    match phrase {
        StagePhrase::Line { .. } => "stage {stage} since {since}, highest ever {high_water}",
        StagePhrase::Moved { .. } => "{from} → {to} since {since}: {why}",
    }
}

fn churn(phrase: &ChurnPhrase<'_>) -> &'static str {
    match phrase {
        ChurnPhrase::Level { .. } => "{level}",
        ChurnPhrase::Verdict { at: None, .. } => "churn {level}: {name} is {found}",
        ChurnPhrase::Verdict { less: false, .. } => {
            "churn {level}: {name} is {found}, from {at} on"
        }
        ChurnPhrase::Verdict { less: true, .. } => "churn {level}: {name} is {found}, below {at}",
        ChurnPhrase::Next { less: false, .. } => "{level} from {at} on",
        ChurnPhrase::Next { less: true, .. } => "{level} below {at}",
        ChurnPhrase::Unknown { .. } => "churn {level}: no method has enough data",
        ChurnPhrase::Passed { .. } => "{name} did not answer: {why}",
        ChurnPhrase::NoPurchase {} => "no purchase",
        ChurnPhrase::FewActiveDays { .. } => "{found} of {needed} active days",
        ChurnPhrase::NotFitted {} => "the population is not known yet",
        ChurnPhrase::NoGap {} => "nobody in the population has come back yet",
        ChurnPhrase::NotKnown {} => "it is not known",
        ChurnPhrase::Dropped { .. } => "{name} {before} → {after} since {since}",
    }
}

fn score(phrase: &ScorePhrase<'_>) -> &'static str {
    match phrase {
        ScorePhrase::Score { .. } => "score {name} {score}",
        ScorePhrase::ScoreMissing { .. } => "score {name} not known",
        ScorePhrase::Part { .. } => "{points} from {name} {found#} at {weight} % of the weight",
        ScorePhrase::OnScale { .. } => "{at#} on its scale",
        ScorePhrase::Points { .. } => "points {name} {points}",
        ScorePhrase::PointLine { .. } => "{points} from {rule} on {day}: {outcome}",
        ScorePhrase::Given {} => "given",
        ScorePhrase::Capped {} => "cut off at the cap",
        ScorePhrase::AlreadyGiven {} => "given before, and only once",
        ScorePhrase::CoolingDown { .. } => "not again before {until}",
        ScorePhrase::Passed {} => "for that day only",
        ScorePhrase::UnknownRule {} => "there is no such rule",
    }
}

fn segment(phrase: &SegmentPhrase<'_>) -> &'static str {
    match phrase {
        SegmentPhrase::Is { truth, .. } => match truth {
            Truth::True => "in segment {name}",
            Truth::False => "not in segment {name}",
            Truth::Unknown => "segment {name} not known",
        },
    }
}

fn exit(phrase: &ExitPhrase<'_>) -> &'static str {
    match phrase {
        ExitPhrase::Above {} => "exit  above the line",
        ExitPhrase::Unknown {} => "exit  not known whether below the line",
        ExitPhrase::Below { .. } => "exit  below the line since {since}, on no step",
        ExitPhrase::OnStep { .. } => {
            "exit  {step} since {since}, below the line since {below_since}"
        }
        ExitPhrase::Ended { .. } => "exit  {step} since {since}, the service has ended",
        ExitPhrase::Next { day: Some(_), .. } => "{step} is next, on {day} at the earliest",
        ExitPhrase::Next { day: None, .. } => "{step} is next",
        ExitPhrase::Noticed { .. } => "{step} has notice and takes effect on {day}",
        ExitPhrase::TooSoon { .. } => "below the line long enough from {from} on",
        ExitPhrase::Attempts { .. } => "{made} of {needed} uplift attempts made",
        ExitPhrase::Interval { .. } => "no notice before {from}, so soon after the last step",
        ExitPhrase::Gate {
            closed: Truth::Unknown,
            ..
        } => "held by {gate}, as it is not known to be open",
        ExitPhrase::Gate {
            closed: Truth::False,
            ..
        } => "{gate} is open",
        ExitPhrase::Gate { .. } => "held by {gate}",
        ExitPhrase::BelowLine { .. } => "below the line on {day}",
        ExitPhrase::NoticeGiven { .. } => {
            "notice of {step} given on {day}, it takes effect on {takes_effect}"
        }
        ExitPhrase::NoticeWithdrawn { gates, .. } => {
            if gates.is_empty() {
                "notice of {step} withdrawn on {day}, it is no longer the next step"
            } else {
                "notice of {step} withdrawn on {day}, held by {gates}"
            }
        }
        ExitPhrase::StepTaken { .. } => "{step} taken on {day}",
        ExitPhrase::Reversed { step, notice, .. } => match (step.is_empty(), notice.is_empty()) {
            (false, true) => "{step} reversed on {day}, above the line again",
            (true, false) => "notice of {notice} void on {day}, above the line again",
            _ => "{step} reversed and notice of {notice} void on {day}, above the line again",
        },
        ExitPhrase::AboveLine { .. } => "above the line again on {day}",
        ExitPhrase::Returned { .. } => {
            "above the line again on {day} after {step}, begins anew as a customer"
        }
    }
}

fn win_back(phrase: &WinBackPhrase<'_>) -> &'static str {
    match phrase {
        WinBackPhrase::Chosen { .. } => {
            "{customer}: {offer} ({class}, through {channel}), net value {net}"
        }
        WinBackPhrase::NoOffer { .. } => "{customer}: no offer, {why}",
        WinBackPhrase::NoCandidate { .. } => "{customer}: not a candidate",
        WinBackPhrase::When { .. } => "when {rule}: {truth}",
        WinBackPhrase::Returned { .. } => "came back on {on}",
        WinBackPhrase::CoolDown { .. } => "not to be attempted before {until}",
        WinBackPhrase::AttemptsUsed { attempts: 1 } => "attempted once already",
        WinBackPhrase::AttemptsUsed { .. } => "attempted {attempts} times already",
        WinBackPhrase::NoOpenOffer {} => "no offer is open",
        WinBackPhrase::ValueUnknown {} => "the value is not known",
        WinBackPhrase::NotWorthIt { .. } => "not worth it, net value {best} at best",
        WinBackPhrase::Limit { .. } => "past the limit, net value {best}",
        WinBackPhrase::OtherReasons {
            reason: Some(_), ..
        } => "{offer}: closed, the reason is {reason} and not one of {reasons}",
        WinBackPhrase::OtherReasons { reason: None, .. } => {
            "{offer}: closed, it is for {reasons}, and the reason is not known"
        }
        WinBackPhrase::RuleNotTrue { .. } => "{offer}: closed, its rule is not true",
        WinBackPhrase::OpenUnknown { .. } => "{offer}: open, the value is not known",
        WinBackPhrase::Open { .. } => "{offer}: open, net value {net}",
    }
}

fn playbook(phrase: &PlaybookPhrase<'_>) -> &'static str {
    match phrase {
        PlaybookPhrase::BasicService {} => "basic service",
        PlaybookPhrase::Tier { .. } => "tier {tier}",
        PlaybookPhrase::Stage { .. } => "stage {stage}",
        PlaybookPhrase::Segment { .. } => "segment {segment}",
        PlaybookPhrase::NoContactYet {} => "no contact yet",
        PlaybookPhrase::LastContact { .. } => "last contact on {last}, {every} or more ago",
        PlaybookPhrase::Anniversary { offset, before, .. } => match (offset, before) {
            (None, _) => "the anniversary {anniversary} of {date} {of}",
            (_, true) => "{offset} before the anniversary {anniversary} of {date} {of}",
            (_, false) => "{offset} after the anniversary {anniversary} of {date} {of}",
        },
        PlaybookPhrase::Date { offset, before, .. } => match (offset, before) {
            (None, _) => "{date} {of}",
            (_, true) => "{offset} before {date} {of}",
            (_, false) => "{offset} after {date} {of}",
        },
        PlaybookPhrase::InStage { .. } => "{stage} since {since}",
        PlaybookPhrase::BecameTrue { .. } => "since {since}: {conditions}",
        PlaybookPhrase::Due { net: Some(_), .. } => {
            "{customer}: {action} (through {channel}), {why}, net value {net} for {cost}"
        }
        PlaybookPhrase::Due { net: None, .. } => {
            "{customer}: {action} (through {channel}), {why}, for {cost}"
        }
        PlaybookPhrase::NotTaken { .. } => "{customer}: not {action} (through {channel}), {why}",
        PlaybookPhrase::DoNotContact {} => "not to be contacted",
        PlaybookPhrase::NoConsent { .. } => "no consent to {channel}",
        PlaybookPhrase::QuietDay {} => "a quiet day",
        PlaybookPhrase::CoolDown { .. } => "not again before {until}",
        PlaybookPhrase::ValueUnknown {} => "the value is not known",
        PlaybookPhrase::NotWorthIt { .. } => "not worth it, net value {net}",
        PlaybookPhrase::ComesFirst { .. } => "{by} comes first",
        PlaybookPhrase::PerDay { .. } => "at most {at_most} a day",
        PlaybookPhrase::Cap { channel: None, .. } => "at most {at_most} within {within}",
        PlaybookPhrase::Cap { .. } => "at most {at_most} within {within} through {channel}",
        PlaybookPhrase::Capacity { .. } => "the capacity of {channel} is used up",
        PlaybookPhrase::Budget { .. } => "of the budget {left} is left",
    }
}

fn survey(phrase: &SurveyPhrase<'_>) -> &'static str {
    match phrase {
        SurveyPhrase::Due { .. } => "{customer}: {survey}, {why}",
        SurveyPhrase::NotAsked { .. } => "{customer}: not {survey}, {why}",
        SurveyPhrase::FirstTime {} => "for the first time",
        SurveyPhrase::Again { .. } => "last asked on {last}",
        SurveyPhrase::AfterPurchase { .. } => "after a purchase on {on}",
        SurveyPhrase::AfterResolved { .. } => "after a settled complaint on {on}",
        SurveyPhrase::AfterStage { .. } => "after the entry into the stage on {on}",
        SurveyPhrase::NoConsent {} => "did not agree to be asked",
        SurveyPhrase::NotSampled {} => "not in the sample",
        SurveyPhrase::QuietDay {} => "a quiet day",
        SurveyPhrase::Today { .. } => "invited to {survey} on that day",
        SurveyPhrase::AskedAlready { .. } => "asked on {on} already",
        SurveyPhrase::TooSoon { .. } => "not to be asked again before {until}",
        SurveyPhrase::Cap { .. } => "asked often enough until {until}",
        SurveyPhrase::ComesFirst { .. } => "{by} comes first",
    }
}

fn change(phrase: &ChangePhrase<'_>) -> &'static str {
    match phrase {
        ChangePhrase::NewCustomer { .. } => "new, {tier}",
        ChangePhrase::GoneCustomer { .. } => "no longer there, was {tier}",
        ChangePhrase::FellTier { .. } => "fell from {from} to {to}",
        ChangePhrase::RoseTier { .. } => "rose from {from} to {to}",
        ChangePhrase::TierReplaced { .. } => "{to} instead of {from}",
        ChangePhrase::StageMoved { .. } => "{name} is {to}, was {from}",
        ChangePhrase::BecameAtRisk { .. } => "became at risk: {to}, was {from}",
        ChangePhrase::Churned { .. } => "churned: {to}, was {from}",
        ChangePhrase::WonBack { .. } => "won back: {to}, was {from}",
        ChangePhrase::CrossedThreshold { less: true, .. } => {
            "{name} fell below {at}: {after}, {before} before"
        }
        ChangePhrase::CrossedThreshold { less: false, .. } => {
            "{name} rose to {at} or more: {after}, {before} before"
        }
        ChangePhrase::BehaviourChanged { less: true, .. } => "{name} fell from {before} to {after}",
        ChangePhrase::BehaviourChanged { less: false, .. } => {
            "{name} rose from {before} to {after}"
        }
        ChangePhrase::AtStake { .. } => "{what} ({value} at stake)",
        ChangePhrase::StakeUnknown { .. } => "{what} (value at stake not known)",
    }
}

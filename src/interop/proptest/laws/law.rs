//! The laws of policies by name.

use std::fmt;

use super::movement;
use crate::engine::Policy;

/// What every policy promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PolicyLaw {
    /// A second review on the same day finds the same, changes nothing of what is remembered, and tells of no event, neither of the
    /// tier nor of the stage nor of the exit ladder.
    Idempotent,
    /// Records and attempts after the day change nothing: no review, no look ahead, no fit. The customers are the same with and without
    /// them; a refund of an earlier purchase is no such record, because it counts on the day of the purchase.
    Future,
    /// Day after day, with what is remembered and the histories written down and read again in between, the reviews are
    /// those without, with the same events; one customer after the other and in bulk.
    Replay,
    /// Reviews on more days before the last one change none of its numbers, but for points, a stage and an exit step, which
    /// remember, and for `qualifying`, which counts what the tier makes it count.
    ///
    /// Without `[movement]`, and with neither a lifecycle nor point rules that remember, the tier is the same too. With it,
    /// and from the same first review on, the whole tier record and the events are the same where
    ///
    /// - `qualifying` adds up (`spend`, `purchases`, `margin`, `category_spend`, or points that are all given per record, and not just
    ///   `while` it is new),
    /// - refunds do not take back at once (`refunds = "now"`) what was counted in a window that ends before the day,
    /// - `when` and `keep_when` ask about nothing but it and attributes,
    /// - and nothing decays (`half_life`) under a review on every day.
    ///
    /// Anything else is looked at only on the days that somebody looks.
    EarlierReviews,
    /// The events of all reviews come to what is remembered of the tier and of the exit ladder:
    /// [`TierRecord::replay`](crate::tiering::TierRecord::replay) and
    /// [`ExitRecord::replay`](crate::lifecycle::exit::ExitRecord::replay) of them, written down and read again, is the record, at
    /// once and in parts.
    Events,
    /// The reviews, each with what was known on its day, come to what [`Engine::recompute`](crate::Engine::recompute) makes
    /// of the whole past, with the same events; everything is written down and read again in between. Where the tier does not
    /// depend on the days of the reviews, as under [`EarlierReviews`](Self::EarlierReviews), the first review is on the day of
    /// the first record, and no record comes late: a refund of a known purchase does.
    Recompute,
    /// Events keep what `[movement]` says: days in order; no downgrade before the end of the hold, the term and the grace,
    /// from a tier that is not `downgradable`, or further than `downgrade` leads (`one_step`: one tier, once a day); no term
    /// that a renewal makes shorter; no tier taken back where refunds take none.
    Movement,
    /// Stages move as `[lifecycle]` says: along its transitions, one after the other, as many as a review may make, none before
    /// its time, into no stage twice; no stage holds from a day of the future, and none of a higher rank than the mark.
    Stages,
    /// Customers are let go as `[exit]` says: one step after the other, at most one in each interval, each told as long before as
    /// its notice is, after the time below the line and the attempts that it takes, and never past a gate that is not known to be
    /// open; off the ladder at once who is above the line, unless the service has ended.
    Exit,
    /// The list of whom to win back, with everything that is known by now, has everybody who has left once, on it or beside it
    /// with a reason. Nobody is on it who has bought since, was attempted too lately or too often, or is not worth it; no limit is
    /// exceeded.
    WinBack,
    /// Everybody's service plan has at least what the floor of `[playbook]` has, and what is due is of their plan. As for the next
    /// laws, what is due is done, day after day: on the day and on twelve later ones.
    Floor,
    /// Nobody is contacted who is not to be, or on a quiet day; and nobody who is not known to have agreed to the channel, but for
    /// what the contract requires or everybody has.
    Consent,
    /// No action that is due exceeds a cap, the contacts of a day, the capacity of a channel, the budget of the day, the one
    /// action of its group, or its cool-down.
    Contacts,
    /// No survey that is due is one invitation too many in any run of days, comes sooner than its cadence allows, is on a quiet day, or
    /// to somebody it is not for.
    Surveys,
    /// Actions and surveys are due whatever the order of records, attempts, invitations and customers, and whatever is recorded of
    /// later days; none is due again once all were done.
    SameList,
    /// What the top tier has of the time in `[allocation]` depends on nobody else; its reserve is kept, the minutes are
    /// those that there are, and no tier has more than basic service while a higher one lacks anything.
    TopTier,
    /// A budget that is spread over the segments of `[allocation]` comes to the sum of its parts, within floors and caps; all of
    /// it is spent where there is room. It is refused just if it does not fit.
    Spread,
    /// Spends that `[budget]` does not deny never exceed a hard line, neither of all nor of one customer.
    Budget,
    /// Volume, mix and rate of each line of `[budget]` add up to actual − plan, and those of all lines to all.
    Variance,
    /// Between a review and itself there is no news, and between two of the same customers nobody is new or gone.
    News,
    /// What [`Engine::project`](crate::Engine::project) says of the next review is what the reviews up to it give without any
    /// further activity, to the tier; where there is grace first, so is what it says of its end.
    LookAhead,
    /// More of the qualifying metric at the close of a day never gives a lower tier, neither at once nor on the next day:
    /// at a first review, and at one after others. Promised where no rule reads `qualifying` or the stage, only the thresholds
    /// of the tiers; any other policy can be asked with [`monotone`](super::monotone).
    MoreQualifying,
    /// Neither the order of the rows matters, nor in how many parts they come: the same fit, and the same reviews and events
    /// to the last bit.
    Order,
    /// A customer alone is reviewed as among all others.
    OneIsBulk,
    /// What explains a review says what was decided, and the parts of a score add up to it.
    Explained,
    /// At the ends of the calendar and of amounts nothing panics.
    Extremes,
}

impl PolicyLaw {
    /// Every law.
    pub const ALL: [Self; 26] = [
        Self::Idempotent,
        Self::Future,
        Self::Replay,
        Self::EarlierReviews,
        Self::Events,
        Self::Recompute,
        Self::Movement,
        Self::Stages,
        Self::Exit,
        Self::WinBack,
        Self::Floor,
        Self::Consent,
        Self::Contacts,
        Self::Surveys,
        Self::SameList,
        Self::TopTier,
        Self::Spread,
        Self::Budget,
        Self::Variance,
        Self::News,
        Self::LookAhead,
        Self::MoreQualifying,
        Self::Order,
        Self::OneIsBulk,
        Self::Explained,
        Self::Extremes,
    ];

    /// Whether a policy has what the law is about.
    pub(super) fn is_about(self, policy: &Policy) -> bool {
        match self {
            Self::Exit => policy.exit.is_some(),
            Self::WinBack => policy.win_back.is_some(),
            Self::Floor | Self::Consent | Self::Contacts => policy.playbook.is_some(),
            Self::Surveys => policy.surveys.is_some(),
            Self::SameList => policy.playbook.is_some() || policy.surveys.is_some(),
            Self::TopTier | Self::Spread => policy.allocation.is_some(),
            Self::Budget | Self::Variance => policy.budget.is_some(),
            Self::MoreQualifying => movement::rises_with_metric(policy),
            _ => true,
        }
    }
}

impl fmt::Display for PolicyLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idempotent => "a second review on the same day changes nothing",
            Self::Future => "records after the day change nothing",
            Self::Replay => "day by day, written down and read again, is the same",
            Self::EarlierReviews => "reviews on more days do not matter",
            Self::Events => "the events come to what is remembered",
            Self::Recompute => "the reviews come to what the whole past comes to",
            Self::Movement => "tiers move only as the policy says",
            Self::Stages => "stages move only as the policy says",
            Self::Exit => "customers are let go only as the policy says",
            Self::WinBack => "whom to win back has left, and has not come back",
            Self::Floor => "nobody has less than the basic service",
            Self::Consent => "nobody is contacted who has not agreed, or on a quiet day",
            Self::Contacts => "contacts stay within every limit",
            Self::Surveys => "nobody is asked too often, without consent or on a quiet day",
            Self::SameList => "what is due does not depend on the order of anything",
            Self::TopTier => "no other tier takes the time of the top tier",
            Self::Spread => "what is spread comes to the budget",
            Self::Budget => "what may be spent stays within the budget",
            Self::Variance => "the parts of a variance add up to it",
            Self::News => "where nothing changed there is no news",
            Self::LookAhead => "what lies ahead is what comes",
            Self::MoreQualifying => "more of the qualifying metric never gives a lower tier",
            Self::Order => "neither order nor partition of the records matters",
            Self::OneIsBulk => "one alone is as one among all",
            Self::Explained => "what explains a review says what was decided",
            Self::Extremes => "extreme records do not matter",
        })
    }
}

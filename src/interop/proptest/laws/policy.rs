//! Laws of policies.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::broken::LawBroken;
use super::explained::explained;
use super::host::Host;
use super::review::{
    Compared, Found, course, ready, review_all, review_each, reviewed_before, same, same_but,
    standings,
};
use super::scene::{About, Scene, Shown, extremes, scenes};
use super::{Better, Engine, Trial};
use super::{leaving, lists, movement, served, spending, stage};
use crate::engine::{Policy, Population};
use crate::history::{Histories, History};
use crate::lifecycle::exit::ExitEvent;
use crate::model::{Day, Days};
use crate::scoring::Repeat;
use crate::tiering::{QUALIFYING, TierEvent};

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
    fn is_about(self, policy: &Policy) -> bool {
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

impl Trial {
    /// Tries a policy on every law; see [`laws::policy`](super::policy()).
    ///
    /// # Errors
    /// The first law that is broken.
    pub fn policy(&self, engine: &Engine) -> Result<(), LawBroken> {
        let usual = PolicyLaw::ALL.into_iter();
        let usual = usual.filter(|law| *law != PolicyLaw::Extremes);
        // Each takes its time to find that there is nothing to look at.
        let usual: Vec<_> = usual.filter(|law| law.is_about(engine.policy())).collect();
        let about = About::policy(engine.policy());
        self.run_all(
            &usual,
            scenes(&self.histories, &about),
            |law, scene| check(law, engine, scene),
            |law| self.policy_law(law, engine),
        )?;
        self.policy_law(PolicyLaw::Extremes, engine)
    }

    /// Tries a policy on one law.
    ///
    /// # Errors
    /// The law is broken.
    pub fn policy_law(&self, law: PolicyLaw, engine: &Engine) -> Result<(), LawBroken> {
        let shown = Shown {
            future: law == PolicyLaw::Future,
            earlier: !matches!(
                law,
                PolicyLaw::Future | PolicyLaw::Order | PolicyLaw::Extremes
            ),
        };
        let show = |scene: &Scene| scene.show(shown);
        let check = |scene: &Scene| check(law, engine, scene);
        let about = About::policy(engine.policy());
        let extreme = law == PolicyLaw::Extremes;
        let law = law.to_string();
        match extreme {
            true => self.run(&law, extremes(about.currency), show, check),
            false => self.run(&law, scenes(&self.histories, &about), show, check),
        }
    }
}

fn check(law: PolicyLaw, unfitted: &Engine, scene: &Scene) -> Result<(), String> {
    if !law.is_about(unfitted.policy()) {
        return Ok(());
    }
    let as_of = scene.as_of();
    let population = scene.population(&scene.past.rows, as_of, unfitted)?;
    let engine = &ready(unfitted, &population, as_of)?;
    let fresh = scene.standings();
    let before = || reviewed_before(engine, &population, scene);
    match law {
        PolicyLaw::Idempotent => {
            let first = review_all(engine, &population, &before()?, as_of)?;
            let again = review_all(engine, &population, &standings(&first), as_of)?;
            let but_events = Compared {
                not_events: true,
                ..Compared::default()
            };
            same_but(
                engine,
                &first,
                &again,
                "at a second review on that day",
                but_events,
            )?;
            again.iter().try_for_each(|found| {
                let (tier, stage, exit) = (&found.events, &found.moves, &found.exit_events);
                if tier.is_empty() && stage.is_empty() && exit.is_empty() {
                    return Ok(());
                }
                let id = &found.id;
                Err(format!(
                    "a second review on that day tells of customer {id}: {tier:?} {stage:?} {exit:?}"
                ))
            })
        }
        PolicyLaw::Future => future(unfitted, engine, &population, scene),
        PolicyLaw::Replay => replay(engine, scene),
        PolicyLaw::EarlierReviews => {
            let once = review_all(engine, &population, &fresh, as_of)?;
            let last = review_all(engine, &population, &before()?, as_of)?;
            let memory = Memory::of(engine.policy());
            let compared = Compared {
                not_columns: &memory.columns,
                columns_only: memory.in_tiers,
                // Since when a tier is held is the day of a review.
                not_standing: true,
                ..Compared::default()
            };
            same_but(engine, &once, &last, "after earlier reviews", compared)?;
            movement::more_reviews(engine, &population, scene)
        }
        PolicyLaw::Events => {
            let found = course(engine, &population, scene, &scene.days())?;
            let moves = engine.movement().is_some();
            found.iter().try_for_each(|found| {
                let told: Vec<TierEvent> = read_again(&found.events)?;
                let tier = match moves {
                    true => movement::comes_to(&told, found.standing.tier()),
                    false => Ok(()),
                };
                let left: Vec<ExitEvent> = read_again(&found.exit_events)?;
                tier.and_then(|()| leaving::comes_to(&left, found.standing.exit()))
                    .map_err(|what| format!("customer {}: {what}", found.id))
            })
        }
        PolicyLaw::Recompute => movement::recompute(engine, &population, scene),
        PolicyLaw::Movement => {
            let found = course(engine, &population, scene, &scene.days())?;
            found.iter().try_for_each(|found| {
                movement::allowed(engine.policy(), &found.events)
                    .map_err(|what| format!("customer {}: {what}", found.id))
            })
        }
        PolicyLaw::Stages => stage::moves(engine, &population, scene),
        PolicyLaw::Exit => leaving::exits(engine, &population, scene),
        PolicyLaw::WinBack => leaving::regains(engine, &population, scene, &before()?),
        PolicyLaw::Floor => served::floor(engine, &population, scene),
        PolicyLaw::Consent => served::consent(engine, &population, scene),
        PolicyLaw::Contacts => served::limits(engine, &population, scene),
        PolicyLaw::Surveys => served::surveys(engine, &population, scene),
        PolicyLaw::SameList => lists::same_list(engine, &population, scene),
        PolicyLaw::TopTier => spending::top_tier(engine, &population, scene),
        PolicyLaw::Spread => spending::spreads(engine, &population, scene),
        PolicyLaw::Budget => spending::within_budget(engine, &population, scene),
        PolicyLaw::Variance => spending::variances(engine, &population, scene),
        PolicyLaw::News => leaving::news(engine, &population, scene, &before()?),
        PolicyLaw::LookAhead => {
            let found = review_all(engine, &population, &before()?, as_of)?;
            movement::look_ahead(engine, &population, &found, as_of)
        }
        PolicyLaw::MoreQualifying => {
            super::better::qualifying(engine, &population, scene, Better::Higher)
        }
        PolicyLaw::Order => order(unfitted, engine, scene),
        PolicyLaw::OneIsBulk => {
            for remembered in [fresh, before()?] {
                let bulk = review_all(engine, &population, &remembered, as_of)?;
                let each = review_each(engine, &population, &remembered, as_of);
                same(engine, &bulk, &each, "when reviewed alone")?;
            }
            Ok(())
        }
        PolicyLaw::Explained => {
            let remembered = before()?;
            let reviews = engine.review_all(&population, &remembered, as_of);
            let reviews = reviews.map_err(|error| error.to_string())?;
            reviews.iter().try_for_each(|reviewed| {
                let found = reviewed.assessment();
                let number = |name: &str| found.number(name);
                let stage = found.stage().zip(found.stage_since());
                let explained = explained(&found.explain(), found.tier(), stage, number);
                explained
                    .and_then(|()| match found.reason().starts_with(found.tier()) {
                        true => Ok(()),
                        false => Err(format!("the reason is `{}`", found.reason())),
                    })
                    .map_err(|what| format!("customer {}: {what}", reviewed.id()))
            })
        }
        PolicyLaw::Extremes => {
            let found = review_all(engine, &population, &fresh, as_of)?;
            // Movement makes up for every day between: a year of them says as much as ten thousand.
            let later = match engine.movement() {
                Some(_) => as_of.plus(Days::new(400)),
                None => Day::MAX,
            };
            review_all(engine, &population, &standings(&found), later)?;
            let lists = Host::of(scene).lists(engine, &population, &fresh, as_of);
            lists.map(drop)
        }
    }
}

fn future(
    unfitted: &Engine,
    engine: &Engine,
    population: &Population,
    scene: &Scene,
) -> Result<(), String> {
    let as_of = scene.as_of();
    let found = course(engine, population, scene, &scene.days())?;
    let ahead = movement::projections(engine, population, &found, as_of);
    let rows = scene.all_rows();
    for (until, when) in [
        (as_of, "with later rows in the file"),
        (Day::MAX, "with records after the day"),
    ] {
        let [_, tried] = scene.tried();
        let later = scene.population(&rows, until, engine)?;
        let later = later.with_attempts(tried.into_iter().cloned());
        let fitted = ready(unfitted, &later, as_of)?;
        let with = course(&fitted, &later, scene, &scene.days())?;
        same(engine, &found, &with, when)?;
        if engine.current_fit() != fitted.current_fit() {
            return Err(format!("the fit is another one {when}"));
        }
        let then = movement::projections(&fitted, &later, &with, as_of);
        if let Some((a, b)) = ahead.iter().zip(&then).find(|(a, b)| a != b) {
            return Err(format!("what lies ahead is {a:?}, and {b:?} {when}"));
        }
    }
    Ok(())
}

fn order(unfitted: &Engine, engine: &Engine, scene: &Scene) -> Result<(), String> {
    let as_of = scene.as_of();
    let built = scene.in_bulk(engine.layout())?;
    let population = scene.everybody(built)?;
    let found = course(engine, &population, scene, &scene.days())?;
    let error = |error: crate::Error| error.to_string();

    let shuffled = scene.histories(&scene.shuffled(), as_of, engine.layout())?;
    let [one, other] = scene.parts();
    let one = scene.histories(&one, as_of, engine.layout())?;
    let other = scene.histories(&other, as_of, engine.layout())?;
    let merged = other.merge(&one).map_err(error)?;
    // As a service does it: one record after the other, into the history of its customer.
    let grown = scene.histories(&scene.past.rows, as_of, engine.layout())?;

    for (histories, when) in [
        (shuffled, "with the rows in another order"),
        (merged, "with histories merged from two parts"),
        (grown, "with histories grown record by record"),
    ] {
        let population = scene.everybody(histories)?;
        let fitted = ready(unfitted, &population, as_of)?;
        let with = course(&fitted, &population, scene, &scene.days())?;
        same(engine, &found, &with, when)?;
        if engine.current_fit() != fitted.current_fit() {
            return Err(format!("the fit is another one {when}"));
        }
    }
    Ok(())
}

fn replay(engine: &Engine, scene: &Scene) -> Result<(), String> {
    let (mut kept, mut stored) = (scene.standings(), scene.standings());
    for day in scene.days() {
        let then = scene.population(&scene.past.rows, day, engine)?;
        let found = review_all(engine, &then, &kept, day)?;

        let text = |error: crate::Error| error.to_string();
        let written: Result<Vec<_>, String> = then
            .histories()
            .iter()
            .map(|(id, view)| {
                let history = History::from_bytes(&History::from(view).to_bytes()).map_err(text)?;
                Ok((id, history))
            })
            .collect();
        let read = Histories::collect(then.histories().layout().clone(), written?).map_err(text)?;
        let each = review_each(engine, &scene.everybody(read)?, &stored, day);
        same(
            engine,
            &found,
            &each,
            "with everything written down and read again",
        )
        .map_err(|what| format!("on {day} {what}"))?;

        stored = each
            .iter()
            .map(|found| Ok((found.id.clone(), read_again(&found.standing)?)))
            .collect::<Result<_, String>>()?;
        kept = standings(&found);
    }
    Ok(())
}

pub(super) fn read_again<T: Serialize + DeserializeOwned>(value: &T) -> Result<T, String> {
    let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| format!("{error} in {text}"))
}

/// What of a review depends on the reviews before it.
struct Memory {
    columns: Vec<String>,
    in_tiers: bool,
}

impl Memory {
    fn of(policy: &Policy) -> Self {
        let mut columns: Vec<String> = policy
            .points
            .iter()
            .filter(|points| {
                let mut rules = points.rules.iter();
                rules.any(|rule| rule.when.is_some() && rule.repeat != Repeat::While)
            })
            .map(|points| points.name.clone())
            .collect();
        // Points may ask about points before them.
        if !columns.is_empty() {
            columns = policy
                .points
                .iter()
                .map(|points| points.name.clone())
                .collect();
        }
        if policy.lifecycle.is_some() {
            columns.push("stage".to_owned());
        }
        if policy.movement.is_some() {
            columns.push(QUALIFYING.to_owned());
        }
        let in_tiers = !columns.is_empty();
        // Tiers are decided before the exit ladder.
        if policy.exit.is_some() {
            columns.push("exit".to_owned());
        }
        Self { columns, in_tiers }
    }
}

/// Whether the tier of each customer is at least what it was.
pub(super) fn none_lower(engine: &Engine, before: &[Found], after: &[Found]) -> Result<(), String> {
    let rank = |tier: &str| engine.ladder().tier(tier);
    let lower = before
        .iter()
        .zip(after)
        .find(|(before, after)| rank(&after.tier) < rank(&before.tier));
    match lower {
        Some((before, after)) => Err(format!(
            "customer {} is in `{}`, and in `{}` with",
            before.id, before.tier, after.tier
        )),
        None => Ok(()),
    }
}

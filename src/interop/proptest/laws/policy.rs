//! Laws of policies.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::broken::LawBroken;
use super::explained::explained;
use super::host::Host;
use super::law::PolicyLaw;
use super::review::{
    Compared, Found, course, ready, review_all, review_each, reviewed_before, same, same_but,
    standings,
};
use super::scene::{About, Scene, Shown};
use super::scenes::{extremes, scenes};
use super::{Better, Engine, Trial};
use super::{leaving, lists, movement, served, spending, stage};
use crate::engine::{Policy, Population};
use crate::history::{Histories, History};
use crate::lifecycle::exit::ExitEvent;
use crate::model::{Day, Days};
use crate::scoring::Repeat;
use crate::tiering::{QUALIFYING, TierEvent};

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

//! Laws of how stages move.

use super::review::{Found, review_all, standings};
use super::scene::Scene;
use crate::engine::{Engine, Population, Standing};
use crate::lifecycle::{LifecycleSpec, Origin, StageRecord, Taken, TransitionSpec};
use crate::model::Day;

/// Stages move only as `[lifecycle]` says.
pub(super) fn moves(engine: &Engine, population: &Population, scene: &Scene) -> Result<(), String> {
    let Some(spec) = &engine.policy().lifecycle else {
        return Ok(());
    };
    let mut remembered = scene.standings();
    for day in scene.days() {
        let found = review_all(engine, population, &remembered, day)?;
        for one in &found {
            let before = remembered.get(&one.id).and_then(Standing::stage);
            moved(engine, spec, before, one, day)
                .map_err(|what| format!("customer {} on {day}: {what}", one.id))?;
        }
        remembered = standings(&found);
    }
    Ok(())
}

fn moved(
    engine: &Engine,
    spec: &LifecycleSpec,
    before: Option<&StageRecord>,
    found: &Found,
    day: Day,
) -> Result<(), String> {
    let Some(after) = found.standing.stage() else {
        return Err("no stage is remembered".to_owned());
    };
    if after.since > day {
        return Err(format!("a stage of the future: {after:?}"));
    }
    if found.moves.len() > usize::try_from(spec.moves).unwrap_or(usize::MAX) {
        return Err(format!(
            "{} moves where {} are the most",
            found.moves.len(),
            spec.moves
        ));
    }
    if let (Some(before), []) = (before, found.moves.as_slice())
        && before != after
    {
        return Err(format!("{after:?} without a move, after {before:?}"));
    }
    let mut at = before.map_or(spec.start.as_str(), |record| &record.stage);
    // The day of the review that put them there.
    let mut came = before.map_or(day, |record| record.moved.map_or(record.since, |m| m.on));
    let mut entered: Vec<&str> = Vec::new();
    for taken in &found.moves {
        let wrong = |what: &str| Err(format!("{what}: {taken:?}"));
        let Some(transition) = transition(spec, taken) else {
            return wrong("a transition that the policy has not");
        };
        if taken.from != at || taken.to != transition.to || !leads_from(spec, transition, at) {
            return wrong("a transition that does not lead there");
        }
        if !in_time(engine, transition, found, came, day) {
            return wrong("a transition before its time");
        }
        if taken.since > day {
            return wrong("a transition of the future");
        }
        if entered.contains(&taken.to.as_str()) {
            return wrong("a stage is entered a second time");
        }
        entered.push(&taken.to);
        (at, came) = (&taken.to, day);
    }
    if at != after.stage {
        return Err(format!("the moves lead to `{at}`: {after:?}"));
    }
    let rank = |name: &str| spec.stages.iter().find(|s| s.name == name)?.rank;
    let high = rank(&after.high_water);
    let before = before.and_then(|record| rank(&record.high_water));
    if high < rank(&after.stage) || high < before {
        return Err(format!("the mark of the highest stage fell: {after:?}"));
    }
    Ok(())
}

/// The one of the policy, by its place there.
fn transition<'p>(spec: &'p LifecycleSpec, taken: &Taken) -> Option<&'p TransitionSpec> {
    let position = taken.place.strip_prefix("lifecycle.transitions[")?;
    let (position, _) = position.split_once(']')?;
    spec.transitions.get(position.parse::<usize>().ok()?)
}

fn leads_from(spec: &LifecycleSpec, transition: &TransitionSpec, from: &str) -> bool {
    let ends = |name: &str| spec.stages.iter().any(|s| s.name == name && s.is_final);
    from != transition.to
        && match &transition.from {
            Origin::Any => !ends(from),
            Origin::Stages(names) => names.iter().any(|name| name == from),
        }
}

fn in_time(
    engine: &Engine,
    transition: &TransitionSpec,
    found: &Found,
    came: Day,
    day: Day,
) -> bool {
    let after = transition.after.is_none_or(|days| day - came >= days);
    let quiet =
        transition
            .quiet
            .as_ref()
            .is_none_or(|quiet| match found.number(engine, &quiet.column) {
                Some(date) => f64::from(day.epoch_days()) - date >= f64::from(quiet.days.get()),
                None => day - came >= quiet.days,
            });
    after && quiet
}

#[cfg(test)]
mod tests {
    use super::super::review::review_all;
    use super::*;
    use crate::Ledger;
    use crate::engine::Standings;
    use crate::metrics::Catalog;
    use crate::model::Transaction;

    const POLICY: &str = r#"
        head = { name = "stages", version = "1", currency = "EUR" }
        tiers = [{ name = "all" }]
        [lifecycle]
        start = "new"
        moves = 2
        stages = [{ name = "new", rank = 0 }, { name = "customer", rank = 1 }, { name = "gone" }]
        [[lifecycle.transitions]]
        from = ["new"]
        to = "customer"
        when = "active_days >= 1"
        since = "first_purchase"
        [[lifecycle.transitions]]
        from = ["customer"]
        to = "gone"
        quiet = { column = "last_purchase", days = "30 days" }
    "#;

    #[test]
    fn what_a_lifecycle_does_not_allow_is_told() {
        let engine = Engine::from_toml(POLICY, &Catalog::standard()).unwrap();
        let spec = engine.policy().lifecycle.as_ref().unwrap();
        let day: Day = "2024-06-30".parse().unwrap();
        let sale = Transaction::purchase(
            1,
            "2024-05-02".parse().unwrap(),
            "20.00 EUR".parse().unwrap(),
        );
        let ledger = Ledger::from_transactions(&[sale.unwrap()], engine.cleaning(day));
        let population = engine.population(&ledger).unwrap();
        let all = review_all(&engine, &population, &Standings::new(), day).unwrap();
        let check = |spoil: &dyn Fn(&mut Found), on: Day| {
            let mut found = all[0].clone();
            spoil(&mut found);
            let said = moved(&engine, spec, None, &found, on);
            said.map_err(|what| what.split(':').next().unwrap_or_default().to_owned())
        };
        assert_eq!(all[0].moves.len(), 2);
        assert_eq!(check(&|_| {}, day), Ok(()));
        let broken = |what: &str| Err(what.to_owned());
        let early: Day = "2024-05-20".parse().unwrap();
        assert_eq!(check(&|_| {}, early), broken("a stage of the future"));
        let told = check(&|found| found.moves.clear(), day);
        assert_eq!(told, broken("the moves lead to `new`"));
        let told = check(&|found| found.moves.swap(0, 1), day);
        assert_eq!(told, broken("a transition that does not lead there"));
        let told = check(&|found| found.moves[0].since = day.next(), day);
        assert_eq!(told, broken("a transition of the future"));
        let told = check(&|found| found.moves[0].place.clear(), day);
        assert_eq!(told, broken("a transition that the policy has not"));
        let told = check(
            &|found| {
                let again = found.moves.clone();
                found.moves.extend(again);
            },
            day,
        );
        assert_eq!(told, broken("4 moves where 2 are the most"));
    }
}

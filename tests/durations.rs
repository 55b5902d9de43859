//! Times in the stages, the exit report and cohorts, against plain loops over the CDNOW sample.

mod cdnow_sample;

use std::collections::BTreeMap;

use customer_value::Engine;
use customer_value::engine::simulate::{ReplayOptions, Step};
use customer_value::engine::{StageSpells, Standing, Standings, Subject};
use customer_value::ledger::Ledger;
use customer_value::metrics::Catalog;
use customer_value::model::{Currency, CustomerId, Day};
use customer_value::report::{Cohorts, ExitReport, Spell, StageTimes};
use customer_value::summary::Period;

fn file(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn ledger() -> Ledger<'static> {
    cdnow_sample::ledger(day("1998-06-30"))
}

fn engine(policy: &str) -> Engine {
    let text = file(&format!("examples/policies/{policy}.toml"));
    Engine::from_toml(&text, &Catalog::standard()).unwrap()
}

/// Reviews customer by customer, and what was seen of each: from which day in which stage, in the order of the reviews.
fn one_by_one(engine: &Engine, ledger: &Ledger<'_>, days: &[Day]) -> StageTimes {
    let life = engine.lifecycle().unwrap();
    let mut seen: BTreeMap<CustomerId, Vec<(Day, String)>> = BTreeMap::new();
    let mut standings: BTreeMap<CustomerId, Standing> = BTreeMap::new();
    for as_of in days {
        let population = engine.population(&ledger.until(*as_of)).unwrap();
        let before: Standings = standings.clone().into_iter().collect();
        let fitted = engine.clone();
        let fitted = fitted.fitted_to(&population, &before, *as_of).unwrap();
        let mut buffer = fitted.buffer();
        for (id, history) in population.histories().iter() {
            let standing = standings.remove(&id).unwrap_or_default();
            let subject = Subject::new(history).with_id(&id);
            let (standing, found) = fitted.review(subject, standing, *as_of, &mut buffer);
            let own = seen.entry(id.clone()).or_default();
            let moves = found.stage_moves();
            if own.is_empty() && moves.is_empty() {
                own.push((
                    found.stage_since().unwrap(),
                    found.stage().unwrap().to_owned(),
                ));
            }
            for moved in moves {
                // A stage of long ago, found again today.
                let begun = own.last().is_some_and(|(from, _)| moved.since < *from);
                own.push((if begun { *as_of } else { moved.since }, moved.to));
            }
            standings.insert(id, standing);
        }
    }
    let last = *days.last().unwrap();
    let mut times = StageTimes::new(life.stages().map(|(_, name)| name));
    let code = |name: &str| life.stage(name).unwrap().index();
    for own in seen.values() {
        for (at, (from, stage)) in own.iter().enumerate() {
            let next = own.get(at + 1);
            times.add(Spell {
                stage: code(stage),
                from: *from,
                to: next.map_or(last, |(day, _)| *day),
                next: next.map(|(_, name)| code(name)),
            });
        }
    }
    times
}

#[test]
fn the_times_of_a_replay_are_those_of_reviews_one_by_one() {
    let ledger = ledger();
    for policy in ["lifecycle", "standard"] {
        let engine = engine(policy);
        let (from, to) = (day("1997-01-01"), day("1998-06-30"));
        let quarters: Vec<Day> = Step::Quarter.days(from, to).collect();
        let options = ReplayOptions::new(Step::Quarter);
        let times = engine.stage_times(&ledger, from, to, &options).unwrap();
        assert_eq!(times, one_by_one(&engine, &ledger, &quarters), "{policy}");
        // Everybody is somewhere, and has been for no longer than there are purchases.
        let censored = times
            .stages()
            .iter()
            .map(|stage| stage.survival().censored());
        assert_eq!(censored.sum::<u64>(), 2_357, "{policy}");
        assert!(times.matrix().total().total() > 2_000, "{policy}");
    }
}

#[test]
fn spells_that_go_on_count_up_to_the_last_review() {
    let engine = engine("four_stages");
    let (from, last) = (day("1997-01-01"), day("1998-03-31"));
    let options = ReplayOptions::new(Step::Quarter);
    let later = day("1998-05-15");
    let times = engine
        .stage_times(&ledger(), from, later, &options)
        .unwrap();
    let at_the_end = engine.stage_times(&ledger(), from, last, &options);
    assert_eq!(times, at_the_end.unwrap());
}

#[test]
fn nothing_of_later_days_is_in_it() {
    let engine = engine("lifecycle");
    let (from, to) = (day("1997-01-01"), day("1997-09-30"));
    let options = ReplayOptions::new(Step::Quarter);
    let all = ledger();
    let known = all.until(to);
    assert_eq!(
        engine.stage_times(&all, from, to, &options).unwrap(),
        engine.stage_times(&known, from, to, &options).unwrap()
    );
}

#[test]
fn a_policy_without_a_lifecycle_has_no_times() {
    let engine = engine("vip");
    assert!(StageSpells::new(&engine).is_none());
    let options = ReplayOptions::new(Step::Month);
    let (from, to) = (day("1997-01-01"), day("1997-03-31"));
    let refused = engine
        .stage_times(&ledger(), from, to, &options)
        .unwrap_err();
    assert!(refused.is_misuse());
    assert_eq!(
        refused.to_string(),
        "the policy has no lifecycle, so nobody is in a stage"
    );
}

#[test]
fn cohorts_are_those_of_the_purchases() {
    let as_of = day("1998-06-30");
    let engine = engine("four_stages");
    let population = engine.population(&ledger()).unwrap();
    let mut plain = Cohorts::new(Period::Month, as_of, 6, Currency::USD);
    let mut own: BTreeMap<u64, Vec<(Day, i64)>> = BTreeMap::new();
    for (customer, day, cents) in cdnow_sample::sales() {
        own.entry(customer).or_default().push((day, cents));
    }
    own.into_values().for_each(|bought| plain.add(bought));
    assert_eq!(population.cohorts(Period::Month, as_of, 6), plain);
}

#[test]
fn the_exit_report_counts_what_each_review_says() {
    let engine = engine("lifecycle");
    let ledger = ledger();
    assert!(self::engine("vip").exit().is_none());
    let options = ReplayOptions::new(Step::Month);
    let mut reports: Vec<ExitReport> = Vec::new();
    engine
        .replay_with(
            &ledger,
            day("1997-01-01"),
            day("1998-06-30"),
            &options,
            |reviews| {
                let report = reviews.exit_report().unwrap();
                let ladder = reviews.engine().exit().unwrap();
                let mut on: BTreeMap<Option<String>, u64> = BTreeMap::new();
                for one in reviews.iter() {
                    let below = reviews.standing(one.position()).unwrap().exit().cloned();
                    if let Some(record) = below {
                        let step = record.step.map(|step| step.name);
                        assert_eq!(step.as_deref(), one.assessment().exit());
                        *on.entry(step).or_default() += 1;
                    }
                }
                assert_eq!(report.on_no_step(), on.get(&None).copied().unwrap_or(0));
                for (group, (_, name)) in report.steps().iter().zip(ladder.steps()) {
                    let found = on.get(&Some(name.to_owned())).copied().unwrap_or(0);
                    assert_eq!((group.name.as_str(), group.customers), (name, found));
                    // Nobody knows the cost to serve; a step that avoids none saves none.
                    let saves = matches!(name, "renegotiate" | "migrate" | "end");
                    assert_eq!(group.saving_unknown, if saves { found } else { 0 });
                }
                reports.push(report);
            },
        )
        .unwrap();
    let last = reports.last().unwrap();
    assert!(
        last.steps()
            .iter()
            .filter(|step| step.customers > 0)
            .count()
            >= 3
    );
    // Nobody is known to be free of a legal hold.
    assert_eq!(last.steps().last().unwrap().customers, 0);
}

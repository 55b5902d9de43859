//! What the strategies of the feature `proptest` promise: sound policies bind and survive their documents, broken ones are
//! refused at the place of the mistake, histories and rows come out as said.

use std::collections::{BTreeMap, BTreeSet};

use customer_value::diagnostic::{Diagnostics, Place, Severity};
use customer_value::engine::accounts::AccountsSpec;
use customer_value::engine::{AttributeSpec, Engine, Policy, Standing, Standings};
use customer_value::history::{Histories, Layout};
use customer_value::interop::proptest::{
    Events, HistoryOptions, PolicyOptions, RecordOptions, Refunds, RowOrder, RuleOptions,
    broken_policies, histories, history, metric_specs, movements, policies, prediction_specs,
    rules, standings, text_rows, transactions,
};
use customer_value::ledger::Records;
use customer_value::lifecycle::churn::{ChurnLevel, ChurnMeasure};
use customer_value::metrics::{Catalog, MetricSpec};
use customer_value::model::{
    Attempt, AttributeValue, Complaint, CostCategory, Currency, Customer, CustomerId, Day, Days,
    Direction, Interaction, Loss, Membership, Money, Record, Referral, ServiceCost, Span,
    SurveyAnswer, Transaction, TransactionKind, Unit,
};
use customer_value::rules::Expr;
use customer_value::strategy::budget::{BudgetState, Spend};
use customer_value::strategy::surveys::Invitation;
use customer_value::summary::Window;
use customer_value::table::{Field, Schema};
use customer_value::tiering::{
    Afterwards, Anchor, Downgrade, Extension, MovementSpec, Override, OverrideKind,
    Refunds as Taken, Renewal, ReviewTiming, TakeOver, TermSpec, UpgradeTiming,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde::de::DeserializeOwned;

fn survives<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
) -> Result<(), TestCaseError> {
    let text = serde_json::to_string(value).unwrap();
    prop_assert_eq!(
        &serde_json::from_str::<T>(&text).unwrap(),
        value,
        "{}",
        text
    );
    Ok(())
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    for field in [
        Field::number("spend", Unit::Money),
        Field::number("visits", Unit::Count),
        Field::number("last order", Unit::Date),
        Field::number("vip", Unit::Flag),
        Field::number("share", Unit::Share),
        Field::number("not", Unit::Percent),
        Field::category("segment", ["a", "b \"c\"", "true"]),
        Field::category("empty", Vec::<String>::new()),
    ] {
        schema.add(field).unwrap();
    }
    schema
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Every value a strategy gives, many times over, without shrinking.
fn draws<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    let mut draw = || strategy.new_tree(&mut runner).unwrap().current();
    (0..count).map(|_| draw()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn records_survive_their_text(
        values in (any::<Day>(), any::<Days>(), any::<Currency>(), any::<Money>(), any::<CustomerId>()),
        people in (any::<AttributeValue>(), any::<Customer>(), any::<Referral>(), any::<SurveyAnswer>()),
        acts in (any::<Transaction>(), any::<Interaction>(), any::<ServiceCost>(), any::<Record>()),
        specs in (any::<Window>(), any::<MetricSpec>(), prediction_specs()),
        tiers in (any::<Span>(), any::<MovementSpec>(), any::<AccountsSpec>(), any::<Membership>()),
        decided in (any::<Override>(), any::<Extension>(), any::<Standing>()),
        left in (any::<Attempt>(), any::<Loss>(), any::<Complaint>()),
    ) {
        survives(&values.0)?;
        survives(&values.1)?;
        survives(&values.2)?;
        survives(&values.3)?;
        survives(&values.4)?;
        survives(&people.0)?;
        survives(&people.1)?;
        survives(&people.2)?;
        survives(&people.3)?;
        survives(&acts.0)?;
        survives(&acts.1)?;
        survives(&acts.2)?;
        survives(&acts.3)?;
        survives(&specs.1)?;
        survives(&specs.2)?;
        prop_assert_eq!(specs.0.to_string().parse::<Window>().unwrap(), specs.0);
        prop_assert!(specs.2.check("prediction").is_empty());
        survives(&tiers.0)?;
        survives(&tiers.1)?;
        survives(&tiers.2)?;
        survives(&tiers.3)?;
        survives(&decided.0)?;
        survives(&decided.1)?;
        survives(&decided.2)?;
        survives(&left.0)?;
        survives(&left.1)?;
        survives(&left.2)?;
    }

    #[test]
    fn movements_bind_in_any_policy(movement in movements()) {
        let mut policy: Policy = toml::from_str(
            "head = { name = \"any\", version = \"1\", currency = \"EUR\" }
            tiers = [{ name = \"one\", when = \"spend >= 10\" }, { name = \"other\" }]",
        )
        .unwrap();
        policy.movement = Some(movement);
        let engine = Engine::new(policy, &Catalog::standard());
        prop_assert!(engine.is_ok(), "{}", engine.unwrap_err());
    }

    #[test]
    fn what_people_decide_is_taken(standing in standings(&["gold", "base"], day("2024-01-01")..=day("2024-12-31"))) {
        prop_assert!(standing.tier().is_none() && standing.reviewed().is_none());
        for decided in standing.overrides() {
            prop_assert!(decided.to.is_none_or(|to| decided.from < to));
            if let OverrideKind::Pin(tier) | OverrideKind::Floor(tier) | OverrideKind::Ceiling(tier) = &decided.kind {
                prop_assert!(tier == "gold" || tier == "base");
            }
        }
    }

    #[test]
    fn histories_come_out_as_promised(events in histories(&HistoryOptions::default())) {
        let ledger = events.ledger();
        prop_assert_eq!(ledger.rejects(), &[], "\n{}", events);
        let (quality, promised) = (ledger.quality(), events.promised);
        prop_assert_eq!(quality.read, events.rows.len() as u64);
        prop_assert_eq!(quality.accepted, promised.accepted);
        prop_assert_eq!(quality.duplicate, promised.duplicate);
        prop_assert_eq!(quality.duplicate_differing, 0);
        prop_assert_eq!(quality.refunds_named, promised.refunds_named, "\n{}", events);
        prop_assert_eq!(quality.refunds_matched, promised.refunds_matched, "\n{}", events);
        prop_assert_eq!(quality.refunds_unlinked, promised.refunds_unlinked, "\n{}", events);
        prop_assert_eq!(quality.purchases_undone, promised.purchases_undone, "\n{}", events);
        prop_assert_eq!(quality.zero_purchases, promised.zero_purchases);
        prop_assert_eq!(promised.accepted + promised.duplicate, events.rows.len() as u64);

        let known: BTreeSet<_> = events.customers.iter().collect();
        prop_assert!(events.rows.iter().all(|row| known.contains(row.customer())));
        prop_assert!(events.rows.iter().all(|row| row.day() <= events.as_of));
        let by_day: usize = events.by_day().iter().map(|(_, rows)| rows.len()).sum();
        prop_assert_eq!(by_day, events.rows.len());

        // Net of refunds nothing is below zero but what no purchase stands behind.
        let spend: i64 = ledger.effects().map(|(_, effect)| effect.spend).sum();
        let signed = |row: &Transaction| match row.kind() {
            TransactionKind::Refund => -row.amount().minor(),
            _ => row.amount().minor(),
        };
        let mut seen = BTreeSet::new();
        let once = events.rows.iter().filter(|row| row.id().is_none_or(|id| seen.insert(id.to_owned())));
        prop_assert_eq!(spend, once.map(signed).sum::<i64>());
    }

    #[test]
    fn plain_histories_have_what_they_were_asked_for(
        events in history(&HistoryOptions {
            refunds: Refunds::None,
            adjustments: false,
            duplicates: false,
            details: false,
            order: RowOrder::ByDay,
            rows: 3..=9,
            currency: Currency::JPY,
            minor: 10..=20,
            ..HistoryOptions::default()
        }),
    ) {
        prop_assert!((3..=9).contains(&events.rows.len()));
        prop_assert!(events.rows.is_sorted_by_key(Transaction::day));
        for row in &events.rows {
            prop_assert_eq!(row.kind(), TransactionKind::Purchase);
            prop_assert_eq!(row.customer(), &CustomerId::from(1));
            prop_assert_eq!(row.amount().currency(), Currency::JPY);
            prop_assert!((10..=20).contains(&row.amount().minor()));
            prop_assert_eq!((row.category(), row.cost()), (None, None));
        }
        let layout = Layout::new(Currency::JPY, []);
        let built = Histories::build(&events.ledger(), &layout).unwrap();
        prop_assert_eq!(built.len(), 1);
    }

    #[test]
    fn rows_of_text_meet_their_fate(dirty in text_rows(&HistoryOptions::default())) {
        let ledger = dirty.ledger();
        let found: Vec<_> = ledger.rejects().iter().map(|r| (r.position, r.field, r.reason)).collect();
        let wrong = (0..).zip(&dirty.rows).filter_map(|(i, row)| Some((i, row.reject?)));
        let expected: Vec<_> = wrong.map(|(i, (field, reason))| (i, field, reason)).collect();
        prop_assert_eq!(found, expected);
        let quality = ledger.quality();
        prop_assert_eq!(quality.accepted, dirty.clean.promised.accepted);
        prop_assert_eq!(quality.duplicate, dirty.clean.promised.duplicate);

        // The good ones say in any spelling what the typed rows say.
        let layout = Layout::new(dirty.clean.currency, []);
        let spelled = Histories::build(&ledger, &layout).unwrap();
        let typed = Histories::build(&dirty.clean.ledger(), &layout).unwrap();
        prop_assert_eq!(spelled, typed);
    }

    #[test]
    fn specs_of_metrics_bind(spec in metric_specs()) {
        let mut problems = Diagnostics::new();
        let metric = Catalog::standard().build(&spec, &Place::at("m"), &mut problems);
        prop_assert!(problems.is_empty(), "{}", problems);
        let name = metric.unwrap().name().to_owned();
        prop_assert_eq!(name, spec.name());
    }

    #[test]
    fn rules_bind_and_survive_their_text(rule in rules(&schema(), &RuleOptions { depth: 3, ..RuleOptions::default() })) {
        let mut problems = Diagnostics::new();
        prop_assert!(rule.bind(&schema(), &Place::at("r"), &mut problems).is_some(), "{}: {}", rule, problems);
        prop_assert_eq!(&rule.to_string().parse::<Expr>().unwrap(), &rule, "{}", rule);
    }

    #[test]
    fn sound_policies_bind_and_survive_their_documents(policy in policies(&PolicyOptions::default())) {
        let (engine, problems) = Engine::check(policy.clone(), &Catalog::standard());
        prop_assert!(engine.is_some() && !problems.has_errors(), "{}", problems);

        let text = policy.to_toml().unwrap();
        prop_assert_eq!(&Policy::from_toml(&text).unwrap(), &policy, "{}", text);
        let engine = Engine::from_toml(&text, &Catalog::standard());
        prop_assert!(engine.is_ok(), "{}", engine.unwrap_err());
        let text = serde_json::to_string(&policy).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Policy>(&text).unwrap(), &policy);
        let read = Policy::read(&mut serde_json::Deserializer::from_str(&text)).unwrap();
        prop_assert_eq!(read, policy);
    }

    #[test]
    fn broken_policies_are_refused_at_every_mistake(broken in broken_policies(&PolicyOptions::default())) {
        prop_assert!(!broken.mistakes.is_empty());
        let problems = Engine::new(broken.policy.clone(), &Catalog::standard()).unwrap_err();
        prop_assert!(problems.has_errors());
        for mistake in &broken.mistakes {
            let at = problems.iter().any(|p| p.severity == Severity::Error && p.place.path == mistake.path);
            prop_assert!(at, "{}\n{}", mistake, problems);
        }
        // Nothing else is an error: each section was sound before.
        for problem in problems.iter().filter(|p| p.severity == Severity::Error) {
            let section = problem.place.path.split(['.', '[']).next().unwrap_or_default();
            let meant = broken.mistakes.iter().any(|m| m.path.starts_with(section));
            prop_assert!(meant, "{:?}\n{}", broken.mistakes, problems);
        }
    }
}

/// Policies without anything that may be left out, to add what a test is about.
fn little() -> PolicyOptions {
    PolicyOptions {
        currency: Some(Currency::EUR),
        tiers: 1..=3,
        ..PolicyOptions::bare()
    }
}

#[test]
fn options_of_policies_are_kept() {
    let small = PolicyOptions {
        currency: Some(Currency::CNY),
        attributes: 2..=2,
        scores: 1..=1,
        tiers: 3..=3,
        rules: RuleOptions {
            depth: 0,
            population: false,
        },
        ..little()
    };
    for policy in draws(&policies(&small), 32) {
        assert_eq!(policy.head.currency, Currency::CNY);
        assert_eq!((policy.attributes.len(), policy.metrics.len()), (2, 0));
        assert_eq!(
            (
                policy.scores.len(),
                policy.points.len(),
                policy.tiers.tiers.len()
            ),
            (1, 0, 3)
        );
        assert!(policy.prediction.is_none() && policy.rfm.is_none() && policy.lifecycle.is_none());
        assert!(policy.movement.is_none() && policy.accounts.is_none());
        assert!(policy.churn.is_none() && policy.win_back.is_none());
        assert!(policy.exit.is_none() && policy.monitoring.is_none());
        assert!(policy.cost_to_serve.is_none());
        assert!(policy.playbook.is_none() && policy.surveys.is_none() && policy.effect.is_none());
        assert!(policy.budget.is_none() && policy.allocation.is_none());
        let engine = Engine::new(policy, &Catalog::standard()).unwrap();
        assert!(engine.ladder().population().is_empty());
    }
}

#[test]
fn every_kind_of_thing_is_drawn() {
    // Which share of the draws has something; none is rare enough to be missed by a test of 64 cases.
    let all = draws(&policies(&PolicyOptions::default()), 300);
    let share = |has: fn(&Policy) -> bool| all.iter().filter(|p| has(p)).count();
    for (what, count) in [
        ("attributes", share(|p| !p.attributes.is_empty())),
        ("metrics", share(|p| !p.metrics.is_empty())),
        ("prediction", share(|p| p.prediction.is_some())),
        ("rfm", share(|p| p.rfm.is_some())),
        (
            "RFM segments",
            share(|p| p.rfm.as_ref().is_some_and(|r| !r.segments.is_empty())),
        ),
        ("scores", share(|p| !p.scores.is_empty())),
        ("points", share(|p| !p.points.is_empty())),
        ("segments", share(|p| !p.segments.is_empty())),
        ("lifecycle", share(|p| p.lifecycle.is_some())),
        ("tiers", share(|p| p.tiers.tiers.len() > 2)),
        ("movement", share(|p| p.movement.is_some())),
        ("accounts", share(|p| p.accounts.is_some())),
        ("churn", share(|p| p.churn.is_some())),
        (
            "churn by what is predicted",
            share(|p| {
                let mut methods = p.churn.iter().flat_map(|churn| &churn.methods);
                methods.any(|m| matches!(m.by, ChurnMeasure::PAlive | ChurnMeasure::PPurchase))
            }),
        ),
        ("win-back", share(|p| p.win_back.is_some())),
        (
            "offers for a reason",
            share(|p| {
                let mut offers = p.win_back.iter().flat_map(|w| &w.offers);
                offers.any(|offer| !offer.reasons.is_empty())
            }),
        ),
        ("exit", share(|p| p.exit.is_some())),
        (
            "notice",
            share(|p| p.exit.as_ref().is_some_and(|e| e.notice > Days::new(0))),
        ),
        (
            "attempts",
            share(|p| p.exit.as_ref().is_some_and(|e| e.attempts > 0)),
        ),
        (
            "gates",
            share(|p| p.exit.as_ref().is_some_and(|e| !e.gates.is_empty())),
        ),
        (
            "the end of the service",
            share(|p| {
                let mut steps = p.exit.iter().flat_map(|exit| &exit.steps);
                steps.any(|step| step.ends_service)
            }),
        ),
        ("monitoring", share(|p| p.monitoring.is_some())),
        ("playbook", share(|p| p.playbook.is_some())),
        ("budget", share(|p| p.budget.is_some())),
        ("allocation", share(|p| p.allocation.is_some())),
        ("surveys", share(|p| p.surveys.is_some())),
        ("effect", share(|p| p.effect.is_some())),
        (
            "actions of stages",
            share(|p| {
                let mut stages = p.lifecycle.iter().flat_map(|life| &life.stages);
                stages.any(|stage| !stage.on_enter.is_empty())
            }),
        ),
        (
            "final stages",
            share(|p| {
                let mut stages = p.lifecycle.iter().flat_map(|life| &life.stages);
                stages.any(|stage| stage.is_final)
            }),
        ),
        (
            "timed transitions",
            share(|p| {
                let mut all = p.lifecycle.iter().flat_map(|life| &life.transitions);
                all.any(|t| t.after.is_some() || t.quiet.is_some())
            }),
        ),
        (
            "keep",
            share(|p| p.tiers.tiers.iter().any(|t| t.keep.is_some())),
        ),
        (
            "tiers that stay",
            share(|p| p.tiers.tiers.iter().any(|t| !t.downgradable)),
        ),
        (
            "replaced tiers",
            share(|p| p.tiers.tiers.iter().any(|t| !t.replaces.is_empty())),
        ),
    ] {
        assert!(count > 15, "{what}: {count} of 300");
    }

    let mut mistakes = BTreeMap::new();
    for broken in draws(&broken_policies(&little()), 800) {
        for mistake in broken.mistakes {
            *mistakes.entry(mistake.what).or_insert(0) += 1;
        }
    }
    // Some ways of breaking a thing are said in the same words.
    assert!(mistakes.len() >= 60, "{mistakes:#?}");

    let mut promised = [0; 5];
    for events in draws(&histories(&HistoryOptions::default()), 100) {
        let p = events.promised;
        let has = [
            p.duplicate,
            p.refunds_named,
            p.refunds_matched,
            p.refunds_unlinked,
            p.purchases_undone,
        ];
        promised
            .iter_mut()
            .zip(has)
            .for_each(|(sum, n)| *sum += u64::from(n > 0));
    }
    assert!(
        promised.iter().all(|histories| *histories > 10),
        "{promised:?}"
    );

    let single = draws(&transactions(&RecordOptions::default()), 200);
    for kind in [
        TransactionKind::Purchase,
        TransactionKind::Refund,
        TransactionKind::Adjustment,
    ] {
        assert!(single.iter().any(|row| row.kind() == kind), "{kind}");
    }
}

#[test]
fn every_kind_of_movement_is_drawn() {
    let options = PolicyOptions {
        attributes: 0..=3,
        points: 0..=2,
        tiers: 2..=4,
        movement: true,
        ..little()
    };
    let all = draws(&policies(&options), 1500);
    let all: Vec<&MovementSpec> = all.iter().filter_map(|p| p.movement.as_ref()).collect();
    let share = |has: &dyn Fn(&MovementSpec) -> bool| all.iter().filter(|m| has(m)).count();
    let term = |has: fn(&TermSpec) -> bool| share(&|m| m.term.as_ref().is_some_and(has));
    let anchor = |has: fn(&Anchor) -> bool| {
        share(&|m| {
            let counted = m.qualifying.as_ref();
            counted.and_then(|q| q.anchor.as_ref()).is_some_and(has)
        })
    };
    let counts = [
        share(&|m| m.qualifying.is_none()),
        share(&|m| m.qualifying.as_ref().is_some_and(|q| q.points.is_some())),
        share(&|m| m.qualifying.as_ref().is_some_and(|q| q.category.is_some())),
        share(&|m| m.qualifying.as_ref().is_some_and(|q| q.window.is_some())),
        share(&|m| m.qualifying.as_ref().is_some_and(|q| q.length.is_some())),
        anchor(|a| *a == Anchor::Enrolment),
        anchor(|a| matches!(a, Anchor::Attribute(_))),
        anchor(|a| matches!(a, Anchor::Cycle(_))),
        anchor(|a| *a == Anchor::TierStart),
        anchor(|a| *a == Anchor::LastChange),
        anchor(|a| *a == Anchor::LastReview),
        anchor(|a| *a == Anchor::Term),
        share(&|m| matches!(m.upgrade, UpgradeTiming::NextPeriod(_))),
        share(&|m| m.upgrade == UpgradeTiming::AtReview),
        share(&|m| !m.upgrade_restarts_term),
        share(&|m| m.term.is_none()),
        term(|t| t.length.is_some() && t.round.is_none() && t.anniversary.is_none()),
        term(|t| t.round.is_some()),
        term(|t| t.length.is_some() && t.anniversary.is_some()),
        term(|t| t.length.is_none() && t.anniversary.is_some()),
        term(|t| t.end_of.is_some() && t.next),
        term(|t| t.end_of.is_some() && !t.next),
        term(|t| !t.dates.is_empty()),
        share(&|m| m.review == Some(ReviewTiming::TermEnd)),
        share(&|m| matches!(m.review, Some(ReviewTiming::Every(_)))),
        share(&|m| m.review == Some(ReviewTiming::Always)),
        share(&|m| m.renew == Renewal::FromReview),
        share(&|m| m.hold.is_some()),
        share(&|m| m.grace.is_some_and(|g| g.round.is_some())),
        share(&|m| m.grace.is_some_and(|g| g.round.is_none())),
        share(&|m| m.downgrade == Downgrade::None),
        share(&|m| m.downgrade == Downgrade::OneStep),
        share(&|m| m.downgrade == Downgrade::ToBase),
        share(&|m| matches!(m.downgrade, Downgrade::Floor(_))),
        share(&|m| m.after_review == Afterwards::Reset),
        share(&|m| matches!(m.after_review, Afterwards::Reduced(_))),
        share(&|m| matches!(m.after_upgrade, Afterwards::Reduced(_))),
        share(&|m| matches!(m.after_upgrade, Afterwards::HalfLife(_))),
        share(&|m| m.refunds == Taken::AtReview),
        share(&|m| m.refunds == Taken::Ignore),
        share(&|m| m.policy_change.how == TakeOver::UpOnly),
        share(&|m| m.policy_change.how == TakeOver::Full),
        share(&|m| m.policy_change.from.is_some()),
        share(&|m| !m.notices.is_empty()),
    ];
    assert!(
        counts.iter().all(|count| *count >= 5),
        "{counts:?} of {}",
        all.len()
    );
}

#[test]
fn drawn_movement_moves_customers_in_every_way() {
    let wanted = PolicyOptions {
        attributes: 0..=3,
        points: 0..=2,
        tiers: 2..=4,
        movement: true,
        ..little()
    };
    let lived = HistoryOptions {
        rows: 2..=16,
        ..HistoryOptions::default()
    };
    let decided = standings(&["tier 1", "base"], day("2023-06-01")..=day("2024-12-31"));
    let moving = policies(&wanted).prop_filter("movement", |policy| policy.movement.is_some());
    let mut kinds = BTreeMap::new();
    for (policy, events, standing) in draws(&(moving, history(&lived), decided), 1_000) {
        let engine = Engine::new(policy, &Catalog::standard()).unwrap();
        let population = engine.population(&events.ledger()).unwrap();
        let Some((_, history)) = population.histories().iter().next() else {
            continue;
        };
        let (_, trail) = engine.recompute(history, &standing, events.as_of, &mut engine.buffer());
        for event in trail {
            let change = format!("{:?}", event.change);
            let kind = change.split([' ', '(']).next().unwrap_or_default();
            *kinds.entry(kind.to_owned()).or_insert(0) += 1;
        }
    }
    for kind in [
        "Assigned",
        "Upgraded",
        "Scheduled",
        "Renewed",
        "GraceStarted",
        "Requalified",
        "Downgraded",
        "Revoked",
        "Recounted",
        "WillDowngrade",
        "OverrideStarted",
        "OverrideEnded",
        "Extended",
        "Reviewed",
    ] {
        assert!(kinds.contains_key(kind), "{kind} is not among {kinds:?}");
    }
    // And not just now and then.
    for kind in ["Upgraded", "Downgraded", "Renewed", "WillDowngrade"] {
        assert!(kinds[kind] > 10, "{kinds:?}");
    }
}

#[test]
fn drawn_policies_move_stages_let_go_and_win_back() {
    let wanted = PolicyOptions {
        attributes: 0..=3,
        tiers: 1..=1,
        lifecycle: true,
        churn: true,
        win_back: true,
        exit: true,
        monitoring: true,
        ..little()
    };
    let lived = HistoryOptions {
        rows: 2..=16,
        ..HistoryOptions::default()
    };
    let leaving = policies(&wanted).prop_filter("exit", |policy| policy.exit.is_some());
    let mut kinds = BTreeMap::new();
    let mut count = |kind: &str, more: usize| *kinds.entry(kind.to_owned()).or_insert(0) += more;
    for (policy, events) in draws(&(leaving, histories(&lived)), 400) {
        let engine = Engine::new(policy, &Catalog::standard()).unwrap();
        let population = engine.population(&events.ledger()).unwrap();
        let engine = engine.fitted_to(&population, None, events.as_of).unwrap();
        let mut known = Standings::new();
        for back in (0..=12).rev() {
            let day = events.as_of.minus(Days::new(30 * back));
            let reviews = engine.review_all(&population, &known, day).unwrap();
            for reviewed in reviews.iter() {
                let found = reviewed.assessment();
                for event in found.exit_events() {
                    let change = format!("{:?}", event.change);
                    count(change.split(' ').next().unwrap(), 1);
                }
                count("moves", found.stage_moves().len());
                let lost = found.churn() == Some(ChurnLevel::Lost);
                count("lost", lost.into());
            }
            if let Some(rules) = engine.win_back() {
                let list = reviews.win_back(rules, |_, _| Some("price"), None);
                let list = list.unwrap();
                count("chosen", list.chosen.len());
                count("suppressed", list.suppressed.len());
            }
            if let Some(monitor) = engine.monitor() {
                let before = engine.review_all(&population, None, day).unwrap();
                count("news", reviews.changes(&before, monitor).len());
            }
            known = reviews.standings();
        }
    }
    for kind in [
        "BelowLine",
        "NoticeGiven",
        "StepTaken",
        "Reversed",
        "AboveLine",
        "Returned",
        "moves",
        "lost",
        "chosen",
        "suppressed",
        "news",
    ] {
        let found = kinds.get(kind).copied().unwrap_or_default();
        assert!(found > 0, "{kind} is not among {kinds:?}");
    }
    // And not just now and then.
    for kind in ["NoticeGiven", "StepTaken", "moves", "chosen"] {
        assert!(kinds[kind] > 30, "{kinds:?}");
    }
}

/// Counts the names of what was found.
#[derive(Default)]
struct Kinds(BTreeMap<String, usize>);

impl Kinds {
    fn add(&mut self, kind: &str, found: &impl std::fmt::Debug) {
        let text = format!("{found:?}");
        let name = text.split([' ', '(', '{']).next().unwrap_or_default();
        *self.0.entry(format!("{kind} {name}")).or_insert(0) += 1;
    }

    fn all_more_than(&self, least: usize, kinds: &[&str]) {
        for kind in kinds {
            let found = self.0.get(*kind).copied().unwrap_or_default();
            assert!(found > least, "{kind}: {found} in {:?}", self.0);
        }
    }
}

/// The customers of a history, with what a policy asks about: flags that are set for two of three, and days in the past.
fn known(policy: &Policy, events: &Events) -> Vec<Customer> {
    let with = |id: &CustomerId, salt: usize| {
        let mut customer = Customer::new(id.clone());
        for (i, (name, spec)) in policy.attributes.iter().enumerate() {
            let value = match spec {
                AttributeSpec::Flag if name == "no_contact" => AttributeValue::Flag(salt % 4 == 3),
                AttributeSpec::Flag => AttributeValue::Flag(!(salt + i).is_multiple_of(3)),
                AttributeSpec::Date => {
                    // Those of every second one are longer ago than a year.
                    let back = 40 * salt + 365 * (salt % 2);
                    let back = Days::new(i32::try_from(back).unwrap());
                    AttributeValue::Date(events.as_of.minus(back))
                }
                _ => continue,
            };
            customer = customer.with(name, value).unwrap();
        }
        customer
    };
    let all = events.customers.iter().enumerate();
    all.map(|(salt, id)| with(id, salt)).collect()
}

#[test]
fn drawn_playbooks_and_surveys_are_due_and_held_back_in_every_way() {
    let wanted = PolicyOptions {
        segments: 0..=2,
        lifecycle: true,
        playbook: true,
        surveys: true,
        ..little()
    };
    let lived = HistoryOptions {
        rows: 2..=16,
        span: 120,
        ..HistoryOptions::default()
    };
    let serving = |policy: &Policy| policy.playbook.is_some() || policy.surveys.is_some();
    let serving = policies(&wanted).prop_filter("served", serving);
    let mut kinds = Kinds::default();
    for (policy, events) in draws(&(serving, histories(&lived)), 400) {
        let people = known(&policy, &events);
        let engine = Engine::new(policy, &Catalog::standard()).unwrap();
        let population = engine.population(&events.ledger()).unwrap();
        let population = population.with_customers(people).unwrap();
        let engine = engine.fitted_to(&population, None, events.as_of).unwrap();
        let mut invitations: Vec<Invitation> = Vec::new();
        // Everybody complained, and the matter was settled.
        let settled = |id: &CustomerId| {
            let complaint = Complaint::new(id.clone(), events.as_of.minus(Days::new(9)), "late");
            let settled = complaint.and_then(|c| c.resolved_on(events.as_of.minus(Days::new(3))));
            Record::from(settled.unwrap())
        };
        let mut records: Vec<Record> = events.customers.iter().map(settled).collect();
        let mut remembered = BTreeMap::new();
        let mut standings = Standings::new();
        for ahead in [0, 1, 2, 9, 40] {
            let day = events.as_of.plus(Days::new(ahead));
            let clean = Records::clean(records.iter().cloned(), &engine.cleaning(day));
            let population = population.clone().with_counted_records(&clean).unwrap();
            let reviews = engine.review_all(&population, &standings, day).unwrap();
            remembered = reviews.playbook_records(&remembered);
            if let Some(list) = reviews.due_actions(&remembered) {
                for one in list.due {
                    kinds.add("due", &one.why);
                    let (channel, action) = (&one.channel, &one.action);
                    let made = Direction::Outbound;
                    let made = Interaction::new(one.customer, day, channel, made, action);
                    records.push(made.unwrap().into());
                }
                list.suppressed
                    .iter()
                    .for_each(|one| kinds.add("held", &one.because));
            }
            for one in reviews.iter() {
                if let Some(plan) = reviews.service_plan(&one) {
                    kinds.add("plan", &plan.reason);
                }
            }
            if let Some(list) = reviews.due_surveys(&invitations) {
                list.suppressed
                    .iter()
                    .for_each(|one| kinds.add("not asked", &one.because));
                for one in list.due {
                    kinds.add("asked", &one.because);
                    invitations.push(Invitation::new(one.customer, day, one.survey));
                }
            }
            standings = reviews.into_standings();
        }
    }
    let wanted = [
        "due Cadence",
        "due Anniversary",
        "due Date",
        "due Stage",
        "due Rule",
        "held DoNotContact",
        "held NoConsent",
        "held Quiet",
        "held CoolDown",
        "held ValueUnknown",
        "held NotWorthIt",
        "held Group",
        "held PerDay",
        "held Cap",
        "held Capacity",
        "held Budget",
        "plan None",
        "plan Some",
        "asked First",
        "asked Again",
        "asked After",
        "not asked NoConsent",
        "not asked NotSampled",
        "not asked Quiet",
        "not asked Asked",
        "not asked Cadence",
        "not asked Cap",
        "not asked Outranked",
    ];
    kinds.all_more_than(0, &wanted);
    // And not just now and then.
    let often = ["due Cadence", "held NoConsent", "held Cap", "asked Again"];
    kinds.all_more_than(30, &often);
}

#[test]
fn drawn_budgets_and_allocations_decide_in_every_way() {
    let wanted = PolicyOptions {
        segments: 0..=2,
        lifecycle: true,
        budget: true,
        allocation: true,
        effect: true,
        ..little()
    };
    let mut kinds = Kinds::default();
    for policy in draws(&policies(&wanted), 400) {
        let tiers: Vec<String> = policy.tiers.tiers.iter().map(|t| t.name.clone()).collect();
        for one in policy.effect.iter().flat_map(|effect| &effect.dimensions) {
            kinds.add("effect", &one.dimension);
            kinds.add("effect", &one.method);
        }
        if let Some(effect) = &policy.effect {
            kinds.add("group", &effect.group);
        }
        let engine = Engine::new(policy, &Catalog::standard()).unwrap();
        if let Some(budget) = engine.budget() {
            let mut state = BudgetState::new(Currency::EUR);
            for i in 0..12_i32 {
                let day = day("2024-02-03").plus(Days::new(20 * i));
                let amount = Money::from_minor(900 * i64::from(i * i), Currency::EUR);
                let category = match i % 3 {
                    0 => CostCategory::Marketing,
                    1 => CostCategory::Survey,
                    _ => CostCategory::ServiceStaff,
                };
                let customer = u64::from(i.unsigned_abs() % 2);
                let spend = Spend::new(customer, day, amount, category).unwrap();
                let tier = tiers
                    .get(usize::try_from(i).unwrap() % tiers.len())
                    .unwrap();
                let spend = spend.with_tier(tier.as_str());
                let verdict = budget.ask(&spend, &state);
                kinds.add("budget", &verdict.decision);
                kinds.add("budget", &verdict.reason);
                state.record(i.to_string(), spend).unwrap();
            }
        }
        if let Some(allocation) = engine.allocation() {
            let customers: Vec<u64> = allocation.segments().map(|_| 40).collect();
            let budget = Money::from_minor(600_000, Currency::EUR);
            match allocation.spread(budget, &customers) {
                Ok(plan) => plan.segments.iter().for_each(|one| match one.held {
                    Some(held) => kinds.add("spread", &held),
                    None => kinds.add("spread", &one.held),
                }),
                Err(error) => kinds.add("too little", &error.is_range()),
            }
            let customers: Vec<u64> = allocation.tiers().map(|_| 5).collect();
            let plan = allocation.share_capacity(&customers).unwrap();
            if !plan.resources.is_empty() {
                kinds.add("served", &plan.is_served());
                kinds.add("floor", &plan.floor_holds());
            }
            kinds.add("equity", &allocation.equity().is_some());
        }
    }
    let wanted = [
        "budget Allow",
        "budget Warn",
        "budget Deny",
        "budget Within",
        "budget NearLimit",
        "budget OverLimit",
        "budget CustomerNearLimit",
        "budget CustomerOverLimit",
        "budget Outside",
        "spread None",
        "spread Floor",
        "spread Cap",
        "served true",
        "served false",
        "floor true",
        "floor false",
        "equity true",
        "effect Satisfaction",
        "effect Repurchase",
        "effect Ltv",
        "effect Cost",
        "effect Difference",
        "effect DifferenceInDifferences",
        "effect Cuped",
        "group Some",
        "group None",
    ];
    kinds.all_more_than(4, &wanted);
}

#[test]
fn a_failing_history_shrinks_to_the_rows_that_matter() {
    let mut runner = TestRunner::deterministic();
    let strategy = histories(&HistoryOptions::default());
    // "No purchase is refunded": the smallest counterexample has a purchase and its refund.
    let found = loop {
        let tree = strategy.new_tree(&mut runner).unwrap();
        if tree.current().promised.refunds_named > 0 {
            break tree;
        }
    };
    let mut tree = found;
    let mut smallest = tree.current();
    let fails = |rows: &customer_value::interop::proptest::Events| rows.promised.refunds_named > 0;
    let mut going = tree.simplify();
    while going {
        let now = tree.current();
        going = if fails(&now) {
            smallest = now;
            tree.simplify()
        } else {
            tree.complicate()
        };
    }
    assert_eq!(smallest.rows.len(), 2, "{smallest}");
    assert_eq!(smallest.customers.len(), 1, "{smallest}");
}

//! Policies with mistakes in them, and where these are.

use std::fmt;

use ::proptest::prelude::*;
use ::proptest::sample::select;

use super::{PolicyOptions, policies};
use crate::engine::{AttributeSpec, NamedPoints, Policy, ScoreSpec};
use crate::lifecycle::{LifecycleSpec, Origin, StageSpec, TransitionSpec};
use crate::metrics::MetricSpec;
use crate::metrics::cost::{ActivitySpec, ResourceSpec};
use crate::metrics::lifetime::PredictionSpec;
use crate::model::{Days, Money, Unit};
use crate::rules::{Expr, column};
use crate::scoring::{PartSpec, PointRule, Repeat, RfmSpec, ScaleSpec, Scoring, WhenMissing};
use crate::tiering::{Downgrade, TierSpec};

/// One mistake in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    /// The path of the problem that is reported, such as `tiers[0].when`.
    pub path: String,
    /// What was done.
    pub what: &'static str,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.what)
    }
}

/// A policy that is refused, and why.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BrokenPolicy {
    /// The policy.
    pub policy: Policy,
    /// At least one, each in another section.
    pub mistakes: Vec<Mistake>,
}

/// Policies that were sound before something was done to them: one to four mistakes, each in another section.
///
/// [`Engine::new`](crate::Engine::new) refuses each, with an error at the place of every mistake.
///
/// ```
/// use customer_value::interop::proptest::{PolicyOptions, broken_policies};
/// use customer_value::{Catalog, Engine};
/// use proptest::prelude::*;
///
/// proptest!(ProptestConfig::with_cases(32), |(broken in broken_policies(&PolicyOptions::default()))| {
///     let problems = Engine::new(broken.policy, &Catalog::standard()).unwrap_err();
///     for mistake in broken.mistakes {
///         prop_assert!(problems.iter().any(|p| p.place.path == mistake.path), "{}: {}", mistake, problems);
///     }
/// });
/// ```
pub fn broken_policies(
    options: &PolicyOptions,
) -> impl Strategy<Value = BrokenPolicy> + Clone + use<> {
    let kinds = [&KINDS[..], &super::broken_movement::KINDS].concat();
    let mistakes = prop::collection::vec(select(kinds), 1..=4);
    (policies(options), mistakes).prop_map(|(mut policy, wanted)| {
        let mut sections: Vec<&str> = Vec::new();
        let mut mistakes = Vec::new();
        for Kind {
            section,
            what,
            make,
        } in wanted
        {
            // Two mistakes in one section could hide one another.
            if !sections.contains(&section) {
                sections.push(section);
                let path = make(&mut policy);
                mistakes.push(Mistake { path, what });
            }
        }
        BrokenPolicy { policy, mistakes }
    })
}

/// A way to break a policy: it gives the path of the problem.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    section: &'static str,
    what: &'static str,
    make: fn(&mut Policy) -> String,
}

pub(super) const fn kind(
    section: &'static str,
    what: &'static str,
    make: fn(&mut Policy) -> String,
) -> Kind {
    Kind {
        section,
        what,
        make,
    }
}

const KINDS: [Kind; 43] = [
    kind("head", "a form of document that is not known", |p| {
        p.format = 7;
        "format".to_owned()
    }),
    kind("head", "no name", |p| {
        p.head.name.clear();
        "head.name".to_owned()
    }),
    kind("head", "a blank version", |p| {
        p.head.version = "  ".to_owned();
        "head.version".to_owned()
    }),
    kind("cost_to_serve", "a resource without capacity", |p| {
        let cost = Money::from_minor(100, p.head.currency);
        let cost_to_serve = p.cost_to_serve.get_or_insert_default();
        let i = cost_to_serve.resources.len();
        cost_to_serve.resources.push(ResourceSpec {
            name: "broken".to_owned(),
            cost,
            minutes: 0,
        });
        format!("cost_to_serve.resources[{i}].minutes")
    }),
    kind("cost_to_serve", "an activity of nobody", |p| {
        let cost_to_serve = p.cost_to_serve.get_or_insert_default();
        let i = cost_to_serve.activities.len();
        let activity = ActivitySpec::new("broken", "contacts", 1.0, "nobody");
        cost_to_serve.activities.push(activity);
        format!("cost_to_serve.activities[{i}].resource")
    }),
    kind("attributes", "a name that no rule can use", |p| {
        attribute(p, "Not a name", AttributeSpec::Flag, "")
    }),
    kind("attributes", "a category without a word", |p| {
        attribute(
            p,
            "zz",
            AttributeSpec::Category { values: Vec::new() },
            ".values",
        )
    }),
    kind("attributes", "a word that is there twice", |p| {
        let values = vec!["a".to_owned(), "a".to_owned()];
        attribute(p, "zz", AttributeSpec::Category { values }, ".values[1]")
    }),
    kind("attributes", "a number that is a date", |p| {
        attribute(p, "zz", AttributeSpec::Number { unit: Unit::Date }, ".unit")
    }),
    kind("metrics", "a measure that is not there", |p| {
        metric(p, MetricSpec::new("spned").named("zz"), ".measure")
    }),
    kind("metrics", "a window without a unit", |p| {
        let mut spec = MetricSpec::new("spend").named("zz");
        spec.window = Some("90".to_owned());
        metric(p, spec, ".window")
    }),
    kind("metrics", "a parameter that is missing", |p| {
        metric(p, MetricSpec::new("category_spend").named("zz"), "")
    }),
    kind(
        "metrics",
        "a parameter that the measure does not take",
        |p| metric(p, MetricSpec::new("spend").named("zz").nth(2), ".nth"),
    ),
    kind("metrics", "a count from zero", |p| {
        metric(
            p,
            MetricSpec::new("nth_purchase").named("zz").nth(0),
            ".nth",
        )
    }),
    kind("metrics", "a name that no rule can use", |p| {
        metric(p, MetricSpec::new("spend").named("9 lives"), ".name")
    }),
    kind("metrics", "a name that is another measure", |p| {
        metric(p, MetricSpec::new("spend").named("purchases"), ".name")
    }),
    kind("prediction", "a margin above 1", |p| {
        p.prediction
            .get_or_insert_with(PredictionSpec::default)
            .margin = 40.0;
        "prediction.margin".to_owned()
    }),
    kind("prediction", "a horizon without a day", |p| {
        let spec = p.prediction.get_or_insert_with(PredictionSpec::default);
        spec.horizon = crate::metrics::lifetime::Horizon::Days(Days::new(0));
        "prediction.horizon".to_owned()
    }),
    kind("rfm", "no break between the scores", |p| {
        let spec = p.rfm.get_or_insert_with(RfmSpec::default);
        spec.monetary.by = Scoring::Breaks(Vec::new());
        "rfm.monetary.by.breaks".to_owned()
    }),
    kind("rfm", "a column that is not there", |p| {
        let spec = p.rfm.get_or_insert_with(RfmSpec::default);
        spec.recency.column = "no_such_column".to_owned();
        "rfm.recency.column".to_owned()
    }),
    kind("rfm", "breaks that do not ascend", |p| {
        let spec = p.rfm.get_or_insert_with(RfmSpec::default);
        let bins = u16::from(spec.bins);
        spec.frequency.by = Scoring::Breaks(
            (1..bins)
                .rev()
                .map(f64::from)
                .chain([-1.0])
                .take(usize::from(bins))
                .collect(),
        );
        "rfm.frequency.by.breaks".to_owned()
    }),
    kind("scores", "no part", |p| score(p, Vec::new(), ".parts")),
    kind("scores", "a weight of zero", |p| {
        score(
            p,
            vec![part("spend", 0.0, ScaleSpec::Percentile)],
            ".parts[0].weight",
        )
    }),
    kind("scores", "a column that is not there", |p| {
        score(
            p,
            vec![part("no_such_column", 1.0, ScaleSpec::Percentile)],
            ".parts[0].column",
        )
    }),
    kind("scores", "a line that does not rise", |p| {
        let flat = ScaleSpec::Linear { from: 3.0, to: 3.0 };
        score(p, vec![part("spend", 1.0, flat)], ".parts[0].scale")
    }),
    kind("scores", "words of a column of numbers", |p| {
        let words = ScaleSpec::Categories([("gold".to_owned(), 1.0)].into());
        score(p, vec![part("spend", 1.0, words)], ".parts[0].scale")
    }),
    kind("points", "no points", |p| {
        points(p, |rule| rule.points = 0.0, ".rules[0].points")
    }),
    kind("points", "a rule without a name", |p| {
        points(p, |rule| rule.name.clear(), ".rules[0].name")
    }),
    kind("points", "two triggers", |p| {
        points(
            p,
            |rule| {
                (rule.when, rule.per) = (Some("spend > 0".to_owned()), Some("purchase".to_owned()))
            },
            ".rules[0].per",
        )
    }),
    kind("points", "an unknown record", |p| {
        points(
            p,
            |rule| rule.per = Some("sneeze".to_owned()),
            ".rules[0].per",
        )
    }),
    kind("points", "a rule that stops in the middle", |p| {
        points(
            p,
            |rule| rule.when = Some("spend >".to_owned()),
            ".rules[0].when",
        )
    }),
    kind("points", "a half-life of no day", |p| {
        points(
            p,
            |rule| rule.half_life = Some(Days::new(0)),
            ".rules[0].half_life",
        )
    }),
    kind("lifecycle", "a start that is no stage", |p| {
        life(p).start = "nowhere".to_owned();
        "lifecycle.start".to_owned()
    }),
    kind("lifecycle", "a stage named `any`", |p| {
        let stages = &mut life(p).stages;
        stages.push(StageSpec::new("any"));
        format!("lifecycle.stages[{}].name", stages.len() - 1)
    }),
    kind("lifecycle", "a transition to nowhere", |p| {
        transition(p, |t| t.to = "nowhere".to_owned(), ".to")
    }),
    kind("lifecycle", "a transition from a stage to itself", |p| {
        transition(
            p,
            |t| t.from = Origin::Stages(vec![t.to.clone()]),
            ".from[0]",
        )
    }),
    kind("lifecycle", "a since that is no date", |p| {
        transition(p, |t| t.since = Some("spend + 3 days".to_owned()), ".since")
    }),
    kind(
        "lifecycle",
        "a condition on a column that is not there",
        |p| {
            transition(
                p,
                |t| t.when = Some(column("no_such_column").ge(1.0)),
                ".when",
            )
        },
    ),
    kind("tiers", "no tier", |p| {
        // A floor that was one of them would be a second mistake.
        if let Some(movement) = &mut p.movement
            && let Downgrade::Floor(floor) = &movement.downgrade
            && p.tiers.tiers.iter().any(|tier| tier.name == *floor)
        {
            movement.downgrade = Downgrade::OneStep;
        }
        // So would be what names them.
        (p.playbook, p.budget, p.allocation) = (None, None, None);
        p.tiers.tiers.clear();
        "tiers".to_owned()
    }),
    kind("tiers", "two tiers of one name", |p| {
        let tiers = &mut p.tiers.tiers;
        tiers.insert(0, TierSpec::new("base").when(column("spend").ge(1e6)));
        // The second of them is told.
        format!("tiers[{}].name", tiers.len() - 1)
    }),
    kind("tiers", "a condition on a column that is not there", |p| {
        tier(p, column("no_such_column").ge(1.0), ".when")
    }),
    kind("tiers", "a number compared with a word", |p| {
        tier(p, column("spend").eq("much"), ".when")
    }),
    kind("tiers", "a base with a condition", |p| {
        let tiers = &mut p.tiers.tiers;
        if let Some(base) = tiers.last_mut() {
            base.when = Some(Expr::constant(true));
        }
        format!("tiers[{}].when", tiers.len().saturating_sub(1))
    }),
];

fn attribute(policy: &mut Policy, name: &str, spec: AttributeSpec, field: &str) -> String {
    policy.attributes.insert(name.to_owned(), spec);
    format!("attributes.{name}{field}")
}

fn metric(policy: &mut Policy, spec: MetricSpec, field: &str) -> String {
    policy.metrics.push(spec);
    format!("metrics[{}]{field}", policy.metrics.len() - 1)
}

fn part(column: &str, weight: f64, scale: ScaleSpec) -> PartSpec {
    PartSpec {
        column: column.to_owned(),
        weight,
        scale,
        reverse: false,
        missing: WhenMissing::Skip,
    }
}

fn score(policy: &mut Policy, parts: Vec<PartSpec>, field: &str) -> String {
    let name = "zz_score".to_owned();
    policy.scores.push(ScoreSpec { name, parts });
    format!("scores[{}]{field}", policy.scores.len() - 1)
}

fn points(policy: &mut Policy, spoil: fn(&mut PointRule), field: &str) -> String {
    let mut rule = PointRule {
        name: "rule".to_owned(),
        points: 1.0,
        repeat: Repeat::Every,
        group: None,
        half_life: None,
        when: None,
        per: None,
    };
    spoil(&mut rule);
    policy.points.push(NamedPoints {
        name: "zz_points".to_owned(),
        rules: vec![rule],
        caps: Default::default(),
    });
    format!("points[{}]{field}", policy.points.len() - 1)
}

fn life(policy: &mut Policy) -> &mut LifecycleSpec {
    policy
        .lifecycle
        .get_or_insert_with(|| LifecycleSpec::new("new", [StageSpec::new("new")], []))
}

fn transition(policy: &mut Policy, spoil: fn(&mut TransitionSpec), field: &str) -> String {
    let life = life(policy);
    let to = life.start.clone();
    let mut made = TransitionSpec::new(Origin::Any, to, column("spend").ge(1.0));
    spoil(&mut made);
    life.transitions.push(made);
    format!(
        "lifecycle.transitions[{}]{field}",
        life.transitions.len() - 1
    )
}

fn tier(policy: &mut Policy, when: Expr, field: &str) -> String {
    policy.tiers.tiers.insert(0, TierSpec::new("zz").when(when));
    format!("tiers[0]{field}")
}

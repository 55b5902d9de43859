//! The sections that make columns out of columns: weighted scores, points and segments.

use std::collections::BTreeMap;

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::Index;

use super::super::rules::{RulePlan, plan};
use super::super::values::value_of;
use super::{Draft, PolicyOptions};
use crate::engine::{NamedPoints, ScoreSpec};
use crate::model::{Days, Unit};
use crate::rules::segments::SegmentSpec;
use crate::scoring::{PartSpec, PointRule, Repeat, ScaleSpec, WhenMissing};
use crate::table::{Field, Kind};

#[derive(Debug, Clone)]
pub(super) struct Weighted(Vec<Vec<Part>>);

#[derive(Debug, Clone)]
struct Part {
    column: Index,
    weight: u16,
    scale: u8,
    at: (u16, u16),
    reverse: bool,
    missing: u8,
}

pub(super) fn weighted(options: &PolicyOptions) -> impl Strategy<Value = Weighted> + Clone + use<> {
    let how = (
        0..6_u8,
        (0..=1000_u16, 0..=1000_u16),
        any::<bool>(),
        0..=6_u8,
    );
    let part = (any::<Index>(), 1..=100_u16, how).prop_map(
        |(column, weight, (scale, at, reverse, missing))| Part {
            column,
            weight,
            scale,
            at,
            reverse,
            missing,
        },
    );
    let score = prop::collection::vec(part, 1..=3);
    prop::collection::vec(score, options.scores.clone()).prop_map(Weighted)
}

impl Weighted {
    pub(super) fn write(self, draft: &mut Draft) {
        for (i, parts) in self.0.into_iter().enumerate() {
            let fields = draft.schema.fields();
            let parts = parts.into_iter();
            let parts: Vec<PartSpec> = parts
                .filter_map(|part| Some(part.of(fields.get(part.column.index(fields.len()))?)))
                .collect();
            let name = format!("score_{i}");
            draft.column(Field::number(&*name, Unit::Points));
            draft.policy.scores.push(ScoreSpec { name, parts });
        }
    }
}

impl Part {
    fn of(&self, field: &Field) -> PartSpec {
        let (a, b) = self.at;
        let share = |thousandths: u16| f64::from(thousandths) / 1000.0;
        let scale = match (field.kind(), self.scale) {
            (Kind::Category(words), _) => {
                let places = words.iter().zip([a, b, 1000 - a].into_iter().cycle());
                ScaleSpec::Categories(places.map(|(word, at)| (word.clone(), share(at))).collect())
            }
            (Kind::Number(Unit::Flag), 0 | 1) => ScaleSpec::Flag,
            (_, 0) => ScaleSpec::Percentile,
            (_, 1) => ScaleSpec::MinMax,
            (_, 2) => ScaleSpec::Quantile {
                bins: u8::try_from(2 + a % 99).unwrap_or(2),
            },
            (Kind::Number(unit), 3) => {
                let (low, high) = (value_of(*unit, a.min(b)), value_of(*unit, a.max(b)));
                let at = if low < high {
                    vec![low, high]
                } else {
                    vec![low]
                };
                let points = [share(a), 0.5, share(b)].into_iter().take(at.len() + 1);
                ScaleSpec::Breaks {
                    points: points.collect(),
                    at,
                }
            }
            (Kind::Number(unit), _) => {
                let (from, to) = (value_of(*unit, a), value_of(*unit, b));
                let to = if from == to { from + 1.0 } else { to };
                ScaleSpec::Linear { from, to }
            }
        };
        PartSpec {
            column: field.name().to_owned(),
            weight: f64::from(self.weight) / 10.0,
            scale,
            reverse: self.reverse,
            missing: match self.missing {
                0 => WhenMissing::Missing,
                1 => WhenMissing::Place(share(b)),
                _ => WhenMissing::Skip,
            },
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Points(Vec<Vec<PointPlan>>);

#[derive(Debug, Clone)]
struct PointPlan {
    trigger: u8,
    when: RulePlan,
    points: i16,
    repeat: u8,
    group: Option<(u8, u16)>,
    half_life: Option<i32>,
}

pub(super) fn points(options: &PolicyOptions) -> impl Strategy<Value = Points> + Clone + use<> {
    let worth = (-200..=200_i16, 0..5_u8, option::of((0..2_u8, 1..=500_u16)));
    let rule = (
        0..4_u8,
        plan(&options.rules),
        worth,
        option::weighted(0.3, 1..=400_i32),
    );
    let rule = rule.prop_map(
        |(trigger, when, (points, repeat, group), half_life)| PointPlan {
            trigger,
            when,
            points,
            repeat,
            group,
            half_life,
        },
    );
    let book = prop::collection::vec(rule, 0..=3);
    prop::collection::vec(book, options.points.clone()).prop_map(Points)
}

impl Points {
    pub(super) fn write(self, draft: &mut Draft) {
        for (i, plans) in self.0.into_iter().enumerate() {
            let mut caps = BTreeMap::new();
            let rules = plans.into_iter().enumerate();
            let rules: Vec<PointRule> = rules
                .map(|(j, plan)| {
                    let group = plan.group.map(|(group, cap)| {
                        let name = format!("group {group}");
                        // One group in five has no cap.
                        if cap % 5 != 0 {
                            caps.insert(name.clone(), f64::from(cap));
                        }
                        name
                    });
                    let repeat = match plan.repeat {
                        0 => Repeat::While,
                        1 => Repeat::Once,
                        2 => Repeat::CoolDown(Days::new(30)),
                        _ => Repeat::Every,
                    };
                    PointRule {
                        name: format!("rule {j}"),
                        points: if plan.points == 0 {
                            1.0
                        } else {
                            f64::from(plan.points) / 4.0
                        },
                        repeat,
                        group,
                        half_life: plan
                            .half_life
                            .filter(|_| repeat != Repeat::While)
                            .map(Days::new),
                        when: (plan.trigger < 2).then(|| plan.when.over(&draft.schema).to_string()),
                        per: (plan.trigger == 2).then(|| "purchase".to_owned()),
                    }
                })
                .collect();
            let name = format!("points_{i}");
            draft.column(Field::number(&*name, Unit::Points));
            draft.policy.points.push(NamedPoints { name, rules, caps });
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Segments(Vec<(RulePlan, Option<String>, Option<String>)>);

pub(super) fn segments(options: &PolicyOptions) -> impl Strategy<Value = Segments> + Clone + use<> {
    let texts = (
        option::weighted(0.3, "[a-z][a-z é]{0,10}"),
        option::weighted(0.5, "[a-z]{1,8}"),
    );
    let one = (plan(&options.rules), texts);
    let one = one.prop_map(|(when, (description, dimension))| (when, description, dimension));
    prop::collection::vec(one, options.segments.clone()).prop_map(Segments)
}

impl Segments {
    pub(super) fn write(self, draft: &mut Draft) {
        for (i, (when, description, dimension)) in self.0.into_iter().enumerate() {
            let name = format!("segment_{i}");
            draft.policy.segments.push(SegmentSpec {
                when: when.over(&draft.schema),
                description,
                dimension,
                name: name.clone(),
            });
            draft.column(Field::number(name, Unit::Flag));
        }
    }
}

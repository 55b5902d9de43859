//! The section that says how the effect of an action is measured.

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::{Index, select};

use super::super::values::maybe;
use super::{Draft, PolicyOptions};
use crate::model::{Days, Money, Unit};
use crate::report::effect::{Dimension, DimensionSpec, EffectMethod, EffectSpec, GroupSpec};
use crate::table::{Field, Kind};

#[derive(Debug, Clone)]
pub(super) struct Measured(Option<Plan>);

#[derive(Debug, Clone)]
struct Plan {
    control_share: u16,
    /// The column that says instead who was treated.
    group: Option<Index>,
    confidence: Option<u16>,
    min_group: Option<u64>,
    before: Option<i32>,
    after: i32,
    action_cost: Option<u16>,
    /// For each dimension.
    dimensions: [Option<Looked>; 4],
}

#[derive(Debug, Clone)]
struct Looked {
    column: Index,
    before: Option<Index>,
    method: EffectMethod,
    expected: Option<i32>,
}

pub(super) fn effect(options: &PolicyOptions) -> impl Strategy<Value = Measured> + Clone + use<> {
    let methods = [
        EffectMethod::Difference,
        EffectMethod::DifferenceInDifferences,
        EffectMethod::Cuped,
    ];
    let looked = (
        any::<Index>(),
        option::weighted(0.3, any::<Index>()),
        select(methods.to_vec()),
        option::of(-1_000..=1_000_i32),
    );
    let looked = looked.prop_map(|(column, before, method, expected)| Looked {
        column,
        before,
        method,
        expected,
    });
    let looked = || option::of(looked.clone());
    let terms = (option::of(800..=999_u16), option::of(2..=100_u64));
    let whole = (
        (1..=999_u16, option::of(any::<Index>())),
        terms,
        (option::of(1..=400_i32), 1..=400_i32),
        option::of(0..=5_000_u16),
        [looked(), looked(), looked(), looked()],
    );
    let whole = whole.prop_map(
        |((control_share, group), terms, (before, after), action_cost, dimensions)| Plan {
            control_share,
            group,
            confidence: terms.0,
            min_group: terms.1,
            before,
            after,
            action_cost,
            dimensions,
        },
    );
    maybe(options.effect, 0.3, whole).prop_map(Measured)
}

/// How a column can say who was treated; `None` if it cannot.
fn group(field: &Field) -> Option<GroupSpec> {
    let (treated, control) = match field.kind() {
        Kind::Number(Unit::Flag) => (None, None),
        Kind::Number(_) => return None,
        Kind::Category(words) => match words.as_slice() {
            [treated, control, ..] => (Some(treated.clone()), Some(control.clone())),
            _ => return None,
        },
    };
    Some(GroupSpec {
        column: field.name().to_owned(),
        treated,
        control,
    })
}

impl Measured {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let fields = draft.schema.fields();
        let groups: Vec<GroupSpec> = fields.iter().filter_map(group).collect();
        let group = plan
            .group
            .and_then(|at| groups.get(at.index(groups.len().max(1))));
        let lengths = plan.before.is_some_and(|before| before != plan.after);
        let all = [
            Dimension::Satisfaction,
            Dimension::Repurchase,
            Dimension::Ltv,
            Dimension::Cost,
        ];
        let dimensions = all.into_iter().zip(plan.dimensions);
        let dimensions = dimensions.filter_map(|(dimension, looked)| {
            let looked = looked?;
            let read = fields.iter();
            let read: Vec<&str> = read
                .filter(|field| field.unit().is_some_and(|unit| dimension.reads(unit)))
                .map(Field::name)
                .collect();
            let column = |at: Index| read.get(at.index(read.len().max(1))).copied();
            let mut spec = DimensionSpec::new(dimension, column(looked.column)?);
            spec.before = looked.before.and_then(column).map(str::to_owned);
            // One column says nothing about windows of two lengths, nor do two sums.
            spec.method = match looked.method {
                EffectMethod::DifferenceInDifferences if lengths => EffectMethod::Difference,
                EffectMethod::Cuped if lengths && spec.before.is_none() => EffectMethod::Difference,
                method => method,
            };
            spec.expected = looked.expected.map(|expected| f64::from(expected) / 10.0);
            Some(spec)
        });
        let share = f64::from(plan.control_share) / 1000.0;
        let mut spec = EffectSpec::new("trial", share, Days::new(plan.after), dimensions);
        if let Some(group) = group {
            (spec.control_share, spec.group) = (None, Some(group.clone()));
        }
        spec.confidence = plan.confidence.map(|c| f64::from(c) / 1000.0);
        spec.min_group = plan.min_group;
        spec.before = plan.before.map(Days::new);
        let currency = draft.policy.head.currency;
        spec.action_cost = plan
            .action_cost
            .map(|c| Money::from_minor(c.into(), currency));
        draft.policy.effect = (!spec.dimensions.is_empty()).then_some(spec);
    }
}

//! Rules over the columns of a schema.

use ::proptest::prelude::*;
use ::proptest::sample::Index;

use super::values::value_of;
use crate::model::{Day, Unit};
use crate::rules::{Expr, Literal, Op, column, cumulative_share, percentile};
use crate::table::{Field, Kind, Schema};

/// What rules are like. Written with `..RuleOptions::default()`.
#[derive(Debug, Clone)]
pub struct RuleOptions {
    /// How deep `and`, `or` and `not` may be inside one another; 2 if not said.
    pub depth: u32,
    /// Conditions on the population too: `percentile(…)`, `cumulative_share(…)`.
    pub population: bool,
}

impl Default for RuleOptions {
    fn default() -> Self {
        Self {
            depth: 2,
            population: true,
        }
    }
}

/// Rules over the columns of a schema: each binds to it without an error. Shrinks to one comparison with a small
/// number.
///
/// ```
/// use customer_value::diagnostic::{Diagnostics, Place};
/// use customer_value::interop::proptest::{RuleOptions, rules};
/// use customer_value::model::Unit;
/// use customer_value::table::{Field, Schema};
/// use proptest::prelude::*;
///
/// let mut schema = Schema::new();
/// schema.add(Field::number("spend", Unit::Money)).unwrap();
/// schema.add(Field::category("country", ["DE", "FR"])).unwrap();
///
/// proptest!(|(rule in rules(&schema, &RuleOptions::default()))| {
///     let mut problems = Diagnostics::new();
///     prop_assert!(rule.bind(&schema, &Place::at("rule"), &mut problems).is_some(), "{}", problems);
/// });
/// ```
pub fn rules(
    schema: &Schema,
    options: &RuleOptions,
) -> impl Strategy<Value = Expr> + Clone + use<> {
    let schema = schema.clone();
    plan(options).prop_map(move |plan| plan.over(&schema))
}

/// A rule before its columns are known.
#[derive(Debug, Clone)]
pub(super) enum RulePlan {
    Constant(bool),
    Leaf {
        column: Index,
        form: u8,
        op: Op,
        at: (u16, u16),
        population: bool,
    },
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

pub(super) fn plan(options: &RuleOptions) -> impl Strategy<Value = RulePlan> + Clone + use<> {
    let population = options.population;
    let ops = [Op::Ge, Op::Gt, Op::Le, Op::Lt, Op::Eq, Op::Ne];
    let at = (0..=1000_u16, 0..=1000_u16);
    let leaf = (
        any::<Index>(),
        0..8_u8,
        prop::sample::select(ops.to_vec()),
        at,
    )
        .prop_map(move |(column, form, op, at)| RulePlan::Leaf {
            column,
            form,
            op,
            at,
            population,
        });
    let leaf = prop_oneof![20 => leaf, 1 => any::<bool>().prop_map(RulePlan::Constant)];
    leaf.prop_recursive(options.depth, 8, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..=3);
        prop_oneof![
            2 => several.clone().prop_map(RulePlan::And),
            2 => several.prop_map(RulePlan::Or),
            1 => inner.prop_map(|inner| RulePlan::Not(Box::new(inner))),
        ]
    })
}

impl RulePlan {
    /// The rule over these columns; without a column there is nothing to ask.
    pub(super) fn over(&self, schema: &Schema) -> Expr {
        match self {
            Self::Constant(value) => Expr::constant(*value),
            Self::Not(inner) => inner.over(schema).not(),
            Self::And(all) => join(all, schema, Expr::and),
            Self::Or(all) => join(all, schema, Expr::or),
            Self::Leaf {
                column,
                form,
                op,
                at,
                population,
            } => {
                let fields = schema.fields();
                let field = (!fields.is_empty()).then(|| fields.get(column.index(fields.len())));
                match field.flatten() {
                    Some(field) => leaf(field, *form, *op, *at, *population),
                    None => Expr::constant(true),
                }
            }
        }
    }
}

fn join(all: &[RulePlan], schema: &Schema, with: fn(Expr, Expr) -> Expr) -> Expr {
    all.iter()
        .map(|plan| plan.over(schema))
        .reduce(with)
        .unwrap_or_else(|| Expr::constant(true))
}

fn leaf(field: &Field, form: u8, op: Op, (a, b): (u16, u16), population: bool) -> Expr {
    let name = field.name();
    let unit = match field.kind() {
        Kind::Category(words) => return word_leaf(name, words, form, op, (a, b)),
        Kind::Number(unit) => *unit,
    };
    let literal = |thousandths: u16| literal(unit, thousandths);
    match (form, unit) {
        (0, _) => column(name).is_missing(),
        (1, Unit::Flag) => column(name).compare(Op::Eq, literal(a)),
        (_, Unit::Flag) => column(name).is_set(),
        (1, _) => column(name).between(literal(a.min(b)), literal(a.max(b))),
        (2, _) => column(name).is_in([literal(a), literal(b)]),
        (3, _) if population => percentile(name).compare(ordered(op), value_of(Unit::Percent, a)),
        (4, Unit::Money | Unit::Count | Unit::Points) if population => {
            cumulative_share(name).compare(ordered(op), value_of(Unit::Share, a))
        }
        _ => column(name).compare(op, literal(a)),
    }
}

/// Places in the population are seldom equal to a number.
fn ordered(op: Op) -> Op {
    match op {
        Op::Eq => Op::Ge,
        Op::Ne => Op::Lt,
        op => op,
    }
}

fn literal(unit: Unit, thousandths: u16) -> Literal {
    let value = value_of(unit, thousandths);
    match unit {
        #[allow(clippy::cast_possible_truncation)] // whole, and within the calendar
        Unit::Date => Literal::Day(Day::from_epoch_days(value as i32).unwrap_or(Day::MAX)),
        _ => Literal::Number(value),
    }
}

fn word_leaf(name: &str, words: &[String], form: u8, op: Op, (a, b): (u16, u16)) -> Expr {
    let word = |at: u16| {
        words
            .get(usize::from(at) % words.len().max(1))
            .map(String::as_str)
    };
    match (word(a), word(b)) {
        (Some(_), Some(_)) if form == 0 => column(name).is_missing(),
        (Some(a), Some(b)) if form % 2 == 1 => column(name).is_in([a, b]),
        (Some(a), _) if op == Op::Ne => column(name).ne(a),
        (Some(a), _) => column(name).eq(a),
        _ => column(name).is_missing(),
    }
}

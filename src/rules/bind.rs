//! Names to columns, literals to numbers, the tree to a flat program; every problem at once.

use std::ops::Range;
use std::sync::Arc;

use super::eval::{Join, Label, Leaf, Rule, Step, Test};
use super::expr::{Expr, Node};
use super::population::{Measure, PopulationCondition};
use super::term::{Literal, Op, Term};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Day, Unit};
use crate::table::{Field, Kind, Schema, Slot};

impl Expr {
    /// Binds the rule to the columns of a schema, or reports everything that is wrong with it at `place`.
    ///
    /// Reported are unknown columns and words (with the nearest known one), comparisons of the wrong type, a text that
    /// does not parse, ends of a `between` in the wrong order, and, as warnings, constants outside the range of a share
    /// or percentage. `None` if there was an error.
    ///
    /// ```
    /// use customer_value::diagnostic::{Diagnostics, Place};
    /// use customer_value::model::Unit;
    /// use customer_value::rules::Expr;
    /// use customer_value::table::{Field, Schema};
    ///
    /// let mut schema = Schema::new();
    /// schema.add(Field::number("spend", Unit::Money))?;
    /// schema.add(Field::category("segment", ["Champions", "Loyal"]))?;
    ///
    /// let expr: Expr = r#"spned >= 500 or segment = "Champion""#.parse()?;
    /// let mut problems = Diagnostics::new();
    /// assert!(expr.bind(&schema, &Place::at("tiers[0].when"), &mut problems).is_none());
    /// let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, [
    ///     "error: tiers[0].when at 0..5: there is no column `spned` (did you mean `spend`?)",
    ///     "error: tiers[0].when at 26..36: `segment` is never `Champion` (did you mean `Champions`?)",
    /// ]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bind(
        &self,
        schema: &Schema,
        place: &Place,
        diagnostics: &mut Diagnostics,
    ) -> Option<Rule> {
        if let Node::Unparsed(text) = self.node() {
            return match Self::parse(text) {
                Ok(expr) => expr.bind(schema, place, diagnostics),
                Err(problems) => {
                    diagnostics.extend(problems.into_iter().map(|mut problem| {
                        problem.place = Place {
                            start: problem.place.start,
                            end: problem.place.end,
                            ..place.clone()
                        };
                        problem
                    }));
                    None
                }
            };
        }
        let mut binder = Binder {
            schema,
            place,
            diagnostics,
            spans: self.spans().iter(),
            bytes: None,
            failed: false,
            height: 0,
            rule: Rule {
                text: self.to_string(),
                place: place.path.clone(),
                steps: Vec::new(),
                labels: Vec::new(),
                population: Vec::new(),
                stack: 0,
                width: schema.len(),
            },
        };
        binder.node(self.node(), true, Join::Push);
        (!binder.failed).then_some(binder.rule)
    }
}

struct Binder<'a> {
    schema: &'a Schema,
    place: &'a Place,
    diagnostics: &'a mut Diagnostics,
    /// The bytes of the names and literals still to come, if they are known.
    spans: std::slice::Iter<'a, Range<usize>>,
    /// From the first to the last of those of the condition at hand.
    bytes: Option<Range<usize>>,
    failed: bool,
    height: usize,
    rule: Rule,
}

/// A name or a literal of the tree with its place.
struct Placed<'a, T> {
    value: &'a T,
    place: Place,
}

impl<'a> Binder<'a> {
    fn placed<'t, T>(&mut self, value: &'t T) -> Placed<'t, T> {
        let place = match self.spans.next() {
            Some(span) => {
                let start = self.bytes.as_ref().map_or(span.start, |bytes| bytes.start);
                self.bytes = Some(start..span.end);
                self.place.clone().span(span.clone())
            }
            None => self.place.clone(),
        };
        Placed { value, place }
    }

    fn error(&mut self, problem: Diagnostic) {
        self.failed = true;
        self.diagnostics.push(problem);
    }

    fn step(&mut self, step: Step) {
        let join = match step {
            Step::Group(join) => {
                self.height = self.height.saturating_sub(1);
                join
            }
            Step::Leaf { join, .. } | Step::Constant { join, .. } => join,
        };
        self.height += usize::from(join == Join::Push);
        self.rule.stack = self.rule.stack.max(self.height);
        self.rule.steps.push(step);
    }

    /// Emits the steps of a node, or of its opposite.
    fn node(&mut self, node: &Node, positive: bool, join: Join) {
        self.bytes = None;
        match node {
            Node::Not(inner) => self.node(inner, !positive, join),
            Node::And(all) | Node::Or(all) => {
                let all_of = matches!(node, Node::And(_)) == positive;
                let inside = if all_of { Join::And } else { Join::Or };
                for (i, child) in all.iter().enumerate() {
                    self.node(child, positive, if i == 0 { Join::Push } else { inside });
                }
                if join != Join::Push {
                    self.step(Step::Group(join));
                }
            }
            Node::Constant(value) => self.step(Step::Constant {
                value: *value == positive,
                join,
            }),
            Node::Flag(term) => {
                let term = self.placed(term);
                if let Some((slot, _)) = self.column(&term, Wants::Flag) {
                    let zero = Test::Span {
                        low: 0.0,
                        high: 0.0,
                    };
                    let leaf = leaf_of(node, positive);
                    self.leaf(slot, zero, positive, join, leaf, Vec::new());
                }
            }
            Node::Missing(term) => {
                let term = self.placed(term);
                if let Some((slot, _)) = self.column(&term, Wants::Any) {
                    let leaf = leaf_of(node, positive);
                    self.leaf(slot, Test::Missing, !positive, join, leaf, Vec::new());
                }
            }
            Node::Compare { term, op, value } => {
                let (term, value) = (self.placed(term), self.placed(value));
                let op = if positive { *op } else { op.negated() };
                if let Some(measure) = measure(term.value) {
                    self.population(&term, measure, op, &value, join);
                } else if let Some((slot, field)) = self.column(&term, Wants::Order(op))
                    && let Some(at) = self.number(field, &value)
                {
                    let (test, negate) = comparison(op, at);
                    let leaf = leaf_of(node, positive);
                    self.leaf(slot, test, negate, join, leaf, vec![at]);
                }
            }
            Node::Between { term, low, high } => {
                let placed = (self.placed(term), self.placed(low), self.placed(high));
                let (term, low, high) = placed;
                if let Some(measure) = measure(term.value) {
                    let (from, to, inside) = if positive {
                        (Op::Ge, Op::Le, Join::And)
                    } else {
                        (Op::Lt, Op::Gt, Join::Or)
                    };
                    self.population(&term, measure, from, &low, Join::Push);
                    self.population(&term, measure, to, &high, inside);
                    if join != Join::Push {
                        self.step(Step::Group(join));
                    }
                } else if let Some((slot, field)) = self.column(&term, Wants::Order(Op::Ge)) {
                    let (a, b) = (self.number(field, &low), self.number(field, &high));
                    let (Some(a), Some(b)) = (a, b) else { return };
                    if a > b {
                        let message = format!("`{node}` is never true");
                        self.error(
                            Diagnostic::error(Code::Conflict, low.place, message)
                                .help("the smaller end stands first"),
                        );
                        return;
                    }
                    let test = Test::Span { low: a, high: b };
                    let leaf = leaf_of(node, positive);
                    self.leaf(slot, test, !positive, join, leaf, vec![a, b]);
                }
            }
            Node::In { term, values } => {
                let term = self.placed(term);
                let values: Vec<_> = values.iter().map(|v| self.placed(v)).collect();
                let Some((slot, field)) = self.column(&term, Wants::Any) else {
                    return;
                };
                if values.is_empty() {
                    let message = format!("`{node}` is never true");
                    self.error(
                        Diagnostic::error(Code::Missing, term.place, message)
                            .help("the list needs a value"),
                    );
                    return;
                }
                let mut numbers: Vec<f64> = values
                    .iter()
                    .filter_map(|value| self.number(field, value))
                    .collect();
                numbers.sort_unstable_by(f64::total_cmp);
                numbers.dedup();
                // To be none of several numbers there is no amount to go.
                let ends = if positive {
                    numbers.clone()
                } else {
                    Vec::new()
                };
                let test = Test::In(numbers.into());
                self.leaf(slot, test, !positive, join, leaf_of(node, positive), ends);
            }
            // Only a whole expression is ever unparsed.
            Node::Unparsed(_) => self.failed = true,
        }
    }

    fn leaf(
        &mut self,
        slot: Slot,
        test: Test,
        negate: bool,
        join: Join,
        leaf: Node,
        ends: Vec<f64>,
    ) {
        self.label(slot, leaf, ends, None);
        self.step(Step::Leaf {
            slot,
            test,
            negate,
            join,
        });
    }

    fn label(&mut self, slot: Slot, node: Node, ends: Vec<f64>, population: Option<usize>) {
        let field = self.schema.field(slot);
        let text = node.to_string();
        self.rule.labels.push(Label {
            leaf: Arc::new(Leaf { text, node }),
            column: field.map_or_else(String::new, |f| f.name().to_owned()),
            unit: field.and_then(Field::unit),
            slot,
            ends,
            population,
            bytes: self.bytes.clone(),
        });
    }

    fn population(
        &mut self,
        term: &Placed<'_, Term>,
        measure: Measure,
        op: Op,
        value: &Placed<'_, Literal>,
        join: Join,
    ) {
        let column = self.column(term, Wants::Population(measure));
        let most = match measure {
            Measure::Percentile => 100.0,
            Measure::CumulativeShare => 1.0,
        };
        let at = match value.value {
            Literal::Number(at) if (0.0..=most).contains(at) => Some(*at),
            Literal::Number(at) => {
                let message = format!("a {measure} is from 0 to {most}, not {at}");
                self.error(Diagnostic::error(Code::Range, value.place.clone(), message));
                None
            }
            other => {
                let message = format!("a {measure} is a number, not `{other}`");
                self.error(Diagnostic::error(Code::Type, value.place.clone(), message));
                None
            }
        };
        if let (Some((slot, _)), Some(at)) = (column, at) {
            self.label(
                slot,
                Node::Compare {
                    term: term.value.clone(),
                    op,
                    value: value.value.clone(),
                },
                Vec::new(),
                Some(self.rule.population.len()),
            );
            self.rule.population.push(PopulationCondition {
                slot,
                measure,
                op,
                at,
            });
            self.step(Step::Leaf {
                slot,
                test: Test::Open,
                negate: false,
                join,
            });
        }
    }

    /// The column of a term, if it can be asked what is wanted.
    fn column(&mut self, term: &Placed<'_, Term>, wants: Wants) -> Option<(Slot, &'a Field)> {
        let name = term.value.name();
        let schema = self.schema;
        let place = || term.place.clone();
        let Some((slot, field)) = schema
            .slot(name)
            .and_then(|slot| Some((slot, schema.field(slot)?)))
        else {
            let problem = if name.is_empty() {
                Diagnostic::error(Code::InvalidName, place(), "the name of a column is empty")
            } else {
                let message = format!("there is no column `{name}`");
                Diagnostic::error(Code::UnknownName, place(), message)
                    .did_you_mean(name, schema.names())
            };
            self.error(problem);
            return None;
        };
        let wrong = |message: String| Diagnostic::error(Code::Type, place(), message);
        let plain = matches!(term.value, Term::Column(_));
        let example = field.words().first().map_or("A", String::as_str);
        let problem = match (wants, field.kind()) {
            (Wants::Population(_), Kind::Category(_)) => Some(wrong(format!(
                "`{name}` holds words, which have no place in the population"
            ))),
            (Wants::Population(measure), Kind::Number(unit))
                if *unit == Unit::Flag
                    || (*unit == Unit::Date && measure == Measure::CumulativeShare) =>
            {
                Some(wrong(format!("`{name}` is a {unit}: it has no {measure}")))
            }
            (Wants::Population(_), _) => None,
            (Wants::Flag, _) if !plain => Some(
                wrong(format!("`{}` is a number, not true or false", term.value))
                    .help("compare it, as in `percentile(spend) >= 80`"),
            ),
            (Wants::Flag, Kind::Number(Unit::Flag)) => None,
            (Wants::Flag, Kind::Number(unit)) => Some(
                wrong(format!("`{name}` is a number ({unit}), not true or false"))
                    .help(format!("compare it, as in `{name} >= 1`")),
            ),
            (Wants::Flag, Kind::Category(_)) => Some(
                wrong(format!("`{name}` holds words, it is not true or false"))
                    .help(format!("compare it, as in `{name} = \"{example}\"`")),
            ),
            (Wants::Any, _) if !plain => Some(
                wrong(format!("`{}` can only be compared", term.value)).help(format!(
                    "write `{name}` or use `>=`, `between` and the like"
                )),
            ),
            (Wants::Order(op), Kind::Category(_)) if !matches!(op, Op::Eq | Op::Ne) => Some(
                wrong(format!("`{name}` holds words, which have no order"))
                    .help("use `=`, `!=` or `in`"),
            ),
            (Wants::Any | Wants::Order(_), _) => None,
        };
        match problem {
            None => Some((slot, field)),
            Some(problem) => {
                self.error(problem);
                None
            }
        }
    }

    /// The number that cells of a column are compared with for a literal.
    fn number(&mut self, field: &Field, literal: &Placed<'_, Literal>) -> Option<f64> {
        let name = field.name();
        let wrong = |message: String| Diagnostic::error(Code::Type, literal.place.clone(), message);
        let problem = match (field.kind(), literal.value) {
            (Kind::Number(Unit::Date), Literal::Day(day)) => {
                return Some(f64::from(day.epoch_days()));
            }
            (Kind::Number(unit), Literal::Number(number)) if *unit != Unit::Date => {
                self.check_range(name, *unit, *number, &literal.place);
                return Some(*number);
            }
            (Kind::Category(_), Literal::Text(word)) => {
                if let Some(code) = field.code(word) {
                    return Some(f64::from(code));
                }
                wrong(format!("`{name}` is never `{word}`"))
                    .did_you_mean(word, field.words().iter().map(String::as_str))
            }
            (Kind::Number(Unit::Date), other) => {
                let problem = wrong(format!("`{name}` is a date, not `{other}`"));
                match other {
                    Literal::Text(text) if text.parse::<Day>().is_ok() => {
                        problem.help(format!("write it without quotes: `{text}`"))
                    }
                    _ => problem.help("a date is written like `2024-02-29`"),
                }
            }
            (Kind::Number(unit), other) => {
                let problem = wrong(format!("`{name}` is a number ({unit}), not `{other}`"));
                match other {
                    Literal::Text(text) if text.parse::<f64>().is_ok_and(f64::is_finite) => {
                        problem.help(format!("write it without quotes: `{text}`"))
                    }
                    _ => problem,
                }
            }
            (Kind::Category(_), other) => wrong(format!("`{name}` holds words, not `{other}`"))
                .help(format!("a word is written in quotes: \"{other}\"")),
        };
        self.error(problem);
        None
    }

    /// A constant that the column can never have: it binds, but it is hardly what was meant.
    fn check_range(&mut self, name: &str, unit: Unit, number: f64, place: &Place) {
        let most = match unit {
            Unit::Share | Unit::Flag => 1.0,
            Unit::Percent => 100.0,
            _ => return,
        };
        if !(0.0..=most).contains(&number) {
            let message = format!("`{name}` is a {unit}, from 0 to {most}, never {number}");
            self.diagnostics
                .push(Diagnostic::warning(Code::Range, place.clone(), message));
        }
    }
}

/// What a condition needs of its column.
#[derive(Clone, Copy)]
enum Wants {
    Flag,
    Any,
    Order(Op),
    Population(Measure),
}

fn measure(term: &Term) -> Option<Measure> {
    match term {
        Term::Column(_) => None,
        Term::Percentile(_) => Some(Measure::Percentile),
        Term::CumulativeShare(_) => Some(Measure::CumulativeShare),
    }
}

/// A leaf or its opposite.
fn leaf_of(leaf: &Node, positive: bool) -> Node {
    match leaf {
        _ if positive => leaf.clone(),
        Node::Compare { term, op, value } => Node::Compare {
            term: term.clone(),
            op: op.negated(),
            value: value.clone(),
        },
        other => Node::Not(Box::new(other.clone())),
    }
}

/// A comparison with a finite number as an interval with both ends included, and whether to turn its answer round.
fn comparison(op: Op, at: f64) -> (Test, bool) {
    let (low, high) = match op {
        Op::Eq | Op::Ne => (at, at),
        Op::Lt => (f64::NEG_INFINITY, at.next_down()),
        Op::Le => (f64::NEG_INFINITY, at),
        Op::Gt => (at.next_up(), f64::INFINITY),
        Op::Ge => (at, f64::INFINITY),
    };
    (Test::Span { low, high }, op == Op::Ne)
}

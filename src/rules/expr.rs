//! What a rule says: the closed syntax tree, its builder and its canonical text.

use std::fmt::{self, Write as _};
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::parse;
use super::term::{Literal, Op, Term};
use crate::diagnostic::Diagnostics;

/// How many `and`, `or` and `not` may be inside one another.
pub(super) const MAX_DEPTH: u32 = 100;

/// One node of the syntax tree of an [`Expr`], to look at; expressions are built with [`column`] or from text.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Node {
    /// `true` or `false`.
    Constant(bool),
    /// A flag column alone.
    Flag(Term),
    /// `term op value`
    Compare {
        /// What is compared.
        term: Term,
        /// How.
        op: Op,
        /// With what.
        value: Literal,
    },
    /// `term between low and high`, both ends included.
    Between {
        /// What is compared.
        term: Term,
        /// The smallest value that is inside.
        low: Literal,
        /// The largest value that is inside.
        high: Literal,
    },
    /// `term in (values)`
    In {
        /// What is compared.
        term: Term,
        /// The values it may have, in the order of the text.
        values: Vec<Literal>,
    },
    /// `term is missing`
    Missing(Term),
    /// `not node`
    Not(Box<Node>),
    /// All of at least two nodes, none of them an `And`.
    And(Vec<Node>),
    /// Any of at least two nodes, none of them an `Or`.
    Or(Vec<Node>),
    /// A text from a policy file that does not parse: kept as it is, so that bind reports it with all other problems.
    Unparsed(String),
}

impl Node {
    /// How many nodes are inside one another, at the deepest place.
    pub(super) fn depth(&self) -> u32 {
        match self {
            Self::Not(inner) => 1 + inner.depth(),
            Self::And(all) | Self::Or(all) => 1 + all.iter().map(Self::depth).max().unwrap_or(0),
            _ => 1,
        }
    }

    fn columns<'a>(&'a self, into: &mut Vec<&'a str>) {
        match self {
            Self::Constant(_) | Self::Unparsed(_) => {}
            Self::Flag(term)
            | Self::Compare { term, .. }
            | Self::Between { term, .. }
            | Self::In { term, .. }
            | Self::Missing(term) => into.push(term.name()),
            Self::Not(inner) => inner.columns(into),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|node| node.columns(into)),
        }
    }

    fn has_finite_literals(&self) -> bool {
        let finite = |l: &Literal| !matches!(l, Literal::Number(n) if !n.is_finite());
        match self {
            Self::Compare { value, .. } => finite(value),
            Self::Between { low, high, .. } => finite(low) && finite(high),
            Self::In { values, .. } => values.iter().all(finite),
            _ => true,
        }
    }

    /// Writes a node that is an operand of a sign that binds at least as tightly as `and`.
    fn write_operand(&self, f: &mut fmt::Formatter<'_>, bare_and: bool) -> fmt::Result {
        match self {
            Self::And(_) if bare_and => write!(f, "{self}"),
            Self::And(_) | Self::Or(_) | Self::Unparsed(_) => write!(f, "({self})"),
            _ => write!(f, "{self}"),
        }
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, values: &[Literal]) -> fmt::Result {
    f.write_char('(')?;
    for (i, value) in values.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{value}")?;
    }
    f.write_char(')')
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => value.fmt(f),
            Self::Flag(term) => term.fmt(f),
            Self::Compare { term, op, value } => write!(f, "{term} {op} {value}"),
            Self::Between { term, low, high } => write!(f, "{term} between {low} and {high}"),
            Self::In { term, values } => {
                write!(f, "{term} in ")?;
                write_list(f, values)
            }
            Self::Missing(term) => write!(f, "{term} is missing"),
            Self::Not(inner) => match &**inner {
                Self::Between { term, low, high } => {
                    write!(f, "{term} not between {low} and {high}")
                }
                Self::In { term, values } => {
                    write!(f, "{term} not in ")?;
                    write_list(f, values)
                }
                Self::Missing(term) => write!(f, "{term} is not missing"),
                other => {
                    f.write_str("not ")?;
                    other.write_operand(f, false)
                }
            },
            Self::And(all) => {
                for (i, node) in all.iter().enumerate() {
                    if i > 0 {
                        f.write_str(" and ")?;
                    }
                    node.write_operand(f, false)?;
                }
                Ok(())
            }
            Self::Or(all) => {
                for (i, node) in all.iter().enumerate() {
                    if i > 0 {
                        f.write_str(" or ")?;
                    }
                    node.write_operand(f, true)?;
                }
                Ok(())
            }
            Self::Unparsed(text) => f.write_str(text),
        }
    }
}

/// A rule as written: a syntax tree, from text or built in Rust.
///
/// [`Display`](fmt::Display) prints the canonical text, which parses back to an equal value. Two expressions are equal
/// when they say the same in the same order, wherever they were written. In serde an expression is its text; a text
/// that does not parse is kept ([`Node::Unparsed`]) and reported by [`bind`](Self::bind), so that one typing mistake
/// does not hide the other problems of a policy.
///
/// Limits: 100 levels of `and`, `or`, `not` and parentheses, 10,000 words and signs.
///
/// ```
/// use customer_value::rules::Expr;
///
/// let expr: Expr = "NOT (r<3 || stage == 'churned') && spend>=1_000".parse()?;
/// assert_eq!(expr.to_string(), r#"not (r < 3 or stage = "churned") and spend >= 1000"#);
///
/// let problems = "spend >= and r ~ 3".parse::<Expr>().unwrap_err();
/// assert_eq!(problems.len(), 2);
/// # Ok::<(), customer_value::diagnostic::Diagnostics>(())
/// ```
#[derive(Debug, Clone)]
pub struct Expr {
    node: Node,
    depth: u32,
    /// The bytes of every name and literal in the order of the text; empty if not from one text.
    spans: Vec<Range<usize>>,
}

impl PartialEq for Expr {
    /// What is said, not where it was written.
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl Expr {
    /// Reads a rule text.
    ///
    /// # Errors
    /// Every syntax error that can be told apart, with its bytes.
    pub fn parse(text: &str) -> Result<Self, Diagnostics> {
        let (node, spans) = parse::parse(text)?;
        Ok(Self {
            depth: node.depth(),
            node,
            spans,
        })
    }

    /// A rule that always holds (`true`) or never (`false`).
    #[must_use]
    pub fn constant(value: bool) -> Self {
        Self::condition(Node::Constant(value))
    }

    /// What the expression says.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The columns it reads, in the order of the text; a column read twice comes twice.
    ///
    /// ```
    /// use customer_value::rules::Expr;
    ///
    /// let expr: Expr = "spend >= 5 and not (vip or percentile(spend) > 20)".parse()?;
    /// assert_eq!(expr.columns(), ["spend", "vip", "spend"]);
    /// # Ok::<(), customer_value::diagnostic::Diagnostics>(())
    /// ```
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut columns = Vec::new();
        self.node.columns(&mut columns);
        columns
    }

    pub(super) fn spans(&self) -> &[Range<usize>] {
        &self.spans
    }

    /// Both must hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.join(other, " and ", Node::And, |node| match node {
            Node::And(all) => Ok(all),
            one => Err(one),
        })
    }

    /// One of both must hold.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.join(other, " or ", Node::Or, |node| match node {
            Node::Or(all) => Ok(all),
            one => Err(one),
        })
    }

    /// The opposite; unknown stays unknown.
    #[must_use]
    #[allow(clippy::should_implement_trait)] // beside `and` and `or`, and there is no operator for those
    pub fn not(self) -> Self {
        if let Node::Unparsed(text) = &self.node {
            return Self::unparsed(format!("not ({text})"));
        }
        let depth = self.depth + 1;
        Self::built(Node::Not(Box::new(self.node)), depth)
    }

    fn join(
        self,
        other: Self,
        word: &str,
        group: fn(Vec<Node>) -> Node,
        operands: fn(Node) -> Result<Vec<Node>, Node>,
    ) -> Self {
        if let (Node::Unparsed(_), _) | (_, Node::Unparsed(_)) = (&self.node, &other.node) {
            return Self::unparsed(format!("({self}){word}({other})"));
        }
        let mut depth = 0;
        let mut open = |one: Self| match operands(one.node) {
            Ok(all) => {
                depth = depth.max(one.depth);
                all
            }
            Err(node) => {
                depth = depth.max(one.depth + 1);
                vec![node]
            }
        };
        let mut all = open(self);
        all.append(&mut open(other));
        Self::built(group(all), depth)
    }

    /// A tree too deep to walk safely is kept as the text that says so when it is bound.
    fn built(node: Node, depth: u32) -> Self {
        if depth > MAX_DEPTH {
            return Self::unparsed(node.to_string());
        }
        Self {
            node,
            depth,
            spans: Vec::new(),
        }
    }

    pub(super) fn condition(mut node: Node) -> Self {
        // No infinity, no NaN and no minus zero in a rule: as in the columns.
        if !node.has_finite_literals() {
            return Self::unparsed(node.to_string());
        }
        match &mut node {
            Node::Compare { value, .. } => plain_zero(value),
            Node::Between { low, high, .. } => {
                plain_zero(low);
                plain_zero(high);
            }
            Node::In { values, .. } => values.iter_mut().for_each(plain_zero),
            _ => {}
        }
        Self::built(node, 1)
    }

    fn unparsed(text: String) -> Self {
        Self {
            node: Node::Unparsed(text),
            depth: 1,
            spans: Vec::new(),
        }
    }
}

fn plain_zero(literal: &mut Literal) {
    if let Literal::Number(number) = literal {
        *number += 0.0;
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl FromStr for Expr {
    type Err = Diagnostics;
    fn from_str(text: &str) -> Result<Self, Diagnostics> {
        Self::parse(text)
    }
}

impl Serialize for Expr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Expr {
    /// Takes any text: one that does not parse is reported by [`Expr::bind`].
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self::parse(&text).unwrap_or_else(|_| Self::unparsed(text)))
    }
}

//! The parts of a condition: what it is about, the sign, what it is compared with.

use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};

use super::expr::{Expr, Node};
use super::lex;
use crate::model::Day;

/// A comparison sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Op {
    /// `=`
    #[serde(rename = "=")]
    Eq,
    /// `!=`
    #[serde(rename = "!=")]
    Ne,
    /// `<`
    #[serde(rename = "<")]
    Lt,
    /// `<=`
    #[serde(rename = "<=")]
    Le,
    /// `>`
    #[serde(rename = ">")]
    Gt,
    /// `>=`
    #[serde(rename = ">=")]
    Ge,
}

impl Op {
    /// The sign that is true exactly where this one is false.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }

    /// Whether `left` compares with `right` as the sign says.
    #[must_use]
    #[allow(clippy::float_cmp)] // a rule that says `=` means equal
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Eq => left == right,
            Self::Ne => left != right,
            Self::Lt => left < right,
            Self::Le => left <= right,
            Self::Gt => left > right,
            Self::Ge => left >= right,
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        })
    }
}

/// What a column is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A finite number, in the column's unit.
    Number(f64),
    /// A word of a category column.
    Text(String),
    /// A date.
    Day(Day),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A plain number where a person would write one; both forms are the shortest that read back the same.
            Self::Number(n) if *n != 0.0 && !(1e-7..1e16).contains(&n.abs()) => write!(f, "{n:e}"),
            Self::Number(n) => write!(f, "{n}"),
            Self::Day(day) => day.fmt(f),
            Self::Text(text) => {
                f.write_char('"')?;
                for c in text.chars() {
                    if matches!(c, '"' | '\\') {
                        f.write_char('\\')?;
                    }
                    f.write_char(c)?;
                }
                f.write_char('"')
            }
        }
    }
}

impl From<f64> for Literal {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Literal {
    fn from(number: i32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Day> for Literal {
    fn from(day: Day) -> Self {
        Self::Day(day)
    }
}

/// What a condition is about: a column, or a column's place in the population.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Term {
    /// The customer's value in the column of this name.
    Column(String),
    /// 100 × the share of the known population strictly below the customer's value.
    Percentile(String),
    /// The part of the column's positive total held by all customers with at least this customer's value.
    CumulativeShare(String),
}

/// A column by name, to build a condition on it.
///
/// ```
/// use customer_value::rules::{Expr, column};
///
/// let built = column("segment").is_in(["Champions", "Loyal"]).or(column("vip").is_set());
/// assert_eq!(built.to_string(), r#"segment in ("Champions", "Loyal") or vip"#);
/// assert_eq!(built.to_string().parse::<Expr>()?, built);
/// # Ok::<(), customer_value::diagnostic::Diagnostics>(())
/// ```
#[must_use]
pub fn column(name: impl Into<String>) -> Term {
    Term::Column(name.into())
}

/// A customer's percentile in a column: 100 × the share of the known population strictly below.
#[must_use]
pub fn percentile(name: impl Into<String>) -> Term {
    Term::Percentile(name.into())
}

/// The part of a column's positive total held by all who have at least as much; small for the largest customers.
#[must_use]
pub fn cumulative_share(name: impl Into<String>) -> Term {
    Term::CumulativeShare(name.into())
}

impl Term {
    /// The name of the column.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Column(name) | Self::Percentile(name) | Self::CumulativeShare(name) => name,
        }
    }

    /// `term = value`
    #[must_use]
    pub fn eq(self, value: impl Into<Literal>) -> Expr {
        self.compare(Op::Eq, value)
    }

    /// `term != value`
    #[must_use]
    pub fn ne(self, value: impl Into<Literal>) -> Expr {
        self.compare(Op::Ne, value)
    }

    /// `term < value`
    #[must_use]
    pub fn lt(self, value: impl Into<Literal>) -> Expr {
        self.compare(Op::Lt, value)
    }

    /// `term <= value`
    #[must_use]
    pub fn le(self, value: impl Into<Literal>) -> Expr {
        self.compare(Op::Le, value)
    }

    /// `term > value`
    #[must_use]
    pub fn gt(self, value: impl Into<Literal>) -> Expr {
        self.compare(Op::Gt, value)
    }

    /// `term >= value`
    #[must_use]
    pub fn ge(self, value: impl Into<Literal>) -> Expr {
        self.compare(Op::Ge, value)
    }

    /// The comparison by `op`.
    #[must_use]
    pub fn compare(self, op: Op, value: impl Into<Literal>) -> Expr {
        Expr::condition(Node::Compare {
            term: self,
            op,
            value: value.into(),
        })
    }

    /// `term between low and high`, both ends included.
    #[must_use]
    pub fn between(self, low: impl Into<Literal>, high: impl Into<Literal>) -> Expr {
        Expr::condition(Node::Between {
            term: self,
            low: low.into(),
            high: high.into(),
        })
    }

    /// `term in (values)`
    #[must_use]
    pub fn is_in<L: Into<Literal>>(self, values: impl IntoIterator<Item = L>) -> Expr {
        Expr::condition(Node::In {
            term: self,
            values: values.into_iter().map(Into::into).collect(),
        })
    }

    /// `term is missing`
    #[must_use]
    pub fn is_missing(self) -> Expr {
        Expr::condition(Node::Missing(self))
    }

    /// A flag column alone: true where it is 1.
    #[must_use]
    pub fn is_set(self) -> Expr {
        Expr::condition(Node::Flag(self))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column(name) => lex::write_name(f, name),
            Self::Percentile(name) => {
                f.write_str("percentile(")?;
                lex::write_name(f, name)?;
                f.write_char(')')
            }
            Self::CumulativeShare(name) => {
                f.write_str("cumulative_share(")?;
                lex::write_name(f, name)?;
                f.write_char(')')
            }
        }
    }
}

//! The predicate language over the columns of a table: parse, print, bind, evaluate, explain.
//!
//! A rule compares columns with literals and joins the comparisons:
//!
//! | Text | Meaning |
//! |---|---|
//! | `spend_12m >= 500` | also `=` (or `==`), `!=`, `<`, `<=`, `>` |
//! | `spend between 100 and 500` | both ends included; `not between` too |
//! | `segment = "Champions"` | a word of a category column; words have no order, so only `=`, `!=`, `in` |
//! | `segment in ("Champions", "Loyal")` | one of several; `not in` too; numbers and dates as well |
//! | `birthday >= 2020-01-01` | a date, against columns of unit [`Date`](crate::model::Unit::Date) |
//! | `vip` | a column of unit [`Flag`](crate::model::Unit::Flag) is 1 (also `vip = true`) |
//! | `industry is missing` | not known; `is not missing` too |
//! | `percentile(spend) >= 80` | 100 × the share of the known population strictly below this customer |
//! | `cumulative_share(spend) <= 0.8` | the part of the positive total held by all who have at least as much |
//! | `true`, `false` | always, never |
//! | `not (r < 3 or vip) and m > 2` | `not` before `and` before `or`; `!`, `&&` and <code>\|\|</code> are read too |
//!
//! Keywords are read in any case. A name that is not a plain word is written in backticks: `` `company size` ``.
//!
//! **Three values.** A comparison with a missing value is neither true nor false but *unknown*, and `and`, `or`, `not`
//! follow Kleene: `false and unknown` is false, `true or unknown` is true, everything else with an unknown is unknown.
//! Only `is missing` answers about what is not known.
//!
//! **The path.** An [`Expr`] is what the text says (the recipe). [`Expr::bind`] turns names into columns and reports
//! every problem at once; the [`Rule`] it gives cannot fail. [`Rule::truth`] answers for one customer, [`Rule::block`]
//! for up to 64 at once, [`Rule::explain`] for a person: three uses of one walk. Conditions on the population are
//! unknown until [`Rule::freeze`] gives them their [`Cut`]s, so a customer online is judged by the frozen numbers of the
//! last fit. What is explained is data; [`language`] puts it into words, in English, Chinese or a language of one's own.
//!
//! ```
//! use customer_value::diagnostic::{Diagnostics, Place};
//! use customer_value::model::Unit;
//! use customer_value::rules::{Expr, Truth, column};
//! use customer_value::table::{Field, Schema, Table};
//!
//! let mut schema = Schema::new();
//! let spend = schema.add(Field::number("spend_12m", Unit::Money))?;
//! let last = schema.add(Field::number("days_since_last", Unit::Days))?;
//!
//! let expr: Expr = "spend_12m >= 500 and days_since_last <= 90".parse()?;
//! assert_eq!(expr, column("spend_12m").ge(500.0).and(column("days_since_last").le(90.0)));
//!
//! let mut problems = Diagnostics::new();
//! let rule = expr.bind(&schema, &Place::at("example"), &mut problems).ok_or(problems)?;
//!
//! let mut table = Table::new(schema, 2);
//! table.column_mut(spend).set(0, Some(812.5));
//! table.column_mut(last).set(0, Some(12.0));
//! assert_eq!(rule.truth(table.row(0)), Truth::True);
//! assert_eq!(rule.truth(table.row(1)), Truth::Unknown);
//! assert_eq!(rule.explain(table.row(0))[0].to_string(), "spend_12m 812.50 >= 500");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bind;
mod eval;
mod explain;
mod expr;
pub mod language;
mod lex;
mod parse;
mod population;
pub mod prove;
pub mod segments;
mod term;

pub(crate) use eval::freeze_all;
pub use eval::{BLOCK, Mask, Rule, Truth};
pub(crate) use explain::Answered;
pub use explain::{Condition, Covered, Found};
pub use expr::{Expr, Node};
pub use population::{Cut, Measure, PopulationCondition};
pub use term::{Literal, Op, Term, column, cumulative_share, percentile};

//! A bound rule and its one walk: up to 64 rows at a time, on bits.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::expr::Node;
use super::population::{Cut, PopulationCondition};
use crate::Error;
use crate::model::Unit;
use crate::table::{Cell, Row, Slot, Table};

/// How many rows [`Rule::block`] answers for at once.
pub const BLOCK: usize = 64;

/// The answer of a rule about one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// Something it depends on is not known.
    Unknown,
}

impl std::fmt::Display for Truth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::True => "true",
            Self::False => "false",
            Self::Unknown => "unknown",
        })
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// The answers of a rule about up to 64 rows, one bit each; a row with neither bit is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mask {
    /// The rows for which the rule holds.
    pub yes: u64,
    /// The rows for which it does not hold.
    pub no: u64,
}

impl Mask {
    /// Nothing known about any row.
    pub const UNKNOWN: Self = Self { yes: 0, no: 0 };

    /// The answer about one row of the block.
    #[must_use]
    pub fn truth(self, lane: usize) -> Truth {
        let bit = u32::try_from(lane).map_or(0, |lane| 1_u64.checked_shl(lane).unwrap_or(0));
        if self.yes & bit != 0 {
            Truth::True
        } else if self.no & bit != 0 {
            Truth::False
        } else {
            Truth::Unknown
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            yes: self.yes & other.yes,
            no: self.no | other.no,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            yes: self.yes | other.yes,
            no: self.no & other.no,
        }
    }

    pub(super) fn not(self) -> Self {
        Self {
            yes: self.no,
            no: self.yes,
        }
    }
}

/// What a leaf asks of one cell. Every comparison of finite numbers is an interval with both ends included (`> 3` is
/// "from the next double after 3"), so one kernel does them all.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// `low <= value && value <= high`
    Span { low: f64, high: f64 },
    /// Equal to one of these, in ascending order.
    In(Box<[f64]>),
    /// Not known.
    Missing,
    /// A population condition that has no cut yet.
    Open,
}

/// How an operand meets what is on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    /// A new group begins.
    Push,
    /// It joins the group on top.
    And,
    Or,
}

/// One step of the postfix program. There is no `not`: binding pushes it down to the leaves (De Morgan holds in Kleene
/// logic), so that every leaf is a condition that helps when it holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// A leaf; `negate` turns its answer round.
    Leaf {
        slot: Slot,
        test: Test,
        negate: bool,
        join: Join,
    },
    Constant {
        value: bool,
        join: Join,
    },
    /// The group on top joins the one below.
    Group(Join),
}

/// The condition of a leaf, or its opposite where it stands under a `not`.
#[derive(Debug, PartialEq)]
pub(super) struct Leaf {
    /// In canonical text.
    pub text: String,
    /// What that text says.
    pub node: Node,
}

/// What a leaf is called, beside the program so that the program stays small.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    pub leaf: Arc<Leaf>,
    pub column: String,
    pub unit: Option<Unit>,
    pub slot: Slot,
    /// The numbers the cell is compared with, as written (or as cut).
    pub ends: Vec<f64>,
    /// The position among the population conditions, if it is one.
    pub population: Option<usize>,
    /// Where the condition is in the text of the rule, if it is from one.
    pub bytes: Option<Range<usize>>,
}

/// A rule bound to a schema: it answers, and cannot fail.
///
/// A rule is meant for tables of the schema it was bound to; over a table with fewer columns everything is unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The whole expression in canonical text.
    pub(super) text: String,
    /// Where it is in the policy.
    pub(super) place: String,
    pub(super) steps: Vec<Step>,
    /// One for each leaf, in the order of the steps.
    pub(super) labels: Vec<Label>,
    pub(super) population: Vec<PopulationCondition>,
    /// How many groups are open at once, at most.
    pub(super) stack: usize,
    /// How many columns the schema had.
    pub(super) width: usize,
}

/// What watches the walk: nothing when deciding, the explanation otherwise.
pub(super) trait Watch {
    /// A leaf was answered; `group` is the answer of its group so far.
    fn leaf(&mut self, join: Join, answer: Mask, group: Mask);
    /// A constant or a whole group was joined.
    fn group(&mut self, join: Join, group: Mask, closes: bool);
}

impl Watch for () {
    #[inline(always)]
    fn leaf(&mut self, _: Join, _: Mask, _: Mask) {}
    #[inline(always)]
    fn group(&mut self, _: Join, _: Mask, _: bool) {}
}

/// Gives the conditions of several rules their cuts, in the order of the rules: all of them, or none on an error.
pub(crate) fn freeze_all<'r>(
    rules: impl IntoIterator<Item = &'r mut Rule>,
    cuts: &[Cut],
) -> Result<(), Error> {
    let rules: Vec<&mut Rule> = rules.into_iter().collect();
    let wanted: usize = rules.iter().map(|rule| rule.population.len()).sum();
    if cuts.len() != wanted {
        return Err(Error::misuse(format!(
            "{} cuts for {wanted} population conditions",
            cuts.len()
        )));
    }
    let mut rest = cuts;
    for rule in rules {
        let (own, others) = rest
            .split_at_checked(rule.population.len())
            .unwrap_or_default();
        rule.freeze(own)?;
        rest = others;
    }
    Ok(())
}

impl Rule {
    /// What it says, in canonical text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it is in the policy, such as `tiers[1].when`: the path it was bound at.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The conditions that need the population, in the order of the text.
    #[must_use]
    pub fn population(&self) -> &[PopulationCondition] {
        &self.population
    }

    /// Gives each of the [`population`](Self::population) conditions its cut, in the same order. Before, they are
    /// unknown for everybody.
    ///
    /// # Errors
    /// There are not as many cuts as conditions (`is_misuse`); the rule is then unchanged.
    pub fn freeze(&mut self, cuts: &[Cut]) -> Result<(), Error> {
        if cuts.len() != self.population.len() {
            return Err(Error::misuse(format!(
                "{} cuts for {} population conditions",
                cuts.len(),
                self.population.len()
            )));
        }
        let leaves = self.steps.iter_mut().filter_map(|step| match step {
            Step::Leaf { test, negate, .. } => Some((test, negate)),
            _ => None,
        });
        for ((test, negate), label) in leaves.zip(&mut self.labels) {
            if let Some(cut) = label.population.and_then(|i| cuts.get(i)) {
                (*test, *negate) = test_of(*cut);
                label.ends = cut.ends();
            }
        }
        Ok(())
    }

    /// The answer about one row.
    #[must_use]
    pub fn truth(&self, row: Row<'_>) -> Truth {
        self.block(row.table(), row.index(), 1).truth(0)
    }

    /// The answers about the `len` rows from `first` on (at most [`BLOCK`]): bit 0 is row `first`. A row past the end of
    /// the table reads as missing everywhere.
    #[must_use]
    pub fn block(&self, table: &Table, first: usize, len: usize) -> Mask {
        self.walk(table, first, len, &mut ())
    }

    pub(super) fn walk<W: Watch>(
        &self,
        table: &Table,
        first: usize,
        len: usize,
        watch: &mut W,
    ) -> Mask {
        // Nearly every rule fits the small stack, and clearing the large one takes longer than such a rule.
        if self.stack <= 4 {
            self.run::<4, W>(table, first, len, watch)
        } else {
            self.run::<128, W>(table, first, len, watch)
        }
    }

    fn run<const N: usize, W: Watch>(
        &self,
        table: &Table,
        first: usize,
        len: usize,
        watch: &mut W,
    ) -> Mask {
        let len = len.min(BLOCK);
        if len == 0 || table.schema().len() < self.width {
            return Mask::UNKNOWN;
        }
        let lanes = u64::MAX >> (BLOCK - len);
        let mut below = [Mask::UNKNOWN; N];
        let mut height = 0;
        let mut top = Mask::UNKNOWN;
        for step in &self.steps {
            let (answer, join) = match step {
                Step::Leaf {
                    slot,
                    test,
                    negate,
                    join,
                } => {
                    let cells = table.column(*slot).cells();
                    let end = first.saturating_add(len).min(cells.len());
                    let cells = cells.get(first..end).unwrap_or(&[]);
                    let answer = test.answer(cells, lanes);
                    let answer = if *negate { answer.not() } else { answer };
                    (answer, *join)
                }
                Step::Constant { value: true, join } => (Mask { yes: lanes, no: 0 }, *join),
                Step::Constant { value: false, join } => (Mask { yes: 0, no: lanes }, *join),
                Step::Group(join) => {
                    let closed = top;
                    height -= 1;
                    top = below.get(height).copied().unwrap_or_default();
                    (closed, *join)
                }
            };
            match join {
                Join::Push => {
                    if let Some(place) = below.get_mut(height) {
                        *place = top;
                    }
                    height += 1;
                    top = answer;
                }
                Join::And => top = top.and(answer),
                Join::Or => top = top.or(answer),
            }
            match step {
                Step::Leaf { .. } => watch.leaf(join, answer, top),
                Step::Constant { .. } => watch.group(join, top, false),
                Step::Group(_) => watch.group(join, top, true),
            }
        }
        top
    }
}

impl Test {
    #[inline]
    pub(super) fn answer(&self, cells: &[Cell], lanes: u64) -> Mask {
        match self {
            Self::Span { low, high } => {
                let (low, high) = (*low, *high);
                scan(cells, |v| (low <= v) & (v <= high))
            }
            Self::In(values) if values.len() <= 8 => scan(cells, |v| {
                values.iter().fold(false, |any, x| any | (*x == v))
            }),
            Self::In(values) => scan(cells, |v| {
                values.binary_search_by(|x| x.total_cmp(&v)).is_ok()
            }),
            Self::Missing => {
                let known = scan(cells, |_| true).yes;
                Mask {
                    yes: lanes & !known,
                    no: known,
                }
            }
            Self::Open => Mask::UNKNOWN,
        }
    }
}

/// One bit of each kind per cell, without a branch. `holds` is false for the NaN of a missing cell, or is masked.
#[inline(always)]
fn scan(cells: &[Cell], holds: impl Fn(f64) -> bool) -> Mask {
    let (mut yes, mut known) = (0_u64, 0_u64);
    for (lane, cell) in cells.iter().enumerate() {
        let value = cell.raw();
        yes |= u64::from(holds(value)) << lane;
        known |= u64::from(!value.is_nan()) << lane;
    }
    Mask {
        yes: yes & known,
        no: known & !yes,
    }
}

/// A cut as a test of the cell and whether to turn its answer round.
pub(super) fn test_of(cut: Cut) -> (Test, bool) {
    let span = |above: f64, up_to: f64| Test::Span {
        low: above.next_up(),
        high: up_to,
    };
    match cut {
        Cut::Unknown => (Test::Open, false),
        Cut::Always => (span(f64::NEG_INFINITY, f64::INFINITY), false),
        Cut::Never => (span(f64::NEG_INFINITY, f64::INFINITY), true),
        Cut::Above(above) => (span(above, f64::INFINITY), false),
        Cut::UpTo(up_to) => (span(f64::NEG_INFINITY, up_to), false),
        Cut::Within(above, up_to) => (span(above, up_to), false),
        Cut::Outside(above, up_to) => (span(above, up_to), true),
    }
}

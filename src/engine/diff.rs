//! What is another one in a second review of all customers.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::history::IdRef;
use crate::model::{CustomerId, Unit};
use crate::report::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::Found;
use crate::rules::language::ReportWord as Word;

use super::assessment::Assessment;
use super::bulk::Reviews;

/// What is another one about one customer between two reviews.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomerDiff {
    /// The customer.
    pub customer: CustomerId,
    /// The tier before and after; `None` on the side where the customer is not there.
    pub tier: [Option<String>; 2],
    /// The stage before and after; `None` where there is none.
    pub stage: [Option<String>; 2],
    /// The columns that have another value, in the order of the review after, then those that only the review before has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnDiff>,
}

/// A column that has another value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnDiff {
    /// The column.
    pub column: String,
    /// What the customer had there before; missing too if there was no such column.
    pub before: Found,
    /// What the customer has there after; missing too if there is no such column.
    pub after: Found,
}

impl CustomerDiff {
    /// The customer is in another tier.
    #[must_use]
    pub fn tier_changed(&self) -> bool {
        let [before, after] = &self.tier;
        before != after
    }

    /// Differences as a [sheet](Sheet): a line for each tier, stage and column that has another value, in their order.
    #[must_use]
    pub fn sheet(diffs: &[Self]) -> Sheet {
        let heads = cells![Word::Customer, Word::Column, Word::Before, Word::After];
        let mut table = SheetTable::new(heads).left(1);
        for diff in diffs {
            let customer = || Cell::literal(diff.customer.to_string());
            for (what, [before, after]) in [(Word::Tier, &diff.tier), (Word::Stage, &diff.stage)] {
                if before != after {
                    let [before, after] =
                        [before, after].map(|word| word.as_ref().map(Cell::literal));
                    table.row(cells![customer(), what, before, after]);
                }
            }
            for column in &diff.columns {
                let name = Cell::name(&column.column);
                table.row(cells![customer(), name, &column.before, &column.after]);
            }
        }
        Sheet::new(Word::TitleDifferences).table(table)
    }
}

impl Reviews<'_> {
    /// What is another one than in an earlier review, of the same policy or of another: one entry for each customer about whom
    /// anything differs, and for those who are in one of the reviews only; ascending by id. Two equal reviews have none.
    ///
    /// ```
    /// use customer_value::*;
    ///
    /// let policy: Policy = toml::from_str(r#"
    ///     head = { name = "two tiers", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
    /// "#)?;
    /// let engine = Engine::new(policy, &Catalog::standard())?;
    /// let sale = |on: &str| Transaction::purchase(7, on.parse()?, "60.00 EUR".parse()?);
    /// let sales = [sale("2024-03-01")?, sale("2024-05-01")?];
    /// let (spring, summer) = ("2024-03-31".parse()?, "2024-06-30".parse()?);
    ///
    /// let ledger = Ledger::from_transactions(&sales, engine.cleaning(summer));
    /// let (earlier, later) = (engine.population(&ledger.until(spring))?, engine.population(&ledger)?);
    /// let before = engine.review_all(&earlier, None, spring)?;
    /// let after = engine.review_all(&later, None, summer)?;
    ///
    /// let diff = after.diff(&before);
    /// assert_eq!(diff[0].tier, [Some("member".to_owned()), Some("gold".to_owned())]);
    /// assert_eq!(diff[0].columns[0].column, "spend");
    /// assert!(after.diff(&after).is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn diff(&self, before: &Reviews<'_>) -> Vec<CustomerDiff> {
        let mut out = Vec::new();
        walk(before, self, |id, positions| {
            let [a, b] = positions;
            let a = a.and_then(|position| before.at(position));
            let b = b.and_then(|position| self.at(position));
            let sides = [a.as_ref(), b.as_ref()];
            let diff = CustomerDiff {
                customer: id.to_id(),
                tier: sides.map(|side| side.map(|a| a.tier().to_owned())),
                stage: sides.map(|side| side.and_then(|a| a.stage()).map(str::to_owned)),
                columns: match sides {
                    [Some(before), Some(after)] => columns(before, after),
                    _ => Vec::new(),
                },
            };
            let [[a, b], [c, d]] = [&diff.tier, &diff.stage];
            if a != b || c != d || !diff.columns.is_empty() {
                out.push(diff);
            }
        });
        out
    }
}

/// Everybody who is in one of two reviews, ascending by id, with the positions in each.
pub(super) fn walk(
    before: &Reviews<'_>,
    after: &Reviews<'_>,
    mut visit: impl FnMut(IdRef<'_>, [Option<usize>; 2]),
) {
    let [old, new] = [before, after].map(|reviews| reviews.population().histories());
    let mut earlier = old.views(0..old.len()).enumerate().peekable();
    let mut later = new.views(0..new.len()).enumerate().peekable();
    loop {
        let order = match (earlier.peek(), later.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((_, (a, _))), Some((_, (b, _)))) => compare(*a, *b),
        };
        let a = earlier.next_if(|_| order.is_le());
        let b = later.next_if(|_| order.is_ge());
        let position = |side: &Option<(usize, _)>| side.as_ref().map(|(position, _)| *position);
        let positions = [position(&a), position(&b)];
        if let Some((_, (id, _))) = b.or(a) {
            visit(id, positions);
        }
    }
}

/// The order of ids: numbers before texts.
fn compare(a: IdRef<'_>, b: IdRef<'_>) -> Ordering {
    match (a, b) {
        (IdRef::Number(a), IdRef::Number(b)) => a.cmp(&b),
        (IdRef::Id(a), IdRef::Id(b)) => a.cmp(b),
        (IdRef::Number(a), IdRef::Id(b)) => b.as_number().map_or(Ordering::Less, |b| a.cmp(&b)),
        (IdRef::Id(a), IdRef::Number(b)) => a.as_number().map_or(Ordering::Greater, |a| a.cmp(&b)),
    }
}

fn columns(before: &Assessment<'_>, after: &Assessment<'_>) -> Vec<ColumnDiff> {
    let (old, new) = (before.engine().schema(), after.engine().schema());
    let gone = old.names().filter(|name| new.slot(name).is_none());
    let found = |of: &Assessment<'_>, name: &str| {
        let schema = of.engine().schema();
        let slot = schema.slot(name);
        let unit: Option<Unit> = slot.and_then(|slot| schema.field(slot)?.unit());
        slot.map_or(Found::Missing, |slot| Found::of(of.row(), slot, unit))
    };
    new.names()
        .chain(gone)
        .filter_map(|name| {
            let (before, after) = (found(before, name), found(after, name));
            (before != after).then(|| ColumnDiff {
                column: name.to_owned(),
                before,
                after,
            })
        })
        .collect()
}

//! The file of transactions, cleaned.

use customer_value::ledger::{self, Ledger, LedgerBuilder, TextRow};

use super::ending::one_line;
use super::rows::{Rows, Source};

/// A row that does not count, of any of the files.
pub struct Reject {
    /// Which file: `transactions`, `customers` or `referrals`.
    pub file: &'static str,
    /// From 0, without the header.
    pub row: u64,
    /// From 1, with the header.
    pub line: u64,
    pub field: String,
    pub reason: String,
    pub value: String,
}

impl Reject {
    /// Why the row does not count, in one line.
    #[allow(dead_code)] // `score` writes a file of them
    pub fn text(&self) -> String {
        let Self {
            file,
            line,
            field,
            reason,
            value,
            ..
        } = self;
        one_line(&format!(
            "{file}, line {line}: {field}: {reason}: `{value}`"
        ))
    }
}

/// The line of each row: one further than that of the row before, except at a few places.
#[derive(Default)]
struct LineOf {
    /// A row, and by how much its line and those of the rows after it are greater.
    jumps: Vec<(u64, u64)>,
}

impl LineOf {
    fn note(&mut self, row: u64, line: u64) {
        let more = line - row;
        if self.jumps.last().is_none_or(|(_, last)| *last != more) {
            self.jumps.push((row, more));
        }
    }

    fn line(&self, row: u64) -> u64 {
        let next = self.jumps.partition_point(|(first, _)| *first <= row);
        let more = next.checked_sub(1).map_or(0, |last| self.jumps[last].1);
        row + more
    }
}

/// The cleaned transactions.
pub struct Transactions {
    pub ledger: Ledger<'static>,
    pub ignored: Vec<String>,
}

pub fn read(
    source: &Source<'_>,
    options: ledger::Options,
    rejects: &mut Vec<Reject>,
) -> anyhow::Result<Transactions> {
    let required = ["customer", "date", "amount"];
    let optional = [
        "id",
        "kind",
        "refund_of",
        "currency",
        "category",
        "channel",
        "cost",
        "discount",
    ];
    let mut rows = Rows::open(source, &required, &optional)?;
    let mut builder = LedgerBuilder::new(options);
    let mut lines = LineOf::default();
    while let Some(row) = rows.next()? {
        lines.note(row.number, row.line);
        if row.readable {
            builder.text(TextRow {
                customer: row.get(0),
                date: row.get(1),
                amount: row.get(2),
                id: row.get(3),
                kind: row.get(4),
                refund_of: row.get(5),
                currency: row.get(6),
                category: row.get(7),
                channel: row.get(8),
                cost: row.get(9),
                discount: row.get(10),
            });
        } else {
            builder.unreadable(&row.shown());
        }
    }
    let ledger = builder.finish();
    rejects.extend(ledger.rejects().iter().map(|reject| Reject {
        file: "transactions",
        row: reject.position,
        line: lines.line(reject.position),
        field: reject.field.to_string(),
        reason: reject.reason.to_string(),
        value: reject.value.clone(),
    }));
    Ok(Transactions {
        ledger,
        ignored: rows.ignored().to_vec(),
    })
}

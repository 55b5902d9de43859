//! The data-quality report: what became of the rows.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Day;

use super::reject::{Field, Reason, Reject};

/// What became of the rows of an input.
///
/// `accepted + duplicate + rejected = read`, always.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Quality {
    /// Rows in the input.
    pub read: u64,
    /// Rows that count.
    pub accepted: u64,
    /// Rows that were there before.
    pub duplicate: u64,
    /// Duplicates by id whose customer, day, kind or amount differ from the row that counts.
    pub duplicate_differing: u64,
    /// Rows that do not count.
    pub rejected: u64,
    /// Rejected rows by reason.
    pub reasons: BTreeMap<Reason, u64>,
    /// Accepted purchases of nothing.
    pub zero_purchases: u64,
    /// Accepted refunds that name their purchase.
    pub refunds_named: u64,
    /// Accepted refunds that name no purchase and were matched to one of the same amount.
    pub refunds_matched: u64,
    /// Accepted refunds without a purchase; they lower spend on their own day.
    pub refunds_unlinked: u64,
    /// Purchases that were refunded in full and count as never made.
    pub purchases_undone: u64,
    /// Accepted rows converted from another currency.
    pub converted: u64,
    /// Rows with no field at fault whose customer was merged into another: accepted, duplicate, or a refund that
    /// its purchase rejects.
    pub merged: u64,
    /// Per field, how many of the rows read had something in it.
    pub filled: BTreeMap<Field, u64>,
    /// The first day with an accepted row.
    pub first_day: Option<Day>,
    /// The last day with an accepted row.
    pub last_day: Option<Day>,
}

impl Quality {
    pub(crate) fn reject(&mut self, reject: &Reject) {
        self.rejected += 1;
        *self.reasons.entry(reject.reason).or_default() += 1;
    }

    pub(crate) fn day(&mut self, day: Day) {
        self.first_day = Some(self.first_day.map_or(day, |first| first.min(day)));
        self.last_day = Some(self.last_day.map_or(day, |last| last.max(day)));
    }

    /// The share of rows read that had something in a field, 0 to 1; `None` when nothing was read.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a share of rows
    pub fn completeness(&self, field: Field) -> Option<f64> {
        let filled = self.filled.get(&field).copied().unwrap_or(0);
        (self.read > 0).then(|| filled as f64 / self.read as f64)
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rows read: {} accepted, {} duplicate, {} rejected",
            self.read, self.accepted, self.duplicate, self.rejected
        )?;
        if let (Some(first), Some(last)) = (self.first_day, self.last_day) {
            write!(f, "; {first} to {last}")?;
        }
        for (reason, rows) in &self.reasons {
            let what = match reason {
                Reason::Unreadable => "the row",
                _ => "a field",
            };
            write!(f, "\n  rejected: {rows} because {what} {reason}")?;
        }
        let notes = [
            (self.duplicate_differing, "duplicate ids with other content"),
            (self.zero_purchases, "purchases of nothing"),
            (self.refunds_named, "refunds of a named purchase"),
            (self.refunds_matched, "refunds matched by amount"),
            (self.refunds_unlinked, "refunds without a purchase"),
            (self.purchases_undone, "purchases refunded in full"),
            (self.converted, "amounts converted"),
            (self.merged, "rows of merged customers"),
        ];
        for (rows, what) in notes.into_iter().filter(|(rows, _)| *rows > 0) {
            write!(f, "\n  {rows} {what}")?;
        }
        Ok(())
    }
}

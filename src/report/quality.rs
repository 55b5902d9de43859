//! What became of the rows of an input, as a sheet.

use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::ledger::{Field, Quality, Reason};
use crate::rules::language::ReportWord as Word;

impl Quality {
    /// The report as a [sheet](Sheet): what became of the rows, why rows were rejected, and how often each field was filled. Counts
    /// of nothing are left out, except those of the rows.
    ///
    /// ```
    /// use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
    /// use customer_value::model::Currency;
    ///
    /// let days = [19_800, 99_999];
    /// let columns = Columns::new(CustomerColumn::Numbers(&[1, 2]), &days, &[5_00, 7_00]);
    /// let ledger = Ledger::from_columns(&columns, Options::new("2024-12-31".parse()?, Currency::EUR))?;
    /// assert!(ledger.quality().sheet().to_string().contains("\
    /// rejected because                        rows   share
    /// a field is after the day of the review     1  50.0 %
    /// "));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let share = |rows: u64| Cell::share(share(rows, self.read));
        let always = [
            (Word::Read, self.read),
            (Word::Accepted, self.accepted),
            (Word::Duplicate, self.duplicate),
            (Word::Rejected, self.rejected),
        ];
        let mut rows = SheetTable::new(cells![Word::Rows, Word::Number, Word::Share]);
        for (what, number) in always {
            rows.row(cells![what, number, share(number)]);
        }
        let notes = [
            (Word::DuplicateDiffering, self.duplicate_differing),
            (Word::ZeroPurchases, self.zero_purchases),
            (Word::RefundsNamed, self.refunds_named),
            (Word::RefundsMatched, self.refunds_matched),
            (Word::RefundsUnlinked, self.refunds_unlinked),
            (Word::PurchasesUndone, self.purchases_undone),
            (Word::Converted, self.converted),
            (Word::Merged, self.merged),
        ];
        for (what, number) in notes.into_iter().filter(|(_, number)| *number > 0) {
            rows.row(cells![what, number, share(number)]);
        }
        let mut sheet = Sheet::new(Word::TitleQuality);
        if let (Some(first), Some(last)) = (self.first_day, self.last_day) {
            sheet = sheet.note(Word::FirstDay, first).note(Word::LastDay, last);
        }
        sheet = sheet.table(rows);
        if !self.reasons.is_empty() {
            let heads = cells![Word::RejectedBecause, Word::Rows, Word::Share];
            let mut reasons = SheetTable::new(heads);
            for (reason, number) in &self.reasons {
                reasons.row(cells![because(*reason), *number, share(*number)]);
            }
            sheet = sheet.table(reasons);
        }
        if !self.filled.is_empty() {
            let mut fields = SheetTable::new(cells![Word::Field, Word::Filled, Word::Share]);
            for (name, number) in &self.filled {
                let share = Cell::share(self.completeness(*name));
                fields.row(cells![field(*name), *number, share]);
            }
            sheet = sheet.table(fields);
        }
        sheet
    }
}

#[allow(clippy::cast_precision_loss)] // a share
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn because(reason: Reason) -> Word {
    match reason {
        Reason::Unreadable => Word::RejectedUnreadable,
        Reason::Empty => Word::RejectedEmpty,
        Reason::NotADay => Word::RejectedNotADay,
        Reason::AfterAsOf => Word::RejectedAfterAsOf,
        Reason::NotANumber => Word::RejectedNotANumber,
        Reason::TooManyDecimals => Word::RejectedTooManyDecimals,
        Reason::TooLarge => Word::RejectedTooLarge,
        Reason::SumTooLarge => Word::RejectedSumTooLarge,
        Reason::Zero => Word::RejectedZero,
        Reason::Negative => Word::RejectedNegative,
        Reason::UnknownCurrency => Word::RejectedUnknownCurrency,
        Reason::NoRate => Word::RejectedNoRate,
        Reason::UnknownKind => Word::RejectedUnknownKind,
        Reason::NotARefund => Word::RejectedNotARefund,
        Reason::UnknownPurchase => Word::RejectedUnknownPurchase,
        Reason::PurchaseOfAnother => Word::RejectedPurchaseOfAnother,
        Reason::BeforePurchase => Word::RejectedBeforePurchase,
        Reason::AboveRemaining => Word::RejectedAboveRemaining,
        Reason::OtherCurrency => Word::RejectedOtherCurrency,
    }
}

fn field(field: Field) -> Word {
    match field {
        Field::Row => Word::FieldRow,
        Field::Customer => Word::Customer,
        Field::Date => Word::FieldDate,
        Field::Amount => Word::FieldAmount,
        Field::Id => Word::FieldId,
        Field::Kind => Word::FieldKind,
        Field::RefundOf => Word::FieldRefundOf,
        Field::Currency => Word::FieldCurrency,
        Field::Category => Word::Category,
        Field::Channel => Word::Channel,
        Field::Cost => Word::FieldCost,
        Field::Discount => Word::FieldDiscount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::language::{English, Phrase};

    /// The sheet says what the report says as text.
    #[test]
    fn the_words_of_reasons_and_fields_are_their_own() {
        let text = |word: Word| Phrase::from(word).text(&English);
        for reason in [
            Reason::Empty,
            Reason::NotADay,
            Reason::AfterAsOf,
            Reason::NotANumber,
            Reason::TooManyDecimals,
            Reason::TooLarge,
            Reason::SumTooLarge,
            Reason::Zero,
            Reason::Negative,
            Reason::UnknownCurrency,
            Reason::NoRate,
            Reason::UnknownKind,
            Reason::NotARefund,
            Reason::UnknownPurchase,
            Reason::PurchaseOfAnother,
            Reason::BeforePurchase,
            Reason::AboveRemaining,
            Reason::OtherCurrency,
        ] {
            assert_eq!(text(because(reason)), format!("a field {reason}"));
        }
        let unreadable = because(Reason::Unreadable);
        assert_eq!(text(unreadable), format!("the row {}", Reason::Unreadable));
        for name in [
            Field::Row,
            Field::Customer,
            Field::Date,
            Field::Amount,
            Field::Id,
            Field::Kind,
            Field::RefundOf,
            Field::Currency,
            Field::Category,
            Field::Channel,
            Field::Discount,
        ] {
            assert_eq!(text(field(name)), name.to_string());
        }
    }
}

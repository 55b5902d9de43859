//! Rows of text as files really have them: well-formed ones in many spellings, and wrong ones, each with its fate.

use ::proptest::prelude::*;
use ::proptest::sample::{Index, select};

use super::histories::{Events, HistoryOptions, histories};
use crate::ledger::{Field, Ledger, LedgerBuilder, Options, Reason, TextRow};
use crate::model::{Currency, Day, Days, TransactionKind};

/// One row of text that owns its fields; see [`TextRow`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
#[allow(missing_docs)] // the fields of `TextRow`
pub struct DirtyRow {
    pub customer: String,
    pub date: String,
    pub amount: String,
    pub id: String,
    pub kind: String,
    pub refund_of: String,
    pub currency: String,
    pub category: String,
    pub channel: String,
    pub cost: String,
    pub discount: String,
    /// What becomes of it: why it is rejected, or `None` if it counts or was there before.
    pub reject: Option<(Field, Reason)>,
}

impl DirtyRow {
    /// The row as a ledger takes it.
    #[must_use]
    pub fn as_row(&self) -> TextRow<'_> {
        TextRow {
            customer: &self.customer,
            date: &self.date,
            amount: &self.amount,
            id: &self.id,
            kind: &self.kind,
            refund_of: &self.refund_of,
            currency: &self.currency,
            category: &self.category,
            channel: &self.channel,
            cost: &self.cost,
            discount: &self.discount,
        }
    }
}

/// Rows of text, good and bad.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DirtyRows {
    /// What the good ones say.
    pub clean: Events,
    /// All rows, in the order of the file.
    pub rows: Vec<DirtyRow>,
}

impl DirtyRows {
    /// The ledger of the rows, with the default cleaning.
    #[must_use]
    pub fn ledger(&self) -> Ledger<'static> {
        let options = Options::new(self.clean.as_of, self.clean.currency);
        let mut builder = LedgerBuilder::new(options);
        self.rows.iter().for_each(|row| builder.text(row.as_row()));
        builder.finish()
    }
}

/// Rows of text: a population's rows in many spellings (white space, times of day, signs, absent kinds and currencies),
/// and between them up to six wrong ones, each with the field and the reason of its reject.
///
/// ```
/// use customer_value::interop::proptest::{HistoryOptions, text_rows};
/// use proptest::prelude::*;
///
/// proptest!(|(dirty in text_rows(&HistoryOptions::default()))| {
///     let wrong = dirty.rows.iter().filter(|row| row.reject.is_some()).count();
///     prop_assert_eq!(dirty.ledger().rejects().len(), wrong);
/// });
/// ```
pub fn text_rows(options: &HistoryOptions) -> impl Strategy<Value = DirtyRows> + Clone + use<> {
    let spellings = prop::collection::vec(any::<u8>(), 1..=16);
    let wrong = prop::collection::vec((any::<Index>(), select(&Wrong::ALL[..])), 0..=6);
    (histories(options), spellings, wrong).prop_map(|(clean, spellings, wrong)| {
        let mut rows: Vec<DirtyRow> = clean
            .rows
            .iter()
            .zip(spellings.iter().cycle())
            .map(|(row, spelling)| spelled(row, *spelling))
            .collect();
        for (at, wrong) in wrong {
            rows.insert(
                at.index(rows.len() + 1),
                wrong.row(clean.as_of, clean.currency),
            );
        }
        DirtyRows { clean, rows }
    })
}

/// One of the ways to write a row; each bit of `how` is a habit.
fn spelled(row: &crate::model::Transaction, how: u8) -> DirtyRow {
    let habit = |bit: u8| how >> bit & 1 == 1;
    let amount = row.amount().amount();
    let optional = |text: Option<&str>| text.unwrap_or("").to_owned();
    let money = |money: Option<crate::model::Money>| {
        money.map_or_else(String::new, |money| money.amount().to_string())
    };
    let refund = row.kind() == TransactionKind::Refund;
    let mut out = DirtyRow {
        customer: row.customer().to_string(),
        date: row.day().to_string(),
        // The sign of a refund does not matter, and without a kind it is what makes it one.
        amount: match refund && (habit(0) || habit(1)) {
            true => format!("-{amount}"),
            false => amount.to_string(),
        },
        id: optional(row.id()),
        kind: match row.kind() {
            TransactionKind::Refund | TransactionKind::Purchase if habit(1) => String::new(),
            kind => kind.to_string(),
        },
        refund_of: optional(row.refunded()),
        currency: if habit(2) {
            String::new()
        } else {
            row.amount().currency().to_string()
        },
        category: optional(row.category()),
        channel: optional(row.channel()),
        cost: money(row.cost()),
        discount: money(row.discount()),
        reject: None,
    };
    if habit(3) {
        out.date.push_str("T23:59:59");
    }
    if habit(4) {
        for text in [
            &mut out.customer,
            &mut out.date,
            &mut out.amount,
            &mut out.currency,
        ] {
            *text = format!(" {text}\t");
        }
    }
    out
}

/// What is wrong with a row that is otherwise fine.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    NoCustomer,
    NoDate,
    NotADay,
    Later,
    NoAmount,
    NotANumber,
    TooManyDecimals,
    TooLarge,
    Negative,
    UnknownKind,
    UnknownCurrency,
    NoRate,
    NotARefund,
    UnknownPurchase,
    NothingGivenBack,
    NegativeCost,
    DiscountNotANumber,
}

impl Wrong {
    const ALL: [Self; 17] = [
        Self::NoCustomer,
        Self::NoDate,
        Self::NotADay,
        Self::Later,
        Self::NoAmount,
        Self::NotANumber,
        Self::TooManyDecimals,
        Self::TooLarge,
        Self::Negative,
        Self::UnknownKind,
        Self::UnknownCurrency,
        Self::NoRate,
        Self::NotARefund,
        Self::UnknownPurchase,
        Self::NothingGivenBack,
        Self::NegativeCost,
        Self::DiscountNotANumber,
    ];

    fn row(self, as_of: Day, currency: Currency) -> DirtyRow {
        let mut row = DirtyRow {
            customer: "1".to_owned(),
            date: as_of.to_string(),
            amount: "7".to_owned(),
            ..DirtyRow::default()
        };
        let mut set = |field: Field, reason: Reason, text: &str| {
            let place = match field {
                Field::Customer => &mut row.customer,
                Field::Date => &mut row.date,
                Field::Kind => &mut row.kind,
                Field::RefundOf => &mut row.refund_of,
                Field::Currency => &mut row.currency,
                Field::Cost => &mut row.cost,
                Field::Discount => &mut row.discount,
                _ => &mut row.amount,
            };
            text.clone_into(place);
            row.reject = Some((field, reason));
        };
        let other = if currency == Currency::USD {
            "JPY"
        } else {
            "USD"
        };
        match self {
            Self::NoCustomer => set(Field::Customer, Reason::Empty, " "),
            Self::NoDate => set(Field::Date, Reason::Empty, ""),
            Self::NotADay => set(Field::Date, Reason::NotADay, "2024-02-30"),
            // There is no day after the last one.
            Self::Later if as_of == Day::MAX => set(Field::Date, Reason::NotADay, "10000-01-01"),
            Self::Later => {
                let later = as_of.plus(Days::new(1)).to_string();
                set(Field::Date, Reason::AfterAsOf, &later);
            }
            Self::NoAmount => set(Field::Amount, Reason::Empty, ""),
            Self::NotANumber => set(Field::Amount, Reason::NotANumber, "1,5"),
            Self::TooManyDecimals => set(Field::Amount, Reason::TooManyDecimals, "0.00001"),
            Self::TooLarge => set(Field::Amount, Reason::TooLarge, "99999999999999999999"),
            Self::Negative => {
                set(Field::Kind, Reason::Negative, "purchase");
                set(Field::Amount, Reason::Negative, "-7");
            }
            Self::UnknownKind => set(Field::Kind, Reason::UnknownKind, "gift"),
            Self::UnknownCurrency => set(Field::Currency, Reason::UnknownCurrency, "EURO"),
            Self::NoRate => set(Field::Currency, Reason::NoRate, other),
            Self::NotARefund => {
                set(Field::Kind, Reason::NotARefund, "purchase");
                set(Field::RefundOf, Reason::NotARefund, "0");
            }
            Self::UnknownPurchase => set(Field::RefundOf, Reason::UnknownPurchase, "nowhere"),
            Self::NothingGivenBack => {
                set(Field::Kind, Reason::Zero, "refund");
                set(Field::Amount, Reason::Zero, "0");
            }
            Self::NegativeCost => set(Field::Cost, Reason::Negative, "-1"),
            Self::DiscountNotANumber => set(Field::Discount, Reason::NotANumber, "half"),
        }
        row
    }
}

//! Which purchase a refund gives back.

use std::cmp::Reverse;

use hashbrown::HashMap;

use crate::model::{Day, Money, TransactionKind};

use super::effect::Effect;
use super::reject::{Field, Reason};
use super::row::Staged;

/// What became of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Link {
    /// Not a refund.
    None,
    /// A refund without a purchase.
    Unlinked,
    /// A refund of a purchase.
    To {
        effect: Effect<u32>,
        /// By id, rather than by amount.
        named: bool,
        /// Nothing is left of the purchase.
        undone: bool,
    },
    /// A refund that cannot be.
    Reject(Field, Reason),
}

/// What is left of a purchase.
#[derive(Debug, Clone, Copy)]
struct Left {
    /// Refunded so far, in the purchase's own currency.
    refunded: i64,
    /// The same in the reporting currency.
    reporting: i64,
    /// Cost recovered so far.
    cost: i64,
}

/// Links refunds to purchases, day by day, so that a later record never changes what an earlier refund was linked to.
///
/// On one day, refunds that name their purchase come first; an unnamed one takes the latest purchase of exactly its
/// amount that nothing was refunded of. Ties are broken by what the rows say, never by their order in the input.
pub(super) fn link<S: std::hash::BuildHasher>(
    rows: &[Staged],
    by_id: &HashMap<Box<str>, usize, S>,
    categories: &[&str],
) -> Vec<Link> {
    let mut links = vec![Link::None; rows.len()];
    let mut refunds: Vec<usize> = (0..rows.len())
        .filter(|i| {
            rows.get(*i)
                .is_some_and(|r| r.kind == TransactionKind::Refund)
        })
        .collect();
    if refunds.is_empty() {
        return links;
    }
    refunds.sort_by_key(|i| {
        rows.get(*i).map(|row| {
            (
                row.day,
                row.refund_of.is_none(),
                row.refund_of.as_deref(),
                row.amount.minor(),
                row.cost,
                categories.get(row.category as usize),
                row.position,
            )
        })
    });
    let mut candidates = unnamed_candidates(rows, by_id, categories);
    let mut left = LeftOf::default();
    for i in refunds {
        let (Some(refund), Some(link)) = (rows.get(i), links.get_mut(i)) else {
            continue;
        };
        let named = refund.refund_of.is_some();
        let purchase = match &refund.refund_of {
            Some(id) => match named_purchase(rows, by_id.get(id).copied(), refund) {
                Ok(purchase) => Some(purchase),
                Err(reason) => {
                    *link = Link::Reject(Field::RefundOf, reason);
                    continue;
                }
            },
            None => candidates
                .get_mut(&(refund.customer, refund.amount))
                .and_then(|candidates| candidates.take(refund.day, rows, &left)),
        };
        let Some((at, purchase)) = purchase.and_then(|p| Some((p, rows.get(p)?))) else {
            *link = Link::Unlinked;
            continue;
        };
        let before = left.get(&at).copied().unwrap_or(Left {
            refunded: 0,
            reporting: 0,
            cost: 0,
        });
        *link = match give_back(purchase, refund, before) {
            Ok((after, mut effect, undone)) => {
                left.insert(at, after);
                effect.category = purchase.effect().category;
                Link::To {
                    effect,
                    named,
                    undone,
                }
            }
            Err((field, reason)) => Link::Reject(field, reason),
        };
    }
    links
}

type LeftOf = HashMap<usize, Left, foldhash::fast::FixedState>;

/// A customer's purchases of one amount; refunds come by ascending day, so each is looked at once.
#[derive(Debug, Default)]
struct Candidates {
    /// Made after the refunds so far, the first of them last.
    ahead: Vec<usize>,
    /// Made before, the latest last.
    earlier: Vec<usize>,
}

impl Candidates {
    /// The latest up to a day that nothing was refunded of.
    fn take(&mut self, day: Day, rows: &[Staged], left: &LeftOf) -> Option<usize> {
        let is_due = |p: &mut usize| rows.get(*p).is_some_and(|row| row.day <= day);
        while let Some(purchase) = self.ahead.pop_if(is_due) {
            self.earlier.push(purchase);
        }
        // Nothing makes a purchase whole again, so one that is passed over here need not be kept.
        while let Some(purchase) = self.earlier.pop() {
            if !left.contains_key(&purchase) {
                return Some(purchase);
            }
        }
        None
    }
}

/// For every customer with an unnamed refund, their purchases of each amount, by day.
fn unnamed_candidates<S>(
    rows: &[Staged],
    by_id: &HashMap<Box<str>, usize, S>,
    categories: &[&str],
) -> HashMap<(u32, Money), Candidates, foldhash::quality::FixedState> {
    let mut all: HashMap<(u32, Money), Candidates, _> = HashMap::default();
    for row in rows {
        if row.kind == TransactionKind::Refund && row.refund_of.is_none() {
            all.entry((row.customer, row.amount)).or_default();
        }
    }
    if all.is_empty() {
        return all;
    }
    for (i, row) in rows.iter().enumerate() {
        if row.kind == TransactionKind::Purchase
            && let Some(candidates) = all.get_mut(&(row.customer, row.amount))
        {
            candidates.ahead.push(i);
        }
    }
    let mut ids: Vec<Option<&str>> = vec![None; rows.len()];
    for (id, row) in by_id {
        if let Some(slot) = ids.get_mut(*row) {
            *slot = Some(id);
        }
    }
    for candidates in all.values_mut() {
        // Among equals one without an id goes first: no refund can name it.
        candidates.ahead.sort_by_key(|i| {
            let id = ids.get(*i).copied().flatten();
            let what = rows.get(*i).map(|row| {
                let category = categories.get(row.category as usize);
                (row.day, category, row.cost, row.discount)
            });
            Reverse((what, id.is_none(), id))
        });
    }
    all
}

fn named_purchase(rows: &[Staged], found: Option<usize>, refund: &Staged) -> Result<usize, Reason> {
    let at = found.ok_or(Reason::UnknownPurchase)?;
    let purchase = rows.get(at).ok_or(Reason::UnknownPurchase)?;
    if purchase.kind != TransactionKind::Purchase {
        return Err(Reason::UnknownPurchase);
    }
    if purchase.customer != refund.customer {
        return Err(Reason::PurchaseOfAnother);
    }
    if purchase.day > refund.day {
        return Err(Reason::BeforePurchase);
    }
    Ok(at)
}

fn give_back(
    purchase: &Staged,
    refund: &Staged,
    before: Left,
) -> Result<(Left, Effect<u32>, bool), (Field, Reason)> {
    if purchase.amount.currency() != refund.amount.currency() {
        return Err((Field::Currency, Reason::OtherCurrency));
    }
    let whole = purchase.amount.minor();
    let refunded = before
        .refunded
        .checked_add(refund.amount.minor())
        .filter(|sum| *sum <= whole)
        .ok_or((Field::Amount, Reason::AboveRemaining))?;
    let undone = refunded == whole;
    // At the purchase's own rate, so that a full refund gives back exactly what was counted.
    let reporting = i64::try_from(
        i128::from(purchase.reporting) * i128::from(refunded) / i128::from(whole.max(1)),
    )
    .map_err(|_| (Field::Amount, Reason::TooLarge))?;
    let cost = if undone {
        purchase.cost
    } else {
        before.cost.saturating_add(refund.cost).min(purchase.cost)
    };
    let amount = reporting - before.reporting;
    let effect = Effect {
        day: purchase.day,
        purchases: -i64::from(undone),
        spend: -amount,
        gross: 0,
        refunds: amount,
        cost: before.cost - cost,
        discount: if undone { -purchase.discount } else { 0 },
        category: None,
    };
    let after = Left {
        refunded,
        reporting,
        cost,
    };
    Ok((after, effect, undone))
}

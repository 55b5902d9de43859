//! Which purchase a refund gives back.

use hashbrown::HashMap;

use crate::model::TransactionKind;

use super::builder::Staged;
use super::effect::Effect;
use super::reject::{Field, Reason};

/// What became of a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Link {
    /// Not a refund.
    None,
    /// A refund without a purchase.
    Unlinked,
    /// A refund of a purchase.
    To {
        effect: Effect,
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
/// amount that nothing was refunded of. Where several are equal in all that counts, any is right; the first is taken.
pub(super) fn link<S: std::hash::BuildHasher>(
    rows: &[Staged],
    by_id: &HashMap<Box<str>, usize, S>,
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
                row.refund_of.clone(),
                row.amount.minor(),
                row.cost,
                row.category,
                row.position,
            )
        })
    });
    let purchases = unnamed_candidates(rows);
    let mut left: HashMap<usize, Left, foldhash::fast::FixedState> = HashMap::default();
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
            None => purchases
                .get(&(refund.customer, refund.amount))
                .and_then(|candidates| {
                    let earlier = candidates
                        .partition_point(|p| rows.get(*p).is_some_and(|row| row.day <= refund.day));
                    candidates
                        .get(..earlier)?
                        .iter()
                        .rev()
                        .copied()
                        .find(|p| left.get(p).is_none_or(|l| l.refunded == 0))
                }),
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
            Err(reason) => Link::Reject(Field::Amount, reason),
        };
    }
    links
}

type Candidates = HashMap<(u32, crate::model::Money), Vec<usize>, foldhash::quality::RandomState>;

/// For every customer with an unnamed refund, their purchases of each amount, by day.
fn unnamed_candidates(rows: &[Staged]) -> Candidates {
    let mut candidates = Candidates::default();
    for row in rows {
        if row.kind == TransactionKind::Refund && row.refund_of.is_none() {
            candidates.entry((row.customer, row.amount)).or_default();
        }
    }
    for (i, row) in rows.iter().enumerate() {
        if row.kind == TransactionKind::Purchase
            && let Some(purchases) = candidates.get_mut(&(row.customer, row.amount))
        {
            purchases.push(i);
        }
    }
    for purchases in candidates.values_mut() {
        // By day; among equals by what they would take back, so that the order of the input does not matter.
        purchases.sort_by_key(|i| {
            rows.get(*i)
                .map(|r| (r.day, r.category, r.cost, r.discount, r.position))
        });
    }
    candidates
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
) -> Result<(Left, Effect, bool), Reason> {
    if purchase.amount.currency() != refund.amount.currency() {
        return Err(Reason::OtherCurrency);
    }
    let whole = purchase.amount.minor();
    let refunded = before
        .refunded
        .checked_add(refund.amount.minor())
        .filter(|sum| *sum <= whole)
        .ok_or(Reason::AboveRemaining)?;
    let undone = refunded == whole;
    // At the purchase's own rate, so that a full refund gives back exactly what was counted.
    let reporting = i64::try_from(
        i128::from(purchase.reporting) * i128::from(refunded) / i128::from(whole.max(1)),
    )
    .map_err(|_| Reason::TooLarge)?;
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

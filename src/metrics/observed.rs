//! For how long a customer was observed: what rates are divided by.

use crate::history::{Fact, Measure};
use crate::model::Day;
use crate::summary::Summary;

/// The days on which a customer could have bought, and what was bought on them.
///
/// In a bounded window, all its days. In a lifetime, the days after the first purchase up to the end: the clock of a
/// customer starts with the first purchase, which is no evidence of how often it ticks (Schmittlein, Morrison &
/// Colombo 1987: x purchases in (0, T]). So 4 monthly payments in 90 days are one per 30 days, not 4 ÷ 3.
pub(super) struct Observed {
    pub(super) first: Day,
    pub(super) last: Day,
}

static SPEND: Fact = Fact::new(Measure::Spend);

impl Observed {
    /// `None` if there is no such day, or no first purchase to count from.
    pub(super) fn of(customer: &Summary<'_>) -> Option<Self> {
        let bounds = customer.bounds();
        let last = bounds.last()?;
        let first = if bounds.first() > Day::MIN {
            bounds.first()
        } else {
            let purchase = customer.first_purchase()?;
            // The calendar ends with the day whose next is that day again.
            Some(purchase.next()).filter(|next| *next > purchase)?
        };
        (first <= last).then_some(Self { first, last })
    }

    /// How many days, at least 1.
    pub(super) fn days(&self) -> i128 {
        i128::from((self.last - self.first).get()) + 1
    }

    pub(super) fn purchases(&self, customer: &Summary<'_>) -> i128 {
        let before: i128 = customer
            .purchase_days()
            .take_while(|(day, _)| *day < self.first)
            .map(|(_, purchases)| i128::from(purchases))
            .sum();
        // Not negative, even of a history that is not yet merged with that of the purchases its refunds name.
        (i128::from(customer.purchases()) - before).max(0)
    }

    /// Minor units.
    pub(super) fn spend(&self, customer: &Summary<'_>) -> i128 {
        let before: i128 = customer
            .daily(&SPEND)
            .take_while(|(day, _)| *day < self.first)
            .map(|(_, spend)| i128::from(spend))
            .sum();
        customer.spend_minor() - before
    }

    /// Spend of the earlier and of the later half of the days, minor units; of an odd number the middle one is in neither.
    pub(super) fn halves(&self, customer: &Summary<'_>) -> (i128, i128) {
        let half = ((self.last - self.first).get() + 1) / 2;
        let (first, end) = (self.first.epoch_days(), self.last.epoch_days() + 1);
        (
            customer.spend_between(first, first + half),
            customer.spend_between(end - half, end),
        )
    }
}

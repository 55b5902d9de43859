//! The frozen referral numbers as metrics.

use std::sync::Arc;

use super::ReferralWeights;
use crate::metrics::Metric;
use crate::model::{Day, Unit};
use crate::summary::Summary;

/// One of the numbers of [`ReferralWeights`] as a metric; add it to a [`Catalog`](crate::metrics::Catalog).
///
/// It looks the customer up by [`Summary::id`]. Missing: the summary does not say whose it is, or there is no referral at
/// all. A customer who brought nobody has zero. Formulas and sources are in the [module](super).
///
/// ```
/// use customer_value::history::{History, Layout};
/// use customer_value::metrics::Metric;
/// use customer_value::metrics::referral::{ReferralGraph, ReferralMetric, ReferralReach};
/// use customer_value::model::{Currency, Referral, ReferralKind};
/// use customer_value::summary::{Summary, Window};
///
/// let as_of = "2024-12-31".parse()?;
/// let rows = [
///     Referral::new(1, 2, as_of, ReferralKind::TypeOne)?,
///     Referral::new(2, 3, as_of, ReferralKind::TypeOne)?,
/// ];
/// let reach = ReferralReach { depth: Some(2), damping: 0.5 };
/// let weights = ReferralGraph::build(&rows, as_of).0.counts(&reach)?;
///
/// let history = History::new(Layout::new(Currency::EUR, []));
/// let ann = 1.into();
/// let summary = Summary::new(history.view(), Window::Lifetime, as_of);
/// let credit = ReferralMetric::credit(weights);
/// assert_eq!(credit.value(&summary.clone().with_id(&ann), as_of), Some(1.5));
/// assert_eq!(credit.value(&summary, as_of), None);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReferralMetric {
    view: View,
    weights: Arc<ReferralWeights>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Direct,
    Credit,
    Attributed,
}

impl ReferralMetric {
    /// `referrals`: how many customers this one referred. A count.
    #[must_use]
    pub fn direct(weights: impl Into<Arc<ReferralWeights>>) -> Self {
        Self::new(View::Direct, weights)
    }

    /// `referral_credit`: the gross view, all that would be missing without this customer. Money, or a ratio where
    /// referees were counted.
    #[must_use]
    pub fn credit(weights: impl Into<Arc<ReferralWeights>>) -> Self {
        Self::new(View::Credit, weights)
    }

    /// `referral_attributed`: the additive view, in which each referee is shared out once. Money, or a ratio where
    /// referees were counted.
    #[must_use]
    pub fn attributed(weights: impl Into<Arc<ReferralWeights>>) -> Self {
        Self::new(View::Attributed, weights)
    }

    fn new(view: View, weights: impl Into<Arc<ReferralWeights>>) -> Self {
        Self {
            view,
            weights: weights.into(),
        }
    }
}

impl Metric for ReferralMetric {
    fn name(&self) -> &str {
        match self.view {
            View::Direct => "referrals",
            View::Credit => "referral_credit",
            View::Attributed => "referral_attributed",
        }
    }

    fn unit(&self) -> Unit {
        match self.view {
            View::Direct => Unit::Count,
            View::Credit | View::Attributed => self.weights.unit(),
        }
    }

    #[allow(clippy::cast_precision_loss)] // there are not 2^53 customers
    fn value(&self, customer: &Summary<'_>, _as_of: Day) -> Option<f64> {
        let id = customer.id()?;
        match self.view {
            View::Direct => self.weights.get(&id).map(|weight| weight.direct as f64),
            View::Credit => self.weights.credit(&id),
            View::Attributed => self.weights.attributed(&id),
        }
    }
}

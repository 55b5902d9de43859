//! A section `[allocation]` that has been checked.

use super::capacity::{CapacityPlan, Need, Resource, TierNeeds, share_capacity};
use super::curve::ResponseCurve;
use super::equity::AcquisitionRetention;
use super::spend::{Segment, SpendPlan, spread};
use crate::Error;
use crate::model::{Currency, Money};

/// Where money and time go, bound: made by [`AllocationSpec::bind`](super::AllocationSpec::bind).
#[derive(Debug, Clone, PartialEq)]
pub struct Allocation {
    pub(super) currency: Currency,
    pub(super) budget: Option<Money>,
    pub(super) by: Option<String>,
    pub(super) segments: Vec<BoundSegment>,
    pub(super) equity: Option<AcquisitionRetention>,
    pub(super) resources: Vec<Resource>,
    /// Every tier, best first, with what it needs of each resource.
    pub(super) tiers: Vec<(String, Vec<Need>)>,
}

/// A segment without its customers; amounts in minor units.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BoundSegment {
    pub name: String,
    pub value: Money,
    pub curve: ResponseCurve,
    pub floor: i64,
    pub cap: Option<i64>,
    pub floor_each: i64,
    pub cap_each: Option<i64>,
}

impl Allocation {
    /// What the policy says is to be spread, if it does.
    #[must_use]
    pub fn budget(&self) -> Option<Money> {
        self.budget
    }

    /// The column whose words the segments are; `None` if they are tiers.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        self.by.as_deref()
    }

    /// The names of the segments, in the order in which [`spread`](Self::spread) takes their customers.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().map(|segment| segment.name.as_str())
    }

    /// The names of the tiers, best first: the order in which [`share_capacity`](Self::share_capacity) takes their customers.
    pub fn tiers(&self) -> impl Iterator<Item = &str> {
        self.tiers.iter().map(|(tier, _)| tier.as_str())
    }

    /// Acquisition against retention, if the policy has it.
    #[must_use]
    pub fn equity(&self) -> Option<&AcquisitionRetention> {
        self.equity.as_ref()
    }

    /// Spreads a budget over the segments, of which each has so many customers: see [`spread`].
    ///
    /// # Errors
    /// Not as many numbers as segments, a budget in another currency (`is_misuse`); a budget below zero, floors that do not fit the budget or their own
    /// caps (`is_range`); floors per customer that exceed the range of money (`is_overflow`).
    pub fn spread(&self, budget: Money, customers: &[u64]) -> Result<SpendPlan, Error> {
        same_length("segments", self.segments.len(), customers)?;
        let money = |minor| Money::from_minor(minor, self.currency);
        let mut segments = Vec::with_capacity(customers.len());
        for (bound, &customers) in self.segments.iter().zip(customers) {
            let times = |each: i64| i128::from(each) * i128::from(customers);
            let floor = i64::try_from(times(bound.floor_each)).map_err(|_| {
                let message = format!(
                    "the floors of the customers of `{}` are too much",
                    bound.name
                );
                Error::overflow(message)
            })?;
            let segment = Segment::new(&bound.name, customers, bound.curve, bound.value)
                .floor(money(floor.max(bound.floor)));
            // A cap beyond the range of money is none.
            let each = bound
                .cap_each
                .and_then(|each| i64::try_from(times(each)).ok());
            let cap = each.into_iter().chain(bound.cap).min();
            segments.push(match cap {
                Some(cap) => segment.cap(money(cap)),
                None => segment,
            });
        }
        spread(budget, &segments)
    }

    /// Shares out the time of the resources among the tiers, of which each has so many customers, best first: see
    /// [`share_capacity`].
    ///
    /// # Errors
    /// Not as many numbers as tiers (`is_misuse`); minutes that exceed `u64` (`is_overflow`).
    pub fn share_capacity(&self, customers: &[u64]) -> Result<CapacityPlan, Error> {
        same_length("tiers", self.tiers.len(), customers)?;
        let tiers: Vec<TierNeeds> = self
            .tiers
            .iter()
            .zip(customers)
            .map(|((tier, needs), &customers)| TierNeeds {
                tier: tier.clone(),
                customers,
                needs: needs.clone(),
            })
            .collect();
        share_capacity(&self.resources, &tiers)
    }
}

fn same_length(what: &str, wanted: usize, customers: &[u64]) -> Result<(), Error> {
    if customers.len() == wanted {
        return Ok(());
    }
    Err(Error::misuse(format!(
        "there are {wanted} {what}, and numbers of customers for {}",
        customers.len()
    )))
}

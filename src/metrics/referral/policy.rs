//! What the company decides about referrals: how far they reach, and what they save and cost.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Money, ReferralKind};

/// How far up the chain of referrers a referee counts, and how much less at every level.
///
/// The default is the direct referrer only, as in Kumar, Petersen & Leone (2007).
///
/// ```
/// use customer_value::metrics::referral::ReferralReach;
///
/// let reach = ReferralReach { depth: Some(3), damping: 0.5 };
/// assert!(reach.check("referral").is_empty());
///
/// let wrong = ReferralReach { depth: Some(0), damping: 1.5 };
/// assert_eq!(wrong.check("referral").len(), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReferralReach {
    /// How many levels of referrers a referee counts for: 1 (the referrer) to [`MAX_DEPTH`](Self::MAX_DEPTH),
    /// or `None` for the whole chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<usize>,
    /// The factor for every level after the first, 0 to 1: at level l a referee counts `damping^(l − 1)` times.
    pub damping: f64,
}

impl Default for ReferralReach {
    fn default() -> Self {
        Self {
            depth: Some(1),
            damping: 0.5,
        }
    }
}

impl ReferralReach {
    /// The largest depth that is a number. The work grows with it, while the whole chain takes one pass.
    pub const MAX_DEPTH: usize = 64;

    /// What is wrong with it, each problem at its place under `path`.
    #[must_use]
    pub fn check(&self, path: &str) -> Diagnostics {
        let mut found = Diagnostics::new();
        let mut outside = |field: &str, message: String, help: &str| {
            let place = Place::at(format!("{path}.{field}"));
            found.push(Diagnostic::error(Code::Range, place, message).help(help));
        };
        if let Some(depth) = self.depth
            && !(1..=Self::MAX_DEPTH).contains(&depth)
        {
            outside(
                "depth",
                format!(
                    "a referral depth of `{depth}` is outside 1 to {}",
                    Self::MAX_DEPTH
                ),
                "1 is the direct referrer; leave it out for the whole chain",
            );
        }
        if !(0.0..=1.0).contains(&self.damping) {
            outside(
                "damping",
                format!("a referral damping of `{}` is outside 0 to 1", self.damping),
                "it is the factor for every further level, such as 0.5",
            );
        }
        found
    }

    /// The weight of each level, the nearest first.
    pub(super) fn weights(self) -> impl Iterator<Item = f64> {
        std::iter::successors(Some(1.0), move |weight| Some(weight * self.damping))
    }
}

/// What a referral saves and costs the company, per referee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferralTerms {
    /// What it costs to acquire a customer who is not referred, in the reporting currency.
    pub acquisition_saved: Money,
    /// What is paid for a referral that brings a customer who would not have come otherwise, in the same currency.
    pub incentive: Money,
}

impl ReferralTerms {
    /// What is wrong with it, each problem at its place under `path`.
    #[must_use]
    pub fn check(&self, path: &str) -> Diagnostics {
        let mut found = Diagnostics::new();
        for (field, amount) in [
            ("acquisition_saved", self.acquisition_saved),
            ("incentive", self.incentive),
        ] {
            if amount.is_negative() {
                let place = Place::at(format!("{path}.{field}"));
                let message = format!("`{amount}` is negative");
                found.push(Diagnostic::error(Code::Range, place, message));
            }
        }
        let (saved, paid) = (self.acquisition_saved.currency(), self.incentive.currency());
        if saved != paid {
            let place = Place::at(format!("{path}.incentive"));
            let message =
                format!("the incentive is in `{paid}`, the acquisition cost in `{saved}`");
            let help = "state both in the reporting currency";
            found.push(Diagnostic::error(Code::Conflict, place, message).help(help));
        }
        found
    }

    /// What one referee is worth to the referrers, in minor units.
    ///
    /// Type one: `value` + acquisition cost saved − incentive. Type two: acquisition cost saved.
    pub(super) fn creditable(&self, kind: ReferralKind, value: i64) -> i128 {
        let saved = i128::from(self.acquisition_saved.minor());
        match kind {
            ReferralKind::TypeOne => i128::from(value) + saved - i128::from(self.incentive.minor()),
            ReferralKind::TypeTwo => saved,
        }
    }
}

/// The first problem as an error.
pub(super) fn refuse(problems: Diagnostics) -> Result<(), Error> {
    match problems.iter().next() {
        Some(problem) => Err(Error::range(problem.to_string())),
        None => Ok(()),
    }
}

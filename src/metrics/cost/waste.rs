//! What a policy says about money spent for nothing.

use serde::{Deserialize, Serialize};

use super::category::slip;
use super::spec::amount;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{CostCategory, Currency, Days, Money};

/// What the customers of a tier may cost a year in one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntitlementSpec {
    /// The name of the tier.
    pub tier: String,
    /// The category of service costs.
    pub category: CostCategory,
    /// The most for one customer in 365 days; zero or more.
    pub per_year: Money,
}

/// Which booked service costs were for nothing: `[cost_to_serve.waste]` of a policy.
///
/// [The page on cost](crate::docs::cost) says what it means. What a tier may cost altogether is its `cost_per_year`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WasteSpec {
    /// How long after a cost a purchase counts as its return; from the same day on.
    pub within: Days,
    /// Below which `p_purchase` no purchase is expected either, above 0 and at most 1; if left out, what is expected is not
    /// asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_purchase_below: Option<f64>,
    /// What customers are entitled to by category; nothing is above an entitlement that is not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<EntitlementSpec>,
}

impl WasteSpec {
    /// Without entitlements, and without asking what is expected.
    #[must_use]
    pub fn new(within: Days) -> Self {
        Self {
            within,
            p_purchase_below: None,
            entitlements: Vec::new(),
        }
    }

    /// Binds the part, or reports everything that is wrong with it, at places such as
    /// `cost_to_serve.waste.entitlements[0].tier`: a time below zero, a probability that is not above 0 and at most 1, a tier
    /// that is not there, an entitlement that is there twice, and amounts that are negative or in another currency; as a
    /// warning, a category that is nearly a common one.
    pub fn bind(
        &self,
        tiers: &[&str],
        currency: Currency,
        problems: &mut Diagnostics,
    ) -> Option<WasteRules> {
        let before = problems.len();
        let path = |field: &str| Place::at(format!("cost_to_serve.waste.{field}"));
        if self.within.get() < 0 {
            let message = format!("`{}` is less than no time", self.within);
            problems.push(Diagnostic::error(Code::Range, path("within"), message));
        }
        if let Some(below) = self.p_purchase_below.filter(|p| !(*p > 0.0 && *p <= 1.0)) {
            let message = format!("a probability of {below} is not above 0 and at most 1");
            let place = path("p_purchase_below");
            problems.push(Diagnostic::error(Code::Range, place, message));
        }
        for (i, entitlement) in self.entitlements.iter().enumerate() {
            let field = |name: &str| path(&format!("entitlements[{i}].{name}"));
            let EntitlementSpec {
                tier,
                category,
                per_year,
            } = entitlement;
            if !tiers.contains(&tier.as_str()) {
                let message = format!("there is no tier `{tier}`");
                let problem = Diagnostic::error(Code::UnknownName, field("tier"), message);
                problems.push(problem.did_you_mean(tier, tiers.iter().copied()));
            }
            let same = |other: &EntitlementSpec| (&other.tier, &other.category) == (tier, category);
            if self.entitlements.iter().take(i).any(same) {
                let message = format!("the tier `{tier}` has another entitlement of `{category}`");
                problems.push(Diagnostic::error(
                    Code::DuplicateName,
                    field("category"),
                    message,
                ));
            }
            if let Some(problem) = slip(category, field("category")) {
                problems.push(problem);
            }
            amount(*per_year, currency, &field("per_year").path, problems);
        }
        let mut new = problems.iter().skip(before);
        if new.any(|d| d.severity == Severity::Error) {
            return None;
        }
        Some(WasteRules {
            within: self.within,
            p_purchase_below: self.p_purchase_below,
            entitlements: self.entitlements.clone(),
        })
    }
}

/// Which booked service costs were for nothing: bound, for [`WasteReport`](crate::report::WasteReport).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WasteRules {
    within: Days,
    #[serde(with = "crate::model::exact::option")]
    p_purchase_below: Option<f64>,
    entitlements: Vec<EntitlementSpec>,
}

impl WasteRules {
    /// How long after a cost a purchase counts as its return; zero or more.
    #[must_use]
    pub fn within(&self) -> Days {
        self.within
    }

    /// Whether no purchase is expected of a customer with this `p_purchase`; of one for whom it is not known, that is not
    /// known, so no.
    #[must_use]
    pub fn expects_none(&self, p_purchase: Option<f64>) -> bool {
        match self.p_purchase_below {
            Some(below) => p_purchase.is_some_and(|p| p < below),
            None => true,
        }
    }

    /// Whether it asks what is expected.
    #[must_use]
    pub fn asks_expectation(&self) -> bool {
        self.p_purchase_below.is_some()
    }

    /// What a customer of a tier may cost a year in one category, in minor units; `None` if nothing is said.
    #[must_use]
    pub fn entitlement(&self, tier: &str, category: &CostCategory) -> Option<i64> {
        let mut all = self.entitlements.iter();
        let found = all.find(|e| e.tier == tier && e.category == *category);
        found.map(|entitlement| entitlement.per_year.minor())
    }
}

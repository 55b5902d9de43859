//! Two policies over one population.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::history::{Fact, Layout};
use crate::ledger::Ledger;
use crate::model::{CustomerId, Day, Money};
use crate::report::CrossTable;
use crate::rules::Condition;

use super::super::Engine;
use super::super::population::{Population, Standings};
use super::compare::{Comparison, Value};
use super::reason::{MoveReason, Sides, StayReason};

/// What a comparison of two policies looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct WhatIfOptions {
    /// The column whose shares are given, a number of either policy; if both have it, that of the policy before. `spend` where
    /// neither has such a column is the spend of the whole lifetime.
    pub value: String,
    /// How many movers are listed with their conditions, from the start of the population.
    pub movers: usize,
}

impl Default for WhatIfOptions {
    /// Shares of `spend`, and 100 movers.
    fn default() -> Self {
        Self {
            value: SPEND.to_owned(),
            movers: 100,
        }
    }
}

pub(super) const SPEND: &str = "spend";

/// The name and the version of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The policy's name.
    pub policy: String,
    /// Its version.
    pub version: String,
}

impl Named {
    pub(super) fn of(engine: &Engine) -> Self {
        let head = &engine.policy().head;
        Self {
            policy: head.name.clone(),
            version: head.version.clone(),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` version {}", self.policy, self.version)
    }
}

/// What a second policy would change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// The policy before.
    pub before: Named,
    /// The policy after.
    pub after: Named,
    /// The day of both reviews.
    pub as_of: Day,
    /// How many customers were reviewed.
    pub customers: u64,
    /// From the tiers before (down) to the tiers after (across).
    pub migration: CrossTable,
    /// How many customers come to another tier: one of another name, which replaces the first under neither policy.
    pub moved: u64,
    /// Why, the most frequent first.
    pub reasons: Vec<MoveReason>,
    /// Why others stay who do not qualify for their tier, the most frequent first; nobody without movement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stays: Vec<StayReason>,
    /// The first movers, in the order of the population; [`moved`](Self::moved) counts all of them.
    pub movers: Vec<Mover>,
    /// The column whose shares are given.
    pub value: String,
    /// The tiers before, best first.
    pub tiers_before: Vec<TierShare>,
    /// The tiers after, best first.
    pub tiers_after: Vec<TierShare>,
    /// What the tiers before cost in a year, by their `cost_per_year`.
    pub cost_before: Cost,
    /// What the tiers after cost in a year.
    pub cost_after: Cost,
    /// Every entitlement that somebody gains or loses, in the order of the alphabet.
    pub entitlements: Vec<EntitlementChange>,
}

/// A customer who comes to another tier, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mover {
    /// The position in the population.
    pub position: usize,
    /// The customer.
    pub customer: CustomerId,
    /// The tier before.
    pub from: String,
    /// The tier after.
    pub to: String,
    /// The reason, as it is counted in [`WhatIf::reasons`].
    pub reason: String,
    /// The conditions that decided before, with this customer's values.
    pub before: Vec<Condition>,
    /// The conditions that decide after, with this customer's values.
    pub after: Vec<Condition>,
    /// The day from which what holds the tier before does so no more ([`MoveReason::held_before`]), where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_before: Option<Day>,
    /// The day from which what holds the tier after does so no more ([`MoveReason::held_after`]), where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_after: Option<Day>,
}

/// The customers of a tier and their part of the value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierShare {
    /// The tier.
    pub tier: String,
    /// How many customers.
    pub customers: u64,
    /// Their part of all customers, 0 to 1; `None` if there is nobody.
    pub customer_share: Option<f64>,
    /// The sum of the column over them, in its unit (money: major units); who has no known value adds nothing.
    pub value: f64,
    /// Their part of the sum over all customers: 0 to 1 where no tier's is negative. `None` if the whole is not positive.
    pub value_share: Option<f64>,
}

/// What the tiers of everybody cost in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// The sum over the customers in tiers whose cost is known; it stops at the ends of `i64` minor units.
    pub amount: Money,
    /// How many customers are in tiers whose cost is not known.
    pub unknown: u64,
}

/// How many customers would gain and lose an entitlement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntitlementChange {
    /// The entitlement.
    pub entitlement: String,
    /// How many have it only after.
    pub gained: u64,
    /// How many have it only before.
    pub lost: u64,
}

impl WhatIf {
    /// What the tiers after cost more in a year; negative if they cost less. `None` where the cost of a tier that somebody is
    /// in is not known.
    #[must_use]
    pub fn cost_difference(&self) -> Option<Money> {
        let known = self.cost_before.unknown == 0 && self.cost_after.unknown == 0;
        let difference = self.cost_after.amount.checked_sub(self.cost_before.amount);
        difference.ok().filter(|_| known)
    }
}

impl Engine {
    /// The customers of a ledger, with the facts that this policy and another one need and with
    /// [its records](Ledger::records): what both can review.
    ///
    /// # Errors
    /// The ledger or the other policy is in another currency (`is_misuse`), or a total does not fit 64 bits (`is_overflow`).
    pub fn shared_population(
        &self,
        other: &Engine,
        ledger: &Ledger<'_>,
    ) -> Result<Population, Error> {
        let layout = self.layout_with(other.layout.facts().iter().cloned());
        other.check_layout(&layout)?;
        Population::of(ledger, &layout)
    }

    /// The facts it needs, and some more.
    pub(super) fn layout_with(&self, facts: impl Iterator<Item = Fact>) -> Layout {
        let own = self.layout.facts().iter().cloned();
        Layout::new(self.layout.currency(), own.chain(facts))
    }

    /// What would change if this policy were replaced by another one on a day.
    ///
    /// Both engines are to be [fitted](Self::fitted_to), if they need it, to this population; both get the same standings. Without
    /// standings it is a first review under both. With them, a policy with movement that knows them makes up for the days since
    /// their last review, and another one takes them over as its `policy_change` says
    /// ([`docs::movement`](crate::docs::movement)); what beside conditions decides then ([`Held`](super::Held)) is told
    /// of those who move ([`WhatIf::reasons`]) and of those who stay ([`WhatIf::stays`]). A tier is the same as one that it
    /// `replaces`.
    ///
    /// Everybody is reviewed block by block and nothing is kept of who does not move: the memory it takes grows with the
    /// number of reasons, not with that of the customers. With the `rayon` feature this runs on rayon's current thread pool;
    /// the result does not depend on it.
    ///
    /// # Errors
    /// The histories lack facts that one of the policies needs, or are in another currency
    /// ([`shared_population`](Self::shared_population) makes them); neither policy has the column of the value (`is_misuse`).
    pub fn what_if<'s>(
        &self,
        other: &Engine,
        population: &Population,
        standings: impl Into<Option<&'s Standings>>,
        as_of: Day,
        options: &WhatIfOptions,
    ) -> Result<WhatIf, Error> {
        let standings = standings.into().filter(|standings| !standings.is_empty());
        for engine in [self, other] {
            engine.check_layout(population.histories().layout())?;
        }
        let comparison = Comparison {
            sides: Sides::new(self, other),
            population,
            standings,
            as_of,
            value: Value::of(self, other, &options.value)?,
            listed: options.movers,
        };
        Ok(comparison.run(options))
    }
}

//! Why one customer gets an offer or none.

use serde::{Deserialize, Serialize};

use super::list::{Candidate, Closed, WinBack};
use super::outcome::{Chosen, Suppression};
use crate::model::{CustomerId, Day, Money};
use crate::rules::{Condition, Truth};

/// What an offer is to one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// It is for those who left for other reasons.
    OtherReasons(Vec<String>),
    /// Its rule is not true.
    RuleNotTrue,
    /// It is open, and what the customer is worth is not known.
    ValueUnknown,
    /// It is open, with this net value.
    Open(Money),
}

/// One offer, seen from one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferExplanation {
    /// The name of the offer.
    pub offer: String,
    /// Whether it is open, and its net value.
    pub state: OfferState,
    /// The conditions of its rule as they stand for this customer; none if it has no rule.
    pub conditions: Vec<Condition>,
}

/// What comes of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WinBackVerdict {
    /// `when` is not true.
    NotACandidate,
    /// No offer is made, because of this.
    Suppressed(Suppression),
    /// The best offer; limits, which concern the whole list, may still give them another one or none.
    Best(Chosen),
}

/// All that a customer's place on a list rests on, but for the limits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WinBackExplanation {
    /// The customer.
    pub customer: CustomerId,
    /// Whether `when` is true.
    pub candidate: Truth,
    /// `when` in canonical text.
    pub rule: String,
    /// Its conditions as they stand for this customer.
    pub conditions: Vec<Condition>,
    /// What the customer is worth; missing if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Money>,
    /// Why they left; missing if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The offers, in the order of the policy.
    pub offers: Vec<OfferExplanation>,
    /// What comes of it.
    pub verdict: WinBackVerdict,
}

impl WinBackExplanation {
    /// Every condition in it, to say more about its column.
    pub(crate) fn conditions_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        let offers = self.offers.iter_mut();
        let of_offers = offers.flat_map(|offer| &mut offer.conditions);
        self.conditions.iter_mut().chain(of_offers)
    }
}

impl WinBack {
    /// Why a customer gets an offer or none: the same decisions as those of [`list`](Self::list), with what they rest on.
    #[must_use]
    pub fn explain(&self, candidate: &Candidate<'_>, as_of: Day) -> WinBackExplanation {
        let money = |minor| Money::from_minor(minor, self.currency);
        let value = self.value(candidate.row);
        let offers = self.offers.iter().map(|offer| OfferExplanation {
            offer: offer.name.clone(),
            state: match (offer.closed(candidate), value) {
                (Some(Closed::Reason), _) => OfferState::OtherReasons(offer.reasons.clone()),
                (Some(Closed::Rule), _) => OfferState::RuleNotTrue,
                (None, None) => OfferState::ValueUnknown,
                (None, Some(value)) => OfferState::Open(money(offer.net(value))),
            },
            conditions: (offer.when.iter())
                .flat_map(|rule| rule.explain(candidate.row))
                .collect(),
        });
        let truth = self.when.truth(candidate.row);
        WinBackExplanation {
            customer: candidate.id.clone(),
            candidate: truth,
            rule: self.when.text().to_owned(),
            conditions: self.when.explain(candidate.row),
            value: value.map(money),
            reason: candidate.reason.map(str::to_owned),
            offers: offers.collect(),
            verdict: match (truth, self.barred(candidate, as_of)) {
                (Truth::True, None) => match self.best(candidate) {
                    Ok(best) => WinBackVerdict::Best(best),
                    Err(why) => WinBackVerdict::Suppressed(why),
                },
                (Truth::True, Some(why)) => WinBackVerdict::Suppressed(why),
                _ => WinBackVerdict::NotACandidate,
            },
        }
    }
}

//! What came after a review: did the tiers find the customers who brought the profit of the next period?

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::history::{Fact, Measure};
use crate::model::{Currency, Day, Money};
use crate::parallel;
use crate::report::Ranking;
use crate::summary::Summary;

use super::super::Engine;
use super::block::names;
use super::compare::share;

/// What is looked at in the next period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Spend, net of refunds.
    #[default]
    Spend,
    /// Spend less the cost of goods, where the records have it; a record without a cost has none.
    Margin,
}

impl Outcome {
    const ALL: [(Self, &'static str); 2] = [(Self::Spend, "spend"), (Self::Margin, "margin")];

    /// The facts that histories must have for it.
    pub(super) fn facts(self) -> Vec<Fact> {
        match self {
            Self::Spend => Vec::new(),
            Self::Margin => vec![Fact::new(Measure::Cost)],
        }
    }

    /// In minor units; it stops at the ends of `i64`.
    pub(super) fn minor(self, summary: &Summary<'_>) -> i64 {
        let cost = match self {
            Self::Spend => 0,
            Self::Margin => summary.total(&Fact::new(Measure::Cost)).unwrap_or(0),
        };
        clamp(summary.spend_minor().saturating_sub(cost))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(outcome, _)| outcome == self);
        f.write_str(name.map_or("", |(_, name)| name))
    }
}

impl FromStr for Outcome {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let outcome = Self::ALL.iter().find(|(_, name)| *name == text.trim());
        outcome
            .map(|(outcome, _)| *outcome)
            .ok_or_else(|| Error::parse("outcome", text, "an outcome is `spend` or `margin`"))
    }
}

/// What the customers of a review brought in the period after it, and how well the tiers had found them.
///
/// The amounts are those of the records of that period as they were known at its close. A refund of an earlier purchase counts
/// on the day of that purchase, hence not here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeQuality {
    /// The first day after the review.
    pub from: Day,
    /// The day of the next review.
    pub to: Day,
    /// What the customers of the review brought.
    pub total: Money,
    /// What customers brought who were not there yet; no tier had them, and no share below is of it.
    pub newcomers: Money,
    /// The tiers, best first.
    pub tiers: Vec<TierOutcome>,
    /// The tiers as a ranking of the customers, and other rankings to compare with.
    pub rankings: Vec<RankingQuality>,
}

/// What the customers of one tier brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierOutcome {
    /// The tier.
    pub tier: String,
    /// How many customers it had at the review.
    pub customers: u64,
    /// What they brought.
    pub value: Money,
    /// Their part of what all brought; `None` where that is not positive.
    pub share: Option<f64>,
}

/// What customers are ranked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RankedBy {
    /// The tier; all customers of one tier have one rank.
    Tier,
    /// The spend of the whole lifetime, up to the review.
    Spend,
    /// The sum of the R, F and M scores: the policy's, or those of quintiles where it has none.
    Rfm,
    /// The predicted lifetime value; only where the policy predicts.
    PredictedLtv,
    /// The outcome itself: what no ranking can do better.
    Perfect,
}

impl RankedBy {
    fn name(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Spend => "spend",
            Self::Rfm => "rfm",
            Self::PredictedLtv => "predicted_ltv",
            Self::Perfect => "perfect",
        }
    }
}

impl fmt::Display for RankedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How well a ranking found the customers who brought most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankingQuality {
    /// What it ranks by.
    pub by: RankedBy,
    /// Its Gini coefficient ([`Ranking::gini`]).
    pub gini: Option<f64>,
    /// How much its first customers brought: as many as are in the best tier, in the two best, and so on without the base.
    pub top: Vec<TopQuality>,
}

/// How much the first customers of a ranking brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopQuality {
    /// How many customers are looked at.
    pub customers: u64,
    /// Their part of what all brought ([`Ranking::share`]).
    pub share: Option<f64>,
    /// How many times as much as that many customers taken at random ([`Ranking::lift`]).
    pub lift: Option<f64>,
}

/// What customers were ranked by at a review, in the order of the population.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pub(super) spend: Vec<Option<f64>>,
    pub(super) rfm: Vec<Option<f64>>,
    /// `None` where the policy predicts nothing.
    pub(super) ltv: Option<Vec<Option<f64>>>,
}

impl OutcomeQuality {
    /// `places`: the tier of each customer, counted from the best.
    pub(super) fn of(
        engine: &Engine,
        (from, to): (Day, Day),
        places: &[u16],
        keys: &Keys,
        values: &[i64],
        newcomers: i128,
    ) -> Self {
        let currency = engine.policy().head.currency;
        let mut sums: Vec<(u64, i128)> = vec![(0, 0); engine.ladder.len()];
        for (place, value) in places.iter().zip(values) {
            if let Some(sum) = sums.get_mut(usize::from(*place)) {
                sum.0 += 1;
                sum.1 += i128::from(*value);
            }
        }
        let total: i128 = sums.iter().map(|(_, value)| value).sum();
        let tiers = names(engine)
            .into_iter()
            .zip(&sums)
            .map(|(tier, (customers, value))| TierOutcome {
                tier,
                customers: *customers,
                value: money(*value, currency),
                share: share(whole(*value), whole(total)),
            })
            .collect();
        let mut tops = Vec::new();
        let mut head = 0;
        for (customers, _) in sums.iter().take(sums.len().saturating_sub(1)) {
            head += customers;
            tops.push(head);
        }
        let rankings = [
            RankedBy::Tier,
            RankedBy::Spend,
            RankedBy::Rfm,
            RankedBy::PredictedLtv,
            RankedBy::Perfect,
        ];
        let rankings = parallel::map_each(rankings.to_vec(), |by| {
            let values = || values.iter().copied();
            let by_key = |keys: &[Option<f64>]| Ranking::new(keys.iter().copied().zip(values()));
            let ranking = match by {
                RankedBy::Tier => Ranking::of_ranks(sums.iter().copied()),
                RankedBy::Spend => by_key(&keys.spend),
                RankedBy::Rfm => by_key(&keys.rfm),
                RankedBy::PredictedLtv => by_key(keys.ltv.as_deref()?),
                RankedBy::Perfect => {
                    Ranking::new(values().map(|v| (Some(whole(i128::from(v))), v)))
                }
            };
            let top = tops.iter().map(|customers| TopQuality {
                customers: *customers,
                share: ranking.share(*customers),
                lift: ranking.lift(*customers),
            });
            Some(RankingQuality {
                by,
                gini: ranking.gini(),
                top: top.collect(),
            })
        });
        Self {
            from,
            to,
            total: money(total, currency),
            newcomers: money(newcomers, currency),
            tiers,
            rankings: rankings.into_iter().flatten().collect(),
        }
    }

    /// A ranking, if it was made.
    #[must_use]
    pub fn ranking(&self, by: RankedBy) -> Option<&RankingQuality> {
        self.rankings.iter().find(|ranking| ranking.by == by)
    }
}

fn clamp(minor: i128) -> i64 {
    i64::try_from(minor).unwrap_or(if minor < 0 { i64::MIN } else { i64::MAX })
}

fn money(minor: i128, currency: Currency) -> Money {
    Money::from_minor(clamp(minor), currency)
}

#[allow(clippy::cast_precision_loss)] // for a share, or to compare
pub(super) fn whole(minor: i128) -> f64 {
    minor as f64
}

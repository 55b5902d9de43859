//! The usual ladders, to take as they are or to change: each is plain [`LadderSpec`] data.
//!
//! The thresholds are starting points, not findings: replace them by what separates *your* customers.

use super::spec::{LadderSpec, TierSpec};
use crate::rules::{Expr, column, cumulative_share, percentile};

/// Not known to have gone or to be going. A customer without a stage has not been seen to leave.
fn staying() -> Expr {
    let stage = || column("stage");
    stage()
        .is_missing()
        .or(stage().is_in(["at_risk", "churned"]).not())
}

/// A, B, C, D by value, potential and lifecycle stage.
///
/// Reads `value` and `potential` (points, 0 to 100) and `stage` (the words of
/// [`lifecycle::presets::standard`](crate::lifecycle::presets::standard)).
///
/// | Tier | Who | Rule |
/// |---|---|---|
/// | A | high value and high potential | `value >= 70 and potential >= 50 and (stage is missing or stage not in ("at_risk", "churned"))` |
/// | B | middle value with some potential, or high value without | `(value >= 70 or value >= 40 and potential >= 20) and (stage …)` |
/// | C | low value, low frequency | `stage is missing or stage not in ("at_risk", "churned")` |
/// | D | churned or about to churn, whatever the value | |
///
/// D is a condition of the lifecycle and not a band of value: the best customer who is at risk is in D until they are
/// back. That is also why it stands at the bottom: who is in no other tier is leaving.
///
/// ```
/// use customer_value::tiering::presets;
///
/// let ladder = presets::abcd();
/// assert_eq!(
///     ladder.tiers[1].when.as_ref().unwrap().to_string(),
///     r#"(value >= 70 or value >= 40 and potential >= 20) and (stage is missing or stage not in ("at_risk", "churned"))"#,
/// );
/// ```
#[must_use]
pub fn abcd() -> LadderSpec {
    let value = |least: i32| column("value").ge(least);
    let potential = |least: i32| column("potential").ge(least);
    LadderSpec::new([
        TierSpec::new("A")
            .label("high value, high potential")
            .when(value(70).and(potential(50)).and(staying())),
        TierSpec::new("B")
            .label("middle value, some potential")
            .when(value(70).or(value(40).and(potential(20))).and(staying())),
        TierSpec::new("C")
            .label("low value, low frequency")
            .when(staying()),
        TierSpec::new("D").label("churned or about to churn"),
    ])
}

/// VIP, regular, potential.
///
/// Reads `value` (points, 0 to 100) and `purchases` (count).
///
/// | Tier | Who | Rule |
/// |---|---|---|
/// | vip | high value | `value >= 70` |
/// | regular | came back | `purchases >= 2` |
/// | potential | one purchase or none yet | |
///
/// ```
/// use customer_value::tiering::presets;
///
/// let ladder = presets::vip_regular_potential();
/// let rules: Vec<_> = ladder.tiers.iter().flat_map(|t| &t.when).map(ToString::to_string).collect();
/// assert_eq!(rules, ["value >= 70", "purchases >= 2"]);
/// ```
#[must_use]
pub fn vip_regular_potential() -> LadderSpec {
    LadderSpec::new([
        TierSpec::new("vip")
            .label("VIP")
            .when(column("value").ge(70)),
        TierSpec::new("regular").when(column("purchases").ge(2)),
        TierSpec::new("potential"),
    ])
}

/// Three value bands by rank in spend: the top fifth, the next three tenths, the lower half.
///
/// Reads `spend` (money); needs a fit.
///
/// | Tier | Who | Rule |
/// |---|---|---|
/// | high | the top 20 % | `percentile(spend) >= 80` |
/// | middle | the next 30 % | `percentile(spend) >= 50` |
/// | low | the lower half, and who has not bought | |
///
/// Equal spend has an equal percentile, so a band can be smaller than its name says.
///
/// ```
/// use customer_value::tiering::presets;
///
/// let ladder = presets::high_middle_low();
/// let rules: Vec<_> = ladder.tiers.iter().flat_map(|t| &t.when).map(ToString::to_string).collect();
/// assert_eq!(rules, ["percentile(spend) >= 80", "percentile(spend) >= 50"]);
/// ```
#[must_use]
pub fn high_middle_low() -> LadderSpec {
    LadderSpec::new([
        TierSpec::new("high").when(percentile("spend").ge(80)),
        TierSpec::new("middle").when(percentile("spend").ge(50)),
        TierSpec::new("low"),
    ])
}

/// ABC by cumulative share of spend: A makes the first 80 %, B the next 15 %, C the rest.
///
/// Reads `spend` (money); needs a fit.
///
/// | Tier | Who | Rule |
/// |---|---|---|
/// | A | the largest customers who together make at most 80 % | `cumulative_share(spend) <= 0.8` |
/// | B | the next, up to 95 % | `cumulative_share(spend) <= 0.95` |
/// | C | the rest, and who has not bought | |
///
/// A customer's own spend counts in their share, so a single customer who makes 90 % alone is in B: nobody is then within
/// the first 80 %.
///
/// ```
/// use customer_value::tiering::presets;
///
/// let ladder = presets::cumulative_share_abc();
/// let rules: Vec<_> = ladder.tiers.iter().flat_map(|t| &t.when).map(ToString::to_string).collect();
/// assert_eq!(rules, ["cumulative_share(spend) <= 0.8", "cumulative_share(spend) <= 0.95"]);
/// ```
#[must_use]
pub fn cumulative_share_abc() -> LadderSpec {
    LadderSpec::new([
        TierSpec::new("A").when(cumulative_share("spend").le(0.8)),
        TierSpec::new("B").when(cumulative_share("spend").le(0.95)),
        TierSpec::new("C"),
    ])
}

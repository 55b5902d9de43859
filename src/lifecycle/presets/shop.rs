//! Lifecycles of a shop: they read nothing but purchases.

use crate::lifecycle::spec::{LifecycleSpec, Origin, StageSpec, TransitionSpec};
use crate::model::Days;
use crate::rules::{Expr, column};

/// The numbers of the [`standard`] lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Days without a purchase from which a customer is at risk.
    pub at_risk: Days,
    /// Days without a purchase from which a customer has churned; more than `at_risk`.
    pub churned: Days,
    /// Days with a purchase from which a customer is loyal; at least 3, so that `repeat` comes before it.
    pub loyal: i32,
}

impl Default for Thresholds {
    /// At risk from 120 days, churned from 240, loyal from the fourth active day.
    ///
    /// 120 and 240 are the second and the last of the steps 60, 120, 180, 240 days in common use for one-time buyers. A
    /// shop whose customers buy once a year needs larger ones.
    fn default() -> Self {
        Self {
            at_risk: Days::new(120),
            churned: Days::new(240),
            loyal: 4,
        }
    }
}

/// [`standard_with`] the default [`Thresholds`].
///
/// ```
/// use customer_value::lifecycle::presets;
///
/// let spec = presets::standard();
/// let stages: Vec<_> = spec.stages.iter().map(|stage| stage.name.as_str()).collect();
/// assert_eq!(
///     stages,
///     ["prospect", "first_purchase", "repeat", "loyal", "at_risk", "churned", "won_back"],
/// );
/// ```
#[must_use]
pub fn standard() -> LifecycleSpec {
    standard_with(&Thresholds::default())
}

/// Prospect → first purchase → repeat → loyal; at risk, churned, won back.
///
/// | Stage | Who | Since |
/// |---|---|---|
/// | `prospect` | no purchase, also when the only one was refunded in full | the review |
/// | `first_purchase` | one active day | `first_purchase` |
/// | `repeat` | at least two active days | `second_purchase` |
/// | `loyal` | at least four active days | `loyal_since` |
/// | `at_risk` | 120 to 239 days since the last purchase | `last_purchase + 120 days` |
/// | `churned` | 240 days or more | `last_purchase + 240 days` |
/// | `won_back` | the last purchase came 240 days or more after the one before, and is less than 120 days ago | `last_purchase` |
///
/// Of these the last that fits is the stage, `won_back` until the next purchase. A customer who returns from `at_risk` to
/// `loyal` is loyal since the same day as before. The stage and its day depend on the columns alone, so a customer
/// reviewed every day and one reviewed for the first time are told the same. (Between two reviews that are far apart a
/// customer may leave a stage and come back to it unseen: the record then keeps its first day.) The high-water mark also
/// counts the stages that a review only passes through.
///
/// It reads these columns, all of the same history: `active_days` (count, days with a purchase that was not refunded in
/// full; 0 or missing: none), `days_since_last` and `last_gap` (days; the gap lies between the last two active days), and
/// the dates `first_purchase`, `second_purchase`, `last_purchase` and `loyal_since` (the first, second, last and fourth
/// active day).
#[must_use]
pub fn standard_with(thresholds: &Thresholds) -> LifecycleSpec {
    let Thresholds {
        at_risk,
        churned,
        loyal,
    } = *thresholds;
    let days = || column("active_days");
    let quiet = || column("days_since_last");
    let recent = || quiet().lt(at_risk.get());
    let no_gap = || column("last_gap").lt(churned.get());
    let to = |from: &[&str], to: &str, when: Expr, since: &str, why: String| {
        let from = Origin::Stages(from.iter().map(|s| (*s).to_owned()).collect());
        TransitionSpec::new(from, to, when).since(since).why(why)
    };
    let stages = [
        StageSpec::new("prospect").rank(0),
        StageSpec::new("first_purchase").rank(1),
        StageSpec::new("repeat").rank(2),
        StageSpec::new("loyal").rank(3),
        StageSpec::new("at_risk"),
        StageSpec::new("churned"),
        StageSpec::new("won_back"),
    ];
    let transitions = vec![
        TransitionSpec::new(
            Origin::Any,
            "prospect",
            days().is_missing().or(days().eq(0)),
        )
        .why("no purchase that was kept"),
        // Upwards first, whatever came after, so that a first review passes through what the customer has reached.
        to(
            &["prospect"],
            "first_purchase",
            days().ge(1),
            "first_purchase",
            "the first purchase".into(),
        ),
        to(
            &["first_purchase"],
            "repeat",
            days().ge(2),
            "second_purchase",
            "a second active day".into(),
        ),
        to(
            &["repeat"],
            "loyal",
            days().ge(loyal),
            "loyal_since",
            format!("{loyal} active days"),
        ),
        to(
            &["first_purchase", "repeat", "loyal", "at_risk", "won_back"],
            "churned",
            quiet().ge(churned.get()),
            &format!("last_purchase + {} days", churned.get()),
            format!("no purchase for {churned}"),
        ),
        to(
            &["first_purchase", "repeat", "loyal", "churned", "won_back"],
            "at_risk",
            quiet().ge(at_risk.get()).and(quiet().lt(churned.get())),
            &format!("last_purchase + {} days", at_risk.get()),
            format!("no purchase for {at_risk}"),
        ),
        to(
            &["first_purchase", "repeat", "loyal", "at_risk", "churned"],
            "won_back",
            recent().and(column("last_gap").ge(churned.get())),
            "last_purchase",
            format!("a purchase after {churned} or more without one"),
        ),
        // Back to where the columns say, from a lapse or after a refund.
        to(
            &["at_risk", "churned", "won_back"],
            "loyal",
            recent().and(no_gap()).and(days().ge(loyal)),
            "loyal_since",
            format!("buying again, {loyal} active days"),
        ),
        to(
            &["loyal", "at_risk", "churned", "won_back"],
            "repeat",
            recent()
                .and(no_gap())
                .and(days().ge(2))
                .and(days().lt(loyal)),
            "second_purchase",
            format!("buying, fewer than {loyal} active days"),
        ),
        to(
            &["repeat", "loyal", "at_risk", "churned", "won_back"],
            "first_purchase",
            recent().and(days().eq(1)),
            "first_purchase",
            "one active day".into(),
        ),
    ];
    // More than a review can need: it enters no stage twice.
    LifecycleSpec::new("prospect", stages, transitions).moves(8)
}

/// Prospect → first purchase → loyal, and churned.
///
/// | Stage | Who | Since |
/// |---|---|---|
/// | `prospect` | no purchase, also when the only one was refunded in full | the review |
/// | `first_purchase` | one active day | `first_purchase` |
/// | `loyal` | at least two active days | `second_purchase` |
/// | `churned` | 240 days or more since the last purchase | `last_purchase + 240 days` |
///
/// Of these the last that fits is the stage. It reads these columns, all of the same history: `active_days`,
/// `days_since_last` and the dates `first_purchase`, `second_purchase` and `last_purchase`.
///
/// ```
/// use customer_value::lifecycle::presets;
///
/// let spec = presets::four_stages();
/// let stages: Vec<_> = spec.stages.iter().map(|stage| stage.name.as_str()).collect();
/// assert_eq!(stages, ["prospect", "first_purchase", "loyal", "churned"]);
/// ```
#[must_use]
pub fn four_stages() -> LifecycleSpec {
    let days = || column("active_days");
    let gone = || column("days_since_last").ge(240);
    let here = || column("days_since_last").lt(240);
    let stages = [
        StageSpec::new("prospect").rank(0),
        StageSpec::new("first_purchase").rank(1),
        StageSpec::new("loyal").rank(2),
        StageSpec::new("churned"),
    ];
    let nothing = days().is_missing().or(days().eq(0));
    let transitions = [
        TransitionSpec::new(Origin::Any, "prospect", nothing).why("no purchase that was kept"),
        // Upwards first, so that a first review passes through what the customer has reached.
        TransitionSpec::new(["prospect"], "first_purchase", days().ge(1))
            .since("first_purchase")
            .why("the first purchase"),
        TransitionSpec::new(["first_purchase"], "loyal", days().ge(2))
            .since("second_purchase")
            .why("a second active day"),
        TransitionSpec::new(["first_purchase", "loyal"], "churned", gone())
            .since("last_purchase + 240 days")
            .why("no purchase for 240 days"),
        // Back to where the columns say, from a lapse or after a refund.
        TransitionSpec::new(["churned"], "loyal", here().and(days().ge(2)))
            .since("second_purchase")
            .why("buying again"),
        TransitionSpec::new(
            ["loyal", "churned"],
            "first_purchase",
            here().and(days().eq(1)),
        )
        .since("first_purchase")
        .why("one active day"),
    ];
    // As many as there are stages: a review enters none twice.
    LifecycleSpec::new("prospect", stages, transitions).moves(4)
}

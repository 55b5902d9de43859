//! Lifecycles of subscriptions and of sales to businesses.

use crate::lifecycle::spec::{LifecycleSpec, StageSpec, TransitionSpec};
use crate::model::Days;
use crate::rules::column;

/// Trial → active, and past due, cancelled, reactivated.
///
/// | Stage | Who | Actions on entering |
/// |---|---|---|
/// | `trial` | everybody at first | |
/// | `active` | pays; who was reactivated, after 90 days | |
/// | `past_due` | does not pay any more | `send_reminder` |
/// | `cancelled` | cancelled, or past due for 14 days, or on trial for 30 | `end_access` |
/// | `reactivated` | cancelled once, and pays again | `welcome_back` |
///
/// It reads two attributes that the host keeps: the flags `paying` (the last bill is paid) and `cancelled` (the subscription
/// has been cancelled). As long as they are not known, only time moves a customer.
///
/// ```
/// use customer_value::engine::Policy;
/// use customer_value::lifecycle::presets;
///
/// let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policies/subscription.toml"));
/// let policy: Policy = toml::from_str(file)?;
/// assert_eq!(policy.lifecycle, Some(presets::subscription()));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[must_use]
pub fn subscription() -> LifecycleSpec {
    let paying = || column("paying").is_set();
    let cancelled = || column("cancelled").is_set();
    let stages = [
        StageSpec::new("trial").rank(0),
        StageSpec::new("active").rank(1),
        StageSpec::new("past_due").on_enter(["send_reminder"]),
        StageSpec::new("cancelled").on_enter(["end_access"]),
        StageSpec::new("reactivated")
            .rank(1)
            .on_enter(["welcome_back"]),
    ];
    let subscribed = ["trial", "active", "past_due", "reactivated"];
    let transitions = [
        TransitionSpec::new(subscribed, "cancelled", cancelled())
            .priority(10)
            .why("cancelled"),
        TransitionSpec::new(["trial", "past_due"], "active", paying()).why("paid"),
        TransitionSpec::new(["active", "reactivated"], "past_due", paying().not()).why("not paid"),
        TransitionSpec::open(["past_due"], "cancelled")
            .after(Days::new(14))
            .why("not paid for 14 days"),
        TransitionSpec::open(["trial"], "cancelled")
            .after(Days::new(30))
            .why("the trial is over"),
        TransitionSpec::new(
            ["cancelled"],
            "reactivated",
            paying().and(cancelled().not()),
        )
        .why("paid after cancelling"),
        TransitionSpec::open(["reactivated"], "active")
            .after(Days::new(90))
            .why("90 days since the return"),
    ];
    LifecycleSpec::new("trial", stages, transitions)
}

/// Lead → qualified → opportunity → customer → advocate, and lost.
///
/// | Stage | Who | Since |
/// |---|---|---|
/// | `lead` | everybody at first | the review |
/// | `qualified` | the host says so | the review |
/// | `opportunity` | something is on offer | the review |
/// | `customer` | the last purchase is less than 540 days ago | the first purchase, or after a loss the last |
/// | `advocate` | a customer who gives references | the review |
/// | `lost` | leads after 180 days without contact, customers after 540 without a purchase | that day |
///
/// Beside purchases it reads attributes that the host keeps: the flags `qualified` and `reference`, the number
/// `open_opportunities` (a count) and the date `last_contact`. Who is lost comes back with an offer or with a purchase; an
/// opportunity that is closed without one is a qualified lead again.
///
/// ```
/// use customer_value::engine::Policy;
/// use customer_value::lifecycle::presets;
///
/// let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policies/b2b.toml"));
/// let policy: Policy = toml::from_str(file)?;
/// assert_eq!(policy.lifecycle, Some(presets::b2b()));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[must_use]
pub fn b2b() -> LifecycleSpec {
    let buys = || {
        column("active_days")
            .ge(1)
            .and(column("days_since_last").lt(540))
    };
    let offers = || column("open_opportunities");
    let reference = || column("reference").is_set();
    let stages = [
        StageSpec::new("lead").rank(0),
        StageSpec::new("qualified").rank(1),
        StageSpec::new("opportunity").rank(2),
        StageSpec::new("customer")
            .rank(3)
            .on_enter(["assign_account_manager"]),
        StageSpec::new("advocate").rank(4),
        StageSpec::new("lost").on_enter(["ask_why"]),
    ];
    let transitions = [
        TransitionSpec::new(["lead", "qualified", "opportunity"], "customer", buys())
            .since("first_purchase")
            .why("a purchase"),
        TransitionSpec::new(["lost"], "customer", buys())
            .since("last_purchase")
            .why("a purchase after the loss"),
        TransitionSpec::new(["lead"], "qualified", column("qualified").is_set()).why("qualified"),
        TransitionSpec::new(["qualified", "lost"], "opportunity", offers().ge(1))
            .why("something is on offer"),
        TransitionSpec::new(["opportunity"], "qualified", offers().eq(0))
            .why("nothing is on offer any more"),
        TransitionSpec::open(["lead", "qualified"], "lost")
            .quiet("last_contact", Days::new(180))
            .why("no contact for 180 days"),
        TransitionSpec::new(
            ["customer", "advocate"],
            "lost",
            column("days_since_last").ge(540),
        )
        .since("last_purchase + 540 days")
        .why("no purchase for 540 days"),
        TransitionSpec::new(["customer"], "advocate", reference()).why("gives references"),
        TransitionSpec::new(["advocate"], "customer", reference().not())
            .since("first_purchase")
            .why("gives no references any more"),
    ];
    // As many as there are stages: a review enters none twice.
    LifecycleSpec::new("lead", stages, transitions).moves(6)
}

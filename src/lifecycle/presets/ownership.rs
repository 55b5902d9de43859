//! Whose customer it is: the pool of a sales team.

use crate::lifecycle::spec::{LifecycleSpec, Origin, StageSpec, TransitionSpec};
use crate::model::Days;
use crate::rules::column;

/// The numbers of the [`ownership`] lifecycle, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnershipDays {
    /// Without contact, after which a customer goes back to the pool; more than `warning`.
    pub contact: Days,
    /// Without a deal, after which a customer goes back to the pool; more than `warning`.
    pub deal: Days,
    /// So long before, the owner is warned.
    pub warning: Days,
    /// So long after the claim, the owner is neither warned nor loses the customer.
    pub protection: Days,
}

impl Default for OwnershipDays {
    /// 30 days without contact, 90 without a deal, a warning of 7, protected for 15.
    fn default() -> Self {
        Self {
            contact: Days::new(30),
            deal: Days::new(90),
            warning: Days::new(7),
            protection: Days::new(15),
        }
    }
}

/// [`ownership_with`] the default [`OwnershipDays`].
///
/// ```
/// use customer_value::engine::Policy;
/// use customer_value::lifecycle::presets;
///
/// let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/policies/ownership.toml"));
/// let policy: Policy = toml::from_str(file)?;
/// assert_eq!(policy.lifecycle, Some(presets::ownership()));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[must_use]
pub fn ownership() -> LifecycleSpec {
    ownership_with(&OwnershipDays::default())
}

/// Who of the sales people a customer belongs to, and when they lose them to the pool of all (公海).
///
/// | Stage | Who | Actions |
/// |---|---|---|
/// | `pool` | nobody's: may be claimed | |
/// | `protected` | claimed less than 15 days ago | |
/// | `owned` | somebody's | |
/// | `warned` | no contact for 23 days, or no deal for 83 | `warn_owner` on entering |
/// | `locked` | kept out of all this by the host | |
/// | `closed` | the deal is closed: kept out likewise | |
///
/// From `warned` a customer goes back to `pool`, with the action `return_to_pool`, once there was no contact for 30 days or no
/// deal for 90, and not before the owner has been warned for 7; with a new contact or deal they are `owned` again. A day of
/// its own lies between: a customer who came into `warned` leaves it, and one who came into `pool` is claimed, from the next
/// day on.
///
/// It reads attributes that the host keeps: the flags `owned`, `locked` and `deal_closed`, and the dates `owner_since`,
/// `last_contact` and `last_deal`. Both of the latter are the present owner's, and the day of the claim as long as there was
/// none: what a former owner did neither helps nor harms. As long as a flag is not known it moves nobody. The host clears
/// `owned` when it carries out `return_to_pool`; a customer whose flag stays set comes out of the pool again, is warned, and
/// is returned once more.
#[must_use]
pub fn ownership_with(days: &OwnershipDays) -> LifecycleSpec {
    let OwnershipDays {
        contact,
        deal,
        warning,
        protection,
    } = *days;
    let owned = || column("owned").is_set();
    let locked = || column("locked").is_set();
    let closed = || column("deal_closed").is_set();
    let early = |limit: Days| Days::new(limit.get().saturating_sub(warning.get()));
    let one = Days::new(1);
    let stages = [
        StageSpec::new("pool"),
        StageSpec::new("protected"),
        StageSpec::new("owned"),
        StageSpec::new("warned").on_enter(["warn_owner"]),
        StageSpec::new("locked"),
        StageSpec::new("closed"),
    ];
    let warn = |date: &str, limit: Days, what: &str| {
        TransitionSpec::new(["owned"], "warned", owned())
            .quiet(date, early(limit))
            .why(format!("no {what} for {}", early(limit)))
    };
    let give_back = |date: &str, limit: Days, what: &str| {
        TransitionSpec::open(["warned"], "pool")
            .after(warning)
            .quiet(date, limit)
            .why(format!("no {what} for {limit}"))
            .actions(["return_to_pool"])
    };
    let back =
        |from: &str, to: &str, when, why: &str| TransitionSpec::new([from], to, when).why(why);
    let transitions = [
        TransitionSpec::new(Origin::Any, "closed", closed())
            .priority(30)
            .why("the deal is closed"),
        TransitionSpec::new(["pool", "protected", "owned", "warned"], "locked", locked())
            .priority(20)
            .why("locked"),
        TransitionSpec::new(["protected", "owned", "warned"], "pool", owned().not())
            .priority(10)
            .why("the owner has given it back"),
        back("locked", "owned", locked().not().and(owned()), "unlocked"),
        back(
            "locked",
            "pool",
            locked().not().and(owned().not()),
            "unlocked, and nobody's",
        ),
        back(
            "closed",
            "owned",
            closed().not().and(owned()),
            "the deal is open again",
        ),
        back(
            "closed",
            "pool",
            closed().not().and(owned().not()),
            "nobody's",
        ),
        TransitionSpec::new(["pool"], "protected", owned())
            .after(one)
            .since("owner_since")
            .why("claimed"),
        TransitionSpec::open(["protected"], "owned")
            .quiet("owner_since", protection)
            .why(format!("claimed {protection} ago")),
        warn("last_contact", contact, "contact"),
        warn("last_deal", deal, "deal"),
        give_back("last_contact", contact, "contact"),
        give_back("last_deal", deal, "deal"),
        // Where the reason for the warning is still there, the way leads straight back to `warned`: that is no move.
        TransitionSpec::new(["warned"], "owned", owned())
            .after(one)
            .why("a contact or a deal after the warning"),
    ];
    LifecycleSpec::new("pool", stages, transitions).moves(2)
}

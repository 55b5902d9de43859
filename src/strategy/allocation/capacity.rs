//! Whose service the staff has time for, the top tier first.

use serde::{Deserialize, Serialize};

use crate::Error;

/// Time that can be worked in a period: of a team, a channel, a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The name, unique in a plan.
    pub name: String,
    /// How many minutes there are in the period.
    pub minutes: u64,
    /// How many of them are kept free for the top tier beyond what it needs, for peaks.
    pub reserve: u64,
}

impl Resource {
    /// So many minutes, without a reserve.
    pub fn new(name: impl Into<String>, minutes: u64) -> Self {
        Self {
            name: name.into(),
            minutes,
            reserve: 0,
        }
    }

    /// With so many of them kept free for the top tier.
    #[must_use]
    pub fn reserve(self, reserve: u64) -> Self {
        Self { reserve, ..self }
    }
}

/// What a customer of a tier needs of one resource in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Minutes per customer for what the tier is entitled to.
    pub minutes: u32,
    /// Minutes per customer that basic service takes, at most `minutes`; 0 is no floor.
    #[serde(default)]
    pub floor: u32,
}

/// A tier and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierNeeds {
    /// The tier.
    pub tier: String,
    /// How many customers it has.
    pub customers: u64,
    /// What each needs of each resource, in the order of the resources.
    pub needs: Vec<Need>,
}

/// What a tier gets of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierGrant {
    /// The tier.
    pub tier: String,
    /// The resource.
    pub resource: String,
    /// How many customers the tier has.
    pub customers: u64,
    /// Minutes that all it is entitled to would take.
    pub needed: u64,
    /// Minutes that basic service for all of them would take.
    pub floor: u64,
    /// Minutes it gets, at most what it needs.
    pub granted: u64,
    /// Minutes that are missing.
    pub short: u64,
    /// Customers who cannot have all they are entitled to, when as many as possible have, and the others basic service.
    pub customers_short: u64,
    /// Minutes that are missing for basic service.
    pub floor_short: u64,
    /// Customers who cannot even have basic service.
    pub customers_below_floor: u64,
    /// How many more minutes of the resource it takes until this tier has all it needs, the others being served in the same
    /// order; 0 if it has it.
    pub would_take: u64,
}

/// What becomes of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceUse {
    /// The resource.
    pub resource: String,
    /// Minutes that there are.
    pub minutes: u64,
    /// Minutes that the tiers get together.
    pub granted: u64,
    /// Minutes kept free for the top tier.
    pub reserved: u64,
    /// Minutes that are left over: granted + reserved + unused = minutes.
    pub unused: u64,
    /// Minutes of the reserve that are missing.
    pub reserve_short: u64,
    /// How many more minutes would serve everybody and keep the reserve; 0 if there are enough.
    pub would_take: u64,
}

/// Who is served with what, and what is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapacityPlan {
    /// The resources, in their order.
    pub resources: Vec<ResourceUse>,
    /// The tiers, best first, each with the resources in their order.
    pub tiers: Vec<TierGrant>,
}

impl CapacityPlan {
    /// Whether everybody gets what they are entitled to, and the reserve is kept.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.resources.iter().all(|used| used.would_take == 0)
    }

    /// What cannot be served, best tier first.
    pub fn shortages(&self) -> impl Iterator<Item = &TierGrant> {
        self.tiers.iter().filter(|grant| grant.short > 0)
    }

    /// Whether everybody has at least basic service.
    #[must_use]
    pub fn floor_holds(&self) -> bool {
        self.tiers.iter().all(|grant| grant.floor_short == 0)
    }
}

/// Shares out the time of the staff among tiers, best first.
///
/// Of each resource, in this order:
///
/// 1. the top tier gets what it needs;
/// 2. its reserve is kept;
/// 3. the other tiers get basic service, from the top down;
/// 4. they get the rest of what they need, from the top down.
///
/// So what the top tier gets depends on nothing but its own need and the capacity: nobody else can take it, whatever floors they
/// have. And no tier gets more than basic service while a higher one lacks anything.
///
/// # Errors
/// A tier without exactly one need for each resource, a floor above its need, or two tiers or resources of one name (`is_misuse`); minutes that exceed
/// `u64` (`is_overflow`).
///
/// ```
/// use customer_value::strategy::allocation::{Need, Resource, TierNeeds, share_capacity};
///
/// let tier = |tier: &str, customers, minutes, floor| TierNeeds {
///     tier: tier.to_owned(),
///     customers,
///     needs: vec![Need { minutes, floor }],
/// };
/// let tiers = [tier("A", 10, 30, 0), tier("B", 40, 10, 1), tier("C", 200, 2, 1)];
/// let plan = share_capacity(&[Resource::new("phone", 800).reserve(60)], &tiers)?;
/// assert!(!plan.is_served() && plan.floor_holds());
/// assert_eq!(plan.to_string(), "\
/// tier  resource  customers  needed  granted  short  customers short  without basic service  more would serve
/// A     phone            10     300      300      0                0                      0                 0
/// B     phone            40     400      240    160               18                      0               160
/// C     phone           200     400      200    200              200                      0               360
///
/// resource  minutes  granted  reserved  left over  reserve short  more would serve
/// phone         800      740        60          0              0               360
/// ");
/// # Ok::<(), customer_value::Error>(())
/// ```
pub fn share_capacity(resources: &[Resource], tiers: &[TierNeeds]) -> Result<CapacityPlan, Error> {
    names_once("resource", resources.iter().map(|resource| &resource.name))?;
    names_once("tier", tiers.iter().map(|tier| &tier.tier))?;
    for tier in tiers {
        if tier.needs.len() != resources.len() {
            return Err(Error::misuse(format!(
                "tier `{}` has {} needs, and there are {} resources",
                tier.tier,
                tier.needs.len(),
                resources.len()
            )));
        }
    }
    let mut uses = Vec::with_capacity(resources.len());
    let mut columns = Vec::with_capacity(resources.len());
    for (i, resource) in resources.iter().enumerate() {
        let (used, grants) = share_one(resource, i, tiers)?;
        uses.push(used);
        columns.push(grants.into_iter());
    }
    // From resource by resource to tier by tier.
    let rows = tiers.iter().flat_map(|_| {
        let row: Vec<TierGrant> = columns.iter_mut().filter_map(Iterator::next).collect();
        row
    });
    let tiers = rows.collect();
    Ok(CapacityPlan {
        resources: uses,
        tiers,
    })
}

fn names_once<'a>(
    what: &str,
    names: impl Iterator<Item = &'a String> + Clone,
) -> Result<(), Error> {
    for (i, name) in names.clone().enumerate() {
        if names.clone().take(i).any(|other| other == name) {
            return Err(Error::misuse(format!(
                "there are two {what}s named `{name}`"
            )));
        }
    }
    Ok(())
}

fn share_one(
    resource: &Resource,
    index: usize,
    tiers: &[TierNeeds],
) -> Result<(ResourceUse, Vec<TierGrant>), Error> {
    let too_many = || {
        let name = &resource.name;
        Error::overflow(format!(
            "the minutes of `{name}` that are needed are too many"
        ))
    };
    let minutes_for = |customers: u64, each: u32| {
        let minutes = customers.checked_mul(u64::from(each));
        minutes.ok_or_else(too_many)
    };
    let mut left = resource.minutes;
    let mut hand_out = |wanted: u64| {
        let given = wanted.min(left);
        left -= given;
        given
    };

    let mut asks = Vec::with_capacity(tiers.len());
    let mut all = resource.reserve;
    for tier in tiers {
        let need = tier.needs.get(index).copied().unwrap_or_default();
        if need.floor > need.minutes {
            return Err(Error::misuse(format!(
                "the floor of tier `{}`, {} minutes of `{}`, is above its need of {}",
                tier.tier, need.floor, resource.name, need.minutes
            )));
        }
        let needed = minutes_for(tier.customers, need.minutes)?;
        all = all.checked_add(needed).ok_or_else(too_many)?;
        asks.push(Ask {
            tier,
            need,
            needed,
            floor: minutes_for(tier.customers, need.floor)?,
            granted: 0,
        });
    }
    let (top, others) = match asks.split_first_mut() {
        Some((top, others)) => (Some(top), others),
        None => (None, Default::default()),
    };
    if let Some(top) = top {
        top.granted = hand_out(top.needed);
    }
    let reserved = hand_out(resource.reserve);
    for ask in others.iter_mut() {
        ask.granted = hand_out(ask.floor);
    }
    for ask in others.iter_mut() {
        ask.granted += hand_out(ask.needed - ask.granted);
    }

    // With how many minutes each tier has all it needs: after the top tier and its reserve, once the floors up to its own are met if that is
    // all it needs, otherwise once all floors are and the needs down to its own. No sum here exceeds `all`.
    let first = asks.first().map_or(0, |top| top.needed);
    let floors: u64 = asks.iter().skip(1).map(|ask| ask.floor).sum();
    let (mut floors_so_far, mut beyond_so_far) = (0, 0);
    let mut grants = Vec::with_capacity(asks.len());
    for (i, ask) in asks.iter().enumerate() {
        let mut enough = first;
        if i > 0 {
            floors_so_far += ask.floor;
            beyond_so_far += ask.needed - ask.floor;
            enough += resource.reserve;
            enough += if ask.needed == ask.floor {
                floors_so_far
            } else {
                floors + beyond_so_far
            };
        }
        let would_take = if ask.granted < ask.needed {
            enough.saturating_sub(resource.minutes)
        } else {
            0
        };
        grants.push(ask.grant(resource, would_take));
    }
    let granted: u64 = asks.iter().map(|ask| ask.granted).sum();
    let used = ResourceUse {
        resource: resource.name.clone(),
        minutes: resource.minutes,
        granted,
        reserved,
        unused: left,
        reserve_short: resource.reserve - reserved,
        would_take: all.saturating_sub(resource.minutes),
    };
    Ok((used, grants))
}

/// A tier at one resource.
struct Ask<'a> {
    tier: &'a TierNeeds,
    need: Need,
    needed: u64,
    floor: u64,
    granted: u64,
}

impl Ask<'_> {
    fn floor_short(&self) -> u64 {
        self.floor.saturating_sub(self.granted)
    }

    fn grant(&self, resource: &Resource, would_take: u64) -> TierGrant {
        let customers = self.tier.customers;
        let [minutes, floor] = [self.need.minutes, self.need.floor].map(u64::from);
        // Whom the minutes beyond everybody's basic service raise to all of it; where there is none to raise, all have it.
        let raised = self
            .granted
            .saturating_sub(self.floor)
            .checked_div(minutes - floor)
            .unwrap_or(customers);
        let based = self.granted.checked_div(floor).unwrap_or(customers);
        let customers_below_floor = customers.saturating_sub(based);
        TierGrant {
            tier: self.tier.tier.clone(),
            resource: resource.name.clone(),
            customers,
            needed: self.needed,
            floor: self.floor,
            granted: self.granted,
            short: self.needed - self.granted,
            customers_short: customers.saturating_sub(raised).max(customers_below_floor),
            floor_short: self.floor_short(),
            customers_below_floor,
            would_take,
        }
    }
}

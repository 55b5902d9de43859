//! What people decide about a customer's tier: overrides, extensions, the day of enrolment.

use std::ops::RangeInclusive;

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::select;

use super::values::{WORDS, days};
use crate::engine::Standing;
use crate::model::{Day, Days};
use crate::tiering::{Extension, Override, OverrideKind};

/// Decisions before their days and tiers are known.
#[derive(Debug, Clone)]
pub(super) struct Decided {
    enrolled: Option<i32>,
    overrides: Vec<OverridePlan>,
    extensions: Vec<ExtensionPlan>,
}

#[derive(Debug, Clone)]
struct OverridePlan {
    kind: u8,
    tier: u8,
    /// Days before another one, and how long.
    from: i32,
    length: Option<i32>,
    words: (&'static str, &'static str),
}

#[derive(Debug, Clone)]
struct ExtensionPlan {
    on: i32,
    further: i32,
    words: (&'static str, &'static str),
}

fn who_and_why() -> impl Strategy<Value = (&'static str, &'static str)> + Clone {
    (
        select(&["l.chen", "m.weber", "import"][..]),
        select(&WORDS[..]),
    )
}

/// Some of the time an enrolment, up to two overrides and up to two extensions.
pub(super) fn plan() -> impl Strategy<Value = Decided> + Clone {
    let enrolled = option::weighted(0.3, -30..=900_i32);
    let overrides = prop::collection::vec(override_plan(), 0..=2);
    let extensions = prop::collection::vec(extension_plan(), 0..=2);
    (enrolled, overrides, extensions).prop_map(|(enrolled, overrides, extensions)| Decided {
        enrolled,
        overrides,
        extensions,
    })
}

fn override_plan() -> impl Strategy<Value = OverridePlan> + Clone {
    let when = (-60..=800_i32, option::of(1..=400_i32));
    (0..7_u8, any::<u8>(), when, who_and_why()).prop_map(|(kind, tier, (from, length), words)| {
        OverridePlan {
            kind,
            tier,
            from,
            length,
            words,
        }
    })
}

fn extension_plan() -> impl Strategy<Value = ExtensionPlan> + Clone {
    (-30..=800_i32, -30..=500_i32, who_and_why()).prop_map(|(on, further, words)| ExtensionPlan {
        on,
        further,
        words,
    })
}

impl Decided {
    /// The standing of somebody who was never reviewed, with the decisions; up to somewhat after a day.
    pub(super) fn standing(&self, tiers: &[String], day: Day) -> Standing {
        let mut standing = Standing::default();
        if let Some(back) = self.enrolled {
            standing.enrol(day.minus(Days::new(back)));
        }
        for plan in &self.overrides {
            // None is refused: there are few, and each lasts for a day at least, but at the end of the calendar.
            let _ = standing.override_tier(plan.on(tiers, day));
        }
        let mut extensions: Vec<Extension> = self.extensions.iter().map(|p| p.on(day)).collect();
        extensions.sort_by_key(|extension| extension.on);
        for extension in extensions {
            let _ = standing.extend_term(extension);
        }
        standing
    }
}

impl OverridePlan {
    fn on(&self, tiers: &[String], day: Day) -> Override {
        let tier = tiers.get(usize::from(self.tier) % tiers.len().max(1));
        let tier = tier.cloned().unwrap_or_default();
        let from = day.minus(Days::new(self.from));
        Override {
            kind: match self.kind {
                0 | 1 => OverrideKind::Floor(tier),
                2 | 3 => OverrideKind::Ceiling(tier),
                4 | 5 => OverrideKind::Pin(tier),
                _ => OverrideKind::Exclude,
            },
            from,
            to: self.length.map(|length| from.plus(Days::new(length))),
            actor: self.words.0.to_owned(),
            reason: self.words.1.to_owned(),
        }
    }
}

impl ExtensionPlan {
    fn on(&self, day: Day) -> Extension {
        let on = day.minus(Days::new(self.on));
        Extension {
            on,
            until: on.plus(Days::new(self.further)),
            actor: self.words.0.to_owned(),
            reason: self.words.1.to_owned(),
        }
    }
}

fn owned(tiers: &[&str]) -> Vec<String> {
    tiers.iter().map(|tier| (*tier).to_owned()).collect()
}

/// Overrides to these tiers, from about two years before a day of the range until after it.
pub fn overrides(
    tiers: &[&str],
    days_of: RangeInclusive<Day>,
) -> impl Strategy<Value = Override> + Clone + use<> {
    let tiers = owned(tiers);
    (override_plan(), days(days_of)).prop_map(move |(plan, day)| plan.on(&tiers, day))
}

/// Extensions of a term, decided from about two years before a day of the range until after it; some change nothing.
pub fn extensions(
    days_of: RangeInclusive<Day>,
) -> impl Strategy<Value = Extension> + Clone + use<> {
    (extension_plan(), days(days_of)).prop_map(|(plan, day)| plan.on(day))
}

/// Standings of customers who were never reviewed and of whom people have decided something: the day of enrolment, overrides
/// to these tiers, extensions.
///
/// ```
/// use customer_value::interop::proptest::standings;
/// use proptest::prelude::*;
///
/// let year = "2024-01-01".parse().unwrap()..="2024-12-31".parse().unwrap();
/// proptest!(|(standing in standings(&["gold", "member"], year))| {
///     prop_assert!(standing.tier().is_none() && standing.overrides().len() <= 2);
/// });
/// ```
pub fn standings(
    tiers: &[&str],
    days_of: RangeInclusive<Day>,
) -> impl Strategy<Value = Standing> + Clone + use<> {
    let tiers = owned(tiers);
    (plan(), days(days_of)).prop_map(move |(plan, day)| plan.standing(&tiers, day))
}

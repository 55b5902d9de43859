//! Mistakes in the section `[movement]`, and in what tiers say with it.

use super::broken::{Kind, kind};
use crate::engine::Policy;
use crate::model::{Days, Span};
use crate::rules::column;
use crate::summary::{Period, Window};
use crate::tiering::{
    Afterwards, Anchor, Anniversary, Carry, Downgrade, MovementSpec, QualifyingSpec, Renewal,
    ReviewTiming, TermSpec, TierSpec, UpgradeTiming,
};

pub(super) const KINDS: [Kind; 27] = [
    kind("tiers", "a base that has to be reached", |p| {
        qualifying(p);
        let tiers = &mut p.tiers.tiers;
        if let Some(base) = tiers.last_mut() {
            base.entry = Some(1.0);
        }
        format!("tiers[{}].entry", tiers.len().saturating_sub(1))
    }),
    kind("tiers", "an entry that is no number", |p| {
        highest(p, |tier| tier.entry = Some(f64::NAN), ".entry")
    }),
    kind("tiers", "a keep above the entry", |p| {
        highest(p, |tier| tier.keep = Some(1e12 + 1.0), ".keep")
    }),
    kind("tiers", "a keep without an entry", |p| {
        highest(
            p,
            |tier| {
                tier.when = Some(column("spend").ge(1.0));
                (tier.entry, tier.keep) = (None, Some(1.0));
            },
            ".keep",
        )
    }),
    kind("tiers", "an entry above that of the tier above", |p| {
        highest(p, |_| {}, "");
        p.tiers.tiers.insert(0, TierSpec::new("zzz").entry(5.0));
        "tiers[1].entry".to_owned()
    }),
    kind(
        "tiers",
        "a keep condition on a column that is not there",
        |p| {
            highest(
                p,
                |tier| tier.keep_when = Some(column("no_such_column").ge(1.0)),
                ".keep_when",
            )
        },
    ),
    kind("tiers", "a tier that replaces one that is there", |p| {
        highest(
            p,
            |tier| tier.replaces = vec!["base".to_owned()],
            ".replaces[0]",
        )
    }),
    kind("tiers", "a tier that is replaced twice", |p| {
        highest(
            p,
            |tier| tier.replaces = vec!["old".to_owned(); 2],
            ".replaces[1]",
        )
    }),
    kind("movement", "both a measure and points", |p| {
        counted(p, |q| q.points = Some("status".to_owned()), "")
    }),
    kind("movement", "neither a measure nor points", |p| {
        counted(p, |q| q.measure = None, "")
    }),
    kind("movement", "a measure that is not there", |p| {
        counted(p, |q| q.measure = Some("spned".to_owned()), ".measure")
    }),
    kind("movement", "a point score that is not there", |p| {
        counted(
            p,
            |q| (q.measure, q.points) = (None, Some("no such".to_owned())),
            ".points",
        )
    }),
    kind("movement", "a category of points", |p| {
        let with = |q: &mut QualifyingSpec| {
            (q.measure, q.points) = (None, Some("no such".to_owned()));
            q.category = Some("books".to_owned());
        };
        counted(p, with, ".category")
    }),
    kind("movement", "both a window and an anchor", |p| {
        let with = |q: &mut QualifyingSpec| {
            (q.window, q.anchor) = (Some(Window::Lifetime), Some(Anchor::Enrolment));
        };
        counted(p, with, ".window")
    }),
    kind("movement", "a length from nowhere", |p| {
        counted(p, |q| q.length = Span::days(30).ok(), ".length")
    }),
    kind("movement", "an anchor that is no attribute", |p| {
        let with =
            |q: &mut QualifyingSpec| q.anchor = Some(Anchor::Attribute("no_such".to_owned()));
        counted(p, with, ".anchor.attribute")
    }),
    kind("movement", "an anchor at a term that is not there", |p| {
        counted(p, |q| q.anchor = Some(Anchor::Term), ".anchor")
    }),
    kind("movement", "a term that contradicts itself", |p| {
        let with = |m: &mut MovementSpec| {
            m.term.get_or_insert_default().end_of = Some(Period::Year);
        };
        yearly(p, with, ".term")
    }),
    kind("movement", "a term without an end", |p| {
        yearly(p, |m| m.term = Some(TermSpec::default()), ".term")
    }),
    kind("movement", "an anniversary of no attribute", |p| {
        let with = |m: &mut MovementSpec| {
            let none = Anniversary::Attribute("no_such".to_owned());
            m.term.get_or_insert_default().anniversary = Some(none);
        };
        yearly(p, with, ".term.anniversary.attribute")
    }),
    kind("movement", "a review at the end of no term", |p| {
        moving(p, |m| m.review = Some(ReviewTiming::TermEnd), ".review")
    }),
    kind(
        "movement",
        "upgrades at reviews that the base has not",
        |p| yearly(p, |m| m.upgrade = UpgradeTiming::AtReview, ".upgrade"),
    ),
    kind("movement", "a renewal at every look", |p| {
        let with = |m: &mut MovementSpec| {
            (m.review, m.renew) = (Some(ReviewTiming::Always), Renewal::FromReview);
        };
        yearly(p, with, ".renew")
    }),
    kind("movement", "a metric that never grows", |p| {
        moving(p, |m| m.after_review = Afterwards::Reset, ".after_review")
    }),
    kind("movement", "a debt that is carried over", |p| {
        let carry = Carry { cap: Some(-1.0) };
        let path = yearly(p, |_| {}, ".after_review.reduced.cap");
        if let Some(movement) = &mut p.movement {
            movement.after_review = Afterwards::Reduced(carry);
        }
        path
    }),
    kind("movement", "a floor that is no tier", |p| {
        let with = |m: &mut MovementSpec| m.downgrade = Downgrade::Floor("nowhere".to_owned());
        yearly(p, with, ".downgrade.floor")
    }),
    kind("movement", "a notice on the last day", |p| {
        yearly(p, |m| m.notices = vec![Days::new(0)], ".notices[0]")
    }),
];

/// A policy that moves tiers by spend, and nothing more.
fn moving(policy: &mut Policy, spoil: fn(&mut MovementSpec), field: &str) -> String {
    // An effect on what was counted before may be none on money: a second mistake.
    policy.effect = None;
    let movement = policy.movement.insert(MovementSpec {
        qualifying: Some(spend()),
        ..MovementSpec::default()
    });
    spoil(movement);
    format!("movement{field}")
}

/// With a term of a year.
fn yearly(policy: &mut Policy, spoil: fn(&mut MovementSpec), field: &str) -> String {
    let path = moving(policy, |_| {}, field);
    if let Some(movement) = &mut policy.movement {
        movement.term = Some(TermSpec {
            length: Span::months(12).ok(),
            ..TermSpec::default()
        });
        spoil(movement);
    }
    path
}

fn counted(policy: &mut Policy, spoil: fn(&mut QualifyingSpec), field: &str) -> String {
    moving(policy, |_| {}, "");
    let movement = policy.movement.as_mut();
    movement
        .and_then(|m| m.qualifying.as_mut())
        .into_iter()
        .for_each(spoil);
    format!("movement.qualifying{field}")
}

fn spend() -> QualifyingSpec {
    QualifyingSpec {
        measure: Some("spend".to_owned()),
        ..QualifyingSpec::default()
    }
}

/// A metric to reach, if there is none.
fn qualifying(policy: &mut Policy) {
    let movement = policy.movement.get_or_insert_default();
    movement.qualifying.get_or_insert_with(spend);
}

/// A tier above all others.
fn highest(policy: &mut Policy, spoil: fn(&mut TierSpec), field: &str) -> String {
    qualifying(policy);
    let mut tier = TierSpec::new("zz").entry(1e12);
    spoil(&mut tier);
    policy.tiers.tiers.insert(0, tier);
    format!("tiers[0]{field}")
}

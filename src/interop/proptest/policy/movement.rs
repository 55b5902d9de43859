//! The section `[movement]`, and what tiers say with it.

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::{Index, select};

use super::super::measures::windows;
use super::super::values::{WORDS, days, lengths_of, maybe, periods};
use super::{Draft, PolicyOptions};
use crate::metrics::Catalog;
use crate::model::{Day, Days, Span, Unit};
use crate::summary::Window;
use crate::table::Field;
use crate::tiering::{
    Afterwards, Anchor, Anniversary, Carry, Downgrade, GraceSpec, MonthDay, MovementSpec,
    PolicyChange, QUALIFYING, QualifyingSpec, Refunds, Renewal, ReviewTiming, TakeOver, TermSpec,
    UpgradeTiming,
};

/// Measures that add up: only of these something can be reset, carried over or taken back.
pub(in super::super) const ADDITIVE: [&str; 4] = ["spend", "purchases", "margin", "category_spend"];

#[derive(Debug, Clone)]
pub(super) struct Moves(Option<MovementPlan>);

/// What was drawn. Not all of it goes together; that is seen to when it is written.
#[derive(Debug, Clone)]
struct MovementPlan {
    qualifying: QualifyingPlan,
    /// With a floor that is chosen by `pick`.
    spec: MovementSpec,
    has_term: bool,
    floor: bool,
    pick: Index,
}

#[derive(Debug, Clone)]
struct QualifyingPlan {
    what: u8,
    which: Index,
    category: usize,
    window: Option<Window>,
    /// None, or one of seven.
    anchor: u8,
    cycle: Day,
    length: Option<Span>,
}

/// What of a policy movement can name.
#[derive(Debug, Default)]
struct Known {
    dates: Vec<String>,
    points: Vec<String>,
    tiers: Vec<String>,
}

pub(super) fn movement(options: &PolicyOptions) -> impl Strategy<Value = Moves> + Clone + use<> {
    let count = options.tiers.clone();
    maybe(options.movement, 0.5, plan()).prop_map(move |plan| {
        // A ladder of one tier has nowhere to move.
        Moves(plan.filter(|_| *count.end() > 1))
    })
}

/// Sections `[movement]` that bind in every policy, also in one without attributes, points or particular tiers; with
/// everything else there is.
///
/// ```
/// use customer_value::interop::proptest::movements;
/// use customer_value::tiering::TierSpec;
/// use customer_value::{Catalog, Engine, Policy};
/// use proptest::prelude::*;
///
/// let mut policy: Policy = toml::from_str(r#"
///     head = { name = "mine", version = "1", currency = "EUR" }
///     tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
/// "#).unwrap();
/// proptest!(ProptestConfig::with_cases(32), |(movement in movements())| {
///     let mut moving = policy.clone();
///     moving.movement = Some(movement);
///     let engine = Engine::new(moving, &Catalog::standard());
///     prop_assert!(engine.is_ok(), "{}", engine.unwrap_err());
/// });
/// ```
pub fn movements() -> impl Strategy<Value = MovementSpec> + Clone {
    plan().prop_map(|plan| plan.within(&Known::default()).0)
}

fn plan() -> impl Strategy<Value = MovementPlan> + Clone {
    let first = Day::from_ymd(2022, 1, 1).unwrap_or(Day::MIN);
    let last = Day::from_ymd(2024, 12, 31).unwrap_or(Day::MAX);
    let counted = (option::of(windows()), 0..14_u8, days(first..=last));
    let qualifying = (
        (0..12_u8, any::<Index>(), 0..WORDS.len()),
        counted,
        option::of(lengths_of(20)),
    )
        .prop_map(
            |((what, which, category), (window, anchor, cycle), length)| QualifyingPlan {
                what,
                which,
                category,
                window,
                anchor,
                cycle,
                length,
            },
        );
    let upgrade = prop_oneof![
        2 => Just(UpgradeTiming::Immediately),
        1 => periods().prop_map(UpgradeTiming::NextPeriod),
        1 => Just(UpgradeTiming::AtReview),
    ];
    let review = prop_oneof![
        2 => Just(None),
        1 => Just(Some(ReviewTiming::TermEnd)),
        2 => periods().prop_map(|period| Some(ReviewTiming::Every(period))),
        1 => Just(Some(ReviewTiming::Always)),
    ];
    let renew = select(vec![Renewal::FromEnd, Renewal::FromReview]);
    let grace = (lengths_of(8), option::of(periods()));
    let grace = option::of(grace.prop_map(|(length, round)| GraceSpec { length, round }));
    let downgrade = select(vec![
        Downgrade::ToQualified,
        Downgrade::OneStep,
        Downgrade::ToBase,
        Downgrade::None,
    ]);
    let refunds = select(vec![
        Refunds::Now,
        Refunds::Now,
        Refunds::AtReview,
        Refunds::Ignore,
    ]);
    let how = select(vec![
        TakeOver::Grandfather,
        TakeOver::UpOnly,
        TakeOver::Full,
    ]);
    let change = (how, option::weighted(0.2, days(first..=last)));
    let change = change.prop_map(|(how, from)| PolicyChange { how, from });
    let notices = prop::collection::vec((1..=90_i32).prop_map(Days::new), 0..=2);

    let up = (upgrade, any::<bool>());
    let held = (option::weighted(0.7, terms()), review, renew);
    let lost = (
        option::weighted(0.3, lengths_of(5)),
        grace,
        downgrade,
        notices,
    );
    let after = (afterwards(), afterwards(), refunds, change);
    let pick = (any::<bool>(), any::<Index>());
    (qualifying, (up, held), lost, after, pick).prop_map(
        |(qualifying, ((upgrade, restarts), (term, review, renew)), lost, after, (floor, pick))| {
            let (hold, grace, downgrade, notices) = lost;
            let (after_review, after_upgrade, refunds, policy_change) = after;
            MovementPlan {
                qualifying,
                has_term: term.is_some(),
                spec: MovementSpec {
                    qualifying: None,
                    upgrade,
                    upgrade_restarts_term: restarts,
                    term,
                    review,
                    renew,
                    hold,
                    grace,
                    downgrade,
                    after_review,
                    after_upgrade,
                    refunds,
                    policy_change,
                    notices,
                },
                floor,
                pick,
            }
        },
    )
}

fn afterwards() -> impl Strategy<Value = Afterwards> + Clone {
    prop_oneof![
        3 => Just(Afterwards::Kept),
        1 => Just(Afterwards::Reset),
        1 => option::of(0..=400_u16).prop_map(|cap| Afterwards::Reduced(Carry { cap: cap.map(f64::from) })),
        1 => (1..=400_i32).prop_map(|days| Afterwards::HalfLife(Days::new(days))),
    ]
}

/// Every form of a term. A date attribute is meant where the name of an anniversary's is empty.
fn terms() -> impl Strategy<Value = TermSpec> + Clone {
    let length = || lengths_of(12).prop_map(Some);
    let with_length = |length| TermSpec {
        length,
        ..TermSpec::default()
    };
    let day =
        (1..=12_u8, 1..=28_u8, 0..6_u8).prop_filter_map("a day of the year", |(m, d, leap)| {
            let text = if leap == 0 {
                "02-29".to_owned()
            } else {
                format!("{m:02}-{d:02}")
            };
            text.parse::<MonthDay>().ok()
        });
    let anniversary = any::<bool>().prop_map(|enrolment| match enrolment {
        true => Anniversary::Enrolment,
        false => Anniversary::Attribute(String::new()),
    });
    prop_oneof![
        3 => length().prop_map(with_length),
        2 => (length(), periods()).prop_map(move |(length, round)| TermSpec {
            round: Some(round),
            ..with_length(length)
        }),
        1 => (length(), anniversary.clone()).prop_map(move |(length, anniversary)| TermSpec {
            anniversary: Some(anniversary),
            ..with_length(length)
        }),
        2 => (periods(), any::<bool>()).prop_map(|(end_of, next)| TermSpec {
            end_of: Some(end_of),
            next,
            ..TermSpec::default()
        }),
        1 => prop::collection::vec(day, 1..=3).prop_map(|dates| TermSpec {
            dates,
            ..TermSpec::default()
        }),
        1 => anniversary.prop_map(|anniversary| TermSpec {
            anniversary: Some(anniversary),
            ..TermSpec::default()
        }),
    ]
}

impl Moves {
    pub(super) fn write(self, draft: &mut Draft, tiers: Vec<String>) {
        let Some(plan) = self.0 else { return };
        let fields = draft.policy.attributes.keys();
        let is_date = |name: &&String| {
            let slot = draft.schema.slot(name);
            let field = slot.and_then(|slot| draft.schema.field(slot));
            field.and_then(Field::unit) == Some(Unit::Date)
        };
        let known = Known {
            dates: fields.filter(is_date).cloned().collect(),
            points: draft.policy.points.iter().map(|p| p.name.clone()).collect(),
            tiers,
        };
        let (spec, unit) = plan.within(&known);
        if let Some(unit) = unit {
            draft.column(Field::number(QUALIFYING, unit));
        }
        draft.policy.movement = Some(spec);
    }
}

impl MovementPlan {
    /// What goes together of what was drawn, and the unit of the metric.
    fn within(self, known: &Known) -> (MovementSpec, Option<Unit>) {
        let mut spec = self.spec;
        if let Some(Anniversary::Attribute(name)) = spec
            .term
            .as_mut()
            .and_then(|term| term.anniversary.as_mut())
        {
            match pick(&known.dates, self.pick) {
                Some(date) => name.clone_from(date),
                None => spec.term.iter_mut().for_each(|term| {
                    term.anniversary = Some(Anniversary::Enrolment);
                }),
            }
        }
        if !self.has_term {
            spec.notices.clear();
            spec.review = spec.review.filter(|r| *r != ReviewTiming::TermEnd);
        }
        let unit = self.qualifying.within(&mut spec, known);
        let review = spec.review.unwrap_or(match spec.term {
            Some(_) => ReviewTiming::TermEnd,
            None => ReviewTiming::Always,
        });
        if review == ReviewTiming::TermEnd && spec.upgrade == UpgradeTiming::AtReview {
            spec.upgrade = UpgradeTiming::Immediately;
        }
        if review == ReviewTiming::Always {
            spec.renew = Renewal::FromEnd;
            spec.after_review = Afterwards::Kept;
        }
        let counted = spec.qualifying.as_ref();
        let measure = counted.and_then(|q| q.measure.as_deref());
        if !counted.is_some_and(|q| q.points.is_some())
            && !measure.is_some_and(|m| ADDITIVE.contains(&m))
        {
            spec.after_review = Afterwards::Kept;
            spec.after_upgrade = Afterwards::Kept;
        }
        if spec.refunds == Refunds::Ignore && measure != Some("spend") {
            spec.refunds = Refunds::AtReview;
        }
        if let (true, Some(tier)) = (self.floor, pick(&known.tiers, self.pick)) {
            spec.downgrade = Downgrade::Floor(tier.clone());
        }
        (spec, unit)
    }
}

fn pick(names: &[String], by: Index) -> Option<&String> {
    (!names.is_empty()).then(|| names.get(by.index(names.len())))?
}

impl QualifyingPlan {
    /// Writes the metric; gives its unit, or `None` if nothing is counted.
    fn within(self, spec: &mut MovementSpec, known: &Known) -> Option<Unit> {
        let mut counted = QualifyingSpec::default();
        let unit = match (self.what, pick(&known.points, self.which)) {
            (0, _) => return None,
            (1..4, Some(name)) => {
                counted.points = Some(name.clone());
                Unit::Points
            }
            (what, _) => {
                let catalog = Catalog::standard();
                // A date is no number to reach.
                let others: Vec<&str> = catalog
                    .names()
                    .filter(|name| {
                        let metric = catalog.default_metric(name);
                        metric.is_some_and(|m| !matches!(m.unit(), Unit::Date | Unit::Flag))
                    })
                    .collect();
                let name = match what {
                    4 | 5 => others.get(self.which.index(others.len().max(1))).copied(),
                    6 => Some("category_share"),
                    7..10 => ADDITIVE.get(self.which.index(ADDITIVE.len())).copied(),
                    _ => None,
                };
                let name = name.unwrap_or("spend");
                counted.measure = Some(name.to_owned());
                if name.starts_with("category_") {
                    counted.category = WORDS.get(self.category).map(|word| (*word).to_owned());
                }
                match name {
                    "category_share" => Unit::Share,
                    "category_spend" => Unit::Money,
                    _ => catalog
                        .default_metric(name)
                        .map_or(Unit::Money, |m| m.unit()),
                }
            }
        };
        counted.anchor = match self.anchor {
            0 => Some(Anchor::Enrolment),
            1 => Some(match pick(&known.dates, self.which) {
                Some(date) => Anchor::Attribute(date.clone()),
                None => Anchor::Enrolment,
            }),
            2 => Some(Anchor::Cycle(self.cycle)),
            3 => Some(Anchor::TierStart),
            4 => Some(Anchor::LastChange),
            5 => Some(Anchor::LastReview),
            6 => Some(match spec.term {
                Some(_) => Anchor::Term,
                None => Anchor::TierStart,
            }),
            _ => None,
        };
        match counted.anchor {
            Some(_) => counted.length = self.length,
            None => counted.window = self.window,
        }
        spec.qualifying = Some(counted);
        Some(unit)
    }
}

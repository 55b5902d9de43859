//! The section that says where money and time go.

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::Index;

use super::super::values::maybe;
use super::{Draft, PolicyOptions};
use crate::model::{Currency, Money};
use crate::strategy::allocation::{
    AllocationSpec, EquitySpec, ResourceSpec, ResponseSpec, SegmentSpec, ServiceNeedSpec,
};
use crate::table::Kind;

#[derive(Debug, Clone)]
pub(super) struct Shared(Option<Plan>);

#[derive(Debug, Clone)]
struct Plan {
    budget: Option<u32>,
    by: Option<Index>,
    /// For one tier or word after the other; the others have no segment.
    segments: Vec<Option<Segment>>,
    equity: Option<(u32, u16, Response, Response)>,
    /// Minutes, and thousandths of them that are a reserve.
    resources: Vec<(u16, Option<u16>)>,
    /// For one tier and resource after the other: minutes, and thousandths of them that are a floor.
    needs: Vec<Option<(u16, Option<u16>)>>,
}

/// Thousandths, minor units, and thousandths of the first.
type Response = (u16, u32, u16);

#[derive(Debug, Clone)]
struct Segment {
    value: u32,
    response: Response,
    /// Minor units, and more of them up to the cap.
    all: (Option<u16>, Option<u16>),
    each: (Option<u16>, Option<u16>),
}

fn response() -> impl Strategy<Value = Response> + Clone {
    (1..=1000_u16, 1..=20_000_u32, 1..=990_u16)
}

pub(super) fn allocation(options: &PolicyOptions) -> impl Strategy<Value = Shared> + Clone + use<> {
    let limit = |share| option::weighted(share, 0..=10_000_u16);
    let limits = ((limit(0.3), limit(0.3)), (limit(0.2), limit(0.2)));
    let segment = (1..=100_000_u32, response(), limits);
    let segment = segment.prop_map(|(value, response, (all, each))| Segment {
        value,
        response,
        all,
        each,
    });
    let equity = (0..=50_000_u32, 1..=2_000_u16, response(), response());
    let part = || option::of(0..=1000_u16);
    let whole = (
        (
            option::of(0..=500_000_u32),
            option::weighted(0.3, any::<Index>()),
        ),
        prop::collection::vec(option::weighted(0.8, segment), 0..=4),
        option::weighted(0.3, equity),
        prop::collection::vec((0..=2_000_u16, part()), 0..=2),
        prop::collection::vec(option::weighted(0.8, (0..=240_u16, part())), 8),
    );
    let whole = whole.prop_map(|((budget, by), segments, equity, resources, needs)| Plan {
        budget,
        by,
        segments,
        equity,
        resources,
        needs,
    });
    maybe(options.allocation, 0.3, whole).prop_map(Shared)
}

fn money(minor: impl Into<i64>, currency: Currency) -> Money {
    Money::from_minor(minor.into(), currency)
}

fn curve((ceiling, spend, rate): Response, currency: Currency) -> ResponseSpec {
    // Both with few decimals, which any text keeps.
    let rate = f64::from(u32::from(ceiling) * u32::from(rate)) / 1_000_000.0;
    let ceiling = f64::from(ceiling) / 1000.0;
    ResponseSpec::new(ceiling, money(spend, currency), rate)
}

impl Segment {
    fn spec(self, name: &str, currency: Currency) -> SegmentSpec {
        let response = curve(self.response, currency);
        let mut spec = SegmentSpec::new(name, money(self.value, currency), response);
        let limits = |(floor, room): (Option<u16>, Option<u16>)| {
            let cap = room.map(|room| i64::from(floor.unwrap_or(0)) + i64::from(room));
            (
                floor.map(|f| money(f, currency)),
                cap.map(|c| money(c, currency)),
            )
        };
        (spec.floor, spec.cap) = limits(self.all);
        (spec.floor_each, spec.cap_each) = limits(self.each);
        spec
    }
}

impl Shared {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let currency = draft.policy.head.currency;
        let tiers = draft.policy.tiers.tiers.iter();
        let tiers: Vec<String> = tiers.map(|tier| tier.name.clone()).collect();
        let worded: Vec<(&str, &[String])> = (draft.schema.fields().iter())
            .filter_map(|field| match field.kind() {
                Kind::Category(words) => Some((field.name(), words.as_slice())),
                Kind::Number(_) => None,
            })
            .collect();
        let by = plan
            .by
            .and_then(|by| worded.get(by.index(worded.len().max(1))));
        let names = by.map_or(&*tiers, |(_, words)| words);
        let segments = names.iter().zip(plan.segments);
        let segments: Vec<SegmentSpec> = segments
            .filter_map(|(name, segment)| Some(segment?.spec(name, currency)))
            .collect();
        let floors = segments.iter().filter_map(|segment| segment.floor);
        let least: i64 = floors.map(|floor| floor.minor()).sum();
        let mut spec = AllocationSpec {
            budget: plan
                .budget
                .map(|b| money(i64::from(b).max(least), currency)),
            by: by.map(|(name, _)| (*name).to_owned()),
            segments,
            ..AllocationSpec::default()
        };
        spec.equity = plan.equity.map(|(margin, discount, won, kept)| EquitySpec {
            margin: money(margin, currency),
            discount: f64::from(discount) / 1000.0,
            acquisition: curve(won, currency),
            retention: curve(kept, currency),
        });
        let part = |all: u16, part: u16| u32::from(all) * u32::from(part) / 1000;
        let mut needs = plan.needs.into_iter();
        for (i, (minutes, reserve)) in plan.resources.into_iter().enumerate() {
            let resource = format!("resource {i}");
            for (tier, need) in tiers.iter().zip(&mut needs) {
                let Some((minutes, floor)) = need else {
                    continue;
                };
                spec.service.push(ServiceNeedSpec {
                    tier: tier.clone(),
                    resource: resource.clone(),
                    minutes: minutes.into(),
                    floor: floor.map(|floor| part(minutes, floor)),
                });
            }
            spec.resources.push(ResourceSpec {
                name: resource,
                minutes: minutes.into(),
                reserve: reserve.map(|reserve| part(minutes, reserve).into()),
            });
        }
        let empty = spec.segments.is_empty() && spec.equity.is_none() && spec.resources.is_empty();
        draft.policy.allocation = (!empty).then_some(spec);
    }
}

//! The section that says what serving a customer costs.

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::{Index, select};

use super::super::values::maybe;
use super::{Draft, PolicyOptions};
use crate::metrics::cost::{
    ActivitySpec, COST_TO_SERVE, CostToServeSpec, PROFIT, ResourceSpec, WasteSpec,
};
use crate::model::{CostCategory, Days, Direction, Money, Unit};
use crate::summary::Window;
use crate::table::Field;

#[derive(Debug, Clone)]
pub(super) struct Cost(Option<Plan>);

#[derive(Debug, Clone)]
struct Plan {
    window: i32,
    period: Option<i32>,
    /// Minor units, and hours.
    resources: Vec<(i64, i64)>,
    /// The driver, tenths of a minute, who is busy, and whether only one direction counts.
    activities: Vec<(&'static str, i32, Index, Option<Direction>)>,
    direct: bool,
    excluded: bool,
    waste: Option<i32>,
}

pub(super) fn cost_to_serve(
    options: &PolicyOptions,
) -> impl Strategy<Value = Cost> + Clone + use<> {
    let drivers = select(
        &[
            "active_days",
            "answers",
            "complaints",
            "contacts",
            "minutes",
            "purchases",
            "refunds",
            "resolved",
            "transactions",
        ][..],
    );
    let direction = option::of(select(&[Direction::Inbound, Direction::Outbound][..]));
    let activity = (drivers, 0..500_i32, any::<Index>(), direction);
    let plan = (
        (1..500_i32, option::of(1..500_i32)),
        prop::collection::vec((0..1_000_000_i64, 1..5_000_i64), 1..=3),
        prop::collection::vec(activity, 0..=4),
        (any::<bool>(), any::<bool>()),
        option::of(0..400_i32),
    );
    let plan = plan.prop_map(
        |(days, resources, activities, (direct, excluded), waste)| Plan {
            window: days.0,
            period: days.1,
            resources,
            activities,
            direct,
            excluded,
            waste,
        },
    );
    maybe(options.cost_to_serve, 0.3, plan).prop_map(Cost)
}

impl Cost {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else {
            return;
        };
        let currency = draft.policy.head.currency;
        let mut spec = CostToServeSpec {
            window: Some(Window::Trailing(Days::new(plan.window))),
            period: plan.period.map(Days::new),
            ..CostToServeSpec::default()
        };
        for (i, (cost, hours)) in plan.resources.iter().enumerate() {
            spec.resources.push(ResourceSpec {
                name: format!("resource {i}"),
                cost: Money::from_minor(*cost, currency),
                minutes: hours * 60,
            });
        }
        for (i, (driver, tenths, who, direction)) in plan.activities.into_iter().enumerate() {
            let resource = format!("resource {}", who.index(plan.resources.len()));
            let name = format!("{driver} {i}");
            let mut activity = ActivitySpec::new(name, driver, f64::from(tenths) / 10.0, resource);
            if ["contacts", "minutes"].contains(&driver) {
                activity.direction = direction;
            }
            spec.activities.push(activity);
        }
        spec.direct = plan.direct.then(|| vec![CostCategory::Marketing]);
        spec.excluded
            .extend(plan.excluded.then_some(CostCategory::ServiceStaff));
        spec.waste = plan.waste.map(|within| WasteSpec::new(Days::new(within)));
        for name in [COST_TO_SERVE, PROFIT] {
            draft.column(Field::number(name, Unit::Money));
        }
        draft.policy.cost_to_serve = Some(spec);
    }
}

//! The section that says what may be spent.

use ::proptest::option;
use ::proptest::prelude::*;
use ::proptest::sample::{Index, select};

use super::super::values::maybe;
use super::playbook::chosen;
use super::{Draft, PolicyOptions};
use crate::model::{CostCategory, Currency, Days, Money};
use crate::strategy::budget::{BudgetSpec, CarrySpec, Limit, LineSpec, Outside, Per, Periods};

/// The categories of the lines, and of what is spent in a law.
pub(in super::super) const CATEGORIES: [CostCategory; 3] = [
    CostCategory::ServiceStaff,
    CostCategory::Marketing,
    CostCategory::Survey,
];

#[derive(Debug, Clone)]
pub(super) struct Planned(Option<Plan>);

#[derive(Debug, Clone)]
struct Plan {
    periods: Periods,
    start_month: Option<u32>,
    warn_at: Option<u16>,
    limit: Option<Limit>,
    outside: Option<Outside>,
    forecast_after: Option<i32>,
    /// Thousandths, minor units, and a bit for each category.
    carry: Option<(u16, Option<u32>, u8)>,
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
struct Line {
    tier: Option<Index>,
    segment: Option<Index>,
    category: Option<usize>,
    amount: u32,
    customers: Option<u16>,
    per_customer: bool,
    told: bool,
    quarters: Option<[u16; 4]>,
    limit: Option<Limit>,
    warn_at: Option<u16>,
}

pub(super) fn budget(options: &PolicyOptions) -> impl Strategy<Value = Planned> + Clone + use<> {
    let limit = || option::of(select(&[Limit::Hard, Limit::Soft][..]));
    let share = || option::weighted(0.4, 0..=1000_u16);
    let key = (
        option::of(any::<Index>()),
        option::weighted(0.3, any::<Index>()),
        option::of(0..CATEGORIES.len()),
    );
    let customers = (option::of(1..=40_u16), any::<bool>(), any::<bool>());
    let amounts = (0..=400_000_u32, option::of(any::<[u16; 4]>()));
    let line = (key, amounts, customers, limit(), share()).prop_map(
        |(
            (tier, segment, category),
            (amount, quarters),
            (customers, per_customer, told),
            limit,
            warn_at,
        )| Line {
            tier,
            segment,
            category,
            amount,
            customers,
            per_customer,
            told,
            quarters,
            limit,
            warn_at,
        },
    );
    let periods = (
        select(&[Periods::Yearly, Periods::Quarterly][..]),
        option::of(1..=12_u32),
        option::of(1..=90_i32),
    );
    let outside = option::of(select(&[Outside::Deny, Outside::Warn][..]));
    let carry = (0..=1000_u16, option::of(0..=50_000_u32), 0..8_u8);
    let whole = (
        periods,
        (share(), limit(), outside),
        option::of(carry),
        prop::collection::vec(line, 1..=5),
    );
    let whole = whole.prop_map(
        |((periods, start_month, forecast_after), (warn_at, limit, outside), carry, lines)| Plan {
            periods,
            start_month,
            warn_at,
            limit,
            outside,
            forecast_after,
            carry,
            lines,
        },
    );
    maybe(options.budget, 0.3, whole).prop_map(Planned)
}

fn part(thousandths: u16) -> f64 {
    f64::from(thousandths) / 1000.0
}

impl Planned {
    pub(super) fn write(self, draft: &mut Draft) {
        let Some(plan) = self.0 else { return };
        let policy = &draft.policy;
        let currency = policy.head.currency;
        let tiers: Vec<&str> = policy.tiers.tiers.iter().map(|t| t.name.as_str()).collect();
        let segments: Vec<&str> = policy.segments.iter().map(|s| s.name.as_str()).collect();
        let mut lines: Vec<LineSpec> = Vec::new();
        for line in plan.lines {
            let line = line.spec(&tiers, &segments, plan.periods, currency);
            if lines.iter().all(|other| other.key() != line.key()) {
                lines.push(line);
            }
        }
        let mut spec = BudgetSpec::new(plan.periods, lines);
        spec.start_month = plan.start_month;
        spec.warn_at = plan.warn_at.map(part);
        spec.limit = plan.limit;
        spec.outside = plan.outside;
        spec.forecast_after = plan.forecast_after.map(Days::new);
        spec.carry_over = plan.carry.map(|(share, cap, categories)| CarrySpec {
            share: part(share),
            cap: cap.map(|cap| Money::from_minor(cap.into(), currency)),
            categories: chosen(&CATEGORIES, categories),
        });
        draft.policy.budget = Some(spec);
    }
}

impl Line {
    fn spec(
        self,
        tiers: &[&str],
        segments: &[&str],
        periods: Periods,
        currency: Currency,
    ) -> LineSpec {
        let one = |names: &[&str], at: Option<Index>| {
            let name = names.get(at?.index(names.len().max(1)))?;
            Some((*name).to_owned())
        };
        let money = |minor: i64| Money::from_minor(minor, currency);
        let amount = i64::from(self.amount);
        let customers = self.customers.map(i64::from);
        let mut spec = LineSpec::new(money(amount));
        spec.tier = one(tiers, self.tier);
        spec.segment = one(segments, self.segment);
        spec.category = self.category.and_then(|i| CATEGORIES.get(i).cloned());
        spec.customers = self.customers.map(u64::from);
        if self.per_customer && customers.is_some() {
            spec.per = Per::Customer;
        } else if self.told {
            // To the nearest minor unit.
            spec.cost_per_customer = customers.map(|n| money((2 * amount + n) / (2 * n)));
        }
        if periods == Periods::Quarterly {
            spec.quarters = self.quarters.map(|weights| split(amount, weights, money));
        }
        spec.limit = self.limit;
        spec.warn_at = self.warn_at.map(part);
        spec
    }
}

/// An amount in four parts; what is left of it is in the last.
fn split(amount: i64, weights: [u16; 4], money: impl Fn(i64) -> Money) -> Vec<Money> {
    let all: i64 = weights.iter().copied().map(i64::from).sum();
    let [a, b, c, _] = weights.map(|weight| amount * i64::from(weight) / all.max(1));
    [a, b, c, amount - a - b - c].map(money).to_vec()
}

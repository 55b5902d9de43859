//! Laws of allocation, and brute force on what is small enough for it.

use customer_value::model::{Currency, Money};
use customer_value::strategy::allocation::{
    AcquisitionRetention, Candidate, CapacityPlan, Need, Resource, ResponseCurve, Segment,
    SpendPlan, TierNeeds, select, share_capacity, spread,
};
use proptest::prelude::*;

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn curve() -> impl Strategy<Value = ResponseCurve> {
    // From a rise within a cent to one over millions.
    (0.001..1.0, -6.0..3.0)
        .prop_map(|(ceiling, k)| ResponseCurve::new(ceiling, 10_f64.powf(k)).unwrap())
}

/// A segment in plain numbers: what the tests know about it.
#[derive(Debug, Clone)]
struct Plain {
    customers: u64,
    curve: ResponseCurve,
    value: i64,
    floor: i64,
    cap: Option<i64>,
}

impl Plain {
    fn segment(&self, name: &str) -> Segment {
        let segment = Segment::new(name, self.customers, self.curve, eur(self.value));
        let segment = segment.floor(eur(self.floor));
        match self.cap {
            Some(cap) => segment.cap(eur(cap)),
            None => segment,
        }
    }

    fn cap(&self) -> i64 {
        self.cap.unwrap_or(i64::MAX)
    }

    fn useful(&self) -> bool {
        self.customers > 0 && self.value > 0
    }

    /// What so many minor units bring, by the formula.
    fn brings(&self, units: i64) -> f64 {
        if self.customers == 0 {
            return 0.0;
        }
        let customers = self.customers as f64;
        customers * self.curve.rate(units as f64 / 100.0 / customers) * self.value as f64
    }
}

fn plain(most: i64) -> impl Strategy<Value = Plain> {
    let cap = prop::option::of(0..=most);
    (0_u64..2_000, curve(), -10_i64..100_000, 0..=most / 8, cap).prop_map(
        |(customers, curve, value, floor, cap)| Plain {
            customers,
            curve,
            value,
            floor: floor.min(cap.unwrap_or(i64::MAX)),
            cap,
        },
    )
}

fn plan(budget: i64, segments: &[Plain]) -> SpendPlan {
    let named: Vec<Segment> = segments
        .iter()
        .enumerate()
        .map(|(i, s)| s.segment(&i.to_string()))
        .collect();
    spread(eur(budget), &named).unwrap()
}

fn amounts(plan: &SpendPlan) -> Vec<i64> {
    plan.segments.iter().map(|s| s.amount.minor()).collect()
}

/// The most that can be brought by spending exactly so much, trying every cent.
fn best_by_trying(budget: i64, segments: &[Plain]) -> Option<f64> {
    let Some((first, rest)) = segments.split_first() else {
        return (budget == 0).then_some(0.0);
    };
    (first.floor..=first.cap().min(budget))
        .filter_map(|units| Some(first.brings(units) + best_by_trying(budget - units, rest)?))
        .max_by(f64::total_cmp)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn small_budgets_are_spread_as_trying_every_cent_says(
        segments in prop::collection::vec(plain(40), 1..4),
        budget in 15_i64..60,
    ) {
        let found = plan(budget, &segments);
        let spent = found.spent.minor();
        let brought: f64 = segments.iter().zip(amounts(&found)).map(|(s, units)| s.brings(units)).sum();
        let best = best_by_trying(spent, &segments).unwrap();
        prop_assert!(brought >= best - 1e-9 * best.abs(), "{brought} for {best}: {found}");
    }

    #[test]
    fn amounts_add_up_stay_within_their_limits_and_meet_the_conditions_of_an_optimum(
        segments in prop::collection::vec(plain(1_000_000), 1..8),
        more in 0_i64..4_000_000,
    ) {
        let floors: i64 = segments.iter().map(|s| s.floor).sum();
        let budget = floors + more;
        let found = plan(budget, &segments);
        let amounts = amounts(&found);
        prop_assert_eq!(found.spent.minor(), amounts.iter().sum::<i64>());
        prop_assert!(found.spent.minor() <= budget);
        let open = |i: usize| segments[i].useful() && amounts[i] < segments[i].cap();
        prop_assert!(found.spent.minor() == budget || (0..segments.len()).all(|i| !open(i)));
        for (i, s) in segments.iter().enumerate() {
            prop_assert!((s.floor..=s.cap()).contains(&amounts[i]));
            if !s.useful() {
                prop_assert_eq!(amounts[i], s.floor);
            }
        }
        // Karush, Kuhn and Tucker, in whole cents: no cent that was given brings less than one that was not.
        let slope = |s: &Plain, units: f64| {
            s.curve.slope(units / 100.0 / s.customers as f64) * s.value as f64 / 100.0
        };
        for (s, _) in segments.iter().zip(&amounts).filter(|(s, units)| s.useful() && **units > s.floor) {
            let i = segments.iter().position(|other| std::ptr::eq(other, s)).unwrap();
            // What the last cent brought is at least the slope at its end, what the next one brings at most that at its start.
            let last = found.segments[i].marginal;
            for (j, other) in segments.iter().enumerate().filter(|(j, _)| *j != i && open(*j)) {
                let next = found.segments[j].marginal;
                let kappa = s.curve.k() / 100.0 / s.customers as f64;
                prop_assert!(last * kappa.exp() >= next * (1.0 - 1e-9), "{} before {}: {}", i, j, found);
                prop_assert!(next <= slope(other, amounts[j] as f64) * (1.0 + 1e-9));
            }
        }
        let most = (0..segments.len()).filter(|&i| open(i)).map(|i| found.segments[i].marginal).max_by(f64::total_cmp);
        prop_assert_eq!(found.lambda, most);
    }

    #[test]
    fn more_budget_takes_from_nobody_and_is_worth_what_lambda_says(
        segments in prop::collection::vec(plain(100_000), 1..6),
        more in 0_i64..400_000,
        step in 1_i64..1_000,
    ) {
        let budget = segments.iter().map(|s| s.floor).sum::<i64>() + more;
        let (less, more) = (plan(budget, &segments), plan(budget + step, &segments));
        for (a, b) in amounts(&less).iter().zip(amounts(&more)) {
            prop_assert!(*a <= b);
        }
        let brought = |plan: &SpendPlan| -> f64 {
            segments.iter().zip(amounts(plan)).map(|(s, units)| s.brings(units)).sum()
        };
        let gain = brought(&more) - brought(&less);
        let bound = less.lambda.unwrap_or(0.0) * step as f64;
        prop_assert!(gain <= bound * (1.0 + 1e-9) + 1e-9 * brought(&more).abs() + 1e-9);
        prop_assert!(more.lambda.unwrap_or(0.0) <= less.lambda.unwrap_or(0.0));
    }

    #[test]
    fn the_order_of_segments_does_not_matter(
        segments in prop::collection::vec(plain(100_000), 1..6),
        more in 0_i64..400_000,
        turn in 0_usize..6,
    ) {
        let budget = segments.iter().map(|s| s.floor).sum::<i64>() + more;
        let mut turned = segments.clone();
        turned.rotate_left(turn % segments.len());
        let (found, mut other) = (plan(budget, &segments), plan(budget, &turned));
        other.segments.rotate_right(turn % segments.len());
        prop_assert_eq!(amounts(&found), amounts(&other));
        prop_assert_eq!(found.lambda, other.lambda);
    }

    #[test]
    fn no_other_spend_gives_more_equity(
        acquisition in curve(),
        retention in curve(),
        margin in 0.0..10_000.0,
        discount in 0.001..1.0,
        other in (0.0..1.0, 0.0..1.0),
    ) {
        let model = AcquisitionRetention::new(acquisition, retention, margin, discount).unwrap();
        let best = model.optimum();
        let slack = 1e-12 * (1.0 + best.customer_value);
        for near in [0.9, 0.999, 1.001, 1.1, 2.0] {
            let a = model.at(best.acquisition_spend * near, best.retention_spend).unwrap();
            let r = model.at(best.acquisition_spend, best.retention_spend * near).unwrap();
            prop_assert!(a.equity <= best.equity + slack && r.equity <= best.equity + slack);
        }
        let anywhere = model.at(other.0 * best.customer_value, other.1 * margin * 1.1).unwrap();
        prop_assert!(anywhere.equity <= best.equity + slack);
        prop_assert_eq!(best.retention_spend == 0.0, margin <= model.least_margin());
        prop_assert_eq!(best.acquisition_spend == 0.0, best.customer_value <= model.least_customer_value());
        prop_assert!(best.equity >= -slack);
    }
}

/// The most that can be brought, trying every choice.
fn most_by_trying(all: &[Candidate], budget: i64, most: usize) -> i64 {
    (0_u32..1 << all.len())
        .filter(|set| set.count_ones() as usize <= most)
        .filter_map(|set| {
            let chosen = || (0..all.len()).filter(move |i| set >> i & 1 == 1);
            let cost: i64 = chosen().map(|i| all[i].cost).sum();
            (cost <= budget).then(|| chosen().map(|i| all[i].value).sum())
        })
        .max()
        .unwrap()
}

/// By value per cost, whoever still fits.
fn greedy(all: &[Candidate], budget: i64, most: usize) -> i64 {
    let mut order: Vec<&Candidate> = all.iter().filter(|c| c.value > 0).collect();
    order.sort_by(|a, b| {
        (i128::from(b.value) * i128::from(a.cost))
            .cmp(&(i128::from(a.value) * i128::from(b.cost)))
            .then(b.value.cmp(&a.value))
    });
    let (mut left, mut value, mut places) = (budget, 0, most);
    for c in order {
        if places > 0 && c.cost <= left {
            left -= c.cost;
            value += c.value;
            places -= 1;
        }
    }
    value
}

fn candidates(most: usize, cost: i64, value: i64) -> impl Strategy<Value = Vec<Candidate>> {
    let one = (0..=cost, -2..=value).prop_map(|(cost, value)| Candidate { cost, value });
    prop::collection::vec(one, 0..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn small_selections_are_what_trying_every_choice_says(
        (all, budget) in prop_oneof![
            (candidates(12, 20, 20), 0_i64..120),
            (candidates(12, 1_000_000, 1_000_000), 0_i64..4_000_000),
        ],
        most in prop::option::of(0_usize..8),
    ) {
        let found = select(&all, eur(budget), most).unwrap();
        let best = most_by_trying(&all, budget, most.unwrap_or(usize::MAX));
        prop_assert_eq!(found.value, eur(best));
        prop_assert!(found.is_exact());
    }

    #[test]
    fn of_equal_costs_the_most_valuable_are_chosen(
        values in prop::collection::vec(1_i64..50, 1..1_200),
        cost in 1_i64..50,
        budget in 0_i64..20_000,
        most in prop::option::of(0_usize..300),
    ) {
        let all: Vec<Candidate> = values.iter().map(|&value| Candidate { cost, value }).collect();
        let found = select(&all, eur(budget), most).unwrap();
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|&i| (-values[i], i));
        order.truncate(((budget / cost) as usize).min(most.unwrap_or(usize::MAX)));
        order.sort_unstable();
        prop_assert_eq!(&found.chosen, &order);
        prop_assert!(found.is_exact());
    }
}

proptest! {
    // Each may search for millions of steps.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn selections_keep_their_limits_and_are_between_greedy_and_the_bound(
        all in candidates(1_500, 1_000, 1_000),
        budget in 0_i64..100_000,
        most in prop::option::of(0_usize..300),
    ) {
        let found = select(&all, eur(budget), most).unwrap();
        let limit = most.unwrap_or(usize::MAX);
        prop_assert!(found.chosen.len() <= limit);
        prop_assert!(found.chosen.is_sorted_by(|a, b| a < b));
        prop_assert!(found.cost.minor() <= budget);
        prop_assert_eq!(found.cost.minor(), found.chosen.iter().map(|&i| all[i].cost).sum::<i64>());
        prop_assert_eq!(found.value.minor(), found.chosen.iter().map(|&i| all[i].value).sum::<i64>());
        prop_assert!(found.value.minor() >= greedy(&all, budget, limit));
        prop_assert!(found.bound.minor() >= found.value.minor());
        // "Usually less than what one customer brings": at these sizes always.
        prop_assert!(found.gap().minor() <= 1_000, "{found}");
        prop_assert_eq!(select(&all, eur(budget), most).unwrap(), found);
    }
}

fn tiers() -> impl Strategy<Value = Vec<TierNeeds>> {
    let need = (0_u32..40, 0_u32..40).prop_map(|(a, b)| Need {
        minutes: a.max(b),
        floor: a.min(b),
    });
    prop::collection::vec((0_u64..50, need.clone(), need), 1..6).prop_map(|tiers| {
        let tier = |(i, (customers, a, b)): (usize, (u64, Need, Need))| TierNeeds {
            tier: i.to_string(),
            customers,
            needs: vec![a, b],
        };
        tiers.into_iter().enumerate().map(tier).collect()
    })
}

fn capacity(minutes: u64, reserve: u64, tiers: &[TierNeeds]) -> CapacityPlan {
    let resources = [
        Resource::new("phone", minutes).reserve(reserve),
        Resource::new("visits", minutes / 2),
    ];
    share_capacity(&resources, tiers).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_top_tier_is_never_taken_from(
        tiers in tiers(),
        others in tiers(),
        minutes in 0_u64..4_000,
        reserve in 0_u64..200,
    ) {
        let found = capacity(minutes, reserve, &tiers);
        let top = &tiers[0];
        for (i, there_are) in [minutes, minutes / 2].into_iter().enumerate() {
            let needed = top.customers * u64::from(top.needs[i].minutes);
            prop_assert_eq!(found.tiers[i].granted, needed.min(there_are));
        }
        prop_assert_eq!(found.resources[0].reserved, reserve.min(minutes - found.tiers[0].granted));
        // Whoever comes after, it gets the same.
        let mut changed = vec![top.clone()];
        changed.extend(others.into_iter().enumerate().map(|(i, t)| TierNeeds { tier: format!("other {i}"), ..t }));
        prop_assert_eq!(&capacity(minutes, reserve, &changed).tiers[..2], &found.tiers[..2]);
    }

    #[test]
    fn minutes_add_up_and_nobody_has_more_than_the_floor_while_a_higher_tier_lacks_anything(
        tiers in tiers(),
        minutes in 0_u64..4_000,
        reserve in 0_u64..200,
    ) {
        let found = capacity(minutes, reserve, &tiers);
        for (i, used) in found.resources.iter().enumerate() {
            let rows: Vec<_> = found.tiers.iter().skip(i).step_by(2).collect();
            prop_assert_eq!(rows.len(), tiers.len());
            prop_assert_eq!(used.granted, rows.iter().map(|row| row.granted).sum::<u64>());
            prop_assert_eq!(used.granted + used.reserved + used.unused, used.minutes);
            for (place, row) in rows.iter().enumerate() {
                prop_assert_eq!(row.granted + row.short, row.needed);
                let lower = &rows[place + 1..];
                if row.short > 0 {
                    prop_assert_eq!(used.unused, 0);
                    prop_assert!(lower.iter().all(|low| low.granted <= low.floor));
                }
                if row.floor_short > 0 {
                    prop_assert!(lower.iter().all(|low| low.granted == 0));
                }
                let need = tiers[place].needs[i];
                let raised = row.customers - row.customers_short;
                prop_assert!(raised * u64::from(need.minutes) <= row.granted);
                if row.floor_short == 0 {
                    let rest = row.customers_short * u64::from(need.floor);
                    prop_assert!(raised * u64::from(need.minutes) + rest <= row.granted);
                    prop_assert!(row.customers_short == 0 || (raised + 1) * u64::from(need.minutes) + rest - u64::from(need.floor) > row.granted);
                }
                prop_assert_eq!(row.short == 0, row.customers_short == 0);
                prop_assert_eq!(row.floor_short == 0, row.customers_below_floor == 0);
            }
            prop_assert_eq!(used.would_take == 0, used.reserve_short == 0 && rows.iter().all(|row| row.short == 0));
        }
    }

    #[test]
    fn what_would_serve_a_tier_does_and_a_minute_less_does_not(
        tiers in tiers(),
        minutes in 0_u64..4_000,
        reserve in 0_u64..200,
    ) {
        let with = |more: u64| share_capacity(
            &[Resource::new("phone", minutes + more).reserve(reserve), Resource::new("visits", 0)],
            &tiers,
        ).unwrap();
        let found = with(0);
        for (place, row) in found.tiers.iter().enumerate().step_by(2).filter(|(_, row)| row.short > 0) {
            prop_assert_eq!(with(row.would_take).tiers[place].short, 0);
            prop_assert!(with(row.would_take - 1).tiers[place].short > 0);
        }
        let all = found.resources[0].would_take;
        prop_assert_eq!(with(all).resources[0].would_take, 0);
        prop_assert!(all == 0 || with(all - 1).resources[0].would_take == 1);
    }
}

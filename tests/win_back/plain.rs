//! Any list against a plain second way of making it, and the laws.

use super::*;
use proptest::prelude::*;

/// One customer: cells, attempts (days), last purchase, return, reason.
#[derive(Debug, Clone)]
struct Known {
    cells: Cells,
    attempts: Vec<i32>,
    last: Option<i32>,
    returned: Option<i32>,
    reason: Option<&'static str>,
}

/// An offer in whole numbers: response in thousandths, costs in minor units.
#[derive(Debug, Clone)]
struct Plan {
    response: i128,
    cost: i64,
    cost_if_won: i64,
    reasons: Vec<&'static str>,
    vip: bool,
    limit: Option<u64>,
}

#[derive(Debug, Clone)]
struct Rules {
    offers: Vec<Plan>,
    cool_down: i32,
    max_attempts: Option<u32>,
    limit: Option<u64>,
    min_net: Option<i64>,
}

fn written(rules: &Rules) -> WinBackSpec {
    let offers = rules.offers.iter().enumerate().map(|(i, plan)| {
        // The shortest text of thousandths is the decimal itself.
        let response = format!("0.{:03}", plan.response).parse().unwrap();
        let response = if plan.response == 1000 { 1.0 } else { response };
        let mut offer = OfferSpec::new(format!("o{i}"), "c", "d", response, eur(plan.cost));
        offer.cost_if_won = (plan.cost_if_won > 0).then(|| eur(plan.cost_if_won));
        offer.reasons = plan.reasons.iter().map(|r| (*r).to_owned()).collect();
        offer.when = plan.vip.then(|| "vip".parse().unwrap());
        offer.limit = plan.limit;
        offer
    });
    let mut spec = WinBackSpec::new("left".parse().unwrap(), "value", offers);
    spec.cool_down = Some(Days::new(rules.cool_down));
    spec.max_attempts = rules.max_attempts;
    spec.limit = rules.limit;
    spec.min_net = rules.min_net.map(eur);
    spec
}

const AS_OF: i32 = 500;

/// Who gets which offer at what net value: greatest net value first, by looking through all again and again.
fn plainly(rules: &Rules, customers: &[Known]) -> Vec<(u64, String, i64)> {
    let mut out: Vec<(u64, String, i64)> = Vec::new();
    let net = |plan: &Plan, value: i64| {
        let gain = plan.response * (i128::from(value) - i128::from(plan.cost_if_won));
        let thousandths = gain - 1000 * i128::from(plan.cost);
        let down = thousandths.div_euclid(1000);
        let rest = thousandths - 1000 * down;
        let up = rest > 500 || (rest == 500 && down.rem_euclid(2) == 1);
        i64::try_from(if up { down + 1 } else { down }).unwrap()
    };
    let may = |one: &Known| {
        let tried = one.attempts.len();
        let recent = one.attempts.iter().any(|n| AS_OF - n < rules.cool_down);
        let mut since = one.attempts.clone();
        since.retain(|n| one.last.is_none_or(|last| *n > last));
        since.sort();
        since.dedup();
        one.cells.0 == Some(true)
            && one.returned.is_none()
            && !(tried > 0 && recent)
            && rules
                .max_attempts
                .is_none_or(|most| (since.len() as u32) < most)
    };
    loop {
        if rules.limit.is_some_and(|limit| out.len() as u64 >= limit) {
            return out;
        }
        let mut best: Option<(i64, usize, usize)> = None;
        for (c, one) in customers.iter().enumerate() {
            let id = c as u64 + 1;
            if !may(one) || out.iter().any(|(taken, ..)| *taken == id) {
                continue;
            }
            for (o, plan) in rules.offers.iter().enumerate() {
                let name = format!("o{o}");
                let used = out.iter().filter(|(_, offer, _)| *offer == name).count() as u64;
                let open = (plan.reasons.is_empty()
                    || one.reason.is_some_and(|r| plan.reasons.contains(&r)))
                    && (!plan.vip || one.cells.2 == Some(true))
                    && plan.limit.is_none_or(|limit| used < limit);
                let Some(value) = one.cells.1.filter(|_| open) else {
                    continue;
                };
                let net = net(plan, value);
                let worth = rules.min_net.map_or(net > 0, |least| net >= least);
                if worth && best.is_none_or(|(most, ..)| net > most) {
                    best = Some((net, c, o));
                }
            }
        }
        let Some((net, c, o)) = best else {
            return out;
        };
        out.push((c as u64 + 1, format!("o{o}"), net));
    }
}

fn listed(rules: &Rules, customers: &[Known], order: &[usize]) -> WinBackList {
    let cells: Vec<Cells> = customers.iter().map(|one| one.cells).collect();
    let table = table(&cells);
    let attempts: Vec<Vec<Attempt>> = customers
        .iter()
        .enumerate()
        .map(|(c, one)| {
            one.attempts
                .iter()
                .map(|n| attempt(c as u64 + 1, day(*n)))
                .collect()
        })
        .collect();
    let ids: Vec<CustomerId> = (1..=customers.len() as u64).map(CustomerId::from).collect();
    let all = order.iter().map(|c| Candidate {
        id: &ids[*c],
        row: table.row(*c),
        last_purchase: customers[*c].last.map(day),
        returned_on: customers[*c].returned.map(day),
        attempts: &attempts[*c],
        reason: customers[*c].reason,
    });
    bind(&written(rules)).list(all, day(AS_OF))
}

fn reason() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["price", "service", "moved"])
}

fn plan() -> impl Strategy<Value = Plan> {
    let reasons = prop_oneof![
        2 => Just(vec![]),
        1 => prop::collection::btree_set(reason(), 1..3).prop_map(|set| set.into_iter().collect()),
    ];
    let limit = prop::option::weighted(0.4, 0..4_u64);
    let costs = (0..900_i64, prop_oneof![Just(0), 0..2_000_i64]);
    (
        1..=1000_i128,
        costs,
        reasons,
        prop::bool::weighted(0.3),
        limit,
    )
        .prop_map(
            |(response, (cost, cost_if_won), reasons, vip, limit)| Plan {
                response,
                cost,
                cost_if_won,
                reasons,
                vip,
                limit,
            },
        )
}

fn rules() -> impl Strategy<Value = Rules> {
    (
        prop::collection::vec(plan(), 1..4),
        prop_oneof![Just(0), 1..300],
        prop::option::weighted(0.5, 0..4_u32),
        prop::option::weighted(0.5, 0..6_u64),
        prop::option::weighted(0.5, 0..500_i64),
    )
        .prop_map(|(offers, cool_down, max_attempts, limit, min_net)| Rules {
            offers,
            cool_down,
            max_attempts,
            limit,
            min_net,
        })
}

fn known() -> impl Strategy<Value = Known> {
    let flag = || prop::option::weighted(0.9, any::<bool>());
    let left = prop::option::weighted(0.95, prop::bool::weighted(0.9));
    // Few different values, so that some are equal.
    let value = prop_oneof![(0..8_i64).prop_map(|n| n * 500), -2_000..8_000_i64];
    (
        (left, prop::option::weighted(0.9, value), flag()),
        prop::collection::vec(0..AS_OF, 0..3),
        prop::option::of(0..AS_OF),
        prop::option::weighted(0.15, AS_OF + 1..AS_OF + 50),
        prop::option::of(reason()),
    )
        .prop_map(|(cells, attempts, last, returned, reason)| Known {
            cells,
            attempts,
            last,
            returned,
            reason,
        })
}

fn customers() -> impl Strategy<Value = Vec<Known>> {
    prop::collection::vec(known(), 0..12)
}

fn in_order(customers: &[Known]) -> Vec<usize> {
    (0..customers.len()).collect()
}

proptest! {
    #[test]
    fn the_list_is_the_plain_one(rules in rules(), customers in customers()) {
        let list = listed(&rules, &customers, &in_order(&customers));
        let found: Vec<(u64, String, i64)> = chosen(&list)
            .into_iter()
            .map(|(id, offer, net)| (id, offer.to_owned(), net))
            .collect();
        prop_assert_eq!(found, plainly(&rules, &customers));
        // Every candidate is in one of both, once.
        let mut all: Vec<u64> = chosen(&list).iter().map(|(id, ..)| *id).collect();
        all.extend(list.suppressed.iter().filter_map(|one| one.customer.as_number()));
        all.sort_unstable();
        let candidates = (customers.iter().enumerate())
            .filter(|(_, one)| one.cells.0 == Some(true))
            .map(|(c, _)| c as u64 + 1);
        prop_assert_eq!(all, candidates.collect::<Vec<_>>());
    }

    #[test]
    fn nobody_who_returned_or_is_in_the_cool_down_is_chosen_and_limits_hold(
        rules in rules(),
        customers in customers(),
    ) {
        let list = listed(&rules, &customers, &in_order(&customers));
        let known = |id: u64| &customers[id as usize - 1];
        for (id, _, net) in chosen(&list) {
            prop_assert_eq!(known(id).returned, None);
            prop_assert!(known(id).attempts.iter().all(|n| n + rules.cool_down <= AS_OF));
            prop_assert!(net >= rules.min_net.unwrap_or(1));
        }
        prop_assert!(list.chosen.len() as u64 <= rules.limit.unwrap_or(u64::MAX));
        for (o, plan) in rules.offers.iter().enumerate() {
            let made = list.chosen.iter().filter(|one| one.offer == format!("o{o}")).count();
            prop_assert!(made as u64 <= plan.limit.unwrap_or(u64::MAX));
        }
        let nets: Vec<i64> = list.chosen.iter().map(|one| one.net.minor()).collect();
        prop_assert!(nets.is_sorted_by(|a, b| a >= b));
    }

    #[test]
    fn neither_order_nor_partition_matter(
        (customers, order) in customers().prop_flat_map(|all| {
            let order = Just(in_order(&all)).prop_shuffle();
            (Just(all), order)
        }),
        mut rules in rules(),
        cut in any::<prop::sample::Index>(),
    ) {
        let whole = listed(&rules, &customers, &in_order(&customers));
        prop_assert_eq!(&listed(&rules, &customers, &order), &whole);
        // Parts put together are the whole, where no limit binds them.
        rules.limit = None;
        rules.offers.iter_mut().for_each(|offer| offer.limit = None);
        let whole = listed(&rules, &customers, &in_order(&customers));
        let (one, other) = order.split_at(cut.index(order.len() + 1));
        let mut parts = listed(&rules, &customers, one);
        let more = listed(&rules, &customers, other);
        parts.chosen.extend(more.chosen);
        parts.chosen.sort_by(|a, b| {
            b.net.minor().cmp(&a.net.minor()).then_with(|| a.customer.cmp(&b.customer))
        });
        parts.suppressed.extend(more.suppressed);
        parts.suppressed.sort_by(|a, b| a.customer.cmp(&b.customer));
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn a_greater_response_removes_nobody_where_there_are_no_limits(
        mut rules in rules(),
        customers in customers(),
        which in any::<prop::sample::Index>(),
        more in 1..1000_i128,
    ) {
        rules.limit = None;
        rules.offers.iter_mut().for_each(|offer| offer.limit = None);
        let before = listed(&rules, &customers, &in_order(&customers));
        let which = which.index(rules.offers.len());
        let offer = &mut rules.offers[which];
        offer.response = (offer.response + more).min(1000);
        let after = listed(&rules, &customers, &in_order(&customers));
        for one in &before.chosen {
            let now = after.chosen.iter().find(|other| other.customer == one.customer);
            prop_assert!(now.is_some_and(|now| now.net.minor() >= one.net.minor()));
        }
    }

    #[test]
    fn what_is_explained_is_what_is_done(mut rules in rules(), customers in customers()) {
        rules.limit = None;
        rules.offers.iter_mut().for_each(|offer| offer.limit = None);
        let list = listed(&rules, &customers, &in_order(&customers));
        let win_back = bind(&written(&rules));
        let cells: Vec<Cells> = customers.iter().map(|one| one.cells).collect();
        let table = table(&cells);
        for (c, one) in customers.iter().enumerate() {
            let id = CustomerId::from(c as u64 + 1);
            let attempts: Vec<Attempt> = one.attempts.iter().map(|n| attempt(1, day(*n))).collect();
            let candidate = Candidate {
                id: &id,
                row: table.row(c),
                last_purchase: one.last.map(day),
                returned_on: one.returned.map(day),
                attempts: &attempts,
                reason: one.reason,
            };
            let expected = match (list.chosen.iter().find(|o| o.customer == id), list.suppressed(&id)) {
                (Some(chosen), _) => WinBackVerdict::Best(chosen.clone()),
                (None, Some(why)) => WinBackVerdict::Suppressed(why),
                (None, None) => WinBackVerdict::NotACandidate,
            };
            prop_assert_eq!(win_back.explain(&candidate, day(AS_OF)).verdict, expected);
        }
    }

    #[test]
    fn nothing_panics_whatever_the_numbers(
        value in any::<f64>(),
        response in any::<f64>(),
        cost in 0..=i64::MAX,
        won in 0..=i64::MAX,
        days in any::<i32>(),
        on in Day::MIN.epoch_days()..=Day::MAX.epoch_days(),
    ) {
        let mut text = spec(PLAIN);
        text.offers[0] = OfferSpec::new("o", "c", "d", response.abs() % 1.5, eur(cost));
        text.offers[0].cost_if_won = Some(eur(won));
        text.cool_down = Some(Days::new(days));
        let mut problems = Diagnostics::new();
        if let Some(win_back) = text.bind(&schema(), Currency::EUR, &mut problems) {
            let mut table = table(&[left(0)]);
            let slot = table.schema().slot("value").unwrap();
            table.column_mut(slot).set(0, Some(value));
            let id = CustomerId::from(1);
            let tried = attempt(1, Day::from_epoch_days(on).unwrap());
            let candidate = Candidate { attempts: std::slice::from_ref(&tried), ..Candidate::new(&id, table.row(0)) };
            let list = win_back.list([candidate], Day::MAX);
            prop_assert_eq!(list.chosen.len() + list.suppressed.len(), 1);
            let _ = win_back.explain(&candidate, Day::MIN).to_string();
        }
    }
}

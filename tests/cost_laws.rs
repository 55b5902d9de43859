//! Laws of the cost to serve, the whale curve and the costs for nothing, against slow plain oracles.

#![allow(clippy::inconsistent_digit_grouping)] // euros_cents

use std::collections::BTreeMap;

use customer_value::diagnostic::Diagnostics;
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{LedgerBuilder, Options, Records};
use customer_value::metrics::cost::{
    ActivitySpec, CostToServe, CostToServeSpec, EntitlementSpec, ResourceSpec, WasteSpec,
};
use customer_value::model::{
    CostCategory, Currency, Day, Days, Direction, Interaction, Money, Record, ServiceCost,
};
use customer_value::report::{
    CapacityReport, Pareto, Ranking, WasteClass, WasteCustomer, WasteGroup, WasteReport, Whale,
};
use customer_value::summary::Summary;
use proptest::prelude::*;

fn as_of() -> Day {
    "2024-12-31".parse().unwrap()
}

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

const CHANNELS: [&str; 3] = ["phone", "mail", "visit"];

/// Resources (cents, minutes), and for each channel thousandths of a minute and the resource.
type Plan = (Vec<(i64, i64)>, [(i64, usize); 3]);
/// Of one customer: contacts by channel, and booked cents.
type Person = ([usize; 3], i64);

fn plan() -> impl Strategy<Value = Plan> {
    let resource = (0..100_000_i64, 1..2_000_i64);
    prop::collection::vec(resource, 1..=3).prop_flat_map(|resources| {
        let n = resources.len();
        let activity = || (0..20_000_i64, 0..n);
        (Just(resources), [activity(), activity(), activity()])
    })
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    prop::collection::vec(([0..4_usize, 0..4, 0..4], 0..1_000_i64), 0..8)
}

fn bound((resources, activities): &Plan) -> CostToServe {
    let mut spec = CostToServeSpec::default();
    for (i, (cost, minutes)) in resources.iter().enumerate() {
        spec.resources.push(ResourceSpec {
            name: format!("r{i}"),
            cost: eur(*cost),
            minutes: *minutes,
        });
    }
    for (channel, (thousandths, resource)) in CHANNELS.iter().zip(activities) {
        let minutes = *thousandths as f64 / 1_000.0;
        let mut activity = ActivitySpec::new(*channel, "contacts", minutes, format!("r{resource}"));
        activity.channel = Some((*channel).to_owned());
        spec.activities.push(activity);
    }
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&[], Currency::EUR, &mut problems);
    bound.unwrap_or_else(|| panic!("{problems}"))
}

fn histories(cost: &CostToServe, people: &[Person], first: u64) -> Histories {
    let options = Options::new(as_of(), Currency::EUR);
    let mut records: Vec<Record> = Vec::new();
    for (id, (contacts, booked)) in (first..).zip(people) {
        for (channel, n) in CHANNELS.iter().zip(contacts) {
            for _ in 0..*n {
                let contact = Interaction::new(id, as_of(), channel, Direction::Inbound, "x");
                records.push(contact.unwrap().into());
            }
        }
        let booked = ServiceCost::new(id, as_of(), eur(*booked), CostCategory::Marketing);
        records.push(booked.unwrap().into());
    }
    let ledger = LedgerBuilder::new(options.clone()).finish();
    let layout = Layout::new(Currency::EUR, cost.facts());
    let histories = Histories::build(&ledger, &layout).unwrap();
    histories
        .with_records(&Records::clean(records, &options))
        .unwrap()
}

fn report(cost: &CostToServe, histories: &Histories) -> (Vec<i64>, CapacityReport) {
    let mut report = CapacityReport::new(cost, as_of());
    let mut costs = Vec::new();
    for (_, history) in histories.iter() {
        let summary = Summary::new(history, cost.window(), as_of());
        costs.push(cost.minor(&summary).unwrap());
        report.add(cost, &summary);
    }
    (costs, report)
}

/// Twice the numerator over the product of all capacities: a plain fraction.
fn exact((resources, activities): &Plan, (contacts, booked): &Person) -> (i128, i128) {
    let all: i128 = resources
        .iter()
        .map(|(_, m)| i128::from(*m) * 1_000)
        .product();
    let mut sum = i128::from(*booked) * all;
    for (n, (thousandths, resource)) in contacts.iter().zip(activities) {
        let (cost, minutes) = resources[*resource];
        let share = all / (i128::from(minutes) * 1_000);
        sum += *n as i128 * i128::from(*thousandths) * i128::from(cost) * share;
    }
    (sum, all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn costs_are_the_exact_fraction_rounded_half_to_even(plan in plan(), people in people()) {
        let cost = bound(&plan);
        let (costs, report) = report(&cost, &histories(&cost, &people, 1));
        for (minor, person) in costs.iter().zip(&people) {
            let (sum, all) = exact(&plan, person);
            let off = (sum - i128::from(*minor) * all) * 2;
            prop_assert!(-all <= off && off <= all, "{minor} for {sum}/{all}");
            prop_assert!(off.abs() != all || minor % 2 == 0, "a half went to {minor}");
        }
        // The sum of the rounded ones is off by half a cent a customer, and that of the report by half a cent a resource more.
        let whole: i128 = people.iter().map(|person| exact(&plan, person).0).sum();
        let all = exact(&plan, &([0; 3], 0)).1;
        let off = (i128::from(report.assigned()) * all - whole).abs() * 2;
        prop_assert!(off <= all * people.len() as i128);
        prop_assert!(report.rounding().unsigned_abs() as usize * 2 <= people.len() + plan.0.len());
    }

    #[test]
    fn used_and_unused_are_what_was_supplied(plan in plan(), people in people()) {
        let cost = bound(&plan);
        let (_, report) = report(&cost, &histories(&cost, &people, 1));
        for (i, resource) in report.resources().iter().enumerate() {
            prop_assert_eq!((resource.supplied, resource.practical), (plan.0[i].0, plan.0[i].1 * 1_000));
            prop_assert_eq!(resource.charged() + resource.unused() - resource.over_use(), resource.supplied);
            prop_assert_eq!(resource.used + resource.unused_time() - resource.over_used_time(), resource.practical);
            prop_assert!(resource.unused() == 0 || resource.over_use() == 0);
            let own = report.activities().iter().filter(|a| a.resource == i).map(|a| a.time);
            prop_assert_eq!(own.sum::<i64>(), resource.used);
        }
    }

    #[test]
    fn reports_of_parts_add_up(plan in plan(), a in people(), b in people()) {
        let cost = bound(&plan);
        let both: Vec<Person> = a.iter().chain(&b).copied().collect();
        let (_, whole) = report(&cost, &histories(&cost, &both, 1));
        let (_, mut merged) = report(&cost, &histories(&cost, &a, 1));
        let (_, second) = report(&cost, &histories(&cost, &b, 100));
        merged.merge(&second).unwrap();
        prop_assert_eq!(&merged, &whole);
        let other = bound(&(vec![(1, 1)], [(1, 0); 3]));
        if plan.0 != [(1, 1)] {
            prop_assert!(merged.merge(&CapacityReport::new(&other, as_of())).is_err());
            prop_assert_eq!(&merged, &whole);
        }
    }

    #[test]
    fn whale_curve_is_concave_and_ends_at_everything(
        amounts in prop::collection::vec(prop::option::weighted(0.9, -500..500_i64), 0..60),
        points in 0..80_usize,
        shift in 0..60_usize,
    ) {
        let whale = Whale::new("profit", Currency::EUR, amounts.iter().copied(), points);
        let mut sorted: Vec<i64> = amounts.iter().flatten().copied().collect();
        sorted.sort_by(|a, b| b.cmp(a));
        let sum = |k: usize| sorted.iter().take(k).sum::<i64>();
        let n = sorted.len();

        prop_assert_eq!(whale.customers() + whale.unknown(), amounts.len() as u64);
        prop_assert_eq!(whale.total(), sum(n));
        prop_assert_eq!(whale.gained() - whale.lost(), whale.total());
        let kept = whale.points();
        prop_assert_eq!((kept[0].customers, kept[0].sum), (0, 0));
        prop_assert_eq!(kept.last().unwrap().customers, n as u64);
        prop_assert!(kept.contains(&whale.peak()));
        prop_assert!(kept.len() <= points.max(2) + 7, "{} of {points}", kept.len());
        for point in kept {
            prop_assert_eq!(point.sum, sum(usize::try_from(point.customers).unwrap()));
            prop_assert!(point.sum <= whale.peak().sum);
        }
        for three in kept.windows(3) {
            let slope = |a: usize, b: usize| (three[b].sum - three[a].sum, (three[b].customers - three[a].customers) as i64);
            let ((up, run), (then, next)) = (slope(0, 1), slope(1, 2));
            prop_assert!(up * next >= then * run, "{three:?}");
        }
        let best = (0..=n).find(|k| sum(*k) == (0..=n).map(sum).max().unwrap()).unwrap();
        prop_assert_eq!(whale.peak().customers, best as u64);
        if whale.total() > 0 {
            prop_assert_eq!(whale.share(*kept.last().unwrap()), Some(1.0));
            let fifth = sum(n.div_ceil(5)) as f64 / sum(n) as f64;
            let best = whale.best(20).and_then(|point| whale.share(point));
            prop_assert!((best.unwrap() - fifth).abs() < 1e-12);
        } else {
            prop_assert_eq!((whale.share(whale.peak()), whale.lost_share()), (None, None));
        }
        // The same parts as of any ranking, here of the amounts by themselves.
        let ranking = Ranking::new(sorted.iter().map(|amount| (Some(*amount as f64), *amount)));
        for part in &Pareto::new("profit", &ranking).parts {
            let best = whale.best(part.percent).unwrap();
            prop_assert_eq!(best.customers, part.customers);
            let (one, other) = (whale.share(best), part.share);
            prop_assert!(one.is_some() == other.is_some() && one.zip(other).is_none_or(|(a, b)| (a - b).abs() < 1e-9));
        }
        prop_assert_eq!(whale.best(99), None);
        // Nearest rank: the smallest that at least so many have or less.
        if let Some(spread) = whale.spread() {
            let rank = |part: usize| sorted[n - (n * part).div_ceil(100).max(1)];
            prop_assert_eq!([spread.least, spread.p10, spread.p25, spread.median, spread.p75, spread.p90, spread.most],
                [rank(0), rank(10), rank(25), rank(50), rank(75), rank(90), rank(100)]);
        }
        let mut turned = amounts.clone();
        turned.rotate_left(shift.min(amounts.len()));
        prop_assert_eq!(Whale::new("profit", Currency::EUR, turned, points), whale);
    }

    #[test]
    fn classes_of_waste_are_disjoint_and_add_up(
        people in prop::collection::vec(person(), 0..5),
        limits in [prop::option::of(0..60_i64), prop::option::of(0..60_i64)],
        marketing in prop::option::of(0..40_i64),
        below in prop::option::of(0.05..1.0_f64),
        within in 0..200_i32,
        keep in 0..10_usize,
        split in prop::collection::vec(0..3_usize, 1..5),
    ) {
        let mut spec = WasteSpec::new(Days::new(within));
        spec.p_purchase_below = below;
        spec.entitlements.extend(marketing.map(|most| EntitlementSpec {
            tier: "a".to_owned(),
            category: CostCategory::Marketing,
            per_year: eur(most),
        }));
        let mut problems = Diagnostics::new();
        let rules = spec.bind(&["a", "b"], Currency::EUR, &mut problems).unwrap();
        let tiers = [("a", limits[0]), ("b", limits[1])];
        let empty = WasteReport::new(&rules, tiers, Currency::EUR, as_of()).keeping(keep);
        let mut report = empty.clone();
        let mut parts = [empty.clone(), empty.clone(), empty.clone()];
        let (mut read, mut wasted) = (0, 0);
        let mut by_class = BTreeMap::new();
        for (id, (tier, p_purchase, bought, costs)) in (1_u64..).zip(&people) {
            let ago = |days: &i32| as_of().minus(Days::new(*days));
            let purchases: Vec<Day> = bought.iter().rev().map(ago).collect();
            let customer = WasteCustomer { tier: *tier, p_purchase: *p_purchase, purchases: &purchases };
            let category = |marketing: &bool| if *marketing { CostCategory::Marketing } else { CostCategory::Survey };
            let entries: Vec<ServiceCost> = costs.iter()
                .map(|(days, m, amount)| ServiceCost::new(id, ago(days), eur(*amount), category(m)).unwrap())
                .collect();
            report.add(&id.into(), customer, &entries).unwrap();
            parts[split[id as usize % split.len()]].add(&id.into(), customer, &entries).unwrap();
            for (class, whole, part) in plain(costs, *tier, *p_purchase, bought, &limits, marketing, below, within) {
                read += whole;
                wasted += part;
                if let Some(class) = class {
                    let (n, sum) = by_class.entry(class).or_insert((0, 0));
                    *n += 1;
                    *sum += part;
                }
            }
        }
        let all = report.all();
        prop_assert_eq!((all.read.amount, all.total().amount), (read, wasted));
        for class in WasteClass::ALL {
            let (n, sum) = by_class.get(&class).copied().unwrap_or((0, 0));
            prop_assert_eq!((all.of(class).entries, all.of(class).amount), (n, sum), "{:?}", class);
        }
        prop_assert!(all.total().amount <= all.read.amount && all.total().entries <= all.read.entries);
        let by_tier: Vec<&WasteGroup> = report.tiers().iter().chain([report.unknown()]).collect();
        let categories: Vec<&WasteGroup> = report.categories().collect();
        for groups in [by_tier, categories] {
            prop_assert_eq!(groups.iter().map(|g| g.read.amount).sum::<i64>(), read);
            for class in WasteClass::ALL {
                prop_assert_eq!(groups.iter().map(|g| g.of(class).amount).sum::<i64>(), all.of(class).amount);
            }
        }
        prop_assert!(report.largest().len() <= keep);
        prop_assert!(report.largest().is_sorted_by(|a, b| a.wasted >= b.wasted));
        prop_assert!(report.largest().iter().all(|e| 0 < e.wasted && e.wasted <= e.amount));
        let again: WasteReport = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
        prop_assert_eq!(&again, &report);
        // Parts of the customers, in any order.
        for order in [[0, 1, 2], [2, 0, 1]] {
            let mut merged = empty.clone();
            for at in order {
                merged.merge(&parts[at]).unwrap();
            }
            prop_assert_eq!(&merged, &report);
        }
        let others = [
            WasteReport::new(&rules, tiers, Currency::EUR, as_of().next()).keeping(keep),
            WasteReport::new(&rules, tiers, Currency::EUR, as_of()).keeping(keep + 1),
            WasteReport::new(&rules, tiers[..1].iter().copied(), Currency::EUR, as_of()).keeping(keep),
        ];
        for other in others {
            prop_assert!(report.merge(&other).unwrap_err().is_misuse());
            prop_assert_eq!(&again, &report);
        }
    }
}

/// Days ago, whether it is marketing (or a survey), cents.
type Entry = (i32, bool, i64);

/// Tier, `p_purchase`, days ago of the purchases (ascending), costs.
fn person() -> impl Strategy<Value = (Option<usize>, Option<f64>, Vec<i32>, Vec<Entry>)> {
    let bought = prop::collection::btree_set(0..400_i32, 0..3);
    let entry = (
        prop_oneof![0..5_i32, 360..370_i32, 0..400_i32],
        any::<bool>(),
        0..8_i64,
    );
    (
        prop::option::of(0..3_usize),
        prop::option::of(0.0..1.0_f64),
        bought.prop_map(|days| days.into_iter().collect()),
        prop::collection::vec(entry, 0..12),
    )
}

/// The page, entry by entry: the class, the amount, and what of it was for nothing.
#[allow(clippy::too_many_arguments)]
fn plain(
    costs: &[Entry],
    tier: Option<usize>,
    p_purchase: Option<f64>,
    bought: &[i32],
    limits: &[Option<i64>; 2],
    marketing: Option<i64>,
    below: Option<f64>,
    within: i32,
) -> Vec<(Option<WasteClass>, i64, i64)> {
    let mut own: Vec<Entry> = costs
        .iter()
        .filter(|(ago, ..)| *ago < 365)
        .copied()
        .collect();
    own.sort_by_key(|(ago, marketing, amount)| (-ago, !marketing, *amount));
    let (mut spent, mut spent_on_marketing) = (0, 0);
    let mut found = Vec::new();
    for (i, entry) in own.iter().enumerate() {
        let (ago, is_marketing, amount) = *entry;
        if own[..i].contains(entry) {
            found.push((Some(WasteClass::Duplicate), amount, amount));
            continue;
        }
        let mut fits = amount;
        if let Some(most) = tier.and_then(|tier| *limits.get(tier)?) {
            fits = fits.min(most - spent);
        }
        if let Some(most) = marketing.filter(|_| tier == Some(0) && is_marketing) {
            fits = fits.min(most - spent_on_marketing);
        }
        spent += fits;
        spent_on_marketing += if is_marketing { fits } else { 0 };
        if fits < amount {
            found.push((Some(WasteClass::AboveEntitlement), amount, amount - fits));
            continue;
        }
        let returned = bought.iter().any(|b| ago - within <= *b && *b <= ago);
        let expected = below.is_some_and(|x| p_purchase.is_none_or(|p| p >= x));
        if ago >= within && !returned && !expected {
            found.push((Some(WasteClass::NoReturn), amount, amount));
        } else {
            found.push((None, amount, 0));
        }
    }
    found
}

#[test]
fn extreme_amounts_stop_at_the_ends() {
    let whale = Whale::new(
        "profit",
        Currency::EUR,
        [i64::MAX, i64::MAX, i64::MIN].map(Some),
        10,
    );
    assert_eq!(whale.peak().sum, i64::MAX);
    assert_eq!(whale.total(), i64::MAX - 1);
    let lost = Whale::new("profit", Currency::EUR, [i64::MIN, i64::MIN].map(Some), 10);
    assert_eq!(
        (lost.total(), lost.lost(), lost.share(lost.peak())),
        (i64::MIN, i64::MAX, None)
    );
    let nobody = Whale::new("profit", Currency::EUR, [None], 10);
    assert_eq!(
        (nobody.points(), nobody.spread(), nobody.best(20)),
        (&[nobody.peak()][..], None, Some(nobody.peak()))
    );
}

#[test]
fn text_of_the_curve_and_of_the_waste() {
    let whale = Whale::new(
        "profit",
        Currency::EUR,
        [60_00, -40_00, 50_00, -20_00, 0].map(Some),
        100,
    );
    assert_eq!(
        whale.to_string(),
        "\
best customers  customers  profit  share of the total
1.0 %                   1   60.00             120.0 %
5.0 %                   1   60.00             120.0 %
10.0 %                  1   60.00             120.0 %
20.0 %                  1   60.00             120.0 %
peak                    2  110.00             220.0 %
50.0 %                  3  110.00             220.0 %
80.0 %                  4   90.00             180.0 %
100.0 %                 5   50.00             100.0 %

profit      customers  profit  share of the total
above zero          2  110.00             220.0 %
at zero             1    0.00               0.0 %
below zero          2  -60.00            -120.0 %
total               5   50.00             100.0 %

customers  so much or less
least               -40.00
10.0 %              -40.00
25.0 %              -20.00
50.0 %                0.00
75.0 %               50.00
90.0 %               60.00
100.0 %              60.00
"
    );
    let again: Whale = serde_json::from_str(&serde_json::to_string(&whale).unwrap()).unwrap();
    assert_eq!(again, whale);

    let mut problems = Diagnostics::new();
    let rules = WasteSpec::new(Days::new(30))
        .bind(&["a"], Currency::EUR, &mut problems)
        .unwrap();
    let mut report = WasteReport::new(&rules, [("a", Some(10_00))], Currency::EUR, as_of());
    let day: Day = "2024-05-01".parse().unwrap();
    let cost = |amount| ServiceCost::new(1, day, eur(amount), CostCategory::Marketing).unwrap();
    let costs = [cost(4_00), cost(4_00), cost(9_00)];
    let customer = WasteCustomer {
        tier: Some(0),
        ..WasteCustomer::default()
    };
    report.add(&1.into(), customer, &costs).unwrap();
    assert_eq!(
        report.to_string(),
        "\
for nothing        entries  amount    share
duplicate                1    4.00   23.5 %
above entitlement        1    3.00   17.6 %
no return                1    4.00   23.5 %
total                    3   11.00   64.7 %
of all costs             3   17.00  100.0 %

cost for   entries  amount  duplicate  above entitlement  no return  for nothing   share
marketing        3   17.00       4.00               3.00       4.00        11.00  64.7 %

tier  entries  amount  duplicate  above entitlement  no return  for nothing   share
a           3   17.00       4.00               3.00       4.00        11.00  64.7 %

customer  tier  day         cost for   amount  for nothing  reason
1         a     2024-05-01  marketing    4.00         4.00  duplicate
1         a     2024-05-01  marketing    4.00         4.00  no return
1         a     2024-05-01  marketing    9.00         3.00  above entitlement
"
    );
    let dollars =
        ServiceCost::new(1, day, "1.00 USD".parse().unwrap(), CostCategory::Survey).unwrap();
    assert!(
        report
            .add(&1.into(), customer, [&dollars])
            .unwrap_err()
            .is_misuse()
    );
}

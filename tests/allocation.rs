//! Allocation against published numbers, an independent search, and worked cases; and what is found wrong with a policy.

#![allow(clippy::inconsistent_digit_grouping)] // euros, then cents

use customer_value::diagnostic::{Code, Diagnostics, Severity};
use customer_value::model::{Currency, Money, Unit};
use customer_value::strategy::allocation::{
    AcquisitionRetention, AllocationSpec, Candidate, EquityInput, Held, Need, Resource,
    ResponseCurve, Segment, TierNeeds, select, share_capacity, spread,
};
use customer_value::table::{Field, Schema};

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::EUR)
}

fn close(found: f64, wanted: f64, tolerance: f64) -> bool {
    (found - wanted).abs() <= tolerance * wanted.abs().max(1.0)
}

/// Blattberg & Deighton (1996): 5 dollars win 20 % of at most 40 %, 10 dollars keep 40 % of at most 70 %.
fn published() -> AcquisitionRetention {
    let acquisition = ResponseCurve::through(0.4, 5.0, 0.2).unwrap();
    let retention = ResponseCurve::through(0.7, 10.0, 0.4).unwrap();
    AcquisitionRetention::new(acquisition, retention, 50.0, 0.1).unwrap()
}

#[test]
fn published_optimum_comes_out_to_its_digits() {
    let best = published().optimum();
    assert_eq!(format!("{:.2}", best.retention_spend), "16.32");
    assert_eq!(format!("{:.3}", best.acquisition_spend), "9.489");
    assert_eq!(format!("{:.3}", best.equity), "10.177");
}

#[test]
fn optimum_is_that_of_an_independent_search() {
    let text = include_str!("data/allocation/equity.csv");
    let mut checked = 0;
    for line in text.lines().skip(1) {
        let v: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let acquisition = ResponseCurve::through(v[0], v[1], v[2]).unwrap();
        let retention = ResponseCurve::through(v[3], v[4], v[5]).unwrap();
        let model = AcquisitionRetention::new(acquisition, retention, v[6], v[7]).unwrap();
        let best = model.optimum();
        // The inputs are rounded to doubles, and the place of a flat peak feels that more than its height.
        assert!(close(best.acquisition_spend, v[8], 1e-9), "{line}\n{best}");
        assert!(close(best.retention_spend, v[9], 1e-9), "{line}\n{best}");
        assert!(close(best.equity, v[10], 1e-12), "{line}\n{best}");
        assert!(close(best.customer_value, v[11], 1e-12), "{line}\n{best}");
        assert_eq!(best.retention_spend == 0.0, v[9] == 0.0, "{line}");
        assert_eq!(best.acquisition_spend == 0.0, v[8] == 0.0, "{line}");
        checked += 1;
    }
    assert_eq!(checked, 120);
}

#[test]
fn nothing_is_spent_just_where_the_first_unit_does_not_pay() {
    let acquisition = ResponseCurve::new(0.25, 0.125).unwrap();
    let retention = ResponseCurve::new(0.5, 0.125).unwrap();
    let at = |margin| AcquisitionRetention::new(acquisition, retention, margin, 0.1).unwrap();
    assert_eq!(at(1.0).least_margin(), 16.0);
    assert_eq!(at(1.0).least_customer_value(), 32.0);
    assert_eq!(at(16.0).optimum().retention_spend, 0.0);
    assert!(at(16.1).optimum().retention_spend > 0.0);
    // A customer who is not kept is worth the margin: 16 is too little to win one.
    assert_eq!(at(16.0).optimum().acquisition_spend, 0.0);
    assert_eq!(at(16.0).optimum().equity, 0.0);
    assert!(at(32.0).optimum().acquisition_spend > 0.0);
    assert_eq!(at(0.0).optimum().equity, 0.0);
}

#[test]
fn curves_pass_through_the_optimum_and_have_their_ends() {
    let model = published();
    let best = model.optimum();
    let won = model
        .acquisition_curve(2.0 * best.acquisition_spend, 2)
        .unwrap();
    assert_eq!(won.0.len(), 3);
    assert_eq!(won.0[1], best);
    assert_eq!((won.0[0].acquisition_rate, won.0[0].equity), (0.0, 0.0));
    let kept = model
        .retention_curve(2.0 * best.retention_spend, 2)
        .unwrap();
    assert!(close(kept.0[1].equity, best.equity, 1e-14));
    assert_eq!(kept.0[0].customer_value, 50.0);
    assert!(kept.0[0].equity < best.equity && kept.0[2].equity < best.equity);
    // The observed points are on the curves.
    let point = model.at(5.0, 10.0).unwrap();
    assert!(close(point.acquisition_rate, 0.2, 1e-15));
    assert!(close(point.retention_rate, 0.4, 1e-15));
    // .2 · (50 + (50 − 10/.4) · .4/.7) − 5
    assert!(close(
        point.equity,
        0.2 * (50.0 + 25.0 * 0.4 / 0.7) - 5.0,
        1e-14
    ));
    assert_eq!(
        point.to_string(),
        "acquisition spend     won  retention spend    kept  customer value  equity\n\
         5.000              20.0 %           10.000  40.0 %          64.286   7.857\n"
    );
}

#[test]
fn sensitivity_leaves_out_what_is_out_of_range() {
    let acquisition = ResponseCurve::new(0.95, 0.1).unwrap();
    let model = AcquisitionRetention::new(acquisition, acquisition, 50.0, 0.1).unwrap();
    let table = model.sensitivity(0.1).unwrap();
    let missing: Vec<EquityInput> = table
        .rows
        .iter()
        .filter(|row| row.higher.is_none())
        .map(|row| row.input)
        .collect();
    assert_eq!(
        missing,
        [
            EquityInput::AcquisitionCeiling,
            EquityInput::RetentionCeiling
        ]
    );
    assert!(table.rows.iter().all(|row| row.lower.is_some()));
    let json = serde_json::to_string(&table).unwrap();
    assert_eq!(
        serde_json::from_str::<customer_value::strategy::allocation::Sensitivity>(&json)
            .unwrap()
            .rows
            .len(),
        6
    );
}

#[test]
fn what_is_out_of_range_is_refused() {
    let nan = f64::NAN;
    for (ceiling, k) in [
        (0.0, 1.0),
        (1.1, 1.0),
        (nan, 1.0),
        (0.5, 0.0),
        (0.5, nan),
        (0.5, f64::INFINITY),
    ] {
        assert!(ResponseCurve::new(ceiling, k).unwrap_err().is_range());
    }
    for (ceiling, spend, rate) in [
        (0.5, 0.0, 0.1),
        (0.5, -1.0, 0.1),
        (0.5, 1.0, 0.5),
        (0.5, 1.0, 0.0),
        (nan, 1.0, 0.1),
        (0.5, nan, 0.1),
        (0.5, 1.0, nan),
    ] {
        assert!(
            ResponseCurve::through(ceiling, spend, rate)
                .unwrap_err()
                .is_range()
        );
    }
    let curve = ResponseCurve::new(0.5, 0.1).unwrap();
    for (margin, discount) in [
        (-1.0, 0.1),
        (nan, 0.1),
        (f64::INFINITY, 0.1),
        (1.0, 0.0),
        (1.0, nan),
        (1.0, 11.0),
    ] {
        assert!(
            AcquisitionRetention::new(curve, curve, margin, discount)
                .unwrap_err()
                .is_range()
        );
    }
    let model = published();
    for spend in [-1.0, nan, f64::INFINITY, 1e16] {
        assert!(model.at(spend, 0.0).unwrap_err().is_range());
        assert!(model.at(0.0, spend).unwrap_err().is_range());
        assert!(model.retention_curve(spend, 3).unwrap_err().is_range());
    }
    assert!(model.acquisition_curve(1.0, 0).unwrap_err().is_range());
    assert!(model.sensitivity(1.0).unwrap_err().is_range());
    assert!(model.sensitivity(nan).unwrap_err().is_range());
}

fn segment(name: &str, customers: u64, value: i64) -> Segment {
    let curve = ResponseCurve::through(0.4, 10.0, 0.2).unwrap();
    Segment::new(name, customers, curve, eur(value))
}

#[test]
fn equal_segments_share_equally_and_the_odd_cent_goes_to_the_first() {
    let plan = spread(
        eur(100_01),
        &[segment("a", 10, 50_00), segment("b", 10, 50_00)],
    )
    .unwrap();
    let amounts: Vec<i64> = plan.segments.iter().map(|s| s.amount.minor()).collect();
    assert_eq!(amounts, [50_01, 50_00]);
    // 5 euros on each: 10 · .4 · (1 − √½) · 50.
    assert!(close(
        plan.segments[1].responses,
        4.0 * (1.0 - 0.5_f64.sqrt()),
        1e-12
    ));
    assert_eq!(plan.segments[1].value, eur(58_58));
}

#[test]
fn floors_and_caps_hold_and_are_named() {
    let segments = [
        segment("poor", 10, 1_00).floor(eur(20_00)),
        segment("rich", 10, 500_00).cap(eur(30_00)),
        segment("rest", 10, 50_00),
    ];
    let plan = spread(eur(100_00), &segments).unwrap();
    let rows: Vec<(i64, Option<Held>)> = plan
        .segments
        .iter()
        .map(|s| (s.amount.minor(), s.held))
        .collect();
    assert_eq!(
        rows,
        [
            (20_00, Some(Held::Floor)),
            (30_00, Some(Held::Cap)),
            (50_00, None)
        ]
    );
    let marginals: Vec<f64> = plan.segments.iter().map(|s| s.marginal).collect();
    assert_eq!(plan.lambda, Some(marginals[2]));
    assert!(marginals[1] > marginals[2] && marginals[2] > marginals[0]);
    // The slope of 10 customers · 50 € at 5 € each, per euro on each of 10: .4 · ln 2 / 10 · √½ · 50.
    assert!(close(
        marginals[2],
        0.4 * 2_f64.ln() / 10.0 * 0.5_f64.sqrt() * 50.0,
        1e-4
    ));
}

#[test]
fn what_cannot_be_spent_is_left() {
    let segments = [
        segment("capped", 10, 50_00).cap(eur(30_00)),
        segment("empty", 0, 50_00),
        segment("worthless", 10, 0),
        segment("costly", 10, -1_00).floor(eur(5_00)),
    ];
    let plan = spread(eur(100_00), &segments).unwrap();
    assert_eq!(plan.spent, eur(35_00));
    assert_eq!(plan.lambda, None);
    assert_eq!(plan.segments[1].per_customer, None);
    assert!(plan.segments[3].marginal < 0.0 && plan.segments[3].value.is_negative());
    assert_eq!(spread(eur(0), &segments[..3]).unwrap().spent, eur(0));
    assert_eq!(spread(eur(7), &[]).unwrap().spent, eur(0));
}

#[test]
fn budgets_that_make_no_sense_are_refused() {
    let usd = Money::from_minor(1, Currency::USD);
    assert!(spread(eur(-1), &[]).unwrap_err().is_range());
    assert!(spread(usd, &[segment("a", 1, 1)]).unwrap_err().is_misuse());
    assert!(
        spread(eur(1), &[segment("a", 1, 1).floor(usd)])
            .unwrap_err()
            .is_misuse()
    );
    assert!(
        spread(eur(9), &[segment("a", 1, 1).cap(eur(-1))])
            .unwrap_err()
            .is_range()
    );
    let error = spread(eur(9_00), &[segment("a", 1, 1).floor(eur(5)).cap(eur(4))]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the floor of `a`, 0.05 EUR, is above its cap of 0.04 EUR"
    );
    let floors = [
        segment("a", 1, 1).floor(eur(i64::MAX)),
        segment("b", 1, 1).floor(eur(i64::MAX)),
    ];
    let error = spread(eur(9_00), &floors).unwrap_err();
    assert!(
        error.is_range()
            && error
                .to_string()
                .contains("more than the budget of 9.00 EUR")
    );
}

#[test]
fn the_largest_numbers_there_are_do_no_harm() {
    for k in [1e-12, 1.0, 1e12] {
        for ceiling in [1e-12, 1.0] {
            let curve = ResponseCurve::new(ceiling, k).unwrap();
            let segments = [
                Segment::new("many", u64::MAX, curve, eur(i64::MAX)),
                Segment::new("one", 1, curve, eur(1)),
                Segment::new("loss", u64::MAX, curve, eur(i64::MIN)),
            ];
            for budget in [0, 1, 1_000_000, i64::MAX] {
                let plan = spread(eur(budget), &segments).unwrap();
                assert_eq!(plan.spent, eur(budget));
                for s in &plan.segments {
                    assert!(s.marginal.is_finite() && s.responses.is_finite());
                }
            }
            for margin in [0.0, 1e-300, 1.0, 1e15] {
                for discount in [1e-6, 10.0] {
                    let model = AcquisitionRetention::new(curve, curve, margin, discount).unwrap();
                    let best = model.optimum();
                    assert!(best.equity.is_finite() && best.equity >= 0.0, "{best}");
                    assert!(model.sensitivity(0.5).is_ok());
                }
            }
        }
    }
}

fn candidates(pairs: &[(i64, i64)]) -> Vec<Candidate> {
    let of = |&(cost, value)| Candidate { cost, value };
    pairs.iter().map(of).collect()
}

#[test]
fn selection_looks_beyond_value_per_cost() {
    let all = candidates(&[
        (60, 100),
        (50, 80),
        (50, 80),
        (0, 5),
        (0, 0),
        (10, -3),
        (101, 999),
    ]);
    let best = select(&all, eur(100), None).unwrap();
    assert_eq!(
        (best.chosen.as_slice(), best.cost, best.value),
        (&[1, 2, 3][..], eur(100), eur(165))
    );
    assert!(best.is_exact());
    // One dear customer who alone brings nearly all, beside a cheap one with more per cost, among too many for a search.
    let mut many = candidates(&[(1, 2), (100_000, 100_000)]);
    many.extend(vec![
        Candidate {
            cost: 99_999,
            value: 1
        };
        2_000
    ]);
    let best = select(&many, eur(100_000), None).unwrap();
    assert_eq!(
        (best.chosen.as_slice(), best.value),
        (&[1][..], eur(100_000))
    );
    assert_eq!((best.gap(), best.is_exact()), (eur(1), false));
}

#[test]
fn equal_costs_are_the_most_valuable() {
    let all: Vec<Candidate> = (0..5_000)
        .map(|i| Candidate {
            cost: 7,
            value: i * 7919 % 5_000 / 2,
        })
        .collect();
    // 143 would cost 1001.
    let best = select(&all, eur(1_000), None).unwrap();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|&i| (-all[i].value, i));
    order.truncate(142);
    order.sort_unstable();
    assert_eq!(best.chosen, order);
    assert!(best.is_exact());
    assert_eq!(select(&all, eur(1_000), Some(142)).unwrap(), best);
    assert!(select(&all, eur(1_000), Some(0)).unwrap().chosen.is_empty());
}

#[test]
fn selections_that_make_no_sense_are_refused() {
    assert!(select(&[], eur(-1), None).unwrap_err().is_range());
    assert!(
        select(&candidates(&[(-1, 1)]), eur(1), None)
            .unwrap_err()
            .is_range()
    );
    let huge = candidates(&[(0, i64::MAX), (0, 1)]);
    assert!(select(&huge, eur(1), None).unwrap_err().is_overflow());
    assert_eq!(
        select(&huge[..1], eur(0), None).unwrap().value,
        eur(i64::MAX)
    );
    let dear = candidates(&[(i64::MAX, i64::MAX / 2), (i64::MAX, i64::MAX / 3), (1, 1)]);
    assert_eq!(select(&dear, eur(i64::MAX), Some(2)).unwrap().chosen, [0]);
    let none = select(&[], eur(5), None).unwrap();
    assert_eq!((none.value, none.is_exact()), (eur(0), true));
    assert_eq!(
        none.to_string(),
        "chosen  candidates  budget  cost  value  gap at most\n\
         0                0    0.05  0.00   0.00         0.00\n"
    );
}

fn tier(tier: &str, customers: u64, minutes: u32, floor: u32) -> TierNeeds {
    TierNeeds {
        tier: tier.to_owned(),
        customers,
        needs: vec![Need { minutes, floor }],
    }
}

#[test]
fn capacity_goes_from_the_top_down() {
    let tiers = [
        tier("A", 10, 30, 5),
        tier("B", 40, 10, 1),
        tier("C", 200, 2, 1),
    ];
    let of = |minutes, reserve| {
        share_capacity(&[Resource::new("phone", minutes).reserve(reserve)], &tiers).unwrap()
    };
    let granted = |minutes, reserve| {
        of(minutes, reserve)
            .tiers
            .iter()
            .map(|t| t.granted)
            .collect::<Vec<_>>()
    };
    assert_eq!(granted(1_100, 0), [300, 400, 400]);
    assert_eq!(granted(800, 60), [300, 240, 200]); // B lacks 160 while C has the floor only
    assert_eq!(granted(250, 60), [250, 0, 0]);
    assert_eq!(granted(420, 60), [300, 40, 20]);
    assert!(of(1_160, 60).is_served());

    let plan = of(420, 60);
    let said: Vec<_> = plan
        .shortages()
        .map(|t| {
            (
                &*t.tier,
                t.short,
                t.customers_short,
                t.customers_below_floor,
                t.would_take,
            )
        })
        .collect();
    assert_eq!(said, [("B", 360, 40, 0, 540), ("C", 380, 200, 180, 740)]);
    assert!(!plan.floor_holds());
    // 240 minutes for 40: each has 1, and the 200 beyond raise 22 by 9.
    assert_eq!(of(800, 60).tiers[1].customers_short, 18);
    let used = &of(330, 60).resources[0];
    assert_eq!(
        (
            used.reserved,
            used.reserve_short,
            used.unused,
            used.would_take
        ),
        (30, 30, 0, 830)
    );
}

#[test]
fn capacity_plans_that_make_no_sense_are_refused() {
    let phone = [Resource::new("phone", 1)];
    assert!(
        share_capacity(&phone, &[tier("A", 1, 1, 2)])
            .unwrap_err()
            .is_misuse()
    );
    assert!(
        share_capacity(&phone, &[tier("A", 1, 1, 0), tier("A", 1, 1, 0)])
            .unwrap_err()
            .is_misuse()
    );
    assert!(
        share_capacity(&[], &[tier("A", 1, 1, 0)])
            .unwrap_err()
            .is_misuse()
    );
    assert!(
        share_capacity(&phone, &[tier("A", u64::MAX, 2, 0)])
            .unwrap_err()
            .is_overflow()
    );
    assert!(
        share_capacity(&phone, &[tier("A", u64::MAX, 1, 1), tier("B", 1, 1, 1)])
            .unwrap_err()
            .is_overflow()
    );
    assert!(share_capacity(&phone, &[]).unwrap().is_served());
}

const WHOLE: &str = r#"
    budget = "10000.00 EUR"
    segments = [
        { name = "A", value = "500.00 EUR", response = { ceiling = 0.6, spend = "40.00 EUR", rate = 0.3 }, cap = "4000.00 EUR" },
        { name = "B", value = "60.00 EUR", response = { ceiling = 0.3, spend = "10.00 EUR", rate = 0.15 }, floor = "1000.00 EUR", floor_each = "2.00 EUR", cap_each = "9.00 EUR" },
    ]
    equity = { margin = "50.00 EUR", discount = 0.1, acquisition = { ceiling = 0.4, spend = "5.00 EUR", rate = 0.2 }, retention = { ceiling = 0.7, spend = "10.00 EUR", rate = 0.4 } }
    resources = [{ name = "phone", minutes = 800, reserve = 60 }]
    service = [
        { tier = "B", resource = "phone", minutes = 10, floor = 1 },
        { tier = "A", resource = "phone", minutes = 30 },
    ]
"#;

fn bind(
    spec: &AllocationSpec,
    schema: &Schema,
) -> (
    Option<customer_value::strategy::allocation::Allocation>,
    Diagnostics,
) {
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&["A", "B", "C"], schema, Currency::EUR, &mut problems);
    assert_eq!(bound.is_none(), problems.has_errors(), "{problems}");
    (bound, problems)
}

#[test]
fn section_does_what_its_parts_do() {
    let spec: AllocationSpec = toml::from_str(WHOLE).unwrap();
    assert_eq!(
        toml::from_str::<AllocationSpec>(&toml::to_string(&spec).unwrap()).unwrap(),
        spec
    );
    let (bound, problems) = bind(&spec, &Schema::new());
    assert!(problems.is_empty(), "{problems}");
    let bound = bound.unwrap();
    assert_eq!(bound.budget(), Some(eur(10_000_00)));
    assert_eq!(bound.segments().collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(bound.tiers().collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!(bound.equity(), Some(&published()));

    let plan = bound.spread(eur(10_000_00), &[50, 800]).unwrap();
    assert_eq!(plan.segments[0].held, Some(Held::Cap));
    assert_eq!(plan.segments[1].amount, eur(6_000_00));
    // 9 on each of 100; 2 on each of 600 is more than 1000.
    let few = bound.spread(eur(10_000_00), &[50, 200]).unwrap();
    assert_eq!(
        (few.segments[1].amount, few.segments[1].held),
        (eur(1_800_00), Some(Held::Cap))
    );
    assert!(
        bound
            .spread(eur(1_199_99), &[50, 600])
            .unwrap_err()
            .is_range()
    );
    assert_eq!(
        bound.spread(eur(1_200_00), &[50, 600]).unwrap().segments[1].amount,
        eur(1_200_00)
    );
    assert!(bound.spread(eur(1), &[50]).unwrap_err().is_misuse());
    assert!(
        bound
            .spread(eur(1), &[50, u64::MAX])
            .unwrap_err()
            .is_overflow()
    );

    let capacity = bound.share_capacity(&[10, 40, 200]).unwrap();
    let granted: Vec<u64> = capacity.tiers.iter().map(|t| t.granted).collect();
    assert_eq!(granted, [300, 400, 0]);
    assert!(bound.share_capacity(&[10]).unwrap_err().is_misuse());
}

#[test]
fn everything_that_is_wrong_is_reported_at_once() {
    let spec: AllocationSpec = toml::from_str(r#"
        budget = "10.00 EUR"
        segments = [
            { name = "D", value = "0.00 EUR", response = { ceiling = 60, spend = "40.00 USD", rate = 0.3 } },
            { name = "A", value = "-1.00 EUR", response = { ceiling = 0.3, spend = "0.00 EUR", rate = 30 }, floor = "9.00 EUR", cap = "8.00 EUR" },
            { name = "A", value = "1.00 EUR", response = { ceiling = 0.3, spend = "1.00 EUR", rate = 0.3 }, floor = "9.00 EUR" },
        ]
        equity = { margin = "-50.00 EUR", discount = 0, acquisition = { ceiling = 0.4, spend = "5.00 EUR", rate = 0.2 }, retention = { ceiling = 0.7, spend = "10.00 EUR", rate = 0.7 } }
        resources = [{ name = "phone", minutes = 10, reserve = 60 }, { name = "phone", minutes = 1 }, { name = " ", minutes = 1 }]
        service = [
            { tier = "B", resource = "phones", minutes = 10, floor = 11 },
            { tier = "X", resource = "phone", minutes = 30 },
            { tier = "B", resource = "phones", minutes = 10 },
        ]
    "#).unwrap();
    let (_, problems) = bind(&spec, &Schema::new());
    let found: Vec<(Code, &str)> = problems
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .map(|d| (d.code, d.place.path.strip_prefix("allocation.").unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (Code::UnknownName, "segments[0].name"),
            (Code::Range, "segments[0].value"),
            (Code::Range, "segments[0].response.ceiling"),
            (Code::Conflict, "segments[0].response.spend"),
            (Code::Range, "segments[1].value"),
            (Code::Range, "segments[1].response.rate"),
            (Code::Range, "segments[1].response.spend"),
            (Code::Conflict, "segments[1].floor"),
            (Code::DuplicateName, "segments[2].name"),
            (Code::Range, "segments[2].response.rate"),
            (Code::Conflict, "budget"),
            (Code::Range, "equity.margin"),
            (Code::Range, "equity.retention.rate"),
            (Code::Range, "equity.discount"),
            (Code::Conflict, "resources[0].reserve"),
            (Code::DuplicateName, "resources[1].name"),
            (Code::InvalidName, "resources[2].name"),
            (Code::UnknownName, "service[0].resource"),
            (Code::Conflict, "service[0].floor"),
            (Code::UnknownName, "service[1].tier"),
            (Code::UnknownName, "service[2].resource"),
            (Code::DuplicateName, "service[2]"),
        ],
        "\n{problems}"
    );
    let (_, problems) = bind(&AllocationSpec::default(), &Schema::new());
    assert_eq!(
        problems.to_string(),
        "error: allocation: there are no segments, no equity and no resources"
    );
}

#[test]
fn segments_can_be_the_words_of_a_column() {
    let mut schema = Schema::new();
    schema
        .add(Field::category("industry", ["retail", "food"]))
        .unwrap();
    schema.add(Field::number("spend", Unit::Money)).unwrap();
    let mut spec: AllocationSpec = toml::from_str(r#"
        by = "industry"
        segments = [{ name = "food", value = "5.00 EUR", response = { ceiling = 0.6, spend = "4.00 EUR", rate = 0.3 } }]
    "#).unwrap();
    assert_eq!(spec.columns(), ["industry"]);
    assert_eq!(bind(&spec, &schema).0.unwrap().by(), Some("industry"));
    spec.segments[0].name = "fod".to_owned();
    let found = bind(&spec, &schema).1.to_string();
    assert_eq!(
        found,
        "error: allocation.segments[0].name: `industry` has no word `fod` (did you mean `food`?)"
    );
    for (by, said) in [
        ("spend", "`spend` is not a column of words"),
        (
            "industri",
            "there is no column of words `industri` (did you mean `industry`?)",
        ),
    ] {
        spec.by = Some(by.to_owned());
        assert_eq!(
            bind(&spec, &schema).1.to_string(),
            format!("error: allocation.by: {said}")
        );
    }
}

#[test]
fn the_lesser_cap_counts_and_a_cap_that_changes_nothing_is_named_only_where_it_holds() {
    let mut spec: AllocationSpec = toml::from_str(WHOLE).unwrap();
    spec.segments[0].cap = Some(eur(40_00));
    spec.segments[0].cap_each = Some(eur(1_00));
    spec.segments[1].floor = None;
    spec.segments[1].floor_each = None;
    let bound = bind(&spec, &Schema::new()).0.unwrap();
    let capped = |customers: u64| {
        let plan = bound.spread(eur(10_000_00), &[customers, 0]).unwrap();
        let [first, second] = <[_; 2]>::try_from(plan.segments).unwrap();
        assert_eq!((second.amount, second.marginal), (eur(0), 0.0));
        (first.amount, first.held)
    };
    assert_eq!(capped(30), (eur(30_00), Some(Held::Cap)));
    assert_eq!(capped(50), (eur(40_00), Some(Held::Cap)));
    // Nobody is held at zero who would not get more anyway.
    let plan = spread(
        eur(5_00),
        &[segment("some", 10, 50_00), segment("none", 0, 50_00)],
    )
    .unwrap();
    assert_eq!(plan.segments[1].held, None);
    // At the cap, where it would be anyway.
    let twins = [
        segment("a", 10, 50_00).cap(eur(10_00)),
        segment("b", 10, 50_00),
    ];
    let held: Vec<_> = spread(eur(20_00), &twins).unwrap().segments;
    assert_eq!(held[0].amount, held[1].amount);
    assert_eq!([held[0].held, held[1].held], [Some(Held::Cap), None]);
}

#[test]
fn nobody_is_chosen_for_nothing_and_of_equal_values_the_cheaper() {
    let found = select(&candidates(&[(0, 0), (1, 5)]), eur(9), None).unwrap();
    assert_eq!(found.chosen, [1]);
    let found = select(&candidates(&[(5, 10), (3, 10)]), eur(5), Some(1)).unwrap();
    assert_eq!((found.chosen.as_slice(), found.cost), (&[1][..], eur(3)));
}

#[test]
fn hundreds_of_candidates_are_proved_too() {
    let mut state = 1_i64;
    let mut next = |below: i64| {
        state = state * 48_271 % 2_147_483_647;
        state % below
    };
    let all: Vec<Candidate> = (0..300)
        .map(|_| Candidate {
            cost: 50 + next(100),
            value: 1 + next(90),
        })
        .collect();
    for most in [None, Some(40)] {
        let found = select(&all, eur(3_333), most).unwrap();
        assert!(found.is_exact(), "{found}");
    }
}

#[test]
fn shares_in_per_cent_are_told() {
    let mut spec: AllocationSpec = toml::from_str(WHOLE).unwrap();
    let mut said = |discount: f64| {
        spec.equity.as_mut().unwrap().discount = discount;
        bind(&spec, &Schema::new()).1.to_string()
    };
    assert_eq!(said(1.0), "");
    assert_eq!(
        said(8.0),
        "warning: allocation.equity.discount: a discount of 8 in one period is 800 % (8 % is written `0.08`)"
    );
    assert_eq!(
        said(12.0),
        "error: allocation.equity.discount: a discount of 12 is not from 0.000001 to 10 (12 % is written `0.12`)"
    );
    assert_eq!(
        said(101.0),
        "error: allocation.equity.discount: a discount of 101 is not from 0.000001 to 10"
    );
    spec.equity.as_mut().unwrap().discount = 0.1;
    // A rate that can be one is not held against a ceiling that is none.
    let mut other = spec.clone();
    other.segments[0].response.ceiling = 0.0;
    assert_eq!(
        bind(&other, &Schema::new()).1.to_string(),
        "error: allocation.segments[0].response.ceiling: a ceiling of 0 is not above 0 and at most 1"
    );
    spec.by = Some("tier".to_owned());
    assert_eq!(
        bind(&spec, &Schema::new()).1.to_string(),
        "error: allocation.by: there is no column of words `tier` (leave it out if the segments are the tiers)"
    );
}

#[test]
fn what_just_fits_binds_without_a_problem() {
    let mut spec: AllocationSpec = toml::from_str(WHOLE).unwrap();
    spec.budget = Some(eur(1_000_00));
    spec.segments[1].cap = Some(eur(1_000_00));
    spec.segments[1].cap_each = Some(eur(2_00));
    spec.resources[0].reserve = Some(800);
    spec.service[0].floor = Some(10);
    let (bound, problems) = bind(&spec, &Schema::new());
    assert!(bound.is_some() && problems.is_empty(), "{problems}");
}

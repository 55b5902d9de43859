//! Edges of cost to serve, surveys, behaviour and segments: bounds that are still allowed, ties, the ends of the calendar and
//! of the numbers, and what a policy says of words that are nearly right.

#![allow(clippy::inconsistent_digit_grouping)] // euros_cents

use customer_value::diagnostic::Diagnostics;
use customer_value::engine::Engine;
use customer_value::history::{History, Layout};
use customer_value::ledger::Options;
use customer_value::metrics::Catalog;
use customer_value::metrics::cost::{CostToServe, CostToServeSpec, WasteSpec};
use customer_value::model::{
    Complaint, CostCategory, Currency, CustomerId, Day, Days, Direction, Interaction, Record,
    ServiceCost, SurveyAnswer, SurveyInstrument, Transaction, Weekday,
};
use customer_value::report::behaviour::{BehaviourOptions, BehaviourReport, Figure, Profile};
use customer_value::report::{
    CapacityReport, Complainer, ComplaintReport, Drivers, SatisfactionOptions, SegmentReport,
    WasteClass, WasteCustomer, WasteReport, Whale,
};
use customer_value::rules::Truth;
use customer_value::strategy::surveys::{
    Candidate, Invitation, ResponseTime, Suppression, SurveySpec, Surveys, SurveysSpec,
};
use customer_value::summary::Summary;
use customer_value::table::{Schema, Table};

fn iso(text: &str) -> Day {
    text.parse().unwrap()
}

// ---- cost to serve ----

fn cost(text: &str) -> Result<CostToServe, String> {
    let spec: CostToServeSpec = toml::from_str(text).unwrap();
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&["gold", "base"], Currency::EUR, &mut problems);
    bound.ok_or_else(|| problems.to_string())
}

/// What one customer costs with these records on the last day of 2024, and the report on it.
fn served(cost: &CostToServe, records: Vec<Record>) -> (Option<i64>, CapacityReport) {
    let as_of = iso("2024-12-31");
    let options = Options::new(as_of, Currency::EUR);
    let mut history = History::new(Layout::new(Currency::EUR, cost.facts()));
    for record in records {
        history.record(&record, &options).unwrap();
    }
    let summary = Summary::new(history.view(), cost.window(), as_of);
    let mut report = CapacityReport::new(cost, as_of);
    report.add(cost, &summary);
    (cost.minor(&summary), report)
}

fn visit(minutes: u32) -> Record {
    let day = iso("2024-03-01");
    let visit = Interaction::new(7, day, "visit", Direction::Inbound, "question").unwrap();
    visit.with_minutes(minutes).into()
}

#[test]
fn numbers_of_a_time_equation_may_be_as_large_as_they_may_be() {
    let of = |capacity: &str, per_unit: &str| {
        cost(&format!(
            r#"resources = [{{ name = "desk", cost = "1.00 EUR", minutes = {capacity} }}]
            activities = [{{ name = "a", driver = "contacts", minutes = {per_unit}, resource = "desk" }}]"#
        ))
    };
    let most = of("1000000000000", "1000000").unwrap();
    assert_eq!(most.activities()[0].thousandths(), 1_000_000_000);
    assert_eq!(of("1", "0").unwrap().activities()[0].thousandths(), 0);
    let said = of("1000000000001", "1000000.001").unwrap_err();
    assert_eq!(
        said,
        "error: cost_to_serve.resources[0].minutes: `1000000000001` minutes are above 1000000000000\n\
         error: cost_to_serve.activities[0].minutes: `1000000.001` minutes are not at most 1000000"
    );
}

#[test]
fn a_recorded_minute_is_one_minute_where_nothing_is_said() {
    let of = |minutes: &str| {
        let text = format!(
            r#"resources = [{{ name = "desk", cost = "100.00 EUR", minutes = 100 }}]
            activities = [{{ name = "a", driver = "minutes", channel = "visit"{minutes}, resource = "desk" }}]"#
        );
        served(&cost(&text).unwrap(), vec![visit(30)]).0
    };
    assert_eq!(of(""), Some(30_00));
    assert_eq!(of(", minutes = 1.5"), Some(45_00));
}

#[test]
fn activities_of_one_resource_have_one_divisor() {
    // 700,001 is 19 × 36,842 + 3 and shares nothing with the costs; four such divisors multiplied would be above 10^24.
    let four: Vec<String> = (1..=4)
        .map(|i| {
            format!(
                r#"{{ name = "{i}", driver = "contacts", kind = "{i}", minutes = {i}.001, resource = "desk" }}"#
            )
        })
        .collect();
    let text = format!(
        r#"resources = [{{ name = "desk", cost = "560000.01 EUR", minutes = 700001 }}]
        activities = [{}]"#,
        four.join(", ")
    );
    assert!(cost(&text).is_ok());
}

/// The divisor of these two capacities is about 10^24, and one contact so long that it costs more than 2^127 ÷ 10^24 cents.
#[test]
fn a_cost_that_fits_is_known_whatever_the_divisor() {
    let bound = cost(
        r#"resources = [
            { name = "a", cost = "90000000000000000.01 EUR", minutes = 999999999989 },
            { name = "b", cost = "0.01 EUR", minutes = 999999999961 },
        ]
        activities = [
            { name = "x", driver = "minutes", resource = "a" },
            { name = "y", driver = "contacts", minutes = 1, resource = "b" },
        ]"#,
    )
    .unwrap();
    // 9000000000000000001 × 4294967295 ÷ 999999999989 = 38654705655425201.62…, with Python's fractions.
    let (found, report) = served(&bound, vec![visit(u32::MAX)]);
    assert_eq!(found, Some(38_654_705_655_425_202));
    assert_eq!((report.customers(), report.unknown()), (1, 0));
}

#[test]
fn booked_costs_that_are_not_listed_are_reported_apart() {
    let day = iso("2024-03-01");
    let booked = |amount: &str, category| {
        let cost = ServiceCost::new(7, day, amount.parse().unwrap(), category);
        Record::from(cost.unwrap())
    };
    for (text, charged, not) in [
        (r#"direct = ["marketing"]"#, 3_00, 5_00),
        (r#"excluded = ["marketing"]"#, 5_00, 3_00),
        ("direct = []", 0, 8_00),
        ("", 8_00, 0),
    ] {
        let records = vec![
            booked("3.00 EUR", CostCategory::Marketing),
            booked("5.00 EUR", "gifts".parse().unwrap()),
        ];
        let (found, report) = served(&cost(text).unwrap(), records);
        assert_eq!(found, Some(charged), "{text}");
        assert_eq!((report.direct(), report.excluded()), (charged, not));
    }
}

#[test]
fn capacity_reports_merge_whoever_is_unknown() {
    let of = "resources = [{ name = \"desk\", cost = \"1.00 EUR\", minutes = 1 }]";
    let bound = cost(of).unwrap();
    let (_, known) = served(&bound, Vec::new());
    // A history that was built for something else does not know the costs.
    let history = History::new(Layout::new(Currency::EUR, Vec::new()));
    let mut unknown = CapacityReport::new(&bound, iso("2024-12-31"));
    let day = iso("2024-12-31");
    unknown.add(&bound, &Summary::new(history.view(), bound.window(), day));
    assert_eq!((unknown.customers(), unknown.unknown()), (0, 1));
    unknown.merge(&known).unwrap();
    assert_eq!((unknown.customers(), unknown.unknown()), (1, 1));
}

fn waste_rules(within: i32, below: Option<f64>) -> WasteSpec {
    let mut spec = WasteSpec::new(Days::new(within));
    spec.p_purchase_below = below;
    spec
}

fn letter(customer: u64, day: Day, amount: &str) -> ServiceCost {
    let amount = amount.parse().unwrap();
    ServiceCost::new(customer, day, amount, CostCategory::Marketing).unwrap()
}

fn wasted(
    spec: &WasteSpec,
    p_purchase: Option<f64>,
    as_of: Day,
    costs: &[ServiceCost],
) -> WasteReport {
    let mut problems = Diagnostics::new();
    let rules = spec.bind(&["all"], Currency::EUR, &mut problems).unwrap();
    let mut report = WasteReport::new(&rules, [("all", None)], Currency::EUR, as_of);
    for cost in costs {
        let customer = WasteCustomer {
            tier: Some(0),
            p_purchase,
            purchases: &[],
        };
        report.add(cost.customer(), customer, [cost]).unwrap();
    }
    report
}

#[test]
fn waste_is_the_same_at_the_ends_of_the_calendar() {
    let rules = waste_rules(90, None);
    let of = |as_of: Day, day: Day| {
        let report = wasted(&rules, None, as_of, &[letter(7, day, "3.00 EUR")]);
        let none = report.all().of(WasteClass::NoReturn).entries;
        (report.all().read.entries, none)
    };
    // The time is not over on the last day there is.
    assert_eq!(of(Day::MAX, Day::MAX), (1, 0));
    assert_eq!(of(Day::MAX, Day::MAX.minus(Days::new(89))), (1, 0));
    assert_eq!(of(Day::MAX, Day::MAX.minus(Days::new(90))), (1, 1));
    // The first day there is belongs to the year before the days after it.
    assert_eq!(of(Day::MIN.plus(Days::new(364)), Day::MIN), (1, 1));
    assert_eq!(of(Day::MIN.plus(Days::new(365)), Day::MIN), (0, 0));
}

#[test]
fn expected_is_who_is_not_below_the_limit() {
    let as_of = iso("2024-12-31");
    let costs = [letter(7, iso("2024-03-01"), "3.00 EUR")];
    for (below, p, amount) in [
        (Some(0.1), Some(0.1), 0),
        (Some(0.1), Some(0.099), 3_00),
        (Some(0.1), None, 0),
        (Some(1.0), Some(1.0), 0),
        (None, None, 3_00),
        (None, Some(1.0), 3_00),
    ] {
        let report = wasted(&waste_rules(0, below), p, as_of, &costs);
        let found = report.all().of(WasteClass::NoReturn).amount;
        assert_eq!(found, amount, "{below:?} {p:?}");
    }
    let mut problems = Diagnostics::new();
    let rules = waste_rules(0, Some(0.0));
    assert_eq!(rules.bind(&["all"], Currency::EUR, &mut problems), None);
}

#[test]
fn entitlements_of_a_tier_are_by_category() {
    let of = |second: &str| {
        let text = format!(
            r#"[waste]
            within = "0 days"
            entitlements = [
                {{ tier = "gold", category = "marketing", per_year = "1.00 EUR" }},
                {{ tier = "gold", category = "{second}", per_year = "2.00 EUR" }},
            ]"#
        );
        cost(&text)
    };
    let bound = of("gifts").unwrap();
    let of_gifts = |tier| {
        bound
            .waste()
            .unwrap()
            .entitlement(tier, &"gifts".parse().unwrap())
    };
    assert_eq!((of_gifts("gold"), of_gifts("base")), (Some(2_00), None));
    assert!(of("marketing").is_err());
}

#[test]
fn the_largest_entries_come_in_the_stated_order() {
    let as_of = iso("2024-12-31");
    let (early, late) = (iso("2024-02-01"), iso("2024-03-01"));
    let rules = waste_rules(30, None);
    let mut costs = vec![
        letter(2, early, "3.00 EUR"),
        letter(1, early, "3.00 EUR"),
        letter(1, late, "3.00 EUR"),
        letter(3, late, "4.00 EUR"),
    ];
    let order = |costs: &[ServiceCost]| -> Vec<(CustomerId, Day)> {
        let report = wasted(&rules, None, as_of, costs);
        let largest = report.largest().iter();
        largest.map(|e| (e.customer.clone(), e.day)).collect()
    };
    let wanted = [(3, late), (1, early), (2, early), (1, late)].map(|(c, d)| (c.into(), d));
    assert_eq!(order(&costs), wanted);
    costs.reverse();
    assert_eq!(order(&costs), wanted);

    // Of as much for nothing the larger entry: 2.00 of 5.00 above the entitlement, and 2.00 wholly.
    let spec: WasteSpec = toml::from_str(
        r#"within = "365 days"
        entitlements = [{ tier = "all", category = "marketing", per_year = "3.00 EUR" }]"#,
    )
    .unwrap();
    let mut problems = Diagnostics::new();
    let rules = spec.bind(&["all"], Currency::EUR, &mut problems).unwrap();
    let mut report = WasteReport::new(&rules, [("all", None)], Currency::EUR, as_of);
    let customer = WasteCustomer {
        tier: Some(0),
        ..WasteCustomer::default()
    };
    let costs = [letter(1, early, "3.00 EUR"), letter(1, late, "2.00 EUR")];
    report.add(&1.into(), customer, &costs).unwrap();
    let costs = [letter(2, late, "5.00 EUR")];
    report.add(&2.into(), customer, &costs).unwrap();
    let largest: Vec<(i64, i64)> = report
        .largest()
        .iter()
        .map(|e| (e.wasted, e.amount))
        .collect();
    assert_eq!(largest, [(2_00, 5_00), (2_00, 2_00)]);
}

#[test]
fn who_has_nothing_neither_gains_nor_loses_and_the_spread_is_by_nearest_rank() {
    let whale = Whale::new("profit", Currency::EUR, [0, 5, -3, 0].map(Some), 10);
    assert_eq!(
        (whale.customers(), whale.gaining(), whale.losing()),
        (4, 1, 1)
    );
    let whale = Whale::new("profit", Currency::EUR, (1..=20).map(|n| Some(n * 10)), 10);
    let spread = whale.spread().unwrap();
    let found = [
        spread.least,
        spread.p10,
        spread.p25,
        spread.median,
        spread.p75,
        spread.p90,
        spread.most,
    ];
    assert_eq!(found, [10, 20, 50, 100, 150, 180, 200]);
    let one = Whale::new("profit", Currency::EUR, [Some(7)], 10)
        .spread()
        .unwrap();
    assert_eq!((one.least, one.median, one.most), (7, 7, 7));
    assert_eq!(
        Whale::new("profit", Currency::EUR, [None], 10).spread(),
        None
    );
}

// ---- surveys ----

fn surveys(spec: &SurveysSpec) -> Surveys {
    let mut problems = Diagnostics::new();
    let bound = spec.bind(&Schema::new(), &mut problems);
    bound.unwrap_or_else(|| panic!("{problems}"))
}

/// Why customer 1 is not asked on a day; `None` if they are.
fn why(surveys: &Surveys, purchases: &[Day], invited: &[Day], on: Day) -> Option<Suppression> {
    let id = CustomerId::from(1);
    let invitations: Vec<Invitation> = invited
        .iter()
        .map(|day| Invitation::new(1, *day, "a"))
        .collect();
    let invitations: Vec<&Invitation> = invitations.iter().collect();
    let table = Table::new(Schema::new(), 1);
    let candidate = Candidate {
        purchases,
        invitations: &invitations,
        ..Candidate::new(&id, table.row(0))
    };
    let mut list = surveys.due([candidate], on);
    list.suppressed.pop().map(|one| one.because)
}

#[test]
fn a_cadence_ends_before_a_later_invitation_if_there_is_room() {
    let day = |n| iso("2024-01-01").plus(Days::new(n));
    let spec = SurveysSpec::new([SurveySpec::new("a", SurveyInstrument::Nps, Days::new(10))]);
    let until = |invited: &[Day]| why(&surveys(&spec), &[], invited, day(5));
    let cadence = |n| Some(Suppression::Cadence { until: day(n) });
    assert_eq!(until(&[day(0), day(100)]), cadence(10));
    // The tenth day would be too near to the fifteenth.
    assert_eq!(until(&[day(15), day(0)]), cadence(25));
}

#[test]
fn after_an_event_there_are_fourteen_days_to_ask() {
    let spec: SurveysSpec = toml::from_str(
        r#"ask = [{ name = "a", instrument = "csat", cadence = "1 day", trigger = { after = "purchase", days = "2 days" } }]"#,
    )
    .unwrap();
    let surveys = surveys(&spec);
    let bought = [iso("2024-01-01")];
    let is_due = |n| {
        let on = bought[0].plus(Days::new(n));
        let id = CustomerId::from(1);
        let table = Table::new(Schema::new(), 1);
        let candidate = Candidate {
            purchases: &bought,
            ..Candidate::new(&id, table.row(0))
        };
        !surveys.due([candidate], on).due.is_empty()
    };
    let due: Vec<i32> = (0..=20).filter(|n| is_due(*n)).collect();
    assert_eq!(due, (2..=15).collect::<Vec<_>>());
}

#[test]
fn a_week_may_have_one_day_to_ask_on_and_a_hundred_percent_is_one() {
    let mut spec = SurveysSpec::new([SurveySpec::new("a", SurveyInstrument::Nps, Days::new(10))]);
    spec.quiet_weekdays = Weekday::ALL[..6].to_vec();
    let sunday = iso("2024-03-03");
    assert_eq!(why(&surveys(&spec), &[], &[], sunday), None);
    spec.ask[0].sample = Some(100.0);
    let mut problems = Diagnostics::new();
    assert!(spec.bind(&Schema::new(), &mut problems).is_none());
    let said = "error: surveys.ask[0].sample: a sample of 100 is not above 0 and at most 1 (100 % is written `1`)";
    assert_eq!(problems.to_string(), said);
}

#[test]
fn response_times_end_at_ten_years_and_with_the_calendar() {
    assert!("3660 days".parse::<ResponseTime>().is_ok());
    assert!("3661 business days".parse::<ResponseTime>().is_err());
    let monday = iso("2024-01-01");
    for (long, longest) in [
        (ResponseTime::Days(u16::MAX), ResponseTime::Days(3660)),
        (
            ResponseTime::BusinessDays(u16::MAX),
            ResponseTime::BusinessDays(3660),
        ),
    ] {
        assert_eq!(long.after(monday, &[]), longest.after(monday, &[]));
    }
    // 9999-12-31 is a Friday; where it is a holiday no business day is left.
    for time in [ResponseTime::BusinessDays(0), ResponseTime::BusinessDays(3)] {
        assert_eq!(time.after(Day::MAX, &[Day::MAX]), Day::MAX);
    }
}

#[test]
fn equal_topics_are_ranked_by_the_other_figure() {
    let day = iso("2024-03-01");
    // Low answers and answers: a 2 of 4, b 2 of 2, c 1 of 1, d 0 of 1, each by another customer.
    let answers: Vec<SurveyAnswer> = [
        ("a", &[0, 0, 9, 9][..]),
        ("b", &[0, 0][..]),
        ("c", &[0][..]),
        ("d", &[9][..]),
    ]
    .iter()
    .flat_map(|(topic, values)| values.iter().map(move |value| (*topic, *value)))
    .zip(1_u64..)
    .map(|((topic, value), customer)| {
        let answer = SurveyAnswer::new(customer, day, SurveyInstrument::Nps, value).unwrap();
        answer.with_topic(topic)
    })
    .collect();
    let ranked = |least| {
        let mut options = SatisfactionOptions::new(SurveyInstrument::Nps, day);
        options.least = least;
        let drivers = Drivers::of(&answers, options, Currency::EUR, |_| None);
        [drivers.by_share(), drivers.by_lift()]
            .map(|all| all.into_iter().map(|d| d.topic).collect::<String>())
    };
    // Of the lifts b has 1 − 3/6, c 1 − 4/7, a 2/4 − 3/4, d 0 − 5/7.
    assert_eq!(ranked(1), ["bacd", "bcad"]);
    // Where no lift is known, by share and by name.
    assert_eq!(ranked(100), ["abcd", "abcd"]);
}

#[test]
fn complaints_of_the_day_itself_count_and_those_without_a_target_come_last() {
    let as_of = iso("2024-03-14");
    let monday = iso("2024-03-11");
    let complaints = [
        Complaint::new(1, as_of, "price").unwrap(),
        Complaint::new(2, monday, "price")
            .unwrap()
            .resolved_on(as_of)
            .unwrap(),
        Complaint::new(3, as_of.next(), "price").unwrap(),
        Complaint::new(4, monday, "price").unwrap(),
        Complaint::new(5, monday, "price").unwrap(),
    ];
    let known = |one: &Complaint| Complainer {
        due: (*one.customer() == 5.into()).then_some(as_of),
        ..Complainer::default()
    };
    let report = ComplaintReport::of(&complaints, known, Currency::EUR, Days::new(10), as_of);
    assert_eq!((report.total().complaints, report.total().open), (4, 3));
    let open: Vec<CustomerId> = report
        .open()
        .iter()
        .map(|one| one.customer.clone())
        .collect();
    assert_eq!(open, [5, 4, 1].map(CustomerId::from));
}

// ---- behaviour ----

fn year() -> BehaviourOptions {
    BehaviourOptions::new(iso("2024-01-01"), iso("2025-01-01"), Currency::EUR).unwrap()
}

fn sale(customer: u64, n: i32) -> Transaction {
    let day = iso("2024-01-01").plus(Days::new(n));
    Transaction::purchase(customer, day, "0.00 EUR".parse().unwrap()).unwrap()
}

fn profile(sales: impl IntoIterator<Item = Transaction>) -> Profile {
    let mut profile = Profile::new(year());
    for sale in sales {
        profile.add_purchase(&sale).unwrap();
    }
    profile
}

/// Where nothing was paid, the category with more purchases is the more usual one.
#[test]
fn categories_of_equal_spend_are_by_purchases() {
    let of = |n, category: &str| sale(1, n).with_category(category);
    let found = profile([of(0, "a"), of(1, "b"), of(2, "b")]);
    let names: Vec<String> = found.categories().into_iter().map(|of| of.name).collect();
    assert_eq!(names, ["b", "a"]);
    assert_eq!(found.category_concentration(), None);
}

/// Zar's formula, computed with numpy: hours 0, 0 and 2 have p = 0.0447, hours 0, 0 and 3 have p = 0.0611.
#[test]
fn a_usual_hour_is_beyond_chance_at_five_percent() {
    let of = |last: u8| {
        let hours = [0, 0, last];
        let sales = hours.map(|hour| sale(1, 0).with_hour(hour).unwrap());
        profile(sales).purchase_times().usual_hour()
    };
    assert!((of(2).unwrap().p_value - 0.044_667).abs() < 1e-6);
    assert_eq!(of(3), None);
}

#[test]
fn what_the_population_does_not_have_is_none_of_it() {
    let paid = |channel: &str, category: &str| {
        let day = iso("2024-03-01");
        let sale = Transaction::purchase(1, day, "5.00 EUR".parse().unwrap()).unwrap();
        sale.with_channel(channel).with_category(category)
    };
    let (one, others) = (
        profile([paid("web", "books")]),
        profile([paid("shop", "food")]),
    );
    let report = BehaviourReport::new("one", &one, &others, 3).unwrap();
    let (_, books) = &report.categories()[0];
    assert_eq!(
        (books.value, books.average, books.index()),
        (Some(1.0), Some(0.0), None)
    );
    let web = &report.channels()[0];
    assert_eq!((web.share.value, web.share.average), (Some(1.0), Some(0.0)));
    // Of nobody it is not known.
    let report = BehaviourReport::new("one", &one, &profile([]), 3).unwrap();
    assert_eq!(report.categories()[0].1.average, None);
    assert_eq!(report.channels()[0].share.average, None);
    assert_eq!(report.figure(Figure::Purchases).average, None);
}

/// The online grocer whose purchases come with BTYDplus 1.2.0 (`groceryElog`): its manual says that the estimator of Wheat &
/// Morrison finds about 2 in the last two gaps of each of the 779 customers with three days. Here are these pairs of gaps
/// a and b, counted by |a − b| ÷ (a + b) in twentieths. Python: k = 1.827 from the pairs themselves, 1.824 from the middles of
/// the twentieths; 1.870 with the sample variance, as the package has it.
#[test]
fn regularity_of_a_published_data_set() {
    let counts = [
        105, 78, 69, 56, 55, 35, 43, 32, 33, 25, 39, 24, 24, 32, 20, 21, 22, 16, 24, 26,
    ];
    let long = BehaviourOptions::new(iso("2000-01-01"), iso("2020-01-01"), Currency::EUR).unwrap();
    let mut all = Profile::new(long);
    let mut customer = 0;
    for (i, count) in counts.into_iter().enumerate() {
        // (2i + 1) ÷ 40 apart, of 4000 days together.
        let apart = 100 * i32::try_from(i).unwrap() + 50;
        for n in 0..count {
            customer += 1;
            let first = 2000 + if n % 2 == 0 { apart } else { -apart };
            for day in [0, first, 4000] {
                let day = iso("2000-01-01").plus(Days::new(day));
                let sale = Transaction::purchase(customer, day, "1.00 EUR".parse().unwrap());
                all.add_purchase(&sale.unwrap()).unwrap();
            }
        }
    }
    assert_eq!(all.customers(), 779);
    assert!((all.regularity().unwrap() - 1.823_821).abs() < 1e-6);
}

// ---- segments, and what a policy says ----

#[test]
fn a_value_that_is_not_known_is_counted() {
    let mut report = SegmentReport::new([("large", None)], "spend", Currency::EUR);
    report.add([Truth::True], Some(5_00));
    report.add([Truth::True], None);
    report.add([Truth::Unknown], None);
    let of = |line: &customer_value::report::SegmentLine| (line.customers, line.without_value);
    assert_eq!(of(&report.segments()[0]), (2, 1));
    assert_eq!(of(report.all()), (3, 2));
    assert_eq!(report.all().value, 5_00);
}

fn said(sections: &str) -> String {
    let policy = format!(
        "head = {{ name = \"a\", version = \"1\", currency = \"EUR\" }}\n{sections}\n[[tiers]]\nname = \"all\"\n"
    );
    Engine::from_toml(&policy, &Catalog::standard())
        .map_or_else(|problems| problems.to_string(), |_| String::new())
}

/// `true` as a rule is the constant, and `not` as a rule ends too early: a column of that name would hardly ever be read.
#[test]
fn words_of_the_rules_are_no_names() {
    for word in [
        "and", "or", "not", "in", "between", "is", "missing", "true", "false",
    ] {
        let segment = format!(
            "[[segments]]\nname = \"{word}\"\nwhen = \"spend >= 1\"\n[[metrics]]\nname = \"spend\"\nmeasure = \"spend\""
        );
        let problem = format!("`{word}` is a word with a meaning in rules (choose another name)");
        assert!(
            said(&segment).contains(&format!("segments[0].name: {problem}")),
            "{}",
            said(&segment)
        );
        let attribute = format!("[attributes]\n{word} = {{ type = \"flag\" }}");
        assert!(
            said(&attribute).contains(&format!("attributes.{word}: {problem}")),
            "{}",
            said(&attribute)
        );
    }
    assert_eq!(said("[attributes]\nislands = { type = \"flag\" }"), "");
    assert!(said("[attributes]\n1a = { type = \"flag\" }").contains("no digit first"));
}

#[test]
fn a_number_for_a_time_or_an_amount_is_told_how_that_is_written() {
    let found = said(
        r#"[cost_to_serve]
        period = 91
        resources = [{ name = "desk", cost = 560000, minutes = 1 }]
        [cost_to_serve.waste]
        within = 90.5"#,
    );
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(
        lines,
        [
            "error: line 3, column 18, cost_to_serve.period: `91` is not a valid length of time: it is written like `30 days`",
            "error: line 4, column 46, cost_to_serve.resources[0].cost: `560000` is not a valid amount of money: an amount is written like `12.34 EUR`",
            "error: line 6, column 18, cost_to_serve.waste.within: `90.5` is not a valid length of time: it is written like `30 days`",
        ]
    );
}

#[test]
fn a_priority_that_is_no_whole_number_is_told_so() {
    let of = |priority: &str| {
        said(&format!(
            "[surveys]\nask = [{{ name = \"a\", instrument = \"nps\", cadence = \"9 days\", priority = {priority} }}]"
        ))
    };
    assert!(of("1.5").ends_with("surveys.ask[0].priority: `1.5` is not a whole number"));
    assert!(of("\"1\"").ends_with("the text `1` is not a whole number (write it without quotes)"));
    assert!(of("9999999999").ends_with("is not a whole number from -2147483648 to 2147483647"));
    assert_eq!(of("-3"), "");
}

//! How far a customer has gone: boundaries, fallbacks, and answers of too little data.

mod churn_rows;

use churn_rows::{Numbers, bind, table};
use customer_value::lifecycle::churn::{
    Churn, ChurnLevel, ChurnMeasure, ChurnMethodSpec, ChurnSpec, GapDistribution, Insufficient,
    Threshold, Verdict,
};
use customer_value::rules::language::{Chinese, English};
use customer_value::table::{Schema, Table};
use proptest::prelude::*;

use ChurnLevel::{Active, AtRisk, Cooling, HighlyAtRisk, InsufficientData, Lost};

fn method(by: ChurnMeasure) -> ChurnMethodSpec {
    ChurnMethodSpec::new(by)
}

fn level(churn: &Churn, numbers: Numbers) -> ChurnLevel {
    churn.level(table(&[numbers]).row(0))
}

fn verdict(churn: &Churn, numbers: Numbers) -> Verdict {
    churn.verdict(table(&[numbers]).row(0))
}

/// A customer with enough active days for every method.
const KNOWN: Numbers = Numbers {
    active: Some(10.0),
    silence: Some(0.0),
    factor: Some(0.0),
    percentile: Some(0.0),
    lapse: Some(50.0),
    alive: Some(1.0),
    buys: Some(1.0),
};

/// Of which less is worse.
const LESS: [ChurnMeasure; 2] = [ChurnMeasure::PAlive, ChurnMeasure::PPurchase];

/// The number of a method put into a customer; a share of a lapse point of 50 days.
fn with(by: ChurnMeasure, number: f64) -> Numbers {
    let mut numbers = KNOWN;
    match by {
        ChurnMeasure::DaysSinceLast => numbers.silence = Some(number),
        ChurnMeasure::ChurnFactor => numbers.factor = Some(number),
        ChurnMeasure::GapPercentile => numbers.percentile = Some(number),
        ChurnMeasure::LapseShare => numbers.silence = Some(number * 50.0),
        ChurnMeasure::PAlive => numbers.alive = Some(number),
        ChurnMeasure::PPurchase => numbers.buys = Some(number),
        // The gaps of `percents`: of 100, one of each length.
        ChurnMeasure::PopulationGapPercentile => numbers.silence = Some(number + 1.0),
        other => panic!("{other}"),
    }
    numbers
}

fn percents() -> GapDistribution {
    (1..=100).collect()
}

#[test]
fn a_level_begins_at_its_threshold() {
    for by in ChurnMeasure::ALL {
        let (at, step) = match by {
            ChurnMeasure::PAlive | ChurnMeasure::PPurchase => ([0.6, 0.5, 0.35, 0.2], -0.001),
            ChurnMeasure::ChurnFactor | ChurnMeasure::LapseShare => ([0.5, 1.0, 2.0, 3.5], 0.25),
            _ => ([20.0, 40.0, 60.0, 80.0], 1.0),
        };
        let [cooling, at_risk, highly, lost] = at;
        let spec = method(by)
            .cooling(cooling)
            .at_risk(at_risk)
            .highly_at_risk(highly)
            .lost(lost);
        let mut churn = bind(&ChurnSpec::new([spec]));
        churn.freeze(percents());
        let levels = [Active, Cooling, AtRisk, HighlyAtRisk, Lost];
        for (i, at) in at.into_iter().enumerate() {
            let (milder, worse) = (levels[i], levels[i + 1]);
            let less = LESS.contains(&by);
            // More is worse from the threshold on, less is worse below it.
            let on = if less { milder } else { worse };
            assert_eq!(
                level(&churn, with(by, at - step)),
                milder,
                "{by} before {at}"
            );
            assert_eq!(level(&churn, with(by, at)), on, "{by} at {at}");
            assert_eq!(level(&churn, with(by, at + step)), worse, "{by} past {at}");
        }
    }
}

#[test]
fn a_level_without_a_threshold_is_none() {
    let churn = bind(&ChurnSpec::new([
        method(ChurnMeasure::DaysSinceLast).lost(240.0)
    ]));
    for (silence, expected) in [(0.0, Active), (239.0, Active), (240.0, Lost), (9e5, Lost)] {
        let numbers = with(ChurnMeasure::DaysSinceLast, silence);
        assert_eq!(level(&churn, numbers), expected);
    }
    let spec = method(ChurnMeasure::DaysSinceLast)
        .cooling(30.0)
        .at_risk(60.0);
    let churn = bind(&ChurnSpec::new([spec]));
    let far = with(ChurnMeasure::DaysSinceLast, 9e5);
    assert_eq!(level(&churn, far), AtRisk);
    assert_eq!(verdict(&churn, far).answer.unwrap().next, None);
}

/// The probability rule, and its rule for one-time buyers.
fn probability_rule() -> Churn {
    let read: ChurnSpec = toml::from_str(
        r#"
        methods = [
            { by = "p_purchase", min_active_days = 2, cooling = 0.6, at_risk = 0.5, highly_at_risk = 0.35, lost = 0.2 },
            { by = "days_since_last", cooling = 60, at_risk = 120, highly_at_risk = 180, lost = 240 },
        ]"#,
    )
    .unwrap();
    bind(&read)
}

#[test]
fn the_rules_of_the_field() {
    let one = |spec: &str| {
        let read: ChurnSpec = toml::from_str(&format!("methods = [{spec}]")).unwrap();
        bind(&read)
    };
    let mut population = one(r#"{ by = "population_gap_percentile", at_risk = 40, lost = 80 }"#);
    assert!(population.needs_population());
    population.freeze(percents());
    // Of gaps of 1 to 100 days, 39 are shorter than 40 days, and 40 than 41.
    for (silence, expected) in [(40.0, Active), (41.0, AtRisk), (80.0, AtRisk), (81.0, Lost)] {
        let numbers = with(ChurnMeasure::DaysSinceLast, silence);
        assert_eq!(level(&population, numbers), expected, "{silence}");
    }

    let lapse = one(r#"{ by = "lapse_share", at_risk = 0.8, lost = 1 }"#);
    assert!(!lapse.needs_population());
    for (silence, expected) in [(39.0, Active), (40.0, AtRisk), (49.0, AtRisk), (50.0, Lost)] {
        let numbers = with(ChurnMeasure::DaysSinceLast, silence);
        assert_eq!(level(&lapse, numbers), expected, "{silence}");
    }

    let probability = probability_rule();
    for (buys, expected) in [
        (0.61, Active),
        (0.59, Cooling),
        (0.5, Cooling),
        (0.49, AtRisk),
        (0.35, AtRisk),
        (0.34, HighlyAtRisk),
        (0.2, HighlyAtRisk),
        (0.19, Lost),
        (0.0, Lost),
    ] {
        assert_eq!(
            level(&probability, with(ChurnMeasure::PPurchase, buys)),
            expected
        );
    }
    for (silence, expected) in [
        (59.0, Active),
        (60.0, Cooling),
        (120.0, AtRisk),
        (180.0, HighlyAtRisk),
        (239.0, HighlyAtRisk),
        (240.0, Lost),
    ] {
        // Whatever the model says of somebody who bought once.
        let once = Numbers {
            active: Some(1.0),
            alive: Some(0.99),
            silence: Some(silence),
            ..Numbers::default()
        };
        assert_eq!(level(&probability, once), expected);
        assert!(verdict(&probability, once).is_fallback());
    }
    assert_eq!(level(&probability, Numbers::default()), InsufficientData);
}

#[test]
fn a_row_without_the_columns_has_nothing_known() {
    let churn = probability_rule();
    let empty = Table::new(Schema::new(), 1);
    assert_eq!(churn.level(empty.row(0)), ChurnLevel::InsufficientData);
    assert!(!churn.verdict(empty.row(0)).to_string().is_empty());
}

#[test]
fn a_verdict_tells_what_it_rests_on() {
    let found = verdict(&probability_rule(), with(ChurnMeasure::PPurchase, 0.4));
    let answer = found.answer.clone().unwrap();
    assert_eq!((found.level, answer.by), (AtRisk, ChurnMeasure::PPurchase));
    assert_eq!(
        (answer.number, answer.place.as_str()),
        (0.4, "churn.methods[0]")
    );
    let threshold = |level, at| Some(Threshold { level, at });
    assert_eq!(answer.reached, threshold(AtRisk, 0.5));
    assert_eq!(answer.next, threshold(HighlyAtRisk, 0.35));
    assert!(!found.is_fallback());
    assert_eq!(found.passed_over, []);

    let lost = verdict(&probability_rule(), with(ChurnMeasure::PPurchase, 0.1));
    assert_eq!(lost.answer.unwrap().next, None);
    let active = verdict(&probability_rule(), KNOWN).answer.unwrap();
    assert_eq!(
        (active.reached, active.next),
        (None, threshold(Cooling, 0.6))
    );

    // Not fitted yet, and two days only: the second method answers.
    let known = Numbers {
        active: Some(2.0),
        buys: None,
        silence: Some(130.0),
        ..KNOWN
    };
    let fallback = verdict(&probability_rule(), known);
    assert!(fallback.is_fallback());
    assert_eq!(fallback.level, AtRisk);
    assert_eq!(fallback.answer.unwrap().place, "churn.methods[1]");
    assert_eq!(fallback.passed_over[0].why, Insufficient::NotKnown);
    assert_eq!(fallback.passed_over[0].place, "churn.methods[0]");
}

#[test]
fn too_little_data_is_an_answer_with_its_reason() {
    let why = |churn: &Churn, numbers| {
        let found = verdict(churn, numbers);
        assert_eq!((found.level, &found.answer), (InsufficientData, &None));
        assert!(!found.is_fallback());
        found.passed_over.iter().map(|p| p.why).collect::<Vec<_>>()
    };
    let few = |found, needed| Insufficient::FewActiveDays { found, needed };
    let active = |n| Numbers {
        active: Some(n),
        ..KNOWN
    };
    for by in ChurnMeasure::ALL {
        assert_eq!(by.less_is_worse(), LESS.contains(&by));
        let at = if by.less_is_worse() { 0.5 } else { 1.0 };
        let churn = bind(&ChurnSpec::new([method(by).at_risk(at)]));
        assert_eq!(why(&churn, active(0.0)), [Insufficient::NoPurchase], "{by}");
        assert_eq!(
            why(&churn, Numbers::default()),
            [Insufficient::NoPurchase],
            "{by}"
        );
        let rhythm = matches!(
            by,
            ChurnMeasure::ChurnFactor | ChurnMeasure::GapPercentile | ChurnMeasure::LapseShare
        );
        // Three gaps make a rhythm, unless the policy asks for less; one gap there has to be.
        let short = bind(&ChurnSpec::new([method(by).at_risk(at).min_active_days(1)]));
        if rhythm {
            assert_eq!(why(&churn, active(1.0)), [few(1, 4)], "{by}");
            assert_eq!(why(&churn, active(3.0)), [few(3, 4)], "{by}");
            assert_ne!(level(&churn, active(4.0)), InsufficientData, "{by}");
            assert_eq!(why(&short, active(1.0)), [few(1, 2)], "{by}");
            assert_ne!(level(&short, active(2.0)), InsufficientData, "{by}");
        } else if by == ChurnMeasure::PopulationGapPercentile {
            assert_eq!(why(&churn, active(1.0)), [few(1, 2)], "{by}");
            assert_eq!(why(&churn, active(2.0)), [Insufficient::NotFitted], "{by}");
            assert_eq!(why(&short, active(1.0)), [Insufficient::NotFitted], "{by}");
        } else {
            assert_ne!(level(&churn, active(1.0)), InsufficientData, "{by}");
        }
        let needy = bind(&ChurnSpec::new([method(by).at_risk(at).min_active_days(5)]));
        assert_eq!(why(&needy, active(4.0)), [few(4, 5)], "{by}");
        let nothing = Numbers {
            active: Some(9.0),
            ..Numbers::default()
        };
        let expected = match by {
            ChurnMeasure::PopulationGapPercentile => Insufficient::NotFitted,
            _ => Insufficient::NotKnown,
        };
        assert_eq!(why(&churn, nothing), [expected], "{by}");
    }
    let mut population = bind(&ChurnSpec::new([method(
        ChurnMeasure::PopulationGapPercentile,
    )
    .at_risk(40.0)]));
    assert_eq!(why(&population, KNOWN), [Insufficient::NotFitted]);
    population.freeze(GapDistribution::default());
    assert_eq!(why(&population, KNOWN), [Insufficient::NoGap]);
    population.freeze(percents());
    assert_eq!(level(&population, KNOWN), Active);
    // A column of the host's own that has no length.
    let lapse = bind(&ChurnSpec::new([
        method(ChurnMeasure::LapseShare).at_risk(0.8)
    ]));
    let zero = Numbers {
        lapse: Some(0.0),
        ..KNOWN
    };
    assert_eq!(why(&lapse, zero), [Insufficient::NotKnown]);
}

#[test]
fn specs_and_verdicts_are_written_and_read() {
    let text = r#"{"recent":"90 days","baseline":"365 days","methods":[{"by":"p_alive","min_active_days":2,"at_risk":0.5,"lost":0.2},{"by":"days_since_last","lost":240.0}]}"#;
    let spec: ChurnSpec = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&spec).unwrap(), text);
    for wrong in [
        "recnt = '9 days'",
        "recent = 90",
        "methods = [{ by = 'spend' }]",
        "methods = [{ lost = 1 }]",
        "methods = [{ by = 'p_alive', lots = 1 }]",
    ] {
        assert!(toml::from_str::<ChurnSpec>(wrong).is_err(), "{wrong}");
    }
    for by in ChurnMeasure::ALL {
        assert_eq!(serde_json::to_value(by).unwrap(), by.name());
    }
    for (code, level) in (0..).zip(ChurnLevel::ALL) {
        assert_eq!(level.code(), code);
        assert_eq!(ChurnLevel::field().code(level.name()), Some(code));
        assert_eq!(serde_json::to_value(level).unwrap(), level.name());
    }
    let once = Numbers {
        active: Some(1.0),
        silence: Some(70.0),
        ..Numbers::default()
    };
    let found = verdict(&probability_rule(), once);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(
        text,
        r#"{"level":"cooling","answer":{"place":"churn.methods[1]","by":"days_since_last","number":70.0,"reached":{"level":"cooling","at":60.0},"next":{"level":"at_risk","at":120.0}},"passed_over":[{"place":"churn.methods[0]","by":"p_purchase","why":{"few_active_days":{"found":1,"needed":2}}}]}"#
    );
    assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), found);
}

#[test]
fn a_verdict_in_words() {
    let churn = probability_rule();
    let found = verdict(&churn, with(ChurnMeasure::PPurchase, 0.4));
    assert_eq!(
        found.text(&English),
        "churn at_risk: p_purchase is 40 %, below 50 % (highly_at_risk below 35 %)\n"
    );
    assert_eq!(
        found.text(&Chinese),
        "流失  有流失风险：期内购买概率 40%，低于 50%（低于 35% 时为高流失风险）\n"
    );
    let once = Numbers {
        active: Some(1.0),
        silence: Some(250.0),
        ..Numbers::default()
    };
    let found = verdict(&churn, once);
    assert_eq!(
        found.to_string(),
        "churn lost: days_since_last is 250 days, from 240 days on\n  p_purchase did not answer: 1 of 2 active days\n"
    );
    assert_eq!(
        found.text(&Chinese),
        "流失  已流失：距上次购买天数 250 天，已达到 240 天\n  未采用 期内购买概率：购买天数 1，需达到 2\n"
    );
    let nobody = verdict(&churn, Numbers::default());
    assert_eq!(
        nobody.to_string(),
        "churn insufficient_data: no method has enough data\n  p_purchase did not answer: no purchase\n  days_since_last did not answer: no purchase\n"
    );
    assert_eq!(
        nobody.text(&Chinese),
        "流失  数据不足：没有一种方法具备足够数据\n  未采用 期内购买概率：没有购买记录\n  未采用 距上次购买天数：没有购买记录\n"
    );
    let active = verdict(&churn, KNOWN);
    assert_eq!(
        active.to_string(),
        "churn active: p_purchase is 100 % (cooling below 60 %)\n"
    );
    assert_eq!(
        active.text(&Chinese),
        "流失  活跃：期内购买概率 100%（低于 60% 时为活跃下降）\n"
    );
    let unfitted = Numbers {
        alive: None,
        silence: Some(1.0),
        ..KNOWN
    };
    let mut population = bind(&ChurnSpec::new([
        method(ChurnMeasure::PAlive).lost(0.2),
        method(ChurnMeasure::PopulationGapPercentile).lost(80.0),
    ]));
    let said = |churn: &Churn, language: &dyn customer_value::rules::language::Language| {
        let text = verdict(churn, unfitted).text(language);
        text.lines()
            .skip(1)
            .map(str::trim)
            .collect::<Vec<_>>()
            .join("; ")
    };
    assert_eq!(
        said(&population, &English),
        "p_alive did not answer: it is not known; population_gap_percentile did not answer: the population is not known yet"
    );
    assert_eq!(
        said(&population, &Chinese),
        "未采用 活跃概率：数值未知; 未采用 在全体购买间隔中的百分位：尚未按全体客户拟合"
    );
    population.freeze(GapDistribution::default());
    assert!(said(&population, &English).ends_with("nobody in the population has come back yet"));
    assert!(said(&population, &Chinese).ends_with("全体客户均无复购间隔"));
    population.freeze(percents());
    assert_eq!(
        verdict(&population, unfitted).to_string(),
        "churn active: population_gap_percentile is 0 % (lost from 80 % on)\n  p_alive did not answer: it is not known\n"
    );
}

// ---- any policy over any rows, against the page read slowly ----

/// Measure, active days where they are written, and for each threshold whether it is there.
type Recipe = (usize, Option<u32>, [bool; 4], [u32; 4]);

fn spec_of(recipes: &[Recipe]) -> ChurnSpec {
    ChurnSpec::new(recipes.iter().map(|(by, days, there, steps)| {
        let by = ChurnMeasure::ALL[*by];
        let mut at = [0.0; 4];
        let mut sum = 0;
        for (at, step) in at.iter_mut().zip(steps) {
            sum += step;
            *at = f64::from(sum);
        }
        // Steps of at most 12: up to 48 percent, 4.8 and 0.96 to 0 for the others.
        let scaled = at.map(|at| match by {
            ChurnMeasure::PAlive | ChurnMeasure::PPurchase => (48.0 - at) / 50.0,
            ChurnMeasure::ChurnFactor | ChurnMeasure::LapseShare => at / 10.0,
            _ => at,
        });
        let pick = |i: usize| (there[i] || i == 3).then_some(scaled[i]);
        ChurnMethodSpec {
            cooling: pick(0),
            at_risk: pick(1),
            highly_at_risk: pick(2),
            lost: pick(3),
            min_active_days: *days,
            ..method(by)
        }
    }))
}

fn recipes() -> impl Strategy<Value = Vec<Recipe>> {
    let recipe = (
        0..ChurnMeasure::ALL.len(),
        prop::option::of(1..5_u32),
        any::<[bool; 4]>(),
        [1..12_u32, 1..12, 1..12, 1..12],
    );
    prop::collection::vec(recipe, 1..5)
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let known = |most: u32, parts: f64| {
        prop::option::weighted(0.8, (0..=most).prop_map(move |n| f64::from(n) / parts))
    };
    (
        known(5, 1.0),
        known(60, 1.0),
        known(60, 10.0),
        known(100, 1.0),
        known(9, 1.0),
        known(50, 50.0),
        known(50, 50.0),
    )
        .prop_map(
            |(active, silence, factor, percentile, lapse, alive, buys)| Numbers {
                active,
                silence,
                factor,
                percentile,
                lapse,
                alive,
                buys,
            },
        )
}

/// The page, word for word.
fn slowly(spec: &ChurnSpec, gaps: Option<&[u32]>, n: Numbers) -> ChurnLevel {
    for m in &spec.methods {
        let active = n.active.unwrap_or(0.0);
        let needs_gap = ["churn_factor", "gap_percentile", "lapse_share"].contains(&m.by.name());
        let usual = match m.by.name() {
            _ if needs_gap => 4,
            "population_gap_percentile" => 2,
            _ => 1,
        };
        let need = f64::from(m.min_active_days.unwrap_or(usual));
        if active < 1.0 || (needs_gap && active < 2.0) || active < need {
            continue;
        }
        let number = match m.by.name() {
            "days_since_last" => n.silence,
            "churn_factor" => n.factor,
            "gap_percentile" => n.percentile,
            "lapse_share" => (n.silence.zip(n.lapse))
                .filter(|(_, lapse)| *lapse > 0.0)
                .map(|(s, l)| s / l),
            "p_alive" => n.alive,
            "p_purchase" => n.buys,
            _ => gaps
                .filter(|gaps| !gaps.is_empty())
                .zip(n.silence)
                .map(|(gaps, silence)| {
                    let shorter = gaps.iter().filter(|gap| f64::from(**gap) < silence).count();
                    100.0 * shorter as f64 / gaps.len() as f64
                }),
        };
        let Some(number) = number else { continue };
        let mut level = Active;
        for (worse, at) in [
            (Cooling, m.cooling),
            (AtRisk, m.at_risk),
            (HighlyAtRisk, m.highly_at_risk),
            (Lost, m.lost),
        ] {
            let reached = match (at, m.by.name()) {
                (None, _) => false,
                (Some(at), "p_alive" | "p_purchase") => number < at,
                (Some(at), _) => number >= at,
            };
            if reached {
                level = worse;
            }
        }
        return level;
    }
    InsufficientData
}

proptest! {
    #[test]
    fn one_by_one_in_bulk_and_explained_are_what_the_page_says(
        recipes in recipes(),
        rows in prop::collection::vec(numbers(), 0..20),
        gaps in prop::option::of(prop::collection::vec(1..70_u32, 0..20)),
    ) {
        let spec = spec_of(&recipes);
        let mut churn = bind(&spec);
        if let Some(gaps) = &gaps {
            churn.freeze(gaps.iter().copied().collect::<GapDistribution>());
        }
        let mut table = table(&rows);
        let slot = table.schema().slot("churn").unwrap();
        churn.fill(&mut table, slot);
        for (i, numbers) in rows.iter().enumerate() {
            let row = table.row(i);
            let expected = slowly(&spec, gaps.as_deref(), *numbers);
            prop_assert_eq!(churn.level(row), expected);
            prop_assert_eq!(row.category(slot), Some(expected.name()));
            let verdict = churn.verdict(row);
            prop_assert_eq!(verdict.level, expected);
            let tried = verdict.passed_over.len() + usize::from(verdict.answer.is_some());
            prop_assert!(tried == spec.methods.len() || verdict.answer.is_some());
            prop_assert_eq!(verdict.answer.is_none(), expected == InsufficientData);
            let reached = verdict.answer.as_ref().and_then(|a| a.reached).map(|t| t.level);
            prop_assert_eq!(reached, Some(expected).filter(|l| ![Active, InsufficientData].contains(l)));
            // What comes next is worse than what is.
            if let Some(next) = verdict.answer.as_ref().and_then(|a| a.next) {
                prop_assert!(next.level.code() > expected.code());
            }
            for language in [&English as &dyn customer_value::rules::language::Language, &Chinese] {
                let text = verdict.text(language);
                let braces = text.contains(['{', '}']);
                prop_assert!(!braces, "{}", text);
                prop_assert_eq!(text.lines().count(), 1 + verdict.passed_over.len());
            }
        }
    }
}

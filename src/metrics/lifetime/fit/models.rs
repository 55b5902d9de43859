//! What the search must know of each model: where to start, what lies at the edges, what is missing in data that cannot
//! be fitted, and the priors.

use super::boundary::{Edge, Run};
use super::prior::{Prior, Term};
use super::{Likelihood, MOST};
use crate::metrics::lifetime::activity::{Activity, Weighted};
use crate::metrics::lifetime::bg_bb::BgBb;
use crate::metrics::lifetime::bg_nbd::BgNbd;
use crate::metrics::lifetime::gamma_gamma::{GammaGamma, Spend};
use crate::metrics::lifetime::mbg_nbd::MbgNbd;
use crate::metrics::lifetime::nbd::Nbd;
use crate::metrics::lifetime::pareto_nbd::ParetoNbd;
use crate::metrics::lifetime::sbg::{ShiftedBetaGeometric, Subscriber};

/// What data look like at a glance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Survey {
    /// The size of a time or an amount in the data: the mean age, or the mean spend.
    pub(super) scale: f64,
    /// Repeat purchases of a customer on average.
    purchases: f64,
    /// A guess of the shape of the purchase rates.
    shape: f64,
}

/// A model that can be fitted.
pub(super) trait Model: Likelihood {
    /// The places of the parameters that are times or amounts.
    const SCALED: &'static [usize];

    /// What data look like, or what is missing in them, line by line.
    fn survey(data: &[Weighted<Self::Datum>]) -> Result<Survey, Vec<String>>;

    /// Points to start from; they must suit any unit of time or money.
    fn starts(data: &Survey) -> Vec<[f64; MOST]>;

    /// The simpler models, the simplest first.
    fn edges() -> &'static [Edge];

    /// The priors of a MAP fit.
    fn priors(data: &Survey) -> Vec<Prior>;
}

fn mean<T: Copy>(data: &[Weighted<T>], of: impl Fn(&T) -> f64) -> f64 {
    let total: f64 = data.iter().map(|one| one.weight).sum();
    data.iter()
        .map(|one| one.weight / total * of(&one.value))
        .sum()
}

/// Ages below this, or of a mean below it, are no time to buy in; parameters have this range.
const LEAST_SCALE: f64 = 1e-9;

fn survey_purchases(data: &[Weighted<Activity>]) -> Result<Survey, Vec<String>> {
    if data.is_empty() {
        return Err(vec!["no customer".to_owned()]);
    }
    let purchases = mean(data, Activity::x);
    let scale = mean(data, Activity::age);
    let mut missing = Vec::new();
    if purchases <= 0.0 {
        missing.push("no repeat purchase of any customer".to_owned());
    }
    if scale < LEAST_SCALE {
        missing.push(
            "no time in which the customers were observed: every age is 0, or far below one unit of time"
                .to_owned(),
        );
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    let variance = mean(data, |one| (one.x() - purchases).powi(2));
    let shape = if variance > purchases {
        purchases * purchases / (variance - purchases)
    } else {
        10.0
    };
    Ok(Survey {
        scale,
        purchases,
        shape: shape.clamp(0.1, 10.0),
    })
}

/// Purchase rates are alike.
const SAME_RATE: Edge = Edge {
    run: Run::Up(0, 1),
    parameters: &[0, 1],
    meaning: "all customers buy at the same rate",
};

/// r is too small to be told, and α with it.
const EXTREME_RATES: Edge = Edge {
    run: Run::Low(1),
    parameters: &[0, 1],
    meaning: "customers differ without bound in how often they buy: some hardly ever, some at once",
};

/// Edges of models in which a customer leaves by a probability that is Beta distributed.
macro_rules! dropout_edges {
    ($a:literal, $b:literal, $after:literal) => {
        [
            Edge {
                run: Run::Under($a, $b),
                parameters: &[$a, $b],
                meaning: "no dropout: customers stay for ever",
            },
            Edge {
                run: Run::Under($b, $a),
                parameters: &[$a, $b],
                meaning: concat!("every customer leaves ", $after),
            },
            Edge {
                run: Run::Up($a, $b),
                parameters: &[$a, $b],
                meaning: "all customers leave with the same probability",
            },
            Edge {
                run: Run::Down($a, $b),
                parameters: &[$a, $b],
                meaning: concat!("a customer either leaves ", $after, " or stays for ever"),
            },
        ]
    };
}

#[allow(clippy::indexing_slicing)] // at compile time, where a wrong index does not compile
const fn joined<const N: usize, const M: usize, const S: usize>(
    a: [Edge; N],
    b: [Edge; M],
) -> [Edge; S] {
    let mut all = [a[0]; S];
    let mut i = 0;
    while i < S {
        all[i] = if i < N { a[i] } else { b[i - N] };
        i += 1;
    }
    all
}

/// r: about 1. The mean rate r/α: as in the data.
fn rate_priors(data: &Survey) -> [Prior; 2] {
    let rate = data.purchases / data.scale;
    [
        Prior::new(Term::Log(0), 0.0, 1.5),
        Prior::new(Term::Ratio(0, 1), rate.ln(), 2.0),
    ]
}

/// Two shapes of a Beta distribution: together about 2, with a mean about a half.
fn beta_priors(a: usize, b: usize) -> [Prior; 2] {
    [
        Prior::new(Term::Sum(a, b), 2.0_f64.ln(), 1.5),
        Prior::new(Term::Ratio(a, b), 0.0, 2.0),
    ]
}

/// Starts of the models with dropout at a purchase.
fn geometric_starts(data: &Survey) -> Vec<[f64; MOST]> {
    let once = data.scale / data.purchases;
    let start = |r: f64, faster: f64, a: f64, b: f64| [r, r * once / faster, a, b];
    vec![
        start(data.shape, 1.5, 0.8, 2.4),
        start(data.shape, 1.0, 0.1, 2.0),
        start(1.0, 2.0, 1.0, 1.0),
        start(0.3, 4.0, 0.5, 3.0),
        start(3.0, 1.0, 0.2, 5.0),
        start(0.1, 10.0, 2.0, 1.0),
    ]
}

static GEOMETRIC_EDGES: [Edge; 6] = joined(
    [SAME_RATE, EXTREME_RATES],
    dropout_edges!(2, 3, "after the first repeat purchase"),
);

impl Model for BgNbd {
    const SCALED: &'static [usize] = &[1];

    fn survey(data: &[Weighted<Activity>]) -> Result<Survey, Vec<String>> {
        survey_purchases(data)
    }

    fn starts(data: &Survey) -> Vec<[f64; MOST]> {
        geometric_starts(data)
    }

    fn edges() -> &'static [Edge] {
        &GEOMETRIC_EDGES
    }

    fn priors(data: &Survey) -> Vec<Prior> {
        [rate_priors(data), beta_priors(2, 3)].concat()
    }
}

static MODIFIED_EDGES: [Edge; 6] = joined(
    [SAME_RATE, EXTREME_RATES],
    dropout_edges!(2, 3, "after the first purchase"),
);

impl Model for MbgNbd {
    const SCALED: &'static [usize] = &[1];

    fn survey(data: &[Weighted<Activity>]) -> Result<Survey, Vec<String>> {
        survey_purchases(data)
    }

    fn starts(data: &Survey) -> Vec<[f64; MOST]> {
        geometric_starts(data)
    }

    fn edges() -> &'static [Edge] {
        &MODIFIED_EDGES
    }

    fn priors(data: &Survey) -> Vec<Prior> {
        [rate_priors(data), beta_priors(2, 3)].concat()
    }
}

static PARETO_EDGES: [Edge; 6] = [
    SAME_RATE,
    EXTREME_RATES,
    Edge {
        run: Run::Low(2),
        parameters: &[2, 3],
        meaning: "no dropout: customers stay for ever",
    },
    Edge {
        run: Run::Up(2, 3),
        parameters: &[2, 3],
        meaning: "all customers leave at the same rate",
    },
    Edge {
        run: Run::High(2),
        parameters: &[2, 3],
        meaning: "every customer leaves at once",
    },
    Edge {
        run: Run::Low(3),
        parameters: &[2, 3],
        meaning: "some customers leave at once, the others hardly ever",
    },
];

impl Model for ParetoNbd {
    const SCALED: &'static [usize] = &[1, 3];

    fn survey(data: &[Weighted<Activity>]) -> Result<Survey, Vec<String>> {
        survey_purchases(data)
    }

    fn starts(data: &Survey) -> Vec<[f64; MOST]> {
        let (once, age) = (data.scale / data.purchases, data.scale);
        let start = |r: f64, faster: f64, s: f64, beta: f64| [r, r * once / faster, s, beta * age];
        vec![
            start(data.shape, 1.3, 0.5, 0.4),
            start(data.shape, 1.0, 0.1, 1.0),
            start(1.0, 1.5, 1.0, 1.0),
            start(0.3, 3.0, 0.5, 0.1),
            start(3.0, 1.0, 2.0, 10.0),
            start(0.5, 2.0, 3.0, 2.0),
        ]
    }

    fn edges() -> &'static [Edge] {
        &PARETO_EDGES
    }

    /// s: about 1. The mean rate of leaving s/β: once in the mean age.
    fn priors(data: &Survey) -> Vec<Prior> {
        let dropout = [
            Prior::new(Term::Log(2), 0.0, 1.5),
            Prior::new(Term::Ratio(2, 3), -data.scale.ln(), 2.0),
        ];
        [rate_priors(data), dropout].concat()
    }
}

static NBD_EDGES: [Edge; 2] = [SAME_RATE, EXTREME_RATES];

impl Model for Nbd {
    const SCALED: &'static [usize] = &[1];

    fn survey(data: &[Weighted<Activity>]) -> Result<Survey, Vec<String>> {
        survey_purchases(data)
    }

    fn starts(data: &Survey) -> Vec<[f64; MOST]> {
        let once = data.scale / data.purchases;
        [data.shape, 1.0, 0.2, 5.0]
            .map(|r| [r, r * once, 0.0, 0.0])
            .to_vec()
    }

    fn edges() -> &'static [Edge] {
        &NBD_EDGES
    }

    fn priors(data: &Survey) -> Vec<Prior> {
        rate_priors(data).to_vec()
    }
}

static BG_BB_EDGES: [Edge; 8] = joined(
    [
        Edge {
            run: Run::Up(0, 1),
            parameters: &[0, 1],
            meaning: "all customers buy with the same probability",
        },
        Edge {
            run: Run::Under(1, 0),
            parameters: &[0, 1],
            meaning: "every customer buys on every occasion while alive",
        },
        Edge {
            run: Run::Down(0, 1),
            parameters: &[0, 1],
            meaning: "a customer buys on every occasion or on none",
        },
        Edge {
            run: Run::Under(0, 1),
            parameters: &[0, 1],
            meaning: "hardly any customer buys again",
        },
    ],
    dropout_edges!(2, 3, "before the first occasion"),
);

impl Model for BgBb {
    const SCALED: &'static [usize] = &[];

    fn survey(data: &[Weighted<Activity>]) -> Result<Survey, Vec<String>> {
        let survey = survey_purchases(data)?;
        let whole = |one: &Activity| {
            let (span, age) = (one.active_span(), one.age());
            span.fract() == 0.0 && age.fract() == 0.0 && one.x() <= span
        };
        if !data.iter().all(|one| whole(&one.value)) {
            return Err(vec![
                "customers in whole periods, with at most one purchase in each: see `Activities::in_periods`"
                    .to_owned(),
            ]);
        }
        Ok(survey)
    }

    fn starts(data: &Survey) -> Vec<[f64; MOST]> {
        let p = (1.3 * data.purchases / data.scale).clamp(0.05, 0.95);
        let start = |size: f64, stay: f64, leave: f64, stays: f64| {
            let p = (p * stay).min(0.95);
            [size * p, size * (1.0 - p), leave, stays]
        };
        vec![
            start(2.0, 1.0, 0.6, 2.8),
            start(1.0, 1.5, 0.3, 1.0),
            start(4.0, 1.0, 0.1, 2.0),
            start(1.0, 1.0, 1.0, 1.0),
            start(0.5, 2.0, 2.0, 5.0),
        ]
    }

    fn edges() -> &'static [Edge] {
        &BG_BB_EDGES
    }

    fn priors(_: &Survey) -> Vec<Prior> {
        [beta_priors(0, 1), beta_priors(2, 3)].concat()
    }
}

static GAMMA_GAMMA_EDGES: [Edge; 6] = [
    Edge {
        run: Run::Up(1, 2),
        parameters: &[1, 2],
        meaning: "no difference in spend between customers",
    },
    Edge {
        run: Run::Apart(0, 2),
        parameters: &[0, 2],
        meaning: "a customer always spends the same",
    },
    Edge {
        run: Run::High(0),
        parameters: &[0],
        meaning: "a customer always spends the same",
    },
    Edge {
        run: Run::Low(2),
        parameters: &[1, 2],
        meaning: "customers differ in spend without bound",
    },
    Edge {
        run: Run::Low(0),
        parameters: &[0],
        meaning: "the amounts of one customer differ without bound",
    },
    Edge {
        run: Run::Low(1),
        parameters: &[1],
        meaning: "customers differ in spend without bound",
    },
];

impl Model for GammaGamma {
    const SCALED: &'static [usize] = &[2];

    fn survey(data: &[Weighted<Spend>]) -> Result<Survey, Vec<String>> {
        if data.is_empty() {
            return Err(vec![
                "no customer with a repeat purchase of more than nothing".to_owned(),
            ]);
        }
        // The geometric mean: one vast amount must not set the scale.
        let scale = mean(data, |one| one.mean().ln()).exp();
        Ok(Survey {
            scale,
            purchases: mean(data, |one| f64::from(one.purchases())),
            shape: 1.0,
        })
    }

    fn starts(data: &Survey) -> Vec<[f64; MOST]> {
        let start = |p: f64, q: f64| [p, q, data.scale * q / p, 0.0];
        vec![
            start(6.0, 4.0),
            start(2.0, 2.0),
            start(0.7, 3.0),
            start(30.0, 10.0),
            start(100.0, 1.5),
        ]
    }

    fn edges() -> &'static [Edge] {
        &GAMMA_GAMMA_EDGES
    }

    /// p and q: about 4. The level p γ/q: as in the data.
    fn priors(data: &Survey) -> Vec<Prior> {
        vec![
            Prior::new(Term::Log(0), 4.0_f64.ln(), 1.5),
            Prior::new(Term::Log(1), 4.0_f64.ln(), 1.5),
            Prior::new(Term::Level(0, 1, 2), data.scale.ln(), 2.0),
        ]
    }
}

static SBG_EDGES: [Edge; 4] = dropout_edges!(0, 1, "at the end of the first period");

impl Model for ShiftedBetaGeometric {
    const SCALED: &'static [usize] = &[];

    fn survey(data: &[Weighted<Subscriber>]) -> Result<Survey, Vec<String>> {
        if data.is_empty() {
            return Err(vec!["no customer".to_owned()]);
        }
        let mut missing = Vec::new();
        if data.iter().all(|one| one.value.is_there()) {
            missing.push("no customer who left".to_owned());
        }
        if data.iter().all(|one| one.value.renewals() == 0) {
            missing.push("no customer who stayed for a renewal".to_owned());
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        Ok(Survey {
            scale: 1.0,
            purchases: mean(data, |one| f64::from(one.renewals())),
            shape: 1.0,
        })
    }

    fn starts(data: &Survey) -> Vec<[f64; MOST]> {
        let start = |alpha: f64, more: f64| [alpha, alpha * data.purchases * more, 0.0, 0.0];
        vec![
            start(0.7, 0.7),
            start(1.0, 1.0),
            start(0.2, 0.3),
            start(3.0, 1.0),
        ]
    }

    fn edges() -> &'static [Edge] {
        &SBG_EDGES
    }

    fn priors(_: &Survey) -> Vec<Prior> {
        beta_priors(0, 1).to_vec()
    }
}

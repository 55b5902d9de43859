//! The reference numbers; see `README.md`.
#![allow(dead_code)] // each test file uses its part

use customer_value::metrics::lifetime::{
    Activity, BgBb, BgNbd, DiscountRate, Horizon, MbgNbd, Nbd, Parameters, ParetoNbd,
    PurchaseModel, TimeUnit,
};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand_distr::{Distribution, Exp1, Gamma};

/// The lines of a table after its head, each as its fields.
pub fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split(',').collect())
}

/// The same of a table of numbers; NaN where there is none.
pub fn numbers(text: &str) -> impl Iterator<Item = Vec<f64>> {
    let number = |field: &str| field.parse().unwrap_or(f64::NAN);
    rows(text).map(move |row| row.into_iter().map(number).collect())
}

/// How far off, in parts of the exact value; a value below 10^-300 counts as that.
pub fn relative_error(ours: f64, exact: f64) -> f64 {
    if ours == exact {
        return 0.0;
    }
    (ours - exact).abs() / exact.abs().max(1e-300)
}

/// From 10^low to 10^high, evenly in the exponent.
pub fn spread(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low..high).prop_map(|e| 10_f64.powf(e))
}

/// Any parameter that there can be.
pub fn wild() -> impl Strategy<Value = f64> {
    spread(-12.0, 12.0).prop_map(|value| value.clamp(1e-12, 1e12))
}

/// A model with parameters in weeks.
pub fn weeks(parameters: impl Into<Parameters>) -> PurchaseModel {
    PurchaseModel::new(parameters, TimeUnit::Week).unwrap()
}

/// CDNOW in weeks, and livelier customers; for BG/BB the donors.
pub fn models() -> Vec<Parameters> {
    let golden = [
        ("bgnbd", [0.243, 4.414, 0.793, 2.426]),
        ("bgnbd", [2.0, 3.0, 0.5, 6.0]),
        ("mbgnbd", [0.525, 6.183, 0.891, 1.614]),
        ("pnbd", [0.553, 10.578, 0.606, 11.669]),
        ("pnbd", [3.0, 4.0, 2.0, 60.0]),
        ("nbd", [0.385, 12.07, 0.0, 0.0]),
        ("bgbb", [1.204, 0.75, 0.657, 2.783]),
    ];
    golden.map(|(model, p)| parameters(model, p)).to_vec()
}

/// The parameters of a model by the name that `golden.csv` has for it.
fn parameters(model: &str, [p1, p2, p3, p4]: [f64; 4]) -> Parameters {
    let (r, alpha) = (p1, p2);
    let (a, b) = (p3, p4);
    match model {
        "bgnbd" => BgNbd { r, alpha, a, b }.into(),
        "mbgnbd" => MbgNbd { r, alpha, a, b }.into(),
        "nbd" => Nbd { r, alpha }.into(),
        "pnbd" => {
            let (s, beta) = (p3, p4);
            ParetoNbd { r, alpha, s, beta }.into()
        }
        "bgbb" => {
            let (alpha, beta, gamma, delta) = (p1, p2, p3, p4);
            BgBb {
                alpha,
                beta,
                gamma,
                delta,
            }
            .into()
        }
        other => panic!("{other}"),
    }
}

/// One customer who buys at a rate; `leaves` says after each purchase whether the customer goes, `life` when at the latest.
pub fn bought(
    rate: f64,
    life: f64,
    age: f64,
    random: &mut StdRng,
    mut leaves: impl FnMut(&mut StdRng) -> bool,
) -> Activity {
    let (mut x, mut last, mut t) = (0, 0.0, 0.0);
    loop {
        let gap: f64 = Exp1.sample(random);
        t += gap / rate;
        if t > age.min(life) {
            return Activity::new(x, last, age).unwrap();
        }
        (x, last) = (x + 1, t);
        if leaves(random) {
            return Activity::new(x, last, age).unwrap();
        }
    }
}

/// A Gamma draw.
pub fn gamma(shape: f64, rate: f64, random: &mut StdRng) -> f64 {
    Gamma::new(shape, 1.0 / rate).unwrap().sample(random)
}

/// One row of `golden.csv`.
#[derive(Debug, Clone)]
pub struct Golden {
    pub model: String,
    pub set: String,
    pub parameters: [f64; 4],
    pub x: u32,
    /// t_x and T; none for PMF.
    pub times: Option<(f64, f64)>,
    pub quantity: String,
    pub arg: f64,
    pub value: f64,
}

/// The rows of a model: `bgnbd`, `mbgnbd`, `pnbd` or `bgbb`.
pub fn golden(model: &str) -> Vec<Golden> {
    let text = include_str!("golden.csv");
    let number = |text: &str| text.parse::<f64>().unwrap_or(0.0);
    let of_model = rows(text).filter(|f| f[0] == model).map(|f| Golden {
        model: f[0].to_owned(),
        set: f[1].to_owned(),
        parameters: [2, 3, 4, 5].map(|i| number(f[i])),
        x: f[6].parse().unwrap(),
        times: (!f[7].is_empty()).then(|| (number(f[7]), number(f[8]))),
        quantity: f[9].to_owned(),
        // The length of time of a PMF is in the column of T.
        arg: number(if f[10].is_empty() { f[8] } else { f[10] }),
        value: f[11].parse().unwrap(),
    });
    of_model.collect()
}

impl Golden {
    pub fn model(&self) -> PurchaseModel {
        weeks(parameters(&self.model, self.parameters))
    }

    /// What this crate says.
    pub fn ours(&self) -> f64 {
        let model = self.model();
        let customer = || {
            let (span, age) = self.times.unwrap();
            Activity::new(self.x, span, age).unwrap()
        };
        match self.quantity.as_str() {
            "LL" => model.log_likelihood(&customer()),
            "PALIVE" => model.p_alive(&customer()),
            "CET" => model.expected_purchases(&customer(), self.arg),
            "DERT" => {
                let discount = DiscountRate::continuous(self.arg, TimeUnit::Week).unwrap();
                let sum = model.discounted_purchases(&customer(), discount, Horizon::Forever);
                sum.unwrap()
            }
            "PMF" => model.pmf(self.x, self.arg),
            other => panic!("{other}"),
        }
    }

    /// The relative error.
    pub fn error(&self) -> f64 {
        relative_error(self.ours(), self.value)
    }
}

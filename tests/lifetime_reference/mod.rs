//! The reference numbers; see `README.md`.
#![allow(dead_code)] // each test file uses its part

use customer_value::metrics::lifetime::{
    Activity, BgBb, BgNbd, DiscountRate, Horizon, MbgNbd, Parameters, ParetoNbd, PurchaseModel,
    TimeUnit,
};

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
    let rows = text.lines().skip(1).map(|line| {
        let f: Vec<&str> = line.split(',').collect();
        Golden {
            model: f[0].to_owned(),
            set: f[1].to_owned(),
            parameters: [2, 3, 4, 5].map(|i| number(f[i])),
            x: f[6].parse().unwrap(),
            times: (!f[7].is_empty()).then(|| (number(f[7]), number(f[8]))),
            quantity: f[9].to_owned(),
            // The length of time of a PMF is in the column of T.
            arg: number(if f[10].is_empty() { f[8] } else { f[10] }),
            value: f[11].parse().unwrap(),
        }
    });
    rows.filter(|row| row.model == model).collect()
}

impl Golden {
    pub fn model(&self) -> PurchaseModel {
        let [p1, p2, p3, p4] = self.parameters;
        let (r, alpha) = (p1, p2);
        let parameters: Parameters = match self.model.as_str() {
            "bgnbd" => BgNbd {
                r,
                alpha,
                a: p3,
                b: p4,
            }
            .into(),
            "mbgnbd" => MbgNbd {
                r,
                alpha,
                a: p3,
                b: p4,
            }
            .into(),
            "pnbd" => ParetoNbd {
                r,
                alpha,
                s: p3,
                beta: p4,
            }
            .into(),
            _ => BgBb {
                alpha: p1,
                beta: p2,
                gamma: p3,
                delta: p4,
            }
            .into(),
        };
        PurchaseModel::new(parameters, TimeUnit::Week).unwrap()
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

    /// The relative error; a probability below 10^-300 counts as that.
    pub fn error(&self) -> f64 {
        (self.ours() - self.value).abs() / self.value.abs().max(1e-300)
    }
}

//! The fits of a run.

use std::time::Instant;

use anyhow::Context;
use customer_value::metrics::lifetime::validation::{Accuracy, Split};
use customer_value::metrics::lifetime::{
    Activities, Activity, Fitted, GammaGamma, Method, ModelKind, PurchaseModel, Renewals,
    ShiftedBetaGeometric, Spend, Spends, Subscriber, TimeUnit,
};

use super::data::{Data, Transactions, without_holdout};
use super::options::{Options, Word};

/// A fitted model.
pub enum Model {
    Purchases(Fitted<PurchaseModel>),
    Spend(Fitted<GammaGamma>),
    Contract(Fitted<ShiftedBetaGeometric>),
}

/// One fit.
pub struct Fit {
    pub word: Word,
    pub model: Model,
    pub seconds: f64,
    pub holdout: Option<Accuracy>,
    /// Whether it forecasts the purchases of the split, like the others.
    pub compared: bool,
}

impl Fit {
    pub fn kind(&self) -> Option<ModelKind> {
        kind(self.word)
    }
}

/// All fits of a run, and what the purchase models are compared by.
pub struct Fits {
    pub fits: Vec<Fit>,
    /// `None` where no purchases are fitted.
    pub split: Option<Split>,
}

const CONTINUOUS: [Word; 4] = [Word::BgNbd, Word::MbgNbd, Word::ParetoNbd, Word::Nbd];

fn kind(word: Word) -> Option<ModelKind> {
    match word {
        Word::BgNbd => Some(ModelKind::BgNbd),
        Word::MbgNbd => Some(ModelKind::MbgNbd),
        Word::ParetoNbd => Some(ModelKind::ParetoNbd),
        Word::Nbd => Some(ModelKind::Nbd),
        Word::BgBb => Some(ModelKind::BgBb),
        Word::Sbg | Word::GammaGamma | Word::All => None,
    }
}

/// The models of a run.
fn words(options: &Options, data: &Data) -> Result<Vec<Word>, anyhow::Error> {
    let spend_only = matches!(data, Data::Spends(_));
    Ok(match options.model {
        None if spend_only => vec![Word::GammaGamma],
        None => CONTINUOUS.to_vec(),
        Some(Word::All) => match data {
            Data::Spends(_) => vec![Word::GammaGamma],
            Data::Activities(all) => {
                let mut words = [&CONTINUOUS[..], &[Word::BgBb]].concat();
                words.extend(subscribers(all).map(|_| Word::Sbg));
                words
            }
            Data::Transactions(_) => {
                [&CONTINUOUS[..], &[Word::BgBb, Word::Sbg, Word::GammaGamma]].concat()
            }
        },
        Some(Word::GammaGamma) if matches!(data, Data::Activities(_)) => {
            anyhow::bail!("gamma-gamma needs a summary of the columns `x,mean`")
        }
        Some(word) if spend_only && word != Word::GammaGamma => {
            anyhow::bail!("{} needs a summary of the columns `x,t_x,T`", word.text())
        }
        Some(word) => vec![word],
    })
}

pub fn run(options: &Options, data: &Data) -> anyhow::Result<Fits> {
    let unit = options.time_unit;
    let words = words(options, data)?;
    let continuous = words.iter().any(|word| CONTINUOUS.contains(word));
    // Collapsing is part of the fit, so that each begins with the customers one by one.
    let (customers, split) = match data {
        Data::Transactions(all) if continuous => (
            all.each(|customer, at| Activity::of(customer, at, unit)),
            Some(all.split(unit)),
        ),
        Data::Activities(all) => (all.clone(), continuous.then(|| without_holdout(all, unit))),
        _ => (Vec::new(), None),
    };
    let mut fits = Vec::new();
    for word in words {
        fits.push(match (word, data) {
            (Word::GammaGamma, _) => spend(data),
            (Word::Sbg, _) => contract(data, unit)?,
            (Word::BgBb, Data::Transactions(all)) => periods(all, unit),
            _ => purchases(word, &customers, split.as_ref(), unit),
        });
    }
    Ok(Fits { fits, split })
}

fn purchases(
    word: Word,
    customers: &[(Activity, u64)],
    split: Option<&Split>,
    unit: TimeUnit,
) -> Fit {
    let kind = kind(word).unwrap_or(ModelKind::BgNbd);
    let start = Instant::now();
    let activities = Activities::weighted(customers.iter().copied(), unit);
    let fitted = activities.fit(kind, Method::MaximumLikelihood);
    let seconds = start.elapsed().as_secs_f64();
    let forecasts = fitted
        .model
        .as_ref()
        .zip(split)
        .map(|(model, split)| split.forecasts(model));
    Fit {
        word,
        model: Model::Purchases(fitted),
        seconds,
        holdout: forecasts
            .map(|all| Accuracy::of(&all))
            .filter(|a| a.customers > 0),
        compared: word != Word::BgBb,
    }
}

fn periods(all: &Transactions, unit: TimeUnit) -> Fit {
    let customers = all.each(|customer, at| Activity::in_periods(customer, at, unit));
    purchases(
        Word::BgBb,
        &customers,
        Some(&all.split_in_periods(unit)),
        unit,
    )
}

fn spend(data: &Data) -> Fit {
    let customers = match data {
        Data::Transactions(all) => all.each(|customer, _| Some(Spend::of(customer))),
        Data::Spends(all) => all.clone(),
        Data::Activities(_) => Vec::new(),
    };
    let start = Instant::now();
    let fitted = Spends::weighted(customers).fit(Method::MaximumLikelihood);
    let seconds = start.elapsed().as_secs_f64();
    let holdout = match (&fitted.model, data) {
        (Some(model), Data::Transactions(all)) => {
            let accuracy = Accuracy::of(&all.spend_forecasts(model));
            let mean = |sum: Option<f64>| Some(sum? / accuracy.customers as f64);
            (accuracy.customers > 0).then(|| Accuracy {
                actual: mean(accuracy.actual),
                expected: mean(accuracy.expected),
                ..accuracy
            })
        }
        _ => None,
    };
    Fit {
        word: Word::GammaGamma,
        model: Model::Spend(fitted),
        seconds,
        holdout,
        compared: false,
    }
}

/// Contracts out of a summary: renewals in a row, x = t_x, of T whole periods; who renewed fewer than T times has left.
fn subscribers(all: &[(Activity, u64)]) -> Option<Vec<(Subscriber, u64)>> {
    let one = |(customer, weight): &(Activity, u64)| {
        let renewals = customer.repeat_purchases();
        let (x, periods) = (f64::from(renewals), customer.age());
        if customer.active_span() != x || periods.fract() != 0.0 {
            return None;
        }
        let subscriber = if x < periods {
            Subscriber::LeftAfter(renewals)
        } else {
            Subscriber::ThereAfter(renewals)
        };
        Some((subscriber, *weight))
    };
    all.iter().map(one).collect()
}

fn contract(data: &Data, unit: TimeUnit) -> anyhow::Result<Fit> {
    let customers = match data {
        Data::Transactions(all) => {
            all.each(|customer, at| Subscriber::in_periods(customer, at, unit))
        }
        Data::Activities(all) => subscribers(all).context(
            "sbg needs a summary of contracts: x renewals in a row, t_x = x, of T whole periods",
        )?,
        Data::Spends(_) => Vec::new(),
    };
    let start = Instant::now();
    let fitted = Renewals::weighted(customers).fit(Method::MaximumLikelihood);
    Ok(Fit {
        word: Word::Sbg,
        model: Model::Contract(fitted),
        seconds: start.elapsed().as_secs_f64(),
        holdout: None,
        compared: false,
    })
}

//! `--json`.

use customer_value::metrics::lifetime::validation::Accuracy;
use customer_value::metrics::lifetime::{Estimate, Fitted, Outcome};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::fits::{Fit, Model};

/// One model; the order of the fields is that of the keys. A number that is not finite becomes null.
#[derive(Serialize)]
struct Object {
    model: &'static str,
    parameters: Named,
    standard_errors: Named,
    log_likelihood: Option<f64>,
    aic: Option<f64>,
    bic: Option<f64>,
    customers: u64,
    distinct: u64,
    iterations: u32,
    outcome: &'static str,
    seconds: f64,
    holdout: Option<Holdout>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome_detail: Option<String>,
}

#[derive(Serialize)]
struct Holdout {
    mae: Option<f64>,
    rmse: Option<f64>,
    actual: Option<f64>,
    expected: Option<f64>,
}

/// Numbers by name, in the order of the paper.
struct Named(Vec<(String, Option<f64>)>);

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, number) in &self.0 {
            map.serialize_entry(name, number)?;
        }
        map.end()
    }
}

/// The array of all fits.
pub fn text(fits: &[Fit]) -> anyhow::Result<String> {
    let objects: Vec<Object> = fits.iter().map(object).collect();
    Ok(serde_json::to_string_pretty(&objects)? + "\n")
}

fn object(fit: &Fit) -> Object {
    match &fit.model {
        Model::Purchases(fitted) => of(fit, fitted),
        Model::Spend(fitted) => of(fit, fitted),
        Model::Contract(fitted) => of(fit, fitted),
    }
}

fn of<M>(fit: &Fit, fitted: &Fitted<M>) -> Object {
    let named = |of: fn(&Estimate) -> Option<f64>| {
        let all = fitted.estimates.iter();
        Named(all.map(|one| (one.name.clone(), of(one))).collect())
    };
    Object {
        model: fit.word.text(),
        parameters: named(|one| Some(one.value)),
        standard_errors: named(|one| one.standard_error),
        log_likelihood: fitted.log_likelihood,
        aic: fitted.aic,
        bic: fitted.bic,
        customers: fitted.customers,
        distinct: fitted.distinct,
        iterations: fitted.iterations,
        outcome: word(&fitted.outcome),
        seconds: fit.seconds,
        holdout: fit.holdout.as_ref().map(|found: &Accuracy| Holdout {
            mae: found.mae,
            rmse: found.rmse,
            actual: found.actual,
            expected: found.expected,
        }),
        outcome_detail: detail(&fitted.outcome),
    }
}

/// How a fit ended, in one word.
pub fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Converged => "converged",
        Outcome::Boundary(_) => "boundary",
        Outcome::TooLittleData(_) => "too_little_data",
        _ => "other",
    }
}

/// What else there is to say of it.
pub fn detail(outcome: &Outcome) -> Option<String> {
    let lines: Vec<String> = match outcome {
        Outcome::Boundary(edges) => edges
            .iter()
            .map(|edge| format!("{}: {}", edge.parameters.join(", "), edge.meaning))
            .collect(),
        Outcome::TooLittleData(missing) => missing.clone(),
        _ => Vec::new(),
    };
    (!lines.is_empty()).then(|| lines.join("; "))
}

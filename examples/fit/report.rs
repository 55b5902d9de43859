//! What is printed without `--json`.

use std::fmt::Write as _;

use customer_value::metrics::lifetime::validation::{
    AliveBin, Comparison, LiftGroup, alive_calibration, interval_calibration, lift,
};
use customer_value::metrics::lifetime::{Fitted, Outcome, PurchaseModel};

use super::data::Data;
use super::fits::{Fit, Fits, Model};
use super::json::detail;
use super::options::Options;

pub fn text(options: &Options, data: &Data, fits: &Fits) -> String {
    let mut text = String::new();
    let unit = options.time_unit;
    let _ = match data {
        Data::Transactions(all) => {
            let _ = writeln!(text, "transactions: {}", all.quality);
            let _ = write!(text, "fitted to all days up to {}", all.calibration_end);
            match all.holdout_end {
                Some(end) => writeln!(
                    text,
                    ", compared with the {:.2} {unit}s after it, to {end}",
                    unit.of(end - all.calibration_end)
                ),
                None => writeln!(text, ", nothing held out"),
            }
        }
        Data::Activities(all) => writeln!(text, "{} rows of a summary in {unit}s", all.len()),
        Data::Spends(all) => writeln!(text, "{} rows of a summary of spend", all.len()),
    };
    if let Some(split) = &fits.split {
        let compared = fits.fits.iter().filter_map(|fit| match &fit.model {
            Model::Purchases(fitted) if fit.compared => Some((fit.kind()?, fitted)),
            _ => None,
        });
        let _ = writeln!(text, "\n{}", Comparison::of(split, compared));
    }
    for fit in &fits.fits {
        text.push('\n');
        match &fit.model {
            Model::Purchases(fitted) => {
                found(&mut text, fit, fitted);
                calibration(&mut text, fits, fit, fitted);
            }
            Model::Spend(fitted) => found(&mut text, fit, fitted),
            Model::Contract(fitted) => found(&mut text, fit, fitted),
        }
    }
    text
}

/// The outcome, the parameters and the holdout of a fit.
fn found<M>(text: &mut String, fit: &Fit, fitted: &Fitted<M>) {
    let outcome = match &fitted.outcome {
        Outcome::Converged => "converged",
        Outcome::Boundary(_) => "on a boundary",
        _ => "too little data",
    };
    let _ = write!(text, "{}: {outcome}", fit.word.text());
    if let Some(detail) = detail(&fitted.outcome) {
        let _ = write!(text, " ({detail})");
    }
    let _ = writeln!(
        text,
        "; {} customers, {} different, {} steps, {:.1} ms",
        fitted.customers,
        fitted.distinct,
        fitted.iterations,
        fit.seconds * 1000.0
    );
    for one in &fitted.estimates {
        let _ = write!(text, "  {:<6} {:>12}", one.name, number(one.value));
        if let (Some(error), Some((low, high))) = (one.standard_error, one.interval) {
            let [error, low, high] = [error, low, high].map(number);
            let _ = write!(text, "  standard error {error}, 95 % {low} to {high}");
        }
        text.push('\n');
    }
    if let Some(holdout) = &fit.holdout
        && let (Some(mae), Some(rmse)) = (holdout.mae, holdout.rmse)
        && let (Some(actual), Some(expected)) = (holdout.actual, holdout.expected)
    {
        let what = match &fit.model {
            Model::Spend(_) => "mean amount of a purchase day",
            Model::Purchases(_) if fit.compared => "purchases",
            Model::Purchases(_) | Model::Contract(_) => "periods with a purchase",
        };
        let _ = writeln!(
            text,
            "  holdout, {what}: expected {expected:.2}, actual {actual:.2}, MAE {mae:.6}, RMSE {rmse:.6}"
        );
    }
}

/// Six decimals, or six digits of a number too small for them.
fn number(value: f64) -> String {
    if value.abs() < 1e-3 && value != 0.0 {
        format!("{value:.5e}")
    } else {
        format!("{value:.6}")
    }
}

/// Whether the probabilities of a model hold in the holdout.
fn calibration(text: &mut String, fits: &Fits, fit: &Fit, fitted: &Fitted<PurchaseModel>) {
    let (Some(model), Some(split)) = (&fitted.model, &fits.split) else {
        return;
    };
    if !fit.compared || fit.holdout.is_none() {
        return;
    }
    let found = interval_calibration(split, model, 0.8);
    if let (Some(within), Some(expected)) = (found.within, found.expected) {
        let _ = writeln!(
            text,
            "  80 % intervals hold the purchases of {:.1} % of the customers; {:.1} % by the model",
            within * 100.0,
            expected * 100.0
        );
    }
    let groups = lift(&split.forecasts(model));
    let row = |text: &mut String, name: &str, numbers: Vec<String>| {
        let _ = write!(text, "  {name:<29}");
        for number in numbers {
            let _ = write!(text, " {number:>6}");
        }
        text.push('\n');
    };
    let each = |of: fn(&LiftGroup) -> f64| {
        groups
            .iter()
            .map(|group| format!("{:.2}", of(group)))
            .collect()
    };
    row(
        text,
        "tenths by forecast: expected",
        each(|group| group.expected),
    );
    row(text, "  actual", each(|group| group.actual));
    let bins = alive_calibration(split, model);
    let each =
        |of: fn(&AliveBin) -> f64| bins.iter().map(|bin| format!("{:.2}", of(bin))).collect();
    row(text, "by P(alive): mean", each(|bin| bin.p_alive));
    row(text, "  expected to buy", each(|bin| bin.p_purchase));
    row(text, "  bought", each(|bin| bin.bought));
    row(
        text,
        "  customers",
        bins.iter().map(|bin| bin.customers.to_string()).collect(),
    );
}

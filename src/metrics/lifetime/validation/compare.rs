//! Models beside each other.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::accuracy::Accuracy;
use super::split::Split;
use crate::metrics::lifetime::fit::Fitted;
use crate::metrics::lifetime::purchase::{ModelKind, PurchaseModel};

/// One model of a [`Comparison`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// Its usual name, or `naive rate`.
    pub name: String,
    /// ln of the likelihood of the calibration; `None` for the naive rate, and where the fit found no model.
    pub log_likelihood: Option<f64>,
    /// Akaike's criterion: lower is better.
    pub aic: Option<f64>,
    /// Bayes' criterion: lower is better.
    pub bic: Option<f64>,
    /// How far the forecasts of the holdout were off.
    pub holdout: Accuracy,
}

/// Models fitted to the same calibration, and the naive rate, by what they forecast of the same holdout. Its text is a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The naive rate, then the models in the order given.
    pub rows: Vec<Compared>,
    /// Who has the least RMSE in the holdout, the first of several; `None` without a holdout.
    ///
    /// A forecast is a mean, and the true mean has the least squared error. The least *absolute* error has the median, which
    /// is no purchase for most customers: a model that expects too little wins by MAE.
    pub winner: Option<String>,
}

impl Comparison {
    /// Compares models that were fitted to [`Split::activities`].
    #[must_use]
    pub fn of<'a>(
        split: &Split,
        models: impl IntoIterator<Item = (ModelKind, &'a Fitted<PurchaseModel>)>,
    ) -> Self {
        let mut rows = vec![Compared {
            name: "naive rate".to_owned(),
            log_likelihood: None,
            aic: None,
            bic: None,
            holdout: Accuracy::of(&split.naive()),
        }];
        rows.extend(models.into_iter().map(|(kind, fitted)| {
            let forecasts = fitted.model.as_ref().map(|model| split.forecasts(model));
            Compared {
                name: kind.name().to_owned(),
                log_likelihood: fitted.log_likelihood,
                aic: fitted.aic,
                bic: fitted.bic,
                holdout: Accuracy::of(&forecasts.unwrap_or_default()),
            }
        }));
        let mut best: Option<(&str, f64)> = None;
        for row in &rows {
            if let Some(rmse) = row.holdout.rmse
                && best.is_none_or(|(_, least)| rmse < least)
            {
                best = Some((&row.name, rmse));
            }
        }
        Self {
            winner: best.map(|(name, _)| name.to_owned()),
            rows,
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.rows.iter().map(|row| row.name.chars().count());
        let width = names.max().unwrap_or(0).max("model".len());
        let heads = [
            "LL",
            "AIC",
            "BIC",
            "MAE",
            "RMSE",
            "bias",
            "rank corr",
            "expected",
            "actual",
        ];
        write!(f, "{:width$}", "model")?;
        for head in heads {
            write!(f, "  {head:>11}")?;
        }
        for row in &self.rows {
            write!(f, "\n{:width$}", row.name)?;
            let holdout = &row.holdout;
            for (number, decimals) in [
                (row.log_likelihood, 2),
                (row.aic, 2),
                (row.bic, 2),
                (holdout.mae, 6),
                (holdout.rmse, 6),
                (holdout.bias, 6),
                (holdout.rank_correlation, 6),
                (holdout.expected, 1),
                (holdout.actual, 0),
            ] {
                match number {
                    Some(number) => write!(f, "  {number:>11.decimals$}")?,
                    None => write!(f, "  {:>11}", "-")?,
                }
            }
        }
        match &self.winner {
            Some(name) => write!(f, "\nleast RMSE in the holdout: {name}"),
            None => write!(f, "\nno holdout"),
        }
    }
}

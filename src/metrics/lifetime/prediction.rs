//! A policy's prediction: which model, fitted to a population, and what it says of each customer.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::activity::{Activities, Activity, of_each};
use super::fit::{Fitted, Method};
use super::gamma_gamma::{GammaGamma, Spend, Spends};
use super::independence::Independence;
use super::purchase::{ModelKind, PurchaseModel};
use super::time::{DiscountRate, Horizon, TimeUnit};
use super::value::{ValueModel, ValueTerms};
use crate::diagnostic::Diagnostics;
use crate::history::Histories;
use crate::metrics::Metric;
use crate::model::{Currency, Day, Days, Unit};
use crate::summary::{Summary, Window};
use crate::table::Cell;

/// What a policy wants predicted: its `[prediction]`.
///
/// ```
/// use customer_value::metrics::lifetime::PredictionSpec;
///
/// let spec: PredictionSpec = toml::from_str(r#"
///     model = "pareto_nbd"
///     horizon = "365 days"
///     margin = 0.4
///     discount = "10 % per year"
/// "#)?;
/// assert!(spec.check("prediction").is_empty());
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredictionSpec {
    /// The model of purchases; Pareto/NBD if left out.
    #[serde(default = "usual_model")]
    pub model: ModelKind,
    /// The unit of time of its parameters; a week if left out. Only a model of occasions (BG/BB) depends on it.
    #[serde(default)]
    pub time_unit: TimeUnit,
    /// How it is fitted; MAP if left out.
    #[serde(default = "usual_method")]
    pub method: Method,
    /// How far the forecast reaches.
    pub horizon: Horizon,
    /// The part of the spend that is margin, 0 to 1; with 1 the value is one of revenue.
    pub margin: f64,
    /// How much less later money is worth.
    pub discount: DiscountRate,
}

fn usual_method() -> Method {
    Method::Map
}

fn usual_model() -> ModelKind {
    ModelKind::ParetoNbd
}

impl Default for PredictionSpec {
    /// Pareto/NBD in weeks by MAP; revenue of a year, at 10 % per year.
    ///
    /// The priors of MAP keep the forecasts of a handful of customers sober, and are nothing beside thousands of them.
    ///
    /// Of the models in continuous time it is the one with the least error in the holdout of the CDNOW sample; that it is
    /// so for other customers is for [`validation`](super::validation) to say.
    fn default() -> Self {
        Self {
            model: usual_model(),
            time_unit: TimeUnit::Week,
            method: usual_method(),
            horizon: Horizon::Days(Days::new(365)),
            margin: 1.0,
            discount: DiscountRate::USUAL,
        }
    }
}

impl PredictionSpec {
    /// What is wrong with it, each problem at its place under `path`.
    #[must_use]
    pub fn check(&self, path: &str) -> Diagnostics {
        self.terms().check(path)
    }

    /// Margin, discount and horizon.
    #[must_use]
    pub fn terms(&self) -> ValueTerms {
        ValueTerms {
            margin: self.margin,
            discount: self.discount,
            horizon: self.horizon,
        }
    }

    /// Fits the models to all customers with a purchase up to a day.
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    #[must_use]
    pub fn fit(&self, histories: &Histories, as_of: Day) -> Prediction {
        let read = |customer: &Summary<'_>| {
            customer.first_purchase()?;
            Some((self.activity(customer, as_of), Spend::of(customer)))
        };
        let known: Vec<_> = of_each(histories, as_of, read).collect();
        let activities = known.iter().filter_map(|(activity, _)| *activity);
        let spends = known.iter().map(|(_, spend)| *spend);
        let both = known.iter().filter_map(|(a, spend)| Some(((*a)?, *spend)));
        Prediction {
            spec: self.clone(),
            purchases: Activities::new(activities, self.time_unit).fit(self.model, self.method),
            spend: Spends::new(spends).fit(self.method),
            independence: Independence::of(both),
        }
    }

    /// What its model reads of a customer.
    fn activity(&self, customer: &Summary<'_>, as_of: Day) -> Option<Activity> {
        match self.model {
            ModelKind::BgBb => Activity::in_periods(customer, as_of, self.time_unit),
            _ => Activity::of(customer, as_of, self.time_unit),
        }
    }
}

/// A policy's prediction, fitted to a population: plain data, and a [`Metric`] for each of its numbers.
///
/// ```
/// use customer_value::history::{Histories, Layout};
/// use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
/// use customer_value::metrics::lifetime::{Outcome, PredictionSpec};
/// use customer_value::metrics::tabulate;
/// use customer_value::model::Currency;
///
/// let as_of = "2024-12-31".parse()?;
/// let columns = Columns::new(CustomerColumn::Numbers(&[7, 9, 7]), &[19_800, 19_801, 19_802], &[1999, 100, 1]);
/// let ledger = Ledger::from_columns(&columns, Options::new(as_of, Currency::USD))?;
/// let histories = Histories::build(&ledger, &Layout::new(Currency::USD, []))?;
///
/// let prediction = PredictionSpec::default().fit(&histories, as_of);
/// let table = tabulate(&histories, &prediction.metrics(), as_of)?;
/// assert_eq!(table.rows(), 2);
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    /// What was wanted.
    pub spec: PredictionSpec,
    /// The model of purchases, and how its fit ended.
    pub purchases: Fitted<PurchaseModel>,
    /// The model of spend per purchase, and how its fit ended.
    pub spend: Fitted<GammaGamma>,
    /// Whether spend and frequency are independent, as the value assumes.
    /// `None` if too few customers came back.
    pub independence: Option<Independence>,
}

/// What a [`Prediction`] says of one customer. A prospect has none of it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicted {
    /// The probability of being alive, 0 to 1; `None` if the data were too few for a model.
    pub p_alive: Option<f64>,
    /// The probability of at least one purchase up to the horizon, 0 to 1 and not above `p_alive`; `None` if the data were too
    /// few for a model.
    pub p_purchase: Option<f64>,
    /// Expected purchases up to the horizon; `None` also where they have no bound.
    pub expected_purchases: Option<f64>,
    /// Expected spend per purchase in major units; `None` if the data were too few for a model.
    pub expected_spend: Option<f64>,
    /// Expected discounted margin up to the horizon in major units; `None` without purchases or spend.
    pub predicted_ltv: Option<f64>,
}

impl Prediction {
    /// What the models read of a customer, from a summary of the lifetime. `None` for a prospect, and for BG/BB before the
    /// first period has ended.
    #[must_use]
    pub fn reads(&self, customer: &Summary<'_>, as_of: Day) -> Option<(Activity, Spend)> {
        let activity = self.spec.activity(customer, as_of)?;
        Some((activity, Spend::of(customer)))
    }

    /// What it says of one customer; read from a summary of the lifetime.
    #[must_use]
    pub fn of(&self, customer: &Summary<'_>, as_of: Day) -> Predicted {
        let Some((activity, spend_known)) = self.reads(customer, as_of) else {
            return Predicted::default();
        };
        let spend = self.spend.model.as_ref();
        let spend = spend.and_then(|model| model.expected_spend(&spend_known));
        let Some(model) = &self.purchases.model else {
            return Predicted {
                expected_spend: spend,
                ..Predicted::default()
            };
        };
        let found = model.outlook(&activity, self.spec.discount, self.spec.horizon);
        let value = spend.map(|spend| found.discounted * spend * self.spec.margin);
        Predicted {
            p_alive: Some(found.p_alive),
            p_purchase: Some(found.p_purchase),
            expected_purchases: Some(found.expected).filter(|sum| sum.is_finite()),
            expected_spend: spend,
            predicted_ltv: value.filter(|value| value.is_finite()),
        }
    }

    /// The same models as a [`ValueModel`], for values as money with intervals. `None` if the data were too few for one of
    /// the two.
    #[must_use]
    pub fn value_model(&self, currency: Currency) -> Option<ValueModel> {
        Some(ValueModel {
            purchases: self.purchases.model?,
            spend: self.spend.model?,
            terms: self.spec.terms(),
            currency,
        })
    }

    /// A metric for each number: [`PredictionMeasure::ALL`] in that order.
    ///
    /// For [`tabulate`](crate::metrics::tabulate), or for the [`Catalog`](crate::metrics::Catalog) of a policy without a
    /// prediction of its own.
    #[must_use]
    pub fn metrics(&self) -> [Arc<dyn Metric>; PredictionMeasure::ALL.len()] {
        let shared = Arc::new(self.clone());
        PredictionMeasure::ALL.map(|measure| {
            let prediction = Arc::clone(&shared);
            Arc::new(PredictionMetric {
                prediction,
                measure,
            }) as Arc<dyn Metric>
        })
    }
}

/// The models and how their fits ended, a line each.
impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PredictionSpec {
            model,
            time_unit,
            horizon,
            discount,
            margin,
            ..
        } = &self.spec;
        writeln!(f, "{} per {time_unit}: {}", model.name(), self.purchases)?;
        writeln!(f, "Gamma-Gamma: {}", self.spend)?;
        writeln!(
            f,
            "value of {horizon}: {:.0} % of the spend, discounted at {discount}",
            margin * 100.0
        )?;
        match self.independence.as_ref().and_then(|i| i.warning.as_ref()) {
            Some(warning) => writeln!(f, "{warning}"),
            None => Ok(()),
        }
    }
}

/// A number of a [`Prediction`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PredictionMeasure {
    /// `p_alive`, a share.
    PAlive,
    /// `p_purchase`, a share.
    PPurchase,
    /// `expected_purchases`, a count that is seldom whole: the mean of all that may happen.
    ExpectedPurchases,
    /// `expected_spend`, money.
    ExpectedSpend,
    /// `predicted_ltv`, money.
    PredictedLtv,
}

impl PredictionMeasure {
    /// All of them, in the order of a policy's columns.
    pub const ALL: [Self; 5] = [
        Self::PAlive,
        Self::PPurchase,
        Self::ExpectedPurchases,
        Self::ExpectedSpend,
        Self::PredictedLtv,
    ];

    /// The name of its column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PAlive => "p_alive",
            Self::PPurchase => "p_purchase",
            Self::ExpectedPurchases => "expected_purchases",
            Self::ExpectedSpend => "expected_spend",
            Self::PredictedLtv => "predicted_ltv",
        }
    }

    /// Its unit.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::PAlive | Self::PPurchase => Unit::Share,
            Self::ExpectedPurchases => Unit::Count,
            Self::ExpectedSpend | Self::PredictedLtv => Unit::Money,
        }
    }

    fn value(self, predicted: &Predicted) -> Option<f64> {
        match self {
            Self::PAlive => predicted.p_alive,
            Self::PPurchase => predicted.p_purchase,
            Self::ExpectedPurchases => predicted.expected_purchases,
            Self::ExpectedSpend => predicted.expected_spend,
            Self::PredictedLtv => predicted.predicted_ltv,
        }
    }

    pub(crate) fn cell(self, predicted: &Predicted) -> Cell {
        self.value(predicted)
            .map_or(Cell::MISSING, Cell::from_number)
    }
}

/// One number of a [`Prediction`] as a metric.
#[derive(Debug, Clone)]
struct PredictionMetric {
    prediction: Arc<Prediction>,
    measure: PredictionMeasure,
}

impl Metric for PredictionMetric {
    fn name(&self) -> &str {
        self.measure.name()
    }

    fn unit(&self) -> Unit {
        self.measure.unit()
    }

    fn window(&self) -> Window {
        Window::Lifetime
    }

    fn value(&self, customer: &Summary<'_>, as_of: Day) -> Option<f64> {
        self.measure.value(&self.prediction.of(customer, as_of))
    }
}

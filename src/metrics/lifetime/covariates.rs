//! Static covariates: what is known of a customer beside the purchases, and does not change.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::activity::{Activity, Weighted};
use super::bg_nbd::BgNbd;
use super::gamma_gamma::{GammaGamma, Spend};
use super::mbg_nbd::MbgNbd;
use super::nbd::Nbd;
use super::pareto_nbd::ParetoNbd;
use super::purchase::{PARAMETER_RANGE, Parameters, PurchaseModel};
use super::time::TimeUnit;
use crate::Error;
use crate::model::exact;

/// A covariate of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covariate {
    /// Its name.
    pub name: String,
    /// Its mean over the customers of the fit; effects are counted from here.
    #[serde(with = "exact::number")]
    pub mean: f64,
}

/// How a covariate changes a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// The name of the covariate.
    pub covariate: String,
    /// The name of the parameter.
    pub parameter: String,
    /// The coefficient, per unit of the covariate. For `alpha` and `beta` above 0 means more: purchases, dropout. For `a`,
    /// `b` and `gamma` it is that of the log of the parameter.
    #[serde(with = "exact::number")]
    pub coefficient: f64,
}

/// What covariates do to the parameters of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Effects {
    covariates: Vec<Covariate>,
    effects: Vec<Effect>,
}

/// The parameters that covariates change, each with the sign of the effect on its log.
///
/// Source: Fader & Hardie, *Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models* (2007): α falls
/// with γ₁′z and β with γ₂′z; a and b each have coefficients of their own.
pub(super) fn sign(parameter: &str) -> f64 {
    match parameter {
        "alpha" | "beta" => -1.0,
        _ => 1.0,
    }
}

impl Effects {
    fn new(
        covariates: Vec<Covariate>,
        effects: Vec<Effect>,
        changed: &[&str],
    ) -> Result<Self, Error> {
        let means = covariates.iter().map(|one| one.mean);
        if !means
            .chain(effects.iter().map(|one| one.coefficient))
            .all(f64::is_finite)
        {
            return Err(Error::range("a mean or an effect is not a finite number"));
        }
        check_names(covariates.iter().map(|one| one.name.as_str()))?;
        for (place, effect) in effects.iter().enumerate() {
            let Effect {
                covariate,
                parameter,
                ..
            } = effect;
            let same = |one: &Effect| one.covariate == *covariate && one.parameter == *parameter;
            if effects.iter().take(place).any(same) {
                return Err(Error::misuse(format!(
                    "two effects of `{covariate}` on `{parameter}`"
                )));
            }
            if !covariates.iter().any(|one| one.name == *covariate) {
                return Err(Error::misuse(format!(
                    "an effect of `{covariate}`, which is no covariate"
                )));
            }
            if !changed.contains(&parameter.as_str()) {
                return Err(Error::misuse(format!(
                    "an effect on `{parameter}`; covariates change {} in this model",
                    changed.join(", ")
                )));
            }
        }
        Ok(Self {
            covariates,
            effects,
        })
    }

    /// The value of a parameter for a customer; it stays in the range of parameters.
    fn value(&self, parameter: &str, base: f64, values: &[f64]) -> f64 {
        let mut log = base.ln();
        for effect in self.effects.iter().filter(|one| one.parameter == parameter) {
            let known = self.covariates.iter().zip(values);
            for (covariate, value) in known.filter(|(one, _)| one.name == effect.covariate) {
                log += sign(parameter) * effect.coefficient * (value - covariate.mean);
            }
        }
        // Infinities of both signs can meet in a sum of effects.
        if log.is_nan() {
            return base;
        }
        log.exp()
            .clamp(*PARAMETER_RANGE.start(), *PARAMETER_RANGE.end())
    }

    fn check(&self, values: &[f64]) -> Result<(), Error> {
        check_values(self.covariates.len(), values)
    }
}

fn check_names<'a>(mut names: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut known = std::collections::BTreeSet::new();
    match names.find(|name| !known.insert(*name)) {
        Some(twice) => Err(Error::misuse(format!(
            "two covariates with the name `{twice}`"
        ))),
        None => Ok(()),
    }
}

fn check_values(expected: usize, values: &[f64]) -> Result<(), Error> {
    if values.len() != expected {
        return Err(Error::misuse(format!(
            "{} values for {expected} covariates",
            values.len()
        )));
    }
    match values.iter().find(|value| !value.is_finite()) {
        Some(wrong) => Err(Error::range(format!(
            "a covariate of `{wrong}` is not a finite number"
        ))),
        None => Ok(()),
    }
}

/// A purchase model in which covariates change how often customers buy and how they leave.
///
/// The purchase rate: α = α₀ exp(−γ₁′(z − z̄)). Leaving: β = β₀ exp(−γ₂′(z − z̄)) in Pareto/NBD, a = a₀ exp(γ₂′(z − z̄)) and
/// b = b₀ exp(γ₃′(z − z̄)) in BG/NBD and MBG/NBD. These are Fader & Hardie's forms (2007), counted from the mean covariates
/// z̄, so that the base is the model of a customer with these and of an ordinary size; their α₀ is this one times
/// exp(γ₁′z̄), and so on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenModel")]
pub struct CovariateModel {
    base: PurchaseModel,
    #[serde(flatten)]
    effects: Effects,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenModel {
    base: PurchaseModel,
    covariates: Vec<Covariate>,
    effects: Vec<Effect>,
}

impl TryFrom<WrittenModel> for CovariateModel {
    type Error = Error;
    fn try_from(read: WrittenModel) -> Result<Self, Error> {
        Self::new(read.base, read.covariates, read.effects)
    }
}

impl CovariateModel {
    /// From the model of a customer with mean covariates, the covariates in the order of a customer's values, and the
    /// effects.
    ///
    /// # Errors
    /// A number that is not finite (`is_range`). Two covariates of one name, two effects of one covariate on one parameter, an
    /// effect of an unknown covariate, or on a parameter that covariates do not change in this model (`is_misuse`).
    pub fn new(
        base: PurchaseModel,
        covariates: Vec<Covariate>,
        effects: Vec<Effect>,
    ) -> Result<Self, Error> {
        let changed: &[&str] = match base.parameters() {
            Parameters::BgNbd(_) | Parameters::MbgNbd(_) => &["alpha", "a", "b"],
            Parameters::ParetoNbd(_) => &["alpha", "beta"],
            Parameters::Nbd(_) => &["alpha"],
            Parameters::BgBb(_) => &[],
        };
        let effects = Effects::new(covariates, effects, changed)?;
        Ok(Self { base, effects })
    }

    /// The model of a customer with mean covariates.
    #[must_use]
    pub fn base(&self) -> &PurchaseModel {
        &self.base
    }

    /// The covariates, in the order of a customer's values.
    #[must_use]
    pub fn covariates(&self) -> &[Covariate] {
        &self.effects.covariates
    }

    /// What they do.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.effects.effects
    }

    /// The model of a customer with these covariates: it answers every question as any other. A parameter stays within
    /// 10^-12 to 10^12.
    ///
    /// ```
    /// use customer_value::metrics::lifetime::{
    ///     BgNbd, Covariate, CovariateModel, Effect, PurchaseModel, TimeUnit,
    /// };
    ///
    /// let base = PurchaseModel::new(BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 }, TimeUnit::Week)?;
    /// let model = CovariateModel::new(
    ///     base,
    ///     vec![Covariate { name: "app".into(), mean: 0.3 }],
    ///     vec![Effect { covariate: "app".into(), parameter: "alpha".into(), coefficient: 0.5 }],
    /// )?;
    /// let (with, without) = (model.at(&[1.0])?, model.at(&[0.0])?);
    /// assert!(with.expected_purchases_of_new(52.0) > without.expected_purchases_of_new(52.0));
    /// # Ok::<(), customer_value::Error>(())
    /// ```
    ///
    /// # Errors
    /// Not one value per covariate (`is_misuse`); one that is not finite (`is_range`).
    pub fn at(&self, values: &[f64]) -> Result<PurchaseModel, Error> {
        self.effects.check(values)?;
        let of = |name: &str, base: f64| self.effects.value(name, base, values);
        let parameters: Parameters = match *self.base.parameters() {
            Parameters::BgNbd(BgNbd { r, alpha, a, b }) => BgNbd {
                r,
                alpha: of("alpha", alpha),
                a: of("a", a),
                b: of("b", b),
            }
            .into(),
            Parameters::MbgNbd(MbgNbd { r, alpha, a, b }) => MbgNbd {
                r,
                alpha: of("alpha", alpha),
                a: of("a", a),
                b: of("b", b),
            }
            .into(),
            Parameters::ParetoNbd(ParetoNbd { r, alpha, s, beta }) => ParetoNbd {
                r,
                alpha: of("alpha", alpha),
                s,
                beta: of("beta", beta),
            }
            .into(),
            Parameters::Nbd(Nbd { r, alpha }) => Nbd {
                r,
                alpha: of("alpha", alpha),
            }
            .into(),
            other @ Parameters::BgBb(_) => other,
        };
        PurchaseModel::new(parameters, self.base.unit())
    }
}

/// Gamma-Gamma in which covariates change how much customers spend: γ = γ₀ exp(γ₁′(z − z̄)), so that the expected amount
/// grows by the same factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenSpendModel")]
pub struct SpendCovariateModel {
    base: GammaGamma,
    #[serde(flatten)]
    effects: Effects,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSpendModel {
    base: GammaGamma,
    covariates: Vec<Covariate>,
    effects: Vec<Effect>,
}

impl TryFrom<WrittenSpendModel> for SpendCovariateModel {
    type Error = Error;
    fn try_from(read: WrittenSpendModel) -> Result<Self, Error> {
        Self::new(read.base, read.covariates, read.effects)
    }
}

impl SpendCovariateModel {
    /// As [`CovariateModel::new`]; covariates change `gamma`.
    ///
    /// # Errors
    /// As there.
    pub fn new(
        base: GammaGamma,
        covariates: Vec<Covariate>,
        effects: Vec<Effect>,
    ) -> Result<Self, Error> {
        let effects = Effects::new(covariates, effects, &["gamma"])?;
        Ok(Self { base, effects })
    }

    /// The model of a customer with mean covariates.
    #[must_use]
    pub fn base(&self) -> &GammaGamma {
        &self.base
    }

    /// The covariates, in the order of a customer's values.
    #[must_use]
    pub fn covariates(&self) -> &[Covariate] {
        &self.effects.covariates
    }

    /// What they do.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.effects.effects
    }

    /// The model of a customer with these covariates.
    ///
    /// # Errors
    /// Not one value per covariate (`is_misuse`); one that is not finite (`is_range`).
    pub fn at(&self, values: &[f64]) -> Result<GammaGamma, Error> {
        self.effects.check(values)?;
        let GammaGamma { p, q, gamma } = self.base;
        GammaGamma::new(p, q, self.effects.value("gamma", gamma, values))
    }
}

/// Customers with the same covariates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group<T> {
    pub(super) values: Vec<f64>,
    pub(super) customers: f64,
    /// In their sorted order.
    pub(super) data: Vec<Weighted<T>>,
}

/// Customers by their covariates; the order in which they come does not matter.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Grouped<T> {
    pub(super) names: Vec<String>,
    pub(super) customers: u64,
    pub(super) groups: Vec<Group<T>>,
}

fn by_values(a: &[f64], b: &[f64]) -> Ordering {
    let mut pairs = a.iter().zip(b).map(|(x, y)| x.total_cmp(y));
    pairs.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

impl<T: Copy> Grouped<T> {
    fn new<K: Ord>(
        names: Vec<String>,
        customers: impl IntoIterator<Item = (T, Vec<f64>)>,
        key: impl Fn(&T) -> K,
    ) -> Result<Self, Error> {
        check_names(names.iter().map(String::as_str))?;
        let mut rows = Vec::new();
        for (one, mut values) in customers {
            check_values(names.len(), &values)?;
            for value in &mut values {
                // −0 is 0.
                *value += 0.0;
            }
            rows.push((values, one));
        }
        rows.sort_by(|(a, x), (b, y)| by_values(a, b).then_with(|| key(x).cmp(&key(y))));
        let customers = rows.len() as u64;
        let mut groups: Vec<Group<T>> = Vec::new();
        for (values, value) in rows {
            let weighted = Weighted { value, weight: 1.0 };
            let group = match groups.last_mut() {
                Some(group) if by_values(&group.values, &values).is_eq() => group,
                _ => {
                    groups.push(Group {
                        values,
                        customers: 1.0,
                        data: vec![weighted],
                    });
                    continue;
                }
            };
            group.customers += 1.0;
            match group.data.last_mut() {
                Some(last) if key(&last.value) == key(&value) => last.weight += 1.0,
                _ => group.data.push(weighted),
            }
        }
        Ok(Self {
            names,
            customers,
            groups,
        })
    }
}

/// Customers with covariates, for the purchase models: [`Activities`](super::Activities) with more known of each.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateActivities {
    pub(super) grouped: Grouped<Activity>,
    pub(super) unit: TimeUnit,
}

impl CovariateActivities {
    /// From the names of the covariates, and the customers, each with its values in that order.
    ///
    /// A covariate with two answers is 0 or 1; one with more answers is one of these for all but one of them.
    ///
    /// # Errors
    /// Two covariates of one name, or not one value per covariate (`is_misuse`); a value that is not finite (`is_range`).
    pub fn new(
        names: impl IntoIterator<Item = impl Into<String>>,
        customers: impl IntoIterator<Item = (Activity, Vec<f64>)>,
        unit: TimeUnit,
    ) -> Result<Self, Error> {
        let names = names.into_iter().map(Into::into).collect();
        let grouped = Grouped::new(names, customers, Activity::key)?;
        Ok(Self { grouped, unit })
    }

    /// The names of the covariates.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.grouped.names
    }

    /// How many customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.grouped.customers
    }
}

/// Customers with covariates, for the spend model: [`Spends`](super::Spends) with more known of each.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateSpends {
    pub(super) grouped: Grouped<Spend>,
}

impl CovariateSpends {
    /// From the names of the covariates, and the customers, each with its values in that order. Customers without a
    /// purchase are left out.
    ///
    /// # Errors
    /// As [`CovariateActivities::new`].
    pub fn new(
        names: impl IntoIterator<Item = impl Into<String>>,
        customers: impl IntoIterator<Item = (Spend, Vec<f64>)>,
    ) -> Result<Self, Error> {
        let names = names.into_iter().map(Into::into).collect();
        let buyers = customers.into_iter().filter(|(one, _)| one.purchases() > 0);
        let grouped = Grouped::new(names, buyers, Spend::key)?;
        Ok(Self { grouped })
    }

    /// The names of the covariates.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.grouped.names
    }

    /// How many customers with a purchase.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.grouped.customers
    }
}

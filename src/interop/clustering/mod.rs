//! Groups of customers that nobody has named yet: k-means and Gaussian mixtures over columns of numbers, and rules that say
//! who is in each.
//!
//! The fits are [linfa](https://docs.rs/linfa-clustering)'s. What is around them is this crate's, so that it can be kept:
//! frozen [scales](ColumnScale) and centres as plain data, groups in a stated order, and a [rule](ClusterRule) for each that
//! can be pasted into `[[segments]]`. [The page on segments](crate::docs::segments) defines every number.
//!
//! The same customers and options give the same groups, in whatever order the customers come and on however many threads:
//! they are sorted by id, and every random number follows from the seed. (On another kind of processor the last bits can
//! differ.)
//!
//! ```
//! use customer_value::interop::clustering::{ClusterOptions, Observations};
//! use customer_value::model::Unit;
//!
//! let mut customers = Observations::new([("spend", Unit::Money), ("purchases", Unit::Count)])?;
//! for (id, spend, purchases) in [(1, 10.0, 1.0), (2, 12.0, 1.0), (3, 14.0, 2.0), (4, 900.0, 9.0), (5, 950.0, 11.0)] {
//!     customers.add(id, &[Some(spend), Some(purchases)])?;
//! }
//! customers.add(6, &[None, Some(3.0)])?;
//!
//! let found = customers.cluster(2, &ClusterOptions::default())?;
//! assert_eq!(found.to_string(), "\
//! cluster    customers   share   spend  purchases
//! cluster_1          2  40.0 %  925.00      10.00
//! cluster_2          3  60.0 %   12.00       1.33
//! left out           1       -       -          -
//! ");
//! let rules = customers.describe(&found)?;
//! assert_eq!(rules[0].to_string(), "cluster_1: spend >= 500 (precision 100.0 %, recall 100.0 %)");
//! assert_eq!(rules[0].segment("big").when.to_string(), "spend >= 500");
//! // Somebody new, by the frozen model.
//! assert_eq!(found.model().assign(&[Some(700.0), Some(8.0)]), Some(0));
//! # Ok::<(), customer_value::Error>(())
//! ```

mod describe;
mod fit;
mod found;
mod model;

pub use describe::ClusterRule;
pub use found::{Candidate, Choice, Cluster, Clustering};
pub use model::{ClusterModel, ColumnScale, Component};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::engine::Reviews;
use crate::model::{CustomerId, Unit};

/// How groups are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClusterMethod {
    /// k-means: each customer belongs to the nearest centre; begun with k-means++ (Arthur & Vassilvitskii 2007).
    #[default]
    KMeans,
    /// A mixture of Gaussians with a full covariance each, by expectation and maximisation; each customer belongs to the
    /// component that most probably made it.
    GaussianMixture,
}

/// How columns are made comparable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scaling {
    /// (value − mean) ÷ standard deviation.
    #[default]
    Standard,
    /// (value − median) ÷ distance of the quartiles, which a few very large customers do not move; where the quartiles are
    /// equal, ÷ standard deviation.
    Robust,
}

/// How to look for groups. Written with `..ClusterOptions::default()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClusterOptions {
    /// k-means if not said.
    pub method: ClusterMethod,
    /// Standard if not said.
    pub scaling: Scaling,
    /// Where the random numbers begin; 0 if not said.
    pub seed: u64,
    /// How often the search begins anew, at least once; the best is taken, of equal ones the first. 10 if not said.
    pub restarts: u32,
}

impl Default for ClusterOptions {
    fn default() -> Self {
        Self {
            method: ClusterMethod::default(),
            scaling: Scaling::default(),
            seed: 0,
            restarts: 10,
        }
    }
}

/// Customers with a few numbers each: what groups are looked for in.
#[derive(Debug, Clone, PartialEq)]
pub struct Observations {
    columns: Vec<String>,
    rows: Vec<(CustomerId, Vec<f64>)>,
    left_out: u64,
}

impl Observations {
    /// Nobody yet: the columns with their units.
    ///
    /// # Errors
    /// There is no column, one comes twice, or one is a date or a flag, which have no distances worth the name
    /// (`is_misuse`).
    pub fn new<'a>(columns: impl IntoIterator<Item = (&'a str, Unit)>) -> Result<Self, Error> {
        let mut names: Vec<String> = Vec::new();
        for (name, unit) in columns {
            if matches!(unit, Unit::Date | Unit::Flag) {
                return Err(Error::misuse(format!(
                    "`{name}` is a {unit}, and groups are found among numbers"
                )));
            }
            if names.iter().any(|known| known == name) {
                return Err(Error::misuse(format!("there are two columns `{name}`")));
            }
            names.push(name.to_owned());
        }
        if names.is_empty() {
            return Err(Error::misuse("there is no column to find groups by"));
        }
        Ok(Self {
            columns: names,
            rows: Vec::new(),
            left_out: 0,
        })
    }

    /// The customers of a review, with some of its columns.
    ///
    /// # Errors
    /// As [`new`](Self::new); or there is no such column of numbers (`is_misuse`).
    pub fn of(reviews: &Reviews<'_>, columns: &[&str]) -> Result<Self, Error> {
        let schema = reviews.engine().schema();
        let mut found = Vec::with_capacity(columns.len());
        for name in columns {
            let slot = schema.slot(name);
            let unit = slot.and_then(|slot| Some((slot, schema.field(slot)?.unit()?)));
            let (slot, unit) = unit
                .ok_or_else(|| Error::misuse(format!("there is no column of numbers `{name}`")))?;
            found.push((*name, unit, slot));
        }
        let mut observations = Self::new(found.iter().map(|(name, unit, _)| (*name, *unit)))?;
        for one in reviews.iter() {
            let row = one.assessment().row();
            let values: Vec<_> = found.iter().map(|(_, _, slot)| row.number(*slot)).collect();
            observations.add(one.id().clone(), &values)?;
        }
        Ok(observations)
    }

    /// Adds a customer. Who lacks a number is left out, and counted.
    ///
    /// # Errors
    /// There are not as many values as columns, or one is not finite (`is_misuse`).
    pub fn add(&mut self, id: impl Into<CustomerId>, values: &[Option<f64>]) -> Result<(), Error> {
        if values.len() != self.columns.len() {
            let (is, wanted) = (values.len(), self.columns.len());
            return Err(Error::misuse(format!("{is} values for {wanted} columns")));
        }
        if values.iter().flatten().any(|value| !value.is_finite()) {
            return Err(Error::misuse("a value is not finite"));
        }
        match values.iter().copied().collect::<Option<Vec<f64>>>() {
            Some(values) => self.rows.push((id.into(), values)),
            None => self.left_out = self.left_out.saturating_add(1),
        }
        Ok(())
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many customers have every number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// No customer has every number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many customers were left out for want of a number.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The customers by id, so that the order in which they came does not matter.
    fn sorted(&self) -> Vec<&(CustomerId, Vec<f64>)> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by(|(a, x), (b, y)| {
            let values = || x.iter().zip(y).map(|(x, y)| x.total_cmp(y));
            a.cmp(b).then_with(|| {
                values()
                    .find(|o| o.is_ne())
                    .unwrap_or(std::cmp::Ordering::Equal)
            })
        });
        rows
    }
}

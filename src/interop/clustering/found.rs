//! The groups that were found.

use std::fmt;

use serde::Serialize;

use super::model::{ClusterModel, count};
use crate::model::CustomerId;
use crate::report::text::{percent, write_table};

/// What one group is like.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    /// How many customers belong to it.
    pub customers: u64,
    /// What they have in the mean, column by column; where there are none, the centre.
    pub means: Vec<f64>,
}

/// Groups of customers, the one with the largest mean of the first column first.
///
/// As text it is a table with a line for each group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clustering {
    pub(super) model: ClusterModel,
    pub(super) clusters: Vec<Cluster>,
    pub(super) members: Vec<(CustomerId, usize)>,
    pub(super) left_out: u64,
    pub(super) inertia: f64,
    pub(super) silhouette: Option<f64>,
    pub(super) bic: Option<f64>,
    pub(super) ridge: Option<f64>,
}

impl Clustering {
    /// What to keep, to say of others which group they belong to.
    #[must_use]
    pub fn model(&self) -> &ClusterModel {
        &self.model
    }

    /// The groups, in order.
    #[must_use]
    pub fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// The group of each customer, by position, ascending by id.
    #[must_use]
    pub fn members(&self) -> &[(CustomerId, usize)] {
        &self.members
    }

    /// How many customers were left out for want of a number.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The sum of the squared distances, in scaled numbers, of the customers from the centres of their groups.
    #[must_use]
    pub fn inertia(&self) -> f64 {
        self.inertia
    }

    /// How much nearer customers are to their own group than to the next, in the mean, −1 to 1 (Rousseeuw 1987); with more
    /// than 2,000 customers, of every so-manieth by id. `None` for one group.
    #[must_use]
    pub fn silhouette(&self) -> Option<f64> {
        self.silhouette
    }

    /// The Bayesian information criterion of a mixture: the less, the better; `None` for k-means.
    #[must_use]
    pub fn bic(&self) -> Option<f64> {
        self.bic
    }

    /// What was added to every variance of a mixture, in scaled numbers, so that none becomes 0: 10⁻⁶, and more only where
    /// the fit broke down with less.
    #[must_use]
    pub fn ridge(&self) -> Option<f64> {
        self.ridge
    }
}

/// What a group is called: by its position, from 1.
pub(super) fn label(position: usize) -> String {
    format!("cluster_{}", position + 1)
}

impl fmt::Display for Clustering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head = ["cluster", "customers", "share"]
            .map(str::to_owned)
            .to_vec();
        head.extend(self.model.columns.iter().map(|scale| scale.column.clone()));
        let mut rows = vec![head];
        for (i, cluster) in self.clusters.iter().enumerate() {
            let size = usize::try_from(cluster.customers).unwrap_or(usize::MAX);
            let all = self.members.len();
            let share = percent((all > 0).then(|| count(size) / count(all)));
            let mut cells = vec![label(i), cluster.customers.to_string(), share];
            cells.extend(cluster.means.iter().map(|mean| format!("{mean:.2}")));
            rows.push(cells);
        }
        write_table(f, &rows)?;
        if self.left_out > 0 {
            writeln!(f, "left out: {}, for want of a number", self.left_out)?;
        }
        Ok(())
    }
}

/// How well some number of groups does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Candidate {
    /// How many groups.
    pub groups: usize,
    /// See [`Clustering::inertia`]; `None` where so many groups are not possible.
    pub inertia: Option<f64>,
    /// See [`Clustering::silhouette`].
    pub silhouette: Option<f64>,
    /// See [`Clustering::bic`].
    pub bic: Option<f64>,
}

/// How many groups there are best, and how the other numbers did.
///
/// As text it is a table with a line for each number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Choice {
    /// Every number that was tried.
    pub candidates: Vec<Candidate>,
    /// The best.
    pub best: Clustering,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |n: Option<f64>, digits: usize| {
            n.map_or_else(|| "-".to_owned(), |n| format!("{n:.digits$}"))
        };
        let head = ["groups", "inertia", "silhouette", "bic"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for one in &self.candidates {
            rows.push(vec![
                one.groups.to_string(),
                shown(one.inertia, 2),
                shown(one.silhouette, 3),
                shown(one.bic, 1),
            ]);
        }
        write_table(f, &rows)
    }
}

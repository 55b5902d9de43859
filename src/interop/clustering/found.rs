//! The groups that were found.

use std::fmt;

use serde::Serialize;

use super::model::{ClusterModel, count};
use crate::model::CustomerId;
use crate::report::sheet::{Cell, Sheet, SheetTable, cells};
use crate::rules::language::ReportWord as Word;

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
/// As text it is a table with a line for each group, and one for those who were left out, if there are any.
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

    /// The groups as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let columns = self.model.columns.iter();
        let columns = columns.map(|scale| Cell::name(&scale.column));
        let heads = cells![Word::Cluster, Word::Customers, Word::Share];
        let mut table = SheetTable::new(heads.into_iter().chain(columns));
        let all = self.members.len();
        for (i, cluster) in self.clusters.iter().enumerate() {
            let size = usize::try_from(cluster.customers).unwrap_or(usize::MAX);
            let cells = cells![
                Cell::literal(label(i)),
                cluster.customers,
                Cell::share((all > 0).then(|| count(size) / count(all))),
            ];
            let means = cluster.means.iter().map(|mean| Cell::number(*mean, 2));
            table.row(cells.into_iter().chain(means));
        }
        if self.left_out > 0 {
            table.row(cells![Word::LeftOut, self.left_out]);
        }
        let mut sheet = Sheet::new(Word::TitleClusters)
            .note(Word::Inertia, Cell::number(self.inertia, 2))
            .note(Word::Silhouette, Cell::number(self.silhouette, 3));
        if self.bic.is_some() {
            sheet = sheet.note(Word::Bic, Cell::number(self.bic, 1));
        }
        sheet.table(table)
    }
}

/// What a group is called: by its position, from 1.
pub(super) fn label(position: usize) -> String {
    format!("cluster_{}", position + 1)
}

impl fmt::Display for Clustering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
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

impl Choice {
    /// The numbers tried as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let heads = cells![Word::Clusters, Word::Inertia, Word::Silhouette, Word::Bic];
        let mut table = SheetTable::new(heads);
        for one in &self.candidates {
            table.row(cells![
                one.groups as u64,
                Cell::number(one.inertia, 2),
                Cell::number(one.silhouette, 3),
                Cell::number(one.bic, 1),
            ]);
        }
        Sheet::new(Word::TitleClusterChoice)
            .note(Word::Clusters, self.best.clusters.len() as u64)
            .table(table)
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

//! Metrics of a whole population as a table, without a policy.

use std::sync::Arc;

use super::metric::Metric;
use crate::Error;
use crate::history::Histories;
use crate::model::Day;
use crate::parallel;
use crate::summary::{Summary, Window};
use crate::table::{Cell, Field, Schema, Table};

/// Customers measured together: enough to share the cost of a piece of work, few enough to stay in the cache.
const CHUNK: usize = 256;

/// One column per metric and one row per customer, in the order of the histories.
///
/// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
///
/// ```
/// use customer_value::history::{Histories, Layout};
/// use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
/// use customer_value::metrics::{Catalog, tabulate};
/// use customer_value::model::Currency;
///
/// let as_of = "2024-12-31".parse()?;
/// let columns = Columns::new(CustomerColumn::Numbers(&[7, 9, 7]), &[19_800, 19_801, 19_802], &[1999, 100, 1]);
/// let ledger = Ledger::from_columns(&columns, Options::new(as_of, Currency::USD))?;
/// let histories = Histories::build(&ledger, &Layout::new(Currency::USD, []))?;
///
/// let catalog = Catalog::standard();
/// let metrics = ["days_since_last", "spend"].map(|name| catalog.default_metric(name).unwrap());
/// let table = tabulate(&histories, &metrics, as_of)?;
/// assert_eq!(table.row(0).number(table.schema().slot("spend").unwrap()), Some(20.0));
/// # Ok::<(), customer_value::Error>(())
/// ```
///
/// # Errors
/// Two metrics of one name, or a fact that the histories were built without (`is_misuse`).
pub fn tabulate(
    histories: &Histories,
    metrics: &[Arc<dyn Metric>],
    as_of: Day,
) -> Result<Table, Error> {
    let mut schema = Schema::new();
    for metric in metrics {
        schema.add(Field::number(metric.name(), metric.unit()))?;
        if let Some(fact) = metric
            .facts()
            .iter()
            .find(|fact| histories.layout().position(fact).is_none())
        {
            return Err(Error::misuse(format!(
                "`{}` needs a fact the histories were built without: {fact:?}",
                metric.name()
            )));
        }
    }
    let mut windows: Vec<Window> = Vec::new();
    for metric in metrics {
        if !windows.contains(&metric.window()) {
            windows.push(metric.window());
        }
    }
    let rows = histories.len();
    let mut table = Table::new(schema, rows);
    let pieces = table.pieces_mut(CHUNK).into_iter().enumerate().collect();
    parallel::map_each(pieces, |(chunk, mut columns): (usize, Vec<&mut [Cell]>)| {
        let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(rows);
        for window in &windows {
            let bounds = window.at(as_of);
            let mut summaries = Vec::with_capacity(range.len());
            for (id, history) in histories.views(range.clone()) {
                summaries.push(Summary::within(Some(id), history, bounds));
            }
            for (metric, cells) in metrics.iter().zip(&mut columns) {
                if metric.window() == *window {
                    metric.column(&summaries, as_of, cells);
                }
            }
        }
    });
    Ok(table)
}

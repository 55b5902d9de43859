//! Metrics of a whole population as a table, without a policy.

use std::sync::Arc;

use super::metric::Metric;
use crate::Error;
use crate::history::Histories;
use crate::model::Day;
use crate::parallel;
use crate::summary::Summary;
use crate::table::{Field, Schema, Table};

/// Customers measured together: enough to share the cost of a piece of work, few enough to stay in the cache.
const CHUNK: usize = 2048;

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
    let mut slots = Vec::new();
    for metric in metrics {
        slots.push(schema.add(Field::number(metric.name(), metric.unit()))?);
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
    let schema = Arc::new(schema);
    let rows = histories.len();
    let parts = parallel::map(rows.div_ceil(CHUNK), |chunk| {
        let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(rows);
        let mut table = Table::new(Arc::clone(&schema), range.len());
        let mut done = vec![false; metrics.len()];
        for first in 0..metrics.len() {
            let (Some(metric), Some(false)) = (metrics.get(first), done.get(first)) else {
                continue;
            };
            let window = metric.window();
            let bounds = window.at(as_of);
            let mut summaries = Vec::with_capacity(range.len());
            for (id, history) in histories.views(range.clone()) {
                summaries.push(Summary::within(Some(id), history, bounds));
            }
            for ((metric, slot), done) in metrics.iter().zip(&slots).zip(&mut done) {
                if metric.window() == window {
                    metric.column(&summaries, as_of, table.column_mut(*slot).cells_mut());
                    *done = true;
                }
            }
        }
        table
    });
    Ok(Table::concat(schema, &parts))
}

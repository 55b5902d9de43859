//! How fast: synthetic transactions through every step, with seconds, rows per second and memory.

mod synthetic;

use customer_value::history::{Histories, Layout};
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
use customer_value::model::{Currency, Day};
use std::time::Instant;

fn main() -> anyhow::Result<()> {
    let n: usize = std::env::args()
        .nth(1)
        .map_or(10_000_000, |a| a.parse().unwrap());
    let t: usize = std::env::args().nth(2).map_or(2, |a| a.parse().unwrap());
    let tx = synthetic::Transactions::generate(n, n / 10, 1)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(t).build()?;
    pool.install(|| -> anyhow::Result<()> {
        for _ in 0..5 {
            let t0 = Instant::now();
            let options = Options::new(Day::from_epoch_days(20_088)?, Currency::USD);
            let columns = Columns::new(CustomerColumn::Numbers(&tx.customer), &tx.day, &tx.amount);
            let ledger = Ledger::from_columns(&columns, options)?;
            let t1 = Instant::now();
            let h = Histories::build(&ledger, &Layout::new(Currency::USD, []))?;
            let t2 = Instant::now();
            eprintln!(
                "ledger {:.4} histories {:.4} customers {} rows {}",
                (t1 - t0).as_secs_f64(),
                (t2 - t1).as_secs_f64(),
                h.len(),
                h.rows()
            );
        }
        Ok(())
    })
}

//! The bulk path: columns to a ledger, to histories, to RFM scores.

#[path = "../examples/throughput/synthetic.rs"]
mod synthetic;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use customer_value::history::{Histories, Layout};
use customer_value::ledger::{Columns, CustomerColumn, Ledger, Options};
use customer_value::metrics::{Catalog, tabulate};
use customer_value::model::{Currency, Day};
use customer_value::scoring::RfmSpec;
use synthetic::Transactions;

const ROWS: usize = 2_000_000;

fn bulk(c: &mut Criterion) {
    let transactions = Transactions::generate(ROWS, ROWS / 10, 1).expect("valid parameters");
    let as_of = Day::from_epoch_days(synthetic::FIRST_DAY + synthetic::DAYS).expect("a day");
    let columns = Columns::new(
        CustomerColumn::Numbers(&transactions.customer),
        &transactions.day,
        &transactions.amount,
    );
    let clean = || Ledger::from_columns(&columns, Options::new(as_of, Currency::USD));
    let layout = Layout::new(Currency::USD, []);
    let ledger = clean().expect("columns of one length");
    let histories = Histories::build(&ledger, &layout).expect("one currency");
    let names = ["days_since_last", "purchases", "spend"];
    let catalog = Catalog::standard();
    let metrics = names.map(|name| catalog.default_metric(name).expect("a built-in"));

    let mut group = c.benchmark_group("bulk");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("ledger", |b| b.iter(clean));
    group.bench_function("histories", |b| {
        b.iter(|| Histories::build(&ledger, &layout));
    });
    group.bench_function("rfm_columns", |b| {
        b.iter(|| tabulate(&histories, &metrics, as_of));
    });
    let table = tabulate(&histories, &metrics, as_of).expect("facts are there");
    group.bench_function("rfm_fit_and_score", |b| {
        b.iter(|| {
            let slots = table.schema().slots().collect::<Vec<_>>();
            let [r, f, m] = [0, 1, 2].map(|i| table.column(slots[i]).cells());
            let rfm = RfmSpec::default().fit(r, f, m).expect("a valid default");
            let mut scores = vec![None; table.rows()];
            rfm.score_all(r, f, m, &mut scores);
            scores
        });
    });
    group.finish();
}

criterion_group!(benches, bulk);
criterion_main!(benches);

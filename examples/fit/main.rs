//! The models of predicted lifetime value, fitted, explained and compared with what came.
//!
//! `cargo run --release --example fit` runs on the CDNOW sample; `-- --help` says how to run it on your own files.

mod data;
#[path = "../score/ending.rs"]
mod ending;
mod evaluate;
mod fits;
mod json;
#[path = "../score/lines.rs"]
mod lines;
mod options;
mod report;
#[path = "../score/rows.rs"]
mod rows;
mod table;
#[path = "../score/transactions.rs"]
#[allow(dead_code)] // `score` says more of a row
mod transactions;

use std::process::ExitCode;

use anyhow::Context;

use data::Data;
use options::Options;

fn main() -> ExitCode {
    let options: Options = match ending::options() {
        Ok(options) => options,
        Err(status) => return status,
    };
    match run(&options) {
        Ok(text) => ending::print(&text),
        Err(error) => ending::refuse(&format!("error: {error:#}")),
    }
}

fn run(options: &Options) -> anyhow::Result<String> {
    if let (Some(path), Some(parameters)) = (&options.evaluate, &options.parameters) {
        let model = options.model.context("`--parameters` needs `--model`")?;
        return evaluate::run(path, model, parameters, options.time_unit);
    }
    let data = Data::read(options)?;
    let fits = fits::run(options, &data)?;
    if options.json {
        json::text(&fits.fits)
    } else {
        Ok(report::text(options, &data, &fits))
    }
}

//! `--evaluate`: numbers of given customers under given parameters.

use std::path::Path;

use anyhow::{Context, bail};
use customer_value::metrics::lifetime::{
    Activity, BgBb, BgNbd, DiscountRate, Horizon, MbgNbd, Nbd, Parameters, ParetoNbd,
    PurchaseModel, TimeUnit,
};

use super::ending::one_line;
use super::options::Word;
use super::table::{self, Columns, Row, number, whole};

const COLUMNS: &[&str] = &["x", "t_x", "T", "quantity", "arg"];

/// The file with a column `value`.
pub fn run(path: &Path, word: Word, given: &[f64], unit: TimeUnit) -> anyhow::Result<String> {
    let model = model(word, given, unit)?;
    let rows = table::read(path)?;
    let (header, rows) = rows.split_first().context("the file is empty")?;
    let within = || format!("in the header line of `{}`", path.display());
    let columns = Columns::named(&header.fields, COLUMNS).with_context(within)?;
    for needed in ["x", "quantity"] {
        if !columns.has(needed) {
            bail!("`{}` has no column `{needed}`", path.display());
        }
    }
    // A row of another width is printed as it is.
    let mut out = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(Vec::new());
    out.write_record(header.fields.iter().chain(["value"]))?;
    for row in rows {
        let found = if columns.fit(row) {
            value(&model, &columns, row)
        } else {
            Err("row: has not the columns of the header line".to_owned())
        };
        let text = match found {
            Ok(value) => format!("{value:.16e}"),
            Err(reason) => {
                eprintln!("line {}: {}", row.line, one_line(&reason));
                String::new()
            }
        };
        out.write_record(row.fields.iter().chain([text.as_str()]))?;
    }
    Ok(String::from_utf8(out.into_inner()?)?)
}

fn model(word: Word, given: &[f64], unit: TimeUnit) -> anyhow::Result<PurchaseModel> {
    let parameters: Parameters = match (word, given) {
        (Word::BgNbd, &[r, alpha, a, b]) => BgNbd { r, alpha, a, b }.into(),
        (Word::MbgNbd, &[r, alpha, a, b]) => MbgNbd { r, alpha, a, b }.into(),
        (Word::ParetoNbd, &[r, alpha, s, beta]) => ParetoNbd { r, alpha, s, beta }.into(),
        (Word::Nbd, &[r, alpha]) => Nbd { r, alpha }.into(),
        (Word::BgBb, &[alpha, beta, gamma, delta]) => BgBb {
            alpha,
            beta,
            gamma,
            delta,
        }
        .into(),
        (Word::Sbg | Word::GammaGamma | Word::All, _) => bail!(
            "`--evaluate` takes bg-nbd, mbg-nbd, pareto-nbd, nbd or bg-bb, not `{}`",
            word.text()
        ),
        _ => bail!(
            "`{}` has {} parameters, and `--parameters` has {}",
            word.text(),
            if word == Word::Nbd { "two" } else { "four" },
            given.len()
        ),
    };
    Ok(PurchaseModel::new(parameters, unit)?)
}

fn value(model: &PurchaseModel, columns: &Columns, row: &Row) -> Result<f64, String> {
    let get = |name: &str| number(columns.get(row, name)).map_err(|why| format!("{name}: {why}"));
    let x = || {
        let x = whole(columns.get(row, "x"), u32::MAX.into());
        x.map(|x| x as u32).map_err(|why| format!("x: {why}"))
    };
    let time = |name: &str| {
        get(name).and_then(|time| {
            if time >= 0.0 {
                Ok(time)
            } else {
                Err(format!("{name}: is below 0"))
            }
        })
    };
    let customer =
        || Activity::new(x()?, get("t_x")?, get("T")?).map_err(|error| error.to_string());
    match columns.get(row, "quantity") {
        "LL" => Ok(model.log_likelihood(&customer()?)),
        "PALIVE" => Ok(model.p_alive(&customer()?)),
        "CET" => Ok(model.expected_purchases(&customer()?, time("arg")?)),
        "DERT" => {
            let rate = DiscountRate::continuous(time("arg")?, model.unit());
            let rate = rate.map_err(|error| error.to_string())?;
            model
                .discounted_purchases(&customer()?, rate, Horizon::Forever)
                .ok_or_else(|| "quantity: has no bound".to_owned())
        }
        "PMF" => {
            let of = if columns.get(row, "arg").is_empty() {
                "T"
            } else {
                "arg"
            };
            Ok(model.pmf(x()?, time(of)?))
        }
        other => Err(format!("quantity: there is no `{other}`")),
    }
    .and_then(|value| {
        if value.is_nan() {
            Err("the value is not a number".to_owned())
        } else {
            Ok(value)
        }
    })
}

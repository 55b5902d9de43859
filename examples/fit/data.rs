//! What the models are fitted to, and what came after it.

use std::path::Path;

use anyhow::{Context, bail};
use customer_value::history::{Fact, Histories, Layout, Measure};
use customer_value::ledger;
use customer_value::metrics::lifetime::validation::{Forecast, HeldOut, Split};
use customer_value::metrics::lifetime::{Activity, GammaGamma, Spend, TimeUnit};
use customer_value::model::{Currency, Day};
use customer_value::summary::{Summary, Window};

use super::ending::one_line;
use super::options::Options;
use super::rows::{SAMPLE, Source};
use super::table::{self, Columns, Row, number, whole};
use super::transactions;

const SAMPLE_END: &str = "1997-09-30";

/// What the run reads.
pub enum Data {
    Transactions(Transactions),
    Activities(Vec<(Activity, u64)>),
    Spends(Vec<(Spend, u64)>),
}

/// The histories of all customers, split at a day.
pub struct Transactions {
    /// What became of the rows.
    pub quality: String,
    pub histories: Histories,
    pub calibration_end: Day,
    /// `None` if nothing is held out.
    pub holdout_end: Option<Day>,
}

impl Data {
    pub fn read(options: &Options) -> anyhow::Result<Self> {
        match &options.summary {
            Some(path) => summary(path),
            None => Transactions::read(options).map(Self::Transactions),
        }
    }
}

impl Transactions {
    fn read(options: &Options) -> anyhow::Result<Self> {
        let (source, sample_end) = match &options.transactions {
            Some(path) => (Source::File(path), None),
            None => (SAMPLE, Some(SAMPLE_END.parse()?)),
        };
        let mut rejects = Vec::new();
        let cleaning = ledger::Options::new(Day::MAX, Currency::USD);
        let read = transactions::read(&source, cleaning, &mut rejects)?;
        for reject in &rejects {
            let transactions::Reject {
                line,
                field,
                reason,
                value,
                ..
            } = reject;
            eprintln!(
                "{}",
                one_line(&format!("line {line}: {field}: {reason}: `{value}`"))
            );
        }
        let quality = read.ledger.quality();
        let Some(last_day) = quality.last_day else {
            bail!(
                "no transaction counts: {} rows read, {} rejected",
                quality.read,
                quality.rejected
            );
        };
        let calibration_end = options.calibration_end.or(sample_end).unwrap_or(last_day);
        let holdout_end = match options.holdout_end {
            Some(end) if end <= calibration_end => bail!(
                "a holdout to {end} has no day after the calibration, which ends on {calibration_end}"
            ),
            Some(end) => Some(end),
            None => Some(last_day).filter(|end| *end > calibration_end),
        };
        Ok(Self {
            quality: quality.to_string(),
            histories: Histories::build(&read.ledger, &Layout::new(Currency::USD, []))?,
            calibration_end,
            holdout_end,
        })
    }

    /// What `one` reads of every customer at the end of the calibration.
    pub fn each<T>(&self, one: impl Fn(&Summary<'_>, Day) -> Option<T>) -> Vec<(T, u64)> {
        let at = self.calibration_end;
        let all = self.histories.iter();
        all.filter_map(|(_, history)| {
            Some((one(&Summary::new(history, Window::Lifetime, at), at)?, 1))
        })
        .collect()
    }

    pub fn split(&self, unit: TimeUnit) -> Split {
        let end = self.holdout_end.unwrap_or(self.calibration_end);
        Split::of(&self.histories, self.calibration_end, end, unit)
    }

    pub fn split_in_periods(&self, unit: TimeUnit) -> Split {
        let end = self.holdout_end.unwrap_or(self.calibration_end);
        Split::in_periods(&self.histories, self.calibration_end, end, unit)
    }

    /// The amount of a purchase day in the holdout as a model expects it, and the mean of what came, of each customer with
    /// one of more than nothing.
    pub fn spend_forecasts(&self, model: &GammaGamma) -> Vec<Forecast> {
        let (purchases, spend) = (Fact::new(Measure::Purchases), Fact::new(Measure::Spend));
        let Some(end) = self.holdout_end else {
            return Vec::new();
        };
        let holdout = Window::Trailing(end - self.calibration_end);
        let all = self.histories.iter();
        all.filter_map(|(_, history)| {
            let before = Summary::new(history, Window::Lifetime, self.calibration_end);
            before.first_purchase()?;
            let after = Summary::new(history, holdout, end);
            let days = after.daily(&purchases).zip(after.daily(&spend));
            let amounts: Vec<i64> = days
                .filter(|((_, purchases), (_, minor))| *purchases > 0 && *minor > 0)
                .map(|(_, (_, minor))| minor)
                .collect();
            let sum: i128 = amounts.iter().map(|minor| i128::from(*minor)).sum();
            let per_major = Currency::USD.minor_per_major() as f64;
            Some(Forecast {
                expected: model.expected_spend(&Spend::of(&before))?,
                actual: (!amounts.is_empty())
                    .then(|| sum as f64 / (amounts.len() as f64 * per_major))?,
                customers: 1,
            })
        })
        .collect()
    }
}

/// A split of customers of whom nothing later is known.
pub fn without_holdout(customers: &[(Activity, u64)], unit: TimeUnit) -> Split {
    let rows = customers.iter().map(|(activity, customers)| HeldOut {
        activity: *activity,
        length: 0.0,
        purchases: 0,
        customers: *customers,
    });
    Split::weighted(rows, unit)
}

const ACTIVITY: &[&str] = &["x", "t_x", "T", "weight"];
const SPEND: &[&str] = &["x", "mean", "weight"];

/// `--summary`: which of the two kinds it is, its columns say.
fn summary(path: &Path) -> anyhow::Result<Data> {
    let rows = table::read(path)?;
    let first = &rows[0].fields;
    let has_header = number(first.get(0).unwrap_or_default().trim()).is_err();
    let named = |names| {
        Columns::named(first, names)
            .with_context(|| format!("in the header line of `{}`", path.display()))
    };
    let wrong = || {
        anyhow::anyhow!(
            "`{}` has neither the columns `x,t_x,T` nor `x,mean`, and optionally `weight`",
            path.display()
        )
    };
    if !has_header {
        return match first.len() {
            2 => Ok(Data::Spends(spends(&rows, &Columns::in_order(SPEND, 2)))),
            3 | 4 => {
                let columns = Columns::in_order(ACTIVITY, first.len());
                Ok(Data::Activities(activities(&rows, &columns)))
            }
            _ => Err(wrong()),
        };
    }
    let (activity, spend) = (named(ACTIVITY)?, named(SPEND)?);
    if ["x", "t_x", "T"].iter().all(|name| activity.has(name)) {
        Ok(Data::Activities(activities(&rows[1..], &activity)))
    } else if ["x", "mean"].iter().all(|name| spend.has(name)) {
        Ok(Data::Spends(spends(&rows[1..], &spend)))
    } else {
        Err(wrong())
    }
}

/// What is wrong with a row: the field, and why.
type Wrong = (&'static str, String);

fn good<T>(
    rows: &[Row],
    columns: &Columns,
    one: impl Fn(&Row) -> Result<T, Wrong>,
) -> Vec<(T, u64)> {
    let read = |row: &Row| {
        if !columns.fit(row) {
            return Err((
                "row",
                "has not the columns of the first line, or is not text".to_owned(),
            ));
        }
        let value = one(row)?;
        let weight = match columns.has("weight") {
            // Beyond that a double is no longer whole.
            true => {
                whole(columns.get(row, "weight"), 9e15).map_err(|why| ("weight", why.to_owned()))?
            }
            false => 1,
        };
        Ok((value, weight))
    };
    let mut out = Vec::with_capacity(rows.len());
    for row in rows {
        match read(row) {
            Ok(value) => out.push(value),
            Err((field, why)) => {
                eprintln!(
                    "{}",
                    one_line(&format!("line {}: {field}: {why}", row.line))
                );
            }
        }
    }
    out
}

fn purchases(columns: &Columns, row: &Row) -> Result<u32, Wrong> {
    let x = whole(columns.get(row, "x"), u32::MAX.into());
    x.map(|x| x as u32).map_err(|why| ("x", why.to_owned()))
}

fn activities(rows: &[Row], columns: &Columns) -> Vec<(Activity, u64)> {
    good(rows, columns, |row| {
        let time = |name| number(columns.get(row, name)).map_err(|why| (name, why.to_owned()));
        let (span, age) = (time("t_x")?, time("T")?);
        Activity::new(purchases(columns, row)?, span, age)
            .map_err(|error| ("row", error.to_string()))
    })
}

fn spends(rows: &[Row], columns: &Columns) -> Vec<(Spend, u64)> {
    good(rows, columns, |row| {
        let mean = number(columns.get(row, "mean")).map_err(|why| ("mean", why.to_owned()))?;
        Spend::new(purchases(columns, row)?, mean).map_err(|error| ("mean", error.to_string()))
    })
}

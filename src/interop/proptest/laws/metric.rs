//! Laws of metrics.

use std::fmt;
use std::sync::Arc;

use super::broken::LawBroken;
use super::scene::{About, Scene, Shown};
use super::scenes::{extremes, scenes};
use super::{Fact, Histories, Metric, Trial};
use crate::history::{History, HistoryView, Layout};
use crate::model::{CustomerId, Day, Transaction, Unit};
use crate::summary::{Summary, Window};
use crate::table::Cell;

/// What every metric promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetricLaw {
    /// A value is a finite number, or missing.
    Finite,
    /// A value is one of its unit: a share is 0 to 1, a percentage 0 to 100, a flag 0 or 1, a count 0 or more and, but of a
    /// fitted metric, which may count what is expected, a whole number; a number per time 0 or more, a date a whole day of the
    /// calendar.
    Unit,
    /// `column` says of each customer what `value` says, whoever else is asked about with them.
    Column,
    /// Asked again, and of the same records in another order or in parts that were merged, it says the same to the last
    /// bit.
    Order,
    /// Records after `as_of` change nothing; of a fitted metric, not what it learns either.
    Future,
    /// Records before the first day of the window change nothing, nor those after its last.
    Window,
    /// At the ends of the calendar and of amounts it does not panic, and is finite and of its unit.
    Extremes,
}

impl MetricLaw {
    /// Every law.
    pub const ALL: [Self; 7] = [
        Self::Finite,
        Self::Unit,
        Self::Column,
        Self::Order,
        Self::Future,
        Self::Window,
        Self::Extremes,
    ];
}

impl fmt::Display for MetricLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finite => "a value is finite or missing",
            Self::Unit => "a value is one of its unit",
            Self::Column => "`column` says what `value` says",
            Self::Order => "neither order nor partition of the records matters",
            Self::Future => "records after the day change nothing",
            Self::Window => "records outside of the window change nothing",
            Self::Extremes => "extreme records do not matter",
        })
    }
}

/// What makes the metric of a population.
#[derive(Clone, Copy)]
struct Fit<'f, 'm> {
    make: &'f dyn Fn(&Histories, Day) -> Box<dyn Metric + 'm>,
    /// It learns from the population, so that what it counts may be an expectation.
    learns: bool,
}

impl Trial {
    /// Tries a metric on every law; see [`laws::metric`](super::metric()).
    ///
    /// # Errors
    /// The first law that is broken.
    pub fn metric(&self, metric: &dyn Metric) -> Result<(), LawBroken> {
        let make = |_: &Histories, _| Box::new(Lent(metric)) as Box<dyn Metric + '_>;
        let fit = Fit {
            make: &make,
            learns: false,
        };
        self.try_metric_laws(&metric.facts(), fit)
    }

    /// Tries a metric on one law.
    ///
    /// # Errors
    /// The law is broken.
    pub fn metric_law(&self, law: MetricLaw, metric: &dyn Metric) -> Result<(), LawBroken> {
        let make = |_: &Histories, _| Box::new(Lent(metric)) as Box<dyn Metric + '_>;
        let fit = Fit {
            make: &make,
            learns: false,
        };
        self.try_metric(law, &metric.facts(), fit)
    }

    /// Tries a metric that is fitted to a population on every law; see
    /// [`laws::fitted_metric`](super::fitted_metric).
    ///
    /// # Errors
    /// The first law that is broken.
    pub fn fitted_metric<'m>(
        &self,
        facts: &[Fact],
        fit: impl Fn(&Histories, Day) -> Box<dyn Metric + 'm>,
    ) -> Result<(), LawBroken> {
        let fit = Fit {
            make: &fit,
            learns: true,
        };
        self.try_metric_laws(facts, fit)
    }

    fn try_metric_laws(&self, facts: &[Fact], fit: Fit<'_, '_>) -> Result<(), LawBroken> {
        let usual = MetricLaw::ALL.into_iter();
        let usual: Vec<_> = usual.filter(|law| *law != MetricLaw::Extremes).collect();
        self.run_all(
            &usual,
            scenes(&self.histories, &About::records(self.histories.currency)),
            |law, scene| check(law, scene, &scene.layout(facts), fit),
            |law| self.try_metric(law, facts, fit),
        )?;
        self.try_metric(MetricLaw::Extremes, facts, fit)
    }

    fn try_metric(
        &self,
        law: MetricLaw,
        facts: &[Fact],
        fit: Fit<'_, '_>,
    ) -> Result<(), LawBroken> {
        let check = |scene: &Scene| check(law, scene, &scene.layout(facts), fit);
        let shown = Shown {
            future: law == MetricLaw::Future,
            ..Shown::default()
        };
        let show = |scene: &Scene| scene.show(shown);
        let currency = self.histories.currency;
        match law {
            MetricLaw::Extremes => self.run(&law.to_string(), extremes(currency), show, check),
            _ => {
                let scenes = scenes(&self.histories, &About::records(currency));
                self.run(&law.to_string(), scenes, show, check)
            }
        }
    }
}

fn check(
    law: MetricLaw,
    scene: &Scene,
    layout: &Arc<Layout>,
    fit: Fit<'_, '_>,
) -> Result<(), String> {
    let (rows, as_of) = (&scene.past.rows, scene.as_of());
    let ask = |histories: &Histories| {
        let metric = (fit.make)(histories, as_of);
        Asked::of(&*metric, histories, &scene.past.customers, as_of)
    };
    let asked =
        |rows: &[Transaction], until| Ok::<_, String>(ask(&scene.histories(rows, until, layout)?));
    match law {
        MetricLaw::Finite => asked(rows, as_of)?.finite(),
        MetricLaw::Unit => asked(rows, as_of)?.of_unit(fit.learns),
        MetricLaw::Extremes => {
            let found = asked(rows, as_of)?;
            found.finite()?;
            found.of_unit(fit.learns)
        }
        MetricLaw::Column => {
            let histories = scene.histories(rows, as_of, layout)?;
            column(
                &*(fit.make)(&histories, as_of),
                &histories,
                &scene.past.customers,
                as_of,
            )
        }
        MetricLaw::Order => {
            let histories = scene.in_bulk(layout)?;
            let found = ask(&histories);
            found.same(&ask(&histories), "when asked again")?;
            let mut backwards = scene.past.customers.clone();
            backwards.reverse();
            let metric = (fit.make)(&histories, as_of);
            let mut asked_backwards = Asked::of(&*metric, &histories, &backwards, as_of);
            asked_backwards.values.reverse();
            found.same(&asked_backwards, "when the others are asked about first")?;
            found.same(
                &asked(&scene.shuffled(), as_of)?,
                "with the rows in another order",
            )?;
            let [one, other] = scene.parts();
            let one = scene.histories(&one, as_of, layout)?;
            let other = scene.histories(&other, as_of, layout)?;
            let merged = one.merge(&other).map_err(|error| error.to_string())?;
            found.same(&ask(&merged), "with histories merged from two parts")
        }
        MetricLaw::Future => {
            let found = asked(rows, as_of)?;
            // The file has later rows, which a ledger of that day rejects; and a ledger that has them.
            let later = Day::MAX;
            let all = scene.all_rows();
            found.same(&asked(&all, as_of)?, "with later rows in the file")?;
            found.same(&asked(&all, later)?, "with records after the day")
        }
        MetricLaw::Window => {
            // A refund counts on the day of its purchase, so only rows that stand alone can be told apart by their days.
            if !scene.standalone {
                return Ok(());
            }
            let histories = scene.histories(rows, as_of, layout)?;
            let bounds = (fit.make)(&histories, as_of).window().at(as_of);
            let inside = rows
                .iter()
                .filter(|row| bounds.contains(row.day()))
                .cloned();
            let inside: Vec<Transaction> = inside.collect();
            ask(&histories).same(
                &asked(&inside, as_of)?,
                "without the records outside of the window",
            )
        }
    }
}

/// What a metric says of each customer.
struct Asked {
    unit: Unit,
    name: String,
    values: Vec<(CustomerId, Option<f64>)>,
}

impl Asked {
    fn of(
        metric: &dyn Metric,
        histories: &Histories,
        customers: &[CustomerId],
        as_of: Day,
    ) -> Self {
        let window = metric.window();
        let nothing = nothing(histories);
        let values = customers.iter().map(|id| {
            let summary = summary(histories, &nothing, id, window, as_of);
            (id.clone(), metric.value(&summary, as_of))
        });
        Self {
            unit: metric.unit(),
            name: metric.name().to_owned(),
            values: values.collect(),
        }
    }

    fn known(&self) -> impl Iterator<Item = (&CustomerId, f64)> {
        self.values
            .iter()
            .filter_map(|(id, value)| Some((id, (*value)?)))
    }

    fn finite(&self) -> Result<(), String> {
        match self.known().find(|(_, value)| !value.is_finite()) {
            Some((id, value)) => Err(format!("`{}` of customer {id} is {value}", self.name)),
            None => Ok(()),
        }
    }

    fn of_unit(&self, expects: bool) -> Result<(), String> {
        match self
            .known()
            .find(|(_, value)| !is_of(self.unit, *value, expects))
        {
            Some((id, value)) => Err(format!(
                "`{}` of customer {id} is {value}, and no {}",
                self.name, self.unit
            )),
            None => Ok(()),
        }
    }

    fn same(&self, other: &Self, when: &str) -> Result<(), String> {
        let bits = |value: &Option<f64>| value.map(f64::to_bits);
        let mut both = self.values.iter().zip(&other.values);
        match both.find(|((_, a), (_, b))| bits(a) != bits(b)) {
            Some(((id, a), (_, b))) => Err(format!(
                "`{}` of customer {id} is {}, and {} {when}",
                self.name,
                number(*a),
                number(*b)
            )),
            None => Ok(()),
        }
    }
}

/// A number as a person reads it.
pub(super) fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "missing".to_owned(), |value| value.to_string())
}

/// `expects`: a count may be an expectation.
fn is_of(unit: Unit, value: f64, expects: bool) -> bool {
    let within = |low: f64, high: f64| (low..=high).contains(&value);
    match unit {
        Unit::Count => value >= 0.0 && (expects || value.fract() == 0.0),
        Unit::CountPer(_) | Unit::Hours => value >= 0.0,
        Unit::Share => within(0.0, 1.0),
        Unit::Percent => within(0.0, 100.0),
        Unit::Flag => value == 0.0 || value == 1.0,
        Unit::Date => {
            let day = |day: Day| f64::from(day.epoch_days());
            within(day(Day::MIN), day(Day::MAX)) && value.fract() == 0.0
        }
        Unit::Money | Unit::MoneyPer(_) | Unit::Days | Unit::Ratio | Unit::Points => true,
    }
}

fn nothing(histories: &Histories) -> History {
    History::new(histories.layout().clone())
}

fn summary<'h>(
    histories: &'h Histories,
    nothing: &'h History,
    id: &'h CustomerId,
    window: Window,
    as_of: Day,
) -> Summary<'h> {
    let view: HistoryView<'h> = histories.get(id).unwrap_or_else(|| nothing.view());
    Summary::new(view, window, as_of).with_id(id)
}

/// `column` over all customers, over each alone and over two parts, against `value`.
fn column(
    metric: &dyn Metric,
    histories: &Histories,
    customers: &[CustomerId],
    as_of: Day,
) -> Result<(), String> {
    let nothing = nothing(histories);
    let window = metric.window();
    let all: Vec<Summary<'_>> = customers
        .iter()
        .map(|id| summary(histories, &nothing, id, window, as_of))
        .collect();
    let values: Vec<Cell> = all
        .iter()
        .map(|customer| {
            metric
                .value(customer, as_of)
                .map_or(Cell::MISSING, Cell::from_number)
        })
        .collect();
    for piece in [all.len(), 1, all.len().div_ceil(2)] {
        let mut cells = vec![Cell::MISSING; all.len()];
        let pieces = all.chunks(piece.max(1)).zip(cells.chunks_mut(piece.max(1)));
        pieces.for_each(|(customers, cells)| metric.column(customers, as_of, cells));
        let differing = values
            .iter()
            .zip(&cells)
            .zip(customers)
            .find(|((a, b), _)| a != b);
        if let Some(((value, cell), id)) = differing {
            return Err(format!(
                "`value` of `{}` for customer {id} is {}, and `column` over {piece} at a time has {}",
                metric.name(),
                number(value.number()),
                number(cell.number())
            ));
        }
    }
    Ok(())
}

/// A metric that belongs to somebody else.
#[derive(Debug)]
struct Lent<'m>(&'m dyn Metric);

impl Metric for Lent<'_> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn unit(&self) -> Unit {
        self.0.unit()
    }

    fn window(&self) -> Window {
        self.0.window()
    }

    fn facts(&self) -> Vec<Fact> {
        self.0.facts()
    }

    fn value(&self, customer: &Summary<'_>, as_of: Day) -> Option<f64> {
        self.0.value(customer, as_of)
    }

    fn column(&self, customers: &[Summary<'_>], as_of: Day, out: &mut [Cell]) {
        self.0.column(customers, as_of, out);
    }
}

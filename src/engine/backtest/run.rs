//! The backtest itself.

use crate::Error;
use crate::diagnostic::{Diagnostics, Place};
use crate::history::{Histories, Layout};
use crate::ledger::Ledger;
use crate::model::{CustomerId, Day};
use crate::rules::{Cut, Expr, Rule, Truth, column};
use crate::summary::{Summary, Window};
use crate::table::{Row, Slot};

use super::super::simulate::Named;
use super::super::{Engine, Population, Reviews, Worse};
use super::lead::LeadTimes;
use super::report::{BacktestReport, Confusion, RuleQuality};
use super::spec::{Backtest, BoundFlag, Flag};

/// A customer who had bought by the day of the backtest.
pub(super) struct Tested {
    pub(super) id: CustomerId,
    /// The position in the population of that day.
    pub(super) position: usize,
    /// The last purchase, as known on that day.
    pub(super) last: Day,
    /// Whether no purchase came.
    pub(super) lost: bool,
}

/// A rule with what it said of each of the customers.
pub(super) struct Tried {
    pub(super) rule: Rule,
    expr: Expr,
    threshold: Option<f64>,
    /// In the order of the customers.
    pub(super) said: Vec<Truth>,
}

impl Engine {
    /// Holds rules to history: whom they would have flagged on a day, and who then was lost; see [`backtest`](crate::engine::backtest).
    ///
    /// **What is known.** On `as_of` the policy is fitted to, and the customers are reviewed with, what was booked by its close
    /// ([`Ledger::until`]), with the costs, contacts, answers and complaints that the ledger
    /// [was given](Ledger::with_records); a fit that the engine has is not used. Nothing is remembered of anybody: every review is a first one, so
    /// that stages and point scores are those of a first review. Not dated, and therefore known from the beginning, are the attributes of
    /// customers, the merges of the ledger and what the metrics of the catalog hold themselves (referral weights).
    ///
    /// **What came.** A customer who had bought by `as_of` is lost if there is no purchase from the day after it to `as_of` +
    /// `horizon`, by what was booked at the close of that day: a purchase that was refunded in full by then counts as never made, on
    /// either side of `as_of`. Records of later days change nothing.
    ///
    /// **Lead time.** For each customer who is lost and flagged, earlier alerts are looked for on `as_of` − `step`, − 2 `step` and so on, as long
    /// as the rule held there too, and not before the last purchase. On each of these days the customer is as known at its close. The
    /// fitted models and the cuts of the population are those of `as_of` on all of them: no later than the day the rules
    /// flag, but better than one had on the earlier days.
    ///
    /// With the `rayon` feature this runs on rayon's current thread pool; the result does not depend on it.
    ///
    /// # Errors
    /// A rule does not fit the columns of the engine ([`Backtest::check`] lists all problems); the ledger ends before `as_of` + `horizon`; it is in
    /// another currency; a customer comes twice (`is_misuse`). Whether the records really reach to the day the ledger was cleaned for only the
    /// caller knows: where they end earlier, everybody seems lost.
    pub fn backtest(
        &self,
        ledger: &Ledger<'_>,
        backtest: &Backtest,
    ) -> Result<BacktestReport, Error> {
        let mut bound = backtest.bind_or_misuse(self.schema())?;
        let (as_of, horizon) = (backtest.as_of, backtest.horizon);
        let end = as_of.plus(horizon);
        if end - as_of != horizon || ledger.as_of() < end {
            return Err(Error::misuse(format!(
                "the ledger ends with {}, and the {horizon} after {as_of} do not",
                ledger.as_of()
            )));
        }
        let mut population = Population::of(&ledger.until(as_of), self.layout())?;
        if !backtest.customers.is_empty() {
            population = population.with_customers(backtest.customers.iter().cloned())?;
        }
        let engine = self.clone().fitted_to(&population, None, as_of)?;
        let reviews = engine.review_all(&population, None, as_of)?;
        if let Some(among) = &mut bound.among {
            freeze(among, &reviews)?;
        }
        let came = came(ledger, as_of, end)?;
        let tested = tested(&reviews, bound.among.as_ref(), &came);

        let mut tried: Vec<Tried> = Vec::new();
        for (flag, rule) in backtest.rules.iter().map(|r| &r.flag).zip(bound.rules) {
            let rule = match (flag, rule) {
                (Flag::When(expr), BoundFlag::When(mut rule)) => {
                    freeze(&mut rule, &reviews)?;
                    Tried::of(expr.clone(), rule, None, &tested, &reviews)
                }
                (
                    Flag::AtRecallOf { column: name, .. },
                    BoundFlag::AtRecallOf { slot, worse, of },
                ) => {
                    let wanted = tried.get(of).map_or(0, |other| found(&other.said, &tested));
                    let threshold = threshold(slot, worse, wanted, &tested, &reviews);
                    let expr = match (threshold, worse) {
                        (None, _) => Expr::constant(false),
                        (Some(threshold), Worse::More) => column(name.as_str()).ge(threshold),
                        (Some(threshold), Worse::Less) => column(name.as_str()).le(threshold),
                    };
                    let rule = cut(&expr, &engine)?;
                    let mut rule = Tried::of(expr, rule, threshold, &tested, &reviews);
                    rule.forget_missing(slot, &tested, &reviews);
                    rule
                }
                _ => continue,
            };
            tried.push(rule);
        }
        let leads = LeadTimes::find(&engine, ledger, backtest, &tested, &tried, &population)?;

        let rules = backtest.rules.iter().zip(&tried).zip(leads);
        let rules = rules.map(|((rule, tried), lead_time)| {
            let flagged = tried.said.iter().map(|said| *said == Truth::True);
            let confusion = Confusion::of(flagged.zip(tested.iter().map(|customer| customer.lost)));
            RuleQuality {
                name: rule.name.clone(),
                when: tried.expr.clone(),
                threshold: tried.threshold,
                precision: confusion.precision(),
                recall: confusion.recall(),
                f1: confusion.f1(),
                confusion,
                unknown: count(&tried.said, |said| *said == Truth::Unknown),
                lead_time,
            }
        });
        let head = &self.policy().head;
        Ok(BacktestReport {
            policy: Named {
                policy: head.name.clone(),
                version: head.version.clone(),
            },
            as_of,
            horizon,
            step: backtest.step,
            among: backtest.among.clone(),
            customers: tested.len() as u64,
            lost: count(&tested, |customer| customer.lost),
            rules: rules.collect(),
        })
    }
}

fn count<T>(all: &[T], of: impl Fn(&T) -> bool) -> u64 {
    all.iter().filter(|one| of(one)).count() as u64
}

/// Cuts the conditions on the population at that of the review.
fn freeze(rule: &mut Rule, reviews: &Reviews<'_>) -> Result<(), Error> {
    let cuts: Vec<Cut> = rule
        .population()
        .iter()
        .map(|condition| {
            let columns = reviews.tables().map(|table| table.column(condition.slot));
            let cells = columns.flat_map(|column| column.cells());
            Cut::of(condition, cells.map(|cell| cell.number()))
        })
        .collect();
    rule.freeze(&cuts)
}

/// Everybody who bought after `as_of` and up to `end`, ascending, by what was known on `end`.
fn came(ledger: &Ledger<'_>, as_of: Day, end: Day) -> Result<Vec<CustomerId>, Error> {
    let layout = Layout::new(ledger.currency(), []);
    let histories = Histories::build(&ledger.until(end), &layout)?;
    let mut came = Vec::new();
    for (id, history) in histories.iter() {
        let last = Summary::new(history, Window::Lifetime, end).last_purchase();
        if last.is_some_and(|last| last > as_of) {
            came.push(id);
        }
    }
    Ok(came)
}

/// Who had bought by the day of the review and is one of those the backtest is about.
fn tested(reviews: &Reviews<'_>, among: Option<&Rule>, came: &[CustomerId]) -> Vec<Tested> {
    let histories = reviews.population().histories().iter().enumerate();
    histories
        .filter_map(|(position, (id, history))| {
            let summary = Summary::new(history, Window::Lifetime, reviews.as_of());
            let last = summary.last_purchase()?;
            let row = reviews.row(position)?;
            let in_it = among.is_none_or(|rule| rule.truth(row) == Truth::True);
            in_it.then(|| Tested {
                position,
                last,
                lost: came.binary_search(&id).is_err(),
                id,
            })
        })
        .collect()
}

impl Tried {
    fn of(
        expr: Expr,
        rule: Rule,
        threshold: Option<f64>,
        tested: &[Tested],
        reviews: &Reviews<'_>,
    ) -> Self {
        let said = rows(tested, reviews).map(|row| rule.truth(row)).collect();
        Self {
            rule,
            expr,
            threshold,
            said,
        }
    }

    /// Whose number is missing is unknown, also where nobody is flagged.
    fn forget_missing(&mut self, slot: Slot, tested: &[Tested], reviews: &Reviews<'_>) {
        for (said, row) in self.said.iter_mut().zip(rows(tested, reviews)) {
            if row.number(slot).is_none() {
                *said = Truth::Unknown;
            }
        }
    }
}

fn rows<'r>(tested: &'r [Tested], reviews: &'r Reviews<'_>) -> impl Iterator<Item = Row<'r>> {
    tested.iter().filter_map(|c| reviews.row(c.position))
}

/// How many are lost and flagged.
fn found(said: &[Truth], tested: &[Tested]) -> u64 {
    let both = |(said, customer): &(&Truth, &Tested)| **said == Truth::True && customer.lost;
    said.iter().zip(tested).filter(both).count() as u64
}

/// The least bad number at which, with all that are as bad or worse, at least so many of the lost are found; the least bad of all if
/// even that is not enough. `None` if none are wanted, or no number is known.
fn threshold(
    slot: Slot,
    worse: Worse,
    wanted: u64,
    tested: &[Tested],
    reviews: &Reviews<'_>,
) -> Option<f64> {
    if wanted == 0 {
        return None;
    }
    let numbers = tested.iter().zip(rows(tested, reviews));
    let mut known: Vec<(f64, bool)> = numbers
        .filter_map(|(customer, row)| Some((row.number(slot)?, customer.lost)))
        .collect();
    known.sort_unstable_by(|(a, _), (b, _)| match worse {
        Worse::More => b.total_cmp(a),
        Worse::Less => a.total_cmp(b),
    });
    let mut found = 0;
    let enough = known.iter().find(|(_, lost)| {
        found += u64::from(*lost);
        found == wanted
    });
    enough.or(known.last()).map(|(number, _)| *number)
}

/// A rule out of a threshold that was found.
fn cut(expr: &Expr, engine: &Engine) -> Result<Rule, Error> {
    let mut problems = Diagnostics::new();
    let rule = expr.bind(engine.schema(), &Place::at("threshold"), &mut problems);
    rule.ok_or_else(|| Error::misuse(problems.to_string()))
}

//! How long the alerts had been there.

use crate::Error;
use crate::history::Histories;
use crate::ledger::Ledger;
use crate::model::Day;
use crate::parallel;
use crate::rules::Truth;

use super::super::bulk::{CHUNK, Part};
use super::super::{Engine, Population, Subject};
use super::report::LeadTime;
use super::run::{Tested, Tried};
use super::spec::Backtest;

/// A customer who is lost and flagged, and whose first alert is still looked for.
struct Open {
    /// Which of the tested.
    customer: usize,
    /// The earliest alert so far.
    first: Day,
}

/// What is known of the lead times of one rule.
#[derive(Default)]
pub(super) struct LeadTimes {
    open: Vec<Open>,
    days: Vec<i32>,
    alerts: u64,
}

impl LeadTimes {
    /// The lead times of each rule, in their order.
    pub(super) fn find(
        engine: &Engine,
        ledger: &Ledger<'_>,
        backtest: &Backtest,
        tested: &[Tested],
        tried: &[Tried],
        population: &Population,
    ) -> Result<Vec<Option<LeadTime>>, Error> {
        let mut all: Vec<Self> = tried
            .iter()
            .map(|rule| Self::begin(rule, tested, backtest.as_of))
            .collect();
        let mut day = backtest.as_of;
        loop {
            let earlier = day.minus(backtest.step);
            // Before the calendar there is nothing.
            if day - earlier != backtest.step {
                break;
            }
            for rule in &mut all {
                rule.keep(tested, backtest, |open, customer| {
                    open.first == day && customer.last <= earlier
                });
            }
            day = earlier;
            let mut asked: Vec<usize> = all
                .iter()
                .flat_map(|rule| rule.open.iter().map(|open| open.customer))
                .collect();
            asked.sort_unstable();
            asked.dedup();
            if asked.is_empty() {
                break;
            }
            let known = Histories::build(&ledger.until(day), engine.layout())?;
            let asked: Vec<Asked<'_>> = asked
                .into_iter()
                .filter_map(|at| Asked::of(at, tested, &known, population))
                .collect();
            let parts = parallel::map(asked.len().div_ceil(CHUNK), |chunk| {
                let asked = asked.iter().skip(chunk * CHUNK).take(CHUNK);
                let inputs: Vec<_> = asked.map(|asked| asked.subject.input()).collect();
                engine.review_block(&inputs, day)
            });
            for (rule, tried) in all.iter_mut().zip(tried) {
                rule.look(&asked, &parts, tried, day);
            }
        }
        for rule in &mut all {
            rule.keep(tested, backtest, |_, _| false);
        }
        let lead_time = |rule: Self| LeadTime::of(rule.days, rule.alerts);
        Ok(all.into_iter().map(lead_time).collect())
    }

    fn begin(rule: &Tried, tested: &[Tested], as_of: Day) -> Self {
        let flagged = rule.said.iter().zip(tested).enumerate();
        let open: Vec<Open> = flagged
            .filter(|(_, (said, customer))| **said == Truth::True && customer.lost)
            .map(|(customer, _)| Open {
                customer,
                first: as_of,
            })
            .collect();
        Self {
            alerts: open.len() as u64,
            days: Vec::new(),
            open,
        }
    }

    /// Closes what is not to be kept.
    fn keep(
        &mut self,
        tested: &[Tested],
        backtest: &Backtest,
        keep: impl Fn(&Open, &Tested) -> bool,
    ) {
        let days = &mut self.days;
        self.open.retain(|open| {
            let Some(customer) = tested.get(open.customer) else {
                return false;
            };
            let keep = keep(open, customer);
            if !keep {
                days.push((customer.last - open.first).get() + backtest.horizon.get());
            }
            keep
        });
    }

    /// Notes who had an alert on an earlier day too.
    fn look(&mut self, asked: &[Asked<'_>], parts: &[Part<'_>], tried: &Tried, day: Day) {
        for open in &mut self.open {
            let Ok(at) = asked.binary_search_by_key(&open.customer, |asked| asked.customer) else {
                continue;
            };
            let row = parts.get(at / CHUNK).map(|p| p.table.row(at % CHUNK));
            if row.is_some_and(|row| tried.rule.truth(row) == Truth::True) {
                open.first = day;
                self.alerts += 1;
            }
        }
    }
}

/// A customer as known on an earlier day.
struct Asked<'a> {
    /// Which of the tested.
    customer: usize,
    subject: Subject<'a>,
}

impl<'a> Asked<'a> {
    /// `None` if nothing was known yet.
    fn of(
        at: usize,
        tested: &'a [Tested],
        known: &'a Histories,
        population: &'a Population,
    ) -> Option<Self> {
        let customer = tested.get(at)?;
        let subject = Subject::new(known.get(&customer.id)?).with_id(&customer.id);
        let subject = match population.customer(customer.position) {
            Some(attributes) => subject.with_customer(attributes),
            None => subject,
        };
        Some(Self {
            customer: at,
            subject,
        })
    }
}

//! From a review to the list of whom to win back.

use crate::Error;
use crate::history::{Histories, HistoryView};
use crate::lifecycle::win_back::{Candidate, WinBack, WinBackExplanation, WinBackList};
use crate::model::{CustomerId, Day};
use crate::parallel;
use crate::summary::{Summary, Window};

use super::bulk::{CHUNK, Reviews};

/// The first day with a purchase after another.
fn bought_after(history: HistoryView<'_>, day: Day) -> Option<Day> {
    let later = Window::Between(day.next(), Day::MAX);
    Summary::new(history, later, Day::MAX).first_purchase()
}

/// What is known beside a review.
struct Beside<'k, R> {
    reason: R,
    known: Option<&'k Histories>,
}

impl<'r, R: Fn(&CustomerId, Day) -> Option<&'r str>> Beside<'_, R> {
    /// What is known of the customer at a position of the population.
    fn with_candidate<T>(
        &self,
        reviews: &Reviews<'_>,
        position: usize,
        work: impl FnOnce(&Candidate<'_>) -> T,
    ) -> Option<T> {
        let as_of = reviews.as_of();
        let row = reviews.row(position)?;
        let (id, history) = reviews.population().histories().at(position)?;
        let last = Summary::new(history, Window::Lifetime, as_of).last_purchase();
        let later = self.known.and_then(|known| known.get(&id));
        // What was told late may be of a day before that of the review.
        let told = later.and_then(|later| match last {
            Some(last) => bought_after(later, last),
            None => Summary::new(later, Window::Lifetime, Day::MAX).first_purchase(),
        });
        let returned = [bought_after(history, as_of), told].into_iter().flatten();
        Some(work(&Candidate {
            id: &id,
            row,
            last_purchase: last,
            returned_on: returned.min(),
            attempts: reviews.population().attempts(position),
            reason: (self.reason)(&id, as_of),
        }))
    }
}

impl Reviews<'_> {
    /// Whom to win back, and with what.
    ///
    /// What was tried with whom is read from the [population](super::Population::with_attempts): attempts for whatever purpose
    /// and of whatever day. `reason` says why a customer had left by a day, if that is known: the word of the reason. `known` are
    /// histories later than the review, if there are any: who has bought since, in them or in the population reviewed, is not in
    /// the list, nor is who bought before in them, after the last purchase that the review knows of.
    ///
    /// # Errors
    /// The rules were bound to another schema than that of this engine (`is_misuse`).
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::engine::{Engine, Policy};
    /// use customer_value::ledger::{Columns, CustomerColumn, Ledger};
    /// use customer_value::lifecycle::win_back::{Suppression, WinBackSpec};
    /// use customer_value::metrics::Catalog;
    /// use customer_value::model::{Day, Days};
    ///
    /// let policy: Policy = toml::from_str(r#"
    ///     [head]
    ///     name = "win-back"
    ///     version = "1"
    ///     currency = "EUR"
    ///
    ///     [[tiers]]
    ///     name = "left"
    ///     when = "days_since_last >= 100 and spend >= 10"
    ///
    ///     [[tiers]]
    ///     name = "everybody"
    /// "#)?;
    /// let engine = Engine::new(policy, &Catalog::standard())?;
    /// let spec: WinBackSpec = toml::from_str(r#"
    ///     when = "days_since_last >= 100"
    ///     value = "spend"
    ///     offers = [{ name = "call", class = "personal", channel = "phone", response = 0.15, cost = "6.00 EUR" }]
    /// "#)?;
    /// let mut problems = Diagnostics::new();
    /// let currency = engine.policy().head.currency;
    /// let rules = spec.bind(engine.schema(), currency, &mut problems).ok_or(problems)?;
    ///
    /// // Two customers who have been silent for 200 days on the day of the review; one of them buys the day after.
    /// let start: Day = "2024-01-01".parse()?;
    /// let today = start.plus(Days::new(200));
    /// let days = [start, start, today.next()].map(Day::epoch_days);
    /// let columns = Columns::new(CustomerColumn::Numbers(&[1, 2, 2]), &days, &[80_00, 90_00, 5_00]);
    /// let ledger = Ledger::from_columns(&columns, engine.cleaning(today.next()))?;
    /// let population = engine.population(&ledger)?;
    ///
    /// let reviews = engine.review_all(&population, None, today)?;
    /// let list = reviews.win_back(&rules, |_, _| None, None)?;
    /// assert_eq!(list.chosen.len(), 1);
    /// assert_eq!(list.chosen[0].net.to_string(), "6.00 EUR");
    /// assert_eq!(list.suppressed(&2.into()), Some(Suppression::Returned { on: today.next() }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn win_back<'r>(
        &self,
        rules: &WinBack,
        reason: impl Fn(&CustomerId, Day) -> Option<&'r str> + Sync + Send,
        known: Option<&Histories>,
    ) -> Result<WinBackList, Error> {
        self.check_win_back(rules)?;
        let beside = Beside { reason, known };
        let rows = self.len();
        let weighed = parallel::map(rows.div_ceil(CHUNK), |chunk| {
            let positions = chunk * CHUNK..((chunk + 1) * CHUNK).min(rows);
            let candidates = positions.filter(|position| {
                self.row(*position)
                    .is_some_and(|row| rules.is_candidate(row))
            });
            let weigh = |candidate: &Candidate<'_>| rules.weigh(candidate, self.as_of());
            candidates
                .filter_map(|position| beside.with_candidate(self, position, weigh)?)
                .collect::<Vec<_>>()
        });
        Ok(rules.settle(weighed.into_iter().flatten().collect(), self.as_of()))
    }

    /// Why a customer is on the list of [`win_back`](Self::win_back), or why not; `None` if there is no such customer.
    ///
    /// # Errors
    /// As of [`win_back`](Self::win_back).
    pub fn explain_win_back<'r>(
        &self,
        rules: &WinBack,
        customer: &CustomerId,
        reason: impl Fn(&CustomerId, Day) -> Option<&'r str>,
        known: Option<&Histories>,
    ) -> Result<Option<WinBackExplanation>, Error> {
        self.check_win_back(rules)?;
        let beside = Beside { reason, known };
        let explain = |candidate: &Candidate<'_>| rules.explain(candidate, self.as_of());
        let position = self.population().histories().position(customer);
        let explained = position.and_then(|at| beside.with_candidate(self, at, explain));
        Ok(explained.map(|mut explained| {
            if let Some(assessment) = self.get(customer) {
                let engine = self.engine();
                engine.trace_all(explained.conditions_mut(), &assessment.traced());
            }
            explained
        }))
    }

    fn check_win_back(&self, rules: &WinBack) -> Result<(), Error> {
        if rules.fits(self.engine().schema()) {
            Ok(())
        } else {
            Err(Error::misuse(
                "the win-back was bound to other columns than those of the engine",
            ))
        }
    }
}

//! From attempts and a rule to what the attempts changed.

use std::collections::BTreeSet;

use crate::Error;
use crate::history::HistoryView;
use crate::model::{Attempt, AttemptPurpose, Day, Days};
use crate::parallel;
use crate::report::{UpliftEffect, UpliftReport};
use crate::rules::{Cut, Rule, Truth};
use crate::summary::{Summary, Window};

use super::Engine;
use super::bulk::{CHUNK, Reviews};
use super::population::Population;

impl Engine {
    /// What attempts of purpose [`Uplift`](AttemptPurpose::Uplift) changed in the spend of customers: the difference in
    /// differences of the `window` days before an attempt and the `window` days from it on, in the histories up to `as_of`.
    ///
    /// The attempts are those of the population ([`Population::with_attempts`]). `rule` says for whom they were meant; it is bound to [`schema`](Self::schema). On each day with an attempt all customers
    /// are reviewed, with nothing remembered of anybody. Of those for whom the rule is true then, those attempted on that day
    /// are compared with those on whom there was no attempt, for whatever purpose, in the days before and after it, and of
    /// whom something is known by then (a record, or attributes). Not counted, each apart, are attempts whose days after are not over, attempts on others, and attempts on who had been attempted
    /// in the days before. Conditions on the population are those of the
    /// population on that day: of everybody of whom something is known by then.
    ///
    /// # Errors
    /// `window` is not a day at least, or the histories do not fit the policy (`is_misuse`).
    ///
    /// ```
    /// use customer_value::diagnostic::{Diagnostics, Place};
    /// use customer_value::engine::{Engine, Policy};
    /// use customer_value::ledger::{Columns, CustomerColumn, Ledger};
    /// use customer_value::metrics::Catalog;
    /// use customer_value::model::{Attempt, AttemptKind, AttemptPurpose, Day, Days};
    /// use customer_value::rules::Expr;
    ///
    /// let policy: Policy = toml::from_str(r#"
    ///     [head]
    ///     name = "potential"
    ///     version = "1"
    ///     currency = "EUR"
    ///
    ///     [[tiers]]
    ///     name = "high"
    ///     when = "spend >= 50"
    ///
    ///     [[tiers]]
    ///     name = "low"
    /// "#)?;
    /// let engine = Engine::new(policy, &Catalog::standard())?;
    ///
    /// // All bought for 10.00 in January; 1 and 2 are called in February, and 1, 2 and 3 buy again in March.
    /// let days = [19_723, 19_723, 19_723, 19_723, 19_783, 19_783, 19_783];
    /// let ids = CustomerColumn::Numbers(&[1, 2, 3, 4, 1, 2, 3]);
    /// let columns = Columns::new(ids, &days, &[10_00, 10_00, 10_00, 10_00, 25_00, 35_00, 20_00]);
    /// let as_of: Day = "2024-12-31".parse()?;
    /// let ledger = Ledger::from_columns(&columns, engine.cleaning(as_of))?;
    /// let february: Day = "2024-02-01".parse()?;
    /// let call = |id| Attempt::new(id, february, AttemptPurpose::Uplift, AttemptKind::Call);
    /// let population = engine.population(&ledger)?.with_attempts([call(1)?, call(2)?]);
    ///
    /// // On the standard policy it might be `value < 40 and potential >= 60`.
    /// let rule: Expr = "spend < 50".parse()?;
    /// let mut problems = Diagnostics::new();
    /// let rule = rule.bind(engine.schema(), &Place::at("uplift"), &mut problems).ok_or(problems)?;
    /// let report = engine.uplift(&population, &rule, Days::new(60), as_of)?;
    /// assert_eq!(report.to_string(), "\
    /// attempt  treated  controls  change  without  effect    from     to
    /// call           2         2   20.00     0.00   20.00  -49.19  89.19
    /// total          2         2   20.00     0.00   20.00  -49.19  89.19
    /// ");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn uplift(
        &self,
        population: &Population,
        rule: &Rule,
        window: Days,
        as_of: Day,
    ) -> Result<UpliftReport, Error> {
        if window.get() < 1 {
            let message = format!("spend is not compared over `{window}`");
            return Err(Error::misuse(message));
        }
        self.check_layout(population.histories().layout())?;
        let mut report = UpliftReport::new(self.layout.currency(), window);
        let mut days = BTreeSet::new();
        let meant = |a: &&Attempt| a.purpose() == AttemptPurpose::Uplift && a.day() <= as_of;
        for attempt in population.all_attempts().iter().filter(meant) {
            days.insert(attempt.day());
        }
        let by_customer = || {
            let all = population.all_attempts();
            all.chunk_by(|a, b| a.customer() == b.customer())
        };
        for day in days {
            let around = Around::new(day, window);
            if around.last > i64::from(as_of.epoch_days()) {
                for own in by_customer() {
                    around.count_attempts(&mut report, own, open);
                }
                continue;
            }
            let reviews = self.review_all(population, None, day)?;
            let mut rule = rule.clone();
            let cuts: Vec<Cut> = rule
                .population()
                .iter()
                .map(|condition| {
                    let known = (0..reviews.len()).filter(|at| is_known(population, *at, day));
                    let rows = known.filter_map(|position| reviews.row(position));
                    let numbers = rows.map(|row| {
                        let fits = condition.slot.index() < row.table().schema().len();
                        fits.then(|| row.number(condition.slot)).flatten()
                    });
                    Cut::of(condition, numbers)
                })
                .collect();
            rule.freeze(&cuts)?;
            let rows = reviews.len();
            let parts = parallel::map(rows.div_ceil(CHUNK), |chunk| {
                let mut part = UpliftReport::new(self.layout.currency(), window);
                for position in chunk * CHUNK..((chunk + 1) * CHUNK).min(rows) {
                    around.count(&mut part, &reviews, position, &rule);
                }
                part
            });
            parts.iter().for_each(|part| report.take(part));
            let unknown = |own: &&[Attempt]| {
                let customer = own.first().map(Attempt::customer);
                customer.is_some_and(|id| population.histories().position(id).is_none())
            };
            for own in by_customer().filter(unknown) {
                around.count_attempts(&mut report, own, outside);
            }
        }
        report.share_controls();
        Ok(report)
    }
}

/// Whether anything is known of a customer by the close of a day: a record, or attributes, which have no day.
fn is_known(population: &Population, position: usize, day: Day) -> bool {
    let history = population.histories().at(position);
    let first = history.and_then(|(_, history)| history.epoch_days().first().copied());
    first.is_some_and(|first| first <= day.epoch_days()) || population.customer(position).is_some()
}

fn open(effect: &mut UpliftEffect) {
    effect.open = effect.open.saturating_add(1);
}

fn outside(effect: &mut UpliftEffect) {
    effect.outside = effect.outside.saturating_add(1);
}

fn overlapping(effect: &mut UpliftEffect) {
    effect.overlapping = effect.overlapping.saturating_add(1);
}

/// The days before and after one with attempts.
struct Around {
    day: Day,
    before: Window,
    after: Window,
    /// The first day before, and the last day after, as days since 1970-01-01.
    first: i64,
    last: i64,
}

impl Around {
    fn new(day: Day, window: Days) -> Self {
        let (at, length) = (i64::from(day.epoch_days()), i64::from(window.get()));
        Self {
            day,
            before: Window::Between(day.minus(window), day),
            after: Window::Between(day, day.plus(window)),
            first: at - length,
            last: at + length - 1,
        }
    }

    /// The attempts of a customer on the day that are meant to uplift.
    fn on_day<'a>(&self, own: &'a [Attempt]) -> Vec<&'a Attempt> {
        let meant = |a: &&Attempt| a.purpose() == AttemptPurpose::Uplift && a.day() == self.day;
        own.iter().filter(meant).collect()
    }

    /// Counts the attempts of the day on one customer, if there are any.
    fn count_attempts(
        &self,
        report: &mut UpliftReport,
        own: &[Attempt],
        count: impl Fn(&mut UpliftEffect),
    ) {
        let today = self.on_day(own);
        if !today.is_empty() {
            report.count(today.iter().map(|a| a.kind()), count);
        }
    }

    /// Counts a customer where they belong on the day.
    fn count(
        &self,
        report: &mut UpliftReport,
        reviews: &Reviews<'_>,
        position: usize,
        rule: &Rule,
    ) {
        let Some((_, history)) = reviews.population().histories().at(position) else {
            return;
        };
        let own = reviews.population().attempts(position);
        let today = self.on_day(own);
        let holds = (reviews.row(position)).is_some_and(|row| rule.truth(row) == Truth::True);
        if today.is_empty() && !holds {
            return;
        }
        let days = || own.iter().map(|a| i64::from(a.day().epoch_days()));
        let at = i64::from(self.day.epoch_days());
        if today.is_empty() {
            // Who came later had not bought before, and has since: they would make every effect look small.
            let known = is_known(reviews.population(), position, self.day);
            if known && !days().any(|day| (self.first..=self.last).contains(&day)) {
                let (before, after) = self.spend(history);
                report.control(self.day, before, after);
            }
        } else if !holds {
            self.count_attempts(report, own, outside);
        } else if days().any(|day| (self.first..at).contains(&day)) {
            self.count_attempts(report, own, overlapping);
        } else {
            let (before, after) = self.spend(history);
            self.count_attempts(report, own, |effect| {
                effect.day(self.day).treated.add(before, after);
            });
        }
    }

    /// What was spent before and after, in minor units.
    fn spend(&self, history: HistoryView<'_>) -> (i64, i64) {
        let within = |window| {
            let spend = Summary::new(history, window, Day::MAX).spend_minor();
            i64::try_from(spend).unwrap_or(if spend < 0 { i64::MIN } else { i64::MAX })
        };
        (within(self.before), within(self.after))
    }
}

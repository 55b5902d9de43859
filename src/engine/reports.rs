//! From reviews to reports: distribution, migration and Pareto share, times in the stages, the exit ladder, cohorts.

use std::collections::BTreeMap;

use crate::Error;
use crate::history::{Fact, Measure};
use crate::ledger::Ledger;
use crate::lifecycle::StageId;
use crate::model::{Currency, CustomerId, Day, Unit};
use crate::report::{
    Breakdown, Cohorts, ExitReport, Migration, Pareto, Ranking, Spell, StageTimes,
};
use crate::summary::{Period, Summary, Window};
use crate::table::{Row, Slot};

use super::Engine;
use super::bulk::{Reviewed, Reviews};
use super::diff::walk;
use super::population::Population;
use super::simulate::ReplayOptions;
use super::simulate::{names, place};

/// The times of customers in the stages of a lifecycle, found review by review.
///
/// Every stage that a review moved a customer through counts, with the day [since](super::Assessment::stage_since) which it held. A
/// spell ends where that of the next stage begins. A stage that holds since before the present one began (a customer who is loyal
/// again, since the fourth purchase of long ago) begins on the day of the review that found it. Of a first review the stages count
/// that it led to, not the start that it only passed through. A spell that goes on counts up to the last review.
///
/// Only who is reviewed with the standing of the review before has moved, so the reviews have to be those of one replay, in the order
/// of time.
///
/// ```
/// use customer_value::engine::{Engine, StageSpells, Standings};
/// use customer_value::ledger::{Columns, CustomerColumn, Ledger};
/// use customer_value::metrics::Catalog;
/// use customer_value::model::Day;
///
/// let engine = Engine::from_toml(r#"
///     head = { name = "two stages", version = "1", currency = "EUR" }
///     tiers = [{ name = "everybody" }]
///     [lifecycle]
///     start = "here"
///     stages = [{ name = "here" }, { name = "away" }]
///     transitions = [
///         { from = ["here"], to = "away", when = "days_since_last >= 30", since = "last_purchase + 30 days" },
///         { from = ["away"], to = "here", when = "days_since_last < 30", since = "last_purchase" },
///     ]
/// "#, &Catalog::standard())?;
/// let days = ["2024-01-10", "2024-04-10"].map(|day| day.parse::<Day>().unwrap().epoch_days());
/// let columns = Columns::new(CustomerColumn::Numbers(&[7, 7]), &days, &[10_00, 20_00]);
///
/// let mut spells = StageSpells::new(&engine).unwrap();
/// let mut standings = Standings::new();
/// for day in ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"] {
///     let day = day.parse()?;
///     let ledger = Ledger::from_columns(&columns, engine.cleaning(day))?;
///     let population = engine.population(&ledger)?;
///     let reviews = engine.review_all(&population, &standings, day)?;
///     spells.look(&reviews);
///     standings = reviews.into_standings();
/// }
/// let times = spells.times();
/// // Away from 2024-02-09 to 2024-04-10.
/// assert_eq!(times.stages()[1].mean_ended(), Some(61.0));
/// assert_eq!(times.matrix().count("here", "away"), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct StageSpells {
    /// Those that have ended.
    ended: StageTimes,
    /// In which stage each customer is, and from when.
    present: BTreeMap<CustomerId, (Day, usize)>,
    /// The day of the last review.
    as_of: Option<Day>,
}

impl StageSpells {
    /// No review yet; `None` if the policy has no lifecycle.
    #[must_use]
    pub fn new(engine: &Engine) -> Option<Self> {
        let stages = engine.lifecycle()?.stages();
        Some(Self {
            ended: StageTimes::new(stages.map(|(_, name)| name)),
            present: BTreeMap::new(),
            as_of: None,
        })
    }

    /// Takes the next review.
    pub fn look(&mut self, reviews: &Reviews<'_>) {
        let as_of = reviews.as_of();
        self.as_of = Some(as_of);
        for one in reviews.iter() {
            for (since, stage) in path(reviews.engine(), &one) {
                self.enter(one.id(), since, stage.index(), as_of);
            }
        }
    }

    fn enter(&mut self, id: &CustomerId, since: Day, stage: usize, as_of: Day) {
        let Some((from, before)) = self.present.get_mut(id) else {
            self.present.insert(id.clone(), (since, stage));
            return;
        };
        if *before == stage {
            return;
        }
        let begin = if since < *from { as_of } else { since };
        self.ended.add(Spell {
            stage: *before,
            from: *from,
            to: begin,
            next: Some(stage),
        });
        (*from, *before) = (begin, stage);
    }

    /// The times up to the last review.
    #[must_use]
    pub fn times(&self) -> StageTimes {
        let mut times = self.ended.clone();
        let Some(as_of) = self.as_of else {
            return times;
        };
        for (from, stage) in self.present.values() {
            times.add(Spell {
                stage: *stage,
                from: *from,
                to: as_of,
                next: None,
            });
        }
        times
    }
}

/// The stages that a review led a customer to, in order, or the one where they are.
fn path(engine: &Engine, one: &Reviewed<'_>) -> Vec<(Day, StageId)> {
    let Some(life) = &engine.life else {
        return Vec::new();
    };
    let assessment = one.assessment();
    let found = assessment.found();
    let Some(step) = found.step else {
        return Vec::new();
    };
    if step.by.is_none() {
        return vec![(step.position.since, step.position.stage)];
    }
    let taken = (life.cycle).taken(assessment.row(), assessment.as_of(), found.before);
    let stage = |name: &str| life.cycle.stage(name);
    let ways = taken.iter();
    ways.filter_map(|way| Some((way.since, stage(&way.to)?)))
        .collect()
}

impl Engine {
    /// The times of customers in the stages of the lifecycle, and the ways between them, in a [replay](Self::replay) of a history:
    /// reviewed step by step as it would have been, with nothing from after each day. What counts is said at [`StageSpells`]. A spell
    /// that goes on counts up to the last review.
    ///
    /// # Errors
    /// The policy has no lifecycle (`is_misuse`); and as [`replay`](Self::replay).
    pub fn stage_times(
        &self,
        ledger: &Ledger<'_>,
        from: Day,
        to: Day,
        options: &ReplayOptions,
    ) -> Result<StageTimes, Error> {
        let mut spells = StageSpells::new(self)
            .ok_or_else(|| Error::misuse("the policy has no lifecycle, so nobody is in a stage"))?;
        self.replay_with(ledger, from, to, options, |reviews| spells.look(reviews))?;
        Ok(spells.times())
    }
}

/// A column of money.
struct Worth {
    slot: Slot,
    currency: Currency,
}

impl Worth {
    fn of(reviews: &Reviews<'_>, column: &str) -> Result<Self, Error> {
        let engine = reviews.engine();
        let slot = engine.slot(column);
        let unit = slot.and_then(|slot| engine.schema().field(slot)?.unit());
        match (slot, unit) {
            (Some(slot), Some(Unit::Money)) => Ok(Self {
                slot,
                currency: engine.policy().head.currency,
            }),
            (Some(_), _) => Err(Error::misuse(format!(
                "`{column}` is not a column of money"
            ))),
            (None, _) => Err(Error::misuse(format!("there is no column `{column}`"))),
        }
    }

    /// In minor units; not known adds nothing. It stops at the ends of `i64`.
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // a cast stops at the ends
    fn minor(&self, row: Option<Row<'_>>) -> Option<i64> {
        let major = row?.number(self.slot)?;
        Some((major * self.currency.minor_per_major() as f64).round() as i64)
    }
}

impl Reviews<'_> {
    /// How many customers are in each group, and what they are worth: by `tier`, best first, or by the words of a column such as
    /// `stage` or `segment`; `of` is a column of money, and who has no known value there adds nothing.
    ///
    /// # Errors
    /// `by` is not a column of words, or `of` is not a column of money (`is_misuse`).
    ///
    /// ```
    /// use customer_value::*;
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "two tiers", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
    /// "#, &Catalog::standard())?;
    /// let sale = |customer: u64, on: &str, amount: &str| Transaction::purchase(customer, on.parse()?, amount.parse()?);
    /// let sales = [sale(7, "2024-03-01", "60.00 EUR")?, sale(7, "2024-05-01", "60.00 EUR")?, sale(8, "2024-05-02", "40.00 EUR")?];
    /// let (spring, summer) = ("2024-03-31".parse()?, "2024-06-30".parse()?);
    /// let ledger = Ledger::from_transactions(&sales, engine.cleaning(summer));
    /// let (earlier, later) = (engine.population(&ledger.until(spring))?, engine.population(&ledger)?);
    /// let before = engine.review_all(&earlier, None, spring)?;
    /// let after = engine.review_all(&later, None, summer)?;
    ///
    /// assert_eq!(after.distribution("tier", "spend")?.to_string(), "\
    /// tier    customers    share   spend    share
    /// gold            1   50.0 %  120.00   75.0 %
    /// member          1   50.0 %   40.00   25.0 %
    /// total           2  100.0 %  160.00  100.0 %
    /// ");
    /// let migration = after.migration(&before, "spend")?;
    /// assert!(migration.to_string().ends_with("\
    /// from    to      customers    share  value before  value after  change
    /// member  gold            1  100.0 %         60.00       120.00   60.00
    /// new     member          1        -          0.00        40.00   40.00
    /// total                   2        -         60.00       160.00  100.00
    /// "));
    /// assert_eq!(after.pareto("spend")?.part(50).and_then(|half| half.share), Some(0.75));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn distribution(&self, by: &str, of: &str) -> Result<Breakdown, Error> {
        let engine = self.engine();
        let worth = Worth::of(self, of)?;
        if by == "tier" {
            let mut groups = Breakdown::new(by, names(engine), of, worth.currency);
            for (position, tier) in self.tiers().enumerate() {
                let value = worth.minor(self.row(position)).unwrap_or(0);
                groups.add(Some(place(engine, tier)), value);
            }
            return Ok(groups);
        }
        let slot = engine.slot(by);
        let field = slot.and_then(|slot| engine.schema().field(slot));
        let (Some(slot), Some(field)) = (slot, field.filter(|field| field.unit().is_none())) else {
            return Err(Error::misuse(format!("`{by}` is not a column of words")));
        };
        let mut groups = Breakdown::new(by, field.words().iter().cloned(), of, worth.currency);
        for position in 0..self.len() {
            let row = self.row(position);
            let code = row.and_then(|row| row.cell(slot).code());
            let code = code.and_then(|code| usize::try_from(code).ok());
            groups.add(code, worth.minor(row).unwrap_or(0));
        }
        Ok(groups)
    }

    /// Who came from which tier to which since an earlier review, of the same policy or of another in the same currency, and what
    /// they are worth before and after: `of` is a column of money in both, and who has no known value there adds nothing. Who is
    /// in one of the reviews only is new, or gone. [`distribution`](Self::distribution) has an example.
    ///
    /// # Errors
    /// `of` is not a column of money in both, or they are in two currencies (`is_misuse`).
    pub fn migration(&self, before: &Reviews<'_>, of: &str) -> Result<Migration, Error> {
        let worth = [Worth::of(before, of)?, Worth::of(self, of)?];
        let [old, new] = worth.each_ref().map(|worth| worth.currency);
        if old != new {
            return Err(Error::misuse(format!(
                "the review before is in {old}, not in {new}"
            )));
        }
        let engines = [before.engine(), self.engine()];
        let [from, to] = engines.map(names);
        let mut migration = Migration::new("tier", from, to, of, new);
        let mut tiers = [before.tiers(), self.tiers()];
        walk(before, self, |_, [a, b]| {
            let [old, new] = &mut tiers;
            // Both reviews give the tiers in the order in which the walk comes by.
            let tiers = [a.and_then(|_| old.next()), b.and_then(|_| new.next())];
            let [from, to] = [(engines[0], tiers[0]), (engines[1], tiers[1])]
                .map(|(engine, tier)| tier.map(|tier| place(engine, tier)));
            let old = worth[0].minor(a.and_then(|at| before.row(at)));
            let new = worth[1].minor(b.and_then(|at| self.row(at)));
            migration.add(from, to, old.unwrap_or(0), new.unwrap_or(0));
        });
        Ok(migration)
    }

    /// Which part of the sum of a column of money its best customers hold; who has no known value there adds nothing.
    /// [`distribution`](Self::distribution) has an example.
    ///
    /// # Errors
    /// `of` is not a column of money (`is_misuse`).
    pub fn pareto(&self, of: &str) -> Result<Pareto, Error> {
        let worth = Worth::of(self, of)?;
        let values = (0..self.len()).map(|position| {
            let row = self.row(position);
            let value = worth.minor(row);
            (
                row.and_then(|row| row.number(worth.slot)),
                value.unwrap_or(0),
            )
        });
        Ok(Pareto::new(of, &Ranking::new(values)))
    }

    /// Who is where on the exit ladder after this review, what holds them, and what each step saves; `None` if the policy has no
    /// exit ladder.
    #[must_use]
    pub fn exit_report(&self) -> Option<ExitReport> {
        let ladder = self.engine().exit()?;
        let currency = self.engine().policy().head.currency;
        let mut report = ExitReport::new(ladder, currency);
        for position in 0..self.len() {
            let Some(assessment) = self.at(position) else {
                continue;
            };
            if let Some(outcome) = assessment.found().exit {
                let step = outcome.position.and_then(|at| at.step);
                let saving = step.and_then(|step| ladder.saving(assessment.row(), step, currency));
                report.add(&outcome, saving);
            }
        }
        Some(report)
    }
}

impl Population {
    /// Retention by cohort: of those who bought for the first time in one period, how many bought in each period since, up to a
    /// day. Who comes back after at least `away` whole periods without a purchase is reactivated.
    #[must_use]
    pub fn cohorts(&self, period: Period, as_of: Day, away: u32) -> Cohorts {
        let currency = self.histories().layout().currency();
        let spend = Fact::new(Measure::Spend);
        let mut cohorts = Cohorts::new(period, as_of, away, currency);
        for (_, history) in self.histories().iter() {
            let lifetime = Summary::new(history, Window::Lifetime, as_of);
            let mut spent = lifetime.daily(&spend);
            // Each day with a purchase is one with a record, and both ascend.
            cohorts.add(lifetime.purchase_days().map(|(day, _)| {
                let own = spent.find(|(other, _)| *other == day);
                (day, own.map_or(0, |(_, minor)| minor))
            }));
        }
        cohorts
    }
}

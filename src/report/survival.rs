//! How long something lasts when not all of it has ended yet.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::model::Days;
use crate::rules::language::ReportWord as Word;

/// The 97.5 % quantile of the normal distribution: 95 % lie within as many standard errors.
pub(super) const NORMAL_95: f64 = 1.959_963_984_540_054;

/// How many spells of one length there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpellCount {
    /// How long they lasted, or have lasted up to now.
    pub lasted: Days,
    /// How many ended then.
    pub ended: u64,
    /// How many had not ended when they were last looked at.
    pub censored: u64,
}

/// One step of a survival curve: a length at which spells ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurvivalStep {
    /// The length.
    pub lasted: Days,
    /// How many spells are known to have lasted as long as this or longer.
    pub at_risk: u64,
    /// How many of them ended then.
    pub ended: u64,
    /// How many were lost from sight from then on, before the next step.
    pub censored: u64,
    /// The share that lasts longer, 0 to 1.
    pub survival: f64,
    /// Its standard error (Greenwood); `None` where nothing is left.
    pub standard_error: Option<f64>,
    /// Its 95 % interval, on the scale log(−log S), as R's `conf.type = "log-log"` has it; `None` where nothing is left.
    pub interval: Option<(f64, f64)>,
    /// Its 95 % interval on the scale log S, as R has it if nothing is said, cut off at 1. `None`
    /// where nothing is left.
    pub log_interval: Option<(f64, f64)>,
}

/// The length that half of the spells exceed, with a 95 % interval; what the curve does not reach is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MedianTime {
    /// The first length at which no more than half are left.
    pub median: Option<Days>,
    /// The same of the lower limits of the curve.
    pub low: Option<Days>,
    /// The same of the upper limits.
    pub high: Option<Days>,
}

/// A mean number of days within a horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeanTime {
    /// The mean, in days: from 0 to the horizon.
    pub days: f64,
    /// Its standard error, in days; `None` where the spells say nothing about it: within the horizon none ended, or all did on
    /// one day.
    pub standard_error: Option<f64>,
    /// Its 95 % interval in days, `days` ± 1.96 standard errors, cut off at 0 and at the horizon.
    pub interval: Option<(f64, f64)>,
}

/// How long spells last, from those that have ended and those that go on: the product-limit estimate of Kaplan & Meier (1958).
///
/// A spell is a time in a stage, a subscription, the life of a customer. One that goes on is **censored**: it is known to last
/// longer than up to now, and not how long. Leaving it out would make everything look shorter than it is. Of spells of one
/// length, those that ended count as ended first.
///
/// The share that lasts longer than *t* days is S(t) = Π (1 − dᵢ ÷ nᵢ) over the lengths tᵢ ≤ *t*, of the nᵢ spells that lasted
/// tᵢ or longer and the dᵢ that ended then. Its standard error is S(t) · √Σ dᵢ ÷ (nᵢ (nᵢ − dᵢ)) (Greenwood 1926). Without
/// censored spells S(t) is the share of the spells longer than *t*.
///
/// Counts are whole numbers: the order of adding and of merging does not matter. As text it is a table of the steps.
///
/// ```
/// use customer_value::model::Days;
/// use customer_value::report::Survival;
///
/// let mut survival = Survival::new();
/// for (days, ended) in [(10, true), (20, false), (30, true), (40, false)] {
///     survival.add(Days::new(days), ended);
/// }
/// assert_eq!(survival.at(Days::new(10)), Some(0.75));
/// assert_eq!(survival.at(Days::new(30)), Some(0.375));
/// assert_eq!(survival.at(Days::new(41)), None); // nobody was seen for so long
/// assert_eq!(survival.median().median, Some(Days::new(30)));
/// assert_eq!(survival.to_string(), "\
/// days  at risk  ended  censored  longer   error    from      to
/// 10          4      1         1  75.0 %  21.7 %  12.8 %  96.1 %
/// 30          2      1         1  37.5 %  28.6 %   1.1 %  80.8 %
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<SpellCount>", into = "Vec<SpellCount>")]
pub struct Survival {
    /// Ended and censored by length, in ascending order; none is below 0, and none is without a spell.
    counts: BTreeMap<Days, (u64, u64)>,
}

impl Survival {
    /// No spell yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a spell: how long it lasted, or has lasted up to now, and whether it has ended. A length below 0 counts as 0.
    pub fn add(&mut self, lasted: Days, ended: bool) {
        let (ended, censored) = if ended { (1, 0) } else { (0, 1) };
        self.add_many(SpellCount {
            lasted,
            ended,
            censored,
        });
    }

    /// Adds several spells of one length. A length below 0 counts as 0.
    pub fn add_many(&mut self, spells: SpellCount) {
        if spells.ended == 0 && spells.censored == 0 {
            return;
        }
        let (ended, censored) = self
            .counts
            .entry(spells.lasted.max(Days::new(0)))
            .or_default();
        *ended = ended.saturating_add(spells.ended);
        *censored = censored.saturating_add(spells.censored);
    }

    /// Adds the spells of another one.
    pub fn merge(&mut self, other: &Self) {
        other.counts().for_each(|spells| self.add_many(spells));
    }

    /// How many spells of each length there are, the shortest first.
    pub fn counts(&self) -> impl Iterator<Item = SpellCount> + '_ {
        self.counts
            .iter()
            .map(|(lasted, (ended, censored))| SpellCount {
                lasted: *lasted,
                ended: *ended,
                censored: *censored,
            })
    }

    /// How many spells have ended.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.counts().fold(0, |sum, n| sum.saturating_add(n.ended))
    }

    /// How many spells go on, as far as is known.
    #[must_use]
    pub fn censored(&self) -> u64 {
        self.counts()
            .fold(0, |sum, n| sum.saturating_add(n.censored))
    }

    /// The days of all spells together, those that go on included.
    #[must_use]
    pub fn total_days(&self) -> u128 {
        let days = |n: SpellCount| whole(n.lasted) * (u128::from(n.ended) + u128::from(n.censored));
        self.counts().map(days).fold(0, u128::saturating_add)
    }

    /// The curve: a step for each length at which spells ended, the shortest first.
    #[must_use]
    pub fn steps(&self) -> Vec<SurvivalStep> {
        let mut steps: Vec<SurvivalStep> = Vec::new();
        let mut curve = Curve::new(self.spells());
        for spells in self.counts() {
            if let Some(event) = curve.take(spells) {
                let survival = curve.survival;
                let left = survival > 0.0;
                let error = curve.greenwood.sqrt();
                steps.push(SurvivalStep {
                    lasted: spells.lasted,
                    at_risk: u64::try_from(event.at_risk).unwrap_or(u64::MAX),
                    ended: spells.ended,
                    censored: 0,
                    survival,
                    standard_error: left.then_some(survival * error),
                    interval: left.then(|| log_log(survival, error)),
                    log_interval: left.then(|| log(survival, error)),
                });
            }
            if let Some(step) = steps.last_mut() {
                step.censored = step.censored.saturating_add(spells.censored);
            }
        }
        steps
    }

    /// The share of spells that last longer than so many days, 0 to 1. `None` where that is not known: there is no spell, or the
    /// longest goes on and is shorter.
    #[must_use]
    pub fn at(&self, days: Days) -> Option<f64> {
        let mut curve = Curve::new(self.spells());
        for spells in self.counts().take_while(|spells| spells.lasted <= days) {
            curve.take(spells);
        }
        self.is_known(days, curve.survival)
            .then_some(curve.survival)
    }

    /// The length that half of the spells exceed.
    ///
    /// Where exactly half are left for a while it is the beginning of that while (R takes its middle).
    #[must_use]
    pub fn median(&self) -> MedianTime {
        let mut median = MedianTime {
            median: None,
            low: None,
            high: None,
        };
        for step in self.steps() {
            let half = |slot: &mut Option<Days>, share: f64| {
                // A product of fractions may miss one half by the last bits.
                if slot.is_none() && share <= 0.5 + 1e-12 {
                    *slot = Some(step.lasted);
                }
            };
            half(&mut median.median, step.survival);
            if let Some((low, high)) = step.interval {
                half(&mut median.low, low);
                half(&mut median.high, high);
            }
        }
        median
    }

    /// The mean length, where what is longer than a horizon counts as that: the restricted mean, the area below the curve up to
    /// the horizon.
    ///
    /// `None` where that is not known: there is no spell, the longest goes on and is shorter than the horizon, or the horizon
    /// is not above 0.
    ///
    /// ```
    /// use customer_value::model::Days;
    /// use customer_value::report::Survival;
    ///
    /// let mut survival = Survival::new();
    /// for days in [10, 20, 60] {
    ///     survival.add(Days::new(days), true);
    /// }
    /// let mean = survival.mean_within(Days::new(30)).unwrap();
    /// assert!((mean.days - 20.0).abs() < 1e-12); // of 10, 20 and 30
    /// ```
    #[must_use]
    pub fn mean_within(&self, horizon: Days) -> Option<MeanTime> {
        self.area(None, horizon)
    }

    /// How much longer a spell is expected to last that has lasted so many days and goes on, where what is longer than a further
    /// `horizon` counts as that.
    ///
    /// `None` where that is not known: no spell is known to have lasted longer than `already`, the longest goes on and is
    /// shorter than `already` and the horizon together, or the horizon is not above 0. Where `already` is below 0 it counts
    /// as 0.
    ///
    /// ```
    /// use customer_value::model::Days;
    /// use customer_value::report::Survival;
    ///
    /// let mut survival = Survival::new();
    /// for days in [10, 20, 60] {
    ///     survival.add(Days::new(days), true);
    /// }
    /// // Of those that last longer than 10 days, one has 10 more, and one 50.
    /// let more = survival.remaining(Days::new(10), Days::new(365)).unwrap();
    /// assert!((more.days - 30.0).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn remaining(&self, already: Days, horizon: Days) -> Option<MeanTime> {
        self.area(Some(already.max(Days::new(0))), horizon)
    }

    /// The area below the curve within a horizon, of all spells or of those longer than `after`.
    ///
    /// Its variance is Σ Aᵢ² dᵢ ÷ (nᵢ (nᵢ − dᵢ)), of the area Aᵢ from the step i to the horizon; a step that leaves nothing has
    /// none.
    fn area(&self, after: Option<Days>, horizon: Days) -> Option<MeanTime> {
        let start = after.map_or(0, |days| i64::from(days.get()));
        let end = start + i64::from(horizon.get());
        let before = |spells: &SpellCount| after.is_some_and(|after| spells.lasted <= after);
        let passed = self.counts().take_while(before).map(count_of).sum::<u128>();
        let at_risk = self.spells().saturating_sub(passed);
        if at_risk == 0 || end <= start {
            return None;
        }
        let mut curve = Curve::new(at_risk);
        // From each step on: the length of it, the share left, and the step's part of the variance.
        let mut pieces = vec![(start, 1.0, 0.0)];
        for spells in self.counts().skip_while(before) {
            let at = i64::from(spells.lasted.get());
            if at > end {
                break;
            }
            if let Some(event) = curve.take(spells) {
                pieces.push((at, curve.survival, event.greenwood));
            }
        }
        let last = self
            .counts
            .last_key_value()
            .map_or(0, |(days, _)| i64::from(days.get()));
        if end > last && curve.survival > 0.0 {
            return None;
        }
        let (mut area, mut variance, mut to) = (0.0, 0.0, end);
        for (from, survival, greenwood) in pieces.into_iter().rev() {
            area += survival * as_f64(to - from);
            variance += area * area * greenwood;
            to = from;
        }
        let most = as_f64(end - start);
        let days = area.min(most);
        let standard_error = (variance > 0.0).then(|| variance.sqrt());
        Some(MeanTime {
            days,
            standard_error,
            interval: standard_error.map(|error| {
                let half = NORMAL_95 * error;
                ((days - half).max(0.0), (days + half).min(most))
            }),
        })
    }

    fn spells(&self) -> u128 {
        self.counts().map(count_of).sum()
    }

    /// Whether the curve is known at a length, where it has come down to `survival`.
    fn is_known(&self, days: Days, survival: f64) -> bool {
        let last = self.counts.last_key_value();
        last.is_some_and(|(last, _)| days <= *last || survival <= 0.0)
    }
}

/// The curve on its way down.
struct Curve {
    /// The spells that are not yet taken.
    at_risk: u128,
    survival: f64,
    /// Σ dᵢ ÷ (nᵢ (nᵢ − dᵢ)).
    greenwood: f64,
    /// The survival and the spells when one was last lost from sight: between two of those the products of fractions are one
    /// fraction, and with none at all the curve is exactly a share.
    block: (f64, u128),
    lost: bool,
}

/// What the curve came by.
struct Event {
    at_risk: u128,
    /// d ÷ (n (n − d)); 0 where nothing is left.
    greenwood: f64,
}

impl Curve {
    fn new(at_risk: u128) -> Self {
        Self {
            at_risk,
            survival: 1.0,
            greenwood: 0.0,
            block: (1.0, at_risk),
            lost: false,
        }
    }

    /// Takes the spells of the next length; what happened if one ended.
    fn take(&mut self, spells: SpellCount) -> Option<Event> {
        let at_risk = self.at_risk;
        let left = at_risk.saturating_sub(u128::from(spells.ended));
        self.at_risk = left.saturating_sub(u128::from(spells.censored));
        let event = (spells.ended > 0).then(|| {
            if self.lost {
                self.block = (self.survival, at_risk);
                self.lost = false;
            }
            self.survival = self.block.0 * (ratio(left) / ratio(self.block.1));
            let greenwood = if left > 0 {
                whole_f64(spells.ended) / (ratio(at_risk) * ratio(left))
            } else {
                0.0
            };
            self.greenwood += greenwood;
            Event { at_risk, greenwood }
        });
        self.lost |= spells.censored > 0;
        event
    }
}

/// 95 % around S on the scale log(−log S), from the standard error of log S.
fn log_log(survival: f64, error: f64) -> (f64, f64) {
    let log = survival.ln();
    if log >= 0.0 {
        return (survival, survival);
    }
    let width = NORMAL_95 * error / -log;
    // S to the power of e^±width, which stays within 0 and 1.
    let limit = |width: f64| (log * width.exp()).exp();
    (limit(width), limit(-width))
}

/// 95 % around S on the scale log S, from the standard error of log S.
fn log(survival: f64, error: f64) -> (f64, f64) {
    let limit = |width: f64| (survival * width.exp()).min(1.0);
    (limit(-NORMAL_95 * error), limit(NORMAL_95 * error))
}

fn count_of(spells: SpellCount) -> u128 {
    u128::from(spells.ended) + u128::from(spells.censored)
}

fn whole(days: Days) -> u128 {
    u128::try_from(days.get()).unwrap_or(0)
}

#[allow(clippy::cast_precision_loss)] // for a share
fn ratio(count: u128) -> f64 {
    count as f64
}

#[allow(clippy::cast_precision_loss)] // for a share
fn whole_f64(count: u64) -> f64 {
    count as f64
}

#[allow(clippy::cast_precision_loss)] // days of the calendar
fn as_f64(days: i64) -> f64 {
    days as f64
}

impl From<Vec<SpellCount>> for Survival {
    fn from(counts: Vec<SpellCount>) -> Self {
        let mut survival = Self::new();
        counts
            .into_iter()
            .for_each(|spells| survival.add_many(spells));
        survival
    }
}

impl From<Survival> for Vec<SpellCount> {
    fn from(survival: Survival) -> Self {
        survival.counts().collect()
    }
}

impl Survival {
    /// The report as a [sheet](Sheet): the curve.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Word::Days,
            Word::AtRisk,
            Word::Ended,
            Word::Censored,
            Word::Longer,
            Word::StandardError,
            Word::LowerEnd,
            Word::UpperEnd,
        ]);
        for step in self.steps() {
            table.row(cells![
                Cell::number(f64::from(step.lasted.get()), 0),
                step.at_risk,
                step.ended,
                step.censored,
                Cell::share(step.survival),
                Cell::share(step.standard_error),
                Cell::share(step.interval.map(|(low, _)| low)),
                Cell::share(step.interval.map(|(_, high)| high)),
            ]);
        }
        Sheet::new(Word::TitleSurvival).table(table)
    }
}

impl fmt::Display for Survival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

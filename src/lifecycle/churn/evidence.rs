//! What dropped: from what to what, and since when.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::method::Churn;
use crate::history::HistoryView;
use crate::metrics::exact::quotient;
use crate::model::{Currency, Day, SurveyAnswer, SurveyInstrument, Unit};
use crate::rules::language::{Amount, ChurnPhrase, English, Language, Words};
use crate::summary::{Bounds, Summary, Window};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Signal {
    /// How many different days have a purchase.
    Activity,
    /// How many purchases.
    Frequency,
    /// Spend, net of refunds, in major units.
    Spend,
    /// The mean of the answers to one survey question on the scale 0 to 1, 1 the best.
    Satisfaction,
}

impl Signal {
    /// The word in serde.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Frequency => "frequency",
            Self::Spend => "spend",
            Self::Satisfaction => "satisfaction",
        }
    }

    /// What its numbers count.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Activity => Unit::Days,
            Self::Frequency => Unit::Count,
            Self::Spend => Unit::Money,
            Self::Satisfaction => Unit::Share,
        }
    }

    /// What people call it, where it is a measure of the catalog.
    fn measure(self) -> &'static str {
        match self {
            Self::Activity => "active_days",
            Self::Frequency => "purchases",
            Self::Spend => "spend",
            Self::Satisfaction => "satisfaction",
        }
    }
}

/// Something about a customer that dropped.
///
/// [`Display`](fmt::Display) is English, in one line: `spend 90.00 EUR → 22.50 EUR since 2024-10-03 (-75 %)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What.
    pub signal: Signal,
    /// The question whose answers they are; of satisfaction only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<SurveyInstrument>,
    /// The currency of the amounts; of spend only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// What it was in the baseline; a sum is scaled to the length of the recent window.
    pub before: f64,
    /// What it is in the recent window.
    pub after: f64,
    /// `after` ÷ `before` − 1, so that −0.75 is three quarters less; `None` if `before` is not above 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<f64>,
    /// Of satisfaction, the day of the first answer of the recent window; of the others, the day after the last purchase if that
    /// was before the recent window, else the first day of that.
    pub since: Day,
}

impl Evidence {
    /// It as a line of text in a language.
    #[must_use]
    pub fn text(&self, language: &dyn Language) -> String {
        self.say(&Words::new(language))
    }

    pub(crate) fn say(&self, words: &Words<'_>) -> String {
        let signal = self.signal;
        let amount = |number| {
            Amount::new(number, signal.unit())
                .currency(self.currency)
                .of(signal.measure())
        };
        let name = words.name(signal.name(), Some(signal.name()));
        let name = match self.instrument {
            Some(instrument) => words.with(&name, instrument.as_str()),
            None => name,
        };
        let said = words.say(ChurnPhrase::Dropped {
            name: &name,
            before: amount(self.before),
            after: amount(self.after),
            since: self.since,
        });
        match self.change {
            None => said,
            Some(change) => {
                let tenths = (change * 1000.0).round() / 1000.0;
                let change = words.language.amount(&Amount::new(tenths, Unit::Share));
                words.with(&said, &change)
            }
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(&English))
    }
}

impl Churn {
    /// What dropped of one customer at a day, the largest drop first; what has no `change` comes last. Empty if nothing did,
    /// if the customer is too new, or has no purchase.
    ///
    /// `answers` are the customer's own, of any day and question, as far as the host has them. Those to [`SurveyInstrument::Ces`]
    /// are no evidence, since which end of its scale is good is up to the question. `currency` is that of the policy: spend in
    /// another one is left out.
    ///
    /// ```
    /// # use customer_value::diagnostic::Diagnostics;
    /// # use customer_value::history::{History, Layout};
    /// # use customer_value::ledger::{Effect, Options};
    /// # use customer_value::lifecycle::churn::{ChurnMeasure, ChurnMethodSpec, ChurnSpec};
    /// # use customer_value::model::{Currency, Transaction, Unit};
    /// # use customer_value::table::{Field, Schema};
    /// # let mut schema = Schema::new();
    /// # schema.add(Field::number("active_days", Unit::Count))?;
    /// # schema.add(Field::number("days_since_last", Unit::Days))?;
    /// # let spec = ChurnSpec::new([ChurnMethodSpec::new(ChurnMeasure::DaysSinceLast).lost(240.0)]);
    /// # let churn = spec.bind(&schema, &mut Diagnostics::new()).unwrap();
    /// # let today = "2024-12-31".parse()?;
    /// let mut history = History::new(Layout::new(Currency::EUR, []));
    /// let purchases = [("2023-10-03", "80.00 EUR"), ("2023-10-04", "365.00 EUR"), ("2024-12-01", "22.50 EUR")];
    /// for (day, amount) in purchases {
    ///     let purchase = Transaction::purchase(7, day.parse()?, amount.parse()?)?;
    ///     history.add(&Effect::of(&purchase, &Options::new(today, Currency::EUR)).unwrap())?;
    /// }
    /// let found = churn.evidence(history.view(), &[], Currency::EUR, today);
    /// assert_eq!(found.len(), 1); // a purchase in the 365 days after the first one, and one in 90
    /// assert_eq!(found[0].to_string(), "spend 90.00 EUR → 22.50 EUR since 2024-10-03 (-75 %)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn evidence(
        &self,
        history: HistoryView<'_>,
        answers: &[SurveyAnswer],
        currency: Currency,
        as_of: Day,
    ) -> Vec<Evidence> {
        let lifetime = Summary::new(history, Window::Lifetime, as_of);
        let first_and_last = lifetime.first_purchase().zip(lifetime.last_purchase());
        let Some((windows, last)) =
            first_and_last.and_then(|(first, last)| Some((self.windows_of(first, as_of)?, last)))
        else {
            return Vec::new();
        };
        let since = match windows.recent.first() {
            begin if last < begin => last.next(),
            begin => begin,
        };
        let [before, after] =
            [windows.baseline, windows.recent].map(|bounds| Summary::within(None, history, bounds));
        // Sums of the baseline are scaled: × recent days ÷ baseline days.
        let [long, short] = [windows.baseline, windows.recent].map(|b| i128::from(b.len()));
        let sums = |before: i128, after: i128| Pair {
            before: (before.saturating_mul(short), long),
            after: (after, 1),
            per: 1,
        };
        let counts = [
            (
                Signal::Activity,
                before.active_days().into(),
                after.active_days().into(),
            ),
            (
                Signal::Frequency,
                before.purchases().into(),
                after.purchases().into(),
            ),
        ];
        let mut found = Vec::new();
        for (signal, before, after) in counts {
            found.extend(sums(before, after).dropped(signal, since));
        }
        if lifetime.currency() == currency {
            let spend = Pair {
                per: currency.minor_per_major().into(),
                ..sums(before.spend_minor(), after.spend_minor())
            };
            found.extend(
                spend
                    .dropped(Signal::Spend, since)
                    .map(|evidence| Evidence {
                        currency: Some(currency),
                        ..evidence
                    }),
            );
        }
        for instrument in [SurveyInstrument::Nps, SurveyInstrument::Csat] {
            let (low, high) = (*instrument.range().start(), *instrument.range().end());
            let mean = |bounds: Bounds| {
                let asked =
                    |a: &&SurveyAnswer| a.instrument() == instrument && bounds.contains(a.day());
                answers
                    .iter()
                    .filter(asked)
                    .fold((0, 0), |(sum, count), answer| {
                        (sum + i128::from(answer.answer() - low), count + 1)
                    })
            };
            let first_answer = |instrument| {
                let asked = |a: &&SurveyAnswer| {
                    a.instrument() == instrument && windows.recent.contains(a.day())
                };
                answers.iter().filter(asked).map(SurveyAnswer::day).min()
            };
            let pair = Pair {
                before: mean(windows.baseline),
                after: mean(windows.recent),
                per: i128::from(high - low),
            };
            found.extend(
                pair.dropped(
                    Signal::Satisfaction,
                    first_answer(instrument).unwrap_or(since),
                )
                .map(|evidence| Evidence {
                    instrument: Some(instrument),
                    ..evidence
                }),
            );
        }
        // Of equal drops the order of the signals stays.
        found.sort_by(|a, b| {
            let drop = |evidence: &Evidence| evidence.change.unwrap_or(f64::INFINITY);
            drop(a).total_cmp(&drop(b))
        });
        found
    }

    /// The windows of a customer at a day; `None` of one who is too new.
    fn windows_of(&self, first_purchase: Day, as_of: Day) -> Option<Windows> {
        let recent = Window::Trailing(self.recent()).at(as_of);
        let begin = recent.first();
        // The first purchase starts the clock: it is not counted, or whoever bought once would have dropped.
        let from = begin.minus(self.baseline()).max(first_purchase.next());
        let baseline = Window::Between(from, begin).at(as_of);
        // No longer than it can be where the calendar begins.
        (baseline.len() >= recent.len() && !recent.is_empty())
            .then_some(Windows { baseline, recent })
    }
}

struct Windows {
    baseline: Bounds,
    recent: Bounds,
}

/// Two numbers to compare, as fractions with divisors of 0 or more, and what both are divided by in the end.
struct Pair {
    before: (i128, i128),
    after: (i128, i128),
    per: i128,
}

impl Pair {
    /// What there is to say if it dropped; nothing if one of them is not known.
    fn dropped(&self, signal: Signal, since: Day) -> Option<Evidence> {
        let value =
            |(number, divisor): (i128, i128)| quotient(number, divisor.saturating_mul(self.per));
        let (before, after) = (value(self.before)?, value(self.after)?);
        // Whole numbers decide: the two fractions under their common divisor.
        let was = self.before.0.saturating_mul(self.after.1);
        let is = self.after.0.saturating_mul(self.before.1);
        let change = (was > 0).then(|| quotient(is.saturating_sub(was), was));
        (is < was).then(|| Evidence {
            signal,
            instrument: None,
            currency: None,
            before,
            after,
            change: change.flatten(),
            since,
        })
    }
}

//! One profile against another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::figure::Figure;
use super::options::BehaviourOptions;
use super::profile::Profile;
use super::times::Usual;
use crate::Error;
use crate::model::Weekday;

/// A number of a profile, and the same number of the one it is set against.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compared {
    /// The number; `None` where it is not known.
    pub value: Option<f64>,
    /// The average; `None` where it is not known.
    pub average: Option<f64>,
}

impl Compared {
    /// 100 × value ÷ average: 100 is average, 200 twice as much. `None` where either is not known, or the average is 0.
    #[must_use]
    pub fn index(&self) -> Option<f64> {
        let average = self.average.filter(|average| *average > 0.0)?;
        Some(100.0 * self.value? / average).filter(|index| index.is_finite())
    }
}

/// One channel of a profile against the average.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelRow {
    /// The channel's name.
    pub name: String,
    /// Its share of purchases and inbound contacts.
    pub share: Compared,
    /// Answered ÷ judged outbound contacts.
    pub response_rate: Compared,
}

/// When something is usually done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsualTimes {
    /// The usual hour; `None` where there is none.
    pub hour: Option<Usual<u8>>,
    /// The usual weekday; `None` where there is none.
    pub weekday: Option<Usual<Weekday>>,
    /// The share of each of the 24 hours.
    pub hours: Vec<Compared>,
    /// The share of each of the 7 weekdays, from Monday.
    pub weekdays: Vec<Compared>,
}

impl UsualTimes {
    fn new(of: &super::Times, all: &super::Times) -> Self {
        Self {
            hour: of.usual_hour(),
            weekday: of.usual_weekday(),
            hours: compared(of.hour_shares(), all.hour_shares()),
            weekdays: compared(of.weekday_shares(), all.weekday_shares()),
        }
    }
}

fn compared<const N: usize>(of: Option<[f64; N]>, all: Option<[f64; N]>) -> Vec<Compared> {
    let at = |shares: &Option<[f64; N]>, i: usize| shares.as_ref()?.get(i).copied();
    (0..N)
        .map(|i| Compared {
            value: at(&of, i),
            average: at(&all, i),
        })
        .collect()
}

/// How a customer or a segment behaves, against the average of a population.
///
/// The index of each number is 100 where it is average. As text it is tables of the figures, the usual categories, the channels,
/// the usual times and the hours and weekdays on which there was something. See the [module](super) for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BehaviourReport {
    name: String,
    options: BehaviourOptions,
    customers: u64,
    population: u64,
    figures: BTreeMap<Figure, Compared>,
    categories: Vec<(String, Compared)>,
    channels: Vec<ChannelRow>,
    purchases: UsualTimes,
    contacts: UsualTimes,
}

impl BehaviourReport {
    /// The report on `profile`, whose name is that of a customer or a segment, against `population`, which as a rule
    /// includes it, with the `top` categories.
    ///
    /// # Errors
    /// The two have different options, so that they do not compare (`is_misuse`).
    pub fn new(
        name: impl Into<String>,
        profile: &Profile,
        population: &Profile,
        top: usize,
    ) -> Result<Self, Error> {
        if profile.options() != population.options() {
            return Err(Error::misuse(
                "profiles of other days, currencies or rules do not compare",
            ));
        }
        let figures = Figure::ALL.map(|figure| {
            let (value, average) = (figure.of(profile), figure.of(population));
            (figure, Compared { value, average })
        });
        // Of what the population has, but not of this name, the share is 0.
        let all = population.categories();
        let some = all.iter().any(|of| of.spend_share.is_some());
        let average: BTreeMap<&str, Option<f64>> =
            all.iter().map(|of| (&*of.name, of.spend_share)).collect();
        let categories = profile.usual_categories(top).into_iter().map(|of| {
            let average = average.get(&*of.name).copied();
            let row = Compared {
                value: of.spend_share,
                average: average.unwrap_or(some.then_some(0.0)),
            };
            (of.name, row)
        });
        let all = population.channels();
        let some = all.iter().any(|of| of.share.is_some());
        let average: BTreeMap<&str, _> = all.iter().map(|of| (&*of.name, of)).collect();
        let channels = profile.channels().into_iter().map(|of| {
            let average = average.get(&*of.name);
            ChannelRow {
                share: Compared {
                    value: of.share,
                    average: average.map_or(some.then_some(0.0), |all| all.share),
                },
                response_rate: Compared {
                    value: of.response_rate(),
                    average: average.and_then(|all| all.response_rate()),
                },
                name: of.name,
            }
        });
        Ok(Self {
            name: name.into(),
            options: *profile.options(),
            customers: profile.customers(),
            population: population.customers(),
            figures: figures.into_iter().collect(),
            categories: categories.collect(),
            channels: channels.collect(),
            purchases: UsualTimes::new(profile.purchase_times(), population.purchase_times()),
            contacts: UsualTimes::new(profile.contact_times(), population.contact_times()),
        })
    }

    /// Of whom.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which days it is about, and by which rules.
    #[must_use]
    pub const fn options(&self) -> &BehaviourOptions {
        &self.options
    }

    /// How many customers it is about.
    #[must_use]
    pub const fn customers(&self) -> u64 {
        self.customers
    }

    /// How many customers the average is of.
    #[must_use]
    pub const fn population(&self) -> u64 {
        self.population
    }

    /// A figure against the average.
    #[must_use]
    pub fn figure(&self, figure: Figure) -> Compared {
        self.figures.get(&figure).copied().unwrap_or_default()
    }

    /// The usual categories by spend, from the most, with their shares of it.
    #[must_use]
    pub fn categories(&self) -> &[(String, Compared)] {
        &self.categories
    }

    /// The channels, from the preferred one.
    #[must_use]
    pub fn channels(&self) -> &[ChannelRow] {
        &self.channels
    }

    /// When purchases are made.
    #[must_use]
    pub const fn purchases(&self) -> &UsualTimes {
        &self.purchases
    }

    /// When inbound contacts come.
    #[must_use]
    pub const fn contacts(&self) -> &UsualTimes {
        &self.contacts
    }
}

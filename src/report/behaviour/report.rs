//! One profile against another.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::options::BehaviourOptions;
use super::profile::Profile;
use super::times::Usual;
use crate::Error;
use crate::model::{Direction, Unit, Weekday};
use crate::report::text::{percent, write_table};

/// One number about behaviour; in text and in serde its name, such as `interaction_rate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Figure {
    /// Purchases per customer.
    Purchases,
    /// Days with a purchase per customer.
    ActiveDays,
    /// Contacts in both directions per customer.
    Contacts,
    /// [`Profile::interaction_rate`].
    InteractionRate,
    /// [`Profile::decayed_activity`].
    DecayedActivity,
    /// [`Profile::frequent_share`]; of one customer 1 or 0.
    FrequentShare,
    /// The median [`Profile::latency`] of outbound contacts: how long customers take to answer.
    CustomerLatency,
    /// The median [`Profile::latency`] of inbound contacts: how long the service takes to answer.
    ServiceLatency,
    /// [`Profile::response_rate`].
    ResponseRate,
    /// [`Profile::category_concentration`].
    CategoryConcentration,
    /// [`Profile::discount_share`].
    DiscountShare,
    /// [`Profile::discounted_purchases`].
    DiscountedPurchases,
    /// [`Profile::price_index`].
    PriceIndex,
    /// [`Profile::gap_variation`].
    GapVariation,
    /// [`Profile::regularity`].
    Regularity,
    /// [`Profile::browse_to_buy`].
    BrowseToBuy,
}

impl Figure {
    /// All, in the order of a report.
    pub const ALL: [Self; 16] = [
        Self::Purchases,
        Self::ActiveDays,
        Self::Contacts,
        Self::InteractionRate,
        Self::DecayedActivity,
        Self::FrequentShare,
        Self::CustomerLatency,
        Self::ServiceLatency,
        Self::ResponseRate,
        Self::CategoryConcentration,
        Self::DiscountShare,
        Self::DiscountedPurchases,
        Self::PriceIndex,
        Self::GapVariation,
        Self::Regularity,
        Self::BrowseToBuy,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Purchases => "purchases",
            Self::ActiveDays => "active_days",
            Self::Contacts => "contacts",
            Self::InteractionRate => "interaction_rate",
            Self::DecayedActivity => "decayed_activity",
            Self::FrequentShare => "frequent_share",
            Self::CustomerLatency => "customer_latency",
            Self::ServiceLatency => "service_latency",
            Self::ResponseRate => "response_rate",
            Self::CategoryConcentration => "category_concentration",
            Self::DiscountShare => "discount_share",
            Self::DiscountedPurchases => "discounted_purchases",
            Self::PriceIndex => "price_index",
            Self::GapVariation => "gap_variation",
            Self::Regularity => "regularity",
            Self::BrowseToBuy => "browse_to_buy",
        }
    }

    /// What it counts.
    #[must_use]
    pub const fn unit(self, options: &BehaviourOptions) -> Unit {
        match self {
            Self::Purchases | Self::ActiveDays | Self::Contacts => Unit::Count,
            Self::InteractionRate => Unit::CountPer(options.per()),
            Self::DecayedActivity => Unit::Points,
            Self::CustomerLatency | Self::ServiceLatency => Unit::Hours,
            Self::FrequentShare
            | Self::ResponseRate
            | Self::CategoryConcentration
            | Self::DiscountShare
            | Self::DiscountedPurchases
            | Self::PriceIndex => Unit::Share,
            Self::GapVariation | Self::Regularity | Self::BrowseToBuy => Unit::Ratio,
        }
    }

    /// What it is of a profile; `None` where it is not known.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // beyond 2^53 the rounding of a count is no matter
    pub fn of(self, profile: &Profile) -> Option<f64> {
        let median = |direction| profile.latency(direction).map(|latency| latency.median);
        let per_customer = |n: u64| {
            let customers = profile.customers();
            (customers > 0).then(|| n as f64 / customers as f64)
        };
        match self {
            Self::Purchases => per_customer(profile.purchases()),
            Self::ActiveDays => per_customer(profile.active_days()),
            Self::Contacts => per_customer(profile.contacts()),
            Self::InteractionRate => profile.interaction_rate(),
            Self::DecayedActivity => profile.decayed_activity(),
            Self::FrequentShare => profile.frequent_share(),
            Self::CustomerLatency => median(Direction::Outbound),
            Self::ServiceLatency => median(Direction::Inbound),
            Self::ResponseRate => profile.response_rate(),
            Self::CategoryConcentration => profile.category_concentration(),
            Self::DiscountShare => profile.discount_share(),
            Self::DiscountedPurchases => profile.discounted_purchases(),
            Self::PriceIndex => profile.price_index(),
            Self::GapVariation => profile.gap_variation(),
            Self::Regularity => profile.regularity(),
            Self::BrowseToBuy => profile.browse_to_buy(),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

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

    /// The tables of its text, those without a row left out.
    fn tables(&self) -> Vec<Vec<Vec<String>>> {
        let name = self.name.clone();
        let own = |what: &str| {
            vec![
                what.to_owned(),
                name.clone(),
                "average".into(),
                "index".into(),
            ]
        };

        let mut figures = vec![own("figure")];
        let counts = [self.customers.to_string(), self.population.to_string()];
        figures.push(row("customers", counts.into_iter().chain(["-".to_owned()])));
        figures.extend(Figure::ALL.map(|figure| {
            let is_share = matches!(figure.unit(&self.options), Unit::Share);
            row(figure.as_str(), cells(&self.figure(figure), is_share))
        }));

        let mut categories = vec![own("category")];
        let rows = self.categories.iter();
        categories.extend(rows.map(|(name, share)| row(name, cells(share, true))));

        let mut head = own("channel");
        head.extend(["answered", "average", "index"].map(str::to_owned));
        let mut channels = vec![head];
        channels.extend(self.channels.iter().map(|of| {
            let both = cells(&of.share, true).chain(cells(&of.response_rate, true));
            row(&of.name, both)
        }));

        let mut usual = vec![
            ["usual", "most", "mean", "concentration"]
                .map(str::to_owned)
                .to_vec(),
        ];
        for (what, times) in [("purchase", &self.purchases), ("contact", &self.contacts)] {
            usual.push(usual_row(what, "hour", times.hour));
            usual.push(usual_row(what, "weekday", times.weekday));
        }

        let names = (0..24).map(|hour: u8| hour.to_string());
        let hours = self.times("hour", names, |times| &times.hours);
        let names = Weekday::ALL.iter().map(Weekday::to_string);
        let weekdays = self.times("weekday", names, |times| &times.weekdays);
        let mut tables = vec![figures, categories, channels, usual, hours, weekdays];
        tables.retain(|table| table.len() > 1);
        tables
    }

    /// The hours or weekdays on which there was something, by their names.
    fn times(
        &self,
        what: &str,
        names: impl Iterator<Item = String>,
        of: impl Fn(&UsualTimes) -> &Vec<Compared>,
    ) -> Vec<Vec<String>> {
        let head = [
            what,
            "purchases",
            "average",
            "index",
            "contacts",
            "average",
            "index",
        ];
        let mut table = vec![head.map(str::to_owned).to_vec()];
        let both = of(&self.purchases).iter().zip(of(&self.contacts));
        for (name, (purchases, contacts)) in names.zip(both) {
            let shares = [purchases, contacts].map(|of| [of.value, of.average]);
            if shares.iter().flatten().flatten().any(|share| *share > 0.0) {
                let cells = cells(purchases, true).chain(cells(contacts, true));
                table.push(row(&name, cells));
            }
        }
        table
    }
}

fn row(name: &str, cells: impl IntoIterator<Item = String>) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(cells).collect()
}

/// The value, the average and the index.
fn cells(compared: &Compared, is_share: bool) -> impl Iterator<Item = String> + use<> {
    let number = |value: Option<f64>| {
        if is_share {
            percent(value)
        } else {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
        }
    };
    let index = compared.index();
    let index = index.map_or_else(|| "-".to_owned(), |index| format!("{index:.0}"));
    [number(compared.value), number(compared.average), index].into_iter()
}

fn usual_row<T: fmt::Display>(what: &str, of: &str, usual: Option<Usual<T>>) -> Vec<String> {
    let cells = usual.map_or_else(
        || ["-", "-", "-"].map(str::to_owned),
        |usual| {
            [
                usual.most.to_string(),
                format!("{:.1}", usual.mean),
                format!("{:.2}", usual.concentration),
            ]
        },
    );
    row(&format!("{what} {of}"), cells)
}

impl fmt::Display for BehaviourReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, table) in self.tables().iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write_table(f, table)?;
        }
        Ok(())
    }
}

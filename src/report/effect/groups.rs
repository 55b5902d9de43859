//! The sums of two groups, added up one customer at a time.

use serde::{Deserialize, Serialize};

use super::wide::Wide;
use crate::Error;
use crate::model::Currency;

/// Which group a customer is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The action was done to them.
    Treated,
    /// It was not, and they are compared with those to whom it was.
    Control,
}

/// What the values of groups are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Amounts in minor units.
    Money(Currency),
    /// Any other number, in millionths.
    Number,
    /// 1 or 0.
    YesNo,
}

impl Scale {
    /// How many whole units make one of the column: of money, how many minor units make a major one.
    #[must_use]
    pub const fn per_unit(self) -> i64 {
        match self {
            Self::Money(currency) => currency.minor_per_major(),
            Self::Number => 1_000_000,
            Self::YesNo => 1,
        }
    }

    /// The number of a column in whole units, to the nearest; `None` where it is none: not finite, too large, or neither
    /// yes nor no.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // checked
    pub fn units(self, number: f64) -> Option<i64> {
        /// 2^63, which the largest `i64` is below.
        const END: f64 = 9_223_372_036_854_775_808.0;
        if self == Self::YesNo && number.fract() != 0.0 {
            return None;
        }
        let units = (number * self.per_unit() as f64).round();
        let fits = units.abs() < END;
        self.valid(fits.then_some(units as i64)?)
    }

    fn valid(self, units: i64) -> Option<i64> {
        (self != Self::YesNo || units == 0 || units == 1).then_some(units)
    }
}

/// What the values of one group add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sums {
    pub(super) customers: u64,
    pub(super) values: i128,
    squares: Wide,
}

impl Sums {
    fn add(&mut self, value: i64) {
        let value = i128::from(value);
        self.merge(&Self {
            customers: 1,
            values: value,
            squares: Wide::product(value, value),
        });
    }

    fn merge(&mut self, other: &Self) {
        self.customers = self.customers.saturating_add(other.customers);
        self.values = self.values.saturating_add(other.values);
        self.squares = self.squares.plus(other.squares);
    }

    /// The sum of the squared deviations from the mean.
    pub(super) fn deviations(&self) -> f64 {
        deviations(self.customers, self.squares, self.values, self.values).max(0.0)
    }
}

/// What values and values before add up to, of those who have both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pairs {
    pub(super) value: Sums,
    pub(super) before: Sums,
    products: Wide,
}

impl Pairs {
    fn add(&mut self, value: i64, before: i64) {
        self.value.add(value);
        self.before.add(before);
        let product = Wide::product(value.into(), before.into());
        self.products = self.products.plus(product);
    }

    fn merge(&mut self, other: &Self) {
        self.value.merge(&other.value);
        self.before.merge(&other.before);
        self.products = self.products.plus(other.products);
    }

    /// The sum of the products of the deviations.
    pub(super) fn products(&self) -> f64 {
        let (value, before) = (&self.value, &self.before);
        deviations(value.customers, self.products, value.values, before.values)
    }

    /// The sums of the changes.
    pub(super) fn changes(&self) -> Sums {
        let (value, before) = (&self.value, &self.before);
        let twice = self.products.plus(self.products);
        Sums {
            customers: value.customers,
            values: value.values.saturating_sub(before.values),
            squares: value.squares.plus(before.squares).minus(twice),
        }
    }
}

/// Σ xy − Σ x · Σ y ÷ n, divided last.
fn deviations(n: u64, products: Wide, x: i128, y: i128) -> f64 {
    if n == 0 {
        return 0.0;
    }
    let exact = products.times(n).minus(Wide::product(x, y));
    exact.to_f64() / to_f64(n)
}

#[allow(clippy::cast_precision_loss)] // for a mean
pub(super) fn to_f64(count: u64) -> f64 {
    count as f64
}

/// The sums of one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) all: Sums,
    pub(super) pairs: Pairs,
    unknown: u64,
}

/// The values of the treated and of the control, as exact sums: added one customer at a time, merged in any order.
///
/// [The page on effects](crate::docs::effect) says what is computed from them, and where it is missing.
///
/// ```
/// use customer_value::model::Currency;
/// use customer_value::report::effect::{Arm, Confidence, EffectTerms, Groups};
///
/// // What customers spent after an offer, and before it, in cents.
/// let mut spend = Groups::money(Currency::EUR);
/// spend.extend([
///     (Arm::Treated, 25_00, Some(10_00)),
///     (Arm::Treated, 31_00, Some(20_00)),
///     (Arm::Treated, 13_00, Some(0)),
///     (Arm::Control, 12_00, Some(10_00)),
///     (Arm::Control, 20_00, Some(20_00)),
///     (Arm::Control, 9_00, Some(5_00)),
/// ]);
/// let terms = EffectTerms::new(Confidence::default(), 3);
///
/// let plain = spend.difference(terms).unwrap();
/// assert_eq!(format!("{:.2} {:.2}", plain.treated, plain.control), "23.00 13.67");
/// assert_eq!(plain.is_likely(), Some(false));
/// // What they spent before explains most of how they differ.
/// let changes = spend.difference_in_differences(terms).unwrap();
/// assert_eq!((changes.difference, changes.is_likely()), (11.0, Some(true)));
/// assert!(spend.cuped(terms).unwrap().variance_reduction > 0.8);
/// // Too little data is an answer.
/// assert_eq!(spend.difference(EffectTerms::default()), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Groups {
    scale: Scale,
    treated: Group,
    control: Group,
}

impl Groups {
    /// Nobody yet.
    #[must_use]
    pub fn new(scale: Scale) -> Self {
        Self {
            scale,
            treated: Group::default(),
            control: Group::default(),
        }
    }

    /// Nobody yet, of amounts in minor units.
    #[must_use]
    pub fn money(currency: Currency) -> Self {
        Self::new(Scale::Money(currency))
    }

    /// Nobody yet, of any other numbers, taken to a millionth.
    #[must_use]
    pub fn numbers() -> Self {
        Self::new(Scale::Number)
    }

    /// Nobody yet, of yes or no.
    #[must_use]
    pub fn yes_no() -> Self {
        Self::new(Scale::YesNo)
    }

    /// What the values are.
    #[must_use]
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Counts a customer by the value and the value before the action, in whole units of the [scale](Self::scale): minor
    /// units, millionths, 1 or 0. Without one before, the customer is left out where such values are needed.
    pub fn add(&mut self, arm: Arm, value: i64, before: Option<i64>) {
        let before = before.and_then(|before| self.scale.valid(before));
        self.count(arm, self.scale.valid(value), before);
    }

    /// Counts a customer by numbers as they are in a column: major units of money, 1.0 or 0.0 for yes or no. What is missing,
    /// not finite or too large is not known.
    ///
    /// ```
    /// use customer_value::report::effect::{Arm, Groups};
    ///
    /// let mut answers = Groups::numbers();
    /// answers.add_number(Arm::Treated, Some(4.5), None);
    /// answers.add_number(Arm::Treated, None, Some(3.0));
    /// assert_eq!((answers.customers(Arm::Treated), answers.unknown(Arm::Treated)), (1, 1));
    /// ```
    pub fn add_number(&mut self, arm: Arm, value: Option<f64>, before: Option<f64>) {
        let units = |number: Option<f64>| number.and_then(|number| self.scale.units(number));
        let (value, before) = (units(value), units(before));
        self.count(arm, value, before);
    }

    fn count(&mut self, arm: Arm, value: Option<i64>, before: Option<i64>) {
        let group = self.group_mut(arm);
        let Some(value) = value else {
            group.unknown = group.unknown.saturating_add(1);
            return;
        };
        group.all.add(value);
        if let Some(before) = before {
            group.pairs.add(value, before);
        }
    }

    /// Counts other customers too.
    ///
    /// # Errors
    /// Their values are of another scale (`is_misuse`); nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.scale != other.scale {
            return Err(Error::misuse("values of two scales do not add up"));
        }
        for arm in [Arm::Treated, Arm::Control] {
            let (own, more) = (self.group_mut(arm), other.group(arm));
            own.all.merge(&more.all);
            own.pairs.merge(&more.pairs);
            own.unknown = own.unknown.saturating_add(more.unknown);
        }
        Ok(())
    }

    /// How many customers of a group have a value.
    #[must_use]
    pub fn customers(&self, arm: Arm) -> u64 {
        self.group(arm).all.customers
    }

    /// How many customers of a group have a value and one before.
    #[must_use]
    pub fn with_before(&self, arm: Arm) -> u64 {
        self.group(arm).pairs.value.customers
    }

    /// Of how many customers of a group the value is not known.
    #[must_use]
    pub fn unknown(&self, arm: Arm) -> u64 {
        self.group(arm).unknown
    }

    pub(super) fn group(&self, arm: Arm) -> &Group {
        match arm {
            Arm::Treated => &self.treated,
            Arm::Control => &self.control,
        }
    }

    fn group_mut(&mut self, arm: Arm) -> &mut Group {
        match arm {
            Arm::Treated => &mut self.treated,
            Arm::Control => &mut self.control,
        }
    }
}

impl Extend<(Arm, i64, Option<i64>)> for Groups {
    fn extend<I: IntoIterator<Item = (Arm, i64, Option<i64>)>>(&mut self, customers: I) {
        for (arm, value, before) in customers {
            self.add(arm, value, before);
        }
    }
}

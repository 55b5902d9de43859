//! Booked service costs that were for nothing.

mod sheet;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::text::{TOTAL, UNKNOWN};
use crate::Error;
use crate::metrics::cost::WasteRules;
use crate::model::{CostCategory, Currency, CustomerId, Day, Days, ServiceCost};
use crate::rules::language::ReportWord as Word;

/// The days that an entitlement is for, and that the report is about.
const YEAR: Days = Days::new(365);
/// How many of the largest entries are listed, if nothing is said.
const LARGEST: usize = 20;

/// Why a cost was for nothing. An entry is in the first class that it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WasteClass {
    /// The same customer, day, category and amount again: all but the first.
    Duplicate,
    /// Beyond what the customer is entitled to in the year: the part of it that is.
    AboveEntitlement,
    /// The customer has not bought since, within the time for it, and nothing is expected.
    NoReturn,
}

impl WasteClass {
    /// In the order in which an entry is asked.
    pub const ALL: [Self; 3] = [Self::Duplicate, Self::AboveEntitlement, Self::NoReturn];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duplicate => "duplicate",
            Self::AboveEntitlement => "above entitlement",
            Self::NoReturn => "no return",
        }
    }

    const fn word(self) -> Word {
        match self {
            Self::Duplicate => Word::Duplicate,
            Self::AboveEntitlement => Word::AboveEntitlement,
            Self::NoReturn => Word::NoReturn,
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Duplicate => 0,
            Self::AboveEntitlement => 1,
            Self::NoReturn => 2,
        }
    }
}

/// Entries and an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WasteSum {
    /// How many entries.
    pub entries: u64,
    /// The amount in minor units; it stops at the end of `i64`.
    pub amount: i64,
}

impl WasteSum {
    fn take(&mut self, amount: i64) {
        self.merge(Self { entries: 1, amount });
    }

    fn merge(&mut self, other: Self) {
        self.entries = self.entries.saturating_add(other.entries);
        self.amount = self.amount.saturating_add(other.amount);
    }
}

/// All costs of a group, and what of them was for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WasteGroup {
    /// The category or the tier.
    pub name: String,
    /// All entries.
    pub read: WasteSum,
    /// Those for nothing, in the order of [`WasteClass::ALL`].
    pub wasted: [WasteSum; 3],
}

impl WasteGroup {
    fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// What was for nothing in a class.
    #[must_use]
    pub fn of(&self, class: WasteClass) -> WasteSum {
        self.wasted.get(class.index()).copied().unwrap_or_default()
    }

    /// What was for nothing in all classes together.
    #[must_use]
    pub fn total(&self) -> WasteSum {
        let mut total = WasteSum::default();
        for sum in &self.wasted {
            total.merge(*sum);
        }
        total
    }

    fn merge(&mut self, other: &Self) {
        self.read.merge(other.read);
        for (sum, other) in self.wasted.iter_mut().zip(other.wasted) {
            sum.merge(other);
        }
    }

    fn take(&mut self, amount: i64, found: Option<(WasteClass, i64)>) {
        self.read.take(amount);
        if let Some((class, wasted)) = found
            && let Some(sum) = self.wasted.get_mut(class.index())
        {
            sum.take(wasted);
        }
    }
}

/// An entry that was for nothing, or partly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WasteEntry {
    /// Whose it is.
    pub customer: CustomerId,
    /// The tier, if it is known.
    pub tier: Option<String>,
    /// The day.
    pub day: Day,
    /// What it was for.
    pub category: CostCategory,
    /// The whole cost, in minor units.
    pub amount: i64,
    /// What of it was for nothing, in minor units, at most the amount.
    pub wasted: i64,
    /// Why.
    pub class: WasteClass,
}

impl WasteEntry {
    /// Whether it stands before another one or at its place.
    fn before(&self, other: &Self) -> bool {
        let key = |e: &Self| (Reverse(e.wasted), Reverse(e.amount), e.day);
        let order = key(self).cmp(&key(other));
        let order = order.then_with(|| self.customer.cmp(&other.customer));
        let order = order.then_with(|| self.category.cmp(&other.category));
        order.then(self.class.cmp(&other.class)).is_le()
    }
}

/// What is known of a customer whose costs are looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct WasteCustomer<'a> {
    /// The tier, by its position among those of the report.
    pub tier: Option<usize>,
    /// The probability of a purchase, 0 to 1, if it is known.
    pub p_purchase: Option<f64>,
    /// The days with a purchase, ascending.
    pub purchases: &'a [Day],
}

/// Booked service costs of the 365 days up to a day, and what of them was for nothing: by class, by category, by tier, with the
/// largest entries.
///
/// [The page on cost](crate::docs::cost) says when a cost was. An entry is in one class at most, so the amounts of the classes add
/// up to at most what was read. The reports of different customers [merge](Self::merge) exactly.
///
/// As text it is a table with a line for each class, one with a line for each category, one for each tier, and the largest entries.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::metrics::cost::WasteSpec;
/// use customer_value::model::{CostCategory, Currency, Days, ServiceCost};
/// use customer_value::report::{WasteClass, WasteCustomer, WasteReport};
///
/// let mut problems = Diagnostics::new();
/// let rules = WasteSpec::new(Days::new(90)).bind(&["all"], Currency::EUR, &mut problems).ok_or(problems)?;
/// let mut report = WasteReport::new(&rules, [("all", None)], Currency::EUR, "2024-12-31".parse()?);
///
/// let letter = |day: &str| ServiceCost::new(7, day.parse()?, "3.00 EUR".parse()?, CostCategory::Marketing);
/// // A letter that was booked twice, one after which the customer bought, and one of which it is too early to say.
/// let costs = [letter("2024-02-01")?, letter("2024-02-01")?, letter("2024-06-01")?, letter("2024-12-01")?];
/// let bought = ["2024-06-20".parse()?];
/// let customer = WasteCustomer { tier: Some(0), purchases: &bought, ..WasteCustomer::default() };
/// report.add(&7.into(), customer, &costs)?;
/// assert_eq!(report.all().of(WasteClass::Duplicate).amount, 3_00);
/// assert_eq!(report.all().of(WasteClass::NoReturn).amount, 3_00);
/// assert_eq!(report.all().read.amount, 12_00);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WasteReport {
    rules: WasteRules,
    currency: Currency,
    as_of: Day,
    /// By tier, what it may cost a year.
    limits: Vec<Option<i64>>,
    all: WasteGroup,
    categories: BTreeMap<CostCategory, WasteGroup>,
    tiers: Vec<WasteGroup>,
    no_tier: WasteGroup,
    keep: usize,
    largest: Vec<WasteEntry>,
}

impl WasteReport {
    /// Nothing read yet: the tiers in the order of their codes, each with what one of its customers may cost a year in minor
    /// units, if that is said.
    #[must_use]
    pub fn new<N: Into<String>>(
        rules: &WasteRules,
        tiers: impl IntoIterator<Item = (N, Option<i64>)>,
        currency: Currency,
        as_of: Day,
    ) -> Self {
        let tiers = tiers.into_iter();
        let (tiers, limits) = tiers.map(|(n, most)| (WasteGroup::new(n), most)).unzip();
        Self {
            rules: rules.clone(),
            currency,
            as_of,
            limits,
            all: WasteGroup::new(TOTAL),
            categories: BTreeMap::new(),
            tiers,
            no_tier: WasteGroup::new(UNKNOWN),
            keep: LARGEST,
            largest: Vec::new(),
        }
    }

    /// With another number of the largest entries than 20.
    #[must_use]
    pub fn keeping(mut self, largest: usize) -> Self {
        self.keep = largest;
        self.largest.truncate(largest);
        self
    }

    /// Looks at all costs of a customer at once; a customer is added once. Costs of other days are left out.
    ///
    /// # Errors
    /// A cost is in another currency than the report (`is_misuse`); nothing is counted then.
    pub fn add<'c>(
        &mut self,
        id: &CustomerId,
        customer: WasteCustomer<'_>,
        costs: impl IntoIterator<Item = &'c ServiceCost>,
    ) -> Result<(), Error> {
        let mut own: Vec<&ServiceCost> = costs.into_iter().collect();
        if let Some(other) = own.iter().find(|c| c.amount().currency() != self.currency) {
            let message = format!("`{}` is not in {}", other.amount(), self.currency);
            return Err(Error::misuse(message));
        }
        // By the days between, as the calendar ends.
        own.retain(|cost| (Days::new(0)..YEAR).contains(&(self.as_of - cost.day())));
        // What is equal stands together, and the order of the input does not matter.
        own.sort_by_key(|cost| (cost.day(), cost.category(), cost.amount().minor()));
        let tier = customer.tier.filter(|code| *code < self.tiers.len());
        let name = tier
            .and_then(|code| self.tiers.get(code))
            .map(|t| t.name.clone());
        let mut left = Left {
            all: tier.and_then(|code| self.limits.get(code).copied().flatten()),
            by_category: BTreeMap::new(),
        };
        let mut before: Option<&ServiceCost> = None;
        for cost in own {
            let minor = cost.amount().minor();
            let same = before.is_some_and(|before| {
                (before.day(), before.category(), before.amount().minor())
                    == (cost.day(), cost.category(), minor)
            });
            before = Some(cost);
            let found = if same {
                Some((WasteClass::Duplicate, minor))
            } else {
                let most = || {
                    let tier = name.as_deref()?;
                    self.rules.entitlement(tier, cost.category())
                };
                let above = left.take(cost.category(), minor, most);
                if above > 0 {
                    Some((WasteClass::AboveEntitlement, above))
                } else {
                    self.is_without_return(cost.day(), customer)
                        .then_some((WasteClass::NoReturn, minor))
                }
            };
            self.count(id, tier, name.as_deref(), cost, found);
        }
        Ok(())
    }

    /// Counts the costs of other customers too: those of another part of the population.
    ///
    /// # Errors
    /// It is about another day, other rules or tiers, or keeps another number of entries (`is_misuse`); nothing is counted then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let names = |report: &Self| -> Vec<String> {
            report.tiers.iter().map(|tier| tier.name.clone()).collect()
        };
        let about = |report: &Self| (report.currency, report.as_of, report.keep);
        if about(self) != about(other)
            || (&self.rules, &self.limits) != (&other.rules, &other.limits)
            || names(self) != names(other)
        {
            return Err(Error::misuse(
                "the two reports on waste are about other days, rules, tiers or numbers of entries",
            ));
        }
        self.all.merge(&other.all);
        self.no_tier.merge(&other.no_tier);
        for (tier, other) in self.tiers.iter_mut().zip(&other.tiers) {
            tier.merge(other);
        }
        for (category, group) in &other.categories {
            let own = self.categories.entry(category.clone());
            own.or_insert_with(|| WasteGroup::new(category.as_str()))
                .merge(group);
        }
        for entry in &other.largest {
            self.list(entry.clone());
        }
        Ok(())
    }

    /// The time has passed, nothing was bought in it, and nothing is expected.
    fn is_without_return(&self, day: Day, customer: WasteCustomer<'_>) -> bool {
        let within = self.rules.within();
        let next = customer.purchases.partition_point(|bought| *bought < day);
        let bought = customer
            .purchases
            .get(next)
            .is_some_and(|bought| *bought - day <= within);
        within <= self.as_of - day && !bought && self.rules.expects_none(customer.p_purchase)
    }

    fn count(
        &mut self,
        id: &CustomerId,
        tier: Option<usize>,
        name: Option<&str>,
        cost: &ServiceCost,
        found: Option<(WasteClass, i64)>,
    ) {
        let minor = cost.amount().minor();
        let category = self.categories.entry(cost.category().clone());
        let category = category.or_insert_with(|| WasteGroup::new(cost.category().as_str()));
        let tier = tier.and_then(|code| self.tiers.get_mut(code));
        for group in [&mut self.all, category, tier.unwrap_or(&mut self.no_tier)] {
            group.take(minor, found);
        }
        if let Some((class, wasted)) = found.filter(|(_, wasted)| *wasted > 0) {
            self.list(WasteEntry {
                customer: id.clone(),
                tier: name.map(str::to_owned),
                day: cost.day(),
                category: cost.category().clone(),
                amount: minor,
                wasted,
                class,
            });
        }
    }

    /// Keeps the largest entries in order.
    fn list(&mut self, entry: WasteEntry) {
        let at = self.largest.partition_point(|other| other.before(&entry));
        if at < self.keep {
            self.largest.insert(at, entry);
            self.largest.truncate(self.keep);
        }
    }

    /// The last day it is about; the first is 364 days before.
    #[must_use]
    pub fn as_of(&self) -> Day {
        self.as_of
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// All costs.
    #[must_use]
    pub fn all(&self) -> &WasteGroup {
        &self.all
    }

    /// The costs of each category that there are some of, ascending.
    pub fn categories(&self) -> impl Iterator<Item = &WasteGroup> {
        self.categories.values()
    }

    /// The costs of the customers of each tier.
    #[must_use]
    pub fn tiers(&self) -> &[WasteGroup] {
        &self.tiers
    }

    /// The costs of customers whose tier is not known.
    #[must_use]
    pub fn unknown(&self) -> &WasteGroup {
        &self.no_tier
    }

    /// The entries of which most was for nothing, the largest first; of equal ones the larger entry, then by day, customer and
    /// category.
    #[must_use]
    pub fn largest(&self) -> &[WasteEntry] {
        &self.largest
    }
}

/// What a customer may still cost.
struct Left {
    all: Option<i64>,
    by_category: BTreeMap<CostCategory, Option<i64>>,
}

impl Left {
    /// Takes what is left of an amount, and says how much is above. What is above uses nothing up.
    fn take(
        &mut self,
        category: &CostCategory,
        amount: i64,
        most: impl FnOnce() -> Option<i64>,
    ) -> i64 {
        let own = self
            .by_category
            .entry(category.clone())
            .or_insert_with(most);
        let limits = [self.all.as_mut(), own.as_mut()];
        let within = limits
            .iter()
            .flatten()
            .map(|left| **left)
            .fold(amount, i64::min)
            .max(0);
        for left in limits.into_iter().flatten() {
            *left -= within;
        }
        amount - within
    }
}

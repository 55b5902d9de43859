//! Facts: whole numbers read off a record and added up per day.

use serde::{Deserialize, Serialize};

use crate::model::Currency;

/// What is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Measure {
    /// Purchases, less those fully refunded. A count.
    Purchases,
    /// Purchases less refunds, plus adjustments. Minor units. A refund of a known purchase counts on the day of the purchase.
    Spend,
    /// Purchases before any refund. Minor units.
    Gross,
    /// Refunds, as a positive amount. Minor units. On the day of the purchase where it is known, else on their own.
    Refunds,
    /// Cost of the goods bought, less what was recovered by refunds. Minor units.
    Cost,
    /// Discounts given, less those of fully refunded purchases. Minor units.
    Discount,
}

/// A measure, over all transactions or over those of one category.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    measure: Measure,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<Box<str>>,
}

impl Fact {
    /// A measure over all transactions.
    #[must_use]
    pub const fn new(measure: Measure) -> Self {
        Self {
            measure,
            category: None,
        }
    }

    /// A measure over the transactions of one category.
    #[must_use]
    pub fn of_category(measure: Measure, category: &str) -> Self {
        Self {
            measure,
            category: Some(category.into()),
        }
    }

    /// What is added up.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// The one category, if not all.
    #[must_use]
    pub fn category(&self) -> Option<&str> {
        self.category.as_deref()
    }
}

impl From<Measure> for Fact {
    fn from(measure: Measure) -> Self {
        Self::new(measure)
    }
}

/// The columns of a history: which facts, in which order, and the currency of the amounts.
///
/// Purchases and spend are always the first two. The others are sorted, so that two sets of the same facts are equal
/// however they came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawLayout", into = "RawLayout")]
pub struct Layout {
    currency: Currency,
    facts: Vec<Fact>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLayout {
    currency: Currency,
    facts: Vec<Fact>,
}

impl TryFrom<RawLayout> for Layout {
    type Error = crate::Error;
    fn try_from(raw: RawLayout) -> Result<Self, crate::Error> {
        let layout = Self::new(raw.currency, raw.facts.iter().cloned());
        if layout.facts == raw.facts {
            Ok(layout)
        } else {
            Err(crate::Error::misuse(
                "the facts of a history are purchases, spend, and then the others in order",
            ))
        }
    }
}

impl From<Layout> for RawLayout {
    fn from(layout: Layout) -> Self {
        Self {
            currency: layout.currency,
            facts: layout.facts,
        }
    }
}

impl Layout {
    /// The columns for these facts; purchases and spend are added if they are not among them.
    #[must_use]
    pub fn new(currency: Currency, facts: impl IntoIterator<Item = Fact>) -> Self {
        let first = [Fact::new(Measure::Purchases), Fact::new(Measure::Spend)];
        let mut more: Vec<Fact> = facts.into_iter().filter(|f| !first.contains(f)).collect();
        more.sort_unstable();
        more.dedup();
        let facts = first.into_iter().chain(more).collect();
        Self { currency, facts }
    }

    /// The facts, in the order of the columns.
    #[must_use]
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// The column of a fact, if it is built.
    #[must_use]
    pub fn position(&self, fact: &Fact) -> Option<usize> {
        self.facts.iter().position(|f| f == fact)
    }
}

//! Customers and their value, group by group.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use super::text::{TOTAL, UNKNOWN};
use crate::model::Currency;
use crate::rules::language::ReportWord as Word;
use crate::strategy::budget::shown;

/// The customers of one group and what they are worth together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The group's name.
    pub name: String,
    /// How many customers.
    pub customers: u64,
    /// The sum of their values, in minor units.
    pub value: i128,
}

impl Group {
    fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    fn take(&mut self, customers: u64, value: i128) {
        self.customers = self.customers.saturating_add(customers);
        self.value = self.value.saturating_add(value);
    }
}

/// How many customers each group has, and which share of the value: over tiers, stages, segments, or any other column of
/// words.
///
/// As text it is a table with a line for each group, in the order given, and a last one for the sums. Customers whose
/// group is not known have a line of their own, if there are any.
///
/// ```
/// use customer_value::model::Currency;
/// use customer_value::report::Breakdown;
///
/// let mut segments = Breakdown::new("segment", ["Champions", "Lost"], "spend", Currency::EUR);
/// segments.add(Some(0), 75_00);
/// segments.add(Some(1), 20_00);
/// segments.add(Some(1), 5_00);
/// segments.add(None, 0);
/// assert_eq!(segments.to_string(), "\
/// segment    customers    share   spend    share
/// Champions          1   25.0 %   75.00   75.0 %
/// Lost               2   50.0 %   25.00   25.0 %
/// unknown            1   25.0 %    0.00    0.0 %
/// total              4  100.0 %  100.00  100.0 %
/// ");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Breakdown {
    by: String,
    of: String,
    currency: Currency,
    groups: Vec<Group>,
    unknown: Group,
}

impl Breakdown {
    /// No customer yet: what the groups are (`tier`), their names in the order of their codes, what the value is (`spend`),
    /// and its currency.
    #[must_use]
    pub fn new<N: Into<String>>(
        by: impl Into<String>,
        groups: impl IntoIterator<Item = N>,
        of: impl Into<String>,
        currency: Currency,
    ) -> Self {
        Self {
            by: by.into(),
            of: of.into(),
            currency,
            groups: groups.into_iter().map(Group::new).collect(),
            unknown: Group::new(UNKNOWN),
        }
    }

    /// Counts a customer of a group (by its code, from 0) with a value in minor units. No group, or a code that no group
    /// has, is unknown.
    pub fn add(&mut self, group: Option<usize>, value: i64) {
        let group = group.and_then(|code| self.groups.get_mut(code));
        group.unwrap_or(&mut self.unknown).take(1, value.into());
    }

    /// What the groups are.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// What the value is.
    #[must_use]
    pub fn of(&self) -> &str {
        &self.of
    }

    /// The groups, in the order of their codes.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The customers whose group is not known.
    #[must_use]
    pub fn unknown(&self) -> &Group {
        &self.unknown
    }

    /// All customers.
    #[must_use]
    pub fn total(&self) -> Group {
        let mut total = Group::new(TOTAL);
        for group in self.groups.iter().chain([&self.unknown]) {
            total.take(group.customers, group.value);
        }
        total
    }

    /// The part of all customers who are in a group, 0 to 1; `None` when there is no customer.
    #[must_use]
    pub fn customer_share(&self, group: &Group) -> Option<f64> {
        let total = self.total().customers;
        (total > 0).then(|| to_f64(group.customers) / to_f64(total))
    }

    /// The part of the whole value that is in a group: 0 to 1 where no group's value is negative. `None` when the whole is
    /// not positive.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // a share
    pub fn value_share(&self, group: &Group) -> Option<f64> {
        let total = self.total().value;
        (total > 0).then(|| group.value as f64 / total as f64)
    }
}

#[allow(clippy::cast_precision_loss)] // for a share
fn to_f64(count: u64) -> f64 {
    count as f64
}

impl Breakdown {
    /// The report as a [sheet](Sheet).
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let mut table = SheetTable::new(cells![
            Cell::name(&self.by),
            Word::Customers,
            Word::Share,
            Cell::name(&self.of),
            Word::Share,
        ]);
        let (total, unknown) = (self.total(), Some(&self.unknown));
        let unknown = unknown.filter(|group| **group != Group::new(UNKNOWN));
        let groups = self.groups.iter();
        let groups = groups.map(|group| (Cell::literal(&group.name), group));
        let unknown = unknown.map(|group| (Word::Unknown.into(), group));
        let all = [(Word::Total.into(), &total)];
        for (name, group) in groups.chain(unknown).chain(all) {
            table.row(cells![
                name,
                group.customers,
                Cell::share(self.customer_share(group)),
                shown(group.value, self.currency),
                Cell::share(self.value_share(group)),
            ]);
        }
        Sheet::new(Word::TitleDistribution)
            .note(Word::Amounts, Cell::literal(self.currency.code()))
            .table(table)
    }
}

impl fmt::Display for Breakdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

//! What has to be remembered of a customer: since when the rules of actions have been true.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan::{Playbook, Trigger};
use crate::model::Day;
use crate::rules::{Rule, Truth};
use crate::table::Row;

/// For each action that is due when a rule becomes true: since when it has been.
///
/// The host keeps one per customer and lets [`Playbook::observe`] bring it up to date with each review. In serde it is an
/// object of days by the names of the actions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlaybookRecord(BTreeMap<String, Day>);

impl PlaybookRecord {
    /// Nothing is remembered yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Since when the rule of an action has been true; `None` if it is not.
    #[must_use]
    pub fn true_since(&self, action: &str) -> Option<Day> {
        self.0.get(action).copied()
    }

    /// Nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Since when a rule has been true, given since when it was.
pub(super) fn since(rule: Truth, before: Option<Day>, day: Day) -> Option<Day> {
    match rule {
        Truth::True => Some(before.unwrap_or(day)),
        Truth::False => None,
        Truth::Unknown => before,
    }
}

impl Playbook {
    /// The record after a day: what became true has that day, what became false has none, what is not known stays. Actions
    /// that the playbook does not have (any more) are forgotten.
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::model::{Currency, Day, Unit};
    /// use customer_value::strategy::playbook::{Names, PlaybookRecord, PlaybookSpec};
    /// use customer_value::table::{Field, Schema, Table};
    ///
    /// let spec: PlaybookSpec = toml::from_str(r#"
    ///     channels = ["phone"]
    ///     floor = { channels = ["phone"], actions = ["apology"] }
    ///     actions = [{ name = "apology", channel = "phone", trigger = { rule = "complaints >= 1" }, cost = "6.00 EUR" }]
    /// "#)?;
    /// let mut schema = Schema::new();
    /// let complaints = schema.add(Field::number("complaints", Unit::Count))?;
    /// let mut problems = Diagnostics::new();
    /// let playbook = spec.bind(&Names::default(), &schema, Currency::EUR, &mut problems).ok_or(problems)?;
    ///
    /// let mut table = Table::new(schema, 1);
    /// let mut record = PlaybookRecord::new();
    /// let first: Day = "2024-03-01".parse()?;
    /// for (day, count) in [(first, 1.0), (first.next(), 2.0)] {
    ///     table.column_mut(complaints).set(0, Some(count));
    ///     record = playbook.observe(&record, table.row(0), day);
    /// }
    /// assert_eq!(record.true_since("apology"), Some(first));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn observe(&self, record: &PlaybookRecord, row: Row<'_>, day: Day) -> PlaybookRecord {
        let ruled = self.actions.iter().filter_map(|action| {
            let rule: &Rule = match &action.trigger {
                Trigger::Rule(rule) => rule,
                _ => return None,
            };
            let since = since(rule.truth(row), record.true_since(&action.name), day)?;
            Some((action.name.clone(), since))
        });
        PlaybookRecord(ruled.collect())
    }
}

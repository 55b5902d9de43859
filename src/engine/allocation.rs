//! From a review to how money and time are shared out among its customers.

use std::collections::BTreeMap;

use crate::Error;
use crate::model::Money;
use crate::strategy::allocation::{CapacityPlan, SpendPlan};

use super::bulk::Reviews;

impl Reviews<'_> {
    /// Spreads a budget over the segments of the policy's `[allocation]`, each with as many customers as this review found in it;
    /// `None` if the policy has no such section. What is no segment, or not known, gets nothing.
    ///
    /// # Errors
    /// As with [`Allocation::spread`](crate::strategy::allocation::Allocation::spread).
    ///
    /// ```
    /// use customer_value::*;
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "shared out", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
    ///     [allocation]
    ///     segments = [{ name = "gold", value = "50.00 EUR", response = { ceiling = 0.6, spend = "4.00 EUR", rate = 0.3 } }]
    ///     resources = [{ name = "desk", minutes = 60 }]
    ///     service = [{ tier = "gold", resource = "desk", minutes = 20 }, { tier = "member", resource = "desk", minutes = 15 }]
    /// "#, &Catalog::standard())?;
    /// let as_of: Day = "2025-03-31".parse()?;
    /// let sales = [(1, "150.00 EUR"), (2, "120.00 EUR"), (3, "20.00 EUR"), (4, "10.00 EUR")]
    ///     .map(|(id, amount)| Transaction::purchase(id, as_of, amount.parse().unwrap()).unwrap());
    /// let population = engine.population(&Ledger::from_transactions(&sales, engine.cleaning(as_of)))?;
    /// let reviews = engine.review_all(&population, None, as_of)?;
    ///
    /// let plan = reviews.spread("8.00 EUR".parse()?)?.unwrap();
    /// assert_eq!(plan.to_string(), "\
    /// segment  customers  amount  each  responses  value  next one brings  limited by
    /// gold             2    8.00  4.00        0.6  30.00           2.5982           -
    /// total            2    8.00     -        0.6  30.00           2.5982           -
    /// ");
    /// // 40 of the 60 minutes are for gold, and one of two members gets what it needs.
    /// assert_eq!(reviews.share_capacity()?.unwrap().to_string(), "\
    /// tier    resource  customers  needed  granted  short  customers short  without basic service  more would serve
    /// gold    desk              2      40       40      0                0                      0                 0
    /// member  desk              2      30       20     10                1                      0                10
    ///
    /// resource  minutes  granted  reserved  left over  reserve short  more would serve
    /// desk           60       60         0          0              0                10
    /// ");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spread(&self, budget: Money) -> Result<Option<SpendPlan>, Error> {
        let Some(allocation) = self.engine().allocation() else {
            return Ok(None);
        };
        let customers = match allocation.by() {
            Some(column) => self.by_word(column),
            None => self.by_tier(),
        };
        let of = |name| customers.get(name).copied().unwrap_or(0);
        let customers: Vec<u64> = allocation.segments().map(of).collect();
        allocation.spread(budget, &customers).map(Some)
    }

    /// Shares out the time of the resources of the policy's `[allocation]` among the tiers, each with as many customers as this
    /// review found in it; `None` if the policy has no such section. [`spread`](Self::spread) has an example.
    ///
    /// # Errors
    /// As with [`Allocation::share_capacity`](crate::strategy::allocation::Allocation::share_capacity).
    pub fn share_capacity(&self) -> Result<Option<CapacityPlan>, Error> {
        let Some(allocation) = self.engine().allocation() else {
            return Ok(None);
        };
        let customers = self.by_tier();
        let of = |name| customers.get(name).copied().unwrap_or(0);
        let customers: Vec<u64> = allocation.tiers().map(of).collect();
        allocation.share_capacity(&customers).map(Some)
    }

    fn by_tier(&self) -> BTreeMap<&str, u64> {
        let ladder = self.engine().ladder();
        count(self.tiers().map(|tier| ladder.name(tier)))
    }

    /// How many customers have each word of a column.
    fn by_word(&self, column: &str) -> BTreeMap<&str, u64> {
        let schema = self.engine().schema();
        let found = schema.slot(column);
        let Some((slot, field)) = found.and_then(|slot| Some((slot, schema.field(slot)?))) else {
            return BTreeMap::new();
        };
        count((0..self.len()).filter_map(|at| {
            let code = self.row(at)?.cell(slot).code()?;
            let word = field.words().get(usize::try_from(code).ok()?)?;
            Some(word.as_str())
        }))
    }
}

fn count<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, u64> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_insert(0) += 1;
    }
    counts
}

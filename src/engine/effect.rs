//! From two reviews to the effect of an action.

use crate::Error;
use crate::report::effect::EffectReport;

use super::bulk::Reviews;
use super::diff::walk;

impl Reviews<'_> {
    /// Whether an action worked, from the review at the close of the window after it (this one) and the one at the close of the day
    /// before it; `None` if the policy has no `[effect]`.
    ///
    /// The action was on the day after that of the review before, and [`windows`](crate::report::effect::BoundEffect::windows) gives
    /// both days. Each population has what was known on its day ([`Ledger::until`](crate::ledger::Ledger::until)). Who is in this
    /// review only has no values before the action; who is in the other only is counted outside of both groups.
    /// [The page on effects](crate::docs::effect) says more.
    ///
    /// # Errors
    /// The review before is of another policy, or the days are not those of the windows of one action (`is_misuse`).
    ///
    /// ```
    /// use customer_value::*;
    /// use customer_value::model::Customer;
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "members", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "everybody" }]
    ///     metrics = [
    ///         { name = "bought_30d", measure = "purchases", window = "30 days" },
    ///         { name = "spend_30d", measure = "spend", window = "30 days" },
    ///     ]
    ///     attributes = { called = { type = "flag" } }
    ///     [effect]
    ///     name = "spring call"
    ///     group = { column = "called" }
    ///     min_group = 2
    ///     after = "30 days"
    ///     dimensions = [
    ///         { dimension = "repurchase", column = "bought_30d" },
    ///         { dimension = "ltv", column = "spend_30d", method = "difference_in_differences" },
    ///     ]
    /// "#, &Catalog::standard())?;
    /// let sale = |customer: u64, on: &str, amount: &str| Transaction::purchase(customer, on.parse()?, amount.parse()?);
    /// let mut sales = Vec::new();
    /// for id in 1..=6 {
    ///     sales.push(sale(id, "2024-03-10", "20.00 EUR")?);
    /// }
    /// // Three were called on 1 April, and two of them bought again.
    /// sales.extend([sale(1, "2024-04-05", "50.00 EUR")?, sale(2, "2024-04-20", "40.00 EUR")?, sale(4, "2024-04-20", "30.00 EUR")?]);
    /// let called = || (1..=6).map(|id| Customer::new(id).with("called", id <= 3));
    ///
    /// let days = engine.effect().unwrap().windows("2024-04-01".parse()?);
    /// let last = days.before.unwrap()[1];
    /// let ledger = Ledger::from_transactions(&sales, engine.cleaning(days.after[1]));
    /// let early = engine.population(&ledger.until(last))?;
    /// let late = engine.population(&ledger)?.with_customers(called().collect::<Result<Vec<_>, _>>()?)?;
    /// let before = engine.review_all(&early, None, last)?;
    /// let after = engine.review_all(&late, None, days.after[1])?;
    ///
    /// let report = after.effect(&before)?.unwrap();
    /// assert_eq!((report.treated, report.control), (3, 3));
    /// let [again, worth] = [0, 1].map(|i| report.dimensions[i].difference.unwrap().difference);
    /// assert!((again - 1.0 / 3.0).abs() < 1e-9); // 2 of 3 against 1 of 3
    /// assert!((worth - 20.0).abs() < 1e-9); // 30.00 a customer against 10.00, and they were equal before
    /// assert!(before.effect(&after).unwrap_err().is_misuse());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn effect(&self, before: &Reviews<'_>) -> Result<Option<EffectReport>, Error> {
        let Some(effect) = self.engine().effect() else {
            return Ok(None);
        };
        if before.engine().fingerprint() != self.engine().fingerprint() {
            let message = "the review before the action is of another policy";
            return Err(Error::misuse(message));
        }
        let windows = effect.windows(before.as_of().next());
        if windows.before.map(|days| days[1]) != Some(before.as_of())
            || windows.after[1] != self.as_of()
        {
            let (last, close) = (before.as_of(), windows.after[1]);
            let message = format!(
                "an action on the day after {last} is measured on {close}, not on {}",
                self.as_of()
            );
            return Err(Error::misuse(message));
        }
        let mut evaluation = effect.evaluation();
        walk(before, self, |id, [old, new]| {
            match new.and_then(|at| self.row(at)) {
                Some(after) => {
                    let before = old.and_then(|at| before.row(at));
                    effect.add(&mut evaluation, &id.to_id(), before, after);
                }
                None => evaluation.add_outside(),
            }
        });
        Ok(Some(effect.report(&evaluation)))
    }
}

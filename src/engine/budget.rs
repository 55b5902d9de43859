//! From reviews and records to what was spent, and to what is still paid for.

use std::collections::BTreeMap;

use crate::Error;
use crate::model::{Attempt, CustomerId, Day, Record};
use crate::strategy::budget::{AskedActions, BudgetState, Evidence, Spends};
use crate::strategy::playbook::DueList;

use super::bulk::Reviews;

impl Reviews<'_> {
    /// What was spent from a day to that of the review, both counted, on anybody: the booked service costs among the population's records, its
    /// attempts, and the contacts that were an action of the playbook, as far as the policy's `spends` has them.
    /// `None` if the policy has no `[budget]`.
    ///
    /// The tier and the segments are those of this review; who was not reviewed has neither. A spend is booked with those of its own
    /// day if each review books the days since the one before. Days that are read again do no harm: [`Spends::book`] knows them.
    /// [`BudgetReport`](crate::report::BudgetReport), [`Variance`](crate::report::Variance), the
    /// [carry-over](crate::strategy::budget::Budget::carry_over) and the [verdict](Self::ask_budget) on due actions are made of the
    /// state that they are booked in.
    ///
    /// # Errors
    /// The cost of an attempt is in another currency than the policy, or the population was given no records (`is_misuse`).
    ///
    /// ```
    /// use customer_value::*;
    /// use customer_value::ledger::Records;
    /// use customer_value::model::{Attempt, AttemptKind, AttemptPurpose, CostCategory, Record, ServiceCost};
    /// use customer_value::report::{BudgetReport, Variance};
    /// use customer_value::strategy::budget::BudgetState;
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "members", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "gold", when = "spend >= 100" }, { name = "member" }]
    ///     [budget]
    ///     periods = "quarterly"
    ///     carry_over = { share = 0.5 }
    ///     lines = [
    ///         { tier = "gold", amount = "400.00 EUR", customers = 2 },
    ///         { tier = "member", amount = "80.00 EUR", customers = 1 },
    ///     ]
    /// "#, &Catalog::standard())?;
    /// let as_of: Day = "2025-03-31".parse()?;
    /// let sales = [Transaction::purchase(7, "2025-01-10".parse()?, "150.00 EUR".parse()?)?];
    /// let ledger = Ledger::from_transactions(&sales, engine.cleaning(as_of));
    /// let costs: [Record; 2] = [
    ///     ServiceCost::new(7, "2025-02-01".parse()?, "12.50 EUR".parse()?, CostCategory::ServiceStaff)?.into(),
    ///     ServiceCost::new(8, "2025-02-03".parse()?, "30.00 EUR".parse()?, CostCategory::Marketing)?.into(),
    /// ];
    /// let records = Records::clean(costs, &engine.cleaning(as_of));
    /// let call = Attempt::new(7, "2025-03-01".parse()?, AttemptPurpose::WinBack, AttemptKind::Call)?;
    /// let population = engine.population(&ledger.with_records(&records)?)?.with_attempts([call.with_cost("6.00 EUR".parse()?)?]);
    /// let reviews = engine.review_all(&population, None, as_of)?;
    ///
    /// let spends = reviews.spends("2025-01-01".parse()?)?.unwrap();
    /// assert_eq!(spends.total(), 48_50);
    /// let mut state = BudgetState::new(Currency::EUR);
    /// spends.book(&mut state)?;
    ///
    /// let budget = engine.budget().unwrap();
    /// assert_eq!(BudgetReport::new(budget, &state, as_of, None)?.to_string(), "\
    /// tier      plan  actual  committed    left     used  forecast  forecast by  verdict
    /// gold    100.00   18.50       0.00   81.50   18.5 %     18.50  final        allow
    /// member   20.00   30.00       0.00  -10.00  150.0 %     30.00  final        deny
    /// ");
    /// let variances = Variance::of_budget(budget, &state, budget.period(as_of))?;
    /// assert_eq!(variances[0].total().total(), 48_50 - 120_00);
    /// let carried = budget.carry_over(&state, budget.period(as_of))?;
    /// assert_eq!(carried[0].to_string(), "tier gold: 40.75 EUR of 81.50 EUR into 2025-Q2, 40.75 EUR lost: the share");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spends(&self, first: Day) -> Result<Option<Spends>, Error> {
        let Some(budget) = self.engine().budget() else {
            return Ok(None);
        };
        let records = self.records()?;
        let mut known: BTreeMap<&CustomerId, (&[Record], &[Attempt])> = BTreeMap::new();
        for (id, own) in records.by_customer() {
            known.entry(id).or_default().0 = own;
        }
        let attempts = self.population().all_attempts();
        for own in attempts.chunk_by(|a, b| a.customer() == b.customer()) {
            if let Some(one) = own.first() {
                known.entry(one.customer()).or_default().1 = own;
            }
        }
        let mut spends = Spends::default();
        for (id, (records, attempts)) in known {
            let (tier, segments) = self.line_of(id);
            let costs: Vec<_> = (records.iter())
                .filter_map(|record| match record {
                    Record::ServiceCost(cost) => Some(cost),
                    _ => None,
                })
                .collect();
            let interactions: Vec<_> = (records.iter())
                .filter_map(|record| match record {
                    Record::Interaction(contact) => Some(contact),
                    _ => None,
                })
                .collect();
            let of = Evidence {
                customer: id,
                tier,
                segments: &segments,
                costs: &costs,
                interactions: &interactions,
                attempts,
            };
            let playbook = self.engine().playbook();
            budget.gather(playbook, &of, first, self.as_of(), &mut spends)?;
        }
        Ok(Some(spends))
    }

    /// Which of the actions that are due on the day of the review are still paid for: allowed, warned of or denied, the best first,
    /// each with what was not denied before it taken into account. `None` if the policy has no `[budget]` or no `[playbook]`.
    ///
    /// # Errors
    /// The list is of another day, of another playbook, or what was spent is in another currency (`is_misuse`).
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use customer_value::*;
    /// use customer_value::ledger::Records;
    /// use customer_value::model::{Direction, Interaction};
    /// use customer_value::strategy::budget::BudgetState;
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "served", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "everybody" }]
    ///     [playbook]
    ///     channels = ["phone"]
    ///     floor = { channels = ["phone"], cadence = "90 days", actions = ["check in"] }
    ///     actions = [{ name = "check in", channel = "phone", trigger = "cadence", cost = "6.00 EUR", category = "service_staff" }]
    ///     [budget]
    ///     periods = "yearly"
    ///     lines = [{ category = "service_staff", amount = "15.00 EUR" }]
    /// "#, &Catalog::standard())?;
    /// let today: Day = "2025-03-03".parse()?;
    /// let sales = [1, 2, 3].map(|id| Transaction::purchase(id, today, "20.00 EUR".parse().unwrap()).unwrap());
    /// let ledger = Ledger::from_transactions(&sales, engine.cleaning(today));
    /// let population = engine.population(&ledger)?;
    /// let reviews = engine.review_all(&population, None, today)?;
    /// let due = reviews.due_actions(&BTreeMap::new()).unwrap();
    ///
    /// let asked = reviews.ask_budget(&due, &BudgetState::new(Currency::EUR))?.unwrap();
    /// assert_eq!(asked.to_string(), "\
    /// 1: check in for 6.00 EUR: allow (service_staff)
    /// 2: check in for 6.00 EUR: allow (service_staff)
    /// 3: check in for 6.00 EUR: deny (service_staff)
    /// ");
    /// // The contact that is made settles what was promised.
    /// let mut state = asked.state;
    /// let call = Interaction::new(1, today, "phone", Direction::Outbound, "check in")?;
    /// let records = Records::clean([call], &engine.cleaning(today));
    /// let population = engine.population(&ledger.with_records(&records)?)?;
    /// let reviews = engine.review_all(&population, None, today)?;
    /// reviews.spends(today)?.unwrap().book(&mut state)?;
    /// let line = engine.budget().unwrap().lines()[0].key();
    /// assert_eq!((state.totals(line, today, today).spent, state.totals(line, today, today).committed), (6_00, 6_00));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ask_budget(
        &self,
        due: &DueList,
        state: &BudgetState,
    ) -> Result<Option<AskedActions>, Error> {
        let engine = self.engine();
        let (Some(budget), Some(playbook)) = (engine.budget(), engine.playbook()) else {
            return Ok(None);
        };
        if due.day != self.as_of() {
            let message = format!("the actions are of {}, not of {}", due.day, self.as_of());
            return Err(Error::misuse(message));
        }
        let place = |id: &CustomerId| self.line_of(id);
        budget.ask_actions(playbook, due, state, place).map(Some)
    }

    /// The tier of a customer, and the segments they are in; none of somebody who was not reviewed.
    fn line_of(&self, id: &CustomerId) -> (Option<&str>, Vec<&str>) {
        let Some(found) = self.get(id) else {
            return (None, Vec::new());
        };
        (Some(found.tier()), found.segments().collect())
    }
}

//! What follows from a review: service plans and due actions, surveys, budget, allocation and effect, bound to the policy's names
//! and columns.

use std::collections::BTreeMap;

use crate::Error;
use crate::ledger::Records;
use crate::model::{Complaint, CustomerId, Day, Interaction, Record};
use crate::report::effect::{BoundEffect, EffectSpec};
use crate::rules::{PopulationCondition, Truth};
use crate::strategy::allocation::{Allocation, AllocationSpec};
use crate::strategy::budget::{self, Budget};
use crate::strategy::playbook::{
    self, DueList, Plan, Playbook, PlaybookRecord, PlaybookSpec, Position, Subject,
};
use crate::strategy::surveys::{Candidate, Invitation, SurveyList, Surveys, SurveysSpec};
use crate::summary::{Summary, Window};

use super::Engine;
use super::bind::Binder;
use super::bulk::{Reviewed, Reviews};
use super::policy::Policy;

/// The bound sections of a policy about what follows from a review; each is `None` if the policy does not have it.
#[derive(Debug, Clone, Default)]
pub(super) struct Strategy {
    pub(super) playbook: Option<Playbook>,
    pub(super) budget: Option<Budget>,
    pub(super) allocation: Option<Allocation>,
    pub(super) surveys: Option<Surveys>,
    pub(super) effect: Option<BoundEffect>,
}

impl Strategy {
    /// The names that the sections of a policy read.
    pub(super) fn columns(policy: &Policy) -> impl Iterator<Item = &str> {
        let playbook = policy.playbook.iter().flat_map(PlaybookSpec::columns);
        let allocation = policy.allocation.iter().flat_map(AllocationSpec::columns);
        let surveys = policy.surveys.iter().flat_map(SurveysSpec::columns);
        let effect = policy.effect.iter().flat_map(EffectSpec::columns);
        playbook.chain(allocation).chain(surveys).chain(effect)
    }

    pub(super) fn population(&self) -> impl Iterator<Item = PopulationCondition> {
        let playbook = self.playbook.iter().flat_map(Playbook::population);
        playbook.chain(self.surveys.iter().flat_map(Surveys::population))
    }
}

impl Binder<'_> {
    /// Last of all sections, for they may read every column.
    pub(super) fn strategy(&mut self) -> Strategy {
        let policy = self.policy;
        let currency = policy.head.currency;
        let best_first: Vec<&str> = (policy.tiers.tiers.iter())
            .map(|tier| tier.name.as_str())
            .collect();
        let base_first: Vec<&str> = best_first.iter().rev().copied().collect();
        let stages = policy.lifecycle.iter().flat_map(|life| &life.stages);
        let stages: Vec<&str> = stages.map(|stage| stage.name.as_str()).collect();
        let segments: Vec<&str> = (policy.segments.iter())
            .map(|segment| segment.name.as_str())
            .collect();
        let (schema, problems) = (&self.schema, &mut *self.problems);
        let names = playbook::Names {
            tiers: &base_first,
            stages: &stages,
            segments: &segments,
        };
        let lines = budget::Names {
            tiers: &best_first,
            segments: &segments,
            categories: None,
        };
        let playbook = policy.playbook.as_ref();
        let playbook = playbook.and_then(|spec| spec.bind(&names, schema, currency, problems));
        let budget = policy.budget.as_ref();
        let budget = budget.and_then(|spec| spec.bind(&lines, currency, problems));
        let allocation = policy.allocation.as_ref();
        let allocation =
            allocation.and_then(|spec| spec.bind(&best_first, schema, currency, problems));
        let surveys = policy.surveys.as_ref();
        let surveys = surveys.and_then(|spec| spec.bind(schema, problems));
        let effect = policy.effect.as_ref();
        let effect = effect.and_then(|spec| spec.bind(schema, currency, problems));
        Strategy {
            playbook,
            budget,
            allocation,
            surveys,
            effect,
        }
    }
}

impl Engine {
    /// The service plans, if the policy has them: for [`Reviews::service_plan`] and [`Reviews::due_actions`].
    #[must_use]
    pub fn playbook(&self) -> Option<&Playbook> {
        self.strategy.playbook.as_ref()
    }

    /// The budget, if the policy has one.
    #[must_use]
    pub fn budget(&self) -> Option<&Budget> {
        self.strategy.budget.as_ref()
    }

    /// What money and time are to be shared out by, if the policy says it.
    #[must_use]
    pub fn allocation(&self) -> Option<&Allocation> {
        self.strategy.allocation.as_ref()
    }

    /// Who is to be asked what, if the policy says it: for [`Reviews::due_surveys`].
    #[must_use]
    pub fn surveys(&self) -> Option<&Surveys> {
        self.strategy.surveys.as_ref()
    }

    /// How the effect of an action is measured, if the policy says it.
    #[must_use]
    pub fn effect(&self) -> Option<&BoundEffect> {
        self.strategy.effect.as_ref()
    }
}

/// Where a customer is: tier, stage, and for each segment whether they are in it.
struct Place {
    tier: usize,
    stage: Option<usize>,
    segments: Vec<bool>,
}

impl Place {
    fn of(reviewed: &Reviewed<'_>) -> Self {
        let found = reviewed.assessment();
        let (engine, row) = (found.engine(), found.row());
        let is_in = |segment: &crate::rules::segments::Segment| segment.truth(row) == Truth::True;
        Self {
            tier: found.decision().tier.ordinal(),
            stage: found.found().step.map(|step| step.position.stage.index()),
            segments: engine.segments.iter().map(is_in).collect(),
        }
    }

    fn position(&self) -> Position<'_> {
        Position {
            tier: self.tier,
            stage: self.stage,
            segments: &self.segments,
        }
    }
}

impl Reviews<'_> {
    /// The level of service of a customer reviewed here, and why; `None` if the policy has no `[playbook]`.
    #[must_use]
    pub fn service_plan(&self, reviewed: &Reviewed<'_>) -> Option<Plan> {
        let playbook = self.engine().playbook()?;
        let place = Place::of(reviewed);
        Some(playbook.plan(reviewed.assessment().row(), &place.position()))
    }

    /// What is to be remembered of each customer after this review so that actions with a rule are due when it becomes true; what
    /// was remembered before of customers who are not reviewed here is left out. Empty if the policy has no `[playbook]`.
    #[must_use]
    pub fn playbook_records(
        &self,
        before: &BTreeMap<CustomerId, PlaybookRecord>,
    ) -> BTreeMap<CustomerId, PlaybookRecord> {
        let Some(playbook) = self.engine().playbook() else {
            return BTreeMap::new();
        };
        let nothing = PlaybookRecord::new();
        let after = self.iter().map(|one| {
            let record = before.get(one.id()).unwrap_or(&nothing);
            let row = one.assessment().row();
            let after = playbook.observe(record, row, self.as_of());
            (one.id().clone(), after)
        });
        after.collect()
    }

    /// Which actions are due on the day of the review, with whom, and what was held back and why; `None` if the policy has no
    /// `[playbook]`.
    ///
    /// The contacts made so far are the outbound interactions among the population's records and its attempts; `remembered` is what
    /// [`playbook_records`](Self::playbook_records) gave for this review. With the `rayon` feature this runs on rayon's current thread
    /// pool; the result does not depend on it.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    ///
    /// use customer_value::engine::{Engine, Population};
    /// use customer_value::ledger::{Columns, CustomerColumn, Ledger};
    /// use customer_value::metrics::Catalog;
    /// use customer_value::model::{Customer, Day};
    ///
    /// let engine = Engine::from_toml(r#"
    ///     head = { name = "served", version = "1", currency = "EUR" }
    ///     tiers = [{ name = "top", when = "spend >= 500" }, { name = "everybody" }]
    ///     attributes = { phone_ok = { type = "flag" } }
    ///     [playbook]
    ///     channels = ["mail", "phone"]
    ///     floor = { channels = ["mail"], cadence = "365 days", response_hours = 72 }
    ///     consent = { phone = "phone_ok" }
    ///     [[playbook.plays]]
    ///     name = "personal"
    ///     tiers = ["top"]
    ///     channels = ["mail", "phone"]
    ///     cadence = "30 days"
    ///     response_hours = 4
    ///     actions = ["check in"]
    ///     [[playbook.actions]]
    ///     name = "check in"
    ///     channel = "phone"
    ///     trigger = "cadence"
    ///     cost = "6.00 EUR"
    /// "#, &Catalog::standard())?;
    /// let today: Day = "2024-12-31".parse()?;
    /// let days = [today.epoch_days(); 3];
    /// let columns = Columns::new(CustomerColumn::Numbers(&[1, 2, 3]), &days, &[800_00, 900_00, 5_00]);
    /// let ledger = Ledger::from_columns(&columns, engine.cleaning(today))?;
    /// // The first has agreed to be called, the second has not been asked, and the third has another plan.
    /// let population = engine.population(&ledger)?.with_customers([Customer::new(1).with("phone_ok", true)?])?;
    /// let reviews = engine.review_all(&population, None, today)?;
    /// let due = reviews.due_actions(&BTreeMap::new()).unwrap();
    /// assert_eq!(due.due.len(), 1);
    /// assert_eq!(due.due[0].customer, 1.into());
    /// assert_eq!(due.suppressed[0].to_string(), "2: not check in (through phone), no consent to phone");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn due_actions(
        &self,
        remembered: &BTreeMap<CustomerId, PlaybookRecord>,
    ) -> Option<DueList> {
        let playbook = self.engine().playbook()?;
        let as_of = self.as_of();
        let weighed = self.by_block(|block| {
            let mut weighed = Vec::new();
            for one in block {
                self.subject(&one, remembered, |subject| {
                    weighed.extend(playbook.weigh(subject, as_of));
                });
            }
            weighed
        });
        let weighed = weighed.into_iter().flatten().collect();
        Some(playbook.settle(as_of, weighed))
    }

    /// The records of the population, for what says nothing about customers without them.
    pub(super) fn records(&self) -> Result<&Records, Error> {
        let records = self.population().records();
        records.ok_or_else(|| {
            Error::misuse("the population was given no records, not even that there are none")
        })
    }

    /// What the playbook is told of a customer.
    pub(super) fn subject(
        &self,
        one: &Reviewed<'_>,
        remembered: &BTreeMap<CustomerId, PlaybookRecord>,
        visit: impl FnOnce(&Subject<'_>),
    ) {
        let records = self.population().records();
        let own = records.map_or(&[][..], |all| all.of(one.id())).iter();
        let contacts = own.filter_map(|record| match record {
            Record::Interaction(contact) => Some(contact),
            _ => None,
        });
        let contacts: Vec<&Interaction> = contacts.collect();
        let place = Place::of(one);
        let found = one.assessment();
        visit(&Subject {
            id: one.id(),
            row: found.row(),
            position: place.position(),
            stage_since: found.stage_since(),
            record: remembered.get(one.id()),
            interactions: &contacts,
            attempts: self.population().attempts(one.position()),
        });
    }

    /// Who is to be asked what on the day of the review, and who is not and why; `None` if the policy has no `[surveys]`.
    ///
    /// Complaints are among the population's records; `invitations` are all that were sent so far.
    #[must_use]
    pub fn due_surveys(&self, invitations: &[Invitation]) -> Option<SurveyList> {
        let surveys = self.engine().surveys()?;
        let mut sent: BTreeMap<&CustomerId, Vec<&Invitation>> = BTreeMap::new();
        for invitation in invitations {
            sent.entry(&invitation.customer)
                .or_default()
                .push(invitation);
        }
        let histories = self.population().histories();
        let records = self.population().records();
        let found: Vec<Reviewed<'_>> = self.iter().collect();
        let days: Vec<(Vec<Day>, Vec<Day>)> =
            found
                .iter()
                .map(|one| {
                    let history = histories.at(one.position());
                    let bought = history.map_or_else(Vec::new, |(_, history)| {
                        let all = Summary::new(history, Window::Lifetime, self.as_of());
                        all.purchase_days().map(|(day, _)| day).collect()
                    });
                    let settled = (records.map_or(&[][..], |all| all.of(one.id())).iter())
                        .filter_map(|record| match record {
                            Record::Complaint(complaint) => Complaint::resolved(complaint),
                            _ => None,
                        });
                    (bought, settled.collect())
                })
                .collect();
        let candidates = found
            .iter()
            .zip(&days)
            .map(|(one, (bought, settled))| Candidate {
                id: one.id(),
                row: one.assessment().row(),
                purchases: bought,
                resolved: settled,
                stage_since: one.assessment().stage_since(),
                invitations: sent.get(one.id()).map_or(&[], Vec::as_slice),
            });
        Some(surveys.due(candidates, self.as_of()))
    }
}

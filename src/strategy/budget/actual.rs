//! From records to what was spent.

use std::collections::BTreeMap;

use super::spec::SpendSource;
use super::{Budget, BudgetState, Spend, Totals};
use crate::Error;
use crate::model::{
    Attempt, CostCategory, CustomerId, Day, Direction, Interaction, Money, ServiceCost,
};
use crate::strategy::playbook::{Playbook, is_same};

/// What is known of one customer when it is asked what was spent on them.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The customer; each comes once.
    pub customer: &'a CustomerId,
    /// The tier; `None` if it is not known.
    pub tier: Option<&'a str>,
    /// The segments the customer is in.
    pub segments: &'a [&'a str],
    /// The booked costs, by day.
    pub costs: &'a [&'a ServiceCost],
    /// The interactions, by day; only the outbound ones are looked at.
    pub interactions: &'a [&'a Interaction],
    /// What was tried, by day.
    pub attempts: &'a [Attempt],
}

/// What was spent, each with an id that is the same whenever it is read from the same records.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::model::{CostCategory, Currency, ServiceCost};
/// use customer_value::strategy::budget::{BudgetSpec, BudgetState, Evidence, Names, Spends};
///
/// let spec: BudgetSpec = toml::from_str(r#"
///     periods = "yearly"
///     lines = [{ tier = "A", amount = "100.00 EUR" }]
/// "#)?;
/// let mut problems = Diagnostics::new();
/// let names = Names { tiers: &["A"], segments: &[], categories: None };
/// let budget = spec.bind(&names, Currency::EUR, &mut problems).ok_or(problems)?;
///
/// let day = "2025-03-01".parse()?;
/// let cost = ServiceCost::new(42, day, "12.50 EUR".parse()?, CostCategory::ServiceStaff)?;
/// let mut spends = Spends::default();
/// let (customer, costs) = (42.into(), [&cost, &cost]);
/// let of = Evidence { customer: &customer, tier: Some("A"), segments: &[], costs: &costs, interactions: &[], attempts: &[] };
/// budget.gather(None, &of, day, day, &mut spends)?;
/// assert_eq!(spends.total(), 25_00);
///
/// let mut state = BudgetState::new(Currency::EUR);
/// assert_eq!(spends.book(&mut state)?, 2);
/// assert_eq!(spends.book(&mut state)?, 0); // they are known
/// assert_eq!(state.totals(budget.lines()[0].key(), day, day).spent, 25_00);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spends {
    spends: BTreeMap<String, Spend>,
    without_cost: u64,
}

impl Spends {
    /// The spends by their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Spend)> {
        self.spends.iter().map(|(id, spend)| (id.as_str(), spend))
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spends.len()
    }

    /// Nothing was spent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spends.is_empty()
    }

    /// What they add up to, in minor units.
    #[must_use]
    pub fn total(&self) -> i128 {
        let amounts = self.spends.values();
        amounts
            .map(|spend| i128::from(spend.amount().minor()))
            .sum()
    }

    /// How many attempts there were of which the cost is not known; they are not among the spends.
    #[must_use]
    pub const fn without_cost(&self) -> u64 {
        self.without_cost
    }

    /// Books them, and says how many of them are new. What is promised under the same id is settled at the amount spent; what is
    /// known as spent already stays as it is, with the tier and the segments of its time.
    ///
    /// # Errors
    /// They are in another currency than the state (`is_misuse`); nothing changes then.
    pub fn book(&self, state: &mut BudgetState) -> Result<u64, Error> {
        let foreign = |spend: &&Spend| spend.amount().currency() != state.currency();
        if let Some(spend) = self.spends.values().find(foreign) {
            return Err(not_in(spend.amount(), state.currency().code()));
        }
        let mut new = 0;
        for (id, spend) in &self.spends {
            let is_new = match state.booking(id).map(super::Booking::spent) {
                Some(Some(_)) => false,
                Some(None) => state.settle(id, spend.amount())?,
                None => state.record(id.clone(), spend.clone())?,
            };
            new += u64::from(is_new);
        }
        Ok(new)
    }

    /// Adds a spend under the first id of its kind that is not taken.
    fn add(&mut self, id: &str, spend: Spend) {
        let mut free = id.to_owned();
        let mut number = 1_u64;
        while self.spends.contains_key(&free) {
            number = number.saturating_add(1);
            free = format!("{id} {number}");
        }
        self.spends.insert(free, spend);
    }
}

fn not_in(amount: Money, currency: &str) -> Error {
    Error::misuse(format!(
        "`{amount}` is not in {currency}, the currency of the budget"
    ))
}

/// The id under which an action is promised and booked. Texts are quoted, so that no two ids are the same by accident.
pub(super) fn action_id(customer: &CustomerId, day: Day, action: &str) -> String {
    format!("action {day} {:?} {action:?}", customer.to_string())
}

impl Budget {
    /// Whether something counts as spent.
    fn reads(&self, source: SpendSource) -> bool {
        self.spends.is_empty() || self.spends.contains(&source)
    }

    /// Adds what was spent on a customer from one day to another, both counted; [the page on budgets](crate::docs::budget) says what
    /// that is. Without a playbook there are no actions.
    ///
    /// # Errors
    /// Something that counts is in another currency (`is_misuse`); nothing is added then.
    pub fn gather(
        &self,
        playbook: Option<&Playbook>,
        of: &Evidence<'_>,
        first: Day,
        last: Day,
        spends: &mut Spends,
    ) -> Result<(), Error> {
        let mut found: Vec<(String, Spend)> = Vec::new();
        let mut without_cost = 0_u64;
        let customer = of.customer.to_string();
        let is_in = |day: Day| (first..=last).contains(&day);
        let action = |name: &str| playbook.and_then(|playbook| playbook.cost(name));
        let mut take = |id: String, day, amount: Money, category: &CostCategory| {
            if amount.currency() != self.currency {
                return Err(not_in(amount, self.currency.code()));
            }
            let mut spend = Spend::new(of.customer.clone(), day, amount, category.clone())?;
            spend = of
                .segments
                .iter()
                .fold(spend, |s, one| s.with_segment(*one));
            if let Some(tier) = of.tier {
                spend = spend.with_tier(tier);
            }
            found.push((id, spend));
            Ok(())
        };
        if self.reads(SpendSource::ServiceCosts) {
            for cost in of.costs.iter().filter(|cost| is_in(cost.day())) {
                let (day, amount, category) = (cost.day(), cost.amount(), cost.category());
                let id = format!("cost {day} {customer:?} {:?} {amount}", category.as_str());
                take(id, day, amount, category)?;
            }
        }
        let outbound: Vec<&Interaction> = (of.interactions.iter())
            .filter(|one| one.direction() == Direction::Outbound && is_in(one.day()))
            .copied()
            .collect();
        // Those that no attempt has a cost of.
        let mut contacts = outbound.clone();
        let mut attempts: Vec<&Attempt> = of.attempts.iter().filter(|a| is_in(a.day())).collect();
        // Whatever the order they come in: first those that fit fewer interactions, then by what they cost.
        attempts.sort_by_key(|a| (a.day(), a.channel().is_none(), a.cost().map(Money::minor)));
        for attempt in attempts {
            let day = attempt.day();
            let same = |one: &&Interaction| is_same(attempt, one);
            let known = attempt.offer().and_then(|name| Some((name, action(name)?)));
            let cost = attempt.cost().filter(|_| self.reads(SpendSource::Attempts));
            match (cost, known) {
                (Some(amount), known) => {
                    // The interaction is the same contact, and has its cost here.
                    if let Some(at) = contacts.iter().position(&same) {
                        contacts.remove(at);
                    }
                    let kind = attempt.kind().as_str();
                    let id = match known {
                        Some((name, _)) => action_id(of.customer, day, name),
                        None => {
                            let offer = attempt.offer().unwrap_or_default();
                            format!("attempt {day} {customer:?} {kind:?} {offer:?} {amount}")
                        }
                    };
                    let marketing = &CostCategory::Marketing;
                    take(id, day, amount, known.map_or(marketing, |(_, (_, c))| c))?;
                }
                // It is told again below.
                (None, Some(_))
                    if self.reads(SpendSource::Actions) && outbound.iter().any(same) => {}
                (None, Some((name, (amount, category)))) if self.reads(SpendSource::Actions) => {
                    take(action_id(of.customer, day, name), day, amount, category)?;
                }
                (None, _) if self.reads(SpendSource::Attempts) && attempt.cost().is_none() => {
                    without_cost = without_cost.saturating_add(1);
                }
                _ => {}
            }
        }
        if self.reads(SpendSource::Actions) {
            for one in contacts {
                if let Some((amount, category)) = action(one.kind()) {
                    let id = action_id(of.customer, one.day(), one.kind());
                    take(id, one.day(), amount, category)?;
                }
            }
        }
        for (id, spend) in found {
            spends.add(&id, spend);
        }
        spends.without_cost = spends.without_cost.saturating_add(without_cost);
        Ok(())
    }

    /// What is booked from one day to another, both counted, and counts on no line.
    #[must_use]
    pub fn outside(&self, state: &BudgetState, first: Day, last: Day) -> Totals {
        let mut totals = Totals::default();
        for (_, booking) in state.bookings() {
            let spend = booking.spend();
            let is_in = (first..=last).contains(&spend.day());
            if is_in && !self.lines.iter().any(|line| line.key().matches(spend)) {
                totals.add(booking.totals());
            }
        }
        totals
    }
}

//! Which of the actions that are due are still paid for.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::actual::action_id;
use super::{Budget, BudgetState, Decision, Spend, Verdict};
use crate::Error;
use crate::model::{CustomerId, Day};
use crate::strategy::playbook::{DueAction, DueList, Playbook};

/// A due action, and what the budget says to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedAction {
    /// The action.
    pub action: DueAction,
    /// The id under which it is promised; the contact is booked under the same one.
    pub id: String,
    /// What the budget says; `None` if it was not asked: the action costs nothing, or it was promised or spent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

impl AskedAction {
    /// What the budget decides; an action that it was not asked about may be done.
    #[must_use]
    pub fn decision(&self) -> Decision {
        let verdict = self.verdict.as_ref();
        verdict.map_or(Decision::Allow, |verdict| verdict.decision)
    }
}

/// The due actions of a day as the budget sees them, one after the other: what is not denied is promised before the next is asked
/// about, so that all of it together can be done.
///
/// As text it has a line for each action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedActions {
    /// The day.
    pub day: Day,
    /// The actions, in the order in which they were due: the best first.
    pub actions: Vec<AskedAction>,
    /// What is booked if the list is worked off: the state that was asked, and what is not denied promised. A host that keeps it
    /// [releases](BudgetState::release) what was not done.
    pub state: BudgetState,
}

impl AskedActions {
    /// The actions that are paid for, the best first.
    pub fn paid(&self) -> impl Iterator<Item = &DueAction> {
        let paid = |one: &&AskedAction| one.decision() != Decision::Deny;
        self.actions.iter().filter(paid).map(|one| &one.action)
    }
}

impl fmt::Display for AskedActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for one in &self.actions {
            let DueAction {
                customer,
                action,
                cost,
                ..
            } = &one.action;
            write!(f, "{customer}: {action} for {cost}: {}", one.decision())?;
            if let Some(line) = one.verdict.as_ref().and_then(Verdict::line) {
                write!(f, " ({})", line.line)?;
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}

impl Budget {
    /// Which due actions are still paid for, asked one after the other in the order of the list; `place` gives the tier and the
    /// segments of a customer.
    ///
    /// # Errors
    /// The state is in another currency (`is_misuse`), or an action is not one of the playbook (`is_misuse`).
    pub fn ask_actions<'p>(
        &self,
        playbook: &Playbook,
        due: &DueList,
        state: &BudgetState,
        place: impl Fn(&CustomerId) -> (Option<&'p str>, Vec<&'p str>),
    ) -> Result<AskedActions, Error> {
        if state.currency() != self.currency {
            let (spent, own) = (state.currency(), self.currency);
            let message = format!("what was spent is in {spent}, the budget in {own}");
            return Err(Error::misuse(message));
        }
        let mut state = state.clone();
        let mut actions = Vec::new();
        for action in &due.due {
            let (customer, name) = (&action.customer, &action.action);
            let Some((_, category)) = playbook.cost(name) else {
                let message = format!("the playbook has no action `{name}`");
                return Err(Error::misuse(message));
            };
            let id = action_id(customer, due.day, name);
            let verdict = if action.cost.minor() == 0 || state.booking(&id).is_some() {
                None
            } else {
                let spend = Spend::new(customer.clone(), due.day, action.cost, category.clone())?;
                let (tier, segments) = place(customer);
                let spend = segments.into_iter().fold(spend, Spend::with_segment);
                let spend = match tier {
                    Some(tier) => spend.with_tier(tier),
                    None => spend,
                };
                let verdict = self.ask(&spend, &state);
                if verdict.decision != Decision::Deny {
                    state.commit(id.clone(), spend)?;
                }
                Some(verdict)
            };
            actions.push(AskedAction {
                action: action.clone(),
                id,
                verdict,
            });
        }
        Ok(AskedActions {
            day: due.day,
            actions,
            state,
        })
    }
}

//! Whether something may be spent.

use std::cmp::Reverse;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::line::{Line, Share, shown};
use super::spec::Outside;
use super::{Budget, BudgetState, LineKey, Period, Spend, Totals};
use crate::model::Currency;

/// The answer to a proposed spend, from the mildest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It may be spent.
    Allow,
    /// It may be spent, and somebody should know.
    Warn,
    /// It may not be spent.
    Deny,
}

impl Decision {
    /// The word that stands for it in text and in serde.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a proposed spend is decided as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// There is enough left.
    Within,
    /// It reaches the share from which on there is a warning.
    NearLimit,
    /// It is more than the line has.
    OverLimit,
    /// It reaches that share of what this customer may cost.
    CustomerNearLimit,
    /// It is more than this customer may cost.
    CustomerOverLimit,
    /// No line matches it.
    Outside,
    /// It is in another currency than the budget, or what was spent is.
    OtherCurrency,
}

/// What a proposed spend does to an amount that may be spent; all in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// What may be spent in the period, with what was carried into it.
    pub limit: i128,
    /// What is spent and committed before.
    pub before: i128,
    /// The same with the proposed amount.
    pub after: i128,
    /// The limit less that; below zero if it is exceeded.
    pub left: i128,
}

impl Room {
    fn new(limit: i128, used: Totals, amount: i128) -> Self {
        let before = used.used();
        let after = before.saturating_add(amount);
        Self {
            limit,
            before,
            after,
            left: limit.saturating_sub(after),
        }
    }

    const fn exceeded(&self) -> bool {
        self.left < 0
    }

    fn near(&self, share: Option<Share>) -> bool {
        self.after > 0 && share.is_some_and(|share| share.reached(self.after, self.limit))
    }
}

/// What one line says to a proposed spend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineVerdict {
    /// The line.
    pub line: LineKey,
    /// What it decides.
    pub decision: Decision,
    /// Why.
    pub reason: Reason,
    /// What the spend does to the line.
    pub room: Room,
    /// What it does to what this customer may cost; `None` if the line does not say.
    pub customer: Option<Room>,
}

/// Whether something may be spent, and why.
///
/// As text it is the decision, and a line for each line of the budget that the spend counts on. Amounts are in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The strictest decision of all lines, or that of a spend outside of them.
    pub decision: Decision,
    /// Why: the reason of the [line](Self::line) that decided.
    pub reason: Reason,
    /// The period of the spend.
    pub period: Period,
    /// The currency of the budget.
    pub currency: Currency,
    /// What each line says that the spend counts on, from the most specific.
    pub lines: Vec<LineVerdict>,
}

impl Verdict {
    /// The line that decided: the most specific of the strictest. `None` if none did (outside of all lines, other currency).
    #[must_use]
    pub fn line(&self) -> Option<&LineVerdict> {
        self.lines
            .iter()
            .find(|line| line.decision == self.decision)
    }

    /// What the spend does to what decided: the line, or what this customer may cost on it. `None` if no line did.
    #[must_use]
    pub fn room(&self) -> Option<Room> {
        self.line().map(|line| match line.reason {
            Reason::CustomerNearLimit | Reason::CustomerOverLimit => {
                line.customer.unwrap_or(line.room)
            }
            _ => line.room,
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Reason::Outside => writeln!(f, "{}: no line of the budget matches it", self.decision),
            Reason::OtherCurrency => {
                writeln!(f, "{}: it is not in {}", self.decision, self.currency)
            }
            _ => writeln!(f, "{}", self.decision),
        }?;
        let money = |minor| shown(minor, self.currency);
        for line in &self.lines {
            let of_customer = matches!(
                line.reason,
                Reason::CustomerNearLimit | Reason::CustomerOverLimit
            );
            let (room, whose) = match line.customer {
                Some(room) if of_customer => (room, " for this customer"),
                _ => (line.room, ""),
            };
            let (after, limit) = (money(room.after), money(room.limit));
            write!(
                f,
                "{}: {after} of {limit}{whose} in {}",
                line.line, self.period
            )?;
            if room.exceeded() {
                let over = money(room.left.saturating_neg());
                write!(f, " would be {over} too much")?;
            } else {
                write!(f, ", {} left", money(room.left))?;
            }
            writeln!(f, ": {}", line.decision)?;
        }
        Ok(())
    }
}

impl Budget {
    /// Whether a proposed spend may be made, with what every line says that it counts on.
    ///
    /// The state is not changed. A spend that the state already has (it is asked about again) would count twice: look at
    /// [`BudgetState::booking`] first.
    #[must_use]
    pub fn ask(&self, spend: &Spend, state: &BudgetState) -> Verdict {
        let period = self.period(spend.day());
        let verdict = |decision, reason, lines| Verdict {
            decision,
            reason,
            period,
            currency: self.currency,
            lines,
        };
        if spend.amount().currency() != self.currency || state.currency() != self.currency {
            return verdict(Decision::Deny, Reason::OtherCurrency, Vec::new());
        }
        let mut matching: Vec<&Line> = self
            .lines
            .iter()
            .filter(|line| line.key.matches(spend))
            .collect();
        // A stable sort: the order of the policy among those that are equally specific.
        matching.sort_by_key(|line| Reverse(line.key.rank()));
        let lines: Vec<LineVerdict> = matching
            .into_iter()
            .map(|line| self.judge(line, spend, state))
            .collect();
        // Of equally strict ones `max_by_key` takes the last.
        match lines.iter().rev().max_by_key(|line| line.decision) {
            Some(line) => verdict(line.decision, line.reason, lines.clone()),
            None => {
                let decision = match self.outside {
                    Outside::Deny => Decision::Deny,
                    Outside::Warn => Decision::Warn,
                };
                verdict(decision, Reason::Outside, lines)
            }
        }
    }

    /// What may be spent on a line in a period, in minor units: its plan, and what was carried into it.
    #[must_use]
    pub fn available(&self, line: &Line, state: &BudgetState, period: Period) -> i128 {
        i128::from(line.plan(period)) + i128::from(state.carried(&line.key, period))
    }

    /// What the line would say to one minor unit more in a period, whoever the customer is: whether it is used up.
    #[must_use]
    pub fn one_more(&self, line: &Line, state: &BudgetState, period: Period) -> Decision {
        let (first, last) = self.calendar.days(period);
        let used = state.totals(&line.key, first, last);
        let room = Room::new(self.available(line, state, period), used, 1);
        decide(line, &room, None).0
    }

    fn judge(&self, line: &Line, spend: &Spend, state: &BudgetState) -> LineVerdict {
        let period = self.period(spend.day());
        let (first, last) = self.calendar.days(period);
        let amount = i128::from(spend.amount().minor());
        let used = state.totals(&line.key, first, last);
        let room = Room::new(self.available(line, state, period), used, amount);
        let customer = line.per_customer(period).map(|limit| {
            let used = state.customer_totals(spend.customer(), &line.key, first, last);
            Room::new(limit.into(), used, amount)
        });
        let (decision, reason) = decide(line, &room, customer.as_ref());
        LineVerdict {
            line: line.key.clone(),
            decision,
            reason,
            room,
            customer,
        }
    }
}

fn decide(line: &Line, room: &Room, customer: Option<&Room>) -> (Decision, Reason) {
    let over = if line.hard {
        Decision::Deny
    } else {
        Decision::Warn
    };
    if room.exceeded() {
        (over, Reason::OverLimit)
    } else if customer.is_some_and(Room::exceeded) {
        (over, Reason::CustomerOverLimit)
    } else if room.near(line.warn_at) {
        (Decision::Warn, Reason::NearLimit)
    } else if customer.is_some_and(|room| room.near(line.warn_at)) {
        (Decision::Warn, Reason::CustomerNearLimit)
    } else {
        (Decision::Allow, Reason::Within)
    }
}

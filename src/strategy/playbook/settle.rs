//! Who is contacted on a day: what the customers' actions share.

use std::cmp::{Ordering, Reverse};

use super::due::{Ready, Subject, Weighed};
use super::outcome::{DueAction, DueList, Suppressed, Suppression, Why};
use super::plan::{Action, Playbook};
use super::spec::Order;
use crate::model::{CustomerId, Day, Money};

/// Net value per cost: greater is better.
///
/// Nothing that costs nothing is above or below every quotient, or 0.
fn compare(a: (i64, i64), b: (i64, i64)) -> Ordering {
    let class = |(net, cost): (i64, i64)| if cost == 0 { net.signum() } else { 0 };
    // A net value of 0 that costs nothing is 0 ÷ 1.
    let quotient = |(net, cost): (i64, i64)| (i128::from(net), i128::from(cost.max(1)));
    class(a)
        .cmp(&class(b))
        .then_with(|| {
            if class(a) != 0 {
                return Ordering::Equal;
            }
            let ((a, over_a), (b, over_b)) = (quotient(a), quotient(b));
            (a * over_b).cmp(&(b * over_a))
        })
        .then_with(|| a.0.cmp(&b.0))
}

/// An action of a customer that may be taken.
struct Pair<'a> {
    /// The position of the customer.
    customer: usize,
    ready: &'a Ready,
    action: &'a Action,
}

/// What is left of what the actions of one customer share.
struct Left {
    room: Vec<u32>,
    /// How many contacts there are on the day.
    contacts: usize,
    /// The groups that have their action, with its position.
    groups: Vec<(usize, usize)>,
}

/// What is left of what all customers share.
struct Rest {
    budget: Option<i128>,
    /// For each channel.
    capacity: Vec<Option<u64>>,
}

impl Playbook {
    /// What is to be done on a day: all due actions of all customers, and those that were suppressed and why.
    ///
    /// The order in which the customers come does not matter. A day that was recorded and is asked for again gives nothing
    /// new, if all customers come again.
    ///
    /// ```
    /// use customer_value::diagnostic::Diagnostics;
    /// use customer_value::model::{Currency, CustomerId, Day, Unit};
    /// use customer_value::strategy::playbook::{Names, PlaybookSpec, Subject};
    /// use customer_value::table::{Field, Schema, Table};
    ///
    /// let spec: PlaybookSpec = toml::from_str(r#"
    ///     channels = ["phone", "email"]
    ///     consent = { phone = "may_phone" }
    ///     capacity = { phone = 1 }
    ///     floor = { channels = ["email"] }
    ///     plays = [{ name = "offers", channels = ["phone", "email"], actions = ["offer"] }]
    ///     actions = [
    ///         { name = "offer", channel = "phone", trigger = { every = "30 days" }, cost = "6.00 EUR", response = 0.15, value = "spend" },
    ///     ]
    /// "#)?;
    /// let mut schema = Schema::new();
    /// let may = schema.add(Field::number("may_phone", Unit::Flag))?;
    /// let spend = schema.add(Field::number("spend", Unit::Money))?;
    /// let mut problems = Diagnostics::new();
    /// let playbook = spec.bind(&Names::default(), &schema, Currency::EUR, &mut problems).ok_or(problems)?;
    ///
    /// let mut table = Table::new(schema, 3);
    /// for (row, (consent, worth)) in [(Some(1.0), 100.0), (Some(1.0), 120.0), (None, 900.0)].into_iter().enumerate() {
    ///     table.column_mut(may).set(row, consent);
    ///     table.column_mut(spend).set(row, Some(worth));
    /// }
    /// let ids: Vec<CustomerId> = (1..4).map(CustomerId::from).collect();
    /// let all = ids.iter().enumerate().map(|(row, id)| Subject::new(id, table.row(row)));
    /// let list = playbook.due("2024-06-28".parse::<Day>()?, all);
    ///
    /// let said: Vec<String> = list.due.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, ["2: offer (through phone), no contact yet, net value 12.00 EUR for 6.00 EUR"]);
    /// let said: Vec<String> = list.suppressed.iter().map(ToString::to_string).collect();
    /// assert_eq!(said, [
    ///     "1: not offer (through phone), the capacity of phone is used up",
    ///     "3: not offer (through phone), no consent to phone",
    /// ]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn due<'a>(&self, day: Day, customers: impl IntoIterator<Item = Subject<'a>>) -> DueList {
        let customers = customers.into_iter();
        let weighed = customers.filter_map(|one| self.weigh(&one, day));
        self.settle(day, weighed.collect())
    }

    /// Takes the due actions of all customers, the best first, as long as nothing holds them back.
    #[must_use]
    pub fn settle(&self, day: Day, mut weighed: Vec<Weighed>) -> DueList {
        weighed.sort_by(|a, b| a.id.cmp(&b.id));
        let mut pairs: Vec<Pair<'_>> = Vec::new();
        for (customer, one) in weighed.iter().enumerate() {
            pairs.extend(one.ready.iter().filter_map(|ready| {
                Some(Pair {
                    customer,
                    ready,
                    action: self.actions.get(ready.action)?,
                })
            }));
        }
        pairs.sort_by(|a, b| self.rank(a, b));
        let mut rest = self.rest(&weighed);
        let mut left: Vec<Left> = weighed.iter().map(|one| self.left(one)).collect();
        let mut due = Vec::new();
        let mut suppressed = Vec::new();
        for pair in pairs {
            let (Some(one), Some(left)) = (weighed.get(pair.customer), left.get_mut(pair.customer))
            else {
                continue;
            };
            match self.held(&pair, left, &rest) {
                Some(because) => {
                    let (why, i) = (&pair.ready.why, pair.ready.action);
                    suppressed.extend(self.suppressed(&one.id, i, why, because));
                }
                None => {
                    self.take(&pair, left, &mut rest);
                    due.push(self.taken(one, &pair));
                }
            }
        }
        for one in &weighed {
            let held = one.held.iter();
            suppressed.extend(held.filter_map(|(i, why, because)| {
                self.suppressed(&one.id, *i, why, because.clone())
            }));
        }
        // Within a customer in the order of the policy.
        suppressed.sort_by(|(i, a), (j, b)| a.customer.cmp(&b.customer).then(i.cmp(j)));
        DueList {
            day,
            due,
            suppressed: suppressed.into_iter().map(|(_, one)| one).collect(),
        }
    }

    /// Which of two comes first.
    fn rank(&self, a: &Pair<'_>, b: &Pair<'_>) -> Ordering {
        let priority = |pair: &Pair<'_>| match self.order {
            Order::Priority => pair.action.priority,
            Order::ValuePerCost => 0,
        };
        let before = |pair: &Pair<'_>| Reverse((pair.action.owed, priority(pair)));
        let worth = |pair: &Pair<'_>| pair.ready.net.map(|net| (net, pair.action.cost));
        before(a)
            .cmp(&before(b))
            .then_with(|| match (worth(a), worth(b)) {
                (Some(a), Some(b)) => compare(b, a),
                (a, b) => b.is_some().cmp(&a.is_some()),
            })
            .then_with(|| (a.customer, a.ready.action).cmp(&(b.customer, b.ready.action)))
    }

    /// What the contacts of the day have left of the budget and the capacities.
    fn rest(&self, weighed: &[Weighed]) -> Rest {
        let today = || weighed.iter().flat_map(|one| &one.today);
        let action = |i: usize| self.actions.get(i);
        let costs = today().filter_map(|contact| contact.action.and_then(action));
        let spent: i128 = costs.map(|action| i128::from(action.cost)).sum();
        let capacity = self.channels.iter().enumerate().map(|(i, channel)| {
            let used = today().filter(|contact| contact.channel == Some(i)).count();
            let used = u64::try_from(used).unwrap_or(u64::MAX);
            channel.capacity.map(|all| all.saturating_sub(used))
        });
        Rest {
            budget: self.budget.map(|all| (i128::from(all) - spent).max(0)),
            capacity: capacity.collect(),
        }
    }

    fn left(&self, one: &Weighed) -> Left {
        let of = |i: usize| Some((self.actions.get(i)?.group?, i));
        let done = one.today.iter().filter_map(|contact| contact.action);
        Left {
            room: one.room.clone(),
            contacts: one.today.len(),
            groups: done.filter_map(of).collect(),
        }
    }

    /// What holds an action back, after those that were taken.
    fn held(&self, pair: &Pair<'_>, left: &Left, rest: &Rest) -> Option<Suppression> {
        let action = pair.action;
        let channel = self.channels.get(action.channel)?;
        let has = |(group, by): &(usize, usize)| (Some(*group) == action.group).then_some(*by);
        if let Some(by) = left.groups.iter().find_map(has) {
            let by = self.actions.get(by).map(|by| by.name.clone());
            return Some(Suppression::Group {
                by: by.unwrap_or_default(),
            });
        }
        let full = |most: &u32| left.contacts >= usize::try_from(*most).unwrap_or(usize::MAX);
        if let Some(at_most) = self.max_per_day.filter(full) {
            return Some(Suppression::PerDay { at_most });
        }
        for (cap, room) in self.caps.iter().zip(&left.room) {
            if *room == 0 && cap.channel.is_none_or(|i| i == action.channel) {
                return Some(Suppression::Cap {
                    at_most: cap.at_most,
                    within: cap.within,
                    channel: cap.channel.map(|_| channel.name.clone()),
                });
            }
        }
        if rest.capacity.get(action.channel) == Some(&Some(0)) {
            return Some(Suppression::Capacity {
                channel: channel.name.clone(),
            });
        }
        let left = rest.budget.filter(|left| i128::from(action.cost) > *left)?;
        // What is left is less than a cost, so it fits.
        let left = Money::from_minor(i64::try_from(left).unwrap_or(i64::MAX), self.currency);
        Some(Suppression::Budget { left })
    }

    fn take(&self, pair: &Pair<'_>, left: &mut Left, rest: &mut Rest) {
        let action = pair.action;
        left.contacts = left.contacts.saturating_add(1);
        left.groups
            .extend(action.group.map(|group| (group, pair.ready.action)));
        for (cap, room) in self.caps.iter().zip(&mut left.room) {
            if cap.channel.is_none_or(|i| i == action.channel) {
                *room = room.saturating_sub(1);
            }
        }
        if let Some(Some(capacity)) = rest.capacity.get_mut(action.channel) {
            *capacity = capacity.saturating_sub(1);
        }
        if let Some(budget) = &mut rest.budget {
            *budget -= i128::from(action.cost);
        }
    }

    fn channel_of(&self, action: &Action) -> String {
        let channel = self.channels.get(action.channel);
        channel.map(|c| c.name.clone()).unwrap_or_default()
    }

    fn taken(&self, one: &Weighed, pair: &Pair<'_>) -> DueAction {
        let money = |minor| Money::from_minor(minor, self.currency);
        let play = one.play.and_then(|i| self.plays.get(i));
        DueAction {
            customer: one.id.clone(),
            action: pair.action.name.clone(),
            channel: self.channel_of(pair.action),
            play: play.map(|play| play.name.clone()),
            why: pair.ready.why.clone(),
            owed: pair.action.owed,
            net: pair.ready.net.map(money),
            cost: money(pair.action.cost),
        }
    }

    fn suppressed(
        &self,
        customer: &CustomerId,
        i: usize,
        why: &Why,
        because: Suppression,
    ) -> Option<(usize, Suppressed)> {
        let action = self.actions.get(i)?;
        let suppressed = Suppressed {
            customer: customer.clone(),
            action: action.name.clone(),
            channel: self.channel_of(action),
            why: why.clone(),
            because,
        };
        Some((i, suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn net_values_per_cost_are_in_one_order() {
        let best_first = [
            (7, 0),
            (1, 0),
            (i64::MAX, 1),
            (10, 1),
            (20, 4),
            (5, 1),
            (1, i64::MAX),
            (0, 0),
            (-1, i64::MAX),
            (i64::MIN, 1),
            (-1, 0),
            (-7, 0),
        ];
        for (i, a) in best_first.iter().enumerate() {
            for (j, b) in best_first.iter().enumerate() {
                assert_eq!(compare(*b, *a), i.cmp(&j), "{a:?} and {b:?}");
            }
        }
    }
}

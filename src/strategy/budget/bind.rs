//! The checks of the section `[budget]`.

use super::carry::Carry;
use super::line::{Amounts, Line, Share, shown};
use super::spec::{BudgetSpec, CarrySpec, Limit, LineSpec, Names, Per};
use super::{Budget, Calendar, Periods};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::metrics::cost::slip;
use crate::model::{CostCategory, Currency, Days, Money};

/// How many days of a period are needed for a forecast, if the policy does not say: every weekday equally often.
const FORECAST_AFTER: Days = Days::new(28);

impl BudgetSpec {
    /// Binds the section, or reports everything that is wrong with it, at places such as `budget.lines[1].amount`. `None` if there
    /// was an error.
    ///
    /// [The page on budgets](crate::docs::budget) lists what is reported.
    pub fn bind(
        &self,
        names: &Names<'_>,
        currency: Currency,
        diagnostics: &mut Diagnostics,
    ) -> Option<Budget> {
        let before = diagnostics.len();
        let mut binder = Binder {
            names,
            currency,
            quarterly: self.periods == Periods::Quarterly,
            problems: diagnostics,
        };
        let start_month = self.start_month.unwrap_or(1);
        let calendar = Calendar::new(self.periods, start_month);
        if calendar.is_err() {
            let message = format!("a month of {start_month} is not from 1 to 12");
            binder.error(Code::Range, "start_month", message);
        }
        let warn_at = self.warn_at.and_then(|at| binder.share(at, "warn_at"));
        let forecast_after = self.forecast_after.unwrap_or(FORECAST_AFTER);
        if forecast_after.get() < 1 {
            let message = format!("`{forecast_after}` is less than 1 day");
            binder.error(Code::Range, "forecast_after", message);
        }
        let carry = self
            .carry_over
            .as_ref()
            .map(|rule| binder.carry(rule, &self.lines));
        if self.lines.is_empty() {
            binder.error(Code::Missing, "lines", "there is no line".to_owned());
        }
        let mut lines = Vec::new();
        for i in 0..self.lines.len() {
            lines.push(binder.line(self, i, warn_at));
        }
        binder.larger_than_around(&lines);
        let failed = diagnostics
            .iter()
            .skip(before)
            .any(|d| d.severity == Severity::Error);
        if failed {
            return None;
        }
        Some(Budget {
            currency,
            calendar: calendar.ok()?,
            outside: self.outside.unwrap_or_default(),
            spends: self.spends.clone(),
            forecast_after,
            carry: match carry {
                Some(rule) => Some(rule?),
                None => None,
            },
            lines: lines.into_iter().collect::<Option<Vec<_>>>()?,
        })
    }
}

struct Binder<'a> {
    names: &'a Names<'a>,
    currency: Currency,
    quarterly: bool,
    problems: &'a mut Diagnostics,
}

impl Binder<'_> {
    fn push(&mut self, problem: Diagnostic) {
        self.problems.push(problem);
    }

    fn error(&mut self, code: Code, field: &str, message: String) {
        self.push(Diagnostic::error(code, place(field), message));
    }

    fn help(&mut self, code: Code, field: &str, message: String, help: String) {
        self.push(Diagnostic::error(code, place(field), message).help(help));
    }

    fn share(&mut self, share: f64, field: &str) -> Option<Share> {
        let bound = Share::new(share);
        if bound.is_none() {
            let message = format!("a share of {share} is not from 0 to 1");
            if share > 1.0 && share <= 100.0 {
                let help = format!("{share} % is written `{}`", share / 100.0);
                self.help(Code::Range, field, message, help);
            } else {
                self.error(Code::Range, field, message);
            }
        }
        bound
    }

    /// The minor units of an amount that is in the currency of the policy and not negative.
    fn amount(&mut self, amount: Money, field: &str) -> Option<i64> {
        let currency = self.currency;
        let negative = amount.is_negative();
        if negative {
            let message = format!("an amount of {amount} is negative");
            self.error(Code::Range, field, message);
        }
        if amount.currency() != currency {
            let message = format!("`{amount}` is not in {currency}, the currency of the policy");
            let help = format!("write it in {currency}");
            self.help(Code::Conflict, field, message, help);
            return None;
        }
        (!negative).then(|| amount.minor())
    }

    fn known(&mut self, what: &str, name: &str, known: &[&str], field: &str) {
        if !known.contains(&name) {
            let message = format!("there is no {what} `{name}`");
            let problem = Diagnostic::error(Code::UnknownName, place(field), message);
            self.push(problem.did_you_mean(name, known.iter().copied()));
        }
    }

    fn category(&mut self, category: &CostCategory, field: &str) {
        let names = self.names;
        if category.as_str().trim().is_empty() {
            self.error(Code::InvalidName, field, "a category is empty".to_owned());
        } else if let Some(known) = names.categories {
            self.known("category", category.as_str(), known, field);
        } else if let Some(problem) = slip(category, place(field)) {
            self.push(problem);
        }
    }

    fn carry(&mut self, rule: &CarrySpec, lines: &[LineSpec]) -> Option<Carry> {
        let share = self.share(rule.share, "carry_over.share");
        let cap = rule.cap.map(|cap| self.amount(cap, "carry_over.cap"));
        for (i, category) in rule.categories.iter().enumerate() {
            let field = format!("carry_over.categories[{i}]");
            let before = self.problems.len();
            self.category(category, &field);
            if rule
                .categories
                .iter()
                .take(i)
                .any(|other| other == category)
            {
                let message = format!("`{category}` is there twice");
                self.error(Code::DuplicateName, &field, message);
            }
            let used = lines
                .iter()
                .any(|line| line.category.as_ref() == Some(category));
            if !used && self.problems.len() == before {
                let message = format!("no line is for the category `{category}`");
                let problem = Diagnostic::warning(Code::Unused, place(&field), message);
                self.push(problem);
            }
        }
        Some(Carry {
            share: share?,
            cap: match cap {
                Some(cap) => Some(cap?),
                None => None,
            },
            categories: rule.categories.clone(),
        })
    }

    fn line(&mut self, spec: &BudgetSpec, i: usize, warn_at: Option<Share>) -> Option<Line> {
        let line = spec.lines.get(i)?;
        let field = |name: &str| format!("lines[{i}].{name}");
        let key = line.key();
        if let Some(j) = spec.lines.iter().take(i).position(|one| one.key() == key) {
            let message = format!("`{key}` is the line of `lines[{j}]` again");
            let help = "make them one line, or name another tier, segment or category".to_owned();
            self.help(Code::Overlap, &format!("lines[{i}]"), message, help);
        }
        let names = self.names;
        if let Some(tier) = &line.tier {
            self.known("tier", tier, names.tiers, &field("tier"));
        }
        if let Some(segment) = &line.segment {
            self.known("segment", segment, names.segments, &field("segment"));
        }
        if let Some(category) = &line.category {
            self.category(category, &field("category"));
        }
        let amount = self.amount(line.amount, &field("amount"));
        let quarters = self.quarters(line, amount, &field("quarters"));
        self.customers(line, &field);
        let own = line.warn_at.map(|at| self.share(at, &field("warn_at")));
        let written = Amounts {
            year: amount?,
            quarters: quarters?,
        };
        let (plan, per_customer) = match line.per {
            Per::Total => (written, None),
            Per::Customer => {
                let Some(plan) = times(written, line.customers?) else {
                    let message = "the amount for all customers is too large".to_owned();
                    self.error(Code::Range, &field("amount"), message);
                    return None;
                };
                (plan, Some(written))
            }
        };
        Some(Line {
            key,
            plan,
            per_customer,
            customers: line.customers,
            hard: line.limit.or(spec.limit).unwrap_or_default() == Limit::Hard,
            warn_at: own.unwrap_or(warn_at),
        })
    }

    /// The amounts of the quarters; `None` if they are wrong.
    fn quarters(&mut self, line: &LineSpec, year: Option<i64>, field: &str) -> Option<[i64; 4]> {
        let Some(quarters) = &line.quarters else {
            return year.map(equal_quarters);
        };
        if !self.quarterly {
            let message = "a yearly budget has no quarters".to_owned();
            let help = "leave them out, or write `periods = \"quarterly\"`".to_owned();
            self.help(Code::Conflict, field, message, help);
        }
        let amounts: Vec<Option<i64>> = quarters
            .iter()
            .enumerate()
            .map(|(j, amount)| self.amount(*amount, &format!("{field}[{j}]")))
            .collect();
        let Ok(amounts) = <[Option<i64>; 4]>::try_from(amounts) else {
            let message = format!("a year has 4 quarters, not {}", quarters.len());
            self.error(Code::Range, field, message);
            return None;
        };
        let [Some(a), Some(b), Some(c), Some(d)] = amounts else {
            return None;
        };
        let sum: i128 = [a, b, c, d].into_iter().map(i128::from).sum();
        let year = i128::from(year?);
        if sum != year {
            let money = |minor| shown(minor, self.currency);
            let message = format!(
                "the quarters add up to {}, not to the {} of the year",
                money(sum),
                money(year)
            );
            let help = if sum < year {
                format!("{} are missing", money(year - sum))
            } else {
                format!("{} are too much", money(sum - year))
            };
            self.help(Code::Conflict, field, message, help);
        }
        Some([a, b, c, d])
    }

    /// Planned customers, and what each is planned to cost.
    fn customers(&mut self, line: &LineSpec, field: &impl Fn(&str) -> String) {
        if line.customers == Some(0) {
            let message = "0 planned customers are less than 1".to_owned();
            let help = "leave it out if it is not known".to_owned();
            self.help(Code::Range, &field("customers"), message, help);
        }
        if line.per == Per::Customer && line.customers.is_none() {
            let message = "the amount is for one customer, and the number of customers is missing";
            self.error(Code::Missing, &field("customers"), message.to_owned());
        }
        let Some(cost) = line.cost_per_customer else {
            return;
        };
        let place = field("cost_per_customer");
        let Some(cost) = self.amount(cost, &place).map(i128::from) else {
            return;
        };
        // What is wrong with the amount is said there.
        if line.amount.currency() != self.currency || line.amount.is_negative() {
            return;
        }
        let amount = i128::from(line.amount.minor());
        match (line.per, line.customers) {
            (Per::Customer, _) => {
                if cost != amount {
                    let message = format!("a customer has an amount of {} already", line.amount);
                    let help = "leave it out".to_owned();
                    self.help(Code::Conflict, &place, message, help);
                }
            }
            (Per::Total, None) => {
                let message = "the number of `customers` is missing".to_owned();
                self.error(Code::Missing, &place, message);
            }
            (Per::Total, Some(0)) => {}
            (Per::Total, Some(customers)) => {
                let customers = i128::from(customers);
                // Half a minor unit for each customer is what rounding the cost can bring; no product leaves `i128`.
                let product = cost * customers;
                if (product - amount).saturating_abs().saturating_mul(2) > customers {
                    let money = |minor| shown(minor, self.currency);
                    let message = format!(
                        "{customers} customers at {} cost {}, not {}",
                        money(cost),
                        money(product),
                        line.amount
                    );
                    let help = "leave it out: it is the amount over the customers".to_owned();
                    self.help(Code::Conflict, &place, message, help);
                }
            }
        }
    }

    /// A line that can never be used up, because a hard line around it has less.
    fn larger_than_around(&mut self, lines: &[Option<Line>]) {
        for (i, line) in lines.iter().enumerate() {
            let Some(line) = line else { continue };
            let around = lines.iter().flatten().find(|other| {
                other.hard
                    && other.key != line.key
                    && other.key.encloses(&line.key)
                    && other.plan.year < line.plan.year
            });
            if let Some(around) = around {
                let money = |minor: i64| Money::from_minor(minor, self.currency);
                let message = format!(
                    "it has {}, and the hard line `{}` around it only {}",
                    money(line.plan.year),
                    around.key,
                    money(around.plan.year)
                );
                let place = place(&format!("lines[{i}].amount"));
                let problem = Diagnostic::warning(Code::Conflict, place, message);
                self.push(problem);
            }
        }
    }
}

fn place(field: &str) -> Place {
    Place::at(format!("budget.{field}"))
}

/// Equal parts in whole minor units, the larger ones first.
fn equal_quarters(year: i64) -> [i64; 4] {
    let (part, rest) = (year / 4, year % 4);
    [0, 1, 2, 3].map(|quarter| part + i64::from(quarter < rest))
}

/// So many times the amounts; `None` if that does not fit.
fn times(amounts: Amounts, customers: u64) -> Option<Amounts> {
    let customers = i64::try_from(customers).ok()?;
    let [a, b, c, d] = amounts.quarters.map(|amount| amount.checked_mul(customers));
    Some(Amounts {
        year: amounts.year.checked_mul(customers)?,
        quarters: [a?, b?, c?, d?],
    })
}

//! What a policy says about winning customers back, and its checks.

use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::list::{Offer, WinBack};
use super::worth::Response;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Currency, Days, Money, Unit};
use crate::rules::Expr;
use crate::table::{Schema, Slot};

/// How long a win-back may take, if the policy does not say.
const WITHIN: Days = Days::new(90);

/// Something that a customer who has left can be offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferSpec {
    /// The name, unique within the section.
    pub name: String,
    /// What class of offer it is: `discount`, `personal`, …
    pub class: String,
    /// The channel it goes through.
    pub channel: String,
    /// The share of those addressed who come back because of it, above 0 and at most 1.
    pub response: f64,
    /// What addressing one customer costs, whether they come back or not; zero or more.
    pub cost: Money,
    /// What one more is given who comes back (a discount, a gift); nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_if_won: Option<Money>,
    /// Only for those who left for one of these reasons; for everybody if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Only for those for whom this is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
    /// How many customers of one list get it at most; 0 is nobody. No limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

impl OfferSpec {
    /// An offer to everybody, without a cost for those who come back.
    pub fn new(
        name: impl Into<String>,
        class: impl Into<String>,
        channel: impl Into<String>,
        response: f64,
        cost: Money,
    ) -> Self {
        Self {
            name: name.into(),
            class: class.into(),
            channel: channel.into(),
            response,
            cost,
            cost_if_won: None,
            reasons: Vec::new(),
            when: None,
            limit: None,
        }
    }
}

/// Who is worth winning back, and with what: the section `[win_back]` of a policy.
///
/// [The page on churn](crate::docs::churn) says what it means.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::lifecycle::win_back::WinBackSpec;
/// use customer_value::model::{Currency, Unit};
/// use customer_value::table::{Field, Schema};
///
/// let spec: WinBackSpec = toml::from_str(r#"
///     when = "days_since_last >= 240"
///     value = "spend"
///     offers = [
///         { name = "call", class = "personal", channel = "phone", response = 15, cost = "6.00 USD" },
///     ]
/// "#)?;
/// assert_eq!(spec.columns(), ["days_since_last", "spend"]);
///
/// let mut schema = Schema::new();
/// schema.add(Field::number("days_since_last", Unit::Days))?;
/// schema.add(Field::number("spend", Unit::Money))?;
/// let mut problems = Diagnostics::new();
/// assert!(spec.bind(&schema, Currency::EUR, &mut problems).is_none());
/// assert_eq!(problems.to_string(), "\
/// error: win_back.offers[0].response: a response of 15 is not above 0 and at most 1 (15 % is written `0.15`)
/// error: win_back.offers[0].cost: `6.00 USD` is not in EUR, the currency of the policy (write it in EUR)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WinBackSpec {
    /// Who has left and could be won back.
    pub when: Expr,
    /// The column that says what a customer who comes back is worth: money.
    pub value: String,
    /// How long nobody is attempted again after an attempt; not at all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cool_down: Option<Days>,
    /// How often a customer is attempted at most since the last purchase; 0 is never. No limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_attempts: Option<u32>,
    /// How many customers are on one list at most; 0 is nobody. No limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The least net value of an offer that is made, zero or more; if left out, anything above zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_net: Option<Money>,
    /// For how many days, from that of the attempt on, a purchase counts as won back; 90 if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Days>,
    /// What can be offered; of equal net values the first is taken.
    pub offers: Vec<OfferSpec>,
}

impl WinBackSpec {
    /// Without limits.
    pub fn new(
        when: Expr,
        value: impl Into<String>,
        offers: impl IntoIterator<Item = OfferSpec>,
    ) -> Self {
        Self {
            when,
            value: value.into(),
            cool_down: None,
            max_attempts: None,
            limit: None,
            min_net: None,
            within: None,
            offers: offers.into_iter().collect(),
        }
    }

    /// The columns it reads; a column read twice comes twice.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut columns = self.when.columns();
        columns.push(&self.value);
        let rules = self.offers.iter().filter_map(|offer| offer.when.as_ref());
        columns.extend(rules.flat_map(Expr::columns));
        columns
    }

    /// Binds the section to the columns of a schema, or reports everything that is wrong with it, at places such as
    /// `win_back.offers[1].response`. `None` if there was an error.
    ///
    /// Reported are everything [`Expr::bind`] reports, a value that is not a column of money, a cool-down below zero, days
    /// `within` below one, no offer, names, classes, channels and reasons that are empty or there twice, a response that is
    /// not above 0 and at most 1, and amounts that are negative or in another currency.
    pub fn bind(
        &self,
        schema: &Schema,
        currency: Currency,
        diagnostics: &mut Diagnostics,
    ) -> Option<WinBack> {
        let before = diagnostics.len();
        let mut binder = Binder {
            schema,
            currency,
            problems: diagnostics,
        };
        let place = Place::at("win_back.when");
        let when = self.when.bind(schema, &place, binder.problems);
        let value = binder.value(&self.value);
        let cool_down = self.cool_down.unwrap_or_default();
        binder.at_least(cool_down, 0, "cool_down");
        let min_net = self
            .min_net
            .map(|least| binder.amount(least, "min_net", "net value"));
        let within = self.within.unwrap_or(WITHIN);
        binder.at_least(within, 1, "within");
        if self.offers.is_empty() {
            let message = "there is no offer";
            binder.error(Code::Missing, "offers", message.to_owned());
        }
        let offers: Vec<Option<Offer>> = (0..self.offers.len())
            .map(|i| binder.offer(&self.offers, i))
            .collect();
        let failed = diagnostics.has_errors_since(before);
        if failed {
            return None;
        }
        let column = |name: &str| Some((name.to_owned(), schema.slot(name)?));
        Some(WinBack {
            when: when?,
            value: value?,
            columns: self.columns().into_iter().filter_map(column).collect(),
            width: schema.len(),
            currency,
            cool_down,
            max_attempts: self.max_attempts,
            limit: self.limit,
            least: min_net.unwrap_or(1),
            within,
            offers: offers.into_iter().collect::<Option<Vec<_>>>()?,
        })
    }
}

struct Binder<'a> {
    schema: &'a Schema,
    currency: Currency,
    problems: &'a mut Diagnostics,
}

impl Binder<'_> {
    fn error(&mut self, code: Code, field: &str, message: String) {
        let place = Place::at(format!("win_back.{field}"));
        self.problems.push(Diagnostic::error(code, place, message));
    }

    fn help(&mut self, code: Code, field: &str, message: String, help: String) {
        let place = Place::at(format!("win_back.{field}"));
        let problem = Diagnostic::error(code, place, message);
        self.problems.push(problem.help(help));
    }

    fn value(&mut self, name: &str) -> Option<Slot> {
        let is_money = |slot: &Slot| {
            let field = self.schema.field(*slot);
            field.and_then(|field| field.unit()) == Some(Unit::Money)
        };
        let slot = self.schema.slot(name);
        if let Some(slot) = slot.filter(is_money) {
            return Some(slot);
        }
        let place = Place::at("win_back.value");
        let problem = if slot.is_some() {
            let message = format!("`{name}` is not a column of money");
            Diagnostic::error(Code::Type, place, message)
        } else {
            let fields = self.schema.fields().iter();
            let amounts = fields.filter(|field| field.unit() == Some(Unit::Money));
            let message = format!("there is no column of money `{name}`");
            Diagnostic::error(Code::UnknownName, place, message)
                .did_you_mean(name, amounts.map(|field| field.name()))
        };
        self.problems.push(problem);
        None
    }

    fn at_least(&mut self, days: Days, least: i32, field: &str) {
        if days.get() < least {
            let message = format!("`{days}` is less than {}", Days::new(least));
            self.error(Code::Range, field, message);
        }
    }

    /// The minor units of an amount that is in the currency of the policy and not negative.
    fn amount(&mut self, amount: Money, field: &str, what: &str) -> i64 {
        if amount.is_negative() {
            let message = format!("a {what} of {amount} is negative");
            self.error(Code::Range, field, message);
        }
        let currency = self.currency;
        if amount.currency() != currency {
            let message = format!("`{amount}` is not in {currency}, the currency of the policy");
            self.help(
                Code::Conflict,
                field,
                message,
                format!("write it in {currency}"),
            );
        }
        amount.minor()
    }

    fn offer(&mut self, all: &[OfferSpec], i: usize) -> Option<Offer> {
        let spec = all.get(i)?;
        let field = |name: &str| format!("offers[{i}].{name}");
        if spec.name.trim().is_empty() {
            let message = "an offer has no name".to_owned();
            self.error(Code::InvalidName, &field("name"), message);
        } else if all.iter().take(i).any(|other| other.name == spec.name) {
            let message = format!("there are two offers named `{}`", spec.name);
            self.error(Code::DuplicateName, &field("name"), message);
        }
        for (name, text) in [("class", &spec.class), ("channel", &spec.channel)] {
            if text.trim().is_empty() {
                let message = format!("the offer has no {name}");
                self.error(Code::Missing, &field(name), message);
            }
        }
        let response = response(spec.response);
        if response.is_none() {
            let message = format!(
                "a response of {} is not above 0 and at most 1",
                spec.response
            );
            if spec.response > 1.0 && spec.response <= 100.0 {
                let help = format!("{} % is written `{}`", spec.response, spec.response / 100.0);
                self.help(Code::Range, &field("response"), message, help);
            } else {
                self.error(Code::Range, &field("response"), message);
            }
        }
        let cost = self.amount(spec.cost, &field("cost"), "cost");
        let cost_if_won = spec
            .cost_if_won
            .map(|cost| self.amount(cost, &field("cost_if_won"), "cost"));
        for (j, reason) in spec.reasons.iter().enumerate() {
            let place = field(&format!("reasons[{j}]"));
            if reason.trim().is_empty() {
                self.error(Code::InvalidName, &place, "a reason is empty".to_owned());
            } else if spec.reasons.iter().take(j).any(|other| other == reason) {
                let message = format!("`{reason}` is there twice");
                self.error(Code::DuplicateName, &place, message);
            }
        }
        let place = Place::at(format!("win_back.{}", field("when")));
        let when = match &spec.when {
            Some(when) => Some(when.bind(self.schema, &place, self.problems)?),
            None => None,
        };
        Some(Offer {
            name: spec.name.clone(),
            class: spec.class.clone(),
            channel: spec.channel.clone(),
            response: response?,
            cost,
            cost_if_won: cost_if_won.unwrap_or(0),
            reasons: spec.reasons.clone(),
            when,
            limit: spec.limit,
        })
    }
}

/// The decimal that a person writes for the number, which is the shortest one.
pub(crate) fn response(written: f64) -> Option<Response> {
    if !(written > 0.0 && written <= 1.0) {
        return None;
    }
    Response::new(Decimal::from_str(&written.to_string()).ok()?, written)
}

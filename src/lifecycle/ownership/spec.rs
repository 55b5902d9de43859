//! What a policy says about owners, and the checks of it.

use serde::{Deserialize, Serialize};

use super::rules::OwnershipRules;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Day, Days};

/// The rules by which customers belong to sales people, as a policy writes them. What is left out is no rule.
///
/// ```
/// use customer_value::diagnostic::Diagnostics;
/// use customer_value::lifecycle::ownership::OwnershipSpec;
///
/// let spec: OwnershipSpec = toml::from_str(r#"
///     no_contact = "30 days"
///     no_deal = "90 days"
///     warn_before = "40 days"
///     barred = "0 days"
/// "#)?;
/// let mut problems = Diagnostics::new();
/// assert!(spec.bind(&mut problems).is_none());
/// assert_eq!(problems.to_string(), "\
/// error: ownership.barred: 0 days is not a number of days above 0 (leave it out for no such rule)
/// error: ownership.warn_before: 40 days before the end of 30 days without a contact is before they begin");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnershipSpec {
    /// A customer returns to the pool after so many days without a contact. A deal is a contact too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_contact: Option<Days>,
    /// A customer returns to the pool after so many days without a deal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_deal: Option<Days>,
    /// The owner is warned so many days before, and never loses the customer sooner after the warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_before: Option<Days>,
    /// For so many days from the claim on, the customer does not return.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protection: Option<Days>,
    /// For so many days after losing or releasing a customer, an owner cannot claim them again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<Days>,
    /// The most customers that one owner holds; 0 is none at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_held: Option<u32>,
    /// Whether closed deals count among the customers held.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed_count: bool,
    /// The most claims of one owner in a day; 0 is none at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_claims_per_day: Option<u32>,
}

impl OwnershipSpec {
    /// Checks the rules, or reports everything that is wrong with them, at places such as `ownership.no_contact`. `None` if there
    /// was an error.
    ///
    /// Reported are days that are not above 0 or more than the calendar has, and a warning that would come before the days it
    /// warns of begin; as warnings, parts that no other part makes use of, and limits that nobody can keep to.
    pub fn bind(&self, diagnostics: &mut Diagnostics) -> Option<OwnershipRules> {
        let before = diagnostics.len();
        self.check_days(diagnostics);
        self.check_warning(diagnostics);
        self.check_use(diagnostics);
        let failed = diagnostics.has_errors_since(before);
        (!failed).then(|| OwnershipRules::new(*self))
    }

    fn check_days(&self, diagnostics: &mut Diagnostics) {
        let most = Day::MAX - Day::MIN;
        for (field, days) in [
            ("no_contact", self.no_contact),
            ("no_deal", self.no_deal),
            ("warn_before", self.warn_before),
            ("protection", self.protection),
            ("barred", self.barred),
        ] {
            let Some(days) = days else { continue };
            let problem = if days < Days::new(1) {
                let message = format!("{days} is not a number of days above 0");
                Diagnostic::error(Code::Range, place(field), message)
                    .help("leave it out for no such rule")
            } else if days > most {
                let message = format!("{days} is more than the {most} of the calendar");
                Diagnostic::error(Code::Range, place(field), message)
            } else {
                continue;
            };
            diagnostics.push(problem);
        }
    }

    fn check_warning(&self, diagnostics: &mut Diagnostics) {
        let Some(warn) = self.warn_before else { return };
        for (days, what) in [(self.no_contact, "contact"), (self.no_deal, "deal")] {
            if let Some(days) = days
                && days >= Days::new(1)
                && warn >= days
            {
                let message = format!(
                    "{warn} before the end of {days} without a {what} is before they begin"
                );
                diagnostics.push(Diagnostic::error(
                    Code::Conflict,
                    place("warn_before"),
                    message,
                ));
            }
        }
    }

    fn check_use(&self, diagnostics: &mut Diagnostics) {
        let returns = self.no_contact.is_some() || self.no_deal.is_some();
        for (field, set) in [
            ("warn_before", self.warn_before.is_some()),
            ("protection", self.protection.is_some()),
        ] {
            if set && !returns {
                let message = format!("`{field}` has no effect: no customer ever returns");
                diagnostics.push(
                    Diagnostic::warning(Code::Unused, place(field), message)
                        .help("say `no_contact` or `no_deal`"),
                );
            }
        }
        if self.closed_count && self.max_held.is_none() {
            let message = "`closed_count` has no effect: there is no `max_held`";
            diagnostics.push(Diagnostic::warning(
                Code::Unused,
                place("closed_count"),
                message,
            ));
        }
        for (field, limit) in [
            ("max_held", self.max_held),
            ("max_claims_per_day", self.max_claims_per_day),
        ] {
            if limit == Some(0) {
                let message = format!("with a `{field}` of 0 nobody can claim a customer");
                diagnostics.push(
                    Diagnostic::warning(Code::Never, place(field), message)
                        .help("leave it out for no limit"),
                );
            }
        }
    }
}

fn place(field: &str) -> Place {
    Place::at(format!("ownership.{field}"))
}

//! What a policy says about its tiers, and the checks of it.

use serde::{Deserialize, Serialize};

use super::ladder::{Ladder, Rung};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::rules::{Expr, Node};
use crate::table::Schema;

/// More tiers than any programme has; a tier's ordinal fits two bytes.
const MAX_TIERS: usize = 1000;

/// One tier: its name and what it takes to enter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierSpec {
    /// The name, unique within the ladder.
    pub name: String,
    /// What people call it, if the name is a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The entry condition; the base tier, the last of the list, has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
}

impl TierSpec {
    /// A tier without a condition: the base.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            label: None,
            when: None,
        }
    }

    /// The same tier with a label.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same tier with an entry condition.
    #[must_use]
    pub fn when(mut self, condition: Expr) -> Self {
        self.when = Some(condition);
        self
    }
}

/// The tiers of a policy: best first, base last.
///
/// In serde it is the list itself, so that a policy file has one `[[tiers]]` per tier:
///
/// ```
/// use customer_value::tiering::LadderSpec;
///
/// #[derive(serde::Deserialize)]
/// struct Policy {
///     tiers: LadderSpec,
/// }
///
/// let policy: Policy = toml::from_str(r#"
///     [[tiers]]
///     name = "gold"
///     label = "Gold members"
///     when = "spend >= 500"
///
///     [[tiers]]
///     name = "member"
/// "#)?;
/// assert_eq!(policy.tiers.tiers[0].when.as_ref().unwrap().to_string(), "spend >= 500");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LadderSpec {
    /// Best first, base last.
    pub tiers: Vec<TierSpec>,
}

impl LadderSpec {
    /// A ladder of these tiers, best first.
    pub fn new(tiers: impl IntoIterator<Item = TierSpec>) -> Self {
        Self {
            tiers: tiers.into_iter().collect(),
        }
    }

    /// Binds the ladder to the columns of a schema, or reports everything that is wrong with it, at places such as
    /// `tiers[0].when`. `None` if there was an error.
    ///
    /// Reported are an empty list, empty and duplicate names, a base that is not at the bottom, tiers without a
    /// condition above it, everything [`Expr::bind`] reports, and, as a warning, a tier that nobody can be in because a
    /// higher one has the same condition or always holds.
    pub fn bind(&self, schema: &Schema, diagnostics: &mut Diagnostics) -> Option<Ladder> {
        let before = diagnostics.len();
        self.check_names(diagnostics);
        self.check_base(diagnostics);
        self.check_reachable(diagnostics);
        let rungs: Vec<Rung> = self
            .tiers
            .iter()
            .enumerate()
            .map(|(i, tier)| Rung {
                name: tier.name.clone(),
                label: tier.label.clone(),
                rule: tier.when.as_ref().and_then(|when| {
                    when.bind(schema, &Place::at(format!("tiers[{i}].when")), diagnostics)
                }),
            })
            .collect();
        let failed = diagnostics
            .iter()
            .skip(before)
            .any(|d| d.severity == crate::diagnostic::Severity::Error);
        if failed { None } else { Ladder::new(rungs) }
    }

    fn check_names(&self, diagnostics: &mut Diagnostics) {
        if self.tiers.len() > MAX_TIERS {
            let message = format!("there are more than {MAX_TIERS} tiers");
            diagnostics.push(Diagnostic::error(Code::Range, Place::at("tiers"), message));
        }
        for (i, tier) in self.tiers.iter().enumerate().take(MAX_TIERS) {
            let place = Place::at(format!("tiers[{i}].name"));
            if tier.name.trim().is_empty() {
                let problem = Diagnostic::error(Code::InvalidName, place, "a tier has no name");
                diagnostics.push(problem);
            } else if self.tiers.iter().take(i).any(|t| t.name == tier.name) {
                let message = format!("there are two tiers named `{}`", tier.name);
                diagnostics.push(Diagnostic::error(Code::DuplicateName, place, message));
            }
        }
    }

    fn check_base(&self, diagnostics: &mut Diagnostics) {
        let Some((base, above)) = self.tiers.split_last() else {
            diagnostics.push(
                Diagnostic::error(Code::Missing, Place::at("tiers"), "there is no tier")
                    .help("list them best first; the last one is the base and has no `when`"),
            );
            return;
        };
        let mut misplaced = false;
        for (i, tier) in above.iter().enumerate() {
            if tier.when.is_none() {
                misplaced = true;
                let message = format!(
                    "`{}` has no `when`, which only the base, the last tier, goes without",
                    tier.name
                );
                diagnostics.push(
                    Diagnostic::error(Code::Conflict, Place::at(format!("tiers[{i}]")), message)
                        .help("give it a `when`, or make it the last tier if it is the base"),
                );
            }
        }
        if base.when.is_some() && !misplaced {
            let place = Place::at(format!("tiers[{}].when", above.len()));
            let message = format!(
                "the last tier, `{}`, is the base and always holds",
                base.name
            );
            diagnostics.push(
                Diagnostic::error(Code::Conflict, place, message)
                    .help("remove its `when`, or add a base tier below it"),
            );
        }
    }

    fn check_reachable(&self, diagnostics: &mut Diagnostics) {
        let always = |when: &Expr| matches!(when.node(), Node::Constant(true));
        for (i, tier) in self.tiers.iter().enumerate().take(MAX_TIERS) {
            let higher = self.tiers.iter().take(i).find(|higher| {
                higher
                    .when
                    .as_ref()
                    .is_some_and(|when| always(when) || tier.when.as_ref() == Some(when))
            });
            if let Some(higher) = higher {
                let message = format!(
                    "nobody can be in `{}`: who could be is in `{}`",
                    tier.name, higher.name
                );
                let place = Place::at(format!("tiers[{i}]"));
                diagnostics.push(Diagnostic::warning(Code::Unused, place, message));
            }
        }
    }
}

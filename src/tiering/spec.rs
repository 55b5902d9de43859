//! What a policy says about its tiers, and the checks of it.

use serde::{Deserialize, Serialize};

use super::ladder::{Ladder, Rung};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::Money;
use crate::rules::{Expr, Node, column};
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
    /// The entry condition, or with `entry` what is asked beside it; the base tier, the last of the list, has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
    /// The least `qualifying` to enter, in the unit of the qualifying metric; see [`docs::movement`](crate::docs::movement).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<f64>,
    /// The least `qualifying` to keep the tier, at most `entry`; `entry` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<f64>,
    /// What is asked to keep the tier beside `keep`; `when` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_when: Option<Expr>,
    /// Whether a review can take it away.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub downgradable: bool,
    /// Tiers of earlier policies whose place it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<String>,
    /// What its customers are entitled to, in the words of the host.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<String>,
    /// What the tier costs per customer and year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_per_year: Option<Money>,
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref)] // the signature serde wants
fn is_yes(value: &bool) -> bool {
    *value
}

/// The column of the qualifying metric.
pub const QUALIFYING: &str = "qualifying";

impl TierSpec {
    /// A tier without a condition: the base.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            label: None,
            when: None,
            entry: None,
            keep: None,
            keep_when: None,
            downgradable: true,
            replaces: Vec::new(),
            entitlements: Vec::new(),
            cost_per_year: None,
        }
    }

    /// The same tier, entered from this much of the qualifying metric on.
    #[must_use]
    pub fn entry(mut self, least: f64) -> Self {
        self.entry = Some(least);
        self
    }

    /// The same tier, kept from this much of the qualifying metric on.
    #[must_use]
    pub fn keep(mut self, least: f64) -> Self {
        self.keep = Some(least);
        self
    }

    /// Whether it takes anything to enter.
    fn has_entry(&self) -> bool {
        self.when.is_some() || self.entry.is_some()
    }

    /// The whole entry condition.
    pub(crate) fn entry_condition(&self) -> Option<Expr> {
        both(self.entry, self.when.as_ref())
    }

    /// The whole keep condition, if it is another one.
    pub(crate) fn keep_condition(&self) -> Option<Expr> {
        if self.keep.is_none() && self.keep_when.is_none() {
            return None;
        }
        let when = self.keep_when.as_ref().or(self.when.as_ref());
        both(self.keep.or(self.entry), when)
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

fn both(least: Option<f64>, when: Option<&Expr>) -> Option<Expr> {
    let least = least.map(|least| column(QUALIFYING).ge(least));
    match (least, when) {
        (Some(least), Some(when)) => Some(least.and(when.clone())),
        (least, when) => least.or_else(|| when.cloned()),
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
        self.check_thresholds(schema, diagnostics);
        self.check_reachable(diagnostics);
        let rungs: Vec<Rung> = self
            .tiers
            .iter()
            .enumerate()
            .map(|(i, tier)| {
                let path = format!("tiers[{i}]");
                let mut condition =
                    |least: Option<&str>, when: Option<&Expr>, field: &str, whole: Option<Expr>| {
                        let place = Place::at(format!("{path}.{field}"));
                        // On its own first, for the places within its text.
                        if let Some(when) = when {
                            let rule = when.bind(schema, &place, diagnostics)?;
                            if whole.as_ref() == Some(when) {
                                return Some(rule);
                            }
                        }
                        let field = least.unwrap_or(field);
                        let place = Place::at(format!("{path}.{field}"));
                        whole?.bind(schema, &place, &mut Diagnostics::new())
                    };
                let least = tier.entry.map(|_| "entry");
                let entry = condition(least, tier.when.as_ref(), "when", tier.entry_condition());
                let least = tier.keep.map(|_| "keep");
                let keep_when = tier.keep_when.as_ref();
                let keep = condition(least, keep_when, "keep_when", tier.keep_condition());
                Rung {
                    name: tier.name.clone(),
                    label: tier.label.clone(),
                    rule: entry,
                    keep,
                }
            })
            .collect();
        let failed = diagnostics.has_errors_since(before);
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
            if !tier.has_entry() {
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
        let fields = [
            ("when", base.when.is_some()),
            ("entry", base.entry.is_some()),
            ("keep", base.keep.is_some()),
            ("keep_when", base.keep_when.is_some()),
        ];
        let given = fields.iter().find(|(_, given)| *given);
        if let (Some((field, _)), false) = (given, misplaced) {
            let place = Place::at(format!("tiers[{}].{field}", above.len()));
            let message = format!(
                "the last tier, `{}`, is the base and always holds",
                base.name
            );
            diagnostics.push(
                Diagnostic::error(Code::Conflict, place, message)
                    .help(format!("remove its `{field}`, or add a base tier below it")),
            );
        }
    }

    /// Thresholds of the qualifying metric, and the names of earlier tiers.
    fn check_thresholds(&self, schema: &Schema, diagnostics: &mut Diagnostics) {
        let mut error = |code, place: String, message: String, help: &str| {
            let problem = Diagnostic::error(code, Place::at(place), message);
            diagnostics.push(problem.help(help));
        };
        let qualifies = schema.slot(QUALIFYING).is_some();
        let mut above: Option<(f64, &str)> = None;
        for (i, tier) in self.tiers.iter().enumerate().take(MAX_TIERS) {
            let name = &tier.name;
            for (field, value) in [("entry", tier.entry), ("keep", tier.keep)] {
                let place = format!("tiers[{i}].{field}");
                match value {
                    Some(value) if !value.is_finite() => {
                        let message = format!("`{value}` is not a number to reach");
                        error(Code::Range, place, message, "write it like `500`");
                    }
                    Some(_) if !qualifies => error(
                        Code::Missing,
                        place,
                        format!(
                            "`{name}` asks for so much of a metric that the policy does not name"
                        ),
                        "add it, as in `[movement]` with `qualifying = { measure = \"spend\", window = \"365 days\" }`",
                    ),
                    _ => {}
                }
            }
            match (tier.keep, tier.entry) {
                (Some(keep), Some(entry)) if keep > entry => error(
                    Code::Conflict,
                    format!("tiers[{i}].keep"),
                    format!(
                        "`{name}` would be lost where it is entered: it is kept from {keep} and entered from {entry}"
                    ),
                    "`keep` is at most `entry`",
                ),
                (Some(_), None) => error(
                    Code::Missing,
                    format!("tiers[{i}].keep"),
                    format!("`{name}` has a `keep` and no `entry`"),
                    "say from where on it is entered",
                ),
                _ => {}
            }
            if let Some(entry) = tier.entry {
                if let Some((higher, of)) = above.filter(|(higher, _)| entry >= *higher) {
                    error(
                        Code::Conflict,
                        format!("tiers[{i}].entry"),
                        format!(
                            "`{name}` is entered from {entry} and `{of}`, above it, from {higher}"
                        ),
                        "`entry` falls from tier to tier, the best first",
                    );
                }
                above = Some((entry, name));
            }
            for (j, old) in tier.replaces.iter().enumerate() {
                let place = format!("tiers[{i}].replaces[{j}]");
                if self.tiers.iter().any(|t| t.name == *old) {
                    let message = format!("`{old}` is still a tier, so that nothing replaces it");
                    error(Code::Conflict, place, message, "leave it out");
                } else if self.tiers.iter().take(i).any(|t| t.replaces.contains(old))
                    || tier.replaces.iter().take(j).any(|o| o == old)
                {
                    let message = format!("`{old}` is replaced twice");
                    error(Code::DuplicateName, place, message, "leave one out");
                }
            }
        }
    }

    fn check_reachable(&self, diagnostics: &mut Diagnostics) {
        let always = |when: &Expr| matches!(when.node(), Node::Constant(true));
        for (i, tier) in self.tiers.iter().enumerate().take(MAX_TIERS) {
            let condition = tier.entry_condition();
            let higher = self.tiers.iter().take(i).find(|higher| {
                higher
                    .entry_condition()
                    .is_some_and(|when| always(&when) || condition.as_ref() == Some(&when))
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

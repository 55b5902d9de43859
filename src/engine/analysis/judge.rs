//! What is wrong with one rule alone.

use super::columns::Columns;
use super::finding::{Finding, Witness, term};
use super::units::mistake;
use crate::diagnostic::{Code, Diagnostic, Place, Severity};
use crate::model::Unit;
use crate::rules::prove::{Answer, Prover, Sample, Stated, Truths};
use crate::rules::{Rule, Truth};
use crate::table::Schema;

/// How many steps all questions about one policy may take together: a few seconds.
const TOTAL: u64 = 1 << 26;

/// One tier as the analysis sees it: what it takes to enter, and to stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tier<'e> {
    pub name: &'e str,
    /// `None` for the base only, which is the last.
    pub entry: Option<&'e Rule>,
    /// `None` if who is in it stays as long as they could enter it.
    pub keep: Option<&'e Rule>,
}

/// What a rule is for: what follows if it never holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose<'e> {
    Entry(&'e str),
    Keep(&'e str),
    Into(&'e str),
    OutOf(&'e str),
    Transition,
    Points,
    Segment(&'e str),
}

impl Purpose<'_> {
    pub fn never(self) -> String {
        match self {
            Self::Entry(tier) => format!("nobody can enter `{tier}`"),
            Self::Keep(tier) => format!("nobody can keep `{tier}`"),
            Self::Into(stage) => format!("nobody can come into `{stage}`"),
            Self::OutOf(stage) => format!("nobody can leave `{stage}`"),
            Self::Transition => "the transition is never made".to_owned(),
            Self::Segment(segment) => format!("nobody is in the segment `{segment}`"),
            Self::Points => "the points are never given".to_owned(),
        }
    }
}

/// The rules of a policy, and what was found about them so far.
pub(super) struct Judge<'e> {
    pub schema: &'e Schema,
    pub columns: &'e Columns,
    pub prover: Prover<'e>,
    /// Best first, the base last. Their rules are the prover's first: the entries in this order, then the keeps.
    pub tiers: &'e [Tier<'e>],
    pub found: Vec<Finding>,
}

impl<'e> Judge<'e> {
    /// `others` are the rules that come after those of the tiers.
    pub fn new(
        schema: &'e std::sync::Arc<Schema>,
        columns: &'e Columns,
        tiers: &'e [Tier<'e>],
        others: impl IntoIterator<Item = &'e Rule>,
    ) -> Self {
        let entries = tiers.iter().filter_map(|tier| tier.entry);
        let keeps = tiers.iter().filter_map(|tier| tier.keep);
        let rules = entries.chain(keeps).chain(others);
        Self {
            prover: Prover::new(std::sync::Arc::clone(schema), &columns.domains, rules)
                .total(TOTAL),
            schema,
            columns,
            tiers,
            found: Vec::new(),
        }
    }

    /// The tier that a sample qualifies for, and what is known of them.
    pub fn witness(&self, sample: &Sample) -> Witness {
        let holds = |tier: &&Tier<'_>| {
            tier.entry
                .is_none_or(|entry| sample.truth(entry) == Truth::True)
        };
        let tier = self.tiers.iter().find(holds).map_or("", |tier| tier.name);
        Witness::new(self.schema, sample, tier)
    }

    pub fn push(&mut self, diagnostic: Diagnostic, samples: &[&Sample]) {
        let witness = samples.iter().map(|sample| self.witness(sample)).collect();
        self.found.push(Finding {
            diagnostic,
            witness,
        });
    }

    pub fn not_decided(&mut self, place: Place, what: &str) {
        let message = format!("not decided whether {what}: the rules are too large");
        self.push(Diagnostic::warning(Code::NotDecided, place, message), &[]);
    }

    /// What is wrong with a rule alone; whether it is certain that it can hold at all.
    pub fn rule(&mut self, rule: usize, path: &str, purpose: Purpose<'_>) -> bool {
        let conditions = self.prover.conditions(rule);
        let first = self.found.len();
        for condition in &conditions {
            self.condition(condition, path);
        }
        let never = purpose.never();
        match self.prover.find(&[(rule, Truths::TRUE)]) {
            Answer::Found(_) => {}
            Answer::NotDecided => {
                self.not_decided(Place::at(path), &never);
                return false;
            }
            Answer::None => {
                self.never(first, rule, path, &never);
                return false;
            }
        }
        let explained = self.found.len() > first;
        if !explained && !conditions.is_empty() {
            self.always(rule, path, &conditions);
        }
        true
    }

    fn place(path: &str, condition: &Stated<'_>) -> Place {
        let place = Place::at(path);
        match &condition.bytes {
            Some(bytes) => place.span(bytes.clone()),
            None => place,
        }
    }

    /// A condition that holds for nobody or for everybody, or whose number looks like one in another unit.
    fn condition(&mut self, condition: &Stated<'_>, path: &str) {
        let name = self.schema.field(condition.column).map_or("", |f| f.name());
        let name = term(name, condition.measure);
        let text = condition.text;
        let says = if condition.answers == Truths::FALSE {
            Some((Code::Never, format!("`{text}` is never true")))
        } else if condition.answers == Truths::TRUE {
            let message = format!("`{text}` is true for everybody of whom it is known");
            Some((Code::Always, message))
        } else {
            None
        };
        let diagnostic = match (says, mistake(condition)) {
            (Some((_, says)), Some(mistake)) => {
                let message = format!("{says}: `{name}` is {}", mistake.is);
                self.warning(Code::Unit, path, condition, message)
                    .help(mistake.help)
            }
            (None, Some(mistake)) => {
                let message = format!("`{text}` is hardly meant: `{name}` is {}", mistake.is);
                self.warning(Code::Unit, path, condition, message)
                    .help(mistake.help)
            }
            (Some((code, says)), None) => {
                let message = match describe(condition) {
                    Some(is) => format!("{says}: `{name}` is {is}"),
                    None => says,
                };
                self.warning(code, path, condition, message)
            }
            (None, None) => return,
        };
        self.push(diagnostic, &[&condition.sample]);
    }

    fn warning(
        &self,
        code: Code,
        path: &str,
        condition: &Stated<'_>,
        message: String,
    ) -> Diagnostic {
        Diagnostic::warning(code, Self::place(path, condition), message)
    }

    /// A rule that never holds: because of one of its conditions that were found from `first` on, or as a whole.
    fn never(&mut self, first: usize, rule: usize, path: &str, consequence: &str) {
        let conditions = self.prover.conditions(rule);
        let never: Vec<_> = conditions
            .iter()
            .filter(|condition| condition.answers == Truths::FALSE)
            .map(|condition| Self::place(path, condition))
            .collect();
        let mut explained = false;
        for finding in self.found.iter_mut().skip(first) {
            let diagnostic = &mut finding.diagnostic;
            if never.contains(&diagnostic.place) {
                explained = true;
                diagnostic.severity = Severity::Error;
                diagnostic.message = format!("{consequence}: {}", diagnostic.message);
            }
        }
        if !explained {
            let message = format!("{consequence}: no customer can meet the whole condition");
            let diagnostic = Diagnostic::error(Code::Never, Place::at(path), message);
            let nearly = self.prover.nearly(rule);
            self.push(diagnostic, nearly.as_ref().as_slice());
        }
    }

    /// A rule that is true for everybody, or for everybody of whom enough is known.
    fn always(&mut self, rule: usize, path: &str, conditions: &[Stated<'_>]) {
        let demand = [(rule, Truths::NOT_TRUE)];
        let answer = if conditions.iter().any(|condition| condition.about_missing) {
            self.prover.find(&demand)
        } else {
            self.prover.find_known(&demand)
        };
        match answer {
            Answer::Found(_) => {}
            Answer::NotDecided => self.not_decided(Place::at(path), "the condition is always true"),
            Answer::None => {
                let message = "the condition is true for everybody of whom it is known";
                let diagnostic = Diagnostic::warning(Code::Always, Place::at(path), message);
                let sample = self.prover.find(&[(rule, Truths::TRUE)]).found();
                self.push(diagnostic, sample.as_ref().as_slice());
            }
        }
    }
}

/// What a column is, where that is why a condition has no choice.
fn describe(condition: &Stated<'_>) -> Option<String> {
    let (low, high) = condition.domain.ends();
    Some(match (condition.unit, low, high) {
        (None, ..) => "one of the words of its list".to_owned(),
        (Some(Unit::Date), ..) => "a day of the calendar".to_owned(),
        (Some(Unit::Flag), ..) => "true or false".to_owned(),
        (Some(Unit::Count), Some(0.0), None) if condition.domain.is_whole() => {
            "a count, whole and not negative".to_owned()
        }
        (Some(unit), Some(low), Some(high)) => format!("a number ({unit}) from {low} to {high}"),
        (Some(unit), Some(low), None) => format!("a number ({unit}) of at least {low}"),
        _ => return None,
    })
}

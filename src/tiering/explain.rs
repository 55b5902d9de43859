//! Why a customer is in a tier, and what is missing for the next.

use serde::{Deserialize, Serialize};

use super::ladder::{Decision, Ladder, Reason, TierId};
use super::movement::{Grace, Movement, Tenure, Upcoming};
use crate::model::Day;
use crate::rules::language::{English, FramePhrase, Language, TierPhrase, WordPhrase, Words};
use crate::rules::{Condition, Found, Mask, Truth};
use crate::table::Row;

/// The entry condition of one tier as it stands for one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierExplanation {
    /// The tier's name.
    pub tier: String,
    /// Where its entry condition is in the policy, such as `tiers[0].when`; `None` for the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Its whole entry condition in canonical text; `None` for the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Whether its whole entry condition holds; always true for the base.
    pub truth: Truth,
    /// Its single conditions, in the order of the rule.
    pub conditions: Vec<Condition>,
    /// The condition by which it is kept, of the tier that the customer has from before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<KeepExplanation>,
}

/// The keep condition of a tier as it stands for one customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepExplanation {
    /// Where it is in the policy, such as `tiers[0].keep`.
    pub place: String,
    /// The whole condition in canonical text.
    pub rule: String,
    /// Whether it holds today.
    pub truth: Truth,
    /// Its single conditions, in the order of the rule.
    pub conditions: Vec<Condition>,
}

/// What is missing for the next tier up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextTier {
    /// The next tier's name.
    pub tier: String,
    /// The conditions that keep the customer out of it, each with its distance; of an `or`, every alternative that can be
    /// followed (not to be unknown).
    pub missing: Vec<Condition>,
}

/// A decision with everything it rests on: the same walk, remembered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The tier's name.
    pub tier: String,
    /// What people call the tier, if the name is a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What the decision rests on.
    pub reason: Reason,
    /// Where the rule that decided is in the policy; [`tiers`](Self::tiers) has its text and its conditions. `None` where
    /// none did: of the base, of a tier that is held although its keep condition does not hold, of one that waits for a higher
    /// one, and of an override.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// The highest tier above that could not be judged because something is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<String>,
    /// How the earned tier is held: term, grace, what begins later; `None` without movement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenure: Option<Tenure>,
    /// Of a tier that is kept, the first day on which a review can take it; of one that waits for a higher one, the day on which
    /// that begins or is next reviewed. `None` if there is no such day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
    /// The day on which the policy begins to decide about a tier that is held by the rules of another one until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub takes_over: Option<Day>,
    /// Every tier with its conditions, best first.
    pub tiers: Vec<TierExplanation>,
    /// What is missing for the next tier up; `None` at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextTier>,
}

impl Explanation {
    /// The decision in one line.
    ///
    /// The conditions that hold, as in `A: spend 812.50 >= 500, days_since_last 12 <= 90`; for the base tier, what is
    /// missing for the next, as in `C: B needs spend >= 100, it is 12.50 (87.50 more)`.
    #[must_use]
    pub fn reason(&self) -> String {
        self.reason_in(&English)
    }

    /// The same in another language.
    #[must_use]
    pub fn reason_in(&self, language: &dyn Language) -> String {
        self.say_reason(&Words::new(language))
    }

    pub(crate) fn say_reason(&self, words: &Words<'_>) -> String {
        let tier = &self.tier;
        let holding = |conditions: &[Condition]| {
            let holds = conditions.iter().filter(|c| c.truth == Truth::True);
            words.join(holds.map(|c| words.sentence(c)), WordPhrase::And {})
        };
        let reason = match (self.reason, self.deciding(), &self.next) {
            (Reason::Entry, Some(held), _) => words.say(TierPhrase::Reason {
                tier,
                conditions: &holding(&held.conditions),
            }),
            (Reason::Base, _, Some(next)) => {
                let lacking = next.missing.iter().map(|c| words.lacking(c));
                words.say(TierPhrase::ReasonNext {
                    tier,
                    next: &next.tier,
                    conditions: &words.join(lacking, WordPhrase::Semicolon {}),
                })
            }
            (Reason::Kept | Reason::Waiting, ..) if self.takes_over.is_some() => {
                let until = self.takes_over.unwrap_or(Day::MAX);
                words.say(TierPhrase::ReasonForeign { tier, until })
            }
            (Reason::Kept, held, _) => match (self.grace(), held.and_then(|h| h.keep.as_ref())) {
                (Some(grace), _) => words.say(TierPhrase::ReasonGrace {
                    tier,
                    until: grace.until,
                }),
                (None, Some(keep)) if keep.truth == Truth::True => {
                    words.say(TierPhrase::ReasonKept {
                        tier,
                        conditions: &holding(&keep.conditions),
                    })
                }
                _ => words.say(TierPhrase::ReasonHeld {
                    tier,
                    until: self.until,
                }),
            },
            (Reason::Waiting, ..) => match self.upcoming() {
                Some(upcoming) => return self.say_upcoming(upcoming, words),
                None => words.say(TierPhrase::ReasonWaiting {
                    tier,
                    to: self.qualified(),
                    day: self.until,
                }),
            },
            (Reason::Override, ..) => words.say(TierPhrase::ReasonOverride {
                tier,
                earned: self.tenure.as_ref().map_or(tier, |t| &t.earned),
            }),
            _ => words.say(TierPhrase::Reason {
                tier,
                conditions: &words.say(TierPhrase::Everybody {}),
            }),
        };
        match self.upcoming() {
            Some(upcoming) if self.reason != Reason::Override => {
                let also = self.say_upcoming(upcoming, words);
                words.join([reason, also], WordPhrase::Semicolon {})
            }
            _ => reason,
        }
    }

    fn say_upcoming(&self, upcoming: &Upcoming, words: &Words<'_>) -> String {
        words.say(TierPhrase::ReasonUpcoming {
            tier: &self.tier,
            to: &upcoming.tier,
            day: upcoming.from,
        })
    }

    pub(crate) fn upcoming(&self) -> Option<&Upcoming> {
        self.tenure.as_ref()?.upcoming.as_ref()
    }

    fn grace(&self) -> Option<Grace> {
        self.tenure.as_ref()?.grace
    }

    /// The highest tier whose entry condition holds.
    fn qualified(&self) -> &str {
        let qualified = self.tiers.iter().find(|t| t.truth == Truth::True);
        qualified.map_or(&*self.tier, |t| &t.tier)
    }

    /// The tier that the customer has, with its conditions.
    fn deciding(&self) -> Option<&TierExplanation> {
        self.tiers.iter().find(|t| t.tier == self.tier)
    }

    /// The place of the rule that decided, and its text.
    fn rule(&self) -> Option<(&str, &str)> {
        let place = self.decided_by.as_deref()?;
        let held = self.deciding()?;
        let keep = held.keep.as_ref().map(|keep| (&*keep.place, &*keep.rule));
        let entry = held.place.as_deref().zip(held.rule.as_deref());
        let mut rules = entry.into_iter().chain(keep);
        rules.find(|(at, _)| *at == place)
    }

    /// Every line of it, each with how far it is indented.
    pub(crate) fn say_lines(&self, words: &Words<'_>, mut line: impl FnMut(usize, String)) {
        let reason = &self.say_reason(words);
        line(0, words.say(TierPhrase::Line { reason }));
        if let Some((place, rule)) = self.rule() {
            line(0, words.say(FramePhrase::DecidedBy { place, rule }));
        }
        if let Some(tier) = &self.undecided {
            line(0, words.say(TierPhrase::Undecided { tier }));
        }
        for held in &self.tiers {
            let tier = &held.tier;
            for condition in &held.conditions {
                let condition = &words.judged(condition);
                line(1, words.say(TierPhrase::Condition { tier, condition }));
            }
            // Where the same rule is for both, it is said once.
            let keep = held.keep.as_ref();
            let keep = keep.filter(|keep| Some(&keep.place) != held.place.as_ref());
            for condition in keep.iter().flat_map(|keep| &keep.conditions) {
                let condition = &words.judged(condition);
                line(1, words.say(TierPhrase::KeepCondition { tier, condition }));
            }
        }
        // Who has all of it waits, or has another tier by an override.
        if let Some(next) = self.next.as_ref().filter(|next| !next.missing.is_empty()) {
            let missing = next.missing.iter();
            let missing = missing.map(|c| words.with_change(words.sentence(c), c));
            line(
                0,
                words.say(TierPhrase::Next {
                    tier: &next.tier,
                    conditions: &words.join(missing, WordPhrase::And {}),
                }),
            );
        }
    }

    /// Every condition in it, to say more about its column.
    pub(crate) fn conditions_mut(&mut self) -> impl Iterator<Item = &mut Condition> {
        let tiers = self.tiers.iter_mut().flat_map(|tier| {
            let keep = tier.keep.iter_mut().flat_map(|keep| &mut keep.conditions);
            tier.conditions.iter_mut().chain(keep)
        });
        let next = self.next.iter_mut().flat_map(|next| &mut next.missing);
        tiers.chain(next)
    }
}

/// What movement decided, and how the tier is held after it.
#[derive(Clone, Copy)]
pub(crate) struct Holding<'a> {
    pub decision: Decision,
    pub movement: &'a Movement,
    pub tenure: &'a Tenure<TierId>,
    pub as_of: Day,
}

#[derive(Default)]
struct Held {
    until: Option<Day>,
    takes_over: Option<Day>,
}

impl Holding<'_> {
    fn held(self) -> Held {
        let (tenure, as_of) = (self.tenure, self.as_of);
        let takes_over = self.movement.takes_over(tenure, as_of);
        let until = match self.decision.reason {
            _ if takes_over.is_some() => None,
            Reason::Kept => self.movement.first_loss(tenure, as_of),
            Reason::Waiting => match tenure.upcoming {
                Some(upcoming) => Some(upcoming.from),
                None => self.movement.next_review(tenure, as_of),
            },
            Reason::Base | Reason::Entry | Reason::Override => None,
        };
        Held { until, takes_over }
    }
}

/// Without alternatives of the form "be unknown" where something is known: nobody can follow that, unless there is nothing
/// else.
fn advisable(missing: Vec<Condition>) -> Vec<Condition> {
    let idle = |c: &Condition| c.found != Found::Missing && c.text.ends_with(" is missing");
    if missing.iter().all(idle) {
        return missing;
    }
    missing.into_iter().filter(|c| !idle(c)).collect()
}

impl Ladder {
    /// What a row lacks for the tier above another one.
    pub(crate) fn next_above(&self, tier: TierId, row: Row<'_>) -> Option<NextTier> {
        let above = TierId::at(tier.ordinal() + 1)?;
        let explained = self.entry_rule(above)?.explained(row);
        Some(NextTier {
            tier: self.name(above).to_owned(),
            missing: if explained.truth == Truth::True {
                Vec::new()
            } else {
                advisable(explained.lacking())
            },
        })
    }

    /// The decision about one customer with every condition of every tier.
    #[must_use]
    pub fn explain(&self, row: Row<'_>) -> Explanation {
        self.explain_as(row, None)
    }

    /// The same where movement, which looks at more than the row, has decided otherwise.
    pub(crate) fn explain_as(&self, row: Row<'_>, holding: Option<Holding<'_>>) -> Explanation {
        let mut explained: Vec<_> = self
            .rungs()
            .iter()
            .map(|rung| rung.rule.as_ref().map(|rule| rule.explained(row)))
            .collect();
        let mut out = [Decision::default()];
        self.settle(&mut out, |_, position| {
            let truth = explained
                .get(position)
                .and_then(Option::as_ref)
                .map(|e| e.truth);
            Mask {
                yes: u64::from(truth == Some(Truth::True)),
                no: u64::from(truth == Some(Truth::False)),
            }
        });
        let [qualified] = out;
        let decision = holding.map_or(qualified, |holding| holding.decision);

        let position = (self.len() - 1).saturating_sub(decision.tier.ordinal());
        let next = position.checked_sub(1).and_then(|above| {
            let rung = self.rungs().get(above)?;
            let explained = explained.get(above)?.as_ref()?;
            let missing: Vec<Condition> = explained
                .lacking
                .iter()
                .filter_map(|i| explained.conditions.get(*i).cloned())
                .collect();
            Some(NextTier {
                tier: rung.name.clone(),
                missing: advisable(missing),
            })
        });
        let tiers = self
            .rungs()
            .iter()
            .zip(&mut explained)
            .map(|(rung, explained)| TierExplanation {
                tier: rung.name.clone(),
                place: rung.rule.as_ref().map(|rule| rule.place().to_owned()),
                rule: rung.rule.as_ref().map(|rule| rule.text().to_owned()),
                truth: explained.as_ref().map_or(Truth::True, |e| e.truth),
                conditions: explained
                    .as_mut()
                    .map_or_else(Vec::new, |e| std::mem::take(&mut e.conditions)),
                keep: None,
            })
            .collect();
        let mut tiers: Vec<TierExplanation> = tiers;
        let mut decided_by = match decision.reason {
            Reason::Entry => self.entry_rule(decision.tier),
            Reason::Base | Reason::Kept | Reason::Waiting | Reason::Override => None,
        };
        let held = holding.map(|holding| holding.held());
        let Held { until, takes_over } = held.unwrap_or_default();
        if let (Reason::Kept, Some(rule)) = (decision.reason, self.keep_rule(decision.tier))
            && let Some(held) = tiers.get_mut(position)
        {
            let explained = rule.explained(row);
            if explained.truth == Truth::True && takes_over.is_none() {
                decided_by = Some(rule);
            }
            held.keep = Some(KeepExplanation {
                place: rule.place().to_owned(),
                rule: rule.text().to_owned(),
                truth: explained.truth,
                conditions: explained.conditions,
            });
        }
        let name = |tier: TierId| self.name(tier).to_owned();
        let label = self.label(decision.tier);
        let tier = self.name(decision.tier);
        Explanation {
            label: (label != tier).then(|| label.to_owned()),
            tier: tier.to_owned(),
            reason: decision.reason,
            decided_by: decided_by.map(|rule| rule.place().to_owned()),
            undecided: decision.undecided.map(|tier| self.name(tier).to_owned()),
            tenure: holding.and_then(|h| h.tenure.mapped(&|tier| Some(name(*tier)))),
            until,
            takes_over,
            tiers,
            next,
        }
    }
}

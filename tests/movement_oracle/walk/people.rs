//! What people decide: overrides, extensions, another policy.

use std::collections::BTreeMap;

use super::super::calendar::Date;
use super::super::customer::{Override, OverrideKind};
use super::Walk;

impl<'a> Walk<'a> {
    pub(super) fn overrides(&mut self, e: Date) {
        let noted = self.noted();
        for (i, o) in &noted {
            let tier = o.tier.as_ref().and_then(|tier| self.policy.ordinal(tier));
            if o.from <= e && o.to.is_none_or(|to| e < to) && !self.state.started.contains(i) {
                self.state.started.push(*i);
                self.event("override started", e, None, tier);
            }
            if o.to.is_some_and(|to| to <= e)
                && self.state.started.contains(i)
                && !self.state.ended.contains(i)
            {
                self.state.ended.push(*i);
                self.event("override ended", e, tier, None);
            }
        }
        self.have(e);
    }

    pub(super) fn noted(&self) -> Vec<(usize, &'a Override)> {
        let customer = self.customer;
        (customer.overrides.iter().enumerate())
            .filter(|(_, o)| o.noted <= self.known.until)
            .collect()
    }

    /// The tier they have on a day, of the one they earn and what people decided.
    pub(super) fn have(&mut self, e: Date) {
        let noted = self.noted();
        let active = |kind: OverrideKind| -> Vec<usize> {
            (noted.iter().map(|(_, o)| o))
                .filter(|o| o.kind == kind && o.from <= e && o.to.is_none_or(|to| e < to))
                .map(|o| {
                    (o.tier
                        .as_ref()
                        .map_or(Some(0), |tier| self.policy.ordinal(tier)))
                    .unwrap_or(0)
                })
                .collect()
        };
        let effective = if !active(OverrideKind::Exclude).is_empty() {
            0
        } else if let Some(pin) = active(OverrideKind::Pin).into_iter().max() {
            pin
        } else {
            let floor = active(OverrideKind::Floor).into_iter().max();
            let ceiling = active(OverrideKind::Ceiling).into_iter().min();
            let tier = floor.map_or(self.state.tier, |floor| floor.max(self.state.tier));
            ceiling.map_or(tier, |ceiling| ceiling.min(tier))
        };
        if self.state.effective_since.is_none() || effective != self.state.effective {
            // Without overrides the tier they have begins when the earned one does.
            self.state.effective = effective;
            self.state.effective_since = Some(e);
        }
    }

    /// Extensions that were decided up to a day, of the term that ran when they were.
    pub(super) fn extensions(&mut self, e: Date) {
        let customer = self.customer;
        let last = e.min(self.known.until);
        let decided = customer.extensions.iter().filter(|x| x.noted <= last);
        let decided: Vec<_> = decided.collect();
        for extension in decided.iter().skip(self.state.extended) {
            let until = extension.until;
            if let Some((start, end)) = &mut self.state.term
                && until > *end
                && until > e
                && extension.noted >= *start
            {
                *end = until;
                // It was not disqualified then.
                self.state.grace = None;
                self.state.waiting = false;
                let tier = self.state.tier;
                self.event("extended", e, Some(tier), Some(tier));
            }
        }
        self.state.extended = self.state.extended.max(decided.len());
    }

    /// The tiers of the policy before in this one's; says whether the earned one is there.
    pub(super) fn rename_tiers(&mut self) -> bool {
        let names = self.policy.tiers.iter().rev().map(|t| t.name.clone());
        let before = std::mem::replace(&mut self.state.names, names.collect());
        let now: BTreeMap<usize, Option<usize>> = before
            .iter()
            .enumerate()
            .map(|(i, name)| {
                let same = self.policy.ordinal(name);
                (i, same.or_else(|| self.policy.replacement(name)))
            })
            .collect();
        let of = |tier: usize| now.get(&tier).copied().flatten();
        if let Some(effective) = of(self.state.effective) {
            self.state.effective = effective;
        }
        self.state.pending =
            (self.state.pending).and_then(|(tier, start, grant)| Some((of(tier)?, start, grant)));
        let below = self.state.below.iter_mut().flatten();
        for grant in self.state.grant.iter_mut().chain(below) {
            grant.before = of(grant.before).unwrap_or(0);
        }
        match of(self.state.tier) {
            Some(tier) => self.state.tier = tier,
            None => return false,
        }
        true
    }
}

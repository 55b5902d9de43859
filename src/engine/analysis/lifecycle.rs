//! What is wrong with a lifecycle: transitions that never fire, stages nobody comes into or out of, ways out that compete.

use super::judge::{Judge, Purpose};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::lifecycle::parts::{Timers, Transition};
use crate::lifecycle::{Lifecycle, StageId};
use crate::rules::prove::{Answer, Demand, Sample, Truths};

/// What is known of whether something can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Can {
    Yes,
    /// For all that is known, yes.
    Perhaps,
    No,
}

impl<T> From<&Answer<T>> for Can {
    fn from(answer: &Answer<T>) -> Self {
        match answer {
            Answer::Found(_) => Self::Yes,
            Answer::NotDecided => Self::Perhaps,
            Answer::None => Self::No,
        }
    }
}

/// A lifecycle with its rules as those of the prover.
struct Machine<'c> {
    cycle: &'c Lifecycle,
    enter: Vec<Option<usize>>,
    leave: Vec<Option<usize>>,
    when: Vec<Option<usize>>,
    /// For each transition, its guard together with what it takes to enter its goal; `None` if neither asks for anything.
    whole: Vec<Option<usize>>,
    /// For each transition, which ones come before it.
    before: Vec<Vec<usize>>,
}

impl<'c> Machine<'c> {
    /// `first` is where the prover has the first rule of the lifecycle.
    fn new(judge: &mut Judge<'_>, cycle: &'c Lifecycle, first: usize) -> Self {
        let mut next = first..;
        let mut id = |there: bool| if there { next.next() } else { None };
        let (mut enter, mut leave) = (Vec::new(), Vec::new());
        for stage in cycle.parts() {
            enter.push(id(stage.enter.is_some()));
            leave.push(id(stage.leave.is_some()));
        }
        let transitions = cycle.transitions();
        let when: Vec<_> = transitions.iter().map(|t| id(t.when.is_some())).collect();
        let whole = transitions.iter().zip(&when).map(|(t, when)| {
            let enter = enter.get(t.to.index()).copied().flatten();
            match (*when, enter) {
                (Some(when), Some(enter)) => Some(judge.prover.join(&[when, enter])),
                (when, enter) => when.or(enter),
            }
        });
        let whole = whole.collect();
        let order = cycle.order();
        let before = (0..transitions.len()).map(|i| {
            let earlier = order.iter().copied();
            earlier.take_while(|other| *other != i).collect()
        });
        Self {
            cycle,
            whole,
            when,
            enter,
            leave,
            before: before.collect(),
        }
    }

    fn transition(&self, i: usize) -> Option<&'c Transition> {
        self.cycle.transitions().get(i)
    }

    fn path(&self, i: usize) -> String {
        match self.when.get(i) {
            Some(Some(_)) => format!("lifecycle.transitions[{i}].when"),
            _ => format!("lifecycle.transitions[{i}]"),
        }
    }

    fn leads_from(&self, i: usize, stage: StageId) -> bool {
        self.transition(i)
            .is_some_and(|t| t.from >> stage.index() & 1 != 0)
    }

    /// The stages that a transition leads away from.
    fn sources(&self, i: usize) -> impl Iterator<Item = StageId> {
        self.cycle
            .ids()
            .filter(move |stage| self.leads_from(i, *stage))
    }

    /// What is asked of a row for a transition out of a stage.
    fn demands(&self, i: usize, from: StageId) -> Vec<Demand> {
        let asked = [self.whole.get(i), self.leave.get(from.index())];
        let asked = asked.into_iter().flatten().flatten();
        asked.map(|rule| (*rule, Truths::TRUE)).collect()
    }

    /// The others of some transitions out of a stage that are up whenever those with these timers are.
    fn ready(&self, others: &[usize], from: StageId, timers: &[&Timers]) -> Vec<usize> {
        let up = |i: usize| {
            self.transition(i)
                .is_some_and(|t| t.timers.follow_from(timers))
        };
        let others = others.iter().copied();
        others
            .filter(|i| self.leads_from(*i, from) && up(*i))
            .collect()
    }

    /// That none of some transitions fires; `None` if one of them asks for nothing.
    fn none_of(&self, others: &[usize]) -> Option<Vec<Demand>> {
        let whole = |i: &usize| self.whole.get(*i).copied().flatten();
        let demand = |rule| (rule, Truths::NOT_TRUE);
        others.iter().map(|i| whole(i).map(demand)).collect()
    }
}

impl Judge<'_> {
    /// Everything about a lifecycle, of whose rules the first is the prover's at `first`: its stages, then its transitions.
    pub fn lifecycle(&mut self, first: usize, cycle: &Lifecycle) {
        let machine = Machine::new(self, cycle, first);
        for (i, stage) in cycle.parts().iter().enumerate() {
            let rules = [
                (&machine.enter, "enter", Purpose::Into(&stage.name)),
                (&machine.leave, "leave", Purpose::OutOf(&stage.name)),
            ];
            for (rules, field, purpose) in rules {
                if let Some(rule) = rules.get(i).copied().flatten() {
                    self.rule(rule, &format!("lifecycle.stages[{i}].{field}"), purpose);
                }
            }
        }
        let so_far = std::mem::take(&mut self.found);
        let fires: Vec<Vec<StageId>> = (0..cycle.transitions().len())
            .map(|i| self.transition(&machine, i))
            .collect();
        let of_transitions = std::mem::replace(&mut self.found, so_far);
        self.stages(&machine, &fires);
        self.found.extend(of_transitions);
        self.circles(&machine, &fires);
        if cycle.is_exclusive() {
            self.exclusive(&machine, &fires);
        }
    }

    /// The stages out of which a transition can fire.
    fn transition(&mut self, machine: &Machine<'_>, i: usize) -> Vec<StageId> {
        let path = machine.path(i);
        if let Some(when) = machine.when.get(i).copied().flatten()
            && !self.rule(when, &path, Purpose::Transition)
            && self.can(&[(when, Truths::TRUE)]) == Can::No
        {
            return Vec::new();
        }
        let meets = |judge: &Self, from: StageId| judge.can(&machine.demands(i, from));
        let met: Vec<StageId> = machine
            .sources(i)
            .filter(|from| meets(self, *from) != Can::No)
            .collect();
        if met.is_empty() {
            self.never_together(machine, i, path);
            return met;
        }
        // From one stage the same transitions come before as from many: each set is asked about once.
        let mut asked: Vec<(Vec<Demand>, Can)> = Vec::new();
        let mut open = |from: StageId| {
            let (timers, before) = (&machine.transition(i)?.timers, machine.before.get(i)?);
            let ready = machine.ready(before, from, &[timers]);
            let mut demands = machine.none_of(&ready)?;
            if demands.is_empty() {
                return Some(Can::Yes);
            }
            demands.extend(machine.demands(i, from));
            if let Some((_, can)) = asked.iter().find(|(same, _)| *same == demands) {
                return Some(*can);
            }
            let can = self.can(&demands);
            asked.push((demands, can));
            Some(can)
        };
        let can: Vec<(StageId, Can)> = met
            .iter()
            .map(|from| (*from, open(*from).unwrap_or(Can::No)))
            .collect();
        let place = Place::at(path);
        if can.iter().all(|(_, can)| *can == Can::No) {
            let message = "the transition is never made: when it could be, an earlier one is";
            let diagnostic = Diagnostic::error(Code::Shadowed, place, message).help(
                "of several transitions that fire the one of the highest priority is made, of equal ones the first in \
                 the list",
            );
            let sample = met
                .first()
                .and_then(|from| self.sample(&machine.demands(i, *from)));
            self.push(diagnostic, sample.as_ref().as_slice());
        } else if can.iter().all(|(_, can)| *can != Can::Yes) {
            self.not_decided(place, "the transition is never made");
        }
        let fires = can.into_iter().filter(|(_, can)| *can != Can::No);
        fires.map(|(from, _)| from).collect()
    }

    /// A transition whose guard can be true, but not with what it takes to leave the one stage and to enter the other.
    fn never_together(&mut self, machine: &Machine<'_>, i: usize, path: String) {
        let Some(transition) = machine.transition(i) else {
            return;
        };
        let enter = machine.enter.get(transition.to.index()).copied().flatten();
        let leave = |from: StageId| machine.leave.get(from.index()).copied().flatten();
        let leaves: Vec<Option<usize>> = machine.sources(i).map(leave).collect();
        let never = |rule: Option<usize>| {
            rule.is_some_and(|rule| self.can(&[(rule, Truths::TRUE)]) == Can::No)
        };
        // That has been told.
        if never(enter) || leaves.iter().all(|leave| never(*leave)) {
            return;
        }
        let stages = match (enter, leaves.iter().any(Option::is_some)) {
            (Some(_), false) => "enter its goal",
            (None, _) => "leave the stage before it",
            (Some(_), true) => "leave the one stage and to enter the other",
        };
        let message = format!(
            "the transition is never made: no customer can meet what it asks for and what it takes to {stages}"
        );
        let diagnostic = Diagnostic::error(Code::Never, Place::at(path), message);
        let rule = machine.when.get(i).copied().flatten().or(enter);
        let sample = rule.and_then(|rule| self.sample(&[(rule, Truths::TRUE)]));
        let sample = sample.or_else(|| self.sample(&[]));
        self.push(diagnostic, sample.as_ref().as_slice());
    }

    /// Stages that nobody comes into, or out of, or out of although they are final.
    fn stages(&mut self, machine: &Machine<'_>, fires: &[Vec<StageId>]) {
        let cycle = machine.cycle;
        let can = |from: StageId, i: usize| fires.get(i).is_some_and(|f| f.contains(&from));
        let unreachable = cycle.unreachable(can);
        for stage in cycle.ids() {
            let name = cycle.name(stage);
            let path = format!("lifecycle.stages[{}]", stage.index());
            let ways_out: Vec<usize> = (0..fires.len()).filter(|i| can(stage, *i)).collect();
            if let (Some(i), true) = (ways_out.first(), cycle.is_final(stage)) {
                let place = Place::at(format!("{path}.final"));
                let message =
                    format!("`{name}` is final, and `lifecycle.transitions[{i}]` leads out of it");
                let diagnostic = Diagnostic::error(Code::Conflict, place, message)
                    .help("leave `final` out, or the transition");
                let sample = self.sample(&machine.demands(*i, stage));
                self.push(diagnostic, sample.as_ref().as_slice());
            }
            if unreachable.contains(&stage) {
                // What is asked of those who come in is never true: that has been told.
                let enter = machine.enter.get(stage.index()).copied().flatten();
                if enter.is_some_and(|rule| self.can(&[(rule, Truths::TRUE)]) == Can::No) {
                    continue;
                }
                let message = format!("nothing that can happen leads to the stage `{name}`");
                let diagnostic = Diagnostic::warning(Code::Unused, Place::at(path), message);
                let sample = self.sample(&[]);
                self.push(diagnostic, sample.as_ref().as_slice());
            } else if ways_out.is_empty() && !cycle.is_final(stage) {
                let leave = machine.leave.get(stage.index()).copied().flatten();
                if leave.is_some_and(|rule| self.can(&[(rule, Truths::TRUE)]) == Can::No) {
                    continue;
                }
                let message = format!("nothing that can happen leads out of the stage `{name}`");
                let diagnostic = Diagnostic::warning(Code::Missing, Place::at(path), message)
                    .help("add a transition, or say `final = true`");
                let sample = self.sample(&[]);
                self.push(diagnostic, sample.as_ref().as_slice());
            }
        }
    }

    /// Two stages that somebody would be sent back and forth between, by transitions that ask for no time.
    fn circles(&mut self, machine: &Machine<'_>, fires: &[Vec<StageId>]) {
        let mut told: Vec<[StageId; 2]> = Vec::new();
        for (there, from_there) in fires.iter().enumerate() {
            for (back, from_back) in fires.iter().enumerate() {
                let (Some(one), Some(two)) = (machine.transition(there), machine.transition(back))
                else {
                    continue;
                };
                let stages = [two.to, one.to];
                let turns = from_there.contains(&two.to) && from_back.contains(&one.to);
                if !turns || one.timers.any() || two.timers.any() || told.contains(&stages) {
                    continue;
                }
                let (Some(mut demands), Some(of_back)) = (
                    self.first(machine, there, two.to),
                    self.first(machine, back, one.to),
                ) else {
                    continue;
                };
                demands.extend(of_back);
                let Some(sample) = self.sample(&demands) else {
                    continue;
                };
                told.extend([stages, [one.to, two.to]]);
                let [a, b] = stages.map(|stage| machine.cycle.name(stage));
                let message = format!(
                    "somebody is sent from `{a}` to `{b}` and back by `lifecycle.transitions[{back}]`, again and again"
                );
                let place = Place::at(machine.path(there));
                let diagnostic = Diagnostic::error(Code::Flapping, place, message)
                    .help("let their conditions exclude each other, or let one ask for time in the stage (`after`)");
                self.push(diagnostic, &[&sample]);
            }
        }
    }

    /// What is asked of a row for which a transition that asks for no time is the first to fire out of a stage; `None` if it never is.
    fn first(&self, machine: &Machine<'_>, i: usize, from: StageId) -> Option<Vec<Demand>> {
        let ready = machine.ready(machine.before.get(i)?, from, &[]);
        let mut demands = machine.none_of(&ready)?;
        demands.extend(machine.demands(i, from));
        Some(demands)
    }

    /// Transitions of equal priority out of one stage to different stages that can both fire.
    fn exclusive(&mut self, machine: &Machine<'_>, fires: &[Vec<StageId>]) {
        for (second, from_second) in fires.iter().enumerate() {
            for (first, from_first) in fires.iter().enumerate().take(second) {
                let (Some(one), Some(two)) =
                    (machine.transition(first), machine.transition(second))
                else {
                    continue;
                };
                if one.to == two.to || one.priority != two.priority {
                    continue;
                }
                let both = from_first.iter().filter(|from| from_second.contains(from));
                let answers = both.map(|from| (*from, self.both(machine, [first, second], *from)));
                let mut answers = answers.filter(|(_, answer)| !answer.is_none());
                let Some((from, answer)) = answers.next() else {
                    continue;
                };
                let place = Place::at(machine.path(second));
                let name = machine.cycle.name(from);
                let what = format!(
                    "this and `lifecycle.transitions[{first}]` can both be made from `{name}`"
                );
                match answer {
                    Answer::Found(sample) => {
                        let help = "give one of them a higher `priority`, or let their conditions exclude each other";
                        let diagnostic = Diagnostic::error(Code::Overlap, place, what).help(help);
                        self.push(diagnostic, &[&sample]);
                    }
                    _ => self.not_decided(place, &what),
                }
            }
        }
    }

    /// Somebody for whom two transitions of equal priority fire out of a stage, and none of higher priority.
    fn both(&self, machine: &Machine<'_>, two: [usize; 2], from: StageId) -> Answer<Sample> {
        let transitions: Vec<&Transition> =
            two.iter().filter_map(|i| machine.transition(*i)).collect();
        let timers: Vec<&Timers> = transitions.iter().map(|t| &t.timers).collect();
        let priority = transitions.first().map_or(0, |t| t.priority);
        let higher = |i: &usize| {
            machine
                .transition(*i)
                .is_some_and(|t| t.priority > priority)
        };
        let higher: Vec<usize> = machine
            .cycle
            .order()
            .iter()
            .copied()
            .filter(higher)
            .collect();
        let Some(mut demands) = machine.none_of(&machine.ready(&higher, from, &timers)) else {
            return Answer::None;
        };
        demands.extend(two.iter().flat_map(|i| machine.demands(*i, from)));
        self.prover.find(&demands)
    }

    fn can(&self, demands: &[Demand]) -> Can {
        (&self.prover.find(demands)).into()
    }

    fn sample(&self, demands: &[Demand]) -> Option<Sample> {
        self.prover.find(demands).found()
    }
}

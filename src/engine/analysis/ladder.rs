//! What is wrong between the tiers of a ladder.

use super::finding::term;
use super::judge::{Judge, Purpose, Tier};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::rules::prove::{Answer, Better, Demand, Ranked, Sample, Truths};
use crate::rules::{Found, Rule};

/// Where the rules of a tier are among those of the prover.
#[derive(Debug, Clone, Copy)]
struct Rung<'e> {
    name: &'e str,
    position: usize,
    entry: Option<usize>,
    keep: Option<usize>,
    /// Where its entry and its keep condition are in the policy.
    places: [Option<&'e str>; 2],
}

impl Rung<'_> {
    /// Where what it takes to enter is.
    fn entry_path(&self) -> String {
        self.path(self.places[0])
    }

    /// Where what it takes to keep is.
    fn keep_path(&self) -> String {
        self.path(self.places[1])
    }

    fn path(&self, place: Option<&str>) -> String {
        place.map_or_else(|| format!("tiers[{}]", self.position), str::to_owned)
    }
}

impl<'e> Judge<'e> {
    /// Everything about the tiers, in their order.
    pub fn ladder(&mut self) {
        let rungs = rungs(self.tiers);
        // A tier that nobody can be in has no other fault worth to be told.
        let mut alive: Vec<Rung<'_>> = Vec::new();
        for (i, rung) in rungs.iter().enumerate() {
            let better: Vec<Demand> = rungs
                .iter()
                .take(i)
                .filter_map(|rung| Some((rung.entry?, Truths::NOT_TRUE)))
                .collect();
            let Some(entry) = rung.entry else {
                self.shadowed(rung, None, &better, &rungs);
                continue;
            };
            let path = rung.entry_path();
            let can = self.rule(entry, &path, Purpose::Entry(rung.name))
                && self.shadowed(rung, Some(entry), &better, &rungs);
            if can {
                let mut not_here = better.clone();
                not_here.push((entry, Truths::NOT_TRUE));
                self.monotone(entry, &not_here, &path, Purpose::Entry(rung.name));
                alive.push(*rung);
            }
            if let Some(keep) = rung.keep {
                let path = rung.keep_path();
                let holds = self.rule(keep, &path, Purpose::Keep(rung.name));
                if can && holds {
                    self.kept(rung, entry, keep, &better);
                    let mut out = better;
                    out.extend([(entry, Truths::NOT_TRUE), (keep, Truths::NOT_TRUE)]);
                    self.monotone(keep, &out, &path, Purpose::Keep(rung.name));
                }
            }
        }
        self.increasing(&alive);
    }

    /// Whether somebody can be in a tier: the better ones do not take everybody it is for.
    fn shadowed(
        &mut self,
        rung: &Rung<'_>,
        entry: Option<usize>,
        better: &[Demand],
        rungs: &[Rung<'_>],
    ) -> bool {
        let own: Vec<Demand> = entry
            .map(|entry| (entry, Truths::TRUE))
            .into_iter()
            .collect();
        let place = Place::at(match entry {
            Some(_) => rung.entry_path(),
            None => format!("tiers[{}]", rung.position),
        });
        let demands: Vec<Demand> = own.iter().chain(better).copied().collect();
        match self.prover.find(&demands) {
            Answer::Found(_) => return true,
            Answer::NotDecided => {
                self.not_decided(place, &format!("nobody can be in `{}`", rung.name));
                return true;
            }
            Answer::None => {}
        }
        let alone = rungs.iter().find(|higher| {
            higher.position < rung.position
                && higher.entry.is_some_and(|higher| {
                    let demands: Vec<Demand> = own
                        .iter()
                        .copied()
                        .chain([(higher, Truths::NOT_TRUE)])
                        .collect();
                    self.prover.find(&demands).is_none()
                })
        });
        let taken = match alone {
            Some(higher) => format!("`{}`", higher.name),
            None => "a higher tier".to_owned(),
        };
        let message = format!(
            "nobody can be in `{}`: who could be is in {taken}",
            rung.name
        );
        let diagnostic = Diagnostic::error(Code::Shadowed, place, message)
            .help("list the tiers best first, and let each ask for more than the next");
        let shown = match alone.and_then(|higher| higher.entry) {
            Some(higher) if own.is_empty() => self.prover.find(&[(higher, Truths::TRUE)]),
            _ => self.prover.find(&own),
        };
        self.push(diagnostic, shown.found().as_ref().as_slice());
        false
    }

    /// Nobody for whom a rule holds is better off than somebody who is at least as good and for whom all of `out` is so.
    fn monotone(&mut self, rule: usize, out: &[Demand], path: &str, purpose: Purpose<'_>) {
        let columns = self.columns;
        let better = |slot| columns.better(slot);
        if self.prover.plainly_monotone(rule, better) {
            return;
        }
        let place = Place::at(path);
        match self.prover.find_pair(better, &[(rule, Truths::TRUE)], out) {
            Answer::None => {}
            Answer::NotDecided => {
                let what =
                    "a customer who is at least as good in everything that counts is worse off";
                self.not_decided(place, what);
            }
            Answer::Found([one, two]) => {
                let worse = match purpose {
                    Purpose::Keep(tier) => format!("does not keep `{tier}`"),
                    _ => {
                        let (high, low) = (self.witness(&one).tier, self.witness(&two).tier);
                        format!("is in `{low}`, not in `{high}`")
                    }
                };
                let message =
                    format!("a customer who is at least as good in everything that counts {worse}");
                let diagnostic = Diagnostic::warning(Code::NotMonotone, place, message).help(
                    "give the condition no upper end, or let a higher tier begin where it ends",
                );
                self.push(diagnostic, &[&one, &two]);
            }
        }
    }

    /// Who enters a tier keeps it: everybody, or at least somebody.
    fn kept(&mut self, rung: &Rung<'_>, entry: usize, keep: usize, better: &[Demand]) {
        let place = Place::at(rung.keep_path());
        let entering: Vec<Demand> = better
            .iter()
            .copied()
            .chain([(entry, Truths::TRUE)])
            .collect();
        let with = |wanted| {
            let mut demands = entering.clone();
            demands.push((keep, wanted));
            self.prover.find(&demands)
        };
        let leaves: Sample = match with(Truths::NOT_TRUE) {
            Answer::None => return,
            Answer::NotDecided => {
                let what = format!("who enters `{}` keeps it", rung.name);
                return self.not_decided(place, &what);
            }
            Answer::Found(sample) => sample,
        };
        let diagnostic = if with(Truths::TRUE).is_none() {
            let message = format!(
                "everybody who enters `{}` leaves it again at once",
                rung.name
            );
            Diagnostic::error(Code::NeverKept, place, message)
        } else {
            let message = format!("some who enter `{}` leave it again at once", rung.name);
            Diagnostic::error(Code::Flapping, place, message)
        };
        let help = "what it takes to keep a tier should follow from what it takes to enter it";
        self.push(diagnostic.help(help), &[&leaves]);
    }

    /// No tier takes less than a lower one of what all of them ask for.
    fn increasing(&mut self, alive: &[Rung<'_>]) {
        let columns = self.columns;
        for ranked in self.prover.ranked(|slot| columns.better(slot)) {
            let least: Option<Vec<(usize, Sample)>> = alive
                .iter()
                .map(|rung| self.least(rung.entry?, &ranked))
                .collect();
            let Some(least) = least else { continue };
            let steps = alive.iter().zip(&least);
            for ((high, (own, one)), (low, (below, two))) in steps.clone().zip(steps.skip(1)) {
                if own >= below {
                    continue;
                }
                let field = self.schema.field(ranked.column);
                let name = term(field.map_or("", |f| f.name()), ranked.measure);
                let unit = field
                    .and_then(|f| f.unit())
                    .filter(|_| ranked.measure.is_none());
                let value = |rank: &usize| {
                    let value = ranked.values.get(*rank).copied();
                    value.map_or(Found::Missing, Found::Number).text(unit)
                };
                let less = match ranked.better {
                    Better::Higher => "less",
                    Better::Lower => "more",
                };
                let message = format!(
                    "`{}` is entered with {less} `{name}` than `{}` below it: {} against {}",
                    high.name,
                    low.name,
                    value(own),
                    value(below)
                );
                let place = Place::at(high.entry_path());
                let diagnostic = Diagnostic::warning(Code::NotIncreasing, place, message);
                self.push(diagnostic, &[two, one]);
            }
        }
    }

    /// The worst value in a column with which a rule can hold, as its rank, and who has it; `None` if the rule does not ask
    /// for any, or if that is not decided.
    fn least(&self, rule: usize, ranked: &Ranked) -> Option<(usize, Sample)> {
        let up_to = |rank: Option<usize>| {
            let end = rank.and_then(|rank| ranked.values.get(rank).copied());
            let worst = |value: f64| match ranked.better {
                Better::Higher => end.is_some_and(|end| value <= end),
                Better::Lower => end.is_some_and(|end| value >= end),
            };
            self.prover
                .find_where(&[(rule, Truths::TRUE)], |slot, measure, value| {
                    (slot, measure) != (ranked.column, ranked.measure)
                        || value.map_or(rank.is_none(), worst)
                })
        };
        let last = ranked.values.len().checked_sub(1)?;
        // Neither by those of whom it is not known nor by the worst of all.
        if !up_to(None).is_none() || !up_to(Some(0)).is_none() {
            return None;
        }
        let (mut low, mut high) = (0, last);
        let mut who = up_to(Some(last)).found()?;
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            match up_to(Some(middle)) {
                Answer::Found(sample) => (who, high) = (sample, middle),
                Answer::None => low = middle,
                Answer::NotDecided => return None,
            }
        }
        Some((high, who))
    }
}

/// The entries are the first rules of the prover, the keeps come after them.
fn rungs<'e>(tiers: &[Tier<'e>]) -> Vec<Rung<'e>> {
    let mut entries = 0..tiers.iter().filter(|tier| tier.entry.is_some()).count();
    let mut keeps = entries.end..;
    let rung = |(position, tier): (usize, &Tier<'e>)| Rung {
        name: tier.name,
        position,
        entry: tier.entry.and_then(|_| entries.next()),
        keep: tier.keep.and_then(|_| keeps.next()),
        places: [tier.entry.map(Rule::place), tier.keep.map(Rule::place)],
    };
    tiers.iter().enumerate().map(rung).collect()
}

//! Thresholds for a ladder that cuts one column, from what is wanted of it.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::diagnostic::Diagnostics;
use crate::model::Day;
use crate::parallel;
use crate::rules::{Literal, Node, Op, Term, column};
use crate::table::Slot;
use crate::tiering::{Movement, QUALIFYING, TierSpec};

use super::super::Engine;
use super::super::bulk::CHUNK;
use super::super::movement_bind::adds_up;
use super::super::policy::Policy;
use super::super::population::{Population, Standings};
use super::block::Block;
use super::compare::{Value, share, to_f64};
use super::what_if::{WhatIf, WhatIfOptions};

/// What is wanted of the thresholds: one number for each tier above the base, best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Goal {
    /// Which part of the customers is in the tier, 0 to 1: `[0.05, 0.15]` for 5 % gold and 15 % silver.
    ///
    /// Customers with equal values stay together, so that a share can rarely be had exactly: the threshold is the one whose
    /// share of the tier and those above it together is nearest; of two as near, the higher one.
    Shares(Vec<f64>),
    /// How many times their part of the customers the tier and those above it together hold of the value
    /// ([`WhatIfOptions::value`]): `[8.0, 4.0]`. The threshold is the lowest at which they hold as much; there is none if not
    /// even those with the highest value do.
    Lift(Vec<f64>),
}

/// How thresholds are proposed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProposeOptions {
    /// The threshold is the nearest multiple of this number, in the unit of the column, and the shares are what they are then.
    /// Without it the threshold is the number with the fewest digits of those that cut between the same customers; nothing is
    /// lost by that.
    pub multiple_of: Option<f64>,
    /// What the comparison with the present looks at.
    pub what_if: WhatIfOptions,
}

/// Thresholds, and what they would change.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The column of the thresholds.
    pub column: String,
    /// The tiers above the base, best first.
    pub tiers: Vec<ProposedTier>,
    /// The policy with these thresholds; its version is that of the present one with `, proposed` after it.
    pub policy: Policy,
    /// The present policy against it.
    pub what_if: WhatIf,
}

/// The threshold of one tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedTier {
    /// The tier.
    pub tier: String,
    /// What it asks for today.
    pub now: f64,
    /// What it would ask for.
    pub threshold: f64,
    /// What was wanted: a share, or a lift.
    pub wanted: f64,
    /// How many customers would be in the tier.
    pub customers: u64,
    /// Their part of all customers; `None` if there is nobody.
    pub share: Option<f64>,
    /// The lift of the tier and those above it together.
    pub lift: Option<f64>,
}

impl Engine {
    /// Proposes thresholds for a ladder whose tiers each ask for one column to be at least a number (`spend_12m >= 500`), or for
    /// so much of the qualifying metric (`entry = 500`), and tells what they would change against the present ones. A `keep` stays in
    /// proportion to its `entry`, rounded.
    ///
    /// Every tier but the base must have such a condition and no other, over the same column. Customers whose value is not known
    /// are in the base, and count among all. The shares are those of who qualifies; with movement and standings the comparison tells
    /// who would stay all the same ([`WhatIf::stays`]). The engine is to be [fitted](Self::fitted_to), if it needs it.
    ///
    /// # Errors
    /// The ladder is not of this kind; two tiers with an `entry` come to the same one; the goal has not as many numbers as there are tiers above the base, or numbers that are not
    /// shares or lifts; no threshold has the lift; and as [`what_if`](Self::what_if) (`is_misuse`).
    pub fn propose<'s>(
        &self,
        population: &Population,
        standings: impl Into<Option<&'s Standings>>,
        as_of: Day,
        goal: &Goal,
        options: &ProposeOptions,
    ) -> Result<Proposal, Error> {
        let standings = standings.into();
        let (name, now) = self.thresholds()?;
        let wanted = goal.check(now.len())?;
        let multiple = match options.multiple_of {
            Some(multiple) if !(multiple.is_finite() && multiple > 0.0) => {
                return Err(Error::misuse(format!(
                    "{multiple} has no multiples to round to"
                )));
            }
            multiple => multiple,
        };
        self.check_layout(population.histories().layout())?;
        let slot = self
            .schema
            .slot(&name)
            .ok_or_else(|| Error::misuse(format!("there is no column `{name}`")))?;
        let value = Value::of(self, self, &options.what_if.value)?;
        let customers = self.values(population, standings, as_of, slot, &value);
        let cuts = Cuts::new(customers);

        let mut thresholds: Vec<f64> = Vec::new();
        for (tier, target) in wanted.iter().enumerate() {
            let at = match goal {
                Goal::Shares(shares) => cuts.nearest(shares.iter().take(tier + 1).sum()),
                Goal::Lift(_) => cuts.lowest_with(*target),
            };
            let at = at.ok_or_else(|| match goal {
                Goal::Shares(_) => Error::misuse(format!("nobody has a known `{name}`")),
                Goal::Lift(_) => Error::misuse(format!(
                    "no threshold of `{name}` has a lift of {target}: the customers with the highest value have less"
                )),
            })?;
            let exact = cuts.threshold(at);
            thresholds.push(match multiple {
                None => exact,
                Some(multiple) => nearest_multiple(exact, multiple),
            });
        }
        self.proposal(
            population,
            standings,
            as_of,
            options,
            &cuts,
            (name, now),
            (wanted, &thresholds),
        )
    }

    #[allow(clippy::too_many_arguments)] // the second half of one function
    fn proposal(
        &self,
        population: &Population,
        standings: Option<&Standings>,
        as_of: Day,
        options: &ProposeOptions,
        cuts: &Cuts,
        (name, now): (String, Vec<f64>),
        (wanted, thresholds): (&[f64], &[f64]),
    ) -> Result<Proposal, Error> {
        let mut policy = self.policy.clone();
        policy.head.version.push_str(", proposed");
        for (tier, (threshold, now)) in policy
            .tiers
            .tiers
            .iter_mut()
            .zip(thresholds.iter().zip(&now))
        {
            match tier.entry {
                Some(_) => {
                    tier.keep = tier
                        .keep
                        .map(|keep| in_proportion(keep, *now, *threshold, options.multiple_of));
                    tier.entry = Some(*threshold);
                }
                None => tier.when = Some(column(name.as_str()).ge(*threshold)),
            }
        }
        let mut problems = Diagnostics::new();
        let ladder = policy.tiers.bind(&self.schema, &mut problems);
        let mut proposed = self.clone();
        proposed.ladder = ladder.ok_or_else(|| Error::misuse(problems.to_string()))?;
        proposed.fingerprint = policy.fingerprint();
        if let (Some(mover), Some(spec)) = (&mut proposed.mover, &policy.movement) {
            let tiers = &policy.tiers.tiers;
            mover.movement =
                Movement::new(spec.clone(), tiers, adds_up(spec), proposed.fingerprint);
        }
        proposed.policy = policy.clone();

        let mut above = 0;
        let tiers = policy
            .tiers
            .tiers
            .iter()
            .zip(thresholds)
            .zip(now)
            .zip(wanted);
        let tiers = tiers.map(|(((tier, threshold), now), wanted)| {
            let at = cuts.at_least(*threshold);
            let customers = at.count.saturating_sub(above);
            above = at.count.max(above);
            ProposedTier {
                tier: tier.name.clone(),
                now,
                threshold: *threshold,
                wanted: *wanted,
                customers,
                share: share(to_f64(customers), to_f64(cuts.all)),
                lift: cuts.lift(&at),
            }
        });
        Ok(Proposal {
            column: name,
            tiers: tiers.collect(),
            what_if: self.what_if(&proposed, population, standings, as_of, &options.what_if)?,
            policy,
        })
    }

    /// The column that all tiers cut, and where, best first.
    fn thresholds(&self) -> Result<(String, Vec<f64>), Error> {
        let tiers = &self.policy.tiers.tiers;
        let mut found: Option<(&str, Vec<f64>)> = None;
        for tier in tiers.iter().take(tiers.len().saturating_sub(1)) {
            let threshold = cut_of(tier);
            match (threshold, &mut found) {
                (Some((name, number)), None) => found = Some((name, vec![number])),
                (Some((name, number)), Some((column, all))) if name == *column => all.push(number),
                _ => {
                    return Err(Error::misuse(format!(
                        "tier `{}` does not just ask for the one column to be at least a number, as in `when = \"spend >= 500\"` or `entry = 500`",
                        tier.name
                    )));
                }
            }
        }
        match found {
            Some((column, all)) => Ok((column.to_owned(), all)),
            None => Err(Error::misuse("there is no tier above the base")),
        }
    }

    /// Of everybody, what is in the column, and the value.
    fn values(
        &self,
        population: &Population,
        standings: Option<&Standings>,
        as_of: Day,
        slot: Slot,
        value: &Value,
    ) -> Vec<(Option<f64>, f64)> {
        let rows = population.len();
        let parts = parallel::map(rows.div_ceil(CHUNK), |chunk| {
            let range = chunk * CHUNK..((chunk + 1) * CHUNK).min(rows);
            self.with_inputs(population, standings, range, |inputs| {
                let block = Block::review(self, inputs, as_of);
                let of = |(row, input)| {
                    let number = block.table.row(row).number(slot);
                    (number, value.at(&block, &block, input, row, as_of))
                };
                inputs.iter().enumerate().map(of).collect::<Vec<_>>()
            })
        });
        parts.into_iter().flatten().collect()
    }
}

/// The one column that a tier asks to be at least a number, and the number.
fn cut_of(tier: &TierSpec) -> Option<(&str, f64)> {
    match (tier.entry, &tier.when) {
        (Some(entry), None) => Some((QUALIFYING, entry)),
        (None, Some(when)) => match when.node() {
            Node::Compare {
                term: Term::Column(name),
                op: Op::Ge,
                value: Literal::Number(number),
            } => Some((name.as_str(), *number)),
            _ => None,
        },
        _ => None,
    }
}

/// What keeps a tier when its entry changes: in the same proportion, as the nearest multiple or to two digits, and not above the
/// entry.
fn in_proportion(keep: f64, entry: f64, proposed: f64, multiple: Option<f64>) -> f64 {
    let exact = proposed * (keep / entry);
    if !exact.is_finite() {
        return keep.min(proposed);
    }
    let rounded = match multiple {
        Some(multiple) => nearest_multiple(exact, multiple),
        None if exact == 0.0 => exact,
        None => {
            let power = exact.abs().log10().floor() - 1.0;
            nearest_below(exact + 0.5 * 10_f64.powf(power), power)
        }
    };
    rounded.min(proposed)
}

impl Goal {
    fn check(&self, tiers: usize) -> Result<&[f64], Error> {
        let numbers = match self {
            Self::Shares(numbers) | Self::Lift(numbers) => numbers,
        };
        if numbers.len() != tiers {
            return Err(Error::misuse(format!(
                "{} numbers are given for {tiers} tiers above the base",
                numbers.len()
            )));
        }
        if let Some(wrong) = numbers.iter().find(|n| !(n.is_finite() && **n > 0.0)) {
            return Err(Error::misuse(format!("{wrong} is not above 0")));
        }
        match self {
            // Ten tenths are a little more than one.
            Self::Shares(shares) if shares.iter().sum::<f64>() > 1.0 + 1e-9 => {
                Err(Error::misuse("the shares are more than 1 together"))
            }
            Self::Lift(lifts) if !lifts.is_sorted_by(|a, b| a >= b) => Err(Error::misuse(
                "a lower tier wants a greater lift than a higher one",
            )),
            _ => Ok(numbers),
        }
    }
}

/// The places where a column can be cut: after each of its values, from the highest down.
struct Cuts {
    all: u64,
    total: f64,
    cuts: Vec<Cut>,
}

/// The customers with at least a value.
#[derive(Debug, Clone, Copy, Default)]
struct Cut {
    value: f64,
    count: u64,
    held: f64,
}

impl Cuts {
    fn new(customers: Vec<(Option<f64>, f64)>) -> Self {
        let all = customers.len() as u64;
        let total = customers.iter().map(|(_, held)| held).sum();
        let mut known: Vec<(f64, f64)> = customers
            .into_iter()
            .filter_map(|(value, held)| Some((value? + 0.0, held)))
            .collect();
        // By the held value too, so that the sums do not depend on the order of the input.
        known.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
        let mut at = Cut::default();
        let cuts = known.chunk_by(|a, b| a.0 == b.0).map(|alike| {
            at.value = alike.first().map_or(0.0, |(value, _)| *value);
            at.count += alike.len() as u64;
            at.held += alike.iter().map(|(_, held)| held).sum::<f64>();
            at
        });
        Self {
            all,
            total,
            cuts: cuts.collect(),
        }
    }

    /// The cut whose share of all customers is nearest; of two as near, the one with fewer.
    fn nearest(&self, target: f64) -> Option<usize> {
        let away = |cut: &Cut| (to_f64(cut.count) / to_f64(self.all) - target).abs();
        // Of equal ones the first is found.
        let distances = self.cuts.iter().map(away).enumerate();
        let nearest = distances.min_by(|a, b| a.1.total_cmp(&b.1));
        nearest.map(|(at, _)| at)
    }

    fn lowest_with(&self, lift: f64) -> Option<usize> {
        self.cuts
            .iter()
            .rposition(|cut| self.lift(cut).is_some_and(|found| found >= lift))
    }

    fn lift(&self, cut: &Cut) -> Option<f64> {
        let held = share(cut.held, self.total)?;
        (cut.count > 0).then(|| held / (to_f64(cut.count) / to_f64(self.all)))
    }

    fn at_least(&self, threshold: f64) -> Cut {
        let below = self.cuts.partition_point(|cut| cut.value >= threshold);
        let at = below.checked_sub(1).and_then(|last| self.cuts.get(last));
        at.copied().unwrap_or_default()
    }

    /// The number with the fewest digits that cuts there: above the next lower value, up to the cut's own.
    fn threshold(&self, at: usize) -> f64 {
        let value = self.cuts.get(at).map_or(0.0, |cut| cut.value);
        match self.cuts.get(at + 1) {
            Some(below) => roundest(below.value, value),
            None => value,
        }
    }
}

/// The number with the fewest digits in `(above, up_to]`, and of those the greatest.
fn roundest(above: f64, up_to: f64) -> f64 {
    let span = up_to - above;
    if !(span.is_finite() && span > 0.0) {
        return up_to;
    }
    // From the first power of ten that is too large down; a double has no more than 17 digits.
    let size = up_to.abs().max(above.abs()).log10().ceil();
    (0..=17)
        .map(|digit| nearest_below(up_to, size - f64::from(digit)))
        .find(|number| *number > above && *number <= up_to)
        .unwrap_or(up_to)
}

/// The greatest multiple of a power of ten that is not above a number; negative powers by division, which keeps decimals
/// short.
fn nearest_below(number: f64, power: f64) -> f64 {
    let scale = 10_f64.powf(power.abs()).round();
    if power < 0.0 {
        (number * scale).floor() / scale
    } else {
        (number / scale).floor() * scale
    }
}

fn nearest_multiple(number: f64, multiple: f64) -> f64 {
    let rounded = (number / multiple).round() * multiple;
    if rounded.is_finite() { rounded } else { number }
}

//! Who referred whom: referral rows in, a forest in flat arrays out.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::customers::Customers;
use crate::model::{CustomerId, Day, Referral, ReferralKind};

/// "No such place" in the arrays of this module; no array has this many entries.
const NONE: usize = usize::MAX;

/// A referral row as it was read, not checked yet.
///
/// A [`Referral`] is one; rows that cannot be a `Referral` (read from a file, or changed by a merge of duplicate
/// customers) are judged with the others and rejected with their position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferralEdge<'a> {
    /// Who brought the other.
    pub referrer: &'a CustomerId,
    /// Who was brought.
    pub referee: &'a CustomerId,
    /// When.
    pub day: Day,
    /// Whether the referee would have come anyway.
    pub kind: ReferralKind,
}

impl<'a> From<&'a Referral> for ReferralEdge<'a> {
    fn from(referral: &'a Referral) -> Self {
        Self {
            referrer: referral.referrer(),
            referee: referral.referee(),
            day: referral.day(),
            kind: referral.kind(),
        }
    }
}

/// Why a referral row does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReferralReason {
    /// The referrer and the referee are the same customer.
    SelfReferral,
    /// The referral is later than the day the graph is built for.
    AfterAsOf,
    /// Another referrer of the same referee was earlier (on one day: has the smaller id).
    SecondReferrer {
        /// The referrer whose claim goes before this one.
        first: CustomerId,
    },
    /// With this row the customers would have referred each other in a circle; it is the circle's latest row.
    Cycle {
        /// How many customers are in the circle, at least 2.
        length: usize,
    },
}

impl fmt::Display for ReferralReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SelfReferral => f.write_str("the customer refers itself"),
            Self::AfterAsOf => f.write_str("the referral is later than the day of the review"),
            Self::SecondReferrer { first } => {
                write!(f, "the referee was referred by `{first}` before")
            }
            Self::Cycle { length } => write!(
                f,
                "{length} customers refer each other in a circle, and this is its latest referral"
            ),
        }
    }
}

/// A referral row that does not count, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RejectedReferral {
    /// Which row, from 0 in the order they were read.
    pub position: usize,
    /// Why.
    pub reason: ReferralReason,
}

/// What became of the referral rows: `read` = `accepted` + `duplicate` + the rejected ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferralReport {
    /// Rows read.
    pub read: usize,
    /// Rows that are in the graph.
    pub accepted: usize,
    /// Rows that repeat an earlier row: the same referrer and referee.
    pub duplicate: usize,
    /// Rows that do not count, by position.
    pub rejected: Vec<RejectedReferral>,
}

/// Who referred whom: each customer has at most one referrer, and nobody is above themselves.
///
/// The customers of a graph are those of its accepted rows. They are ordered: first the customers nobody
/// referred, by id, then the referees of the first of them, by id, and so on; so a referrer comes before its
/// referees, the referees of one referrer are neighbours, and the same rows in any order make the same graph.
///
/// See the [module](super) for the rules by which rows are accepted, and for an example.
#[derive(Debug, Clone, Default)]
pub struct ReferralGraph {
    pub(super) customers: Arc<Customers>,
    /// The referrer of each customer, or [`NONE`].
    parent: Vec<usize>,
    /// The first referee of each customer, and one entry for the end of the last one's.
    first_child: Vec<usize>,
    /// How each customer was referred; says nothing for customers without a referrer.
    kind: Vec<ReferralKind>,
    /// How many referrers are above each customer.
    level: Vec<usize>,
}

/// A row that is not wrong by itself.
#[derive(Clone, Copy)]
struct Claim {
    referrer: usize,
    referee: usize,
    day: Day,
    kind: ReferralKind,
    position: usize,
}

impl Claim {
    /// The order of the rows of one pair: the earliest is kept, and of one day the more careful kind.
    fn among_equals(&self) -> (Day, bool, usize) {
        (self.day, self.kind == ReferralKind::TypeOne, self.position)
    }
}

impl ReferralGraph {
    /// The graph of referral rows up to and including `as_of`, and what became of each row.
    ///
    /// Takes O(n log n) time for the canonical order and O(n) for everything else, and no recursion. The
    /// order of the rows does not matter, except for which of several equal rows is called the duplicate.
    #[must_use]
    pub fn build<'a>(
        referrals: impl IntoIterator<Item: Into<ReferralEdge<'a>>>,
        as_of: Day,
    ) -> (Self, ReferralReport) {
        let mut report = ReferralReport::default();
        let mut customers = Customers::default();
        let mut claims = Vec::new();
        for (position, row) in referrals.into_iter().enumerate() {
            let row: ReferralEdge<'a> = row.into();
            report.read += 1;
            let reason = if row.referrer == row.referee {
                ReferralReason::SelfReferral
            } else if row.day > as_of {
                ReferralReason::AfterAsOf
            } else {
                claims.push(Claim {
                    referrer: customers.intern(row.referrer).0,
                    referee: customers.intern(row.referee).0,
                    day: row.day,
                    kind: row.kind,
                    position,
                });
                continue;
            };
            report.rejected.push(RejectedReferral { position, reason });
        }
        let mut claim_of = first_claims(&customers, &claims, &mut report);
        cut_cycles(&customers, &claims, &mut claim_of, &mut report);
        report.rejected.sort_unstable_by_key(|r| r.position);
        report.accepted = claim_of.iter().filter(|&&claim| claim != NONE).count();
        (Self::in_order(customers, &claims, &claim_of), report)
    }

    /// Numbers the customers so that every referrer comes before its referees.
    #[allow(clippy::indexing_slicing)] // every array has one entry per customer, and holds their numbers
    fn in_order(customers: Customers, claims: &[Claim], claim_of: &[usize]) -> Self {
        let referrer_of = |customer: usize| match claim_of[customer] {
            NONE => NONE,
            claim => claims[claim].referrer,
        };
        // Only customers of accepted rows stay.
        let mut stays = vec![false; customers.len()];
        for customer in 0..customers.len() {
            let referrer = referrer_of(customer);
            if referrer != NONE {
                stays[customer] = true;
                stays[referrer] = true;
            }
        }
        let mut by_id: Vec<(CustomerId, usize)> = (customers.ids().iter().cloned())
            .zip(0..)
            .filter(|&(_, customer)| stays[customer])
            .collect();
        by_id.sort_unstable();
        let n = by_id.len();

        // The referees of each customer, in the order of ids: a counting sort by referrer.
        let mut end = vec![0; customers.len() + 1];
        for &(_, customer) in &by_id {
            let referrer = referrer_of(customer);
            if referrer != NONE {
                end[referrer + 1] += 1;
            }
        }
        for i in 1..end.len() {
            end[i] += end[i - 1];
        }
        let mut referees = vec![0; end.last().copied().unwrap_or(0)];
        let mut graph = Self {
            customers: Arc::default(),
            parent: Vec::with_capacity(n),
            first_child: Vec::with_capacity(n + 1),
            kind: Vec::with_capacity(n),
            level: Vec::with_capacity(n),
        };
        // Places in `by_id`, in the final order.
        let mut order = Vec::with_capacity(n);
        for (place, &(_, customer)) in by_id.iter().enumerate() {
            match referrer_of(customer) {
                NONE => {
                    order.push(place);
                    graph.parent.push(NONE);
                    graph.kind.push(ReferralKind::TypeTwo);
                    graph.level.push(0);
                }
                referrer => {
                    // `end[r]` is where the referees of r start, until they are all placed.
                    referees[end[referrer]] = place;
                    end[referrer] += 1;
                }
            }
        }
        let mut new = vec![NONE; customers.len()];
        let mut at = 0;
        while let Some(&place) = order.get(at) {
            let (_, customer) = by_id[place];
            new[customer] = at;
            graph.first_child.push(order.len());
            let start = if customer == 0 { 0 } else { end[customer - 1] };
            for &referee in &referees[start..end[customer]] {
                order.push(referee);
                graph.parent.push(at);
                graph.kind.push(claims[claim_of[by_id[referee].1]].kind);
                graph.level.push(graph.level[at] + 1);
            }
            at += 1;
        }
        graph.first_child.push(order.len());
        let ids = order.iter().map(|&place| by_id[place].0.clone()).collect();
        let new = |old: usize| Some(new[old]).filter(|&n| n != NONE);
        graph.customers = Arc::new(customers.renumber(ids, new));
        graph
    }

    /// How many customers it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customers.len()
    }

    /// It has no referral at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers.len() == 0
    }

    /// How many levels the longest chain of referrals has; 0 if there is no referral.
    #[must_use]
    pub fn levels(&self) -> usize {
        // The last customer of the order is on the deepest level.
        self.level.last().copied().unwrap_or(0)
    }

    /// The customers, in the order of the graph.
    #[must_use]
    pub fn customers(&self) -> &[CustomerId] {
        self.customers.ids()
    }

    /// Who referred this customer; `None` if nobody did.
    #[must_use]
    pub fn referrer(&self, customer: &CustomerId) -> Option<&CustomerId> {
        self.referrers(customer).next()
    }

    /// The chain of referrers above this customer, the nearest first.
    pub fn referrers(&self, customer: &CustomerId) -> impl Iterator<Item = &CustomerId> {
        let above = |&number: &usize| self.parent_of(number);
        let first = self.customers.number(customer).as_ref().and_then(above);
        std::iter::successors(first, above).filter_map(|number| self.customers.ids().get(number))
    }

    /// The customers whom this customer referred, by id.
    #[must_use]
    pub fn referees(&self, customer: &CustomerId) -> &[CustomerId] {
        self.customers
            .number(customer)
            .and_then(|number| {
                let (start, end) = (
                    self.first_child.get(number)?,
                    self.first_child.get(number + 1)?,
                );
                self.customers.ids().get(*start..*end)
            })
            .unwrap_or_default()
    }

    /// The number of a customer's referrer, by the customer's own number.
    pub(super) fn parent_of(&self, number: usize) -> Option<usize> {
        self.parent.get(number).copied().filter(|&p| p != NONE)
    }

    /// Every referral as (referrer, referee) numbers, the deepest level first.
    pub(super) fn upward(&self) -> impl Iterator<Item = (usize, usize)> {
        (self.parent.iter().enumerate().rev())
            .filter(|&(_, &parent)| parent != NONE)
            .map(|(referee, &referrer)| (referrer, referee))
    }

    pub(super) fn kind_of(&self, number: usize) -> Option<ReferralKind> {
        self.parent_of(number)?;
        self.kind.get(number).copied()
    }

    /// How many referrers are above each customer, by number.
    pub(super) fn level(&self) -> &[usize] {
        &self.level
    }

    /// How many customers each one referred, by number.
    pub(super) fn direct(&self) -> impl Iterator<Item = usize> {
        (self.first_child.iter())
            .zip(self.first_child.iter().skip(1))
            .map(|(start, end)| end - start)
    }
}

/// For each customer the claim to be its referrer that counts, or [`NONE`].
#[allow(clippy::indexing_slicing)] // claims hold numbers of `customers`, and the arrays one entry for each
fn first_claims(
    customers: &Customers,
    claims: &[Claim],
    report: &mut ReferralReport,
) -> Vec<usize> {
    let mut claim_of = vec![NONE; customers.len()];
    let mut contested = Vec::new();
    for (i, claim) in claims.iter().enumerate() {
        let held = &mut claim_of[claim.referee];
        if *held == NONE {
            *held = i;
        } else {
            contested.push(i);
        }
    }
    // Few referees have more than one row. Their first ones join, each once.
    for at in 0..contested.len() {
        let held = &mut claim_of[claims[contested[at]].referee];
        if *held != NONE {
            contested.push(*held);
            *held = NONE;
        }
    }
    let pair = |i: usize| (claims[i].referee, claims[i].referrer);
    contested.sort_unstable_by_key(|&i| (pair(i), claims[i].among_equals()));
    let rows = contested.len();
    contested.dedup_by_key(|i| pair(*i));
    report.duplicate += rows - contested.len();
    for of_one in contested.chunk_by(|&a, &b| claims[a].referee == claims[b].referee) {
        let order = |&&i: &&usize| (claims[i].day, &customers.ids()[claims[i].referrer]);
        let Some(&first) = of_one.iter().min_by_key(order) else {
            continue;
        };
        claim_of[claims[first].referee] = first;
        for &other in of_one.iter().filter(|&&i| i != first) {
            report.rejected.push(RejectedReferral {
                position: claims[other].position,
                reason: ReferralReason::SecondReferrer {
                    first: customers.ids()[claims[first].referrer].clone(),
                },
            });
        }
    }
    claim_of
}

/// Takes the latest claim out of every circle. A customer has one referrer at most, so circles never touch.
#[allow(clippy::indexing_slicing)] // claims hold numbers of `customers`, and the arrays one entry for each
fn cut_cycles(
    customers: &Customers,
    claims: &[Claim],
    claim_of: &mut [usize],
    report: &mut ReferralReport,
) {
    let mut walk_of = vec![NONE; claim_of.len()];
    for start in 0..claim_of.len() {
        let mut customer = start;
        // Up from referrer to referrer, to the top or to somebody who was met before.
        while walk_of[customer] == NONE {
            walk_of[customer] = start;
            match claim_of[customer] {
                NONE => break,
                claim => customer = claims[claim].referrer,
            }
        }
        if walk_of[customer] != start || claim_of[customer] == NONE {
            continue; // met in an earlier walk, or at the top
        }
        let place = |claim: usize| {
            let Claim {
                referrer, referee, ..
            } = claims[claim];
            let id = |number: usize| &customers.ids()[number];
            (claims[claim].day, id(referrer), id(referee))
        };
        let mut latest = claim_of[customer];
        let mut length = 1;
        let mut next = claims[latest].referrer;
        while next != customer {
            let claim = claim_of[next];
            if place(claim) > place(latest) {
                latest = claim;
            }
            length += 1;
            next = claims[claim].referrer;
        }
        claim_of[claims[latest].referee] = NONE;
        report.rejected.push(RejectedReferral {
            position: claims[latest].position,
            reason: ReferralReason::Cycle { length },
        });
    }
}

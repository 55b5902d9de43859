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
        let referrals = referrals.into_iter();
        let mut report = ReferralReport::default();
        // A hint may be anything; more than this is left to growth.
        let hint = referrals.size_hint().0.min(1 << 24);
        let mut customers = Customers::with_capacity(hint);
        let mut claims = Vec::with_capacity(hint);
        for (position, row) in referrals.enumerate() {
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
        let (ids, rank) = customers.ranked();
        rank_claims(&mut claims, &rank);
        let (mut claim_of, mut parent) = first_claims(&ids, &claims, &mut report);
        report.accepted = parent.iter().filter(|&&p| p != NONE).count();
        let mut forest = Forest::grow(&parent);
        if forest.referees() < report.accepted {
            // Who cannot be reached from a top is in a circle or below one.
            cut_cycles(&claims, &mut claim_of, &mut parent, &mut report);
            forest = Forest::grow(&parent);
            report.accepted = forest.referees();
        }
        report.rejected.sort_unstable_by_key(|r| r.position);
        let graph = Self {
            kind: kinds(&claims, &claim_of, &forest.order),
            customers: Arc::new(customers.renumber(&ids, &rank, &forest.order)),
            parent: forest.parent,
            first_child: forest.first_child,
            level: forest.level,
        };
        (graph, report)
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

/// Gives the customers of the claims their ranks for their numbers.
#[allow(clippy::indexing_slicing)] // one rank for each number
fn rank_claims(claims: &mut [Claim], rank: &[usize]) {
    for claim in claims {
        claim.referrer = rank[claim.referrer];
        claim.referee = rank[claim.referee];
    }
}

/// For each customer the claim to be its referrer that counts, and that referrer; or [`NONE`].
#[allow(clippy::indexing_slicing)] // claims hold ranks, and the arrays have one entry for each
fn first_claims(
    ids: &[CustomerId],
    claims: &[Claim],
    report: &mut ReferralReport,
) -> (Vec<usize>, Vec<usize>) {
    let mut claim_of = vec![NONE; ids.len()];
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
        let order = |&&i: &&usize| (claims[i].day, claims[i].referrer);
        let Some(&first) = of_one.iter().min_by_key(order) else {
            continue;
        };
        claim_of[claims[first].referee] = first;
        for &other in of_one.iter().filter(|&&i| i != first) {
            report.rejected.push(RejectedReferral {
                position: claims[other].position,
                reason: ReferralReason::SecondReferrer {
                    first: ids[claims[first].referrer].clone(),
                },
            });
        }
    }
    let referrer = |&claim: &usize| claims.get(claim).map_or(NONE, |claim| claim.referrer);
    let parent = claim_of.iter().map(referrer).collect();
    (claim_of, parent)
}

/// Takes the latest claim out of every circle. A customer has one referrer at most, so circles never touch.
#[allow(clippy::indexing_slicing)] // all hold ranks, and have one entry for each; in a circle all have a claim
fn cut_cycles(
    claims: &[Claim],
    claim_of: &mut [usize],
    parent: &mut [usize],
    report: &mut ReferralReport,
) {
    let mut walk_of = vec![NONE; parent.len()];
    for start in 0..parent.len() {
        // Up from referrer to referrer, to the top or to somebody who was met before.
        let mut customer = start;
        while customer != NONE && walk_of[customer] == NONE {
            walk_of[customer] = start;
            customer = parent[customer];
        }
        if customer == NONE || walk_of[customer] != start {
            continue;
        }
        // Met in this walk: once around the circle.
        let place = |referee: usize| (claims[claim_of[referee]].day, parent[referee], referee);
        let mut latest = customer;
        let mut length = 1;
        let mut next = parent[customer];
        while next != customer {
            if place(next) > place(latest) {
                latest = next;
            }
            length += 1;
            next = parent[next];
        }
        report.rejected.push(RejectedReferral {
            position: claims[claim_of[latest]].position,
            reason: ReferralReason::Cycle { length },
        });
        parent[latest] = NONE;
        claim_of[latest] = NONE;
    }
}

/// How each customer was referred, in the final order.
#[allow(clippy::indexing_slicing)] // `order` holds ranks, and there is a claim (or NONE) for each
fn kinds(claims: &[Claim], claim_of: &[usize], order: &[usize]) -> Vec<ReferralKind> {
    let kind = |claim| {
        claims
            .get(claim)
            .map_or(ReferralKind::TypeTwo, |c: &Claim| c.kind)
    };
    order.iter().map(|&rank| kind(claim_of[rank])).collect()
}

/// The customers below those whom nobody referred, level by level.
struct Forest {
    /// The rank of each, in the final order. Customers in no referral are left out.
    order: Vec<usize>,
    parent: Vec<usize>,
    first_child: Vec<usize>,
    level: Vec<usize>,
    tops: usize,
}

impl Forest {
    #[allow(clippy::indexing_slicing)] // `parent` has one entry per rank and holds ranks, or NONE
    fn grow(parent: &[usize]) -> Self {
        // A counting sort by referrer: the referees of rank r are `referees[start[r]..start[r + 1]]`, by rank.
        // Counted two places further on, so that placing them moves every start to where it belongs.
        let mut start = vec![0; parent.len() + 2];
        for &referrer in parent.iter().filter(|&&p| p != NONE) {
            start[referrer + 2] += 1;
        }
        let mut sum = 0;
        for count in &mut start {
            sum += *count;
            *count = sum;
        }
        let mut referees = vec![0; sum];
        for (referee, &referrer) in parent.iter().enumerate().filter(|&(_, &p)| p != NONE) {
            let place = &mut start[referrer + 1];
            referees[*place] = referee;
            *place += 1;
        }
        let mut order: Vec<usize> = (0..parent.len())
            .filter(|&rank| parent[rank] == NONE && start[rank] < start[rank + 1])
            .collect();
        let tops = order.len();
        let most = tops + referees.len();
        order.reserve(referees.len());
        let mut forest = Self {
            order,
            parent: Vec::with_capacity(most),
            first_child: Vec::with_capacity(most + 1),
            level: Vec::with_capacity(most),
            tops,
        };
        forest.parent.resize(tops, NONE);
        forest.level.resize(tops, 0);
        let mut at = 0;
        while let Some(&rank) = forest.order.get(at) {
            forest.first_child.push(forest.order.len());
            let below = &referees[start[rank]..start[rank + 1]];
            forest.order.extend_from_slice(below);
            forest.parent.resize(forest.order.len(), at);
            forest
                .level
                .resize(forest.order.len(), forest.level[at] + 1);
            at += 1;
        }
        forest.first_child.push(forest.order.len());
        forest
    }

    /// How many customers are below another.
    fn referees(&self) -> usize {
        self.order.len() - self.tops
    }
}

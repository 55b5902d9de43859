//! How far service plans were kept, and who did not have the basic service.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sheet::{Cell, Sheet, SheetTable, cells};
use crate::model::{CustomerId, Day};
use crate::rules::language::ReportWord as Word;
use crate::strategy::playbook::{ActionKept, Answers, Attained, FloorKept, Occasions, Playbook};

/// How many of those below the floor a sheet lists.
const LISTED: usize = 20;

/// How many customers had the basic service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloorCounts {
    /// They had it.
    pub met: u64,
    /// They did not.
    pub not_met: u64,
    /// It is not known when they were answered.
    pub not_known: u64,
}

/// The customers of a play and a tier.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttainmentRow {
    /// The play; `None` for the basic service, and in the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub play: Option<String>,
    /// The tier; `None` in the sum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// How many are entitled to it.
    pub customers: u64,
    /// How many of them are not to be contacted, and are owed answers only.
    pub not_to_be_contacted: u64,
    /// How those were answered who were promised a time.
    pub answers: Answers,
    /// How many were promised a cadence.
    pub cadenced: u64,
    /// With how many of these it was kept.
    pub kept: u64,
    /// How many contacts there had to be at least with these.
    pub promised: u64,
    /// How many there were with them.
    pub made: u64,
    /// The occasions of the actions that the contract requires or everybody has.
    pub owed: Occasions,
    /// Whether they had the basic service.
    pub floor: FloorCounts,
}

impl AttainmentRow {
    fn add(&mut self, attained: &Attained) {
        let mut one = Self {
            customers: 1,
            not_to_be_contacted: attained.not_to_be_contacted.into(),
            answers: attained.answers.unwrap_or_default(),
            ..Self::default()
        };
        if let Some(cadence) = attained.cadence {
            one.cadenced = 1;
            one.kept = cadence.kept.into();
            (one.promised, one.made) = (cadence.promised, cadence.made);
        }
        for action in attained.actions.iter().filter(|action| action.owed) {
            one.owed.take(&action.occasions);
        }
        match attained.floor {
            FloorKept::Met => one.floor.met = 1,
            FloorKept::NotMet { .. } => one.floor.not_met = 1,
            FloorKept::NotKnown => one.floor.not_known = 1,
        }
        self.take(&one);
    }

    fn take(&mut self, other: &Self) {
        self.answers.take(&other.answers);
        self.owed.take(&other.owed);
        for (own, more) in [
            (&mut self.customers, other.customers),
            (&mut self.not_to_be_contacted, other.not_to_be_contacted),
            (&mut self.cadenced, other.cadenced),
            (&mut self.kept, other.kept),
            (&mut self.promised, other.promised),
            (&mut self.made, other.made),
            (&mut self.floor.met, other.floor.met),
            (&mut self.floor.not_met, other.floor.not_met),
            (&mut self.floor.not_known, other.floor.not_known),
        ] {
            *own = own.saturating_add(more);
        }
    }
}

/// Somebody who did not have the basic service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BelowFloor {
    /// Who.
    pub customer: CustomerId,
    /// The play; `None` for the basic service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub play: Option<String>,
    /// The tier; `None` if it is not one of the playbook's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// How many answers were later than the floor promises.
    pub late: u64,
    /// Whether they were without a contact for longer than it promises.
    pub no_contact: bool,
    /// The actions of the floor that were missed.
    pub missed: Vec<String>,
}

/// How far service plans were kept from one day to another: by play and tier, by action, and who was below the floor.
///
/// [The page on service](crate::docs::service) has the definitions; [`Reviews::attainment`](crate::engine::Reviews::attainment) makes
/// it and has an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attainment {
    first: Day,
    last: Day,
    /// How many tiers each play has rows for.
    tiers: usize,
    /// The plays in their order and the basic service, each with the tiers from the best, and one more for those of no tier.
    rows: Vec<AttainmentRow>,
    actions: Vec<ActionKept>,
    below: Vec<BelowFloor>,
}

impl Attainment {
    /// Nobody yet: the days are the first and the last that are looked at.
    #[must_use]
    pub fn new(playbook: &Playbook, first: Day, last: Day) -> Self {
        let best_first = playbook.tiers().iter().rev().cloned().map(Some);
        let tiers: Vec<Option<String>> = best_first.chain([None]).collect();
        let plays = playbook.plays().map(|(name, _)| Some(name.to_owned()));
        let rows = plays.chain([None]).flat_map(|play| {
            let row = |tier: &Option<String>| AttainmentRow {
                play: play.clone(),
                tier: tier.clone(),
                ..AttainmentRow::default()
            };
            tiers.iter().map(row).collect::<Vec<_>>()
        });
        let actions = playbook.actions().map(|(name, owed)| ActionKept {
            action: name.to_owned(),
            owed,
            occasions: Occasions::default(),
        });
        Self {
            first,
            last,
            tiers: tiers.len(),
            rows: rows.collect(),
            actions: actions.collect(),
            below: Vec::new(),
        }
    }

    /// Adds a customer: the position of their tier, from the base, and how far their plan was kept, of the same playbook and days.
    pub fn add(&mut self, customer: &CustomerId, tier: usize, attained: &Attained) {
        let none = self.tiers.saturating_sub(1);
        let tier = none.checked_sub(tier.saturating_add(1)).unwrap_or(none);
        let plays = (self.rows.len() / self.tiers.max(1)).saturating_sub(1);
        let play = attained.play.unwrap_or(plays).min(plays);
        let at = play.saturating_mul(self.tiers).saturating_add(tier);
        let Some(row) = self.rows.get_mut(at) else {
            return;
        };
        row.add(attained);
        for kept in &attained.actions {
            let mut all = self.actions.iter_mut();
            if let Some(own) = all.find(|own| own.action == kept.action) {
                own.occasions.take(&kept.occasions);
            }
        }
        if let FloorKept::NotMet {
            late,
            no_contact,
            missed,
        } = &attained.floor
        {
            self.below.push(BelowFloor {
                customer: customer.clone(),
                play: row.play.clone(),
                tier: row.tier.clone(),
                late: *late,
                no_contact: *no_contact,
                missed: missed.clone(),
            });
        }
    }

    /// The first day that is looked at.
    #[must_use]
    pub const fn first(&self) -> Day {
        self.first
    }

    /// The last.
    #[must_use]
    pub const fn last(&self) -> Day {
        self.last
    }

    /// The plays in the order of the policy and then the basic service, each with the tiers from the best: those with customers.
    pub fn rows(&self) -> impl Iterator<Item = &AttainmentRow> {
        self.rows.iter().filter(|row| row.customers > 0)
    }

    /// All customers.
    #[must_use]
    pub fn total(&self) -> AttainmentRow {
        let mut total = AttainmentRow::default();
        self.rows.iter().for_each(|row| total.take(row));
        total
    }

    /// The occasions of every action of the playbook, in the order of the policy.
    #[must_use]
    pub fn actions(&self) -> &[ActionKept] {
        &self.actions
    }

    /// Who did not have the basic service, in the order in which they were added.
    #[must_use]
    pub fn below(&self) -> &[BelowFloor] {
        &self.below
    }

    /// The report as a [sheet](Sheet): who is entitled to what and had the floor, the answers, the contacts and actions, every action, and
    /// the first 20 who were below the floor.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        let head = |more: &[Word]| {
            let more = more.iter().copied().map(Cell::from);
            let heads = cells![Word::Play, Word::Tier].into_iter().chain(more);
            SheetTable::new(heads).left(1)
        };
        let mut floor = head(&[
            Word::Customers,
            Word::NotToBeContacted,
            Word::FloorMet,
            Word::FloorNotMet,
            Word::NotKnown,
        ]);
        let mut answers = head(&[
            Word::Replies,
            Word::RepliesInTime,
            Word::Late,
            Word::Unknown,
            Word::Share,
        ]);
        let mut contacts = head(&[
            Word::Cadenced,
            Word::CadenceKept,
            Word::ContactsPromised,
            Word::ContactsMade,
            Word::Owed,
            Word::Done,
            Word::Missed,
            Word::Open,
        ]);
        let total = self.total();
        let names = self.rows().map(|row| (names(&row.play, &row.tier), row));
        for ([play, tier], row) in names.chain([(cells![Word::Total, Cell::Missing], &total)]) {
            let (asked, owed) = (&row.answers, &row.owed);
            let of = |cells: &[Cell]| [&[play.clone(), tier.clone()], cells].concat();
            floor.row(of(&cells![
                row.customers,
                row.not_to_be_contacted,
                row.floor.met,
                row.floor.not_met,
                row.floor.not_known,
            ]));
            answers.row(of(&cells![
                asked.all(),
                asked.in_time,
                asked.late,
                asked.unknown,
                Cell::share(asked.share()),
            ]));
            contacts.row(of(&cells![
                row.cadenced,
                row.kept,
                row.promised,
                row.made,
                owed.all(),
                owed.done,
                owed.missed,
                owed.open,
            ]));
        }
        let sheet = Sheet::new(Word::TitleAttainment)
            .note(Word::FirstDay, self.first)
            .note(Word::LastDay, self.last)
            .table(floor)
            .table(answers)
            .table(contacts);
        [self.actions_table(), self.below_table()]
            .into_iter()
            .filter(|table| !table.rows().is_empty())
            .fold(sheet, Sheet::table)
    }

    fn actions_table(&self) -> SheetTable {
        let mut table = SheetTable::new(cells![
            Word::Action,
            Word::Owed,
            Word::Due,
            Word::Done,
            Word::Missed,
            Word::Open,
        ]);
        for kept in &self.actions {
            let of = &kept.occasions;
            table.row(cells![
                Cell::literal(&kept.action),
                yes_or_no(kept.owed),
                of.all(),
                of.done,
                of.missed,
                of.open,
            ]);
        }
        table
    }

    fn below_table(&self) -> SheetTable {
        let mut table = SheetTable::new(cells![
            Word::FloorNotMet,
            Word::Play,
            Word::Tier,
            Word::LateAnswers,
            Word::NoContact,
            Word::MissedActions,
        ]);
        for column in [1, 2, 5] {
            table = table.left(column);
        }
        for one in self.below.iter().take(LISTED) {
            let [play, tier] = names(&one.play, &one.tier);
            let missed = (!one.missed.is_empty()).then(|| Cell::literal(one.missed.join(", ")));
            table.row(cells![
                Cell::literal(one.customer.to_string()),
                play,
                tier,
                one.late,
                yes_or_no(one.no_contact),
                missed,
            ]);
        }
        table
    }
}

fn names(play: &Option<String>, tier: &Option<String>) -> [Cell; 2] {
    let name = |name: &Option<String>, none: Word| {
        let known = name.as_ref().map(Cell::literal);
        known.unwrap_or(Cell::Word(none))
    };
    [name(play, Word::BasicService), name(tier, Word::Unknown)]
}

fn yes_or_no(is: bool) -> Word {
    if is { Word::Yes } else { Word::No }
}

impl fmt::Display for Attainment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sheet().fmt_tables(f)
    }
}

//! The customers of a graph: dense numbers for ids, found in constant time.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::model::CustomerId;

/// Every customer once, with its number: its place in `ids`.
#[derive(Debug, Clone, Default)]
pub(super) struct Customers {
    ids: Vec<CustomerId>,
    numbers: HashTable<usize>,
    hasher: FixedState,
}

impl Customers {
    /// With room for that many.
    pub(super) fn with_capacity(customers: usize) -> Self {
        Self {
            ids: Vec::with_capacity(customers),
            numbers: HashTable::with_capacity(customers),
            hasher: FixedState::default(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn ids(&self) -> &[CustomerId] {
        &self.ids
    }

    pub(super) fn number(&self, id: &CustomerId) -> Option<usize> {
        self.numbers
            .find(self.hasher.hash_one(id), |&n| self.ids.get(n) == Some(id))
            .copied()
    }

    /// The number of a customer, a new one if it is a new customer; and whether it is.
    pub(super) fn intern(&mut self, id: &CustomerId) -> (usize, bool) {
        let Self {
            ids,
            numbers,
            hasher,
        } = self;
        let same = |&n: &usize| ids.get(n) == Some(id);
        // A number in the table always has an id; the fallback keeps this free of panics.
        let hash_of = |&n: &usize| ids.get(n).map_or(0, |id| hasher.hash_one(id));
        match numbers.entry(hasher.hash_one(id), same, hash_of) {
            Entry::Occupied(entry) => (*entry.get(), false),
            Entry::Vacant(entry) => {
                let number = ids.len();
                entry.insert(number);
                ids.push(id.clone());
                (number, true)
            }
        }
    }

    /// The customers in the order of their ids, and for each number its place in it.
    #[allow(clippy::indexing_slicing)] // one place per number
    pub(super) fn ranked(&self) -> (Vec<CustomerId>, Vec<usize>) {
        let mut sorted: Vec<_> = (self.ids.iter())
            .zip(0..)
            .map(|(id, number)| (leading(id), id, number))
            .collect();
        sorted.sort_unstable();
        let mut rank = vec![0; sorted.len()];
        for (place, &(_, _, number)) in sorted.iter().enumerate() {
            rank[number] = place;
        }
        let ids = sorted.into_iter().map(|(_, id, _)| id.clone()).collect();
        (ids, rank)
    }

    /// Gives the customers new numbers: their places in `order`, which holds ranks. Who is not in it goes.
    #[allow(clippy::indexing_slicing)] // `ids` and `rank` are from `ranked`, and `order` holds ranks
    pub(super) fn renumber(mut self, ids: &[CustomerId], rank: &[usize], order: &[usize]) -> Self {
        let mut place = vec![None; ids.len()];
        for (number, &rank) in order.iter().enumerate() {
            place[rank] = Some(number);
        }
        self.numbers.retain(|number| match place[rank[*number]] {
            Some(new) => {
                *number = new;
                true
            }
            None => false,
        });
        self.ids = order.iter().map(|&rank| ids[rank].clone()).collect();
        self
    }
}

/// Sorts as the id does, as far as it goes: numbers before texts, and of a text its first eight bytes.
fn leading(id: &CustomerId) -> (bool, u64) {
    match (id.as_number(), id.as_text()) {
        (Some(number), _) => (false, number),
        (None, text) => {
            let mut first = [0; 8];
            let bytes = text.unwrap_or_default().bytes();
            first
                .iter_mut()
                .zip(bytes)
                .for_each(|(to, byte)| *to = byte);
            (true, u64::from_be_bytes(first))
        }
    }
}

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

    /// Gives the customers new numbers: `ids` in their new order, and the new number of each old one, if it stays.
    pub(super) fn renumber(
        mut self,
        ids: Vec<CustomerId>,
        new: impl Fn(usize) -> Option<usize>,
    ) -> Self {
        self.numbers.retain(|number| match new(*number) {
            Some(n) => {
                *number = n;
                true
            }
            None => false,
        });
        Self { ids, ..self }
    }
}

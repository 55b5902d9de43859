//! Customers that are one and the same.

use hashbrown::HashMap;

use crate::Error;
use crate::model::CustomerId;

/// Which customers were merged into which others.
///
/// Merges chain: with `a → b` and `b → c`, rows of `a` count for `c`.
///
/// ```
/// use customer_value::ledger::MergeMap;
/// use customer_value::model::CustomerId;
///
/// let [a, b, c] = ["a", "b", "c"].map(|id| CustomerId::text(id).unwrap());
/// let merges = MergeMap::new([(a.clone(), b.clone()), (b.clone(), c.clone())])?;
/// assert_eq!(merges.survivor(&a), &c);
/// assert!(MergeMap::new([(a.clone(), b.clone()), (b, a)]).unwrap_err().is_misuse());
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct MergeMap {
    survivors: HashMap<CustomerId, CustomerId, foldhash::quality::FixedState>,
}

impl MergeMap {
    /// The merges `(duplicate, survivor)`.
    ///
    /// # Errors
    /// A customer merged into itself or into two others, or a circle of merges (`is_misuse`).
    pub fn new(pairs: impl IntoIterator<Item = (CustomerId, CustomerId)>) -> Result<Self, Error> {
        let mut direct: HashMap<CustomerId, CustomerId, foldhash::quality::FixedState> =
            HashMap::default();
        for (duplicate, survivor) in pairs {
            match direct.insert(duplicate.clone(), survivor.clone()) {
                Some(other) if other != survivor => {
                    return Err(Error::misuse(format!(
                        "customer `{duplicate}` is merged into `{other}` and into `{survivor}`"
                    )));
                }
                _ => {}
            }
        }
        let mut survivors: HashMap<CustomerId, CustomerId, _> = HashMap::default();
        // In order, so that the message does not depend on a hash.
        let mut starts: Vec<&CustomerId> = direct.keys().collect();
        starts.sort_unstable();
        for start in starts {
            let mut path = Vec::new();
            let mut at = start;
            let end = loop {
                if let Some(known) = survivors.get(at) {
                    break known.clone();
                }
                let Some(next) = direct.get(at) else {
                    break at.clone();
                };
                path.push(at);
                if path.len() > direct.len() {
                    return Err(Error::misuse(format!(
                        "customer `{start}` is merged in a circle"
                    )));
                }
                at = next;
            };
            for id in path {
                survivors.insert(id.clone(), end.clone());
            }
        }
        Ok(Self { survivors })
    }

    /// The customer that counts for `id`.
    #[must_use]
    pub fn survivor<'a>(&'a self, id: &'a CustomerId) -> &'a CustomerId {
        self.survivors.get(id).unwrap_or(id)
    }

    /// No merges.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.survivors.is_empty()
    }
}

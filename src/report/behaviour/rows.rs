//! serde of a map as a list of pairs, for keys that are no text in JSON.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
    map: &BTreeMap<K, V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map)
}

pub(super) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let mut map = BTreeMap::new();
    for (key, value) in Vec::<(K, V)>::deserialize(deserializer)? {
        match map.entry(key) {
            Entry::Vacant(free) => drop(free.insert(value)),
            Entry::Occupied(_) => return Err(D::Error::custom("a key is there twice")),
        }
    }
    Ok(map)
}

//! A hash map in pieces.

use std::array;
use std::fmt::{Debug, Formatter};
use std::hash::{BuildHasher, Hash};

use hashbrown::hash_map::Entry;
use hashbrown::{DefaultHashBuilder, Equivalent, HashMap};
use triomphe::Arc;

/// Into how many pieces a map is divided: the first change after a copy copies so many pointers, and one piece.
pub const SHARDS: usize = 256;

type Shard<K, V> = HashMap<K, V, DefaultHashBuilder>;
type All<K, V> = [Option<Arc<Shard<K, V>>>; SHARDS];

/// A hash map in a fixed number of pieces behind `Arc`s. `clone` copies one pointer.
///
/// Values should be cheap to clone: those of a piece are, where a copy shares it.
pub struct Shards<K, V> {
    shards: Option<Arc<All<K, V>>>,
    hasher: DefaultHashBuilder,
}

impl<K, V> Clone for Shards<K, V> {
    fn clone(&self) -> Self {
        Shards { shards: self.shards.clone(), hasher: self.hasher.clone() }
    }
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Shards { shards: None, hasher: DefaultHashBuilder::default() }
    }
}

impl<K: Debug, V: Debug> Debug for Shards<K, V> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<K, V> Shards<K, V> {
    fn shards(&self) -> impl Iterator<Item = &Shard<K, V>> + '_ {
        self.shards.iter().flat_map(|shards| shards.iter().flatten()).map(|shard| &**shard)
    }

    /// How many entries there are. It looks at every piece.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards().map(HashMap::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shards().all(HashMap::is_empty)
    }

    /// All entries, in no promised order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> + '_ {
        self.shards().flatten()
    }

    /// All keys, in no promised order.
    pub fn keys(&self) -> impl Iterator<Item = &K> + '_ {
        self.iter().map(|(key, _)| key)
    }

    /// All values, in no promised order.
    pub fn values(&self) -> impl Iterator<Item = &V> + '_ {
        self.iter().map(|(_, value)| value)
    }

    /// The entries of the pieces that are not the same in memory as those of an earlier or later copy, in no promised order:
    /// all that differ are among them.
    pub fn entries_apart<'a>(&'a self, other: &'a Shards<K, V>) -> impl Iterator<Item = (&'a K, &'a V)> + 'a {
        let at = |map: &'a Shards<K, V>, number: usize| map.shards.as_ref().and_then(|shards| shards[number].as_ref());
        let apart = (0..SHARDS).filter_map(move |number| {
            let here = at(self, number)?;
            let is_same = at(other, number).is_some_and(|there| Arc::ptr_eq(here, there));
            (!is_same).then(|| here.iter())
        });
        apart.flatten()
    }

    /// How many pieces are not the same in memory as those of an earlier or later copy.
    #[must_use]
    pub fn shards_apart(&self, other: &Shards<K, V>) -> usize {
        let at = |map: &Shards<K, V>, number: usize| {
            map.shards.as_ref().and_then(|shards| shards[number].as_ref().map(Arc::as_ptr))
        };
        (0..SHARDS).filter(|number| at(self, *number) != at(other, *number)).count()
    }
}

impl<K: Hash + Eq, V> Shards<K, V> {
    /// A piece's own table takes the lowest and the highest bits of a hash, so these are of the middle.
    fn place<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        (self.hasher.hash_one(key) >> 40) as usize % SHARDS
    }

    /// Bytes on the heap, without those that keys and values hold elsewhere. It looks at every piece.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let pieces: usize = self.shards().map(|shard| shard.allocation_size() + size_of::<Shard<K, V>>() + 16).sum();
        pieces + self.shards.as_ref().map_or(0, |_| size_of::<All<K, V>>() + 16)
    }

    /// What is held for a key.
    pub fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<&V> {
        let shards = self.shards.as_ref()?;
        shards[self.place(key)].as_ref()?.get(key)
    }

    /// Whether anything is held for a key.
    pub fn contains_key<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> bool {
        self.get(key).is_some()
    }
}

impl<K: Clone + Hash + Eq, V: Clone> Shards<K, V> {
    fn shard_mut<Q: Hash + ?Sized>(&mut self, key: &Q) -> &mut Shard<K, V> {
        let place = self.place(key);
        let shards = self.shards.get_or_insert_with(|| Arc::new(array::from_fn(|_| None)));
        let shard = &mut Arc::make_mut(shards)[place];
        // One hasher for all: the place of a key hangs on it in every copy.
        Arc::make_mut(shard.get_or_insert_with(|| Arc::new(HashMap::with_hasher(self.hasher.clone()))))
    }

    /// The place of a key, held or not, to be filled or changed.
    pub fn entry(&mut self, key: K) -> Entry<'_, K, V, DefaultHashBuilder> {
        self.shard_mut(&key).entry(key)
    }

    /// What is held for a key, to be changed.
    pub fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        // Where there is nothing to change, nothing is copied.
        self.contains_key(key).then(|| self.shard_mut(key).get_mut(key)).flatten()
    }

    /// Holds a value for a key. Gives the one that was held before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.shard_mut(&key).insert(key, value)
    }

    /// Holds nothing for a key any more. Gives what was held.
    pub fn remove<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<V> {
        self.contains_key(key).then(|| self.shard_mut(key).remove(key)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_change_after_a_copy_copies_one_piece() {
        let mut map = Shards::default();
        for key in 0..10_000u32 {
            map.insert(key, key);
        }
        let copy = map.clone();
        assert_eq!((map.remove(&10_000), map.get_mut(&10_001)), (None, None));
        assert_eq!(map.shards_apart(&copy), 0);
        *map.entry(17).or_default() += 1;
        assert_eq!(map.shards_apart(&copy), 1);
        let apart: Vec<u32> = map.entries_apart(&copy).map(|(key, _)| *key).collect();
        assert!(apart.contains(&17) && apart.len() < 10_000 * 3 / SHARDS, "{}", apart.len());
        assert_eq!(map.entries_apart(&Shards::default()).count(), 10_000);
        assert_eq!((copy.get(&17), map.get(&17)), (Some(&17), Some(&18)));
        let largest = map.shards().map(HashMap::len).max();
        assert!(largest < Some(10_000 * 3 / SHARDS), "keys are spread: {largest:?}");
    }

    proptest! {
        /// The model of each copy is a map that shares nothing.
        #[test]
        fn copies_hold_what_they_held_when_they_were_made(
            steps in vec((0u8..6, 0u16..300, any::<u32>()), 0..600),
        ) {
            let (mut map, mut model) = (Shards::default(), BTreeMap::new());
            let mut copies = Vec::new();
            for (what, key, value) in steps {
                match what {
                    0 => copies.push((map.clone(), model.clone())),
                    1 => prop_assert_eq!(map.remove(&key), model.remove(&key)),
                    2 => prop_assert_eq!(map.get_mut(&key), model.get_mut(&key)),
                    3 => prop_assert_eq!(map.entry(key).or_insert(value), model.entry(key).or_insert(value)),
                    _ => prop_assert_eq!(map.insert(key, value), model.insert(key, value)),
                }
            }
            copies.push((map, model));
            for (map, model) in copies {
                prop_assert_eq!(map.len(), model.len());
                prop_assert_eq!(map.is_empty(), model.is_empty());
                prop_assert_eq!(map.iter().collect::<BTreeMap<_, _>>(), model.iter().collect::<BTreeMap<_, _>>());
                prop_assert!((0..300).all(|key| map.get(&key) == model.get(&key)));
            }
        }
    }
}

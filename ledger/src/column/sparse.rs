//! Rows by their number, of which any may be missing.

use triomphe::Arc;

/// By how many bits a number is more than that of its leaf: a leaf has room for 64 rows.
const LEAF_BITS: u32 = 6;
/// The same of its group: a group has room for 64 leaves.
const GROUP_BITS: u32 = 12;

/// Values by ascending keys, few of them.
type Sorted<V> = Vec<(u64, V)>;
type Leaf<T> = Arc<Sorted<T>>;
type Group<T> = Arc<Sorted<Leaf<T>>>;

/// Rows by number, where numbers come in ascending order for the most part, and any row may go. It takes memory for the
/// rows that are there: at worst, each alone among 4,096 numbers, about 150 bytes beside the row.
///
/// `clone` copies a pointer and a number for every 4,096 numbers among which any row is. A change after it copies up to 64
/// pointers and 64 rows.
#[derive(Debug)]
pub struct Sparse<T> {
    groups: Sorted<Group<T>>,
    len: usize,
    /// What leaves and groups have room for, in elements.
    rows: usize,
    leaves: usize,
}

impl<T> Clone for Sparse<T> {
    fn clone(&self) -> Self {
        Sparse { groups: self.groups.clone(), ..*self }
    }
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Sparse { groups: Vec::new(), len: 0, rows: 0, leaves: 0 }
    }
}

fn place<V>(sorted: &Sorted<V>, key: u64) -> Result<usize, usize> {
    sorted.binary_search_by_key(&key, |(key, _)| *key)
}

fn held<V>(sorted: &Sorted<V>, key: u64) -> Option<&V> {
    place(sorted, key).ok().map(|at| &sorted[at].1)
}

/// What is held for a key, from nothing if need be.
fn held_mut<V: Default>(sorted: &mut Sorted<V>, key: u64) -> &mut V {
    let at = place(sorted, key).unwrap_or_else(|at| {
        sorted.insert(at, (key, V::default()));
        at
    });
    &mut sorted[at].1
}

/// Those from a key on.
fn from<V>(sorted: &Sorted<V>, key: u64) -> &[(u64, V)] {
    &sorted[sorted.partition_point(|(held, _)| *held < key)..]
}

impl<T> Sparse<T> {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn leaf(&self, number: u64) -> Option<&Leaf<T>> {
        held(held(&self.groups, number >> GROUP_BITS)?, number >> LEAF_BITS)
    }

    /// A row, if there is one of this number.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&T> {
        held(self.leaf(number)?, number)
    }

    /// The highest number of a row.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        let (_, group) = self.groups.last()?;
        let (_, leaf) = group.last()?;
        leaf.last().map(|(number, _)| *number)
    }

    /// The rows from a number on, ascending, each with its number.
    pub fn iter_from(&self, number: u64) -> impl Iterator<Item = (u64, &T)> + '_ {
        let groups = from(&self.groups, number >> GROUP_BITS).iter();
        let leaves = groups.flat_map(move |(_, group)| from(group, number >> LEAF_BITS));
        leaves.flat_map(move |(_, leaf)| from(leaf, number)).map(|(number, row)| (*number, row))
    }

    /// Bytes on the heap, without those that rows hold elsewhere. What copies share is counted with each of them.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        // Before each that is counted lie its holders' count and what a `Vec` is.
        let counted = |held: usize| held * (size_of::<usize>() + size_of::<Sorted<T>>());
        self.groups.capacity() * size_of::<(u64, Group<T>)>()
            + counted(self.groups.len())
            + self.leaves * size_of::<(u64, Leaf<T>)>()
            + counted(self.leaves)
            + self.rows * size_of::<(u64, T)>()
    }

    /// How many pointers a copy copies.
    #[must_use]
    pub fn pointers(&self) -> usize {
        self.groups.len()
    }

    /// How many leaves are not the same in memory as those of an earlier or later copy.
    #[must_use]
    pub fn leaves_apart(&self, other: &Sparse<T>) -> usize {
        let not_in = |one: &Sparse<T>, other: &Sparse<T>| {
            let leaves = one.groups.iter().flat_map(|(_, group)| group.iter());
            let is_apart = |(key, leaf): &(u64, Leaf<T>)| {
                other.leaf(key << LEAF_BITS).is_none_or(|other| !Arc::ptr_eq(leaf, other))
            };
            leaves.filter(|leaf| is_apart(leaf)).count()
        };
        // What only one of them has is counted there, and what both have once.
        not_in(self, other).max(not_in(other, self))
    }
}

impl<T: Clone> Sparse<T> {
    /// Holds a row under a number. Gives the one that was held before.
    pub fn insert(&mut self, number: u64, row: T) -> Option<T> {
        let group = Arc::make_mut(held_mut(&mut self.groups, number >> GROUP_BITS));
        let leaves = group.len();
        let leaf = held_mut(group, number >> LEAF_BITS);
        let room = leaf.capacity();
        let rows = Arc::make_mut(leaf);
        let before = match place(rows, number) {
            Ok(at) => Some(std::mem::replace(&mut rows[at].1, row)),
            Err(at) => {
                rows.insert(at, (number, row));
                self.len += 1;
                None
            }
        };
        self.rows = self.rows - room + rows.capacity();
        self.leaves = self.leaves - leaves + group.len();
        before
    }

    /// A row to be changed, if there is one of this number: its leaf is copied first where a copy shares it.
    pub fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        // Where there is nothing to change, nothing is copied.
        self.get(number)?;
        let group = Arc::make_mut(held_mut(&mut self.groups, number >> GROUP_BITS));
        let leaf = held_mut(group, number >> LEAF_BITS);
        let room = leaf.capacity();
        let rows = Arc::make_mut(leaf);
        self.rows = self.rows - room + rows.capacity();
        let at = place(rows, number).ok()?;
        Some(&mut rows[at].1)
    }

    /// Holds no row under a number any more. Gives what was held.
    pub fn remove(&mut self, number: u64) -> Option<T> {
        self.get(number)?;
        let of_group = place(&self.groups, number >> GROUP_BITS).ok()?;
        let group = Arc::make_mut(&mut self.groups[of_group].1);
        let of_leaf = place(group, number >> LEAF_BITS).ok()?;
        let leaf = &mut group[of_leaf].1;
        let room = leaf.capacity();
        let rows = Arc::make_mut(leaf);
        let (_, row) = rows.remove(place(rows, number).ok()?);
        if rows.len() * 2 < rows.capacity() {
            rows.shrink_to_fit();
        }
        self.rows = self.rows - room + rows.capacity();
        self.len -= 1;
        if rows.is_empty() {
            group.remove(of_leaf);
            self.leaves -= 1;
        }
        if group.is_empty() {
            self.groups.remove(of_group);
        }
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_copy_costs_a_pointer_for_4096_numbers_and_a_change_one_leaf() {
        let mut rows: Sparse<[u64; 7]> = Sparse::default();
        (1..=1_000_000).for_each(|number| assert_eq!(rows.insert(number, [number; 7]), None));
        assert_eq!(rows.pointers(), 1_000_000 / 4_096 + 1);
        assert!(rows.memory_bytes() < 1_000_000 * 65 + 50_000, "{} bytes", rows.memory_bytes());
        let copy = rows.clone();
        assert!(rows.remove(0).is_none() && rows.get_mut(1_000_001).is_none());
        assert_eq!(rows.leaves_apart(&copy), 0);
        rows.get_mut(70_000).expect("it is there")[0] = 7;
        rows.remove(70_001);
        assert_eq!(rows.leaves_apart(&copy), 1, "both are in one leaf");
        rows.insert(1_000_001, [1; 7]);
        assert_eq!(rows.leaves_apart(&copy), 2);
        assert_eq!((copy.get(70_000).map(|row| row[0]), copy.len()), (Some(70_000), 1_000_000));
    }

    #[test]
    fn memory_follows_the_rows_that_are_there_however_they_lie() {
        let mut rows: Sparse<[u64; 7]> = Sparse::default();
        for number in 1..=1_000_000u64 {
            rows.insert(number * 3_000_000_000, [number; 7]);
        }
        assert!(rows.memory_bytes() < 1_000_000 * 64 * 4 + 1_000_000 * 150, "{} bytes", rows.memory_bytes());
        let mut rows: Sparse<[u64; 7]> = (1..=1_000_000).fold(Sparse::default(), |mut rows, number| {
            rows.insert(number, [number; 7]);
            rows
        });
        (1..=1_000_000).filter(|number| number % 64 != 7).for_each(|number| assert!(rows.remove(number).is_some()));
        assert_eq!(rows.len(), 1_000_000 / 64);
        assert!(rows.memory_bytes() < rows.len() * (64 + 150), "{} bytes", rows.memory_bytes());
        (1..=1_000_000).filter(|number| number % 64 == 7).for_each(|number| assert!(rows.remove(number).is_some()));
        assert!(rows.is_empty() && rows.pointers() == 0 && rows.last().is_none());
        assert_eq!((rows.rows, rows.leaves), (0, 0));
    }

    proptest! {
        /// The model of each copy is a map that shares nothing.
        #[test]
        fn copies_hold_what_they_held_when_they_were_made(
            spacing in prop_oneof![Just(1u64), Just(50), Just(5_000)],
            steps in vec((0u8..8, 0u64..300, any::<u32>()), 0..600),
        ) {
            let (mut rows, mut model) = (Sparse::default(), BTreeMap::new());
            let mut copies = Vec::new();
            for (what, number, value) in steps {
                let number = number * spacing;
                match what {
                    0 => copies.push((rows.clone(), model.clone())),
                    1..3 => prop_assert_eq!(rows.remove(number), model.remove(&number)),
                    3 => {
                        let (held, of_model) = (rows.get_mut(number), model.get_mut(&number));
                        prop_assert_eq!(&held, &of_model);
                        if let (Some(held), Some(of_model)) = (held, of_model) {
                            (*held, *of_model) = (value, value);
                        }
                    }
                    _ => prop_assert_eq!(rows.insert(number, value), model.insert(number, value)),
                }
            }
            copies.push((rows, model));
            for (rows, model) in copies {
                prop_assert_eq!((rows.len(), rows.is_empty()), (model.len(), model.is_empty()));
                prop_assert_eq!(rows.last(), model.last_key_value().map(|(number, _)| *number));
                prop_assert!((0..300).all(|number| rows.get(number) == model.get(&number)));
                for first in [0, 1, 63, 64, 65, 4_096, 299 * spacing, 300 * spacing] {
                    let of_model = model.range(first..).map(|(number, value)| (*number, value));
                    prop_assert!(rows.iter_from(first).eq(of_model));
                }
                let leaves = rows.groups.iter().flat_map(|(_, group)| group.iter());
                let room: usize = leaves.clone().map(|(_, leaf)| leaf.capacity()).sum();
                prop_assert!(rows.rows == room && rows.leaves == leaves.count());
            }
        }
    }
}

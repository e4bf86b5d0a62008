//! Collections that a copy shares: what one changes is copied first where another still holds it, and no more of it
//! than a chunk.
//!
//! [`Column`] takes the place of a `Vec`, [`Sparse`] that of a `BTreeMap` by numbers, [`Table`] that of a `HashTable` of
//! numbers, [`Shards`] that of a `HashMap`, [`List`] that of a `Vec` of which there are many and most are short, and
//! [`Shared`] holds anything else that is small or seldom changed. Why they are, and not a library's:
//! `docs/decisions/0017-persistent-state.md`.

mod list;
mod parts;
mod rows;
mod shards;
mod shared;
mod sparse;
mod table;

use std::array;
use std::ops::{Index, IndexMut};

use triomphe::Arc;

pub use self::list::List;
pub use self::parts::Part;
pub use self::rows::Rows;
pub use self::shards::Shards;
pub use self::shared::Shared;
pub use self::sparse::Sparse;
pub use self::table::{Candidates, NARROW, Table, WIDE};

/// How many rows a chunk has: what the first change of one of them copies.
pub const CHUNK_ROWS: usize = 64;
/// How many chunks a group has.
const GROUP_CHUNKS: usize = 64;
/// How many rows a group has: a copy of a column copies a pointer for so many.
pub const GROUP_ROWS: usize = CHUNK_ROWS * GROUP_CHUNKS;

/// Rows one after another. They begin with a line of the cache, whatever counts the chunk's holders lies before it.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Chunk<T>([T; CHUNK_ROWS]);

type Group<T> = [Option<Arc<Chunk<T>>>; GROUP_CHUNKS];

/// The two counts of holders that lie before what an `Arc` holds.
const ARC_BYTES: usize = 16;
/// The same before a chunk, which begins with a line of the cache.
const CHUNK_ARC_BYTES: usize = 64;

/// Rows by their number, 0, 1, 2, …, in chunks behind `Arc`s, and those in groups behind `Arc`s.
///
/// `clone` copies a pointer for every [`GROUP_ROWS`] rows. The rows of the last chunk that are not there yet are
/// `T::default()`.
#[derive(Debug)]
pub struct Column<T> {
    groups: Vec<Arc<Group<T>>>,
    len: usize,
}

impl<T> Clone for Column<T> {
    fn clone(&self) -> Self {
        // With the same room to grow, so that a copy takes as much memory as is told of what it was copied from.
        let mut groups = Vec::with_capacity(self.groups.capacity());
        groups.extend_from_slice(&self.groups);
        Column { groups, len: self.len }
    }
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Column { groups: Vec::new(), len: 0 }
    }
}

impl<T> Column<T> {
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

    /// A row, if there is one of this number.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&T> {
        if row >= self.len {
            return None;
        }
        let chunk = self.groups[row / GROUP_ROWS][row / CHUNK_ROWS % GROUP_CHUNKS].as_ref()?;
        Some(&chunk.0[row % CHUNK_ROWS])
    }

    /// The rows from one on, as far as they lie in its chunk.
    #[must_use]
    pub fn rest_of_chunk(&self, row: usize) -> &[T] {
        let end = self.len.min((row / CHUNK_ROWS + 1) * CHUNK_ROWS);
        if row < end { rows::of_chunk(&self.groups, row..end) } else { &[] }
    }

    /// How many rows come before the first of which something does not hold, where it holds of none behind that.
    pub fn partition_point(&self, holds: impl Fn(&T) -> bool) -> usize {
        let (mut from, mut to) = (0, self.len);
        while from < to {
            let middle = from.midpoint(to);
            if holds(&self[middle]) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        from
    }

    /// Bytes on the heap, without those that rows hold elsewhere. What copies share is counted with each of them.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let chunks = self.len.div_ceil(CHUNK_ROWS);
        self.groups.capacity() * size_of::<Arc<Group<T>>>()
            + self.groups.len() * (size_of::<Group<T>>() + ARC_BYTES)
            + chunks * (size_of::<Chunk<T>>() + CHUNK_ARC_BYTES)
    }

    /// How many pointers a copy copies.
    #[must_use]
    pub fn pointers(&self) -> usize {
        self.groups.len()
    }

    /// The numbers of the rows that do not lie in the same memory as those of an earlier or later copy, ascending: all that
    /// differ are among them.
    pub fn rows_apart<'a>(&'a self, other: &'a Column<T>) -> impl Iterator<Item = usize> + 'a {
        let mut next = 0;
        std::iter::from_fn(move || {
            while next < self.len {
                let (here, there) = (self.rest_of_chunk(next), other.rest_of_chunk(next));
                if !std::ptr::eq(here, there) {
                    break;
                }
                next += here.len();
            }
            let row = next;
            next += 1;
            (row < self.len).then_some(row)
        })
    }

    /// How many chunks are not the same in memory as those of an earlier or later copy: what their changes have cost.
    #[must_use]
    pub fn chunks_apart(&self, other: &Column<T>) -> usize {
        let chunk_of = |column: &Column<T>, chunk: usize| {
            let group = column.groups.get(chunk / GROUP_CHUNKS)?;
            group[chunk % GROUP_CHUNKS].as_ref().map(Arc::as_ptr)
        };
        let chunks = self.len.max(other.len).div_ceil(CHUNK_ROWS);
        (0..chunks).filter(|chunk| chunk_of(self, *chunk) != chunk_of(other, *chunk)).count()
    }
}

impl<T: Clone> Column<T> {
    /// A row to be changed, if there is one of this number: its chunk is copied first where a copy shares it.
    pub fn get_mut(&mut self, row: usize) -> Option<&mut T> {
        if row >= self.len {
            return None;
        }
        let group = Arc::make_mut(&mut self.groups[row / GROUP_ROWS]);
        let chunk = group[row / CHUNK_ROWS % GROUP_CHUNKS].as_mut()?;
        Some(&mut Arc::make_mut(chunk).0[row % CHUNK_ROWS])
    }
}

impl<T: Clone + Default> Column<T> {
    /// One more row.
    pub fn push(&mut self, value: T) {
        let row = self.len;
        if row.is_multiple_of(GROUP_ROWS) {
            self.groups.push(Arc::new(array::from_fn(|_| None)));
        }
        let group = Arc::make_mut(&mut self.groups[row / GROUP_ROWS]);
        let chunk = &mut group[row / CHUNK_ROWS % GROUP_CHUNKS];
        let chunk = chunk.get_or_insert_with(|| Arc::new(Chunk(array::from_fn(|_| T::default()))));
        Arc::make_mut(chunk).0[row % CHUNK_ROWS] = value;
        self.len += 1;
    }
}

impl<T: Clone + Default> Extend<T> for Column<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, rows: I) {
        rows.into_iter().for_each(|row| self.push(row));
    }
}

impl<T: Clone + Default> FromIterator<T> for Column<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        let mut column = Column::default();
        column.extend(rows);
        column
    }
}

/// A row.
///
/// # Panics
/// If there is none of this number.
impl<T> Index<usize> for Column<T> {
    type Output = T;

    fn index(&self, row: usize) -> &T {
        match self.get(row) {
            Some(value) => value,
            None => panic!("row {row} of {}", self.len),
        }
    }
}

impl<T: Clone> IndexMut<usize> for Column<T> {
    fn index_mut(&mut self, row: usize) -> &mut T {
        let len = self.len;
        match self.get_mut(row) {
            Some(value) => value,
            None => panic!("row {row} of {len}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_copy_costs_a_pointer_a_group_and_a_change_of_a_row_one_chunk() {
        let mut column: Column<u64> = (0..1_000_000).collect();
        let copy = column.clone();
        assert_eq!(column.pointers(), 1_000_000usize.div_ceil(GROUP_ROWS));
        assert_eq!(column.chunks_apart(&copy), 0);
        column[70_000] += 1;
        column[70_001] += 1;
        assert_eq!(column.chunks_apart(&copy), 1, "both lie in one chunk");
        column[0] = 7;
        assert_eq!(column.chunks_apart(&copy), 2);
        let apart: Vec<usize> = column.rows_apart(&copy).collect();
        assert_eq!(apart, (0..64).chain(69_952..70_016).collect::<Vec<usize>>(), "the rows of both chunks");
        column.push(1);
        assert_eq!(column.rows_apart(&copy).last(), Some(1_000_000));
        assert_eq!(column.rows_apart(&Column::default()).count(), 1_000_001);
        assert_eq!((copy[0], copy[70_000], column[70_000]), (0, 70_000, 70_001));
    }

    #[test]
    fn rows_begin_with_a_line_of_the_cache() {
        let column: Column<u64> = (0..200).collect();
        assert!([0, 64, 128].iter().all(|row| std::ptr::from_ref(&column[*row]).addr().is_multiple_of(64)));
    }

    #[test]
    fn what_is_not_there_is_not_given() {
        let mut column: Column<u8> = [1, 2, 3].into_iter().collect();
        assert_eq!((column.get(2), column.get(3)), (Some(&3), None));
        assert_eq!(column.get_mut(3), None);
        assert_eq!(Column::<u8>::default().get(0), None);
    }

    proptest! {
        /// The model of each copy is a `Vec`, which shares nothing.
        #[test]
        fn copies_hold_what_they_held_when_they_were_made(
            begin in 0usize..9_000,
            steps in vec((0u8..4, any::<prop::sample::Index>(), any::<u32>()), 0..200),
        ) {
            let mut column: Column<u32> = (0..begin as u32).collect();
            let mut model: Vec<u32> = (0..begin as u32).collect();
            let mut copies = Vec::new();
            for (what, at, value) in steps {
                match what {
                    0 => copies.push((column.clone(), model.clone())),
                    1 if !model.is_empty() => {
                        let at = at.index(model.len());
                        column[at] = value;
                        model[at] = value;
                    }
                    _ => {
                        column.push(value);
                        model.push(value);
                    }
                }
            }
            copies.push((column, model));
            for (column, model) in copies {
                prop_assert_eq!(column.len(), model.len());
                prop_assert!(column.iter().eq(&model));
                prop_assert!((0..model.len()).all(|row| column[row] == model[row]));
            }
        }
    }
}

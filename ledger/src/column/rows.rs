//! The rows of a column one after another, from both ends.

use std::ops::Range;
use std::slice;

use triomphe::Arc;

use super::{CHUNK_ROWS, Column, GROUP_CHUNKS, Group};

/// Rows by ascending number.
#[derive(Debug)]
pub struct Rows<'c, T> {
    groups: &'c [Arc<Group<T>>],
    front: slice::Iter<'c, T>,
    /// Those between the two ends, whose chunks were not looked at yet.
    between: Range<usize>,
    back: slice::Iter<'c, T>,
}

impl<T> Clone for Rows<'_, T> {
    fn clone(&self) -> Self {
        Rows { front: self.front.clone(), between: self.between.clone(), back: self.back.clone(), ..*self }
    }
}

impl<T> Column<T> {
    /// All rows, by number.
    pub fn iter(&self) -> Rows<'_, T> {
        self.range(0..self.len)
    }

    /// The rows of these numbers, as far as there are any.
    pub fn range(&self, rows: Range<usize>) -> Rows<'_, T> {
        let end = rows.end.min(self.len);
        Rows { groups: &self.groups, front: [].iter(), between: rows.start.min(end)..end, back: [].iter() }
    }
}

/// The rows of these numbers, which are of one chunk.
pub(super) fn of_chunk<T>(groups: &[Arc<Group<T>>], rows: Range<usize>) -> &[T] {
    let chunk = rows.start / CHUNK_ROWS;
    let held = groups[chunk / GROUP_CHUNKS][chunk % GROUP_CHUNKS].as_ref().map_or(&[][..], |chunk| &chunk.0);
    &held[rows.start % CHUNK_ROWS..][..rows.len()]
}

impl<'c, T> Rows<'c, T> {
    /// Of no column: those of a slice.
    pub fn of(slice: &'c [T]) -> Rows<'c, T> {
        Rows { groups: &[], front: slice.iter(), between: 0..0, back: [].iter() }
    }
}

impl<'c, T> Iterator for Rows<'c, T> {
    type Item = &'c T;

    fn next(&mut self) -> Option<&'c T> {
        loop {
            if let Some(row) = self.front.next() {
                return Some(row);
            }
            let Range { start, end } = self.between;
            if start == end {
                return self.back.next();
            }
            let upto = end.min((start / CHUNK_ROWS + 1) * CHUNK_ROWS);
            (self.front, self.between) = (of_chunk(self.groups, start..upto).iter(), upto..end);
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.front.len() + self.between.len() + self.back.len();
        (left, Some(left))
    }
}

impl<T> DoubleEndedIterator for Rows<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.back.next_back() {
                return Some(row);
            }
            let Range { start, end } = self.between;
            if start == end {
                return self.front.next_back();
            }
            let from = start.max((end - 1) / CHUNK_ROWS * CHUNK_ROWS);
            (self.back, self.between) = (of_chunk(self.groups, from..end).iter(), start..from);
        }
    }
}

impl<T> ExactSizeIterator for Rows<'_, T> {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_range_from_both_ends_gives_what_a_vec_gives(
            len in 0usize..300,
            range in (0usize..320, 0usize..320),
            from_back in proptest::collection::vec(any::<bool>(), 330),
        ) {
            let column: Column<usize> = (0..len).collect();
            let model: Vec<usize> = (0..len).collect();
            let range = range.0.min(range.1)..range.0.max(range.1);
            let end = range.end.min(len);
            prop_assert_eq!(column.partition_point(|row| *row < range.start), range.start.min(len));
            prop_assert!(column.rest_of_chunk(range.start).iter().eq(column.range(range.start..(range.start / 64 + 1) * 64)));
            prop_assert!(Rows::of(&model).eq(column.iter()));
            let mut rows = column.range(range.clone());
            let mut of_model = model[range.start.min(end)..end].iter();
            for from_back in from_back {
                prop_assert_eq!(rows.len(), of_model.len());
                let (row, of_model) =
                    if from_back { (rows.next_back(), of_model.next_back()) } else { (rows.next(), of_model.next()) };
                prop_assert_eq!(row, of_model);
            }
        }
    }
}

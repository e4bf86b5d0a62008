//! Parts of a column that are changed at the same time.

use triomphe::Arc;

use super::{CHUNK_ROWS, Chunk, Column};

/// Some rows of a column, one after another, of which nobody else changes any meanwhile.
#[derive(Debug)]
pub struct Part<'c, T> {
    first: usize,
    chunks: Vec<&'c mut Arc<Chunk<T>>>,
}

impl<T: Clone> Column<T> {
    /// All rows in their order, in so many parts of about the same length, or in fewer: no chunk is divided.
    pub fn parts_mut(&mut self, parts: usize) -> Vec<Part<'_, T>> {
        let each = self.len.div_ceil(CHUNK_ROWS).div_ceil(parts.max(1)).max(1);
        let chunks = self.groups.iter_mut().flat_map(|group| Arc::make_mut(group).iter_mut().flatten());
        let mut divided: Vec<Part<'_, T>> = Vec::new();
        for (at, chunk) in chunks.enumerate() {
            if at % each == 0 {
                divided.push(Part { first: at * CHUNK_ROWS, chunks: Vec::with_capacity(each) });
            }
            if let Some(part) = divided.last_mut() {
                part.chunks.push(chunk);
            }
        }
        divided
    }
}

impl<T: Clone> Part<'_, T> {
    /// The number of the row after its last one; rows of the last chunk that are not there yet are counted.
    #[must_use]
    pub fn end(&self) -> usize {
        self.first + self.chunks.len() * CHUNK_ROWS
    }

    /// A row to be changed, if it is one of the part's: its chunk is copied first where a copy shares it.
    pub fn get_mut(&mut self, row: usize) -> Option<&mut T> {
        let at = row.checked_sub(self.first)?;
        let chunk = self.chunks.get_mut(at / CHUNK_ROWS)?;
        Some(&mut Arc::make_mut(chunk).0[at % CHUNK_ROWS])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_each_row_once_and_copies_what_they_held() {
        for (len, parts) in [(0, 3), (1, 3), (64, 2), (65, 2), (10_000, 7), (10_000, 1), (300, 50)] {
            let mut column: Column<usize> = (0..len).collect();
            let copy = column.clone();
            let mut divided = column.parts_mut(parts);
            assert!(divided.len() <= parts && divided.iter().map(Part::end).is_sorted());
            for row in 0..len {
                let holders = divided.iter_mut().filter_map(|part| part.get_mut(row));
                assert_eq!(holders.map(|held| *held += 1).count(), 1, "row {row} of {len} in {parts} parts");
            }
            assert!(column.iter().copied().eq(1..=len) && copy.iter().copied().eq(0..len));
        }
    }
}

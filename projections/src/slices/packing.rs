//! When days of a slice are packed, and when they become rows again.

use super::packed::{BLOCK_CELLS, Block, Cell};
use super::{Row, ShortDay, Slice};

/// So many days up to a slice's last one stay rows: what is asked most, the last 30 days, is added up from rows, and
/// what comes a few days late finds one.
const RECENT_DAYS: u16 = 32;
/// So many older rows are packed together.
const PACKED_TOGETHER: usize = 8;

impl Slice {
    /// Packs the days that are long past once `newest` is the last one, where enough have come together. That one is a row
    /// always.
    pub(super) fn pack(&mut self, newest: ShortDay) {
        let is_old = |row: &Row| row.day.0 < newest.0.saturating_sub(RECENT_DAYS);
        if !self.rows.get(PACKED_TOGETHER - 1).is_some_and(is_old) {
            return;
        }
        let end = self.rows.partition_point(is_old);
        let old: Vec<Row> = self.rows.drain(..end).collect();
        self.rows.shrink_to(self.rows.len() + 2 + self.rows.len() / 8);
        let mut left = &old[..];
        while let Some(last) = left.last() {
            // No block lies among the rows that are packed together.
            let at = self.packed.partition_point(|block| block.last < last.day);
            let begin = at.checked_sub(1).map_or(0, |before| {
                let before = self.packed[before].last;
                left.partition_point(|row| row.day <= before)
            });
            self.pack_together(at, &left[begin..]);
            left = &left[..begin];
        }
        self.count_packed();
    }

    /// Packs rows that lie before the block at a place and after the one before it, which may have room for them.
    fn pack_together(&mut self, at: usize, rows: &[Row]) {
        let mut cells: Vec<Cell> = Vec::with_capacity(rows.len());
        for row in rows {
            let more_traders = if self.beside.is_some() { self.take_more_traders(row.day.day()) } else { None };
            let more_traders = more_traders.filter(|_| !mutants::mutant!("packed-cell-loses-traders"));
            cells.push(Cell { row: *row, more_traders });
        }
        match at.checked_sub(1).map(|before| &mut self.packed[before]) {
            Some(before) if before.has_room_for(cells.len()) => *before = before.followed_by(&cells),
            Some(_) | None => drop(self.packed.splice(at..at, cells.chunks(BLOCK_CELLS).map(Block::of))),
        }
    }

    /// Makes rows again of the block that a day lies in, if it lies in one: to change a day is to change its row.
    pub(super) fn unpack(&mut self, day: ShortDay) {
        let at = self.packed.partition_point(|block| block.last < day);
        if self.packed.get(at).is_none_or(|block| block.first > day) {
            return;
        }
        let block = self.packed.remove(at);
        let place = self.rows.partition_point(|row| row.day < block.first);
        let mut rows = Vec::with_capacity(usize::from(block.cells));
        for cell in block.cells() {
            if let Some(set) = cell.more_traders {
                self.put_more_traders(cell.row.day.day(), set);
            }
            rows.push(cell.row);
        }
        self.rows.splice(place..place, rows);
        self.count_packed();
    }

    /// The same slice with all its days as rows.
    pub(super) fn unpacked(&self) -> Slice {
        let mut slice = self.clone();
        while let Some(first) = slice.packed.last().map(|block| block.first) {
            slice.unpack(first);
        }
        slice
    }

    pub(super) fn count_packed(&mut self) {
        self.packed_cells = self.packed.iter().map(|block| u32::from(block.cells)).sum();
        self.packed_bytes = self.packed.iter().map(Block::memory_bytes).sum();
    }
}

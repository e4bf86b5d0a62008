//! The slice as it is kept: the rows of its last days, and its blocks as they are.

use ledger::fields::Fields;
use roaring::RoaringBitmap;
use schemas::Day;

use super::packed::{Block, Cell, put_cell, read_cell};
use super::{Beside, COUNTS, SUMS, ShortDay, Slice};
use crate::output::Output;

impl Slice {
    /// All but its blocks.
    pub(crate) fn encode_rows(&self, out: &mut Output<'_>) {
        out.u32(self.invitees);
        out.count(self.rows.len());
        for row in &self.rows {
            out.u16(row.day.0);
            put_cell(out.0, &Cell { row: *row, more_traders: None });
        }
        let nothing = Beside::default();
        let beside = self.beside.as_deref().unwrap_or(&nothing);
        out.count(beside.wide.len());
        for (day, sums) in &beside.wide {
            out.i32(day.0);
            sums.iter().for_each(|sum| out.i128(*sum));
        }
        out.count(beside.wide_counts.len());
        for (day, counts) in &beside.wide_counts {
            out.i32(day.0);
            counts.iter().for_each(|count| out.u64(*count));
        }
        out.count(beside.more_traders.len());
        for (day, set) in &beside.more_traders {
            out.i32(day.0);
            let mut bytes = Vec::with_capacity(set.serialized_size());
            // Writing into a Vec cannot fail.
            let _ = set.serialize_into(&mut bytes);
            out.bytes(&bytes);
        }
    }

    /// A slice of no block as yet.
    pub(crate) fn decode_rows(fields: &mut Fields<'_>) -> Option<Slice> {
        let mut slice = Slice { invitees: fields.u32()?, ..Slice::default() };
        let rows = fields.count()?;
        slice.rows.reserve_exact(rows);
        for _ in 0..rows {
            let day = ShortDay(fields.u16()?);
            slice.rows.push(read_cell(fields, day)?.row);
        }
        for _ in 0..fields.count()? {
            let day = Day(fields.i32()?);
            let mut sums = [0; SUMS];
            for sum in &mut sums {
                *sum = fields.i128()?;
            }
            slice.beside_mut().wide.insert(day, sums);
        }
        for _ in 0..fields.count()? {
            let day = Day(fields.i32()?);
            let mut counts = [0; COUNTS];
            for count in &mut counts {
                *count = fields.u64()?;
            }
            slice.beside_mut().wide_counts.insert(day, counts);
        }
        for _ in 0..fields.count()? {
            let day = Day(fields.i32()?);
            let set = RoaringBitmap::deserialize_from(fields.bytes()?).ok()?;
            slice.put_more_traders(day, set);
        }
        Some(slice)
    }

    /// How many blocks it has.
    pub(crate) fn blocks(&self) -> usize {
        self.packed.len()
    }

    /// One of them.
    pub(crate) fn encode_block(&self, block: usize, out: &mut Output<'_>) {
        self.packed[block].encode(out);
    }

    /// Its next block.
    pub(crate) fn decode_block(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let is_after = |block: &Block| self.packed.last().is_none_or(|before| before.last < block.first);
        let block = Block::decode(fields).filter(is_after)?;
        self.packed.push(block);
        self.count_packed();
        Some(())
    }
}

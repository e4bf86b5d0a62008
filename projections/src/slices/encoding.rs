//! The slice as it is kept.

use ledger::fields::Fields;
use roaring::RoaringBitmap;
use schemas::Day;

use super::{Beside, COUNTS, Row, SUMS, ShortDay, Slice};
use crate::output::Output;

impl Slice {
    /// All days are written as rows, whichever are packed.
    pub(crate) fn encode(&self, out: &mut Output<'_>) {
        if !self.packed.is_empty() {
            return self.unpacked().encode(out);
        }
        out.u32(self.invitees);
        out.count(self.rows.len());
        for row in &self.rows {
            out.u16(row.day.0);
            row.counts.iter().for_each(|count| out.u8(*count));
            out.u64(row.traders);
            row.sums.iter().for_each(|sum| out.i64(*sum));
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

    pub(crate) fn decode(fields: &mut Fields<'_>) -> Option<Slice> {
        let mut slice = Slice { invitees: fields.u32()?, ..Slice::default() };
        let rows = fields.count()?;
        slice.rows.reserve_exact(rows);
        for _ in 0..rows {
            let mut row = Row { day: ShortDay(fields.u16()?), ..Row::default() };
            for at in 0..COUNTS {
                row.counts[at] = fields.u8()?;
            }
            row.traders = fields.u64()?;
            for at in 0..SUMS {
                row.sums[at] = fields.i64()?;
            }
            slice.rows.push(row);
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
        if let Some(last) = slice.rows.last().map(|row| row.day) {
            slice.pack(last);
        }
        Some(slice)
    }
}

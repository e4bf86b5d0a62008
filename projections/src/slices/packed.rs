//! Days long past of a slice, in few bytes: what a row of 64 takes is mostly zeros.
//!
//! Most cells are of one or two traders and one product, so each begins with two bytes that say what of it there is.
//! A checkpoint has the same bytes.

use ledger::column::Shared;
use ledger::fields::{Fields, put_bytes, put_signed, put_varint};
use roaring::RoaringBitmap;

use super::{COUNTS, Row, SUMS, ShortDay, Sum};
use crate::output::Output;

/// The most cells that a block has.
pub(super) const BLOCK_CELLS: usize = 64;

/// A cell by itself: its row, and who traded of those that the row has no bits for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    pub(super) row: Row,
    pub(super) more_traders: Option<RoaringBitmap>,
}

/// Some days of a slice, ascending; no other cell of the slice lies between them. Copies share its bytes.
#[derive(Clone, Debug)]
pub(super) struct Block {
    bytes: Shared<Box<[u8]>>,
    pub(super) first: ShortDay,
    pub(super) last: ShortDay,
    pub(super) cells: u16,
}

/// What of a cell there is: a bit a sum and a bit a count, and from here on the form of the traders among the first 64.
const COUNTS_AT: usize = SUMS;
const TRADERS_AT: usize = SUMS + COUNTS;
/// How many of those traders are written as a byte each; more are written as all 64 bits.
const FEW_TRADERS: u32 = 2;
const ALL_BITS: u16 = 3;
/// Whether there are traders beyond the first 64.
const MORE_AT: usize = TRADERS_AT + 2;

impl Block {
    /// Of cells, ascending by day.
    pub(super) fn of(cells: &[Cell]) -> Block {
        let first = cells.first().map_or(ShortDay::default(), |cell| cell.row.day);
        Block { bytes: Shared::default(), first, last: first, cells: 0 }.followed_by(cells)
    }

    /// The same with more cells, all of later days: what is packed already is taken as it is.
    pub(super) fn followed_by(&self, cells: &[Cell]) -> Block {
        let mut bytes = Vec::with_capacity(self.bytes.len() + cells.len() * 32);
        bytes.extend_from_slice(&self.bytes);
        let mut last = self.last;
        for cell in cells {
            put_varint(&mut bytes, u64::from(cell.row.day.0.wrapping_sub(last.0)));
            last = cell.row.day;
            put_cell(&mut bytes, cell);
        }
        // Blocks are kept far below what 16 bits count.
        Block { bytes: Shared::new(bytes.into()), first: self.first, last, cells: self.cells + cells.len() as u16 }
    }

    /// Whether both are the same in memory, and so of the same cells.
    pub(super) fn is_same(&self, other: &Block) -> bool {
        self.first == other.first && self.bytes.is_same(&other.bytes)
    }

    /// Whether so many more cells fit in.
    pub(super) fn has_room_for(&self, cells: usize) -> bool {
        usize::from(self.cells) + cells <= BLOCK_CELLS
    }

    /// Its cells, ascending by day.
    pub(super) fn cells(&self) -> impl Iterator<Item = Cell> + '_ {
        let mut fields = Fields(&self.bytes);
        let mut day = self.first;
        (0..self.cells).map_while(move |_| {
            day = ShortDay(day.0.wrapping_add(fields.varint()? as u16));
            read_cell(&mut fields, day)
        })
    }

    pub(super) fn encode(&self, out: &mut Output<'_>) {
        out.u16(self.first.0);
        out.u16(self.last.0);
        out.u16(self.cells);
        out.bytes(&self.bytes);
    }

    /// Reads what [`Block::encode`] wrote; none if its cells are not what it says.
    pub(super) fn decode(fields: &mut Fields<'_>) -> Option<Block> {
        let (first, last, cells) = (ShortDay(fields.u16()?), ShortDay(fields.u16()?), fields.u16()?);
        let block = Block { bytes: Shared::new(fields.bytes()?.into()), first, last, cells };
        let (mut count, mut end) = (0, None);
        for cell in block.cells() {
            count += 1;
            end = Some(cell.row.day);
        }
        (count == cells && end == Some(last)).then_some(block)
    }

    /// Bytes on the heap, with the two counts of who holds them and where they are.
    pub(super) fn memory_bytes(&self) -> usize {
        self.bytes.len() + 32
    }
}

/// What the total volume is nearly always: only what it differs by is written.
fn both_volumes(sums: &[i64; SUMS]) -> i64 {
    sums[Sum::SpotVolume as usize].wrapping_add(sums[Sum::FuturesVolume as usize])
}

pub(super) fn put_cell(bytes: &mut Vec<u8>, Cell { row, more_traders }: &Cell) {
    let mut sums = row.sums;
    let total = Sum::TotalVolume as usize;
    sums[total] = sums[total].wrapping_sub(both_volumes(&sums));
    let traders = row.traders.count_ones();
    let mut head = if traders <= FEW_TRADERS { traders as u16 } else { ALL_BITS } << TRADERS_AT;
    for (at, sum) in sums.iter().enumerate() {
        head |= u16::from(*sum != 0) << at;
    }
    for (at, count) in row.counts.iter().enumerate() {
        head |= u16::from(*count != 0) << (COUNTS_AT + at);
    }
    head |= u16::from(more_traders.is_some()) << MORE_AT;
    bytes.extend_from_slice(&head.to_le_bytes());
    sums.iter().filter(|sum| **sum != 0).for_each(|sum| put_signed(bytes, *sum));
    bytes.extend(row.counts.iter().filter(|count| **count != 0));
    if traders > FEW_TRADERS {
        bytes.extend_from_slice(&row.traders.to_le_bytes());
    } else {
        bytes.extend((0..u64::BITS).filter(|ordinal| row.traders >> ordinal & 1 == 1).map(|ordinal| ordinal as u8));
    }
    if let Some(set) = more_traders {
        let mut written = Vec::with_capacity(set.serialized_size());
        // Writing into a Vec cannot fail.
        let _ = set.serialize_into(&mut written);
        put_bytes(bytes, &written);
    }
}

pub(super) fn read_cell(fields: &mut Fields<'_>, day: ShortDay) -> Option<Cell> {
    let mut row = Row { day, ..Row::default() };
    let head = fields.u16()?;
    let has = |at: usize| head >> at & 1 == 1;
    for (at, sum) in row.sums.iter_mut().enumerate() {
        if has(at) {
            *sum = if mutants::mutant!("packed-cell-loses-its-sign") {
                fields.signed()?.abs()
            } else {
                fields.signed()?
            };
        }
    }
    let total = Sum::TotalVolume as usize;
    row.sums[total] = row.sums[total].wrapping_add(both_volumes(&row.sums));
    for (at, count) in row.counts.iter_mut().enumerate() {
        if has(COUNTS_AT + at) {
            *count = fields.u8()?;
        }
    }
    match head >> TRADERS_AT & ALL_BITS {
        ALL_BITS => row.traders = fields.u64()?,
        few => {
            for _ in 0..few {
                row.traders |= 1u64.checked_shl(u32::from(fields.u8()?))?;
            }
        }
    }
    let more_traders = if has(MORE_AT) { Some(RoaringBitmap::deserialize_from(fields.bytes()?).ok()?) } else { None };
    Some(Cell { row, more_traders })
}

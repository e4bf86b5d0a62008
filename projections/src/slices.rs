//! What the invitees of one code and one country did, a row a UTC day: the cells that every overview adds up.
//!
//! A row takes one line of the cache. Sums are kept in 64 bits, which hold 92 thousand million USD a day, and counts
//! in 8; what does not fit moves beside the row: exact always, small nearly always. Who traded on a day is a set: the
//! first 64 invitees of a slice as bits of the row, the others as a bitmap beside it.
//!
//! Days long past are packed in blocks, which copies of a slice share. A day is a row or in a block, never both; to
//! change one of a block makes rows of the block again.

mod apart;
mod encoding;
mod packed;
mod packing;
mod reading;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::{Debug, Formatter};

use ledger::column::Shared;
use roaring::RoaringBitmap;
use schemas::{Day, Usd};

pub(crate) use self::apart::WholeDay;
use self::packed::Block;

/// The sums of a cell, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sum {
    SpotCommission,
    FuturesCommission,
    SharedCommission,
    SpotVolume,
    FuturesVolume,
    TotalVolume,
}

/// How many sums a cell has.
pub(crate) const SUMS: usize = 6;

/// The counts of a cell, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Registered,
    Verified,
    Deposited,
    FirstTrade,
}

/// How many counts a cell has.
pub(crate) const COUNTS: usize = 4;

/// The invitees whose trading days are bits of the row itself.
const INLINE_TRADERS: u32 = 64;

/// So many rows are looked at one after the other before the others are searched.
const ROWS_NEAR: usize = 32;

/// Sums to add to a day.
pub(crate) type Sums = [Usd; SUMS];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Row {
    traders: u64,
    sums: [i64; SUMS],
    day: ShortDay,
    counts: [u8; COUNTS],
}

/// A day in two bytes: no event lies before 2000, and these reach to 2179.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct ShortDay(u16);

impl ShortDay {
    /// 2000-01-01.
    const FIRST: Day = Day(10_957);

    /// Days beyond either end, which only questions ask for, become that end.
    fn of(day: Day) -> ShortDay {
        let since = day.0.saturating_sub(Self::FIRST.0).clamp(0, i32::from(u16::MAX));
        ShortDay(since as u16)
    }

    fn day(self) -> Day {
        Self::FIRST.plus(i32::from(self.0))
    }
}

impl Row {
    /// Adds amounts; what does not fit into 64 bits is given back whole, and its sum here is 0.
    fn add(&mut self, amounts: &Sums) -> Option<[i128; SUMS]> {
        let mut overflow: Option<[i128; SUMS]> = None;
        for (at, amount) in amounts.iter().enumerate() {
            let sum = i128::from(self.sums[at]) + amount.0;
            if let Ok(sum) = i64::try_from(sum) {
                self.sums[at] = sum;
            } else {
                self.sums[at] = 0;
                overflow.get_or_insert([0; SUMS])[at] = sum;
            }
        }
        overflow
    }
}

/// The days of one code and country.
#[derive(Clone, Default)]
pub(crate) struct Slice {
    /// Ascending by day. The last day that anything is held of is among them.
    rows: Vec<Row>,
    /// The other days, ascending: no row lies between the days of a block.
    packed: Vec<Block>,
    /// What few slices have.
    beside: Option<Shared<Beside>>,
    /// How many invitees have a place in the slice.
    invitees: u32,
    /// How many entries all sets of `more_traders` have together.
    more_traded: u32,
    /// How many cells all blocks have together.
    packed_cells: u32,
    /// How many bytes all blocks hold.
    packed_bytes: usize,
}

/// All days as rows: which are packed hangs on the order in which they were changed, and says nothing.
impl Debug for Slice {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let Slice { rows, packed: _, beside, invitees, more_traded, packed_cells: _, packed_bytes: _ } =
            self.unpacked();
        let beside = beside.as_deref().cloned().unwrap_or_default();
        f.debug_struct("Slice")
            .field("rows", &rows)
            .field("beside", &beside)
            .field("invitees", &invitees)
            .field("more_traded", &more_traded)
            .finish()
    }
}

/// What does not fit into rows.
#[derive(Clone, Debug, Default)]
struct Beside {
    /// What of sums did not fit into 64 bits, by day, be it packed or not.
    wide: BTreeMap<Day, [i128; SUMS]>,
    /// What of counts did not fit into 8 bits, by day, be it packed or not.
    wide_counts: BTreeMap<Day, [u64; COUNTS]>,
    /// Who traded, by day, from the 65th invitee of the slice on. Those of a packed day are in its block.
    more_traders: BTreeMap<Day, RoaringBitmap>,
}

/// A set of a day takes about so much besides its entries.
const SET_BYTES: usize = 64;
/// An entry of a sparse set: the low half of its number.
const SET_ENTRY_BYTES: usize = 2;

impl Slice {
    /// Gives the next invitee its place.
    pub(crate) fn next_ordinal(&mut self) -> u32 {
        self.invitees += 1;
        self.invitees - 1
    }

    fn row_mut(&mut self, day: Day) -> &mut Row {
        let day = ShortDay::of(day);
        let at = match self.rows.last() {
            Some(last) if last.day == day => self.rows.len() - 1,
            Some(last) if last.day > day => self.earlier_row(day),
            _ => {
                self.pack(day);
                self.grow();
                self.rows.push(Row { day, ..Row::default() });
                self.rows.len() - 1
            }
        };
        &mut self.rows[at]
    }

    /// The place of the row of a day before the last one.
    fn earlier_row(&mut self, day: ShortDay) -> usize {
        self.unpack(day);
        let at = self.first_from(day);
        if self.rows.get(at).is_none_or(|row| row.day != day) {
            self.grow();
            self.rows.insert(at, Row { day, ..Row::default() });
        }
        at
    }

    /// The place of the first row of a day or later.
    fn first_from(&self, day: ShortDay) -> usize {
        let Some(last) = self.rows.last() else { return 0 };
        // From a day to the last one there are no more rows than days, and nearly as many where somebody trades daily. So
        // it stands near here, where a search would wait for memory at each of its steps.
        let days = usize::from(last.day.0.saturating_sub(day.0)) + 1;
        let begin = self.rows.len().saturating_sub(days);
        let near = self.rows[begin..].iter().take(ROWS_NEAR).position(|row| row.day >= day);
        begin + near.unwrap_or_else(|| self.rows[begin..].partition_point(|row| row.day < day))
    }

    /// Makes room for one more row, and not for twice as many: most slices stay small.
    fn grow(&mut self) {
        if self.rows.len() == self.rows.capacity() {
            self.rows.reserve_exact(2 + self.rows.len() / 8);
        }
    }

    fn beside_mut(&mut self) -> &mut Beside {
        self.beside.get_or_insert_default()
    }

    /// Adds amounts (or takes them back, where they are negative) on a day.
    pub(crate) fn add_sums(&mut self, day: Day, amounts: &Sums) {
        let overflow = self.row_mut(day).add(amounts);
        self.widen(day, overflow);
    }

    /// Adds a trade's amounts on its day, and that this invitee traded then.
    pub(crate) fn add_trade(&mut self, day: Day, ordinal: u32, amounts: &Sums) {
        self.add_trades(day, std::iter::once(ordinal), amounts);
    }

    /// Adds what trades of one day come to together, and that these invitees traded then.
    pub(crate) fn add_trades(&mut self, day: Day, ordinals: impl Iterator<Item = u32> + Clone, amounts: &Sums) {
        let row = self.row_mut(day);
        for ordinal in ordinals.clone().filter(|ordinal| *ordinal < INLINE_TRADERS) {
            row.traders |= 1 << ordinal;
        }
        let overflow = row.add(amounts);
        self.widen(day, overflow);
        for ordinal in ordinals.filter(|ordinal| *ordinal >= INLINE_TRADERS) {
            self.note_more(day, ordinal);
        }
    }

    fn note_more(&mut self, day: Day, ordinal: u32) {
        if mutants::mutant!("trader-beyond-the-64th-forgotten") {
            return;
        }
        let is_new = self.beside_mut().more_traders.entry(day).or_default().insert(ordinal);
        self.more_traded += u32::from(is_new);
    }

    fn take_more_traders(&mut self, day: Day) -> Option<RoaringBitmap> {
        let set = self.beside.as_mut()?.more_traders.remove(&day)?;
        // An invitee and a day each: there are fewer than 2^32 of those.
        self.more_traded -= set.len() as u32;
        Some(set)
    }

    fn put_more_traders(&mut self, day: Day, set: RoaringBitmap) {
        self.more_traded += set.len() as u32;
        self.beside_mut().more_traders.insert(day, set);
    }

    fn widen(&mut self, day: Day, overflow: Option<[i128; SUMS]>) {
        if let Some(overflow) = overflow
            && !mutants::mutant!("sum-too-wide-for-its-row-lost")
        {
            let wide = self.beside_mut().wide.entry(day).or_insert([0; SUMS]);
            for (held, more) in wide.iter_mut().zip(overflow) {
                *held += more;
            }
        }
    }

    /// Counts one more, or one less, on a day.
    pub(crate) fn count(&mut self, day: Day, what: Count, up: bool) {
        let at = what as usize;
        let count = &mut self.row_mut(day).counts[at];
        match if up { count.checked_add(1) } else { count.checked_sub(1) } {
            Some(counted) => *count = counted,
            None if up => {
                *count = 0;
                self.beside_mut().wide_counts.entry(day).or_default()[at] += 1 << 8;
            }
            // What is beside the row is there to be taken from: a count never falls below 0.
            None => self.beside_mut().wide_counts.entry(day).or_default()[at] -= 1,
        }
    }

    /// Notes that an invitee traded on a day, or that it did not after all.
    pub(crate) fn set_traded(&mut self, day: Day, ordinal: u32, traded: bool) {
        if ordinal < INLINE_TRADERS {
            let bit = 1u64 << ordinal;
            let traders = &mut self.row_mut(day).traders;
            *traders = if traded { *traders | bit } else { *traders & !bit };
            return;
        }
        // The day has a row also where all its traders are beyond the first 64.
        self.row_mut(day);
        if traded {
            self.note_more(day, ordinal);
        } else if let Some(mut set) = self.take_more_traders(day) {
            set.remove(ordinal);
            if !set.is_empty() {
                self.put_more_traders(day, set);
            }
        }
    }

    /// A part of each end of its last row.
    pub(crate) fn last_sum(&self) -> Option<(u8, i64)> {
        self.rows.last().map(|row| (row.counts[0], row.sums[SUMS - 1]))
    }

    /// How many days it has.
    pub(crate) fn len(&self) -> usize {
        self.rows.len() + self.packed_cells as usize
    }

    /// Bytes on the heap, as far as they can be told. Told at once, however many days there are.
    pub(crate) fn memory_bytes(&self) -> usize {
        let rows = self.rows.capacity() * size_of::<Row>();
        let packed = self.packed.capacity() * size_of::<Block>() + self.packed_bytes;
        self.beside.as_ref().map_or(rows + packed, |beside| {
            rows + packed
                + size_of::<Beside>()
                + (beside.wide.len() + beside.wide_counts.len()) * (SUMS * 16 + 16)
                + beside.more_traders.len() * SET_BYTES
                + self.more_traded as usize * SET_ENTRY_BYTES
        })
    }
}

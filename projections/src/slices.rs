//! What the invitees of one code and one country did, a row a UTC day: the cells that every overview adds up.
//!
//! Sums are kept in 64 bits, which hold 92 thousand million USD a day, and move to 128 bits beside the row where
//! that is not enough: exact always, small nearly always. Who traded on a day is a set: the first 64 invitees of
//! a slice as bits of the row, the others as a bitmap beside it.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use schemas::{Day, Usd};

use crate::views::Metrics;

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

/// Sums to add to a day.
pub(crate) type Sums = [Usd; SUMS];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Row {
    day: Day,
    counts: [u32; COUNTS],
    traders: u64,
    sums: [i64; SUMS],
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
#[derive(Clone, Debug, Default)]
pub(crate) struct Slice {
    /// Ascending by day.
    rows: Vec<Row>,
    /// What did not fit into 64 bits, by day.
    wide: BTreeMap<Day, [i128; SUMS]>,
    /// Who traded, by day, from the 65th invitee of the slice on.
    more_traders: BTreeMap<Day, RoaringBitmap>,
    /// How many invitees have a place in the slice.
    invitees: u32,
}

impl Slice {
    /// Gives the next invitee its place.
    pub(crate) fn next_ordinal(&mut self) -> u32 {
        self.invitees += 1;
        self.invitees - 1
    }

    fn row_mut(&mut self, day: Day) -> &mut Row {
        let at = match self.rows.last() {
            Some(last) if last.day == day => self.rows.len() - 1,
            Some(last) if last.day > day => match self.rows.binary_search_by_key(&day, |row| row.day) {
                Ok(at) => at,
                Err(at) => {
                    self.rows.insert(at, Row { day, ..Row::default() });
                    at
                }
            },
            _ => {
                if self.rows.len() == self.rows.capacity() {
                    self.rows.reserve_exact(4 + self.rows.len() / 4);
                }
                self.rows.push(Row { day, ..Row::default() });
                self.rows.len() - 1
            }
        };
        &mut self.rows[at]
    }

    /// Adds amounts (or takes them back, where they are negative) on a day.
    pub(crate) fn add_sums(&mut self, day: Day, amounts: &Sums) {
        let overflow = self.row_mut(day).add(amounts);
        self.widen(day, overflow);
    }

    /// Adds a trade's amounts on its day, and that this invitee traded then.
    pub(crate) fn add_trade(&mut self, day: Day, ordinal: u32, amounts: &Sums) {
        let row = self.row_mut(day);
        if ordinal < INLINE_TRADERS {
            row.traders |= 1 << ordinal;
        }
        let overflow = row.add(amounts);
        self.widen(day, overflow);
        if ordinal >= INLINE_TRADERS {
            self.more_traders.entry(day).or_default().insert(ordinal);
        }
    }

    fn widen(&mut self, day: Day, overflow: Option<[i128; SUMS]>) {
        if let Some(overflow) = overflow {
            let wide = self.wide.entry(day).or_insert([0; SUMS]);
            for (held, more) in wide.iter_mut().zip(overflow) {
                *held += more;
            }
        }
    }

    /// Counts one more, or one less, on a day.
    pub(crate) fn count(&mut self, day: Day, what: Count, up: bool) {
        let count = &mut self.row_mut(day).counts[what as usize];
        *count = if up { *count + 1 } else { *count - 1 };
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
        let set = self.more_traders.entry(day).or_default();
        if traded {
            set.insert(ordinal);
        } else {
            set.remove(ordinal);
            if set.is_empty() {
                self.more_traders.remove(&day);
            }
        }
    }

    /// Adds the slice's metrics of a range of days, both ends included, to `metrics`.
    pub(crate) fn add_metrics(&self, from: Day, to: Day, metrics: &mut Metrics) {
        let start = self.rows.partition_point(|row| row.day < from);
        let mut sums = [0i128; SUMS];
        let mut counts = [0u64; COUNTS];
        let mut traders = 0u64;
        for row in self.rows[start..].iter().take_while(|row| row.day <= to) {
            for (sum, more) in sums.iter_mut().zip(row.sums) {
                *sum += i128::from(more);
            }
            for (count, more) in counts.iter_mut().zip(row.counts) {
                *count += u64::from(more);
            }
            traders |= row.traders;
        }
        let mut traded = u64::from(traders.count_ones());
        if from <= to {
            for wide in self.wide.range(from..=to).map(|(_, wide)| wide) {
                for (sum, more) in sums.iter_mut().zip(wide) {
                    *sum += more;
                }
            }
            let mut days = self.more_traders.range(from..=to).map(|(_, set)| set);
            if let Some(first) = days.next() {
                let mut union = first.clone();
                for set in days {
                    union |= set;
                }
                traded += union.len();
            }
        }
        let sum = |what: Sum| Usd(sums[what as usize]);
        let count = |what: Count| counts[what as usize];
        metrics.spot_commission += sum(Sum::SpotCommission);
        metrics.futures_commission += sum(Sum::FuturesCommission);
        metrics.total_rewards += sum(Sum::SpotCommission) + sum(Sum::FuturesCommission);
        metrics.shared_commission += sum(Sum::SharedCommission);
        metrics.spot_volume += sum(Sum::SpotVolume);
        metrics.futures_volume += sum(Sum::FuturesVolume);
        metrics.total_volume += sum(Sum::TotalVolume);
        metrics.total_referrals += count(Count::Registered);
        metrics.verified += count(Count::Verified);
        metrics.deposited += count(Count::Deposited);
        metrics.first_time_trade += count(Count::FirstTrade);
        metrics.traded += traded;
    }

    /// Each day on which there is anything, with its metrics: the canonical content of the slice.
    pub(crate) fn canonical_days(&self) -> impl Iterator<Item = (Day, Metrics)> + '_ {
        self.rows.iter().filter_map(|row| {
            let mut metrics = Metrics::default();
            self.add_metrics(row.day, row.day, &mut metrics);
            (metrics != Metrics::default()).then_some((row.day, metrics))
        })
    }

    /// A part of each end of its last row.
    pub(crate) fn last_sum(&self) -> Option<(Day, i64)> {
        self.rows.last().map(|row| (row.day, row.sums[SUMS - 1]))
    }

    /// How many days it has.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes on the heap, as far as they can be told.
    pub(crate) fn memory_bytes(&self) -> usize {
        let bitmaps: usize = self.more_traders.values().map(|set| set.serialized_size() + 64).sum();
        self.rows.capacity() * size_of::<Row>() + self.wide.len() * (SUMS * 16 + 16) + bitmaps
    }
}

mod encoding {
    //! The slice in a checkpoint.

    use super::{COUNTS, Row, SUMS, Slice};
    use crate::checkpoint::bytes::{DecodeError, Input, Output};
    use roaring::RoaringBitmap;
    use schemas::Day;

    impl Slice {
        pub(crate) fn encode(&self, out: &mut Output) {
            out.u32(self.invitees);
            out.len(self.rows.len());
            for row in &self.rows {
                out.i32(row.day.0);
                row.counts.iter().for_each(|count| out.u32(*count));
                out.u64(row.traders);
                row.sums.iter().for_each(|sum| out.i64(*sum));
            }
            out.len(self.wide.len());
            for (day, sums) in &self.wide {
                out.i32(day.0);
                sums.iter().for_each(|sum| out.i128(*sum));
            }
            out.len(self.more_traders.len());
            for (day, set) in &self.more_traders {
                out.i32(day.0);
                let mut bytes = Vec::with_capacity(set.serialized_size());
                // Writing into a Vec cannot fail.
                let _ = set.serialize_into(&mut bytes);
                out.bytes(&bytes);
            }
        }

        pub(crate) fn decode(input: &mut Input<'_>) -> Result<Slice, DecodeError> {
            let mut slice = Slice { invitees: input.u32()?, ..Slice::default() };
            let rows = input.len()?;
            slice.rows.reserve_exact(rows);
            for _ in 0..rows {
                let mut row = Row { day: Day(input.i32()?), ..Row::default() };
                for at in 0..COUNTS {
                    row.counts[at] = input.u32()?;
                }
                row.traders = input.u64()?;
                for at in 0..SUMS {
                    row.sums[at] = input.i64()?;
                }
                slice.rows.push(row);
            }
            for _ in 0..input.len()? {
                let day = Day(input.i32()?);
                let mut sums = [0; SUMS];
                for sum in &mut sums {
                    *sum = input.i128()?;
                }
                slice.wide.insert(day, sums);
            }
            for _ in 0..input.len()? {
                let day = Day(input.i32()?);
                let set = RoaringBitmap::deserialize_from(input.bytes()?).map_err(|_| DecodeError::Malformed)?;
                slice.more_traders.insert(day, set);
            }
            Ok(slice)
        }
    }
}

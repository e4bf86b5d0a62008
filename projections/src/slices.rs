//! What the invitees of one code and one country did, a row a UTC day: the cells that every overview adds up.
//!
//! A row takes one line of the cache. Sums are kept in 64 bits, which hold 92 thousand million USD a day, and counts
//! in 8; what does not fit moves beside the row: exact always, small nearly always. Who traded on a day is a set: the
//! first 64 invitees of a slice as bits of the row, the others as a bitmap beside it.

mod encoding;

use std::collections::BTreeMap;

use roaring::{MultiOps, RoaringBitmap};
use schemas::{Day, Usd};

use crate::views::{Earned, Metrics};

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
#[derive(Clone, Debug, Default)]
pub(crate) struct Slice {
    /// Ascending by day.
    rows: Vec<Row>,
    /// What of sums did not fit into 64 bits, by day.
    wide: BTreeMap<Day, [i128; SUMS]>,
    /// What of counts did not fit into 8 bits, by day.
    wide_counts: BTreeMap<Day, [u64; COUNTS]>,
    /// Who traded, by day, from the 65th invitee of the slice on.
    more_traders: BTreeMap<Day, RoaringBitmap>,
    /// How many invitees have a place in the slice.
    invitees: u32,
    /// How many entries all sets of `more_traders` have together.
    more_traded: u32,
}

/// A set of a day takes about so much besides its entries.
const SET_BYTES: usize = 64;
/// An entry of a sparse set: the low half of its number.
const SET_ENTRY_BYTES: usize = 2;

impl Slice {
    /// The first and the last day that anything is held of.
    pub(crate) fn days(&self) -> Option<(Day, Day)> {
        Some((self.rows.first()?.day.day(), self.rows.last()?.day.day()))
    }

    /// The first and the last day on which there is anything; a day of which all was taken back may still have a row.
    pub(crate) fn days_with_anything(&self) -> Option<(Day, Day)> {
        let holds = |row: &&Row| {
            let (mut metrics, day) = (Metrics::default(), row.day.day());
            self.add_metrics(day, day, &mut metrics);
            metrics != Metrics::default()
        };
        let first = self.rows.iter().find(holds)?;
        let last = self.rows.iter().rev().find(holds).unwrap_or(first);
        Some((first.day.day(), last.day.day()))
    }

    /// Gives the next invitee its place.
    pub(crate) fn next_ordinal(&mut self) -> u32 {
        self.invitees += 1;
        self.invitees - 1
    }

    fn row_mut(&mut self, day: Day) -> &mut Row {
        let day = ShortDay::of(day);
        let at = match self.rows.last() {
            Some(last) if last.day == day => self.rows.len() - 1,
            Some(last) if last.day > day => match self.rows.binary_search_by_key(&day, |row| row.day) {
                Ok(at) => at,
                Err(at) => {
                    self.grow();
                    self.rows.insert(at, Row { day, ..Row::default() });
                    at
                }
            },
            _ => {
                self.grow();
                self.rows.push(Row { day, ..Row::default() });
                self.rows.len() - 1
            }
        };
        &mut self.rows[at]
    }

    /// Makes room for one more row, and not for twice as many: most slices stay small.
    fn grow(&mut self) {
        if self.rows.len() == self.rows.capacity() {
            self.rows.reserve_exact(2 + self.rows.len() / 8);
        }
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
            self.note_more(day, ordinal);
        }
    }

    fn note_more(&mut self, day: Day, ordinal: u32) {
        let is_new = self.more_traders.entry(day).or_default().insert(ordinal);
        self.more_traded += u32::from(is_new);
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
        let at = what as usize;
        let count = &mut self.row_mut(day).counts[at];
        match if up { count.checked_add(1) } else { count.checked_sub(1) } {
            Some(counted) => *count = counted,
            None if up => {
                *count = 0;
                self.wide_counts.entry(day).or_default()[at] += 1 << 8;
            }
            // What is beside the row is there to be taken from: a count never falls below 0.
            None => self.wide_counts.entry(day).or_default()[at] -= 1,
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
        } else if let Some(set) = self.more_traders.get_mut(&day) {
            self.more_traded -= u32::from(set.remove(ordinal));
            if set.is_empty() {
                self.more_traders.remove(&day);
            }
        }
    }

    /// Adds the slice's metrics of a range of days, both ends included, to `metrics`.
    pub(crate) fn add_metrics(&self, from: Day, to: Day, metrics: &mut Metrics) {
        if to >= ShortDay::FIRST && from <= to {
            self.add_rows(self.first_row(from), from, to, metrics);
        }
    }

    /// The same for ranges that follow one another, each with its own `metrics`.
    pub(crate) fn add_series<'m>(&self, ranges: impl Iterator<Item = (Day, Day, &'m mut Metrics)>) {
        let mut at = None;
        for (from, to, metrics) in ranges {
            if to >= ShortDay::FIRST && from <= to {
                let start = at.unwrap_or_else(|| self.first_row(from));
                at = Some(self.add_rows(start, from, to, metrics));
            }
        }
    }

    /// Where the first row of a day or a later one is.
    fn first_row(&self, day: Day) -> usize {
        let first = ShortDay::of(day);
        self.rows.partition_point(|row| row.day < first)
    }

    /// Adds the rows from `start` up to a day, and what lies beside them from the one day to the other. Gives the place
    /// of the next row.
    fn add_rows(&self, start: usize, from: Day, to: Day, metrics: &mut Metrics) -> usize {
        let last = ShortDay::of(to);
        let mut next = start;
        let mut sums = [0i128; SUMS];
        let mut counts = [0u64; COUNTS];
        let mut traders = 0u64;
        for row in self.rows[start..].iter().take_while(|row| row.day <= last) {
            next += 1;
            for (sum, more) in sums.iter_mut().zip(row.sums) {
                *sum += i128::from(more);
            }
            for (count, more) in counts.iter_mut().zip(row.counts) {
                *count += u64::from(more);
            }
            traders |= row.traders;
        }
        let mut traded = u64::from(traders.count_ones());
        for wide in self.wide.range(from..=to).map(|(_, wide)| wide) {
            for (sum, more) in sums.iter_mut().zip(wide) {
                *sum += more;
            }
        }
        for wide in self.wide_counts.range(from..=to).map(|(_, wide)| wide) {
            for (count, more) in counts.iter_mut().zip(wide) {
                *count += more;
            }
        }
        if !self.more_traders.is_empty() {
            traded += self.more_traders.range(from..=to).map(|(_, set)| set).union().len();
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
        next
    }

    /// Each day of a range, both ends included, on which anything was earned net, with what was.
    pub(crate) fn earned(&self, from: Day, to: Day) -> impl Iterator<Item = (Day, Earned)> + '_ {
        let (first, last) = (ShortDay::of(from), ShortDay::of(to));
        let is_within = to >= ShortDay::FIRST && from <= to;
        let start = self.rows.partition_point(|row| row.day < first);
        let rows = self.rows[start..].iter().take_while(move |row| is_within && row.day <= last);
        rows.filter_map(|row| {
            let day = row.day.day();
            let wide = if self.wide.is_empty() { None } else { self.wide.get(&day) };
            let sum = |what: Sum| {
                let at = what as usize;
                Usd(i128::from(row.sums[at]) + wide.map_or(0, |wide| wide[at]))
            };
            let commission = sum(Sum::SpotCommission) + sum(Sum::FuturesCommission);
            let earned = Earned { commission, rebate: sum(Sum::SharedCommission) };
            (!earned.is_nothing()).then_some((day, earned))
        })
    }

    /// Each day on which there is anything, with its metrics: the canonical content of the slice.
    pub(crate) fn canonical_days(&self) -> impl Iterator<Item = (Day, Metrics)> + '_ {
        self.rows.iter().filter_map(|row| {
            let mut metrics = Metrics::default();
            let day = row.day.day();
            self.add_metrics(day, day, &mut metrics);
            (metrics != Metrics::default()).then_some((day, metrics))
        })
    }

    /// A part of each end of its last row.
    pub(crate) fn last_sum(&self) -> Option<(u8, i64)> {
        self.rows.last().map(|row| (row.counts[0], row.sums[SUMS - 1]))
    }

    /// How many days it has.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes on the heap, as far as they can be told. Told at once, however many days there are.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Row>()
            + (self.wide.len() + self.wide_counts.len()) * (SUMS * 16 + 16)
            + self.more_traders.len() * SET_BYTES
            + self.more_traded as usize * SET_ENTRY_BYTES
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: Day = Day(20_000);

    fn on(slice: &Slice, day: Day) -> Metrics {
        let mut metrics = Metrics::default();
        slice.add_metrics(day, day, &mut metrics);
        metrics
    }

    #[test]
    fn a_row_takes_one_line_of_the_cache() {
        assert_eq!(size_of::<Row>(), 64);
    }

    #[test]
    fn counts_and_sums_of_any_size_are_exact_up_and_down() {
        let mut slice = Slice::default();
        let huge = [Usd(i128::from(i64::MAX)); SUMS];
        for _ in 0..700 {
            slice.count(DAY, Count::Registered, true);
        }
        for _ in 0..3 {
            slice.add_sums(DAY, &huge);
        }
        assert_eq!(on(&slice, DAY).total_referrals, 700);
        assert_eq!(on(&slice, DAY).total_volume, Usd(3 * i128::from(i64::MAX)));
        for _ in 0..699 {
            slice.count(DAY, Count::Registered, false);
        }
        for _ in 0..3 {
            slice.add_sums(DAY, &huge.map(|amount| -amount));
        }
        assert_eq!(on(&slice, DAY), Metrics { total_referrals: 1, ..Metrics::default() });
        assert_eq!(on(&slice, DAY.plus(1)), Metrics::default());
    }

    #[test]
    fn traders_are_counted_once_a_range_however_many_there_are() {
        let mut slice = Slice::default();
        for ordinal in 0..200 {
            slice.set_traded(DAY, ordinal, true);
            slice.set_traded(DAY.plus(1 + (ordinal % 3) as i32), ordinal, true);
        }
        let mut metrics = Metrics::default();
        slice.add_metrics(DAY, DAY.plus(3), &mut metrics);
        assert_eq!(metrics.traded, 200);
        slice.set_traded(DAY, 70, false);
        slice.set_traded(DAY, 3, false);
        assert_eq!(on(&slice, DAY).traded, 198);
    }

    #[test]
    fn a_range_beyond_what_days_can_be_held_is_answered() {
        let mut slice = Slice::default();
        slice.count(DAY, Count::Verified, true);
        slice.count(ShortDay::FIRST, Count::Deposited, true);
        let mut metrics = Metrics::default();
        slice.add_metrics(Day(-3_000_000), Day(3_000_000), &mut metrics);
        assert_eq!((metrics.verified, metrics.deposited), (1, 1));
        assert_eq!(on(&slice, Day(-5)), Metrics::default());
        assert_eq!(on(&slice, Day(2_000_000)), Metrics::default());
    }

    proptest! {
        /// Ranges from before the first day that can be held to after the last, more traders than a row has bits.
        #[test]
        fn a_series_is_what_each_of_its_ranges_comes_to(
            trades in prop::collection::vec((0i32..90, 0u32..130, 0i64..5), 0..150),
            from in prop_oneof![-20i32..40, Just(ShortDay::FIRST.0 - DAY.0 - 5)],
            lengths in prop::collection::vec(1i32..30, 1..12),
        ) {
            let mut slice = Slice::default();
            for (day, ordinal, amount) in trades {
                let huge = Usd(i128::from(i64::MAX / 2) * i128::from(amount));
                slice.add_trade(DAY.plus(day), ordinal, &[huge; SUMS]);
                slice.count(DAY.plus(day), Count::Registered, true);
                slice.set_traded(DAY.plus(day), ordinal, true);
            }
            let mut next = DAY.plus(from);
            let ranges: Vec<(Day, Day)> = lengths
                .iter()
                .map(|length| {
                    let first = next;
                    next = next.plus(*length);
                    (first, next.plus(-1))
                })
                .collect();
            let mut series = vec![Metrics::default(); ranges.len()];
            slice.add_series(ranges.iter().zip(&mut series).map(|((from, to), sum)| (*from, *to, sum)));
            for ((from, to), sum) in ranges.into_iter().zip(series) {
                let mut alone = Metrics::default();
                slice.add_metrics(from, to, &mut alone);
                prop_assert_eq!(sum, alone, "{} to {}", from, to);
            }
        }
    }
}

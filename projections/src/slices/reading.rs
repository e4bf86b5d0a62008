//! What the days of a slice come to.

use std::iter::Peekable;

use roaring::{MultiOps, RoaringBitmap};
use schemas::{Day, Usd};

use super::packed::Cell;
use super::{COUNTS, Count, Row, SUMS, ShortDay, Slice, Sum};
use crate::views::{Earned, Metrics};

/// Rows added up.
#[derive(Default)]
struct Added {
    sums: [i128; SUMS],
    counts: [u64; COUNTS],
    traders: u64,
}

impl Added {
    fn add(&mut self, row: &Row) {
        for (sum, more) in self.sums.iter_mut().zip(row.sums) {
            *sum += i128::from(more);
        }
        for (count, more) in self.counts.iter_mut().zip(row.counts) {
            *count += u64::from(more);
        }
        self.traders |= row.traders;
    }

    fn add_to(&self, traded: u64, metrics: &mut Metrics) {
        let sum = |what: Sum| Usd(self.sums[what as usize]);
        let count = |what: Count| self.counts[what as usize];
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
}

impl Slice {
    /// The first and the last day that anything is held of.
    pub(crate) fn days(&self) -> Option<(Day, Day)> {
        let (first, last) = (self.rows.first()?.day, self.rows.last()?.day);
        let first = self.packed.first().map_or(first, |block| first.min(block.first));
        Some((first.day(), last.day()))
    }

    /// The first and the last day on which there is anything; a day of which all was taken back may still have a row.
    pub(crate) fn days_with_anything(&self) -> Option<(Day, Day)> {
        let holds = |day: &Day| {
            let mut metrics = Metrics::default();
            self.add_metrics(*day, *day, &mut metrics);
            metrics != Metrics::default()
        };
        let mut rows = self.rows.iter().map(|row| row.day.day());
        let mut packed = self.packed.iter().flat_map(|block| block.cells()).map(|cell| cell.row.day.day());
        let first = [packed.find(holds), rows.clone().find(holds)].into_iter().flatten().min()?;
        let last_row = rows.rfind(holds);
        // Where the rows after a block hold nothing any more, the last day is in a block.
        let later = self.packed.iter().rev().take_while(|block| last_row.is_none_or(|day| day < block.last.day()));
        let mut later = later.flat_map(|block| block.cells().collect::<Vec<_>>().into_iter().rev());
        let last_packed = later.find_map(|cell| Some(cell.row.day.day()).filter(holds));
        let last = [last_packed, last_row].into_iter().flatten().max()?;
        Some((first, last))
    }

    /// Adds the slice's metrics of a range of days, both ends included, to `metrics`.
    pub(crate) fn add_metrics(&self, from: Day, to: Day, metrics: &mut Metrics) {
        self.add_series(std::iter::once((from, to, metrics)));
    }

    /// The same for ranges that follow one another, each with its own `metrics`.
    pub(crate) fn add_series<'m>(&self, ranges: impl Iterator<Item = (Day, Day, &'m mut Metrics)>) {
        let mut ranges = ranges.filter(|(from, to, _)| *to >= ShortDay::FIRST && from <= to).peekable();
        let Some((from, ..)) = ranges.peek() else { return };
        let first = ShortDay::of(*from);
        let mut rows = &self.rows[self.first_from(first)..];
        let mut packed = self.packed_from(first).peekable();
        for (from, to, metrics) in ranges {
            rows = self.add_range(rows, &mut packed, (from, to), metrics);
        }
    }

    /// The packed cells from a day on, ascending.
    pub(super) fn packed_from(&self, first: ShortDay) -> impl Iterator<Item = Cell> + '_ {
        let blocks = &self.packed[self.packed.partition_point(|block| block.last < first)..];
        blocks.iter().flat_map(|block| block.cells()).skip_while(move |cell| cell.row.day < first)
    }

    /// Adds the rows and packed cells up to the end of a range, and what lies beside them from its one day to the other.
    /// Gives the rows after it.
    fn add_range<'r>(
        &self,
        rows: &'r [Row],
        packed: &mut Peekable<impl Iterator<Item = Cell>>,
        (from, to): (Day, Day),
        metrics: &mut Metrics,
    ) -> &'r [Row] {
        let last = ShortDay::of(to);
        let mut added = Added::default();
        let mut sets: Vec<RoaringBitmap> = Vec::new();
        let mut next = 0;
        for row in rows.iter().take_while(|row| row.day <= last) {
            next += 1;
            added.add(row);
        }
        while let Some(cell) = packed.next_if(|cell| cell.row.day <= last) {
            added.add(&cell.row);
            sets.extend(cell.more_traders);
        }
        let mut traded = u64::from(added.traders.count_ones());
        let mut more_traders: Vec<&RoaringBitmap> = sets.iter().collect();
        if let Some(beside) = &self.beside {
            for wide in beside.wide.range(from..=to).map(|(_, wide)| wide) {
                for (sum, more) in added.sums.iter_mut().zip(wide) {
                    *sum += more;
                }
            }
            for wide in beside.wide_counts.range(from..=to).map(|(_, wide)| wide) {
                for (count, more) in added.counts.iter_mut().zip(wide) {
                    *count += more;
                }
            }
            more_traders.extend(beside.more_traders.range(from..=to).map(|(_, set)| set));
        }
        if !more_traders.is_empty() {
            traded += more_traders.union().len();
        }
        added.add_to(traded, metrics);
        &rows[next..]
    }

    /// The days of a range, both ends included, on which anything was earned net, each with what was, in no promised
    /// order.
    pub(crate) fn earned(&self, from: Day, to: Day) -> impl Iterator<Item = (Day, Earned)> + '_ {
        let (first, last) = (ShortDay::of(from), ShortDay::of(to));
        let is_within = to >= ShortDay::FIRST && from <= to;
        let start = self.rows.partition_point(|row| row.day < first);
        let packed = self.packed_from(first).map(|cell| cell.row).take_while(move |row| is_within && row.day <= last);
        let rows = self.rows[start..].iter().copied().take_while(move |row| is_within && row.day <= last);
        packed.chain(rows).filter_map(|row| {
            let day = row.day.day();
            let wide = self.beside.as_ref().and_then(|beside| beside.wide.get(&day));
            let sum = |what: Sum| {
                let at = what as usize;
                Usd(i128::from(row.sums[at]) + wide.map_or(0, |wide| wide[at]))
            };
            let commission = sum(Sum::SpotCommission) + sum(Sum::FuturesCommission);
            let earned = Earned { commission, rebate: sum(Sum::SharedCommission) };
            (!earned.is_nothing()).then_some((day, earned))
        })
    }

    /// Each day on which there is anything, with its metrics, ascending: the canonical content of the slice.
    pub(crate) fn canonical_days(&self) -> impl Iterator<Item = (Day, Metrics)> + use<> {
        let packed = self.packed.iter().flat_map(|block| block.cells()).map(|cell| cell.row.day);
        let mut days: Vec<ShortDay> = packed.chain(self.rows.iter().map(|row| row.day)).collect();
        days.sort_unstable();
        let mut held = vec![Metrics::default(); days.len()];
        self.add_series(days.iter().zip(&mut held).map(|(day, metrics)| (day.day(), day.day(), metrics)));
        days.into_iter()
            .zip(held)
            .filter(|(_, metrics)| *metrics != Metrics::default())
            .map(|(day, held)| (day.day(), held))
    }
}

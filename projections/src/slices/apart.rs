//! The days on which two copies of a slice differ. What both share in memory is not looked at, so it costs what was
//! changed since one was copied from the other; copies that share nothing are compared day by day.

use std::collections::{BTreeMap, BTreeSet};

use roaring::RoaringBitmap;
use schemas::Day;

use super::packed::{Block, Cell};
use super::{Beside, COUNTS, INLINE_TRADERS, Row, SUMS, ShortDay, Slice};

/// Everything that is held of a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct WholeDay {
    pub(crate) sums: [i128; SUMS],
    pub(crate) counts: [u64; COUNTS],
    /// The places of the invitees that traded.
    pub(crate) traders: RoaringBitmap,
}

impl WholeDay {
    fn add(&mut self, row: &Row) {
        for (sum, more) in self.sums.iter_mut().zip(row.sums) {
            *sum += i128::from(more);
        }
        for (count, more) in self.counts.iter_mut().zip(row.counts) {
            *count += u64::from(more);
        }
        self.traders.extend((0..INLINE_TRADERS).filter(|ordinal| row.traders >> ordinal & 1 == 1));
    }
}

impl Slice {
    /// The days that are not the same as before, ascending, each as it was and as it is.
    pub(crate) fn days_apart(&self, before: &Slice) -> Vec<(Day, WholeDay, WholeDay)> {
        let mut days = BTreeSet::new();
        self.put_own_days(before, &mut days);
        before.put_own_days(self, &mut days);
        let apart = days.into_iter().map(|day| (day, before.whole_day(day), self.whole_day(day)));
        apart.filter(|(_, before, now)| before != now).collect()
    }

    /// Adds the days of which something lies here that does not lie in the other slice just so.
    fn put_own_days(&self, other: &Slice, days: &mut BTreeSet<Day>) {
        let is_there = |block: &&Block| {
            let at = other.packed.partition_point(|there| there.first < block.first);
            other.packed.get(at).is_some_and(|there| there.is_same(block))
        };
        for block in self.packed.iter().filter(|block| !is_there(block)) {
            days.extend(block.cells().map(|cell| cell.row.day.day()));
        }
        let mut there = other.rows.iter().peekable();
        for row in &self.rows {
            while there.next_if(|other| other.day < row.day).is_some() {}
            if there.peek().is_none_or(|other| *other != row) {
                days.insert(row.day.day());
            }
        }
        let (Some(beside), nothing) = (self.beside.as_ref(), Beside::default()) else { return };
        if other.beside.as_ref().is_some_and(|there| there.is_same(beside)) {
            return;
        }
        let there = other.beside.as_deref().unwrap_or(&nothing);
        put_apart(&beside.wide, &there.wide, days);
        put_apart(&beside.wide_counts, &there.wide_counts, days);
        put_apart(&beside.more_traders, &there.more_traders, days);
    }

    fn whole_day(&self, day: Day) -> WholeDay {
        let short = ShortDay::of(day);
        let mut whole = WholeDay::default();
        let at = self.rows.partition_point(|row| row.day < short);
        match self.rows.get(at).filter(|row| row.day == short) {
            Some(row) => whole.add(row),
            None => {
                if let Some(Cell { row, more_traders }) =
                    self.packed_from(short).next().filter(|cell| cell.row.day == short)
                {
                    whole.add(&row);
                    whole.traders |= more_traders.unwrap_or_default();
                }
            }
        }
        if let Some(beside) = &self.beside {
            for (sum, more) in whole.sums.iter_mut().zip(beside.wide.get(&day).unwrap_or(&[0; SUMS])) {
                *sum += more;
            }
            for (count, more) in whole.counts.iter_mut().zip(beside.wide_counts.get(&day).unwrap_or(&[0; COUNTS])) {
                *count += more;
            }
            if let Some(more) = beside.more_traders.get(&day) {
                whole.traders |= more;
            }
        }
        whole
    }

    /// Adds a whole day to what is held of it.
    pub(crate) fn add_whole_day(&mut self, day: Day, whole: WholeDay) {
        self.add_sums(day, &whole.sums.map(schemas::Usd));
        if whole.counts != [0; COUNTS] {
            let counts = self.beside_mut().wide_counts.entry(day).or_default();
            for (count, more) in counts.iter_mut().zip(whole.counts) {
                *count += more;
            }
        }
        if !whole.traders.is_empty() {
            let known = self.take_more_traders(day).unwrap_or_default();
            self.put_more_traders(day, known | whole.traders);
        }
    }
}

/// Adds the days whose value is another one in the other map, or is not there.
fn put_apart<T: PartialEq>(here: &BTreeMap<Day, T>, there: &BTreeMap<Day, T>, days: &mut BTreeSet<Day>) {
    days.extend(here.iter().filter(|(day, value)| there.get(day) != Some(value)).map(|(day, _)| *day));
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use schemas::Usd;

    use super::super::Count;
    use super::*;
    use crate::views::Metrics;

    const DAY: Day = Day(20_000);
    const DAYS: i32 = 150;

    fn change(slice: &mut Slice, (what, day, ordinal): (u8, i32, u32)) {
        let day = DAY.plus(day);
        let huge = [Usd(i128::from(i64::MAX)); SUMS];
        match what {
            0 => slice.add_trade(day, ordinal, &[Usd(i128::from(ordinal)); SUMS]),
            1 => slice.set_traded(day, ordinal, ordinal.is_multiple_of(2)),
            2 => (0..ordinal).for_each(|_| slice.count(day, Count::Verified, true)),
            3 => slice.add_sums(day, &huge),
            _ => slice.add_sums(day, &huge.map(|amount| -amount)),
        }
    }

    proptest! {
        /// Whatever is packed, lies beside or is shared: the days are those that differ, and no others.
        #[test]
        fn the_days_apart_are_those_that_differ_each_as_it_was_and_as_it_is(
            first in vec((0u8..5, 0..DAYS, 0u32..300), 0..300),
            more in vec((0u8..5, 0..DAYS, 0u32..300), 0..20),
        ) {
            let mut before = Slice::default();
            first.iter().for_each(|step| change(&mut before, *step));
            let mut now = before.clone();
            more.iter().for_each(|step| change(&mut now, *step));
            let all = (0..DAYS).map(|day| DAY.plus(day));
            let differing = all.map(|day| (day, before.whole_day(day), now.whole_day(day)));
            let expected: Vec<_> = differing.filter(|(_, was, is)| was != is).collect();
            prop_assert_eq!(now.days_apart(&before), expected.clone());
            prop_assert_eq!(now.unpacked().days_apart(&before), expected, "they share nothing");
            prop_assert!(now.days_apart(&now.clone()).is_empty());

            let mut made = Slice::default();
            for (day, _, is) in now.days_apart(&Slice::default()) {
                made.add_whole_day(day, is);
            }
            for range in [(DAY, DAY.plus(DAYS)), (DAY.plus(20), DAY.plus(60))] {
                let metrics_of = |slice: &Slice| {
                    let mut metrics = Metrics::default();
                    slice.add_metrics(range.0, range.1, &mut metrics);
                    metrics
                };
                prop_assert_eq!(metrics_of(&made), metrics_of(&now));
            }
        }
    }
}

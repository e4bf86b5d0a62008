use proptest::prelude::*;
use std::collections::BTreeMap;

use super::packed::Block;
use super::*;
use crate::views::Metrics;

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

/// A step of a random history of a slice.
#[derive(Clone, Debug)]
enum Step {
    Trade(Day, u32, Usd),
    Sums(Day, Usd),
    Count(Day, Count),
    Traded(Day, u32, bool),
}

/// Days that go on, as they do live, with a few that come late, some of them for a day long past.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let late = prop_oneof![6 => Just(0i32), 1 => 0..20i32, 1 => 0..900i32];
    let amount = prop_oneof![8 => -1_000_000_000i64..1_000_000_000_000, 1 => Just(i64::MAX), 1 => Just(i64::MIN)];
    let ordinal = prop_oneof![3 => 0u32..3, 1 => 0u32..64, 1 => 60u32..200];
    let step = (0..4i32, late, 0..8u8, ordinal, amount);
    prop::collection::vec(step, 0..400).prop_map(|steps| {
        let mut today = 0;
        let step = |(days, late, what, ordinal, amount): (i32, i32, u8, u32, i64)| {
            today += days;
            let (day, amount) = (DAY.plus((today - late).max(0)), Usd(i128::from(amount)));
            match what {
                0 => Step::Count(day, Count::Registered),
                1 => Step::Count(day, Count::FirstTrade),
                2 => Step::Traded(day, ordinal, false),
                3 => Step::Traded(day, ordinal, true),
                4 => Step::Sums(day, amount),
                _ => Step::Trade(day, ordinal, amount),
            }
        };
        steps.into_iter().map(step).collect()
    })
}

/// Amounts of which the total volume is not always that of spot and futures.
fn amounts(amount: Usd) -> Sums {
    [Usd(amount.0 / 10), Usd(0), Usd(amount.0 / 100), amount, Usd(0), Usd(amount.0 / 2 * 2)]
}

fn take(slice: &mut Slice, step: &Step) {
    match step {
        Step::Trade(day, ordinal, amount) => slice.add_trade(*day, *ordinal, &amounts(*amount)),
        Step::Sums(day, amount) => slice.add_sums(*day, &amounts(*amount)),
        Step::Count(day, what) => slice.count(*day, *what, true),
        Step::Traded(day, ordinal, traded) => slice.set_traded(*day, *ordinal, *traded),
    }
}

fn encoded(slice: &Slice) -> Vec<u8> {
    let mut bytes = Vec::new();
    let out = &mut crate::output::Output(&mut bytes);
    slice.encode_rows(out);
    (0..slice.blocks()).for_each(|block| slice.encode_block(block, out));
    bytes
}

fn decoded(bytes: &[u8], blocks: usize) -> Slice {
    let fields = &mut ledger::fields::Fields(bytes);
    let mut slice = Slice::decode_rows(fields).expect("it was just written");
    (0..blocks).for_each(|_| slice.decode_block(fields).expect("it was just written"));
    assert!(fields.0.is_empty());
    slice
}

/// What a slice answers of all its days together and of some ranges.
fn answers(slice: &Slice, ranges: &[(Day, Day)]) -> impl PartialEq + std::fmt::Debug + use<> {
    let mut series = vec![Metrics::default(); ranges.len()];
    slice.add_series(ranges.iter().zip(&mut series).map(|((from, to), sum)| (*from, *to, sum)));
    let each: Vec<Metrics> = ranges
        .iter()
        .map(|(from, to)| {
            let mut metrics = Metrics::default();
            slice.add_metrics(*from, *to, &mut metrics);
            metrics
        })
        .collect();
    assert_eq!(series, each);
    let earned: Vec<BTreeMap<Day, _>> = ranges.iter().map(|(from, to)| slice.earned(*from, *to).collect()).collect();
    let days: Vec<_> = slice.canonical_days().collect();
    let ends = days.first().zip(days.last()).map(|((first, _), (last, _))| (*first, *last));
    assert_eq!(slice.days_with_anything(), ends);
    (series, earned, days, slice.days(), slice.len())
}

proptest! {
    /// However many of its days are packed, a slice answers as one whose days are all rows, also where it was kept and
    /// read again, and so does each copy that was made on the way.
    #[test]
    fn packed_days_answer_as_rows_do(
        steps in steps(),
        copied_at in prop::collection::vec(0usize..400, 0..4),
        cuts in prop::collection::btree_set(-5i32..1_000, 2..12),
    ) {
        let cuts: Vec<Day> = cuts.into_iter().map(|cut| DAY.plus(cut)).collect();
        let ranges: Vec<(Day, Day)> = cuts.windows(2).map(|ends| (ends[0], ends[1].plus(-1))).collect();
        let (mut slice, mut rows) = (Slice::default(), Slice::default());
        let mut copies = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            if copied_at.contains(&number) {
                copies.push((slice.clone(), rows.clone()));
            }
            take(&mut slice, step);
            take(&mut rows, step);
            rows = rows.unpacked();
        }
        prop_assert!(rows.packed.is_empty());
        copies.push((slice, rows));
        for (slice, rows) in copies {
            prop_assert_eq!(answers(&slice, &ranges), answers(&rows, &ranges));
            prop_assert_eq!(encoded(&slice.unpacked()), encoded(&rows));
            let bytes = encoded(&slice);
            let read = decoded(&bytes, slice.blocks());
            prop_assert_eq!(answers(&read, &ranges), answers(&rows, &ranges));
            prop_assert_eq!(encoded(&read), bytes);
            // What is told along the way is what a walk finds.
            let mut counted = slice.clone();
            counted.count_packed();
            prop_assert_eq!((counted.packed_cells, counted.packed_bytes), (slice.packed_cells, slice.packed_bytes));
        }
    }
}

/// A slice of one invitee that trades futures on each of so many days.
fn daily(days: i32) -> Slice {
    let mut slice = Slice::default();
    let (commission, volume) = (Usd(2 * 10_123_457), Usd(300 * 100_000_000));
    for day in 0..days {
        slice.add_trade(DAY.plus(day), 5, &[Usd(0), commission, Usd(1_012_345), Usd(0), volume, volume]);
    }
    slice
}

#[test]
fn a_packed_day_takes_25_bytes_or_less_and_the_last_30_days_are_rows() {
    let slice = daily(730);
    assert_eq!(slice.len(), 730);
    let packed = slice.packed_cells as usize;
    assert!(packed > 730 - 60, "{packed}");
    let bytes = slice.packed_bytes + slice.packed.len() * size_of::<Block>();
    assert!(bytes <= 25 * packed, "{bytes} bytes for {packed} days");
    let of_range = slice.packed_from(ShortDay::of(DAY.plus(730 - 30))).count();
    assert_eq!(of_range, 0, "days that a question of the present looks at");
}

#[test]
fn what_comes_late_makes_rows_of_one_block_and_a_copy_keeps_its_own() {
    let mut slice = daily(730);
    let copy = slice.clone();
    let cells = slice.packed_cells as usize;
    slice.count(DAY.plus(100), Count::Registered, true);
    assert!(cells - slice.packed_cells as usize <= packed::BLOCK_CELLS);
    assert_eq!((on(&slice, DAY.plus(100)).total_referrals, on(&copy, DAY.plus(100)).total_referrals), (1, 0));
    assert_eq!(slice.len(), copy.len());
    // The next new day packs them again.
    slice.count(DAY.plus(760), Count::Registered, true);
    assert!(slice.packed_cells as usize > cells);
    assert_eq!(on(&slice, DAY.plus(100)).total_referrals, 1);
}

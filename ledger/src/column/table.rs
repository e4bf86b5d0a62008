//! Numbers by a hash, in lines of the cache: which rows of a column may be those of a key.

use std::iter;

use super::Column;

/// How many numbers of 32 bits a line holds.
pub const NARROW: usize = 12;
/// How many of 64.
pub const WIDE: usize = 6;

/// A line of the cache: numbers, each with 8 bits of its hash, and where those are that did not fit.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Line<N, const SLOTS: usize> {
    /// 0 where there is no number.
    tags: [u8; SLOTS],
    /// Which further line goes on, counted from 1.
    next: u32,
    numbers: [N; SLOTS],
}

/// Numbers by a hash, several to one hash if need be. The keys stand elsewhere: who asks compares them.
///
/// `clone` copies a pointer for every 4,096 lines, each of which is half full on average; a change after it copies one
/// chunk of lines, or two. It grows by a line for every few numbers that are added: that line takes its numbers from one
/// other, so no change ever moves all of them (linear hashing: W. Litwin, 1980). A look-up takes one line where what is
/// held of its hash fits there, which it nearly always does. As many numbers of one hash as there may be lie in a chain of
/// lines: to add one takes two lines of it, to find one all of them.
#[derive(Clone, Debug)]
pub struct Table<N, const SLOTS: usize> {
    /// Where hashes lead.
    lines: Column<Line<N, SLOTS>>,
    /// What did not fit there. In each chain all are full but for the first of these.
    further: Column<Line<N, SLOTS>>,
    /// The first of the further lines that nobody needs, counted from 1; it tells the next one.
    free: u32,
    count: usize,
}

impl<N, const SLOTS: usize> Default for Table<N, SLOTS> {
    fn default() -> Self {
        Table { lines: Column::default(), further: Column::default(), free: 0, count: 0 }
    }
}

impl<N: Copy + Default, const SLOTS: usize> Default for Line<N, SLOTS> {
    fn default() -> Self {
        const { assert!(size_of::<Line<N, SLOTS>>() == 64) };
        Line { tags: [0; SLOTS], next: 0, numbers: [N::default(); SLOTS] }
    }
}

fn tag_of(hash: u64) -> u8 {
    ((hash >> 56) as u8).max(1)
}

/// In which of so many lines a hash belongs. There is at least one.
fn home_of(hash: u64, lines: usize) -> usize {
    let mask = lines.next_power_of_two() - 1;
    let at = hash as usize & mask;
    // That line is not there yet, so what will be its stands in the one that it will take it from.
    if at < lines { at } else { at & (mask >> 1) }
}

impl<N: Copy + Default, const SLOTS: usize> Line<N, SLOTS> {
    /// The places of a tag, as bits.
    fn places(&self, tag: u8) -> u32 {
        let places = self.tags.iter().zip(0..);
        places.fold(0, |places, (held, at)| places | u32::from(*held == tag) << at)
    }

    /// Puts a number in, if there is room.
    fn put(&mut self, tag: u8, number: N) -> bool {
        let place = self.places(0).trailing_zeros() as usize;
        if place < SLOTS {
            (self.tags[place], self.numbers[place]) = (tag, number);
        }
        place < SLOTS
    }

    /// Takes any number out.
    fn take_any(&mut self) -> Option<(u8, N)> {
        let place = self.tags.iter().rposition(|tag| *tag != 0)?;
        Some((std::mem::take(&mut self.tags[place]), self.numbers[place]))
    }

    fn is_empty(&self) -> bool {
        self.tags.iter().all(|tag| *tag == 0)
    }
}

/// Numbers that may be meant by a hash.
pub struct Candidates<'t, N, const SLOTS: usize> {
    further: &'t Column<Line<N, SLOTS>>,
    line: Option<&'t Line<N, SLOTS>>,
    /// Those of the line that were not given yet.
    places: u32,
    tag: u8,
}

impl<N: Copy + Default, const SLOTS: usize> Iterator for Candidates<'_, N, SLOTS> {
    type Item = N;

    fn next(&mut self) -> Option<N> {
        let mut line = self.line?;
        while self.places == 0 {
            line = self.further.get((line.next as usize).checked_sub(1)?)?;
            #[cfg(test)]
            crate::steps::add(1);
            (self.line, self.places) = (Some(line), line.places(self.tag));
        }
        let place = self.places.trailing_zeros() as usize;
        self.places &= self.places - 1;
        Some(line.numbers[place])
    }
}

impl<N: Copy + Default + PartialEq, const SLOTS: usize> Table<N, SLOTS> {
    /// How many numbers a line has on average before there is one more.
    const LOAD: usize = SLOTS / 2;

    /// With lines for so many numbers.
    #[must_use]
    pub fn for_count(count: usize) -> Table<N, SLOTS> {
        let lines = iter::repeat_n(Line::default(), count.div_ceil(Self::LOAD));
        Table { lines: lines.collect(), ..Table::default() }
    }

    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The numbers that were put in under this hash, and now and then others.
    pub fn candidates(&self, hash: u64) -> Candidates<'_, N, SLOTS> {
        let tag = tag_of(hash);
        let line = if self.lines.is_empty() { None } else { self.lines.get(home_of(hash, self.lines.len())) };
        #[cfg(test)]
        crate::steps::add(1);
        let places = line.map_or(0, |line| line.places(tag));
        Candidates { further: &self.further, line, places, tag }
    }

    /// The number of this hash that is the one.
    pub fn find(&self, hash: u64, is_it: impl Fn(N) -> bool) -> Option<N> {
        self.candidates(hash).find(|number| is_it(*number))
    }

    /// Puts a number in under a hash. `hash_of` gives the hash of any number that is in.
    pub fn insert(&mut self, hash: u64, number: N, hash_of: impl Fn(N) -> u64) {
        if self.lines.is_empty() {
            self.lines.push(Line::default());
        } else if self.count >= Self::LOAD * self.lines.len() {
            self.split(hash_of);
        }
        self.put(hash, number);
        self.count += 1;
    }

    /// Takes a number out that was put in under this hash. Whether it was there.
    pub fn remove(&mut self, hash: u64, number: N) -> bool {
        if self.lines.is_empty() {
            return false;
        }
        let (tag, home) = (tag_of(hash), home_of(hash, self.lines.len()));
        let place_in = |line: &Line<N, SLOTS>| {
            let is_it = |place: &usize| line.tags[*place] == tag && line.numbers[*place] == number;
            (0..SLOTS).find(is_it)
        };
        // The further line that has it, counted from 1; 0 stands for the line that the hash leads to.
        let (mut holder, mut line) = (0, self.lines[home]);
        let place = loop {
            if let Some(place) = place_in(&line) {
                break place;
            }
            holder = line.next as usize;
            let Some(next) = holder.checked_sub(1).and_then(|at| self.further.get(at)) else { return false };
            line = *next;
        };
        let first = self.lines[home].next as usize;
        // Its place is taken by one of the first further line, the only one that need not be full.
        let moved = if first > 0 && first != holder { self.further[first - 1].take_any() } else { None };
        let (tag, number) = moved.unwrap_or_default();
        let line = if holder > 0 { &mut self.further[holder - 1] } else { &mut self.lines[home] };
        (line.tags[place], line.numbers[place]) = (tag, number);
        if first > 0 && self.further[first - 1].is_empty() {
            self.lines[home].next = self.further[first - 1].next;
            self.let_go(first);
        }
        self.count -= 1;
        true
    }

    /// One more line, which takes what is its own from the one where that stood.
    fn split(&mut self, hash_of: impl Fn(N) -> u64) {
        let new = self.lines.len();
        let from = new ^ 1 << new.ilog2();
        self.lines.push(Line::default());
        let mut line = std::mem::take(&mut self.lines[from]);
        loop {
            let held = line.tags.iter().zip(line.numbers).filter(|(tag, _)| **tag != 0);
            held.for_each(|(_, number)| self.put(hash_of(number), number));
            let next = line.next as usize;
            if next == 0 {
                return;
            }
            line = self.further[next - 1];
            self.let_go(next);
        }
    }

    fn put(&mut self, hash: u64, number: N) {
        let (tag, home) = (tag_of(hash), home_of(hash, self.lines.len()));
        let line = &mut self.lines[home];
        if line.put(tag, number) {
            return;
        }
        let first = line.next as usize;
        if first > 0 && self.further[first - 1].put(tag, number) {
            return;
        }
        let mut new = Line { next: first as u32, ..Line::default() };
        new.put(tag, number);
        self.lines[home].next = self.add_further(new);
    }

    /// Gives a further line, counted from 1.
    fn add_further(&mut self, line: Line<N, SLOTS>) -> u32 {
        let at = self.free;
        if at == 0 {
            self.further.push(line);
            return self.further.len() as u32;
        }
        let place = &mut self.further[at as usize - 1];
        self.free = place.next;
        *place = line;
        at
    }

    /// A further line, counted from 1, is not needed any more.
    fn let_go(&mut self, at: usize) {
        self.further[at - 1] = Line { next: self.free, ..Line::default() };
        self.free = at as u32;
    }

    /// Bytes on the heap. What copies share is counted with each of them.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.lines.memory_bytes() + self.further.memory_bytes()
    }

    /// How many pointers a copy copies.
    #[must_use]
    pub fn pointers(&self) -> usize {
        self.lines.pointers() + self.further.pointers()
    }

    /// How many chunks of lines are not the same in memory as those of an earlier or later copy.
    #[must_use]
    pub fn chunks_apart(&self, other: &Table<N, SLOTS>) -> usize {
        self.lines.chunks_apart(&other.lines) + self.further.chunks_apart(&other.further)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::identity::spread;
    use crate::steps;

    #[test]
    fn a_look_up_takes_a_line_however_many_numbers_there_are() {
        let mut table: Table<u32, NARROW> = Table::default();
        let hash = |number| spread(u64::from(number));
        for number in 0..200_000u32 {
            table.insert(hash(number), number, hash);
            // Line by line: somewhere between two powers of two is the fullest.
            if number % 10_007 != 0 {
                continue;
            }
            let asked = 2 * (number + 1);
            let (longest, lines) = (0..asked).fold((0, 0), |(longest, all), asked| {
                let (found, lines) = steps::of(|| table.find(hash(asked), |held| held == asked));
                assert_eq!(found, (asked <= number).then_some(asked));
                (lines.max(longest), all + lines)
            });
            assert!(lines * 100 <= u64::from(asked) * 115, "{lines} lines for {asked} of {number}");
            assert!(longest <= 4, "{longest} lines for one of {number}");
        }
        // 64 bytes for 6 on average, what further lines take, and a chunk's and a group's own.
        assert!(table.memory_bytes() < 200_000 * 12 + 10_000, "{} bytes", table.memory_bytes());
        let at_once: Table<u32, NARROW> = Table::for_count(200_000);
        assert!(at_once.lines.len().abs_diff(table.lines.len()) <= 1);
    }

    #[test]
    fn a_copy_costs_a_pointer_for_4096_lines_and_a_change_a_few_chunks_however_many_there_are() {
        let mut table: Table<u32, NARROW> = Table::default();
        let hash = |number| spread(u64::from(number));
        for number in 0..300_000 {
            let copy = (number % 997 == 0).then(|| table.clone());
            table.insert(hash(number), number, hash);
            if let Some(copy) = copy {
                // Where it belongs, the line that is split, the new one, and a further line of each.
                assert!(table.chunks_apart(&copy) <= 5, "{} chunks for {number}", table.chunks_apart(&copy));
            }
        }
        assert!(table.pointers() <= 300_000 / 6 / 4_096 + 4, "{} pointers", table.pointers());
        let copy = table.clone();
        assert_eq!(table.chunks_apart(&copy), 0);
        assert!(table.remove(hash(77_777), 77_777));
        assert!(table.chunks_apart(&copy) <= 2);
        assert!(!table.remove(hash(77_777), 77_777) && copy.find(hash(77_777), |held| held == 77_777).is_some());
    }

    #[test]
    fn numbers_of_one_hash_are_added_at_the_same_cost_and_all_of_them_found() {
        let mut table: Table<u64, WIDE> = Table::default();
        let hash = |number| if number < 100_000 { 7 } else { spread(number) };
        for number in 0..101_000 {
            let copy = (number % 1_000 == 999).then(|| table.clone());
            table.insert(hash(number), number, hash);
            if let Some(copy) = copy {
                // The chain's own line, one further, and the lines that are split and new. Of these numbers none is added
                // when the chain itself is split, which moves it whole, as often as the lines double.
                assert!(table.chunks_apart(&copy) <= 6, "{} chunks for {number}", table.chunks_apart(&copy));
            }
        }
        let mut found: Vec<u64> = table.candidates(7).collect();
        found.sort_unstable();
        assert!(found.into_iter().filter(|number| *number < 100_000).eq(0..100_000));
        // Others are found as if there were none of them.
        let (found, lines) =
            steps::of(|| (100_000..101_000).all(|number| table.candidates(hash(number)).any(|held| held == number)));
        assert!(found && lines < 2_000, "{lines} lines");
        assert!(table.memory_bytes() < 101_000 * 40, "{} bytes", table.memory_bytes());
        (0..100_000).for_each(|number| assert!(table.remove(7, number)));
        assert_eq!((table.len(), table.candidates(7).filter(|number| *number < 100_000).count()), (1_000, 0));
    }

    proptest! {
        /// The model of each copy is a `Vec` of pairs, which shares nothing. Few hashes, so that many meet.
        #[test]
        fn copies_hold_what_they_held_when_they_were_made(
            hashes in 1u64..400,
            steps in vec((0u8..10, any::<prop::sample::Index>(), 0u64..400), 0..700),
        ) {
            let hash = |number: u64| spread(number % hashes);
            let mut table: Table<u64, WIDE> = Table::default();
            let mut model: Vec<u64> = Vec::new();
            let mut copies = Vec::new();
            for (what, at, number) in steps {
                match what {
                    0 => copies.push((table.clone(), model.clone())),
                    1..4 if !model.is_empty() => {
                        let number = model.swap_remove(at.index(model.len()));
                        prop_assert!(table.remove(hash(number), number));
                    }
                    _ => {
                        table.insert(hash(number), number, hash);
                        model.push(number);
                    }
                }
            }
            copies.push((table, model));
            for (table, mut model) in copies {
                prop_assert_eq!((table.len(), table.is_empty()), (model.len(), model.is_empty()));
                model.sort_unstable();
                for number in 0..400 {
                    let held = table.candidates(hash(number)).filter(|held| *held == number).count();
                    prop_assert_eq!(held, model.iter().filter(|held| **held == number).count());
                }
            }
        }
    }
}

//! Where deeds lie: 16 bytes of memory a frame that has any, and so about as many a command. What they were is read there.

use crate::column::List;
use crate::fields::{Fields, put_varint};
use crate::frame::Frame;

/// A frame with deeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Segments and frames are bounded so that each of these fits in 32 bits.
    segment: u32,
    offset: u32,
    /// How many rows the list has up to here, this frame's with them.
    rows: u64,
}

/// Where the deeds lie that a ledger holds, frame by frame: a pure function of the frames. As a list, they have rows with
/// numbers that stay: 1, 2, 3, … in the order of the ledger.
#[derive(Clone, Debug, Default)]
pub struct Deeds {
    frames: List<Place>,
}

/// What a frame adds to them.
#[derive(Clone, Copy, Debug)]
pub struct DeedsChange {
    segment: u32,
    offset: u32,
    rows: u64,
}

/// A frame with deeds, and which rows these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceOfDeeds {
    /// The number of the segment.
    pub(crate) segment: u64,
    /// Where in the segment's file the frame begins.
    pub(crate) offset: u64,
    /// The number of its first row.
    pub first_row: u64,
    /// How many rows it has.
    pub rows: u64,
}

impl Frame {
    /// What it adds to the deeds; nothing of most frames.
    #[must_use]
    pub fn deeds_change(&self) -> Option<DeedsChange> {
        let rows = self.deeds().map(|deed| deed.rows()).sum();
        (rows > 0).then_some(DeedsChange { segment: self.segment() as u32, offset: self.offset() as u32, rows })
    }
}

impl Deeds {
    /// Takes in what a frame adds.
    pub fn take(&mut self, DeedsChange { segment, offset, rows }: DeedsChange) {
        self.frames.push(Place { segment, offset, rows: self.rows() + rows });
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows_upto(self.frames.len())
    }

    /// How many frames have any.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.frames.len()
    }

    /// One of those frames, counted from 0.
    #[must_use]
    pub fn frame(&self, number: usize) -> Option<PlaceOfDeeds> {
        let place = self.frames.get(number)?;
        let before = self.rows_upto(number);
        let (segment, offset) = (u64::from(place.segment), u64::from(place.offset));
        Some(PlaceOfDeeds { segment, offset, first_row: before + 1, rows: place.rows - before })
    }

    /// Which frame has a row, counted from 0; behind the last one, how many frames there are.
    #[must_use]
    pub fn frame_of(&self, row: u64) -> usize {
        self.first_frame(|_, place| place.rows >= row)
    }

    /// The first frame for which something holds that holds for all after it, too.
    fn first_frame(&self, holds: impl Fn(usize, &Place) -> bool) -> usize {
        let (mut low, mut high) = (0, self.frames.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.frames.get(middle) {
                Some(place) if !holds(middle, place) => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    fn rows_upto(&self, frames: usize) -> u64 {
        frames.checked_sub(1).and_then(|last| self.frames.get(last)).map_or(0, |place| place.rows)
    }

    /// Bytes of memory that it holds.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.frames.memory_bytes()
    }

    /// Appends so many frames from one on as bytes, for checkpoints: the number of the first, a count; each segment,
    /// offset, rows.
    pub(crate) fn encode(&self, first: usize, size: usize, out: &mut Vec<u8>) {
        let end = self.frames.len().min(first + size);
        put_varint(out, first as u64);
        put_varint(out, (end - first) as u64);
        for place in (first..end).filter_map(|number| self.frame(number)) {
            [place.segment, place.offset, place.rows].into_iter().for_each(|part| put_varint(out, part));
        }
    }

    /// Reads what [`Deeds::encode`] wrote behind what was read; `None` if it is something else.
    pub(crate) fn read(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        (fields.varint()? == self.frames.len() as u64).then_some(())?;
        let forgets = mutants::mutant!("actors-forgotten-over-a-restart");
        for _ in 0..fields.count()? {
            let mut part = || u32::try_from(fields.varint()?).ok();
            let (segment, offset) = (part()?, part()?);
            let rows = fields.varint().filter(|rows| *rows > 0 && self.rows().checked_add(*rows).is_some())?;
            if !forgets {
                self.take(DeedsChange { segment, offset, rows });
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deeds(frames: u32) -> Deeds {
        let mut deeds = Deeds::default();
        (0..frames).for_each(|offset| deeds.take(DeedsChange { segment: 1, offset, rows: u64::from(offset % 3) + 1 }));
        deeds
    }

    #[test]
    fn every_row_is_found_in_its_frame() {
        for frames in [0, 1, 2, 511, 512, 513, 1_500] {
            let deeds = deeds(frames);
            let mut row = 0;
            for number in 0..frames as usize {
                let place = deeds.frame(number).expect("a frame");
                assert_eq!(place.first_row, row + 1);
                for _ in 0..place.rows {
                    row += 1;
                    assert_eq!(deeds.frame_of(row), number);
                }
            }
            assert_eq!((deeds.rows(), deeds.frame_of(row + 1)), (row, frames as usize));
            assert_eq!(deeds.frame(frames as usize), None);
        }
    }

    #[test]
    fn they_come_back_from_their_parts_and_cost_16_bytes_a_frame() {
        let deeds = deeds(1_500);
        let mut read = Deeds::default();
        for first in (0..1_500).step_by(1_000) {
            let mut bytes = Vec::new();
            deeds.encode(first, 1_000, &mut bytes);
            let mut fields = Fields(&bytes);
            read.read(&mut fields).expect("a part");
            assert!(fields.0.is_empty());
            assert!(Deeds::default().read(&mut Fields(&bytes)).is_some() == (first == 0), "parts come in their order");
        }
        assert!(read.frames.iter().eq(deeds.frames.iter()));
        assert!(deeds.memory_bytes() < 1_500 * 16 + 16_384, "{}", deeds.memory_bytes());
    }
}

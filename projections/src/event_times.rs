//! The latest event time as of any position, for a few bytes: it is kept at every so many positions, and the entries
//! behind the last of these are read again.

use ledger::column::Column;
use ledger::fields::Fields;
use ledger::{EventReader, Position, ReadError};
use schemas::Timestamp;

use crate::content::parts::{Parts, Section};

/// At every so many positions it is kept: 8 bytes for a thousand entries, and as many to read at most.
const STEP: Position = 1_024;

/// So many of them are a part where they are kept.
const PART: usize = 1_024;

/// "None yet" where a moment is written.
const NO_TIME: i64 = i64::MIN;

/// The latest event time right after every [`STEP`] positions.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventTimes {
    /// How many steps lie before the first one kept: a ledger may begin to count far on.
    steps_before: Position,
    pub(crate) times: Column<i64>,
}

/// The latest event time as of the last position at which it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeptEventTime {
    position: Position,
    time: Option<Timestamp>,
}

impl EventTimes {
    /// Notes what an entry makes of it. Positions may be left out.
    pub(crate) fn note(&mut self, position: Position, before: Option<Timestamp>, after: Option<Timestamp>) {
        if before.is_none() && self.times.is_empty() {
            // Nothing lies before the first entry.
            self.steps_before = (position - 1) / STEP;
        }
        while self.next_step() <= position {
            let kept = if self.next_step() == position { after } else { before };
            self.times.push(kept.map_or(NO_TIME, |time| time.0));
        }
    }

    /// The position at which it is kept next.
    fn next_step(&self) -> Position {
        (self.steps_before + self.times.len() as Position + 1) * STEP
    }

    /// What is kept at a position, or at the last one before it.
    pub(crate) fn at(&self, position: Position) -> KeptEventTime {
        let steps = (position / STEP).saturating_sub(self.steps_before).min(self.times.len() as Position);
        let time = steps.checked_sub(1).and_then(|last| self.times.get(last as usize)).copied();
        let time = time.filter(|time| *time != NO_TIME).map(Timestamp);
        let before = self.steps_before.min(position / STEP);
        KeptEventTime { position: (before + steps) * STEP, time }
    }

    /// Every entry up to this position has an event time before that moment: the last such position that is kept, so
    /// behind it there may be up to a thousand more.
    pub(crate) fn all_before(&self, time: Timestamp) -> Position {
        (self.steps_before + self.times.partition_point(|latest| *latest < time.0) as Position) * STEP
    }

    /// Gives what is kept, a stretch a part.
    pub(crate) fn write<E>(&self, parts: &mut Parts<'_, E>) -> Result<(), E> {
        // A stretch of none says where they begin.
        for first in (0..self.times.len().max(1)).step_by(PART) {
            let end = self.times.len().min(first + PART);
            parts.part(Section::EventTimes, |out| {
                out.u64(self.steps_before);
                out.count(first);
                out.count(end - first);
                let mut before = 0i64;
                for at in first..end {
                    out.signed(self.times[at].wrapping_sub(before));
                    before = self.times[at];
                }
            })?;
        }
        Ok(())
    }

    /// Reads the next stretch.
    pub(crate) fn read(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        self.steps_before = fields.u64()?;
        if fields.varint()? != self.times.len() as u64 {
            return None;
        }
        let mut time = 0i64;
        for _ in 0..fields.count()? {
            time = time.wrapping_add(fields.signed()?);
            self.times.push(time);
        }
        Some(())
    }
}

impl KeptEventTime {
    /// The latest event time as of a position that lies at most some entries later, which are read.
    pub(crate) fn until(self, position: Position, reader: &dyn EventReader) -> Result<Option<Timestamp>, ReadError> {
        let mut latest = self.time;
        for position in self.position + 1..=position {
            latest = latest.max(Some(reader.event(position)?.time));
        }
        Ok(latest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Event times that rise, fall and stand still.
    fn time(position: Position) -> Timestamp {
        Timestamp((position * 7_919 % 4_001 + position / 3) as i64)
    }

    fn noted(positions: impl Iterator<Item = Position>) -> (EventTimes, Vec<(Position, Option<Timestamp>)>) {
        let (mut times, mut latest, mut all) = (EventTimes::default(), None, Vec::new());
        for position in positions {
            let before = latest;
            latest = latest.max(Some(time(position)));
            times.note(position, before, latest);
            all.push((position, latest));
        }
        (times, all)
    }

    #[test]
    fn at_each_step_it_is_the_latest_of_all_up_to_there_also_where_positions_are_left_out() {
        for left_out in [1, 3, 700, 5_000] {
            let (times, all) = noted((1..=20_000).filter(|position| position % left_out == 0));
            let last = all.last().map_or(0, |(position, _)| *position);
            for position in 1..=last {
                let kept = times.at(position);
                let expected = all.iter().take_while(|(at, _)| *at <= kept.position).last().and_then(|(_, time)| *time);
                assert_eq!(kept, KeptEventTime { position: position / STEP * STEP, time: expected });
            }
        }
    }

    #[test]
    fn what_lies_before_a_moment_is_told_up_to_a_thousand_positions() {
        for left_out in [1, 3, 700, 5_000] {
            let (times, all) = noted((1..=20_000).filter(|position| position % left_out == 0));
            for moment in (-5..11_000).step_by(7).map(Timestamp) {
                let before = times.all_before(moment);
                let first =
                    all.iter().find(|(_, latest)| *latest >= Some(moment)).map_or(u64::MAX, |(position, _)| *position);
                assert!(before < first, "{moment:?}: all up to {before}, but {first} is not before it");
                let kept = times.next_step() - STEP;
                assert!(before + STEP >= first || before == kept, "{moment:?}: {before}, and {first} is the first");
            }
        }
        assert_eq!(EventTimes::default().all_before(Timestamp(i64::MIN)), 0);
    }

    #[test]
    fn written_and_read_again_it_is_the_same() {
        for last in [1, 9_000, 3_000_000] {
            let (times, _) = noted([5_000_000 + last].into_iter().chain(5_000_001 + last..5_000_001 + 2 * last));
            let (mut parts, mut read) = (Vec::new(), EventTimes::default());
            let take = &mut |part: &[u8]| {
                parts.push(part.to_vec());
                Ok::<(), ()>(())
            };
            times.write(&mut Parts::new(take)).expect("it is taken");
            for part in &parts {
                // Which section it is of is read before.
                read.read(&mut Fields(&part[1..])).expect("it was just written");
            }
            assert!(read.times.iter().eq(times.times.iter()));
            let end = 5_000_000 + 2 * last;
            assert_eq!((read.at(end), read.next_step()), (times.at(end), times.next_step()));
        }
    }
}

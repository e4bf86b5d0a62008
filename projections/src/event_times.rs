//! The latest event time as of any position, for a few bytes: it is kept at every so many positions, and the entries
//! behind the last of these are read again.

use ledger::column::Column;
use ledger::fields::Fields;
use ledger::{EventReader, Position, ReadError};
use schemas::Timestamp;

use crate::output::Output;

/// At every so many positions it is kept: 8 bytes for a thousand entries, and as many to read at most.
const STEP: Position = 1_024;

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

    pub(crate) fn encode(&self, out: &mut Output<'_>) {
        out.u64(self.steps_before);
        out.count(self.times.len());
        self.times.iter().for_each(|time| out.i64(*time));
    }

    pub(crate) fn read(fields: &mut Fields<'_>) -> Option<EventTimes> {
        let steps_before = fields.u64()?;
        let mut times = Column::default();
        for _ in 0..fields.count()? {
            times.push(fields.i64()?);
        }
        Some(EventTimes { steps_before, times })
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
    fn written_and_read_again_it_is_the_same() {
        let (times, _) = noted(1..=9_000);
        let mut bytes = Vec::new();
        times.encode(&mut Output(&mut bytes));
        let read = EventTimes::read(&mut Fields(&bytes)).expect("it was just written");
        assert!(read.times.iter().eq(times.times.iter()));
        assert_eq!(read.at(9_000), times.at(9_000));
    }
}

//! A frame's events decoded by all workers, each a part of them.

use ledger::{Frame, LedgerError};
use schemas::Timestamp;
use schemas::dictionary::Dictionary;

use super::in_parts;
use super::plain::FrameEvents;
use crate::context::Workers;

/// A part has so many events at least: fewer are decoded sooner than they are handed out.
const EVENTS_A_PART: u32 = 1_024;

impl<'e> FrameEvents<'e> {
    /// The events of a frame, in parts that follow one another.
    ///
    /// # Errors
    /// If an entry cannot be decoded.
    pub fn of_frame(
        frame: &'e Frame,
        dictionary: &'e Dictionary,
        workers: &dyn Workers,
    ) -> Result<Vec<FrameEvents<'e>>, LedgerError> {
        let parts = (frame.event_count() / EVENTS_A_PART).clamp(1, workers.count() as u32);
        let each = frame.event_count().div_ceil(parts);
        let decoded = in_parts(parts as usize, workers, |part| {
            let entries = frame.entries_from(part as u32 * each, dictionary).take(each as usize);
            FrameEvents::of(frame.recorded_at(), each as usize, entries)
        });
        decoded.into_iter().collect()
    }

    /// The latest time of any; none where there is no event.
    #[must_use]
    pub fn latest_time(&self) -> Option<Timestamp> {
        self.cut_before_programs().iter().filter_map(|part| part.latest_time()).max()
    }
}

//! What a frame says beside its events: quarantine, duplicates, deeds, and how far its sources were read. It is taken in piece by
//! piece, as the events are: a frame may hold very many that did not get in.

use ledger::{DeedsChange, Frame, QuarantineChange};

use crate::state::State;

/// One thing that a frame says beside its events.
pub struct Beside<'f>(Said<'f>);

enum Said<'f> {
    Quarantine(QuarantineChange),
    Duplicates {
        source: &'f str,
        count: u64,
    },
    Deeds(DeedsChange),
    /// How far the sources were read, all at once: there are as many as topics have partitions.
    Places(&'f Frame),
}

impl<'f> Beside<'f> {
    /// What a frame says, in its order; how far the sources were read comes last.
    pub fn of(frame: &'f Frame) -> impl Iterator<Item = Beside<'f>> {
        let quarantine = frame.quarantine_changes().map(Said::Quarantine);
        let duplicates = frame.duplicates().map(|(source, count)| Said::Duplicates { source, count });
        let deeds = frame.deeds_change().into_iter().map(Said::Deeds);
        quarantine.chain(duplicates).chain(deeds).chain(std::iter::once(Said::Places(frame))).map(Beside)
    }
}

impl State {
    /// Takes in what a frame says beside its events, all of which were applied.
    pub fn count_frame(&mut self, frame: &Frame) {
        Beside::of(frame).for_each(|said| self.take_beside(&said));
    }

    /// Takes in one thing of that. They are to be given in their order, each once.
    pub fn take_beside(&mut self, Beside(said): &Beside<'_>) {
        match said {
            Said::Quarantine(change) => self.index.take_quarantine_change(*change),
            Said::Duplicates { source, count } => self.counters.count_duplicates(source, *count),
            Said::Deeds(change) => self.index.take_deeds(*change),
            Said::Places(frame) => self.counters.places.apply(frame),
        }
    }
}

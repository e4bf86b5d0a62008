//! The state at the ledger's end: from the last checkpoint, and the frames after it.

use std::sync::Arc;

use ledger::{FrameCursor, LedgerReader, Position, Storage};
use projections::State;
use projections::checkpoint::{CheckpointError, CheckpointStore};

use super::StartError;
use crate::clock::Moments;

/// Whether a replay began at a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointUse {
    /// There was none.
    Absent,
    /// It did.
    Used,
    /// There was one that cannot be trusted: everything was replayed.
    Discarded {
        /// Why.
        why: String,
    },
}

/// What a replay took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// The position of the checkpoint that it began at, 0 without one.
    pub from: Position,
    /// The ledger's last position.
    pub to: Position,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// Whether it began at a checkpoint.
    pub checkpoint: CheckpointUse,
}

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayProgress {
    /// Where it began.
    pub from: Position,
    /// Where it is.
    pub position: Position,
    /// Where it will end.
    pub to: Position,
    /// Microseconds since it began.
    pub micros: i64,
}

impl ReplayProgress {
    /// Events a second so far.
    #[must_use]
    pub fn events_per_second(&self) -> u64 {
        events_per_second(self.position - self.from, self.micros)
    }
}

impl Replayed {
    /// Events a second.
    #[must_use]
    pub fn events_per_second(&self) -> u64 {
        events_per_second(self.to - self.from, self.micros)
    }
}

fn events_per_second(events: u64, micros: i64) -> u64 {
    events.saturating_mul(1_000_000) / micros.max(1).unsigned_abs()
}

/// A state to go on from, and the place in the ledger that it belongs to.
pub(super) struct Restored {
    state: State,
    pub(super) cursor: FrameCursor,
    checkpoint: CheckpointUse,
}

impl Restored {
    fn nothing(checkpoint: CheckpointUse) -> Restored {
        Restored { state: State::new(), cursor: FrameCursor::START, checkpoint }
    }

    /// Replays from the beginning instead.
    pub(super) fn discard(self, why: String) -> Restored {
        Restored::nothing(CheckpointUse::Discarded { why })
    }
}

/// The state of the last checkpoint; an empty one if there is none or it cannot be trusted.
pub(super) fn restore(storage: &Arc<dyn Storage>, store: Option<&mut (dyn CheckpointStore + 'static)>) -> Restored {
    let Some(store) = store else { return Restored::nothing(CheckpointUse::Absent) };
    match try_restore(storage, store) {
        Ok(Some((state, cursor))) => Restored { state, cursor, checkpoint: CheckpointUse::Used },
        Ok(None) => Restored::nothing(CheckpointUse::Absent),
        Err(why) => {
            // A store that cannot be cleared holds what cannot be trusted next time either.
            let _ = store.clear();
            Restored::nothing(CheckpointUse::Discarded { why })
        }
    }
}

fn try_restore(
    storage: &Arc<dyn Storage>,
    store: &mut dyn CheckpointStore,
) -> Result<Option<(State, FrameCursor)>, String> {
    let told = |error: CheckpointError| error.to_string();
    let Some(checkpoint) = store.load().map_err(told)? else { return Ok(None) };
    // Facts are read again from the entries that brought them.
    let reader = LedgerReader::open_read_only(Arc::clone(storage)).map_err(|error| error.to_string())?;
    checkpoint.restore(&reader).map(Some).map_err(told)
}

/// Applies the frames after the place that the state belongs to.
pub(super) fn replay(
    reader: &LedgerReader,
    restored: Restored,
    moments: &Moments,
    progress: &mut dyn FnMut(ReplayProgress),
) -> Result<(State, FrameCursor, Replayed), StartError> {
    let Restored { mut state, mut cursor, checkpoint } = restored;
    let (from, to, dictionary) = (state.position(), reader.durable_position(), reader.dictionary());
    let begun = moments.now();
    let micros = || moments.now().0 - begun.0;
    let mut last = None;
    for frame in reader.frames(&cursor) {
        let frame = frame?;
        state.apply_frame(&frame, &dictionary, reader)?;
        progress(ReplayProgress { from, position: state.position(), to, micros: micros() });
        last = Some(frame);
    }
    if let Some(frame) = last {
        cursor = frame.cursor_after();
    }
    let replayed = Replayed { from, to: state.position(), micros: micros(), checkpoint };
    Ok((state, cursor, replayed))
}

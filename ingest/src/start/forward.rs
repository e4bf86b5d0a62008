//! The state at the ledger's end: from the last checkpoint, and the frames after it.

use checkpoints::{Checkpoint, CheckpointStore, KeptCheckpoints};
use ledger::{FrameCursor, LedgerReader, Position};
use projections::State;
use replay::{Until, replay};
use schemas::Timestamp;

use super::StartError;
use crate::clock::Moments;
use crate::keeper::{Keeper, Unkept};

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

/// The last checkpoint as it was found: not looked into yet, or none.
pub(super) struct FoundCheckpoint {
    checkpoint: Option<Checkpoint>,
    /// The place in the ledger that it names; the ledger's start without one.
    pub(super) cursor: FrameCursor,
    used: CheckpointUse,
}

impl FoundCheckpoint {
    fn nothing(used: CheckpointUse) -> FoundCheckpoint {
        FoundCheckpoint { checkpoint: None, cursor: FrameCursor::START, used }
    }

    /// Replays from the beginning instead. The next checkpoint takes its place.
    pub(super) fn discard(why: String) -> FoundCheckpoint {
        FoundCheckpoint::nothing(CheckpointUse::Discarded { why })
    }
}

/// The last checkpoint, if there is one and it says where it belongs; else the last of those kept along the way.
pub(super) fn find(
    store: Option<&mut (dyn CheckpointStore + 'static)>,
    kept: Option<&KeptCheckpoints>,
) -> FoundCheckpoint {
    // Without its parts a list is of no use.
    let Some(kept) = kept else { return FoundCheckpoint::nothing(CheckpointUse::Absent) };
    let found = find_last(store);
    if let Some(checkpoint) = &found.checkpoint {
        kept.note_last(checkpoint);
        return found;
    }
    let checkpoint = kept.last_upto(Position::MAX);
    let Some((checkpoint, cursor)) = checkpoint.and_then(|kept| kept.cursor().ok().map(|cursor| (kept, cursor))) else {
        return found;
    };
    FoundCheckpoint { checkpoint: Some(checkpoint), cursor, used: CheckpointUse::Used }
}

fn find_last(store: Option<&mut (dyn CheckpointStore + 'static)>) -> FoundCheckpoint {
    let Some(store) = store else { return FoundCheckpoint::nothing(CheckpointUse::Absent) };
    let found = store.load().and_then(|checkpoint| {
        let Some(checkpoint) = checkpoint else { return Ok(FoundCheckpoint::nothing(CheckpointUse::Absent)) };
        let cursor = checkpoint.cursor()?;
        Ok(FoundCheckpoint { checkpoint: Some(checkpoint), cursor, used: CheckpointUse::Used })
    });
    found.unwrap_or_else(|error| FoundCheckpoint::discard(error.to_string()))
}

/// The state of a checkpoint, with the facts that are read again from the ledger; an empty one if it has none that
/// can be trusted.
pub(super) fn restore(found: FoundCheckpoint, kept: Option<&KeptCheckpoints>, reader: &LedgerReader) -> Restored {
    let nothing = |used| Restored { state: State::new(), cursor: FrameCursor::START, used };
    let (Some(checkpoint), Some(kept)) = (found.checkpoint, kept) else { return nothing(found.used) };
    match kept.restore_from(&checkpoint, reader) {
        Ok((state, cursor)) => Restored { state, cursor, used: CheckpointUse::Used },
        Err(error) => nothing(CheckpointUse::Discarded { why: error.to_string() }),
    }
}

/// A state to go on from, and the place in the ledger that it belongs to.
pub(super) struct Restored {
    state: State,
    pub(super) cursor: FrameCursor,
    used: CheckpointUse,
}

impl Restored {
    /// When the last entry of it was recorded.
    pub(super) fn recorded_at(&self) -> Option<Timestamp> {
        self.state.recorded_at()
    }
}

/// Applies the frames after the place that the state belongs to. Checkpoints are kept along the way where there is a
/// keeper.
pub(super) fn bring_forward(
    reader: &LedgerReader,
    restored: Restored,
    threads: usize,
    keeper: Option<&mut Keeper>,
    moments: &Moments,
    progress: &mut dyn FnMut(ReplayProgress),
) -> Result<(State, FrameCursor, Replayed), StartError> {
    let mut keeper = keeper;
    let Restored { mut state, cursor, used: checkpoint } = restored;
    let (from, to) = (state.position(), reader.durable_position());
    let begun = moments.now();
    let micros = || moments.now().0 - begun.0;
    let cursor = replay(reader, &mut state, cursor, Until::End, threads, &mut |step| {
        progress(ReplayProgress { from, position: step.state.position(), to, micros: micros() });
        if let Some(keeper) = keeper.as_mut().filter(|keeper| keeper.is_due_along(step.state.position()))
            && keeper.is_free()
        {
            let (state, cursor) = (step.state.clone(), step.frame.cursor_after());
            keeper.keep(Unkept { state, cursor, as_last: false });
        }
    })?;
    let replayed = Replayed { from, to: state.position(), micros: micros(), checkpoint };
    Ok((state, cursor, replayed))
}

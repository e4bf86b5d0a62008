//! A state brought forward over the frames of a ledger, to its end or to a position between.

use ledger::{Frame, FrameCursor, LedgerError, LedgerReader, Position, ReadError};
use projections::{Context, State};

use crate::decoding::{DecodedFrame, decoded_together};
use crate::what_if::Edits;
use crate::workers::CoreWorkers;

/// Why a ledger could not be replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A frame cannot be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// An entry that another refers to cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The ledger ends before the position that was asked for.
    #[error("the ledger ends at position {end}, before {position}")]
    BeyondEnd {
        /// What was asked for.
        position: Position,
        /// The last position.
        end: Position,
    },
}

/// How far a ledger is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// All that is durable.
    End,
    /// The entries up to this position, which may lie within a frame.
    Position(Position),
}

/// What a replay tells of after the frames that it applied together.
pub struct Step<'a> {
    /// The state as it is now.
    pub state: &'a State,
    /// The last frame that was applied.
    pub frame: &'a Frame,
    /// Whether all its entries were; what it says beside them is taken in only then.
    pub is_whole: bool,
}

/// Applies the frames after `cursor`, where `state` stands, and gives the place after the last whole frame applied.
///
/// With more than one thread the frames are read and decoded on the others; the numbers are the same.
///
/// # Errors
/// If the ledger is damaged, cannot be read, or ends before the position. The state is then unfit for use.
pub fn replay(
    reader: &LedgerReader,
    state: &mut State,
    cursor: FrameCursor,
    until: Until,
    threads: usize,
    step: &mut dyn FnMut(Step<'_>),
) -> Result<FrameCursor, ReplayError> {
    let last = match until {
        Until::End => Position::MAX,
        Until::Position(position) => position,
    };
    let workers = CoreWorkers::new(threads);
    let mut whole: Option<DecodedFrame> = None;
    if state.position() < last {
        decoded_together(reader, &cursor, threads, Edits::none(last), |frames| {
            let events: Vec<_> = frames.iter().map(DecodedFrame::events).collect();
            state.apply_batch(&events, Context::new(reader, &workers))?;
            if mutants::mutant!("frame-taken-twice-after-a-restart") && cursor != FrameCursor::START && whole.is_none()
            {
                frames.first().into_iter().for_each(|decoded| state.count_frame(decoded.frame()));
            }
            let is_whole = |decoded: &DecodedFrame| decoded.last_position() <= last;
            frames.iter().filter(|decoded| is_whole(decoded)).for_each(|decoded| state.count_frame(decoded.frame()));
            if let Some(decoded) = frames.last() {
                let (frame, is_whole) = (decoded.frame(), is_whole(decoded));
                if is_whole {
                    state.relieve(reader, || frame.cursor_after());
                }
                step(Step { state, frame, is_whole });
            }
            whole = frames.into_iter().rfind(is_whole).or(whole.take());
            Ok::<bool, ReplayError>(state.position() < last)
        })?;
    }
    if let Until::Position(position) = until
        && state.position() < position
    {
        return Err(ReplayError::BeyondEnd { position, end: state.position() });
    }
    Ok(whole.map_or(cursor, |frame| frame.frame().cursor_after()))
}

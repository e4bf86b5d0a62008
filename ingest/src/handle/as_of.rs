//! Questions as of a position. The state stands still for the short ones alone: what is long is asked, or planned, of a
//! snapshot, and what is of the past of a state or an excerpt of its own.

use std::sync::Arc;

use ledger::{Position, ReadError};
use projections::{State, View};
use replay::{ExcerptError, PastError};
use schemas::Uid;

use super::Handle;
use crate::snapshots::{STEPS_IN_PLACE_MAX, Snapshot, SnapshotError};

/// Why a question as of a position is not answered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AsOfError {
    /// There is no past state.
    #[error(transparent)]
    Past(#[from] PastError),
    /// There is no snapshot to ask it of, or to plan by.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

impl From<ReadError> for AsOfError {
    fn from(error: ReadError) -> AsOfError {
        AsOfError::Past(error.into())
    }
}

impl From<ExcerptError<SnapshotError>> for AsOfError {
    fn from(error: ExcerptError<SnapshotError>) -> AsOfError {
        match error {
            ExcerptError::Plan(error) => error.into(),
            ExcerptError::Read(error) => error.into(),
        }
    }
}

impl Handle {
    /// Asks a question as of a position: what it would have been answered right after that was recorded (SPEC 6).
    ///
    /// # Errors
    /// If the ledger has no such position or cannot be read, or the states of the past are all in use; of the position
    /// that the state stands at, if there is no snapshot.
    pub fn read_as_of<T>(&self, position: Position, ask: impl FnOnce(&View<'_>) -> T) -> Result<T, AsOfError> {
        self.read_present_or_past(position, |_| false, ask)
    }

    /// Asks a question about one referrer as of a position. It is answered from an excerpt, which takes what that one's
    /// families have of events, unless these are very many or the state of then is there anyway. It is refused, or
    /// answered falsely, what is about others.
    ///
    /// # Errors
    /// As [`Handle::read_as_of`]; and if there is no snapshot to plan the excerpt of a large referrer by.
    pub fn read_as_of_about<T>(
        &self,
        referrer: Uid,
        position: Position,
        ask: impl FnOnce(&View<'_>) -> T,
    ) -> Result<T, AsOfError> {
        let published = &*self.published;
        let begun = published.moments.now();
        let is_short = |state: &State| state.weight_of_excerpt(referrer, STEPS_IN_PLACE_MAX) < STEPS_IN_PLACE_MAX;
        // Of entries that are durable and not applied yet, the state knows nothing that could be planned with.
        let is_behind = published.state.read().position() > position;
        if is_behind && published.past.held(position).is_none() {
            let plan =
                |events_max| self.of_present(is_short, |state| state.plan_excerpt(referrer, position, events_max));
            if let Some((excerpt, making)) = published.excerpts.at(referrer, position, plan)? {
                published.metrics.as_of(true, making.was_made, published.moments.now().0 - begun.0);
                return Ok(ask(&excerpt.past().view(&published.reader, &published.links)));
            }
        }
        self.read_present_or_past(position, is_short, ask)
    }

    /// Something that the state tells as it stands: in place what is short, and of a snapshot what is long.
    fn of_present<T>(
        &self,
        is_short: impl FnOnce(&State) -> bool,
        tell: impl FnOnce(&State) -> T,
    ) -> Result<T, SnapshotError> {
        {
            let state = self.published.state.read();
            if is_short(&state) {
                return Ok(tell(&state));
            }
        }
        let snapshot = Snapshot::take(Arc::clone(&self.published))?;
        Ok(tell(snapshot.view().state))
    }

    fn read_present_or_past<T>(
        &self,
        position: Position,
        is_short: impl FnOnce(&State) -> bool,
        ask: impl FnOnce(&View<'_>) -> T,
    ) -> Result<T, AsOfError> {
        let published = &*self.published;
        let begun = published.moments.now();
        let is_present = {
            let state = published.state.read();
            let recorded_at = state.recorded_at().filter(|_| state.position() == position);
            if let Some(now) = recorded_at
                && is_short(&state)
            {
                let (reader, links) = (&published.reader, &published.links);
                return Ok(ask(&View { state: &state, reader, now, links, is_past: true }));
            }
            recorded_at.is_some()
        };
        if is_present {
            let snapshot = Snapshot::take(Arc::clone(&self.published))?;
            // It may have gone on since.
            if let Some(view) = snapshot.view_as_of(position) {
                return Ok(ask(&view));
            }
        }
        let (past, making) = published.past.at(position)?;
        published.metrics.as_of(false, making.was_made, published.moments.now().0 - begun.0);
        Ok(ask(&past.past().view(&published.reader, &published.links)))
    }
}

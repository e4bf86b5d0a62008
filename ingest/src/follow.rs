//! Reading a ledger that another process writes, or nobody does: the state follows its durable end.

use std::time::Instant;

use ledger::sync::Mutex;
use ledger::{FrameCursor, LedgerError};
use projections::State;
use replay::{ReplayError, Until, replay};
use schemas::Timestamp;

use crate::clock_watch::ClockWatch;
use crate::metrics::Failed;
use crate::published::Published;
use crate::run_keeper::tell_trouble;
use crate::trouble::{Course, Troubles};

/// Brings a state forward as the ledger grows.
pub(crate) struct Follower {
    place: Mutex<Place>,
    /// How long an answer may lie behind the ledger.
    every_micros: i64,
    troubles: Troubles<()>,
    clock: ClockWatch,
}

struct Place {
    /// After the last frame applied.
    cursor: FrameCursor,
    looked: Timestamp,
}

/// Why the state could not be brought to the ledger's end.
enum Hindrance {
    /// Something cannot be read just now: it is tried again.
    Passing(LedgerError),
    /// A frame was applied in part, and the state could not be made anew: it is unfit for use.
    Final(ReplayError),
}

impl Follower {
    pub(crate) fn new(cursor: FrameCursor, looked: Timestamp, every_micros: i64) -> Follower {
        let place = Mutex::new(Place { cursor, looked });
        Follower { place, every_micros, troubles: Troubles::default(), clock: ClockWatch::default() }
    }

    /// Looks how far the ledger is, unless somebody just did or is at it.
    pub(crate) fn refresh_if_due(&self, published: &Published) {
        let Some(mut place) = self.place.try_lock() else { return };
        let now = published.moments.now();
        // The clock may have been set back.
        if now.0.abs_diff(place.looked.0) >= self.every_micros.unsigned_abs() {
            place.looked = now;
            self.advance(&mut place, published);
        }
    }

    /// Looks how far the ledger is.
    pub(crate) fn refresh(&self, published: &Published) {
        self.advance(&mut self.place.lock(), published);
    }

    /// Applies what came. While something cannot be read the state stays where it is, and the readiness says so.
    fn advance(&self, place: &mut Place, published: &Published) {
        if published.failure().is_some() {
            return;
        }
        let reached = place.cursor.position();
        let advanced = place.advance(published);
        if place.cursor.position() != reached {
            published.publish(place.cursor.position());
        }
        let now = Instant::now();
        match advanced {
            Ok(()) => {
                published.set_hindrance(None);
                for ((), Course { times, lasted }) in self.troubles.over(now, |()| true) {
                    tracing::info!(times, seconds = lasted.as_secs(), "the ledger can be followed again");
                }
            }
            Err(Hindrance::Passing(error)) => {
                if let Some(Course { times, .. }) = self.troubles.met((), now) {
                    tracing::warn!(%error, times, "the ledger cannot be followed just now: it is tried again");
                }
                published.set_hindrance(Some(error.to_string()));
            }
            Err(Hindrance::Final(error)) => published.fail(error.to_string(), Failed::Otherwise),
        }
        self.clock.look(published);
    }
}

impl Place {
    /// Has the index stand on the runs that the ledger's writer made, where it holds much in memory.
    fn stand_on_runs(&self, published: &Published) {
        let reader = &published.reader;
        let (is_due, stands_on, position) = {
            let state = published.state.read();
            (reader.is_relief_due(state.index()), state.index().runs_upto(), state.position())
        };
        if !is_due {
            return;
        }
        let relieved = match reader.find_runs(stands_on, position) {
            Some(runs) => Some(published.state_to_change().adopt_runs(runs)),
            None => {
                published.state.write().keep_in_memory();
                None
            }
        };
        // Without the lock: it may take a while.
        drop(relieved);
        tell_trouble(reader);
    }

    /// Applies the frames that came, each once: what was applied is behind the place, also if the next cannot be read.
    fn advance(&mut self, published: &Published) -> Result<(), Hindrance> {
        let reader = &published.reader;
        // Some frames may have been found before the one that cannot be read.
        let refreshed = reader.refresh();
        for frame in reader.frames(&self.cursor) {
            let frame = frame.map_err(Hindrance::Passing)?;
            let mut made = None;
            let applied = published.apply_frame(&frame, &reader.dictionary(), &mut |state| {
                // NOTE: the state is unfit now. Nobody sees it: it is held until there is another one.
                let mut anew = State::new();
                let whole = replay(reader, &mut anew, FrameCursor::START, Until::End, 1, &mut |_| {});
                *state = anew;
                made = Some(whole);
            });
            if let Err(error) = applied {
                tracing::warn!(%error, "a frame could not be applied: the state is made anew from the ledger");
            }
            if let Some(whole) = made {
                self.cursor = whole.map_err(Hindrance::Final)?;
                break;
            }
            self.cursor = frame.cursor_after();
            published.moments.raise(frame.recorded_at());
            self.stand_on_runs(published);
        }
        refreshed.map(|_| ()).map_err(Hindrance::Passing)
    }
}

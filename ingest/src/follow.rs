//! Reading a ledger that another process writes, or nobody does: the state follows its durable end.

use ledger::FrameCursor;
use parking_lot::Mutex;
use schemas::Timestamp;

use crate::published::Published;

/// Brings a state forward as the ledger grows.
pub(crate) struct Follower {
    place: Mutex<Place>,
    /// How long an answer may lie behind the ledger.
    every_micros: i64,
}

struct Place {
    /// After the last frame applied.
    cursor: FrameCursor,
    looked: Timestamp,
}

impl Follower {
    pub(crate) fn new(cursor: FrameCursor, looked: Timestamp, every_micros: i64) -> Follower {
        Follower { place: Mutex::new(Place { cursor, looked }), every_micros }
    }

    /// Looks how far the ledger is, unless somebody just did or is at it.
    pub(crate) fn refresh_if_due(&self, published: &Published) {
        let Some(mut place) = self.place.try_lock() else { return };
        let now = published.moments.now();
        if now.0 - place.looked.0 >= self.every_micros {
            place.looked = now;
            advance(&mut place, published);
        }
    }

    /// Looks how far the ledger is.
    pub(crate) fn refresh(&self, published: &Published) {
        advance(&mut self.place.lock(), published);
    }
}

/// Applies what came. Once something cannot be read, the state stays where it is, and the readiness says so.
fn advance(place: &mut Place, published: &Published) {
    if published.failure().is_some() {
        return;
    }
    if let Err(cause) = try_advance(place, published) {
        published.fail(cause);
    }
}

fn try_advance(place: &mut Place, published: &Published) -> Result<(), String> {
    let reader = &published.reader;
    reader.refresh().map_err(|error| error.to_string())?;
    let mut last = None;
    for frame in reader.frames(&place.cursor) {
        let frame = frame.map_err(|error| error.to_string())?;
        let mut state = published.state.write();
        state.apply_frame(&frame, &reader.dictionary(), reader).map_err(|error| error.to_string())?;
        drop(state);
        last = Some(frame);
    }
    if let Some(frame) = last {
        place.cursor = frame.cursor_after();
        published.moments.raise(frame.recorded_at());
        published.publish(place.cursor.position());
    }
    Ok(())
}

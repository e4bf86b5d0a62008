//! The last place that a ledger and its leader's have in common. Since each frame holds the hash of the one before, what they
//! have in common ends once: so it is looked for by halves, first among the segments, then among the frames of one.

use ledger::{FrameCursor, LedgerReader};

use super::leader::{Asked, Leader, LeaderError};
use crate::exit::Failure;

/// Finds it; none where not even the first frame is the same.
pub(super) fn find(reader: &LedgerReader, leader: &Leader) -> Result<Option<FrameCursor>, Failure> {
    let segments = reader.durable_segments(&reader.end(), 1, usize::MAX).map_err(anyhow::Error::from)?;
    let starts: Vec<FrameCursor> = segments.iter().map(|segment| segment.start).collect();
    // A ledger begins with a place that every ledger has.
    let Some(start) = last_held(&starts, leader)? else { return Ok(None) };
    let mut places = Vec::new();
    for frame in reader.frames(&start) {
        let after = frame.map_err(anyhow::Error::from)?.cursor_after();
        if after.segment() != start.segment() {
            break;
        }
        places.push(after);
    }
    let found = last_held(&places, leader)?.unwrap_or(start);
    let has_frame = found.recorded_at().is_some();
    Ok(has_frame.then_some(found))
}

/// The last of these that the leader has; it has all before it.
fn last_held(places: &[FrameCursor], leader: &Leader) -> Result<Option<FrameCursor>, Failure> {
    let (mut low, mut high) = (0, places.len());
    while low < high {
        let middle = low.midpoint(high);
        if holds(&places[middle], leader)? {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low.checked_sub(1).map(|last| places[last]))
}

fn holds(place: &FrameCursor, leader: &Leader) -> Result<bool, Failure> {
    match leader.ask_nameless(place) {
        Ok(Asked::Frames(..) | Asked::Nothing(_)) => Ok(true),
        Ok(Asked::Elsewhere | Asked::Older) => Ok(false),
        Err(LeaderError::Refused(failure)) => Err(failure),
        Err(LeaderError::Silent(why)) => Err(Failure::failed(anyhow::anyhow!("{why}"))),
    }
}

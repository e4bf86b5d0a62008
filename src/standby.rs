//! A daemon that follows another one (`docs/STANDBY.md`): what it asks of its leader, how it comes to have the same frames, and
//! how it goes on behind them.

mod common_place;
mod elected;
mod following;
mod laid_aside;
mod leader;
mod member_name;
mod snapshot;
mod taking;

use anyhow::anyhow;
use ingest::{Handle, Started};
use ledger::{FrameCursor, Ledger, cut_back};

pub(crate) use self::elected::Elected;
pub(crate) use self::following::{Following, WAIT_SECONDS};
pub(crate) use self::leader::Leader;
use self::leader::{Asked, LeaderError};
pub(crate) use self::snapshot::Snapshot;
use self::snapshot::Taken;
use crate::exit::Failure;
use crate::place::Place;

/// So long it is waited before a leader that does not answer is asked again.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// Begins a ledger, where there is none, with a snapshot of the leader's, or with its first segment where the leader gives no
/// snapshot. Waits for the leader, which it says.
///
/// # Errors
/// If the directory cannot be written.
pub(crate) fn begin(snapshot: &mut Snapshot<'_>, leader: &Leader) -> Result<(), Failure> {
    let mut said = None::<String>;
    loop {
        let Some(why) = try_to_begin(snapshot, leader)? else { return Ok(()) };
        if said.as_ref() != Some(&why) {
            tracing::warn!(leader = leader.url(), why, "there is no ledger here, and the leader gives none yet");
            said = Some(why);
        }
        std::thread::sleep(PAUSE);
    }
}

/// Asks for a snapshot once, or for the first segment, where there is no ledger. Why it was not given, if so.
fn try_to_begin(snapshot: &mut Snapshot<'_>, leader: &Leader) -> Result<Option<String>, Failure> {
    if snapshot.place().has_segments() {
        snapshot.clear_away()?;
        return Ok(None);
    }
    match snapshot.take(leader)? {
        Taken::Whole => return Ok(None),
        Taken::NotYet(why) => return Ok(Some(why)),
        Taken::ByFrames => {}
    }
    let place = snapshot.place();
    let lock = place.lock()?;
    let why = match leader.ask(&FrameCursor::START, 0, 5) {
        Ok(Asked::Frames(piece, _)) => {
            Ledger::begin_shipped(&lock, &piece).map_err(|error| Failure::failed(error.into()))?;
            snapshot.clear_away()?;
            tracing::info!(leader = leader.url(), "a copy of the leader's ledger is begun");
            return Ok(None);
        }
        Ok(Asked::Nothing(_)) => "it has nothing to follow yet".to_owned(),
        Ok(Asked::Elsewhere | Asked::Older) => "it is no leader of a ledger".to_owned(),
        Err(LeaderError::Refused(failure)) => return Err(failure),
        Err(LeaderError::Silent(why)) => why,
    };
    Ok(Some(why))
}

/// Has an opened ledger be one that can follow: what it has and the leader has not is laid aside, and it has to be opened again
/// (none is given back). Where the leader does not answer, it is as it was; but for a last segment that nothing is in yet.
///
/// # Errors
/// If the leader's is another ledger, or has less of this one and nothing instead; if the directory cannot be written.
pub(crate) fn ready(place: &Place, leader: &Leader, started: Started) -> Result<Option<Started>, Failure> {
    let reader = started.handle.reader();
    if let Some(end) = reader.end_before_empty_segment().map_err(anyhow::Error::from)? {
        drop(reader);
        drop(started);
        cut_back(&place.lock()?, &end, None).map_err(anyhow::Error::from)?;
        return Ok(None);
    }
    let asked = match leader.ask(&reader.end(), reader.epoch(), 0) {
        // It is told again and again while it follows.
        Err(LeaderError::Silent(_) | LeaderError::Refused(_)) => return Ok(Some(started)),
        Ok(asked) => asked,
    };
    if matches!(asked, Asked::Frames(..) | Asked::Nothing(_)) {
        return Ok(Some(started));
    }
    let Some(common) = common_place::find(&reader, leader)? else {
        return Err(Failure::usage(anyhow!(
            "{} has another ledger than {}: they have no frame in common; follow into an empty directory",
            leader.url(),
            place.folder().display()
        )));
    };
    if let Asked::Older = asked {
        tells_of_older(leader, &started.handle);
        return Ok(Some(started));
    }
    // Who was promoted has a frame of its own behind what both have; it may not show it before a standby holds it, but says of which
    // epoch it is.
    if let Ok(Asked::Nothing(end)) = leader.ask_nameless(&common)
        && end.epoch <= reader.epoch()
    {
        return Err(Failure::usage(anyhow!(
            "{} has less of the ledger than {}, up to position {} of {}, and nothing instead: it may have lost what it was, or be a \
             standby that is behind. Nothing is laid aside: promote this one, or follow who leads",
            leader.url(),
            place.folder().display(),
            end.position,
            reader.end().position()
        )));
    }
    drop(reader);
    drop(started);
    laid_aside::lay_aside(place, &common, leader.url())?;
    Ok(None)
}

fn tells_of_older(leader: &Leader, handle: &Handle) {
    let epoch = handle.reader().epoch();
    tracing::error!(
        leader = leader.url(),
        epoch,
        "this ledger has frames of a later leader than the daemon that it is to follow: if this one was promoted, take \
         replication.follow out of its settings and start it again"
    );
}

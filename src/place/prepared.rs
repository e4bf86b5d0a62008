//! Checkpoints that `prepare` made beside a daemon: where they lie, and how the next start takes them in the place of its own.
//!
//! They hold no truth, as all checkpoints. What is broken off in the middle of being taken is gone on with at the next start.

use std::io;
use std::path::{Path, PathBuf};

use checkpoints::{CheckpointError, CheckpointStore, SledStore};
use ledger::Position;

/// Where they lie, in the directory of the ledger.
const FOLDER: &str = "next";
/// As they are called there and in the directory itself: the list of the last one, and the parts with those along the way.
const LAST: &str = "checkpoint";
const PARTS: &str = "past";

pub(super) fn last_in(place: &Path) -> PathBuf {
    place.join(FOLDER).join(LAST)
}

pub(super) fn parts_in(place: &Path) -> PathBuf {
    place.join(FOLDER).join(PARTS)
}

/// Whether something was prepared, of whatever version.
pub(super) fn is_there(place: &Path) -> bool {
    place.join(FOLDER).is_dir()
}

/// What became of what was prepared.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It stands where this program looks for its own, up to this position.
    InUse(Position),
    /// This program has its own of that position or a later one: what was prepared is removed.
    NotNeeded,
    /// It is of another version, or is being made just now: it is left alone.
    NotOurs,
}

/// Takes it if it is of use. To be called by who has the right to write the ledger.
///
/// # Errors
/// If the folders cannot be moved.
pub(super) fn take(place: &Path) -> io::Result<Taken> {
    let Some(prepared) = position_in(&last_in(place)) else { return Ok(Taken::NotOurs) };
    let own = place.join(LAST);
    if position_in(&own).is_some_and(|own| own >= prepared) {
        std::fs::remove_dir_all(place.join(FOLDER))?;
        return Ok(Taken::NotNeeded);
    }
    // The list comes last: as long as it is not moved, the next start begins here.
    if parts_in(place).is_dir() {
        put(&parts_in(place), &place.join(PARTS))?;
    }
    put(&last_in(place), &own)?;
    std::fs::remove_dir_all(place.join(FOLDER))?;
    Ok(Taken::InUse(prepared))
}

fn put(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) | Ok(()) => {}
    }
    std::fs::rename(from, to)
}

/// The position of the last checkpoint there; none if this program can use none of it.
fn position_in(folder: &Path) -> Option<Position> {
    let load = || -> Result<Option<Position>, CheckpointError> {
        let last = SledStore::open(folder)?.load()?;
        last.map(|last| Ok(last.cursor()?.position())).transpose()
    };
    if folder.is_dir() { load().ok().flatten() } else { None }
}

#[cfg(test)]
mod tests {
    use checkpoints::Checkpoint;
    use ledger::FrameCursor;

    use super::*;

    /// A last checkpoint of another version than any.
    fn of_another_version() -> Checkpoint {
        let mut content = Checkpoint::of(&FrameCursor::START, &[]).content().to_vec();
        content[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        let checksum = *blake3::hash(&content).as_bytes();
        Checkpoint::from_kept(content, &checksum).expect("it is what was written")
    }

    fn keep(folder: &Path, checkpoint: &Checkpoint) {
        std::fs::create_dir_all(folder).expect("a folder");
        SledStore::open(folder).expect("a store").save(checkpoint).expect("kept");
    }

    fn ours() -> Checkpoint {
        Checkpoint::of(&FrameCursor::START, &[])
    }

    #[test]
    fn what_was_prepared_takes_the_place_of_what_is_of_no_use_also_after_it_was_broken_off() {
        for is_broken_off in [false, true] {
            let place = tempfile::tempdir().expect("a folder");
            let place = place.path();
            keep(&place.join(LAST), &of_another_version());
            keep(&last_in(place), &ours());
            for (folder, text) in [(place.join(PARTS), "old"), (parts_in(place), "new")] {
                std::fs::create_dir_all(&folder).expect("a folder");
                std::fs::write(folder.join("parts"), text).expect("written");
            }
            if is_broken_off {
                put(&parts_in(place), &place.join(PARTS)).expect("moved");
            }
            assert_eq!(take(place).expect("moved"), Taken::InUse(0));
            assert_eq!(std::fs::read_to_string(place.join(PARTS).join("parts")).expect("there"), "new");
            assert_eq!(position_in(&place.join(LAST)), Some(0));
            assert!(!is_there(place));
        }
    }

    #[test]
    fn what_is_not_needed_is_removed_and_what_is_of_another_version_is_left_alone() {
        let place = tempfile::tempdir().expect("a folder");
        let place = place.path();
        keep(&place.join(LAST), &ours());
        keep(&last_in(place), &ours());
        assert_eq!(take(place).expect("removed"), Taken::NotNeeded);
        assert!(!is_there(place));
        keep(&last_in(place), &of_another_version());
        assert_eq!(take(place).expect("left"), Taken::NotOurs);
        let held = SledStore::open(&last_in(place)).expect("held, as by who prepares");
        assert_eq!(take(place).expect("left"), Taken::NotOurs);
        drop(held);
        assert!(is_there(place));
    }
}

//! The store of the last checkpoint, as the writer of the ledger opens it.

use std::io;
use std::path::Path;
use std::time::Duration;

use checkpoints::{Checkpoint, CheckpointError, CheckpointStore, SledStore};

/// How the folder ends in which a store is laid aside.
const LAID_ASIDE: &str = "in-doubt";

/// Opens the checkpoints of a ledger that this process has the right to write. What is damaged is laid aside; what is
/// only held, by a command that reads it, is waited for and then opened with the next checkpoint. Without a store,
/// which is said, every start replays all.
pub(super) fn open(folder: &Path) -> Option<Box<dyn CheckpointStore>> {
    let opened = match wait_for(folder) {
        Err(error @ (CheckpointError::Held { .. } | CheckpointError::System { .. })) => {
            tracing::warn!(%error, "this start replays everything");
            Ok(SledStore::later(folder))
        }
        Err(error) => {
            tracing::warn!(%error, "the checkpoints are damaged: they are laid aside, and everything is replayed");
            // NOTE: checkpoints hold nothing that the ledger does not hold.
            lay_aside(folder)
                .map_err(|error| error.to_string())
                .and_then(|()| SledStore::open(folder).map_err(|error| error.to_string()))
        }
        Ok(store) => Ok(store),
    };
    match opened {
        Ok(store) => Some(Box::new(store)),
        Err(error) => {
            tracing::warn!(error, "no checkpoints are kept: the next start replays everything");
            None
        }
    }
}

/// Opens the checkpoints to read the last one. None where there are none, or somebody else has them; of damaged ones the
/// reading fails, so that they are told from those.
pub(super) fn open_to_read(folder: &Path) -> Option<Box<dyn CheckpointStore>> {
    if !folder.is_dir() {
        return None;
    }
    match SledStore::open(folder) {
        Ok(store) => Some(Box::new(store)),
        Err(CheckpointError::Held { .. } | CheckpointError::System { .. }) => None,
        Err(error) => Some(Box::new(DamagedStore { detail: error.to_string() })),
    }
}

/// Opens the checkpoints that are prepared beside a daemon. What is damaged is laid aside.
///
/// # Errors
/// If another process has them, or the system does not let them be opened.
pub(super) fn open_to_prepare(folder: &Path) -> Result<Box<dyn CheckpointStore>, CheckpointError> {
    let store = match SledStore::open(folder) {
        Err(error @ (CheckpointError::Held { .. } | CheckpointError::System { .. })) => return Err(error),
        Err(_) => {
            lay_aside(folder).map_err(|cause| CheckpointError::System { folder: folder.to_owned(), cause })?;
            SledStore::open(folder)?
        }
        Ok(store) => store,
    };
    Ok(Box::new(store))
}

/// A store that cannot be read, as it is opened beside whoever has the right to lay it aside.
struct DamagedStore {
    detail: String,
}

impl DamagedStore {
    fn error(&self) -> CheckpointError {
        CheckpointError::Store { detail: self.detail.clone() }
    }
}

impl CheckpointStore for DamagedStore {
    fn save(&mut self, _checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        Err(self.error())
    }

    fn load(&mut self) -> Result<Option<Checkpoint>, CheckpointError> {
        Err(self.error())
    }

    fn clear(&mut self) -> Result<(), CheckpointError> {
        Err(self.error())
    }
}

/// Opens the store, waiting a little where a command that reads it holds it just now.
fn wait_for(folder: &Path) -> Result<SledStore, CheckpointError> {
    const TRIES: u32 = 50;
    const PAUSE: Duration = Duration::from_millis(100);
    let mut tries = 0;
    loop {
        match SledStore::open(folder) {
            Err(CheckpointError::Held { .. }) if tries < TRIES => {
                tries += 1;
                std::thread::sleep(PAUSE);
            }
            opened => return opened,
        }
    }
}

/// Gives the folder another name, in place of what was laid aside before.
fn lay_aside(folder: &Path) -> io::Result<()> {
    let aside = folder.with_extension(LAID_ASIDE);
    match std::fs::remove_dir_all(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) | Ok(()) => {}
    }
    std::fs::rename(folder, aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_is_laid_aside_and_what_is_held_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("checkpoint");
        let aside = folder.path().join("checkpoint.in-doubt");
        drop(open(&place).expect("a new one"));
        std::fs::write(place.join("conf"), b"no configuration of sled").expect("written");
        for _ in 0..2 {
            let damaged = place.join("conf");
            std::fs::write(&damaged, b"no configuration of sled").expect("written");
            let store = open(&place).expect("another one in its place");
            assert!(aside.join("conf").is_file());
            drop(store);
        }
        let holder = SledStore::open(&place).expect("opens");
        let written = std::fs::metadata(place.join("db")).expect("there").modified().expect("a time");
        assert!(open(&place).is_some(), "it is opened later");
        assert_eq!(std::fs::metadata(place.join("db")).expect("there").modified().expect("a time"), written);
        drop(holder);
    }
}

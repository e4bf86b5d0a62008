//! A file of a checkpoint, or a run of the index that it stands on: fetched beside its place, and put there once all of it is what it
//! is to be.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use checkpoints::CheckpointFile;
use ledger::{Access, DiskStorage, RunFile, Storage, StorageError};

use super::{PAST, SEGMENTS, Stop, cut_off, storage_in};
use crate::elsewhere::{AskDaemon, NotGiven, patiently};
use crate::standby::leader::Leader;

/// What is not whole yet.
const UNFINISHED: &str = ".new";
/// So much of a file is in memory.
const PIECE: usize = 256 << 10;

/// A file that is to be taken.
#[derive(Clone, Debug)]
pub(super) enum WantedFile {
    /// Parts, or the list of them.
    OfCheckpoint(CheckpointFile),
    Run {
        run: RunFile,
        bytes: u64,
    },
}

/// What became of asking for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fetched {
    Whole,
    /// It is not what it was to be.
    Damaged,
    /// It is there no more.
    Gone,
}

/// Where such files lie in a snapshot.
pub(super) struct Folders {
    past: DiskStorage,
    segments: DiskStorage,
}

impl Folders {
    pub(super) fn in_snapshot(folder: &Path) -> Result<Folders, Stop> {
        Ok(Folders { past: storage_in(&folder.join(PAST))?, segments: storage_in(&folder.join(SEGMENTS))? })
    }

    /// Removes of such files, and of what is not whole of one, what is none of these.
    pub(super) fn retain(&self, files: &[WantedFile]) -> Result<(), StorageError> {
        for storage in [&self.past, &self.segments] {
            let is_of_one = |name: &str| {
                let name = name.strip_suffix(UNFINISHED).unwrap_or(name);
                CheckpointFile::may_be_called(name) || RunFile::named(name).is_some()
            };
            for name in storage.list()?.iter().filter(|name| is_of_one(name)) {
                if files.iter().all(|file| file.name() != name) {
                    storage.remove(name)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn sync_names(&self) -> Result<(), StorageError> {
        self.past.sync_names()?;
        self.segments.sync_names()
    }
}

impl WantedFile {
    /// A file as the leader tells it; none where there is no such file.
    pub(super) fn told(name: String, bytes: u64, checksum: Option<&str>) -> Option<WantedFile> {
        match (RunFile::named(&name), checksum) {
            (Some(run), None) => Some(WantedFile::Run { run, bytes }),
            (None, Some(checksum)) if CheckpointFile::may_be_called(&name) => {
                Some(WantedFile::OfCheckpoint(CheckpointFile { name, bytes, checksum: digest(checksum)? }))
            }
            (Some(_), Some(_)) | (None, Some(_) | None) => None,
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            WantedFile::OfCheckpoint(file) => &file.name,
            WantedFile::Run { run, .. } => &run.name,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        match self {
            WantedFile::OfCheckpoint(file) => file.bytes,
            WantedFile::Run { bytes, .. } => *bytes,
        }
    }

    /// The last position that a run tells of.
    pub(super) fn run(&self) -> Option<&RunFile> {
        match self {
            WantedFile::OfCheckpoint(_) => None,
            WantedFile::Run { run, .. } => Some(run),
        }
    }

    fn storage<'f>(&self, folders: &'f Folders) -> &'f DiskStorage {
        match self {
            WantedFile::OfCheckpoint(_) => &folders.past,
            WantedFile::Run { .. } => &folders.segments,
        }
    }

    /// Whether it is there, whole.
    pub(super) fn is_there(&self, folders: &Folders) -> Result<bool, StorageError> {
        self.is_called(self.storage(folders), self.name())
    }

    /// Whether it is what lies under a name.
    fn is_called(&self, storage: &DiskStorage, name: &str) -> Result<bool, StorageError> {
        match self {
            WantedFile::OfCheckpoint(file) => {
                let found = storage.open(name, Access::Read)?;
                found.map_or(Ok(false), |found| file.is_held_by(&found))
            }
            WantedFile::Run { run, .. } => Ok(run.end_in(storage, name)?.is_some()),
        }
    }

    pub(super) fn fetch(&self, folders: &Folders, leader: &Leader) -> Result<Fetched, Stop> {
        let (storage, name) = (self.storage(folders), self.name());
        let target = format!("/v1/ledger/checkpoint/{name}?{}", leader.who());
        let mut body = match patiently(|| leader.get(&target)) {
            Ok(body) => body,
            Err(NotGiven { status: Some(409), .. }) => return Ok(Fetched::Gone),
            Err(not_given) => return Err(not_given.into()),
        };
        let beside = format!("{name}{UNFINISHED}");
        let copy = storage.create(&beside, self.bytes()).map_err(Stop::of_storage)?;
        let (mut at, mut piece) = (0, vec![0; PIECE]);
        loop {
            let count = body.read(&mut piece).map_err(|error| cut_off(leader, &error))?;
            if count == 0 {
                break;
            }
            if at + count as u64 > self.bytes() {
                // Another file of the same name, by now.
                return Ok(Fetched::Damaged);
            }
            copy.write_at(at, &piece[..count]).map_err(Stop::of_storage)?;
            at += count as u64;
        }
        copy.sync().map_err(Stop::of_storage)?;
        drop(copy);
        if at != self.bytes() || !self.is_called(storage, &beside).map_err(Stop::of_storage)? {
            return Ok(Fetched::Damaged);
        }
        storage.rename(&beside, name).map_err(Stop::of_storage)?;
        Ok(Fetched::Whole)
    }
}

/// 32 bytes from their 64 hexadecimal digits.
fn digest(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if digits.len() != 2 * bytes.len() || !digits.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Whether each of the runs ends at a place of the ledger that has been taken. The first one that does not.
pub(super) fn of_another_ledger<'f>(folder: &Path, files: &'f [WantedFile]) -> Result<Option<&'f RunFile>, Stop> {
    let storage = storage_in(&folder.join(SEGMENTS))?;
    let end = ledger::BackupLabel::read(&storage).map_err(anyhow::Error::from)?.map(|label| label.end);
    let reader = ledger::LedgerReader::open_read_only_from(
        Arc::new(storage.clone()),
        &end.unwrap_or(ledger::FrameCursor::START),
    );
    let reader = reader.map_err(anyhow::Error::from)?;
    for run in files.iter().filter_map(WantedFile::run) {
        let end = run.end_in(&storage, &run.name).map_err(Stop::of_storage)?;
        if !end.is_some_and(|end| reader.holds(&end).unwrap_or(false)) {
            return Ok(Some(run));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_of_a_checkpoint_with_64_digits_or_a_run_without_any_and_leads_nowhere_else() {
        let digits = "0f".repeat(32);
        let told = |name: &str, digits: Option<&str>| WantedFile::told(name.to_owned(), 7, digits);
        let (parts, list, run) =
            ("00000000000000000012.parts", "00000000000000000500.checkpoint", "0000000007-0000000099.run");
        for name in [parts, list] {
            let found = told(name, Some(&digits)).expect("a file");
            assert!(matches!(&found, WantedFile::OfCheckpoint(file) if file.checksum == [15; 32]), "{found:?}");
            assert_eq!((found.name(), found.bytes()), (name, 7));
            assert!(told(name, None).is_none());
            for other in ["", "0f", &"0g".repeat(32), &"0f".repeat(33), &"é".repeat(32)] {
                assert!(told(name, Some(other)).is_none(), "{other}");
            }
        }
        assert_eq!(told(run, None).and_then(|found| Some(found.run()?.last)), Some(99));
        assert!(told(run, Some(&digits)).is_none());
        for name in ["00000001-0000000001.segment", "../00000000000000000012.parts", "LOCK", "BACKUP", ""] {
            assert!(told(name, None).is_none() && told(name, Some(&digits)).is_none(), "{name}");
        }
    }
}

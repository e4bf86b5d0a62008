//! The last checkpoint along the way, taken file by file: each is put in its place once it is what its checksum says, down to each
//! part. Whether it is of this ledger, the start that reads it finds out, as of any.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use checkpoints::CheckpointFile;
use ledger::{Access, DiskStorage, Position, Storage, StorageError};
use serde::Deserialize;

use super::{Stop, storage_in};
use crate::elsewhere::{AskDaemon, NotGiven};
use crate::standby::leader::Leader;

/// Where it lies, in the snapshot as in the directory itself.
pub(super) const PAST: &str = "past";
/// What is not whole yet.
const UNFINISHED: &str = ".new";
/// A file that comes damaged so often is damaged where it comes from: an earlier checkpoint is taken.
const TRIES: u32 = 3;
/// So often the leader is asked which files there are, since it removes some now and then.
const LISTS: u32 = 100;
/// Files of parts have some megabytes, a list less than that.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// So much of a file is in memory.
const PIECE: usize = 256 << 10;
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct Told {
    position: Option<Position>,
    files: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    bytes: u64,
    checksum: String,
}

/// What became of asking for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fetched {
    Whole,
    /// It is not what it was to be.
    Damaged,
    /// It is there no more.
    Gone,
}

/// Whether a leader gives checkpoints: those of older versions do not.
pub(super) fn are_given(leader: &Leader) -> Result<bool, Stop> {
    match leader.get(&format!("/v1/ledger/checkpoint?upto=0&{}", leader.who())) {
        Ok(_) => Ok(true),
        Err(NotGiven { status: Some(404), .. }) => Ok(false),
        Err(not_given) => Err(not_given.into()),
    }
}

/// Takes the last one at or before a position, telling how many bytes of how many are there. Its position; none where there is
/// none that is whole.
pub(super) fn take_checkpoint(
    folder: &Path,
    leader: &Leader,
    mut upto: Position,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Option<Position>, Stop> {
    let storage = storage_in(&folder.join(PAST))?;
    let mut damaged: HashMap<[u8; 32], u32> = HashMap::new();
    for _ in 0..LISTS {
        let Some((position, files)) = ask(leader, upto)? else {
            retain(&storage, &[])?;
            return Ok(None);
        };
        retain(&storage, &files)?;
        let Some((file, fetched)) = take_files(&storage, leader, &files, progress)? else {
            storage.sync_names().map_err(anyhow::Error::from)?;
            return Ok(Some(position));
        };
        if fetched == Fetched::Damaged {
            let name = &file.name;
            let tries = damaged.entry(file.checksum).or_default();
            *tries += 1;
            if *tries < TRIES {
                tracing::warn!(leader = leader.url(), file = name, "a file of a checkpoint came damaged, and is taken again");
            } else {
                tracing::warn!(
                    leader = leader.url(),
                    file = name,
                    position,
                    "a file of a checkpoint comes damaged each time, or of another version: an earlier checkpoint is taken"
                );
                upto = position.saturating_sub(1);
            }
        }
        std::thread::sleep(PAUSE);
    }
    Err(Stop::NotYet(format!("{} has other files of its checkpoint each time", leader.url())))
}

/// The files of the last checkpoint at or before a position, and its own.
fn ask(leader: &Leader, upto: Position) -> Result<Option<(Position, Vec<CheckpointFile>)>, Stop> {
    /// Rows have some 150 bytes.
    const BYTES_MAX: u64 = 64 << 20;
    let target = format!("/v1/ledger/checkpoint?upto={upto}&{}", leader.who());
    let wrong = || Stop::NotYet(format!("{} tells of its checkpoint in another form", leader.url()));
    let mut text = Vec::new();
    leader.get(&target)?.take(BYTES_MAX).read_to_end(&mut text).map_err(|error| cut_off(leader, &error))?;
    let Told { position, files } = serde_json::from_slice(&text).map_err(|_| wrong())?;
    let file = |Row { file, bytes, checksum }: Row| {
        let checksum = digest(&checksum)?;
        (CheckpointFile::may_be_called(&file) && bytes <= FILE_BYTES_MAX).then_some(CheckpointFile {
            name: file,
            bytes,
            checksum,
        })
    };
    let files = files.into_iter().map(file).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
    Ok(position.map(|position| (position, files)))
}

fn cut_off(leader: &Leader, error: &std::io::Error) -> Stop {
    Stop::NotYet(format!("the answer of {} ends too early: {error}", leader.url()))
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

/// Removes what is none of these.
fn retain(storage: &DiskStorage, files: &[CheckpointFile]) -> Result<(), Stop> {
    let wanted: HashSet<&str> = files.iter().map(|file| &*file.name).collect();
    for name in storage.list().map_err(anyhow::Error::from)? {
        if !wanted.contains(&*name) {
            storage.remove(&name).map_err(anyhow::Error::from)?;
        }
    }
    Ok(())
}

/// Takes those that are not there. The first one that could not be had, and why.
fn take_files<'f>(
    storage: &DiskStorage,
    leader: &Leader,
    files: &'f [CheckpointFile],
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Option<(&'f CheckpointFile, Fetched)>, Stop> {
    let (mut taken, total) = (0, files.iter().map(|file| file.bytes).sum());
    // The list first: of one of another version nothing else is taken.
    for file in files.iter().rev() {
        if !is_there(storage, file).map_err(anyhow::Error::from)? {
            let fetched = fetch(storage, leader, file)?;
            if fetched != Fetched::Whole {
                return Ok(Some((file, fetched)));
            }
        }
        taken += file.bytes;
        progress(taken, total);
    }
    Ok(None)
}

fn is_there(storage: &DiskStorage, file: &CheckpointFile) -> Result<bool, StorageError> {
    let found = storage.open(&file.name, Access::Read)?;
    found.map_or(Ok(false), |found| file.is_held_by(&found))
}

/// Writes a file beside its place, and puts it there if it is what it is to be.
fn fetch(storage: &DiskStorage, leader: &Leader, file: &CheckpointFile) -> Result<Fetched, Stop> {
    let mut body = match leader.get(&format!("/v1/ledger/checkpoint/{}?{}", file.name, leader.who())) {
        Ok(body) => body,
        Err(NotGiven { status: Some(409), .. }) => return Ok(Fetched::Gone),
        Err(not_given) => return Err(not_given.into()),
    };
    let beside = format!("{}{UNFINISHED}", file.name);
    let copy = storage.create(&beside, file.bytes).map_err(anyhow::Error::from)?;
    let (mut at, mut piece) = (0, vec![0; PIECE]);
    loop {
        let count = body.read(&mut piece).map_err(|error| cut_off(leader, &error))?;
        if count == 0 {
            break;
        }
        if at + count as u64 > file.bytes {
            // Another file of the same name, by now.
            return Ok(Fetched::Damaged);
        }
        copy.write_at(at, &piece[..count]).map_err(anyhow::Error::from)?;
        at += count as u64;
    }
    copy.sync().map_err(anyhow::Error::from)?;
    drop(copy);
    let written = storage.open(&beside, Access::Read).map_err(anyhow::Error::from)?;
    let is_held = written.map_or(Ok(false), |written| file.is_held_by(&written)).map_err(anyhow::Error::from)?;
    if at != file.bytes || !is_held {
        return Ok(Fetched::Damaged);
    }
    storage.rename(&beside, &file.name).map_err(anyhow::Error::from)?;
    Ok(Fetched::Whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_64_digits_and_nothing_else_is() {
        assert_eq!(digest(&"0f".repeat(32)), Some([15; 32]));
        for digits in ["", "0f", &"0g".repeat(32), &"0f".repeat(33), &"é".repeat(32)] {
            assert_eq!(digest(digits), None, "{digits}");
        }
    }
}

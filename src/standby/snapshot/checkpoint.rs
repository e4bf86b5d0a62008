//! The last checkpoint along the way, taken file by file, with the runs of the index that it stands on. Whether it is of this ledger,
//! the start that reads it finds out, as of any.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use ledger::Position;
use serde::Deserialize;

use super::file::{Fetched, Folders, WantedFile};
use super::{Stop, cut_off};
use crate::elsewhere::{AskDaemon, NotGiven};
use crate::standby::leader::Leader;

/// A file that comes damaged so often is damaged where it comes from: an earlier checkpoint is taken.
const TRIES: u32 = 3;
/// So often the leader is asked which files there are, since it removes some now and then.
const LISTS: u32 = 100;
const PAUSE: Duration = Duration::from_millis(200);

/// A checkpoint that was taken.
pub(super) struct TakenCheckpoint {
    /// Of which position; none where there is none that is whole.
    pub(super) position: Option<Position>,
    pub(super) files: Vec<WantedFile>,
}

#[derive(Deserialize)]
struct Told {
    position: Option<Position>,
    files: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    bytes: u64,
    checksum: Option<String>,
}

/// Whether a leader gives checkpoints: those of older versions do not.
pub(super) fn are_given(leader: &Leader) -> Result<bool, Stop> {
    match leader.get(&format!("/v1/ledger/checkpoint?upto=0&{}", leader.who())) {
        Ok(_) => Ok(true),
        Err(NotGiven { status: Some(404), .. }) => Ok(false),
        Err(not_given) => Err(not_given.into()),
    }
}

/// Takes the last one at or before a position, telling how many bytes of how many are there.
pub(super) fn take_checkpoint(
    folder: &Path,
    leader: &Leader,
    mut upto: Position,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<TakenCheckpoint, Stop> {
    let folders = Folders::in_snapshot(folder)?;
    let mut damaged: HashMap<(String, Position), u32> = HashMap::new();
    for _ in 0..LISTS {
        let TakenCheckpoint { position, files } = ask(leader, upto)?;
        folders.retain(&files).map_err(Stop::of_storage)?;
        let Some((file, fetched)) = take_files(&folders, leader, &files, progress)? else {
            folders.sync_names().map_err(Stop::of_storage)?;
            return Ok(TakenCheckpoint { position, files });
        };
        if fetched == Fetched::Damaged {
            let (name, position) = (file.name(), position.unwrap_or(0));
            let tries = damaged.entry((name.to_owned(), position)).or_default();
            *tries += 1;
            if *tries < TRIES {
                tracing::warn!(
                    leader = leader.url(),
                    file = name,
                    "a file of a checkpoint came damaged, and is taken again"
                );
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

/// The last checkpoint at or before a position, of which nothing is taken yet.
fn ask(leader: &Leader, upto: Position) -> Result<TakenCheckpoint, Stop> {
    /// Rows have some 150 bytes, and files some megabytes.
    const BYTES_MAX: u64 = 64 << 20;
    let target = format!("/v1/ledger/checkpoint?upto={upto}&{}", leader.who());
    let wrong = || Stop::NotYet(format!("{} tells of its checkpoint in another form", leader.url()));
    let mut text = Vec::new();
    leader.get(&target)?.take(BYTES_MAX).read_to_end(&mut text).map_err(|error| cut_off(leader, &error))?;
    let Told { position, files } = serde_json::from_slice(&text).map_err(|_| wrong())?;
    let file = |row: Row| WantedFile::told(row.file, row.bytes, row.checksum.as_deref());
    let files = files.into_iter().map(file).collect::<Option<Vec<_>>>().ok_or_else(wrong)?;
    Ok(TakenCheckpoint { position, files })
}

/// Takes those that are not there. The first one that could not be had, and why.
fn take_files<'f>(
    folders: &Folders,
    leader: &Leader,
    files: &'f [WantedFile],
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Option<(&'f WantedFile, Fetched)>, Stop> {
    let (mut taken, total) = (0, files.iter().map(WantedFile::bytes).sum());
    // The list first: of one of another version nothing else is taken.
    for file in files.iter().rev() {
        if !file.is_there(folders).map_err(Stop::of_storage)? {
            let fetched = file.fetch(folders, leader)?;
            if fetched != Fetched::Whole {
                return Ok(Some((file, fetched)));
            }
        }
        taken += file.bytes();
        progress(taken, total);
    }
    Ok(None)
}

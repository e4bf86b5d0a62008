//! A snapshot that is whole becomes the ledger of its directory. That it is whole is said first, in a file, so that what a crash
//! cuts short is gone on with: the checkpoint is moved, then the segments, then the rest is removed.

use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::{Context, anyhow};
use ledger::{BackupLabel, DiskStorage};

use super::{PAST, SEGMENTS};
use crate::place::Place;

/// A file that says that the snapshot is whole.
const WHOLE: &str = "whole";
/// What may lie in the directory of a ledger that is gone: it is of no use to another one, and no truth.
const LEFT: [&str; 2] = ["checkpoint", "next"];
/// Where the folder of segments goes that has none.
const BEFORE: &str = "before";

/// Whether the snapshot in a folder is whole.
pub(super) fn is_whole(folder: &Path) -> bool {
    folder.join(WHOLE).is_file()
}

/// Says that it is whole, durably.
///
/// # Errors
/// If that cannot be written.
pub(super) fn say_whole(folder: &Path) -> Result<(), anyhow::Error> {
    let path = folder.join(WHOLE);
    let said = File::create(&path).and_then(|file| file.sync_all()).and_then(|()| sync(folder));
    said.with_context(|| format!("can't write {}", path.display()))
}

/// Moves it to where the ledger and its checkpoints lie, or goes on with that.
///
/// # Errors
/// If somebody else has made a ledger there meanwhile; if the folders cannot be moved.
pub(super) fn put_in_place(place: &Place, folder: &Path) -> Result<(), anyhow::Error> {
    let segments = folder.join(SEGMENTS);
    if segments.is_dir() {
        if place.has_segments() {
            return Err(anyhow!("there is a ledger in {} by now: no snapshot is put there", place.folder().display()));
        }
        let storage = DiskStorage::open(&segments)?;
        if BackupLabel::read(&storage)?.is_some() {
            BackupLabel::remove(&storage)?;
        }
        move_all(place.folder(), folder).with_context(|| format!("can't move what lies in {}", folder.display()))?;
    }
    clear_away(folder)
}

fn move_all(data: &Path, folder: &Path) -> io::Result<()> {
    for left in LEFT {
        remove(&data.join(left))?;
    }
    let past = folder.join(PAST);
    if past.is_dir() {
        remove(&data.join(PAST))?;
        std::fs::rename(past, data.join(PAST))?;
    }
    let own = data.join(SEGMENTS);
    if own.is_dir() {
        // There is no segment in it; a lock, perhaps.
        let before = folder.join(BEFORE);
        remove(&before)?;
        std::fs::rename(&own, before)?;
    }
    std::fs::rename(folder.join(SEGMENTS), own)?;
    sync(data)
}

/// Removes all that there is of it.
///
/// # Errors
/// If it cannot be removed.
pub(super) fn clear_away(folder: &Path) -> Result<(), anyhow::Error> {
    remove(folder).with_context(|| format!("can't remove {}", folder.display()))
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Err(_) | Ok(()) => Ok(()),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with a snapshot that is whole, and what a ledger before left.
    fn whole(data: &Path) -> std::path::PathBuf {
        let folder = data.join("snapshot");
        for (path, text) in [
            (folder.join(SEGMENTS).join("00000001-0000000001.segment"), "new"),
            (folder.join(PAST).join("parts"), "new"),
            (data.join(PAST).join("parts"), "old"),
            (data.join("checkpoint").join("db"), "old"),
            (data.join("next").join(PAST).join("parts"), "old"),
            (data.join(SEGMENTS).join("LOCK"), "a process"),
        ] {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        assert!(!is_whole(&folder));
        say_whole(&folder).expect("said");
        assert!(is_whole(&folder));
        folder
    }

    fn assert_in_place(data: &Path) {
        let mut names: Vec<_> =
            std::fs::read_dir(data).expect("listed").map(|entry| entry.expect("one").file_name()).collect();
        names.sort();
        assert_eq!(names, [SEGMENTS, PAST]);
        let read = |path: &[&str]| std::fs::read_to_string(path.iter().fold(data.to_owned(), |at, part| at.join(part)));
        assert_eq!(read(&[SEGMENTS, "00000001-0000000001.segment"]).expect("there"), "new");
        assert_eq!(read(&[PAST, "parts"]).expect("there"), "new");
        assert!(read(&[SEGMENTS, "LOCK"]).is_err(), "the folder before is gone");
    }

    #[test]
    fn cut_short_anywhere_it_is_gone_on_with_and_what_a_ledger_before_left_is_gone() {
        type Cut = fn(&Path, &Path);
        let cuts: [Cut; 4] = [
            |_, _| {},
            |data, _| std::fs::remove_dir_all(data.join("checkpoint")).expect("removed"),
            |data, folder| {
                std::fs::remove_dir_all(data.join(PAST)).expect("removed");
                std::fs::rename(folder.join(PAST), data.join(PAST)).expect("moved");
            },
            |data, folder| {
                std::fs::remove_dir_all(data.join(PAST)).expect("removed");
                std::fs::rename(folder.join(PAST), data.join(PAST)).expect("moved");
                std::fs::rename(data.join(SEGMENTS), folder.join(BEFORE)).expect("moved");
            },
        ];
        for cut in cuts {
            let data = tempfile::tempdir().expect("a folder");
            let folder = whole(data.path());
            cut(data.path(), &folder);
            put_in_place(&Place::at(data.path()), &folder).expect("moved");
            assert_in_place(data.path());
        }
    }

    #[test]
    fn a_ledger_that_is_there_by_then_is_left_alone() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = whole(data.path());
        let own = data.path().join(SEGMENTS).join("00000001-0000000001.segment");
        std::fs::write(&own, "own").expect("written");
        let refused = put_in_place(&Place::at(data.path()), &folder).expect_err("refused");
        assert!(refused.to_string().contains("there is a ledger"), "{refused}");
        assert_eq!(std::fs::read_to_string(own).expect("there"), "own");
        assert!(is_whole(&folder) && data.path().join("checkpoint").is_dir());
    }
}

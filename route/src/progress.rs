//! Up to which position a shard has sent on what is not its own, kept in a file. It is no truth: without it all is sent once
//! more, and changes nothing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use ledger::Position;

/// What the file says; none where there is none, or it says no position.
pub(crate) fn kept_progress(path: &Path) -> Option<Position> {
    fs::read_to_string(path).ok()?.trim_end().parse().ok()
}

/// Has the file say it, whole or not at all.
pub(crate) fn keep_progress(path: &Path, position: Position) -> io::Result<()> {
    let beside = path.with_extension("part");
    let mut file = File::create(&beside)?;
    writeln!(file, "{position}")?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

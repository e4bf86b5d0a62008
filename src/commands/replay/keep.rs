//! The result of a replay as a directory of its own: the ledger up to the position, and the projections as its
//! checkpoint. It is made beside its place and moved there when it is whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use checkpoints::{KeepPolicy, KeptCheckpoints, SledStore};
use ingest::{Clock, SystemClock};
use ledger::{DiskStorage, LedgerReader, WriteLock, copy, lock_holder};
use projections::State;

use crate::exit::Failure;

/// Refuses a place where something is.
pub(super) fn check_free(out: &Path) -> Result<(), Failure> {
    let is_free = match std::fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if is_free {
        return Ok(());
    }
    Err(Failure::usage(anyhow!(
        "--out {}: there is something already; name a directory that is not there",
        out.display()
    )))
}

/// Keeps the state, and the ledger up to where it stands.
pub(super) fn keep(reader: &LedgerReader, state: &State, out: &Path) -> Result<(), Failure> {
    let beside = beside(out)?;
    let kept = fill(reader, state, &beside).and_then(|()| {
        if out.is_dir() {
            // It is empty, or it was refused.
            std::fs::remove_dir(out).with_context(|| format!("can't replace {}", out.display()))?;
        }
        std::fs::rename(&beside, out).with_context(|| format!("can't make {}", out.display()))?;
        let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let synced = std::fs::File::open(parent).and_then(|folder| folder.sync_all());
        synced.with_context(|| format!("can't make {} durable", out.display()))
    });
    if kept.is_err() {
        // What cannot be removed is left under a name that says that it is unfinished.
        let _ = std::fs::remove_dir_all(&beside);
    }
    Ok(kept?)
}

/// A name beside it that nobody has.
fn beside(out: &Path) -> Result<PathBuf, Failure> {
    let name = out.file_name().ok_or_else(|| Failure::usage(anyhow!("--out {}: name a directory", out.display())))?;
    let mut unfinished = name.to_owned();
    unfinished.push(format!(".{}.unfinished", std::process::id()));
    Ok(out.with_file_name(unfinished))
}

fn fill(reader: &LedgerReader, state: &State, folder: &Path) -> Result<(), anyhow::Error> {
    let segments = folder.join("ledger");
    std::fs::create_dir_all(&segments).with_context(|| format!("can't make {}", segments.display()))?;
    let storage = DiskStorage::create(&segments).with_context(|| format!("can't open {}", segments.display()))?;
    // What belongs to the writer is touched by who has the right to write, here too.
    let lock = WriteLock::take(Arc::new(storage), &lock_holder(SystemClock::new().now()))?;
    let cursor = copy(reader, state.position(), &lock)?;
    let parts = folder.join("past");
    let storage = DiskStorage::create(&parts).with_context(|| format!("can't open {}", parts.display()))?;
    let kept = KeptCheckpoints::new(Arc::new(storage), KeepPolicy::NONE);
    let mut store = SledStore::open(&folder.join("checkpoint"))?;
    kept.keep_last(&kept.write(state, &cursor)?, &mut store)?;
    Ok(())
}

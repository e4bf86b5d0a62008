//! The result of a replay as a directory of its own: the ledger up to the position, and the projections as its
//! checkpoint.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use checkpoints::{KeepPolicy, KeptCheckpoints, SledStore};
use ledger::{DiskStorage, LedgerReader, copy};
use projections::State;

use crate::place::Place;

/// Fills a directory with the state, and the ledger up to where it stands.
pub(super) fn fill(reader: &LedgerReader, state: &State, folder: &Path) -> Result<(), anyhow::Error> {
    // What belongs to the writer is touched by who has the right to write, here too.
    let cursor = copy(reader, state.position(), &Place::at(folder).lock()?)?;
    let parts = folder.join("past");
    let storage = DiskStorage::create(&parts).with_context(|| format!("can't open {}", parts.display()))?;
    let kept = KeptCheckpoints::new(Arc::new(storage), KeepPolicy::NONE);
    let mut store = SledStore::open(&folder.join("checkpoint"))?;
    kept.keep_last(&kept.write(state, &cursor)?, &mut store)?;
    Ok(())
}

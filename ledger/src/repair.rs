//! A damaged ledger made whole from a copy of it. Frames are taken one by one, from the ledger's own file where they are
//! what was written, else from the copy, and each has to hold the hash of the one before: so nothing gets in that was not
//! there, an older copy helps as far as it goes, and what is newer than the copy stays.

mod mending;
mod source;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::mending::{Mended, Mending};
use self::source::Source;
use crate::error::{LedgerError, RepairError};
use crate::format::{FORMAT_VERSION_FIRST, NAME as FORMAT_NAME, read_format, write_format};
use crate::mark::Mark;
use crate::position::Position;
use crate::segment_file::copy_bytes;
use crate::storage::{Storage, StorageFile, UNFINISHED};
use crate::write_lock::WriteLock;

/// What a repair came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepairReport {
    /// The segments that are whole again.
    pub repaired: Vec<RepairedSegment>,
    /// Files that were in the way, under the names that they have now.
    pub laid_aside: Vec<String>,
    /// What the file `FORMAT` says again, where it did not say a format.
    pub format: Option<u32>,
    /// What neither the ledger nor the copy has.
    pub lost: Vec<LostPositions>,
}

/// A segment that is whole again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepairedSegment {
    /// Its file.
    pub file: String,
    /// How many frames were taken from the copy, and how many were the ledger's own.
    pub frames_taken: u64,
    /// How many were kept.
    pub frames_kept: u64,
    /// Where the damaged file is now; `None` if there was none.
    pub laid_aside: Option<String>,
}

/// What cannot be had again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LostPositions {
    /// The segment that it is missing in.
    pub segment: u64,
    /// The first position that is missing, or the one after the last good frame if only frames without events are.
    pub first: Position,
    /// The last one; `None` if nothing that is left tells it.
    pub last: Option<Position>,
}

/// Makes a locked ledger whole from a copy, which may be shorter than the ledger, or damaged elsewhere. A file that is
/// replaced is laid aside first, under its name and `.damaged-1`, never deleted. A file with a number far behind all others
/// stays where it is. A file `FORMAT` that says no format is made anew: it says what the copy's says, or what the frames need.
///
/// # Errors
/// If the copy is not of this ledger by what is left of it, with which nothing has happened then, or one of the storages fails.
pub fn repair(ledger: &WriteLock, copy: Arc<dyn Storage>) -> Result<RepairReport, RepairError> {
    let storage = ledger.storage();
    let has_format = match read_format(&**storage) {
        Err(LedgerError::NoFormat) => false,
        format => format.map(|_| true)?,
    };
    let format_of_copy = read_format(&*copy)?.unwrap_or(FORMAT_VERSION_FIRST);
    let mark = Mark::read(&**storage)?;
    let (own, copy) = (Source::of(Arc::clone(storage))?, Source::of(copy)?);
    let last = own.last(mark.map_or(0, |mark| mark.segment));
    let (mut report, mut plans, mut kept) = (RepairReport::default(), Vec::new(), 0);
    let (mut known, mut link) = (None, Link::default());
    for number in 1..=last {
        let mending = Mending { own: &own, copy: &copy, number, last, mark };
        match mending.mend(known.take())? {
            Mended::Whole(segment) => {
                kept += segment.frames_kept();
                link.is_taken |= segment.frames_taken() > 0;
                link.is_own |= segment.frames_kept() > 0 || own.goes_on_at(&segment.end, number + 1)?;
                known = Some((segment.end, Arc::clone(&segment.dictionary)));
                plans.push(segment);
            }
            // Whatever it held lies behind what was lost in the one before.
            Mended::Unknown => link.end()?,
            Mended::Lost { first, last } => {
                link.end()?;
                report.lost.push(LostPositions { segment: number, first, last });
            }
        }
    }
    link.end()?;
    // A segment of another ledger is replaced where most of the ledger says that it is one.
    if plans.iter().any(|plan| plan.is_changed) && kept <= plans.iter().map(|plan| plan.frames_foreign).sum::<u64>() {
        return Err(RepairError::NotOfThisLedger);
    }
    if !has_format {
        let format = plans.iter().map(|plan| plan.format()).fold(format_of_copy, u32::max);
        let aside = free_name(&**storage, FORMAT_NAME)?;
        storage.rename(FORMAT_NAME, &aside).map_err(LedgerError::from)?;
        write_format(&**storage, format)?;
        report.laid_aside.push(aside);
        report.format = Some(format);
    }
    for plan in &plans {
        if plan.is_changed {
            report.repaired.push(put_in_place(&**storage, plan)?);
        }
        for name in own.others(plan.number, &plan.name) {
            let aside = free_name(&**storage, &name)?;
            storage.rename(&name, &aside).map_err(LedgerError::from)?;
            report.laid_aside.push(aside);
        }
    }
    storage.sync_names().map_err(LedgerError::from)?;
    Ok(report)
}

/// Segments of which each goes on where the one before it ends. One frame of the ledger's own among them, or its own header
/// behind them, holds the hash of what was taken, or is what that goes on from.
#[derive(Default)]
struct Link {
    is_taken: bool,
    is_own: bool,
}

impl Link {
    /// The next segment does not go on here. Frames that nothing of the ledger speaks for may be another one's.
    fn end(&mut self) -> Result<(), RepairError> {
        let ended = std::mem::take(self);
        if ended.is_taken && !ended.is_own { Err(RepairError::NotOfThisLedger) } else { Ok(()) }
    }
}

/// Writes a segment beside its place, keeps what is there under another name, and moves the new one there.
fn put_in_place(storage: &dyn Storage, plan: &mending::WholeSegment) -> Result<RepairedSegment, LedgerError> {
    let name = &plan.name;
    let beside = format!("{name}{UNFINISHED}");
    let file = storage.create(&beside, plan.length)?;
    file.write_at(0, &plan.header)?;
    for piece in &plan.pieces {
        file.write_at(piece.offset, &piece.file.read(piece.offset, piece.bytes as usize)?)?;
    }
    file.sync()?;
    let laid_aside = match &plan.own {
        Some(own) => Some(keep(storage, name, &**own)?),
        None => None,
    };
    storage.rename(&beside, name)?;
    storage.sync_names()?;
    let frames_kept = plan.frames_kept();
    let frames_taken = plan.frames_taken();
    Ok(RepairedSegment { file: name.clone(), frames_taken, frames_kept, laid_aside })
}

/// A copy under another name. NOTE: not a renaming: cut short there, the frames that the copy of the ledger does not have
/// would stand in no segment any more.
fn keep(storage: &dyn Storage, name: &str, own: &dyn StorageFile) -> Result<String, LedgerError> {
    let aside = free_name(storage, name)?;
    let file = storage.create(&aside, own.len())?;
    copy_bytes(own, &*file, own.len(), &mut |_| {})?;
    file.sync()?;
    storage.sync_names()?;
    Ok(aside)
}

/// The first name for a damaged file that no file has.
fn free_name(storage: &dyn Storage, name: &str) -> Result<String, LedgerError> {
    let taken: BTreeSet<String> = storage.list()?.into_iter().collect();
    let mut number = 1;
    loop {
        let free = format!("{name}.damaged-{number}");
        if !taken.contains(&free) {
            return Ok(free);
        }
        number += 1;
    }
}

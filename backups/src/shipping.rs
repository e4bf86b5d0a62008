//! Brings a backup in an object store to what is durable of a ledger.

use std::collections::BTreeSet;

use ledger::{
    Access, BackedUp, BackupError, DurableSegment, FrameCursor, LedgerError, LedgerReader, Storage, StorageError,
};

use crate::error::ObjectsError;
use crate::manifest::Manifest;
use crate::place::{Found, ObjectPlace};

/// After so many segments a first backup, or one after a long time, is one that can be restored, and is gone on from.
const SEGMENTS_A_MANIFEST: usize = 16;

/// Sends what is new: full segments once, the one that is written anew each time, and the manifest last. What the ledger has
/// appended since the reader was looked at is not in it. Tells how many bytes of how many are sent.
///
/// # Errors
/// If the place holds a backup of another ledger, or another one is written there at the same time; if the ledger cannot be
/// read, or the store fails. Then the backup before stands, or one that is longer.
pub fn ship(
    ledger: &LedgerReader,
    storage: &dyn Storage,
    to: &ObjectPlace,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<BackedUp, ObjectsError> {
    let run = format!("{:016x}", rand::random::<u64>());
    let (mut manifest, mut version) = match to.manifest()? {
        Some(Found { manifest, version }) => (manifest, Some(version)),
        None => (Manifest::empty(&run), None),
    };
    let (before, end) = (manifest.end, ledger.end());
    if !ledger.holds(&before)? {
        return Err(BackupError::AnotherLedger { position: before.position() }.into());
    }
    let objects = to.objects()?;
    let wanted = wanted(ledger, &end, &manifest, |object, bytes| objects.get(object) == Some(&bytes))?;
    let mut done = BackedUp { before, end, segments_copied: 0, bytes_copied: 0 };
    if wanted.is_empty() && before == end && version.is_some() {
        return Ok(done);
    }
    let mut named: BTreeSet<String> = manifest.segments.iter().map(|(_, object)| object.clone()).collect();
    named.extend(objects.into_keys());
    let total = wanted.iter().map(|segment| segment.bytes).sum();
    manifest.run = run;
    manifest.ledger_format = ledger.format()?;
    if mutants::mutant!("manifest-before-its-segments") && !wanted.is_empty() {
        manifest.end = end;
        version = Some(to.replace_manifest(&manifest, version)?);
    }
    for (at, segment) in wanted.iter().enumerate() {
        let object = format!("{}.{}", segment.file_name(), manifest.run);
        let name = segment.file_name();
        let file = storage.open(&name, Access::Read).map_err(LedgerError::from)?;
        let missing = || LedgerError::from(StorageError::new("open", &name, std::io::ErrorKind::NotFound.into()));
        let file = file.ok_or_else(missing)?;
        to.send(&object, &*file, segment.bytes, &mut |bytes| {
            done.bytes_copied += bytes;
            progress(done.bytes_copied, total);
        })?;
        manifest.put(*segment, object);
        done.segments_copied += 1;
        let next = wanted.get(at + 1);
        // Up to the next segment it is a backup by itself.
        if (at + 1) % SEGMENTS_A_MANIFEST == 0
            && let Some(next) =
                next.filter(|next| next.number == segment.number + 1 && segment.number >= before.segment())
        {
            manifest.end = next.start;
            version = Some(to.replace_manifest(&manifest, version)?);
        }
    }
    manifest.end = end;
    to.replace_manifest(&manifest, version)?;
    // NOTE: only now, and only what was there before: who ships at the same time was refused by the manifest just written,
    // and gives its objects other names.
    let kept: BTreeSet<&String> = manifest.segments.iter().map(|(_, object)| object).collect();
    to.remove(&named.into_iter().filter(|object| !kept.contains(object)).collect::<Vec<_>>());
    Ok(done)
}

/// The segments that are not in the store as they are now, by number.
fn wanted(
    ledger: &LedgerReader,
    end: &FrameCursor,
    manifest: &Manifest,
    is_there: impl Fn(&str, u64) -> bool,
) -> Result<Vec<DurableSegment>, ObjectsError> {
    let mut wanted = Vec::new();
    for number in 1..=end.segment() {
        let row = manifest.segment(number);
        // A full segment never changes.
        if let Some((segment, object)) = row
            && number < manifest.end.segment() + u64::from(mutants::mutant!("segment-that-grew-not-shipped"))
            && is_there(object, segment.bytes)
        {
            continue;
        }
        for segment in ledger.durable_segments(end, number, 1)? {
            if row.is_none_or(|(shipped, object)| *shipped != segment || !is_there(object, segment.bytes)) {
                wanted.push(segment);
            }
        }
    }
    Ok(wanted)
}

//! A folder that segments are taken from: the damaged ledger itself, or its copy.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cursor::FrameCursor;
use crate::error::LedgerError;
use crate::segment::{decode_header, parse_segment_name, read_header_bytes};
use crate::segments::is_near;
use crate::storage::{Access, Storage, StorageFile};

pub(super) struct Source {
    storage: Arc<dyn Storage>,
    /// The files by the number that they bear.
    names: BTreeMap<u64, Vec<String>>,
}

impl Source {
    pub(super) fn of(storage: Arc<dyn Storage>) -> Result<Source, LedgerError> {
        let mut names: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        for name in storage.list()? {
            if let Some((number, _)) = parse_segment_name(&name) {
                names.entry(number).or_default().push(name);
            }
        }
        Ok(Source { storage, names })
    }

    /// The highest number that a segment can bear, at least this one if it is not far behind all files. Files behind it are
    /// none of the ledger's.
    pub(super) fn last(&self, marked: u64) -> u64 {
        let marked = if is_near(marked, self.names.len() as u64) { marked } else { 0 };
        let near = |last, number: &u64| is_near(*number, last).then_some(last.max(*number));
        self.names.keys().try_fold(marked, |last, number| near(last, number).ok_or(last)).unwrap_or_else(|last| last)
    }

    /// The file of a segment: the one of this name, else any of its number.
    pub(super) fn file(&self, number: u64, name: &str) -> Result<Option<Arc<dyn StorageFile>>, LedgerError> {
        let names = self.names.get(&number).map_or(&[][..], Vec::as_slice);
        let name = names.iter().find(|found| *found == name).or(names.first());
        Ok(name.map(|name| self.storage.open(name, Access::Read)).transpose()?.flatten())
    }

    /// The bytes of a segment's header, if that is what was written.
    pub(super) fn header(&self, number: u64) -> Result<Option<Vec<u8>>, LedgerError> {
        for name in self.names.get(&number).into_iter().flatten() {
            let Some(file) = self.storage.open(name, Access::Read)? else { continue };
            match read_header_bytes(&*file, number) {
                Ok(bytes) if decode_header(&bytes, number).is_ok() => return Ok(Some(bytes.into_owned())),
                Ok(_) | Err(LedgerError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Whether the header of a segment says that it goes on at a place.
    pub(super) fn goes_on_at(&self, end: &FrameCursor, number: u64) -> Result<bool, LedgerError> {
        let Some(header) = self.header(number)? else { return Ok(false) };
        let start = decode_header(&header, number)?.start;
        Ok(start.position == end.position && start.hash == end.hash)
    }

    /// The names of files that bear a number, but for this one.
    pub(super) fn others(&self, number: u64, name: &str) -> Vec<String> {
        self.names.get(&number).into_iter().flatten().filter(|found| *found != name).cloned().collect()
    }
}

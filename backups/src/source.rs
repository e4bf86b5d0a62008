//! A backup in an object store, as a ledger that can be had from there.

use std::io;

use ledger::{DurableSegment, FrameCursor, LedgerSource, StorageError};

use crate::error::ObjectsError;
use crate::manifest::Manifest;
use crate::place::ObjectPlace;

/// A backup, as its manifest told it when it was opened.
pub struct ObjectSource {
    place: ObjectPlace,
    manifest: Manifest,
    segments: Vec<DurableSegment>,
}

impl ObjectSource {
    /// The backup at a place.
    ///
    /// # Errors
    /// If there is none, its manifest is damaged, or the store fails.
    pub fn open(place: ObjectPlace) -> Result<ObjectSource, ObjectsError> {
        let found = place.manifest()?.ok_or_else(|| ObjectsError::NoBackup { url: place.url().to_owned() })?;
        let manifest = found.manifest;
        let segments = manifest.segments.iter().map(|(segment, _)| *segment).collect();
        Ok(ObjectSource { place, manifest, segments })
    }

    /// The name of a segment's object.
    fn object(&self, segment: &DurableSegment) -> &str {
        self.manifest.segment(segment.number).map_or("", |(_, object)| object.as_str())
    }
}

impl LedgerSource for ObjectSource {
    fn format(&self) -> u32 {
        self.manifest.ledger_format
    }

    fn end(&self) -> FrameCursor {
        self.manifest.end
    }

    fn segments(&self) -> &[DurableSegment] {
        &self.segments
    }

    fn read(&self, segment: &DurableSegment, offset: u64, length: usize) -> Result<Vec<u8>, StorageError> {
        let bytes = self.read_there(segment, offset, length)?;
        if bytes.len() == length {
            return Ok(bytes);
        }
        Err(StorageError::new("read", self.object(segment), io::ErrorKind::UnexpectedEof.into()))
    }

    /// An object that is shorter than its row says gives less.
    fn read_there(&self, segment: &DurableSegment, offset: u64, length: usize) -> Result<Vec<u8>, StorageError> {
        let object = self.object(segment);
        let failed = |error: ObjectsError| StorageError::new("read", object, io::Error::other(error.to_string()));
        Ok(self.place.read(object, offset, length).map_err(failed)?.into())
    }
}

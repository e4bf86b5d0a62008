//! The files of a checkpoint kept along the way, for who copies them to another machine: which they are, and whether a copy is
//! what was written. Nothing is written here.

use std::collections::BTreeSet;
use std::sync::Arc;

use ledger::{Access, Position, StorageError, StorageFile};

use crate::kept::{KeptCheckpoints, MAGIC, name, position_of};
use crate::list::Checkpoint;
use crate::packs::{Pack, name_of, number_of};
use crate::parts::Parts;
use crate::store::CheckpointError;

/// A file of a checkpoint. Another one may have its name later; what has its checksum holds the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointFile {
    /// Its name in the folder of checkpoints.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// BLAKE3: of a file of parts that of its table, which has the names of the parts, each the BLAKE3 of one; of a list that of
    /// what it says.
    pub checksum: [u8; 32],
}

impl CheckpointFile {
    /// Whether a file of a checkpoint may have such a name; no such name leads out of a folder.
    #[must_use]
    pub fn may_be_called(name: &str) -> bool {
        number_of(name).is_some() || position_of(name).is_some()
    }

    /// Whether a file holds this, down to each part.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn is_held_by(&self, file: &Arc<dyn StorageFile>) -> Result<bool, StorageError> {
        if file.len() != self.bytes {
            return Ok(false);
        }
        if let Some(position) = position_of(&self.name) {
            let bytes = file.read(0, file.len() as usize)?;
            let content = bytes.get(MAGIC.len() + self.checksum.len()..).unwrap_or_default();
            let Ok(checkpoint) = Checkpoint::from_kept(content.to_vec(), &self.checksum) else { return Ok(false) };
            let is_there = checkpoint.cursor().is_ok_and(|cursor| cursor.position() == position);
            return Ok(is_there && *bytes == *file_of(&checkpoint));
        }
        let Some(pack) = Pack::of(Arc::clone(file))? else { return Ok(false) };
        Ok(pack.checksum()? == self.checksum && pack.is_whole()?)
    }
}

impl KeptCheckpoints {
    /// The position of the last checkpoint along the way, at or before a position, of which everything is there, and its
    /// files: those of parts by their numbers, and last the list. None where there is none.
    ///
    /// # Errors
    /// If the storage cannot be read.
    pub fn files(&self, upto: Position) -> Result<Option<(Position, Vec<CheckpointFile>)>, CheckpointError> {
        let mut found = self.upto(upto).peekable();
        if found.peek().is_none() {
            return Ok(None);
        }
        let parts = Parts::open(self.storage())?;
        for checkpoint in found {
            let (position, names) = (checkpoint.cursor()?.position(), checkpoint.parts()?);
            let Some(numbers) = names.into_iter().map(|part| parts.pack_of(part)).collect::<Option<BTreeSet<u64>>>()
            else {
                continue;
            };
            let mut files = Vec::with_capacity(numbers.len() + 1);
            for number in numbers {
                let pack = parts.pack(number);
                files.push(CheckpointFile { name: name_of(number), bytes: pack.bytes(), checksum: pack.checksum()? });
            }
            let bytes = file_of(&checkpoint).len() as u64;
            files.push(CheckpointFile { name: name(position), bytes, checksum: checkpoint.checksum() });
            return Ok(Some((position, files)));
        }
        Ok(None)
    }

    /// A file of a checkpoint by its name, to be read: what is open stays readable where it is removed meanwhile. None where
    /// there is none, and of a name that no such file has.
    ///
    /// # Errors
    /// If the storage does not open it.
    pub fn open_file(&self, name: &str) -> Result<Option<Arc<dyn StorageFile>>, StorageError> {
        if CheckpointFile::may_be_called(name) { self.storage().open(name, Access::Read) } else { Ok(None) }
    }
}

/// A list as it is kept along the way.
fn file_of(checkpoint: &Checkpoint) -> Vec<u8> {
    [MAGIC, &checkpoint.checksum()[..], checkpoint.content()].concat()
}

//! Files that parts lie in, some megabytes of them together: written once, whole, and never changed.
//!
//! ```text
//! TRIBPART · u32 parts · each: name (32), u32 bytes here, u32 bytes of the part · BLAKE3 of all before · the parts, zstd
//! ```

use std::io::Read;
use std::sync::Arc;

use ledger::fields::Fields;
use ledger::{Access, Storage, StorageError, StorageFile};

use crate::list::PartName;

const MAGIC: &[u8; 8] = b"TRIBPART";
const ENDING: &str = ".parts";
/// Bytes before the table.
const HEAD_BYTES: usize = 12;
const ENTRY_BYTES: usize = 40;
const CHECKSUM_BYTES: usize = 32;

/// Where a part lies in its pack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    offset: u64,
    length: u32,
    part_length: u32,
}

/// A pack that is being filled.
#[derive(Default)]
pub(crate) struct PackBuilder {
    table: Vec<u8>,
    bytes: Vec<u8>,
}

impl PackBuilder {
    /// Adds a part that is compressed already.
    pub(crate) fn add(&mut self, name: PartName, part_length: usize, compressed: &[u8]) {
        self.table.extend_from_slice(&name.0);
        // Parts are far below what 32 bits count.
        self.table.extend_from_slice(&(compressed.len() as u32).to_le_bytes());
        self.table.extend_from_slice(&(part_length as u32).to_le_bytes());
        self.bytes.extend_from_slice(compressed);
    }

    /// Bytes of the parts so far.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The whole file; what comes next is of another one.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let PackBuilder { table, bytes } = std::mem::take(self);
        let count = (table.len() / ENTRY_BYTES) as u32;
        let mut file = Vec::with_capacity(HEAD_BYTES + table.len() + CHECKSUM_BYTES + bytes.len());
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&count.to_le_bytes());
        file.extend_from_slice(&table);
        let checksum = *blake3::hash(&file).as_bytes();
        file.extend_from_slice(&checksum);
        file.extend_from_slice(&bytes);
        file
    }
}

/// A pack that is kept. What is read of it is there even where its name is removed meanwhile.
pub(crate) struct Pack {
    file: Arc<dyn StorageFile>,
    pub(crate) parts: Vec<(PartName, Place)>,
}

impl Pack {
    /// Opens the pack of a number; none where there is none whose table is what was written.
    pub(crate) fn open(storage: &dyn Storage, number: u64) -> Result<Option<Pack>, StorageError> {
        let Some(file) = storage.open(&name_of(number), Access::Read)? else { return Ok(None) };
        Pack::of(file)
    }

    /// The pack that a file is; none where its table is not what was written.
    pub(crate) fn of(file: Arc<dyn StorageFile>) -> Result<Option<Pack>, StorageError> {
        let parts = read_table(&*file)?;
        Ok(parts.map(|parts| Pack { file, parts }))
    }

    /// The checksum of its table.
    pub(crate) fn checksum(&self) -> Result<[u8; CHECKSUM_BYTES], StorageError> {
        let table_end = HEAD_BYTES + self.parts.len() * ENTRY_BYTES;
        let mut checksum = [0; CHECKSUM_BYTES];
        checksum.copy_from_slice(&self.file.read(table_end as u64, CHECKSUM_BYTES)?);
        Ok(checksum)
    }

    /// Whether each part in it is what its name says.
    pub(crate) fn is_whole(&self) -> Result<bool, StorageError> {
        for (name, place) in &self.parts {
            if self.part(*name, *place)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Bytes of the whole file.
    pub(crate) fn bytes(&self) -> u64 {
        self.file.len()
    }

    /// Whether its name still leads to it.
    pub(crate) fn is_in_place(&self) -> bool {
        self.file.check_in_place().is_ok()
    }

    /// A part as it lies here, compressed.
    pub(crate) fn compressed(&self, place: Place) -> Result<Vec<u8>, StorageError> {
        self.file.read(place.offset, place.length as usize).map(std::borrow::Cow::into_owned)
    }

    /// A part; none where it is not what its name says.
    pub(crate) fn part(&self, name: PartName, place: Place) -> Result<Option<Vec<u8>>, StorageError> {
        let compressed = self.file.read(place.offset, place.length as usize)?;
        let part = decompressed(&compressed, place.part_length);
        Ok(part.filter(|part| PartName::of(part) == name || mutants::mutant!("part-of-a-checkpoint-not-checked")))
    }
}

/// What a part was before it was compressed. It takes the memory of what is there, not of what a table says.
fn decompressed(compressed: &[u8], length: u32) -> Option<Vec<u8>> {
    let mut part = Vec::new();
    let decoder = zstd::stream::read::Decoder::with_buffer(compressed).ok()?;
    decoder.take(u64::from(length)).read_to_end(&mut part).ok()?;
    Some(part)
}

impl Place {
    /// Bytes it takes in its pack, with its entry of the table.
    pub(crate) fn bytes(self) -> u64 {
        u64::from(self.length) + ENTRY_BYTES as u64
    }

    /// Bytes of the part.
    pub(crate) fn part_length(self) -> usize {
        self.part_length as usize
    }
}

fn read_table(file: &dyn StorageFile) -> Result<Option<Vec<(PartName, Place)>>, StorageError> {
    let has = |bytes: u64| bytes <= file.len();
    if !has(HEAD_BYTES as u64) {
        return Ok(None);
    }
    let head = file.read(0, HEAD_BYTES)?;
    let mut fields = Fields(&head);
    let is_ours = fields.take(MAGIC.len()) == Some(MAGIC);
    let count = fields.u32().unwrap_or_default();
    let table_end = HEAD_BYTES as u64 + u64::from(count) * ENTRY_BYTES as u64;
    let begin = table_end + CHECKSUM_BYTES as u64;
    if !is_ours || !has(begin) {
        return Ok(None);
    }
    let bytes = file.read(0, begin as usize)?;
    let (table, checksum) = bytes.split_at(table_end as usize);
    if blake3::hash(table).as_bytes() != checksum {
        return Ok(None);
    }
    let mut offset = begin;
    let mut parts = Vec::with_capacity(count as usize);
    let mut fields = Fields(&table[HEAD_BYTES..]);
    while let (Some(name), Some(length), Some(part_length)) = (fields.array(), fields.u32(), fields.u32()) {
        parts.push((PartName(name), Place { offset, length, part_length }));
        offset += u64::from(length);
    }
    Ok((offset == file.len()).then_some(parts))
}

/// The name of the file of a number.
pub(crate) fn name_of(number: u64) -> String {
    format!("{number:020}{ENDING}")
}

/// The number of a file, if it is a pack by its name. The last number of all is none's: another has to come behind each.
pub(crate) fn number_of(name: &str) -> Option<u64> {
    let number = name.strip_suffix(ENDING)?.parse().ok()?;
    (name_of(number) == name && number < u64::MAX).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_named_by_its_number_and_other_files_are_none() {
        assert_eq!(number_of(&name_of(12)), Some(12));
        for name in ["12.parts", "+0000000000000000012.parts", "18446744073709551615.parts", "a.parts", ".parts"] {
            assert_eq!(number_of(name), None, "{name}");
        }
    }

    #[test]
    fn a_length_in_a_table_takes_no_memory() {
        let part = vec![7; 1_000];
        let compressed = zstd::bulk::compress(&part, 1).expect("compressed");
        let found = decompressed(&compressed, u32::MAX).expect("a part");
        assert!(found == part && found.capacity() < 100_000);
        assert_eq!(decompressed(&compressed, 10).expect("a part").len(), 10, "which has another name");
        assert_eq!(decompressed(&compressed[..compressed.len() - 1], 1_000), None);
        assert_eq!(decompressed(b"no frame", 1_000), None);
    }
}

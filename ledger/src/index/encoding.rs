//! The index as bytes, for checkpoints: fixed little-endian, columns one after another.
//!
//! ```text
//! u32 version · u64 position
//! u32 accounts · uid u64 … · registered words u64 … · entries of each u32 …, · all entries u64 …
//! u32 names · each: u32 length, bytes, u64 owner (0: none), u32 entries, u64 …
//! u32 entries of the platform · u64 …
//! what is in quarantine
//! ```
//! There is no checksum: whoever keeps a checkpoint guards it whole.

use hashbrown::HashTable;
use schemas::Uid;
use xxhash_rust::xxh3::xxh3_64;

use super::{Index, Name, Stream};
use crate::fields::Fields;
use crate::identity::spread;
use crate::quarantine::Quarantine;

const VERSION: u32 = 2;

/// Why bytes are no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IndexDecodeError {
    /// Written by another version of the program.
    #[error("the index has version {found}, this program reads version {known}")]
    UnknownVersion {
        /// The version found.
        found: u32,
        /// The version this program reads.
        known: u32,
    },
    /// The bytes end early, go on too long or are no text where a name should be.
    #[error("the index is damaged at byte {byte}")]
    Damaged {
        /// Where.
        byte: usize,
    },
}

impl Index {
    /// Appends the index as bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let put = |out: &mut Vec<u8>, words: &[u64]| out.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        out.extend(VERSION.to_le_bytes());
        out.extend(self.position.to_le_bytes());
        out.extend((self.uids.len() as u32).to_le_bytes());
        put(out, &self.uids);
        put(out, &self.registered);
        out.extend(self.accounts.iter().flat_map(|stream| (stream.entries().len() as u32).to_le_bytes()));
        for stream in &self.accounts {
            put(out, stream.entries());
        }
        out.extend((self.names.len() as u32).to_le_bytes());
        for name in &self.names {
            out.extend((name.name.len() as u32).to_le_bytes());
            out.extend(name.name.as_bytes());
            out.extend(name.owner.map_or(0, |uid| uid.0).to_le_bytes());
            out.extend((name.stream.entries().len() as u32).to_le_bytes());
            put(out, name.stream.entries());
        }
        out.extend((self.platform.entries().len() as u32).to_le_bytes());
        put(out, self.platform.entries());
        self.quarantine.encode(out);
    }

    /// Reads what [`Index::encode`] wrote.
    ///
    /// # Errors
    /// If the bytes are of another version or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Index, IndexDecodeError> {
        let mut fields = Fields(bytes);
        let damaged = |fields: &Fields<'_>| IndexDecodeError::Damaged { byte: bytes.len() - fields.0.len() };
        let found = fields.u32().ok_or_else(|| damaged(&fields))?;
        if found != VERSION {
            return Err(IndexDecodeError::UnknownVersion { found, known: VERSION });
        }
        let index = read(&mut fields);
        index.filter(|_| fields.0.is_empty()).ok_or_else(|| damaged(&fields))
    }
}

/// What follows the version.
fn read(fields: &mut Fields<'_>) -> Option<Index> {
    let position = fields.u64()?;
    let account_count = fields.u32()? as usize;
    let uids = words(fields, account_count)?;
    let registered = words(fields, account_count.div_ceil(64))?;
    let counts = fields.take(account_count.checked_mul(size_of::<u32>())?)?;
    let mut accounts = Vec::with_capacity(account_count);
    for count in counts.as_chunks().0 {
        accounts.push(Stream::from_entries(words(fields, u32::from_le_bytes(*count) as usize)?));
    }
    let mut by_uid = HashTable::with_capacity(account_count);
    for (account, uid) in (0u32..).zip(&uids) {
        by_uid.insert_unique(spread(*uid), account, |_| 0);
    }
    let name_count = fields.u32()?;
    let mut names: Vec<Name> = Vec::new();
    let mut by_name = HashTable::with_capacity((name_count as usize).min(fields.0.len()));
    for place in 0..name_count {
        let length = fields.u32()? as usize;
        let name = std::str::from_utf8(fields.take(length)?).ok()?;
        by_name.insert_unique(xxh3_64(name.as_bytes()), place, |_| 0);
        let owner = Some(fields.u64()?).filter(|uid| *uid != 0).map(Uid);
        let count = fields.u32()? as usize;
        names.push(Name { name: name.into(), owner, stream: Stream::from_entries(words(fields, count)?) });
    }
    let platform_count = fields.u32()? as usize;
    let platform = Stream::from_entries(words(fields, platform_count)?);
    let quarantine = Quarantine::read(fields)?;
    let held_bytes = 0;
    let mut index =
        Index { position, uids, accounts, by_uid, registered, names, by_name, platform, held_bytes, quarantine };
    index.held_bytes = index.count_held_bytes();
    Some(index)
}

fn words(fields: &mut Fields<'_>, count: usize) -> Option<Vec<u64>> {
    let words = fields.take(count.checked_mul(size_of::<u64>())?)?.as_chunks();
    Some(words.0.iter().map(|word| u64::from_le_bytes(*word)).collect())
}

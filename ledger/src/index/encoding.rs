//! The index as bytes, for checkpoints: fixed little-endian, columns one after another.
//!
//! ```text
//! u32 version · u64 position
//! u32 accounts · uid u64 … · registered words u64 … · entries of each u32 …, · all entries u64 …
//! u32 names · each: u32 length, bytes, u64 owner (0: none), u32 entries, u64 …
//! u32 entries of the platform · u64 …
//! ```
//! There is no checksum: whoever keeps a checkpoint guards it whole.

use hashbrown::HashTable;
use schemas::Uid;
use xxhash_rust::xxh3::xxh3_64;

use super::{Index, Name, Stream};
use crate::identity::spread;

const VERSION: u32 = 1;

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
    /// The bytes end early, go on too long or contradict themselves.
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
    }

    /// Reads what [`Index::encode`] wrote.
    ///
    /// # Errors
    /// If the bytes are of another version or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Index, IndexDecodeError> {
        let mut rest = Rest { bytes, at: 0 };
        let found = rest.u32()?;
        if found != VERSION {
            return Err(IndexDecodeError::UnknownVersion { found, known: VERSION });
        }
        let position = rest.u64()?;
        let account_count = rest.u32()? as usize;
        let uids = rest.words(account_count)?;
        let registered = rest.words(account_count.div_ceil(64))?;
        let counts = rest.take(account_count * 4)?;
        let mut accounts = Vec::with_capacity(account_count);
        for count in counts.as_chunks::<4>().0 {
            accounts.push(Stream::from_entries(rest.words(u32::from_le_bytes(*count) as usize)?));
        }
        let mut by_uid = HashTable::with_capacity(account_count);
        for (account, uid) in (0u32..).zip(&uids) {
            by_uid.insert_unique(spread(*uid), account, |_| 0);
        }
        let name_count = rest.u32()? as usize;
        let mut names: Vec<Name> = Vec::new();
        let mut by_name = HashTable::with_capacity(name_count.min(bytes.len()));
        for place in 0..name_count as u32 {
            let length = rest.u32()? as usize;
            let at = rest.at;
            let name = std::str::from_utf8(rest.take(length)?).map_err(|_| IndexDecodeError::Damaged { byte: at })?;
            by_name.insert_unique(xxh3_64(name.as_bytes()), place, |_| 0);
            let owner = Some(rest.u64()?).filter(|uid| *uid != 0).map(Uid);
            let count = rest.u32()? as usize;
            names.push(Name { name: name.into(), owner, stream: Stream::from_entries(rest.words(count)?) });
        }
        let platform_count = rest.u32()? as usize;
        let platform = Stream::from_entries(rest.words(platform_count)?);
        if rest.at != bytes.len() {
            return Err(IndexDecodeError::Damaged { byte: rest.at });
        }
        Ok(Index { position, uids, accounts, by_uid, registered, names, by_name, platform })
    }
}

/// What is still to be read.
struct Rest<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], IndexDecodeError> {
        let damaged = IndexDecodeError::Damaged { byte: self.at };
        let taken = self.bytes[self.at..].get(..length).ok_or(damaged)?;
        self.at += length;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, IndexDecodeError> {
        Ok(self.take(4)?.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
    }

    fn u64(&mut self) -> Result<u64, IndexDecodeError> {
        Ok(self.take(8)?.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    fn words(&mut self, count: usize) -> Result<Vec<u64>, IndexDecodeError> {
        Ok(self
            .take(count.saturating_mul(8))?
            .as_chunks::<8>()
            .0
            .iter()
            .map(|word| u64::from_le_bytes(*word))
            .collect())
    }
}

//! The index as bytes, for checkpoints: fixed little-endian, columns one after another.
//!
//! ```text
//! u32 version · u64 position
//! u32 accounts · uid u64 … · what is known of each u8 …
//! u32 names · each: u32 length, bytes, u64 owner (0: none), u32 entries, u128 …
//! u32 entries of the platform · u128 …
//! u64 position up to which it stands on runs, which are not in here
//! u32 layers · each: u64 base, u64 last position, u32 accounts, each u32 account, u32 entries, u64 …
//! what is in quarantine
//! ```
//! There is no checksum: whoever keeps a checkpoint guards it whole.

use std::sync::Arc;

use schemas::Uid;

use super::Index;
use super::accounts::Accounts;
use super::entry::Entry;
use super::layer::{Layer, REACH_MAX};
use super::names::{Name, Names};
use super::stream::Stream;
use crate::event_reader::EventReader;
use crate::fields::Fields;
use crate::position::{AccountId, POSITION_MAX, Position};
use crate::quarantine::Quarantine;
use crate::runs::{RunError, Runs};

const VERSION: u32 = 4;

/// Why bytes are no index.
#[derive(Debug, thiserror::Error)]
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
    /// The runs that it stands on are not there.
    #[error(transparent)]
    Runs(#[from] RunError),
}

impl Index {
    /// Appends the index as bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_u32(out, VERSION);
        put_u64(out, self.position);
        put_u32(out, self.accounts.len() as u32);
        self.accounts.uids().iter().for_each(|uid| put_u64(out, *uid));
        out.extend(self.accounts.facts());
        put_u32(out, self.names.iter().len() as u32);
        for name in self.names.iter() {
            put_u32(out, name.name.len() as u32);
            out.extend(name.name.as_bytes());
            put_u64(out, name.owner.map_or(0, |uid| uid.0));
            put_wide(out, &name.stream);
        }
        put_wide(out, self.names.platform());
        put_u64(out, self.runs.upto());
        put_u32(out, self.layers().count() as u32);
        for layer in self.layers() {
            put_u64(out, layer.base);
            put_u64(out, layer.last);
            put_u32(out, layer.streams().count() as u32);
            for (account, stream) in layer.streams() {
                put_u32(out, account.0);
                put_u32(out, stream.entries().len() as u32);
                stream.entries().iter().for_each(|entry| put_u64(out, *entry));
            }
        }
        self.quarantine.encode(out);
    }

    /// Reads what [`Index::encode`] wrote; the reader has the runs that it stands on.
    ///
    /// # Errors
    /// If the bytes are of another version or damaged, or the runs are not there.
    pub fn decode(bytes: &[u8], reader: &dyn EventReader) -> Result<Index, IndexDecodeError> {
        let mut fields = Fields(bytes);
        let damaged = |fields: &Fields<'_>| IndexDecodeError::Damaged { byte: bytes.len() - fields.0.len() };
        let found = fields.u32().ok_or_else(|| damaged(&fields))?;
        if found != VERSION {
            return Err(IndexDecodeError::UnknownVersion { found, known: VERSION });
        }
        let read = read(&mut fields).filter(|_| fields.0.is_empty());
        let (index, upto) = read.ok_or_else(|| damaged(&fields))?;
        Ok(Index { runs: reader.runs_upto(upto)?, ..index })
    }
}

fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_le_bytes());
}

fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend(value.to_le_bytes());
}

fn put_wide(out: &mut Vec<u8>, stream: &Stream<u128>) {
    put_u32(out, stream.entries().len() as u32);
    out.extend(stream.entries().iter().flat_map(|entry| entry.to_le_bytes()));
}

/// What follows the version, and up to where it stands on runs.
fn read(fields: &mut Fields<'_>) -> Option<(Index, Position)> {
    let position = fields.u64().filter(|position| *position <= POSITION_MAX)?;
    let account_count = fields.u32()? as usize;
    let uids = take_all(fields, account_count, u64::from_le_bytes)?;
    let accounts = Accounts::of(uids, fields.take(account_count)?.to_vec())?;
    let names = read_names(fields)?;
    let upto = fields.u64().filter(|upto| *upto <= position)?;
    let mut layers = Vec::new();
    for _ in 0..fields.u32()? {
        layers.push(read_layer(fields, account_count)?);
    }
    let in_order = layers.is_sorted_by(|before, after| before.last <= after.base);
    let recent = layers.pop().filter(|recent| in_order && recent.last <= position)?;
    let quarantine = Quarantine::read(fields)?;
    let older = layers.into_iter().map(Arc::new).collect();
    let runs = Runs::default();
    let index = Index { position, accounts, names, runs, older, recent, reach_max: REACH_MAX, tried_at: 0, quarantine };
    Some((index, upto))
}

fn read_names(fields: &mut Fields<'_>) -> Option<Names> {
    let mut names = Vec::new();
    for _ in 0..fields.u32()? {
        let length = fields.u32()? as usize;
        let name = std::str::from_utf8(fields.take(length)?).ok()?.into();
        let owner = Some(fields.u64()?).filter(|uid| *uid != 0).map(Uid);
        names.push(Name { name, owner, stream: read_wide(fields)? });
    }
    Some(Names::of(names, read_wide(fields)?))
}

fn read_wide(fields: &mut Fields<'_>) -> Option<Stream<u128>> {
    let count = fields.u32()? as usize;
    Some(Stream::from_entries(take_all(fields, count, u128::from_le_bytes)?))
}

fn read_layer(fields: &mut Fields<'_>, account_count: usize) -> Option<Layer> {
    let base = fields.u64()?;
    let mut layer = Layer::new(base);
    layer.last = fields.u64()?;
    let reach = layer.last.checked_sub(base).filter(|reach| *reach <= REACH_MAX)?;
    for _ in 0..fields.u32()? {
        let account = AccountId(fields.u32().filter(|account| (*account as usize) < account_count)?);
        let count = fields.u32()? as usize;
        let entries = take_all(fields, count, u64::from_le_bytes)?;
        let within = entries.iter().all(|entry| (1..=reach).contains(&entry.place()));
        layer.set(account, Some(Stream::from_entries(entries)).filter(|_| within)?);
    }
    Some(layer)
}

/// So many integers of the same kind.
fn take_all<T, const BYTES: usize>(
    fields: &mut Fields<'_>,
    count: usize,
    of: impl Fn([u8; BYTES]) -> T,
) -> Option<Vec<T>> {
    let bytes = fields.take(count.checked_mul(BYTES)?)?.as_chunks();
    Some(bytes.0.iter().map(|bytes| of(*bytes)).collect())
}

//! An index made again from its parts, one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemas::Uid;

use super::Index;
use super::accounts::Accounts;
use super::encoding::{Kind, VERSION};
use super::entry::Entry;
use super::layer::{Layer, REACH_MAX};
use super::names::{Name, Names};
use super::stream::Stream;
use crate::deeds::Deeds;
use crate::event_reader::EventReader;
use crate::fields::Fields;
use crate::position::{AccountId, POSITION_MAX, Position};
use crate::quarantine::Quarantine;
use crate::runs::{RunError, Runs};

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
    #[error("part {part} of the index is damaged")]
    Damaged {
        /// Which, counted from 1; the one behind the last where some are missing.
        part: u64,
    },
    /// The runs that it stands on are not there.
    #[error(transparent)]
    Runs(#[from] RunError),
}

/// Takes the parts that [`Index::write_parts`] gave, in the same order.
#[derive(Default)]
pub struct IndexReader {
    parts: u64,
    uids: Vec<u64>,
    known: Vec<u8>,
    names: Vec<Name>,
    platform: Vec<u128>,
    layers: Vec<LayerReader>,
    quarantine: Quarantine,
    deeds: Deeds,
    head: Option<Head>,
}

/// A layer whose accounts are being read.
struct LayerReader {
    layer: Layer,
    /// The highest place among its entries.
    reach: u64,
    /// Full blocks of accounts, several perhaps, whose other entries come with their group's.
    blocks: BTreeMap<AccountId, Vec<u64>>,
    /// The first account whose entries may come next: each comes once.
    next: u64,
}

/// What the last part says of the others.
struct Head {
    position: Position,
    runs_upto: Position,
    /// Where each layer begins, and the last position that it reaches.
    layers: Vec<(Position, Position)>,
}

impl IndexReader {
    /// Before the first part.
    #[must_use]
    pub fn new() -> IndexReader {
        IndexReader::default()
    }

    /// Reads the next part.
    ///
    /// # Errors
    /// If it is of another version, or not what was written next.
    pub fn part(&mut self, bytes: &[u8]) -> Result<(), IndexDecodeError> {
        self.parts += 1;
        let damaged = IndexDecodeError::Damaged { part: self.parts };
        let mut fields = Fields(bytes);
        let kind = fields.u8().and_then(Kind::of).filter(|_| self.head.is_none());
        if kind == Some(Kind::Head) {
            match fields.u32() {
                Some(VERSION) => {}
                Some(found) => return Err(IndexDecodeError::UnknownVersion { found, known: VERSION }),
                None => return Err(damaged),
            }
        }
        let read = kind.and_then(|kind| self.read(kind, &mut fields));
        if read.is_some() && fields.0.is_empty() { Ok(()) } else { Err(damaged) }
    }

    fn read(&mut self, kind: Kind, fields: &mut Fields<'_>) -> Option<()> {
        match kind {
            Kind::Uids => read_rows(&mut self.uids, fields, |fields| fields.u64()),
            Kind::Known => {
                let count = count_after(fields, self.known.len())?;
                self.known.extend_from_slice(fields.take(count)?);
                Some(())
            }
            Kind::Names => read_rows(&mut self.names, fields, read_name),
            Kind::Platform => read_rows(&mut self.platform, fields, |fields| fields.array().map(u128::from_le_bytes)),
            Kind::Block => self.layer(fields)?.read_block(fields),
            Kind::Accounts => {
                let accounts = self.uids.len();
                self.layer(fields)?.read_accounts(accounts, fields)
            }
            Kind::Quarantine => self.quarantine.read(fields),
            Kind::Deeds => self.deeds.read(fields),
            Kind::Head => {
                self.head = Some(self.read_head(fields)?);
                Some(())
            }
        }
    }

    /// The layer that a part is of: the last one, or the next.
    fn layer(&mut self, fields: &mut Fields<'_>) -> Option<&mut LayerReader> {
        let base = fields.u64()?;
        if self.layers.last().is_none_or(|last| last.layer.base < base) {
            self.layers.push(LayerReader::new(base));
        }
        self.layers.last_mut().filter(|last| last.layer.base == base)
    }

    fn read_head(&self, fields: &mut Fields<'_>) -> Option<Head> {
        let position = fields.u64().filter(|position| *position <= POSITION_MAX)?;
        let runs_upto = fields.u64().filter(|upto| *upto <= position)?;
        let counts = [self.uids.len(), self.names.len(), self.platform.len()];
        let are_all =
            counts.iter().try_fold(true, |are_all, count| Some(are_all & (fields.varint()? == *count as u64)));
        let layers = (0..fields.count()?).map(|_| Some((fields.u64()?, fields.u64()?)));
        let layers = layers.collect::<Option<Vec<_>>>()?;
        (are_all? && self.known.len() == self.uids.len()).then_some(Head { position, runs_upto, layers })
    }

    /// The index; the reader has the runs that it stands on.
    ///
    /// # Errors
    /// If parts are missing, or the runs are not there.
    pub fn finish(self, reader: &dyn EventReader) -> Result<Index, IndexDecodeError> {
        let damaged = IndexDecodeError::Damaged { part: self.parts + 1 };
        let Some((index, runs_upto)) = self.made() else { return Err(damaged) };
        Ok(Index { runs: reader.runs_upto(runs_upto)?, ..index })
    }

    /// The index without its runs, and up to where it stands on them.
    fn made(self) -> Option<(Index, Position)> {
        let IndexReader { uids, known, names, platform, layers: read, quarantine, deeds, head, .. } = self;
        let Head { position, runs_upto, layers: told } = head?;
        let mut read = read.into_iter().peekable();
        let mut layers = Vec::with_capacity(told.len());
        for (base, last) in told {
            // One without entries has no part.
            let found = read.next_if(|read| read.layer.base == base);
            let mut found = found.unwrap_or_else(|| LayerReader::new(base));
            let reach = last.checked_sub(base).filter(|reach| (found.reach..=REACH_MAX).contains(reach));
            reach.filter(|_| found.blocks.is_empty())?;
            found.layer.last = last;
            layers.push(found.layer);
        }
        let in_order = layers.is_sorted_by(|before, after| before.last <= after.base) && read.next().is_none();
        let recent = layers.pop().filter(|recent| in_order && recent.last <= position)?;
        let index = Index {
            position,
            accounts: Accounts::of(&uids, &known)?,
            names: Names::of(names, Stream::from_entries(platform)),
            runs: Runs::default(),
            older: layers.into_iter().map(Arc::new).collect(),
            recent,
            reach_max: REACH_MAX,
            tried_at: 0,
            quarantine,
            deeds,
        };
        Some((index, runs_upto))
    }
}

impl LayerReader {
    fn new(base: Position) -> LayerReader {
        LayerReader { layer: Layer::new(base), reach: 0, blocks: BTreeMap::new(), next: 0 }
    }

    fn read_block(&mut self, fields: &mut Fields<'_>) -> Option<()> {
        let account = AccountId(u32::try_from(fields.varint()?).ok()?);
        let reach = read_entries(self.blocks.entry(account).or_default(), fields)?;
        self.reach = self.reach.max(reach);
        Some(())
    }

    fn read_accounts(&mut self, accounts: usize, fields: &mut Fields<'_>) -> Option<()> {
        let mut account = 0u64;
        for _ in 0..fields.count()? {
            account = account.checked_add(fields.varint()?)?;
            (self.next..accounts as u64).contains(&account).then(|| self.next = account + 1)?;
            let of = AccountId(account as u32);
            let mut entries = self.blocks.remove(&of).unwrap_or_default();
            let reach = read_entries(&mut entries, fields)?;
            self.reach = self.reach.max(reach);
            self.layer.set(of, Stream::from_entries(entries));
        }
        Some(())
    }
}

/// How many rows follow, where they begin behind those that were read.
fn count_after(fields: &mut Fields<'_>, read: usize) -> Option<usize> {
    (fields.varint()? == read as u64).then(|| fields.count())?
}

/// Adds rows behind those that were read.
fn read_rows<T>(rows: &mut Vec<T>, fields: &mut Fields<'_>, read: impl Fn(&mut Fields<'_>) -> Option<T>) -> Option<()> {
    for _ in 0..count_after(fields, rows.len())? {
        rows.push(read(fields)?);
    }
    Some(())
}

fn read_name(fields: &mut Fields<'_>) -> Option<Name> {
    let name = fields.text()?.into();
    let owner = Some(fields.u64()?).filter(|uid| *uid != 0).map(Uid);
    let entries = (0..fields.count()?).map(|_| fields.array().map(u128::from_le_bytes));
    Some(Name { name, owner, stream: Stream::from_entries(entries.collect::<Option<Vec<_>>>()?) })
}

/// Adds entries behind those that were read. Gives the highest place of them.
fn read_entries(entries: &mut Vec<u64>, fields: &mut Fields<'_>) -> Option<u64> {
    let count = count_after(fields, entries.len())?;
    let first = entries.len();
    let mut place = 0u64;
    for _ in 0..count {
        place = place.checked_add(fields.varint()?).filter(|place| (1..=REACH_MAX).contains(place))?;
        entries.push(place);
    }
    for entry in &mut entries[first..] {
        *entry = u64::new(fields.u32()?, *entry);
    }
    Some(place)
}

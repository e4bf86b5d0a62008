//! Checkpoints as they are kept: their parts, each once, and the lists of those along the way, so that a state as of an
//! earlier position costs one interval of replay at most.
//!
//! All are files behind the ledger's storage port: there whole or not at all, readable beside the daemon that writes them.
//! The list of the last checkpoint lies elsewhere, behind [`CheckpointStore`]; its parts are here. Parts are written
//! first and lists last; what no list names any more is removed after that. So a crash leaves the checkpoints of before.
//!
//! They are never the truth: one in doubt is passed over, and an earlier one or the beginning taken. The number of those
//! along the way is bounded: as the ledger grows, the interval doubles and every second one is removed.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{EventReader, FrameCursor, LedgerReader, Position, Storage, StorageError};
use parking_lot::Mutex;
use projections::{State, StateReader};

use crate::list::{Checkpoint, PartName};
use crate::parts::{Filling, Parts};
use crate::store::{CheckpointError, CheckpointStore};

pub(crate) const MAGIC: &[u8; 8] = b"TRIBLIST";
const CHECKSUM_BYTES: usize = 32;
const ENDING: &str = ".checkpoint";

/// When checkpoints are kept along the way, and how many at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepPolicy {
    /// Entries between two of them, as long as there are no more than `count`; then twice as many, and so on.
    pub interval: u64,
    /// How many are kept at most.
    pub count: u64,
}

impl Default for KeepPolicy {
    fn default() -> Self {
        KeepPolicy { interval: 5_000_000, count: 16 }
    }
}

impl KeepPolicy {
    /// None along the way: the last one alone.
    pub const NONE: KeepPolicy = KeepPolicy { interval: 1, count: 0 };

    /// The interval at a position, at least 1.
    fn interval_at(&self, position: Position) -> u64 {
        let mut interval = self.interval.max(1);
        while position / interval > self.count {
            interval = interval.saturating_mul(2);
        }
        interval
    }
}

/// A folder of checkpoints' parts, and of those along the way, each of another position.
pub struct KeptCheckpoints {
    storage: Arc<dyn Storage>,
    policy: KeepPolicy,
    /// The position of the last one along the way that is there, as far as this process knows.
    last_along: AtomicU64,
    writing: Mutex<Writing>,
    /// Parts that were read and are not what they were.
    damaged: Mutex<HashSet<PartName>>,
}

/// What only the one who writes knows.
#[derive(Default)]
struct Writing {
    /// What is kept; looked at when the first one is written.
    parts: Option<Parts>,
    /// The last checkpoint, of which the list lies elsewhere.
    last: Option<Checkpoint>,
    use_of_disk: DiskUse,
}

/// Bytes on disk that checkpoints took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskUse {
    /// Written by this process so far.
    pub written: u64,
    /// There are: parts, each once, and lists. What the store of the last list takes besides is not among them.
    pub kept: u64,
}

impl KeptCheckpoints {
    /// The checkpoints that are kept, or will be, in a storage of their own. Nothing is written before the first one is.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>, policy: KeepPolicy) -> KeptCheckpoints {
        let kept = KeptCheckpoints {
            storage,
            policy,
            last_along: AtomicU64::new(0),
            writing: Mutex::default(),
            damaged: Mutex::default(),
        };
        let last = kept.upto(Position::MAX).next().and_then(|checkpoint| checkpoint.cursor().ok());
        kept.last_along.store(last.map_or(0, |cursor| cursor.position()), Ordering::Relaxed);
        kept
    }

    /// The positions of those along the way, ascending.
    ///
    /// # Errors
    /// If the storage does not list them.
    pub fn positions(&self) -> Result<Vec<Position>, StorageError> {
        let names = self.storage.list()?;
        let mut positions: Vec<Position> = names.iter().filter_map(|name| position_of(name)).collect();
        positions.sort_unstable();
        Ok(positions)
    }

    /// Whether a checkpoint should be kept along the way at a position: none was in this interval.
    #[must_use]
    pub fn is_due(&self, position: Position) -> bool {
        let interval = self.policy.interval_at(position);
        position / interval > self.last_along.load(Ordering::Relaxed) / interval
    }

    /// Writes those parts of a state's content that are not kept yet, and syncs them. What is given is a checkpoint once it
    /// is kept, as the last one or along the way.
    ///
    /// # Errors
    /// If the storage does not keep them.
    pub fn write(&self, state: &State, cursor: &FrameCursor) -> Result<Checkpoint, CheckpointError> {
        let storage = &*self.storage;
        let writing = &mut *self.writing.lock();
        // Whoever removed it beside the daemon has removed no truth: all parts are written anew.
        storage.make_folder_again()?;
        let parts = match &mut writing.parts {
            Some(parts) => parts,
            unknown @ None => unknown.insert(Parts::open(storage)?),
        };
        parts.forget_what_is_gone();
        parts.distrust(self.damaged.lock().drain());
        let mut names = Vec::new();
        let mut filling = Filling::new(storage, parts)?;
        state.write_parts(&mut |part| {
            names.push(filling.keep(part)?);
            Ok::<(), CheckpointError>(())
        })?;
        writing.use_of_disk.written += filling.finish()?;
        Ok(Checkpoint::of(cursor, &names))
    }

    /// Keeps what was written as the last one, its list in a store of its own.
    ///
    /// # Errors
    /// If the store says no: then the one before still is the last.
    pub fn keep_last(&self, checkpoint: &Checkpoint, store: &mut dyn CheckpointStore) -> Result<(), CheckpointError> {
        store.save(checkpoint)?;
        let writing = &mut *self.writing.lock();
        writing.use_of_disk.written += checkpoint.content().len() as u64;
        writing.last = Some(checkpoint.clone());
        Ok(())
    }

    /// This is the last one, as its store has it: its parts are not removed.
    pub fn note_last(&self, checkpoint: &Checkpoint) {
        self.writing.lock().last = Some(checkpoint.clone());
    }

    /// Keeps what was written along the way, and removes the lists that became too many.
    ///
    /// # Errors
    /// If the storage does not keep it, or the checkpoint does not say where it belongs.
    pub fn keep(&self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let position = checkpoint.cursor()?.position();
        let bytes = [MAGIC, &checkpoint.checksum()[..], checkpoint.content()].concat();
        self.storage.replace(&name(position), &bytes)?;
        self.last_along.fetch_max(position, Ordering::Relaxed);
        self.writing.lock().use_of_disk.written += bytes.len() as u64;
        self.thin(position)
    }

    /// Leaves one of each interval, as long as the interval is at the last position, and none that cannot be read.
    fn thin(&self, last: Position) -> Result<(), CheckpointError> {
        let interval = self.policy.interval_at(last);
        let mut before = 0;
        for position in self.positions()? {
            if position / interval == before || self.load(position).is_err() {
                self.storage.remove(&name(position))?;
            } else {
                before = position / interval;
            }
        }
        Ok(self.storage.sync_names()?)
    }

    /// Removes the parts that no list names any more. To be called when lists were kept.
    ///
    /// # Errors
    /// If the storage does not do it; what is left is removed the next time.
    pub fn sweep(&self) -> Result<(), CheckpointError> {
        let writing = &mut *self.writing.lock();
        let Some(parts) = &mut writing.parts else { return Ok(()) };
        let (mut named, mut lists) = (HashSet::new(), 0);
        for checkpoint in self
            .upto(Position::MAX)
            .chain(writing.last.clone().filter(|_| !mutants::mutant!("parts-of-the-last-checkpoint-swept")))
        {
            named.extend(checkpoint.parts()?);
            lists += checkpoint.content().len() as u64;
        }
        writing.use_of_disk.written += parts.sweep(&*self.storage, &named)?;
        writing.use_of_disk.kept = parts.bytes() + lists;
        Ok(())
    }

    /// Bytes on disk, as they were when parts were swept last.
    #[must_use]
    pub fn disk_use(&self) -> DiskUse {
        self.writing.lock().use_of_disk
    }

    /// The last one kept along the way at or before a position; none where there is none whose list can be read.
    #[must_use]
    pub fn last_upto(&self, upto: Position) -> Option<Checkpoint> {
        self.upto(upto).next()
    }

    /// The state of the last one kept along the way at or before a position, and its place in the ledger; an empty state
    /// at the beginning where there is none that can be trusted.
    #[must_use]
    pub fn restore(&self, upto: Position, reader: &LedgerReader) -> (State, FrameCursor) {
        let is_of_ledger =
            |checkpoint: &Checkpoint| checkpoint.cursor().is_ok_and(|place| reader.holds(&place).unwrap_or(false));
        let mut trusted = self.upto(upto).filter(is_of_ledger);
        let restored = trusted.find_map(|checkpoint| self.restore_from(&checkpoint, reader).ok());
        restored.unwrap_or_else(|| (State::new(), FrameCursor::START))
    }

    /// The state of a checkpoint, and the place in the ledger from where to go on. One part is in memory at a time.
    ///
    /// # Errors
    /// If the list is of another version or makes no sense, a part is missing or damaged, or the ledger does not hold
    /// what they point to.
    pub fn restore_from(
        &self,
        checkpoint: &Checkpoint,
        reader: &dyn EventReader,
    ) -> Result<(State, FrameCursor), CheckpointError> {
        let (cursor, names) = (checkpoint.cursor()?, checkpoint.parts()?);
        // What is open stays readable, also where a daemon beside removes it meanwhile.
        let parts = Parts::open(&*self.storage)?;
        let mut state = StateReader::new();
        for name in names {
            let part = parts.read(name).inspect_err(|_| {
                self.damaged.lock().insert(name);
            })?;
            state.part(&part)?;
        }
        let state = state.finish(reader)?;
        if state.position() == cursor.position() || mutants::mutant!("checkpoint-of-another-position-used") {
            Ok((state, cursor))
        } else {
            Err(CheckpointError::Place)
        }
    }

    /// Where they are.
    pub(crate) fn storage(&self) -> &dyn Storage {
        &*self.storage
    }

    /// Those along the way at or before a position whose lists can be read, the last first.
    pub(crate) fn upto(&self, upto: Position) -> impl Iterator<Item = Checkpoint> + '_ {
        let mut positions = self.positions().unwrap_or_default();
        positions.retain(|position| *position <= upto);
        positions.into_iter().rev().filter_map(|position| self.load(position).ok())
    }

    fn load(&self, position: Position) -> Result<Checkpoint, CheckpointError> {
        let bytes = self.storage.contents(&name(position))?.unwrap_or_default();
        let rest = bytes.strip_prefix(MAGIC).ok_or(CheckpointError::Checksum)?;
        let (checksum, content) = rest.split_at_checked(CHECKSUM_BYTES).ok_or(CheckpointError::Checksum)?;
        let checkpoint = Checkpoint::from_kept(content.to_vec(), checksum)?;
        if checkpoint.cursor()?.position() == position { Ok(checkpoint) } else { Err(CheckpointError::Checksum) }
    }
}

/// The name of the list of a position.
pub(crate) fn name(position: Position) -> String {
    format!("{position:020}{ENDING}")
}

/// The position of a checkpoint, if a file is one by its name: files of others are left alone.
pub(crate) fn position_of(file: &str) -> Option<Position> {
    let position = file.strip_suffix(ENDING)?.parse().ok()?;
    (name(position) == file).then_some(position)
}

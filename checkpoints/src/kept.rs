//! Checkpoints kept along the way, so that a state as of an earlier position costs one interval of replay at most.
//!
//! Each is a file of its own behind the ledger's storage port: there whole or not at all, readable beside the daemon
//! that writes them. They are never the truth: one in doubt is passed over, and an earlier one or the beginning
//! taken.
//!
//! Their number is bounded: as the ledger grows, the interval doubles and every second one is removed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{FrameCursor, LedgerReader, Position, Storage, StorageError};
use projections::State;

use crate::store::{Checkpoint, CheckpointError};

const MAGIC: &[u8; 8] = b"TRIBKEPT";
const CHECKSUM_BYTES: usize = 32;
const ENDING: &str = ".checkpoint";
/// Fast rather than small: most of a checkpoint are fingerprints, which do not compress.
const COMPRESSION_LEVEL: i32 = 1;

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
    /// The interval at a position, at least 1.
    fn interval_at(&self, position: Position) -> u64 {
        let mut interval = self.interval.max(1);
        while position / interval > self.count {
            interval = interval.saturating_mul(2);
        }
        interval
    }
}

/// A folder of checkpoints, each of another position.
pub struct KeptCheckpoints {
    storage: Arc<dyn Storage>,
    policy: KeepPolicy,
    /// The position of the last one that is there, as far as this process knows.
    last: AtomicU64,
}

impl KeptCheckpoints {
    /// The checkpoints that are kept, or will be, in a storage of their own.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>, policy: KeepPolicy) -> KeptCheckpoints {
        let kept = KeptCheckpoints { storage, policy, last: AtomicU64::new(0) };
        let last = kept.positions().unwrap_or_default().last().copied().unwrap_or(0);
        kept.last.store(last, Ordering::Relaxed);
        kept
    }

    /// The positions of those that are there, ascending.
    ///
    /// # Errors
    /// If the storage does not list them.
    pub fn positions(&self) -> Result<Vec<Position>, StorageError> {
        let names = self.storage.list()?;
        let mut positions: Vec<Position> =
            names.iter().filter_map(|name| name.strip_suffix(ENDING)?.parse().ok()).collect();
        positions.sort_unstable();
        Ok(positions)
    }

    /// Whether a checkpoint should be kept at a position: none was in this interval.
    #[must_use]
    pub fn is_due(&self, position: Position) -> bool {
        let interval = self.policy.interval_at(position);
        position / interval > self.last.load(Ordering::Relaxed) / interval
    }

    /// Keeps a checkpoint at its position, and removes those that became too many.
    ///
    /// # Errors
    /// If the storage does not keep it, or the checkpoint does not say where it belongs.
    pub fn keep(&self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let position = checkpoint.cursor()?.position();
        let compressed = zstd::encode_all(checkpoint.content(), COMPRESSION_LEVEL)
            .map_err(|error| CheckpointError::Store { detail: error.to_string() })?;
        let bytes = [MAGIC, &checkpoint.checksum()[..], &compressed].concat();
        self.storage.replace(&name(position), &bytes).map_err(store_error)?;
        self.last.fetch_max(position, Ordering::Relaxed);
        self.thin(position)
    }

    /// Leaves one of each interval, as long as the interval is at the last position.
    fn thin(&self, last: Position) -> Result<(), CheckpointError> {
        let interval = self.policy.interval_at(last);
        let mut before = 0;
        for position in self.positions().map_err(store_error)? {
            if position / interval == before {
                self.storage.remove(&name(position)).map_err(store_error)?;
            }
            before = position / interval;
        }
        self.storage.sync_names().map_err(store_error)
    }

    /// The last one kept at or before a position; none where there is none that can be read.
    #[must_use]
    pub fn last_upto(&self, upto: Position) -> Option<Checkpoint> {
        self.upto(upto).next()
    }

    /// The state of the last one kept at or before a position, and its place in the ledger; an empty state at the
    /// beginning where there is none that can be trusted.
    #[must_use]
    pub fn restore(&self, upto: Position, reader: &LedgerReader) -> (State, FrameCursor) {
        let is_of_ledger =
            |checkpoint: &Checkpoint| checkpoint.cursor().is_ok_and(|place| reader.holds(&place).unwrap_or(false));
        let mut trusted = self.upto(upto).filter(is_of_ledger);
        let restored = trusted.find_map(|checkpoint| checkpoint.restore(reader).ok());
        restored.unwrap_or_else(|| (State::new(), FrameCursor::START))
    }

    /// Those kept at or before a position that can be read, the last first.
    fn upto(&self, upto: Position) -> impl Iterator<Item = Checkpoint> + '_ {
        let mut positions = self.positions().unwrap_or_default();
        positions.retain(|position| *position <= upto);
        positions.into_iter().rev().filter_map(|position| self.load(position).ok())
    }

    fn load(&self, position: Position) -> Result<Checkpoint, CheckpointError> {
        let bytes = self.storage.contents(&name(position)).map_err(store_error)?.unwrap_or_default();
        let rest = bytes.strip_prefix(MAGIC).ok_or(CheckpointError::Checksum)?;
        let (checksum, compressed) = rest.split_at_checked(CHECKSUM_BYTES).ok_or(CheckpointError::Checksum)?;
        let content = zstd::decode_all(compressed).map_err(|_| CheckpointError::Checksum)?;
        let checkpoint = Checkpoint::from_kept(content, checksum)?;
        if checkpoint.cursor()?.position() == position { Ok(checkpoint) } else { Err(CheckpointError::Checksum) }
    }
}

fn name(position: Position) -> String {
    format!("{position:020}{ENDING}")
}

fn store_error(error: StorageError) -> CheckpointError {
    CheckpointError::Store { detail: error.to_string() }
}

//! A run made of what an index holds in memory.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::accounts::Accounts;
use super::entry::Entry;
use super::layer::Layer;
use crate::cursor::FrameCursor;
use crate::position::{AccountId, Position};
use crate::runs::{Plan, Writing, run_hash};
use crate::storage::{Storage, StorageError};

/// What is to be written as a run: the layers of an index, which stay as they are, and whose they are.
pub struct RunDraft {
    /// What stands behind this position,
    pub(super) after: Position,
    /// up to the end of the frame before this place.
    pub(super) end: FrameCursor,
    pub(super) layers: Vec<Arc<Layer>>,
    pub(super) accounts: Accounts,
}

impl RunDraft {
    /// The last position that the run will tell of.
    #[must_use]
    pub fn last(&self) -> Position {
        self.end.position()
    }

    /// Places are counted from here: what it tells of lies behind both. It never lies before that of the run before.
    pub(super) fn origin(&self) -> Position {
        self.layers.first().map_or(self.after, |layer| layer.base.max(self.after))
    }

    /// Writes the run.
    pub(crate) fn write(&self, storage: &dyn Storage, stopping: &AtomicBool) -> Result<(), StorageError> {
        let mut accounts: Vec<(u64, AccountId)> = Vec::new();
        for layer in &self.layers {
            let with_events = layer.streams().filter(|(_, stream)| {
                stream.entries().next_back().is_some_and(|last| layer.base + last.place() > self.after)
            });
            accounts.extend(with_events.map(|(account, _)| (self.accounts.uid(account).0, account)));
        }
        accounts.sort_unstable();
        accounts.dedup();
        let origin = self.origin();
        let mut identities: Vec<(u64, u32)> = Vec::new();
        for (uid, account) in &accounts {
            let events = self.events(*account);
            identities.extend(events.map(|(print, at)| (run_hash(*uid, print), (at - origin) as u32)));
        }
        identities.sort_unstable();
        let plan = Plan {
            after: self.after,
            end: self.end,
            origin,
            events: identities.len() as u64,
            accounts: accounts.len() as u64,
        };
        let mut writing = Writing::begin(storage, stopping, &plan)?;
        for (uid, account) in &accounts {
            writing.account(*uid, self.events(*account).map(|(_, at)| (at - origin) as u32))?;
        }
        for (hash, place) in identities {
            writing.identity(hash, place)?;
        }
        writing.finish()
    }

    /// The events of an account, ascending: fingerprint and position.
    fn events(&self, account: AccountId) -> impl Iterator<Item = (u32, Position)> + '_ {
        let layers = self.layers.iter().filter_map(move |layer| Some((layer.base, layer.stream(account)?)));
        let entries = layers.flat_map(|(base, stream)| stream.entries().map(move |entry| (base, entry)));
        let events = entries.map(|(base, entry)| (entry.fingerprint(), base + entry.place()));
        events.filter(|(_, position)| *position > self.after)
    }
}

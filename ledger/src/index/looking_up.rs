//! Many identities looked up together: in steps, so that the loads of one step do not wait for each other.

use schemas::Uid;

use super::Index;
use super::layer::Layer;
use super::stream::{Busy, Stream, any_has};
use crate::identity::fingerprint;
use crate::position::AccountId;
use crate::runs::{ASKED_TOGETHER, run_hash};

/// So many are looked up together at the most.
pub(crate) const LOOKED_UP_TOGETHER: usize = ASKED_TOGETHER;

/// The account in whose stream an event stands, and the hash of its identity there.
pub(crate) type Asked = (Uid, u64);

impl Index {
    /// Which of these identities, [`LOOKED_UP_TOGETHER`] at the most, an accepted event may have; the others none has. Where
    /// nothing is asked, none is found.
    pub(crate) fn look_up(&self, asked: &[Option<Asked>]) -> [bool; LOOKED_UP_TOGETHER] {
        let mut found = [false; LOOKED_UP_TOGETHER];
        if self.runs.count() > 0 {
            // The account's row is not needed for it.
            let mut hashes = [None; LOOKED_UP_TOGETHER];
            for (in_runs, asked) in hashes.iter_mut().zip(asked) {
                *in_runs = asked.map(|(uid, hash)| run_hash(uid.0, fingerprint(hash)));
            }
            self.runs.look_up(&hashes[..asked.len()], &mut found);
        }
        let mut accounts = [None; LOOKED_UP_TOGETHER];
        for (account, asked) in accounts.iter_mut().zip(asked) {
            *account = asked.and_then(|(uid, hash)| Some((self.account(uid)?, fingerprint(hash))));
        }
        for layer in self.layers().rev() {
            layer.look_up(&accounts, &mut found);
        }
        found
    }
}

impl Layer {
    /// Notes which of these accounts have an event here of the fingerprint that stands with it.
    fn look_up(&self, asked: &[Option<(AccountId, u32)>; LOOKED_UP_TOGETHER], found: &mut [bool; LOOKED_UP_TOGETHER]) {
        let mut parts: [(&[u64], Option<&Busy<u64>>); LOOKED_UP_TOGETHER] = [(&[], None); LOOKED_UP_TOGETHER];
        for (parts, asked) in parts.iter_mut().zip(asked) {
            if let Some((account, _)) = asked
                && let Some(stream) = self.stream(*account)
            {
                *parts = Stream::by_parts(stream);
            }
        }
        for ((found, asked), (_, busy)) in found.iter_mut().zip(asked).zip(&parts) {
            if let (Some((_, mark)), Some(busy)) = (asked, busy) {
                *found |= busy.table_holds(*mark);
            }
        }
        for ((found, asked), (scanned, _)) in found.iter_mut().zip(asked).zip(&parts) {
            if let Some((_, mark)) = asked {
                *found = *found || any_has(scanned, *mark);
            }
        }
    }
}

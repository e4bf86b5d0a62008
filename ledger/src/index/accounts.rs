//! The accounts ever mentioned, by dense number and by uid, with what acceptance needs to know of each in a byte.

use hashbrown::HashTable;
use schemas::Uid;

use crate::identity::spread;
use crate::position::AccountId;

/// A registration of the account was accepted.
pub(super) const REGISTERED: u8 = 1;
/// An event of the account was accepted.
pub(super) const SEEN: u8 = 2;
/// More than one was.
pub(super) const SEEN_AGAIN: u8 = 4;
/// All of them.
const ALL: u8 = REGISTERED | SEEN | SEEN_AGAIN;

/// The accounts, in the order in which they were first mentioned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    uids: Vec<u64>,
    facts: Vec<u8>,
    by_uid: HashTable<u32>,
}

impl Accounts {
    /// From their uids and facts, in their order; none if a fact is not known.
    pub(super) fn of(uids: Vec<u64>, facts: Vec<u8>) -> Option<Accounts> {
        let mut by_uid = HashTable::with_capacity(uids.len());
        for (account, uid) in (0u32..).zip(&uids) {
            by_uid.insert_unique(spread(*uid), account, |_| 0);
        }
        facts.iter().all(|facts| facts & !ALL == 0).then_some(Accounts { uids, facts, by_uid })
    }

    pub(super) fn find(&self, uid: Uid) -> Option<AccountId> {
        let found = self.by_uid.find(spread(uid.0), |account| self.uids[*account as usize] == uid.0);
        found.map(|account| AccountId(*account))
    }

    pub(super) fn intern(&mut self, uid: Uid) -> AccountId {
        if let Some(account) = self.find(uid) {
            return account;
        }
        // Rows of accounts, of which there is one for each, are held in memory: there are fewer than 2^32.
        let account = self.uids.len() as u32;
        self.uids.push(uid.0);
        self.facts.push(0);
        let uids = &self.uids;
        self.by_uid.insert_unique(spread(uid.0), account, |account| spread(uids[*account as usize]));
        AccountId(account)
    }

    pub(crate) fn uid(&self, account: AccountId) -> Uid {
        Uid(self.uids[account.index()])
    }

    pub(super) fn len(&self) -> usize {
        self.uids.len()
    }

    /// Whether something is known of an account.
    pub(super) fn has(&self, account: AccountId, fact: u8) -> bool {
        self.facts[account.index()] & fact != 0
    }

    /// Notes an event of an account.
    pub(super) fn note_event(&mut self, account: AccountId, is_registration: bool) {
        let facts = &mut self.facts[account.index()];
        *facts |= if *facts & SEEN == 0 { SEEN } else { SEEN_AGAIN };
        if is_registration {
            *facts |= REGISTERED;
        }
    }

    pub(super) fn uids(&self) -> &[u64] {
        &self.uids
    }

    pub(super) fn facts(&self) -> &[u8] {
        &self.facts
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.uids.capacity() * 8 + self.facts.capacity() + self.by_uid.allocation_size()
    }
}

//! The accounts ever mentioned, by dense number and by uid, with what acceptance needs to know of each in three bits.

use std::hash::BuildHasher;

use hashbrown::DefaultHashBuilder;
use schemas::Uid;

use crate::column::{Column, NARROW, Table};
use crate::position::AccountId;

/// A registration of the account was accepted.
pub(super) const REGISTERED: u8 = 1;
/// An event of the account was accepted.
pub(super) const SEEN: u8 = 2;
/// More than one was.
pub(super) const SEEN_AGAIN: u8 = 4;
/// All of them.
const ALL: u8 = REGISTERED | SEEN | SEEN_AGAIN;

/// What is held of an account: its uid, which has 53 bits, and above it what is known.
#[derive(Clone, Copy, Debug, Default)]
struct Row(u64);

/// By how many bits what is known lies above the uid.
const FACTS: u32 = 56;

impl Row {
    fn of(uid: Uid, facts: u8) -> Row {
        Row(uid.0 | u64::from(facts) << FACTS)
    }

    fn uid(self) -> Uid {
        Uid(self.0 & Uid::MAX)
    }

    fn facts(self) -> u8 {
        (self.0 >> FACTS) as u8
    }
}

/// The accounts, in the order in which they were first mentioned. Copies share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    rows: Column<Row>,
    by_uid: Table<u32, NARROW>,
    /// Nobody can tell beforehand which uids meet in the table.
    hasher: DefaultHashBuilder,
}

impl Accounts {
    /// From their uids and facts, in their order; none if one is no uid, or a fact is not known.
    pub(super) fn of(uids: &[u64], facts: &[u8]) -> Option<Accounts> {
        let is_known = uids.iter().all(|uid| *uid <= Uid::MAX) && facts.iter().all(|facts| facts & !ALL == 0);
        let rows = uids.iter().zip(facts).map(|(uid, facts)| Row::of(Uid(*uid), *facts));
        let mut accounts =
            Accounts { rows: rows.collect(), by_uid: Table::for_count(uids.len()), ..Accounts::default() };
        for (account, uid) in (0u32..).zip(uids) {
            accounts.note_number(Uid(*uid), account);
        }
        is_known.then_some(accounts)
    }

    pub(super) fn find(&self, uid: Uid) -> Option<AccountId> {
        let is_it = |account: u32| self.rows[account as usize].uid() == uid;
        self.by_uid.find(self.hasher.hash_one(uid), is_it).map(AccountId)
    }

    /// # Panics
    /// If the uid is above [`Uid::MAX`]: no event that was accepted has such a one.
    pub(super) fn intern(&mut self, uid: Uid) -> AccountId {
        if let Some(account) = self.find(uid) {
            return account;
        }
        assert!(uid.0 <= Uid::MAX, "{uid} is no uid");
        // Rows of accounts, of which there is one for each, are held in memory: there are fewer than 2^32.
        let account = self.rows.len() as u32;
        self.rows.push(Row::of(uid, 0));
        self.note_number(uid, account);
        AccountId(account)
    }

    fn note_number(&mut self, uid: Uid, account: u32) {
        let Accounts { rows, by_uid, hasher } = self;
        by_uid.insert(hasher.hash_one(uid), account, |account| hasher.hash_one(rows[account as usize].uid()));
    }

    pub(crate) fn uid(&self, account: AccountId) -> Uid {
        self.rows[account.index()].uid()
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether something is known of an account.
    pub(super) fn has(&self, account: AccountId, fact: u8) -> bool {
        self.rows[account.index()].facts() & fact != 0
    }

    /// Notes an event of an account.
    pub(super) fn note_event(&mut self, account: AccountId, is_registration: bool) {
        let row = self.rows[account.index()];
        let seen = if row.facts() & SEEN == 0 { SEEN } else { SEEN_AGAIN };
        let facts = row.facts() | seen | if is_registration { REGISTERED } else { 0 };
        // Most events tell nothing new: then nothing that a copy shares is copied.
        if facts != row.facts() {
            self.rows[account.index()] = Row::of(row.uid(), facts);
        }
    }

    pub(super) fn uids(&self) -> impl ExactSizeIterator<Item = u64> {
        self.rows.iter().map(|row| row.uid().0)
    }

    pub(super) fn facts(&self) -> impl ExactSizeIterator<Item = u8> {
        self.rows.iter().map(|row| row.facts())
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.rows.memory_bytes() + self.by_uid.memory_bytes()
    }

    /// How many pointers a copy copies.
    pub(super) fn pointers(&self) -> usize {
        self.rows.pointers() + self.by_uid.pointers()
    }

    /// How many chunks are not the same in memory as those of a copy.
    #[cfg(test)]
    pub(super) fn chunks_apart(&self, other: &Accounts) -> usize {
        self.rows.chunks_apart(&other.rows) + self.by_uid.chunks_apart(&other.by_uid)
    }
}

//! The state: everything the answers are made of, as a pure function of the frames applied to it.

use std::collections::BTreeMap;

use ledger::column::{Column, List, Shards, Shared};
use ledger::{
    AccountId, FrameCursor, IdentityMark, Index, LedgerReader, Position, Quarantine, Relieved, RunDraft, Runs, TopicId,
};
use schemas::{Affiliate, Campaign, Offer, Program, Rebate, Timestamp, Uid};

use crate::accounts::AccountRow;
use crate::codes::{Codes, Held};
use crate::counters::Counters;
use crate::event_times::EventTimes;
use crate::firsts::SubAccountFirsts;
use crate::history::History;
use crate::joined::Joined;
use crate::views::AsOf;

/// A digest of an idempotency key or of a command.
pub(crate) type KeyDigest = [u8; 16];

/// All projections of a ledger, up to a position.
///
/// It is held in memory. Facts (what the rates and attributions hang on) keep the ledger position that brought
/// them; sums are kept by code, country and day. Trades themselves stay in the ledger and are read again through
/// an [`ledger::EventReader`] where something late changes what they come to.
///
/// A clone copies pointers, not rows: [`State::pointers`] of them. It stands still while this one goes on, and what is
/// changed of either is copied first, a chunk at a time (`docs/decisions/0017-persistent-state.md`).
#[derive(Clone, Default)]
pub struct State {
    pub(crate) index: Index,
    /// The last position applied; 0 before the first.
    pub(crate) position: Position,
    /// When that entry was recorded.
    pub(crate) recorded_at: Option<Timestamp>,
    /// The latest event time among all entries.
    pub(crate) event_time: Option<Timestamp>,
    /// What that was as of earlier positions.
    pub(crate) event_times: EventTimes,
    /// By dense id; as long as the index has accounts.
    pub(crate) accounts: Column<AccountRow>,
    /// What did not fit into a row's totals.
    pub(crate) wide_totals: Shards<AccountId, [i128; 3]>,
    pub(crate) codes: Codes,
    /// Accounts whose registration names this one as parent.
    pub(crate) children: Shards<AccountId, List<AccountId>>,
    /// The earliest firsts among the sub-accounts of a major account, where one has any.
    pub(crate) sub_account_firsts: Shards<AccountId, SubAccountFirsts>,
    pub(crate) program: History<Program>,
    pub(crate) affiliates: Shards<AccountId, History<Affiliate>>,
    pub(crate) rebates: Shards<AccountId, History<Rebate>>,
    pub(crate) notes: Shards<AccountId, History<Box<str>>>,
    /// Who applied to become an affiliate, and when; the messages stay in the ledger.
    pub(crate) applications: Shards<AccountId, History<()>>,
    pub(crate) offers: Shared<BTreeMap<Box<str>, History<Offer<'static>>>>,
    pub(crate) campaigns: Shared<BTreeMap<Box<str>, History<Campaign<'static>>>>,
    /// Who joined which campaign, at whatever time.
    pub(crate) joins: Shards<Box<str>, Joined>,
    /// The reversals of a trade, by the trade's position.
    pub(crate) reversals: Shards<Position, History<()>>,
    /// Reversals whose trade has not arrived, by account.
    pub(crate) pending_reversals: Shards<AccountId, Vec<PendingReversal>>,
    pub(crate) late: Late,
    pub(crate) counters: Counters,
    /// The entries of the API commands made with an idempotency key, by the key's digest. They are never forgotten: a key
    /// holds for good. A key takes 24 bytes, with the room that the table leaves about 40; which command it was for
    /// stands in the entry's id.
    pub(crate) keyed_commands: Shards<KeyDigest, Position>,
}

/// A reversal whose trade has not arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PendingReversal {
    pub(crate) position: Position,
    /// Of the trade that it names: a trade of the account that has another one is not read the reversal for.
    pub(crate) names: IdentityMark,
}

/// Entries that changed what earlier trades come to, and whose.
///
/// Any other entry posts for its own trade at most, so this is all that must be remembered of postings.
#[derive(Clone, Default)]
pub(crate) struct Late {
    pub(crate) by_position: Shards<Position, List<AccountId>>,
    pub(crate) by_head: Shards<AccountId, List<Position>>,
}

impl Late {
    pub(crate) fn insert(&mut self, position: Position, head: AccountId) {
        self.by_position.entry(position).or_default().push(head);
        self.by_head.entry(head).or_default().push(position);
    }
}

impl State {
    /// The state before the first entry.
    #[must_use]
    pub fn new() -> State {
        State::default()
    }

    /// Identities, registrations and owners of codes, as the ledger's acceptance needs them.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Has the index give events from memory to runs, where it is due. The state stands at the end of a frame, the place
    /// given.
    pub fn relieve(&mut self, reader: &LedgerReader, end: impl FnOnce() -> FrameCursor) {
        reader.relieve(&mut self.index, end);
    }

    /// What the index holds in memory, to be written as a run. The state stands at the end of a frame, the place given.
    pub fn begin_run(&mut self, end: &FrameCursor) -> Option<RunDraft> {
        self.index.begin_run(end)
    }

    /// No runs are to be had: the index is asked again when it holds more in memory.
    pub fn keep_in_memory(&mut self) {
        self.index.keep_in_memory();
    }

    /// Has the index stand on these runs. Gives back what it need not hold in memory any more.
    pub fn adopt_runs(&mut self, runs: Runs) -> Relieved {
        self.index.adopt(runs)
    }

    /// What is in quarantine.
    #[must_use]
    pub fn quarantine(&self) -> &Quarantine {
        self.index.quarantine()
    }

    /// The last position applied; 0 before the first.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// What it reflects: its position, and the latest event time.
    #[must_use]
    pub fn as_of(&self) -> AsOf {
        AsOf { position: self.position, event_time: self.event_time }
    }

    /// How many accounts any event has mentioned.
    #[must_use]
    pub fn account_count(&self) -> usize {
        self.accounts.len()
    }

    /// When the last entry applied was recorded.
    #[must_use]
    pub fn recorded_at(&self) -> Option<Timestamp> {
        self.recorded_at
    }

    /// The dense id of a uid, with its row; a uid only mentioned gets both.
    pub(crate) fn intern(&mut self, uid: Uid) -> AccountId {
        let account = self.index.intern(uid);
        self.ensure_row(account, uid);
        account
    }

    pub(crate) fn ensure_row(&mut self, account: AccountId, uid: Uid) {
        // The index gives ids one by one, so at most one row is missing.
        if self.accounts.len() <= account.index() {
            self.accounts.push(AccountRow::new(uid));
        }
    }

    pub(crate) fn account(&self, account: AccountId) -> &AccountRow {
        #[cfg(test)]
        crate::apply::cost::count_row();
        &self.accounts[account.index()]
    }

    pub(crate) fn account_mut(&mut self, account: AccountId) -> &mut AccountRow {
        &mut self.accounts[account.index()]
    }

    pub(crate) fn uid(&self, account: AccountId) -> Uid {
        self.account(account).uid
    }

    /// The account of a uid, if any event has mentioned it.
    pub(crate) fn find_account(&self, uid: Uid) -> Option<AccountId> {
        self.index.account(uid)
    }

    /// The positions of the entries that facts come from, in no promised order. Reversals are not among them.
    pub(crate) fn fact_positions(&self) -> impl Iterator<Item = Position> + '_ {
        let affiliates = self.affiliates.values().flat_map(|history| history.positions());
        let rebates = self.rebates.values().flat_map(|history| history.positions());
        let notes = self.notes.values().flat_map(|history| history.positions());
        let applications = self.applications.values().flat_map(|history| history.positions());
        let codes = self.codes.iter().flat_map(|(_, row)| row.terms.positions());
        let offers = self.offers.values().flat_map(|history| history.positions());
        let campaigns = self.campaigns.values().flat_map(|history| history.positions());
        let facts = self.program.positions().chain(affiliates).chain(rebates).chain(notes).chain(codes);
        facts.chain(applications).chain(offers).chain(campaigns)
    }

    /// The offset that will be read next of a topic's partition; none where nothing of it was read.
    #[must_use]
    pub fn next_offset(&self, topic: &str, partition: i32) -> Option<i64> {
        self.counters.places.partition(topic, partition).map(|place| place.next_offset)
    }

    /// The XXH3 of the record before that offset; none where it is not known.
    #[must_use]
    pub fn offset_check(&self, topic: &str, partition: i32) -> Option<u64> {
        self.counters.places.partition(topic, partition)?.check
    }

    /// Whether an offset of any partition of a topic is held.
    #[must_use]
    pub fn was_topic_read(&self, topic: &str) -> bool {
        self.counters.places.has_topic(topic)
    }

    /// The id of the topic that those offsets are of; none where it is not known.
    #[must_use]
    pub fn topic_identity(&self, topic: &str) -> Option<TopicId> {
        self.counters.places.topic(topic)
    }

    /// How many pointers to rows a clone copies: one for every 4,096 accounts, codes and event times kept, and those of the
    /// index. All else is a number of pointers that is the same for any state.
    #[must_use]
    pub fn pointers(&self) -> usize {
        self.accounts.pointers() + self.codes.pointers() + self.event_times.times.pointers() + self.index.pointers()
    }

    /// Bytes of memory that the state holds, as far as they can be told.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let memory = self.memory();
        memory.accounts + memory.codes + memory.cells + memory.index
    }

    /// The same, by what holds it. It is counted as it grows, so that to tell it costs the same for any number of
    /// accounts: the metrics are asked for it every few seconds.
    #[must_use]
    pub fn memory(&self) -> MemoryUse {
        let Held { rows, cells, cell_count } = self.codes.held();
        MemoryUse {
            accounts: self.accounts.memory_bytes(),
            codes: rows,
            cells,
            cell_count,
            index: self.index.memory_bytes(),
        }
    }
}

/// Bytes of memory of a state, by what holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryUse {
    /// Rows of accounts.
    pub accounts: usize,
    /// Codes, with the lists of their invitees.
    pub codes: usize,
    /// Cells of a code, country and day.
    pub cells: usize,
    /// How many cells there are.
    pub cell_count: usize,
    /// Identities of all events.
    pub index: usize,
}

//! What acceptance asks of the events read so far: which identities there are, who is registered, who
//! owns a code, what is in quarantine, where deeds lie. About 40 bytes of memory an account, and 8 an event of the last millions; those
//! before stand in runs on disk. Exact for ever (SPEC 1, identity).
//!
//! Of an identity the index keeps 32 bits of its hash; a match is confirmed by reading the event it points
//! to, so a collision costs a read and never an event.

mod accounts;
#[cfg(test)]
mod cost;
mod decoding;
mod draft;
mod encoding;
mod entry;
mod layer;
mod looking_up;
mod names;
mod positions;
mod relief;
#[cfg(test)]
mod sharing;
mod stream;

use std::sync::Arc;

use schemas::{Body, Event, StreamKey, Uid};

use self::accounts::{Accounts, REGISTERED, SEEN, SEEN_AGAIN};
pub use self::decoding::{IndexDecodeError, IndexReader};
pub use self::draft::RunDraft;
use self::entry::Entry;
pub use self::layer::Relieved;
use self::layer::{Layer, REACH_MAX};
pub(crate) use self::looking_up::{Asked, LOOKED_UP_TOGETHER};
use self::names::Names;
use self::positions::Counted;
use self::stream::Stream;
use crate::deeds::{Deeds, DeedsChange};
use crate::event_reader::EventReader;
use crate::frame::Frame;
use crate::identity::{IdentityMark, fingerprint, identity_hash};
use crate::position::{AccountId, POSITION_MAX, Position, ReadError};
use crate::quarantine::Quarantine;
use crate::quarantine::applying::QuarantineChange;
use crate::runs::Runs;

/// The identities, accounts and names of the accepted events, and what is in quarantine: a pure function of the frames
/// in their order.
#[derive(Clone, Debug)]
pub struct Index {
    position: Position,
    accounts: Accounts,
    names: Names,
    /// What accounts did first.
    runs: Runs,
    /// What they did then, in ranges of positions one after another. What the runs tell of too is passed over.
    older: Vec<Arc<Layer>>,
    /// What accounts did last.
    recent: Layer,
    /// How far a layer may reach.
    reach_max: Position,
    /// How many events were in memory when it was last tried in vain to have fewer there.
    tried_at: u64,
    quarantine: Quarantine,
    deeds: Deeds,
}

impl Default for Index {
    fn default() -> Self {
        Index::new()
    }
}

impl Index {
    /// Of no event.
    #[must_use]
    pub fn new() -> Index {
        Index {
            position: 0,
            accounts: Accounts::default(),
            names: Names::default(),
            runs: Runs::default(),
            older: Vec::new(),
            recent: Layer::new(0),
            reach_max: REACH_MAX,
            tried_at: 0,
            quarantine: Quarantine::default(),
            deeds: Deeds::default(),
        }
    }

    /// Where what actors did lies.
    #[must_use]
    pub fn deeds(&self) -> &Deeds {
        &self.deeds
    }

    /// What is in quarantine.
    #[must_use]
    pub fn quarantine(&self) -> &Quarantine {
        &self.quarantine
    }

    /// Takes what a frame says beside its events, which are inserted one by one.
    pub fn take_frame(&mut self, frame: &Frame) {
        self.quarantine.apply(frame);
        frame.deeds_change().into_iter().for_each(|change| self.deeds.take(change));
    }

    /// What a frame adds to the deeds.
    pub fn take_deeds(&mut self, change: DeedsChange) {
        self.deeds.take(change);
    }

    /// The same, one change at a time.
    pub fn take_quarantine_change(&mut self, change: QuarantineChange) {
        self.quarantine.take(change);
    }

    /// The position of the last event inserted, 0 if there is none.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The dense number of a uid, if it was ever mentioned.
    #[must_use]
    pub fn account(&self, uid: Uid) -> Option<AccountId> {
        self.accounts.find(uid)
    }

    /// The dense number of a uid; a new one if it was never mentioned. Also for uids that other events only
    /// name: parents, owners.
    pub fn intern(&mut self, uid: Uid) -> AccountId {
        self.accounts.intern(uid)
    }

    /// The uid of a dense number.
    ///
    /// # Panics
    /// If the number is not one that this index gave.
    #[must_use]
    pub fn uid(&self, account: AccountId) -> Uid {
        self.accounts.uid(account)
    }

    /// How many uids were mentioned: dense numbers are below it.
    #[must_use]
    pub fn account_count(&self) -> usize {
        self.accounts.len()
    }

    /// The positions of an account's events in arrival order, which is ascending.
    ///
    /// # Panics
    /// If the number is not one that this index gave.
    pub fn positions(&self, account: AccountId) -> impl DoubleEndedIterator<Item = Position> + ExactSizeIterator + '_ {
        let (uid, upto) = (self.uid(account).0, self.runs.upto());
        let runs = self.accounts.has(account, SEEN).then_some(&self.runs);
        let in_runs = runs.map_or(0, |runs| runs.count_of(uid));
        let count = in_runs + self.layers().map(|layer| layer.positions(account, upto).len()).sum::<usize>();
        let in_layers = self.layers().flat_map(move |layer| layer.positions(account, upto));
        Counted::new(runs.into_iter().flat_map(move |runs| runs.positions(uid)).chain(in_layers), count)
    }

    /// Whether an account has more than one event.
    ///
    /// # Panics
    /// If the number is not one that this index gave.
    #[must_use]
    pub fn has_several(&self, account: AccountId) -> bool {
        self.accounts.has(account, SEEN_AGAIN)
    }

    /// The position of the last event of an account among the recent ones: what the next of its events is put beside.
    #[must_use]
    pub fn last_recent(&self, account: AccountId) -> Option<Position> {
        self.recent.positions(account, 0).next_back()
    }

    /// The positions of the events of any stream in arrival order; none for a stream never seen.
    pub fn stream_positions(
        &self,
        stream: StreamKey<'_>,
    ) -> impl DoubleEndedIterator<Item = Position> + ExactSizeIterator + '_ {
        let (account, named) = self.places(stream);
        let of_account = account.into_iter().flat_map(|account| self.positions(account));
        let of_named = named.into_iter().flat_map(|stream| stream.entries().map(|entry| entry.place()));
        let count = account.map_or(0, |account| self.positions(account).len()) + named.map_or(0, Stream::len);
        Counted::new(of_account.chain(of_named), count)
    }

    /// The position of the accepted event with exactly this identity.
    ///
    /// # Errors
    /// If an event that may be it cannot be read.
    pub fn find(
        &self,
        stream: StreamKey<'_>,
        source: &str,
        id: &str,
        reader: &dyn EventReader,
    ) -> Result<Option<Position>, ReadError> {
        let hash = identity_hash(source, id);
        for position in self.candidates(stream, hash) {
            let event = reader.event(position)?;
            if event.source == source && event.id == id {
                return Ok(Some(position));
            }
        }
        Ok(None)
    }

    /// Takes in the event accepted at a position, which must be higher than all before it. Gives the account
    /// whose stream the event belongs to, if it belongs to an account's.
    ///
    /// # Panics
    /// If the position is not above the last one, or above [`POSITION_MAX`]: the caller's mistake.
    pub fn insert(&mut self, position: Position, event: &Event<'_>) -> Option<AccountId> {
        assert!(position > self.position && position <= POSITION_MAX, "position {position} after {}", self.position);
        self.position = position;
        let mark = fingerprint(identity_hash(&event.source, &event.id));
        match event.stream() {
            StreamKey::Account(uid) => {
                let account = self.intern(uid);
                self.accounts.note_event(account, matches!(event.body, Body::Registration(_)));
                if position - self.recent.base > self.reach_max {
                    self.begin_layer(position - 1);
                }
                self.recent.push(account, mark, position);
                Some(account)
            }
            StreamKey::Name(name) => {
                self.names.push(name, mark, position, event);
                None
            }
            StreamKey::Platform => {
                self.names.push_platform(mark, position);
                None
            }
        }
    }

    /// What comes goes into a new layer, for positions above one.
    fn begin_layer(&mut self, base: Position) {
        let layer = std::mem::replace(&mut self.recent, Layer::new(base));
        if layer.events > 0 {
            self.older.push(Arc::new(layer));
        }
    }

    /// Many events up to a position come next: some by [`Index::insert`], in their order, and behind those the others
    /// account by account, by [`Index::insert_of_account`]. Behind all of them it is told that they are there, by
    /// [`Index::reach`].
    pub fn begin_batch(&mut self, last: Position) {
        // A batch lies in one layer, so that none of it comes before that layer's beginning.
        if last - self.recent.base > self.reach_max {
            // Nor does a batch reach farther than a layer: what lies so far before its end is no part of it.
            self.begin_layer(self.position.max(last - self.reach_max));
        }
    }

    /// Takes in events of one account that are no registrations, at positions above all of that account's so far, though
    /// perhaps not above those of others.
    ///
    /// # Panics
    /// If the number is not one that this index gave.
    pub fn insert_of_account(&mut self, account: AccountId, events: impl Iterator<Item = (IdentityMark, Position)>) {
        let Index { accounts, recent, .. } = self;
        let noted = events.inspect(|_| accounts.note_event(account, false));
        recent.push_all(account, noted.map(|(mark, position)| (mark.0, position)));
    }

    /// Every event up to a position was taken in.
    ///
    /// # Panics
    /// If the position is below the last one, or above [`POSITION_MAX`]: the caller's mistake.
    pub fn reach(&mut self, position: Position) {
        assert!(position >= self.position && position <= POSITION_MAX, "position {position} after {}", self.position);
        self.position = position;
    }

    /// Whether a registration of this uid was accepted.
    #[must_use]
    pub fn is_registered(&self, uid: Uid) -> bool {
        self.account(uid).is_some_and(|account| self.accounts.has(account, REGISTERED))
    }

    /// Who owns a code, by its first accepted event.
    #[must_use]
    pub fn code_owner(&self, code: &str) -> Option<Uid> {
        self.names.get(code)?.owner
    }

    /// How many pointers a clone copies: one for every 4,096 accounts, names, lines of their tables and ids in quarantine,
    /// and one for each layer. All else is the same for any index.
    #[must_use]
    pub fn pointers(&self) -> usize {
        self.accounts.pointers()
            + self.names.pointers()
            + self.older.len()
            + self.recent.pointers()
            + self.quarantine.pointers()
    }

    /// Bytes of memory held. Told at once, however many accounts there are.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Index>()
            + self.accounts.memory_bytes()
            + self.names.memory_bytes()
            + self.runs.memory_bytes()
            + self.layers().map(Layer::memory_bytes).sum::<usize>()
            + self.quarantine.memory_bytes()
            + self.deeds.memory_bytes()
    }

    /// The positions of a stream whose events may have this identity.
    pub(crate) fn candidates(&self, stream: StreamKey<'_>, hash: u64) -> impl Iterator<Item = Position> + '_ {
        let (account, named) = self.places(stream);
        let mark = fingerprint(hash);
        let of_account = account
            .into_iter()
            .flat_map(move |account| self.recent.candidates(account, mark).chain(self.older_candidates(account, mark)));
        of_account.chain(named.into_iter().flat_map(move |stream| stream.candidates(mark)))
    }

    fn older_candidates(&self, account: AccountId, fingerprint: u32) -> impl Iterator<Item = Position> + '_ {
        // What stands in a layer and in a run is found twice, at one position.
        let in_layers = self.older.iter().flat_map(move |layer| layer.candidates(account, fingerprint));
        in_layers.chain(self.runs.candidates(self.uid(account).0, fingerprint))
    }

    /// All layers, in the order of their positions.
    fn layers(&self) -> impl DoubleEndedIterator<Item = &Layer> {
        self.older.iter().map(|layer| &**layer).chain([&self.recent])
    }

    /// Where the entries of a stream are: those of an account, or all others.
    fn places(&self, stream: StreamKey<'_>) -> (Option<AccountId>, Option<&Stream<u128>>) {
        match stream {
            StreamKey::Account(uid) => (self.account(uid), None),
            StreamKey::Name(name) => (None, self.names.get(name).map(|name| &name.stream)),
            StreamKey::Platform => (None, Some(self.names.platform())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use schemas::Timestamp;

    use super::*;

    /// Reads nothing: what is encoded here stands on no run.
    struct NoEvents;

    impl EventReader for NoEvents {
        fn event(&self, position: Position) -> Result<Event<'_>, ReadError> {
            Err(ReadError::NoSuchPosition { position, last: 0 })
        }

        fn recorded_at(&self, position: Position) -> Result<Timestamp, ReadError> {
            Err(ReadError::NoSuchPosition { position, last: 0 })
        }
    }

    /// The index that is made again of the parts of one.
    fn read_again(index: &Index) -> Index {
        let mut reader = IndexReader::new();
        index.write_parts(&mut |part| reader.part(part)).expect("parts of an index");
        reader.finish(&NoEvents).expect("an index")
    }

    /// Whether an index gives of each event's stream what another one gives.
    fn is_the_same(index: &Index, one: &Index, events: &[Event<'_>]) -> Result<(), TestCaseError> {
        prop_assert_eq!(index.position(), one.position());
        for event in events {
            let (stream, hash) = (event.stream(), identity_hash(&event.source, &event.id));
            let found: Vec<_> = index.stream_positions(stream).collect();
            prop_assert!(one.stream_positions(stream).eq(found.iter().copied()));
            prop_assert!(one.stream_positions(stream).rev().eq(found.iter().rev().copied()));
            let sorted = |index: &Index| {
                let mut found: Vec<_> = index.candidates(stream, hash).collect();
                found.sort_unstable();
                found
            };
            prop_assert_eq!(sorted(index), sorted(one));
            if let StreamKey::Account(uid) = stream {
                let account = index.account(uid).expect("it is known");
                prop_assert!(index.look_up(&[None, Some((uid, hash))])[1]);
                prop_assert_eq!(index.has_several(account), found.len() > 1);
                prop_assert_eq!(index.is_registered(uid), one.is_registered(uid));
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn layers_give_what_one_gives_however_far_they_reach(
            events in vec(schemas::testing::event(Timestamp(1_800_000_000_000_000)), 600..900),
            base in prop_oneof![Just(0), Just((1 << 32) - 300), Just(POSITION_MAX - 1_000)],
            reach_max in 1..250u64,
        ) {
            let (mut one, mut layered) = (Index::new(), Index { reach_max, ..Index::new() });
            for (position, event) in (base + 1..).zip(&events) {
                prop_assert_eq!(one.insert(position, event), layered.insert(position, event));
            }
            prop_assert!(!layered.older.is_empty() && layered.layers().all(|layer| layer.last - layer.base <= reach_max));
            let read = read_again(&layered);
            for index in [&layered, &read] {
                is_the_same(index, &one, &events)?;
            }
        }

        #[test]
        fn batches_taken_in_account_by_account_give_what_one_by_one_gives(
            events in vec(schemas::testing::event(Timestamp(1_800_000_000_000_000)), 600..900),
            reach_max in 100..400u64,
            batch in 1..100usize,
        ) {
            let (mut one, mut batched) = (Index::new(), Index { reach_max, ..Index::new() });
            let numbered: Vec<(Position, &Event<'_>)> = (1..).zip(&events).collect();
            for batch in numbered.chunks(batch) {
                batched.begin_batch(batch[batch.len() - 1].0);
                let mut later: Vec<(AccountId, Position, IdentityMark)> = Vec::new();
                for (position, event) in batch {
                    let account = one.insert(*position, event);
                    let registers = |other: &Event<'_>| {
                        other.stream() == event.stream() && matches!(other.body, Body::Registration(_))
                    };
                    // Every other account that does not register is taken in behind those that come in their order.
                    let is_later = account.is_some_and(|account| account.0 % 2 == 0)
                        && !batch.iter().any(|(_, other)| registers(other));
                    match account.filter(|_| is_later) {
                        Some(account) => {
                            let StreamKey::Account(uid) = event.stream() else { unreachable!("it is an account's") };
                            prop_assert_eq!(batched.intern(uid), account);
                            later.push((account, *position, IdentityMark::of(event)));
                        }
                        None => prop_assert_eq!(batched.insert(*position, event), account),
                    }
                }
                later.sort_by_key(|(account, ..)| *account);
                for of_account in later.chunk_by(|one, other| one.0 == other.0) {
                    let events = of_account.iter().map(|(_, position, mark)| (*mark, *position));
                    batched.insert_of_account(of_account[0].0, events);
                }
                batched.reach(one.position());
            }
            prop_assert!(batched.layers().all(|layer| layer.last - layer.base <= reach_max));
            is_the_same(&batched, &one, &events)?;
        }

        #[test]
        fn what_is_held_is_counted_as_it_grows_and_when_it_is_read_again(
            events in vec(schemas::testing::event(Timestamp(1_800_000_000_000_000)), 600..900),
        ) {
            let mut index = Index::new();
            for (position, event) in (1..).zip(&events) {
                index.insert(position, event);
                prop_assert_eq!(index.recent.memory_bytes(), index.recent.count_memory_bytes());
                prop_assert_eq!(index.names.memory_bytes(), index.names.count_memory_bytes());
            }
            let read = read_again(&index);
            prop_assert_eq!(read.recent.memory_bytes(), read.recent.count_memory_bytes());
            prop_assert_eq!(read.names.memory_bytes(), read.names.count_memory_bytes());
        }
    }
}

//! What acceptance asks of the events read so far: which identities there are, who is registered, who
//! owns a code, what is in quarantine. 8 bytes an event and about 40 an account, exact for ever (SPEC 1, identity).
//!
//! Of an identity the index keeps 32 bits of its hash; a match is confirmed by reading the event it points
//! to, so a collision costs a read and never an event.

mod encoding;
mod stream;

use hashbrown::HashTable;
use schemas::{Body, Event, StreamKey, Uid};
use xxhash_rust::xxh3::xxh3_64;

pub use self::encoding::IndexDecodeError;
use self::stream::Stream;
use crate::frame::Frame;
use crate::identity::{fingerprint, identity_hash, spread};
use crate::position::{AccountId, EventReader, POSITION_MAX, Position, ReadError};
use crate::quarantine::Quarantine;

/// The identities, accounts and names of the accepted events, and what is in quarantine: a pure function of the frames
/// in their order.
#[derive(Clone, Debug)]
pub struct Index {
    position: Position,
    uids: Vec<u64>,
    accounts: Vec<Stream>,
    by_uid: HashTable<u32>,
    /// One bit an account, 64 to a word.
    registered: Vec<u64>,
    names: Vec<Name>,
    by_name: HashTable<u32>,
    platform: Stream,
    /// Bytes on the heap of all streams and texts of names, counted as they grow.
    held_bytes: usize,
    quarantine: Quarantine,
}

/// A name of the one space that codes, offers and campaigns share.
#[derive(Clone, Debug)]
struct Name {
    name: Box<str>,
    /// Of a code: who owns it.
    owner: Option<Uid>,
    stream: Stream,
}

/// The entries of an account, to be looked at later: a load that need not wait for another.
#[derive(Clone, Copy)]
pub(crate) struct AccountEntries<'a> {
    few: &'a [u64],
    busy: Option<&'a Stream>,
}

impl AccountEntries<'_> {
    /// Of an account that has none.
    pub(crate) const NONE: AccountEntries<'static> = AccountEntries { few: &[], busy: None };

    /// Whether an event of this identity hash may be among them; if not, it is not.
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        match self.busy {
            None => stream::any_has(self.few, fingerprint(hash)),
            Some(stream) => stream.candidates(fingerprint(hash)).next().is_some(),
        }
    }
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
            uids: Vec::new(),
            accounts: Vec::new(),
            by_uid: HashTable::new(),
            registered: Vec::new(),
            names: Vec::new(),
            by_name: HashTable::new(),
            platform: Stream::EMPTY,
            held_bytes: 0,
            quarantine: Quarantine::default(),
        }
    }

    /// What is in quarantine.
    #[must_use]
    pub fn quarantine(&self) -> &Quarantine {
        &self.quarantine
    }

    /// Takes what a frame says beside its events, which are inserted one by one.
    pub fn take_frame(&mut self, frame: &Frame) {
        self.quarantine.apply(frame);
    }

    /// The position of the last event inserted, 0 if there is none.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The dense number of a uid, if it was ever mentioned.
    #[must_use]
    pub fn account(&self, uid: Uid) -> Option<AccountId> {
        let found = self.by_uid.find(spread(uid.0), |account| self.uids[*account as usize] == uid.0);
        found.map(|account| AccountId(*account))
    }

    /// The dense number of a uid; a new one if it was never mentioned. Also for uids that other events only
    /// name: parents, owners.
    pub fn intern(&mut self, uid: Uid) -> AccountId {
        if let Some(account) = self.account(uid) {
            return account;
        }
        // At most one uid is new with each mention, and there are fewer than 2^32 of those.
        let account = self.uids.len() as u32;
        self.uids.push(uid.0);
        self.accounts.push(Stream::EMPTY);
        let uids = &self.uids;
        self.by_uid.insert_unique(spread(uid.0), account, |account| spread(uids[*account as usize]));
        if self.registered.len() * 64 < self.uids.len() {
            self.registered.push(0);
        }
        AccountId(account)
    }

    /// The uid of a dense number.
    ///
    /// # Panics
    /// If the number is not one that this index gave.
    #[must_use]
    pub fn uid(&self, account: AccountId) -> Uid {
        Uid(self.uids[account.index()])
    }

    /// How many uids were mentioned: dense numbers are below it.
    #[must_use]
    pub fn account_count(&self) -> usize {
        self.uids.len()
    }

    /// The positions of an account's events in arrival order, which is ascending.
    ///
    /// # Panics
    /// If the number is not one that this index gave.
    pub fn positions(&self, account: AccountId) -> impl DoubleEndedIterator<Item = Position> + ExactSizeIterator + '_ {
        stream::positions(self.accounts[account.index()].entries())
    }

    /// The positions of the events of any stream in arrival order; none for a stream never seen.
    pub fn stream_positions(
        &self,
        stream: StreamKey<'_>,
    ) -> impl DoubleEndedIterator<Item = Position> + ExactSizeIterator + '_ {
        stream::positions(self.stream(stream).map_or(&[], Stream::entries))
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
                self.held_bytes += self.accounts[account.index()].push(mark, position);
                if let Body::Registration(_) = &event.body {
                    self.registered[account.index() / 64] |= 1 << (account.index() % 64);
                }
                Some(account)
            }
            StreamKey::Name(name) => {
                let name = self.intern_name(name);
                let grown = name.stream.push(mark, position);
                if let Body::Code(code) = &event.body {
                    name.owner.get_or_insert(code.owner_uid);
                }
                self.held_bytes += grown;
                None
            }
            StreamKey::Platform => {
                self.held_bytes += self.platform.push(mark, position);
                None
            }
        }
    }

    /// Whether a registration of this uid was accepted.
    #[must_use]
    pub fn is_registered(&self, uid: Uid) -> bool {
        self.account(uid)
            .is_some_and(|account| self.registered[account.index() / 64] >> (account.index() % 64) & 1 == 1)
    }

    /// Who owns a code, by its first accepted event.
    #[must_use]
    pub fn code_owner(&self, code: &str) -> Option<Uid> {
        self.name(code)?.owner
    }

    /// Bytes of memory held. Told at once, however many accounts there are.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        size_of::<Index>()
            + self.uids.capacity() * 8
            + self.accounts.capacity() * size_of::<Stream>()
            + self.by_uid.allocation_size()
            + self.registered.capacity() * 8
            + self.names.capacity() * size_of::<Name>()
            + self.by_name.allocation_size()
            + self.held_bytes
            + self.quarantine.memory_bytes()
    }

    /// What [`Index::memory_bytes`] has counted along the way, counted anew: a walk over everything.
    fn count_held_bytes(&self) -> usize {
        let accounts: usize = self.accounts.iter().map(Stream::memory_bytes).sum();
        let names: usize = self.names.iter().map(|name| name.name.len() + name.stream.memory_bytes()).sum();
        accounts + names + self.platform.memory_bytes()
    }

    /// The positions of a stream whose events may have this identity.
    pub(crate) fn candidates(&self, stream: StreamKey<'_>, hash: u64) -> impl Iterator<Item = Position> + '_ {
        self.stream(stream).into_iter().flat_map(move |stream| stream.candidates(fingerprint(hash)))
    }

    /// The entries of an account, found and not yet looked at.
    pub(crate) fn account_entries(&self, account: AccountId) -> AccountEntries<'_> {
        match &self.accounts[account.index()] {
            Stream::Few(entries) => AccountEntries { few: entries, busy: None },
            busy @ Stream::Busy(_) => AccountEntries { few: &[], busy: Some(busy) },
        }
    }

    fn stream(&self, stream: StreamKey<'_>) -> Option<&Stream> {
        match stream {
            StreamKey::Account(uid) => self.account(uid).map(|account| &self.accounts[account.index()]),
            StreamKey::Name(name) => self.name(name).map(|name| &name.stream),
            StreamKey::Platform => Some(&self.platform),
        }
    }

    fn name(&self, name: &str) -> Option<&Name> {
        let found = self.by_name.find(xxh3_64(name.as_bytes()), |known| &*self.names[*known as usize].name == name);
        // The table holds places in `names`.
        found.map(|known| &self.names[*known as usize])
    }

    fn intern_name(&mut self, name: &str) -> &mut Name {
        let hash = xxh3_64(name.as_bytes());
        let names = &self.names;
        let place = match self.by_name.find(hash, |known| &*names[*known as usize].name == name) {
            Some(known) => *known,
            None => {
                let place = names.len() as u32;
                self.held_bytes += name.len();
                self.names.push(Name { name: name.into(), owner: None, stream: Stream::EMPTY });
                let names = &self.names;
                self.by_name.insert_unique(hash, place, |known| xxh3_64(names[*known as usize].name.as_bytes()));
                place
            }
        };
        &mut self.names[place as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use schemas::Timestamp;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn what_is_held_is_counted_as_it_grows_and_when_it_is_read_again(
            events in vec(schemas::testing::event(Timestamp(1_800_000_000_000_000)), 600..900),
        ) {
            let mut index = Index::new();
            for (position, event) in (1..).zip(&events) {
                index.insert(position, event);
                prop_assert_eq!(index.held_bytes, index.count_held_bytes());
            }
            let mut bytes = Vec::new();
            index.encode(&mut bytes);
            let read = Index::decode(&bytes).expect("an index");
            prop_assert_eq!(read.held_bytes, read.count_held_bytes());
        }
    }
}

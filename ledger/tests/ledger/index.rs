//! The index: exact in spite of its short fingerprints, small, and the same after a checkpoint.

use std::collections::HashMap;

use ledger::{AccountId, EventReader, Index, IndexDecodeError, Position, ReadError};
use schemas::{Event, StreamKey, Timestamp, Uid};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::given::{Book, accepted, code, duplicate, index_of_parts, offer, parts_of, program, registration, trade};

/// Events in memory, by position.
struct InMemory(Vec<Event<'static>>);

impl EventReader for InMemory {
    fn event(&self, position: Position) -> Result<Event<'_>, ReadError> {
        let last = self.0.len() as Position;
        let event = position.checked_sub(1).and_then(|place| self.0.get(place as usize));
        event.cloned().ok_or(ReadError::NoSuchPosition { position, last })
    }

    fn recorded_at(&self, _position: Position) -> Result<Timestamp, ReadError> {
        Ok(Timestamp(0))
    }
}

fn index_of(events: &[Event<'_>]) -> Index {
    let mut index = Index::new();
    for (position, event) in (1..).zip(events) {
        index.insert(position, event);
    }
    index
}

/// Two ids of one source whose hashes agree in the 32 bits that the index keeps.
fn colliding_ids(source: &str) -> (String, String) {
    let mut seen: HashMap<u64, String> = HashMap::new();
    for number in 0..1_000_000 {
        let id = format!("id-{number}");
        let fingerprint = xxh3_64_with_seed(id.as_bytes(), xxh3_64(source.as_bytes())) >> 32;
        if let Some(other) = seen.insert(fingerprint, id.clone()) {
            return (other, id);
        }
    }
    panic!("a million ids without a collision in 32 bits");
}

#[test]
fn events_whose_fingerprints_collide_are_told_apart() {
    let (one, other) = colliding_ids("s");
    for filler in [0, 500] {
        let mut book = Book::new();
        let events: Vec<_> = (0..filler).map(|number| trade(1, "s", &format!("filler {number}"))).collect();
        book.commit(&events);
        assert_eq!(book.commit(&[trade(1, "s", &one)]), [accepted(filler + 1)]);
        assert_eq!(book.commit(&[trade(1, "s", &other)]), [accepted(filler + 2)]);
        let again = book.commit(&[trade(1, "s", &other), trade(1, "s", &one)]);
        assert_eq!(again, [duplicate(filler + 2), duplicate(filler + 1)]);
        let reader = book.ledger.reader();
        let find = |id| book.index.find(StreamKey::Account(Uid(1)), "s", id, &reader);
        assert_eq!((find(&one), find(&other)), (Ok(Some(filler + 1)), Ok(Some(filler + 2))));
    }
}

#[test]
fn accounts_names_and_the_platform_are_found_each_in_their_stream() {
    let events = vec![
        registration(7, "s", "a"),
        code("ABC", 7, "s", "a"),
        program("s", "a"),
        trade(9, "s", "a"),
        trade(7, "s", "b"),
        code("ABC", 7, "s", "b"),
        offer("spring", "s", "a"),
    ];
    let (mut index, reader) = (index_of(&events), InMemory(events.clone()));
    assert_eq!(
        (index.account(Uid(7)), index.account(Uid(9)), index.account(Uid(8))),
        (Some(AccountId(0)), Some(AccountId(1)), None)
    );
    // A uid that is only mentioned has a number too, and no events.
    assert_eq!(index.intern(Uid(8)), AccountId(2));
    assert_eq!((index.uid(AccountId(2)), index.account_count()), (Uid(8), 3));
    assert_eq!(index.positions(AccountId(2)).len(), 0);
    assert!(index.positions(AccountId(0)).eq([1, 5]) && index.positions(AccountId(0)).rev().eq([5, 1]));
    assert!(index.stream_positions(StreamKey::Name("ABC")).eq([2, 6]));
    assert!(index.stream_positions(StreamKey::Platform).eq([3]));
    assert_eq!(index.stream_positions(StreamKey::Name("ABD")).len(), 0);
    assert_eq!([7, 8, 9].map(|uid| index.is_registered(Uid(uid))), [true, false, false]);
    assert_eq!(["ABC", "spring", "ABD"].map(|code| index.code_owner(code)), [Some(Uid(7)), None, None]);
    for (position, event) in (1..).zip(&events) {
        assert_eq!(index.find(event.stream(), &event.source, &event.id, &reader), Ok(Some(position)));
        assert_eq!(index.find(event.stream(), &event.source, "other", &reader), Ok(None));
    }
    assert_eq!(index.position(), 7);
}

#[test]
fn an_index_takes_little_memory() {
    // A thousand accounts of a hundred events: 8 bytes an event, a fifth for growth, and 64 an account.
    let mut index = Index::new();
    for number in 0..100_000 {
        index.insert(number + 1, &trade(number % 1_000 + 1, "s", &number.to_string()));
    }
    let bytes = index.memory_bytes();
    assert!(bytes < 100_000 * 8 * 6 / 5 + 1_000 * 64 + 10_000, "{bytes} bytes");
}

/// Several accounts of one part have more events than are written together: the full blocks of all of them come before
/// the rest of any.
#[test]
fn an_index_with_several_very_busy_accounts_is_read_as_it_was_written() {
    let mut index = Index::new();
    for number in 0..30_000 {
        index.insert(number + 1, &trade(number % 3 + 1, "s", &number.to_string()));
    }
    let parts = parts_of(&index);
    let read = index_of_parts(&parts, &InMemory(Vec::new())).expect("it is taken as it was written");
    assert_eq!(parts_of(&read), parts);
}

#[test]
fn what_is_no_index_is_refused() {
    let events = [registration(7, "s", "a"), code("ABC", 7, "s", "a"), program("s", "a")];
    let parts = parts_of(&index_of(&events));
    let reader = InMemory(Vec::new());
    assert!(index_of_parts(&parts, &reader).is_ok());
    for at in 0..parts.len() {
        assert!(index_of_parts(&parts[..at], &reader).is_err(), "cut to {at} parts");
        for length in 0..parts[at].len() {
            let mut cut = parts.clone();
            cut[at].truncate(length);
            assert!(index_of_parts(&cut, &reader).is_err(), "part {at} cut to {length} bytes");
        }
        let mut longer = parts.clone();
        longer[at].push(0);
        assert!(matches!(index_of_parts(&longer, &reader), Err(IndexDecodeError::Damaged { .. })), "part {at} longer");
        let mut twice = parts.clone();
        twice.insert(at, parts[at].clone());
        assert!(matches!(index_of_parts(&twice, &reader), Err(IndexDecodeError::Damaged { .. })), "part {at} twice");
    }
    // The last part says the version, behind what it is of.
    let mut of_another = parts;
    of_another.last_mut().expect("parts")[1] = 9;
    let refused = index_of_parts(&of_another, &reader);
    assert!(matches!(refused, Err(IndexDecodeError::UnknownVersion { found: 9, known: 5 })), "{refused:?}");
}

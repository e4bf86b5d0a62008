//! Positions of more than 32 bits, in a ledger that has come that far.

use ledger::{
    CommitError, CommitRefusal, EventReader, FrameCursor, Ledger, LedgerOptions, LedgerReader, MemoryStorage,
    POSITION_MAX, Position, ReadError, verify,
};
use schemas::{StreamKey, Uid};

use crate::far_ledger::move_to;
use crate::given::{Book, accepted, code, duplicate, in_memory, options, program, registration, trade, trades};

/// A ledger of which the first event, a registration of uid 7, stands at a position.
fn far_book(position: Position) -> (MemoryStorage, Book) {
    let memory = MemoryStorage::new();
    Book::open(&in_memory(&memory)).expect("a new ledger opens").0.commit(&[registration(7, "s", "first")]);
    move_to(&memory, position);
    let book = Book::open(&in_memory(&memory)).expect("a far ledger opens").0;
    (memory, book)
}

#[test]
fn beyond_32_bits_everything_is_found_where_it_stands_and_nothing_is_taken_twice() {
    let first = (1 << 32) - 300;
    let (memory, mut book) = far_book(first);
    assert_eq!(book.ledger.end().position(), first);
    let rounds = 40;
    for round in 0..rounds {
        let events =
            [trades(round * 12, 12), vec![code("ABC", 7, "s", &round.to_string()), program("s", &round.to_string())]]
                .concat();
        let at = book.ledger.end().position();
        let expected: Vec<_> = (1..=14).map(|place| accepted(at + place)).collect();
        assert_eq!(book.commit(&events), expected);
    }
    let last = first + 14 * rounds as Position;
    assert!(last > 1 << 32);
    drop(book);
    let (mut book, recovery) = Book::open(&in_memory(&memory)).expect("opens");
    assert_eq!((recovery.position, book.ledger.end().position()), (last, last));
    // Each is known where it stands, before 2^32 and after.
    let again =
        book.commit(&[registration(7, "s", "first"), trade(7, "/exchange/spot", "trade-479"), program("s", "39")]);
    assert_eq!(again, [duplicate(first), duplicate(last - 2), duplicate(last)]);
    let account = book.index.account(Uid(7)).expect("known");
    let own = (0..40).flat_map(|round| (1..=12).map(move |place| first + round * 14 + place));
    assert!(book.index.positions(account).eq([first].into_iter().chain(own)));
    let named = (1..=40).map(|round| first + round * 14 - 1);
    assert!(book.index.stream_positions(StreamKey::Name("ABC")).eq(named));
    for reader in [book.ledger.reader(), LedgerReader::open_read_only(in_memory(&memory)).expect("opens")] {
        assert_eq!(reader.event(last - 2).expect("reads").id, "trade-479");
        assert_eq!(reader.event(first).expect("reads").id, "first");
        assert_eq!(reader.event(last + 1).err(), Some(ReadError::NoSuchPosition { position: last + 1, last }));
        let from = reader.frames_from(1 << 32).expect("is there").next().expect("a frame").expect("reads");
        assert!((from.first_position()..from.first_position() + 14).contains(&(1 << 32)));
        assert_eq!(verify(&reader, |_| {}).expect("it is sound").position, last);
    }
    let end = FrameCursor::decode(&book.ledger.end().encode()).expect("a cursor");
    assert_eq!(end.position(), last);
    drop(book);
    let from_end = Ledger::open(in_memory(&memory), LedgerOptions { from: end, ..options() });
    assert_eq!(from_end.map(|(ledger, _)| ledger.end().position()).ok(), Some(last));
}

#[test]
fn at_the_last_position_of_all_the_next_commit_is_refused_and_says_so() {
    let (_, mut book) = far_book(POSITION_MAX - 1);
    assert_eq!(book.commit(&trades(0, 1)), [accepted(POSITION_MAX)]);
    let batch = book.batch(&trades(1, 1));
    let refused = book.try_commit(&[batch]).map(|_| ()).expect_err("there is no more");
    assert!(matches!(refused, CommitError::Refused(CommitRefusal::PositionsExhausted)), "{refused}");
    assert_eq!(book.commit(&trades(0, 1)), [duplicate(POSITION_MAX)]);
}

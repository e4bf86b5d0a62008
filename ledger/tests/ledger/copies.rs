//! A ledger copied up to a position.

use ledger::{
    EventReader, FrameCursor, LedgerError, LedgerOptions, LedgerReader, MemoryStorage, Position, Storage, WriteLock,
    copy, verify,
};
use schemas::Timestamp;

use crate::given::{Book, all_events, in_memory, options, segment_names, trades};

/// Seven frames of thirty entries over some segments, each recorded a second after the one before.
fn written() -> (MemoryStorage, Book) {
    let storage = MemoryStorage::new();
    let small = LedgerOptions { segment_bytes: 3 << 10, ..options() };
    let mut book = Book::open_with(&in_memory(&storage), small).expect("opens").0;
    for number in 0..7 {
        book.now = Timestamp(book.now.0 + 1_000_000);
        book.commit(&trades(number * 30, 30));
    }
    assert!(segment_names(&storage).len() > 2, "there are some segments");
    (storage, book)
}

fn locked(storage: &MemoryStorage) -> WriteLock {
    WriteLock::take(in_memory(storage), "the test").expect("nobody else has it")
}

fn copied(book: &Book, upto: Position) -> (MemoryStorage, LedgerReader) {
    let to = MemoryStorage::new();
    let end = copy(&book.ledger.reader(), upto, &locked(&to)).expect("copies");
    let reader = LedgerReader::open_read_only(in_memory(&to)).expect("opens");
    assert_eq!((reader.end(), end.position()), (end, upto));
    (to, reader)
}

#[test]
fn at_every_position_the_copy_holds_the_entries_up_to_it_recorded_when_they_were() {
    let (_, book) = written();
    let reader = book.ledger.reader();
    for upto in 0..=210 {
        let (_, copy) = copied(&book, upto);
        assert_eq!(all_events(&copy, upto), all_events(&reader, upto));
        for position in 1..=upto {
            assert_eq!(copy.recorded_at(position), reader.recorded_at(position), "{position} of {upto}");
        }
        assert_eq!(verify(&copy, |_| {}).expect("in order").position, upto);
    }
}

#[test]
fn whole_frames_keep_their_hashes_and_the_copy_of_all_is_the_same_bytes() {
    let (storage, book) = written();
    let (to, reader) = copied(&book, 210);
    assert_eq!(reader.end(), book.ledger.end());
    for name in segment_names(&storage) {
        assert_eq!(to.contents(&name).expect("reads"), storage.contents(&name).expect("reads"), "{name}");
    }
    let (_, part) = copied(&book, 60);
    let original: Vec<FrameCursor> = frame_ends(&book.ledger.reader());
    assert_eq!(frame_ends(&part)[..], original[..2]);
}

fn frame_ends(reader: &LedgerReader) -> Vec<FrameCursor> {
    reader.frames(&FrameCursor::START).map(|frame| frame.expect("a frame").cursor_after()).collect()
}

#[test]
fn a_copy_can_be_written_on() {
    let (_, book) = written();
    let (to, _) = copied(&book, 47);
    let (mut copy, _) = Book::open(&in_memory(&to)).expect("opens");
    copy.now = Timestamp(book.now.0 + 1);
    copy.commit(&trades(1_000, 3));
    assert_eq!(copy.ledger.end().position(), 50);
    assert_eq!(verify(&copy.ledger.reader(), |_| {}).expect("in order").position, 50);
}

#[test]
fn beyond_the_end_nothing_is_copied() {
    let (_, book) = written();
    let to = MemoryStorage::new();
    let refused = copy(&book.ledger.reader(), 211, &locked(&to));
    assert!(matches!(refused, Err(LedgerError::Read(_))), "{refused:?}");
    assert_eq!(to.list().expect("lists"), Vec::<String>::new());
}

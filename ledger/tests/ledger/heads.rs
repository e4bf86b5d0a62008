//! Heads: what an auditor keeps, and what stands where one is looked for.

use ledger::{FrameCursor, Head, HeadFound, LedgerReader, MemoryStorage};

use crate::given::{Book, in_memory, trades};

/// Two frames of thirty entries, one without any, one of thirty.
fn written() -> (MemoryStorage, LedgerReader) {
    let memory = MemoryStorage::new();
    let mut book = Book::open(&in_memory(&memory)).expect("opens").0;
    book.commit(&trades(0, 30));
    book.commit(&trades(30, 30));
    // The same again: a frame that says so, and holds no event.
    book.commit(&trades(30, 30));
    book.commit(&trades(60, 30));
    drop(book);
    let reader = LedgerReader::open_read_only(in_memory(&memory)).expect("opens");
    (memory, reader)
}

#[test]
fn a_head_of_any_frame_end_is_found_and_nothing_else_is() {
    let (_, reader) = written();
    let ends: Vec<FrameCursor> =
        reader.frames(&FrameCursor::START).map(|frame| frame.expect("a frame").cursor_after()).collect();
    assert_eq!(ends.iter().map(FrameCursor::position).collect::<Vec<_>>(), [30, 60, 60, 90]);
    for end in ends.iter().chain([&FrameCursor::START]) {
        assert_eq!(Head::at(end).look_up(&reader).expect("read"), HeadFound::Same, "{end:?}");
    }
    let digits = Head::at(&ends[3]).hex();
    let found = |position: u64| {
        let head: Head = format!("{position}:{digits}").parse().expect("a head");
        head.look_up(&reader).expect("read")
    };
    assert_eq!(found(30), HeadFound::Other { here: Head::at(&ends[0]) });
    assert_eq!(found(60), HeadFound::Other { here: Head::at(&ends[1]) });
    assert_eq!(found(0), HeadFound::Other { here: Head::at(&FrameCursor::START) });
    assert_eq!(found(45), HeadFound::Within { first: 31, last: 60 });
    assert_eq!(found(91), HeadFound::Beyond { last: 90 });
    assert_eq!(found(90), HeadFound::Same);
}

#[test]
fn another_ledger_with_as_many_entries_has_another_head() {
    let (_, reader) = written();
    let memory = MemoryStorage::new();
    let mut book = Book::open(&in_memory(&memory)).expect("opens").0;
    book.commit(&trades(500, 90));
    let here = Head::at(&book.ledger.end());
    assert_eq!(Head::at(&reader.end()).look_up(&book.ledger.reader()).expect("read"), HeadFound::Other { here });
}

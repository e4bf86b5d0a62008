//! Reading: by position, frame by frame, beside the writer, and after a restart.

use std::sync::Arc;

use ledger::{
    DiskStorage, EventReader, Frame, FrameCursor, LedgerError, LedgerOptions, LedgerReader, MemoryStorage, ReadError,
    Storage, verify,
};
use schemas::{Event, Reason, Rejection, Timestamp};

use crate::given::{Book, NOW, accepted, all_events, in_memory, options, program, segment_names, trade, trades};

#[test]
fn every_entry_is_found_by_its_position_over_frames_and_segments_and_after_a_restart() {
    let memory = MemoryStorage::new();
    let storage = in_memory(&memory);
    let mut book = Book::open(&storage).expect("opens").0;
    let mut expected: Vec<Event<'_>> = Vec::new();
    for count in [1, 15, 16, 17, 100, 1, 2, 300, 0, 33, 200] {
        let events = trades(expected.len(), count);
        book.now = NOW.plus_days(expected.len() as i64);
        book.commit(&events);
        expected.extend(events);
    }
    assert!(segment_names(&memory).len() > 1);
    assert_eq!(book.events(), expected);
    let last = expected.len() as u64;
    drop(book);
    let (book, recovery) = Book::open(&storage).expect("opens");
    assert_eq!((recovery.position, recovery.torn_bytes, recovery.created), (last, 0, false));
    assert_eq!(book.events(), expected);
    let reader = book.ledger.reader();
    for position in [0, last + 1, u64::MAX] {
        assert_eq!(reader.event(position), Err(ReadError::NoSuchPosition { position, last }));
    }
    assert_eq!(reader.recorded_at(1), Ok(NOW));
    assert_eq!(reader.recorded_at(last), Ok(NOW.plus_days(last as i64 - 200)));
    for (time, position) in [(NOW.plus_days(-1), 0), (NOW, 1), (NOW.plus_days(1), 16), (NOW.plus_days(100_000), last)] {
        assert_eq!(reader.position_at(time), Ok(position), "at {time}");
    }
}

#[test]
fn recorded_at_never_decreases_whatever_the_clock_does() {
    let storage = in_memory(&MemoryStorage::new());
    let mut book = Book::open(&storage).expect("opens").0;
    let mut recorded = Vec::new();
    for (number, offset) in [0, 5, -3, 4, 6].into_iter().enumerate() {
        book.now = Timestamp(NOW.0 + offset);
        book.commit(&trades(number, 1));
        recorded.push(book.ledger.reader().recorded_at(number as u64 + 1).expect("reads").0 - NOW.0);
    }
    assert_eq!(recorded, [0, 5, 5, 5, 6]);
    drop(book);
    let mut book = Book::open(&storage).expect("opens").0;
    book.now = Timestamp(NOW.0 - 100);
    book.commit(&trades(5, 1));
    assert_eq!(book.ledger.reader().recorded_at(6), Ok(Timestamp(NOW.0 + 6)));
}

#[test]
fn a_start_from_a_checkpoint_checks_only_what_lies_behind_it_and_still_reads_all() {
    let memory = MemoryStorage::new();
    let storage = in_memory(&memory);
    let mut book = Book::open(&storage).expect("opens").0;
    let mut cursors = vec![FrameCursor::START];
    for number in 0..40 {
        let batch = book.batch(&trades(number * 30, 30));
        cursors.push(book.try_commit(&[batch]).expect("commits").frame.expect("a frame").cursor_after());
    }
    assert!(segment_names(&memory).len() >= 3, "{:?}", segment_names(&memory));
    let expected = book.events();
    assert_eq!(book.ledger.end(), cursors[40]);
    drop(book);
    for (frames, cursor) in cursors.iter().enumerate() {
        let cursor = FrameCursor::decode(&cursor.encode()).expect("decodes");
        let options = LedgerOptions { from: cursor, ..options() };
        let storage = in_memory(&memory.after_crash(0));
        let (mut book, recovery) = Book::open_with(&storage, options).expect("opens");
        assert_eq!(recovery.position, 1_200);
        assert_eq!(book.events(), expected);
        assert!(recovery.frames_checked >= 40 - frames as u64);
        let after: Vec<Frame> = book.ledger.reader().frames(&cursor).collect::<Result<_, _>>().expect("frames");
        assert_eq!(after.len(), 40 - frames);
        assert_eq!(after.first().map(Frame::first_position), cursors.get(frames + 1).map(|_| cursor.position() + 1));
        // Texts that the dictionary learned before the checkpoint are known.
        assert_eq!(book.commit(&trades(1_199, 1)), [crate::given::duplicate(1_200)]);
        drop(book);
    }
}

#[test]
fn a_checkpoint_of_another_ledger_is_refused() {
    let cursor_of = |events: &[Event<'_>]| {
        let mut book = Book::new();
        let batch = book.batch(events);
        book.try_commit(&[batch]).expect("commits").frame.expect("a frame").cursor_after()
    };
    let storage = in_memory(&MemoryStorage::new());
    let mut book = Book::open(&storage).expect("opens").0;
    book.commit(&trades(0, 3));
    drop(book);
    let other = [cursor_of(&trades(5, 3)), cursor_of(&trades(0, 2)), cursor_of(&trades(0, 300))];
    for from in other {
        let opened = Book::open_with(&storage, LedgerOptions { from, ..options() });
        assert!(matches!(opened.map(|_| ()), Err(LedgerError::CursorMismatch { .. })));
        let nothing = MemoryStorage::new();
        let opened = Book::open_with(&in_memory(&nothing), LedgerOptions { from, ..options() });
        assert!(matches!(opened.map(|_| ()), Err(LedgerError::CursorMismatch { .. })));
        // Nor is a new ledger begun in place of one that went missing.
        assert_eq!(segment_names(&nothing), Vec::<String>::new());
    }
    let from = cursor_of(&trades(0, 3));
    Book::open_with(&storage, LedgerOptions { from, ..options() }).expect("the same events give the same place");
}

#[test]
fn a_frame_larger_than_a_segment_gets_one_of_its_size() {
    let memory = MemoryStorage::new();
    let storage = in_memory(&memory);
    let mut book = Book::open(&storage).expect("opens").0;
    book.commit(&trades(0, 2));
    let mut batch = book.batch(&trades(2, 2));
    batch.push_rejected(Rejection::new(Reason::TooLarge, "2 MiB"), vec![b'x'; 2 << 20], "a file".into());
    let frame = book.try_commit(&[batch]).expect("commits").frame.expect("a frame");
    let head = frame.quarantined().next().expect("a quarantined event");
    book.commit(&trades(4, 2));
    assert_eq!(segment_names(&memory).len(), 3);
    drop(book);
    let book = Book::open(&storage).expect("opens").0;
    assert_eq!(book.events(), trades(0, 6));
    assert_eq!(book.ledger.reader().quarantined(head.location).expect("reads").raw.len(), 2 << 20);
    verify(&book.ledger.reader(), |_| {}).expect("in order");
}

#[test]
fn a_reader_beside_the_writer_sees_what_is_durable_and_follows_it() {
    let storage = in_memory(&MemoryStorage::new());
    assert!(matches!(LedgerReader::open_read_only(Arc::clone(&storage)).map(|_| ()), Err(LedgerError::NoLedger)));
    let mut book = Book::open(&storage).expect("opens").0;
    let reader = LedgerReader::open_read_only(Arc::clone(&storage)).expect("opens beside");
    assert_eq!(reader.durable_position(), 0);
    for number in 0..20 {
        book.commit(&trades(number * 50, 50));
        assert_eq!(reader.durable_position(), number as u64 * 50);
        assert_eq!(reader.refresh().expect("refreshes"), number as u64 * 50 + 50);
        assert_eq!(reader.end(), book.ledger.end());
    }
    assert_eq!(all_events(&reader, 1_000), book.events());
    let late = LedgerReader::open_read_only(Arc::clone(&storage)).expect("opens beside");
    assert_eq!(all_events(&late, 1_000), book.events());
    drop(book);
    let alone = LedgerReader::open_read_only(storage).expect("opens alone");
    assert_eq!(alone.durable_position(), 1_000);
    assert_eq!(reader.refresh().expect("refreshes"), 1_000);
}

#[test]
fn frames_can_be_read_from_any_position_on() {
    let mut book = Book::new();
    for number in 0..30 {
        book.commit(&trades(number * 40, 40));
    }
    let reader = book.ledger.reader();
    for position in [1, 40, 41, 1_000, 1_200] {
        let frames: Vec<_> = reader.frames_from(position).expect("begins").collect::<Result<_, _>>().expect("frames");
        let first = (position - 1) / 40 * 40 + 1;
        assert_eq!(frames[0].first_position(), first);
        assert_eq!(frames.iter().map(|frame| u64::from(frame.event_count())).sum::<u64>(), 1_201 - first);
    }
    assert!(reader.frames_from(0).is_err());
    assert!(reader.frames_from(1_201).is_err());
}

#[test]
fn texts_that_come_again_are_written_once() {
    let mut book = Book::new();
    let long_source = "/a/source/of/sixty/bytes/or/so/that/comes/with/every/event";
    let events = |from| (from..from + 50).map(|n| trade(n, long_source, "x")).collect::<Vec<_>>();
    let size = |book: &mut Book, from| {
        let batch = book.batch(&events(from));
        book.try_commit(&[batch]).expect("commits").frame.expect("a frame").byte_count()
    };
    let (first, second) = (size(&mut book, 1), size(&mut book, 100));
    assert!(first > second + 40 * long_source.len() as u64, "{first}, then {second}");
    assert_eq!(book.events(), [events(1), events(100)].concat());
}

#[test]
fn on_a_disk_it_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage: Arc<dyn Storage> = Arc::new(DiskStorage::create(&folder.path().join("ledger")).expect("made"));
    let mut book = Book::open(&storage).expect("opens").0;
    let beside = LedgerReader::open_read_only(Arc::clone(&storage)).expect("opens beside");
    for number in 0..30 {
        book.commit(&trades(number * 50, 50));
        book.commit(&[program("p", &number.to_string())]);
    }
    assert_eq!(beside.refresh().expect("refreshes"), 1_530);
    assert_eq!(all_events(&beside, 1_530), book.events());
    let expected = book.events();
    let locked = Book::open(&storage).map(|_| ());
    assert!(matches!(locked, Err(LedgerError::Locked { holder }) if holder == "the test"));
    drop(book);
    let (mut book, recovery) = Book::open(&storage).expect("opens");
    assert_eq!(recovery.position, 1_530);
    assert_eq!(book.events(), expected);
    assert_eq!(book.commit(&[trade(9, "s", "new")]), [accepted(1_531)]);
    let report = verify(&book.ledger.reader(), |_| {}).expect("in order");
    assert_eq!((report.position, report.frames), (1_531, 61));
}

#[test]
fn a_whole_check_counts_what_is_there() {
    let mut book = Book::new();
    for number in 0..30 {
        let mut batch = book.batch(&trades(number * 30, 30));
        batch.push_rejected(Rejection::new(Reason::Malformed, "no"), b"?".to_vec(), number.to_string());
        book.try_commit(&[batch]).expect("commits");
    }
    let mut seen = 0;
    let report = verify(&book.ledger.reader(), |progress| seen = progress.position).expect("in order");
    assert_eq!((report.position, report.frames, report.quarantined, seen), (900, 30, 30, 900));
    assert!(report.segments > 1 && report.bytes > 900 * 30);
}

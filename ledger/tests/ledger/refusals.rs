//! Refused and failed are two things: after a refusal nothing has happened, and the next commit is taken.

use ledger::{Batch, CommitError, CommitRefusal, FrameCursor, LedgerOptions, MemoryStorage, Outcome, QuarantineId};
use schemas::{Reason, Rejection};

use crate::given::{Book, accepted, code, in_memory, offer, options, program, registration, trade, trades};

/// A ledger whose frames have so many bytes at most.
fn narrow(frame_bytes_max: u64) -> Book {
    let options = LedgerOptions { frame_bytes_max, ..options() };
    Book::open_with(&in_memory(&MemoryStorage::new()), options).expect("opens").0
}

fn malformed() -> Rejection {
    Rejection::new(Reason::Malformed, "not JSON")
}

/// Something of each kind, a duplicate, a conflict, and second tries among them.
fn mixed(book: &Book) -> Batch {
    let mut batch = book.batch(&[registration(1, "s", "a"), trade(1, "s", "b"), code("ONE", 1, "s", "c")]);
    batch.push_rejected(malformed(), b"first".to_vec(), "line 4".into());
    batch.push_event(&offer("o", "s", "d"), b"", String::new);
    batch.push_event(&program("s", "e"), b"", String::new);
    batch.push_event(&code("TWO", 1, "s", "f"), b"two", || "line 7".into());
    batch.redrive(QuarantineId(1));
    batch.push_rejected(malformed(), b"second".to_vec(), "line 8".into());
    batch.push_event(&registration(1, "s", "again"), b"again", || "line 9".into());
    batch.push_event(&trade(1, "s", "b"), b"", String::new);
    batch.push_event(&registration(2, "s", "g"), b"g", || "line 11".into());
    batch.set_offset("events", 3, 12);
    batch
}

fn with_one_quarantined(book: &mut Book) {
    let mut batch = book.batch(&[]);
    batch.push_rejected(malformed(), b"raw".to_vec(), "before".into());
    book.try_commit(&[batch]).expect("commits");
}

/// All quarantined events whole, and the offsets, in the order of the frames.
fn beside_the_events(book: &Book) -> (Vec<String>, Vec<String>) {
    let reader = book.ledger.reader();
    let frames: Vec<_> = reader.frames(&FrameCursor::START).map(|frame| frame.expect("a frame")).collect();
    let heads = frames.iter().flat_map(|frame| frame.quarantined().collect::<Vec<_>>());
    let quarantined = heads.map(|head| format!("{:?}", reader.quarantined(head.location).expect("reads"))).collect();
    let offsets = frames.iter().map(|frame| format!("{:?}", frame.offsets().collect::<Vec<_>>())).collect();
    (quarantined, offsets)
}

#[test]
fn a_commit_that_no_frame_holds_is_refused_and_the_next_is_taken() {
    let mut book = narrow(2_000);
    let before = book.ledger.end();
    let batch = book.batch(&trades(0, 500));
    let refused = book.try_commit(&[batch]);
    assert!(
        matches!(refused, Err(CommitError::Refused(CommitRefusal::TooLarge { bytes_max: 2_000, bytes })) if bytes > 2_000)
    );
    assert_eq!(book.ledger.end(), before, "nothing has happened");
    assert_eq!(book.commit(&trades(0, 1)), [accepted(1)]);
}

#[test]
fn the_halves_of_a_batch_come_to_what_the_batch_comes_to() {
    let mut whole = Book::new();
    with_one_quarantined(&mut whole);
    let batch = mixed(&whole);
    let expected = whole.try_commit(&[batch]).expect("commits").outcomes;
    let mut cut = Book::new();
    with_one_quarantined(&mut cut);
    let mut pieces = vec![mixed(&cut)];
    let mut outcomes: Vec<Outcome> = Vec::new();
    while let Some(piece) = pieces.pop() {
        match piece.halves() {
            Ok((first, second)) => pieces.extend([second, first]),
            Err(single) => outcomes.extend(cut.try_commit(&[*single]).expect("commits").outcomes),
        }
    }
    assert_eq!(outcomes, expected);
    assert_eq!(cut.events(), whole.events());
    let ((quarantined, offsets), (as_whole, _)) = (beside_the_events(&cut), beside_the_events(&whole));
    assert_eq!(quarantined, as_whole);
    let last = offsets.last().expect("a frame").clone();
    assert!(last.contains("12"), "{last}");
    assert!(offsets[..offsets.len() - 1].iter().all(|of_frame| of_frame == "[]"), "only with the last: {offsets:?}");
}

#[test]
fn a_half_says_about_how_many_bytes_it_adds() {
    let book = Book::new();
    let whole = mixed(&book);
    let bytes = whole.bytes();
    let Ok((first, second)) = whole.halves() else { panic!("it has some items") };
    assert_eq!(first.bytes() + second.bytes(), bytes);
    assert_eq!((first.len(), second.len()), (5, 6));
}

//! What came before, byte for byte from the same origin, is counted and not kept again.

use ledger::{
    Batch, CommitError, CommitRefusal, Frame, Index, Outcome, QuarantineId, QuarantineRow, QuarantineState, verify,
};
use schemas::{Reason, Rejection};

use crate::given::{Book, NOW, accepted, code, duplicate, index_of_parts, parts_of, registration, trade};

fn malformed() -> Rejection {
    Rejection::new(Reason::Malformed, "not JSON")
}

/// A batch of rejected lines: the bytes and the origin of each.
fn lines(book: &Book, lines: &[(&str, &str)]) -> Batch {
    let mut batch = book.batch(&[]);
    for (raw, origin) in lines {
        batch.push_rejected(malformed(), raw.as_bytes().to_vec(), (*origin).to_owned());
    }
    batch
}

fn committed(book: &mut Book, batch: Batch) -> (Vec<Outcome>, Frame) {
    let commit = book.try_commit(&[batch]).expect("commits");
    (commit.outcomes, commit.frame.expect("a frame"))
}

/// Under which id each is, and whether it is one that was there.
fn ids(outcomes: &[Outcome]) -> Vec<(u64, bool)> {
    let id = |outcome: &Outcome| {
        let Outcome::Quarantined { id, is_repeat, .. } = outcome else { panic!("{outcome:?}") };
        (id.0, *is_repeat)
    };
    outcomes.iter().map(id).collect()
}

/// The event that nothing can be done to.
fn refused_id(error: &CommitError) -> Option<u64> {
    match error {
        CommitError::Refused(CommitRefusal::NotInQuarantine { id }) => Some(id.0),
        CommitError::Refused(_) | CommitError::Failed(_) => None,
    }
}

fn row(book: &Book, id: u64) -> QuarantineRow {
    book.index.quarantine().get(QuarantineId(id)).expect("a row")
}

#[test]
fn the_same_lines_again_are_counted_and_others_are_kept() {
    let mut book = Book::new();
    let file = [("{", "a.ndjson:1"), ("{", "a.ndjson:2"), ("[", "a.ndjson:3")];
    let batch = lines(&book, &file);
    assert_eq!(ids(&committed(&mut book, batch).0), [(1, false), (2, false), (3, false)]);
    let batch = lines(&book, &file);
    let (outcomes, frame) = committed(&mut book, batch);
    assert_eq!(ids(&outcomes), [(1, true), (2, true), (3, true)]);
    assert_eq!(frame.quarantined().count(), 0);
    assert_eq!(frame.repeats().collect::<Vec<_>>(), [1, 2, 3].map(|id| (QuarantineId(id), 1)));
    let batch = lines(&book, &[("{ ", "a.ndjson:1"), ("{", "b.ndjson:1"), ("{", "a.ndjson:2")]);
    assert_eq!(ids(&committed(&mut book, batch).0), [(4, false), (5, false), (2, true)]);
    assert_eq!([1, 2, 3, 4, 5].map(|id| row(&book, id).repeated), [1, 2, 1, 0, 0]);
    let quarantine = book.index.quarantine();
    assert_eq!((quarantine.len(QuarantineState::Open), book.ledger.end().last_quarantine_id().0), (5, 5));
    // Each one that was read counts.
    assert_eq!(quarantine.reads_by_reason().into_iter().collect::<Vec<_>>(), [(Reason::Malformed, 9)]);
}

#[test]
fn within_one_commit_they_are_found_too_and_so_are_conflicts() {
    let mut book = Book::new();
    book.commit(&[registration(1, "s", "a"), code("ABC", 1, "s", "c")]);
    let mut first = lines(&book, &[("{", "here"), ("{", "here")]);
    first.push_event(&registration(1, "s", "b"), b"raw of b", || "there".into());
    let mut second = lines(&book, &[("{", "here")]);
    second.push_event(&registration(1, "s", "b"), b"raw of b", || "there".into());
    second.push_event(&registration(1, "s", "b"), b"raw of b", || "elsewhere".into());
    let commit = book.try_commit(&[first, second]).expect("commits");
    assert_eq!(ids(&commit.outcomes), [(1, false), (1, true), (2, false), (1, true), (2, true), (3, false)]);
    let frame = commit.frame.expect("a frame");
    assert_eq!(frame.repeats().collect::<Vec<_>>(), [(QuarantineId(1), 2), (QuarantineId(2), 1)]);
}

#[test]
fn bytes_are_compared_and_not_their_hashes() {
    // Two ledgers whose rows differ in the hash only: to the one, the other's index is one in which hashes collide.
    let (mut one, mut other) = (Book::new(), Book::new());
    let (batch, other_batch) = (lines(&one, &[("{1", "here")]), lines(&other, &[("{2", "here")]));
    committed(&mut one, batch);
    committed(&mut other, other_batch);
    one.index = other.index.clone();
    let batch = lines(&one, &[("{2", "here")]);
    assert_eq!(ids(&committed(&mut one, batch).0), [(2, false)]);
}

#[test]
fn what_was_discarded_or_replaced_is_found_again_and_stays_what_it_is() {
    let mut book = Book::new();
    let file = [("{", "1"), ("{", "2")];
    let batch = lines(&book, &file);
    committed(&mut book, batch);
    let mut batch = book.batch(&[]);
    batch.discard(QuarantineId(1), "operator 7", "a test");
    batch.replace(QuarantineId(2), "operator 7", "");
    batch.push_event(&trade(1, "s", "mended"), b"", String::new);
    assert_eq!(committed(&mut book, batch).0, [accepted(1)]);
    let batch = lines(&book, &file);
    assert_eq!(ids(&committed(&mut book, batch).0), [(1, true), (2, true)]);
    let rows = [1, 2].map(|id| row(&book, id));
    assert_eq!(
        rows.map(|row| (row.state, row.repeated)),
        [(QuarantineState::Discarded, 1), (QuarantineState::Replaced, 1)]
    );
    let reader = book.ledger.reader();
    let acts = rows.map(|row| reader.act(row.act.expect("an act")).expect("reads"));
    assert_eq!(acts.each_ref().map(|act| (act.id.0, &*act.why, act.position)), [(1, "a test", 0), (2, "", 1)]);
    let counts = QuarantineState::ALL.iter().map(|state| book.index.quarantine().len(*state)).collect::<Vec<_>>();
    assert_eq!(counts, [0, 1, 1]);
    let report = verify(&reader, |_| {}).expect("in order");
    assert_eq!((report.quarantined, report.set_aside), (0, 2));
}

#[test]
fn what_came_again_is_a_duplicate_once_the_event_gets_in() {
    let mut book = Book::new();
    for _ in 0..3 {
        let batch = lines(&book, &[("{", "here")]);
        committed(&mut book, batch);
    }
    let mut batch = book.batch(&[]);
    batch.redrive(QuarantineId(1));
    batch.push_event(&trade(1, "/exchange/spot", "t"), b"{", || "here".into());
    let (outcomes, frame) = committed(&mut book, batch);
    assert_eq!(outcomes, [accepted(1)]);
    assert_eq!(frame.duplicates().collect::<Vec<_>>(), [("/exchange/spot", 2)]);
    assert!(book.index.quarantine().is_empty());
    assert!(book.index.quarantine().reads_by_reason().is_empty());
    // Beside the second try that gets in, it is a matter of its own.
    let batch = lines(&book, &[("[", "here")]);
    committed(&mut book, batch);
    let mut batch = book.batch(&[]);
    batch.redrive(QuarantineId(2));
    batch.push_event(&trade(1, "/exchange/spot", "t"), b"[", || "here".into());
    batch.push_rejected(malformed(), b"[".to_vec(), "here".into());
    let (outcomes, _) = committed(&mut book, batch);
    assert_eq!((&outcomes[0], ids(&outcomes[1..])), (&duplicate(1), vec![(3, false)]));
}

#[test]
fn a_second_try_that_fails_again_keeps_when_it_arrived_and_how_often() {
    let mut book = Book::new();
    for _ in 0..2 {
        let batch = lines(&book, &[("{", "here")]);
        committed(&mut book, batch);
    }
    book.now = book.now.plus_days(1);
    let mut batch = book.batch(&[]);
    batch.redrive_by(QuarantineId(1), "operator 7", "after the fix");
    batch.push_rejected(Rejection::new(Reason::UnknownType, "no such type"), b"{".to_vec(), "here".into());
    let (_, frame) = committed(&mut book, batch);
    let row = row(&book, 1);
    assert_eq!((row.reason, row.received_at, row.repeated), (Reason::UnknownType, NOW, 1));
    let event = book.ledger.reader().quarantined(row.location).expect("reads");
    assert_eq!((event.received_at, event.rejection.reason), (NOW, Reason::UnknownType));
    assert_eq!(frame.quarantined().map(|head| head.received_at).collect::<Vec<_>>(), [NOW]);
}

#[test]
fn what_cannot_be_done_to_an_event_is_refused_and_changes_nothing() {
    let mut book = Book::new();
    let batch = lines(&book, &[("{", "1"), ("{", "2")]);
    committed(&mut book, batch);
    let discard = |book: &Book, id| {
        let mut batch = book.batch(&[]);
        batch.discard(QuarantineId(id), "operator 7", "a test");
        batch
    };
    let replace = |book: &Book, id| {
        let mut batch = book.batch(&[]);
        batch.replace(QuarantineId(id), "operator 7", "");
        batch.push_event(&trade(1, "s", &format!("instead of {id}")), b"", String::new);
        batch
    };
    let batch = discard(&book, 1);
    committed(&mut book, batch);
    let batch = replace(&book, 2);
    committed(&mut book, batch);
    for (batch, refused) in [
        (discard(&book, 1), 1),
        (discard(&book, 2), 2),
        (replace(&book, 2), 2),
        (discard(&book, 3), 3),
        (replace(&book, 0), 0),
    ] {
        let end = book.ledger.end();
        assert_eq!(batch.first_out_of_reach(book.index.quarantine()), Some(QuarantineId(refused)));
        let error = book.try_commit(&[batch]).map(|_| ()).expect_err("it is refused");
        assert_eq!(refused_id(&error), Some(refused));
        assert_eq!(book.ledger.end(), end);
    }
    // Of two operators in one commit, neither is the quicker one: each is to be tried by itself.
    let batch = lines(&book, &[("{", "3")]);
    committed(&mut book, batch);
    let end = book.ledger.end();
    let both = [discard(&book, 3), replace(&book, 3)];
    let error = book.try_commit(&both).map(|_| ()).expect_err("it is refused");
    assert_eq!((refused_id(&error), book.ledger.end()), (Some(3), end));
    // A discard can be taken back: what is tried again and fails is open.
    let mut batch = book.batch(&[]);
    batch.redrive_by(QuarantineId(1), "operator 7", "discarded by mistake");
    batch.push_rejected(malformed(), b"{".to_vec(), "1".into());
    committed(&mut book, batch);
    assert_eq!(row(&book, 1).state, QuarantineState::Open);
}

#[test]
fn rows_come_back_from_their_bytes_and_find_the_same_events() {
    let mut book = Book::new();
    let file = [("{", "1"), ("{", "2"), ("[", "3")];
    for _ in 0..2 {
        let batch = lines(&book, &file);
        committed(&mut book, batch);
    }
    let mut batch = book.batch(&[]);
    batch.discard(QuarantineId(2), "operator 7", "a test");
    committed(&mut book, batch);
    let index = index_of_parts(&parts_of(&book.index), &book.ledger.reader()).expect("it is read");
    let rows = |index: &Index| index.quarantine().after(None).collect::<Vec<_>>();
    assert_eq!(rows(&index), rows(&book.index));
    assert_eq!(index.quarantine().reads_by_reason(), book.index.quarantine().reads_by_reason());
    book.index = index;
    let batch = lines(&book, &file);
    assert_eq!(ids(&committed(&mut book, batch).0), [(1, true), (2, true), (3, true)]);
}

//! What does not get in is kept whole, and may be tried again under its id.

use ledger::{CommitError, CommitRefusal, Outcome, QuarantineId, QuarantinedEvent};
use schemas::{Reason, Rejection};

use crate::given::{Book, NOW, accepted, code, duplicate, registration, trade};

fn malformed() -> Rejection {
    Rejection::new(Reason::Malformed, "not JSON")
}

fn quarantined(id: u64, rejection: Rejection) -> Outcome {
    Outcome::Quarantined { id: QuarantineId(id), rejection: Box::new(rejection), is_repeat: false }
}

#[test]
fn a_quarantined_event_is_kept_with_its_bytes_and_where_it_came_from() {
    let mut book = Book::new();
    book.commit(&[registration(1, "s", "a"), code("ABC", 1, "s", "c")]);
    let mut batch = book.batch(&[trade(1, "s", "t"), registration(1, "s", "b")]);
    batch.push_rejected(malformed(), b"{\xFF\0".to_vec(), "line 3 of events.ndjson".into());
    let frame = book.try_commit(&[batch]).expect("commits").frame.expect("a frame");
    let heads: Vec<_> = frame.quarantined().collect();
    let summary: Vec<_> =
        heads.iter().map(|head| (head.id.0, head.reason, head.field.as_deref(), &*head.origin)).collect();
    assert_eq!(
        summary,
        [(1, Reason::Conflict, Some("uid"), "origin of b"), (2, Reason::Malformed, None, "line 3 of events.ndjson")]
    );
    let reader = book.ledger.reader();
    assert_eq!(
        reader.quarantined(heads[1].location).expect("reads"),
        QuarantinedEvent {
            id: QuarantineId(2),
            rejection: malformed(),
            origin: "line 3 of events.ndjson".into(),
            received_at: NOW,
            raw: b"{\xFF\0".to_vec(),
        }
    );
    let conflict = reader.quarantined(heads[0].location).expect("reads");
    assert_eq!(conflict.raw, b"raw of b");
    assert_eq!(conflict.rejection.detail, "uid 1 is registered already");
}

#[test]
fn a_second_try_that_gets_in_or_finds_a_duplicate_leaves_quarantine() {
    let mut book = Book::new();
    let mut batch = book.batch(&[trade(1, "s", "a")]);
    for number in 0..3 {
        batch.push_rejected(malformed(), b"?".to_vec(), format!("line {number}"));
    }
    book.try_commit(&[batch]).expect("commits");
    let mut batch = book.batch(&[]);
    batch.redrive(QuarantineId(1));
    batch.push_event(&trade(1, "s", "b"), b"", String::new);
    batch.redrive(QuarantineId(3));
    batch.push_event(&trade(1, "s", "a"), b"", String::new);
    let commit = book.try_commit(&[batch]).expect("commits");
    assert_eq!(commit.outcomes, [accepted(2), duplicate(1)]);
    let frame = commit.frame.expect("a frame");
    assert_eq!(frame.redriven().collect::<Vec<_>>(), [QuarantineId(1), QuarantineId(3)]);
    assert_eq!(frame.quarantined().count(), 0);
}

#[test]
fn a_second_try_that_fails_again_stays_under_its_id_with_its_new_reason() {
    let mut book = Book::new();
    book.commit(&[registration(1, "s", "a")]);
    let mut batch = book.batch(&[]);
    batch.push_rejected(malformed(), b"?".to_vec(), "first".into());
    book.try_commit(&[batch]).expect("commits");
    let mut batch = book.batch(&[]);
    batch.redrive(QuarantineId(1));
    batch.push_event(&registration(1, "s", "b"), b"now readable", || "second".into());
    batch.push_rejected(malformed(), b"new".to_vec(), "new".into());
    batch.redrive(QuarantineId(1));
    batch.push_rejected(malformed(), b"?".to_vec(), "third".into());
    let commit = book.try_commit(&[batch]).expect("commits");
    let conflict = Rejection::of_field(Reason::Conflict, "uid", "uid 1 is registered already");
    assert_eq!(commit.outcomes, [quarantined(1, conflict), quarantined(2, malformed()), quarantined(1, malformed())]);
    let frame = commit.frame.expect("a frame");
    assert_eq!(frame.redriven().count(), 0);
    let heads: Vec<_> = frame.quarantined().map(|head| (head.id.0, head.origin)).collect();
    assert_eq!(heads, [(1, "second".into()), (2, "new".into()), (1, "third".into())]);
    assert_eq!(book.ledger.end().last_quarantine_id(), QuarantineId(2));
}

#[test]
fn a_second_try_of_what_was_never_quarantined_is_refused_and_changes_nothing() {
    let mut book = Book::new();
    let mut batch = book.batch(&[]);
    batch.redrive(QuarantineId(1));
    batch.push_event(&trade(1, "s", "a"), b"", String::new);
    let refused = book.try_commit(&[batch]);
    let refusal = CommitRefusal::NotInQuarantine { id: QuarantineId(1) };
    assert!(matches!(refused, Err(CommitError::Refused(told)) if told == refusal));
    assert_eq!(book.commit(&[trade(1, "s", "a")]), [accepted(1)]);
}

//! What frames say beyond the first format: of sources, and of what operators did to quarantined events.

use ledger::{
    Act, ActKind, Batch, Frame, LedgerReader, MemoryStorage, QuarantineId, Storage, TopicAcceptance, WriteLock, copy,
    verify,
};
use schemas::{Reason, Rejection};

use crate::given::{Book, NOW, accepted, duplicate, in_memory, options, trade, trades};

fn format_of(memory: &MemoryStorage) -> String {
    let bytes = memory.contents("FORMAT").expect("reads").expect("is there");
    String::from_utf8(bytes).expect("a text")
}

fn committed(book: &mut Book, batch: Batch) -> Frame {
    book.try_commit(&[batch]).expect("commits").frame.expect("a frame")
}

#[test]
fn a_ledger_has_format_1_until_a_frame_says_what_only_format_2_can() {
    let memory = MemoryStorage::new();
    let mut book = Book::open_with(&in_memory(&memory), options()).expect("opens").0;
    book.commit(&trades(0, 10));
    let mut batch = book.batch(&[]);
    batch.push_rejected(Rejection::new(Reason::Malformed, "no"), b"?".to_vec(), "here".into());
    batch.set_offset("events", 0, 11);
    committed(&mut book, batch);
    assert_eq!(format_of(&memory), "tributary ledger, format 1\n");
    let mut batch = book.batch(&trades(10, 1));
    batch.set_topic_identity("events", [7; 16]);
    committed(&mut book, batch);
    assert_eq!(format_of(&memory), "tributary ledger, format 2\n");
    drop(book);
    let mut book = Book::open(&in_memory(&memory)).expect("opens").0;
    assert_eq!(book.commit(&trades(11, 1)), [accepted(12)]);
    assert_eq!(format_of(&memory), "tributary ledger, format 2\n");
    let to = MemoryStorage::new();
    let lock = WriteLock::take(in_memory(&to), "the test").expect("nobody else has it");
    copy(&book.ledger.reader(), 12, &lock).expect("copies");
    drop(lock);
    assert_eq!(format_of(&to), format_of(&memory));
    let copied = LedgerReader::open_read_only(in_memory(&to)).expect("opens");
    assert_eq!(verify(&copied, |_| {}).expect("in order").position, 12);
}

#[test]
fn the_identity_of_topics_and_what_lies_before_an_offset_come_back_with_the_offsets() {
    let mut book = Book::new();
    let mut first = book.batch(&[]);
    first.set_offset("events", 0, 5);
    first.set_topic_identity("events", [1; 16]);
    first.set_offset_check("events", 0, 55);
    first.set_offset("events", 1, 6);
    first.set_offset_check("events", 1, 66);
    let mut second = book.batch(&[]);
    second.set_offset("events", 0, 8);
    second.set_topic_identity("events", [2; 16]);
    second.set_topic_identity("other", [0; 16]);
    second.accept_topic("events", [1; 16], [2; 16], "operator 7");
    let frame = book.try_commit(&[first, second]).expect("commits").frame.expect("a frame");
    assert_eq!(frame.offsets().collect::<Vec<_>>(), [("events", 0, 8), ("events", 1, 6)]);
    // The later batch moved the offset of partition 0 and said nothing of what lies before it.
    assert_eq!(frame.offset_checks().collect::<Vec<_>>(), [("events", 1, 66)]);
    assert_eq!(frame.topics().collect::<Vec<_>>(), [("events", [2; 16]), ("other", [0; 16])]);
    let acceptance =
        TopicAcceptance { topic: "events".into(), old: [1; 16], new: [2; 16], by: "operator 7".into(), at: NOW };
    assert_eq!(frame.topics_accepted().collect::<Vec<_>>(), [acceptance]);
}

#[test]
fn an_act_is_kept_with_who_why_when_and_what_came_of_it() {
    let mut book = Book::new();
    let mut batch = book.batch(&[trade(1, "s", "a")]);
    for number in 0..5 {
        batch.push_rejected(Rejection::new(Reason::Malformed, "no"), b"?".to_vec(), format!("line {number}"));
    }
    committed(&mut book, batch);
    let mut batch = book.batch(&[]);
    batch.discard(QuarantineId(1), "operator 7", "a test message");
    batch.replace(QuarantineId(2), "operator 7", "");
    batch.push_event(&trade(1, "s", "b"), b"", String::new);
    batch.replace(QuarantineId(3), "operator 7", "sent since");
    batch.push_event(&trade(1, "s", "a"), b"", String::new);
    batch.redrive_by(QuarantineId(4), "operator 7", "");
    batch.push_rejected(Rejection::new(Reason::Malformed, "still"), b"?".to_vec(), "line 3".into());
    batch.replace(QuarantineId(5), "operator 7", "");
    batch.push_rejected(Rejection::new(Reason::Malformed, "mended badly"), b"!".to_vec(), "instead of 5".into());
    let commit = book.try_commit(&[batch]).expect("commits");
    assert_eq!(commit.outcomes[..2], [accepted(2), duplicate(1)]);
    let frame = commit.frame.expect("a frame");
    let acts: Vec<Act> = frame.acts().map(|(act, _)| act).collect();
    let act = |id, kind, why: &str, position| Act {
        id: QuarantineId(id),
        kind,
        by: "operator 7".into(),
        why: why.into(),
        at: NOW,
        position,
    };
    assert_eq!(
        acts,
        [
            act(1, ActKind::Discarded, "a test message", 0),
            act(2, ActKind::Replaced, "", 2),
            act(3, ActKind::Replaced, "sent since", 1),
            act(4, ActKind::Redriven, "", 0),
        ]
    );
    // None of them got in itself, and what was to take the place of 5 is in quarantine under an id of its own.
    assert_eq!(frame.redriven().count(), 0);
    assert_eq!(frame.quarantined().map(|head| head.id.0).collect::<Vec<_>>(), [4, 6]);
}

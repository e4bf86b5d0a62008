//! Who did what: kept with what came of it, found by position and in the list of deeds, and never part of an event.

use std::net::IpAddr;

use ledger::{
    Actor, Batch, DeedFilter, DeedRow, FrameCursor, Index, LedgerReader, MemoryStorage, QuarantineId, Storage,
    WriteLock, back_up, copy, repair, verify,
};
use schemas::{EventType, Reason, Rejection};

use crate::given::{
    Book, accepted, duplicate, in_memory, index_of_parts, kyc, options, parts_of, segment_names, trade, trades,
};

pub fn actor(who: &str, role: &str) -> Actor {
    Actor {
        who: Some(who.to_owned()),
        role: role.to_owned(),
        address: Some(IpAddr::from([203, 0, 113, 7])),
        request_id: Some(format!("request of {who}")),
    }
}

fn by(mut batch: Batch, who: &str) -> Batch {
    batch.set_actor(Some(actor(who, "operator")));
    batch
}

/// What a source read, a body of three events of which one is repeated, two commands, and what was done to two
/// quarantined events: three frames.
fn written() -> (MemoryStorage, Book) {
    let memory = MemoryStorage::new();
    let mut book = Book::open_with(&in_memory(&memory), options()).expect("opens").0;
    let read = book.batch(&trades(0, 3));
    let body = [trade(900, "s", "a"), kyc(900, "s", "k"), trade(900, "s", "a")];
    let posted = by(book.batch(&body), "service 1");
    let commands = ["7", "8"].map(|who| by(book.batch(&[kyc(who.parse().expect("a uid"), "api", who)]), who));
    let [first, second] = commands;
    let outcomes = book.try_commit(&[read, posted, first, second]).expect("commits").outcomes;
    assert_eq!(outcomes[3..], [accepted(4), accepted(5), duplicate(4), accepted(6), accepted(7)]);
    let mut sent = by(book.batch(&[]), "service 1");
    for raw in [b"{", b"["] {
        sent.push_rejected(Rejection::new(Reason::Malformed, "no"), raw.to_vec(), "sent".into());
    }
    book.try_commit(&[sent]).expect("commits");
    let mut acts = by(book.batch(&[]), "9");
    acts.discard(QuarantineId(1), "operator 9", "not wanted");
    acts.replace(QuarantineId(2), "operator 9", "mended");
    acts.push_event(&trade(901, "s", "b"), b"{}", String::new);
    book.try_commit(&[acts]).expect("commits");
    (memory, book)
}

fn who(reader: &LedgerReader, last: u64) -> Vec<Option<String>> {
    (1..=last).map(|at| reader.actor(at).expect("reads").and_then(|actor| actor.who)).collect()
}

const WHO: [Option<&str>; 8] =
    [None, None, None, Some("service 1"), Some("service 1"), Some("7"), Some("8"), Some("9")];

fn expected(last: usize) -> Vec<Option<String>> {
    WHO[..last].iter().map(|who| who.map(str::to_owned)).collect()
}

fn rows(index: &Index, reader: &LedgerReader, filter: &DeedFilter) -> Vec<DeedRow> {
    let deeds = index.deeds();
    let places = (0..deeds.frames()).filter_map(|number| deeds.frame(number));
    places.flat_map(|place| reader.deed_rows(place, filter).expect("reads")).collect()
}

#[test]
fn every_event_tells_who_sent_it_and_what_a_source_read_tells_of_nobody() {
    let (_, book) = written();
    let reader = book.ledger.reader();
    assert_eq!(who(&reader, 8), expected(8));
    assert_eq!(reader.actor(4).expect("reads"), Some(actor("service 1", "operator")));
    assert!(reader.actor(0).is_err() && reader.actor(9).is_err());
    // The same events by nobody stand under the same identities and give the same index.
    assert_eq!(book.index.find(trade(900, "s", "a").stream(), "s", "a", &reader).expect("finds"), Some(4));
}

#[test]
fn the_list_of_deeds_has_a_row_for_a_command_for_a_body_and_for_a_decision() {
    let (_, book) = written();
    let told: Vec<_> = rows(&book.index, &book.ledger.reader(), &DeedFilter::default());
    let of = |row: &DeedRow| {
        let act = row.act.as_ref().map(|act| (act.id.0, act.why.clone()));
        (row.number, row.actor.who.clone().unwrap_or_default(), row.position, row.events, row.quarantined, act)
    };
    let row = |number, who: &str, position, events, quarantined, act: Option<(u64, &str)>| {
        (number, who.to_owned(), position, events, quarantined, act.map(|(id, why)| (id, why.to_owned())))
    };
    assert_eq!(
        told.iter().map(of).collect::<Vec<_>>(),
        [
            row(1, "service 1", 4, 2, 0, None),
            row(2, "7", 6, 1, 0, None),
            row(3, "8", 7, 1, 0, None),
            row(4, "service 1", 7, 0, 2, None),
            row(5, "9", 7, 0, 0, Some((1, "not wanted"))),
            row(6, "9", 8, 1, 0, Some((2, "mended"))),
        ]
    );
    let events: Vec<_> = told.iter().map(DeedRow::event).collect();
    assert_eq!(events, [Some(4), Some(6), Some(7), None, None, Some(8)]);
    assert_eq!((book.index.deeds().rows(), book.index.deeds().frames()), (6, 3));
}

#[test]
fn a_filter_takes_rows_by_who_by_role_by_type_and_by_when() {
    let (_, mut book) = written();
    let begun = book.now;
    book.now = begun.plus_days(1);
    let mut later = book.batch(&[kyc(11, "api", "later")]);
    later.set_actor(Some(Actor { who: None, role: "service".into(), address: None, request_id: None }));
    book.try_commit(&[later]).expect("commits");
    let reader = book.ledger.reader();
    let taken =
        |filter: DeedFilter| -> Vec<u64> { rows(&book.index, &reader, &filter).iter().map(|row| row.number).collect() };
    let none = DeedFilter::default();
    assert_eq!(taken(none.clone()), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(taken(DeedFilter { who: Some("service 1".into()), ..none.clone() }), [1, 4]);
    assert_eq!(taken(DeedFilter { role: Some("service".into()), ..none.clone() }), [7]);
    assert_eq!(taken(DeedFilter { event_type: Some(EventType::Kyc), ..none.clone() }), [1, 2, 3, 7]);
    assert_eq!(taken(DeedFilter { event_type: Some(EventType::Trade), ..none.clone() }), [1, 6]);
    assert_eq!(taken(DeedFilter { event_type: Some(EventType::Vip), ..none.clone() }), [0; 0]);
    assert_eq!(taken(DeedFilter { from: Some(book.now), ..none.clone() }), [7]);
    assert_eq!(taken(DeedFilter { before: Some(book.now), ..none.clone() }), [1, 2, 3, 4, 5, 6]);
    assert_eq!(taken(DeedFilter { from: Some(begun), before: Some(begun), ..none }), [0; 0]);
}

#[test]
fn what_only_repeats_is_no_deed_and_one_body_in_two_frames_is_two() {
    let mut book = Book::new();
    let again = by(book.batch(&trades(0, 4)), "7");
    let (first, second) = again.halves().unwrap_or_else(|_| panic!("it has four events"));
    book.try_commit(&[first]).expect("commits");
    book.try_commit(&[second]).expect("commits");
    let repeated = by(book.batch(&trades(0, 4)), "7");
    book.try_commit(&[repeated]).expect("commits");
    let told = rows(&book.index, &book.ledger.reader(), &DeedFilter::default());
    assert_eq!(told.iter().map(|row| (row.position, row.events)).collect::<Vec<_>>(), [(1, 2), (3, 2)]);
}

#[test]
fn a_start_and_the_bytes_of_an_index_have_them_too() {
    let (memory, book) = written();
    let (told, parts) = (rows(&book.index, &book.ledger.reader(), &DeedFilter::default()), parts_of(&book.index));
    drop(book);
    let book = Book::open(&in_memory(&memory)).expect("opens").0;
    let reader = book.ledger.reader();
    assert_eq!(rows(&book.index, &reader, &DeedFilter::default()), told);
    let read = index_of_parts(&parts, &reader).expect("an index");
    assert_eq!(rows(&read, &reader, &DeedFilter::default()), told);
    assert_eq!(verify(&reader, |_| {}).expect("in order").position, 8);
}

#[test]
fn a_copy_keeps_who_it_was_also_of_a_frame_that_is_cut_through() {
    let (_, book) = written();
    for upto in 0..=8 {
        let to = MemoryStorage::new();
        let lock = WriteLock::take(in_memory(&to), "the test").expect("nobody else has it");
        copy(&book.ledger.reader(), upto, &lock).expect("copies");
        drop(lock);
        let copied = Book::open(&in_memory(&to)).expect("opens").0;
        let reader = copied.ledger.reader();
        assert_eq!(who(&reader, upto), expected(upto as usize), "up to {upto}");
        let events = rows(&copied.index, &reader, &DeedFilter::default()).iter().map(|row| row.events).sum::<u64>();
        assert_eq!(events, upto.saturating_sub(3), "up to {upto}");
        assert_eq!(verify(&reader, |_| {}).expect("in order").position, upto);
    }
}

#[test]
fn a_backup_and_a_repair_from_it_keep_them() {
    let (memory, book) = written();
    drop(book);
    let backup = MemoryStorage::new();
    back_up(in_memory(&memory), &WriteLock::take(in_memory(&backup), "the backup").expect("free"), &mut |_, _| {})
        .expect("backed up");
    let name = &segment_names(&memory)[0];
    let mut bytes = memory.contents(name).expect("reads").expect("is there");
    let place = bytes.windows(12).position(|found| found == b"request of 8").expect("the request's id");
    bytes[place] ^= 1;
    memory.replace(name, &bytes).expect("damaged");
    let opened = LedgerReader::open_read_only(in_memory(&memory)).map(|_| ());
    assert!(opened.is_err(), "who did it is under the checksum: {opened:?}");
    repair(&WriteLock::take(in_memory(&memory), "the repair").expect("free"), in_memory(&backup)).expect("repaired");
    let reader = LedgerReader::open_read_only(in_memory(&memory)).expect("opens");
    assert_eq!(who(&reader, 8), expected(8));
}

#[test]
fn who_it_was_changes_the_hash_chain_and_not_the_events() {
    let of = |who: &str| {
        let mut book = Book::new();
        let batch = by(book.batch(&trades(0, 3)), who);
        book.try_commit(&[batch]).expect("commits");
        (book.events(), book.ledger.end())
    };
    let (one, other) = (of("7"), of("8"));
    assert_eq!(one.0, other.0);
    assert_ne!(one.1, other.1);
    assert_eq!(one.1.position(), other.1.position());
}

#[test]
fn a_ledger_in_which_nobody_is_named_stays_in_its_format() {
    let memory = MemoryStorage::new();
    let mut book = Book::open_with(&in_memory(&memory), options()).expect("opens").0;
    book.commit(&trades(0, 3));
    let format = || String::from_utf8(memory.contents("FORMAT").expect("reads").expect("there")).expect("a text");
    assert_eq!(format(), "tributary ledger, format 1\n");
    let batch = by(book.batch(&trades(3, 3)), "7");
    book.try_commit(&[batch]).expect("commits");
    assert_eq!(format(), "tributary ledger, format 3\n");
    let frames: Vec<_> = book.ledger.reader().frames(&FrameCursor::START).collect::<Result<_, _>>().expect("frames");
    assert_eq!(frames.iter().map(|frame| frame.deeds().count()).collect::<Vec<_>>(), [0, 1]);
}

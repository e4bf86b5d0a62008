//! A whole segment of each format, kept for ever: it reads the same, and the same commits still give its bytes.

use std::path::{Path, PathBuf};

use ledger::{ActKind, Actor, LedgerOptions, LedgerReader, MemoryStorage, QuarantineId, Storage, verify};
use schemas::{Event, EventType, Reason, Rejection};

use crate::deeds::actor;
use crate::given::{Book, code, in_memory, kyc, offer, options, program, registration, segment_names, trade};

fn folder(format: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("samples/v{format}"))
}

fn events() -> Vec<Event<'static>> {
    let mut events = vec![
        program("/platform", "p1"),
        registration(1, "/exchange/accounts", "r1"),
        code("WELCOME_20", 1, "/platform", "c1"),
        offer("spring", "/platform", "o1"),
    ];
    for number in 0..20 {
        events.push(registration(100 + number, "/exchange/accounts", "r"));
        events.push(kyc(100 + number, "/exchange/accounts", "k"));
        events.push(trade(100 + number, "/exchange/spot", "t1"));
    }
    events
}

/// A ledger with something of everything that format 1 knows.
fn ledger() -> MemoryStorage {
    ledger_of_format_1().0
}

fn ledger_of_format_1() -> (MemoryStorage, Book) {
    let memory = MemoryStorage::new();
    let storage = in_memory(&memory);
    let mut book = Book::open_with(&storage, LedgerOptions { segment_bytes: 8 << 10, ..options() }).expect("opens").0;
    let mut batch = book.batch(&events());
    batch.set_offset("events", 0, 65);
    batch.push_rejected(Rejection::new(Reason::Malformed, "not JSON"), b"{".to_vec(), "events/0 at 64".into());
    batch.push_event(&registration(1, "/exchange/accounts", "r2"), b"{\"again\":1}", || "events/0 at 65".into());
    book.try_commit(&[batch]).expect("commits");
    book.now = book.now.plus_days(1);
    let mut batch = book.batch(&[trade(100, "/exchange/spot", "t1"), trade(100, "/exchange/spot", "t2")]);
    batch.redrive(QuarantineId(1));
    batch.push_event(&kyc(1, "/exchange/accounts", "k"), b"{}", || "a second try".into());
    batch.set_offset("events", 0, 68);
    batch.set_offset("events", 11, 5);
    book.try_commit(&[batch]).expect("commits");
    (memory, book)
}

/// The same, gone on with what format 2 knows besides.
fn ledger_of_format_2() -> (MemoryStorage, Book) {
    let (memory, mut book) = ledger_of_format_1();
    book.now = book.now.plus_days(1);
    let mut batch = book.batch(&[]);
    batch.set_offset("events", 0, 70);
    batch.set_topic_identity("events", *b"sixteen bytes id");
    batch.set_offset_check("events", 0, 0x0123_4567_89AB_CDEF);
    batch.accept_topic("events", [0; 16], *b"sixteen bytes id", "operator 7");
    batch.push_rejected(Rejection::new(Reason::Malformed, "not JSON"), b"[".to_vec(), "events/0 at 68".into());
    // Byte for byte from the same origin as what the first frame quarantined under id 2.
    batch.push_event(&registration(1, "/exchange/accounts", "r2"), b"{\"again\":1}", || "events/0 at 65".into());
    batch.push_rejected(Rejection::new(Reason::Malformed, "not JSON"), b"(".to_vec(), "events/0 at 69".into());
    book.try_commit(&[batch]).expect("commits");
    let mut batch = book.batch(&[]);
    batch.discard(QuarantineId(2), "operator 7", "sent twice");
    batch.replace(QuarantineId(3), "operator 7", "a bracket was missing");
    batch.push_event(&kyc(2, "/exchange/accounts", "k"), b"{}", || "instead of 3".into());
    batch.redrive_by(QuarantineId(4), "operator 8", "");
    batch.push_rejected(Rejection::new(Reason::Malformed, "not JSON"), b"(".to_vec(), "events/0 at 69".into());
    book.try_commit(&[batch]).expect("commits");
    (memory, book)
}

/// The same, gone on with what format 3 knows besides.
fn ledger_of_format_3() -> MemoryStorage {
    let (memory, mut book) = ledger_of_format_2();
    book.now = book.now.plus_days(1);
    let read = book.batch(&[trade(100, "/exchange/spot", "t3")]);
    let mut command = book.batch(&[kyc(3, "/tributary/api", "000000000069")]);
    command.set_actor(Some(actor("7", "affiliate")));
    let mut body = book.batch(&[kyc(4, "/exchange/accounts", "k"), trade(101, "/exchange/spot", "t2")]);
    body.push_rejected(Rejection::new(Reason::Malformed, "not JSON"), b"<".to_vec(), "POST /v1/events".into());
    let address = Some("2001:db8::7".parse().expect("an address"));
    body.set_actor(Some(Actor { who: None, role: "service".into(), address, request_id: None }));
    book.try_commit(&[read, command, body]).expect("commits");
    let mut act = book.batch(&[]);
    act.discard(QuarantineId(5), "operator 8", "no event at all");
    act.set_actor(Some(actor("8", "operator")));
    book.try_commit(&[act]).expect("commits");
    memory
}

#[test]
fn a_segment_of_format_1_is_written_for_ever_as_in_the_sample() {
    is_written_as_in_the_sample(1, &ledger());
}

#[test]
fn a_segment_of_format_2_is_written_for_ever_as_in_the_sample() {
    is_written_as_in_the_sample(2, &ledger_of_format_2().0);
}

#[test]
fn a_segment_of_format_3_is_written_for_ever_as_in_the_sample() {
    is_written_as_in_the_sample(3, &ledger_of_format_3());
}

#[test]
fn a_segment_of_format_3_reads_for_ever() {
    let reader = reader_of_the_sample(3);
    assert_eq!(verify(&reader, |_| {}).expect("in order").position, 71);
    let who = |position| reader.actor(position).expect("reads").map(|actor| (actor.who, actor.role));
    let (seven, service) = ((Some("7".to_owned()), "affiliate".to_owned()), (None, "service".to_owned()));
    assert_eq!([67, 68, 69, 70, 71].map(who), [None, None, Some(seven), Some(service.clone()), Some(service)]);
    let frames: Vec<_> = reader.frames(&ledger::FrameCursor::START).collect::<Result<_, _>>().expect("frames");
    let deeds: Vec<_> = frames.iter().flat_map(ledger::Frame::deeds).collect();
    let [command, body, act] = &deeds[..] else { panic!("{} deeds", deeds.len()) };
    assert_eq!((command.actor.clone(), command.events.clone()), (actor("7", "affiliate"), 69..70));
    assert_eq!((body.events.clone(), body.quarantined.clone()), (70..72, 5..6));
    assert!([EventType::Kyc, EventType::Trade].into_iter().all(|of| body.types.holds(of)));
    assert_eq!((body.actor.address, body.actor.request_id.clone()), (Some("2001:db8::7".parse().expect("one")), None));
    assert_eq!((act.actor.clone(), act.events.is_empty()), (actor("8", "operator"), true));
}

/// With `TRIBUTARY_WRITE_SAMPLES` set, samples that are missing are written; those that are there never change.
fn is_written_as_in_the_sample(format: u32, memory: &MemoryStorage) {
    let names = segment_names(memory);
    assert_eq!(names, ["00000001-0000000001.segment"]);
    for name in ["FORMAT", &names[0]] {
        let path = folder(format).join(name);
        let written = memory.contents(name).expect("reads").expect("is there");
        if !path.exists() && std::env::var_os("TRIBUTARY_WRITE_SAMPLES").is_some() {
            std::fs::write(&path, &written).expect("the sample is written");
        }
        let kept = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(kept, written, "{}", path.display());
    }
}

fn reader_of_the_sample(format: u32) -> LedgerReader {
    let memory = MemoryStorage::new();
    for name in ["FORMAT", "00000001-0000000001.segment"] {
        memory.replace(name, &std::fs::read(folder(format).join(name)).expect("the sample is there")).expect("kept");
    }
    LedgerReader::open_read_only(in_memory(&memory)).expect("opens")
}

#[test]
fn a_segment_of_format_2_reads_for_ever() {
    let reader = reader_of_the_sample(2);
    let mut expected = events();
    expected.push(trade(100, "/exchange/spot", "t2"));
    expected.extend([1, 2].map(|uid| kyc(uid, "/exchange/accounts", "k")));
    assert_eq!(crate::given::all_events(&reader, reader.durable_position()), expected);
    let frames: Vec<_> = reader.frames(&ledger::FrameCursor::START).collect::<Result<_, _>>().expect("frames");
    let [_, _, sources, acts] = &frames[..] else { panic!("{} frames", frames.len()) };
    assert_eq!(sources.topics().collect::<Vec<_>>(), [("events", *b"sixteen bytes id")]);
    assert_eq!(sources.offset_checks().collect::<Vec<_>>(), [("events", 0, 0x0123_4567_89AB_CDEF)]);
    let accepted = sources.topics_accepted().map(|accepted| (accepted.topic, accepted.old, accepted.new, accepted.by));
    let acceptance = ("events".to_owned(), [0; 16], *b"sixteen bytes id", "operator 7".to_owned());
    assert_eq!(accepted.collect::<Vec<_>>(), [acceptance]);
    assert_eq!(sources.repeats().collect::<Vec<_>>(), [(QuarantineId(2), 1)]);
    let told = acts.acts().map(|(act, _)| (act.id.0, act.kind, act.by, act.why, act.position)).collect::<Vec<_>>();
    let told: Vec<_> = told.iter().map(|(id, kind, by, why, at)| (*id, *kind, &**by, &**why, *at)).collect();
    assert_eq!(
        told,
        [
            (2, ActKind::Discarded, "operator 7", "sent twice", 0),
            (3, ActKind::Replaced, "operator 7", "a bracket was missing", 67),
            (4, ActKind::Redriven, "operator 8", "", 0),
        ]
    );
    let report = verify(&reader, |_| {}).expect("in order");
    assert_eq!((report.frames, report.position, report.quarantined, report.set_aside), (4, 67, 1, 2));
}

#[test]
fn a_segment_of_format_1_reads_for_ever() {
    let reader = reader_of_the_sample(1);
    let mut expected = events();
    expected.push(trade(100, "/exchange/spot", "t2"));
    expected.push(kyc(1, "/exchange/accounts", "k"));
    assert_eq!(crate::given::all_events(&reader, reader.durable_position()), expected);
    let report = verify(&reader, |_| {}).expect("in order");
    // One of the two that were quarantined got in since.
    assert_eq!((report.frames, report.position, report.quarantined), (2, 66, 1));
    let frames: Vec<_> = reader.frames(&ledger::FrameCursor::START).collect::<Result<_, _>>().expect("frames");
    let heads: Vec<_> = frames[0].quarantined().collect();
    assert_eq!(heads.iter().map(|head| head.reason).collect::<Vec<_>>(), [Reason::Malformed, Reason::Conflict]);
    assert_eq!(reader.quarantined(heads[1].location).expect("reads").raw, b"{\"again\":1}");
    assert_eq!(frames[1].redriven().collect::<Vec<_>>(), [QuarantineId(1)]);
    assert_eq!(frames[1].duplicates().collect::<Vec<_>>(), [("/exchange/spot", 1)]);
    assert_eq!(frames[1].offsets().collect::<Vec<_>>(), [("events", 0, 68), ("events", 11, 5)]);
    let first_trade = expected.iter().position(|event| event.event_type() == EventType::Trade).expect("a trade");
    assert_eq!(first_trade, 6);
}

//! A whole segment of format 1, kept for ever: it reads the same, and the same commits still give its bytes.

use std::path::{Path, PathBuf};

use ledger::{LedgerOptions, LedgerReader, MemoryStorage, QuarantineId, Storage, verify};
use schemas::{Event, EventType, Reason, Rejection};

use crate::given::{Book, code, in_memory, kyc, offer, options, program, registration, segment_names, trade};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/v1")
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

/// A ledger with something of everything.
fn ledger() -> MemoryStorage {
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
    memory
}

/// With `TRIBUTARY_WRITE_SAMPLES` set, samples that are missing are written; those that are there never change.
#[test]
fn a_segment_of_format_1_is_written_for_ever_as_in_the_sample() {
    let memory = ledger();
    let names = segment_names(&memory);
    assert_eq!(names, ["00000001-0000000001.segment"]);
    for name in ["FORMAT", &names[0]] {
        let path = folder().join(name);
        let written = memory.contents(name).expect("reads").expect("is there");
        if !path.exists() && std::env::var_os("TRIBUTARY_WRITE_SAMPLES").is_some() {
            std::fs::write(&path, &written).expect("the sample is written");
        }
        let kept = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(kept, written, "{}", path.display());
    }
}

#[test]
fn a_segment_of_format_1_reads_for_ever() {
    let memory = MemoryStorage::new();
    for name in ["FORMAT", "00000001-0000000001.segment"] {
        memory.replace(name, &std::fs::read(folder().join(name)).expect("the sample is there")).expect("kept");
    }
    let reader = LedgerReader::open_read_only(in_memory(&memory)).expect("opens");
    let mut expected = events();
    expected.push(trade(100, "/exchange/spot", "t2"));
    expected.push(kyc(1, "/exchange/accounts", "k"));
    assert_eq!(crate::given::all_events(&reader, reader.durable_position()), expected);
    let report = verify(&reader, |_| {}).expect("in order");
    assert_eq!((report.frames, report.position, report.quarantined), (2, 66, 2));
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

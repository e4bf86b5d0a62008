//! A backup in an object store, against a real server: what is sent and when, what a fault on the way does, and that two at
//! once leave one that is whole.

#[path = "../../../ledger/tests/ledger/given.rs"]
#[allow(dead_code, reason = "another crate's tests use all of it")]
mod given;
mod proxy;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backups::{ObjectOptions, ObjectPlace, ObjectSource, ObjectsError, ship};
use given::{Book, in_memory, options, segment_names, trades};
use ledger::{
    BackedUp, BackupError, BackupLabel, FrameCursor, LedgerOptions, LedgerReader, MemoryStorage, SourceStorage,
    Storage, Survey, WriteLock, download, repair, verify,
};
use proxy::{Fault, Proxy};
use server::Server;

const SMALL: u64 = 9_000;
/// So many frames of sixty entries: a full segment, and one more.
const SOME: usize = 7;

fn book(memory: &MemoryStorage, segment_bytes: u64) -> Book {
    Book::open_with(&in_memory(memory), LedgerOptions { segment_bytes, ..options() }).expect("opens").0
}

fn write(book: &mut Book, frames: std::ops::Range<usize>) {
    for number in frames {
        book.commit(&trades(number * 60, 60));
    }
}

fn place(address: &str, folder: &str) -> ObjectPlace {
    let options = ObjectOptions {
        endpoint: Some(format!("http://{address}")),
        region: Some("us-east-1".to_owned()),
        access_key_id: Some("key".to_owned()),
        secret_access_key: Some("secret".to_owned()),
    };
    ObjectPlace::at(&format!("s3://bucket/{folder}"), &options).expect("a place")
}

fn shipped(from: &MemoryStorage, to: &ObjectPlace) -> Result<BackedUp, ObjectsError> {
    let reader = LedgerReader::open_read_only(in_memory(from)).expect("opens");
    ship(&reader, from, to, &mut |_, _| {})
}

fn fetched(from: ObjectPlace) -> MemoryStorage {
    let to = MemoryStorage::new();
    let lock = WriteLock::take(in_memory(&to), "the test").expect("nobody else has it");
    download(&ObjectSource::open(from).expect("a backup"), &lock, &mut |_, _| {}).expect("downloaded");
    to
}

/// The ledger that is fetched from a place: it is whole, and goes as far as it says.
#[track_caller]
fn whole(from: ObjectPlace) -> (MemoryStorage, FrameCursor) {
    let to = fetched(from);
    let reader = LedgerReader::open_read_only(in_memory(&to)).expect("opens");
    verify(&reader, |_| {}).expect("in order");
    let label = BackupLabel::read(&to).expect("reads").expect("a label").end;
    assert_eq!(label.position(), reader.durable_position());
    (to, label)
}

#[track_caller]
fn assert_same(from: &MemoryStorage, to: &MemoryStorage) {
    assert_eq!(segment_names(from), segment_names(to));
    for name in segment_names(from) {
        assert!(from.contents(&name).expect("reads") == to.contents(&name).expect("reads"), "{name} differs");
    }
}

#[test]
fn full_segments_are_sent_once_and_all_comes_back_byte_for_byte() {
    let Some(server) = Server::start() else { return };
    let at = || place(&server.address, "a/b");
    let from = MemoryStorage::new();
    let mut book = book(&from, SMALL);
    assert!(matches!(ObjectSource::open(at()), Err(ObjectsError::NoBackup { .. })));
    write(&mut book, 0..SOME);
    let first = shipped(&from, &at()).expect("shipped");
    assert_eq!((first.before, first.end), (FrameCursor::START, book.ledger.end()));
    assert_eq!(first.segments_copied, segment_names(&from).len() as u64);
    assert_same(&from, &whole(at()).0);

    write(&mut book, SOME..2 * SOME);
    let second = shipped(&from, &at()).expect("shipped");
    assert_eq!((second.before, second.end), (first.end, book.ledger.end()));
    let full_before = first.segments_copied - 1;
    assert_eq!(second.segments_copied, segment_names(&from).len() as u64 - full_before, "full ones are sent once");
    assert_same(&from, &whole(at()).0);
    let keys = server.keys("a/b/");
    assert_eq!(keys.len(), segment_names(&from).len() + 1, "the tail before is gone: {keys:?}");

    let third = shipped(&from, &at()).expect("shipped");
    assert_eq!((third.before, third.end, third.bytes_copied), (second.end, second.end, 0));
    // Long after, with more segments than one manifest waits for.
    write(&mut book, 2 * SOME..140);
    assert!(segment_names(&from).len() > 20);
    shipped(&from, &at()).expect("shipped");
    assert_same(&from, &whole(at()).0);
    assert_eq!(server.keys("a/b/").len(), segment_names(&from).len() + 1);
    assert!(server.keys("").iter().all(|key| key.starts_with("a/b/")));
}

#[test]
fn a_large_segment_goes_in_parts_and_no_fault_on_the_way_is_seen_in_what_is_there() {
    let Some(server) = Server::start() else { return };
    let from = MemoryStorage::new();
    let mut book = book(&from, 24 << 20);
    for number in 0..5 {
        let ids = (0..12_000).map(|at| format!("{:0>250}", number * 12_000 + at));
        book.commit(&ids.map(|id| given::trade(7, "/exchange/spot", &id)).collect::<Vec<_>>());
    }
    let faults: [(&str, &str, Fault); 9] = [
        ("POST", "uploads", Fault::Unavailable),
        ("PUT", "partNumber=1&", Fault::Unavailable),
        ("PUT", "partNumber=2&", Fault::CutRequest),
        ("PUT", "partNumber=1&", Fault::LoseAnswer),
        ("POST", "uploadId", Fault::LoseAnswer),
        ("PUT", "manifest.json", Fault::LoseAnswer),
        ("PUT", "manifest.json", Fault::Unavailable),
        ("GET", "list-type", Fault::Unavailable),
        ("GET", "manifest.json", Fault::CutAnswer),
    ];
    for (at, (method, part, fault)) in faults.into_iter().enumerate() {
        let met = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&met);
        let proxy = Proxy::before(&server.address, move |found, target, _| {
            let is_meant = found == method && target.contains(part);
            (is_meant && count.fetch_add(1, Ordering::Relaxed) == 0).then_some(fault)
        });
        let folder = format!("fault-{at}");
        let told = shipped(&from, &place(&proxy.address, &folder))
            .unwrap_or_else(|error| panic!("{method} {part} {fault:?}: {error}"));
        assert!(met.load(Ordering::Relaxed) > 0, "{method} {part} was met: {:?}", proxy.seen());
        assert_eq!(told.end, book.ledger.end());
        assert_same(&from, &whole(place(&server.address, &folder)).0);
        assert!(proxy.seen().iter().any(|line| line.contains("partNumber=2")), "{:?}", proxy.seen());
    }
    // And on the way back.
    for fault in [Fault::Unavailable, Fault::CutAnswer, Fault::LoseAnswer] {
        let proxy = Proxy::before(&server.address, move |method, target, before| {
            (method == "GET" && target.contains("/segments/") && before == 1).then_some(fault)
        });
        assert_same(&from, &whole(place(&proxy.address, "fault-0")).0);
        assert!(proxy.seen().len() > 2);
    }
}

#[test]
fn broken_off_anywhere_the_backup_before_stands_or_a_longer_one_and_the_next_is_whole() {
    let Some(server) = Server::start() else { return };
    let from = MemoryStorage::new();
    let mut book = book(&from, SMALL);
    write(&mut book, 0..SOME);
    let mut before = shipped(&from, &place(&server.address, "cut")).expect("shipped").end;
    for allowed in 0.. {
        write(&mut book, (2 * allowed + 1) * SOME..(2 * allowed + 2) * SOME);
        let proxy = Proxy::before(&server.address, move |_, _, count| (count >= allowed).then_some(Fault::Forbidden));
        let broken_off = shipped(&from, &place(&proxy.address, "cut"));
        let (_, end) = whole(place(&server.address, "cut"));
        assert!(end.position() >= before.position(), "{} after {}", end.position(), before.position());
        let is_done = match broken_off {
            // What was there before is removed last: that it cannot be is no reason to have failed.
            Ok(told) => told.end == end && end == book.ledger.end(),
            Err(ObjectsError::Store { .. }) => false,
            Err(other) => panic!("{other}"),
        };
        write(&mut book, (2 * allowed + 2) * SOME..(2 * allowed + 3) * SOME);
        before = shipped(&from, &place(&server.address, "cut")).expect("shipped").end;
        assert_eq!(before, book.ledger.end());
        assert_same(&from, &whole(place(&server.address, "cut")).0);
        assert_eq!(server.keys("cut/").len(), segment_names(&from).len() + 1, "nothing is left behind");
        if is_done {
            assert!(allowed > 4, "it was broken off before");
            return;
        }
    }
}

#[test]
fn of_two_at_once_one_is_refused_and_the_other_is_whole() {
    let Some(server) = Server::start() else { return };
    for is_first in [true, false] {
        let folder = format!("two-{is_first}");
        let at = || place(&server.address, &folder);
        let from = MemoryStorage::new();
        let mut book = book(&from, SMALL);
        write(&mut book, 0..SOME);
        if !is_first {
            shipped(&from, &at()).expect("shipped");
            write(&mut book, SOME..2 * SOME);
        }
        let reader = LedgerReader::open_read_only(in_memory(&from)).expect("opens");
        let mut begun = 0;
        let refused = ship(&reader, &from, &at(), &mut |_, _| {
            begun += 1;
            if begun == 1 {
                shipped(&from, &at()).expect("the other is shipped");
            }
        });
        assert!(matches!(refused, Err(ObjectsError::Overtaken { .. })), "{refused:?}");
        assert_same(&from, &whole(at()).0);
        write(&mut book, 3 * SOME..4 * SOME);
        shipped(&from, &at()).expect("shipped");
        assert_same(&from, &whole(at()).0);
    }
}

#[test]
fn another_ledger_and_a_damaged_backup_are_told_and_what_is_there_repairs_a_segment() {
    let Some(server) = Server::start() else { return };
    let at = || place(&server.address, "told");
    let (from, other) = (MemoryStorage::new(), MemoryStorage::new());
    let mut mine = book(&from, SMALL);
    write(&mut mine, 0..2 * SOME);
    shipped(&from, &at()).expect("shipped");
    let mut theirs = book(&other, SMALL);
    write(&mut theirs, 100..100 + 3 * SOME);
    let refused = shipped(&other, &at());
    assert!(matches!(refused, Err(ObjectsError::Backup(BackupError::AnotherLedger { .. }))), "{refused:?}");
    assert_same(&from, &whole(at()).0);

    // A segment is repaired from there, and few others are brought here for it.
    let proxy = Proxy::before(&server.address, |_, _, _| None);
    let damaged = whole(at()).0;
    let name = segment_names(&damaged)[1].clone();
    let file = in_memory(&damaged).open(&name, ledger::Access::Write).expect("opens").expect("a file");
    file.write_at(4_000, &[0xff; 40]).expect("written");
    let copy = SourceStorage::of(Arc::new(ObjectSource::open(place(&proxy.address, "told")).expect("a backup")));
    let lock = WriteLock::take(in_memory(&damaged), "the test").expect("nobody else has it");
    let report = repair(&lock, Arc::new(copy)).expect("repaired");
    assert_eq!((report.repaired.len(), report.lost.len()), (1, 0));
    drop(lock);
    verify(&LedgerReader::open_read_only(in_memory(&damaged)).expect("opens"), |_| {}).expect("in order");
    let asked = proxy.seen().iter().filter(|line| line.contains("/segments/")).count();
    assert!((1..=4).contains(&asked), "{:?}", proxy.seen());

    // An object that was changed, or cut short, is found by the check of what is fetched.
    let key = server.keys("told/segments/").remove(0);
    let sent = from.contents(&segment_names(&from)[0]).expect("reads").expect("is there");
    for bytes in [&[0x5a; SMALL as usize][..], &sent[..sent.len() / 2], &[]] {
        server.put(&key, bytes);
        let survey = Survey::of(in_memory(&fetched(at()))).expect("a survey");
        let found = (1..=survey.segments()).map(|number| survey.check(number, &mut |_| {}).expect("checked")).collect();
        let first = survey.conclude(found).damages.first().map(|damage| damage.segment);
        assert_eq!(first, Some(1), "{} bytes", bytes.len());
    }
    // One that is gone is sent again.
    server.put(&key, b"");
    let again = shipped(&from, &at()).expect("shipped");
    assert_eq!(again.segments_copied, 1);
    assert_same(&from, &whole(at()).0);
    server.put("told/manifest.json", b"{\"tributary_backup\": 9}");
    let told = shipped(&from, &at()).expect_err("it is of a newer program");
    assert!(told.to_string().contains("its form is 9"), "{told}");
}

//! A disk that refuses: the ledger stops, says why, and has accepted nothing by half.

use std::io::ErrorKind;
use std::sync::Arc;

use ledger::{
    CommitError, CommitRefusal, Faults, FaultyStorage, Index, Ledger, LedgerError, LedgerOptions, LedgerReader,
    MemoryStorage, Storage, WriteLock,
};

use crate::given::{Book, in_memory, options, trades};

fn with_faults(memory: &MemoryStorage) -> (FaultyStorage, Arc<dyn Storage>) {
    let faulty = FaultyStorage::new(memory.clone(), Faults::default());
    (faulty.clone(), Arc::new(faulty))
}

/// Fails with these faults, then in every later call; after a new start all that was acknowledged is there.
fn poisoned_by(faults: Faults, message: &str) {
    let memory = MemoryStorage::new();
    let (faulty, storage) = with_faults(&memory);
    let mut book = Book::open(&storage).expect("opens").0;
    book.commit(&trades(0, 10));
    faulty.set_faults(faults.clone());
    let batch = book.batch(&trades(10, 10));
    let error = book.try_commit(&[batch]).expect_err("the disk fails");
    assert!(error.to_string().contains(message), "{error}");
    // Even when the disk works again: what is durable is known only after a new start.
    faulty.set_faults(Faults::default());
    for _ in 0..2 {
        let batch = book.batch(&trades(20, 1));
        let again = book.try_commit(&[batch]).expect_err("it stays stopped");
        assert!(
            matches!(&again, CommitError::Failed(LedgerError::Poisoned { cause }) if cause.contains(message)),
            "{again}"
        );
    }
    // Readers see nothing of it.
    assert_eq!(book.ledger.reader().durable_position(), 10);
    drop(book);
    let mut book = Book::open(&storage).expect("opens again").0;
    let held = book.ledger.end().position();
    assert!(held == 10 || held == 20, "{held}");
    assert_eq!(book.events(), trades(0, held as usize));
    book.commit(&trades(0, 30));
    assert_eq!(book.events(), trades(0, 30));
}

#[test]
fn a_sync_that_fails_stops_the_ledger_for_good() {
    // Three syncs make the format, the segment and the mark; one sets the mark; one is of the first commit.
    for sync in 1..12 {
        let memory = MemoryStorage::new();
        let (faulty, storage) = with_faults(&memory);
        faulty.set_faults(Faults { sync_fails_at: Some(sync), ..Faults::default() });
        let failed = Book::open(&storage).map_err(CommitError::from).and_then(|(mut book, _)| {
            (0..6).try_for_each(|number| {
                let batch = book.batch(&trades(number, 1));
                book.try_commit(&[batch]).map(|_| ())
            })
        });
        if sync <= 10 {
            let error = failed.expect_err("a sync fails");
            assert!(error.to_string().contains("the device reports an error"), "{error}");
        } else {
            failed.expect("there are no more syncs");
        }
    }
    poisoned_by(Faults { sync_fails_at: Some(6), ..Faults::default() }, "the device reports an error");
}

/// Found by the simulator (seed 1056882).
#[test]
fn a_cut_off_write_whose_cut_was_not_made_durable_does_not_come_back_behind_a_later_segment() {
    // The first write that, failing half done, fails the second commit and nothing before.
    let memory = (1..20).find_map(|write| {
        let memory = MemoryStorage::new();
        let faults = Faults { write_fails_at: Some((write, ErrorKind::Other)), ..Faults::default() };
        let storage: Arc<dyn Storage> = Arc::new(FaultyStorage::new(memory.clone(), faults));
        let mut book = Book::open(&storage).ok()?.0;
        let first = book.batch(&trades(0, 10));
        book.try_commit(&[first]).ok()?;
        let second = book.batch(&trades(10, 30));
        book.try_commit(&[second]).is_err().then_some(memory)
    });
    let memory = memory.expect("a write of the second commit");
    let (mut torn, mut failed) = (0, 0);
    for seed in 0..8 {
        for sync in 1..8 {
            let disk = memory.after_crash(seed);
            let (faulty, storage) = with_faults(&disk);
            faulty.set_faults(Faults { sync_fails_at: Some(sync), ..Faults::default() });
            match Book::open(&storage) {
                Ok((_, recovery)) => torn += u64::from(recovery.torn_bytes > 0),
                Err(_) => failed += 1,
            }
            // The process alone has ended, and the disk works again. The next frames find no room in the segment.
            faulty.set_faults(Faults::default());
            let mut book = Book::open(&storage).expect("opens").0;
            book.commit(&trades(10, 1_000));
            assert!(book.ledger.end().segment() > 1, "no further segment");
            drop(book);
            for power in 0..6 {
                let opened = Book::open(&in_memory(&disk.after_crash(power)));
                let (book, _) = opened.unwrap_or_else(|error| panic!("seed {seed}, sync {sync}, {power}: {error}"));
                assert_eq!(book.events(), trades(0, 1_010), "seed {seed}, sync {sync}, {power}");
            }
        }
    }
    assert!(torn > 10 && failed > 10, "{torn} torn, {failed} starts failed");
}

#[test]
fn given_a_failed_sync_when_the_next_start_finds_the_frame_then_it_is_made_durable_before_it_counts() {
    let memory = MemoryStorage::new();
    let (faulty, storage) = with_faults(&memory);
    let mut book = Book::open(&storage).expect("opens").0;
    book.commit(&trades(0, 10));
    faulty.set_faults(Faults { sync_fails_at: Some(6), ..Faults::default() });
    let batch = book.batch(&trades(10, 10));
    book.try_commit(&[batch]).expect_err("the sync fails");
    drop(book);
    let book = Book::open(&storage).expect("opens").0;
    assert_eq!(book.ledger.end().position(), 20, "the system still shows the frame");
    for seed in 0..20 {
        let after = in_memory(&memory.after_crash(seed));
        assert_eq!(Book::open(&after).expect("opens").0.events(), trades(0, 20), "seed {seed}");
    }
}

#[test]
fn a_write_that_fails_stops_the_ledger_for_good() {
    poisoned_by(Faults { write_fails_at: Some((7, ErrorKind::Other)), ..Faults::default() }, "cannot write");
}

#[test]
fn a_full_disk_is_named_and_nothing_is_accepted_by_half() {
    poisoned_by(Faults { write_fails_at: Some((7, ErrorKind::StorageFull)), ..Faults::default() }, "the disk is full");
}

#[test]
fn no_room_for_the_next_segment_is_a_full_disk_too() {
    let memory = MemoryStorage::new();
    let (faulty, storage) = with_faults(&memory);
    let mut book = Book::open(&storage).expect("opens").0;
    faulty.set_faults(Faults { capacity_bytes: Some(30 << 10), ..Faults::default() });
    let mut held = 0;
    let error = loop {
        let batch = book.batch(&trades(held, 50));
        match book.try_commit(&[batch]) {
            Ok(_) => held += 50,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, CommitError::Failed(LedgerError::DiskFull(_))), "{error}");
    assert!(held > 0);
    drop(book);
    faulty.set_faults(Faults::default());
    let mut book = Book::open(&storage).expect("opens with room again").0;
    assert_eq!(book.events(), trades(0, held));
    book.commit(&trades(held, 50));
    assert_eq!(book.events(), trades(0, held + 50));
}

#[test]
fn one_process_has_the_ledger_and_the_others_are_told_who() {
    let storage = in_memory(&MemoryStorage::new());
    let holder = "process 4711, started 2026-03-01T09:30:00Z".to_owned();
    let first = Ledger::open(Arc::clone(&storage), LedgerOptions { holder: holder.clone(), ..options() });
    let error = Ledger::open(Arc::clone(&storage), options()).map(|_| ()).expect_err("it is in use");
    assert_eq!(error.to_string(), format!("the ledger is in use by {holder}"));
    drop(first);
    Ledger::open(storage, options()).map(|_| ()).expect("it is free again");
}

#[test]
fn who_has_the_right_to_write_opens_the_ledger_and_the_others_cannot_until_both_are_gone() {
    let storage = in_memory(&MemoryStorage::new());
    let lock = WriteLock::take(Arc::clone(&storage), "the first").expect("nobody has it");
    let taken = |storage: &Arc<dyn Storage>| WriteLock::take(Arc::clone(storage), "the second").map(|_| ());
    let error = taken(&storage).expect_err("it is taken");
    assert!(matches!(&error, LedgerError::Locked { holder } if holder == "the first"), "{error}");
    let (ledger, _) = Ledger::open_locked(&lock, options()).expect("opens");
    drop(lock);
    assert!(taken(&storage).is_err(), "the ledger keeps it");
    drop(ledger);
    taken(&storage).expect("it is free again");
}

#[test]
fn a_ledger_of_a_newer_format_is_left_alone_and_both_versions_are_named() {
    let memory = MemoryStorage::new();
    let storage = in_memory(&memory);
    Book::open(&storage).expect("opens").0.commit(&trades(0, 5));
    memory.replace("FORMAT", b"tributary ledger, format 4\n").expect("replaced");
    let expected = "the ledger has format 4, this program reads up to format 3: use a newer program";
    let to_write = Ledger::open(Arc::clone(&storage), options()).map(|_| ()).expect_err("it is newer");
    let to_read = LedgerReader::open_read_only(Arc::clone(&storage)).map(|_| ()).expect_err("it is newer");
    assert_eq!((&*to_write.to_string(), &*to_read.to_string()), (expected, expected));
    memory.replace("FORMAT", b"tributary ledger, format 1\n").expect("replaced");
    Book::open(&storage).expect("opens as it was");
}

#[test]
fn an_index_that_stands_elsewhere_is_refused_and_nothing_happens() {
    let mut book = Book::new();
    book.commit(&trades(0, 5));
    let batch = book.batch(&trades(5, 5));
    let error = book.ledger.commit(&Index::new(), &[batch], book.now).map(|_| ()).expect_err("it is behind");
    assert!(matches!(error, CommitError::Refused(CommitRefusal::IndexElsewhere { index: 0, ledger: 5 })));
    book.commit(&trades(5, 5));
    assert_eq!(book.events(), trades(0, 10));
}

//! The power fails before any one operation on the disk: whatever was acknowledged is there after the next
//! start, once and in its place, and the chain holds.

use std::sync::Arc;

use ledger::{CommitError, Faults, FaultyStorage, FrameCursor, LedgerReader, MemoryStorage, Storage, verify};
use schemas::{Event, Reason, Rejection};

use crate::deeds::actor;
use crate::given::{Book, in_memory, trades};

const COMMITS: usize = 14;
const EVENTS: usize = 40;

/// What a run acknowledged before it stopped.
#[derive(Default)]
struct Acknowledged {
    events: Vec<Event<'static>>,
    quarantined: u64,
    offset: i64,
}

/// Opens, and commits until done or until the disk fails.
fn run(storage: &Arc<dyn Storage>, acknowledged: &mut Acknowledged) -> Result<(), CommitError> {
    let mut book = Book::open(storage)?.0;
    while (acknowledged.offset as usize) < COMMITS {
        let number = acknowledged.offset as usize;
        let events = trades(number * EVENTS, EVENTS);
        let mut batch = book.batch(&events);
        batch.push_rejected(Rejection::new(Reason::Malformed, "no"), vec![b'?'; 100 * number], String::new());
        batch.set_offset("events", 0, acknowledged.offset + 1);
        if number >= COMMITS / 2 {
            // From here on the ledger has format 2, whose file is rewritten first, and then format 3.
            batch.set_topic_identity("events", [7; 16]);
            batch.set_actor((number > COMMITS / 2).then(|| actor("7", "operator")));
        }
        book.try_commit(&[batch])?;
        acknowledged.events.extend(events);
        acknowledged.quarantined += 1;
        acknowledged.offset += 1;
    }
    Ok(())
}

/// The offset that the ledger brings a consumer to.
fn offset(book: &Book) -> i64 {
    let frames = book.ledger.reader().frames(&FrameCursor::START);
    frames
        .map(|frame| frame.expect("a frame").offsets().map(|(_, _, next)| next).max())
        .max()
        .flatten()
        .unwrap_or_default()
}

fn check_after_crash(after: &MemoryStorage, acknowledged: &Acknowledged, context: &str) {
    let storage = in_memory(after);
    let (book, _) = Book::open(&storage).unwrap_or_else(|error| panic!("{context}: {error}"));
    let held = offset(&book);
    // The commit at hand may be there or not, whole; what it brought comes with it.
    assert!(held == acknowledged.offset || held == acknowledged.offset + 1, "{context}: {held}");
    assert_eq!(book.events(), trades(0, held as usize * EVENTS), "{context}");
    assert_eq!(book.ledger.end().last_quarantine_id().0, held as u64, "{context}");
    let report = verify(&book.ledger.reader(), |_| {}).unwrap_or_else(|error| panic!("{context}: {error}"));
    assert_eq!(report.frames, held as u64, "{context}");
    let end = book.ledger.end();
    drop(book);
    check_end(&storage, &end, context);
    // And it goes on from there to the same end.
    let mut rest = Acknowledged { offset: held, ..Acknowledged::default() };
    run(&storage, &mut rest).unwrap_or_else(|error| panic!("{context}: {error}"));
    let book = Book::open(&storage).expect("opens").0;
    assert_eq!(book.events(), trades(0, COMMITS * EVENTS), "{context}");
}

/// Where a ledger ends a checkpoint may stand, also where a segment was begun that has no frame yet.
fn check_end(storage: &Arc<dyn Storage>, end: &FrameCursor, context: &str) {
    let from_there = LedgerReader::open_read_only_from(Arc::clone(storage), end);
    let from_there = from_there.unwrap_or_else(|error| panic!("{context}: {error}"));
    assert_eq!(from_there.end(), *end, "{context}");
}

#[test]
fn given_a_crash_before_any_operation_then_nothing_acknowledged_is_lost_and_nothing_is_there_twice() {
    let whole = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    run(&(Arc::new(whole.clone()) as Arc<dyn Storage>), &mut Acknowledged::default()).expect("runs");
    let operations = whole.operations();
    assert!(operations > 60, "{operations}");
    for at in 1..=operations + 1 {
        let faults = Faults { power_fails_at: Some(at), ..Faults::default() };
        let faulty = FaultyStorage::new(MemoryStorage::new(), faults);
        let mut acknowledged = Acknowledged::default();
        let ended = run(&(Arc::new(faulty.clone()) as Arc<dyn Storage>), &mut acknowledged);
        assert_eq!(ended.is_err(), at <= operations);
        for seed in 0..6 {
            let after = faulty.disk().after_crash(seed * 1_000_003 + at);
            check_after_crash(&after, &acknowledged, &format!("power fails at {at}, seed {seed}"));
        }
    }
}

#[test]
fn given_a_crash_during_the_start_after_a_crash_then_the_next_start_is_as_if_there_had_been_one() {
    let mut torn_starts = 0;
    // A commit takes three operations, so one of these crashes leaves a frame that is written and not synced.
    for (first, seed) in (30..33).flat_map(|first| (0..6).map(move |seed| (first, seed))) {
        let faulty =
            FaultyStorage::new(MemoryStorage::new(), Faults { power_fails_at: Some(first), ..Faults::default() });
        let mut acknowledged = Acknowledged::default();
        run(&(Arc::new(faulty.clone()) as Arc<dyn Storage>), &mut acknowledged).expect_err("the power fails");
        let after = faulty.disk().after_crash(seed);
        let restarting = |at| {
            let faults = Faults { power_fails_at: at, ..Faults::default() };
            FaultyStorage::new(after.after_crash(0), faults)
        };
        let undisturbed = restarting(None);
        let (_, recovery) = Book::open(&(Arc::new(undisturbed.clone()) as Arc<dyn Storage>)).expect("opens");
        torn_starts += u64::from(recovery.torn_bytes > 0);
        for at in 1..=undisturbed.operations() {
            let faulty = restarting(Some(at));
            Book::open(&(Arc::new(faulty.clone()) as Arc<dyn Storage>)).map(|_| ()).expect_err("the power fails");
            let context = format!("power fails at {first}, seed {seed}, then in the start at {at}");
            check_after_crash(&faulty.disk().after_crash(seed + at), &acknowledged, &context);
        }
    }
    assert!(torn_starts > 0, "no seed tore a write");
}

#[test]
fn given_a_process_that_ended_before_the_name_of_a_segment_was_durable_then_what_the_next_one_appends_is_not_lost_with_it()
 {
    let whole = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    run(&(Arc::new(whole.clone()) as Arc<dyn Storage>), &mut Acknowledged::default()).expect("runs");
    let mut begun = 0;
    for at in 1..=whole.operations() {
        let faults = Faults { power_fails_at: Some(at), ..Faults::default() };
        let faulty = FaultyStorage::new(MemoryStorage::new(), faults);
        let mut acknowledged = Acknowledged::default();
        run(&(Arc::new(faulty.clone()) as Arc<dyn Storage>), &mut acknowledged).expect_err("it ends");
        // Only the process has ended: the next one sees all that it wrote, durable or not.
        let storage = in_memory(faulty.disk());
        let mut book = Book::open(&storage).expect("opens").0;
        let end = book.ledger.end();
        check_end(&storage, &end, &format!("ended at {at}"));
        begun += u64::from(end.segment() > 1);
        let held = offset(&book);
        let mut batch = book.batch(&trades(held as usize * EVENTS, EVENTS));
        batch.push_rejected(Rejection::new(Reason::Malformed, "no"), b"?".to_vec(), String::new());
        batch.set_offset("events", 0, held + 1);
        book.try_commit(&[batch]).expect("it is a sound disk");
        drop(book);
        for seed in 0..6 {
            let after = faulty.disk().after_crash(seed * 1_000_003 + at);
            let book =
                Book::open(&in_memory(&after)).unwrap_or_else(|error| panic!("ended at {at}, seed {seed}: {error}")).0;
            assert_eq!(book.events(), trades(0, (held as usize + 1) * EVENTS), "ended at {at}, seed {seed}");
        }
    }
    assert!(begun > 10, "{begun} of them in a further segment");
}

//! Runs: what an index holds in memory goes to files, and nothing that is asked of it changes.

use std::sync::Arc;

use ledger::{
    Batch, CommitError, DiskStorage, Faults, FaultyStorage, FrameCursor, Index, IndexDecodeError, LedgerOptions,
    LedgerReader, MemoryStorage, Outcome, RunError, Storage, WriteLock, back_up, repair,
};
use proptest::collection::vec;
use proptest::prelude::*;
use schemas::{Event, StreamKey, Uid};

use crate::given::{Book, accepted, code, duplicate, in_memory, options, program, registration, segment_names, trade};

/// Runs of a few events, so that a test has several.
fn small_runs() -> LedgerOptions {
    LedgerOptions { run_events: 20, ..options() }
}

fn open(storage: &Arc<dyn Storage>) -> Book {
    Book::open_with(storage, small_runs()).expect("opens").0
}

impl Book {
    fn relieve(&mut self) {
        let (reader, end) = (self.ledger.reader(), self.ledger.end());
        reader.relieve(&mut self.index, || end);
    }

    /// What a checkpoint keeps of the index.
    fn encoded(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.index.encode(&mut bytes);
        bytes
    }
}

/// The index of all frames of a ledger, in memory alone.
fn in_memory_alone(reader: &LedgerReader) -> Index {
    let mut index = Index::new();
    for frame in reader.frames(&FrameCursor::START) {
        let frame = frame.expect("reads");
        for entry in frame.entries(&reader.dictionary()) {
            let (position, event) = entry.expect("decodes");
            index.insert(position, &event);
        }
    }
    index
}

/// Every question has the answer that an index in memory gives.
fn assert_agrees(index: &Index, reader: &LedgerReader, context: &str) {
    let alone = in_memory_alone(reader);
    assert_eq!((index.position(), index.account_count()), (alone.position(), alone.account_count()), "{context}");
    for position in 1..=alone.position() {
        use ledger::EventReader;
        let event = reader.event(position).expect("reads");
        let stream = event.stream();
        let found = index.find(stream, &event.source, &event.id, reader).expect("reads");
        assert_eq!(found, Some(position), "{context}");
        let never = index.find(stream, &event.source, "never", reader).expect("reads");
        assert_eq!(never, None, "{context}");
        let walk: Vec<_> = alone.stream_positions(stream).collect();
        let walked = index.stream_positions(stream);
        assert_eq!(walked.len(), walk.len(), "{context}");
        assert!(walked.eq(walk.iter().copied()), "{context}");
        assert!(index.stream_positions(stream).rev().eq(walk.iter().rev().copied()), "{context}");
        if let StreamKey::Account(uid) = stream {
            let account = index.account(uid).expect("known");
            assert_eq!(index.has_several(account), walk.len() > 1, "{context}");
            assert!(index.positions(account).eq(walk), "{context}");
        }
    }
}

fn run_names(storage: &dyn Storage) -> Vec<String> {
    let mut names = storage.list().expect("lists");
    names.retain(|name| name.ends_with(".run"));
    names.sort();
    names
}

/// Events of a few accounts, one of them busy, and of names and the platform.
fn history(count: usize) -> Vec<Event<'static>> {
    let event = |number: usize| {
        let id = format!("id {number}");
        match number % 11 {
            0 => registration(100 + number as u64, "s", &id),
            1 => code("ABC", 7, "s", &id),
            2 => program("s", &id),
            3..6 => trade(number as u64 % 5 + 1, "s", &id),
            _ => trade(7, "s", &id),
        }
    };
    (0..count).map(event).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn given_any_history_and_any_restarts_an_index_on_runs_answers_as_one_in_memory(
        commits in vec((1usize..40, any::<bool>(), 0u8..6), 1..30),
    ) {
        let memory = MemoryStorage::new();
        let storage = in_memory(&memory);
        let mut book = open(&storage);
        let events = history(commits.iter().map(|(count, ..)| count).sum());
        let mut rest = &events[..];
        let mut kept = (book.encoded(), book.ledger.end());
        for (count, relieved, then) in commits {
            let (now, later) = rest.split_at(count);
            rest = later;
            prop_assert_eq!(book.commit(now).len(), count);
            if relieved {
                book.relieve();
            }
            match then {
                // What is kept stands on the runs of then; they may have been merged since.
                0 => kept = (book.encoded(), book.ledger.end()),
                1 => {
                    let ledger_end = book.ledger.end();
                    drop(book);
                    book = open(&storage);
                    let reader = book.ledger.reader();
                    book.index = Index::decode(&kept.0, &reader).expect("its runs are there");
                    for frame in reader.frames(&kept.1) {
                        book.apply(&frame.expect("reads"));
                    }
                    prop_assert_eq!(book.index.position(), ledger_end.position());
                }
                2 => {
                    drop(book);
                    book = open(&storage);
                }
                _ => {}
            }
        }
        assert_agrees(&book.index, &book.ledger.reader(), "at the end");
        let before = book.ledger.end().position();
        let all_known = book.commit(&events).iter().all(|outcome| matches!(outcome, Outcome::Duplicate { .. }));
        prop_assert!(all_known);
        prop_assert_eq!(book.ledger.end().position(), before);
    }
}

#[test]
fn the_memory_of_an_index_is_bounded_however_many_events_there_are_and_the_first_is_still_known() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage: Arc<dyn Storage> = Arc::new(DiskStorage::open(folder.path()).expect("a disk"));
    let (mut book, _) =
        Book::open_with(&storage, LedgerOptions { run_events: 200, ..LedgerOptions::default() }).expect("opens");
    let mut bytes = Vec::new();
    for round in 0..60u64 {
        // The same hundred accounts, and a market maker among them.
        let trades =
            (0..200).map(|number| trade(number % 2 * (number % 200 + 1) + 1, "s", &format!("{round} {number}")));
        let expected: Vec<_> = (1..=200).map(|place| accepted(round * 200 + place)).collect();
        assert_eq!(book.commit(&trades.collect::<Vec<_>>()), expected);
        book.relieve();
        assert_eq!(book.index.events_in_memory(), 0);
        bytes.push(book.index.memory_bytes());
    }
    // 12,000 events take 96,000 bytes in memory alone; a run takes some hundred bytes, and there are few.
    assert!(bytes[59] < bytes[2] + 5_000, "{bytes:?}");
    assert!(run_names(&*storage).len() <= 9, "{:?}", run_names(&*storage));
    assert!(book.ledger.reader().take_run_trouble().is_none());
    assert_eq!(book.commit(&[trade(1, "s", "0 0"), trade(1, "s", "59 0")]), [duplicate(1), duplicate(11_801)]);
    let market_maker = book.index.account(Uid(1)).expect("known");
    assert_eq!(book.index.positions(market_maker).len(), 6_000);
    assert_eq!(book.index.positions(market_maker).next_back(), Some(11_999));
}

#[test]
fn a_state_of_the_past_and_a_reader_beside_stand_on_the_same_runs_cut_where_they_stand() {
    let memory = MemoryStorage::new();
    let mut book = open(&in_memory(&memory));
    for events in history(400).chunks(10) {
        book.commit(events);
        book.relieve();
    }
    let beside = LedgerReader::open_read_only(in_memory(&memory)).expect("opens");
    for (reader, upto, is_writer) in [(beside, 205, false), (book.ledger.reader(), 95, true)] {
        let mut index = Index::new();
        let frames = reader.frames(&FrameCursor::START).map(|frame| frame.expect("reads"));
        for frame in frames.take_while(|frame| frame.first_position() < upto) {
            for entry in frame.entries(&reader.dictionary()) {
                let (position, event) = entry.expect("decodes");
                index.insert(position, &event);
            }
        }
        drop(index.adopt(reader.find_runs(0, index.position()).expect("there are some")));
        // It stands on a run that tells of more, and does not see that.
        assert_eq!((index.runs_upto(), index.events_in_memory()), (index.position(), 0));
        let account = index.account(Uid(7)).expect("known");
        let alone = in_memory_alone(&reader);
        let upto = index.position();
        assert!(index.positions(account).eq(alone.positions(account).take_while(|position| *position <= upto)));
        let later = reader_event(&reader, upto + 8);
        assert_eq!(index.find(later.stream(), &later.source, &later.id, &reader), Ok(None));
        // And it goes on from there.
        for position in upto + 1..=alone.position() {
            index.insert(position, &reader_event(&reader, position));
        }
        assert_agrees(&index, &reader, "after the cut");
        let before = run_names(&memory);
        reader.relieve(&mut index, || reader.end());
        assert_agrees(&index, &reader, "relieved");
        // Who does not write the ledger makes no run.
        assert_eq!(run_names(&memory) != before, is_writer);
    }
}

fn reader_event(reader: &LedgerReader, position: u64) -> Event<'static> {
    use ledger::EventReader;
    reader.event(position).expect("reads").into_owned()
}

const COMMITS: usize = 12;

/// What a checkpoint keeps of an index, and where it stands.
type Kept = (Vec<u8>, FrameCursor);

/// Commits and relieves until done or the disk fails. Gives what a checkpoint after each commit would have kept.
fn run(storage: &Arc<dyn Storage>) -> (Vec<Kept>, Result<(), CommitError>) {
    let mut kept = Vec::new();
    let ended = (|| {
        let (mut book, _) = Book::open_with(storage, small_runs())?;
        let events = history(COMMITS * 13);
        for events in events.chunks(13).skip(book.ledger.end().position() as usize / 13) {
            let batch: Batch = book.batch(events);
            book.try_commit(&[batch])?;
            book.relieve();
            kept.push((book.encoded(), book.ledger.end()));
        }
        Ok(())
    })();
    (kept, ended)
}

#[test]
fn given_a_crash_before_any_operation_then_the_runs_of_every_checkpoint_are_there_and_the_index_is_exact() {
    let whole = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    run(&(Arc::new(whole.clone()) as Arc<dyn Storage>)).1.expect("runs");
    assert!(run_names(whole.disk()).len() > 1, "{:?}", run_names(whole.disk()));
    for at in 1..=whole.operations() {
        let faults = Faults { power_fails_at: Some(at), ..Faults::default() };
        let faulty = FaultyStorage::new(MemoryStorage::new(), faults);
        let (kept, _) = run(&(Arc::new(faulty.clone()) as Arc<dyn Storage>));
        for seed in 0..2 {
            let context = format!("power fails at {at}, seed {seed}");
            let storage = in_memory(&faulty.disk().after_crash(seed * 1_000_003 + at));
            let mut book = open(&storage);
            let reader = book.ledger.reader();
            if let Some((bytes, cursor)) = kept.last() {
                book.index = Index::decode(bytes, &reader).unwrap_or_else(|error| panic!("{context}: {error}"));
                for frame in reader.frames(cursor) {
                    book.apply(&frame.expect("reads"));
                }
            }
            assert_agrees(&book.index, &reader, &context);
            drop(book);
            run(&storage).1.unwrap_or_else(|error| panic!("{context}: {error}"));
            let book = open(&storage);
            assert_agrees(&book.index, &book.ledger.reader(), &context);
        }
    }
}

#[test]
fn given_the_disk_is_full_or_does_not_sync_a_run_then_it_is_told_once_and_the_index_stays_in_memory() {
    let memory = MemoryStorage::new();
    open(&in_memory(&memory)).commit(&history(60));
    let full = vec![Faults { capacity_bytes: Some(memory.bytes() + 100), ..Faults::default() }];
    let unsynced = (1..9).map(|at| Faults { sync_fails_at: Some(at), ..Faults::default() }).collect();
    let failing = std::io::ErrorKind::Other;
    let unwritten = (1..9).map(|at| Faults { write_fails_at: Some((at, failing)), ..Faults::default() }).collect();
    for kind in [full, unsynced, unwritten] {
        let mut told = 0;
        for faults in kind {
            let disk = memory.after_crash(0);
            let faulty = FaultyStorage::new(disk.clone(), faults);
            let storage: Arc<dyn Storage> = Arc::new(faulty.clone());
            // What fails in opening the ledger is another's concern.
            let Ok((mut book, _)) = Book::open_with(&storage, small_runs()) else { continue };
            book.relieve();
            let Some(trouble) = book.ledger.reader().take_run_trouble() else { continue };
            assert!(matches!(trouble, RunError::Storage(_)), "{trouble:?}");
            told += 1;
            assert_eq!((run_names(&disk).len(), book.index.events_in_memory() > 40), (0, true));
            assert_agrees(&book.index, &book.ledger.reader(), "in memory");
            // It is not tried again at once, but when a quarter more has come.
            faulty.set_faults(Faults::default());
            book.relieve();
            assert_eq!(run_names(&disk).len(), 0);
            book.commit(&history(80));
            book.relieve();
            assert_eq!((run_names(&disk).len(), book.index.events_in_memory()), (1, 0));
            assert_agrees(&book.index, &book.ledger.reader(), "on a run");
        }
        assert!(told > 0, "nothing failed");
    }
}

#[test]
fn a_run_that_is_missing_damaged_or_foreign_is_not_believed_is_told_and_is_made_again() {
    let memory = MemoryStorage::new();
    let mut book = open(&in_memory(&memory));
    for events in history(300).chunks(10) {
        book.commit(events);
        book.relieve();
    }
    let (bytes, names) = (book.encoded(), run_names(&memory));
    assert!(names.len() > 1, "{names:?}");
    drop(book);
    let other = MemoryStorage::new();
    let mut foreign = open(&in_memory(&other));
    for events in history(300).chunks(10).rev() {
        foreign.commit(events);
        foreign.relieve();
    }
    drop(foreign);
    for name in &names {
        let sound = memory.edit(name, |file| file.clone());
        let of_another = other.list().expect("lists").contains(name).then(|| other.edit(name, |file| file.clone()));
        // Every part of the file has some byte among these.
        let places = (0..192).step_by(9).chain((192..sound.len()).step_by(sound.len() / 40 + 1));
        let flipped = places.map(|at| {
            let mut damaged = sound.clone();
            damaged[at] ^= 0x10;
            damaged
        });
        let cut = [0, 8, 192, sound.len() - 1].map(|length| sound[..length].to_vec());
        for damaged in flipped.chain(cut).chain(of_another) {
            if damaged == sound {
                continue;
            }
            let disk = memory.after_crash(0);
            disk.edit(name, |file| *file = damaged);
            let mut book = open(&in_memory(&disk));
            let reader = book.ledger.reader();
            let refused = Index::decode(&bytes, &reader).map(|_| ()).expect_err("a run is not fit").to_string();
            assert!(refused.contains(name.as_str()), "{refused}");
            book.relieve();
            let told = reader.take_run_trouble().map(|trouble| trouble.to_string());
            assert!(told.is_some_and(|told| told.contains(name.as_str())));
            assert_agrees(&book.index, &reader, name);
            assert_eq!(book.index.events_in_memory(), 0, "{name}");
            drop(book);
            // What was made again is believed.
            assert!(Index::decode(&bytes, &open(&in_memory(&disk)).ledger.reader()).is_ok(), "{name}");
        }
        let disk = memory.after_crash(0);
        disk.remove(name).expect("removes");
        let missing = Index::decode(&bytes, &open(&in_memory(&disk)).ledger.reader()).map(|_| ());
        assert!(matches!(missing, Err(IndexDecodeError::Runs(RunError::Missing { .. }))), "{missing:?}");
    }
}

#[test]
fn a_backup_has_no_runs_and_a_repair_leaves_them_to_the_next_start_which_tells_and_makes_again_what_is_not_sound() {
    let (memory, backup) = (MemoryStorage::new(), MemoryStorage::new());
    let mut book = open(&in_memory(&memory));
    for events in history(300).chunks(10) {
        book.commit(events);
        book.relieve();
    }
    drop(book);
    let lock = |storage: &MemoryStorage| WriteLock::take(in_memory(storage), "the test").expect("nobody else has it");
    back_up(in_memory(&memory), &lock(&backup), &mut |_, _| {}).expect("backed up");
    let names = run_names(&memory);
    assert!(!names.is_empty() && run_names(&backup).is_empty(), "{names:?}");

    let segment = &segment_names(&memory)[0];
    let middle = memory.contents(segment).expect("reads").expect("there").iter().rposition(|byte| *byte != 0);
    memory.edit(segment, |bytes| bytes[middle.expect("bytes") / 2] ^= 1);
    memory.edit(&names[0], |bytes| bytes[200] ^= 1);
    let report = repair(&lock(&memory), in_memory(&backup)).expect("repaired");
    assert_eq!((report.repaired.len(), report.lost.len()), (1, 0), "{report:?}");
    assert_eq!(run_names(&memory), names);
    for (storage, is_told) in [(&memory, true), (&backup, false)] {
        let mut book = open(&in_memory(storage));
        let reader = book.ledger.reader();
        book.relieve();
        let told = reader.take_run_trouble().map(|trouble| trouble.to_string());
        assert_eq!(told.is_some_and(|told| told.contains(names[0].as_str())), is_told);
        assert_agrees(&book.index, &reader, "after a repair, of the backup");
        assert_eq!(book.index.events_in_memory(), 0);
    }
}

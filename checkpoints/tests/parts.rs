//! Parts: each is written once, a save writes what changed, a crash leaves what was, and what nobody names goes.

mod given;

use std::collections::BTreeSet;
use std::sync::Arc;

use checkpoints::{Checkpoint, CheckpointError, CheckpointStore, KeepPolicy, KeptCheckpoints, PartName};
use ledger::{Faults, FaultyStorage, MemoryStorage, Position, Storage};

use given::{Book, digest, hostile, keep};

/// The list of the last checkpoint, in memory.
#[derive(Default)]
struct Last(Option<Checkpoint>);

impl CheckpointStore for Last {
    fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        self.0 = Some(checkpoint.clone());
        Ok(())
    }

    fn load(&mut self) -> Result<Option<Checkpoint>, CheckpointError> {
        Ok(self.0.clone())
    }

    fn clear(&mut self) -> Result<(), CheckpointError> {
        self.0 = None;
        Ok(())
    }
}

fn kept_in(storage: impl Storage + 'static, policy: KeepPolicy) -> KeptCheckpoints {
    KeptCheckpoints::new(Arc::new(storage), policy)
}

/// Keeps the state of a book as the last one.
fn save(kept: &KeptCheckpoints, book: &Book, last: &mut Last) -> Result<(), CheckpointError> {
    let checkpoint = kept.write(&book.state, &book.ledger.end())?;
    kept.keep_last(&checkpoint, last)?;
    kept.sweep()
}

fn names(checkpoint: &Checkpoint) -> BTreeSet<PartName> {
    checkpoint.parts().expect("a list").into_iter().collect()
}

/// Does something to a file of a storage.
type Way = fn(&MemoryStorage, &str);

#[test]
fn the_same_state_is_written_once_and_by_another_process_neither() {
    let book = Book::of(&hostile(21, 400), 20);
    let (storage, mut last) = (MemoryStorage::new(), Last::default());
    let kept = kept_in(storage.clone(), KeepPolicy::NONE);
    save(&kept, &book, &mut last).expect("kept");
    let (first, files) = (last.0.clone().expect("kept"), storage.list().expect("listed"));
    save(&kept, &book, &mut last).expect("kept");
    // The state of another process is made anew, from the ledger or from what is kept.
    let other = kept_in(storage.clone(), KeepPolicy::NONE);
    other.note_last(&first);
    let (restored, place) = other.restore_from(&first, &book.reader()).expect("restored");
    for state in [&restored, &book.states().pop().expect("a frame").0] {
        let again = other.write(state, &place).expect("written");
        assert_eq!(names(&again), names(&first));
        other.keep_last(&again, &mut last).expect("kept");
        other.sweep().expect("swept");
    }
    assert_eq!(storage.list().expect("listed"), files);
}

#[test]
fn given_a_crash_before_any_operation_then_the_checkpoint_before_is_whole_or_the_new_one_is() {
    let events = hostile(22, 900);
    let books: Vec<Book> = [3, 2, 1].map(|part| Book::of(&events[..events.len() / part / 50 * 50], 50)).into();
    let reader = books[2].reader();
    let policy = KeepPolicy { interval: 1, count: 3 };
    // All of them, along the way too, as often as it takes until the power no longer fails.
    for fails_at in 1.. {
        let storage = FaultyStorage::new(MemoryStorage::new(), Faults::default());
        let (kept, mut last) = (kept_in(storage.clone(), policy), Last::default());
        save(&kept, &books[0], &mut last).expect("no fault yet");
        let begun = storage.operations();
        storage.set_faults(Faults { power_fails_at: Some(begun + fails_at), ..Faults::default() });
        let outcomes = [&books[1], &books[2]].map(|book| {
            save(&kept, book, &mut last)?;
            kept.keep(&kept.write(&book.state, &book.ledger.end())?)?;
            kept.sweep()
        });
        for seed in 0..4 {
            let disk = storage.disk().after_crash(seed);
            let after = kept_in(disk.clone(), policy);
            let checkpoint = last.0.as_ref().expect("one was kept");
            let (state, place) = after.restore_from(checkpoint, &reader).expect("it is whole");
            let book = books.iter().find(|book| book.ledger.end() == place).expect("one of them");
            assert_eq!(digest(&state, &reader), book.digest(), "fails at {fails_at}");
            // What is there along the way is whole as well, and it goes on.
            for position in after.positions().expect("listed") {
                assert_eq!(after.restore(position, &reader).0.position(), position, "fails at {fails_at}");
            }
            after.note_last(checkpoint);
            let mut last = Last::default();
            save(&after, &books[2], &mut last).expect("no fault any more");
            let last = last.0.expect("kept");
            assert!(kept_in(disk, policy).restore_from(&last, &reader).is_ok(), "fails at {fails_at}");
        }
        if outcomes.iter().all(Result::is_ok) {
            assert!(fails_at > 10, "{fails_at} operations");
            break;
        }
    }
}

#[test]
fn what_no_list_names_is_removed_and_what_is_left_is_not_much_more_than_what_they_name() {
    let book = Book::of(&hostile(23, 3_000), 20);
    let storage = MemoryStorage::new();
    let kept = kept_in(storage.clone(), KeepPolicy { interval: 300, count: 4 });
    let mut last = Last::default();
    let mut files_most = 0;
    for (state, place) in book.states() {
        let checkpoint = kept.write(&state, &place).expect("written");
        kept.keep_last(&checkpoint, &mut last).expect("kept");
        if kept.is_due(place.position()) {
            kept.keep(&checkpoint).expect("kept");
        }
        kept.sweep().expect("swept");
        files_most = files_most.max(storage.list().expect("listed").len());
    }
    assert!(files_most <= 40, "{files_most} files");
    assert!(kept.disk_use().written > 4 * kept.disk_use().kept, "{:?}: most of it is gone", kept.disk_use());
    // Those that are named, alone.
    let alone = kept_in(MemoryStorage::new(), KeepPolicy { interval: 1, count: u64::MAX });
    let positions = kept.positions().expect("listed");
    assert!(positions.len() > 2, "{positions:?}");
    for (state, place) in book.states() {
        if positions.contains(&place.position()) || place == book.ledger.end() {
            keep(&alone, &state, &place);
        }
    }
    let (kept_bytes, needed) = (kept.disk_use().kept, alone.disk_use().kept);
    assert!(kept_bytes <= 2 * needed + 4_096, "{kept_bytes} bytes where {needed} are named");
    assert_eq!(
        kept_bytes,
        storage.bytes() + last.0.as_ref().map_or(0, |last| last.content().len() as u64) - 40 * positions.len() as u64,
        "what is told is what is there"
    );
    for position in positions {
        assert_eq!(kept.restore(position, &book.reader()).0.position(), position);
    }
}

#[test]
fn a_part_that_is_gone_or_damaged_is_told_of_and_written_again() {
    let book = Book::of(&hostile(24, 600), 30);
    let reader = book.reader();
    let ways: [(&str, Way); 2] = [
        ("gone", |storage, name| storage.remove(name).expect("removed")),
        ("damaged", |storage, name| {
            storage.edit(name, |bytes| *bytes.last_mut().expect("bytes") ^= 1);
        }),
    ];
    for (what, spoil) in ways {
        let (storage, mut last) = (MemoryStorage::new(), Last::default());
        let kept = kept_in(storage.clone(), KeepPolicy::NONE);
        save(&kept, &book, &mut last).expect("kept");
        let files = storage.list().expect("listed");
        spoil(&storage, &files[0]);
        let last_list = last.0.clone().expect("kept");
        let refused = kept.restore_from(&last_list, &reader).map(|_| ());
        let is_known =
            matches!(refused, Err(CheckpointError::PartMissing { .. } | CheckpointError::PartDamaged { .. }));
        assert!(is_known, "{what}: {refused:?}");
        save(&kept, &book, &mut last).expect("kept");
        let (state, _) = kept.restore_from(&last_list, &reader).expect("it is written again");
        assert_eq!(digest(&state, &reader), book.digest(), "{what}");
    }
}

#[test]
fn a_folder_with_checkpoints_of_before_is_taken_for_empty_and_cleared() {
    let book = Book::of(&hostile(25, 600), 30);
    let storage = MemoryStorage::new();
    storage.replace("00000000000000000500.checkpoint", b"TRIBKEPT and more").expect("written");
    storage.replace("00000000000000000007.parts", b"TRIBPART").expect("written");
    let kept = kept_in(storage.clone(), KeepPolicy { interval: 100, count: 16 });
    assert!(kept.is_due(100), "what cannot be read is none");
    book.keep_due(&kept);
    let positions: Vec<Position> = kept.positions().expect("listed");
    assert!(positions.len() > 3, "{positions:?}");
    for position in positions {
        assert_eq!(kept.restore(position, &book.reader()).0.position(), position);
    }
    assert!(!storage.list().expect("listed").contains(&"00000000000000000007.parts".to_owned()));
}

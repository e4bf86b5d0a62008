//! Checkpoints kept along the way: how many, and that none in doubt is taken.

mod given;

use std::sync::Arc;

use checkpoints::{KeepPolicy, KeptCheckpoints};
use ledger::{DiskStorage, MemoryStorage, Position, Storage};
use projections::State;

use given::{Book, digest, hostile, keep};

fn kept_in(storage: &MemoryStorage, interval: u64, count: u64) -> KeptCheckpoints {
    KeptCheckpoints::new(Arc::new(storage.clone()), KeepPolicy { interval, count })
}

#[test]
fn one_an_interval_is_kept_and_the_interval_doubles_rather_than_their_number() {
    let book = Book::of(&hostile(3, 3_000), 20);
    let end = book.reader().durable_position();
    for (interval, count) in [(100, 1_000), (100, 8), (100, 3), (1, 5), (10_000, 3)] {
        let storage = MemoryStorage::new();
        let kept = kept_in(&storage, interval, count);
        book.keep_due(&kept);
        let positions = kept.positions().expect("listed");
        assert!(positions.len() as u64 <= count, "{interval} {count}: {positions:?}");
        let mut widest = interval;
        while end / widest > count {
            widest *= 2;
        }
        // A frame's worth beside the interval: a state is kept at the end of a frame.
        let bounds: Vec<Position> = [0].into_iter().chain(positions.iter().copied()).chain([end]).collect();
        for pair in bounds.windows(2) {
            assert!(pair[1] - pair[0] <= 2 * widest + 20, "{interval} {count}: a gap in {positions:?}");
        }
        // A process that starts later goes on where this one was.
        assert_eq!(kept_in(&storage, interval, count).positions().expect("listed"), positions);
    }
}

#[test]
fn when_its_folder_is_removed_the_next_one_is_kept_whole_in_a_new_one() {
    let book = Book::of(&hostile(5, 600), 100);
    let (reader, states) = (book.reader(), book.states());
    let folder = tempfile::tempdir().expect("a folder");
    let past = folder.path().join("past");
    let storage = Arc::new(DiskStorage::create(&past).expect("made"));
    let kept = KeptCheckpoints::new(storage, KeepPolicy { interval: 1, count: u64::MAX });
    for (number, (state, place)) in states.iter().enumerate() {
        if number % 2 == 1 {
            std::fs::remove_dir_all(&past).expect("removed");
        }
        keep(&kept, state, place);
        let (restored, cursor) = kept.restore(Position::MAX, &reader);
        assert_eq!((restored.position(), cursor.position()), (state.position(), state.position()));
        assert_eq!(digest(&restored, &reader), digest(state, &reader));
    }
    assert!(states.len() > 3);
}

#[test]
fn with_none_wanted_none_is_due() {
    let kept = kept_in(&MemoryStorage::new(), 10, 0);
    assert!((1..1_000).all(|position| !kept.is_due(position)));
}

#[test]
fn one_in_doubt_is_passed_over_for_the_one_before_or_the_beginning() {
    let book = Book::of(&hostile(4, 1_000), 100);
    let reader = book.reader();
    let states = book.states();
    type Spoil = fn(&mut Vec<u8>);
    let ways: [(&str, Spoil); 5] = [
        ("nothing in it", |bytes| bytes.clear()),
        ("another beginning", |bytes| bytes[0] ^= 1),
        ("a flipped checksum", |bytes| bytes[9] ^= 1),
        ("a flipped byte at the end", |bytes| *bytes.last_mut().expect("bytes") ^= 1),
        ("cut short", |bytes| bytes.truncate(bytes.len() / 2)),
    ];
    for (what, spoil) in ways {
        let storage = MemoryStorage::new();
        let kept = kept_in(&storage, 1, u64::MAX);
        states.iter().for_each(|(state, place)| keep(&kept, state, place));
        let mut positions = kept.positions().expect("listed");
        let last = positions.pop().expect("one");
        let name = format!("{last:020}.checkpoint");
        let mut bytes = storage.contents(&name).expect("reads").expect("there");
        spoil(&mut bytes);
        storage.replace(&name, &bytes).expect("written");
        let (state, cursor) = kept.restore(last, &reader);
        assert_eq!((state.position(), cursor.position()), (positions[positions.len() - 1], state.position()), "{what}");
        for position in positions {
            storage.remove(&format!("{position:020}.checkpoint")).expect("removed");
        }
        let (state, _) = kept.restore(last, &reader);
        assert_eq!(state.position(), 0, "{what}");
    }
}

#[test]
fn one_of_another_ledger_is_not_taken() {
    let (one, other) = (Book::of(&hostile(5, 600), 50), Book::of(&hostile(6, 600), 50));
    let kept = kept_in(&MemoryStorage::new(), 1, u64::MAX);
    other.keep_due(&kept);
    let (state, _) = kept.restore(Position::MAX, &one.reader());
    assert_eq!(digest(&state, &one.reader()), digest(&State::new(), &one.reader()));
}

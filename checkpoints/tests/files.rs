//! The files of a checkpoint as who copies it sees them: they are all that it needs, and what is changed of them is found out.

mod given;

use std::sync::Arc;

use checkpoints::{CheckpointFile, KeepPolicy, KeptCheckpoints};
use ledger::{Access, MemoryStorage, Position, Storage};

use given::{Book, digest, hostile, keep};

fn kept_in(storage: &MemoryStorage) -> KeptCheckpoints {
    KeptCheckpoints::new(Arc::new(storage.clone()), KeepPolicy { interval: 1, count: u64::MAX })
}

/// Whether a storage has what a file was.
fn is_held(storage: &MemoryStorage, file: &CheckpointFile) -> bool {
    let found = storage.open(&file.name, Access::Read).expect("opened").expect("a file");
    file.is_held_by(&found).expect("read")
}

fn copied(from: &MemoryStorage, files: &[CheckpointFile]) -> MemoryStorage {
    let to = MemoryStorage::new();
    for file in files {
        to.replace(&file.name, &from.contents(&file.name).expect("read").expect("a file")).expect("written");
    }
    to
}

#[test]
fn a_checkpoint_comes_back_from_a_copy_of_its_files_alone() {
    let book = Book::of(&hostile(41, 900), 150);
    let (storage, reader) = (MemoryStorage::new(), book.reader());
    let kept = kept_in(&storage);
    assert_eq!(kept.files(Position::MAX).expect("listed"), None);
    let states = book.states();
    states.iter().for_each(|(state, place)| keep(&kept, state, place));
    for (state, place) in &states {
        let (position, files) = kept.files(place.position()).expect("listed").expect("a checkpoint");
        assert_eq!(position, place.position());
        assert!(files.iter().all(|file| is_held(&storage, file) && CheckpointFile::may_be_called(&file.name)));
        let copy = copied(&storage, &files);
        let (restored, cursor) = kept_in(&copy).restore(Position::MAX, &reader);
        assert_eq!((cursor, digest(&restored, &reader)), (*place, digest(state, &reader)));
    }
    assert_eq!(kept.files(0).expect("listed"), None);
}

#[test]
fn any_byte_of_a_file_that_is_changed_is_found_out_or_changes_no_part() {
    let book = Book::of(&hostile(42, 60), 60);
    let storage = MemoryStorage::new();
    let kept = kept_in(&storage);
    let (state, place) = &book.states()[0];
    keep(&kept, state, place);
    let (_, files) = kept.files(Position::MAX).expect("listed").expect("a checkpoint");
    assert!(files.len() >= 2, "parts and a list");
    let (reader, mut meaningless) = (book.reader(), 0);
    for file in &files {
        let bytes = storage.contents(&file.name).expect("read").expect("a file");
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 2_000) {
            let mut other = bytes.clone();
            other[at] ^= 1;
            storage.replace(&file.name, &other).expect("written");
            if is_held(&storage, file) {
                // Some bits of a compressed part mean nothing: its parts are what they were.
                let (restored, cursor) = kept_in(&storage).restore(Position::MAX, &reader);
                let same = (cursor, digest(&restored, &reader)) == (*place, digest(state, &reader));
                assert!(same, "byte {at} of {}", file.name);
                meaningless += 1;
            }
        }
        for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            storage.replace(&file.name, &bytes[..length]).expect("written");
            assert!(!is_held(&storage, file), "{length} bytes of {}", file.name);
        }
        storage.replace(&file.name, &[&bytes[..], b"\0"].concat()).expect("written");
        assert!(!is_held(&storage, file), "one byte more in {}", file.name);
        storage.replace(&file.name, &bytes).expect("written");
        assert!(is_held(&storage, file));
    }
    assert!(meaningless < 20, "{meaningless}");
}

#[test]
fn one_of_which_a_part_is_not_there_is_passed_over_and_no_other_file_is_opened() {
    let book = Book::of(&hostile(43, 900), 150);
    let storage = MemoryStorage::new();
    let kept = kept_in(&storage);
    let states = book.states();
    keep(&kept, &states[0].0, &states[0].1);
    let (first, files) = kept.files(Position::MAX).expect("listed").expect("a checkpoint");
    keep(&kept, &states[1].0, &states[1].1);
    let (second, more) = kept.files(Position::MAX).expect("listed").expect("a checkpoint");
    assert!(second > first);
    let new = more.iter().find(|file| file.name.ends_with(".parts") && !files.contains(file)).expect("new parts");
    storage.remove(&new.name).expect("removed");
    assert_eq!(kept.files(Position::MAX).expect("listed"), Some((first, files.clone())));
    assert!(kept.open_file(&files[0].name).expect("opened").is_some());
    storage.replace("secret", b"of others").expect("written");
    for name in ["secret", "../secret", &new.name, ""] {
        assert!(kept.open_file(name).expect("looked").is_none(), "{name}");
    }
}

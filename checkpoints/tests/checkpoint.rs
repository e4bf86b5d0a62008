//! A checkpoint holds a state and its place; what is not to be trusted is refused.

mod given;

use std::sync::Arc;

use checkpoints::{Checkpoint, CheckpointError, KeepPolicy, KeptCheckpoints, PartName};
use ledger::{FrameCursor, MemoryStorage, Storage};

use given::{Book, digest, hostile};

/// A checkpoint of other content, under a checksum that is its own.
fn of_content(content: Vec<u8>) -> Checkpoint {
    let checksum = *blake3::hash(&content).as_bytes();
    Checkpoint::from_kept(content, &checksum).expect("the checksum is the content's")
}

/// The state of a book, written.
fn written(book: &Book) -> (MemoryStorage, KeptCheckpoints, Checkpoint) {
    let storage = MemoryStorage::new();
    let kept = KeptCheckpoints::new(Arc::new(storage.clone()), KeepPolicy::NONE);
    let checkpoint = kept.write(&book.state, &book.ledger.end()).expect("written");
    (storage, kept, checkpoint)
}

#[test]
fn a_state_comes_back_with_its_place() {
    let book = Book::of(&hostile(1, 500), 20);
    let (storage, _, checkpoint) = written(&book);
    // Another process reads it.
    let kept = KeptCheckpoints::new(Arc::new(storage), KeepPolicy::NONE);
    let (restored, place) = kept.restore_from(&checkpoint, &book.reader()).expect("it was just taken");
    assert_eq!(place, book.ledger.end());
    assert_eq!(digest(&restored, &book.reader()), book.digest());
}

#[test]
fn any_byte_changed_is_found_out_by_the_checksum() {
    let (_, _, checkpoint) = written(&Book::of(&hostile(2, 60), 20));
    for at in 0..checkpoint.content().len() {
        let mut content = checkpoint.content().to_vec();
        content[at] ^= 0x40;
        let damaged = Checkpoint::from_kept(content, &checkpoint.checksum());
        assert!(matches!(damaged, Err(CheckpointError::Checksum)), "byte {at}");
    }
}

#[test]
fn any_byte_of_its_parts_changed_is_found_out_by_their_names() {
    let book = Book::of(&hostile(2, 60), 20);
    let (storage, kept, checkpoint) = written(&book);
    let names = storage.list().expect("listed");
    let [name] = &names[..] else { panic!("one file: {names:?}") };
    let whole = storage.contents(name).expect("reads").expect("there");
    let mut refused = 0;
    for at in 0..whole.len() {
        storage.edit(name, |bytes| bytes[at] ^= 0x40);
        match kept.restore_from(&checkpoint, &book.reader()) {
            Err(CheckpointError::PartMissing { .. } | CheckpointError::PartDamaged { .. }) => refused += 1,
            Err(error) => panic!("byte {at}: {error}"),
            // Some bits of a compressed part say nothing: then it still is what its name says.
            Ok((state, _)) => assert_eq!(digest(&state, &book.reader()), book.digest(), "byte {at}"),
        }
        storage.edit(name, |bytes| bytes[at] ^= 0x40);
    }
    assert!(refused * 10 > whole.len() * 9, "{refused} of {} bytes", whole.len());
    assert!(kept.restore_from(&checkpoint, &book.reader()).is_ok());
}

#[test]
fn one_cut_short_is_refused_wherever_it_was_cut() {
    let book = Book::of(&hostile(3, 60), 20);
    let reader = book.reader();
    let (_, kept, whole) = written(&book);
    for length in 0..whole.content().len() {
        let short = of_content(whole.content()[..length].to_vec());
        let refused = kept.restore_from(&short, &reader).map(|_| ()).expect_err("it is cut");
        let is_known = matches!(refused, CheckpointError::Place | CheckpointError::List);
        assert!(is_known, "cut to {length} bytes: {refused}");
    }
}

#[test]
fn one_that_lacks_a_part_or_has_it_in_anothers_place_is_refused() {
    let book = Book::of(&hostile(3, 300), 20);
    let (_, kept, whole) = written(&book);
    let (place, parts) = (book.ledger.end(), whole.parts().expect("a list"));
    assert!(parts.len() > 8, "{} parts", parts.len());
    let refused = |what: &str, change: &dyn Fn(&mut Vec<PartName>)| {
        let mut parts = parts.clone();
        change(&mut parts);
        let restored = kept.restore_from(&Checkpoint::of(&place, &parts), &book.reader());
        let error = restored.map(|_| ()).expect_err(what);
        assert!(matches!(error, CheckpointError::Content(_)), "{what}: {error}");
    };
    for at in 0..parts.len() {
        refused(&format!("without part {at}"), &|parts| {
            parts.remove(at);
        });
        refused(&format!("part {at} twice"), &|parts| parts.push(parts[at]));
    }
    refused("the last first", &|parts| parts.rotate_right(1));
    let elsewhere = Checkpoint::of(&place, &[PartName([7; 32])]);
    let missing = kept.restore_from(&elsewhere, &book.reader()).map(|_| ());
    assert!(matches!(missing, Err(CheckpointError::PartMissing { .. })), "{missing:?}");
}

#[test]
fn one_of_another_version_is_refused() {
    let book = Book::of(&hostile(4, 20), 5);
    let (_, kept, checkpoint) = written(&book);
    let mut content = checkpoint.content().to_vec();
    content[0] += 1;
    let refused = kept.restore_from(&of_content(content), &book.reader()).map(|_| ());
    assert!(matches!(refused, Err(CheckpointError::Version { .. })), "{refused:?}");
}

#[test]
fn one_whose_place_is_not_its_states_is_refused() {
    let book = Book::of(&hostile(5, 100), 10);
    let (_, kept, _) = written(&book);
    let elsewhere = kept.write(&book.state, &FrameCursor::START).expect("written");
    let refused = kept.restore_from(&elsewhere, &book.reader()).map(|_| ());
    assert!(matches!(refused, Err(CheckpointError::Place)), "{refused:?}");
}

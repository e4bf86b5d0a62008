//! A checkpoint holds a state and its place; what is not to be trusted is refused.

mod given;

use checkpoints::{Checkpoint, CheckpointError};
use ledger::FrameCursor;
use projections::ContentError;

use given::{Book, digest, hostile};

/// A checkpoint of other content, under a checksum that is its own.
fn of_content(content: Vec<u8>) -> Checkpoint {
    let checksum = *blake3::hash(&content).as_bytes();
    Checkpoint::from_kept(content, &checksum).expect("the checksum is the content's")
}

#[test]
fn a_state_comes_back_with_its_place() {
    let book = Book::of(&hostile(1, 500), 20);
    let (restored, place) = book.checkpoint().restore(&book.reader()).expect("it was just taken");
    assert_eq!(place, book.ledger.end());
    assert_eq!(digest(&restored, &book.reader()), book.digest());
}

#[test]
fn any_byte_changed_is_found_out_by_the_checksum() {
    let checkpoint = Book::of(&hostile(2, 60), 20).checkpoint();
    for at in 0..checkpoint.content().len() {
        let mut content = checkpoint.content().to_vec();
        content[at] ^= 0x40;
        let damaged = Checkpoint::from_kept(content, &checkpoint.checksum());
        assert!(matches!(damaged, Err(CheckpointError::Checksum)), "byte {at}");
    }
}

#[test]
fn one_cut_short_is_refused_wherever_it_was_cut() {
    let book = Book::of(&hostile(3, 60), 20);
    let reader = book.reader();
    let whole = book.checkpoint();
    for length in 0..whole.content().len() {
        let short = of_content(whole.content()[..length].to_vec());
        let refused = short.restore(&reader).map(|_| ()).expect_err("it is cut");
        let is_known = matches!(refused, CheckpointError::Place | CheckpointError::Content(ContentError::Malformed));
        assert!(is_known, "cut to {length} bytes: {refused}");
    }
}

#[test]
fn one_of_another_version_is_refused() {
    let book = Book::of(&hostile(4, 20), 5);
    let mut content = book.checkpoint().content().to_vec();
    content[0] += 1;
    assert!(matches!(of_content(content).restore(&book.reader()), Err(CheckpointError::Version { .. })));
}

#[test]
fn one_whose_place_is_not_its_states_is_refused() {
    let book = Book::of(&hostile(5, 100), 10);
    let elsewhere = Checkpoint::of(&book.state, &FrameCursor::START);
    assert!(matches!(elsewhere.restore(&book.reader()), Err(CheckpointError::Place)));
}

//! What is durable is checked, not believed: a ledger whose files were removed or replaced under it has failed.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ledger::{CommitError, DiskStorage, LedgerError, MemoryStorage, Storage};

use crate::given::{Book, in_memory, segment_names, trades};

/// A ledger of two commits or more in a folder.
fn on_disk(folder: &Path) -> Book {
    let storage: Arc<dyn Storage> = Arc::new(DiskStorage::create(folder).expect("a folder"));
    let mut book = Book::open(&storage).expect("opens").0;
    book.commit(&trades(0, 200));
    book.commit(&trades(200, 400));
    book
}

fn segments(folder: &Path) -> Vec<std::path::PathBuf> {
    let names = fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path());
    let mut segments: Vec<_> = names.filter(|path| path.extension().is_some_and(|end| end == "segment")).collect();
    segments.sort();
    segments
}

/// The next commit fails, and says why; so does every later one.
fn fails(book: &mut Book) {
    for _ in 0..2 {
        let batch = book.batch(&trades(10_000, 1));
        let failed = book.try_commit(&[batch]).map(|_| ()).expect_err("its file is gone");
        assert!(matches!(&failed, CommitError::Failed(_)), "{failed}");
        assert!(failed.to_string().contains("removed or replaced"), "{failed}");
    }
}

#[test]
fn given_its_folder_is_removed_when_a_commit_is_made_then_it_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("ledger");
    let mut book = on_disk(&place);
    fs::remove_dir_all(&place).expect("removed");
    fails(&mut book);
}

#[test]
fn given_the_written_segment_is_replaced_by_a_copy_when_a_commit_is_made_then_it_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut book = on_disk(folder.path());
    let last = segments(folder.path()).pop().expect("a segment");
    let beside = folder.path().join("copy");
    fs::copy(&last, &beside).expect("copied");
    fs::rename(&beside, &last).expect("renamed");
    fails(&mut book);
}

#[test]
fn given_the_locks_file_is_removed_when_a_commit_is_made_then_it_fails_since_another_may_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut book = on_disk(folder.path());
    fs::remove_file(folder.path().join("LOCK")).expect("removed");
    fails(&mut book);
}

#[test]
fn given_an_earlier_segment_or_the_mark_is_removed_when_the_ledger_is_checked_then_it_has_failed() {
    let folder = tempfile::tempdir().expect("a folder");
    let names: [fn(&Path) -> std::path::PathBuf; 2] =
        [|place| segments(place).remove(0), |place| place.join("DURABLE")];
    for (number, name) in names.into_iter().enumerate() {
        let place = folder.path().join(number.to_string());
        let mut book = on_disk(&place);
        assert!(segments(&place).len() > 1, "there are some segments");
        book.ledger.check_in_place().expect("all is there");
        fs::remove_file(name(&place)).expect("removed");
        let failed = book.ledger.check_in_place().expect_err("one is gone");
        assert!(failed.to_string().contains("removed or replaced"), "{failed}");
        let again = book.ledger.check_in_place().expect_err("it stays failed");
        assert!(matches!(again, LedgerError::Poisoned { .. }), "{again}");
        fails(&mut book);
    }
}

#[test]
fn what_is_appended_by_others_beside_it_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut book = on_disk(folder.path());
    fs::write(folder.path().join("notes.txt"), "of the operator").expect("written");
    book.ledger.check_in_place().expect("all is there");
    book.commit(&trades(600, 10));
    assert_eq!(book.events(), trades(0, 610));
}

#[test]
fn in_memory_too_a_segment_that_is_gone_fails_the_ledger() {
    let storage = MemoryStorage::new();
    let mut book = Book::open(&in_memory(&storage)).expect("opens").0;
    book.commit(&trades(0, 5));
    storage.remove(&segment_names(&storage)[0]).expect("removed");
    fails(&mut book);
}

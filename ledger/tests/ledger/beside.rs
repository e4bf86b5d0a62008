//! Readers on other threads while the writer commits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ledger::{DiskStorage, EventReader, FrameCursor, LedgerReader, Storage};

use crate::given::{Book, trades};

#[test]
fn readers_see_whole_frames_in_order_while_the_writer_commits() {
    let folder = tempfile::tempdir().expect("a folder");
    let storage: Arc<dyn Storage> = Arc::new(DiskStorage::create(folder.path()).expect("made"));
    let mut book = Book::open(&storage).expect("opens").0;
    let readers = [
        book.ledger.reader(),
        book.ledger.reader(),
        LedgerReader::open_read_only(Arc::clone(&storage)).expect("opens beside"),
    ];
    let done = AtomicBool::new(false);
    let last = 40 * 25;
    std::thread::scope(|scope| {
        for reader in &readers {
            let done = &done;
            scope.spawn(move || {
                let dictionary = reader.dictionary();
                let mut seen = 0;
                while seen < last {
                    // Read whether it is done first: then what follows holds everything.
                    let is_done = done.load(Ordering::Acquire);
                    let durable = reader.refresh().expect("refreshes");
                    assert!(durable >= seen);
                    assert!(!is_done || durable == last, "done, and at {durable}");
                    let mut positions = 0;
                    for frame in reader.frames(&FrameCursor::START) {
                        for entry in frame.expect("a frame").entries(&dictionary) {
                            let (position, event) = entry.expect("decodes");
                            positions += 1;
                            assert_eq!((position, &*event.id), (positions, &*format!("trade-{}", position - 1)));
                        }
                    }
                    assert!(positions >= durable);
                    for position in seen + 1..=durable {
                        assert_eq!(reader.event(position).expect("reads").id, format!("trade-{}", position - 1));
                    }
                    seen = durable;
                }
            });
        }
        for number in 0..40 {
            book.commit(&trades(number * 25, 25));
        }
        done.store(true, Ordering::Release);
    });
}

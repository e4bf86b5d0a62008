//! Backups: whole after each step, taken on from where they end, and of one ledger alone.

use ledger::{
    BackedUp, BackupError, BackupLabel, Faults, FaultyStorage, FrameCursor, LedgerError, LedgerOptions, LedgerReader,
    MemoryStorage, Storage, WriteLock, back_up, verify,
};

use crate::given::{Book, in_memory, options, segment_names, trades};

const SMALL: u64 = 9_000;

fn book(memory: &MemoryStorage) -> Book {
    let small = LedgerOptions { segment_bytes: SMALL, ..options() };
    Book::open_with(&in_memory(memory), small).expect("opens").0
}

/// Commits frames of sixty entries.
fn write(book: &mut Book, frames: std::ops::Range<usize>) {
    for number in frames {
        book.commit(&trades(number * 60, 60));
    }
}

fn backed_up(from: &MemoryStorage, to: &MemoryStorage) -> Result<BackedUp, BackupError> {
    let lock = WriteLock::take(in_memory(to), "the test").expect("nobody else has it");
    back_up(in_memory(from), &lock, &mut |_, _| {})
}

#[track_caller]
fn assert_same(from: &MemoryStorage, to: &MemoryStorage) {
    assert_eq!(segment_names(from), segment_names(to));
    for name in segment_names(from) {
        assert_eq!(from.contents(&name).expect("reads"), to.contents(&name).expect("reads"), "{name}");
    }
    let reader = LedgerReader::open_read_only(in_memory(to)).expect("opens");
    let label = BackupLabel::read(to).expect("reads").expect("a label");
    assert_eq!(label.end, reader.end());
    verify(&reader, |_| {}).expect("in order");
}

#[test]
fn beside_the_writer_what_is_durable_is_copied_and_full_segments_once() {
    let (from, to) = (MemoryStorage::new(), MemoryStorage::new());
    let mut book = book(&from);
    write(&mut book, 0..7);
    let first = backed_up(&from, &to).expect("backed up");
    assert_eq!((first.before, first.end), (FrameCursor::START, book.ledger.end()));
    assert_eq!(first.segments_copied, segment_names(&from).len() as u64);
    assert_same(&from, &to);

    write(&mut book, 7..14);
    let second = backed_up(&from, &to).expect("backed up");
    assert_eq!((second.before, second.end), (first.end, book.ledger.end()));
    let full_before = first.segments_copied - 1;
    assert_eq!(
        second.segments_copied,
        segment_names(&from).len() as u64 - full_before,
        "full ones are not copied again"
    );
    assert_same(&from, &to);

    let third = backed_up(&from, &to).expect("backed up");
    assert_eq!((third.segments_copied, third.bytes_copied), (0, 0), "there is nothing new");
    // One that is gone from the backup is copied again.
    to.remove(&segment_names(&to)[0]).expect("removed");
    assert_eq!(backed_up(&from, &to).expect("backed up").segments_copied, 1);
    assert_same(&from, &to);
}

#[test]
fn a_folder_with_something_else_is_refused_and_left_as_it_is() {
    let (from, to) = (MemoryStorage::new(), MemoryStorage::new());
    let mut first = book(&from);
    write(&mut first, 0..7);
    backed_up(&from, &to).expect("backed up");

    let other = MemoryStorage::new();
    write(&mut book(&other), 20..40);
    let refused = backed_up(&other, &to);
    assert!(matches!(refused, Err(BackupError::AnotherLedger { position: 420 })), "{refused:?}");
    let shorter = MemoryStorage::new();
    write(&mut book(&shorter), 0..3);
    assert!(matches!(backed_up(&shorter, &to), Err(BackupError::AnotherLedger { .. })));
    assert!(matches!(backed_up(&from, &other), Err(BackupError::NoBackup)), "a ledger of its own");
    assert_same(&from, &to);

    // Somebody opens the backup as a ledger, and goes on.
    write(&mut book(&to), 50..51);
    assert!(matches!(backed_up(&from, &to), Err(BackupError::WrittenInto { position: 420 })));
}

#[test]
fn two_at_once_into_one_folder_are_refused() {
    let to = MemoryStorage::new();
    let _lock = WriteLock::take(in_memory(&to), "the first").expect("nobody else has it");
    assert!(matches!(WriteLock::take(in_memory(&to), "the second"), Err(LedgerError::Locked { .. })));
}

#[test]
fn a_damaged_ledger_is_not_backed_up_over_a_good_backup() {
    let (from, to) = (MemoryStorage::new(), MemoryStorage::new());
    let mut writer = book(&from);
    write(&mut writer, 0..3);
    backed_up(&from, &to).expect("backed up");
    let before = LedgerReader::open_read_only(in_memory(&to)).expect("opens").end();
    write(&mut writer, 3..14);
    drop(writer);
    from.edit(&segment_names(&from)[2], |bytes| bytes[5_000] ^= 1);
    let failed = backed_up(&from, &to);
    assert!(matches!(failed, Err(BackupError::Ledger(LedgerError::Damaged { segment: 3, .. }))), "{failed:?}");
    assert_eq!(LedgerReader::open_read_only(in_memory(&to)).expect("opens").end(), before);
}

#[test]
fn cut_short_anywhere_it_leaves_the_backup_before_or_a_longer_one_and_the_next_one_is_whole() {
    let from = MemoryStorage::new();
    let mut writer = book(&from);
    write(&mut writer, 0..4);
    let start = MemoryStorage::new();
    backed_up(&from, &start).expect("backed up");
    let before = LedgerReader::open_read_only(in_memory(&start)).expect("opens").durable_position();
    let start_files: Vec<(String, Vec<u8>)> = start
        .list()
        .expect("lists")
        .into_iter()
        .map(|name| (name.clone(), start.contents(&name).expect("reads").expect("there")))
        .collect();
    write(&mut writer, 4..9);
    let mut cut_short = 0;
    for (is_first, at) in (1..60).flat_map(|at| [(false, at), (true, at)]) {
        let disk = MemoryStorage::new();
        if !is_first {
            start_files.iter().for_each(|(name, bytes)| disk.replace(name, bytes).expect("made"));
        }
        let faulty = FaultyStorage::new(disk.clone(), Faults { power_fails_at: Some(at), ..Faults::default() });
        let lock = WriteLock::take(std::sync::Arc::new(faulty), "the test");
        let done = lock.map(|lock| back_up(in_memory(&from), &lock, &mut |_, _| {}));
        cut_short += u64::from(!matches!(done, Ok(Ok(_))));
        let after = disk.after_crash(at * 7 + 1);
        if !is_first {
            let reader =
                LedgerReader::open_read_only(in_memory(&after)).unwrap_or_else(|error| panic!("{at}: {error}"));
            let position = reader.durable_position();
            assert!((before..=540).contains(&position), "{at}: {position}");
        }
        backed_up(&from, &after).unwrap_or_else(|error| panic!("{at}, {is_first}: {error}"));
        assert_same(&from, &after);
    }
    assert!(cut_short > 20, "{cut_short}");
}

#[test]
fn what_is_good_of_a_damaged_ledger_can_be_read_up_to_there() {
    let from = MemoryStorage::new();
    let mut writer = book(&from);
    write(&mut writer, 0..12);
    let frames = writer.ledger.reader().frames(&FrameCursor::START);
    let ends: Vec<FrameCursor> = frames.map(|frame| frame.expect("a frame").cursor_after()).collect();
    drop(writer);
    from.remove(&segment_names(&from)[2]).expect("removed");
    assert!(LedgerReader::open_read_only(in_memory(&from)).is_err());
    let reader = LedgerReader::open_good(in_memory(&from), &ends[2]).expect("opens");
    assert_eq!((reader.end(), reader.durable_position()), (ends[2], 180));
    assert!(LedgerReader::open_good(in_memory(&from), &ends[11]).is_err());
}

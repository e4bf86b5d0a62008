//! Backups taken from a source that is no folder: only what is new is asked for, what does not follow is refused, and one
//! that was cut short goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::{
    BackupError, BackupLabel, DurableSegment, FrameCursor, LedgerError, LedgerOptions, LedgerReader, LedgerSource,
    MemoryStorage, SourceStorage, Storage, StorageError, Survey, WriteLock, download, receive, repair, verify,
};

use crate::given::{Book, in_memory, options, segment_names, trades};

const SMALL: u64 = 9_000;

fn book(memory: &MemoryStorage) -> Book {
    let small = LedgerOptions { segment_bytes: SMALL, ..options() };
    Book::open_with(&in_memory(memory), small).expect("opens").0
}

fn write(book: &mut Book, frames: std::ops::Range<usize>) {
    for number in frames {
        book.commit(&trades(number * 60, 60));
    }
}

/// A ledger elsewhere, which counts what it is asked for, and may fail or change a byte.
struct Elsewhere {
    reader: LedgerReader,
    end: FrameCursor,
    segments: Vec<DurableSegment>,
    asked: AtomicU64,
    fails_at: Option<u64>,
    turns: Option<(u64, u64)>,
}

impl Elsewhere {
    fn of(memory: &MemoryStorage, from: &FrameCursor) -> Elsewhere {
        let reader = LedgerReader::open_read_only(in_memory(memory)).expect("opens");
        let end = reader.end();
        let from = from.segment();
        let segments = reader.durable_segments(&end, from, usize::MAX).expect("segments");
        Elsewhere { reader, end, segments, asked: AtomicU64::new(0), fails_at: None, turns: None }
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

impl LedgerSource for Elsewhere {
    fn format(&self) -> u32 {
        self.reader.format().expect("a format")
    }

    fn end(&self) -> FrameCursor {
        self.end
    }

    fn segments(&self) -> &[DurableSegment] {
        &self.segments
    }

    fn read(&self, segment: &DurableSegment, offset: u64, length: usize) -> Result<Vec<u8>, StorageError> {
        let asked = self.asked.fetch_add(length as u64, Ordering::Relaxed) + length as u64;
        if self.fails_at.is_some_and(|at| asked > at) {
            return Err(StorageError::new("get", "elsewhere", std::io::Error::other("the connection was cut")));
        }
        let mut bytes = self.reader.durable_bytes(segment.number, offset, length).expect("bytes").into_owned();
        assert_eq!(bytes.len(), length, "what is told to be durable can be had");
        if let Some((number, at)) = self.turns
            && number == segment.number
            && (offset..offset + length as u64).contains(&at)
        {
            bytes[(at - offset) as usize] ^= 1;
        }
        Ok(bytes)
    }
}

fn lock(to: &MemoryStorage) -> WriteLock {
    WriteLock::take(in_memory(to), "the test").expect("nobody else has it")
}

#[track_caller]
fn assert_same(from: &MemoryStorage, to: &MemoryStorage) {
    assert_eq!(segment_names(from), segment_names(to));
    for name in segment_names(from) {
        assert_eq!(from.contents(&name).expect("reads"), to.contents(&name).expect("reads"), "{name}");
    }
    let reader = LedgerReader::open_read_only(in_memory(to)).expect("opens");
    assert_eq!(BackupLabel::read(to).expect("reads").expect("a label").end, reader.end());
    verify(&reader, |_| {}).expect("in order");
}

#[test]
fn what_is_there_already_is_not_asked_for_again() {
    let (from, to) = (MemoryStorage::new(), MemoryStorage::new());
    let mut book = book(&from);
    write(&mut book, 0..7);
    let first = receive(&Elsewhere::of(&from, &FrameCursor::START), &lock(&to), &mut |_, _| {}).expect("received");
    assert_eq!((first.before, first.end), (FrameCursor::START, book.ledger.end()));
    assert_same(&from, &to);

    write(&mut book, 7..8);
    let source = Elsewhere::of(&from, &first.end);
    let second = receive(&source, &lock(&to), &mut |_, _| {}).expect("received");
    assert_eq!((second.before, second.end), (first.end, book.ledger.end()));
    assert_same(&from, &to);
    let held: u64 = source.segments.iter().map(|segment| segment.bytes).sum();
    assert!(second.bytes_copied < held, "{} of {held} bytes: the tail's beginning is there", second.bytes_copied);
    assert_eq!(source.asked(), second.bytes_copied);

    let again = Elsewhere::of(&from, &second.end);
    let third = receive(&again, &lock(&to), &mut |_, _| {}).expect("received");
    assert_eq!((third.before, third.end, third.bytes_copied, again.asked()), (second.end, second.end, 0, 0));
    // Long after: many segments more.
    write(&mut book, 8..30);
    receive(&Elsewhere::of(&from, &second.end), &lock(&to), &mut |_, _| {}).expect("received");
    assert_same(&from, &to);
}

#[test]
fn cut_short_anywhere_it_goes_on_with_the_segment_after_the_last_whole_one() {
    let from = MemoryStorage::new();
    let mut book = book(&from);
    write(&mut book, 0..20);
    let all = Elsewhere::of(&from, &FrameCursor::START);
    let total: u64 = all.segments.iter().map(|segment| segment.bytes).sum();
    for fails_at in (0..total).step_by(3_000) {
        let to = MemoryStorage::new();
        let source = Elsewhere { fails_at: Some(fails_at), ..Elsewhere::of(&from, &FrameCursor::START) };
        let cut = receive(&source, &lock(&to), &mut |_, _| {}).expect_err("it fails");
        assert!(cut.to_string().contains("the connection was cut"), "{cut}");
        let label = BackupLabel::read(&to).expect("reads").expect("a label").end;
        let rest = Elsewhere::of(&from, &label);
        receive(&rest, &lock(&to), &mut |_, _| {}).expect("received");
        assert_same(&from, &to);
        assert!(rest.asked() <= total.saturating_sub(fails_at) + SMALL + 4_000, "{} after {fails_at}", rest.asked());
    }
}

#[test]
fn bytes_that_are_not_what_was_written_get_into_no_backup() {
    // The same commits give the same bytes, so one is the beginning of the other.
    let (early, from) = (MemoryStorage::new(), MemoryStorage::new());
    write(&mut book(&early), 0..7);
    write(&mut book(&from), 0..14);
    let end = LedgerReader::open_read_only(in_memory(&early)).expect("opens").end();
    let mut refused = 0;
    for segment in Elsewhere::of(&from, &end).segments {
        for at in (0..segment.bytes).step_by(197) {
            let to = MemoryStorage::new();
            receive(&Elsewhere::of(&early, &FrameCursor::START), &lock(&to), &mut |_, _| {}).expect("received");
            let turned = Elsewhere { turns: Some((segment.number, at)), ..Elsewhere::of(&from, &end) };
            let received = receive(&turned, &lock(&to), &mut |_, _| {});
            match received {
                // What is there already was not asked for.
                Ok(_) => assert_same(&from, &to),
                Err(BackupError::Ledger(LedgerError::Damaged { .. }) | BackupError::AnotherLedger { .. }) => {
                    refused += 1;
                    let good = BackupLabel::read(&to).expect("reads").expect("a label").end;
                    let reader = LedgerReader::open_good(in_memory(&to), &good).expect("opens");
                    verify(&reader, |_| {}).expect("what is there is in order");
                    receive(&Elsewhere::of(&from, &good), &lock(&to), &mut |_, _| {}).expect("received");
                    assert_same(&from, &to);
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn another_ledger_or_an_earlier_one_is_refused_and_the_backup_stays() {
    let (from, other, to) = (MemoryStorage::new(), MemoryStorage::new(), MemoryStorage::new());
    let mut mine = book(&from);
    write(&mut mine, 0..7);
    let first = receive(&Elsewhere::of(&from, &FrameCursor::START), &lock(&to), &mut |_, _| {}).expect("received");
    let mut theirs = book(&other);
    write(&mut theirs, 100..120);
    let refused = receive(&Elsewhere::of(&other, &first.end), &lock(&to), &mut |_, _| {});
    assert!(matches!(refused, Err(BackupError::AnotherLedger { .. })), "{refused:?}");
    let early = MemoryStorage::new();
    let mut shorter = book(&early);
    write(&mut shorter, 0..1);
    let refused = receive(&Elsewhere::of(&early, &FrameCursor::START), &lock(&to), &mut |_, _| {});
    assert!(matches!(refused, Err(BackupError::AnotherLedger { .. })), "{refused:?}");
    assert_same(&from, &to);
}

#[test]
fn what_is_downloaded_is_the_ledger_and_a_check_finds_what_is_not() {
    let from = MemoryStorage::new();
    let mut book = book(&from);
    write(&mut book, 0..12);
    let to = MemoryStorage::new();
    download(&Elsewhere::of(&from, &FrameCursor::START), &lock(&to), &mut |_, _| {}).expect("downloaded");
    assert_eq!(LedgerReader::open_read_only(in_memory(&to)).expect("opens").end(), book.ledger.end());

    let to = MemoryStorage::new();
    let turned = Elsewhere { turns: Some((2, 5_000)), ..Elsewhere::of(&from, &FrameCursor::START) };
    download(&turned, &lock(&to), &mut |_, _| {}).expect("downloaded");
    let survey = Survey::of(in_memory(&to)).expect("a survey");
    let found = (1..=survey.segments()).map(|number| survey.check(number, &mut |_| {}).expect("checked")).collect();
    let report = survey.conclude(found);
    assert_eq!(report.damages.first().map(|damage| damage.segment), Some(2));
}

#[test]
fn a_segment_is_repaired_from_a_source_of_which_little_else_is_asked_for() {
    let from = MemoryStorage::new();
    let large = LedgerOptions { segment_bytes: 1 << 20, ..options() };
    let mut written = Book::open_with(&in_memory(&from), large).expect("opens").0;
    for number in 0..40 {
        written.commit(&trades(number * 1_500, 1_500));
    }
    let source = Arc::new(Elsewhere::of(&from, &FrameCursor::START));
    let (damaged, end) = (MemoryStorage::new(), written.ledger.end());
    download(&*source, &lock(&damaged), &mut |_, _| {}).expect("downloaded");
    let told = source.asked();
    let names = segment_names(&damaged);
    assert!(names.len() > 2, "{names:?}");
    let file = in_memory(&damaged).open(&names[1], ledger::Access::Write).expect("opens").expect("a file");
    file.write_at(400_000, &[0xff; 40]).expect("written");
    let report = repair(&lock(&damaged), Arc::new(SourceStorage::of(source.clone()))).expect("repaired");
    assert_eq!((report.repaired.len(), report.lost.len()), (1, 0));
    let asked = source.asked() - told;
    assert!(asked <= (names.len() as u64 + 4) << 18, "{asked} bytes of {told}");
    assert_eq!(LedgerReader::open_read_only(in_memory(&damaged)).expect("opens").end(), end);
    verify(&LedgerReader::open_read_only(in_memory(&damaged)).expect("opens"), |_| {}).expect("in order");
}

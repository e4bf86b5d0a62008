//! The check of a ledger segment by segment: it finds what the walk from the first frame on finds, and what lies behind
//! the first damage too.

use ledger::{FrameCursor, LedgerOptions, LedgerReader, MemoryStorage, Storage, Survey, SurveyReport, verify};

use crate::given::{Book, in_memory, options, segment_names, trades};

/// Twelve frames of sixty entries over some segments, closed.
fn written() -> MemoryStorage {
    let memory = MemoryStorage::new();
    let small = LedgerOptions { segment_bytes: 9_000, ..options() };
    let mut book = Book::open_with(&in_memory(&memory), small).expect("opens").0;
    for number in 0..12 {
        book.commit(&trades(number * 60, 60));
    }
    drop(book);
    assert!(segment_names(&memory).len() >= 4);
    memory
}

fn surveyed(memory: &MemoryStorage) -> SurveyReport {
    let survey = Survey::of(in_memory(memory)).expect("a ledger");
    // In no order: each segment is checked for itself.
    let segments = (1..=survey.segments()).rev().map(|number| survey.check(number, &mut |_| {}).expect("checked"));
    let segments = segments.collect();
    survey.conclude(segments)
}

fn walk_finds_damage(memory: &MemoryStorage) -> bool {
    LedgerReader::open_read_only(in_memory(memory)).and_then(|reader| verify(&reader, |_| {})).is_err()
}

fn places(report: &SurveyReport) -> Vec<(u64, u64)> {
    report.damages.iter().map(|damage| (damage.segment, damage.byte)).collect()
}

#[test]
fn of_a_whole_ledger_all_is_good_and_everything_is_counted() {
    let memory = written();
    let reader = LedgerReader::open_read_only(in_memory(&memory)).expect("opens");
    let (report, walked) = (surveyed(&memory), verify(&reader, |_| {}).expect("in order"));
    assert!(report.damages.is_empty(), "{:?}", report.damages);
    assert_eq!((report.good, report.good_position()), (reader.end(), 720));
    assert_eq!((report.segments, report.frames, report.bytes), (walked.segments, walked.frames, walked.bytes));
}

#[test]
fn wherever_a_byte_is_turned_it_finds_what_the_walk_finds() {
    let memory = written();
    let (mut damaged, mut borne) = (0, 0);
    for name in segment_names(&memory) {
        let bytes = memory.contents(&name).expect("reads").expect("there");
        for at in (0..bytes.len()).step_by(211) {
            memory.edit(&name, |bytes| bytes[at] ^= 0x10);
            let report = surveyed(&memory);
            assert_eq!(!report.damages.is_empty(), walk_finds_damage(&memory), "{name}, byte {at}");
            if report.damages.is_empty() {
                borne += 1
            } else {
                damaged += 1
            }
            memory.edit(&name, |bytes| bytes[at] ^= 0x10);
        }
    }
    // Behind the last frame a turned byte is what a torn write leaves.
    assert!(damaged > 50 && borne > 3, "{damaged} {borne}");
}

#[test]
fn every_damaged_segment_is_told_and_good_is_what_lies_before_the_first() {
    let memory = written();
    let names = segment_names(&memory);
    let ends: Vec<FrameCursor> = LedgerReader::open_read_only(in_memory(&memory))
        .expect("opens")
        .frames(&FrameCursor::START)
        .map(|frame| frame.expect("a frame").cursor_after())
        .collect();
    memory.edit(&names[1], |bytes| bytes[5_000] ^= 1);
    memory.edit(&names[3], |bytes| bytes[20] ^= 1);
    let report = surveyed(&memory);
    assert_eq!(report.damages.iter().map(|damage| damage.segment).collect::<Vec<_>>(), [2, 4]);
    assert!(ends.contains(&report.good) && report.good_position() < 720, "{:?}", report.good);
    memory.remove(&names[0]).expect("removed");
    let report = surveyed(&memory);
    assert_eq!(report.damages.iter().map(|damage| damage.segment).collect::<Vec<_>>(), [1, 2, 4]);
    assert_eq!(report.good, FrameCursor::START);
}

#[test]
fn a_missing_end_is_told_by_the_durable_mark() {
    let memory = written();
    let names = segment_names(&memory);
    let last = names.last().expect("a segment");
    memory.remove(last).expect("removed");
    assert_eq!(places(&surveyed(&memory)), [(names.len() as u64, 0)]);
    memory.remove(&names[names.len() - 2]).expect("removed");
    assert_eq!(places(&surveyed(&memory)), [(names.len() as u64 - 1, 0), (names.len() as u64, 0)]);
}

#[test]
fn two_segments_in_each_others_place_are_both_told_and_so_is_one_of_another_ledger() {
    let memory = written();
    let names = segment_names(&memory);
    let contents = |name: &String| memory.contents(name).expect("reads").expect("there");
    let (second, third) = (contents(&names[1]), contents(&names[2]));
    memory.edit(&names[1], |bytes| *bytes = third.clone());
    memory.edit(&names[2], |bytes| *bytes = second.clone());
    assert_eq!(places(&surveyed(&memory)), [(2, 16), (3, 16)]);
    memory.edit(&names[1], |bytes| *bytes = second);
    memory.edit(&names[2], |bytes| *bytes = third);
    assert_eq!(places(&surveyed(&memory)), []);

    let other = MemoryStorage::new();
    let small = LedgerOptions { segment_bytes: 9_000, ..options() };
    let mut book = Book::open_with(&in_memory(&other), small).expect("opens").0;
    for number in 20..32 {
        book.commit(&trades(number * 60, 60));
    }
    let foreign = other.contents(&segment_names(&other)[1]).expect("reads").expect("there");
    memory.edit(&names[1], |bytes| *bytes = foreign);
    assert_eq!(surveyed(&memory).damages.first().map(|damage| damage.segment), Some(2));
}

#[test]
fn a_file_with_a_number_far_behind_is_told_and_no_segment_is_looked_for_before_it() {
    let memory = written();
    let count = segment_names(&memory).len() as u64;
    memory.replace("18446744073709551615-0000000001.segment", b"a slip").expect("made");
    let survey = Survey::of(in_memory(&memory)).expect("a ledger");
    assert_eq!(survey.segments(), count);
    let report = surveyed(&memory);
    assert_eq!(places(&report), [(u64::MAX, 0)]);
    assert!(report.damages[0].to_string().contains("move it elsewhere"), "{}", report.damages[0]);
    assert_eq!(report.good_position(), 720);
    assert!(walk_finds_damage(&memory), "a start refuses it too");

    // As far as there may have been segments, the missing ones are told.
    memory.remove("18446744073709551615-0000000001.segment").expect("removed");
    let name = format!("{:08}-0000000901.segment", count + 1_000);
    memory.replace(&name, b"a slip").expect("made");
    assert_eq!(surveyed(&memory).damages.len(), 1_000);
}

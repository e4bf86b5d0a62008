//! The damage matrix: flip, zero, cut, delete, swap, a segment of another ledger, at the head, in the middle and at the
//! tail; repaired from a copy as long, from an older one, and from none that helps.

use ledger::{
    LedgerError, LedgerOptions, LedgerReader, LostPositions, MemoryStorage, RepairError, RepairReport, Storage,
    WriteLock, back_up, repair, verify,
};

use crate::given::{Book, in_memory, options, segment_names, trades};

/// The files of a ledger by their names.
type Files = Vec<(String, Vec<u8>)>;

fn files(memory: &MemoryStorage) -> Files {
    let names = segment_names(memory);
    names.into_iter().map(|name| (name.clone(), memory.contents(&name).expect("reads").expect("there"))).collect()
}

/// A ledger of frames of sixty entries over some segments, and what it was after the first `older` frames.
fn written(frames: usize, older: usize) -> (MemoryStorage, MemoryStorage) {
    let (memory, backup) = (MemoryStorage::new(), MemoryStorage::new());
    let small = LedgerOptions { segment_bytes: 9_000, ..options() };
    let mut book = Book::open_with(&in_memory(&memory), small).expect("opens").0;
    for number in 0..frames {
        if number == older {
            back_up_into(&memory, &backup);
        }
        book.commit(&trades(number * 60, 60));
    }
    drop(book);
    if older >= frames {
        back_up_into(&memory, &backup);
    }
    assert!(segment_names(&memory).len() >= 3);
    (memory, backup)
}

fn back_up_into(memory: &MemoryStorage, backup: &MemoryStorage) {
    let lock = WriteLock::take(in_memory(backup), "the backup").expect("nobody else has it");
    back_up(in_memory(memory), &lock, &mut |_, _| {}).expect("backed up");
}

fn another_ledger() -> MemoryStorage {
    let memory = MemoryStorage::new();
    let small = LedgerOptions { segment_bytes: 9_000, ..options() };
    let mut book = Book::open_with(&in_memory(&memory), small).expect("opens").0;
    for number in 40..56 {
        book.commit(&trades(number * 60, 60));
    }
    memory
}

fn repaired(memory: &MemoryStorage, copy: &MemoryStorage) -> Result<RepairReport, RepairError> {
    repair(&WriteLock::take(in_memory(memory), "the repair").expect("nobody else has it"), in_memory(copy))
}

fn is_whole(memory: &MemoryStorage) -> bool {
    LedgerReader::open_read_only(in_memory(memory)).and_then(|reader| verify(&reader, |_| {})).is_ok()
}

/// What can happen to the segment at a place among some.
const DAMAGES: [&str; 8] =
    ["flip a header", "flip a frame", "zero a frame", "zero all", "cut", "delete", "swap", "another ledger's"];

fn damage(memory: &MemoryStorage, how: &str, at: usize) {
    let names = segment_names(memory);
    let name = &names[at];
    let bytes = |name: &str| memory.contents(name).expect("reads").expect("there");
    // Within the frames, however many there are.
    let middle = bytes(name).iter().rposition(|byte| *byte != 0).expect("something is there") / 2;
    match how {
        "flip a header" => memory.edit(name, |bytes| bytes[30] ^= 4),
        "flip a frame" => memory.edit(name, |bytes| bytes[middle] ^= 4),
        "zero a frame" => memory.edit(name, |bytes| bytes[middle - 300..middle + 300].fill(0)),
        "zero all" => memory.edit(name, |bytes| bytes.fill(0)),
        "cut" => memory.edit(name, |bytes| bytes.truncate(middle)),
        "delete" => memory.remove(name).expect("removed"),
        "swap" => {
            let other = &names[if at == 0 { 1 } else { at - 1 }];
            let (here, there) = (bytes(name), bytes(other));
            memory.edit(name, |bytes| *bytes = there);
            memory.edit(other, |bytes| *bytes = here);
        }
        "another ledger's" => {
            let other = another_ledger();
            let foreign = files(&other).swap_remove(at).1;
            memory.edit(name, |bytes| *bytes = foreign);
        }
        other => unreachable!("{other} is no damage"),
    }
}

fn head_middle_tail(memory: &MemoryStorage) -> [usize; 3] {
    let count = segment_names(memory).len();
    [0, count / 2, count - 1]
}

#[test]
fn from_a_copy_as_long_any_damage_anywhere_is_repaired_to_the_same_bytes() {
    for how in DAMAGES {
        for place in 0..3 {
            let (memory, backup) = written(12, 12);
            let before = files(&memory);
            let at = head_middle_tail(&memory)[place];
            damage(&memory, how, at);
            assert!(!is_whole(&memory), "{how} at {at}");
            let damaged = memory.contents(&before[at].0).expect("reads");
            let report = repaired(&memory, &backup).unwrap_or_else(|error| panic!("{how} at {at}: {error}"));
            assert!(report.lost.is_empty() && !report.repaired.is_empty(), "{how} at {at}: {report:?}");
            assert_eq!(files(&memory), before, "{how} at {at}");
            assert!(is_whole(&memory), "{how} at {at}");
            // What was there is there still, under another name.
            let aside = report.repaired.iter().find(|segment| segment.file == before[at].0).expect("repaired");
            assert_eq!(aside.laid_aside.is_some(), damaged.is_some(), "{how} at {at}");
            if let Some(name) = &aside.laid_aside {
                assert_eq!(memory.contents(name).expect("reads"), damaged, "{how} at {at}");
            }
            assert_eq!(repaired(&memory, &backup).expect("again"), RepairReport::default(), "nothing is left to do");
        }
    }
}

#[test]
fn from_an_older_copy_what_it_has_is_repaired_and_nothing_newer_is_lost() {
    for how in ["flip a header", "flip a frame", "zero a frame"] {
        for at in [0, 1] {
            let (memory, backup) = written(12, 7);
            let before = files(&memory);
            damage(&memory, how, at);
            let report = repaired(&memory, &backup).expect("repaired");
            assert!(report.lost.is_empty(), "{how} at {at}: {report:?}");
            assert_eq!(files(&memory), before, "{how} at {at}");
        }
    }
}

/// Changes a field of a segment's header, and makes its checksum anew.
fn change_header(memory: &MemoryStorage, name: &str, at: usize, to: u8) {
    memory.edit(name, |bytes| {
        let length = u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")) as usize;
        bytes[at] = to;
        let checksum = crc32c::crc32c(&bytes[..length - 4]);
        bytes[length - 4..length].copy_from_slice(&checksum.to_le_bytes());
    });
}

/// The position that it begins at, the next id of quarantine, when the entry before was recorded, its frame's hash.
const FIELDS_OF_A_START: [usize; 4] = [24, 32, 47, 60];

#[test]
fn a_first_header_that_was_changed_with_its_checksum_is_mended_also_where_the_copy_has_it_too() {
    for field in FIELDS_OF_A_START {
        for is_copied in [false, true] {
            for segments in [1, 3] {
                let (memory, backup) = written(12, 12);
                let names = segment_names(&memory);
                if segments == 1 {
                    for storage in [&memory, &backup] {
                        names[1..].iter().for_each(|name| storage.remove(name).expect("removed"));
                        storage.remove("DURABLE").expect("removed");
                    }
                }
                let before = files(&memory);
                change_header(&memory, &names[0], field, 9);
                if is_copied {
                    change_header(&backup, &names[0], field, 9);
                }
                assert!(!is_whole(&memory), "{field}");
                let report = repaired(&memory, &backup).unwrap_or_else(|error| panic!("{field}: {error}"));
                assert!(report.lost.is_empty() && report.repaired.len() == 1, "{field}, {is_copied}: {report:?}");
                assert_eq!(files(&memory), before, "{field}, {is_copied}");
                assert!(is_whole(&memory), "{field}, {is_copied}");
            }
        }
    }
}

#[test]
fn a_header_follows_from_the_segment_before_and_needs_no_copy() {
    let (memory, backup) = written(12, 7);
    let before = files(&memory);
    damage(&memory, "flip a header", before.len() - 1);
    let report = repaired(&memory, &backup).expect("repaired");
    let [segment] = &report.repaired[..] else { panic!("{report:?}") };
    assert!(segment.frames_taken == 0 && segment.frames_kept > 0, "{segment:?}");
    assert_eq!(files(&memory), before);
}

#[test]
fn what_neither_has_is_told_by_positions_and_the_file_stays_as_it_is() {
    let (memory, backup) = written(12, 7);
    let names = segment_names(&memory);
    let reader = LedgerReader::open_read_only(in_memory(&memory)).expect("opens");
    drop(reader);
    let last = names.len() - 1;
    let first_of = |at: usize| {
        let position = names[at].trim_end_matches(".segment").split_once('-').expect("a name").1;
        position.parse::<u64>().expect("a position")
    };
    // Behind the end of the older copy: the segment before the last one, and a first one that the copy has.
    memory.remove(&names[last - 1]).expect("removed");
    damage(&memory, "flip a frame", 0);
    let report = repaired(&memory, &backup).expect("repaired");
    assert_eq!(report.repaired.len(), 1, "{report:?}");
    let [lost] = report.lost[..] else { panic!("{report:?}") };
    assert_eq!((lost.segment, lost.last), (last as u64, Some(first_of(last) - 1)));
    assert!((first_of(last - 1)..first_of(last)).contains(&lost.first), "{lost:?}");
    assert!(!is_whole(&memory));
    // A longer copy has the rest.
    let (whole, longer) = written(12, 12);
    assert!(repaired(&memory, &longer).expect("repaired").lost.is_empty());
    assert_eq!(files(&memory), files(&whole));

    let (memory, backup) = written(12, 7);
    let end = memory.contents(&names[last]).expect("reads").expect("there");
    let end = end.iter().rposition(|byte| *byte != 0).expect("something is there");
    memory.edit(&names[last], |bytes| bytes[end - 50] ^= 1);
    let before = files(&memory);
    let report = repaired(&memory, &backup).expect("looked at");
    assert_eq!(report.lost, [LostPositions { segment: last as u64 + 1, first: 661, last: None }]);
    assert_eq!(files(&memory), before, "what cannot be made whole is left alone");
}

#[test]
fn a_copy_of_another_ledger_changes_nothing() {
    let other = another_ledger();
    for how in DAMAGES {
        for place in 0..3 {
            let (memory, _) = written(12, 12);
            damage(&memory, how, head_middle_tail(&memory)[place]);
            let before = files(&memory);
            match repaired(&memory, &other) {
                Ok(report) => {
                    // What follows from the ledger alone, as a header does, may be repaired.
                    let taken: u64 = report.repaired.iter().map(|segment| segment.frames_taken).sum();
                    assert_eq!(taken, 0, "{how}, {place}: {report:?}");
                }
                Err(RepairError::NotOfThisLedger) => assert_eq!(files(&memory), before, "{how}, {place}"),
                Err(RepairError::Ledger(error)) => panic!("{how}, {place}: {error}"),
            }
        }
    }
}

#[test]
fn a_file_in_the_way_is_laid_aside() {
    let (memory, backup) = written(12, 12);
    let before = files(&memory);
    memory.replace("00000002-0000000007.segment", b"not a segment").expect("made");
    let report = repaired(&memory, &backup).expect("repaired");
    assert_eq!((report.repaired.len(), report.laid_aside.len()), (0, 1), "{report:?}");
    assert_eq!(files(&memory), before);
    assert_eq!(memory.contents(&report.laid_aside[0]).expect("reads").expect("there"), b"not a segment");
}

#[test]
fn a_file_with_a_number_far_behind_stays_and_the_rest_is_repaired() {
    let (memory, backup) = written(12, 12);
    let before = files(&memory);
    damage(&memory, "flip a frame", before.len() - 1);
    let far = "18446744073709551615-0000000001.segment";
    memory.replace(far, b"a slip").expect("made");
    let report = repaired(&memory, &backup).expect("repaired");
    assert!(report.lost.is_empty() && report.repaired.len() == 1, "{report:?}");
    assert!(!is_whole(&memory), "it is told still");
    memory.remove(far).expect("moved elsewhere");
    assert_eq!(files(&memory), before);
}

#[test]
fn a_file_format_that_says_none_is_told_and_made_anew_as_the_copy_or_the_frames_have_it() {
    for text in
        [&b""[..], b"tributary ledger, format ", b"tributary ledger, format 0\n", b"tributbry ledger, format 1\n"]
    {
        let (memory, backup) = written(12, 12);
        let before = files(&memory);
        memory.edit("FORMAT", |bytes| *bytes = text.to_vec());
        let opened = LedgerReader::open_read_only(in_memory(&memory)).map(|_| ());
        assert!(matches!(opened, Err(LedgerError::NoFormat)), "{opened:?}");
        let report = repaired(&memory, &backup).expect("repaired");
        assert_eq!((report.format, report.repaired.len()), (Some(1), 0), "{report:?}");
        let aside = report.laid_aside.first().expect("laid aside");
        assert_eq!(memory.contents(aside).expect("reads").expect("there"), text);
        assert_eq!(memory.contents("FORMAT").expect("reads").expect("there"), b"tributary ledger, format 1\n");
        assert!(is_whole(&memory) && files(&memory) == before);
    }
}

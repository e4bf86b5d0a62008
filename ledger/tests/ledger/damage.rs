//! The damage matrix: flip, zero, cut and delete, at the head, in the middle and at the tail. What was
//! acknowledged is never lost in silence.

use ledger::{EventReader, Fault, FrameCursor, LedgerError, LedgerOptions, LedgerReader, MemoryStorage, Storage};
use proptest::prelude::*;

use crate::deeds::actor;
use crate::given::{Book, in_memory, options, segment_names, trades};

fn small_segments() -> LedgerOptions {
    LedgerOptions { segment_bytes: 9_000, ..options() }
}

/// Where each frame begins, by its segment's number.
struct Written {
    memory: MemoryStorage,
    frames: Vec<(u64, u64, u64)>,
}

/// A ledger of several segments and frames, closed. Without its mark on request, as after a loss of that file.
fn written(with_mark: bool) -> Written {
    written_of(12, with_mark)
}

/// The same of so many frames.
fn written_of(count: usize, with_mark: bool) -> Written {
    let memory = MemoryStorage::new();
    let storage = in_memory(&memory);
    let mut book = Book::open_with(&storage, small_segments()).expect("opens").0;
    for number in 0..count {
        book.commit(&trades(number * 60, 60));
    }
    let frames = book.ledger.reader().frames(&FrameCursor::START).map(|frame| {
        let frame = frame.expect("a frame");
        let after = CursorParts::of(&frame.cursor_after());
        (after.segment, after.offset - frame.byte_count(), frame.byte_count())
    });
    let frames: Vec<_> = frames.collect();
    drop(book);
    assert!(segment_names(&memory).len() >= 3);
    if !with_mark {
        memory.remove("DURABLE").expect("removed");
    }
    Written { memory, frames }
}

/// Segment and offset out of a cursor's bytes, as docs/FORMAT.md lays them out.
struct CursorParts {
    segment: u64,
    offset: u64,
}

impl CursorParts {
    fn of(cursor: &FrameCursor) -> CursorParts {
        let bytes = cursor.encode();
        let field = |at: usize| u64::from_le_bytes(*bytes[at..].first_chunk().expect("eight bytes"));
        CursorParts { segment: field(0), offset: field(8) }
    }
}

impl Written {
    fn name(&self, segment: u64) -> String {
        segment_names(&self.memory)[segment as usize - 1].clone()
    }

    fn damage(&self, segment: u64, change: impl FnOnce(&mut Vec<u8>)) {
        self.memory.edit(&self.name(segment), change);
    }

    /// Segment and byte of the damage that opening tells of, from both sides.
    fn told(&self) -> (u64, u64) {
        let storage = in_memory(&self.memory);
        let to_read = LedgerReader::open_read_only(in_memory(&self.memory)).map(|_| ());
        let to_write = Book::open(&storage).map(|_| ());
        match (to_read, to_write) {
            (
                Err(LedgerError::Damaged { segment, byte, .. }),
                Err(LedgerError::Damaged { segment: same_segment, byte: same_byte, .. }),
            ) if (segment, byte) == (same_segment, same_byte) => (segment, byte),
            other => panic!("opened: {other:?}"),
        }
    }

    /// How many entries are left after opening, and how many bytes were torn.
    fn left(&self) -> (u64, u64) {
        let reader = LedgerReader::open_read_only(in_memory(&self.memory)).expect("opens to read");
        let (book, recovery) = Book::open(&in_memory(&self.memory)).expect("opens");
        assert_eq!(reader.durable_position(), recovery.position);
        assert_eq!(book.events(), trades(0, recovery.position as usize));
        // Once cut, it is as if it had never been.
        drop(book);
        let (_, again) = Book::open(&in_memory(&self.memory)).expect("opens again");
        assert_eq!((again.position, again.torn_bytes), (recovery.position, 0));
        (recovery.position, recovery.torn_bytes)
    }
}

/// Bytes of a frame worth damaging: each part of its header, its table, its records, its sections' end.
fn places(length: u64) -> Vec<u64> {
    vec![0, 5, 8, 12, 16, 24, 32, 40, 72, 76, 79, 80, 84, 90, length / 2, length - 30, length - 9]
}

#[test]
fn a_flip_in_a_frame_that_was_acknowledged_stops_the_start_and_is_told_with_segment_and_byte() {
    let frames = written(true).frames;
    let (first, middle, last) = (0, frames.len() / 2, frames.len() - 1);
    for with_mark in [true, false] {
        // Without the mark nothing says that the last frame was acknowledged; that case is below.
        for frame in if with_mark { vec![first, middle, last] } else { vec![first, middle] } {
            let (segment, offset, length) = frames[frame];
            for place in places(length) {
                let written = written(with_mark);
                written.damage(segment, |bytes| bytes[(offset + place) as usize] ^= 0x10);
                assert_eq!(written.told(), (segment, offset), "frame {frame}, byte {place}");
            }
        }
    }
}

#[test]
fn a_flip_in_the_last_frame_is_a_torn_write_where_nothing_says_that_it_was_acknowledged() {
    let (segment, offset, length) = *written(false).frames.last().expect("a frame");
    for place in places(length) {
        let written = written(false);
        written.damage(segment, |bytes| bytes[(offset + place) as usize] ^= 0x10);
        // A flip in the length may make it reach past the segment, where no torn write could: never with this checksum.
        let (position, torn) = written.left();
        assert_eq!(position, 11 * 60, "byte {place}");
        assert!(torn > 0 && torn <= length, "{torn} bytes of {length}");
    }
}

#[test]
fn a_flip_in_a_frame_that_another_follows_is_damage_where_nothing_says_that_it_was_acknowledged_too() {
    // How many frames a segment takes is up to their bytes: so many that the last one has several.
    let followed = (12..20).find_map(|count| {
        let frames = written_of(count, false).frames;
        let last = *frames.last().expect("a frame");
        let before_it = |frame: &(u64, u64, u64)| frame.0 == last.0 && *frame != last;
        frames.into_iter().find(before_it).map(|frame| (count, frame))
    });
    let (count, (segment, offset, length)) = followed.expect("a last segment with several frames");
    for place in places(length) {
        let written = written_of(count, false);
        written.damage(segment, |bytes| bytes[(offset + place) as usize] ^= 0x10);
        assert_eq!(written.told(), (segment, offset), "byte {place}");
    }
    // What begins as no frame does: a bit of its first bytes, and zeros there.
    for harm in [|bytes: &mut [u8]| bytes[0] ^= 0x10, |bytes: &mut [u8]| bytes.fill(0)] {
        let written = written_of(count, false);
        written.damage(segment, |bytes| harm(&mut bytes[offset as usize..offset as usize + 8]));
        assert_eq!(written.told(), (segment, offset));
    }
    // Far into a segment, where one frame alone follows.
    let followed_by_one = (12..40).find_map(|count| {
        let frames = written_of(count, false).frames;
        let last = *frames.last().expect("a frame");
        let of_last: Vec<_> = frames.into_iter().filter(|frame| frame.0 == last.0).collect();
        (of_last.len() >= 3).then(|| (count, of_last[of_last.len() - 2]))
    });
    let (count, (segment, offset, length)) = followed_by_one.expect("a last segment with three frames");
    for harm in
        [|bytes: &mut [u8]| bytes[0] ^= 0x10, |bytes: &mut [u8]| bytes[..8].fill(0), |bytes: &mut [u8]| bytes.fill(0)]
    {
        let written = written_of(count, false);
        written.damage(segment, |bytes| harm(&mut bytes[offset as usize..(offset + length) as usize]));
        assert_eq!(written.told(), (segment, offset));
    }
}

#[test]
fn zeros_over_a_frame_are_found_unless_it_was_never_acknowledged() {
    for (frame, with_mark) in [(0, true), (0, false), (5, true), (5, false), (11, true)] {
        let written = written(with_mark);
        let (segment, offset, length) = written.frames[frame];
        written.damage(segment, |bytes| bytes[offset as usize..(offset + length) as usize].fill(0));
        let (told_segment, _) = written.told();
        assert!(told_segment == segment || told_segment == segment + 1, "frame {frame}");
    }
    let written = written(false);
    let (segment, offset, length) = written.frames[11];
    written.damage(segment, |bytes| bytes[offset as usize..(offset + length) as usize].fill(0));
    assert_eq!(written.left(), (11 * 60, 0));
}

#[test]
fn a_cut_file_is_found_unless_only_an_unacknowledged_tail_is_gone() {
    let frames = written(true).frames;
    let in_segment = |segment| frames.iter().filter(move |frame| frame.0 == segment);
    let last_segment = frames.last().expect("a frame").0;
    for segment in 1..=last_segment {
        for (segment_, offset, length) in in_segment(segment) {
            for at in [*offset, offset + 40, offset + 80, offset + length / 2, offset + length - 1] {
                let written = written(true);
                written.damage(*segment_, |bytes| bytes.truncate(at as usize));
                let (told, _) = written.told();
                assert!(told == segment || told == segment + 1, "cut segment {segment} at {at}: told of {told}");
            }
        }
        let written = written(true);
        written.damage(segment, |bytes| bytes.truncate(20));
        assert_eq!(written.told().0, segment);
    }
}

#[test]
fn a_segment_that_is_gone_is_missed() {
    let segments = segment_names(&written(true).memory).len() as u64;
    for segment in 1..=segments {
        let written = written(true);
        written.memory.remove(&written.name(segment)).expect("removed");
        // The last one is missed where the mark points beyond the end of the one before.
        let expected = if segment == segments { segment - 1 } else { segment };
        assert_eq!(written.told().0, expected, "segment {segment}");
    }
    let written = written(true);
    for name in segment_names(&written.memory) {
        written.memory.remove(&name).expect("removed");
    }
    assert_eq!(written.told(), (1, 0));
}

#[test]
fn a_flip_anywhere_in_the_header_of_a_segment_is_found() {
    for segment in [1, 2, 3] {
        for place in [0, 9, 12, 16, 24, 32, 40, 48, 80, 84, 88, 100] {
            let written = written(true);
            written.damage(segment, |bytes| bytes[place] ^= 1);
            let storage = in_memory(&written.memory);
            match Book::open(&storage).map(|_| ()) {
                Err(LedgerError::Damaged { segment: told, .. }) => assert_eq!(told, segment),
                // The version itself may be hit.
                Err(LedgerError::NewerFormat { .. }) => assert_eq!(place, 9),
                other => panic!("segment {segment}, byte {place}: {other:?}"),
            }
        }
    }
}

/// A start from a checkpoint walks no segment before it: what is read there is checked when it is read first.
#[test]
fn a_flip_in_a_segment_that_no_start_walked_is_told_by_who_reads_there_and_no_other() {
    let memory = MemoryStorage::new();
    let mut book = Book::open_with(&in_memory(&memory), small_segments()).expect("opens").0;
    let mut batch = book.batch(&trades(0, 20));
    batch.push_rejected(
        schemas::Rejection::new(schemas::Reason::Malformed, "not JSON"),
        b"{a text".to_vec(),
        "x".into(),
    );
    batch.set_actor(Some(actor("7", "service")));
    let frame = book.try_commit(&[batch]).expect("commits").frame.expect("a frame");
    let quarantined = frame.quarantined().next().expect("one").location;
    let (first, length) = (CursorParts::of(&frame.cursor_after()).offset - frame.byte_count(), frame.byte_count());
    (1..12).for_each(|number| drop(book.commit(&trades(number * 60, 60))));
    let from = book.ledger.end();
    drop(book);
    let name = segment_names(&memory)[0].clone();
    let find = |memory: &MemoryStorage, text: &[u8]| {
        memory.edit(&name, |bytes| bytes.windows(text.len()).position(|part| part == text).expect("it is there"))
    };
    let (id, text, who) = (find(&memory, b"trade-11"), find(&memory, b"{a text"), find(&memory, b"service"));
    for byte in [id, text, who, (first + length) as usize - 10] {
        memory.edit(&name, |bytes| bytes[byte] ^= 1);
        let reader = LedgerReader::open_read_only_from(in_memory(&memory), &from).expect("opens");
        let is_told = |error: &dyn std::fmt::Display| {
            let text = error.to_string();
            text.contains(&format!("segment 1, byte {first}")) && text.contains("checksum mismatch in the frame")
        };
        for position in [1, 12, 20] {
            assert!(is_told(&reader.event(position).expect_err("damaged")), "byte {byte}");
        }
        assert!(is_told(&reader.quarantined(quarantined).expect_err("damaged")), "byte {byte}");
        assert!(is_told(&reader.actor(12).expect_err("damaged")), "byte {byte}");
        assert_eq!(reader.event(21).expect("another frame").id, "trade-60");
        memory.edit(&name, |bytes| bytes[byte] ^= 1);
        let reader = LedgerReader::open_read_only_from(in_memory(&memory), &from).expect("opens");
        assert_eq!(reader.event(12).expect("whole").id, "trade-11");
        assert_eq!(reader.quarantined(quarantined).expect("whole").raw, b"{a text");
        assert_eq!(reader.actor(12).expect("whole"), Some(actor("7", "service")));
    }
}

#[test]
fn bytes_behind_the_last_frame_of_a_full_segment_are_found() {
    let written = written(true);
    let (segment, offset, length) = *written.frames.iter().rfind(|frame| frame.0 == 1).expect("a frame");
    written.damage(segment, |bytes| {
        let end = bytes.len();
        assert!(end as u64 > offset + length + 100);
        bytes[end - 1] = 1;
    });
    assert_eq!(written.told().0, 1);
}

#[test]
fn frames_put_in_another_order_are_found_though_each_is_whole() {
    let written = written(false);
    let twins = written.frames.windows(2).find(|pair| (pair[0].0, pair[0].2) == (pair[1].0, pair[1].2));
    let twins = twins.expect("two neighbours of one length");
    let ((segment, offset, _), (_, next_offset, length)) = (twins[0], twins[1]);
    written.damage(segment, |bytes| {
        let (one, other) = bytes.split_at_mut(next_offset as usize);
        one[offset as usize..].swap_with_slice(&mut other[..length as usize]);
    });
    let told = LedgerReader::open_read_only(in_memory(&written.memory)).map(|_| ());
    assert!(matches!(told, Err(LedgerError::Damaged { fault: Fault::Sequence { .. }, .. })), "{told:?}");
}

#[test]
fn a_frame_of_another_ledger_breaks_the_hash_chain() {
    // The same lengths and positions, other ids.
    let (one, other) = (written(false), MemoryStorage::new());
    let storage = in_memory(&other);
    let mut book = Book::open_with(&storage, small_segments()).expect("opens").0;
    for number in 0..12 {
        let events: Vec<_> = trades(number * 60, 60)
            .into_iter()
            .map(|mut event| {
                event.id = event.id.replace("trade", "other").into();
                event
            })
            .collect();
        book.commit(&events);
    }
    drop(book);
    let (segment, offset, length) = one.frames[4];
    let range = offset as usize..(offset + length) as usize;
    let foreign = other.edit(&one.name(segment), |bytes| bytes[range.clone()].to_vec());
    one.damage(segment, |bytes| bytes[range].copy_from_slice(&foreign));
    let told = LedgerReader::open_read_only(in_memory(&one.memory)).map(|_| ());
    assert!(matches!(told, Err(LedgerError::Damaged { fault: Fault::HashChain, .. })), "{told:?}");
}

#[test]
fn the_image_of_a_frame_inside_a_torn_one_is_not_taken_for_a_frame() {
    let memory = MemoryStorage::new();
    let storage = in_memory(&memory);
    let mut book = Book::open(&storage).expect("opens").0;
    book.commit(&trades(0, 5));
    let image = {
        let mut other = Book::new();
        other.commit(&trades(0, 5));
        let batch = other.batch(&trades(5, 5));
        let frame = other.try_commit(&[batch]).expect("commits").frame.expect("a frame");
        let parts = CursorParts::of(&frame.cursor_after());
        (parts.offset - frame.byte_count(), frame.byte_count())
    };
    // The second frame carries, as a quarantined event, the bytes of a whole frame that could follow.
    let mut twin = Book::new();
    let twin_memory = MemoryStorage::new();
    let twin_storage = in_memory(&twin_memory);
    twin.ledger = Book::open(&twin_storage).expect("opens").0.ledger;
    twin.commit(&trades(0, 5));
    twin.commit(&trades(5, 5));
    let bytes = twin_memory
        .edit(&segment_names(&twin_memory)[0], |bytes| bytes[image.0 as usize..(image.0 + image.1) as usize].to_vec());
    for shift in 0..8 {
        let mut raw = vec![0; shift];
        raw.extend_from_slice(&bytes);
        let mut batch = book.batch(&[]);
        batch.push_rejected(schemas::Rejection::new(schemas::Reason::Malformed, "x"), raw, String::new());
        let frame = book.try_commit(&[batch]).expect("commits").frame.expect("a frame");
        let offset = CursorParts::of(&frame.cursor_after()).offset - frame.byte_count();
        let torn = memory.after_crash(shift as u64);
        let name = segment_names(&torn)[0].clone();
        torn.edit(&name, |bytes| bytes[offset as usize + 82] ^= 1);
        torn.remove("DURABLE").expect("removed");
        let (_, recovery) = Book::open(&in_memory(&torn)).expect("opens");
        assert_eq!((recovery.position, recovery.torn_bytes > 0), (5, true), "shift {shift}");
    }
}

proptest! {
    #[test]
    fn whatever_bytes_are_changed_it_is_told_or_nothing_acknowledged_is_missing_or_different(
        segment in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let written = written(true);
        let names = segment_names(&written.memory);
        written.memory.edit(&names[segment.index(names.len())], |file| {
            let begin = place.index(file.len() - bytes.len());
            file[begin..begin + bytes.len()].copy_from_slice(&bytes);
        });
        match Book::open(&in_memory(&written.memory)) {
            Ok((book, _)) => prop_assert_eq!(book.events(), trades(0, 12 * 60)),
            Err(LedgerError::Damaged { .. } | LedgerError::NewerFormat { .. }) => {}
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

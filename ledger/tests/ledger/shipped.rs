//! Frames shipped to a standby: the same bytes, or none.

use std::sync::Arc;

use ledger::{
    CommitRefusal, CutOff, Faults, FaultyStorage, FrameCursor, Ledger, LedgerOptions, MemoryStorage, ShipError,
    ShippedAfter, ShippedPiece, Storage, WriteLock, cut_back, verify,
};
use schemas::{Reason, Rejection};

use crate::deeds::actor;
use crate::given::{Book, all_events, in_memory, options, segment_names, trades};

const COMMITS: usize = 12;
const EVENTS: usize = 40;

/// A leader with several segments, frames of every version, texts and a quarantined event.
fn leader() -> (Book, MemoryStorage) {
    let disk = MemoryStorage::new();
    let mut book = Book::open(&in_memory(&disk)).expect("opens").0;
    commit(&mut book, 0, COMMITS);
    assert!(segment_names(&disk).len() > 2, "several segments");
    (book, disk)
}

fn commit(book: &mut Book, from: usize, count: usize) {
    for number in from..from + count {
        let mut batch = book.batch(&trades(number * EVENTS, EVENTS));
        batch.push_rejected(Rejection::new(Reason::Malformed, "no"), vec![b'?'; 2_500], format!("line {number}"));
        batch.set_offset("events", 0, number as i64);
        if number % 3 == 1 {
            batch.set_topic_identity("events", [7; 16]);
        }
        batch.set_actor((number % 3 == 2).then(|| actor("7", "operator")));
        book.try_commit(&[batch]).expect("commits");
    }
}

fn after(leader: &Ledger, place: &FrameCursor, bytes_max: u64) -> ShippedAfter {
    leader.reader().shipped_after(place, &leader.end(), bytes_max).expect("reads")
}

fn piece(leader: &Ledger, place: &FrameCursor, bytes_max: u64) -> ShippedPiece {
    match after(leader, place, bytes_max) {
        ShippedAfter::Piece(piece) => piece,
        other @ (ShippedAfter::Nothing | ShippedAfter::Elsewhere) => panic!("{other:?}"),
    }
}

/// Begins a standby where there is none, and opens it.
fn standby(storage: &Arc<dyn Storage>, leader: &Ledger) -> Result<Ledger, ShipError> {
    if segment_count(storage) == 0 {
        let lock = WriteLock::take(Arc::clone(storage), "the test")?;
        Ledger::begin_shipped(&lock, &piece(leader, &FrameCursor::START, 1))?;
    }
    Ok(Ledger::open(Arc::clone(storage), options())?.0)
}

fn segment_count(storage: &Arc<dyn Storage>) -> usize {
    storage.list().unwrap_or_default().iter().filter(|name| name.ends_with(".segment")).count()
}

/// Takes all that the leader has.
fn follow(standby: &mut Ledger, leader: &Ledger, bytes_max: u64) -> Result<(), ShipError> {
    while let ShippedAfter::Piece(piece) = after(leader, &standby.end(), bytes_max) {
        standby.append_shipped(&piece)?;
    }
    Ok(())
}

fn assert_same_files(one: &MemoryStorage, other: &MemoryStorage, context: &str) {
    assert_eq!(segment_names(one), segment_names(other), "{context}");
    for name in segment_names(one).iter().map(String::as_str).chain(["FORMAT"]) {
        assert!(one.edit(name, |bytes| bytes.clone()) == other.edit(name, |bytes| bytes.clone()), "{context}: {name}");
    }
}

#[test]
fn a_standby_has_the_bytes_of_its_leader_however_they_are_cut_into_pieces() {
    let (leader, leaders_disk) = leader();
    for bytes_max in [1, 3_000, 9_000, 1 << 20] {
        let disk = MemoryStorage::new();
        let mut standby = standby(&in_memory(&disk), &leader.ledger).expect("begins");
        follow(&mut standby, &leader.ledger, bytes_max).expect("follows");
        assert_eq!(standby.end(), leader.ledger.end());
        assert_same_files(&disk, &leaders_disk, &format!("{bytes_max} bytes a piece"));
        assert_eq!(after(&leader.ledger, &standby.end(), bytes_max), ShippedAfter::Nothing);
        let last = standby.end().position();
        assert_eq!(all_events(&standby.reader(), last), leader.events());
        assert_eq!(verify(&standby.reader(), |_| {}).expect("in order").frames, COMMITS as u64);
    }
}

#[test]
fn a_standby_goes_on_as_a_leader_of_the_next_epoch_and_frames_of_the_former_one_are_refused() {
    let (mut leader, _) = leader();
    let disk = MemoryStorage::new();
    let storage = in_memory(&disk);
    let mut ledger = standby(&storage, &leader.ledger).expect("begins");
    follow(&mut ledger, &leader.ledger, 1 << 20).expect("follows");
    let place = ledger.end();
    let frame = ledger.raise_epoch(leader.now).expect("leads");
    assert_eq!((frame.event_count(), ledger.epoch(), ledger.end().position()), (0, 1, place.position()));
    drop(ledger);

    // It is so after a start, too, and in what it writes then.
    let mut promoted = Book::open(&storage).expect("opens").0;
    assert_eq!(promoted.ledger.epoch(), 1);
    promoted.commit(&trades(100_000, 3));
    assert_eq!(promoted.ledger.reader().epoch(), 1);
    // Whoever led before goes on from the place they have in common, and its frames are not taken.
    leader.commit(&trades(200_000, 3));
    assert_eq!(after(&leader.ledger, &promoted.ledger.end(), 1 << 20), ShippedAfter::Elsewhere);
    let late = piece(&leader.ledger, &place, 1 << 20);
    let refused = promoted.ledger.append_shipped(&late).expect_err("it does not go on");
    assert!(matches!(refused, ShipError::Elsewhere { .. }), "{refused}");
}

#[test]
fn a_frame_of_an_earlier_epoch_is_refused_though_it_goes_on() {
    let (mut leader, _) = leader();
    leader.ledger.raise_epoch(leader.now).expect("leads");
    let mut ledger = standby(&in_memory(&MemoryStorage::new()), &leader.ledger).expect("begins");
    follow(&mut ledger, &leader.ledger, 1 << 20).expect("follows");
    leader.commit(&trades(100_000, 3));
    let sound = piece(&leader.ledger, &ledger.end(), 1);
    let forged = forged(&sound, |header| header[6] = 0);
    let refused = ledger.append_shipped(&forged).expect_err("it is of a former leader");
    assert!(matches!(refused, ShipError::OlderEpoch { found: 0, known: 1 }), "{refused}");
    ledger.append_shipped(&sound).expect("what the leader wrote is taken");
}

#[test]
fn a_frame_that_does_not_hold_the_hash_of_the_one_before_is_refused() {
    let (mut leader, _) = leader();
    let mut ledger = standby(&in_memory(&MemoryStorage::new()), &leader.ledger).expect("begins");
    follow(&mut ledger, &leader.ledger, 1 << 20).expect("follows");
    leader.commit(&trades(100_000, 3));
    let sound = piece(&leader.ledger, &ledger.end(), 1);
    let refused =
        ledger.append_shipped(&forged(&sound, |header| header[40] ^= 1)).expect_err("it follows another frame");
    assert!(matches!(refused, ShipError::Faulty { .. }), "{refused}");
    ledger.append_shipped(&sound).expect("what the leader wrote is taken");
}

/// A piece of one frame whose header is another one, under a checksum that is right.
fn forged(sound: &ShippedPiece, change: impl FnOnce(&mut [u8])) -> ShippedPiece {
    let mut forged = sound.clone();
    let at = forged.bytes.len() - 80 - payload_bytes(&forged.bytes);
    change(&mut forged.bytes[at..at + 76]);
    let checksum = crc32c::crc32c(&forged.bytes[at..at + 76]);
    forged.bytes[at + 76..at + 80].copy_from_slice(&checksum.to_le_bytes());
    forged
}

/// The length of the payload of the last frame, where there is one alone.
fn payload_bytes(piece: &[u8]) -> usize {
    let at = piece.windows(4).rposition(|bytes| bytes == b"TRFR").expect("a frame");
    piece.len() - at - 80
}

#[test]
fn any_byte_of_a_piece_changed_has_it_refused_and_nothing_happens() {
    let (leader, leaders_disk) = leader();
    let disk = MemoryStorage::new();
    let mut ledger = standby(&in_memory(&disk), &leader.ledger).expect("begins");
    while let ShippedAfter::Piece(piece) = after(&leader.ledger, &ledger.end(), 1) {
        let end = ledger.end();
        for at in (0..piece.bytes.len()).step_by(37).chain(0..100.min(piece.bytes.len())) {
            let mut damaged = piece.clone();
            damaged.bytes[at] ^= 1 << (at % 8);
            let refused = ledger.append_shipped(&damaged).expect_err("a byte is another one");
            assert!(matches!(refused, ShipError::Faulty { .. } | ShipError::Failed(_)), "byte {at}: {refused}");
            assert_eq!(ledger.end(), end);
        }
        let cut = ShippedPiece { bytes: piece.bytes[..piece.bytes.len() - 1].to_vec(), ..piece.clone() };
        assert!(ledger.append_shipped(&cut).is_err());
        let empty = ShippedPiece { bytes: Vec::new(), ..piece.clone() };
        assert!(ledger.append_shipped(&empty).is_err());
        ledger.append_shipped(&piece).expect("the sound one is taken");
        assert!(ledger.append_shipped(&piece).is_err(), "once");
    }
    assert_same_files(&disk, &leaders_disk, "after all of it");
}

#[test]
fn given_a_crash_before_any_operation_of_a_standby_then_it_goes_on_to_the_same_bytes() {
    let (leader, leaders_disk) = leader();
    let run = |storage: &Arc<dyn Storage>| -> Result<(), ShipError> {
        let mut ledger = standby(storage, &leader.ledger)?;
        follow(&mut ledger, &leader.ledger, 6_000)
    };
    let whole = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    run(&(Arc::new(whole.clone()) as Arc<dyn Storage>)).expect("runs");
    let operations = whole.operations();
    assert!(operations > 40, "{operations}");
    for at in 1..=operations {
        let faults = Faults { power_fails_at: Some(at), ..Faults::default() };
        let disk = MemoryStorage::new();
        let faulty: Arc<dyn Storage> = Arc::new(FaultyStorage::new(disk.clone(), faults));
        assert!(run(&faulty).is_err(), "operation {at}");
        for seed in 0..3 {
            let after = disk.after_crash(seed);
            run(&in_memory(&after)).unwrap_or_else(|error| panic!("operation {at}, seed {seed}: {error}"));
            assert_same_files(&after, &leaders_disk, &format!("operation {at}, seed {seed}"));
        }
    }
}

#[test]
fn what_a_standby_says_that_it_holds_is_there_after_a_crash() {
    let (leader, _) = leader();
    let whole = FaultyStorage::new(MemoryStorage::new(), Faults::default());
    let run = |storage: &Arc<dyn Storage>, held: &mut u64| -> Result<(), ShipError> {
        let mut ledger = standby(storage, &leader.ledger)?;
        while let ShippedAfter::Piece(piece) = after(&leader.ledger, &ledger.end(), 6_000) {
            ledger.append_shipped(&piece)?;
            *held = ledger.end().position();
        }
        Ok(())
    };
    run(&(Arc::new(whole.clone()) as Arc<dyn Storage>), &mut 0).expect("runs");
    for at in 1..=whole.operations() {
        let faults = Faults { power_fails_at: Some(at), ..Faults::default() };
        let (disk, mut held) = (MemoryStorage::new(), 0);
        let faulty: Arc<dyn Storage> = Arc::new(FaultyStorage::new(disk.clone(), faults));
        assert!(run(&faulty, &mut held).is_err(), "operation {at}");
        for seed in 0..4 {
            let after = in_memory(&disk.after_crash(seed));
            if held > 0 {
                let (ledger, _) = Ledger::open(after, options()).expect("opens");
                assert!(ledger.end().position() >= held, "operation {at}, seed {seed}: {held}");
            }
        }
    }
}

#[test]
fn a_ledger_cut_back_ends_at_the_place_and_what_is_cut_off_is_kept() {
    let (former, disk) = leader();
    let frames: Vec<FrameCursor> = former
        .ledger
        .reader()
        .frames(&FrameCursor::START)
        .map(|frame| frame.expect("a frame").cursor_after())
        .collect();
    drop(former);
    let before: Vec<Vec<u8>> = segment_names(&disk).iter().map(|name| disk.edit(name, |bytes| bytes.clone())).collect();
    for (number, place) in frames.iter().enumerate() {
        let cut = |storage: &Arc<dyn Storage>, aside: &MemoryStorage| -> Result<CutOff, ledger::LedgerError> {
            let lock = WriteLock::take(Arc::clone(storage), "the test")?;
            cut_back(&lock, place, Some(aside))
        };
        let whole = FaultyStorage::new(disk.after_crash(0), Faults::default());
        let aside = MemoryStorage::new();
        let kept = cut(&(Arc::new(whole.clone()) as Arc<dyn Storage>), &aside).expect("cuts");
        let names = segment_names(&disk);
        let behind = &names[names.len() - kept.files.len()..];
        assert_eq!(kept.files, behind);
        for (name, bytes) in behind.iter().zip(&before[names.len() - kept.files.len()..]) {
            assert!(aside.edit(name, |kept| kept.clone()) == *bytes, "{name}");
        }
        for at in 1..=whole.operations() + 1 {
            let faults = Faults { power_fails_at: Some(at), ..Faults::default() };
            let found = disk.after_crash(0);
            let faulty: Arc<dyn Storage> = Arc::new(FaultyStorage::new(found.clone(), faults));
            let done = cut(&faulty, &MemoryStorage::new());
            assert_eq!(done.is_ok(), at > whole.operations(), "operation {at}");
            let after = found.after_crash(at);
            let (book, _) = Book::open(&in_memory(&after)).unwrap_or_else(|error| panic!("operation {at}: {error}"));
            let ends = frames.iter().position(|place| place.position() == book.ledger.end().position());
            assert!(ends.is_some_and(|ends| ends >= number), "operation {at}: a frame's end, not before the place");
            drop(book);
            cut(&in_memory(&after), &MemoryStorage::new()).expect("once more");
            let (book, _) = Book::open(&in_memory(&after)).expect("opens");
            assert_eq!(book.ledger.end().position(), place.position(), "operation {at}");
            verify(&book.ledger.reader(), |_| {}).expect("in order");
        }
    }
}

#[test]
fn there_are_so_many_epochs_and_no_more() {
    let mut book =
        Book::open_with(&in_memory(&MemoryStorage::new()), LedgerOptions { segment_bytes: 16 << 20, ..options() })
            .expect("opens")
            .0;
    for _ in 0..u16::MAX {
        book.ledger.raise_epoch(book.now).expect("there is a next one");
    }
    let refused = book.ledger.raise_epoch(book.now).expect_err("it was the last one");
    assert!(matches!(refused, ledger::CommitError::Refused(CommitRefusal::EpochsExhausted)), "{refused}");
    book.commit(&trades(0, 1));
}

#[test]
fn a_ledger_without_a_frame_is_followed_from_its_beginning() {
    let leaders_disk = MemoryStorage::new();
    let mut leader = Book::open(&in_memory(&leaders_disk)).expect("opens").0;
    let disk = MemoryStorage::new();
    let mut ledger = standby(&in_memory(&disk), &leader.ledger).expect("begins");
    assert_eq!(after(&leader.ledger, &ledger.end(), 1), ShippedAfter::Nothing);
    assert_same_files(&disk, &leaders_disk, "without a frame");
    commit(&mut leader, 0, 3);
    follow(&mut ledger, &leader.ledger, 1).expect("follows");
    assert_same_files(&disk, &leaders_disk, "with some");
}

/// A batch that takes about so many bytes.
fn large(book: &Book, bytes: usize) -> ledger::Batch {
    let mut batch = book.batch(&[]);
    batch.push_rejected(Rejection::new(Reason::Malformed, "no"), vec![b'?'; bytes], "a large one".to_owned());
    batch
}

/// A leader whose power failed when it had begun a segment for a frame of so many bytes, and before that frame was written.
fn left_with_an_empty_segment(disk: &MemoryStorage, bytes: usize) -> MemoryStorage {
    for at in 1.. {
        let left = disk.after_crash(0);
        let faulty = FaultyStorage::new(left.clone(), Faults { power_fails_at: Some(at), ..Faults::default() });
        let Ok((mut book, _)) = Book::open(&(Arc::new(faulty) as Arc<dyn Storage>)) else { continue };
        let batch = large(&book, bytes);
        book.try_commit(&[batch]).expect_err("it has no power for it");
        let left = left.after_crash(0);
        if segment_names(&left).len() > segment_names(disk).len() {
            return left;
        }
    }
    unreachable!("some operation is the one")
}

#[test]
fn a_segment_that_nothing_is_in_yet_is_begun_anew_with_the_room_that_the_leader_has_given_it() {
    let (former, formers_disk) = leader();
    let disk = MemoryStorage::new();
    let mut ledger = standby(&in_memory(&disk), &former.ledger).expect("begins");
    follow(&mut ledger, &former.ledger, 1 << 20).expect("follows");
    assert_eq!(ledger.reader().end_before_empty_segment().expect("reads"), None);
    drop(former);
    let left = left_with_an_empty_segment(&formers_disk, 100_000);
    ledger.raise_epoch(schemas::Timestamp(0)).expect("leads");
    drop(ledger);
    let mut leader = Book::open(&in_memory(&disk)).expect("opens").0;
    while segment_names(&disk).len() < segment_names(&left).len() {
        leader.commit(&trades(100_000 + leader.events().len(), 10));
    }

    let storage = in_memory(&left);
    let ledger = standby(&storage, &leader.ledger).expect("opens");
    let end = ledger.reader().end_before_empty_segment().expect("reads").expect("nothing is in the last one");
    assert_eq!((end.position(), end.segment() + 1), (ledger.end().position(), ledger.end().segment()));
    drop(ledger);
    let lock = WriteLock::take(Arc::clone(&storage), "the test").expect("is free");
    assert_eq!(cut_back(&lock, &end, None).expect("cuts").files.len(), 2);
    drop(lock);
    let mut ledger = standby(&storage, &leader.ledger).expect("opens");
    follow(&mut ledger, &leader.ledger, 1 << 20).expect("follows");
    assert_same_files(&left, &disk, "the room of the segment");
}

#[test]
fn a_segment_that_a_fault_left_without_a_frame_is_followed_too() {
    let (leader, disk) = leader();
    let followers_disk = MemoryStorage::new();
    let mut ledger = standby(&in_memory(&followers_disk), &leader.ledger).expect("begins");
    follow(&mut ledger, &leader.ledger, 1 << 20).expect("follows");
    drop(leader);
    let left = left_with_an_empty_segment(&disk, 20_000);
    // What comes next finds no room in it.
    let mut leader = Book::open(&in_memory(&left)).expect("opens").0;
    let batch = large(&leader, 100_000);
    leader.try_commit(&[batch]).expect("commits");
    assert_eq!(leader.ledger.end().segment(), ledger.end().segment() + 2);

    let whole = ledger.end();
    let beginning = piece(&leader.ledger, &whole, 1 << 20);
    ledger.append_shipped(&beginning).expect("takes its beginning");
    assert_eq!((ledger.reader().end(), ledger.end().position()), (ledger.end(), whole.position()));
    drop(ledger);
    let mut ledger = standby(&in_memory(&followers_disk), &leader.ledger).expect("opens");
    follow(&mut ledger, &leader.ledger, 1 << 20).expect("follows");
    assert_same_files(&left, &followers_disk, "with a segment that no frame is in");
    // So it is for who begins with nothing.
    let another_disk = MemoryStorage::new();
    let mut another = standby(&in_memory(&another_disk), &leader.ledger).expect("begins");
    follow(&mut another, &leader.ledger, 1).expect("follows");
    assert_same_files(&left, &another_disk, "from the beginning on");
}

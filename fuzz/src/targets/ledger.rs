//! The files of a ledger: whatever stands in them, it opens to read as it opens to write, and what is found whole reads
//! whole. An input is a byte that says which file it is, and the file.

use std::sync::Arc;

use ledger::{
    EventReader, Frame, FrameCursor, Ledger, LedgerError, LedgerOptions, LedgerReader, MemoryStorage, Storage, Survey,
    WriteLock, repair, verify,
};
use projections::{Context, State};

use super::Target;
use super::sound::{files, filled, lines, options, storage_of};
use crate::seals::{seal_mark, seal_segment};

/// Kinds of inputs: the file is sealed again.
const SEALED: u8 = 0x80;
/// It is the only segment.
const ALONE: u8 = 0x40;

pub(super) struct LedgerFiles {
    inputs: Vec<Vec<u8>>,
    /// A sound ledger of several segments.
    files: Vec<(String, Vec<u8>)>,
    sound: MemoryStorage,
}

impl LedgerFiles {
    pub(super) fn new() -> LedgerFiles {
        let memory = MemoryStorage::new();
        drop(filled(options(&memory, u64::MAX), &lines(3, 150), 12));
        let mut files = files(&memory);
        files.retain(|(name, _)| name != "LOCK");
        for (name, bytes) in &mut files {
            if name.ends_with(".segment") {
                let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                bytes.truncate(end.next_multiple_of(8) + 160);
            }
        }
        assert!(files.len() >= 5, "several segments, FORMAT and DURABLE");
        let sound = storage_of(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
        let mut inputs = samples();
        for (at, (_, bytes)) in files.iter().enumerate() {
            for sealed in [0, SEALED, SEALED] {
                inputs.push([&[at as u8 | sealed], bytes.as_slice()].concat());
            }
        }
        LedgerFiles { inputs, files, sound }
    }
}

/// The segments of each format that are kept for ever.
fn samples() -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../ledger/samples");
    let sample = |format: u32| {
        let bytes = std::fs::read(folder.join(format!("v{format}/00000001-0000000001.segment"))).expect("a sample");
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1).next_multiple_of(8) + 160;
        [&[ALONE | SEALED], &bytes[..end.min(bytes.len())]].concat()
    };
    (1..=3).map(sample).collect()
}

const WORDS: &[&[u8]] =
    &[b"TRFR", b"TRIBSEGM", b"TRDM", b"tributary ledger, format ", b"\x01\x00", b"\x02\x00", b"\x03\x00"];

impl Target for LedgerFiles {
    fn inputs(&self) -> &[Vec<u8>] {
        &self.inputs
    }

    fn words(&self) -> &[&[u8]] {
        WORDS
    }

    fn check(&self, input: &[u8]) -> Result<(), String> {
        let Some((kind, bytes)) = input.split_first() else { return Ok(()) };
        let at = if kind & ALONE != 0 { 0 } else { usize::from(kind & !SEALED) % self.files.len() };
        let mut bytes = bytes.to_vec();
        if kind & SEALED != 0 {
            if self.files[at].0 == "DURABLE" { seal_mark(&mut bytes) } else { seal_segment(&mut bytes) }
        }
        let files = self.files.iter().enumerate().map(|(number, (name, sound))| {
            (name.as_str(), if number == at { bytes.as_slice() } else { sound.as_slice() })
        });
        let files = files.filter(|(name, _)| kind & ALONE == 0 || *name == self.files[0].0 || *name == "FORMAT");
        let memory = storage_of(files);
        check_storage(&memory, &self.sound)
    }
}

fn shared(memory: &MemoryStorage) -> Arc<dyn Storage> {
    Arc::new(memory.clone())
}

fn check_storage(memory: &MemoryStorage, sound: &MemoryStorage) -> Result<(), String> {
    let read = LedgerReader::open_read_only(shared(memory));
    let damages = surveyed(memory)?;
    if let Ok(reader) = &read {
        let is_verified = verify(reader, |_| {}).is_ok();
        look_at_all(reader, is_verified)?;
    }
    match (Ledger::open(shared(memory), LedgerOptions::default()), &read) {
        (Ok((written, _)), Ok(read)) => {
            let position = written.end().position();
            if position != read.durable_position() {
                return Err(format!("opened to write it ends at {position}, to read at {}", read.durable_position()));
            }
            drop(written);
            let (again, recovery) = Ledger::open(shared(memory), LedgerOptions::default())
                .map_err(|error| format!("it opened, and the second time: {error}"))?;
            if (again.end().position(), recovery.torn_bytes) != (position, 0) {
                return Err("the second start finds something else than the first".to_owned());
            }
        }
        (Err(error), Err(_)) => {
            let is_damage = matches!(error, LedgerError::Damaged { .. });
            if is_damage && damages == Some(0) {
                return Err(format!("the whole check finds nothing, and it does not open: {error}"));
            }
        }
        (Ok(_), Err(error)) => return Err(format!("it opens to write, and not to read: {error}")),
        (Err(error), Ok(_)) => return Err(format!("it opens to read, and not to write: {error}")),
    }
    mend(memory, sound)
}

/// How many damages the whole check tells of; none where it cannot be made.
fn surveyed(memory: &MemoryStorage) -> Result<Option<usize>, String> {
    let Ok(survey) = Survey::of(shared(memory)) else { return Ok(None) };
    if survey.segments() > 10_000 {
        return Err(format!("{} segments to check, where there are a few files", survey.segments()));
    }
    let mut segments = Vec::new();
    for number in 1..=survey.segments() {
        let Ok(found) = survey.check(number, &mut |_| {}) else { return Ok(None) };
        segments.push(found);
    }
    Ok(Some(survey.conclude(segments).damages.len()))
}

/// All that can be read of a ledger that opened.
fn look_at_all(reader: &LedgerReader, is_verified: bool) -> Result<(), String> {
    let dictionary = reader.dictionary();
    let mut state = State::new();
    let mut is_applied = true;
    for frame in reader.frames(&FrameCursor::START) {
        let frame = frame.map_err(|error| format!("it opened, and then a frame does not read: {error}"))?;
        look_at(&frame);
        for entry in frame.entries(&dictionary) {
            let Ok((position, event)) = entry else { break };
            match reader.event(position) {
                // A table of offsets that leads elsewhere, with its checksum made anew, is told by the whole check.
                Ok(found) if found == event || !is_verified => {}
                Ok(found) => return Err(format!("position {position} is {event:?} in its frame, and alone {found:?}")),
                Err(error) if is_verified => return Err(format!("position {position}: {error}")),
                Err(_) => {}
            }
            drop(reader.actor(position));
        }
        for row in frame.quarantined() {
            drop(reader.quarantined(row.location));
        }
        // What does not verify is told when it is applied, and then nothing goes on.
        is_applied = is_applied && state.apply_frame(&frame, &dictionary, Context::alone(reader)).is_ok();
    }
    if is_verified && is_applied {
        drop(state.digest(reader));
    }
    Ok(())
}

fn look_at(frame: &Frame) {
    let counts = [
        frame.offsets().count(),
        frame.duplicates().count(),
        frame.redriven().count(),
        frame.topics().count(),
        frame.offset_checks().count(),
        frame.topics_accepted().count(),
        frame.acts().count(),
        frame.deeds().count(),
        frame.repeats().count(),
    ];
    std::hint::black_box((counts, frame.cursor_after().position()));
}

/// A repair from a sound copy leaves a ledger that opens, or says that it cannot.
fn mend(memory: &MemoryStorage, sound: &MemoryStorage) -> Result<(), String> {
    let Ok(lock) = WriteLock::take(shared(memory), "the target") else {
        return Err("nobody has the lock, and it is not had".to_owned());
    };
    let report = repair(&lock, shared(sound));
    drop(lock);
    let Ok(report) = report else { return Ok(()) };
    let opens = LedgerReader::open_read_only(shared(memory));
    let is_mended = report.lost.is_empty() && !report.repaired.is_empty();
    if let (true, Err(error)) = (is_mended, opens) {
        return Err(format!("repaired, nothing is lost, and it does not open: {error}: {report:?}"));
    }
    Ok(())
}

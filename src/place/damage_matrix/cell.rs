//! What becomes of a directory that harm was done to: the whole check, a reader, a start, a repair.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use ingest::{CheckpointUse, StartError};
use ledger::{DiskStorage, WriteLock, repair};

use super::sound::{Numbers, Sound};
use crate::exit::{Failure, in_words};
use crate::place::unopened;
use crate::survey::survey;

/// What came of it, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// The harm changed nothing.
    Unharmed,
    /// It starts with all its numbers, at its checkpoint.
    Same,
    /// The same, at an earlier checkpoint.
    Earlier,
    /// It starts with all its numbers, and says that the checkpoint is not used, or there is none.
    Replayed,
    /// It starts with all its numbers; the whole check tells the damage, and so does each answer that would hang on it.
    ToldByCheck,
    /// It does not start and tells what is damaged; a repair from a backup makes it whole.
    Repaired,
    /// It does not start and tells what to do; a backup is restored.
    Restored,
    /// It is another ledger, whole: its head tells.
    Another,
}

impl Fate {
    pub(super) fn sign(self) -> char {
        match self {
            Fate::Unharmed => '·',
            Fate::Same => '=',
            Fate::Earlier => 'e',
            Fate::Replayed => 'r',
            Fate::ToldByCheck => 'v',
            Fate::Repaired => 'M',
            Fate::Restored => 'R',
            Fate::Another => 'A',
        }
    }
}

/// Tries all that an operator would try. `is_replaced` is whether all that the ledger has was put in another's place.
///
/// # Errors
/// What is not as it has to be, in words.
pub(super) fn fate_of(sound: &Sound, data: &Path, is_replaced: bool) -> Result<Fate, String> {
    if is_replaced && sound.is_another(data) {
        return Ok(Fate::Another);
    }
    let checked = unpanicked("the whole check", || survey(DiskStorage::open(&data.join("ledger")).expect("a folder")))?;
    let damage = match &checked {
        Ok(surveyed) => (!surveyed.damages.is_empty()).then(|| surveyed.told(data).join("\n")),
        Err(error) => Some(error.to_string()),
    };
    if let Some(told) = &damage
        && !tells(told)
    {
        return Err(format!("the whole check does not say what is damaged, or what to do: {told}"));
    }
    read_only(sound, data, damage.is_some())?;
    match unpanicked("the start", || sound.start(data))? {
        Ok(mut started) => {
            let found = Numbers::of(&started.handle, sound.referrer);
            agree(&sound.numbers, &found, damage.is_some())?;
            unpanicked("going on", || sound.repeat(&mut started))?;
            if started.handle.position() != sound.numbers.position && damage.is_none() {
                return Err("what it had was accepted a second time".to_owned());
            }
            let replayed = started.replayed.clone();
            unpanicked("the end", || started.engine.finish())?;
            drop(started);
            again(sound, data, damage.is_some())?;
            Ok(match replayed.checkpoint {
                _ if damage.is_some() => Fate::ToldByCheck,
                CheckpointUse::Used if replayed.from < sound.begun_at => Fate::Earlier,
                CheckpointUse::Used => Fate::Same,
                CheckpointUse::Absent | CheckpointUse::Discarded { .. } => Fate::Replayed,
            })
        }
        Err(error) => refused(sound, data, error, damage.as_deref()),
    }
}

fn unpanicked<T>(what: &str, done: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(done)).map_err(|_| format!("{what} panicked"))
}

/// A second start, on what the first one left.
fn again(sound: &Sound, data: &Path, is_damaged: bool) -> Result<(), String> {
    let started = unpanicked("a second start", || sound.start(data))?;
    let started = started.map_err(|error| format!("a second start: {error}"))?;
    agree(&sound.numbers, &Numbers::of(&started.handle, sound.referrer), is_damaged)
}

/// Whoever only reads is told the same.
fn read_only(sound: &Sound, data: &Path, is_damaged: bool) -> Result<(), String> {
    match unpanicked("a reader", || sound.read(data))? {
        Ok(handle) => agree(&sound.numbers, &Numbers::of(&handle, sound.referrer), is_damaged),
        Err(error) => {
            let told = told_by(&unopened(error));
            if tells(&told) { Ok(()) } else { Err(format!("a reader does not say what is damaged: {told}")) }
        }
    }
}

fn told_by(failure: &Failure) -> String {
    match failure {
        Failure::Usage(error) | Failure::Failed(error) | Failure::Damaged(error) => in_words(error),
        Failure::Damage | Failure::ReaderGone => String::new(),
    }
}

/// The same numbers; of a ledger that is damaged an answer may tell of the damage instead.
fn agree(expected: &Numbers, found: &Numbers, is_damaged: bool) -> Result<(), String> {
    let is_told = |text: &Result<String, String>| is_damaged && text.as_ref().is_err_and(|text| tells(text));
    if expected.position != found.position {
        return Err(format!("position {}, expected was {}", found.position, expected.position));
    }
    if expected.digest != found.digest && !is_told(&found.digest) {
        return Err(format!("the digest is {:?}, expected was {:?}", found.digest, expected.digest));
    }
    for ((question, expected), (_, found)) in expected.answers.iter().zip(&found.answers) {
        if expected != found && !is_told(found) {
            return Err(format!("{question}: {}", difference(expected, found)));
        }
    }
    Ok(())
}

/// Where two answers part, in words.
fn difference(expected: &Result<String, String>, found: &Result<String, String>) -> String {
    let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
    let same = expected.chars().zip(found.chars()).take_while(|(one, other)| one == other).count();
    let part = |text: &str| text.chars().skip(same.saturating_sub(40)).take(120).collect::<String>();
    format!("a wrong answer, …{}…, expected was …{}…", part(&found), part(&expected))
}

/// Whether a text names what is damaged: a place in a segment, or a file.
fn tells(text: &str) -> bool {
    text.contains("segment ") && text.contains("byte ") || text.contains("the file ") || text.contains("newer program")
        // An answer of the API is told to its log, with the place.
        || text.contains("the log of the daemon says why")
}

fn refused(sound: &Sound, data: &Path, error: StartError, damage: Option<&str>) -> Result<Fate, String> {
    let failure = unopened(error);
    let told = told_by(&failure);
    if !tells(&told) {
        return Err(format!("the start does not say what is damaged: {told}"));
    }
    if damage.is_none() {
        return Err(format!("the whole check finds nothing, and it does not start: {told}"));
    }
    let lock = WriteLock::take(Arc::new(DiskStorage::open(&data.join("ledger")).expect("a folder")), "the matrix");
    let lock = lock.map_err(|error| format!("a repair: {error}"))?;
    let copy = Arc::new(DiskStorage::open(&sound.backup.join("ledger")).expect("a backup"));
    let repaired = unpanicked("the repair", || repair(&lock, copy))?;
    drop(lock);
    let is_whole = repaired.is_ok() && {
        let checked = survey(DiskStorage::open(&data.join("ledger")).expect("a folder"));
        checked.is_ok_and(|surveyed| surveyed.damages.is_empty())
    };
    if !is_whole {
        // What a restore does is copy the backup.
        fs::remove_dir_all(data.join("ledger")).expect("removed");
        copy_folder(&sound.backup.join("ledger"), &data.join("ledger"));
        again(sound, data, false)?;
        return Ok(Fate::Restored);
    }
    again(sound, data, false)?;
    Ok(Fate::Repaired)
}

/// Copies a folder and all below it.
pub(super) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &place);
        } else {
            fs::copy(&path, &place).expect("copied");
        }
    }
}

//! The damage matrix: every file of a directory, harmed in every way that bytes on a disk are, at its head, in its middle
//! and at its tail. Whatever happens is told with file and byte, or is of no consequence: no number is wrong, nothing
//! panics, and no checkpoint is believed against the ledger (`docs/RELIABILITY.md`).

mod cell;
mod harm;
mod sound;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use self::cell::{Fate, copy_folder, fate_of};
use self::harm::{At, Harm, columns, harm};
use self::sound::Sound;

/// A cell: a directory's file, and what is done to it.
struct Cell<'s> {
    sound: &'s Sound,
    other: &'s Path,
    file: PathBuf,
    column: (Harm, At),
}

/// What came of each cell, or what is wrong.
type Found = BTreeMap<(String, PathBuf), BTreeMap<(Harm, At), Result<Fate, String>>>;

#[test]
fn whatever_happens_to_a_file_is_told_or_of_no_consequence() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = Sound::of_format(folder.path(), 3, 8, true);
    let mut sounds: Vec<Sound> = (1..=2).map(|format| Sound::of_format(folder.path(), format, 7, false)).collect();
    sounds.push(Sound::of_format(folder.path(), 3, 7, true));
    sounds.extend((1..=3).map(|format| Sound::sample(folder.path(), format)));
    let mut cells = Vec::new();
    for sound in &sounds {
        for file in sound.files() {
            let cell = |column| Cell { sound, other: &other.data, file: file.clone(), column };
            cells.extend(columns().into_iter().map(cell));
        }
    }
    let (next, found, panics) = (AtomicUsize::new(0), Mutex::new(Found::new()), note_panics());
    thread::scope(|scope| {
        for worker in 0..2 {
            let work = || {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let fate = try_cell(cell, folder.path());
                    let row = (cell.sound.name.clone(), cell.file.clone());
                    found.lock().expect("unpoisoned").entry(row).or_default().insert(cell.column, fate);
                }
            };
            thread::Builder::new().name(format!("cells {worker}")).spawn_scoped(scope, work).expect("a thread");
        }
    });
    let found = found.into_inner().expect("unpoisoned");
    print(&found);
    let wrong = wrong(&found);
    assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
    let panics = panics.lock().expect("unpoisoned").clone();
    assert!(panics.is_empty(), "{} panics: {}", panics.len(), panics.join("\n"));
}

fn try_cell(cell: &Cell<'_>, folder: &Path) -> Result<Fate, String> {
    let place = tempfile::tempdir_in(folder).expect("a folder");
    copy_folder(&cell.sound.data, place.path());
    if !harm(place.path(), &cell.file, cell.column, cell.other) {
        return Ok(Fate::Unharmed);
    }
    let is_segment = |file: &Path| file.extension().is_some_and(|ending| ending == "segment");
    let segments = cell.sound.files().iter().filter(|file| is_segment(file)).count();
    let is_replaced = segments == 1 && is_segment(&cell.file) && cell.column == (Harm::Foreign, At::Whole);
    fate_of(cell.sound, place.path(), is_replaced)
}

/// Panics of any thread from now on, but for those of other tests.
fn note_panics() -> &'static Mutex<Vec<String>> {
    static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let thread = thread::current().name().unwrap_or_default().to_owned();
        if thread.contains("::") {
            before(panic);
        } else {
            PANICS.lock().expect("unpoisoned").push(format!("{thread}: {panic}"));
        }
    }));
    &PANICS
}

/// What is wrong, each kind of it once with how many cells it is of.
fn wrong(found: &Found) -> Vec<String> {
    let cells = found.iter().flat_map(|(row, cells)| cells.iter().map(move |(column, fate)| (row, column, fate)));
    let wrong = cells.filter_map(|((name, file), column, fate)| {
        let error = fate.as_ref().err()?;
        Some(format!("{name}, {}, {column:?}: {}", file.display(), error.chars().take(600).collect::<String>()))
    });
    wrong.collect()
}

/// The matrix as a table.
fn print(found: &Found) {
    let mut directory = "";
    for ((name, file), cells) in found {
        if name != directory {
            println!("\n{name}\n{:44} flip zero cut  grow gone swap foreign", "");
            directory = name;
        }
        let signs = cells.iter().map(|(column, fate)| {
            let sign = fate.as_ref().map_or('X', |fate| fate.sign());
            let ends = matches!(column, (Harm::Flip | Harm::Zero | Harm::Cut, At::Tail) | (_, At::Whole));
            if ends { format!("{sign}  ") } else { sign.to_string() }
        });
        println!("{:44} {}", file.display(), signs.collect::<String>());
    }
}

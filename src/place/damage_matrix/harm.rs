//! What is done to a file: the columns of the matrix.

use std::fs;
use std::path::{Path, PathBuf};

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// A bit turns.
    Flip,
    /// Some bytes become zeros.
    Zero,
    /// The file ends earlier.
    Cut,
    /// It goes on behind its end.
    Grow,
    /// It is gone.
    Delete,
    /// It changes its bytes with the file beside it.
    Swap,
    /// It has the bytes of the same file of another ledger.
    Foreign,
}

/// Where in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum At {
    Head,
    Middle,
    Tail,
    Whole,
}

/// How many bytes become zeros.
const ZEROS: usize = 32;

/// All columns, in their order.
pub(super) fn columns() -> Vec<(Harm, At)> {
    let mut columns = Vec::new();
    for harm in [Harm::Flip, Harm::Zero, Harm::Cut] {
        columns.extend([At::Head, At::Middle, At::Tail].map(|at| (harm, at)));
    }
    columns.extend([Harm::Grow, Harm::Delete].map(|harm| (harm, At::Whole)));
    for harm in [Harm::Swap, Harm::Foreign] {
        columns.extend([At::Head, At::Middle, At::Tail, At::Whole].map(|at| (harm, at)));
    }
    columns
}

/// Does it to a file below a directory, as `other` tells what another ledger has below its own. False if that leaves all as
/// it was.
pub(super) fn harm(data: &Path, file: &Path, (harm, at): (Harm, At), other: &Path) -> bool {
    let path = data.join(file);
    let before = fs::read(&path).expect("a file");
    match harm {
        Harm::Delete => fs::remove_file(&path).expect("removed"),
        Harm::Swap => {
            let Some(beside) = sibling(&path) else { return false };
            let theirs = fs::read(&beside).expect("a file");
            fs::write(&path, mixed(&before, &theirs, at)).expect("written");
            fs::write(&beside, mixed(&theirs, &before, at)).expect("written");
            return before != theirs;
        }
        Harm::Foreign => {
            let Some(theirs) = alike(&other.join(file)) else { return false };
            fs::write(&path, mixed(&before, &fs::read(theirs).expect("a file"), at)).expect("written");
        }
        Harm::Flip | Harm::Zero | Harm::Cut | Harm::Grow => {
            fs::write(&path, changed(before.clone(), harm, at)).expect("written");
        }
    }
    fs::read(&path).ok() != Some(before)
}

fn changed(mut bytes: Vec<u8>, harm: Harm, at: At) -> Vec<u8> {
    // Behind what was written there is room: what happens there is another matter.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(bytes.len(), |last| last + 1);
    match harm {
        Harm::Flip if end > 0 => bytes[place(end - 1, at)] ^= 0x08,
        Harm::Zero => {
            let begin = place(end.saturating_sub(ZEROS), at);
            bytes[begin..(begin + ZEROS).min(end)].fill(0);
        }
        Harm::Cut => bytes.truncate(place(end.saturating_sub(1), at)),
        Harm::Grow => bytes.extend_from_slice(&[0xA5; 100]),
        Harm::Flip | Harm::Delete | Harm::Swap | Harm::Foreign => {}
    }
    bytes
}

fn place(last: usize, at: At) -> usize {
    match at {
        At::Head => 0,
        At::Middle => last / 2,
        At::Tail | At::Whole => last,
    }
}

/// The bytes, with a third of them, or all, taken from others.
fn mixed(own: &[u8], others: &[u8], at: At) -> Vec<u8> {
    let third = own.len() / 3;
    let range = match at {
        At::Head => 0..third,
        At::Middle => third..2 * third,
        At::Tail => 2 * third..own.len(),
        At::Whole => return others.to_vec(),
    };
    let mut mixed = own.to_vec();
    let range = range.start.min(others.len())..range.end.min(others.len());
    mixed[range.clone()].copy_from_slice(&others[range]);
    mixed
}

/// The next file of the folder that ends as this one does; the next of any kind where there is none.
fn sibling(path: &Path) -> Option<PathBuf> {
    let files = files_of(path.parent()?);
    let is_alike = |other: &&PathBuf| other.extension() == path.extension() && other.as_path() != path;
    let behind = files.iter().filter(is_alike).find(|other| other.as_path() > path);
    let alike = behind.or_else(|| files.iter().rfind(is_alike));
    alike.or_else(|| files.iter().find(|other| other.as_path() != path)).cloned()
}

/// The file of this name; else the first one that ends so.
fn alike(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.to_owned());
    }
    files_of(path.parent()?).into_iter().find(|other| other.extension() == path.extension())
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

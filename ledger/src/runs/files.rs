//! Runs as files, for who copies them to another machine with a checkpoint that stands on them. Nothing is written here.

use std::sync::Arc;

use super::error::RunError;
use super::form::parse_run_name;
use super::run::Run;
use crate::cursor::FrameCursor;
use crate::position::Position;
use crate::storage::{Access, Storage, StorageError, StorageFile};

/// A run of a ledger by its name. Its bytes are a function of the frames in its range, so what has its name in the same ledger
/// is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFile {
    /// The name of the file, beside the segments.
    pub name: String,
    /// It tells of what stands behind this position.
    pub after: Position,
    /// The last position that it tells of.
    pub last: Position,
}

impl RunFile {
    /// The run that has a name; none where no run has such a one.
    #[must_use]
    pub fn named(name: &str) -> Option<RunFile> {
        let (after, last) = parse_run_name(name)?;
        Some(RunFile { name: name.to_owned(), after, last })
    }

    /// Runs of a storage that follow one another from the beginning on, as few as there are, until one reaches a position; by
    /// their names alone.
    ///
    /// # Errors
    /// If the storage does not list its files.
    pub fn upto(storage: &dyn Storage, position: Position) -> Result<Vec<RunFile>, StorageError> {
        let found: Vec<RunFile> = storage.list()?.iter().filter_map(|name| RunFile::named(name)).collect();
        let (mut chain, mut reached) = (Vec::new(), 0);
        while reached < position
            && let Some(next) = found.iter().filter(|run| run.after == reached).max_by_key(|run| run.last)
        {
            reached = next.last;
            chain.push(next.clone());
        }
        Ok(chain)
    }

    /// The file, to be read; what is open stays readable where it is removed meanwhile. None where it is not there.
    ///
    /// # Errors
    /// If the storage does not open it.
    pub fn open(&self, storage: &dyn Storage) -> Result<Option<Arc<dyn StorageFile>>, StorageError> {
        storage.open(&self.name, Access::Read)
    }

    /// The place in the ledger at which the run ends that a file of a storage, of whatever name, holds, if that is this run and all
    /// of it is what was written. Whether the ledger has the place tells whether it is of it.
    ///
    /// # Errors
    /// If the storage does not give it.
    pub fn end_in(&self, storage: &dyn Storage, name: &str) -> Result<Option<FrameCursor>, StorageError> {
        match Run::open(storage, name) {
            Ok(found) => {
                let this = found.filter(|run| (run.after(), run.last()) == (self.after, self.last));
                Ok(this.map(|run| *run.end()))
            }
            Err(RunError::Storage(error)) => Err(error),
            Err(RunError::Unfit { .. } | RunError::Missing { .. }) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    #[test]
    fn the_fewest_that_reach_a_position_are_told_by_their_names_and_what_is_no_run_has_no_end() {
        let storage = MemoryStorage::new();
        let name = |first: u64, last: u64| format!("{first:010}-{last:010}.run");
        for (first, last) in [(1, 100), (101, 200), (1, 200), (201, 300), (251, 350), (401, 500)] {
            storage.replace(&name(first, last), b"no run").expect("written");
        }
        storage.replace("0000000301-0000000400.run.new", b"no run").expect("written");
        let upto = |position: Position| -> Vec<String> {
            RunFile::upto(&storage, position).expect("listed").into_iter().map(|run| run.name).collect()
        };
        assert_eq!(upto(0), Vec::<String>::new());
        assert_eq!((upto(1), upto(200)), (vec![name(1, 200)], vec![name(1, 200)]));
        for position in [201, 300, 301, 9_999] {
            assert_eq!(upto(position), [name(1, 200), name(201, 300)], "{position}");
        }
        let run = RunFile::named(&name(1, 200)).expect("a name");
        assert!(run.open(&storage).expect("opened").is_some());
        assert_eq!(run.end_in(&storage, &run.name).expect("read"), None);
        assert_eq!(run.end_in(&storage, "gone").expect("looked"), None);
        assert_eq!(RunFile::named("../0000000001-0000000200.run"), None);
    }
}

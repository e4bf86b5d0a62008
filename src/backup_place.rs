//! Where a backup lies, as `--to`, `--from` and the settings name it: a folder, or a place in an object store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use backups::{ObjectOptions, ObjectPlace, ObjectSource, ObjectsError};
use ledger::{SourceStorage, Storage};

use crate::exit::Failure;
use crate::place::Place;

/// A folder or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BackupPlace {
    Folder(PathBuf),
    Objects(String),
}

impl BackupPlace {
    /// What a flag names.
    ///
    /// # Errors
    /// If it is an address of another kind.
    pub(crate) fn named(flag: &str, text: &str) -> Result<BackupPlace, Failure> {
        if ObjectPlace::is_address(text) {
            return Ok(BackupPlace::Objects(text.to_owned()));
        }
        if text.contains("://") {
            return Err(Failure::usage(anyhow!("{flag} {text}: name a folder, or s3://BUCKET/PREFIX")));
        }
        Ok(BackupPlace::Folder(PathBuf::from(text)))
    }

    /// What is there, to take frames from: of an object store only those that are looked at are brought here.
    pub(crate) fn copy(&self, options: &ObjectOptions) -> Result<Arc<dyn Storage>, Failure> {
        match self {
            BackupPlace::Folder(folder) => Ok(Arc::new(Place::at(folder).existing_storage()?)),
            BackupPlace::Objects(url) => Ok(Arc::new(SourceStorage::of(Arc::new(source(url, options)?)))),
        }
    }
}

impl std::fmt::Display for BackupPlace {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BackupPlace::Folder(folder) => folder.display().fmt(out),
            BackupPlace::Objects(url) => out.write_str(url),
        }
    }
}

/// The place of an address.
pub(crate) fn objects(url: &str, options: &ObjectOptions) -> Result<ObjectPlace, Failure> {
    ObjectPlace::at(url, options).map_err(failure)
}

/// The backup at an address.
pub(crate) fn source(url: &str, options: &ObjectOptions) -> Result<ObjectSource, Failure> {
    ObjectSource::open(objects(url, options)?).map_err(failure)
}

/// An address that is none, and a store that nobody described, are bad usage.
fn failure(error: ObjectsError) -> Failure {
    match error {
        ObjectsError::Address { .. } | ObjectsError::Settings { .. } => Failure::usage(error.into()),
        ObjectsError::Runtime(_)
        | ObjectsError::NoBackup { .. }
        | ObjectsError::Manifest { .. }
        | ObjectsError::Overtaken { .. }
        | ObjectsError::Store { .. }
        | ObjectsError::Backup(_)
        | ObjectsError::Ledger(_) => Failure::failed(error.into()),
    }
}

/// Refuses a folder that holds something that is no backup.
pub(crate) fn check_folder(flag: &str, to: &Path) -> Result<(), Failure> {
    let is_ours = match std::fs::read_dir(to) {
        Ok(mut entries) => entries.next().is_none() || to.join("ledger").is_dir(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if is_ours {
        return Ok(());
    }
    let to = to.display();
    Err(Failure::usage(anyhow!(
        "{flag} {to}: there is something that is no backup; name a folder that is not there, or a backup"
    )))
}

/// The right to write the backup in a folder.
pub(crate) fn lock(to: &Path) -> Result<ledger::WriteLock, Failure> {
    Ok(Place::at(to).lock().with_context(|| format!("can't back up into {}", to.display()))?)
}

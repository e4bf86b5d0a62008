//! A directory that is made whole or not at all: beside its place, and moved there when it is done.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use crate::exit::Failure;

/// A place where nothing is yet.
pub(crate) struct FreshFolder<'a> {
    place: &'a Path,
    /// The flag that names it.
    flag: &'static str,
}

impl FreshFolder<'_> {
    /// At a place that a flag names.
    ///
    /// # Errors
    /// If something is there, which is bad usage.
    pub(crate) fn at<'a>(place: &'a Path, flag: &'static str) -> Result<FreshFolder<'a>, Failure> {
        let is_free = match std::fs::read_dir(place) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        };
        if is_free {
            return Ok(FreshFolder { place, flag });
        }
        let place = place.display();
        Err(Failure::usage(anyhow!("{flag} {place}: there is something already; name a directory that is not there")))
    }

    /// Makes it, filled in this way.
    ///
    /// # Errors
    /// If it is not filled, or cannot be moved to its place; then nothing is there.
    pub(crate) fn fill<T>(&self, fill: impl FnOnce(&Path) -> Result<T, Failure>) -> Result<T, Failure> {
        let place = self.place;
        let beside = self.beside()?;
        let made = fill(&beside).and_then(|made| {
            if place.is_dir() {
                // It is empty, or it was refused.
                std::fs::remove_dir(place).with_context(|| format!("can't replace {}", place.display()))?;
            }
            std::fs::rename(&beside, place).with_context(|| format!("can't make {}", place.display()))?;
            let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            let synced = std::fs::File::open(parent).and_then(|folder| folder.sync_all());
            synced.with_context(|| format!("can't make {} durable", place.display()))?;
            Ok(made)
        });
        if made.is_err() {
            // What cannot be removed is left under a name that says that it is unfinished.
            let _ = std::fs::remove_dir_all(&beside);
        }
        made
    }

    /// A name beside it that nobody has.
    fn beside(&self) -> Result<PathBuf, Failure> {
        let FreshFolder { place, flag } = self;
        let name = place.file_name();
        let name = name.ok_or_else(|| Failure::usage(anyhow!("{flag} {}: name a directory", place.display())))?;
        let mut unfinished = name.to_owned();
        unfinished.push(format!(".{}.unfinished", std::process::id()));
        Ok(place.with_file_name(unfinished))
    }
}

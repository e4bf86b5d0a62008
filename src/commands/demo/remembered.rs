//! What a demo's folder holds, so that another start goes on with the same people and the same story.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, anyhow};
use schemas::Timestamp;
use serde::{Deserialize, Serialize};
use workload::Workload;

use crate::exit::Failure;

const FILE: &str = "demo.toml";

#[derive(Serialize, Deserialize)]
struct Remembered {
    seed: u64,
    events: u64,
    end: String,
}

/// The history that the folder holds, if one was recorded there.
///
/// # Errors
/// If what tells of it cannot be read.
pub(super) fn read(folder: &Path) -> Result<Option<Workload>, Failure> {
    let path = folder.join(FILE);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("can't read {}", path.display()))?,
    };
    let found: Remembered = toml::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
    let end =
        Timestamp::parse(&found.end).ok_or_else(|| anyhow!("{} is damaged: no time: {}", path.display(), found.end))?;
    Ok(Some(Workload::sized(found.seed, found.events, end)))
}

/// Keeps which history the folder holds.
///
/// # Errors
/// If that cannot be written.
pub(super) fn write(folder: &Path, workload: &Workload) -> Result<(), Failure> {
    let remembered = Remembered { seed: workload.seed, events: workload.events, end: workload.end.to_string() };
    let text = toml::to_string(&remembered).context("no TOML of it")?;
    let path = folder.join(FILE);
    Ok(fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?)
}

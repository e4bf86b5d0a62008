//! How old a backup is.

use std::path::Path;

use ledger::{BackupLabel, DiskStorage, Head, Storage};
use schemas::Timestamp;

use super::Check;
use super::figures::{seconds, seconds_between};

const NAME: &str = "backup";

/// Older than that, it is no longer taken day by day.
const AGE_MAX: u64 = 2 * 86_400;

/// Looks at the backup in a folder, if one is named.
pub(super) fn check(folder: Option<&Path>, now: Timestamp) -> Check {
    let Some(folder) = folder else {
        return Check::skipped(NAME, "where backups go is not known here: name one with --backup");
    };
    let shown = folder.display();
    let advice = "back up again: tributary backup --to DIR, by a timer";
    let storage = match DiskStorage::open(&folder.join("ledger")) {
        Ok(storage) => storage,
        Err(error) => return Check::failed(NAME, format!("there is none in {shown}: {error}"), advice),
    };
    let label = match BackupLabel::read(&storage as &dyn Storage) {
        Ok(Some(label)) => label,
        Ok(None) => return Check::failed(NAME, format!("{shown} holds a ledger that no backup made"), advice),
        Err(error) => return Check::failed(NAME, format!("{shown}: {error}"), advice),
    };
    let made = std::fs::metadata(folder.join("ledger").join("BACKUP")).and_then(|found| found.modified());
    let age = made.ok().and_then(|at| at.elapsed().ok()).map(|age| age.as_secs());
    let recorded = label
        .end
        .recorded_at()
        .map_or_else(String::new, |at| format!(", the last entry {} old", seconds(seconds_between(at, now))));
    let position = Head::at(&label.end).position;
    let age = age.unwrap_or_default();
    let found = format!("{shown}, made {} ago, goes up to position {position}{recorded}", seconds(age));
    if age > AGE_MAX { Check::warning(NAME, found, advice) } else { Check::ok(NAME, found) }
}

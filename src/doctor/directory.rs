//! The directory: whose it is, and who else may write in it.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Check;

const NAME: &str = "directory";

/// Anybody may write.
const OTHERS_WRITE: u32 = 0o002;

/// Where there is no ledger: a first start makes one, if it may.
pub(super) fn without_ledger(folder: &Path) -> Check {
    let shown = folder.display();
    match std::fs::metadata(folder) {
        Ok(found) if !found.is_dir() => {
            Check::failed(NAME, format!("{shown} is no directory"), "name another one with --data")
        }
        Ok(_) => Check::warning(
            NAME,
            format!("there is no ledger in {shown}: a first start makes one"),
            "if there should be one, look whether the directory is the right one and its disk is mounted",
        ),
        Err(error) => Check::warning(
            NAME,
            format!("{shown}: {error}"),
            "a first start makes it; if it should be there, look whether its disk is mounted",
        ),
    }
}

/// Where there is a ledger.
pub(super) fn check(folder: &Path) -> Check {
    let looked = std::fs::metadata(folder).and_then(|root| Ok((strangers(folder, root.uid())?, root)));
    let (strangers, root) = match looked {
        Ok(looked) => looked,
        Err(error) => {
            return Check::failed(
                NAME,
                format!("{} cannot be looked at: {error}", folder.display()),
                "run this as the user that the daemon runs as, or as root",
            );
        }
    };
    let me = rustix::process::geteuid().as_raw();
    let found = format!("{}, of user {}, mode {:o}", folder.display(), root.uid(), root.mode() & 0o7777);
    if let Some(stranger) = strangers.first() {
        return Check::failed(
            NAME,
            format!("{found}; {} files of it belong to others, such as {stranger}", strangers.len()),
            format!("give all of it to the user that the daemon runs as: chown -R {} {}", root.uid(), folder.display()),
        );
    }
    if root.mode() & OTHERS_WRITE != 0 {
        return Check::warning(
            NAME,
            format!("{found}: anybody on this machine may change the ledger"),
            format!("take that away: chmod -R o-w {}", folder.display()),
        );
    }
    if me != 0 && me != root.uid() {
        return Check::warning(
            NAME,
            format!("{found}, and this runs as user {me}"),
            "the daemon has to run as the user whose the directory is",
        );
    }
    Check::ok(NAME, found)
}

/// What in the directory belongs to another user than it: who writes the ledger could not write that.
fn strangers(folder: &Path, owner: u32) -> std::io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let Ok(metadata) = entry.metadata() else { continue };
            if is_strange(&metadata, owner) {
                found.push(entry.path().display().to_string());
            }
            if metadata.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn is_strange(metadata: &Metadata, owner: u32) -> bool {
    metadata.uid() != owner
}

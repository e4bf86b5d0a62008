//! Backs the ledger up into a folder or an object store, out of a directory or from a daemon elsewhere, and says what the
//! backup holds then.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use backups::ship;
use indicatif::{ProgressBar, ProgressStyle};
use ledger::{BackedUp, Head, LedgerReader, back_up, backed_up_to, receive};
use serde_json::json;

use super::query::Daemon;
use super::quiet_settings;
use crate::backup_place::{BackupPlace, check_folder, lock, objects};
use crate::cli::{BackupArgs, CommonFlags};
use crate::elsewhere::{Elsewhere, NotGiven};
use crate::exit::Failure;
use crate::output;
use crate::place::Place;

/// Copies what is new since the backup before.
pub(super) fn execute(common: &CommonFlags, args: BackupArgs) -> Result<(), Failure> {
    let BackupArgs { to, data, server, json } = args;
    let url = server.url.clone().unwrap_or_default();
    let daemon = Daemon::of(server).filter(|_| data.is_none());
    let place = BackupPlace::named("--to", &to)?;
    let settings = quiet_settings(common, data.clone())?;
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("backup {bar:30} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut progress = |copied, total| {
        bar.set_length(total);
        bar.set_position(copied);
    };
    let done = match (&place, daemon) {
        (BackupPlace::Folder(to), Some(daemon)) => from_daemon(daemon, &url, to, &mut progress),
        (BackupPlace::Objects(_), Some(_)) => Err(Failure::usage(anyhow!(
            "--url and --to {place}: back up into a folder by --url, and from there by --data; or let the daemon itself ship \
             there, by backup.to in its settings"
        ))),
        (BackupPlace::Folder(to), None) => {
            let ledger = Place::of(&settings)?.existing_storage()?;
            check_folder("--to", to)?;
            let lock = lock(to)?;
            back_up(Arc::new(ledger), &lock, &mut progress).map_err(|error| failed(error.into(), &place))
        }
        (BackupPlace::Objects(to), None) => {
            let storage = Arc::new(Place::of(&settings)?.existing_storage()?);
            let to = objects(to, &settings.backup.objects)?;
            let ledger = LedgerReader::open_read_only(Arc::<ledger::DiskStorage>::clone(&storage));
            let ledger = ledger.map_err(|error| failed(error.into(), &place))?;
            ship(&ledger, &*storage, &to, &mut progress).map_err(|error| failed(error.into(), &place))
        }
    };
    bar.finish_and_clear();
    tell(&done?, &place, json)
}

fn failed(error: anyhow::Error, place: &BackupPlace) -> Failure {
    Failure::failed(error.context(format!("not backed up into {place}")))
}

/// Of a running daemon, over HTTP.
fn from_daemon(daemon: Daemon, url: &str, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<BackedUp, Failure> {
    check_folder("--to", to)?;
    // Nothing is made here before the daemon has answered.
    let first = if Place::at(to).has_ledger() {
        let before = backed_up_to(&lock(to)?).with_context(|| format!("not backed up into {}", to.display()))?;
        before.segment()
    } else {
        1
    };
    let source = Elsewhere::ask(daemon, url, first).map_err(|NotGiven { failure, .. }| failure)?;
    let done = receive(&source, &lock(to)?, progress);
    Ok(done.with_context(|| format!("not backed up from {url} into {}", to.display()))?)
}

fn tell(done: &BackedUp, to: &BackupPlace, as_json: bool) -> Result<(), Failure> {
    let BackedUp { before, end, segments_copied, bytes_copied } = done;
    let head = Head::at(end);
    if as_json {
        let answer = json!({
            "position": end.position(),
            "recorded_at": end.recorded_at(),
            "head": head.hex(),
            "before": before.position(),
            "segments_copied": segments_copied,
            "bytes_copied": bytes_copied,
        });
        let text = serde_json::to_vec(&answer).map_err(anyhow::Error::from)?;
        return Ok(output::print(&text, output::Format::Json)?);
    }
    let recorded_at = end.recorded_at().map_or_else(String::new, |at| format!(", recorded {at}"));
    let text = format!(
        "backup      {to}, which went to position {} before\nposition    {}{recorded_at}\nhead        {} {}\ncopied      {bytes_copied} bytes, {segments_copied} segments\n",
        before.position(),
        end.position(),
        end.position(),
        head.hex(),
    );
    Ok(output::print_raw(text.as_bytes())?)
}

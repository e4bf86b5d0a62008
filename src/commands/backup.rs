//! Backs the ledger up into a folder, and says what the folder holds then.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use ledger::{BackedUp, Head, back_up};
use serde_json::json;

use super::quiet_settings;
use crate::cli::{BackupArgs, CommonFlags};
use crate::exit::Failure;
use crate::output;
use crate::place::Place;

/// Copies what is new since the backup before.
pub(super) fn execute(common: &CommonFlags, args: BackupArgs) -> Result<(), Failure> {
    if let Some(url) = args.url {
        return Err(Failure::usage(anyhow!(
            "--url {url}: no ledger is backed up over HTTP; run it where the ledger lies, with --data, beside the daemon"
        )));
    }
    let settings = quiet_settings(common, args.data)?;
    let ledger = Place::of(&settings)?.existing_storage()?;
    let to = args.to.display();
    check_target(&args.to)?;
    let place = Place::at(&args.to);
    let lock = place.lock().with_context(|| format!("can't back up into {to}"))?;
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("backup {bar:30} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let done = back_up(Arc::new(ledger), &lock, &mut |copied, total| {
        bar.set_length(total);
        bar.set_position(copied);
    });
    bar.finish_and_clear();
    let done = done.with_context(|| format!("not backed up into {to}"))?;
    tell(&done, &args.to, args.json)
}

/// Refuses an address, and a folder that holds something else.
fn check_target(to: &Path) -> Result<(), Failure> {
    if to.to_str().is_some_and(|text| text.contains("://")) {
        return Err(Failure::usage(anyhow!("--to {}: name a folder; a backup goes to no address", to.display())));
    }
    let is_ours = match std::fs::read_dir(to) {
        Ok(mut entries) => entries.next().is_none() || to.join("ledger").is_dir(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    if is_ours {
        return Ok(());
    }
    Err(Failure::usage(anyhow!(
        "--to {}: there is something that is no backup; name a folder that is not there, or a backup",
        to.display()
    )))
}

fn tell(done: &BackedUp, to: &Path, as_json: bool) -> Result<(), Failure> {
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
        "backup      {}, which went to position {} before\nposition    {}{recorded_at}\nhead        {} {}\ncopied      {bytes_copied} bytes, {segments_copied} segments\n",
        to.display(),
        before.position(),
        end.position(),
        end.position(),
        head.hex(),
    );
    Ok(output::print_raw(text.as_bytes())?)
}

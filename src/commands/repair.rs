//! Makes a damaged ledger whole from a copy, checks all of it again, and says what it came to.

use std::path::Path;

use anyhow::Context;
use ledger::{Head, LostPositions, RepairReport, repair};
use serde_json::json;

use super::quiet_settings;
use crate::backup_place::BackupPlace;
use crate::cli::{CommonFlags, RepairArgs};
use crate::exit::{Failure, after_report};
use crate::output;
use crate::place::Place;
use crate::survey::{Surveyed, survey};

/// Repairs what can be repaired; exit code 3 if something is left.
pub(super) fn execute(common: &CommonFlags, args: RepairArgs) -> Result<(), Failure> {
    let settings = quiet_settings(common, args.data)?;
    let place = Place::of(&settings)?;
    let from = BackupPlace::named("--from", &args.from)?;
    let (ledger, copy) = (place.existing_storage()?, from.copy(&settings.backup.objects)?);
    let lock = place.lock().with_context(|| format!("can't repair {}", place.folder().display()))?;
    let report = repair(&lock, copy).with_context(|| format!("not repaired from {from}"))?;
    // Whether a write of a process is under way is told by the lock: it is given back first.
    drop(lock);
    let surveyed = survey(ledger).map_err(anyhow::Error::from)?;
    let printed = if args.json {
        let text = serde_json::to_vec(&as_json(&report, &surveyed)).map_err(anyhow::Error::from)?;
        output::print(&text, output::Format::Json)
    } else {
        output::print_raw(in_words(&report, &surveyed, place.folder()).as_bytes())
    };
    after_report(if surveyed.damages.is_empty() { Ok(()) } else { Err(Failure::Damage) }, printed)
}

fn as_json(report: &RepairReport, surveyed: &Surveyed) -> serde_json::Value {
    let repaired = report.repaired.iter().map(|segment| {
        json!({
            "file": segment.file,
            "frames_taken": segment.frames_taken,
            "frames_kept": segment.frames_kept,
            "laid_aside": segment.laid_aside,
        })
    });
    let lost = report.lost.iter().map(|lost| json!({"segment": lost.segment, "first": lost.first, "last": lost.last}));
    json!({
        "ok": surveyed.damages.is_empty(),
        "position": surveyed.good(),
        "head": Head::at(&surveyed.report.good).hex(),
        "repaired": repaired.collect::<Vec<_>>(),
        "format": report.format,
        "laid_aside": report.laid_aside,
        "lost": lost.collect::<Vec<_>>(),
        "damages": surveyed.damages,
    })
}

fn in_words(report: &RepairReport, surveyed: &Surveyed, data: &Path) -> String {
    let mut lines = Vec::new();
    for segment in &report.repaired {
        let (taken, kept) = (segment.frames_taken, segment.frames_kept);
        lines.push(format!("repaired    {}: {taken} frames of the copy, {kept} of its own", segment.file));
        lines.extend(segment.laid_aside.iter().map(|name| format!("laid aside  {name}")));
    }
    lines.extend(report.format.iter().map(|format| format!("repaired    FORMAT: says format {format} again")));
    lines.extend(report.laid_aside.iter().map(|name| format!("laid aside  {name}")));
    lines.extend(report.lost.iter().map(lost_in_words));
    if surveyed.damages.is_empty() {
        let head = Head::at(&surveyed.report.good);
        lines.push(format!("position    {}", head.position));
        lines.push(format!("head        {} {}", head.position, head.hex()));
        let nothing = report.repaired.is_empty() && report.format.is_none();
        let done = if nothing { "nothing was damaged" } else { "everything is in order again" };
        lines.push(done.to_owned());
    } else {
        lines.extend(surveyed.told(data));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn lost_in_words(lost: &LostPositions) -> String {
    let LostPositions { segment, first, last } = lost;
    let what = match last {
        Some(last) if last < first => format!("no position, but what was said beside them behind {last}"),
        Some(last) => format!("positions {first} to {last}"),
        None => format!("positions from {first} on"),
    };
    format!("LOST        {what} (segment {segment}): neither the ledger nor the copy has them whole")
}

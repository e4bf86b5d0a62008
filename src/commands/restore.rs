//! Makes a ledger from a backup, once everything in it is verified.

use std::path::Path;
use std::sync::Arc;

use ledger::{BackupLabel, FrameCursor, Head, HeadFound, LedgerReader, Position, Storage, copy};
use replay::AsOf;
use serde_json::json;

use super::{quiet_settings, until_of};
use crate::cli::{CommonFlags, RestoreArgs};
use crate::exit::{Failure, after_report};
use crate::fresh_folder::FreshFolder;
use crate::output;
use crate::place::{Place, position_of};
use crate::survey::{Surveyed, survey};

/// Verifies, copies, and says up to where.
pub(super) fn execute(common: &CommonFlags, args: RestoreArgs) -> Result<(), Failure> {
    let settings = quiet_settings(common, args.data)?;
    let place = Place::of(&settings)?;
    let until = args.until.as_deref().map(until_of).transpose()?;
    let folder = FreshFolder::at(place.folder(), "--data")?;
    let from = Place::at(&args.from);
    let surveyed = survey(from.existing_storage()?).map_err(anyhow::Error::from)?;
    let storage: Arc<dyn Storage> = Arc::new(from.existing_storage()?);
    let reader = LedgerReader::open_good(Arc::clone(&storage), &surveyed.report.good).map_err(anyhow::Error::from)?;
    let wanted = match until {
        Some(moment) => Some(position_of(moment, &reader)?),
        None => None,
    };
    if let Some(damage) = damage(&surveyed, &*storage, &reader)?
        && !wanted.is_some_and(|wanted| lies_before_damage(wanted, until, &reader))
    {
        return refuse(&args.from, &surveyed, damage);
    }
    let wanted = wanted.unwrap_or_else(|| reader.durable_position());
    let end = folder.fill(|folder| Ok(copy(&reader, wanted, &Place::at(folder).lock()?)?))?;
    tell(&end, &reader, place.folder(), args.json)
}

/// What keeps the backup from being whole, in words.
fn damage(surveyed: &Surveyed, storage: &dyn Storage, reader: &LedgerReader) -> Result<Option<String>, Failure> {
    if !surveyed.damages.is_empty() {
        return Ok(Some("it is damaged".to_owned()));
    }
    let label = BackupLabel::read(storage).map_err(anyhow::Error::from)?;
    // A ledger that is no backup says nothing of itself but by its durable mark, which was looked at.
    let Some(BackupLabel { end }) = label else { return Ok(None) };
    match Head::at(&end).look_up(reader).map_err(anyhow::Error::from)? {
        HeadFound::Same => Ok(None),
        HeadFound::Other { .. } | HeadFound::Within { .. } | HeadFound::Beyond { .. } => {
            Ok(Some(format!("it says that it goes to {}, which is not there", Head::at(&end))))
        }
    }
}

/// Whether what is wanted is all there. Behind the last good position nobody knows what was recorded when.
fn lies_before_damage(wanted: Position, until: Option<AsOf>, reader: &LedgerReader) -> bool {
    match until {
        Some(AsOf::Position(_)) => true,
        Some(AsOf::Time(_)) | None => wanted < reader.durable_position(),
    }
}

fn refuse(from: &Path, surveyed: &Surveyed, damage: String) -> Result<(), Failure> {
    let from = from.display();
    let mut lines: Vec<String> =
        surveyed.damages.iter().map(|file| format!("DAMAGE      {}: {}", file.file, file.detail)).collect();
    lines.push(format!("not restored from {from}: {damage}"));
    if surveyed.good() > 0 {
        lines.push(format!("what is good of it can be had: --until {}", surveyed.good()));
    }
    lines.push(String::new());
    after_report(Err(Failure::Damage), output::print_raw(lines.join("\n").as_bytes()))
}

fn tell(end: &FrameCursor, from: &LedgerReader, data: &Path, as_json: bool) -> Result<(), Failure> {
    let head = Head::at(end);
    // A frame that was cut through is one of its own, which no other ledger has.
    let is_prefix = head.look_up(from).map_err(anyhow::Error::from)? == HeadFound::Same;
    if as_json {
        let answer = json!({
            "position": end.position(),
            "recorded_at": end.recorded_at(),
            "head": head.hex(),
            "same_head": is_prefix,
        });
        let text = serde_json::to_vec(&answer).map_err(anyhow::Error::from)?;
        return Ok(output::print(&text, output::Format::Json)?);
    }
    let recorded_at = end.recorded_at().map_or_else(String::new, |at| format!(", recorded {at}"));
    let mut lines = vec![
        format!("restored    {}, verified", data.display()),
        format!("position    {}{recorded_at}", end.position()),
        format!("head        {} {}", end.position(), head.hex()),
    ];
    if !is_prefix {
        lines.push(
            "this position lies within a frame: the head is this ledger's own, those before it are the same".to_owned(),
        );
    }
    lines.push(String::new());
    Ok(output::print_raw(lines.join("\n").as_bytes())?)
}

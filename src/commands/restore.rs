//! Makes a ledger from a backup, once everything in it is verified.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use backups::ObjectSource;
use indicatif::{ProgressBar, ProgressStyle};
use ledger::{BackupLabel, FrameCursor, Head, HeadFound, LedgerReader, Position, Storage, copy, download};
use replay::AsOf;
use serde_json::json;

use super::{quiet_settings, until_of};
use crate::backup_place::{BackupPlace, source};
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
    let from = BackupPlace::named("--from", &args.from)?;
    let fresh = FreshFolder::at(place.folder(), "--data")?;
    let (end, is_prefix) = match &from {
        BackupPlace::Folder(folder) => {
            let checked = Checked::of(&Place::at(folder), until, &from)?;
            let end = fresh.fill(|folder| Ok(checked.copy(&Place::at(folder))?))?;
            (end, checked.is_prefix(&end)?)
        }
        BackupPlace::Objects(url) => {
            let source = source(url, &settings.backup.objects)?;
            fresh.fill(|folder| fetched(&source, folder, until, &from))?
        }
    };
    tell(&end, is_prefix, place.folder(), args.json)
}

/// Brings a backup here, beside its place, checks it there, and makes the ledger of it: of all of it what was brought is
/// the ledger, else a copy is, and what was brought is removed.
fn fetched(
    source: &ObjectSource,
    folder: &Path,
    until: Option<AsOf>,
    from: &BackupPlace,
) -> Result<(FrameCursor, bool), Failure> {
    let place = Place::at(folder);
    let brought = if until.is_some() { Place::at(&folder.join("fetched")) } else { Place::at(folder) };
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("fetch {bar:30} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let lock = brought.lock()?;
    let done = download(source, &lock, &mut |got, total| {
        bar.set_length(total);
        bar.set_position(got);
    });
    bar.finish_and_clear();
    done.with_context(|| format!("not restored from {from}"))?;
    drop(lock);
    let checked = Checked::of(&brought, until, from)?;
    if until.is_none() {
        let end = checked.reader.end();
        BackupLabel::remove(&*checked.storage).map_err(anyhow::Error::from)?;
        return Ok((end, true));
    }
    let end = checked.copy(&place)?;
    let is_prefix = checked.is_prefix(&end)?;
    drop(checked);
    std::fs::remove_dir_all(brought.folder())
        .with_context(|| format!("can't remove {}", brought.folder().display()))?;
    Ok((end, is_prefix))
}

/// A backup in a folder of which everything is verified, up to what is wanted.
struct Checked {
    storage: Arc<dyn Storage>,
    reader: LedgerReader,
    wanted: Position,
}

impl Checked {
    /// Verifies it.
    ///
    /// # Errors
    /// If it is damaged before what is wanted, which is told.
    fn of(from: &Place, until: Option<AsOf>, name: &BackupPlace) -> Result<Checked, Failure> {
        let surveyed = survey(from.existing_storage()?).map_err(anyhow::Error::from)?;
        let storage: Arc<dyn Storage> = Arc::new(from.existing_storage()?);
        let reader = LedgerReader::open_good(Arc::clone(&storage), &surveyed.report.good);
        let reader = reader.map_err(anyhow::Error::from)?;
        let wanted = match until {
            Some(moment) => Some(position_of(moment, &reader)?),
            None => None,
        };
        if let Some(damage) = damage(&surveyed, &*storage, &reader)?
            && !wanted.is_some_and(|wanted| lies_before_damage(wanted, until, &reader))
        {
            refuse(name, &surveyed, damage)?;
        }
        let wanted = wanted.unwrap_or_else(|| reader.durable_position());
        Ok(Checked { storage, reader, wanted })
    }

    fn copy(&self, to: &Place) -> Result<FrameCursor, anyhow::Error> {
        Ok(copy(&self.reader, self.wanted, &to.lock()?)?)
    }

    /// Whether the head at a place is one of the backup's. A frame that was cut through is one of its own, which no other
    /// ledger has.
    fn is_prefix(&self, end: &FrameCursor) -> Result<bool, Failure> {
        Ok(Head::at(end).look_up(&self.reader).map_err(anyhow::Error::from)? == HeadFound::Same)
    }
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

fn refuse(from: &BackupPlace, surveyed: &Surveyed, damage: String) -> Result<(), Failure> {
    let mut lines: Vec<String> =
        surveyed.damages.iter().map(|file| format!("DAMAGE      {}: {}", file.file, file.detail)).collect();
    lines.push(format!("not restored from {from}: {damage}"));
    if surveyed.good() > 0 {
        lines.push(format!("what is good of it can be had: --until {}", surveyed.good()));
    }
    lines.push(String::new());
    after_report(Err(Failure::Damage), output::print_raw(lines.join("\n").as_bytes()))
}

fn tell(end: &FrameCursor, is_prefix: bool, data: &Path, as_json: bool) -> Result<(), Failure> {
    let head = Head::at(end);
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

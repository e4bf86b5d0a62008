//! What a former leader has and the present one has not: kept in the directory, under `diverged/`, and taken out of the ledger.
//!
//! Nothing of it is lost: the segments stand there as they were, and `events.ndjson` holds the events that were cut off, as
//! `tributary import` and `POST /v1/events` take them. Sent again, those that the ledger has are duplicates.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use ingest::{Clock, SystemClock};
use ledger::{DiskStorage, FrameCursor, Head, LedgerReader, WriteLock, cut_back};
use projections::commands::COMMAND_SOURCE;
use schemas::json::write_event;
use serde_json::json;

use crate::exit::Failure;
use crate::place::Place;

/// Lays aside what lies behind a place of the ledger in a directory, which nobody has open.
pub(super) fn lay_aside(place: &Place, common: &FrameCursor, leader: &str) -> Result<(), Failure> {
    let lock = place.lock()?;
    let moment = SystemClock::new().now().to_string().replace(':', "");
    let folder = place.folder().join("diverged").join(format!("{:010}-{moment}", common.position() + 1));
    let aside = DiskStorage::create(&folder).with_context(|| format!("can't make {}", folder.display()))?;
    let told = list(&lock, common, &folder, leader)?;
    cut_back(&lock, common, Some(&aside)).map_err(anyhow::Error::from)?;
    tracing::warn!(
        after = common.position(),
        events = told.events,
        commands = told.commands,
        kept = %folder.display(),
        "this ledger had entries that its leader does not have: they are laid aside, and events.ndjson there lists them"
    );
    Ok(())
}

struct Told {
    events: u64,
    commands: u64,
}

/// Lists what is cut off, and says what it was.
fn list(lock: &WriteLock, common: &FrameCursor, folder: &Path, leader: &str) -> Result<Told, Failure> {
    let reader = LedgerReader::open_read_only_from(Arc::clone(lock.storage()), common).map_err(anyhow::Error::from)?;
    let (mut events, mut quarantined) =
        (Lines::create(folder.join("events.ndjson"))?, Lines::create(folder.join("quarantined.ndjson"))?);
    let (mut told, mut last, mut line) = (Told { events: 0, commands: 0 }, *common, Vec::new());
    for frame in reader.frames(common) {
        let frame = frame.map_err(anyhow::Error::from)?;
        let dictionary = reader.dictionary();
        for entry in frame.entries(&dictionary) {
            let (_, event) = entry.map_err(anyhow::Error::from)?;
            told.events += 1;
            told.commands += u64::from(event.source == COMMAND_SOURCE);
            line.clear();
            write_event(&event, &mut line);
            events.put(&line)?;
        }
        for head in frame.quarantined() {
            let event = reader.quarantined(head.location).map_err(anyhow::Error::from)?;
            let row = json!({
                "reason": event.rejection.reason.as_str(),
                "detail": event.rejection.detail,
                "origin": event.origin,
                "raw": String::from_utf8_lossy(&event.raw),
            });
            quarantined.put(row.to_string().as_bytes())?;
        }
        last = frame.cursor_after();
    }
    events.end()?;
    quarantined.end()?;
    let about = json!({
        "leader": leader,
        "common": Head::at(common).to_string(),
        "was": Head::at(&last).to_string(),
        "events": told.events,
        "commands": told.commands,
    });
    let mut lines = Lines::create(folder.join("about.json"))?;
    lines.put(about.to_string().as_bytes())?;
    lines.end()?;
    Ok(told)
}

/// A file of lines, durable in the end.
struct Lines {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Lines {
    fn create(path: PathBuf) -> Result<Lines, Failure> {
        let file = File::create(&path).with_context(|| format!("can't write {}", path.display()))?;
        Ok(Lines { path, out: BufWriter::new(file) })
    }

    fn put(&mut self, line: &[u8]) -> Result<(), Failure> {
        let put = self.out.write_all(line).and_then(|()| self.out.write_all(b"\n"));
        Ok(put.with_context(|| format!("can't write {}", self.path.display()))?)
    }

    fn end(self) -> Result<(), Failure> {
        let Lines { path, out } = self;
        let ended = out.into_inner().map_err(|error| error.into_error()).and_then(|file| file.sync_all());
        Ok(ended.with_context(|| format!("can't write {}", path.display()))?)
    }
}

//! Shows what did not get into the ledger, and tries it again.

use anyhow::anyhow;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ingest::{Handle, Pipeline, PipelineOptions};
use ledger::{Outcome, QuarantineId, QuarantinedEvent};
use projections::views::QuarantineRow;
use serde_json::json;

use crate::cli::{CommonFlags, QuarantineAction, QuarantineArgs};
use crate::config::{Key, Settings, Value, load, surroundings};
use crate::exit::Failure;
use crate::output;
use crate::place::Place;

/// How many are read at a time.
const PAGE: usize = 256;

/// Lists, shows or redrives.
pub(super) fn execute(common: &CommonFlags, args: QuarantineArgs) -> Result<(), Failure> {
    let mut flags = common.given();
    flags.extend(args.data.map(|data| (Key::Data, "data", Value::Text(data))));
    let (settings, _) = load(common.config.as_deref(), surroundings(), flags)?;
    crate::logging::start(&settings.log);
    let place = Place::of(&settings)?;
    match args.action {
        QuarantineAction::List { reason, format } => {
            let (handle, _) = place.read(&settings)?;
            let rows = wanted(&handle, reason)?.into_iter().map(row).collect::<Vec<_>>();
            let total = rows.len();
            let answer = serde_json::to_vec(&json!({ "rows": rows, "total": total })).map_err(anyhow::Error::from)?;
            Ok(output::print(&answer, format.wanted())?)
        }
        QuarantineAction::Show { id, format } => {
            let (handle, _) = place.read(&settings)?;
            let before = id.checked_sub(1).filter(|before| *before > 0).map(QuarantineId);
            let found = handle.quarantine(before, 1).map_err(anyhow::Error::from)?.into_iter().next();
            let event = found.filter(|event| event.id.0 == id).ok_or_else(|| not_there(id))?;
            if format.wanted() == output::Format::Table {
                return Ok(output::print_raw(&in_words(&event))?);
            }
            let answer = serde_json::to_vec(&row(event)).map_err(anyhow::Error::from)?;
            Ok(output::print(&answer, format.wanted())?)
        }
        QuarantineAction::Redrive { ids, all, reason } => redrive(&place, &settings, ids, all, reason),
    }
}

fn not_there(id: u64) -> Failure {
    Failure::failed(anyhow!("nothing is in quarantine under number {id}"))
}

/// All that is there, or all that is there for one reason.
fn wanted(handle: &Handle, reason: Option<schemas::Reason>) -> Result<Vec<QuarantinedEvent>, Failure> {
    let mut events = Vec::new();
    let mut after = None;
    loop {
        let page = handle.quarantine(after, PAGE).map_err(anyhow::Error::from)?;
        let Some(last) = page.last() else { return Ok(events) };
        after = Some(last.id);
        events.extend(page.into_iter().filter(|event| reason.is_none_or(|reason| event.rejection.reason == reason)));
    }
}

fn row(event: QuarantinedEvent) -> QuarantineRow {
    QuarantineRow {
        id: event.id.0,
        reason: event.rejection.reason.as_str(),
        field: event.rejection.field,
        detail: event.rejection.detail,
        origin: event.origin,
        received_at: event.received_at,
        raw: STANDARD.encode(event.raw),
    }
}

fn in_words(event: &QuarantinedEvent) -> Vec<u8> {
    let field = event.rejection.field.as_ref().map(|field| format!(" ({field})")).unwrap_or_default();
    let mut text = format!(
        "number    {}\nreason    {}{field}\ndetail    {}\norigin    {}\nreceived  {}\nraw, {} bytes:\n",
        event.id.0,
        event.rejection.reason.as_str(),
        event.rejection.detail,
        event.origin,
        event.received_at,
        event.raw.len(),
    );
    // What is not UTF-8, and what would move a terminal's cursor, is shown escaped.
    for part in String::from_utf8_lossy(&event.raw).split_inclusive('\n') {
        let shown = part.chars().flat_map(|letter| {
            let keep = !letter.is_control() || letter == '\n' || letter == '\t';
            let escaped = (!keep).then(|| letter.escape_unicode().to_string());
            escaped.unwrap_or_else(|| letter.to_string()).chars().collect::<Vec<_>>()
        });
        text.extend(shown);
    }
    text.push('\n');
    text.into_bytes()
}

fn redrive(
    place: &Place,
    settings: &Settings,
    ids: Vec<u64>,
    all: bool,
    reason: Option<schemas::Reason>,
) -> Result<(), Failure> {
    let started = place.start(settings)?;
    let pipeline = Pipeline::start(started, PipelineOptions::default()).map_err(anyhow::Error::from)?;
    let handle = pipeline.handle();
    let done = (|| {
        let ids: Vec<QuarantineId> = if all {
            wanted(&handle, reason)?.into_iter().map(|event| event.id).collect()
        } else {
            ids.into_iter().map(QuarantineId).collect()
        };
        let outcomes = handle.redrive(&ids).map_err(anyhow::Error::from)?;
        Ok::<_, Failure>(ids.into_iter().zip(outcomes).collect::<Vec<_>>())
    })();
    pipeline.stop().map_err(anyhow::Error::from)?;
    let rows = done?.into_iter().map(|(id, outcome)| match outcome {
        Outcome::Accepted { position } => json!({ "id": id.0, "outcome": "accepted", "position": position }),
        Outcome::Duplicate { of } => json!({ "id": id.0, "outcome": "duplicate", "position": of }),
        Outcome::Quarantined { rejection, .. } => json!({
            "id": id.0,
            "outcome": "quarantined",
            "reason": rejection.reason.as_str(),
            "field": rejection.field,
            "detail": rejection.detail,
        }),
    });
    let rows: Vec<_> = rows.collect();
    let answer = serde_json::to_vec(&json!({ "rows": rows })).map_err(anyhow::Error::from)?;
    Ok(output::print(&answer, output::Format::Table)?)
}

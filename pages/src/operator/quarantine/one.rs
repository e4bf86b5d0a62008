//! One quarantined event: its bytes, what has become of it, and what can be done to it.

use api::{Problem, ProblemKind};
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ledger::{Act, ActKind, QuarantineId, QuarantineRow, QuarantineState, QuarantinedEvent};
use maud::{Markup, html};

use super::acts::{REPLACE_BYTES_MAX, act_fields, replace_fields};
use super::{PATH, reason, repeated, state_in_words};
use crate::figures;
use crate::forms;
use crate::language::of_the_api;
use crate::layout::Page;
use crate::operator::{raw_bytes, require_sight};
use crate::visit::Visit;
use crate::words::{marked, words};

/// So many bytes are shown.
const SHOWN: usize = 32 * 1024;

/// An event as it is in quarantine now, with the last that was done to it.
struct One {
    row: QuarantineRow,
    event: QuarantinedEvent,
    act: Option<Act>,
}

async fn one(visit: &Visit, id: &str) -> Result<One, Problem> {
    require_sight(visit)?;
    let missing = || Problem::new(ProblemKind::NotFound, format!("nothing is in quarantine under number {id}"));
    let number: u64 = id.parse().map_err(|_| missing())?;
    let found = visit.site.app.ask(move |view, ledger| {
        let read = |row: QuarantineRow| {
            let act = row.act.map(|place| ledger.act(place)).transpose()?;
            Ok::<_, ledger::LedgerError>(One { row, event: ledger.quarantined(row.location)?, act })
        };
        view.quarantine().get(QuarantineId(number)).map(read).transpose().map_err(|error| Problem::internal(&error))
    });
    found.await?.ok_or_else(missing)
}

pub(super) async fn get_one(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let One { row, event, act } = one(&visit, &id).await?;
    let id = row.id.0;
    let main = html! {
        dl.facts {
            dt { (words!("operator-state")) } dd { (state_in_words(row.state)) }
            dt { (words!("operator-reason")) } dd { (reason(&event)) }
            dt { (words!("operator-what-is-wrong")) } dd lang=[of_the_api(&event.rejection.detail)] { (event.rejection.detail) }
            dt { (words!("operator-origin")) } dd { bdi { (event.origin) } }
            dt { (words!("operator-arrived")) } dd { (figures::time(row.received_at)) (repeated(row.repeated)) }
            dt { (words!("operator-size")) } dd { (marked!("operator-bytes", count = figures::count(event.raw.len() as u64))) }
            @if let Some(act) = &act { (done(act)) }
        }
        (raw_bytes::show(&event.raw, SHOWN))
        div.row {
            a.button href=(visit.link(format!("{PATH}/{id}/raw"))) download { (words!("operator-download-bytes")) }
            a.button href=(visit.link(PATH)) { (words!("operator-back-to-list")) }
        }
        @if visit.may_put_in() && row.state != QuarantineState::Replaced { (actions(&visit, &row, &event)) }
    };
    let title = words!("operator-quarantined-event", id = id);
    Ok(Page { title: &title, section: PATH, as_of: None, aside: html! {}, main }.show(&visit))
}

fn done(act: &Act) -> Markup {
    let what = match act.kind {
        ActKind::Discarded => words!("operator-state-discarded"),
        ActKind::Replaced => words!("operator-state-replaced"),
        ActKind::Redriven => words!("operator-tried-again"),
    };
    html! {
        dt { (what) }
        dd {
            (marked!("operator-done-by", time = figures::time(act.at), by = html! { bdi { (act.by) } }))
            @if !act.why.is_empty() { ": " bdi { (act.why) } }
            @if act.position > 0 { p.hint { (marked!("operator-in-its-place", position = figures::count(act.position))) } }
        }
    }
}

fn actions(visit: &Visit, row: &QuarantineRow, event: &QuarantinedEvent) -> Markup {
    let id = row.id.0;
    let text = std::str::from_utf8(&event.raw).ok().filter(|text| text.len() <= REPLACE_BYTES_MAX);
    html! {
        (forms::post(visit, PATH, html! {
            input type="hidden" name="id" value=(id);
            button.primary type="submit" name="one" value=(id) { (words!("operator-try-again")) }
        }))
        @if row.state == QuarantineState::Open {
            (forms::post(visit, PATH, html! {
                input type="hidden" name="id" value=(id);
                (act_fields(words!("operator-discard")))
            }))
        }
        (forms::post(visit, PATH, html! {
            input type="hidden" name="id" value=(id);
            (replace_fields(text.unwrap_or_default()))
        }))
    }
}

pub(super) async fn get_raw(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let One { row, event, .. } = one(&visit, &id).await?;
    let name = format!("attachment; filename=\"quarantined-{}.bin\"", row.id.0);
    // Digits in ASCII make a header.
    let name = HeaderValue::try_from(name).map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, event.raw).into_response())
}

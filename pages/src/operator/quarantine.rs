//! Quarantine: what did not get into the ledger, with its bytes, and another try for those chosen.

use api::commands::not_taken;
use api::query::quarantine::{after_cursor, cursor_after};
use api::{Problem, ProblemKind};
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ingest::RedriveError;
use ledger::{Outcome, QuarantineId, QuarantinedEvent};
use maud::{Markup, html};
use projections::views::AsOf;
use schemas::Reason;

use super::raw_bytes;
use super::require_operator;
use crate::figures;
use crate::forms;
use crate::layout::Page;
use crate::parts;
use crate::site::Site;
use crate::submission::Submission;
use crate::tables::{Column, Table, paging};
use crate::visit::Visit;

pub(super) const PATH: &str = "/operator/quarantine";
/// So many stand on a page.
const PAGE_ROWS: usize = 20;
/// So many bytes of one are shown in the list, and so many on its own page.
const SHOWN_IN_LIST: usize = 400;
const SHOWN_ALONE: usize = 32 * 1024;
/// So many are tried again at a time.
const REDRIVEN_AT_ONCE: usize = 500;

pub(super) fn router() -> Router<Site> {
    Router::new()
        .route(PATH, get(get_quarantine).post(post_redrive))
        .route("/operator/quarantine/{id}", get(get_one))
        .route("/operator/quarantine/{id}/raw", get(get_raw))
}

/// A reason in the user's words.
pub(super) fn reason_in_words(reason: &str) -> &'static str {
    match Reason::parse(reason) {
        Some(Reason::TooLarge) => "too large",
        Some(Reason::Malformed) => "malformed",
        Some(Reason::UnknownType) => "unknown type",
        Some(Reason::InvalidField) => "invalid field",
        Some(Reason::Conflict) => "conflict",
        None => "another reason",
    }
}

/// A page of what is in quarantine.
struct Listed {
    rows: Vec<QuarantinedEvent>,
    total: u64,
    of_reason: Vec<(Reason, u64)>,
    next: Option<String>,
    as_of: AsOf,
}

/// What became of a second try.
struct Tried {
    id: QuarantineId,
    outcome: Outcome,
}

async fn listed(visit: &Visit) -> Result<Listed, Problem> {
    let after = visit.parameter("cursor").map(after_cursor).transpose()?;
    let reason = visit.parameter("reason").and_then(Reason::parse);
    visit
        .site
        .app
        .ask(move |view, ledger| {
            let is_wanted = |found: Reason| reason.is_none_or(|wanted| wanted == found);
            let of_reason = view.status().quarantined;
            let mut heads = view.quarantine(after).filter(|head| is_wanted(head.reason)).peekable();
            let mut rows = Vec::new();
            while rows.len() < PAGE_ROWS
                && let Some(head) = heads.next()
            {
                rows.push(ledger.quarantined(head.location).map_err(|error| Problem::internal(&error))?);
            }
            let next = heads.peek().and_then(|_| rows.last().map(|row| cursor_after(row.id)));
            let of_reason: Vec<(Reason, u64)> = Reason::ALL
                .iter()
                .map(|reason| (*reason, of_reason.get(reason.as_str()).copied().unwrap_or_default()))
                .collect();
            let total = of_reason.iter().filter(|(found, _)| is_wanted(*found)).map(|(_, count)| count).sum();
            Ok(Listed { rows, total, of_reason, next, as_of: view.as_of() })
        })
        .await
}

async fn get_quarantine(visit: Visit) -> Result<Response, Problem> {
    require_operator(&visit)?;
    show(&visit, html! {}).await
}

async fn show(visit: &Visit, above: Markup) -> Result<Response, Problem> {
    let listed = listed(visit).await?;
    let main = html! {
        @if visit.as_of().is_some() { p.banner { "The quarantine is always shown as it is now." } }
        (above)
        (reasons(visit, &listed))
        @if listed.rows.is_empty() {
            (parts::empty("Nothing is in quarantine here.", html! { p { "Every event read was accepted, or repeats one that was." } }))
        } @else {
            (list(visit, &listed))
            (paging(visit, listed.total, listed.next.as_deref(), "events"))
        }
    };
    Ok(Page { title: "Quarantine", section: PATH, as_of: Some(listed.as_of), aside: html! {}, main }.show(visit))
}

fn reasons(visit: &Visit, listed: &Listed) -> Markup {
    let chosen = visit.parameter("reason").and_then(Reason::parse);
    let all = visit.here().without("reason").without("cursor");
    let all_count: u64 = listed.of_reason.iter().map(|(_, count)| count).sum();
    let mut labels = vec![(format!("All ({all_count})"), all.clone(), chosen.is_none())];
    labels.extend(listed.of_reason.iter().filter(|(reason, count)| *count > 0 || chosen == Some(*reason)).map(
        |(reason, count)| {
            let label = format!("{} ({count})", reason_in_words(reason.as_str()));
            (label, all.clone().with("reason", reason.as_str()), chosen == Some(*reason))
        },
    ));
    let tabs: Vec<_> = labels.iter().map(|(label, link, shown)| (label.as_str(), link.clone(), *shown)).collect();
    parts::tabs("Reasons", &tabs)
}

fn list(visit: &Visit, listed: &Listed) -> Markup {
    let may = visit.may_command();
    let rows = html! { @for event in &listed.rows { (row(visit, event, may)) } };
    let mut columns =
        vec![Column::text("Number"), Column::text("Reason"), Column::text("Arrived"), Column::text("Raw bytes")];
    if may {
        columns.push(Column::text("Another try"));
    }
    let table = Table {
        id: "quarantine-table",
        caption: "Events that the ledger did not take, the oldest first",
        columns: &columns,
        sorting: None,
        rows,
    };
    if !may {
        return table.draw(visit);
    }
    forms::post(
        visit,
        PATH,
        html! {
            (table.draw(visit))
            div.row {
                button.primary type="submit" { "Try those chosen again" }
                button type="submit" name="all" value="shown" { "Try all shown again" }
            }
            @for event in &listed.rows { input type="hidden" name="shown" value=(event.id.0); }
        },
    )
}

fn row(visit: &Visit, event: &QuarantinedEvent, may: bool) -> Markup {
    let id = event.id.0;
    html! {
        tr {
            th scope="row" { a href=(visit.link(format!("{PATH}/{id}"))) { (id) } }
            td {
                (reason(event))
                p { (event.rejection.detail) }
            }
            td { (figures::time(event.received_at)) p.hint.wrap { (event.origin) } }
            td.raw-cell {
                (raw_bytes::show(&event.raw, SHOWN_IN_LIST))
            }
            @if may {
                td {
                    div.row {
                        div.check {
                            input id={ "choose-" (id) } type="checkbox" name="id" value=(id);
                            label for={ "choose-" (id) } { "Choose" span.visually-hidden { " " (id) } }
                        }
                        button.small type="submit" name="one" value=(id) { "Try again" span.visually-hidden { " " (id) } }
                    }
                }
            }
        }
    }
}

fn reason(event: &QuarantinedEvent) -> Markup {
    html! {
        (parts::badge("warn", reason_in_words(event.rejection.reason.as_str())))
        @if let Some(field) = &event.rejection.field { " " code { (field) } }
    }
}

/// One of them, as it is in quarantine now.
async fn one(visit: &Visit, id: &str) -> Result<QuarantinedEvent, Problem> {
    require_operator(visit)?;
    let missing = || Problem::new(ProblemKind::NotFound, format!("nothing is in quarantine under number {id}"));
    let number: u64 = id.parse().map_err(|_| missing())?;
    let found = visit.site.app.ask(move |view, ledger| {
        let before = number.checked_sub(1).filter(|before| *before > 0).map(QuarantineId);
        let head = view.quarantine(before).next().filter(|head| head.id.0 == number);
        head.map(|head| ledger.quarantined(head.location).map_err(|error| Problem::internal(&error))).transpose()
    });
    found.await?.ok_or_else(missing)
}

async fn get_one(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let event = one(&visit, &id).await?;
    let id = event.id.0;
    let main = html! {
        dl.facts {
            dt { "Reason" } dd { (reason(&event)) }
            dt { "What is wrong" } dd { (event.rejection.detail) }
            dt { "Origin" } dd { (event.origin) }
            dt { "Arrived" } dd { (figures::time(event.received_at)) }
            dt { "Size" } dd { (figures::count(event.raw.len() as u64)) " bytes" }
        }
        (raw_bytes::show(&event.raw, SHOWN_ALONE))
        div.row {
            a.button href=(visit.link(format!("{PATH}/{id}/raw"))) download { "Download the bytes" }
            @if visit.may_command() {
                (forms::post(&visit, PATH, html! { button.primary type="submit" name="one" value=(id) { "Try again" } }))
            }
            a.button href=(visit.link(PATH)) { "Back to the list" }
        }
    };
    let title = format!("Quarantined event {id}");
    Ok(Page { title: &title, section: PATH, as_of: None, aside: html! {}, main }.show(&visit))
}

async fn get_raw(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    let event = one(&visit, &id).await?;
    let name = format!("attachment; filename=\"quarantined-{}.bin\"", event.id.0);
    // Digits in ASCII make a header.
    let name = HeaderValue::try_from(name).map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, event.raw).into_response())
}

/// Those that the form names: the one whose button was pressed, all shown, or those chosen.
fn chosen(submission: &Submission) -> Result<Vec<QuarantineId>, Problem> {
    let fields = &submission.fields;
    let name = match (fields.get("one"), fields.get("all")) {
        ("", "") => "id",
        ("", _) => "shown",
        _ => "one",
    };
    let mut ids =
        fields.all(name).map(|text| text.parse().map(QuarantineId)).collect::<Result<Vec<_>, _>>().map_err(|_| {
            Problem::of_field(ProblemKind::InvalidBody, name, "expected the number of a quarantined event")
        })?;
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > REDRIVEN_AT_ONCE {
        let detail = format!("at most {REDRIVEN_AT_ONCE} are tried again at a time");
        return Err(Problem::of_field(ProblemKind::InvalidBody, name, detail));
    }
    Ok(ids)
}

async fn post_redrive(submission: Submission) -> Result<Response, Problem> {
    submission.require_command()?;
    require_operator(&submission)?;
    let ids = chosen(&submission)?;
    if ids.is_empty() {
        return show(&submission.visit, html! { p.problem role="alert" { "Choose at least one event." } }).await;
    }
    let ledger = submission.visit.site.app.ledger()?.clone();
    let tried = submission.visit.site.app.write(move || {
        let outcomes = ledger.redrive(&ids)?;
        let tried = ids.into_iter().zip(outcomes).map(|(id, outcome)| Tried { id, outcome });
        Ok::<_, RedriveError>(tried.collect::<Vec<_>>())
    });
    let above = match tried.await? {
        Ok(tried) => outcomes(&submission.visit, &tried),
        Err(RedriveError::NotQuarantined { id }) => html! {
            p.problem role="alert" { "Nothing is in quarantine under number " (id.0) " any more, so none was tried." }
        },
        Err(RedriveError::Ledger(error)) => return Err(Problem::internal(&error)),
        Err(RedriveError::Refused(refusal)) => return Err(not_taken(refusal)),
        Err(RedriveError::Stopped(stopped)) => {
            return Err(Problem::new(ProblemKind::Unavailable, stopped.to_string()));
        }
    };
    show(&submission.visit, above).await
}

fn outcomes(visit: &Visit, tried: &[Tried]) -> Markup {
    let rows = html! {
        @for one in tried {
            tr {
                th scope="row" { (one.id.0) }
                @match &one.outcome {
                    Outcome::Accepted { position } => {
                        td { (parts::badge("good", "Accepted")) }
                        td { "It is at position " (figures::count(*position)) " now." }
                    },
                    Outcome::Duplicate { of } => {
                        td { (parts::badge("plain", "Duplicate")) }
                        td { "It repeats the event at position " (figures::count(*of)) ", and has left quarantine." }
                    },
                    Outcome::Quarantined { rejection, .. } => {
                        td { (parts::badge("warn", "Still in quarantine")) }
                        td {
                            (reason_in_words(rejection.reason.as_str()))
                            @if let Some(field) = &rejection.field { ", " code { (field) } }
                            ": " (rejection.detail)
                        }
                    },
                }
            }
        }
    };
    let columns = [Column::text("Number"), Column::text("Outcome"), Column::text("What it means")];
    let table =
        Table { id: "outcomes", caption: "What became of the second try", columns: &columns, sorting: None, rows };
    html! { div role="status" { (table.draw(visit)) } }
}

//! Quarantine: what did not get into the ledger, with its bytes; another try for those chosen, or a discard.

mod acts;
mod by_day;
mod one;

use api::Problem;
use api::query::quarantine::{after_cursor, cursor_after};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use ledger::{QuarantineFilter, QuarantineRow, QuarantineState, QuarantinedEvent};
use maud::{Markup, html};
use projections::views::AsOf;
use schemas::{Day, Reason};

use self::acts::{act_fields, post_act};
use super::raw_bytes;
use super::require_sight;
use crate::figures;
use crate::forms::{self, hidden_parameters};
use crate::language::of_the_api;
use crate::layout::Page;
use crate::parts;
use crate::site::Site;
use crate::tables::{Column, Table, paging};
use crate::visit::Visit;
use crate::words::{marked, words};

pub(super) const PATH: &str = "/operator/quarantine";
/// So many stand on a page.
const PAGE_ROWS: usize = 20;
/// So many bytes of one are shown in the list.
const SHOWN_IN_LIST: usize = 400;

pub(super) fn router() -> Router<Site> {
    Router::new()
        .route(PATH, get(get_quarantine).post(post_act))
        .route("/operator/quarantine/{id}", get(one::get_one))
        .route("/operator/quarantine/{id}/raw", get(one::get_raw))
}

/// A reason in the user's words.
pub(super) fn reason_in_words(reason: &str) -> &'static str {
    match Reason::parse(reason) {
        Some(Reason::TooLarge) => words!("operator-reason-too-large"),
        Some(Reason::Malformed) => words!("operator-reason-malformed"),
        Some(Reason::UnknownType) => words!("operator-reason-unknown-type"),
        Some(Reason::InvalidField) => words!("operator-reason-invalid-field"),
        Some(Reason::Conflict) => words!("operator-reason-conflict"),
        None => words!("operator-reason-other"),
    }
}

/// What has become of an event, in the user's words.
fn state_in_words(state: QuarantineState) -> &'static str {
    match state {
        QuarantineState::Open => words!("operator-state-open"),
        QuarantineState::Discarded => words!("operator-state-discarded"),
        QuarantineState::Replaced => words!("operator-state-replaced"),
    }
}

/// One event on a page.
struct Kept {
    row: QuarantineRow,
    event: QuarantinedEvent,
}

/// A page of what is in quarantine.
struct Listed {
    filter: QuarantineFilter,
    rows: Vec<Kept>,
    states: Vec<(QuarantineState, u64)>,
    of_reason: Vec<(Reason, u64)>,
    /// How many are chosen; where an origin or days are asked for, how many there are at most.
    total: u64,
    next: Option<String>,
    as_of: AsOf,
}

/// Which events the page's address chooses.
fn filter_of(visit: &Visit) -> QuarantineFilter {
    let state = visit.parameter("state");
    let state = QuarantineState::ALL.iter().copied().find(|known| Some(known.as_str()) == state);
    let day = |name| visit.parameter(name).and_then(Day::parse);
    QuarantineFilter {
        state: Some(state.unwrap_or(QuarantineState::Open)),
        reason: visit.parameter("reason").and_then(Reason::parse),
        origin: visit.parameter("origin").filter(|origin| !origin.is_empty()).map(str::to_owned),
        from: day("from").map(Day::start),
        before: day("to").map(Day::end),
    }
}

async fn listed(visit: &Visit) -> Result<Listed, Problem> {
    let filter = filter_of(visit);
    let after = visit.parameter("cursor").map(|text| after_cursor(text, &filter)).transpose()?;
    let state = filter.state.unwrap_or(QuarantineState::Open);
    let ledger = visit.site.app.ledger()?.clone();
    let read = move || {
        let mut chosen = ledger.quarantine_rows(&filter, after, PAGE_ROWS + 1)?;
        let has_more = chosen.len() > PAGE_ROWS;
        chosen.truncate(PAGE_ROWS);
        let next = chosen.last().filter(|_| has_more).map(|row| cursor_after(&filter, row.id));
        let reader = ledger.reader();
        let rows = chosen.into_iter().map(|row| Ok(Kept { row, event: reader.quarantined(row.location)? }));
        let rows = rows.collect::<Result<Vec<_>, ledger::LedgerError>>()?;
        Ok(ledger.read(|view| {
            let quarantine = view.quarantine();
            let states = QuarantineState::ALL.iter().map(|state| (*state, quarantine.len(*state))).collect();
            let counts = quarantine.rows_by_reason(state);
            let of_reason: Vec<(Reason, u64)> =
                Reason::ALL.iter().map(|reason| (*reason, counts.get(reason).copied().unwrap_or_default())).collect();
            let is_wanted = |found: Reason| filter.reason.is_none_or(|wanted| wanted == found);
            let total = of_reason.iter().filter(|(found, _)| is_wanted(*found)).map(|(_, count)| count).sum();
            Listed { filter, rows, states, of_reason, total, next, as_of: view.as_of() }
        }))
    };
    let listed: Result<Listed, ledger::LedgerError> = visit.site.app.question(read).await?;
    listed.map_err(|error| Problem::internal(&error))
}

async fn get_quarantine(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    show(&visit, html! {}).await
}

async fn show(visit: &Visit, above: Markup) -> Result<Response, Problem> {
    let listed = listed(visit).await?;
    let by_day = by_day::read(visit).await?;
    let main = html! {
        @if visit.as_of().is_some() { p.banner { (words!("operator-quarantine-is-of-now")) } }
        (above)
        (by_day::draw(&by_day))
        (states(visit, &listed))
        (reasons(visit, &listed))
        (narrowing(visit, &listed))
        @if listed.rows.is_empty() {
            (parts::empty(words!("operator-quarantine-empty"), html! { p { (words!("operator-quarantine-empty-hint")) } }))
        } @else {
            (list(visit, &listed))
            (paging(visit, listed.total, listed.next.as_deref(), words!("operator-unit-events")))
        }
    };
    Ok(Page { title: words!("operator-quarantine"), section: PATH, as_of: Some(listed.as_of), aside: html! {}, main }
        .show(visit))
}

fn states(visit: &Visit, listed: &Listed) -> Markup {
    let all = visit.here().without("state").without("cursor");
    let labels: Vec<_> = listed
        .states
        .iter()
        .map(|(state, count)| {
            let label = words!("operator-with-count", what = state_in_words(*state), count = *count);
            (label, all.clone().with("state", state.as_str()), listed.filter.state == Some(*state))
        })
        .collect();
    let tabs: Vec<_> = labels.iter().map(|(label, link, shown)| (label.as_str(), link.clone(), *shown)).collect();
    parts::tabs(words!("operator-become-of-them"), &tabs)
}

fn reasons(visit: &Visit, listed: &Listed) -> Markup {
    let chosen = listed.filter.reason;
    let all = visit.here().without("reason").without("cursor");
    let all_count: u64 = listed.of_reason.iter().map(|(_, count)| count).sum();
    let mut labels = vec![(
        words!("operator-with-count", what = words!("operator-all"), count = all_count),
        all.clone(),
        chosen.is_none(),
    )];
    labels.extend(listed.of_reason.iter().filter(|(reason, count)| *count > 0 || chosen == Some(*reason)).map(
        |(reason, count)| {
            let label = words!("operator-with-count", what = reason_in_words(reason.as_str()), count = *count);
            (label, all.clone().with("reason", reason.as_str()), chosen == Some(*reason))
        },
    ));
    let tabs: Vec<_> = labels.iter().map(|(label, link, shown)| (label.as_str(), link.clone(), *shown)).collect();
    parts::tabs(words!("operator-reasons"), &tabs)
}

/// Narrows the list to where events came from, and to the days on which they arrived.
fn narrowing(visit: &Visit, listed: &Listed) -> Markup {
    let kept = visit.here().without("origin").without("from").without("to").without("cursor");
    let day = |name| visit.parameter(name).unwrap_or_default();
    html! {
        form.row method="get" action=(visit.link(PATH).path()) {
            (hidden_parameters(&kept))
            label for="origin" { (words!("operator-origin-begins")) }
            input id="origin" name="origin" type="text" value=(listed.filter.origin.as_deref().unwrap_or_default()) autocomplete="off";
            label for="arrived-from" { (words!("operator-arrived-from")) }
            input id="arrived-from" name="from" type="date" value=(day("from"));
            label for="arrived-to" { (words!("operator-arrived-to")) }
            input id="arrived-to" name="to" type="date" value=(day("to"));
            button type="submit" { (words!("parts-show")) }
        }
    }
}

fn list(visit: &Visit, listed: &Listed) -> Markup {
    let may = visit.may_put_in() && listed.filter.state != Some(QuarantineState::Replaced);
    let rows = html! { @for kept in &listed.rows { (row(visit, kept, may)) } };
    let mut columns = vec![
        Column::text(words!("operator-number")),
        Column::text(words!("operator-reason")),
        Column::text(words!("operator-arrived")),
        Column::text(words!("operator-raw-bytes")),
    ];
    if may {
        columns.push(Column::text(words!("operator-another-try")));
    }
    let table = Table {
        id: "quarantine-table",
        caption: words!("operator-quarantine-caption"),
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
                button.primary type="submit" { (words!("operator-try-chosen")) }
                button type="submit" name="all" value="shown" { (words!("operator-try-shown")) }
            }
            @if listed.filter.state == Some(QuarantineState::Open) { (act_fields(words!("operator-discard-chosen"))) }
            @for kept in &listed.rows { input type="hidden" name="shown" value=(kept.row.id.0); }
        },
    )
}

fn row(visit: &Visit, kept: &Kept, may: bool) -> Markup {
    let Kept { row, event } = kept;
    let id = row.id.0;
    html! {
        tr {
            th scope="row" { a href=(visit.link(format!("{PATH}/{id}"))) { (id) } }
            td {
                (reason(event))
                p lang=[of_the_api(&event.rejection.detail)] { (event.rejection.detail) }
            }
            td {
                (figures::time(row.received_at)) p.hint.wrap { bdi { (event.origin) } }
                (repeated(row.repeated))
            }
            td.raw-cell {
                (raw_bytes::show(&event.raw, SHOWN_IN_LIST))
            }
            @if may {
                td {
                    div.row {
                        div.check {
                            input id={ "choose-" (id) } type="checkbox" name="id" value=(id);
                            label for={ "choose-" (id) } { (words!("operator-choose")) span.visually-hidden { " " (id) } }
                        }
                        button.small type="submit" name="one" value=(id) { (words!("operator-try-again")) span.visually-hidden { " " (id) } }
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

/// How often the same came again, if it did.
fn repeated(times: u64) -> Markup {
    html! { @if times > 0 { p.hint { (marked!("operator-came-again", times = times, figure = figures::count(times))) } } }
}

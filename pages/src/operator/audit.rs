//! Audit: what was done by whom, newest first; by who, role, type and days.

use api::views::{Actor, AuditRow, List};
use api::{Problem, Role, query};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use schemas::EventType;

use super::{require_sight, role_by_name};
use crate::figures;
use crate::layout::Page;
use crate::link::Link;
use crate::parts;
use crate::site::Site;
use crate::tables::{Column, Table, paging};
use crate::visit::Visit;
use crate::words::{marked, words};

pub(super) const PATH: &str = "/audit";
/// What the page's address chooses by, and the API takes.
const GIVEN: [&str; 6] = ["who", "role", "type", "from", "to", "cursor"];

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_audit))
}

async fn get_audit(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let given = GIVEN.map(|name| (name, visit.parameter(name).map(str::to_owned)));
    let audit = visit.read_present(move |read| {
        let parameters: Vec<(String, String)> =
            given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        query::audit::audit(&query::Asked { parameters: &parameters, ..*read })
    });
    let List { rows, total, next_cursor, .. } = audit.await?;
    let main = html! {
        @if visit.as_of().is_some() { p.banner { (words!("operator-audit-is-of-now")) } }
        p {
            (words!("operator-audit-says"))
        }
        (narrowing(&visit))
        @if rows.is_empty() {
            (parts::empty(words!("operator-audit-empty"), html! { p { (words!("operator-audit-empty-hint")) } }))
        } @else {
            (list(&visit, &rows))
            (paging(&visit, total, next_cursor.as_deref(), words!("operator-unit-deeds")))
        }
    };
    Ok(Page { title: words!("operator-audit"), section: PATH, as_of: None, aside: html! {}, main }.show(&visit))
}

fn narrowing(visit: &Visit) -> Markup {
    let given = |name| visit.parameter(name).unwrap_or_default();
    let option = |name: &str, value: &str, says: &str| {
        html! { option value=(value) selected[visit.parameter(name) == Some(value)] { (says) } }
    };
    html! {
        form.row method="get" action=(visit.link(PATH).path()) {
            (crate::forms::hidden_parameters(&visit.link(PATH)))
            label for="audit-who" { (words!("operator-audit-who")) }
            input id="audit-who" name="who" type="text" value=(given("who")) autocomplete="off";
            label for="audit-role" { (words!("operator-audit-role")) }
            select id="audit-role" name="role" {
                option value="" { (words!("operator-any")) }
                @for role in Role::ALL { (option("role", role.as_str(), role_by_name(role.as_str()))) }
            }
            label for="audit-type" { (words!("operator-audit-type")) }
            select id="audit-type" name="type" {
                option value="" { (words!("operator-any")) }
                @for event_type in EventType::ALL { (option("type", event_type.name(), event_type.name())) }
            }
            label for="audit-from" { (words!("operator-days-from")) }
            input id="audit-from" name="from" type="date" value=(given("from"));
            label for="audit-to" { (words!("operator-arrived-to")) }
            input id="audit-to" name="to" type="date" value=(given("to"));
            button type="submit" { (words!("parts-show")) }
        }
    }
}

fn list(visit: &Visit, rows: &[AuditRow]) -> Markup {
    let columns = [
        words!("operator-number"),
        words!("operator-entry-recorded"),
        words!("operator-audit-who"),
        words!("operator-entry-what"),
        words!("operator-audit-event"),
        words!("operator-entry-position"),
        words!("operator-address"),
        words!("operator-request"),
    ]
    .map(Column::text);
    let rows = html! {
        @for row in rows {
            tr {
                th scope="row" { (row.id) }
                td { (figures::time(row.recorded_at)) }
                td { (who(visit, &row.actor)) }
                td { (what(visit, row)) }
                td { @match &row.event {
                    Some(event) => { code { (event.event_type) } p.hint.wrap { bdi { (event.source) ", " (event.id) } } },
                    None => (figures::none()),
                } }
                td.num { (figures::count(row.position)) }
                td { @match &row.actor.address { Some(address) => code { (address) }, None => (figures::none()) } }
                td.wrap { @match &row.actor.request_id { Some(id) => code { (id) }, None => (figures::none()) } }
            }
        }
    };
    let caption = words!("operator-audit-caption");
    Table { id: "audit-table", caption, columns: &columns, sorting: None, rows }.draw(visit)
}

/// Who did it, with the way to all that they did.
fn who(visit: &Visit, actor: &Actor) -> Markup {
    let all = |name: &str, value: &str| -> Link { visit.link(PATH).with(name, value) };
    html! {
        @if let Some(who) = &actor.who { a href=(all("who", who)) { bdi { (who) } } ", " }
        a href=(all("role", &actor.role)) { (role_by_name(&actor.role)) }
    }
}

fn what(visit: &Visit, row: &AuditRow) -> Markup {
    let decided = match row.what {
        "discarded" => Some(words!("operator-state-discarded")),
        "replaced" => Some(words!("operator-state-replaced")),
        "redriven" => Some(words!("operator-tried-again")),
        _ => None,
    };
    html! {
        @match (decided, row.quarantine_id) {
            (Some(decided), Some(id)) => {
                (decided) " " a href=(visit.link(format!("{}/{id}", super::quarantine::PATH))) { (words!("operator-quarantined-number", id = id)) }
                @if let Some(reason) = row.reason.as_deref().filter(|reason| !reason.is_empty()) { p.hint.wrap { bdi { (reason) } } }
            },
            _ => {
                (marked!("operator-events", count = row.events, figure = figures::count(row.events)))
                @if row.quarantined > 0 { (marked!("operator-and-quarantined", count = figures::count(row.quarantined))) }
            },
        }
    }
}

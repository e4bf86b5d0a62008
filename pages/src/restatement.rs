//! Restatement (SPEC 6): what was learned between two moments about one period. "September, as closed on the 3rd and as
//! we know it today."
//!
//! The page's `since` is the API's `as_of`, since a page's `as_of` looks back: it then is where the learning ends.

mod asked;
mod entry;
mod form;
mod sentence;

use api::Problem;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{Earned, Restatement, RestatementRow};

use self::asked::Wanted;
use super::entries::{Audience, Entry};
use super::layout::Page;
use super::ranges;
use super::tables::{Column, Table, paging};
use super::visit::Visit;
use super::{figures, parts};
use crate::site::Site;
use crate::words::Key;
use crate::words::{marked, words};

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: "/restatement", label: Key("layout-menu-restatement"), audience: Audience::Everyone }];

pub(super) fn router() -> Router<Site> {
    Router::new().route("/restatement", get(get_restatement)).route("/restatement/entry", get(entry::get_entry))
}

async fn get_restatement(visit: Visit) -> Result<Response, Problem> {
    let wanted = Wanted::of(&visit);
    let offered = form::Offered::read(&visit).await?;
    if wanted.since.is_none() {
        let main = html! { (form::draw(&visit, &wanted, &offered, None)) (nothing_asked()) };
        return Ok(page(main, Some(offered.as_of)).show(&visit));
    }
    match wanted.restatement(&visit).await {
        Ok((restatement, kinds)) => {
            let says = sentence::draw(&restatement, kinds.as_ref(), wanted.until.is_none());
            let main = html! { (form::draw(&visit, &wanted, &offered, None)) (says) (answer(&visit, &restatement)) };
            Ok(page(main, Some(restatement.list.as_of)).show(&visit))
        }
        Err(problem) if problem.kind.status().is_client_error() && problem.field.as_deref() != Some("uid") => {
            let problem = asked::in_the_forms_names(problem);
            let main = form::draw(&visit, &wanted, &offered, Some(&problem));
            Ok(page(main, None).show_as(&visit, problem.kind.status()))
        }
        Err(problem) => Err(problem),
    }
}

fn page(main: Markup, as_of: Option<projections::views::AsOf>) -> Page<'static> {
    Page { title: words!("restatement-title"), section: "/restatement", as_of, aside: html! {}, main }
}

fn nothing_asked() -> Markup {
    parts::empty(words!("restatement-nothing-asked"), html! {})
}

fn answer(visit: &Visit, restatement: &Restatement) -> Markup {
    let list = &restatement.list;
    html! {
        p.range-shown {
            @let (from, to) = (figures::day(restatement.from), figures::day(restatement.to));
            @let (days, position) = (ranges::days(restatement.from, restatement.to), figures::count(list.as_of.position));
            @match &restatement.code {
                Some(code) => (marked!("restatement-shown-of-code", from = from, to = to, days = days, code = html! { code { (code) } }, position = position)),
                None => (marked!("restatement-shown", from = from, to = to, days = days, position = position)),
            }
        }
        (ends(visit, restatement))
        @if list.rows.is_empty() {
            (parts::empty(words!("restatement-nothing-changed"), html! {}))
        } @else {
            (rows(visit, &list.rows))
            (paging(visit, list.total, list.next_cursor.as_deref(), words!("restatement-entries")))
        }
    }
}

fn ends(visit: &Visit, restatement: &Restatement) -> Markup {
    let row = |id: &str, label: &str, of: fn(&Earned) -> schemas::Usd| {
        let Restatement { before, after, difference, .. } = restatement;
        html! {
            tr id=(id) {
                th scope="row" { (label) }
                @for earned in [before, after, difference] { td.num { (figures::amount(of(earned))) } }
            }
        }
    };
    let table = Table {
        id: "restatement-ends",
        caption: words!("restatement-ends-caption"),
        columns: &[
            Column::text(words!("restatement-amount")),
            Column::figure(words!("restatement-before")),
            Column::figure(words!("restatement-after")),
            Column::figure(words!("restatement-difference")),
        ],
        sorting: None,
        rows: html! {
            (row("restatement-commission", words!("restatement-commission"), |earned| earned.commission))
            (row("restatement-rebate", words!("restatement-rebates-to-invitees"), |earned| earned.rebate))
        },
    };
    table.draw(visit)
}

fn rows(visit: &Visit, rows: &[RestatementRow]) -> Markup {
    let table = Table {
        id: "restatement-rows",
        caption: words!("restatement-rows-caption"),
        columns: &[
            Column::figure(words!("restatement-position")),
            Column::text(words!("restatement-recorded")),
            Column::text(words!("restatement-what")),
            Column::text(words!("restatement-dated")),
            Column::figure(words!("restatement-trades-changed")),
            Column::figure(words!("restatement-commission-usd")),
            Column::figure(words!("restatement-rebates-usd")),
        ],
        sorting: None,
        rows: html! {
            @for row in rows {
                tr {
                    th.num scope="row" {
                        a href=(entry::link(visit, row.position)) { (figures::count(row.position)) span.visually-hidden { (words!("restatement-entry-and-trades")) } }
                    }
                    td { (figures::time(row.recorded_at)) }
                    td { (entry::kind(row.event.event_type)) " " code { (row.event.id) } }
                    td { (figures::time(row.event.time)) }
                    td.num { (figures::count(row.trades)) }
                    td.num { (figures::amount(row.commission)) }
                    td.num { (figures::amount(row.rebate)) }
                }
            }
        },
    };
    table.draw(visit)
}

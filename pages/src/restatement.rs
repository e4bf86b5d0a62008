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
    Page { title: "Restatement", section: "/restatement", as_of, aside: html! {}, main }
}

fn nothing_asked() -> Markup {
    parts::empty(
        "A period's figures change after it was closed: trades come late, are taken back, or rates are set for the past. \
         Choose a period and the moment at which it was closed, and see each entry that changed it since.",
        html! {},
    )
}

fn answer(visit: &Visit, restatement: &Restatement) -> Markup {
    let list = &restatement.list;
    html! {
        p.range-shown {
            (figures::day(restatement.from)) " to " (figures::day(restatement.to)) ", " (ranges::days(restatement.from, restatement.to))
            @if let Some(code) = &restatement.code { ", earned by the code " code { (code) } }
            ", up to ledger position " (figures::count(list.as_of.position)) "."
        }
        (ends(visit, restatement))
        @if list.rows.is_empty() {
            (parts::empty("Nothing that was learned in between changed this period.", html! {}))
        } @else {
            (rows(visit, &list.rows))
            (paging(visit, list.total, list.next_cursor.as_deref(), "entries"))
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
        caption: "What the period came to by what was known",
        columns: &[
            Column::text("Amount"),
            Column::figure("Before, USD"),
            Column::figure("After, USD"),
            Column::figure("Difference, USD"),
        ],
        sorting: None,
        rows: html! {
            (row("restatement-commission", "Commission", |earned| earned.commission))
            (row("restatement-rebate", "Rebates to invitees", |earned| earned.rebate))
        },
    };
    table.draw(visit)
}

fn rows(visit: &Visit, rows: &[RestatementRow]) -> Markup {
    let table = Table {
        id: "restatement-rows",
        caption: "The entries that changed it, in the order in which they were recorded; they add up to the difference",
        columns: &[
            Column::figure("Position"),
            Column::text("Recorded"),
            Column::text("What"),
            Column::text("Dated"),
            Column::figure("Trades changed"),
            Column::figure("Commission, USD"),
            Column::figure("Rebates, USD"),
        ],
        sorting: None,
        rows: html! {
            @for row in rows {
                tr {
                    th.num scope="row" {
                        a href=(entry::link(visit, row.position)) { (figures::count(row.position)) span.visually-hidden { ": the entry and its trades" } }
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

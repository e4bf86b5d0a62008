//! One entry of the ledger: what its event says, when and by whom it was recorded, and what it posted. With the ways to all
//! that it is about.

use api::views::Actor;
use api::{Privilege, Problem, query};
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use ledger::Position;
use maud::{Markup, html};
use projections::views::{EntryDetail, FeedPosting, Side};
use schemas::{Body, Event, StreamKey};

use super::role_by_name;
use crate::figures;
use crate::language::Language;
use crate::layout::Page;
use crate::link::{Link, encoded};
use crate::parts;
use crate::search_field;
use crate::site::Site;
use crate::tables::{Column, Table};
use crate::trades::explain_link;
use crate::visit::Visit;
use crate::words::{marked, words};

pub(super) fn router() -> Router<Site> {
    Router::new().route("/operator/entries/{position}", get(get_entry))
}

/// Where the entry at a position is shown.
pub(crate) fn link(visit: &Visit, position: Position) -> Link {
    visit.link(format!("/operator/entries/{position}")).without("as_of")
}

/// What kind of event it is, in words.
fn kind(event: &Event<'_>) -> String {
    let name = event.event_type().name();
    let name = name.strip_prefix("referral.").unwrap_or(name);
    name.strip_suffix(".v1").unwrap_or(name).replace('_', " ")
}

async fn get_entry(visit: Visit, Path(position): Path<String>) -> Result<Response, Problem> {
    visit.caller.require(Privilege::SeeOperation)?;
    let read = visit.read_present(move |read| {
        let entry = query::search::entry(&query::Asked { parameters: &[], ..*read }, &position)?;
        let actor = read.actor(entry.entry.position)?;
        Ok((entry, actor))
    });
    let (detail, actor) = read.await?;
    let EntryDetail { entry, as_of, .. } = &detail;
    let title = words!("operator-entry-at", position = entry.position);
    let main = html! {
        @if visit.as_of().is_some() { p.banner { (words!("operator-entry-never-changes")) } }
        (ways(&visit, &detail))
        div.grid-2 {
            (parts::section("entry-facts", words!("operator-entry-summary"), facts(&visit, &detail, actor.as_ref())))
            (parts::section("entry-event", words!("operator-entry-event"), event(&entry.event)))
        }
        (parts::section("entry-postings", words!("operator-entry-posted"), postings(&visit, &detail)))
    };
    Ok(Page { title: &title, section: search_field::PATH, as_of: Some(*as_of), aside: html! {}, main }.show(&visit))
}

/// To the entries before and after it.
fn ways(visit: &Visit, detail: &EntryDetail) -> Markup {
    let position = detail.entry.position;
    html! {
        nav.row aria-label=(words!("operator-entries-beside")) {
            @if position > 1 { a.button.small rel="prev" href=(link(visit, position - 1)) { span aria-hidden="true" { "← " } (words!("operator-entry-at", position = position - 1)) } }
            @if position < detail.as_of.position { a.button.small rel="next" href=(link(visit, position + 1)) { (words!("operator-entry-at", position = position + 1)) span aria-hidden="true" { " →" } } }
        }
    }
}

fn facts(visit: &Visit, detail: &EntryDetail, actor: Option<&Actor>) -> Markup {
    let entry = &detail.entry;
    let event = &entry.event;
    html! {
        dl.facts {
            dt { (words!("operator-entry-what")) } dd { @if Language::now() == Language::English { (kind(event)) " (" code { (event.event_type().name()) } ")" } @else { code { (event.event_type().name()) } } }
            dt { (words!("operator-entry-about")) } dd { (about(visit, event)) }
            dt { (words!("operator-entry-source")) } dd { code { (event.source) } }
            dt { (words!("operator-id")) } dd { code { (event.id) } }
            dt { (words!("operator-entry-dated")) } dd { (figures::time(event.time)) }
            dt { (words!("operator-entry-recorded")) } dd { (figures::time(entry.recorded_at)) }
            dt { (words!("operator-entry-position")) } dd { (figures::count(entry.position)) }
            dt { (words!("operator-entry-by")) } dd {
                @match actor {
                    Some(actor) => {
                        @if let Some(who) = &actor.who { bdi { (who) } ", " }
                        (role_by_name(&actor.role))
                        @if let Some(address) = &actor.address { (marked!("operator-from-address", address = html! { code { (address) } })) }
                    },
                    None => { (words!("operator-entry-by-nobody")) },
                }
            }
        }
    }
}

/// What it is about, and the way there.
fn about(visit: &Visit, event: &Event<'_>) -> Markup {
    let found = |name: &str| visit.link(search_field::PATH).with("name", name);
    html! {
        @match (&event.body, event.stream()) {
            (Body::Trade(trade), _) => {
                a href=(explain_link(visit, trade.uid, &event.source, &event.id)) { (words!("operator-about-trade", uid = trade.uid)) }
            },
            (Body::Code(code), _) => {
                @let to = visit.link(format!("/codes/{}", encoded(&code.code))).with("uid", code.owner_uid);
                @let of_code = html! { a href=(to) { (words!("operator-about-code-itself", code = code.code)) } };
                @let owner = html! { a href=(found(&code.owner_uid.to_string())) { (code.owner_uid) } };
                (marked!("operator-about-code", code = of_code, owner = owner))
            },
            (_, StreamKey::Account(uid)) => (marked!("operator-about-account", uid = html! { a href=(found(&uid.to_string())) { (uid) } })),
            (_, StreamKey::Name(name)) => a href=(found(name)) { bdi { (name) } },
            (_, StreamKey::Platform) => { (words!("operator-whole-platform")) },
        }
    }
}

fn event(event: &Event<'_>) -> Markup {
    let json = api::views::event_json(event);
    let text = serde_json::to_string_pretty(&json).unwrap_or_default();
    html! { pre.raw tabindex="0" aria-label=(words!("operator-entry-json")) { code { (text) } } }
}

fn postings(visit: &Visit, detail: &EntryDetail) -> Markup {
    let postings = &detail.entry.postings;
    if postings.is_empty() && !detail.has_more {
        return html! { p { (words!("operator-entry-posted-nothing")) } };
    }
    let rows = html! { @for posting in postings { (posting_row(visit, posting)) } };
    let table = Table {
        id: "postings-table",
        caption: words!("operator-entry-postings"),
        columns: &[
            Column::text(words!("operator-trade")),
            Column::text(words!("operator-entry-of")),
            Column::text(words!("operator-entry-account")),
            Column::figure(words!("operator-debit")),
            Column::figure(words!("operator-credit")),
        ],
        sorting: None,
        rows,
    };
    html! {
        @if !postings.is_empty() { (table.draw(visit)) }
        @if detail.has_more {
            p.hint {
                (marked!("operator-first-postings", count = figures::count(postings.len() as u64))) " "
                (parts::copy(words!("operator-command"), &format!("tributary query feed after={} limit=1", detail.entry.position - 1)))
            }
        }
    }
}

fn posting_row(visit: &Visit, posting: &FeedPosting) -> Markup {
    let trade = &posting.trade;
    let amount = |side: Side| html! { @if posting.side == side { (figures::amount(posting.amount)) } };
    html! {
        tr {
            th scope="row" { a href=(explain_link(visit, trade.uid, &trade.source, &trade.id)) { bdi { (trade.id) } } }
            td { (trade.uid) }
            td { code { (posting.account) } }
            td.num { (amount(Side::Debit)) }
            td.num { (amount(Side::Credit)) }
        }
    }
}

//! What bears a name: an account, a code, a campaign, an offer, a trade or another event, an entry. One thing found leads
//! to its page at once; of several, each is told.

use api::{Privilege, Problem, query};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{EventRef, FoundKind, FoundRow, Search};
use schemas::Uid;

use super::{campaigns, entry, offers};
use crate::figures;
use crate::layout::Page;
use crate::link::{Link, encoded};
use crate::parts;
use crate::search_field::PATH;
use crate::site::Site;
use crate::trades::explain_link;
use crate::visit::{Visit, see_other};

const TITLE: &str = "Search";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_search))
}

async fn get_search(visit: Visit) -> Result<Response, Problem> {
    visit.caller.require(Privilege::SeeOperation)?;
    let Some(name) = visit.parameter("name").map(str::to_owned) else {
        let main = what_can_be_found();
        return Ok(Page { title: TITLE, section: PATH, as_of: None, aside: html! {}, main }.show(&visit));
    };
    let further = visit.parameter("upto").map(str::to_owned);
    let (asked, upto) = (name.clone(), further.clone());
    let read = visit.read_present(move |read| {
        let upto = upto.map(|upto| ("upto".to_owned(), upto));
        let parameters: Vec<(String, String)> = [("name".to_owned(), asked)].into_iter().chain(upto).collect();
        query::search::search(&query::Asked { parameters: &parameters, ..*read })
    });
    let search = read.await?;
    if let ([row], None) = (&*search.rows, &further)
        && let Some(link) = link(&visit, row)
    {
        return Ok(see_other(&link.to_string()));
    }
    let main = main(&visit, &search, further.is_some());
    Ok(Page { title: TITLE, section: PATH, as_of: Some(search.as_of), aside: html! {}, main }.show(&visit))
}

fn main(visit: &Visit, search: &Search, is_further: bool) -> Markup {
    html! {
        p #found-count role="status" {
            @match search.rows.len() {
                0 => { "Nothing " @if is_further { "more " } "bears the name " },
                1 => { "One thing bears the name " },
                several => { (several) " things bear the name " },
            }
            strong { (search.name) } "."
        }
        @if !search.rows.is_empty() { ul.found { @for row in &search.rows { li { (told(visit, row)) } } } }
        @if let Some(upto) = search.not_looked_upto {
            p {
                "For the id of an event, the entries after position " (figures::count(upto)) " were looked at. "
                a.button.small href=(visit.here().with("upto", upto)) { "Look further back" }
            }
        }
        @if search.rows.is_empty() { (what_can_be_found()) }
    }
}

/// What can be looked for.
fn what_can_be_found() -> Markup {
    html! {
        section.part aria-labelledby="findable-title" {
            h2 #findable-title { "What can be found" }
            dl.facts {
                dt { "A user" } dd { "by uid: as referrer, as somebody's invitee, or by the last event" }
                dt { "A code" } dd { "by its text, in whatever case" }
                dt { "A campaign, an offer" } dd { "by its id" }
                dt { "A trade, any event" } dd { "by its id; among very many quicker with the uid before it, as in " code { "70012 story-4" } ", or with its source" }
                dt { "An entry" } dd { "by its position in the ledger" }
            }
        }
    }
}

/// The page of what was found; none where there is none.
fn link(visit: &Visit, row: &FoundRow) -> Option<Link> {
    let name = row.name.as_deref().unwrap_or_default();
    let of = |path: String, uid: Uid| visit.link(path).without("as_of").with("uid", uid);
    match row.kind {
        FoundKind::Referrer => Some(of("/".to_owned(), row.uid?)),
        FoundKind::Invitee => Some(of(format!("/referrals/{}", row.uid?), row.referrer_uid?)),
        FoundKind::Code => Some(of(format!("/codes/{}", encoded(name)), row.uid?)),
        FoundKind::Campaign => Some(campaigns::edit_link(visit, name)),
        FoundKind::Offer => Some(offers::edit_link(visit, name)),
        FoundKind::Trade => {
            let event = row.event.as_ref()?;
            Some(explain_link(visit, row.uid?, &event.source, &event.id))
        }
        FoundKind::Account | FoundKind::Entry => Some(entry::link(visit, row.event.as_ref()?.position)),
    }
}

fn told(visit: &Visit, row: &FoundRow) -> Markup {
    let name = row.name.as_deref().unwrap_or_default();
    let uid = row.uid.map(|uid| uid.to_string()).unwrap_or_default();
    let (what, title, more) = match row.kind {
        FoundKind::Referrer => ("Referrer", uid, html! {}),
        FoundKind::Invitee => {
            ("Invitee", uid, html! { @if let Some(referrer) = row.referrer_uid { "of referrer " (referrer) } })
        }
        FoundKind::Account => ("Account", uid, html! { "neither referrer nor invitee; its last event" }),
        FoundKind::Code => (
            "Code",
            name.to_owned(),
            html! { @match row.uid { Some(owner) => { "of referrer " (owner) }, None => "of nobody" } },
        ),
        FoundKind::Campaign => ("Campaign", name.to_owned(), html! { (row.title.as_deref().unwrap_or_default()) }),
        FoundKind::Offer => ("Offer", name.to_owned(), html! { (row.title.as_deref().unwrap_or_default()) }),
        FoundKind::Trade | FoundKind::Entry => {
            let what = if row.kind == FoundKind::Trade { "Trade" } else { "Entry" };
            let title = row.event.as_ref().map(|event| event.id.clone()).unwrap_or_default();
            (what, title, html! { @if let Some(event) = &row.event { (of_event(visit, row, event)) } })
        }
    };
    html! {
        span.found-kind { (parts::badge("plain", what)) }
        span.found-title { @match link(visit, row) { Some(link) => a href=(link) { (title) }, None => (title) } }
        span.found-more { (more) }
    }
}

fn of_event(visit: &Visit, row: &FoundRow, event: &EventRef) -> Markup {
    html! {
        code { (event.event_type) } ", " (figures::time(event.time))
        @if let Some(uid) = row.uid { ", of " (uid) }
        ", " code { (event.source) } ", "
        a href=(entry::link(visit, event.position)) { "entry " (event.position) }
    }
}

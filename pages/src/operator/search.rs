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
use crate::words::{marked, words};

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_search))
}

async fn get_search(visit: Visit) -> Result<Response, Problem> {
    visit.caller.require(Privilege::SeeOperation)?;
    let Some(name) = visit.parameter("name").map(str::to_owned) else {
        let main = what_can_be_found();
        return Ok(
            Page { title: words!("operator-search"), section: PATH, as_of: None, aside: html! {}, main }.show(&visit)
        );
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
    Ok(Page { title: words!("operator-search"), section: PATH, as_of: Some(search.as_of), aside: html! {}, main }
        .show(&visit))
}

fn main(visit: &Visit, search: &Search, is_further: bool) -> Markup {
    html! {
        p #found-count role="status" {
            @let name = html! { bdi { strong { (search.name) } } };
            @match search.rows.len() {
                0 if is_further => (marked!("operator-found-nothing-more", name = name)),
                0 => (marked!("operator-found-nothing", name = name)),
                several => (marked!("operator-found", count = several, name = name)),
            }
        }
        @if !search.rows.is_empty() { ul.found { @for row in &search.rows { li { (told(visit, row)) } } } }
        @if let Some(upto) = search.not_looked_upto {
            p {
                (marked!("operator-looked-upto", position = figures::count(upto))) " "
                a.button.small href=(visit.here().with("upto", upto)) { (words!("operator-look-further")) }
            }
        }
        @if search.rows.is_empty() { (what_can_be_found()) }
    }
}

/// What can be looked for.
fn what_can_be_found() -> Markup {
    html! {
        section.part aria-labelledby="findable-title" {
            h2 #findable-title { (words!("operator-findable")) }
            dl.facts {
                dt { (words!("operator-findable-user")) } dd { (words!("operator-findable-user-by")) }
                dt { (words!("operator-findable-code")) } dd { (words!("operator-findable-code-by")) }
                dt { (words!("operator-findable-promotion")) } dd { (words!("operator-findable-promotion-by")) }
                dt { (words!("operator-findable-event")) } dd { (marked!("operator-findable-event-by", example = html! { code { "70012 story-4" } })) }
                dt { (words!("operator-findable-entry")) } dd { (words!("operator-findable-entry-by")) }
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
        FoundKind::Referrer => (words!("operator-referrer"), uid, html! {}),
        FoundKind::Invitee => (
            words!("operator-invitee"),
            uid,
            html! { @if let Some(referrer) = row.referrer_uid { (words!("operator-of-referrer", uid = referrer)) } },
        ),
        FoundKind::Account => (words!("operator-account"), uid, html! { (words!("operator-account-is-neither")) }),
        FoundKind::Code => (
            words!("operator-code"),
            name.to_owned(),
            html! { @match row.uid { Some(owner) => (words!("operator-of-referrer", uid = owner)), None => (words!("operator-of-nobody")) } },
        ),
        FoundKind::Campaign => (words!("operator-campaign"), name.to_owned(), title_of(row)),
        FoundKind::Offer => (words!("operator-offer"), name.to_owned(), title_of(row)),
        FoundKind::Trade | FoundKind::Entry => {
            let what = if row.kind == FoundKind::Trade { words!("operator-trade") } else { words!("operator-entry") };
            let title = row.event.as_ref().map(|event| event.id.clone()).unwrap_or_default();
            (what, title, html! { @if let Some(event) = &row.event { (of_event(visit, row, event)) } })
        }
    };
    html! {
        span.found-kind { (parts::badge("plain", what)) }
        span.found-title { bdi { @match link(visit, row) { Some(link) => a href=(link) { (title) }, None => (title) } } }
        span.found-more { (more) }
    }
}

fn title_of(row: &FoundRow) -> Markup {
    html! { bdi { (row.title.as_deref().unwrap_or_default()) } }
}

fn of_event(visit: &Visit, row: &FoundRow, event: &EventRef) -> Markup {
    html! {
        code { (event.event_type) } ", " (figures::time(event.time))
        @if let Some(uid) = row.uid { (words!("operator-found-of", uid = uid)) }
        ", " code { (event.source) } ", "
        a href=(entry::link(visit, event.position)) { (words!("operator-found-entry", position = event.position)) }
    }
}

//! The page of the guide. Where nobody wrote one, there is no such page.

use api::{Problem, ProblemKind};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use crate::guide::{Chapter, PATH};
use crate::layout::Page;
use crate::link::Link;
use crate::parts;
use crate::site::Site;
use crate::visit::Visit;
use crate::words::words;

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_guide))
}

/// The address of the guide, for who could begin there: who sees any referrer's data and named none.
pub(crate) fn begin_here(visit: &Visit) -> Option<Link> {
    let begins = visit.site.guide.is_some() && visit.sees_any() && visit.parameter("uid").is_none();
    begins.then(|| visit.link(PATH))
}

async fn get_guide(visit: Visit) -> Result<Response, Problem> {
    let guide = visit.site.guide.clone();
    let guide = guide.filter(|_| visit.sees_any());
    let guide = guide.ok_or_else(|| Problem::new(ProblemKind::NotFound, words!("guide-none")))?.told();
    let main = html! {
        p.lead { (guide.begins) }
        ol.guide {
            @for (chapter, number) in guide.chapters.iter().zip(1..) {
                li { (parts::section(&format!("chapter-{number}"), &chapter.heading, inside(&visit, chapter))) }
            }
        }
    };
    Ok(Page { title: &guide.title, section: PATH, as_of: None, aside: html! {}, main }.show(&visit))
}

fn inside(visit: &Visit, chapter: &Chapter) -> Markup {
    html! {
        p { (chapter.says) }
        @if !chapter.leads.is_empty() {
            p.guide-leads { @for lead in &chapter.leads { a.button href=(lead.address(&visit.visitor.base)) { (lead.label) } " " } }
        }
        @if let Some(command) = &chapter.command { p { (parts::copy(words!("guide-the-command"), command)) } }
    }
}

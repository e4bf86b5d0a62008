//! A refusal as a page, and the page that asks whose data to show.

use api::{Problem, ProblemKind};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use super::super::figures;
use super::super::forms;
use super::super::visit::Visit;
use super::super::visitor::Visitor;
use super::{Page, document, respond};

/// What a refusal is called on a page, in the user's words.
fn title(problem: &Problem) -> &'static str {
    match problem.kind {
        ProblemKind::NotAllowed => "This is not for you",
        ProblemKind::NotFound => "There is nothing here",
        ProblemKind::Unavailable => "Not at the moment",
        ProblemKind::InvalidParameter
        | ProblemKind::InvalidBody
        | ProblemKind::InvalidHeader
        | ProblemKind::InvalidPath
        | ProblemKind::TlsNeeded
        | ProblemKind::NotSignedIn
        | ProblemKind::ReadOnly
        | ProblemKind::MethodNotAllowed
        | ProblemKind::Slow
        | ProblemKind::Conflict
        | ProblemKind::TooLarge
        | ProblemKind::UnsupportedMediaType
        | ProblemKind::Misdirected
        | ProblemKind::TooMany
        | ProblemKind::BreaksRule
        | ProblemKind::Internal
        | ProblemKind::Full => problem.kind.title(),
    }
}

pub(super) fn words(problem: &Problem) -> Markup {
    html! {
        p.problem {
            @if let Some(field) = &problem.field { code { (field) } ": " }
            (problem.detail)
        }
    }
}

/// A refusal to somebody who is signed in.
pub(crate) fn problem_page(visit: &Visit, problem: &Problem) -> Response {
    let start =
        if problem.field.as_deref() == Some("as_of") { visit.link("/").without("as_of") } else { visit.link("/") };
    let main = html! {
        (words(problem))
        p { a.button href=(start) { "To the overview" } }
    };
    let page = Page { title: title(problem), section: "", as_of: None, aside: html! {}, main };
    page.show_as(visit, problem.kind.status())
}

/// A refusal to somebody who is not.
pub(crate) fn bare_problem_page(visitor: &Visitor, problem: &Problem) -> Response {
    let body = html! {
        main.alone #main tabindex="-1" {
            h1 { (title(problem)) }
            (words(problem))
            p { a.button href=(visitor.address("/")) { "To the overview" } }
        }
    };
    respond(problem.kind.status(), document(visitor, title(problem), &body))
}

/// So many referrers are proposed.
const PROPOSED: usize = 12;

/// Asks whose data to show.
pub(crate) async fn choose_referrer(visit: &Visit) -> Response {
    let proposed = visit.read_platform(|read| Ok(read.asked().view.largest_referrers(PROPOSED))).await;
    let here = visit.here().without("uid");
    let main = html! {
        div.empty {
            p { "You may look at any referrer's data. Whose?" }
            form.inline method="get" action=(here.path()) {
                (forms::hidden_parameters(&here))
                div.field {
                    label for="uid" { "Referrer's uid" }
                    input #uid name="uid" type="text" inputmode="numeric" pattern="[0-9]{1,16}" required autocomplete="off";
                }
                button.primary type="submit" { "Look at it" }
            }
        }
        @if let Ok(proposed) = proposed && !proposed.is_empty() {
            section.card aria-labelledby="proposed-title" {
                h2 #proposed-title { "The largest" }
                table {
                    caption.visually-hidden { "The referrers with the most registrations" }
                    thead { tr { th scope="col" { "Referrer" } th.num scope="col" { "Registered with its codes" } } }
                    tbody {
                        @for referrer in proposed {
                            tr {
                                th scope="row" { a href=(here.clone().with("uid", referrer.uid)) { (referrer.uid) } }
                                td.num { (figures::count(referrer.invitees)) }
                            }
                        }
                    }
                }
            }
        }
    };
    let page = Page { title: "Whose data?", section: "", as_of: None, aside: html! {}, main };
    page.show_as(visit, StatusCode::OK)
}

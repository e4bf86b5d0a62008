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
use crate::language::of_the_api;
use crate::words::words;

/// What a refusal is called on a page, in the user's words.
fn title(problem: &Problem) -> &'static str {
    match problem.kind {
        ProblemKind::NotAllowed => words!("problems-not-for-you"),
        ProblemKind::NotFound => words!("problems-nothing-here"),
        ProblemKind::Unavailable => words!("problems-not-now"),
        ProblemKind::InvalidParameter => words!("problems-invalid-parameter"),
        ProblemKind::InvalidBody => words!("problems-invalid-body"),
        ProblemKind::InvalidHeader => words!("problems-invalid-header"),
        ProblemKind::InvalidPath => words!("problems-invalid-path"),
        ProblemKind::TlsNeeded => words!("problems-tls-needed"),
        ProblemKind::NotSignedIn => words!("problems-not-signed-in"),
        ProblemKind::ReadOnly => words!("problems-read-only"),
        ProblemKind::MethodNotAllowed => words!("problems-method-not-allowed"),
        ProblemKind::Slow => words!("problems-slow"),
        ProblemKind::Conflict => words!("problems-conflict"),
        ProblemKind::TooLarge => words!("problems-too-large"),
        ProblemKind::UnsupportedMediaType => words!("problems-media-type"),
        ProblemKind::Misdirected => words!("problems-misdirected"),
        ProblemKind::TooMany => words!("problems-too-many"),
        ProblemKind::BreaksRule => words!("problems-breaks-rule"),
        ProblemKind::Internal => words!("problems-internal"),
        ProblemKind::Full => words!("problems-full"),
    }
}

/// What a refusal says. Its detail is the API's.
pub(super) fn told(problem: &Problem) -> Markup {
    html! {
        p.problem lang=[of_the_api(&problem.detail)] {
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
        (told(problem))
        p { a.button href=(start) { (words!("problems-to-overview")) } }
    };
    let page = Page { title: title(problem), section: "", as_of: None, aside: html! {}, main };
    page.show_as(visit, problem.kind.status())
}

/// A refusal to somebody who is not.
pub(crate) fn bare_problem_page(visitor: &Visitor, problem: &Problem) -> Response {
    let body = html! {
        main.alone #main tabindex="-1" {
            h1 { (title(problem)) }
            (told(problem))
            p { a.button href=(visitor.address("/")) { (words!("problems-to-overview")) } }
        }
    };
    respond(problem.kind.status(), document(visitor, title(problem), &body))
}

/// So many referrers are proposed.
const PROPOSED: usize = 12;

/// Asks whose data to show.
pub(crate) async fn choose_referrer(visit: &Visit) -> Response {
    let proposed = visit.read_platform(|read| Ok(read.here()?.view.largest_referrers(PROPOSED))).await;
    let here = visit.here().without("uid");
    let main = html! {
        div.empty {
            p { (words!("layout-whose")) }
            form.inline method="get" action=(here.path()) {
                (forms::hidden_parameters(&here))
                div.field {
                    label for="uid" { (words!("layout-referrers-uid")) }
                    input #uid name="uid" type="text" inputmode="numeric" pattern="[0-9]{1,16}" required autocomplete="off";
                }
                button.primary type="submit" { (words!("layout-look-at-it")) }
            }
        }
        @if let Ok(proposed) = proposed && !proposed.is_empty() {
            section.card aria-labelledby="proposed-title" {
                h2 #proposed-title { (words!("layout-largest")) }
                table {
                    caption.visually-hidden { (words!("layout-largest-caption")) }
                    thead { tr { th scope="col" { (words!("layout-referrer")) } th.num scope="col" { (words!("layout-registered-with-codes")) } } }
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
    let page = Page { title: words!("layout-whose-data"), section: "", as_of: None, aside: html! {}, main };
    page.show_as(visit, StatusCode::OK)
}

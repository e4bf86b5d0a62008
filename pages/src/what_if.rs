//! What-if: what referrers and invitees would have earned under other rules. The page begins the API's job, shows how
//! far it is, and then the difference, at an address that can be shared while the result is kept.

mod editor;
mod ready_made;
mod result;

use api::{App, Privilege, Problem, ProblemKind, what_if};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};

use self::editor::Editor;
use super::entries::{Audience, Entry};
use super::layout::Page;
use super::parts;
use super::submission::Submission;
use super::tables::page_number;
use super::visit::Visit;
use crate::language::of_the_api;
use crate::site::Site;
use crate::words::Key;
use crate::words::{marked, words};

pub(super) const PATH: &str = "/operator/what-if";

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: PATH, label: Key("layout-menu-what-if"), audience: Audience::Askers }];

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_editor).post(post_editor)).route("/operator/what-if/{id}", get(get_job))
}

async fn get_editor(visit: Visit) -> Result<Response, Problem> {
    visit.caller.require(Privilege::WhatIf)?;
    let until = visit.as_of().unwrap_or_default().to_owned();
    Ok(show_editor(&visit, &Editor::new(until), StatusCode::OK))
}

fn show_editor(visit: &Visit, editor: &Editor, status: StatusCode) -> Response {
    let main = html! {
        p { (words!("what-if-intro")) }
        (editor.draw(visit))
    };
    Page { title: words!("what-if-title"), section: PATH, as_of: None, aside: html! {}, main }.show_as(visit, status)
}

async fn post_editor(submission: Submission) -> Result<Response, Problem> {
    submission.visit.caller.require(Privilege::WhatIf)?;
    let mut editor = Editor::sent(&submission.fields);
    if let Some(name) = submission.fields.get("do").strip_prefix("insert ") {
        editor.insert(name);
        return Ok(show_editor(&submission.visit, &editor, StatusCode::OK));
    }
    match begin(&submission.visit.site.app, &editor).await {
        Ok(id) => {
            let to = submission.visit.link(format!("{PATH}/{id}")).without("as_of");
            Ok(super::visit::see_other(&to.to_string()))
        }
        Err(problem) => {
            let status = problem.kind.status();
            let editor = editor.refused(problem)?;
            Ok(show_editor(&submission.visit, &editor, status))
        }
    }
}

async fn begin(app: &App, editor: &Editor) -> Result<String, Problem> {
    let wanted = what_if::wanted(&editor.parameters())?;
    let rules = what_if::read_rules(editor.rules().as_bytes(), true)?;
    Ok(what_if::begin(app, wanted, rules).await?.id().to_owned())
}

async fn get_job(visit: Visit, Path(id): Path<String>) -> Result<Response, Problem> {
    visit.caller.require(Privilege::ReadWhatIf)?;
    let number = page_number(&visit)?;
    let answer = what_if::find(&visit.site.app, &id)?.answer()?;
    let asked = visit.clone();
    let main = api::blocking(move || {
        let job = serde_json::from_slice(&answer.body).map_err(|error| Problem::internal(&error))?;
        Ok::<_, Problem>(job_in_words(&asked, number, &job))
    });
    let main = main.await??;
    Ok(Page { title: words!("what-if-title"), section: PATH, as_of: None, aside: again(&visit), main }.show(&visit))
}

fn again(visit: &Visit) -> Markup {
    html! { @if visit.caller.require(Privilege::WhatIf).is_ok() { a.button href=(visit.link(PATH)) { (words!("what-if-other-rules")) } } }
}

fn job_in_words(visit: &Visit, number: usize, job: &serde_json::Value) -> Markup {
    let shared = html! {
        p.hint { (words!("what-if-shared")) " " (parts::copy(words!("what-if-copy-path"), visit.here().path())) }
    };
    match job["state"].as_str() {
        Some("done") => html! { div #what-if-job data-live { (result::difference(visit, number, job)) (shared) } },
        Some("failed") => html! { div #what-if-job data-live { (failed(job)) } },
        _ => html! {
            div #what-if-job data-live data-live-every="1000" {
                (progress(job))
                p { a.button href=(visit.here()) { (words!("what-if-look-again")) } }
                (shared)
            }
        },
    }
}

/// How far it is. The API tells it in binary floating point; it is no money.
fn progress(job: &serde_json::Value) -> Markup {
    let part = job["progress"].to_string();
    let percent = percent_of(&part);
    html! {
        p role="status" { (marked!("what-if-progress", percent = html! { span.fig data-value=(part) { (percent) "%" } })) }
        progress aria-label=(words!("what-if-how-much")) max="100" value=(percent) {}
    }
}

/// The whole per cents of a decimal from 0 to 1.
fn percent_of(part: &str) -> String {
    let (whole, decimals) = part.split_once('.').unwrap_or((part, ""));
    if part.contains('e') {
        // Too small to be written without an exponent.
        return "0".to_owned();
    }
    if whole != "0" {
        return "100".to_owned();
    }
    let digits: String = decimals.chars().chain("00".chars()).take(2).collect();
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { "0".to_owned() } else { trimmed.to_owned() }
}

fn failed(job: &serde_json::Value) -> Markup {
    html! {
        div.problem role="alert" {
            @if let Some(number) = job["number"].as_u64() {
                p { (marked!("what-if-does-not-fit", number = html! { strong { (number) } })) }
            }
            p {
                @if let Some(reason) = job["reason"].as_str() { code { (reason) } " " }
                @if let Some(field) = job["field"].as_str() { code { (field) } " " }
                @let detail = job["detail"].as_str().unwrap_or_default();
                span lang=[of_the_api(detail)] { (detail) }
            }
        }
        p { (words!("what-if-go-back")) }
    }
}

/// Whether a refusal is about the form, so that it is shown with it.
fn is_about_the_form(kind: ProblemKind) -> bool {
    match kind {
        ProblemKind::InvalidParameter
        | ProblemKind::InvalidBody
        | ProblemKind::TooLarge
        | ProblemKind::BreaksRule
        | ProblemKind::Unavailable => true,
        ProblemKind::InvalidHeader
        | ProblemKind::InvalidPath
        | ProblemKind::TlsNeeded
        | ProblemKind::NotSignedIn
        | ProblemKind::NotAllowed
        | ProblemKind::ReadOnly
        | ProblemKind::NotFound
        | ProblemKind::MethodNotAllowed
        | ProblemKind::Slow
        | ProblemKind::Conflict
        | ProblemKind::UnsupportedMediaType
        | ProblemKind::Misdirected
        | ProblemKind::TooMany
        | ProblemKind::Internal
        | ProblemKind::Full => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_in_whole_per_cents() {
        for (part, percent) in
            [("0.0", "0"), ("0.5", "50"), ("0.0712", "7"), ("0.999", "99"), ("1.0", "100"), ("1", "100"), ("5e-5", "0")]
        {
            assert_eq!(percent_of(part), percent, "{part}");
        }
    }
}

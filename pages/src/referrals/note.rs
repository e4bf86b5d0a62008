//! The note on an invitee: edited in a dialog on the list, or on a page of its own.

use api::commands::referrals::{NoteBody, note_on};
use api::query::invitee_of_path;
use api::{Problem, question};
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use schemas::Uid;

use super::super::bodies::FormBody;
use super::super::forms::{Field, Filled, Input, post};
use super::super::layout::Page;
use super::super::link::local;
use super::super::parts;
use super::super::submission::Submission;
use super::super::visit::Visit;
use super::PATH;
use crate::words::words;

/// A note has at most 200 characters; one of them may take two of the units that browsers count.
pub(crate) const NOTE_UNITS_MAX: usize = 400;

fn field() -> Field<'static> {
    Field {
        name: "note",
        form: "note",
        label: words!("referrals-column-note"),
        hint: words!("referrals-note-hint"),
        input: Input::Area { rows: 3, max: NOTE_UNITS_MAX },
        is_required: false,
    }
}

fn path_of(invitee: Uid) -> String {
    format!("/referrals/{invitee}/note")
}

/// The fields of the form, with where to go after it.
fn inside(filled: &Filled, next: &str) -> Markup {
    html! {
        (filled.general_error(&["note"]))
        (field().draw(filled))
        input type="hidden" name="next" value=(next);
        button.primary type="submit" { (words!("referrals-save-note")) }
    }
}

/// A dialog in which a script edits the note of any row of the page.
pub(super) fn dialog(visit: &Visit) -> Markup {
    let form = post(visit, "/referrals/0/note", inside(&Filled::default(), &visit.here().to_string()));
    let inside = html! { div data-title=(words!("referrals-note-title", uid = "{uid}")) { (form) } };
    parts::dialog("note-dialog", words!("referrals-column-note"), inside)
}

/// The form of one invitee's note, to stand on its page.
pub(super) fn form(visit: &Visit, invitee: Uid, note: &str) -> Markup {
    let filled = Filled::with(&[("note", note.to_owned())]);
    post(visit, &path_of(invitee), inside(&filled, &visit.here().to_string()))
}

fn page(visit: &Visit, invitee: Uid, filled: &Filled, next: &str, problem: Option<&Problem>) -> Response {
    let title = words!("referrals-note-title", uid = invitee);
    let back = visit.link(format!("/referrals/{invitee}"));
    let main = html! {
        section.part aria-label=(title) { (post(visit, &path_of(invitee), inside(filled, next))) }
        p { a href=(back) { (words!("referrals-to-the-invitee")) } }
    };
    let page = Page { title: &title, section: PATH, as_of: None, aside: html! {}, main };
    match problem {
        Some(problem) => page.show_as(visit, problem.kind.status()),
        None => page.show(visit),
    }
}

pub(super) async fn get_note(visit: Visit, Path(invitee): Path<String>) -> Result<Response, Problem> {
    let invitee = invitee_of_path(&invitee)?;
    let asked = visit.read_ledger(move |read| read.ask(&[], question::referral(&invitee.to_string())));
    let note = asked.await?.referral.note;
    let next = visit.parameter("next").and_then(local).unwrap_or_default().to_owned();
    Ok(page(&visit, invitee, &Filled::with(&[("note", note)]), &next, None))
}

pub(super) async fn post_note(Path(invitee): Path<String>, submission: Submission) -> Result<Response, Problem> {
    let invitee = invitee_of_path(&invitee)?;
    submission.require_command()?;
    let body = FormBody::default().text(&submission.fields, "note").read(NoteBody::SHAPE);
    let given = match body.and_then(|body| note_on(&body).map(|command| command(invitee))) {
        Ok(command) => submission.command(command).await,
        Err(problem) => Err(problem),
    };
    let next = local(submission.fields.get("next")).unwrap_or_default();
    match given {
        Ok(_) => {
            let to = submission.visit.link(format!("/referrals/{invitee}"));
            let to = super::super::link::read_local(next).unwrap_or(to);
            Ok(submission.redirect(&to, &words!("referrals-note-saved", uid = invitee)))
        }
        Err(problem) => {
            let filled = Filled::refused(submission.fields.clone(), problem.clone());
            Ok(page(&submission.visit, invitee, &filled, next, Some(&problem)))
        }
    }
}

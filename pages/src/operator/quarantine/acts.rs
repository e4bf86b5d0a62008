//! What the forms of quarantined events do: another try, a discard, an event in the place of another.

use api::quarantine::refused;
use api::{Problem, ProblemKind};
use axum::response::Response;
use ingest::{Acted, Operator, QuarantineError};
use ledger::{Outcome, QuarantineId};
use maud::{Markup, html};

use super::{PATH, reason_in_words, show};
use crate::figures;
use crate::forms::{Field, Filled, Input};
use crate::operator::require_operator;
use crate::parts;
use crate::submission::Submission;
use crate::tables::{Column, Table};
use crate::visit::Visit;

/// Something is done to so many at a time.
const AT_ONCE: usize = 500;
/// An event longer than this is replaced by the API or the command line.
pub(super) const REPLACE_BYTES_MAX: usize = 64 * 1024;
const WHY_MAX: usize = 2_000;

const DISCARD: &str = "discard";
const REPLACE: &str = "replace";

/// What a form wants done.
enum Wanted {
    Redrive,
    Discard,
    Replace { mended: String },
}

/// Why something is discarded, and the button that does it.
pub(super) fn act_fields(button: &str) -> Markup {
    let why = why_field(DISCARD, "Why it is not wanted", "Kept in the ledger, with who discarded it and when.");
    html! {
        (why.draw(&Filled::default()))
        div.row { button type="submit" name="do" value=(DISCARD) { (button) } }
    }
}

/// The event in the place of another, why, and the button that puts it there.
pub(super) fn replace_fields(text: &str) -> Markup {
    let mended = Field {
        name: "mended",
        form: REPLACE,
        label: "The mended event",
        hint: "One CloudEvent in JSON. It is judged as any event; only if it gets in, or repeats one that did, it takes the place of this one.",
        input: Input::Area { rows: 12, max: REPLACE_BYTES_MAX },
        is_required: true,
    };
    let filled = Filled::with(&[("mended", text.to_owned())]);
    html! {
        (mended.draw(&filled))
        (why_field(REPLACE, "What was mended", "").draw(&Filled::default()))
        div.row { button type="submit" name="do" value=(REPLACE) { "Replace" } }
    }
}

fn why_field<'a>(form: &'a str, label: &'a str, hint: &'a str) -> Field<'a> {
    Field { name: "why", form, label, hint, input: Input::Text { max: WHY_MAX }, is_required: false }
}

/// Those that the form names: the one whose button was pressed, all shown, or those chosen.
fn chosen(submission: &Submission) -> Result<Vec<QuarantineId>, Problem> {
    let fields = &submission.fields;
    let name = match (fields.get("one"), fields.get("all")) {
        ("", "") => "id",
        ("", _) => "shown",
        _ => "one",
    };
    let mut ids =
        fields.all(name).map(|text| text.parse().map(QuarantineId)).collect::<Result<Vec<_>, _>>().map_err(|_| {
            Problem::of_field(ProblemKind::InvalidBody, name, "expected the number of a quarantined event")
        })?;
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > AT_ONCE {
        let detail = format!("at most {AT_ONCE} are taken at a time");
        return Err(Problem::of_field(ProblemKind::InvalidBody, name, detail));
    }
    Ok(ids)
}

/// What the form wants, or what it lacks for it.
fn wanted(submission: &Submission) -> Result<Wanted, &'static str> {
    let fields = &submission.fields;
    let (why, mended) = (fields.get("why"), fields.get("mended"));
    if why.chars().count() > WHY_MAX {
        return Err("Say why in at most 2,000 letters.");
    }
    match fields.get("do") {
        DISCARD if why.trim().is_empty() => Err("Say why they are not wanted: it is kept with them."),
        DISCARD => Ok(Wanted::Discard),
        REPLACE if mended.trim().is_empty() => Err("Write the mended event."),
        REPLACE => Ok(Wanted::Replace { mended: mended.trim().to_owned() }),
        _ => Ok(Wanted::Redrive),
    }
}

pub(super) async fn post_act(submission: Submission) -> Result<Response, Problem> {
    submission.require_command()?;
    require_operator(&submission)?;
    let ids = chosen(&submission)?;
    let problem = |detail: &str| html! { p.problem role="alert" { (detail) } };
    if ids.is_empty() {
        return show(&submission.visit, problem("Choose at least one event.")).await;
    }
    let wanted = match wanted(&submission) {
        Ok(wanted) => wanted,
        Err(lacking) => return show(&submission.visit, problem(lacking)).await,
    };
    let ledger = submission.visit.site.app.ledger()?.clone();
    let visit = &submission.visit;
    let why = submission.fields.get("why").trim().to_owned();
    let operator = Operator { by: visit.caller.in_words(), why, actor: Some(visit.actor()) };
    let acted = submission.visit.site.app.write(move || match wanted {
        Wanted::Redrive => ledger.redrive(&ids, &operator),
        Wanted::Discard => ledger.discard(&ids, &operator),
        // The form of one event names one.
        Wanted::Replace { mended } => {
            ids.iter().take(1).map(|id| ledger.replace(*id, mended.as_bytes(), &operator)).collect()
        }
    });
    let above = match acted.await? {
        Ok(acted) => outcomes(&submission.visit, &acted),
        Err(QuarantineError::NotThere { id }) => {
            let detail = format!("Nothing is in quarantine under number {} that this can be done to any more.", id.0);
            problem(&detail)
        }
        Err(
            error @ (QuarantineError::ReadOnly
            | QuarantineError::Closed(_)
            | QuarantineError::Refused(_)
            | QuarantineError::Ledger(_)
            | QuarantineError::Stopped(_)),
        ) => {
            return Err(refused(submission.visit.site.app.ledger()?, error));
        }
    };
    show(&submission.visit, above).await
}

fn outcomes(visit: &Visit, acted: &[Acted]) -> Markup {
    let rows = html! {
        @for one in acted {
            tr {
                th scope="row" { a href=(visit.link(format!("{PATH}/{}", one.before.id.0))) { (one.before.id.0) } }
                @match &one.outcome {
                    None => {
                        td { (parts::badge("plain", "Discarded")) }
                        td { "It is kept, and listed as discarded." }
                    },
                    Some(Outcome::Accepted { position }) => {
                        td { (parts::badge("good", "Accepted")) }
                        td { "It is at position " (figures::count(*position)) " now." }
                    },
                    Some(Outcome::Duplicate { of }) => {
                        td { (parts::badge("plain", "Duplicate")) }
                        td { "It repeats the event at position " (figures::count(*of)) ", and is no longer open." }
                    },
                    Some(Outcome::Quarantined { rejection, .. }) => {
                        td { (parts::badge("warn", "Still in quarantine")) }
                        td {
                            (reason_in_words(rejection.reason.as_str()))
                            @if let Some(field) = &rejection.field { ", " code { (field) } }
                            ": " (rejection.detail)
                        }
                    },
                }
            }
        }
    };
    let columns = [Column::text("Number"), Column::text("Outcome"), Column::text("What it means")];
    let table = Table { id: "outcomes", caption: "What became of them", columns: &columns, sorting: None, rows };
    html! { div role="status" { (table.draw(visit)) } }
}

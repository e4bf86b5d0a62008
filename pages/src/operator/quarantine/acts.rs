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
use crate::language::of_the_api;
use crate::operator::require_operator;
use crate::parts;
use crate::submission::Submission;
use crate::tables::{Column, Table};
use crate::visit::Visit;
use crate::words::{marked, words};

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
    let why = why_field(DISCARD, words!("operator-why-discard"), words!("operator-why-discard-hint"));
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
        label: words!("operator-mended"),
        hint: words!("operator-mended-hint"),
        input: Input::Area { rows: 12, max: REPLACE_BYTES_MAX },
        is_required: true,
    };
    let filled = Filled::with(&[("mended", text.to_owned())]);
    html! {
        (mended.draw(&filled))
        (why_field(REPLACE, words!("operator-why-replace"), "").draw(&Filled::default()))
        div.row { button type="submit" name="do" value=(REPLACE) { (words!("operator-replace")) } }
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
        return Err(words!("operator-why-too-long"));
    }
    match fields.get("do") {
        DISCARD if why.trim().is_empty() => Err(words!("operator-why-missing")),
        DISCARD => Ok(Wanted::Discard),
        REPLACE if mended.trim().is_empty() => Err(words!("operator-mended-missing")),
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
        return show(&submission.visit, problem(words!("operator-choose-one"))).await;
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
            let detail = words!("operator-not-there-any-more", id = id.0);
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
                        td { (parts::badge("plain", words!("operator-state-discarded"))) }
                        td { (words!("operator-discarded-means")) }
                    },
                    Some(Outcome::Accepted { position }) => {
                        td { (parts::badge("good", words!("operator-accepted"))) }
                        td { (marked!("operator-accepted-means", position = figures::count(*position))) }
                    },
                    Some(Outcome::Duplicate { of }) => {
                        td { (parts::badge("plain", words!("operator-duplicate"))) }
                        td { (marked!("operator-duplicate-means", position = figures::count(*of))) }
                    },
                    Some(Outcome::Quarantined { rejection, .. }) => {
                        td { (parts::badge("warn", words!("operator-still"))) }
                        td {
                            (reason_in_words(rejection.reason.as_str()))
                            @if let Some(field) = &rejection.field { ", " code { (field) } }
                            ": " span lang=[of_the_api(&rejection.detail)] { (rejection.detail) }
                        }
                    },
                }
            }
        }
    };
    let columns = [
        Column::text(words!("operator-number")),
        Column::text(words!("operator-outcome")),
        Column::text(words!("operator-outcome-means")),
    ];
    let table =
        Table { id: "outcomes", caption: words!("operator-what-became"), columns: &columns, sorting: None, rows };
    html! { div role="status" { (table.draw(visit)) } }
}

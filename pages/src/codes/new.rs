//! A new code: made from the dialog on the list, or on a page of its own.

use api::commands::codes::{NewCodeBody, new_code};
use api::{Problem, question};
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use projections::commands::Command;
use projections::views::Account;

use super::super::bodies::FormBody;
use super::super::forms::Filled;
use super::super::layout::Page;
use super::super::link::encoded;
use super::super::submission::{Fields, Submission};
use super::super::visit::Visit;
use super::form::PREVIEW;
use super::list::used;
use super::{PATH, form};
use crate::words::words;

async fn read(visit: &Visit) -> Result<(Account, u64), Problem> {
    let asked = visit.read_ledger(|read| {
        let list = read.ask(&[("limit", Some("1"))], question::codes())?;
        Ok((read.ask(&[], question::account())?, list.total))
    });
    asked.await
}

fn page(visit: &Visit, (account, total): &(Account, u64), filled: &Filled, status: StatusCode) -> Response {
    let main = html! {
        (used(*total))
        section.part aria-label=(words!("codes-new")) { (form::new(visit, "new-code", account, filled)) }
    };
    let aside = html! { a.button href=(visit.link(PATH)) { (words!("codes-all")) } };
    let page = Page { title: words!("codes-new"), section: PATH, as_of: Some(account.as_of), aside, main };
    page.show_as(visit, status)
}

pub(super) async fn get_new(visit: Visit) -> Result<Response, Problem> {
    visit.require_command()?;
    Ok(page(&visit, &read(&visit).await?, &form::blank(), StatusCode::OK))
}

pub(super) async fn post_new(submission: Submission) -> Result<Response, Problem> {
    submission.require_command()?;
    let fields = &submission.fields;
    if fields.is_checked(PREVIEW) {
        let values: Vec<(&str, String)> = fields.0.iter().map(|(name, value)| (&**name, value.clone())).collect();
        return Ok(page(&submission, &read(&submission).await?, &Filled::with(&values), StatusCode::OK));
    }
    let given = match made(fields) {
        Ok(command) => submission.make_code(command).await,
        Err(problem) => Err(problem),
    };
    match given {
        Ok(code) => {
            let to = submission.visit.link(format!("{PATH}/{}", encoded(&code)));
            Ok(submission.redirect(&to, &words!("codes-made", code = code)))
        }
        Err(problem) => {
            let told = read(&submission).await?;
            let problem = form::in_per_cent(problem, fields, &told.0);
            let filled = Filled::refused(fields.clone(), problem.clone());
            Ok(page(&submission, &told, &filled, problem.kind.status()))
        }
    }
}

/// The command that a form gives.
fn made(fields: &Fields) -> Result<Command, Problem> {
    let body = FormBody::default()
        .text_if_any(fields, "code")
        .rate(fields, "spot_rebate_rate")?
        .rate(fields, "futures_rebate_rate")?
        .text(fields, "note")
        .flag(fields, "is_default");
    new_code(&body.read(NewCodeBody::SHAPE)?)
}

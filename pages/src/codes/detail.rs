//! One code: its split, its link and QR code to share, the form that changes it, and who registered with it.

use api::commands::codes::{CodeChangeBody, code_change};
use api::{Problem, question};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use projections::commands::Command;
use projections::views::{Account, CodeDetail, List, ReferralRow};

use super::super::bodies::FormBody;
use super::super::forms::Filled;
use super::super::layout::Page;
use super::super::link::encoded;
use super::super::parts::{badge, copy, empty, section};
use super::super::submission::{Fields, Submission};
use super::super::tables::paging;
use super::super::visit::Visit;
use super::super::{figures, qr, referrals};
use super::form::PREVIEW;
use super::{PATH, form};
use crate::words::{marked, words};

struct Told {
    detail: CodeDetail,
    account: Account,
    invitees: List<ReferralRow>,
}

async fn read(visit: &Visit, code: String) -> Result<Told, Problem> {
    let list = ["sort", "order", "cursor"].map(|name| (name, visit.parameter(name).map(str::to_owned)));
    let asked = visit.read_ledger(move |read| {
        let detail = read.ask(&[], question::code(&code))?;
        let account = read.ask(&[], question::account())?;
        let mut parameters: Vec<_> = list.iter().map(|(name, value)| (*name, value.as_deref())).collect();
        parameters.push(("limit", Some(referrals::PAGE_ROWS)));
        let invitees = read.ask(&parameters, question::code_referrals(&code))?;
        Ok(Told { detail, account, invitees })
    });
    asked.await
}

pub(super) async fn get_code(visit: Visit, headers: HeaderMap, Path(code): Path<String>) -> Result<Response, Problem> {
    let told = read(&visit, code).await?;
    let filled = form::held(&told.detail.row);
    Ok(page(&visit, &headers, &told, &filled, StatusCode::OK))
}

pub(super) async fn post_code(
    Path(code): Path<String>,
    headers: HeaderMap,
    submission: Submission,
) -> Result<Response, Problem> {
    submission.require_command()?;
    let fields = &submission.fields;
    if fields.is_checked(PREVIEW) {
        let values: Vec<(&str, String)> = fields.0.iter().map(|(name, value)| (&**name, value.clone())).collect();
        let told = read(&submission, code).await?;
        return Ok(page(&submission, &headers, &told, &Filled::with(&values), StatusCode::OK));
    }
    let given = match change(fields, &code) {
        Ok(command) => submission.command(command).await,
        Err(problem) => Err(problem),
    };
    match given {
        Ok(_) => {
            let to = submission.visit.link(format!("{PATH}/{}", encoded(&code)));
            Ok(submission.redirect(&to, &words!("codes-saved", code = code)))
        }
        Err(problem) => {
            let told = read(&submission, code).await?;
            let problem = form::in_per_cent(problem, fields, &told.account);
            let filled = Filled::refused(fields.clone(), problem.clone());
            Ok(page(&submission, &headers, &told, &filled, problem.kind.status()))
        }
    }
}

/// The command that a form gives: what of the code was changed in it.
fn change(fields: &Fields, code: &str) -> Result<Command, Problem> {
    let body = FormBody::default()
        .rate_if_changed(fields, "spot_rebate_rate")?
        .rate_if_changed(fields, "futures_rebate_rate")?
        .text_if_changed(fields, "note")
        .flag_if_changed(fields, "is_default");
    code_change(code.to_owned(), &body.read(CodeChangeBody::SHAPE)?)
}

fn page(visit: &Visit, headers: &HeaderMap, told: &Told, filled: &Filled, status: StatusCode) -> Response {
    let row = &told.detail.row;
    let main = html! {
        div.grid-2 {
            (section("code-facts", words!("codes-summary"), facts(told)))
            (section("share", words!("codes-share-it"), share(visit, told)))
        }
        @if visit.may_command() {
            (section("edit", words!("codes-edit"), form::change(visit, row, &told.account, filled)))
        }
        (section("invitees", words!("codes-who-registered"), invitees(visit, headers, told)))
    };
    let title = words!("codes-code-title", code = row.code);
    let aside = html! { a.button href=(visit.link(PATH)) { (words!("codes-all")) } };
    let page = Page { title: &title, section: PATH, as_of: Some(told.detail.as_of), aside, main };
    page.show_as(visit, status)
}

fn facts(told: &Told) -> Markup {
    let row = &told.detail.row;
    html! {
        dl.facts #code-totals data-live {
            dt { (words!("codes-commission")) } dd #code-commission { a.amount href="#invitees" { (figures::money(row.commission)) } }
            dt { (words!("codes-referrals")) } dd #code-referrals { (figures::count(row.referrals)) }
            dt { (words!("codes-created")) } dd { (figures::time(row.created_at)) }
            dt { (words!("codes-spot-fees")) }
            dd { (marked!("codes-split", own = figures::rate(row.spot_rate), friends = figures::rate(row.spot_rebate_rate))) }
            dt { (words!("codes-futures-fees")) }
            dd { (marked!("codes-split", own = figures::rate(row.futures_rate), friends = figures::rate(row.futures_rebate_rate))) }
            dt { (words!("codes-is-default")) } dd { @if row.is_default { (badge("good", words!("codes-yes"))) } @else { (words!("codes-no")) } }
            dt { (words!("codes-note")) } dd dir="auto" { @if row.note.is_empty() { (figures::none()) } @else { bdi { (row.note) } } }
        }
        p.hint { (words!("codes-facts-hint")) }
    }
}

fn share(visit: &Visit, told: &Told) -> Markup {
    let row = &told.detail.row;
    let save = |ending: &str| visit.link(format!("{PATH}/{}/qr.{ending}", encoded(&row.code)));
    html! {
        div.share {
            (qr::draw(&row.link, &words!("codes-qr-of", code = row.code)))
            div.stack {
                p { (copy(words!("codes-copy-code"), &row.code)) }
                p { (copy(words!("codes-copy-link"), &row.link)) }
                p.row {
                    (words!("codes-save-qr-as")) " "
                    a.button.small href=(save("svg")) download={ (row.code) ".svg" } { "SVG" }
                    a.button.small href=(save("png")) download={ (row.code) ".png" } { "PNG" }
                }
            }
        }
    }
}

fn invitees(visit: &Visit, headers: &HeaderMap, told: &Told) -> Markup {
    let list = &told.invitees;
    if list.total == 0 {
        return empty(words!("codes-nobody-yet"), html! {});
    }
    let chosen = referrals::chosen_columns(headers);
    let filter = visit.link(referrals::PATH).with("code", &told.detail.row.code);
    html! {
        (referrals::table(visit, "code-invitees", words!("codes-invitees-caption"), &chosen, &list.rows))
        div.row.under-table {
            (paging(visit, list.total, list.next_cursor.as_deref(), words!("codes-invitees")))
            a.button.small href=(filter) { (words!("codes-filter-and-save")) }
        }
    }
}

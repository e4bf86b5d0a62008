//! Applications: users who want to become affiliates and wait for an answer, which is an affiliate event.

use api::{Problem, ProblemKind};
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::query::PageRequest;
use projections::views::{ApplicationRow, List};
use schemas::{Rate, Uid};

use super::affiliates::{draft, filled_with, rate_fields};
use super::append::append;
use super::{affiliates, filled_again, require_operator, require_sight};
use crate::figures;
use crate::forms::{self, Filled};
use crate::layout::Page;
use crate::parts;
use crate::site::Site;
use crate::submission::Submission;
use crate::tables::paging;
use crate::visit::Visit;
use crate::words::{marked, words};

pub(super) const PATH: &str = "/operator/applications";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_applications).post(post_approval))
}

/// The form of one application that was refused.
struct Refused {
    uid: Uid,
    filled: Filled,
}

type Rates = (Rate, Rate, Option<u16>);

async fn get_applications(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    show(&visit, None, StatusCode::OK).await
}

async fn show(visit: &Visit, refused: Option<Refused>, status: StatusCode) -> Result<Response, Problem> {
    let request = PageRequest { limit: 15, cursor: visit.parameter("cursor").map(str::to_owned) };
    let read = visit.read_platform(move |read| {
        let view = read.here()?.view;
        let rules = view.program_rules().in_force;
        let defaults = (rules.default_spot_rate, rules.default_futures_rate, rules.default_futures_window_days);
        Ok((view.applications(&request)?, defaults))
    });
    let (list, defaults) = read.await?;
    let main = html! {
        @if list.rows.is_empty() {
            (parts::empty(words!("operator-nobody-waits"), html! {
                p { (words!("operator-where-users-apply")) " " a href=(visit.link(affiliates::PATH)) { (words!("operator-see-affiliates")) } }
            }))
        } @else {
            p { (words!("operator-approving")) }
            ul.plain-list.applications { @for row in &list.rows { (application(visit, row, defaults, refused.as_ref())) } }
            (paging_of(visit, &list))
        }
    };
    let as_of = Some(list.as_of);
    Ok(Page { title: words!("operator-applications"), section: PATH, as_of, aside: html! {}, main }
        .show_as(visit, status))
}

fn paging_of(visit: &Visit, list: &List<ApplicationRow>) -> Markup {
    paging(visit, list.total, list.next_cursor.as_deref(), words!("operator-unit-waiting"))
}

fn application(visit: &Visit, row: &ApplicationRow, defaults: Rates, refused: Option<&Refused>) -> Markup {
    let uid = row.uid;
    let refused = refused.filter(|refused| refused.uid == uid);
    let form = format!("approve-{uid}");
    let fresh = filled_with("approved", defaults);
    let filled = refused.map_or(&fresh, |refused| &refused.filled);
    html! {
        li.card id={ "application-" (uid) } {
            div.row {
                h2 { a href=(visit.link("/").with("uid", uid)) { (words!("operator-referrer-named", uid = uid)) } }
                p.hint {
                    @let since = figures::time(row.waiting_since);
                    @if row.times > 1 { (marked!("operator-waits-and-applied", since = since, times = figures::count(row.times))) } @else { (marked!("operator-waits", since = since)) }
                }
            }
            @if row.message.is_empty() { p.hint { (words!("operator-without-message")) } } @else { p.message dir="auto" { bdi { (row.message) } } }
            @if visit.may_put_in() {
                details open[refused.is_some()] {
                    summary { (words!("operator-approve")) span.visually-hidden { " " (uid) } }
                    div.more-inside {
                        (forms::post(visit, PATH, html! {
                            input type="hidden" name="uid" value=(uid);
                            (filled.general_error(&["spot_rate", "futures_rate", "futures_window_days"]))
                            (rate_fields(&form, filled))
                            button.primary type="submit" { (words!("operator-approve-one", uid = uid)) }
                        }))
                    }
                }
                p.hint { a href=(visit.link(format!("{}/{uid}", affiliates::PATH))) { (words!("operator-another-standing")) } }
            }
        }
    }
}

async fn post_approval(submission: Submission) -> Result<Response, Problem> {
    require_operator(&submission)?;
    let uid = Uid::parse(submission.fields.get("uid"))
        .ok_or_else(|| Problem::of_field(ProblemKind::InvalidBody, "uid", "the form names no uid"))?;
    submission.require_command()?;
    let given = match draft(uid, "approved", &submission.fields) {
        Ok(draft) => append(&submission, draft).await,
        Err(problem) => Err(problem),
    };
    match given {
        Ok(taken) => {
            let says = taken.say(&words!("operator-is-approved", uid = uid));
            Ok(submission.visit.redirect(&submission.visit.link(PATH), &says))
        }
        Err(problem) => {
            let code = problem.kind.status();
            let filled = filled_again(&submission, problem)?;
            show(&submission.visit, Some(Refused { uid, filled }), code).await
        }
    }
}

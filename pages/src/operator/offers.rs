//! Offers: all of them, whatever their dates, and the page that makes or changes one.

use api::{Problem, ProblemKind};
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{AsOf, Phase, PlatformOffer};
use schemas::{OfferKind, Period};

use super::append::append;
use super::offer_form::{Offered, draft};
use super::promotions::{PHASES, anchor, day_or, heading, since};
use super::{filled_again, require_operator, require_sight};
use crate::figures;
use crate::forms;
use crate::layout::Page;
use crate::link::Link;
use crate::parts;
use crate::site::Site;
use crate::submission::Submission;
use crate::tables::{Column, Table};
use crate::visit::Visit;
use crate::words::{marked, words};

pub(super) const PATH: &str = "/operator/offers";
const EDIT_PATH: &str = "/operator/offers/edit";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_offers)).route(EDIT_PATH, get(get_edit).post(post_edit))
}

/// All offers, by id.
async fn all(visit: &Visit) -> Result<(Vec<PlatformOffer>, AsOf), Problem> {
    visit.read_platform(|read| Ok((read.here()?.view.all_offers(), read.here()?.view.as_of()))).await
}

async fn get_offers(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let (offers, as_of) = all(&visit).await?;
    let new = html! { @if visit.may_put_in() { a.button.primary href=(visit.link(EDIT_PATH)) { (words!("operator-new-offer")) } } };
    let main = html! {
        @if offers.is_empty() {
            (parts::empty(words!("operator-no-offer"), html! { p { (words!("operator-no-offer-hint")) } }))
        }
        @for phase in PHASES {
            @let of_phase: Vec<&PlatformOffer> = offers.iter().filter(|offer| offer.phase == phase).collect();
            @if !of_phase.is_empty() { (parts::section(anchor(phase), heading(phase), table(&visit, phase, &of_phase))) }
        }
    };
    Ok(Page { title: words!("operator-offers"), section: PATH, as_of: Some(as_of), aside: new, main }.show(&visit))
}

fn table(visit: &Visit, phase: Phase, offers: &[&PlatformOffer]) -> Markup {
    let rows = html! {
        @for offer in offers {
            @let held = &offer.state.value;
            tr {
                th scope="row" { a href=(edit_link(visit, &held.id)) { bdi { (held.id) } } }
                td { bdi { (held.title) } }
                td { (kind(held.kind, held.period)) }
                td { (marked!("operator-from-to", from = day_or(held.starts, words!("operator-always")), to = day_or(held.ends, words!("operator-no-end")))) }
                td { @if held.affiliates_only { (words!("operator-affiliates")) } @else { (words!("operator-everyone")) } }
                td.num { (figures::count(held.tiers.len() as u64)) }
                td { (since(offer)) }
            }
        }
    };
    let columns = [
        Column::text(words!("operator-id")),
        Column::text(words!("operator-title")),
        Column::text(words!("operator-kind")),
        Column::text(words!("operator-dates")),
        Column::text(words!("operator-for")),
        Column::figure(words!("operator-tiers")),
        Column::text(words!("operator-as-it-is-since")),
    ];
    let (id, caption) = (format!("offers-{}", anchor(phase)), caption(phase));
    Table { id: &id, caption, columns: &columns, sorting: None, rows }.draw(visit)
}

fn caption(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => words!("operator-offers-running-caption"),
        Phase::ToCome => words!("operator-offers-to-come-caption"),
        Phase::Over => words!("operator-offers-over-caption"),
    }
}

/// What kind it is, and over which period it counts.
fn kind(kind: OfferKind, period: Period) -> &'static str {
    match (kind, period) {
        (OfferKind::Bonus, Period::Month) => words!("operator-bonus-by-month"),
        (OfferKind::Bonus, Period::Quarter) => words!("operator-bonus-by-quarter"),
        (OfferKind::Evaluation, Period::Month) => words!("operator-evaluation-by-month"),
        (OfferKind::Evaluation, Period::Quarter) => words!("operator-evaluation-by-quarter"),
    }
}

/// Where an offer is shown and changed.
pub(super) fn edit_link(visit: &Visit, id: &str) -> Link {
    visit.link(EDIT_PATH).with("id", id)
}

async fn get_edit(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let (offers, as_of) = all(&visit).await?;
    let Some(id) = visit.parameter("id") else {
        return Ok(show(&visit, &Offered::new(), None, Some(as_of), StatusCode::OK));
    };
    let missing = || Problem::new(ProblemKind::NotFound, format!("there is no offer {id}"));
    let offer = offers.iter().find(|offer| offer.state.value.id == id).ok_or_else(missing)?;
    Ok(show(&visit, &Offered::of(&offer.state.value), Some(offer), Some(as_of), StatusCode::OK))
}

fn show(
    visit: &Visit,
    offered: &Offered,
    held: Option<&PlatformOffer>,
    as_of: Option<AsOf>,
    status: StatusCode,
) -> Response {
    let title = if offered.is_new { words!("operator-new-offer") } else { words!("operator-change-offer") };
    let main = html! {
        @if let Some(held) = held {
            p.hint { (marked!("operator-offer-since", since = since(held), count = figures::count(held.changes as u64))) }
        }
        @if visit.may_put_in() {
            (forms::post(visit, EDIT_PATH, offered.draw()))
        } @else {
            fieldset.bare disabled { legend.visually-hidden { (words!("operator-offer-fixed")) } (offered.draw()) }
        }
        p { a href=(visit.link(PATH)) { (words!("operator-back-to-offers")) } }
    };
    Page { title, section: PATH, as_of, aside: html! {}, main }.show_as(visit, status)
}

async fn post_edit(submission: Submission) -> Result<Response, Problem> {
    submission.require_command()?;
    require_operator(&submission)?;
    let mut offered = Offered::sent(&submission.fields);
    if offered.change_rows(submission.fields.get("do")) {
        return Ok(show(&submission.visit, &offered, None, None, StatusCode::OK));
    }
    match append(&submission, draft(&submission.fields, &offered)).await {
        Ok(taken) => {
            let says = taken.say(&words!("operator-offer-set", id = submission.fields.get("id")));
            Ok(submission.visit.redirect(&submission.visit.link(PATH), &says))
        }
        Err(problem) => {
            let code = problem.kind.status();
            let filled = filled_again(&submission, problem)?;
            Ok(show(&submission.visit, &offered.refused(filled), None, None, code))
        }
    }
}

//! Offers: all of them, whatever their dates, and the page that makes or changes one.

use api::{Problem, ProblemKind};
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{AsOf, Phase, PlatformOffer};
use schemas::OfferKind;

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

pub(super) const PATH: &str = "/operator/offers";
const EDIT_PATH: &str = "/operator/offers/edit";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_offers)).route(EDIT_PATH, get(get_edit).post(post_edit))
}

/// All offers, by id.
async fn all(visit: &Visit) -> Result<(Vec<PlatformOffer>, AsOf), Problem> {
    visit.read_platform(|read| Ok((read.asked().view.all_offers(), read.asked().view.as_of()))).await
}

async fn get_offers(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let (offers, as_of) = all(&visit).await?;
    let new = html! { @if visit.may_command() { a.button.primary href=(visit.link(EDIT_PATH)) { "New offer" } } };
    let main = html! {
        @if offers.is_empty() {
            (parts::empty("There is no offer.", html! { p { "An offer pays affiliates for reaching its conditions in a month or a quarter." } }))
        }
        @for phase in PHASES {
            @let of_phase: Vec<&PlatformOffer> = offers.iter().filter(|offer| offer.phase == phase).collect();
            @if !of_phase.is_empty() { (parts::section(anchor(phase), heading(phase), table(&visit, phase, &of_phase))) }
        }
    };
    Ok(Page { title: "Offers", section: PATH, as_of: Some(as_of), aside: new, main }.show(&visit))
}

fn table(visit: &Visit, phase: Phase, offers: &[&PlatformOffer]) -> Markup {
    let rows = html! {
        @for offer in offers {
            @let held = &offer.state.value;
            tr {
                th scope="row" { a href=(edit_link(visit, &held.id)) { bdi { (held.id) } } }
                td { bdi { (held.title) } }
                td { (match held.kind { OfferKind::Bonus => "Bonus", OfferKind::Evaluation => "Evaluation" }) ", by " (held.period.as_str()) }
                td { (day_or(held.starts, "always")) " to " (day_or(held.ends, "no end")) }
                td { @if held.affiliates_only { "Affiliates" } @else { "Everyone" } }
                td.num { (figures::count(held.tiers.len() as u64)) }
                td { (since(offer)) }
            }
        }
    };
    let columns = [
        Column::text("Id"),
        Column::text("Title"),
        Column::text("Kind"),
        Column::text("Days"),
        Column::text("For"),
        Column::figure("Tiers"),
        Column::text("As it is since"),
    ];
    let (id, caption) = (format!("offers-{}", anchor(phase)), format!("Offers: {}", heading(phase).to_lowercase()));
    Table { id: &id, caption: &caption, columns: &columns, sorting: None, rows }.draw(visit)
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
    let title = if offered.is_new { "New offer" } else { "Change an offer" };
    let main = html! {
        @if let Some(held) = held {
            p.hint { "As it is since " (since(held)) ", with " (figures::count(held.changes as u64)) " events in all." }
        }
        @if visit.may_command() {
            (forms::post(visit, EDIT_PATH, offered.draw()))
        } @else {
            fieldset.bare disabled { legend.visually-hidden { "The offer; it cannot be changed here" } (offered.draw()) }
        }
        p { a href=(visit.link(PATH)) { "Back to all offers" } }
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
            let says = taken.say(&format!("The offer {} is set", submission.fields.get("id")));
            Ok(submission.visit.redirect(&submission.visit.link(PATH), &says))
        }
        Err(problem) => {
            let code = problem.kind.status();
            let filled = filled_again(&submission, problem)?;
            Ok(show(&submission.visit, &offered.refused(filled), None, None, code))
        }
    }
}

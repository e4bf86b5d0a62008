//! Campaigns: all of them, whatever their dates and whoever sees them, and the page that makes or changes one.

use api::{Problem, ProblemKind};
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{AsOf, Phase, PlatformCampaign};
use schemas::{Campaign, EventType, Visibility};
use serde_json::json;

use super::affiliates::from_when;
use super::append::{Draft, append};
use super::promotions::{PHASES, anchor, heading, since};
use super::{filled_again, require_operator, require_sight};
use crate::figures;
use crate::forms::{self, Field, Filled, Input};
use crate::language::of_the_api;
use crate::layout::Page;
use crate::link::Link;
use crate::moment;
use crate::parts;
use crate::site::Site;
use crate::submission::{Fields, Submission};
use crate::tables::{Column, Table};
use crate::visit::Visit;
use crate::words::{marked, words};

pub(super) const PATH: &str = "/operator/campaigns";
const EDIT_PATH: &str = "/operator/campaigns/edit";
const FIELDS: &[&str] = &["id", "visibility", "title", "description", "url", "starts", "ends", "time"];

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_campaigns)).route(EDIT_PATH, get(get_edit).post(post_edit))
}

/// All campaigns, by id.
async fn all(visit: &Visit) -> Result<(Vec<PlatformCampaign>, AsOf), Problem> {
    visit.read_platform(|read| Ok((read.here()?.view.all_campaigns(), read.here()?.view.as_of()))).await
}

async fn get_campaigns(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let (campaigns, as_of) = all(&visit).await?;
    let new = html! { @if visit.may_put_in() { a.button.primary href=(visit.link(EDIT_PATH)) { (words!("operator-new-campaign")) } } };
    let main = html! {
        @if campaigns.is_empty() {
            (parts::empty(words!("operator-no-campaign"), html! { p { (words!("operator-no-campaign-hint")) } }))
        }
        @for phase in PHASES {
            @let of_phase: Vec<&PlatformCampaign> = campaigns.iter().filter(|one| one.phase == phase).collect();
            @if !of_phase.is_empty() { (parts::section(anchor(phase), heading(phase), table(&visit, phase, &of_phase))) }
        }
    };
    Ok(Page { title: words!("operator-all-campaigns"), section: PATH, as_of: Some(as_of), aside: new, main }
        .show(&visit))
}

fn table(visit: &Visit, phase: Phase, campaigns: &[&PlatformCampaign]) -> Markup {
    let rows = html! {
        @for campaign in campaigns {
            @let held = &campaign.state.value;
            tr {
                th scope="row" { a href=(edit_link(visit, &held.id)) { bdi { (held.id) } } }
                td { bdi { (held.title) } }
                td { (match held.visibility { Visibility::Public => words!("operator-everyone"), Visibility::Exclusive => words!("operator-affiliates") }) }
                td { (marked!("operator-from-to", from = figures::day(held.starts), to = figures::day(held.ends))) }
                td.num { (figures::count(campaign.joined as u64)) }
                td { (since(campaign)) }
            }
        }
    };
    let columns = [
        Column::text(words!("operator-id")),
        Column::text(words!("operator-title")),
        Column::text(words!("operator-seen-by")),
        Column::text(words!("operator-dates")),
        Column::figure(words!("operator-joined")),
        Column::text(words!("operator-as-it-is-since")),
    ];
    let (id, caption) = (format!("campaigns-{}", anchor(phase)), caption(phase));
    Table { id: &id, caption, columns: &columns, sorting: None, rows }.draw(visit)
}

fn caption(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => words!("operator-campaigns-running-caption"),
        Phase::ToCome => words!("operator-campaigns-to-come-caption"),
        Phase::Over => words!("operator-campaigns-over-caption"),
    }
}

/// Where a campaign is shown and changed.
pub(super) fn edit_link(visit: &Visit, id: &str) -> Link {
    visit.link(EDIT_PATH).with("id", id)
}

async fn get_edit(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let (campaigns, as_of) = all(&visit).await?;
    let Some(id) = visit.parameter("id") else {
        let filled = Filled::with(&[("visibility", "public".to_owned())]);
        return Ok(show(&visit, &filled, true, Some(as_of), StatusCode::OK));
    };
    let missing = || Problem::new(ProblemKind::NotFound, format!("there is no campaign {id}"));
    let found = campaigns.iter().find(|campaign| campaign.state.value.id == id).ok_or_else(missing)?;
    Ok(show(&visit, &filled_with(&found.state.value), false, Some(as_of), StatusCode::OK))
}

fn filled_with(campaign: &Campaign<'_>) -> Filled {
    Filled::with(&[
        ("id", campaign.id.to_string()),
        ("visibility", campaign.visibility.as_str().to_owned()),
        ("title", campaign.title.to_string()),
        ("description", campaign.description.to_string()),
        ("url", campaign.url.to_string()),
        ("starts", campaign.starts.to_string()),
        ("ends", campaign.ends.to_string()),
    ])
}

fn show(visit: &Visit, filled: &Filled, is_new: bool, as_of: Option<AsOf>, status: StatusCode) -> Response {
    let title = if is_new { words!("operator-new-campaign") } else { words!("operator-change-campaign") };
    let main = html! {
        @if visit.may_put_in() {
            (forms::post(visit, EDIT_PATH, form(filled, is_new)))
        } @else {
            fieldset.bare disabled { legend.visually-hidden { (words!("operator-campaign-fixed")) } (form(filled, is_new)) }
        }
        p { a href=(visit.link(PATH)) { (words!("operator-back-to-campaigns")) } }
    };
    Page { title, section: PATH, as_of, aside: html! {}, main }.show_as(visit, status)
}

fn form(filled: &Filled, is_new: bool) -> Markup {
    let form = "campaign";
    let visibilities = [("public", words!("operator-everyone")), ("exclusive", words!("operator-approved-affiliates"))];
    let draw =
        |name, label, hint, input, is_required| Field { name, form, label, hint, input, is_required }.draw(filled);
    html! {
        (filled.general_error(FIELDS))
        @if is_new {
            input type="hidden" name="is_new" value="1";
            (draw("id", words!("operator-id"), words!("operator-id-hint"), Input::Text { max: 256 }, true))
        } @else {
            input type="hidden" name="id" value=(filled.value("id"));
            p { (words!("operator-id")) " " code { bdi { (filled.value("id")) } } }
            @if let Some(error) = filled.error("id") { p.error role="alert" lang=[of_the_api(error)] { (error) } }
        }
        (draw("title", words!("operator-title"), "", Input::Text { max: 2_000 }, true))
        (draw("description", words!("operator-description"), "", Input::Area { rows: 4, max: 2_000 }, false))
        (draw("url", words!("operator-url"), "", Input::Text { max: 2_000 }, false))
        div.fields-2 {
            (draw("visibility", words!("operator-seen-by"), "", Input::Select(&visibilities), true))
            (draw("starts", words!("operator-first-day"), "", Input::Date, true))
            (draw("ends", words!("operator-last-day"), "", Input::Date, true))
        }
        (from_when(form).draw(filled))
        button.primary type="submit" { (words!("operator-save-campaign")) }
    }
}

fn draft(fields: &Fields) -> Draft {
    let text = |name: &str| fields.get(name).trim();
    Draft {
        event_type: EventType::Campaign,
        time: moment::as_the_api_takes_it(text("time")),
        data: json!({
            "id": text("id"),
            "visibility": text("visibility"),
            "title": text("title"),
            "description": text("description").replace("\r\n", "\n"),
            "url": text("url"),
            "starts": text("starts"),
            "ends": text("ends"),
        }),
    }
}

async fn post_edit(submission: Submission) -> Result<Response, Problem> {
    submission.require_command()?;
    require_operator(&submission)?;
    match append(&submission, draft(&submission.fields)).await {
        Ok(taken) => {
            let says = taken.say(&words!("operator-campaign-set", id = submission.fields.get("id")));
            Ok(submission.visit.redirect(&submission.visit.link(PATH), &says))
        }
        Err(problem) => {
            let code = problem.kind.status();
            let is_new = submission.fields.is_checked("is_new");
            let filled = filled_again(&submission, problem)?;
            Ok(show(&submission.visit, &filled, is_new, None, code))
        }
    }
}

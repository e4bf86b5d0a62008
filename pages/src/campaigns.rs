//! Campaigns: those ongoing, public and exclusive; joining one gives a link to share.

use api::{Problem, ProblemKind, question};
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use projections::commands::Command;
use projections::views::{CampaignRow, Standing};
use schemas::Visibility;

use super::entries::{Audience, Entry};
use super::forms::{self, Filled};
use super::layout::Page;
use super::link::Link;
use super::submission::Submission;
use super::tables::paging;
use super::visit::Visit;
use super::{figures, outside, parts};
use crate::site::Site;
use crate::words::Key;
use crate::words::{marked, words};

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: "/campaigns", label: Key("layout-menu-campaigns"), audience: Audience::Everyone }];

pub(super) fn router() -> Router<Site> {
    Router::new().route("/campaigns", get(get_campaigns)).route("/campaigns/join", post(post_join))
}

async fn get_campaigns(visit: Visit) -> Result<Response, Problem> {
    let visibility = visibility_of(visit.parameter("visibility"))?;
    Ok(page(&visit, visibility, &Filled::default()).await?.show(&visit))
}

async fn post_join(form: Submission) -> Result<Response, Problem> {
    let visibility = visibility_of(Some(form.fields.get("visibility")).filter(|text| !text.is_empty()))?;
    let joined = form.command(Command::JoinCampaign { campaign_id: form.fields.get("campaign_id").to_owned() });
    match joined.await {
        Ok(_) => {
            let back = form.link("/campaigns").with("visibility", visibility.as_str());
            Ok(form.redirect(&back, words!("campaigns-joined-now")))
        }
        Err(problem) => {
            let status = problem.kind.status();
            let filled = Filled::refused(form.fields.clone(), problem);
            Ok(page(&form, visibility, &filled).await?.show_as(&form, status))
        }
    }
}

fn visibility_of(text: Option<&str>) -> Result<Visibility, Problem> {
    let wrong = || Problem::of_field(ProblemKind::InvalidParameter, "visibility", "expected public or exclusive");
    Visibility::parse(text.unwrap_or(Visibility::Public.as_str())).ok_or_else(wrong)
}

async fn page(visit: &Visit, visibility: Visibility, filled: &Filled) -> Result<Page<'static>, Problem> {
    let cursor = visit.parameter("cursor").map(str::to_owned);
    let read = visit.read_ledger(move |read| {
        let parameters = [("visibility", Some(visibility.as_str())), ("cursor", cursor.as_deref())];
        let campaigns = read.ask(&parameters, question::campaigns())?;
        let standing = read.ask(&[], question::account())?.status;
        Ok((campaigns, standing, read.today()?))
    });
    let (campaigns, standing, today) = read.await?;
    let link = |to: Visibility| -> Link { visit.link("/campaigns").with("visibility", to.as_str()) };
    let tab = |label, of: Visibility| (label, link(of), of == visibility);
    let main = html! {
        (parts::tabs(words!("campaigns-kinds"), &[tab(words!("campaigns-public"), Visibility::Public), tab(words!("campaigns-exclusive"), Visibility::Exclusive)]))
        (filled.general_error(&[]))
        div #campaigns.stack data-live {
            @if campaigns.rows.is_empty() { (none_shown(visit, visibility, standing)) }
            @else {
                div.grid-2 {
                    @for (at, campaign) in campaigns.rows.iter().enumerate() {
                        (card(visit, &format!("campaign-{at}"), campaign, campaign.ends.0 - today.0 + 1))
                    }
                }
                (paging(visit, campaigns.total, campaigns.next_cursor.as_deref(), words!("campaigns-campaigns")))
            }
        }
    };
    Ok(Page {
        title: words!("campaigns-title"),
        section: "/campaigns",
        as_of: Some(campaigns.as_of),
        aside: html! {},
        main,
    })
}

fn card(visit: &Visit, id: &str, campaign: &CampaignRow, days_left: i32) -> Markup {
    html! {
        section.part.campaign id=(id) aria-labelledby={ (id) "-title" } {
            div.page-head {
                h2 id={ (id) "-title" } { bdi { (campaign.title) } }
                @if campaign.joined { (parts::badge("good", words!("campaigns-joined"))) }
            }
            @if !campaign.description.is_empty() { p.description { bdi { (campaign.description) } } }
            dl.facts {
                dt { (words!("campaigns-runs")) } dd { (marked!("campaigns-from-to", from = figures::day(campaign.starts), to = figures::day(campaign.ends))) }
                dt { (words!("campaigns-days-left")) }
                dd { (marked!("campaigns-days-with-today", days = figures::count(u64::from(days_left.max(0).unsigned_abs())))) }
                @if !campaign.url.is_empty() { dt { (words!("campaigns-terms")) } dd { (outside::link(&campaign.url, words!("campaigns-read-more"))) } }
                @if let Some(share) = &campaign.share_link { dt { (words!("campaigns-link-to-share")) } dd { (parts::copy(words!("campaigns-copy-link"), share)) } }
            }
            @if !campaign.joined && visit.may_command() {
                (forms::post(visit, "/campaigns/join", html! {
                    input type="hidden" name="campaign_id" value=(campaign.id);
                    input type="hidden" name="visibility" value=(campaign.visibility.as_str());
                    button.primary type="submit" { (words!("campaigns-join")) span.visually-hidden { " " bdi { (campaign.title) } } }
                }))
            }
        }
    }
}

fn none_shown(visit: &Visit, visibility: Visibility, standing: Standing) -> Markup {
    match (visibility, standing) {
        (Visibility::Exclusive, Standing::None) => parts::empty(
            words!("campaigns-for-affiliates"),
            html! { a.button.primary href={ (visit.link("/account")) "#apply" } { (words!("campaigns-apply")) } },
        ),
        (Visibility::Exclusive, Standing::Suspended) => parts::empty(
            words!("campaigns-suspended"),
            html! { a.button href=(visit.link("/account")) { (words!("campaigns-see-standing")) } },
        ),
        (Visibility::Exclusive, Standing::Approved) | (Visibility::Public, _) => parts::empty(
            words!("campaigns-none-ongoing"),
            html! { a.button href=(visit.link("/programs")) { (words!("campaigns-see-programs")) } },
        ),
    }
}

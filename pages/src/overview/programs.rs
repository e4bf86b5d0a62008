//! Programs' progress and ongoing campaigns, in short.
//!
//! Progress is counted from the trades of the running period, which takes longer than a page may: the overview comes
//! without it, and a script brings it in. Without one a link leads to it.

use api::{Problem, question};
use axum::response::Response;
use maud::{Markup, html};
use projections::views::{CampaignRow, OfferRow};
use schemas::Day;

use super::super::layout::Page;
use super::super::parts::{badge, empty};
use super::super::visit::Visit;
use super::Answers;
use crate::words::{marked, words};

/// So many of each stand here.
const SHOWN: usize = 4;

pub(super) fn show(visit: &Visit, answers: &Answers) -> Markup {
    html! {
        div.grid-2 {
            section.card #programs-short data-load=(visit.link("/overview/programs")) aria-labelledby="programs-title" {
                h2 #programs-title { (words!("overview-programs")) }
                p { a href=(visit.link("/programs")) { (words!("overview-how-far")) } }
            }
            section.card #campaigns-short data-live aria-labelledby="campaigns-title" {
                h2 #campaigns-title { (words!("overview-campaigns")) }
                @if answers.campaigns.is_empty() {
                    (empty(words!("overview-no-campaign"), html! {}))
                } @else {
                    ul.short-list { @for campaign in answers.campaigns.iter().take(SHOWN) { (the_campaign(campaign)) } }
                    p { a href=(visit.link("/campaigns")) { (words!("overview-all-campaigns")) } }
                }
            }
        }
    }
}

/// The programs in short, as a page of their own, for the overview to bring in.
pub(super) async fn get_programs(visit: Visit) -> Result<Response, Problem> {
    let asked = visit.read_ledger(|read| Ok((read.ask(&[], question::offers())?, read.today()?)));
    let (offers, today) = asked.await?;
    let main = html! {
        section.card #programs-short aria-labelledby="programs-title" {
            h2 #programs-title { (words!("overview-programs")) }
            @if offers.rows.is_empty() {
                (empty(words!("overview-no-program"), html! {}))
            } @else {
                ul.short-list { @for offer in offers.rows.iter().take(SHOWN) { (program(offer, today)) } }
                p { a href=(visit.link("/programs")) { (words!("overview-all-programs")) } }
            }
        }
    };
    let page = Page {
        title: words!("overview-programs-in-short"),
        section: "/",
        as_of: Some(offers.as_of),
        aside: html! {},
        main,
    };
    Ok(page.show(&visit))
}

fn program(offer: &OfferRow, today: Day) -> Markup {
    let next = offer.next.as_ref().and_then(|next| offer.tiers.iter().find(|tier| tier.name == *next));
    html! {
        li {
            div.row {
                strong { bdi { (offer.title) } }
                @if !offer.eligible { (badge("plain", words!("overview-affiliates-only"))) }
                @if let Some(reached) = &offer.reached { span.badge.good { (marked!("overview-reached", tier = html! { bdi { (reached) } })) } }
            }
            @if let Some(tier) = next {
                @let met = tier.conditions.iter().filter(|condition| condition.met).count();
                p.hint {
                    (marked!("overview-next-tier", tier = html! { bdi { (tier.name) } }, reward = html! { bdi { (tier.reward) } }, met = met, conditions = tier.conditions.len(), left = left(offer.period.to, today)))
                }
            }
        }
    }
}

fn left(to: Day, today: Day) -> String {
    match to.0 - today.0 {
        ..0 => words!("overview-over").to_owned(),
        0 => words!("overview-last-day").to_owned(),
        days => words!("overview-days-left", days = days),
    }
}

fn the_campaign(campaign: &CampaignRow) -> Markup {
    html! {
        li {
            div.row {
                strong { bdi { (campaign.title) } }
                @if campaign.joined { (badge("good", words!("overview-joined"))) }
                @if campaign.visibility == schemas::Visibility::Exclusive { (badge("plain", words!("overview-exclusive"))) }
            }
            p.hint { (marked!("overview-until", day = html! { time datetime=(campaign.ends) { (campaign.ends) } })) }
        }
    }
}

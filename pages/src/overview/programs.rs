//! Programs' progress and ongoing campaigns, in short.
//!
//! Progress is counted from the trades of the running period, which takes longer than a page may: the overview comes
//! without it, and a script brings it in. Without one a link leads to it.

use api::{Problem, query};
use axum::response::Response;
use maud::{Markup, html};
use projections::views::{CampaignRow, OfferRow};
use schemas::Day;

use super::super::layout::Page;
use super::super::parts::{badge, empty};
use super::super::visit::Visit;
use super::Answers;

/// So many of each stand here.
const SHOWN: usize = 4;

pub(super) fn show(visit: &Visit, answers: &Answers) -> Markup {
    html! {
        div.grid-2 {
            section.card #programs-short data-load=(visit.link("/overview/programs")) aria-labelledby="programs-title" {
                h2 #programs-title { "Programs" }
                p { a href=(visit.link("/programs")) { "See how far you are" } }
            }
            section.card #campaigns-short data-live aria-labelledby="campaigns-title" {
                h2 #campaigns-title { "Campaigns" }
                @if answers.campaigns.is_empty() {
                    (empty("No campaign is on at the moment.", html! {}))
                } @else {
                    ul.short-list { @for campaign in answers.campaigns.iter().take(SHOWN) { (the_campaign(campaign)) } }
                    p { a href=(visit.link("/campaigns")) { "All campaigns" } }
                }
            }
        }
    }
}

/// The programs in short, as a page of their own, for the overview to bring in.
pub(super) async fn get_programs(visit: Visit) -> Result<Response, Problem> {
    let asked = visit.read_ledger(|read| Ok((read.ask(&[], query::offers::offers)?, read.asked().view.now.day())));
    let (offers, today) = asked.await?;
    let main = html! {
        section.card #programs-short aria-labelledby="programs-title" {
            h2 #programs-title { "Programs" }
            @if offers.rows.is_empty() {
                (empty("No program runs at the moment.", html! {}))
            } @else {
                ul.short-list { @for offer in offers.rows.iter().take(SHOWN) { (program(offer, today)) } }
                p { a href=(visit.link("/programs")) { "All programs and conditions" } }
            }
        }
    };
    let page = Page { title: "Programs in short", section: "/", as_of: Some(offers.as_of), aside: html! {}, main };
    Ok(page.show(&visit))
}

fn program(offer: &OfferRow, today: Day) -> Markup {
    let next = offer.next.as_ref().and_then(|next| offer.tiers.iter().find(|tier| tier.name == *next));
    html! {
        li {
            div.row {
                strong { bdi { (offer.title) } }
                @if !offer.eligible { (badge("plain", "For affiliates only")) }
                @if let Some(reached) = &offer.reached { span.badge.good { "Reached: " bdi { (reached) } } }
            }
            @if let Some(tier) = next {
                @let met = tier.conditions.iter().filter(|condition| condition.met).count();
                p.hint {
                    "Next: " bdi { (tier.name) } " (" bdi { (tier.reward) } "), "
                    (met) " of " (tier.conditions.len()) @if tier.conditions.len() == 1 { " condition met" } @else { " conditions met" }
                    ", " (left(offer.period.to, today))
                }
            }
        }
    }
}

fn left(to: Day, today: Day) -> String {
    match to.0 - today.0 {
        ..0 => "over".to_owned(),
        0 => "today is the last day".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    }
}

fn the_campaign(campaign: &CampaignRow) -> Markup {
    html! {
        li {
            div.row {
                strong { bdi { (campaign.title) } }
                @if campaign.joined { (badge("good", "Joined")) }
                @if campaign.visibility == schemas::Visibility::Exclusive { (badge("plain", "Exclusive")) }
            }
            p.hint { "Until " time datetime=(campaign.ends) { (campaign.ends) } }
        }
    }
}

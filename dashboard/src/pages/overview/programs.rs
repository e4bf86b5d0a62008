//! Programs' progress and ongoing campaigns, in short.

use maud::{Markup, html};
use projections::views::{CampaignRow, OfferRow};
use schemas::Day;

use super::super::parts::{badge, empty};
use super::super::visit::Visit;
use super::Answers;

/// So many of each stand here.
const SHOWN: usize = 4;

pub(super) fn show(visit: &Visit, answers: &Answers) -> Markup {
    html! {
        div.grid-2 {
            section.card #programs-short data-live aria-labelledby="programs-title" {
                h2 #programs-title { "Programs" }
                @if answers.offers.is_empty() {
                    (empty("No program runs at the moment.", html! {}))
                } @else {
                    ul.short-list { @for offer in answers.offers.iter().take(SHOWN) { (program(offer, answers.today)) } }
                    p { a href=(visit.link("/programs")) { "All programs and conditions" } }
                }
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

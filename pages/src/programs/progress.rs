//! How far an offer's tiers are: which are reached, and in one grid what the tiers above still ask for. What is met is
//! folded away.

use maud::{Markup, html};
use projections::views::{ConditionProgress, OfferRow, TierProgress};

use super::super::offer_metrics::{definition, figure, label, missing, tenths};
use super::super::parts;
use crate::words::{marked, words};

/// All tiers of an offer, the nearest that is not met first.
pub(super) fn draw(id: &str, offer: &OfferRow) -> Markup {
    // They stand from the highest to the lowest.
    let open: Vec<&TierProgress> = offer.tiers.iter().rev().filter(|tier| !tier.met).collect();
    let met: Vec<&TierProgress> = offer.tiers.iter().filter(|tier| tier.met).collect();
    html! {
        (ladder(offer))
        @if open.is_empty() && !met.is_empty() { p.next-tier { (words!("programs-highest-reached")) } }
        @if !open.is_empty() { (grid(&format!("{id}-open"), words!("programs-tiers-above"), &open, offer)) }
        @if !met.is_empty() {
            details.more {
                summary { (marked!("programs-met-tiers", tiers = names(&met))) }
                div.more-inside { (grid(&format!("{id}-met"), words!("programs-what-is-met"), &met, offer)) }
            }
        }
        (definitions(offer))
    }
}

/// The names of tiers, one after the other.
fn names(tiers: &[&TierProgress]) -> Markup {
    html! { @for (at, tier) in tiers.iter().enumerate() { @if at > 0 { (words!("programs-comma")) } bdi { (tier.name) } } }
}

/// The tiers from the lowest to the highest, each with its reward.
fn ladder(offer: &OfferRow) -> Markup {
    html! {
        ol.ladder aria-label=(words!("programs-tiers")) {
            @for tier in offer.tiers.iter().rev() {
                li class=(if tier.met { "is-met" } else { "is-open" }) {
                    strong { bdi { (tier.name) } } " " (standing(offer, tier))
                    @if !tier.reward.is_empty() { span.hint { bdi { (tier.reward) } } }
                }
            }
        }
    }
}

fn standing(offer: &OfferRow, tier: &TierProgress) -> Markup {
    if offer.reached.as_ref() == Some(&tier.name) {
        parts::badge("good", words!("programs-reached"))
    } else if tier.met {
        parts::badge("good", words!("programs-met"))
    } else if offer.next.as_ref() == Some(&tier.name) {
        parts::badge("plain", words!("programs-next"))
    } else {
        html! {}
    }
}

/// The conditions of tiers: a line each, what is missing first.
fn grid(id: &str, caption: &str, tiers: &[&TierProgress], offer: &OfferRow) -> Markup {
    html! {
        div.table-scroll.as-cards role="group" aria-labelledby={ (id) "-caption" } tabindex="0" {
            table.goals id=(id) {
                caption id={ (id) "-caption" } { (caption) }
                thead { tr {
                    th scope="col" { (words!("programs-condition")) } th scope="col" { (words!("programs-target")) }
                    th.num scope="col" { (words!("programs-now")) } th scope="col" { (words!("programs-still-missing")) }
                } }
                @for (at, tier) in tiers.iter().enumerate() {
                    tbody {
                        tr.goal-tier { th colspan="4" scope="rowgroup" {
                            bdi { (tier.name) } " " (standing(offer, tier))
                            @if !tier.reward.is_empty() { span.hint { " " bdi { (tier.reward) } } }
                        } }
                        @for (of, one) in ordered(tier).enumerate() { (condition(&format!("{id}-{at}-{of}"), one)) }
                    }
                }
            }
        }
    }
}

/// The conditions of a tier, those that are not met first.
fn ordered(tier: &TierProgress) -> impl Iterator<Item = &ConditionProgress> {
    let of = |met: bool| tier.conditions.iter().filter(move |one| one.met == met);
    of(false).chain(of(true))
}

fn condition(id: &str, one: &ConditionProgress) -> Markup {
    let tenths = tenths(one.current, one.target);
    let percent = format!("{}.{}%", tenths / 10, tenths % 10);
    html! {
        tr class=(if one.met { "goal is-met" } else { "goal" }) {
            th scope="row" id=(id) { (label(one.metric)) }
            td.wide.goal-target {
                progress max="1000" value=(tenths) aria-labelledby=(id) { (percent) }
                span.hint { (marked!("programs-part-of", percent = percent, target = figure(one.target).show())) }
            }
            td.num data-label=(words!("programs-now")) { (figure(one.current).show()) }
            td.matters {
                @match missing(one.current, one.target) {
                    Some(missing) => { (marked!("programs-to-go", missing = html! { strong { (missing.show()) } })) },
                    None => (parts::badge("good", words!("programs-met"))),
                }
            }
        }
    }
}

/// What the conditions count, each said once.
fn definitions(offer: &OfferRow) -> Markup {
    let mut metrics: Vec<_> = offer.tiers.iter().flat_map(|tier| &tier.conditions).map(|one| one.metric).collect();
    metrics.sort_unstable_by_key(|metric| label(*metric));
    metrics.dedup();
    parts::more(
        words!("programs-what-is-counted"),
        html! {
            dl.facts { @for metric in metrics { dt { (label(metric)) } dd { (definition(metric)) } } }
        },
    )
}

//! How far an offer's tiers are: every condition as current against target.

use maud::{Markup, html};
use projections::views::{ConditionProgress, OfferRow, TierProgress};

use super::super::offer_metrics::{definition, figure, label, missing, tenths};
use super::super::parts;

/// What is missing for the next tier.
pub(super) fn next(offer: &OfferRow) -> Markup {
    let next = offer.next.as_ref().and_then(|name| offer.tiers.iter().find(|tier| tier.name == *name && !tier.met));
    let open = |tier: &TierProgress| -> Vec<Markup> {
        let open = tier.conditions.iter().filter_map(|one| Some((one, missing(one.current, one.target)?)));
        open.map(|(one, missing)| html! { strong { (missing.show()) } " more of " (label(one.metric)) }).collect()
    };
    html! {
        @match next {
            Some(tier) => p.next-tier {
                "For the tier " strong { (tier.name) } @if !tier.reward.is_empty() { " (" (tier.reward) ")" } " there is missing: "
                @for (at, missing) in open(tier).into_iter().enumerate() { @if at > 0 { "; " } (missing) }
                "."
            },
            None if offer.reached.is_some() => p.next-tier { "The highest tier is reached: nothing is missing." },
            None => {}
        }
    }
}

/// A tier with all its conditions.
pub(super) fn tier(id: &str, offer: &OfferRow, tier: &TierProgress) -> Markup {
    let is_reached = offer.reached.as_ref() == Some(&tier.name);
    html! {
        div.tier id=(id) {
            h3 {
                (tier.name) " "
                @if is_reached { (parts::badge("good", "reached")) } @else if tier.met { (parts::badge("good", "met")) }
                @else if offer.next.as_ref() == Some(&tier.name) { (parts::badge("plain", "next")) }
            }
            @if !tier.reward.is_empty() { p { "Reward: " (tier.reward) } }
            ul.conditions { @for (at, one) in tier.conditions.iter().enumerate() { (condition(&format!("{id}-condition-{at}"), one)) } }
        }
    }
}

fn condition(id: &str, one: &ConditionProgress) -> Markup {
    let tenths = tenths(one.current, one.target);
    let percent = format!("{}.{}%", tenths / 10, tenths % 10);
    html! {
        li.condition {
            div.row {
                span.condition-name id=(id) { (label(one.metric)) }
                span.condition-figures {
                    (figure(one.current).show()) " of " (figure(one.target).show()) " "
                    @if one.met { (parts::badge("good", "met")) } @else { span.unit { (percent) } }
                }
            }
            progress max="1000" value=(tenths) aria-labelledby=(id) { (percent) }
            p.hint { (definition(one.metric)) }
        }
    }
}

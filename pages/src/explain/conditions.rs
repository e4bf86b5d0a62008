//! The conditions that a trade was measured by, in their order: the first that does not hold is why there is nothing.

use maud::{Markup, html};
use projections::WhyNothing;
use projections::views::{Explained, TradeRules};
use schemas::ProductGroup;

use super::super::figures;
use super::super::parts::badge;
use super::super::trades::{TradeEvent, group_in_words};
use super::set_by;
use crate::words::{marked, words};

pub(super) fn draw(explained: &Explained, trade: &TradeEvent<'_>, rules: &TradeRules) -> Markup {
    let failed = explained.reason.and_then(|reason| WhyNothing::ALL.iter().position(|one| *one == reason));
    html! {
        p { (words!("explain-conditions-order")) }
        ol.checks {
            @for (at, condition) in WhyNothing::ALL.into_iter().enumerate() {
                li {
                    @match failed {
                        Some(failed) if at == failed => (badge("bad", words!("explain-no"))),
                        Some(failed) if at > failed => (badge("plain", words!("explain-not-looked-at"))),
                        Some(_) | None => (badge("good", words!("explain-yes"))),
                    }
                    span { (told(condition, explained, trade, rules)) }
                }
            }
        }
    }
}

fn told(condition: WhyNothing, explained: &Explained, trade: &TradeEvent<'_>, rules: &TradeRules) -> Markup {
    let group = trade.product.group();
    let limit = match group {
        ProductGroup::Spot => rules.program.spot_vip_max,
        ProductGroup::Futures => rules.program.futures_vip_max,
    };
    html! {
        @match condition {
            WhyNothing::NotRegistered => {
                @match explained.invitee_uid {
                    Some(invitee) => (words!("explain-is-registered-as", invitee = invitee)),
                    None => (words!("explain-is-registered")),
                }
            },
            WhyNothing::BeforeRegistration => {
                @match rules.counts_from {
                    Some(since) => (marked!("explain-not-earlier-from", time = figures::time(since))),
                    None => (words!("explain-not-earlier")),
                }
            },
            WhyNothing::SelfReferral => (words!("explain-not-own-code")),
            WhyNothing::NotAttributed => {
                @match explained.referrer_uid {
                    Some(referrer) => (words!("explain-code-belongs-to", referrer = referrer)),
                    None => (words!("explain-code-belongs")),
                }
            },
            WhyNothing::Relationship => (words!("explain-covers", group = group_in_words(trade.product))),
            WhyNothing::VipLevel => {
                (marked!(
                    "explain-vip-at-most",
                    level = trade.vip_level,
                    limit = limit,
                    group = group_in_words(trade.product),
                    set = set_by(rules)
                ))
            },
            WhyNothing::FeeNotPositive => (marked!("explain-fee-above-0", fee = figures::money(trade.fee_usd))),
            WhyNothing::WindowEnded => {
                @match (group, rules.futures_window_days, rules.invitee_registered_at) {
                    (ProductGroup::Spot, ..) => (words!("explain-no-window-spot")),
                    (ProductGroup::Futures, None, _) => (words!("explain-no-window")),
                    (ProductGroup::Futures, Some(days), Some(since)) => {
                        @let end = figures::time(since.plus_days(i64::from(days)));
                        (marked!("explain-within-window-until", days = days, end = end))
                    },
                    (ProductGroup::Futures, Some(days), None) => (words!("explain-within-window", days = days)),
                }
            },
            WhyNothing::Suspended => (words!("explain-not-suspended")),
            WhyNothing::RateZero => (words!("explain-more-than-0")),
        }
    }
}

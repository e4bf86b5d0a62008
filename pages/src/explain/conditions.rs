//! The conditions that a trade was measured by, in their order: the first that does not hold is why there is nothing.

use maud::{Markup, html};
use projections::WhyNothing;
use projections::views::{Explained, TradeRules};
use schemas::ProductGroup;

use super::super::figures;
use super::super::parts::badge;
use super::super::trades::{TradeEvent, group_in_words};
use super::set_by;

/// The conditions in the order in which they are looked at, each by the reason that it gives.
const ORDER: [WhyNothing; 10] = [
    WhyNothing::NotRegistered,
    WhyNothing::BeforeRegistration,
    WhyNothing::SelfReferral,
    WhyNothing::NotAttributed,
    WhyNothing::Relationship,
    WhyNothing::VipLevel,
    WhyNothing::FeeNotPositive,
    WhyNothing::WindowEnded,
    WhyNothing::Suspended,
    WhyNothing::RateZero,
];

pub(super) fn draw(explained: &Explained, trade: &TradeEvent<'_>, rules: &TradeRules) -> Markup {
    let failed = explained.reason.and_then(|reason| ORDER.iter().position(|one| *one == reason));
    html! {
        p { "A trade gives a commission if all of these hold, looked at in this order." }
        ol.checks {
            @for (at, condition) in ORDER.into_iter().enumerate() {
                li {
                    @match failed {
                        Some(failed) if at == failed => (badge("bad", "No")),
                        Some(failed) if at > failed => (badge("plain", "Not looked at")),
                        Some(_) | None => (badge("good", "Yes")),
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
                "The account is registered"
                @if let Some(invitee) = explained.invitee_uid { ", its major account is " (invitee) }
                "."
            },
            WhyNothing::BeforeRegistration => {
                "The trade is not stamped earlier than the registration"
                @if let Some(since) = rules.counts_from { ": its trades count from " (figures::time(since)) " on" }
                "."
            },
            WhyNothing::SelfReferral => "The code of the registration is not the trader's own.",
            WhyNothing::NotAttributed => {
                "The code of the registration belongs to somebody"
                @if let Some(referrer) = explained.referrer_uid { ": to " (referrer) }
                "."
            },
            WhyNothing::Relationship => { "The referral covers " (group_in_words(trade.product)) " trades." },
            WhyNothing::VipLevel => {
                "VIP level " (trade.vip_level) " is at most " (limit) ", the limit for " (group_in_words(trade.product))
                " trades (" (set_by(rules)) ")."
            },
            WhyNothing::FeeNotPositive => { "The fee, " (figures::money(trade.fee_usd)) ", is above 0." },
            WhyNothing::WindowEnded => {
                @match (group, rules.futures_window_days, rules.invitee_registered_at) {
                    (ProductGroup::Spot, ..) => "No window of days applies: it is no futures trade.",
                    (ProductGroup::Futures, None, _) => "No window of days applies to this referrer's futures trades.",
                    (ProductGroup::Futures, Some(days), since) => {
                        "The trade lies within the " (days) " days after the invitee's own registration"
                        @if let Some(since) = since { ", before " (figures::time(since.plus_days(i64::from(days)))) }
                        "."
                    },
                }
            },
            WhyNothing::Suspended => "The referrer is not suspended at the trade.",
            WhyNothing::RateZero => "The commission comes to more than 0.",
        }
    }
}

//! Trades on pages: what stands in their events, why each gave what it gave in a sentence, and the way to all of it.

use maud::{Markup, html};
use projections::WhyNothing;
use projections::views::Explained;
use schemas::{Body, Event, Product, ProductGroup, Timestamp, Uid, Usd};

use super::figures::{self, Figure, percent};
use super::link::Link;
use super::parts::as_told;
use super::tables::{Column, Table};
use super::visit::Visit;
use super::words::{marked, words};

/// Where any trade is explained.
pub(super) const EXPLAIN_PATH: &str = "/trades/explain";

/// The fields of a trade's event that pages show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TradeEvent<'a> {
    pub(super) source: &'a str,
    pub(super) id: &'a str,
    pub(super) time: Timestamp,
    pub(super) product: Product,
    pub(super) symbol: &'a str,
    pub(super) volume_usd: Usd,
    pub(super) fee_usd: Usd,
    pub(super) vip_level: u64,
}

impl<'a> TradeEvent<'a> {
    /// Reads the event of an explained trade. A page that cannot tell something still tells the rest.
    pub(super) fn of(event: &'a Event<'_>) -> TradeEvent<'a> {
        let trade = if let Body::Trade(trade) = &event.body { Some(trade) } else { None };
        TradeEvent {
            source: &event.source,
            id: &event.id,
            time: event.time,
            product: trade.map_or(Product::Spot, |trade| trade.product),
            symbol: trade.map_or("", |trade| &trade.symbol),
            volume_usd: trade.map_or(Usd::ZERO, |trade| trade.volume_usd),
            fee_usd: trade.map_or(Usd::ZERO, |trade| trade.fee_usd),
            vip_level: trade.map_or(0, |trade| u64::from(trade.vip_level)),
        }
    }
}

/// The way to a trade's explanation.
pub(super) fn explain_link(visit: &Visit, account: Uid, source: &str, id: &str) -> Link {
    visit.link(EXPLAIN_PATH).with("invitee", account).with("source", source).with("id", id)
}

/// The product groups in words.
pub(super) fn group_in_words(product: Product) -> &'static str {
    match product.group() {
        ProductGroup::Spot => words!("trades-group-spot"),
        ProductGroup::Futures => words!("trades-group-futures"),
    }
}

/// A product in a word.
pub(super) fn product_in_words(product: Product) -> &'static str {
    match product {
        Product::Spot => words!("trades-product-spot"),
        Product::Margin => words!("trades-product-margin"),
        Product::Futures => words!("trades-product-futures"),
    }
}

/// Why a trade gives its amounts, or nothing, in a sentence.
pub(super) fn why(explained: &Explained) -> String {
    let trade = TradeEvent::of(&explained.event);
    let usd = |amount: Usd| format!("{} USD", Figure::Money(amount).plain());
    let rate = |rate: &Option<projections::views::RateInForce>| {
        rate.as_ref().map_or_else(|| "0%".to_owned(), |rate| percent(rate.rate))
    };
    let (base, rebate) = (rate(&explained.base_rate), rate(&explained.rebate_rate));
    let fee = usd(trade.fee_usd);
    let Some(reason) = explained.reason else {
        let (total, rest) = (usd(explained.total), usd(explained.commission));
        return if explained.rebate.is_zero() {
            words!("trades-why-all", base = base, fee = fee, total = total, rest = rest)
        } else {
            let friends = usd(explained.rebate);
            words!(
                "trades-why-shared",
                base = base,
                fee = fee,
                total = total,
                rebate = rebate,
                friends = friends,
                rest = rest
            )
        };
    };
    let group = group_in_words(trade.product);
    match reason {
        WhyNothing::NotRegistered => words!("trades-not-registered").to_owned(),
        WhyNothing::BeforeRegistration => words!("trades-before-registration").to_owned(),
        WhyNothing::SelfReferral => words!("trades-self-referral").to_owned(),
        WhyNothing::NotAttributed => words!("trades-not-attributed").to_owned(),
        WhyNothing::Relationship => words!("trades-relationship", group = group),
        WhyNothing::VipLevel => words!("trades-vip-level", level = trade.vip_level, group = group),
        WhyNothing::FeeNotPositive => words!("trades-no-fee").to_owned(),
        WhyNothing::WindowEnded => words!("trades-window-ended").to_owned(),
        WhyNothing::Suspended if explained.rebate.is_zero() => words!("trades-suspended").to_owned(),
        WhyNothing::Suspended => {
            words!("trades-suspended-with-rebate", rebate = rebate, friends = usd(explained.rebate))
        }
        WhyNothing::RateZero if explained.base_rate.as_ref().is_some_and(|base| base.rate.0 == 0) => {
            words!("trades-rate-zero").to_owned()
        }
        WhyNothing::RateZero if explained.rebate.is_zero() => words!("trades-cut-to-zero", base = base, fee = fee),
        WhyNothing::RateZero => {
            words!("trades-all-to-invitee", base = base, fee = fee, friends = usd(explained.rebate))
        }
    }
}

/// Trades with why each gave its amounts, and the way to all that they are made of.
pub(super) fn trade_table(visit: &Visit, id: &str, caption: &str, trades: &[Explained]) -> Markup {
    let columns = [
        Column::text(words!("trades-time")),
        Column::text(words!("trades-product")),
        Column::figure(words!("trades-volume")),
        Column::figure(words!("trades-fee")),
        Column::figure(words!("trades-commission")),
        Column::figure(words!("trades-rebate")),
        Column::text(words!("trades-why")),
    ];
    let rows = html! {
        @for explained in trades {
            @let trade = TradeEvent::of(&explained.event);
            @let link = explain_link(visit, explained.account_uid, trade.source, trade.id);
            tr {
                th scope="row" {
                    a href=(link) { (figures::time(trade.time)) }
                    @if explained.invitee_uid.is_some_and(|invitee| invitee != explained.account_uid) {
                        br; span.hint { (words!("trades-by-sub-account", uid = explained.account_uid)) }
                    }
                }
                td data-label=(words!("trades-product")) { (product_in_words(trade.product)) " " span.hint { (trade.symbol) } }
                td.num data-label=(words!("trades-volume")) { (figures::amount(trade.volume_usd)) }
                td.num data-label=(words!("trades-fee")) { (figures::amount(trade.fee_usd)) }
                td.num.matters data-label=(words!("trades-commission")) { a.amount href=(link) { (figures::amount(explained.commission)) } }
                td.num data-label=(words!("trades-rebate")) { a.amount href=(link) { (figures::amount(explained.rebate)) } }
                td.why.wide { (why(explained)) @if let Some(reversal) = &explained.reversal { " " (taken_back(reversal)) } }
            }
        }
    };
    html! { div.trade-cards { (Table { id, caption, columns: &columns, sorting: None, rows }.draw_as_cards(visit)) } }
}

/// That a trade was taken back, when and why.
pub(super) fn taken_back(reversal: &projections::views::ReversalLine) -> Markup {
    html! {
        @let badge = html! { span.badge.warn { (words!("trades-taken-back")) } };
        @if reversal.reason.is_empty() {
            (marked!("trades-taken-back-on", badge = badge, time = figures::time(reversal.time)))
        } @else {
            @let reason = as_told(&reversal.reason);
            (marked!("trades-taken-back-because", badge = badge, time = figures::time(reversal.time), reason = reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use projections::views::RateInForce;
    use schemas::{AssetAmount, Rate, Trade};

    use super::*;

    fn explained(reason: Option<WhyNothing>, commission: &str, rebate: &str) -> Explained {
        let usd = |text| Usd::parse(text).expect("an amount");
        let rate = |text| Some(RateInForce { rate: Rate::parse(text).expect("a rate"), event: None });
        Explained {
            event: Event {
                source: "/s".into(),
                id: "t".into(),
                time: Timestamp::parse("2026-03-04T10:00:00Z").expect("a time"),
                body: Body::Trade(Trade {
                    uid: Uid(100),
                    product: Product::Futures,
                    symbol: "BTCUSDT".into(),
                    volume_usd: usd("1000"),
                    fee_usd: usd("10"),
                    fee_asset: "USDT".into(),
                    fee_amount: AssetAmount::parse("10").expect("an amount"),
                    vip_level: 3,
                }),
            },
            position: 1,
            account_uid: Uid(100),
            invitee_uid: Some(Uid(100)),
            parent_uid: None,
            referrer_uid: Some(Uid(7)),
            code: None,
            base_rate: rate("0.4"),
            rebate_rate: rate("0.1"),
            eligible: reason.is_none(),
            reason,
            total: usd(commission) + usd(rebate),
            commission: usd(commission),
            rebate: usd(rebate),
            postings: Vec::new(),
            reversal: None,
            as_of: None,
        }
    }

    #[test]
    fn a_sentence_says_how_an_amount_comes_about() {
        let says = why(&explained(None, "3", "1"));
        assert_eq!(
            says,
            "40% of the fee of 10.00 USD is 4.00 USD, of which the invitee gets 10% of the fee, 1.00 USD, and the \
             referrer the rest, 3.00 USD."
        );
    }

    #[test]
    fn a_sentence_names_the_rule_that_gives_nothing() {
        use WhyNothing::{
            BeforeRegistration, FeeNotPositive, NotAttributed, NotRegistered, RateZero, Relationship, SelfReferral,
            Suspended, VipLevel, WindowEnded,
        };
        let table = [
            (NotRegistered, "0", "not registered"),
            (BeforeRegistration, "0", "earlier than the registration"),
            (SelfReferral, "0", "own"),
            (NotAttributed, "0", "nobody owns"),
            (Relationship, "0", "does not cover futures"),
            (VipLevel, "0", "VIP level 3"),
            (FeeNotPositive, "0", "no fee"),
            (WindowEnded, "0", "had ended"),
            (Suspended, "0", "no rebate"),
            (Suspended, "1", "keeps its rebate of 10%, 1.00 USD"),
            (RateZero, "0", "cut to 8 decimals"),
            (RateZero, "4", "the invitee gets all of 40%"),
        ];
        for (reason, rebate, words) in table {
            let says = why(&explained(Some(reason), "0", rebate));
            assert!(says.contains(words) && says.starts_with("No"), "{reason:?}: {says}");
        }
    }
}

//! Trades on pages: what stands in their events, why each gave what it gave in a sentence, and the way to all of it.

use maud::{Markup, html};
use projections::WhyNothing;
use projections::views::Explained;
use schemas::{Body, Event, Product, ProductGroup, Timestamp, Uid, Usd};

use super::figures::{self, Figure, percent};
use super::link::Link;
use super::tables::{Column, Table};
use super::visit::Visit;

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
        ProductGroup::Spot => "spot and margin",
        ProductGroup::Futures => "futures",
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
    let Some(reason) = explained.reason else {
        let of_invitee = if explained.rebate.is_zero() {
            "of which the invitee gets nothing".to_owned()
        } else {
            format!("of which the invitee gets {rebate} of the fee, {}", usd(explained.rebate))
        };
        return format!(
            "{base} of the fee of {} is {}, {of_invitee}, and the referrer the rest, {}.",
            usd(trade.fee_usd),
            usd(explained.total),
            usd(explained.commission)
        );
    };
    let group = group_in_words(trade.product);
    match reason {
        WhyNothing::NotRegistered => "Nothing: the account, or its major account, is not registered yet.".to_owned(),
        WhyNothing::BeforeRegistration => "Nothing: it is stamped earlier than the registration.".to_owned(),
        WhyNothing::SelfReferral => "Nothing: the code is the trader's own.".to_owned(),
        WhyNothing::NotAttributed => {
            "Nothing: the trader registered without a code, or with one that nobody owns.".to_owned()
        }
        WhyNothing::Relationship => format!("Nothing: the referral does not cover {group} trades."),
        WhyNothing::VipLevel => {
            format!("Nothing: at VIP level {} it is above the limit for {group} trades.", trade.vip_level)
        }
        WhyNothing::FeeNotPositive => "Nothing: it paid no fee.".to_owned(),
        WhyNothing::WindowEnded => "Nothing: the days in which futures trades give something had ended.".to_owned(),
        WhyNothing::Suspended if explained.rebate.is_zero() => {
            "Nothing: the referrer was suspended, and the invitee has no rebate.".to_owned()
        }
        WhyNothing::Suspended => format!(
            "No commission: the referrer was suspended. The invitee keeps its rebate of {rebate}, {}.",
            usd(explained.rebate)
        ),
        WhyNothing::RateZero if explained.base_rate.as_ref().is_some_and(|base| base.rate.0 == 0) => {
            "Nothing: the base rate was 0%.".to_owned()
        }
        WhyNothing::RateZero if explained.rebate.is_zero() => {
            format!("Nothing: {base} of the fee of {}, cut to 8 decimals, is 0.", usd(trade.fee_usd))
        }
        WhyNothing::RateZero => format!(
            "No commission: the invitee gets all of {base} of the fee of {}, {}.",
            usd(trade.fee_usd),
            usd(explained.rebate)
        ),
    }
}

/// Trades with why each gave its amounts, and the way to all that they are made of.
pub(super) fn trade_table(visit: &Visit, id: &str, caption: &str, trades: &[Explained]) -> Markup {
    let columns = [
        Column::text("Time"),
        Column::text("Product"),
        Column::figure("Volume, USD"),
        Column::figure("Fee, USD"),
        Column::figure("Commission, USD"),
        Column::figure("Rebate, USD"),
        Column::text("Why"),
    ];
    let rows = html! {
        @for explained in trades {
            @let trade = TradeEvent::of(&explained.event);
            @let link = explain_link(visit, explained.account_uid, trade.source, trade.id);
            tr {
                th scope="row" {
                    a href=(link) { (figures::time(trade.time)) }
                    @if explained.invitee_uid.is_some_and(|invitee| invitee != explained.account_uid) {
                        br; span.hint { "by sub-account " (explained.account_uid) }
                    }
                }
                td data-label="Product" { (trade.product.as_str()) " " span.hint { (trade.symbol) } }
                td.num data-label="Volume, USD" { (figures::amount(trade.volume_usd)) }
                td.num data-label="Fee, USD" { (figures::amount(trade.fee_usd)) }
                td.num.matters data-label="Commission, USD" { a.amount href=(link) { (figures::amount(explained.commission)) } }
                td.num data-label="Rebate, USD" { a.amount href=(link) { (figures::amount(explained.rebate)) } }
                td.why.wide { (why(explained)) @if let Some(reversal) = &explained.reversal { " " (taken_back(reversal)) } }
            }
        }
    };
    html! { div.trade-cards { (Table { id, caption, columns: &columns, sorting: None, rows }.draw_as_cards(visit)) } }
}

/// That a trade was taken back, when and why.
pub(super) fn taken_back(reversal: &projections::views::ReversalLine) -> Markup {
    html! {
        span.badge.warn { "Taken back" } " on " (figures::time(reversal.time))
        @if !reversal.reason.is_empty() { ": " (reversal.reason) }
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

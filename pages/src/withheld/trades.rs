//! The trades of which something was withheld or taken back, each with the way to its explanation.

use api::Privilege;
use maud::{Markup, html};
use projections::views::{ForgoneTrade, ReversalLine};

use super::super::figures;
use super::super::operator::entry_link;
use super::super::parts;
use super::super::tables::{Column, Table};
use super::super::trades::{explain_link, product_in_words};
use super::super::visit::Visit;
use super::{Kind, Rows, called};
use crate::words::{marked, words};

pub(super) fn table(visit: &Visit, kind: Kind, trades: &[ForgoneTrade]) -> Markup {
    let columns = [
        Column::text(words!("withheld-trade")),
        Column::text(words!("withheld-referrer")),
        Column::text(words!("withheld-invitee")),
        Column::text(words!("withheld-code")),
        Column::text(words!("withheld-product")),
        Column::text(words!("withheld-why")),
        Column::figure(words!("withheld-fee")),
        Column::figure(words!("withheld-commission")),
        Column::figure(words!("withheld-rebate")),
        Column::figure(words!("withheld-together")),
    ];
    let rows = html! { @for trade in trades { (row(visit, trade)) } };
    let caption = called::caption(kind, Rows::Trades);
    Table { id: "forgone", caption, columns: &columns, sorting: None, rows }.draw_as_cards(visit)
}

fn row(visit: &Visit, row: &ForgoneTrade) -> Markup {
    let explained = explain_link(visit, row.trade.uid, &row.trade.source, &row.trade.id).without("uid");
    let of_referrer = visit.link("/").with("uid", row.referrer_uid);
    html! {
        tr {
            th scope="row" {
                a href=(explained) { (figures::time(row.time)) }
                @if row.trade.uid != row.invitee_uid { br; span.hint { (words!("trades-by-sub-account", uid = row.trade.uid)) } }
            }
            td data-label=(words!("withheld-referrer")) { a href=(of_referrer) { (row.referrer_uid) } }
            td data-label=(words!("withheld-invitee")) {
                @if row.invitee_uid == row.referrer_uid { (row.invitee_uid) } @else {
                    a href=(visit.link(format!("/referrals/{}", row.invitee_uid)).with("uid", row.referrer_uid)) { (row.invitee_uid) }
                }
            }
            td data-label=(words!("withheld-code")) { (row.code) @if let Some(country) = row.country { " " span.hint { (country) } } }
            td data-label=(words!("withheld-product")) { (product_in_words(row.product)) }
            td.why.wide {
                @if let Some(why) = row.reason { (called::why(why)) }
                @if let Some(reversal) = &row.reversal { " " (taken_back(visit, reversal)) }
            }
            td.num data-label=(words!("withheld-fee")) { (figures::amount(row.sum.fee_usd)) }
            td.num data-label=(words!("withheld-commission")) { (figures::amount(row.sum.commission)) }
            td.num data-label=(words!("withheld-rebate")) { (figures::amount(row.sum.rebate)) }
            td.num.matters data-label=(words!("withheld-together")) { (figures::amount(row.sum.total())) }
        }
    }
}

/// When and why it was taken back, with the way to the entry for who sees it.
fn taken_back(visit: &Visit, reversal: &ReversalLine) -> Markup {
    let sees_entries = visit.caller.require(Privilege::SeeOperation).is_ok();
    let badge = parts::badge("warn", words!("trades-taken-back"));
    let time = figures::time(reversal.time);
    let time = if sees_entries {
        html! { a href=(entry_link(visit, reversal.position)) { (time) } }
    } else {
        time
    };
    if reversal.reason.is_empty() {
        return marked!("trades-taken-back-on", badge = badge, time = time);
    }
    marked!("trades-taken-back-because", badge = badge, time = time, reason = html! { bdi { (reversal.reason) } })
}

//! The trades of which something was withheld or taken back, each with the way to its explanation.

use api::Privilege;
use maud::{Markup, html};
use projections::views::{ForgoneTrade, ReversalLine};

use super::super::figures;
use super::super::operator::entry_link;
use super::super::tables::{Column, Table};
use super::super::trades::explain_link;
use super::super::visit::Visit;
use super::{Kind, Rows, words};

pub(super) fn table(visit: &Visit, kind: Kind, trades: &[ForgoneTrade]) -> Markup {
    let columns = [
        Column::text("Trade"),
        Column::text("Referrer"),
        Column::text("Invitee"),
        Column::text("Code"),
        Column::text("Product"),
        Column::text("Why"),
        Column::figure("Fee, USD"),
        Column::figure("Commission, USD"),
        Column::figure("Rebate, USD"),
        Column::figure("Together, USD"),
    ];
    let rows = html! { @for trade in trades { (row(visit, trade)) } };
    let caption = words::caption(kind, Rows::Trades);
    Table { id: "forgone", caption, columns: &columns, sorting: None, rows }.draw_as_cards(visit)
}

fn row(visit: &Visit, row: &ForgoneTrade) -> Markup {
    let explained = explain_link(visit, row.trade.uid, &row.trade.source, &row.trade.id).without("uid");
    let of_referrer = visit.link("/").with("uid", row.referrer_uid);
    html! {
        tr {
            th scope="row" {
                a href=(explained) { (figures::time(row.time)) }
                @if row.trade.uid != row.invitee_uid { br; span.hint { "by sub-account " (row.trade.uid) } }
            }
            td data-label="Referrer" { a href=(of_referrer) { (row.referrer_uid) } }
            td data-label="Invitee" {
                @if row.invitee_uid == row.referrer_uid { (row.invitee_uid) } @else {
                    a href=(visit.link(format!("/referrals/{}", row.invitee_uid)).with("uid", row.referrer_uid)) { (row.invitee_uid) }
                }
            }
            td data-label="Code" { (row.code) @if let Some(country) = row.country { " " span.hint { (country) } } }
            td data-label="Product" { (row.product.as_str()) }
            td.why.wide {
                @if let Some(why) = row.reason { (words::why(why)) }
                @if let Some(reversal) = &row.reversal { " " (taken_back(visit, reversal)) }
            }
            td.num data-label="Fee, USD" { (figures::amount(row.sum.fee_usd)) }
            td.num data-label="Commission, USD" { (figures::amount(row.sum.commission)) }
            td.num data-label="Rebate, USD" { (figures::amount(row.sum.rebate)) }
            td.num.matters data-label="Together, USD" { (figures::amount(row.sum.total())) }
        }
    }
}

/// When and why it was taken back, with the way to the entry for who sees it.
fn taken_back(visit: &Visit, reversal: &ReversalLine) -> Markup {
    let sees_entries = visit.caller.require(Privilege::SeeOperation).is_ok();
    html! {
        span.badge.warn { "Taken back" } " on "
        @if sees_entries { a href=(entry_link(visit, reversal.position)) { (figures::time(reversal.time)) } } @else { (figures::time(reversal.time)) }
        @if !reversal.reason.is_empty() { ": " (reversal.reason) }
    }
}

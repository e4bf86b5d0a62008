//! The list of codes.

use api::{Problem, question};
use axum::response::Response;
use maud::{Markup, html};
use projections::query::CODES_MAX;
use projections::views::{Account, CodeRow, List};

use super::super::figures;
use super::super::layout::Page;
use super::super::link::encoded;
use super::super::parts::{badge, copy, dialog, empty, opens_dialog};
use super::super::tables::{Column, Table, paging};
use super::super::visit::Visit;
use super::{NEW_PATH, PATH, form};
use crate::words::{marked, words};

pub(super) async fn get_list(visit: Visit) -> Result<Response, Problem> {
    let cursor = visit.parameter("cursor").map(str::to_owned);
    let asked = visit.read_ledger(move |read| {
        let list = read.ask(&[("cursor", cursor.as_deref())], question::codes())?;
        Ok((list, read.ask(&[], question::account())?))
    });
    let (list, account) = asked.await?;
    let may_make = visit.may_command() && list.total < CODES_MAX as u64;
    let main = html! {
        (used(list.total))
        @if list.total == 0 {
            (empty(words!("codes-none-yet"), html! {
                @if may_make { (opens_dialog("new-code", &visit.link(NEW_PATH), words!("codes-make-first"), "primary")) }
            }))
        } @else {
            (table(&visit, &list))
            (paging(&visit, list.total, list.next_cursor.as_deref(), words!("codes-codes")))
        }
        @if may_make { (new_dialog(&visit, &account)) }
    };
    let aside = html! {
        @if may_make { (opens_dialog("new-code", &visit.link(NEW_PATH), words!("codes-add-new"), "primary")) }
    };
    Ok(Page { title: words!("codes-title"), section: PATH, as_of: Some(list.as_of), aside, main }.show(&visit))
}

fn new_dialog(visit: &Visit, account: &Account) -> Markup {
    dialog("new-code", words!("codes-new"), form::new(visit, "new-code", account, &form::blank()))
}

/// How many codes there are of those that there can be.
pub(super) fn used(total: u64) -> Markup {
    let max = CODES_MAX as u64;
    html! {
        p.codes-used {
            meter id="codes-used" min="0" max=(max) high=(max - 2) optimum="0" value=(total.min(max)) aria-label=(words!("codes-there-are")) {}
            span {
                @if total >= max { (marked!("codes-used-all", used = figures::count(total), max = max)) }
                @else { (marked!("codes-used", used = figures::count(total), max = max)) }
            }
        }
    }
}

fn table(visit: &Visit, list: &List<CodeRow>) -> Markup {
    let columns = [
        Column::text(words!("codes-code")),
        Column::text(words!("codes-created-utc")),
        Column::figure(words!("codes-referrals")),
        Column::figure(words!("codes-commission-usd")),
        Column::figure(words!("codes-you-keep-spot")),
        Column::figure(words!("codes-friend-gets-spot")),
        Column::figure(words!("codes-you-keep-futures")),
        Column::figure(words!("codes-friend-gets-futures")),
        Column::text(words!("codes-note")),
        Column::text(words!("codes-link")),
    ];
    let rows = html! { @for row in &list.rows { (line(visit, row)) } };
    let caption = words!("codes-caption");
    Table { id: "codes", caption, columns: &columns, sorting: None, rows }.draw_as_cards(visit)
}

fn line(visit: &Visit, row: &CodeRow) -> Markup {
    let link = visit.link(format!("{PATH}/{}", encoded(&row.code)));
    let created = row.created_at.to_string();
    html! {
        tr {
            th scope="row" {
                a href=(link) { (row.code) }
                @if row.is_default { " " (badge("good", words!("codes-default"))) }
            }
            td data-label=(words!("codes-created-utc")) { time.fig datetime=(created) data-value=(created) title=(created) { (row.created_at.day()) } }
            td.num data-label=(words!("codes-referrals")) { (figures::count(row.referrals)) }
            td.num.matters data-label=(words!("codes-commission-usd")) { a.amount href=(link) { (figures::amount(row.commission)) } }
            td.num data-label=(words!("codes-you-keep-spot")) { (figures::rate(row.spot_rate)) }
            td.num data-label=(words!("codes-friend-gets-spot")) { (figures::rate(row.spot_rebate_rate)) }
            td.num data-label=(words!("codes-you-keep-futures")) { (figures::rate(row.futures_rate)) }
            td.num data-label=(words!("codes-friend-gets-futures")) { (figures::rate(row.futures_rebate_rate)) }
            td.wide { @if !row.note.is_empty() { span.note dir="auto" { bdi { (row.note) } } } }
            td.wide { (copy(words!("codes-copy-link-of-this"), &row.link)) }
        }
    }
}

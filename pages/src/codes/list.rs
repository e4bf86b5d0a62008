//! The list of codes.

use api::{Problem, query};
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

pub(super) async fn get_list(visit: Visit) -> Result<Response, Problem> {
    let cursor = visit.parameter("cursor").map(str::to_owned);
    let asked = visit.read_ledger(move |read| {
        let list = read.ask(&[("cursor", cursor.as_deref())], query::codes::codes)?;
        Ok((list, read.ask(&[], query::account::account)?))
    });
    let (list, account) = asked.await?;
    let may_make = visit.may_command() && list.total < CODES_MAX as u64;
    let main = html! {
        (used(list.total))
        @if list.total == 0 {
            (empty("There is no code yet. Whoever registers with one of yours is your invitee.", html! {
                @if may_make { (opens_dialog("new-code", &visit.link(NEW_PATH), "Make the first code", "primary")) }
            }))
        } @else {
            (table(&visit, &list))
            (paging(&visit, list.total, list.next_cursor.as_deref(), "codes"))
        }
        @if may_make { (new_dialog(&visit, &account)) }
    };
    let aside = html! {
        @if may_make { (opens_dialog("new-code", &visit.link(NEW_PATH), "Add new", "primary")) }
    };
    Ok(Page { title: "Codes", section: PATH, as_of: Some(list.as_of), aside, main }.show(&visit))
}

fn new_dialog(visit: &Visit, account: &Account) -> Markup {
    dialog("new-code", "A new code", form::new(visit, "new-code", account, &form::blank()))
}

/// How many codes there are of those that there can be.
pub(super) fn used(total: u64) -> Markup {
    let max = CODES_MAX as u64;
    html! {
        p.codes-used {
            meter id="codes-used" min="0" max=(max) high=(max - 2) optimum="0" value=(total.min(max)) aria-label="Codes that there are" {}
            span {
                (figures::count(total)) " of " (max) " codes"
                @if total >= max { ": no more can be made. A code stays for good, so edit one that you have." }
            }
        }
    }
}

fn table(visit: &Visit, list: &List<CodeRow>) -> Markup {
    let columns = [
        Column::text("Code"),
        Column::text("Created, UTC"),
        Column::figure("Referrals"),
        Column::figure("Commission, USD"),
        Column::figure("You keep, spot"),
        Column::figure("Friend gets, spot"),
        Column::figure("You keep, futures"),
        Column::figure("Friend gets, futures"),
        Column::text("Note"),
        Column::text("Link"),
    ];
    let rows = html! { @for row in &list.rows { (line(visit, row)) } };
    let caption = "Your codes. Rates are shares of the trading fee, as they hold for who registers now; commission is of all time.";
    Table { id: "codes", caption, columns: &columns, sorting: None, rows }.draw_as_cards(visit)
}

fn line(visit: &Visit, row: &CodeRow) -> Markup {
    let link = visit.link(format!("{PATH}/{}", encoded(&row.code)));
    let created = row.created_at.to_string();
    html! {
        tr {
            th scope="row" {
                a href=(link) { (row.code) }
                @if row.is_default { " " (badge("good", "Default")) }
            }
            td data-label="Created, UTC" { time.fig datetime=(created) data-value=(created) title=(created) { (row.created_at.day()) } }
            td.num data-label="Referrals" { (figures::count(row.referrals)) }
            td.num.matters data-label="Commission, USD" { a.amount href=(link) { (figures::amount(row.commission)) } }
            td.num data-label="You keep, spot" { (figures::rate(row.spot_rate)) }
            td.num data-label="Friend gets, spot" { (figures::rate(row.spot_rebate_rate)) }
            td.num data-label="You keep, futures" { (figures::rate(row.futures_rate)) }
            td.num data-label="Friend gets, futures" { (figures::rate(row.futures_rebate_rate)) }
            td.wide { @if !row.note.is_empty() { span.note dir="auto" { (row.note) } } }
            td.wide { (copy("link of this code", &row.link)) }
        }
    }
}

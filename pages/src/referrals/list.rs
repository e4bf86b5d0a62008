//! The list of invitees.

use api::{Problem, question};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use projections::query::LIMIT_MAX;
use projections::views::{List, ReferralRow};

use super::super::layout::Page;
use super::super::parts::{self, chips, empty};
use super::super::tables::{Sorting, Table, paging};
use super::super::visit::Visit;
use super::columns::{self, ReferralColumn};
use super::filters::Filters;
use super::{PAGE_ROWS, PATH, export, filter_form, note};
use crate::words::words;

pub(super) async fn get_list(visit: Visit, headers: HeaderMap) -> Result<Response, Problem> {
    let filters = Filters::of(&visit);
    let (asked, cursor) = (filters.clone(), visit.parameter("cursor").map(str::to_owned));
    let limit = visit.parameter("limit").unwrap_or(PAGE_ROWS).to_owned();
    let (codes, list) = visit
        .read_ledger(move |read| {
            let all = LIMIT_MAX.to_string();
            let codes = read.ask(&[("limit", Some(&all))], question::codes())?;
            let mut parameters = asked.parameters();
            parameters.extend([("cursor", cursor.as_deref()), ("limit", Some(&limit))]);
            Ok((codes, read.ask(&parameters, question::referrals())))
        })
        .await?;
    let refused = list.as_ref().err().filter(|problem| filters.are_refused_by(problem)).cloned();
    let chosen = columns::chosen(&headers);
    let form = filter_form::draw(&visit, &filters, &codes.rows, refused.as_ref());
    let chips = chips(&filters.chips(&visit), &Filters::none(&visit));
    let (status, as_of, shown) = match (list, refused) {
        (Ok(list), _) => (StatusCode::OK, list.as_of, shown(&visit, &filters, &chosen, &list, codes.total)),
        (Err(_), Some(problem)) => (problem.kind.status(), codes.as_of, html! {}),
        (Err(problem), None) => return Err(problem),
    };
    let main = html! { (form) (chips) (shown) };
    let aside = html! { (columns::chooser(&visit, &chosen)) };
    let page = Page { title: words!("referrals-title"), section: PATH, as_of: Some(as_of), aside, main };
    Ok(page.show_as(&visit, status))
}

fn shown(visit: &Visit, filters: &Filters, chosen: &[ReferralColumn], list: &List<ReferralRow>, codes: u64) -> Markup {
    if list.total == 0 {
        return nobody(visit, filters, codes);
    }
    html! {
        (table(visit, "referrals", words!("referrals-caption"), chosen, &list.rows))
        div.row.under-table {
            (paging(visit, list.total, list.next_cursor.as_deref(), words!("referrals-invitees")))
            (export::links(visit, filters))
        }
        @if visit.may_command() { (note::dialog(visit)) }
    }
}

/// A table of invitees, sorted as the address says.
pub(crate) fn table(
    visit: &Visit,
    id: &str,
    caption: &str,
    chosen: &[ReferralColumn],
    referrals: &[ReferralRow],
) -> Markup {
    let sorting = Sorting {
        by: visit.parameter("sort").unwrap_or("registered_at"),
        is_descending: visit.parameter("order") != Some("asc"),
    };
    let rows = columns::rows(visit, chosen, referrals);
    let headings = columns::headings(chosen);
    html! { div.referral-table { (Table { id, caption, columns: &headings, sorting: Some(sorting), rows }.draw_as_cards(visit)) } }
}

fn nobody(visit: &Visit, filters: &Filters, codes: u64) -> Markup {
    if !filters.is_empty() {
        let clear = html! { a.button href=(Filters::none(visit)) { (words!("referrals-show-all")) } };
        return empty(words!("referrals-none-meets"), clear);
    }
    if codes == 0 {
        let make = html! { a.button.primary href=(visit.link("/codes/new")) { (words!("referrals-make-a-code")) } };
        return empty(words!("referrals-nobody-no-code"), parts::if_may_command(visit, || make));
    }
    let share = html! { a.button href=(visit.link("/codes")) { (words!("referrals-share-a-code")) } };
    empty(words!("referrals-nobody-yet"), share)
}

//! The overview: what a referrer's codes brought.

use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::html;

use super::figures;
use super::layout::Page;
use super::menu::{Audience, Entry};
use super::visit::Visit;
use crate::app::App;
use crate::problem::Problem;
use crate::query;

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] = &[Entry { path: "/", label: "Overview", audience: Audience::Everyone }];

pub(super) fn router() -> Router<App> {
    Router::new().route("/", get(get_overview))
}

async fn get_overview(visit: Visit) -> Result<Response, Problem> {
    let (from, to) = (visit.parameter("from").map(str::to_owned), visit.parameter("to").map(str::to_owned));
    let asked = visit.read_ledger(move |read| {
        read.ask(&[("from", from.as_deref()), ("to", to.as_deref())], query::overview::overview)
    });
    let overview = asked.await?;
    let main = html! {
        p { (figures::day(overview.from)) " to " (figures::day(overview.to)) }
        p { "Total rewards " (figures::money(overview.metrics.total_rewards)) }
    };
    let page = Page { title: "Overview", section: "/", as_of: Some(overview.as_of), aside: html! {}, main };
    Ok(page.show(&visit))
}

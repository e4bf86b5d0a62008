//! Rewards: what a user earned as a referrer, and what it got back of its own fees, a record a UTC day, counterparty
//! and product (SPEC 4.3); and any range of them as a file.

mod export;
mod trades;

use api::parameters::{AS_OF, Given, UID};
use api::{Problem, ProblemKind, question};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::{RewardKind, RewardRow, Rewards};
use schemas::Usd;

use super::entries::{Audience, Entry};
use super::layout::{Page, shell_first};
use super::link::Link;
use super::ranges::{self, Chosen, Preset};
use super::reading::{Reading, earliest};
use super::tables::{Column, Table, paging};
use super::trades::product_in_words;
use super::visit::Visit;
use super::{figures, parts};
use crate::site::Site;
use crate::words::{Key, marked, words};

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: "/rewards", label: Key("layout-menu-rewards"), audience: Audience::Everyone }];

pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/rewards", get(get_rewards))
        .route("/rewards/export", get(export::get_export))
        .route("/rewards/trades", get(trades::get_trades))
}

/// The kind of rewards that a page's address names.
fn kind_of(visit: &Visit) -> Result<RewardKind, Problem> {
    let wrong = || Problem::of_field(ProblemKind::InvalidParameter, "kind", "expected commission or shared");
    let name = visit.parameter("kind").unwrap_or(RewardKind::Commission.as_str());
    RewardKind::parse(name).ok_or_else(wrong)
}

/// What a kind is called.
fn title_of(kind: RewardKind) -> &'static str {
    match kind {
        RewardKind::Commission => words!("rewards-commission"),
        RewardKind::Shared => words!("rewards-shared"),
    }
}

async fn get_rewards(visit: Visit) -> Result<Response, Problem> {
    let kind = kind_of(&visit)?;
    let chosen = Chosen::of(&visit, Preset::Days7)?;
    if ["from", "to", "cursor"].iter().any(|name| visit.parameter(name).is_some()) {
        return records(visit, kind, chosen).await;
    }
    // Records are made of the range's trades, which may take long.
    shell_first(&visit, words!("rewards-title"), "/rewards", records(visit.clone(), kind, chosen)).await
}

async fn records(visit: Visit, kind: RewardKind, chosen: Chosen) -> Result<Response, Problem> {
    let asked = {
        let (chosen, cursor) = (chosen.clone(), visit.parameter("cursor").map(str::to_owned));
        let read = visit.read_ledger(move |read| {
            let held = if chosen.preset() == Some(Preset::All) { shared_days(read, kind)? } else { None };
            let range = chosen.resolve(read, None)?;
            let mut parameters = vec![("kind", Some(kind.as_str())), ("cursor", cursor.as_deref())];
            match &held {
                Some((from, to)) => parameters.extend([("from", Some(from.as_str())), ("to", Some(to.as_str()))]),
                None => parameters.extend(range.parameters()),
            }
            let rewards = read.ask(&parameters, question::rewards())?;
            // What the records of a commission add up to is a metric; of what is shared with a user there is none.
            let sum = match kind {
                RewardKind::Commission => {
                    let (from, to) = (rewards.from.to_string(), rewards.to.to_string());
                    let days = [("from", Some(from.as_str())), ("to", Some(to.as_str()))];
                    Some(read.ask(&days, question::overview())?.metrics.total_rewards)
                }
                RewardKind::Shared => None,
            };
            Ok((rewards, sum))
        });
        read.await
    };
    match asked {
        Ok((rewards, sum)) => Ok(page(&visit, &chosen, &rewards, sum)),
        Err(problem) if matches!(problem.field.as_deref(), Some("from" | "to")) => {
            let main = html! { (tabs(&visit, kind)) (ranges::picker(&visit, &chosen, None, Some(&problem), ranges::Inside::nothing())) };
            let page = Page { title: words!("rewards-title"), section: "/rewards", as_of: None, aside: html! {}, main };
            Ok(page.show_as(&visit, problem.kind.status()))
        }
        Err(problem) => Err(problem),
    }
}

/// All days of what was shared with a user as an invitee: those of its codes, which a range of all time is of
/// elsewhere, say nothing about them.
fn shared_days(read: &Reading<'_>, kind: RewardKind) -> Result<Option<(String, String)>, Problem> {
    match kind {
        RewardKind::Commission => Ok(None),
        // When it registered is told by no question: all days are looked at.
        RewardKind::Shared if !read.is_here() => Ok(Some((earliest().to_string(), read.today()?.plus(1).to_string()))),
        RewardKind::Shared => read.ask_here(&[], |asked| {
            let uid = asked.caller.referrer(&Given::of(asked.parameters, &[&UID, &AS_OF])?)?;
            let today = asked.view.now.day();
            let held = asked.view.shared_days_held(uid);
            Ok(held.map(|held| (held.from.min(today).to_string(), held.to.max(today).to_string())))
        }),
    }
}

fn page(visit: &Visit, chosen: &Chosen, rewards: &Rewards, sum: Option<Usd>) -> Response {
    let list = &rewards.list;
    let main = html! {
        (tabs(visit, rewards.kind))
        p { @match rewards.kind {
            RewardKind::Commission => (words!("rewards-what-commission")),
            RewardKind::Shared => (words!("rewards-what-shared")),
        } }
        (ranges::picker(visit, chosen, Some((rewards.from, rewards.to)), None, ranges::Inside::nothing()))
        div #rewards-records.stack data-live {
            @if let Some(sum) = sum {
                p { (marked!("rewards-earned", sum = html! { strong #rewards-sum { (figures::money(sum)) } })) }
            }
            @if list.rows.is_empty() { (no_rows(visit, rewards.kind)) } @else {
                (table(visit, rewards.kind, &list.rows))
                (paging(visit, list.total, list.next_cursor.as_deref(), words!("rewards-records")))
            }
        }
        (export::form(visit, rewards))
    };
    let as_of = Some(list.as_of);
    Page { title: words!("rewards-title"), section: "/rewards", as_of, aside: html! {}, main }.show(visit)
}

fn tabs(visit: &Visit, kind: RewardKind) -> Markup {
    let link = |to: RewardKind| visit.here().without("cursor").with("kind", to.as_str());
    let tab = |of: RewardKind| (title_of(of), link(of), of == kind);
    parts::tabs(words!("rewards-kinds"), &[tab(RewardKind::Commission), tab(RewardKind::Shared)])
}

fn table(visit: &Visit, kind: RewardKind, rows: &[RewardRow]) -> Markup {
    let caption = match kind {
        RewardKind::Commission => words!("rewards-commission-newest"),
        RewardKind::Shared => words!("rewards-shared-newest"),
    };
    let table = Table {
        id: "rewards",
        caption,
        columns: &[
            Column::text(words!("rewards-date")),
            Column::text(counterparty_of(kind)),
            Column::text(words!("trades-product")),
            Column::figure(words!("rewards-trades")),
            Column::figure(words!("rewards-fees")),
            Column::figure(words!("rewards-amount")),
        ],
        sorting: None,
        rows: html! { @for row in rows { (record(visit, row)) } },
    };
    table.draw_as_cards(visit)
}

/// Who is on the other side of a reward.
fn counterparty_of(kind: RewardKind) -> &'static str {
    match kind {
        RewardKind::Commission => words!("rewards-invitee"),
        RewardKind::Shared => words!("rewards-referrer"),
    }
}

fn record(visit: &Visit, row: &RewardRow) -> Markup {
    html! {
        tr {
            th scope="row" { (figures::day(row.date)) }
            td data-label=(counterparty_of(row.kind)) {
                // A user's referrer is nobody whose page it may see.
                @if let Some(invitee) = row.invitee_uid { a href=(visit.link(format!("/referrals/{invitee}"))) { (invitee) } }
                @if let Some(referrer) = row.referrer_uid { (referrer) }
            }
            td data-label=(words!("trades-product")) { (product_in_words(row.product)) }
            td.num data-label=(words!("rewards-trades")) { (figures::count(row.trades)) }
            td.num data-label=(words!("rewards-fees")) { (figures::amount(row.fee_usd)) }
            td.num.matters data-label=(words!("rewards-amount")) {
                a href=(trades_link(visit, row)) {
                    (figures::amount(row.amount)) span.visually-hidden { " " (words!("rewards-trades-of-record")) }
                }
            }
        }
    }
}

/// Where the trades of a record are.
fn trades_link(visit: &Visit, row: &RewardRow) -> Link {
    let counterparty = row.invitee_uid.or(row.referrer_uid).map(|uid| uid.to_string()).unwrap_or_default();
    let link = visit.link("/rewards/trades").with("kind", row.kind.as_str()).with("date", row.date);
    link.with("counterparty", counterparty).with("product", row.product.as_str())
}

fn no_rows(visit: &Visit, kind: RewardKind) -> Markup {
    let all = visit.here().without("from").without("to").without("cursor").with("range", Preset::All.as_str());
    match kind {
        RewardKind::Commission => parts::empty(
            words!("rewards-nothing-earned"),
            html! { div.row { a.button href=(all) { (words!("ranges-look-at-all")) } a.button href=(visit.link("/codes")) { (words!("rewards-share-code")) } } },
        ),
        RewardKind::Shared => parts::empty(
            words!("rewards-nothing-shared"),
            html! { a.button href=(all) { (words!("ranges-look-at-all")) } },
        ),
    }
}

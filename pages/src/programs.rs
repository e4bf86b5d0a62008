//! Programs: the offers that run, with a referrer's progress, and how earlier periods stood when they ended.

mod past;
mod progress;

use api::{Problem, query};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::html;
use projections::views::OfferRow;
use schemas::{Day, Timestamp};

use super::entries::{Audience, Entry};
use super::layout::{Page, shell_first};
use super::parts;
use super::tables::paging;
use super::visit::Visit;
use super::{figures, outside};
use crate::site::Site;
use crate::words::Key;

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: "/programs", label: Key("layout-menu-programs"), audience: Audience::Everyone }];

pub(super) fn router() -> Router<Site> {
    Router::new().route("/programs", get(get_programs))
}

/// When the page's figures were, and since when anything is recorded.
#[derive(Clone, Copy)]
struct Moment {
    now: Timestamp,
    first_recorded: Option<Timestamp>,
}

async fn get_programs(visit: Visit) -> Result<Response, Problem> {
    if visit.parameter("cursor").is_some() {
        return page(visit).await;
    }
    // Progress is counted from the trades of the running period, which may take long.
    shell_first(&visit, "Programs", "/programs", page(visit.clone())).await
}

async fn page(visit: Visit) -> Result<Response, Problem> {
    let cursor = visit.parameter("cursor").map(str::to_owned);
    let read = visit.read_ledger(move |read| {
        let offers = read.ask(&[("cursor", cursor.as_deref())], query::offers::offers)?;
        let view = read.asked().view;
        let first_recorded = match offers.as_of.position {
            0 => None,
            _ => Some(view.reader.recorded_at(1).map_err(|error| Problem::internal(&error))?),
        };
        Ok((offers, Moment { now: view.now, first_recorded }))
    });
    let (offers, moment) = read.await?;
    let wanted = visit.parameter("offer");
    let shown = offers.rows.iter().filter(|row| wanted.is_none_or(|id| row.id == id));
    let shown: Vec<&OfferRow> = shown.collect();
    let chips: Vec<_> = wanted.map(|id| (format!("Offer {id}"), visit.here().without("offer"))).into_iter().collect();
    let main = html! {
        @if visit.as_of().is_some() { (past::says_what_it_is(offers.as_of.position, moment.now)) }
        (parts::chips(&chips, &visit.here().without("offer")))
        @if shown.is_empty() { (nothing_runs(&visit, wanted.is_some())) }
        @for (at, offer) in shown.iter().enumerate() { (card(&visit, at, offer, moment)) }
        @if wanted.is_none() && !shown.is_empty() { (paging(&visit, offers.total, offers.next_cursor.as_deref(), "programs")) }
    };
    let as_of = Some(offers.as_of);
    Ok(Page { title: "Programs", section: "/programs", as_of, aside: html! {}, main }.show(&visit))
}

fn nothing_runs(visit: &Visit, is_one: bool) -> maud::Markup {
    let says = match (is_one, visit.as_of().is_some()) {
        (true, true) => "This program did not run then, as far as was known.",
        (true, false) => "This program does not run today.",
        (false, true) => "No program ran then, as far as was known.",
        (false, false) => "No program runs today. New ones show up here by themselves.",
    };
    parts::empty(says, html! { a.button href=(visit.link("/campaigns")) { "See the campaigns" } })
}

fn card(visit: &Visit, at: usize, offer: &OfferRow, moment: Moment) -> maud::Markup {
    let id = format!("offer-{at}");
    html! {
        section.part.offer id=(id) aria-labelledby={ (id) "-title" } data-live {
            div.page-head {
                h2 id={ (id) "-title" } { (offer.title) }
                @if offer.eligible { (parts::badge("good", "You take part")) }
                @else { (parts::badge("warn", "For approved affiliates")) }
            }
            p.offer-facts {
                span { (offer.kind.as_str().replace('_', " ")) " over the " (offer.period.kind.as_str()) }
                span { (figures::day(offer.period.from)) " to " (figures::day(offer.period.to)) }
                span { strong { (days_left(offer.period.to, moment.now)) } }
                @if !offer.url.is_empty() { span { (outside::link(&offer.url, "Terms")) } }
            }
            @if !offer.eligible {
                p { "Your progress is counted, but the reward is for approved affiliates. " a href={ (visit.link("/account")) "#apply" } { "See your account" } }
            }
            (progress::draw(&id, offer))
            (past::periods(visit, offer, moment))
        }
    }
}

/// The days left of a period, today among them.
fn days_left(last: Day, now: Timestamp) -> maud::Markup {
    let left = last.0 - now.day().0 + 1;
    html! {
        @match left {
            ..=0 => { "no day left" }
            1 => { (figures::count(1)) " day left, today" }
            left => { (figures::count(u64::from(left.unsigned_abs()))) " days left, with today" }
        }
    }
}

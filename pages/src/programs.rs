//! Programs: the offers that run, with a referrer's progress, and how earlier periods stood when they ended.

mod past;
mod progress;

use api::{Problem, question};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use ledger::Position;
use maud::html;
use projections::View;
use projections::views::OfferRow;
use schemas::{Day, OfferKind, Period, Timestamp};

use super::entries::{Audience, Entry};
use super::layout::{Page, shell_first};
use super::parts;
use super::tables::paging;
use super::visit::Visit;
use super::{figures, outside};
use crate::site::Site;
use crate::words::Key;
use crate::words::{marked, words};

/// Its entries in the menu.
pub(super) const ENTRIES: &[Entry] =
    &[Entry { path: "/programs", label: Key("layout-menu-programs"), audience: Audience::Everyone }];

pub(super) fn router() -> Router<Site> {
    Router::new().route("/programs", get(get_programs))
}

/// When the page's figures were.
#[derive(Clone, Copy)]
struct Moment {
    today: Day,
    /// What a ledger alone tells.
    recorded: Option<Recorded>,
}

/// The moment that a ledger's figures were of, and since when anything is recorded in it.
#[derive(Clone, Copy)]
struct Recorded {
    now: Timestamp,
    first: Option<Timestamp>,
}

impl Recorded {
    fn of(view: &View<'_>, position: Position) -> Result<Recorded, Problem> {
        let first = match position {
            0 => None,
            _ => Some(view.reader.recorded_at(1).map_err(|error| Problem::internal(&error))?),
        };
        Ok(Recorded { now: view.now, first })
    }
}

async fn get_programs(visit: Visit) -> Result<Response, Problem> {
    if visit.parameter("cursor").is_some() {
        return page(visit).await;
    }
    // Progress is counted from the trades of the running period, which may take long.
    shell_first(&visit, words!("programs-title"), "/programs", page(visit.clone())).await
}

async fn page(visit: Visit) -> Result<Response, Problem> {
    let cursor = visit.parameter("cursor").map(str::to_owned);
    let read = visit.read_ledger(move |read| {
        let offers = read.ask(&[("cursor", cursor.as_deref())], question::offers())?;
        let recorded = match read.is_here() {
            true => Some(Recorded::of(read.here()?.view, offers.as_of.position)?),
            false => None,
        };
        Ok((offers, Moment { today: read.today()?, recorded }))
    });
    let (offers, moment) = read.await?;
    let wanted = visit.parameter("offer");
    let shown = offers.rows.iter().filter(|row| wanted.is_none_or(|id| row.id == id));
    let shown: Vec<&OfferRow> = shown.collect();
    let chips: Vec<_> =
        wanted.map(|id| (words!("programs-offer", id = id), visit.here().without("offer"))).into_iter().collect();
    let main = html! {
        @if visit.as_of().is_some() && let Some(recorded) = &moment.recorded { (past::says_what_it_is(offers.as_of.position, recorded.now)) }
        (parts::chips(&chips, &visit.here().without("offer")))
        @if shown.is_empty() { (nothing_runs(&visit, wanted.is_some())) }
        @for (at, offer) in shown.iter().enumerate() { (card(&visit, at, offer, moment)) }
        @if wanted.is_none() && !shown.is_empty() { (paging(&visit, offers.total, offers.next_cursor.as_deref(), words!("programs-programs"))) }
    };
    let as_of = Some(offers.as_of);
    Ok(Page { title: words!("programs-title"), section: "/programs", as_of, aside: html! {}, main }.show(&visit))
}

fn nothing_runs(visit: &Visit, is_one: bool) -> maud::Markup {
    let says = match (is_one, visit.as_of().is_some()) {
        (true, true) => words!("programs-this-did-not-run"),
        (true, false) => words!("programs-this-does-not-run"),
        (false, true) => words!("programs-none-ran"),
        (false, false) => words!("programs-none-runs"),
    };
    parts::empty(says, html! { a.button href=(visit.link("/campaigns")) { (words!("programs-see-campaigns")) } })
}

fn card(visit: &Visit, at: usize, offer: &OfferRow, moment: Moment) -> maud::Markup {
    let id = format!("offer-{at}");
    html! {
        section.part.offer id=(id) aria-labelledby={ (id) "-title" } data-live {
            div.page-head {
                h2 id={ (id) "-title" } { bdi { (offer.title) } }
                @if offer.eligible { (parts::badge("good", words!("programs-you-take-part"))) }
                @else { (parts::badge("warn", words!("programs-for-affiliates"))) }
            }
            p.offer-facts {
                span { (kind_in_words(offer)) }
                span { (from_to(offer.period.from, offer.period.to)) }
                span { strong { (days_left(offer.period.to, moment.today)) } }
                @if !offer.url.is_empty() { span { (outside::link(&offer.url, words!("programs-terms"))) } }
            }
            @if !offer.eligible {
                p { (words!("programs-not-eligible")) " " a href={ (visit.link("/account")) "#apply" } { (words!("programs-see-account")) } }
            }
            (progress::draw(&id, offer))
            @if let Some(recorded) = moment.recorded { (past::periods(visit, offer, recorded)) }
        }
    }
}

/// What an offer is, and over how long its progress is counted.
fn kind_in_words(offer: &OfferRow) -> &'static str {
    match (offer.kind, offer.period.kind) {
        (OfferKind::Bonus, Period::Month) => words!("programs-bonus-month"),
        (OfferKind::Bonus, Period::Quarter) => words!("programs-bonus-quarter"),
        (OfferKind::Evaluation, Period::Month) => words!("programs-evaluation-month"),
        (OfferKind::Evaluation, Period::Quarter) => words!("programs-evaluation-quarter"),
    }
}

/// The days of a period.
fn from_to(from: Day, to: Day) -> maud::Markup {
    marked!("programs-from-to", from = figures::day(from), to = figures::day(to))
}

/// The days left of a period, today among them.
fn days_left(last: Day, today: Day) -> maud::Markup {
    let left = last.0 - today.0 + 1;
    html! {
        @match left {
            ..=0 => { (words!("programs-no-day-left")) }
            1 => { (marked!("programs-last-day", days = figures::count(1))) }
            left => { (marked!("programs-days-left", days = figures::count(u64::from(left.unsigned_abs())))) }
        }
    }
}

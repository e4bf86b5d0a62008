//! At a glance: what an operator looks at first, each with the way to its page.

use api::{Privilege, Problem};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use projections::views::Phase;

use super::ingestion::{self, Ingestion};
use super::promotions::count;
use super::{applications, audit, campaigns, offers, quarantine, require_sight, rules};
use crate::figures;
use crate::layout::Page;
use crate::parts;
use crate::site::Site;
use crate::visit::Visit;
use crate::what_if;
use crate::words::{marked, words};

pub(super) const PATH: &str = "/operator";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_start))
}

async fn get_start(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let ingestion = Ingestion::of(&visit.site.app).await?;
    let read = visit.read_platform(|read| {
        let view = read.here()?.view;
        let promotions = (view.all_offers(), view.all_campaigns());
        let last = view.as_of().position;
        let recorded = if last == 0 { None } else { Some(view.reader.recorded_at(last)) };
        let recorded = recorded.transpose().map_err(|error| Problem::internal(&error))?;
        Ok((view.applications_waiting(), view.program_rules(), promotions, view.as_of(), recorded))
    });
    let (waiting, program, (offers, campaigns), as_of, recorded) = read.await?;
    let in_quarantine = &ingestion.status.quarantine;
    let rate = ingestion.throughput.spans.get(1);
    let main = html! {
        (ingestion::verdict(&ingestion))
        div.cards #at-a-glance data-live data-live-every="5000" {
            (card(&visit, words!("operator-events-last-minute"), ingestion::PATH, words!("operator-ingestion"), html! {
                @if let Some(span) = rate { span.fig data-value=(span.per_second()) { (span.per_second()) } span.unit { " " (words!("operator-a-second")) } }
            }, html! { (marked!("operator-position-is", position = figures::count(ingestion.status.position))) }))
            (card(&visit, words!("operator-fresh-as-of"), ingestion::PATH, words!("operator-how-late"), html! {
                @match recorded { Some(recorded) => (figures::time(recorded)), None => (figures::none()) }
            }, html! {
                @let dated = as_of.event_time.map_or_else(figures::none, figures::time);
                (marked!("operator-fresh-hint", time = dated))
            }))
            (card(&visit, words!("operator-waiting-in-kafka"), ingestion::PATH, words!("operator-partitions"), html! {
                @match ingestion.lag() { Some(lag) => (figures::count(lag)), None => (figures::none()) }
            }, html! { (ingestion.lag_hint()) }))
            (card(&visit, words!("operator-in-quarantine"), quarantine::PATH, words!("operator-quarantine"), figures::count(in_quarantine.open), html! {
                (marked!("operator-open-hint", discarded = figures::count(in_quarantine.discarded), replaced = figures::count(in_quarantine.replaced)))
            }))
            (card(&visit, words!("operator-applications"), applications::PATH, words!("operator-answer-them"), figures::count(waiting as u64), html! { (words!("operator-users-who-wait")) }))
            (card(&visit, words!("operator-offers-running"), offers::PATH, words!("operator-offers"), figures::count(count(&offers, Phase::Running)), html! {
                (marked!("operator-phases-hint", coming = figures::count(count(&offers, Phase::ToCome)), over = figures::count(count(&offers, Phase::Over))))
            }))
            (card(&visit, words!("operator-campaigns-running"), campaigns::PATH, words!("operator-all-campaigns"), figures::count(count(&campaigns, Phase::Running)), html! {
                (marked!("operator-phases-hint", coming = figures::count(count(&campaigns, Phase::ToCome)), over = figures::count(count(&campaigns, Phase::Over))))
            }))
        }
        @if visit.caller.require(Privilege::WhatIf).is_ok() {
            (parts::section("ask", words!("operator-what-if"), html! {
                p { (words!("operator-what-if-hint")) }
                p { a.button href=(visit.link(what_if::PATH)) { (words!("operator-ask-what-if")) } }
            }))
        }
        (parts::section("audit", words!("operator-audit"), html! {
            p { (words!("operator-audit-hint")) }
            p { a href=(visit.link(audit::PATH)) { (words!("operator-audit")) } }
        }))
        (parts::section("rules", words!("operator-rules-in-force"), html! {
            (rules::in_force(&program.in_force))
            p { a href=(visit.link(rules::PATH)) { (words!("operator-rules")) } }
        }))
    };
    Ok(Page { title: words!("operator-at-a-glance"), section: PATH, as_of: Some(as_of), aside: html! {}, main }
        .show(&visit))
}

fn card(visit: &Visit, label: &str, path: &str, link: &str, figure: Markup, hint: Markup) -> Markup {
    html! {
        div.card {
            h2.glance-label { (label) }
            p.glance-figure { (figure) }
            p.hint { (hint) }
            p { a href=(visit.link(path)) { (link) } }
        }
    }
}

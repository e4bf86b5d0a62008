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

pub(super) const PATH: &str = "/operator";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_start))
}

async fn get_start(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let ingestion = Ingestion::of(&visit.site.app).await?;
    let read = visit.read_platform(|read| {
        let view = read.asked().view;
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
            (card(&visit, "Events, last minute", ingestion::PATH, "Ingestion", html! {
                @if let Some(span) = rate { span.fig data-value=(span.per_second()) { (span.per_second()) } span.unit { " events/s" } }
            }, html! { "Ledger position " (figures::count(ingestion.status.position)) }))
            (card(&visit, "Fresh as of", ingestion::PATH, "How late events are", html! {
                @match recorded { Some(recorded) => (figures::time(recorded)), None => (figures::none()) }
            }, html! {
                "The last entry was recorded; the latest event is dated "
                @match as_of.event_time { Some(time) => (figures::time(time)), None => (figures::none()) }
            }))
            (card(&visit, "Waiting in Kafka", ingestion::PATH, "Partitions", html! {
                @match ingestion.lag() { Some(lag) => (figures::count(lag)), None => (figures::none()) }
            }, html! { (ingestion.lag_hint()) }))
            (card(&visit, "In quarantine", quarantine::PATH, "Quarantine", figures::count(in_quarantine.open), html! {
                "Open; " (figures::count(in_quarantine.discarded)) " discarded, " (figures::count(in_quarantine.replaced)) " replaced"
            }))
            (card(&visit, "Applications", applications::PATH, "Answer them", figures::count(waiting as u64), html! { "Users who wait for an answer" }))
            (card(&visit, "Offers running", offers::PATH, "Offers", figures::count(count(&offers, Phase::Running)), html! {
                (figures::count(count(&offers, Phase::ToCome))) " to come, " (figures::count(count(&offers, Phase::Over))) " over"
            }))
            (card(&visit, "Campaigns running", campaigns::PATH, "All campaigns", figures::count(count(&campaigns, Phase::Running)), html! {
                (figures::count(count(&campaigns, Phase::ToCome))) " to come, " (figures::count(count(&campaigns, Phase::Over))) " over"
            }))
        }
        @if visit.caller.require(Privilege::WhatIf).is_ok() {
            (parts::section("ask", "What if", html! {
                p { "See what other rules would have paid, without touching the ledger." }
                p { a.button href=(visit.link(what_if::PATH)) { "Ask what if" } }
            }))
        }
        (parts::section("audit", "Audit", html! {
            p { "See what was done by whom: commands, events sent in, decisions on quarantined events." }
            p { a href=(visit.link(audit::PATH)) { "Audit" } }
        }))
        (parts::section("rules", "Program rules in force", html! {
            (rules::in_force(&program.in_force))
            p { a href=(visit.link(rules::PATH)) { "Program rules" } }
        }))
    };
    Ok(Page { title: "At a glance", section: PATH, as_of: Some(as_of), aside: html! {}, main }.show(&visit))
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

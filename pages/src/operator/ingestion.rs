//! Ingestion: how fast events come in, how far each source is read, how long a batch takes, and what is wrong.

use std::cmp::Reverse;

use api::{App, Problem, blocking};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use ingest::{AppliedApart, Missing, Readiness, SourceStatus};
use maud::{Markup, html};
use projections::views::Status;

use super::latency::{Bounds, Latency, checkpoint_position, latencies};
use super::quarantine;
use super::require_sight;
use super::throughput::{BAR_SECONDS, Throughput};
use crate::charts::{Bucket, Chart, Kind, Series};
use crate::figures::{self, Figure};
use crate::language::of_the_api;
use crate::layout::Page;
use crate::parts;
use crate::site::Site;
use crate::tables::{Column, Table};
use crate::visit::Visit;
use crate::words::{marked, words};

pub(super) const PATH: &str = "/operator/ingestion";

pub(super) fn router() -> Router<Site> {
    Router::new().route(PATH, get(get_ingestion))
}

/// Everything the page tells, at one moment. It is of the present whatever the page's address looks back to.
pub(super) struct Ingestion {
    pub(super) status: Status,
    pub(super) throughput: Throughput,
    sources: Vec<SourceStatus>,
    readiness: Readiness,
    is_read_only: bool,
    applied_apart: Option<AppliedApart>,
    latencies: Vec<Latency>,
    checkpoint: Option<u64>,
}

impl Ingestion {
    pub(super) async fn of(app: &App) -> Result<Ingestion, Problem> {
        let ledger = app.ledger()?.clone();
        blocking(move || {
            let (status, now) = ledger.read(|view| (view.status(), view.now));
            let throughput = Throughput::of(&ledger.reader(), status.position, now);
            let metrics = ledger.metrics();
            Ok(Ingestion {
                throughput: throughput.map_err(|error| Problem::internal(&error))?,
                status,
                sources: ledger.sources(),
                readiness: ledger.readiness(),
                is_read_only: ledger.is_read_only(),
                applied_apart: ledger.applied_apart(),
                latencies: latencies(metrics.registry()),
                checkpoint: checkpoint_position(metrics.registry()),
            })
        })
        .await?
    }

    /// How many messages of Kafka wait; none where nothing is read, or something that is to be read is not: then
    /// nobody knows.
    pub(super) fn lag(&self) -> Option<u64> {
        let is_whole = self.readiness.unread.iter().all(|unread| unread.why.is_meant());
        let known: Vec<u64> = self.sources.iter().filter_map(|source| source.lag).collect();
        (is_whole && !known.is_empty()).then(|| known.iter().sum())
    }

    /// What the figure of the lag is, or why there is none.
    pub(super) fn lag_hint(&self) -> &'static str {
        match self.lag() {
            Some(_) => words!("operator-lag-of-all"),
            None if self.sources.iter().any(|source| source.assigned) => words!("operator-lag-unknown"),
            None => words!("operator-lag-of-none"),
        }
    }

    /// What is missing, as the probes tell it. That this process only reads is said apart: here nothing is amiss.
    fn missing(&self) -> Vec<Missing> {
        if self.is_read_only { self.readiness.missing_to_answer() } else { self.readiness.missing_to_ingest() }
    }

    /// How it goes, in one word and a sentence.
    pub(super) fn verdict(&self) -> (&'static str, &'static str, Markup) {
        if let Some(failure) = &self.readiness.failure {
            let failure = failure.to_string();
            let failure = html! { span lang=[of_the_api(&failure)] { (failure) } };
            return ("bad", words!("operator-failed"), marked!("operator-failed-because", failure = failure));
        }
        if self.is_read_only {
            return ("plain", words!("operator-read-only"), html! { (words!("operator-read-only-says")) });
        }
        let missing = self.missing().len();
        if missing > 0 {
            return (
                "bad",
                words!("operator-not-all-read"),
                html! { (words!("operator-not-all-read-says", count = missing)) },
            );
        }
        ("good", words!("operator-ready"), html! { (words!("operator-ready-says")) })
    }
}

async fn get_ingestion(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let ingestion = Ingestion::of(&visit.site.app).await?;
    let main = html! {
        @if visit.as_of().is_some() { p.banner { (words!("operator-ingestion-is-of-now")) } }
        (verdict(&ingestion))
        (rates(&ingestion))
        (chart(&ingestion.throughput))
        (partitions(&visit, &ingestion))
        (outcomes(&visit, &ingestion.status))
        (durations(&visit, &ingestion))
    };
    let as_of = Some(ingestion.status.as_of);
    Ok(Page { title: words!("operator-ingestion"), section: PATH, as_of, aside: html! {}, main }.show(&visit))
}

/// The state of the daemon.
pub(super) fn verdict(ingestion: &Ingestion) -> Markup {
    let (tone, word, says) = ingestion.verdict();
    html! {
        div #verdict data-live {
            p { (parts::badge(tone, word)) " " (says) }
            @let missing = ingestion.missing();
            @if !missing.is_empty() {
                ul.plain-list {
                    @for missing in &missing { li { (parts::badge("bad", words!("operator-missing"))) " " @let missing = missing.to_string(); span lang=[of_the_api(&missing)] { (missing) } } }
                }
            }
            @if let Some(apart) = &ingestion.applied_apart { p { (applied_apart(apart)) } }
        }
    }
}

/// An entry that reaches far, and how far it is.
fn applied_apart(apart: &AppliedApart) -> Markup {
    let AppliedApart { position, event_type, since, families_done, families, .. } = apart;
    html! {
        (parts::badge("plain", words!("operator-correcting"))) " "
        (marked!("operator-correcting-entry", position = figures::count(*position), event = html! { code { (event_type.name()) } }, since = since.to_string()))
        " "
        @if *families > 0 { (marked!("operator-correcting-so-far", done = figures::count(*families_done), all = figures::count(*families))) " " }
        (words!("operator-correcting-until"))
    }
}

fn rates(ingestion: &Ingestion) -> Markup {
    html! {
        // The rate falls while nothing comes, so the page looks again by itself.
        div.cards #rates data-live data-live-every="2000" {
            @for span in &ingestion.throughput.spans {
                div.card {
                    h2.glance-label { (span.label) }
                    p.glance-figure { span.fig data-value=(span.per_second()) { (span.per_second()) } span.unit { " " (words!("operator-a-second")) } }
                    p.hint { (marked!("operator-recorded-in-span", count = figures::count(span.events))) }
                }
            }
            div.card {
                h2.glance-label { (words!("operator-position")) }
                p.glance-figure { (figures::count(ingestion.status.position)) }
                p.hint {
                    @match ingestion.checkpoint {
                        Some(position) => (marked!("operator-checkpoint-at", position = figures::count(position))),
                        None => (words!("operator-no-checkpoint")),
                    }
                }
            }
            div.card {
                h2.glance-label { (words!("operator-waiting-in-kafka")) }
                p.glance-figure { @match ingestion.lag() { Some(lag) => (figures::count(lag)), None => (figures::none()) } }
                p.hint { (ingestion.lag_hint()) }
            }
        }
    }
}

fn chart(throughput: &Throughput) -> Markup {
    let buckets: Vec<Bucket> = throughput
        .bars
        .iter()
        .map(|bar| {
            let name = bar.from.to_string();
            let clock = name.get(11..19).unwrap_or(&name).to_owned();
            Bucket { name: format!("{clock} UTC"), short: clock }
        })
        .collect();
    let figures = throughput.bars.iter().map(|bar| Figure::Count(bar.events)).collect();
    let series = [Series { label: words!("operator-events-recorded"), colour: 1, figures }];
    let bucket = words!("operator-seconds-span", seconds = BAR_SECONDS);
    let chart = Chart {
        id: "throughput",
        title: words!("operator-events-five-minutes"),
        unit: words!("operator-unit-events"),
        bucket: &bucket,
        kind: Kind::StackedBars,
        buckets: &buckets,
        series: &series,
        before: None,
        marks: &[],
    };
    chart.draw()
}

fn partitions(visit: &Visit, ingestion: &Ingestion) -> Markup {
    if ingestion.sources.is_empty() {
        let next = html! { p { (marked!("operator-set-topics", brokers = html! { code { "kafka.brokers" } }, topics = html! { code { "kafka.topics" } })) } };
        return parts::section(
            "partitions",
            words!("operator-kafka-partitions"),
            parts::empty(words!("operator-no-topic"), next),
        );
    }
    let rows = html! {
        @for source in &ingestion.sources {
            tr {
                th scope="row" { bdi { (source.topic) } }
                td.num { (figures::count(u64::from(source.partition.unsigned_abs()))) }
                td {
                    @match &source.unread {
                        Some(why) => { (parts::badge(if why.is_meant() { "plain" } else { "bad" }, words!("operator-not-read"))) " " @let why = why.to_string(); span lang=[of_the_api(&why)] { (why) } },
                        None if source.assigned => (parts::badge("good", words!("operator-read-here"))),
                        None => (parts::badge("plain", words!("operator-read-elsewhere"))),
                    }
                }
                td.num { (offset(source.next_offset)) }
                td.num { (offset(source.high_watermark)) }
                td.num { @match source.lag { Some(lag) => (figures::count(lag)), None => (figures::none()) } }
            }
        }
    };
    let columns = [
        Column::text(words!("operator-topic")),
        Column::figure(words!("operator-partition")),
        Column::text(words!("operator-state")),
        Column::figure(words!("operator-next-offset")),
        Column::figure(words!("operator-end-offset")),
        Column::figure(words!("operator-lag-messages")),
    ];
    let caption = words!("operator-partitions-caption");
    let table = Table { id: "partition-table", caption, columns: &columns, sorting: None, rows };
    parts::section(
        "partitions",
        words!("operator-kafka-partitions"),
        html! { div #partitions-now data-live { (table.draw(visit)) } },
    )
}

fn offset(offset: Option<i64>) -> Markup {
    offset.and_then(|offset| u64::try_from(offset).ok()).map_or_else(figures::none, figures::count)
}

/// So many sources of duplicates are shown by name, those with the most: the status names thousands.
const SOURCES_SHOWN: usize = 20;

fn outcomes(visit: &Visit, status: &Status) -> Markup {
    let mut most: Vec<_> = status.duplicate.iter().collect();
    most.sort_by_key(|(source, count)| (Reverse(**count), *source));
    let others: u64 = most.iter().skip(SOURCES_SHOWN).map(|(_, count)| **count).sum();
    most.truncate(SOURCES_SHOWN);
    let inside = html! {
        div #outcomes-now data-live {
            dl.facts {
                dt { (words!("operator-accepted")) } dd { (figures::count(status.accepted)) }
                @for (source, count) in &most {
                    dt { (words!("operator-duplicates-from", source = source)) } dd { (figures::count(**count)) }
                }
                @if others > 0 { dt { (words!("operator-duplicates-others")) } dd { (figures::count(others)) } }
                @if status.duplicate.is_empty() { dt { (words!("operator-duplicates")) } dd { (figures::count(0)) } }
                @for (reason, count) in &status.quarantined {
                    dt { (words!("operator-quarantined-because", reason = quarantine::reason_in_words(reason))) }
                    dd { (figures::count(*count)) }
                }
                dt { (words!("operator-trades-before")) }
                dd { (figures::count(status.trades_before_registration)) }
            }
            p { a href=(visit.link(quarantine::PATH)) { (words!("operator-to-quarantine")) } }
        }
    };
    parts::section("outcomes", words!("operator-outcomes"), inside)
}

fn durations(visit: &Visit, ingestion: &Ingestion) -> Markup {
    let bounds =
        |bounds: Option<Bounds>| html! { @match bounds { Some(bounds) => (bounds.say()), None => (figures::none()) } };
    let rows = html! {
        @for latency in &ingestion.latencies {
            tr {
                th scope="row" { (latency.step) }
                td.num { (figures::count(latency.count)) }
                td.num { (bounds(latency.p50)) }
                td.num { (bounds(latency.p99)) }
            }
        }
    };
    let columns = [
        Column::text(words!("operator-step")),
        Column::figure(words!("operator-times")),
        Column::figure("p50"),
        Column::figure("p99"),
    ];
    let caption = words!("operator-durations-caption");
    let table = Table { id: "durations-table", caption, columns: &columns, sorting: None, rows };
    parts::section(
        "durations",
        words!("operator-durations"),
        html! { div #durations-now data-live { (table.draw(visit)) } },
    )
}

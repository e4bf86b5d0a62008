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
use crate::layout::Page;
use crate::parts;
use crate::site::Site;
use crate::tables::{Column, Table};
use crate::visit::Visit;

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
            Some(_) => "Messages of all partitions",
            None if self.sources.iter().any(|source| source.assigned) => "Not known: not all is read",
            None => "No partition is read",
        }
    }

    /// What is missing, as the probes tell it. That this process only reads is said apart: here nothing is amiss.
    fn missing(&self) -> Vec<Missing> {
        if self.is_read_only { self.readiness.missing_to_answer() } else { self.readiness.missing_to_ingest() }
    }

    /// How it goes, in one word and a sentence.
    pub(super) fn verdict(&self) -> (&'static str, &'static str, String) {
        if let Some(failure) = &self.readiness.failure {
            return ("bad", "Failed", format!("The ledger takes nothing more: {failure}. Start the daemon again."));
        }
        if self.is_read_only {
            let says = "This process reads the ledger that another one writes: it takes in no events itself.";
            return ("plain", "Read only", says.to_owned());
        }
        let missing = self.missing().len();
        if missing > 0 {
            return ("bad", "Not all is read", format!("{missing} of what is to be read is not; below it says why."));
        }
        ("good", "Ready", "The numbers reflect the whole ledger, and it takes in what comes.".to_owned())
    }
}

async fn get_ingestion(visit: Visit) -> Result<Response, Problem> {
    require_sight(&visit)?;
    let ingestion = Ingestion::of(&visit.site.app).await?;
    let main = html! {
        @if visit.as_of().is_some() { p.banner { "Ingestion is always told as it is now." } }
        (verdict(&ingestion))
        (rates(&ingestion))
        (chart(&ingestion.throughput))
        (partitions(&visit, &ingestion))
        (outcomes(&visit, &ingestion.status))
        (durations(&visit, &ingestion))
    };
    let as_of = Some(ingestion.status.as_of);
    Ok(Page { title: "Ingestion", section: PATH, as_of, aside: html! {}, main }.show(&visit))
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
                    @for missing in &missing { li { (parts::badge("bad", "Missing")) " " (missing) } }
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
        (parts::badge("plain", "Correcting")) " Entry " (figures::count(*position)) " (" (event_type.name())
        ") changes what many earlier trades come to. Begun at " (since) ", "
        @if *families > 0 { (figures::count(*families_done)) " of " (figures::count(*families)) " families are done; " }
        "until it is done, every figure is of the position before it."
    }
}

fn rates(ingestion: &Ingestion) -> Markup {
    html! {
        // The rate falls while nothing comes, so the page looks again by itself.
        div.cards #rates data-live data-live-every="2000" {
            @for span in &ingestion.throughput.spans {
                div.card {
                    h2.glance-label { "Last " (span.label) }
                    p.glance-figure { span.fig data-value=(span.per_second()) { (span.per_second()) } span.unit { " events/s" } }
                    p.hint { (figures::count(span.events)) " events recorded" }
                }
            }
            div.card {
                h2.glance-label { "Ledger position" }
                p.glance-figure { (figures::count(ingestion.status.position)) }
                p.hint {
                    @match ingestion.checkpoint {
                        Some(position) => { "Checkpoint at " (figures::count(position)) },
                        None => "No checkpoint was taken by this process",
                    }
                }
            }
            div.card {
                h2.glance-label { "Waiting in Kafka" }
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
    let series = [Series { label: "Events recorded", colour: 1, figures }];
    let bucket = format!("{BAR_SECONDS}-second span");
    let chart = Chart {
        id: "throughput",
        title: "Events recorded, the last five minutes",
        unit: "events",
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
        let next = html! { p { "Set " code { "kafka.brokers" } " and " code { "kafka.topics" } " to read topics; files and posted events need nothing." } };
        return parts::section(
            "partitions",
            "Partitions of Kafka",
            parts::empty("This process reads no Kafka topic.", next),
        );
    }
    let rows = html! {
        @for source in &ingestion.sources {
            tr {
                th scope="row" { (source.topic) }
                td.num { (figures::count(u64::from(source.partition.unsigned_abs()))) }
                td {
                    @match &source.unread {
                        Some(why) => { (parts::badge(if why.is_meant() { "plain" } else { "bad" }, "Not read")) " " (why) },
                        None if source.assigned => (parts::badge("good", "Read here")),
                        None => (parts::badge("plain", "Read elsewhere")),
                    }
                }
                td.num { (offset(source.next_offset)) }
                td.num { (offset(source.high_watermark)) }
                td.num { @match source.lag { Some(lag) => (figures::count(lag)), None => (figures::none()) } }
            }
        }
    };
    let columns = [
        Column::text("Topic"),
        Column::figure("Partition"),
        Column::text("State"),
        Column::figure("Next offset"),
        Column::figure("End offset"),
        Column::figure("Lag, messages"),
    ];
    let caption = "How far the ledger is in each partition";
    let table = Table { id: "partition-table", caption, columns: &columns, sorting: None, rows };
    parts::section("partitions", "Partitions of Kafka", html! { div #partitions-now data-live { (table.draw(visit)) } })
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
                dt { "Accepted" } dd { (figures::count(status.accepted)) }
                @for (source, count) in &most {
                    dt { "Duplicates from " (source) } dd { (figures::count(**count)) }
                }
                @if others > 0 { dt { "Duplicates from all other sources" } dd { (figures::count(others)) } }
                @if status.duplicate.is_empty() { dt { "Duplicates" } dd { (figures::count(0)) } }
                @for (reason, count) in &status.quarantined {
                    dt { "Quarantined: " (quarantine::reason_in_words(reason)) }
                    dd { (figures::count(*count)) }
                }
                dt { "Trades stamped before their account's registration" }
                dd { (figures::count(status.trades_before_registration)) }
            }
            p { a href=(visit.link(quarantine::PATH)) { "To the quarantine" } }
        }
    };
    parts::section("outcomes", "What became of every event read", inside)
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
    let columns = [Column::text("Step"), Column::figure("Times"), Column::figure("p50"), Column::figure("p99")];
    let caption =
        "Since the process started. A quantile is told as the bounds of the histogram's bucket that it lies in.";
    let table = Table { id: "durations-table", caption, columns: &columns, sorting: None, rows };
    parts::section(
        "durations",
        "How long a batch takes",
        html! { div #durations-now data-live { (table.draw(visit)) } },
    )
}

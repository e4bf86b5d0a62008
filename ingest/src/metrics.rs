//! What Prometheus is told. Names and units follow its conventions: base units, `_total` for what only grows.

mod apart;
mod checkpoints;
mod disk;
mod exemplars;
mod freshness;
mod make;
mod open_metrics;
mod process;
mod replication;
mod settings;
mod sources;
mod storage;

use ::checkpoints::DiskUse;
use ledger::{Batch, DiskSpace, Frame, Outcome, Position, Quarantine, QuarantineState, StorageError};
use parking_lot::Mutex;
use prometheus::core::Collector;
use prometheus::{GaugeVec, Histogram, HistogramVec, IntCounter, IntGauge, IntGaugeVec, Registry, TextEncoder};
use schemas::{Reason, Timestamp};

use self::apart::ApartMetrics;
use self::checkpoints::CheckpointMetrics;
use self::disk::DiskMetrics;
use self::exemplars::Exemplars;
use self::freshness::FreshnessMetrics;
pub use self::make::{Described, Kind};
use self::make::{Make, Registered};
use self::process::ProcessMetrics;
use self::replication::ReplicationMetrics;
use self::settings::SettingsMetrics;
use self::sources::SourceMetrics;
pub use self::storage::MeasuredStorage;
use crate::readiness::Missing;
use crate::replication::ReplicationStatus;
use crate::sources::SourceStatus;

/// The metrics of a process. Everything is registered when it is made.
pub struct Metrics {
    registered: Registered,
    accepted: IntCounter,
    duplicate: IntCounter,
    quarantined: Vec<(Reason, IntCounter)>,
    applied: IntCounter,
    apply_seconds: Histogram,
    piece_seconds: Histogram,
    append_seconds: Histogram,
    sync_seconds: Histogram,
    batch_events: Histogram,
    batch_bytes: Histogram,
    position: IntGauge,
    failed: [(Failed, IntGauge); 2],
    quarantine: Vec<(QuarantineState, IntGauge)>,
    clock_behind_seconds: IntGauge,
    state_bytes: IntGauge,
    channel_bytes: IntGaugeVec,
    channel_limit_bytes: IntGaugeVec,
    apart: ApartMetrics,
    checkpoints: CheckpointMetrics,
    disk: DiskMetrics,
    freshness: FreshnessMetrics,
    /// One looks at a time.
    process: Mutex<ProcessMetrics>,
    replication: ReplicationMetrics,
    settings: SettingsMetrics,
    sources: SourceMetrics,
    query_seconds: HistogramVec,
    as_of_seconds: HistogramVec,
    exemplars: Exemplars,
}

impl Default for Metrics {
    fn default() -> Self {
        Metrics::new()
    }
}

/// From ten microseconds to ten seconds.
const SECONDS: [f64; 13] = [1e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 1e-2, 5e-2, 0.25, 1.0, 2.5, 10.0];
const EVENTS: [f64; 8] = [1.0, 10.0, 100.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 100_000.0];
const BYTES: [f64; 8] = [256.0, 4_096.0, 65_536.0, 262_144.0, 1_048_576.0, 4_194_304.0, 16_777_216.0, 67_108_864.0];

/// The commit that it was built from, where the build was told; a variable of its environment and not what lies beside
/// the source, so that who builds the same gets the same.
const COMMIT: &str = match option_env!("TRIBUTARY_COMMIT") {
    Some(commit) => commit,
    None => "",
};

const QUERY_SECONDS: &str = "tributary_query_duration_seconds";
const APPLY_SECONDS: &str = "tributary_apply_duration_seconds";
const APPEND_SECONDS: &str = "tributary_ledger_append_duration_seconds";
const SYNC_SECONDS: &str = "tributary_ledger_fsync_duration_seconds";

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsFormat {
    /// Prometheus' text format, 0.0.4.
    Prometheus,
    /// OpenMetrics 1.0.0, with exemplars.
    OpenMetrics,
}

/// Why a ledger takes nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The disk is full.
    DiskFull,
    /// Anything else, which the log tells.
    Otherwise,
}

impl Metrics {
    /// Makes and registers them.
    #[must_use]
    pub fn new() -> Metrics {
        let registered = Registered::default();
        let make = Make { registered: &registered };
        let events =
            make.counters("tributary_events_total", "Events read, by what became of them.", &["outcome", "reason"]);
        let build = make.gauges(
            "tributary_build_info",
            "The version that runs, and the commit where the build was told one; always 1.",
            &["version", "commit"],
        );
        build.with_label_values(&[env!("CARGO_PKG_VERSION"), COMMIT]).set(1);
        let failed = make.gauges(
            "tributary_ledger_failed",
            "1 if the ledger takes nothing more, else 0, by the cause; the daemon then ends.",
            &["cause"],
        );
        let quarantine = make.gauges(
            "tributary_quarantine_events",
            "Events that quarantine holds now, by what has become of them.",
            &["state"],
        );
        let quarantined = |reason: &Reason| (*reason, events.with_label_values(&["quarantined", reason.as_str()]));
        Metrics {
            accepted: events.with_label_values(&["accepted", ""]),
            duplicate: events.with_label_values(&["duplicate", ""]),
            quarantined: Reason::ALL.iter().map(quarantined).collect(),
            applied: make.counter("tributary_applied_events_total", "Events applied to the state."),
            apply_seconds: make.histogram(APPLY_SECONDS, "Applying one frame.", &SECONDS),
            piece_seconds: make.histogram(
                "tributary_apply_piece_duration_seconds",
                "Changing the state, for which it stands still: one piece of a frame.",
                &SECONDS,
            ),
            append_seconds: make.histogram(
                APPEND_SECONDS,
                "Writing to a file of the ledger, without making it durable.",
                &SECONDS,
            ),
            sync_seconds: make.histogram(
                SYNC_SECONDS,
                "Making a file of the ledger durable.",
                &SECONDS,
            ),
            batch_events: make.histogram("tributary_batch_events", "Events of one frame's batches.", &EVENTS),
            batch_bytes: make.histogram("tributary_batch_bytes", "Bytes of one frame's batches.", &BYTES),
            position: make.gauge("tributary_ledger_position", "The last position that is durable and applied."),
            failed: [(Failed::DiskFull, "disk_full"), (Failed::Otherwise, "other")]
                .map(|(cause, name)| (cause, failed.with_label_values(&[name]))),
            quarantine: QuarantineState::ALL
                .iter()
                .map(|state| (*state, quarantine.with_label_values(&[state.as_str()])))
                .collect(),
            clock_behind_seconds: make.gauge(
                "tributary_clock_behind_ledger_seconds",
                "How far the clock is behind the last entry of the ledger; 0 if it is not.",
            ),
            state_bytes: make.gauge("tributary_state_bytes", "Memory of the state, as far as it can be told."),
            channel_bytes: make.gauges(
                "tributary_channel_bytes",
                "Bytes on their way to the ledger, by where they come from.",
                &["channel"],
            ),
            channel_limit_bytes: make.gauges(
                "tributary_channel_limit_bytes",
                "Bytes that may be on their way to the ledger.",
                &["channel"],
            ),
            apart: ApartMetrics::new(&make),
            checkpoints: CheckpointMetrics::new(&make),
            disk: DiskMetrics::new(&make),
            freshness: FreshnessMetrics::new(&make),
            process: Mutex::new(ProcessMetrics::new(&make)),
            replication: ReplicationMetrics::new(&make),
            settings: SettingsMetrics::new(&make),
            sources: SourceMetrics::new(&make),
            query_seconds: make.histograms(
                QUERY_SECONDS,
                "Answering a question, by endpoint.",
                &["endpoint"],
                &SECONDS,
            ),
            as_of_seconds: make.histograms(
                "tributary_as_of_seconds",
                "Until the state as of an earlier position was there, held or made for the question: about one referrer, or all.",
                &["about", "state"],
                &SECONDS,
            ),
            exemplars: Exemplars::default(),
            registered,
        }
    }

    /// Everything in Prometheus' text format, with the process as it is now.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_in(MetricsFormat::Prometheus)
    }

    /// The same in a format.
    #[must_use]
    pub fn text_in(&self, format: MetricsFormat) -> String {
        self.freshness.show();
        // It stays locked, so that nobody is shown a counter that is being set anew.
        let process = self.process.lock();
        process.look();
        let gathered = self.registered.registry.gather();
        match format {
            MetricsFormat::Prometheus => TextEncoder::new().encode_to_string(&gathered).unwrap_or_default(),
            MetricsFormat::OpenMetrics => open_metrics::written(&gathered, &self.exemplars),
        }
    }

    /// Keeps an observation of a histogram as an exemplar, if it is made within a trace that is collected: with the values
    /// of its labels in the order of their names, and its buckets' bounds.
    pub fn exemplar(&self, name: &'static str, labels: &[&str], bounds: &[f64], value: f64) {
        self.exemplars.note(name, labels, bounds, value);
    }

    /// Adds metrics of another room.
    ///
    /// # Errors
    /// If one of the name is there.
    pub fn register(&self, kind: Kind, collector: Box<dyn Collector>) -> prometheus::Result<()> {
        self.registered.add(kind, collector)
    }

    /// The registry, to look at what is registered.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registered.registry
    }

    /// All that are registered.
    #[must_use]
    pub fn described(&self) -> Vec<Described> {
        self.registered.described()
    }

    /// The settings were read and taken, at this moment.
    pub fn settings_taken(&self, at: Timestamp) {
        self.settings.taken(at);
    }

    /// The settings were read again and cannot be taken: those before are in force.
    pub fn settings_refused(&self) {
        self.settings.refused();
    }

    /// How long a question to an endpoint took, in seconds.
    pub fn observe_query(&self, endpoint: &str, seconds: f64) {
        self.query_seconds.with_label_values(&[endpoint]).observe(seconds);
        self.exemplar(QUERY_SECONDS, &[endpoint], &SECONDS, seconds);
    }

    pub(crate) fn committed(&self, batches: &[Batch], outcomes: &[Outcome]) {
        let [mut accepted, mut duplicate] = [0, 0];
        for outcome in outcomes {
            match outcome {
                Outcome::Accepted { .. } => accepted += 1,
                Outcome::Duplicate { .. } => duplicate += 1,
                Outcome::Quarantined { rejection, .. } => {
                    let counter = self.quarantined.iter().find(|(reason, _)| *reason == rejection.reason);
                    counter.into_iter().for_each(|(_, counter)| counter.inc());
                }
            }
        }
        self.accepted.inc_by(accepted);
        self.duplicate.inc_by(duplicate);
        self.batch_events.observe(as_float(outcomes.len()));
        self.batch_bytes.observe(as_float(batches.iter().map(Batch::bytes).sum()));
    }

    pub(crate) fn applied(&self, frame: &Frame, micros: i64) {
        self.applied.inc_by(u64::from(frame.event_count()));
        self.apply_seconds.observe(seconds(micros));
        self.exemplar(APPLY_SECONDS, &[], &SECONDS, seconds(micros));
    }

    pub(crate) fn appended(&self, seconds: f64) {
        self.append_seconds.observe(seconds);
        self.exemplar(APPEND_SECONDS, &[], &SECONDS, seconds);
    }

    pub(crate) fn synced(&self, seconds: f64) {
        self.sync_seconds.observe(seconds);
        self.exemplar(SYNC_SECONDS, &[], &SECONDS, seconds);
    }

    pub(crate) fn applied_piece(&self, micros: i64) {
        self.piece_seconds.observe(seconds(micros));
    }

    /// A question about the past was given a state of then, or, about one referrer, an excerpt.
    pub(crate) fn as_of(&self, is_excerpt: bool, was_made: bool, micros: i64) {
        let labels = [if is_excerpt { "one" } else { "all" }, if was_made { "made" } else { "held" }];
        self.as_of_seconds.with_label_values(&labels).observe(seconds(micros));
    }

    pub(crate) fn checkpoints_on_disk(&self, bytes: DiskUse) {
        self.checkpoints.on_disk(bytes);
    }

    pub(crate) fn checkpoint_found(&self, position: Position, recorded_at: Option<Timestamp>) {
        self.checkpoints.found(position, recorded_at);
    }

    pub(crate) fn checkpoint_kept(&self, position: Position, at: Timestamp, micros: i64) {
        self.checkpoints.kept(position, at, micros);
    }

    pub(crate) fn checkpoint_failed(&self) {
        self.checkpoints.failed();
    }

    /// Events are in the ledger, the latest of which is of this time, and were recorded then.
    pub(crate) fn took(&self, latest: Timestamp, recorded_at: Timestamp) {
        self.freshness.took(latest, recorded_at);
    }

    /// The ledger takes nothing more.
    pub(crate) fn set_failed(&self, why: Failed) {
        self.failed.iter().for_each(|(cause, gauge)| gauge.set(i64::from(*cause == why)));
    }

    pub(crate) fn set_quarantine(&self, quarantine: &Quarantine) {
        self.quarantine.iter().for_each(|(state, gauge)| gauge.set(quarantine.len(*state) as i64));
    }

    /// Looks at the disk, if nobody did shortly before.
    pub(crate) fn look_at_disk(&self, space: impl FnOnce() -> Result<Option<DiskSpace>, StorageError>) {
        self.disk.look(space);
    }

    pub(crate) fn set_position(&self, position: Position) {
        self.position.set(position as i64);
    }

    /// How many microseconds the clock is behind the ledger.
    pub(crate) fn set_clock_behind(&self, micros: i64) {
        self.clock_behind_seconds.set(micros / 1_000_000);
    }

    pub(crate) fn set_state_bytes(&self, bytes: usize) {
        self.state_bytes.set(bytes as i64);
    }

    /// Which entry is being applied apart, 0 for none, and how many families are done, of how many.
    pub(crate) fn set_apart(&self, position: Position, families_done: u64, families: u64) {
        self.apart.set_apart(position, families_done, families);
    }

    pub(crate) fn applied_apart(&self, micros: i64) {
        self.apart.applied_apart(micros);
    }

    pub(crate) fn set_snapshots(&self, held: usize) {
        self.apart.set_snapshots(held);
    }

    /// Bytes of the states of the past and of the excerpts that are held.
    pub(crate) fn set_past_bytes(&self, states: usize, excerpts: usize) {
        self.apart.set_past_bytes(states, excerpts);
    }

    /// How the ledger is held twice, which here ends at a position.
    pub(crate) fn set_replication(&self, status: &ReplicationStatus, position: Position) {
        self.replication.set(status, position);
    }

    pub(crate) fn set_channel(&self, channel: &str, held: usize, limit: usize) {
        self.channel_bytes.with_label_values(&[channel]).set(held as i64);
        self.channel_limit_bytes.with_label_values(&[channel]).set(limit as i64);
    }

    pub(crate) fn set_sources(&self, sources: &[SourceStatus]) {
        self.sources.set_sources(sources);
    }

    /// What is missing to answer for the whole ledger, and to take in all that is to be taken in.
    pub fn set_readiness(&self, to_answer: &[Missing], to_ingest: &[Missing]) {
        self.sources.set_readiness(to_answer, to_ingest);
    }

    pub(crate) fn kafka_error(&self) {
        self.sources.kafka_errors.inc();
    }
}

/// Prometheus counts in binary floating point; none of these is money.
fn as_float(count: usize) -> f64 {
    count as f64
}

fn set_moment(gauge: &GaugeVec, at: Timestamp) {
    gauge.with_label_values(&[] as &[&str]).set(seconds(at.0));
}

fn seconds(micros: i64) -> f64 {
    std::time::Duration::from_micros(micros.max(0).unsigned_abs()).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_can_be_made_and_every_outcome_is_there_from_the_start() {
        let metrics = Metrics::new();
        let text = metrics.text();
        for line in [
            "tributary_events_total{outcome=\"accepted\",reason=\"\"} 0",
            "tributary_events_total{outcome=\"duplicate\",reason=\"\"} 0",
            "tributary_events_total{outcome=\"quarantined\",reason=\"too_large\"} 0",
            "tributary_events_total{outcome=\"quarantined\",reason=\"conflict\"} 0",
            "tributary_ledger_position 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }

    #[test]
    fn a_question_is_counted_under_its_endpoint() {
        let metrics = Metrics::new();
        metrics.observe_query("/v1/overview", 0.000_02);
        let line = "tributary_query_duration_seconds_count{endpoint=\"/v1/overview\"} 1";
        assert!(metrics.text().contains(line));
    }
}

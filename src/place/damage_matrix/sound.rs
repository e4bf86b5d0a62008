//! The directories that harm is done to: one of each format of the ledger, with all kinds of files that there are.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use api::{Caller, answer};
use checkpoints::{KeepPolicy, KeptCheckpoints};
use ingest::metrics::Metrics;
use ingest::traces::Way;
use ingest::{
    CheckpointPolicy, Clock, Handle, Keeping, PastOptions, ReadOnlyOptions, RunWriting, StartError, StartOptions,
    Started, Work, start, start_read_only,
};
use ledger::{
    Actor, Batch, DiskStorage, EventReader, Head, HeadFound, LedgerOptions, QuarantineId, WriteLock, back_up,
};
use schemas::json::{read_event, write_event};
use schemas::{Body, Timestamp};
use workload::Workload;

use crate::config::{Settings, load};
use crate::place::Place;

/// 2026-04-01T00:00:00Z.
const NOW: i64 = 1_775_001_600_000_000;
/// A history of so many events, most of which are valid, in steps of so many.
const EVENTS: u64 = 600;
const A_STEP: usize = 20;

/// A clock that goes on by a second each time it is asked.
struct Told(AtomicI64);

impl Clock for Told {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000_000, Ordering::SeqCst))
    }
}

/// What a ledger answers: the last position, the digest of its projections, and answers of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) position: u64,
    pub(super) digest: Result<String, String>,
    pub(super) answers: Vec<(String, Result<String, String>)>,
}

/// The questions, of which each reads something else: sums, events read again, quarantine, actors.
const QUESTIONS: &[(&str, &str)] = &[
    ("overview", "from=2026-01-01&to=2026-03-31"),
    ("overview/series", "from=2026-03-01&to=2026-03-31&metric=total_rewards"),
    ("rewards", "from=2026-01-01&to=2026-03-31"),
    ("codes", "uid=UID"),
    ("referrals", "uid=UID"),
    ("account", "uid=UID"),
    ("campaigns", "uid=UID"),
    ("offers", "uid=UID"),
    ("countries", "from=2026-01-01&to=2026-03-31"),
    ("search", "name=7"),
    ("entries/9", ""),
    ("intake", "from=2026-01-01&to=2026-03-31"),
    ("changes", "uid=UID&from=2026-01-01&to=2026-03-31"),
    ("cohorts", "from=2026-01-01&to=2026-03-31"),
    ("referrers", "from=2026-01-01&to=2026-03-31"),
    ("quarantine", ""),
    ("quarantine/1", ""),
    ("quarantine/9", ""),
    ("audit", ""),
    ("feed", "after=0&limit=400"),
    ("feed", "after=400&limit=400"),
];

impl Numbers {
    pub(super) fn of(handle: &Handle, referrer: u64) -> Numbers {
        let reader = handle.reader();
        handle.read(|view| {
            let asked = QUESTIONS.iter().map(|(path, parameters)| {
                let parameters = parameters.replace("UID", &referrer.to_string());
                let pairs = parameters.split('&').filter_map(|pair| pair.split_once('='));
                let pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                let segments: Vec<&str> = path.split('/').collect();
                let answered = answer(view, &reader, &Caller::operator(), &segments, &pairs, Timestamp(NOW));
                let text = answered.map(|answer| String::from_utf8_lossy(&answer.body).into_owned());
                (format!("{path}?{parameters}"), text.map_err(|problem| problem.to_string()))
            });
            Numbers {
                position: view.state.position(),
                digest: view.state.digest(&reader).map_err(|error| error.to_string()),
                answers: asked.collect(),
            }
        })
    }
}

/// A sound directory.
pub(super) struct Sound {
    pub(super) name: String,
    pub(super) data: PathBuf,
    /// A backup of it.
    pub(super) backup: PathBuf,
    /// What it answers.
    pub(super) numbers: Numbers,
    /// The position of the checkpoint that it starts at.
    pub(super) begun_at: u64,
    /// A referrer that some of the answers are of.
    pub(super) referrer: u64,
    head: Head,
    /// Some of the events that it has.
    known: Vec<Vec<u8>>,
    has_beside: bool,
}

/// Settings that name nothing.
fn settings() -> Settings {
    load(None, [], Vec::new()).expect("settings").0
}

/// How a ledger of this matrix is opened: small segments, small runs, many checkpoints along the way.
pub(super) fn options(data: &Path, has_beside: bool) -> StartOptions {
    let settings = settings();
    let place = Place::at(data);
    let clock = Arc::new(Told(AtomicI64::new(NOW)));
    let options = place.start_options(&settings, Arc::new(Metrics::new()), clock).expect("options");
    let along = || DiskStorage::create(&data.join("past")).expect("a folder");
    let kept = || Arc::new(KeptCheckpoints::new(Arc::new(along()), KeepPolicy { interval: 180, count: 16 }));
    StartOptions {
        ledger: LedgerOptions {
            segment_bytes: 12 << 10,
            run_events: if has_beside { 100 } else { u64::MAX },
            ..LedgerOptions::default()
        },
        checkpoints: options.checkpoints.filter(|_| has_beside),
        checkpoint_policy: CheckpointPolicy { events: u64::MAX, interval_micros: i64::MAX },
        keeping: Keeping::AtOnce,
        runs: RunWriting::InStep,
        past: PastOptions { kept: has_beside.then(kept), ..PastOptions::default() },
        ..options
    }
}

fn batch(handle: &Handle, lines: &[Vec<u8>], format: u32) -> Batch {
    let mut batch = handle.batch();
    for line in lines {
        match read_event(line, Timestamp(NOW)) {
            Ok(event) => batch.push_event(&event, line, || "a request".to_owned()),
            Err(rejection) => batch.push_rejected(rejection, line.clone(), "a request".to_owned()),
        }
    }
    if format >= 2 {
        batch.set_topic_identity("events", *b"sixteen bytes id");
        batch.set_offset("events", 0, lines.len() as i64);
    }
    if format >= 3 {
        let who = Some("the one who sends".to_owned());
        batch.set_actor(Some(Actor { who, role: "service".to_owned(), address: None, request_id: None }));
    }
    batch
}

fn step(started: &mut Started, batch: Batch) {
    started.engine.step(vec![Work::Batch { batch, reply: None, way: Way::default() }]).expect("committed");
}

impl Sound {
    /// A ledger of a format, with what lies beside it or without.
    pub(super) fn of_format(folder: &Path, format: u32, seed: u64, has_beside: bool) -> Sound {
        let name = format!("format {format}{}", if has_beside { ", all that lies beside" } else { "" });
        let data = folder.join(format!("{format}-{seed}-{has_beside}"));
        let workload = Workload::hostile(seed, EVENTS, Timestamp(NOW).plus_days(-1));
        let lines: Vec<Vec<u8>> = workload.lines().collect();
        let mut started = start(options(&data, has_beside), &mut |_| {}).expect("started");
        let steps: Vec<&[Vec<u8>]> = lines.chunks(A_STEP).collect();
        for (at, lines) in steps.iter().enumerate() {
            let batch = batch(&started.handle, lines, format);
            step(&mut started, batch);
            if format >= 2 && at == steps.len() / 2 {
                let mut act = started.handle.batch();
                act.discard(QuarantineId(2), "an operator", "not wanted");
                step(&mut started, act);
            }
            // The last one leaves some for the start to replay.
            if has_beside && at % 8 == 7 && at + 4 < steps.len() {
                started.engine.step(vec![Work::Checkpoint]).expect("kept");
            }
        }
        let owners = lines.iter().filter_map(|line| {
            let event = read_event(line, Timestamp(NOW)).ok()?;
            if let Body::Code(code) = event.body { Some(code.owner_uid.0) } else { None }
        });
        let referrer = owners.max().expect("an owner of a code");
        let known = known(&started.handle);
        drop(started);
        Sound::backed_up(name, data, referrer, known, has_beside)
    }

    /// The segment of a format that is kept in the repository for ever.
    pub(super) fn sample(folder: &Path, format: u32) -> Sound {
        let data = folder.join(format!("sample-{format}"));
        let ledger = data.join("ledger");
        fs::create_dir_all(&ledger).expect("made");
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("ledger/samples/v{format}"));
        for entry in fs::read_dir(sample).expect("a sample").flatten() {
            fs::copy(entry.path(), ledger.join(entry.file_name())).expect("copied");
        }
        let name = format!("the sample of format {format}");
        Sound::backed_up(name, data, 1, Vec::new(), false)
    }

    fn backed_up(name: String, data: PathBuf, referrer: u64, known: Vec<Vec<u8>>, has_beside: bool) -> Sound {
        // A start sets the durable mark, and all that lies beside is as a daemon leaves it.
        let started = start(options(&data, has_beside), &mut |_| {}).expect("started");
        let (numbers, begun_at) = (Numbers::of(&started.handle, referrer), started.replayed.from);
        drop(started);
        let backup = data.with_extension("backup");
        let from = DiskStorage::open(&data.join("ledger")).expect("a ledger");
        let to = DiskStorage::create(&backup.join("ledger")).expect("a folder");
        let lock = WriteLock::take(Arc::new(to), "the matrix").expect("locked");
        back_up(Arc::new(from), &lock, &mut |_, _| {}).expect("backed up");
        let head = Head::at(&Place::at(&data).reader().expect("a ledger").end());
        Sound { name, data, backup, numbers, begun_at, referrer, head, known, has_beside }
    }

    /// All its files, below the directory.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let (mut files, mut folders) = (Vec::new(), vec![self.data.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path.strip_prefix(&self.data).expect("below it").to_owned());
                }
            }
        }
        files.sort();
        files
    }

    /// Opens it, or a copy of it, as a daemon does.
    pub(super) fn start(&self, data: &Path) -> Result<Started, StartError> {
        start(options(data, self.has_beside), &mut |_| {})
    }

    /// Whether a directory has a whole ledger that is another one, which the head of this one tells.
    pub(super) fn is_another(&self, data: &Path) -> bool {
        let reader = Place::at(data).reader().ok().filter(|reader| reader.durable_position() > 0);
        let found = reader.and_then(|reader| self.head.look_up(&reader).ok());
        found.is_some_and(|found| matches!(found, HeadFound::Within { .. } | HeadFound::Other { .. }))
    }

    /// Opens it, or a copy of it, to read only.
    pub(super) fn read(&self, data: &Path) -> Result<Handle, StartError> {
        let StartOptions { storage, ledger, past, clock, links, metrics, .. } = options(data, self.has_beside);
        let checkpoints = if self.has_beside { Place::at(data).checkpoints_if_there() } else { None };
        let (run_events, refresh_micros) = (ledger.run_events, i64::MAX);
        let options = ReadOnlyOptions { storage, run_events, checkpoints, past, clock, links, metrics, refresh_micros };
        start_read_only(options, &mut |_| {}).map(|(handle, _)| handle)
    }

    /// Sends in again some of what it has: nothing of it may get in.
    pub(super) fn repeat(&self, started: &mut Started) {
        let batch = batch(&started.handle, &self.known, 1);
        step(started, batch);
    }
}

/// Some of the events of a ledger, of all its segments.
fn known(handle: &Handle) -> Vec<Vec<u8>> {
    let reader = handle.reader();
    let some = (1..=reader.durable_position()).step_by(7).map(|position| {
        let mut text = Vec::new();
        write_event(&reader.event(position).expect("an event"), &mut text);
        text
    });
    some.collect()
}

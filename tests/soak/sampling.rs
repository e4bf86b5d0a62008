//! What a daemon takes, looked at now and then for its whole life.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ureq::Agent;

use crate::daemon_support::daemon::Daemon;

/// One look. Sizes are in bytes.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// Seconds since the beginning.
    pub at: f64,
    /// Memory that is no file's.
    pub anonymous: f64,
    /// Files that are mapped and in memory: the system takes it back when it needs it.
    pub mapped: f64,
    /// What the daemon says that its state takes.
    pub state: f64,
    /// What it says that it holds to look back: states of the past, and excerpts.
    pub past: f64,
    pub descriptors: f64,
    pub threads: f64,
    /// Processor seconds so far.
    pub processor: f64,
    pub position: f64,
    /// Messages that wait, of all partitions.
    pub lag: f64,
    pub ledger: f64,
    /// How many files the ledger has.
    pub files: f64,
    pub checkpoints: f64,
    pub backup: f64,
}

/// Looks until it is told to stop.
pub fn start(
    daemon: &Daemon,
    data: &Path,
    backup: &Path,
    begun: Instant,
    pause: Duration,
    is_over: &Arc<AtomicBool>,
) -> JoinHandle<Vec<Sample>> {
    let (id, url, is_over) = (daemon.id(), daemon.url("/metrics"), Arc::clone(is_over));
    let (data, backup) = (data.to_owned(), backup.to_owned());
    std::thread::spawn(move || {
        let agent = Agent::new_with_defaults();
        let mut samples = Vec::new();
        while !is_over.load(Ordering::Relaxed) {
            let text = agent.get(&url).call().expect("metrics").body_mut().read_to_string().expect("a text");
            samples.push(sample(&text, id, &data, &backup, begun.elapsed().as_secs_f64()));
            let until = Instant::now() + pause;
            while Instant::now() < until && !is_over.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        samples
    })
}

fn sample(metrics: &str, id: u32, data: &Path, backup: &Path, at: f64) -> Sample {
    let sum = |name: &str| -> f64 {
        let values = metrics.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            rest.starts_with([' ', '{']).then(|| rest.rsplit(' ').next()?.parse::<f64>().ok())?
        });
        values.sum()
    };
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
    let kibibytes = |name: &str| -> f64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name}"));
        line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") * 1_024.0
    };
    Sample {
        at,
        anonymous: kibibytes("RssAnon:"),
        mapped: kibibytes("RssFile:"),
        state: sum("tributary_state_bytes"),
        past: sum("tributary_past_bytes"),
        descriptors: sum("process_open_fds"),
        threads: sum("process_threads"),
        processor: sum("process_cpu_seconds_total"),
        position: sum("tributary_ledger_position"),
        lag: sum("tributary_kafka_consumer_lag_messages"),
        ledger: sum("tributary_ledger_size_bytes"),
        files: files(&data.join("ledger")).len() as f64,
        checkpoints: sum("tributary_checkpoint_bytes"),
        backup: files(backup).iter().filter_map(|path| Some(std::fs::metadata(path).ok()?.len() as f64)).sum(),
    }
}

/// All files below a folder; none if it is not there yet.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let below = |entry: std::io::Result<std::fs::DirEntry>| match entry {
        Ok(entry) if entry.path().is_dir() => files(&entry.path()),
        Ok(entry) => vec![entry.path()],
        Err(_) => Vec::new(),
    };
    entries.flat_map(below).collect()
}

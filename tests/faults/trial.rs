//! A ledger on trial: a topic on a real broker, a daemon that reads it, and who sends, commands and asks meanwhile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use schemas::json::read_event;
use serde_json::Value;
use workload::{Lines, Workload};

use crate::asking::{Shown, ask};
use crate::audit::audit;
use crate::commands::{Given, command};
use crate::daemon_support::broker::Broker;
use crate::daemon_support::content::Content;
use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::{end, is_event};
use crate::daemon_support::topic::{ends, reached};
use crate::daemon_support::transactions::Transactions;
use crate::daemon_support::wait_for;

/// Where the daemon listens just now, if it does: it changes with each start.
#[derive(Clone, Default)]
pub struct Whereabouts(Arc<Mutex<Option<String>>>);

impl Whereabouts {
    pub fn now(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The daemon is there, or none is.
    pub fn is(&self, daemon: Option<&Daemon>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = daemon.map(|daemon| daemon.address().to_owned());
    }
}

/// What a daemon of this trial is started with.
#[derive(Clone, Default)]
pub struct Settings {
    pub arguments: Vec<String>,
    pub variables: Vec<(String, String)>,
}

/// The ledger, with all that is known of what it has to hold.
pub struct Trial {
    /// Kept where a test fails, so that somebody can look at it.
    folder: Option<tempfile::TempDir>,
    pub data: PathBuf,
    pub settings: Settings,
    brokers: String,
    topic: String,
    lines: Lines,
    transactions: Transactions,
    content: Content,
    /// What came by HTTP, and was answered.
    posted: Vec<Vec<u8>>,
    pub given: Given,
    shown: Vec<Shown>,
    pub whereabouts: Whereabouts,
    pub dice: StdRng,
}

impl Trial {
    /// A topic of so many partitions, and a directory without a ledger.
    pub fn new(broker: &Broker, topic: &str, partitions: i32, seed: u64) -> Trial {
        broker.topic(topic, partitions);
        let folder = tempfile::tempdir().expect("a folder");
        let mut dice = StdRng::seed_from_u64(seed);
        let transactions = Transactions::new(&broker.address, topic, StdRng::from_rng(&mut dice));
        let arguments = ["--brokers", &broker.address, "--topic", topic].map(str::to_owned).to_vec();
        Trial {
            data: folder.path().join("ledger"),
            folder: Some(folder),
            settings: Settings { arguments, variables: Vec::new() },
            brokers: broker.address.clone(),
            topic: topic.to_owned(),
            lines: Workload::hostile(seed, 100_000, end()).lines(),
            transactions,
            content: Content::default(),
            posted: Vec::new(),
            given: Given::default(),
            shown: Vec::new(),
            whereabouts: Whereabouts::default(),
            dice,
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.as_ref().expect("it is there while this is").path()
    }

    pub fn argue(&mut self, arguments: &[&str]) {
        self.settings.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the daemon, and waits until it listens.
    pub fn start(&self) -> Daemon {
        let daemon = start(&self.data, &self.settings);
        self.whereabouts.is(Some(&daemon));
        daemon
    }

    /// Starts the daemon, and waits until it answers for the whole ledger.
    pub fn ready(&self) -> Daemon {
        let daemon = self.start();
        daemon.wait_until_ready();
        daemon
    }

    /// Does something to the daemon while `events` lines are sent and committed, commands are given and questions are asked,
    /// all of it at a pace. What was sent and commanded is known once this returns.
    pub fn under_load<T>(
        &mut self,
        events: usize,
        pause: Duration,
        act: impl FnOnce(&mut StdRng, &Whereabouts, &Path, &Settings) -> T,
    ) -> T {
        let lines: Vec<Vec<u8>> = self.lines.by_ref().filter(|line| is_event(line)).take(events).collect();
        assert_eq!(lines.len(), events, "the workload is long enough");
        let (is_sent, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
        let Trial { transactions, whereabouts, dice, data, settings, .. } = self;
        let (done, given, shown) = std::thread::scope(|scope| {
            let sending = scope.spawn(|| {
                let _told = Told(&is_sent);
                transactions.send(&lines, pause);
            });
            let commanding = scope.spawn(|| command(whereabouts, &is_over, Duration::from_millis(5)));
            let asking = scope.spawn(|| ask(whereabouts, &is_over));
            let done = {
                // Whoever panics ends the others, too.
                let _told = Told(&is_over);
                let done = act(dice, whereabouts, data, settings);
                sending.join().expect("sent");
                done
            };
            (done, commanding.join().expect("commanded"), asking.join().expect("asked"))
        });
        self.given.add(given);
        self.shown.extend(shown);
        done
    }

    /// Sends and commits these lines besides.
    pub fn send(&mut self, lines: &[Vec<u8>]) {
        self.transactions.send(lines, Duration::ZERO);
    }

    /// Posts so many valid events of the workload; they are answered.
    pub fn post(&mut self, daemon: &Daemon, events: usize) {
        let valid = self.lines.by_ref().filter(|line| read_event(line, end()).is_ok());
        let lines: Vec<Vec<u8>> = valid.take(events).collect();
        for some in lines.chunks(50) {
            let answer = daemon.post_events(&batch(some)).expect("an answer").json();
            assert_eq!(answer["results"].as_array().expect("results").len(), some.len(), "{answer}");
        }
        self.posted.extend(lines);
    }

    /// Begins a transaction with some lines of the workload, and leaves it open until [`Trial::commit`].
    pub fn begin(&mut self, events: usize) {
        let lines: Vec<Vec<u8>> = self.lines.by_ref().filter(|line| is_event(line)).take(events).collect();
        self.transactions.begin(&lines);
    }

    pub fn commit(&self) {
        self.transactions.commit();
    }

    /// How many transactions were not committed.
    pub fn broken_off(&self) -> u64 {
        self.transactions.broken_off
    }

    /// Holds the directory, which nobody writes now, against all that was sent and commanded. The position.
    pub fn audit(&mut self) -> u64 {
        let ends = ends(&self.brokers, &self.topic);
        self.content.read_to(&self.brokers, &self.topic, &ends);
        assert_eq!(self.content.len() as u64, self.transactions.committed, "the broker has what was committed");
        audit(&self.data, &self.content, &self.posted, &self.given)
    }

    /// Waits until the daemon has read all of the topic.
    pub fn read_all(&self, daemon: &Daemon) {
        let ends = ends(&self.brokers, &self.topic);
        wait_for(&format!("{ends:?} of {}", self.topic), 180, || {
            (reached(&daemon.try_get("/v1/status").ok()?.json()) == ends).then_some(())
        });
    }

    /// Reads all, sees that what was shown is still so, ends the daemon in order, and holds the ledger against everything. The
    /// position.
    pub fn read_all_and_audit(&mut self, daemon: Daemon) -> u64 {
        self.read_all(&daemon);
        for shown in self.shown.drain(..) {
            shown.is_still_so(&daemon);
        }
        self.whereabouts.is(None);
        let (code, log) = daemon.terminate();
        assert_eq!(code, Some(0), "{log}");
        let position = self.audit();
        let reached = reached_offline(&self.data);
        assert_eq!(reached, ends(&self.brokers, &self.topic), "everything was read");
        position
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(folder) = self.folder.take()
        {
            println!("what is left of {}: {}", self.topic, folder.keep().display());
        }
    }
}

/// Starts a daemon on a directory, and waits until it listens.
pub fn start(data: &Path, settings: &Settings) -> Daemon {
    let (arguments, variables) = plain(settings);
    Daemon::start(data, &arguments, &variables)
}

/// As the daemon's starter takes them.
pub fn plain(settings: &Settings) -> (Vec<&str>, Vec<(&str, &str)>) {
    let arguments = settings.arguments.iter().map(String::as_str).collect();
    (arguments, settings.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
}

fn reached_offline(data: &Path) -> BTreeMap<i32, i64> {
    let status = crate::daemon_support::ledger::status(data);
    let offsets = status["offsets"].as_array().expect("offsets").clone();
    let offset = |of: &Value| Some((i32::try_from(of["partition"].as_i64()?).ok()?, of["next_offset"].as_i64()?));
    offsets.iter().filter_map(offset).collect()
}

/// Says so when it goes, also where its thread panics.
struct Told<'a>(&'a AtomicBool);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

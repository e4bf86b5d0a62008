//! Publishers of one shard: who takes it over finishes what the other one had begun, and that one does not go on.

use std::cell::Cell;
use std::sync::Arc;

use checkpoints::KeepPolicy;
use ingest::metrics::Metrics;
use ingest::{
    CheckpointPolicy, Clock, Handle, Keeping, PastOptions, Pipeline, PipelineOptions, RunWriting, StartOptions, start,
};
use ledger::{LedgerOptions, MemoryStorage};
use projections::OneWorker;
use projections::query::Links;
use schemas::Timestamp;
use schemas::json::read_event;
use serving::{ClusterOptions, Identity, Publisher, ServingError, Step};

use crate::daemon_support::cassandra;
use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::history::{end, hostile};
use crate::questions::{about, cluster, plain, wait_for_positions};

/// A clock that stands at the end of the history.
struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        end()
    }
}

fn pipeline() -> Pipeline {
    let storage = MemoryStorage::new();
    let kept = checkpoints::KeptCheckpoints::new(Arc::new(storage.clone()), KeepPolicy::NONE);
    let options = StartOptions {
        storage: Arc::new(storage),
        ledger: LedgerOptions { segment_bytes: 1 << 20, ..LedgerOptions::default() },
        checkpoints: None,
        checkpoint_policy: CheckpointPolicy { events: u64::MAX, interval_micros: i64::MAX },
        keeping: Keeping::AtOnce,
        runs: RunWriting::Apart,
        past: PastOptions { kept: Some(Arc::new(kept)), ..PastOptions::default() },
        clock: Arc::new(Standing),
        links: Links::default(),
        metrics: Arc::new(Metrics::new()),
        workers: Arc::new(OneWorker),
        inbox_bytes: 64 << 20,
    };
    let started = start(options, &mut |_| {}).expect("a ledger that can be started");
    Pipeline::start(started, PipelineOptions::default()).expect("threads")
}

fn submit(handle: &Handle, lines: &[Vec<u8>]) {
    let mut batch = handle.batch();
    for line in lines {
        if let Ok(event) = read_event(line, end()) {
            batch.push_event(&event, line, || "a test".to_owned());
        }
    }
    handle.submit(batch).expect("taken");
}

fn publisher(handle: &Handle, address: &str, keyspace: &str) -> Publisher {
    let identity = Identity { shard: 0, shards: 1, address: String::new() };
    let options = ClusterOptions {
        hosts: vec![address.to_owned()],
        keyspace: keyspace.to_owned(),
        datacenter: None,
        login: None,
        tls: None,
        replication_factor: 1,
    };
    Publisher::new(handle.clone(), identity, options).expect("threads")
}

/// A step that is broken off after so many looks whether it is to end.
fn broken_off(publisher: &mut Publisher, looks: usize) {
    let left = Cell::new(looks);
    let is_over = || left.replace(left.get().saturating_sub(1)) == 0;
    assert!(matches!(publisher.step(&is_over), Err(ServingError::Ended)));
}

fn published(publisher: &mut Publisher) -> Step {
    publisher.step(&|| false).expect("published")
}

#[test]
fn who_takes_a_shard_finishes_what_was_begun_and_the_other_one_is_told() {
    let Some(node) = cassandra::shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let pipeline = pipeline();
    let handle = pipeline.handle();
    let lines = hostile(23, 9_000);
    let parts: Vec<&[Vec<u8>]> = lines.chunks(lines.len() / 5 + 1).collect();
    let (mut first, mut second) =
        (publisher(&handle, &node.address, "taken"), publisher(&handle, &node.address, "taken"));
    assert_eq!(published(&mut first), Step::default(), "there is nothing yet");

    submit(&handle, parts[0]);
    let step = published(&mut first);
    assert_eq!(step.position, handle.position());
    assert!(step.rows > 100, "{step:?}");
    assert_eq!(published(&mut first), Step { position: step.position, rows: 0 });

    // Broken off before anything of it was written; and what the ledger holds goes on.
    submit(&handle, parts[1]);
    broken_off(&mut first, 0);
    let begun = handle.position();
    submit(&handle, parts[2]);
    let step = published(&mut second);
    assert_eq!(step.position, handle.position());
    assert!(step.position > begun);

    // One that was broken off begins anew, as a daemon that was killed does, and the other one has lost the shard.
    submit(&handle, parts[3]);
    assert_eq!(published(&mut first).position, handle.position());
    submit(&handle, parts[4]);
    let is_taken =
        |publisher: &mut Publisher| matches!(publisher.step(&|| false), Err(ServingError::Taken { shard: 0, .. }));
    assert!(is_taken(&mut second));
    assert!(is_taken(&mut second), "it looks what the other one does");
    published(&mut first);
    assert!(is_taken(&mut second), "the other one has begun something since");
    let step = published(&mut second);
    assert_eq!(step, Step { position: handle.position(), rows: 0 }, "it has not, since then");

    let serving = Daemon::serve(folder.path(), &[], &cluster(&node.address, "taken"));
    wait_for_positions(&serving, &[step.position]);
    let mut compared = 0;
    let uids: Vec<u64> = handle.read(|view| view.largest_referrers(20).into_iter().map(|found| found.uid.0).collect());
    for uid in uids {
        // Without days nobody gave, which hang on the clock.
        for question in about(uid).into_iter().filter(|question| question.contains("from=")) {
            let (path, query) = question.trim_start_matches("/v1/").split_once('?').expect("parameters");
            let parameters = api::parameters::read_query_string(query).expect("parameters");
            let segments: Vec<&str> = path.split('/').collect();
            let reader = handle.reader();
            let answer = handle.read(|view| {
                api::answer(view, &reader, &api::Caller::operator(), &segments, &parameters, view.now)
                    .expect("an answer")
            });
            let answer = serde_json::from_slice(&answer.body).expect("JSON");
            assert_eq!(plain(serving.get(&question)), plain(answer), "{question}");
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared} answers");
    pipeline.stop().expect("stopped");
}

//! How long it takes until a new standby is where its leader is, by files and by frames; and that it comes to the same.
//!
//! `TEST_EVENTS` says of how many events (20,000).

use std::path::Path;
use std::time::{Duration, Instant};

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{ledger, wait_for};
use crate::made::make_of;
use crate::pair::assert_same_bytes;
use crate::proxy::Proxy;
use crate::snapshot::replayed;

/// Starts a standby, and waits until it has everything. It, and how long it took.
fn timed(leader: &Daemon, data: &Path, proxy: &Proxy) -> (Daemon, f64) {
    let begun = Instant::now();
    let standby = Daemon::start(data, &["--follow", &proxy.url(), "--checkpoint-seconds", "3600"], &[]);
    let position = leader.position();
    wait_for("the standby has everything", 3_600, || {
        std::thread::sleep(Duration::from_millis(20));
        let status = standby.try_get("/v1/status").ok().filter(|answer| answer.status == 200)?.json();
        (status["position"].as_u64() == Some(position)).then_some(())
    });
    (standby, begun.elapsed().as_secs_f64())
}

#[test]
fn by_files_and_by_frames_a_new_standby_comes_to_the_same_and_the_time_of_each_is_told() {
    let events: u64 =
        std::env::var("TEST_EVENTS").map_or(20_000, |text| text.parse().expect("TEST_EVENTS is a number"));
    let folder = tempfile::tempdir().expect("a folder");
    let [a, files, frames] = ["a", "files", "frames"].map(|name| folder.path().join(name));
    make_of(&a, events);
    let leader = Daemon::ready(&a, &["--checkpoint-seconds", "3600"], &[]);
    let proxy = Proxy::to(leader.address());
    let (by_files, files_seconds) = timed(&leader, &files, &proxy);
    let (from, to) = replayed(&by_files);
    by_files.terminate();
    proxy.knows_nothing_of("/v1/ledger/checkpoint");
    let (by_frames, frames_seconds) = timed(&leader, &frames, &proxy);
    by_frames.terminate();
    println!(
        "{to} events: by files {files_seconds:.1} s, of which {} events were replayed; by frames {frames_seconds:.1} s: {:.1} times as long",
        to - from,
        frames_seconds / files_seconds
    );
    assert!(from > 0 && to - from < to / 2, "{from} {to}");
    leader.terminate();
    for data in [&files, &frames] {
        assert_same_bytes(&a, data);
        assert_eq!(ledger::digest(&a), ledger::digest(data));
    }
}

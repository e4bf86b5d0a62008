//! Too few descriptors and too little memory while the daemon works: it goes on with what it has, or ends; the ledger is
//! whole either way.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{broker, seed};
use crate::machine;
use crate::trial::{Trial, start};

#[test]
fn given_descriptors_run_out_under_load_then_nothing_is_lost_and_all_is_read_once_there_are_more() {
    let Some(broker) = broker::plain() else { return };
    let mut trial = Trial::new(&broker, "descriptors", 3, seed());
    trial.argue(&["--checkpoint-seconds", "1"]);
    trial.set("TRIBUTARY_INDEX_RUN_EVENTS", "10000");
    let daemon = trial.ready();
    let daemon = trial.under_load(3_000, Duration::from_millis(60), |_, whereabouts, data, settings| {
        std::thread::sleep(Duration::from_millis(300));
        let (id, address) = (daemon.id(), daemon.address().to_owned());
        machine::limit(id, &format!("--nofile={}:", machine::open_files(id) + 3));
        // More than there are descriptors for, some of them with half a request.
        let connections: Vec<TcpStream> = (0..40).filter_map(|_| TcpStream::connect(&address).ok()).collect();
        for mut connection in connections.iter().step_by(2) {
            // The daemon may close it at any time.
            let _ = connection.write_all(b"GET /v1/status HTTP/1.1\r\nHost: ");
        }
        let limited_to = machine::open_files(id);
        std::thread::sleep(Duration::from_secs(4));
        drop(connections);
        if daemon.log().contains("the engine stopped") {
            let (code, log) = daemon.ended();
            assert_eq!(code, Some(1), "{log}");
            assert!(log.contains("os error 24"), "{log}");
            println!("it ended for want of descriptors, at {limited_to}");
            whereabouts.is(None);
            let daemon = start(data, settings);
            whereabouts.is(Some(&daemon));
            daemon
        } else {
            println!("it went on with {limited_to} descriptors");
            machine::limit(id, "--nofile=1024:");
            daemon
        }
    });
    daemon.wait_until_ready();
    trial.read_all(&daemon);
    trial.whereabouts.is(None);
    daemon.kill();
    trial.audit();
    let daemon = trial.ready();
    trial.read_all_and_audit(daemon);
}

#[test]
fn given_memory_runs_out_under_load_then_nothing_is_lost_and_it_goes_on_with_more() {
    let Some(broker) = broker::plain() else { return };
    let mut trial = Trial::new(&broker, "memory", 3, seed());
    trial.argue(&["--checkpoint-seconds", "1"]);
    let daemon = trial.ready();
    let daemon = trial.under_load(1_500, Duration::from_millis(40), |_, whereabouts, data, settings| {
        let mut daemon = daemon;
        std::thread::sleep(Duration::from_millis(300));
        let id = daemon.id();
        machine::limit(id, &format!("--as={}:", machine::address_space(id) + (4 << 20)));
        // Bodies of 12 MiB each, which have to be somewhere.
        let posting: Vec<_> = (0..4)
            .map(|_| {
                let post = daemon.poster();
                std::thread::spawn(move || post(&vec![b' '; 12 << 20]).map(|answer| answer.status))
            })
            .collect();
        let answers: Vec<_> = posting.into_iter().map(|posted| posted.join().expect("posted")).collect();
        std::thread::sleep(Duration::from_secs(2));
        if daemon.has_ended() {
            let (code, log) = daemon.ended();
            assert_ne!(code, Some(0), "{log}");
            let lines: Vec<&str> = log.lines().collect();
            println!("it ended for want of memory ({code:?}): {:?}", &lines[lines.len().saturating_sub(3)..]);
            assert!(log.contains("memory") || log.contains("os error 12"), "it says why: {log}");
            daemon = start(data, settings);
        } else {
            println!("it went on, and answered large bodies with {answers:?}");
            machine::limit(id, "--as=unlimited:");
        }
        whereabouts.is(Some(&daemon));
        daemon
    });
    daemon.wait_until_ready();
    trial.whereabouts.is(None);
    daemon.kill();
    trial.audit();
    let daemon = trial.ready();
    trial.read_all_and_audit(daemon);
}

#[test]
fn given_too_little_memory_for_a_segment_then_the_start_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    // What a daemon takes that has started, but for two thirds of the 64 MiB in which a segment is mapped.
    let daemon = Daemon::ready(&folder.path().join("before"), &[], &[]);
    let kibibytes = (machine::address_space(daemon.id()) - (44 << 20)) / 1_024;
    daemon.kill();
    let (code, told) = machine::start_under(&format!("ulimit -v {kibibytes}"), folder.path());
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("annot allocate memory"), "{told}");
}

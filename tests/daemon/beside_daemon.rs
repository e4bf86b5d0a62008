//! While a daemon writes: the ledger is replayed, asked as of earlier positions and exported beside it, and a replay
//! that was kept is served.

use std::process::Output;

use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::hostile;
use crate::daemon_support::{seed, tributary};
use serde_json::Value;
use serde_json::value::RawValue;

/// How many events are in a body.
const BODY: usize = 50;
const QUESTION: &str = "/v1/overview?uid=7&from=2025-06-01&to=2025-06-30";

fn run(arguments: &[&str]) -> Output {
    let output = tributary().args(arguments).output().expect("the binary can be run");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_slice(&run(arguments).stdout).expect("JSON")
}

#[test]
fn what_is_read_beside_a_daemon_is_what_the_daemon_answers_as_of_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut events = hostile(seed(), 4_000);
    events.retain(|line| serde_json::from_slice::<&RawValue>(line).is_ok());
    let data = folder.path().join("ledger");
    let path = data.to_str().expect("a path");
    // Checkpoints so close that both the daemon and those beside it start from some kept along the way.
    let daemon = Daemon::ready(&data, &["--checkpoint-seconds", "1"], &[("TRIBUTARY_CHECKPOINT_EVENTS", "300")]);
    let mut digests: Vec<(u64, String)> = Vec::new();
    for body in events.chunks(BODY) {
        assert_eq!(daemon.post_events(&batch(body)).expect("posted").status, 200);
        if digests.len() < 6 && daemon.position() > 500 * (digests.len() as u64 + 1) {
            let replayed = json(&["replay", "--data", path, "--json"]);
            let position = replayed["position"].as_u64().expect("a position");
            assert!(position <= daemon.position(), "it reads what is durable");
            digests.push((position, replayed["digest"].as_str().expect("a digest").to_owned()));
        }
    }
    assert!(digests.len() > 3, "it was replayed while events came: {digests:?}");
    for (position, digest) in &digests {
        let until = position.to_string();
        let again = json(&["replay", "--data", path, "--until", &until, "--json"]);
        assert_eq!(again["digest"], **digest, "up to {position}");
        let by_daemon = daemon.get(&format!("{QUESTION}&as_of={position}"));
        let as_of = format!("as_of={position}");
        let beside =
            json(&["query", "overview", "uid=7", "from=2025-06-01", "to=2025-06-30", &as_of, "--data", path, "--json"]);
        assert_eq!(by_daemon, beside, "as of {position}");
    }

    let (position, digest) = &digests[2];
    let kept = folder.path().join("kept");
    let kept_path = kept.to_str().expect("a path");
    run(&["replay", "--data", path, "--until", &position.to_string(), "--out", kept_path]);
    let reader = Daemon::ready(&kept, &["--read-only"], &[]);
    assert_eq!(reader.position(), *position);
    let mut served = reader.get(QUESTION);
    let mut as_of = daemon.get(&format!("{QUESTION}&as_of={position}"));
    // What holds is asked now there, and then here; the two agree where nothing was announced ahead of its time.
    for answer in [&mut served, &mut as_of] {
        answer.as_object_mut().expect("an object").remove("as_of");
    }
    assert_eq!(served, as_of);
    assert_eq!(json(&["replay", "--data", kept_path, "--json"])["digest"], **digest);
    assert_eq!(reader.terminate().0, Some(0));
    assert_eq!(daemon.terminate().0, Some(0));
}

//! Backups that go further than a folder of the machine: into an object store by command and by the daemon itself, and from a
//! daemon elsewhere over HTTP.

use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::hostile;
use crate::daemon_support::ledger::digest;
use crate::daemon_support::{seed, tributary, wait_for};
use crate::object_proxy::{Fault, Proxy};
use crate::object_server::Server;
use serde_json::Value;
use serde_json::value::RawValue;

/// A command with what it is told of an object store.
fn run(store: &str, arguments: &[&str]) -> (i32, String, String) {
    let endpoint = format!("http://{store}");
    let Output { status, stdout, stderr } = tributary()
        .args(arguments)
        .envs([
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ])
        .output()
        .expect("the binary can be run");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (status.code().expect("an exit code"), text(stdout), text(stderr))
}

#[track_caller]
fn json(store: &str, arguments: &[&str]) -> Value {
    let (code, stdout, stderr) = run(store, &[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{arguments:?}: {stdout}{stderr}");
    serde_json::from_str(&stdout).expect("JSON")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path")
}

fn events(count: u64) -> Vec<Vec<u8>> {
    let mut events = hostile(seed(), count);
    events.retain(|line| serde_json::from_slice::<&RawValue>(line).is_ok());
    events
}

fn post(daemon: &Daemon, events: &[Vec<u8>]) {
    for body in events.chunks(100) {
        assert_eq!(daemon.post_events(&batch(body)).expect("posted").status, 200);
    }
}

#[test]
fn shipped_to_a_store_beside_the_daemon_it_is_restored_up_to_where_it_is_wanted_and_repairs() {
    let Some(server) = Server::start() else { return };
    let store = server.address.as_str();
    let folder = tempfile::tempdir().expect("a folder");
    let (data, again) = (folder.path().join("ledger"), folder.path().join("again"));
    let all = events(3_000);
    let daemon = Daemon::ready(&data, &[], &[]);
    post(&daemon, &all[..2_000]);
    let first = json(store, &["backup", "--data", path(&data), "--to", "s3://bucket/a/ledger"]);
    assert_eq!((&first["before"], &first["position"]), (&0.into(), &daemon.position().into()));
    post(&daemon, &all[2_000..]);
    let second = json(store, &["backup", "--data", path(&data), "--to", "s3://bucket/a/ledger"]);
    assert_eq!(second["before"], first["position"]);
    daemon.kill();
    let expected = digest(&data);

    let restored = json(store, &["restore", "--from", "s3://bucket/a/ledger", "--data", path(&again)]);
    assert_eq!((&restored["head"], &restored["same_head"]), (&second["head"], &true.into()));
    assert_eq!(digest(&again), expected);
    assert!(!again.join("ledger/BACKUP").exists(), "it is a ledger that may be written");
    let daemon = Daemon::ready(&again, &[], &[]);
    assert_eq!(daemon.position(), expected.1);
    drop(daemon);
    let then = folder.path().join("then");
    let until = (expected.1 / 2).to_string();
    let restored =
        json(store, &["restore", "--from", "s3://bucket/a/ledger", "--data", path(&then), "--until", &until]);
    assert_eq!(restored["position"].to_string(), until);
    assert!(!then.join("fetched").exists());

    let segment = again.join("ledger/00000001-0000000001.segment");
    let mut bytes = std::fs::read(&segment).expect("read");
    bytes[20_000..20_010].fill(0xff);
    std::fs::write(&segment, &bytes).expect("written");
    let repaired = json(store, &["repair", "--data", path(&again), "--from", "s3://bucket/a/ledger"]);
    assert_eq!(repaired["ok"], true);
    assert_eq!(digest(&again), expected);

    // What cannot be is said, and leaves nothing.
    let new = folder.path().join("new");
    for (arguments, code, said) in [
        (vec!["restore", "--from", "s3://bucket/none", "--data", path(&new)], 1, "there is no backup at"),
        (vec!["restore", "--from", "s3://no-such-bucket/a", "--data", path(&new)], 1, "no backup at"),
        (vec!["restore", "--from", "s3://", "--data", path(&new)], 2, "s3://BUCKET/PREFIX"),
        (vec!["restore", "--from", "gs://bucket/a", "--data", path(&new)], 2, "name a folder, or s3://"),
        (vec!["restore", "--from", "s3://bucket/a/ledger", "--data", path(&new), "--until", "9999999"], 2, "ends at"),
        (vec!["repair", "--data", path(&again), "--from", "s3://bucket/none"], 1, "no backup at"),
        (vec!["backup", "--data", path(&then), "--to", "s3://bucket/a/ledger"], 1, "another ledger"),
        (vec!["backup", "--url", "http://127.0.0.1:1", "--to", "s3://bucket/b"], 2, "from there by --data"),
    ] {
        let (found, stdout, stderr) = run(store, &arguments);
        assert_eq!((found, stdout.as_str()), (code, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
        assert!(!new.exists(), "{arguments:?}");
    }
    // An object that is not what was sent: told, and what is good can be had.
    let key = server.keys("a/ledger/segments/").remove(0);
    let mut bytes = std::fs::read(data.join("ledger/00000001-0000000001.segment")).expect("read");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("bytes") + 1;
    bytes.truncate(end);
    bytes[end - 300] ^= 1;
    server.put(&key, &bytes);
    let (code, stdout, stderr) = run(store, &["restore", "--from", "s3://bucket/a/ledger", "--data", path(&new)]);
    assert_eq!(code, 3, "{stdout}{stderr}");
    let good = stdout.lines().find_map(|line| line.split_once("--until ")).expect("what is good").1;
    let saved = json(store, &["restore", "--from", "s3://bucket/a/ledger", "--data", path(&new), "--until", good]);
    assert_eq!(saved["position"].to_string(), good);
}

#[test]
fn from_a_daemon_elsewhere_only_what_is_new_is_copied_and_nobody_but_operators_may() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, pulled, secret) =
        (folder.path().join("ledger"), folder.path().join("pulled"), folder.path().join("secret"));
    std::fs::write(&secret, "a secret of at least thirty-two bytes").expect("written");
    let keys = ["--hs256-secret-file", path(&secret)];
    let token = |role: &str| {
        let made = tributary().args(["token", "--role", role, "--uid", "7"]).args(keys).output().expect("it runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).expect("text").trim().to_owned()
    };
    let all = events(2_000);
    let file = folder.path().join("events.ndjson");
    std::fs::write(&file, crate::daemon_support::history::text(&all[..1_000])).expect("written");
    crate::daemon_support::ledger::import(&data, &[&file]);
    let daemon = Daemon::ready(&data, &keys, &[]);
    let url = daemon.url("");
    let backup = |token: &str| run("", &["backup", "--url", &url, "--token", token, "--to", path(&pulled), "--json"]);
    for role in ["affiliate", "analyst", "service"] {
        let (code, stdout, stderr) = backup(&token(role));
        assert_eq!((code, stdout.as_str()), (1, ""), "{role}");
        assert!(stderr.contains("role is") && !stderr.contains("Bearer"), "{stderr}");
    }
    let operator = token("operator");
    let told = |(code, stdout, stderr): (i32, String, String)| -> Value {
        assert_eq!(code, 0, "{stderr}");
        serde_json::from_str(&stdout).expect("JSON")
    };
    let first = told(backup(&operator));
    assert_eq!((first["before"].as_u64(), first["segments_copied"].as_u64()), (Some(0), Some(1)));
    let second = told(backup(&operator));
    assert_eq!((&second["position"], second["bytes_copied"].as_u64()), (&first["position"], Some(0)));
    drop(daemon);
    std::fs::write(&file, crate::daemon_support::history::text(&all)).expect("written");
    crate::daemon_support::ledger::import(&data, &[&file]);
    let daemon = Daemon::ready(&data, &keys, &[]);
    let url = daemon.url("");
    let third = told(run("", &["backup", "--url", &url, "--token", &operator, "--to", path(&pulled), "--json"]));
    assert_eq!(third["before"], first["position"]);
    assert!(third["bytes_copied"].as_u64() < first["bytes_copied"].as_u64().map(|bytes| bytes * 2), "{third}");
    drop(daemon);
    assert_eq!(digest(&pulled), digest(&data));
    // It is a backup as any other: what comes next may come from beside, and a ledger is made of it.
    let beside = json("", &["backup", "--data", path(&data), "--to", path(&pulled)]);
    assert_eq!(beside["bytes_copied"], 0);
    let again = folder.path().join("again");
    json("", &["restore", "--from", path(&pulled), "--data", path(&again)]);
    assert_eq!(digest(&again), digest(&data));
}

#[test]
fn the_daemon_ships_by_itself_and_a_place_that_is_dead_for_a_while_is_said_once_and_harms_nothing() {
    let Some(server) = Server::start() else { return };
    let is_dead = Arc::new(AtomicBool::new(true));
    let dead = Arc::clone(&is_dead);
    let proxy = Proxy::before(&server.address, move |_, _, _| dead.load(Ordering::Relaxed).then_some(Fault::Forbidden));
    let folder = tempfile::tempdir().expect("a folder");
    let (data, again) = (folder.path().join("ledger"), folder.path().join("again"));
    let endpoint = format!("http://{}", proxy.address);
    let settings = [
        ("TRIBUTARY_BACKUP_TO", "s3://bucket/shipped"),
        ("TRIBUTARY_BACKUP_INTERVAL_SECONDS", "1"),
        ("TRIBUTARY_BACKUP_S3_ENDPOINT", &endpoint),
        ("TRIBUTARY_BACKUP_S3_REGION", "us-east-1"),
        ("TRIBUTARY_BACKUP_S3_ACCESS_KEY_ID", "key"),
        ("TRIBUTARY_BACKUP_S3_SECRET_ACCESS_KEY", "secret"),
    ];
    let daemon = Daemon::ready(&data, &[], &settings);
    let all = events(2_000);
    post(&daemon, &all[..1_000]);
    let status = wait_for("it fails several times", 60, || {
        let status = daemon.status()["backup"].clone();
        (status["failures"].as_u64() > Some(2)).then_some(status)
    });
    assert_eq!((&status["position"], &status["last_success"]), (&0.into(), &Value::Null));
    assert!(status["error"].as_str().is_some_and(|why| why.contains("manifest.json")), "{status}");
    assert!(status["failing_since"].is_string(), "{status}");
    post(&daemon, &all[1_000..1_500]);
    let warned = || daemon.log().lines().filter(|line| line.contains("no backup:")).count();
    assert_eq!(warned(), 1, "{}", daemon.log());
    let metrics = daemon.try_get("/metrics").expect("metrics").body;
    assert!(metrics.contains("\ntributary_backup_position 0\n"), "{metrics}");

    is_dead.store(false, Ordering::Relaxed);
    let shipped = |daemon: &Daemon| {
        let position = daemon.position();
        wait_for("all is shipped", 60, || {
            let status = daemon.status()["backup"].clone();
            (status["position"] == position && status["error"].is_null()).then_some(status)
        })
    };
    let status = shipped(&daemon);
    assert!(status["age_seconds"].as_u64().is_some() && status["failing_since"].is_null(), "{status}");
    assert_eq!(daemon.log().lines().filter(|line| line.contains("the backup goes on")).count(), 1);
    post(&daemon, &all[1_500..]);
    shipped(&daemon);
    let metrics = daemon.try_get("/metrics").expect("metrics").body;
    let position = format!("\ntributary_backup_position {}\n", daemon.position());
    assert!(metrics.contains(&position), "{metrics}");
    assert!(!daemon.log().contains("secret"), "a secret is in no log");
    daemon.kill();
    json(&server.address, &["restore", "--from", "s3://bucket/shipped", "--data", path(&again)]);
    assert_eq!(digest(&again), digest(&data));

    // A place that none can be is refused at the start; one where another ledger's backup lies is said, as a dead one.
    let refused = tributary()
        .args(["run", "--listen", "127.0.0.1:0", "--data", path(&again)])
        .env("TRIBUTARY_BACKUP_TO", "http://backups.example")
        .output()
        .expect("it runs");
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
}

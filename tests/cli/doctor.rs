//! `tributary doctor` without a broker: a ledger that nobody writes, one that a daemon writes, and what is not sound.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::daemon_support::daemon::{Daemon, batch};
use crate::daemon_support::history::{hostile, text};
use crate::daemon_support::tributary;
use schemas::Timestamp;
use serde_json::Value;
use workload::Workload;

/// What a run found, and its exit code.
struct Found {
    code: Option<i32>,
    answer: Value,
}

impl Found {
    fn of(arguments: &[&str]) -> Found {
        let output = tributary().arg("doctor").args(arguments).arg("--json").output().expect("runs");
        let answer = serde_json::from_slice(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        Found { code: output.status.code(), answer: answer.unwrap_or_else(|error| panic!("{error}: {said}")) }
    }

    /// The status of a check, and what was found.
    fn check(&self, name: &str) -> (&str, &str) {
        let checks = self.answer["checks"].as_array().expect("a list");
        let check = checks.iter().find(|check| check["check"] == name);
        let check = check.unwrap_or_else(|| panic!("no check {name} in {}", self.answer));
        assert_eq!(check["do"].is_string(), ["warning", "failed"].contains(&status(check)), "{check}");
        (status(check), check["found"].as_str().expect("a text"))
    }
}

fn status(check: &Value) -> &str {
    check["status"].as_str().expect("a text")
}

fn import(data: &Path, lines: &[Vec<u8>]) {
    let file = data.with_extension("ndjson");
    std::fs::write(&file, text(lines)).expect("written");
    let done = tributary().args(["import", "--quiet", "--data"]).arg(data).arg(&file).output().expect("runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_ledger_that_nobody_writes_is_read_and_nothing_of_it_is_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    import(&data, &hostile(1, 500));
    let path = data.to_str().expect("a path");
    let found = Found::of(&["--data", path, "--listen", "127.0.0.1:1"]);
    assert_eq!(found.code, Some(0), "{}", found.answer);
    for (name, status) in [
        ("settings", "ok"),
        ("directory", "ok"),
        ("daemon", "ok"),
        ("checkpoint", "ok"),
        ("quarantine", "warning"),
        ("clock", "ok"),
        ("certificates", "skipped"),
        ("broker", "skipped"),
        ("backup", "skipped"),
    ] {
        assert_eq!(found.check(name).0, status, "{name}: {}", found.answer);
    }
    assert!(found.check("ledger").1.starts_with("at position "), "{}", found.answer);
    let failed = found.answer["failed"].as_u64();
    assert_eq!((failed, found.answer["checks"].as_array().map(Vec::len)), (Some(0), Some(13)), "{}", found.answer);

    // What people read says the same.
    let output = tributary().args(["doctor", "--data", path, "--listen", "127.0.0.1:1"]).output().expect("runs");
    let shown = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(shown.contains("ok       daemon: none runs on this ledger\n"), "{shown}");
    assert!(shown.contains("         do: see why: tributary quarantine list"), "{shown}");
}

#[test]
fn a_daemon_is_asked_for_what_it_knows_and_one_that_does_not_answer_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let daemon = Daemon::ready(&data, &[], &[]);
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
    let written = |event| {
        let mut line = Vec::new();
        schemas::json::write_event(&event, &mut line);
        line
    };
    let events: Vec<Vec<u8>> = Workload::hostile(1, 200, end).events().map(written).collect();
    let taken = daemon.post_events(&batch(&events)).expect("an answer");
    assert_eq!(taken.status, 200, "{}", taken.body);
    let path = data.to_str().expect("a path");
    let found = Found::of(&["--data", path, "--listen", daemon.address()]);
    assert_eq!(found.code, Some(0), "{}", found.answer);
    let (status, said) = found.check("daemon");
    assert_eq!(status, "ok");
    assert!(said.starts_with(&format!("process {}, started ", daemon.id())), "{said}");
    let position = format!("at position {}, the last entry recorded ", daemon.position());
    assert!(found.check("ledger").1.starts_with(&position), "{}", found.answer);
    assert!(found.check("open files").1.contains("(the daemon's limit)"), "{}", found.answer);

    let found = Found::of(&["--data", path, "--listen", "127.0.0.1:1"]);
    assert_eq!((found.code, found.check("daemon").0), (Some(1), "failed"));
    assert_eq!(found.check("ledger").0, "skipped", "a second state beside the daemon's is not made");
    assert_eq!(daemon.terminate().0, Some(0));
}

#[test]
fn what_is_not_sound_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let file = at("tributary.toml");
    std::fs::write(&file, "listn = \"a\"\n[checkpoint]\nkeep = 5_000\n").expect("written");
    let found = Found::of(&["--config", &file]);
    let (status, said) = found.check("settings");
    assert_eq!((found.code, status), (Some(1), "failed"));
    assert!(said.contains("listn") && said.contains("checkpoint.keep"), "{said}");

    let found = Found::of(&["--data", &at("nothing")]);
    assert_eq!((found.code, found.check("directory").0), (Some(0), "warning"), "a first start makes it");

    let data = folder.path().join("data");
    import(&data, &hostile(1, 100));
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o777)).expect("set");
    let free = ["--data", &at("data"), "--listen", "127.0.0.1:1"];
    assert_eq!(Found::of(&free).check("directory").0, "warning", "anybody may write");

    let backup = at("backup");
    let none = Found::of(&[&free[..], &["--backup", &backup]].concat());
    assert_eq!((none.code, none.check("backup").0), (Some(1), "failed"));
    let done = tributary().args(["backup", "--data", free[1], "--to", &backup]).output().expect("runs");
    assert!(done.status.success());
    let found = Found::of(&[&free[..], &["--backup", &backup]].concat());
    assert_eq!(found.check("backup").0, "ok", "{}", found.answer);

    // A byte of its middle is another one.
    let segment = data.join("ledger/00000001-0000000001.segment");
    let mut bytes = std::fs::read(&segment).expect("read");
    bytes[5_000] ^= 1;
    std::fs::write(&segment, bytes).expect("written");
    std::fs::remove_dir_all(data.join("checkpoint")).expect("removed");
    std::fs::remove_dir_all(data.join("past")).expect("removed");
    let found = Found::of(&free);
    assert_eq!((found.code, found.check("ledger").0), (Some(1), "failed"), "{}", found.answer);

    let output = tributary().args(["doctor", "--nonsense"]).output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
}

/// A certificate that ends in so many days, and its key, written to files.
fn certificate(folder: &Path, days: i64) -> (String, String) {
    let now = std::time::SystemTime::now();
    let days_off = |days: i64| {
        let by = std::time::Duration::from_secs(86_400 * days.unsigned_abs());
        if days < 0 { now - by } else { now + by }
    };
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "of a test");
    (parameters.not_before, parameters.not_after) = (days_off(-100).into(), days_off(days).into());
    let made = parameters.self_signed(&key).expect("signed");
    let at = |name: &str| folder.join(format!("{name}{days}.pem")).to_str().expect("a path").to_owned();
    let (certificate, key_file) = (at("certificate"), at("key"));
    std::fs::write(&certificate, made.pem()).expect("written");
    std::fs::write(&key_file, key.serialize_pem()).expect("written");
    (certificate, key_file)
}

#[test]
fn certificates_are_told_with_their_end_and_what_to_do_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tributary.toml");
    let settings = |listener: &(String, String), clients: &str, brokers: &str| {
        let (certificate, key) = listener;
        let text = format!(
            "[http.tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\nclient_ca = \"{clients}\"\n\
             [kafka]\nbrokers = [\"127.0.0.1:1\"]\nsecurity = \"ssl\"\nca_file = \"{brokers}\"\n"
        );
        std::fs::write(&file, text).expect("written");
        Found::of(&["--config", file.to_str().expect("a path")])
    };
    let [good, soon, ended] = [400, 5, -5].map(|days| certificate(folder.path(), days));
    let all = ["certificate of the listener", "authorities of clients", "authorities of the brokers"];

    let found = settings(&good, &good.0, &good.0);
    assert_eq!(all.map(|name| found.check(name).0), ["ok"; 3], "{}", found.answer);
    let said = found.check(all[0]).1;
    assert!(said.contains("CN=of a test ends at ") && said.ends_with("in 399 days"), "{said}");
    let found = settings(&soon, &soon.0, &soon.0);
    assert_eq!(all.map(|name| found.check(name).0), ["warning"; 3], "{}", found.answer);
    let found = settings(&ended, &ended.0, &ended.0);
    assert_eq!((found.code, all.map(|name| found.check(name).0)), (Some(1), ["failed"; 3]), "{}", found.answer);
    assert!(found.check(all[0]).1.contains("ended at "), "{}", found.answer);

    // A key of another one, and what is none.
    let found = settings(&(good.0.clone(), soon.1.clone()), &soon.1, "nowhere.pem");
    assert_eq!(all.map(|name| found.check(name).0), ["failed"; 3], "{}", found.answer);
}

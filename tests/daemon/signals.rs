//! What a daemon does at a signal: SIGHUP reads again what can be read again; the end is bounded in time.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::{tributary, wait_for};
use ureq::Agent;

/// Sends SIGHUP, and waits until the daemon has told of it so many times.
fn hang_up(daemon: &Daemon, told: &str, times: usize) {
    let sent = Command::new("kill").args(["-HUP", &daemon.id().to_string()]).status().expect("kill runs");
    assert!(sent.success(), "SIGHUP was not sent");
    wait_for(told, 30, || (daemon.log().matches(told).count() >= times).then_some(()));
}

fn token(secret: &str) -> String {
    let output =
        tributary().args(["token", "--role", "operator", "--hs256-secret-file", secret]).output().expect("runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

fn status_of(daemon: &Daemon, token: &str) -> u16 {
    let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
    let agent: Agent = config.build().into();
    let asked = agent.get(daemon.url("/v1/status")).header("Authorization", &format!("Bearer {token}"));
    asked.call().expect("an answer").status().as_u16()
}

fn metrics_of(daemon: &Daemon) -> String {
    let mut answer = Agent::new_with_defaults().get(daemon.url("/metrics")).call().expect("an answer");
    answer.body_mut().read_to_string().expect("a text")
}

#[test]
fn at_sighup_keys_and_log_level_are_read_again_and_a_wrong_file_leaves_what_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let path = |name: &str| at(name).to_str().expect("a path").to_owned();
    let settings =
        |level: &str| format!("[log]\nlevel = \"{level}\"\n[auth]\nhs256_secret_file = \"{}\"\n", path("secret"));
    std::fs::write(at("secret"), "the first secret, of thirty-two bytes or more\n").expect("written");
    std::fs::write(at("tributary.toml"), settings("info")).expect("written");
    let daemon = Daemon::ready(&at("data"), &["--config", &path("tributary.toml")], &[]);
    let first = token(&path("secret"));
    assert_eq!(status_of(&daemon, &first), 200);

    std::fs::write(at("secret"), "the second secret, of thirty-two bytes or more\n").expect("written");
    let more = "[checkpoint]\nseconds = 5\n[as_of]\nstates = 3\n";
    std::fs::write(at("tributary.toml"), settings("info,ledger=debug") + more).expect("written");
    let second = token(&path("secret"));
    hang_up(&daemon, "read again what can be", 1);
    assert!(daemon.log().contains("info,ledger=debug"), "{}", daemon.log());
    assert_eq!((status_of(&daemon, &first), status_of(&daemon, &second)), (401, 200));

    for told in ["taken=\"checkpoint.seconds, log.level\"", "from_next_start=\"as_of.states\""] {
        assert!(daemon.log().contains(told), "{told} in {}", daemon.log());
    }

    let wrong = settings("debug") + "[checkpoint]\nkeep = 5_000\nseconds = 0\n";
    std::fs::write(at("tributary.toml"), wrong).expect("written");
    hang_up(&daemon, "nothing was read again", 1);
    for told in ["checkpoint.keep", "checkpoint.seconds"] {
        assert!(daemon.log().contains(&format!("\\\"{told}\\\" has to be")), "{told} in {}", daemon.log());
    }
    let metrics = metrics_of(&daemon);
    assert!(metrics.contains("\ntributary_config_last_reload_successful 0\n"), "{metrics}");

    std::fs::write(at("tributary.toml"), settings("info")).expect("written");
    std::fs::write(at("secret"), "too short\n").expect("written");
    hang_up(&daemon, "nothing was read again", 2);
    assert!(daemon.log().contains("a secret of at least 32 bytes"), "{}", daemon.log());
    assert_eq!(status_of(&daemon, &second), 200, "what was in force stays so");
    assert_eq!(daemon.terminate().0, Some(0));
}

#[test]
fn given_a_request_that_never_ends_when_it_is_told_to_end_then_it_does_within_the_time_that_is_set() {
    use std::io::Write;
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::ready(&folder.path().join("data"), &[], &[("TRIBUTARY_LIMITS_STOP_SECONDS", "1")]);
    let mut stream = std::net::TcpStream::connect(daemon.address()).expect("connected");
    let head = "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/cloudevents+json\r\n\
                Content-Length: 10\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("written");
    let mut go_on = [0; 12];
    std::io::Read::read_exact(&mut stream, &mut go_on).expect("it asks for the body");
    let (_, log) = daemon.terminate();
    assert!(log.contains("the end took longer than 1 s (limits.stop_seconds)"), "{log}");
}

/// A ledger whose opening goes on for as long as nobody writes what it begins with.
fn ledger_that_never_opens(data: &Path) -> std::path::PathBuf {
    let folder = data.join("ledger");
    std::fs::create_dir_all(&folder).expect("a folder");
    let format = folder.join("FORMAT");
    let made = Command::new("mkfifo").arg(&format).status().expect("mkfifo runs");
    assert!(made.success(), "no pipe was made");
    format
}

/// Waits until somebody opens the pipe to read it: as long as this is held, the reader waits.
fn once_read(pipe: &Path) -> File {
    let pipe = pipe.to_owned();
    let opening = std::thread::spawn(move || OpenOptions::new().write(true).open(pipe).expect("a pipe"));
    wait_for("the ledger is being opened", 60, || opening.is_finished().then_some(()));
    opening.join().expect("opened")
}

#[test]
fn a_daemon_that_is_told_to_end_while_its_ledger_is_being_opened_ends_at_once_and_well() {
    for arguments in [&[][..], &["--read-only"]] {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let pipe = ledger_that_never_opens(&data);
        let daemon = Daemon::start(&data, arguments, &[]);
        let _held = once_read(&pipe);
        assert_eq!(daemon.try_get("/readyz").expect("an answer").status, 503);
        let (code, log) = daemon.terminate();
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("ended while the ledger was being opened"), "{log}");
    }
}

#[test]
fn an_import_that_is_told_to_end_while_the_ledger_is_being_opened_says_that_nothing_was_taken_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let pipe = ledger_that_never_opens(&data);
    let events = folder.path().join("events.ndjson");
    std::fs::write(&events, "").expect("written");
    let mut importing = tributary();
    importing.arg("import").arg(&events).arg("--data").arg(&data).stderr(Stdio::piped());
    let importing = importing.spawn().expect("the binary can be run");
    let _held = once_read(&pipe);
    let sent = Command::new("kill").args(["-TERM", &importing.id().to_string()]).status().expect("kill runs");
    assert!(sent.success(), "SIGTERM was not sent");
    let ended = importing.wait_with_output().expect("it ends");
    let told = String::from_utf8(ended.stderr).expect("UTF-8");
    assert_eq!(ended.status.code(), Some(1), "{told}");
    assert!(told.contains("nothing was taken in"), "{told}");
}

//! What a daemon tells the service manager that started it, over a socket as systemd listens on.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::daemon_support::daemon::Daemon;
use crate::daemon_support::history::{hostile, text};
use crate::daemon_support::ledger::import;
use crate::daemon_support::tributary;

/// Who listens: every message in its order.
struct Manager {
    socket: UnixDatagram,
    path: String,
}

impl Manager {
    fn listen(folder: &Path) -> Manager {
        let path = folder.join("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        socket.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        Manager { socket, path: path.to_str().expect("a path").to_owned() }
    }

    /// The next message, as its lines.
    fn next(&self) -> Vec<String> {
        let mut bytes = [0; 4096];
        let length = self.socket.recv(&mut bytes).expect("a message within a minute");
        String::from_utf8_lossy(&bytes[..length]).lines().map(str::to_owned).collect()
    }

    /// Waits for a message with such a line; gives those before it, and it as the last.
    fn until(&self, line: &str) -> Vec<Vec<String>> {
        let mut messages = Vec::new();
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            messages.push(self.next());
            if messages.last().is_some_and(|message| message.iter().any(|found| found == line)) {
                return messages;
            }
        }
        panic!("{line} was not told: {messages:?}");
    }
}

fn has(messages: &[Vec<String>], start: &str) -> bool {
    messages.iter().flatten().any(|line| line.starts_with(start))
}

#[test]
fn a_service_manager_is_told_of_the_start_of_life_of_a_reload_and_of_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("events.ndjson"));
    std::fs::write(&file, text(&hostile(7, 3_000))).expect("written");
    import(&data, &[&file]);
    // So that there is something to replay.
    std::fs::remove_dir_all(data.join("checkpoint")).expect("removed");
    std::fs::remove_dir_all(data.join("past")).expect("removed");

    let manager = Manager::listen(folder.path());
    let variables =
        [("NOTIFY_SOCKET", manager.path.as_str()), ("WATCHDOG_USEC", "400000"), ("TRIBUTARY_LIMITS_STOP_SECONDS", "7")];
    let daemon = Daemon::start(&data, &[], &variables);
    let start = manager.until("READY=1");
    assert!(has(&start, "STATUS=replaying the ledger: position "), "{start:?}");
    assert!(has(&start, "EXTEND_TIMEOUT_USEC=120000000"), "{start:?}");
    assert!(has(&start, "STATUS=answering"), "{start:?}");
    assert!(!has(&start, "WATCHDOG=1"), "not before it answers: {start:?}");
    assert_eq!(daemon.try_get("/readyz").expect("an answer").status, 200, "ready is ready");

    for _ in 0..3 {
        manager.until("WATCHDOG=1");
    }

    let sent = Command::new("kill").args(["-HUP", &daemon.id().to_string()]).status().expect("kill runs");
    assert!(sent.success(), "SIGHUP was not sent");
    let reloading = manager.until("RELOADING=1");
    assert!(has(&reloading, "MONOTONIC_USEC="), "{reloading:?}");
    manager.until("READY=1");

    daemon.signal_to_end();
    let ending = manager.until("STOPPING=1");
    assert!(has(&ending, "EXTEND_TIMEOUT_USEC=12000000"), "what bounds the end, and some more: {ending:?}");
    assert_eq!(daemon.ended().0, Some(0));
}

#[test]
fn a_damaged_ledger_is_not_opened_and_the_exit_code_says_that_no_other_try_helps() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, file) = (folder.path().join("data"), folder.path().join("events.ndjson"));
    std::fs::write(&file, text(&hostile(8, 3_000))).expect("written");
    import(&data, &[&file]);
    std::fs::remove_dir_all(data.join("checkpoint")).expect("removed");
    std::fs::remove_dir_all(data.join("past")).expect("removed");
    let segment = data.join("ledger/00000001-0000000001.segment");
    let mut bytes = std::fs::read(&segment).expect("a segment");
    bytes[2_000] ^= 0xff;
    std::fs::write(&segment, bytes).expect("written");

    for arguments in [&[][..], &["--read-only"]] {
        let ended = tributary()
            .args(["run", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data)
            .args(arguments)
            .output()
            .expect("the binary can be run");
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(3), "{told}");
        assert!(told.contains("the ledger is damaged: segment 1, byte "), "{told}");
        assert!(told.contains("`tributary verify` tells all that is damaged"), "{told}");
    }
}

#[test]
fn the_daemon_of_the_settings_is_asked_whether_it_is_ready_and_what_is_missing_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::ready(&folder.path().join("data"), &["--brokers", "127.0.0.1:1"], &[]);
    let ask = |variable: &str, address: &str, arguments: &[&str]| {
        let output = tributary().arg("ready").args(arguments).env(variable, address).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code(), said, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let everywhere = daemon.address().replace("127.0.0.1", "0.0.0.0");
    let ready = (Some(0), "ready, position 0\n".to_owned(), String::new());
    assert_eq!(ask("TRIBUTARY_LISTEN", daemon.address(), &[]), ready);
    assert_eq!(ask("TRIBUTARY_HTTP_PROBES_LISTEN", &everywhere, &[]), ready);

    let (code, said, told) = ask("TRIBUTARY_LISTEN", daemon.address(), &["--ingest"]);
    assert_eq!((code, said.as_str()), (Some(1), ""), "{told}");
    assert!(told.contains("not ready: ") && told.contains("brokers 127.0.0.1:1"), "{told}");

    let (code, said, told) = ask("TRIBUTARY_LISTEN", "127.0.0.1:1", &[]);
    assert_eq!((code, said.as_str()), (Some(1), ""), "{told}");
    assert!(told.contains("no answer from 127.0.0.1:1"), "{told}");
}

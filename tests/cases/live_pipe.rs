//! Lines that stand whole in a pipe go into the ledger though the pipe stays open, and a signal is heard meanwhile.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::daemon_support::{tributary, wait_for};
use crate::{THREE, Workplace, full_device, position};

#[test]
fn an_import_of_a_live_pipe_takes_what_is_there_and_ends_at_a_signal_whoever_reads_its_report() {
    for (name, signal) in [("read", "INT"), ("closed", "TERM"), ("full", "INT")] {
        let workplace = Workplace::new();
        let (reader, closed) = std::io::pipe().expect("a pipe");
        drop(reader);
        let stdout = match name {
            "closed" => Stdio::from(closed),
            "full" => Stdio::from(full_device()),
            _ => Stdio::null(),
        };
        let mut importing = tributary()
            .args(["import", "--data", "ledger", "-"])
            .current_dir(workplace.path())
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be run");
        let mut pipe = importing.stdin.take().expect("a pipe");
        pipe.write_all(THREE.as_bytes()).and_then(|()| pipe.write_all(b"{\"specv")).expect("taken");
        wait_for("whole lines are in", 30, || (position(&workplace, "ledger") == 3).then_some(()));
        let sent = Command::new("kill").args([&format!("-{signal}"), &importing.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
        // The pipe is open all the while: only the signal can end it.
        let ended = wait_for("the import ends", 30, || importing.try_wait().expect("a process"));
        drop(pipe);
        let told = std::io::read_to_string(importing.stderr.take().expect("a pipe")).expect("UTF-8");
        assert_eq!(ended.code(), Some(1), "{name}: {told}");
        assert!(told.contains("broken off after line 3"), "{name}: {told}");
        assert_eq!(position(&workplace, "ledger"), 3, "{name}");
    }
}

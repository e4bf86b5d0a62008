//! Where the system gives too few descriptors, a command does what it can or ends with 1 and says why.

use std::process::{Command, Stdio};

use crate::cli_support::undisturbed;
use crate::{THREE, with_ledger};

#[test]
fn too_few_descriptors_are_an_error_and_no_panic() {
    let workplace = with_ledger(THREE);
    for limit in [5, 6, 7, 8, 10, 12, 16, 20, 24] {
        for (arguments, needs_more) in [
            ("import --data other input.ndjson", true),
            ("export entries --data ledger --out entries.csv", true),
            ("run --data ledger --listen 127.0.0.1:0", true),
            ("verify --data ledger", false),
            ("query status --data ledger", false),
            ("replay --data ledger", false),
            ("config", false),
        ] {
            let output = undisturbed(&mut Command::new("bash"))
                .args(["-c", &format!("ulimit -n {limit}; exec \"$0\" {arguments}"), env!("CARGO_BIN_EXE_tributary")])
                .current_dir(workplace.path())
                .stdin(Stdio::null())
                .output()
                .expect("bash runs");
            let told = String::from_utf8_lossy(&output.stderr);
            let code = output.status.code();
            assert!(code == Some(1) || (code == Some(0) && !needs_more), "{limit}, {arguments}: {code:?} {told}");
            assert!(!told.contains("panicked"), "{limit}, {arguments}: {told}");
            if code == Some(1) {
                assert!(told.contains("os error 24"), "{limit}, {arguments}: {told}");
            }
        }
    }
}

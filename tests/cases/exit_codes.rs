//! An exit code that is settled stays, whoever reads the report. Else a reader that has gone is no failure, and a device
//! that is full is one.

use std::process::Stdio;

use crate::daemon_support::tributary;
use crate::{THREE, Workplace, full_device, with_ledger};

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reader {
    Gone,
    Full,
}

fn to(reader: Reader) -> Stdio {
    match reader {
        Reader::Gone => {
            // The end that would be read from is closed when this returns.
            let (_reader, writer) = std::io::pipe().expect("a pipe");
            Stdio::from(writer)
        }
        Reader::Full => Stdio::from(full_device()),
    }
}

/// The exit code, and what was told on standard error.
fn run(workplace: &Workplace, arguments: &str, stdout: Stdio, stderr: Stdio) -> (Option<i32>, String) {
    let output = tributary()
        .args(arguments.split_ascii_whitespace())
        .current_dir(workplace.path())
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .output()
        .expect("the binary can be run");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

const PRINTING: &[&str] = &[
    "--help",
    "--version",
    "import --help",
    "config",
    "config --json",
    "completions bash",
    "token --role operator --hs256-secret-file secret",
    "query status --data ledger",
    "query status --data ledger --json",
    "query status --data ledger --format csv",
    "query rewards/export uid=7 format=csv --data ledger",
    "export entries --data ledger --out -",
    "export entries --data ledger --out - --format csv",
    "export entries --data ledger --out entries.parquet",
    "replay --data ledger",
    "replay --data ledger --json",
    "replay --data ledger --what-if rules.toml",
    "verify --data ledger",
    "verify --data ledger --json",
    "quarantine list --data ledger",
    "import --data ledger input.ndjson",
    "import --data ledger input.ndjson --json",
    "demo --events 5000 --out -",
];

#[test]
fn a_reader_that_has_gone_is_no_failure_and_a_full_device_is_one_whatever_prints() {
    let workplace = with_ledger(THREE);
    workplace.write("secret", "a secret of this test, which is long enough");
    workplace.write("rules.toml", "[[drop]]\ntype = \"referral.program.v1\"\n");
    for arguments in PRINTING {
        let (code, told) = run(&workplace, arguments, to(Reader::Gone), Stdio::piped());
        assert_eq!(code, Some(0), "{arguments}: {told}");
        assert!(!told.contains("tributary: "), "{arguments}: {told}");
        let (code, told) = run(&workplace, arguments, to(Reader::Full), Stdio::piped());
        assert_eq!(code, Some(1), "{arguments}: {told}");
        assert_eq!(told.matches("os error 28").count(), 1, "said once: {arguments}: {told}");
    }
}

#[test]
fn damage_and_refusals_keep_their_exit_codes() {
    let workplace = with_ledger(THREE);
    let segment = std::fs::read_dir(workplace.path().join("ledger/ledger"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|ending| ending == "segment"))
        .expect("a segment");
    let mut bytes = std::fs::read(&segment).expect("read");
    bytes[150] ^= 1;
    std::fs::write(&segment, bytes).expect("written");
    for (arguments, expected) in [
        ("verify --data ledger", 3),
        ("verify --data ledger --json", 3),
        ("query status --data ledger", 1),
        ("query nonsense --data absent", 1),
        ("token --role operator", 2),
        ("config --listen nowhere", 2),
        ("nonsense", 2),
    ] {
        assert_eq!(run(&workplace, arguments, Stdio::null(), Stdio::piped()).0, Some(expected), "{arguments}");
        for reader in [Reader::Gone, Reader::Full] {
            let (code, told) = run(&workplace, arguments, to(reader), Stdio::piped());
            assert_eq!(code, Some(expected), "{arguments}, {reader:?}: {told}");
            let (code, _) = run(&workplace, arguments, to(reader), to(reader));
            assert_eq!(code, Some(expected), "{arguments}, {reader:?} on standard error too");
        }
    }
}

#[test]
fn what_is_told_while_running_needs_no_listener() {
    let workplace = Workplace::new();
    workplace.write("input.ndjson", THREE);
    for (reader, ledger) in [(Reader::Gone, "one"), (Reader::Full, "two")] {
        let arguments = format!("import --data {ledger} input.ndjson --log-level trace");
        assert_eq!(run(&workplace, &arguments, Stdio::null(), to(reader)).0, Some(0), "{reader:?}");
        assert_eq!(crate::position(&workplace, ledger), 3, "{reader:?}");
    }
}

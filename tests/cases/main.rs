//! Inputs that were once answered wrongly, and what is right: a test a case, which fails where the program is wrong.
//! What a case needs to read lies in a folder of the case's name.
//!
//! A second writer is the matter of `second_writer.rs`; what a circle of parents costs is counted in steps where it is
//! walked, in the projections.

#[path = "../cli_support/mod.rs"]
mod cli_support;
#[path = "../daemon_support/mod.rs"]
mod daemon_support;

mod claims;
mod connections;
mod contract;
mod cursors;
mod dates;
mod exit_codes;
mod files;
mod limits;
mod live_pipe;
mod raw_http;
mod sign_in;

use std::fs::File;
use std::io::Write;

use cli_support::Workplace;
use serde_json::Value;

/// Three events that say nothing of anybody's money.
const THREE: &str = include_str!("import-of-a-live-pipe/input.ndjson");

/// A place with a ledger of these events in `ledger`.
fn with_ledger(events: &str) -> Workplace {
    let workplace = Workplace::new();
    workplace.write("input.ndjson", events);
    let run = workplace.run("import --data ledger input.ndjson");
    assert_eq!(run.code, 0, "{}", run.stderr);
    workplace
}

/// What the ledger answers.
fn ask(workplace: &Workplace, question: &str) -> Value {
    let run = workplace.run(&format!("query {question} --data ledger --json"));
    assert_eq!(run.code, 0, "{question}: {}", run.stderr);
    serde_json::from_str(&run.stdout).expect("JSON")
}

/// How far a ledger is.
fn position(workplace: &Workplace, ledger: &str) -> u64 {
    let run = workplace.run(&format!("query status --data {ledger} --json"));
    let status: Value = serde_json::from_str(&run.stdout).unwrap_or_default();
    status["position"].as_u64().unwrap_or_default()
}

/// The bytes as gzip has them.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

/// A device that is always full.
fn full_device() -> File {
    File::options().write(true).open("/dev/full").expect("the device")
}

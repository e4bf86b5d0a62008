//! A ledger in a directory, as the commands see it.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use super::tributary;

/// What `tributary import` says became of the events of these files.
pub fn import(data: &Path, files: &[&Path]) -> Value {
    let output = tributary()
        .args(["import", "--json", "--quiet", "--log-level", "warn", "--data"])
        .arg(data)
        .args(files)
        .output()
        .expect("the binary can be run");
    json(&output)
}

/// Verifies the ledger, which must be whole. The digest of its projections, and the position.
pub fn digest(data: &Path) -> (String, u64) {
    let output = tributary().args(["verify", "--log-level", "warn", "--data"]).arg(data).output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let word = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}: {text}"));
        line.split_whitespace().next().expect("a word").to_owned()
    };
    (word("digest"), word("ledger").parse().expect("a position"))
}

/// What became of every event read: the status without what depends on the way that it came.
pub fn counts(status: &Value) -> Value {
    let names = ["position", "accepted", "duplicate", "quarantined", "trades_before_registration"];
    let mut counts: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), status[*name].clone())).collect();
    counts.insert("event_time".to_owned(), status["as_of"]["event_time"].clone());
    Value::Object(counts)
}

/// The status of a ledger that no daemon holds.
pub fn status(data: &Path) -> Value {
    let arguments = ["query", "status", "--json", "--log-level", "warn", "--data"];
    json(&tributary().args(arguments).arg(data).output().expect("it runs"))
}

/// An answer without the position that it reflects.
pub fn without_position(mut answer: Value) -> Value {
    let as_of = answer["as_of"].as_object_mut().expect("as_of");
    as_of.remove("position").expect("a position");
    answer
}

fn json(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

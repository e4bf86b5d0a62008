//! What has to hold of a ledger's directory whenever nobody writes it, however its last writer ended.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use serde_json::{Map, Value};

use crate::commands::Given;
use crate::daemon_support::content::Content;
use crate::daemon_support::ledger::{counts, digest, import, status};
use crate::daemon_support::transactions::NEVER;
use crate::daemon_support::tributary;

/// The source of events that commands append.
const COMMANDS: &str = "/tributary/api";
/// The fields by which an event belongs to a stream.
const STREAMS: [&str; 3] = ["event_data_uid", "event_data_code", "event_data_id"];

/// The kinds of entry that commands of these tests append, by the field that tells one from the other.
const KINDS: [(&str, &str); 2] =
    [("referral.code.v1", "event_data_code"), ("referral.application.v1", "event_data_message")];

/// Holds the ledger against what was committed to the topic, what was posted and answered, and what was commanded: it is whole; every message below its
/// offsets is there once, nothing of a transaction that was not committed, what was acknowledged is there once; positions
/// have no gap; and all of it is what an import of the same events into an empty directory makes of them. The position.
pub fn audit(data: &Path, content: &Content, posted: &[Vec<u8>], given: &Given) -> u64 {
    let (digest_found, position) = digest(data);
    let found = status(data);
    let offsets = offsets(&found);
    let commands = entries(data, position, given);

    let mut lines: Vec<Vec<u8>> = content.below(&offsets).into_iter().map(<[u8]>::to_vec).collect();
    assert!(lines.iter().all(|line| !contains(line, NEVER)), "the test's own consumer reads what was not committed");
    lines.extend_from_slice(posted);
    lines.extend(commands);
    let folder = tempfile::tempdir().expect("a folder");
    let (file, fresh) = (folder.path().join("events.ndjson"), folder.path().join("fresh"));
    std::fs::write(&file, crate::daemon_support::history::text(&lines)).expect("written");
    import(&fresh, &[&file]);
    let (digest_wanted, _) = digest(&fresh);
    assert_eq!(counts(&found), counts(&status(&fresh)), "what became of {} events below {offsets:?}", lines.len());
    assert_eq!(digest_found, digest_wanted, "the digest of {} events below {offsets:?}", lines.len());
    position
}

/// How far a ledger that nobody writes has read each partition.
fn offsets(status: &Value) -> BTreeMap<i32, i64> {
    let offset = |of: &Value| {
        let partition = i32::try_from(of["partition"].as_i64()?).ok()?;
        Some((partition, of["next_offset"].as_i64()?))
    };
    status["offsets"].as_array().expect("offsets").iter().map(|of| offset(of).expect("an offset")).collect()
}

/// Goes through all entries. The events that commands appended, as lines.
fn entries(data: &Path, position: u64, given: &Given) -> Vec<Vec<u8>> {
    let mut export = tributary()
        .args(["export", "entries", "--format", "ndjson", "--out", "-", "--log-level", "error", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        // Where it ends, which is no news here.
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary can be run");
    let (mut commands, mut identities, mut named) = (Vec::new(), BTreeSet::new(), BTreeMap::<String, u32>::new());
    let mut reached = 0;
    for line in BufReader::new(export.stdout.take().expect("its output")).lines() {
        let entry: Value = serde_json::from_str(&line.expect("a line")).expect("an entry");
        reached += 1;
        assert_eq!(entry["position"], reached, "positions have no gap");
        let text = |name: &str| entry[name].as_str().expect("a text");
        let (source, id) = (text("event_source").to_owned(), text("event_id").to_owned());
        assert_ne!(source, NEVER, "position {reached} is of a transaction that was not committed");
        let stream = STREAMS.iter().map(|name| entry[*name].to_string()).find(|of| of != "null");
        if source == COMMANDS {
            commands.push(event(entry.as_object().expect("an entry")).to_string().into_bytes());
            let (_, field) = KINDS.iter().find(|(kind, _)| *kind == text("event_type")).expect("a kind");
            *named.entry(text(field).to_owned()).or_default() += 1;
        }
        assert!(identities.insert((stream, source, id)), "position {reached} is there twice: {entry}");
    }
    assert!(export.wait().expect("it ends").success(), "the export of {}", data.display());
    assert_eq!(reached, position, "every position is exported");
    let twice: Vec<_> = named.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "commands are there twice: {twice:?}");
    let lost: Vec<_> = given.acknowledged.iter().filter(|name| !named.contains_key(*name)).collect();
    assert!(lost.is_empty(), "commands were acknowledged and are lost: {lost:?}");
    let unknown: Vec<_> = named.keys().filter(|name| !given.tried.contains(*name)).collect();
    assert!(unknown.is_empty(), "nobody gave these commands: {unknown:?}");
    commands
}

/// The event of an exported entry.
fn event(entry: &Map<String, Value>) -> Value {
    let fields = entry.iter().filter(|(_, value)| !value.is_null());
    let mut event = Map::new();
    let mut data = Map::new();
    for (name, value) in fields {
        if let Some(name) = name.strip_prefix("event_data_") {
            data.insert(name.to_owned(), value.clone());
        } else if let Some(name) = name.strip_prefix("event_") {
            event.insert(name.to_owned(), value.clone());
        }
    }
    event.insert("data".to_owned(), Value::Object(data));
    Value::Object(event)
}

fn contains(line: &[u8], text: &str) -> bool {
    line.windows(text.len()).any(|part| part == text.as_bytes())
}

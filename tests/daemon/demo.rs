//! The first five minutes: `tributary demo` as a newcomer starts it. Every address and every command that it prints is
//! tried, and the story that they tell holds.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use crate::daemon_support::{tributary, wait_for};
use serde_json::Value;
use ureq::Agent;

/// A demo that runs, and what it printed.
struct Demo {
    process: Child,
    printed: String,
    agent: Agent,
}

impl Demo {
    /// Starts a small one and reads what it prints up to its last line.
    fn start(arguments: &[&str]) -> Demo {
        let mut process = tributary()
            .args(["demo", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary can be run");
        let mut printed = String::new();
        let mut out = BufReader::new(process.stdout.take().expect("its output"));
        while !printed.contains("/openapi.json") {
            let count = out.read_line(&mut printed).expect("text");
            assert!(count > 0, "the demo ended: {printed}");
        }
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(60)));
        Demo { process, printed, agent: config.build().into() }
    }

    /// All addresses that it printed.
    fn addresses(&self) -> Vec<&str> {
        let words = self.printed.split_ascii_whitespace().filter(|word| word.starts_with("http://"));
        words.map(|word| word.trim_end_matches([';', ',', '.'])).collect()
    }

    /// All commands that it printed.
    fn commands(&self) -> Vec<&str> {
        self.printed.lines().filter_map(|line| line.trim_start().strip_prefix("$ ")).collect()
    }

    /// The page at an address, which is there.
    fn page(&self, address: &str) -> String {
        let mut answer = self.agent.get(address).header("accept", "text/html,*/*").call().expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{address}");
        answer.body_mut().read_to_string().expect("text")
    }

    /// The command that begins like this, with the folder of the binary left out.
    fn command(&self, part: &str) -> &str {
        let found = self.commands().into_iter().find(|command| command.contains(part));
        found.unwrap_or_else(|| panic!("no command with {part}: {}", self.printed))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a command as a shell does, in the folder in which cargo would start the demo.
fn shell(command: &str) -> Output {
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", command]).current_dir(std::env::current_dir().expect("a folder"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TRIBUTARY_")) {
        shell.env_remove(name);
    }
    shell.output().expect("bash")
}

fn json(command: &str) -> Value {
    let output = shell(&format!("{command} --format json"));
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let temporary = tempfile::tempdir().expect("a folder");
    let data = temporary.path().join("demo");
    (temporary, data)
}

fn small(data: &Path) -> Vec<&str> {
    vec!["--events", "30000", "--rate", "0", "--data", data.to_str().expect("a path")]
}

#[test]
fn every_address_and_every_command_that_the_demo_prints_works_and_its_story_holds() {
    let (_temporary, data) = folder();
    let demo = Demo::start(&small(&data));
    assert!(demo.addresses().len() >= 12, "{}", demo.printed);
    for address in demo.addresses() {
        demo.page(address);
    }
    assert!(demo.commands().len() >= 7, "{}", demo.printed);
    for command in demo.commands() {
        let output = shell(command);
        assert!(output.status.success() && !output.stdout.is_empty(), "{command}: {output:?}");
    }

    // Who comes to `/` is led to the story, which has the same chapters.
    let front = demo.addresses().into_iter().find(|address| address.ends_with('/')).expect("where to begin");
    let guide = demo.page(front);
    for told in ["as it was closed", "is now, and why", "One trade explained", "Ask what if"] {
        assert!(guide.contains(told), "{told}: {guide}");
    }

    // What there is to share leads somewhere.
    let codes: Value = serde_json::from_str(&demo.page(&format!("{front}v1/codes?uid=7"))).expect("JSON");
    let link = codes["rows"][0]["link"].as_str().expect("a link");
    assert!(link.starts_with("https://exchange.example/register?ref="), "{link}");

    // The month was one thing when it was closed, and is another, for reasons that are named.
    let closed = json(demo.command("query overview"));
    let restatement = json(demo.command("query restatement"));
    let amount =
        |answer: &Value, path: &str| answer.pointer(path).and_then(Value::as_str).expect("an amount").to_owned();
    assert_eq!(amount(&restatement, "/before/commission"), amount(&closed, "/metrics/total_rewards"));
    assert_ne!(amount(&restatement, "/difference/commission"), "0");
    let rows = restatement["rows"].as_array().expect("rows");
    let ids: Vec<&str> = rows.iter().filter_map(|row| row.pointer("/event/id")?.as_str()).collect();
    for expected in ["story-4", "story-5", "story-6", "story-clawback", "story-contract"] {
        assert!(ids.contains(&expected), "{expected} is not in {ids:?}");
    }
    assert!(!ids.contains(&"story-1"), "what was known at the close is not learned after it");

    let late = json(demo.command("id=story-4"));
    assert_eq!(late["eligible"], true, "{late}");
    let positions: std::collections::BTreeSet<u64> = late["postings"]
        .as_array()
        .expect("postings")
        .iter()
        .filter_map(|posting| posting["position"].as_u64())
        .collect();
    assert_eq!(positions.len(), 2, "its own entry, and the contract's: {late}");
    let unpaid = json(demo.command("id=harbor-2"));
    assert_eq!((&unpaid["reason"], &unpaid["commission"]), (&"suspended".into(), &"0".into()), "{unpaid}");

    let priced = shell(demo.command("--what-if"));
    let text = String::from_utf8(priced.stdout).expect("text");
    assert!(text.lines().any(|line| line.starts_with("7 ")), "referrer 7 would have earned less: {text}");
}

#[test]
fn a_program_is_nearly_reached_and_another_half() {
    let (_temporary, data) = folder();
    let demo = Demo::start(&small(&data));
    let front = demo.addresses()[0].to_owned();
    let base = front.trim_end_matches('/');
    let offers: Value = serde_json::from_str(&demo.page(&format!("{base}/v1/offers?uid=7"))).expect("JSON");
    let met = |id: &str| {
        let row = offers["rows"].as_array().expect("rows").iter().find(|row| row["id"] == id).expect("the offer");
        let conditions = row["tiers"][0]["conditions"].as_array().expect("conditions").clone();
        (conditions.iter().filter(|condition| condition["met"] == true).count(), conditions.len())
    };
    assert_eq!((met("demo-sprint"), met("demo-growth")), ((1, 2), (2, 4)), "{offers}");
}

#[test]
fn a_demo_in_a_folder_of_its_own_goes_on_at_its_next_start() {
    let (_temporary, data) = folder();
    let position = |demo: &Demo| {
        let base = demo.addresses()[0].trim_end_matches('/').to_owned();
        let status: Value = serde_json::from_str(&demo.page(&format!("{base}/v1/status"))).expect("JSON");
        status["position"].as_u64().expect("a position")
    };
    let first = Demo::start(&small(&data));
    let (before, story) = (position(&first), first.commands()[0].to_owned());
    let was = json(&story);
    drop(first);
    let again = Demo::start(&small(&data));
    assert!(position(&again) >= before);
    assert_eq!(again.commands()[0], story, "the same story");
    assert_eq!(json(&story)["metrics"], was["metrics"], "and what was true at the close is so for good");
}

#[test]
fn a_plain_demo_is_an_empty_daemon_and_a_folder_of_something_else_is_left_alone() {
    let plain = Demo::start(&["--plain"]);
    let base = plain.addresses()[0].trim_end_matches('/').to_owned();
    let status: Value = serde_json::from_str(&plain.page(&format!("{base}/v1/status"))).expect("JSON");
    assert_eq!(status["position"], 0);
    assert!(!plain.printed.contains("closed"), "{}", plain.printed);

    let (_temporary, data) = folder();
    let imported = tributary().args(["import", "--data"]).arg(&data).arg("/dev/null").output().expect("it runs");
    assert!(imported.status.success());
    let refused = tributary().arg("demo").args(small(&data)).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no demo recorded"), "{refused:?}");
}

#[test]
fn a_history_is_recorded_at_the_moments_at_which_it_arrived_and_is_there_once() {
    let (_temporary, data) = folder();
    let record = |data: &Path| {
        let mut command = tributary();
        command.args(["demo", "--record", "--events", "20000", "--end", "2026-04-20T00:00:00Z", "--data"]).arg(data);
        command.output().expect("it runs")
    };
    let recorded = record(&data);
    assert!(recorded.status.success(), "{recorded:?}");
    let again = record(&data);
    assert_eq!(again.status.code(), Some(2), "{again:?}");
    let query = |as_of: &str| {
        let mut command = tributary();
        command.args(["query", "overview", "uid=7", "from=2026-03-01", "to=2026-03-31", "--format", "json", as_of]);
        let output = command.arg("--data").arg(&data).output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let (middle, closed, end) =
        (query("as_of=2026-03-15T00:00:00Z"), query("as_of=2026-04-03T00:00:00Z"), query("as_of=2026-04-20T00:00:00Z"));
    let position = |answer: &Value| answer["as_of"]["position"].as_u64().expect("a position");
    assert!(position(&middle) < position(&closed) && position(&closed) < position(&end));
    assert_ne!(middle["metrics"], closed["metrics"]);
    assert_ne!(closed["metrics"], end["metrics"], "more came to be known");
}

/// Ends at a signal, also while it records.
#[test]
fn a_demo_that_is_told_to_end_while_it_records_ends_and_leaves_no_folder_behind() {
    let (temporary, _) = folder();
    let mut process = tributary()
        .args(["demo", "--listen", "127.0.0.1:0", "--events", "3000000"])
        .env("TMPDIR", temporary.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary can be run");
    let has_folder = || std::fs::read_dir(temporary.path()).expect("a folder").count() > 0;
    wait_for("its folder is there", 60, || has_folder().then_some(()));
    let ledger_there = || {
        let folders = std::fs::read_dir(temporary.path()).expect("a folder").flatten();
        folders.into_iter().any(|folder| folder.path().join("ledger").is_dir())
    };
    wait_for("it records", 60, || ledger_there().then_some(()));
    let ended = shell(&format!("kill -TERM {}", process.id()));
    assert!(ended.status.success());
    let status = wait_for("it ends", 120, || process.try_wait().expect("a process"));
    assert!(status.success(), "{status}");
    assert!(!has_folder(), "nothing is left behind");
}

//! `tributary export`: what it writes, where, what it says, and what it refuses.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cli_support::{Run, Workplace, undisturbed};
use schemas::Timestamp;
use serde_json::Value;
use workload::Workload;

/// All but `audit`, of which an import gives no rows: `cli_audit.rs` has it.
const KINDS: &[&str] = &["events", "entries", "postings", "trades", "referrals", "codes", "rewards", "daily"];

/// A ledger in `ledger`, imported in two pieces. Gives the position between them and the last.
fn imported(workplace: &Workplace, events: u64) -> (u64, u64) {
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
    let lines: Vec<Vec<u8>> = Workload::sized(5, events, end).lines().collect();
    let (first, second) = lines.split_at(lines.len() / 2);
    let mut positions = Vec::new();
    for (name, lines) in [("first.ndjson", first), ("second.ndjson", second)] {
        std::fs::write(workplace.path().join(name), lines.join(&b'\n')).expect("a file");
        let said = done(workplace.run(&format!("import --data ledger {name} --quiet --json")));
        let said: Value = serde_json::from_str(&said).expect("JSON");
        positions.push(said["position"].as_u64().expect("a position"));
    }
    (positions[0], positions[1])
}

#[track_caller]
fn done(run: Run) -> String {
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn content(workplace: &Workplace, name: &str) -> Vec<u8> {
    std::fs::read(workplace.path().join(name)).expect("a file")
}

#[test]
fn every_kind_is_written_in_every_format_and_what_was_written_is_said() {
    let workplace = Workplace::new();
    let (_, end) = imported(&workplace, 4_000);
    std::fs::create_dir(workplace.path().join("out")).expect("a folder");
    for kind in KINDS {
        let mut rows = BTreeMap::new();
        for format in ["parquet", "csv", "ndjson"] {
            let path = format!("out/{kind}.{format}");
            let said = done(workplace.run(&format!("export {kind} --data ledger --out {path} --json")));
            let said: Value = serde_json::from_str(&said).expect("JSON");
            let bytes = content(&workplace, &path);
            assert_eq!((said["bytes"].as_u64(), said["position"].as_u64()), (Some(bytes.len() as u64), Some(end)));
            assert_eq!((&said["kind"], &said["format"]), (&Value::from(*kind), &Value::from(format)));
            rows.insert(said["rows"].as_u64().expect("rows"), format);
            match format {
                "parquet" => assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1")),
                "ndjson" => {
                    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
                    assert_eq!(said["rows"].as_u64(), Some(lines));
                }
                _ => assert!(bytes.contains(&b'\n')),
            }
        }
        assert_eq!(rows.len(), 1, "{kind}: {rows:?}");
        assert!(!rows.contains_key(&0), "{kind} has no rows");
    }
    assert_eq!(names(&workplace.path().join("out")).len(), KINDS.len() * 3);
}

#[test]
fn the_format_is_what_is_said_else_what_the_ending_says() {
    let workplace = Workplace::new();
    imported(&workplace, 1_000);
    for (arguments, file, begins) in [
        ("--out a.csv", "a.csv", "referrer_uid,code,"),
        ("--out a.CSV", "a.CSV", "referrer_uid,code,"),
        ("--out a.ndjson", "a.ndjson", "{\"referrer_uid\":"),
        ("--out a.parquet", "a.parquet", "PAR1"),
        ("--out a", "a", "PAR1"),
        ("--out a.data --format csv", "a.data", "referrer_uid,code,"),
        ("--out b.csv --format ndjson", "b.csv", "{\"referrer_uid\":"),
    ] {
        done(workplace.run(&format!("export codes --data ledger {arguments}")));
        let bytes = content(&workplace, file);
        assert!(bytes.starts_with(begins.as_bytes()), "{arguments}");
    }
    let stdout = workplace.run("export codes --data ledger --out -");
    assert!(stdout.stderr.contains("\nposition  "), "{}", stdout.stderr);
    assert_eq!(done(stdout).into_bytes(), content(&workplace, "a.ndjson"));
    let stdout = workplace.run("export codes --data ledger --out - --format csv");
    assert_eq!(done(stdout).into_bytes(), content(&workplace, "a.csv"));
}

#[test]
fn a_path_that_ends_in_gz_or_zst_is_packed_and_one_that_says_no_format_is_refused() {
    let workplace = Workplace::new();
    imported(&workplace, 1_000);
    for name in ["a.ndjson", "a.ndjson.gz", "a.ndjson.zst", "b.ndjson.gz --format csv"] {
        done(workplace.run(&format!("export codes --data ledger --out {name}")));
    }
    let plain = content(&workplace, "a.ndjson");
    let unpacked = |bytes: Vec<u8>| {
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut text).expect("gzip");
        text
    };
    assert_eq!(unpacked(content(&workplace, "a.ndjson.gz")), plain);
    assert_eq!(zstd::decode_all(&content(&workplace, "a.ndjson.zst")[..]).expect("zstd"), plain);
    assert!(unpacked(content(&workplace, "b.ndjson.gz")).starts_with(b"referrer_uid,code,"), "what is said counts");
    for name in ["a.xlsx", "a.gz", "a.data.zst", "a.parquet.gz", "a.csv --format parquet --csv-bom"] {
        let refused = workplace.run(&format!("export codes --data ledger --out {name}"));
        assert_eq!(refused.code, 2, "{name}: {}", refused.stderr);
    }
    assert!(!names(workplace.path()).iter().any(|name| name.ends_with("xlsx")));
}

#[test]
fn csv_begins_with_a_byte_order_mark_where_that_is_asked_for() {
    let workplace = Workplace::new();
    imported(&workplace, 1_000);
    done(workplace.run("export codes --data ledger --out plain.csv"));
    let said = done(workplace.run("export codes --data ledger --out marked.csv --csv-bom --json"));
    let (plain, marked) = (content(&workplace, "plain.csv"), content(&workplace, "marked.csv"));
    assert_eq!(marked, ["\u{feff}".as_bytes(), &plain].concat());
    assert!(said.contains(&format!("\"bytes\":{}", marked.len())), "{said}");
    assert_eq!(workplace.run("export codes --data ledger --out a.parquet --csv-bom").code, 2);
}

#[test]
fn a_nightly_export_goes_on_where_the_last_one_ended() {
    let workplace = Workplace::new();
    let (between, end) = imported(&workplace, 4_000);
    let lines = |arguments: &str| done(workplace.run(&format!("export {arguments} --data ledger --out -")));
    for kind in ["entries", "postings", "trades"] {
        let whole = lines(kind);
        let first = done(workplace.run(&format!("export {kind} --data ledger --out first.ndjson --as-of {between}")));
        assert!(first.contains(&format!("position  {between} (next time: --after {between})\n")), "{first}");
        let second = lines(&format!("{kind} --after {between}"));
        let position = |line: &str| serde_json::from_str::<Value>(line).expect("JSON")["position"].as_u64();
        assert!(second.lines().all(|line| position(line) > Some(between)), "{kind}");
        let count = String::from_utf8(content(&workplace, "first.ndjson")).expect("UTF-8").lines().count();
        assert_eq!(count + second.lines().count(), whole.lines().count(), "{kind}");
        assert!(whole.ends_with(&second), "{kind}");
        assert_eq!(lines(&format!("{kind} --after {end}")), "", "{kind}");
        assert_eq!(lines(&format!("{kind} --after 0")), whole, "{kind}");
    }
}

#[test]
fn an_export_as_of_a_position_is_that_of_a_ledger_that_ends_there() {
    let workplace = Workplace::new();
    let (between, _) = imported(&workplace, 3_000);
    done(workplace.run(&format!("replay --data ledger --until {between} --out past")));
    for kind in KINDS {
        let as_of = done(workplace.run(&format!("export {kind} --data ledger --out - --as-of {between}")));
        let alone = done(workplace.run(&format!("export {kind} --data past --out - --as-of {between}")));
        assert!(!as_of.is_empty(), "{kind}");
        assert_eq!(as_of, alone, "{kind}");
    }
}

#[test]
fn exported_events_are_an_import() {
    let workplace = Workplace::new();
    imported(&workplace, 3_000);
    done(workplace.run("export events --data ledger --out events.ndjson"));
    done(workplace.run("import --data again events.ndjson --quiet"));
    let digest = |data: &str| {
        let said = done(workplace.run(&format!("replay --data {data}")));
        said.lines().find_map(|line| line.strip_prefix("digest ").map(ToOwned::to_owned)).expect("a digest")
    };
    assert_eq!(digest("ledger"), digest("again"));
}

#[test]
fn bad_usage_ends_with_2_and_writes_nothing() {
    let workplace = Workplace::new();
    let (_, end) = imported(&workplace, 1_000);
    let before = names(workplace.path());
    let beyond = end + 1;
    for arguments in [
        "",
        "everything --data ledger --out a.csv",
        "trades --data ledger",
        "trades --data ledger --out a --format xml",
        "trades --data ledger --out - --format parquet",
        "trades --data ledger --out a --from 2026-03-02 --to 2026-03-01",
        "trades --data ledger --out a --from yesterday",
        "trades --data ledger --out a --uid 0",
        "trades --data ledger --out a --uid me",
        "trades --data ledger --out a --after -1",
        "trades --data ledger --out a --as-of 0",
        "trades --data ledger --out a --as-of soon",
        "trades --data ledger --out a --as-of 1999-01-01T00:00:00Z",
        "trades --data ledger --out a --after 10 --as-of 9",
        "events --data ledger --out a --uid 7",
        "entries --data ledger --out a --uid 7",
        "events --data ledger --out a --after 1",
        "referrals --data ledger --out a --after 1",
        "codes --data ledger --out a --after 1",
        "rewards --data ledger --out a --after 1",
        "daily --data ledger --out a --after 1",
        &format!("trades --data ledger --out a --after {beyond}"),
        &format!("trades --data ledger --out a --as-of {beyond}"),
        "trades --out a",
    ] {
        let run = workplace.run(&format!("export {arguments}"));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{arguments}: {}", run.stderr);
        assert!(!run.stderr.is_empty(), "{arguments}");
    }
    assert_eq!(names(workplace.path()), before);
}

#[test]
fn what_cannot_be_written_or_read_is_a_failure_that_leaves_nothing() {
    let workplace = Workplace::new();
    imported(&workplace, 4_000);
    std::fs::create_dir(workplace.path().join("out")).expect("a folder");
    for arguments in [
        "trades --data ledger --out missing/a.csv",
        "trades --data ledger --out out",
        "trades --data ledger --out /dev/full",
        "trades --data nowhere --out out/a.csv",
    ] {
        let run = workplace.run(&format!("export {arguments}"));
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{arguments}: {}", run.stderr);
        assert!(run.stderr.starts_with("tributary: "), "{arguments}: {}", run.stderr);
    }
    // A file that grows beyond what the process may write is as good as a full disk. Opening a checkpoint writes too.
    std::fs::remove_dir_all(workplace.path().join("ledger/checkpoint")).expect("a checkpoint");
    for format in ["csv", "ndjson", "parquet"] {
        let script = format!(
            "ulimit -f 16; exec {} export trades --data ledger --out out/a.{format}",
            env!("CARGO_BIN_EXE_tributary")
        );
        let run = undisturbed(&mut Command::new("bash"))
            .args(["-c", &script])
            .current_dir(workplace.path())
            .output()
            .expect("bash runs");
        let said = String::from_utf8_lossy(&run.stderr);
        assert_eq!((run.status.code(), run.stdout.as_slice()), (Some(1), &b""[..]), "{format}: {said}");
        assert!(said.contains("can't write"), "{format}: {said}");
    }
    assert_eq!(names(&workplace.path().join("out")), Vec::<String>::new());
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let workplace = Workplace::new();
    imported(&workplace, 4_000);
    let mut child = undisturbed(&mut Command::new(env!("CARGO_BIN_EXE_tributary")))
        .args(["export", "entries", "--data", "ledger", "--out", "-"])
        .current_dir(workplace.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    let mut stdout = child.stdout.take().expect("a pipe");
    stdout.read_exact(&mut [0; 10]).expect("the first row");
    drop(stdout);
    let ended = child.wait_with_output().expect("an end");
    assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""));
}

/// Wherever the signal comes, there is a whole file or none; and never a part of one under whatever name.
#[test]
fn an_interrupted_export_leaves_a_whole_file_or_none() {
    let workplace = Workplace::new();
    imported(&workplace, 30_000);
    for signal in ["INT", "TERM"] {
        let folder = workplace.path().join(signal);
        std::fs::create_dir(&folder).expect("a folder");
        let mut child = undisturbed(&mut Command::new(env!("CARGO_BIN_EXE_tributary")))
            .args(["export", "entries", "--data", "../ledger", "--out", "a.ndjson"])
            .current_dir(&folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary can be run");
        // The file beside bears the name with a dot before it, and has content once the export is under way.
        let is_under_way = || {
            let files = std::fs::read_dir(&folder).expect("a folder");
            files.filter_map(Result::ok).any(|file| file.metadata().is_ok_and(|file| file.len() > 0))
        };
        while child.try_wait().expect("a child").is_none() && !is_under_way() {
            std::thread::yield_now();
        }
        let sent = Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().expect("kill");
        let ended = child.wait().expect("an end");
        match ended.code() {
            Some(0) => assert_eq!(names(&folder), ["a.ndjson"], "{signal}"),
            code => {
                assert!(sent.success() && code == Some(1), "{signal}: {ended}");
                assert_eq!(names(&folder), Vec::<String>::new(), "{signal}");
            }
        }
    }
}

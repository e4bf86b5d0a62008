//! `tributary verify`: what is damaged and what to do, the head for an auditor, and whether it still is a beginning.

use std::path::PathBuf;

use crate::cli_support::{Run, Workplace};
use schemas::Timestamp;
use workload::Workload;

/// Imports so many events of a seed into `ledger`, in one more piece.
fn import(workplace: &Workplace, seed: u64, events: u64) {
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
    let lines: Vec<Vec<u8>> = Workload::sized(seed, events, end).lines().collect();
    std::fs::write(workplace.path().join("events.ndjson"), lines.join(&b'\n')).expect("a file");
    done(&workplace.run("import --data ledger events.ndjson --quiet"));
}

#[track_caller]
fn done(run: &Run) -> &str {
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    &run.stdout
}

/// Position and digits of the line `head`.
#[track_caller]
fn head(run: &Run) -> (u64, String) {
    let line = done(run).lines().find(|line| line.starts_with("head ")).expect("a line with the head");
    let words: Vec<&str> = line.split_whitespace().collect();
    let [_, position, digits] = words[..] else { panic!("{line}") };
    assert!(digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{line}");
    (position.parse().expect("a position"), digits.to_owned())
}

fn first_segment(workplace: &Workplace) -> PathBuf {
    workplace.path().join("ledger/ledger/00000001-0000000001.segment")
}

#[test]
fn a_head_that_was_kept_is_proved_to_be_a_beginning_of_what_stands_there_now() {
    let workplace = Workplace::new();
    import(&workplace, 1, 3_000);
    let (position, digits) = head(&workplace.run("verify --data ledger --head"));
    assert_eq!(head(&workplace.run("verify --data ledger")), (position, digits.clone()), "a whole check says it too");
    let same = workplace.run(&format!("verify --data ledger --against {position}:{digits}"));
    assert!(done(&same).contains("is what it was"), "{}", same.stdout);

    import(&workplace, 2, 3_000);
    let (later, _) = head(&workplace.run("verify --data ledger --head"));
    assert!(later > position);
    let prefix = workplace.run(&format!("verify --data ledger --against {position}:{digits}"));
    assert!(done(&prefix).contains(&format!("to position {later}")), "{}", prefix.stdout);

    let other = digits.replace('0', "1").replace('f', "e");
    for (against, code, said) in [
        (format!("{position}:{other}"), 3, "is there with another head"),
        (format!("{}:{digits}", position - 1), 3, "no frame ends at position"),
        (format!("{}:{digits}", later + 1), 3, "the ledger ends at position"),
        (format!("0:{}", "0".repeat(64)), 0, "everything up to position 0"),
        (format!("0:{digits}"), 3, "another head"),
    ] {
        let run = workplace.run(&format!("verify --data ledger --against {against}"));
        assert_eq!(run.code, code, "{against}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(said), "{against}: {}", run.stdout);
    }
    for against in ["812", "x:00", &format!("812:{}", digits.to_uppercase())] {
        let run = workplace.run(&format!("verify --data ledger --against {against}"));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{against}: {}", run.stderr);
    }
    let json = workplace.run(&format!("verify --data ledger --against {position}:{other} --json"));
    let verdict: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!((json.code, &verdict["ok"]), (3, &serde_json::Value::Bool(false)), "{verdict}");
}

#[test]
fn damage_is_told_with_its_file_what_is_good_and_what_to_do() {
    let workplace = Workplace::new();
    import(&workplace, 1, 3_000);
    let (position, _) = head(&workplace.run("verify --data ledger --head"));
    import(&workplace, 2, 3_000);
    let segment = first_segment(&workplace);
    let mut bytes = std::fs::read(&segment).expect("read");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("something is there");
    bytes[end - 100] ^= 0xff;
    std::fs::write(&segment, bytes).expect("written");
    for flags in ["", " --head"] {
        let run = workplace.run(&format!("verify --data ledger{flags}"));
        assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
        for said in [
            "DAMAGE      00000001-0000000001.segment: segment 1, byte ",
            "checksum mismatch in the frame",
            "good        positions 1 to ",
            "tributary repair --data ledger --from BACKUP",
            "tributary restore --from BACKUP --data NEW",
        ] {
            assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
        }
    }
    let json = workplace.run("verify --data ledger --json");
    let verdict: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json.code, 3);
    assert_eq!(verdict["damages"][0]["file"], "00000001-0000000001.segment");
    assert!(verdict["damages"][0]["byte"].as_u64() > Some(0), "{verdict}");
    let good = verdict["position"].as_u64().expect("a position");
    assert!(good >= position, "what the first import wrote is good: {verdict}");
    assert_eq!(workplace.run("verify --data nowhere --head").code, 1);
}

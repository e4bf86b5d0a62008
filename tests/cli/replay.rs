//! `tributary replay` and `tributary query … as_of=…`: the ledger taken back to any moment from the shell.

use crate::cli_support::{Run, Workplace};
use schemas::Timestamp;
use workload::Workload;

/// A ledger in `ledger`, imported in two pieces, so that it was recorded at two moments at least. Gives the position
/// between them.
fn imported(workplace: &Workplace) -> u64 {
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
    let lines: Vec<Vec<u8>> = Workload::sized(5, 6_000, end).lines().collect();
    let (first, second) = lines.split_at(lines.len() / 2);
    for (name, lines) in [("first.ndjson", first), ("second.ndjson", second)] {
        std::fs::write(workplace.path().join(name), lines.join(&b'\n')).expect("a file");
    }
    done(&workplace.run("import --data ledger first.ndjson --quiet"));
    let between = position(&workplace.run("replay --data ledger --json"));
    done(&workplace.run("import --data ledger second.ndjson --quiet"));
    between
}

#[track_caller]
fn done(run: &Run) -> &str {
    assert_eq!(run.code, 0, "{}", run.stderr);
    &run.stdout
}

#[track_caller]
fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(done(run)).expect("JSON")
}

#[track_caller]
fn position(run: &Run) -> u64 {
    json(run)["position"].as_u64().expect("a position")
}

#[track_caller]
fn digest(run: &Run) -> String {
    let line = done(run).lines().find_map(|line| line.strip_prefix("digest ")).expect("a line with the digest");
    assert!(
        line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)),
        "{line}"
    );
    line.to_owned()
}

#[test]
fn a_replay_tells_its_digest_which_depends_on_neither_threads_nor_checkpoints() {
    let workplace = Workplace::new();
    let between = imported(&workplace);
    let whole = digest(&workplace.run("replay --data ledger"));
    for flags in ["--threads 1", "--threads 2", "--threads 5"] {
        assert_eq!(digest(&workplace.run(&format!("replay --data ledger {flags}"))), whole, "{flags}");
    }
    let end = position(&workplace.run("replay --data ledger --json"));
    assert_eq!(digest(&workplace.run(&format!("replay --data ledger --until {end}"))), whole);
    let half = digest(&workplace.run(&format!("replay --data ledger --until {between}")));
    assert_ne!(half, whole);
    let recorded_at =
        json(&workplace.run(&format!("replay --data ledger --until {between} --json")))["recorded_at"].clone();
    let by_time = workplace.run(&format!("replay --data ledger --until {}", recorded_at.as_str().expect("a time")));
    assert_eq!(digest(&by_time), half);
    let verdict = workplace.run("verify --data ledger");
    assert!(done(&verdict).contains(&whole), "{}", verdict.stdout);
}

#[test]
fn what_a_replay_keeps_is_a_ledger_of_its_own_that_ends_there() {
    let workplace = Workplace::new();
    let between = imported(&workplace);
    // In the middle of a frame, at the end of one, and all of it.
    let end = position(&workplace.run("replay --data ledger --json"));
    for (until, name) in [(between - 7, "cut"), (between, "half"), (end, "all")] {
        let replayed = workplace.run(&format!("replay --data ledger --until {until} --out {name}"));
        let kept = workplace.run(&format!("replay --data {name}"));
        assert_eq!(digest(&replayed), digest(&kept), "{name}");
        done(&workplace.run(&format!("verify --data {name}")));
        for question in ["overview uid=7 from=2026-01-01 to=2026-03-31", "codes uid=7", "referrals uid=7 limit=500"] {
            let of_kept = json(&workplace.run(&format!("query {question} --data {name} --json")));
            let as_of = json(&workplace.run(&format!("query {question} as_of={until} --data ledger --json")));
            assert_eq!(of_kept, as_of, "{question} of {name}");
            assert_eq!(as_of["as_of"]["position"], until);
        }
    }
    let mut names: Vec<String> = std::fs::read_dir(workplace.path())
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| !name.ends_with(".ndjson"))
        .collect();
    names.sort();
    assert_eq!(names, ["all", "cut", "half", "ledger"], "nothing unfinished is left");
}

#[test]
fn what_cannot_be_replayed_is_refused_and_leaves_nothing() {
    let workplace = Workplace::new();
    imported(&workplace);
    let end = position(&workplace.run("replay --data ledger --json"));
    workplace.write("taken", "a file");
    let beyond = format!("replay --data ledger --until {} --out new", end + 1);
    for (arguments, code, said) in [
        (beyond.as_str(), 2, "ends at position"),
        ("replay --data ledger --until 0", 2, "no position 0"),
        ("replay --data ledger --until 2001-01-01T00:00:00Z", 2, "first entry"),
        ("replay --data ledger --until yesterday", 2, "RFC 3339"),
        ("replay --data ledger --out taken", 2, "there is something already"),
        ("replay --data ledger --out ledger", 2, "there is something already"),
        ("replay --data ledger --threads 0", 2, "threads"),
        ("replay --data nowhere", 1, "no ledger"),
    ] {
        let run = workplace.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments}: {}", run.stderr);
    }
    assert!(!workplace.path().join("new").exists());
    for (as_of, said) in [("0", "position 0"), ("99999999", "ends at position"), ("x", "RFC 3339")] {
        let run = workplace.run(&format!("query overview uid=7 as_of={as_of} --data ledger"));
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{as_of}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{as_of}: {}", run.stderr);
    }
    let status = workplace.run("query status as_of=1 --data ledger");
    assert_eq!((status.code, status.stdout.as_str()), (2, ""), "{}", status.stderr);
}

#[test]
fn a_directory_of_a_newer_format_is_refused_by_name_and_left_as_it_is() {
    let workplace = Workplace::new();
    imported(&workplace);
    let format = workplace.path().join("ledger/ledger/FORMAT");
    std::fs::write(&format, "tributary ledger, format 99\n").expect("written");
    for arguments in
        ["replay --data ledger", "replay --data ledger --out new", "query overview uid=7 as_of=1 --data ledger"]
    {
        let run = workplace.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""), "{arguments}");
        assert!(run.stderr.contains("99"), "{arguments}: {}", run.stderr);
    }
    assert!(!workplace.path().join("new").exists());
}

#[test]
fn checkpoints_are_kept_along_the_way_and_the_past_is_the_same_with_and_without_them() {
    let workplace = Workplace::new();
    let end = Timestamp::parse("2026-03-31T00:00:00Z").expect("a time");
    let lines: Vec<Vec<u8>> = Workload::sized(6, 6_000, end).lines().collect();
    std::fs::write(workplace.path().join("all.ndjson"), lines.join(&b'\n')).expect("a file");
    let small = [("TRIBUTARY_CHECKPOINT_EVENTS", "700"), ("TRIBUTARY_LIMITS_BATCH_EVENTS", "100")];
    done(&workplace.run_with("import --data ledger all.ndjson --quiet", &small));
    let past = workplace.path().join("ledger/past");
    let files = std::fs::read_dir(&past).expect("listed").map(|file| file.expect("a file").path());
    let kept = files.filter(|file| file.extension().is_some_and(|ending| ending == "checkpoint")).count();
    assert!((2..=16).contains(&kept), "{kept} are kept");
    let ask = |position: u64| {
        let question =
            format!("query overview uid=7 from=2026-01-01 to=2026-03-31 as_of={position} --data ledger --json");
        json(&workplace.run(&question))
    };
    let with: Vec<_> = [1, 701, 1_500, 4_321].map(ask).into();
    std::fs::remove_dir_all(&past).expect("removed");
    assert_eq!([1, 701, 1_500, 4_321].map(ask).to_vec(), with);
}

#[test]
fn damage_that_a_start_meets_is_what_verify_tells_with_3() {
    let workplace = Workplace::new();
    imported(&workplace);
    let folder = workplace.path().join("ledger/ledger");
    let mut segments: Vec<_> =
        std::fs::read_dir(folder).expect("listed").map(|entry| entry.expect("an entry").path()).collect();
    segments.retain(|path| path.extension().is_some_and(|ending| ending == "segment"));
    segments.sort();
    let mut bytes = std::fs::read(&segments[0]).expect("read");
    bytes[50_000] ^= 0xff;
    std::fs::write(&segments[0], bytes).expect("written");
    let run = workplace.run("verify --data ledger");
    assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("DAMAGE") && run.stdout.contains("segment 1"), "{}", run.stdout);
}

//! Who did what, from the shell: listed and exported beside no daemon, kept by a backup, a restore and a copy.

use crate::cli_support::{Run, Workplace};
use serde_json::Value;

const EVENTS: &str = "{\"specversion\":\"1.0\",\"type\":\"referral.kyc.v1\",\"source\":\"/kyc\",\"id\":\"1\",\
                      \"time\":\"2026-03-01T00:00:00Z\",\"data\":{\"uid\":7,\"status\":\"verified\"}}\nnonsense\nmore\n";

#[track_caller]
fn done(run: Run) -> String {
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

fn audit(workplace: &Workplace, data: &str) -> Value {
    serde_json::from_str(&done(workplace.run(&format!("query audit --data {data} --json")))).expect("JSON")
}

#[test]
fn what_was_done_here_is_listed_and_exported_and_copies_have_it_too() {
    let workplace = Workplace::new();
    std::fs::write(workplace.path().join("events.ndjson"), EVENTS).expect("a file");
    done(workplace.run("import --data ledger events.ndjson --quiet"));
    // A file's events are of nobody that is known.
    assert_eq!(audit(&workplace, "ledger")["total"], 0);
    done(workplace.run("quarantine discard 1 --why nonsense --data ledger"));
    done(workplace.run("quarantine redrive 2 --data ledger"));
    let listed = audit(&workplace, "ledger");
    assert_eq!(listed["total"], 2);
    let [tried, discarded] = [&listed["rows"][0], &listed["rows"][1]];
    assert_eq!((&tried["id"], &tried["what"]), (&2.into(), &"redriven".into()));
    assert_eq!((&discarded["what"], &discarded["quarantine_id"]), (&"discarded".into(), &1.into()));
    assert_eq!((&discarded["reason"], &discarded["position"]), (&"nonsense".into(), &1.into()));
    assert_eq!((&discarded["actor"]["role"], &discarded["actor"]["address"]), (&"operator".into(), &Value::Null));
    assert!(discarded["actor"]["who"].as_str().is_some_and(|who| who.contains("the command line")), "{discarded}");
    let exported = done(workplace.run("export audit --data ledger --out - --format ndjson"));
    let rows: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.iter().map(|row| &row["id"]).collect::<Vec<_>>(), [&Value::from(1), &2.into()]);
    assert_eq!(rows[0]["actor_who"], discarded["actor"]["who"]);
    assert_eq!((&rows[0]["what"], &rows[0]["reason"]), (&"discarded".into(), &"nonsense".into()));
    done(workplace.run("backup --data ledger --to backup"));
    done(workplace.run("restore --from backup --data restored"));
    done(workplace.run("replay --data ledger --out replayed"));
    for copy in ["restored", "replayed"] {
        assert_eq!(audit(&workplace, copy)["rows"], listed["rows"], "{copy}");
    }
    let none = workplace.run("query audit as_of=1 --data ledger");
    assert_eq!((none.code, &*none.stdout), (2, ""), "{}", none.stderr);
}

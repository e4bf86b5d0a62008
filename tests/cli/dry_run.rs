//! `tributary import --dry-run`: what an import would come to, from the shell, and nothing of it done.

use std::path::Path;

use crate::cli_support::{Run, Workplace};
use serde_json::{Value, json};

fn event(kind: &str, id: &str, day: u8, data: Value) -> String {
    let event = json!({
        "specversion": "1.0", "type": format!("referral.{kind}.v1"), "source": "/t", "id": id,
        "time": format!("2026-03-{day:02}T12:00:00Z"), "data": data,
    });
    event.to_string()
}

fn trade(id: &str, day: u8) -> String {
    let data = json!({
        "uid": 100, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "1000", "fee_usd": "10", "fee_asset": "USDT",
        "fee_amount": "10", "vip_level": 0,
    });
    event("trade", id, day, data)
}

/// 7 owns ALPHA, by which 100 came: of a fee of 10 it is 1.5 to the referrer and 0.5 to the invitee.
fn first() -> String {
    let code = json!({"code": "ALPHA", "owner_uid": 7, "spot_rebate_rate": "0.05", "futures_rebate_rate": "0"});
    let registration = json!({"uid": 100, "account_type": "major", "code": "ALPHA"});
    [event("code", "made", 1, code), event("registration", "registered", 2, registration), trade("t1", 3)].join("\n")
}

#[track_caller]
fn done(run: &Run) -> &str {
    assert_eq!(run.code, 0, "{}", run.stderr);
    &run.stdout
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).expect("a file")));
        }
    }
    found.sort();
    found
}

#[test]
fn it_says_what_an_import_then_comes_to_and_touches_nothing() {
    let workplace = Workplace::new();
    workplace.write("first.ndjson", &first());
    done(&workplace.run("import --data ledger first.ndjson --quiet"));
    // A blank line is none; the second trade repeats the first, and the fourth line is no event.
    let more = [trade("t1", 3), String::new(), trade("t2", 4), "nonsense".to_owned(), trade("t2", 5)].join("\n");
    workplace.write("more.ndjson", &more);
    let ledger = workplace.path().join("ledger").join("ledger");
    let before = files(&ledger);
    let text = workplace.run("import --data ledger --dry-run more.ndjson --quiet");
    let said = done(&text);
    for line in [
        "a dry run: nothing was appended",
        "accepted     1 at positions 4 to 4",
        "duplicate    2",
        "quarantined  1 (1 malformed)",
        "  more.ndjson:4: malformed: ",
    ] {
        assert!(said.lines().any(|found| found.starts_with(line)), "{line:?} in {said}");
    }
    let mut cells = said.lines().map(|line| line.split_whitespace().collect::<Vec<&str>>());
    let row = cells.find(|cells| cells.first() == Some(&"7")).unwrap_or_else(|| panic!("no row of 7: {said}"));
    assert_eq!(row, ["7", "1.5", "3", "1.5", "0.5", "1", "0.5", "2", "4", "2"]);
    let json = workplace.run("import --data ledger --dry-run more.ndjson --quiet --json");
    let tried: Value = serde_json::from_str(done(&json)).expect("JSON");
    let outcomes: Vec<&Value> =
        tried["results"].as_array().expect("results").iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["duplicate", "accepted", "quarantined", "duplicate"]);
    assert_eq!((&tried["changes"][0]["key"], &tried["sum"]["total_difference"]), (&json!(7), &json!("2")));
    assert_eq!(files(&ledger), before, "nothing is appended");
    // Nothing is in quarantine, and the import comes to what was told.
    let kept = workplace.run("quarantine list --data ledger --json");
    assert_eq!(serde_json::from_str::<Value>(done(&kept)).expect("JSON")["total"], 0);
    let imported = workplace.run("import --data ledger more.ndjson --quiet --json");
    let imported: Value = serde_json::from_str(done(&imported)).expect("JSON");
    for name in ["lines", "accepted", "duplicate", "quarantined", "position"] {
        assert_eq!(imported[name], tried[name], "{name}");
    }
    let overview = workplace.run("query overview uid=7 from=2026-03-01 to=2026-03-31 --data ledger --json");
    let overview: Value = serde_json::from_str(done(&overview)).expect("JSON");
    assert_eq!(overview["metrics"]["total_rewards"], tried["changes"][0]["commission_after"]);
}

#[test]
fn where_there_is_no_ledger_it_begins_with_an_empty_one_and_makes_none() {
    let workplace = Workplace::new();
    workplace.write("first.ndjson", &first());
    let run = workplace.run("import --data ledger --dry-run first.ndjson --quiet --json");
    let tried: Value = serde_json::from_str(done(&run)).expect("JSON");
    assert_eq!(
        (&tried["accepted"], &tried["position"], &tried["as_of"]["position"]),
        (&json!(3), &json!(3), &json!(0))
    );
    assert_eq!(tried["sum"]["commission_after"], "1.5");
    assert!(!workplace.path().join("ledger").exists());
    let missing = workplace.run("import --data ledger --dry-run nowhere.ndjson --quiet");
    assert_eq!((missing.code, missing.stdout.as_str()), (1, ""), "{}", missing.stderr);
}

//! `tributary replay --what-if`: the ledger under other rules, from the shell.

use crate::cli_support::{Run, Workplace};
use schemas::Usd;
use serde_json::{Value, json};

/// Uid 7 owns ALPHA, uid 10 BETA; 100 came by the first, 101 by the second. By the built-in rate of 0.20 a fee of 10
/// gives 2: by ALPHA 1.5 to the referrer and 0.5 to the invitee, by BETA all to the referrer.
fn imported() -> Workplace {
    let event = |kind: &str, id: &str, day: u8, data: Value| {
        let event = json!({
            "specversion": "1.0", "type": format!("referral.{kind}.v1"), "source": "/t", "id": id,
            "time": format!("2026-03-{day:02}T12:00:00Z"), "data": data,
        });
        event.to_string()
    };
    let code = |code: &str, owner: u64, rebate: &str| {
        let data = json!({"code": code, "owner_uid": owner, "spot_rebate_rate": rebate, "futures_rebate_rate": "0"});
        event("code", "made", 1, data)
    };
    let registration = |uid: u64, code: &str| {
        event("registration", "registered", 2, json!({"uid": uid, "account_type": "major", "code": code}))
    };
    let trade = |uid: u64, day: u8| {
        let data = json!({
            "uid": uid, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "1000", "fee_usd": "10",
            "fee_asset": "USDT", "fee_amount": "10", "vip_level": 0,
        });
        event("trade", "t1", day, data)
    };
    let workplace = Workplace::new();
    let events = [
        code("ALPHA", 7, "0.05"),
        code("BETA", 10, "0"),
        registration(100, "ALPHA"),
        registration(101, "BETA"),
        trade(100, 3),
        trade(101, 4),
    ];
    workplace.write("events.ndjson", &events.join("\n"));
    done(&workplace.run("import --data ledger events.ndjson --quiet"));
    workplace.write("higher.toml", HIGHER);
    workplace
}

const HIGHER: &str = r#"
[[add]]
type = "referral.program.v1"
time = "2026-03-01T00:00:00Z"
data = { default_spot_rate = "0.3", default_futures_rate = "0.1", spot_vip_max = 2, futures_vip_max = 1 }
"#;

#[track_caller]
fn done(run: &Run) -> &str {
    assert_eq!(run.code, 0, "{}", run.stderr);
    &run.stdout
}

/// The lines of a table, each in its cells.
fn cells(table: &str) -> Vec<Vec<&str>> {
    table.lines().map(|line| line.split_whitespace().collect()).collect()
}

#[test]
fn the_table_ends_with_the_sum_of_all_keys() {
    let workplace = imported();
    let table = workplace.run("replay --data ledger --what-if higher.toml --by referrer --from 2026-03-04");
    let expected: &[&[&str]] = &[
        &[
            "key",
            "commission_before",
            "commission_after",
            "commission_difference",
            "rebate_before",
            "rebate_after",
            "rebate_difference",
            "total_before",
            "total_after",
            "total_difference",
        ],
        &["10", "2", "3", "1", "0", "0", "0", "2", "3", "1"],
        &["sum", "2", "3", "1", "0", "0", "0", "2", "3", "1"],
    ];
    assert_eq!(cells(done(&table)), expected);
    let all = workplace.run("replay --data ledger --what-if higher.toml --to 2026-03-02 --all");
    assert_eq!(cells(done(&all))[1], ["sum", "0", "0", "0", "0", "0", "0", "0", "0", "0"]);
}

#[test]
fn groups_add_up_to_the_whole_to_the_last_digit() {
    let workplace = Workplace::new();
    let recorded = workplace.run("demo --record --data ledger --events 20000 --end 2026-04-20T00:00:00Z");
    assert_eq!(recorded.code, 0, "{}", recorded.stderr);
    let asked = |flags: &str| -> Value {
        let run = workplace.run(&format!("replay --data ledger --what-if ledger/what-if.toml --json {flags}"));
        serde_json::from_str(done(&run)).expect("JSON")
    };
    let whole = asked("--by total")["sum"].clone();
    assert_ne!(whole["total_difference"], "0", "the rules change something");
    for (by, keys) in [("country", "BR"), ("product", "spot"), ("month", "2026-03"), ("code", "TRIBUTARY")] {
        let answer = asked(&format!("--by {by} --all"));
        assert_eq!(answer["sum"], whole, "{by}");
        let rows = answer["rows"].as_array().expect("rows");
        assert!(rows.len() > 1 && rows.iter().any(|row| row["key"] == keys), "{by}: {rows:?}");
        for (name, sum) in whole.as_object().expect("amounts") {
            let amount = |amount: &Value| Usd::parse(amount.as_str().expect("a text")).expect("an amount");
            let of_rows = rows.iter().map(|row| amount(&row[name])).fold(Usd::ZERO, |sum, more| sum + more);
            assert_eq!(of_rows, amount(sum), "{name} by {by}");
        }
    }
    let spring = asked("--by product --all --from 2026-03-01 --to 2026-03-31");
    assert_eq!(spring["sum"], asked("--from 2026-03-01 --to 2026-03-31")["sum"]);
}

#[test]
fn json_is_the_apis_object_and_the_ledger_is_as_it_was() {
    let workplace = imported();
    let digest = |workplace: &Workplace| done(&workplace.run("replay --data ledger --json")).to_owned();
    let digest_of = |text: String| serde_json::from_str::<Value>(&text).expect("JSON")["digest"].clone();
    let before = digest_of(digest(&workplace));
    let run = workplace.run("replay --data ledger --what-if higher.toml --by code --json");
    let answer: Value = serde_json::from_str(done(&run)).expect("JSON");
    assert_eq!((&answer["state"], &answer["progress"]), (&json!("done"), &json!(1.0)));
    let keys: Vec<&Value> = answer["rows"].as_array().expect("rows").iter().map(|row| &row["key"]).collect();
    assert_eq!(keys, ["ALPHA", "BETA"]);
    assert_eq!(answer["sum"]["total_difference"], "2");
    assert_eq!(answer["as_of"], json!({"position": 6, "event_time": "2026-03-04T12:00:00Z"}));
    assert_eq!(digest_of(digest(&workplace)), before);
}

#[test]
fn until_edits_the_ledger_as_it_was() {
    let workplace = imported();
    let run = workplace.run("replay --data ledger --what-if higher.toml --until 5 --json --threads 3");
    let answer: Value = serde_json::from_str(done(&run)).expect("JSON");
    assert_eq!((&answer["sum"]["total_before"], &answer["sum"]["total_after"]), (&json!("2"), &json!("3")));
    assert_eq!(answer["as_of"]["position"], 5);
}

#[test]
fn rules_that_cannot_be_read_are_bad_usage_and_adds_that_do_not_fit_in_are_failures() {
    let workplace = imported();
    workplace.write("unknown.toml", "[[drop]]\ntype = \"referral.program.v1\"\nuids = 7\n");
    workplace.write("wrong.toml", &HIGHER.replace("\"0.3\"", "\"1.3\""));
    let conflict = HIGHER.to_owned()
        + "[[add]]\ntype = \"referral.registration.v1\"\ntime = \"2026-03-01T00:00:00Z\"\n\
           data = { uid = 100, account_type = \"major\" }\n";
    workplace.write("conflict.toml", &conflict);
    for (flags, code, said) in [
        ("--what-if unknown.toml", 2, "unknown.toml: line 3, drop 1: there is no `uids` here"),
        ("--what-if none.toml", 2, "the rules cannot be read: none.toml"),
        ("--what-if wrong.toml", 1, "add 1: invalid_field: "),
        ("--what-if wrong.toml", 1, "(default_spot_rate)"),
        ("--what-if conflict.toml", 1, "add 2: conflict: uid 100 is registered already, by position 3 (uid)"),
        ("--what-if higher.toml --by uid", 2, "expected total, referrer, code, day, month, country, product"),
        ("--what-if higher.toml --from 2026-03-02 --to 2026-03-01", 2, "lies after"),
        ("--what-if higher.toml --from march", 2, "expected a date"),
        ("--what-if higher.toml --until 7", 2, "the ledger ends at position 6"),
        ("--what-if higher.toml --out other", 2, "cannot be used with"),
        ("--by code", 2, "--what-if"),
    ] {
        let run = workplace.run(&format!("replay --data ledger {flags}"));
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{flags}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{flags}: {}", run.stderr);
    }
}

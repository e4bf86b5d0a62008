//! `tributary query restatement`: what was learned between two positions of a ledger in a directory.

use crate::cli_support::Workplace;
use serde_json::{Value, json};

fn line(kind: &str, time: &str, data: Value) -> String {
    let event = json!({
        "specversion": "1.0", "type": format!("referral.{kind}.v1"), "source": "/tests", "id": kind, "time": time,
        "data": data,
    });
    format!("{event}\n")
}

/// At position 3 a trade of fee 10, at base 0.20 less a rebate of 0.05: 1.5 for the referrer 1. At position 4 its base
/// turns out to have been 0.30.
fn imported() -> Workplace {
    let workplace = Workplace::new();
    let code = json!({"code": "ALPHA", "owner_uid": 1, "spot_rebate_rate": "0.05", "futures_rebate_rate": "0"});
    let registration = json!({"uid": 7, "account_type": "major", "country": null, "code": "ALPHA"});
    let trade = json!({
        "uid": 7, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "1000", "fee_usd": "10", "fee_asset": "USDT",
        "fee_amount": "10", "vip_level": 0,
    });
    let standing = json!({
        "uid": 1, "status": "approved", "spot_rate": "0.3", "futures_rate": "0", "futures_window_days": null,
    });
    let first = [
        line("code", "2026-03-01T00:00:00Z", code),
        line("registration", "2026-03-02T00:00:00Z", registration),
        line("trade", "2026-03-10T12:00:00Z", trade),
    ];
    workplace.write("first.ndjson", &first.concat());
    workplace.write("late.ndjson", &line("affiliate", "2026-03-05T00:00:00Z", standing));
    for file in ["first.ndjson", "late.ndjson"] {
        let run = workplace.run(&format!("import --data ledger {file} --quiet"));
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    workplace
}

#[test]
fn what_was_learned_is_told_as_rows_and_as_the_apis_answer() {
    let workplace = imported();
    let question = "query restatement uid=1 from=2026-03-01 to=2026-03-31 --data ledger";
    let run = workplace.run(&format!("{question} as_of=3 --json"));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let answer: Value = serde_json::from_str(&run.stdout).expect("JSON");
    for (name, commission) in [("before", "1.5"), ("after", "2.5"), ("difference", "1")] {
        assert_eq!(answer[name]["commission"], commission, "{name}");
    }
    assert_eq!((&answer["total"], &answer["rows"][0]["position"]), (&json!(1), &json!(4)));
    assert_eq!(answer["rows"][0]["event"]["type"], "referral.affiliate.v1");
    let csv = workplace.run(&format!("{question} as_of=0 --format csv"));
    assert_eq!((csv.code, csv.stdout.lines().count()), (0, 3), "{}{}", csv.stdout, csv.stderr);
    let until = workplace.run(&format!("{question} as_of=0 until=3 --json"));
    let until: Value = serde_json::from_str(&until.stdout).expect("JSON");
    assert_eq!((&until["as_of"]["position"], &until["after"]["commission"]), (&json!(3), &json!("1.5")));
}

#[test]
fn without_a_range_it_is_about_the_days_up_to_today_whatever_until_is() {
    let workplace = imported();
    let range = |until: &str| {
        let run = workplace.run(&format!("query restatement uid=1 as_of=0 {until} --data ledger --json"));
        let answer: Value = serde_json::from_str(&run.stdout).expect("JSON");
        (answer["from"].clone(), answer["to"].clone())
    };
    // Midnight may pass between two of them, but not twice.
    assert!(range("") == range("until=3") || range("") == range("until=3"));
}

#[test]
fn ends_that_are_none_are_bad_usage_and_a_code_of_nobody_a_failure() {
    let workplace = imported();
    for (ends, code) in [
        ("", 2),
        ("as_of=5", 2),
        ("as_of=4 until=3", 2),
        ("as_of=0 until=0", 2),
        ("as_of=0 until=5", 2),
        ("as_of=0 until=2001-01-01T00:00:00Z", 2),
        ("as_of=never", 2),
        ("as_of=0 code=BETA", 1),
    ] {
        let run = workplace.run(&format!("query restatement uid=1 {ends} --data ledger"));
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{ends}: {}", run.stderr);
        assert!(!run.stderr.is_empty(), "{ends}");
    }
}

//! Single cases with figures by hand.

use api::views::Shown;
use projections::query::{AmountsAsked, By, RangeRequest};
use replay::what_if::{Rules, WhatIf, WhatIfError, what_if};
use schemas::json::read_event;
use schemas::{Day, Event};
use serde_json::{Value, json};

use crate::given::{Book, NOW};

/// An event of a type at noon of a day of March.
fn event(event_type: &str, id: &str, day: u8, data: Value) -> Event<'static> {
    let text = json!({
        "specversion": "1.0", "type": format!("referral.{event_type}.v1"), "source": "/t", "id": id,
        "time": format!("2026-03-{day:02}T12:00:00Z"), "data": data,
    });
    read_event(text.to_string().as_bytes(), NOW).expect("an event").into_owned()
}

fn trade(uid: u64, id: &str, day: u8, fee: &str) -> Event<'static> {
    let data = json!({
        "uid": uid, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "1000", "fee_usd": fee, "fee_asset": "USDT",
        "fee_amount": "1", "vip_level": 0,
    });
    event("trade", id, day, data)
}

fn code(code: &str, owner: u64, rebate: &str) -> Event<'static> {
    let data = json!({"code": code, "owner_uid": owner, "spot_rebate_rate": rebate, "futures_rebate_rate": "0"});
    event("code", &format!("c-{code}"), 1, data)
}

fn registration(uid: u64, code: &str) -> Event<'static> {
    event("registration", &format!("r-{uid}"), 2, json!({"uid": uid, "account_type": "major", "code": code}))
}

/// Uid 7 owns ALPHA, uid 10 BETA; 100 came by the first, 101 by the second. By the built-in rates of 0.20 a fee of
/// 10 gives 2: by ALPHA 1.5 to the referrer and 0.5 to the invitee, by BETA all to the referrer.
fn book() -> Book {
    let events = [
        code("ALPHA", 7, "0.05"),
        code("BETA", 10, "0"),
        registration(100, "ALPHA"),
        registration(101, "BETA"),
        trade(100, "t1", 3, "10"),
        trade(101, "t2", 4, "10"),
        trade(101, "t3", 5, "5"),
        event("reversal", "x3", 5, json!({"uid": 101, "trade_source": "/t", "trade_id": "t3", "reason": "bust"})),
    ];
    Book::of(&events, 3)
}

fn asked(rules: &str, by: By, all: bool) -> WhatIf {
    let amounts = AmountsAsked { by, days: RangeRequest::default() };
    WhatIf { rules: Rules::of_toml(rules).expect("rules"), amounts, all }
}

/// Key and commission, rebate, total: before, after and difference, as JSON writes them.
fn rows(asked: &WhatIf) -> Vec<String> {
    let book = book();
    let (difference, _) = crate::ask(&book, &book.state, asked, 1).expect("a difference");
    let line = |key: &Value, row: &Value| {
        let cell = |name: String| row[name].as_str().unwrap_or_default().to_owned();
        let of = |what: &str| ["before", "after", "difference"].map(|when| cell(format!("{what}_{when}"))).join("/");
        format!("{key} {} {} {}", of("commission"), of("rebate"), of("total"))
    };
    let rows = difference.rows.into_iter().map(|row| serde_json::to_value(row.shown()).expect("JSON"));
    let sum = serde_json::to_value(difference.sum.shown()).expect("JSON");
    rows.map(|row| line(&row["key"], &row)).chain([line(&"sum".into(), &sum)]).collect()
}

/// The spot rate is 0.30 from the first of March on.
const HIGHER: &str = r#"
[[add]]
type = "referral.program.v1"
time = "2026-03-01T00:00:00Z"
data = { default_spot_rate = "0.3", default_futures_rate = "0.1", spot_vip_max = 2, futures_vip_max = 1 }
"#;

#[test]
fn another_rate_is_compared_by_whatever_is_asked() {
    let sum = r#""sum" 3.5/5.5/2 0.5/0.5/0 4/6/2"#;
    assert_eq!(rows(&asked(HIGHER, By::Total, false)), [r#""total" 3.5/5.5/2 0.5/0.5/0 4/6/2"#, sum]);
    let (seven, ten) = ("1.5/2.5/1 0.5/0.5/0 2/3/1", "2/3/1 0/0/0 2/3/1");
    assert_eq!(rows(&asked(HIGHER, By::Referrer, false)), [format!("7 {seven}"), format!("10 {ten}"), sum.into()]);
    let of_codes = [format!("\"ALPHA\" {seven}"), format!("\"BETA\" {ten}"), sum.into()];
    assert_eq!(rows(&asked(HIGHER, By::Code, false)), of_codes);
    let days = [format!("\"2026-03-03\" {seven}"), format!("\"2026-03-04\" {ten}")];
    assert_eq!(rows(&asked(HIGHER, By::Day, false)), [&days[..], &[sum.into()]].concat());
    // On the fifth a trade and its reversal cancel: there is something, and it comes to nothing.
    let nothing = "\"2026-03-05\" 0/0/0 0/0/0 0/0/0".to_owned();
    assert_eq!(rows(&asked(HIGHER, By::Day, true)), [&days[..], &[nothing, sum.into()]].concat());
}

#[test]
fn a_range_narrows_rows_and_sum() {
    let mut asked = asked(HIGHER, By::Referrer, false);
    asked.amounts.days = RangeRequest { from: Day::parse("2026-03-04"), to: Day::parse("2026-03-04") };
    assert_eq!(rows(&asked), ["10 2/3/1 0/0/0 2/3/1", r#""sum" 2/3/1 0/0/0 2/3/1"#]);
    asked.amounts.days = RangeRequest { from: Day::parse("2026-03-06"), to: None };
    assert_eq!(rows(&asked), [r#""sum" 0/0/0 0/0/0 0/0/0"#]);
}

#[test]
fn what_is_dropped_counts_no_more() {
    let no_reversals = "[[drop]]\ntype = \"referral.reversal.v1\"";
    let expected = ["10 2/3/1 0/0/0 2/3/1", r#""sum" 3.5/4.5/1 0.5/0.5/0 4/5/1"#];
    assert_eq!(rows(&asked(no_reversals, By::Referrer, false)), expected);
    let no_code = "[[drop]]\ntype = \"referral.code.v1\"\ncode = \"ALPHA\"";
    let expected = ["7 1.5/0/-1.5 0.5/0/-0.5 2/0/-2", r#""sum" 3.5/2/-1.5 0.5/0/-0.5 4/2/-2"#];
    assert_eq!(rows(&asked(no_code, By::Referrer, false)), expected);
    // Its own owner takes the code again, with another split: all drops are made before the first add.
    let again = format!(
        "[[add]]\ntype = \"referral.code.v1\"\ntime = \"2026-03-01T12:00:00Z\"\n{}\n{no_code}",
        r#"data = { code = "ALPHA", owner_uid = 10, spot_rebate_rate = "0.1", futures_rebate_rate = "0" }"#
    );
    let expected = ["7 1.5/0/-1.5 0.5/0/-0.5 2/0/-2", "10 2/3/1 0/1/1 2/4/2", r#""sum" 3.5/3/-0.5 0.5/1/0.5 4/4/0"#];
    assert_eq!(rows(&asked(&again, By::Referrer, false)), expected);
}

#[test]
fn an_add_that_does_not_fit_in_is_told_by_number_and_reason() {
    let add = |event_type: &str, time: &str, data: &str| {
        format!("[[add]]\ntype = \"referral.{event_type}.v1\"\ntime = \"{time}\"\ndata = {data}\n")
    };
    let noon = "2026-03-01T12:00:00Z";
    let good = add("kyc", noon, r#"{ uid = 100, status = "verified" }"#);
    let new = add("registration", noon, r#"{ uid = 102, account_type = "major" }"#);
    let gamma = |owner: u64| {
        let data =
            format!(r#"{{ code = "GAMMA", owner_uid = {owner}, spot_rebate_rate = "0", futures_rebate_rate = "0" }}"#);
        add("code", noon, &data)
    };
    let program = |rate: &str| {
        add("program", noon, &HIGHER.lines().last().expect("data").replace("data = ", "").replace("\"0.3\"", rate))
    };
    for (rules, number, reason, field) in [
        (good.clone() + &program("\"1.5\""), 2, "invalid_field", Some("default_spot_rate")),
        (program("0.3"), 1, "invalid_field", Some("default_spot_rate")),
        (add("trade2", noon, "{}"), 1, "unknown_type", None),
        (
            add("kyc", "2026-04-02T00:00:00.000001Z", r#"{ uid = 1, status = "verified" }"#),
            1,
            "invalid_field",
            Some("time"),
        ),
        (add("kyc", "tomorrow", r#"{ uid = 1, status = "verified" }"#), 1, "invalid_field", Some("time")),
        (add("registration", noon, r#"{ uid = 100, account_type = "major" }"#), 1, "conflict", Some("uid")),
        (new.clone() + &good + &new, 3, "conflict", Some("uid")),
        (gamma(7) + &gamma(7) + &gamma(8), 3, "conflict", Some("owner_uid")),
        (gamma(7).replace("GAMMA", "BETA"), 1, "conflict", Some("owner_uid")),
    ] {
        let book = book();
        let answer = crate::ask(&book, &book.state, &asked(&rules, By::Total, false), 1);
        let Err(WhatIfError::Misfit(misfit)) = answer.map(|_| ()) else { panic!("{rules}") };
        assert_eq!((misfit.number, misfit.reason, misfit.field.as_deref()), (number, reason, field), "{misfit}");
    }
}

#[test]
fn an_identity_that_is_taken_is_a_duplicate_unless_its_entry_is_dropped() {
    let mut taken = trade(100, "1", 6, "10");
    taken.source = "/tributary/what-if".into();
    let mut book = book();
    book.append(&[taken]);
    let add = "[[add]]\ntype = \"referral.kyc.v1\"\ntime = \"2026-03-01T12:00:00Z\"\n\
        data = { uid = 100, status = \"verified\" }\n";
    let answer = crate::ask(&book, &book.state, &asked(add, By::Total, false), 1).map(|_| ());
    assert!(
        matches!(&answer, Err(WhatIfError::Misfit(misfit)) if (misfit.number, misfit.reason) == (1, "duplicate")),
        "{answer:?}"
    );
    let dropped = format!("{add}[[drop]]\ntype = \"referral.trade.v1\"\nfrom = \"2026-03-06T00:00:00Z\"");
    crate::ask(&book, &book.state, &asked(&dropped, By::Total, false), 1).expect("a difference");
}

#[test]
fn an_empty_ledger_can_be_edited_and_a_what_if_can_be_stopped() {
    let empty = Book::new();
    let (difference, _) = crate::ask(&empty, &empty.state, &asked(HIGHER, By::Total, true), 1).expect("a difference");
    assert_eq!((difference.rows.len(), difference.as_of.position), (0, 0));
    let book = book();
    let lend = |ask: &mut dyn FnMut(&projections::State)| ask(&book.state);
    let mut told = Vec::new();
    let stopped = what_if(&asked(HIGHER, By::Total, false), &book.reader(), &lend, NOW, 1, &mut |progress| {
        told.push((progress.position, progress.until));
        false
    });
    assert!(matches!(stopped.map(|_| ()), Err(WhatIfError::Stopped)));
    assert_eq!(told, [(8, 8)], "what is applied together is told of together");
}

//! Every question, with the figures of the history.

use serde_json::{Value, json};

use crate::history::EVENTS;
use crate::server::Server;

const RANGE: &str = "from=2026-03-01&to=2026-03-10";

#[tokio::test]
async fn the_overview_has_the_metrics_of_the_range() {
    let server = Server::start().await;
    let answer = server.get(&format!("/v1/overview?uid=7&{RANGE}")).await;
    assert_eq!(answer.header("content-type"), "application/json");
    let expected = json!({
        "uid": 7, "from": "2026-03-01", "to": "2026-03-10", "code": null,
        "metrics": {
            "total_rewards": "3", "spot_commission": "3", "futures_commission": "0", "shared_commission": "1",
            "total_referrals": 2, "verified": 1, "deposited": 1, "first_time_trade": 2, "traded": 2,
            "spot_volume": "1500", "futures_volume": "0", "total_volume": "1500",
        },
        "as_of": {"position": EVENTS, "event_time": "2026-03-09T10:00:00Z"},
    });
    assert_eq!(answer.expect(200), expected);
    let of_code = server.get(&format!("/v1/overview?uid=7&code=ALPHA&{RANGE}")).await.expect(200);
    assert_eq!((&of_code["code"], &of_code["metrics"]), (&json!("ALPHA"), &expected["metrics"]));
    let default = server.get("/v1/overview?uid=7").await.expect(200);
    assert_eq!((&default["from"], &default["to"]), (&json!("2026-02-09"), &json!("2026-03-10")));
    let one_given = server.get("/v1/overview?uid=7&to=2026-03-05").await.expect(200);
    assert_eq!((&one_given["from"], &one_given["to"]), (&json!("2026-02-04"), &json!("2026-03-05")));
    let nobody = server.get("/v1/overview?uid=9999").await.expect(200);
    assert_eq!((&nobody["metrics"]["total_rewards"], &nobody["metrics"]["traded"]), (&json!("0"), &json!(0)));
}

#[tokio::test]
async fn a_series_has_every_bucket_of_the_range() {
    let server = Server::start().await;
    let days = server.get(&format!("/v1/overview/series?uid=7&{RANGE}")).await.expect(200);
    assert_eq!(days["interval"], "day");
    assert_eq!(column(&days["points"], "date").len(), 10);
    let rewards = column(&days["points"], "total_rewards");
    assert_eq!(rewards, ["0", "0", "0", "3", "2", "0", "-2", "0", "0", "0"]);
    // The 2nd and the 9th of March 2026 are Mondays.
    let weeks = server.get(&format!("/v1/overview/series?uid=7&interval=week&{RANGE}")).await.expect(200);
    assert_eq!(column(&weeks["points"], "date"), ["2026-03-01", "2026-03-02", "2026-03-09"]);
    assert_eq!(column(&weeks["points"], "total_rewards"), ["0", "3", "0"]);
    let months = server.get(&format!("/v1/overview/series?uid=7&interval=month&{RANGE}")).await.expect(200);
    assert_eq!(months["points"][0]["traded"], 2);
}

#[tokio::test]
async fn countries_have_the_metrics_of_their_invitees() {
    let server = Server::start().await;
    let countries = server.get(&format!("/v1/countries?uid=7&{RANGE}")).await.expect(200);
    assert_eq!(column(&countries["rows"], "country"), ["DE", "ZZ"]);
    assert_eq!(column(&countries["rows"], "total_rewards"), ["3", "0"]);
    assert_eq!(column(&countries["rows"], "total_volume"), ["1000", "500"]);
    assert_eq!((&countries["total"], &countries["next_cursor"]), (&json!(2), &Value::Null));
    assert_eq!((&countries["from"], &countries["as_of"]["position"]), (&json!("2026-03-01"), &json!(EVENTS)));
}

#[tokio::test]
async fn referrals_are_filtered_and_sorted() {
    let server = Server::start().await;
    let all = server.get("/v1/referrals?uid=7").await.expect(200);
    let first = json!({
        "uid": 100, "registered_at": "2026-03-01T08:00:00Z", "code": "ALPHA", "country": "DE",
        "verified_at": "2026-03-02T10:00:00Z", "first_deposit_at": "2026-03-03T10:00:00Z",
        "first_trade_at": "2026-03-04T10:00:00Z", "commission": "3", "rebate": "1", "volume": "1000", "vip_level": 0,
        "commission_type": "both", "spot_rebate_rate": "0.1", "futures_rebate_rate": "0.05", "note": "Met in Köln",
    });
    assert_eq!(column(&all["rows"], "uid"), ["101", "100"]);
    assert_eq!(all["rows"][1], first);
    for (filter, uids) in [
        ("q=10", &["101", "100"][..]),
        ("q=100", &["100"]),
        ("q=k%C3%B6LN", &["100"]),
        ("q=%00", &[]),
        ("registered_from=2026-03-02", &["101"]),
        ("registered_to=2026-03-01", &["100"]),
        ("vip=3", &["101"]),
        ("vip=0,3", &["101", "100"]),
        ("verified=true", &["100"]),
        ("verified=false", &["101"]),
        ("deposited=true", &["100"]),
        ("traded=false", &[]),
        ("code=ALPHA", &["101", "100"]),
        ("country=ZZ", &["101"]),
        ("country=DE,ZZ", &["101", "100"]),
        ("commission_type=futures", &["100"]),
        ("commission_type=spot", &["101", "100"]),
        ("sort=commission&order=asc", &["101", "100"]),
        ("sort=country", &["100", "101"]),
        ("sort=country&order=asc", &["100", "101"]),
        ("sort=uid&order=asc&vip=0&traded=true&verified=true&q=met", &["100"]),
    ] {
        let list = server.get(&format!("/v1/referrals?uid=7&{filter}")).await.expect(200);
        assert_eq!(column(&list["rows"], "uid"), uids, "{filter}");
        assert_eq!(list["total"], uids.len(), "{filter}");
        let of_code = filter.replace("code=ALPHA", "");
        let of_code = server.get(&format!("/v1/codes/ALPHA/referrals?uid=7&{of_code}")).await.expect(200);
        assert_eq!(column(&of_code["rows"], "uid"), uids, "{filter}");
    }
    let detail = server.get("/v1/referrals/100?uid=7").await.expect(200);
    assert_eq!(detail["referral"], first);
    let trades: Vec<String> = column_of(&detail["trades"], |trade| &trade["event"]["id"]);
    assert_eq!(trades, ["t2", "t1", "t0"]);
    assert_eq!(column(&detail["trades"], "reason"), ["null", "null", "before_registration"]);
}

#[tokio::test]
async fn an_invitee_is_told_day_by_day_with_the_trades_of_each_record_and_what_they_were_measured_by() {
    let server = Server::start().await;
    let question = "/v1/referrals/100/history?uid=7&from=2026-03-01&to=2026-03-31";
    let history = server.get(question).await.expect(200);
    let rewards = server.get("/v1/rewards?uid=7&from=2026-03-01&to=2026-03-31").await.expect(200);
    let of_invitee = |rows: &Value| -> Vec<Value> {
        rows.as_array().expect("rows").iter().filter(|row| row["invitee_uid"] == 100).cloned().collect()
    };
    let records = of_invitee(&history["records"]);
    assert_eq!(records, of_invitee(&rewards["rows"]));
    assert!(!records.is_empty());
    assert_eq!((&history["invitee_uid"], &history["trades_total"]), (&json!(100), &json!(2)));
    assert_eq!(column_of(&history["trades"], |trade| &trade["event"]["id"]), ["t2", "t1"]);
    let fewer = server.get(&format!("{question}&limit=1")).await.expect(200);
    assert_eq!(column_of(&fewer["trades"], |trade| &trade["event"]["id"]), ["t2"]);
    assert_eq!((&fewer["trades_total"], &fewer["records"]), (&json!(2), &history["records"]));
    let row = &server.get("/v1/referrals/100?uid=7").await.expect(200)["referral"];
    let latest = history["rates"].as_array().expect("rates").last().expect("rates");
    for rate in ["spot_rebate_rate", "futures_rebate_rate"] {
        assert_eq!(latest[rate], row[rate]);
    }
    for record in &records {
        let text = |name: &str| record[name].as_str().expect("a text");
        let question = format!("/v1/rewards/trades?uid=7&date={}&counterparty=100", text("date"));
        let trades = server.get(&format!("{question}&product={}", text("product"))).await.expect(200);
        let amount = |value: &Value| schemas::Usd::parse_sum(value.as_str().expect("an amount")).expect("an amount");
        for (sum, of_each) in [("amount", "amount"), ("fee_usd", "fee_usd")] {
            let amounts = trades["rows"].as_array().expect("rows").iter().map(|row| amount(&row[of_each]));
            assert_eq!(amounts.fold(schemas::Usd::ZERO, |all, one| all + one), amount(&record[sum]), "{record}");
        }
    }
    let rules = server.get("/v1/trades/rules?invitee=101&source=/tests&id=t3").await.expect(200);
    assert_eq!(
        (&rules["invitee_uid"], &rules["code"], &rules["spot_vip_max"]),
        (&json!(101), &json!("ALPHA"), &json!(2))
    );
    let codes = server.get("/v1/account/codes?uid=7").await.expect(200);
    let listed = server.get("/v1/codes?uid=7").await.expect(200);
    assert_eq!(column(&codes["rows"], "code"), column(&listed["rows"], "code"));
    for (split, row) in codes["rows"].as_array().expect("rows").iter().zip(listed["rows"].as_array().expect("rows")) {
        for field in ["spot_rate", "futures_rate", "spot_rebate_rate", "futures_rebate_rate", "link"] {
            assert_eq!(split[field], row[field], "{field}");
        }
    }
    let application = server.get("/v1/account/application?uid=7").await.expect(200);
    assert_eq!(application["waiting_since"], Value::Null);
}

#[tokio::test]
async fn codes_have_what_the_referrer_keeps() {
    let server = Server::start().await;
    let row = json!({
        "code": "ALPHA", "created_at": "2026-01-02T00:00:00Z", "referrals": 2, "commission": "3", "spot_rate": "0.3",
        "futures_rate": "0.25", "spot_rebate_rate": "0.1", "futures_rebate_rate": "0.05", "note": "main",
        "is_default": true, "link": "https://exchange.example/register?ref=ALPHA",
    });
    let list = server.get("/v1/codes?uid=7").await.expect(200);
    assert_eq!((&list["rows"], &list["total"]), (&json!([row]), &json!(1)));
    let mut detail = server.get("/v1/codes/ALPHA?uid=7").await.expect(200);
    assert_eq!(detail["as_of"]["position"], EVENTS);
    detail.as_object_mut().expect("an object").remove("as_of");
    assert_eq!(detail, row);
}

#[tokio::test]
async fn rewards_have_a_record_a_day_counterparty_and_product() {
    let server = Server::start().await;
    let rewards = server.get("/v1/rewards?uid=7").await.expect(200);
    assert_eq!((&rewards["from"], &rewards["to"]), (&json!("2026-03-04"), &json!("2026-03-10")));
    let rows = json!([
        {"date": "2026-03-07", "kind": "commission", "invitee_uid": 100, "product": "futures", "trades": 0,
         "fee_usd": "-8", "amount": "-2"},
        {"date": "2026-03-05", "kind": "commission", "invitee_uid": 100, "product": "futures", "trades": 1,
         "fee_usd": "8", "amount": "2"},
        {"date": "2026-03-04", "kind": "commission", "invitee_uid": 100, "product": "spot", "trades": 1,
         "fee_usd": "10", "amount": "3"},
    ]);
    assert_eq!(rewards["rows"], rows);
    let shared = server.get("/v1/rewards?uid=102&kind=shared").await.expect(200);
    let row = json!([{"date": "2026-03-06", "kind": "shared", "referrer_uid": 8, "product": "spot", "trades": 1,
        "fee_usd": "3", "amount": "0.15"}]);
    assert_eq!(shared["rows"], row);
}

#[tokio::test]
async fn a_trade_is_explained() {
    let server = Server::start().await;
    let explained = server.get("/v1/trades/explain?invitee=100&source=/tests&id=t2").await.expect(200);
    for (name, value) in [
        ("account_uid", json!(100)),
        ("referrer_uid", json!(7)),
        ("code", json!("ALPHA")),
        ("eligible", json!(true)),
        ("reason", Value::Null),
        ("total", json!("2.4")),
        ("commission", json!("2")),
        ("rebate", json!("0.4")),
    ] {
        assert_eq!(explained[name], value, "{name}");
    }
    let of_referrer = server.get("/v1/trades/explain?uid=7&invitee=100&source=/tests&id=t2").await.expect(200);
    assert_eq!(of_referrer["position"], explained["position"]);
    assert_eq!(explained["base_rate"]["rate"], "0.3");
    assert_eq!(explained["base_rate"]["event"]["id"], "approved");
    assert_eq!(explained["rebate_rate"]["rate"], "0.05");
    assert_eq!(explained["reversal"]["reason"], "bust");
    assert_eq!(column(&explained["postings"], "amount"), ["2.4", "2", "0.4", "2.4", "2", "0.4"].map(String::from));
    assert_eq!(explained["as_of"]["position"], EVENTS);
    let why = server.get("/v1/trades/explain?invitee=101&source=%2Ftests&id=t3").await.expect(200);
    assert_eq!((&why["reason"], &why["commission"]), (&json!("vip_level"), &json!("0")));
}

#[tokio::test]
async fn an_account_has_its_standing_offers_their_progress_and_campaigns_who_joined() {
    let server = Server::start().await;
    let account = server.get("/v1/account?uid=7").await.expect(200);
    assert_eq!((&account["status"], &account["spot_rate"]), (&json!("approved"), &json!("0.4")));
    assert_eq!((&account["default_code"], account["history"].as_array().map(Vec::len)), (&json!("ALPHA"), Some(1)));
    let of_nobody = server.get("/v1/account?uid=8").await.expect(200);
    assert_eq!((&of_nobody["status"], &of_nobody["futures_rate"]), (&json!("none"), &json!("0.1")));

    let offers = server.get("/v1/offers?uid=7").await.expect(200);
    let offer = &offers["rows"][0];
    assert_eq!(offer["period"], json!({"kind": "month", "from": "2026-03-01", "to": "2026-03-31"}));
    assert_eq!(
        (&offer["eligible"], &offer["reached"], &offer["next"]),
        (&json!(true), &json!("silver"), &json!("gold"))
    );
    let gold = json!([{"metric": "total_volume", "current": "1500", "target": "2000", "met": false}]);
    assert_eq!(offer["tiers"][0]["conditions"], gold);
    assert_eq!(server.get("/v1/offers?uid=8").await.expect(200)["rows"][0]["eligible"], false);

    let campaigns = server.get("/v1/campaigns?uid=7").await.expect(200);
    assert_eq!(column(&campaigns["rows"], "id"), ["inner", "spring"]);
    assert_eq!(column(&campaigns["rows"], "joined"), ["true", "false"]);
    assert_eq!(campaigns["rows"][0]["share_link"], "https://exchange.example/campaigns/inner?ref=ALPHA");
    let public = server.get("/v1/campaigns?uid=7&visibility=public").await.expect(200);
    assert_eq!(column(&public["rows"], "id"), ["spring"]);
    assert_eq!(column(&server.get("/v1/campaigns?uid=8").await.expect(200)["rows"], "id"), ["spring"]);
}

/// A field of every row, as text without quotes.
pub fn column(rows: &Value, field: &str) -> Vec<String> {
    column_of(rows, |row| &row[field])
}

fn column_of(rows: &Value, field: impl Fn(&Value) -> &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    rows.as_array().expect("rows").iter().map(|row| text(field(row))).collect()
}

#[tokio::test]
async fn everybodys_numbers_are_those_of_all_referrers() {
    let server = Server::start().await;
    let all = server.get(&format!("/v1/overview?{RANGE}")).await.expect(200);
    assert_eq!((&all["uid"], &all["code"]), (&Value::Null, &Value::Null));
    // Of 7: 3 by t1, and t2 taken back; of 8: 0.45.
    assert_eq!((&all["metrics"]["total_rewards"], &all["metrics"]["total_referrals"]), (&json!("3.45"), &json!(3)));
    let of_code = server.get(&format!("/v1/overview?code=BETA&{RANGE}")).await.expect(200);
    assert_eq!(of_code["metrics"]["total_rewards"], "0.45");
    let countries = server.get(&format!("/v1/countries?{RANGE}")).await.expect(200);
    assert_eq!(column(&countries["rows"], "country"), ["DE", "FR", "ZZ"]);
    let referrers = server.get(&format!("/v1/referrers?{RANGE}")).await.expect(200);
    assert_eq!(column(&referrers["rows"], "uid"), ["7", "8"]);
    assert_eq!(column(&referrers["rows"], "status"), ["approved", "none"]);
    assert_eq!(column(&referrers["rows"], "codes"), ["1", "1"]);
    assert_eq!(column(&referrers["rows"], "total_rewards"), ["3", "0.45"]);
    let first = server.get(&format!("/v1/referrers?{RANGE}&sort=total_volume&order=asc&limit=1")).await.expect(200);
    assert_eq!((column(&first["rows"], "uid"), &first["total"]), (vec!["8".to_owned()], &json!(2)));
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let path = format!("/v1/referrers?{RANGE}&sort=total_volume&order=asc&limit=1&cursor={cursor}");
    assert_eq!(column(&server.get(&path).await.expect(200)["rows"], "uid"), ["7"]);
}

#[tokio::test]
async fn a_default_range_that_holds_nothing_is_said() {
    let server = Server::start().await;
    server.post_events(&crate::history::long_ago()).await.expect(200);
    for path in ["/v1/overview?uid=9", "/v1/overview/series?uid=9&interval=week", "/v1/countries?uid=9"] {
        let hint = &server.get(path).await.expect(200)["hint"];
        assert_eq!((&hint["from"], &hint["to"]), (&json!("2025-06-01"), &json!("2025-06-01")), "{path}");
        let detail = hint["detail"].as_str().expect("a sentence");
        assert!(detail.contains("2026-02-09 to 2026-03-10") && detail.contains("2025-06-01"), "{detail}");
    }
    for path in ["/v1/overview?uid=9&to=2026-03-10", "/v1/overview?uid=7", "/v1/overview?uid=9999", "/v1/rewards?uid=9"]
    {
        assert_eq!(server.get(path).await.expect(200).get("hint"), None, "{path}");
    }
}

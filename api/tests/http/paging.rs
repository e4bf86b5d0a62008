//! Paging: every row once, also while events arrive; a cursor belongs to its question.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::history::{event, one_more};
use crate::questions::column;
use crate::server::Server;

#[tokio::test]
async fn paging_misses_and_repeats_nothing_while_events_arrive() {
    let server = Server::start().await;
    let batch = |from: u64| {
        let events: Vec<String> = (from..from + 20).map(|uid| one_more(uid, "2026-03-09T00:00:00Z")).collect();
        format!("[{}]", events.join(","))
    };
    server.post_events(&batch(1_000)).await.expect(200);
    let (mut seen, mut pages) = (Vec::new(), 0);
    let mut path = "/v1/referrals?uid=7&limit=7".to_owned();
    loop {
        let page = server.get(&path).await.expect(200);
        let uids = column(&page["rows"], "uid");
        assert!(uids.len() <= 7);
        seen.extend(uids);
        pages += 1;
        let Value::String(cursor) = &page["next_cursor"] else { break };
        path = format!("/v1/referrals?uid=7&limit=7&cursor={cursor}");
        // Between two pages new invitees arrive, before and after the place of the cursor.
        server.post_events(&batch(2_000 + 100 * pages)).await.expect(200);
        assert!(pages < 1_000, "it ends");
    }
    let unique: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len(), "none twice");
    for uid in (1_000..1_020).chain([100, 101]) {
        assert!(unique.contains(&uid.to_string()), "{uid} is there");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let server = Server::start().await;
    let first = server.get("/v1/referrals?uid=7&limit=1").await.expect(200);
    assert_eq!((&first["total"], first["rows"].as_array().map(Vec::len)), (&Value::from(2), Some(1)));
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    let second = server.get(&format!("/v1/referrals?uid=7&limit=5&cursor={cursor}")).await.expect(200);
    assert_eq!((column(&second["rows"], "uid"), &second["next_cursor"]), (vec!["100".to_owned()], &Value::Null));
    for other in [
        "/v1/referrals?uid=8",
        "/v1/referrals?uid=7&order=asc",
        "/v1/referrals?uid=7&sort=uid",
        "/v1/referrals?uid=7&traded=true",
        "/v1/codes/ALPHA/referrals?uid=7",
        "/v1/codes?uid=7",
        "/v1/rewards?uid=7",
        "/v1/countries?uid=7",
        "/v1/changes?uid=7",
        "/v1/cohorts?uid=7",
        "/v1/withheld?by=code",
        "/v1/clawbacks/trades?uid=7",
        "/v1/quarantine?",
    ] {
        server.get(&format!("{other}&cursor={cursor}")).await.expect_problem(400, Some("cursor"));
    }
}

#[tokio::test]
async fn a_damaged_cursor_of_any_list_is_refused() {
    let server = Server::start().await;
    server.post_events("[1,2]").await.expect(200);
    let offers = ["second", "third"].map(|id| {
        let offer = json!({
            "id": id, "kind": "bonus", "title": "", "url": "", "period": "month", "starts": null, "ends": null,
            "affiliates_only": false, "tiers": [],
        });
        event("offer", id, "2026-03-01T00:00:00Z", offer)
    });
    let campaign = json!({
        "id": "second", "visibility": "public", "title": "", "description": "", "url": "", "starts": "2026-03-01",
        "ends": "2026-03-31",
    });
    let code = json!({"code": "GAMMA", "owner_uid": 7, "spot_rebate_rate": "0", "futures_rebate_rate": "0"});
    let mut more = offers.to_vec();
    more.push(event("campaign", "second", "2026-03-01T00:00:00Z", campaign));
    more.push(event("code", "gamma", "2026-03-01T00:00:00Z", code));
    more.push(one_more(500, "2026-03-09T00:00:00Z"));
    server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    for list in [
        "/v1/referrals?uid=7",
        "/v1/codes?uid=7",
        "/v1/codes/ALPHA/referrals?uid=7",
        "/v1/countries?uid=7",
        "/v1/referrers?",
        "/v1/rewards?uid=7",
        "/v1/offers?uid=7",
        "/v1/campaigns?uid=7",
        "/v1/restatement?uid=7&as_of=0&from=2026-03-01&to=2026-03-31",
        "/v1/quarantine?",
    ] {
        let first = server.get(&format!("{list}&limit=1")).await.expect(200);
        let cursor = first["next_cursor"].as_str().unwrap_or_else(|| panic!("{list} has one page: {first}"));
        server.get(&format!("{list}&cursor={cursor}")).await.expect(200);
        let (half, rest) = cursor.split_at(cursor.len() / 2);
        let other = if rest.starts_with('A') { 'B' } else { 'A' };
        for damaged in [format!("{half}{other}{}", &rest[1..]), format!("{half}{}", &rest[1..]), format!("{cursor}A")] {
            server.get(&format!("{list}&cursor={damaged}")).await.expect_problem(400, Some("cursor"));
        }
    }
}

//! Paging: every row once, also while events arrive; a cursor belongs to its question.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::history::one_more;
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
        "/v1/quarantine?",
    ] {
        server.get(&format!("{other}&cursor={cursor}")).await.expect_problem(400, Some("cursor"));
    }
}

//! The feed: entries in order with their postings, at once or live.

use std::time::Duration;

use axum::http::{Method, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::history::{EVENTS, event, one_more};
use crate::server::{Server, full};

fn entries(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn positions(entries: &[Value]) -> Vec<u64> {
    entries.iter().map(|entry| entry["position"].as_u64().expect("a position")).collect()
}

#[tokio::test]
async fn a_feed_has_every_entry_with_its_postings() {
    let server = Server::start().await;
    let feed = server.get("/v1/feed").await;
    assert_eq!((feed.status, feed.header("content-type")), (200, "application/x-ndjson"));
    assert_eq!(feed.header("tributary-position"), EVENTS.to_string());
    let all = entries(feed.text());
    assert_eq!(positions(&all), (1..=EVENTS).collect::<Vec<_>>());
    let trade = json!({"uid": 100, "source": "/tests", "id": "t1"});
    assert_eq!(
        all[9]["postings"],
        json!([
            {"account": "commission_expense", "side": "debit", "amount": "4", "trade": trade},
            {"account": "payable:7", "side": "credit", "amount": "3", "trade": trade},
            {"account": "payable:100", "side": "credit", "amount": "1", "trade": trade},
        ])
    );
    assert_eq!(all[9]["event"]["type"], "referral.trade.v1");
    assert!(all[9]["recorded_at"].as_str().is_some_and(|time| time.starts_with("2026-03-10T12:00:00")));
    for (query, expected) in [
        ("after=17", vec![18, 19]),
        ("after=3&limit=2", vec![4, 5]),
        ("after=19", vec![]),
        ("after=4000000000", vec![]),
        ("after=18446744073709551615", vec![]),
    ] {
        let part = server.get(&format!("/v1/feed?{query}")).await;
        assert_eq!((part.status, positions(&entries(part.text()))), (200, expected), "{query}");
    }
}

#[tokio::test]
async fn a_long_feed_comes_in_parts_and_misses_nothing() {
    let server = Server::start().await;
    let more: Vec<String> = (0..1_200).map(|number| one_more(1_000 + number, "2026-03-09T00:00:00Z")).collect();
    server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    for (query, first, last) in
        [("", 1, 500), ("?limit=10000", 1, EVENTS + 1_200), ("?after=600&limit=501", 601, 1_101)]
    {
        let feed = server.get(&format!("/v1/feed{query}")).await;
        assert_eq!(positions(&entries(feed.text())), (first..=last).collect::<Vec<_>>(), "{query}");
    }
}

/// An entry that reaches far has very many postings: they come in parts, whole, and in order, whatever the form.
#[tokio::test]
async fn an_entry_with_very_many_postings_comes_in_parts_and_whole() {
    let server = Server::start().await;
    let trade = |number: u32| {
        let data = json!({
            "uid": 100, "product": "spot", "symbol": "BTCUSDT", "volume_usd": "1000", "fee_usd": "10",
            "fee_asset": "USDT", "fee_amount": "10", "vip_level": 0,
        });
        event("trade", &format!("far-{number:05}"), "2026-03-09T00:00:00Z", data)
    };
    let trades: Vec<String> = (0..3_000).map(trade).collect();
    server.post_events(&format!("[{}]", trades.join(","))).await.expect(200);
    let rebate = json!({"uid": 100, "spot_rebate_rate": "0.05", "futures_rebate_rate": "0.05"});
    server.post_events(&event("rebate", "far", "2026-03-02T00:00:00Z", rebate)).await.expect(200);
    let far = EVENTS + 3_001;
    let feed = server.get(&format!("/v1/feed?after={}", far - 1)).await;
    let all = entries(feed.text());
    assert_eq!(positions(&all), [far]);
    let postings = all[0]["postings"].as_array().expect("postings");
    let of_these = |posting: &&Value| posting["trade"]["id"].as_str().is_some_and(|id| id.starts_with("far-"));
    let ids: Vec<&str> =
        postings.iter().filter(of_these).filter_map(|posting| posting["trade"]["id"].as_str()).collect();
    // What the invitee gets more, the referrer gets less: two postings a trade.
    assert_eq!(ids.len(), 2 * 3_000);
    assert!(ids.is_sorted());
    let mut live = Live::open(&server, &format!("/v1/feed?after={}&limit=1", far - 1), None).await;
    assert_eq!(live.next().await, Some((far, all[0].clone())));
    assert!(live.next().await.is_none());
    let mut lines = Lines::open(&server, &format!("/v1/feed?follow=true&after={}&limit=1", far - 1)).await;
    assert_eq!((lines.next().await, lines.next().await), (Some(far), None));
}

/// Neither the writer nor short questions wait for a look among very many.
#[tokio::test]
async fn a_part_that_is_looked_for_among_very_many_is_asked_of_a_snapshot_and_no_other() {
    let server = Server::start().await;
    let note = |number: u32| {
        let data = json!({"uid": 100, "note": format!("{number}")});
        event("note", &format!("many-{number}"), "2026-03-09T00:00:00Z", data)
    };
    let notes: Vec<String> = (0..3_000).map(note).collect();
    server.post_events(&format!("[{}]", notes.join(","))).await.expect(200);
    let mut held = Vec::new();
    while let Ok(snapshot) = server.ledger.snapshot() {
        held.push(snapshot);
        // It is there already, and yet the state differs by what it counts.
        server.post_events(&note(0)).await.expect(200);
    }
    let end = EVENTS + 3_000;
    for (query, is_answered) in [
        ("uid=100", false),
        (&*format!("uid=100&after={}", end - 10), true),
        ("uid=7", true),
        ("limit=3000", true),
        ("type=referral.code.v1", true),
    ] {
        let feed = server.get(&format!("/v1/feed?{query}")).await;
        assert_eq!(feed.status, if is_answered { 200 } else { 503 }, "{query}");
    }
    let mut live = Live::open(&server, &format!("/v1/feed?uid=100&after={end}"), None).await;
    server.post_events(&note(3_000)).await.expect(200);
    assert_eq!(live.next().await.map(|(id, _)| id), Some(end + 1), "what is new is looked for in place");
    drop(held);
    let feed = server.get("/v1/feed?uid=100&limit=10000").await;
    let of_100 = positions(&entries(feed.text()));
    assert_eq!((feed.status, of_100.len()), (200, 8 + 3_001));
    assert!(of_100.is_sorted());
}

/// A live feed, read event by event.
pub struct Live {
    response: Response<Incoming>,
    text: String,
}

impl Live {
    pub async fn open(server: &Server, path: &str, last_event_id: Option<u64>) -> Live {
        let mut request = server.request(Method::GET, path).header(header::ACCEPT, "text/event-stream");
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", id);
        }
        let response = server.open(request.body(full("")).expect("a request")).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        Live { response, text: String::new() }
    }

    /// The id and the data of the next event; `None` at the end.
    pub async fn next(&mut self) -> Option<(u64, Value)> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let (id, data) = (field("id: "), field("data: "));
                self.text = rest.to_owned();
                if let (Some(id), Some(data)) = (id, data) {
                    return Some((id.parse().expect("an id"), serde_json::from_str(&data).expect("JSON")));
                }
                continue;
            }
            let frame = tokio::time::timeout(Duration::from_secs(30), self.response.body_mut().frame()).await;
            let frame = frame.expect("something comes")?.expect("a frame");
            self.text.push_str(std::str::from_utf8(frame.data_ref()?).expect("UTF-8"));
        }
    }
}

#[tokio::test]
async fn a_live_feed_goes_on_and_resumes() {
    let server = Server::start().await;
    let mut from_now = Live::open(&server, "/v1/feed", None).await;
    let mut from_17 = Live::open(&server, "/v1/feed?after=17", None).await;
    let mut resumed = Live::open(&server, "/v1/feed?after=3", Some(18)).await;
    let mut all = Live::open(&server, "/v1/feed?after=0", None).await;
    server.post_events(&one_more(900, "2026-03-09T00:00:00Z")).await.expect(200);
    let (id, entry) = from_now.next().await.expect("an entry");
    assert_eq!((id, &entry["position"]), (20, &json!(20)));
    assert_eq!(entry["event"]["data"]["uid"], 900);
    for (feed, ids) in [(&mut from_17, 18..=20), (&mut resumed, 19..=20), (&mut all, 1..=20)] {
        for expected in ids {
            assert_eq!(feed.next().await.map(|(id, _)| id), Some(expected));
        }
    }
    server.post_events(&one_more(901, "2026-03-09T00:00:00Z")).await.expect(200);
    assert_eq!(from_now.next().await.map(|(id, _)| id), Some(21));
    let metrics = server.get("/metrics").await;
    assert!(metrics.text().contains("\ntributary_live_feeds 4\n"));
    // They end with the server, at once.
    server.end().await;
    assert!(from_now.next().await.is_none());
}

#[tokio::test]
async fn a_live_feed_whose_client_goes_away_ends() {
    let server = Server::start().await;
    let mut feed = Live::open(&server, "/v1/feed?after=0", None).await;
    assert_eq!(feed.next().await.map(|(id, _)| id), Some(1));
    assert!(server.get("/metrics").await.text().contains("\ntributary_live_feeds 1\n"));
    drop(feed);
    // What comes is written where nobody reads.
    for uid in 1_000.. {
        if server.get("/metrics").await.text().contains("\ntributary_live_feeds 0\n") {
            break;
        }
        assert!(uid < 2_000, "it goes on for nobody");
        server.post_events(&one_more(uid, "2026-03-09T00:00:00Z")).await.expect(200);
    }
}

#[tokio::test]
async fn a_live_feed_with_a_limit_ends_after_it() {
    let server = Server::start().await;
    let mut feed = Live::open(&server, "/v1/feed?after=0&limit=3", None).await;
    let mut ids = Vec::new();
    while let Some((id, _)) = feed.next().await {
        ids.push(id);
    }
    assert_eq!(ids, [1, 2, 3]);
    let request = server.request(Method::GET, "/v1/feed").header(header::ACCEPT, "text/event-stream");
    let request = request.header("last-event-id", "x").body(full("")).expect("a request");
    server.send(request).await.expect_problem(400, Some("Last-Event-ID"));
}

#[tokio::test]
async fn a_feed_may_be_of_some_types_and_of_one_account() {
    let server = Server::start().await;
    for (query, expected) in [
        ("type=referral.trade.v1", vec![9, 10, 11, 12, 13]),
        ("type=referral.kyc.v1,referral.deposit.v1", vec![7, 8]),
        ("type=referral.trade.v1&after=10&limit=2", vec![11, 12]),
        ("type=referral.vip.v1", vec![]),
        // Of an account's events, and of the codes that it owns.
        ("uid=100", vec![4, 7, 8, 9, 10, 11, 14, 15]),
        ("uid=7", vec![1, 2, 19]),
        ("uid=8", vec![3]),
        ("uid=9999", vec![]),
        ("uid=100&type=referral.trade.v1,referral.note.v1&after=9", vec![10, 11, 15]),
        ("uid=100&limit=2", vec![4, 7]),
    ] {
        let feed = server.get(&format!("/v1/feed?{query}")).await;
        assert_eq!((feed.status, positions(&entries(feed.text()))), (200, expected), "{query}");
        assert_eq!(feed.header("tributary-position"), EVENTS.to_string(), "{query}");
    }
    for (query, field) in [
        ("type=trade", "type"),
        ("type=", "type"),
        ("type=referral.trade.v1,", "type"),
        ("uid=0", "uid"),
        ("uid=7,8", "uid"),
        ("follow=yes", "follow"),
    ] {
        server.get(&format!("/v1/feed?{query}")).await.expect_problem(400, Some(field));
    }
}

#[tokio::test]
async fn a_filter_that_takes_few_of_very_many_misses_none() {
    let server = Server::start().await;
    for from in [0, 15_000] {
        let more: Vec<String> =
            (from..from + 15_000).map(|number| one_more(10_000 + number, "2026-03-09T00:00:00Z")).collect();
        server.post_events(&format!("[{}]", more.join(","))).await.expect(200);
    }
    let vip = json!({"uid": 100, "vip_level": 1});
    server.post_events(&event("vip", "v", "2026-03-09T00:00:00Z", vip)).await.expect(200);
    let last = EVENTS + 30_001;
    let feed = server.get("/v1/feed?type=referral.note.v1,referral.vip.v1").await;
    assert_eq!(positions(&entries(feed.text())), [15, last]);
    let mut live = Live::open(&server, "/v1/feed?after=0&type=referral.vip.v1&limit=1", None).await;
    assert_eq!(live.next().await.map(|(id, _)| id), Some(last));
    assert!(live.next().await.is_none());
}

/// A feed of lines that goes on, read line by line.
struct Lines {
    response: Response<Incoming>,
    text: String,
}

impl Lines {
    async fn open(server: &Server, path: &str) -> Lines {
        let response = server.open(server.request(Method::GET, path).body(full("")).expect("a request")).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/x-ndjson");
        Lines { response, text: String::new() }
    }

    /// The position of the next entry; `None` at the end.
    async fn next(&mut self) -> Option<u64> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let entry: Option<Value> = (!line.is_empty()).then(|| serde_json::from_str(line).expect("JSON"));
                self.text = rest.to_owned();
                match entry {
                    Some(entry) => return entry["position"].as_u64(),
                    None => continue,
                }
            }
            let frame = tokio::time::timeout(Duration::from_secs(30), self.response.body_mut().frame()).await;
            let frame = frame.expect("something comes")?.expect("a frame");
            self.text.push_str(std::str::from_utf8(frame.data_ref()?).expect("UTF-8"));
        }
    }
}

#[tokio::test]
async fn a_feed_of_lines_goes_on_if_it_is_asked_to() {
    let server = Server::start().await;
    let mut from_now = Lines::open(&server, "/v1/feed?follow=true").await;
    let mut from_17 = Lines::open(&server, "/v1/feed?follow=true&after=17").await;
    let mut of_100 = Lines::open(&server, "/v1/feed?follow=true&after=14&uid=100").await;
    let mut two = Lines::open(&server, "/v1/feed?follow=true&after=0&limit=2").await;
    server.post_events(&one_more(900, "2026-03-09T00:00:00Z")).await.expect(200);
    assert_eq!(from_now.next().await, Some(20));
    for expected in 18..=20 {
        assert_eq!(from_17.next().await, Some(expected));
    }
    assert_eq!(of_100.next().await, Some(15));
    assert_eq!((two.next().await, two.next().await, two.next().await), (Some(1), Some(2), None));
    let ends = server.get("/v1/feed?follow=false&after=18").await;
    assert_eq!(positions(&entries(ends.text())), [19, 20]);
    server.end().await;
    for feed in [&mut from_now, &mut from_17, &mut of_100] {
        assert_eq!(feed.next().await, None);
    }
}

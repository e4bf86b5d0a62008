//! Who did what: kept with what came of it, shown beside the events in answers, and listed.

use axum::http::{Method, header};
use serde_json::{Value, json};

use crate::history::event;
use crate::server::{Reply, Server, bearer, full};

const NOTE: &str = "/v1/referrals/100/note";

/// A command of an affiliate or an operator, with the headers that a client or a proxy sends.
async fn put_note(server: &Server, token: &str, query: &str, headers: &[(&str, &str)]) -> Reply {
    let headers = [&[("authorization", token)], headers].concat();
    server.command_with(Method::PUT, &format!("{NOTE}{query}"), "{\"note\":\"x\"}", &headers).await
}

async fn audit(server: &Server, query: &str) -> Value {
    server.get_as(&bearer("operator", Some(1)), &format!("/v1/audit{query}")).await.expect(200)
}

fn ids(list: &Value) -> Vec<u64> {
    list["rows"].as_array().expect("rows").iter().map(|row| row["id"].as_u64().expect("a number")).collect()
}

#[tokio::test]
async fn a_command_is_kept_with_who_gave_it_from_where_and_by_which_request() {
    let server = Server::with_tokens().await;
    let (own, operator) = (bearer("affiliate", Some(7)), bearer("operator", Some(1)));
    let headers = [("x-request-id", "call-1"), ("x-forwarded-for", "203.0.113.9, 198.51.100.2")];
    let answered = put_note(&server, &own, "", &headers).await;
    answered.expect(200);
    assert_eq!(answered.header("x-request-id"), "call-1");
    let trace = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    put_note(&server, &operator, "?uid=7", &[trace]).await.expect(200);
    let made_up = put_note(&server, &operator, "?uid=7", &[("x-request-id", "no such id")]).await;
    made_up.expect(200);
    assert_eq!(made_up.header("x-request-id").len(), 32);
    let rows = audit(&server, "?type=referral.note.v1").await;
    let actor = |who: &str, role: &str, address: &str, id: &str| json!({"who": who, "role": role, "address": address, "request_id": id});
    let found: Vec<&Value> = rows["rows"].as_array().expect("rows").iter().map(|row| &row["actor"]).collect();
    assert_eq!(
        found[..3],
        [
            &actor("1", "operator", "127.0.0.1", made_up.header("x-request-id")),
            &actor("1", "operator", "127.0.0.1", "0af7651916cd43dd8448eb211c80319c"),
            &actor("7", "affiliate", "198.51.100.2", "call-1"),
        ]
    );
    let row = &rows["rows"][2];
    assert_eq!((&row["what"], &row["events"], &row["quarantined"]), (&json!("events"), &json!(1), &json!(0)));
    assert_eq!(row["event"]["source"], "/tributary/api");
    assert_eq!(row["event"]["position"], row["position"]);
}

#[tokio::test]
async fn an_answer_bears_the_id_of_its_request_whatever_it_is() {
    let server = Server::with_tokens().await;
    for path in ["/v1/overview", "/nowhere", "/healthz"] {
        let answered = server.get(path).await;
        assert_eq!(answered.header("x-request-id").len(), 32, "{path} {}", answered.status);
    }
}

#[tokio::test]
async fn a_body_of_events_has_one_actor_and_a_decision_says_what_was_decided_why() {
    let server = Server::with_tokens().await;
    let before = audit(&server, "").await["total"].as_u64().expect("a count");
    let body: Vec<String> = (0..3)
        .map(|number| {
            let data = json!({"uid": 7, "vip_level": number});
            event("vip", &format!("v-{number}"), "2026-03-02T00:00:00Z", data)
        })
        .collect();
    server.post_events(&format!("[{},5]", body.join(","))).await.expect(200);
    // What only repeats is nothing that was done.
    server.post_events(&format!("[{}]", body.join(","))).await.expect(200);
    let operator = bearer("operator", Some(1));
    let authorization = [("authorization", operator.as_str())];
    let discard = "/v1/quarantine/1/discard";
    server.command_with(Method::POST, discard, "{\"reason\":\"no event\"}", &authorization).await.expect(200);
    let rows = audit(&server, "").await;
    assert_eq!(rows["total"], before + 2);
    let [decided, sent] = [&rows["rows"][0], &rows["rows"][1]];
    assert_eq!((&sent["events"], &sent["quarantined"], &sent["what"]), (&json!(3), &json!(1), &json!("events")));
    assert_eq!((&sent["actor"]["role"], &sent["event"]["id"]), (&json!("service"), &json!("v-0")));
    assert_eq!((&decided["what"], &decided["quarantine_id"]), (&json!("discarded"), &json!(1)));
    assert_eq!(
        (&decided["reason"], &decided["event"], &decided["events"]),
        (&json!("no event"), &json!(null), &json!(0))
    );
    assert_eq!((&decided["actor"]["who"], &decided["actor"]["role"]), (&json!("1"), &json!("operator")));
    // Each of the events names the one who sent all of them.
    let after = sent["position"].as_u64().expect("a position") - 1;
    let feed = server.get_as(&bearer("service", None), &format!("/v1/feed?after={after}&limit=3")).await;
    for line in feed.text().lines() {
        let entry: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(entry["actor"], sent["actor"], "{entry}");
    }
}

#[tokio::test]
async fn the_list_pages_through_all_of_it_and_its_filters_leave_out_the_rest() {
    let server = Server::with_tokens().await;
    for number in 0..7 {
        let token = if number % 2 == 0 { bearer("affiliate", Some(7)) } else { bearer("operator", Some(1)) };
        let query = if number % 2 == 0 { "" } else { "?uid=7" };
        put_note(&server, &token, query, &[]).await.expect(200);
    }
    let all = audit(&server, "?limit=500").await;
    let total = all["total"].as_u64().expect("a count");
    assert_eq!(ids(&all), (1..=total).rev().collect::<Vec<_>>());
    for filter in ["", "who=7", "role=operator", "type=referral.note.v1", "who=7&role=affiliate", "from=2026-01-01"] {
        let whole = audit(&server, &format!("?limit=500&{filter}")).await;
        let (mut paged, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let more = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
            let page = audit(&server, &format!("?limit=3&{filter}{more}")).await;
            assert_eq!(page["total"], whole["total"], "{filter}");
            paged.extend(ids(&page));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(paged, ids(&whole), "{filter}");
        assert!(!paged.is_empty(), "{filter}");
    }
    let chosen = |list: Value, name: &str| -> Vec<Value> {
        list["rows"].as_array().expect("rows").iter().map(|row| row["actor"][name].clone()).collect()
    };
    assert_eq!(chosen(audit(&server, "?who=7").await, "who"), vec![json!("7"); 4]);
    assert_eq!(chosen(audit(&server, "?role=operator").await, "role"), vec![json!("operator"); 3]);
    assert_eq!(ids(&audit(&server, "?to=2020-01-01").await), [0; 0]);
    let of_seven = audit(&server, "?limit=3&who=7").await;
    let cursor = of_seven["next_cursor"].as_str().expect("a cursor");
    let operator = bearer("operator", None);
    for (query, field) in [
        ("limit=0".to_owned(), "limit"),
        ("as_of=1".to_owned(), "as_of"),
        ("type=trade".to_owned(), "type"),
        ("from=2026-03-02&to=2026-03-01".to_owned(), "from"),
        (format!("cursor={cursor}"), "cursor"),
        ("cursor=x".to_owned(), "cursor"),
    ] {
        server.get_as(&operator, &format!("/v1/audit?{query}")).await.expect_problem(400, Some(field));
    }
}

#[tokio::test]
async fn an_affiliate_sees_of_actors_itself_alone_and_others_see_all() {
    let server = Server::with_tokens().await;
    let data = json!({"uid": 7, "status": "approved", "spot_rate": "0.3", "futures_rate": "0.2"});
    server.post_events(&event("affiliate", "by-a-service", "2026-03-02T00:00:00Z", data)).await.expect(200);
    let (own, analyst) = (bearer("affiliate", Some(7)), bearer("analyst", None));
    let history = |account: Value| account["history"].as_array().expect("a history").clone();
    let seen = history(server.get_as(&analyst, "/v1/account?uid=7").await.expect(200));
    assert!(seen.iter().all(|event| event["actor"]["role"] == "service"), "{seen:?}");
    let seen = history(server.get_as(&own, "/v1/account").await.expect(200));
    assert!(!seen.is_empty() && seen.iter().all(|event| event["actor"].is_null()), "{seen:?}");
    let detail = server.get_as(&analyst, "/v1/referrals/100?uid=7").await.expect(200);
    let trade = &detail["trades"][0];
    assert_eq!(trade["actor"]["role"], "service", "{trade}");
    let event = &trade["event"];
    let source = event["source"].as_str().expect("a source").replace('/', "%2F");
    let of = format!("invitee={}&source={source}&id={}", event["data"]["uid"], event["id"].as_str().expect("an id"));
    let explained = server.get_as(&analyst, &format!("/v1/trades/explain?{of}")).await.expect(200);
    assert_eq!(explained["actor"], trade["actor"]);
    assert_eq!(explained["base_rate"]["event"]["actor"]["role"], "service", "{explained}");
    let explained = server.get_as(&own, &format!("/v1/trades/explain?{of}")).await.expect(200);
    assert!(explained["actor"].is_null() && explained["base_rate"]["event"]["actor"].is_null(), "{explained}");
}

#[tokio::test]
async fn the_audit_is_for_operators_and_auditors() {
    let server = Server::with_tokens().await;
    for (role, status) in [("operator", 200), ("auditor", 200), ("analyst", 403), ("service", 403), ("affiliate", 403)]
    {
        assert_eq!(server.get_as(&bearer(role, Some(7)), "/v1/audit").await.status, status, "{role}");
    }
    assert_eq!(server.get("/v1/audit").await.status, 401);
    let request = server.request(Method::POST, "/v1/audit").header(header::AUTHORIZATION, bearer("operator", None));
    assert_eq!(server.send(request.body(full("")).expect("a request")).await.status, 405);
}

#[tokio::test]
async fn addresses_are_not_kept_where_they_are_not_to_be() {
    let keys = api::Authenticator::new(Some(crate::server::SECRET), None).expect("a secret");
    let options = api::HttpOptions { keeps_addresses: false, ..api::HttpOptions::default() };
    let server = Server::bounded(keys, options, api::ServeLimits::default()).await;
    put_note(&server, &bearer("affiliate", Some(7)), "", &[("x-request-id", "call-1")]).await.expect(200);
    let rows = audit(&server, "").await;
    assert!(rows["rows"].as_array().expect("rows").iter().all(|row| row["actor"]["address"].is_null()));
    assert_eq!(rows["rows"][0]["actor"]["request_id"], "call-1");
}

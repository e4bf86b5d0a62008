//! Every way to be refused: its status, and the field it is about. None is a 500.

use axum::http::Method;
use serde_json::json;

use crate::server::{Server, bearer, full};

#[tokio::test]
async fn a_question_that_is_wrong_is_refused_with_the_field_that_is() {
    let server = Server::start().await;
    let long = "x".repeat(5_000);
    for (path, status, field) in [
        ("/v1/account", 400, Some("uid")),
        ("/v1/referrers?uid=7", 400, Some("uid")),
        ("/v1/referrers?sort=code", 400, Some("sort")),
        ("/v1/overview?code=NONE", 404, None),
        ("/v1/overview?uid=", 400, Some("uid")),
        ("/v1/overview?uid=0", 400, Some("uid")),
        ("/v1/overview?uid=-1", 400, Some("uid")),
        ("/v1/overview?uid=1e3", 400, Some("uid")),
        ("/v1/overview?uid=9007199254740992", 400, Some("uid")),
        ("/v1/overview?uid=99999999999999999999999999", 400, Some("uid")),
        ("/v1/overview?uid=7&uid=7", 400, Some("uid")),
        ("/v1/overview?uid=7&form=2026-03-01", 400, Some("form")),
        ("/v1/overview?uid=7&as_of=0", 400, Some("as_of")),
        ("/v1/overview?uid=7&as_of=20", 400, Some("as_of")),
        ("/v1/overview?uid=7&as_of=99999999999999999999", 400, Some("as_of")),
        ("/v1/overview?uid=7&as_of=-1", 400, Some("as_of")),
        ("/v1/overview?uid=7&as_of=2026-03-01", 400, Some("as_of")),
        ("/v1/overview?uid=7&as_of=2026-03-01T00:00:00Z", 400, Some("as_of")),
        ("/v1/overview?uid=7&as_of=", 400, Some("as_of")),
        ("/v1/overview?uid=7&as_of=3&as_of=3", 400, Some("as_of")),
        ("/v1/overview?uid=7&from=2026-03-02&to=2026-03-01", 400, Some("from")),
        ("/v1/overview?uid=7&from=2026-3-1", 400, Some("from")),
        ("/v1/overview?uid=7&to=2026-02-29", 400, Some("to")),
        ("/v1/overview?uid=7&to=%00", 400, Some("to")),
        ("/v1/overview?uid=7&code=%zz", 400, Some("code")),
        ("/v1/overview?uid=7&code=%FF", 400, Some("code")),
        ("/v1/overview?uid=7&%zz=1", 400, None),
        ("/v1/overview?uid=7&code=NONE", 404, None),
        ("/v1/overview?uid=7&code=BETA", 404, None),
        ("/v1/overview?uid=7&code=%00", 404, None),
        ("/v1/overview?uid=7&code=alpha", 404, None),
        ("/v1/overview/series?uid=7&interval=year", 400, Some("interval")),
        ("/v1/overview/series?uid=7&from=0001-01-01&to=9999-12-31", 400, Some("interval")),
        ("/v1/countries?uid=7&limit=0", 400, Some("limit")),
        ("/v1/countries?uid=7&limit=501", 400, Some("limit")),
        ("/v1/countries?uid=7&limit=1.0", 400, Some("limit")),
        ("/v1/countries?uid=7&code=ALPHA", 400, Some("code")),
        ("/v1/cohorts?uid=7&from=2026-03-02&to=2026-03-01", 400, Some("from")),
        ("/v1/cohorts?uid=7&from=2026-03", 400, Some("from")),
        ("/v1/cohorts?uid=7&to=2026-02-29", 400, Some("to")),
        ("/v1/overview/series?uid=7&before=yes", 400, Some("before")),
        ("/v1/changes?uid=7&from=2026-03-02&to=2026-03-01", 400, Some("from")),
        ("/v1/intake?from=2026-03-02&to=2026-03-01", 400, Some("from")),
        ("/v1/intake?from=2025-01-01&to=2026-03-01", 400, Some("from")),
        ("/v1/intake?interval=week", 400, Some("interval")),
        ("/v1/search", 400, Some("name")),
        ("/v1/search?name=7&upto=x", 400, Some("upto")),
        ("/v1/search?q=7", 400, Some("q")),
        ("/v1/entries/0", 404, None),
        ("/v1/entries/4611686018427387904", 404, None),
        ("/v1/entries/+1", 404, None),
        ("/v1/entries/one", 404, None),
        ("/v1/entries/1?uid=7", 400, Some("uid")),
        ("/v1/changes?uid=7&kind=code", 400, Some("kind")),
        ("/v1/changes?uid=7&code=BETA", 404, None),
        ("/v1/changes?code=NONE", 404, None),
        ("/v1/withheld?from=2026-03-02&to=2026-03-01", 400, Some("from")),
        ("/v1/withheld?by=product", 400, Some("by")),
        ("/v1/withheld?reason=not_registered", 400, Some("reason")),
        ("/v1/withheld?reason=vip_level,", 400, Some("reason")),
        ("/v1/withheld/trades?by=day", 400, Some("by")),
        ("/v1/withheld?uid=7&code=BETA", 404, None),
        ("/v1/clawbacks?code=NONE", 404, None),
        ("/v1/clawbacks?country=de", 400, Some("country")),
        ("/v1/clawbacks/trades?limit=0", 400, Some("limit")),
        ("/v1/cohorts?uid=0", 400, Some("uid")),
        ("/v1/cohorts?uid=7&country=de", 400, Some("country")),
        ("/v1/cohorts?uid=7&country=", 400, Some("country")),
        ("/v1/cohorts?uid=7&month=2026-03", 400, Some("month")),
        ("/v1/cohorts?uid=7&limit=0", 400, Some("limit")),
        ("/v1/cohorts?uid=7&code=BETA", 404, None),
        ("/v1/cohorts?code=NONE", 404, None),
        ("/v1/referrals?uid=7&cursor=", 400, Some("cursor")),
        ("/v1/referrals?uid=7&cursor=bm9uc2Vuc2U", 400, Some("cursor")),
        ("/v1/referrals?uid=7&cursor=%F0%9F%98%80", 400, Some("cursor")),
        ("/v1/referrals?uid=7&vip=21", 400, Some("vip")),
        ("/v1/referrals?uid=7&vip=1,,2", 400, Some("vip")),
        ("/v1/referrals?uid=7&vip=", 400, Some("vip")),
        ("/v1/referrals?uid=7&verified=1", 400, Some("verified")),
        ("/v1/referrals?uid=7&traded=True", 400, Some("traded")),
        ("/v1/referrals?uid=7&country=de", 400, Some("country")),
        ("/v1/referrals?uid=7&country=XX", 400, Some("country")),
        ("/v1/referrals?uid=7&commission_type=margin", 400, Some("commission_type")),
        ("/v1/referrals?uid=7&sort=Uid", 400, Some("sort")),
        ("/v1/referrals?uid=7&order=up", 400, Some("order")),
        ("/v1/referrals?uid=7&registered_from=today", 400, Some("registered_from")),
        ("/v1/referrals/102?uid=7", 404, None),
        ("/v1/referrals/9999?uid=7", 404, None),
        ("/v1/referrals/x?uid=7", 404, None),
        ("/v1/referrals/%FF?uid=7", 400, None),
        ("/v1/referrals/100?uid=7&limit=5", 400, Some("limit")),
        ("/v1/referrals/102/history?uid=7", 404, None),
        ("/v1/referrals/100/history?uid=7&from=2026-03-02&to=2026-03-01", 400, Some("from")),
        ("/v1/referrals/100/history?uid=7&limit=0", 400, Some("limit")),
        ("/v1/rewards/trades?uid=7&counterparty=100&product=spot", 400, Some("date")),
        ("/v1/rewards/trades?uid=7&date=2026-03-02&product=spot", 400, Some("counterparty")),
        ("/v1/rewards/trades?uid=7&date=2026-03-02&counterparty=100&product=swap", 400, Some("product")),
        ("/v1/rewards/trades?uid=7&date=2020-01-01&counterparty=100&product=spot", 404, None),
        ("/v1/trades/rules?invitee=100&source=/tests&id=t9", 404, None),
        ("/v1/account/application?uid=7&limit=1", 400, Some("limit")),
        ("/v1/codes/BETA?uid=7", 404, None),
        ("/v1/codes/a%2Fb?uid=7", 404, None),
        ("/v1/codes/BETA/referrals?uid=7", 404, None),
        ("/v1/codes/ALPHA/referrals?uid=7&code=ALPHA", 400, Some("code")),
        ("/v1/rewards?uid=7&kind=both", 400, Some("kind")),
        ("/v1/rewards/export?uid=7&format=xlsx", 400, Some("format")),
        ("/v1/rewards/export?uid=7&limit=5", 400, Some("limit")),
        ("/v1/trades/explain?source=/tests&id=t1", 400, Some("invitee")),
        ("/v1/trades/explain?invitee=100&id=t1", 400, Some("source")),
        ("/v1/trades/explain?invitee=100&source=/tests", 400, Some("id")),
        ("/v1/trades/explain?uid=x&invitee=100&source=/tests&id=t1", 400, Some("uid")),
        ("/v1/trades/explain?uid=8&invitee=100&source=/tests&id=t1", 404, None),
        ("/v1/trades/explain?invitee=100&source=/tests&id=t9", 404, None),
        ("/v1/trades/explain?invitee=101&source=/tests&id=t1", 404, None),
        // There is such an event, and it is no trade.
        ("/v1/trades/explain?invitee=100&source=/tests&id=r2", 404, None),
        ("/v1/account?uid=7&limit=1", 400, Some("limit")),
        ("/v1/offers?uid=7&visibility=public", 400, Some("visibility")),
        ("/v1/campaigns?uid=7&visibility=secret", 400, Some("visibility")),
        ("/v1/feed?limit=0", 400, Some("limit")),
        ("/v1/feed?limit=10001", 400, Some("limit")),
        ("/v1/feed?after=-1", 400, Some("after")),
        ("/v1/feed?after=99999999999999999999", 400, Some("after")),
        ("/v1/feed?as_of=1", 400, Some("as_of")),
        ("/v1/quarantine?uid=7", 400, Some("uid")),
        ("/v1/quarantine?cursor=x", 400, Some("cursor")),
        ("/v1/quarantine?as_of=1", 400, Some("as_of")),
        ("/v1/status?as_of=1", 400, Some("as_of")),
        ("/v1/status?limit=1", 400, Some("limit")),
        ("/v1", 404, None),
        ("/v1/", 404, None),
        ("/v1/overview/", 404, None),
        ("/v1//overview", 404, None),
        ("/v2/overview?uid=7", 404, None),
        ("/problems/not-found", 404, None),
    ] {
        let reply = server.get(path).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text());
        reply.expect_problem(status, field);
    }
    server.get(&format!("/v1/overview?uid={long}")).await.expect_problem(400, Some("uid"));
    server.get(&format!("/v1/overview?uid=7&{long}=1")).await.expect_problem(400, Some(&long));
    server.get(&format!("/v1/referrals?uid=7&cursor={long}")).await.expect_problem(400, Some("cursor"));
    server.get(&format!("/v1/codes/{long}?uid=7")).await.expect_problem(404, None);
    assert_eq!(server.get(&format!("/v1/referrals?uid=7&q={long}")).await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_path_says_which_methods_it_takes() {
    let server = Server::start().await;
    for (method, path, allowed) in [
        (Method::POST, "/v1/overview", "GET,HEAD"),
        (Method::DELETE, "/v1/codes", "GET,HEAD,POST"),
        (Method::PUT, "/v1/codes/ALPHA", "GET,HEAD,PATCH"),
        (Method::GET, "/v1/events", "POST"),
        (Method::PATCH, "/v1/referrals/100/note", "PUT"),
        (Method::OPTIONS, "/v1/status", "GET,HEAD"),
        (Method::TRACE, "/healthz", "GET,HEAD"),
        (Method::from_bytes(b"BREW").expect("a method"), "/v1/feed", "GET,HEAD"),
    ] {
        let reply = server.send(server.request(method, path).body(full("")).expect("a request")).await;
        reply.expect_problem(405, None);
        assert_eq!(reply.header("allow"), allowed, "{path}");
    }
}

#[tokio::test]
async fn a_command_that_is_wrong_is_refused_and_appends_nothing() {
    let server = Server::start().await;
    let rates = json!({"spot_rebate_rate": "0.1", "futures_rebate_rate": "0.1"});
    let with = |name: &str, value: serde_json::Value| {
        let mut body = rates.clone();
        body[name] = value;
        body
    };
    let (put, post, patch) = (Method::PUT, Method::POST, Method::PATCH);
    for (method, path, body, status, field) in [
        (&put, "/v1/referrals/100/note", json!({"note": "x"}), 400, Some("uid")),
        (&put, "/v1/referrals/100/note?uid=7&limit=1", json!({"note": "x"}), 400, Some("limit")),
        (&put, "/v1/referrals/100/note?uid=7", json!({}), 400, Some("note")),
        (&put, "/v1/referrals/100/note?uid=7", json!({"Note": "x"}), 400, Some("note")),
        (&put, "/v1/referrals/100/note?uid=7", json!({"note": 5}), 400, Some("note")),
        (&put, "/v1/referrals/100/note?uid=7", json!({"note": null}), 400, Some("note")),
        (&put, "/v1/referrals/100/note?uid=7", json!(["note"]), 400, None),
        (&put, "/v1/referrals/100/note?uid=7", json!({"note": "é".repeat(201)}), 422, Some("note")),
        (&put, "/v1/referrals/102/note?uid=7", json!({"note": "x"}), 404, None),
        (&put, "/v1/referrals/x/note?uid=7", json!({"note": "x"}), 404, None),
        (&put, "/v1/referrals/100/rebate?uid=7", json!({"spot_rebate_rate": "0.1"}), 400, Some("futures_rebate_rate")),
        (&put, "/v1/referrals/100/rebate?uid=7", with("spot_rebate_rate", json!(0.1)), 400, Some("spot_rebate_rate")),
        (&put, "/v1/referrals/100/rebate?uid=7", with("spot_rebate_rate", json!("1.1")), 422, Some("spot_rebate_rate")),
        (
            &put,
            "/v1/referrals/100/rebate?uid=7",
            with("spot_rebate_rate", json!("0.400001")),
            422,
            Some("spot_rebate_rate"),
        ),
        (
            &put,
            "/v1/referrals/100/rebate?uid=7",
            with("futures_rebate_rate", json!("0.31")),
            422,
            Some("futures_rebate_rate"),
        ),
        (&put, "/v1/referrals/102/rebate?uid=7", rates.clone(), 404, None),
        (&post, "/v1/codes?uid=7", json!({}), 400, Some("spot_rebate_rate")),
        (&post, "/v1/codes?uid=7", with("code", json!(null)), 400, Some("code")),
        (&post, "/v1/codes?uid=7", with("is_default", json!("true")), 400, Some("is_default")),
        (&post, "/v1/codes?uid=7", with("code", json!("ab")), 422, Some("code")),
        (&post, "/v1/codes?uid=7", with("code", json!("abc")), 422, Some("code")),
        (&post, "/v1/codes?uid=7", with("code", json!("A".repeat(21))), 422, Some("code")),
        (&post, "/v1/codes?uid=7", with("code", json!("ALPHA")), 409, Some("code")),
        (&post, "/v1/codes?uid=7", with("code", json!("BETA")), 409, Some("code")),
        (&post, "/v1/codes?uid=7", with("spot_rebate_rate", json!("0.5")), 422, Some("spot_rebate_rate")),
        (&patch, "/v1/codes/BETA?uid=7", json!({"note": "x"}), 404, None),
        (&patch, "/v1/codes/ALPHA?uid=7", json!({"note": []}), 400, Some("note")),
        (&patch, "/v1/codes/ALPHA?uid=7", json!({"code": "OTHER"}), 422, Some("code")),
        (&patch, "/v1/codes/ALPHA?uid=7", json!({"futures_rebate_rate": "0.4"}), 422, Some("futures_rebate_rate")),
        (&post, "/v1/campaigns/none/join?uid=7", json!({}), 404, None),
        (&post, "/v1/campaigns/inner/join?uid=8", json!({}), 404, None),
        (&post, "/v1/campaigns/spring/join?uid=7", json!({"campaign_id": "inner"}), 422, Some("campaign_id")),
        (&post, "/v1/account/apply?uid=8", json!({}), 400, Some("message")),
        (&post, "/v1/account/apply?uid=8", json!({"message": "x".repeat(2_001)}), 422, Some("message")),
    ] {
        let reply = server.command(method.clone(), path, &body).await;
        assert_eq!(reply.status, status, "{method} {path} {body}: {}", reply.text());
        reply.expect_problem(status, field);
    }
    let note = "/v1/referrals/100/note?uid=7";
    for (body, headers, status, field) in [
        ("", &[][..], 400, None),
        ("note=x", &[], 400, None),
        ("{\"note\": \"x\"", &[], 400, None),
        ("{\"note\": \"x\", \"note\": \"y\"}", &[], 400, Some("note")),
        ("{\"note\": \"\\ud800\"}", &[], 400, None),
        ("{\"note\": \"x\"}", &[("content-type", "text/plain")], 415, Some("content-type")),
        ("{\"note\": \"x\"}", &[("content-type", "application/x-www-form-urlencoded")], 415, Some("content-type")),
        ("{\"note\": \"x\"}", &[("idempotency-key", "a b")], 400, Some("Idempotency-Key")),
        ("{\"note\": \"x\"}", &[("idempotency-key", "")], 400, Some("Idempotency-Key")),
    ] {
        server.command_with(Method::PUT, note, body, headers).await.expect_problem(status, field);
    }
    let large = format!("{{\"note\": \"x\", \"more\": \"{}\"}}", "x".repeat(70_000));
    server.command_with(Method::PUT, note, &large, &[]).await.expect_problem(413, None);
    assert_eq!(server.ledger.position(), crate::history::EVENTS, "nothing was appended");
}

#[tokio::test]
async fn what_no_frame_of_the_ledger_holds_is_refused_and_the_next_is_taken() {
    let server = Server::narrow(600).await;
    server.post_events("[5]").await.expect(200);
    let long = "ß".repeat(1_000);
    for (path, body) in [
        ("/v1/account/apply?uid=7", json!({ "message": long })),
        ("/v1/quarantine/1/discard", json!({ "reason": long })),
    ] {
        let refused = server.command(Method::POST, path, &body).await;
        refused.expect_problem(413, None);
        assert!(refused.text().contains("frame"), "{path}: {}", refused.text());
    }
    let refused = server.post_events(&json!([5, long]).to_string()).await;
    refused.expect_problem(413, None);
    assert_eq!(server.ledger.position(), 0, "nothing was appended");
    server.command(Method::POST, "/v1/account/apply?uid=7", &json!({ "message": "please" })).await.expect(200);
    assert_eq!(server.ledger.position(), 1);
}

#[tokio::test]
async fn a_token_is_needed_where_a_key_is_set() {
    let server = Server::with_tokens().await;
    for authorization in ["", "Bearer nonsense", "Basic b3BlcmF0b3I6"] {
        let reply = server.get_as(authorization, "/v1/overview?uid=7").await;
        reply.expect_problem(401, None);
        assert!(reply.header("www-authenticate").starts_with("Bearer realm="));
    }
    for path in ["/healthz", "/readyz", "/metrics", "/openapi.json"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    // Where nothing is, nothing is told of tokens.
    server.get("/v1/nothing").await.expect_problem(404, None);
    let good = bearer("operator", None);
    server.get_as(&good, "/v1/account").await.expect_problem(400, Some("uid"));
    assert_eq!(server.get_as(&good, "/v1/overview?uid=7").await.status, 200);
}

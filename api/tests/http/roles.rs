//! Who may ask what (SPEC 4, "Who may ask").

use axum::http::{Method, header};
use serde_json::json;

use crate::server::{Server, bearer, full};

/// What each role gets: affiliate 7, affiliate 8, analyst, operator, service, auditor.
type Statuses = [u16; 6];

fn tokens() -> [String; 6] {
    [
        bearer("affiliate", Some(7)),
        bearer("affiliate", Some(8)),
        bearer("analyst", None),
        bearer("operator", Some(1)),
        bearer("service", None),
        bearer("auditor", None),
    ]
}

#[tokio::test]
async fn each_role_reads_what_it_may() {
    let server = Server::with_tokens().await;
    let table: [(&str, Statuses); 54] = [
        ("/v1/overview?uid=7", [200, 403, 200, 200, 200, 200]),
        // Of itself, or of everybody.
        ("/v1/overview", [200; 6]),
        ("/v1/overview/series?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/overview/series", [200; 6]),
        ("/v1/overview?code=BETA", [404, 200, 200, 200, 200, 200]),
        // 8 is no approved affiliate.
        ("/v1/countries", [200, 403, 200, 200, 200, 200]),
        ("/v1/referrers", [403, 403, 200, 200, 200, 200]),
        ("/v1/referrers?uid=7", [403, 403, 400, 400, 400, 400]),
        ("/v1/withheld", [403, 403, 200, 200, 200, 200]),
        ("/v1/withheld/trades?uid=7", [403, 403, 200, 200, 200, 200]),
        ("/v1/withheld?by=week", [403, 403, 400, 400, 400, 400]),
        ("/v1/clawbacks?uid=8", [403, 403, 200, 200, 200, 200]),
        ("/v1/clawbacks/trades", [403, 403, 200, 200, 200, 200]),
        ("/v1/countries?uid=8", [403, 403, 200, 200, 200, 200]),
        ("/v1/countries?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/intake", [403, 403, 403, 200, 403, 200]),
        ("/v1/search?name=7", [403, 403, 403, 200, 200, 200]),
        ("/v1/entries/1", [403, 403, 403, 200, 200, 200]),
        ("/v1/changes", [200; 6]),
        ("/v1/changes?uid=8", [403, 200, 200, 200, 200, 200]),
        ("/v1/changes?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/cohorts", [200, 403, 200, 200, 200, 200]),
        ("/v1/cohorts?uid=8", [403, 403, 200, 200, 200, 200]),
        ("/v1/cohorts?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/cohorts?code=BETA", [404, 403, 200, 200, 200, 200]),
        ("/v1/cohorts?from=never", [400, 403, 400, 400, 400, 400]),
        ("/v1/referrals?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/referrals/100?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/referrals/100", [200, 404, 400, 400, 400, 400]),
        ("/v1/codes?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/codes/ALPHA?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/codes/ALPHA", [200, 404, 400, 400, 400, 400]),
        ("/v1/codes/ALPHA/referrals?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/rewards?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/rewards/export?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/account?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/offers?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/campaigns?uid=7", [200, 403, 200, 200, 200, 200]),
        // Of an invitee of 7, and of one of 8.
        ("/v1/trades/explain?invitee=100&source=/tests&id=t1", [200, 404, 200, 200, 200, 200]),
        ("/v1/trades/explain?invitee=100&source=/tests&id=t0", [200, 404, 200, 200, 200, 200]),
        ("/v1/trades/explain?invitee=102&source=/tests&id=t4", [404, 200, 200, 200, 200, 200]),
        ("/v1/trades/rules?invitee=100&source=/tests&id=t1", [200, 404, 200, 200, 200, 200]),
        ("/v1/trades/rules?invitee=102&source=/tests&id=t4", [404, 200, 200, 200, 200, 200]),
        ("/v1/referrals/100/history?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/account/application", [200, 200, 400, 400, 400, 400]),
        ("/v1/account/codes?uid=7", [200, 403, 200, 200, 200, 200]),
        ("/v1/trades/explain?invitee=102&source=/tests&id=none", [404, 404, 404, 404, 404, 404]),
        ("/v1/feed", [403, 403, 403, 200, 200, 200]),
        ("/v1/quarantine", [403, 403, 403, 200, 403, 200]),
        ("/v1/quarantine/1", [403, 403, 403, 404, 403, 404]),
        ("/v1/status", [403, 403, 403, 200, 403, 200]),
        ("/v1/status?limit=1", [403, 403, 403, 400, 403, 400]),
        ("/healthz", [200; 6]),
        ("/metrics", [200; 6]),
    ];
    for (path, statuses) in table {
        for (token, status) in tokens().iter().zip(statuses) {
            let reply = server.get_as(token, path).await;
            assert_eq!(reply.status, status, "{path}: {}", reply.text());
        }
    }
}

#[tokio::test]
async fn an_invitee_sees_its_own_trades_explained() {
    let server = Server::with_tokens().await;
    let own = bearer("affiliate", Some(102));
    assert_eq!(server.get_as(&own, "/v1/trades/explain?invitee=102&source=/tests&id=t4").await.status, 200);
    assert_eq!(server.get_as(&own, "/v1/trades/explain?invitee=100&source=/tests&id=t1").await.status, 404);
    let shared = server.get_as(&own, "/v1/rewards?kind=shared").await.expect(200);
    assert_eq!(shared["rows"][0]["amount"], "0.15");
}

#[tokio::test]
async fn each_role_commands_what_it_may() {
    let server = Server::with_tokens().await;
    let note = json!({"note": "x"}).to_string();
    let rates = json!({"spot_rebate_rate": "0", "futures_rebate_rate": "0"}).to_string();
    let message = json!({"message": "x"}).to_string();
    let event = crate::history::one_more(500, "2026-03-09T00:00:00Z");
    let table: [(Method, &str, &str, Statuses); 10] = [
        (Method::PUT, "/v1/referrals/100/note?uid=7", &note, [200, 403, 403, 200, 403, 403]),
        (Method::PUT, "/v1/referrals/100/note", &note, [200, 404, 403, 400, 403, 403]),
        (Method::PUT, "/v1/referrals/100/rebate?uid=7", &rates, [200, 403, 403, 200, 403, 403]),
        (Method::POST, "/v1/codes", &rates, [201, 201, 403, 400, 403, 403]),
        (Method::POST, "/v1/codes?uid=7", &rates, [201, 403, 403, 201, 403, 403]),
        (Method::PATCH, "/v1/codes/ALPHA?uid=7", &note, [200, 403, 403, 200, 403, 403]),
        (Method::POST, "/v1/campaigns/spring/join?uid=7", "{}", [200, 403, 403, 200, 403, 403]),
        (Method::POST, "/v1/campaigns/inner/join", "", [200, 404, 403, 400, 403, 403]),
        (Method::POST, "/v1/account/apply?uid=8", &message, [403, 200, 403, 200, 403, 403]),
        (Method::POST, "/v1/events", &event, [403, 403, 403, 200, 200, 403]),
    ];
    for (method, path, body, statuses) in table {
        for (token, status) in tokens().iter().zip(statuses) {
            let media_type = if path == "/v1/events" { "application/cloudevents+json" } else { "application/json" };
            let request = server.request(method.clone(), path).header(header::AUTHORIZATION, token);
            let request = request.header(header::CONTENT_TYPE, media_type).body(full(body)).expect("a request");
            let reply = server.send(request).await;
            assert_eq!(reply.status, status, "{method} {path}: {}", reply.text());
        }
    }
}

//! Commands: what they answer, what they change, and that they can be repeated.

use api::Authenticator;
use axum::http::Method;
use serde_json::{Value, json};

use crate::history::EVENTS;
use crate::questions::column;
use crate::server::{Reply, Server};

const NOTE: &str = "/v1/referrals/100/note?uid=7";
const CODES: &str = "/v1/codes?uid=7";

fn rates() -> Value {
    json!({"spot_rebate_rate": "0.2", "futures_rebate_rate": "0.15"})
}

#[tokio::test]
async fn a_note_and_a_rebate_answer_the_row_as_the_list_shows_it() {
    let server = Server::start().await;
    let noted = server.command(Method::PUT, NOTE, &json!({"note": "=cmd|' /C calc'!A0", "other": 1})).await.expect(200);
    assert_eq!(noted["note"], "=cmd|' /C calc'!A0");
    let rebated = server.command(Method::PUT, "/v1/referrals/100/rebate?uid=7", &rates()).await.expect(200);
    assert_eq!((&rebated["spot_rebate_rate"], &rebated["futures_rebate_rate"]), (&json!("0.2"), &json!("0.15")));
    let shown = server.get("/v1/referrals/100?uid=7").await.expect(200);
    assert_eq!(shown["referral"], rebated);
    assert_eq!(shown["as_of"]["position"], EVENTS + 2);
    // What was earned before stays: a rebate holds from its time on.
    assert_eq!((&rebated["commission"], &rebated["rebate"]), (&json!("3"), &json!("1")));
    let emptied = server.command(Method::PUT, NOTE, &json!({"note": ""})).await.expect(200);
    assert_eq!(emptied["note"], "");
}

#[tokio::test]
async fn a_new_code_is_201_with_its_place_and_one_is_made_up_where_none_is_named() {
    let server = Server::start().await;
    let mut body = rates();
    body["code"] = json!("GAMMA_1");
    body["note"] = json!("podcast");
    body["is_default"] = json!(true);
    let made = server.command(Method::POST, CODES, &body).await;
    let code = made.expect(201);
    assert_eq!(
        (&code["code"], &code["spot_rate"], &code["is_default"]),
        (&json!("GAMMA_1"), &json!("0.2"), &json!(true))
    );
    assert_eq!(server.get(made.header("location")).await.expect(200), code);
    // One default: the other is none any more.
    let list = server.get(CODES).await.expect(200);
    assert_eq!(column(&list["rows"], "is_default"), ["false", "true"]);
    assert_eq!(server.get("/v1/account?uid=7").await.expect(200)["default_code"], "GAMMA_1");

    let made_up = server.command(Method::POST, CODES, &rates()).await.expect(201);
    let text = made_up["code"].as_str().expect("a code");
    assert!(text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()), "{text}");
    assert_eq!(made_up["is_default"], false);
}

#[tokio::test]
async fn the_21st_code_is_refused() {
    let server = Server::start().await;
    for _ in 1..20 {
        server.command(Method::POST, CODES, &rates()).await.expect(201);
    }
    server.command(Method::POST, CODES, &rates()).await.expect_problem(409, None);
    assert_eq!(server.get(CODES).await.expect(200)["total"], 20);
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let server = Server::start().await;
    let changed = server.command(Method::PATCH, "/v1/codes/ALPHA?uid=7", &json!({"spot_rebate_rate": "0.25"})).await;
    let changed = changed.expect(200);
    assert_eq!((&changed["spot_rebate_rate"], &changed["spot_rate"]), (&json!("0.25"), &json!("0.15")));
    assert_eq!((&changed["futures_rebate_rate"], &changed["note"]), (&json!("0.05"), &json!("main")));
    assert_eq!(changed["is_default"], true);
    // Who is an invitee already keeps its rate.
    let row = &server.get("/v1/referrals/101?uid=7").await.expect(200)["referral"];
    assert_eq!(row["spot_rebate_rate"], "0.1");
    let same = json!({"is_default": false, "code": "ALPHA"});
    let undone = server.command(Method::PATCH, "/v1/codes/ALPHA?uid=7", &same).await.expect(200);
    assert_eq!(undone["is_default"], false);
    assert_eq!(server.get("/v1/account?uid=7").await.expect(200)["default_code"], Value::Null);
}

#[tokio::test]
async fn joining_twice_appends_nothing_and_answers_the_same() {
    let server = Server::start().await;
    let join = "/v1/campaigns/spring/join?uid=7";
    let joined = server.command_with(Method::POST, join, "", &[]).await.expect(200);
    assert_eq!((&joined["id"], &joined["joined"]), (&json!("spring"), &json!(true)));
    assert_eq!(joined["share_link"], "https://exchange.example/campaigns/spring?ref=ALPHA");
    assert_eq!(server.ledger.position(), EVENTS + 1);
    let again = server.command(Method::POST, join, &json!({"campaign_id": "spring"})).await.expect(200);
    assert_eq!(again, joined);
    // Joined by an event of the platform.
    let inner = server.command(Method::POST, "/v1/campaigns/inner/join?uid=7", &json!({})).await.expect(200);
    assert_eq!(inner["joined"], true);
    assert_eq!(server.ledger.position(), EVENTS + 1);
}

#[tokio::test]
async fn an_application_answers_the_account() {
    let server = Server::start().await;
    let account = server.command(Method::POST, "/v1/account/apply?uid=8", &json!({"message": "Please"})).await;
    let account = account.expect(200);
    assert_eq!((&account["uid"], &account["status"]), (&json!(8), &json!("none")));
    assert_eq!(account["as_of"]["position"], EVENTS + 1);
}

#[tokio::test]
async fn a_key_makes_a_command_safe_to_repeat_also_after_a_restart() {
    let server = Server::start().await;
    let key = [("idempotency-key", "order-1")];
    let made = server.command_with(Method::POST, CODES, &rates().to_string(), &key).await;
    let code = made.expect(201)["code"].clone();
    let repeats = |reply: &Reply| {
        assert_eq!(reply.expect(201)["code"], code);
        assert_eq!(reply.header("location"), made.header("location"));
    };
    repeats(&server.command_with(Method::POST, CODES, &rates().to_string(), &key).await);
    // The order of fields and blanks are no part of a command.
    let same = "{ \"futures_rebate_rate\": \"0.150\", \"spot_rebate_rate\": \"0.2\" }";
    repeats(&server.command_with(Method::POST, CODES, same, &key).await);
    let other = json!({"spot_rebate_rate": "0.1", "futures_rebate_rate": "0.1"}).to_string();
    let reused = server.command_with(Method::POST, CODES, &other, &key).await;
    reused.expect_problem(422, Some("Idempotency-Key"));
    let reused = server.command_with(Method::PUT, NOTE, "{\"note\": \"x\"}", &key).await;
    reused.expect_problem(422, Some("Idempotency-Key"));
    // A key belongs to the referrer.
    server.command_with(Method::PUT, "/v1/referrals/102/note?uid=8", "{\"note\": \"x\"}", &key).await.expect(200);
    assert_eq!(server.ledger.position(), EVENTS + 2);

    let server = Server::on(server.end().await, Authenticator::open()).await;
    repeats(&server.command_with(Method::POST, CODES, &rates().to_string(), &key).await);
    server.command_with(Method::POST, CODES, &other, &key).await.expect_problem(422, Some("Idempotency-Key"));
    assert_eq!(server.ledger.position(), EVENTS + 2);
}

#[tokio::test]
async fn commands_at_once_are_each_done_once() {
    let server = Server::start().await;
    let bodies: Vec<String> = (0..20).map(|number| format!("{{\"note\": \"n{number}\"}}")).collect();
    let headers: Vec<String> = (0..20).map(|number| format!("key-{}", number % 10)).collect();
    let at_once = bodies.iter().zip(&headers).map(|(body, key)| {
        let headers = [("idempotency-key", key.as_str())];
        let server = &server;
        async move { server.command_with(Method::PUT, NOTE, body, &headers).await.status }
    });
    let statuses = futures_util::future::join_all(at_once).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 10, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 10, "{statuses:?}");
    assert_eq!(server.ledger.position(), EVENTS + 10);
}

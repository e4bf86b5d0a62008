//! The questions without HTTP, as `tributary query` asks them: the same answers, the same refusals.

use api::{Answer, Caller, Problem, answer};
use serde_json::Value;

use crate::server::Server;

fn ask(server: &Server, target: &str) -> Result<Answer, Problem> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path: Vec<&str> = path.split('/').collect();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let parameters: Vec<(String, String)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').expect("a pair");
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let reader = server.ledger.reader();
    server.ledger.read(|view| answer(view, &reader, &Caller::operator(), &path, &parameters, view.now))
}

#[tokio::test]
async fn every_question_has_the_answer_of_the_api() {
    let server = Server::start().await;
    server.post_events("[5]").await.expect(200);
    for target in [
        "overview?uid=7&from=2026-03-01",
        "overview/series?uid=7&interval=week",
        "countries?uid=7&from=2026-03-01",
        "overview",
        "overview/series?code=BETA",
        "overview/series?uid=7&before=true&interval=week",
        "changes?uid=7",
        "search?name=7",
        "search?name=ALPHA",
        "entries/9",
        "intake",
        "changes",
        "countries",
        "cohorts?uid=7&country=DE",
        "cohorts",
        "referrers?sort=uid",
        "withheld?from=2026-01-01&by=reason",
        "withheld/trades?uid=7",
        "clawbacks",
        "clawbacks/trades",
        "referrals?uid=7&sort=commission",
        "referrals/100?uid=7",
        "codes?uid=7",
        "codes/ALPHA?uid=7",
        "codes/ALPHA/referrals?uid=7",
        "rewards?uid=7",
        "rewards/export?uid=7",
        "rewards/export?uid=7&format=ndjson",
        "rewards/export?uid=7&format=parquet",
        "restatement?uid=7&as_of=10",
        "trades/explain?invitee=100&source=/tests&id=t2",
        "account?uid=7",
        "offers?uid=7",
        "campaigns?uid=7",
        "feed?after=3",
        "quarantine",
    ] {
        let shell = ask(&server, target).unwrap_or_else(|problem| panic!("{target}: {problem}"));
        let http = server.get(&format!("/v1/{target}")).await;
        assert_eq!((http.status, http.header("content-type")), (200, shell.media_type), "{target}");
        assert!(http.body == shell.body, "{target}");
    }
    // The daemon says more of itself than the ledger tells.
    let shell: Value = serde_json::from_slice(&ask(&server, "status").expect("a status").body).expect("JSON");
    let http = server.get("/v1/status").await.expect(200);
    for (name, value) in shell.as_object().expect("an object") {
        assert_eq!(&http[name], value, "{name}");
    }
}

#[tokio::test]
async fn refusals_have_the_status_of_the_api() {
    let server = Server::start().await;
    for target in [
        "account",
        "overview?code=NONE",
        "referrers?sort=code",
        "overview?uid=7&code=NONE",
        "overview?uid=7&form=1",
        "referrals/x?uid=7",
        "nothing",
        "overview/series/more",
        "rewards/export?uid=7&format=xlsx",
        "feed?limit=0",
        "restatement?uid=7",
        "restatement?uid=7&as_of=99",
        "restatement?uid=7&as_of=3&code=NONE",
    ] {
        let problem = ask(&server, target).expect_err(target);
        let http = server.get(&format!("/v1/{target}")).await;
        assert_eq!(
            (problem.status(), problem.field.as_deref()),
            (http.status, http.json()["field"].as_str()),
            "{target}"
        );
    }
}

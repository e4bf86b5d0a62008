//! Answers as they are sent, read again and made one: of one ledger it is the same, of two of the same figures they are twice
//! as much.

use api::{AskedOfAll, Asking, Authenticator, Caller, Came, PathNames, Scope};
use axum::http::Method;
use serde_json::{Value, json};

use crate::history::NOW;
use crate::server::{Server, full};

/// The answer that is made of these.
fn together(question: &str, bodies: &[&str]) -> Value {
    let (path, query) = question.split_once('?').unwrap_or((question, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let parameters = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (caller, path_names, came) = (Caller::operator(), PathNames::none(), Came::default());
    let asking = Asking { caller, path: path_names, parameters, scope: Scope::Ledger, came, now_at_least: None };
    let asked = AskedOfAll::of(&path.split('/').collect::<Vec<_>>()).expect("a question");
    let read = asked.read(bodies).unwrap_or_else(|none| panic!("{question}: {none}"));
    let answer = read.answer(&asking, &[]).unwrap_or_else(|none| panic!("{question}: {none}"));
    serde_json::from_slice(&answer.body).expect("JSON")
}

#[tokio::test]
async fn an_answer_of_figures_is_read_as_it_was_sent_and_adds_up() {
    let server = Server::start().await;
    for question in [
        "overview?uid=7&from=2026-03-01&to=2026-03-10",
        "overview",
        "overview?uid=7&code=ALPHA",
        "overview?uid=9",
        "overview/series?uid=7&from=2026-03-01&to=2026-03-10&interval=week&before=true",
        "overview/series?interval=month",
        "countries?uid=7",
        "countries",
        "cohorts?uid=7",
        "cohorts?code=BETA&country=FR,ZZ",
        "referrers",
        "referrers?sort=uid&order=asc",
        "referrals?uid=7",
        "codes?uid=7",
        "offers?uid=7",
        "rewards?uid=7",
    ] {
        let sent = server.get(&format!("/v1/{question}")).await;
        let mut expected = sent.expect(200);
        expected["as_of"]["position"] = json!(0);
        assert_eq!(together(question, &[sent.text()]), expected, "{question}");
    }
    let (overview, cohorts) = ("overview?uid=7&from=2026-03-01&to=2026-03-10", "cohorts?uid=7");
    let sent = server.get(&format!("/v1/{overview}")).await;
    let twice = together(overview, &[sent.text(), sent.text()]);
    assert_eq!(
        (&sent.json()["metrics"]["total_rewards"], &twice["metrics"]["total_rewards"]),
        (&json!("3"), &json!("6"))
    );
    assert_eq!((&sent.json()["metrics"]["traded"], &twice["metrics"]["traded"]), (&json!(2), &json!(4)));
    let sent = server.get(&format!("/v1/{cohorts}")).await;
    let twice = together(cohorts, &[sent.text(), sent.text()]);
    let month = json!({"traded": 4, "commission": "6", "rebate": "2", "volume": "3000"});
    assert_eq!((&twice["rows"][0]["months"][0], &twice["total"]), (&month, &json!(1)));
}

#[tokio::test]
async fn of_the_past_what_holds_is_asked_at_a_later_moment_where_one_is_named() {
    let writer = Server::start().await;
    let server = Server::reading_at(&writer.storage, Authenticator::open(), "2026-03-20T12:00:00Z").await;
    let ask = async |query: &str, now: &str| {
        let request = server.request(Method::GET, &format!("/v1/overview?uid=7{query}")).header("tributary-now", now);
        server.send(request.body(full("")).expect("a request")).await
    };
    let today = NOW.split_once('T').expect("a time").0;
    for (query, now, last) in [
        ("&as_of=8", "2026-03-15T00:00:00Z", "2026-03-15"),
        // An earlier one is none: that of the entry holds.
        ("&as_of=8", "2026-01-01T00:00:00Z", today),
        // Nor one that has not come: what is to come is nobody's to see.
        ("&as_of=8", "2031-01-01T00:00:00Z", "2026-03-20"),
        // The present is the server's own.
        ("", "2026-03-15T00:00:00Z", "2026-03-20"),
    ] {
        let answer = ask(query, now).await.expect(200);
        assert_eq!(answer["to"], last, "{query} {now}");
    }
    ask("&as_of=8", "tomorrow").await.expect_problem(400, Some("tributary-now"));
}

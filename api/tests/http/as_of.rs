//! As of an earlier position, every answer is what the same question would have been answered right after that was
//! recorded (SPEC 6).

use std::num::NonZeroU64;
use std::sync::Arc;

use api::{Authenticator, Caller, answer};
use axum::http::Method;
use ingest::Handle;
use ledger::{EventReader, MemoryStorage, Position};
use projections::{Context, View};
use schemas::{Timestamp, Uid};
use serde_json::{Value, json};

use crate::history::{EVENTS, NOW, events, one_more};
use crate::questions::column;
use crate::server::Server;

/// A server whose events came one by one, each recorded at a moment of its own.
async fn one_by_one() -> Server {
    let server = Server::on(MemoryStorage::new(), Authenticator::open()).await;
    for event in events() {
        server.post_events(&format!("[{event}]")).await.expect(200);
    }
    server
}

/// Every question that takes `as_of`, of a referrer with a code and an invitee with a trade. Lists are asked for whole:
/// a cursor keeps the position that its list is as of, which a ledger that ends there does not need.
fn questions(uid: u64, code: &str, invitee: u64, trade: (&str, &str)) -> Vec<String> {
    let (source, id) = trade;
    let of_referrer = [
        "overview?from=2026-02-01&to=2026-03-31".to_owned(),
        "overview".to_owned(),
        format!("overview?code={code}&from=2026-02-01&to=2026-04-30"),
        "overview/series?from=2026-02-01&to=2026-03-31&interval=week".to_owned(),
        "countries?from=2026-02-01&to=2026-03-31".to_owned(),
        "overview/series?from=2026-02-01&to=2026-03-31&interval=month&before=true".to_owned(),
        "changes?from=2026-02-01&to=2026-03-31".to_owned(),
        "cohorts".to_owned(),
        format!("cohorts?code={code}&from=2026-03-15&country=DE,ZZ"),
        "referrals?limit=500".to_owned(),
        "referrals?limit=500&sort=commission&order=asc&traded=true".to_owned(),
        format!("referrals/{invitee}"),
        "codes?limit=500".to_owned(),
        format!("codes/{code}"),
        format!("codes/{code}/referrals?limit=500"),
        "rewards?from=2026-02-01&to=2026-03-31&limit=500".to_owned(),
        "rewards?kind=shared&from=2026-02-01&to=2026-03-31&limit=500".to_owned(),
        "rewards/export?from=2026-02-01&to=2026-03-31&format=ndjson".to_owned(),
        "account".to_owned(),
        "offers".to_owned(),
        "campaigns".to_owned(),
    ];
    let mut questions: Vec<String> = of_referrer
        .iter()
        .map(|question| format!("{question}{}uid={uid}", if question.contains('?') { '&' } else { '?' }))
        .collect();
    // Of everybody.
    questions.extend(
        ["overview", "overview/series?interval=week", "countries", "cohorts", "referrers?sort=uid&limit=500"]
            .map(String::from),
    );
    questions.extend(
        ["withheld?by=reason", "withheld/trades?limit=500", "clawbacks?by=day", "clawbacks/trades?limit=500"].map(
            |question| {
                let and = if question.contains('?') { '&' } else { '?' };
                format!("{question}{and}from=2026-02-01&to=2026-03-31")
            },
        ),
    );
    questions.push(format!("overview?code={code}"));
    questions.push(format!("trades/explain?invitee={invitee}&source={source}&id={id}"));
    questions.push(format!("rewards?kind=shared&uid={invitee}&from=2026-02-01&to=2026-03-31&limit=500"));
    questions
}

/// The answer, or the status and the field of the refusal.
fn ask(view: &View<'_>, reader: &ledger::LedgerReader, question: &str) -> Result<String, (u16, Option<String>)> {
    let (path, query) = question.split_once('?').unwrap_or((question, ""));
    let path: Vec<&str> = path.split('/').collect();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let parameters: Vec<(String, String)> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    match answer(view, reader, &Caller::operator(), &path, &parameters, view.now) {
        Ok(answer) => Ok(String::from_utf8(answer.body).expect("text")),
        Err(problem) => Err((problem.status(), problem.field)),
    }
}

/// The answer of an excerpt, whether or not the state of then is held.
fn of_excerpt(
    ledger: &Handle,
    referrer: Uid,
    position: Position,
    question: &str,
) -> Result<String, (u16, Option<String>)> {
    let reader = ledger.reader();
    let plan = ledger.read(|view| view.state.plan_excerpt(referrer, position, NonZeroU64::MAX)).expect("it is light");
    let state = plan.make(Context::alone(&reader)).expect("the ledger can be read");
    let now = reader.recorded_at(position).expect("an entry");
    // As of a fresh ledger: without the cursors of the past.
    ledger.read(|view| ask(&View { state: &state, now, ..*view }, &reader, question))
}

/// A fresh ledger into which only the first entries of another one were imported, each as from who sent it there.
async fn first_entries_of(server: &Server, position: Position) -> Server {
    let fresh = Server::on(MemoryStorage::new(), Authenticator::open()).await;
    let reader = server.ledger.reader();
    let senders: Vec<_> = (1..=position).map(|at| (at, reader.actor(at).expect("an entry"))).collect();
    // A batch has one sender: those that follow each other and were sent by the same one are imported together.
    for sent_together in senders.chunk_by(|(_, one), (_, next)| one == next) {
        let mut batch = fresh.ledger.batch();
        batch.set_actor(sent_together[0].1.clone());
        for (position, _) in sent_together {
            let event = reader.event(*position).expect("an entry");
            batch.push_event(&event, b"", || "a test".to_owned());
        }
        let ledger = fresh.ledger.clone();
        tokio::task::spawn_blocking(move || ledger.submit(batch)).await.expect("no panic").expect("taken");
    }
    fresh
}

/// Asks every question as of a position, and of a fresh ledger with the entries up to it at the same "now".
async fn check(server: &Server, position: Position, questions: &[String]) {
    let fresh = first_entries_of(server, position).await;
    assert_eq!(fresh.ledger.position(), position, "all of them are taken");
    let (reader, fresh_reader) = (server.ledger.reader(), fresh.ledger.reader());
    let now = reader.recorded_at(position).expect("an entry");
    for question in questions {
        let ledger = server.ledger.clone();
        let asked = ledger.read_as_of(position, |view| ask(view, &reader, question)).expect("a state");
        let expected = fresh.ledger.read(|view| ask(&View { now, ..*view }, &fresh_reader, question));
        assert_eq!(asked, expected, "{question} as of {position}");
        let named = question.split(['?', '&']).find_map(|pair| pair.strip_prefix("uid="));
        if let Some(referrer) = named.and_then(Uid::parse) {
            assert_eq!(
                of_excerpt(&server.ledger, referrer, position, question),
                expected,
                "{question} as of {position}"
            );
        }
    }
    fresh.end().await;
}

#[tokio::test]
async fn at_every_position_every_answer_is_that_of_a_ledger_that_ends_there() {
    let server = one_by_one().await;
    let questions = questions(7, "ALPHA", 100, ("/tests", "t2"));
    for position in 1..=EVENTS {
        check(&server, position, &questions).await;
    }
}

#[tokio::test]
async fn so_it_is_for_hostile_histories_at_random_positions() {
    use rand::{Rng, SeedableRng};
    let seed: u64 = rand::rng().random();
    println!("seed {seed}");
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..4 {
        let end = Timestamp::parse(NOW).expect("a time").plus_days(-1);
        let workload = workload::Workload::hostile(random.random(), 1_500, end);
        let server = Server::on(MemoryStorage::new(), Authenticator::open()).await;
        let lines: Vec<Vec<u8>> = workload.lines().collect();
        for piece in lines.chunks(37) {
            let mut batch = server.ledger.batch();
            for line in piece {
                if let Ok(event) = schemas::json::read_event(line, server.ledger.now()) {
                    batch.push_event(&event, line, || "a test".to_owned());
                }
            }
            let ledger = server.ledger.clone();
            tokio::task::spawn_blocking(move || ledger.submit(batch)).await.expect("no panic").expect("taken");
        }
        let reader = server.ledger.reader();
        let end = server.ledger.position();
        let trade = (1..=end).rev().find_map(|position| {
            let event = reader.event(position).expect("an entry");
            let schemas::Body::Trade(trade) = &event.body else { return None };
            Some((trade.uid.0, event.source.to_string(), event.id.to_string()))
        });
        let (invitee, source, id) = trade.expect("a trade");
        let questions = questions(workload::DEMO_UID.0, workload::DEMO_CODE, invitee, (&source, &id));
        for _ in 0..4 {
            check(&server, random.random_range(1..=end), &questions).await;
        }
        server.end().await;
    }
}

#[tokio::test]
async fn a_moment_is_a_position_a_date_or_a_time_over_http() {
    let server = one_by_one().await;
    let reader = server.ledger.reader();
    let at = |position| reader.recorded_at(position).expect("an entry");
    let before_reversal = server.get("/v1/overview?uid=7&from=2026-03-01&to=2026-03-31&as_of=13").await.expect(200);
    assert_eq!(before_reversal["metrics"]["futures_commission"], "2");
    assert_eq!(before_reversal["as_of"], json!({"position": 13, "event_time": "2026-03-06T10:00:00Z"}));
    let after = server.get("/v1/overview?uid=7&from=2026-03-01&to=2026-03-31&as_of=14").await.expect(200);
    assert_eq!(after["metrics"]["futures_commission"], "0");
    for (time, position) in [
        (at(13), 13),
        (Timestamp(at(14).0 - 1), 13),
        (at(14), 14),
        (at(EVENTS), EVENTS),
        (at(EVENTS).plus_days(9), EVENTS),
    ] {
        let by_time = server.get(&format!("/v1/overview?uid=7&as_of={time}")).await.expect(200);
        assert_eq!(by_time["as_of"]["position"], position, "{time}");
    }
    // A date is its whole day: everything here was recorded on one.
    let day = at(1).day();
    assert_eq!(at(EVENTS).day(), day);
    let by_date = server.get(&format!("/v1/overview?uid=7&as_of={day}")).await.expect(200);
    assert_eq!(by_date["as_of"]["position"], EVENTS);
    for refused in [day.plus(-1).to_string(), day.to_string().replace('-', "/"), format!("{day}T12:00:00")] {
        server.get(&format!("/v1/overview?uid=7&as_of={refused}")).await.expect_problem(400, Some("as_of"));
    }
    let too_early = Timestamp(at(1).0 - 1);
    server.get(&format!("/v1/overview?uid=7&as_of={too_early}")).await.expect_problem(400, Some("as_of"));
    // The default range ends on the day of then, not of now.
    let export = server.get("/v1/rewards/export?uid=7&from=2026-03-01&as_of=13").await;
    assert_eq!((export.status, export.header("tributary-position")), (200, "13"));
}

#[tokio::test]
async fn a_cursor_keeps_the_moment_of_its_list() {
    let server = one_by_one().await;
    for uid in 200..210 {
        server.post_events(&format!("[{}]", one_more(uid, "2026-03-09T00:00:00Z"))).await.expect(200);
    }
    let first = server.get("/v1/referrals?uid=7&limit=4&as_of=25").await.expect(200);
    assert_eq!((&first["total"], &first["as_of"]["position"]), (&json!(8), &json!(25)));
    let cursor = first["next_cursor"].as_str().expect("a cursor");
    server.post_events(&format!("[{}]", one_more(300, "2026-03-09T00:00:00Z"))).await.expect(200);
    for with in ["", "&as_of=25"] {
        let second = server.get(&format!("/v1/referrals?uid=7&limit=4&cursor={cursor}{with}")).await.expect(200);
        assert_eq!((&second["total"], &second["as_of"]["position"]), (&json!(8), &json!(25)), "{with}");
        assert_eq!(column(&second["rows"], "uid").len(), 4);
        assert_eq!(second["next_cursor"], Value::Null);
    }
    let other = format!("/v1/referrals?uid=7&limit=4&cursor={cursor}&as_of=24");
    server.get(&other).await.expect_problem(400, Some("cursor"));
    // And one of the present is none of the past.
    let present = server.get("/v1/referrals?uid=7&limit=4").await.expect(200);
    let cursor = present["next_cursor"].as_str().expect("a cursor");
    let past = format!("/v1/referrals?uid=7&limit=4&cursor={cursor}&as_of=25");
    server.get(&past).await.expect_problem(400, Some("cursor"));
}

#[tokio::test]
async fn many_who_ask_for_one_moment_share_its_making_which_is_measured() {
    let server = Arc::new(one_by_one().await);
    let asking: Vec<_> = (0..12)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.get("/v1/account?uid=7&as_of=9").await.expect(200) })
        })
        .collect();
    let mut answers = Vec::new();
    for asked in asking {
        answers.push(asked.await.expect("no panic"));
    }
    assert!(answers.iter().all(|answer| answer == &answers[0]));
    let metrics = server.get("/metrics").await;
    let count = |state: &str| -> u64 {
        let name = format!("tributary_as_of_seconds_count{{about=\"one\",state=\"{state}\"}} ");
        metrics
            .text()
            .lines()
            .find_map(|line| line.strip_prefix(&name))
            .map_or(0, |count| count.parse().expect("a count"))
    };
    assert_eq!(count("made") + count("held"), 12);
    // Who waited for the making counts as made; a later one finds it held.
    server.get("/v1/account?uid=7&as_of=9").await.expect(200);
    let later = server.get("/metrics").await;
    assert!(later.text().contains("tributary_as_of_seconds_bucket"));
    // More moments than fit are asked one after the other.
    for position in 1..=EVENTS {
        server.get(&format!("/v1/account?uid=7&as_of={position}")).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_about_one_referrer_or_one_trade_makes_no_state_of_then() {
    let server = one_by_one().await;
    for question in [
        "overview?uid=7",
        "countries?uid=7",
        "referrals?uid=7",
        "rewards/export?uid=7&from=2026-03-01&to=2026-03-10",
        "trades/explain?uid=7&invitee=100&source=/tests&id=t1",
        // An operator need not know whose invitee it is.
        "trades/explain?invitee=100&source=/tests&id=t1",
    ] {
        let then = server.get(&format!("/v1/{question}&as_of=12")).await;
        assert_eq!(then.status, 200, "{question}");
    }
    let made = server.get("/metrics").await;
    let all = "tributary_as_of_seconds_count{about=\"all\"";
    assert!(!made.text().contains(all), "{}", made.text());
    server.get("/v1/overview?as_of=12").await.expect(200);
    assert!(server.get("/metrics").await.text().contains(all), "of everybody the state of then is made");
}

#[tokio::test]
async fn a_command_changes_the_present_and_never_the_past() {
    let server = one_by_one().await;
    let before = server.get(&format!("/v1/referrals/100?uid=7&as_of={EVENTS}")).await.expect(200);
    let note = json!({"note": "changed"});
    server.command(Method::PUT, "/v1/referrals/100/note?uid=7", &note).await.expect(200);
    let after = server.get(&format!("/v1/referrals/100?uid=7&as_of={EVENTS}")).await.expect(200);
    assert_eq!(before, after);
    assert_eq!(server.get("/v1/referrals/100?uid=7").await.expect(200)["referral"]["note"], "changed");
    server.command(Method::PUT, "/v1/referrals/100/note?uid=7&as_of=3", &note).await.expect_problem(400, Some("as_of"));
}

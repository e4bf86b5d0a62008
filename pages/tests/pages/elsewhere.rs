//! The pages of a process that has no ledger: they show the figures of one that has, by the answers of the API alone.

use std::sync::Arc;

use api::{App, Authenticator, HttpOptions, Problem, ProblemKind, Rate, RateLimits};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::routing::get;
use ingest::metrics::Metrics;
use ledger::EventReader;
use tower_service::Service;

use crate::browser::{Browser, Shown};
use crate::server::{Reply, SECRET, Server, bearer};

/// A time by which all of the history is recorded.
const THEN: &str = "2026-03-10T12:00:01Z";

/// The pages without a ledger, beside the API of this server's.
fn elsewhere(server: &Server) -> Router {
    let without_ledger = App::new(keys(), Arc::new(Metrics::new()));
    pages::router_elsewhere(&without_ledger, api_of(server, HttpOptions::default()))
}

/// The API of this server's ledger, bounded so.
fn api_of(server: &Server, options: HttpOptions) -> Router {
    let with_ledger = App::with(keys(), Arc::new(Metrics::new()), options);
    with_ledger.open(server.ledger.clone());
    with_ledger.router()
}

fn keys() -> Authenticator {
    Authenticator::new(Some(SECRET), None).expect("a secret")
}

/// A page, as a browser is shown it that somebody of this role is signed in with.
async fn shown(pages: &Router, role: &str, uid: Option<u64>, path: &str) -> Shown {
    let token = bearer(role, uid);
    let session = format!("__Host-tributary_session={0}; tributary_session={0}", token.trim_start_matches("Bearer "));
    let request = Request::builder().method(Method::GET).uri(path).header(header::ACCEPT, "text/html");
    let request = request.header(header::COOKIE, session).body(Body::empty()).expect("a request");
    let answer = pages.clone().call(request).await.unwrap_or_else(|never| match never {});
    Shown { reply: Reply::of(answer).await }
}

/// What stands between a page's heading and its foot.
#[track_caller]
fn main_of(page: &Shown) -> String {
    let text = page.expect(200).text();
    let from = text.find("<div class=\"page-head\">").expect("a heading");
    let main = &text[from..text.find("</main>").expect("an end")];
    // Entries are a ledger's own.
    let main = [" name=\"_seal\" value=\"", " name=\"_key\" value=\""].into_iter().fold(main.to_owned(), without);
    let mut parts = main.split(" <a class=\"hint\" href=\"/operator/entries/");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.filter_map(|part| part.split_once("</a>")).fold(first, |main, (_, rest)| main + rest)
}

/// A text without what follows each of these up to the next quote: what no two pages have the same.
fn without(text: String, before: &str) -> String {
    let mut parts = text.split(before);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.filter_map(|part| part.split_once('"')).fold(first, |text, (_, rest)| text + rest)
}

/// Fails where the two differ, with where they do.
#[track_caller]
fn same(found: &str, expected: &str, path: &str) {
    let at = found.bytes().zip(expected.bytes()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| {
        String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(200)..text.len().min(at + 200)]).into_owned()
    };
    assert!(found == expected, "{path}:\n{}\nand not\n{}", around(found), around(expected));
}

/// The pages that show a referrer's figures.
const PAGES: &[&str] = &[
    "/?from=2026-01-01&to=2026-05-31",
    "/?from=2026-03-01&to=2026-03-31&code=ALPHA&interval=week",
    "/?range=all",
    "/?range=month",
    "/?range=7d",
    "/?from=2020-01-01&to=2020-01-31",
    "/overview/programs?",
    "/cohorts?",
    "/cohorts?code=ALPHA&range=all",
    "/countries?range=all&metric=traded",
    "/countries?from=2026-03-01&to=2026-03-31",
    "/referrals?",
    "/referrals?sort=commission&order=asc&country=DE,ZZ&limit=2",
    "/codes?",
    "/codes/ALPHA?",
    "/rewards?range=all",
    "/rewards?kind=commission&from=2026-03-01&to=2026-03-31",
    "/programs?",
    "/campaigns?",
    "/campaigns?visibility=exclusive",
];

#[tokio::test]
async fn a_page_without_a_ledger_shows_the_figures_of_one_that_has_it() {
    let server = Server::with_tokens().await;
    let pages = elsewhere(&server);
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    for page in PAGES {
        let path = format!("{page}&uid=7&as_of={THEN}");
        let expected = analyst.get(&path).await;
        let found = shown(&pages, "analyst", None, &path).await;
        let (mut found, mut expected) = (main_of(&found), main_of(&expected));
        if page.starts_with("/programs") {
            // When its figures were recorded, and earlier periods, a ledger alone tells.
            (found, expected) = (figures_of_offers(&found), figures_of_offers(&expected));
        }
        same(&found, &expected, &path);
    }
    for path in ["/operator/referrers?from=2026-01-01&to=2026-05-31", "/operator/referrers?range=all&sort=traded"] {
        let path = format!("{path}&as_of={THEN}");
        let (found, expected) = (shown(&pages, "analyst", None, &path).await, analyst.get(&path).await);
        same(&main_of(&found), &main_of(&expected), &path);
    }
}

fn figures_of_offers(main: &str) -> String {
    let (_, main) = main.split_once("id=\"offer-0\"").expect("an offer");
    let main = ["</section>", "Earlier periods"]
        .into_iter()
        .fold(main, |main, end| main.split(end).next().unwrap_or_default());
    let values = main.split("data-value=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let bars = main.split("<progress").skip(1).filter_map(|rest| rest.split('>').next());
    let texts: Vec<&str> = values.chain(bars).collect();
    texts.join("\n")
}

#[tokio::test]
async fn what_is_so_now_is_the_same_where_the_range_is_given() {
    let server = Server::with_tokens().await;
    let pages = elsewhere(&server);
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    for path in [
        "/?from=2026-01-01&to=2026-05-31&uid=7",
        "/cohorts?from=2026-01-01&to=2026-05-31&uid=7",
        "/countries?from=2026-01-01&to=2026-05-31&uid=7",
        "/referrals?uid=7",
        "/codes?uid=7",
        "/rewards?kind=shared&from=2026-01-01&to=2026-05-31&uid=100",
        "/account?uid=7",
    ] {
        let (found, expected) = (shown(&pages, "analyst", None, path).await, analyst.get(path).await);
        same(&main_of(&found), &main_of(&expected), path);
    }
}

#[tokio::test]
async fn of_an_invitee_and_of_a_trade_all_is_shown() {
    let server = Server::with_tokens().await;
    let pages = elsewhere(&server);
    let mut analyst = Browser::signed_in(&server, "analyst", None).await;
    for path in [
        "/referrals/100?uid=7&from=2026-01-01&to=2026-05-31",
        "/referrals/101?uid=7&from=2026-03-02&to=2026-03-02",
        "/rewards/trades?kind=commission&date=2026-03-04&counterparty=100&product=spot&uid=7",
        "/rewards/trades?kind=shared&date=2026-03-04&counterparty=7&product=spot&uid=100",
        "/rewards/trades?kind=shared&date=2020-03-02&counterparty=7&product=spot&uid=100",
        "/trades/explain?uid=7&invitee=100&source=%2Ftests&id=t0",
        "/trades/explain?uid=7&invitee=100&source=%2Ftests&id=t1",
        "/trades/explain?uid=7&invitee=101&source=%2Ftests&id=t3",
        "/account?uid=8",
    ] {
        for path in [path.to_owned(), format!("{path}&as_of={THEN}")] {
            let (found, expected) = (shown(&pages, "analyst", None, &path).await, analyst.get(&path).await);
            same(&main_of(&found), &main_of(&expected), &path);
        }
    }
    let wrong = "/referrals/100?uid=7&from=2026-03-02&to=2026-03-01";
    let (found, expected) = (shown(&pages, "analyst", None, wrong).await, analyst.get(wrong).await);
    expected.expect(400);
    assert!(found.expect(400).text().contains("from"), "{}", found.text());
}

#[tokio::test]
async fn it_says_what_it_is_and_what_a_ledger_tells_is_no_page_of_it() {
    let server = Server::with_tokens().await;
    let pages = elsewhere(&server);
    let page = shown(&pages, "affiliate", Some(7), "/codes").await;
    let text = page.expect(200).text();
    assert!(text.contains("A serving node answers here"));
    assert!(text.contains("/codes/new"), "commands are given by its forms");
    for absent in ["/restatement", "Ledger position", "as-of-position"] {
        assert!(!text.contains(absent), "{absent}");
    }
    let operator = shown(&pages, "operator", None, "/?uid=7").await;
    let menu = operator.expect(200).after_id("menu").split("</nav>").next().unwrap_or_default().to_owned();
    assert!(menu.contains("/operator/referrers") && menu.contains("/operator/ask"));
    for absent in ["/operator/quarantine", "/operator/audit", "/operator/search", "/operator/rules"] {
        assert!(!operator.text().contains(absent), "{absent}");
    }
    for path in ["/operator/quarantine", "/restatement?uid=7", "/nowhere"] {
        let page = shown(&pages, "operator", None, path).await;
        // This API has a ledger, and says that there is nothing: a serving node says who has it.
        assert!(page.expect(404).text().contains("A serving node answers here"), "{path}");
    }
    let not_signed_in = Request::get("/codes").header(header::ACCEPT, "text/html").body(Body::empty());
    let answer = pages.clone().call(not_signed_in.expect("a request")).await.unwrap_or_else(|never| match never {});
    let asked = Shown { reply: Reply::of(answer).await };
    assert!(asked.expect(401).text().contains("name=\"token\""));
}

#[tokio::test]
async fn a_cookie_is_nothing_to_the_api_and_nobody_sees_anothers_data() {
    let server = Server::with_tokens().await;
    let pages = elsewhere(&server);
    let question = shown(&pages, "affiliate", Some(7), "/v1/account").await;
    assert_eq!(question.reply.status, 401, "{}", question.text());
    shown(&pages, "affiliate", Some(8), "/codes/ALPHA").await.expect(404);
    for path in ["/codes?uid=7", "/?uid=7", "/referrals/100?uid=7"] {
        shown(&pages, "affiliate", Some(8), path).await.expect(403);
    }
    shown(&pages, "affiliate", Some(8), "/operator/referrers").await.expect(403);
    shown(&pages, "affiliate", Some(8), "/operator/ask").await.expect(403);
}

#[tokio::test]
async fn a_browser_is_signed_in_and_keeps_what_it_sets_for_itself_and_gives_commands_by_the_api() {
    let server = Server::with_tokens().await;
    let pages = elsewhere(&server);
    let server = Server::of(&server, pages).await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/").await;
    // Any of several takes the forms of another.
    let other = Server::of(&server, elsewhere(&server)).await;
    let mut balanced = Browser::new(&other);
    balanced.cookies = browser.cookies.clone();
    let sent = balanced.submit_once(&page, "/appearance", &[("appearance", "light")]).await;
    assert_eq!(sent.reply.status, 303, "{}", sent.text());
    let set = browser.submit(&page, "/appearance", &[("appearance", "dark")]).await;
    assert!(set.expect(200).text().contains("data-theme=\"dark\""));
    let cards = browser.submit_once(&page, "/overview/cards", &[("card[]", "traded")]).await;
    assert_eq!(cards.reply.status, 303, "{}", cards.text());
    let columns = browser.get("/referrals").await;
    let sent = browser.submit_once(&columns, "/referrals/columns", &[("column[]", "uid")]).await;
    assert_eq!(sent.reply.status, 303, "{}", sent.text());
    let before = server.ledger.position();
    let form = browser.get("/codes/new").await;
    let rates = [("code", "NEW_ONE"), ("spot_rebate_rate", "5"), ("futures_rebate_rate", "5")];
    let made = browser.submit(&form, "/codes", &rates).await;
    assert!(made.expect(200).text().contains("NEW_ONE"), "{}", made.text());
    // The form sent twice does it once.
    let again = browser.submit_once(&form, "/codes", &rates).await;
    assert_eq!((again.reply.status, server.ledger.position()), (303, before + 1), "{}", again.text());
    let form = browser.get("/codes/new").await;
    let taken = browser.submit_once(&form, "/codes", &rates).await;
    assert!(taken.expect(409).text().contains("is taken"), "{}", taken.text());
    let change = browser.get("/codes/NEW_ONE").await;
    let changed = browser.submit(&change, "/codes/NEW_ONE", &[&rates[1..], &[("note", "for friends")]].concat()).await;
    assert!(changed.expect(200).text().contains("for friends"), "{}", changed.text());
    let invitee = browser.get("/referrals/100").await;
    let noted = browser.submit(&invitee, "/referrals/100/note", &[("note", "met in spring")]).await;
    assert!(noted.expect(200).text().contains("met in spring"), "{}", noted.text());
    let refused = browser
        .submit_once(&invitee, "/referrals/100/rebate", &[("spot_rebate_rate", "99"), ("futures_rebate_rate", "5")])
        .await;
    refused.expect(422);
    assert_eq!(server.ledger.position(), before + 3);
    let deeds = server.ledger.reader();
    assert_eq!(deeds.event(before + 1).expect("an event").source, "/tributary/api");
    let file = browser.get("/referrals/export?format=csv").await;
    assert_eq!(file.reply.status, 200, "{}", file.text());
    assert!(file.text().lines().count() > 2, "{}", file.text());
    let rewards = browser.get("/rewards/export?kind=commission&from=2026-01-01&to=2026-05-31&format=csv").await;
    assert_eq!(rewards.reply.status, 200, "{}", rewards.text());
    assert!(rewards.text().lines().count() > 2, "{}", rewards.text());
}

#[tokio::test]
async fn a_page_counts_once_however_many_questions_it_asks() {
    let server = Server::with_tokens().await;
    let once = RateLimits { of_caller: Some(Rate { per_second: 1, burst: 1 }), of_address: None };
    let options = HttpOptions { rates: once, ..HttpOptions::default() };
    let api = api_of(&server, options.clone());
    let bounded = App::with(keys(), Arc::new(Metrics::new()), options);
    let pages = pages::router_elsewhere(&bounded, api);
    shown(&pages, "affiliate", Some(7), "/?from=2026-03-01&to=2026-03-31").await.expect(200);
    for _ in 0..100 {
        if shown(&pages, "affiliate", Some(7), "/codes").await.reply.status == 429 {
            return;
        }
    }
    panic!("a page is counted");
}

#[tokio::test]
async fn while_ledgers_are_away_the_overview_shows_what_rows_tell() {
    let server = Server::with_tokens().await;
    let away = || async { Problem::new(ProblemKind::Unavailable, "shard 0 at http://127.0.0.1:9 gives no answer") };
    let api = api_of(&server, HttpOptions::default());
    let api = Router::new().route("/v1/changes", get(away)).route("/v1/rewards", get(away)).fallback_service(api);
    let pages = pages::router_elsewhere(&App::new(keys(), Arc::new(Metrics::new())), api);
    let whole = shown(&elsewhere(&server), "affiliate", Some(7), "/?from=2026-03-01&to=2026-03-31").await;
    let page = shown(&pages, "affiliate", Some(7), "/?from=2026-03-01&to=2026-03-31").await;
    for card in ["card-total_rewards", "card-traded"] {
        assert_eq!(page.expect(200).figure(card), whole.figure(card));
    }
    let says = "What changed the terms is told by a ledger, and none answers";
    assert!(page.text().contains(says) && !whole.text().contains(says));
    let rewards = shown(&pages, "affiliate", Some(7), "/rewards?from=2026-03-01&to=2026-03-31").await;
    assert!(rewards.expect(503).text().contains("shard 0 at http://127.0.0.1:9 gives no answer"));
}

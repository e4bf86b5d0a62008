//! Signing in and out.

use axum::http::{Method, header};

use crate::browser::{Browser, Shown};
use crate::server::{Server, bearer, full};

fn session_cookie(shown: &Shown) -> Option<String> {
    let cookies = shown.reply.headers.get_all(header::SET_COOKIE).iter();
    cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .find(|cookie| cookie.contains("tributary_session="))
        .map(str::to_owned)
}

fn token(role: &str, uid: Option<u64>) -> String {
    bearer(role, uid).trim_start_matches("Bearer ").to_owned()
}

#[tokio::test]
async fn who_is_not_signed_in_is_asked_to_and_returns_to_the_page() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::new(&server);
    let asked = browser.get("/?range=7d").await;
    asked.expect(401);
    let sent = browser.submit_once(&asked, "/sign-in", &[("token", &token("affiliate", Some(7)))]).await;
    assert_eq!((sent.reply.status, sent.reply.header("location")), (303, "/?range=7d"));
    let cookie = session_cookie(&sent).expect("a session");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(cookie.split("; ").any(|found| found.starts_with(part)), "{part} in {cookie}");
    }
    browser.get("/?range=7d").await.expect(200);
}

#[tokio::test]
async fn beyond_this_machine_the_session_goes_over_tls_only() {
    let server = Server::with_tokens().await;
    let host = "tributary.example";
    let page = server.request(Method::GET, "/sign-in").header(header::HOST, host).body(full("")).expect("a request");
    let page = Shown { reply: server.send(page).await };
    let visitor = page.reply.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    assert!(page.reply.header("set-cookie").ends_with("; Secure"));
    let form = page.form("/sign-in");
    let seal = form.hidden.iter().find(|(name, _)| name == "_seal").expect("a seal");
    let body = format!("_seal={}&token={}", seal.1, token("affiliate", Some(7)));
    let request = server.request(Method::POST, "/sign-in").header(header::HOST, host).header(header::COOKIE, visitor);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(full(&body));
    let signed_in = Shown { reply: server.send(request.expect("a request")).await };
    let cookie = session_cookie(&signed_in).expect("a session");
    assert!(cookie.starts_with("__Host-tributary_session=") && cookie.ends_with("; Secure"), "{cookie}");
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused_with_the_reason() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::new(&server);
    let asked = browser.get("/sign-in").await;
    for wrong in ["", "nonsense", "a.b.c"] {
        let refused = browser.submit(&asked, "/sign-in", &[("token", wrong)]).await;
        assert!(refused.expect(401).text().contains("the token is not valid"), "{wrong}");
    }
    browser.cookies.insert("tributary_session".to_owned(), "a.b.c".to_owned());
    assert!(browser.get("/").await.expect(401).text().contains("the token is not valid"));
}

#[tokio::test]
async fn it_returns_to_pages_of_its_own_only() {
    let server = Server::with_tokens().await;
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", ""] {
        let mut browser = Browser::new(&server);
        let asked = browser.get("/sign-in").await;
        let fields = [("token", &*token("affiliate", Some(7))), ("next", next)];
        let sent = browser.submit_once(&asked, "/sign-in", &fields).await;
        assert_eq!((sent.reply.status, sent.reply.header("location")), (303, "/"), "{next}");
    }
}

#[tokio::test]
async fn who_signed_out_is_out() {
    let server = Server::with_tokens().await;
    let mut browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let page = browser.get("/").await;
    browser.submit(&page, "/sign-out", &[]).await.expect(401);
    browser.get("/").await.expect(401);
}

#[tokio::test]
async fn the_cookie_is_nothing_to_the_api() {
    let server = Server::with_tokens().await;
    let browser = Browser::signed_in(&server, "affiliate", Some(7)).await;
    let cookie = format!("tributary_session={}", browser.cookies["tributary_session"]);
    let request = server.request(Method::GET, "/v1/overview").header(header::COOKIE, cookie);
    server.send(request.body(full("")).expect("a request")).await.expect_problem(401, None);
}

#[tokio::test]
async fn an_open_server_says_so_and_asks_for_no_token() {
    let server = Server::start().await;
    let mut browser = Browser::new(&server);
    let page = browser.get("/?uid=7").await;
    assert!(page.expect(200).text().contains("No key is set: everyone on this machine is an operator."));
    let chooser = browser.get("/").await;
    assert!(chooser.expect(200).text().contains("Whose?"));
}
